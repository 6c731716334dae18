//! The same as JSON, version 1: a published contract. A field is added without a new version, never changed or taken away.

use serde_json::{Value, json};

use crate::compose::Party;
use crate::live;
use crate::mail::spf::{Came, Evaluation, Item, MAX_LOOKUPS, MAX_VOIDS, Outcome, Query, Reach, Trouble};
use crate::report::Text;
use crate::report::json::written;
use crate::spf_repair::Offer;

use super::{Cost, Wanted, shares};

fn not_answered(unanswered: &[live::Answer]) -> Vec<Value> {
    let row = |answer: &live::Answer| {
        json!({
            "name": answer.question.name.display_without_dot().to_string(), "type": answer.question.rtype.to_string(),
            "why": { "en": answer.text().en, "ja": answer.text().ja },
        })
    };
    unanswered.iter().map(row).collect()
}

/// A verdict and how it came about.
#[must_use]
pub fn evaluation_json(query: &Query<'_>, found: &Evaluation, unanswered: &[live::Answer]) -> String {
    let trouble = found.trouble.as_ref().map(|trouble| match trouble {
        Trouble::BadSender => json!({ "kind": "bad-sender" }),
        Trouble::NoRecord(name) => json!({ "kind": "no-record", "name": name }),
        Trouble::SeveralRecords(name) => json!({ "kind": "several-records", "name": name }),
        Trouble::Syntax(name, term) => json!({ "kind": "syntax", "name": name, "term": term }),
        Trouble::Dns(name) => json!({ "kind": "dns", "name": name }),
        Trouble::TooManyLookups => json!({ "kind": "too-many-lookups" }),
        Trouble::TooManyVoids => json!({ "kind": "too-many-voids" }),
        Trouble::TooManyHosts(name) => json!({ "kind": "too-many-hosts", "name": name }),
    });
    let trace = found.trace.iter().map(|line| {
        let look_ups = line.look_ups.iter().map(|look_up| {
            let (came, records) = match look_up.came {
                Came::Records(n) => ("records", n),
                Came::Nothing => ("none", 0),
                Came::Failed => ("no-answer", 0),
            };
            json!({ "type": look_up.rtype, "name": look_up.name, "came": came, "records": records })
        });
        json!({
            "depth": line.depth, "domain": line.domain, "term": line.term,
            "outcome": match line.outcome {
                Outcome::Matches => "match",
                Outcome::No => "no-match",
                Outcome::Stops => "stop",
            },
            "look_ups": look_ups.collect::<Vec<_>>(),
        })
    });
    let (local, domain) = query.sender();
    let path = found.path.iter().map(|step| json!({ "domain": step.domain, "term": step.term }));
    written(&json!({
        "version": 1,
        "ip": query.ip.to_canonical().to_string(), "mail_from": query.mail_from, "helo": query.helo,
        "sender": format!("{local}@{domain}"),
        "verdict": found.verdict.name(), "path": path.collect::<Vec<_>>(),
        "lookups": found.lookups, "lookups_max": MAX_LOOKUPS, "voids": found.voids, "voids_max": MAX_VOIDS,
        "trouble": trouble, "explanation": found.explanation,
        "trace": trace.collect::<Vec<_>>(), "not_answered": not_answered(unanswered),
    }))
}

fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Counted => "counted",
        Reach::Message => "depends-on-message",
        Reach::NotAnswered => "not-answered",
        Reach::NoRecord => "no-record",
        Reach::SeveralRecords => "several-records",
        Reach::Syntax => "syntax",
        Reach::Circle => "circle",
        Reach::TooManyHosts => "too-many-hosts",
        Reach::Cut => "cut",
    }
}

fn company(party: &Party) -> Value {
    json!({ "id": party.id, "name": { "en": party.name.en, "ja": party.name.ja } })
}

fn item(item: &Item, wanted: &[Wanted], parties: &[Party]) -> Value {
    let of = wanted.iter().find(|w| w.term.eq_ignore_ascii_case(&item.term));
    let of = of.into_iter().flat_map(|w| &w.parties).filter_map(|i| parties.get(*i));
    json!({
        "term": item.term, "name": item.name, "reach": reach(item.reach), "fault": item.fault, "lookups": item.lookups(),
        "open": item.is_open(), "voids_ipv4": item.voids_v4, "voids_ipv6": item.voids_v6,
        "for": of.map(company).collect::<Vec<_>>(),
        "below": item.below.iter().map(|below| self::item(below, &[], &[])).collect::<Vec<_>>(),
    })
}

/// A repair, with the number that `--apply` takes.
fn offer(number: usize, offer: &Offer) -> Value {
    let text = |text: &Text| json!({ "en": text.en, "ja": text.ja });
    let (v4, v6) = offer.voids;
    json!({
        "number": number, "kind": offer.repair.kind.word(), "what": text(&offer.repair.what),
        "risks": offer.repair.risks.iter().map(text).collect::<Vec<_>>(),
        "saves": offer.saves, "lookups": offer.lookups, "voids_ipv4": v4, "voids_ipv6": v6,
        "bytes_before": offer.bytes.0, "bytes": offer.bytes.1,
    })
}

/// What records cost: the first one's, with those at other names beside it.
#[must_use]
pub fn bills_json(costs: &[Cost<'_>]) -> String {
    let mut bills = costs.iter().map(bill);
    let mut first = bills.next().unwrap_or_default();
    if let Some(fields) = first.as_object_mut() {
        fields.insert("version".to_owned(), json!(1));
        fields.insert("other_names".to_owned(), bills.collect());
    }
    written(&first)
}

fn bill(cost: &Cost<'_>) -> Value {
    let Cost { bill, wanted, parties, unanswered, offers } = *cost;
    let text = |text: &Text| json!({ "en": text.en, "ja": text.ja });
    let repairs = offers
        .map(|(first, o)| o.offers.iter().enumerate().map(|(at, one)| offer(first + at, one)).collect::<Vec<_>>());
    let refused = || offers.into_iter().flat_map(|(_, o)| &o.refused);
    let not_written_out = refused().filter_map(|refusal| {
        let name = refusal.include.as_ref()?.display_without_dot().to_string();
        Some(json!({ "include": name, "why": text(&refusal.why) }))
    });
    let not_repaired = refused()
        .map(|refusal| json!({ "kind": refusal.kind.word(), "what": text(&refusal.what), "why": text(&refusal.why) }));
    let shares = shares(bill, wanted).into_iter().map(|(of, lookups, open)| {
        let of = of.iter().filter_map(|i| parties.get(*i)).map(company).collect::<Vec<_>>();
        json!({ "for": of, "lookups": lookups, "open": open })
    });
    let (v4, v6) = bill.voids();
    json!({
        "domain": bill.domain, "reach": reach(bill.reach), "fault": bill.fault,
        "lookups": bill.lookups(), "lookups_max": MAX_LOOKUPS, "open": bill.is_open(), "permerror": bill.is_permerror(),
        "voids_ipv4": v4, "voids_ipv6": v6, "voids_max": MAX_VOIDS,
        "terms": bill.items.iter().map(|i| item(i, wanted, parties)).collect::<Vec<_>>(),
        "shares": shares.collect::<Vec<_>>(),
        "repairs": repairs, "not_written_out": not_written_out.collect::<Vec<_>>(),
        "not_repaired": not_repaired.collect::<Vec<_>>(),
        "not_answered": not_answered(unanswered),
    })
}
