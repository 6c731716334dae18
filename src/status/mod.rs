//! Where a site stands: what it is made of, what was copied and when, how far its DMARC policy has got, what comes next, and what is not known.
//!
//! From what is built, planned and pinned; asks nobody, opens no file and knows no clock: the day is handed in. What was not looked at is
//! never taken for good.

mod dkim;
mod policy;
mod steps;

use std::collections::HashMap;

use jiff::civil::Date;

pub use dkim::{Copy, Dkim, Key, Sender, Stands};
pub use policy::{Policy, Published};
pub use steps::{Step, Unchecked, Unknown, What};

use crate::build::Built;
use crate::compose::Intent;
use crate::live::{InTurn, Resolve};
use crate::mail::spf;
use crate::report::{Counts, Finding, Lang, Text, in_order, shell_word, visible};
use crate::say;
use crate::spf_dns::{SpfDns, planned};
use crate::zone::{Name, Record, Rtype};

/// What the SPF record of a name costs, as it is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spf {
    /// Whose record it is.
    pub name: String,
    /// Look-ups that were counted, past ten.
    pub lookups: usize,
    /// There may be more: not everything behind an include is known.
    pub is_open: bool,
    /// All of it is known: what each name in it has, and none depends on the mail. Else more of them may find nothing than is allowed.
    pub is_known: bool,
    /// That is because an include is not pinned; else it depends on the mail.
    pub lacks_pins: bool,
    /// Look-ups that find nothing, for the kind of client that meets more of them.
    pub voids: usize,
    /// There are several records at the name.
    pub is_double: bool,
    /// Receivers give up on it: it costs more than RFC 7208 §4.6.4 allows, or there is an error on the way.
    pub is_permerror: bool,
    /// It lets everybody send.
    pub passes_all: bool,
}

impl Spf {
    /// It is wrong, whatever else is not known of it.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.is_permerror || self.passes_all
    }
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
    /// Whether receivers give up on the SPF of one of its names.
    #[must_use]
    pub fn has_permerror(&self) -> bool {
        self.spf.iter().any(|spf| spf.is_permerror)
    }

    /// How many copies of vendors' keys its zones have.
    #[must_use]
    pub fn copied(&self) -> usize {
        self.copies.iter().filter(|copy| !copy.is_planned).count()
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
    /// The file could not even be read.
    pub is_unread: bool,
    /// What was found.
    pub counts: Counts,
}

impl Broken {
    /// Of what was found when it was built.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let ordered = in_order(findings);
        let first = ordered.first();
        let why = first.map(|finding| finding.title.clone());
        let why = why.unwrap_or_else(|| say!(en: "it could not be built", ja: "組み立てられませんでした"));
        let is_unread = first.is_some_and(|finding| finding.id == "site-file" && finding.primary().is_none());
        Self { why, is_unread, counts: Counts::of(findings) }
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
        let mut files: HashMap<String, Vec<String>> = HashMap::new();
        for row in &rows {
            if let Ok(status) = &row.outcome {
                files.entry(status.domain.clone()).or_default().push(visible(&row.file).into_owned());
            }
        }
        for status in rows.iter_mut().filter_map(|row| row.outcome.as_mut().ok()) {
            let Some([first, others @ ..]) = files.get(&status.domain).map(Vec::as_slice) else { continue };
            let Some(second) = others.first() else { continue };
            let text = match others.len() {
                1 => {
                    say!(en: "{first} and {second} are of the same domain: keep one", ja: "{first} と {second} が同じドメインです。1 つだけ残します")
                }
                n => {
                    say!(en: "{first}, {second} and more ({n} beside the first) are of the same domain: keep one", ja: "{first}、{second} など（1 件目のほかに {n} 件）が同じドメインです。1 つだけ残します")
                }
            };
            status.steps.insert(0, Step::now(What::Repeated, text));
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
        self.sites().map(Status::copied).sum()
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
        senders: dkim::senders(built),
        spf: spf(built),
        copies: dkim::copies(built, today),
        policy: policy::of(built, today),
        counts: Counts::of(built.findings),
        steps: Vec::new(),
        unchecked: Vec::new(),
        lang: site.lang,
    };
    status.steps = steps::steps(built, &status, &command_word(file), today);
    status.unchecked = steps::unchecked(built, &status, today);
    status
}

/// A file's name as a word of a command line, never an option.
fn command_word(file: &str) -> String {
    let file = visible(file);
    match file.starts_with('-') {
        true => shell_word(&format!("./{file}")),
        false => shell_word(&file),
    }
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
        // Of several records the others lost: they are no part of what is planned.
        let losers = built.fitted.zones().flat_map(|zone| &zone.composed.losers).map(|loser| &loser.record);
        let is_spf = |record: &Record| record.rtype == Rtype::TXT && spf::is_spf(&record.rdata.txt_joined());
        let is_double = losers.into_iter().any(|record| record.name == *name && is_spf(record));
        let owner = name;
        let name = name.display_without_dot().to_string();
        let bill = spf::bill(&SpfDns::new(&resolve), &name);
        let (v4, v6) = bill.voids();
        Spf {
            lookups: bill.lookups(),
            is_open: bill.is_open(),
            is_known: !bill.reach.is_open() && bill.each().all(|item| !item.reach.is_open()),
            voids: v4.max(v6),
            is_double,
            is_permerror: is_double || bill.is_permerror(),
            passes_all: passes_all(built, owner),
            lacks_pins: bill.each().any(|item| item.leads_on && item.reach == spf::Reach::NotAnswered),
            name,
        }
    };
    names.into_iter().map(bill).collect()
}

/// Whether the planned record of a name lets everybody send.
fn passes_all(built: &Built<'_>, name: &Name) -> bool {
    let sets = built.fitted.zones().filter_map(|zone| zone.composed.rrset(name, Rtype::TXT));
    let texts =
        sets.flat_map(|set| set.records()).map(|record| record.rdata.txt_joined()).filter(|text| spf::is_spf(text));
    let domain = name.display_without_dot().to_string();
    texts.flat_map(|text| spf::Record::parse(&text).inspect(&domain)).any(|problem| {
        matches!(problem.kind, spf::ProblemKind::PassesEveryone | spf::ProblemKind::PassesEveryoneTogether)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_a_command_is_one_word_and_no_option() {
        for (file, word) in [
            ("sites/a.toml", "sites/a.toml"),
            ("my site.toml", "'my site.toml'"),
            ("-x.toml", "./-x.toml"),
            ("-a b.toml", "'./-a b.toml'"),
            ("a;rm.toml", "'a;rm.toml'"),
        ] {
            assert_eq!(command_word(file), word);
        }
    }
}
