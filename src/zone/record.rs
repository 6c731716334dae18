//! One record of a zone. Knows nothing of sets, zones or where it came from.

use super::{Name, Rdata, Rtype};

/// A record of class IN. `==` compares everything; names regardless of case only where they are a [`Name`], which data is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The owner.
    pub name: Name,
    /// The type.
    pub rtype: Rtype,
    /// The time to live in seconds.
    pub ttl: u32,
    /// The data.
    pub rdata: Rdata,
}

impl Record {
    /// Whether both say the same of the same name: owner, type, and the data by its meaning ([`Rdata::means`]). The TTL is not compared.
    #[must_use]
    pub fn same_data(&self, other: &Self) -> bool {
        self.rtype == other.rtype && self.name == other.name && self.rdata.means(&other.rdata, self.rtype)
    }

    /// The name it points to; see [`Rdata::target`].
    #[must_use]
    pub fn target(&self) -> Option<Name> {
        self.rdata.target(self.rtype)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_case_and_ttl_do_not_matter() {
        let record = |owner: &str, ttl, text: &str| Record {
            name: Name::parse_absolute(owner).unwrap(),
            rtype: Rtype::TXT,
            ttl,
            rdata: Rdata::parse(Rtype::TXT, text, None).unwrap(),
        };
        assert!(record("a.example", 1, "\"ab\"").same_data(&record("A.EXAMPLE", 2, "\"a\" \"b\"")));
        assert!(!record("a.example", 1, "\"ab\"").same_data(&record("b.example", 1, "\"ab\"")));
    }
}
