//! What rests on signatures (DNSSEC): TLSA records are worth nothing in a zone that is not signed.
//!
//! That a zone is signed is known from its DS in the zone above; that the signatures hold, only from a resolver that says that it has checked
//! them. One that says nothing may check nothing, so that stays unknown.

use super::{Run, words};
use crate::compose::{Member, RrSet};
use crate::fit::FittedZone;
use crate::live::{Answer, Outcome, Question};
use crate::report::{Finding, NoteKind, Severity, Text};
use crate::say;
use crate::zone::{Record, Rtype};

/// Signature algorithms with SHA-1 (RFC 9905 §2): RSASHA1 and RSASHA1-NSEC3-SHA1.
const SHA1_ALGORITHMS: [u8; 2] = [5, 7];

/// The digest of a DS that is SHA-1 (RFC 9905 §3).
const SHA1_DIGEST: u8 = 1;

/// Asks for the DS of each zone, and of those that hold TLSA records whether these can be relied on.
pub(super) fn check(run: &mut Run<'_>) {
    let fitted = run.built.fitted;
    for zone in fitted.zones().filter(|zone| !zone.composed.is_part) {
        let origin = &zone.composed.origin;
        let of_mail = |set: &&RrSet| {
            set.rtype == Rtype::TLSA && words::plain(&set.name).to_ascii_lowercase().starts_with("_25._tcp.")
        };
        let tlsa: Option<(&RrSet, &Member)> =
            zone.composed.rrsets.iter().find(of_mail).and_then(|set| Some((set, set.members.first()?)));
        // A zone that is looked at before it is switched to: what the zone above and resolvers say is about the one that it takes the place of.
        if !run.given.is_empty() && *origin == fitted.own.composed.origin {
            if let Some((set, member)) = tlsa {
                run.tell(only_after(zone).about(words::plain(&set.name), "TLSA"), zone, Some(member));
            }
            continue;
        }
        let question = |name: &crate::zone::Name, rtype| Question { name: name.clone(), rtype };
        let mut questions = vec![question(origin, Rtype::DS)];
        if let Some((set, _)) = tlsa {
            questions.extend([question(origin, Rtype::SOA), question(&set.name, Rtype::TLSA)]);
        }
        let answers = run.ask_resolver(&questions);
        let Some(ds) = answers.first() else { continue };
        if let Some(finding) = old_digest(zone, ds) {
            run.tell(finding, zone, None);
        }
        if let (Some((set, member)), [ds, soa, tlsa]) = (tlsa, answers.as_slice())
            && let Some(finding) = relied_on(zone, ds, soa, tlsa)
        {
            run.tell(finding.about(words::plain(&set.name), "TLSA"), zone, Some(member));
        }
    }
}

/// Algorithm and digest type of a DS (RFC 4034 §5.1).
fn kinds(record: &Record) -> Option<(u8, u8)> {
    match record.rdata.octets() {
        [_, _, algorithm, digest, ..] if record.rtype == Rtype::DS => Some((*algorithm, *digest)),
        _ => None,
    }
}

/// A zone whose every DS is of SHA-1.
fn old_digest(zone: &FittedZone<'_>, ds: &Answer) -> Option<Finding> {
    let Outcome::Records(records) = &ds.outcome else { return None };
    let kinds: Vec<(u8, u8)> = records.iter().filter_map(kinds).collect();
    let is_old = |(algorithm, digest): &(u8, u8)| SHA1_ALGORITHMS.contains(algorithm) || *digest == SHA1_DIGEST;
    if kinds.is_empty() || !kinds.iter().all(is_old) {
        return None;
    }
    let name = words::plain(&zone.composed.origin);
    Some(
        Finding::warning("dnssec-broken-chain", say!(en: "the signatures (DNSSEC) of {name} rest on SHA-1 alone", ja: "{name} の DNSSEC が、SHA-1 だけに頼っています"))
            .harm(say!(en: "resolvers may take the zone for one that is not signed (RFC 9905)", ja: "署名のないゾーンとして扱うリゾルバーがあります（RFC 9905）"))
            .next(say!(en: "ask whoever signs the zone for algorithm 13 and a DS with SHA-256, and replace the DS where the domain is registered", ja: "署名を行う会社に、アルゴリズム 13 と SHA-256 の DS を頼み、ドメインの登録先の DS を入れ替えます"))
            .about(name, "DS"),
    )
}

