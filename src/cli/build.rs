//! `zoneplan build`.

use std::path::Path;

use crate::build::{Overrides, build};
use crate::catalogue::Catalogue;
use crate::compose::ComposedZone;
use crate::fit::Fitted;
use crate::fit::carry;
use crate::render::{self, Complete, Format, Input};
use crate::report::{Finding, Lang, Span, Text};
use crate::say;
use crate::zone::{Name, Rtype};

use super::args::{Audience, BuildArgs};
use super::current::Now;
use super::disk::Disk;
use super::many::{CHUNK, make_folder, side_by_side, sites};
use super::places::{Places, Target, Wanted};
use super::summary::{Done, Summary, Telling};
use super::{Exit, output};

pub(super) fn run(args: &BuildArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    let Some(format) = render::format(&args.format) else { return Exit::NotDone };
    let disk = Disk::default();
    let begun = sites(&args.sites, "build").and_then(|sites| {
        let wanted =
            Wanted { output: args.output.as_deref(), report: args.telling.report.as_deref(), several: sites.len() > 1 };
        goes_with(args, format)?;
        let places = Places::of(wanted, &sites, &disk)?;
        let name_servers = name_servers(args)?;
        let now = Now::of(&args.now, &disk).map_err(|why| say!(en: "error: {why}", ja: "エラー: {why}"; why = why))?;
        if let Target::Folder(path) = &places.target {
            make_folder(path)?;
        }
        Ok((sites, places, name_servers, now))
    });
    let (sites, places, name_servers, now) = match begun {
        Ok(begun) => begun,
        Err(message) => {
            output::stderr(&format!("{}\n", message.get(lang)));
            return Exit::NotDone;
        }
    };
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Exit::NotDone };
    let folder = matches!(places.target, Target::Folder(_));
    let job = Job { args, format, folder, asked, catalogue: &catalogue, name_servers, disk: &disk, now };
    let mut summary = Summary::new(Telling::of(lang, &args.telling), places, sites.len() > 1);
    for chunk in sites.chunks(CHUNK) {
        for (path, done) in chunk.iter().zip(side_by_side(chunk, |path| job.build(path))) {
            summary.site(path, done);
        }
    }
    summary.finish()
}

/// What only some formats have words for is not left out without a word.
fn goes_with(args: &BuildArgs, format: &Format) -> Result<(), Text> {
    let (name, only) = (format.name, render::zone::FORMAT.name);
    if args.complete && name != only {
        return Err(
            say!(en: "error: --complete goes with --format {only}; {name} has no SOA", ja: "エラー: --complete は --format {only} でだけ使えます。{name} に SOA は書きません"),
        );
    }
    let (text, html) = (render::worksheet::TEXT.name, render::worksheet::HTML.name);
    if args.audience.is_some() && name != text && name != html {
        return Err(
            say!(en: "error: --for goes with --format {text} or {html}; {name} is no worksheet", ja: "エラー: --for は --format {text} か {html} でだけ使えます。{name} は手順書ではありません"),
        );
    }
    Ok(())
}

fn name_servers(args: &BuildArgs) -> Result<Vec<Name>, Text> {
    args.ns
        .iter()
        .map(|host| {
            crate::site::domain(host)
                .map_err(|why| say!(en: "error: --ns: {why}", ja: "エラー: --ns: {why}"; why = why))
        })
        .collect()
}

struct Job<'a> {
    args: &'a BuildArgs,
    format: &'static Format,
    /// The products go into a folder, each as a file of its own.
    folder: bool,
    asked: Option<Lang>,
    catalogue: &'a Catalogue,
    name_servers: Vec<Name>,
    disk: &'a Disk,
    /// Who tells the zone as it is, if not the site's file.
    now: Option<Now>,
}

