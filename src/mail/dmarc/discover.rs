//! How receivers find the policy of a domain and its organizational domain: the DNS tree walk (RFC 9989 §4.10), and who must agree to receive reports (RFC 9990 §4).
//!
//! Names are lower-case A-labels without a final dot.

use super::parse::{Recognised, parse, recognise};
use super::types::{Policy, Psd, Record};

/// The queries of a tree walk are at most this many (RFC 9989 §4.10).
const MAX_QUERIES: usize = 8;
/// A DNS name on the wire (RFC 1035 §2.3.4).
const MAX_NAME_OCTETS: usize = 255;
/// The record that a report's receiver publishes to agree (RFC 9990 §4).
pub const REPORT_RECORD: &str = "v=DMARC1";

/// The domains whose `_dmarc` records a walk from `domain` may ask for, nearest first: the domain, then its parent or,
/// where it has 8 labels or more, the domain cut to 7; then one label off each time.
fn steps(domain: &str) -> Vec<&str> {
    let starts: Vec<&str> =
        domain.char_indices().filter(|(_, letter)| *letter == '.').filter_map(|(at, _)| domain.get(at + 1..)).collect();
    let skip = (starts.len() + 1).saturating_sub(MAX_QUERIES);
    std::iter::once(domain).chain(starts.into_iter().skip(skip)).collect()
}

/// The names that a tree walk from `domain` asks for at most, in their order (RFC 9989 §4.10).
#[must_use]
pub fn walk(domain: &str) -> Vec<String> {
    steps(domain).into_iter().map(owner).collect()
}

fn owner(domain: &str) -> String {
    format!("_dmarc.{domain}")
}

/// Whose record a policy comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The domain's own.
    Own,
    /// Its organizational domain's.
    Organizational,
    /// Its public suffix's.
    PublicSuffix,
}

/// The record that applies to a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it stands, without `_dmarc`.
    pub domain: String,
    /// Whose it is.
    pub role: Role,
    /// The record.
    pub record: Record,
}

/// What a receiver finds out about a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovery {
    /// The organizational domain (RFC 9989 §4.10.2).
    pub org_domain: String,
    /// The record that applies (RFC 9989 §4.10.1); none: no DMARC.
    pub found: Option<Found>,
}

impl Discovery {
    /// The policy for mail from the domain; `exists` is false only for NXDOMAIN. None: no DMARC.
    ///
    /// Before `t=y`, which lowers it at receivers of RFC 9989.
    #[must_use]
    pub fn policy(&self, exists: bool) -> Option<Policy> {
        let found = self.found.as_ref().filter(|found| found.record.is_in_force())?;
        if found.record.invalid_policy {
            return Some(Policy::None);
        }
        Some(match found.role {
            Role::Own => found.record.dmarc.policy(),
            Role::Organizational | Role::PublicSuffix => found.record.dmarc.subdomain_policy(exists),
        })
    }
}

/// Walks from `domain`. `lookup` gives the TXT values (joined octets) at a name, none where there are none.
///
/// # Errors
/// The first error of `lookup`: what could not be asked must not count as absent.
pub fn discover<T: AsRef<[u8]>, E>(
    domain: &str,
    mut lookup: impl FnMut(&str) -> Result<Vec<T>, E>,
) -> Result<Discovery, E> {
    let mut records: Vec<(&str, Record)> = Vec::new();
    let mut org_domain = None;
    let mut previous = domain;
    for (step, name) in steps(domain).into_iter().enumerate() {
        let values = lookup(&owner(name))?;
        let mut dmarc = values.iter().map(AsRef::as_ref).filter(|value| recognise(value) != Recognised::No);
        // Several records count as none (RFC 9989 §4.10 steps 2 and 6).
        if let (Some(value), None) = (dmarc.next(), dmarc.next()) {
            let record = parse(value).0;
            let psd = record.dmarc.psd;
            records.push((name, record));
            match psd {
                Psd::No => org_domain = Some(name),
                Psd::Yes if step > 0 => org_domain = Some(below(domain, name, previous)),
                // `psd=y` where the walk starts does not stop it.
                Psd::Yes | Psd::Unknown => {}
            }
            if org_domain.is_some() {
                break;
            }
        }
        previous = name;
    }
    let org_domain = org_domain.or(records.last().map(|(name, _)| *name)).unwrap_or(domain);
    let suffix = |(_, record): &(&str, Record)| record.dmarc.psd == Psd::Yes;
    let found =
        |role, (name, record): &(&str, Record)| Found { domain: (*name).to_owned(), role, record: record.clone() };
    let own = records.iter().find(|(name, _)| *name == domain).map(|entry| found(Role::Own, entry));
    let organizational =
        || records.iter().find(|(name, _)| *name == org_domain).map(|entry| found(Role::Organizational, entry));
    let public = || records.iter().find(|entry| suffix(entry)).map(|entry| found(Role::PublicSuffix, entry));
    Ok(Discovery { found: own.or_else(organizational).or_else(public), org_domain: org_domain.to_owned() })
}

