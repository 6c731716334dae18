//! Findings that something is missing, of which nobody answered whether it is.

use crate::current::asked::Unanswered;
use crate::report::Finding;
use crate::zone::{Found, Name, Rtype};

/// Whether what a finding says to be missing was asked for in vain: then that is told, and nothing more can be.
pub(super) fn rests_on_silence(finding: &Finding, found: &[Found], unanswered: &Unanswered) -> bool {
    let about = || finding.about.iter().filter_map(|about| Name::parse_absolute(&about.name).ok());
    let in_vain =
        |name: &Name, rtypes: &[Rtype]| rtypes.iter().any(|rtype| unanswered.contains(&(name.clone(), *rtype)));
    const HOST: [Rtype; 2] = [Rtype::A, Rtype::AAAA];
    match finding.id {
        "spf-missing" | "dmarc-missing" => about().any(|name| in_vain(&name, &[Rtype::TXT])),
        "mx-missing" => about().any(|name| in_vain(&name, &[Rtype::MX])),
        "mtasts-record" => about().any(|name| in_vain(&name, &HOST)),
        // The policy of the domain above, where reports go, and the keys beside those that are there need not be named.
        "dmarc-orgdomain-missing" => any_below(unanswered, b"_dmarc"),
        "tlsrpt-record" => any_below(unanswered, b"_tls"),
        "dkim-provider-set-incomplete" => any_below(unanswered, b"_domainkey"),
        "mx-target-unresolvable" | "ns-target-unresolvable" | "dns-cname-dangling" | "spf-helo-missing" => {
            let of_finding = |found: &&Found| about().any(|name| name == found.record.name);
            let targets = found.iter().filter(of_finding).filter_map(|found| found.record.target());
            let missed: &[Rtype] = if finding.id == "spf-helo-missing" { &[Rtype::TXT] } else { &HOST };
            targets.into_iter().any(|target| in_vain(&target, missed))
        }
        _ => false,
    }
}

/// Whether a TXT was asked for in vain at a name that has this label.
fn any_below(unanswered: &Unanswered, label: &[u8]) -> bool {
    let has = |name: &Name| name.labels().any(|one| one.eq_ignore_ascii_case(label));
    unanswered.iter().any(|(name, rtype)| *rtype == Rtype::TXT && has(name))
}
