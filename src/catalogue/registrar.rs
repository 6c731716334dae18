//! A registrar's template: the form's own words, what it can take, and what it does to what is typed.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::mail::spf::Network;
use crate::report::{Finding, Text, excerpt};
use crate::say;
use crate::toml_reader::{Sink, Table};
use crate::zone::Rtype;

use super::facts::{Evidence, both, need_both, read_sources};
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

/// The words of `host-form`.
pub(crate) const HOST_FORMS: &[(&str, HostForm)] =
    &[("relative", HostForm::Relative), ("fqdn-with-dot", HostForm::FqdnWithDot)];

/// The words of `target-trailing-dot`.
pub(crate) const FINAL_DOTS: &[(&str, FinalDot)] = &[
    ("required", FinalDot::Required),
    ("omit", FinalDot::Omit),
    ("forbidden", FinalDot::Forbidden),
    ("optional", FinalDot::Optional),
];

/// The words of `mx-priority`.
pub(crate) const MX_PRIORITIES: &[(&str, MxPriority)] =
    &[("field", MxPriority::Field), ("in-value", MxPriority::InValue)];

/// The words of `srv-format`.
pub(crate) const SRV_FORMATS: &[(&str, SrvBoxes)] =
    &[("in-value", SrvBoxes::InValue), ("priority-field", SrvBoxes::PriorityField), ("fields", SrvBoxes::Fields)];

/// The words of `caa-format`.
pub(crate) const CAA_FORMATS: &[(&str, CaaBoxes)] = &[("in-value", CaaBoxes::InValue)];

/// Where the priority of an MX goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MxPriority {
    /// Into a box of its own.
    Field,
    /// Into the value, before the target.
    InValue,
}

/// How the numbers of an SRV and its target are spread over boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SrvBoxes {
    /// `priority weight port target`, all in the value.
    InValue,
    /// The priority in its own box; `weight port target` in the value.
    PriorityField,
    /// Priority, weight and port each in a box of its own; the target in the value.
    Fields,
}

/// How a CAA is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaaBoxes {
    /// `flags tag "value"`, all in the value box, with the quotes.
    InValue,
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
    /// What the type field calls a type, where it is more or other than the mnemonic.
    pub type_labels: BTreeMap<String, String>,
    /// How to get there.
    pub menu_path: Option<String>,
    /// What is typed for the domain itself: `@` or nothing.
    pub apex_host: Option<String>,
    /// How the host field is filled in.
    pub host_form: Option<HostForm>,
    /// Whether a target is typed with its final dot.
    pub final_dot: Option<FinalDot>,
    /// Where the MX priority goes.
    pub mx_priority: Option<MxPriority>,
    /// How an SRV is typed.
    pub srv: Option<SrvBoxes>,
    /// How a CAA is typed.
    pub caa: Option<CaaBoxes>,
    /// Whether the address of an A record is typed into four boxes, one number in each.
    pub a_four_boxes: Option<bool>,
    /// Whether the form is one text of the whole zone.
    pub whole_zone_text: Option<String>,
    /// Where the panel takes a zone file.
    pub zone_import: Option<String>,
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

impl NameServers {
    /// Whether a host, in lower case without its final dot, serves this panel's records.
    #[must_use]
    pub fn serve(&self, host: &str) -> bool {
        let below =
            |suffix: &String| host == suffix || host.strip_suffix(suffix.as_str()).is_some_and(|h| h.ends_with('.'));
        let of_form = |p: &String| regex_lite::Regex::new(p).is_ok_and(|r| r.is_match(host));
        self.exact.iter().any(|h| h == host) || self.suffixes.iter().any(below) || self.patterns.iter().any(of_form)
    }
}

/// Servers of the company through which a name can go: who looks it up gets their addresses, and not what the panel holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxy {
    /// Their addresses.
    pub networks: Vec<Network>,
    /// The form's own word for a record that does not go through them.
    pub off: Option<Text>,
}

impl Proxy {
    /// Whether an address is one of theirs.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains_address(address))
    }
}

