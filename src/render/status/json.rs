//! `--format json`, version 1: a published contract. A field is added without a new version, never changed or taken away. Sentences are in
//! both languages, so `--lang` changes nothing.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::mail::dmarc::Stage;
use crate::mail::spf::{MAX_LOOKUPS, MAX_VOIDS};
use crate::report::json::written;
use crate::report::{Counts, Text};
use crate::status::{Copy, Overview, Policy, Published, Row, Sender, Spf, Status, Step, Unchecked};

fn text(text: &Text) -> Value {
    json!({ "en": text.en, "ja": text.ja })
}

fn counts(counts: Counts) -> Value {
    json!({ "errors": counts.errors, "warnings": counts.warnings, "advice": counts.advice })
}

/// The document.
#[derive(Serialize)]
struct Document<'o> {
    asked_dns: bool,
    sites: Sites<'o>,
    today: String,
    version: u8,
}

/// The sites, each made when it is written: of thousands never more than one is in memory as data.
struct Sites<'o>(&'o [Row]);

impl Serialize for Sites<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(row))
    }
}

/// The sites.
pub(super) fn write(overview: &Overview) -> String {
    let (today, sites) = (overview.today.to_string(), Sites(&overview.rows));
    written(&Document { asked_dns: false, sites, today, version: 1 })
}

fn row(row: &Row) -> Value {
    match &row.outcome {
        Ok(status) => site(&row.file, status),
        Err(broken) => json!({ "file": row.file, "broken": text(&broken.why), "findings": counts(broken.counts) }),
    }
}

fn site(file: &str, status: &Status) -> Value {
    json!({
        "file": file, "broken": null,
        "domain": status.domain, "unicode": status.unicode,
        "registrar": status.registrar.as_ref().map(text),
        "no_mail": status.no_mail,
        "senders": status.senders.iter().map(sender).collect::<Vec<_>>(),
        "spf": status.spf.iter().map(spf).collect::<Vec<_>>(),
        "copies": status.copies.iter().map(copy).collect::<Vec<_>>(),
        "dmarc": policy(&status.policy),
        "findings": counts(status.counts),
        "steps": status.steps.iter().map(step).collect::<Vec<_>>(),
        "unchecked": status.unchecked.iter().map(unchecked).collect::<Vec<_>>(),
    })
}

fn sender(sender: &Sender) -> Value {
    let keys: Vec<Value> = sender
        .keys
        .iter()
        .map(|key| json!({ "name": key.owner, "dkim": key.stands.state.word(), "planned": key.stands.is_planned }))
        .collect();
    let mut dkim: Vec<&str> = sender.dkim.iter().map(|stands| stands.state.word()).collect();
    // The same state may stand there twice, planned and not.
    dkim.dedup();
    json!({
        "id": sender.id, "name": text(&sender.name), "from": sender.from, "sends": sender.sends, "dkim": dkim, "keys": keys,
    })
}

fn spf(spf: &Spf) -> Value {
    json!({
        "name": spf.name, "lookups": spf.lookups, "lookups_max": MAX_LOOKUPS, "complete": !spf.is_open,
        "known": spf.is_known, "voids": spf.voids, "voids_max": MAX_VOIDS,
        "over": spf.lookups > MAX_LOOKUPS || spf.voids > MAX_VOIDS, "permerror": spf.is_permerror, "passes_all": spf.passes_all,
    })
}

fn copy(copy: &Copy) -> Value {
    json!({
        "name": copy.owner, "target": copy.target, "vendor": text(&copy.vendor),
        "seen": copy.seen.map(|day| day.to_string()), "changed": copy.is_changed,
        "check": copy.check.map(|day| day.to_string()), "due": copy.is_due, "planned": copy.is_planned,
    })
}

fn stage(stage: &Stage) -> Value {
    json!({
        "p": stage.p.as_str(), "sp": stage.sp.as_str(), "np": stage.np.as_str(), "t": stage.t, "pct": stage.percent,
        "reported": stage.reported,
    })
}

fn policy(policy: &Policy) -> Value {
    let (known, now) = match &policy.published {
        Published::Unknown => ("unknown", None),
        Published::Nothing => ("none", None),
        Published::Void => ("void", None),
        Published::Stage(now) => ("stage", Some(stage(now))),
    };
    json!({
        "published": known, "stage": now, "since": policy.since.map(|day| day.to_string()),
        "wanted": policy.wanted.as_ref().map(stage), "disputed": policy.disputed.is_some(),
    })
}

fn step(step: &Step) -> Value {
    json!({
        "what": step.what.word(), "text": text(&step.text), "day": step.day.map(|day| day.to_string()), "due": step.is_due,
    })
}

fn unchecked(unchecked: &Unchecked) -> Value {
    json!({ "what": unchecked.what.word(), "text": text(&unchecked.text) })
}
