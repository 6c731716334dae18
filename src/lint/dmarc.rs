//! DMARC records, as far as their own text and name show it. What other records and the senders show is in `dmarc_zone`.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use crate::compose::Intent;
use crate::mail::dmarc::{Discovery, Kind, Policy, Psd, Recognised, Record, VersionFault, parse, recognise};
use crate::mail::tags::{Fault, Level, Problem, TagFault, UriFault};
use crate::report::{Finding, Severity, Span, Text, did_you_mean, visible};
use crate::say;
use crate::zone::{Name, Rtype};

use super::policy::{Answers, begins, from_domains, is_public_suffix, plain, registrable, sends};
use super::txt::{Meant, is_alone};
use super::{Findings, Rule, Seen, View};

/// The rules of this file.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "dmarc-multiple-records",
        en: "One DMARC record a name",
        ja: "1 つの名前に DMARC レコードは 1 つです",
        source: "RFC 9989 §4.10 steps 2, 6",
        check: multiple_records,
    },
    Rule {
        id: "dmarc-version",
        en: "A DMARC record begins with `v=DMARC1;`",
        ja: "DMARC レコードは `v=DMARC1;` で始まります",
        source: "RFC 9989 §4.7, §4.8",
        check: version,
    },
    Rule {
        id: "dmarc-wrong-name",
        en: "A DMARC record stands at `_dmarc`",
        ja: "DMARC レコードは `_dmarc` に置きます",
        source: "RFC 9989 §4.5",
        check: wrong_name,
    },
    Rule {
        id: "dmarc-tag-syntax",
        en: "DMARC tags and their values are known and stand once",
        ja: "DMARC のタグと値は決まったもので、重複しません",
        source: "RFC 9989 §4.7, §4.8",
        check: |view, found| problems(view, "dmarc-tag-syntax", found),
    },
    Rule {
        id: "dmarc-p-missing-or-invalid",
        en: "`p=` is none, quarantine or reject, right after `v=DMARC1;`",
        ja: "`p=` は none、quarantine、reject のどれかで、`v=DMARC1;` のすぐ後に置きます",
        source: "RFC 9989 §4.7, §4.10.1; RFC 7489 §6.3",
        check: |view, found| problems(view, "dmarc-p-missing-or-invalid", found),
    },
    Rule {
        id: "dmarc-removed-tags",
        en: "No `pct`, `ri`, `rf`, which RFC 9989 removed",
        ja: "RFC 9989 で廃止された `pct`、`ri`、`rf` を使いません",
        source: "RFC 9989 §C.5.2, App. A.6",
        check: |view, found| problems(view, "dmarc-removed-tags", found),
    },
    Rule {
        id: "dmarc-rua-missing",
        en: "A DMARC record names an address for reports",
        ja: "DMARC レコードにレポートの宛先があります",
        source: "RFC 9989 §5.1.3",
        check: |view, found| problems(view, "dmarc-rua-missing", found),
    },
    Rule {
        id: "dmarc-rua-syntax",
        en: "Report addresses are `mailto:` and an address",
        ja: "レポートの宛先は `mailto:` とアドレスです",
        source: "RFC 9989 §4.6, §4.8",
        check: |view, found| problems(view, "dmarc-rua-syntax", found),
    },
    Rule {
        id: "dmarc-subdomain-policy-weaker",
        en: "`sp=` and `np=` are not weaker than `p=`, and stand where they count",
        ja: "`sp=` と `np=` は `p=` より弱くなく、有効な場所にあります",
        source: "RFC 9989 §4.7, §4.10.1",
        check: subdomain_policy_weaker,
    },
    Rule {
        id: "dmarc-psd-tag",
        en: "`psd=` only where the domain is what it says",
        ja: "`psd=` は当てはまるドメインだけに書きます",
        source: "RFC 9989 §4.7, §4.10.2",
        check: |view, found| problems(view, "dmarc-psd-tag", found),
    },
    Rule {
        id: "dmarc-test-mode-left-on",
        en: "`t=y` is not left on",
        ja: "`t=y`（試験中）を残しません",
        source: "RFC 9989 §4.7, App. A.6",
        check: |view, found| problems(view, "dmarc-test-mode-left-on", found),
    },
];

/// What was read of a TXT at `_dmarc.<domain>`.
pub(super) struct Read {
    at: u32,
    domain: Name,
    recognised: Recognised,
    record: Record,
    problems: Vec<Problem<Kind>>,
}

/// A TXT at `_dmarc.<domain>`, read.
#[derive(Clone, Copy)]
pub(super) struct Entry<'v> {
    pub(super) seen: &'v Seen,
    /// The domain it is for.
    pub(super) domain: &'v Name,
    pub(super) recognised: Recognised,
    pub(super) record: &'v Record,
    problems: &'v [Problem<Kind>],
}

impl Entry<'_> {
    /// The owner as people write it.
    fn owner(&self) -> String {
        visible(&plain(&self.seen.record.name)).into_owned()
    }
}

