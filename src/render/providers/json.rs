//! The catalogue as JSON, version 1: a published contract, so its shape is written out here. A field is added without a new version, never
//! changed or taken away.

use serde_json::{Value, json};

use crate::catalogue::facts::Evidence;
use crate::catalogue::limits::{LimitOrigin, LimitValue};
use crate::catalogue::registrar::Registrar;
use crate::catalogue::search::{Found, Hit, Why};
use crate::catalogue::sender::{DkimForm, ROLES, Sender, Variable};
use crate::mail::spf::Network;
use crate::report::Text;
use crate::report::json::written;
use crate::template_check::Expansion;

use super::sender::retired_value;

fn text(text: &Text) -> Value {
    json!({ "en": text.en, "ja": text.ja })
}

fn row(found: &Found<'_>) -> Value {
    match found {
        Found::Sender(s) => json!({
            "id": s.id, "type": "sender", "name": text(&s.name), "kind": s.kind,
            "country": s.japanese.then_some("JP"),
            "spf": !s.spf.terms.is_empty(), "dkim": !s.dkim.is_empty(),
            "recognised_only": s.recognise.only.is_some(), "via": s.via.is_some(),
        }),
        Found::Registrar(r) => json!({
            "id": r.id, "type": "registrar", "name": text(&r.name), "kind": r.kind, "country": r.country,
        }),
    }
}

