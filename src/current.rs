//! The zone as it is, from the file that the site or the command line names: reading it, and what must be said of it.

use std::collections::HashMap;

use crate::mail::spf;
use crate::report::{Finding, Sources, Span, Text};
use crate::say;
use crate::site::Files;
use crate::zone::{Coverage, Current, Found, MasterFile, MasterRecord, Name, Record, Rtype};

/// The largest file of a zone as it is that is read, octets.
const LIMIT_CURRENT_FILE: u64 = 256 * 1024 * 1024;

/// Faults of such a file that are told one by one.
const FAULTS_TOLD: usize = 10;

/// A file of a zone as it is, and who named it.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Its path.
    pub(crate) path: &'a str,
    /// How messages call it.
    pub(crate) shown: &'a str,
    /// Where site.toml names it; none where the command line does.
    pub(crate) named: Option<Span>,
}

/// Reads the zone of `apex` as it is from a file. Every record and fault points into the file's text, which is added to `sources`.
pub(crate) fn read(
    source: Source<'_>,
    apex: &Name,
    files: &dyn Files,
    sources: &mut Sources,
    findings: &mut Vec<Finding>,
) -> Option<Current> {
    let Source { path, shown, named } = source;
    let octets = match files.read(path, LIMIT_CURRENT_FILE) {
        Ok(octets) => octets,
        Err(error) => {
            let why = error.text();
            findings.push(
                Finding::error("site-current", say!(en: "{shown}: {why}", ja: "{shown}: {why}"; why = why))
                    .at_opt(named, Text::default()),
            );
            return None;
        }
    };
    let read = MasterFile::read(&octets, apex);
    let file = sources.add_octets(path, octets);
    if read.records.is_empty() {
        findings.push(
            Finding::warning("current-unreadable", say!(en: "{shown} has no record in the form of a zone file", ja: "{shown} にゾーンファイルの形のレコードがありません"))
                .at_opt(named, Text::default())
                .next(say!(en: "save the zone as a zone file (`name TTL IN TYPE value`, a record a line); a list copied from a panel is not read yet", ja: "ゾーンファイルの形（1 行に「名前 TTL IN 種別 値」）で保存してください。画面の一覧を貼り付けた文は、まだ読めません")),
        );
        return None;
    }
    for fault in read.faults.iter().take(FAULTS_TOLD) {
        let (line, text) = (fault.line, &fault.text);
        let title = say!(en: "line {line} of {shown}: {text}", ja: "{shown} の {line} 行目: {text}"; text = text);
        findings
            .push(Finding::warning("current-fault", title).at(Span::new(file, fault.range.clone()), Text::default()));
    }
    let more = read.faults.len().saturating_sub(FAULTS_TOLD) + read.more_faults;
    if more > 0 {
        findings.push(Finding::warning("current-fault", say!(en: "{more} more lines of {shown} could not be read", ja: "{shown} にはほかにも読めない行が {more} 行あります")).at_opt(named, Text::default()));
    }
    let without_fault = read.faults.is_empty() && read.more_faults == 0;
    let found = |record: MasterRecord| {
        let (has_ttl, span) = (record.ttl.is_some(), Span::new(file, record.range.clone()));
        Found { record: record.into_record(0), has_ttl, span: Some(span) }
    };
    let found: Vec<Found> = read.records.into_iter().map(found).collect();
    let sound = stray(&found, apex, shown, named, findings);
    // A zone begins with its SOA (RFC 1035 §5.2). Without one this may be an excerpt.
    let has_soa = found.iter().any(|f| f.record.rtype == Rtype::SOA && f.record.name == *apex);
    if !has_soa {
        findings.push(
            Finding::advice("current-part", say!(en: "{shown} has no SOA, so it is not taken for the whole zone", ja: "{shown} に SOA がないため、ゾーン全体とはみなしません"))
                .at_opt(named, Text::default()),
        );
    }
    let complete = sound && has_soa && without_fault;
    Some(Current::new(found, if complete { Coverage::Complete } else { Coverage::default() }))
}

/// Names that cannot be meant: outside the zone, or with the domain twice, as a whole name without its final dot is read.
fn stray(found: &[Found], apex: &Name, shown: &str, named: Option<Span>, findings: &mut Vec<Finding>) -> bool {
    let doubled = apex.join(apex).ok();
    let is_stray = |f: &&Found| {
        let name = &f.record.name;
        doubled.as_ref().is_some_and(|d| name.is_subdomain_of(d)) || !name.is_subdomain_of(apex)
    };
    let mut strays = found.iter().filter(is_stray);
    let Some(first) = strays.next() else { return true };
    let (n, name, domain) = (
        strays.count() + 1,
        first.record.name.display_without_dot().to_string(),
        apex.display_without_dot().to_string(),
    );
    findings.push(
        Finding::warning("current-stray", say!(en: "{shown}: names that the zone of {domain} cannot have: {n}, such as {name}", ja: "{shown}: {domain} のゾーンにあるはずのない名前が {n} 件あります（{name}）"))
            .at_opt(first.span.or(named), Text::default())
            .next(say!(en: "a whole name needs a dot at its end: www.{domain}.", ja: "全体の名前には末尾に「.」を付けます: www.{domain}.")),
    );
    false
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Rdata;

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
