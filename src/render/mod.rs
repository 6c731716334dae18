//! From fitted zones to text. One format a file; render decides nothing.

pub mod ask;
pub mod cloudflare;
mod columns;
pub mod csv;
pub mod dnscontrol;
mod export;
mod groups;
pub mod json;
mod limits;
pub mod nsupdate;
pub mod octodns;
mod page;
pub mod plan;
pub mod providers;
pub mod route53;
pub mod ruler;
pub mod spf;
pub mod status;
pub mod table;
mod terraform;
pub mod terraform_aws;
pub mod terraform_cloudflare;
pub mod worksheet;
pub mod zone;
pub mod zone_text;

use crate::build::Built;
use crate::fit::FittedZone;
use crate::fit::carry::Carrier;
use crate::report::Lang;
use crate::zone::{Name, Record};

/// What a format is given.
pub struct Input<'a> {
    /// The site and what was made of it.
    pub built: Built<'a>,
    /// Language of comments.
    pub lang: Lang,
    /// A worksheet is a request to whoever holds the login.
    pub client: bool,
    /// SOA and NS on top, if wanted.
    pub complete: Option<Complete>,
    /// Records of the own zone as it is that are to go.
    pub gone: &'a [Record],
}

impl<'a> std::ops::Deref for Input<'a> {
    type Target = Built<'a>;

    fn deref(&self) -> &Self::Target {
        &self.built
    }
}

impl Input<'_> {
    /// A file name for what a format writes of a zone. The keyzone's part is named after the site: many sites have one keyzone.
    fn file_name(&self, zone: &FittedZone<'_>, ending: &str) -> String {
        if self.fitted.is_keyzone(zone) {
            file_name(&self.site.domain.value, &format!("keyzone.{ending}"))
        } else {
            file_name(&zone.composed.origin, ending)
        }
    }
}

/// What `--complete` adds to the own zone.
#[derive(Clone, Debug)]
pub struct Complete {
    /// Name servers, the first of which is the SOA's primary.
    pub name_servers: Vec<Name>,
    /// Serial of the SOA. It is given, never a clock.
    pub serial: u32,
}

/// One file of the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its name in a folder.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A format.
#[derive(Clone, Copy)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, English.
    pub en: &'static str,
    /// What it is, Japanese.
    pub ja: &'static str,
    /// Writes a site. The first product is what goes to standard output; the others are files beside it.
    pub write: fn(&Input<'_>) -> Vec<Product>,
    /// What it can carry; none = everything.
    pub carrier: Option<&'static Carrier>,
    /// Whether the zones of a site may follow each other in one text.
    pub joins: bool,
}

impl Format {
    /// Whether it shows a zone's own SOA and NS; in other tools' formats they are not the user's to write.
    #[must_use]
    pub fn has_authority(&self) -> bool {
        [zone::FORMAT.name, table::FORMAT.name, json::FORMAT.name].contains(&self.name)
    }
}

/// Every format; the first is the default.
pub const FORMATS: &[Format] = &[
    zone::FORMAT,
    table::FORMAT,
    worksheet::TEXT,
    worksheet::HTML,
    json::FORMAT,
    csv::FORMAT,
    octodns::FORMAT,
    dnscontrol::FORMAT,
    terraform_cloudflare::FORMAT,
    terraform_aws::FORMAT,
    route53::FORMAT,
    cloudflare::FORMAT,
    nsupdate::FORMAT,
];

/// The format of that name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|f| f.name == name)
}

/// A file name for a zone: its domain, lower case, with anything but letters, digits, `.`, `-` and `_` left out.
fn file_name(origin: &Name, ending: &str) -> String {
    let plain: String = origin
        .display_without_dot()
        .to_string()
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' })
        .collect();
    format!("{plain}.{ending}")
}
