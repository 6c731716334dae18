//! Edits of a site.toml that somebody wrote: everything else in it stays as it is, byte for byte.

use toml_edit::{Array, Item, Table};

use crate::mail::spf;
use crate::report::Text;
use crate::say;
use crate::site::rewrite::{Rewrite, Splice, list, quoted};
use crate::zone::{Name, Rdata, Record, Rtype};

/// The section that speaks of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Section {
    /// `[spf]`.
    Domain,
    /// `[subdomain.spf]` of the `[[subdomain]]` with this number, from 0.
    Subdomain(usize),
    /// That of a `[[subdomain]]` that is not there yet, by the name that it gets.
    New(String),
}

/// Most places in which one term is looked for.
const PLACES_MAX: usize = 20;

/// Where a term of a record is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In `extra` of a section.
    Extra(Section),
    /// In the `[[record]]` with this number, from 0.
    Record(usize),
    /// In this key of the `[[sender]]` with this number, from 0.
    Sender(usize, String),
}

/// A change of site.toml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A key of the `[[sender]]` with this number, from 0.
    Sender {
        /// Which.
        sender: usize,
        /// The key.
        key: &'static str,
        /// What it is to say.
        value: String,
    },
    /// Other terms in place of one, or none.
    Term {
        /// Where it is written.
        place: Place,
        /// The term as written there.
        term: String,
        /// What comes in its place.
        by: Vec<String>,
    },
    /// Terms of the site's own in place of all that a sender's template adds.
    Instead {
        /// Which sender, from 0.
        sender: usize,
        /// The section that gets the terms.
        section: Section,
        /// The terms.
        terms: Vec<String>,
    },
    /// A record that has no other term left, by its `all`.
    All {
        /// The section that speaks of it.
        section: Section,
        /// The `all`.
        all: String,
    },
    /// An include more in `flatten` of a section.
    Flatten {
        /// Which section.
        section: Section,
        /// The name behind `include:`.
        include: Name,
    },
}

/// The text with the edit made, for the site of that domain.
///
/// # Errors
/// Why it can't be: the file says it in another form than is edited.
pub fn edited(text: &str, edit: &Edit, domain: &Name) -> Result<String, Text> {
    let mut out = once(text, edit, domain).ok_or_else(|| {
        say!(en: "site.toml writes it in a form that is not edited here", ja: "site.toml の書き方が、書き換えられる形ではありません")
    })?;
    // Several texts of a list may have the term.
    if let Edit::Term { place: place @ Place::Extra(_), term, .. } = edit {
        let rest = Edit::Term { place: place.clone(), term: term.clone(), by: Vec::new() };
        for _ in 1..PLACES_MAX {
            let Some(next) = once(&out, &rest, domain) else { break };
            out = next;
        }
    }
    Ok(out)
}

fn once(text: &str, edit: &Edit, domain: &Name) -> Option<String> {
    let rewrite = Rewrite::of(text)?;
    let splices = match edit {
        Edit::Sender { sender, key, value } => set(&rewrite, *sender, key, value)?,
        Edit::Term { place: Place::Extra(section), term, by } => in_extra(&rewrite, section, term, by)?,
        Edit::Term { place: Place::Record(record), term, by } => in_record(&rewrite, *record, term, by, domain)?,
        Edit::Term { place: Place::Sender(sender, key), term, by } => {
            let old = table(&rewrite, "sender", *sender)?.get(key)?.as_value()?;
            vec![rewrite.value(old, &replaced(old.as_str()?, term, by)?)?]
        }
        Edit::Instead { sender, section, terms } => {
            let mut splices = set(&rewrite, *sender, "spf", "omit")?;
            if !terms.is_empty() {
                splices.extend(more(&rewrite, section, "extra", terms)?);
            }
            splices
        }
        Edit::All { section: of, all } => match section(&rewrite, of).and_then(|item| item.as_table_like()?.get("all"))
        {
            Some(old) => vec![rewrite.value(old.as_value()?, all)?],
            None => key(&rewrite, of, "all", &quoted(all))?,
        },
        Edit::Flatten { section, include } => {
            more(&rewrite, section, "flatten", &[include.display_without_dot().to_string()])?
        }
    };
    rewrite.with(splices)
}

/// One of the tables of an array of tables.
fn table<'d>(rewrite: &'d Rewrite<'_>, key: &str, at: usize) -> Option<&'d Table> {
    rewrite.document().get(key)?.as_array_of_tables()?.get(at)
}

