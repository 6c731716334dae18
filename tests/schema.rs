//! The JSON Schemas against the readers: the same keys, the same words, the same types, for every table; and against every file of the
//! repository. What a schema says is never copied here: the readers' own findings are what it is held against, and another's validator
//! (the crate `jsonschema`) says what it means.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::{Validator, draft202012};
use serde_json::{Map, Value, json};

use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::catalogue::limits::KEYS;
use zoneplan::catalogue::sender::{RESERVED, Sender, Variable};
use zoneplan::catalogue::{registrar, sender, variables};
use zoneplan::report::{Finding, Lang, Severity, Sources};
use zoneplan::schema::{Kind, schema, text};
use zoneplan::site::{FileError, Files};
use zoneplan::toml_reader::Sink;

const KINDS: [Kind; 3] = [Kind::Site, Kind::Sender, Kind::Registrar];

/// Findings that say that a text is not of the format.
const STRUCTURE: [&str; 4] = ["site-unknown-key", "site-wrong-type", "site-missing-key", "site-unknown-word"];

/// A key, a word and a string that nothing knows.
const NOBODY: &str = "zzzzzzzzzzzz";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn validator(kind: Kind) -> Validator {
    draft202012::new(&schema(kind, &Catalogue::embedded(), Lang::En)).expect("a schema")
}

/// Files beside the site, or in memory where there is none of that name.
#[derive(Debug)]
struct Disk(Option<String>);

impl Files for Disk {
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        match &self.0 {
            Some(text) if path == "site.toml" => Ok(text.clone().into_bytes()),
            Some(_) => Err(FileError::NotFound),
            None => match fs::read(path) {
                Ok(octets) if octets.len() as u64 > limit => Err(FileError::TooLarge(limit)),
                other => other.map_err(|_| FileError::NotFound),
            },
        }
    }
    fn list(&self, folder: &str) -> Result<Vec<String>, FileError> {
        let entries = fs::read_dir(folder).map_err(|_| FileError::NotFound)?;
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        Ok(names)
    }
    fn beside(&self, from: &str, name: &str) -> String {
        Path::new(from).parent().unwrap_or(Path::new("")).join(name).to_string_lossy().into_owned()
    }
    fn canonical(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// What the reader says of a text.
fn findings(kind: Kind, text: &str, catalogue: &Catalogue) -> Vec<Finding> {
    if kind == Kind::Site {
        let disk = Disk(Some(text.to_owned()));
        return build("site.toml", &disk, catalogue, &Overrides::default(), |_| ()).findings;
    }
    let sink = Sink::new(Sources::default().add("x.toml", text.to_owned()));
    match kind {
        Kind::Sender => drop(sender::parse(text, &sink)),
        _ => drop(registrar::parse(text, &sink)),
    }
    sink.into_findings()
}

fn structural(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|f| STRUCTURE.contains(&f.id)).collect()
}

fn titles(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|f| format!("{}: {}", f.id, f.title.en)).collect()
}

/// A document as TOML: a line for each top-level key, inline below.
fn toml(document: &Value) -> String {
    let lines = document.as_object().expect("a table").iter();
    lines.map(|(key, value)| format!("{} = {}\n", json!(key), inline(value))).collect()
}

