//! What a record is made of. Holds values only: reading is `parse`, writing `print`, judging `inspect`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::Problem;

/// Where something stands in the parsed octets: a byte range.
pub type Span = Range<usize>;

/// What a match means (RFC 7208 §4.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Qualifier {
    /// `+`, also when nothing is written: the client may send.
    Pass,
    /// `-`: it may not.
    Fail,
    /// `~`: it probably may not.
    SoftFail,
    /// `?`: nothing is said.
    Neutral,
}

impl Qualifier {
    /// The character that stands for it.
    #[must_use]
    pub fn symbol(self) -> char {
        match self {
            Self::Pass => '+',
            Self::Fail => '-',
            Self::SoftFail => '~',
            Self::Neutral => '?',
        }
    }

    /// The qualifier that `symbol` stands for.
    #[must_use]
    pub fn from_symbol(symbol: char) -> Option<Self> {
        match symbol {
            '+' => Some(Self::Pass),
            '-' => Some(Self::Fail),
            '~' => Some(Self::SoftFail),
            '?' => Some(Self::Neutral),
            _ => None,
        }
    }
}

/// A domain-spec that fits the grammar (RFC 7208 §7.1), as written. Macros are expanded only in an evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DomainSpec {
    pub(super) text: String,
    pub(super) macros: bool,
}

impl DomainSpec {
    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it holds a macro, so that without a message nobody knows which name is meant.
    #[must_use]
    pub fn has_macros(&self) -> bool {
        self.macros
    }
}

/// The prefix lengths after `a` and `mx` (RFC 7208 §5.3), as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DualPrefix {
    /// Bits of an IPv4 address, 0 to 32; none written means 32.
    pub v4: Option<u8>,
    /// Bits of an IPv6 address, 0 to 128; none written means 128.
    pub v6: Option<u8>,
}

/// An address range, its host bits cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// The range of the first `prefix` bits of `address`; more bits than the address has count as all of them.
    #[must_use]
    pub fn new(address: IpAddr, prefix: u8) -> Self {
        match address {
            IpAddr::V4(v4) => {
                let prefix = prefix.min(32);
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                Self { address: Ipv4Addr::from_bits(v4.to_bits() & mask).into(), prefix }
            }
            IpAddr::V6(v6) => {
                let prefix = prefix.min(128);
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                Self { address: Ipv6Addr::from_bits(v6.to_bits() & mask).into(), prefix }
            }
        }
    }

    /// The first address.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The last address.
    #[must_use]
    pub fn last(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(v4) => {
                let rest = u32::MAX.checked_shr(self.prefix.into()).unwrap_or(0);
                Ipv4Addr::from_bits(v4.to_bits() | rest).into()
            }
            IpAddr::V6(v6) => {
                let rest = u128::MAX.checked_shr(self.prefix.into()).unwrap_or(0);
                Ipv6Addr::from_bits(v6.to_bits() | rest).into()
            }
        }
    }

    /// How many bits are fixed.
    #[must_use]
    pub fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Whether every address of `other` lies inside. An IPv4 range never contains an IPv6 one, nor the other way round.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.prefix <= other.prefix && Self::new(other.address, self.prefix) == *self
    }

    /// Whether `address` lies inside.
    #[must_use]
    pub fn contains_address(&self, address: IpAddr) -> bool {
        Self::new(address, self.prefix) == *self
    }

    /// As a term without a qualifier: `ip4:` or `ip6:`.
    #[must_use]
    pub fn term(&self) -> String {
        let (name, full) = if self.address.is_ipv4() { ("ip4", 32) } else { ("ip6", 128) };
        if self.prefix == full {
            format!("{name}:{}", self.address)
        } else {
            format!("{name}:{}/{}", self.address, self.prefix)
        }
    }

    /// Whether the two have an address in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.contains(other) || other.contains(self)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// What a term is (RFC 7208 §5 and §6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TermKind {
    /// `all`: everybody.
    All,
    /// `include:`: whoever passes at that name.
    Include(DomainSpec),
    /// `a`: the addresses of a name, of this domain if none is written.
    A {
        /// The name, if written.
        domain: Option<DomainSpec>,
        /// How wide around each address.
        prefix: DualPrefix,
    },
    /// `mx`: the addresses of a name's MX hosts.
    Mx {
        /// The name, if written.
        domain: Option<DomainSpec>,
        /// How wide around each address.
        prefix: DualPrefix,
    },
    /// `ptr`: whoever has a confirmed host name below a name.
    Ptr(Option<DomainSpec>),
    /// `ip4:`: an IPv4 range.
    Ip4 {
        /// As written, host bits and all.
        address: Ipv4Addr,
        /// As written; none means 32.
        prefix: Option<u8>,
    },
    /// `ip6:`: an IPv6 range.
    Ip6 {
        /// As written, host bits and all.
        address: Ipv6Addr,
        /// As written; none means 128.
        prefix: Option<u8>,
    },
    /// `exists:`: whether a name has an A record.
    Exists(DomainSpec),
    /// `redirect=`: if nothing matched, that name's record decides.
    Redirect(DomainSpec),
    /// `exp=`: where the text for a refusal stands.
    Exp(DomainSpec),
    /// Any other `name=value`, which receivers must ignore.
    UnknownModifier {
        /// As written.
        name: String,
        /// As written.
        value: String,
    },
}

