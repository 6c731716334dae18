//! What must be said of a plan, and what stops it: more than is usual at once, the zone's own name servers, a sender that is live.

use crate::catalogue::Catalogue;
use crate::compose::Intent;
use crate::fit::{Fitted, FittedZone};
use crate::mail::tags::without_size;
use crate::mail::{mta_sts, spf};
use crate::report::{Finding, Severity, Text, excerpt};
use crate::say;
use crate::zone::{Current, Found, Name, Record, Rtype};

use super::difference::{Difference, Part, Piece, differences, is_made_by_server};
use super::pick::{Pick, argument, takes, whole};
use super::spf_hosts;
use super::stages::{Plan, StageKind, changes_key};
use super::steps::{Action, Phase, Step, is_dmarc};
use super::{Left, Question, adopt, hidden, policy};

/// Of how many records on a share of changes says something.
const MANY: usize = 10;

/// The share of changed and removed records, in percent, above which somebody has to say that it is meant.
const SHARE: usize = 30;

/// Rows of one set that are told one by one.
pub(super) const ROWS_TOLD: usize = 10;

/// What stops a plan.
#[derive(Clone, Debug)]
pub struct Stop {
    /// What was seen.
    pub finding: Finding,
    /// Whether `--force` goes on all the same; what a live sender loses is named record by record instead.
    pub forced: bool,
}

pub(super) fn plain(name: &Name) -> String {
    name.display_without_dot().to_string()
}

/// A finding about a record as it is.
fn about(finding: Finding, found: &Found) -> Finding {
    finding.at_opt(found.span, Text::default()).about(plain(&found.record.name), found.record.rtype.to_string())
}

/// What the SPF as it is has and the wanted one lacks: nothing of it goes without a word.
#[must_use]
pub fn dropped_terms(fitted: &Fitted<'_>, current: &Current, picks: &[Pick], live: bool) -> Vec<Finding> {
    let declared = &fitted.composed.declared;
    // A name that sends nothing gives everything up on purpose.
    let silent = |name: &Name| {
        (declared.no_mail && *name == fitted.own.composed.origin) || declared.no_mail_names.contains(name)
    };
    let mut out = Vec::new();
    for difference in differences(&fitted.own, current) {
        if difference.part != Part::Spf || silent(&difference.name) {
            continue;
        }
        let same = difference.same.first().map(|f| &f.record);
        let Some(wanted) = difference.missing.first().or(same) else { continue };
        // Several are void, but what stands in them is wanted by somebody all the same.
        let told = difference.extra.iter().take(ROWS_TOLD);
        out.extend(told.flat_map(|found| dropped_of(fitted, found, wanted, picks, live)));
        out.extend(more_rows(&difference, difference.extra.len(), live));
    }
    out
}

/// That there are more rows than are told one by one.
fn more_rows(difference: &Difference<'_>, n: usize, live: bool) -> Option<Finding> {
    let more = n.checked_sub(ROWS_TOLD).filter(|more| *more > 0)?;
    let (name, rtype) = (plain(&difference.name), difference.rtype);
    let title = say!(en: "{name} has {more} more {rtype} records now that site.toml does not", ja: "{name} のいまの {rtype} のうち、ほかに {more} 件が site.toml にありません");
    Some(would_drop(title, live).about(name, rtype.to_string()))
}

/// Something that goes: if it is live, the plan stops.
fn would_drop(title: Text, live: bool) -> Finding {
    if live { Finding::error("plan-drops-live-sender", title) } else { Finding::warning("plan-would-drop", title) }
}

