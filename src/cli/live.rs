//! `--live` and `--resolver`: who is asked, and what a domain has now.

use crate::current::asked;
use crate::live::{Network, Question, Teller, server, zone_of};
use crate::report::{Lang, Severity, Sources, Text};
use crate::say;
use crate::zone::{Name, Record, Rtype};

use super::args::LiveArgs;
use super::output;

/// The resolver that the arguments name, else the system's; none if nothing is to be looked up.
///
/// # Errors
/// It can't be asked: why.
pub(super) fn resolver(args: &LiveArgs) -> Result<Option<Network>, Text> {
    match &args.resolver {
        Some(text) => match server::parse(text) {
            Ok(address) => Ok(Some(Network::resolver(address))),
            Err(error) => {
                let why = error.text();
                Err(say!(en: "--resolver: {why}", ja: "--resolver: {why}"; why = why))
            }
        },
        None if args.live => Network::system().map(Some).map_err(|e| e.text()),
        None => Ok(None),
    }
}

/// What was looked up of a domain.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// The zone that it is in, and the name servers of that.
    pub name_servers: Option<(Name, Vec<Name>)>,
    /// Its MX and TXT.
    pub records: Vec<Record>,
}

/// Looks at NS, MX and TXT of a domain. What can't be found out is told.
pub(super) fn look(network: &Network, domain: &Name, lang: Lang) -> Looked {
    const WANTED: [Rtype; 2] = [Rtype::MX, Rtype::TXT];
    let questions = || WANTED.map(|rtype| Question { name: domain.clone(), rtype }).to_vec();
    let (records, findings) = match asked::read(Teller::Asked(network), domain, questions) {
        Ok(mut read) => {
            let findings = std::mem::take(&mut read.findings);
            let current = read.into_current(&mut Sources::default());
            (WANTED.iter().flat_map(|rtype| current.of(domain, *rtype)).cloned().collect(), findings)
        }
        Err(why) => (Vec::new(), why),
    };
    // That it is a part of the zone goes without saying, and no TTL is needed.
    for finding in findings.iter().filter(|f| !matches!(f.id, "current-asked" | "current-ttl-unknown")) {
        output::stderr(&format!("{}\n", super::note(&finding.title, lang)));
    }
    let is_silent =
        findings.iter().any(|finding| finding.severity == Severity::Error && finding.id == "current-unanswered");
    // What is handed out by a registry is nobody's panel.
    let zone = if is_silent { None } else { zone_of(network, domain) };
    Looked { name_servers: zone.filter(|(zone, _)| zone.label_count() > 1), records }
}
