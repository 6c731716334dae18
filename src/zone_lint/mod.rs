//! The whole way of one zone text without a site: read, understand what was meant, judge, point. Pure: the octets come in, findings go out.

mod fix;
mod origin;
mod structure;

use std::collections::HashSet;
use std::ops::Range;

use crate::catalogue::Catalogue;
use crate::compose::Origin as Wanted;
use crate::lint::layout::extent;
use crate::lint::written::{self, Damage, DamageKind};
use crate::lint::{self, Findings, Seen, View, Written};
use crate::report::{Confidence, Finding, Label, Note, NoteKind, Severity, Sources, Span, Text};
use crate::say;
use crate::zone::by_name::number;
use crate::zone::{Found, MasterFile, Name};

pub use fix::{Done, Fixed, fix};
pub use origin::{Apex, From, apex};

/// The largest zone text that is read, octets.
pub const LIMIT_ZONE_FILE: u64 = 256 * 1024 * 1024;

/// Findings of one kind that are told; the others are counted.
const TOLD: usize = 100;
/// The same where nothing else can be read: what is no zone text is not told line for line.
const TOLD_OF_NONE: usize = 5;
/// The TTL that is taken where nobody says one.
const TTL: u32 = 3600;

/// A zone text.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// How messages call it.
    pub name: &'a str,
    /// Its octets.
    pub octets: &'a [u8],
    /// The zone's name, where somebody gives it.
    pub origin: Option<&'a Name>,
}

/// What was found out about a zone text.
#[derive(Debug)]
pub struct Linted {
    /// The zone's name and where it comes from; none where nobody says it.
    pub apex: Option<Apex>,
    /// The records as they are read, in the order of the text.
    pub found: Vec<Found>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// The text.
    pub sources: Sources,
}

/// Reads and judges a zone text.
#[must_use]
pub fn lint(input: Input<'_>, catalogue: &Catalogue) -> Linted {
    judged(input, catalogue, TOLD)
}

/// The same with at most `most` findings of each kind.
fn judged(input: Input<'_>, catalogue: &Catalogue, most: usize) -> Linted {
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    let apex = apex(input);
    let Some(zone) = apex.as_ref().map(|apex| &apex.name) else {
        let file = sources.add_octets(input.name, input.octets.to_vec());
        findings.push(origin::unknown(file));
        return Linted { apex: None, found: Vec::new(), findings, sources };
    };
    let text = Readable::of(input.octets, zone);
    let file = sources.add_octets(input.name, input.octets.to_vec());
    let place = |range: &Range<usize>| Span::new(file, range.clone());
    let mut syntax = Findings::at_most(if text.read.records.is_empty() { most.min(TOLD_OF_NONE) } else { most });
    for fault in &text.read.faults {
        let title = fault.text.clone();
        syntax.push(Finding::error("zone-syntax", title).at(place(&text.back(&fault.range)), Text::default()).harm(
            say!(en: "name servers refuse the zone, or leave the record out", ja: "DNS サーバーがゾーンを断るか、このレコードを読み飛ばします"),
        ));
    }
    syntax.skip(text.read.more_faults);
    let with_faults = !syntax.is_empty();
    findings.append(&mut syntax.told());
    let found: Vec<Found> = text
        .read
        .records
        .iter()
        .map(|record| {
            let lines = text.back(&record.range);
            Found {
                has_ttl: record.ttl.is_some(),
                span: Some(place(&extent(input.octets, lines))),
                record: record.clone().into_record(TTL),
            }
        })
        .collect();
    let kept = structure::check(&found, zone, file, with_faults, most, &mut findings);
    if kept.records.is_empty() {
        return Linted { apex, found, findings, sources };
    }
    let (mut damages, mut secrets) = (Vec::new(), Vec::new());
    let mut seen = Vec::with_capacity(kept.records.len());
    for found in kept.records {
        let range = found.span.map(Span::range).unwrap_or_default();
        let record = number(seen.len());
        let mut meant = None;
        if let Some((as_meant, kind)) = written::meant(input.octets, range.clone(), &found.record) {
            damages.push(Damage { record, kind });
            meant = as_meant;
        } else if text.is_mended(&range) {
            damages.push(Damage { record, kind: DamageKind::Long });
        }
        // The record stands there by hand; nobody else wants it.
        let origins = vec![Wanted { party: 0, span: found.span, by_hand: true }];
        seen.push(Seen::new(meant.unwrap_or_else(|| found.record.clone()), origins, None));
    }
    let mut view = View::new(zone, seen, None, &[], &sources).with(catalogue);
    view.written = Written::Zone;
    view.damages = &damages;
    let mut told = lint::check_at_most(&view, &[], most);
    for finding in &mut told {
        if !kept.whole && is_about_absent(finding.id) {
            finding.severity = Severity::Advice;
            finding.confidence = Confidence::Low;
            finding.notes.push(Note {
                kind: NoteKind::Note,
                text: say!(en: "not sure: this is not the whole zone", ja: "ゾーンの全体ではないため、確かではありません"),
            });
        }
        fix::hold(finding, &view, input.octets);
        // What is missing stands nowhere; the zone begins here.
        if let Some(span) = kept.anchor.filter(|_| finding.labels.is_empty()) {
            finding.labels.push(Label { span, text: Text::default() });
        }
    }
    drop_echoes(&mut told, &view);
    findings.append(&mut told);
    for secret in lint::secret_places(&view) {
        // With the comment behind it, where what a `;` cut off is.
        let rest = input.octets.get(secret.range().end..).unwrap_or_default();
        let end = rest.iter().position(|octet| *octet == b'\n').unwrap_or(rest.len());
        secrets.push(place(&(secret.range().start..secret.range().end + end)));
    }
    sources.redact_all(file, secrets.into_iter().map(Span::range));
    Linted { apex, found, findings, sources }
}

