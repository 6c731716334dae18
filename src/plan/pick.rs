//! Records that somebody names on the command line: `NAME/TYPE`, and `NAME/TYPE=VALUE` for one of several, or for one term of an SPF record.

use crate::report::{Text, shell_word};
use crate::say;
use crate::zone::{Name, Rdata, Record, Rtype};

/// Records of a name and type: all of them, or those of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Owner.
    pub name: Name,
    /// Type.
    pub rtype: Rtype,
    /// The value as it was written; none = all.
    pub value: Option<String>,
    /// What the value means in a zone of that origin.
    rdata: Option<Rdata>,
}

impl Pick {
    /// Reads a pick. Names are relative to the zone, `@` is the zone itself; a name that ends in the zone's own is not made longer, nor one that
    /// ends in that of the keyzone.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, origin: &Name, keyzone: Option<&Name>) -> Result<Self, Text> {
        let (place, value) = match text.split_once('=') {
            Some((place, value)) => (place, Some(value.to_owned())),
            None => (text, None),
        };
        let Some((name, rtype)) = place.rsplit_once('/') else {
            return Err(say!(en: "a name, /, a type: www/A", ja: "「名前/種別」の形で書きます（例: www/A）"));
        };
        let rtype: Rtype = rtype
            .parse()
            .map_err(|_| say!(en: "there is no type “{rtype}”", ja: "「{rtype}」という種別はありません"))?;
        let is_ours = |n: &Name| n.is_subdomain_of(origin) || keyzone.is_some_and(|k| n.is_subdomain_of(k));
        let whole = Name::parse_absolute(name).ok().filter(is_ours);
        let name = match whole {
            _ if name == "@" || name.is_empty() => origin.clone(),
            Some(whole) => whole,
            None => Name::parse(name, Some(origin)).map_err(|e| e.text())?,
        };
        if !is_ours(&name) {
            let (name, zone) = (name.display_without_dot().to_string(), origin.display_without_dot().to_string());
            return Err(
                say!(en: "{name} is not in the zone of {zone}", ja: "{name} は {zone} のゾーンの名前ではありません"),
            );
        }
        let rdata = value.as_deref().and_then(|v| {
            if rtype.is_text() { Rdata::txt(v.as_bytes()).ok() } else { Rdata::parse(rtype, v, Some(origin)).ok() }
        });
        Ok(Self { name, rtype, value, rdata })
    }

    /// Whether it means this record as a whole.
    #[must_use]
    pub fn takes(&self, record: &Record) -> bool {
        self.name == record.name
            && self.rtype == record.rtype
            && match (&self.value, &self.rdata) {
                (None, _) => true,
                (Some(value), rdata) => {
                    rdata.as_ref().is_some_and(|r| r.means(&record.rdata, record.rtype))
                        || *value == record.rdata.present(record.rtype)
                }
            }
    }

    /// Whether something may be meant by it and by another one.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let same = || {
            self.value == other.value
                || matches!((&self.rdata, &other.rdata), (Some(a), Some(b)) if a.means(b, self.rtype))
        };
        self.name == other.name
            && self.rtype == other.rtype
            && (self.value.is_none() || other.value.is_none() || same())
    }

    /// Whether it means this term of the record of that name.
    #[must_use]
    pub fn takes_term(&self, name: &Name, rtype: Rtype, term: &str) -> bool {
        self.name == *name && self.rtype == rtype && self.value.as_deref().is_none_or(|v| v == term)
    }
}

/// Whether any of them means this record as a whole.
#[must_use]
pub fn takes(picks: &[Pick], record: &Record) -> bool {
    picks.iter().any(|p| p.takes(record))
}

/// How all records of a name and type are named on a command line.
#[must_use]
pub(super) fn whole(name: &Name, rtype: Rtype, origin: &Name) -> String {
    let name = name.relative_to(origin).unwrap_or_else(|| name.to_string());
    shell_word(&format!("{name}/{rtype}"))
}

/// How a record, or one term of it, is named on a command line.
#[must_use]
pub fn argument(record: &Record, origin: &Name, term: Option<&str>) -> String {
    let name = record.name.relative_to(origin).unwrap_or_else(|| record.name.to_string());
    let value = term.map_or_else(
        || {
            let joined = || String::from_utf8(record.rdata.txt_joined()).ok();
            let text = if record.rtype.is_text() { joined() } else { None };
            text.unwrap_or_else(|| record.rdata.present(record.rtype))
        },
        str::to_owned,
    );
    shell_word(&format!("{name}/{}={value}", record.rtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str, rtype: Rtype, value: &str) -> Record {
        let name = Name::parse_absolute(name).unwrap();
        Record { name, rtype, ttl: 0, rdata: Rdata::parse(rtype, value, None).unwrap() }
    }

    #[test]
    fn a_pick_means_what_it_names() {
        let origin = Name::parse_absolute("example.com").unwrap();
        let pick = |text: &str| Pick::parse(text, &origin, None).unwrap();
        let old = record("example.com", Rtype::MX, "10 mail.example.net.");
        assert!(pick("@/MX").takes(&old) && pick("example.com/mx").takes(&old));
        assert!(pick("@/MX=10 mail.example.net.").takes(&old) && !pick("@/MX=20 mail.example.net.").takes(&old));
        let text = record("a.example.com", Rtype::TXT, "\"x=1\" \"2\"");
        assert!(pick("a/TXT=x=12").takes(&text) && pick("a.example.com./TXT").takes(&text));
        assert!(pick("@/TXT=include:old.example").takes_term(&origin, Rtype::TXT, "include:old.example"));
        for wrong in ["www", "www/NOPE", "www.example.net./A"] {
            assert!(Pick::parse(wrong, &origin, None).is_err(), "{wrong}");
        }
        let keyzone = Name::parse_absolute("agency.example").unwrap();
        let key = Pick::parse("a.example.com.dkim.agency.example./TXT", &origin, Some(&keyzone)).unwrap();
        assert_eq!(whole(&key.name, key.rtype, &origin), "a.example.com.dkim.agency.example./TXT");
    }

    #[test]
    fn an_argument_survives_a_shell_and_reads_back() {
        let origin = Name::parse_absolute("example.com").unwrap();
        let text = record("example.com", Rtype::TXT, "\"it's v=spf1 ~all\"");
        assert_eq!(argument(&text, &origin, None), r"'@/TXT=it'\''s v=spf1 ~all'");
        assert_eq!(argument(&text, &origin, Some("include:a.example")), "@/TXT=include:a.example");
        assert_eq!(whole(&text.name.child("*").unwrap(), Rtype::TXT, &origin), "'*/TXT'");
    }
}
