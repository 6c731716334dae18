//! The whole way of one zone text without a site: read, understand what was meant, judge, point. Pure: the octets come in, findings go out.

mod encoding;
mod fix;
pub(crate) mod notes;
mod origin;
mod structure;
mod told;
mod unanswered;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::catalogue::Catalogue;
use crate::compose::Origin as Wanted;
use crate::current::asked::Read;
use crate::includes::ZoneFolder;
use crate::lint::layout::extent;
use crate::lint::written::{self, Damage, DamageKind};
use crate::lint::{self, Findings, Seen, View, Written};
use crate::report::{Confidence, FileId, Finding, Label, Note, NoteKind, Severity, Sources, Span, Text};
use crate::say;
use crate::site::Files;
use crate::zone::by_name::number;
use crate::zone::master::{NoteKind as Understood, Reader};
use crate::zone::{Coverage, Found, MasterFile, MasterRecord, Name, Rtype};

pub use fix::{Done, Fixed, fix};
pub use origin::{Apex, From, apex};
pub use told::lint_told;

/// Findings of one kind that are told; the others are counted.
const TOLD: usize = 100;
/// The same where nothing else can be read: what is no zone text is not told line for line.
const TOLD_OF_NONE: usize = 5;
/// What the reader notes and rules, or findings on the structure, tell with more reason.
const BY_RULES: [Understood; 5] =
    [Understood::Glued, Understood::CutByComment, Understood::LongString, Understood::NoSoa, Understood::SecondSoa];
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
    /// Where `$INCLUDE` finds files; without it none is read.
    pub includes: Option<IncludesFrom<'a>>,
}

/// Where the files are that a zone text includes: below the folder of its own file, and below another one that is named.
#[derive(Clone, Copy, Debug)]
pub struct IncludesFrom<'a> {
    /// Reads them.
    pub files: &'a dyn Files,
    /// The other folder.
    pub root: Option<&'a str>,
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
    /// How many repairs that cannot be wrong there would be in files that the text includes: those are not rewritten.
    pub elsewhere: BTreeMap<FileId, usize>,
    /// The text.
    pub sources: Sources,
}

impl Linted {
    /// What there is to say of a text that could not be judged.
    #[must_use]
    pub fn unread(findings: Vec<Finding>, sources: Sources) -> Self {
        Self { apex: None, found: Vec::new(), findings, elsewhere: BTreeMap::new(), sources }
    }
}

/// Reads and judges a zone text.
#[must_use]
pub fn lint(input: Input<'_>, catalogue: &Catalogue) -> Linted {
    judged(input, catalogue, TOLD, None)
}

