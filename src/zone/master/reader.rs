//! The reader itself: one entry of the text after the other, and what holds from one to the next.

use std::{borrow::Cow, collections::VecDeque, ops::Range};

use memchr::{memchr, memchr_iter};

use super::{
    DEPTH_MAX, GENERATED_MAX, INCLUDED_MAX, INCLUDES_MAX, Includes, MasterFault, MasterNote, MasterRecord, NoteKind,
    generate::{self, Numbers},
};
use crate::zone::{
    Name, Rdata, RdataError, Rtype, Ttl,
    lex::{self, Lexer, Word},
    name::Buffer,
    rdata::read::{self, Note},
    rtype::UnknownType,
    ttl,
};
use crate::{
    report::{Text, excerpt, odd_blank},
    say,
};

/// Most words of one entry: the data of a record is at most 65,535 octets, so twice as many hexadecimal digits, were each a word of its own.
const WORDS_MAX: usize = 140_000;
/// How often a parenthesis may be sought to the end of the text in vain. Afterwards parentheses hold within a line only, so that the time
/// stays linear.
const NEVER_CLOSED_MAX: usize = 8;
/// The mark that some editors put at the beginning of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What comes next in a master file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A record.
    Record(MasterRecord),
    /// Something that was not read.
    Fault(MasterFault),
    /// Something that was read, and how it was understood. It stands behind the record that it speaks of.
    Note(MasterNote),
}

/// Gives what a master file says, one record after the other. Holds none of them; memory is bounded by the text and what it includes.
pub struct Reader<'t, 'i> {
    /// The text, and the files that are being included, the innermost last.
    frames: Vec<Frame<'t>>,
    /// Reaches files.
    includes: Option<&'i mut dyn Includes>,
    /// A `$GENERATE` that is being carried out.
    generating: Option<Generating>,
    /// What is known at this place.
    state: State,
    /// What was found and not given yet.
    pending: VecDeque<Item>,
    /// Room for the words of an entry; empty between two.
    words: Vec<Word<'static>>,
    /// Whether all was said.
    ended: bool,
}

/// A text that is being read.
struct Frame<'t> {
    text: Cow<'t, [u8]>,
    /// Where the next entry begins.
    at: usize,
    /// Its line.
    line: usize,
    /// The number of the file.
    file: u32,
    /// Origin and owner behind the `$INCLUDE` (RFC 1035 §5.1).
    behind: Option<(Option<Name>, Option<Buffer>)>,
}

/// Where an entry stands.
#[derive(Clone)]
struct Place {
    file: u32,
    line: usize,
    range: Range<usize>,
}

/// A `$GENERATE` with the numbers that are left.
struct Generating {
    numbers: Numbers,
    owner: Vec<u8>,
    ttl: Option<u32>,
    rtype: Rtype,
    data: Vec<u8>,
    place: Place,
}

/// What an entry is.
enum Entry {
    /// A directive that was carried out, or a comment.
    Nothing,
    /// A record.
    Record(MasterRecord),
    /// `$INCLUDE`: the name of the file, where it stands, and the origin in the file.
    Include(String, Range<usize>, Option<Name>),
    /// `$GENERATE`.
    Generate(Box<Generating>),
}

/// What holds from one entry to the next.
struct State {
    /// What relative names are relative to; `None` behind an `$ORIGIN` that cannot be read.
    origin: Option<Name>,
    /// The last owner; `None` if there was none, or it cannot be read.
    owner: Option<Buffer>,
    /// From `$TTL`, or the minimum of an SOA where nothing else was known.
    default_ttl: Option<u32>,
    /// The last one that a record stated.
    last_ttl: Option<u32>,
    /// Whether what BIND refuses is a fault.
    strict: bool,
    /// How many parentheses were sought to the end in vain.
    never_closed: usize,
    /// How many files were included.
    included: u32,
    /// How many octets they had.
    included_octets: usize,
    /// How many records `$GENERATE` made, or is about to.
    generated: usize,
    /// Whether there was a record or a fault.
    any: bool,
    /// Whether there was a record.
    any_record: bool,
    /// Whether a record stated its class.
    any_class: bool,
    /// How many records have no time to live, and where the first stands.
    without_ttl: Option<(usize, Place)>,
    /// The first SOA.
    soa: Option<(Name, Rdata)>,
    /// Room for a record's data.
    octets: Vec<u8>,
    /// Notes on the entry.
    notes: Vec<Note>,
}

