//! Whose zone a text is, where nobody says so.

use std::path::Path;

use crate::report::{Text, excerpt};
use crate::say;
use crate::zone::{MasterFile, Name, Rtype};

use super::dig::Answers;

/// A domain, and what is to be said of how it was found.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) name: Name,
    pub(crate) note: Option<Text>,
}

/// Most words that are tried as names.
const WORDS_MAX: usize = 20_000;

/// The zone's domain: that of its SOA, of `$ORIGIN`, of the question, of the file's name; at last the name that has all others below it.
pub(crate) fn find(path: &str, octets: &[u8]) -> Option<Origin> {
    let certain = |name: Name| sound(&name).then_some(Origin { name, note: None });
    let answers = Answers::read(octets);
    let text = answers.as_ref().map_or(octets, |a| &a.zone);
    // Relative names end up below the root, where no zone of a site is.
    let read = MasterFile::read(text, &Name::root());
    let soa = read.records.iter().find(|r| r.rtype == Rtype::SOA).map(|r| r.name.clone());
    if let Some(found) = soa.and_then(certain) {
        return Some(found);
    }
    if let Some(found) = stated(octets).and_then(certain) {
        return Some(found);
    }
    if let Some(found) = of_file(path).and_then(certain) {
        return Some(found);
    }
    let guess = match &answers {
        // What a CNAME leads to is answered too, and is another zone's.
        Some(answers) if !answers.questions.is_empty() => common(answers.questions.iter().cloned()),
        Some(_) => common(read.records.iter().map(|r| r.name.clone())),
        None => common(owners(text)),
    };
    let name = guess.filter(sound)?;
    let shown = name.display_without_dot().to_string();
    let note = say!(en: "the domain is taken to be {shown}, which has all other names below it; another one: --origin NAME", ja: "ほかの名前がすべてその下にあるため、ドメインを {shown} としました。違うときは --origin で指定してください");
    Some(Origin { name, note: Some(note) })
}

/// Whether a site can be of this domain.
fn sound(name: &Name) -> bool {
    crate::site::domain(&name.to_string()).is_ok()
}

/// What the first `$ORIGIN` says, if it is whole.
fn stated(octets: &[u8]) -> Option<Name> {
    let text = String::from_utf8_lossy(octets.get(..octets.len().min(1024 * 1024)).unwrap_or_default());
    let line = text.lines().find_map(|line| {
        let (word, rest) = line.trim_start_matches('\u{feff}').split_once(char::is_whitespace)?;
        word.eq_ignore_ascii_case("$ORIGIN").then(|| rest.split_whitespace().next().unwrap_or_default().to_owned())
    })?;
    Name::parse_absolute(line.strip_suffix('.')?).ok()
}

/// The file's name, where it is a domain: `example.com.zone`, `db.example.com`.
fn of_file(path: &str) -> Option<Name> {
    const ENDINGS: [&str; 9] = [".zone", ".txt", ".db", ".dns", ".hosts", ".tsv", ".bind", ".dig", ".log"];
    let name = Path::new(path).file_name()?.to_str()?;
    let mut plain = name.strip_prefix("db.").unwrap_or(name);
    while let Some(shorter) = ENDINGS.iter().find_map(|e| plain.strip_suffix(e)) {
        plain = shorter;
    }
    crate::site::domain(plain).ok()
}

/// Words of a text that are whole names in the first place of a line or of a cell.
fn owners(octets: &[u8]) -> impl Iterator<Item = Name> {
    let text = String::from_utf8_lossy(octets).into_owned();
    let words: Vec<Name> = text
        .lines()
        .filter_map(|line| {
            // The owner: the first word, or the first cell that is a name.
            let mut cells = line.split(['\t', ' ', '\u{3000}']).map(str::trim).filter(|w| !w.is_empty()).take(2);
            cells.find_map(|word| {
                let plain = word.trim_end_matches('.');
                let is_name = plain.contains('.')
                    && plain.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'*'));
                let has_letters = plain.rsplit('.').next().is_some_and(|l| l.bytes().any(|b| b.is_ascii_alphabetic()));
                Name::parse_absolute(plain).ok().filter(|_| is_name && has_letters)
            })
        })
        .take(WORDS_MAX)
        .collect();
    words.into_iter()
}

/// The one of the names that has all others below it.
fn common(names: impl Iterator<Item = Name>) -> Option<Name> {
    let mut names: Vec<Name> = names.map(|n| n.to_lowercase()).collect();
    names.sort_by_key(Name::label_count);
    let first = names.first()?.clone();
    names.iter().all(|n| n.is_subdomain_of(&first)).then_some(first)
}

/// That nothing says whose zone it is.
pub(crate) fn unknown(path: &str, octets: &[u8]) -> Text {
    let shown = excerpt(path, 80);
    if let Some(known) = super::dig::known_by_sight(octets) {
        return say!(en: "{shown}: {known}", ja: "{shown}: {known}"; known = known);
    }
    say!(en: "{shown}: nothing in it says of which domain it is", ja: "{shown}: どのドメインのゾーンか分かりません")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Option<(String, bool)> {
        find(path, text.as_bytes()).map(|o| (o.name.display_without_dot().to_string(), o.note.is_some()))
    }

    #[test]
    fn the_surest_sign_comes_first() {
        let soa = "example.com. 3600 IN SOA ns1.example.net. h.example.net. 1 2 3 4 5\n";
        assert_eq!(found("example.org.zone", soa), Some(("example.com".into(), false)));
        assert_eq!(
            found("x", "$ORIGIN example.com.\n@ 3600 IN SOA ns1.example.net. h 1 2 3 4 5\n"),
            Some(("example.com".into(), false))
        );
        assert_eq!(found("x", "$ORIGIN example.com.\nwww A 192.0.2.1\n"), Some(("example.com".into(), false)));
        assert_eq!(found("a/b/example.com.zone", "www A 192.0.2.1\n"), Some(("example.com".into(), false)));
        assert_eq!(found("db.example.com", "www A 192.0.2.1\n"), Some(("example.com".into(), false)));
        assert_eq!(
            found("list.txt", "www.example.com\tA\t192.0.2.1\nexample.com\tA\t192.0.2.1\n"),
            Some(("example.com".into(), true))
        );
        assert_eq!(
            found("list.txt", ";; QUESTION SECTION:\n;example.com. IN MX\n\n;; ANSWER SECTION:\n"),
            Some(("example.com".into(), true))
        );
        // Neither is above the other; nothing but relative names; a public suffix.
        assert_eq!(found("list.txt", "www.example.com A 192.0.2.1\nexample.org A 192.0.2.1\n"), None);
        assert_eq!(found("list.txt", "www A 192.0.2.1\n"), None);
        assert_eq!(found("zone", "co.jp. 3600 IN SOA a.example.net. b.example.net. 1 2 3 4 5\n"), None);
        assert_eq!(found("", ""), None);
    }
}