fn set(rewrite: &Rewrite<'_>, sender: usize, key: &str, text: &str) -> Option<Vec<Splice>> {
    let table = table(rewrite, "sender", sender)?;
    Some(vec![match table.get(key) {
        Some(old) => rewrite.value(old.as_value()?, text)?,
        None => rewrite.line_in(table, "sender", key, &quoted(text))?,
    }])
}

fn section<'d>(rewrite: &'d Rewrite<'_>, section: &Section) -> Option<&'d Item> {
    match section {
        Section::Domain => rewrite.document().get("spf"),
        Section::Subdomain(at) => table(rewrite, "subdomain", *at)?.get("spf"),
        Section::New(_) => None,
    }
}

/// Texts more in a list of a section; the section and the list, if they are not there.
fn more(rewrite: &Rewrite<'_>, of: &Section, name: &str, texts: &[String]) -> Option<Vec<Splice>> {
    let old = match section(rewrite, of) {
        Some(item) => item.as_table_like()?.get(name),
        None => None,
    };
    let Some(old) = old else { return key(rewrite, of, name, &list(texts)) };
    let old = old.as_array()?;
    let is_new = |text: &&String| !old.iter().any(|item| item.as_str() == Some(text));
    rewrite.append(old, &texts.iter().filter(is_new).cloned().collect::<Vec<_>>())
}

/// A key more in a section; the section, if it is not there.
fn key(rewrite: &Rewrite<'_>, of: &Section, key: &str, value: &str) -> Option<Vec<Splice>> {
    if let Some(item) = section(rewrite, of) {
        return Some(vec![rewrite.key(item, "spf", key, value)?]);
    }
    let line = format!("{key} = {value}");
    Some(vec![match of {
        Section::Domain => rewrite.at_end(&["[spf]".to_owned(), line]),
        Section::Subdomain(at) => {
            rewrite.table_behind(table(rewrite, "subdomain", *at)?, &["[subdomain.spf]".to_owned(), line])?
        }
        Section::New(name) => {
            let name = format!("name = {}", quoted(name));
            let lines = ["[[subdomain]]".to_owned(), name, String::new(), "[subdomain.spf]".to_owned(), line];
            rewrite.at_end(&lines)
        }
    }])
}

fn in_extra(rewrite: &Rewrite<'_>, of: &Section, term: &str, by: &[String]) -> Option<Vec<Splice>> {
    let list: &Array = section(rewrite, of)?.as_table_like()?.get("extra")?.as_array()?;
    let at = list.iter().position(|item| item.as_str().is_some_and(|text| replaced(text, term, by).is_some()))?;
    let item = list.get(at)?;
    let text = item.as_str()?;
    if text.trim() == term {
        return rewrite.item(list, at, by);
    }
    Some(vec![rewrite.value(item, &replaced(text, term, by)?)?])
}

fn in_record(rewrite: &Rewrite<'_>, record: usize, term: &str, by: &[String], domain: &Name) -> Option<Vec<Splice>> {
    let old = table(rewrite, "record", record)?.get("value")?.as_value()?;
    let rdata = crate::site::record_value(Rtype::TXT, old.as_str()?, domain).ok()?;
    let text = String::from_utf8(rdata.txt_joined()).ok()?;
    let rdata = Rdata::txt(replaced(&text, term, by)?.as_bytes()).ok()?;
    let (_, text) = crate::plan::parts(&Record { name: domain.clone(), rtype: Rtype::TXT, ttl: 0, rdata }, domain);
    Some(vec![rewrite.value(old, &text)?])
}

