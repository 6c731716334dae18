//! Plus-qualified SPF terms on trees of at most ten look-ups without errors, merged, pass exactly where any part passes: pyspf judges.
//!
//! Needs tests/.venv and fails without it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

#[path = "tools/dice.rs"]
mod dice;
mod tools;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use dice::Dice;
use serde_json::{Value, json};
use zoneplan::mail::spf::{
    MAX_LOOKUPS, MAX_VOIDS, Merged, Network, Options, Part, Qualifier, Record, TermKind, lookup_terms, merge,
};

/// Trees that are made, and how many of them must be fit to compare.
const TREES: usize = 600;
const ENOUGH: usize = 400;
/// Where the merged record stands.
const DOMAIN: &str = "example.com";
/// Addresses that no tree names: with them every term is evaluated, so they tell what a record costs.
const OUTSIDE: [&str; 2] = ["240.0.0.1", "3fff:ffff::1"];

impl Dice {
    fn between(&mut self, first: u8, last: u8) -> u8 {
        first + u8::try_from(self.below(usize::from(last - first) + 1)).expect("at most 255")
    }
}

/// A network in terms of numbers: bits of the family, the first address, the length of the prefix.
#[derive(Clone, Copy, Debug)]
struct Range {
    width: u32,
    start: u128,
    prefix: u32,
}

impl Range {
    fn size_bits(self) -> u32 {
        self.width - self.prefix
    }

    fn mask(self) -> u128 {
        if self.size_bits() == 128 { u128::MAX } else { (1 << self.size_bits()) - 1 }
    }

    fn address(self, offset: u128) -> IpAddr {
        address(self.width, (self.start & !self.mask()) | (offset & self.mask()))
    }
}

fn address(width: u32, number: u128) -> IpAddr {
    if width == 32 {
        Ipv4Addr::from_bits(u32::try_from(number & 0xffff_ffff).expect("32 bits")).into()
    } else {
        Ipv6Addr::from_bits(number).into()
    }
}

/// One existing record, parts, and the DNS around them.
struct Tree {
    zone: BTreeMap<String, BTreeMap<&'static str, BTreeSet<String>>>,
    existing: Option<String>,
    parts: Vec<String>,
    all: Option<Qualifier>,
    addresses: Vec<String>,
}

struct Maker {
    dice: Dice,
    zone: BTreeMap<String, BTreeMap<&'static str, BTreeSet<String>>>,
    ranges: Vec<Range>,
    hosts: Vec<String>,
    mail_domains: Vec<String>,
    includes: Vec<String>,
    /// Terms that stood somewhere in the existing record or the parts.
    used: Vec<String>,
}

impl Maker {
    fn tree(seed: u64) -> Tree {
        let mut maker = Maker {
            dice: Dice(seed),
            zone: BTreeMap::new(),
            ranges: Vec::new(),
            hosts: Vec::new(),
            mail_domains: Vec::new(),
            includes: Vec::new(),
            used: Vec::new(),
        };
        maker.dns();
        let existing = maker.dice.percent(70).then(|| maker.existing());
        let parts = (0..1 + maker.dice.below(3)).map(|_| maker.part()).collect();
        let all = [None, None, Some(Qualifier::SoftFail), Some(Qualifier::Fail), Some(Qualifier::Neutral)];
        let all = maker.dice.pick(&all);
        let addresses = maker.addresses();
        Tree { zone: maker.zone, existing, parts, all, addresses }
    }

    fn set(&mut self, name: &str, rtype: &'static str, value: String) {
        let _ = self.zone.entry(name.to_owned()).or_default().entry(rtype).or_default().insert(value);
    }

