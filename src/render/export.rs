//! What the formats for other tools have in common: comments, and texts of names and values. Which records are written is decided in
//! `fit::carry`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::fit::FittedZone;
use crate::fit::carry::{Fate, Load};
use crate::report::excerpt;
use crate::say;
use crate::zone::Name;

use super::Input;
use super::groups::{comment, companies, switched};

/// Longest comment, in characters: nsupdate reads lines of 128 KiB, and a person none of that length.
const COMMENT_MAX: usize = 2000;

/// Writes comments of one tool.
#[derive(Clone, Copy)]
pub(super) struct Notes<'a> {
    /// What is asked to be written.
    pub input: &'a Input<'a>,
    /// What begins a comment, with the space after it and what stands before it on the line.
    pub mark: &'static str,
}

impl Notes<'_> {
    /// A comment line.
    pub(super) fn line(self, out: &mut String, text: &str) {
        // YAML allows no noncharacters, even in comments.
        let text = comment(&excerpt(text, COMMENT_MAX)).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
        let line = format!("{}{text}", self.mark);
        let _ = writeln!(out, "{}", line.trim_end());
    }

    /// The first line: what this is, and for which tool.
    pub(super) fn head(self, out: &mut String, zone: &FittedZone<'_>, tool: &str) {
        let shown = zone.composed.origin.display_without_dot().to_string();
        let text = say!(en: "{shown}: the wanted records, for {tool}", ja: "{shown} に必要なレコード（{tool} 用）");
        self.line(out, text.get(self.input.lang));
    }

    /// For whom a set is, and what of it is not written.
    pub(super) fn load(self, out: &mut String, load: &Load<'_>) {
        let lang = self.input.lang;
        let mut who: Vec<String> = Vec::new();
        // A comment is cut anyway, and no set is for so many.
        for member in load.written().take(100) {
            let companies = companies(self.input.fitted.composed, member, lang);
            if !companies.is_empty() && !who.contains(&companies) {
                who.push(companies);
            }
        }
        if !who.is_empty() {
            self.line(out, &who.join(", "));
        }
        for (member, fate) in &load.members {
            let (name, rtype) = (&load.set.name, load.set.rtype);
            let value = excerpt(&member.rdata.present(rtype), COMMENT_MAX / 2);
            let record = format!("{name} {rtype} {value}");
            let text = match fate {
                Fate::Written => continue,
                Fate::Switch(how) => say!(
                    en: "made by a switch, not written: {record} ({how})",
                    ja: "スイッチで作られるため書きません: {record}（{how}）"; how = how
                ),
                Fate::Cannot(why) => {
                    say!(en: "NOT WRITTEN: {record} ({why})", ja: "書けません: {record}（{why}）"; why = why)
                }
            };
            self.line(out, text.get(lang));
        }
    }

    /// What is not there yet, what a switch makes, and what lost a conflict.
    pub(super) fn tail(self, out: &mut String, zone: &FittedZone<'_>) {
        let lang = self.input.lang;
        for blank in &zone.composed.blanks {
            let (name, rtype, find) = (&blank.name, blank.rtype, &blank.find);
            let text = say!(en: "still to be filled in: {name} {rtype} ({find})", ja: "まだ入っていない値: {name} {rtype}（{find}）"; find = find);
            self.line(out, text.get(lang));
        }
        for switch in switched(zone.composed) {
            let (name, rtype, how) = (&switch.name, switch.rtype, &switch.how);
            let text = say!(
                en: "made by a switch, not written: {name} {rtype} ({how})",
                ja: "スイッチで作られるため書きません: {name} {rtype}（{how}）"; how = how
            );
            self.line(out, text.get(lang));
        }
        for loser in &zone.composed.losers {
            let (name, rtype, why) = (&loser.record.name, loser.record.rtype, &loser.why);
            let value = excerpt(&loser.record.rdata.present(rtype), COMMENT_MAX / 2);
            let text = say!(
                en: "not active, because of a conflict: {name} {rtype} {value} ({why})",
                ja: "衝突のため有効にしていません: {name} {rtype} {value}（{why}）"; why = why
            );
            self.line(out, text.get(lang));
        }
    }
}

/// A name in lower case, without the final dot; the root stays `.`.
pub(super) fn bare(name: &Name) -> String {
    name.to_lowercase().display_without_dot().to_string()
}

/// A name in lower case, with the final dot.
pub(super) fn dotted(name: &Name) -> String {
    name.to_lowercase().to_string()
}

/// A text as an HCL string. Only printable ASCII comes here. A `{` that would begin a template is written by its number.
pub(super) fn hcl(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '{' if matches!(before, '$' | '%') => out.push_str("\\u007b"),
            _ => out.push(c),
        }
        before = c;
    }
    out.push('"');
    out
}

/// Hexadecimal digits.
pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|o| format!("{o:02x}")).collect()
}

/// Names for resources of Terraform: letters, digits, `_` and `-`, each once, the same for the same record whatever stands around it.
#[derive(Default)]
pub(super) struct Labels {
    /// Labels that are taken, and how many were made of each.
    taken: BTreeMap<String, usize>,
}

impl Labels {
    /// The label of what `kind` says at `name`; `nth` where a set has several resources, the first being 0.
    pub(super) fn label(&mut self, kind: &str, name: &Name, nth: usize) -> String {
        let mut first = format!("{}_", kind.to_lowercase());
        for c in bare(name).chars() {
            match c {
                '*' => first.push_str("wildcard"),
                c if c.is_ascii_alphanumeric() || c == '-' => first.push(c),
                _ => first.push('_'),
            }
        }
        if nth > 0 {
            let _ = write!(first, "_{}", nth + 1);
        }
        // `a.b` and `a_b` are written alike.
        let mut count = self.taken.get(&first).copied().unwrap_or(0);
        let mut label = first.clone();
        while self.taken.contains_key(&label) {
            count += 1;
            label = format!("{first}__{count}");
        }
        self.taken.insert(first, count);
        self.taken.entry(label.clone()).or_insert(0);
        label
    }
}

/// The label of the variable that holds a zone's id. That of the keyzone's part is the site's: parts of many sites may lie in one folder.
pub(super) fn zone_id(input: &Input<'_>, zone: &FittedZone<'_>, labels: &mut Labels) -> String {
    if input.fitted.is_keyzone(zone) {
        labels.label("zone_id_keyzone_of", &input.site.domain.value, 0)
    } else {
        labels.label("zone_id", &zone.composed.origin, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hcl_strings_hold_no_templates() {
        assert_eq!(hcl(r#"a"b\c"#), r#""a\"b\\c""#);
        assert_eq!(hcl("${x} %{y} $${z} {w}"), r#""$\u007bx} %\u007by} $$\u007bz} {w}""#);
    }

    #[test]
    fn labels_are_different() {
        let name = |text: &str| Name::parse_absolute(text).unwrap();
        let mut labels = Labels::default();
        assert_eq!(labels.label("TXT", &name("*.a.example"), 0), "txt_wildcard_a_example");
        assert_eq!(labels.label("MX", &name("a.b.example"), 1), "mx_a_b_example_2");
        assert_eq!(labels.label("MX", &name("a_b.example"), 1), "mx_a_b_example_2__1");
    }
}
