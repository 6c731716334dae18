//! Pins: what DNS said on a day, kept in `<stem>.pins.toml` beside site.toml, so that builds need no network and are the same on every machine.
//!
//! The model with its reader and writer. Opens no file, asks nobody and knows no clock: text, answers and days are handed in. That something
//! does not exist is pinned too, so a missing pin means "not known".

mod copied;
mod file;
mod policy;
mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;

use crate::mail::dkim::{self, KeyInfo};
use crate::zone::{Name, Rdata, Rtype};

pub use copied::Copied;
pub use file::PinsFile;
pub use policy::Published;
pub use read::read;
pub use write::write;

/// The version of the format.
pub const VERSION: u64 = 1;
/// The largest pins file that is read, octets.
pub const LIMIT_FILE: u64 = 4 * 1024 * 1024;

/// What a pin is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// The SPF tree of an include.
    Include(Name),
    /// A key, by its owner in the site's zone.
    Key(Name),
    /// Since when the DMARC policy of a domain is what it is; nothing is built from it.
    Dmarc(Name),
}

/// A kind of use: its word in the file, and the use that it makes of a name.
type Kind = (&'static str, fn(Name) -> Use);

impl Use {
    /// All kinds.
    const KINDS: [Kind; 3] = [("include", Self::Include), ("key", Self::Key), ("dmarc", Self::Dmarc)];

    fn parse(text: &str) -> Option<Self> {
        let (word, name) = text.split_once(':')?;
        let name = Name::parse_absolute(name).ok()?;
        Self::KINDS.iter().find(|(kind, _)| *kind == word).map(|(_, of)| of(name))
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, name) = match self {
            Self::Include(name) => ("include", name),
            Self::Key(name) => ("key", name),
            Self::Dmarc(name) => ("dmarc", name),
        };
        write!(f, "{word}:{}", name.display_without_dot())
    }
}

/// The records of one type at one name, as they were seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// What it is kept for; never empty.
    pub uses: BTreeSet<Use>,
    /// The records' data: sorted, none twice. Of the TXT of an include only the SPF record. Empty where DNS said that there are none.
    pub values: Vec<Rdata>,
    /// Their TTL when these values were seen first: the zone's own, or if none of its servers could be asked what a cache had left of it. Of
    /// nothing there is none.
    pub ttl: Option<u32>,
    /// The day on which this was seen first; of a DMARC policy, its stage ([`dmarc::Stage`](crate::mail::dmarc::Stage)).
    pub seen: Date,
}

/// What became of a pin that was put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// There was none.
    New,
    /// The same values were there; they keep their day.
    Same,
    /// Other values were there: these.
    Changed(Vec<Rdata>),
}

/// The pins of one site, by name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pins {
    domain: Name,
    pins: BTreeMap<(Name, Rtype), Pin>,
}

impl Pins {
    /// None yet, for the site of this domain.
    #[must_use]
    pub fn new(domain: Name) -> Self {
        Self { domain, pins: BTreeMap::new() }
    }

    /// The site's domain.
    #[must_use]
    pub fn domain(&self) -> &Name {
        &self.domain
    }

    /// The pin of that name and type; if there is none, nothing is known of it.
    #[must_use]
    pub fn get(&self, name: &Name, rtype: Rtype) -> Option<&Pin> {
        self.pins.get(&(name.clone(), rtype))
    }

    /// The text of the key that is kept for `owner` and stands at `at`; none unless it is one usable DKIM key.
    #[must_use]
    pub fn key(&self, owner: &Name, at: &Name) -> Option<(Vec<u8>, KeyInfo)> {
        let pin = self.get(at, Rtype::TXT).filter(|pin| pin.uses.contains(&Use::Key(owner.clone())))?;
        let [only] = pin.values.as_slice() else { return None };
        let text = only.txt_joined();
        let key = dkim::usable(&text).ok()?;
        Some((text, key))
    }

    /// All of them, sorted by name and type.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, Rtype, &Pin)> {
        self.pins.iter().map(|((name, rtype), pin)| (name, *rtype, pin))
    }

    /// Takes a use from every pin; what nothing needs any more goes.
    pub fn release(&mut self, of: &Use) {
        self.pins.retain(|_, pin| {
            pin.uses.remove(of);
            !pin.uses.is_empty()
        });
    }

    /// Keeps what was seen. The same values stay as they are, so that a look without news changes nothing; what they are for is united.
    /// What is for nothing is not kept.
    pub fn put(&mut self, name: Name, rtype: Rtype, mut pin: Pin) -> Put {
        pin.values.sort();
        pin.values.dedup();
        if pin.uses.is_empty() {
            return Put::Same;
        }
        match self.pins.get_mut(&(name.clone(), rtype)) {
            None => {
                self.pins.insert((name, rtype), pin);
                Put::New
            }
            Some(old) => {
                old.uses.append(&mut pin.uses);
                if old.values == pin.values {
                    return Put::Same;
                }
                let seen = if policy::keeps_day(old, &pin) { old.seen } else { pin.seen };
                (old.ttl, old.seen) = (pin.ttl, seen);
                Put::Changed(std::mem::replace(&mut old.values, pin.values))
            }
        }
    }
}

/// The name of the pins file of a site.toml, beside it.
#[must_use]
pub fn file_name(site: &str) -> String {
    let name = site.rsplit(['/', '\\']).next().unwrap_or(site);
    format!("{}.pins.toml", name.strip_suffix(".toml").unwrap_or(name))
}

#[cfg(test)]
mod tests;
