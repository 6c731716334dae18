//! A record that is too long for one value, cut into a main record and records that it includes.
//!
//! Receivers give the same answer to both: an `include` matches where the included record passes (RFC 7208 §5.2), so only terms without
//! a qualifier (or with `+`) may stand in one; they stay in their order, and the rest stays in the main record in its place. Each
//! include costs one look-up of the ten (§4.6.4).

use super::types::{Qualifier, Record, Term, TermKind};

/// A record in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The main record.
    pub main: String,
    /// Names and texts of the included records, in the order of the includes.
    pub parts: Vec<(String, String)>,
}

/// What can stand in an included record of the same meaning: a term that passes, read the same at another name.
fn movable(term: &Term) -> bool {
    let macros = term.kind.domain_spec().is_some_and(super::DomainSpec::has_macros);
    term.qualifier == Qualifier::Pass
        && !term.kind.is_modifier()
        && !macros
        && !matches!(term.kind, TermKind::All | TermKind::Ptr(None))
}

/// The term as it must stand at another name: `a` and `mx` name the domain that they meant.
fn at_other_name(term: &Term, domain: &str) -> String {
    let implied = matches!(&term.kind, TermKind::A { domain: None, .. } | TermKind::Mx { domain: None, .. });
    if !implied {
        return term.raw.strip_prefix('+').unwrap_or(&term.raw).to_owned();
    }
    let raw = term.raw.strip_prefix('+').unwrap_or(&term.raw);
    let (name, prefix) = raw.split_at_checked(raw.find('/').unwrap_or(raw.len())).unwrap_or((raw, ""));
    format!("{name}:{domain}{prefix}")
}

/// Octets of every record's version tag.
const HEAD: &str = "v=spf1";

/// Terms up to which all single runs are tried; longer records are cut greedily.
const MANY: usize = 200;

/// Cuts `record`, which stands at `domain`, into records of at most `most` octets. `name(n)` is the n-th included record's name, from 1.
///
/// One included record is tried first, with as few terms in it as will do; only then several, each as full as it gets. None where no cut
/// gives that: a term alone is too long, or what cannot move is. None of a record with an error either: what could not be read would be lost.
#[must_use]
pub fn split(record: &Record, domain: &str, most: usize, name: impl Fn(usize) -> String) -> Option<Split> {
    if record.syntax_error().is_some() {
        return None;
    }
    let terms = record.terms();
    one_run(terms, domain, most, &name).or_else(|| greedy(terms, domain, most, &name))
}

/// The text of a record of these terms.
fn record_of(terms: impl Iterator<Item = String>) -> String {
    std::iter::once(HEAD.to_owned()).chain(terms).collect::<Vec<_>>().join(" ")
}

/// One run of neighbouring terms moves: the shortest that is enough, and among those the last.
fn one_run(terms: &[Term], domain: &str, most: usize, name: &impl Fn(usize) -> String) -> Option<Split> {
    if terms.len() > MANY {
        return None;
    }
    let name = name(1);
    let include = " include:".len() + name.len();
    let total = HEAD.len() + terms.iter().map(|t| t.raw.len() + 1).sum::<usize>();
    for length in 1..=terms.len() {
        for (from, run) in terms.windows(length).enumerate().rev() {
            let out: usize = run.iter().map(|t| t.raw.len() + 1).sum();
            if !run.iter().all(movable) || total - out + include > most {
                continue;
            }
            let part = record_of(run.iter().map(|t| at_other_name(t, domain)));
            if part.len() > most {
                continue;
            }
            let raw = |t: &Term| t.raw.clone();
            let (before, rest) = (terms.iter().take(from).map(raw), terms.iter().skip(from + length).map(raw));
            let main = record_of(before.chain(std::iter::once(format!("include:{name}"))).chain(rest));
            return Some(Split { main, parts: vec![(name, part)] });
        }
    }
    None
}

