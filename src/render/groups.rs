//! The order in which records are shown, and the heading of each group: what for, and for whom.

use crate::catalogue::sender::Purpose;
use crate::compose::{Composed, ComposedZone, Intent, Member, RrSet, Switched};
use crate::report::{Lang, Text};
use crate::say;
use crate::zone::Rtype;

/// What records are for, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    NameServers,
    Web,
    Receiving,
    Spf,
    Dkim,
    Dmarc,
    ReturnPath,
    Transport,
    Verification,
    MailApps,
    Certificates,
    Other,
}

impl Group {
    pub(super) fn of(set: &RrSet, member: &Member) -> Self {
        match (&member.intent, set.rtype) {
            (Intent::Template { purpose: Purpose::Delegation, .. }, _) | (_, Rtype::SOA | Rtype::NS | Rtype::DS) => {
                Group::NameServers
            }
            (Intent::Spf { .. }, _) => Group::Spf,
            (Intent::DkimKey { .. } | Intent::DkimCname { .. }, _) => Group::Dkim,
            (Intent::Dmarc | Intent::Template { purpose: Purpose::Dmarc, .. }, _) => Group::Dmarc,
            (Intent::MtaSts | Intent::TlsRpt | Intent::Bimi, _) => Group::Transport,
            (Intent::Caa, _) | (_, Rtype::CAA) => Group::Certificates,
            (Intent::Template { purpose: Purpose::ReturnPath, .. }, _) => Group::ReturnPath,
            (Intent::Template { purpose: Purpose::Verification, .. }, _) => Group::Verification,
            (Intent::Template { purpose: Purpose::Client, .. }, _) => Group::MailApps,
            (_, Rtype::MX) => Group::Receiving,
            (Intent::Template { purpose: Purpose::Web, .. }, _) => Group::Web,
            (Intent::NoMail, _) => Group::by_name(set, member),
            (Intent::ByHand, Rtype::TXT | Rtype::CNAME) => Group::by_name(set, member),
            (_, Rtype::A | Rtype::AAAA | Rtype::CNAME | Rtype::HTTPS) => Group::Web,
            _ => Group::Other,
        }
    }

    /// What a hand-written record is for is seen from its name.
    fn by_name(set: &RrSet, member: &Member) -> Self {
        let has = |label: &[u8]| set.name.labels().any(|l| l.eq_ignore_ascii_case(label));
        match set.rtype {
            _ if has(b"_domainkey") => Group::Dkim,
            _ if has(b"_dmarc") => Group::Dmarc,
            Rtype::TXT if crate::mail::spf::is_spf(&member.rdata.txt_joined()) => Group::Spf,
            Rtype::CNAME => Group::Web,
            _ => Group::Other,
        }
    }

    pub(super) fn title(self) -> Text {
        match self {
            Group::NameServers => say!(en: "Name servers", ja: "ネームサーバー"),
            Group::Web => say!(en: "Web and hosts", ja: "Web とホスト"),
            Group::Receiving => say!(en: "Receiving mail", ja: "メールの受信"),
            Group::Spf => say!(en: "SPF: who may send", ja: "SPF（送信してよいサーバー）"),
            Group::Dkim => say!(en: "DKIM: keys of signatures", ja: "DKIM（署名の鍵）"),
            Group::Dmarc => say!(en: "DMARC: what to do with failures", ja: "DMARC（失敗したメールの扱い）"),
            Group::ReturnPath => say!(en: "Return-Path hosts", ja: "Return-Path のホスト"),
            Group::Transport => say!(en: "MTA-STS, TLS-RPT, BIMI", ja: "MTA-STS・TLS-RPT・BIMI"),
            Group::Verification => say!(en: "Proof of ownership", ja: "所有の確認"),
            Group::MailApps => say!(en: "Settings for mail programs", ja: "メールソフトの自動設定"),
            Group::Certificates => say!(en: "CAA: who may issue certificates", ja: "CAA（証明書を発行してよい会社）"),
            Group::Other => say!(en: "Other records", ja: "そのほか"),
        }
    }
}

/// The companies that want a record, each once, in the order of their claims, as one text. The site itself is not named.
pub(super) fn companies(composed: &Composed, member: &Member, lang: Lang) -> String {
    let of_terms = match &member.intent {
        Intent::Spf { terms, .. } => terms.as_slice(),
        _ => &[],
    };
    let mut out: Vec<String> = Vec::new();
    let all = member.origins.iter().chain(of_terms.iter().flat_map(|(_, origins)| origins));
    for origin in all.filter(|o| o.party != 0) {
        let name = composed.party(origin).get(lang).to_owned();
        if !out.contains(&name) {
            out.push(name);
        }
    }
    out.join(match lang {
        Lang::En => ", ",
        Lang::Ja => "、",
    })
}

/// What a switch makes and the zone does not have. Where it has it, the record itself is marked.
pub(super) fn switched(zone: &ComposedZone) -> Vec<&Switched> {
    zone.switched.iter().filter(|s| zone.rrset(&s.name, s.rtype).is_none()).collect()
}

/// A comment on one line, with nothing in it that could end the line or hide.
pub(super) fn comment(text: &str) -> String {
    crate::report::visible(&text.replace(['\n', '\r'], " ")).into_owned()
}