/// Whether TLSA records of a zone can be relied on.
fn relied_on(zone: &FittedZone<'_>, ds: &Answer, soa: &Answer, tlsa: &Answer) -> Option<Finding> {
    if tlsa.validated {
        return None;
    }
    let name = words::plain(&zone.composed.origin);
    let what = say!(en: "whether the TLSA records of {name} are signed", ja: "{name} の TLSA に署名があるか");
    let is_own_zone = soa.chain.is_empty() && matches!(soa.outcome, Outcome::Records(_));
    match ds.records() {
        None if ds.outcome == Outcome::NotInFixture => Some(
            Finding::warning(words::NOT_CHECKED, say!(en: "not checked: {what}", ja: "確認できませんでした: {what}"; what = what))
                .note(NoteKind::Note, say!(en: "only the zone above {name} says whether it has a DS; add a file with that zone (--dns)", ja: "{name} の DS があるかは、上位のゾーンにしか分かりません。そのゾーンのファイルを追加してください（--dns）")),
        ),
        None => Some(words::not_checked(&what, ds)),
        Some([]) if is_own_zone => Some(
            Finding::error("tlsa-without-dnssec", say!(en: "{name} has TLSA records for mail, and the zone is not signed (DNSSEC)", ja: "{name} にメール用の TLSA がありますが、ゾーンが DNSSEC で署名されていません"))
                .note(NoteKind::Note, say!(en: "the zone above has no DS for {name}", ja: "上位のゾーンに {name} の DS がありません"))
                .harm(say!(en: "senders do not look at them: they protect nothing (RFC 7672 §2.2)", ja: "送信側は TLSA を参照しません。保護にはなりません（RFC 7672 §2.2）"))
                .next(say!(en: "have the zone signed and its DS entered where the domain is registered, or remove the TLSA records", ja: "ゾーンに署名してもらい、ドメインの登録先に DS を登録します。しないのなら TLSA を消します")),
        ),
        // A name in another's zone has no DS of its own.
        Some([]) if soa.records().is_some() => Some(unknown(&what, say!(en: "{name} is no zone of its own, and the resolver does not say that it has checked signatures", ja: "{name} は独立したゾーンではなく、リゾルバーは署名を検証したと言っていません"))),
        Some([]) => Some(words::not_checked(&what, soa)),
        Some(_) if tlsa.records().is_none() => Some(words::not_checked(&what, tlsa)),
        Some(_) => Some(unknown(&what, say!(en: "the zone above has a DS for {name}, but the resolver does not say that it has checked signatures; perhaps it checks none", ja: "上位のゾーンに {name} の DS がありますが、リゾルバーは署名を検証したと言っていません。検証しないリゾルバーかもしれません"))),
    }
}

/// What nobody can say yet.
fn only_after(zone: &FittedZone<'_>) -> Finding {
    let name = words::plain(&zone.composed.origin);
    let title = say!(en: "not checked: whether the TLSA records of {name} are signed", ja: "確認できませんでした: {name} の TLSA に署名があるか");
    Finding::new(words::NOT_CHECKED, Severity::Advice, title)
        .note(NoteKind::Note, say!(en: "the DS in the zone above is for the name servers that are delegated today, not for those of --server", ja: "上位のゾーンの DS は、今委任されているネームサーバーのもので、--server のものではありません"))
        .next(say!(en: "run it again without --server when the domain has been switched over", ja: "切り替えが済んだら、--server を付けずにもう一度実行します"))
}

/// What is not known because the resolver does not say. Nothing is known to be wrong.
fn unknown(what: &Text, why: Text) -> Finding {
    Finding::new(words::NOT_CHECKED, Severity::Advice, say!(en: "not checked: {what}", ja: "確認できませんでした: {what}"; what = what))
        .note(NoteKind::Note, why)
        .next(say!(en: "ask a resolver that checks signatures: --resolver ADDR", ja: "署名を検証するリゾルバーを --resolver で指定します"))
}
