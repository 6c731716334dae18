//! What a zone says by itself, without asking anybody: whose a host is, whether a name exists, which DMARC policy applies. No rules here.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::net::IpAddr;

use crate::mail::dmarc;
use crate::report::{Finding, Severity, Span, Text};
use crate::zone::{Name, Rtype};

use super::{Seen, View};

/// Companies that hold mailboxes, filter or forward mail, by what their MX and autodiscover hosts end in. Each suffix is the vendor's own
/// template or page, or an MX seen in public zones, as of 2026-11; hosts that a company shares with its web customers are left out.
const PROVIDERS: &[(&str, &[&str])] = &[
    // smtp.google.com and ASPMX.L.GOOGLE.COM: Domain Connect template google.com.gmail-setup.
    ("Google Workspace", &["google.com", "googlemail.com"]),
    // Domain Connect template microsoft.com.o365; mx.microsoft and mail.eo.outlook.com in public zones.
    (
        "Microsoft 365",
        &["mail.protection.outlook.com", "mx.microsoft", "mail.eo.outlook.com", "autodiscover.outlook.com"],
    ),
    // Domain Connect template zoho.com.zmail_hosting; zoho.jp: help.zoho.com.
    ("Zoho Mail", &["zoho.com", "zoho.jp", "zoho.eu"]),
    // Public zones.
    ("Fastmail", &["messagingengine.com"]),
    ("Proton Mail", &["protonmail.ch"]),
    ("Yandex 360", &["mx.yandex.net"]),
    ("mailbox.org", &["mailbox.org"]),
    // Domain Connect template icloud.com.custom_email_domain, and public zones.
    ("iCloud+", &["mail.icloud.com"]),
    // Copies of Rackspace's own pages.
    ("Rackspace Email", &["emailsrvr.com"]),
    // Domain Connect template godaddy.com.professional_mail.
    ("GoDaddy", &["secureserver.net"]),
    // Domain Connect templates and public zones.
    ("Titan", &["titan.email"]),
    ("Flock Mail", &["flockmail.com"]),
    ("Gandi", &["mail.gandi.net"]),
    ("Namecheap Private Email", &["privateemail.com"]),
    // Forwarders.
    ("Cloudflare Email Routing", &["mx.cloudflare.net"]),
    ("ImprovMX", &["improvmx.com"]),
    ("Forward Email", &["forwardemail.net"]),
    // Templates of providers/senders, and public zones.
    ("LINE WORKS", &["worksmobile.com"]),
    ("Lark", &["larksuite.com"]),
    ("LOLIPOP!", &["lolipop.jp"]),
    ("ムームーメール", &["muumuu-mail.com"]),
    ("heteml", &["heteml.jp"]),
    ("ConoHa WING", &["conoha.ne.jp"]),
    ("お名前.com", &["onamae.ne.jp"]),
    ("XSERVER", &["xserver.jp"]),
    ("さくらのレンタルサーバ", &["sakura.ne.jp"]),
    ("KAGOYA", &["kagoya.net"]),
    ("CPI", &["secure.ne.jp"]),
    ("バリューサーバー", &["valueserver.jp"]),
    ("アルファメール", &["alpha-prm.jp", "alpha-mail.net"]),
    ("OCN", &["ocn.ad.jp"]),
    ("IIJ Secure MX", &["securemx.jp"]),
    ("Trend Micro Email Security", &["tmems-jp.trendmicro.com"]),
];

/// The company that a host belongs to, if it is one whose hosts are known.
pub(super) fn provider(host: &Name) -> Option<&'static str> {
    let text = host.display_without_dot().to_string().to_ascii_lowercase();
    let within = |suffix: &str| text.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    PROVIDERS.iter().find(|(_, suffixes)| suffixes.iter().any(|s| within(s))).map(|(company, _)| *company)
}

/// Those of [`PROVIDERS`] that hand mail on to mailboxes elsewhere: what stands in the MX says nothing of where the mailboxes are.
const PASS_ON: &[&str] =
    &["Cloudflare Email Routing", "ImprovMX", "Forward Email", "IIJ Secure MX", "Trend Micro Email Security"];

/// Whether a company of [`provider`] holds the mailboxes itself.
pub(super) fn holds_mailboxes(company: &str) -> bool {
    !PASS_ON.contains(&company)
}

/// The address that stands where a host name belongs: `192.0.2.1.` as it is, or completed with the zone's name because it had no final dot.
pub(super) fn address(target: &Name, origin: &Name) -> Option<IpAddr> {
    let read = |name: &Name| {
        let text = name.display_without_dot().to_string();
        let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(&text);
        inner.strip_prefix("IPv6:").unwrap_or(inner).parse().ok()
    };
    read(target).or_else(|| read(&target.strip_suffix(origin)?))
}