/// All TXT records at `_dmarc` names.
pub(super) fn entries<'v>(view: &'v View<'_>) -> impl Iterator<Item = Entry<'v>> {
    let read = |(at, seen): (u32, &Seen)| {
        let value = seen.txt().filter(|_| begins(&seen.record.name, "_dmarc"))?;
        let (record, problems) = parse(value);
        Some(Read { at, domain: seen.record.name.parent()?, recognised: recognise(value), record, problems })
    };
    let all = view.once.dmarc.get_or_init(|| view.numbered(Rtype::TXT).filter_map(read).collect());
    all.iter().filter_map(|Read { at, domain, recognised, record, problems }| {
        Some(Entry { seen: view.record(*at)?, domain, recognised: *recognised, record, problems })
    })
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Advice | Level::Info => Severity::Advice,
    }
}

/// Where the text of `range` stands in site.toml, if a finding about it points exactly there.
fn exact(view: &View<'_>, finding: &Finding, octets: &[u8], range: &Range<usize>) -> Option<Span> {
    let span = finding.primary()?;
    let there = view.sources.slice(span).as_bytes();
    (!range.is_empty() && octets.get(range.clone()) == Some(there)).then_some(span)
}

/// The problems that reading a record tells, of one rule.
fn problems(view: &View<'_>, id: &'static str, found: &mut Findings) {
    for entry in entries(view) {
        let mut some: Vec<Finding> = Vec::new();
        for problem in entry.problems.iter().filter(|problem| problem.kind.rule() == id) {
            some.extend(judge(view, id, &entry, problem));
        }
        // One record can hold a hundred faults of one kind; five tell enough.
        some.truncate(5);
        found.extend(some);
    }
}

/// A problem as a finding; none where the domain makes it right.
fn judge(view: &View<'_>, id: &'static str, entry: &Entry<'_>, problem: &Problem<Kind>) -> Option<Finding> {
    let domain = plain(entry.domain);
    let dmarc = &entry.record.dmarc;
    let level = match &problem.kind {
        Kind::Psd(Psd::Yes) if is_public_suffix(&domain) => return None,
        // At the registrable domain, `psd=n` says what is so anyway.
        Kind::Psd(Psd::No) if registrable(&domain) == domain => return None,
        Kind::Psd(_) => Severity::Warning,
        Kind::Testing => {
            let strict = [dmarc.p, dmarc.sp, dmarc.np].into_iter().flatten().any(|p| p != Policy::None);
            if !strict {
                return None;
            }
            Severity::Warning
        }
        // A domain without mail has nothing to learn from reports; and where a subdomain's record hides its parent's, another rule speaks.
        Kind::RuaMissing if entry.seen.intent == Some(Intent::NoMail) || hides_reports(view, entry) => return None,
        kind => severity(kind.level()),
    };
    let (owner, what) = (entry.owner(), problem.kind.text());
    let what = Text { en: visible(&what.en).into_owned(), ja: visible(&what.ja).into_owned() };
    let title = say!(en: "{owner}: {what}", ja: "{owner}: {what}"; what = what);
    let whole = matches!(problem.kind, Kind::RuaMissing | Kind::PolicyMissing);
    let range = (!whole).then(|| problem.range.clone());
    let finding = view.finding_at(id, level, entry.seen, range, title);
    let spot = exact(view, &finding, entry.record.octets(), &problem.range).filter(|_| !whole);
    Some(advise(finding, entry, problem, spot))
}

