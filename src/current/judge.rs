//! What the zone as it is says of itself, and against what is wanted.

use std::collections::HashMap;

use crate::fit::Fitted;
use crate::mail::spf;
use crate::report::{Finding, Span, Text, excerpt};
use crate::say;
use crate::toml_reader::At;
use crate::zone::{Current, Name, Record, Rtype};

/// Two SPF records at one name are void (RFC 7208 §4.5).
pub(crate) fn two_spf(current: &Current, shown: &str, span: Span, findings: &mut Vec<Finding>) {
    let names = || {
        let is_spf = |r: &&Record| r.rtype == Rtype::TXT && spf::is_spf(&r.rdata.txt_joined());
        current.records().filter(is_spf).map(|r| &r.name)
    };
    let mut times: HashMap<&Name, usize> = HashMap::new();
    for name in names() {
        *times.entry(name).or_default() += 1;
    }
    // In the order of the zone.
    for (name, n) in names().filter_map(|name| times.remove_entry(name)).filter(|(_, n)| *n > 1) {
        let name = name.display_without_dot().to_string();
        findings.push(
            Finding::error("current-two-spf", say!(en: "{shown}: {name} has {n} v=spf1 rows now, so its SPF is void", ja: "{shown}: {name} に v=spf1 の行が {n} つあり、いまの SPF は無効です"))
                .at(span, Text::default())
                .about(name, "TXT")
                .harm(say!(en: "receivers take two for an error and let none count (RFC 7208 §4.5)", ja: "2 つあると受信側はエラーとみなし、どちらも使いません（RFC 7208 §4.5）"))
                .next(say!(en: "put what is needed of both into one [[record]], and build again", ja: "両方の必要な内容を 1 つの [[record]] にまとめて、もう一度組み立てます")),
        );
    }
}

/// What the SPF as it is has and the wanted one lacks: nothing of it goes without a word.
pub(crate) fn would_drop(fitted: &Fitted<'_>, current: &Current, at: &At<String>, findings: &mut Vec<Finding>) {
    let (zone, declared) = (fitted.own.composed, &fitted.composed.declared);
    // A name that sends nothing gives everything up on purpose.
    let silent = |name: &Name| (declared.no_mail && *name == zone.origin) || declared.no_mail_names.contains(name);
    for set in zone.rrsets.iter().filter(|s| s.rtype == Rtype::TXT && !silent(&s.name)) {
        let texts = || set.members.iter().map(|m| m.rdata.txt_joined()).filter(|t| spf::is_spf(t));
        let mut now = current.of(&set.name, Rtype::TXT).map(|r| r.rdata.txt_joined()).filter(|t| spf::is_spf(t));
        let (Some(wanted), Some(now)) = (texts().next(), now.next()) else { continue };
        let name = set.name.display_without_dot().to_string();
        let change = spf::change(&String::from_utf8_lossy(&now), &String::from_utf8_lossy(&wanted), &name);
        // What a split moved is still there.
        let moved = |term: &str| {
            let sets = zone
                .rrsets
                .iter()
                .filter(|s| s.rtype == Rtype::TXT && s.name != set.name && s.name.is_subdomain_of(&set.name));
            let texts =
                sets.flat_map(|s| &s.members).map(|m| String::from_utf8_lossy(&m.rdata.txt_joined()).into_owned());
            texts
                .filter(|t| spf::is_spf(t.as_bytes()))
                .any(|t| !spf::change(term, &t, &name).gone.iter().any(|g| g == term))
        };
        let gone: Vec<&String> = change.gone.iter().filter(|t| !moved(t)).collect();
        let told = |title: Text| {
            Finding::warning("plan-would-drop", title).at(at.span, Text::default()).about(name.clone(), "TXT")
        };
        if !gone.is_empty() {
            let list = gone.iter().map(|t| excerpt(t, 80)).collect::<Vec<_>>();
            let (terms, lines) =
                (list.join(" "), list.iter().map(|t| format!("\"{t}\"")).collect::<Vec<_>>().join(", "));
            findings.push(
                told(say!(en: "SPF of {name} has terms now that site.toml does not: {terms}", ja: "{name} のいまの SPF にある語が site.toml にありません: {terms}"))
                    .harm(say!(en: "with the wanted record these may no longer send", ja: "このまま書き換えると、これらからの送信が認められなくなります"))
                    .next(say!(en: "what is still needed goes into site.toml:\n[spf]\nextra = [{lines}]", ja: "まだ必要なものは site.toml に書きます:\n[spf]\nextra = [{lines}]")),
            );
        }
        if let Some((old, new)) = change.all {
            findings.push(
                told(say!(en: "SPF of {name} ends in {old} now and in {new} afterwards", ja: "{name} の SPF の末尾が {old} から {new} に変わります"))
                    .next(say!(en: "to keep it, write in site.toml:\n[spf]\nall = \"{old}\"", ja: "変えないなら site.toml に書きます:\n[spf]\nall = \"{old}\"")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Sources;
    use crate::zone::{Coverage, Found, Rdata};

    /// Each name has an SPF record, as in the zone of a host; two of the names have two.
    #[test]
    fn two_spf_records_are_found_among_many_in_the_order_of_the_zone() {
        let record = |i: usize| Record {
            name: Name::parse_absolute(format!("h{i}.example.com")).unwrap(),
            rtype: Rtype::TXT,
            ttl: 3600,
            rdata: Rdata::txt(b"v=spf1 -all").unwrap(),
        };
        let found = |i| Found { record: record(i), has_ttl: true, span: None };
        let current = Current::new((0..20_000).chain([7, 3]).map(found).collect(), Coverage::Complete);
        let mut findings = Vec::new();
        two_spf(&current, "now.zone", Span::new(Sources::default().add("", String::new()), 0..0), &mut findings);
        let told: Vec<&str> = findings.iter().map(|f| f.title.en.as_str()).collect();
        assert_eq!(
            told,
            [3, 7].map(|i| format!("now.zone: h{i}.example.com has 2 v=spf1 rows now, so its SPF is void"))
        );
    }
}
