//! A worksheet as one self-contained page: printable, readable on a phone, with buttons that copy exactly one box. Nothing is loaded, and
//! nothing is sent. Without script everything is still there to read.

use super::model::{Block, Card, Risk, Sheet, Task};
use super::words;
use crate::render::page::{Page, shown};
use crate::report::{Lang, Text};
use crate::say;

/// How the page looks, on screen and on paper.
const STYLE: &str = include_str!("page.css");
/// What it does: copy, keep ticks, count them, print.
const SCRIPT: &str = include_str!("page.js");

/// The sheet as a page.
#[must_use]
pub fn page(sheet: &Sheet, lang: Lang) -> String {
    // A browser hashes what it parsed, and parsing turns CRLF into LF.
    let (style, script) = (STYLE.replace("\r\n", "\n"), SCRIPT.replace("\r\n", "\n"));
    let mut out = Page::begin(&sheet.title, &style, Some(&script), lang);
    out.opening(sheet);
    out.raw("<main id=\"cards\" tabindex=\"-1\">\n");
    for (index, card) in sheet.cards.iter().enumerate() {
        out.card(card, index);
    }
    out.raw("</main>\n");
    out.closing(&script);
    out.finish()
}

impl Page {
    /// The heading, and the bar that counts.
    fn opening(&mut self, sheet: &Sheet) {
        let lang = self.lang;
        self.raw("<body");
        self.attribute(" data-domain", &sheet.domain);
        self.attribute(" data-copied", say!(en: "Copied", ja: "コピーしました").get(lang));
        let refused = say!(
            en: "The browser did not copy. The box is selected: press Ctrl+C (⌘C)",
            ja: "コピーできませんでした。枠の中を選択したので、Ctrl+C（⌘C）を押してください"
        );
        self.attribute(" data-refused", refused.get(lang));
        self.raw(">\n<a class=\"skip\" href=\"#cards\">");
        self.say(&say!(en: "Skip to the steps", ja: "手順へ進む"));
        self.raw("</a>\n<header class=\"top\">\n<p class=\"domain\" translate=\"no\">");
        self.text(&sheet.domain);
        self.raw("</p>\n<h1>");
        self.say(&sheet.title);
        self.raw("</h1>\n");
        if !sheet.head.is_empty() {
            self.raw("<dl>\n");
            for (label, text) in &sheet.head {
                self.raw("<div><dt>");
                self.say(label);
                self.raw("</dt><dd>");
                self.say(text);
                self.raw("</dd></div>\n");
            }
            self.raw("</dl>\n");
        }
        self.raw("</header>\n<section class=\"bar scripted\"");
        self.attribute(" aria-label", say!(en: "Progress", ja: "進みぐあい").get(lang));
        self.raw(">\n<p id=\"count\">");
        self.say(&say!(en: "Done", ja: "済み"));
        self.raw(" <span id=\"done\">0</span> / <span id=\"all\">0</span></p>\n");
        self.raw("<progress id=\"progress\" value=\"0\" max=\"1\" aria-labelledby=\"count\"></progress>\n");
        self.raw("<button type=\"button\" id=\"print\">");
        self.say(&say!(en: "Print", ja: "印刷"));
        self.raw("</button>\n<p id=\"status\" class=\"unseen\" role=\"status\"></p>\n</section>\n");
    }

    /// Everything after the cards.
    fn closing(&mut self, script: &str) {
        self.raw("<footer>\n<p class=\"scripted\">");
        self.say(&say!(
            en: "Ticks are kept in this browser only. This page sends nothing anywhere.",
            ja: "チェックはこのブラウザーの中だけに保存されます。このページはどこにも何も送信しません。"
        ));
        self.raw("</p>\n<noscript><p>");
        self.say(&say!(
            en: "Scripts are off here: ticks are not kept, and there are no copy buttons. Open this file in a browser to have them.",
            ja: "ここではスクリプトが動いていないため、チェックは保存されず、コピーボタンも出ません。ブラウザーで開くと使えます。"
        ));
        self.raw("</p></noscript>\n<p class=\"maker\">zoneplan</p>\n</footer>\n<script>");
        self.code_of_ours(script);
        self.raw("</script>\n</body>\n</html>\n");
    }