/// Adds to a finding what goes wrong, what to do, and the repair if it is mechanical.
fn advise(finding: Finding, entry: &Entry<'_>, problem: &Problem<Kind>, spot: Option<Span>) -> Finding {
    let tags = &entry.record.tags;
    let with = |finding: Finding, what: Text, text: String| match spot {
        Some(span) => finding.next(what.clone()).fix(what, span, text),
        None => finding.next(what),
    };
    let without = |finding: Finding| {
        let what = say!(en: "delete the tag", ja: "このタグを消します");
        match spot.and_then(|spot| removal(tags.octets(), &problem.range, spot)) {
            Some(span) => finding.next(what.clone()).fix(what, span, ""),
            None => finding.next(what),
        }
    };
    let value = || {
        let tag = tags.tags().iter().find(|tag| tag.range == problem.range);
        tag.map(|tag| String::from_utf8_lossy(tags.value(tag))).unwrap_or_default()
    };
    match &problem.kind {
        Kind::Value { tag, allowed } => {
            let first = value().to_ascii_lowercase().chars().next().filter(|_| *tag != "fo");
            match first.filter(|first| allowed.split(", ").any(|word| word.chars().eq([*first]))) {
                Some(first) => {
                    with(finding, say!(en: "write `{tag}={first}`", ja: "`{tag}={first}` と書きます"), format!("{tag}={first}"))
                }
                None => finding.next(say!(en: "write one of {allowed}, or delete the tag", ja: "{allowed} のどれかを書くか、このタグを消します")),
            }
        }
        Kind::UnknownTag { meant: Some(meant), .. } => {
            let value = value();
            let text = format!("{meant}={value}");
            with(finding, say!(en: "write `{meant}=`", ja: "`{meant}=` と書きます"), text)
        }
        Kind::UnknownTag { .. } | Kind::FoWithoutRuf => without(finding),
        // Who still reads them does by default what they say, or nothing.
        Kind::Removed { .. } | Kind::Pct { percent: Some(100) } => without(finding).safely(),
        Kind::Tag(TagFault::Duplicate { name }) => finding
            .harm(say!(en: "the record does not count: the domain is without DMARC", ja: "このレコードは無効になり、DMARC がないのと同じです"))
            .next(say!(en: "keep one `{name}=`", ja: "`{name}=` を 1 つだけ残します", name = visible(name))),
        Kind::Tag(_) => finding.next(say!(en: "write it as `tag=value`, with `;` between", ja: "`タグ=値` の形で書き、`;` で区切ります")),
        Kind::PolicyInvalid { tag, has_rua } => {
            let finding = if *has_rua { finding } else {
                finding.harm(say!(en: "the domain is without DMARC", ja: "DMARC がないのと同じです"))
            };
            match did_you_mean(&value(), ["none", "quarantine", "reject"]) {
                Some(meant) => with(finding, say!(en: "write `{tag}={meant}`", ja: "`{tag}={meant}` と書きます"), format!("{tag}={meant}")),
                None => finding.next(say!(en: "write `{tag}=none` to begin with", ja: "まず `{tag}=none` と書きます")),
            }
        }
        Kind::PolicyMissing | Kind::PolicyNotSecond => {
            finding.next(say!(en: "begin the record with `v=DMARC1; p=…`", ja: "レコードを `v=DMARC1; p=…` で始めます"))
        }
        Kind::Pct { .. } => {
            let finding = finding.harm(say!(en: "receivers treat the same mail differently", ja: "受信側によって扱いが変わります"));
            without(finding).next(say!(
                en: "for a test, use one step less in `p=`: none before quarantine, quarantine before reject",
                ja: "試す間は `p=` を 1 段階弱くします（quarantine の前は none、reject の前は quarantine）"
            ))
        }
        Kind::RuaMissing => {
            let domain = visible(&plain(entry.domain)).into_owned();
            if entry.seen.by_hand() || entry.seen.origins.is_empty() {
                finding.next(say!(en: "add an address that you read:\nrua=mailto:dmarc@{domain}", ja: "読めるアドレスを足します:\nrua=mailto:dmarc@{domain}"))
            } else {
                finding.next(say!(
                    en: "add an address that you read to [dmarc] in site.toml:\nrua = [\"mailto:dmarc@{domain}\"]",
                    ja: "site.toml の [dmarc] に、読めるアドレスを足します:\nrua = [\"mailto:dmarc@{domain}\"]"
                ))
            }
        }
        Kind::Uri(UriFault::NoScheme) => {
            let address = String::from_utf8_lossy(tags.slice(problem.range.clone())).into_owned();
            let next = say!(en: "write `mailto:` before it", ja: "前に `mailto:` を付けます");
            let finding = finding.harm(say!(en: "no report arrives there", ja: "この宛先にレポートは届きません"));
            if is_plain_address(&address) {
                with(finding, next, format!("mailto:{address}")).safely()
            } else {
                finding.next(next)
            }
        }
        Kind::Uri(UriFault::Size) => with(finding, say!(en: "delete it", ja: "消します"), String::new()),
        Kind::Uri(_) => finding
            .harm(say!(en: "no report arrives there", ja: "この宛先にレポートは届きません"))
            .next(say!(en: "write `mailto:` and one address; a comma stands between two", ja: "`mailto:` とアドレスを書きます。2 つ書くときはコンマで区切ります")),
        Kind::NotMailto { .. } => finding.next(say!(en: "add a `mailto:` address", ja: "`mailto:` の宛先を足します")),
        Kind::ManyUris { .. } => finding.next(say!(en: "keep 2 addresses", ja: "2 件までにします")),
        Kind::Psd(Psd::Yes) => without(finding.harm(say!(
            en: "mail from subdomains no longer aligns with this domain",
            ja: "サブドメインから出すメールが、このドメインと一致しなくなります"
        ))),
        Kind::Psd(_) => without(finding.harm(say!(
            en: "a signature or envelope of the parent domain no longer counts here",
            ja: "親ドメインの署名や Return-Path が、ここでは数えられません"
        ))),
        Kind::Testing => {
            let finding = finding.harm(say!(
                en: "new receivers take reject for quarantine and quarantine for none; BIMI shows no logo",
                ja: "新しい受信側は reject を quarantine、quarantine を none として扱います。BIMI のロゴも出ません"
            ));
            if entry.seen.by_hand() || entry.seen.origins.is_empty() {
                without(finding)
            } else {
                finding.next(say!(en: "after the test, delete `t` in [dmarc] of site.toml", ja: "試験が終わったら、site.toml の [dmarc] から `t` を消します"))
            }
        }
        Kind::Version(_) => finding,
    }
}

/// What to cut so that the tag at `range` is gone with one `;`, where the tag itself stands at `spot`.
fn removal(octets: &[u8], range: &Range<usize>, spot: Span) -> Option<Span> {
    let blank = |octet: &&u8| matches!(octet, b' ' | b'\t');
    let after = octets.get(range.end..)?;
    let spaces = after.iter().take_while(blank).count();
    let (mut start, mut end) = (range.start, range.end);
    match after.get(spaces) {
        // With the `;` behind it and the space behind that.
        Some(b';') => {
            end += spaces + 1;
            end += octets.get(end..)?.iter().take_while(blank).count();
        }
        // The last one: with the `;` in front.
        _ => {
            let before = octets.get(..start)?;
            start -= before.iter().rev().take_while(|o| blank(o) || **o == b';').count();
        }
    }
    let base = spot.range().start.checked_sub(range.start)?;
    Some(Span::new(spot.file, base + start..base + end))
}

