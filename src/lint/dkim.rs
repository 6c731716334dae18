//! DKIM: key records where they stand, and what belongs together. A private key is never shown, nor is the line of site.toml that holds it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use crate::catalogue::sender::KeyLength;
use crate::compose::Intent;
use crate::mail::dkim::{KeyInfo, KeyRecord, KeyType, Kind, parse};
use crate::mail::tags::{Fault, Level, Problem, Tag};
use crate::report::{Finding, NoteKind, Severity, Span, Text};
use crate::say;
use crate::zone::{Name, Rtype};

use super::hosts::shown;
use super::spf::{keep_few, plain};
use super::{Findings, Part, Rule, Seen, View, Written};

/// The rules of this file.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "dkim-name-wrong",
        en: "A DKIM key stands at `<selector>._domainkey.<domain>`",
        ja: "DKIM の鍵は `<セレクタ>._domainkey.<ドメイン>` に置きます",
        source: "RFC 6376 §3.1, §3.6.2.1",
        check: name_wrong,
    },
    Rule {
        id: "dkim-multiple-records",
        en: "A selector has one TXT",
        ja: "1つのセレクタに TXT は1つです",
        source: "RFC 6376 §3.6.2.2",
        check: multiple_records,
    },
    Rule {
        id: "dkim-taglist-syntax",
        en: "A DKIM record is `tag=value` pairs with `;` between, `v=DKIM1` first",
        ja: "DKIM のレコードは `タグ=値` を `;` で区切り、`v=DKIM1` で始めます",
        source: "RFC 6376 §3.2, §3.6.1",
        check: |view, found| problems(view, "dkim-taglist-syntax", found),
    },
    Rule {
        id: "dkim-p-missing-or-revoked",
        en: "A selector in use has a key",
        ja: "使っているセレクタには鍵があります",
        source: "RFC 6376 §3.6.1, §6.1.2",
        check: |view, found| problems(view, "dkim-p-missing-or-revoked", found),
    },
    Rule {
        id: "dkim-p-invalid",
        en: "A DKIM key is whole and can be read",
        ja: "DKIM の鍵は途中で切れず、正しく読めます",
        source: "RFC 6376 §3.6.1",
        check: |view, found| problems(view, "dkim-p-invalid", found),
    },
    Rule {
        id: "dkim-private-key-published",
        en: "No private key is in the DNS",
        ja: "秘密鍵を DNS に置きません",
        source: "RFC 6376 §3.6.1, §8",
        check: private_key_published,
    },
    Rule {
        id: "dkim-key-not-spki",
        en: "An RSA key is SubjectPublicKeyInfo",
        ja: "RSA の鍵は SubjectPublicKeyInfo 形式です",
        source: "RFC 6376 §3.6.1, App. C",
        check: |view, found| problems(view, "dkim-key-not-spki", found),
    },
    Rule {
        id: "dkim-rsa-below-1024",
        en: "An RSA key has at least 1024 bits",
        ja: "RSA の鍵は 1024 ビット以上です",
        source: "RFC 8301 §3.2; Gmail and Yahoo",
        check: |view, found| problems(view, "dkim-rsa-below-1024", found),
    },
    Rule {
        id: "dkim-rsa-below-2048",
        en: "An RSA key has 2048 bits",
        ja: "RSA の鍵は 2048 ビットです",
        source: "RFC 8301 §3.2; Gmail and Yahoo",
        check: |view, found| problems(view, "dkim-rsa-below-2048", found),
    },
    Rule {
        id: "dkim-rsa-too-long",
        en: "An RSA key is not longer than 2048 bits",
        ja: "RSA の鍵は 2048 ビットより長くしません",
        source: "RFC 8301 §3.2",
        check: |view, found| problems(view, "dkim-rsa-too-long", found),
    },
    Rule {
        id: "dkim-ed25519-length",
        en: "An Ed25519 key is its 32 bytes alone",
        ja: "Ed25519 の鍵は 32 バイトだけを入れます",
        source: "RFC 8463 §4.2",
        check: |view, found| problems(view, "dkim-ed25519-length", found),
    },
    Rule {
        id: "dkim-ed25519-only",
        en: "Beside an Ed25519 key there is an RSA key",
        ja: "Ed25519 の鍵には RSA の鍵を併用します",
        source: "RFC 8463 §3, §6; stalwart issue #3193 (2026-06)",
        check: ed25519_only,
    },
    Rule {
        id: "dkim-key-type-mismatch",
        en: "`k=` says what the key is",
        ja: "`k=` が鍵の種類と合っています",
        source: "RFC 6376 §3.6.1; RFC 8463 §4.2",
        check: |view, found| problems(view, "dkim-key-type-mismatch", found),
    },
    Rule {
        id: "dkim-flags-block-use",
        en: "No flag of a DKIM record keeps its key from being used",
        ja: "DKIM のレコードに、鍵を使えなくする指定がありません",
        source: "RFC 6376 §3.6.1; RFC 8301 §3.1",
        check: flags_block_use,
    },
    Rule {
        id: "dkim-provider-set-incomplete",
        en: "All selectors of a provider that rotates keys are there",
        ja: "鍵を自動で替えるサービスのセレクタがそろっています",
        source: "Microsoft Learn email-authentication-dkim-configure; the documents of Amazon SES and SendGrid",
        check: provider_set_incomplete,
    },
];

/// The label that a DKIM name has.
const DOMAINKEY: &[u8] = b"_domainkey";

/// How many labels of a name stand before its `_domainkey`, if that has any before it.
fn selector_length(name: &Name) -> Option<usize> {
    name.labels().position(|label| label.eq_ignore_ascii_case(DOMAINKEY)).filter(|at| *at > 0)
}

/// Selector labels and signing domain of a name that has `_domainkey` behind at least one label.
fn split(name: &Name) -> Option<(Vec<&[u8]>, Name)> {
    let at = selector_length(name)?;
    Some((name.labels().take(at).collect(), Name::from_labels(name.labels().skip(at + 1)).ok()?))
}

/// The domain that a DKIM record at this name signs for, if it is a DKIM name.
pub(super) fn signing_domain(name: &Name) -> Option<Name> {
    let at = selector_length(name)?;
    Name::from_labels(name.labels().skip(at + 1)).ok()
}

/// Whether a name is a selector's: not `_adsp` or `_report`, and no wildcard, which names without keys use to say so.
fn is_selector_name(name: &Name) -> bool {
    let key = |label: &[u8]| label.first() != Some(&b'_') && label != b"*";
    selector_length(name).is_some() && name.first_label().is_some_and(key)
}

/// What was read of a TXT that is a key, or looks like one, or is a private one.
pub(super) struct Read {
    at: u32,
    /// It stands at a selector, or looks like a key, and is no private one.
    is_record: bool,
    looks: bool,
    is_private: bool,
    record: KeyRecord,
    problems: Vec<Problem<Kind>>,
}