/// What one SPF row has and the wanted one lacks.
fn dropped_of(fitted: &Fitted<'_>, found: &Found, wanted: &Record, picks: &[Pick], live: bool) -> Vec<Finding> {
    let zone = fitted.own.composed;
    let owner = &found.record.name;
    let name = plain(owner);
    let text = |r: &Record| String::from_utf8_lossy(&r.rdata.txt_joined()).into_owned();
    let mut out = Vec::new();
    let change = spf::change(&text(&found.record), &text(wanted), &name);
    // What a split moved is still there.
    let moved = |term: &str| {
        let below =
            |s: &&crate::compose::RrSet| s.rtype == Rtype::TXT && s.name != *owner && s.name.is_subdomain_of(owner);
        let texts = zone.rrsets.iter().filter(below).flat_map(|s| s.records()).map(|r| text(&r));
        let mut texts = texts.filter(|t| spf::is_spf(t.as_bytes()));
        texts.any(|t| !spf::change(term, &t, &name).gone.iter().any(|g| g == term))
    };
    let set = zone.rrset(owner, Rtype::TXT);
    let written_out = |term: &str| set.is_some_and(|s| s.members.iter().any(|m| m.intent.writes_out(term)));
    let confirmed = |term: &str| picks.iter().any(|p| p.takes_term(owner, Rtype::TXT, term) || p.takes(&found.record));
    let gone: Vec<&String> = change.gone.iter().filter(|t| !moved(t) && !written_out(t) && !confirmed(t)).collect();
    if !gone.is_empty() {
        let list = gone.iter().map(|t| excerpt(t, 80)).collect::<Vec<_>>();
        let (terms, lines) = (list.join(" "), list.iter().map(|t| format!("\"{t}\"")).collect::<Vec<_>>().join(", "));
        let title = say!(en: "SPF of {name} has terms now that site.toml does not: {terms}", ja: "{name} のいまの SPF にある語が site.toml にありません: {terms}");
        let mut finding = about(would_drop(title, live), found)
            .harm(say!(en: "with the wanted record these may no longer send", ja: "このまま書き換えると、これらからの送信が認められなくなります"))
            .next(say!(en: "what is still needed goes into site.toml:\n[spf]\nextra = [{lines}]", ja: "まだ必要なものは site.toml に書きます:\n[spf]\nextra = [{lines}]"));
        if live {
            let flags = gone
                .iter()
                .map(|t| format!("--remove {}", argument(&found.record, &zone.origin, Some(t))))
                .collect::<Vec<_>>()
                .join(" ");
            finding = finding.next(say!(en: "what nobody sends with any more is named: {flags}", ja: "もう送信に使わないものは、名前を挙げて指定します: {flags}"));
        }
        out.push(finding);
    }
    if let Some((old, new)) = change.all {
        out.push(
            about(Finding::warning("plan-would-drop", say!(en: "SPF of {name} ends in {old} now and in {new} afterwards", ja: "{name} の SPF の末尾が {old} から {new} に変わります")), found)
                .next(say!(en: "to keep it, write in site.toml:\n[spf]\nall = \"{old}\"", ja: "変えないなら site.toml に書きます:\n[spf]\nall = \"{old}\"")),
        );
    }
    out
}

/// What rows go, or stay beside what is wanted, that nobody has decided about.
fn undecided(question: &Question<'_>, catalogue: Option<&Catalogue>, out: &mut Vec<Finding>) {
    for zone in question.fitted.zones() {
        let Some(current) = question.current_of(zone) else { continue };
        for difference in differences(zone, current) {
            // What one row turns into is told piece by piece.
            if difference.part == Part::Spf {
                continue;
            }
            if difference.part == Part::Dmarc && difference.extra.len() == 1 && !difference.missing.is_empty() {
                dropped_tags(&difference, out);
                continue;
            }
            // A new policy of MTA-STS has a new id; that is what the record is for.
            if difference.part == Part::MtaSts && difference.extra.len() == 1 && !difference.missing.is_empty() {
                continue;
            }
            let left =
                |r: &Record| question.left.is_some_and(|l| r.target().is_some_and(|t| t.is_subdomain_of(&l.suffix)));
            let open = |f: &&&Found| !takes(question.remove, &f.record) && !left(&f.record);
            for found in difference.extra.iter().filter(open).take(ROWS_TOLD) {
                out.push(undecided_row(question, &difference, found, catalogue));
            }
            out.extend(more_rows(&difference, difference.extra.iter().filter(open).count(), false));
        }
    }
}

/// A row that is there and not wanted, at a name that is managed.
fn undecided_row(
    question: &Question<'_>,
    difference: &Difference<'_>,
    found: &Found,
    catalogue: Option<&Catalogue>,
) -> Finding {
    let origin = &question.fitted.own.composed.origin;
    let record = &found.record;
    let (name, rtype) = (plain(&record.name), record.rtype);
    let value = excerpt(&record.rdata.present(rtype), 100);
    let replaced = difference.missing.len() == 1 && difference.extra.len() == 1;
    let who = catalogue.and_then(|c| company(c, record));
    let seen = match &who {
        Some(who) => say!(en: "{value} ({who})", ja: "{value}（{who}）"; who = who),
        None => Text::same(value),
    };
    // A new MX takes the place of those that are there, or mail is received at both.
    let live = rtype == Rtype::MX && !difference.missing.is_empty();
    let title = say!(en: "{name} has {rtype} {seen} now, and site.toml does not", ja: "{name} のいまの {rtype} {seen} が site.toml にありません"; seen = seen);
    let finding = would_drop(title, live);
    let harm = if replaced {
        say!(en: "the wanted record takes its place", ja: "必要なレコードに置き換わります")
    } else if live {
        say!(en: "as long as it stands beside the new one, mail arrives at both", ja: "新しい MX と並んでいる間は、メールが両方に届きます")
    } else if difference.part == Part::Dmarc {
        say!(en: "as long as both are there neither is in force (RFC 9989 §4.10)", ja: "両方あるあいだは、どちらも無効です（RFC 9989 §4.10）")
    } else if difference.part.is_one(rtype) {
        say!(en: "only one such record can be right", ja: "このレコードは 1 つでなければなりません")
    } else {
        say!(en: "it stays, and as long as both are there both are used", ja: "残ります。両方あるあいだは、両方が使われます")
    };
    let flag = argument(record, origin, None);
    let mut finding = about(finding, found).harm(harm);
    // What stands in a keyzone is no record of the site.
    if record.name.is_subdomain_of(origin) {
        let lines = adopt::record_lines(record, origin);
        finding = finding.next(say!(en: "if it is still needed, it goes into site.toml (or --adopt {flag}):\n{lines}", ja: "まだ必要なら site.toml に書きます（または --adopt {flag}）:\n{lines}"));
    }
    finding.next(say!(en: "if it was yours or is wrong: --remove {flag}", ja: "以前の設定か誤りなら: --remove {flag}"))
}