fn inline(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let pairs: Vec<String> = map.iter().map(|(k, v)| format!("{} = {}", json!(k), inline(v))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

/// A step from a table to what it holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// The value of a key.
    Key(String),
    /// The value of a key that whoever writes the file chooses.
    Any,
    /// An item of a list.
    Item,
}

type Place = Vec<Step>;

/// A name for [`Step::Any`] that the readers take.
const ANY: &str = "A";

/// What a place may hold: `$ref`s followed, and of what is offered in several ways the first that says what it is.
fn resolved<'s>(whole: &'s Value, mut at: &'s Value) -> &'s Value {
    loop {
        let next = match (at["$ref"].as_str(), &at["anyOf"][0]) {
            (Some(place), _) => {
                whole.pointer(place.strip_prefix('#').expect("a place in this file")).expect("it is there")
            }
            // A word that is offered is a string.
            (None, Value::Object(first)) if !first.contains_key("enum") => &at["anyOf"][0],
            _ => return at,
        };
        at = next;
    }
}

/// Every place that a schema knows, with what it may hold. The variables of services are another matter.
fn places(whole: &Value) -> Vec<(Place, &Value)> {
    fn walk<'s>(whole: &'s Value, at: &'s Value, place: Place, out: &mut Vec<(Place, &'s Value)>) {
        let at = resolved(whole, at);
        let below = |step| place.iter().cloned().chain([step]).collect::<Place>();
        for (key, value) in at["properties"].as_object().into_iter().flatten() {
            walk(whole, value, below(Step::Key(key.clone())), out);
        }
        // A sender's variables are any.
        if at["additionalProperties"].is_object() && at["properties"]["provider"].is_null() {
            walk(whole, &at["additionalProperties"], below(Step::Any), out);
        }
        if at["items"].is_object() {
            walk(whole, &at["items"], below(Step::Item), out);
        }
        out.push((place, at));
    }
    let mut out = Vec::new();
    walk(whole, whole, Vec::new(), &mut out);
    out
}

/// A value that a place may hold, with nothing that need not be there.
fn sample(whole: &Value, at: &Value) -> Value {
    let at = resolved(whole, at);
    for given in [&at["examples"][0], &at["enum"][0], &at["anyOf"][0]["enum"][0]] {
        if !given.is_null() {
            return given.clone();
        }
    }
    match at["type"].as_str().or_else(|| at["type"][0].as_str()) {
        Some("object") => Value::Object(table(whole, at, None)),
        Some("array") if at["minItems"] == 1 => json!([sample(whole, &at["items"])]),
        Some("array") => json!([]),
        Some("boolean") => json!(true),
        Some("integer") => json!(1),
        _ => json!("1"),
    }
}

/// A table with what must be there, so that `wanted` can stand besides.
fn table(whole: &Value, at: &Value, wanted: Option<&str>) -> Map<String, Value> {
    let names = |list: &Value| -> Vec<String> {
        list.as_array().into_iter().flatten().map(|k| k.as_str().unwrap().to_owned()).collect()
    };
    let mut needed = names(&at["required"]);
    let forms = at["oneOf"].as_array().into_iter().flatten();
    let forms: Vec<(Vec<String>, Vec<String>)> = forms
        .map(|form| {
            let not = form["not"]["anyOf"].as_array().into_iter().flatten();
            (names(&form["required"]), not.flat_map(|n| names(&n["required"])).collect())
        })
        .collect();
    let form = forms.iter().find(|(has, not)| {
        wanted.is_none_or(|w| has.iter().any(|k| k == w) || !not.iter().any(|k| k == w))
            && (wanted
                .is_none_or(|w| !forms.iter().any(|(has, _)| has.iter().any(|k| k == w)) || has.iter().any(|k| k == w)))
    });
    needed.extend(form.into_iter().flat_map(|(has, _)| has.clone()));
    needed.iter().map(|key| (key.clone(), sample(whole, &at["properties"][key]))).collect()
}

/// A document that is right but for `value` at `place`.
fn with(whole: &Value, at: &Value, place: &[Step], value: &Value) -> Value {
    let at = resolved(whole, at);
    match place.split_first() {
        None => value.clone(),
        Some((Step::Item, rest)) => json!([with(whole, &at["items"], rest, value)]),
        Some((Step::Key(key), rest)) => {
            let mut out = table(whole, at, Some(key));
            out.insert(key.clone(), with(whole, &at["properties"][key], rest, value));
            Value::Object(out)
        }
        Some((Step::Any, rest)) => {
            let mut out = table(whole, at, None);
            out.insert(ANY.to_owned(), with(whole, &at["additionalProperties"], rest, value));
            Value::Object(out)
        }
    }
}

/// A template's table of facts is only right with their source.
fn sourced(kind: Kind, mut document: Value, place: &[Step]) -> Value {
    if kind == Kind::Registrar
        && let [Step::Key(_), Step::Key(fact), ..] | [Step::Key(fact)] = place
    {
        let facts = document.pointer_mut("/source/0/facts").and_then(Value::as_array_mut);
        match facts {
            Some(facts) => facts.push(json!(fact)),
            None => {
                document["source"] =
                    json!([{ "facts": [fact], "url": "u", "date": "2026-11-24", "confidence": "documented" }]);
            }
        }
    }
    document
}