/// All that was read, in the order of the records.
fn reads<'v>(view: &'v View<'_>) -> &'v [Read] {
    let read = |(at, seen): (u32, &Seen)| {
        let text = seen.txt()?;
        let (record, problems) = parse(text);
        let looks = record.looks_meant();
        let is_private = problems.iter().any(|problem| problem.kind == Kind::PrivateKey);
        let is_record = !is_private && (looks || is_selector_name(&seen.record.name));
        (is_record || is_private).then_some(Read { at, is_record, looks, is_private, record, problems })
    };
    view.once.keys.get_or_init(|| view.numbered(Rtype::TXT).filter_map(read).collect())
}

/// What was read of a TXT by its number.
fn read<'v>(view: &'v View<'_>, number: u32) -> Option<&'v Read> {
    let reads = reads(view);
    reads.get(reads.binary_search_by_key(&number, |read| read.at).ok()?)
}

/// Whether a TXT, by its number, is a key record without an error; none where it is no key.
pub(super) fn is_sound(view: &View<'_>, number: u32) -> Option<bool> {
    read(view, number).map(|read| read.problems.iter().all(|problem| problem.kind.level() != Level::Error))
}

/// A key record of the zone, read.
#[derive(Clone, Copy)]
struct Key<'v> {
    seen: &'v Seen,
    record: &'v KeyRecord,
    problems: &'v [Problem<Kind>],
}

/// The key records: TXT at a selector, and what looks like a key anywhere. None that holds a private key.
fn keys<'v>(view: &'v View<'_>) -> impl Iterator<Item = Key<'v>> {
    reads(view)
        .iter()
        .filter(|read| read.is_record)
        .filter_map(|read| Some(Key { seen: view.record(read.at)?, record: &read.record, problems: &read.problems }))
}

/// The TXT that are private keys. No rule of this file but one points at their places.
fn private_keys<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v Seen> {
    reads(view).iter().filter(|read| read.is_private).filter_map(|read| view.record(read.at))
}

/// The places of the records that are private keys.
pub(crate) fn secret_places(view: &View<'_>) -> Vec<Span> {
    private_keys(view).filter_map(Seen::span).collect()
}

/// Offers a change of a range of the record, where it stands in site.toml as it is.
fn with_fix(view: &View<'_>, finding: Finding, key: &Key<'_>, range: Range<usize>, new: &str) -> Finding {
    let octets = key.record.octets().get(range.clone()).unwrap_or_default();
    let at = view.finding_at(finding.id, finding.severity, key.seen, Some(range), Text::default());
    match at.primary().filter(|span| view.sources.slice(*span).as_bytes() == octets && !octets.is_empty()) {
        Some(span) if new.is_empty() => finding.fix(say!(en: "remove it", ja: "消します"), span, ""),
        Some(span) => finding.fix(say!(en: "replace it", ja: "書き換えます"), span, new),
        None => finding,
    }
}

/// Whether a declared sender signs with this record; none without a site.
fn in_use(view: &View<'_>, name: &Name) -> Option<bool> {
    let declared = view.declared?;
    Some(declared.senders.iter().any(|sender| sender.dkim_owners.contains(name)))
}

/// What reading found that belongs to the rule `id`.
fn problems(view: &View<'_>, id: &'static str, found: &mut Findings) {
    for key in keys(view) {
        let some = key
            .problems
            .iter()
            .filter(|problem| problem.kind.rule() == id)
            .filter_map(|problem| of_problem(view, &key, problem))
            .collect();
        keep_few(some, found);
    }
}

fn of_problem(view: &View<'_>, key: &Key<'_>, problem: &Problem<Kind>) -> Option<Finding> {
    let (kind, name) = (&problem.kind, shown(&key.seen.record.name));
    let mut severity = match kind.level() {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Advice | Level::Info => Severity::Advice,
    };
    match kind {
        // Why there is no `p=` is said already.
        Kind::KeyMissing if key.problems.iter().any(|other| other.kind.rule() == "dkim-taglist-syntax") => return None,
        Kind::KeyMissing if in_use(view, &key.seen.record.name) == Some(false) => severity = Severity::Advice,
        // An empty `p=` is how a key is given up.
        Kind::Revoked if in_use(view, &key.seen.record.name) != Some(true) => severity = Severity::Advice,
        _ => {}
    }
    let what = kind.text();
    let title = say!(en: "DKIM at {name}: {what}", ja: "{name} の DKIM: {what}"; what = what);
    let (harm, next) = words(kind, key, severity);
    let mut finding = view
        .finding_at(kind.rule(), severity, key.seen, Some(problem.range.clone()), plain(&title))
        .harm(harm)
        .next(plain(&next));
    if matches!(kind, Kind::RsaTooLong { .. }) {
        let (bytes, strings) = (key.record.octets().len(), key.record.octets().len().div_ceil(255));
        finding = finding.note(
            NoteKind::Note,
            say!(en: "{bytes} bytes of TXT, {strings} strings", ja: "TXT は {bytes} バイト、文字列 {strings} 本です"),
        );
    }
    if matches!(kind, Kind::KeyWhitespace) && view.written == Written::Zone {
        return Some(without_blanks(view, finding, key));
    }
    let (range, new) = match repair(kind, key, &problem.range) {
        Some(repair) => repair,
        None => return Some(finding),
    };
    // What keeps a key from being used may be meant.
    let safe = !matches!(kind, Kind::NoSha256 | Kind::NotForEmail | Kind::Testing);
    Some(with_fix(view, finding, key, range, &new).safely_if(safe))
}

