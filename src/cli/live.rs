//! `--live` and `--resolver`: who is asked, and what a domain has now.

use crate::live::{Network, Outcome, Question, Resolve as _, server};
use crate::report::{Lang, Text};
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
    /// The NS of the zone that it is in.
    pub name_servers: Vec<Record>,
    /// Its MX and TXT.
    pub records: Vec<Record>,
}

/// Looks at NS, MX and TXT of a domain. What can't be found out is told.
pub(super) fn look(network: &Network, domain: &Name, lang: Lang) -> Looked {
    // A domain below another one may be in that one's zone; three levels up is more than anybody has.
    let mut zones = vec![domain.clone()];
    while let Some(parent) = zones.last().and_then(Name::parent).filter(|p| p.label_count() > 1 && zones.len() < 4) {
        zones.push(parent);
    }
    let question = |name: &Name, rtype| Question { name: name.clone(), rtype };
    let mut questions = vec![question(domain, Rtype::MX), question(domain, Rtype::TXT)];
    questions.extend(zones.iter().map(|zone| question(zone, Rtype::NS)));
    let mut looked = Looked::default();
    let mut told: Vec<Text> = Vec::new();
    for answer in network.ask_all(&questions) {
        let is_ns = answer.question.rtype == Rtype::NS;
        // The nearest zone counts, and an alias is no zone.
        if is_ns && (!looked.name_servers.is_empty() || !answer.chain.is_empty()) {
            continue;
        }
        match answer.records() {
            Some(records) if is_ns => looked.name_servers.extend(records.iter().cloned()),
            Some(records) => looked.records.extend(records.iter().cloned()),
            None => told.push(answer.text()),
        }
        if matches!(answer.outcome, Outcome::NxDomain) && answer.question.name == *domain && told.is_empty() {
            told.push(answer.text());
        }
    }
    // That a server can't be reached is the same for every question.
    told.dedup();
    for text in told {
        output::stderr(&format!("{}\n", super::note(&text, lang)));
    }
    looked
}
