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
mod wildcards;

use std::ops::Range;

use crate::catalogue::Catalogue;
use crate::includes::ZoneFolder;
use crate::report::{FileId, Finding, NoteKind, Sources, Span, Text, excerpt};
use crate::say;
use crate::site::{Files, LIMIT_ZONE_FILE, decode};
use crate::zone::master::Reader;
use crate::zone::{
    Coverage, Current, Found, MasterFault, MasterFile, MasterNote, MasterRecord, Name, NoteKind as Note, Rtype,
};
use crate::zone_lint::notes;

pub(crate) use judge::two_spf;
pub(crate) use origin::{Origin, find as find_origin, unknown as unknown_origin};

use dig::Answers;
use labels::Labels;
use list::{Aside, Matter};

/// How such a file was understood.
const READ_AS: &str = "current-read-as";
/// Nothing of a file can be used.
const UNREADABLE: &str = "current-unreadable";
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
    /// How it was understood as a whole.
    notes: Vec<(Text, Range<usize>)>,
    /// Of a list: rows that give no record, or one that is not sure.
    asides: Vec<Aside>,
    /// What the reader of zone texts notes, and how many more of each kind.
    read_as: (Vec<MasterNote>, [usize; Note::ALL.len()]),
    /// What was asked and not answered.
    unanswered: Vec<(Text, Range<usize>)>,
    /// Of an answer: what was asked.
    asked: Option<Coverage>,
    /// Whose zone it is, where it is not the one that is read for; and where that stands.
    other: Option<Other>,
    form: Form,
    /// Of a zone text: whether it is one beyond doubt, and not something that happens to be read as one.
    is_zone_file: bool,
}

/// Another zone than the one that is read for.
struct Other {
    name: Name,
    line: usize,
    file: u32,
    range: Range<usize>,
}

