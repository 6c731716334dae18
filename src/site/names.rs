//! Names as people write them in site.toml: full or short, with or without the final dot, in any script.

use std::net::IpAddr;

use crate::report::{Text, excerpt};
use crate::say;
use crate::zone::{Name, idn};

/// Why a text is not the name it should be.
pub type NameProblem = Text;

/// Converts to A-labels; what was mapped on the way is not an error here.
fn ascii(text: &str) -> Result<String, NameProblem> {
    if text.is_ascii() {
        return Ok(text.to_owned());
    }
    idn::to_ascii(text).map(|i| i.ascii).map_err(|e| e.text())
}

/// The site's domain: a registrable name or one below it, in lower-case A-labels.
///
/// # Errors
/// A sentence that says what the text is instead, or which part is wrong.
pub fn domain(text: &str) -> Result<Name, NameProblem> {
    let shown = excerpt(text, 60);
    if text.trim().is_empty() {
        return Err(say!(
            en: "the domain is empty; write what stands behind the @ of the mail addresses",
            ja: "ドメイン名が空です。メールアドレスの @ の後ろの部分を書きます"
        ));
    }
    if let Some((_, rest)) = text.split_once("://") {
        let host = rest.split(['/', ':', '?']).next().unwrap_or("");
        let host = excerpt(host.strip_prefix("www.").unwrap_or(host), 60);
        return Err(say!(
            en: "“{shown}” is the address of a page; write only “{host}”",
            ja: "「{shown}」は Web ページのアドレスです。「{host}」とだけ書きます"
        ));
    }
    if let Some((_, host)) = text.split_once('@') {
        let host = excerpt(host, 60);
        return Err(say!(
            en: "“{shown}” is a mail address; write only “{host}”",
            ja: "「{shown}」はメールアドレスです。「{host}」とだけ書きます"
        ));
    }
    if text.chars().any(char::is_whitespace) {
        return Err(say!(en: "“{shown}” has a space in it", ja: "「{shown}」に空白が入っています"));
    }
    if text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return Err(say!(
            en: "{shown} is an address; a domain such as example.com is wanted",
            ja: "{shown} は IP アドレスです。example.com のようなドメイン名を書きます"
        ));
    }
    let name = Name::parse_absolute(ascii(text)?).map_err(|e| e.text())?.to_lowercase();
    if name.is_wildcard() {
        return Err(
            say!(en: "a site is one domain, not {shown}", ja: "サイトは 1 つのドメインです（{shown} は書けません）"),
        );
    }
    if let Some(fault) = name.host_fault() {
        return Err(fault.text());
    }
    let plain = name.display_without_dot().to_string();
    let is_suffix = psl::suffix(plain.as_bytes())
        .is_some_and(|s| s.as_bytes() == plain.as_bytes() && (s.typ() != Some(psl::Type::Private)));
    if name.label_count() < 2 || is_suffix {
        return Err(say!(
            en: "{shown} is a top-level domain or a public suffix; a domain below it is wanted",
            ja: "{shown} はトップレベルドメイン（または公共の接尾辞）です。その下のドメイン名を書きます"
        ));
    }
    Ok(name)
}

/// An owner name in the site: `@` or nothing for the domain itself, `www`, `www.example.com`, `www.example.com.`.
///
/// # Errors
/// A sentence: not a name, or a name outside the domain.
pub fn owner(text: &str, domain: &Name) -> Result<Name, NameProblem> {
    let shown = excerpt(text, 80);
    if text.is_empty() || text == "@" {
        return Ok(domain.clone());
    }
    if text.chars().any(char::is_whitespace) {
        return Err(say!(en: "“{shown}” has a space in it", ja: "「{shown}」に空白が入っています"));
    }
    let ascii = ascii(text)?;
    let absolute = Name::parse_absolute(&ascii).map_err(|e| e.text())?;
    if absolute.is_subdomain_of(domain) {
        return Ok(absolute);
    }
    if ascii.ends_with('.') {
        let zone = domain.display_without_dot();
        return Err(say!(
            en: "{shown} is outside {zone}; its records are edited elsewhere",
            ja: "{shown} は {zone} の外です。そのレコードは別の場所で編集します"
        ));
    }
    absolute.join(domain).map_err(|e| e.text())
}

