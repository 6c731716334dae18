//! What an `include:` comes to in addresses, so that they can stand in its place and cost no look-up.
//!
//! An include matches whoever passes at that name (RFC 7208 §5.2). So what is written out is the set of addresses that pass there: ranges that an
//! earlier term of that record takes away (`-ip4:…`, `~a`) are cut out of the later ones, what a `redirect=` passes is in it, and nothing is
//! behind an `all`. What is no set of addresses (macros, `exists`, `ptr`), and what receivers answer with an error, is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::evaluate::{Answer, Dns};
use super::parse::is_spf;
use super::print::lower_name;
use super::types::{DomainSpec, DualPrefix, Network, Qualifier, Record, Term, TermKind};
use super::{MAX_HOSTS, TERMS_MAX};
use crate::report::{Text, visible};
use crate::say;

/// Most ranges that an include is written out as: more fit no TXT that anybody would keep.
const RANGES_MAX: usize = 400;

/// Why an include cannot be written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlattenError {
    /// Nobody answered for a name.
    NotKnown(String, &'static str),
    /// There is no SPF record at a name.
    NoRecord(String),
    /// There are several.
    SeveralRecords(String),
    /// The record at a name has a syntax error, in this term.
    Syntax(String, String),
    /// A name leads back to itself.
    Circle(String),
    /// More than ten MX hosts at a name.
    TooManyHosts(String),
    /// A term that depends on the mail, or is no set of addresses.
    NoAddresses(String),
    /// Everybody passes at a name.
    Everyone(String),
    /// Nobody passes at a name.
    Nobody(String),
    /// More terms that ask DNS than are followed.
    TooManyTerms,
    /// More ranges than are written out.
    TooManyRanges,
}

impl FlattenError {
    /// The reason.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::NotKnown(name, rtype) => {
                let name = visible(name);
                say!(en: "the {rtype} of {name} is not known", ja: "{name} の {rtype} が分かっていません")
            }
            Self::NoRecord(name) => {
                let name = visible(name);
                say!(en: "{name} has no SPF record", ja: "{name} に SPF がありません")
            }
            Self::SeveralRecords(name) => {
                let name = visible(name);
                say!(en: "{name} has more than one SPF record", ja: "{name} に SPF が 2 つ以上あります")
            }
            Self::Syntax(name, term) => {
                let (name, term) = (visible(name), visible(term));
                say!(en: "the SPF record of {name} has a syntax error at `{term}`", ja: "{name} の SPF に書き方の誤りがあります（`{term}`）")
            }
            Self::Circle(name) => {
                let name = visible(name);
                say!(en: "{name} leads back to itself", ja: "{name} は自分自身に戻ります")
            }
            Self::TooManyHosts(name) => {
                let name = visible(name);
                say!(en: "{name} has more than ten MX hosts", ja: "{name} の MX が 10 を超えます")
            }
            Self::NoAddresses(term) => {
                let term = visible(term);
                say!(en: "`{term}` in it depends on the mail, so no list of addresses says the same", ja: "中の `{term}` はメールごとに変わるため、アドレスの一覧では書けません")
            }
            Self::Everyone(name) => {
                let name = visible(name);
                say!(en: "{name} passes every address", ja: "{name} はすべてのアドレスを合格にします")
            }
            Self::Nobody(name) => {
                let name = visible(name);
                say!(en: "no address passes at {name}", ja: "{name} で合格になるアドレスがありません")
            }
            Self::TooManyTerms => {
                say!(en: "more than {TERMS_MAX} terms behind it ask DNS", ja: "その先の、DNS に照会する項目が {TERMS_MAX} 個を超えます")
            }
            Self::TooManyRanges => {
                say!(en: "it comes to more than {RANGES_MAX} ranges", ja: "アドレスの範囲が {RANGES_MAX} 個を超えます")
            }
        }
    }
}

/// Every range that passes at the name of an include, in the order of its record; none stands twice, and none inside another.
///
/// # Errors
/// Why it can't be written out.
pub fn flatten(dns: &dyn Dns, include: &str) -> Result<Vec<Network>, FlattenError> {
    let name = lower_name(include);
    let found = Run { dns, left: TERMS_MAX, path: Vec::new() }.record(&name)?;
    let mut out: Vec<Network> = Vec::new();
    for (at, network) in found.iter().enumerate() {
        let before = found.iter().take(at).any(|other| other.contains(network));
        let wider = found.iter().skip(at + 1).any(|other| other != network && other.contains(network));
        if !before && !wider {
            out.push(*network);
        }
    }
    if out.is_empty() {
        return Err(FlattenError::Nobody(name));
    }
    // Ranges that only together are everybody are as bad as one that is.
    let whole = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    for whole in whole.map(|first| Network::new(first, 0)) {
        let of_family: Vec<Network> = out.iter().filter(|network| whole.contains(network)).copied().collect();
        if !of_family.is_empty() && without(whole, &of_family).is_ok_and(|left| left.is_empty()) {
            return Err(FlattenError::Everyone(name));
        }
    }
    Ok(out)
}

