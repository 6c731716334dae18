//! Files that a zone file includes: which of them are read, and where their text is kept.

use crate::report::{FileId, Sources, Text};
use crate::say;
use crate::site::Files;
use crate::zone::master::Includes;

/// Reads what a zone file includes, if it lies below the zone file's folder or another that was named. A name is seen from the zone file's folder,
/// whichever file has it: BIND sees it from the folder that it runs in.
#[derive(Debug)]
pub struct ZoneFolder<'a> {
    files: &'a dyn Files,
    sources: &'a mut Sources,
    /// The zone file.
    zone: String,
    /// Folders that may be read from.
    roots: Vec<String>,
    /// The zone file and what was included so far, by number.
    opened: Vec<Opened>,
}

/// A file that was read.
#[derive(Debug)]
struct Opened {
    /// Its path in the form that is the same for all spellings.
    path: String,
    /// The number of the file that includes it.
    from: Option<u32>,
    /// Its text.
    file: FileId,
}

impl<'a> ZoneFolder<'a> {
    /// For the zone file at `zone`, whose text is `file`; files below `root` are read too.
    #[must_use]
    pub fn new(zone: &str, file: FileId, root: Option<&str>, files: &'a dyn Files, sources: &'a mut Sources) -> Self {
        let roots = [files.beside(zone, "."), root.unwrap_or_default().to_owned()];
        Self {
            files,
            sources,
            zone: zone.to_owned(),
            roots: roots.into_iter().filter(|root| !root.is_empty()).collect(),
            opened: vec![Opened { path: files.canonical(zone), from: None, file }],
        }
    }

    /// The text of the file with this number: of the zone file for 0 and for a number that no file has.
    #[must_use]
    pub fn file(&self, number: u32) -> FileId {
        self.opened.get(number as usize).or(self.opened.first()).map_or(self.sources.first(), |opened| opened.file)
    }

    /// The texts of all files by number.
    #[must_use]
    pub fn into_files(self) -> Vec<FileId> {
        self.opened.into_iter().map(|opened| opened.file).collect()
    }

    /// Whether the file `from` is this one, or is included by it.
    fn is_open(&self, path: &str, from: u32) -> bool {
        let up = |opened: &&Opened| opened.from.and_then(|from| self.opened.get(from as usize));
        std::iter::successors(self.opened.get(from as usize), up).any(|opened| opened.path == path)
    }
}

impl Includes for ZoneFolder<'_> {
    fn open(&mut self, name: &str, from: u32, limit: usize) -> Result<Vec<u8>, Text> {
        let path = self.files.beside(&self.zone, name);
        if !self.roots.iter().any(|root| self.files.is_below(&path, root)) {
            return Err(say!(
                en: "only files below the zone file's folder are included; --include-root DIR names another folder",
                ja: "$INCLUDE で読むのは、ゾーンファイルと同じフォルダより下のファイルだけです。ほかのフォルダは --include-root で指定します"
            ));
        }
        let canonical = self.files.canonical(&path);
        if self.is_open(&canonical, from) {
            return Err(say!(en: "this file includes itself", ja: "このファイルは自分自身を $INCLUDE しています"));
        }
        let octets = self.files.read(&path, limit as u64).map_err(|error| error.text())?;
        let file = self.sources.add_octets(&path, octets.clone());
        self.opened.push(Opened { path: canonical, from: Some(from), file });
        Ok(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::InMemory;
    use crate::zone::master::{MasterFile, Reader};
    use crate::zone::{MasterRecord, Name};

    /// Owners and files of the records, and line, file and beginning of each fault.
    fn read(files: &InMemory) -> (Vec<String>, Vec<String>) {
        let mut sources = Sources::default();
        let text = files.read("zone", 1 << 20).unwrap();
        let file = sources.add_octets("zone", text.clone());
        let mut folder = ZoneFolder::new("zone", file, None, files, &mut sources);
        let origin = Name::parse_absolute("example.com").unwrap();
        let read = MasterFile::of(Reader::new(&text, &origin).including(&mut folder));
        let ids = folder.into_files();
        let name = |number: u32| sources.name(ids[number as usize]).to_owned();
        let record = |record: &MasterRecord| format!("{} {}:{}", record.name, name(record.file), record.line);
        let faults = read.faults.iter().map(|fault| format!("{}:{} {}", name(fault.file), fault.line, fault.text.en));
        (read.records.iter().map(record).collect(), faults.collect())
    }

    /// RFC 1035 §5.1: the origin of the file holds in it only, and the owner behind it is the one before it.
    #[test]
    fn origin_and_owner_are_those_before() {
        let files = InMemory::default()
            .and("zone", "a A 192.0.2.1\n$INCLUDE inc sub\n A 192.0.2.2\n$INCLUDE \"inc\"\nd A 192.0.2.4\n")
            .and("inc", " A 192.0.2.3\nb A 192.0.2.1\n$ORIGIN x\nc A 192.0.2.1");
        let owners = [
            "a.example.com. zone:1",
            "a.example.com. inc:1",
            "b.sub.example.com. inc:2",
            "c.x.sub.example.com. inc:4",
            "a.example.com. zone:3",
            "a.example.com. inc:1",
            "b.example.com. inc:2",
            "c.x.example.com. inc:4",
            "d.example.com. zone:5",
        ];
        assert_eq!(read(&files), (owners.map(str::to_owned).to_vec(), vec![]));
    }

    #[test]
    fn traps() {
        let files = InMemory::default()
            .and("zone", "$INCLUDE zone\n$INCLUDE /etc/passwd\n$INCLUDE ../x\n$INCLUDE no\n$INCLUDE a\n$INCLUDE\n$INCLUDE a b c\nx A 192.0.2.1\n")
            .and("a", "$INCLUDE b\n")
            .and("b", "y A 192.0.2.1\n$INCLUDE a\n$INCLUDE c ..\n");
        let (records, faults) = read(&files);
        assert_eq!(records, ["y.example.com. b:1", "x.example.com. zone:8"]);
        let begins = [
            "zone:1 zone: this file includes itself",
            "zone:2 /etc/passwd: only files below",
            "zone:3 ../x: only",
            "zone:4 no: there is no such",
            "b:2 a: this file",
            "b:3 there is nothing between",
            "zone:6 $INCLUDE takes",
            "zone:7 $INCLUDE takes",
        ];
        assert_eq!(faults.len(), begins.len(), "{faults:#?}");
        assert!(faults.iter().zip(begins).all(|(fault, begin)| fault.starts_with(begin)), "{faults:#?}");
    }

    /// Each file includes the next two times, so that 2³⁰ files would be read.
    #[test]
    fn a_bomb_of_files_ends() {
        let line = |i: usize| format!("$INCLUDE f{0}\n$INCLUDE f{0}\nh{i} A 192.0.2.1\n", i + 1);
        let deep = (0..30)
            .fold(InMemory::default().and("zone", "$INCLUDE f0\n"), |files, i| files.and(&format!("f{i}"), line(i)));
        let (records, faults) = read(&deep);
        assert!(records.len() <= 1_000 && faults.iter().any(|fault| fault.contains("deep")), "{}", records.len());
        let wide = InMemory::default().and("zone", "$INCLUDE f\n".repeat(2_000)).and("f", "h A 192.0.2.1\n");
        let (records, faults) = read(&wide);
        assert_eq!((records.len(), faults.len()), (1_000, 100));
    }
}
