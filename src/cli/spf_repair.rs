//! The repairs of `zoneplan spf`: each is made to a copy of site.toml that is built and counted again, so that what is promised is what comes.

use std::path::Path;

use jiff::civil::Date;

use crate::build::{Built, Overrides, build};
use crate::catalogue::Catalogue;
use crate::compose::{Intent, Origin};
use crate::live::{InTurn, Question, Resolve};
use crate::mail::spf::{self, Bill, MAX_VOIDS};
use crate::pins::{self, Pins, PinsFile, Put};
use crate::report::{Severity, Sources, Text, visible};
use crate::say;
use crate::site::{Changed, Files, LIMIT_SITE_FILE};
use crate::spf_dns::{SpfDns, pins_of_include, planned, wanted};
use crate::spf_repair::{Edit, Offer, Offers, Repair, Situation, edited, propose};
use crate::zone::{Name, Rtype};

use super::disk::{self, Disk};

/// Most edits that are tried.
const TRIED_MAX: usize = 100;

/// What repairs are looked for with.
#[derive(Clone, Copy)]
pub(super) struct Tools<'a> {
    pub path: &'a Path,
    pub disk: &'a Disk,
    pub catalogue: &'a Catalogue,
    /// Who answers for what the site does not plan.
    pub behind: &'a [&'a dyn Resolve],
    /// The day of what is looked up.
    pub today: Date,
}

/// What a site's record is like.
struct State {
    lookups: usize,
    voids: (usize, usize),
    bytes: usize,
    errors: usize,
}

