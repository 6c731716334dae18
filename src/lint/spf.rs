//! SPF, as far as the record's own text shows it. What other records of the zone show is in `spf_zone`.

use std::cell::{LazyCell, OnceCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use crate::catalogue::facts;
use crate::compose::{Declared, Intent, Origin};
use crate::mail::spf::{Problem, ProblemKind, Qualifier, Record, Term, TermKind, is_spf, looks_like_spf};
use crate::mail::tags::TagList;
use crate::report::{Finding, NoteKind, Severity, Span, Text, visible};
use crate::say;
use crate::zone::wire::answer_size;
use crate::zone::{Name, Rtype};

use super::{Findings, Rule, Seen, View};

/// The rules of this file.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "spf-version-prefix",
        en: "What is meant as SPF begins with `v=spf1` and a space",
        ja: "SPF のつもりの TXT は `v=spf1` と空白で始まります",
        source: "RFC 7208 §4.5, §12",
        check: |view, found| problems(view, "spf-version-prefix", found),
    },
    Rule {
        id: "spf-syntax",
        en: "Every term of an SPF record fits the grammar",
        ja: "SPF の項目はすべて文法どおりです",
        source: "RFC 7208 §4.6, §6, §7.1, §12",
        check: |view, found| problems(view, "spf-syntax", found),
    },
    Rule {
        id: "spf-mechanism-as-modifier",
        en: "No `=` where SPF needs `:`",
        ja: "SPF で `:` を使うところに `=` はありません",
        source: "RFC 7208 §6",
        check: |view, found| problems(view, "spf-mechanism-as-modifier", found),
    },
    Rule {
        id: "spf-ptr-used",
        en: "SPF does not use `ptr`",
        ja: "SPF で `ptr` を使いません",
        source: "RFC 7208 §5.5",
        check: |view, found| problems(view, "spf-ptr-used", found),
    },
    Rule {
        id: "spf-passes-everyone",
        en: "SPF does not let everybody send",
        ja: "SPF はだれにでも送信を許可しません",
        source: "RFC 7208 §5.1; RFC 9989 §7.1; the widths /16 and /32 are zoneplan's own",
        check: |view, found| problems(view, "spf-passes-everyone", found),
    },
    Rule {
        id: "spf-no-usable-all",
        en: "SPF ends with `~all` or `-all`",
        ja: "SPF は `~all` か `-all` で終わります",
        source: "RFC 7208 §4.7",
        check: no_usable_all,
    },
    Rule {
        id: "spf-hardfail-before-dmarc",
        en: "`~all` rather than `-all` where DMARC decides",
        ja: "DMARC が判定するドメインでは `-all` より `~all` を使います",
        source: "RFC 9989 §7.1; M3AAWG",
        check: hardfail_before_dmarc,
    },
    Rule {
        id: "spf-terms-after-all",
        en: "No SPF mechanism stands behind `all`",
        ja: "SPF の `all` より後ろに項目はありません",
        source: "RFC 7208 §5.1",
        check: |view, found| problems(view, "spf-terms-after-all", found),
    },
    Rule {
        id: "spf-redirect-with-all",
        en: "`redirect=` stands last and without `all`",
        ja: "`redirect=` は最後に置き、`all` と一緒に使いません",
        source: "RFC 7208 §6.1, §5.1",
        check: redirect_with_all,
    },
    Rule {
        id: "spf-wrong-provider-name",
        en: "SPF uses the name that the provider's documents give",
        ja: "SPF には送信サービスの資料にある名前を使います",
        source: "each row of the table names its own",
        check: wrong_provider_name,
    },
    Rule {
        id: "spf-duplicate-or-covered-term",
        en: "No SPF term says what another one says",
        ja: "SPF に同じ意味の項目が重なっていません",
        source: "RFC 7208 §4.6.2, §4.6.4",
        check: |view, found| problems(view, "spf-duplicate-or-covered-term", found),
    },
    Rule {
        id: "spf-sender-shadowed",
        en: "No SPF term refuses what a later one passes",
        ja: "SPF の前の項目が、後ろの項目の許可する送信元を断っていません",
        source: "RFC 7208 §4.6.2",
        check: sender_shadowed,
    },
    Rule {
        id: "spf-record-length",
        en: "An SPF record is at most 450 bytes, its DNS answer at most 512",
        ja: "SPF は 450 バイト、DNS の応答は 512 バイトまでです",
        source: "RFC 7208 §3.4",
        check: record_length,
    },
];

/// Findings of one rule about one record; the rest is counted.
const MOST: usize = 5;

/// Keeps the first [`MOST`] of the findings about one record and says how many more there are.
pub(super) fn keep_few(mut some: Vec<Finding>, found: &mut Findings) {
    let more = some.len().saturating_sub(MOST);
    some.truncate(MOST);
    if more > 0
        && let Some(last) = some.pop()
    {
        let text = say!(en: "{more} more of this kind in the same record", ja: "同じレコードに同じ種類のものがあと {more} 件あります");
        some.push(last.note(NoteKind::Note, text));
    }
    found.extend(some);
}

/// A sentence that holds text from the zone.
pub(super) fn plain(text: &Text) -> Text {
    Text { en: visible(&text.en).into_owned(), ja: visible(&text.ja).into_owned() }
}

/// What was read of a TXT that is SPF, or looks as if it was meant so.
pub(super) struct Read {
    at: u32,
    /// Whether receivers see it as SPF.
    is_spf: bool,
    domain: String,
    record: Record,
    inspected: OnceCell<Vec<Problem>>,
}

/// An SPF record of the zone, read.
pub(super) struct Spf<'v> {
    pub(super) seen: &'v Seen,
    /// Its name without the final dot.
    pub(super) domain: &'v str,
    pub(super) record: &'v Record,
    read: &'v Read,
    /// Who wants a term, by how it is written; empty without a site.
    wanted: OnceCell<HashMap<&'v str, &'v [Origin]>>,
}

