//! `zoneplan status` read back by readers that are not ours: its CSV by Python's csv, its page by Python's HTML parser. Both say what the
//! JSON says, whatever companies and files are called.
//!
//! Needs tests/.venv, and fails without it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

mod tools;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// The sites of the cases: usual ones, a broken one, names that are formulas and markup.
const SITES: [&str; 6] = [
    "status-table/shop.toml",
    "status-table/broken.toml",
    "status-table/new.toml",
    "status-table/none.toml",
    "status-hostile/=1+1.toml",
    "status-hostile/@a,\"b\".toml",
];

fn status(format: &str, lang: &str, folder: &Path, sites: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_zoneplan"))
        .args(["status", "--format", format, "--lang", lang, "--today", "2026-11-29", "--"])
        .args(sites)
        .current_dir(folder)
        .output()
        .expect("zoneplan runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn cases() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().map(|cell| cell.as_str().expect("a text")).collect()
}

#[test]
fn csv_and_page_say_what_the_json_says() {
    let folder = cases();
    let data: Value = serde_json::from_str(&status("json", "en", &folder, &SITES)).expect("JSON");
    // The language changes nothing in it.
    assert_eq!(status("json", "ja", &folder, &SITES), status("json", "en", &folder, &SITES));
    let sites = data["sites"].as_array().expect("sites");
    let files: Vec<&str> = sites.iter().map(|site| site["file"].as_str().expect("a file")).collect();
    assert_eq!(files, SITES);
    for lang in ["en", "ja"] {
        let csv = status("csv", lang, &folder, &SITES);
        // Excel takes what has no such mark for Shift_JIS, and wants CRLF.
        let csv = csv.strip_prefix('\u{feff}').expect("a byte order mark");
        assert_eq!(csv.matches('\n').count(), csv.matches("\r\n").count());
        let html = status("html", lang, &folder, &SITES);
        let read = tools::python("read_status.py", &json!({ "csv": [csv], "html": [html] }));
        let rows: Vec<Vec<&str>> = read["csv"][0].as_array().expect("rows").iter().map(strings).collect();
        let (heads, rows) = rows.split_first().expect("heads");
        assert_eq!(rows.len(), sites.len());
        let page: Vec<Vec<&str>> =
            read["html"][0]["rows"].as_array().expect("rows").iter().skip(1).map(strings).collect();
        assert_eq!(page.len(), sites.len());
        for ((row, shown), site) in rows.iter().zip(&page).zip(sites) {
            let cell = |head: &str| row[heads.iter().position(|h| *h == head).expect("a head")];
            assert_eq!(row.len(), heads.len(), "{row:?}");
            for cell in row {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "a formula: {cell}");
            }
            if site["broken"].is_object() {
                assert!(cell("broken").ends_with(site["broken"][lang].as_str().expect("why")), "{row:?}");
                assert_eq!((cell("domain"), cell("spf_ok"), cell("dmarc")), ("", "", ""));
                assert_eq!(shown.len(), 2);
                continue;
            }
            assert_eq!(cell("broken"), "");
            assert_eq!(cell("domain"), site["domain"]);
            assert!(shown[0].lines().any(|line| line == site["domain"]), "{shown:?}");
            assert_eq!(cell("copies"), site["copies"].as_array().expect("copies").len().to_string());
            assert_eq!(cell("errors"), site["findings"]["errors"].to_string());
            assert_eq!(cell("dmarc_since"), site["dmarc"]["since"].as_str().unwrap_or_default());
            let due = site["steps"].as_array().expect("steps").iter().filter(|step| step["due"] == true).count();
            assert_eq!(cell("due"), due.to_string());
            let unchecked = site["unchecked"].as_array().expect("unchecked");
            assert_eq!(cell("unchecked_count"), unchecked.len().to_string());
            assert_eq!(shown.last().expect("a cell").lines().count(), unchecked.len());
            // What is not known whole is never said to be right.
            if let Some(spf) = site["spf"].as_array().expect("bills").first() {
                assert_eq!(cell("spf_ok"), if spf["complete"] == true { "yes" } else { "unknown" });
            }
            let names = site["senders"].as_array().expect("senders").iter().map(|s| s["name"][lang].as_str());
            for name in names {
                let name = name.expect("a name").chars().take_while(|c| !c.is_control()).collect::<String>();
                assert!(shown[2].contains(&name) && cell("senders").contains(&name), "{name}: {shown:?} {row:?}");
            }
        }
        // Every element is one of ours, whatever the names are.
        let ours = [
            "body",
            "footer",
            "h1",
            "head",
            "header",
            "html",
            "html lang",
            "main",
            "meta",
            "meta charset",
            "meta content",
            "meta http-equiv",
            "meta name",
            "p",
            "p class",
            "style",
            "table",
            "tbody",
            "td",
            "td colspan",
            "td data-head",
            "th",
            "th data-head",
            "th scope",
            "th translate",
            "thead",
            "title",
            "tr",
            "tr class",
        ];
        for tag in strings(&read["html"][0]["tags"]) {
            assert!(ours.contains(&tag), "{tag} is on the page");
        }
    }
}

#[test]
fn one_broken_site_among_many_hides_none_and_each_row_is_the_same_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut sites: Vec<String> = Vec::new();
    for n in 0..300 {
        let text = match n {
            150 => "domain = ".to_owned(),
            _ => format!("domain = \"n{n}.example.com\"\nregistrar = \"cloudflare\"\nmail = false\n"),
        };
        std::fs::write(folder.path().join(format!("{n}.toml")), text).expect("a site");
        sites.push(format!("{n}.toml"));
    }
    let named: Vec<&str> = sites.iter().map(String::as_str).collect();
    let all = status("csv", "en", folder.path(), &named);
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines.len(), 301);
    for (line, site) in lines[1..].iter().zip(&named) {
        assert!(line.starts_with(&format!("{site},")), "{line}");
    }
    assert!(lines[151].contains("broken: "), "{}", lines[151]);
    assert_eq!(status("csv", "en", folder.path(), &named[200..201]).lines().nth(1), Some(lines[201]));
    assert_eq!(status("csv", "en", folder.path(), &named), all);
}

#[test]
fn it_is_written_to_a_file_and_never_over_a_site() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = "domain = \"example.com\"\nmail = false\n";
    std::fs::write(folder.path().join("site.toml"), site).expect("a site");
    let run = |args: &[&str]| {
        let all = [&["status", "--today", "2026-11-29", "--lang", "en", "--format", "json"], args].concat();
        let output = Command::new(env!("CARGO_BIN_EXE_zoneplan")).args(all).current_dir(folder.path()).output();
        let output = output.expect("zoneplan runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, text) = run(&[]);
    assert_eq!(code, Some(0));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a file");
    for (place, file) in [("all.json", "all.json"), ("out/", "out/status.json")] {
        assert_eq!(run(&["-o", place]), (Some(0), String::new()));
        assert_eq!(read(file), text);
    }
    assert_eq!(run(&["-o", "site.toml"]), (Some(2), String::new()));
    assert_eq!(read("site.toml"), site);
}
