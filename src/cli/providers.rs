//! `zoneplan providers`: the catalogue, looked at, searched, and checked.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::catalogue::search::Found;
use crate::catalogue::{Catalogue, TemplateKind};
use crate::own_templates::LIMIT_TEMPLATE;
use crate::render::providers as show;
use crate::report::markdown::Page;
use crate::report::{Counts, Finding, Lang, Severity, Text, did_you_mean, excerpt, join, next_step, visible};
use crate::say;
use crate::site::{FileError, Files as _, read_text};
use crate::template_check::{Checked, check, expansions};

use super::args::{
    CheckArgs, CheckTelling, ListArgs, OutputFormat, ProvidersArgs, ProvidersCommand, SearchArgs, ShowArgs, Which,
};
use super::disk::Disk;
use super::one_site::write;
use super::summary::Telling;
use super::{Exit, bind, output};

pub(super) fn run(args: &ProvidersArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    let catalogue = match &args.command {
        // The template that is checked may itself be the one in the user's folder that nothing else can be done with.
        ProvidersCommand::Check(_) | ProvidersCommand::Import(_) => Some(super::catalogue::sound()),
        ProvidersCommand::List(_) | ProvidersCommand::Search(_) | ProvidersCommand::Show(_) => {
            super::catalogue::catalogue(lang)
        }
    };
    let Some(catalogue) = catalogue else { return Exit::NotDone };
    let product = asked.unwrap_or_default();
    match &args.command {
        ProvidersCommand::List(args) => list(args, &catalogue, lang, product),
        ProvidersCommand::Search(args) => search(args, &catalogue, lang, product),
        ProvidersCommand::Show(args) => one(args, &catalogue, lang, product),
        ProvidersCommand::Check(args) => checked(args, &catalogue, lang),
        ProvidersCommand::Import(args) => {
            let telling = Telling::of(lang, &args.telling);
            let (out, report) = (args.output.as_deref(), args.telling.report.as_deref());
            super::providers_import::run(&args.files, out, report, telling)
        }
    }
}

fn say_error(text: &Text, lang: Lang) -> Exit {
    output::stderr(&format!("{}\n", text.get(lang)));
    Exit::NotDone
}

fn list(args: &ListArgs, catalogue: &Catalogue, lang: Lang, product: Lang) -> Exit {
    let senders = catalogue.senders().map(Found::Sender).filter(|_| args.which != Some(Which::Registrars));
    let registrars = catalogue.registrars().map(Found::Registrar).filter(|_| args.which != Some(Which::Senders));
    let all: Vec<Found<'_>> = senders.chain(registrars).collect();
    let of = |found: &Found<'_>| match found {
        Found::Sender(s) => (s.kind.to_owned(), if s.japanese { "JP" } else { "" }.to_owned()),
        Found::Registrar(r) => (r.kind.clone(), r.country.clone()),
    };
    if let Some(kind) = args.kind.as_ref().filter(|k| !all.iter().any(|f| of(f).0 == **k)) {
        let mut kinds: Vec<String> = all.iter().map(|f| of(f).0).collect();
        kinds.sort();
        kinds.dedup();
        let (shown, kinds) = (excerpt(kind, 40), kinds.join(", "));
        return say_error(
            &say!(en: "error: --kind: there is no kind “{shown}”; there are: {kinds}", ja: "エラー: --kind: 「{shown}」という種類はありません。あるのは {kinds}"),
            lang,
        );
    }
    let fits = |found: &&Found<'_>| {
        let (kind, country) = of(found);
        args.kind.as_ref().is_none_or(|k| *k == kind)
            && args.country.as_ref().is_none_or(|c| c.eq_ignore_ascii_case(&country))
    };
    let found: Vec<Found<'_>> = all.iter().filter(fits).copied().collect();
    if found.is_empty() {
        let text = say!(en: "there is none", ja: "ありません");
        output::stderr(&format!("{}\n", text.get(lang)));
    }
    match args.format {
        OutputFormat::Json => write(&show::list_json(&found), lang),
        OutputFormat::Text => write(&show::list(&found, product), lang),
    }
}

