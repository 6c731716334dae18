//! What each registrar's template says of its form, limits and name servers, against its sources (tests/registrars): every statement
//! stands in the template, and nothing else does.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

/// How a statement becomes what a template holds.
type Turn = fn(&Value) -> Option<Value>;

fn same(value: &Value) -> Option<Value> {
    Some(value.clone())
}

/// One of a few words, for what the sources describe in a sentence.
fn word(value: &Value, words: &[(&str, &str)]) -> Option<Value> {
    let text = value.as_str()?;
    words.iter().find(|(sentence, _)| *sentence == text).map(|(_, word)| Value::from(*word))
}

/// A box with a name is a box of its own.
fn own_box(_: &Value) -> Option<Value> {
    Some(Value::from("field"))
}

fn host_form(value: &Value) -> Option<Value> {
    // Where both are taken, the whole name is right for every record.
    word(
        value,
        &[("relative", "relative"), ("fqdn-with-dot", "fqdn-with-dot"), ("fqdn-with-dot or relative", "fqdn-with-dot")],
    )
}

fn mx_priority(value: &Value) -> Option<Value> {
    word(
        value,
        &[("field", "field"), ("in-line before the target", "in-value"), ("in-value before the target", "in-value")],
    )
}

fn srv_format(value: &Value) -> Option<Value> {
    word(
        value,
        &[
            ("priority in its own field; content = \"weight port target\"", "priority-field"),
            ("priority, weight, port each in its own field", "fields"),
            ("\"priority weight port target.\" in one value", "in-value"),
        ],
    )
}

fn caa_format(value: &Value) -> Option<Value> {
    word(value, &[("flags tag \"value\"", "in-value"), ("content = flags tag \"value\"", "in-value")])
}

fn four_boxes(value: &Value) -> Option<Value> {
    (value.as_str()? == "four number boxes").then_some(Value::Boolean(true))
}

/// Statement → table and key of the template. Several statements may make up one list or table.
const KEYS: &[(&str, &str, &str, Turn)] = &[
    ("country", "", "country", same),
    ("kind", "", "kind", same),
    ("label_host", "form", "host-label", same),
    ("label_type", "form", "type-label", same),
    ("label_ttl", "form", "ttl-label", same),
    ("label_value", "form", "value-label", same),
    ("label_priority", "form", "priority-label", same),
    ("label_priority", "form", "mx-priority", own_box),
    ("type_labels", "form", "type-labels", same),
    ("menu_path", "form", "menu-path", same),
    ("apex_host", "form", "apex-host", same),
    ("host_form", "form", "host-form", host_form),
    ("target_trailing_dot", "form", "target-trailing-dot", same),
    ("mx_priority", "form", "mx-priority", mx_priority),
    ("srv_format", "form", "srv-format", srv_format),
    ("caa_format", "form", "caa-format", caa_format),
    ("a_value_form", "form", "a-four-boxes", four_boxes),
    ("text_format", "form", "whole-zone-text", same),
    ("zone_import_path", "form", "zone-import", same),
    ("types", "limits", "types", same),
    ("types_unsupported", "limits", "types-unsupported", same),
    ("value_max", "limits", "value-max", same),
    ("txt_max_total", "limits", "txt-max", same),
    ("txt_max_encoded", "limits", "txt-max-encoded", same),
    ("txt_max_string", "limits", "string-max", same),
    ("txt_refused_at", "limits", "txt-refused-at", same),
    ("txt_over_255", "limits", "txt-over-255", same),
    ("txt_quotes", "limits", "txt-quotes", same),
    ("txt_forbidden", "limits", "txt-forbidden", same),
    ("txt_charset", "limits", "txt-charset", same),
    ("cname_value_max", "limits", "cname-target-max", same),
    ("cname_target_max", "limits", "cname-target-max", same),
    ("cname_target_chars", "limits", "cname-target-charset", same),
    ("cname_host_chars", "limits", "cname-host-charset", same),
    ("cname_host_min", "limits", "cname-host-min", same),
    ("cname_host_max", "limits", "cname-host-max", same),
    ("a_host_min", "limits", "a-host-min", same),
    ("a_host_max", "limits", "a-host-max", same),
    ("srv_target_max", "limits", "srv-target-max", same),
    ("caa_value_max", "limits", "caa-value-max", same),
    ("caa_whitespace", "limits", "caa-whitespace", same),
    ("record_wire_max", "limits", "record-wire-max", same),
    ("rrset_content_max", "limits", "rrset-content-max", same),
    ("host_max", "limits", "host-max", same),
    ("underscore_host", "limits", "owner-underscore", same),
    ("underscore_host_a", "limits", "a-owner-underscore", same),
    ("underscore_host_txt", "limits", "txt-owner-underscore", same),
    ("underscore_cname", "limits", "cname-owner-underscore", same),
    ("underscore_cname_target", "limits", "cname-target-underscore", same),
    ("wildcard", "limits", "wildcard", same),
    ("ipv6", "limits", "ipv6", same),
    ("apex_alias", "limits", "apex-alias", same),
    ("null_mx", "limits", "null-mx", same),
    ("ns_at_apex", "limits", "ns-at-apex", same),
    ("mx_priority_min", "limits", "mx-priority-min", same),
    ("mx_priority_max", "limits", "mx-priority-max", same),
    ("spf_editable", "limits", "spf-editable", same),
    ("records_editable", "limits", "records-editable", same),
    ("ttl_min", "limits", "ttl-min", same),
    ("ttl_max", "limits", "ttl-max", same),
    ("ttl_step", "limits", "ttl-step", same),
    ("ttl_values", "limits", "ttl-values", same),
    ("ttl_default", "limits", "ttl-default", same),
    ("ttl_scope", "limits", "ttl-scope", same),
    ("ttl_below_min_becomes", "limits", "ttl-below-min-becomes", same),
    ("max_records", "limits", "records-max", same),
    ("max_hosts", "limits", "hosts-max", same),
    ("max_values_per_type", "limits", "values-per-type-max", same),
    ("max_values_per_rrset", "limits", "values-per-rrset-max", same),
    ("max_per_host_a", "limits", "per-host-max.A", same),
    ("max_per_host_mx", "limits", "per-host-max.MX", same),
    ("max_per_host_txt", "limits", "per-host-max.TXT", same),
    ("max_per_host_cname", "limits", "per-host-max.CNAME", same),
    ("max_per_host_ns", "limits", "per-host-max.NS", same),
    ("nameservers", "name-servers", "exact", same),
    ("nameservers_v2", "name-servers", "exact", same),
    ("nameservers_other", "name-servers", "exact", same),
    ("nameserver_suffixes", "name-servers", "suffixes", same),
    ("nameserver_patterns", "name-servers", "patterns", same),
    ("nameservers_default", "name-servers", "defaults", same),
    ("nameserver_shared_with", "name-servers", "shared-with", same),
    ("proxy_networks", "proxy", "networks", same),
    ("proxy_off", "proxy", "off.en", same),
];

