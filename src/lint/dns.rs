//! Names, CNAMEs and TTLs: what breaks whatever the records are for.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::mail::dmarc::{Recognised, report_authorisation_name};
use crate::mail::spf;
use crate::report::{Finding, Severity, Span, Text, odd_blank, visible};
use crate::say;
use crate::zone::{Name, Rtype, Ttl, idn, name::HostProblem, name::NAME_MAX};

use super::dmarc;
use super::hosts::{self, Existing, counted, shown};
use super::txt::{self, Meant};
use super::{Findings, Part, Rule, Seen, View, Written};

/// The rules of this family.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "dns-name-length",
        en: "names that mail systems ask for fit into 255 bytes",
        ja: "メールの仕組みが問い合わせる名前が 255 バイトに収まっている",
        source: "RFC 1035 §2.3.4; RFC 2181 §11",
        check: name_length,
    },
    Rule {
        id: "dns-hostname-syntax",
        en: "hosts that MX, NS, SRV and PTR point to, and names with A, AAAA or MX, have only letters, digits and hyphens",
        ja: "MX・NS・SRV・PTR の指すホスト名と、A・AAAA・MX のある名前が英数字とハイフンだけでできている",
        source: "RFC 952; RFC 1123 §2.1; RFC 5321 §2.3.5; RFC 8552",
        check: hostname_syntax,
    },
    Rule {
        id: "dns-idn-not-alabel",
        en: "internationalised names stand in their xn-- form",
        ja: "日本語などの名前が xn-- の形で入っている",
        source: "RFC 5890; RFC 8616 §§4-6",
        check: idn_not_alabel,
    },
    Rule {
        id: "dns-digest-length",
        en: "the digests of DS, CDS, SSHFP and ZONEMD are whole",
        ja: "DS・CDS・SSHFP・ZONEMD のハッシュ値の長さが正しい",
        source: "RFC 3658 §2.4; RFC 4509 §2.1; RFC 6605 §2; RFC 4255 §3.1; RFC 6594 §4; RFC 8976 §2.2.3",
        check: digest_length,
    },
    Rule {
        id: "dns-target-missing-dot",
        en: "a target did not get the zone's name appended for want of a final dot",
        ja: "末尾の点がないために、宛先にこのドメイン名が足されていない",
        source: "RFC 1035 §5.1",
        check: target_missing_dot,
    },
    Rule {
        id: "dns-doubled-origin",
        en: "no name ends with the zone's name twice",
        ja: "ドメイン名が 2 回続く名前がない",
        source: "RFC 1035 §5.1",
        check: doubled_origin,
    },
    Rule {
        id: "dns-cname-with-other-data",
        en: "a name with a CNAME has no other records",
        ja: "CNAME のある名前に、ほかのレコードがない",
        source: "RFC 1034 §3.6.2; RFC 2181 §10.1; RFC 4035 §2.5",
        check: cname_with_other_data,
    },
    Rule {
        id: "dns-cname-at-apex",
        en: "the domain itself has no CNAME",
        ja: "ドメイン直下に CNAME がない",
        source: "RFC 1034 §3.6.2; RFC 1912 §2.4",
        check: cname_at_apex,
    },
    Rule {
        id: "dns-cname-duplicate-or-loop",
        en: "a name has one CNAME at most, and CNAMEs do not go round in a circle",
        ja: "CNAME は 1 つの名前に 1 つまでで、ぐるぐる回っていない",
        source: "RFC 2181 §10.1; RFC 1034 §3.6.2",
        check: cname_duplicate_or_loop,
    },
    Rule {
        id: "dns-ttl",
        en: "TTLs are possible, not 0, and the same within a name and type",
        ja: "TTL が有効な値で、0 ではなく、同じ名前と種別の中でそろっている",
        source: "RFC 2181 §5.2, §8",
        check: ttl,
    },
];

/// As many records as one finding names.
const PLACES: usize = 20;

/// Parsed names fit already; those that mail systems build from them may not.
fn name_length(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "dns-name-length";
    let prefix = "_dmarc.".len();
    for (name, _) in view.owners().filter(|(name, _)| name.wire_len() + prefix > NAME_MAX) {
        let octets = name.wire_len() + prefix;
        let mail = view.at(name).find(|s| {
            s.record.rtype == Rtype::MX || (s.record.rtype == Rtype::TXT && s.txt().is_some_and(spf::is_spf))
        });
        if let Some(seen) = mail {
            out.push(
                view.finding(ID, Severity::Error, seen, say!(
                    en: "{octets} bytes in the name of this mail domain's DMARC record (`_dmarc.` and the domain); a name takes {NAME_MAX}",
                    ja: "{octets} バイトの名前になるため、このドメインの DMARC レコード（`_dmarc.` ＋ドメイン名）は作れません。名前は {NAME_MAX} バイトまでです"
                ))
                .harm(say!(en: "receivers find no DMARC policy for mail from this domain", ja: "このドメインから出したメールの DMARC ポリシーは見つけてもらえません"))
                .next(say!(en: "shorten the subdomain by {bytes}", ja: "サブドメインの名前を {over} バイト短くしてください", over = octets - NAME_MAX, bytes = counted(octets - NAME_MAX, "byte", "bytes"))),
            );
        }
    }
    for entry in dmarc::entries(view).filter(|entry| entry.recognised != Recognised::No) {
        let (seen, domain, record) = (entry.seen, entry.domain, &entry.record.dmarc);
        let mut told = HashSet::new();
        for uri in record.rua.iter().chain(&record.ruf) {
            let Some(destination) = uri.domain() else { continue };
            let Ok(host) = Name::parse_absolute(&destination) else { continue };
            // Reports within the own organization need no such record.
            if host.is_subdomain_of(domain) || domain.is_subdomain_of(&host) || !told.insert(destination.clone()) {
                continue;
            }
            let Err(long) = report_authorisation_name(&shown(domain), &destination) else { continue };
            let (octets, destination) = (long.octets, txt::clip(&destination));
            out.push(
                view.finding_at(ID, Severity::Error, seen, Some(uri.range.clone()), say!(
                    en: "{octets} bytes in the name at which {destination} would have to accept the DMARC reports; a name takes {NAME_MAX}",
                    ja: "{octets} バイトの名前になるため、{destination} は DMARC レポートを受け取る許可を出せません。名前は {NAME_MAX} バイトまでです"
                ))
                .harm(say!(en: "no reports are sent to that address", ja: "その宛先にはレポートが送られません"))
                .next(say!(en: "have the reports sent to an address at a shorter domain, best within this one", ja: "レポートの宛先を、短いドメイン（できればこのドメイン）のアドレスにしてください")),
            );
        }
    }
}

