//! The words by which panels call the columns of their lists: those of the catalogue, and no others.

use std::collections::HashMap;

use crate::catalogue::Catalogue;
use crate::catalogue::registrar::Registrar;
use crate::zone::Rtype;

use super::cell::half;

/// What a column of a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Field {
    Host,
    Type,
    Value,
    Priority,
    Ttl,
}

/// Labels of columns, and what type fields call types.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    fields: HashMap<String, Field>,
    types: HashMap<String, Rtype>,
}

impl Labels {
    /// The labels of all panels; where two companies mean two things by a word, `known` decides, else the word says nothing.
    pub(super) fn new(catalogue: &Catalogue, known: Option<&str>) -> Self {
        let mut this = Self::default();
        let own = known.and_then(|id| catalogue.registrar(id));
        let mut doubtful: Vec<String> = Vec::new();
        // A label as it stands says more than a part of one.
        for parts in [false, true] {
            let before = this.fields.clone();
            for registrar in own.into_iter().chain(catalogue.registrars()) {
                for (label, field) in labels(registrar) {
                    let words = if parts { parts_of(label) } else { vec![label] };
                    for word in words.into_iter().map(fold).filter(|w| !w.is_empty() && !before.contains_key(w)) {
                        let of_known = own.is_some_and(|o| o.id == registrar.id);
                        match this.fields.get(&word) {
                            Some(other) if *other != field && !of_known => doubtful.push(word),
                            Some(_) => {}
                            None => {
                                this.fields.insert(word, field);
                            }
                        }
                    }
                }
            }
            for word in doubtful.drain(..) {
                let is_own = own.is_some_and(|o| labels(o).any(|(label, _)| fold(label) == word));
                if !is_own {
                    this.fields.remove(&word);
                }
            }
        }
        for registrar in own.into_iter().chain(catalogue.registrars()) {
            for (rtype, label) in &registrar.form.type_labels {
                if let Ok(rtype) = rtype.parse() {
                    this.types.entry(fold(label)).or_insert(rtype);
                }
            }
        }
        this
    }

    /// What a column with this heading holds.
    pub(super) fn field(&self, heading: &str) -> Option<Field> {
        let whole = fold(heading);
        // `Name (required)`, `ホスト名 必須`.
        let part = whole.split('(').next().unwrap_or_default();
        let short = part.strip_suffix("必須").unwrap_or(part);
        self.fields.get(&whole).or_else(|| self.fields.get(short)).copied()
    }

    /// The type that a panel calls so.
    pub(super) fn rtype(&self, cell: &str) -> Option<Rtype> {
        self.types.get(&fold(cell)).copied()
    }
}

/// The labels of one panel.
fn labels(registrar: &Registrar) -> impl Iterator<Item = (&str, Field)> {
    let form = &registrar.form;
    let all = [
        (&form.host, Field::Host),
        (&form.rtype, Field::Type),
        (&form.value, Field::Value),
        (&form.priority, Field::Priority),
        (&form.ttl, Field::Ttl),
    ];
    all.into_iter().filter_map(|(label, field)| Some((label.as_deref()?, field)))
}

/// The parts of a label that names several things, `Content / Target`, or says it in two languages, `種類 (Type)`.
fn parts_of(label: &str) -> Vec<&str> {
    label.split(['/', '(', ')', '（', '）']).map(str::trim).collect()
}

/// A label without what the browser adds to it: width, case, spaces, marks of sorting and of what must be filled in.
fn fold(text: &str) -> String {
    let half = half(text);
    let kept = half.chars().filter(|c| !c.is_whitespace() && !"*:▲▼△▽↑↓⇅?※".contains(*c));
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_those_of_the_catalogue_in_any_width() {
        let labels = Labels::new(&Catalogue::embedded(), None);
        for (heading, field) in [
            ("ホスト名", Field::Host),
            ("TYPE", Field::Type),
            ("ＴＹＰＥ", Field::Type),
            ("種別", Field::Type),
            ("VALUE", Field::Value),
            ("内容", Field::Value),
            ("優先度 ▲", Field::Priority),
            ("Name (required)", Field::Host),
            ("ホスト名（必須）", Field::Host),
            ("ホスト名 必須", Field::Host),
            ("TTL", Field::Ttl),
            // A part of Cloudflare's "Content / Target".
            ("Content", Field::Value),
        ] {
            assert_eq!(labels.field(heading), Some(field), "{heading}");
        }
        assert_eq!(labels.field("操作"), None);
        assert_eq!(labels.rtype("別名 (CNAME)"), Some(Rtype::CNAME));
    }
}