/// The record with each `include:` that `written_out` knows as its ranges; none if it has none of them, or a syntax error.
#[must_use]
pub fn expand<'f>(record: &Record, written_out: impl Fn(&str) -> Option<&'f [Network]>) -> Option<Record> {
    if record.syntax_error().is_some() {
        return None;
    }
    let mut any = false;
    let mut words: Vec<String> = Vec::new();
    words.extend(
        record.version().and_then(|span| Some(String::from_utf8_lossy(record.text().get(span.clone())?).into_owned())),
    );
    for term in record.terms() {
        let ranges = match &term.kind {
            TermKind::Include(spec) if !spec.has_macros() => written_out(&lower_name(spec.as_str())),
            _ => None,
        };
        let Some(ranges) = ranges else {
            words.push(term.raw.clone());
            continue;
        };
        any = true;
        let qualifier = if term.explicit_qualifier { term.qualifier.symbol().to_string() } else { String::new() };
        words.extend(ranges.iter().map(|range| format!("{qualifier}{}", range.term())));
    }
    any.then(|| Record::parse(words.join(" ").as_bytes()))
}

struct Run<'a> {
    dns: &'a dyn Dns,
    /// How many more terms are followed.
    left: usize,
    path: Vec<String>,
}

impl Run<'_> {
    /// The ranges that pass at a name.
    fn record(&mut self, domain: &str) -> Result<Vec<Network>, FlattenError> {
        if self.path.iter().any(|name| name == domain) {
            return Err(FlattenError::Circle(domain.to_owned()));
        }
        let texts = known(self.dns.txt(domain), domain, "TXT")?;
        let mut spf = texts.iter().filter(|text| is_spf(text));
        let text = spf.next().ok_or_else(|| FlattenError::NoRecord(domain.to_owned()))?;
        if spf.next().is_some() {
            return Err(FlattenError::SeveralRecords(domain.to_owned()));
        }
        let record = Record::parse(text);
        if let Some(problem) = record.syntax_error() {
            return Err(FlattenError::Syntax(domain.to_owned(), problem.term.clone()));
        }
        self.path.push(domain.to_owned());
        let redirect = record.redirect().filter(|_| record.all().is_none());
        let mut passes: Vec<Network> = Vec::new();
        let mut taken: Vec<Network> = Vec::new();
        for term in record.live_mechanisms().chain(redirect) {
            let asks = usize::from(term.kind.costs_lookup());
            self.left = self.left.checked_sub(asks).ok_or(FlattenError::TooManyTerms)?;
            if term.kind == TermKind::All {
                if term.qualifier == Qualifier::Pass {
                    return Err(FlattenError::Everyone(domain.to_owned()));
                }
                break;
            }
            let matched = self.matched(term, domain)?;
            if matched.iter().any(|network| network.prefix() == 0) {
                return Err(FlattenError::Everyone(domain.to_owned()));
            }
            if term.qualifier == Qualifier::Pass {
                for network in matched {
                    passes.extend(without(network, &taken)?);
                }
            } else {
                taken.extend(matched);
            }
            if passes.len().max(taken.len()) > RANGES_MAX {
                return Err(FlattenError::TooManyRanges);
            }
        }
        self.path.pop();
        Ok(passes)
    }

    /// The ranges that a term matches.
    fn matched(&mut self, term: &Term, domain: &str) -> Result<Vec<Network>, FlattenError> {
        let no_addresses = || FlattenError::NoAddresses(term.raw.clone());
        let spec = term.kind.domain_spec();
        if spec.is_some_and(DomainSpec::has_macros) {
            return Err(no_addresses());
        }
        let name = spec.map_or_else(|| domain.to_owned(), |spec| lower_name(spec.as_str()));
        match &term.kind {
            TermKind::Ip4 { .. } | TermKind::Ip6 { .. } => Ok(term.kind.network().into_iter().collect()),
            TermKind::Include(_) | TermKind::Redirect(_) => self.record(&name),
            TermKind::A { .. } | TermKind::Mx { .. } => addresses(self.dns, &term.kind, domain),
            _ => Err(no_addresses()),
        }
    }
}

