//! Master files, as people have them, to records (RFC 1035 §5.1, RFC 2308 §4, RFC 3597 §5). What cannot be read is told and left out; the
//! rest is read. [`Reader`] gives one record after the other and holds none; [`MasterFile`] holds what it gives.
//!
//! Read as BIND reads. Only where BIND refuses, more is read if it is plain what is meant, and a note says how it was understood. Nothing is
//! put under a name that is a guess: behind an `$ORIGIN` or an owner that cannot be read, whatever depends on it is a fault too.
//! Knows no files: `$INCLUDE` asks [`Includes`].

mod generate;
mod layout;
mod reader;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use layout::{Comments, comments};
pub use reader::{Item, Reader};

use super::{Name, Rdata, Record, Rtype};
use crate::{report::Text, say};

/// Most faults that are kept; of the others only the number is.
pub const FAULTS_MAX: usize = 100;
/// Most notes of a kind that are kept; of the others only the number is.
pub const NOTES_MAX: usize = 100;
/// Most records that a [`MasterFile`] holds.
pub const RECORDS_MAX: usize = 10_000_000;
/// Most octets that the records of a [`MasterFile`] take in memory. A line of six octets can stand for two names of 255, so the size of the text
/// alone is no bound.
pub const HELD_MAX: usize = 1 << 30;
/// How deep files may include files.
pub const DEPTH_MAX: usize = 10;
/// Most files that are included in all.
pub const INCLUDES_MAX: u32 = 1_000;
/// Most octets of included files in all.
pub const INCLUDED_MAX: usize = 256 << 20;
/// Most records that `$GENERATE` makes in all.
pub const GENERATED_MAX: usize = 1_000_000;

/// What a master file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MasterFile {
    /// The records in the order of the file, those outside of the origin too.
    pub records: Vec<MasterRecord>,
    /// What was not read, in the order of the file: at most [`FAULTS_MAX`], and one that says where reading stopped.
    pub faults: Vec<MasterFault>,
    /// How many more faults there are.
    pub more_faults: usize,
    /// What was read, but is worth a word: at most [`NOTES_MAX`] of a kind.
    pub notes: Vec<MasterNote>,
    /// How many more notes there are, by kind in the order of [`NoteKind::ALL`].
    pub more_notes: [usize; NoteKind::ALL.len()],
}

/// One record of class IN, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterRecord {
    /// The owner.
    pub name: Name,
    /// The type.
    pub rtype: Rtype,
    /// The time to live in seconds: its own, else that of `$TTL`, else the last one stated (RFC 1035 §5.1), else an SOA's minimum for the SOA and what
    /// follows, as name servers do. `None` where the file says none of these.
    pub ttl: Option<u32>,
    /// The data.
    pub rdata: Rdata,
    /// The file: 0 is the text that was given, 1 the first that was included, and so on.
    pub file: u32,
    /// The line it begins in, from 1. A line ends with LF, CR LF or a CR alone.
    pub line: usize,
    /// Octets of the text: its whole lines with their comments, without the last line break. Those of the `$GENERATE` that made it.
    pub range: Range<usize>,
}

impl MasterRecord {
    /// The record, with `ttl` where the file gives none.
    #[must_use]
    pub fn into_record(self, ttl: u32) -> Record {
        Record { name: self.name, rtype: self.rtype, ttl: self.ttl.unwrap_or(ttl), rdata: self.rdata }
    }

    /// Octets that it takes in memory, with what an allocator adds.
    fn held(&self) -> usize {
        size_of::<Self>() + self.name.wire_len() + self.rdata.octets().len() + 32
    }
}

/// Something that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterFault {
    /// The file, as in [`MasterRecord::file`].
    pub file: u32,
    /// What is wrong, in octets of the text; empty where something is missing.
    pub range: Range<usize>,
    /// The line in which `range` begins, from 1.
    pub line: usize,
    /// The sentence for people.
    pub text: Text,
}

/// Something that was read, and how it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterNote {
    /// What it is.
    pub kind: NoteKind,
    /// The file, as in [`MasterRecord::file`].
    pub file: u32,
    /// Where it stands, in octets of the text; empty at the beginning for what is missing in the whole of it.
    pub range: Range<usize>,
    /// The line in which `range` begins, from 1.
    pub line: usize,
    /// The sentence for people.
    pub text: Text,
}