impl Job<'_> {
    fn build(&self, path: &Path) -> Done {
        let teller = self.now.as_ref().map(Now::teller);
        let overrides = Overrides { registrar: self.args.registrar.clone(), teller, ..Overrides::default() };
        let path = path.to_string_lossy();
        let mut refused = Vec::new();
        let run = build(&path, self.disk, self.catalogue, &overrides, |built| {
            let (site, fitted) = (built.site, built.fitted);
            let complete = match self.complete(fitted) {
                Ok(complete) => complete,
                Err(findings) => {
                    refused = findings;
                    return None;
                }
            };
            if let Some(carrier) = self.format.carrier {
                if let Err(finding) = carry::may_replace(fitted, carrier, self.args.whole_zone, built.current) {
                    refused.push(*finding);
                    return None;
                }
                refused = carry::check(fitted, carrier, self.args.whole_zone, built.current);
            }
            if self.format.carrier.is_some() || self.format.name == render::csv::FORMAT.name {
                refused.extend(carry::without_alias(fitted, self.format.carrier.map_or(self.format.name, |c| c.name)));
            }
            let lang = self.asked.or(site.lang).unwrap_or_default();
            let mut products = (self.format.write)(&Input {
                built: *built,
                lang,
                client: self.args.audience == Some(Audience::Client),
                complete,
                gone: &[],
            });
            products.retain(|p| !p.text.is_empty());
            if products.len() > 1 && !self.format.joins && !self.folder {
                refused.push(needs_folder(self.format.name, products.len()));
                return None;
            }
            Some(products)
        });
        let mut findings = run.findings;
        findings.extend(refused);
        Done { products: run.product.flatten(), findings, sources: run.sources }
    }

    /// The name servers for `--complete`: as given, else those that the site writes, else those that the catalogue knows.
    fn complete(&self, fitted: &Fitted<'_>) -> Result<Option<Complete>, Vec<Finding>> {
        if !self.args.complete {
            return Ok(None);
        }
        let zone = &fitted.own;
        let by_hand = zone.composed.rrset(&zone.composed.origin, Rtype::NS);
        let written = by_hand.into_iter().flat_map(|s| &s.members);
        let written: Vec<(Name, Option<Span>)> = written
            .filter_map(|m| Some((m.rdata.target(Rtype::NS)?, m.origins.first().and_then(|o| o.span))))
            .collect();
        let known =
            zone.registrar.into_iter().flat_map(|r| &r.name_servers.exact).filter_map(|n| Name::parse_absolute(n).ok());
        let given = if self.name_servers.is_empty() {
            written.iter().map(|(host, _)| host.clone()).collect()
        } else {
            self.name_servers.clone()
        };
        let name_servers: Vec<Name> = if given.is_empty() { known.collect() } else { given };
        if name_servers.is_empty() {
            return Err(vec![
                Finding::error("name-servers-unknown", say!(en: "--complete needs the name servers, and they are not known", ja: "--complete にはネームサーバーが必要ですが、分かっていません"))
                    .next(say!(en: "give them: --ns ns1.example.net --ns ns2.example.net", ja: "指定してください: --ns ns1.example.net --ns ns2.example.net")),
            ]);
        }
        // The NS of the zone are the site's own where it has any; what is given besides is only the SOA's primary.
        let listed =
            if written.is_empty() { name_servers.iter().map(|h| (h.clone(), None)).collect() } else { written };
        let without: Vec<Finding> = listed
            .iter()
            .filter(|(host, _)| lacks_address(zone.composed, host))
            .map(|(host, span)| without_address(&zone.composed.origin, host, *span))
            .collect();
        if !without.is_empty() {
            return Err(without);
        }
        Ok(Some(Complete { name_servers, serial: self.args.serial }))
    }
}

/// Several files that mean nothing as one text.
pub(super) fn needs_folder(format: &'static str, files: usize) -> Finding {
    Finding::error(
        "format-needs-folder",
        say!(en: "the output is {files} files, and {format} can't have them in one", ja: "出力は {files} 個のファイルで、{format} では 1 つにできません"),
    )
    .next(say!(en: "give a folder: -o out/", ja: "フォルダを指定します: -o out/"))
}

/// Whether a name server is in the zone, and the zone says nothing of its address: servers refuse to load that.
fn lacks_address(zone: &ComposedZone, host: &Name) -> bool {
    let below = |name: &Name| name.is_subdomain_of(&zone.origin) && *name != zone.origin;
    let mut above = std::iter::successors(Some(host.clone()), Name::parent).take_while(below);
    // Below a delegation the address is looked for there.
    if !host.is_subdomain_of(&zone.origin) || above.any(|name| zone.rrset(&name, Rtype::NS).is_some()) {
        return false;
    }
    let has = |name: &Name| [Rtype::A, Rtype::AAAA].iter().any(|t| zone.rrset(name, *t).is_some());
    if zone.rrsets.iter().any(|s| s.name.is_subdomain_of(host)) {
        return !has(host);
    }
    // A name that does not exist may still have what the nearest wildcard gives (RFC 4592 §3.3.1).
    let encloser = std::iter::successors(host.parent(), Name::parent)
        .find(|name| *name == zone.origin || zone.rrsets.iter().any(|s| s.name.is_subdomain_of(name)));
    !encloser.and_then(|name| name.child("*").ok()).is_some_and(|wildcard| has(&wildcard))
}

fn without_address(origin: &Name, host: &Name, span: Option<Span>) -> Finding {
    let plain = origin.display_without_dot().to_string();
    let shown = host.display_without_dot().to_string();
    let name = host.relative_to(origin).unwrap_or_else(|| shown.clone());
    Finding::error(
        "name-servers-without-address",
        say!(en: "{shown} is inside {plain}, but has no A or AAAA here: the zone would not load", ja: "{shown} は {plain} の中の名前ですが、A も AAAA もありません。このままではゾーンを読み込めません"),
    )
    .at_opt(span, Text::default())
    .about(shown, "A")
    .next(say!(
        en: "write its address in site.toml:\n[[record]]\nname = \"{name}\"\ntype = \"A\"\nvalue = \"…\"",
        ja: "そのアドレスを site.toml に書きます:\n[[record]]\nname = \"{name}\"\ntype = \"A\"\nvalue = \"…\""
    ))
    .next(say!(
        en: "or choose a name server outside {plain}: --ns ns1.example.net",
        ja: "または、{plain} の外のネームサーバーを指定します: --ns ns1.example.net"
    ))
}
