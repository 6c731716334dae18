//! From records to the services that they are for. Each record is looked up in one index, made once of all templates; what several
//! templates have in common is named as ambiguous, never guessed.

use std::collections::BTreeSet;

use crate::mail::spf;
use crate::report::Text;
use crate::say;
use crate::zone::{Name, Record, Rtype};

use super::pattern::{End, Patterns, matches};
pub use super::pattern::{of_expression, tells};
use super::registrar::Registrar;
use super::sender::{DkimForm, Purpose, Retired, RetiredValue, Sender, Variable};
use super::templates::Catalogue;

/// What kind of trace a service left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clue {
    /// A term of an SPF record.
    Spf,
    /// What the CNAME of a DKIM selector points at.
    DkimTarget,
    /// What another CNAME points at: a Return-Path host, a web site, a tracking host.
    Target,
    /// The host that receives the mail.
    Mx,
    /// How a TXT at the domain begins: a proof of ownership.
    Txt,
    /// The selector of a key. Selectors such as `default` are many companies'.
    Selector,
}

impl Clue {
    /// In words.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Spf => say!(en: "SPF term", ja: "SPF の項目"),
            Self::DkimTarget => say!(en: "CNAME of a DKIM selector", ja: "DKIM セレクタの CNAME"),
            Self::Target => say!(en: "CNAME", ja: "CNAME"),
            Self::Mx => say!(en: "MX", ja: "MX"),
            Self::Txt => say!(en: "TXT", ja: "TXT"),
            Self::Selector => say!(en: "DKIM selector", ja: "DKIM セレクタ"),
        }
    }

    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Spf => "spf",
            Self::DkimTarget => "dkim-target",
            Self::Target => "target",
            Self::Mx => "mx",
            Self::Txt => "txt",
            Self::Selector => "selector",
        }
    }
}

/// One trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Which of the records, by its place in what was given.
    pub record: usize,
    /// What kind of trace.
    pub clue: Clue,
    /// The text that was recognised: the term, target, host, beginning or selector.
    pub seen: String,
}

/// A service that was recognised, or several between which the records do not decide.
#[derive(Clone, Debug)]
pub struct Recognised<'c> {
    /// One; or those that it can be, by id.
    pub senders: Vec<&'c Sender>,
    /// What it rests on, in the order of the records.
    pub evidence: Vec<Evidence>,
}

impl Recognised<'_> {
    /// Whether the records do not decide between several.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.senders.len() > 1
    }
}

/// A template, by its place in the index.
type At = usize;

/// What the templates' traces look like.
#[derive(Debug)]
pub(super) struct Index {
    ids: Vec<String>,
    /// Domains of includes and redirects.
    includes: Patterns<At>,
    /// Hosts of `a:`, `mx:` and `exists:`.
    hosts: Patterns<At>,
    /// `ip4:` and `ip6:` with what stands behind, as written.
    addresses: Patterns<At>,
    targets: Patterns<At>,
    dkim_targets: Patterns<At>,
    mx: Patterns<At>,
    txt: Patterns<At>,
    selectors: Patterns<At>,
    /// The words of SPF terms, DKIM selectors and MX hosts that were once right.
    retired: Retirement,
}

#[derive(Debug)]
struct Retirement {
    terms: Patterns<At>,
    selectors: Patterns<At>,
    mx: Patterns<At>,
}

