//! Every template parses, is named after its id, and points at its sources.

use std::fs;
use std::path::Path;

use zoneplan::catalogue::{registrar, sender};
use zoneplan::report::{Finding, Sources};
use zoneplan::toml_reader::Sink;

fn each(folder: &str, check: impl Fn(&str, &str, &Sink) -> Option<String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("providers").join(folder);
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut sources = Sources::default();
        let sink = Sink::new(sources.add(&format!("{stem}.toml"), text.clone()));
        if let Some(problem) = check(&stem, &text, &sink) {
            wrong.push(format!("{stem}: {problem}"));
        }
        for finding in sink.into_findings() {
            wrong.push(format!("{stem}: {}", show(&finding, &sources)));
        }
        count += 1;
    }
    assert!(count > 0, "no templates in {}", folder.display());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn show(finding: &Finding, sources: &Sources) -> String {
    let place = finding.primary().map_or(String::new(), |s| {
        let (line, column) = sources.line_column(s.file, s.start);
        format!("{line}:{column}: ")
    });
    format!("{place}{} [{}]", finding.title.en, finding.id)
}

#[test]
fn senders() {
    each("senders", |stem, text, sink| {
        let sender = sender::parse(text, sink)?;
        (sender.id != stem).then(|| format!("id is `{}`", sender.id))
    });
}

#[test]
fn registrars() {
    each("registrars", |stem, text, sink| {
        let registrar = registrar::parse(text, sink)?;
        (registrar.id != stem).then(|| format!("id is `{}`", registrar.id))
    });
}