fn hostname_syntax(view: &View<'_>, out: &mut Findings) {
    owner_syntax(view, out);
    for seen in view.records() {
        let rtype = seen.record.rtype;
        if !matches!(rtype, Rtype::MX | Rtype::NS | Rtype::SRV | Rtype::PTR) {
            continue;
        }
        let Some(target) = seen.record.target() else { continue };
        // An address is mx-target-is-ip's, ns-target-is-ip's and srv-mail-clients' word; other letters than ASCII are dns-idn-not-alabel's.
        let address = rtype != Rtype::PTR && hosts::address(&target, view.origin).is_some();
        if address || !is_ascii(&target) {
            continue;
        }
        let Some(fault) = target.host_fault() else { continue };
        let (character, target) = (visible(&fault.character).into_owned(), shown(&target));
        let title = match fault.problem {
            HostProblem::Character => say!(
                en: "`{character}` cannot be in a host name: {target}, which this {rtype} points to",
                ja: "ホスト名に `{character}` は使えません。この {rtype} の指す {target} に入っています"
            ),
            HostProblem::EdgeHyphen => say!(
                en: "`-` at the edge of a part of a host name: {target}, which this {rtype} points to",
                ja: "`-` は、ホスト名の点で区切った部分の端には使えません。この {rtype} の指す {target} に入っています"
            ),
            HostProblem::NumericLast => say!(
                en: "a host name does not end in a number: {target}, which this {rtype} points to",
                ja: "数字だけで終わるホスト名は使えません。この {rtype} の指す {target} です"
            ),
        };
        out.push(
            view.finding_target("dns-hostname-syntax", Severity::Error, seen, title)
                .harm(say!(en: "many mail servers refuse such a name and do not deliver", ja: "このような名前を断り、配送しないメールサーバーがあります"))
                .next(say!(en: "rename the host: letters, digits and hyphens only", ja: "ホスト名を英数字とハイフンだけの名前に変えてください")),
        );
    }
}

/// What name servers take for the name of a host is one (BIND's check-names).
fn owner_syntax(view: &View<'_>, out: &mut Findings) {
    for (name, _) in view.owners().filter(|(name, _)| is_ascii(name)) {
        // A wildcard stands for names that are hosts.
        let parent = name.labels().next().filter(|label| *label == b"*").and_then(|_| name.parent());
        let host = parent.as_ref().unwrap_or(name);
        let Some(fault) = host.host_fault().filter(|fault| fault.problem != HostProblem::NumericLast) else { continue };
        let is_host = |seen: &&Seen| match seen.record.rtype {
            Rtype::A | Rtype::AAAA | Rtype::MX => !is_machines_name(name, seen.record.rtype),
            _ => false,
        };
        let Some(seen) = view.at(name).find(is_host) else { continue };
        let (character, rtype, shown) = (visible(&fault.character).into_owned(), seen.record.rtype, shown(name));
        let title = if fault.problem == HostProblem::Character {
            say!(
                en: "`{character}` cannot be in a host name: {shown}, which has this {rtype}",
                ja: "ホスト名に `{character}` は使えません。この {rtype} のある {shown} に入っています"
            )
        } else {
            say!(
                en: "`-` at the edge of a part of a host name: {shown}, which has this {rtype}",
                ja: "`-` は、ホスト名の点で区切った部分の端には使えません。この {rtype} のある {shown} に入っています"
            )
        };
        // Whether the servers of a site are such as mind is not known.
        let severity = if view.declared.is_some() { Severity::Warning } else { Severity::Error };
        out.push(
            view.finding_of("dns-hostname-syntax", severity, seen, Some(Part::Owner), title)
                .harm(say!(en: "BIND refuses the whole zone (check-names)", ja: "BIND がゾーン全体の読み込みを断ります（check-names）"))
                .next(say!(en: "rename the host: letters, digits and hyphens only", ja: "ホスト名を英数字とハイフンだけの名前に変えてください")),
        );
    }
}

/// Whether such a name with an address is no host's, and name servers know it: the global catalogue of Active Directory, and what SPF's
/// `exists` asks for (RFC 7208 §5.7, appendix D.1).
fn is_machines_name(name: &Name, rtype: Rtype) -> bool {
    let is = |label: &[u8], known: &[u8]| label.eq_ignore_ascii_case(known);
    let catalogue = hosts::below(name, &["gc", "_msdcs"]).is_some_and(|forest| forest.host_fault().is_none());
    let exists =
        || name.labels().any(|label| is(label, b"_spf") || is(label, b"_spf_verify") || is(label, b"_spf_rate"));
    match rtype {
        Rtype::A => catalogue || exists(),
        Rtype::AAAA => catalogue,
        _ => false,
    }
}

/// Whether all octets are ASCII.
fn is_ascii(name: &Name) -> bool {
    name.labels().all(<[u8]>::is_ascii)
}

