//! The templates: those in the binary, and the user's own. One in the binary is parsed when it is asked for, and once.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};

use crate::report::{Finding, Severity, Sources, Span, Text, did_you_mean, excerpt};
use crate::say;
use crate::toml_reader::Sink;

use super::domain_connect;
use super::expressions::Engine;
use super::recognise::Index;
use super::registrar::{self, Registrar};
use super::sender::{self, Sender};

static PROVIDERS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/providers");

struct Entry<T> {
    id: Cow<'static, str>,
    text: Cow<'static, str>,
    /// Where an own template was read from.
    path: Option<String>,
    /// Words that mean it, besides its names.
    called: Vec<String>,
    /// Boxed, so that hundreds that are not asked for take little room.
    parsed: OnceLock<Option<Box<T>>>,
}

/// Something that goes by an id and names.
pub trait Named {
    /// The id.
    fn id(&self) -> &str;
    /// The name.
    fn name(&self) -> &Text;
    /// Other names.
    fn aliases(&self) -> &[String];

    /// All of them.
    fn names(&self) -> Vec<&str> {
        let own = [self.id(), &self.name().en, &self.name().ja];
        own.into_iter().chain(self.aliases().iter().map(String::as_str)).collect()
    }
}

/// A kind of template that comes with zoneplan: how it is read.
trait Template: Named + Sized {
    fn parse(text: &str, sink: &Sink) -> Option<Self>;
}

impl Named for Sender {
    fn id(&self) -> &str {
        &self.id
    }
    fn name(&self) -> &Text {
        &self.name
    }
    fn aliases(&self) -> &[String] {
        &self.aliases
    }
}

impl Template for Sender {
    fn parse(text: &str, sink: &Sink) -> Option<Self> {
        sender::parse(text, sink)
    }
}

impl Named for Registrar {
    fn id(&self) -> &str {
        &self.id
    }
    fn name(&self) -> &Text {
        &self.name
    }
    fn aliases(&self) -> &[String] {
        &self.aliases
    }
}

impl Template for Registrar {
    fn parse(text: &str, sink: &Sink) -> Option<Self> {
        registrar::parse(text, sink)
    }
}

impl<T: Template> Entry<T> {
    /// The template; none if its file is broken, which the tests do not let happen.
    fn get(&self) -> Option<&T> {
        self.parsed
            .get_or_init(|| {
                let mut sources = Sources::default();
                let sink = Sink::new(sources.add(&self.id, String::new()));
                T::parse(&self.text, &sink).map(Box::new)
            })
            .as_deref()
    }
}

/// The part of a template's text that says by which names it goes: the keys before the first table.
fn head(text: &str) -> &str {
    let end = memchr::memmem::find(text.as_bytes(), b"\n[").unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// What a line of a template's head gives a key, as written there, without reading the template.
pub(crate) fn head_line<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    head(text).lines().find_map(|line| line.trim_start().strip_prefix(key)?.trim_start().strip_prefix('='))
}

/// Templates of one kind, by id.
struct Shelf<T> {
    entries: Vec<Entry<T>>,
    /// The heads, folded: what a name is looked up in, so that no file is parsed that cannot be meant.
    heads: OnceLock<Vec<String>>,
}

impl<T: Template> Shelf<T> {
    fn new(mut entries: Vec<Entry<T>>) -> Self {
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        Self { entries, heads: OnceLock::new() }
    }

    /// Templates that come with zoneplan: id and text.
    fn of(texts: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        let unread = |(id, text): (&'static str, &'static str)| Entry {
            id: id.into(),
            text: text.into(),
            path: None,
            called: Vec::new(),
            parsed: OnceLock::new(),
        };
        Self::new(texts.into_iter().map(unread).collect())
    }

    /// The templates of a folder in the binary.
    fn embedded(folder: &str) -> Self {
        let files = PROVIDERS.get_dir(folder).into_iter().flat_map(Dir::files);
        let files = files.filter(|f| f.path().extension().is_some_and(|e| e == "toml"));
        Self::of(files.filter_map(|f| Some((f.path().file_stem()?.to_str()?, f.contents_utf8()?))))
    }

