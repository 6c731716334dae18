//! What SPF says of one mail, and what it costs: as text and as JSON.

mod json;

use crate::compose::Party;
use crate::live;
use crate::mail::spf::{
    Bill, Came, Evaluation, Item, Line, MAX_LOOKUPS, MAX_VOIDS, Outcome, Query, Reach, TRACE_MAX, Trouble, Verdict,
};
use crate::report::{Lang, Text, excerpt, join, visible};
use crate::say;
use crate::spf_repair::Offers;

use super::columns::columns;

pub use json::{bills_json, evaluation_json};

/// Most terms of a list that a person reads.
const SHOWN_MAX: usize = 200;
/// Most repairs that are not offered that a person reads.
const REFUSED_SHOWN: usize = 20;
/// As much of one text as a person reads: the longest name fits, with a qualifier, `include:` and prefixes.
const TEXT_SHOWN: usize = 280;

/// A verdict and how it came about.
#[must_use]
pub fn evaluation(query: &Query<'_>, found: &Evaluation, unanswered: &[live::Answer], lang: Lang) -> String {
    let (ip, from) = (query.ip.to_canonical().to_string(), visible(query.mail_from).into_owned());
    let name = found.verdict.name();
    let mut out = if from.is_empty() {
        let (local, domain) = query.sender();
        let domain = visible(domain);
        say!(
            en: "{name}: a mail without an envelope sender from {ip}, judged as {local}@{domain} (RFC 7208 §2.4)",
            ja: "{name}: {ip} から、エンベロープ差出人なしで送ったメール（{local}@{domain} として評価。RFC 7208 §2.4）"
        )
    } else {
        say!(
            en: "{name}: a mail with the envelope sender {from} from {ip}",
            ja: "{name}: {ip} から、エンベロープ差出人 {from} で送ったメール"
        )
    }
    .get(lang)
    .to_owned();
    out.push('\n');
    let line = |text: Text| format!("  {}\n", text.get(lang));
    let nobody_asked = !unanswered.is_empty() && unanswered.iter().all(|answer| answer.outcome.is_passed_on());
    out.push_str(&line(match found.verdict {
        Verdict::TempError if nobody_asked => {
            say!(en: "not known: something that it depends on is not known here, and nobody was asked", ja: "分かりません。判定に必要なことが手元になく、DNS にも聞いていません")
        }
        Verdict::TempError if unanswered.iter().any(|answer| answer.outcome == live::Outcome::AliasLoop) => {
            say!(en: "not known: the aliases of a name on the way come to no end", ja: "分かりません。途中の名前の別名（CNAME）をたどりきれません")
        }
        verdict => meaning(verdict),
    }));
    if let Some(trouble) = &found.trouble {
        out.push_str(&line(self::trouble(trouble)));
    }
    if found.verdict == Verdict::Neutral && found.path.is_empty() {
        out.push_str(&line(say!(en: "no term speaks of this address", ja: "このアドレスにあてはまる項目がありません")));
    } else if !found.path.is_empty() && found.trouble.is_none() {
        let steps: Vec<String> = found.path.iter().map(|step| shortened(&step.term, lang)).collect();
        let steps = steps.join(" → ");
        out.push_str(&line(say!(en: "because of: {steps}", ja: "決め手: {steps}")));
    }
    if let Some(text) = &found.explanation {
        let text = shortened(text, lang);
        out.push_str(&line(say!(en: "the domain's explanation: {text}", ja: "ドメインの説明文: {text}")));
    }
    let (lookups, voids) = (found.lookups, found.voids);
    out.push_str(&line(say!(
        en: "look-ups: {lookups} of {MAX_LOOKUPS}; found nothing: {voids} of {MAX_VOIDS}",
        ja: "DNS 照会: {lookups} 回（上限 {MAX_LOOKUPS}）、うち該当なし {voids} 回（上限 {MAX_VOIDS}）"
    )));
    out.push_str(&not_answered(unanswered, lang));
    if !found.trace.is_empty() {
        out.push('\n');
        out.push_str(&trace(&found.trace, lang));
    }
    out
}