/// Whether `entry` is a sending subdomain's and its organizational domain asks for reports, which do not cover it then.
pub(super) fn hides_reports(view: &View<'_>, entry: &Entry<'_>) -> bool {
    if !sends(view, entry.domain) {
        return false;
    }
    let answers = Answers::of(view);
    above(&answers, entry.domain).is_some_and(|d| d.found.as_ref().is_some_and(|f| !f.record.dmarc.rua.is_empty()))
}

/// What would apply to `domain` if it had no record of its own.
pub(super) fn above(answers: &Answers<'_>, domain: &Name) -> Option<Rc<Discovery>> {
    answers.discover(&domain.parent()?).ok()
}

fn multiple_records(view: &View<'_>, found: &mut Findings) {
    let entries: Vec<Entry<'_>> = entries(view).collect();
    let mut by_name: HashMap<&Name, Vec<&Entry<'_>>> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.recognised != Recognised::No) {
        by_name.entry(entry.domain).or_default().push(entry);
    }
    for first in &entries {
        let Some(same) = by_name.remove(first.domain).filter(|same| same.len() > 1) else { continue };
        let Some((first, others)) = same.split_first() else { continue };
        let (owner, count) = (first.owner(), same.len());
        let title = say!(
            en: "{count} DMARC records at {owner}: receivers ignore all of them",
            ja: "{owner}に DMARC レコードが {count} 個あります。受信側は全部を無視します"
        );
        let mut finding = view.finding("dmarc-multiple-records", Severity::Error, first.seen, title);
        for other in others {
            for label in view.finding("dmarc-multiple-records", Severity::Error, other.seen, Text::default()).labels {
                finding = finding.at(label.span, label.text);
            }
        }
        found.push(
            finding
                .harm(say!(en: "the domain is without DMARC", ja: "DMARC がないのと同じです"))
                .next(say!(en: "keep one of them", ja: "1 つだけ残します")),
        );
    }
}

fn version(view: &View<'_>, found: &mut Findings) {
    let right: HashSet<&Name> =
        entries(view).filter(|e| e.recognised == Recognised::Yes).map(|entry| entry.domain).collect();
    for entry in entries(view) {
        for problem in entry.problems {
            let Kind::Version(fault) = problem.kind else { continue };
            let others = right.contains(entry.domain);
            let level = if others { Severity::Warning } else { severity(problem.kind.level()) };
            let (owner, what) = (entry.owner(), problem.kind.text());
            let title = say!(en: "{owner}: {what}", ja: "{owner}: {what}"; what = what);
            let finding = view.finding_at("dmarc-version", level, entry.seen, Some(problem.range.clone()), title);
            let spot = exact(view, &finding, entry.record.octets(), &problem.range);
            let next = say!(en: "begin the record with `v=DMARC1; p=…`", ja: "レコードを `v=DMARC1; p=…` で始めます");
            let finding = match fault {
                VersionFault::NameCase => finding,
                _ if others => finding,
                _ => finding.harm(say!(en: "the domain is without DMARC", ja: "DMARC がないのと同じです")),
            };
            let text = match fault {
                VersionFault::Case => Some("DMARC1"),
                VersionFault::NameCase => Some("v"),
                VersionFault::NoSemicolon if entry.record.octets().get(problem.range.clone()) == Some(b",") => {
                    Some(";")
                }
                VersionFault::NoSemicolon => Some("; "),
                VersionFault::LeadingSpace => Some(""),
                _ => None,
            };
            found.push(match (spot, text) {
                (Some(span), Some(text)) => {
                    let octets = entry.record.octets();
                    let around = [octets.get(..problem.range.start), octets.get(problem.range.end..)];
                    let [before, after] = around.map(Option::unwrap_or_default);
                    let (_, left) = parse(&[before, text.as_bytes(), after].concat());
                    let sound = left.iter().all(|problem| problem.kind.level() != Level::Error);
                    finding
                        .next(next.clone())
                        .fix(next, span, text)
                        .safely_if(sound && is_alone(view, entry.seen, Meant::Dmarc))
                }
                _ if fault == VersionFault::Spf => finding.next(say!(
                    en: "move the SPF record to the domain itself, and write the DMARC record here",
                    ja: "SPF レコードはドメイン自体に置き、ここには DMARC レコードを入れます"
                )),
                _ => finding.next(next),
            });
        }
    }
}

