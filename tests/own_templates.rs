//! Templates of one's own in the configuration folder, as the commands meet them.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A sender that calls itself by two names of the catalogue.
const SENDER: &str = r#"
id = "ours"
name = { en = "Ours", ja = "うちの配信" }
aliases = ["エックスサーバー", "メイクショップ", "makeshop.jp"]
kind = "esp"
market = "jp"
[[source]]
facts = ["spf"]
url = "https://www.example.com/"
date = "2026-11-24"
confidence = "documented"
note = "said in English"
[spf]
needed = "conditional"
terms = [{ value = "include:spf.example.com" }]
"#;

fn zoneplan(config: &Path, arguments: &[&str]) -> Output {
    let command = &mut Command::new(env!("CARGO_BIN_EXE_zoneplan"));
    command.args(arguments).current_dir(config).env_clear().env("XDG_CONFIG_HOME", config).output().unwrap()
}

/// A configuration folder with one template in it, and that template's path.
fn config(template: &str) -> (tempfile::TempDir, String) {
    let config = tempfile::tempdir().unwrap();
    let senders = config.path().join("zoneplan/providers/senders");
    fs::create_dir_all(&senders).unwrap();
    let file = senders.join("ours.toml");
    fs::write(&file, template).unwrap();
    (config, file.to_str().unwrap().to_owned())
}

/// What a command says is wrong with a template is on standard error, since no command can go by it. Only `check` is about the template,
/// and says it on standard output.
#[test]
fn a_broken_one_stops_all_but_its_check() {
    let (config, file) = config("id = \"ours\n");
    let shown = zoneplan(config.path(), &["providers", "show", "makeshop"]);
    assert_eq!(shown.status.code(), Some(2));
    assert!(shown.stdout.is_empty());
    assert!(String::from_utf8(shown.stderr).unwrap().contains("ours.toml:1:"));
    let checked = zoneplan(config.path(), &["providers", "check", &file]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(String::from_utf8(checked.stdout).unwrap().contains("ours.toml:1:"));
}

#[test]
fn each_company_that_one_stands_in_front_of_is_told_once() {
    let (config, _) = config(SENDER);
    let listed = zoneplan(config.path(), &["providers", "list", "senders"]);
    assert_eq!(listed.status.code(), Some(0));
    let said = String::from_utf8(listed.stderr).unwrap();
    for id in ["`xserver`", "`makeshop`"] {
        assert_eq!(said.matches(id).count(), 1, "{said}");
    }
}

/// XSERVER sends mail, and zones are edited in its panel.
#[test]
fn a_name_of_a_sender_and_a_registrar_is_one_json_document() {
    let config = tempfile::tempdir().unwrap();
    for (name, types) in
        [("xserver", &["sender", "registrar"][..]), ("makeshop", &["sender"]), ("onamae", &["registrar"])]
    {
        let shown = zoneplan(config.path(), &["providers", "show", name, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
        assert_eq!(json["version"], 1);
        let found = json["providers"].as_array().unwrap();
        assert_eq!(found.iter().map(|f| f["type"].as_str().unwrap()).collect::<Vec<_>>(), types, "{name}");
    }
}

/// What only `spf = "from"` puts into the zone is shown. Notes of sources are in English, so a Japanese page has none.
#[test]
fn a_page_shows_the_spf_that_is_added_on_request() {
    let (config, _) = config(SENDER);
    let page = |lang: &str| {
        let shown = zoneplan(config.path(), &["providers", "show", "ours", "--lang", lang]);
        String::from_utf8(shown.stdout).unwrap()
    };
    let (en, ja) = (page("en"), page("ja"));
    assert!(en.contains("nothing (SPF only with spf = \"from\")"), "{en}");
    assert!(en.contains("spf = \"from\": include:spf.example.com\n"), "{en}");
    assert!(ja.contains("と書いたときだけ足します: include:spf.example.com\n"), "{ja}");
    assert!(en.contains("said in English") && !ja.contains("said in English"), "{ja}");
}

/// HubSpot's SPF is a value of each account.
#[test]
fn a_page_shows_no_expression() {
    let config = tempfile::tempdir().unwrap();
    let shown = zoneplan(config.path(), &["providers", "show", "hubspot"]);
    let page = String::from_utf8(shown.stdout).unwrap();
    assert!(page.contains("spf = \"from\"\n") && !page.contains("{{"), "{page}");
}

/// Where no term is known, `spf = "from"` adds nothing, so the page does not offer it.
#[test]
fn a_page_promises_no_spf_where_none_is_known() {
    let (config, _) = config(SENDER.split("terms").next().unwrap());
    let shown = zoneplan(config.path(), &["providers", "show", "ours"]);
    let page = String::from_utf8(shown.stdout).unwrap();
    assert!(page.contains("depends on its settings\n") && !page.contains("\"from\""), "{page}");
}

/// A role that the template has no part for may be named, and `build` says so. The comment above `roles` explains that word too.
#[test]
fn a_role_beyond_the_template_is_explained_in_a_new_site() {
    let (config, _) = config(SENDER);
    let arguments = ["init", "--domain", "example.com", "--registrar", "other", "--sender", "ours:receive", "-o", "-"];
    let text = String::from_utf8(zoneplan(config.path(), &arguments).stdout).unwrap();
    assert!(text.contains("receive (mail comes in)\nroles = [\"receive\"]\n"), "{text}");
}
