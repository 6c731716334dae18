//! `zoneplan ask`.

use std::path::{Path, PathBuf};

use crate::fit::Limits;
use crate::fit::ask::inquiry;
use crate::render::ask::{Letter, nothing_to_ask};
use crate::report::Lang;
use crate::say;

use super::args::AskArgs;
use super::one_site::{build_one, registrar, write};
use super::{Exit, output};

/// What is written where.
struct Written {
    /// The letter; nothing if there is nothing to ask.
    letter: String,
    /// What is said beside it.
    message: String,
}

pub(super) fn run(args: &AskArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Exit::NotDone };
    // `zoneplan ask お名前.com`: what is no file and names a company is one.
    let is_company = |word: &&str| !Path::new(word).exists() && catalogue.registrar(word).is_some();
    let word = args.site.as_deref().and_then(Path::to_str).filter(|_| args.registrar.is_none());
    let company = word.filter(is_company);
    let site = args.site.as_ref().filter(|_| company.is_none());
    let written = match (site, args.registrar.as_deref().or(company)) {
        (None, Some(name)) => registrar(&catalogue, name, lang).map(|registrar| {
            let inquiry = inquiry(&Limits::new(registrar, &[]), None);
            let letter_lang = asked.unwrap_or_default();
            let letter = Letter { inquiry: &inquiry, registrar, zone: None, domain: None, lang: letter_lang };
            written(&letter, lang)
        }),
        (None, None) if !PathBuf::from("site.toml").exists() => {
            let text = say!(
                en: "error: there is no site.toml in this folder; name a file, or a company: zoneplan ask onamae",
                ja: "エラー: このフォルダに site.toml がありません。ファイルか会社を指定してください（例: zoneplan ask お名前.com）"
            );
            output::stderr(&format!("{}\n", text.get(lang)));
            None
        }
        (site, _) => {
            let path = site.cloned().unwrap_or_else(|| PathBuf::from("site.toml"));
            build_one(&path, args.registrar.as_ref(), &catalogue, lang, |site, fitted| {
                let zone = &fitted.own;
                let inquiry = inquiry(&zone.limits, Some(zone));
                let plain = site.domain.value.display_without_dot().to_string();
                let domain = match &site.domain_unicode {
                    Some(unicode) => format!("{unicode} ({plain})"),
                    None => plain,
                };
                let letter = Letter {
                    inquiry: &inquiry,
                    registrar: zone.registrar,
                    zone: Some(zone),
                    domain: Some(&domain),
                    lang: asked.or(site.lang).unwrap_or_default(),
                };
                written(&letter, lang)
            })
        }
    };
    let Some(written) = written else { return Exit::NotDone };
    output::stderr(&written.message);
    write(&written.letter, lang)
}

fn written(letter: &Letter<'_>, lang: Lang) -> Written {
    if letter.inquiry.is_empty() {
        let message = nothing_to_ask(letter.inquiry, letter.registrar, lang);
        return Written { letter: String::new(), message };
    }
    let unknown = say!(
        en: "note: in whose form the records are edited is not known, so everything is asked; name the company (registrar = \"…\" in site.toml, or --registrar ID) and what is known is left out",
        ja: "お知らせ: DNSを編集する会社が分からないため、すべてを聞く文面です。会社を指定すると（site.toml の registrar = \"…\"、または --registrar）、分かっていることは省きます"
    );
    let message = if letter.registrar.is_none() { format!("{}\n", unknown.get(lang)) } else { String::new() };
    Written { letter: letter.write(), message }
}
