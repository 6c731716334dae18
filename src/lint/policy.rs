//! What receivers would find in this zone: TXT at a name, the DMARC policy of a domain, and by which legs a sender aligns. What the zone
//! cannot answer is "not asked", never "absent".

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::compose::{DeclaredSender, DkimState, Envelope, SpfPlace};
use crate::mail::dmarc::{Alignment, Discovery, Policy, discover};
use crate::mail::spf;
use crate::report::{Finding, Severity, Text};
use crate::say;
use crate::zone::{Name, Rtype};

use super::hosts::Existing;
use super::{Seen, View};

/// The answer is not in this zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotAsked;

/// A name as the mail room writes it: lower case, without the final dot.
pub(super) fn plain(name: &Name) -> String {
    name.to_lowercase().display_without_dot().to_string()
}

/// Whether the first label is `label`, whatever its case.
pub(super) fn begins(name: &Name, label: &str) -> bool {
    name.first_label().is_some_and(|first| first.eq_ignore_ascii_case(label.as_bytes()))
}

/// The registrable domain by the public suffix list; the name itself where it has none.
pub(crate) fn registrable(name: &str) -> &str {
    psl::domain_str(name).unwrap_or(name)
}

/// Whether `name` is a public suffix of the list's part for registries.
pub(crate) fn is_public_suffix(name: &str) -> bool {
    psl::suffix(name.as_bytes()).is_some_and(|s| s.as_bytes() == name.as_bytes() && s.typ() != Some(psl::Type::Private))
}

/// What was asked of the zone, so that it is asked once.
#[derive(Default)]
pub(super) struct Once {
    registrable: OnceCell<String>,
    discoveries: RefCell<HashMap<Name, Result<Rc<Discovery>, NotAsked>>>,
    wildcards: OnceCell<bool>,
    pub(super) legs: OnceCell<Vec<Legs>>,
}

/// A zone that is asked as receivers ask.
#[derive(Clone, Copy)]
pub(super) struct Answers<'v> {
    view: &'v View<'v>,
    existing: Existing<'v>,
}

impl<'v> Answers<'v> {
    /// The answers of `view`.
    pub(super) fn of(view: &'v View<'_>) -> Self {
        Self { view, existing: Existing::of(view) }
    }

