//! What a new record has that an old one has not, and the other way round, term by term and whatever they are spelled like.

use super::types::{Qualifier, Record, TermKind};

/// A change from one record to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Terms that only the new record has, as written there.
    pub added: Vec<String>,
    /// Terms that only the old record has, as written there; also what could not be read in it.
    pub gone: Vec<String>,
    /// The closing `all` of both, where they differ.
    pub all: Option<(String, String)>,
}

/// Compares two records of `domain`. `+a:example.com` and `a` at example.com are the same term.
#[must_use]
pub fn change(old: &str, new: &str, domain: &str) -> Change {
    let (before, after) = (Record::parse(old.as_bytes()), Record::parse(new.as_bytes()));
    let normal = |r: &Record| -> Vec<(String, String)> {
        let terms = r.terms().iter().filter(|t| t.kind != TermKind::All);
        terms.map(|t| (t.raw.clone(), t.normal(domain).to_string())).collect()
    };
    let (had, has) = (normal(&before), normal(&after));
    let only = |of: &[(String, String)], other: &[(String, String)]| -> Vec<String> {
        of.iter().filter(|(_, n)| !other.iter().any(|(_, o)| o == n)).map(|(raw, _)| raw.clone()).collect()
    };
    let mut gone = only(&had, &has);
    // What the grammar does not know is somebody's wish all the same.
    let read = |word: &str| before.terms().iter().any(|t| t.raw == word);
    let unread = old.split_ascii_whitespace().skip(1).filter(|word| !read(word));
    gone.extend(unread.filter(|word| !new.split_ascii_whitespace().any(|w| w == *word)).map(str::to_owned));
    let all = match (before.all(), after.all()) {
        (Some(a), Some(b)) if a.qualifier != b.qualifier => Some((a.raw.clone(), b.raw.clone())),
        _ => None,
    };
    Change { added: only(&has, &had), gone, all }
}

/// Whether two records of `domain` say the same to every receiver. Where all terms have one qualifier their order is none: the first that
/// matches decides (RFC 7208 §4.6.2), and any of them decides alike.
#[must_use]
pub fn is_same(one: &str, other: &str, domain: &str) -> bool {
    let (a, b) = (Record::parse(one.as_bytes()), Record::parse(other.as_bytes()));
    let mechanisms = |r: &Record| -> Vec<(Qualifier, String)> {
        let terms = r.terms().iter().filter(|t| !t.kind.is_modifier());
        terms.map(|t| (t.qualifier, t.normal(domain).to_string())).collect()
    };
    let (had, has) = (mechanisms(&a), mechanisms(&b));
    let end = |r: &Record| r.all().map(|t| t.qualifier);
    // What stands behind `all` counts for nobody.
    let ends = |r: &Record| r.terms().iter().rfind(|t| !t.kind.is_modifier()).is_none_or(|t| t.kind == TermKind::All);
    let alike = || {
        let mut qualifiers = [&a, &b].into_iter().flat_map(|r| r.terms());
        qualifiers.all(|t| t.kind.is_modifier() || t.kind == TermKind::All || t.qualifier == Qualifier::Pass)
    };
    a.syntax_error().is_none()
        && b.syntax_error().is_none()
        && change(one, other, domain) == Change::default()
        && end(&a) == end(&b)
        && (had == has || (alike() && ends(&a) && ends(&b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_counts_only_between_qualifiers_and_before_all() {
        let same =
            |one: &str, other: &str| is_same(&format!("v=spf1 {one}"), &format!("v=spf1 {other}"), "example.com");
        assert!(same("a include:b.example ~all", "include:b.example +a:example.com ~all"));
        assert!(same("a a ~all", "a ~all"));
        assert!(same("-ip4:192.0.2.1 a -all", "-ip4:192.0.2.1 a:example.com -all"));
        for (one, other) in [
            ("-ip4:192.0.2.1 a -all", "a -ip4:192.0.2.1 -all"),
            ("?a -all", "a -all"),
            ("a mx -all", "a -all mx"),
            ("a", "a ~all"),
            ("a ~all", "a"),
            ("a -all", "a ~all"),
            ("a -all", "a -all exp=why.example.net"),
            ("a ipv4:192.0.2.1 -all", "a -all"),
        ] {
            assert!(!same(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn spelling_is_no_change_and_what_cannot_be_read_is_not_forgotten() {
        let change = change(
            "v=spf1 +a:example.com +mx ipv4:192.0.2.1 include:old.example.net -all",
            "v=spf1 a mx include:new.example.net ~all",
            "example.com",
        );
        assert_eq!(change.added, ["include:new.example.net"]);
        assert_eq!(change.gone, ["include:old.example.net", "ipv4:192.0.2.1"]);
        assert_eq!(change.all, Some(("-all".to_owned(), "~all".to_owned())));
    }
}
