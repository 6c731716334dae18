//! What a zone must be before anything in it can be judged: records of one zone, with one SOA and its name servers.

use std::collections::{HashMap, HashSet};

use crate::lint::Findings;
use crate::report::{FileId, Finding, NoteKind, Severity, Span, Text};
use crate::say;
use crate::zone::{Found, Name, Rtype};

/// What is judged of a zone.
pub(super) struct Kept<'f> {
    /// Its records, each once.
    pub(super) records: Vec<&'f Found>,
    /// Whether these are all of the zone's.
    pub(super) whole: bool,
    /// Where the zone begins.
    pub(super) anchor: Option<Span>,
}

/// Places that one finding shows.
const PLACES: usize = 20;

/// Sorts out what is no record of the zone, and says it.
pub(super) fn check<'f>(
    found: &'f [Found],
    zone: &Name,
    file: FileId,
    with_faults: bool,
    most: usize,
    findings: &mut Vec<Finding>,
) -> Kept<'f> {
    let shown = zone.display_without_dot().to_string();
    let mut kept = Kept { records: Vec::new(), whole: false, anchor: None };
    let (inside, outside): (Vec<&Found>, Vec<&Found>) =
        found.iter().partition(|found| found.record.name.is_subdomain_of(zone));
    let (Some(first), _) = (found.first(), ()) else {
        if !with_faults {
            findings.push(
                Finding::error(
                    "zone-empty",
                    say!(en: "there is no record in this file", ja: "このファイルにはレコードがありません"),
                )
                .at(Span::new(file, 0..0), Text::default()),
            );
        }
        return kept;
    };
    if inside.is_empty() {
        findings.push(other_zone(first, found, &shown));
        return kept;
    }
    let mut strays = Findings::at_most(most);
    for stray in outside {
        let name = stray.record.name.display_without_dot().to_string();
        strays.push(
            about(stray, "zone-outside", Severity::Error, say!(en: "{name} is not in the zone {shown}", ja: "{name} は {shown} のゾーンの名前ではありません"))
                .harm(say!(en: "name servers refuse the zone, or leave the record out", ja: "DNS サーバーがゾーンを断るか、このレコードを読み飛ばします"))
                .next(say!(en: "move it to its own zone, or correct the name", ja: "正しい名前に直すか、そのドメインのゾーンに移してください")),
        );
    }
    findings.append(&mut strays.told());
    let mut duplicates = Findings::at_most(most);
    let mut known = HashSet::new();
    for one in inside {
        let record = &one.record;
        if known.insert((&record.name, record.rtype, &record.rdata)) {
            kept.records.push(one);
        } else if record.rtype != Rtype::SOA {
            let name = record.name.display_without_dot().to_string();
            let rtype = record.rtype;
            duplicates.push(
                about(one, "zone-duplicate", Severity::Advice, say!(en: "this {rtype} of {name} stands in the zone already", ja: "{name} の同じ {rtype} がすでにあります"))
                    .next(say!(en: "delete one of the two", ja: "どちらかを消してください")),
            );
        }
    }
    findings.append(&mut duplicates.told());
    let soas: Vec<&Found> = kept.records.iter().copied().filter(|found| found.record.rtype == Rtype::SOA).collect();
    let at_apex = |found: &&&Found| found.record.name == *zone;
    let own = soas.iter().find(at_apex);
    kept.anchor = own.copied().or(kept.records.first().copied()).and_then(|found| found.span);
    let has_ns = kept.records.iter().any(|found| found.record.rtype == Rtype::NS && found.record.name == *zone);
    kept.whole = own.is_some() && !with_faults;
    if let Some(own) = own {
        let others: Vec<&&Found> = soas.iter().filter(|soa| !std::ptr::eq(**soa, *own)).collect();
        if !others.is_empty() {
            let count = soas.len();
            let mut finding = about(
                own,
                "zone-soa",
                Severity::Error,
                say!(en: "{count} SOA records; a zone has one, at {shown}", ja: "SOA が {count} つあります。1 つのゾーンに 1 つ、{shown} にだけ置きます"),
            );
            for other in others.into_iter().take(PLACES) {
                finding = finding.at_opt(other.span, Text::default());
            }
            findings.push(
                finding
                    .harm(say!(en: "name servers refuse the zone", ja: "DNS サーバーがゾーンを断ります"))
                    .next(say!(en: "keep one; a zone below this one has a file of its own", ja: "1 つだけ残してください。下のゾーンは別のファイルにします")),
            );
        }
        if !has_ns {
            findings.push(
                about(
                    own,
                    "zone-ns",
                    Severity::Error,
                    say!(en: "{shown} has no NS record", ja: "{shown} に NS がありません"),
                )
                .harm(say!(en: "name servers refuse the zone", ja: "DNS サーバーがゾーンを断ります"))
                .next(
                    say!(en: "add the name servers of the zone", ja: "このゾーンの DNS サーバーの NS を足してください"),
                ),
            );
        }
    } else {
        let finding = match kept.records.first() {
            Some(first) => about(
                first,
                "zone-part",
                Severity::Advice,
                say!(en: "there is no SOA, so this is not taken for the whole of {shown}", ja: "SOA がないため、{shown} のゾーン全体とはみなしません"),
            ),
            None => return kept,
        };
        findings.push(
            finding.note(NoteKind::Note, say!(en: "what is missing here may stand in the rest", ja: "ここにないものは、残りの部分にあるかもしれません")),
        );
    }
    take_out_below_cuts(&mut kept.records, zone, most, findings);
    take_out_below_dnames(&mut kept.records, most, findings);
    kept
}