    /// The registrable domain that the zone belongs to.
    fn registrable(&self) -> &'v str {
        let view = self.view;
        view.once.policy.registrable.get_or_init(|| registrable(&plain(view.origin)).to_owned())
    }

    /// The TXT records at `name`; nothing at names above the registrable domain, which are public suffixes.
    pub(super) fn txt(&self, name: &Name) -> Result<Vec<&'v Seen>, NotAsked> {
        if !name.is_subdomain_of(self.view.origin) {
            let domain = plain(name);
            let domain = domain.strip_prefix("_dmarc.").unwrap_or(&domain);
            let ours =
                domain.strip_suffix(self.registrable()).is_some_and(|below| below.is_empty() || below.ends_with('.'));
            return if ours { Err(NotAsked) } else { Ok(Vec::new()) };
        }
        if self.existing.is_cut(name) { Err(NotAsked) } else { self.at(name, 8) }
    }

    /// What stands at `name`, over at most `hops` CNAMEs inside the zone.
    fn at(&self, name: &Name, hops: usize) -> Result<Vec<&'v Seen>, NotAsked> {
        let wildcard = self.has_wildcards().then(|| self.existing.wildcard(name)).flatten();
        let source = wildcard.as_ref().unwrap_or(name);
        if let Some(cname) = self.view.of(source, Rtype::CNAME).next() {
            let target = cname.record.rdata.target(Rtype::CNAME).filter(|t| t.is_subdomain_of(self.view.origin));
            return match target {
                Some(target) if hops > 0 => self.at(&target, hops - 1),
                _ => Err(NotAsked),
            };
        }
        Ok(self.view.of(source, Rtype::TXT).collect())
    }

    fn has_wildcards(&self) -> bool {
        let view = self.view;
        *view.once.policy.wildcards.get_or_init(|| view.owners().any(|(name, _)| name.is_wildcard()))
    }

    /// What a receiver finds out about `domain`.
    pub(super) fn discover(&self, domain: &Name) -> Result<Rc<Discovery>, NotAsked> {
        let known = &self.view.once.policy.discoveries;
        if let Some(discovery) = known.borrow().get(domain) {
            return discovery.clone();
        }
        let discovery = discover(&plain(domain), |name| {
            let name = Name::parse_absolute(name).map_err(|_| NotAsked)?;
            Ok(self.txt(&name)?.into_iter().filter_map(Seen::txt).collect())
        })
        .map(Rc::new);
        known.borrow_mut().insert(domain.clone(), discovery.clone());
        discovery
    }

    /// Whether mail from `one` aligns with `other` in relaxed mode: the same organizational domain where the zone shows it, else, offline, the
    /// same registrable domain.
    pub(super) fn same_organization(&self, one: &Name, other: &Name) -> bool {
        if one == other {
            return true;
        }
        if let (Ok(a), Ok(b)) = (self.discover(one), self.discover(other))
            && a.found.is_some()
            && b.found.is_some()
        {
            return a.org_domain == b.org_domain;
        }
        registrable(&plain(one)) == registrable(&plain(other))
    }

    /// How the DKIM signature of `sender` stands to its From domain.
    pub(super) fn dkim(&self, sender: &DeclaredSender) -> Leg {
        match sender.dkim {
            DkimState::Blank => Leg::Blank,
            DkimState::Unknown => Leg::Unknown,
            DkimState::Aligned => {
                let domains = sender.dkim_owners.iter().filter_map(signing_domain);
                // A switch in the sender's panel makes the records: they are the From domain's.
                domains.map(|domain| self.leg(&domain, &sender.from)).max().unwrap_or(Leg::Exact)
            }
        }
    }

    /// How the envelope of `sender` stands to its From domain.
    pub(super) fn spf(&self, sender: &DeclaredSender) -> Leg {
        match &sender.envelope {
            Envelope::Vendor => Leg::Other,
            Envelope::Unknown => Leg::Unknown,
            Envelope::From if matches!(sender.spf, SpfPlace::From | SpfPlace::Both) => Leg::Exact,
            Envelope::From => Leg::Unknown,
            // Some vendors make the host a CNAME or an MX of theirs, and SPF stands there.
            Envelope::Host(host)
                if matches!(sender.spf, SpfPlace::ReturnPath | SpfPlace::Both) || self.view.has_name(host) =>
            {
                self.leg(host, &sender.from)
            }
            Envelope::Host(_) => Leg::Unknown,
        }
    }

    fn leg(&self, domain: &Name, from: &Name) -> Leg {
        if domain == from {
            Leg::Exact
        } else if self.same_organization(domain, from) {
            Leg::Related
        } else {
            Leg::Other
        }
    }
}

/// The domain of a DKIM key's owner: what follows `_domainkey`.
fn signing_domain(owner: &Name) -> Option<Name> {
    let mut at = owner.clone();
    loop {
        let found = begins(&at, "_domainkey");
        at = at.parent()?;
        if found {
            return Some(at);
        }
    }
}

/// How one of a sender's two authenticated domains stands to its From domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Leg {
    /// Another organization's.
    Other,
    /// Not known from here.
    Unknown,
    /// It will be the site's, once the key is entered.
    Blank,
    /// The same organization's.
    Related,
    /// The same domain.
    Exact,
}

impl Leg {
    /// Whether it aligns under `mode`.
    pub(super) fn aligns(self, mode: Alignment) -> bool {
        match mode {
            Alignment::Strict => self == Leg::Exact,
            Alignment::Relaxed => self >= Leg::Related,
        }
    }
}

/// How a sender's two authenticated domains stand to its From domain, and the policy that applies there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Legs {
    pub(super) dkim: Leg,
    pub(super) spf: Leg,
    /// The modes of the record that applies, relaxed without one.
    pub(super) adkim: Alignment,
    pub(super) aspf: Alignment,
    pub(super) policy: Option<Policy>,
}

/// The senders of [`sending`] with their legs.
pub(super) fn legs<'v>(view: &'v View<'_>) -> impl Iterator<Item = (&'v DeclaredSender, Legs)> {
    let legs = view.once.policy.legs.get_or_init(|| {
        let answers = Answers::of(view);
        let of = |sender: &DeclaredSender| {
            let discovery = answers.discover(&sender.from).ok();
            let record = discovery.as_ref().and_then(|d| d.found.as_ref()).map(|found| &found.record.dmarc);
            Legs {
                dkim: answers.dkim(sender),
                spf: answers.spf(sender),
                adkim: record.map(|r| r.adkim).unwrap_or_default(),
                aspf: record.map(|r| r.aspf).unwrap_or_default(),
                policy: discovery.and_then(|d| d.policy(true)),
            }
        };
        sending(view).map(of).collect()
    });
    sending(view).zip(legs.iter().copied())
}