/// The ranges that an `a` or `mx` without macros matches in a record at `domain`; of any other term none.
///
/// # Errors
/// Why they are not known.
pub fn addresses(dns: &dyn Dns, kind: &TermKind, domain: &str) -> Result<Vec<Network>, FlattenError> {
    let name = kind.domain_spec().map_or_else(|| lower_name(domain), |spec| lower_name(spec.as_str()));
    match kind {
        TermKind::A { prefix, .. } => of_host(dns, &name, *prefix),
        TermKind::Mx { prefix, .. } => {
            let hosts = known(dns.mx(&name), &name, "MX")?;
            if hosts.len() > MAX_HOSTS {
                return Err(FlattenError::TooManyHosts(name));
            }
            let mut out = Vec::new();
            // The null MX has no name to ask for (RFC 7505).
            for host in hosts.iter().map(|host| lower_name(host)).filter(|host| !host.is_empty()) {
                out.extend(of_host(dns, &host, *prefix)?);
            }
            Ok(out)
        }
        _ => Ok(Vec::new()),
    }
}

fn of_host(dns: &dyn Dns, host: &str, prefix: DualPrefix) -> Result<Vec<Network>, FlattenError> {
    let v4 = known(dns.a(host), host, "A")?.into_iter().map(|a| Network::new(a.into(), prefix.v4.unwrap_or(32)));
    let v6 = known(dns.aaaa(host), host, "AAAA")?;
    let out: Vec<Network> =
        v4.chain(v6.into_iter().map(|a| Network::new(a.into(), prefix.v6.unwrap_or(128)))).collect();
    if out.len() > RANGES_MAX { Err(FlattenError::TooManyRanges) } else { Ok(out) }
}

fn known<T>(answer: Answer<T>, name: &str, rtype: &'static str) -> Result<Vec<T>, FlattenError> {
    match answer {
        Answer::Records(records) => Ok(records),
        Answer::NoData | Answer::NxDomain => Ok(Vec::new()),
        Answer::TempFail => Err(FlattenError::NotKnown(name.to_owned(), rtype)),
    }
}

/// What is left of a range when others are cut out of it.
fn without(network: Network, taken: &[Network]) -> Result<Vec<Network>, FlattenError> {
    let mut left = vec![network];
    for hole in taken {
        let mut next = Vec::new();
        for piece in left {
            cut(piece, hole, &mut next);
        }
        left = next;
        if left.len() > RANGES_MAX {
            return Err(FlattenError::TooManyRanges);
        }
    }
    Ok(left)
}

/// Halves the range until each half is in the hole or beside it; it takes a step a bit.
fn cut(network: Network, hole: &Network, out: &mut Vec<Network>) {
    let mut piece = network;
    loop {
        if hole.contains(&piece) {
            return;
        }
        if !piece.contains(hole) {
            out.push(piece);
            return;
        }
        let (low, high) = halves(piece);
        let (inside, beside) = if low.contains(hole) { (low, high) } else { (high, low) };
        out.push(beside);
        piece = inside;
    }
}

fn halves(network: Network) -> (Network, Network) {
    let prefix = network.prefix().saturating_add(1);
    let high: IpAddr = match network.address() {
        IpAddr::V4(address) => {
            let bit = 1u32.checked_shl(32u32.saturating_sub(prefix.into())).unwrap_or(0);
            std::net::Ipv4Addr::from_bits(address.to_bits() | bit).into()
        }
        IpAddr::V6(address) => {
            let bit = 1u128.checked_shl(128u32.saturating_sub(prefix.into())).unwrap_or(0);
            std::net::Ipv6Addr::from_bits(address.to_bits() | bit).into()
        }
    };
    (Network::new(network.address(), prefix), Network::new(high, prefix))
}

#[cfg(test)]
mod tests {
    use super::super::evaluate::{Query, Verdict, check_host};
    use super::super::test_zone::Zone;
    use super::*;

    fn written_out(zone: &Zone) -> Result<String, FlattenError> {
        let terms: Vec<String> = flatten(zone, "I.example.")?.iter().map(Network::term).collect();
        Ok(terms.join(" "))
    }

