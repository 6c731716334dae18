//! A server as people write it: `--resolver ADDR[:PORT]`. Opens nothing.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6},
};

use crate::{
    report::{Text, excerpt},
    say,
};

/// The port of DNS (RFC 1035 §4.2).
pub const PORT: u16 = 53;

/// Reads `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:5353`; without a port it is [`PORT`]. A link-local IPv6
/// address takes the number of its interface, `fe80::1%2`. Names are not taken: to look them up a server is needed first.
///
/// # Errors
/// Anything else, and addresses where no server can be: unspecified, broadcast, multicast.
pub fn parse(text: &str) -> Result<SocketAddr, ServerError> {
    let fail = |fault| Err(ServerError { fault, shown: excerpt(text, 60) });
    if text.is_empty() {
        return fail(ServerFault::Empty);
    }
    let inner = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(text);
    let address = if let Ok(ip) = text.parse::<IpAddr>() {
        SocketAddr::new(ip, PORT)
    } else if let Ok(address) = text.parse::<SocketAddr>() {
        address
    } else if let Ok(address) = format!("[{inner}]:{PORT}").parse::<SocketAddrV6>() {
        address.into()
    } else {
        return fail(fault(text));
    };
    let broadcast = matches!(address.ip(), IpAddr::V4(ip) if ip.is_broadcast());
    if address.port() == 0 {
        fail(ServerFault::Port)
    } else if address.ip().is_unspecified() || address.ip().is_multicast() || broadcast {
        fail(ServerFault::NoServer)
    } else {
        Ok(address)
    }
}

/// What is wrong with text that is no address.
fn fault(text: &str) -> ServerFault {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let inner = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let is_address = match inner {
        Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<Ipv4Addr>().is_ok(),
    };
    if port.is_some() && is_address {
        return ServerFault::Port;
    }
    let is_name = host.contains(char::is_alphabetic) && !host.contains(':') && !text.contains('/');
    if is_name { ServerFault::Name } else { ServerFault::NoAddress }
}

/// A server's address for people; the usual port is not mentioned.
#[must_use]
pub fn shown(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(v4) if v4.port() == PORT => v4.ip().to_string(),
        SocketAddr::V6(v6) if v6.port() == PORT && v6.scope_id() == 0 => v6.ip().to_string(),
        _ => address.to_string(),
    }
}

/// Text that names no server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    /// What is wrong.
    pub fault: ServerFault,
    /// The text, cut and made visible for showing.
    pub shown: String,
}

/// What is wrong with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerFault {
    /// No text.
    Empty,
    /// A name instead of an address.
    Name,
    /// An address with a port that is none.
    Port,
    /// An address that belongs to no single server.
    NoServer,
    /// Something else.
    NoAddress,
}