#[test]
fn each_schema_is_one() {
    let catalogue = Catalogue::embedded();
    for kind in KINDS {
        for lang in [Lang::En, Lang::Ja] {
            let schema = schema(kind, &catalogue, lang);
            draft202012::meta::validate(&schema).unwrap_or_else(|e| panic!("{kind:?}: {e}"));
            let text = text(kind, &catalogue, lang);
            assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), schema, "{kind:?}");
            for (place, at) in places(&schema) {
                let said = place.is_empty() || !matches!(place.last(), Some(Step::Key(_)));
                let both =
                    place.last() == Some(&Step::Key("en".into())) || place.last() == Some(&Step::Key("ja".into()));
                assert!(said || both || at["description"].is_string(), "{kind:?}: nothing is said of {place:?}");
            }
        }
    }
}

/// The keys that the reader names as known where it meets one that it does not know.
fn known(findings: &[Finding]) -> Option<BTreeSet<String>> {
    let told = findings.iter().find(|f| f.id == "site-unknown-key" && f.title.en.contains(NOBODY))?;
    let list = told.notes.iter().find_map(|n| n.text.en.strip_prefix("known here: "))?;
    Some(list.split(", ").map(str::to_owned).collect())
}

#[test]
fn every_table_has_the_keys_that_its_reader_knows() {
    let catalogue = Catalogue::embedded();
    let mut tables = 0;
    for kind in KINDS {
        let schema = schema(kind, &catalogue, Lang::En);
        for (place, at) in places(&schema) {
            if at["type"] != "object" || at["additionalProperties"] != json!(false) {
                continue;
            }
            let mut inner = table(&schema, at, None);
            inner.insert(NOBODY.to_owned(), json!(1));
            let document = with(&schema, &schema, &place, &Value::Object(inner));
            let said = findings(kind, &toml(&document), &catalogue);
            let keys: BTreeSet<String> = at["properties"].as_object().unwrap().keys().cloned().collect();
            assert_eq!(known(&said), Some(keys), "{kind:?} {place:?}: {:#?}", titles(&said));
            tables += 1;
        }
    }
    assert!(tables > 50, "{tables}");
}

