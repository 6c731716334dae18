//! Whole zones, as name servers hand them out (AXFR, RFC 5936): who does, and what can be in the way. Opens no socket.

use std::{fmt, io};

use super::{Malformation, Source, answer::obstacle};
use crate::{
    report::Text,
    say,
    zone::{Name, Record},
};

/// Whoever hands out whole zones.
pub trait Transfer: Sync {
    /// All records of a zone, its SOA first and only once. It comes back in bounded time, with bounded memory.
    ///
    /// # Errors
    /// Why there is no whole zone. What came of it until then is not given: a part would be taken for the whole.
    fn transfer(&self, zone: &Name) -> Result<Vec<Record>, TransferError>;

    /// Who that is.
    fn source(&self) -> Source;
}

/// A zone that was not handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferError {
    /// Which.
    pub zone: Name,
    /// By whom.
    pub from: Source,
    /// Why.
    pub fault: TransferFault,
}

/// Why a zone was not handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferFault {
    /// REFUSED: the server does not hand it out, or not to this address.
    Refused,
    /// NOTAUTH: the server does not serve it.
    NotAuthoritative,
    /// Another response code (RFC 6895 §2.3).
    Code(u16),
    /// No connection, or no answer, came in time.
    Silent,
    /// It was not over in time.
    Late {
        /// Records until then.
        records: usize,
    },
    /// The server cannot be reached.
    Unreachable(io::ErrorKind),
    /// The connection was closed before anything came.
    Closed,
    /// The connection was closed before the SOA came for the second time.
    Cut {
        /// Records until then.
        records: usize,
    },
    /// Something in it cannot be used.
    Malformed(Malformation),
    /// It does not begin with the zone's SOA (RFC 5936 §2.2).
    NoSoa,
    /// It ends in another SOA than it began with.
    Changed,
    /// More records than are taken.
    TooMany(usize),
    /// More octets than are taken.
    TooLarge(usize),
}