/// A number with its noun in English, which has another form for more than one.
pub(super) fn counted(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// Where a fact comes from, which tables name in English.
pub(super) fn source_text(source: &str) -> Text {
    const JA: [(&str, &str); 3] = [
        ("a public repository, ", "公開されたリポジトリ、"),
        ("copies of the vendor's documents, ", "提供元の資料の写し、"),
        ("Domain Connect template ", "Domain Connect のテンプレート "),
    ];
    let ja = JA.iter().find_map(|(en, ja)| Some(format!("{ja}{}", source.strip_prefix(en)?)));
    Text { en: source.to_owned(), ja: ja.unwrap_or_else(|| source.to_owned()) }
}

/// A name as messages show it.
pub(super) fn shown(name: &Name) -> String {
    name.display_without_dot().to_string()
}

/// What was found out of which names there are.
#[derive(Default)]
pub(super) struct Once {
    /// Names between owners and the apex that own nothing (RFC 4592 §2.2.2).
    between: OnceCell<HashSet<Name>>,
    /// Names that are delegated away.
    cuts: OnceCell<HashSet<Name>>,
}

/// A zone that is asked which names there are, without going through the records of others.
#[derive(Clone, Copy)]
pub(super) struct Existing<'v> {
    view: &'v View<'v>,
}

impl<'v> Existing<'v> {
    pub(super) fn of(view: &'v View<'_>) -> Self {
        Self { view }
    }

    fn between(&self) -> &'v HashSet<Name> {
        let view = self.view;
        view.once.existing.between.get_or_init(|| {
            let mut between = HashSet::new();
            for (owner, _) in view.owners() {
                let mut at = owner.parent();
                // Where a name is known, so are those above it.
                while let Some(name) = at.filter(|n| n.is_subdomain_of(view.origin)) {
                    at = name.parent();
                    if view.has_name(&name) || !between.insert(name) {
                        break;
                    }
                }
            }
            between
        })
    }

    fn cuts(&self) -> &'v HashSet<Name> {
        let view = self.view;
        view.once.existing.cuts.get_or_init(|| {
            let with_ns = view.of_type(Rtype::NS).map(|seen| &seen.record.name).filter(|name| *name != view.origin);
            with_ns.chain(view.delegated.iter().copied()).cloned().collect()
        })
    }

    /// Whether a name is at or below a delegation.
    pub(super) fn is_cut(&self, name: &Name) -> bool {
        let cuts = self.cuts();
        if cuts.is_empty() {
            return false;
        }
        let mut at = Some(name.clone());
        while let Some(name) = at.filter(|n| n != self.view.origin) {
            if cuts.contains(&name) {
                return true;
            }
            at = name.parent();
        }
        false
    }

    /// Whether a name is answered by this zone: inside it, and not at or below a delegation.
    pub(super) fn is_here(&self, name: &Name) -> bool {
        name.is_subdomain_of(self.view.origin) && !self.is_cut(name)
    }

    /// Whether the name exists.
    pub(super) fn has(&self, name: &Name) -> bool {
        name == self.view.origin || self.view.has_name(name) || self.between().contains(name)
    }

    /// The CNAME of a name.
    pub(super) fn cname(&self, name: &Name) -> Option<&'v Seen> {
        self.view.of(name, Rtype::CNAME).next()
    }

    /// The wildcard that answers for a name that does not exist (RFC 4592 §3.3.1).
    pub(super) fn wildcard(&self, name: &Name) -> Option<Name> {
        if self.has(name) {
            return None;
        }
        let mut at = name.parent();
        while let Some(encloser) = at {
            if self.has(&encloser) {
                return encloser.child("*").ok().filter(|wildcard| self.has(wildcard));
            }
            at = encloser.parent();
        }
        None
    }

    /// Whether a name has, or may have, an address: A, AAAA, or a CNAME, whose end nobody looks up; also through a wildcard.
    pub(super) fn may_have_address(&self, name: &Name) -> bool {
        let wildcard = self.wildcard(name);
        let host = |seen: &Seen| matches!(seen.record.rtype, Rtype::A | Rtype::AAAA | Rtype::CNAME);
        self.view.at(wildcard.as_ref().unwrap_or(name)).any(host)
    }

    /// Whether this zone says of a host that it has no address.
    pub(super) fn lacks_address(&self, name: &Name) -> bool {
        self.is_here(name) && !self.may_have_address(name)
    }
}

/// A finding about a record that is not there, placed at `span` or else where the site names its domain.
pub(super) fn about_absent(
    view: &View<'_>,
    id: &'static str,
    severity: Severity,
    (name, rtype): (&Name, Rtype),
    span: Option<Span>,
    title: Text,
) -> Finding {
    let span = span.or_else(|| view.declared.and_then(|d| d.domain_span));
    Finding::new(id, severity, title).about(shown(name), rtype.to_string()).at_opt(span, Text::default())
}