/// Whether only a limit on the size of reports goes, which RFC 9989 took away too.
fn is_size_only(piece: &Piece) -> bool {
    let Piece::Changed { from, to } = piece else { return false };
    let bare = |list: &str| -> Vec<String> { list.split(',').map(|uri| without_size(uri.trim()).to_owned()).collect() };
    bare(from) == bare(to)
}

/// What keeps wanted rows out, and nobody has decided about: where a CNAME stands, nothing else does.
fn in_the_way(question: &Question<'_>, plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let mut told: Vec<&Record> = Vec::new();
    for step in plan.steps() {
        let Some(current) = question.current_of(step.zone) else { continue };
        for record in &step.in_the_way {
            let found = current.found_at(&record.name).find(|f| f.record.same_data(record));
            let Some(found) = found.filter(|_| !told.iter().any(|t| t.same_data(record))) else { continue };
            told.push(record);
            let (name, rtype, wanted) = (plain(&record.name), record.rtype, step.rtype);
            let value = excerpt(&record.rdata.present(rtype), 100);
            let flag = argument(record, &question.fitted.own.composed.origin, None);
            out.push(
                about(Finding::warning("plan-would-drop", say!(en: "{name} has {rtype} {value} now, and the wanted {wanted} can't stand beside it", ja: "{name} にはいま {rtype} {value} があり、必要な {wanted} と並べられません")), found)
                    .harm(say!(en: "as long as it is there, the {wanted} is not entered (RFC 1034 §3.6.2)", ja: "これがある間は、{wanted} を入力できません（RFC 1034 §3.6.2）"))
                    .next(say!(en: "ask what it is for; if nothing needs it any more: --remove {flag}", ja: "何に使われているかを確かめます。もう使っていないなら: --remove {flag}"))
                    .next(say!(en: "if it is still needed, take the {wanted} out of site.toml", ja: "まだ必要なら、{wanted} を site.toml から外します")),
            );
        }
    }
}

/// Tags of DMARC that go, as they say where reports go.
fn dropped_tags(difference: &Difference<'_>, out: &mut Vec<Finding>) {
    let Some(found) = difference.extra.first() else { return };
    let name = plain(&difference.name);
    let loosened = match (policy::read(&found.record), difference.missing.first().and_then(policy::read)) {
        (Some(from), Some(to)) => policy::loosened(&from, &to),
        _ => Vec::new(),
    };
    if let Some((tag, was, becomes)) = loosened.first() {
        let (was, becomes) = (was.as_str(), becomes.as_str());
        let lines: Vec<String> = loosened.iter().map(|(tag, was, _)| format!("{tag} = \"{}\"", was.as_str())).collect();
        let lines = lines.join("\n");
        out.push(
            about(Finding::warning("plan-would-drop", say!(en: "{name} says {tag}={was} now and {tag}={becomes} afterwards", ja: "{name} のポリシーが {tag}={was} から {tag}={becomes} にゆるくなります")), found)
                .harm(say!(en: "receivers then let through mail in your name that they hold or refuse now", ja: "いまは止められている、なりすましのメールが届くようになります"))
                .next(say!(en: "to keep it, write in site.toml:\n[dmarc]\n{lines}", ja: "残すなら site.toml に書きます:\n[dmarc]\n{lines}")),
        );
    }
    for piece in &difference.pieces {
        // RFC 9989 took these away.
        let old = |text: &str| ["pct=", "rf=", "ri=", "v=", "p="].iter().any(|tag| text.starts_with(tag));
        let told = |text: &str| text.split_once('=').is_some_and(|(tag, _)| loosened.iter().any(|(t, ..)| *t == tag));
        let (Piece::Gone(gone) | Piece::Changed { from: gone, .. }) = piece else { continue };
        if old(gone) || told(gone) || is_size_only(piece) {
            continue;
        }
        let shown = excerpt(gone, 80);
        let line = gone.split_once('=').map(|(tag, value)| match tag {
            "rua" | "ruf" => {
                let uris = value.split(',').map(|uri| without_size(uri.trim()));
                let list: Vec<String> = uris.map(|uri| format!("\"{}\"", excerpt(uri, 80))).collect();
                format!("{tag} = [{}]", list.join(", "))
            }
            _ => format!("{tag} = \"{}\"", excerpt(value, 80)),
        });
        let line = line.unwrap_or_default();
        out.push(
            about(Finding::warning("plan-would-drop", say!(en: "{name} says {shown} now, and site.toml does not", ja: "{name} のいまの {shown} が site.toml にありません")), found)
                .next(say!(en: "to keep it, write in site.toml:\n[dmarc]\n{line}", ja: "残すなら site.toml に書きます:\n[dmarc]\n{line}")),
        );
    }
}