/// Offers to remove each run of white space in the key of a zone text, which may go over several strings.
fn without_blanks(view: &View<'_>, finding: Finding, key: &Key<'_>) -> Finding {
    let Some(tag) = key.record.tags.find(b"p") else { return finding };
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, octet) in tag.value.clone().zip(key.record.tags.value(tag)) {
        match runs.last_mut() {
            _ if !octet.is_ascii_whitespace() => {}
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    let places: Option<Vec<Span>> = runs.into_iter().map(|run| view.part(key.seen, &Part::Octets(run))).collect();
    let Some((first, rest)) = places.as_ref().and_then(|places| places.split_first()) else { return finding };
    let mut finding = finding.fix(say!(en: "remove it", ja: "消します"), *first, "").safely();
    if let Some(fix) = &mut finding.fix {
        fix.more = rest.iter().map(|place| (*place, String::new())).collect();
    }
    finding
}

/// The mechanical repair: what to put where. Nothing new means that the range goes.
fn repair(kind: &Kind, key: &Key<'_>, range: &Range<usize>) -> Option<(Range<usize>, String)> {
    let tags = &key.record.tags;
    match kind {
        Kind::NotSpki { corrected } | Kind::Ed25519Length { corrected: Some(corrected), .. } => {
            Some((range.clone(), corrected.clone()))
        }
        // Where the `;` are missing, the value holds the key, too.
        Kind::Version if !lacks_semicolons(key) => Some((range.clone(), "DKIM1".to_owned())),
        Kind::KeyWhitespace => {
            let tag = tags.find(b"p")?;
            let text: Vec<u8> = tags.value(tag).iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
            Some((tag.value.clone(), String::from_utf8(text).ok()?))
        }
        Kind::NameCase { name } => Some((range.clone(), name.to_ascii_lowercase())),
        Kind::Ed25519UnderRsa | Kind::RsaUnderEd25519 => {
            let right = if *kind == Kind::Ed25519UnderRsa { "ed25519" } else { "rsa" };
            match tags.find(b"k") {
                Some(tag) => Some((tag.value.clone(), right.to_owned())),
                None => tags.find(b"p").map(|tag| (tag.name.clone(), format!("k={right}; p"))),
            }
        }
        Kind::KeyType { name } if matches!(name.to_ascii_lowercase().as_str(), "rsa" | "ed25519") => {
            Some((range.clone(), name.to_ascii_lowercase()))
        }
        Kind::NoSha256 | Kind::NotForEmail => {
            tags.tags().iter().find(|tag| tag.range == *range).map(|tag| whole(key, tag))
        }
        Kind::Testing => {
            // Where `t=` says more than `y`, a person should decide.
            let only = key.record.items(b"t").is_some_and(|items| items.len() == 1);
            tags.find(b"t").filter(|_| only).map(|tag| whole(key, tag))
        }
        _ => None,
    }
}

/// A tag up to the next one, or from the end of the one before: what goes when it goes.
fn whole(key: &Key<'_>, tag: &Tag) -> (Range<usize>, String) {
    let tags = key.record.tags.tags();
    let range = match tags.iter().find(|other| other.range.start >= tag.range.end) {
        Some(next) => tag.range.start..next.range.start,
        None => {
            let before = tags.iter().rfind(|other| other.range.end <= tag.range.start);
            before.map_or(tag.range.start, |before| before.range.end)..tag.range.end
        }
    };
    (range, String::new())
}

/// What a kind of problem does to mail, and what to do.
fn words(kind: &Kind, key: &Key<'_>, severity: Severity) -> (Text, Text) {
    let fails = || say!(en: "DKIM does not pass for mail signed with this key", ja: "この鍵で署名したメールの DKIM は合格しません");
    let new_key = |key: &Key<'_>| {
        let fixed = matches!(
            key.seen.intent,
            Some(
                Intent::DkimKey { key_length: KeyLength::Fixed, .. }
                    | Intent::DkimCname { key_length: KeyLength::Fixed, .. }
            )
        );
        if fixed {
            say!(
                en: "the length is the provider's choice: ask there for 2048 bits",
                ja: "鍵の長さは送信サービスが決めています。2048 ビットにできるか問い合わせます"
            )
        } else {
            say!(
                en: "make a 2048-bit key on a new selector, and remove this one a week after the last mail signed with it",
                ja: "新しいセレクタで 2048 ビットの鍵を作ります。古い鍵は、最後に使ってから1週間後に消します"
            )
        }
    };
    let copy = || {
        say!(
            en: "copy the whole value from the sender's panel again, on one line",
            ja: "送信サービスの画面から値全体を1行でコピーし直します"
        )
    };
    match kind {
        Kind::Tag(_) if is_host_name(key) => (
            fails(),
            say!(
                en: "the value is a host name: it belongs into a CNAME, not a TXT",
                ja: "値がホスト名です。TXT ではなく CNAME で登録します"
            ),
        ),
        Kind::Tag(_) | Kind::VersionNotFirst => {
            (fails(), say!(en: "write it as `v=DKIM1; k=rsa; p=…`", ja: "`v=DKIM1; k=rsa; p=…` の形に書き直します"))
        }
        Kind::Version if lacks_semicolons(key) => (
            fails(),
            say!(
                en: "put `;` between the tags: `v=DKIM1; k=rsa; p=…`",
                ja: "タグのあいだに `;` を入れます（`v=DKIM1; k=rsa; p=…`）"
            ),
        ),
        Kind::Version => (fails(), say!(en: "write `v=DKIM1`", ja: "`v=DKIM1` に直します")),
        Kind::NameCase { name } => {
            let lower = name.to_ascii_lowercase();
            (fails(), say!(en: "write `{lower}=`", ja: "`{lower}=` に直します"))
        }
        Kind::KeyMissing | Kind::Revoked if severity == Severity::Advice => (
            say!(
                en: "none if no mail is signed with this selector any more",
                ja: "このセレクタで署名しているメールがなければ、困ることはありません"
            ),
            say!(
                en: "leave it if the key was given up; otherwise publish the key",
                ja: "使い終えた鍵なら、このままで大丈夫です。使っているなら鍵を入れます"
            ),
        ),
        Kind::KeyMissing | Kind::Revoked => (
            fails(),
            say!(
                en: "publish the key that the sender's panel shows, or change the sender's selector",
                ja: "送信サービスの画面にある鍵を入れるか、送信サービス側のセレクタを変えます"
            ),
        ),
        Kind::KeyWhitespace => (
            say!(
                en: "a form may cut or double the space, and the key is then broken",
                ja: "入力画面によっては空白のところで切れ、鍵が壊れます"
            ),
            say!(en: "remove the white space from the key", ja: "鍵の中の空白を取り除きます"),
        ),
        Kind::Base64(_) | Kind::Armour | Kind::Key(_) => (fails(), copy()),
        // Reported by a rule of its own, which shows nothing of it.
        Kind::PrivateKey => (Text::default(), Text::default()),
        Kind::NotSpki { .. } => (
            say!(
                en: "receivers that read only SubjectPublicKeyInfo cannot verify the signature",
                ja: "SubjectPublicKeyInfo しか読めない受信側では DKIM が合格しません"
            ),
            say!(
                en: "make the value with `openssl rsa -in key.pem -pubout -outform DER | base64`",
                ja: "`openssl rsa -in key.pem -pubout -outform DER | base64` で値を作り直します"
            ),
        ),
        Kind::RsaBelow1024 { .. } => (fails(), new_key(key)),
        Kind::RsaBelow2048 { .. } => (
            say!(
                en: "Gmail and Yahoo recommend 2048 bits; should they raise their minimum of 1024, DKIM fails",
                ja: "Gmail と Yahoo は 2048 ビットを勧めています。最低の 1024 ビットが引き上げられると DKIM が合格しなくなります"
            ),
            new_key(key),
        ),
        Kind::RsaTooLong { bits } if *bits <= 4096 => (
            say!(
                en: "many forms refuse so long a value; receivers can use it",
                ja: "長すぎて入らない入力画面が多くあります（受信側では使えます）"
            ),
            new_key(key),
        ),
        Kind::RsaTooLong { .. } => (
            say!(
                en: "many forms refuse it, and not every receiver can use it",
                ja: "入らない入力画面が多く、すべての受信側が使えるとは限りません"
            ),
            new_key(key),
        ),
        Kind::Ed25519Length { .. } => (
            fails(),
            say!(
                en: "make the value with `openssl pkey -in key.pem -pubout -outform DER | tail -c 32 | base64`",
                ja: "`openssl pkey -in key.pem -pubout -outform DER | tail -c 32 | base64` で値を作り直します"
            ),
        ),
        Kind::Ed25519UnderRsa => (fails(), say!(en: "write `k=ed25519`", ja: "`k=ed25519` と書きます")),
        Kind::RsaUnderEd25519 => (fails(), say!(en: "write `k=rsa`", ja: "`k=rsa` と書きます")),
        Kind::KeyType { .. } => (
            say!(en: "receivers ignore the record", ja: "受信側はこのレコードを無視します"),
            say!(en: "write `k=rsa` or `k=ed25519`, as the key is", ja: "鍵に合わせて `k=rsa` か `k=ed25519` と書きます"),
        ),
        Kind::Testing => (
            say!(en: "signatures count for nothing, so DMARC cannot rely on them", ja: "署名が数えられないため、DMARC で DKIM に頼れません"),
            say!(en: "remove `t=y` once the test is over", ja: "試験が終わっていれば `t=y` を消します"),
        ),
        Kind::NoSha256 => (fails(), say!(en: "remove `h=`", ja: "`h=` を消します")),
        Kind::NotForEmail => (fails(), say!(en: "remove `s=`", ja: "`s=` を消します")),
    }
}

