//! The SPF questions that pins answer.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Known, Pins};
use crate::mail::spf::{Answer, Dns};
use crate::zone::{Name, Rdata, Rtype};

impl Pins {
    fn answer<T>(&self, name: &str, rtype: Rtype, read: impl Fn(&Rdata) -> Option<T>) -> Answer<T> {
        let Ok(name) = Name::parse_absolute(name) else { return Answer::NxDomain };
        match self.known(&name, rtype) {
            Known::Kept(pin) => Answer::Records(pin.values.iter().filter_map(read).collect()),
            Known::NoneThere => Answer::NoData,
            Known::Nothing => Answer::TempFail,
        }
    }
}

impl Dns for Pins {
    fn txt(&self, name: &str) -> Answer<Vec<u8>> {
        self.answer(name, Rtype::TXT, |rdata| Some(rdata.txt_joined()))
    }

    fn a(&self, name: &str) -> Answer<Ipv4Addr> {
        let read = |rdata: &Rdata| match rdata.as_address(Rtype::A) {
            Some(IpAddr::V4(address)) => Some(address),
            _ => None,
        };
        self.answer(name, Rtype::A, read)
    }

    fn aaaa(&self, name: &str) -> Answer<Ipv6Addr> {
        let read = |rdata: &Rdata| match rdata.as_address(Rtype::AAAA) {
            Some(IpAddr::V6(address)) => Some(address),
            _ => None,
        };
        self.answer(name, Rtype::AAAA, read)
    }

    fn mx(&self, name: &str) -> Answer<String> {
        self.answer(name, Rtype::MX, |rdata| rdata.target(Rtype::MX).map(|host| host.display_without_dot().to_string()))
    }

    fn ptr(&self, _: &str) -> Answer<String> {
        Answer::TempFail
    }
}