fn search(args: &SearchArgs, catalogue: &Catalogue, lang: Lang, product: Lang) -> Exit {
    let query = args.words.join(" ");
    let hits = catalogue.search(&query);
    let text = match args.format {
        OutputFormat::Json => show::hits_json(&hits),
        OutputFormat::Text if hits.is_empty() => String::new(),
        OutputFormat::Text => show::hits(&hits, product),
    };
    if hits.is_empty() {
        let shown = excerpt(&query, 60);
        let text = say!(
            en: "nothing is found by “{shown}”; try a part of a name, an SPF include, a DKIM selector, an MX or name server",
            ja: "「{shown}」では見つかりません。名前の一部、SPF の include、DKIM のセレクタ、MX、ネームサーバーで探せます"
        );
        output::stderr(&format!("{}\n", text.get(lang)));
    }
    write(&text, lang)
}

fn one(args: &ShowArgs, catalogue: &Catalogue, lang: Lang, product: Lang) -> Exit {
    let name = &args.name;
    let (sender, registrar) = (catalogue.sender(name), catalogue.registrar(name));
    if sender.is_none() && registrar.is_none() {
        let shown = excerpt(name, 60);
        let mut text =
            say!(en: "error: “{shown}” is not in the catalogue", ja: "エラー: 「{shown}」は一覧にありません");
        let near = [catalogue.sender_near(name), catalogue.registrar_near(name)];
        let near: Vec<&str> = near.iter().flatten().map(String::as_str).collect();
        if let Some(near) = did_you_mean(name, near.iter().copied()).or(near.first().copied()) {
            text = say!(en: "{text}\ndid you mean “{near}”?", ja: "{text}\n「{near}」ではありませんか"; text = text);
        }
        let hint = say!(en: "zoneplan providers search finds by parts of names, and by what stands in a zone", ja: "zoneplan providers search なら、名前の一部やゾーンの値で探せます");
        let text = say!(en: "{text}\n{hint}", ja: "{text}\n{hint}"; text = text, hint = hint);
        return say_error(&text, lang);
    }
    // One company is often both: it sends mail, and the zone may be edited in its panel.
    let sender = sender.map(|s| (s, catalogue.own_path(TemplateKind::Sender, &s.id), expansions(s, catalogue)));
    let registrar = registrar.map(|r| (r, catalogue.own_path(TemplateKind::Registrar, &r.id)));
    let text = match args.format {
        OutputFormat::Json => {
            let sender = sender.map(|(sender, own, expansions)| show::sender_json(sender, own, &expansions));
            let registrar = registrar.map(|(registrar, own)| show::registrar_json(registrar, own));
            show::shown_json(&sender.into_iter().chain(registrar).collect::<Vec<_>>())
        }
        OutputFormat::Text => {
            let sender =
                sender.map(|(sender, own, expansions)| show::sender(sender, own, &expansions, catalogue, product));
            let registrar = registrar.map(|(registrar, own)| show::registrar(registrar, own, product));
            sender.into_iter().chain(registrar).collect::<Vec<_>>().join("\n")
        }
    };
    write(&text, lang)
}