impl<'v> Spf<'v> {
    fn new(seen: &'v Seen, read: &'v Read) -> Self {
        Self { seen, domain: &read.domain, record: &read.record, read, wanted: OnceCell::new() }
    }

    /// What is to be said of the record by itself.
    fn inspected(&self) -> &'v [Problem] {
        self.read.inspected.get_or_init(|| self.record.inspect(self.domain))
    }

    /// Who wants a term.
    pub(super) fn origins_of(&self, raw: &str) -> &'v [Origin] {
        let wanted = self.wanted.get_or_init(|| match &self.seen.intent {
            Some(Intent::Spf { terms, .. }) => {
                terms.iter().map(|(term, origins)| (term.as_str(), origins.as_slice())).collect()
            }
            _ => HashMap::new(),
        });
        wanted.get(raw).copied().unwrap_or_default()
    }

    /// A finding about a range of the record: placed where the term came from if that is known, else where the record did.
    pub(super) fn finding(
        &self,
        view: &View<'_>,
        id: &'static str,
        severity: Severity,
        range: Range<usize>,
        title: &Text,
    ) -> Finding {
        let raw = self.octets(range.clone());
        let origins = std::str::from_utf8(raw).map(|raw| self.origins_of(raw)).unwrap_or_default();
        if !origins.iter().any(|origin| origin.span.is_some()) {
            return view.finding_at(id, severity, self.seen, Some(range), plain(title));
        }
        let mut finding = Finding::new(id, severity, plain(title)).about(self.domain, "TXT");
        for origin in origins {
            let Some(span) = origin.span else { continue };
            let span = if origin.by_hand { narrowed(view, span, raw) } else { span };
            let name = view.parties.get(origin.party).map(|party| party.name.clone()).unwrap_or_default();
            finding = finding.at(span, name);
        }
        finding
    }

    fn octets(&self, range: Range<usize>) -> &'v [u8] {
        self.record.text().get(range).unwrap_or_default()
    }

    /// Offers a change of the range, where it stands in site.toml as it is. No new text means that it goes, with one space.
    pub(super) fn with_fix(&self, view: &View<'_>, finding: Finding, range: Range<usize>, new: &str) -> Finding {
        let Some(mut span) = finding.primary() else { return finding };
        let there = view.sources.slice(span).as_bytes();
        if range.is_empty() || there != self.octets(range) {
            return finding;
        }
        if new.is_empty() {
            let before = Span::new(span.file, span.range().start.saturating_sub(1)..span.range().start);
            if view.sources.slice(before) != " " {
                return finding;
            }
            span.start = before.start;
            return finding.fix(say!(en: "remove the term", ja: "この項目を消します"), span, "");
        }
        finding.fix(say!(en: "replace it", ja: "書き換えます"), span, new)
    }
}

/// The place of `raw` as a word inside a longer text of site.toml, or the whole.
fn narrowed(view: &View<'_>, span: Span, raw: &[u8]) -> Span {
    let (there, Ok(raw)) = (view.sources.slice(span), std::str::from_utf8(raw)) else { return span };
    let edge = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | '"' | '\''));
    let is_word = |at: usize| {
        let (before, after) = (there.get(..at).unwrap_or(""), there.get(at + raw.len()..).unwrap_or(""));
        edge(before.chars().next_back()) && edge(after.chars().next())
    };
    match there.match_indices(raw).map(|(at, _)| at).find(|at| !raw.is_empty() && is_word(*at)) {
        Some(at) => {
            let start = span.range().start + at;
            Span::new(span.file, start..start + raw.len())
        }
        None => span,
    }
}

/// The SPF records of the zone.
pub(super) fn records<'v>(view: &'v View<'_>) -> impl Iterator<Item = Spf<'v>> {
    meant(view).filter(|spf| spf.read.is_spf)
}

/// The TXT that are SPF, or look as if they were meant so.
fn meant<'v>(view: &'v View<'_>) -> impl Iterator<Item = Spf<'v>> {
    let read = |(at, seen): (u32, &Seen)| {
        let text = seen.txt()?;
        let is_spf = is_spf(text);
        (is_spf || looks_like_spf(text)).then(|| Read {
            at,
            is_spf,
            domain: seen.record.name.display_without_dot().to_string(),
            record: Record::parse(text),
            inspected: OnceCell::new(),
        })
    };
    let all = view.once.spf.get_or_init(|| view.numbered(Rtype::TXT).filter_map(read).collect());
    all.iter().filter_map(|read| Some(Spf::new(view.record(read.at)?, read)))
}

/// The domain names that are only ever included: no mail comes from a name with `_` in front.
pub(super) fn is_part(name: &Name) -> bool {
    name.first_label().is_some_and(|label| label.first() == Some(&b'_'))
}

/// What reading and inspecting found that belongs to the rule `id`.
fn problems(view: &View<'_>, id: &'static str, found: &mut Findings) {
    // The rest of a record that no receiver sees as one is not judged.
    let reading = matches!(id, "spf-version-prefix" | "spf-syntax");
    for spf in meant(view).filter(|spf| reading || spf.read.is_spf) {
        let all = if reading { spf.record.problems() } else { spf.inspected() };
        let mine = all.iter().filter(|problem| problem.kind.rule() == id);
        let mut some: Vec<Finding> = mine.map(|problem| of_problem(view, &spf, problem)).collect();
        if id == "spf-version-prefix" && some.is_empty() && spf.record.version().is_none() {
            some.push(no_version(view, &spf));
        }
        keep_few(some, found);
    }
}

/// Terms, but no `v=spf1` at all.
fn no_version(view: &View<'_>, spf: &Spf<'_>) -> Finding {
    let name = &spf.domain;
    let title = say!(
        en: "the TXT of {name} has terms of SPF but does not begin with `v=spf1`",
        ja: "{name} の TXT に SPF の項目がありますが、`v=spf1` で始まっていません"
    );
    let whole = 0..spf.record.text().len();
    let finding = spf
        .finding(view, "spf-version-prefix", Severity::Error, whole.clone(), &title)
        .harm(unseen())
        .next(say!(en: "put `v=spf1 ` in front", ja: "先頭に `v=spf1 ` を足します"));
    match std::str::from_utf8(spf.record.text()) {
        Ok(text) => spf.with_fix(view, finding, whole, &format!("v=spf1 {}", text.trim_start())),
        Err(_) => finding,
    }
}

