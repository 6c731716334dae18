//! From the JSON of a Domain Connect template to a template of ours.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::catalogue::expressions::Engine;
use crate::catalogue::facts::{Evidence, Surface, Trust};
use crate::catalogue::sender::{
    Condition, Dkim, DkimForm, Expression, KeyLength, Purpose, ROLES, Recognise, Redirect, Role, Sender, Spf,
    SpfNeeded, SpfTerm, TemplateRecord, TxtConflict, VendorCheck,
};
use crate::mail::spf;
use crate::report::{Finding, Span, Text, did_you_mean, excerpt, visible};
use crate::say;
use crate::toml_reader::{At, Sink};
use crate::zone::{Name, Rdata, Rtype, Ttl, idn};

use super::fields::{Field, Kind, Variables, pieces, shown};
use super::json::{self, Member, Value};

/// What the specification wants a property to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Text,
    Flag,
    Version,
    List,
}

/// The properties of a template, and whether they decide anything about its records.
const PROPERTIES: &[(&str, Wanted, bool)] = &[
    ("providerId", Wanted::Text, true),
    ("providerName", Wanted::Text, true),
    ("serviceId", Wanted::Text, true),
    ("serviceName", Wanted::Text, true),
    ("records", Wanted::List, true),
    ("hostRequired", Wanted::Flag, true),
    ("multiInstance", Wanted::Flag, true),
    ("templateSpecVersion", Wanted::Version, true),
    ("crit", Wanted::List, true),
    ("version", Wanted::Version, false),
    ("logoUrl", Wanted::Text, false),
    ("description", Wanted::Text, false),
    ("variableDescription", Wanted::Text, false),
    ("syncBlock", Wanted::Flag, false),
    ("shared", Wanted::Flag, false),
    ("sharedProviderName", Wanted::Flag, false),
    ("sharedServiceName", Wanted::Flag, false),
    ("syncPubKeyDomain", Wanted::Text, false),
    ("syncRedirectDomain", Wanted::Text, false),
    ("warnPhishing", Wanted::Flag, false),
];

/// The fields of records, whatever their type.
const FIELDS: &[&str] = &[
    "type",
    "groupId",
    "essential",
    "crit",
    "host",
    "name",
    "pointsTo",
    "ttl",
    "data",
    "txtConflictMatchingMode",
    "txtConflictMatchingPrefix",
    "priority",
    "weight",
    "port",
    "protocol",
    "service",
    "target",
    "spfRules",
];

/// Names of the protocol's own parameters: no variable may have one.
const PARAMETERS: &[&str] = &[
    "providerId",
    "serviceId",
    "redirect_uri",
    "state",
    "providerName",
    "serviceName",
    "groupId",
    "sig",
    "key",
    "crit",
    "client_id",
    "response_type",
    "scope",
];

/// Types that whoever serves the zone makes, not who has a service in it.
const OF_THE_SERVER: &[&str] =
    &["SOA", "RRSIG", "NSEC", "NSEC3", "NSEC3PARAM", "OPT", "TSIG", "TKEY", "AXFR", "IXFR", "ANY"];

/// How many records are read; the largest published templates have some dozens.
const LIMIT_RECORDS: usize = 1_000;

/// Most characters of a name for display, and of an id.
const LONGEST_NAME: usize = 255;
const LONGEST_ID: usize = 63;

/// Reads a template.
pub(super) fn read(value: &Value, sink: &Sink) -> Option<Sender> {
    let mut reader = Reader {
        sink,
        variables: Variables::default(),
        groups: Vec::new(),
        spf: Vec::new(),
        dkim: Vec::new(),
        records: Vec::new(),
        redirects: Vec::new(),
        checks: Vec::new(),
        return_paths: BTreeSet::new(),
    };
    reader.template(value)
}

/// An object that is read.
#[derive(Clone, Copy)]
struct Object<'v> {
    members: &'v [Member],
    /// What is pointed at where something is missing.
    head: Span,
}

impl<'v> Object<'v> {
    fn get(self, key: &str) -> Option<&'v Value> {
        self.members.iter().find(|m| m.key == key).map(|m| &m.value)
    }

    fn has(self, key: &str) -> bool {
        self.get(key).is_some()
    }

    fn string(self, key: &str) -> Option<&'v str> {
        match &self.get(key)?.kind {
            json::Kind::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// SPF terms, before it is decided where they go.
struct SpfDraft {
    /// The name as it is written, and as an expression; absent = the applied name.
    at: Option<(String, Expression)>,
    value: Expression,
    group: Option<String>,
}

/// What one record of the template says, whatever its type.
struct Record<'v> {
    object: Object<'v>,
    rtype: &'v str,
    group: Option<String>,
    on_apply: bool,
}

/// What is tried with made-up values at the end.
enum Check {
    Owner,
    Rdata(Rtype),
    Spf,
}

struct Reader<'s> {
    sink: &'s Sink,
    variables: Variables,
    groups: Vec<(String, Vec<String>)>,
    spf: Vec<SpfDraft>,
    dkim: Vec<Dkim>,
    records: Vec<TemplateRecord>,
    redirects: Vec<Redirect>,
    checks: Vec<(Check, String, Span)>,
    /// Names other than the applied one that get SPF, as they are written.
    return_paths: BTreeSet<String>,
}

/// An owner as it is compared: names do not know case.
fn folded(text: &str) -> String {
    text.trim_end_matches('.').to_ascii_lowercase()
}