    fn by_id(&self, id: &str) -> Option<&Entry<T>> {
        self.entries.get(self.entries.binary_search_by(|e| (*e.id).cmp(id)).ok()?)
    }

    /// The template of that id or name.
    fn find(&self, name: &str) -> Option<&T> {
        // A file that is named is that file, whatever id another one has.
        let called = self.entries.iter().find(|e| e.called.iter().any(|c| c == name));
        if let Some(entry) = called.or_else(|| self.by_id(name)) {
            return entry.get();
        }
        if name.len() > 200 {
            return None;
        }
        let wanted = fold(name);
        if wanted.is_empty() {
            return None;
        }
        // Written as the template writes it: nothing has to be folded.
        let finder = memchr::memmem::Finder::new(name);
        let has_name = |e: &&Entry<T>| finder.find(head(&e.text).as_bytes()).is_some();
        let mut written = self.entries.iter().filter(has_name).filter_map(Entry::get);
        if let Some(found) = written.find(|t| t.names().contains(&name)) {
            return Some(found);
        }
        let heads = self.heads.get_or_init(|| self.entries.iter().map(|e| fold(head(&e.text))).collect());
        let candidates =
            self.entries.iter().zip(heads).filter(|(e, head)| e.parsed.get().is_some() || head.contains(&wanted));
        candidates.filter_map(|(e, _)| e.get()).find(|t| t.names().into_iter().any(|n| fold(n) == wanted))
    }
}

/// The templates in the binary.
struct Embedded {
    senders: Shelf<Sender>,
    registrars: Shelf<Registrar>,
    engine: Engine,
}

/// All templates: those in the binary, and in front of them the user's own.
#[derive(Clone)]
pub struct Catalogue {
    embedded: Arc<Embedded>,
    /// The user's own; the first stands in front of the next.
    own: Vec<Arc<(Shelf<Sender>, Shelf<Registrar>)>>,
    index: Arc<OnceLock<Index>>,
}

/// A name without what people vary: case, width, spaces, and whether kana are written as hiragana or katakana.
#[must_use]
pub fn fold(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'A'..='Z' => out.push(c.to_ascii_lowercase()),
            ' ' | '\t' | '\n' | '\r' => {}
            '\0'..='\x7f' => out.push(c),
            // Sound marks of half-width katakana stand behind their letter.
            'ﾞ' | '゛' => voice(&mut out, false),
            'ﾟ' | '゜' => voice(&mut out, true),
            '｡'..='ﾝ' => out.extend(full_width_kana(c)),
            '\u{ff01}'..='\u{ff5e}' => {
                let narrow = char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
                out.extend(narrow.to_lowercase());
            }
            'ぁ'..='ゖ' => out.extend(char::from_u32(u32::from(c) + 0x60)),
            c if c.is_whitespace() => {}
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// How the words that somebody searches for, folded, match a name; the earlier, the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameMatch {
    /// They are the name.
    Whole,
    /// It begins with them.
    Beginning,
    /// It holds them.
    Inside,
}

impl NameMatch {
    /// The match of `wanted`, which is folded, with a name.
    #[must_use]
    pub fn of(name: &str, wanted: &str) -> Option<Self> {
        let name = fold(name);
        if name == wanted {
            Some(Self::Whole)
        } else if name.starts_with(wanted) {
            Some(Self::Beginning)
        } else {
            name.contains(wanted).then_some(Self::Inside)
        }
    }
}

/// Half-width katakana, U+FF61 to U+FF9D, as they are usually written.
fn full_width_kana(c: char) -> Option<char> {
    const KANA: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";
    KANA.chars().nth((u32::from(c) - 0xff61) as usize)
}

/// Puts a sound mark on the last letter.
fn voice(out: &mut String, half: bool) {
    let Some(last) = out.pop() else { return };
    let with = match (last, half) {
        ('ウ', false) => 'ヴ',
        ('カ'..='ト', false) | ('ハ'..='ホ', false) => char::from_u32(u32::from(last) + 1).unwrap_or(last),
        ('ハ'..='ホ', true) => char::from_u32(u32::from(last) + 2).unwrap_or(last),
        (c, _) => c,
    };
    out.push(with);
}