/// Statements that no template holds, with the reason.
const NOT_HELD: &[(&str, &str)] = &[
    ("api", "what an API is called at; templates are of forms"),
    ("api_apex_host", "of the API"),
    ("api_host_form", "of the API"),
    ("api_mx_priority", "of the API"),
    ("api_target_trailing_dot", "of the API"),
    ("api_txt_quotes", "of the API"),
    ("api_wildcard", "of the API"),
    ("api_zone_export", "of the API"),
    ("api_zone_import", "of the API"),
    ("duplicate_host_or_address", "no limit of a record; a trap"),
    ("host_dot", "nothing is to be typed"),
    ("max_changes_per_day", "no limit of a record"),
    ("menu_path_other", "the path in another product's panel; a trap"),
    ("mx_priority_default", "what a blank box becomes; a trap"),
    ("record_kinds", "a number of types whose names are not known"),
    ("rrset_form", "how values are grouped, which changes nothing that is typed"),
    ("ttl_auto", "a word in the box, no number"),
    ("zone_export", "a way out, not in"),
    ("zone_import", "that there is one says zone-import, with its path"),
    ("zone_import_max_bytes", "of a file, not of a record"),
    ("zone_import_max_records", "of a file, not of a record"),
    ("zone_input", "that the form is one text says whole-zone-text"),
    ("zone_text_view", "a view of the zone; a trap"),
];

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/registrars")
}

fn entries(file: &str, key: &str) -> Vec<Table> {
    let text = fs::read_to_string(folder().join(file)).expect("a text");
    let table: Table = text.parse().unwrap_or_else(|e| panic!("{file}: {e}"));
    table[key].as_array().expect("entries").iter().map(|e| e.as_table().expect("a table").clone()).collect()
}

fn text<'t>(table: &'t Table, key: &str) -> &'t str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Table and key of the template → its value, lists and tables taken apart: `name-servers`, `exact` → one entry a host.
type Held = BTreeSet<(String, String, String)>;

fn hold(held: &mut Held, table: &str, key: &str, value: &Value) {
    // Order counts nowhere but in what a person reads.
    match value {
        Value::Array(items) if table == "name-servers" => {
            held.extend(items.iter().map(|i| (table.to_owned(), key.to_owned(), i.to_string())));
        }
        Value::Array(items) => {
            let sorted: BTreeSet<String> = items.iter().map(Value::to_string).collect();
            held.insert((table.to_owned(), key.to_owned(), format!("{sorted:?}")));
        }
        Value::Table(inner) => {
            for (name, value) in inner {
                hold(held, table, &format!("{key}.{name}"), value);
            }
        }
        _ => {
            held.insert((table.to_owned(), key.to_owned(), value.to_string()));
        }
    }
}

/// The addresses of a template's sources.
fn sources(id: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("providers/registrars/{id}.toml"));
    let Ok(file) = fs::read_to_string(path) else { return Vec::new() };
    let file: Table = file.parse().expect("TOML");
    let list = file["source"].as_array().expect("sources");
    list.iter().map(|s| s["url"].as_str().expect("an address").to_owned()).collect()
}