fn unseen() -> Text {
    say!(
        en: "receivers see no SPF here, and report no error either",
        ja: "受信側からは SPF がないものとして扱われます。エラーにもならないため、気づけません"
    )
}

fn of_problem(view: &View<'_>, spf: &Spf<'_>, problem: &Problem) -> Finding {
    let name = &spf.domain;
    let what = Problem { fix: None, ..problem.clone() }.text();
    let title = say!(en: "SPF of {name}: {what}", ja: "{name} の SPF: {what}"; what = what);
    let (severity, harm, advice) = words(problem.kind);
    let term = &problem.term;
    let next = match problem.fix.as_deref() {
        Some("") => say!(en: "remove `{term}`", ja: "`{term}` を消します"),
        Some(fix) => say!(en: "write `{fix}` for `{term}`", ja: "`{term}` を `{fix}` に直します"),
        None => advice,
    };
    let finding =
        spf.finding(view, problem.kind.rule(), severity, problem.span.clone(), &title).harm(harm).next(plain(&next));
    use ProblemKind as K;
    // What is said twice may be said once.
    let safe = matches!(problem.kind, K::Duplicate | K::DuplicateInclude | K::Covered);
    match problem.fix.as_deref() {
        Some(fix) => spf.with_fix(view, finding, problem.span.clone(), fix).safely_if(safe),
        None => finding,
    }
}

/// How bad a kind of problem is, what it does to mail, and what to do where there is no mechanical repair.
fn words(kind: ProblemKind) -> (Severity, Text, Text) {
    use ProblemKind as K;
    let remove = say!(en: "remove the term", ja: "この項目を消します");
    let saved = say!(
        en: "it changes nothing and costs room in the record",
        ja: "あってもなくても結果は同じで、そのぶんレコードが長くなります"
    );
    match kind {
        K::VersionPrefix => (Severity::Error, unseen(), say!(en: "begin with `v=spf1 `", ja: "`v=spf1 ` で始めます")),
        K::OddDomain => (
            Severity::Warning,
            say!(en: "the term authorises nobody", ja: "この項目ではだれも許可されません"),
            say!(en: "write the host name that was meant", ja: "正しいホスト名に直します"),
        ),
        K::VersionRepeated => (
            Severity::Warning,
            say!(en: "what stands behind the first `all` is never used", ja: "1つ目の `all` より後ろは使われません"),
            remove,
        ),
        K::MechanismAsModifier => (
            Severity::Error,
            say!(
                en: "the sender that is meant is not authorised, and no error shows it",
                ja: "許可したつもりの送信元が許可されません。エラーにもなりません"
            ),
            say!(en: "write `:` for `=`", ja: "`=` を `:` に直します"),
        ),
        K::PtrUsed => (
            Severity::Warning,
            say!(
                en: "many receivers skip it, so mail that relies on it fails SPF",
                ja: "読み飛ばす受信側が多く、これだけに頼るメールは SPF に失敗します"
            ),
            say!(en: "list the servers with `ip4:` or `a:` instead", ja: "代わりに送信サーバーを `ip4:` か `a:` で書きます"),
        ),
        K::PassesEveryone | K::PassesEveryoneTogether => (
            Severity::Error,
            say!(en: "forged mail passes SPF, and DMARC with it", ja: "なりすましメールが SPF に合格し、DMARC にも合格します"),
            say!(
                en: "list only your own servers and end with `~all`",
                ja: "自社の送信元だけを書き、最後を `~all` にします"
            ),
        ),
        K::WideRange { .. } => (
            Severity::Warning,
            say!(
                en: "servers of strangers in that range pass SPF as this domain",
                ja: "範囲内にある他人のサーバーも、このドメインとして SPF に合格します"
            ),
            say!(en: "narrow it to the servers that send", ja: "実際に送信するサーバーの範囲に狭めます"),
        ),
        K::NoAll | K::NeutralAll => (
            Severity::Warning,
            say!(
                en: "mail from unknown servers is neither passed nor refused",
                ja: "知らないサーバーからのメールが、合格でも不合格でもない扱いになります"
            ),
            say!(en: "end the record with `~all`", ja: "最後を `~all` にします"),
        ),
        K::TermAfterAll => (
            Severity::Warning,
            say!(en: "the term does nothing: what it was to authorise is not authorised", ja: "この項目は効きません。許可するつもりの送信元は許可されないままです"),
            say!(en: "move it before `all`", ja: "`all` の前に移します"),
        ),
        K::RedirectWithAll => (
            Severity::Warning,
            say!(en: "what `redirect=` leads to is never used", ja: "`redirect=` の先は使われません"),
            say!(
                en: "write `include:` before `all` if that sender is meant to pass, else remove it",
                ja: "その送信元を許可するなら `all` の前に `include:` で書きます。不要なら消します"
            ),
        ),
        K::DuplicateInclude => (
            Severity::Warning,
            say!(en: "its DNS look-ups count twice towards the 10 allowed", ja: "DNS の照会（上限 10 回）が二重に数えられます"),
            remove,
        ),
        K::Duplicate | K::Covered | K::Dead => (Severity::Advice, saved, remove),
        // All others make the record void.
        _ => (
            Severity::Error,
            say!(
                en: "one fault voids the whole record: SPF is an error (permerror) for every message",
                ja: "1か所の誤りで SPF 全体が無効（permerror）になり、すべてのメールに影響します"
            ),
            say!(en: "correct the term", ja: "この項目を書き直します"),
        ),
    }
}

