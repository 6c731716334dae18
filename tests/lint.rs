//! `zoneplan lint` on zone files: every rule that needs no site speaks in some case, and repairs give what is expected, octet for octet.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use zoneplan::catalogue::Catalogue;
use zoneplan::zone_lint::{Input, fix, lint};

/// Rules that speak only where a site says who sends, receives or reads, or where the text of a policy is at hand.
const WITH_A_SITE: &[&str] = &[
    "mx-missing",
    "mx-target-elsewhere",
    "mtasts-mx-mismatch",
    "spf-subdomain-not-inherited",
    "dmarc-sender-unaligned",
    "dmarc-sender-one-leg",
    "dmarc-strict-breaks-sender",
    "dmarc-reject-without-dkim",
    "dmarc-reject-human-mail",
    "provider-all-senders",
    "provider-bulk-senders",
    "gmail-volume-unknown",
    "provider-from-freemail",
];

fn folders(root: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(root);
    let mut all: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn every_rule_that_needs_no_site_speaks_of_a_zone_file() {
    let is_of_lint = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().starts_with("lint-");
    let cases = folders("cases").into_iter().filter(is_of_lint);
    let said: String = cases.map(|case| fs::read_to_string(case.join("stdout")).unwrap_or_default()).collect();
    let speaks = |id: &str| said.contains(&format!("[{id}]"));
    let silent: Vec<&str> = zoneplan::lint::rules().map(|rule| rule.id).filter(|id| !speaks(id)).collect();
    assert_eq!(silent, WITH_A_SITE);
}