/// `providers list`.
#[must_use]
pub fn list_json(found: &[Found<'_>]) -> String {
    written(&json!({ "version": 1, "providers": found.iter().map(row).collect::<Vec<_>>() }))
}

/// `providers search`.
#[must_use]
pub fn hits_json(hits: &[Hit<'_>]) -> String {
    let hit = |hit: &Hit<'_>| {
        let (by, value) = match &hit.why {
            Why::Name => ("name", None),
            Why::Record(value) => ("record", Some(value)),
            Why::Beginning(name) => ("beginning-of-name", Some(name)),
            Why::Inside(name) => ("part-of-name", Some(name)),
            Why::Value(value) => ("part-of-value", Some(value)),
        };
        let mut row = row(&hit.found);
        if let Some(row) = row.as_object_mut() {
            row.insert("found_by".into(), json!(by));
            row.insert("found_in".into(), json!(value));
        }
        row
    };
    written(&json!({ "version": 1, "providers": hits.iter().map(hit).collect::<Vec<_>>() }))
}

fn sources(sources: &[Evidence]) -> Value {
    let source = |s: &Evidence| {
        let note = (!s.note.is_empty()).then_some(&s.note);
        json!({ "facts": s.facts, "url": s.url, "date": s.date, "confidence": s.trust.word(), "note": note })
    };
    sources.iter().map(source).collect()
}

fn variable(v: &Variable) -> Value {
    json!({
        "name": v.name, "what": text(&v.what), "where": text(&v.find), "example": v.example,
        "default": v.default, "optional": v.optional,
        "accepts": v.accepts.as_ref().map(|p| p.text()),
    })
}

/// `providers show`: a name may be that of a sender and of a registrar, so it is a list even of one.
#[must_use]
pub fn shown_json(found: &[Value]) -> String {
    written(&json!({ "version": 1, "providers": found }))
}

/// A sender of `providers show`.
#[must_use]
pub fn sender_json(sender: &Sender, own: Option<&str>, expansions: &[Expansion]) -> Value {
    let emitted = |e: &Expansion| {
        let records = e.records.iter();
        let records: Vec<Value> =
            records.map(|r| json!({ "name": r.name, "type": r.rtype, "value": r.value })).collect();
        let choices = (!e.choices.is_empty()).then_some(&e.choices);
        json!({ "choices": choices, "records": records })
    };
    let dkim = |d: &crate::catalogue::sender::Dkim| {
        let (form, value) = match &d.form {
            DkimForm::CustomerKey { prefix } => ("customer-key", prefix.as_str()),
            DkimForm::Txt(value) => ("value", value.value.as_str()),
            DkimForm::Cname(target) => ("target", target.value.as_str()),
        };
        json!({
            "selector": d.selector.value, "host": d.host.as_ref().map(|h| &h.value), form: value,
            "where": d.find.as_ref().map(text), "key_bits": d.key_bits, "choice": d.when.choice,
        })
    };
    let record = |r: &crate::catalogue::sender::TemplateRecord| {
        let role = ROLES.iter().find(|(_, role)| *role == r.when.role).map(|(word, _)| *word);
        json!({
            "name": r.name.value, "at_site": r.at_site, "type": r.rtype.value, "value": r.value.value, "role": role,
            "optional": r.optional, "choice": r.when.choice,
        })
    };
    let alternative = |a: &crate::catalogue::sender::Alternative| {
        let choices: Vec<Value> =
            a.choices.iter().map(|(c, meaning)| json!({ "choice": c, "meaning": text(meaning) })).collect();
        json!({ "name": a.name, "what": text(&a.what), "choices": choices, "default": a.default })
    };
    let known = &sender.recognise;
    json!({
        "type": "sender", "id": sender.id, "name": text(&sender.name), "aliases": sender.aliases,
        "kind": sender.kind, "country": sender.japanese.then_some("JP"), "file": own, "engine": sender.engine,
        "via": sender.via.as_ref().map(|v| json!({ "senders": v.senders, "note": text(&v.note) })),
        "own_address": sender.own_address.as_ref().map(text),
        "recognised_only": known.only.as_ref().map(text),
        "variables": sender.variables.iter().map(variable).collect::<Vec<_>>(),
        "mail_from": sender.mail_from.as_ref().map(variable),
        "alternatives": sender.alternatives.iter().map(alternative).collect::<Vec<_>>(),
        "spf": {
            "needed": sender.spf.needed.word(), "note": sender.spf.note.as_ref().map(text),
            "host": sender.spf.host.as_ref().map(|h| &h.value),
            "terms": sender.spf.terms.iter().map(|t| &t.value.value).collect::<Vec<_>>(),
        },
        "dkim": sender.dkim.iter().map(dkim).collect::<Vec<_>>(),
        "records": sender.records.iter().map(record).collect::<Vec<_>>(),
        "emits": expansions.iter().map(emitted).collect::<Vec<_>>(),
        "recognised_by": {
            "spf": known.spf, "dkim": known.dkim, "mx": known.mx, "targets": known.targets, "txt": known.txt,
            "name_servers": known.name_servers,
        },
        "retired": sender.retired.iter().map(|r| json!({
            "value": retired_value(&r.value), "replacement": (!r.replacement.is_empty()).then_some(&r.replacement), "why": text(&r.why),
        })).collect::<Vec<_>>(),
        "switches": sender.switches.iter().map(|s| json!({ "registrars": s.registrars, "parts": s.parts, "how": text(&s.how) })).collect::<Vec<_>>(),
        "notes": sender.notes.iter().chain(&sender.dkim_note).map(text).collect::<Vec<_>>(),
        "sources": sources(&sender.sources),
    })
}

/// A registrar of `providers show`.
#[must_use]
pub fn registrar_json(registrar: &Registrar, own: Option<&str>) -> Value {
    let form = &registrar.form;
    let limits: serde_json::Map<String, Value> = registrar
        .limits
        .iter()
        .map(|limit| {
            let value = match &limit.value {
                LimitValue::Number(n) => json!(n),
                LimitValue::Flag(flag) => json!(flag),
                LimitValue::Word(word) => json!(word),
                LimitValue::Words(words) => json!(words),
                LimitValue::Numbers(numbers) => json!(numbers),
                LimitValue::PerType(counts) => json!(counts),
            };
            let evidence = match &limit.origin {
                LimitOrigin::Catalogue(evidence) => sources(evidence),
                LimitOrigin::Site(_) => Value::Null,
            };
            (limit.key.name.to_owned(), json!({ "value": value, "sources": evidence }))
        })
        .collect();
    let known = &registrar.name_servers;
    json!({
        "type": "registrar", "id": registrar.id, "name": text(&registrar.name), "aliases": registrar.aliases,
        "kind": registrar.kind, "country": registrar.country, "file": own, "about": registrar.about.as_ref().map(text),
        "form": {
            "host_label": form.host, "type_label": form.rtype, "ttl_label": form.ttl, "value_label": form.value,
            "priority_label": form.priority, "menu_path": form.menu_path, "apex_host": form.apex_host,
        },
        "limits": limits,
        "name_servers": {
            "exact": known.exact, "suffixes": known.suffixes, "patterns": known.patterns, "defaults": known.defaults,
            "shared_with": known.shared_with,
        },
        "proxy": registrar.proxy.as_ref().map(|proxy| json!({
            "networks": proxy.networks.iter().map(Network::to_string).collect::<Vec<_>>(), "off": proxy.off.as_ref().map(text),
        })),
        "traps": registrar.quirks.iter().map(|q| json!({
            "text": text(&q.text), "url": q.url, "date": q.date, "confidence": q.trust.word(),
        })).collect::<Vec<_>>(),
        "sources": sources(&registrar.sources),
    })
}
