//! The text of a template's fields: variables in it, and the same as an expression of ours. Which values a variable may have follows
//! from where it stands; the narrowest of its places decides.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::catalogue::sender::identifier;
use crate::catalogue::sender::{BUILT_IN, RESERVED, Variable, VariableKind};
use crate::report::{Text, excerpt};
use crate::say;

/// A string of the template and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// The text.
    pub text: String,
    /// The octets of the whole string with its quotes.
    pub range: Range<usize>,
    /// Where the text begins, if it stands in the file as it is, without escapes.
    start: Option<usize>,
}

impl Field {
    /// A string that was read at `range`.
    pub(super) fn new(text: String, range: Range<usize>) -> Self {
        // Only escapes make it longer than its text and the quotes.
        let start = (range.len() == text.len() + 2).then_some(range.start + 1);
        Self { text, range, start }
    }

    /// Another text in place of this one, known to stand somewhere in it.
    pub(super) fn with_text(&self, text: String) -> Self {
        let start = self.start.filter(|_| text == self.text);
        Self { text, range: self.range.clone(), start }
    }

    /// Where a part of the text stands.
    pub(super) fn at(&self, part: Range<usize>) -> Range<usize> {
        self.start.map_or(self.range.clone(), |start| start + part.start..start + part.end)
    }

    /// A part of the text as a field of its own.
    pub(super) fn part(&self, part: Range<usize>) -> Self {
        let text = self.text.get(part.clone()).unwrap_or_default().to_owned();
        let range = self.at(part.clone());
        Self { text, range, start: self.start.map(|start| start + part.start) }
    }

    /// Whether it names the place that the template is applied to.
    pub(super) fn is_applied_name(&self) -> bool {
        matches!(self.text.as_str(), "" | "@" | "%fqdn%.")
    }
}

/// A part of a field's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece<'t> {
    /// The literal text, or the variable's name.
    pub text: &'t str,
    pub is_variable: bool,
    pub range: Range<usize>,
}

/// Cuts a text at its variables, `%name%`. A `%` that begins none is text: SPF macros have it.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut literal = 0;
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find('%')).map(|found| at + found) {
        let rest = text.get(start + 1..).unwrap_or_default();
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
        at = start + 1;
        if length == 0 || rest.as_bytes().get(length) != Some(&b'%') {
            continue;
        }
        if literal < start {
            let range = literal..start;
            out.push(Piece { text: text.get(range.clone()).unwrap_or_default(), is_variable: false, range });
        }
        at = start + length + 2;
        out.push(Piece { text: rest.get(..length).unwrap_or_default(), is_variable: true, range: start..at });
        literal = at;
    }
    if literal < text.len() {
        let range = literal..text.len();
        out.push(Piece { text: text.get(range.clone()).unwrap_or_default(), is_variable: false, range });
    }
    out
}

/// What a field is, which decides what its variables may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// An owner.
    Owner,
    /// A host that a record points at.
    Target,
    /// The address of an A.
    Ip4,
    /// The address of an AAAA.
    Ip6,
    /// The text of a TXT at this owner.
    Txt(&'a str),
    /// SPF terms.
    Spf,
    /// A number; a made-up one.
    Number(&'static str),
    /// RDATA in presentation format.
    Data,
    /// An address of a page.
    Page,
}

/// One place where a variable stands.
#[derive(Clone, Debug)]
struct Use {
    kind: VariableKind,
    may_be_empty: bool,
    example: String,
    /// The record and the field, for people.
    place: String,
}

/// A variable and its places.
#[derive(Clone, Debug)]
struct Found {
    /// As the template has it.
    name: String,
    /// Where it stands first.
    range: Range<usize>,
    uses: Vec<Use>,
}

/// The variables of a template, in the order in which they come.
#[derive(Debug, Default)]
pub(super) struct Variables {
    found: Vec<Found>,
    /// Name → index.
    index: BTreeMap<String, usize>,
}

/// Words that mean something else in an expression.
const EXPRESSION_WORDS: &[&str] = &[
    "true", "True", "false", "False", "none", "None", "not", "in", "is", "and", "or", "if", "else", "self", "super",
    "loop",
];

/// The key of a variable: its name as it is written. One that is taken, by a key of `[[sender]]` or a word of expressions, gets `dc-`
/// in front; so does one that begins with a digit.
pub(super) fn key(name: &str) -> String {
    let id = identifier(name);
    let taken = RESERVED.iter().chain(BUILT_IN).any(|word| identifier(word) == id);
    let begins = id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if taken || !begins || EXPRESSION_WORDS.contains(&id.as_str()) { format!("dc-{name}") } else { name.to_owned() }
}

/// What a built-in variable is here.
fn built_in(name: &str) -> Option<&'static str> {
    match name {
        "domain" => Some("site"),
        "fqdn" => Some("domain"),
        "host" => Some("host"),
        _ => None,
    }
}