/// As [`problems`], but names that are only included need no `all`; for a `redirect=` to such a name the referrer is told.
fn no_usable_all(view: &View<'_>, found: &mut Findings) {
    const ID: &str = "spf-no-usable-all";
    // What another record includes, and no sender has as its From domain, is a part too, whatever its name.
    let mut included: Option<BTreeSet<Name>> = None;
    let first: LazyCell<HashMap<&Name, &Record>, _> = LazyCell::new(|| {
        let mut first = HashMap::new();
        for spf in records(view) {
            first.entry(&spf.seen.record.name).or_insert(spf.record);
        }
        first
    });
    for spf in records(view).filter(|spf| !is_part(&spf.seen.record.name)) {
        let text = spf.record.text();
        let name = &spf.seen.record.name;
        let sends = |d: &Declared| d.senders.iter().any(|s| s.from == *name);
        let may_be_part = spf.record.all().is_none() && name != view.origin && !view.declared.is_some_and(sends);
        if may_be_part && included.get_or_insert_with(|| includes(view)).contains(name) {
            continue;
        }
        if let Some(problem) = spf.inspected().iter().find(|problem| problem.kind.rule() == ID) {
            let finding = of_problem(view, &spf, problem);
            let finding = match (problem.kind, std::str::from_utf8(text)) {
                (ProblemKind::NeutralAll, _) => spf.with_fix(view, finding, problem.span.clone(), "~all"),
                (_, Ok(text)) if spf.seen.by_hand() => {
                    let again = view.finding_at(ID, finding.severity, spf.seen, Some(0..text.len()), Text::default());
                    let finding = Finding { labels: again.labels, ..finding };
                    spf.with_fix(view, finding, 0..text.len(), &format!("{} ~all", text.trim_end()))
                }
                _ => finding,
            };
            found.push(finding);
        } else if let Some(end) = redirected(&first, spf.record) {
            let (name, end) = (&spf.domain, end.display_without_dot().to_string());
            let title = say!(
                en: "SPF of {name} ends, by `redirect=`, at {end}, which refuses nobody",
                ja: "{name} の SPF は `redirect=` で {end} に続きますが、そこではだれも断られません"
            );
            let (severity, harm, _) = words(ProblemKind::NoAll);
            let span = spf.record.redirect().map_or(0..0, |term| term.span.clone());
            let next = say!(en: "end the record of {end} with `~all`", ja: "{end} のレコードの最後を `~all` にします");
            found.push(spf.finding(view, ID, severity, span, &title).harm(harm).next(next));
        }
    }
}

/// The names that records of this zone include.
fn includes(view: &View<'_>) -> BTreeSet<Name> {
    let terms = records(view).flat_map(|spf| spf.record.terms());
    terms.filter(|term| matches!(term.kind, TermKind::Include(_))).filter_map(target).collect()
}

/// Where `redirect=`s within the zone end, if that is a name with `_` whose record has no usable `all`.
fn redirected(first: &HashMap<&Name, &Record>, record: &Record) -> Option<Name> {
    let mut name = redirect_of(record)?;
    // More look-ups than these no receiver makes.
    for _ in 0..10 {
        let next = *first.get(&name)?;
        match next.all() {
            Some(all) => return (all.qualifier == Qualifier::Neutral && is_part(&name)).then_some(name),
            None => match redirect_of(next) {
                Some(further) => name = further,
                None if next.redirect().is_none() && is_part(&name) => return Some(name),
                None => return None,
            },
        }
    }
    None
}

fn redirect_of(record: &Record) -> Option<Name> {
    record.redirect().filter(|_| record.all().is_none()).and_then(target)
}

/// The name that a term is about, if it is written without macros.
pub(super) fn target(term: &Term) -> Option<Name> {
    let spec = term.kind.domain_spec().filter(|spec| !spec.has_macros())?;
    Name::parse_absolute(spec.as_str()).ok()
}

fn redirect_with_all(view: &View<'_>, found: &mut Findings) {
    const ID: &str = "spf-redirect-with-all";
    problems(view, ID, found);
    for spf in records(view).filter(|spf| spf.record.all().is_none()) {
        let Some(redirect) = spf.record.redirect() else { continue };
        let later = |term: &&Term| term.span.start > redirect.span.start && !term.kind.is_modifier();
        let Some(later) = spf.record.terms().iter().find(later) else { continue };
        let (name, raw, first) = (&spf.domain, &redirect.raw, &later.raw);
        let title = say!(
            en: "SPF of {name}: `{raw}` stands before `{first}`, but is used last",
            ja: "{name} の SPF: `{raw}` は `{first}` より前にありますが、使われるのは最後です"
        );
        let finding = spf
            .finding(view, ID, Severity::Advice, redirect.span.clone(), &title)
            .harm(say!(en: "nothing fails; people read the order wrongly", ja: "動作は変わりませんが、順番を読み間違えやすくなります"))
            .next(plain(&say!(en: "move `{raw}` to the end", ja: "`{raw}` を最後に移します")));
        found.push(finding);
    }
}

/// Whether a DMARC policy of the zone that applies to `name` is quarantine or reject.
fn dmarc_enforced(view: &View<'_>, name: &Name) -> bool {
    let policy = |at: &Name, tags: &[&[u8]]| {
        let owner = at.child("_dmarc").ok()?;
        view.of(&owner, Rtype::TXT).filter_map(Seen::txt).find_map(|text| {
            let (list, _) = TagList::parse(text);
            list.tags().first().filter(|tag| list.name(tag) == b"v" && list.value(tag) == b"DMARC1")?;
            let value = tags.iter().find_map(|tag| list.find(tag)).map(|tag| list.value(tag).to_ascii_lowercase());
            Some(matches!(value.as_deref(), Some(b"quarantine" | b"reject")))
        })
    };
    policy(name, &[b"p"]).or_else(|| policy(view.origin, &[b"sp", b"p"])).unwrap_or(false)
}

