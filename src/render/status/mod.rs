//! Where sites stand, one row a site: as a table, as CSV, as a page, as JSON. The words that they share stand here.

mod csv;
mod html;
mod json;
mod table;

use crate::mail::spf::{MAX_LOOKUPS, MAX_VOIDS};
use crate::report::{Lang, Text, visible};
use crate::say;
use crate::status::{Broken, Overview, Policy, Published, Spf, Status, Step, What};

/// How it is written.
#[derive(Clone, Copy)]
pub struct StatusFormat {
    /// Its name on the command line.
    pub name: &'static str,
    /// Writes the sites.
    pub write: fn(&Overview, Lang, usize) -> String,
}

/// Every format; the first is the default.
pub const FORMATS: &[StatusFormat] = &[
    StatusFormat { name: "table", write: table::write },
    StatusFormat { name: "csv", write: |overview, lang, _| csv::write(overview, lang) },
    StatusFormat { name: "html", write: |overview, lang, _| html::write(overview, lang) },
    StatusFormat { name: "json", write: |overview, _, _| json::write(overview) },
];

/// The format of that name.
#[must_use]
pub fn format(name: &str) -> Option<&'static StatusFormat> {
    FORMATS.iter().find(|format| format.name == name)
}

/// A text as it may be shown, in one line.
fn shown(text: &str) -> String {
    visible(&text.lines().map(str::trim).collect::<Vec<_>>().join(" ")).into_owned()
}

/// The domain, as people write it first.
fn domain(status: &Status) -> Vec<String> {
    status.unicode.iter().chain([&status.domain]).map(|name| shown(name)).collect()
}

fn registrar(status: &Status) -> Text {
    status.registrar.clone().unwrap_or_else(|| say!(en: "not known", ja: "不明"))
}

/// Each sender with what stands of its DKIM; the From domain where it is not the site's.
fn senders(status: &Status) -> Vec<Text> {
    let states = |sender: &crate::status::Sender| {
        crate::report::join(&sender.dkim.iter().map(|state| state.text()).collect::<Vec<_>>())
    };
    let one = |sender: &crate::status::Sender| {
        let (name, states, from) = (&sender.name, states(sender), &sender.from);
        match *from == status.domain {
            true => say!(en: "{name}: {states}", ja: "{name}: {states}"; name = name, states = states),
            false => {
                say!(en: "{name} ({from}): {states}", ja: "{name}（{from}）: {states}"; name = name, states = states)
            }
        }
    };
    if status.senders.is_empty() {
        return vec![none_of(status)];
    }
    status.senders.iter().map(one).collect()
}

fn none_of(status: &Status) -> Text {
    match status.no_mail {
        true => say!(en: "no mail", ja: "メールなし"),
        false => say!(en: "none", ja: "なし"),
    }
}

/// The domain's own bill, and of the others the worst, if it is worse.
fn bills(status: &Status) -> Vec<Text> {
    let own = status.spf.first().filter(|spf| spf.name == status.domain);
    let others = status.spf.iter().filter(|spf| spf.name != status.domain);
    let rank = |spf: &Spf| (spf.is_wrong(), spf.lookups);
    let worst = others.max_by_key(|spf| (rank(spf), spf.is_open));
    let is_worse = |spf: &&Spf| own.is_none_or(|own| rank(spf) > rank(own));
    let mut out: Vec<Text> = own.map(count).into_iter().collect();
    if own.is_none() {
        out.push(say!(en: "no SPF", ja: "SPF なし"));
    }
    out.extend(worst.filter(is_worse).map(|spf| {
        let (name, count) = (&spf.name, count(spf));
        say!(en: "{name}: {count}", ja: "{name}: {count}"; count = count)
    }));
    out
}

/// A bill in a few characters.
fn count(spf: &Spf) -> Text {
    let (n, plus) = (spf.lookups, if spf.is_open { "+" } else { "" });
    let voids = spf.voids;
    if n > MAX_LOOKUPS {
        say!(en: "{n}{plus}/{MAX_LOOKUPS} over", ja: "{n}{plus}/{MAX_LOOKUPS} 超過")
    } else if voids > MAX_VOIDS {
        say!(en: "{n}{plus}/{MAX_LOOKUPS}, void {voids} of {MAX_VOIDS}", ja: "{n}{plus}/{MAX_LOOKUPS}、該当なし {voids} 回（上限 {MAX_VOIDS} 回）")
    } else if spf.is_permerror {
        say!(en: "{n}{plus}/{MAX_LOOKUPS} broken", ja: "{n}{plus}/{MAX_LOOKUPS} 無効")
    } else if spf.passes_all {
        say!(en: "{n}{plus}/{MAX_LOOKUPS}, lets everybody send", ja: "{n}{plus}/{MAX_LOOKUPS}、だれでも送信可")
    } else {
        Text::same(format!("{n}{plus}/{MAX_LOOKUPS}"))
    }
}

