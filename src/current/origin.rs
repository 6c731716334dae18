//! Whose zone a text is, where nobody says so.

use crate::report::{Text, excerpt};
use crate::say;
use crate::site::decode;
use crate::zone::{MasterFile, Name};
use crate::zone_lint;

use super::dig::Answers;

/// A domain, and what is to be said of how it was found.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) name: Name,
    pub(crate) note: Option<Text>,
}

/// Most words that are tried as names.
const WORDS_MAX: usize = 20_000;

/// The zone's domain: what the text or its file's name says; else the name that has all others below it.
pub(crate) fn find(path: &str, octets: &[u8]) -> Option<Origin> {
    let answers = Answers::read(octets);
    let text = answers.as_ref().map_or(octets, |a| &a.zone);
    let said = zone_lint::apex(zone_lint::Input { name: path, octets: text, origin: None, includes: None });
    if let Some(apex) = said.filter(|apex| sound(&apex.name)) {
        return Some(Origin { name: apex.name, note: None });
    }
    let guess = match &answers {
        // What a CNAME leads to is answered too, and is another zone's.
        Some(answers) if !answers.questions.is_empty() => common(answers.questions.iter().cloned()),
        // Relative names end up below the root, where no zone of a site is.
        Some(_) => common(MasterFile::read(text, &Name::root()).records.into_iter().map(|r| r.name)),
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

/// Words of a text that are whole names in the first place of a line or of a cell.
fn owners(octets: &[u8]) -> impl Iterator<Item = Name> {
    let text = String::from_utf8_lossy(octets).into_owned();
    let words: Vec<Name> = text
        .lines()
        .filter_map(|line| {
            // The owner: the first word, or the first cell that is a name.
            let cells = line.split(['\t', ' ', '\u{3000}', ',', ';']).map(|w| w.trim().trim_matches('"'));
            let mut cells = cells.filter(|w| !w.is_empty()).take(2);
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
    if let Err(wrong) = decode(&shown, octets.to_vec()) {
        let what = wrong.title;
        return say!(
            en: "{what}, and nothing in it says of which domain it is; save it as UTF-8",
            ja: "{what}。どのドメインのゾーンかも分かりません。UTF-8 で保存し直してください"; what = what
        );
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
        assert_eq!(found("x.csv", "\"A\",\"example.com\",192.0.2.1\n"), Some(("example.com".into(), true)));
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