fn hardfail_before_dmarc(view: &View<'_>, found: &mut Findings) {
    // Names below which a DKIM record stands.
    let signing: LazyCell<HashSet<Name>, _> = LazyCell::new(|| {
        let keys = view.of_type(Rtype::TXT).chain(view.of_type(Rtype::CNAME));
        keys.filter_map(|seen| super::dkim::signing_domain(&seen.record.name)).collect()
    });
    for spf in records(view) {
        let name = &spf.seen.record.name;
        let Some(all) = spf.record.all().filter(|all| all.qualifier == Qualifier::Fail) else { continue };
        // `-all` alone is how a name says that it sends nothing.
        let sends = spf.record.live_mechanisms().any(|term| term.kind != TermKind::All);
        if !sends || is_part(name) || !signing.contains(name) || !dmarc_enforced(view, name) {
            continue;
        }
        let shown = &spf.domain;
        let title = say!(
            en: "SPF of {shown} ends with `-all`, though DMARC already decides",
            ja: "{shown} の SPF は `-all` で終わっています。判定は DMARC に任せられます"
        );
        let finding = spf
            .finding(view, "spf-hardfail-before-dmarc", Severity::Advice, all.span.clone(), &title)
            .harm(say!(
                en: "some receivers refuse forwarded mail at once, before DKIM is checked, and no DMARC report shows it",
                ja: "転送されたメールを DKIM の確認前に断る受信側があり、DMARC レポートにも出ません"
            ))
            .next(say!(en: "write `~all`, unless `-all` is on purpose", ja: "意図して `-all` にしたのでなければ `~all` にします"));
        found.push(spf.with_fix(view, finding, all.span.clone(), "~all"));
    }
}

fn wrong_provider_name(view: &View<'_>, found: &mut Findings) {
    /// From so many terms on all templates are read once, rather than searched for each term.
    const MANY: usize = 50;
    let Some(catalogue) = view.catalogue else { return };
    let many = records(view).map(|spf| spf.record.terms().len()).sum::<usize>() > MANY;
    for spf in records(view) {
        let mut some = Vec::new();
        let old = if many { catalogue.retired(std::slice::from_ref(&spf.seen.record)) } else { Vec::new() };
        let retired = |term: &Term| match many {
            true => old.iter().find(|(_, raw, ..)| *raw == term.raw).map(|(_, _, sender, gone)| (*sender, *gone)),
            false => catalogue.retired_term(term, spf.domain),
        };
        for term in spf.record.live_mechanisms() {
            // What a template of the site wants is not old.
            if spf.origins_of(&term.raw).iter().any(|o| o.party != 0 && !o.by_hand) {
                continue;
            }
            let Some((sender, gone)) = retired(term) else { continue };
            let (name, raw, company, why) = (&spf.domain, &term.raw, &sender.name, &gone.why);
            let title = say!(
                en: "SPF of {name}: `{raw}` is not what {company} uses: {why}",
                ja: "{name} の SPF: `{raw}` は{company}の正しい書き方ではありません。{why}"; company = company, why = why
            );
            // What stands in its place may hold a blank for the customer's own part.
            let right = Some(gone.replacement.as_str()).filter(|r| !r.is_empty() && !r.contains(['<', '*']));
            let next = match right {
                Some(right) => say!(en: "write `{right}`", ja: "`{right}` に直します"),
                None => say!(
                    en: "look the value up in the panel or help of {company}",
                    ja: "{company}の管理画面かヘルプで値を確かめます"; company = company
                ),
            };
            let mut finding = spf
                .finding(view, "spf-wrong-provider-name", Severity::Warning, term.span.clone(), &title)
                .harm(say!(
                    en: "mail of {company} may fail SPF, now or when the old name goes",
                    ja: "{company}から出るメールが、いま、または名前がなくなったときに SPF に失敗します"; company = company
                ))
                .next(next);
            if let Some(source) = sender.sources.iter().find(|s| s.facts.iter().any(|f| f == "retired")) {
                let (place, date, trust) = (facts::place(&source.url), &source.date, source.trust.text());
                finding = finding
                    .source(say!(en: "{place} ({date}, {trust})", ja: "{place}（{date}、{trust}）"; place = place, trust = trust))
                    .confidence(source.trust.confidence());
            }
            let fix = right.filter(|_| term.qualifier == Qualifier::Pass);
            some.push(match fix {
                Some(right) => spf.with_fix(view, finding, term.span.clone(), right),
                None => finding,
            });
        }
        keep_few(some, found);
    }
}

/// A term that would pass a range, or the same thing as an earlier term, which a `-`, `~` or `?` before it takes first.
fn sender_shadowed(view: &View<'_>, found: &mut Findings) {
    for spf in records(view) {
        let mut some = Vec::new();
        let live: Vec<&Term> = spf.record.live_mechanisms().filter(|term| term.kind != TermKind::All).collect();
        if live.iter().all(|term| term.qualifier == Qualifier::Pass) {
            continue;
        }
        // First of either kind, by what is matched.
        let mut first: HashMap<String, &Term> = HashMap::new();
        let mut ranges: Vec<(crate::mail::spf::Network, &Term)> = Vec::new();
        for term in live {
            let body = term.normal(spf.domain).as_str().trim_start_matches(['-', '~', '?']).to_owned();
            let same = *first.entry(body).or_insert(term);
            let holder = term.kind.network().and_then(|network| {
                ranges.iter().find(|(wide, _)| wide.contains(&network)).map(|(_, earlier)| *earlier)
            });
            if let Some(network) = term.kind.network() {
                ranges.push((network, term));
            }
            let earlier = holder.unwrap_or(same);
            if term.qualifier != Qualifier::Pass || earlier.qualifier == Qualifier::Pass {
                continue;
            }
            let (name, raw, before) = (&spf.domain, &term.raw, &earlier.raw);
            let title = say!(
                en: "SPF of {name}: `{raw}` passes nobody, because `{before}` stands before it",
                ja: "{name} の SPF: 前に `{before}` があるため、`{raw}` ではだれも合格しません"
            );
            let finding = spf
                .finding(view, "spf-sender-shadowed", Severity::Error, term.span.clone(), &title)
                .harm(say!(en: "mail from that sender does not pass SPF", ja: "この送信元からのメールは SPF に合格しません"))
                .next(plain(&say!(
                    en: "put `{raw}` before `{before}`, or remove `{before}`",
                    ja: "`{raw}` を `{before}` の前に移すか、`{before}` を消します"
                )));
            some.push(finding);
        }
        keep_few(some, found);
    }
}

