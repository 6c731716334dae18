//! The model of a site: what site.toml says, typed, each thing with its place. Independent of the file's version.

use std::collections::BTreeMap;

use crate::catalogue::limits::RawLimit;
use crate::catalogue::sender::Role;
use crate::report::{FileId, Lang, Span};
use crate::toml_reader::At;

use super::WayKind;
use crate::zone::{Name, Rdata, Rtype, Ttl};

/// One domain and what it uses.
#[derive(Clone, Debug)]
pub struct Site {
    /// site.toml itself.
    pub file: FileId,
    /// The domain, lower-case A-labels.
    pub domain: At<Name>,
    /// The domain as people write it, where that differs.
    pub domain_unicode: Option<String>,
    /// The company in whose panel the zone is edited, as written; absent = unknown.
    pub registrar: Option<At<String>>,
    /// The zone as it is now, a file beside site.toml.
    pub current: Option<At<String>>,
    /// That file has all records of the zone, although it does not show that by itself.
    pub current_whole: Option<At<bool>>,
    /// A folder of the user's own templates, as seen from where the program was started.
    pub providers: Option<At<String>>,
    /// TTL of everything that says nothing else.
    pub ttl: Option<At<Ttl>>,
    /// Language of worksheets and comments.
    pub lang: Option<Lang>,
    /// Recipients with rules of their own; absent = the default follows from domain and senders.
    pub recipients: Option<Vec<At<Recipient>>>,
    /// Mail to Gmail a day, all senders together.
    pub gmail_per_day: Option<At<u64>>,
    /// false: a domain that neither sends nor receives.
    pub mail: Option<At<bool>>,
    /// Who sends.
    pub senders: Vec<SenderUse>,
    /// Names below the domain with settings of their own.
    pub subdomains: Vec<Subdomain>,
    /// `[spf]`.
    pub spf: SpfSection,
    /// `[dmarc]`.
    pub dmarc: Option<DmarcSection>,
    /// `[mta-sts]`.
    pub mta_sts: Option<MtaStsSection>,
    /// `[tls-rpt]`: where reports go.
    pub tls_rpt: Option<TlsRptSection>,
    /// `[bimi]`.
    pub bimi: Option<BimiSection>,
    /// `[caa]`.
    pub caa: Option<CaaSection>,
    /// `[keyzone]`.
    pub keyzone: Option<KeyzoneSection>,
    /// `[[way]]`.
    pub ways: Vec<Way>,
    /// `[limits]`: what the user knows of the form.
    pub limits: Vec<RawLimit>,
    /// `[[record]]`.
    pub records: Vec<RecordEntry>,
    /// `[lint] off`: rules that are not to speak.
    pub lint_off: Vec<At<String>>,
}

impl Site {
    /// The `[spf]` sections, each with its domain: the site's own, then those of subdomains.
    pub fn spf_sections(&self) -> impl Iterator<Item = (&Name, &SpfSection)> {
        let own = (&self.domain.value, &self.spf);
        std::iter::once(own).chain(self.subdomains.iter().map(|s| (&s.name.value, &s.spf)))
    }

    /// A site that has a domain and nothing else: for what is written of a zone that no single site stands for.
    #[must_use]
    pub fn of_domain(file: FileId, domain: Name) -> Self {
        Self {
            file,
            domain: At::new(domain, Span::new(file, 0..0)),
            domain_unicode: None,
            registrar: None,
            current: None,
            current_whole: None,
            providers: None,
            ttl: None,
            lang: None,
            recipients: None,
            gmail_per_day: None,
            mail: None,
            senders: Vec::new(),
            subdomains: Vec::new(),
            spf: SpfSection::default(),
            dmarc: None,
            mta_sts: None,
            tls_rpt: None,
            bimi: None,
            caa: None,
            keyzone: None,
            ways: Vec::new(),
            limits: Vec::new(),
            records: Vec::new(),
            lint_off: Vec::new(),
        }
    }
}

/// Recipients with rules of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// Japanese mobile carriers.
    JpMobile,
}

/// Where the site wants a sender's SPF include, overriding the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpfChoice {
    /// At the From domain.
    From,
    /// At the Return-Path host.
    ReturnPath,
    /// Nowhere.
    Omit,
}

/// `[[sender]]`.
#[derive(Clone, Debug)]
pub struct SenderUse {
    /// The table's header.
    pub span: Span,
    /// The template's id or any known name, as written.
    pub provider: At<String>,
    /// A name of its own, to tell two accounts apart.
    pub id: Option<At<String>>,
    /// The From domain, relative to the site: `news` for news.example.com.
    pub subdomain: Option<At<Name>>,
    /// What is used of it; absent = send.
    pub roles: Option<Vec<At<Role>>>,
    /// DKIM keys given.
    pub dkim: Vec<DkimEntry>,
    /// TTL of its records.
    pub ttl: Option<At<Ttl>>,
    /// A word of the user's.
    pub note: Option<At<String>>,
    /// The From address or domain, if it is not the site's.
    pub from: Option<At<String>>,
    /// The Return-Path host.
    pub mail_from: Option<At<String>>,
    /// Where the SPF include goes, overriding the template.
    pub spf: Option<At<SpfChoice>>,
    /// The template's groups that are used; absent = all.
    pub groups: Option<Vec<At<String>>>,
    /// Choices among the template's alternatives.
    pub options: BTreeMap<String, (Span, At<String>)>,
    /// The template's own variables, with the place of the key; a value of the wrong kind was told already and is absent.
    pub variables: Vec<(At<String>, Option<At<String>>)>,
}