/// Takes out the records that `under` finds something over, by what that is: in the order in which each was met first.
fn taken_out<'f>(
    records: &mut Vec<&'f Found>,
    under: impl Fn(&Found) -> Option<&'f Found>,
) -> Vec<(&'f Found, Vec<&'f Found>)> {
    let mut numbers: HashMap<&Name, usize> = HashMap::new();
    let mut out: Vec<(&Found, Vec<&Found>)> = Vec::new();
    records.retain(|found| {
        let Some(over) = under(found) else { return true };
        let number = *numbers.entry(&over.record.name).or_insert(out.len());
        match out.get_mut(number) {
            Some((_, below)) => below.push(found),
            None => out.push((over, vec![found])),
        }
        false
    });
    out
}

/// That these records have no effect: the first of them by their places.
fn without_effect(id: &'static str, severity: Severity, title: Text, below: &[&Found]) -> Finding {
    let mut finding = Finding::new(id, severity, title);
    for found in below.iter().take(PLACES) {
        let shown = about(found, id, severity, Text::default());
        finding.labels.extend(shown.labels);
        finding.about.extend(shown.about);
    }
    finding
}

fn counted(records: usize) -> String {
    if records == 1 { "1 record".to_owned() } else { format!("{records} records") }
}

/// Takes out and tells what stands below a DNAME, where no data may be (RFC 6672 §2.4): whoever asks for it gets the DNAME.
fn take_out_below_dnames(records: &mut Vec<&Found>, most: usize, findings: &mut Vec<Finding>) {
    let dnames = records.iter().filter(|found| found.record.rtype == Rtype::DNAME);
    let dnames: HashMap<&Name, &Found> = dnames.map(|found| (&found.record.name, *found)).collect();
    if dnames.is_empty() {
        return;
    }
    let dname_of = |name: &Name| {
        std::iter::successors(name.parent(), Name::parent).filter_map(|name| dnames.get(&name).copied()).last()
    };
    let mut unserved = taken_out(records, |found| dname_of(&found.record.name));
    unserved.sort_by(|(one, _), (other, _)| one.record.name.cmp(&other.record.name));
    let mut out = Findings::at_most(most);
    for (dname, below) in unserved {
        let (name, count) = (dname.record.name.display_without_dot().to_string(), below.len());
        let records = counted(count);
        let title = say!(
                en: "no effect: {records} below {name}, whose DNAME leads every name there elsewhere",
                ja: "{name} の DNAME が、その下の名前をすべて別のところへ向けているため、下のレコード {count} 件は使われません"
        );
        out.push(
            without_effect("zone-below-dname", Severity::Error, title, &below)
                .at_opt(dname.span, say!(en: "led away here", ja: "ここで向けています"))
                .harm(say!(en: "NSD refuses the whole zone; BIND answers with the DNAME", ja: "NSD はゾーン全体の読み込みを断ります。BIND は DNAME で答えます"))
                .next(say!(
                    en: "move them to where the DNAME leads; if {name} is not to be led away, remove its DNAME",
                    ja: "DNAME の先のゾーンに移してください。{name} を向け直すつもりがなければ、DNAME を消してください"
                )),
        );
    }
    findings.append(&mut out.told());
}