/// RFC 7208 §3.4.
const COMFORTABLE: usize = 450;
/// A DNS answer without EDNS (RFC 1035 §2.3.4).
const ANSWER: usize = 512;

fn record_length(view: &View<'_>, found: &mut Findings) {
    for spf in records(view) {
        let (name, length) = (&spf.domain, spf.record.text().len());
        let record = &spf.seen.record;
        let answer = answer_size(&record.name, Rtype::TXT, std::slice::from_ref(&record.rdata));
        let (severity, title) = if answer > ANSWER {
            let title = say!(
                en: "{length} bytes: SPF of {name} makes a DNS answer of {answer} bytes (512 is safe)",
                ja: "{name} の SPF は {length} バイトで、DNS の応答は {answer} バイトになります（目安 512）"
            );
            (Severity::Warning, title)
        } else if length > COMFORTABLE {
            let title = say!(
                en: "{length} bytes: SPF of {name} is longer than 450",
                ja: "{name} の SPF は {length} バイトです（目安 450）"
            );
            (Severity::Advice, title)
        } else {
            continue;
        };
        let finding = view
            .finding("spf-record-length", severity, spf.seen, title)
            .harm(say!(
                en: "some resolvers lose long answers, and SPF is then sometimes not found",
                ja: "長い応答を受け取れない DNS があり、SPF がときどき見つからなくなります"
            ))
            .next(say!(
                en: "remove what is not used, or move a part to `include:_spf1.{name}` (1 look-up each)",
                ja: "使っていない項目を消すか、一部を `include:_spf1.{name}` に移します（1つにつき照会1回）"
            ));
        found.push(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{levels, name, records as lines, run};
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::compose::Party;
    use crate::report::Severity::{Advice, Error, Warning};
    use crate::report::Sources;

    fn rule(id: &str) -> &'static Rule {
        RULES.iter().find(|rule| rule.id == id).unwrap()
    }

    /// What a rule says of one record at the apex.
    fn said(id: &str, record: &str) -> Vec<Finding> {
        run(rule(id), &format!("@ TXT \"{record}\""), None)
    }

    fn severities(id: &str, record: &str) -> Vec<Severity> {
        levels(rule(id), &format!("@ TXT \"{record}\""), None)
    }

    /// The bad and the good examples of the catalogue, and what the RFC says of more.
    #[test]
    fn examples() {
        for (id, record, expected) in [
            ("spf-version-prefix", "v=spf1; ip4:192.0.2.1 -all", &[Error][..]),
            ("spf-version-prefix", "v=spf10 ip4:192.0.2.1 -all", &[Error]),
            ("spf-version-prefix", "spf1 include:a.example ~all", &[Error]),
            ("spf-version-prefix", "v=spf1, ip4:192.0.2.1 -all", &[Error]),
            ("spf-version-prefix", "ip4:192.0.2.1 -all", &[Error]),
            ("spf-version-prefix", "V=SPF1 IP4:192.0.2.1 -ALL", &[]),
            ("spf-version-prefix", "google-site-verification=abc", &[]),
            ("spf-syntax", "v=spf1 ip4: 192.0.2.1 -all", &[Error]),
            ("spf-syntax", "v=spf1 ip4:192.0.2.1, -all", &[Error]),
            ("spf-syntax", "v=spf1 ipv4:192.0.2.1 -all", &[Error]),
            ("spf-syntax", "v=spf1 include: -all", &[Error]),
            ("spf-syntax", "v=spf1 a:192.0.2.1 -all", &[Error]),
            ("spf-syntax", "v=spf1 ip6:192.0.2.1 -all", &[Error]),
            ("spf-syntax", "v=spf1 ip4:192.0.2.0/33 -all", &[Error]),
            ("spf-syntax", "v=spf1 ip6:2001:db8::/129 -all", &[Error]),
            ("spf-syntax", "v=spf1 ip4:192.0.2.01 -all", &[Error]),
            ("spf-syntax", "v=spf1 exists:%{x}.a.example -all", &[Error]),
            ("spf-syntax", "v=spf1 redirect=a.example redirect=b.example", &[Error]),
            ("spf-syntax", "v=spf1 ip4:192.0.2.1 -all ip4:192.0.2", &[Error]),
            // Legal: an unknown modifier, and a final dot.
            ("spf-syntax", "v=spf1 ip4:192.0.2.1 v=spf1 -all", &[Warning]),
            ("spf-syntax", "v=spf1 include:x.example. foo=bar -all", &[]),
            ("spf-syntax", "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all", &[]),
            ("spf-mechanism-as-modifier", "v=spf1 ip4=192.0.2.1 -all", &[Error]),
            ("spf-mechanism-as-modifier", "v=spf1 INCLUDE=a.example mx= -all", &[Error, Error]),
            ("spf-mechanism-as-modifier", "v=spf1 ip4:192.0.2.1 -all", &[]),
            ("spf-ptr-used", "v=spf1 ptr -all", &[Warning]),
            ("spf-ptr-used", "v=spf1 PTR:a.example -all", &[Warning]),
            ("spf-ptr-used", "v=spf1 ip4:192.0.2.1 -all", &[]),
            ("spf-passes-everyone", "v=spf1 +all", &[Error]),
            ("spf-passes-everyone", "v=spf1 ip4:0.0.0.0/0 -all", &[Error]),
            ("spf-passes-everyone", "v=spf1 ip6:::/0 -all", &[Error]),
            ("spf-passes-everyone", "v=spf1 ip4:10.0.0.0/15 ip6:2001:db8::/31 ~all", &[Warning, Warning]),
            ("spf-passes-everyone", "v=spf1 ip4:10.0.0.0/16 ip6:2001:db8::/32 ~all", &[]),
            ("spf-passes-everyone", "v=spf1 ip4:192.0.2.1 ~all", &[]),
            ("spf-no-usable-all", "v=spf1 ip4:192.0.2.1", &[Warning]),
            ("spf-no-usable-all", "v=spf1 ip4:192.0.2.1 ?all", &[Warning]),
            ("spf-no-usable-all", "v=spf1 ip4:192.0.2.1 ~all", &[]),
            ("spf-no-usable-all", "v=spf1 redirect=_spf.elsewhere.example", &[]),
            ("spf-terms-after-all", "v=spf1 a -all include:esp.example", &[Warning]),
            ("spf-terms-after-all", "v=spf1 a include:esp.example -all exp=x.example", &[]),
            ("spf-redirect-with-all", "v=spf1 ip4:192.0.2.1 redirect=_spf.b.example ~all", &[Warning]),
            ("spf-redirect-with-all", "v=spf1 redirect=_spf.b.example ip4:192.0.2.1", &[Advice]),
            ("spf-redirect-with-all", "v=spf1 ip4:192.0.2.1 include:_spf.b.example ~all", &[]),
            ("spf-wrong-provider-name", "v=spf1 include:google.com ~all", &[Warning]),
            ("spf-wrong-provider-name", "v=spf1 include:Google.COM. ~all", &[Warning]),
            ("spf-wrong-provider-name", "v=spf1 include:_spf.google.com ~all", &[]),
            ("spf-wrong-provider-name", "v=spf1 ip4:203.183.142.130/25 ~all", &[Warning]),
            ("spf-duplicate-or-covered-term", "v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.7 -all", &[Advice]),
            ("spf-duplicate-or-covered-term", "v=spf1 include:a.example include:A.example -all", &[Warning]),
            ("spf-duplicate-or-covered-term", "v=spf1 a a:example.com -all", &[Advice]),
            ("spf-duplicate-or-covered-term", "v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 -all", &[]),
            ("spf-duplicate-or-covered-term", "v=spf1 ip4:192.0.2.0/24 -all", &[]),
            ("spf-sender-shadowed", "v=spf1 -ip4:192.0.2.0/24 ip4:192.0.2.7 -all", &[Error]),
            ("spf-sender-shadowed", "v=spf1 ~ip6:2001:db8::/32 ip6:2001:db8::1 -all", &[Error]),
            ("spf-sender-shadowed", "v=spf1 ?include:a.example include:A.example. -all", &[Error]),
            ("spf-sender-shadowed", "v=spf1 ip4:192.0.2.7 -ip4:192.0.2.0/24 -all", &[]),
            // The exception before the rule, and a pass before both.
            ("spf-sender-shadowed", "v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 -all", &[]),
            ("spf-sender-shadowed", "v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.0/28 ip4:192.0.2.7 -all", &[]),
        ] {
            assert_eq!(severities(id, record), expected, "{id}: {record}");
        }
    }

    #[test]
    fn ranges_that_only_together_are_everybody() {
        let found = severities("spf-passes-everyone", "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all");
        assert_eq!(found.iter().filter(|severity| **severity == Error).count(), 1);
    }

    #[test]
    fn a_finding_says_what_and_what_to_do() {
        let [found] = &said("spf-mechanism-as-modifier", "v=spf1 ip4=192.0.2.1 -all")[..] else { panic!() };
        assert!(found.title.ja.contains("`ip4=192.0.2.1`") && found.title.ja.contains("example.com"));
        let next: Vec<_> = found.notes.iter().filter(|note| note.kind == NoteKind::Next).collect();
        assert!(next[0].text.en.contains("`ip4:192.0.2.1`") && next[0].text.ja.contains("`ip4:192.0.2.1`"));
        assert_eq!(found.about[0].name, "example.com");
    }

    #[test]
    fn a_broken_record_gives_five_findings_and_a_count() {
        let record = format!("v=spf1 {}-all", "foo:bar ".repeat(12));
        let found = said("spf-syntax", &record);
        assert_eq!(found.len(), 5);
        assert!(found[4].notes.last().unwrap().text.en.starts_with("7 more"));
    }

    #[test]
    fn direction_marks_are_shown_and_not_sent() {
        let found = run(rule("spf-syntax"), "@ TXT \"v=spf1 a\\226\\128\\174b:c -all\"", None);
        assert!(!found.is_empty());
        for finding in found {
            assert!(!finding.title.en.contains('\u{202e}') && finding.title.en.contains("<U+202E>"));
            assert!(finding.notes.iter().all(|note| !note.text.en.contains('\u{202e}')));
        }
    }

    #[test]
    fn a_part_needs_no_all_but_the_end_of_a_redirect_does() {
        let id = "spf-no-usable-all";
        let part = "_spf TXT \"v=spf1 ip4:192.0.2.1\"";
        assert_eq!(levels(rule(id), part, None), []);
        let found = run(rule(id), &format!("@ TXT \"v=spf1 redirect=_spf.example.com\"\n{part}"), None);
        assert_eq!(found.len(), 1);
        assert!(found[0].title.en.contains("_spf.example.com"));
        let ring = "@ TXT \"v=spf1 redirect=_spf.example.com\"\n_spf TXT \"v=spf1 redirect=example.com\"";
        assert_eq!(levels(rule(id), ring, None), []);
    }

    #[test]
    fn hardfail_matters_only_where_dmarc_and_dkim_stand() {
        let id = "spf-hardfail-before-dmarc";
        let zone = |spf: &str, dmarc: &str| {
            format!("@ TXT \"{spf}\"\n_dmarc TXT \"{dmarc}\"\ns1._domainkey CNAME s1.esp.example.")
        };
        let reject = "v=DMARC1; p=reject";
        assert_eq!(levels(rule(id), &zone("v=spf1 include:esp.example -all", reject), None), [Advice]);
        assert_eq!(levels(rule(id), &zone("v=spf1 include:esp.example ~all", reject), None), []);
        assert_eq!(levels(rule(id), &zone("v=spf1 include:esp.example -all", "v=DMARC1; p=none"), None), []);
        // A name that sends nothing.
        assert_eq!(levels(rule(id), &zone("v=spf1 -all", reject), None), []);
        assert_eq!(levels(rule(id), "@ TXT \"v=spf1 a -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"", None), []);
    }

    #[test]
    fn length_is_the_records_and_the_answers() {
        let id = "spf-record-length";
        let padded = |length: usize| {
            let mut text = "v=spf1".to_owned();
            while text.len() + 16 < length {
                text.push_str(" ip4:192.0.2.1");
            }
            let rest = length - text.len() - " a: ~all".len();
            format!("{text} a:{} ~all", "x".repeat(rest))
        };
        // §10.4 of the catalogue: 465 bytes at example.jp give an answer of 507; example.com is one byte longer.
        let strings = |length| {
            let text = padded(length);
            assert_eq!(text.len(), length);
            format!("@ TXT \"{}\" \"{}\"", text.get(..255).unwrap(), text.get(255..).unwrap())
        };
        assert_eq!(levels(rule(id), &strings(450), None), []);
        assert_eq!(levels(rule(id), &strings(451), None), [Advice]);
        assert_eq!(levels(rule(id), &strings(465), None), [Advice]);
        let found = run(rule(id), &strings(470), None);
        assert_eq!(found[0].severity, Warning);
        assert!(
            found[0].title.ja.contains("470 バイト") && found[0].title.ja.contains("513 バイト"),
            "{}",
            found[0].title.ja
        );
    }

    #[test]
    fn what_stands_in_site_toml_can_be_mended_there() {
        let mut sources = Sources::default();
        let text = "value = \"v=spf1 ip4=192.0.2.1 include:a.example include:a.example -all\"";
        let file = sources.add("site.toml", text.into());
        let span = Span::new(file, 8..text.len());
        let origin = name("example.com");
        let mut seen = lines("example.com", &format!("@ TXT {}", text.get(8..).unwrap()));
        seen[0].origins = vec![Origin { party: 0, span: Some(span), by_hand: true }];
        seen[0].intent = Some(Intent::ByHand);
        let parties = [Party { name: Text::default(), id: None, span: None }];
        let view = View::new(&origin, seen, None, &parties, &sources);
        let fix = |id: &str| {
            let mut found = Findings::all();
            (rule(id).check)(&view, &mut found);
            let fix = found[0].fix.clone().unwrap();
            (sources.slice(fix.span).to_owned(), fix.replacement)
        };
        assert_eq!(fix("spf-mechanism-as-modifier"), ("ip4=192.0.2.1".into(), "ip4:192.0.2.1".into()));
        assert_eq!(fix("spf-duplicate-or-covered-term"), (" include:a.example".into(), String::new()));
    }

    #[test]
    fn a_term_points_at_who_wants_it() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "[[sender]] xserver\n[[sender]] google".into());
        let (first, second) = (Span::new(file, 0..10), Span::new(file, 19..29));
        let at = |party, span| vec![Origin { party, span: Some(span), by_hand: false }];
        let origin = name("example.com");
        let mut seen = lines("example.com", "@ TXT \"v=spf1 include:a.example ptr:mail.example ~all\"");
        seen[0].origins = [at(1, first), at(2, second)].concat();
        seen[0].intent = Some(Intent::Spf {
            terms: vec![("include:a.example".into(), at(1, first)), ("ptr:mail.example".into(), at(2, second))],
            written_out: Vec::new(),
            return_path: false,
        });
        let party = |name: &str| Party { name: Text::same(name), id: None, span: None };
        let parties = [party(""), party("A"), party("Google")];
        let view = View::new(&origin, seen, None, &parties, &sources);
        let mut found = Findings::all();
        (rule("spf-ptr-used").check)(&view, &mut found);
        assert_eq!(found[0].primary(), Some(second));
        assert!(found[0].fix.is_none(), "the value does not stand there");
        // What a template of the site wants is not old, whatever other templates say.
        let wants = vec![("include:google.com".into(), at(2, second))];
        let mut seen = lines("example.com", "@ TXT \"v=spf1 include:google.com ~all\"");
        seen[0].intent = Some(Intent::Spf { terms: wants, written_out: Vec::new(), return_path: false });
        let catalogue = Catalogue::embedded();
        let view = View::new(&origin, seen, None, &parties, &sources).with(&catalogue);
        let mut found = Findings::all();
        (rule("spf-wrong-provider-name").check)(&view, &mut found);
        assert!(found.is_empty());
    }

    #[test]
    fn a_term_by_hand_is_found_inside_its_text() {
        let (mut sources, catalogue) = (Sources::default(), Catalogue::embedded());
        let written = "\"v=spf1 include:google.com.example include:google.com ~all\"";
        let file = sources.add("site.toml", written.into());
        let hand = vec![Origin { party: 0, span: Some(Span::new(file, 0..written.len())), by_hand: true }];
        let origin = name("example.com");
        // The record has grown beyond what was written by hand.
        let mut seen = lines("example.com", "@ TXT \"v=spf1 include:google.com include:esp.example ~all\"");
        seen[0].origins.clone_from(&hand);
        seen[0].intent = Some(Intent::Spf {
            terms: vec![("include:google.com".into(), hand)],
            written_out: Vec::new(),
            return_path: false,
        });
        let view = View::new(&origin, seen, None, &[], &sources).with(&catalogue);
        let mut found = Findings::all();
        (rule("spf-wrong-provider-name").check)(&view, &mut found);
        let fix = found[0].fix.as_ref().unwrap();
        assert_eq!((fix.span.start, sources.slice(fix.span)), (35, "include:google.com"));
    }
}