impl SenderUse {
    /// Whether the provider is a template in a file of the user's: a path that ends in `.json`.
    #[must_use]
    pub fn names_a_file(&self) -> bool {
        std::path::Path::new(&self.provider.value).extension().is_some_and(|e| e.eq_ignore_ascii_case("json"))
    }

    /// What the site uses of it.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        match &self.roles {
            None => vec![Role::Send],
            Some(roles) => roles.iter().map(|r| r.value).collect(),
        }
    }

    /// Whether the site uses this role of it.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        match &self.roles {
            None => role == Role::Send,
            Some(roles) => roles.iter().any(|r| r.value == role),
        }
    }
}

/// A DKIM key that the site gives.
#[derive(Clone, Debug)]
pub struct DkimEntry {
    /// The selector; absent = the template's only one.
    pub selector: Option<At<String>>,
    /// Where the key is given in site.toml: the text itself, or the file's name.
    pub span: Span,
    /// The file's name, if it stands in one.
    pub file: Option<String>,
    /// The key as pasted.
    pub octets: Vec<u8>,
}

/// `[[subdomain]]`.
#[derive(Clone, Debug)]
pub struct Subdomain {
    /// The table's header.
    pub span: Span,
    /// Absolute name.
    pub name: At<Name>,
    /// SPF of its own.
    pub spf: SpfSection,
    /// DMARC of its own.
    pub dmarc: Option<DmarcSection>,
    /// A zone of its own at this registrar.
    pub delegated: Option<At<String>>,
    /// false: it neither sends nor receives.
    pub mail: Option<At<bool>>,
}

/// `[spf]`.
#[derive(Clone, Debug, Default)]
pub struct SpfSection {
    /// Where the section stands, if it is there.
    pub span: Option<Span>,
    /// The closing `all`: `-all`, `~all`.
    pub all: Option<At<String>>,
    /// Further terms.
    pub extra: Vec<At<String>>,
    /// Includes that are to be written out.
    pub flatten: Vec<At<String>>,
}

/// `[dmarc]`: tags by name (RFC 9989 §4.7).
#[derive(Clone, Debug)]
pub struct DmarcSection {
    /// Where the section stands.
    pub span: Span,
    /// Tag and value; lists are joined by commas.
    pub tags: Vec<(&'static str, At<String>)>,
}

/// `[mta-sts]`.
#[derive(Clone, Debug)]
pub struct MtaStsSection {
    /// Where the section stands.
    pub span: Span,
    /// enforce, testing, none.
    pub mode: At<String>,
    /// Seconds that a policy is kept.
    pub max_age: Option<At<u32>>,
    /// MX patterns; empty = the wanted MX.
    pub mx: Vec<At<String>>,
    /// Where the policy is served: an address or a host.
    pub host: Option<At<String>>,
}

/// `[tls-rpt]`.
#[derive(Clone, Debug)]
pub struct TlsRptSection {
    /// Where the section stands.
    pub span: Span,
    /// Report addresses.
    pub rua: Vec<At<String>>,
}

/// `[bimi]`.
#[derive(Clone, Debug)]
pub struct BimiSection {
    /// Where the section stands.
    pub span: Span,
    /// Selector; absent = default.
    pub selector: Option<At<String>>,
    /// Location of the logo; empty = declines.
    pub l: At<String>,
    /// Location of the mark certificate.
    pub a: Option<At<String>>,
    /// Which picture mail programs prefer: brand or personal.
    pub avp: Option<At<String>>,
}

/// `[caa]`: tag → values.
#[derive(Clone, Debug)]
pub struct CaaSection {
    /// Where the section stands.
    pub span: Span,
    /// Property tag and its values; no values = nobody may issue.
    pub properties: Vec<(&'static str, Span, Vec<At<String>>)>,
}

/// `[keyzone]`.
#[derive(Clone, Debug)]
pub struct KeyzoneSection {
    /// Where the section stands.
    pub span: Span,
    /// What keyzone names end in.
    pub suffix: At<Name>,
    /// The zone that holds them.
    pub zone: Option<At<Name>>,
    /// In whose panel that zone is edited.
    pub registrar: Option<At<String>>,
}

/// `[[way]]`: another way round than the first.
#[derive(Clone, Debug)]
pub struct Way {
    /// The table's header.
    pub span: Span,
    /// The record's owner.
    pub name: At<Name>,
    /// The record's type.
    pub rtype: At<Rtype>,
    /// Which way.
    pub way: At<WayKind>,
}

/// `[[record]]`.
#[derive(Clone, Debug)]
pub struct RecordEntry {
    /// The table's header.
    pub span: Span,
    /// Owner, absolute.
    pub name: At<Name>,
    /// Type.
    pub rtype: At<Rtype>,
    /// Data; the place is the value's.
    pub rdata: At<Rdata>,
    /// TTL.
    pub ttl: Option<At<Ttl>>,
    /// Whose it is: a sender's provider or id, or any company's name.
    pub owner: Option<At<String>>,
}