fn idn_not_alabel(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "dns-idn-not-alabel";
    let harm = || say!(en: "DNS answers only for the xn-- form; nobody finds this name", ja: "DNS で引けるのは xn-- の形だけです。この名前はだれにも見つけられません");
    let mut told = HashSet::new();
    for seen in view.records() {
        let owner = (!is_ascii(&seen.record.name)).then(|| (seen.record.name.clone(), Part::Owner));
        let target = seen.record.target().filter(|n| !is_ascii(n)).map(|name| (name, Part::Target));
        for (name, part) in owner.into_iter().chain(target) {
            if !told.insert(name.clone()) {
                continue;
            }
            let written = unicode(&name);
            if let Some(blank) = odd_blank(&written) {
                let (code, written) =
                    (u32::from(blank), written.replace(blank, &format!("<U+{:04X}>", u32::from(blank))));
                out.push(
                    view.finding_of(ID, Severity::Error, seen, Some(part), say!(
                        en: "the blank U+{code:04X} became a letter of this name: {written}",
                        ja: "半角でない空白（U+{code:04X}）が名前の一部になっています: {written}",
                        written = visible(&written)
                    ))
                    .harm(say!(en: "nobody finds this name", ja: "この名前はだれにも見つけられません"))
                    .next(say!(en: "write an ordinary space in its place, or delete it", ja: "半角の空白に直すか、消してください")),
                );
                continue;
            }
            let title = match idn::to_ascii(&written).ok().map(|i| i.ascii) {
                Some(ascii) => say!(
                    en: "{written} stands here in Unicode; in DNS it is {ascii}",
                    ja: "{written} がそのままの文字で入っています。DNS では {ascii} と書きます",
                    written = visible(&written), ascii = txt::clip(&ascii)
                ),
                None => say!(
                    en: "{written} has characters that no name in DNS can have",
                    ja: "{written} に、DNS の名前では使えない文字があります",
                    written = visible(&written)
                ),
            };
            out.push(
                view.finding_of(ID, Severity::Error, seen, Some(part), title)
                    .harm(harm())
                    .next(say!(en: "write the xn-- form", ja: "xn-- の形で入れてください")),
            );
        }
        let Some(text) = seen.txt().filter(|text| !text.is_ascii()) else { continue };
        let Some(meant) = Meant::of(seen) else { continue };
        for (range, ascii) in txt::unicode_domains(meant, text) {
            let written = String::from_utf8_lossy(text.get(range.clone()).unwrap_or_default()).into_owned();
            let finding = view
                .finding_at(ID, Severity::Error, seen, Some(range.clone()), say!(
                    en: "{written} stands in this {what} record in Unicode; it must be {ascii}",
                    ja: "{what} レコードに {written} がそのままの文字で入っています。{ascii} と書きます",
                    written = txt::clip(&written), ascii = txt::clip(&ascii), what = meant.word()
                ))
                .harm(say!(en: "receivers take the record for broken", ja: "受信側はこのレコードを壊れたものとして扱います"))
                .next(say!(en: "replace it by {ascii}", ja: "{ascii} に置き換えてください", ascii = txt::clip(&ascii)));
            out.push(txt::mend(
                view,
                finding,
                seen,
                range,
                say!(en: "write the xn-- form", ja: "xn-- の形にする"),
                &ascii,
            ));
        }
    }
}

/// A name as its writer wrote it: UTF-8 where it is, escapes elsewhere.
fn unicode(name: &Name) -> String {
    let labels: Vec<String> = name.labels().map(|label| String::from_utf8_lossy(label).into_owned()).collect();
    labels.join(".")
}

fn digest_length(view: &View<'_>, out: &mut Findings) {
    for seen in view.records() {
        let rtype = seen.record.rtype;
        // What stands before the digest, and how long the digest of each kind is. Of other kinds nothing is known.
        let (before, known): (usize, &[(u8, usize)]) = match rtype {
            Rtype::DS | Rtype::CDS => (4, &[(1, 20), (2, 32), (4, 48)]),
            Rtype::SSHFP => (2, &[(1, 20), (2, 32)]),
            Rtype::ZONEMD => (6, &[(1, 48), (2, 64)]),
            _ => continue,
        };
        let Some((head, digest)) = seen.record.rdata.octets().split_at_checked(before) else { continue };
        let Some((kind, wanted)) = known.iter().find(|(kind, _)| head.last() == Some(kind)) else { continue };
        let (length, digits) = (digest.len(), 2 * wanted);
        if length == *wanted {
            continue;
        }
        let (name, bytes) = (shown(&seen.record.name), counted(length, "byte", "bytes"));
        out.push(
            view.finding("dns-digest-length", Severity::Error, seen, say!(
                en: "{rtype} of {name}: {bytes} of digest; kind {kind} takes {wanted}",
                ja: "{name} の {rtype}: ハッシュ値が {length} バイトです。種類 {kind} は {wanted} バイトです"
            ))
            .harm(say!(en: "BIND refuses the whole zone", ja: "BIND がゾーン全体の読み込みを断ります"))
            .next(say!(en: "copy it again, whole: {digits} hexadecimal digits", ja: "もう一度、最後まで写してください（16 進数 {digits} 桁）")),
        );
    }
}