impl Understood {
    fn of_zone(zone: MasterFile, apex: &Name, is_zone_file: bool) -> Self {
        let other = other_zone(&zone.records, apex);
        Self {
            other,
            found: zone.records,
            faults: zone.faults,
            more_faults: zone.more_faults,
            notes: Vec::new(),
            asides: Vec::new(),
            read_as: (zone.notes, zone.more_notes),
            unanswered: Vec::new(),
            asked: None,
            form: Form::Zone,
            is_zone_file,
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
        read = Understood::of_zone(zone, apex, true);
    }
    let encoding = std::str::from_utf8(&octets).is_err().then(|| decode(shown, octets.clone()).err()).flatten();
    // In a zone file any octets may stand; what is neither one nor UTF-8 would be read by chance.
    let is_by_chance = encoding.is_some() && read.form == Form::Zone && !read.is_zone_file;
    if read.found.is_empty() && read.asked.is_none() || is_by_chance {
        let known = dig::known_by_sight(&octets);
        let is_known = known.is_some() || encoding.is_some();
        let what = match (&encoding, known) {
            (Some(wrong), _) => wrong.title.clone(),
            (None, Some(known)) => say!(en: "{shown}: {known}", ja: "{shown}: {known}"; known = known),
            (None, None) => {
                say!(en: "{shown} has no record that could be read", ja: "{shown} に、読めるレコードがありません")
            }
        };
        let finding = Finding::warning(UNREADABLE, what).at_opt(named, Text::default());
        let nexts = encoding.iter().flat_map(|w| &w.notes).filter(|n| n.kind == NoteKind::Next);
        let mut finding = nexts.fold(finding, |finding, next| finding.next(next.text.clone()));
        if texts.is_empty() {
            texts.push(sources.add_octets(path, octets));
        }
        if !is_known {
            finding = finding.next(say!(
                en: "what can be read: a zone file (`name TTL IN TYPE value`, a record a line), dig's answer, or the list of a panel, copied from the browser or exported as CSV",
                ja: "読めるもの: ゾーンファイル（1 行に「名前 TTL IN 種別 値」）、dig の結果、管理画面の一覧（ブラウザーから写した文か CSV）"
            ));
            let file = place_of(&texts, 0);
            tell_asides(&read.asides, file, source, findings);
            tell_faults(&read, &texts, source, findings);
        }
        findings.push(finding);
        return None;
    }
    let form = read.form;
    if texts.is_empty() {
        texts.push(sources.add_octets(path, octets));
    }
    if let Some(other) = &read.other {
        let (line, name) = (other.line, other.name.display_without_dot().to_string());
        let domain = apex.display_without_dot().to_string();
        findings.push(
            Finding::error("current-other-zone", say!(en: "line {line} of {shown}: {name} is of another zone than {domain}", ja: "{shown} の {line} 行目: {name} は {domain} とは別のゾーンです"))
                .at(Span::new(place_of(&texts, other.file), other.range.clone()), Text::default())
                .next(say!(en: "give the zone of {domain}", ja: "{domain} のゾーンを指定します")),
        );
        return None;
    }
    let file = place_of(&texts, 0);
    for (text, range) in &read.notes {
        findings.push(
            Finding::advice(READ_AS, say!(en: "{shown}: {text}", ja: "{shown}: {text}"; text = text))
                .at(Span::new(file, range.clone()), Text::default()),
        );
    }
    tell_notes(&read, &texts, source, sources, findings);
    for (text, range) in &read.unanswered {
        findings.push(
            Finding::warning("current-unanswered", say!(en: "{shown}: {text}", ja: "{shown}: {text}"; text = text))
                .at(Span::new(file, range.clone()), Text::default()),
        );
    }
    tell_asides(&read.asides, file, source, findings);
    tell_faults(&read, &texts, source, findings);
    let without_fault = read.faults.is_empty() && read.more_faults == 0;
    let found = |record: MasterRecord| {
        let (has_ttl, span) = (record.ttl.is_some(), Span::new(place_of(&texts, record.file), record.range.clone()));
        Found { record: record.into_record(0), has_ttl, span: Some(span) }
    };
    let found: Vec<Found> = read.found.into_iter().map(found).collect();
    let unread = read.asides.into_iter().filter_map(|aside| match aside.what {
        Matter::Shortened(name, rtype) => Some((name, rtype)),
        Matter::Disabled(_) | Matter::Undotted(_) => None,
    });
    if let Some(asked) = read.asked {
        if found.is_empty() && asked == Coverage::default() {
            let domain = apex.display_without_dot().to_string();
            findings.push(
                Finding::warning(UNREADABLE, say!(en: "{shown} says nothing of {domain}: no question in it was answered", ja: "{shown} からは {domain} について何も分かりません。答えのあった問い合わせがありません"))
                    .at_opt(named, Text::default())
                    .next(say!(
                        en: "most servers refuse a transfer (AXFR) or ANY: ask for one type after the other (dig {domain} MX, dig {domain} TXT, …), or copy the list in the panel",
                        ja: "ゾーン転送（AXFR）や ANY は、たいていのサーバーが断ります。種別ごとに調べるか（dig {domain} MX、dig {domain} TXT など）、管理画面の一覧を写してください"
                    )),
            );
            return None;
        }
        return Some((Current::new(found, asked), form));
    }
    let before = findings.len();
    let sound = stray(&found, apex, shown, named, findings);
    // Of the name that this shows, the reader's note says less.
    if let Some(shown) = findings.get(before).and_then(Finding::primary) {
        let is_in = |at: Span| at.file == shown.file && shown.start <= at.start && at.end <= shown.end;
        findings.retain(|f| f.id != READ_AS || !f.primary().is_some_and(is_in));
    }
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
    Some((Current::new(found, coverage).with_unread(unread), form))
}

/// The records of a text: as an answer, as a zone file, or as a list; the first that it is.
fn records(octets: &[u8], reading: &Reading<'_>) -> Understood {
    let apex = reading.apex;
    if let Some(answers) = Answers::read(octets) {
        return of_answers(answers, apex);
    }
    let zone = MasterFile::read(octets, apex);
    let is_clean = zone.faults.is_empty() && zone.more_faults == 0;
    let is_zone_file = is_clean && !looks_like_list(&zone, octets, apex) || says_zone_file(octets, &zone);
    if !is_zone_file {
        let text = std::str::from_utf8(octets).ok();
        let labels = reading.catalogue.map(|c| Labels::new(c, reading.registrar)).unwrap_or_default();
        let list = text.and_then(|t| list::read(t.trim_start_matches('\u{feff}'), apex, &labels));
        let mark = text.map_or(0, |t| t.len() - t.trim_start_matches('\u{feff}').len());
        if let Some(list) = list.filter(|l| l.has_headings || l.records.len() >= zone.records.len()) {
            return of_list(list, mark);
        }
    }
    Understood::of_zone(zone, apex, is_zone_file)
}

/// The zone that records are of, if it is another one: their SOA says so, or none of them lies in this one.
fn other_zone(records: &[MasterRecord], apex: &Name) -> Option<Other> {
    let doubled = apex.join(apex).ok();
    let is_ours = |r: &MasterRecord| r.name == *apex || doubled.as_ref() == Some(&r.name);
    let soas = || records.iter().filter(|r| r.rtype == Rtype::SOA);
    let record = match soas().next() {
        Some(first) => (!soas().any(is_ours)).then_some(first),
        None => records.first().filter(|_| !records.iter().any(|r| r.name.is_subdomain_of(apex))),
    };
    record.map(|r| Other { name: r.name.clone(), line: r.line, file: r.file, range: r.range.clone() })
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
        asides: list.asides.into_iter().map(|a| Aside { range: moved(a.range), ..a }).collect(),
        read_as: Default::default(),
        unanswered: Vec::new(),
        asked: None,
        other: None,
        form: Form::List,
        is_zone_file: false,
    }
}