    /// A card. `index` only makes its heading's id.
    fn card(&mut self, card: &Card, index: usize) {
        let id = format!("card{index}");
        self.raw("<article");
        self.attribute(" class", &format!("card {}", class(card.task)));
        self.attribute(" aria-labelledby", &id);
        self.raw(">\n<header>\n<h2");
        self.attribute(" id", &id);
        self.raw(">");
        if let Some(number) = card.number {
            self.raw("<span class=\"number\">");
            self.text(&number.to_string());
            self.raw("</span> ");
        }
        self.raw("<span>");
        self.say(&card.title);
        self.raw("</span></h2>\n<p class=\"marks\"><span class=\"task\">");
        self.say(&words::task(card.task));
        self.raw("</span>");
        if let Some(panel) = &card.panel {
            self.raw(" <span class=\"panel\">");
            self.say(panel);
            self.raw("</span>");
        }
        if let Some(risk) = card.risk {
            let (class, word) = (risk_class(risk), words::risk(risk));
            self.raw(" <span");
            self.attribute(" class", class);
            self.raw(">");
            self.say(&word);
            self.raw("</span>");
        }
        self.raw(" <span class=\"finished\">");
        self.say(&say!(en: "Done", ja: "済み"));
        self.raw("</span></p>\n</header>\n");

        let mut ticks = 0;
        for (at, block) in card.blocks.iter().enumerate() {
            // Ticks that follow each other are one list.
            let tick = matches!(block, Block::Tick { .. });
            if tick && ticks == 0 {
                self.raw("<ul class=\"ticks\">\n");
            } else if !tick && ticks > 0 {
                self.raw("</ul>\n");
            }
            ticks = if tick { ticks + 1 } else { 0 };
            self.block(block, card, &format!("{id}-{at}"));
        }
        if ticks > 0 {
            self.raw("</ul>\n");
        }
        self.raw("</article>\n");
    }

    /// A piece of a card. `id` is of this page only.
    fn block(&mut self, block: &Block, card: &Card, id: &str) {
        match block {
            Block::Line { label, text } => {
                self.raw("<div class=\"line\">");
                if !label.is_empty() {
                    self.raw("<p class=\"label\">");
                    self.say(label);
                    self.raw("</p>");
                }
                self.raw("<p class=\"said\">");
                self.say(text);
                self.raw("</p></div>\n");
            }
            Block::Entry { label, content, short, notes } => {
                self.group(if *short { "entry short" } else { "entry" }, label, id);
                if content.is_empty() {
                    self.raw("<p class=\"box empty\">");
                    self.say(&say!(en: "(leave this empty)", ja: "（空欄のまま）"));
                    self.raw("</p>\n");
                } else {
                    self.copied(content, label, card);
                }
                self.hidden_characters(content);
                for note in notes {
                    self.raw("<p class=\"note\">");
                    self.say(note);
                    self.raw("</p>\n");
                }
                self.raw("</div></div>\n");
            }
            Block::Value { label, content } => {
                self.group("compare", label, id);
                self.raw("<div class=\"box\">");
                self.code(content);
                self.raw("</div>\n");
                self.hidden_characters(content);
                self.raw("</div></div>\n");
            }
            Block::Command { label, command, expect } => {
                self.group("command", label, id);
                self.copied(command, label, card);
                self.hidden_characters(command);
                if !expect.is_empty() {
                    self.raw("<p class=\"note expect\"><b>");
                    self.say(&say!(en: "Look for:", ja: "見るところ："));
                    self.raw("</b> ");
                    self.say(expect);
                    self.raw("</p>\n");
                }
                self.raw("</div></div>\n");
            }
            Block::Warning(text) => {
                self.raw("<div class=\"warning\"><p class=\"label\">");
                self.say(&say!(en: "Careful", ja: "注意"));
                self.raw("</p><p class=\"said\">");
                self.say(text);
                self.raw("</p></div>\n");
            }
            Block::Tick { key, text } => {
                // Browsers fill in what was ticked when the page was left, whatever was kept: that is what autocomplete is off for.
                self.raw("<li><label><input type=\"checkbox\" autocomplete=\"off\"");
                self.attribute(" data-tick", &format!("{} {key}", card.key));
                self.raw("> <span>");
                self.say(text);
                self.raw("</span></label></li>\n");
            }
        }
    }

    /// Opens what belongs to a label. Two elements are left open.
    fn group(&mut self, class: &'static str, label: &Text, id: &str) {
        self.raw("<div role=\"group\"");
        self.attribute(" class", class);
        self.attribute(" aria-labelledby", id);
        self.raw("><p class=\"label\"");
        self.attribute(" id", id);
        self.raw(">");
        self.say(label);
        self.raw("</p><div class=\"field\">\n");
    }

    /// A box with its button.
    fn copied(&mut self, content: &str, label: &Text, card: &Card) {
        self.raw("<div class=\"box\">");
        self.code(content);
        self.raw("<button type=\"button\" class=\"copy scripted\"><span class=\"word\">");
        self.say(&say!(en: "Copy", ja: "コピー"));
        // Whoever hears the buttons in a list hears which is which.
        self.raw("</span><span class=\"unseen\"> ");
        self.say(label);
        self.raw(" – ");
        self.say(&card.title);
        self.raw("</span></button></div>\n");
    }

    /// The value itself. What is copied is its text; where that would not be the same octets, `data-exact` holds them as JSON.
    fn code(&mut self, content: &str) {
        self.raw("<code translate=\"no\" dir=\"ltr\"");
        let text = shown(content);
        if text != content {
            self.attribute(" data-exact", &serde_json::Value::from(content).to_string());
        }
        self.raw(">");
        self.escaped(&text);
        self.raw("</code>");
    }