/// The one company whose record this is, if the catalogue knows.
fn company(catalogue: &Catalogue, record: &Record) -> Option<Text> {
    let found = catalogue.recognise(std::slice::from_ref(record));
    match found.as_slice() {
        [only] if !only.is_ambiguous() => only.senders.first().map(|s| s.name.clone()),
        _ => None,
    }
}

/// A key that is in the keyzone and has no place in the site's own zone.
pub(super) fn no_place(name: &Name, cause: Option<Text>, left: &Left<'_>, own: &FittedZone<'_>) -> Finding {
    let (shown, zone) = (plain(name), plain(&left.zone.composed.origin));
    let panel = own.registrar.map(|r| r.name.clone());
    let mut finding = match cause {
        Some(cause) => Finding::error("plan-leave-keyzone", say!(en: "without the keyzone {shown} has no place: {cause}", ja: "鍵の置き場をやめると、{shown} を置く場所がありません。{cause}"; cause = cause))
            .next(say!(en: "keep [keyzone], or first move the zone to a company whose form takes the key (zoneplan build without [keyzone] says which ways there are)", ja: "[keyzone] を残すか、先に、鍵が入る画面の会社へ移します（[keyzone] なしの zoneplan build に、できることが出ます）")),
        None => {
            let flag = whole(name, Rtype::CNAME, &own.composed.origin);
            Finding::error("plan-leave-keyzone", say!(en: "{shown} leads into the keyzone, and site.toml has nothing in its place", ja: "{shown} は鍵の置き場につながっていますが、かわりになるものが site.toml にありません"))
                .next(say!(en: "if nobody signs with it any more: --remove {flag}", ja: "もう署名に使っていないなら: --remove {flag}"))
        }
    };
    finding.panel = panel;
    finding
        .about(shown, "CNAME")
        .harm(say!(en: "a key that goes from {zone} without a place here is gone, and mail signed with it fails DKIM", ja: "置く場所がないまま {zone} から消すと、この鍵で署名したメールの DKIM が通らなくなります"))
}

/// What follows from the order of the steps.
pub(super) fn plan_findings(question: &Question<'_>, plan: &mut Plan<'_>) {
    let mut out = Vec::new();
    policy_jumps(question, plan, &mut out);
    for step in plan.steps().filter(|s| s.window.is_some() && changes_key(s)) {
        key_in_place(question, step, &mut out);
    }
    longest_wait(plan, &mut out);
    for zone in question.fitted.zones().filter(|z| question.current_of(z).is_none() && !z.composed.rrsets.is_empty()) {
        let origin = plain(&zone.composed.origin);
        let text = say!(en: "{origin} is not compared: nobody said how it is now", ja: "{origin} は、いまの内容が分からないため比べていません");
        let finding = Finding::advice("plan-zone-unknown", text);
        out.push(if question.fitted.is_keyzone(zone) {
            finding.next(
                say!(en: "give its zone file: --keyzone FILE", ja: "そのゾーンファイルを指定します: --keyzone FILE"),
            )
        } else {
            finding
        });
    }
    if let Some(left) = question.left.filter(|_| question.keyzone.is_none()) {
        let zone = plain(&left.zone.composed.origin);
        out.push(
            Finding::advice("plan-zone-unknown", say!(en: "what goes in {zone} is not known: nobody said how it is now", ja: "{zone} は、いまの内容が分からないため、消すものが分かりません"))
                .next(say!(en: "give its zone file: --keyzone FILE", ja: "そのゾーンファイルを指定します: --keyzone FILE")),
        );
    }
    plan.findings.append(&mut out);
}

