//! How far a policy has got: what a change of it starts anew, and what is no change of it.

use super::{Policy, parse};

/// What receivers do, and whether anybody hears of it. Where reports go is no part of it, nor how a record is spelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// For the domain.
    pub p: Policy,
    /// For its subdomains.
    pub sp: Policy,
    /// For names that do not exist.
    pub np: Policy,
    /// `t=y`, or `pct=0` as it was called before: receivers act one level lower (RFC 9989 §4.7).
    pub t: bool,
    /// `pct`, which older receivers still follow.
    pub percent: Option<u8>,
    /// Reports go somewhere: only from then on does time at a stage say anything.
    pub reported: bool,
}

impl Stage {
    /// The stage of a record; none if receivers do not act on it.
    #[must_use]
    pub fn of(value: &[u8]) -> Option<Self> {
        let (record, _) = parse(value);
        let is_version = super::is_dmarc(value);
        let percent = record.tags.tags().iter().find(|tag| record.tags.name(tag).eq_ignore_ascii_case(b"pct"));
        let percent = percent.and_then(|tag| std::str::from_utf8(record.tags.value(tag)).ok()?.parse::<u8>().ok());
        let percent = percent.filter(|percent| *percent < 100);
        let dmarc = &record.dmarc;
        (is_version && record.is_in_force()).then(|| Self {
            p: dmarc.policy(),
            sp: dmarc.subdomain_policy(true),
            np: dmarc.subdomain_policy(false),
            t: dmarc.t || percent == Some(0),
            percent: percent.filter(|percent| *percent > 0),
            reported: !dmarc.rua.is_empty(),
        })
    }

    /// Its tags, without those that say what follows from others.
    #[must_use]
    pub fn tags(&self) -> String {
        let mut out = format!("p={}", self.p.as_str());
        if self.sp != self.p {
            out.push_str(&format!("; sp={}", self.sp.as_str()));
        }
        if self.np != self.sp {
            out.push_str(&format!("; np={}", self.np.as_str()));
        }
        if self.t {
            out.push_str("; t=y");
        }
        if let Some(percent) = self.percent {
            out.push_str(&format!("; pct={percent}"));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(value: &str) -> Option<String> {
        Stage::of(value.as_bytes()).map(|stage| stage.tags())
    }

    #[test]
    fn what_is_in_force_has_a_stage() {
        let of = |value: &str| tags(value).unwrap();
        assert_eq!(of("v=DMARC1; p=none"), "p=none");
        assert_eq!(of("v=DMARC1;p=reject;sp=none;np=reject"), "p=reject; sp=none; np=reject");
        // `sp` follows `p`, `np` follows `sp` (RFC 9989 §4.10.1).
        assert_eq!(of("v=DMARC1; p=quarantine; sp=quarantine; np=quarantine; adkim=s"), "p=quarantine");
        assert_eq!(of("v=DMARC1; p=quarantine; pct=0"), of("v=DMARC1; p=quarantine; t=y"));
        assert_eq!(of("v=DMARC1; p=quarantine; pct=50"), "p=quarantine; pct=50");
        assert_eq!(of("v=DMARC1; p=quarantine; pct=100"), "p=quarantine");
        for void in ["", "v=spf1 -all", "v=DMARC1; p=all", "V=dmarc1; p=none"] {
            assert_eq!(tags(void), None, "{void}");
        }
    }

    #[test]
    fn where_reports_go_is_no_new_stage_but_that_they_go_is() {
        let of = |value: &str| Stage::of(value.as_bytes()).unwrap();
        let none = of("v=DMARC1; p=none; rua=mailto:a@example.com");
        assert_eq!(none, of("v=DMARC1;  p=none; rua=mailto:b@example.net; ruf=mailto:c@example.com"));
        assert_ne!(none, of("v=DMARC1; p=none"));
        assert_ne!(none, of("v=DMARC1; p=none; sp=quarantine; rua=mailto:a@example.com"));
    }
}