    /// Hosts with addresses of both families, names with MX, and records to include.
    fn dns(&mut self) {
        for index in 0..3 {
            let host = format!("h{index}.example.net");
            self.host(&host);
            self.hosts.push(host);
        }
        self.host(DOMAIN);
        self.hosts.push(DOMAIN.to_owned());
        for name in [DOMAIN, "m.example.net"] {
            for _ in 0..1 + self.dice.below(2) {
                let host = self.dice.pick(&self.hosts);
                self.set(name, "MX", host);
            }
            self.mail_domains.push(name.to_owned());
        }
        for index in 0..4 {
            let name = format!("i{index}.example.org");
            let record = self.included();
            self.set(&name, "TXT", record);
            self.includes.push(name);
        }
    }

    fn host(&mut self, name: &str) {
        for rtype in ["A", "AAAA"] {
            for _ in 0..1 + self.dice.below(2) {
                let width = if rtype == "A" { 32 } else { 128 };
                let range = Range { prefix: width, ..self.range(width) };
                self.ranges.push(range);
                let offset = u128::from(self.dice.next());
                self.set(name, rtype, range.address(offset).to_string());
            }
        }
    }

    /// A new range, or one around, inside or beside one that there is.
    fn range(&mut self, width: u32) -> Range {
        let same: Vec<Range> = self.ranges.iter().filter(|range| range.width == width).copied().collect();
        let random = (u128::from(self.dice.next()) << 64) | u128::from(self.dice.next());
        let range = if same.is_empty() || self.dice.percent(45) {
            let blocks: &[u128] = if width == 32 { &[10, 192, 203] } else { &[0x2001_0db8, 0x2a00_1450] };
            let (block, bits) = (self.dice.pick(blocks), if width == 32 { 8 } else { 32 });
            let start = (block << (width - bits)) | (random & ((1 << (width - bits)) - 1));
            let prefix = u32::from(if width == 32 { self.dice.between(8, 32) } else { self.dice.between(32, 128) });
            Range { width, start, prefix }
        } else {
            let other = self.dice.pick(&same);
            let (least, change) = (if width == 32 { 8 } else { 32 }, u32::from(self.dice.between(0, 6)));
            let wider = Range { prefix: other.prefix.saturating_sub(change).max(least), ..other };
            let inner = Range {
                prefix: (other.prefix + change).min(width),
                start: other.start ^ (random & other.mask()),
                ..other
            };
            // The other half of the next wider range; never out of the block.
            let step = 1u128.checked_shl(other.size_bits()).filter(|_| other.prefix > least).unwrap_or(0);
            let beside = Range { start: other.start ^ step, ..other };
            self.dice.pick(&[wider, inner, beside])
        };
        self.ranges.push(range);
        range
    }

    /// A record to include, on what is already there. Here any qualifier is allowed: an include passes or does not.
    fn included(&mut self) -> String {
        let mut record = String::from("v=spf1");
        for _ in 0..1 + self.dice.below(3) {
            let sign = self.dice.pick(&["", "", "", "", "+", "-", "~", "?"]);
            let term = self.plain_term(!self.includes.is_empty());
            record.push_str(&format!(" {sign}{term}"));
        }
        if !self.includes.is_empty() && self.dice.percent(20) {
            let target = self.dice.pick(&self.includes);
            return format!("{record} redirect={target}");
        }
        record + self.dice.pick(&[" -all", " ~all", " ?all", ""])
    }

    /// A term in its shortest spelling.
    fn plain_term(&mut self, may_include: bool) -> String {
        let prefix = |dice: &mut Dice| match dice.below(6) {
            0 => format!("/{}", dice.between(20, 32)),
            1 => format!("//{}", dice.between(40, 128)),
            2 => format!("/{}//{}", dice.between(20, 32), dice.between(40, 128)),
            _ => String::new(),
        };
        match self.dice.below(10) {
            0..=2 => self.network(32),
            3 | 4 => self.network(128),
            5 => format!("a:{}{}", self.dice.pick(&self.hosts), prefix(&mut self.dice)),
            6 => format!("mx:{}{}", self.dice.pick(&self.mail_domains), prefix(&mut self.dice)),
            7 if may_include => {
                let bare = self.dice.pick(&["a", "mx"]);
                format!("{bare}{}", prefix(&mut self.dice))
            }
            _ if may_include => format!("include:{}", self.dice.pick(&self.includes)),
            _ => self.network(32),
        }
    }

