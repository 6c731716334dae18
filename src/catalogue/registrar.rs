//! A registrar's template: the form's own words, what it can take, and what it does to what is typed.

use crate::report::Text;
use crate::say;
use crate::toml_reader::{Sink, Table};

use super::facts::{Evidence, both, read_sources};
use super::limits::{self, Limit, LimitOrigin};

/// How the host field is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostForm {
    /// Only what stands left of the domain.
    Relative,
    /// The whole name with its final dot.
    FqdnWithDot,
}

/// Whether a target is typed with its final dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalDot {
    /// Without it the form appends the domain.
    Required,
    /// Leave it off.
    Omit,
    /// The form refuses it.
    Forbidden,
    /// Both work.
    Optional,
}

/// The form's own labels and habits. What is absent is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Label of the host field.
    pub host: Option<String>,
    /// Label of the type field.
    pub rtype: Option<String>,
    /// Label of the TTL field.
    pub ttl: Option<String>,
    /// Label of the value field.
    pub value: Option<String>,
    /// Label of the MX priority field.
    pub priority: Option<String>,
    /// How to get there.
    pub menu_path: Option<String>,
    /// What is typed for the domain itself: `@` or nothing.
    pub apex_host: Option<String>,
    /// How the host field is filled in.
    pub host_form: Option<HostForm>,
    /// Whether a target is typed with its final dot.
    pub final_dot: Option<FinalDot>,
    /// Where the MX priority goes.
    pub mx_priority: Option<String>,
    /// How an SRV is typed.
    pub srv: Option<String>,
    /// How a CAA is typed.
    pub caa: Option<String>,
    /// Whether the form is one text of the whole zone.
    pub whole_zone_text: Option<String>,
}

/// How the panel is known from the name servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameServers {
    /// Hosts that are the same for every zone.
    pub exact: Vec<String>,
    /// Suffixes.
    pub suffixes: Vec<String>,
    /// Regular expressions on the whole host.
    pub patterns: Vec<String>,
    /// Hosts of a fresh domain, which may not serve this panel's records.
    pub defaults: Vec<String>,
    /// Other registrars that the same hosts can mean.
    pub shared_with: Vec<String>,
}

/// A trap of the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quirk {
    /// What happens.
    pub text: Text,
    /// Address or kind of the source.
    pub url: String,
    /// How the source knows it.
    pub trust: super::facts::Trust,
    /// When it was looked up.
    pub date: String,
}

/// A company in whose panel or API the zone's records are edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registrar {
    /// Identifier: the file's name.
    pub id: String,
    /// The company as it calls itself.
    pub name: Text,
    /// Other names that people use.
    pub aliases: Vec<String>,
    /// Two letters.
    pub country: String,
    /// registrar-panel, hosting-panel, dns-host, cloud.
    pub kind: String,
    /// What the whole entry is, where that must be said (the story's profile).
    pub about: Option<Text>,
    /// The form's labels and habits.
    pub form: Form,
    /// Known limits. Each has at least one source.
    pub limits: Vec<Limit>,
    /// How the panel is known from the name servers.
    pub name_servers: NameServers,
    /// Traps.
    pub quirks: Vec<Quirk>,
    /// All sources.
    pub sources: Vec<Evidence>,
}

const KINDS: &[(&str, ())] =
    &[("registrar-panel", ()), ("hosting-panel", ()), ("dns-host", ()), ("cloud", ()), ("fictional", ())];

/// Reads a registrar's template.
pub(super) fn read(table: &Table<'_>) -> Option<Registrar> {
    let id = table.need_string("id");
    let name = both(table, "name");
    let aliases = table.strings("aliases").into_iter().map(|a| a.value).collect();
    let country = table.need_string("country");
    let kind = table.need_string("kind").filter(|k| table.meaning(k, KINDS).is_some());
    let about = both(table, "about");
    let sources = read_sources(table);
    let form = table.table("form").map(|t| read_form(&t)).unwrap_or_default();
    let name_servers = table.table("name-servers").map(|t| read_name_servers(&t)).unwrap_or_default();
    let limits = table.table("limits").map(|t| read_limits(&t, &sources)).unwrap_or_default();
    let quirks = table.tables("quirk").iter().filter_map(read_quirk).collect();
    table.finish();
    Some(Registrar {
        id: id?.value,
        name: name?,
        aliases,
        country: country?.value,
        kind: kind?.value,
        about,
        form,
        limits,
        name_servers,
        quirks,
        sources,
    })
}

fn read_form(t: &Table<'_>) -> Form {
    let text = |key| t.string(key).map(|s| s.value);
    let form = Form {
        host: text("host-label"),
        rtype: text("type-label"),
        ttl: text("ttl-label"),
        value: text("value-label"),
        priority: text("priority-label"),
        menu_path: text("menu-path"),
        apex_host: text("apex-host"),
        host_form: t
            .string("host-form")
            .and_then(|w| t.meaning(&w, &[("relative", HostForm::Relative), ("fqdn-with-dot", HostForm::FqdnWithDot)])),
        final_dot: t.string("target-trailing-dot").and_then(|w| {
            t.meaning(
                &w,
                &[
                    ("required", FinalDot::Required),
                    ("omit", FinalDot::Omit),
                    ("forbidden", FinalDot::Forbidden),
                    ("optional", FinalDot::Optional),
                ],
            )
        }),
        mx_priority: text("mx-priority"),
        srv: text("srv-format"),
        caa: text("caa-format"),
        whole_zone_text: text("whole-zone-text"),
    };
    t.finish();
    form
}

fn read_name_servers(t: &Table<'_>) -> NameServers {
    let list = |key| t.strings(key).into_iter().map(|s| s.value).collect();
    let read = NameServers {
        exact: list("exact"),
        suffixes: list("suffixes"),
        patterns: list("patterns"),
        defaults: list("defaults"),
        shared_with: list("shared-with"),
    };
    t.finish();
    read
}

fn read_limits(t: &Table<'_>, sources: &[Evidence]) -> Vec<Limit> {
    let mut out = Vec::new();
    for (name, value) in t.entries() {
        let Some(key) = limits::key(name.value) else {
            t.unknown(&name, limits::KEYS.iter().map(|k| k.name));
            continue;
        };
        let evidence: Vec<Evidence> =
            sources.iter().filter(|s| s.facts.iter().any(|f| f == key.name)).cloned().collect();
        if evidence.is_empty() {
            let name = key.name;
            t.sink().push(
                crate::report::Finding::error(
                    "template-fact-without-source",
                    say!(en: "no `[[source]]` states `{name}`", ja: "`{name}` の出典（`[[source]]`）がありません"),
                )
                .at(value.span, Text::default()),
            );
        }
        if let Some(value) = limits::read_value(key, &value) {
            out.push(Limit { key, value, origin: LimitOrigin::Catalogue(evidence) });
        }
    }
    out
}

fn read_quirk(t: &Table<'_>) -> Option<Quirk> {
    let en = t.need_string("en");
    let ja = t.need_string("ja");
    let url = t.need_string("url");
    let date = t.need_string("date");
    let trust = t.need_string("confidence").and_then(|w| super::facts::trust(t, &w));
    t.finish();
    Some(Quirk { text: Text { en: en?.value, ja: ja?.value }, url: url?.value, trust: trust?, date: date?.value })
}

/// Reads a registrar's template from its text.
pub fn parse(text: &str, sink: &Sink) -> Option<Registrar> {
    crate::toml_reader::parse(text, sink, read).flatten()
}
