//! The site's own sections: DMARC, TLS-RPT, BIMI, CAA, MTA-STS, and "no mail". Their mistakes are mistakes of site.toml.

use std::net::IpAddr;

use crate::mail::tags::{Fault, Level, ReportUri, UriFault};
use crate::mail::{bimi, dmarc, mta_sts, spf, tls_rpt};
use crate::report::{Finding, Span, Text, excerpt};
use crate::say;
use crate::site::{BimiSection, CaaSection, DmarcSection, MtaStsSection, Site, TlsRptSection};
use crate::toml_reader::At;
use crate::zone::{Name, Rdata, Rtype};

use super::claims::{Claim, section};
use super::model::*;

fn below(prefix: &str, name: &Name, findings: &mut Vec<Finding>, span: Span) -> Option<Name> {
    match Name::parse_absolute(prefix).and_then(|p| p.join(name)) {
        Ok(name) => Some(name),
        Err(error) => {
            findings.push(Finding::error("dns-name-length", error.text()).at(span, Text::default()));
            None
        }
    }
}

fn claim(name: Name, rtype: Rtype, rdata: Rdata, span: Span, intent: Intent) -> Claim {
    let origin = section(Some(span));
    Claim { name, rtype, rdata, ttl: None, origin, intent, conflict: None, on_apply: false }
}

fn txt(name: Name, value: &str, span: Span, intent: Intent, findings: &mut Vec<Finding>) -> Option<Claim> {
    match Rdata::txt(value.as_bytes()) {
        Ok(rdata) => Some(claim(name, Rtype::TXT, rdata, span, intent)),
        Err(error) => {
            findings.push(Finding::error("txt-string-over-255", error.text).at(span, Text::default()));
            None
        }
    }
}

/// The records of all sections but MTA-STS, which needs the MX.
pub(super) fn claims(site: &Site, findings: &mut Vec<Finding>) -> Vec<Claim> {
    let mut out = Vec::new();
    let domain = &site.domain.value;
    let sections =
        std::iter::once((domain, &site.dmarc)).chain(site.subdomains.iter().map(|s| (&s.name.value, &s.dmarc)));
    for (name, found) in sections {
        out.extend(found.as_ref().and_then(|d| dmarc_claim(name, d, findings)));
    }
    out.extend(site.tls_rpt.as_ref().and_then(|t| tls_rpt_claim(domain, t, findings)));
    out.extend(site.bimi.as_ref().and_then(|b| bimi_claim(domain, b, findings)));
    if let Some(caa) = &site.caa {
        out.extend(caa_claims(domain, caa, findings));
    }
    let no_mail = site.mail.as_ref().filter(|m| !m.value).map(|m| (domain, m.span, site.dmarc.is_none()));
    let subdomains = site
        .subdomains
        .iter()
        .filter_map(|s| Some((&s.name.value, s.mail.as_ref().filter(|m| !m.value)?.span, s.dmarc.is_none())));
    for (name, span, policy) in no_mail.into_iter().chain(subdomains) {
        out.push(claim(name.clone(), Rtype::MX, Rdata::mx(0, &Name::root()), span, Intent::NoMail));
        out.extend(txt(name.clone(), spf::NO_MAIL, span, Intent::NoMail, findings));
        if policy {
            let owner = below("_dmarc", name, findings, span);
            out.extend(owner.and_then(|o| txt(o, "v=DMARC1; p=reject", span, Intent::NoMail, findings)));
        }
    }
    out
}

