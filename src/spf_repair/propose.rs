//! Which edits could help, from what a record costs and who wants its terms.

use crate::catalogue::sender::Role;
use crate::compose::{Declared, DeclaredSender, Envelope, Origin, Party, SpfPlace};
use crate::mail::spf::{self, Bill, Dns, Item, Network, Qualifier, Record, Term, TermKind};
use crate::report::{Text, excerpt, join, visible};
use crate::say;
use crate::site::{SenderUse, Site, SpfSection};
use crate::zone::{Name, Rtype};

use super::{Edit, Kind, OwnRecord, Place, Refusal, Repair, Section};

/// More addresses than these are no gentle repair.
const ADDRESSES_MAX: usize = 10;
/// How deep an include is looked for behind others; receivers give up there.
const DEPTH_MAX: usize = 10;
/// As much of a term as a sentence shows.
const SHOWN: usize = 100;

/// What is known of one of a site's records.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// The site.
    pub site: &'a Site,
    /// The record.
    pub own: &'a OwnRecord<'a>,
    /// Who wants something.
    pub parties: &'a [Party],
    /// What the site says of its senders.
    pub declared: &'a Declared,
    /// What the record costs.
    pub bill: &'a Bill,
    /// Who answers.
    pub dns: &'a dyn Dns,
}

/// What could be edited, and what not.
#[derive(Clone, Debug, Default)]
pub struct Proposals {
    /// The edits, the gentlest first. Whether they save anything is for the caller to see.
    pub repairs: Vec<Repair>,
    /// What there is no edit for, and why.
    pub refused: Vec<Refusal>,
}

impl Proposals {
    fn refuse(&mut self, kind: Kind, what: Text, why: Text) {
        self.refused.push(Refusal { kind, what, why, include: None, is_minor: false });
    }

    fn refuse_quietly(&mut self, kind: Kind, what: Text, why: Text) {
        self.refused.push(Refusal { kind, what, why, include: None, is_minor: true });
    }
}

/// What could be edited for a record, the gentlest first.
#[must_use]
pub fn propose(situation: &Situation<'_>) -> Proposals {
    let mut out = Proposals::default();
    // A number of senders that differs from the file's would lead to the wrong one.
    let senders = &situation.declared.senders;
    if senders.len() == situation.site.senders.len() {
        for (at, (sender, used)) in senders.iter().zip(&situation.site.senders).enumerate() {
            if used.span.file == situation.site.file {
                situation.of_sender(at, sender, used, &mut out);
            }
        }
    }
    for item in &situation.bill.items {
        situation.of_term(item, &mut out);
    }
    out.repairs.sort_by_key(|repair| repair.kind);
    out
}

/// Sentences for what can't be done.
fn not_addresses(term: &str) -> Text {
    let term = excerpt(term, SHOWN);
    say!(en: "`{term}` can't be written as its addresses", ja: "`{term}` はアドレスに置き換えられません")
}

fn not_taken_out(term: &str) -> Text {
    let term = excerpt(term, SHOWN);
    say!(en: "`{term}` can't be taken out", ja: "`{term}` は外せません")
}

fn not_written_out(include: &Name) -> Text {
    let include = visible(&include.display_without_dot().to_string()).into_owned();
    say!(en: "include:{include} can't be written out as addresses", ja: "include:{include} はアドレスで書き出せません")
}