/// A label made of a variable's name, for examples.
fn label(name: &str) -> String {
    let label = name.to_ascii_lowercase().replace('_', "-");
    let label = label.trim_matches('-');
    let label = label.get(..40).unwrap_or(label);
    if label.is_empty() { "x".to_owned() } else { label.to_owned() }
}

/// A key for examples, 1024 bits; nobody has its private half.
const KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDR75oeZjc9MaEWPebF8mDSWPbLv7cv6ZqgOhyKZ3KhjEh0c+Hu+os8htTPvo/IpyF9FYSR5F7E1KaEXFG5zMo3tuOORsg2XshyXnUVUvU+58B6SEOmlLbccfyiudO/qXKA4LmTBSoxTQe2vBQSMMWOjp6e5HIPvgOa9wiKN5D02QIDAQAB";

impl Variables {
    /// The text of a field as an expression. `place` says to people where it stands.
    pub(super) fn expression(&mut self, field: &Field, kind: Kind<'_>, place: &str) -> String {
        let pieces = pieces(&field.text);
        let mut out = String::new();
        for (i, piece) in pieces.iter().enumerate() {
            let next = pieces.get(i + 1);
            if !piece.is_variable {
                escape(piece.text, next.is_some(), &mut out);
                continue;
            }
            let previous = i.checked_sub(1).and_then(|i| pieces.get(i));
            let id = match built_in(piece.text) {
                Some(own) => own.to_owned(),
                None => {
                    let joined = [previous, next].into_iter().flatten().any(|p| p.is_variable);
                    let literal =
                        |p: Option<&Piece<'_>>| p.filter(|p| !p.is_variable).map_or("", |p| p.text).to_owned();
                    let around =
                        Around { before: literal(previous), after: literal(next), alone: pieces.len() == 1, joined };
                    self.add(piece.text, field.at(piece.range.clone()), usage(piece.text, kind, &around, place));
                    identifier(&key(piece.text))
                }
            };
            out.push_str("{{ ");
            out.push_str(&id);
            out.push_str(" }}");
        }
        out
    }

    fn add(&mut self, name: &str, range: Range<usize>, usage: Use) {
        let at = *self.index.entry(name.to_owned()).or_insert(self.found.len());
        match self.found.get_mut(at) {
            Some(found) => found.uses.push(usage),
            None => self.found.push(Found { name: name.to_owned(), range, uses: vec![usage] }),
        }
    }

    /// Two names that are one in expressions, and where the second stands.
    pub(super) fn collision(&self) -> Option<(&str, &str, Range<usize>)> {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        self.found.iter().find_map(|f| {
            let first = seen.insert(identifier(&key(&f.name)), &f.name)?;
            Some((first, f.name.as_str(), f.range.clone()))
        })
    }

    /// Identifiers with made-up values.
    pub(super) fn samples(&self) -> BTreeMap<String, String> {
        let own =
            self.found.iter().map(|f| (identifier(&key(&f.name)), f.decisive().map_or("", |u| u.example.as_str())));
        let built_in = [("site", "example.com"), ("domain", "sub.example.com"), ("host", "sub")];
        let built_in = built_in.into_iter().map(|(name, value)| (name.to_owned(), value));
        own.chain(built_in).map(|(name, value)| (name, value.to_owned())).collect()
    }

    /// The variables as a template of ours has them; `company` shows their values.
    pub(super) fn finish(self, company: &str) -> Vec<Variable> {
        let found = self.found.into_iter().filter_map(|f| {
            let decisive = f.decisive()?;
            Some(Variable {
                name: key(&f.name),
                what: Text::same(f.uses.first().map(|u| u.place.clone()).unwrap_or_default()),
                find: say!(en: "where {company} shows the records for DNS", ja: "{company}の、DNS レコードが出る画面"),
                example: decisive.example.clone(),
                kind: decisive.kind,
                accepts: None,
                normal: None,
                default: None,
                optional: false,
                may_be_empty: f.uses.iter().all(|u| u.may_be_empty),
            })
        });
        found.collect()
    }
}