impl TransferError {
    /// What happened.
    #[must_use]
    pub fn text(&self) -> Text {
        let (zone, who) = (self.zone.display_without_dot().to_string(), self.from.text());
        match &self.fault {
            TransferFault::Refused => say!(
                en: "{who} does not hand out the zone {zone} to this computer (REFUSED)",
                ja: "{who}は、{zone} のゾーンをこのコンピューターに渡しません（REFUSED）"; who = who
            ),
            TransferFault::NotAuthoritative => say!(
                en: "{who} does not serve the zone {zone} (NOTAUTH)",
                ja: "{who}は {zone} のゾーンを受け持っていません（NOTAUTH）"; who = who
            ),
            TransferFault::Code(code) => say!(
                en: "{who} did not hand out the zone {zone} (response code {code})",
                ja: "{who}は {zone} のゾーンを渡しませんでした（応答コード {code}）"; who = who
            ),
            TransferFault::Silent => say!(
                en: "{who} was silent when it was asked for the zone {zone}",
                ja: "{who}に {zone} のゾーンを求めましたが、応答がありませんでした"; who = who
            ),
            TransferFault::Late { records } => say!(
                en: "{who} did not come to the end of the zone {zone} in time (records until then: {records})",
                ja: "{who}からの {zone} のゾーンは、時間内に終わりませんでした（それまでに {records} 件）"; who = who
            ),
            TransferFault::Unreachable(kind) => {
                let why = obstacle(*kind);
                say!(en: "{who} cannot be reached over TCP: {why}", ja: "{who}に TCP で接続できません（{why}）"; who = who, why = why)
            }
            TransferFault::Closed => say!(
                en: "{who} closed the connection when it was asked for the zone {zone}",
                ja: "{who}に {zone} のゾーンを求めると、何も送らずに接続を切られました"; who = who
            ),
            TransferFault::Cut { records } => say!(
                en: "{who} closed the connection in the middle of the zone {zone} (records until then: {records})",
                ja: "{who}は、{zone} のゾーンを送り終える前に接続を切りました（それまでに {records} 件）"; who = who
            ),
            TransferFault::Malformed(malformation) => {
                let why = malformation.text();
                say!(
                    en: "what {who} sent of the zone {zone} cannot be used: {why}",
                    ja: "{who}から届いた {zone} のゾーンは使えません（{why}）"; who = who, why = why
                )
            }
            TransferFault::NoSoa => say!(
                en: "what {who} sent does not begin with the SOA of {zone}, so it is not the zone",
                ja: "{who}から届いたものは {zone} の SOA で始まらないため、ゾーン全体ではありません"; who = who
            ),
            TransferFault::Changed => say!(
                en: "the zone {zone} changed while {who} sent it",
                ja: "{who}が送っている間に {zone} のゾーンが変わりました"; who = who
            ),
            TransferFault::TooMany(most) => say!(
                en: "{who} sends more than {most} records of the zone {zone}, or never ends",
                ja: "{who}から {zone} のレコードが {most} 件を超えて届きました（終わりがないのかもしれません）"; who = who
            ),
            TransferFault::TooLarge(most) => say!(
                en: "{who} sends more than {most} bytes of the zone {zone}, or never ends",
                ja: "{who}から {zone} のゾーンが {most} バイトを超えて届きました（終わりがないのかもしれません）"; who = who
            ),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn next(&self) -> Text {
        let zone = self.zone.display_without_dot().to_string();
        match &self.fault {
            TransferFault::Refused | TransferFault::Closed | TransferFault::Code(_) => say!(
                en: "allow the transfer to this computer at the server (BIND: allow-transfer, NSD: provide-xfr), or use the zone file or list that the panel gives; --live asks name by name",
                ja: "サーバーの側で、このコンピューターへの転送を許可するか（BIND は allow-transfer、NSD は provide-xfr）、管理画面のゾーンファイルや一覧を使ってください。--live なら名前を 1 つずつ調べます"
            ),
            TransferFault::NotAuthoritative => say!(
                en: "name a server of the zone; nslookup -type=NS {zone} shows them",
                ja: "ゾーンを受け持つサーバーを指定してください（nslookup -type=NS {zone} で分かります）"
            ),
            TransferFault::Silent | TransferFault::Unreachable(_) => say!(
                en: "check the address, the network and the firewall (TCP port 53)",
                ja: "アドレスとネットワーク、ファイアウォール（TCP の 53 番ポート）を確かめてください"
            ),
            TransferFault::Late { .. } | TransferFault::Cut { .. } | TransferFault::Changed => say!(
                en: "run it again; nothing of what came was used",
                ja: "もう一度実行してください。届いた分は使っていません"
            ),
            TransferFault::Malformed(_) | TransferFault::NoSoa => say!(
                en: "tell whoever runs the name server, or use the zone file",
                ja: "ネームサーバーの管理者に知らせるか、ゾーンファイルを使ってください"
            ),
            TransferFault::TooMany(_) | TransferFault::TooLarge(_) => {
                say!(en: "use the zone file", ja: "ゾーンファイルを使ってください")
            }
        }
    }
}

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for TransferError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_apart_in_both_languages() {
        let faults = [
            TransferFault::Refused,
            TransferFault::NotAuthoritative,
            TransferFault::Code(2),
            TransferFault::Silent,
            TransferFault::Late { records: 3 },
            TransferFault::Unreachable(io::ErrorKind::ConnectionRefused),
            TransferFault::Closed,
            TransferFault::Cut { records: 3 },
            TransferFault::Malformed(Malformation::Message),
            TransferFault::NoSoa,
            TransferFault::Changed,
            TransferFault::TooMany(5),
            TransferFault::TooLarge(5),
        ];
        let zone = Name::from_labels([&b"\x1b[2J"[..], b"com"]).unwrap();
        let from = Source::NameServer("192.0.2.53:53".parse().unwrap());
        let errors = faults.map(|fault| TransferError { zone: zone.clone(), from, fault });
        for (at, error) in errors.iter().enumerate() {
            let (text, next) = (error.text(), error.next());
            assert!(text.en.contains("192.0.2.53") && text.ja.contains("192.0.2.53"), "{text:?}");
            assert!(![&text.en, &text.ja, &next.en, &next.ja].iter().any(|t| t.contains(['{', '\u{1b}'])), "{text:?}");
            assert!(errors.iter().skip(at + 1).all(|other| other.text().en != text.en && other.text().ja != text.ja));
        }
    }
}