/// Takes away what rules of SPF, DKIM or DMARC say of a record whose text is bent and can be mended: all of it comes of that.
fn drop_echoes(findings: &mut Vec<Finding>, view: &View<'_>) {
    const BENT: [&str; 5] =
        ["dns-idn-not-alabel", "txt-edge-whitespace", "txt-join-glued", "txt-non-ascii", "txt-stray-quotes-escapes"];
    let is_bent = |f: &&Finding| BENT.contains(&f.id) && f.severity == Severity::Error && f.fix.is_some();
    let place = |finding: &Finding| fix::record_at(view, finding.primary()?.start).map(|(number, _)| number);
    let records: HashSet<usize> = findings.iter().filter(is_bent).filter_map(place).collect();
    let is_echo = |finding: &Finding| {
        let kind = ["spf-", "dkim-", "dmarc-"].iter().any(|kind| finding.id.starts_with(kind));
        kind && finding.id != "spf-multiple-records" && place(finding).is_some_and(|at| records.contains(&at))
    };
    if !records.is_empty() {
        findings.retain(|finding| !is_echo(finding));
    }
}

/// Rules that say that something is missing, which only a whole zone can show.
fn is_about_absent(id: &str) -> bool {
    const ABSENT: [&str; 10] = [
        "dmarc-missing",
        "dmarc-orgdomain-missing",
        "dkim-ed25519-only",
        "dkim-provider-set-incomplete",
        "dns-cname-dangling",
        "mtasts-record",
        "mx-missing",
        "mx-target-unresolvable",
        "spf-helo-missing",
        "spf-missing",
    ];
    ABSENT.contains(&id)
}

/// A text as it is read: with strings of over 255 octets cut, so that what they are for can be judged too.
struct Readable {
    read: MasterFile,
    /// What was put in, in order.
    put: Vec<Put>,
}

/// A piece that was put into a text.
struct Put {
    /// The place in the text itself.
    own: usize,
    /// The place in what was read.
    read: usize,
    /// How much was put in up to here and with this.
    total: usize,
}

impl Readable {
    fn of(octets: &[u8], zone: &Name) -> Self {
        let read = MasterFile::read(octets, zone);
        if !read.faults.iter().any(|fault| fault.range.len() > 255) {
            return Self { read, put: Vec::new() };
        }
        let mut this = Self { read, put: Vec::new() };
        let mut mended = Vec::with_capacity(octets.len());
        let mut from = 0;
        for (own, with) in written::all_splits(octets) {
            mended.extend_from_slice(octets.get(from..own).unwrap_or_default());
            this.put.push(Put { own, read: mended.len(), total: mended.len() + with.len() - own });
            mended.extend_from_slice(with.as_bytes());
            from = own;
        }
        if !this.put.is_empty() {
            mended.extend_from_slice(octets.get(from..).unwrap_or_default());
            this.read = MasterFile::read(&mended, zone);
        }
        this
    }

    /// The place in the text itself of a place in what was read.
    fn back(&self, range: &Range<usize>) -> Range<usize> {
        let one = |at: usize| {
            let before = self.put.partition_point(|put| put.read < at);
            let put = before.checked_sub(1).and_then(|last| self.put.get(last));
            put.map_or(at, |put| at.saturating_sub(put.total).max(put.own))
        };
        one(range.start)..one(range.end)
    }

    /// Whether something was put into this place of the text itself.
    fn is_mended(&self, range: &Range<usize>) -> bool {
        let first = self.put.partition_point(|put| put.own < range.start);
        self.put.get(first).is_some_and(|put| put.own <= range.end)
    }
}