impl Situation<'_> {
    fn domain(&self) -> String {
        self.own.name.display_without_dot().to_string()
    }

    fn wants(&self, term: &str) -> Vec<usize> {
        self.own.wants(term)
    }

    /// Whether the record is that of the site's own domain.
    fn is_domain(&self) -> bool {
        *self.own.name == self.site.domain.value
    }

    fn of_sender(&self, at: usize, sender: &DeclaredSender, used: &SenderUse, out: &mut Proposals) {
        let name = self.own.name;
        let own: Vec<&Item> = self.bill.items.iter().filter(|i| self.wants(&i.term) == [sender.party]).collect();
        let at_from = matches!(sender.spf, SpfPlace::From | SpfPlace::Both) && sender.from == *name;
        let Some(party) = self.parties.get(sender.party).filter(|_| at_from && !own.is_empty()) else { return };
        let company = &party.name;
        let terms = own.iter().map(|item| excerpt(&item.term, SHOWN)).collect::<Vec<_>>().join(" ");
        let set = |key, value: &str| Edit::Sender { sender: at, key, value: value.to_owned() };
        let docomo = || {
            self.declared.jp_mobile.then(|| {
                say!(
                    en: "docomo looks at the SPF of the From domain, whatever the Return-Path: it no longer finds {company}'s servers there, so mail by {company} may not arrive at docomo",
                    ja: "ドコモは Return-Path ではなく差出人ドメインの SPF を見ます。{company}のサーバーがそこから消えるため、{company}からのメールがドコモに届かないことがあります"; company = company
                )
            })
        };
        let stay =
            || say!(en: "`{terms}` of {company} stays", ja: "{company}の `{terms}` は外せません"; company = company);
        match &sender.envelope {
            Envelope::Vendor => out.repairs.push(Repair {
                kind: Kind::Drop,
                what: say!(
                    en: "leave out `{terms}`: {company} uses its own Return-Path, so it aligns nothing (spf = \"omit\")",
                    ja: "`{terms}` を外す: {company}は自社の Return-Path を使うため、DMARC では数えられません（spf = \"omit\"）"; company = company
                ),
                risks: docomo().into_iter().collect(),
                otherwise: stay(),
                term: None,
                moves: Some(sender.party),
                edit: set("spf", "omit"),
            }),
            Envelope::Host(host) if host != name => {
                let plain = host.display_without_dot().to_string();
                let leads_on = sender.spf == SpfPlace::From && self.own.zone.rrset(host, Rtype::CNAME).is_some();
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
                out.repairs.push(Repair {
                    kind: Kind::ReturnPath,
                    what,
                    risks: docomo().into_iter().chain([elsewhere]).collect(),
                    otherwise: stay(),
                    term: None,
                moves: Some(sender.party),
                    edit: set("spf", if leads_on { "omit" } else { "return-path" }),
                });
            }
            Envelope::Host(_) | Envelope::From => out.refuse_quietly(
                Kind::Drop,
                stay(),
                say!(en: "its Return-Path is {name}", ja: "Return-Path が {name} だからです", name = self.domain()),
            ),
            Envelope::Unknown => out.refuse_quietly(
                Kind::Drop,
                stay(),
                say!(en: "its Return-Path is not known", ja: "Return-Path が分かっていません"),
            ),
        }
        self.split(at, sender, used, party, out);
    }

    /// A sender that could send as a subdomain.
    fn split(&self, at: usize, sender: &DeclaredSender, used: &SenderUse, party: &Party, out: &mut Proposals) {
        let company = &party.name;
        let otherwise = say!(en: "{company} can't move to a subdomain", ja: "{company}はサブドメインに移せません"; company = company);
        let others =
            self.own.terms.iter().any(|(term, _)| !spf::is_all(term) && !self.wants(term).contains(&sender.party));
        let why = if !self.is_domain() || used.subdomain.is_some() || used.from.is_some() {
            say!(en: "its From domain is chosen already", ja: "差出人ドメインはすでに指定されています")
        } else if !sender.sends || sender.receives || sender.web {
            say!(en: "it does more than send", ja: "送信以外にも使っています")
        } else if !others {
            say!(en: "nobody else's terms are here", ja: "ほかの利用サービスの項目がありません")
        } else if let Some(label) = self.free_label(sender, party) {
            let address = format!("…@{label}.{}", self.domain());
            out.repairs.push(Repair {
                kind: Kind::Split,
                what: say!(
                    en: "let {company} send as {address} (subdomain = \"{label}\")",
                    ja: "{company}の差出人を {address} にする（subdomain = \"{label}\"）"; company = company
                ),
                risks: vec![say!(
                    en: "people see another sender address, and {company}'s panel has to be set to it, with its DKIM, before the records change",
                    ja: "受信者に見える差出人アドレスが変わります。レコードを変える前に、{company}の画面で差出人と DKIM を設定し直してください"; company = company
                )],
                otherwise,
                term: None,
                moves: Some(sender.party),
                edit: Edit::Sender { sender: at, key: "subdomain", value: label },
            });
            return;
        } else {
            say!(en: "no name for it is free", ja: "空いている名前がありません")
        };
        out.refuse_quietly(Kind::Split, otherwise, why);
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
            !self.own.zone.rrsets.iter().any(|set| below(&set.name))
                && !self.site.subdomains.iter().any(|s| below(&s.name.value))
                && !self.declared.senders.iter().any(|s| below(&s.from))
        };
        std::iter::once(base.to_owned()).chain((2..10).map(|n| format!("{base}{n}"))).find(is_free)
    }

    fn of_term(&self, item: &Item, out: &mut Proposals) {
        let parsed = Record::parse(item.term.as_bytes());
        let Some(term) = parsed.terms().first() else { return };
        match &term.kind {
            TermKind::A { .. } | TermKind::Mx { .. } if item.name.is_some() => self.of_hosts(term, out),
            TermKind::Include(_) => {
                let include = item.name.as_deref().and_then(|name| Name::parse_absolute(name).ok());
                match include {
                    Some(include) => {
                        self.covered_include(item, term, out);
                        self.written_out(item, include, out);
                    }
                    None => out.refuse_quietly(Kind::Flatten, not_taken_out(&item.term), depends()),
                }
            }
            TermKind::Redirect(_) => out.refuse_quietly(
                Kind::Flatten,
                not_taken_out(&item.term),
                say!(en: "it decides for all that no term matches", ja: "どの項目にもあてはまらない送信元を、すべてその先が決めるからです"),
            ),
            _ => out.refuse_quietly(Kind::Covered, not_taken_out(&item.term), depends()),
        }
    }

    fn section(&self) -> Option<Section> {
        section(self.site, self.own.name)
    }

    fn extra(&self) -> &[crate::toml_reader::At<String>] {
        let sections = self.site.spf_sections();
        sections.filter(|(name, _)| *name == self.own.name).map(|(_, s)| s.extra.as_slice()).next().unwrap_or_default()
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
        let mut extra = self.extra().iter().filter(|text| here(text.span.file));
        if let Some(raw) = extra.find_map(|text| written(text.value.as_bytes())) {
            return Some((Place::Extra(self.section()?), raw));
        }
        let record = self.site.records.iter().enumerate().find_map(|(at, record)| {
            let text = record.rdata.value.txt_joined();
            let is_it = record.rtype.value == Rtype::TXT
                && record.name.value == *self.own.name
                && here(record.span.file)
                && spf::is_spf(&text);
            Some((Place::Record(at), written(&text).filter(|_| is_it)?))
        });
        record.or_else(|| {
            let [party] = self.wants(&term.raw)[..] else { return None };
            let sender = self.declared.senders.iter().position(|s| s.party == party)?;
            let used = self.site.senders.get(sender).filter(|used| here(used.span.file))?;
            used.variables.iter().find_map(|(key, value)| {
                let value = value.as_ref().filter(|value| here(value.span.file))?;
                Some((Place::Sender(sender, key.value.clone()), written(value.value.as_bytes())?))
            })
        })
    }

    /// The terms of the record that decide before one would, or instead of it: with a passing one of them that matches the same clients, the
    /// term can go. Those before it decide first in any case; those behind it only up to the first that does not pass.
    fn besides(&self, term: &Term) -> Vec<Term> {
        let domain = self.domain();
        let terms = self.own.terms.iter().flat_map(|(text, _)| Record::parse(text.as_bytes()).terms().to_vec());
        let mut terms: Vec<Term> = terms.filter(|t| !t.kind.is_modifier()).collect();
        let Some(at) = terms.iter().position(|t| t.normal(&domain) == term.normal(&domain)) else { return Vec::new() };
        let mut behind =
            terms.split_off(at).into_iter().skip(1).take_while(|t| t.qualifier == Qualifier::Pass).collect();
        terms.retain(|t| t.qualifier == Qualifier::Pass);
        terms.append(&mut behind);
        terms
    }

    /// An `a` or `mx` that its addresses can stand for, or that goes because they pass already.
    fn of_hosts(&self, term: &Term, out: &mut Proposals) {
        let addresses = match spf::addresses(self.dns, &term.kind, &self.domain()) {
            Ok(addresses) => addresses,
            Err(why) => return out.refuse(Kind::Addresses, not_addresses(&term.raw), why.text()),
        };
        let passing: Vec<Network> = self.besides(term).iter().filter_map(|t| t.kind.network()).collect();
        let is_covered = term.qualifier == Qualifier::Pass
            && !addresses.is_empty()
            && addresses.iter().all(|address| passing.iter().any(|range| range.contains(address)));
        if is_covered {
            self.by_others(term, &[], Kind::Covered, out);
        }
        let sign = if term.explicit_qualifier { term.qualifier.symbol().to_string() } else { String::new() };
        let mut by: Vec<String> = Vec::new();
        for text in addresses.iter().map(|address| format!("{sign}{}", address.term())) {
            if !by.contains(&text) {
                by.push(text);
            }
        }
        if by.len() > ADDRESSES_MAX {
            let n = by.len();
            let why = say!(en: "they are {n}, and each change of one would have to be copied", ja: "{n} 個あり、1 つ変わるたびに書き直すことになります");
            return out.refuse(Kind::Addresses, not_addresses(&term.raw), why);
        }
        self.by_others(term, &by, Kind::Addresses, out);
    }

    /// Other terms in place of an `a` or `mx`, or none.
    fn by_others(&self, term: &Term, by: &[String], kind: Kind, out: &mut Proposals) {
        let otherwise = match kind {
            Kind::Covered => not_taken_out(&term.raw),
            _ => not_addresses(&term.raw),
        };
        let (edit, raw, instead) = match self.place(term) {
            Some((place, raw)) => (Edit::Term { place, term: raw.clone(), by: by.to_vec() }, raw, None),
            None => match self.instead(term, by) {
                Ok((edit, party)) => (edit, term.raw.clone(), Some(party)),
                Err(why) => return out.refuse(kind, otherwise, why),
            },
        };
        let shown = excerpt(&raw, SHOWN);
        let list = by.join(" ");
        let what = if kind == Kind::Covered {
            say!(en: "take out `{shown}`: its addresses pass already", ja: "`{shown}` を外す: そのアドレスは、ほかの項目ですでに合格になります")
        } else if by.is_empty() {
            say!(en: "take out `{shown}`: there is no address behind it", ja: "`{shown}` を外す: その先にアドレスがありません")
        } else {
            say!(en: "write `{shown}` as its addresses: {list}", ja: "`{shown}` をアドレスで書く: {list}")
        };
        let risk = if by.is_empty() && kind != Kind::Covered {
            say!(en: "when the name gets an address, mail from there fails", ja: "この名前にアドレスができると、そこからのメールは不合格になります")
        } else if kind == Kind::Covered {
            say!(en: "when the host gets another address, mail from there fails", ja: "ホストのアドレスが変わると、そこからのメールが不合格になります")
        } else {
            say!(
                en: "a copy: when the host gets another address, the term has to be changed by hand",
                ja: "写しになります。ホストのアドレスが変わったら、手で書き直す必要があります"
            )
        };
        let template = instead.and_then(|party| self.parties.get(party)).map(|party| {
            say!(
                en: "{company}'s terms are then the site's own (spf = \"omit\", extra): what {company} changes in them has to be changed by hand",
                ja: "{company}の項目は、この site.toml の項目になります（spf = \"omit\" と extra）。{company}の案内が変わったら、手で書き直す必要があります"; company = party.name
            )
        });
        let risks = std::iter::once(risk).chain(template).collect();
        let term = Some(term.raw.clone());
        out.repairs.push(Repair { kind, what, risks, otherwise, term, moves: None, edit });
    }

    /// A term that a sender's template adds is edited by writing all of the sender's terms into the site; with whose they are.
    fn instead(&self, term: &Term, by: &[String]) -> Result<(Edit, usize), Text> {
        let [party] = self.wants(&term.raw)[..] else {
            return Err(say!(en: "several want it", ja: "複数の利用サービスが必要としています"));
        };
        let elsewhere = || say!(en: "it does not stand in this file", ja: "このファイルには書かれていません");
        let at = self.declared.senders.iter().position(|s| s.party == party).ok_or_else(elsewhere)?;
        let here = |used: &&SenderUse| used.span.file == self.site.file && used.has_role(Role::Send);
        let (Some(sender), Some(_), Some(section)) =
            (self.declared.senders.get(at), self.site.senders.get(at).filter(here), self.section())
        else {
            return Err(elsewhere());
        };
        if sender.spf != SpfPlace::From || sender.from != *self.own.name {
            return Err(
                say!(en: "its sender has it at its Return-Path too", ja: "利用サービスの Return-Path にも入っています"),
            );
        }
        let mut terms = Vec::new();
        let own = self.own.terms.iter().map(|(text, _)| text);
        for text in own.filter(|text| !spf::is_all(text) && self.wants(text).contains(&party)) {
            let parsed = Record::parse(text.as_bytes());
            if parsed.terms().iter().any(|t| t.kind.is_modifier()) {
                return Err(
                    say!(en: "`{text}` can't stand in extra", ja: "`{text}` は extra に書けません", text = excerpt(text, SHOWN)),
                );
            }
            if text.eq_ignore_ascii_case(&term.raw) {
                terms.extend(by.iter().cloned());
            } else {
                terms.push(text.clone());
            }
        }
        Ok((Edit::Instead { sender: at, section, terms }, party))
    }

    /// An include that another include of the record leads to as well.
    fn covered_include(&self, item: &Item, term: &Term, out: &mut Proposals) {
        let Some(name) = item.name.as_deref() else { return };
        if term.qualifier != Qualifier::Pass {
            return;
        }
        let other = self.besides(term).into_iter().find(|other| match &other.kind {
            TermKind::Include(spec) if !spec.has_macros() => {
                let at = spec.as_str().trim_end_matches('.').to_ascii_lowercase();
                at != name && self.passes_with(&at, name, DEPTH_MAX)
            }
            _ => false,
        });
        let Some(other) = other else { return };
        let edit = match (self.place(term), self.wants(&item.term).as_slice()) {
            (Some((place, raw)), [0]) => Some(Edit::Term { place, term: raw, by: Vec::new() }),
            (_, [party]) => self.declared.senders.iter().position(|s| s.party == *party).and_then(|sender| {
                let of = |(text, origins): &&(String, Vec<Origin>)| {
                    !spf::is_all(text) && origins.iter().any(|o| o.party == *party)
                };
                let is_here = self.site.senders.get(sender).is_some_and(|used| used.span.file == self.site.file);
                let alone = self.own.terms.iter().filter(of).count() == 1;
                (is_here && alone).then(|| Edit::Sender { sender, key: "spf", value: "omit".to_owned() })
            }),
            _ => None,
        };
        let (shown, other) = (excerpt(&item.term, SHOWN), excerpt(&other.raw, SHOWN));
        let Some(edit) = edit else {
            let why = say!(en: "`{other}` includes it too, but its sender has more terms, or it does not stand in this file", ja: "`{other}` の中にも入っていますが、利用サービスの項目がほかにもあるか、このファイルに書かれていません");
            return out.refuse(Kind::Covered, not_taken_out(&item.term), why);
        };
        out.repairs.push(Repair {
            kind: Kind::Covered,
            what: say!(en: "take out `{shown}`: `{other}` includes it too", ja: "`{shown}` を外す: `{other}` の中にも入っています"),
            risks: vec![say!(
                en: "when `{other}` no longer does, mail from there fails",
                ja: "`{other}` から外されると、そこからのメールが不合格になります"
            )],
            otherwise: not_taken_out(&item.term),
            term: Some(item.term.clone()),
            moves: None,
            edit,
        });
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

    fn written_out(&self, item: &Item, include: Name, out: &mut Proposals) {
        let mut refuse = |why: Text| {
            let (kind, what) = (Kind::Flatten, not_written_out(&include));
            out.refused.push(Refusal { kind, what, why, include: Some(include.clone()), is_minor: false });
        };
        // A section in the file that is extended would be hidden whole by one in this file.
        let Some(section) = self.section() else {
            return refuse(
                say!(en: "the section for it stands in the file that this one extends", ja: "書き込む節が、extends で読むほうのファイルにあります"),
            );
        };
        if self.own.parts.contains(&include) {
            return refuse(
                say!(en: "it is a part of this record, which was split because of the form", ja: "画面の制限のために、このレコードから分けた行です"),
            );
        }
        let parties = self.wants(&item.term);
        let companies: Vec<Text> =
            parties.iter().filter(|p| **p != 0).filter_map(|p| Some(self.parties.get(*p)?.name.clone())).collect();
        let shown = excerpt(&item.term, SHOWN);
        let whose = if companies.is_empty() {
            Text::same(visible(&include.display_without_dot().to_string()))
        } else {
            join(&companies)
        };
        out.repairs.push(Repair {
            kind: Kind::Flatten,
            what: say!(en: "write `{shown}` out as addresses, from pins ([spf] flatten)", ja: "`{shown}` を、控えをもとにアドレスで書き出す（[spf] flatten）"),
            risks: vec![say!(
                en: "a copy: when {whose} changes its servers, mail from the new ones fails until the pins are looked up again",
                ja: "写しになります。{whose}がサーバーを変えると、控えを取り直すまで、新しいサーバーからのメールが不合格になります"; whose = whose
            )],
            otherwise: not_written_out(&include),
            term: Some(item.term.clone()),
            moves: None,
            edit: Edit::Flatten { section, include },
        });
    }
}

/// The section that speaks of the record at a name, with what stands in it now; none if it is not in this file.
pub(super) fn section(site: &Site, name: &Name) -> Option<Section> {
    let here = |section: &SpfSection| section.span.is_none_or(|span| span.file == site.file);
    if *name == site.domain.value {
        return here(&site.spf).then_some(Section::Domain);
    }
    // One more in this file would hide those of the file that it extends.
    if site.subdomains.iter().any(|subdomain| subdomain.span.file != site.file) {
        return None;
    }
    match site.subdomains.iter().position(|subdomain| subdomain.name.value == *name) {
        Some(at) => site.subdomains.get(at).filter(|s| here(&s.spf)).map(|_| Section::Subdomain(at)),
        None => Some(Section::New(name.relative_to(&site.domain.value)?)),
    }
}

fn depends() -> Text {
    say!(en: "whom it lets pass depends on the mail", ja: "合格にする相手が、メールごとに変わるからです")
}