/// Kinds of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// A text of several words without quotes: several strings, which readers of SPF, DKIM and DMARC join without a space.
    Glued,
    /// A value without quotes that a `;` ends: the rest of the line is a comment.
    CutByComment,
    /// A relative name that ends in the origin, so that the origin is there twice.
    NoFinalDot,
    /// No record says its class; all are IN.
    NoClass,
    /// A time to live over 2147483647 is read as 0 (RFC 2181 §8).
    TtlOverLimit,
    /// A byte order mark, left out. BIND takes it for letters of the first name.
    ByteOrderMark,
    /// A string over 255 octets, read as several. BIND refuses it.
    LongString,
    /// A string over several lines, read with its breaks. BIND refuses it.
    StringOverLines,
    /// A directive behind blanks. BIND refuses it.
    IndentedDirective,
    /// Records have no time to live: neither they nor the file say one. BIND refuses them.
    NoTtl,
    /// There is no SOA. BIND refuses such a zone.
    NoSoa,
    /// Another SOA than the first. BIND refuses such a zone.
    SecondSoa,
}

impl NoteKind {
    /// All kinds.
    pub const ALL: [Self; 12] = [
        Self::Glued,
        Self::CutByComment,
        Self::NoFinalDot,
        Self::NoClass,
        Self::TtlOverLimit,
        Self::ByteOrderMark,
        Self::LongString,
        Self::StringOverLines,
        Self::IndentedDirective,
        Self::NoTtl,
        Self::NoSoa,
        Self::SecondSoa,
    ];

    /// Whether BIND refuses what is read with such a note. To a strict reader it is a fault.
    #[must_use]
    pub fn is_lenient(self) -> bool {
        matches!(
            self,
            Self::LongString
                | Self::StringOverLines
                | Self::IndentedDirective
                | Self::NoTtl
                | Self::NoSoa
                | Self::SecondSoa
        )
    }
}

/// Reaches the files that `$INCLUDE` names.
pub trait Includes {
    /// The octets of the file `name`, as the file number `from` calls it: 0 is the text that is read, 1 the first that was given here, and so on.
    ///
    /// # Errors
    /// Why it is not read; more than `limit` octets are not.
    fn open(&mut self, name: &str, from: u32, limit: usize) -> Result<Vec<u8>, Text>;
}

impl MasterFile {
    /// Reads `text`; `origin` holds until the file names another. Octets above 127 are kept as they are. No file is included.
    #[must_use]
    pub fn read(text: &[u8], origin: &Name) -> Self {
        Self::of(Reader::new(text, origin))
    }

    /// Holds what `reader` gives, within limits.
    #[must_use]
    pub fn of(reader: Reader<'_, '_>) -> Self {
        Self::within(reader, RECORDS_MAX, HELD_MAX)
    }

    /// Holds at most so many records and octets.
    fn within(reader: Reader<'_, '_>, records_max: usize, held_max: usize) -> Self {
        let mut this = Self::default();
        let (mut held, mut kinds) = (0, [0; NoteKind::ALL.len()]);
        for item in reader {
            match item {
                Item::Record(record) => {
                    held += record.held();
                    if let Some(text) = full(this.records.len() >= records_max, held > held_max) {
                        let (file, line, at) = (record.file, record.line, record.range.start);
                        this.faults.push(MasterFault { file, range: at..at, line, text });
                        break;
                    }
                    this.records.push(record);
                }
                Item::Fault(fault) if this.faults.len() < FAULTS_MAX => this.faults.push(fault),
                Item::Fault(_) => this.more_faults += 1,
                Item::Note(note) => {
                    let (kept, more) = (kinds.get_mut(note.kind as usize), this.more_notes.get_mut(note.kind as usize));
                    match (kept, more) {
                        (Some(kept), _) if *kept < NOTES_MAX => {
                            *kept += 1;
                            this.notes.push(note);
                        }
                        (_, more) => more.into_iter().for_each(|more| *more += 1),
                    }
                }
            }
        }
        this.records.shrink_to_fit();
        this
    }
}

/// Why no more records are held, if so.
fn full(many: bool, large: bool) -> Option<Text> {
    if many {
        return Some(say!(
            en: "more than {RECORDS_MAX} records; from here on nothing is read",
            ja: "レコードが {RECORDS_MAX} 件を超えています。ここから先は読みません"
        ));
    }
    let most = HELD_MAX >> 20;
    large.then(|| {
        say!(
            en: "the records take more than {most} MiB; from here on nothing is read",
            ja: "レコードが {most} MiB を超えています。ここから先は読みません"
        )
    })
}