fn of_answers(answers: Answers, apex: &Name) -> Understood {
    let zone = MasterFile::read(&answers.zone, apex);
    let mut found: Vec<MasterRecord> = Vec::new();
    let mut notes = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut elsewhere: Option<(usize, usize, Range<usize>)> = None;
    let mut left: Option<Range<usize>> = None;
    for mut record in zone.records {
        if record.ttl.is_some() && answers.is_cached(record.range.start) {
            left.get_or_insert(record.range.clone());
            record.ttl = None;
        }
        // A CNAME is answered with what it leads to, which may be another zone's.
        if !record.name.is_subdomain_of(apex) {
            elsewhere.get_or_insert((0, record.line, record.range.clone())).0 += 1;
            continue;
        }
        // A transfer ends in the SOA that it began with; answers to several questions repeat what they have in common.
        let key = (record.name.to_lowercase(), record.rtype, record.rdata.to_lowercase(record.rtype).octets().to_vec());
        if seen.insert(key) {
            found.push(record);
        }
    }
    let asked_partly = partly(&answers, &mut found);
    let soa = found.iter().any(|r| r.rtype == Rtype::SOA && r.name == *apex);
    let without_fault = zone.faults.is_empty() && zone.more_faults == 0 && answers.unanswered.is_empty();
    let first = answers.asked.iter().next().map(|(name, _)| name.clone());
    let asked: std::collections::BTreeSet<_> =
        answers.asked.into_iter().chain(asked_partly).filter(|(name, _)| name.is_subdomain_of(apex)).collect();
    let asked_nothing = asked.is_empty();
    let is_whole = answers.is_transfer && soa && without_fault;
    let text = if is_whole {
        say!(en: "read as dig's transfer of the whole zone", ja: "dig によるゾーン転送（全体）として読みました")
    } else {
        let n = asked.len();
        say!(en: "read as dig's answers; names and types that were asked: {n}", ja: "dig の結果として読みました（調べた名前と種別: {n}）")
    };
    notes.push((text, 0..0));
    if let Some(at) = left {
        notes.push((
            say!(en: "a resolver shows what is left of a TTL, so the TTLs are not known; a name server of the zone shows them (dig @SERVER)", ja: "リゾルバーの答えにある TTL は残り時間なので、TTL は不明とします（ゾーンのネームサーバーに聞けば分かります: dig @サーバー）"),
            at,
        ));
    }
    if let Some((name, at)) = answers.any.first() {
        let name = excerpt(&name.display_without_dot().to_string(), 100);
        notes.push((
            say!(en: "ANY shows only a part of what a name has (RFC 8482): of {name} only the types that it shows are taken as asked", ja: "ANY の答えは一部だけのことがあります（RFC 8482）。{name} は、答えにある種別だけを調べたものとして扱います"),
            at.clone(),
        ));
    }
    let (line, range) = elsewhere.as_ref().map_or((1, 0..0), |(_, line, range)| (*line, range.clone()));
    let other = first.filter(|_| asked_nothing).map(|name| Other { name, line, file: 0, range });
    if let Some((n, _, at)) = elsewhere {
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
        asides: Vec::new(),
        read_as: (zone.notes, zone.more_notes),
        unanswered: answers.unanswered,
        other,
        asked: Some(if is_whole { Coverage::Complete } else { Coverage::Asked(asked) }),
        form: Form::Answer,
        is_zone_file: false,
    }
}

/// What an answer to ANY shows of its name: whole sets, but not surely all of them (RFC 8482 §4). The HINFO that says that nothing is
/// shown at all (§4.2) is no record of the zone.
fn partly(answers: &Answers, found: &mut Vec<MasterRecord>) -> std::collections::BTreeSet<(Name, Rtype)> {
    let names: std::collections::HashSet<&Name> = answers.any.iter().map(|(name, _)| name).collect();
    found.retain(|r| {
        let is_refusal = r.rtype == Rtype::HINFO && r.rdata.octets().starts_with(b"\x07RFC8482");
        !(is_refusal && names.contains(&r.name))
    });
    found.iter().filter(|r| names.contains(&r.name)).map(|r| (r.name.clone(), r.rtype)).collect()
}

/// Whether only a zone file says this: directives, an SOA, a class.
fn says_zone_file(octets: &[u8], zone: &MasterFile) -> bool {
    let directive =
        |line: &[u8]| line.starts_with(b"$ORIGIN") || line.starts_with(b"$TTL") || line.starts_with(b"$INCLUDE");
    zone.records.iter().any(|r| r.rtype == Rtype::SOA) || octets.split(|o| *o == b'\n').any(directive)
}

