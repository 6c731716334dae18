//! What the formats for other tools have in common: comments, and texts of names and values. Which records are written is decided in
//! `fit::carry`.

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

/// Hexadecimal digits.
pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|o| format!("{o:02x}")).collect()
}
