//! Ways as lines of a finding: numbered by rank with what each asks, then what is not possible here, then what to write.

use crate::report::{Finding, NoteKind, Text};
use crate::say;

use super::way::{Price, Standing, Way, WayKind};
use super::zone::Answers;

/// Adds ways to a finding. Where the refusal is not known for sure, what they ask is left out, and the first step is another: to try.
pub(super) fn ways(mut finding: Finding, ways: &[Way], refused: bool, answers: &Answers<'_>) -> Finding {
    let possible = ways.iter().filter(|w| w.is_possible());
    for (n, way) in possible.clone().enumerate() {
        finding = finding.note(NoteKind::Way, numbered(n + 1, way, refused, answers));
    }
    for way in ways {
        if let Standing::Blocked(why) = &way.standing {
            let title = &way.title;
            finding = finding.note(
                NoteKind::Way,
                say!(en: "(not here) {title}: {why}", ja: "（ここでは不可）{title}: {why}"; title = title, why = why),
            );
        }
    }
    // The first step: what to write for the best way that helps; a try costs less and is told by whoever knows that it is one.
    if !refused {
        return finding;
    }
    // What rests on nothing unknown comes first. What one setting mends for all records of the site comes before what moves the zone.
    let rank = |w: &&Way| match w.kind {
        kind if kind.is_taken_unasked() => Some(0),
        WayKind::AsPublished | WayKind::Strings => None,
        WayKind::NotNow => Some(2),
        _ => Some(1),
    };
    if let Some(step) = possible
        .filter_map(|w| Some((rank(&w)?, w)))
        .min_by_key(|(rank, w)| (*rank, w.standing != Standing::Works))
        .and_then(|(_, w)| step(w))
    {
        finding = finding.next(step);
    }
    finding
}

fn numbered(n: usize, way: &Way, with_price: bool, answers: &Answers<'_>) -> Text {
    let Way { title, .. } = way;
    let mut text = say!(en: "({n}) {title}", ja: "({n}) {title}"; title = title);
    if let Standing::Conditional(conditions) = &way.standing {
        for condition in conditions {
            let what = &condition.what;
            let line = match condition.limit {
                Some(limit) => {
                    let how = answers.how(limit, condition.elsewhere.as_deref());
                    say!(en: "only if {what} → {how}", ja: "条件: {what} → {how}"; what = what, how = how)
                }
                None => say!(en: "only if {what}", ja: "条件: {what}"; what = what),
            };
            push_line(&mut text, &line);
        }
    }
    if !with_price {
        return text;
    }
    let Price { effort, cost, risk, care } = &way.price;
    push_line(
        &mut text,
        &say!(en: "effort: {effort}; cost: {cost}", ja: "手間: {effort} ／ 費用: {cost}"; effort = effort, cost = cost),
    );
    push_line(
        &mut text,
        &say!(en: "risk: {risk}; later: {care}", ja: "止まる危険: {risk} ／ その後の世話: {care}"; risk = risk, care = care),
    );
    if let Some(remark) = &way.remark {
        push_line(&mut text, &say!(en: "note: {remark}", ja: "注意: {remark}"; remark = remark));
    }
    text
}

fn push_line(text: &mut Text, line: &Text) {
    for (text, line) in [(&mut text.en, &line.en), (&mut text.ja, &line.ja)] {
        text.push_str("\n    ");
        text.push_str(line);
    }
}

/// What to write for a way.
fn step(way: &Way) -> Option<Text> {
    let lines = way.write.as_ref()?;
    Some(match way.kind {
        WayKind::Keyzone | WayKind::KeyzoneTxt if lines.starts_with("[keyzone]") => {
            say!(en: "choose a zone of yours as keyzone and write it in site.toml:\n{lines}", ja: "鍵の置き場にするゾーンを決めて、site.toml に書きます:\n{lines}")
        }
        WayKind::MailHostDns | WayKind::OtherHost => {
            say!(en: "once the zone is edited elsewhere, write in site.toml:\n{lines}", ja: "DNS を移したら、site.toml を書き換えます:\n{lines}")
        }
        WayKind::Delegation => {
            say!(en: "choose the DNS host that gets the keys and write it in site.toml:\n{lines}", ja: "委任先の DNS の会社を決めて、site.toml に書きます:\n{lines}")
        }
        WayKind::NotNow => {
            say!(en: "if it is to wait, write in site.toml:\n{lines}", ja: "今は見送るなら、site.toml に書きます:\n{lines}")
        }
        _ => {
            say!(en: "to take this way, write in site.toml:\n{lines}", ja: "この方法を使うなら、site.toml に書きます:\n{lines}")
        }
    })
}