impl Tools<'_> {
    fn state(&self, built: &Built<'_>, bill: &Bill) -> State {
        let domain = &built.site.domain.value;
        let members = built.fitted.own.composed.rrset(domain, Rtype::TXT).into_iter().flat_map(|set| &set.members);
        let texts = members.map(|member| member.rdata.txt_joined()).filter(|text| spf::is_spf(text));
        State {
            lookups: bill.lookups(),
            voids: bill.voids(),
            bytes: texts.map(|text| text.len()).max().unwrap_or(0),
            errors: built.findings.iter().filter(|f| f.severity == Severity::Error).count(),
        }
    }

    /// The repairs that save something and break nothing, the gentlest first, of a kind the one that saves most.
    pub(super) fn offers(&self, built: &Built<'_>, bill: &Bill) -> Offers {
        let planned = planned(built.fitted, built.current);
        let resolve = self.with(&planned);
        let dns = SpfDns::new(&resolve);
        let terms = terms(built);
        let situation = Situation {
            site: built.site,
            zone: built.fitted.own.composed,
            parties: &built.fitted.composed.parties,
            declared: &built.fitted.composed.declared,
            terms: &terms,
            bill,
            dns: &dns,
        };
        let before = self.state(built, bill);
        let mut out = Offers::default();
        let site = self.path.to_string_lossy();
        let file = PinsFile::read(&site, &built.site.domain.value, self.disk, &mut Sources::default(), &mut Vec::new());
        for repair in propose(&situation).into_iter().take(TRIED_MAX) {
            let pins = match &repair.edit {
                Edit::Flatten { include } => match self.pinned(built, &resolve, &file, include) {
                    Ok(pins) => pins,
                    Err(why) => {
                        out.refused.push((include.clone(), why));
                        continue;
                    }
                },
                Edit::Sender { .. } | Edit::Term { .. } => None,
            };
            out.offers.extend(self.offer(built, &before, repair, pins));
        }
        out.offers.sort_by_key(|offer| (offer.repair.kind, std::cmp::Reverse(offer.saves)));
        out
    }

    fn with<'r>(&'r self, planned: &'r dyn Resolve) -> InTurn<'r> {
        InTurn(std::iter::once(planned).chain(self.behind.iter().copied()).collect())
    }

    /// The pins file with what writing out an include needs; none if it needs nothing more.
    ///
    /// # Errors
    /// Why there is none.
    fn pinned(
        &self,
        built: &Built<'_>,
        resolve: &dyn Resolve,
        file: &PinsFile,
        include: &Name,
    ) -> Result<Option<(String, String)>, Text> {
        let remedy = file.remedy();
        if file.is_broken {
            let path = visible(&file.path);
            return Err(
                say!(en: "{path} has the pins, and can't be used; {remedy}", ja: "控えの {path} が使えません。{remedy}"; remedy = remedy),
            );
        }
        let found = pins_of_include(resolve, &wanted(built.fitted.composed), include, self.today)?;
        let before = file.pins.clone().unwrap_or_else(|| Pins::new(built.site.domain.value.clone()));
        let mut pins = before.clone();
        for (Question { name, rtype }, pin) in found {
            let shown = visible(&name.display_without_dot().to_string()).into_owned();
            // What others are built from is not changed by the way.
            if let Put::Changed(_) = pins.put(name, rtype, pin) {
                return Err(
                    say!(en: "the {rtype} of {shown} has changed since it was pinned; {remedy}, and keep it with --update", ja: "{shown} の {rtype} が控えと違います。{remedy}（--update で新しい値を控えます）"; remedy = remedy),
                );
            }
        }
        Ok((pins != before).then(|| (file.path.clone(), pins::write(&pins))))
    }

    fn offer(
        &self,
        built: &Built<'_>,
        before: &State,
        repair: Repair,
        pins: Option<(String, String)>,
    ) -> Option<Offer> {
        let path = self.path.to_string_lossy().into_owned();
        let text = String::from_utf8(self.disk.read(&path, LIMIT_SITE_FILE).ok()?).ok()?;
        let domain = &built.site.domain.value;
        // Pins that nothing is built from yet do no harm; a site without its pins does.
        let mut files: Vec<(String, String)> = pins.into_iter().collect();
        files.push((path.clone(), edited(&text, &repair.edit, domain).ok()?));
        let changed = Changed::new(self.disk, files.clone());
        let run = build(&path, &changed, self.catalogue, &Overrides::default(), |built| {
            let planned = planned(built.fitted, built.current);
            let resolve = self.with(&planned);
            let bill = spf::bill(&SpfDns::new(&resolve), &domain.display_without_dot().to_string());
            self.state(built, &bill)
        });
        let after = run.product?;
        let most = |state: &State| state.voids.0.max(state.voids.1);
        let saves = before.lookups.saturating_sub(after.lookups);
        let helps = saves > 0 || (most(before) > MAX_VOIDS && most(&after) < most(before));
        (helps && after.errors <= before.errors).then_some(Offer {
            repair,
            saves,
            lookups: after.lookups,
            voids: after.voids,
            bytes: (before.bytes, after.bytes),
            files,
        })
    }
}

/// The terms of the record of the site's domain, and who wants them.
pub(super) fn terms(built: &Built<'_>) -> Vec<(String, Vec<Origin>)> {
    let set = built.fitted.own.composed.rrset(&built.site.domain.value, Rtype::TXT);
    let intents = set.into_iter().flat_map(|set| &set.members).map(|member| &member.intent);
    let terms = intents.filter_map(|intent| match intent {
        Intent::Spf { terms, .. } => Some(terms.clone()),
        _ => None,
    });
    terms.flatten().collect()
}

/// Writes what an offer changes, the pins before the site that is built from them.
///
/// # Errors
/// Which file was not written, and why.
pub(super) fn apply(offer: &Offer) -> Result<(), Text> {
    for (path, text) in &offer.files {
        disk::write(Path::new(path), text, disk::Care::Synced).map_err(|error| {
            let (shown, why) = (super::places::shown(Path::new(path)), disk::reason(&error));
            say!(en: "--apply: {shown}: {why}", ja: "--apply: {shown}: {why}"; why = why)
        })?;
    }
    Ok(())
}
