//! `--live`, `--resolver`, `--dns`, `--server`: who tells a zone as it is, where no file does.

use std::net::SocketAddr;
use std::path::PathBuf;
#[cfg(feature = "live")]
use std::time::Duration;

use crate::live::{Answer, Dns, Fixture, InTurn, Question, Resolve, Teller};
#[cfg(feature = "live")]
use crate::live::{Network, axfr, network::Patience, server};
use crate::report::Text;
use crate::say;
use crate::site::{Files as _, domain};
use crate::zone::master::{Item, Reader};
use crate::zone::{Name, Rtype};

use super::args::NowArgs;
use super::disk::Disk;
use super::keyzone::LIMIT_ZONE_FILE;
use super::places::shown;

/// Who tells zones as they are.
pub(super) struct Now {
    asked: Asked,
    #[cfg(feature = "live")]
    server: Option<axfr::Server>,
}

/// Who is asked, name by name.
struct Asked {
    /// Zone files that answer, before anybody else.
    dns: Option<Fixture>,
    #[cfg(feature = "live")]
    network: Option<Network>,
}

/// For one answer of a zone's own name server: it is asked besides a resolver, and not every network lets such questions out.
#[cfg(feature = "live")]
const PATIENCE: Patience = Patience { attempt: Duration::from_millis(1500), total: Duration::from_secs(4) };

impl Now {
    /// Those that the command line names, if it names any.
    ///
    /// # Errors
    /// What cannot be read or asked, and what does not go together.
    pub(super) fn of(args: &NowArgs, disk: &Disk) -> Result<Option<Self>, Text> {
        let dns = if args.dns.is_empty() { None } else { Some(zone_files(&args.dns, disk)?) };
        #[cfg(feature = "live")]
        {
            let server = args.server.as_deref().map(|text| {
                let address = server::parse(text).map_err(|error| {
                    let why = error.text();
                    say!(en: "--server: {why}", ja: "--server: {why}"; why = why)
                })?;
                Ok(axfr::Server::new(address))
            });
            let server = server.transpose()?;
            let network = super::live::resolver(&args.live)?;
            if server.is_some() && (network.is_some() || dns.is_some()) {
                return Err(say!(
                    en: "--server gives the whole zone; --live, --resolver and --dns ask for it name by name. Choose one",
                    ja: "--server はゾーン全体を受け取り、--live・--resolver・--dns は名前を 1 つずつ調べます。どちらかにしてください"
                ));
            }
            let any = dns.is_some() || network.is_some() || server.is_some();
            Ok(any.then_some(Self { asked: Asked { dns, network }, server }))
        }
        #[cfg(not(feature = "live"))]
        Ok(dns.map(|dns| Self { asked: Asked { dns: Some(dns) } }))
    }

    /// As the core knows it.
    pub(super) fn teller(&self) -> Teller<'_> {
        #[cfg(feature = "live")]
        if let Some(server) = &self.server {
            return Teller::HandsOut(server);
        }
        Teller::Asked(self)
    }
}

impl Asked {
    /// All of them, in turn.
    fn in_turn(&self) -> InTurn<'_> {
        let dns = self.dns.iter().map(|dns| dns as &dyn Resolve);
        #[cfg(feature = "live")]
        let dns = dns.chain(self.network.iter().map(|network| network as &dyn Resolve));
        InTurn(dns.collect())
    }
}

impl Resolve for Asked {
    fn ask(&self, question: &Question) -> Answer {
        self.in_turn().ask(question)
    }

    fn ask_all(&self, questions: &[Question]) -> Vec<Answer> {
        self.in_turn().ask_all(questions)
    }
}

impl Dns for Now {
    fn resolver(&self) -> &dyn Resolve {
        &self.asked
    }

    #[cfg(feature = "live")]
    fn has_name_servers(&self) -> bool {
        self.asked.network.is_some()
    }

    #[cfg(not(feature = "live"))]
    fn has_name_servers(&self) -> bool {
        false
    }

    #[cfg(feature = "live")]
    fn name_server(&self, zone: &Name, addresses: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
        self.asked.network.as_ref()?;
        Some(Box::new(Network::name_server(zone, addresses)?.with_patience(PATIENCE)))
    }

    #[cfg(not(feature = "live"))]
    fn name_server(&self, _: &Name, _: &[SocketAddr]) -> Option<Box<dyn Resolve + '_>> {
        None
    }
}

/// The domains that stand in place of files, for commands that read zones. An existing path is a file.
///
/// # Errors
/// One is a file, or no domain.
pub(super) fn domains(named: &[PathBuf]) -> Result<Vec<Name>, Text> {
    let read = |path: &PathBuf| {
        if path.exists() {
            let shown = shown(path);
            return Err(say!(
                en: "{shown} is a file; --live, --resolver, --dns and --server take a domain. Leave them out, or write the domain with a dot at its end",
                ja: "{shown} はファイルです。--live・--resolver・--dns・--server にはドメイン名を指定します。ファイルを読むならこれらを外し、ドメイン名なら末尾に「.」を付けてください"
            ));
        }
        domain(&path.to_string_lossy())
    };
    named.iter().map(read).collect()
}

/// The zones of `--dns`.
///
/// # Errors
/// One cannot be read, or does not say which zone it is.
pub(super) fn zone_files(paths: &[PathBuf], disk: &Disk) -> Result<Fixture, Text> {
    let mut fixture = Fixture::new();
    for path in paths {
        let shown = shown(path);
        let octets = disk.read(&path.to_string_lossy(), LIMIT_ZONE_FILE).map_err(|error| {
            let why = error.text();
            say!(en: "--dns {shown}: {why}", ja: "--dns {shown}: {why}"; why = why)
        })?;
        let mut items = Reader::new(&octets, &Name::root());
        if !items.any(|item| matches!(item, Item::Record(record) if record.rtype == Rtype::SOA)) {
            return Err(say!(
                en: "--dns {shown}: it has no SOA, so nobody knows which zone it is",
                ja: "--dns {shown}: SOA がないため、どのゾーンか分かりません"
            ));
        }
        let added = fixture.add(&octets, &Name::root());
        if let Some(fault) = added.faults.first() {
            let (line, text) = (fault.line, &fault.text);
            return Err(
                say!(en: "--dns {shown}, line {line}: {text}", ja: "--dns {shown} の {line} 行目: {text}"; text = text),
            );
        }
    }
    Ok(fixture)
}