/// Every term that can move does, into records as full as they get.
fn greedy(terms: &[Term], domain: &str, most: usize, name: &impl Fn(usize) -> String) -> Option<Split> {
    let mut main: Vec<String> = Vec::new();
    let mut parts: Vec<(String, String)> = Vec::new();
    let mut open: Option<String> = None;
    for term in terms {
        let text = movable(term).then(|| at_other_name(term, domain));
        let full = |o: &String| text.as_ref().is_none_or(|text| o.len() + 1 + text.len() > most);
        if let Some(part) = open.take_if(|o| full(o)) {
            let name = name(parts.len() + 1);
            main.push(format!("include:{name}"));
            parts.push((name, part));
        }
        match text {
            None => main.push(term.raw.clone()),
            // An included record without `all` ends neutral, which is no match (RFC 7208 §4.7, §5.2); a ` -all` would only cost octets.
            Some(text) => {
                let part = open.get_or_insert_with(|| HEAD.to_owned());
                part.push(' ');
                part.push_str(&text);
                if part.len() > most {
                    return None;
                }
            }
        }
    }
    if let Some(part) = open {
        let name = name(parts.len() + 1);
        main.push(format!("include:{name}"));
        parts.push((name, part));
    }
    let main = record_of(main.into_iter());
    (main.len() <= most && !parts.is_empty()).then_some(Split { main, parts })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, most: usize) -> Option<Split> {
        split(&Record::parse(text.as_bytes()), "example.com", most, |n| format!("_spf{n}.example.com"))
    }

    #[test]
    fn the_fewest_terms_move_and_a_bare_mx_keeps_its_domain() {
        // 95 octets. An include of one's own (25) saves nothing in place of one include, and 23 in place of the two.
        let text = "v=spf1 ip4:192.0.2.1 mx include:spf.example.net include:mail.example.org -ip4:198.51.100.7 ~all";
        let split = cut(text, 90).unwrap();
        assert_eq!(split.main, "v=spf1 ip4:192.0.2.1 mx include:_spf1.example.com -ip4:198.51.100.7 ~all");
        let part = "v=spf1 include:spf.example.net include:mail.example.org";
        assert_eq!(split.parts, [("_spf1.example.com".to_owned(), part.to_owned())]);
        // 97 octets; only all three together save enough (35 out, 26 in), and a bare `mx` moves with the domain that it meant.
        let text = "v=spf1 +mx/28 ip4:192.0.2.1 ip4:192.0.2.2 -ip4:203.0.113.1 -ip4:203.0.113.2 -ip4:203.0.113.3 ~all";
        let split = cut(text, 92).unwrap();
        assert_eq!(
            split.main,
            "v=spf1 include:_spf1.example.com -ip4:203.0.113.1 -ip4:203.0.113.2 -ip4:203.0.113.3 ~all"
        );
        assert_eq!(split.parts[0].1, "v=spf1 mx:example.com/28 ip4:192.0.2.1 ip4:192.0.2.2");
    }

    #[test]
    fn a_record_with_an_error_is_not_cut() {
        // `ipv4:` is no term, so it is in none of the terms that would be put into the parts.
        let text = "v=spf1 ipv4:192.0.2.1 ip4:192.0.2.2 include:spf.example.net include:mail.example.org ~all";
        assert_eq!(cut(text, 70), None);
        assert!(cut(&text.replace("ipv4:", "ip4:"), 70).is_some());
    }

    #[test]
    fn what_has_another_meaning_elsewhere_stays() {
        // A qualifier, a macro and `ptr` mean something else in an included record.
        assert_eq!(cut("v=spf1 -ip4:192.0.2.1 -ip4:192.0.2.2 exists:%{i}.example.net ptr ~all", 40), None);
    }

    #[test]
    fn many_terms_fill_several_records_in_their_order() {
        let addresses: Vec<String> = (1..=40).map(|n| format!("ip4:192.0.2.{n}")).collect();
        let split = cut(&format!("v=spf1 {} -all", addresses.join(" ")), 180).unwrap();
        assert!(split.main.len() <= 180 && split.parts.iter().all(|(_, text)| text.len() <= 180));
        assert!(
            split.main.starts_with("v=spf1 include:_spf1.example.com include:_spf2.") && split.main.ends_with(" -all")
        );
        let all: Vec<&str> = split.parts.iter().flat_map(|(_, text)| text.split(' ').skip(1)).collect();
        assert_eq!(all, addresses);
    }
}