impl<'t, 'i> Reader<'t, 'i> {
    /// Reads `text`; `origin` holds until the file names another. Octets above 127 are kept as they are. No file is included.
    #[must_use]
    pub fn new(text: &'t [u8], origin: &Name) -> Self {
        let mut reader = Self {
            frames: Vec::new(),
            includes: None,
            generating: None,
            state: State {
                origin: Some(origin.clone()),
                owner: None,
                default_ttl: None,
                last_ttl: None,
                strict: false,
                never_closed: 0,
                included: 0,
                included_octets: 0,
                generated: 0,
                any: false,
                any_record: false,
                any_class: false,
                without_ttl: None,
                soa: None,
                octets: Vec::new(),
                notes: Vec::new(),
            },
            pending: VecDeque::new(),
            words: Vec::new(),
            ended: false,
        };
        reader.enter(text.into(), 0, None);
        reader
    }

    /// The same, but what BIND refuses is a fault, even if it is plain what is meant; see [`NoteKind::is_lenient`].
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.state.strict = true;
        self
    }

    /// The same, and `$INCLUDE` is carried out.
    #[must_use]
    pub fn including(self, includes: &'i mut dyn Includes) -> Self {
        Self { includes: Some(includes), ..self }
    }

    /// Begins with a text.
    fn enter(&mut self, text: Cow<'t, [u8]>, file: u32, behind: Option<(Option<Name>, Option<Buffer>)>) {
        if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
            let text = say!(en: "this is UTF-16; save it as UTF-8", ja: "UTF-16 で保存されています。UTF-8 で保存し直してください");
            self.fault(file, 1, RdataError { range: 0..2, text });
            return;
        }
        let mut at = 0;
        if text.starts_with(BYTE_ORDER_MARK) {
            at = BYTE_ORDER_MARK.len();
            let text = say!(en: "the invisible byte order mark here is left out", ja: "ここにある見えない文字（BOM）を除いて読みました");
            self.note(file, 1, Note { kind: NoteKind::ByteOrderMark, range: 0..at, text });
        }
        self.frames.push(Frame { text: with_line_feeds(text), at, line: 1, file, behind });
    }

    /// Tells a fault.
    fn fault(&mut self, file: u32, line: usize, fault: RdataError) {
        self.state.any = true;
        self.pending.push_back(Item::Fault(MasterFault { file, range: fault.range, line, text: fault.text }));
    }

    /// Tells a note.
    fn note(&mut self, file: u32, line: usize, note: Note) {
        let Note { kind, range, text } = note;
        self.pending.push_back(Item::Note(MasterNote { kind, file, range, line, text }));
    }

    /// Reads the next entry of the innermost text. Returns a record if it is one; whatever else it is, is pending.
    fn entry(&mut self) -> Option<Item> {
        let frame = self.frames.last_mut()?;
        let text: &[u8] = &frame.text;
        let start = frame.at;
        if start >= text.len() {
            let ended = self.frames.pop()?;
            if let Some((origin, owner)) = ended.behind {
                (self.state.origin, self.state.owner) = (origin, owner);
            }
            return None;
        }
        let mut words: Vec<Word<'_>> = std::mem::take(&mut self.words);
        let cut = self.state.cut(text, start, &mut words);
        let (file, line) = (frame.file, frame.line);
        let mut outcome = Ok(Entry::Nothing);
        let mut markup = false;
        if !words.is_empty() || cut.fault.is_some() {
            let lines = text.get(start..cut.next).unwrap_or(&[]);
            let lines = lines.strip_suffix(b"\n").unwrap_or(lines);
            let range = start..start + lines.strip_suffix(b"\r").unwrap_or(lines).len();
            let at = Place { file, line, range };
            let first = words.first().is_some_and(|word| word.raw.starts_with(b"<")) && !self.state.any;
            outcome = self.state.entry(text, &words, cut.fault, &at);
            if first && let (Err(fault), Some(word)) = (&mut outcome, words.first()) {
                *fault = no_zone_file(word);
                markup = true;
            }
            // Nobody sees it, and what it does to the words is all that would be told.
            if let Err(fault) = &mut outcome
                && let Some(blank) = words.iter().filter(|word| !word.quoted).find_map(blank)
            {
                *fault = blank;
            }
        }
        // Where the entry is not understood, what its words are called does not matter.
        let line_at = |at: usize| line + memchr_iter(b'\n', text.get(start..at).unwrap_or(&[])).count();
        let told_line = match &outcome {
            Err(RdataError { range, .. }) | Ok(Entry::Include(_, range, _)) => line_at(range.start),
            Ok(_) => line,
        };
        let notes = std::mem::take(&mut self.state.notes);
        let notes: Vec<(usize, Note)> = match outcome {
            Err(_) => Vec::new(),
            Ok(_) => notes.into_iter().map(|note| (line_at(note.range.start), note)).collect(),
        };
        words.clear();
        // Nothing is in it; what is collected in place keeps its room, and borrows the text no more.
        self.words = words.into_iter().map_while(|_| None).collect();
        // Prose between tags could look like records.
        frame.at = if markup { frame.text.len() } else { cut.next };
        frame.line += cut.lines;
        for (line, note) in notes {
            self.note(file, line, note);
        }
        match outcome {
            Ok(Entry::Nothing) => None,
            Ok(Entry::Record(record)) => {
                self.state.any = true;
                self.state.any_record = true;
                Some(Item::Record(record))
            }
            Ok(Entry::Include(name, range, origin)) => {
                self.include(&name, origin, &Place { file, line: told_line, range });
                None
            }
            Ok(Entry::Generate(generating)) => {
                self.generating = Some(*generating);
                None
            }
            Err(fault) => {
                self.fault(file, told_line, fault);
                None
            }
        }
    }

    /// Begins with an included file, or tells why not.
    fn include(&mut self, name: &str, origin: Option<Name>, place: &Place) {
        let opened = self.open(name, place.file);
        match opened {
            Ok(text) => {
                let behind = (self.state.origin.clone(), self.state.owner.clone());
                if origin.is_some() {
                    self.state.origin = origin;
                }
                self.state.included += 1;
                self.state.included_octets += text.len();
                self.enter(text.into(), self.state.included, Some(behind));
            }
            Err(text) => self.fault(place.file, place.line, RdataError { range: place.range.clone(), text }),
        }
    }

    /// The octets of an included file.
    fn open(&mut self, name: &str, from: u32) -> Result<Vec<u8>, Text> {
        let Some(includes) = &mut self.includes else {
            return Err(say!(
                en: "$INCLUDE is not followed; the records of that file are missing here",
                ja: "$INCLUDE のファイルは読みません。その中のレコードは含まれません"
            ));
        };
        if self.frames.len() > DEPTH_MAX {
            return Err(say!(
                en: "files include each other more than {DEPTH_MAX} deep; this one is not read",
                ja: "$INCLUDE が {DEPTH_MAX} 段を超えて重なっています。このファイルは読みません"
            ));
        }
        let room = INCLUDED_MAX.saturating_sub(self.state.included_octets);
        if self.state.included >= INCLUDES_MAX || room == 0 {
            let most = INCLUDED_MAX >> 20;
            return Err(say!(
                en: "more than {INCLUDES_MAX} files or {most} MiB are included; this one is not read",
                ja: "$INCLUDE するファイルが {INCLUDES_MAX} 個または {most} MiB を超えています。このファイルは読みません"
            ));
        }
        let why = |why: Text| {
            let name = excerpt(name, 80);
            say!(en: "{name}: {why}", ja: "{name}: {why}"; why = why)
        };
        includes.open(name, from, room).map_err(why)
    }

    /// The next record of a `$GENERATE`. After a fault there are no more: the others would have it too.
    fn generated(&mut self) -> Option<Item> {
        let generating = self.generating.as_mut()?;
        let Some(number) = generating.numbers.next() else {
            self.generating = None;
            return None;
        };
        let place = generating.place.clone();
        let made = self.state.generated(generating, number);
        let notes = std::mem::take(&mut self.state.notes);
        match made {
            Ok(record) => {
                self.state.any = true;
                self.state.any_record = true;
                for note in notes {
                    self.note(place.file, place.line, Note { range: place.range.clone(), ..note });
                }
                Some(Item::Record(record))
            }
            Err(text) => {
                self.generating = None;
                self.fault(place.file, place.line, RdataError { range: place.range, text });
                None
            }
        }
    }

    /// Tells what is only known at the end.
    fn end(&mut self) {
        self.ended = true;
        if let Some((count, place)) = self.state.without_ttl.take() {
            let range = place.range;
            let records = if count == 1 { "1 record has".to_owned() } else { format!("{count} records have") };
            let text = say!(
                en: "{records} no TTL, and there is no $TTL",
                ja: "TTL のないレコードが {count} 件あり、$TTL もありません"
            );
            self.note(place.file, place.line, Note { kind: NoteKind::NoTtl, range, text });
        }
        if !self.state.any_record {
            return;
        }
        if !self.state.any_class {
            let text = say!(
                en: "no record says its class; all are read as IN",
                ja: "どのレコードにもクラスがないので、すべて IN として読みました"
            );
            self.note(0, 1, Note { kind: NoteKind::NoClass, range: 0..0, text });
        }
        if self.state.soa.is_none() {
            let text = say!(
                en: "there is no SOA, so this may be a part of a zone",
                ja: "SOA がないので、ゾーンの一部かもしれません"
            );
            if self.state.strict {
                self.fault(0, 1, RdataError { range: 0..0, text });
            } else {
                self.note(0, 1, Note { kind: NoteKind::NoSoa, range: 0..0, text });
            }
        }
    }
}

