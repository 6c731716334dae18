//! Since when a DMARC policy is what it is.

use super::{Pin, Pins, Use};
use crate::mail::dmarc::{self, Stage};
use crate::zone::{Name, Rtype};

/// What is known of the policy that a domain publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published<'p> {
    /// The pin.
    pub pin: &'p Pin,
    /// Its stage; none if receivers do not act on what is there.
    pub stage: Option<Stage>,
}

impl Pins {
    /// The DMARC policy of a domain, as it was seen.
    #[must_use]
    pub fn policy(&self, domain: &Name) -> Option<Published<'_>> {
        let at = domain.child("_dmarc").ok()?;
        let pin = self.get(&at, Rtype::TXT).filter(|pin| pin.uses.contains(&Use::Dmarc(domain.clone())))?;
        Some(Published { pin, stage: stage(pin) })
    }
}

/// The stage of a policy; of several none is in force (RFC 9989 §4.10).
fn stage(pin: &Pin) -> Option<Stage> {
    let texts = pin.values.iter().map(crate::zone::Rdata::txt_joined);
    let policies: Vec<Vec<u8>> = texts.filter(|text| dmarc::is_dmarc(text)).collect();
    match policies.as_slice() {
        [only] => Stage::of(only),
        _ => None,
    }
}

/// Whether new values are of the same stage: another address for reports starts no new time.
pub(super) fn keeps_day(old: &Pin, new: &Pin) -> bool {
    let is_policy = |pin: &Pin| pin.uses.iter().all(|of| matches!(of, Use::Dmarc(_)));
    // What was seen there for something else too has a day of its own.
    is_policy(old) && stage(old).is_some_and(|stage_before| stage(new) == Some(stage_before))
}

#[cfg(test)]
mod tests {
    use super::super::{Put, read, write};
    use super::*;
    use crate::report::Sources;
    use crate::zone::Rdata;

    fn name(text: &str) -> Name {
        Name::parse_absolute(text).unwrap()
    }

    fn pin(value: &str, day: &str) -> Pin {
        let uses = [Use::Dmarc(name("example.com"))].into();
        let values = vec![Rdata::txt(value.as_bytes()).unwrap()];
        Pin { uses, values, ttl: Some(300), seen: day.parse().unwrap() }
    }

    #[test]
    fn the_day_is_that_of_the_stage() {
        let mut pins = Pins::new(name("example.com"));
        let at = name("_dmarc.example.com");
        let mut put = |value: &str, day: &str| {
            let put = pins.put(at.clone(), Rtype::TXT, pin(value, day));
            (put, pins.policy(&name("example.com")).unwrap().pin.seen.to_string())
        };
        let rua = "rua=mailto:a@example.com";
        assert_eq!(put(&format!("v=DMARC1; p=none; {rua}"), "2026-01-01").1, "2026-01-01");
        // Another address is news, and no new stage.
        let (put_again, seen) = put("v=DMARC1; p=none; rua=mailto:b@example.com", "2026-02-01");
        assert!(matches!(put_again, Put::Changed(_)));
        assert_eq!(seen, "2026-01-01");
        assert_eq!(put(&format!("v=DMARC1; p=quarantine; {rua}"), "2026-03-01").1, "2026-03-01");
        assert_eq!(put(&format!("v=DMARC1; p=quarantine; pct=50; {rua}"), "2026-04-01").1, "2026-04-01");
        assert_eq!(put("v=DMARC1; p=quarantine; pct=50", "2026-05-01").1, "2026-05-01");
        // What nobody acts on is no stage that could go on.
        assert_eq!(put("v=DMARC1; p=all", "2026-06-01").1, "2026-06-01");
        assert_eq!(put("v=DMARC1; p=every", "2026-07-01").1, "2026-07-01");
    }

    #[test]
    fn it_is_written_and_read_back_and_answers_nothing_else() {
        let mut pins = Pins::new(name("example.com"));
        pins.put(name("_dmarc.example.com"), Rtype::TXT, pin("v=DMARC1; p=none", "2026-01-01"));
        let text = write(&pins);
        assert!(text.contains("for = [\"dmarc:example.com\"]"), "{text}");
        let mut sources = Sources::default();
        let file = sources.add("site.pins.toml", text.clone());
        let (back, findings) = read(&text, file, &name("example.com"));
        assert_eq!((back.as_ref(), findings.len()), (Some(&pins), 0));
        assert_eq!(pins.policy(&name("example.com")).unwrap().stage.unwrap().tags(), "p=none");
        assert_eq!(pins.policy(&name("news.example.com")), None);
        assert_eq!(pins.key(&name("_dmarc.example.com"), &name("_dmarc.example.com")), None);
    }
}
