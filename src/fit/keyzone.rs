//! The keyzone: another zone of the user's that holds what the site's own form cannot. Its names and its setting.

use sha2::{Digest as _, Sha256};

use crate::catalogue::registrar::Registrar;
use crate::compose::Resolved;
use crate::report::{Finding, Span, Text};
use crate::say;
use crate::zone::Name;

use super::limits::Limits;

/// The keyzone as the site sets it.
pub(super) struct Keyzone<'a> {
    /// What its names end in.
    pub suffix: Name,
    /// The zone that holds them.
    pub zone: Name,
    /// In whose panel it is edited; absent = unknown.
    pub registrar: Option<&'a Registrar>,
    /// What that form takes.
    pub limits: Limits,
    /// Where the section stands.
    pub span: Span,
    /// Index of the site's own delegated subzone that it is.
    pub subzone: Option<usize>,
}

impl<'a> Keyzone<'a> {
    /// The keyzone of a site; a setting that cannot work is told and gives none.
    pub(super) fn of(resolved: &Resolved<'a>, findings: &mut Vec<Finding>) -> Option<Self> {
        let section = resolved.site.keyzone.as_ref()?;
        let (suffix, domain) = (section.suffix.value.clone(), &resolved.site.domain.value);
        let zones = resolved.site.subdomains.iter().zip(&resolved.delegated).filter(|(s, _)| s.delegated.is_some());
        // The deepest delegated subdomain that the suffix lies in is the zone that it is in.
        let delegated = zones
            .enumerate()
            .filter(|(_, (s, _))| suffix.is_subdomain_of(&s.name.value))
            .max_by_key(|(_, (s, _))| s.name.value.label_count());
        if let Some((subzone, (subdomain, registrar))) = delegated {
            let limits = Limits::new(*registrar, &[]);
            let (zone, registrar) = (subdomain.name.value.clone(), *registrar);
            return Some(Self { suffix, zone, registrar, limits, span: section.span, subzone: Some(subzone) });
        }
        if suffix.is_subdomain_of(domain) {
            findings.push(inside_site(&suffix, domain, section.suffix.span));
            return None;
        }
        let zone = section.zone.as_ref().map_or_else(|| suffix.clone(), |z| z.value.clone());
        let registrar = resolved.keyzone_registrar;
        let limits = Limits::new(registrar, &[]);
        Some(Self { suffix, zone, registrar, limits, span: section.span, subzone: None })
    }
}

fn inside_site(suffix: &Name, domain: &Name, span: Span) -> Finding {
    let (inside, plain) = (suffix.display_without_dot().to_string(), domain.display_without_dot().to_string());
    let relative = suffix.relative_to(domain).unwrap_or_default();
    Finding::error(
        "keyzone-inside-site",
        say!(en: "the keyzone {inside} lies in the zone of {plain} itself: the same form has to take it", ja: "鍵の置き場 {inside} は {plain} のゾーンの中です。同じ画面に入れることになり、解決になりません"),
    )
    .at(span, Text::default())
    .next(say!(
        en: "choose a suffix in another zone of yours, or make it a zone of its own at another company:\n[[subdomain]]\nname = \"{relative}\"\ndelegated = \"…\"",
        ja: "別のゾーンの名前にするか、別の会社に委任したゾーンにします:\n[[subdomain]]\nname = \"{relative}\"\ndelegated = \"…\""
    ))
}

/// `<selector>.<domain>.<suffix>` for `<selector>._domainkey.<domain>`. It can be read back: the first label is the selector, so a
/// selector of several labels has none, as `s.news` at `example.com` and `s` at `news.example.com` would be one name.
pub(super) fn readable(owner: &Name, suffix: &Name) -> Option<Name> {
    let mut labels = owner.labels();
    let selector = labels.next()?;
    let is_key = labels.next().is_some_and(|l| l.eq_ignore_ascii_case(b"_domainkey"));
    if !is_key {
        return None;
    }
    let domain = owner.parent()?.parent()?.to_lowercase();
    domain.child(selector).ok()?.to_lowercase().join(suffix).ok()
}

/// The names that a key of this owner may have in a keyzone.
pub fn keyzone_names(owner: &Name, suffix: &Name) -> impl Iterator<Item = Name> {
    [readable(owner, suffix), hashed(owner, suffix)].into_iter().flatten()
}

/// A name of fixed length for any owner: 16 hexadecimal digits of SHA-256 over the owner, a single label, so that it meets no readable name.
pub(super) fn hashed(owner: &Name, suffix: &Name) -> Option<Name> {
    let digest = Sha256::digest(owner.to_lowercase().as_wire());
    let label: String = digest.iter().take(8).map(|octet| format!("{octet:02x}")).collect();
    suffix.child(&label).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse_absolute(text).unwrap()
    }

    #[test]
    fn names_of_keys_can_be_read_and_never_meet() {
        let suffix = name("dkim.agency.example");
        let of = |owner: &str| readable(&name(owner), &suffix).map(|n| n.display_without_dot().to_string());
        let story = of("default._domainkey.hogehoge.com").unwrap();
        assert_eq!((story.as_str(), story.len()), ("default.hogehoge.com.dkim.agency.example", 40));
        assert_eq!(of("S1._domainkey.News.example.com").unwrap(), "s1.news.example.com.dkim.agency.example");
        // `s1.news` at example.com would be the same name.
        assert_eq!(of("s1.news._domainkey.example.com"), None);
        assert_eq!(of("_dmarc.example.com"), None);
        let hash = hashed(&name("s1.news._domainkey.example.com"), &suffix).unwrap();
        assert_eq!(hash.label_count(), suffix.label_count() + 1);
        // printf '\x02s1\x04news\x0a_domainkey\x07example\x03com\x00' | sha256sum
        assert_eq!(hash, name("27ce75b1037a7497.dkim.agency.example"));
        assert_ne!(hash, hashed(&name("s1._domainkey.news.example.com"), &suffix).unwrap());
        assert_eq!(hash, hashed(&name("S1.NEWS._domainkey.example.com"), &suffix).unwrap());
    }
}