/// Whether `v=` swallowed the tags behind it.
fn lacks_semicolons(key: &Key<'_>) -> bool {
    let tags = &key.record.tags;
    tags.find(b"v").is_some_and(|tag| tags.value(tag).contains(&b'='))
}

/// Whether the value is a name where a key belongs: a CNAME's target pasted as TXT.
fn is_host_name(key: &Key<'_>) -> bool {
    let text = key.record.octets();
    text.contains(&b'.')
        && text.iter().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b'_'))
}

fn private_key_published(view: &View<'_>, found: &mut Findings) {
    for seen in private_keys(view) {
        let name = shown(&seen.record.name);
        let place = seen.span().filter(|_| view.written == Written::Site).map(|span| {
            let (line, _) = view.sources.line_column(span.file, span.start);
            let file = view.sources.name(span.file);
            say!(en: "it stands in {file}, line {line}; the line is not shown here", ja: "場所は {file} の {line} 行目です（内容は表示しません）")
        });
        let title = say!(en: "the TXT of {name} is a PRIVATE key", ja: "{name} の TXT は秘密鍵です");
        // Not placed at the value: whoever shows the place would show the key.
        let mut finding = Finding::error("dkim-private-key-published", title)
            .about(&name, "TXT")
            .at_opt(view.declared.and_then(|declared| declared.domain_span), Text::default())
            // What stands there is made unreadable before a zone text is shown.
            .at_opt(seen.span().filter(|_| view.written == Written::Zone), Text::default())
            .harm(say!(
                en: "whoever reads it can sign mail as this domain",
                ja: "読んだ人はだれでも、このドメインの正しい署名を付けられます"
            ));
        if let Some(place) = place {
            finding = finding.note(NoteKind::Note, place);
        }
        found.push(
            finding
                .next(say!(
                    en: "take it out; if it was ever published or sent to anybody, make a new key pair on a new selector",
                    ja: "すぐに取り除きます。公開した、または人に送ったことがあれば、新しいセレクタで鍵を作り直します"
                ))
                .next(say!(en: "publish the public half only (`p=MIIBIjANBg…`)", ja: "公開するのは公開鍵（`p=MIIBIjANBg…`）だけです")),
        );
    }
}

/// How a label that was meant as `_domainkey` is written.
fn is_bent(label: &[u8]) -> bool {
    const BENT: [&str; 8] = [
        "domainkey",
        "_domainkeys",
        "domainkeys",
        "_domain_key",
        "_domain-key",
        "domain_key",
        "domain-key",
        "-domainkey",
    ];
    BENT.iter().any(|bent| label.eq_ignore_ascii_case(bent.as_bytes()))
}

/// The name with its bent label set right, if it has one behind a selector.
fn straightened(name: &Name) -> Option<Name> {
    let labels: Vec<&[u8]> = name.labels().collect();
    let at = labels.iter().position(|label| is_bent(label)).filter(|at| *at > 0)?;
    Name::from_labels(labels.iter().enumerate().map(|(i, label)| if i == at { DOMAINKEY } else { *label })).ok()
}

fn name_wrong(view: &View<'_>, found: &mut Findings) {
    // A CNAME in front may lead from the right name to a key anywhere.
    let led_to: HashSet<Name> = view
        .of_type(Rtype::CNAME)
        .filter(|seen| split(&seen.record.name).is_some())
        .filter_map(|seen| seen.record.target())
        .collect();
    for (at, seen) in (0..).zip(view.records()) {
        let name = &seen.record.name;
        let is_key = match seen.record.rtype {
            Rtype::TXT => match read(view, at) {
                Some(read) if read.is_private => continue,
                read => read.is_some_and(|read| read.looks),
            },
            Rtype::CNAME => seen.record.target().is_some_and(|target| {
                target.labels().any(|label| label.eq_ignore_ascii_case(DOMAINKEY) || is_bent(label) || is_dkim(label))
            }),
            _ => continue,
        };
        if let Some((selector, _)) = split(name) {
            found.extend(selector_fault(view, seen, &selector, is_key));
        } else if is_key && !led_to.contains(name) {
            found.extend(misplaced(view, seen));
        }
    }
}

/// `dkim`, `dkim2`: below such names keys are kept for CNAMEs from elsewhere.
fn is_dkim(label: &[u8]) -> bool {
    label.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"dkim"))
}

/// A selector that is not letters, digits and inner hyphens.
fn selector_fault(view: &View<'_>, seen: &Seen, selector: &[&[u8]], is_key: bool) -> Option<Finding> {
    // A selector that the service itself signs with is not the site's to choose.
    if !seen.origins.is_empty() && seen.origins.iter().all(|o| !o.by_hand) {
        return None;
    }
    // `_adsp`, `_report` and the wildcard hold no key, or none on purpose.
    let first = selector.first()?;
    if *first == b"*" || (first.first() == Some(&b'_') && !is_key) {
        return None;
    }
    let ldh = |label: &[u8]| {
        label.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
            && label.first() != Some(&b'-')
            && label.last() != Some(&b'-')
    };
    selector.iter().find(|label| !ldh(label))?;
    let (name, selector) = (shown(&seen.record.name), shown(&Name::from_labels(selector).ok()?));
    let title = say!(
        en: "selector `{selector}` of {name} has something other than letters, digits and inner hyphens",
        ja: "{name} のセレクタ `{selector}` に、英数字と途中の「-」以外の文字があります"
    );
    Some(
        view.finding("dkim-name-wrong", Severity::Error, seen, title)
            .harm(say!(
                en: "signers and forms may refuse the selector, and receivers the signature",
                ja: "送信サービスや入力画面で使えないことがあり、署名を受け付けない受信側もあります"
            ))
            .next(say!(en: "take a selector such as `s1`", ja: "`s1` のようなセレクタに変えます")),
    )
}

