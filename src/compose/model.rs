//! What composing gives: RRsets that keep who wants them and what for, so that fit, plan and worksheets need not guess.

use crate::catalogue::sender::{KeyLength, Purpose, VendorCheck};
use crate::mail::dkim::KeyInfo;
use crate::mail::spf;
use crate::report::{Finding, Span, Text};
use crate::zone::{Name, Rdata, Record, Rtype, Ttl};

/// A company or section of the site that wants records. Index 0 is always the site itself.
#[derive(Clone, Debug)]
pub struct Party {
    /// The company's name, or the section's.
    pub name: Text,
    /// The template's id, for a sender.
    pub id: Option<String>,
    /// Where site.toml names it.
    pub span: Option<Span>,
}

/// Which party, and the place in site.toml that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Index into [`Composed::parties`].
    pub party: usize,
    /// The place: a `[[sender]]` header, a `[[record]]` value, a section.
    pub span: Option<Span>,
    /// From a `[[record]]`, which outranks every template.
    pub by_hand: bool,
}

/// What a record is for, with what later rooms need to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// The one SPF record of a name.
    Spf {
        /// Each term as it stands in the record, and the parties that want it.
        terms: Vec<(String, Vec<Origin>)>,
        /// Of the terms, those that an include was written out as (`[spf] flatten`), each with the include's name.
        written_out: Vec<(String, String)>,
        /// The name is a Return-Path host, not a From domain.
        return_path: bool,
    },
    /// A DKIM key as TXT.
    DkimKey {
        /// The selector.
        selector: String,
        /// The key, if it could be read.
        key: Option<KeyInfo>,
        /// What the vendor's own check insists on.
        vendor_check: VendorCheck,
        /// Whether the customer may choose the length.
        key_length: KeyLength,
    },
    /// A CNAME to the vendor's DKIM key.
    DkimCname {
        /// The selector.
        selector: String,
        /// What the vendor's own check insists on.
        vendor_check: VendorCheck,
        /// Whether the customer may choose the length.
        key_length: KeyLength,
        /// The vendor's key as TXT, where the site gives it for a way round.
        copy: Option<Vec<u8>>,
    },
    /// The DMARC policy.
    Dmarc,
    /// MTA-STS: the record or the policy host.
    MtaSts,
    /// TLS-RPT.
    TlsRpt,
    /// BIMI.
    Bimi,
    /// CAA.
    Caa,
    /// "No mail": null MX, `-all`, reject.
    NoMail,
    /// A record of a template, with its purpose.
    Template {
        /// What for.
        purpose: Purpose,
        /// Nice to have.
        optional: bool,
    },
    /// A `[[record]]`.
    ByHand,
}

impl Intent {
    /// Whether this SPF term is an include that is written out in the record, so that the record says the same without it.
    #[must_use]
    pub fn writes_out(&self, term: &str) -> bool {
        let Self::Spf { written_out, .. } = self else { return false };
        let plain = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
        spf::Record::parse(term.as_bytes()).terms().iter().any(|term| match &term.kind {
            spf::TermKind::Include(name) => written_out.iter().any(|(_, of)| plain(of) == plain(name.as_str())),
            _ => false,
        })
    }
}

impl Intent {
    /// Whether this is a record of DKIM.
    #[must_use]
    pub fn is_dkim(&self) -> bool {
        matches!(self, Intent::DkimKey { .. } | Intent::DkimCname { .. })
    }
}

/// One record of an RRset.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its data.
    pub rdata: Rdata,
    /// Who wants it; the first one decides its place in the output.
    pub origins: Vec<Origin>,
    /// What it is for.
    pub intent: Intent,
}

/// All active records of one name and type.
#[derive(Clone, Debug)]
pub struct RrSet {
    /// Owner.
    pub name: Name,
    /// Type.
    pub rtype: Rtype,
    /// TTL: the lowest that anybody asked for (RFC 2181 §5.2).
    pub ttl: Ttl,
    /// Its records, in the order they were asked for.
    pub members: Vec<Member>,
}

impl RrSet {
    /// The records as plain DNS records.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        self.members.iter().map(|m| self.record(m))
    }

    /// One of them as a plain DNS record.
    #[must_use]
    pub fn record(&self, member: &Member) -> Record {
        let (rtype, ttl) = (self.rtype, self.ttl.seconds());
        Record { name: self.name.clone(), rtype, ttl, rdata: member.rdata.clone() }
    }
}

/// A record that lost a conflict: shown as a comment, never active.
#[derive(Clone, Debug)]
pub struct Loser {
    /// The record.
    pub record: Record,
    /// Who wanted it.
    pub origins: Vec<Origin>,
    /// Why it is not active.
    pub why: Text,
}

/// A record that is wanted but whose value the site does not have yet.
#[derive(Clone, Debug)]
pub struct Blank {
    /// Owner.
    pub name: Name,
    /// Type.
    pub rtype: Rtype,
    /// Who wants it.
    pub origin: Origin,
    /// Where to get the value.
    pub find: Text,
}

/// A record that the sender's own panel makes when a switch is turned on; it is not typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switched {
    /// Owner.
    pub name: Name,
    /// Type.
    pub rtype: Rtype,
    /// Who wants it.
    pub origin: Origin,
    /// What of the sender it makes: spf, dkim, mx, dmarc, web.
    pub part: &'static str,
    /// Which switch.
    pub how: Text,
}

