//! Which edits could help, from what the record costs and who wants its terms.

use crate::compose::{ComposedZone, Declared, DeclaredSender, Envelope, Origin, Party, SpfPlace};
use crate::mail::spf::{self, Bill, Dns, Item, Network, Qualifier, Record, Term, TermKind};
use crate::report::{Text, join, visible};
use crate::say;
use crate::site::{SenderUse, Site};
use crate::zone::{Name, Rtype};

use super::{Edit, Kind, Place, Repair, Section};

/// More addresses than these are no gentle repair.
const ADDRESSES_MAX: usize = 10;
/// How deep an include is looked for behind others; receivers give up there.
const DEPTH_MAX: usize = 10;

/// What is known of the record of a site's domain.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// The site.
    pub site: &'a Site,
    /// Its own zone.
    pub zone: &'a ComposedZone,
    /// Who wants something.
    pub parties: &'a [Party],
    /// What the site says of its senders.
    pub declared: &'a Declared,
    /// The terms of the record, and who wants them.
    pub terms: &'a [(String, Vec<Origin>)],
    /// What the record costs.
    pub bill: &'a Bill,
    /// Who answers.
    pub dns: &'a dyn Dns,
}

/// What could be edited, the gentlest first. Whether it saves anything is for the caller to see.
#[must_use]
pub fn propose(situation: &Situation<'_>) -> Vec<Repair> {
    let mut out = Vec::new();
    // A number of senders that differs from the file's would lead to the wrong one.
    let senders = &situation.declared.senders;
    if senders.len() == situation.site.senders.len() {
        for (at, (sender, used)) in senders.iter().zip(&situation.site.senders).enumerate() {
            if used.span.file == situation.site.file {
                out.extend(situation.of_sender(at, sender, used));
            }
        }
    }
    for item in &situation.bill.items {
        out.extend(situation.of_term(item));
    }
    out.sort_by_key(|repair| repair.kind);
    out
}

