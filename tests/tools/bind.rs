//! Reads zone text with BIND.

use std::{io::Write as _, path::Path, process::Command};

use zoneplan::zone::{Name, Rdata, Record};

/// The records of a zone as BIND reads them, in the order in which it writes them. Fails if BIND refuses the zone.
#[allow(dead_code, reason = "not every test that reads with BIND may fail")]
pub(crate) fn read(zone: &[u8], origin: &str) -> Vec<Record> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(zone).expect("a written file");
    read_file(file.path(), origin).unwrap_or_else(|why| panic!("BIND refuses the zone: {why}"))
}

/// The records of a zone file as BIND reads them, run in the folder of the file; or what it says where it refuses.
pub(crate) fn read_file(path: &Path, origin: &str) -> Result<Vec<Record>, String> {
    let output = Command::new("named-compilezone")
        .args(["-s", "full", "-i", "none", "-k", "ignore", "-r", "ignore", "-o", "-", origin])
        .arg(path)
        .current_dir(path.parent().expect("a folder"))
        .output()
        .expect("named-compilezone must be installed (Debian: bind9-utils)");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let lines = output.stdout.split(|octet| *octet == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b";"));
    Ok(lines.map(read_line).collect())
}

/// A line of BIND's full style: owner, TTL, class, type, data; blanks stand only between them.
fn read_line(line: &[u8]) -> Record {
    let line = std::str::from_utf8(line).expect("BIND escapes what is not ASCII");
    let mut rest = line;
    let mut word = || {
        let (word, after) = rest.split_once([' ', '\t']).expect("five columns");
        rest = after.trim_start();
        word
    };
    let (owner, ttl, class, rtype) = (word(), word(), word(), word());
    assert_eq!(class, "IN", "{line}");
    let rtype = rtype.parse().unwrap_or_else(|_| panic!("{line}"));
    Record {
        name: Name::parse(owner, None).unwrap_or_else(|error| panic!("{error}: {line}")),
        rtype,
        ttl: ttl.parse().unwrap_or_else(|_| panic!("{line}")),
        rdata: Rdata::parse(rtype, rest, None).unwrap_or_else(|error| panic!("{error}: {line}")),
    }
}