impl Default for Catalogue {
    fn default() -> Self {
        Self::embedded()
    }
}

/// A template of the user's own, before it is read.
#[derive(Clone, Debug)]
pub struct OwnTemplate {
    /// Where it stands.
    pub path: String,
    /// What it is.
    pub kind: TemplateKind,
    /// Words by which site.toml means it, besides its names: a path as it is written there.
    pub called: Vec<String>,
    /// The text.
    pub text: String,
}

/// What a template describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TemplateKind {
    /// A service that sends mail as the domain.
    Sender,
    /// The same as a Domain Connect template, in JSON.
    DomainConnect,
    /// A company in whose panel or API the zone's records are edited.
    Registrar,
}

impl Catalogue {
    /// The templates that come with zoneplan.
    #[must_use]
    pub fn embedded() -> Self {
        Self::with(Shelf::embedded("senders"), Shelf::embedded("registrars"))
    }

    /// A catalogue of these templates instead of those in the binary, each with its id. They are read when they are asked for, as those are.
    #[must_use]
    pub fn of(senders: Vec<(&'static str, &'static str)>, registrars: Vec<(&'static str, &'static str)>) -> Self {
        Self::with(Shelf::of(senders), Shelf::of(registrars))
    }

    fn with(senders: Shelf<Sender>, registrars: Shelf<Registrar>) -> Self {
        let embedded = Arc::new(Embedded { senders, registrars, engine: Engine::default() });
        Self { embedded, own: Vec::new(), index: Arc::default() }
    }

    /// The same with the user's own templates in front. What is wrong with them, and which of the catalogue's each of them stands in
    /// front of, goes to `findings`; the texts go to `sources`.
    #[must_use]
    pub fn with_own(&self, templates: Vec<OwnTemplate>, sources: &mut Sources, findings: &mut Vec<Finding>) -> Self {
        let (mut senders, mut registrars) = (Vec::new(), Vec::new());
        for template in templates {
            match template.kind {
                TemplateKind::Sender => {
                    take(template, sender::parse, &|n| self.sender(n), &mut senders, sources, findings);
                }
                TemplateKind::DomainConnect => {
                    take(template, domain_connect::parse, &|n| self.sender(n), &mut senders, sources, findings);
                }
                TemplateKind::Registrar => {
                    take(template, registrar::parse, &|n| self.registrar(n), &mut registrars, sources, findings);
                }
            }
        }
        let front = Arc::new((Shelf::new(senders), Shelf::new(registrars)));
        let own = std::iter::once(front).chain(self.own.iter().cloned()).collect();
        Self { embedded: Arc::clone(&self.embedded), own, index: Arc::default() }
    }

