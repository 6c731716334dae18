//! Searching the catalogue: by names as people write them, and by what stands in a zone.

use crate::report::Text;
use crate::say;
use crate::zone::{Name, Rdata, Record, Rtype};

use super::pattern::{matches, of_expression, tells};
use super::recognise::Clue;
use super::registrar::Registrar;
use super::sender::{DkimForm, RetiredValue, Sender};
use super::templates::{Catalogue, NameMatch, Named, fold};

/// A template of either kind.
#[derive(Clone, Copy, Debug)]
pub enum Found<'c> {
    /// A service that sends mail as the domain.
    Sender(&'c Sender),
    /// A company in whose panel the zone is edited.
    Registrar(&'c Registrar),
}

impl Found<'_> {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Sender(s) => &s.id,
            Self::Registrar(r) => &r.id,
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &Text {
        match self {
            Self::Sender(s) => &s.name,
            Self::Registrar(r) => &r.name,
        }
    }
}

/// Why a template was found; the earlier, the better.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Its id or a name is the words.
    Name,
    /// A record of this form is the service's.
    Record(String),
    /// A name begins with the words.
    Beginning(String),
    /// A name holds the words.
    Inside(String),
    /// What it emits, or is recognised by, holds the words.
    Value(String),
}

impl Why {
    /// In words; nothing where the name says it.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Name => Text::default(),
            Self::Record(value) | Self::Value(value) => Text::same(value),
            Self::Beginning(name) | Self::Inside(name) => say!(en: "also: {name}", ja: "別名: {name}"),
        }
    }
}

/// A template that was found.
#[derive(Clone, Debug)]
pub struct Hit<'c> {
    /// The template.
    pub found: Found<'c>,
    /// Why.
    pub why: Why,
}

/// The longest query, octets.
pub const LONGEST_QUERY: usize = 300;

impl Catalogue {
    /// Templates by name (native or English, whatever case, width, kana), or by what stands in a zone: an include, a DKIM selector or
    /// target, an MX or name server. The best first.
    #[must_use]
    pub fn search(&self, query: &str) -> Vec<Hit<'_>> {
        let wanted = fold(query);
        if wanted.is_empty() || query.len() > LONGEST_QUERY {
            return Vec::new();
        }
        let value = plain_value(query);
        let recognised = self.recognise(&as_records(&value));
        let mut hits = Vec::new();
        for sender in self.senders() {
            let by_record = recognised.iter().find(|r| r.senders.iter().any(|s| s.id == sender.id));
            let by_record = by_record.and_then(|r| r.evidence.first()).map(|e| {
                if e.clue == Clue::Selector {
                    return Why::Record(format!("{}._domainkey", e.seen));
                }
                // What is said is the template's own form, not the text that was asked for.
                let fits = |v: &String| tells(&bare(v)) && matches(&bare(v), &bare(&e.seen));
                Why::Record(values(sender).into_iter().find(fits).unwrap_or_else(|| e.seen.clone()))
            });
            let why =
                by_name(sender, &wanted).into_iter().chain(by_record).chain(by_value(values(sender), &value)).min();
            hits.extend(why.map(|why| Hit { found: Found::Sender(sender), why }));
        }
        for registrar in self.registrars() {
            let servers = &registrar.name_servers;
            let serves = servers.serve(&value).then(|| Why::Record(value.clone()));
            let hosts = servers.exact.iter().chain(&servers.suffixes).chain(&servers.defaults).cloned().collect();
            let why = by_name(registrar, &wanted).into_iter().chain(serves).chain(by_value(hosts, &value)).min();
            hits.extend(why.map(|why| Hit { found: Found::Registrar(registrar), why }));
        }
        let kind = |f: &Found<'_>| matches!(f, Found::Registrar(_));
        hits.sort_by(|a, b| {
            (rank(&a.why), kind(&a.found), a.found.id()).cmp(&(rank(&b.why), kind(&b.found), b.found.id()))
        });
        hits
    }
}

fn rank(why: &Why) -> u8 {
    match why {
        Why::Name => 0,
        Why::Record(_) => 1,
        Why::Beginning(_) => 2,
        Why::Inside(_) => 3,
        Why::Value(_) => 4,
    }
}

fn by_name(template: &impl Named, wanted: &str) -> Option<Why> {
    let of = |name: &str| Some((NameMatch::of(name, wanted)?, name.to_owned()));
    let (how, name) = template.names().into_iter().filter_map(of).min_by_key(|(how, _)| *how)?;
    Some(match how {
        NameMatch::Whole => Why::Name,
        NameMatch::Beginning => Why::Beginning(name),
        NameMatch::Inside => Why::Inside(name),
    })
}

/// Four characters of a value say something; fewer are in everything.
fn by_value(values: Vec<String>, wanted: &str) -> Option<Why> {
    let holds = |v: &String| wanted.len() >= 4 && bare(v).contains(&bare(wanted));
    values.into_iter().find(holds).map(Why::Value)
}

/// The value of a query that was pasted with more around it: quotes, a final dot.
fn plain_value(query: &str) -> String {
    query.trim().trim_matches('"').trim_end_matches('.').to_ascii_lowercase()
}