fn target_missing_dot(view: &View<'_>, out: &mut Findings) {
    let existing = Existing::of(view);
    for seen in view.records() {
        let rtype = seen.record.rtype;
        if !matches!(rtype, Rtype::CNAME | Rtype::MX | Rtype::NS | Rtype::SRV) {
            continue;
        }
        let Some(target) = seen.record.target() else { continue };
        let Some(meant) = target.strip_suffix(view.origin) else { continue };
        // Twice the zone's own name is dns-doubled-origin. A name that exists here may well be meant.
        if view.origin.is_root() || meant.is_subdomain_of(view.origin) || existing.has(&target) {
            continue;
        }
        let Some(company) = hosts::provider(&meant) else { continue };
        let dotless = view.without_dot(seen).filter(|(name, _)| *name == meant);
        let (meant, target) = (shown(&meant), shown(&target));
        let finding = view
            .finding_target("dns-target-missing-dot", Severity::Warning, seen, say!(
                en: "this {rtype} points to {target}; probably meant: {meant}. (of {company}, with a final dot)",
                ja: "この {rtype} は {target} を指しています。正しくは末尾に点の付いた {meant}.（{company}）と思われます"
            ))
            .harm(say!(en: "there is no such host, so nothing arrives there", ja: "そのようなホストはないため、何も届きません"));
        out.push(match dotless {
            Some((_, span)) => finding.next(with_dot(&meant)).fix(with_dot(&meant), end_of(span), "."),
            None => finding.next(say!(en: "write {meant}. with the final dot, or without it where the form adds no name", ja: "末尾に点を付けて {meant}. と書いてください（ドメイン名を足さない画面なら、点なしで {meant} です）")),
        });
    }
}

fn doubled_origin(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "dns-doubled-origin";
    // With a zone of one label or none, a name such as `a.jp.jp` says nothing.
    if view.origin.label_count() < 2 {
        return;
    }
    let doubled = |name: &Name| name.strip_suffix(view.origin).filter(|head| head.is_subdomain_of(view.origin));
    for (name, seen) in view.owners() {
        let Some(head) = doubled(name) else { continue };
        let (whole, origin) = (shown(name), shown(view.origin));
        let left = head.relative_to(view.origin).unwrap_or_default();
        let mut finding = view
            .finding_of(ID, Severity::Error, seen, Some(Part::Owner), say!(
                en: "2 times {origin} in {whole}",
                ja: "{origin} が 2 回続いています: {whole}"
            ))
            .harm(say!(en: "nobody asks for that name; the record has no effect", ja: "この名前はだれも問い合わせません。レコードは効いていません"));
        for other in view.at(name).take(PLACES) {
            finding = finding.about(whole.clone(), other.record.rtype.to_string());
        }
        // In zone text a dot mends it; what the record then does there only its owner knows.
        let written = view
            .part(seen, &Part::Owner)
            .filter(|span| Name::parse_absolute(view.sources.slice(*span)).is_ok_and(|written| written == head));
        out.push(match written {
            Some(span) => {
                let meant = shown(&head);
                finding.next(with_dot(&meant)).fix(with_dot(&meant), end_of(span), ".")
            }
            None => finding.next(say!(
                en: "enter only `{left}` in the form; it adds {origin} by itself",
                ja: "画面には `{left}` だけを入れてください。{origin} は画面が足します"
            )),
        });
    }
    for seen in view.records() {
        let Some(target) = seen.record.target() else { continue };
        // In zone text the name may be doubled under another origin than the zone's, too.
        let own = |name: &Name| name.is_subdomain_of(view.origin) && *name != target;
        let dotless = view.without_dot(seen).filter(|(name, _)| own(name));
        let Some(head) = dotless.as_ref().map(|(name, _)| name.clone()).or_else(|| doubled(&target)) else { continue };
        let exists = view.has_name(&target);
        let (rtype, meant, target, origin) = (seen.record.rtype, shown(&head), shown(&target), shown(view.origin));
        let finding = view
            .finding_target(
                ID,
                Severity::Error,
                seen,
                say!(
                    en: "2 times {origin} in {target}, which this {rtype} points to",
                    ja: "{origin} が 2 回続いています。この {rtype} の指す {target} です"
                ),
            )
            .harm(say!(en: "there is no such host", ja: "そのようなホストはありません"));
        out.push(match dotless {
            // A name that exists may be meant, strange as it is.
            Some((_, span)) => {
                finding.next(with_dot(&meant)).fix(with_dot(&meant), end_of(span), ".").safely_if(!exists)
            }
            None => finding.next(say!(en: "make it {meant}", ja: "{meant} にしてください")),
        });
    }
}

/// Whether what a record points to was read otherwise than it was meant, which other rules say: an address, or a name with an origin behind it.
pub(super) fn is_misread(view: &View<'_>, seen: &Seen, target: &Name) -> bool {
    let head = target.strip_suffix(view.origin).filter(|_| view.origin.label_count() > 1);
    hosts::address(target, view.origin).is_some()
        || head.is_some_and(|head| head.is_subdomain_of(view.origin) || hosts::provider(&head).is_some())
        || view.without_dot(seen).is_some_and(|(name, _)| name.is_subdomain_of(view.origin) && name != *target)
}

/// What to do where a final dot was forgotten.
fn with_dot(meant: &str) -> Text {
    say!(en: "put the final dot: {meant}.", ja: "末尾に点を付けてください: {meant}.")
}

/// Behind a place.
fn end_of(span: Span) -> Span {
    Span { start: span.end, ..span }
}

/// Types that may stand beside a CNAME (RFC 4035 §2.5).
fn beside_cname(rtype: Rtype) -> bool {
    matches!(rtype, Rtype::CNAME | Rtype::RRSIG | Rtype::NSEC | Rtype::KEY)
}

/// The other types at a name that has a CNAME.
fn others(view: &View<'_>, name: &Name) -> Vec<String> {
    let types: BTreeSet<Rtype> = view.at(name).map(|s| s.record.rtype).filter(|t| !beside_cname(*t)).collect();
    types.iter().map(ToString::to_string).collect()
}

/// The first of a list, for a message.
fn some_of<S: AsRef<str>>(list: &[S]) -> String {
    const SHOWN: usize = 8;
    let mut some: Vec<&str> = list.iter().take(SHOWN).map(AsRef::as_ref).collect();
    if list.len() > SHOWN {
        some.push("…");
    }
    some.join(", ")
}