/// The ancestor of `domain` that is one label below `name`. It need not have been asked for: the walk from a long name skips some.
fn below<'a>(domain: &'a str, name: &str, previous: &'a str) -> &'a str {
    let head = domain.len().checked_sub(name.len() + 1).and_then(|length| domain.get(..length)).unwrap_or_default();
    let label = head.rfind('.').map_or(0, |dot| dot + 1);
    domain.get(label..).unwrap_or(previous)
}

/// A name that does not fit into DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameTooLong {
    /// Its octets on the wire, with each label's length and the root.
    pub octets: usize,
}

/// Where `destination` must publish [`REPORT_RECORD`] to receive reports about `policy_domain`, which is another organization's (RFC 9990 §4).
///
/// # Errors
/// The name would have more than 255 octets: such reports cannot be authorised.
pub fn report_authorisation_name(policy_domain: &str, destination: &str) -> Result<String, NameTooLong> {
    let name = format!("{policy_domain}._report._dmarc.{destination}");
    // One length octet a label stands for its dot; one more for the first label, one for the root.
    let octets = name.len() + 2;
    if octets > MAX_NAME_OCTETS { Err(NameTooLong { octets }) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_look_up_is_no_absence() {
        assert_eq!(
            discover("example.jp", |name| if name == "_dmarc.jp" { Err("timeout") } else { Ok(Vec::<Vec<u8>>::new()) }),
            Err("timeout")
        );
    }

    #[test]
    fn a_suffix_below_skipped_labels() {
        // 10 labels: the walk asks for the name itself, then for 7 labels and fewer.
        let domain = "a.b.c.d.e.f.g.h.bank.example";
        let records = |name: &str| -> Result<Vec<Vec<u8>>, ()> {
            Ok(if name == "_dmarc.d.e.f.g.h.bank.example" {
                vec![b"v=DMARC1; p=reject; psd=y".to_vec()]
            } else {
                vec![]
            })
        };
        let found = discover(domain, records).unwrap();
        assert_eq!(found.org_domain, "c.d.e.f.g.h.bank.example");
        assert_eq!(found.found.map(|found| found.role), Some(Role::PublicSuffix));
    }

    #[test]
    fn a_suffix_itself_and_broken_policies() {
        let at = |record: &'static str| {
            move |name: &str| -> Result<Vec<Vec<u8>>, ()> {
                Ok(if name == "_dmarc.bank.example" { vec![record.into(), b"other".to_vec()] } else { vec![] })
            }
        };
        let policy =
            |domain, record, exists| discover(domain, at(record)).map(|found| (found.policy(exists), found.org_domain));
        let bank = "bank.example".to_owned();
        assert_eq!(
            policy("bank.example", "v=DMARC1; p=reject; sp=none; psd=y", true),
            Ok((Some(Policy::Reject), bank.clone()))
        );
        assert_eq!(policy("bank.example", "v=DMARC1", true), Ok((Some(Policy::None), bank.clone())));
        assert_eq!(policy("bank.example", "v=DMARC1; p=x", true), Ok((None, bank.clone())));
        assert_eq!(
            policy("bank.example", "v=DMARC1; p=reject; sp=x; rua=mailto:d@bank.example", true),
            Ok((Some(Policy::None), bank.clone()))
        );
        assert_eq!(
            policy("a.bank.example", "v=DMARC1; p=none; np=reject", false),
            Ok((Some(Policy::Reject), bank.clone()))
        );
        assert_eq!(policy("a.bank.example", "v=DMARC1; p=none; np=reject", true), Ok((Some(Policy::None), bank)));
    }
}
