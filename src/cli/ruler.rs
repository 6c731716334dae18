//! `zoneplan ruler`.

use crate::fit::Limits;
use crate::fit::ruler::{LENGTHS, USUAL, Verdict, read};
use crate::fit::{Fitted, ruler};
use crate::render::ruler::{Sheet, reading};
use crate::report::Lang;
use crate::say;
use crate::site::Site;

use super::args::RulerArgs;
use super::one_site::{build_one, registrar, write};
use super::{Exit, output};

pub(super) fn run(args: &RulerArgs, lang: Lang, asked: Option<Lang>) -> Exit {
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Exit::NotDone };
    let given = args.length.map(usize::from);
    let product = match &args.site {
        Some(path) => build_one(path, args.registrar.as_ref(), &catalogue, lang, |site, fitted| {
            let length = given.unwrap_or_else(|| ruler::length_for(&fitted.own));
            of_site(args, site, fitted, length, asked)
        }),
        None => {
            let named = args.registrar.as_ref().map_or(Some(None), |name| registrar(&catalogue, name, lang));
            named.map(|registrar| {
                let limits = Limits::new(registrar, &[]);
                let lang = asked.unwrap_or_default();
                let length = given.unwrap_or(USUAL);
                answer(args, &Sheet { length, registrar, limits: &limits, domain: None, lang })
            })
        }
    };
    match product {
        None => Exit::NotDone,
        Some(Ok(text)) => write(&text, lang),
        Some(Err(text)) => {
            output::stderr(&format!("{}\n", text.get(lang)));
            Exit::NotDone
        }
    }
}

fn of_site(args: &RulerArgs, site: &Site, fitted: &Fitted<'_>, length: usize, asked: Option<Lang>) -> Answer {
    let lang = asked.or(site.lang).unwrap_or_default();
    let domain = site.domain.value.display_without_dot().to_string();
    let (registrar, limits) = (fitted.own.registrar, &fitted.own.limits);
    answer(args, &Sheet { length, registrar, limits, domain: Some(&domain), lang })
}

/// The product, or why there is none.
type Answer = Result<String, crate::report::Text>;

/// The sheet; or with `--read` what follows from what came back.
fn answer(args: &RulerArgs, sheet: &Sheet<'_>) -> Answer {
    let Some(text) = &args.read else { return Ok(sheet.write()) };
    let length = sheet.length;
    match read(text) {
        Some(found) => match Verdict::of(length, &found) {
            Verdict::Longer(n) if LENGTHS.contains(&n) => Err(say!(
                en: "error: --read: the text has {n} bytes, more than {length}; say how long a ruler you entered: --length {n}, or more",
                ja: "エラー: --read: 文字列は {n} バイトあり、{length} より長くなっています。入力したときの長さを --length で指定してください（{n} 以上）"
            )),
            Verdict::Longer(_) => Err(not_read()),
            _ => Ok(reading(length, &found, sheet.lang)),
        },
        None => Err(not_read()),
    }
}

fn not_read() -> crate::report::Text {
    say!(
        en: "error: --read: this is no ruler, or too little of one; copy all of it, or its last 30 characters, from the edit screen or the answer of nslookup (not from a list, which shortens)",
        ja: "エラー: --read: テスト用の文字列として読めません。全体か、最後の 30 文字を、編集画面か nslookup の結果から写してください（一覧では短く表示されることがあります）"
    )
}
