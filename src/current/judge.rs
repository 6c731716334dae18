//! What the zone as it is says of itself.

use std::collections::HashMap;

use crate::mail::spf;
use crate::report::{Finding, Span, Text};
use crate::say;
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
                .next(say!(en: "write what is needed of both into site.toml; the plan and the worksheet then make them one row", ja: "両方の必要な内容を site.toml に書きます。作業計画と手順書が 1 行にまとめます")),
        );
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
