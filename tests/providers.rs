//! Every template parses, is named after its id, points at its sources, and expands with its own examples to records.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use zoneplan::catalogue::Catalogue;
use zoneplan::catalogue::registrar::{Quirk, QuirkAt};
use zoneplan::catalogue::{registrar, sender};
use zoneplan::report::{Finding, Sources};
use zoneplan::template_check;
use zoneplan::toml_reader::Sink;
use zoneplan::zone::Rtype;

fn each(folder: &str, check: impl Fn(&str, &str, &Sink) -> Option<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("providers").join(folder);
    let mut wrong = Vec::new();
    let mut files: Vec<_> = fs::read_dir(&folder).expect("the folder").map(|e| e.expect("an entry").path()).collect();
    files.sort();
    assert!(files.len() > 10, "few templates in {}", folder.display());
    for path in files {
        let text = fs::read_to_string(&path).expect("UTF-8");
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let mut sources = Sources::default();
        let sink = Sink::new(sources.add(&format!("{stem}.toml"), text.clone()));
        if let Some(problem) = check(&stem, &text, &sink) {
            wrong.push(format!("{stem}: {problem}"));
        }
        wrong.extend(sink.into_findings().iter().map(|f| format!("{stem}: {}", show(f, &sources))));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn show(finding: &Finding, sources: &Sources) -> String {
    let place = finding.primary().map_or(String::new(), |s| {
        let (line, column) = sources.line_column(s.file, s.start);
        format!("{line}:{column}: ")
    });
    format!("{place}{} [{}]", finding.title.en, finding.id)
}

#[test]
fn senders_parse() {
    each("senders", |stem, text, sink| {
        let sender = sender::parse(text, sink)?;
        (sender.id != stem).then(|| format!("id is `{}`", sender.id))
    });
}

#[test]
fn registrars_parse() {
    each("registrars", |stem, text, sink| {
        let registrar = registrar::parse(text, sink)?;
        (registrar.id != stem).then(|| format!("id is `{}`", registrar.id))
    });
}

#[test]
fn each_trap_has_its_place() {
    let catalogue = Catalogue::embedded();
    let mut traps = 0;
    for registrar in catalogue.registrars() {
        for Quirk { at, text, .. } in &registrar.quirks {
            let place = format!("{}: {}", registrar.id, text.en);
            traps += 1;
            assert!(!at.is_empty(), "{place}");
            assert!(at.len() == 1 || !at.contains(&QuirkAt::None), "`none` and a card: {place}");
            assert_eq!(at.iter().collect::<HashSet<_>>().len(), at.len(), "twice: {place}");
            // Without its menu path there is no such card.
            assert!(!at.contains(&QuirkAt::ZoneImport) || registrar.form.zone_import.is_some(), "no import: {place}");
            assert!(!at.contains(&QuirkAt::WholeZone) || registrar.form.whole_zone_text.is_some(), "no text: {place}");
        }
    }
    assert!(traps > 60, "{traps}");
}

/// The harms that a slip in a panel does, each in the card where the finger is.
#[test]
fn the_worst_traps_stand_where_the_finger_is() {
    let catalogue = Catalogue::embedded();
    for (id, at, word) in [
        ("onamae", QuirkAt::Save, "DNSレコード設定用ネームサーバー変更確認"),
        ("onamae", QuirkAt::Check, "v=spf1 -all"),
        ("muumuu", QuirkAt::Start, "簡単設定"),
        ("muumuu", QuirkAt::Save, "簡単設定"),
        ("muumuu", QuirkAt::Save, "セットアップ情報変更"),
        ("muumuu", QuirkAt::Start, "設定1"),
        ("muumuu", QuirkAt::Spf, "設定1"),
        ("value-domain", QuirkAt::WholeZone, "ゾーン全体"),
        ("value-domain", QuirkAt::Save, "ゾーン全体"),
        ("sakura-domain", QuirkAt::Target, "末尾の「.」"),
        ("sakura-domain", QuirkAt::Save, "「保存」"),
        ("sakura-domain", QuirkAt::Save, "「データ送信」"),
        ("xserver", QuirkAt::Spf, "書き換え"),
        ("xserver", QuirkAt::Type(Rtype::A), "メールも移って"),
        ("xserver", QuirkAt::Check, "ワイルドカード"),
        ("xserver-domain", QuirkAt::Start, "ns1〜5.xserver.jp"),
    ] {
        let registrar = catalogue.registrar(id).expect(id);
        assert!(registrar.quirks.iter().any(|q| q.at.contains(&at) && q.text.ja.contains(word)), "{id}: {word}");
    }
}

/// Ticked while the name servers are another company's, or before the new zone is whole, the box stops the domain's site and mail.
#[test]
fn the_name_server_checkbox_of_onamae_is_never_advised_without_both_conditions() {
    let catalogue = Catalogue::embedded();
    let boxes: Vec<_> = catalogue
        .registrar("onamae")
        .expect("onamae")
        .quirks
        .iter()
        .filter(|q| q.text.ja.contains("チェック"))
        .collect();
    assert!(!boxes.is_empty());
    for Quirk { text, .. } in boxes {
        for (words, conditions) in [
            (&text.en, ["only if both", "dns1/dns2.onamae.com", "every record of the domain"]),
            (&text.ja, ["両方", "dns1/dns2.onamae.com", "レコードが全部"]),
        ] {
            for condition in conditions {
                assert!(words.contains(condition), "{condition}: {words}");
            }
        }
    }
}

/// `zoneplan providers check` has nothing to say of the catalogue: no finding in any template.
#[test]
fn nothing_is_wrong_with_any_template() {
    let catalogue = Catalogue::embedded();
    let (mut wrong, mut zones) = (Vec::new(), 0);
    for folder in ["senders", "registrars"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("providers").join(folder);
        let mut files: Vec<_> =
            fs::read_dir(&folder).expect("the folder").map(|e| e.expect("an entry").path()).collect();
        files.sort();
        for path in files {
            let text = fs::read_to_string(&path).expect("UTF-8");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let checked = template_check::check(&name, text, &catalogue, None);
            wrong.extend(checked.findings.iter().map(|f| format!("{name}: {}", show(f, &checked.sources))));
            zones += checked.zones.len();
        }
    }
    assert!(zones > 180, "{zones}");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn switches_name_registrars_that_are_there() {
    let catalogue = Catalogue::embedded();
    let known = |id: &str| catalogue.registrar(id).is_some_and(|r| r.id == id);
    let mut found = 0;
    for sender in catalogue.senders() {
        for registrar in sender.switches.iter().flat_map(|s| &s.registrars) {
            assert!(known(registrar), "{}: no registrar has the id {registrar}", sender.id);
            found += usize::from(known(registrar));
        }
    }
    assert!(found >= 3, "{found}");
}
