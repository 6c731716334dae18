//! The templates in the binary. A template is parsed when it is asked for, and once.

use std::sync::OnceLock;

use include_dir::{Dir, include_dir};

use crate::report::{Sources, did_you_mean};
use crate::toml_reader::Sink;

use super::expressions::Engine;
use super::registrar::{self, Registrar};
use super::sender::{self, Sender};

static PROVIDERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/providers");

struct Entry<T> {
    id: &'static str,
    text: &'static str,
    parsed: OnceLock<Option<T>>,
}

impl<T> Entry<T> {
    /// The template; none if its file is broken, which the tests do not let happen.
    fn get(&self, parse: fn(&str, &Sink) -> Option<T>) -> Option<&T> {
        self.parsed
            .get_or_init(|| {
                let mut sources = Sources::default();
                let sink = Sink::new(sources.add(self.id, String::new()));
                parse(self.text, &sink)
            })
            .as_ref()
    }
}

/// All templates.
pub struct Catalogue {
    senders: Vec<Entry<Sender>>,
    registrars: Vec<Entry<Registrar>>,
    engine: Engine,
}

/// A template that goes by ids and names.
trait Named {
    fn names(&self) -> Vec<&str>;
}

impl Named for Sender {
    fn names(&self) -> Vec<&str> {
        let own = [self.id.as_str(), &self.name.en, &self.name.ja];
        own.into_iter().chain(self.aliases.iter().map(String::as_str)).collect()
    }
}

impl Named for Registrar {
    fn names(&self) -> Vec<&str> {
        let own = [self.id.as_str(), &self.name.en, &self.name.ja];
        own.into_iter().chain(self.aliases.iter().map(String::as_str)).collect()
    }
}

/// A name without what people vary: case, width, spaces.
fn fold(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

fn entries<T>(folder: &str) -> Vec<Entry<T>> {
    let mut out: Vec<Entry<T>> = PROVIDERS
        .get_dir(folder)
        .into_iter()
        .flat_map(Dir::files)
        .filter(|f| f.path().extension().is_some_and(|e| e == "toml"))
        .filter_map(|f| {
            Some(Entry { id: f.path().file_stem()?.to_str()?, text: f.contents_utf8()?, parsed: OnceLock::new() })
        })
        .collect();
    out.sort_by_key(|e| e.id);
    out
}

/// The template of that id or name. Only the files that can be meant are parsed.
fn find<'c, T: Named>(entries: &'c [Entry<T>], name: &str, parse: fn(&str, &Sink) -> Option<T>) -> Option<&'c T> {
    if let Ok(at) = entries.binary_search_by_key(&name, |e| e.id) {
        return entries.get(at)?.get(parse);
    }
    let wanted = fold(name);
    if wanted.is_empty() || name.len() > 200 {
        return None;
    }
    let matches = |t: &&T| t.names().into_iter().any(|n| fold(n) == wanted);
    // Written as the template writes it: then only the files that contain the words are parsed.
    let literal = entries.iter().filter(|e| e.text.contains(name)).find_map(|e| e.get(parse).filter(matches));
    literal.or_else(|| entries.iter().find_map(|e| e.get(parse).filter(matches)))
}

fn near<T: Named>(entries: &[Entry<T>], name: &str, parse: fn(&str, &Sink) -> Option<T>) -> Option<String> {
    let names = entries.iter().filter_map(|e| e.get(parse)).flat_map(Named::names);
    did_you_mean(name, names).map(str::to_owned)
}

impl Default for Catalogue {
    fn default() -> Self {
        Self::embedded()
    }
}

impl Catalogue {
    /// The templates that come with zoneplan.
    #[must_use]
    pub fn embedded() -> Self {
        Self { senders: entries("senders"), registrars: entries("registrars"), engine: Engine::default() }
    }

    /// What evaluates the templates' expressions.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The sender of that id or any known name.
    #[must_use]
    pub fn sender(&self, name: &str) -> Option<&Sender> {
        find(&self.senders, name, sender::parse)
    }

    /// The registrar of that id or any known name.
    #[must_use]
    pub fn registrar(&self, name: &str) -> Option<&Registrar> {
        find(&self.registrars, name, registrar::parse)
    }

    /// The known sender name nearest to `name`.
    #[must_use]
    pub fn sender_near(&self, name: &str) -> Option<String> {
        near(&self.senders, name, sender::parse)
    }

    /// The known registrar name nearest to `name`.
    #[must_use]
    pub fn registrar_near(&self, name: &str) -> Option<String> {
        near(&self.registrars, name, registrar::parse)
    }

    /// Every sender, by id.
    pub fn senders(&self) -> impl Iterator<Item = &Sender> {
        self.senders.iter().filter_map(|e| e.get(sender::parse))
    }

    /// Every registrar, by id.
    pub fn registrars(&self) -> impl Iterator<Item = &Registrar> {
        self.registrars.iter().filter_map(|e| e.get(registrar::parse))
    }
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Catalogue({} senders, {} registrars)", self.senders.len(), self.registrars.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_native_names_case_and_width_all_find_the_template() {
        let catalogue = Catalogue::embedded();
        for name in ["makeshop", "MakeShop", "ＭａｋｅＳｈｏｐ", "メイクショップ", "Make Shop"] {
            assert_eq!(catalogue.sender(name).map(|s| s.id.as_str()), Some("makeshop"), "{name}");
        }
        assert!(catalogue.sender("nobody").is_none());
        assert!(catalogue.sender("").is_none());
        assert_eq!(catalogue.sender_near("makeshpo").as_deref().map(str::to_lowercase), Some("makeshop".into()));
    }

    #[test]
    fn no_name_means_two_templates() {
        let catalogue = Catalogue::embedded();
        fn unique<'a, T: Named + 'a>(all: impl Iterator<Item = &'a T>) {
            let mut seen = std::collections::HashMap::new();
            for (i, template) in all.enumerate() {
                for name in template.names() {
                    let first = *seen.entry(fold(name)).or_insert(i);
                    assert_eq!(first, i, "{name} means two templates");
                }
            }
        }
        unique(catalogue.senders());
        unique(catalogue.registrars());
    }
}
