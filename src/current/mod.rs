//! The zone as it is, from what people have: a zone file, a `dig` answer, the list of a panel; or from servers. Reading it, and
//! what must be said of it.

pub(crate) mod asked;
mod cell;
mod dig;
mod judge;
mod labels;
mod list;
mod origin;
pub(crate) mod questions;

use std::ops::Range;

use crate::catalogue::Catalogue;
use crate::includes::ZoneFolder;
use crate::report::{FileId, Finding, NoteKind, Sources, Span, Text};
use crate::say;
use crate::site::{Files, LIMIT_ZONE_FILE, decode};
use crate::zone::master::Reader;
use crate::zone::{Coverage, Current, Found, MasterFault, MasterFile, MasterRecord, Name, Rtype};

pub(crate) use judge::two_spf;
pub(crate) use origin::{Origin, find as find_origin, unknown as unknown_origin};

use dig::Answers;
use labels::Labels;

/// Faults of such a file that are told one by one.
const FAULTS_TOLD: usize = 10;

/// A file of a zone as it is, and who named it.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Its path.
    pub(crate) path: &'a str,
    /// How messages call it.
    pub(crate) shown: &'a str,
    /// Where site.toml names it; none where the command line does.
    pub(crate) named: Option<Span>,
}

/// Whose zone is read, and what helps to understand it.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// The zone.
    pub(crate) apex: &'a Name,
    /// Whose panels' labels are known; without it the columns of a list are told by what stands in them.
    pub(crate) catalogue: Option<&'a Catalogue>,
    /// In whose panel the zone is edited: its labels come first.
    pub(crate) registrar: Option<&'a str>,
    /// The user says that the file has all records of the zone.
    pub(crate) is_whole: bool,
    /// A folder from which `$INCLUDE` may read besides the file's own.
    pub(crate) include_root: Option<&'a str>,
}

impl<'a> From<&'a Name> for Reading<'a> {
    fn from(apex: &'a Name) -> Self {
        Self { apex, catalogue: None, registrar: None, is_whole: false, include_root: None }
    }
}

/// Reads the zone of `apex` as it is from a file. Every record and fault points into the file's text, which is added to `sources`.
pub(crate) fn read<'a>(
    source: Source<'_>,
    reading: impl Into<Reading<'a>>,
    files: &dyn Files,
    sources: &mut Sources,
    findings: &mut Vec<Finding>,
) -> Option<Current> {
    let Source { path, shown, named } = source;
    let octets = match files.read(path, LIMIT_ZONE_FILE) {
        Ok(octets) => octets,
        Err(error) => {
            let why = error.text();
            findings.push(
                Finding::error("site-current", say!(en: "{shown}: {why}", ja: "{shown}: {why}"; why = why))
                    .at_opt(named, Text::default()),
            );
            return None;
        }
    };
    understand(source, octets, &reading.into(), files, sources, findings).map(|(current, _)| current)
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A zone file.
    Zone,
    /// Answers of `dig`.
    Answer,
    /// The list of a panel.
    List,
}

/// What a text turned out to be.
struct Understood {
    found: Vec<MasterRecord>,
    faults: Vec<MasterFault>,
    more_faults: usize,
    /// How it was understood.
    notes: Vec<(Text, Range<usize>)>,
    /// What was asked and not answered.
    unanswered: Vec<(Text, Range<usize>)>,
    /// Of an answer: what was asked.
    asked: Option<Coverage>,
    form: Form,
}

impl Understood {
    fn of_zone(zone: MasterFile) -> Self {
        Self {
            found: zone.records,
            faults: zone.faults,
            more_faults: zone.more_faults,
            notes: Vec::new(),
            unanswered: Vec::new(),
            asked: None,
            form: Form::Zone,
        }
    }
}