/// Whether `host` is `label`, or a name that begins with it.
fn begins(host: &str, label: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.strip_prefix(label).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a text is a whole SPF record.
fn is_spf_text(data: &str) -> bool {
    spf::is_spf(data.trim_start_matches('"').as_bytes())
}

/// Letters, digits, `-`, `_` and `.`, at most 63: what ids are made of.
fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= LONGEST_ID
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

impl Reader<'_> {
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.sink.file(), range)
    }

    fn error(&self, id: &'static str, range: Range<usize>, title: Text) {
        self.sink.push(Finding::error(id, title).at(self.span(range), Text::default()));
    }

    fn wrong(&self, range: Range<usize>, title: Text) {
        self.error("domain-connect-value", range, title);
    }

    fn warn(&self, range: Range<usize>, title: Text) {
        self.sink.push(Finding::warning("domain-connect-spec", title).at(self.span(range), Text::default()));
    }

    fn wrong_kind(&self, key: &str, value: &Value, expected: &Text, matters: bool) {
        let found = value.kind_text();
        let title = say!(en: "`{key}` must be {expected}, not {found}", ja: "`{key}` は{expected}で書きます（いまは{found}です）"; expected = expected, found = found);
        if matters {
            self.error("domain-connect-type", value.range.clone(), title)
        } else {
            self.warn(value.range.clone(), title)
        }
    }

    fn template(&mut self, value: &Value) -> Option<Sender> {
        let json::Kind::Object(members) = &value.kind else {
            let found = value.kind_text();
            self.error("domain-connect-type", value.range.clone(), say!(en: "a template is an object, not {found}", ja: "テンプレートはオブジェクト（{{ … }}）です（いまは{found}です）"; found = found));
            return None;
        };
        let head = self.span(value.range.start..value.range.start + 1);
        let template = Object { members, head };
        self.twice(members);
        let readable = self.properties(template);
        let (provider, service) = (self.id(template, "providerId"), self.id(template, "serviceId"));
        let (company, product) =
            (self.display_name(template, "providerName"), self.display_name(template, "serviceName"));
        self.critical(template, &PROPERTIES.iter().map(|p| p.0).collect::<Vec<_>>());
        if !readable {
            return None;
        }
        let records = match template.get("records").map(|r| &r.kind) {
            Some(json::Kind::List(records)) => records.as_slice(),
            _ => &[],
        };
        if let (true, Some(list)) = (records.is_empty(), template.get("records")) {
            self.warn(list.range.clone(), say!(en: "there are no records", ja: "レコードが 1 つもありません"));
        }
        if records.len() > LIMIT_RECORDS {
            let (range, count) = (template.get("records").map_or(0..0, |r| r.range.clone()), records.len());
            self.wrong(range, say!(en: "{count} records; at most {LIMIT_RECORDS} are read", ja: "レコードが {count} 件あります。読むのは {LIMIT_RECORDS} 件までです"));
            return None;
        }
        self.note_return_paths(records);
        for record in records {
            self.record(record);
        }
        let (provider, service, company, product) = (provider?, service?, company?, product?);
        self.check_names();
        self.try_out();
        let flag = |key| template.get(key).is_some_and(|v| v.kind == json::Kind::Boolean(true));
        let version = template.get("version").and_then(|v| match &v.kind {
            json::Kind::Number(n) => Some(n.as_str()),
            _ => None,
        });
        let id = format!("{provider}.{service}").to_ascii_lowercase();
        let name = if product.to_lowercase().starts_with(&company.to_lowercase()) {
            product
        } else {
            format!("{company} {product}")
        };
        Some(self.sender(id, name, &company, version, flag("hostRequired"), flag("multiInstance")))
    }

    /// The template of ours.
    fn sender(
        &mut self,
        id: String,
        name: String,
        company: &str,
        version: Option<&str>,
        host_required: bool,
        multi_instance: bool,
    ) -> Sender {
        let spf = self.spf_section();
        let sends = !spf.terms.is_empty()
            || !self.dkim.is_empty()
            || self.records.iter().any(|r| r.purpose == Purpose::ReturnPath);
        if !sends {
            self.give_other_roles();
        }
        let used: Vec<Role> = self
            .records
            .iter()
            .map(|r| r.when.role)
            .chain(self.redirects.iter().map(|r| r.when.role))
            .chain(sends.then_some(Role::Send))
            .collect();
        let default_roles = ROLES.iter().map(|(_, role)| *role).filter(|role| used.contains(role)).collect();
        let groups = std::mem::take(&mut self.groups);
        let groups = groups.into_iter().map(|(name, has)| (name, Text::same(excerpt(&has.join(", "), 300)))).collect();
        let source = Evidence {
            facts: vec!["all".to_owned()],
            url: format!("Domain Connect template {id}"),
            date: version.map_or_else(|| "no version".to_owned(), |v| format!("version {}", excerpt(v, 20))),
            trust: Trust::TemplateRepo,
            surface: Surface::Both,
            note: String::new(),
        };
        Sender {
            id,
            name: Text::same(name),
            aliases: Vec::new(),
            kind: "saas",
            japanese: false,
            engine: None,
            via: None,
            own_address: None,
            recognise: Recognise::default(),
            variables: std::mem::take(&mut self.variables).finish(company),
            mail_from: None,
            alternatives: Vec::new(),
            groups,
            default_roles,
            host_required,
            multi_instance: Some(multi_instance),
            spf,
            dkim: std::mem::take(&mut self.dkim),
            dkim_note: None,
            records: std::mem::take(&mut self.records),
            redirects: std::mem::take(&mut self.redirects),
            switches: Vec::new(),
            retired: Vec::new(),
            notes: Vec::new(),
            sources: vec![source],
        }
    }

    /// Where the SPF terms go. SPF at the applied name is what the vendor asks for there; SPF at another name is of use to mail with
    /// that name as Return-Path only, so the first such name is the Return-Path host.
    fn spf_section(&mut self) -> Spf {
        let drafts = std::mem::take(&mut self.spf);
        let at_from = drafts.iter().any(|d| d.at.is_none());
        let host = if at_from { None } else { drafts.iter().find_map(|d| d.at.clone()) };
        let needed = match (at_from, &host, self.dkim.is_empty()) {
            (true, ..) => SpfNeeded::VendorAsks,
            (false, Some(_), _) => SpfNeeded::Subdomain,
            (false, None, false) => SpfNeeded::Unknown,
            (false, None, true) => SpfNeeded::No,
        };
        let note = (needed == SpfNeeded::Unknown).then(
            || say!(en: "its Domain Connect template has no SPF", ja: "Domain Connect の設定データに SPF がありません"),
        );
        let terms = drafts
            .into_iter()
            .map(|draft| {
                let own = |(written, _): &(String, Expression)| {
                    host.as_ref().is_none_or(|(h, _)| folded(h) != folded(written))
                };
                SpfTerm {
                    value: draft.value,
                    name: draft.at.filter(own).map(|(_, name)| name),
                    when: condition(Role::Send, draft.group),
                }
            })
            .collect();
        Spf { needed, note, host: host.map(|(_, name)| name), terms }
    }

    /// Nothing of this template has to do with sending: what has no role of its own takes that of its other records.
    fn give_other_roles(&mut self) {
        let others: Vec<Role> = self.records.iter().map(|r| r.when.role).filter(|r| *r != Role::Send).collect();
        let others = others.into_iter().chain(self.redirects.iter().map(|r| r.when.role)).collect::<Vec<_>>();
        let order = [Role::Web, Role::Receive, Role::MailApps];
        let other = order.into_iter().find(|r| others.contains(r)).unwrap_or(Role::Verify);
        for record in self.records.iter_mut().filter(|r| r.when.role == Role::Send) {
            record.when.role = other;
        }
    }

    /// A key that stands twice means one thing to one reader and another to the next.
    fn twice(&self, members: &[Member]) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for member in members {
            let times = seen.entry(&member.key).or_default();
            *times += 1;
            if *times == 2 {
                let key = excerpt(&member.key, 40);
                self.error(
                    "domain-connect-json",
                    member.key_range.clone(),
                    say!(en: "`{key}` stands twice", ja: "`{key}` が 2 回あります"),
                );
            }
        }
    }

    /// Looks at the template's properties; false if what the records need is not there.
    fn properties(&self, template: Object<'_>) -> bool {
        let mut readable = true;
        for member in template.members {
            let Some((key, wanted, matters)) = PROPERTIES.iter().find(|p| p.0 == member.key) else { continue };
            let value = &member.value;
            let (fits, expected) = match wanted {
                Wanted::Text => (matches!(value.kind, json::Kind::Text(_)), say!(en: "a string", ja: "文字列")),
                Wanted::Flag => {
                    (matches!(value.kind, json::Kind::Boolean(_)), say!(en: "true or false", ja: " true か false "))
                }
                Wanted::List => (matches!(value.kind, json::Kind::List(_)), say!(en: "a list", ja: "一覧（[ … ]）")),
                Wanted::Version => {
                    let whole = matches!(&value.kind, json::Kind::Number(n) if n.bytes().all(|b| b.is_ascii_digit()) && n != "0");
                    (whole, say!(en: "a whole number from 1", ja: " 1 以上の整数"))
                }
            };
            if !fits {
                self.wrong_kind(key, value, &expected, *matters);
                readable &= !(*matters && *key == "records");
            }
        }
        for key in ["providerId", "providerName", "serviceId", "serviceName", "records"] {
            if !template.has(key) {
                self.missing(template, key, PROPERTIES.iter().map(|p| p.0), None);
                readable &= key != "records";
            }
        }
        let version = template.get("templateSpecVersion");
        if let Some(version) = version.filter(|v| matches!(&v.kind, json::Kind::Number(n) if n != "1")) {
            self.error(
                "domain-connect-version",
                version.range.clone(),
                say!(en: "only version 1 of the template specification is known", ja: "テンプレートの仕様は、版 1 だけに対応しています"),
            );
        }
        readable
    }

    /// Says that a key is missing, at the key that is likely meant, or at the head.
    fn missing<'k>(&self, object: Object<'_>, key: &str, known: impl Iterator<Item = &'k str>, of: Option<&str>) {
        let known: Vec<&str> = known.collect();
        let slip = object
            .members
            .iter()
            .find(|m| !known.contains(&m.key.as_str()) && did_you_mean(&m.key, known.iter().copied()) == Some(key));
        let title = match of {
            Some(of) => say!(en: "{of} needs `{key}`", ja: "{of} には `{key}` が必要です"),
            None => say!(en: "`{key}` is missing", ja: "`{key}` がありません"),
        };
        let finding = Finding::error("domain-connect-missing", title);
        self.sink.push(match slip {
            Some(slip) => finding
                .at(self.span(slip.key_range.clone()), Text::default())
                .next(say!(en: "did you mean `{key}`?", ja: "`{key}` ではありませんか"))
                .fix(
                    say!(en: "write `{key}`", ja: "`{key}` に直す"),
                    self.span(slip.key_range.clone()),
                    format!("\"{key}\""),
                ),
            None => finding.at(object.head, Text::default()),
        });
    }

    /// `crit` names what a reader must understand.
    fn critical(&self, object: Object<'_>, known: &[&str]) {
        let Some(value) = object.get("crit") else { return };
        let json::Kind::List(items) = &value.kind else { return };
        if items.is_empty() {
            self.warn(
                value.range.clone(),
                say!(en: "`crit` must not be empty", ja: "`crit` を空にすることはできません"),
            );
        }
        for item in items {
            let json::Kind::Text(name) = &item.kind else {
                self.wrong_kind("crit", item, &say!(en: "a list of strings", ja: "文字列の一覧"), true);
                continue;
            };
            // What is not there need not be understood.
            if !known.contains(&name.as_str()) && object.has(name) {
                let name = excerpt(name, 40);
                self.error(
                    "domain-connect-crit",
                    item.range.clone(),
                    say!(en: "`{name}` is not known here, and the template says that it must be", ja: "`{name}` には対応していません（テンプレートでは、対応が必須とされています）"),
                );
            }
        }
    }

    fn id(&self, template: Object<'_>, key: &str) -> Option<String> {
        let text = template.string(key)?;
        if !is_id(text) {
            let range = template.get(key)?.range.clone();
            self.wrong(range, say!(en: "`{key}` is 1 to {LONGEST_ID} letters, digits, - _ .", ja: "`{key}` は半角英数字と - _ . で、{LONGEST_ID} 文字までです"));
            return None;
        }
        Some(text.to_owned())
    }

    fn display_name(&self, template: Object<'_>, key: &str) -> Option<String> {
        let text = template.string(key)?;
        let length = text.chars().count();
        if text.trim().is_empty() || length > LONGEST_NAME {
            let range = template.get(key)?.range.clone();
            self.wrong(range, say!(en: "`{key}` is 1 to {LONGEST_NAME} characters, not {length}", ja: "`{key}` は 1〜{LONGEST_NAME} 文字です（いまは {length} 文字です）"));
            return None;
        }
        Some(visible(text.trim()).into_owned())
    }

    /// Which names get SPF: what receives at such a name receives what comes back.
    fn note_return_paths(&mut self, records: &[Value]) {
        for record in records {
            let json::Kind::Object(members) = &record.kind else { continue };
            let object = Object { members, head: self.span(record.range.clone()) };
            let spf = match object.string("type") {
                Some("SPFM") => true,
                Some("TXT") => object.string("data").is_some_and(is_spf_text),
                _ => false,
            };
            if let Some(host) = object.string("host").filter(|h| spf && !matches!(*h, "" | "@" | "%fqdn%.")) {
                self.return_paths.insert(folded(host));
            }
        }
    }

    fn record(&mut self, value: &Value) {
        let json::Kind::Object(members) = &value.kind else {
            self.wrong_kind("records", value, &say!(en: "a list of objects", ja: "オブジェクトの一覧"), true);
            return;
        };
        self.twice(members);
        let head = self.span(value.range.start..value.range.start + 1);
        let object = Object { members, head };
        let Some(kind) = object.get("type") else {
            self.missing(object, "type", FIELDS.iter().copied(), Some("a record"));
            return;
        };
        let object = Object { head: self.span(kind.range.clone()), ..object };
        let json::Kind::Text(rtype) = &kind.kind else {
            self.wrong_kind("type", kind, &say!(en: "a string", ja: "文字列"), true);
            return;
        };
        self.critical(object, FIELDS);
        let Ok(group) = self.group(object) else { return };
        let on_apply = self.on_apply(object);
        let record = Record { object, rtype, group, on_apply };
        match rtype.as_str() {
            "A" => self.address(&record, Rtype::A),
            "AAAA" => self.address(&record, Rtype::AAAA),
            "CNAME" => self.cname(&record),
            "APEXCNAME" => self.apex_cname(&record),
            "NS" => self.ns(&record),
            "MX" => self.mx(&record),
            "TXT" => self.txt(&record),
            "SRV" => self.srv(&record),
            "SPFM" => self.spfm(&record),
            "REDIR301" => self.redirect(&record, 301),
            "REDIR302" => self.redirect(&record, 302),
            _ => self.generic(&record, kind),
        }
    }

    /// The group of a record; `Err` if it can't be told which.
    fn group(&mut self, object: Object<'_>) -> Result<Option<String>, ()> {
        let Some(value) = object.get("groupId") else { return Ok(None) };
        let json::Kind::Text(group) = &value.kind else {
            self.wrong_kind("groupId", value, &say!(en: "a string", ja: "文字列"), true);
            return Err(());
        };
        if !is_id(group) {
            self.wrong(value.range.clone(), say!(en: "`groupId` is 1 to {LONGEST_ID} letters, digits, - _ . without variables", ja: "`groupId` は半角英数字と - _ . で、{LONGEST_ID} 文字までです（変数は使えません）"));
            return Err(());
        }
        let rtype = match object.string("type").unwrap_or_default() {
            "SPFM" => "SPF",
            other => other,
        };
        let host = object.string("host").or(object.string("name")).filter(|h| !h.is_empty()).unwrap_or("@");
        let part = excerpt(&format!("{rtype} {host}"), 80);
        match self.groups.iter_mut().find(|(name, _)| name == group) {
            Some((_, parts)) => parts.push(part),
            None => self.groups.push((group.clone(), vec![part])),
        }
        Ok(Some(group.clone()))
    }

    fn on_apply(&self, object: Object<'_>) -> bool {
        let Some(value) = object.get("essential") else { return false };
        match &value.kind {
            json::Kind::Text(word) if word == "OnApply" => true,
            json::Kind::Text(word) if word == "Always" => false,
            json::Kind::Text(word) => {
                let word = excerpt(word, 20);
                self.warn(value.range.clone(), say!(en: "`essential` is Always or OnApply, not {word}; read as Always", ja: "`essential` は Always か OnApply です（{word} は Always として読みました）"));
                false
            }
            _ => {
                self.wrong_kind("essential", value, &say!(en: "a string", ja: "文字列"), false);
                false
            }
        }
    }

    /// A string that the type needs.
    fn text(&self, record: &Record<'_>, key: &str) -> Option<Field> {
        let Some(value) = record.object.get(key) else {
            self.missing(record.object, key, FIELDS.iter().copied(), Some(record.rtype));
            return None;
        };
        let json::Kind::Text(text) = &value.kind else {
            self.wrong_kind(key, value, &say!(en: "a string", ja: "文字列"), true);
            return None;
        };
        let field = Field::new(text.clone(), value.range.clone());
        if let Some((at, c)) = text.char_indices().find(|(_, c)| c.is_control()) {
            let code = format!("U+{:04X}", u32::from(c));
            self.wrong(field.at(at..at + c.len_utf8()), say!(en: "`{key}` has the control character {code} in it", ja: "`{key}` に制御文字 {code} が入っています"));
            return None;
        }
        Some(field)
    }

    /// The same where absent means the applied name.
    fn host_or_applied(&self, record: &Record<'_>) -> Option<Field> {
        if record.object.has("host") {
            return self.text(record, "host");
        }
        Some(Field::new("@".to_owned(), record.object.head.range()))
    }

    /// What stands in a field, for people.
    fn place(&self, record: &Record<'_>, text: &str) -> String {
        let host =
            record.object.string("host").or(record.object.string("name")).filter(|h| !h.is_empty()).unwrap_or("@");
        let rtype = if record.rtype == "SPFM" { "SPF" } else { record.rtype };
        let owner = format!("{rtype} {host}");
        shown(&if text == host { owner } else { format!("{owner}: {text}") })
    }

    fn expression(&mut self, record: &Record<'_>, field: &Field, kind: Kind<'_>) -> Expression {
        for piece in pieces(&field.text).iter().filter(|p| p.is_variable && PARAMETERS.contains(&p.text)) {
            let name = piece.text;
            self.warn(field.at(piece.range.clone()), say!(en: "`{name}` is a parameter of the protocol and no name for a variable", ja: "`{name}` はプロトコルの引数名なので、変数名に使えません"));
        }
        let place = self.place(record, &field.text);
        let text = self.variables.expression(field, kind, &place);
        At::new(text, self.span(field.range.clone()))
    }

    /// The characters of a name, outside of variables; a name in another script becomes what DNS holds.
    fn name_characters(&self, field: &Field, key: &str) -> Option<Field> {
        let mut out = String::new();
        for piece in pieces(&field.text) {
            if piece.is_variable {
                out.push_str(field.text.get(piece.range).unwrap_or_default());
                continue;
            }
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*') || !c.is_ascii();
            if let Some((at, c)) = piece.text.char_indices().find(|(_, c)| !allowed(*c)) {
                let range = field.at(piece.range.start + at..piece.range.start + at + c.len_utf8());
                let title = match c {
                    '%' => {
                        say!(en: "this % begins no variable: they are %name%, of letters, digits, - and _", ja: "この % は変数になっていません。変数は %名前% と書きます（名前は半角英数字と - _）")
                    }
                    '@' => say!(en: "`@` stands alone, or not at all", ja: "`@` は、それだけで書きます"),
                    c => {
                        say!(en: "`{key}` is a name; “{c}” can't be in it", ja: "`{key}` はホスト名です。「{c}」は使えません")
                    }
                };
                self.wrong(range, title);
                return None;
            }
            if piece.text.is_ascii() {
                out.push_str(piece.text);
                continue;
            }
            match idn::to_ascii(piece.text) {
                Ok(name) => match name.ascii.chars().find(|c| !allowed(*c)) {
                    None => out.push_str(&name.ascii),
                    // Full-width signs become plain ones, a variable's among them.
                    Some(c) => {
                        self.wrong(field.at(piece.range), say!(en: "`{key}` is a name; “{c}” can't be in it", ja: "`{key}` はホスト名です。「{c}」は使えません"));
                        return None;
                    }
                },
                Err(error) => {
                    self.wrong(field.at(piece.range), error.text());
                    return None;
                }
            }
        }
        Some(field.with_text(out))
    }

    /// An owner as an expression: relative to the applied name, or whole with a final dot.
    fn owner(&mut self, record: &Record<'_>, field: &Field) -> Option<Expression> {
        if matches!(field.text.as_str(), "" | "@") {
            return Some(At::new("@".to_owned(), self.span(field.range.clone())));
        }
        let field = self.name_characters(field, "host")?;
        let mut owner = self.expression(record, &field, Kind::Owner);
        let last = pieces(&field.text).last().filter(|p| p.is_variable).map(|p| p.text.to_owned());
        if let Some(last) = last.filter(|name| matches!(name.as_str(), "domain" | "fqdn")) {
            let text = shown(&field.text);
            self.sink.push(
                Finding::warning(
                    "domain-connect-doubled",
                    say!(
                        en: "`{text}` has no final dot, so the domain is added once more",
                        ja: "`{text}` は「.」で終わっていないので、うしろにドメインがもう一度付きます"
                    ),
                )
                .at(self.span(field.range.clone()), Text::default())
                .next(say!(en: "if the %{last}% is the end of the name, write a dot behind it", ja: "%{last}% が名前の終わりなら、そのうしろに「.」を付けてください")),
            );
            owner.value.push_str(".{{ domain }}.");
        }
        self.checks.push((Check::Owner, owner.value.clone(), owner.span));
        Some(owner)
    }

    /// A host that a record points at, as an expression.
    fn target(&mut self, record: &Record<'_>, key: &str) -> Option<Expression> {
        let field = self.text(record, key)?;
        match field.text.as_str() {
            "" => {
                self.wrong(field.range, say!(en: "`{key}` is empty", ja: "`{key}` が空です"));
                return None;
            }
            "@" => return Some(At::new("{{ domain }}".to_owned(), self.span(field.range))),
            _ => {}
        }
        let field = self.name_characters(&field, key)?;
        Some(self.expression(record, &field, Kind::Target))
    }

    /// A number, or a variable that stands for all of it.
    fn number(&mut self, record: &Record<'_>, key: &str, max: u64, example: &'static str) -> Option<Expression> {
        let Some(value) = record.object.get(key) else {
            self.missing(record.object, key, FIELDS.iter().copied(), Some(record.rtype));
            return None;
        };
        let (text, field) = match &value.kind {
            json::Kind::Number(number) => (number.clone(), None),
            json::Kind::Text(text) => (text.clone(), Some(Field::new(text.clone(), value.range.clone()))),
            _ => {
                self.wrong_kind(key, value, &say!(en: "a number", ja: "数"), true);
                return None;
            }
        };
        if let Some(field) = field.filter(|f| pieces(&f.text).iter().any(|p| p.is_variable)) {
            if pieces(&field.text).len() > 1 {
                let text = shown(&field.text);
                self.wrong(field.range, say!(en: "in `{key}` a variable is the whole value, not a part of it as in `{text}`", ja: "`{key}` の変数は、値の一部ではなく全体に使います（いまは `{text}` です）"));
                return None;
            }
            return Some(self.expression(record, &field, Kind::Number(example)));
        }
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse::<u64>().ok().filter(|n| digits && *n <= max) {
            Some(n) => Some(At::new(n.to_string(), self.span(value.range.clone()))),
            None => {
                let text = excerpt(&text, 20);
                self.wrong(value.range.clone(), say!(en: "`{key}` is a whole number from 0 to {max}, not {text}", ja: "`{key}` は 0 から {max} までの整数です（いまは {text} です）"));
                None
            }
        }
    }

    /// The TTL: "best effort", so that a record may do without.
    fn ttl(&mut self, record: &Record<'_>) -> Option<Expression> {
        record.object.get("ttl")?;
        self.number(record, "ttl", u64::from(Ttl::MAX.seconds()), "3600")
    }

    fn push(&mut self, record: &Record<'_>, name: Expression, rtype: Rtype, value: Expression, purpose: Purpose) {
        let ttl = self.ttl(record);
        let span = record.object.head;
        self.checks.push((Check::Rdata(rtype), value.value.clone(), value.span));
        self.records.push(TemplateRecord {
            name,
            at_site: false,
            rtype: At::new(rtype.to_string(), span),
            value,
            purpose,
            optional: false,
            ttl,
            conflict: None,
            on_apply: record.on_apply,
            when: condition(purpose.role(), record.group.clone()),
        });
    }

    fn address(&mut self, record: &Record<'_>, rtype: Rtype) {
        let (host, target) = (self.text(record, "host"), self.text(record, "pointsTo"));
        let (Some(host), Some(target)) = (host, target) else { return };
        let (kind, constant) = match rtype {
            Rtype::A => (Kind::Ip4, target.text.parse::<Ipv4Addr>().is_ok()),
            _ => (Kind::Ip6, target.text.parse::<Ipv6Addr>().is_ok()),
        };
        let variable = pieces(&target.text).iter().any(|p| p.is_variable);
        if !constant && !variable {
            let (text, version) = (shown(&target.text), if rtype == Rtype::A { 4 } else { 6 });
            self.wrong(target.range, say!(en: "`pointsTo` of {rtype} is an IPv{version} address, not `{text}`", ja: "{rtype} の `pointsTo` は IPv{version} アドレスです（いまは `{text}` です）"));
            return;
        }
        let Some(name) = self.owner(record, &host) else { return };
        let value = self.expression(record, &target, kind);
        let purpose = if host.is_applied_name() || begins(&host.text, "www") { Purpose::Web } else { Purpose::Other };
        self.push(record, name, rtype, value, purpose);
    }

    fn cname(&mut self, record: &Record<'_>) {
        let (host, target) = (self.text(record, "host"), self.target(record, "pointsTo"));
        let (Some(host), Some(target)) = (host, target) else { return };
        if self.dkim_record(record, &host, DkimForm::Cname(target.clone())) {
            return;
        }
        let Some(name) = self.owner(record, &host) else { return };
        let purpose = match host.text.as_str() {
            host if begins(host, "_dmarc") => Purpose::Dmarc,
            host if begins(host, "www") => Purpose::Web,
            host if begins(host, "autodiscover") || begins(host, "autoconfig") => Purpose::Client,
            _ => Purpose::Other,
        };
        self.push(record, name, Rtype::CNAME, target, purpose);
    }

    /// An apex alias: what a CNAME would be, if there could be one.
    fn apex_cname(&mut self, record: &Record<'_>) {
        let (host, target) = (self.host_or_applied(record), self.target(record, "pointsTo"));
        let (Some(host), Some(target)) = (host, target) else { return };
        let Some(name) = self.owner(record, &host) else { return };
        self.push(record, name, Rtype::CNAME, target, Purpose::Web);
    }

    fn ns(&mut self, record: &Record<'_>) {
        let host = self.text(record, "host");
        if record.object.string("pointsTo") == Some("@") {
            let range = record.object.get("pointsTo").map_or(0..0, |v| v.range.clone());
            self.wrong(
                range,
                say!(en: "an NS can't point at the name itself", ja: "NS で自分自身を指すことはできません"),
            );
            return;
        }
        let (Some(host), Some(target)) = (host, self.target(record, "pointsTo")) else { return };
        let Some(name) = self.owner(record, &host) else { return };
        self.push(record, name, Rtype::NS, target, Purpose::Delegation);
    }

    fn mx(&mut self, record: &Record<'_>) {
        let (host, target) = (self.text(record, "host"), self.target(record, "pointsTo"));
        let priority = self.number(record, "priority", u64::from(u16::MAX), "10");
        let (Some(host), Some(target), Some(priority)) = (host, target, priority) else { return };
        let Some(name) = self.owner(record, &host) else { return };
        let purpose = if self.return_paths.contains(&folded(&host.text)) { Purpose::ReturnPath } else { Purpose::Mx };
        let value = target.map(|host| format!("{} {host}", priority.value));
        self.push(record, name, Rtype::MX, value, purpose);
    }

    fn srv(&mut self, record: &Record<'_>) {
        let name = self.text(record, "name");
        let (service, protocol) = (self.underscored(record, "service"), self.underscored(record, "protocol"));
        let numbers = [("priority", "10"), ("weight", "0"), ("port", "443")]
            .map(|(key, example)| self.number(record, key, u64::from(u16::MAX), example));
        let target = if record.object.string("target") == Some(".") {
            let range = record.object.get("target").map_or(0..0, |v| v.range.clone());
            Some(At::new(".".to_owned(), self.span(range)))
        } else {
            self.target(record, "target")
        };
        let (Some(name), Some(service), Some(protocol), Some(target)) = (name, service, protocol, target) else {
            return;
        };
        let [Some(priority), Some(weight), Some(port)] = numbers else { return };
        let Some(base) = self.owner(record, &name) else { return };
        let owner = base.map(|base| match base.as_str() {
            "@" => format!("{service}.{protocol}"),
            base => format!("{service}.{protocol}.{base}"),
        });
        let value = target.map(|host| format!("{} {} {} {host}", priority.value, weight.value, port.value));
        const OF_MAIL: &[&str] = &[
            "_autodiscover",
            "_imap",
            "_imaps",
            "_pop3",
            "_pop3s",
            "_submission",
            "_submissions",
            "_jmap",
            "_caldav",
            "_caldavs",
            "_carddav",
            "_carddavs",
        ];
        let purpose = if OF_MAIL.contains(&service.as_str()) { Purpose::Client } else { Purpose::Other };
        self.push(record, owner, Rtype::SRV, value, purpose);
    }

    /// `_service` or `_protocol` of an SRV (RFC 2782). Many leave the underscore out, and there is one way to read that.
    fn underscored(&self, record: &Record<'_>, key: &str) -> Option<String> {
        let field = self.text(record, key)?;
        let label = field.text.strip_prefix('_').unwrap_or(&field.text);
        let sound =
            !label.is_empty() && label.len() <= 62 && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !sound {
            let text = shown(&field.text);
            self.wrong(field.range, say!(en: "`{key}` is a word with `_` in front, such as _tcp, not `{text}`", ja: "`{key}` は _tcp のような、_ で始まる語です（いまは `{text}` です）"));
            return None;
        }
        let whole = format!("_{}", label.to_ascii_lowercase());
        if whole != field.text {
            let text = shown(&field.text);
            self.warn(
                field.range,
                say!(en: "`{key}`: {text} is read as {whole}", ja: "`{key}`: {text} は {whole} として読みました"),
            );
        }
        Some(whole)
    }

    /// The text of a TXT without the quotes and backslashes of zone text.
    fn plain_data(&self, field: &Field) -> Option<Field> {
        let quoted = field.text.starts_with('"');
        if !quoted && !field.text.contains('\\') {
            return Some(field.clone());
        }
        let text = if quoted { field.text.clone() } else { crate::catalogue::variables::in_quotes(&field.text) };
        let read = Rdata::parse(Rtype::TXT, &text, None).map_err(|e| e.text);
        let plain = read.and_then(|rdata| {
            String::from_utf8(rdata.txt_joined()).map_err(|_| say!(en: "not UTF-8", ja: "UTF-8 ではありません"))
        });
        match plain {
            Ok(plain) => Some(field.with_text(plain)),
            Err(why) => {
                self.wrong(field.range.clone(), say!(en: "`data` is not the text of a TXT: {why}", ja: "`data` が TXT の値として読めません: {why}"; why = why));
                None
            }
        }
    }

    fn txt(&mut self, record: &Record<'_>) {
        let (host, data) = (self.text(record, "host"), self.text(record, "data"));
        let conflict = self.conflict(record);
        let (Some(host), Some(data)) = (host, data) else { return };
        let Some(data) = self.plain_data(&data) else { return };
        if spf::is_spf(data.text.as_bytes()) {
            let title = say!(en: "a whole SPF record: it is merged like SPFM, which the specification wants here", ja: "SPF レコード全体が書かれています。仕様どおりの SPFM と同じように、まとめて 1 つにします");
            self.sink
                .push(Finding::advice("domain-connect-spf", title).at(self.span(data.range.clone()), Text::default()));
            self.spf_terms(record, &host, &data);
            return;
        }
        let value = self.expression(record, &data, Kind::Txt(&host.text));
        if self.dkim_record(record, &host, DkimForm::Txt(value.clone())) {
            return;
        }
        let Some(name) = self.owner(record, &host) else { return };
        let purpose = purpose_of_txt(&host.text, &data.text);
        self.push(record, name, Rtype::TXT, value, purpose);
        if let Some(record) = self.records.last_mut() {
            record.conflict = conflict;
        }
    }

    fn conflict(&self, record: &Record<'_>) -> Option<TxtConflict> {
        let string = |key: &'static str| match record.object.get(key).map(|v| (&v.kind, v)) {
            Some((json::Kind::Text(text), value)) => Some((text.as_str(), value.range.clone())),
            Some((_, value)) => {
                self.wrong_kind(key, value, &say!(en: "a string", ja: "文字列"), false);
                None
            }
            None => None,
        };
        let (mode, prefix) = (string("txtConflictMatchingMode"), string("txtConflictMatchingPrefix"));
        match (mode, prefix) {
            (Some(("Prefix", _)), Some((prefix, range))) => {
                let sound = !prefix.is_empty() && prefix.bytes().all(|b| matches!(b, b'!'..=b'~'));
                let constant = !pieces(prefix).iter().any(|p| p.is_variable);
                if sound && constant {
                    return Some(TxtConflict::Prefix(prefix.to_owned()));
                }
                self.warn(range, say!(en: "`txtConflictMatchingPrefix` is printable ASCII without spaces and variables; it is not used", ja: "`txtConflictMatchingPrefix` は空白と変数を含まない半角文字です。使いません"));
                None
            }
            (Some(("Prefix", range)), None) => {
                self.warn(range, say!(en: "the mode Prefix needs `txtConflictMatchingPrefix`; it is not used", ja: "Prefix には `txtConflictMatchingPrefix` が必要です。使いません"));
                None
            }
            (Some(("All", _)), _) => Some(TxtConflict::All),
            (None | Some(("None", _)), None) => None,
            (None | Some(("None", _)), Some((_, range))) => {
                self.warn(range, say!(en: "`txtConflictMatchingPrefix` has no effect without the mode Prefix", ja: "`txtConflictMatchingPrefix` は、モードが Prefix のときだけ効きます"));
                None
            }
            (Some((word, range)), _) => {
                let word = excerpt(word, 20);
                self.warn(range, say!(en: "`txtConflictMatchingMode` is None, All or Prefix, not {word}; read as None", ja: "`txtConflictMatchingMode` は None・All・Prefix のどれかです（{word} は None として読みました）"));
                None
            }
        }
    }

    fn spfm(&mut self, record: &Record<'_>) {
        let (host, rules) = (self.text(record, "host"), self.text(record, "spfRules"));
        let (Some(host), Some(rules)) = (host, rules) else { return };
        if rules.text.trim().is_empty() {
            self.wrong(rules.range, say!(en: "`spfRules` is empty", ja: "`spfRules` が空です"));
            return;
        }
        let read = spf::Record::parse(rules.text.as_bytes());
        if spf::is_spf(rules.text.as_bytes()) {
            self.warn(rules.range.clone(), say!(en: "`spfRules` has no v=spf1 by the specification; it is left out", ja: "仕様では、`spfRules` に v=spf1 は書きません。省きます"));
        }
        if let Some(all) = read.all() {
            let all = excerpt(&all.raw, 20);
            self.warn(rules.range.clone(), say!(en: "`spfRules` has no `{all}` by the specification; it decides nothing", ja: "仕様では、`spfRules` に `{all}` は書きません。結果には影響しません"));
        }
        self.spf_terms(record, &host, &rules);
    }

    fn spf_terms(&mut self, record: &Record<'_>, host: &Field, rules: &Field) {
        let at = if host.is_applied_name() {
            None
        } else {
            let Some(name) = self.owner(record, host) else { return };
            Some((host.text.clone(), name))
        };
        let value = self.expression(record, rules, Kind::Spf);
        self.checks.push((Check::Spf, value.value.clone(), value.span));
        self.spf.push(SpfDraft { at, value, group: record.group.clone() });
    }

    /// Takes a TXT or CNAME at `<selector>._domainkey…` as DKIM; false if it is none.
    fn dkim_record(&mut self, record: &Record<'_>, host: &Field, form: DkimForm) -> bool {
        const MIDDLE: &str = "._domainkey";
        let Some(middle) = host.text.to_ascii_lowercase().find(MIDDLE) else { return false };
        let end = middle + MIDDLE.len();
        let rest = host.text.get(end..).unwrap_or_default();
        if middle == 0 || !(rest.is_empty() || rest.len() > 1 && rest.starts_with('.')) {
            return false;
        }
        let Some(selector) = self.name_characters(&host.part(0..middle), "host") else { return true };
        let selector = self.expression(record, &selector, Kind::Owner);
        let below = match rest {
            "" => None,
            _ => match self.owner(record, &host.part(end + 1..host.text.len())) {
                Some(below) => Some(below),
                None => return true,
            },
        };
        self.checks.push((Check::Owner, format!("{}._domainkey", selector.value), selector.span));
        let (rtype, value) = match &form {
            DkimForm::Cname(value) => (Rtype::CNAME, value),
            DkimForm::Txt(value) => (Rtype::TXT, value),
            DkimForm::CustomerKey { .. } => return false,
        };
        self.checks.push((Check::Rdata(rtype), value.value.clone(), value.span));
        let ttl = self.ttl(record);
        self.dkim.push(Dkim {
            selector,
            host: below,
            form,
            vendor_check: VendorCheck::Unknown,
            key_bits: None,
            key_length: KeyLength::Unknown,
            find: None,
            ttl,
            on_apply: record.on_apply,
            when: condition(Role::Send, record.group.clone()),
        });
        true
    }

    fn redirect(&mut self, record: &Record<'_>, code: u16) {
        let (host, target) = (self.host_or_applied(record), self.text(record, "target"));
        let (Some(host), Some(target)) = (host, target) else { return };
        if target.text.is_empty() || !target.text.bytes().all(|b| matches!(b, b'!'..=b'~')) {
            self.wrong(target.range, say!(en: "`target` is a domain or the address of a page", ja: "`target` は、ドメインか Web ページのアドレスです"));
            return;
        }
        let Some(name) = self.owner(record, &host) else { return };
        let target = self.expression(record, &target, Kind::Page);
        self.redirects.push(Redirect { name, target, code, when: condition(Role::Web, record.group.clone()) });
    }

    /// Any other type, with its data in presentation format.
    fn generic(&mut self, record: &Record<'_>, kind: &Value) {
        let written = excerpt(record.rtype, 20);
        let upper = !record.rtype.bytes().any(|b| b.is_ascii_lowercase());
        let known = record.rtype.parse::<Rtype>().ok().filter(|_| upper);
        let Some(rtype) = known else {
            let known =
                ["A", "AAAA", "CNAME", "MX", "TXT", "SRV", "NS", "SPFM", "APEXCNAME", "REDIR301", "REDIR302", "CAA"];
            let mut finding = Finding::error(
                "domain-connect-record-type",
                say!(en: "`{written}` is not a record type that is known here", ja: "`{written}` というレコード種別はありません"),
            )
            .at(self.span(kind.range.clone()), Text::default());
            if let Some(near) = did_you_mean(record.rtype, known) {
                finding = finding.next(say!(en: "did you mean {near}?", ja: "{near} ではありませんか"));
            }
            self.sink.push(finding);
            return;
        };
        // By its number too a type has the fields that its name has.
        let own_fields = [Rtype::A, Rtype::AAAA, Rtype::CNAME, Rtype::NS, Rtype::MX, Rtype::TXT, Rtype::SRV];
        if own_fields.contains(&rtype) {
            self.error("domain-connect-record-type", kind.range.clone(), say!(en: "`{written}` is written {rtype}, with the fields of that", ja: "`{written}` は {rtype} と書き、その項目を使います"));
            return;
        }
        if OF_THE_SERVER.contains(&rtype.to_string().as_str()) {
            self.error("domain-connect-record-type", kind.range.clone(), say!(en: "{written} is made by the name server, not by a template", ja: "{written} はネームサーバーが作るもので、テンプレートには書けません"));
            return;
        }
        let (host, data) = (self.text(record, "host"), self.text(record, "data"));
        let (Some(host), Some(data)) = (host, data) else { return };
        let Some(name) = self.owner(record, &host) else { return };
        let variable = pieces(&data.text).iter().any(|p| p.is_variable);
        let value = self.expression(record, &data, Kind::Data);
        self.push(record, name, rtype, value, Purpose::Other);
        // What a made-up value in the middle of any type's data would have to be is not known.
        if variable {
            self.checks.pop();
        }
    }

    /// Two variables whose names are one in our expressions can't be told apart.
    fn check_names(&self) {
        if let Some((first, second, range)) = self.variables.collision() {
            let (first, second) = (excerpt(first, 40), excerpt(second, 40));
            self.wrong(range, say!(en: "the variables `{first}` and `{second}` differ only in - and _", ja: "変数 `{first}` と `{second}` は、- と _ しか違いません"));
        }
    }

    /// Fills in made-up values: what then is no record is not one with any values.
    fn try_out(&self) {
        let engine = Engine::default();
        let samples = self.variables.samples();
        let mut told = BTreeSet::new();
        for (check, expression, span) in &self.checks {
            if let Err(why) = try_one(check, expression, &engine, &samples)
                && told.insert(*span)
            {
                self.sink.push(
                    Finding::error("domain-connect-value", say!(en: "this gives no valid record: {why}", ja: "このままでは正しいレコードになりません: {why}"; why = why))
                        .at(*span, Text::default()),
                );
            }
        }
    }
}