/// Whether mail comes from a declared sender. Who only keeps the DMARC records sends none.
pub(super) fn mails(sender: &DeclaredSender) -> bool {
    sender.sends && sender.kind != "dmarc-hosting"
}

/// The declared senders of mail whose From domain this zone answers for.
pub(super) fn sending<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v DeclaredSender> {
    let existing = Existing::of(view);
    let senders = view.declared.map_or(&[][..], |d| &d.senders);
    senders.iter().filter(move |s| mails(s) && existing.is_here(&s.from))
}

/// The From domains of this zone in file order: of the senders, or without a site the apex, if mail is set up there.
pub(super) fn from_domains(view: &View<'_>) -> Vec<Name> {
    let mut known = HashSet::new();
    let mut domains: Vec<Name> = sending(view).map(|s| s.from.clone()).filter(|n| known.insert(n.clone())).collect();
    let sends_mail = |s: &Seen| match s.record.rtype {
        Rtype::MX => s.record.rdata.as_mx().is_some_and(|(_, host)| !host.is_root()),
        _ => s.txt().is_some_and(spf::is_spf),
    };
    if view.declared.is_none() && view.at(view.origin).any(sends_mail) {
        domains.push(view.origin.clone());
    }
    domains
}

/// Whether mail goes from this name: a declared sender's From domain, or without a site a name whose SPF lets somebody send.
pub(super) fn sends(view: &View<'_>, name: &Name) -> bool {
    /// TXT of a name that are looked at.
    const LOOKED_AT: usize = 50;
    if view.declared.is_some() {
        return sending(view).any(|sender| sender.from == *name);
    }
    let texts = view.of(name, Rtype::TXT).take(LOOKED_AT).filter_map(Seen::txt).filter(|text| spf::is_spf(text));
    texts.into_iter().any(|text| spf::Record::parse(text).live_mechanisms().any(|t| t.kind != spf::TermKind::All))
}

/// Whether mail goes to Japanese mobile carriers, for all that is known: as the site says, or by the domain's name.
pub(super) fn jp_mobile(view: &View<'_>) -> bool {
    view.declared.map_or_else(|| plain(view.origin).ends_with(".jp"), |declared| declared.jp_mobile)
}

/// The company of a sender.
pub(super) fn company(view: &View<'_>, sender: &DeclaredSender) -> Text {
    match view.parties.get(sender.party) {
        Some(party) => party.name.clone(),
        None => say!(en: "a sender", ja: "利用サービス"),
    }
}

