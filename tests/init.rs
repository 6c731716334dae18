//! What `zoneplan init` writes builds as soon as its blanks are filled, for every sender and every registrar; and a blank that is left says
//! where its value is shown.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use zoneplan::build::{Overrides, Run, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::catalogue::sender::{Role, Sender, Variable};
use zoneplan::init::{Company, NewSite, Service, blanks, write};
use zoneplan::report::{Finding, Lang, Severity};
use zoneplan::site::InMemory;
use zoneplan::site::draft::Draft;
use zoneplan::zone::Name;

/// One site.toml in memory.
fn built(catalogue: &Catalogue, text: &str) -> Run<()> {
    build("site.toml", &InMemory::site(text), catalogue, &Overrides::default(), |_| ())
}

fn errors(run: &Run<()>) -> Vec<&Finding> {
    run.findings.iter().filter(|f| f.severity == Severity::Error).collect()
}

fn site<'c>(company: Company<'c>, services: Vec<Service<'c>>) -> NewSite<'c> {
    NewSite {
        file: None,
        domain: Some(Name::parse_absolute("example.com").unwrap()),
        company,
        company_origin: None,
        services,
        gmail_per_day: None,
        rua: Vec::new(),
        remarks: Vec::new(),
    }
}

fn of_sender(catalogue: &Catalogue, sender: &Sender, roles: &[Role], lang: Lang) -> String {
    let draft = Draft { roles: roles.to_vec(), ..Draft::default() };
    write(&site(Company::Other, vec![Service::Domain(sender, draft)]), catalogue.engine(), lang)
}

/// The variable of a blank line.
fn variable<'s>(sender: &'s Sender, line: &str) -> Option<&'s Variable> {
    let key = line.strip_suffix(" = \"\"")?;
    sender.all_variables().find(|v| v.name == key)
}

/// The text with the blanks of its alternatives filled.
fn chosen(text: &str, choice: &BTreeMap<&str, &str>) -> String {
    let mut text = text.to_owned();
    for (name, choice) in choice {
        text = text.replace(&format!("{name} = \"\""), &format!("{name} = \"{choice}\""));
    }
    text
}

/// The text with each blank filled: variables by the template's own examples, alternatives by `choice`.
fn filled(sender: &Sender, text: &str, choice: &BTreeMap<&str, &str>) -> String {
    let mut out = String::new();
    for line in chosen(text, choice).lines() {
        let mut line = line.to_owned();
        if let Some(variable) = variable(sender, &line) {
            line = format!("{} = {:?}", variable.name, variable.example);
        }
        out.push_str(&line);
        out.push('\n');
    }
    assert_eq!(blanks(&out), 0, "{out}");
    out
}

/// The same site with its domain, registrar and sender only.
fn bare(text: &str) -> String {
    let mut site: toml::Table = text.parse().unwrap();
    site.retain(|key, _| matches!(key, "domain" | "registrar" | "sender"));
    site.to_string()
}

/// Each sender in each of these uses.
fn uses(sender: &Sender) -> Vec<Vec<Role>> {
    vec![vec![Role::Send], sender.roles()]
}

