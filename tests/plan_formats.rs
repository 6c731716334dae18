//! One plan in every format and both languages, and several sites in one call.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// The folder of a case with a plan that has every kind of stage.
const CASE: &str = "plan-ja-text";

fn zoneplan(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zoneplan")).args(arguments).current_dir(folder).env_clear().output().unwrap()
}

fn written(format: &str, lang: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(CASE);
    let remove = "@/TXT=include:spf.old.example.net";
    let call = ["plan", "site.toml", "--current", "now.zone", "--remove", remove, "--format", format, "--lang", lang];
    let output = zoneplan(&folder, &call);
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

/// What a page shows, without its marks.
fn visible(page: &str) -> String {
    let body = page.split_once("<body").unwrap().1.split("<script").next().unwrap();
    let mut out = String::new();
    for piece in body.split('<').skip(1) {
        out.push_str(piece.split_once('>').unwrap().1);
    }
    for (mark, letter) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
        out = out.replace(mark, letter);
    }
    out
}

/// The steps' titles stand in all formats that people read, and the page has every value and sentence of the worksheet.
#[test]
fn a_plan_says_the_same_in_every_format() {
    for lang in ["en", "ja"] {
        let text = written("text", lang);
        let titles: Vec<&str> = text
            .lines()
            .filter(|l| l.split_once(". ").is_some_and(|(n, _)| n.parse::<u32>().is_ok()))
            .map(|l| l.split_once(". ").unwrap().1.split("   ").next().unwrap())
            .collect();
        assert!(titles.len() > 5, "{text}");
        let (sheet, page, markdown) = (written("worksheet", lang), written("html", lang), written("markdown", lang));
        assert!(page.contains(&format!("<html lang=\"{lang}\"")), "{lang}");
        let seen = visible(&page);
        for title in titles {
            assert!(sheet.contains(title) && seen.contains(title), "{title}");
            assert!(markdown.replace('\\', "").contains(title), "{title}");
        }
        // The number and title of a card were looked for above.
        let lines = sheet.lines().filter(|l| !l.starts_with("Card ") && !l.starts_with("カード "));
        for line in lines.map(|l| l.trim_start_matches([' ', '!', '□']).trim()).filter(|l| !l.is_empty()) {
            // Labels and what they name are apart in a page, and so are marks of a card.
            let line = line.trim_start_matches("panel: ").trim_start_matches("画面: ");
            let parts = line.split(": ").flat_map(|p| p.split("   "));
            for part in parts.map(|p| p.trim_matches(['[', ']'])) {
                assert!(seen.contains(part), "{lang}: {part:?} of {line:?}");
            }
        }
    }
    // Data has both languages in it, whatever was asked for.
    assert_eq!(written("json", "en"), written("json", "ja"));
    let data: serde_json::Value = serde_json::from_str(&written("json", "ja")).unwrap();
    assert_eq!(data["stages"][0]["steps"][0]["title"]["ja"], "example.com の TXT: TTL だけを 14400 から 300 にします");
    // A script is the same but for its comments.
    let commands = |lang| -> Vec<String> {
        written("nsupdate", lang).lines().filter(|l| !l.starts_with(';')).map(str::to_owned).collect()
    };
    assert_eq!(commands("en"), commands("ja"));
}

#[test]
fn several_sites_are_planned_in_one_call() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let soa = "$TTL 3600\n@ SOA ns1.example.net. h.example.net. 1 7200 900 1209600 1800\n@ NS ns1.example.net.\n";
    for (domain, extra) in [("example.com", ""), ("example.org", "www A 192.0.2.90\n")] {
        let record = "[[record]]\nname = \"www\"\ntype = \"A\"\nvalue = \"192.0.2.90\"\n";
        write(&format!("{domain}.toml"), &format!("domain = \"{domain}\"\ncurrent = \"{domain}.zone\"\n{record}"));
        write(&format!("{domain}.zone"), &format!("{soa}{extra}"));
    }
    let both = ["plan", "example.com.toml", "example.org.toml", "-o", "out/", "--exit-code"];
    assert_eq!(zoneplan(folder.path(), &both).status.code(), Some(3));
    let read = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    assert!(read("example.com.plan.txt").contains("+ www.example.com 3600 A 192.0.2.90"));
    assert!(read("example.org.plan.txt").contains("nothing to do"));
    // One that fails does not stop the others.
    write("example.com.zone", "$ORIGIN example.net.\nwww 60 A 192.0.2.1\n");
    let output = zoneplan(folder.path(), &both);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("current-other-zone"));
    assert!(read("example.org.plan.txt").contains("nothing to do"));
}