fn wrong_name(view: &View<'_>, found: &mut Findings) {
    let origin = plain(view.origin);
    let mut push = |seen: &Seen, right: String, what: Text| {
        let (owner, right) = (visible(&plain(&seen.record.name)).into_owned(), visible(&right).into_owned());
        let title = say!(en: "the DMARC record at {owner} is not found: {what}", ja: "{owner}の DMARC レコードは見つけてもらえません。{what}"; what = what);
        found.push(
            view.finding("dmarc-wrong-name", Severity::Error, seen, title)
                .harm(say!(en: "receivers ask for {right} and find no DMARC", ja: "受信側は {right} を調べるので、DMARC がないのと同じです"))
                .next(say!(en: "move it to this name:\n{right}", ja: "次の名前に移します:\n{right}")),
        );
    };
    for seen in view.of_type(Rtype::TXT) {
        if seen.txt().is_none_or(|value| recognise(value) == Recognised::No) {
            continue;
        }
        let name = plain(&seen.record.name);
        let at_dmarc = begins(&seen.record.name, "_dmarc");
        let doubled = format!(".{origin}.{origin}");
        if at_dmarc && name.ends_with(&doubled) {
            let right = name.strip_suffix(&format!(".{origin}")).unwrap_or(&name).to_owned();
            push(
                seen,
                right,
                say!(en: "the domain stands in its name twice", ja: "名前の中でドメインが 2 回書かれています"),
            );
        } else if at_dmarc {
            let www = Name::parse_absolute(format!("_dmarc.www.{origin}")).ok();
            let apex = Name::parse_absolute(format!("_dmarc.{origin}")).ok();
            let absent = apex
                .is_some_and(|apex| view.of(&apex, Rtype::TXT).chain(view.of(&apex, Rtype::CNAME)).next().is_none());
            let domain = seen.record.name.parent();
            let from = LazyCell::new(|| from_domains(view));
            if www.as_ref() == Some(&seen.record.name)
                && absent
                && domain.is_some_and(|d| !from.contains(&d))
                && from.contains(view.origin)
            {
                push(
                    seen,
                    format!("_dmarc.{origin}"),
                    say!(en: "mail is from {origin}, not from www", ja: "メールの差出人は www ではなく {origin} です"),
                );
            }
        } else if !name.contains("._report._dmarc.")
            && !seen.record.name.is_wildcard()
            && !reached_by_cname(view, &seen.record.name)
        {
            let first = String::from_utf8_lossy(seen.record.name.first_label().unwrap_or_default()).into_owned();
            let misspelt = did_you_mean(&first, ["_dmarc"]).and_then(|_| seen.record.name.parent());
            let right = misspelt.map_or_else(|| name.clone(), |parent| plain(&parent));
            push(
                seen,
                format!("_dmarc.{right}"),
                say!(en: "the name does not begin with `_dmarc.`", ja: "名前が `_dmarc.` で始まっていません"),
            );
        }
    }
}

/// Whether a `_dmarc` CNAME of this zone leads to `name`.
fn reached_by_cname(view: &View<'_>, name: &Name) -> bool {
    view.of_type(Rtype::CNAME).any(|s| s.record.rdata.target(Rtype::CNAME).as_ref() == Some(name))
}

fn subdomain_policy_weaker(view: &View<'_>, found: &mut Findings) {
    let answers = Answers::of(view);
    for entry in entries(view) {
        let dmarc = &entry.record.dmarc;
        if entry.recognised == Recognised::No || (dmarc.sp.is_none() && dmarc.np.is_none()) {
            continue;
        }
        let owner = entry.owner();
        let range = |name: &str| entry.record.tags.find(name.as_bytes()).map(|tag| tag.range.clone());
        let tags = [("sp", dmarc.sp), ("np", dmarc.np)];
        let ignored = dmarc.psd != Psd::Yes
            && answers.discover(entry.domain).is_ok_and(|d| d.found.is_some() && d.org_domain != plain(entry.domain));
        for (tag, policy) in tags.into_iter().filter_map(|(tag, policy)| Some((tag, policy?))) {
            let at = range(tag);
            let p = dmarc.policy();
            let (written, wanted) = (policy.as_str(), p.as_str());
            if ignored {
                let title = say!(
                    en: "{owner}: `{tag}={written}` is ignored; only the organizational domain's counts",
                    ja: "{owner}: `{tag}={written}` は無視されます。有効なのは組織ドメインのレコードだけです"
                );
                let finding = view.finding_at("dmarc-subdomain-policy-weaker", Severity::Advice, entry.seen, at, title);
                found.push(finding.next(say!(en: "delete `{tag}`, or write it in the record of the organizational domain", ja: "`{tag}` を消すか、組織ドメインのレコードに書きます")));
            } else if policy < p {
                let title = say!(
                    en: "{owner}: `{tag}={written}` is weaker than `p={wanted}`",
                    ja: "{owner}: `{tag}={written}` は `p={wanted}` より弱い指定です"
                );
                let finding =
                    view.finding_at("dmarc-subdomain-policy-weaker", Severity::Warning, entry.seen, at.clone(), title);
                let spot = at.and_then(|at| exact(view, &finding, entry.record.octets(), &at));
                let harm = say!(
                    en: "whoever forges mail uses an invented subdomain and gets past `p={wanted}`",
                    ja: "なりすましは、サブドメインを名のれば `p={wanted}` を避けられます"
                );
                let next = say!(en: "write `{tag}={wanted}`", ja: "`{tag}={wanted}` と書きます");
                let finding = finding.harm(harm).next(next.clone());
                found.push(match spot {
                    Some(span) => finding.fix(next, span, format!("{tag}={wanted}")),
                    None => finding,
                });
            }
        }
    }
}