fn misplaced(view: &View<'_>, seen: &Seen) -> Option<Finding> {
    let (at, labels) = (&seen.record.name, seen.record.name.labels());
    let (name, kept_for_others) = (shown(at), labels.clone().any(is_dkim));
    let right = straightened(at);
    let omitted = at.first_label().is_some_and(|label| label.eq_ignore_ascii_case(DOMAINKEY) || is_bent(label));
    let is_cname = seen.record.rtype == Rtype::CNAME;
    let (severity, next) = match &right {
        Some(right) => {
            let right = shown(right);
            (Severity::Error, say!(en: "move it to {right}", ja: "名前を {right} に直します"))
        }
        // A CNAME to some name with `dkim` in it may be anything.
        None if is_cname && !omitted => return None,
        None if omitted || at == view.origin => (
            Severity::Error,
            say!(
                en: "put the selector and `_domainkey` in front: `<selector>._domainkey`",
                ja: "先頭にセレクタと `_domainkey` を付け、`<セレクタ>._domainkey` にします"
            ),
        ),
        None if kept_for_others => return None,
        None => (
            Severity::Warning,
            say!(
                en: "move it to `<selector>._domainkey`, unless a CNAME elsewhere leads here",
                ja: "ほかの場所の CNAME がここを指しているのでなければ、`<セレクタ>._domainkey` に移します"
            ),
        ),
    };
    let title = say!(
        en: "a DKIM key stands at {name}, where no receiver looks",
        ja: "{name} に DKIM の鍵がありますが、受信側はこの名前を見ません"
    );
    Some(
        view.finding("dkim-name-wrong", severity, seen, title)
            .harm(say!(en: "the key is not found, and DKIM does not pass", ja: "鍵が見つからず、DKIM は合格しません"))
            .next(next),
    )
}

fn multiple_records(view: &View<'_>, found: &mut Findings) {
    let mut known = HashSet::new();
    for seen in view.of_type(Rtype::TXT) {
        let name = &seen.record.name;
        if !is_selector_name(name) || view.of(name, Rtype::TXT).nth(1).is_none() || !known.insert(name) {
            continue;
        }
        let all: Vec<&Seen> = view.of(name, Rtype::TXT).collect();
        let (count, shown) = (all.len(), shown(name));
        let title = say!(en: "{count} TXT records at {shown}", ja: "{shown} に TXT が {count} つあります");
        let mut finding = Finding::error("dkim-multiple-records", title).about(&shown, "TXT");
        for seen in all.into_iter().take(8) {
            if private_keys(view).any(|private| std::ptr::eq(private, seen)) {
                continue;
            }
            finding = finding.at_opt(seen.span(), view.company(seen).unwrap_or_default());
        }
        if finding.labels.is_empty() {
            finding = finding.at_opt(view.declared.and_then(|declared| declared.domain_span), Text::default());
        }
        found.push(
            finding
                .harm(say!(
                    en: "a receiver may take either; DKIM passes by chance",
                    ja: "受信側がどちらを使うか決まっておらず、DKIM が合格したりしなかったりします"
                ))
                .next(say!(
                    en: "keep the one that the sender signs with now; a new key gets a selector of its own",
                    ja: "送信サービスがいま使っている1つだけを残します。新しい鍵には別のセレクタを使います"
                )),
        );
    }
}

fn ed25519_only(view: &View<'_>, found: &mut Findings) {
    // What stands at each selector: whether it is Ed25519. A CNAME may lead to anything.
    let mut kinds: HashMap<&Name, bool> = HashMap::new();
    for seen in view.of_type(Rtype::CNAME).filter(|seen| is_selector_name(&seen.record.name)) {
        kinds.insert(&seen.record.name, false);
    }
    let mut firsts: Vec<&Seen> = Vec::new();
    for key in keys(view).filter(|key| is_selector_name(&key.seen.record.name)) {
        // A key given up is no key.
        if key.record.is_revoked() {
            continue;
        }
        let is_ed25519 = match key.record.key {
            Some(info) => matches!(info, KeyInfo::Ed25519 { .. }),
            None => key.record.key_type() == KeyType::Ed25519,
        };
        kinds.insert(&key.seen.record.name, is_ed25519);
        if is_ed25519 {
            firsts.push(key.seen);
        }
    }
    if let Some(declared) = view.declared {
        for sender in declared.senders.iter().filter(|sender| sender.sends && !sender.dkim_owners.is_empty()) {
            if !sender.dkim_owners.iter().all(|owner| kinds.get(owner) == Some(&true)) {
                continue;
            }
            let first = sender.dkim_owners.first().and_then(|owner| view.of(owner, Rtype::TXT).next());
            let company = view.parties.get(sender.party).map(|party| party.name.clone()).unwrap_or_default();
            found.extend(first.map(|seen| only(view, seen, &company)));
        }
        return;
    }
    let mut domains: HashMap<Name, bool> = HashMap::new();
    for (name, is_ed25519) in &kinds {
        if let Some(domain) = signing_domain(name) {
            *domains.entry(domain).or_insert(true) &= *is_ed25519;
        }
    }
    for seen in firsts {
        let Some(domain) = signing_domain(&seen.record.name) else { continue };
        // Once for each domain.
        if domains.insert(domain.clone(), false) == Some(true) {
            found.push(only(view, seen, &Text::same(shown(&domain))));
        }
    }
}

fn only(view: &View<'_>, seen: &Seen, who: &Text) -> Finding {
    let title = say!(en: "{who} has an Ed25519 key, but no RSA key", ja: "{who} には Ed25519 の鍵だけがあり、RSA の鍵がありません"; who = who);
    view.finding("dkim-ed25519-only", Severity::Error, seen, plain(&title))
        .harm(say!(
            en: "as of 2026 nothing shows that Gmail, Microsoft or Yahoo verify Ed25519: DKIM does not pass there",
            ja: "2026年の時点で、Gmail・Microsoft・Yahoo が Ed25519 を検証するという確認は取れていません。DKIM が合格しないおそれがあります"
        ))
        .next(say!(
            en: "sign with RSA 2048 too, on a selector of its own",
            ja: "別のセレクタで RSA 2048 ビットの署名も付けます"
        ))
}

fn flags_block_use(view: &View<'_>, found: &mut Findings) {
    const ID: &str = "dkim-flags-block-use";
    problems(view, ID, found);
    let Some(declared) = view.declared else { return };
    let mut from: HashMap<&Name, Vec<&Name>> = HashMap::new();
    for sender in declared.senders.iter().filter(|sender| sender.sends) {
        for owner in &sender.dkim_owners {
            from.entry(owner).or_default().push(&sender.from);
        }
    }
    for key in keys(view).filter(|key| key.record.is_strict()) {
        let name = &key.seen.record.name;
        let Some(domain) = signing_domain(name) else { continue };
        let below =
            from.get(name).into_iter().flatten().find(|from| **from != &domain && from.is_subdomain_of(&domain));
        let Some(below) = below else { continue };
        let (name, below, domain) = (shown(name), shown(below), shown(&domain));
        let title = say!(
            en: "DKIM at {name}: `t=s` allows {domain} alone, but mail is sent as {below}",
            ja: "{name} の DKIM: `t=s` で使えるのは {domain} だけですが、{below} から送信します"
        );
        let range = key.record.tags.find(b"t").map_or(0..0, |tag| tag.range.clone());
        let finding = view
            .finding_at(ID, Severity::Error, key.seen, Some(range), title)
            .harm(say!(en: "signatures for {below} are invalid", ja: "{below} の署名は無効になります"))
            .next(say!(en: "remove `t=s`", ja: "`t=s` を消します"));
        let repair = key.record.items(b"t").filter(|items| items.len() == 1);
        found.push(match repair.and(key.record.tags.find(b"t")).map(|tag| whole(&key, tag)) {
            Some((range, new)) => with_fix(view, finding, &key, range, &new),
            None => finding,
        });
    }
}