/// Takes a policy that makes receivers act out of the plan until what it judges is there, and says so.
pub fn hold_back(question: &Question<'_>, plan: &mut Plan<'_>) {
    let missing: Vec<String> = plan
        .steps()
        .filter(|s| matches!(s.action, Action::Find { .. }) || (s.action == Action::Decide && s.phase == Phase::Keys))
        .map(|s| plain(&s.name))
        .collect();
    let Some(first) = missing.first().cloned() else { return };
    let acting = |s: &Step<'_>| {
        let to = s.then.first().filter(|r| is_dmarc(r)).and_then(policy::read);
        let from = policy::in_force(&s.now);
        to.is_some_and(|to| policy::acts(&to) && policy::is_stricter(from.as_ref(), &to))
    };
    let mut held = false;
    for stage in plan.stages.iter_mut().filter(|s| matches!(s.kind, StageKind::Policy(_))) {
        let before = stage.steps.len();
        stage.steps.retain(|s| !acting(s));
        held |= stage.steps.len() < before;
    }
    plan.stages.retain(|s| !s.steps.is_empty());
    if !held {
        return;
    }
    // Of the steps that it would take nothing is left to say.
    plan.findings.retain(|f| f.id != "plan-policy-jump");
    let n = missing.len();
    let dmarc = question.site.dmarc.as_ref().map(|d| d.span);
    plan.findings.push(
        Finding::error("plan-auth-before-policy", say!(en: "the policy acts on mail whose key is not there yet ({n}: {first})", ja: "まだ鍵のないメールに、ポリシーが働きます（{n} 件: {first}）"))
            .at_opt(dmarc, Text::default())
            .about(first, "TXT")
            .harm(say!(en: "that mail would be held or refused; the stricter policy is left out of the plan", ja: "そのメールが届かなくなります。きびしいポリシーは作業計画に入れていません"))
            .next(say!(en: "get the key first, or write [dmarc] p = \"none\" until then", ja: "先に鍵を用意するか、それまで [dmarc] p = \"none\" にします")),
    );
}

/// How each policy gets to what is wanted, where that is more than one edit, or where nobody knows from what.
fn policy_jumps(question: &Question<'_>, plan: &Plan<'_>, out: &mut Vec<Finding>) {
    let stages = plan.stages.iter().filter(|s| matches!(s.kind, StageKind::Policy(_)));
    let steps: Vec<&Step<'_>> =
        stages.flat_map(|s| &s.steps).filter(|s| s.then.first().is_some_and(is_dmarc)).collect();
    let mut names: Vec<&Name> = Vec::new();
    for step in &steps {
        if !names.contains(&&step.name) {
            names.push(&step.name);
        }
    }
    for name in names {
        let notches: Vec<&Step<'_>> = steps.iter().filter(|s| s.name == *name).copied().collect();
        let unknown = notches.first().is_some_and(|s| {
            let unasked = || !question.current_of(s.zone).is_some_and(|c| c.knows(&s.name, s.rtype));
            leads_away(s) || (s.now.is_empty() && unasked())
        });
        out.extend(if unknown { policy_unknown(question, &notches) } else { policy_jump(&notches) });
    }
}

/// Whether the policy is in another place so far.
fn leads_away(step: &Step<'_>) -> bool {
    step.now.iter().any(|r| r.rtype == Rtype::CNAME)
}

/// What stands there may be stricter than what the plan begins with, and a second row would void both.
fn policy_unknown(question: &Question<'_>, notches: &[&Step<'_>]) -> Option<Finding> {
    let first = notches.first()?;
    question.current_of(first.zone)?;
    let begins = first.then.first().and_then(policy::read)?.policy().as_str();
    let name = plain(&first.name);
    let span = first.wanted.as_ref().and_then(|(m, ..)| m.origins.first()).and_then(|o| o.span);
    if leads_away(first) {
        return Some(
            Finding::warning("plan-policy-unknown", say!(en: "{name}: which policy the CNAME leads to is not known; the plan begins with p={begins}", ja: "{name}: CNAME の先のポリシーが分かりません。p={begins} から始める計画にしています"))
                .at_opt(span, Text::default())
                .harm(say!(en: "if it is a stricter one, it becomes looser until the last notch", ja: "先のポリシーがきびしければ、最後の段階まで、ゆるめることになります"))
                .next(say!(en: "look first: dig TXT {name}\nif it is as strict already, begin with the notch that says the same", ja: "先に調べます: dig TXT {name}\nもうきびしければ、同じ内容の段階から始めます"))
                .about(name, "TXT"),
        );
    }
    Some(
        Finding::warning("plan-policy-unknown", say!(en: "{name}: whether a policy is there already is not known; the plan begins with p={begins}", ja: "{name}: ポリシーがもうあるかどうかが分かりません。p={begins} から始める計画にしています"))
            .at_opt(span, Text::default())
            .harm(say!(en: "a stricter one that is there would become looser, and a second row beside it voids both (RFC 9989 §4.10)", ja: "もうあるポリシーがきびしければ、ゆるめることになります。2 行並べると、どちらも無効です（RFC 9989 §4.10）"))
            .next(say!(en: "look first: dig TXT {name}\na row that is there goes into the zone as it is (--current), and plan again", ja: "先に調べます: dig TXT {name}\nもうあれば、いまのゾーン（--current）にその行を足して、もう一度 plan を実行します"))
            .about(name, "TXT"),
    )
}