/// The templates that are named: files, and those of folders, with what lies in `senders/` and `registrars/` below.
fn files(named: &[PathBuf], disk: &Disk) -> Result<Vec<String>, Text> {
    let mut out = Vec::new();
    for path in named {
        let shown = path.to_string_lossy().into_owned();
        if !path.is_dir() {
            out.push(shown);
            continue;
        }
        let before = out.len();
        for folder in [path.clone(), path.join("senders"), path.join("registrars")] {
            let name = folder.to_string_lossy().into_owned();
            match disk.list(&name) {
                Ok(names) => {
                    let templates = names.iter().filter(|n| n.ends_with(".toml"));
                    out.extend(templates.map(|n| folder.join(n).to_string_lossy().into_owned()));
                }
                Err(FileError::NotFound) => {}
                Err(error) => {
                    let (shown, why) = (visible(&name).into_owned(), error.text());
                    return Err(say!(en: "error: {shown}: {why}", ja: "エラー: {shown}: {why}"; why = why));
                }
            }
        }
        if out.len() == before {
            let shown = visible(&shown).into_owned();
            return Err(
                say!(en: "error: {shown}: there are no templates (*.toml) in it", ja: "エラー: {shown}: 設定データ（*.toml）がありません"),
            );
        }
    }
    Ok(out)
}

fn checked(args: &CheckArgs, catalogue: &Catalogue, lang: Lang) -> Exit {
    let disk = Disk::default();
    let CheckTelling { strict, message_format: format, verbose } = args.telling;
    let telling = Telling { lang, format, verbose, strict };
    let today = match &args.today {
        None => Some(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()),
        Some(given) => match given.parse::<Date>() {
            Ok(date) => Some(date),
            Err(_) => {
                let shown = excerpt(given, 40);
                return say_error(
                    &say!(en: "error: --today: “{shown}” is no date (YYYY-MM-DD)", ja: "エラー: --today: 「{shown}」は日付ではありません（YYYY-MM-DD）"),
                    lang,
                );
            }
        },
    };
    let files = match files(&args.files, &disk) {
        Ok(files) => files,
        Err(text) => return say_error(&text, lang),
    };
    let bind = match args.bind.then(bind::Checker::find) {
        None => None,
        Some(Some(bind)) => Some(bind),
        Some(None) => {
            return say_error(
                &say!(en: "error: --bind: there is no named-checkzone (BIND's package of tools has it: bind9-utils, bind-utils)", ja: "エラー: --bind: named-checkzone がありません（BIND のツールのパッケージ bind9-utils や bind-utils に入っています）"),
                lang,
            );
        }
    };
    let (mut counts, mut next, mut read, mut page) = (Counts::default(), None, 0, Page::default());
    for path in &files {
        let mut checked = match read_text(path, &disk, LIMIT_TEMPLATE, "template-file") {
            Ok(text) => {
                read += 1;
                check(path, text, catalogue, today)
            }
            Err(finding) => Checked { findings: vec![*finding], ..Checked::default() },
        };
        if let Some(bind) = &bind {
            in_bind(bind, path, &mut checked);
        }
        counts.add(Counts::of(&checked.findings));
        if next.is_none() {
            next = next_step(&checked.findings).cloned();
        }
        // Here findings are the product.
        let text = telling.render(&mut page, Path::new(path), &checked.findings, &checked.sources, output::To::Stdout);
        match write(&text, lang) {
            Exit::Fine => {}
            exit => return exit,
        }
    }
    match telling.end(&page, counts, next.as_ref(), output::To::Stdout) {
        Exit::Fine => {}
        exit => return exit,
    }
    match read {
        0 => Exit::NotDone,
        _ if counts.fail(telling.strict) => Exit::Findings,
        _ => Exit::Fine,
    }
}

/// Loads what comes of a template into BIND.
fn in_bind(bind: &bind::Checker, path: &str, checked: &mut Checked) {
    for (choices, zone) in &checked.zones {
        let Err(says) = bind.load("example.com", zone) else { continue };
        let says = excerpt(says.trim(), 400);
        let mut what = vec![Text::same(visible(path).into_owned())];
        what.extend((!choices.is_empty()).then(|| Text::same(choices)));
        let what = join(&what);
        checked.findings.push(Finding::new(
            "template-bind",
            Severity::Error,
            say!(en: "BIND does not load what comes of {what}: {says}", ja: "{what} から組み立てたゾーンを BIND が読み込めません: {says}"; what = what),
        ));
    }
}