impl Iterator for Reader<'_, '_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(item) = self.pending.pop_front() {
                return Some(item);
            }
            let found = if self.generating.is_some() { self.generated() } else { self.entry() };
            if found.is_some() {
                return found;
            }
            if self.frames.is_empty() && self.pending.is_empty() && self.generating.is_none() {
                if self.ended {
                    return None;
                }
                self.end();
            }
        }
    }
}

/// The text with LF for each CR that stands alone, so that every place stays where it is.
pub(super) fn with_line_feeds(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let alone = |text: &[u8], at: usize| text.get(at + 1) != Some(&b'\n');
    if memchr_iter(b'\r', &text).all(|at| !alone(&text, at)) {
        return text;
    }
    let mut text = text.into_owned();
    let mut at = 0;
    while let Some(length) = memchr(b'\r', text.get(at..).unwrap_or(&[])) {
        at += length;
        if alone(&text, at)
            && let Some(octet) = text.get_mut(at)
        {
            *octet = b'\n';
        }
        at += 1;
    }
    text.into()
}

/// Where the line that `at` is in ends: at its LF, or at the end of the text.
fn line_end(text: &[u8], at: usize) -> usize {
    memchr(b'\n', text.get(at..).unwrap_or(&[])).map_or(text.len(), |length| at + length)
}