/// Takes out and tells what name servers don't serve because it lies at or below a delegation (RFC 1034 §4.2.1), all but the addresses of
/// name servers.
fn take_out_below_cuts(records: &mut Vec<&Found>, zone: &Name, most: usize, findings: &mut Vec<Finding>) {
    let is_cut = |found: &&&Found| found.record.rtype == Rtype::NS && found.record.name != *zone;
    let mut cuts: HashMap<&Name, &Found> = HashMap::new();
    for found in records.iter().filter(is_cut) {
        cuts.entry(&found.record.name).or_insert(found);
    }
    if cuts.is_empty() {
        return;
    }
    // The highest one delegates all that is below it.
    let cut_of = |name: &Name| {
        let above = std::iter::successors(Some(name.clone()), Name::parent).take_while(|name| name != zone);
        above.filter_map(|name| cuts.get(&name).copied()).last()
    };
    let is_ns = |found: &&&Found| found.record.rtype == Rtype::NS;
    let hosts: HashSet<Name> = records.iter().filter(is_ns).filter_map(|found| found.record.target()).collect();
    let cut_over = |found: &Found| {
        let record = &found.record;
        let cut = cut_of(&record.name)?;
        // These stand above the cut (RFC 4035 §2).
        let parents = matches!(record.rtype, Rtype::NS | Rtype::DS | Rtype::NSEC | Rtype::NSEC3 | Rtype::RRSIG);
        let glue = matches!(record.rtype, Rtype::A | Rtype::AAAA) && hosts.contains(&record.name);
        (!(glue || parents && record.name == cut.record.name)).then_some(cut)
    };
    let unserved = taken_out(records, cut_over);
    let mut out = Findings::at_most(most);
    for (cut, below) in unserved {
        let (name, count) = (cut.record.name.display_without_dot().to_string(), below.len());
        let records = counted(count);
        let title = say!(
            en: "no effect: {records} at or below {name}, which NS give to other name servers",
            ja: "{name} は NS で別の DNS サーバーに任せているため、その中のレコード {count} 件は使われません"
        );
        out.push(
            without_effect("zone-below-cut", Severity::Warning, title, &below)
                .at_opt(cut.span, say!(en: "given away here", ja: "ここで任せています"))
                .harm(say!(en: "whoever asks is sent to those servers, and gets what stands there", ja: "問い合わせはそのサーバーに回され、そこにある内容が答えになります"))
                .next(say!(
                    en: "move them into the zone {name} at those servers; if {name} is not to be given away, remove its NS",
                    ja: "任せた先の {name} のゾーンに移してください。任せるつもりがなければ、{name} の NS を消してください"
                )),
        );
    }
    findings.append(&mut out.told());
}

/// Nothing is of this zone.
fn other_zone(first: &Found, found: &[Found], shown: &str) -> Finding {
    let soa = found.iter().find(|found| found.record.rtype == Rtype::SOA);
    let count = found.len();
    let finding = about(
        soa.unwrap_or(first),
        "zone-other",
        Severity::Error,
        say!(en: "{count} records, and none of them is of {shown}", ja: "レコードが {count} 件ありますが、{shown} のものは 1 件もありません"),
    );
    match soa {
        Some(soa) => {
            let name = soa.record.name.display_without_dot().to_string();
            finding.next(say!(en: "this is the zone of {name}: --origin {name}", ja: "{name} のゾーンのようです: --origin {name}"))
        }
        None => finding.next(say!(en: "name the zone that it is: --origin NAME", ja: "正しいドメインを指定してください: --origin ドメイン")),
    }
}

fn about(found: &Found, id: &'static str, severity: Severity, title: Text) -> Finding {
    let record = &found.record;
    Finding::new(id, severity, title)
        .about(record.name.display_without_dot().to_string(), record.rtype.to_string())
        .at_opt(found.span, Text::default())
}
