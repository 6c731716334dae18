//! A template read backwards: from the records of a zone to the values that a customer's variables have there.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::expressions::Engine;
use crate::catalogue::sender::{BUILT_IN, DkimForm, Sender};
use crate::catalogue::variables::normal;
use crate::mail::spf;
use crate::zone::{Name, Record, Rtype};

use super::zone::Zone;

/// Literal characters that a pattern must have for more than the records that a sender was recognised by.
const LITERAL_MIN: usize = 4;
/// Records that are held against a pattern whose owner is not known.
const SCAN_MAX: usize = 500;
/// Terms of an SPF record that are looked at; receivers look up ten.
const TERMS_MAX: usize = 100;
/// Longest text that is held against a pattern, octets: no variable is longer, and time grows with the product.
const TEXT_MAX: usize = 1_200;

/// Values by the names that expressions use.
pub(super) type Values = BTreeMap<String, String>;

/// A place of the template: what an owner and a text look like.
struct Slot<'s> {
    owner: String,
    /// None: any text of the type.
    value: Option<&'s str>,
    kind: Kind,
}

/// What a slot is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A word of the SPF records at and below the From domain.
    Term,
    /// A record of this type.
    Record(Rtype, Base),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    From,
    Site,
}

/// The values that the records give a sender's variables when it sends as `from`. `evidence`: the records it was recognised by.
pub(super) fn bind(
    engine: &Engine,
    sender: &Sender,
    from: &Name,
    zone: &Zone<'_>,
    evidence: &BTreeSet<usize>,
) -> Values {
    let plain = |name: &Name| name.display_without_dot().to_string().to_lowercase();
    let mut values: Values =
        [("domain", plain(from)), ("site", plain(zone.apex))].map(|(k, v)| (k.to_owned(), v)).into();
    let host = from.relative_to(zone.apex).filter(|_| from != zone.apex);
    values.insert("host".to_owned(), host.unwrap_or_default().to_lowercase());
    let slots = slots(sender);
    let mut open: Vec<&Slot<'_>> = slots.iter().collect();
    // Each round may bind what the next one needs; no template has more variables than slots that bind them.
    for round in 0..sender.all_variables().count() + 2 {
        let before = values.len();
        open.retain(|slot| {
            let mut found = candidates(engine, sender, slot, from, zone, evidence, &values);
            found.retain(|more| !more.is_empty());
            match found.as_slice() {
                [] => true,
                // Several accounts, or an old one: the others' records decide, and if they don't, the first in the zone.
                [first, rest @ ..] if round > 0 || rest.iter().all(|r| r == first) => {
                    values.extend(first.clone());
                    false
                }
                _ => true,
            }
        });
        if values.len() == before && round > 0 {
            break;
        }
    }
    values.retain(|name, _| !BUILT_IN.contains(&name.as_str()));
    values
}

fn slots(sender: &Sender) -> Vec<Slot<'_>> {
    let mut out = Vec::new();
    for term in &sender.spf.terms {
        out.extend(words(&term.value.value).into_iter().map(|word| Slot {
            owner: String::new(),
            value: Some(word),
            kind: Kind::Term,
        }));
    }
    for dkim in &sender.dkim {
        let host = dkim.host.as_ref().map(|h| format!(".{}", h.value)).unwrap_or_default();
        let owner = format!("{}._domainkey{host}", dkim.selector.value);
        let (value, rtype) = match &dkim.form {
            DkimForm::Cname(target) => (Some(target.value.as_str()), Rtype::CNAME),
            DkimForm::Txt(text) => (Some(text.value.as_str()), Rtype::TXT),
            DkimForm::CustomerKey { .. } => (None, Rtype::TXT),
        };
        out.push(Slot { owner, value, kind: Kind::Record(rtype, Base::From) });
    }
    for record in &sender.records {
        let Ok(rtype) = record.rtype.value.parse() else { continue };
        let base = if record.at_site { Base::Site } else { Base::From };
        out.push(Slot {
            owner: record.name.value.clone(),
            value: Some(&record.value.value),
            kind: Kind::Record(rtype, base),
        });
    }
    out
}