/// The names that have a CNAME, in output order, with their first one.
fn cnames<'v>(view: &'v View<'_>) -> Vec<&'v Seen> {
    let mut known = HashSet::new();
    view.of_type(Rtype::CNAME).filter(|s| known.insert(&s.record.name)).collect()
}

fn cname_with_other_data(view: &View<'_>, out: &mut Findings) {
    // At the apex, dns-cname-at-apex says it.
    for seen in cnames(view).into_iter().filter(|s| s.record.name != *view.origin) {
        let others = others(view, &seen.record.name);
        if others.is_empty() {
            continue;
        }
        let (name, count, list) = (shown(&seen.record.name), others.len(), some_of(&others));
        let mut finding = view.finding(
            "dns-cname-with-other-data",
            Severity::Error,
            seen,
            say!(
                en: "{types} beside the CNAME of {name}: {list}", ja: "{name} には CNAME のほかに {count} 種類のレコードがあります: {list}", types = counted(count, "other type", "other types")
            ),
        );
        for other in view.at(&seen.record.name).filter(|s| !beside_cname(s.record.rtype)).take(PLACES) {
            finding = finding.about(name.clone(), other.record.rtype.to_string());
            finding = finding.at_opt(other.span(), view.company(other).unwrap_or_default());
        }
        out.push(
            finding
                .harm(say!(en: "name servers refuse the zone, or answer with the CNAME only: {list} is lost", ja: "DNS サーバーに断られるか、CNAME だけが答えになり、{list} は使われません"))
                .next(say!(en: "remove the CNAME and use A or AAAA, or have {list} set at the CNAME's target", ja: "CNAME を A か AAAA に替えるか、{list} を CNAME の指す先で設定してください")),
        );
    }
}

fn cname_at_apex(view: &View<'_>, out: &mut Findings) {
    let Some(seen) = view.of(view.origin, Rtype::CNAME).next() else { return };
    let name = shown(view.origin);
    let others = others(view, view.origin);
    let mail: Vec<&str> = others.iter().map(String::as_str).filter(|t| !matches!(*t, "SOA" | "NS")).collect();
    let finding = view.finding(
        "dns-cname-at-apex",
        Severity::Error,
        seen,
        say!(
            en: "a CNAME at {name} itself, where SOA and NS always stand",
            ja: "{name} 自身に CNAME があります。ここには必ず SOA と NS があるため、CNAME は置けません"
        ),
    );
    let finding = if mail.is_empty() {
        finding.harm(say!(en: "name servers refuse the zone, or mail to the domain is lost", ja: "DNS サーバーに断られるか、このドメインあてのメールが届かなくなります"))
    } else {
        let list = some_of(&mail);
        finding.harm(say!(en: "name servers refuse the zone, or answer with the CNAME only: {list} is lost", ja: "DNS サーバーに断られるか、CNAME だけが答えになり、{list} は使われません"))
    };
    out.push(finding.next(say!(
        en: "use A and AAAA, or the host's ALIAS, ANAME or flattening; MX and TXT stay yours to set",
        ja: "A と AAAA にするか、DNS 会社の ALIAS・ANAME などの機能を使ってください（MX と TXT はそのまま必要です）"
    )));
}

fn cname_duplicate_or_loop(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "dns-cname-duplicate-or-loop";
    let first = cnames(view);
    let mut target: HashMap<&Name, Name> = HashMap::new();
    for seen in &first {
        let name = &seen.record.name;
        let targets: HashSet<Name> = view.of(name, Rtype::CNAME).filter_map(|s| s.record.target()).collect();
        if targets.len() > 1 {
            let (count, name) = (targets.len(), shown(name));
            let mut finding = view.finding(
                ID,
                Severity::Error,
                seen,
                say!(
                    en: "{count} CNAMEs at {name}; a name has one",
                    ja: "{name} に CNAME が {count} つあります。1 つまでです"
                ),
            );
            for other in view.of(&seen.record.name, Rtype::CNAME).take(PLACES) {
                finding = finding.at_opt(other.span(), view.company(other).unwrap_or_default());
            }
            out.push(
                finding
                    .harm(say!(en: "name servers refuse the zone, or answer now with one, now with the other", ja: "DNS サーバーに断られるか、答えがそのつど変わります"))
                    .next(say!(en: "keep one of them", ja: "どれか 1 つだけを残してください")),
            );
        }
        target.extend(seen.record.target().map(|t| (name, t)));
    }
    // Each name is walked over once: a walk stops where another has been.
    let mut walked: HashMap<&Name, usize> = HashMap::new();
    for (walk, seen) in first.iter().enumerate() {
        let mut path: Vec<&Name> = Vec::new();
        let mut at = &seen.record.name;
        while let Some((owner, next)) = target.get_key_value(at) {
            match walked.insert(owner, walk) {
                None => path.push(owner),
                Some(earlier) => {
                    if earlier == walk {
                        out.push(circle(view, seen, &path, owner));
                    } else {
                        walked.insert(owner, earlier);
                    }
                    break;
                }
            }
            at = next;
        }
    }
}