/// Whether this is surely a mail address and nothing besides, such as the rest of a scheme that was broken.
fn is_plain_address(text: &str) -> bool {
    let is_local = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"._+-=".contains(&octet))
    };
    let is_domain =
        |text: &str| text.contains('.') && Name::parse_absolute(text).is_ok_and(|domain| domain.host_fault().is_none());
    text.split_once('@').is_some_and(|(local, domain)| is_local(local) && is_domain(domain))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{levels, name, run, sender};
    use super::*;
    use crate::compose::{Declared, Origin, Party};
    use crate::report::{Severity::*, Sources};
    use crate::zone::{Rdata, Record as Dns};

    fn rule(id: &str) -> &'static Rule {
        RULES.iter().find(|rule| rule.id == id).unwrap()
    }

    fn of(id: &str, value: &str) -> Vec<Severity> {
        levels(rule(id), &format!("_dmarc TXT \"{value}\""), None)
    }

    /// What a `[[record]]` with this value becomes when all repairs that one rule offers first are made.
    fn repaired(id: &str, value: &str) -> Option<String> {
        let mut sources = Sources::default();
        let text = format!("value = \"{value}\"\n");
        let file = sources.add("site.toml", text.clone());
        let span = Span::new(file, 8..text.len() - 1);
        let origin = name("example.com");
        let record = Dns {
            name: name("_dmarc.example.com"),
            rtype: Rtype::TXT,
            ttl: 3600,
            rdata: Rdata::txt(value.as_bytes()).unwrap(),
        };
        let origins = vec![Origin { party: 0, span: Some(span), by_hand: true }];
        let seen = Seen::new(record, origins, Some(Intent::ByHand));
        let parties = [Party { name: Text::same("site"), id: None, span: None }];
        let view = View::new(&origin, vec![seen], None, &parties, &sources);
        let mut found = Findings::all();
        (rule(id).check)(&view, &mut found);
        let fix = found.first()?.fix.clone()?;
        let mut changed = text;
        changed.replace_range(fix.span.range(), &fix.replacement);
        Some(changed.trim_start_matches("value = \"").trim_end_matches("\"\n").to_owned())
    }

    const GOOD: &str = "v=DMARC1; p=reject; rua=mailto:d@example.com";

    #[test]
    fn a_good_record_is_silent() {
        for rule in RULES {
            assert_eq!(levels(rule, &format!("_dmarc TXT \"{GOOD}\""), None), [], "{}", rule.id);
            assert_eq!(levels(rule, "@ TXT \"v=spf1 -all\"", None), [], "{}", rule.id);
        }
    }

    #[test]
    fn two_records_at_a_name_are_one_finding() {
        let two = "_dmarc TXT \"v=DMARC1; p=none\"\n_dmarc TXT \"v=DMARC1; p=reject\"";
        let found = run(rule("dmarc-multiple-records"), two, None);
        assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Error]);
        assert!(found.iter().all(|f| f.title.en.starts_with("2 DMARC records at _dmarc.example.com")));
        // Another TXT beside it is no second record, and neither is one at another name.
        let one = "_dmarc TXT \"v=DMARC1; p=none\"\n_dmarc TXT \"token\"\n_dmarc.b TXT \"v=DMARC1; p=none\"";
        assert_eq!(levels(rule("dmarc-multiple-records"), one, None), []);
    }

    #[test]
    fn versions() {
        let id = "dmarc-version";
        for bad in [
            "v=DMARC1 p=none",
            "v=dmarc1; p=none",
            "v=DMARC1.0; p=none",
            "p=none; v=DMARC1",
            "v=spf1 -all",
            " v=DMARC1; p=none",
        ] {
            assert_eq!(of(id, bad), [Error], "{bad}");
        }
        assert_eq!(of(id, "V=DMARC1; p=none"), [Warning]);
        let beside = format!("_dmarc TXT \"{GOOD}\"\n_dmarc TXT \"some token\"");
        assert_eq!(levels(rule(id), &beside, None), [Warning], "what is ignored beside a record does no harm");
        assert_eq!(repaired(id, "v=dmarc1; p=none").as_deref(), Some("v=DMARC1; p=none"));
        assert_eq!(repaired(id, "v=DMARC1, p=none").as_deref(), Some("v=DMARC1; p=none"));
        assert_eq!(repaired(id, "v=DMARC1 p=none").as_deref(), Some("v=DMARC1; p=none"));
        assert_eq!(repaired(id, "V=DMARC1; p=none").as_deref(), Some("v=DMARC1; p=none"));
        assert_eq!(repaired(id, " v=DMARC1; p=none").as_deref(), Some("v=DMARC1; p=none"));
        assert_eq!(repaired(id, "p=none; v=DMARC1"), None);
    }

    #[test]
    fn wrong_names() {
        let id = "dmarc-wrong-name";
        let at = |owner: &str| run(rule(id), &format!("{owner} TXT \"v=DMARC1; p=none\""), None);
        let right = |owner: &str| {
            let found = at(owner);
            assert_eq!(found.len(), 1, "{owner}");
            found.into_iter().flat_map(|f| f.notes).last().unwrap().text.en.lines().last().unwrap().to_owned()
        };
        assert_eq!(right("@"), "_dmarc.example.com");
        assert_eq!(right("dmarc"), "_dmarc.example.com");
        assert_eq!(right("_damrc"), "_dmarc.example.com");
        assert_eq!(right("news"), "_dmarc.news.example.com");
        assert_eq!(right("_dmarc.example.com"), "_dmarc.example.com", "the domain twice");
        for good in ["_dmarc", "_DMARC", "_dmarc.news", "example.net._report._dmarc", "*._report._dmarc"] {
            assert_eq!(at(good), [], "{good}");
        }
        let pointed = "_dmarc CNAME policies\npolicies TXT \"v=DMARC1; p=none\"";
        assert_eq!(levels(rule(id), pointed, None), []);
    }

    #[test]
    fn a_record_for_www_is_meant_for_the_domain_where_only_that_sends() {
        let id = "dmarc-wrong-name";
        let www = "_dmarc.www TXT \"v=DMARC1; p=none\"";
        let declared = |from| Declared { senders: vec![sender(from)], ..Declared::default() };
        assert_eq!(levels(rule(id), www, Some(&declared("example.com"))), [Error]);
        assert_eq!(levels(rule(id), www, Some(&declared("www.example.com"))), []);
        assert_eq!(levels(rule(id), www, None), [], "nobody says who sends");
        let both = format!("{www}\n_dmarc TXT \"v=DMARC1; p=none\"");
        assert_eq!(levels(rule(id), &both, Some(&declared("example.com"))), []);
    }

    #[test]
    fn tags_and_values() {
        let id = "dmarc-tag-syntax";
        assert_eq!(of(id, "v=DMARC1; p=none; po=none; adkim=strict"), [Warning, Error]);
        assert_eq!(of(id, "v=DMARC1; p=none; adkim=s"), []);
        assert_eq!(of(id, "v=DMARC1; p=none; p=reject"), [Error]);
        assert_eq!(of(id, "v=DMARC1; p=none; fo=1"), [Advice]);
        assert_eq!(of(id, "v=DMARC1; p=none; fo=0:1; ruf=mailto:d@example.com"), [Error]);
        assert_eq!(of(id, &format!("v=DMARC1; p=none{}", "; x".repeat(50))).len(), 5, "no more than 5 a record");
        assert_eq!(repaired(id, "v=DMARC1; p=none; adkim=strict").as_deref(), Some("v=DMARC1; p=none; adkim=s"));
        assert_eq!(repaired(id, "v=DMARC1; p=none; t=Yes").as_deref(), Some("v=DMARC1; p=none; t=y"));
        assert_eq!(repaired(id, "v=DMARC1; p=none; adkim=on"), None);
        assert_eq!(
            repaired(id, "v=DMARC1; p=none; RUA=mailto:D@example.com").as_deref(),
            Some("v=DMARC1; p=none; rua=mailto:D@example.com")
        );
        assert_eq!(repaired(id, "v=DMARC1; p=none; fo=1").as_deref(), Some("v=DMARC1; p=none"));
        assert_eq!(repaired(id, "v=DMARC1; xyz=1; p=none").as_deref(), Some("v=DMARC1; p=none"));
    }

    #[test]
    fn policies() {
        let id = "dmarc-p-missing-or-invalid";
        assert_eq!(of(id, "v=DMARC1; rua=mailto:d@example.com; p=monitor"), [Advice, Error]);
        assert_eq!(of(id, "v=DMARC1; p=none; rua=mailto:d@example.com"), []);
        assert_eq!(of(id, "v=DMARC1; rua=mailto:d@example.com"), [Warning]);
        assert_eq!(of(id, "v=DMARC1; p=none; sp=off"), [Error]);
        assert_eq!(repaired(id, "v=DMARC1; p=rejct").as_deref(), Some("v=DMARC1; p=reject"));
        let harm = |value: &str| {
            run(rule(id), &format!("_dmarc TXT \"{value}\""), None)
                .iter()
                .flat_map(|f| &f.notes)
                .any(|n| n.text.en.contains("without DMARC"))
        };
        assert!(harm("v=DMARC1; p=monitor") && !harm("v=DMARC1; p=monitor; rua=mailto:d@example.com"));
    }

    #[test]
    fn removed_tags() {
        let id = "dmarc-removed-tags";
        assert_eq!(of(id, "v=DMARC1; p=quarantine; pct=25"), [Warning]);
        assert_eq!(of(id, "v=DMARC1; p=none"), []);
        assert_eq!(of(id, "v=DMARC1; p=none; ri=86400; rf=afrf; pct=100"), [Warning; 3]);
        assert_eq!(repaired(id, "v=DMARC1; p=quarantine; pct=25").as_deref(), Some("v=DMARC1; p=quarantine"));
        assert_eq!(repaired(id, "v=DMARC1; p=none; pct=100; fo=1;").as_deref(), Some("v=DMARC1; p=none; fo=1;"));
        assert_eq!(repaired(id, "v=DMARC1; p=none ;pct=100;").as_deref(), Some("v=DMARC1; p=none ;"));
    }

    #[test]
    fn report_addresses() {
        assert_eq!(of("dmarc-rua-missing", "v=DMARC1; p=none"), [Warning]);
        assert_eq!(of("dmarc-rua-missing", "v=DMARC1; p=none; rua=mailto:dmarc@example.com"), []);
        let id = "dmarc-rua-syntax";
        assert_eq!(of(id, "v=DMARC1; p=none; rua=dmarc@example.com"), [Error]);
        assert_eq!(of(id, "v=DMARC1; p=none; rua=mailto:dmarc@example.com"), []);
        assert_eq!(of(id, "v=DMARC1; p=none; rua=mailto:dmarc@example.com!10m"), [Warning]);
        assert_eq!(of(id, "v=DMARC1; p=none; rua=https://r.example.com/"), [Advice]);
        let three = "v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com,mailto:c@example.com";
        assert_eq!(of(id, three), [Advice]);
        assert_eq!(
            repaired(id, "v=DMARC1; p=none; rua=dmarc@example.com").as_deref(),
            Some("v=DMARC1; p=none; rua=mailto:dmarc@example.com")
        );
        assert_eq!(
            repaired(id, "v=DMARC1; p=none; rua=mailto:d@example.com!10m").as_deref(),
            Some("v=DMARC1; p=none; rua=mailto:d@example.com")
        );
        for unsure in
            ["dmarc", ":a@example.com", "a@b@example.com", "a@example", "a@example_com.net", "<a@example.com>"]
        {
            assert_eq!(repaired(id, &format!("v=DMARC1; p=none; rua={unsure}")), None, "{unsure}");
        }
    }

    #[test]
    fn a_domain_without_mail_needs_no_reports() {
        let (origin, sources) = (name("example.com"), Sources::default());
        let mut records = super::super::testing::records("example.com", "_dmarc TXT \"v=DMARC1; p=reject\"");
        for seen in &mut records {
            seen.intent = Some(Intent::NoMail);
        }
        let view = View::new(&origin, records, None, &[], &sources);
        let mut found = Findings::all();
        (rule("dmarc-rua-missing").check)(&view, &mut found);
        assert_eq!(*found, []);
    }

    #[test]
    fn weaker_subdomain_policies() {
        let id = "dmarc-subdomain-policy-weaker";
        assert_eq!(of(id, "v=DMARC1; p=reject; sp=none"), [Warning]);
        assert_eq!(of(id, "v=DMARC1; p=reject; np=reject"), []);
        assert_eq!(of(id, "v=DMARC1; p=none; sp=reject; np=quarantine"), [], "both are stronger than p");
        assert_eq!(of(id, "v=DMARC1; p=reject; sp=none; np=quarantine"), [Warning, Warning]);
        assert_eq!(repaired(id, "v=DMARC1; p=reject; sp=none").as_deref(), Some("v=DMARC1; p=reject; sp=reject"));
        let below = format!("_dmarc TXT \"{GOOD}\"\n_dmarc.news TXT \"v=DMARC1; p=reject; sp=none\"");
        assert_eq!(levels(rule(id), &below, None), [Advice], "ignored there");
    }

    #[test]
    fn psd_where_it_is_wrong() {
        let id = "dmarc-psd-tag";
        assert_eq!(of(id, "v=DMARC1; p=reject; psd=y"), [Warning]);
        assert_eq!(of(id, "v=DMARC1; p=reject"), []);
        assert_eq!(of(id, "v=DMARC1; p=reject; psd=n"), [], "example.com is one anyway");
        assert_eq!(levels(rule(id), "_dmarc.b TXT \"v=DMARC1; p=reject; psd=n\"", None), [Warning]);
        let (origin, sources) = (name("co.jp"), Sources::default());
        let records = super::super::testing::records("co.jp", "_dmarc TXT \"v=DMARC1; p=reject; psd=y\"");
        let view = View::new(&origin, records, None, &[], &sources);
        let mut found = Findings::all();
        (rule(id).check)(&view, &mut found);
        assert_eq!(*found, [], "a public suffix");
        assert_eq!(repaired(id, "v=DMARC1; p=reject; psd=y").as_deref(), Some("v=DMARC1; p=reject"));
    }

    #[test]
    fn test_mode_only_matters_with_a_policy() {
        let id = "dmarc-test-mode-left-on";
        assert_eq!(of(id, "v=DMARC1; p=quarantine; t=y"), [Warning]);
        assert_eq!(of(id, "v=DMARC1; p=quarantine"), []);
        assert_eq!(of(id, "v=DMARC1; p=none; t=y"), []);
        assert_eq!(of(id, "v=DMARC1; p=none; np=reject; t=y"), [Warning]);
        assert_eq!(repaired(id, "v=DMARC1; t=y; p=reject").as_deref(), Some("v=DMARC1; p=reject"));
    }

    #[test]
    fn nothing_active_reaches_a_sentence() {
        for rule in RULES {
            for found in run(rule, "_dmarc TXT \"v=DMARC1; p=\\027[2J; \\027=1; rua=\\226\\128\\174@x\"", None) {
                let texts = found.notes.iter().map(|n| &n.text).chain([&found.title]);
                for text in texts {
                    for line in text.en.lines().chain(text.ja.lines()) {
                        assert_eq!(line, visible(line), "{}", rule.id);
                    }
                }
            }
        }
    }
}