/// A host that a record points at, as site.toml writes it: `@`, a single label below the domain, or a full name.
fn target(text: &str, domain: &Name) -> Result<Name, NameProblem> {
    if text == "@" {
        return Ok(domain.clone());
    }
    if text == "." {
        return Ok(Name::root());
    }
    let ascii = ascii(text)?;
    let absolute = Name::parse_absolute(&ascii).map_err(|e| e.text())?;
    if absolute.label_count() == 1 && !ascii.ends_with('.') {
        return absolute.join(domain).map_err(|e| e.text());
    }
    Ok(absolute)
}

/// The value of a `[[record]]` with its last word, a target, written out in full.
pub(super) fn with_full_target(value: &str, domain: &Name) -> Result<String, NameProblem> {
    let value = value.trim();
    let host = value.rsplit(char::is_whitespace).next().unwrap_or("");
    let shown = excerpt(host, 60);
    if host.contains("://") || host.contains('/') {
        return Err(say!(
            en: "“{shown}” is the address of a page; a host name is wanted, such as shop.example.net",
            ja: "「{shown}」は Web ページのアドレスです。shop.example.net のようなホスト名を書きます"
        ));
    }
    // An MX to an address has a rule of its own, which knows what to do about it.
    if host == value && host.parse::<IpAddr>().is_ok() {
        return Err(say!(
            en: "{shown} is an address; this type takes a host name. For an address the type is A (or AAAA)",
            ja: "{shown} は IP アドレスです。この種別にはホスト名を書きます。アドレスなら種別は A（または AAAA）です"
        ));
    }
    let (front, last) = match value.rsplit_once(char::is_whitespace) {
        Some((front, last)) => (Some(front), last),
        None => (None, value),
    };
    let full = target(last, domain)?;
    Ok(front.map_or_else(|| full.to_string(), |front| format!("{front} {full}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse_absolute(text).unwrap()
    }

    #[test]
    fn a_domain_is_a_domain_and_nothing_else() {
        assert_eq!(domain("EXAMPLE.com").unwrap(), name("example.com"));
        assert_eq!(domain("日本語.jp").unwrap().to_string(), "xn--wgv71a119e.jp.");
        for wrong in [
            "",
            " ",
            "com",
            "co.jp",
            "jp.",
            "192.0.2.1",
            "2001:db8::1",
            "[2001:db8::1]",
            "a b.com",
            "https://example.com/",
            "a@example.com",
            "*.example.com",
            "a_b.example.com",
            "-a.example.com",
            "example..com",
        ] {
            assert!(domain(wrong).is_err(), "{wrong}");
        }
        assert!(domain(&format!("{}.com", "a.".repeat(150))).is_err());
        let long = domain(&format!("{}.com", "a".repeat(64))).unwrap_err();
        assert!(long.en.contains("64"), "{}", long.en);
    }

    #[test]
    fn owners_are_read_as_people_mean_them() {
        let site = name("example.com");
        for (text, full) in [
            ("@", "example.com."),
            ("", "example.com."),
            ("www", "www.example.com."),
            ("www.example.com", "www.example.com."),
            ("www.Example.COM.", "www.example.com."),
            ("example.com", "example.com."),
            ("a.b", "a.b.example.com."),
            ("shop12._domainkey", "shop12._domainkey.example.com."),
        ] {
            assert_eq!(owner(text, &site).unwrap().to_string().to_lowercase(), full, "{text}");
        }
        assert!(owner("www.example.org.", &site).is_err());
        assert!(owner("a b", &site).is_err());
    }

    #[test]
    fn targets_are_full_unless_they_are_one_label() {
        let site = name("example.com");
        assert_eq!(with_full_target("10 mail", &site).unwrap(), "10 mail.example.com.");
        assert_eq!(with_full_target("10 mx.example.net", &site).unwrap(), "10 mx.example.net.");
        assert_eq!(with_full_target("@", &site).unwrap(), "example.com.");
        assert_eq!(with_full_target("0 .", &site).unwrap(), "0 .");
    }
}