impl ServerError {
    /// The sentence for people.
    #[must_use]
    pub fn text(&self) -> Text {
        let shown = &self.shown;
        match self.fault {
            ServerFault::Empty => say!(
                en: "the address of the DNS server is empty; write it as 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353",
                ja: "DNS サーバーのアドレスが空です。192.0.2.1、192.0.2.1:5353、[2001:db8::1]:5353 のように書きます"
            ),
            ServerFault::Name => say!(
                en: "{shown} is a name; write the address of the DNS server, since a name would need one to be looked up",
                ja: "{shown} は名前です。名前を調べるにも DNS サーバーが必要なので、アドレス（192.0.2.1 など）で書きます"
            ),
            ServerFault::Port => say!(
                en: "{shown} has no usable port; a port is 1 to 65535, and 53 if you leave it out",
                ja: "{shown} のポート番号が正しくありません。1〜65535 で書きます。省くと 53 です"
            ),
            ServerFault::NoServer => say!(
                en: "no single DNS server has the address {shown}; for the one on this computer write 127.0.0.1",
                ja: "{shown} は 1 台のサーバーを指すアドレスではありません。このコンピューターの DNS サーバーなら 127.0.0.1 と書きます"
            ),
            ServerFault::NoAddress => say!(
                en: "{shown} is no address of a DNS server; write it as 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353",
                ja: "{shown} は DNS サーバーのアドレスとして読めません。192.0.2.1、192.0.2.1:5353、[2001:db8::1]:5353 のように書きます"
            ),
        }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for ServerError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_a_port() {
        for (text, address, again) in [
            ("192.0.2.1", "192.0.2.1:53", "192.0.2.1"),
            ("192.0.2.1:5353", "192.0.2.1:5353", "192.0.2.1:5353"),
            ("127.0.0.1:65535", "127.0.0.1:65535", "127.0.0.1:65535"),
            ("2001:db8::1", "[2001:db8::1]:53", "2001:db8::1"),
            ("[2001:DB8::1]", "[2001:db8::1]:53", "2001:db8::1"),
            ("[2001:db8::1]:5353", "[2001:db8::1]:5353", "[2001:db8::1]:5353"),
            ("::1", "[::1]:53", "::1"),
            ("::ffff:192.0.2.1", "[::ffff:192.0.2.1]:53", "::ffff:192.0.2.1"),
            // The last group is a part of the address (RFC 5952 §6), not a port.
            ("2001:db8::1:5353", "[2001:db8::1:5353]:53", "2001:db8::1:5353"),
            ("fe80::1%2", "[fe80::1%2]:53", "[fe80::1%2]:53"),
            ("[fe80::1%2]:54", "[fe80::1%2]:54", "[fe80::1%2]:54"),
        ] {
            let read = parse(text).unwrap();
            assert_eq!(read, address.parse().unwrap(), "{text}");
            assert_eq!(shown(read), again, "{text}");
            assert_eq!(parse(&shown(read)), Ok(read), "{text}");
        }
    }

    #[test]
    fn everything_else_is_told_apart() {
        for (text, fault) in [
            ("", ServerFault::Empty),
            ("dns.example.net", ServerFault::Name),
            ("dns.example.net:53", ServerFault::Name),
            ("localhost", ServerFault::Name),
            ("リゾルバー", ServerFault::Name),
            ("192.0.2.1:", ServerFault::Port),
            ("192.0.2.1:0", ServerFault::Port),
            ("192.0.2.1:65536", ServerFault::Port),
            ("192.0.2.1:dns", ServerFault::Port),
            ("[2001:db8::1]:0", ServerFault::Port),
            ("[2001:db8::1]:", ServerFault::Port),
            ("0.0.0.0", ServerFault::NoServer),
            ("[::]:53", ServerFault::NoServer),
            ("255.255.255.255", ServerFault::NoServer),
            ("224.0.0.251:5353", ServerFault::NoServer),
            ("ff02::fb", ServerFault::NoServer),
            ("192.0.2", ServerFault::NoAddress),
            ("192.0.2.256", ServerFault::NoAddress),
            ("192.0.2.1.53", ServerFault::NoAddress),
            ("[192.0.2.1]:53", ServerFault::NoAddress),
            ("[2001:db8::1", ServerFault::NoAddress),
            ("2001:db8::1]", ServerFault::NoAddress),
            ("[[2001:db8::1]]", ServerFault::NoAddress),
            ("2001:db8::g", ServerFault::NoAddress),
            (" 192.0.2.1", ServerFault::NoAddress),
            ("https://192.0.2.1/dns-query", ServerFault::NoAddress),
            ("53", ServerFault::NoAddress),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.fault, fault, "{text}");
            assert!(!error.text().en.is_empty() && !error.text().ja.is_empty());
        }
    }

    #[test]
    fn what_was_typed_has_no_power_over_the_terminal() {
        let error = parse("\u{1b}[2Jdns").unwrap_err();
        assert_eq!(error.shown, "<U+001B>[2Jdns");
        assert!(parse(&"9".repeat(1000)).unwrap_err().text().en.chars().count() < 200);
    }
}