impl Index {
    pub(super) fn new<'c>(senders: impl Iterator<Item = &'c Sender>) -> Self {
        let mut index = Self {
            ids: Vec::new(),
            includes: Patterns::new(End::Tail),
            hosts: Patterns::new(End::Tail),
            addresses: Patterns::new(End::Head),
            targets: Patterns::new(End::Tail),
            dkim_targets: Patterns::new(End::Tail),
            mx: Patterns::new(End::Tail),
            txt: Patterns::new(End::Head),
            selectors: Patterns::new(End::Head),
            retired: Retirement {
                terms: Patterns::new(End::Head),
                selectors: Patterns::new(End::Head),
                mx: Patterns::new(End::Tail),
            },
        };
        for (at, sender) in senders.enumerate() {
            index.ids.push(sender.id.clone());
            index.add(at, sender);
        }
        index
    }

    fn add(&mut self, at: At, sender: &Sender) {
        for term in &sender.spf.terms {
            for word in of_expression(&term.value.value).unwrap_or_default().split_ascii_whitespace() {
                self.add_term(at, word);
            }
        }
        for (selector, _) in selectors(sender) {
            self.selectors.add(&whole(&selector), at);
        }
        for dkim in &sender.dkim {
            if let DkimForm::Cname(target) = &dkim.form {
                add_name(&mut self.dkim_targets, of_expression(&target.value).as_deref(), at);
            }
        }
        for record in &sender.records {
            let Ok(rtype) = record.rtype.value.parse() else { continue };
            let value = of_expression(&record.value.value);
            let host = value.as_deref().and_then(|v| v.split_ascii_whitespace().last());
            match (rtype, record.purpose) {
                (Rtype::MX, _) => add_name(&mut self.mx, host, at),
                (Rtype::CNAME, _) if record.name.value.contains("._domainkey") => {
                    add_name(&mut self.dkim_targets, host, at);
                }
                (Rtype::CNAME | Rtype::NS, _) => add_name(&mut self.targets, host, at),
                (Rtype::TXT, Purpose::Verification) => {
                    let text = value.as_deref().map(|t| t.split('*').next().unwrap_or_default());
                    if let Some(text) = text.filter(|t| t.len() >= 3) {
                        self.txt.add(text, at);
                    }
                }
                _ => {}
            }
        }
        let known = &sender.recognise;
        for host in &known.spf {
            self.includes.add(host, at);
            self.hosts.add(host, at);
        }
        for host in &known.mx {
            self.mx.add(host, at);
        }
        for target in &known.targets {
            self.targets.add(target, at);
            self.dkim_targets.add(target, at);
        }
        for text in &known.txt {
            self.txt.add(text, at);
        }
        // What was once right still says whose it is.
        for gone in &sender.retired {
            match &gone.value {
                RetiredValue::Spf(term) => {
                    self.add_term(at, term);
                    let read = spf::Record::parse(term.as_bytes());
                    for word in read.terms().iter().filter_map(|t| word(&t.kind)) {
                        self.retired.terms.add(&whole(&word), at);
                    }
                }
                RetiredValue::Dkim { selector, target } => {
                    if let Some(target) = target {
                        self.dkim_targets.add(target, at);
                    }
                    self.retired.selectors.add(&whole(selector), at);
                }
                RetiredValue::Mx(host) => {
                    self.mx.add(host, at);
                    self.retired.mx.add(host, at);
                }
            }
        }
    }

    fn add_term(&mut self, at: At, word: &str) {
        let term = word.trim_start_matches(['+', '-', '~', '?']);
        let Some((mechanism, value)) = term.split_once([':', '=']) else { return };
        let mechanism = mechanism.to_ascii_lowercase();
        match mechanism.as_str() {
            "include" | "redirect" => add_name(&mut self.includes, Some(value), at),
            "a" | "mx" | "exists" => {
                let host = value.split('/').next().unwrap_or_default();
                add_name(&mut self.hosts, Some(host), at);
            }
            _ => {
                if let Some(network) =
                    spf::Record::parse(term.as_bytes()).terms().first().and_then(|t| t.kind.network())
                {
                    self.addresses.add(&whole(&address(network)), at);
                }
            }
        }
    }

    /// The templates that may know something in a record to be out of date.
    fn retiring(&self, record: &Record) -> Vec<At> {
        match record.rtype {
            Rtype::TXT => {
                let text = record.rdata.txt_joined();
                let read = spf::is_spf(&text).then(|| spf::Record::parse(&text));
                let words = read.iter().flat_map(spf::Record::terms).filter_map(|t| word(&t.kind));
                words.flat_map(|w| self.retired.terms.find(&whole(&w))).collect()
            }
            Rtype::MX => record.rdata.as_mx().map(|(_, host)| self.retired.mx.find(&plain(&host))).unwrap_or_default(),
            _ => selector(&record.name).map(|s| self.retired.selectors.find(&whole(&s))).unwrap_or_default(),
        }
    }

    /// What a record's traces are, and whose each can be.
    fn marks(&self, record: &Record) -> Vec<(Clue, String, Vec<At>)> {
        let mut out = Vec::new();
        let mut mark = |clue, seen: String, found: Vec<At>| {
            if !found.is_empty() {
                out.push((clue, seen, found));
            }
        };
        let selector = selector(&record.name);
        match record.rtype {
            Rtype::TXT => {
                let text = record.rdata.txt_joined();
                if spf::is_spf(&text) {
                    for term in spf::Record::parse(&text).terms() {
                        let found = self.term(&term.kind);
                        mark(Clue::Spf, term.raw.clone(), found);
                    }
                } else if let Some(selector) = selector {
                    let found = self.selectors.find(&whole(&selector));
                    mark(Clue::Selector, selector, found);
                } else {
                    let text =
                        String::from_utf8_lossy(text.get(..text.len().min(200)).unwrap_or_default()).into_owned();
                    let found = self.txt.find(&text);
                    mark(Clue::Txt, text, found);
                }
            }
            Rtype::CNAME | Rtype::NS => {
                if let Some(target) = record.target() {
                    let target = plain(&target);
                    match selector {
                        Some(_) => mark(Clue::DkimTarget, target.clone(), self.dkim_targets.find(&target)),
                        None => mark(Clue::Target, target.clone(), self.targets.find(&target)),
                    }
                }
            }
            Rtype::MX => {
                if let Some((_, host)) = record.rdata.as_mx() {
                    let host = plain(&host);
                    mark(Clue::Mx, host.clone(), self.mx.find(&host));
                }
            }
            _ => {}
        }
        out
    }

    fn term(&self, kind: &spf::TermKind) -> Vec<At> {
        use spf::TermKind;
        match kind {
            TermKind::Include(domain) | TermKind::Redirect(domain) => self.includes.find(domain.as_str()),
            TermKind::A { domain: Some(domain), .. }
            | TermKind::Mx { domain: Some(domain), .. }
            | TermKind::Exists(domain) => self.hosts.find(domain.as_str()),
            kind => kind.network().map(|n| self.addresses.find(&whole(&address(n)))).unwrap_or_default(),
        }
    }
}