/// A list can be read as a zone file without a fault, and then its targets, whole names without a dot, would end below the domain, and what
/// a panel shortened would be a text.
fn looks_like_list(zone: &MasterFile, octets: &[u8], apex: &Name) -> bool {
    let mut words = octets.split(|o| o.is_ascii_whitespace());
    if words.any(|w| w.eq_ignore_ascii_case(b"IN") || (w.len() > 1 && w.ends_with(b"."))) {
        return false;
    }
    let below = |record: &MasterRecord| {
        let target = record.rdata.target(record.rtype);
        target.and_then(|t| t.strip_suffix(apex)).is_some_and(|front| front.label_count() > 1)
    };
    let shortened = |record: &MasterRecord| {
        record.rtype.is_text() && cell::is_shortened(&String::from_utf8_lossy(&record.rdata.txt_joined()))
    };
    zone.records.iter().any(|record| below(record) || shortened(record))
}

/// Rows of a list of which no record was made, the first of each kind line by line, and those that can be read in two ways.
fn tell_asides(asides: &[Aside], file: FileId, source: Source<'_>, findings: &mut Vec<Finding>) {
    let shown = source.shown;
    let (mut disabled, mut shortened) = (0_usize, 0_usize);
    for aside in asides {
        let line = aside.line;
        let finding = match &aside.what {
            Matter::Disabled(word) => {
                disabled += 1;
                if disabled > FAULTS_TOLD {
                    continue;
                }
                Finding::warning("current-disabled", say!(en: "line {line} of {shown}: the panel shows this row as “{word}”, so it is no record of the zone", ja: "{shown} の {line} 行目: 一覧で「{word}」になっているため、いまのレコードとして扱いません"))
                    .next(say!(en: "if it is meant to work, turn it on in the panel and copy the list again", ja: "使う行なら、管理画面で有効にしてから一覧をコピーし直します"))
            }
            Matter::Shortened(name, rtype) => {
                shortened += 1;
                if shortened > FAULTS_TOLD {
                    continue;
                }
                Finding::warning("current-shortened", say!(en: "line {line} of {shown}: the panel shortened this value; copy it from the edit form", ja: "{shown} の {line} 行目: 一覧で値が途中までしか表示されていません。編集画面から全体を写してください"))
                    .about(name.display_without_dot().to_string(), rtype.to_string())
                    .harm(say!(en: "what the record says is not known, so it is not taken over", ja: "レコードの中身が分からないため、取り込んでいません"))
            }
            Matter::Undotted(n) => {
                Finding::warning("current-read-as", say!(en: "line {line} of {shown}: some targets of this list end in a dot and others do not (rows: {n}); the latter are read as whole names too", ja: "{shown} の {line} 行目: 末尾に「.」のある行き先とない行き先（{n} 行）が混ざっています。ない方も全体の名前として読みました"))
                    .next(say!(en: "look in the panel whether it puts the domain behind names without a dot", ja: "「.」のない名前の後ろに、画面でドメイン名が付け足されないか確かめます"))
            }
        };
        findings.push(finding.at(Span::new(file, aside.range.clone()), Text::default()));
    }
    for (id, n) in [("current-disabled", disabled), ("current-shortened", shortened)] {
        let more = n.saturating_sub(FAULTS_TOLD);
        if more > 0 {
            findings.push(Finding::warning(
                id,
                say!(en: "{shown}: {more} more such rows", ja: "{shown}: このような行がほかに {more} 行あります"),
            ));
        }
    }
}

/// How the zone text was understood where that is not plain.
fn tell_notes(read: &Understood, texts: &[FileId], source: Source<'_>, sources: &Sources, findings: &mut Vec<Finding>) {
    // A text without an SOA is told as a part. An answer is put together from several, so that what the whole of it lacks says nothing.
    let otherwise: &[Note] = match read.form {
        Form::Answer => &[Note::NoSoa, Note::SecondSoa, Note::NoTtl, Note::NoClass],
        Form::Zone | Form::List => &[Note::NoSoa],
    };
    let asked = notes::Asked { id: READ_AS, otherwise, most: FAULTS_TOLD, judged: false };
    let (told, more) = &read.read_as;
    for mut finding in notes::told(told, more, &asked, sources, |number| place_of(texts, number)) {
        let (shown, what) = (source.shown, finding.title);
        finding.title = match finding.labels.first().map(|label| label.span).filter(|span| span.start < span.end) {
            Some(span) => {
                let (line, _) = sources.line_column(span.file, span.start);
                say!(en: "line {line} of {shown}: {what}", ja: "{shown} の {line} 行目: {what}"; what = what)
            }
            None => say!(en: "{shown}: {what}", ja: "{shown}: {what}"; what = what),
        };
        findings.push(finding);
    }
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