impl Situation<'_> {
    fn domain(&self) -> String {
        self.site.domain.value.display_without_dot().to_string()
    }

    /// Who wants a term of the record, each once.
    fn wants(&self, term: &str) -> Vec<usize> {
        let of = self.terms.iter().find(|(text, _)| text.eq_ignore_ascii_case(term));
        let mut parties: Vec<usize> = of.into_iter().flat_map(|(_, origins)| origins).map(|o| o.party).collect();
        parties.sort_unstable();
        parties.dedup();
        parties
    }

    fn of_sender(&self, at: usize, sender: &DeclaredSender, used: &SenderUse) -> Vec<Repair> {
        let domain = &self.site.domain.value;
        let own: Vec<&Item> = self.bill.items.iter().filter(|i| self.wants(&i.term) == [sender.party]).collect();
        let at_from = matches!(sender.spf, SpfPlace::From | SpfPlace::Both) && sender.from == *domain;
        let Some(party) = self.parties.get(sender.party).filter(|_| at_from && !own.is_empty()) else {
            return Vec::new();
        };
        let company = &party.name;
        let terms = own.iter().map(|item| visible(&item.term)).collect::<Vec<_>>().join(" ");
        let set = |key, value: &str| Edit::Sender { sender: at, key, value: value.to_owned() };
        let docomo = || {
            self.declared.jp_mobile.then(|| {
                say!(
                    en: "docomo looks at the SPF of the From domain, whatever the Return-Path: it no longer finds {company}'s servers there, so mail by {company} may not arrive at docomo",
                    ja: "ドコモは Return-Path ではなく差出人ドメインの SPF を見ます。{company}のサーバーがそこから消えるため、{company}からのメールがドコモに届かないことがあります"; company = company
                )
            })
        };
        let mut out = Vec::new();
        match &sender.envelope {
            Envelope::Vendor => out.push(Repair {
                kind: Kind::Drop,
                what: say!(
                    en: "leave out `{terms}`: {company} uses its own Return-Path, so it aligns nothing (spf = \"omit\")",
                    ja: "`{terms}` を外す: {company}は自社の Return-Path を使うため、DMARC では数えられません（spf = \"omit\"）"; company = company
                ),
                risks: docomo().into_iter().collect(),
                edit: set("spf", "omit"),
            }),
            Envelope::Host(host) if host != domain => {
                let plain = host.display_without_dot().to_string();
                let leads_on = sender.spf == SpfPlace::From && self.zone.rrset(host, Rtype::CNAME).is_some();
                let what = if leads_on {
                    say!(
                        en: "leave `{terms}` to {plain}, {company}'s Return-Path, which has its own SPF by CNAME (spf = \"omit\")",
                        ja: "`{terms}` を外し、{company}の Return-Path の {plain} に任せる。CNAME の先に SPF があります（spf = \"omit\"）"; company = company
                    )
                } else {
                    say!(
                        en: "move `{terms}` to {plain}, {company}'s Return-Path (spf = \"return-path\")",
                        ja: "`{terms}` を、{company}の Return-Path の {plain} だけに入れる（spf = \"return-path\"）"; company = company
                    )
                };
                let elsewhere = say!(
                    en: "mail by {company} with another Return-Path than {plain} fails SPF: look at one before",
                    ja: "Return-Path が {plain} でないメールは SPF が不合格になります。先に {company}のメールで Return-Path を確かめてください"; company = company
                );
                out.push(Repair {
                    kind: Kind::ReturnPath,
                    what,
                    risks: docomo().into_iter().chain([elsewhere]).collect(),
                    edit: set("spf", if leads_on { "omit" } else { "return-path" }),
                });
            }
            Envelope::Host(_) | Envelope::From | Envelope::Unknown => {}
        }
        let only_sends = sender.sends && !sender.receives && !sender.web;
        let is_movable = only_sends && used.subdomain.is_none() && used.from.is_none();
        let others = self.terms.iter().any(|(term, _)| !spf::is_all(term) && !self.wants(term).contains(&sender.party));
        if let Some(label) = self.free_label(sender, party).filter(|_| is_movable && others) {
            let address = format!("…@{label}.{}", self.domain());
            out.push(Repair {
                kind: Kind::Split,
                what: say!(
                    en: "let {company} send as {address} (subdomain = \"{label}\")",
                    ja: "{company}の差出人を {address} にする（subdomain = \"{label}\"）"; company = company
                ),
                risks: vec![say!(
                    en: "people see another sender address, and {company}'s panel has to be set to it, with its DKIM, before the records change",
                    ja: "受信者に見える差出人アドレスが変わります。レコードを変える前に、{company}の画面で差出人と DKIM を設定し直してください"; company = company
                )],
                edit: set("subdomain", &label),
            });
        }
        out
    }

    /// A name below the domain that nothing stands at.
    fn free_label(&self, sender: &DeclaredSender, party: &Party) -> Option<String> {
        let base = match sender.kind {
            "shop" => "shop",
            "esp" | "ma" => "news",
            _ => party.id.as_deref()?,
        };
        let domain = &self.site.domain.value;
        let is_free = |label: &String| {
            let Ok(name) = domain.child(label.as_str()) else { return false };
            let below = |other: &Name| *other == name || other.is_subdomain_of(&name);
            !self.zone.rrsets.iter().any(|set| below(&set.name))
                && !self.site.subdomains.iter().any(|s| below(&s.name.value))
                && !self.declared.senders.iter().any(|s| below(&s.from))
        };
        std::iter::once(base.to_owned()).chain((2..10).map(|n| format!("{base}{n}"))).find(is_free)
    }

    fn of_term(&self, item: &Item) -> Vec<Repair> {
        let parsed = Record::parse(item.term.as_bytes());
        let Some(term) = parsed.terms().first() else { return Vec::new() };
        match &term.kind {
            TermKind::A { .. } | TermKind::Mx { .. } if item.name.is_some() => {
                self.of_hosts(term).into_iter().collect()
            }
            TermKind::Include(_) => {
                let include = item.name.as_deref().and_then(|name| Name::parse_absolute(name).ok());
                let Some(include) = include else { return Vec::new() };
                self.covered_include(item, term).into_iter().chain(self.written_out(item, include)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Where site.toml itself has the term, as it is written there.
    fn place(&self, term: &Term) -> Option<(Place, String)> {
        let domain = self.domain();
        let normal = term.normal(&domain);
        let written = |text: &[u8]| {
            let record = Record::parse(text);
            record.terms().iter().find(|t| t.normal(&domain) == normal).map(|t| t.raw.clone())
        };
        let here = |file| file == self.site.file;
        let mut extra = self.site.spf.extra.iter().filter(|text| here(text.span.file));
        if let Some(raw) = extra.find_map(|text| written(text.value.as_bytes())) {
            return Some((Place::Extra(Section::Domain), raw));
        }
        self.site.records.iter().enumerate().find_map(|(at, record)| {
            let text = record.rdata.value.txt_joined();
            let is_it = record.rtype.value == Rtype::TXT
                && record.name.value == self.site.domain.value
                && here(record.span.file)
                && spf::is_spf(&text);
            Some((Place::Record(at), written(&text).filter(|_| is_it)?))
        })
    }

    /// The terms of the record that decide before one would, or instead of it: with a passing one of them that matches the same clients, the
    /// term can go. Those before it decide first in any case; those behind it only up to the first that does not pass.
    fn besides(&self, term: &Term) -> Vec<Term> {
        let domain = self.domain();
        let terms = self.terms.iter().flat_map(|(text, _)| Record::parse(text.as_bytes()).terms().to_vec());
        let mut terms: Vec<Term> = terms.filter(|t| !t.kind.is_modifier()).collect();
        let Some(at) = terms.iter().position(|t| t.normal(&domain) == term.normal(&domain)) else { return Vec::new() };
        let mut behind =
            terms.split_off(at).into_iter().skip(1).take_while(|t| t.qualifier == Qualifier::Pass).collect();
        terms.retain(|t| t.qualifier == Qualifier::Pass);
        terms.append(&mut behind);
        terms
    }

    /// An `a` or `mx` that its addresses can stand for, or that goes because they pass already.
    fn of_hosts(&self, term: &Term) -> Option<Repair> {
        let (place, raw) = self.place(term)?;
        let addresses = spf::addresses(self.dns, &term.kind, &self.domain()).ok()?;
        let shown = visible(&raw).into_owned();
        let passing: Vec<Network> = self.besides(term).iter().filter_map(|t| t.kind.network()).collect();
        let covered = term.qualifier == Qualifier::Pass
            && !addresses.is_empty()
            && addresses.iter().all(|address| passing.iter().any(|range| range.contains(address)));
        if covered {
            return Some(Repair {
                kind: Kind::Covered,
                what: say!(en: "take out `{shown}`: its addresses pass already", ja: "`{shown}` を外す: そのアドレスは、ほかの項目ですでに合格になります"),
                risks: vec![say!(
                    en: "when the host gets another address, mail from there fails",
                    ja: "ホストのアドレスが変わると、そこからのメールが不合格になります"
                )],
                edit: Edit::Term { place, term: raw, by: Vec::new() },
            });
        }
        if addresses.len() > ADDRESSES_MAX {
            return None;
        }
        let sign = if term.explicit_qualifier { term.qualifier.symbol().to_string() } else { String::new() };
        let mut by: Vec<String> = Vec::new();
        for text in addresses.iter().map(|address| format!("{sign}{}", address.term())) {
            if !by.contains(&text) {
                by.push(text);
            }
        }
        let list = by.join(" ");
        let what = if by.is_empty() {
            say!(en: "take out `{shown}`: there is no address behind it", ja: "`{shown}` を外す: その先にアドレスがありません")
        } else {
            say!(en: "write `{shown}` as its addresses: {list}", ja: "`{shown}` をアドレスで書く: {list}")
        };
        let risk = say!(
            en: "a copy: when the host gets another address, the term has to be changed by hand",
            ja: "写しになります。ホストのアドレスが変わったら、手で書き直す必要があります"
        );
        Some(Repair { kind: Kind::Addresses, what, risks: vec![risk], edit: Edit::Term { place, term: raw, by } })
    }

    /// An include that another include of the record leads to as well.
    fn covered_include(&self, item: &Item, term: &Term) -> Option<Repair> {
        let name = item.name.as_deref()?;
        if term.qualifier != Qualifier::Pass {
            return None;
        }
        let other = self.besides(term).into_iter().find(|other| match &other.kind {
            TermKind::Include(spec) if !spec.has_macros() => {
                let at = spec.as_str().trim_end_matches('.').to_ascii_lowercase();
                at != name && self.passes_with(&at, name, DEPTH_MAX)
            }
            _ => false,
        })?;
        let edit = match (self.place(term), self.wants(&item.term).as_slice()) {
            (Some((place, raw)), [0]) => Edit::Term { place, term: raw, by: Vec::new() },
            (_, [party]) => {
                let sender = self.declared.senders.iter().position(|s| s.party == *party)?;
                let of = |(text, origins): &&(String, Vec<Origin>)| {
                    !spf::is_all(text) && origins.iter().any(|o| o.party == *party)
                };
                let is_here = self.site.senders.get(sender).is_some_and(|used| used.span.file == self.site.file);
                (is_here && self.terms.iter().filter(of).count() == 1).then(|| Edit::Sender {
                    sender,
                    key: "spf",
                    value: "omit".to_owned(),
                })?
            }
            _ => return None,
        };
        let (shown, other) = (visible(&item.term), visible(&other.raw));
        Some(Repair {
            kind: Kind::Covered,
            what: say!(en: "take out `{shown}`: `{other}` includes it too", ja: "`{shown}` を外す: `{other}` の中にも入っています"),
            risks: vec![say!(
                en: "when `{other}` no longer does, mail from there fails",
                ja: "`{other}` から外されると、そこからのメールが不合格になります"
            )],
            edit,
        })
    }

    /// Whether whoever passes at `include` passes at `at` as well.
    fn passes_with(&self, at: &str, include: &str, depth: usize) -> bool {
        let spf::Answer::Records(texts) = self.dns.txt(at) else { return false };
        let mut texts = texts.iter().filter(|text| spf::is_spf(text));
        let (Some(text), None, Some(depth)) = (texts.next(), texts.next(), depth.checked_sub(1)) else { return false };
        let record = Record::parse(text);
        if record.syntax_error().is_some() {
            return false;
        }
        let redirect = record.redirect().filter(|_| record.all().is_none());
        for term in record.live_mechanisms().chain(redirect) {
            if term.qualifier != Qualifier::Pass {
                return false;
            }
            let (TermKind::Include(spec) | TermKind::Redirect(spec)) = &term.kind else { continue };
            let name = spec.as_str().trim_end_matches('.').to_ascii_lowercase();
            if !spec.has_macros() && (name == include || self.passes_with(&name, include, depth)) {
                return true;
            }
        }
        false
    }

    fn written_out(&self, item: &Item, include: Name) -> Option<Repair> {
        let section = &self.site.spf;
        // A section in the file that is extended would be hidden whole by one in this file.
        let is_here = section.span.is_none_or(|span| span.file == self.site.file);
        let parties = self.wants(&item.term);
        let companies: Vec<Text> =
            parties.iter().filter(|p| **p != 0).filter_map(|p| Some(self.parties.get(*p)?.name.clone())).collect();
        let (shown, whose) = (
            visible(&item.term),
            if companies.is_empty() {
                Text::same(visible(&include.display_without_dot().to_string()))
            } else {
                join(&companies)
            },
        );
        is_here.then(|| Repair {
            kind: Kind::Flatten,
            what: say!(en: "write `{shown}` out as addresses, from pins ([spf] flatten)", ja: "`{shown}` を、控えをもとにアドレスで書き出す（[spf] flatten）"),
            risks: vec![say!(
                en: "a copy: when {whose} changes its servers, mail from the new ones fails until the pins are looked up again",
                ja: "写しになります。{whose}がサーバーを変えると、控えを取り直すまで、新しいサーバーからのメールが不合格になります"; whose = whose
            )],
            edit: Edit::Flatten { section: Section::Domain, include },
        })
    }
}