/// What a template holds.
fn template(id: &str) -> Option<Held> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("providers/registrars/{id}.toml"));
    let file: Table = fs::read_to_string(path).ok()?.parse().expect("TOML");
    let mut held = Held::new();
    for key in ["country", "kind"] {
        hold(&mut held, "", key, &file[key]);
    }
    for table in ["form", "limits", "name-servers", "proxy"] {
        for (key, value) in file.get(table).and_then(Value::as_table).into_iter().flatten() {
            hold(&mut held, table, key, value);
        }
    }
    Some(held)
}

/// What a template must hold by the statements.
fn wanted(id: &str, facts: &Table, wrong: &mut Vec<String>) -> Held {
    let mut held = Held::new();
    for (name, value) in facts.iter().filter(|(name, _)| *name != "id") {
        // An empty list says that nothing is known to be missing, which no template need say.
        if NOT_HELD.iter().any(|(not, _)| not == name) || value.as_array().is_some_and(Vec::is_empty) {
            continue;
        }
        let keys: Vec<_> = KEYS.iter().filter(|(statement, ..)| statement == name).collect();
        if keys.is_empty() {
            wrong.push(format!("{id}: where would {name} = {value} stand?"));
        }
        for (_, table, key, turn) in keys {
            match turn(value) {
                Some(value) => hold(&mut held, table, key, &value),
                // What no word is known for is an exception or a mistake.
                None => hold(&mut held, "", name, value),
            }
        }
    }
    held
}

/// A difference that is right.
struct Exception {
    id: String,
    kind: String,
    table: String,
    key: String,
    /// For these values only.
    values: Option<BTreeSet<String>>,
    used: BTreeSet<String>,
}

fn exceptions() -> Vec<Exception> {
    let read = |entry: Table| {
        let (id, kind, key) = (text(&entry, "id"), text(&entry, "kind"), text(&entry, "key"));
        assert!(matches!(kind, "not-held" | "also" | "no-facts"), "{id}: {kind}");
        assert!(!text(&entry, "why").is_empty(), "{id}: an exception has a reason");
        let (table, key) = key.split_once('.').unwrap_or(("", key));
        let [id, kind, table, key] = [id, kind, table, key].map(str::to_owned);
        let values = entry.get("values").map(|v| v.as_array().expect("values").iter().map(Value::to_string).collect());
        Exception { id, kind, table, key, values, used: BTreeSet::new() }
    };
    entries("exceptions.toml", "exception").into_iter().map(read).collect()
}

/// Whether a difference is excepted.
fn excepted(
    exceptions: &mut [Exception],
    id: &str,
    kind: &str,
    (table, key, value): &(String, String, String),
) -> bool {
    let fits = |e: &&mut Exception| e.id == id && e.kind == kind && e.table == *table && e.key == *key;
    let found = exceptions.iter_mut().filter(fits).find(|e| e.values.as_ref().is_none_or(|v| v.contains(value)));
    found.map(|e| e.used.insert(value.clone())).is_some()
}

#[test]
fn every_template_says_what_its_sources_say() {
    let mut facts = entries("facts.toml", "registrar");
    assert_eq!(facts.len(), 65, "registrars with facts");
    let mut wrong = Vec::new();
    for later in entries("found-later.toml", "registrar") {
        let (id, source) = (text(&later, "id"), text(&later, "source"));
        if !sources(id).iter().any(|s| s == source) {
            wrong.push(format!("{id}: the template does not name the source {source}"));
        }
        let statements: Table = later.clone().into_iter().filter(|(key, _)| key != "source").collect();
        match facts.iter_mut().find(|f| text(f, "id") == id) {
            Some(known) => known.extend(statements),
            None => facts.push(statements),
        }
    }
    let mut exceptions = exceptions();
    let mut ids = BTreeSet::new();
    for facts in &facts {
        let id = text(facts, "id");
        ids.insert(id.to_owned());
        let Some(held) = template(id) else {
            wrong.push(format!("{id}: there is no template"));
            continue;
        };
        let wanted = wanted(id, facts, &mut wrong);
        for at in wanted.difference(&held).filter(|at| !excepted(&mut exceptions, id, "not-held", at)) {
            wrong.push(format!("{id}: the sources say [{}] {} = {}", at.0, at.1, at.2));
        }
        for at in held.difference(&wanted).filter(|at| !excepted(&mut exceptions, id, "also", at)) {
            wrong.push(format!("{id}: no source says [{}] {} = {}", at.0, at.1, at.2));
        }
    }
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("providers/registrars");
    for file in fs::read_dir(all).expect("templates").map(|e| e.expect("an entry").path()) {
        let id = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let nothing = (String::new(), String::new(), String::new());
        if !ids.contains(&id) && !excepted(&mut exceptions, &id, "no-facts", &nothing) {
            wrong.push(format!("{id}: there are no facts for this template"));
        }
    }
    for Exception { id, kind, table, key, values, used } in &exceptions {
        let idle = values.as_ref().map_or(used.is_empty(), |values| values != used);
        if idle {
            wrong.push(format!("{id}: the exception {kind} [{table}] {key} is not needed, or not for all its values"));
        }
    }
    assert!(wrong.is_empty(), "{} mistakes:\n{}", wrong.len(), wrong.join("\n"));
}
