//! Reading the user's own templates: a folder with `senders/` and `registrars/`, as in providers/.

use crate::catalogue::{OwnTemplate, TemplateKind};
use crate::report::{Finding, Span, Text, visible};
use crate::say;
use crate::site::{FileError, Files, read_text};
use crate::toml_reader::At;

/// The largest template that is read, octets; the longest of the catalogue has 16 KiB.
pub const LIMIT_TEMPLATE: u64 = 256 * 1024;
/// How many templates of a kind are read from a folder.
pub const LIMIT_TEMPLATES: usize = 2_000;

/// The templates in a folder. What can't be read is told at the place that names the folder, and the others are read all the same.
#[must_use]
pub fn read(folder: &str, named_at: Option<Span>, files: &dyn Files, findings: &mut Vec<Finding>) -> Vec<OwnTemplate> {
    let mut out = Vec::new();
    for (kind, name) in [(TemplateKind::Sender, "senders"), (TemplateKind::Registrar, "registrars")] {
        let inner = files.beside(&format!("{folder}/_"), name);
        let names = match files.list(&inner) {
            Ok(names) => names,
            Err(FileError::NotFound) => continue,
            Err(error) => {
                findings.push(unreadable(&inner, &error.text()).at_opt(named_at, Text::default()));
                continue;
            }
        };
        let mut names: Vec<String> = names.into_iter().filter(|n| n.ends_with(".toml")).collect();
        if names.len() > LIMIT_TEMPLATES {
            let (count, shown) = (names.len(), visible(&inner).into_owned());
            let title = say!(
                en: "{shown} has {count} templates; at most {LIMIT_TEMPLATES} are read",
                ja: "{shown} に設定データが {count} 個あります。読むのは {LIMIT_TEMPLATES} 個までです"
            );
            findings.push(Finding::error("own-templates-too-many", title).at_opt(named_at, Text::default()));
            names.truncate(LIMIT_TEMPLATES);
        }
        for name in names {
            let path = files.beside(&format!("{inner}/_"), &name);
            match read_text(&path, files, LIMIT_TEMPLATE, "own-templates-unreadable") {
                Ok(text) => out.push(OwnTemplate { path, kind, called: Vec::new(), text }),
                Err(finding) => findings.push(finding.at_opt(named_at, Text::default())),
            }
        }
    }
    out
}

/// The templates of the folder that a site names; that there are none is told.
pub(crate) fn of_site(folder: &At<String>, files: &dyn Files, findings: &mut Vec<Finding>) -> Vec<OwnTemplate> {
    let before = findings.len();
    let own = read(&folder.value, Some(folder.span), files, findings);
    if own.is_empty() && findings.len() == before {
        let shown = visible(&folder.value).into_owned();
        findings.push(
            Finding::error(
                "own-templates-none",
                say!(en: "there are no templates in {shown}", ja: "{shown} に設定データがありません"),
            )
            .at(folder.span, Text::default())
            .next(say!(
                en: "templates stand in senders/ and registrars/ below it, each in a file <id>.toml",
                ja: "設定データは、その中の senders/ と registrars/ に、<id>.toml という名前で置きます"
            )),
        );
    }
    own
}

fn unreadable(path: &str, why: &Text) -> Finding {
    let shown = visible(path).into_owned();
    Finding::error("own-templates-unreadable", say!(en: "{shown}: {why}", ja: "{shown}: {why}"; why = why))
}
