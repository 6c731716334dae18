//! A text from the web: who gets it, and what can become of that, with the words for people. Opens nothing.

use std::io;
use std::net::IpAddr;

use super::answer::obstacle;
use crate::report::{Text, excerpt};
use crate::say;
use crate::zone::Name;

/// Most octets of a text: what RFC 8461 §3.3 suggests for a policy.
pub const TEXT_MAX: u64 = 65_536;

/// Whoever gets texts over HTTPS.
pub trait Fetch: Sync {
    /// Gets `https://host/path` from one of these addresses, as RFC 8461 §3.3 has it: the certificate is valid for the host, no redirect is
    /// followed, the text is `text/plain` and has at most [`TEXT_MAX`] octets. It comes back in bounded time.
    ///
    /// # Errors
    /// What became of it instead.
    fn get(&self, host: &Name, path: &str, addresses: &[IpAddr]) -> Result<Vec<u8>, FetchFault>;
}

/// Why there is no text. What the server said stands in it as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchFault {
    /// No connection.
    Unreachable(io::ErrorKind),
    /// Not all of it came in time.
    Timeout,
    /// The certificate does not count.
    Certificate(CertificateFault),
    /// No TLS connection for another reason.
    Tls(String),
    /// Another place is named, which is not followed.
    Redirect {
        /// The status, 300 to 399.
        status: u16,
        /// `Location`.
        to: Option<String>,
    },
    /// Another status than 200.
    Status(u16),
    /// Another media type than `text/plain`.
    NotText(Option<String>),
    /// More than [`TEXT_MAX`] octets.
    TooLarge,
    /// What came is no HTTP, or was cut.
    Broken(String),
}

/// Why a certificate does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It is for these names.
    OtherName(Vec<String>),
    /// Nobody who is trusted has issued it, or what is between is not sent.
    UnknownIssuer,
    /// Something else.
    Other(String),
}

impl FetchFault {
    /// Whether this network may be why, so that nothing is known of the server.
    #[must_use]
    pub fn may_be_ours(&self) -> bool {
        matches!(self, Self::Unreachable(kind) if !matches!(kind, io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset))
    }

    /// What happened, a clause.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Unreachable(io::ErrorKind::ConnectionRefused) => {
                say!(en: "no web server listens there (port 443)", ja: "ウェブサーバー（443 番ポート）が動いていません")
            }
            Self::Unreachable(kind) => {
                let why = obstacle(*kind);
                say!(en: "the server cannot be reached: {why}", ja: "サーバーに接続できません（{why}）"; why = why)
            }
            Self::Timeout => say!(en: "the server did not answer in time", ja: "サーバーが時間内に応答しませんでした"),
            Self::Certificate(fault) => fault.text(),
            Self::Tls(why) => {
                let why = excerpt(why, 120);
                say!(en: "no TLS connection comes about: {why}", ja: "TLS で接続できません（{why}）")
            }
            Self::Redirect { status, to } => match to {
                Some(to) => {
                    let to = excerpt(to, 120);
                    say!(en: "the server redirects (HTTP {status}) to {to}, which senders do not follow", ja: "サーバーが {to} に転送しています（HTTP {status}）。送信側は転送に従いません")
                }
                None => {
                    say!(en: "the server redirects (HTTP {status}), which senders do not follow", ja: "サーバーが転送しています（HTTP {status}）。送信側は転送に従いません")
                }
            },
            Self::Status(404) => say!(en: "there is no such file (HTTP 404)", ja: "ファイルがありません（HTTP 404）"),
            Self::Status(status) => {
                say!(en: "the server answers with HTTP {status}, not 200", ja: "サーバーの応答が 200 ではなく HTTP {status} です")
            }
            Self::NotText(Some(media)) => {
                let media = excerpt(media, 60);
                say!(en: "the file is served as {media}, not as text/plain", ja: "ファイルの種類が text/plain ではなく {media} です")
            }
            Self::NotText(None) => {
                say!(en: "the server does not say that the file is text/plain", ja: "ファイルの種類（text/plain）が示されていません")
            }
            Self::TooLarge => {
                say!(en: "the file is larger than {TEXT_MAX} bytes", ja: "ファイルが {TEXT_MAX} バイトを超えています")
            }
            Self::Broken(why) => {
                let why = excerpt(why, 120);
                say!(en: "the answer cannot be used: {why}", ja: "応答を読めません（{why}）")
            }
        }
    }
}

impl CertificateFault {
    fn text(&self) -> Text {
        match self {
            Self::Expired => say!(en: "the certificate has expired", ja: "証明書の有効期限が切れています"),
            Self::NotYetValid => say!(en: "the certificate is not valid yet", ja: "証明書がまだ有効になっていません"),
            Self::OtherName(names) if names.is_empty() => {
                say!(en: "the certificate is not valid for this name", ja: "証明書がこの名前のものではありません")
            }
            Self::OtherName(names) => {
                let names = excerpt(&names.join(", "), 160);
                say!(en: "the certificate is not valid for this name, only for {names}", ja: "証明書がこの名前のものではありません（{names} のもの）")
            }
            Self::UnknownIssuer => {
                say!(en: "the certificate is of nobody who is trusted: it is self-signed, or the one between is not sent", ja: "証明書の発行元が信頼できません（自己署名か、中間証明書が送られていません）")
            }
            Self::Other(why) => {
                let why = excerpt(why, 120);
                say!(en: "the certificate does not count: {why}", ja: "証明書が正しくありません（{why}）")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_apart_in_both_languages_and_have_no_power() {
        let evil = || "\u{1b}[2J".to_owned();
        let certificate = FetchFault::Certificate;
        let all = [
            FetchFault::Unreachable(io::ErrorKind::ConnectionRefused),
            FetchFault::Unreachable(io::ErrorKind::NetworkUnreachable),
            FetchFault::Timeout,
            certificate(CertificateFault::Expired),
            certificate(CertificateFault::NotYetValid),
            certificate(CertificateFault::OtherName(vec![evil()])),
            certificate(CertificateFault::OtherName(Vec::new())),
            certificate(CertificateFault::UnknownIssuer),
            certificate(CertificateFault::Other(evil())),
            FetchFault::Tls(evil()),
            FetchFault::Redirect { status: 301, to: Some(evil()) },
            FetchFault::Redirect { status: 301, to: None },
            FetchFault::Status(404),
            FetchFault::Status(500),
            FetchFault::NotText(Some(evil())),
            FetchFault::NotText(None),
            FetchFault::TooLarge,
            FetchFault::Broken(evil()),
        ];
        let texts: Vec<Text> = all.iter().map(FetchFault::text).collect();
        for (at, text) in texts.iter().enumerate() {
            assert!(!text.en.contains(['\u{1b}', '{']) && !text.ja.contains(['\u{1b}', '{']), "{text:?}");
            assert!(texts.iter().skip(at + 1).all(|other| other.en != text.en && other.ja != text.ja), "{text:?}");
        }
    }
}