/// CNAMEs that come back to `first`, which is on `path`.
fn circle(view: &View<'_>, walked_from: &Seen, path: &[&Name], first: &Name) -> Finding {
    const SHOWN: usize = 5;
    let names: Vec<&&Name> = path.iter().skip_while(|n| **n != first).collect();
    let count = names.len();
    let mut steps: Vec<String> = names.iter().take(SHOWN).map(|n| shown(n)).collect();
    steps.push(if count > SHOWN { "…".to_owned() } else { shown(first) });
    let steps = steps.join(" → ");
    let seen = view.of(first, Rtype::CNAME).next().unwrap_or(walked_from);
    let mut finding = view.finding(
        "dns-cname-duplicate-or-loop",
        Severity::Error,
        seen,
        say!(
            en: "{cnames} in a circle: {steps}", ja: "{count} つの CNAME が回っています: {steps}", cnames = counted(count, "CNAME", "CNAMEs")
        ),
    );
    for name in names.iter().take(SHOWN) {
        finding = finding.about(shown(name), "CNAME");
    }
    finding
        .harm(say!(en: "none of these names can be resolved", ja: "どの名前も引けません"))
        .next(say!(en: "let one of them point to a host with an address", ja: "どれか 1 つを、アドレスのあるホストに向けてください"))
}