/// The patterns of a template's selectors, each with the host below which it stands: what it writes, what is known of it besides, and what it
/// once wrote, which still says whose it is.
fn selectors(sender: &Sender) -> Vec<(String, Option<&str>)> {
    let written = sender.dkim.iter().filter_map(|dkim| {
        let selector = match of_expression(&dkim.selector.value) {
            // `s*` would be everybody's.
            Some(selector) => {
                let literal = selector.chars().filter(|c| *c != '*').count();
                Some(selector).filter(|selector| literal >= 3 || !selector.contains('*'))
            }
            // A selector that the customer may choose is usually the proposed one.
            None => {
                let is_whole = |v: &&Variable| dkim.selector.value == format!("{{{{ {} }}}}", v.identifier());
                sender.variables.iter().find(is_whole)?.default.clone()
            }
        };
        Some((selector?, dkim.host.as_ref().map(|host| host.value.as_str())))
    });
    let gone = sender.retired.iter().filter_map(|gone| match &gone.value {
        RetiredValue::Dkim { selector, .. } => Some(selector.clone()),
        _ => None,
    });
    let besides = sender.recognise.dkim.iter().cloned().chain(gone).map(|selector| (selector, None));
    written.chain(besides).collect()
}

/// An address range as `ip4:` or `ip6:` writes it.
fn address(network: spf::Network) -> String {
    let (address, prefix) = (network.address(), network.prefix());
    let (word, full) = if address.is_ipv4() { ("ip4", 32) } else { ("ip6", 128) };
    if prefix == full { format!("{word}:{address}") } else { format!("{word}:{address}/{prefix}") }
}

/// The part of a term that says whose it is, by which it is looked for before it is compared whole: its range, or its domain in lower case.
fn word(kind: &spf::TermKind) -> Option<String> {
    let range = kind.network().and_then(|n| address(n).split_once(':').map(|(_, range)| range.to_owned()));
    range.or_else(|| Some(kind.domain_spec()?.as_str().trim_end_matches('.').to_ascii_lowercase()))
}

/// A beginning that is the whole: what is looked up ends in a line break, which stands in no selector and no address.
fn whole(text: &str) -> String {
    format!("{text}\n")
}

/// Adds the pattern of a name, if it says enough to tell a company.
fn add_name(patterns: &mut Patterns<At>, pattern: Option<&str>, at: At) {
    if let Some(pattern) = pattern.filter(|p| tells(p)) {
        patterns.add(pattern, at);
    }
}

fn plain(name: &Name) -> String {
    name.display_without_dot().to_string().to_ascii_lowercase()
}