    fn network(&mut self, width: u32) -> String {
        let range = self.range(width);
        let (name, first) = (if width == 32 { "ip4" } else { "ip6" }, range.address(0));
        if range.size_bits() == 0 { format!("{name}:{first}") } else { format!("{name}:{first}/{}", range.prefix) }
    }

    /// A plus-qualified term: a new one, or one that was used.
    fn term(&mut self) -> String {
        if !self.used.is_empty() && self.dice.percent(30) {
            return self.dice.pick(&self.used);
        }
        let term = self.plain_term(true);
        self.used.push(term.clone());
        term
    }

    /// The same term, spelled as people do.
    fn spelled(&mut self, term: &str) -> String {
        let mut text = term.to_owned();
        let (body, suffix) = text.split_once('/').map_or((text.as_str(), None), |(body, suffix)| (body, Some(suffix)));
        let (name, value) = body.split_once(':').map_or((body, ""), |(name, value)| (name, value));
        let slash = suffix.map(|suffix| format!("/{suffix}")).unwrap_or_default();
        if self.dice.percent(50) {
            text = match name {
                // Host bits set, or the implied prefix written.
                "ip4" | "ip6" => {
                    let width = if name == "ip4" { 32 } else { 128 };
                    let start = match value.parse().expect("an address") {
                        IpAddr::V4(v4) => u128::from(v4.to_bits()),
                        IpAddr::V6(v6) => v6.to_bits(),
                    };
                    let prefix = suffix.map_or(width, |suffix| suffix.parse().expect("a prefix"));
                    let first = Range { width, start, prefix }.address(u128::from(self.dice.next()));
                    let shown = match first {
                        IpAddr::V6(v6) if self.dice.percent(50) => {
                            v6.segments().map(|part| format!("{part:04x}")).join(":")
                        }
                        other => other.to_string(),
                    };
                    format!("{name}:{shown}/{prefix}")
                }
                "a" | "mx" if value.is_empty() => format!("{name}:{DOMAIN}{slash}"),
                "a" | "mx" if value == DOMAIN => format!("{name}{slash}"),
                "a" | "mx" if slash.is_empty() => format!("{body}/32//128"),
                _ => format!("{body}.{slash}"),
            };
        }
        let upper = self.dice.below(4);
        text = match upper {
            0 => text.to_ascii_uppercase(),
            1 => text
                .split_once(':')
                .map_or(text.clone(), |(name, rest)| format!("{}:{rest}", name.to_ascii_uppercase())),
            _ => text,
        };
        if self.dice.percent(30) { format!("+{text}") } else { text }
    }

    fn terms(&mut self, most: usize) -> Vec<String> {
        let count = 1 + self.dice.below(most);
        let terms: Vec<String> = (0..count).map(|_| self.term()).collect();
        terms.iter().map(|term| self.spelled(term)).collect()
    }

    fn existing(&mut self) -> String {
        let space = self.dice.pick(&[" ", " ", "  "]);
        let mut words = vec![self.dice.pick(&["v=spf1", "v=spf1", "V=SPF1"]).to_owned()];
        words.extend(self.terms(4));
        match self.dice.below(10) {
            0 => words.push(format!("redirect={}", self.dice.pick(&self.includes))),
            1 => words.push(String::new()),
            2 => {
                words.push("~all".to_owned());
                words.extend(self.terms(1));
            }
            _ => words.push(self.dice.pick(&["~all", "-all", "?all", "~ALL"]).to_owned()),
        }
        words.join(space).trim_end().to_owned()
    }