    #[test]
    fn terms_of_every_kind() {
        let zone = Zone::default()
            .and("i.example", "TXT", "v=spf1 ip4:192.0.2.0/30 a:h.example/31//127 mx ?include:j.example include:j.example redirect=k.example")
            .and("i.example", "MX", "h.example")
            .and("h.example", "A", "198.51.100.5")
            .and("h.example", "AAAA", "2001:db8::5")
            .and("j.example", "TXT", "v=spf1 ip4:192.0.2.1 ip4:203.0.113.9 -all")
            .and("k.example", "TXT", "v=spf1 ip4:203.0.113.8/31 ip6:2001:db8:1::/48 ~all");
        // 203.0.113.9 is neutral through `?include:` before all that would pass it: RFC 7208 §4.6.2, the first match decides.
        let expected = "ip4:192.0.2.0/30 ip4:198.51.100.4/31 ip6:2001:db8::4/127 ip4:203.0.113.8 ip6:2001:db8:1::/48";
        assert_eq!(written_out(&zone).as_deref(), Ok(expected));
    }

    #[test]
    fn what_is_taken_away_is_cut_out() {
        let zone =
            Zone::default().and("i.example", "TXT", "v=spf1 -ip4:192.0.2.5 ip4:192.0.2.0/29 -all ip4:203.0.113.1");
        // 0–7 without 5.
        assert_eq!(written_out(&zone).as_deref(), Ok("ip4:192.0.2.0/30 ip4:192.0.2.6/31 ip4:192.0.2.4"));
    }

    #[test]
    fn what_says_no_addresses_is_refused() {
        let of =
            |record: &str| written_out(&Zone::default().and("i.example", "TXT", record).and("e.example", "TXT", "x"));
        let no = |term: &str| Err(FlattenError::NoAddresses(term.to_owned()));
        assert_eq!(of("v=spf1 ip4:192.0.2.1 exists:%{i}.x.example -all"), no("exists:%{i}.x.example"));
        assert_eq!(of("v=spf1 ip4:192.0.2.1 ?exists:x.example -all"), no("?exists:x.example"));
        assert_eq!(of("v=spf1 include:%{d2}.x.example"), no("include:%{d2}.x.example"));
        assert_eq!(of("v=spf1 ip4:192.0.2.1 ptr -all"), no("ptr"));
        assert_eq!(of("v=spf1 redirect=%{d}.x.example"), no("redirect=%{d}.x.example"));
        assert_eq!(of("v=spf1 ip4:192.0.2.1 all"), Err(FlattenError::Everyone("i.example".into())));
        assert_eq!(of("v=spf1 -ip4:192.0.2.1 ip4:0.0.0.0/0"), Err(FlattenError::Everyone("i.example".into())));
        let halves = "ip4:128.0.0.0/2 ip4:0.0.0.0/1 ip4:192.0.2.1 ip4:192.0.0.0/2";
        assert_eq!(of(&format!("v=spf1 {halves} -all")), Err(FlattenError::Everyone("i.example".into())));
        assert_eq!(of("v=spf1 ip6:8000::/1 ip6:::/1 -all"), Err(FlattenError::Everyone("i.example".into())));
        assert_eq!(of("v=spf1 -ip4:192.0.2.1 ip4:0.0.0.0/1 ip4:128.0.0.0/1").map(|t| t.len() > 99), Ok(true));
        assert_eq!(of("v=spf1 ip4:192.0.2 -all"), Err(FlattenError::Syntax("i.example".into(), "ip4:192.0.2".into())));
        assert_eq!(of("v=spf1 include:none.example"), Err(FlattenError::NoRecord("none.example".into())));
        assert_eq!(of("v=spf1 include:e.example"), Err(FlattenError::NoRecord("e.example".into())));
        assert_eq!(of("v=spf1 include:i.example"), Err(FlattenError::Circle("i.example".into())));
        assert_eq!(of("v=spf1 a:silent.example"), Err(FlattenError::NotKnown("silent.example".into(), "A")));
        assert_eq!(of("v=spf1 -all"), Err(FlattenError::Nobody("i.example".into())));
        // A term behind the closing one says nothing.
        assert_eq!(of("v=spf1 ip4:192.0.2.1 -all ptr").as_deref(), Ok("ip4:192.0.2.1"));
    }