/// The same with at most `most` findings of each kind; `source` is what the text was made of, where it is none of a file.
fn judged(input: Input<'_>, catalogue: &Catalogue, most: usize, source: Option<&Read>) -> Linted {
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    let apex = apex(input);
    let Some(zone) = apex.as_ref().map(|apex| &apex.name) else {
        let file = sources.add_octets(input.name, input.octets.to_vec());
        findings.push(origin::unknown(file));
        return Linted::unread(findings, sources);
    };
    let (read, files) = read(input, zone, &mut sources);
    let file = files.first().copied().unwrap_or(sources.first());
    let text_of = |number: u32| files.get(number as usize).copied().unwrap_or(file);
    let mut syntax = Findings::at_most(if read.records.is_empty() { most.min(TOLD_OF_NONE) } else { most });
    for fault in &read.faults {
        let title = fault.text.clone();
        let span = Span::new(text_of(fault.file), fault.range.clone());
        syntax.push(Finding::error("zone-syntax", title).at(span, Text::default()).harm(
            say!(en: "name servers refuse the zone, or leave the record out", ja: "DNS サーバーがゾーンを断るか、このレコードを読み飛ばします"),
        ));
    }
    syntax.skip(read.more_faults);
    let with_faults = !syntax.is_empty();
    findings.append(&mut syntax.told());
    findings.extend(encoding::check(input.octets, file, 0, &read.records));
    let asked = notes::Asked { id: "zone-read-as", otherwise: &BY_RULES, most, judged: true };
    let mut understood = notes::told(&read.notes, &read.more_notes, &asked, &sources, text_of);
    let found: Vec<Found> = read
        .records
        .iter()
        .map(|record| {
            let of = text_of(record.file);
            let extent = extent(octets_of(input, file, &sources, of), record.range.clone());
            // A text without TTLs is given that of its SOA; who told it says which records have their own.
            let has_ttl = source.map_or(record.ttl.is_some(), |read| read.has_ttl(record.line));
            let record = MasterRecord { ttl: record.ttl.filter(|_| has_ttl), ..record.clone() };
            Found { has_ttl, span: Some(Span::new(of, extent)), record: record.into_record(TTL) }
        })
        .collect();
    // Strings that are too long, by where they stand.
    let long: BTreeSet<(FileId, usize)> = read
        .notes
        .iter()
        .filter(|note| note.kind == Understood::LongString)
        .map(|note| (text_of(note.file), note.range.start))
        .collect();
    // TTLs that the reader told, by where they stand.
    let over = read.notes.iter().filter(|note| note.kind == Understood::TtlOverLimit);
    let ttls = over
        .map(|note| Span::new(text_of(note.file), note.range.clone()))
        .map(|span| (span.file, span.start))
        .collect();
    let mut kept = structure::check(&found, zone, file, with_faults, most, &mut findings);
    let known = source.and_then(|read| match &read.coverage {
        Coverage::Complete => None,
        Coverage::Asked(known) => Some(known),
    });
    if let Some(known) = known {
        kept.whole = false;
        // That it is a part was said where it was asked; that there is no NS only counts where somebody answered.
        let has_ns_answer = known.contains(&(zone.clone(), Rtype::NS));
        findings.retain(|finding| finding.id != "zone-part" && (has_ns_answer || finding.id != "zone-ns"));
    }
    if kept.records.is_empty() {
        findings.append(&mut understood);
        let elsewhere = take_elsewhere(&mut findings, file);
        return Linted { apex, found, findings, elsewhere, sources };
    }
    let (mut damages, mut secrets) = (Vec::new(), Vec::new());
    let mut seen = Vec::with_capacity(kept.records.len());
    for found in kept.records {
        let span = found.span.unwrap_or(Span::new(file, 0..0));
        let range = span.range();
        let record = number(seen.len());
        let mut meant = None;
        let is_long = || long.range((span.file, range.start)..).next().is_some_and(|at| *at <= (span.file, range.end));
        if let Some((as_meant, kind)) =
            written::meant(octets_of(input, file, &sources, span.file), range.clone(), &found.record)
        {
            damages.push(Damage { record, kind });
            meant = as_meant;
        } else if is_long() {
            damages.push(Damage { record, kind: DamageKind::Long });
        }
        // The record stands there by hand; nobody else wants it.
        let origins = vec![Wanted { party: 0, span: found.span, by_hand: true }];
        seen.push(Seen::new(meant.unwrap_or_else(|| found.record.clone()), origins, None));
    }
    let mut view = View::new(zone, seen, None, &[], &sources).with(catalogue);
    view.written = Written::Zone;
    view.damages = &damages;
    let places = fix::Places::of(&view);
    let mut told = lint::check_at_most(&view, &[], most);
    if let Some(read) = source {
        told.retain(|finding| !unanswered::rests_on_silence(finding, &found, &read.unanswered));
    }
    for finding in &mut told {
        if !kept.whole && lint::is_about_absent(finding.id) && !is_known(finding, known) {
            finding.severity = Severity::Advice;
            finding.confidence = Confidence::Low;
            finding.notes.push(Note {
                kind: NoteKind::Note,
                text: say!(en: "not sure: this is not the whole zone", ja: "ゾーンの全体ではないため、確かではありません"),
            });
        }
        fix::hold(finding, &places, |of| octets_of(input, file, &sources, of));
        // What is missing stands nowhere; the zone begins here.
        if let Some(span) = kept.anchor.filter(|_| finding.labels.is_empty()) {
            finding.labels.push(Label { span, text: Text::default() });
        }
    }
    drop_echoes(&mut told, &places);
    drop_twice_told(&mut told, &mut understood, &ttls);
    findings.append(&mut told);
    findings.append(&mut understood);
    for secret in lint::secret_places(&view) {
        // With the comment behind it, where what a `;` cut off is.
        let rest = sources.octets(secret.file).get(secret.range().end..).unwrap_or_default();
        let end = rest.iter().position(|octet| *octet == b'\n').unwrap_or(rest.len());
        secrets.push(Span::new(secret.file, secret.range().start..secret.range().end + end));
    }
    for of in files {
        sources.redact_all(of, secrets.iter().filter(|span| span.file == of).map(|span| span.range()));
    }
    let elsewhere = take_elsewhere(&mut findings, file);
    Linted { apex, found, findings, elsewhere, sources }
}