/// What the records say of a slot's variables: one set for each that fits.
fn candidates(
    engine: &Engine,
    sender: &Sender,
    slot: &Slot<'_>,
    from: &Name,
    zone: &Zone<'_>,
    evidence: &BTreeSet<usize>,
    values: &Values,
) -> Vec<Values> {
    let value = match slot.value {
        Some(value) => match Pattern::new(engine, sender, value, values) {
            Some(pattern) => Some(pattern),
            None => return Vec::new(),
        },
        None => None,
    };
    let mut out: Vec<Values> = Vec::new();
    let mut take = |found: Option<Values>| {
        if let Some(found) = found.filter(|f| !out.contains(f)) {
            out.push(found);
        }
    };
    let Kind::Record(rtype, base) = slot.kind else {
        let Some(pattern) = value.filter(|p| p.literal >= LITERAL_MIN) else { return out };
        for (_, record) in zone.spf_below(from).take(SCAN_MAX) {
            for term in record.terms().iter().take(TERMS_MAX) {
                take(pattern.values(sender, term.raw.trim_start_matches(QUALIFIERS)));
            }
        }
        return out;
    };
    let base = match base {
        Base::From => from,
        Base::Site => zone.apex,
    };
    let Some(owner) = Pattern::new(engine, sender, &slot.owner, values) else { return out };
    let own_words = slot.owner.matches("_domainkey").count() * "_domainkey".len();
    let literal = (owner.literal.saturating_sub(own_words)) + value.as_ref().map_or(0, |p| p.literal);
    // What is nearly all variable fits everybody's records, unless it stands at a name that other records gave.
    let only_evidence = literal < LITERAL_MIN && !owner.is_known;
    for at in zone.of_type(rtype).take(SCAN_MAX) {
        let Some(record) = zone.record(at) else { continue };
        if (only_evidence && !evidence.contains(&at)) || !record.name.is_subdomain_of(base) {
            continue;
        }
        let relative = record.name.relative_to(base).unwrap_or_default();
        let whole = record.name.display_without_dot().to_string();
        let Some(mut found) = owner.values(sender, &relative).or_else(|| owner.values(sender, &whole)) else {
            continue;
        };
        if let Some(pattern) = &value {
            let Some(more) = pattern.values(sender, &text_of(record)) else { continue };
            if more.iter().any(|(name, value)| found.get(name).is_some_and(|f| f != value)) {
                continue;
            }
            found.extend(more);
        }
        take(Some(found));
    }
    out
}

/// The data of a record as templates write it.
fn text_of(record: &Record) -> String {
    if record.rtype.is_text() {
        let text = record.rdata.txt_joined();
        return String::from_utf8_lossy(text.get(..text.len().min(TEXT_MAX)).unwrap_or_default()).into_owned();
    }
    record.rdata.present(record.rtype)
}

/// What may stand before an SPF term.
const QUALIFIERS: [char; 4] = ['+', '-', '~', '?'];

/// An expression as a regular expression, with a group for each variable that is not known yet.
struct Pattern {
    regex: regex_lite::Regex,
    /// The variables of the groups.
    names: Vec<String>,
    /// Its literal letters and digits.
    literal: usize,
    /// Nothing in it is open, and a value of the customer's is in it.
    is_known: bool,
}

impl Pattern {
    fn new(engine: &Engine, sender: &Sender, expression: &str, values: &Values) -> Option<Self> {
        let (mut regex, mut names, mut literal) = ("^".to_owned(), Vec::new(), 0);
        let (mut is_open, mut has_value) = (false, false);
        let mut fixed = |text: &str, regex: &mut String| {
            let text = text.trim_start_matches(QUALIFIERS);
            literal += text.bytes().filter(u8::is_ascii_alphanumeric).count();
            regex.push_str(&regex_lite::escape(text));
        };
        let mut rest = expression;
        if rest.contains("{%") {
            return None;
        }
        while let Some((before, after)) = rest.split_once("{{") {
            fixed(before, &mut regex);
            let (inside, behind) = after.split_once("}}")?;
            rest = behind;
            let hole = format!("{{{{{inside}}}}}");
            let known = engine.variables(&hole).ok()?;
            let name = inside.trim();
            if known.iter().all(|k| values.contains_key(k)) {
                // What the domain gives says nothing of the company.
                has_value |= known.iter().any(|k| !BUILT_IN.contains(&k.as_str()));
                regex.push_str(&regex_lite::escape(&engine.evaluate(&hole, values).ok()?));
            } else if sender.all_variables().any(|v| v.identifier() == name) {
                is_open = true;
                regex.push_str("(.+?)");
                names.push(name.to_owned());
            } else {
                // What a filter made of a value cannot be turned back; the forward way checks it.
                is_open = true;
                regex.push_str(".+?");
            }
        }
        let tail = rest.trim_end_matches('.');
        fixed(tail, &mut regex);
        regex.push_str("\\.?$");
        let regex = regex_lite::RegexBuilder::new(&regex).case_insensitive(true).build().ok()?;
        Some(Self { regex, names, literal, is_known: has_value && !is_open })
    }

    /// The values of its variables in a text of its form; each of them one that the variable takes.
    fn values(&self, sender: &Sender, text: &str) -> Option<Values> {
        if text.len() > TEXT_MAX {
            return None;
        }
        let groups = self.regex.captures(text)?;
        let mut out = Values::new();
        for (i, name) in self.names.iter().enumerate() {
            let found = groups.get(i + 1)?.as_str();
            let variable = sender.all_variables().find(|v| v.identifier() == *name)?;
            let value = normal(variable, found).ok()?;
            match out.get(name) {
                Some(known) if *known != value => return None,
                _ => {
                    out.insert(name.clone(), value);
                }
            }
        }
        Some(out)
    }
}

/// The words of an expression; a space inside of `{{ … }}` divides nothing.
pub(super) fn words(expression: &str) -> Vec<&str> {
    crate::init::words(expression).into_iter().filter(|w| !spf::is_spf(w.as_bytes())).collect()
}
