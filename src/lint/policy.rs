//! What receivers would find in this zone: TXT at a name, the DMARC policy of a domain, and by which legs a sender aligns. What the zone
//! cannot answer is "not asked", never "absent".

use std::collections::HashSet;

use crate::compose::{DeclaredSender, DkimState, Envelope, SpfPlace};
use crate::mail::dmarc::{Alignment, Discovery, Dmarc, discover};
use crate::report::{Finding, Severity, Text};
use crate::say;
use crate::zone::{Name, Rtype};

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
pub(super) fn registrable(name: &str) -> &str {
    psl::domain_str(name).unwrap_or(name)
}

/// Whether `name` is a public suffix of the list's part for registries.
pub(super) fn is_public_suffix(name: &str) -> bool {
    psl::suffix(name.as_bytes()).is_some_and(|s| s.as_bytes() == name.as_bytes() && s.typ() != Some(psl::Type::Private))
}

/// A zone that is asked as receivers ask.
pub(super) struct Answers<'v, 'a> {
    view: &'v View<'a>,
    /// The registrable domain that the zone belongs to.
    registrable: String,
    /// Names below which another zone answers.
    cuts: HashSet<&'v Name>,
    /// All names that exist, with those that only have names below; none without wildcards, where it does not matter.
    existing: Option<HashSet<Name>>,
}

impl<'v, 'a> Answers<'v, 'a> {
    /// The answers of `view`.
    pub(super) fn of(view: &'v View<'a>) -> Self {
        let cuts = view.of_type(Rtype::NS).map(|s| &s.record.name).filter(|name| *name != view.origin).collect();
        let registrable = registrable(&plain(view.origin)).to_owned();
        let existing = view.records.iter().any(|s| s.record.name.is_wildcard()).then(|| {
            let mut existing = HashSet::new();
            for seen in &view.records {
                let mut at = Some(seen.record.name.clone());
                while let Some(name) = at.filter(|name| name.is_subdomain_of(view.origin)) {
                    at = name.parent();
                    if !existing.insert(name) {
                        break;
                    }
                }
            }
            existing
        });
        Self { view, registrable, cuts, existing }
    }

    /// The TXT records at `name`; nothing at names above the registrable domain, which are public suffixes.
    pub(super) fn txt(&self, name: &Name) -> Result<Vec<&'v Seen>, NotAsked> {
        if !name.is_subdomain_of(self.view.origin) {
            let domain = plain(name);
            let domain = domain.strip_prefix("_dmarc.").unwrap_or(&domain);
            let ours = domain == self.registrable || domain.ends_with(&format!(".{}", self.registrable));
            return if ours { Err(NotAsked) } else { Ok(Vec::new()) };
        }
        let mut above = Some(name.clone());
        while let Some(at) = above.filter(|at| at != self.view.origin) {
            if self.cuts.contains(&at) {
                return Err(NotAsked);
            }
            above = at.parent();
        }
        self.at(name, 8)
    }

    /// What stands at `name`, over at most `hops` CNAMEs inside the zone.
    fn at(&self, name: &Name, hops: usize) -> Result<Vec<&'v Seen>, NotAsked> {
        let source = self.source(name);
        if let Some(cname) = self.view.of(&source, Rtype::CNAME).next() {
            let target = cname.record.rdata.target(Rtype::CNAME).filter(|t| t.is_subdomain_of(self.view.origin));
            return match target {
                Some(target) if hops > 0 => self.at(&target, hops - 1),
                _ => Err(NotAsked),
            };
        }
        Ok(self.view.of(&source, Rtype::TXT).collect())
    }

    /// The owner that answers for `name`: itself, or the wildcard at its closest encloser (RFC 4592 §3.3.1).
    fn source(&self, name: &Name) -> Name {
        let Some(existing) = self.existing.as_ref().filter(|existing| !existing.contains(name)) else {
            return name.clone();
        };
        let mut above = name.parent();
        while let Some(at) = above {
            if existing.contains(&at) {
                return at.child("*").unwrap_or_else(|_| name.clone());
            }
            above = at.parent();
        }
        name.clone()
    }

    /// What a receiver finds out about `domain`.
    pub(super) fn discover(&self, domain: &Name) -> Result<Discovery, NotAsked> {
        discover(&plain(domain), |name| {
            let name = Name::parse_absolute(name).map_err(|_| NotAsked)?;
            Ok(self.txt(&name)?.into_iter().filter_map(Seen::txt).collect())
        })
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

/// The modes that apply to `from`: those of its record, relaxed without one.
pub(super) fn modes(discovery: Result<&Discovery, NotAsked>) -> Dmarc {
    discovery.ok().and_then(|d| d.found.as_ref()).map(|found| found.record.dmarc.clone()).unwrap_or_default()
}

/// The declared senders that send, with a From domain in this zone.
pub(super) fn sending<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v DeclaredSender> {
    let origin = view.origin;
    let senders = view.declared.map_or(&[][..], |d| &d.senders);
    senders.iter().filter(move |s| s.sends && s.from.is_subdomain_of(origin))
}

/// The From domains of this zone in file order: of the senders, or without a site the apex, if mail is set up there.
pub(super) fn from_domains(view: &View<'_>) -> Vec<Name> {
    let mut known = HashSet::new();
    let mut domains: Vec<Name> = sending(view).map(|s| s.from.clone()).filter(|n| known.insert(n.clone())).collect();
    let sends_mail = |s: &Seen| match s.record.rtype {
        Rtype::MX => s.record.rdata.as_mx().is_some_and(|(_, host)| !host.is_root()),
        _ => s.txt().is_some_and(|t| crate::mail::spf::is_spf(&t)),
    };
    if view.declared.is_none() && view.at(view.origin).any(sends_mail) {
        domains.push(view.origin.clone());
    }
    domains
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
    use crate::report::Sources;

    fn with<T>(lines: &str, test: impl FnOnce(&Answers<'_, '_>) -> T) -> T {
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