/// Takes the repairs of other files than the one that is judged, which other zones may include too, and counts them.
fn take_elsewhere(findings: &mut [Finding], file: FileId) -> BTreeMap<FileId, usize> {
    let mut elsewhere = BTreeMap::new();
    for finding in findings {
        if let Some(fix) = finding.fix.take_if(|fix| fix.edits().any(|(span, _)| span.file != file))
            && fix.safe
        {
            *elsewhere.entry(fix.span.file).or_default() += 1;
        }
    }
    elsewhere
}

/// Takes away what a rule and the reader's notes both say of one place: of a name without its dot the rule says more, of a TTL the reader.
fn drop_twice_told(told: &mut Vec<Finding>, understood: &mut Vec<Finding>, ttls: &BTreeSet<(FileId, u32)>) {
    const DOTS: [&str; 2] = ["dns-doubled-origin", "dns-target-missing-dot"];
    let by_rule: HashSet<Span> =
        told.iter().filter(|finding| DOTS.contains(&finding.id)).filter_map(Finding::primary).collect();
    understood.retain(|finding| finding.primary().is_none_or(|at| !by_rule.contains(&at)));
    let has_ttl = |at: Span| ttls.range((at.file, at.start)..(at.file, at.end)).next().is_some();
    told.retain(|finding| finding.id != "dns-ttl" || !finding.primary().is_some_and(has_ttl));
}

/// Takes away what rules of SPF, DKIM or DMARC say of a record whose text is bent and can be mended: all of it comes of that.
fn drop_echoes(findings: &mut Vec<Finding>, places: &fix::Places<'_>) {
    const BENT: [&str; 5] =
        ["dns-idn-not-alabel", "txt-edge-whitespace", "txt-join-glued", "txt-non-ascii", "txt-stray-quotes-escapes"];
    let is_bent = |f: &&Finding| BENT.contains(&f.id) && f.severity == Severity::Error && f.fix.is_some();
    let place = |finding: &Finding| places.record_at(finding.primary()?).map(|(number, _)| number);
    let records: HashSet<usize> = findings.iter().filter(is_bent).filter_map(place).collect();
    let is_echo = |finding: &Finding| {
        let kind = ["spf-", "dkim-", "dmarc-"].iter().any(|kind| finding.id.starts_with(kind));
        kind && finding.id != "spf-multiple-records" && place(finding).is_some_and(|at| records.contains(&at))
    };
    if !records.is_empty() {
        findings.retain(|finding| !is_echo(finding));
    }
}

/// Names and types of which it is known what is there.
type Known = BTreeSet<(Name, Rtype)>;

/// Whether that something is missing is known, although the zone is not known as a whole.
fn is_known(finding: &Finding, known: Option<&Known>) -> bool {
    let rtype = match finding.id {
        "spf-missing" | "dmarc-missing" => Rtype::TXT,
        "mx-missing" => Rtype::MX,
        _ => return false,
    };
    let is_there =
        |name: &str| Name::parse_absolute(name).is_ok_and(|n| known.is_some_and(|k| k.contains(&(n, rtype))));
    !finding.about.is_empty() && finding.about.iter().all(|about| is_there(&about.name))
}

/// The octets of a file: of the zone text as they are, since what is kept for messages has neither keys nor octets that are no characters.
fn octets_of<'t>(input: Input<'t>, file: FileId, sources: &'t Sources, of: FileId) -> &'t [u8] {
    if of == file { input.octets } else { sources.octets(of) }
}

/// Reads a zone text and what it includes. The texts of the files, by number, are added to `sources`.
fn read(input: Input<'_>, zone: &Name, sources: &mut Sources) -> (MasterFile, Vec<FileId>) {
    let file = sources.add_octets(input.name, input.octets.to_vec());
    let Some(IncludesFrom { files, root }) = input.includes else {
        return (MasterFile::read(input.octets, zone), vec![file]);
    };
    let mut folder = ZoneFolder::new(input.name, file, root, files, sources);
    let read = MasterFile::of(Reader::new(input.octets, zone).including(&mut folder));
    (read, folder.into_files())
}