/// A finding about a sender, at its place in site.toml.
pub(super) fn sender_finding(
    view: &View<'_>,
    id: &'static str,
    severity: Severity,
    sender: &DeclaredSender,
    title: Text,
) -> Finding {
    let finding = Finding::new(id, severity, title);
    match view.parties.get(sender.party).and_then(|p| p.span) {
        Some(span) => finding.at(span, company(view, sender)),
        None => finding.at_opt(view.declared.and_then(|d| d.domain_span), Text::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{name, records, sender};
    use super::*;
    use crate::compose::Declared;
    use crate::report::Sources;

    fn with<T>(lines: &str, test: impl FnOnce(&Answers<'_>) -> T) -> T {
        let (origin, sources) = (name("example.com"), Sources::default());
        let view = View::new(&origin, records("example.com", lines), None, &[], &sources);
        test(&Answers::of(&view))
    }

    #[test]
    fn what_another_zone_answers_is_not_asked() {
        let zone = "sub NS ns.example.net.
            _dmarc.c CNAME d.example.net.
            _dmarc.i CNAME here
            here TXT \"v=DMARC1; p=reject\"
            @ TXT \"x\"";
        with(zone, |answers| {
            let count = |owner| answers.txt(&name(owner)).map(|found| found.len());
            assert_eq!(count("example.com"), Ok(1));
            assert_eq!(count("_dmarc.example.com"), Ok(0));
            assert_eq!(count("_dmarc.com"), Ok(0), "a public suffix");
            assert_eq!(count("_dmarc.sub.example.com"), Err(NotAsked), "delegated");
            assert_eq!(count("_dmarc.c.example.com"), Err(NotAsked), "somewhere else");
            assert_eq!(count("_dmarc.i.example.com"), Ok(1), "a CNAME inside");
        });
        // The zone of a subdomain does not know what its organizational domain says.
        let (origin, sources) = (name("news.example.com"), Sources::default());
        let view = View::new(&origin, Vec::new(), None, &[], &sources);
        assert_eq!(Answers::of(&view).discover(&origin), Err(NotAsked));
    }

    #[test]
    fn who_sends_from_another_zone_or_only_keeps_dmarc_is_not_judged_here() {
        let senders = [
            sender("example.com"),
            sender("news.example.com"),
            DeclaredSender { kind: "dmarc-hosting", ..sender("example.com") },
        ];
        let declared = Declared { senders: senders.to_vec(), ..Declared::default() };
        let (origin, below, sources) = (name("example.com"), name("news.example.com"), Sources::default());
        let mut view = View::new(&origin, Vec::new(), Some(&declared), &[], &sources);
        view.delegated = vec![&below];
        let from = |view: &View<'_>| sending(view).map(|s| s.from.clone()).collect::<Vec<_>>();
        assert_eq!(from(&view), [name("example.com")]);
        assert_eq!(from(&View::new(&below, Vec::new(), Some(&declared), &[], &sources)), [name("news.example.com")]);
    }

    #[test]
    fn a_cname_loop_ends() {
        let loops = "_dmarc CNAME x\nx CNAME _dmarc";
        assert!(with(loops, |a| a.txt(&name("_dmarc.example.com")).is_err()));
    }

    #[test]
    fn a_wildcard_answers_below_its_encloser_only() {
        let zone = "* TXT \"v=DMARC1; p=reject\"\nwww TXT \"x\"";
        with(zone, |answers| {
            let count = |owner| answers.txt(&name(owner)).map(|found| found.len());
            assert_eq!(count("_dmarc.example.com"), Ok(1));
            assert_eq!(count("_dmarc.www.example.com"), Ok(0), "www exists and has no wildcard below");
            assert_eq!(count("_dmarc.gone.example.com"), Ok(1));
        });
    }

    #[test]
    fn organizations_by_the_walk_then_by_the_list() {
        let same = |zone, one, other| with(zone, |a| a.same_organization(&name(one), &name(other)));
        assert!(same("@ TXT \"x\"", "example.com", "b.example.com"));
        assert!(!same("@ TXT \"x\"", "example.com", "example.net"));
        let cut = "_dmarc TXT \"v=DMARC1; p=none\"\n_dmarc.b TXT \"v=DMARC1; p=none; psd=n\"";
        assert!(!same(cut, "example.com", "b.example.com"), "psd=n makes it an organization of its own");
        assert!(same(cut, "example.com", "c.example.com"));
    }

    #[test]
    fn the_legs_of_a_sender() {
        let zone = "em CNAME esp.example.net.";
        let leg = |change: fn(&mut DeclaredSender)| {
            let mut sender = sender("example.com");
            change(&mut sender);
            with(zone, |a| (a.dkim(&sender), a.spf(&sender)))
        };
        assert_eq!(leg(|_| ()), (Leg::Exact, Leg::Exact));
        assert_eq!(leg(|s| s.envelope = Envelope::Vendor).1, Leg::Other);
        assert_eq!(leg(|s| s.spf = SpfPlace::Nowhere).1, Leg::Unknown);
        assert_eq!(
            leg(|s| (s.envelope, s.spf) = (Envelope::Host(name("em.example.com")), SpfPlace::Nowhere)).1,
            Leg::Related
        );
        assert_eq!(
            leg(|s| (s.envelope, s.spf) = (Envelope::Host(name("no.example.com")), SpfPlace::Nowhere)).1,
            Leg::Unknown
        );
        assert_eq!(leg(|s| s.dkim_owners = vec![name("s._domainkey.mail.example.com")]).0, Leg::Related);
        assert_eq!(leg(|s| s.dkim_owners = vec![name("s._domainkey.example.net")]).0, Leg::Other);
        assert_eq!(leg(|s| s.dkim_owners.clear()).0, Leg::Exact, "a switch");
        assert_eq!(leg(|s| s.dkim = DkimState::Blank).0, Leg::Blank);
    }
}
