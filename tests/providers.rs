//! Every template parses, is named after its id, points at its sources, and expands with its own examples to records.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::catalogue::registrar::{Quirk, QuirkAt};
use zoneplan::catalogue::sender::{ROLES, Sender};
use zoneplan::catalogue::{registrar, sender, variables};
use zoneplan::report::{Finding, Severity, Sources};
use zoneplan::site::{FileError, Files};
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

#[test]
fn each_variable_accepts_its_own_example_and_its_normal_form_is_a_fixed_point() {
    let catalogue = Catalogue::embedded();
    let mut wrong = Vec::new();
    for sender in catalogue.senders() {
        for variable in sender.variables.iter().chain(&sender.mail_from) {
            let place = format!("{}: {}", sender.id, variable.name);
            match variables::normal(variable, &variable.example) {
                Ok(normal) => match variables::normal(variable, &normal) {
                    Ok(again) if again == normal => {}
                    other => wrong.push(format!("{place}: {normal} becomes {other:?}")),
                },
                Err(why) => wrong.push(format!("{place}: {}", why.en)),
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// One site.toml in memory.
#[derive(Debug)]
struct Memory(String);

impl Files for Memory {
    fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, FileError> {
        if path == "site.toml" { Ok(self.0.clone().into_bytes()) } else { Err(FileError::NotFound) }
    }
    fn beside(&self, _: &str, name: &str) -> String {
        name.to_owned()
    }
    fn canonical(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Each combination of choices.
fn choices(sender: &Sender) -> Vec<BTreeMap<&str, &str>> {
    let mut all = vec![BTreeMap::new()];
    for alternative in &sender.alternatives {
        all = all
            .into_iter()
            .flat_map(|before| {
                alternative.choices.iter().map(move |(choice, _)| {
                    let mut with = before.clone();
                    with.insert(alternative.name.as_str(), choice.as_str());
                    with
                })
            })
            .collect();
    }
    all
}

#[test]
fn each_sender_expands_with_its_own_examples() {
    let catalogue = Catalogue::embedded();
    let mut wrong = Vec::new();
    let mut expansions = 0;
    for sender in catalogue.senders() {
        for choice in choices(sender) {
            let roles = ROLES.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(", ");
            let mut text =
                format!("domain = \"example.com\"\n[[sender]]\nprovider = {:?}\nroles = [{roles}]\n", sender.id);
            for variable in sender.variables.iter().chain(&sender.mail_from) {
                text.push_str(&format!("{} = {:?}\n", variable.name, variable.example));
            }
            let options = choice.iter().map(|(k, v)| format!("{k} = {v:?}")).collect::<Vec<_>>().join(", ");
            text.push_str(&format!("options = {{ {options} }}\n"));
            let run = build("site.toml", &Memory(text), &catalogue, &Overrides::default(), |built| {
                built.fitted.own.records.len() + built.fitted.own.composed.blanks.len()
            });
            expansions += 1;
            let place = format!("{} {choice:?}", sender.id);
            match run.product {
                Some(0) => {
                    let only = sender.recognise.only.is_some();
                    let says = only || !sender.notes.is_empty() || sender.dkim_note.is_some();
                    if !says {
                        wrong.push(format!("{place}: nothing comes of it, and nothing is said"));
                    }
                }
                Some(_) => {}
                None => {
                    let errors = run.findings.iter().filter(|f| f.severity == Severity::Error);
                    wrong.extend(errors.map(|f| format!("{place}: {}", show(f, &run.sources))));
                }
            }
        }
    }
    assert!(expansions > 40, "{expansions}");
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