/// Reads the zone from the octets of a file, whatever it is.
pub(crate) fn understand(
    source: Source<'_>,
    octets: Vec<u8>,
    reading: &Reading<'_>,
    files: &dyn Files,
    sources: &mut Sources,
    findings: &mut Vec<Finding>,
) -> Option<(Current, Form)> {
    let Source { path, shown, named } = source;
    let apex = reading.apex;
    let mut read = records(&octets, reading);
    // The texts of the file and of those that it includes, by number; most include none.
    let mut texts: Vec<FileId> = Vec::new();
    if read.form == Form::Zone && includes(&octets) {
        let file = sources.add_octets(path, octets.clone());
        let mut folder = ZoneFolder::new(path, file, reading.include_root, files, sources);
        let zone = MasterFile::of(Reader::new(&octets, apex).including(&mut folder));
        texts = folder.into_files();
        read = Understood::of_zone(zone);
    }
    if read.found.is_empty() && read.asked.is_none() {
        let encoding = (!octets.is_ascii()).then(|| decode(shown, octets.clone()).err()).flatten();
        let known = dig::known_by_sight(&octets);
        let is_known = known.is_some() || encoding.is_some();
        let what = match (&encoding, known) {
            (Some(wrong), _) => wrong.title.clone(),
            (None, Some(known)) => say!(en: "{shown}: {known}", ja: "{shown}: {known}"; known = known),
            (None, None) => {
                say!(en: "{shown} has no record that could be read", ja: "{shown} に、読めるレコードがありません")
            }
        };
        let finding = Finding::warning("current-unreadable", what).at_opt(named, Text::default());
        let nexts = encoding.iter().flat_map(|w| &w.notes).filter(|n| n.kind == NoteKind::Next);
        let mut finding = nexts.fold(finding, |finding, next| finding.next(next.text.clone()));
        if texts.is_empty() {
            texts.push(sources.add_octets(path, octets));
        }
        if !is_known {
            finding = finding.next(say!(
                en: "what can be read: a zone file (`name TTL IN TYPE value`, a record a line), dig's answer, or the list of a panel copied from the browser",
                ja: "読めるもの: ゾーンファイル（1 行に「名前 TTL IN 種別 値」）、dig の結果、管理画面の一覧をブラウザーから写した文"
            ));
            tell_faults(&read, &texts, source, findings);
        }
        findings.push(finding);
        return None;
    }
    let form = read.form;
    if texts.is_empty() {
        texts.push(sources.add_octets(path, octets));
    }
    let file = place_of(&texts, 0);
    for (text, range) in &read.notes {
        findings.push(
            Finding::advice("current-read-as", say!(en: "{shown}: {text}", ja: "{shown}: {text}"; text = text))
                .at(Span::new(file, range.clone()), Text::default()),
        );
    }
    for (text, range) in &read.unanswered {
        findings.push(
            Finding::warning("current-unanswered", say!(en: "{shown}: {text}", ja: "{shown}: {text}"; text = text))
                .at(Span::new(file, range.clone()), Text::default()),
        );
    }
    tell_faults(&read, &texts, source, findings);
    let without_fault = read.faults.is_empty() && read.more_faults == 0;
    let found = |record: MasterRecord| {
        let (has_ttl, span) = (record.ttl.is_some(), Span::new(place_of(&texts, record.file), record.range.clone()));
        Found { record: record.into_record(0), has_ttl, span: Some(span) }
    };
    let found: Vec<Found> = read.found.into_iter().map(found).collect();
    if let Some(asked) = read.asked {
        return Some((Current::new(found, asked), form));
    }
    let sound = stray(&found, apex, shown, named, findings);
    // A zone begins with its SOA (RFC 1035 §5.2). Without one this may be an excerpt.
    let has_soa = found.iter().any(|f| f.record.rtype == Rtype::SOA && f.record.name == *apex);
    let is_whole = has_soa || reading.is_whole;
    if !is_whole {
        let title = if form == Form::List {
            say!(en: "whether {shown} is the whole list is not known", ja: "{shown} が一覧のすべてかどうかは分かりません")
        } else {
            say!(en: "{shown} has no SOA, so it is not taken for the whole zone", ja: "{shown} に SOA がないため、ゾーン全体とはみなしません")
        };
        let finding = Finding::advice("current-part", title).at_opt(named, Text::default());
        findings.push(match named {
            Some(_) if form == Form::List => finding.next(say!(
                en: "if every record of the zone is in it: current-whole = true",
                ja: "ゾーンのすべてのレコードがあるなら: current-whole = true"
            )),
            _ => finding,
        });
    }
    let complete = sound && is_whole && without_fault;
    let coverage = if complete { Coverage::Complete } else { Coverage::default() };
    Some((Current::new(found, coverage), form))
}

