//! The test text of `zoneplan ruler`, read back from DNS: how much of it the form has kept.

use super::serving::Serving;
use super::{Run, words};
use crate::fit::FittedZone;
use crate::fit::ruler::{TXT_HOST, Verdict, length_for, read};
use crate::live::{Outcome, Question};
use crate::report::{Confidence, Finding, NoteKind, Text};
use crate::say;
use crate::zone::Rtype;

/// Looks for the test text in the site's own zone. Where none was entered nothing is said.
pub(super) fn check(run: &mut Run<'_>, zone: &FittedZone<'_>, serving: &Serving<'_>) {
    let Ok(name) = zone.composed.origin.child(TXT_HOST) else { return };
    let question = [Question { name: name.clone(), rtype: Rtype::TXT }];
    let answers = match serving.servers.first() {
        Some(server) => run.ask(&*server.who, &question),
        None => run.ask_resolver(&question),
    };
    let Some(Outcome::Records(records)) = answers.first().map(|answer| &answer.outcome) else { return };
    let length = length_for(zone);
    let Some(reading) = records.iter().find_map(|record| read(&record.rdata.present(Rtype::TXT))) else { return };
    let Some((key, value)) = Verdict::of(length, &reading).limit() else { return };
    let (name, kept) = (words::plain(&name), reading.kept);
    let title = match Verdict::of(length, &reading) {
        Verdict::Whole(_) => {
            say!(en: "the test text is in DNS, all {kept} bytes of it", ja: "テスト用の文字列は、{kept} バイトすべてが DNS に出ています")
        }
        Verdict::EachCut(_) => {
            say!(en: "the test text is in DNS, each string cut after {kept} bytes", ja: "テスト用の文字列は、DNS では {kept} バイトごとに切られています")
        }
        _ => {
            say!(en: "the test text is in DNS, {kept} bytes of it: if you entered {length}, the form has cut it without a word", ja: "テスト用の文字列は、DNS では {kept} バイトです。{length} バイトを入れたのなら、画面が黙って切っています")
        }
    };
    let mut finding = Finding::advice("check-ruler", title)
        .confidence(Confidence::Medium)
        .next(say!(en: "write in site.toml, then remove the row {TXT_HOST}:\n[limits]\n{key} = {value}", ja: "site.toml に次を書き、{TXT_HOST} の行を消します:\n[limits]\n{key} = {value}"))
        .about(name, "TXT");
    if reading.strings.len() > 1 {
        let lengths = reading.strings.iter().map(usize::to_string).collect::<Vec<_>>().join(" + ");
        finding = finding.note(NoteKind::Note, Text::same(format!("TXT: {lengths}")));
    }
    run.tell(finding, zone, None);
}