/// An entry, cut.
struct Cut {
    /// Where the next begins.
    next: usize,
    /// How many lines end in it.
    lines: usize,
    /// What is wrong with quotes, parentheses or single octets.
    fault: Option<RdataError>,
}

impl State {
    /// Cuts the entry that begins at `start` into words, up to the first fault. Behind a fault it is still cut, so that what a parenthesis holds
    /// together is left out together.
    fn cut<'a>(&mut self, text: &'a [u8], start: usize, words: &mut Vec<Word<'a>>) -> Cut {
        let only_line = (self.never_closed >= NEVER_CLOSED_MAX).then(|| line_end(text, start));
        let mut lexer = Lexer::new(only_line.and_then(|end| text.get(..end)).unwrap_or(text), start);
        if !self.strict {
            lexer = lexer.over_lines();
        }
        let mut fault: Option<RdataError> = None;
        let recount = |next: usize| {
            let next = next.min(text.len());
            (next, memchr_iter(b'\n', text.get(start..next).unwrap_or(&[])).count())
        };
        let (next, lines) = loop {
            match lexer.next() {
                Ok(Some(lex::Item::Word(word))) if fault.is_none() => {
                    fault =
                        if words.len() >= WORDS_MAX { Some(too_long(&word)) } else { strange(&word, lexer.control()) };
                    if fault.is_none() {
                        words.push(word);
                    }
                }
                Ok(Some(lex::Item::Word(_))) => {}
                Ok(Some(lex::Item::Line) | None) => break (lexer.at(), lexer.lines()),
                Err(error) => {
                    fault.get_or_insert(error);
                    if let Some(parenthesis) = lexer.never_closed() {
                        self.never_closed += 1;
                        break recount(line_end(text, parenthesis) + 1);
                    }
                }
            }
        };
        if let Some(range) = lexer.spanning().filter(|_| fault.is_none()) {
            let text = say!(
                en: "a string over several lines; it is read with the line breaks in it",
                ja: "文字列が複数の行にまたがっています。改行を含む値として読みました"
            );
            self.notes.push(Note { kind: NoteKind::StringOverLines, range, text });
        }
        let (next, lines) = only_line.map_or((next, lines), |end| recount(end + 1));
        Cut { next, lines, fault }
    }

    /// Reads one entry.
    fn entry(
        &mut self,
        text: &[u8],
        words: &[Word<'_>],
        fault: Option<RdataError>,
        place: &Place,
    ) -> Result<Entry, RdataError> {
        let blank = matches!(text.get(place.range.start), Some(b' ' | b'\t'));
        if let Some((word, values)) = words.split_first()
            && !word.quoted
            && word.raw.starts_with(b"$")
        {
            if blank {
                let text = say!(en: "a directive stands at the beginning of its line; it is read all the same", ja: "指定は行の先頭に書きます。このままでも読みました");
                self.lenient(NoteKind::IndentedDirective, word.range(), text)?;
            }
            return self.directive(word, values, fault, place);
        }
        let end = words.last().map_or(place.range.start, |word| word.whole().end);
        let mut rest = words;
        let mut owner = None;
        if !blank {
            // If this one cannot be read, the lines below must not get the one before.
            self.owner = None;
            if let Some((word, after)) = words.split_first() {
                rest = after;
                owner = Some(read::name(word, self.origin.as_ref(), Some(&mut self.notes)));
            }
        }
        let header = self.header(&mut rest, blank, words.len(), end);
        let owner = match owner {
            // What stands before a type is an owner, even if the data cannot be read; else the line may be the rest of a broken string.
            Some(Ok(owner)) if header.is_ok() => {
                self.owner = Some(owner);
                Ok(())
            }
            Some(owner) => owner.map(|_| ()),
            None => Ok(()),
        };
        fault.map_or(Ok(()), Err)?;
        owner?;
        let (rtype, ttl) = header?;
        let Some(name) = self.owner.as_ref().map(Buffer::to_name) else {
            let text = say!(
                en: "the line begins with a space, so its owner is that of the record above, which is not known",
                ja: "行が空白で始まっているので、名前は上のレコードと同じですが、それが分かりません"
            );
            return Err(RdataError { range: place.range.start..end, text });
        };
        read::read(rtype, rest, end, self.origin.as_ref(), Some(&mut self.notes), &mut self.octets)?;
        if matches!(rtype, Rtype::TXT | Rtype::SPF | Rtype::CAA) {
            self.values(text, rtype, rest);
        }
        let rdata = Rdata::of_read(&self.octets);
        let record = self.record(name, rtype, ttl, rdata, place)?;
        if self.strict
            && let Some(at) = self.notes.iter().position(|note| note.kind.is_lenient())
        {
            let Note { range, text, .. } = self.notes.swap_remove(at);
            return Err(RdataError { range, text });
        }
        Ok(Entry::Record(record))
    }

    /// Notes something that BIND refuses, or refuses it too.
    fn lenient(&mut self, kind: NoteKind, range: Range<usize>, text: Text) -> Result<(), RdataError> {
        if self.strict {
            return Err(RdataError { range, text });
        }
        self.notes.push(Note { kind, range, text });
        Ok(())
    }

    /// The record, with the TTL that holds for it.
    fn record(
        &mut self,
        name: Name,
        rtype: Rtype,
        ttl: Option<u32>,
        rdata: Rdata,
        place: &Place,
    ) -> Result<MasterRecord, RdataError> {
        let mut ttl = ttl.or(self.default_ttl).or(self.last_ttl);
        if rtype == Rtype::SOA {
            if ttl.is_none()
                && let Some(soa) = rdata.as_soa()
            {
                ttl = Ttl::from_seconds(soa.minimum).map(Ttl::seconds);
                self.default_ttl = ttl;
            }
            match &self.soa {
                None => self.soa = Some((name.clone(), rdata.clone())),
                // A transfer ends in the SOA that it began with (RFC 5936 §2.2).
                Some((first, data)) if *first == name && *data == rdata => {}
                Some(_) => {
                    let text = say!(en: "this is a second SOA; a zone has one", ja: "2 つ目の SOA です。ゾーンの SOA は 1 つです");
                    self.lenient(NoteKind::SecondSoa, place.range.clone(), text)?;
                }
            }
        }
        if ttl.is_none() {
            if self.strict {
                let text = say!(en: "there is no TTL here and no $TTL", ja: "TTL がなく、$TTL もありません");
                return Err(RdataError { range: place.range.clone(), text });
            }
            self.without_ttl.get_or_insert_with(|| (0, place.clone())).0 += 1;
        }
        Ok(MasterRecord { name, rtype, ttl, rdata, file: place.file, line: place.line, range: place.range.clone() })
    }

    /// Notes what is understood otherwise than it was perhaps meant in the words of a text.
    fn values(&mut self, text: &[u8], rtype: Rtype, words: &[Word<'_>]) {
        if let Some(word) = words.iter().find(|word| !word.quoted && text.get(word.range().end) == Some(&b';')) {
            let end = word.range().end;
            let comment = end..line_end(text, end);
            let note = say!(
                en: "the value ends here: what follows the ; is a comment, since the value is not in quotes",
                ja: "値はここで終わります。引用符で囲んでいないので、; から後ろはコメントになります"
            );
            self.notes.push(Note { kind: NoteKind::CutByComment, range: comment, text: note });
        }
        if rtype.is_text()
            && let [first, .., last] = words
            && words.iter().any(|word| !word.quoted)
            // This form is no text (RFC 3597 §5).
            && first.raw != b"\\#"
        {
            let count = words.len();
            let note = say!(
                en: "without quotes these are {count} strings, which are joined without the spaces",
                ja: "引用符で囲んでいないので {count} つの文字列になり、空白なしでつながります"
            );
            self.notes.push(Note { kind: NoteKind::Glued, range: first.whole().start..last.whole().end, text: note });
        }
    }

    /// Takes TTL and class, in either order and both optional, and the type.
    fn header(
        &mut self,
        rest: &mut &[Word<'_>],
        blank: bool,
        count: usize,
        end: usize,
    ) -> Result<(Rtype, Option<u32>), RdataError> {
        let (mut ttl, mut class) = (None, false);
        while let Some((word, after)) = rest.split_first() {
            let first = blank && rest.len() == count;
            *rest = after;
            let raw = if word.quoted { b"\"" } else { word.raw };
            if ttl.is_none() && raw.first().is_some_and(u8::is_ascii_digit) {
                match self.ttl(word) {
                    Ok(seconds) => ttl = Some(seconds),
                    // An address where the type should be is no TTL gone wrong.
                    Err(_) if !raw.iter().all(u8::is_ascii_alphanumeric) => {
                        return Err(RdataError { range: word.range(), text: no_type(first) });
                    }
                    Err(error) => {
                        self.last_ttl = None;
                        return Err(error);
                    }
                }
            } else if let Some(is_internet) = internet(raw).filter(|_| !class) {
                if !is_internet {
                    let text =
                        say!(en: "only records of class IN are read", ja: "読めるのはクラス IN のレコードだけです");
                    return Err(RdataError { range: word.range(), text });
                }
                class = true;
            } else {
                let rtype = Rtype::read(raw).ok_or_else(|| RdataError { range: word.range(), text: no_type(first) })?;
                if rtype.is_meta() {
                    let text = say!(en: "{rtype} cannot stand in a zone", ja: "{rtype} はゾーンに書けない種類です");
                    return Err(RdataError { range: word.range(), text });
                }
                self.last_ttl = ttl.or(self.last_ttl);
                self.any_class |= class;
                return Ok((rtype, ttl));
            }
        }
        let text = say!(en: "a record type such as A or TXT is missing here", ja: "ここに A や TXT のようなレコードの種類が必要です");
        Err(RdataError { range: end..end, text })
    }

    /// A time to live. One over the limit is 0 (RFC 2181 §8), as BIND has it.
    fn ttl(&mut self, word: &Word<'_>) -> Result<u32, RdataError> {
        let text = String::from_utf8_lossy(word.raw);
        let seconds = ttl::seconds(&text).map_err(|error| RdataError { range: word.range(), text: error.text() })?;
        if Ttl::from_seconds(seconds).is_some() {
            return Ok(seconds);
        }
        let most = Ttl::MAX.seconds();
        let text = say!(
            en: "a TTL is at most {most}; this one counts as 0 (RFC 2181 §8)",
            ja: "TTL は {most} までです。これは 0 として扱われます（RFC 2181 §8）"
        );
        self.notes.push(Note { kind: NoteKind::TtlOverLimit, range: word.range(), text });
        Ok(0)
    }

    /// Carries out `$ORIGIN` and `$TTL`, and reads the others. What they set is forgotten first: if it cannot be read, the one before does not hold
    /// any more.
    fn directive(
        &mut self,
        word: &Word<'_>,
        values: &[Word<'_>],
        fault: Option<RdataError>,
        place: &Place,
    ) -> Result<Entry, RdataError> {
        let fault = fault.map_or(Ok(()), Err);
        let is = |name: &str| word.raw.eq_ignore_ascii_case(name.as_bytes());
        if is("$ORIGIN") {
            let before = self.origin.take();
            fault?;
            let value = only(word, values)?;
            self.origin = Some(read::name(value, before.as_ref(), Some(&mut self.notes))?.to_name());
            return Ok(Entry::Nothing);
        }
        if is("$TTL") {
            (self.default_ttl, self.last_ttl) = (None, None);
            fault?;
            let value = only(word, values)?;
            self.default_ttl = Some(self.ttl(value)?);
            return Ok(Entry::Nothing);
        }
        fault?;
        if is("$INCLUDE") {
            return self.include(word, values);
        }
        if is("$GENERATE") {
            return self.generate(word, values, place);
        }
        let text = say!(
            en: "no such directive; there are $ORIGIN, $TTL, $INCLUDE and $GENERATE",
            ja: "このような指定はありません。使えるのは $ORIGIN、$TTL、$INCLUDE、$GENERATE です"
        );
        Err(RdataError { range: word.range(), text })
    }

    /// Reads `$INCLUDE file [origin]`.
    fn include(&mut self, word: &Word<'_>, values: &[Word<'_>]) -> Result<Entry, RdataError> {
        let (file, origin) = match values {
            [file] => (file, None),
            [file, origin] => (file, Some(origin)),
            _ => {
                let text = say!(
                    en: "$INCLUDE takes the name of a file, and an origin if wanted",
                    ja: "$INCLUDE のあとには、ファイル名と、必要なら $ORIGIN にする名前を書きます"
                );
                return Err(RdataError { range: values.get(2).unwrap_or(word).range(), text });
            }
        };
        let name = String::from_utf8(file.decode()?.into_owned()).map_err(|_| RdataError {
            range: file.range(),
            text: say!(en: "this file name is not UTF-8", ja: "ファイル名が UTF-8 ではありません"),
        })?;
        let origin = match origin {
            Some(origin) => Some(read::name(origin, self.origin.as_ref(), Some(&mut self.notes))?.to_name()),
            None => None,
        };
        Ok(Entry::Include(name, file.range(), origin))
    }

    /// Reads `$GENERATE range owner [ttl] [class] type data`.
    fn generate(&mut self, word: &Word<'_>, values: &[Word<'_>], place: &Place) -> Result<Entry, RdataError> {
        let wrong = |range: Range<usize>| RdataError {
            range,
            text: say!(
                en: "$GENERATE takes a range, an owner, TTL and class if wanted, a type, and the data as one word or in quotes",
                ja: "$GENERATE のあとには、範囲、名前、（必要なら TTL とクラス）、種類、データを書きます。データは 1 語か、引用符で囲みます"
            ),
        };
        let [range, owner, rest @ ..] = values else { return Err(wrong(word.range())) };
        let numbers = Numbers::read(range)?;
        let mut rest = rest;
        let end = values.last().unwrap_or(word).range().end;
        let (rtype, ttl) = self.header(&mut rest, false, values.len(), end)?;
        let data = match rest {
            [data] => data,
            [] => return Err(wrong(end..end)),
            [_, more, ..] => return Err(wrong(more.range())),
        };
        self.generated = self.generated.saturating_add(numbers.count());
        if self.generated > GENERATED_MAX {
            let text = say!(
                en: "$GENERATE would make more than {GENERATED_MAX} records; it is not carried out",
                ja: "$GENERATE で作るレコードが {GENERATED_MAX} 件を超えるので、展開しません"
            );
            return Err(RdataError { range: range.range(), text });
        }
        // In quotes, a quote stands behind a backslash; what is in them is cut anew.
        let data = if data.quoted { unquoted(data.raw) } else { data.raw.to_vec() };
        Ok(Entry::Generate(Box::new(Generating {
            numbers,
            owner: owner.raw.to_vec(),
            ttl,
            rtype,
            data,
            place: place.clone(),
        })))
    }

    /// The record of one number of a `$GENERATE`.
    fn generated(&mut self, generating: &Generating, number: u32) -> Result<MasterRecord, Text> {
        let Generating { owner, ttl, rtype, data, place, .. } = generating;
        let owner = generate::fill(owner, number)?;
        let word = Word { raw: &owner, quoted: false, start: 0 };
        let text = |error: RdataError| error.text;
        let owner = read::name(&word, self.origin.as_ref(), Some(&mut self.notes)).map_err(text)?;
        let data = generate::fill(data, number)?;
        let words = lex::words(&data).map_err(text)?;
        let notes = (!self.strict).then_some(&mut self.notes);
        read::read(*rtype, &words, data.len(), self.origin.as_ref(), notes, &mut self.octets).map_err(text)?;
        let rdata = Rdata::of_read(&self.octets);
        self.record(owner.to_name(), *rtype, *ttl, rdata, place).map_err(text)
    }
}

/// The one value of a directive.
fn only<'w, 'a>(directive: &Word<'a>, values: &'w [Word<'a>]) -> Result<&'w Word<'a>, RdataError> {
    let range = match values {
        [value] => return Ok(value),
        [] => directive.range().end..directive.range().end,
        [_, second, ..] => second.range(),
    };
    let text = say!(en: "$ORIGIN and $TTL take one value each", ja: "$ORIGIN と $TTL のあとに書く値は 1 つです");
    Err(RdataError { range, text })
}

/// A word in quotes without the backslash of each quote in it.
fn unquoted(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        match (octet, after.first()) {
            (b'\\', Some(b'"')) => {}
            (b'\\', Some(next)) => {
                out.extend([b'\\', *next]);
                rest = after.get(1..).unwrap_or(&[]);
            }
            _ => out.push(*octet),
        }
    }
    out
}

/// Whether a class is IN; `None` if the text is no class (RFC 1035 §3.2.4, RFC 2136 §1.3, RFC 3597 §5). ANY is left to the types.
fn internet(text: &[u8]) -> Option<bool> {
    let is = |name: &&[u8]| text.eq_ignore_ascii_case(name);
    match text {
        b"IN" | b"in" => return Some(true),
        // No class begins otherwise.
        [b'C' | b'c' | b'H' | b'h' | b'I' | b'i' | b'N' | b'n', ..] => {}
        _ => return None,
    }
    if [&b"IN"[..], b"CLASS1"].iter().any(is) {
        return Some(true);
    }
    let number = text.split_at_checked(5).filter(|(prefix, _)| prefix.eq_ignore_ascii_case(b"CLASS"));
    let numbered = number.is_some_and(|(_, number)| !number.is_empty() && number.iter().all(u8::is_ascii_digit));
    let named = [&b"CS"[..], b"CH", b"CHAOS", b"HS", b"HESIOD", b"NONE"].iter().any(is);
    (numbered || named).then_some(false)
}

/// There is something else where the type should be; `first` if it is the first word of a line that begins with a space.
fn no_type(first: bool) -> Text {
    if first {
        say!(
            en: "no such record type; the line begins with a space, so it has no owner of its own",
            ja: "このようなレコードの種類はありません。行が空白で始まっているので、名前のない行として読んでいます"
        )
    } else {
        UnknownType.text()
    }
}

/// A control character, or a byte order mark in the middle of the text.
fn strange(word: &Word<'_>, control: Option<usize>) -> Option<RdataError> {
    if let Some(at) = control {
        let octet = at.checked_sub(word.start).and_then(|at| word.raw.get(at)).copied().unwrap_or_default();
        let text =
            say!(en: "the control character U+{octet:04X} stands here", ja: "ここに制御文字 U+{octet:04X} があります");
        return Some(RdataError { range: at..at + 1, text });
    }
    word.raw.starts_with(BYTE_ORDER_MARK).then(|| RdataError {
        range: word.start..word.start + BYTE_ORDER_MARK.len(),
        text: say!(
            en: "an invisible byte order mark stands here; delete it",
            ja: "ここに見えない文字（BOM）があります。削除してください"
        ),
    })
}

/// A character in a word that looks like a blank and is none.
fn blank(word: &Word<'_>) -> Option<RdataError> {
    let text = std::str::from_utf8(word.raw).ok()?;
    let blank = odd_blank(text)?;
    let (at, code) = (word.start + text.find(blank)?, u32::from(blank));
    Some(RdataError {
        range: at..at + blank.len_utf8(),
        text: say!(
            en: "U+{code:04X} stands here, which looks like a space and is read as a letter; write an ordinary space, or delete it",
            ja: "ここに半角でない空白（U+{code:04X}）があり、文字として読まれます。半角の空白に直すか、消してください"
        ),
    })
}

/// The first entry is no record and begins with a tag.
fn no_zone_file(word: &Word<'_>) -> RdataError {
    RdataError {
        range: word.range(),
        text: say!(en: "this is HTML or XML, not a zone file", ja: "これは HTML か XML です。ゾーンファイルではありません"),
    }
}

/// There are more words than any record has.
fn too_long(word: &Word<'_>) -> RdataError {
    let text = say!(en: "no record has more than {WORDS_MAX} words", ja: "1 レコードの語は {WORDS_MAX} 個までです");
    RdataError { range: word.range(), text }
}