#[test]
fn every_sender_builds_once_its_blanks_are_filled() {
    let catalogue = Catalogue::embedded();
    let mut wrong = Vec::new();
    let mut count = 0;
    for sender in catalogue.senders() {
        for roles in uses(sender) {
            for choice in zoneplan::site::draft::choices(sender, usize::MAX) {
                let lang = if count % 2 == 0 { Lang::En } else { Lang::Ja };
                let text = filled(sender, &of_sender(&catalogue, sender, &roles, lang), &choice);
                let run = built(&catalogue, &text);
                // What the template itself lacks or what a rule has against it is told of the bare sender as well.
                let bare = built(&catalogue, &bare(&text));
                let known: Vec<(&str, &str)> = errors(&bare).iter().map(|f| (f.id, f.title.en.as_str())).collect();
                let place = format!("{} {roles:?} {choice:?}", sender.id);
                if run.product.is_none() {
                    wrong.push(format!("{place}: it does not build"));
                }
                for finding in errors(&run).iter().filter(|f| !known.contains(&(f.id, f.title.en.as_str()))) {
                    wrong.push(format!("{place}: {} {}", finding.id, finding.title.en));
                }
                // One that receives at the domain itself has its MX.
                let at_apex = sender.records.iter().any(|r| r.rtype.value == "MX" && r.name.value == "@");
                let one_form = sender.alternatives.is_empty();
                if at_apex && one_form && errors(&run).iter().any(|f| f.id == "mx-missing") {
                    wrong.push(format!("{place}: no MX"));
                }
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Every word that a person can read of a finding.
fn words(finding: &Finding) -> String {
    let notes: Vec<&str> = finding.notes.iter().map(|n| n.text.en.as_str()).collect();
    format!("{}\n{}", finding.title.en, notes.join("\n"))
}

/// What is said of a line of the file, counted from 0.
fn said_at(run: &Run<()>, line: usize) -> String {
    let here = |f: &&&Finding| f.primary().is_some_and(|s| run.sources.line_column(s.file, s.start).0 == line + 1);
    errors(run).iter().filter(here).map(|f| words(f)).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_blank_that_is_left_says_where_its_value_is_shown() {
    let catalogue = Catalogue::embedded();
    let mut wrong = Vec::new();
    let mut count = 0;
    for sender in catalogue.senders() {
        let open = of_sender(&catalogue, sender, &sender.roles(), Lang::En);
        for choice in zoneplan::site::draft::choices(sender, usize::MAX) {
            let text = chosen(&open, &choice);
            let run = built(&catalogue, &text);
            let lines: Vec<&str> = text.lines().collect();
            for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.starts_with('#')) {
                let Some(variable) = variable(sender, line) else { continue };
                count += 1;
                // What only another form needs is not missed.
                let only = lines[at - 1].strip_prefix("#   only with ").map(|with| {
                    let is_chosen = |one: &str| choice.iter().any(|(k, v)| one == format!("{k} = \"{v}\""));
                    with.split(" or ").any(|form| form.split(", ").all(is_chosen))
                });
                let said = said_at(&run, at);
                // A long example is cut.
                let example: String = variable.example.chars().take(40).collect();
                let tells = said.contains(&variable.find.en) && said.contains(&example);
                let is_spared = said.is_empty() && only == Some(false);
                if !tells && !is_spared {
                    wrong.push(format!("{} {choice:?} {line}: {said}", sender.id));
                }
            }
        }
    }
    assert!(count > 40, "{count}");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn an_alternative_that_is_left_open_says_what_there_is_to_choose() {
    let catalogue = Catalogue::embedded();
    let mut count = 0;
    for sender in catalogue.senders() {
        let text = of_sender(&catalogue, sender, &sender.roles(), Lang::En);
        let run = built(&catalogue, &text);
        let Some((at, line)) = text.lines().enumerate().find(|(_, l)| l.starts_with("options = ")) else { continue };
        for open in sender.alternatives.iter().filter(|a| line.contains(&format!("{} = \"\"", a.name))) {
            count += 1;
            let said = said_at(&run, at);
            assert!(said.contains(&open.what.en), "{}: {said}", sender.id);
            assert!(open.choices.iter().all(|(_, meaning)| said.contains(&meaning.en)), "{}: {said}", sender.id);
        }
    }
    assert!(count > 2, "{count}");
}

#[test]
fn every_registrar_builds_in_both_languages() {
    let catalogue = Catalogue::embedded();
    let sender = catalogue.sender("google-workspace").unwrap();
    for registrar in catalogue.registrars() {
        for lang in [Lang::En, Lang::Ja] {
            let draft = Draft::default();
            let services = vec![Service::Domain(sender, draft)];
            let text = write(&site(Company::Known(registrar), services), catalogue.engine(), lang);
            assert_eq!(blanks(&text), 0, "{text}");
            let run = built(&catalogue, &text);
            // What a form refuses is what the next command is for; the file itself is sound.
            assert!(run.product.is_some(), "{}: {:?}", registrar.id, errors(&run));
            assert!(text.contains(&format!("registrar = \"{}\"", registrar.id)), "{text}");
        }
    }
}

#[test]
fn what_was_not_answered_is_asked_for_by_build() {
    let catalogue = Catalogue::embedded();
    let mut empty = site(Company::Open, Vec::new());
    empty.domain = None;
    let text = write(&empty, catalogue.engine(), Lang::En);
    assert_eq!(blanks(&text), 2, "{text}");
    let run = built(&catalogue, &text);
    let said: Vec<String> = errors(&run).iter().map(|f| words(f)).collect();
    assert!(said.iter().any(|s| s.contains("behind the @")), "{said:?}");
    let one = write(&site(Company::Open, Vec::new()), catalogue.engine(), Lang::En);
    let run = built(&catalogue, &one);
    let said: Vec<String> = errors(&run).iter().map(|f| words(f)).collect();
    assert!(said.len() == 1 && said[0].contains("in whose panel") && said[0].contains("\"other\""), "{said:?}");
}