fn dmarc_claim(name: &Name, found: &DmarcSection, findings: &mut Vec<Finding>) -> Option<Claim> {
    let mut sound = true;
    // Tag by tag, so that each mistake has its place.
    let tags: Vec<(&str, At<String>)> = found
        .tags
        .iter()
        .map(|(tag, value)| {
            let items = value.value.split(',').map(|i| ascii_address(i).unwrap_or_else(|| i.to_owned()));
            let joined = items.collect::<Vec<_>>().join(",");
            (*tag, At::new(if matches!(*tag, "rua" | "ruf") { joined } else { value.value.clone() }, value.span))
        })
        .collect();
    for (tag, value) in &tags {
        let start = "v=DMARC1; p=none; ";
        let text =
            if *tag == "p" { format!("v=DMARC1; p={}", value.value) } else { format!("{start}{tag}={}", value.value) };
        let (record, problems) = dmarc::parse(text.as_bytes());
        let own = if *tag == "p" { "v=DMARC1; ".len() } else { start.len() };
        let mut said = false;
        for problem in problems.iter().filter(|p| p.range.start >= own && p.kind.level() == Level::Error) {
            findings.push(Finding::error("site-dmarc", problem.kind.text()).at(value.span, Text::default()));
            sound = false;
            said = true;
        }
        for problem in problems.iter().filter(|p| p.kind == dmarc::Kind::Uri(UriFault::Size)) {
            let size = excerpt(text.get(problem.range.clone()).unwrap_or_default(), 20);
            findings.push(
                Finding::warning("site-dmarc", say!(en: "`{size}` is left out: a limit on the size of reports is gone since RFC 9989", ja: "`{size}` は書き出しません。レポートのサイズ指定は RFC 9989 で廃止されました"))
                    .next(say!(en: "take `{size}` out of the address", ja: "宛先から `{size}` を消します"))
                    .at(value.span, Text::default()),
            );
        }
        // One value must stay one tag: a `;` in it would make another.
        if !said && record.tags.tags().len() > if *tag == "p" { 2 } else { 3 } {
            findings.push(
                Finding::error(
                    "site-dmarc",
                    say!(en: "`{tag}` can't have `;` in it", ja: "`{tag}` に `;` は使えません"),
                )
                .at(value.span, Text::default()),
            );
            sound = false;
        }
    }
    if !sound {
        return None;
    }
    let all = tags.iter().map(|(t, v)| format!("{t}={}", v.value)).collect::<Vec<_>>().join("; ");
    let (record, _) = dmarc::parse(format!("v=DMARC1; {all}").as_bytes());
    let owner = below("_dmarc", name, findings, found.span)?;
    txt(owner, &record.dmarc.print(), found.span, Intent::Dmarc, findings)
}

fn uris(given: &[At<String>], id: &'static str, findings: &mut Vec<Finding>) -> Vec<ReportUri> {
    let mut out = Vec::new();
    for uri in given {
        match ascii_address(&uri.value).map_or_else(|| ReportUri::new(&uri.value), |ascii| ReportUri::new(&ascii)) {
            Ok(read) => out.push(read),
            Err(fault) => findings.push(Finding::error(id, fault.text()).at(uri.span, Text::default())),
        }
    }
    out
}

/// A `mailto:` address at an internationalised domain, with the domain in A-labels.
fn ascii_address(uri: &str) -> Option<String> {
    let (front, host) = uri.rsplit_once('@').filter(|_| !uri.is_ascii())?;
    let host = crate::zone::idn::to_ascii(host).ok()?.ascii;
    Some(format!("{front}@{host}"))
}

fn tls_rpt_claim(domain: &Name, found: &TlsRptSection, findings: &mut Vec<Finding>) -> Option<Claim> {
    let rua = uris(&found.rua, "site-tls-rpt", findings);
    if rua.is_empty() {
        return None;
    }
    let owner = below("_smtp._tls", domain, findings, found.span)?;
    txt(owner, &tls_rpt::record(&rua), found.span, Intent::TlsRpt, findings)
}

fn bimi_claim(domain: &Name, found: &BimiSection, findings: &mut Vec<Finding>) -> Option<Claim> {
    let mut sound = true;
    let avp = match found.avp.as_ref().map(|a| a.value.as_str()) {
        None | Some("brand") => bimi::Avatar::Brand,
        Some("personal") => bimi::Avatar::Personal,
        Some(_) => {
            let span = found.avp.as_ref().map_or(found.span, |a| a.span);
            findings.push(
                Finding::error(
                    "site-bimi",
                    say!(en: "`avp` is \"brand\" or \"personal\"", ja: "`avp` は \"brand\" か \"personal\" です"),
                )
                .at(span, Text::default()),
            );
            sound = false;
            bimi::Avatar::Brand
        }
    };
    for uri in std::iter::once(&found.l).filter(|l| !l.value.is_empty()).chain(&found.a) {
        let plain = uri.value.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b';' | b',' | b'"' | b'\\'));
        if !plain || !uri.value.starts_with("https://") {
            let shown = excerpt(&uri.value, 60);
            findings.push(
                Finding::error("site-bimi", say!(en: "“{shown}” must be an https:// address without `;` and `,`", ja: "「{shown}」は https:// で始まるアドレスにします（; と , は使えません）"))
                    .at(uri.span, Text::default()),
            );
            sound = false;
        }
    }
    let selector = found.selector.as_ref().map_or("default", |s| s.value.as_str());
    if let Some(given) = &found.selector {
        let is_label = !selector.is_empty() && selector.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_label {
            let shown = excerpt(selector, 40);
            findings.push(
                Finding::error("site-bimi", say!(en: "a selector is made of letters, digits and -: “{shown}”", ja: "セレクタは英数字と - で書きます（いまは「{shown}」）"))
                    .at(given.span, Text::default()),
            );
            return None;
        }
    }
    let owner = below(&format!("{selector}._bimi"), domain, findings, found.span)?;
    let l = Some(found.l.value.clone()).filter(|l| !l.is_empty());
    let value = bimi::Bimi { l, a: found.a.as_ref().map(|a| a.value.clone()), avp }.print();
    sound.then(|| txt(owner, &value, found.span, Intent::Bimi, findings)).flatten()
}

