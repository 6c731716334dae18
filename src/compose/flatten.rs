//! `[spf] flatten`: includes that are written out as addresses, from the site's own zones and the pins, and only from them.

use std::collections::{BTreeMap, BTreeSet};

use crate::live::{InTurn, Resolve};
use crate::mail::spf::{self, FlattenError, Network, Record, Term, TermKind};
use crate::pins::PinsFile;
use crate::report::{Finding, Text, excerpt};
use crate::say;
use crate::site::SpfSection;
use crate::spf_dns::SpfDns;
use crate::toml_reader::At;
use crate::zone::Name;

use super::resolve::Resolved;

/// What stands in the place of an include, or why nothing does.
type WrittenOut = Result<Vec<Network>, FlattenError>;

/// What `[spf] flatten` comes to, at each name that has one. By default nothing is written out, and nothing said of it.
#[derive(Default)]
pub(super) struct Flattening<'s> {
    at: BTreeMap<&'s Name, Vec<(&'s At<String>, WrittenOut)>>,
    has_pins: bool,
    /// What to do where a pin is missing.
    remedy: Text,
}

impl<'s> Flattening<'s> {
    /// `own` are the site's zones as they are wanted.
    pub(super) fn of(resolved: &Resolved<'s>, own: &dyn Resolve) -> Self {
        let site = resolved.site;
        let pins = resolved.pins.as_ref().and_then(|file| file.pins.as_ref());
        let known = InTurn(std::iter::once(own).chain(pins.map(|pins| pins as &dyn Resolve)).collect());
        let sections = site.subdomains.iter().map(|s| (&s.name.value, &s.spf));
        let sections = std::iter::once((&site.domain.value, &site.spf)).chain(sections);
        let written_out = |include: &'s At<String>| (include, spf::flatten(&SpfDns::new(&known), &include.value));
        let at = |(name, section): (&'s Name, &'s SpfSection)| {
            (!section.flatten.is_empty()).then(|| (name, section.flatten.iter().map(written_out).collect()))
        };
        let remedy = resolved.pins.as_ref().map(PinsFile::remedy).unwrap_or_default();
        Self { at: sections.filter_map(at).collect(), has_pins: pins.is_some(), remedy }
    }

    fn entry(&self, at: &Name, include: &str) -> Option<&(&'s At<String>, WrittenOut)> {
        let include = include.strip_suffix('.').unwrap_or(include);
        let same = |text: &str| text.strip_suffix('.').unwrap_or(text).eq_ignore_ascii_case(include);
        self.at.get(at)?.iter().find(|(name, _)| same(&name.value))
    }

    /// The record as it is at that name.
    pub(super) fn record(&self, at: &Name, record: Record) -> Record {
        if !self.at.contains_key(at) {
            return record;
        }
        let ranges =
            |include: &str| self.entry(at, include).and_then(|(_, found)| Some(found.as_ref().ok()?.as_slice()));
        spf::expand(&record, ranges).unwrap_or(record)
    }

    /// The terms of the record at that name that includes were written out as, each with its include. Several includes may come to one term,
    /// and a wider term stands for the ranges inside it.
    pub(super) fn written_out(&self, at: &Name, terms: &[&Term]) -> Vec<(String, String)> {
        let ranges = || terms.iter().filter_map(|term| Some((*term, term.kind.network()?)));
        let there: BTreeSet<Network> = ranges().map(|(_, network)| network).collect();
        let stands_for = |network: &Network, range: &Network| {
            network == range || (network.contains(range) && !there.contains(range))
        };
        let entries = || self.at.get(at).into_iter().flatten();
        ranges()
            .flat_map(|(term, network)| {
                let of = entries().filter(move |(_, found)| {
                    found.as_ref().is_ok_and(|found| found.iter().any(|range| stands_for(&network, range)))
                });
                of.map(|(include, _)| (term.raw.clone(), include.value.clone())).collect::<Vec<_>>()
            })
            .collect()
    }

    /// What could not be written out at that name, and what is in none of its records.
    pub(super) fn say<'r>(
        &self,
        at: &Name,
        records: impl IntoIterator<Item = &'r Record>,
        findings: &mut Vec<Finding>,
    ) {
        let Some(entries) = self.at.get(at) else { return };
        let includes: Vec<&str> = records
            .into_iter()
            .flat_map(Record::terms)
            .filter_map(|term| match &term.kind {
                TermKind::Include(spec) => Some(spec.as_str()),
                _ => None,
            })
            .collect();
        let plain = at.display_without_dot().to_string();
        for (include, found) in entries {
            let name = excerpt(&include.value, 80);
            let is_there =
                includes.iter().any(|there| self.entry(at, there).is_some_and(|(i, _)| i.span == include.span));
            let finding = match found {
                _ if !is_there => Finding::warning(
                    "spf-flatten-unused",
                    say!(en: "flatten names {name}, but the SPF of {plain} has no `include:` of it", ja: "flatten の {name} を include する項目が、{plain} の SPF にありません"),
                )
                .next(say!(en: "take it out of flatten, or write the name as it stands behind `include:`", ja: "flatten から外すか、include: のあとの名前をそのまま書いてください")),
                Ok(_) => continue,
                Err(error @ FlattenError::NotKnown(..)) => {
                    let why = if self.has_pins {
                        error.text()
                    } else {
                        say!(en: "there are no pins that can be used", ja: "使える控えがありません")
                    };
                    Finding::error(
                        "spf-flatten-not-pinned",
                        say!(en: "include:{name} is not written out: {why}", ja: "include:{name} を書き出していません: {why}"; why = why),
                    )
                    .note(crate::report::NoteKind::Note, stays())
                    .next(self.remedy.clone())
                }
                Err(error) => {
                    let why = error.text();
                    Finding::error(
                        "spf-flatten-refused",
                        say!(en: "include:{name} can't be written out: {why}", ja: "include:{name} は書き出せません: {why}"; why = why),
                    )
                    .note(crate::report::NoteKind::Note, stays())
                    .next(say!(en: "take it out of flatten", ja: "flatten から外してください"))
                }
            };
            findings.push(finding.at(include.span, Text::default()).about(plain.clone(), "TXT"));
        }
    }
}

fn stays() -> Text {
    say!(en: "until then the include stays in the record", ja: "それまでは include のまま入ります")
}
