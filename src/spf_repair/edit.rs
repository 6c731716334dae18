//! Edits of a site.toml that somebody wrote: everything else in it, comments too, stays as it is.

use toml_edit::{Array, DocumentMut, Item, Table, Value, value};

use crate::mail::spf;
use crate::plan::append;
use crate::report::Text;
use crate::say;
use crate::zone::{Name, Rdata, Record, Rtype};

/// Where a term of the domain's record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In `[spf] extra`.
    Extra,
    /// In the `[[record]]` with this number, from 0.
    Record(usize),
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
    /// An include more in `[spf] flatten`.
    Flatten {
        /// The name behind `include:`.
        include: Name,
    },
}

/// The text with the edit made, for the site of that domain.
///
/// # Errors
/// Why it can't be: the file says it in another form than is edited.
pub fn edited(text: &str, edit: &Edit, domain: &Name) -> Result<String, Text> {
    let other_form = || say!(en: "site.toml writes it in a form that is not edited", ja: "site.toml の書き方が、書き換えられる形ではありません");
    let mut document: DocumentMut = text.parse().map_err(|_| other_form())?;
    let done = match edit {
        Edit::Sender { sender, key, value } => set(&mut document, *sender, key, value),
        Edit::Term { place: Place::Extra, term, by } => in_extra(&mut document, term, by),
        Edit::Term { place: Place::Record(record), term, by } => in_record(&mut document, *record, term, by, domain),
        Edit::Flatten { include } => flatten(&mut document, include),
    };
    done.map(|()| document.to_string()).ok_or_else(other_form)
}

fn set(document: &mut DocumentMut, sender: usize, key: &str, text: &str) -> Option<()> {
    let table = document.get_mut("sender")?.as_array_of_tables_mut()?.get_mut(sender)?;
    match table.get_mut(key) {
        // What is said of the old value in a comment behind it stays.
        Some(old) => {
            let old = old.as_value_mut()?;
            let mut new = Value::from(text);
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => {
            table.insert(key, value(text));
        }
    }
    Some(())
}

fn spf_table(document: &mut DocumentMut) -> Option<&mut dyn toml_edit::TableLike> {
    document.entry("spf").or_insert_with(|| Item::Table(Table::new())).as_table_like_mut()
}

fn in_extra(document: &mut DocumentMut, term: &str, by: &[String]) -> Option<()> {
    let list = spf_table(document)?.get_mut("extra")?.as_array_mut()?;
    let at = list.iter().position(|item| item.as_str().is_some_and(|text| replaced(text, term, by).is_some()))?;
    let text = list.get(at)?.as_str()?.to_owned();
    if text.trim() != term {
        return put(list, at, &replaced(&text, term, by)?);
    }
    match by.split_first() {
        None => remove(list, at),
        Some((first, rest)) => {
            put(list, at, first)?;
            let prefix = list.get(at)?.decor().prefix().and_then(|p| p.as_str()).unwrap_or_default();
            let indent = prefix.rfind('\n').and_then(|at| prefix.get(at..)).unwrap_or(" ").to_owned();
            for (n, term) in rest.iter().enumerate() {
                let mut new = Value::from(term.as_str());
                new.decor_mut().set_prefix(indent.as_str());
                list.insert_formatted(at + 1 + n, new);
            }
            Some(())
        }
    }
}

/// Another text in place of one of the list, with the comments around it.
fn put(list: &mut Array, at: usize, text: &str) -> Option<()> {
    let mut new = Value::from(text);
    *new.decor_mut() = list.get(at)?.decor().clone();
    list.replace_formatted(at, new);
    Some(())
}

/// Takes one out of the list. What is said of the one before stands in front of this one, and what is said of this one in front of the next:
/// both stay, each on its line.
fn remove(list: &mut Array, at: usize) -> Option<()> {
    let old = list.remove(at);
    let before = old.decor().prefix().and_then(|p| p.as_str()).unwrap_or_default();
    let (said, indent) = before.rfind('\n').map_or((before, ""), |end| before.split_at(end));
    let joined = |after: &str| match after.trim_start_matches(' ') {
        comment if comment.starts_with('#') && !said.trim().is_empty() => format!("{said}{indent}{comment}"),
        _ if said.trim().is_empty() => after.to_owned(),
        _ => format!("{said}{after}"),
    };
    match list.get_mut(at) {
        Some(next) => {
            let prefix = joined(next.decor().prefix().and_then(|p| p.as_str()).unwrap_or_default());
            // On one line the first has no space in front.
            let prefix =
                if at == 0 && prefix.trim().is_empty() && !prefix.contains('\n') { String::new() } else { prefix };
            next.decor_mut().set_prefix(prefix);
        }
        None => {
            let trailing = joined(list.trailing().as_str().unwrap_or_default());
            list.set_trailing(trailing);
        }
    }
    Some(())
}

fn in_record(document: &mut DocumentMut, record: usize, term: &str, by: &[String], domain: &Name) -> Option<()> {
    let table = document.get_mut("record")?.as_array_of_tables_mut()?.get_mut(record)?;
    let old = table.get_mut("value")?.as_value_mut()?;
    let rdata = crate::site::record_value(Rtype::TXT, old.as_str()?, domain).ok()?;
    let text = String::from_utf8(rdata.txt_joined()).ok()?;
    let rdata = Rdata::txt(replaced(&text, term, by)?.as_bytes()).ok()?;
    let (_, text) = crate::plan::parts(&Record { name: domain.clone(), rtype: Rtype::TXT, ttl: 0, rdata }, domain);
    let mut new = Value::from(text);
    *new.decor_mut() = old.decor().clone();
    *old = new;
    Some(())
}

/// The terms with others in place of one; none if it is not among them.
fn replaced(text: &str, term: &str, by: &[String]) -> Option<String> {
    let record = spf::Record::parse(text.as_bytes());
    let span = record.terms().iter().find(|t| t.raw == term)?.span.clone();
    let (before, after) = (text.get(..span.start)?, text.get(span.end..)?);
    let by = by.join(" ");
    // Of the spaces around a term that goes, one stays.
    let before = if by.is_empty() { before.trim_end_matches(' ') } else { before };
    Some(format!("{before}{by}{after}"))
}

fn flatten(document: &mut DocumentMut, include: &Name) -> Option<()> {
    let name = include.display_without_dot().to_string();
    let list = spf_table(document)?.entry("flatten").or_insert_with(|| value(Array::new())).as_array_mut()?;
    if !list.iter().any(|item| item.as_str() == Some(&name)) {
        append(list, &name);
    }
    Some(())
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
        Edit::Term { place: Place::Extra, term: term.into(), by: by.iter().map(|&t| t.into()).collect() }
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
        let include = Edit::Flatten { include: Name::parse_absolute("spf.example.net").unwrap() };
        let once = done("[spf]\nall = \"-all\" # strict\n", &include);
        assert_eq!(once, "[spf]\nall = \"-all\" # strict\nflatten = [\"spf.example.net\"]\n");
        assert_eq!(done(&once, &include), once);
    }
}