impl Switched {
    /// Whether this switch makes that record.
    #[must_use]
    pub fn makes(&self, set: &RrSet, member: &Member) -> bool {
        let spf = matches!(member.intent, Intent::Spf { .. });
        self.name == set.name
            && self.rtype == set.rtype
            && spf == (self.part == "spf")
            && member.origins.iter().any(|o| o.party == self.origin.party)
    }
}

/// One zone.
#[derive(Clone, Debug)]
pub struct ComposedZone {
    /// Its apex.
    pub origin: Name,
    /// The registrar as the site names it; absent = unknown.
    pub registrar: Option<crate::toml_reader::At<String>>,
    /// Active RRsets, apex first, then in canonical order of names, then by type.
    pub rrsets: Vec<RrSet>,
    /// What lost.
    pub losers: Vec<Loser>,
    /// What is not there yet.
    pub blanks: Vec<Blank>,
    /// What a switch makes.
    pub switched: Vec<Switched>,
    /// Text of the MTA-STS policy, to be served at the policy host.
    pub mta_sts_policy: Option<String>,
    /// It is a part of a zone whose other records are not known: these are added, nothing is replaced.
    pub is_part: bool,
}

impl ComposedZone {
    /// A zone of which nothing is wanted yet.
    #[must_use]
    pub fn new(origin: Name) -> Self {
        Self {
            origin,
            registrar: None,
            rrsets: Vec::new(),
            losers: Vec::new(),
            blanks: Vec::new(),
            switched: Vec::new(),
            mta_sts_policy: None,
            is_part: false,
        }
    }

    /// The RRset of a name and type.
    #[must_use]
    pub fn rrset(&self, name: &Name, rtype: Rtype) -> Option<&RrSet> {
        self.rrsets.iter().find(|s| s.rtype == rtype && s.name == *name)
    }
}

/// Where a sender's envelope (MAIL FROM) is, for alignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// At the From domain itself.
    From,
    /// At this host of the site.
    Host(Name),
    /// At the vendor's own domain: SPF passes for the vendor, not for the site.
    Vendor,
    /// Not known.
    Unknown,
}

/// Where a sender's SPF terms went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpfPlace {
    /// At the From domain.
    From,
    /// At the Return-Path host.
    ReturnPath,
    /// At both.
    Both,
    /// Nowhere.
    Nowhere,
}

/// What stands of a sender's DKIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DkimState {
    /// Records are in the zone, or a switch makes them: it signs as the From domain.
    Aligned,
    /// Its key is not given yet.
    Blank,
    /// Its template knows no DKIM record.
    Unknown,
}

/// What the rules need to know of a sender.
#[derive(Clone, Debug)]
pub struct DeclaredSender {
    /// Index into [`Composed::parties`].
    pub party: usize,
    /// It sends (and does not only receive or host).
    pub sends: bool,
    /// It receives.
    pub receives: bool,
    /// It hosts the web.
    pub web: bool,
    /// The From domain.
    pub from: Name,
    /// Where `from = …` stands and what it says, if the site says it.
    pub from_given: Option<crate::toml_reader::At<String>>,
    /// Where its envelope is.
    pub envelope: Envelope,
    /// Where its SPF terms went.
    pub spf: SpfPlace,
    /// What stands of its DKIM.
    pub dkim: DkimState,
    /// The registrar's zone gets the MX of this sender, and the address behind it, by a switch.
    pub mx_by_switch: bool,
    /// Composing has said already that its DKIM record is not known.
    pub dkim_unknown_said: bool,
    /// DKIM owners it wants, whatever became of them.
    pub dkim_owners: Vec<Name>,
    /// Newsletter senders and shops send in bulk.
    pub kind: &'static str,
}

/// What the site declares beside the records.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The senders, in file order.
    pub senders: Vec<DeclaredSender>,
    /// Japanese mobile carriers are among the recipients.
    pub jp_mobile: bool,
    /// Mail to Gmail a day, as declared.
    pub gmail_per_day: Option<u64>,
    /// The domain neither sends nor receives.
    pub no_mail: bool,
    /// Subdomains that neither send nor receive.
    pub no_mail_names: Vec<Name>,
    /// Where site.toml says `domain = …`: the place of last resort for a finding.
    pub domain_span: Option<Span>,
    /// Where `[dmarc]` stands, if it is there.
    pub dmarc_span: Option<Span>,
    /// The site's own TTL and where it stands, if it says one.
    pub ttl: Option<(Ttl, Span)>,
}

/// Everything composed.
#[derive(Clone, Debug)]
pub struct Composed {
    /// Who wants records.
    pub parties: Vec<Party>,
    /// The site's own zone.
    pub own: ComposedZone,
    /// Delegated subzones, in the order of `[[subdomain]]`.
    pub subzones: Vec<ComposedZone>,
    /// What the rules need to know.
    pub declared: Declared,
    /// What composing found.
    pub findings: Vec<Finding>,
}

impl Composed {
    /// The own zone, then the subzones.
    pub fn zones(&self) -> impl Iterator<Item = &ComposedZone> {
        std::iter::once(&self.own).chain(&self.subzones)
    }

    /// The first party that wants a record, by name.
    #[must_use]
    pub fn first_party(&self, member: &Member) -> Text {
        member.origins.first().map(|o| self.party(o)).unwrap_or_default()
    }

    /// The name of a party.
    #[must_use]
    pub fn party(&self, origin: &Origin) -> Text {
        self.parties.get(origin.party).map(|p| p.name.clone()).unwrap_or_default()
    }
}
