//! Texts over HTTPS, from addresses that were looked up here and not by the system; with [`super::network`] the only one that opens sockets.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rustls::CertificateError;
use ureq::config::Config;
use ureq::http::{Uri, header};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

use super::fetch::{CertificateFault, Fetch, FetchFault, TEXT_MAX};
use super::network::Patience;
use crate::report::Text;
use crate::say;
use crate::zone::Name;

/// The port of HTTPS.
const PORT: u16 = 443;

/// Whom certificates may be of.
#[derive(Clone, Debug)]
pub struct Roots(RootCerts);

impl Default for Roots {
    /// Those of Mozilla, as they were when this was built.
    fn default() -> Self {
        Self(RootCerts::WebPki)
    }
}

impl Roots {
    /// The certificates of a PEM file.
    ///
    /// # Errors
    /// It holds none, or something that cannot be read.
    pub fn of_pem(pem: &[u8]) -> Result<Self, Text> {
        let mut certificates: Vec<Certificate<'static>> = Vec::new();
        for item in parse_pem(pem) {
            match item {
                Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
                Ok(_) => {}
                Err(_) => {
                    return Err(
                        say!(en: "it is no PEM file of certificates", ja: "証明書の PEM ファイルとして読めません"),
                    );
                }
            }
        }
        if certificates.is_empty() {
            return Err(say!(en: "it holds no certificate", ja: "証明書が入っていません"));
        }
        Ok(Self(RootCerts::Specific(Arc::new(certificates))))
    }
}

/// A client.
#[derive(Clone, Debug)]
pub struct Https {
    roots: Roots,
    port: u16,
    patience: Patience,
}

impl Https {
    /// One that trusts these.
    #[must_use]
    pub fn new(roots: Roots) -> Self {
        // RFC 8461 §3.3 suggests a minute for all; a person waits for this, and many sites are checked at once.
        let patience =
            Patience { attempt: std::time::Duration::from_secs(5), total: std::time::Duration::from_secs(20) };
        Self { roots, port: PORT, patience }
    }

    /// The same at another port than senders look at: for a server that is being set up, and for tests.
    #[must_use]
    pub fn at_port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// The same with another patience.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }
}

/// Says what is known already.
#[derive(Debug)]
struct Known(Vec<SocketAddr>);

impl Resolver for Known {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut out = self.empty();
        // As many as the array holds.
        self.0.iter().take(16).for_each(|address| out.push(*address));
        if self.0.is_empty() { Err(Error::HostNotFound) } else { Ok(out) }
    }
}

impl Fetch for Https {
    fn get(&self, host: &Name, path: &str, addresses: &[IpAddr]) -> Result<Vec<u8>, FetchFault> {
        let config = Config::builder()
            .https_only(true)
            .max_redirects(0)
            .http_status_as_error(false)
            // A proxy would look the host up by itself.
            .proxy(None)
            .timeout_connect(Some(self.patience.attempt))
            .timeout_global(Some(self.patience.total))
            .user_agent("zoneplan")
            .accept("text/plain")
            .tls_config(TlsConfig::builder().root_certs(self.roots.0.clone()).build())
            .build();
        let known = Known(addresses.iter().map(|ip| SocketAddr::new(*ip, self.port)).collect());
        let agent = Agent::with_parts(config, DefaultConnector::default(), known);
        // The port stands in no URL: it is the server's own matter, and the certificate's name has none.
        let url = format!("https://{}{path}", host.display_without_dot().to_string().to_ascii_lowercase());
        let mut response = agent.get(&url).call().map_err(fault)?;
        let header = |name| response.headers().get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
        match response.status().as_u16() {
            200 => {}
            status @ 300..400 => return Err(FetchFault::Redirect { status, to: header(header::LOCATION) }),
            status => return Err(FetchFault::Status(status)),
        }
        let media = header(header::CONTENT_TYPE);
        let is_text =
            |media: &String| media.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/plain"));
        if !media.as_ref().is_some_and(is_text) {
            return Err(FetchFault::NotText(media));
        }
        response.body_mut().with_config().limit(TEXT_MAX).read_to_vec().map_err(fault)
    }
}

/// What ureq's error means.
fn fault(error: Error) -> FetchFault {
    match error {
        Error::Timeout(_) => FetchFault::Timeout,
        Error::BodyExceedsLimit(_) | Error::LargeResponseHeader(..) => FetchFault::TooLarge,
        Error::Rustls(error) => of_tls(&error),
        Error::Tls(why) => FetchFault::Tls(why.to_owned()),
        Error::HostNotFound | Error::ConnectionFailed => FetchFault::Unreachable(io::ErrorKind::HostUnreachable),
        Error::Io(error) => of_io(&error),
        other => FetchFault::Broken(other.to_string()),
    }
}

fn of_io(error: &io::Error) -> FetchFault {
    use io::ErrorKind;
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return of_tls(tls);
    }
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => FetchFault::Timeout,
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData => FetchFault::Broken(error.to_string()),
        kind => FetchFault::Unreachable(kind),
    }
}

fn of_tls(error: &rustls::Error) -> FetchFault {
    let rustls::Error::InvalidCertificate(why) = error else { return FetchFault::Tls(error.to_string()) };
    FetchFault::Certificate(match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateFault::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => CertificateFault::NotYetValid,
        CertificateError::NotValidForName => CertificateFault::OtherName(Vec::new()),
        CertificateError::NotValidForNameContext { presented, .. } => CertificateFault::OtherName(presented.clone()),
        CertificateError::UnknownIssuer => CertificateFault::UnknownIssuer,
        other => CertificateFault::Other(other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_certificates() {
        assert!(Roots::of_pem(b"").is_err());
        assert!(Roots::of_pem(b"-----BEGIN CERTIFICATE-----\nnot base64!\n-----END CERTIFICATE-----\n").is_err());
    }
}