    /// A whole record, or bare terms as many companies' pages show them.
    fn part(&mut self) -> String {
        let terms = self.terms(4).join(" ");
        match self.dice.below(3) {
            0 => terms,
            1 => format!("v=spf1 {terms}"),
            _ => format!("v=spf1 {terms} {}", self.dice.pick(&["~all", "-all", "?all"])),
        }
    }

    /// Half inside the ranges, at their edges too; half at random, some of them just outside; then those that cost most.
    fn addresses(&mut self) -> Vec<String> {
        let mut addresses = BTreeSet::new();
        for width in [32, 128] {
            let ranges: Vec<Range> = self.ranges.iter().filter(|range| range.width == width).copied().collect();
            for _ in 0..6 {
                let range = self.dice.pick(&ranges);
                let random = (u128::from(self.dice.next()) << 64) | u128::from(self.dice.next());
                let _ = addresses.insert(range.address(self.dice.pick(&[0, u128::MAX, random, random])));
                let outside = if self.dice.percent(50) {
                    (range.start & !range.mask()) ^ (1u128.checked_shl(range.size_bits()).unwrap_or(0))
                } else {
                    random & if width == 32 { 0xdfff_ffff } else { u128::MAX >> 3 }
                };
                let _ = addresses.insert(address(width, outside));
            }
        }
        addresses.iter().map(ToString::to_string).chain(OUTSIDE.map(str::to_owned)).collect()
    }
}

impl Tree {
    fn parsed(&self) -> (Option<Record>, Vec<Part<usize>>) {
        let parts = self.parts.iter().enumerate();
        let parts = parts.map(|(origin, text)| Part { record: Record::parse(text.as_bytes()), origin });
        (self.existing.as_ref().map(|text| Record::parse(text.as_bytes())), parts.collect())
    }

    fn merged(&self) -> Merged<usize> {
        let (existing, parts) = self.parsed();
        let options = Options { domain: DOMAIN, all: self.all, redirect_all: None };
        merge(existing.as_ref(), &parts, options).unwrap_or_else(|error| panic!("{error}\n{}", self.show()))
    }

    /// The records to evaluate: the existing one and the parts, then the merged one.
    fn records(&self) -> Vec<String> {
        let whole = |text: &String| if text.starts_with("v=") { text.clone() } else { format!("v=spf1 {text}") };
        let merged = String::from_utf8(self.merged().text().to_vec()).expect("ASCII");
        self.existing.iter().cloned().chain(self.parts.iter().map(whole)).chain([merged]).collect()
    }

    fn show(&self) -> String {
        format!("existing: {:?}\nparts: {:#?}\nall: {:?}\nzone: {:#?}", self.existing, self.parts, self.all, self.zone)
    }

    /// No look-up term and no network of any part is lost, and the merged record costs no more than its parts.
    fn check_nothing_lost(&self) {
        let (existing, parts) = self.parsed();
        let merged = self.merged();
        let shown = String::from_utf8_lossy(merged.text());
        let normal: BTreeSet<String> =
            merged.terms.iter().map(|merged| merged.term.normal(DOMAIN).as_str().to_owned()).collect();
        let passing = merged.record.live_mechanisms().filter(|term| term.qualifier == Qualifier::Pass);
        let networks: Vec<Network> = passing.filter_map(|term| term.kind.network()).collect();
        let mut cost = 0;
        for record in existing.iter().chain(parts.iter().map(|part| &part.record)) {
            assert_eq!(record.syntax_error(), None, "{}", self.show());
            cost += lookup_terms(record);
            for term in record.live_mechanisms().filter(|term| term.kind != TermKind::All) {
                let kept = match term.kind.network() {
                    Some(network) => networks.iter().any(|wide| wide.contains(&network)),
                    None => normal.contains(term.normal(DOMAIN).as_str()),
                };
                assert!(kept, "`{}` is lost in `{}`\n{}", term.raw, shown, self.show());
            }
            if let Some(redirect) = record.redirect().filter(|_| record.all().is_none()) {
                let target = redirect.kind.domain_spec().expect("a name").as_str().to_owned();
                let kept =
                    normal.contains(&format!("redirect={target}")) || normal.contains(&format!("include:{target}"));
                assert!(kept, "`{}` is lost in `{}`\n{}", redirect.raw, shown, self.show());
            }
        }
        let merged_cost = lookup_terms(&merged.record);
        assert!(merged_cost <= cost, "{merged_cost} look-ups in `{}`, {cost} before\n{}", shown, self.show());
    }
}