impl Found {
    /// The narrowest of its places.
    fn decisive(&self) -> Option<&Use> {
        self.uses.iter().min_by_key(|u| width(u.kind))
    }
}

/// How much a kind lets through; each lets through what those before it do.
fn width(kind: VariableKind) -> u8 {
    match kind {
        VariableKind::Number => 0,
        VariableKind::Ip4 => 1,
        VariableKind::Ip6 => 2,
        VariableKind::Label => 3,
        VariableKind::Host => 4,
        VariableKind::Text => 5,
        VariableKind::SpfTerms => 6,
        VariableKind::Txt => 7,
    }
}

/// What stands beside a variable in its field.
struct Around {
    before: String,
    after: String,
    /// It is the whole field.
    alone: bool,
    /// Another variable stands at once beside it.
    joined: bool,
}

impl Around {
    /// Whether it is whole labels of a name.
    fn is_labels(&self) -> bool {
        !self.joined
            && (self.before.is_empty() || self.before.ends_with('.'))
            && (self.after.is_empty() || self.after.starts_with('.'))
    }
}

/// What a variable may be at one place.
fn usage(name: &str, kind: Kind<'_>, around: &Around, place: &str) -> Use {
    let label = label(name);
    let name_of = |whole: String| match (around.alone, around.is_labels()) {
        (true, _) => (VariableKind::Host, whole),
        (false, true) => (VariableKind::Host, label.clone()),
        (false, false) => (VariableKind::Text, label.clone()),
    };
    let (found, example) = match kind {
        Kind::Owner => name_of(label.clone()),
        Kind::Target => name_of(format!("{label}.example.net")),
        Kind::Ip4 if around.alone => (VariableKind::Ip4, "192.0.2.1".to_owned()),
        Kind::Ip6 if around.alone => (VariableKind::Ip6, "2001:db8::1".to_owned()),
        Kind::Ip4 | Kind::Ip6 => (VariableKind::Text, "1".to_owned()),
        Kind::Number(example) => (VariableKind::Number, example.to_owned()),
        Kind::Txt(owner) => (VariableKind::Txt, text_example(owner, around, &label)),
        Kind::Spf => spf_usage(around, &label),
        Kind::Data if around.alone => (VariableKind::Txt, label.clone()),
        Kind::Page if around.alone => (VariableKind::Text, "https://www.example.net/".to_owned()),
        Kind::Data | Kind::Page => (VariableKind::Text, label.clone()),
    };
    // A name may be that of the domain itself, a suffix may be missing, and of a long value in several parts the last ones may be.
    let suffix = kind == Kind::Owner && (around.alone || !around.is_labels());
    Use { kind: found, may_be_empty: suffix || around.joined, example, place: place.to_owned() }
}

/// A made-up text for a TXT at `owner`.
fn text_example(owner: &str, around: &Around, label: &str) -> String {
    let owner = owner.to_ascii_lowercase();
    let before = around.before.trim_end();
    let example = match () {
        () if around.joined => label,
        () if owner.contains("_domainkey") && around.alone => return format!("v=DKIM1; k=rsa; p={KEY}"),
        () if owner.contains("_domainkey") && before.ends_with("p=") => KEY,
        () if owner.contains("_dmarc") && around.alone => "v=DMARC1; p=none",
        () if owner.contains("_dmarc") && before.ends_with("p=") => "none",
        () if before.ends_with("mailto:") => "reports@example.net",
        () if before.ends_with("; l=") => "https://www.example.net/logo.svg",
        () if owner.contains("_tls") && around.alone => "v=TLSRPTv1; rua=mailto:reports@example.net",
        () => label,
    };
    example.to_owned()
}