    /// What evaluates the templates' expressions.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.embedded.engine
    }

    /// The sender of that id or any known name.
    #[must_use]
    pub fn sender(&self, name: &str) -> Option<&Sender> {
        self.own.iter().find_map(|own| own.0.find(name)).or_else(|| self.embedded.senders.find(name))
    }

    /// The registrar of that id or any known name.
    #[must_use]
    pub fn registrar(&self, name: &str) -> Option<&Registrar> {
        self.own.iter().find_map(|own| own.1.find(name)).or_else(|| self.embedded.registrars.find(name))
    }

    /// The known sender name nearest to `name`.
    #[must_use]
    pub fn sender_near(&self, name: &str) -> Option<String> {
        did_you_mean(name, self.senders().flat_map(Named::names)).map(str::to_owned)
    }

    /// The known registrar name nearest to `name`.
    #[must_use]
    pub fn registrar_near(&self, name: &str) -> Option<String> {
        did_you_mean(name, self.registrars().flat_map(Named::names)).map(str::to_owned)
    }

    fn sender_entries(&self) -> Vec<&Entry<Sender>> {
        in_front(self.own.iter().map(|own| &own.0).chain([&self.embedded.senders]))
    }

    fn registrar_entries(&self) -> Vec<&Entry<Registrar>> {
        in_front(self.own.iter().map(|own| &own.1).chain([&self.embedded.registrars]))
    }

    /// Every sender, by id.
    pub fn senders(&self) -> impl Iterator<Item = &Sender> {
        self.sender_entries().into_iter().filter_map(Entry::get)
    }

    /// Every registrar, by id.
    pub fn registrars(&self) -> impl Iterator<Item = &Registrar> {
        self.registrar_entries().into_iter().filter_map(Entry::get)
    }

    /// Id, country and kind of every registrar, by id, without reading the templates: for choosing which of them to read first.
    pub fn registrar_heads(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        // What is read already may be written in any way; what comes with zoneplan has a line a key.
        self.registrar_entries().into_iter().filter_map(|entry| match entry.parsed.get() {
            Some(read) => read.as_ref().map(|r| (&*entry.id, r.country.as_str(), r.kind.as_str())),
            None => {
                let string = |key| head_line(&entry.text, key)?.split('"').nth(1);
                Some((&*entry.id, string("country")?, string("kind")?))
            }
        })
    }

    /// The senders whose template's text has `word`, which is cheaper to see than what the text means.
    pub(super) fn senders_with(&self, word: &str) -> impl Iterator<Item = &Sender> {
        let finder = memchr::memmem::Finder::new(word).into_owned();
        let has_word = move |e: &&Entry<Sender>| finder.find(e.text.as_bytes()).is_some();
        self.sender_entries().into_iter().filter(has_word).filter_map(Entry::get)
    }

    /// What tells services in a zone: made once, when it is first asked for, of all templates.
    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self.senders()))
    }

    /// Where a template of the user's own stands.
    #[must_use]
    pub fn own_path(&self, kind: TemplateKind, id: &str) -> Option<&str> {
        match kind {
            TemplateKind::Sender | TemplateKind::DomainConnect => {
                self.own.iter().find_map(|own| own.0.by_id(id))?.path.as_deref()
            }
            TemplateKind::Registrar => self.own.iter().find_map(|own| own.1.by_id(id))?.path.as_deref(),
        }
    }
}