fn ttl(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "dns-ttl";
    // The TTL of an RRSIG is that of the set it signs (RFC 4034 §3).
    let counted = |seen: &&Seen| seen.record.rtype != Rtype::RRSIG;
    // Of each set the first record, and the TTLs: most sets have one that is in order.
    let mut sets: Vec<(&Seen, BTreeSet<u32>)> = Vec::new();
    let mut places: HashMap<(&Name, Rtype), usize> = HashMap::new();
    let odd = |ttl: u32| ttl == 0 || Ttl::from_seconds(ttl).is_none();
    let common = view.records().first().map(|seen| seen.record.ttl).filter(|ttl| !odd(*ttl));
    if view.records().iter().filter(counted).all(|seen| Some(seen.record.ttl) == common) {
        return;
    }
    for seen in view.records().iter().filter(counted) {
        let place = *places.entry((&seen.record.name, seen.record.rtype)).or_insert(sets.len());
        match sets.get_mut(place) {
            Some((_, ttls)) => _ = ttls.insert(seen.record.ttl),
            None => sets.push((seen, BTreeSet::from([seen.record.ttl]))),
        }
    }
    for (seen, ttls) in sets {
        let (name, rtype) = (&seen.record.name, seen.record.rtype);
        let whose = shown(name);
        if ttls.len() > 1 {
            let (count, list) = (ttls.len(), ttls.iter().take(5).map(u32::to_string).collect::<Vec<_>>().join(", "));
            let finding = view.finding_of(
                ID,
                Severity::Warning,
                seen,
                Some(Part::Ttl),
                say!(
                    en: "{count} TTLs ({list}) for the {rtype} of {whose}; one is allowed",
                    ja: "{whose} の {rtype} に TTL が {count} 通りあります（{list}）。同じ名前と種別では 1 つです"
                ),
            );
            let others = view.of(name, rtype).skip(1).filter(|_| view.written == Written::Zone).take(PLACES);
            let finding = others.fold(finding, |finding, other| {
                finding.at_opt(view.part(other, &Part::Ttl).or(other.span()), Text::default())
            });
            out.push(
                finding
                .harm(say!(en: "some records expire before the others, and answers may be incomplete", ja: "一部だけ先に期限が切れ、答えが欠けることがあります"))
                .next(say!(en: "give all of them the same TTL", ja: "同じ TTL にそろえてください")),
            );
        }
        if let Some(&over) = ttls.iter().next_back().filter(|t| Ttl::from_seconds(**t).is_none()) {
            let max = Ttl::MAX.seconds();
            out.push(
                view.finding(
                    ID,
                    Severity::Warning,
                    seen,
                    say!(
                        en: "TTL {over} of the {rtype} of {whose}; the most is {max}",
                        ja: "{whose} の {rtype} の TTL は {over} です。上限は {max} です"
                    ),
                )
                .harm(say!(en: "such a TTL is taken as 0", ja: "0 とみなされます"))
                .next(say!(en: "use 3600", ja: "3600 にしてください")),
            );
        }
        if ttls.contains(&0) {
            out.push(
                view.finding(ID, Severity::Warning, seen, say!(
                    en: "TTL 0 of the {rtype} of {whose}",
                    ja: "{whose} の {rtype} の TTL が 0 です"
                ))
                .harm(say!(en: "nobody may keep the answer, so each mail asks again, and each hiccup of the name server is felt", ja: "答えを覚えておけないため、メールのたびに問い合わせが起き、DNS サーバーの不調がそのまま響きます"))
                .next(say!(en: "use 3600, or 300 shortly before a change", ja: "3600 にしてください（変更の直前だけ 300）")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::Declared;
    use crate::lint::testing::{levels, name, records, run};
    use crate::report::Sources;

    fn rule(id: &str) -> &'static Rule {
        RULES.iter().find(|r| r.id == id).unwrap()
    }

    fn titles(id: &str, lines: &str) -> Vec<String> {
        run(rule(id), lines, None).into_iter().map(|f| f.title.en).collect()
    }

    const ERROR: Severity = Severity::Error;
    const WARNING: Severity = Severity::Warning;

    #[test]
    fn built_names_over_255_bytes() {
        let id = "dns-name-length";
        // Policy domain of 163 characters: with a destination of 72 it is 253 octets, with 75 it is 256.
        let domain = ["a".repeat(50), "a".repeat(50), "a".repeat(49)].join(".");
        let zone = |dest: usize| {
            let dest = format!("{}.example.net", "b".repeat(dest - 12));
            format!("_dmarc.{domain} TXT \"v=DMARC1; p=none; rua=mailto:r@{dest}\"")
        };
        assert_eq!(format!("{domain}.example.com").len(), 163);
        assert_eq!(levels(rule(id), &zone(72), None), []);
        let found = run(rule(id), &zone(75), None);
        assert_eq!(found.len(), 1);
        assert!(found[0].title.en.starts_with("256 bytes"), "{}", found[0].title.en);
        // 13 octets of example.com and 4 labels of 60 or less: 249 octets take `_dmarc` to 256.
        let label = |n: usize| "c".repeat(n);
        let long = [label(60), label(60), label(60), label(52)].join(".");
        assert_eq!(name(&format!("{long}.example.com")).wire_len(), 249);
        assert!(titles(id, &format!("{long} MX 10 mx"))[0].starts_with("256 bytes"));
        assert_eq!(titles(id, &format!("{long} A 192.0.2.1")), [""; 0]);
        let long = [label(60), label(60), label(60), label(51)].join(".");
        assert_eq!(titles(id, &format!("{long} MX 10 mx")), [""; 0]);
    }

    #[test]
    fn hosts_have_letters_digits_and_hyphens() {
        let id = "dns-hostname-syntax";
        assert_eq!(levels(rule(id), "@ MX 10 mail_1", None), [ERROR]);
        assert!(titles(id, "@ MX 10 mail_1")[0].starts_with("`_`"));
        assert_eq!(levels(rule(id), "@ MX 10 mail-1", None), []);
        assert_eq!(levels(rule(id), "@ NS ns1-.example.net.", None), [ERROR]);
        assert_eq!(levels(rule(id), "_imaps._tcp SRV 0 1 993 -mail", None), [ERROR]);
        assert_eq!(levels(rule(id), "@ NS 192.0.2.1.", None), [], "ns-target-is-ip says it");
        // CNAME targets and owners of TXT may have an underscore; `.` is no host.
        let fine = "s1._domainkey CNAME s1._domainkey.esp.example.\n_dmarc TXT x\n@ MX 0 .\n_imaps._tcp SRV 0 0 0 .";
        assert_eq!(levels(rule(id), fine, None), []);
        assert_eq!(levels(rule(id), "@ MX 10 192.0.2.1.", None), [], "mx-target-is-ip says it");
    }

    /// As `named-checkzone -k fail` refuses them.
    #[test]
    fn names_with_addresses_and_mail_are_hosts() {
        let id = "dns-hostname-syntax";
        for refused in [
            "a_b A 192.0.2.1",
            "a_b AAAA 2001:db8::1",
            "a_b MX 0 mx.example.net.",
            "-a A 192.0.2.1",
            "a- A 192.0.2.1",
            r"a\.b A 192.0.2.1",
            "www.*.x A 192.0.2.1",
            "a.gc._msdcs A 192.0.2.1",
            "x._spf AAAA 2001:db8::1",
            "x._spf MX 0 mx.example.net.",
        ] {
            assert_eq!(levels(rule(id), refused, None), [ERROR], "{refused}");
        }
        for fine in [
            "a_b TXT x",
            "_c CNAME d.example.net.",
            "*.x A 192.0.2.1\n*.x MX 0 mx.example.net.",
            "1 A 192.0.2.1",
            "gc._msdcs A 192.0.2.1\ngc._msdcs AAAA 2001:db8::1",
            "x._spf A 192.0.2.1",
        ] {
            assert_eq!(levels(rule(id), fine, None), [], "{fine}");
        }
        assert_eq!(levels(rule(id), "a_b A 192.0.2.1\na_b A 192.0.2.2\na_b MX 0 c", None), [ERROR], "once a name");
        assert_eq!(levels(rule(id), "a_b A 192.0.2.1", Some(&Declared::default())), [WARNING]);
    }

    #[test]
    fn unicode_names_are_shown_in_both_forms() {
        let id = "dns-idn-not-alabel";
        let found = run(rule(id), "@ TXT \"v=spf1 include:\\228\\190\\139\\227\\129\\136.jp -all\"", None);
        assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [ERROR]);
        // xn--r8jz45g.jp is 例え.jp (Python's idna says the same).
        assert!(found[0].title.en.contains("例え.jp") && found[0].title.en.contains("xn--r8jz45g.jp"));
        assert_eq!(levels(rule(id), "@ TXT \"v=spf1 include:xn--r8jz45g.jp -all\"", None), []);
        let found = titles(id, "日本語 CNAME 例え.jp.\n日本語 TXT x");
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("xn--wgv71a119e.example.com") && found[1].contains("xn--r8jz45g.jp"));
        // Full-width letters and dots would be mapped silently.
        assert!(titles(id, "@ MX 10 ｍｘ．example.net.")[0].contains("mx.example.net"));
        let rua = "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:a@例え.jp,mailto:b@example.jp\"";
        assert!(titles(id, rua)[0].contains("xn--r8jz45g.jp"));
    }

    #[test]
    fn digests_are_whole() {
        let id = "dns-digest-length";
        let hex = |octets: usize| "ab".repeat(octets);
        for (head, octets) in [
            ("DS 1 13 1", 20),
            ("DS 1 13 2", 32),
            ("DS 1 13 4", 48),
            ("CDS 1 13 2", 32),
            ("SSHFP 4 1", 20),
            ("SSHFP 4 2", 32),
            ("ZONEMD 1 1 1", 48),
            ("ZONEMD 1 1 2", 64),
        ] {
            assert_eq!(levels(rule(id), &format!("x {head} {}", hex(octets)), None), [], "{head}");
            for wrong in [1, octets - 1, octets + 1] {
                assert_eq!(levels(rule(id), &format!("x {head} {}", hex(wrong)), None), [ERROR], "{head}: {wrong}");
            }
        }
        // What asks for removal (RFC 8078 §4), and kinds that are not known.
        for fine in ["CDS 0 0 0 00", "DS 1 13 200 ab", "SSHFP 4 9 ab"] {
            assert_eq!(levels(rule(id), &format!("x {fine}"), None), [], "{fine}");
        }
    }

    #[test]
    fn a_final_dot_was_forgotten() {
        let id = "dns-target-missing-dot";
        assert_eq!(levels(rule(id), "@ MX 1 smtp.google.com", None), [WARNING]);
        assert!(titles(id, "@ MX 1 smtp.google.com")[0].contains("smtp.google.com.example.com"));
        assert_eq!(levels(rule(id), "@ MX 1 smtp.google.com.", None), []);
        assert_eq!(levels(rule(id), "@ MX 1 mail", None), []);
        assert_eq!(levels(rule(id), "@ MX 1 smtp.google.com\nsmtp.google.com A 192.0.2.1", None), []);
        assert_eq!(levels(rule(id), "autodiscover CNAME autodiscover.outlook.com", None), [WARNING]);
    }

    #[test]
    fn the_zone_twice() {
        let id = "dns-doubled-origin";
        let found = run(rule(id), "_dmarc.example.com TXT x\n_dmarc.example.com A 192.0.2.1", None);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].severity, found[0].about.len()), (ERROR, 2));
        assert!(found[0].notes.last().unwrap().text.en.contains("`_dmarc`"));
        assert_eq!(levels(rule(id), "_dmarc TXT x", None), []);
        assert_eq!(levels(rule(id), "@ MX 10 mail.example.com", None), [ERROR]);
        assert!(titles(id, "@ MX 10 mail.example.com")[0].starts_with("2 times example.com"));
        // Another zone's name in front is another zone's business.
        assert_eq!(levels(rule(id), "example.org._report._dmarc TXT \"v=DMARC1\"", None), []);
        assert!(run(rule(id), "example.com A 192.0.2.1", None)[0].notes.last().unwrap().text.en.contains("`@`"));
    }

    #[test]
    fn a_cname_stands_alone() {
        let id = "dns-cname-with-other-data";
        let bad = "news CNAME esp.example.net.\nnews TXT \"v=spf1 -all\"\nnews MX 10 mx";
        assert_eq!(levels(rule(id), bad, None), [ERROR]);
        assert!(titles(id, bad)[0].starts_with("2 other"), "{}", titles(id, bad)[0]);
        assert!(titles(id, bad)[0].contains("MX, TXT"));
        assert_eq!(levels(rule(id), "news A 192.0.2.1\nnews TXT \"v=spf1 -all\"", None), []);
        assert_eq!(levels(rule(id), "news CNAME a.example.net.\nnews NSEC a A", None), []);
        assert_eq!(levels(rule(id), "@ CNAME a.example.net.\n@ MX 10 mx", None), []);
    }

    #[test]
    fn no_cname_at_the_apex() {
        let id = "dns-cname-at-apex";
        assert_eq!(levels(rule(id), "@ CNAME shop.example.net.", None), [ERROR]);
        assert_eq!(levels(rule(id), "@ A 192.0.2.1\nwww CNAME shop.example.net.", None), []);
        let found = run(rule(id), "@ CNAME shop.example.net.\n@ MX 10 mx\n@ NS ns1.example.net.", None);
        assert!(found[0].notes[0].text.en.contains("MX is lost"));
    }

    #[test]
    fn circles_and_second_cnames() {
        let id = "dns-cname-duplicate-or-loop";
        assert_eq!(levels(rule(id), "a CNAME b\nb CNAME a", None), [ERROR]);
        assert!(titles(id, "a CNAME b\nb CNAME a")[0].starts_with("2 CNAME"));
        assert_eq!(levels(rule(id), "a CNAME b\nb A 192.0.2.1", None), []);
        assert_eq!(levels(rule(id), "a CNAME a", None), [ERROR]);
        // A tail into the circle is not part of it, from whichever side it is walked; a second tail is not a second circle.
        for lines in ["x CNAME a\ny CNAME b\na CNAME b\nb CNAME a", "a CNAME b\nb CNAME a\nx CNAME a\ny CNAME b"] {
            assert_eq!(titles(id, lines).len(), 1);
            assert!(titles(id, lines)[0].starts_with("2 CNAME"), "{lines}");
        }
        let two = "a CNAME b.example.net.\na CNAME c.example.net.";
        assert!(titles(id, two)[0].starts_with("2 CNAMEs at a.example.com"));
        assert_eq!(levels(rule(id), "a CNAME b.example.net.\na CNAME B.example.net.", None), [], "the same, twice");
        let chain: String = (0..2000).map(|i| format!("n{i} CNAME n{}\n", i + 1)).collect();
        assert_eq!(levels(rule(id), &chain, None), []);
        assert!(titles(id, &format!("{chain}n2000 CNAME n0"))[0].starts_with("2001 CNAME"));
    }

    #[test]
    fn ttls() {
        let id = "dns-ttl";
        assert_eq!(levels(rule(id), "@ 300 MX 10 a\n@ 3600 MX 20 b", None), [WARNING]);
        assert!(titles(id, "@ 300 MX 10 a\n@ 3600 MX 20 b")[0].starts_with("2 TTLs (300, 3600)"));
        assert_eq!(levels(rule(id), "@ 3600 MX 10 a\n@ 3600 MX 20 b\n@ 300 A 192.0.2.1", None), []);
        assert!(titles(id, "@ 0 A 192.0.2.1")[0].starts_with("TTL 0"));
        assert!(titles(id, "@ 2147483648 A 192.0.2.1")[0].contains("2147483647"));
        assert_eq!(levels(rule(id), "@ 2147483647 A 192.0.2.1", None), []);
    }

    #[test]
    fn hostile_zones_end() {
        let origin = Name::root();
        let sources = Sources::default();
        let lines = ". CNAME .\n\\000\\255 MX 0 \\000.a\n*.* CNAME *";
        let view = View::new(&origin, records(".", lines), None, &[], &sources);
        for rule in RULES {
            let mut found = Findings::all();
            (rule.check)(&view, &mut found);
            let active = |t: &str| t.chars().any(char::is_control);
            assert!(!found.iter().any(|f| active(&f.title.en) || active(&f.title.ja)), "{}", rule.id);
        }
    }
}