impl TermKind {
    /// Whether it is a modifier (`name=value`), which has no place in the order of matching.
    #[must_use]
    pub fn is_modifier(&self) -> bool {
        matches!(self, Self::Redirect(_) | Self::Exp(_) | Self::UnknownModifier { .. })
    }

    /// Whether evaluating it costs one of the [`MAX_LOOKUPS`](super::MAX_LOOKUPS).
    #[must_use]
    pub fn costs_lookup(&self) -> bool {
        matches!(
            self,
            Self::Include(_) | Self::A { .. } | Self::Mx { .. } | Self::Ptr(_) | Self::Exists(_) | Self::Redirect(_)
        )
    }

    /// The range of an `ip4:` or `ip6:` term.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        match *self {
            Self::Ip4 { address, prefix } => Some(Network::new(address.into(), prefix.unwrap_or(32))),
            Self::Ip6 { address, prefix } => Some(Network::new(address.into(), prefix.unwrap_or(128))),
            _ => None,
        }
    }

    /// The domain-spec, if one is written.
    #[must_use]
    pub fn domain_spec(&self) -> Option<&DomainSpec> {
        match self {
            Self::Include(domain) | Self::Exists(domain) | Self::Redirect(domain) | Self::Exp(domain) => Some(domain),
            Self::A { domain, .. } | Self::Mx { domain, .. } | Self::Ptr(domain) => domain.as_ref(),
            Self::All | Self::Ip4 { .. } | Self::Ip6 { .. } | Self::UnknownModifier { .. } => None,
        }
    }
}

/// One term of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Where it stands in the record's text.
    pub span: Span,
    /// As written, qualifier included; visible ASCII only.
    pub raw: String,
    /// What a match means; [`Qualifier::Pass`] when none is written, and for modifiers.
    pub qualifier: Qualifier,
    /// Whether the qualifier is written.
    pub explicit_qualifier: bool,
    /// What it is.
    pub kind: TermKind,
}

/// A record, or bare terms, as read: every octet is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub(super) text: Vec<u8>,
    pub(super) version: Option<Span>,
    pub(super) terms: Vec<Term>,
    pub(super) problems: Vec<Problem>,
}

impl Record {
    /// Where `v=spf1` stands; none for bare terms.
    #[must_use]
    pub fn version(&self) -> Option<&Span> {
        self.version.as_ref()
    }

    /// The terms that could be read, in order.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// What reading found, in order. [`inspect`](Self::inspect) finds more.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The first problem that makes a receiver refuse the whole record (permerror, RFC 7208 §4.6).
    #[must_use]
    pub fn syntax_error(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.kind.is_permerror())
    }

    /// The `all` that counts: the first.
    #[must_use]
    pub fn all(&self) -> Option<&Term> {
        self.terms.iter().find(|term| term.kind == TermKind::All)
    }

    /// The mechanisms that can match, up to and with `all` (RFC 7208 §5.1).
    pub fn live_mechanisms(&self) -> impl Iterator<Item = &Term> {
        let end = self.terms.iter().position(|term| term.kind == TermKind::All).map_or(self.terms.len(), |at| at + 1);
        self.terms.iter().take(end).filter(|term| !term.kind.is_modifier())
    }

    /// The mechanisms behind `all`, which no receiver reaches (RFC 7208 §5.1).
    pub fn terms_after_all(&self) -> impl Iterator<Item = &Term> {
        let end = self.terms.iter().position(|term| term.kind == TermKind::All).map_or(self.terms.len(), |at| at + 1);
        self.terms.iter().skip(end).filter(|term| !term.kind.is_modifier())
    }

    /// The `redirect=`, whether or not an `all` makes it void.
    #[must_use]
    pub fn redirect(&self) -> Option<&Term> {
        self.terms.iter().find(|term| matches!(term.kind, TermKind::Redirect(_)))
    }
}