/// A term without what stands before its name.
fn bare(value: &str) -> String {
    let value = value.trim_start_matches(['+', '-', '~', '?']);
    let behind = ["include:", "redirect=", "a:", "mx:", "exists:"].iter().find_map(|p| value.strip_prefix(p));
    behind.unwrap_or(value).to_ascii_lowercase()
}

/// The records in which a query could stand.
fn as_records(value: &str) -> Vec<Record> {
    let apex = Name::from_labels(["example", "com"]).unwrap_or_else(|_| Name::root());
    let record = |name: Name, rtype, rdata| Record { name, rtype, ttl: 0, rdata };
    let mut out = Vec::new();
    let term = if value.contains([':', '=']) { value.to_owned() } else { format!("include:{value}") };
    for text in [format!("v=spf1 {term}"), format!("v=spf1 a:{value}"), value.to_owned()] {
        out.extend(Rdata::txt(text.as_bytes()).ok().map(|data| record(apex.clone(), Rtype::TXT, data)));
    }
    if let Ok(target) = Name::parse_absolute(value) {
        let key = apex.child("_domainkey").and_then(|n| n.child("x"));
        out.extend(key.ok().map(|name| record(name, Rtype::CNAME, Rdata::cname(&target))));
        out.extend(apex.child("x").ok().map(|name| record(name, Rtype::CNAME, Rdata::cname(&target))));
        out.push(record(apex.clone(), Rtype::MX, Rdata::mx(10, &target)));
    }
    // A selector, alone or as the owner of its record.
    let is_selector = value.contains("._domainkey") || !value.contains('.');
    let selector = value.split("._domainkey").next().unwrap_or_default();
    let owner = apex.child("_domainkey").and_then(|n| n.child(selector));
    if let (true, Ok(name), Ok(data)) = (is_selector, owner, Rdata::txt(b"v=DKIM1; p=")) {
        out.push(record(name, Rtype::TXT, data));
    }
    out
}

/// What a sender emits and is recognised by, with `*` for the customer's part.
fn values(sender: &Sender) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut add = |text: Option<String>| out.extend(text);
    for term in &sender.spf.terms {
        for word in of_expression(&term.value.value).unwrap_or_default().split_ascii_whitespace() {
            add(Some(word.to_owned()));
        }
    }
    for dkim in &sender.dkim {
        add(of_expression(&dkim.selector.value).map(|s| format!("{s}._domainkey")));
        if let DkimForm::Cname(target) = &dkim.form {
            add(of_expression(&target.value));
        }
    }
    for record in &sender.records {
        let value = of_expression(&record.value.value);
        add(value.and_then(|v| v.split_ascii_whitespace().last().map(str::to_owned)));
    }
    let known = &sender.recognise;
    for text in known.spf.iter().chain(&known.mx).chain(&known.targets).chain(&known.txt).chain(&known.name_servers) {
        add(Some(text.to_ascii_lowercase()));
    }
    for selector in &known.dkim {
        add(Some(format!("{selector}._domainkey")));
    }
    for gone in &sender.retired {
        add(Some(match &gone.value {
            RetiredValue::Spf(term) => term.clone(),
            RetiredValue::Dkim { selector, .. } => format!("{selector}._domainkey"),
            RetiredValue::Mx(host) => host.clone(),
        }));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(query: &str) -> Vec<String> {
        Catalogue::embedded().search(query).iter().map(|h| h.found.id().to_owned()).collect()
    }

    #[test]
    fn names_in_every_script_and_width() {
        for query in ["お名前", "お名前.com", "onamae", "ＯＮＡＭＡＥ"] {
            assert!(ids(query).contains(&"onamae".to_owned()), "{query}: {:?}", ids(query));
        }
        assert_eq!(ids("makeshop").first().map(String::as_str), Some("makeshop"));
        assert_eq!(ids("メイクショップ").first().map(String::as_str), Some("makeshop"));
        assert_eq!(ids("めいくしょ").first().map(String::as_str), Some("makeshop"));
        assert_eq!(ids(""), [] as [&str; 0]);
    }

    #[test]
    fn what_stands_in_a_zone() {
        assert_eq!(ids("_spf.google.com").first().map(String::as_str), Some("google-workspace"));
        assert_eq!(ids("include:_spf.google.com").first().map(String::as_str), Some("google-workspace"));
        assert_eq!(ids("sv14166.xserver.jp").first().map(String::as_str), Some("xserver"));
        assert_eq!(ids("shop12._domainkey.makeshop.jp.").first().map(String::as_str), Some("makeshop"));
        assert_eq!(ids("01.dnsv.jp").first().map(String::as_str), Some("onamae"));
        assert!(ids("default._domainkey").len() > 4);
        // Part of a host.
        assert!(ids("messagingengine").contains(&"fastmail".to_owned()));
    }

    #[test]
    fn hostile_queries_end() {
        for query in ["*", "....", &"a".repeat(400), &"*".repeat(300), "\u{1b}[31m", "{{ domain }}"] {
            let _ = ids(query);
        }
    }
}