/// The records of a text: as an answer, as a zone file, or as a list; the first that it is.
fn records(octets: &[u8], reading: &Reading<'_>) -> Understood {
    let apex = reading.apex;
    if let Some(answers) = Answers::read(octets) {
        return of_answers(answers, apex);
    }
    let zone = MasterFile::read(octets, apex);
    let is_clean = zone.faults.is_empty() && zone.more_faults == 0;
    if (!is_clean || looks_like_list(&zone, octets, apex)) && !says_zone_file(octets, &zone) {
        let text = std::str::from_utf8(octets).ok();
        let labels = reading.catalogue.map(|c| Labels::new(c, reading.registrar)).unwrap_or_default();
        let list = text.and_then(|t| list::read(t.trim_start_matches('\u{feff}'), apex, &labels));
        let mark = text.map_or(0, |t| t.len() - t.trim_start_matches('\u{feff}').len());
        if let Some(list) = list.filter(|l| l.has_headings || l.records.len() >= zone.records.len()) {
            return of_list(list, mark);
        }
    }
    Understood::of_zone(zone)
}

/// Whether a zone text names other files.
fn includes(octets: &[u8]) -> bool {
    octets.split(|octet| *octet == b'\n').any(|line| {
        let line = line.trim_ascii_start();
        line.get(..8).is_some_and(|word| word.eq_ignore_ascii_case(b"$INCLUDE"))
    })
}

/// The text of the file with this number.
fn place_of(texts: &[FileId], number: u32) -> FileId {
    let first = texts.first().copied().unwrap_or(FileId::FIRST);
    texts.get(number as usize).copied().unwrap_or(first)
}

/// `shift`: octets before the text that was read.
fn of_list(list: list::List, shift: usize) -> Understood {
    let moved = |range: Range<usize>| range.start + shift..range.end + shift;
    let record = |(record, has_ttl, range): (crate::zone::Record, bool, Range<usize>)| {
        let ttl = has_ttl.then_some(record.ttl);
        MasterRecord {
            file: 0,
            name: record.name,
            rtype: record.rtype,
            ttl,
            rdata: record.rdata,
            line: 0,
            range: moved(range),
        }
    };
    let fault = |f: MasterFault| MasterFault { range: moved(f.range), ..f };
    Understood {
        found: list.records.into_iter().map(record).collect(),
        faults: list.faults.into_iter().map(fault).collect(),
        more_faults: list.more_faults,
        notes: list.notes.into_iter().map(|(text, range)| (text, moved(range))).collect(),
        unanswered: Vec::new(),
        asked: None,
        form: Form::List,
    }
}

fn of_answers(answers: Answers, apex: &Name) -> Understood {
    let zone = MasterFile::read(&answers.zone, apex);
    let mut found: Vec<MasterRecord> = Vec::new();
    let mut notes = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut elsewhere: Option<(usize, Range<usize>)> = None;
    for record in zone.records {
        // A CNAME is answered with what it leads to, which may be another zone's.
        if !record.name.is_subdomain_of(apex) {
            elsewhere.get_or_insert((0, record.range.clone())).0 += 1;
            continue;
        }
        // A transfer ends in the SOA that it began with; answers to several questions repeat what they have in common.
        let key = (record.name.to_lowercase(), record.rtype, record.rdata.to_lowercase(record.rtype).octets().to_vec());
        if seen.insert(key) {
            found.push(record);
        }
    }
    let soa = found.iter().any(|r| r.rtype == Rtype::SOA && r.name == *apex);
    let without_fault = zone.faults.is_empty() && zone.more_faults == 0 && answers.unanswered.is_empty();
    let asked: std::collections::BTreeSet<_> =
        answers.asked.into_iter().filter(|(name, _)| name.is_subdomain_of(apex)).collect();
    let is_whole = answers.is_transfer && soa && without_fault;
    let text = if is_whole {
        say!(en: "read as dig's transfer of the whole zone", ja: "dig によるゾーン転送（全体）として読みました")
    } else {
        let n = asked.len();
        say!(en: "read as dig's answers; names and types that were asked: {n}", ja: "dig の結果として読みました（調べた名前と種別: {n}）")
    };
    notes.push((text, 0..0));
    if let Some((n, at)) = elsewhere {
        let domain = apex.display_without_dot();
        notes.push((
            say!(en: "records outside {domain} left out: {n}", ja: "{domain} の外のレコードは除きました（{n} 件）"),
            at,
        ));
    }
    Understood {
        found,
        faults: zone.faults,
        more_faults: zone.more_faults,
        notes,
        unanswered: answers.unanswered,
        asked: Some(if is_whole { Coverage::Complete } else { Coverage::Asked(asked) }),
        form: Form::Answer,
    }
}