/// From no policy to one that acts takes notches, and reports to go by.
fn policy_jump(notches: &[&Step<'_>]) -> Option<Finding> {
    let (first, last) = (notches.first()?, notches.last()?);
    let goal = last.then.first().and_then(policy::read)?;
    // A name that sends nothing waits for no reports.
    if last.wanted.as_ref().is_some_and(|(member, ..)| matches!(member.intent, Intent::NoMail)) {
        return None;
    }
    let from = policy::in_force(&first.now);
    let from_none = from.as_ref().is_none_or(|f| !policy::acts(f));
    if !policy::acts(&goal) || !policy::is_stricter(from.as_ref(), &goal) || !(notches.len() > 1 || from_none) {
        return None;
    }
    let (name, to, n) = (plain(&last.name), goal.policy().as_str(), notches.len());
    let span = last.wanted.as_ref().and_then(|(m, ..)| m.origins.first()).and_then(|o| o.span);
    let was =
        from.map_or_else(|| say!(en: "nothing", ja: "なし"), |f| Text::same(format!("p={}", f.policy().as_str())));
    let title = if n == 1 {
        say!(en: "{name}: from {was} to p={to} after a month of reports", ja: "{name}: レポートを 1 か月見てから、{was} から p={to} に進めます"; was = was)
    } else {
        say!(en: "{name}: from {was} to p={to} in {n} steps, a month apart", ja: "{name}: {was} から p={to} まで、1 か月ずつ {n} 段階で進めます"; was = was)
    };
    let mut finding = Finding::warning("plan-policy-jump", title).at_opt(span, Text::default()).about(name, "TXT");
    if goal.rua.is_empty() {
        finding = finding
            .harm(say!(en: "without rua no report comes, so nobody sees which mail would be refused", ja: "rua がないとレポートが届かず、どのメールが止まるか分かりません"))
            .next(say!(en: "write in site.toml:\n[dmarc]\nrua = [\"mailto:…\"]", ja: "site.toml に書きます:\n[dmarc]\nrua = [\"mailto:…\"]"));
    }
    Some(finding)
}

/// Servers that `mx` or `a` of an SPF record means only until their names change. What somebody named with --remove goes at the end by itself.
fn moved_hosts(question: &Question<'_>, plan: &Plan<'_>) -> Vec<Finding> {
    let origin = &question.fitted.own.composed.origin;
    let stages = || plan.stages.iter();
    let early = stages().filter(|s| s.kind < StageKind::Remove).flat_map(|s| &s.steps);
    let early = spf_hosts::moved(question, early);
    let mut out = Vec::new();
    for moved in spf_hosts::moved(question, stages().flat_map(|s| &s.steps)) {
        let record = &moved.now.record;
        let name = plain(&record.name);
        let text = |r: &Record| String::from_utf8_lossy(&r.rdata.txt_joined()).into_owned();
        let gone = spf::change(&text(record), &text(&moved.wanted), &name).gone;
        for lost in moved.lost.iter().take(ROWS_TOLD) {
            let named = question.remove.iter().any(|p| p.takes_term(&record.name, Rtype::TXT, &lost.term));
            // A term that goes is told as a term.
            if named || gone.contains(&lost.by) {
                continue;
            }
            let live = early.iter().any(|m| m.now.record.name == record.name && m.lost.contains(lost));
            let (by, term) = (excerpt(&lost.by, 80), excerpt(&lost.term, 80));
            let title = say!(en: "SPF of {name}: {by} means {term} now, and not any more afterwards", ja: "{name} の SPF: いま {by} が指している {term} が、作業のあとは外れます");
            let finding = about(would_drop(title, live), moved.now)
                .harm(say!(en: "what is still sent from there then fails SPF", ja: "そこから送り続けると、SPF が通らなくなります"))
                .next(say!(en: "if it goes on sending, write in site.toml:\n[spf]\nextra = [\"{term}\"]", ja: "これからも送信に使うなら site.toml に書きます:\n[spf]\nextra = [\"{term}\"]"));
            let flag = argument(record, origin, Some(&lost.term));
            out.push(if live {
                finding.next(say!(en: "if nobody sends from there any more: --remove {flag}", ja: "もう送信に使わないなら: --remove {flag}"))
            } else {
                finding
            });
        }
    }
    out
}

/// A key that changes under its name.
fn key_in_place(question: &Question<'_>, step: &Step<'_>, out: &mut Vec<Finding>) {
    let (name, found) = (plain(&step.name), step.now.first());
    let span = step.wanted.as_ref().and_then(|(m, ..)| m.origins.first()).and_then(|o| o.span);
    let title = say!(en: "{name}: the key changes under the same selector, and mail signed with the old one fails", ja: "{name}: 同じセレクタのまま鍵が替わり、古い鍵で署名したメールの DKIM が通らなくなります");
    let said = found.is_some_and(|r| takes(question.remove, r));
    let finding = if said {
        Finding::warning("plan-dkim-key-in-place", title)
    } else {
        Finding::error("plan-dkim-key-in-place", title)
    };
    let flag = whole(&step.name, found.map_or(step.rtype, |r| r.rtype), &question.fitted.own.composed.origin);
    let finding = finding
        .at_opt(span, Text::default())
        .about(name, "TXT")
        .next(say!(en: "give the new key a selector of its own, and keep the old one for 7 days after the change of the signer", ja: "新しい鍵には別のセレクタを使い、署名を切り替えてから 7 日間は古い鍵も残します"));
    out.push(if said {
        finding
    } else {
        finding.next(say!(en: "if the company fixes the selector: --remove {flag}, and the plan says for how long mail may fail", ja: "セレクタを選べない会社なら: --remove {flag}（どれだけの間通らないかを作業計画に書きます）"))
    });
}

/// A wait that is longer than an hour, with its reason.
fn longest_wait(plan: &Plan<'_>, out: &mut Vec<Finding>) {
    // After the last stage nobody waits for anything.
    let stages = plan.stages.iter().rev().skip(1).rev();
    let longest = stages.filter_map(|s| s.after.as_ref()).max_by_key(|w| w.seconds);
    let Some(wait) = longest.filter(|w| w.seconds > 3600) else { return };
    let why = &wait.why;
    out.push(Finding::advice(
        "plan-ttl-wait",
        say!(en: "the longest wait between two stages: {why}", ja: "段階のあいだの待ち時間が長くなります。{why}"; why = why),
    ));
}

/// Whether a pick names a server that an SPF record loses because its name moves.
#[must_use]
pub fn names_moved_host(pick: &Pick, question: &Question<'_>, plan: &Plan<'_>) -> bool {
    let moved = spf_hosts::moved(question, plan.steps());
    moved.iter().any(|m| m.lost.iter().any(|l| pick.takes_term(&m.now.record.name, Rtype::TXT, &l.term)))
}

/// What stops the plan, and what else must be said of what it touches.
#[must_use]
pub fn judge(question: &Question<'_>, plan: &Plan<'_>, catalogue: &Catalogue) -> (Vec<Stop>, Vec<Finding>) {
    let mut found = Vec::new();
    if let Some(current) = question.current {
        found = dropped_terms(question.fitted, current, question.remove, true);
    }
    undecided(question, Some(catalogue), &mut found);
    in_the_way(question, plan, &mut found);
    found.extend(hidden::by_wildcards(question, plan));
    found.extend(hidden::under_cuts(question, plan));
    let moved = moved_hosts(question, plan);
    let stops = ["plan-drops-live-sender", "plan-dkim-key-in-place", "plan-leave-keyzone"];
    let is_stop = |f: &Finding| f.severity == Severity::Error && stops.contains(&f.id);
    let open = moved.iter().any(is_stop);
    found.extend(moved);
    // What is held for a while is said by what asks about it.
    let is_asked = |f: &&Finding| open && f.id == "plan-spf-hosts" && f.severity == Severity::Advice;
    found.extend(plan.findings.iter().filter(|f| !is_asked(f)).cloned());
    let (live, said): (Vec<Finding>, Vec<Finding>) = found.into_iter().partition(is_stop);
    let mut stops: Vec<Stop> = live.into_iter().map(|finding| Stop { finding, forced: false }).collect();
    stops.extend(too_much(question, plan));
    stops.extend(own_name_servers(plan));
    stops.extend(hidden::below_cuts(question, plan));
    stops.extend(hidden::ds_first(question, plan));
    stops.extend(mta_sts_order(question, plan));
    (stops, said)
}

/// More changes at once than is usual.
fn too_much(question: &Question<'_>, plan: &Plan<'_>) -> Option<Stop> {
    let current = question.current?;
    let origin = &question.fitted.own.composed.origin;
    let total = current.records().filter(|r| !is_made_by_server(r, origin)).count();
    let mut touched: Vec<&Record> = Vec::new();
    for step in plan.steps().filter(|s| s.zone.composed.origin == *origin) {
        if matches!(step.action, Action::Lower { .. } | Action::Raise { .. }) {
            continue;
        }
        for row in step.now.iter().filter(|r| current.has(r)) {
            if !touched.iter().any(|t| t.same_data(row)) {
                touched.push(row);
            }
        }
    }
    let n = touched.len();
    if total < MANY || n * 100 <= total * SHARE {
        return None;
    }
    let percent = n * 100 / total;
    Some(Stop {
        finding: Finding::error("plan-too-much", say!(en: "{n} of {total} records would be changed or removed ({percent} %)", ja: "{total} 件のうち {n} 件（{percent} %）を書き換えるか消すことになります"))
            .next(say!(en: "see that --current is the zone that is meant; then --force", ja: "--current がこのドメインのいまのゾーンかを確かめてください。正しければ --force を付けます")),
        forced: true,
    })
}

/// The zone's own name servers.
fn own_name_servers(plan: &Plan<'_>) -> Option<Stop> {
    let step = plan.steps().find(|s| {
        s.rtype == Rtype::NS && s.name == s.zone.composed.origin && !(s.now.is_empty() && s.then.is_empty())
    })?;
    let name = plain(&step.name);
    Some(Stop {
        finding: Finding::error("plan-root-ns", say!(en: "the name servers of {name} itself would change", ja: "{name} そのもののネームサーバーが変わります"))
            .about(name, "NS")
            .harm(say!(en: "with a wrong one the whole domain is gone: web, mail, everything", ja: "誤ると、Web もメールも、ドメイン全体が使えなくなります"))
            .next(say!(en: "a move to another company is planned with --move-to ID; if this is meant: --force", ja: "別の会社に移すなら --move-to ID で計画します。このままでよければ --force を付けます")),
        forced: true,
    })
}

/// Mail goes to a new host only once the policy of MTA-STS allows it (RFC 8461 §8.1); a policy goes by way of `mode: none` (§8.3).
fn mta_sts_order(question: &Question<'_>, plan: &Plan<'_>) -> Option<Stop> {
    let current = question.current?;
    let zone = &question.fitted.own;
    let origin = &zone.composed.origin;
    let owner = origin.child("_mta-sts").ok()?;
    let now = current.found_at(&owner).find(|f| Part::of(&f.record) == Part::MtaSts)?;
    let gone = plan.steps().any(|s| s.action == Action::Remove && s.now.iter().any(|r| Part::of(r) == Part::MtaSts));
    if gone {
        return Some(Stop {
            finding: about(Finding::error("plan-mtasts-order", say!(en: "MTA-STS would go at once", ja: "MTA-STS をいきなり消すことになります")), now)
                .harm(say!(en: "servers that still hold the policy go on enforcing it (RFC 8461 §8.3)", ja: "ポリシーを覚えている送信側は、それを守り続けます（RFC 8461 §8.3）"))
                .next(say!(en: "first [mta-sts] mode = \"none\" for as long as the old max_age; then --remove with --force", ja: "先に [mta-sts] mode = \"none\" にして、それまでの max_age の間待ちます。そのあと --remove と --force で消します")),
            forced: true,
        });
    }
    let hosts = |r: &Record| (r.rtype == Rtype::MX && r.name == *origin).then(|| r.target()).flatten();
    let touched: Vec<&Step<'_>> = plan
        .steps()
        .filter(|s| {
            s.rtype == Rtype::MX
                && s.name == *origin
                && !matches!(s.action, Action::Lower { .. } | Action::Raise { .. })
        })
        .collect();
    if !touched.iter().any(|s| s.then.iter().any(|r| hosts(r).is_some())) {
        return None;
    }
    let old = current.of(origin, Rtype::MX).filter_map(hosts);
    let new = zone.composed.rrset(origin, Rtype::MX).into_iter().flat_map(|s| s.records().collect::<Vec<_>>());
    let mut all: Vec<String> = old.chain(new.filter_map(|r| hosts(&r))).map(|h| plain(&h)).collect();
    all.sort();
    all.dedup();
    let policy = zone.composed.mta_sts_policy.as_ref().and_then(|t| mta_sts::parse_policy(t.as_bytes()).0);
    if policy.is_some_and(|p| all.iter().all(|h| p.allows(h))) {
        return None;
    }
    let list = all.iter().map(|h| format!("\"{h}\"")).collect::<Vec<_>>().join(", ");
    Some(Stop {
        finding: about(Finding::error("plan-mtasts-order", say!(en: "the MX changes, and the policy of MTA-STS does not name the old hosts and the new ones", ja: "MX が変わりますが、MTA-STS のポリシーに古い宛先と新しい宛先の両方がありません")), now)
            .harm(say!(en: "servers that enforce the policy send no mail to a host that it does not name (RFC 8461 §8.1)", ja: "ポリシーを守る送信側は、そこにない宛先へメールを送りません（RFC 8461 §8.1）"))
            .next(say!(en: "name both in site.toml until the move is done:\n[mta-sts]\nmx = [{list}]", ja: "移行が終わるまで、両方を site.toml に書きます:\n[mta-sts]\nmx = [{list}]")),
        forced: false,
    })
}