/// The selector of `<selector>._domainkey.<domain>`, which may have dots.
fn selector(name: &Name) -> Option<String> {
    let plain = plain(name);
    let at = plain
        .find("._domainkey.")
        .or_else(|| plain.ends_with("._domainkey").then(|| plain.len() - "._domainkey".len()))?;
    plain.get(..at).map(str::to_owned)
}

/// What a sender's template knows to be out of date in a record: the text that is meant, and what is to stand there now.
#[must_use]
pub fn out_of_date<'s>(sender: &'s Sender, record: &Record) -> Vec<(String, &'s Retired)> {
    let mut out = Vec::new();
    // Read once, however many terms are retired.
    let knows_terms = sender.retired.iter().any(|gone| matches!(gone.value, RetiredValue::Spf(_)));
    let text = (knows_terms && record.rtype == Rtype::TXT).then(|| record.rdata.txt_joined());
    let found = text.filter(|text| spf::is_spf(text)).map(|text| (spf::Record::parse(&text), plain(&record.name)));
    for gone in &sender.retired {
        match &gone.value {
            RetiredValue::Spf(term) => {
                let Some((found, domain)) = &found else { continue };
                let same = found.terms().iter().filter(|t| same_term(term, t, domain));
                out.extend(same.map(|t| (t.raw.clone(), gone)));
            }
            RetiredValue::Dkim { selector: old, target } => {
                // A selector alone does not say that it is this company's key where the template knows the CNAME: many are others' too.
                let points = |p: &String| record.target().is_some_and(|t| matches(&p.to_ascii_lowercase(), &plain(&t)));
                let theirs = target.as_ref().is_none_or(points);
                let found = selector(&record.name).filter(|s| theirs && matches(&old.to_ascii_lowercase(), s));
                out.extend(found.map(|s| (format!("{s}._domainkey"), gone)));
            }
            RetiredValue::Mx(host) => {
                let found = record.rdata.as_mx().filter(|_| record.rtype == Rtype::MX).map(|(_, h)| plain(&h));
                out.extend(found.filter(|h| matches(&host.to_ascii_lowercase(), h)).map(|h| (h, gone)));
            }
        }
    }
    out
}

/// Whether a term of a record is the one that a template writes, whatever its qualifier.
fn same_term(written: &str, term: &spf::Term, domain: &str) -> bool {
    let bare = |normal: spf::Normal| normal.as_str().trim_start_matches(['+', '-', '~', '?']).to_owned();
    let written = spf::Record::parse(written.as_bytes()).terms().first().map(|t| bare(t.normal(domain)));
    written.is_some_and(|w| w == bare(term.normal(domain)))
}

impl Catalogue {
    /// Whose old value a term of the SPF record of `domain` is, and what stands in its place now. For single terms; whole zones are asked by
    /// [`Catalogue::retired`].
    #[must_use]
    pub fn retired_term(&self, term: &spf::Term, domain: &str) -> Option<(&Sender, &Retired)> {
        let word = word(&term.kind)?;
        // The domain's own names are no company's.
        let own = word.strip_suffix(&domain.to_ascii_lowercase());
        if own.is_some_and(|front| front.is_empty() || front.ends_with('.')) {
            return None;
        }
        let is_it = |gone: &&Retired| matches!(&gone.value, RetiredValue::Spf(old) if same_term(old, term, domain));
        self.senders_with(&word).find_map(|sender| Some((sender, sender.retired.iter().find(is_it)?)))
    }

    /// The names that templates use without a value of the customer's, relative to the From domain, each with its type, in order: the selectors, of
    /// which it is not known whether a key or an alias stands there, as TXT, and the records.
    #[must_use]
    pub fn usual_names(&self) -> BTreeSet<(String, Rtype)> {
        let literal = |name: &str| !name.contains(['*', '{', '@']) && !name.is_empty();
        let mut names = BTreeSet::new();
        for sender in self.senders() {
            for (selector, host) in selectors(sender).into_iter().filter(|(selector, _)| literal(selector)) {
                let host = host.map(|host| format!(".{host}")).unwrap_or_default();
                if host.is_empty() || literal(&host) {
                    names.insert((format!("{selector}._domainkey{host}").to_ascii_lowercase(), Rtype::TXT));
                }
            }
            let records = sender.records.iter().filter(|r| literal(&r.name.value));
            names
                .extend(records.filter_map(|r| Some((r.name.value.to_ascii_lowercase(), r.rtype.value.parse().ok()?))));
        }
        names
    }