/// A card of the worksheet in which a trap stands: where the finger is, not in a header that nobody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuirkAt {
    /// Before anything: name servers, presets, which panel.
    Start,
    /// Every card that is entered: saving, confirm screens, checkboxes at the foot of the form.
    Save,
    /// How to look whether it is there: wildcard answers, waiting.
    Check,
    /// A record of this type.
    Type(Rtype),
    /// The SPF record.
    Spf,
    /// A DKIM record.
    Dkim,
    /// The DMARC record.
    Dmarc,
    /// A record of the domain itself.
    Apex,
    /// The host box of any record.
    Host,
    /// A record whose value is a name.
    Target,
    /// The text of the whole zone, where the form is that.
    WholeZone,
    /// Handing in a zone file.
    ZoneImport,
    /// True, but not for somebody who types: API, exports, history.
    None,
}

/// The words of `at` in `[[quirk]]`.
pub(crate) const PLACES: &[(&str, QuirkAt)] = &[
    ("start", QuirkAt::Start),
    ("save", QuirkAt::Save),
    ("check", QuirkAt::Check),
    ("A", QuirkAt::Type(Rtype::A)),
    ("AAAA", QuirkAt::Type(Rtype::AAAA)),
    ("CNAME", QuirkAt::Type(Rtype::CNAME)),
    ("MX", QuirkAt::Type(Rtype::MX)),
    ("TXT", QuirkAt::Type(Rtype::TXT)),
    ("SRV", QuirkAt::Type(Rtype::SRV)),
    ("CAA", QuirkAt::Type(Rtype::CAA)),
    ("NS", QuirkAt::Type(Rtype::NS)),
    ("spf", QuirkAt::Spf),
    ("dkim", QuirkAt::Dkim),
    ("dmarc", QuirkAt::Dmarc),
    ("apex", QuirkAt::Apex),
    ("host", QuirkAt::Host),
    ("target", QuirkAt::Target),
    ("whole-zone", QuirkAt::WholeZone),
    ("zone-import", QuirkAt::ZoneImport),
    ("none", QuirkAt::None),
];

/// A trap of the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quirk {
    /// The cards in which it stands: each that any of these names. At least one.
    pub at: Vec<QuirkAt>,
    /// What happens, and what to do.
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
    /// Servers of its own that names can go through.
    pub proxy: Option<Proxy>,
    /// Traps.
    pub quirks: Vec<Quirk>,
    /// All sources.
    pub sources: Vec<Evidence>,
}

/// What a registrar is.
pub(crate) const KINDS: &[(&str, ())] =
    &[("registrar-panel", ()), ("hosting-panel", ()), ("dns-host", ()), ("cloud", ()), ("fictional", ())];

/// Reads a registrar's template.
pub(super) fn read(table: &Table<'_>) -> Option<Registrar> {
    let id = table.need_string("id");
    let name = need_both(table, "name");
    let aliases = table.strings("aliases").into_iter().map(|a| a.value).collect();
    let country = table.need_string("country");
    let kind = table.need_string("kind").filter(|k| table.meaning(k, KINDS).is_some());
    let about = both(table, "about");
    let sources = read_sources(table);
    let form = table.table("form").map(|t| read_form(&t, &sources)).unwrap_or_default();
    let name_servers = table.table("name-servers").map(|t| read_name_servers(&t, &sources)).unwrap_or_default();
    let limits = table.table("limits").map(|t| read_limits(&t, &sources)).unwrap_or_default();
    let proxy = table.table("proxy").map(|t| read_proxy(&t, &sources));
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
        proxy,
        quirks,
        sources,
    })
}

fn read_form(t: &Table<'_>, sources: &[Evidence]) -> Form {
    sourced(t, sources);
    let text = |key| t.string(key).map(|s| s.value);
    let form = Form {
        host: text("host-label"),
        rtype: text("type-label"),
        ttl: text("ttl-label"),
        value: text("value-label"),
        priority: text("priority-label"),
        type_labels: t.table("type-labels").map(|t| read_type_labels(&t)).unwrap_or_default(),
        menu_path: text("menu-path"),
        apex_host: text("apex-host"),
        host_form: word(t, "host-form", HOST_FORMS),
        final_dot: word(t, "target-trailing-dot", FINAL_DOTS),
        mx_priority: word(t, "mx-priority", MX_PRIORITIES),
        srv: word(t, "srv-format", SRV_FORMATS),
        caa: word(t, "caa-format", CAA_FORMATS),
        a_four_boxes: t.boolean("a-four-boxes").map(|b| b.value),
        whole_zone_text: text("whole-zone-text"),
        zone_import: text("zone-import"),
    };
    t.finish();
    form
}