/// What nobody answered; of one name each thing once.
fn not_answered(unanswered: &[live::Answer], lang: Lang) -> String {
    let mut lines: Vec<String> = Vec::new();
    for answer in unanswered {
        let line = format!("  {}\n", answer.text().get(lang));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.concat()
}

/// What a receiver makes of a verdict (RFC 7208 §8).
fn meaning(verdict: Verdict) -> Text {
    match verdict {
        Verdict::Pass => {
            say!(en: "this server may send for the domain", ja: "このサーバーは、このドメインの送信元として認められます")
        }
        Verdict::Fail => {
            say!(en: "the domain says that this server may not send", ja: "このサーバーは送信元ではない、とドメインが示しています")
        }
        Verdict::SoftFail => {
            say!(en: "the domain says that this server probably may not send; DMARC counts that as not passed", ja: "おそらく送信元ではない、とドメインが示しています。DMARC では不合格として数えます")
        }
        Verdict::Neutral => {
            say!(en: "the domain says nothing of this server; DMARC counts that as not passed", ja: "ドメインはこのサーバーについて何も示していません。DMARC では不合格として数えます")
        }
        Verdict::None => say!(en: "there is no SPF to look at", ja: "確かめる SPF がありません"),
        Verdict::TempError => {
            say!(en: "DNS did not answer, so it is not known", ja: "DNS が答えないため、分かりません")
        }
        Verdict::PermError => {
            say!(en: "the SPF cannot be evaluated; receivers count that as not passed", ja: "SPF を評価できません。受信側は不合格として数えます")
        }
    }
}

fn trouble(trouble: &Trouble) -> Text {
    match trouble {
        Trouble::BadSender => {
            say!(en: "the sender's domain is no full domain name (RFC 7208 §4.3)", ja: "差出人のドメインが正しい形ではありません（RFC 7208 §4.3）")
        }
        Trouble::NoRecord(name) => {
            let name = visible(name);
            say!(en: "{name} has no SPF record", ja: "{name} に SPF がありません")
        }
        Trouble::SeveralRecords(name) => {
            let name = visible(name);
            say!(en: "{name} has more than one SPF record, so none counts (RFC 7208 §4.5)", ja: "{name} に SPF が 2 つ以上あるため、どれも使われません（RFC 7208 §4.5）")
        }
        Trouble::Syntax(name, term) => {
            let (name, term) = (visible(name), visible(term));
            say!(en: "the SPF record of {name} has a syntax error at `{term}`", ja: "{name} の SPF に書き方の誤りがあります（`{term}`）")
        }
        Trouble::Dns(name) => {
            let name = visible(name);
            say!(en: "nothing is known of {name}", ja: "{name} のことが分かりません")
        }
        Trouble::TooManyLookups => {
            say!(en: "more than {MAX_LOOKUPS} terms ask DNS (RFC 7208 §4.6.4)", ja: "DNS に照会する項目が {MAX_LOOKUPS} 回を超えます（RFC 7208 §4.6.4）")
        }
        Trouble::TooManyVoids => {
            say!(en: "more than {MAX_VOIDS} look-ups find nothing (RFC 7208 §4.6.4)", ja: "該当なしの DNS 照会が {MAX_VOIDS} 回を超えます（RFC 7208 §4.6.4）")
        }
        Trouble::TooManyHosts(name) => {
            let name = visible(name);
            say!(en: "{name} has more than ten MX hosts (RFC 7208 §4.6.4)", ja: "{name} の MX が 10 を超えます（RFC 7208 §4.6.4）")
        }
    }
}

/// Every term in the order of evaluation.
fn trace(lines: &[Line], lang: Lang) -> String {
    let mut rows: Vec<[String; 3]> = Vec::new();
    for line in lines.iter().take(SHOWN_MAX) {
        let outcome = match line.outcome {
            Outcome::Matches => say!(en: "yes", ja: "あてはまる"),
            Outcome::No => say!(en: "no", ja: "あてはまらない"),
            Outcome::Stops => say!(en: "ends here", ja: "ここで終わる"),
        };
        let asked: Vec<String> = line
            .look_ups
            .iter()
            .map(|look_up| {
                let came = match look_up.came {
                    Came::Records(n) => Text::same(n.to_string()),
                    Came::Nothing => say!(en: "none", ja: "なし"),
                    Came::Failed => say!(en: "not known", ja: "不明"),
                };
                format!("{} {}: {}", look_up.rtype, visible(&look_up.name), came.get(lang))
            })
            .collect();
        let term = format!("{}{}", "  ".repeat(line.depth), shortened(&line.term, lang));
        rows.push([term, outcome.get(lang).to_owned(), asked.join(", ")]);
    }
    let mut out = columns(&rows);
    if let Some(more) = lines.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
        let at_least = if lines.len() >= TRACE_MAX { "+" } else { "" };
        let terms = if more == 1 { "term" } else { "terms" };
        out.push_str(
            say!(en: "… and {more}{at_least} more {terms}\n", ja: "… ほかに {more}{at_least} 項目\n").get(lang),
        );
    }
    out
}