/// The DMARC records of a zone.
pub(super) struct Policies {
    origin: String,
    /// By owner; of several at a name two are enough, as they count as none.
    records: HashMap<Name, Vec<Vec<u8>>>,
}

impl Policies {
    pub(super) fn of(view: &View<'_>) -> Self {
        let mut records: HashMap<Name, Vec<Vec<u8>>> = HashMap::new();
        for seen in view.of_type(Rtype::TXT).filter(|s| below(&s.record.name, &["_dmarc"]).is_some()) {
            let Some(text) = seen.txt().filter(|t| dmarc::recognise(t) != dmarc::Recognised::No) else { continue };
            let at = records.entry(seen.record.name.clone()).or_default();
            if at.len() < 2 {
                at.push(text.to_vec());
            }
        }
        Self { origin: shown(view.origin).to_ascii_lowercase(), records }
    }

    /// What receivers find out about a domain from this zone; `None` where the answer may stand in a zone above.
    pub(super) fn discover(&self, domain: &Name) -> Option<dmarc::Discovery> {
        let lookup = |name: &str| -> Result<Vec<Vec<u8>>, Infallible> {
            let name = Name::parse_absolute(name).ok();
            Ok(name.and_then(|n| self.records.get(&n).cloned()).unwrap_or_default())
        };
        let Ok(discovery) = dmarc::discover(&shown(domain).to_ascii_lowercase(), lookup);
        // The zone of a subdomain does not say what its registrable domain publishes.
        let whole = || psl::domain_str(&self.origin).is_none_or(|registrable| registrable == self.origin);
        (discovery.found.is_some() || whole()).then_some(discovery)
    }
}

/// The name that `labels` stand in front of: `_dmarc.` or `_smtp._tls.`. Case does not matter.
pub(super) fn below(name: &Name, labels: &[&str]) -> Option<Name> {
    let mut own = name.labels();
    if !labels.iter().all(|label| own.next().is_some_and(|own| own.eq_ignore_ascii_case(label.as_bytes()))) {
        return None;
    }
    labels.iter().try_fold(name.clone(), |rest, _| rest.parent())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{name, records};
    use crate::report::Sources;

    #[test]
    fn companies_by_whole_labels() {
        assert_eq!(provider(&name("ASPMX.L.GOOGLE.COM")), Some("Google Workspace"));
        assert_eq!(provider(&name("example-com.mail.protection.outlook.com")), Some("Microsoft 365"));
        assert_eq!(provider(&name("notgoogle.com")), None);
        assert_eq!(provider(&name("mail.example.jp")), None);
    }

    #[test]
    fn addresses_in_the_place_of_names() {
        let origin = name("example.com");
        assert_eq!(address(&name("192.0.2.1"), &origin), Some("192.0.2.1".parse().unwrap()));
        assert_eq!(address(&name("192.0.2.1.example.com"), &origin), Some("192.0.2.1".parse().unwrap()));
        assert_eq!(address(&name("2001:db8::1.example.com"), &origin), Some("2001:db8::1".parse().unwrap()));
        assert_eq!(address(&name("[192.0.2.1]"), &origin), Some("192.0.2.1".parse().unwrap()));
        assert_eq!(address(&name("192.0.2.300"), &origin), None);
        assert_eq!(address(&name("mail.example.com"), &origin), None);
    }

    #[test]
    fn what_a_wildcard_answers() {
        // The zone of RFC 4592 §2.2.1, shortened: a wildcard does not reach below a name that exists, even one that owns nothing.
        let origin = name("example.com");
        let sources = Sources::default();
        let lines = "* TXT x\nhost1 A 192.0.2.1\n_ssh._tcp.host1 SRV 0 0 22 host1";
        let view = View::new(&origin, records("example.com", lines), None, &[], &sources);
        let existing = Existing::of(&view);
        assert_eq!(existing.wildcard(&name("host3.example.com")), Some(name("*.example.com")));
        assert_eq!(existing.wildcard(&name("foo.bar.example.com")), Some(name("*.example.com")));
        assert_eq!(existing.wildcard(&name("_telnet._tcp.host1.example.com")), None);
        assert_eq!(existing.wildcard(&name("host1.example.com")), None);
        assert!(existing.has(&name("_tcp.host1.example.com")));
        assert!(existing.lacks_address(&name("host3.example.com")), "a TXT is no address");
        assert!(existing.lacks_address(&name("x.host1.example.com")));
        assert!(!existing.lacks_address(&name("host1.example.com")));
        assert!(!existing.lacks_address(&name("host3.example.net")), "another zone's");
    }
}