/// A provider with a set of selectors.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Provider {
    Microsoft,
    Ses,
    SendGrid,
}

impl Provider {
    /// Whose selector a CNAME's target is, and which account's where the name shows it.
    fn of(target: &Name) -> Option<(Self, String)> {
        let name = shown(&target.to_lowercase());
        let second = || target.parent().map(|parent| shown(&parent.to_lowercase())).unwrap_or_default();
        if name.contains("._domainkey.")
            && (name.ends_with(".onmicrosoft.com") || name.ends_with(".dkim.mail.microsoft"))
        {
            Some((Self::Microsoft, String::new()))
        } else if name.ends_with(".dkim.amazonses.com") {
            Some((Self::Ses, String::new()))
        } else if name.ends_with(".sendgrid.net") && name.contains(".domainkey.") {
            Some((Self::SendGrid, second()))
        } else {
            None
        }
    }

    fn company(self) -> &'static str {
        match self {
            Self::Microsoft => "Microsoft 365",
            Self::Ses => "Amazon SES",
            Self::SendGrid => "SendGrid",
        }
    }

    fn needed(self) -> usize {
        match self {
            Self::Microsoft | Self::SendGrid => 2,
            Self::Ses => 3,
        }
    }
}

fn provider_set_incomplete(view: &View<'_>, found: &mut Findings) {
    let mut sets: BTreeMap<(String, Provider, String), Vec<&Seen>> = BTreeMap::new();
    for seen in view.of_type(Rtype::CNAME) {
        let (Some(domain), Some(target)) = (signing_domain(&seen.record.name), seen.record.target()) else { continue };
        if let Some((provider, account)) = Provider::of(&target) {
            sets.entry((shown(&domain.to_lowercase()), provider, account)).or_default().push(seen);
        }
    }
    // Composing has told of a record that the site's template wants and the site lacks.
    let told: HashSet<&Name> = view
        .declared
        .into_iter()
        .flat_map(|declared| &declared.senders)
        .filter(|sender| sender.dkim_owners.iter().any(|owner| !view.has_name(owner)))
        .flat_map(|sender| &sender.dkim_owners)
        .collect();
    for ((domain, provider, _), set) in sets {
        let (have, needed, company) = (set.len(), provider.needed(), provider.company());
        let Some(first) = set.first().filter(|_| have < needed) else { continue };
        if told.contains(&first.record.name) {
            continue;
        }
        let names: Vec<String> = set
            .iter()
            .filter_map(|seen| seen.record.name.first_label())
            .map(|label| String::from_utf8_lossy(label).to_ascii_lowercase())
            .collect();
        let title = say!(
            en: "{have} of {needed} DKIM records of {company} at {domain}",
            ja: "{domain} の {company} の DKIM は {needed} 件のうち {have} 件だけです"
        );
        let missing = match provider {
            Provider::Microsoft => {
                ["selector1", "selector2"].into_iter().find(|name| names.first().is_some_and(|n| n != name))
            }
            _ => None,
        };
        let next = match missing {
            Some(missing) => say!(
                en: "add `{missing}._domainkey`, with the target that {company}'s panel shows (it cannot be derived)",
                ja: "{company} の画面に出る値で `{missing}._domainkey` を追加します（値は推測できません）"
            ),
            None => say!(
                en: "add the rest, with the names and targets that {company}'s panel shows",
                ja: "{company} の画面に出る名前と値で、残りを追加します"
            ),
        };
        let mut finding = view.finding("dkim-provider-set-incomplete", Severity::Warning, first, plain(&title));
        for seen in set.iter().skip(1) {
            finding = finding.about(shown(&seen.record.name), "CNAME");
        }
        found.push(
            finding
                .harm(match provider {
                    Provider::Ses => say!(
                        en: "{company} does not regard the domain as verified, or stops signing",
                        ja: "{company} がドメインを確認済みとみなさず、署名されなくなります"
                    ),
                    _ => say!(
                        en: "when {company} changes to its other key, DKIM fails all at once",
                        ja: "{company} が鍵を切り替えたとき、DKIM が急に失敗します"
                    ),
                })
                .next(next),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{levels, name, records, run, sender};
    use super::*;
    use crate::compose::{Declared, DeclaredSender, Origin, Party};
    use crate::report::Severity::{Advice, Error, Warning};
    use crate::report::{Sources, Span};

    fn rule(id: &str) -> &'static Rule {
        RULES.iter().find(|rule| rule.id == id).unwrap()
    }

    /// A record of tests/vectors/dkim.json.
    fn vector(name: &str) -> String {
        let all: serde_json::Value = serde_json::from_str(include_str!("../../tests/vectors/dkim.json")).unwrap();
        let case = all.as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
        case["txt"].as_str().unwrap().to_owned()
    }

    /// A line of a zone with a TXT of any length.
    fn txt(owner: &str, value: &str) -> String {
        let strings = value.as_bytes().chunks(255).map(crate::zone::text::quote).collect::<Vec<_>>().join(" ");
        format!("{owner} TXT {strings}\n")
    }

    fn at_s1(value: &str) -> String {
        txt("s1._domainkey", value)
    }

    fn signer(owners: &[&str]) -> DeclaredSender {
        DeclaredSender { dkim_owners: owners.iter().map(|owner| name(owner)).collect(), ..sender("example.com") }
    }

    fn declared(senders: Vec<DeclaredSender>) -> Declared {
        Declared { senders, ..Declared::default() }
    }

    /// Which rules speak about each vector, and how loudly: the catalogue's examples and its §10.5.
    #[test]
    fn vectors() {
        let own: &[(&str, &[(&str, Severity)])] = &[
            ("rsa-512-spki", &[("dkim-rsa-below-1024", Error)]),
            ("rsa-768-spki", &[("dkim-rsa-below-1024", Error)]),
            ("rsa-1024-spki", &[("dkim-rsa-below-2048", Warning)]),
            ("rsa-1536-spki", &[("dkim-rsa-below-2048", Warning)]),
            ("rsa-2048-spki", &[]),
            ("rsa-2048-pkcs1", &[("dkim-key-not-spki", Warning)]),
            ("rsa-2048-truncated-at-255", &[("dkim-p-invalid", Error)]),
            ("rsa-2048-k-ed25519", &[("dkim-key-type-mismatch", Error)]),
            ("rsa-2048-whitespace", &[("dkim-p-invalid", Advice)]),
            ("rsa-3072-spki", &[("dkim-rsa-too-long", Advice)]),
            ("rsa-4096-spki", &[("dkim-rsa-too-long", Advice)]),
            ("ed25519-rfc8463", &[("dkim-ed25519-only", Error)]),
            ("ed25519-spki-mistake", &[("dkim-ed25519-length", Error), ("dkim-ed25519-only", Error)]),
            ("ed25519-without-k", &[("dkim-key-type-mismatch", Error), ("dkim-ed25519-only", Error)]),
            ("revoked", &[("dkim-p-missing-or-revoked", Advice)]),
            ("rsa-2048-PRIVATE-pkcs8", &[("dkim-private-key-published", Error)]),
        ];
        for (case, expected) in own {
            let found: HashSet<(&str, Severity)> = RULES
                .iter()
                .flat_map(|rule| run(rule, &at_s1(&vector(case)), None))
                .map(|finding| (finding.id, finding.severity))
                .collect();
            assert_eq!(found, expected.iter().copied().collect(), "{case}");
        }
    }

    #[test]
    fn numbers_stand_in_the_title() {
        let title = |id: &str, case: &str| run(rule(id), &at_s1(&vector(case)), None)[0].title.ja.clone();
        assert!(title("dkim-rsa-below-1024", "rsa-512-spki").contains("512 ビット"));
        assert!(title("dkim-rsa-below-2048", "rsa-1024-spki").contains("1024 ビット"));
        assert!(title("dkim-ed25519-length", "ed25519-spki-mistake").contains("44 バイト"));
        // 255 characters of the record are 237 of the key, which hold 177 of its 294 bytes.
        let cut = title("dkim-p-invalid", "rsa-2048-truncated-at-255");
        assert!(cut.contains("177 バイト") && cut.contains("294 バイト"), "{cut}");
        let long = &run(rule("dkim-rsa-too-long"), &at_s1(&vector("rsa-4096-spki")), None)[0];
        assert!(long.notes.iter().any(|note| note.text.ja.contains("754 バイト") && note.text.ja.contains("3 本")));
    }

    #[test]
    fn a_private_key_is_never_shown() {
        let record = vector("rsa-2048-PRIVATE-pkcs8");
        let secret = record.split_once("p=").unwrap().1;
        let pem = format!("-----BEGIN PRIVATE KEY----- {secret}");
        let mut sources = Sources::default();
        let file = sources.add("site.toml", format!("domain = \"example.com\"\n\nvalue = \"{record}\"\n"));
        let (domain, value) = (Span::new(file, 9..22), Span::new(file, 32..32 + record.len() + 2));
        let parties = [Party { name: Text::default(), id: None, span: None }];
        let declared = Declared { domain_span: Some(domain), ..Declared::default() };
        let origin = name("example.com");
        for (owner, text) in
            [("s1._domainkey", record.as_str()), ("@", &record), ("s1._domainkey", &pem), ("note", &pem)]
        {
            let mut seen = records("example.com", &format!("{}{}", txt(owner, text), txt(owner, "x")));
            seen[0].origins = vec![Origin { party: 0, span: Some(value), by_hand: true }];
            let view = View::new(&origin, seen, Some(&declared), &parties, &sources);
            let mut found = Findings::all();
            for rule in RULES {
                (rule.check)(&view, &mut found);
            }
            let private = found.iter().find(|finding| finding.id == "dkim-private-key-published").unwrap();
            assert!(private.severity == Error && private.notes.iter().any(|note| note.text.ja.contains("3 行目")));
            for finding in found.iter() {
                assert!(finding.labels.iter().all(|label| label.span != value), "{}", finding.id);
            }
            assert!(!format!("{found:?}").contains(secret.get(..24).unwrap()), "{found:?}");
        }
    }

    #[test]
    fn names() {
        let rule = rule("dkim-name-wrong");
        let key = vector("rsa-2048-spki");
        for (owner, expected) in [
            ("s1._domainkey", &[][..]),
            ("s1.news._DomainKey.shop", &[]),
            ("s1.domainkey", &[Error]),
            ("s1._domainkeys", &[Error]),
            ("_domainkey", &[Error]),
            ("@", &[Error]),
            ("my_key._domainkey", &[Error]),
            ("-s1._domainkey", &[Error]),
            ("s1-._domainkey", &[Error]),
            // May be right by a CNAME elsewhere; below `dkim` it is meant so.
            ("s1", &[Warning]),
            ("default.hogehoge.com.dkim", &[]),
        ] {
            assert_eq!(levels(rule, &txt(owner, &key), None), expected, "{owner}");
        }
        let found = run(rule, &txt("s1.domainkey", &key), None);
        assert!(found[0].notes.iter().any(|note| note.text.en == "move it to s1._domainkey.example.com"));
        assert_eq!(levels(rule, "s1.domainkey CNAME s1.domainkey.u1.wl1.sendgrid.net.", None), [Error]);
        assert_eq!(levels(rule, "news CNAME pages.dkimfactory.example.", None), []);
        // Led to from the right name; and names that hold no key, or none on purpose.
        let relayed = format!("s1._domainkey CNAME key.example.com.\n{}", txt("key", &key));
        assert_eq!(levels(rule, &relayed, None), []);
        for other in
            ["_adsp._domainkey TXT \"dkim=unknown\"", "*._domainkey TXT \"v=DKIM1; p=\"", "_domainkey TXT \"o=~\""]
        {
            assert_eq!(
                RULES.iter().flat_map(|rule| levels(rule, other, None)).collect::<Vec<_>>().len(),
                usize::from(other.contains("p=")),
                "{other}"
            );
        }
    }

    #[test]
    fn two_records_at_a_selector() {
        let rule = rule("dkim-multiple-records");
        let (one, other) = (vector("rsa-2048-spki"), vector("rsa-1024-spki"));
        let found = run(rule, &format!("{}{}", at_s1(&one), at_s1(&other)), None);
        assert_eq!((found.len(), found[0].severity), (1, Error));
        assert!(found[0].title.en.starts_with("2 TXT"));
        assert_eq!(levels(rule, &format!("{}{}", at_s1(&one), txt("s2._domainkey", &other)), None), []);
    }

    #[test]
    fn tag_lists() {
        let rule = rule("dkim-taglist-syntax");
        let key = vector("rsa-2048-spki").split_once("p=").unwrap().1.to_owned();
        for (record, expected) in [
            (format!("v=DKIM1; k=rsa; p={key}"), &[][..]),
            (format!("v=DKIM1;k=rsa;p={key};"), &[]),
            (format!("v=DKIM1 k=rsa p={key}"), &[Error]),
            (format!("k=rsa; p={key}; v=DKIM1"), &[Error]),
            (format!("v=DKIM1; k=rsa; P={key}"), &[Error]),
            (format!("v=DKIM1; p={key}; p={key}"), &[Error]),
            (format!("v=dkim1; p={key}"), &[Error]),
        ] {
            assert_eq!(levels(rule, &at_s1(&record), None), expected, "{}", record.get(..12).unwrap());
        }
        let glued = run(rule, &at_s1(&format!("v=DKIM1 k=rsa p={key}")), None);
        assert!(glued[0].notes.iter().any(|note| note.text.en.contains("put `;` between")));
        // One fault, one finding: that `p=` is missing follows from it.
        let glued = at_s1(&format!("v=DKIM1 k=rsa p={key}"));
        assert_eq!(levels(super::tests::rule("dkim-p-missing-or-revoked"), &glued, None), []);
        let cname = at_s1("selector1-x._domainkey.y.onmicrosoft.com");
        assert!(run(rule, &cname, None)[0].notes.iter().any(|note| note.text.en.contains("CNAME")));
    }

    #[test]
    fn whether_a_revoked_key_matters_depends_on_who_signs() {
        let rule = rule("dkim-p-missing-or-revoked");
        let used = declared(vec![signer(&["s1._domainkey.example.com"])]);
        let unused = declared(vec![signer(&["s2._domainkey.example.com"])]);
        for (record, site, expected) in [
            ("v=DKIM1; p=", Some(&used), Error),
            ("v=DKIM1; p=", Some(&unused), Advice),
            ("v=DKIM1; p=", None, Advice),
            ("v=DKIM1; k=rsa", Some(&used), Error),
            ("v=DKIM1; k=rsa", Some(&unused), Advice),
            ("v=DKIM1; k=rsa", None, Error),
        ] {
            assert_eq!(levels(rule, &at_s1(record), site), [expected], "{record}");
        }
    }

    #[test]
    fn flags() {
        let rule = rule("dkim-flags-block-use");
        let key = vector("rsa-2048-spki").split_once("p=").unwrap().1.to_owned();
        for (flags, expected) in [
            ("t=y; ", &[Warning][..]),
            ("h=sha1; ", &[Error]),
            ("s=tlsrpt; ", &[Error]),
            ("t=y; h=sha1; ", &[Warning, Error]),
            ("h=sha1:sha256; s=email; t=s; ", &[]),
        ] {
            assert_eq!(levels(rule, &at_s1(&format!("v=DKIM1; {flags}p={key}")), None), expected, "{flags}");
        }
        let strict = at_s1(&format!("v=DKIM1; t=s; p={key}"));
        let below = DeclaredSender { from: name("news.example.com"), ..signer(&["s1._domainkey.example.com"]) };
        let found = run(rule, &strict, Some(&declared(vec![below])));
        assert_eq!((found.len(), found[0].severity), (1, Error));
        assert!(found[0].title.en.contains("news.example.com"));
        assert_eq!(levels(rule, &strict, Some(&declared(vec![signer(&["s1._domainkey.example.com"])]))), []);
    }

    #[test]
    fn key_types() {
        let rule = rule("dkim-key-type-mismatch");
        let upper = vector("rsa-2048-spki").replace("k=rsa", "k=RSA");
        assert_eq!(levels(rule, &at_s1(&upper), None), [Error]);
        assert_eq!(levels(rule, &at_s1(&vector("ed25519-rfc8463")), None), []);
    }

    #[test]
    fn ed25519_wants_rsa_beside_it() {
        let rule = rule("dkim-ed25519-only");
        let (rsa, ed25519) = (vector("rsa-2048-spki"), vector("ed25519-rfc8463"));
        let both = format!("{}{}", txt("rsa1._domainkey", &rsa), txt("ed1._domainkey", &ed25519));
        assert_eq!(levels(rule, &both, None), []);
        let twice = format!("{}{}", txt("ed1._domainkey", &ed25519), txt("ed2._domainkey", &ed25519));
        assert_eq!(levels(rule, &twice, None), [Error], "once for the domain");
        let alias = format!("{}s2._domainkey CNAME s2.esp.example.", txt("ed1._domainkey", &ed25519));
        assert_eq!(levels(rule, &alias, None), []);
        // Another sender's RSA key does not help this one.
        let owners = ["ed1._domainkey.example.com"];
        assert_eq!(levels(rule, &both, Some(&declared(vec![signer(&owners)]))), [Error]);
        let two = ["ed1._domainkey.example.com", "rsa1._domainkey.example.com"];
        assert_eq!(levels(rule, &both, Some(&declared(vec![signer(&two)]))), []);
    }

    #[test]
    fn sets_of_selectors() {
        let rule = rule("dkim-provider-set-incomplete");
        let old = "selector1._domainkey CNAME selector1-example-com._domainkey.example.onmicrosoft.com.";
        let new = "SELECTOR2._domainkey CNAME selector2-example-com._domainkey.example.n-v1.DKIM.mail.microsoft.";
        let found = run(rule, old, None);
        assert_eq!((found.len(), found[0].severity), (1, Warning));
        assert!(found[0].title.ja.contains("2 件のうち 1 件"));
        assert!(found[0].notes.iter().any(|note| note.text.ja.contains("selector2._domainkey")));
        assert!(run(rule, new, None)[0].notes.iter().any(|note| note.text.ja.contains("selector1._domainkey")));
        assert_eq!(levels(rule, &format!("{old}\n{new}"), None), []);
        let ses =
            |n: usize| (0..n).map(|i| format!("t{i}._domainkey CNAME t{i}.dkim.amazonses.com.\n")).collect::<String>();
        assert_eq!(levels(rule, &ses(2), None), [Warning]);
        assert_eq!(levels(rule, &ses(3), None), []);
        let sendgrid = "s1._domainkey CNAME s1.domainkey.u1.wl1.sendgrid.net.";
        assert_eq!(levels(rule, sendgrid, None), [Warning]);
        assert_eq!(
            levels(rule, &format!("{sendgrid}\ns2._domainkey CNAME s2.domainkey.u1.wl1.sendgrid.net."), None),
            []
        );
        assert_eq!(
            levels(rule, &format!("{sendgrid}\na1._domainkey CNAME a1.domainkey.u2.wl1.sendgrid.net."), None),
            [Warning, Warning]
        );
        // Composing has said what the site lacks.
        let owners = ["selector1._domainkey.example.com", "selector2._domainkey.example.com"];
        assert_eq!(levels(rule, old, Some(&declared(vec![signer(&owners)]))), []);
    }

    #[test]
    fn what_stands_in_site_toml_can_be_mended_there() {
        let fix = |id: &str, record: &str| {
            let mut sources = Sources::default();
            let file = sources.add("site.toml", format!("value = \"{record}\""));
            let origin = name("example.com");
            let mut seen = records("example.com", &at_s1(record));
            let span = Span::new(file, 8..record.len() + 10);
            seen[0].origins = vec![Origin { party: 0, span: Some(span), by_hand: true }];
            let parties = [Party { name: Text::default(), id: None, span: None }];
            let view = View::new(&origin, seen, None, &parties, &sources);
            let mut found = Findings::all();
            (rule(id).check)(&view, &mut found);
            let fix = found[0].fix.clone().unwrap();
            let mut text = sources.text(file).to_owned();
            text.replace_range(fix.span.range(), &fix.replacement);
            text.strip_prefix("value = \"").unwrap().strip_suffix('"').unwrap().to_owned()
        };
        let good = vector("rsa-2048-spki");
        assert_eq!(fix("dkim-key-not-spki", &vector("rsa-2048-pkcs1")), good);
        assert_eq!(fix("dkim-ed25519-length", &vector("ed25519-spki-mistake")), vector("ed25519-rfc8463"));
        assert_eq!(fix("dkim-key-type-mismatch", &vector("ed25519-without-k")), vector("ed25519-rfc8463"));
        assert_eq!(fix("dkim-key-type-mismatch", &vector("rsa-2048-k-ed25519")), good);
        assert_eq!(fix("dkim-flags-block-use", &good.replace("k=rsa; ", "k=rsa; t=y; ")), good);
        assert_eq!(fix("dkim-flags-block-use", &format!("{good}; h=sha1")), good);
        assert_eq!(fix("dkim-p-invalid", &vector("rsa-2048-whitespace")), good);
        assert_eq!(fix("dkim-taglist-syntax", &good.replace("v=DKIM1", "v=DKIM1.0")), good);
    }
}