fn caa_claims(domain: &Name, found: &CaaSection, findings: &mut Vec<Finding>) -> Vec<Claim> {
    let mut out = Vec::new();
    for (tag, key, values) in &found.properties {
        let nobody = At::new(";".to_owned(), *key);
        let nothing = values.is_empty() && *tag != "iodef";
        for value in values.iter().chain(nothing.then_some(&nobody)) {
            if !value.value.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'"' && b != b'\\') {
                let shown = excerpt(&value.value, 60);
                findings.push(
                    Finding::error("site-caa", say!(en: "“{shown}” has a character that CAA does not take", ja: "「{shown}」に、CAA に使えない文字があります"))
                        .at(value.span, Text::default()),
                );
                continue;
            }
            match Rdata::parse(Rtype::CAA, format!("0 {tag} \"{}\"", value.value), Some(&Name::root())) {
                Ok(rdata) => out.push(claim(domain.clone(), Rtype::CAA, rdata, value.span, Intent::Caa)),
                Err(error) => findings.push(Finding::error("site-caa", error.text).at(value.span, Text::default())),
            }
        }
    }
    out
}

/// Checks what of `[mta-sts]` can be checked before the MX are known.
pub(super) fn check_mta_sts(found: &MtaStsSection, findings: &mut Vec<Finding>) {
    for pattern in &found.mx {
        if mta_sts::MxPattern::new(&pattern.value).is_none() {
            let shown = excerpt(&pattern.value, 60);
            findings.push(
                Finding::error("site-mta-sts", say!(en: "“{shown}” is not a host name or *.domain", ja: "「{shown}」はホスト名でも *.ドメイン でもありません"))
                    .at(pattern.span, Text::default()),
            );
        }
    }
    if let Some(host) = &found.host
        && host.value.parse::<IpAddr>().is_err()
        && crate::site::domain(&host.value).is_err()
    {
        let shown = excerpt(&host.value, 60);
        findings.push(
            Finding::error("site-mta-sts", say!(en: "“{shown}” is neither an address nor a host name", ja: "「{shown}」は IP アドレスでもホスト名でもありません"))
                .at(host.span, Text::default()),
        );
    }
}

/// The MTA-STS record, the policy host, and the policy's text. `mx` are the wanted MX hosts.
pub(super) fn mta_sts(
    domain: &Name,
    found: &MtaStsSection,
    mx: &[Name],
    findings: &mut Vec<Finding>,
) -> (Vec<Claim>, Option<String>) {
    let mode = mta_sts::Mode::from_word(&found.mode.value).unwrap_or(mta_sts::Mode::None);
    let given = found.mx.iter().map(|m| m.value.clone());
    let wanted = mx.iter().map(|m| m.display_without_dot().to_string().to_lowercase());
    let hosts: Vec<String> = if found.mx.is_empty() { wanted.collect() } else { given.collect() };
    let policy = mta_sts::Policy {
        mode,
        // A week: RFC 8461 §3.2 leaves it open; senders recommend at least a day, and a week survives a weekend.
        max_age: found.max_age.as_ref().map_or(604_800, |a| a.value),
        mx: hosts.iter().filter_map(|h| mta_sts::MxPattern::new(h)).collect(),
    };
    if policy.mx.is_empty() && mode != mta_sts::Mode::None {
        findings.push(
            Finding::error("mtasts-mx-mismatch", say!(en: "the MTA-STS policy names no MX host", ja: "MTA-STS のポリシーに MX がありません"))
                .at(found.span, Text::default())
                .next(say!(en: "write mx = [\"…\"] or add the service that receives", ja: "mx = [\"…\"] を書くか、受信するサービスを足してください")),
        );
    }
    let text = policy.print(mta_sts::LineEnd::Crlf);
    let mut out = Vec::new();
    if let Some(owner) = below("_mta-sts", domain, findings, found.span) {
        out.extend(txt(owner, &mta_sts::record(&text), found.span, Intent::MtaSts, findings));
    }
    if let (Some(host), Some(owner)) = (&found.host, below("mta-sts", domain, findings, found.span)) {
        let record = match host.value.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => Some((Rtype::A, Rdata::a(address))),
            Ok(IpAddr::V6(address)) => Some((Rtype::AAAA, Rdata::aaaa(address))),
            Err(_) => crate::site::domain(&host.value).ok().map(|target| (Rtype::CNAME, Rdata::cname(&target))),
        };
        out.extend(record.map(|(rtype, rdata)| claim(owner, rtype, rdata, host.span, Intent::MtaSts)));
    }
    (out, Some(text))
}