/// The meaning of a key whose value is one of a few words.
fn word<T: Copy>(t: &Table<'_>, key: &'static str, words: &[(&str, T)]) -> Option<T> {
    t.string(key).and_then(|w| t.meaning(&w, words))
}

fn read_type_labels(t: &Table<'_>) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for (rtype, label) in t.entries() {
        if rtype.value.parse::<Rtype>().is_err() {
            t.unknown(&rtype, ["A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA"]);
        }
        match label.string() {
            Some(label) => {
                out.insert(rtype.value.to_owned(), label.to_owned());
            }
            None => label.not_expected(rtype.value, &say!(en: "a string", ja: "文字列")),
        }
    }
    out
}

/// Says which keys of a table no source states.
fn sourced(t: &Table<'_>, sources: &[Evidence]) {
    for (name, value) in t.entries() {
        if sources.iter().any(|s| s.facts.iter().any(|f| f == name.value)) {
            continue;
        }
        let name = name.value;
        t.sink().push(
            Finding::error(
                "template-fact-without-source",
                say!(en: "no `[[source]]` states `{name}`", ja: "`{name}` の出典（`[[source]]`）がありません"),
            )
            .at(value.span, Text::default()),
        );
    }
}

fn read_name_servers(t: &Table<'_>, sources: &[Evidence]) -> NameServers {
    sourced(t, sources);
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

fn read_proxy(t: &Table<'_>, sources: &[Evidence]) -> Proxy {
    sourced(t, sources);
    let read = |text: &str| -> Option<Network> {
        let (address, prefix) = text.split_once('/')?;
        let (address, prefix): (IpAddr, u8) = (address.parse().ok()?, prefix.parse().ok()?);
        let network = Network::new(address, prefix);
        // Host bits, or more bits than there are, are a slip: another range is meant.
        (network.address() == address && network.prefix() == prefix).then_some(network)
    };
    let mut networks = Vec::new();
    for one in t.strings("networks") {
        match read(&one.value) {
            Some(network) => networks.push(network),
            None => {
                let shown = excerpt(&one.value, 40);
                t.sink().push(
                    Finding::error(
                        "template-network",
                        say!(en: "`{shown}` is no range of addresses such as 192.0.2.0/24", ja: "`{shown}` はアドレスの範囲ではありません（例: 192.0.2.0/24）"),
                    )
                    .at(one.span, Text::default()),
                );
            }
        }
    }
    let proxy = Proxy { networks, off: both(t, "off") };
    t.finish();
    proxy
}

fn read_limits(t: &Table<'_>, sources: &[Evidence]) -> Vec<Limit> {
    sourced(t, sources);
    let mut out = Vec::new();
    for (name, value) in t.entries() {
        let Some(key) = limits::key(name.value) else {
            t.unknown(&name, limits::KEYS.iter().map(|k| k.name));
            continue;
        };
        let evidence: Vec<Evidence> =
            sources.iter().filter(|s| s.facts.iter().any(|f| f == key.name)).cloned().collect();
        if let Some(value) = limits::read_value(key, &value) {
            out.push(Limit { key, value, origin: LimitOrigin::Catalogue(evidence) });
        }
    }
    out
}

fn read_quirk(t: &Table<'_>) -> Option<Quirk> {
    let words = t.strings("at");
    if words.is_empty() {
        t.missing("at");
    }
    let at: Vec<QuirkAt> = words.iter().filter_map(|w| t.meaning(w, PLACES)).collect();
    let en = t.need_string("en");
    let ja = t.need_string("ja");
    let url = t.need_string("url");
    let date = t.need_string("date");
    let trust = t.need_string("confidence").and_then(|w| super::facts::trust(t, &w));
    t.finish();
    if at.is_empty() {
        return None;
    }
    Some(Quirk { at, text: Text { en: en?.value, ja: ja?.value }, url: url?.value, trust: trust?, date: date?.value })
}

/// Reads a registrar's template from its text.
pub fn parse(text: &str, sink: &Sink) -> Option<Registrar> {
    crate::toml_reader::parse(text, sink, read).flatten()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::report::Sources;

    const HEAD: &str = "id = \"x\"\nname = { en = \"X\", ja = \"X\" }\ncountry = \"JP\"\nkind = \"dns-host\"\n";

    fn read(rest: &str) -> (Registrar, Vec<&'static str>) {
        let text = format!("{HEAD}{rest}");
        let sink = Sink::new(Sources::default().add("x.toml", text.clone()));
        let registrar = parse(&text, &sink).unwrap();
        (registrar, sink.into_findings().iter().map(|f| f.id).collect())
    }

    fn source(facts: &str) -> String {
        format!("[[source]]\nfacts = [{facts}]\nurl = \"u\"\ndate = \"2026\"\nconfidence = \"documented\"\n")
    }

    #[test]
    fn a_form_says_how_its_boxes_are_filled() {
        let rest = "[form]\nmx-priority = \"field\"\nsrv-format = \"priority-field\"\ncaa-format = \"in-value\"\n\
                    a-four-boxes = true\ntype-labels = { TXT = \"テキスト (TXT)\" }\n";
        let facts = "\"mx-priority\", \"srv-format\", \"caa-format\", \"a-four-boxes\", \"type-labels\"";
        let (registrar, findings) = read(&(source(facts) + rest));
        assert!(findings.is_empty(), "{findings:?}");
        let form = registrar.form;
        assert_eq!(form.mx_priority, Some(MxPriority::Field));
        assert_eq!(form.srv, Some(SrvBoxes::PriorityField));
        assert_eq!(form.caa, Some(CaaBoxes::InValue));
        assert_eq!(form.a_four_boxes, Some(true));
        assert_eq!(form.type_labels.get("TXT").map(String::as_str), Some("テキスト (TXT)"));
        assert_eq!(form.host_form, None);
    }

    #[test]
    fn a_fact_of_any_table_needs_its_source() {
        for table in ["[form]\nhost-label = \"H\"\n", "[limits]\ntxt-max = 1\n", "[name-servers]\nsuffixes = [\"x\"]\n"]
        {
            let (_, findings) = read(&(source("\"value-max\"") + table));
            assert_eq!(findings, ["template-fact-without-source"], "{table}");
        }
    }

    #[test]
    fn a_proxy_is_known_by_its_addresses() {
        let proxy = |networks: &str| {
            read(
                &(source("\"networks\", \"off\"")
                    + &format!("[proxy]\nnetworks = [{networks}]\noff = {{ en = \"plain\", ja = \"素\" }}\n")),
            )
        };
        let (registrar, findings) = proxy("\"203.0.113.0/25\", \"2001:db8:f::/48\"");
        assert!(findings.is_empty(), "{findings:?}");
        let proxy_of = registrar.proxy.unwrap();
        for (address, is) in
            [("203.0.113.127", true), ("203.0.113.128", false), ("2001:db8:f:1::1", true), ("2001:db8::1", false)]
        {
            assert_eq!(proxy_of.has(address.parse().unwrap()), is, "{address}");
        }
        for wrong in ["203.0.113.1/24", "203.0.113.0", "203.0.113.0/33", "x/8"] {
            assert_eq!(proxy(&format!("\"{wrong}\"")).1, ["template-network"], "{wrong}");
        }
    }

    #[test]
    fn a_trap_says_in_which_cards_it_stands() {
        let quirk = |at: &str| {
            read(&format!(
                "[[quirk]]\n{at}en = \"e\"\nja = \"j\"\nurl = \"u\"\ndate = \"2026\"\nconfidence = \"documented\"\n"
            ))
        };
        let (registrar, findings) = quirk("at = [\"save\", \"CAA\", \"whole-zone\"]\n");
        assert!(findings.is_empty(), "{findings:?}");
        let at = &registrar.quirks.first().unwrap().at;
        assert_eq!(*at, [QuirkAt::Save, QuirkAt::Type(Rtype::CAA), QuirkAt::WholeZone]);
        for (at, finding) in [
            ("", "site-missing-key"),
            ("at = []\n", "site-missing-key"),
            ("at = [\"footer\"]\n", "site-unknown-word"),
            ("at = [\"caa\"]\n", "site-unknown-word"),
        ] {
            let (registrar, findings) = quirk(at);
            assert_eq!(findings, [finding], "{at}");
            assert!(registrar.quirks.is_empty(), "{at}");
        }
    }

    #[test]
    fn a_type_label_names_a_type() {
        let (_, findings) = read(&(source("\"type-labels\"") + "[form]\ntype-labels = { TEXT = \"T\" }\n"));
        assert_eq!(findings.len(), 1, "{findings:?}");
    }
}