/// What pyspf said of one record.
struct Judged {
    results: Vec<String>,
    lookups: u64,
    voids: u64,
}

impl Judged {
    fn read(value: &Value) -> Self {
        let results = value["results"].as_array().expect("results").iter();
        Self {
            results: results.map(|result| result.as_str().expect("a word").to_owned()).collect(),
            lookups: value["lookups"].as_u64().expect("a number"),
            voids: value["voids"].as_u64().expect("a number"),
        }
    }

    fn is_error(&self) -> bool {
        let sound = |result: &String| ["pass", "fail", "softfail", "neutral"].contains(&result.as_str());
        !self.results.iter().all(sound) || self.lookups > 10
    }
}

#[test]
fn merged_records_pass_where_any_part_does() {
    assert_eq!((MAX_LOOKUPS, MAX_VOIDS), (10, 2));
    let trees: Vec<Tree> = (0..TREES).map(|seed| Maker::tree(u64::try_from(seed).expect("a small number"))).collect();
    let mut jobs = Vec::new();
    for tree in &trees {
        tree.check_nothing_lost();
        jobs.push(
            json!({ "domain": DOMAIN, "zone": tree.zone, "records": tree.records(), "addresses": tree.addresses }),
        );
    }
    let answers = tools::python("spf_eval.py", &Value::from(jobs));
    let answers = answers.as_array().expect("a list");
    assert_eq!(answers.len(), trees.len());

    let (mut kept, mut passed, mut not_passed) = (0, 0, 0);
    // The smallest tree that fails tells most.
    let mut failures: Vec<String> = Vec::new();
    for (tree, answer) in trees.iter().zip(answers) {
        let mut judged: Vec<Judged> = answer.as_array().expect("a list").iter().map(Judged::read).collect();
        let merged = judged.pop().expect("the merged record");
        let sum = |number: fn(&Judged) -> u64| judged.iter().map(number).sum::<u64>();
        let (lookups, voids) = (sum(|part| part.lookups), sum(|part| part.voids));
        if judged.iter().any(Judged::is_error) {
            continue;
        }
        let text = tree.records().pop().unwrap_or_default();
        if merged.is_error() {
            // Together the parts may ask too much, but only then.
            if lookups <= 10 && voids <= 2 {
                failures.push(format!("`{text}`: {:?}, no error before\n{}", merged.results, tree.show()));
            }
            continue;
        }
        kept += 1;
        if merged.lookups > lookups {
            failures.push(format!("`{text}`: {} look-ups, {lookups} before\n{}", merged.lookups, tree.show()));
        }
        for (index, address) in tree.addresses.iter().enumerate() {
            let any = judged.iter().any(|part| part.results[index] == "pass");
            let all = merged.results[index] == "pass";
            if any {
                passed += 1
            } else {
                not_passed += 1
            }
            if any != all {
                let who: Vec<&str> = judged.iter().map(|part| part.results[index].as_str()).collect();
                let result = &merged.results[index];
                failures.push(format!("{address}: {result} by `{text}`, before {who:?}\n{}", tree.show()));
            }
        }
    }
    let smallest = failures.iter().min_by_key(|failure| failure.len());
    assert!(failures.is_empty(), "{} differences; the smallest:\n{}", failures.len(), smallest.expect("one"));
    assert!(kept >= ENOUGH, "only {kept} of {TREES} trees are without errors and within ten look-ups");
    assert!(passed > 1000 && not_passed > 1000, "{passed} passes and {not_passed} others are too few to tell");
}