/// The templates of shelves that stand in front of each other, by id: of several of one id the first.
fn in_front<'c, T: Template + 'c>(shelves: impl Iterator<Item = &'c Shelf<T>>) -> Vec<&'c Entry<T>> {
    let mut all: Vec<&Entry<T>> = shelves.flat_map(|s| &s.entries).collect();
    // A stable sort: the front one stays the first of its id.
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all.dedup_by(|later, first| later.id == first.id);
    all
}

/// Reads a template of the user's own and takes it in. A broken one, or a second one of the same id, is told and left out.
fn take<'c, T: Template + 'c>(
    template: OwnTemplate,
    parse: fn(&str, &Sink) -> Option<T>,
    behind: &dyn Fn(&str) -> Option<&'c T>,
    into: &mut Vec<Entry<T>>,
    sources: &mut Sources,
    findings: &mut Vec<Finding>,
) {
    let OwnTemplate { path, called, text, .. } = template;
    let file = sources.add(&path, text.clone());
    let sink = Sink::new(file);
    let parsed = parse(&text, &sink);
    let mut found = sink.into_findings();
    let sound = !found.iter().any(|f| f.severity == Severity::Error);
    findings.append(&mut found);
    let (Some(read), true) = (parsed, sound) else { return };
    let id = read.id().to_owned();
    let shown = excerpt(&path, 200);
    let at = Span::new(file, 0..0);
    if let Some(first) = into.iter().find(|e| e.id == id) {
        let first = excerpt(first.path.as_deref().unwrap_or_default(), 200);
        findings.push(
            Finding::error(
                "own-template-twice",
                say!(en: "two templates have the id `{id}`: {first} and {shown}", ja: "id が `{id}` の設定データが 2 つあります: {first} と {shown}"),
            )
            .at(at, Text::default())
            .next(say!(en: "give one of them another id", ja: "どちらかの id を変えてください")),
        );
        return;
    }
    let mut told: Vec<&str> = Vec::new();
    for name in read.names() {
        let Some(hidden) = behind(name).map(Named::id).filter(|id| !told.contains(id)) else { continue };
        told.push(hidden);
        findings.push(
            Finding::advice(
                "own-template-shadows",
                say!(
                    en: "“{name}” means your own template {shown}; the catalogue's `{hidden}` is not used for it",
                    ja: "「{name}」には、ご自分の設定データ {shown} を使います。付属の `{hidden}` は使いません"
                ),
            )
            .at(at, Text::default()),
        );
    }
    let parsed = OnceLock::new();
    let _ = parsed.set(Some(Box::new(read)));
    into.push(Entry { id: id.into(), text: text.into(), path: Some(path), called, parsed });
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (senders, registrars) = (&self.embedded.senders.entries, &self.embedded.registrars.entries);
        write!(f, "Catalogue({} senders, {} registrars)", senders.len(), registrars.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_native_names_case_and_width_all_find_the_template() {
        let catalogue = Catalogue::embedded();
        for name in
            ["makeshop", "MakeShop", "ＭａｋｅＳｈｏｐ", "メイクショップ", "めいくしょっぷ", "ﾒｲｸｼｮｯﾌﾟ", "Make Shop"]
        {
            assert_eq!(catalogue.sender(name).map(|s| s.id.as_str()), Some("makeshop"), "{name}");
        }
        assert!(catalogue.sender("nobody").is_none());
        assert!(catalogue.sender("").is_none());
        assert_eq!(catalogue.sender_near("makeshpo").as_deref().map(str::to_lowercase), Some("makeshop".into()));
    }

    #[test]
    fn a_file_that_is_named_is_that_file_whatever_ids_there_are() {
        let own = |path: &str, provider: &str, service: &str| OwnTemplate {
            path: path.to_owned(),
            kind: TemplateKind::DomainConnect,
            called: vec![path.to_owned()],
            text: format!(
                "{{\"providerId\": \"{provider}\", \"providerName\": \"A\", \"serviceId\": \"{service}\", \"serviceName\": \"B\", \"records\": [{{\"type\": \"TXT\", \"host\": \"_a\", \"data\": \"a\"}}]}}"
            ),
        };
        // The second one's id is the first one's file.
        let own = vec![own("mail.json", "example.net", "x"), own("other.json", "mail", "json")];
        let catalogue = Catalogue::embedded().with_own(own, &mut Sources::default(), &mut Vec::new());
        assert_eq!(catalogue.sender("mail.json").map(|s| s.id.as_str()), Some("example.net.x"));
        assert_eq!(catalogue.sender("other.json").map(|s| s.id.as_str()), Some("mail.json"));
    }

    #[test]
    fn heads_say_what_the_templates_say() {
        let catalogue = Catalogue::embedded();
        let heads: Vec<(String, String, String)> =
            catalogue.registrar_heads().map(|(i, c, k)| (i.to_owned(), c.to_owned(), k.to_owned())).collect();
        let read = catalogue.registrars().map(|r| (r.id.clone(), r.country.clone(), r.kind.clone()));
        assert_eq!(heads, read.collect::<Vec<_>>());
    }

    #[test]
    fn every_name_of_every_template_finds_it() {
        let catalogue = Catalogue::embedded();
        for sender in catalogue.senders() {
            for name in sender.names() {
                assert_eq!(catalogue.sender(name).map(|s| &s.id), Some(&sender.id), "{name}");
            }
        }
        for registrar in catalogue.registrars() {
            for name in registrar.names() {
                assert_eq!(catalogue.registrar(name).map(|s| &s.id), Some(&registrar.id), "{name}");
            }
        }
    }

    #[test]
    fn no_name_means_two_templates() {
        let catalogue = Catalogue::embedded();
        fn unique<'a, T: Template + 'a>(all: impl Iterator<Item = &'a T>) {
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
