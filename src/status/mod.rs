//! Where a site stands: what it is made of, what was copied and when, how far its DMARC policy has got, what comes next, and what is not known.
//!
//! From what is built, planned and pinned; asks nobody, opens no file and knows no clock: the day is handed in. What was not looked at is
//! never taken for good.

mod dkim;
mod policy;
mod steps;

use std::collections::HashMap;

use jiff::civil::Date;

pub use dkim::{Copy, Dkim, Key, Sender};
pub use policy::{Policy, Published};
pub use steps::{Step, Unchecked, Unknown, What};

use crate::build::Built;
use crate::compose::Intent;
use crate::live::{InTurn, Resolve};
use crate::mail::spf;
use crate::report::{Counts, Finding, Lang, Text, in_order};
use crate::say;
use crate::spf_dns::{SpfDns, planned};
use crate::zone::{Name, Rtype};

/// What the SPF record of a name costs, as it is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spf {
    /// Whose record it is.
    pub name: String,
    /// Look-ups that were counted, past ten.
    pub lookups: usize,
    /// There may be more: not everything behind an include is known.
    pub is_open: bool,
    /// That is because an include is not pinned; else it depends on the mail.
    pub lacks_pins: bool,
    /// It costs more than RFC 7208 §4.6.4 allows.
    pub is_over: bool,
    /// Receivers give up on it, for that or for an error on the way.
    pub is_permerror: bool,
}

/// Where one site stands.
#[derive(Clone, Debug)]
pub struct Status {
    /// The domain.
    pub domain: String,
    /// The domain as people write it, where that differs.
    pub unicode: Option<String>,
    /// The company in whose panel it is edited; none where the site does not say.
    pub registrar: Option<Text>,
    /// It neither sends nor receives.
    pub no_mail: bool,
    /// What it uses, in file order, each with its DKIM.
    pub senders: Vec<Sender>,
    /// Its SPF records, the domain's own first.
    pub spf: Vec<Spf>,
    /// Copies of vendors' keys.
    pub copies: Vec<Copy>,
    /// DMARC; none where the site wants none and none is known.
    pub policy: Policy,
    /// What building it found.
    pub counts: Counts,
    /// What is to be done, the next thing first. Never empty.
    pub steps: Vec<Step>,
    /// What is not known.
    pub unchecked: Vec<Unchecked>,
    /// The site's own language.
    pub lang: Option<Lang>,
}

impl Status {
    /// What comes next.
    #[must_use]
    pub fn next(&self) -> Option<&Step> {
        self.steps.first()
    }

    /// What has a day that has come.
    pub fn due(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.is_due)
    }
}

/// Why nothing can be said of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The first thing that is wrong.
    pub why: Text,
    /// What was found.
    pub counts: Counts,
}

impl Broken {
    /// Of what was found when it was built.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let first = in_order(findings).first().map(|finding| finding.title.clone());
        let why = first.unwrap_or_else(|| say!(en: "it could not be built", ja: "組み立てられませんでした"));
        Self { why, counts: Counts::of(findings) }
    }
}

/// One site of many.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its site.toml, as it was named.
    pub file: String,
    /// Where it stands.
    pub outcome: Result<Status, Broken>,
}

/// Many sites on one day, in the order in which they were named.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The day.
    pub today: Date,
    /// The sites.
    pub rows: Vec<Row>,
}

impl Overview {
    /// These sites on that day. A domain that more than one of them has is told, since only one of them can be right.
    #[must_use]
    pub fn new(today: Date, mut rows: Vec<Row>) -> Self {
        let mut first: HashMap<String, usize> = HashMap::new();
        let mut repeated: Vec<(usize, usize)> = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let Ok(status) = &row.outcome else { continue };
            match first.get(&status.domain) {
                Some(other) => repeated.push((at, *other)),
                None => {
                    first.insert(status.domain.clone(), at);
                }
            }
        }
        for (at, other) in repeated {
            let Some(file) = rows.get(other).map(|row| row.file.clone()) else { continue };
            if let Some(Row { outcome: Ok(status), .. }) = rows.get_mut(at) {
                let text = say!(en: "{file} is of the same domain: keep one", ja: "{file} と同じドメインです。どちらか 1 つにします");
                status.steps.insert(0, Step::now(What::Repeated, text));
            }
        }
        Self { today, rows }
    }

    /// The sites that could be built.
    pub fn sites(&self) -> impl Iterator<Item = &Status> {
        self.rows.iter().filter_map(|row| row.outcome.as_ref().ok())
    }

    /// How many are broken.
    #[must_use]
    pub fn broken(&self) -> usize {
        self.rows.iter().filter(|row| row.outcome.is_err()).count()
    }

    /// How many copies of vendors' keys they have.
    #[must_use]
    pub fn copies(&self) -> usize {
        self.sites().map(|status| status.copies.len()).sum()
    }

    /// How many have something whose day has come.
    #[must_use]
    pub fn due(&self) -> usize {
        self.sites().filter(|status| status.due().next().is_some()).count()
    }
}

/// Where a site stands on that day. `file` is its site.toml as it is named in commands.
#[must_use]
pub fn status(built: &Built<'_>, file: &str, today: Date) -> Status {
    let site = built.site;
    let unnamed = say!(en: "another", ja: "そのほか");
    let registrar = built.fitted.own.registrar.map(|registrar| registrar.name.clone());
    let mut status = Status {
        domain: site.domain.value.display_without_dot().to_string(),
        unicode: site.domain_unicode.clone(),
        registrar: registrar.or_else(|| site.registrar.as_ref().map(|_| unnamed)),
        no_mail: built.fitted.composed.declared.no_mail,
        senders: dkim::senders(built.fitted),
        spf: spf(built),
        copies: dkim::copies(built, today),
        policy: policy::of(built),
        counts: Counts::of(built.findings),
        steps: Vec::new(),
        unchecked: Vec::new(),
        lang: site.lang,
    };
    status.steps = steps::steps(built, &status, file, today);
    status.unchecked = steps::unchecked(built, &status, today);
    status
}

/// The bills of the SPF records that the zones will have.
fn spf(built: &Built<'_>) -> Vec<Spf> {
    let planned = planned(built.fitted, built.current);
    let pins = built.pins().map(|pins| pins as &dyn Resolve);
    let resolve = InTurn(std::iter::once(&planned as &dyn Resolve).chain(pins).collect());
    let zones = std::iter::once(&built.fitted.own).chain(&built.fitted.subzones);
    let sets = zones.flat_map(|zone| &zone.composed.rrsets).filter(|set| set.rtype == Rtype::TXT);
    let has_spf = sets.filter(|set| {
        set.members.iter().any(|m| matches!(m.intent, Intent::Spf { .. }) || spf::is_spf(&m.rdata.txt_joined()))
    });
    let domain = &built.site.domain.value;
    let mut names: Vec<&Name> = has_spf.map(|set| &set.name).collect();
    names.sort_by_key(|name| *name != domain);
    let bill = |name: &Name| {
        let name = name.display_without_dot().to_string();
        let bill = spf::bill(&SpfDns::new(&resolve), &name);
        Spf {
            name,
            lookups: bill.lookups(),
            is_open: bill.is_open(),
            lacks_pins: bill.each().any(|item| item.leads_on && item.reach == spf::Reach::NotAnswered),
            is_over: bill.is_over(),
            is_permerror: bill.is_permerror(),
        }
    };
    names.into_iter().map(bill).collect()
}