fn try_one(check: &Check, expression: &str, engine: &Engine, samples: &BTreeMap<String, String>) -> Result<(), Text> {
    let value = engine.evaluate(expression, samples).map_err(|why| Text::same(excerpt(&why, 200)))?;
    match check {
        Check::Owner if matches!(value.as_str(), "" | "@") => Ok(()),
        Check::Owner => Name::parse_absolute(&value).map(|_| ()).map_err(|e| e.text()),
        Check::Rdata(Rtype::TXT) => Rdata::txt(value.as_bytes()).map(|_| ()).map_err(|e| e.text),
        Check::Rdata(rtype) => Rdata::parse(*rtype, &value, Some(&Name::root())).map(|_| ()).map_err(|e| e.text),
        Check::Spf => match spf::Record::parse(value.as_bytes()).problems().first() {
            Some(problem) => Err(problem.text()),
            None => Ok(()),
        },
    }
}

fn condition(role: Role, group: Option<String>) -> Condition {
    Condition { role, if_web: None, choice: BTreeMap::new(), group }
}

/// What a TXT that is neither SPF nor DKIM is for, as far as it can be seen: a known protocol, or a token that proves ownership.
fn purpose_of_txt(host: &str, data: &str) -> Purpose {
    let (host, data) = (host.to_ascii_lowercase(), data.to_ascii_lowercase());
    let versions = ["v=bimi1", "v=tlsrptv1", "v=stsv1", "v=dkim1"];
    let names = ["_bimi", "_tls", "_mta-sts", "_domainkey"];
    if begins(&host, "_dmarc") || data.starts_with("v=dmarc1") {
        Purpose::Dmarc
    } else if versions.iter().any(|v| data.starts_with(v)) || names.iter().any(|n| host.contains(n)) {
        Purpose::Other
    } else if data.contains("verif") || host.contains("verif") || host.starts_with('_') || data.contains("=%") {
        Purpose::Verification
    } else {
        Purpose::Other
    }
}
