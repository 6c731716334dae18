//! `--format html`: one page with a row a site, to read, to send and to print. No script; nothing is loaded and nothing is sent.

use super::{bills, broken, copies, domain, foot, heads, policy, registrar, senders, shown, step, steps};
use crate::render::page::Page;
use crate::report::{Lang, Text};
use crate::say;
use crate::status::{Overview, Row};

/// How the page looks, on screen and on paper.
const STYLE: &str = include_str!("page.css");

/// The sites.
pub(super) fn write(overview: &Overview, lang: Lang) -> String {
    let title = say!(en: "Domains and mail: where they stand", ja: "ドメインとメール設定の一覧");
    // A browser hashes what it parsed, and parsing turns CRLF into LF.
    let mut page = Page::begin(&title, &STYLE.replace("\r\n", "\n"), None, lang);
    page.raw("<body>\n<header>\n<h1>");
    page.say(&title);
    page.raw("</h1>\n<p>");
    page.say(&summary(overview));
    page.raw("</p>\n</header>\n<main>\n<table>\n<thead>\n<tr>");
    for head in heads() {
        page.raw("<th scope=\"col\">");
        page.say(&head);
        page.raw("</th>");
    }
    page.raw("</tr>\n</thead>\n<tbody>\n");
    for row in &overview.rows {
        self::row(&mut page, overview, row, lang);
    }
    page.raw("</tbody>\n</table>\n</main>\n<footer>\n<p>");
    page.say(&foot(overview));
    page.raw("</p>\n<p>zoneplan</p>\n</footer>\n</body>\n</html>\n");
    page.finish()
}

/// How many there are, and of how many something is due.
fn summary(overview: &Overview) -> Text {
    let (n, due, broken, today) = (overview.rows.len(), overview.due(), overview.broken(), overview.today);
    let copies = overview.copies();
    say!(
        en: "{today}: sites {n}, with something due {due}, broken {broken}, copies {copies}",
        ja: "{today} 現在: サイト {n} 件 ／ 期日が来たもの {due} 件 ／ 使えないもの {broken} 件 ／ 写し {copies} 件"
    )
}

fn row(page: &mut Page, overview: &Overview, row: &Row, lang: Lang) {
    let [head_domain, head_registrar, head_senders, head_spf, head_copies, head_policy, head_next, head_unchecked] =
        heads();
    let status = match &row.outcome {
        Ok(status) => status,
        Err(why) => {
            page.raw("<tr class=\"broken\"><th scope=\"row\" translate=\"no\">");
            page.text(&shown(&row.file));
            page.raw("</th><td colspan=\"7\">");
            page.text(&shown(broken(why).get(lang)));
            page.raw("</td></tr>\n");
            return;
        }
    };
    page.raw("<tr><th scope=\"row\" translate=\"no\"");
    page.attribute(" data-head", head_domain.get(lang));
    page.raw(">");
    lines(page, domain(status).iter().map(|name| (name.as_str(), false)));
    page.raw("</th>");
    let texts =
        |texts: Vec<Text>| -> Vec<(String, bool)> { texts.iter().map(|text| (shown(text.get(lang)), false)).collect() };
    let due: Vec<(String, bool)> = steps(status).map(|found| (shown(step(found).get(lang)), found.is_due)).collect();
    let unchecked = status.unchecked.iter().map(|unchecked| unchecked.text.clone()).collect();
    for (head, cell) in [
        (head_registrar, texts(vec![registrar(status)])),
        (head_senders, texts(senders(status))),
        (head_spf, texts(bills(status))),
        (head_copies, texts(copies(overview, status))),
        (head_policy, texts(policy(overview, &status.policy))),
        (head_next, due),
        (head_unchecked, texts(unchecked)),
    ] {
        page.raw("<td");
        page.attribute(" data-head", head.get(lang));
        page.raw(">");
        lines(page, cell.iter().map(|(text, due)| (text.as_str(), *due)));
        page.raw("</td>");
    }
    page.raw("</tr>\n");
}

/// The lines of a cell; what is due stands out.
fn lines<'t>(page: &mut Page, lines: impl Iterator<Item = (&'t str, bool)>) {
    for (text, is_due) in lines {
        page.raw(if is_due { "<p class=\"due\">" } else { "<p>" });
        page.text(text);
        page.raw("</p>");
    }
}

#[cfg(test)]
mod tests {
    use super::STYLE;

    #[test]
    fn the_style_stays_within_its_element_and_fetches_nothing() {
        for bad in ["</", "<!--", "http:", "https:", "url(", "@import"] {
            assert!(!STYLE.contains(bad), "{bad}");
        }
    }
}
