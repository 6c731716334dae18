//! What comes of a site.toml, as plain lines.

use std::collections::BTreeSet;

use zoneplan::build::{Overrides, build};
use zoneplan::catalogue::Catalogue;
use zoneplan::site::InMemory;
use zoneplan::zone::{Name, Rdata, Rtype};

/// What a site gives, in lines `owner TYPE value`: owners below example.com, `@` for itself; names without final dot and in
/// lower case; a TXT as its text. A record that waits for the customer's key has the value `(key)`.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// All of them.
    pub(crate) all: BTreeSet<String>,
    /// What keeps the site from being built.
    pub(crate) errors: Vec<String>,
}

/// The lines of a site of example.com.
pub(crate) fn lines(site: String, catalogue: &Catalogue) -> Lines {
    let run = build("site.toml", &InMemory::site(site), catalogue, &Overrides::default(), |built| {
        let zone = built.fitted.own.composed;
        let active = zone.rrsets.iter().flat_map(|set| {
            set.members
                .iter()
                .map(|member| format!("{} {} {}", owner(&set.name), set.rtype, value(set.rtype, &member.rdata)))
        });
        // What two claims of one sender lost against each other was wanted too.
        let lost = zone.losers.iter().map(|l| &l.record);
        let lost = lost.map(|r| format!("{} {} {}", owner(&r.name), r.rtype, value(r.rtype, &r.rdata)));
        let blank = zone.blanks.iter().map(|b| format!("{} {} (key)", owner(&b.name), b.rtype));
        active.chain(lost).chain(blank).collect()
    });
    match run.product {
        Some(all) => Lines { all, errors: Vec::new() },
        None => Lines { all: BTreeSet::new(), errors: run.findings.iter().map(|f| f.title.en.clone()).collect() },
    }
}

fn owner(name: &Name) -> String {
    let apex = Name::parse_absolute("example.com").expect("a name");
    let relative = name.relative_to(&apex);
    relative.unwrap_or_else(|| format!("{name}")).to_ascii_lowercase()
}

fn value(rtype: Rtype, rdata: &Rdata) -> String {
    if rtype == Rtype::TXT {
        return String::from_utf8(rdata.txt_joined()).expect("a text");
    }
    let shown = rdata.present(rtype).to_ascii_lowercase();
    shown.strip_suffix('.').unwrap_or(&shown).to_owned()
}