/// What a variable among SPF terms may be.
fn spf_usage(around: &Around, label: &str) -> (VariableKind, String) {
    if around.alone {
        return (VariableKind::SpfTerms, "include:spf.example.net".to_owned());
    }
    let ends = around.after.is_empty() || around.after.starts_with(' ');
    let before = around.before.to_ascii_lowercase();
    let after_colon = ["include:", "a:", "mx:", "exists:", "redirect="].iter().any(|word| before.ends_with(word));
    match () {
        () if around.joined => (VariableKind::Text, label.to_owned()),
        () if after_colon && ends => (VariableKind::Host, "spf.example.net".to_owned()),
        () if before.ends_with("ip4:") && ends => (VariableKind::Text, "192.0.2.1".to_owned()),
        () if before.ends_with("ip6:") && ends => (VariableKind::Text, "2001:db8::1".to_owned()),
        // Whole terms between others.
        () if before.is_empty() || before.ends_with(' ') => {
            (VariableKind::SpfTerms, "include:spf.example.net".to_owned())
        }
        () if before.ends_with(['.', ':']) && (ends || around.after.starts_with('.')) => {
            (VariableKind::Host, label.to_owned())
        }
        () => (VariableKind::Text, label.to_owned()),
    }
}

/// Literal text as an expression has it: `{` never begins anything.
fn escape(text: &str, variable_follows: bool, out: &mut String) {
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let next = characters.peek().copied().or(variable_follows.then_some('{'));
        if c == '{' && matches!(next, Some('{' | '%' | '#')) {
            out.push_str("{{ '{' }}");
        } else {
            out.push(c);
        }
    }
}

/// A field's text for people, cut.
pub(super) fn shown(text: &str) -> String {
    excerpt(text, 80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::expressions::Engine;

    fn names(text: &str) -> Vec<&str> {
        pieces(text).into_iter().filter(|p| p.is_variable).map(|p| p.text).collect()
    }

    #[test]
    fn a_variable_is_a_name_between_percent_signs_and_spf_macros_are_none() {
        assert_eq!(names("%a%%b-1%.x%c_2%"), ["a", "b-1", "c_2"]);
        assert_eq!(names("exists:%{i}._spf.%{d} %%a% 100% of %x y% %"), ["a"]);
        assert_eq!(names("%{ir}.%v%._spf"), ["v"]);
    }

    #[test]
    fn taken_names_get_a_prefix_and_others_stay_as_they_are() {
        for name in ["dkimSelector", "DKIM_VALUE", "data", "IP", "x-y", "_a"] {
            assert_eq!(key(name), name);
        }
        for name in ["dkim", "ttl", "mail_from", "mail-from", "site", "host", "1st", "in", "groups", "self", "spf"] {
            assert_eq!(key(name), format!("dc-{name}"));
        }
    }

    /// Whatever a literal text holds, its expression gives it back.
    #[test]
    fn literal_text_survives_the_expression_language() {
        let engine = Engine::default();
        for text in [
            "a{b}c", "{{x}}", "{%x%}", "{#c#}", "{", "}}", "{{", "%{i}", "{%{", "'\"&<>", "a.html", "-%v%-", "{%v%}",
            "{{%v%}}",
        ] {
            let mut variables = Variables::default();
            let field = Field::new(text.to_owned(), 0..text.len() + 2);
            let expression = variables.expression(&field, Kind::Txt("@"), "");
            let values =
                [("v".to_owned(), "<&{{ site }}>".to_owned()), ("x".to_owned(), "X".to_owned())].into_iter().collect();
            let wanted = text.replace("%v%", "<&{{ site }}>").replace("%x%", "X");
            assert_eq!(engine.evaluate(&expression, &values).unwrap(), wanted, "{text} as {expression}");
        }
    }

    #[test]
    fn the_narrowest_place_of_a_variable_decides() {
        let mut variables = Variables::default();
        for (text, kind) in [
            ("%a%", Kind::Txt("@")),
            ("%a%._domainkey", Kind::Owner),
            ("x%b%y", Kind::Target),
            ("%c%%d%", Kind::Txt("@")),
        ] {
            variables.expression(&Field::new(text.to_owned(), 0..text.len() + 2), kind, text);
        }
        let found: Vec<_> =
            variables.finish("x").into_iter().map(|v| (v.name, v.kind.word(), v.may_be_empty, v.what.en)).collect();
        let as_text = |(a, b, c, d): &(String, &str, bool, String)| format!("{a} {b} {c} {d}");
        assert_eq!(
            found.iter().map(as_text).collect::<Vec<_>>(),
            ["a host false %a%", "b text false x%b%y", "c txt true %c%%d%", "d txt true %c%%d%"]
        );
    }
}