/// How many days ago; none where that is not in the past.
fn age(overview: &Overview, seen: jiff::civil::Date) -> Option<i32> {
    let days = seen.until(overview.today).ok()?.get_days();
    (days >= 0).then_some(days)
}

/// How many copies, how old the oldest is, and when the next one is compared.
fn copies(overview: &Overview, status: &Status) -> Vec<Text> {
    let there = || status.copies.iter().filter(|copy| !copy.is_planned);
    let n = there().count();
    let planned = status.copies.len() - n;
    let planned = (planned > 0).then(|| say!(en: "{planned} planned", ja: "これから {planned} 件"));
    if n == 0 {
        return vec![planned.unwrap_or_else(|| Text::same("0"))];
    }
    let mut out = Vec::new();
    let oldest = there().filter_map(|copy| copy.seen).min();
    let unknown = there().any(|copy| copy.seen.is_none());
    out.push(match oldest {
        Some(day) => match age(overview, day) {
            Some(days) => say!(en: "{n}, of {day} ({days} days)", ja: "{n} 件、{day}（{days} 日前）"),
            None => say!(en: "{n}, of {day}", ja: "{n} 件、{day}"),
        },
        None => say!(en: "{n}", ja: "{n} 件"),
    });
    if unknown {
        out.push(say!(en: "date not known", ja: "日付は不明"));
    }
    let next = status.copies.iter().filter_map(|copy| Some((copy.check?, copy.is_due))).min();
    out.extend(next.map(|(day, is_due)| match is_due {
        true => say!(en: "check due since {day}", ja: "確認の期日 {day}（過ぎています）"),
        false => say!(en: "next check {day}", ja: "次回確認 {day}"),
    }));
    out.extend(planned);
    out
}

/// The stage of DMARC, since when, and what is wanted where that is something else.
fn policy(overview: &Overview, policy: &Policy) -> Vec<Text> {
    let mut out = vec![policy.published.text()];
    if let Some(day) = policy.since {
        out.push(match age(overview, day) {
            Some(days) => say!(en: "since {day} ({days} days)", ja: "{day} から（{days} 日）"),
            None => say!(en: "since {day}", ja: "{day} から"),
        });
    }
    match (policy.wanted, policy.published) {
        (Some(wanted), Published::Stage(now)) if wanted.tags() == now.tags() => {}
        (Some(wanted), _) => {
            let tags = wanted.tags();
            out.push(say!(en: "wanted: {tags}", ja: "目標: {tags}"));
        }
        (None, _) if !policy.is_wanted => out.push(say!(en: "site.toml has none", ja: "site.toml にはない")),
        (None, _) => {}
    }
    out
}

/// A step, with its day.
fn step(step: &Step) -> Text {
    let text = &step.text;
    match step.day {
        None => text.clone(),
        Some(day) if step.is_due => say!(en: "due since {day}: {text}", ja: "期日 {day}: {text}"; text = text),
        Some(day) => say!(en: "from {day}: {text}", ja: "{day} から: {text}"; text = text),
    }
}

/// The next step, and before it that the domain is there twice, which hides no other.
fn next(status: &Status) -> impl Iterator<Item = &Step> {
    let repeated = status.steps.iter().take_while(|step| step.what == What::Repeated).count();
    status.steps.iter().take(repeated + 1)
}

/// The next step, and whatever else is due.
fn steps(status: &Status) -> impl Iterator<Item = &Step> {
    next(status).chain(status.steps.iter().skip(next(status).count()).filter(|step| step.is_due))
}

/// Why nothing can be said.
fn broken(broken: &Broken) -> Text {
    let why = &broken.why;
    match broken.is_unread {
        true => say!(en: "not read: {why}", ja: "{why}"; why = why),
        false => say!(en: "broken: {why}", ja: "site.toml に誤りがあります: {why}"; why = why),
    }
}

/// What holds for every row.
fn foot(overview: &Overview) -> Text {
    let today = overview.today;
    say!(
        en: "As of {today}, from site.toml, `current` and the pins. DNS was not asked: zoneplan check does that.",
        ja: "{today} 現在。site.toml、current、控えによる内容です。DNS には照会していません（照会は zoneplan check）。"
    )
}

/// The heads of the columns that people read.
fn heads() -> [Text; 8] {
    [
        say!(en: "Domain", ja: "ドメイン"),
        say!(en: "Registrar", ja: "DNSを編集する会社"),
        say!(en: "Senders: DKIM", ja: "利用サービス: DKIM"),
        say!(en: "SPF look-ups", ja: "SPF の照会"),
        say!(en: "Copies", ja: "写し"),
        Text::same("DMARC"),
        say!(en: "Next step", ja: "次にすること"),
        say!(en: "Not checked", ja: "未確認"),
    ]
}
