//! What a new record has that an old one has not, and the other way round, term by term and whatever they are spelled like.

use super::types::{Record, TermKind};

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

#[cfg(test)]
mod tests {
    use super::*;

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