/// Whether only a zone file says this: directives, an SOA, a class.
fn says_zone_file(octets: &[u8], zone: &MasterFile) -> bool {
    let directive =
        |line: &[u8]| line.starts_with(b"$ORIGIN") || line.starts_with(b"$TTL") || line.starts_with(b"$INCLUDE");
    zone.records.iter().any(|r| r.rtype == Rtype::SOA) || octets.split(|o| *o == b'\n').any(directive)
}

/// A list can be read as a zone file without a fault, and then its targets, whole names without a dot, would end below the domain.
fn looks_like_list(zone: &MasterFile, octets: &[u8], apex: &Name) -> bool {
    let mut words = octets.split(|o| o.is_ascii_whitespace());
    if words.any(|w| w.eq_ignore_ascii_case(b"IN") || (w.len() > 1 && w.ends_with(b"."))) {
        return false;
    }
    let below = |record: &MasterRecord| {
        let target = record.rdata.target(record.rtype);
        target.and_then(|t| t.strip_suffix(apex)).is_some_and(|front| front.label_count() > 1)
    };
    zone.records.iter().any(below)
}

/// What was not read, the first of it line by line.
fn tell_faults(read: &Understood, texts: &[FileId], source: Source<'_>, findings: &mut Vec<Finding>) {
    let Source { shown, named, .. } = source;
    for fault in read.faults.iter().take(FAULTS_TOLD) {
        let (line, text) = (fault.line, &fault.text);
        let title = say!(en: "line {line} of {shown}: {text}", ja: "{shown} の {line} 行目: {text}"; text = text);
        findings.push(
            Finding::warning("current-fault", title)
                .at(Span::new(place_of(texts, fault.file), fault.range.clone()), Text::default()),
        );
    }
    let more = read.faults.len().saturating_sub(FAULTS_TOLD) + read.more_faults;
    if more > 0 {
        findings.push(Finding::warning("current-fault", say!(en: "{more} more lines of {shown} could not be read", ja: "{shown} にはほかにも読めない行が {more} 行あります")).at_opt(named, Text::default()));
    }
}

/// Names that cannot be meant: outside the zone, or with the domain twice, as a whole name without its final dot is read.
fn stray(found: &[Found], apex: &Name, shown: &str, named: Option<Span>, findings: &mut Vec<Finding>) -> bool {
    let doubled = apex.join(apex).ok();
    let is_stray = |f: &&Found| {
        let name = &f.record.name;
        doubled.as_ref().is_some_and(|d| name.is_subdomain_of(d)) || !name.is_subdomain_of(apex)
    };
    let mut strays = found.iter().filter(is_stray);
    let Some(first) = strays.next() else { return true };
    let (n, name, domain) = (
        strays.count() + 1,
        first.record.name.display_without_dot().to_string(),
        apex.display_without_dot().to_string(),
    );
    findings.push(
        Finding::warning("current-stray", say!(en: "{shown}: names that the zone of {domain} cannot have: {n}, such as {name}", ja: "{shown}: {domain} のゾーンにあるはずのない名前が {n} 件あります（{name}）"))
            .at_opt(first.span.or(named), Text::default())
            .next(say!(en: "a whole name needs a dot at its end: www.{domain}.", ja: "全体の名前には末尾に「.」を付けます: www.{domain}.")),
    );
    false
}