    /// Says that a box shows what one cannot see.
    fn hidden_characters(&mut self, content: &str) {
        if shown(content) == content {
            return;
        }
        self.raw("<p class=\"note\">");
        self.say(&say!(
            en: "Characters that cannot be seen are shown as <U+…>; the button copies the characters themselves",
            ja: "目に見えない文字は <U+…> の形で示しています。ボタンでコピーされるのは元の文字です"
        ));
        self.raw("</p>\n");
    }
}

/// The class of a task.
fn class(task: Task) -> &'static str {
    match task {
        Task::Before => "before",
        Task::Add => "add",
        Task::Edit => "edit",
        Task::Switch => "switch",
        Task::Find => "find",
        Task::Decide => "decide",
        Task::Remove => "remove",
        Task::Start => "start",
        Task::Wait => "wait",
        Task::Keep => "keep",
        Task::Confirm => "confirm",
    }
}

/// The class of a risk.
fn risk_class(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "risk low",
        Risk::Medium => "risk medium",
        Risk::High => "risk high",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::page::hash;

    fn sheet(blocks: Vec<Block>) -> Sheet {
        let card = Card {
            key: "k".into(),
            task: Task::Add,
            number: Some(1),
            title: Text::same("t"),
            panel: None,
            risk: Some(Risk::Low),
            blocks,
        };
        Sheet { domain: "example.com".into(), title: Text::same("h"), head: Vec::new(), cards: vec![card] }
    }

    fn entry(content: &str) -> Block {
        Block::Entry { label: Text::same("l"), content: content.into(), short: false, notes: Vec::new() }
    }

    /// What stands between the first `before` and the next `after`.
    fn between<'a>(html: &'a str, before: &str, after: &str) -> &'a str {
        html.split_once(before).and_then(|(_, rest)| rest.split_once(after)).expect("both").0
    }

    #[test]
    fn style_and_script_stay_within_their_elements_and_fetch_nothing() {
        for text in [STYLE, SCRIPT] {
            for bad in ["</", "<!--", "http:", "https:", "url(", "@import", "fetch(", "XMLHttp", "innerHTML", "eval("] {
                assert!(!text.contains(bad), "{bad}");
            }
        }
    }

    #[test]
    fn the_policy_names_the_script_and_the_style_that_are_there() {
        let html = page(&sheet(Vec::new()), Lang::En);
        let policy = between(&html, "Content-Security-Policy\" content=\"", "\"").replace("&#39;", "'");
        let script = hash(between(&html, "<script>", "</script>"));
        let style = hash(between(&html, "<style>", "</style>"));
        let wanted = format!(
            "default-src 'none'; script-src '{script}'; style-src '{style}'; base-uri 'none'; form-action 'none'"
        );
        assert_eq!(policy, wanted);
    }

    #[test]
    fn no_value_is_markup() {
        let bad = "\"'><script>&amp;</code>";
        let html = page(&sheet(vec![entry(bad), Block::Warning(Text::same(bad))]), Lang::En);
        assert_eq!(html.matches("<script").count(), 1);
        let escaped = "&quot;&#39;&gt;&lt;script&gt;&amp;amp;&lt;/code&gt;";
        assert_eq!(between(&html, "<code translate=\"no\" dir=\"ltr\">", "</code>"), escaped);
    }

    #[test]
    fn octets_that_a_page_cannot_show_are_kept_beside_the_text() {
        let html = page(&sheet(vec![entry("a\u{202e}\r\0\n\tb")]), Lang::En);
        assert!(
            html.contains(concat!(
                " data-exact=\"&quot;a\u{202e}\\r\\u0000\\n\\tb&quot;\">",
                "a&lt;U+202E&gt;&lt;U+000D&gt;&lt;U+0000&gt;\n\tb</code>"
            )),
            "{html}"
        );
        let html = page(&sheet(vec![entry("two\nlines\tand a tab")]), Lang::En);
        assert!(html.contains("\">two\nlines\tand a tab</code>"));
    }

    #[test]
    fn an_empty_box_says_so_and_has_nothing_to_copy() {
        let html = page(&sheet(vec![entry("")]), Lang::Ja);
        assert!(html.contains("（空欄のまま）"));
        assert!(!html.contains("class=\"copy"));
    }

    #[test]
    fn ticks_in_a_row_are_one_list_and_what_is_between_makes_two() {
        let tick = || Block::Tick { key: "a".to_owned(), text: Text::same("x") };
        let html = page(&sheet(vec![tick(), tick(), entry("v"), tick()]), Lang::En);
        assert_eq!((html.matches("<ul").count(), html.matches("</ul>").count()), (2, 2));
        assert_eq!(html.matches("data-tick=\"k a\"").count(), 3);
    }
}