/// The terms with others in place of one, wherever it stands; none if it is not among them.
fn replaced(text: &str, term: &str, by: &[String]) -> Option<String> {
    let record = spf::Record::parse(text.as_bytes());
    let mut by = Some(by.join(" ")).filter(|by| !by.is_empty());
    let (mut out, mut done) = (String::new(), None);
    for span in record.terms().iter().filter(|t| t.raw == term).map(|t| t.span.clone()) {
        let before = text.get(done.unwrap_or_default()..span.start)?;
        match by.take() {
            Some(by) => out.extend([before, &by]),
            // Of the spaces around a term that goes, one stays.
            None => out.push_str(before.trim_end_matches(' ')),
        }
        done = Some(span.end);
    }
    out.push_str(text.get(done?..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain() -> Name {
        Name::parse_absolute("example.com").unwrap()
    }

    fn done(text: &str, edit: &Edit) -> String {
        let out = edited(text, edit, &domain()).unwrap();
        assert!(toml::from_str::<toml::Table>(&out).is_ok(), "{out}");
        out
    }

    fn extra(term: &str, by: &[&str]) -> Edit {
        Edit::Term {
            place: Place::Extra(Section::Domain),
            term: term.into(),
            by: by.iter().map(|&t| t.into()).collect(),
        }
    }

    const LIST: &str = "[spf] # ours\nextra = [\n  \"a:h.example\", # office\n  # the shop's\n  \"mx include:b.example\",\n  \"ip4:192.0.2.1\", # printer\n]\n";

    #[test]
    fn terms_of_a_list() {
        let addresses = extra("a:h.example", &["ip4:192.0.2.8", "ip6:2001:db8::8"]);
        let expected = LIST.replace("\"a:h.example\",", "\"ip4:192.0.2.8\",\n  \"ip6:2001:db8::8\",");
        assert_eq!(done(LIST, &addresses), expected);
        let expected = LIST.replace("mx include:b.example", "ip4:192.0.2.9 include:b.example");
        assert_eq!(done(LIST, &extra("mx", &["ip4:192.0.2.9"])), expected);
        assert_eq!(done(LIST, &extra("mx", &[])), LIST.replace("mx include", " include"));
        assert_eq!(done("[spf]\nextra = [\"a\", \"mx\"]\n", &extra("a", &[])), "[spf]\nextra = [\"mx\"]\n");
        assert_eq!(done("[spf]\nextra = [\"a\", \"mx\"]\n", &extra("mx", &[])), "[spf]\nextra = [\"a\"]\n");
        let both = done("[spf]\nextra = [\"a\", \"mx\"]\n", &extra("a", &["ip4:192.0.2.1", "ip4:192.0.2.2"]));
        assert_eq!(both, "[spf]\nextra = [\"ip4:192.0.2.1\", \"ip4:192.0.2.2\", \"mx\"]\n");
    }

    #[test]
    fn a_term_goes_from_each_place() {
        let text = "[spf]\nextra = [\"a:h.example   mx\", \"a:h.example\", \"mx a:h.example a\"]\n";
        let expected = "[spf]\nextra = [\"ip4:192.0.2.8   mx\", \"mx a\"]\n";
        assert_eq!(done(text, &extra("a:h.example", &["ip4:192.0.2.8"])), expected);
        let expected = "[spf]\nextra = [\"   mx\", \"mx a\"]\n";
        assert_eq!(done(text, &extra("a:h.example", &[])), expected);
        let record = "[[record]]\nname = \"@\"\ntype = \"TXT\"\nvalue = \"v=spf1 mx a:x mx ~all\"\n";
        let edit = Edit::Term { place: Place::Record(0), term: "mx".into(), by: vec!["ip4:192.0.2.1".into()] };
        assert_eq!(done(record, &edit), record.replace("mx a:x mx", "ip4:192.0.2.1 a:x"));
    }

    #[test]
    fn an_all_is_written_where_there_is_none() {
        let all = |section| Edit::All { section, all: "-all".into() };
        assert_eq!(done("[spf]\nextra = []\n", &all(Section::Domain)), "[spf]\nextra = []\nall = \"-all\"\n");
        assert_eq!(done("[spf]\nall = \"~all\" # ours\n", &all(Section::Domain)), "[spf]\nall = \"-all\" # ours\n");
        assert_eq!(done("ttl = 60\n", &all(Section::Domain)), "ttl = 60\n\n[spf]\nall = \"-all\"\n");
        let below = "[[subdomain]]\nname = \"b\"\nspf = { extra = [] }\n";
        assert_eq!(done(below, &all(Section::Subdomain(0))), below.replace("[] }", "[], all = \"-all\" }"));
    }

    #[test]
    fn comments_outlive_the_term_that_they_stand_beside() {
        for term in ["a:h.example", "ip4:192.0.2.1"] {
            let out = done(LIST, &extra(term, &[]));
            for comment in ["# ours", "# office", "# the shop's", "# printer"] {
                assert!(out.lines().any(|line| line.ends_with(comment)), "{term}: {out}");
            }
            assert!(!out.contains(term), "{out}");
        }
    }

    #[test]
    fn terms_of_a_record() {
        let text = "[[record]]\nname = \"@\"\ntype = \"TXT\"\nvalue = \"v=spf1 +a  mx ~all\" # found\n";
        let edit = |by: &[&str]| Edit::Term {
            place: Place::Record(0),
            term: "mx".into(),
            by: by.iter().map(|&t| t.into()).collect(),
        };
        assert_eq!(done(text, &edit(&["ip4:192.0.2.1"])), text.replace("  mx ", "  ip4:192.0.2.1 "));
        assert_eq!(done(text, &edit(&[])), text.replace("  mx ", " "));
        let quoted = text.replace("\"v=spf1 +a  mx ~all\"", "'\"v=spf1 +a\" \" mx ~all\"'");
        assert_eq!(done(&quoted, &edit(&["a:x"])), text.replace("  mx ", " a:x "));
    }

    #[test]
    fn senders_and_includes() {
        let text = "[[sender]]\nprovider = \"a\" # one\n\n[[sender]]\nprovider = \"b\"\nspf = \"from\" # docomo\n\n[dmarc]\np = \"none\"\n";
        let omit = |sender| Edit::Sender { sender, key: "spf", value: "omit".into() };
        assert_eq!(done(text, &omit(0)), text.replace("# one\n", "# one\nspf = \"omit\"\n"));
        assert_eq!(done(text, &omit(1)), text.replace("\"from\" #", "\"omit\" #"));
        assert!(edited(text, &omit(2), &domain()).is_err());
        assert!(edited("sender = [{ provider = \"a\" }]\n", &omit(0), &domain()).is_err());
        let include =
            Edit::Flatten { section: Section::Domain, include: Name::parse_absolute("spf.example.net").unwrap() };
        let once = done("[spf]\nall = \"-all\" # strict\n", &include);
        assert_eq!(once, "[spf]\nall = \"-all\" # strict\nflatten = [\"spf.example.net\"]\n");
        assert_eq!(done(&once, &include), once);
    }

    #[test]
    fn sections_below_the_domain() {
        let include = || Name::parse_absolute("spf.example.net").unwrap();
        let flatten = |section| Edit::Flatten { section, include: include() };
        let text = "[[subdomain]]\nname = \"a\"\n\n[[subdomain]]\nname = \"b\" # news\nspf = { extra = [\"mx\"] }\n\n[subdomain.dmarc]\np = \"none\"\n";
        let first = done(text, &flatten(Section::Subdomain(0)));
        let section = "\n\n[subdomain.spf]\nflatten = [\"spf.example.net\"]";
        assert_eq!(first, text.replace("\"a\"", &format!("\"a\"{section}")));
        let second = done(text, &flatten(Section::Subdomain(1)));
        assert_eq!(second, text.replace("[\"mx\"] }", "[\"mx\"], flatten = [\"spf.example.net\"] }"));
        let term = Edit::Term { place: Place::Extra(Section::Subdomain(1)), term: "mx".into(), by: Vec::new() };
        assert_eq!(done(text, &term), text.replace("\"mx\"", ""));
        let new = done("domain = \"example.com\"\r\n", &flatten(Section::New("news".into())));
        let lines =
            "\r\n[[subdomain]]\r\nname = \"news\"\r\n\r\n[subdomain.spf]\r\nflatten = [\"spf.example.net\"]\r\n";
        assert_eq!(new, format!("domain = \"example.com\"\r\n{lines}"));
    }

    #[test]
    fn terms_of_a_sender() {
        let text = "[[sender]]\nprovider = \"a\"\nterms = \"mx include:b.example\" # from the panel\n";
        let place = Place::Sender(0, "terms".into());
        let edit = Edit::Term { place, term: "mx".into(), by: vec!["ip4:192.0.2.1".into()] };
        assert_eq!(done(text, &edit), text.replace("mx", "ip4:192.0.2.1"));
        let terms = vec!["ip4:192.0.2.1".to_owned(), "include:b.example".to_owned()];
        let edit = Edit::Instead { sender: 0, section: Section::Domain, terms };
        let extra = "spf = \"omit\"\n\n[spf]\nextra = [\"ip4:192.0.2.1\", \"include:b.example\"]\n";
        assert_eq!(done(text, &edit), format!("{text}{extra}"));
    }
}