    /// Which services these records are for. What two templates both want is evidence for the one that has evidence of its own beside it;
    /// where neither has, both are named.
    #[must_use]
    pub fn recognise(&self, records: &[Record]) -> Vec<Recognised<'_>> {
        let index = self.index();
        let mut marks: Vec<(Evidence, Vec<At>)> = Vec::new();
        for (record, data) in records.iter().enumerate() {
            for (clue, seen, found) in index.marks(data) {
                marks.push((Evidence { record, clue, seen }, found));
            }
        }
        let certain: BTreeSet<At> = marks
            .iter()
            .filter_map(|(_, found)| match found.as_slice() {
                [only] => Some(*only),
                _ => None,
            })
            .collect();
        // Each group: who it can be, and what it rests on.
        let mut groups: Vec<(Vec<At>, Vec<Evidence>)> = Vec::new();
        for only in &certain {
            let own = marks.iter().filter(|(_, found)| found.contains(only)).map(|(e, _)| e.clone()).collect();
            groups.push((vec![*only], own));
        }
        // The stronger a trace, the earlier it says who is meant; selectors come last.
        let mut open: Vec<&(Evidence, Vec<At>)> =
            marks.iter().filter(|(_, found)| !found.iter().any(|at| certain.contains(at))).collect();
        open.sort_by_key(|(e, _)| (e.clue, e.record));
        let decided = groups.len();
        for (evidence, found) in open {
            let among = groups.iter_mut().skip(decided).find(|(who, _)| who.iter().any(|at| found.contains(at)));
            match among {
                Some((who, known)) => {
                    who.retain(|at| found.contains(at));
                    known.push(evidence.clone());
                }
                None => groups.push((found.clone(), vec![evidence.clone()])),
            }
        }
        let mut out: Vec<Recognised<'_>> = groups
            .into_iter()
            .map(|(who, mut evidence)| {
                evidence.sort_by(|a, b| (a.record, a.clue, &a.seen).cmp(&(b.record, b.clue, &b.seen)));
                let senders = who.iter().filter_map(|at| self.sender(index.ids.get(*at)?)).collect();
                Recognised { senders, evidence }
            })
            .collect();
        out.sort_by_key(|r| (r.evidence.first().map(|e| e.record), r.senders.first().map(|s| s.id.clone())));
        out
    }

    /// What in these records a template knows to be out of date: the record's place, the text that is meant, whose it is, and what is to stand
    /// there now.
    #[must_use]
    pub fn retired(&self, records: &[Record]) -> Vec<(usize, String, &Sender, &Retired)> {
        let index = self.index();
        let mut out = Vec::new();
        for (at, record) in records.iter().enumerate() {
            let mut senders = index.retiring(record);
            senders.sort_unstable();
            senders.dedup();
            for sender in senders.into_iter().filter_map(|s| self.sender(index.ids.get(s)?)) {
                out.extend(out_of_date(sender, record).into_iter().map(|(seen, gone)| (at, seen, sender, gone)));
            }
        }
        out
    }

    /// In whose panel a zone with these name servers is edited: one; several, where hosts are shared or the set is mixed; none, if nobody
    /// is known by them.
    #[must_use]
    pub fn panels(&self, name_servers: &[Name]) -> Vec<&Registrar> {
        let hosts: Vec<String> = name_servers.iter().map(plain).collect();
        let mut found: Vec<&Registrar> = Vec::new();
        for registrar in self.registrars().filter(|r| hosts.iter().any(|h| r.name_servers.serve(h))) {
            let shared = registrar.name_servers.shared_with.iter().filter_map(|id| self.registrar(id));
            for one in std::iter::once(registrar).chain(shared) {
                if !found.iter().any(|f| f.id == one.id) {
                    found.push(one);
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Rdata;

    fn record(owner: &str, rtype: &str, value: &str) -> Record {
        let rtype: Rtype = rtype.parse().unwrap();
        let rdata = if rtype.is_text() {
            Rdata::txt(value.as_bytes()).unwrap()
        } else {
            Rdata::parse(rtype, value, Some(&Name::root())).unwrap()
        };
        Record { name: Name::parse_absolute(owner).unwrap(), rtype, ttl: 3600, rdata }
    }

    /// Ids of what was recognised, those of an ambiguous one joined by `|`, with the texts that it rests on.
    fn recognised(records: &[Record]) -> Vec<(String, Vec<String>)> {
        let catalogue = Catalogue::embedded();
        let found = catalogue.recognise(records);
        let ids = |r: &Recognised<'_>| r.senders.iter().map(|s| s.id.as_str()).collect::<Vec<_>>().join("|");
        found.iter().map(|r| (ids(r), r.evidence.iter().map(|e| e.seen.clone()).collect())).collect()
    }

    #[test]
    fn the_zone_of_the_story() {
        let zone = [
            record("example.com", "A", "192.0.2.1"),
            record("example.com", "MX", "0 mail.example.com."),
            record(
                "example.com",
                "TXT",
                "v=spf1 +a:sv14166.xserver.jp +mx include:spf.sender.xserver.jp include:spf.makeshop.jp ~all",
            ),
            record("shop12._domainkey.example.com", "CNAME", "shop12._domainkey.makeshop.jp."),
            record("default._domainkey.example.com", "TXT", "v=DKIM1; k=rsa; p=AAAA"),
        ];
        let found = recognised(&zone);
        let of = |id: &str| found.iter().find(|(f, _)| f == id).map(|(_, e)| e.join(", "));
        // The server's name is XSERVER's alone; the include is other hosts' of the family too, and `default` many companies'.
        assert_eq!(of("xserver").as_deref(), Some("+a:sv14166.xserver.jp, include:spf.sender.xserver.jp, default"));
        assert!(of("makeshop").is_some_and(|e| e.contains("shop12._domainkey.makeshop.jp")), "{found:?}");
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn a_selector_that_is_many_companies_is_named_as_ambiguous() {
        let found = recognised(&[record("default._domainkey.example.com", "TXT", "v=DKIM1; p=AAAA")]);
        let [(ids, evidence)] = found.as_slice() else { panic!("{found:?}") };
        for id in ["xserver", "conoha-wing", "onamae-rs", "valueserver", "sakura-rental"] {
            assert!(ids.split('|').any(|i| i == id), "{id}: {ids}");
        }
        assert_eq!(evidence, &["default"]);
    }

    #[test]
    fn a_cname_at_a_known_selector_is_judged_by_its_target() {
        // s1 and s2 are SendGrid's, and not SendGrid's alone.
        assert_eq!(recognised(&[record("s1._domainkey.example.com", "CNAME", "s1.example.net.")]), []);
        let found = recognised(&[record("s1._domainkey.example.com", "CNAME", "s1.domainkey.u123.wl4.sendgrid.net.")]);
        assert!(matches!(found.as_slice(), [(id, _)] if id == "sendgrid"), "{found:?}");
    }

    #[test]
    fn nobody_is_recognised_by_what_everybody_has() {
        let zone = [
            record("example.com", "TXT", "v=spf1 a mx ip4:192.0.2.1 include:_spf.example.net -all"),
            record("example.com", "TXT", "just a text"),
            record("www.example.com", "CNAME", "example.com."),
            record("example.com", "MX", "10 example.com."),
            record("x._domainkey.example.com", "CNAME", "example.com."),
        ];
        assert_eq!(recognised(&zone), []);
    }

    #[test]
    fn old_values_are_told_with_what_stands_there_now() {
        let catalogue = Catalogue::embedded();
        let zone = [record("example.com", "TXT", "v=spf1 ?ip4:203.183.142.128/25 ~all")];
        let found = catalogue.retired(&zone);
        let [(0, seen, sender, gone)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((seen.as_str(), sender.id.as_str()), ("?ip4:203.183.142.128/25", "autobiz"));
        assert_eq!(gone.replacement, "include:_spf.autobiz.jp");
        assert!(recognised(&zone).iter().any(|(id, _)| id == "autobiz"));
    }

    #[test]
    fn name_servers_say_whose_panel() {
        let catalogue = Catalogue::embedded();
        let panels = |hosts: &[&str]| -> Vec<String> {
            let hosts: Vec<Name> = hosts.iter().map(|h| Name::parse_absolute(h).unwrap()).collect();
            catalogue.panels(&hosts).iter().map(|r| r.id.clone()).collect()
        };
        assert_eq!(panels(&["01.DNSV.jp.", "02.dnsv.jp"]), ["onamae"]);
        assert_eq!(panels(&["ns1.example.net"]), [] as [&str; 0]);
    }
}