/// A term of the site's record, and who wants it: indices into the parties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// As it stands in the record.
    pub term: String,
    /// Who wants it; several share its cost.
    pub parties: Vec<usize>,
}

/// What a record costs, and what can be done about it.
#[derive(Clone, Copy, Debug)]
pub struct Cost<'a> {
    /// The look-ups.
    pub bill: &'a Bill,
    /// Its terms, and who wants them.
    pub wanted: &'a [Wanted],
    /// Who that is.
    pub parties: &'a [Party],
    /// What nobody answered.
    pub unanswered: &'a [live::Answer],
    /// The repairs, and the number of the first; absent where none were looked for.
    pub offers: Option<(usize, &'a Offers)>,
}

/// What records cost, past the limit, and whom; and what can be done about it in that file.
#[must_use]
pub fn bills(costs: &[Cost<'_>], file: &str, lang: Lang) -> String {
    let mut parts: Vec<String> = costs.iter().map(|cost| bill(cost, lang)).collect();
    let is_one = costs.len() == 1;
    let mut repaired: Vec<(usize, &Offers, &str)> =
        costs.iter().filter_map(|cost| cost.offers.map(|(n, offers)| (n, offers, cost.bill.domain.as_str()))).collect();
    repaired.sort_by_key(|(first, ..)| *first);
    for (first, offers, name) in repaired {
        parts.push(repairs(first, offers, (!is_one).then_some(name), file, lang));
    }
    parts.join("\n")
}

/// So many look-ups, in English.
fn look_ups(n: usize, plus: &str) -> String {
    if n == 1 && plus.is_empty() { "1 look-up".to_owned() } else { format!("{n}{plus} look-ups") }
}

/// As much of a text as a person reads; of a longer one how long it is.
fn shortened(text: &str, lang: Lang) -> String {
    if text.len() <= TEXT_SHOWN {
        return visible(text).into_owned();
    }
    let (head, n) = (excerpt(text, TEXT_SHOWN), text.len());
    say!(en: "{head} ({n} bytes)", ja: "{head}（{n} バイト）").get(lang).to_owned()
}

/// What a record costs, past the limit, and whom.
fn bill(cost: &Cost<'_>, lang: Lang) -> String {
    let Cost { bill, wanted, parties, unanswered, .. } = *cost;
    let domain = visible(&bill.domain);
    let (lookups, (v4, v6)) = (bill.lookups(), bill.voids());
    let plus = if bill.is_open() { "+" } else { "" };
    let en = look_ups(lookups, plus);
    let mut out = say!(
        en: "SPF of {domain}: {en} of {MAX_LOOKUPS}",
        ja: "{domain} の SPF: DNS 照会 {lookups}{plus} 回（上限 {MAX_LOOKUPS}）"
    )
    .get(lang)
    .to_owned();
    let shares = shares(bill, wanted).into_iter().map(|(of, count, open)| {
        let names: Vec<Text> = of.iter().filter_map(|i| parties.get(*i)).map(|p| p.name.clone()).collect();
        format!("{} {count}{}", join(&names).get(lang), if open { "+" } else { "" })
    });
    let shares: Vec<String> = shares.collect();
    if !shares.is_empty() {
        out.push_str(": ");
        out.push_str(&shares.join(", "));
    }
    out.push('\n');
    let line = |text: Text| format!("  {}\n", text.get(lang));
    if bill.reach != Reach::Counted {
        out.push_str(&line(reach(bill.reach, &bill.domain, bill.fault.as_deref())));
    }
    if lookups > MAX_LOOKUPS {
        let over = lookups - MAX_LOOKUPS;
        out.push_str(&line(say!(
            en: "{over} too many: receivers stop at {MAX_LOOKUPS}, and SPF fails for whoever stands behind (RFC 7208 §4.6.4)",
            ja: "{over} 回多すぎます。受信側は {MAX_LOOKUPS} 回で打ち切り、それより後ろの送信元の SPF は不合格になります（RFC 7208 §4.6.4）"
        )));
    }
    if v4.max(v6) > 0 {
        out.push_str(&line(say!(
            en: "look-ups that find nothing: {v4} from an IPv4 address, {v6} from an IPv6 address; {MAX_VOIDS} are allowed",
            ja: "該当なしの照会: IPv4 の送信元で {v4} 回、IPv6 の送信元で {v6} 回（{MAX_VOIDS} 回まで）"
        )));
    }
    if bill.is_open() {
        out.push_str(&line(say!(
            en: "+: not all of it could be counted; the lines below say where",
            ja: "「+」: 数えられなかった部分があります。どこかは次の表にあります"
        )));
    }
    out.push_str(&not_answered(unanswered, lang));
    if !bill.items.is_empty() {
        let mut rows = Vec::new();
        for item in &bill.items {
            rows_of(item, 0, lang, &mut rows);
        }
        out.push('\n');
        out.push_str(&columns(&rows));
    }
    out
}

/// What can be done, numbered as `--apply` counts; of which record, if there are several.
fn repairs(first: usize, Offers { offers, refused }: &Offers, name: Option<&str>, file: &str, lang: Lang) -> String {
    let of = name.map(|name| visible(name).into_owned());
    let shown = || refused.iter().filter(|refusal| offers.is_empty() || !refusal.is_minor);
    let each = shown().take(REFUSED_SHOWN).map(|refusal| {
        let text = say!(en: "{what}: {why}\n", ja: "{what}: {why}\n"; what = refusal.what, why = refusal.why);
        text.get(lang).to_owned()
    });
    let more = shown().count().saturating_sub(REFUSED_SHOWN);
    let more = (more > 0).then(|| {
        say!(en: "… and {more} more that can't be done (--format json has them all)\n", ja: "… ほかに {more} 件（--format json ですべて出ます）\n")
    });
    let refused: String = each.chain(more.map(|text| text.get(lang).to_owned())).collect();
    if offers.is_empty() {
        let text = match of {
            None => say!(
                en: "No repair was found that saves look-ups and breaks nothing.\n",
                ja: "何も壊さずに照会を減らす方法は、見つかりませんでした。\n"
            ),
            Some(name) => say!(
                en: "No repair was found for {name} that saves look-ups and breaks nothing.\n",
                ja: "{name} では、何も壊さずに照会を減らす方法は、見つかりませんでした。\n"
            ),
        };
        return format!("{}{refused}", text.get(lang));
    }
    let mut out = match of {
        None => say!(
            en: "Repairs, the gentlest first. --apply N writes number N into {file}:\n",
            ja: "照会を減らす方法（影響の小さい順）。--apply 番号 で {file} に書き込みます:\n"
        ),
        Some(name) => say!(
            en: "Repairs for {name}, the gentlest first. --apply N writes number N into {file}:\n",
            ja: "{name} の照会を減らす方法（影響の小さい順）。--apply 番号 で {file} に書き込みます:\n"
        ),
    }
    .get(lang)
    .to_owned();
    for (at, offer) in offers.iter().enumerate() {
        let (n, what, saves, lookups) = (first + at, &offer.repair.what, offer.saves, offer.lookups);
        let head = say!(
            en: "{n}. saves {saves}, then {lookups} of {MAX_LOOKUPS}: {what}",
            ja: "{n}. {saves} 回減って {lookups} 回（上限 {MAX_LOOKUPS}）: {what}"; what = what
        );
        out.push_str(&format!("{}\n", head.get(lang)));
        let (v4, v6) = offer.voids;
        if v4.max(v6) > MAX_VOIDS {
            let text = say!(
                en: "   still too many look-ups that find nothing: {v4} from an IPv4 address, {v6} from an IPv6 address",
                ja: "   該当なしの照会はまだ多すぎます: IPv4 の送信元で {v4} 回、IPv6 の送信元で {v6} 回"
            );
            out.push_str(&format!("{}\n", text.get(lang)));
        }
        let (before, after) = offer.bytes;
        if after > before {
            let text = say!(en: "   the record grows from {before} to {after} bytes", ja: "   レコードは {before} バイトから {after} バイトに伸びます");
            out.push_str(&format!("{}\n", text.get(lang)));
        }
        for risk in &offer.repair.risks {
            let text = say!(en: "   risk: {risk}", ja: "   注意: {risk}"; risk = risk);
            out.push_str(&format!("{}\n", text.get(lang)));
        }
    }
    out + &refused
}

/// The look-ups of each party, or of those that share terms, largest first; and whether there may be more.
fn shares(bill: &Bill, wanted: &[Wanted]) -> Vec<(Vec<usize>, usize, bool)> {
    let mut shares: Vec<(Vec<usize>, usize, bool)> = Vec::new();
    for item in &bill.items {
        let of = wanted.iter().find(|w| w.term.eq_ignore_ascii_case(&item.term)).map(|w| w.parties.clone());
        let Some(of) = of.filter(|of| !of.is_empty()) else { continue };
        match shares.iter_mut().find(|(parties, ..)| *parties == of) {
            Some((_, count, open)) => {
                *count += item.lookups();
                *open |= item.is_open();
            }
            None => shares.push((of, item.lookups(), item.is_open())),
        }
    }
    shares.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    shares
}

fn rows_of(item: &Item, depth: usize, lang: Lang, rows: &mut Vec<[String; 3]>) {
    let open = if item.is_open() { "+" } else { "" };
    let voids = match (item.voids_v4, item.voids_v6) {
        (0, 0) => None,
        (0, n) => Some(say!(en: "finds nothing for IPv6: {n}", ja: "IPv6 では該当なし {n} 回")),
        (n, 0) => Some(say!(en: "finds nothing for IPv4: {n}", ja: "IPv4 では該当なし {n} 回")),
        (a, b) => Some(say!(en: "finds nothing: {a} for IPv4, {b} for IPv6", ja: "該当なし: IPv4 {a} 回、IPv6 {b} 回")),
    };
    let said = match item.reach {
        Reach::Counted => None,
        Reach::NotAnswered if !item.leads_on => {
            Some(say!(en: "not all of its addresses are known", ja: "アドレスの一部が不明です"))
        }
        open => Some(reach(open, item.name.as_deref().unwrap_or(&item.term), item.fault.as_deref())),
    };
    let notes: Vec<String> = said.into_iter().chain(voids).map(|text| text.get(lang).to_owned()).collect();
    rows.push([
        format!("{}{open}", item.lookups()),
        format!("{}{}", "  ".repeat(depth), shortened(&item.term, lang)),
        notes.join(match lang {
            Lang::En => "; ",
            Lang::Ja => "、",
        }),
    ]);
    for below in &item.below {
        rows_of(below, depth + 1, lang, rows);
    }
}

fn reach(reach: Reach, name: &str, fault: Option<&str>) -> Text {
    let (name, fault) = (excerpt(name, TEXT_SHOWN), visible(fault.unwrap_or_default()));
    match reach {
        Reach::Counted => Text::default(),
        Reach::Message => say!(en: "depends on the mail", ja: "メールごとに変わります"),
        Reach::NotAnswered => {
            say!(en: "not known: {name}", ja: "不明: {name}")
        }
        Reach::NoRecord => {
            say!(en: "{name} has no SPF record: receivers give up here", ja: "{name} に SPF がありません。受信側はここで評価をやめます")
        }
        Reach::SeveralRecords => {
            say!(en: "{name} has more than one SPF record: receivers give up here", ja: "{name} に SPF が 2 つ以上あります。受信側はここで評価をやめます")
        }
        Reach::Syntax => {
            say!(en: "the SPF record of {name} has a syntax error at `{fault}`: receivers give up here", ja: "{name} の SPF に書き方の誤りがあります（`{fault}`）。受信側はここで評価をやめます")
        }
        Reach::Circle => {
            say!(en: "{name} leads back to itself: receivers give up here", ja: "{name} は自分自身に戻ります。受信側はここで評価をやめます")
        }
        Reach::TooManyHosts => {
            say!(en: "{name} has more than ten MX hosts: receivers give up here", ja: "{name} の MX が 10 を超えます。受信側はここで評価をやめます")
        }
        Reach::Cut => {
            say!(en: "the tree is larger than is followed", ja: "たどる先が多すぎるため、ここで打ち切りました")
        }
    }
}