/// What a template may not name a variable is what [[sender]] knows by itself; that the reader takes no other key is asserted there.
#[test]
fn a_sender_has_the_keys_that_are_reserved_in_templates() {
    let schema = schema(Kind::Site, &Catalogue::embedded(), Lang::En);
    let keys: BTreeSet<&str> =
        schema["$defs"]["sender"]["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, RESERVED.iter().copied().collect());
}

#[test]
fn limits_are_those_of_the_vocabulary() {
    let catalogue = Catalogue::embedded();
    for kind in [Kind::Site, Kind::Registrar] {
        let schema = schema(kind, &catalogue, Lang::En);
        let keys: BTreeSet<&str> =
            schema["properties"]["limits"]["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, KEYS.iter().map(|k| k.name).collect());
    }
}

#[test]
fn what_must_be_there_is_what_the_reader_misses() {
    let catalogue = Catalogue::embedded();
    let mut needed = 0;
    for kind in KINDS {
        let schema = schema(kind, &catalogue, Lang::En);
        for (place, at) in places(&schema) {
            if at["type"] != "object" {
                continue;
            }
            let inner = table(&schema, at, None);
            let document = with(&schema, &schema, &place, &Value::Object(inner.clone()));
            let said = findings(kind, &toml(&document), &catalogue);
            assert!(structural(&said).is_empty(), "{kind:?} {place:?}: {:#?}\n{}", titles(&said), toml(&document));
            for key in at["required"].as_array().into_iter().flatten() {
                let key = key.as_str().unwrap();
                let mut without = inner.clone();
                without.remove(key);
                let document = with(&schema, &schema, &place, &Value::Object(without));
                let said = findings(kind, &toml(&document), &catalogue);
                let missed = format!("site-missing-key: `{key}` is missing");
                assert!(titles(&said).contains(&missed), "{kind:?} {place:?} {key}: {:#?}", titles(&said));
                needed += 1;
            }
        }
    }
    assert!(needed > 40, "{needed}");
}

/// The words that a finding lists: `… is none of: a, b`, `… one of a, b, not “c”`, `… a list of some of a, b, not a string`.
fn listed(findings: &[Finding]) -> Option<BTreeSet<String>> {
    findings.iter().find_map(|f| {
        let (_, list) = [" is none of: ", "one of ", "some of "].iter().find_map(|s| f.title.en.split_once(s))?;
        let list = list.split(", not ").next()?;
        Some(list.split(", ").map(str::to_owned).collect())
    })
}

#[test]
fn every_list_of_words_is_the_readers() {
    let catalogue = Catalogue::embedded();
    let (mut lists, mut unlisted) = (0, Vec::new());
    for kind in KINDS {
        let schema = schema(kind, &catalogue, Lang::En);
        for (place, at) in places(&schema) {
            if at["type"] != "string" && !at["anyOf"][0]["enum"].is_array() {
                continue;
            }
            let say = |word: &str| {
                let document = with(&schema, &schema, &place, &json!(word));
                findings(kind, &toml(&sourced(kind, document, &place)), &catalogue)
            };
            let refuses = |said: &[Finding]| {
                let ids = ["site-unknown-word", "site-wrong-type", "site-unknown-rule"];
                said.iter().any(|f| ids.contains(&f.id))
            };
            let unknown = say(NOBODY);
            let Some(words) = at["enum"].as_array() else {
                // [limits] knows the types of DNS, which are no list.
                let types = place.contains(&Step::Key("limits".into()));
                assert!(types || !refuses(&unknown), "{kind:?} {place:?}: {:#?}", titles(&unknown));
                continue;
            };
            assert!(refuses(&unknown), "{kind:?} {place:?}: {:#?}", titles(&unknown));
            let words: BTreeSet<String> = words.iter().map(|w| w.as_str().unwrap().to_owned()).collect();
            for word in &words {
                let said = say(word);
                assert!(!refuses(&said), "{kind:?} {place:?} {word}: {:#?}", titles(&said));
            }
            match listed(&unknown) {
                Some(list) => assert_eq!(list, words, "{kind:?} {place:?}"),
                None => unlisted.push(place.clone()),
            }
            lists += 1;
        }
    }
    assert!(lists > 40, "{lists}");
    // These say another thing than the list; the schema has their words from the reader's own constant.
    let key = |name: &str| Step::Key(name.to_owned());
    let expected = [
        vec![key("lang")],
        vec![key("lint"), key("off"), Step::Item],
        vec![key("spf"), key("all")],
        vec![key("subdomain"), Step::Item, key("spf"), key("all")],
    ];
    assert_eq!(unlisted, expected);
}

/// Whatever stands at any place: what the reader refuses for its structure the schema refuses, and what the schema refuses the reader does.
#[test]
fn a_schema_refuses_what_its_reader_refuses_and_nothing_else() {
    let catalogue = Catalogue::embedded();
    let values = [
        json!(true),
        json!(0),
        json!(7),
        json!(-1),
        json!(1.5),
        json!(""),
        json!("1h"),
        json!("2W"),
        json!("1w2d"),
        json!("x y z"),
        json!([]),
        json!(["A"]),
        json!(["A", 1]),
        json!([{}]),
        json!({}),
        json!({ "A": 1 }),
        json!({ "A": "x" }),
        json!(99_999_999_999_u64),
    ];
    let mut wrong = Vec::new();
    let mut tried = 0;
    for kind in KINDS {
        let schema = schema(kind, &catalogue, Lang::En);
        let validator = validator(kind);
        for (place, _) in places(&schema) {
            if place.is_empty() {
                continue;
            }
            for value in &values {
                let document = sourced(kind, with(&schema, &schema, &place, value), &place);
                let said = findings(kind, &toml(&document), &catalogue);
                let valid = validator.is_valid(&document);
                let refused = said.iter().any(|f| f.severity == Severity::Error);
                // A hundred types, in either case of letters, and TYPE0 to TYPE65535: nobody could read that as a pattern.
                let key = |name: &str| place.contains(&Step::Key(name.to_owned()));
                let types = key("limits") && (key("types") || key("types-unsupported")) && value.is_string();
                if (valid && !structural(&said).is_empty() && !types) || (!valid && !refused) {
                    let by = if valid { "reader" } else { "schema" };
                    wrong.push(format!("{kind:?} {place:?} = {value}: only the {by} refuses it {:?}", titles(&said)));
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 4_000, "{tried}");
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    parse(&text).unwrap_or_else(|| panic!("{}: no TOML", path.display()))
}

fn parse(text: &str) -> Option<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    toml::from_str::<toml::Value>(text).ok().map(|t| serde_json::to_value(t).expect("JSON"))
}

/// What is wrong with a document, at which place.
fn errors(validator: &Validator, document: &Value) -> String {
    validator.iter_errors(document).map(|e| format!("  {}: {e:.300}\n", e.instance_path())).collect()
}

#[test]
fn every_template_is_of_its_schema() {
    for (kind, folder) in [(Kind::Sender, "senders"), (Kind::Registrar, "registrars")] {
        let validator = validator(kind);
        let mut count = 0;
        for entry in fs::read_dir(root().join("providers").join(folder)).expect("a folder") {
            let path = entry.expect("an entry").path();
            let wrong = errors(&validator, &read(&path));
            assert!(wrong.is_empty(), "{}\n{wrong}", path.display());
            count += 1;
        }
        assert!(count > 30, "{count}");
    }
}

/// Every `site.toml` below a folder, and every other TOML in it that is a site.
fn sites(folder: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "toml")
                && !path.components().any(|c| c.as_os_str() == "providers")
            {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

#[test]
fn every_site_is_judged_as_its_reader_judges_it() {
    let catalogue = Catalogue::embedded();
    let validator = validator(Kind::Site);
    let elsewhere = [
        // The mistake is in the file that it extends.
        "tests/cases/extends-error-in-base/site.toml",
        // Which variables there are stands in the template's own file.
        "tests/cases/dc-variables-missing/site.toml",
    ];
    let (mut accepted, mut refused) = (0, 0);
    for path in ["examples", "tests/cases", "tests/formats"].into_iter().flat_map(sites) {
        let name = path.strip_prefix(root()).expect("in the repository").to_string_lossy().into_owned();
        let Some(document) = fs::read_to_string(&path).ok().and_then(|text| parse(&text)) else { continue };
        let run = build(&path.to_string_lossy(), &Disk(None), &catalogue, &Overrides::default(), |_| ());
        // Without a domain it is what sites extend.
        if document["domain"].is_null() && path.file_name().is_some_and(|n| n != "site.toml") {
            continue;
        }
        let wrong = errors(&validator, &document);
        if run.product.is_some() {
            assert!(wrong.is_empty(), "{name} builds, but the schema says\n{wrong}");
            accepted += 1;
        } else if !structural(&run.findings).is_empty() && !elsewhere.contains(&name.as_str()) {
            assert!(!wrong.is_empty(), "{name}: the schema does not see\n{:#?}", titles(&run.findings));
            refused += 1;
        }
    }
    assert!(accepted > 250 && refused > 5, "{accepted}, {refused}");
}

/// A site with one sender.
fn site(sender: &Map<String, Value>) -> Value {
    json!({ "domain": "example.com", "sender": [sender] })
}

/// The sender with every variable's own example, and the first of each alternative.
fn whole(sender: &Sender, name: &str) -> Map<String, Value> {
    let mut out = Map::from_iter([("provider".to_owned(), json!(name))]);
    for variable in sender.all_variables() {
        out.insert(variable.name.clone(), json!(variable.example));
    }
    let options: Map<String, Value> =
        sender.alternatives.iter().map(|a| (a.name.clone(), json!(a.choices[0].0))).collect();
    out.insert("options".to_owned(), Value::Object(options));
    out
}

#[test]
fn each_service_has_its_variables_and_no_others() {
    let catalogue = Catalogue::embedded();
    let validator = validator(Kind::Site);
    let all: BTreeSet<&str> = catalogue.senders().flat_map(|s| &s.variables).map(|v| v.name.as_str()).collect();
    for sender in catalogue.senders() {
        let mut names = vec![&sender.id, &sender.name.en, &sender.name.ja];
        names.extend(&sender.aliases);
        for name in names {
            let right = whole(sender, name);
            let wrong = errors(&validator, &site(&right));
            assert!(wrong.is_empty(), "{name}\n{wrong}");
            let mut slip = right.clone();
            slip.insert(NOBODY.to_owned(), json!("x"));
            assert!(!validator.is_valid(&site(&slip)), "{name}");
        }
        // Another service's variable is a mistake, for the schema and for the reader.
        for foreign in all.iter().filter(|v| !sender.variables.iter().any(|own| own.name == **v)) {
            let mut slip = whole(sender, &sender.id);
            slip.insert((*foreign).to_owned(), json!("x"));
            assert!(!validator.is_valid(&site(&slip)), "{} {foreign}", sender.id);
        }
        let mut slip = whole(sender, &sender.id);
        slip.insert(NOBODY.to_owned(), json!("x"));
        let said = findings(Kind::Site, &toml(&site(&slip)), &catalogue);
        assert!(said.iter().any(|f| f.id == "site-unknown-key"), "{}: {:#?}", sender.id, titles(&said));
        for (option, choice) in
            [(NOBODY, "x")].into_iter().chain(sender.alternatives.iter().map(|a| (a.name.as_str(), NOBODY)))
        {
            let mut slip = whole(sender, &sender.id);
            slip["options"][option] = json!(choice);
            assert!(!validator.is_valid(&site(&slip)), "{} {option}", sender.id);
        }
        for alternative in &sender.alternatives {
            for (choice, _) in &alternative.choices {
                let mut right = whole(sender, &sender.id);
                right["options"][&alternative.name] = json!(choice);
                assert!(validator.is_valid(&site(&right)), "{} {choice}", sender.id);
            }
        }
    }
    assert!(all.len() > 20, "{}", all.len());
}

/// A service of one's own, or one that publishes its own template, has variables that nobody knows here.
#[test]
fn a_service_that_is_not_in_the_catalogue_has_any_variables() {
    let validator = validator(Kind::Site);
    for provider in ["our-own", "templates/example.com.mail.json"] {
        let mut sender =
            Map::from_iter([("provider".to_owned(), json!(provider)), ("server".to_owned(), json!(14166))]);
        sender.insert(NOBODY.to_owned(), json!("x"));
        assert!(validator.is_valid(&site(&sender)), "{provider}");
        sender.insert("server".to_owned(), json!(["x"]));
        assert!(!validator.is_valid(&site(&sender)), "{provider}");
        sender.insert("server".to_owned(), json!("x"));
        sender.insert("ttl".to_owned(), json!("soon"));
        assert!(!validator.is_valid(&site(&sender)), "{provider}");
    }
}

/// Written forms of a variable: right ones, and such as a slip makes of them.
fn forms(variable: &Variable) -> Vec<String> {
    let example = &variable.example;
    let mut out = vec![
        example.clone(),
        example.to_uppercase(),
        example.to_lowercase(),
        format!("{example}."),
        format!("{example}!"),
        format!(" {example}"),
        format!("x{example}"),
        format!("_{example}-"),
        format!("{example}/{example}"),
        format!("v=spf1 include:{example} ~all"),
        format!("{example}._domainkey.example.com"),
        example.chars().rev().collect(),
        example.chars().skip(1).collect(),
        String::new(),
        "0".into(),
        "Z".into(),
        "日本".into(),
        "a b".into(),
        "a|b^c$d".into(),
    ];
    out.extend(variables::normal(variable, example).ok());
    // Each literal part of what it accepts, as it is and in capitals.
    let accepts = variable.accepts.as_ref().map(|a| a.text().replace("\\.", ".")).unwrap_or_default();
    for part in accepts.split(|c: char| "()[]{}?*+|\\^$".contains(c)).filter(|p| p.len() > 2) {
        let part = part.trim_start_matches(['i', ':']);
        for part in [part.to_owned(), part.to_uppercase()] {
            out.extend([format!("{part}{example}"), format!("{example}{part}"), part]);
        }
    }
    out
}

/// (pattern of the schema, the template's own, written forms).
fn patterns(catalogue: &Catalogue) -> Vec<(String, Variable)> {
    let schema = schema(Kind::Site, catalogue, Lang::En);
    let mut out = Vec::new();
    for sender in catalogue.senders() {
        for variable in sender.all_variables() {
            let at = &schema["$defs"][format!("sender-{}", sender.id)]["properties"][&variable.name];
            assert_eq!(at["examples"][0], json!(variable.example), "{} {}", sender.id, variable.name);
            match at["pattern"].as_str() {
                Some(pattern) => out.push((pattern.to_owned(), variable.clone())),
                None => assert!(variable.accepts.is_none(), "{} {}: not in the schema", sender.id, variable.name),
            }
        }
    }
    out
}

/// The flags that JSON Schema does not know are written out without a change of meaning.
#[test]
fn a_pattern_accepts_the_written_forms_that_the_template_accepts() {
    let mut matched = 0;
    for (pattern, variable) in patterns(&Catalogue::embedded()) {
        let validator = draft202012::new(&json!({ "pattern": pattern })).unwrap_or_else(|e| panic!("{pattern}: {e}"));
        for form in forms(&variable) {
            let valid = validator.is_valid(&json!(form));
            match &variable.accepts {
                Some(accepts) => {
                    let own =
                        regex_lite::Regex::new(&format!("^(?:{})$", accepts.text())).expect("a regular expression");
                    assert_eq!(valid, own.is_match(&form), "{}: {pattern}: {form:?}", variable.name);
                }
                None => assert_eq!(valid, variables::normal(&variable, &form).is_ok(), "{}: {form:?}", variable.name),
            }
            matched += usize::from(valid);
        }
    }
    assert!(matched > 100, "{matched}");
}

/// The same for who runs such patterns in earnest: a JavaScript engine, with the flag `u` that JSON Schema asks for.
#[cfg(feature = "servers")]
#[test]
fn a_pattern_is_one_for_javascript() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    const SCRIPT: &str = "const jobs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
        console.log(JSON.stringify(jobs.map(([p, forms]) => { const r = new RegExp(p, 'u'); return forms.map(f => r.test(f)); })));";
    let patterns = patterns(&Catalogue::embedded());
    let jobs: Vec<Value> = patterns.iter().map(|(p, v)| json!([p, forms(v)])).collect();
    let mut child = Command::new("node")
        .args(["-e", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node (tests/run installs it)");
    let mut stdin = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || stdin.write_all(Value::from(jobs).to_string().as_bytes()));
    let output = child.wait_with_output().expect("an answer");
    writer.join().expect("a thread").expect("a reader");
    let answers: Vec<Vec<bool>> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answers.len(), patterns.len());
    for ((pattern, variable), answers) in patterns.iter().zip(answers) {
        let Some(accepts) = &variable.accepts else { continue };
        let own = regex_lite::Regex::new(&format!("^(?:{})$", accepts.text())).expect("a regular expression");
        for (form, answer) in forms(variable).iter().zip(answers) {
            assert_eq!(answer, own.is_match(form), "{}: {pattern}: {form:?}", variable.name);
        }
    }
}

/// Editors read it; the reader takes it for the comment that it is.
#[test]
fn the_line_that_names_the_schema_is_a_comment() {
    let catalogue = Catalogue::embedded();
    for start in ["", "\u{feff}"] {
        let said = findings(
            Kind::Site,
            &format!("{start}#:schema ./site.schema.json\ndomain = \"example.com\"\n"),
            &catalogue,
        );
        assert!(said.iter().all(|f| f.severity != Severity::Error), "{:#?}", titles(&said));
    }
}

/// The TOML blocks of providers/README.md: the lines that are commented out stand for another form, and count too.
fn documented(block: &str) -> BTreeSet<Place> {
    fn below(value: &Value, place: &Place, out: &mut BTreeSet<Place>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let place: Place = place.iter().cloned().chain([Step::Key(key.clone())]).collect();
                    out.insert(place.clone());
                    below(value, &place, out);
                }
            }
            Value::Array(items) => {
                let place: Place = place.iter().cloned().chain([Step::Item]).collect();
                items.iter().for_each(|item| below(item, &place, out));
            }
            _ => {}
        }
    }
    let other: Vec<&str> = block.lines().filter_map(|l| l.strip_prefix("# ").filter(|l| l.contains(" = "))).collect();
    let mut out = BTreeSet::new();
    below(&parse(block).expect("the block is TOML"), &Vec::new(), &mut out);
    // Each of the commented lines in its place, alone.
    for line in other {
        let with = block.replacen(&format!("# {line}"), line, 1);
        below(&parse(&with).unwrap_or_else(|| panic!("{line}")), &Vec::new(), &mut out);
    }
    out
}

/// Whether a place of the schema stands in the documentation; names that the writer chooses match any, and `[mail-from]` has the keys of a
/// variable.
fn stands(place: &[Step], documented: &BTreeSet<Place>) -> bool {
    if let [Step::Key(first), rest @ ..] = place
        && first == "mail-from"
        && !rest.is_empty()
    {
        let variable: Place =
            [Step::Key("variable".into()), Step::Any].into_iter().chain(rest.iter().cloned()).collect();
        return stands(&variable, documented);
    }
    documented.iter().any(|d| {
        d.len() == place.len()
            && d.iter().zip(place).all(|(d, p)| d == p || matches!((d, p), (Step::Key(_), Step::Any)))
    })
}

#[test]
fn providers_readme_has_every_key_of_the_templates() {
    let catalogue = Catalogue::embedded();
    let readme = fs::read_to_string(root().join("providers/README.md")).expect("the README");
    let blocks: Vec<&str> = readme
        .split("```toml\n")
        .skip(1)
        .filter_map(|b| b.split("```").next())
        .filter(|b| b.starts_with("id = "))
        .collect();
    assert_eq!(blocks.len(), 2, "the block of senders and that of registrars");
    for (kind, block) in [Kind::Sender, Kind::Registrar].into_iter().zip(blocks) {
        let schema = schema(kind, &catalogue, Lang::En);
        let documented = documented(block);
        let mut missing = Vec::new();
        for (place, at) in places(&schema) {
            // [limits] is documented with site.toml; `{ en, ja }` is said once.
            let elsewhere = kind == Kind::Registrar && place.len() > 1 && place[0] == Step::Key("limits".into());
            let leaf =
                matches!(place.last(), Some(Step::Key(k)) if (k == "en" || k == "ja") && at["description"].is_null());
            if !place.is_empty()
                && place.last() != Some(&Step::Item)
                && !elsewhere
                && !leaf
                && !stands(&place, &documented)
            {
                missing.push(place);
            }
        }
        assert!(missing.is_empty(), "{kind:?}: not in providers/README.md: {missing:#?}");
        let wrong = errors(&validator(kind), &parse(block).expect("TOML"));
        assert!(wrong.is_empty(), "{kind:?}: the block of providers/README.md\n{wrong}");
        // The words of each list.
        for (place, at) in places(&schema).into_iter().filter(|(p, _)| !p.contains(&Step::Key("limits".into()))) {
            for word in at["enum"].as_array().into_iter().flatten() {
                let word = word.as_str().map_or_else(|| word.to_string(), str::to_owned);
                assert!(readme.contains(&word), "{kind:?} {place:?}: `{word}` is not in providers/README.md");
            }
        }
    }
}

/// The READMEs' tables have every key of site.toml, and every limit.
#[test]
fn the_readmes_have_every_key_of_a_site() {
    let schema = schema(Kind::Site, &Catalogue::embedded(), Lang::En);
    for name in ["README.md", "README.ja.md"] {
        let readme = fs::read_to_string(root().join(name)).expect("the README");
        let mut missing = Vec::new();
        for (place, _) in places(&schema) {
            let Some(Step::Key(key)) = place.last() else { continue };
            let forms = [format!("`{key}`"), format!("`[{key}]`"), format!("`[[{key}]]`"), format!("### `{key}")];
            if !forms.iter().any(|form| readme.contains(form.as_str())) {
                missing.push(place);
            }
        }
        assert!(missing.is_empty(), "{name}: {missing:#?}");
    }
}