    #[test]
    fn bombs_end() {
        let ranges: String = (0..450).map(|n| format!(" ip4:10.{}.{}.0/24", n % 9, n / 9)).collect();
        let zone = Zone::default().and("i.example", "TXT", &format!("v=spf1{ranges} -all"));
        assert_eq!(written_out(&zone), Err(FlattenError::TooManyRanges));
        let mut zone = Zone::default().and("n60.example", "TXT", "v=spf1 ip4:192.0.2.1 -all");
        for n in 0..60 {
            let text = format!("v=spf1 include:n{0}.example include:n{0}.example", n + 1);
            zone = zone.and(&format!("n{n}.example"), "TXT", &text);
        }
        assert_eq!(flatten(&zone, "n0.example"), Err(FlattenError::TooManyTerms));
        // Holes that split an IPv6 range into a hundred pieces each.
        let holes: String = (1..100).map(|n| format!(" -ip6:2001:db8::{n:x}:1")).collect();
        let zone = Zone::default().and("i.example", "TXT", &format!("v=spf1{holes} ip6:2001:db8::/32 -all"));
        assert_eq!(written_out(&zone), Err(FlattenError::TooManyRanges));
    }

    #[test]
    fn qualifiers_and_order_stay() {
        let ranges = [Network::new([192, 0, 2, 1].into(), 32), Network::new([198, 51, 100, 0].into(), 24)];
        let of = |text: &str| {
            let record =
                expand(&Record::parse(text.as_bytes()), |name| (name == "x.example").then_some(ranges.as_slice()));
            record.map(|record| String::from_utf8(record.text().to_vec()).unwrap())
        };
        let written =
            of("v=spf1 a ?include:X.example. include:y.example -include:x.example exp=e.example ~all").unwrap();
        let ranges = ["ip4:192.0.2.1", "ip4:198.51.100.0/24"];
        let expected =
            format!("v=spf1 a ?{0} ?{1} include:y.example -{0} -{1} exp=e.example ~all", ranges[0], ranges[1]);
        assert_eq!(written, expected);
        assert_eq!(of("include:x.example").as_deref(), Some("ip4:192.0.2.1 ip4:198.51.100.0/24"));
        assert_eq!(of("v=spf1 include:y.example ~all"), None);
        assert_eq!(of("v=spf1 include:x.example foo:bar ~all"), None);
    }

    /// Every address of a small world gets the same verdict from the include as from what is written out for it.
    #[test]
    fn random_trees_mean_the_same() {
        let mut state = 7_208_u64;
        let mut below = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        let mut compared = 0;
        for _ in 0..250 {
            let mut zone = Zone::default();
            for (n, name) in ["i.example", "j.example", "k.example"].into_iter().enumerate() {
                let mut text = "v=spf1".to_owned();
                for _ in 0..below(5) {
                    let sign = ["", "", "", "-", "~", "?"][below(6) as usize];
                    let body = match below(6) {
                        0 | 1 => format!("ip4:192.0.2.{}/{}", below(16), 26 + below(7)),
                        2 => format!("ip6:2001:db8::{:x}/{}", below(8), 124 + below(5)),
                        3 if n < 2 => format!("include:{}.example", ["j", "k"][n]),
                        4 => format!("a:h.example/{}//{}", 28 + below(5), 125 + below(4)),
                        _ => "mx:i.example".to_owned(),
                    };
                    text += &format!(" {sign}{body}");
                }
                text += match below(4) {
                    0 => " ~all",
                    1 if n < 2 => " redirect=k.example",
                    2 => "",
                    _ => " -all",
                };
                zone = zone.and(name, "TXT", &text);
            }
            zone = zone.and("i.example", "MX", "h.example").and("h.example", "A", "192.0.2.9").and(
                "h.example",
                "AAAA",
                "2001:db8::5",
            );
            let Ok(ranges) = flatten(&zone, "i.example") else { continue };
            for sign in ["", "-", "~", "?"] {
                let before = format!("v=spf1 -ip4:192.0.2.3 {sign}include:i.example ip4:192.0.2.0/29 ?all");
                let after = expand(&Record::parse(before.as_bytes()), |_| Some(ranges.as_slice())).unwrap();
                let after = String::from_utf8(after.text().to_vec()).unwrap();
                let zone = zone.clone().and("b.example", "TXT", &before).and("a.example", "TXT", &after);
                let clients = (0..64u32).map(|n| IpAddr::from(Ipv4Addr::from(0xC000_0200 + n)));
                let clients = clients.chain((0..16).map(|n| Ipv6Addr::from_bits(0x2001_0db8 << 96 | n).into()));
                for client in clients {
                    let of = |from: &str| check_host(&zone, &Query::new(client, from, "h.example")).verdict;
                    let verdict = of("x@b.example");
                    if verdict != Verdict::PermError {
                        assert_eq!(of("x@a.example"), verdict, "{client}: {before} became {after}\n{zone:#?}");
                        compared += 1;
                    }
                }
            }
        }
        assert!(compared > 10_000, "{compared}");
    }
}
