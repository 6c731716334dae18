//! Hosts and selectors in a zone without a site that were once right and are not any more, as the templates say. Of a site the senders it
//! names are asked, and SPF has a rule of its own.

use crate::catalogue::facts;
use crate::catalogue::sender::{Retired, RetiredValue, Sender};
use crate::report::{Severity, Text, excerpt};
use crate::say;
use crate::zone::Rtype;

use super::{Findings, Rule, View};

/// The rules of this family.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "dkim-retired-selector",
        en: "no DKIM selector that its company gave up",
        ja: "提供元がやめた DKIM のセレクタを使っていない",
        source: "the templates of the catalogue, each with its own",
        check: |view, found| retired(view, "dkim-retired-selector", found),
    },
    Rule {
        id: "mx-retired-host",
        en: "no MX host that its company gave up",
        ja: "提供元がやめた MX のホストを使っていない",
        source: "the templates of the catalogue, each with its own",
        check: |view, found| retired(view, "mx-retired-host", found),
    },
];

/// What is said of a value that its company gave up, wherever it stands.
pub(crate) struct Told {
    /// The rule.
    pub(crate) id: &'static str,
    pub(crate) title: Text,
    pub(crate) next: Text,
}

impl Told {
    /// Of `value`, which stands at `place`.
    pub(crate) fn of(sender: &Sender, gone: &Retired, value: &str, place: &Text) -> Self {
        let (company, why, now) = (&sender.name, &gone.why, &gone.replacement);
        let value = excerpt(value, 100);
        Self {
            id: match gone.value {
                RetiredValue::Spf(_) => "spf-retired-term",
                RetiredValue::Dkim { .. } => "dkim-retired-selector",
                RetiredValue::Mx(_) => "mx-retired-host",
            },
            title: say!(
                en: "`{value}` ({place}) is an old value of {company}: {why}",
                ja: "`{value}`（{place}）は{company}の古い値です: {why}"; place = place, company = company, why = why
            ),
            next: if now.is_empty() {
                say!(en: "remove `{value}`", ja: "`{value}` を消してください")
            } else {
                say!(en: "replace it by `{now}`", ja: "`{now}` に置き換えてください")
            },
        }
    }
}

fn retired(view: &View<'_>, id: &'static str, out: &mut Findings) {
    let Some(catalogue) = view.catalogue.filter(|_| view.declared.is_none()) else { return };
    let types: &[Rtype] = if id == "mx-retired-host" { &[Rtype::MX] } else { &[Rtype::CNAME, Rtype::TXT] };
    for seen in types.iter().flat_map(|rtype| view.of_type(*rtype)) {
        if id == "dkim-retired-selector" && super::dkim::signing_domain(&seen.record.name).is_none() {
            continue;
        }
        for (_, value, sender, gone) in catalogue.retired(std::slice::from_ref(&seen.record)) {
            let told = Told::of(sender, gone, &value, &Text::same(seen.record.name.display_without_dot().to_string()));
            if told.id != id {
                continue;
            }
            let mut finding = view.finding_target(id, Severity::Warning, seen, told.title).next(told.next);
            if let Some(source) = sender.sources.iter().find(|s| s.facts.iter().any(|f| f == "retired")) {
                let (place, date, trust) = (facts::place(&source.url), &source.date, source.trust.text());
                finding = finding
                    .source(say!(en: "{place} ({date}, {trust})", ja: "{place}（{date}、{trust}）"; place = place, trust = trust))
                    .confidence(source.trust.confidence());
            }
            out.push(finding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::Declared;
    use crate::lint::testing::run;

    /// What the templates retire, as their files say; asked of a zone without a site, and not of a site, which has another way.
    #[test]
    fn what_a_template_retired_is_told_without_a_site_only() {
        // providers/senders/microsoft-365.toml retires `mx = "*.mail.eo.outlook.com"`.
        let rule = RULES.iter().find(|rule| rule.id == "mx-retired-host").unwrap();
        let zone = "@ MX 10 example-com.mail.eo.outlook.com.\n@ MX 20 mx.example.net.";
        let found = run(rule, zone, None);
        assert_eq!(found.len(), 1);
        assert!(found[0].title.en.starts_with("`example-com.mail.eo.outlook.com` (example.com)"));
        assert!(run(rule, zone, Some(&Declared::default())).is_empty());
        assert!(run(&RULES[0], zone, None).is_empty());
    }
}
