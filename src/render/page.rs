//! A page that stands alone: what is common to all of them. Nothing is loaded and nothing is sent.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use crate::report::{Lang, Text, visible};

/// The page as far as it is written. Markup is `'static`, so nothing from outside can be markup: it goes through `text` or `attribute`.
pub(super) struct Page {
    html: String,
    pub(super) lang: Lang,
}

impl Page {
    /// Markup of our own.
    pub(super) fn raw(&mut self, markup: &'static str) {
        self.html.push_str(markup);
    }

    /// Characters, as text or between the quotes of an attribute.
    pub(super) fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                '"' => self.raw("&quot;"),
                '\'' => self.raw("&#39;"),
                // Parsing would make it a line feed.
                '\r' => self.raw("&#13;"),
                c => self.html.push(c),
            }
        }
    }

    /// A text that is read: nothing in it is invisible or reorders what stands around it.
    pub(super) fn text(&mut self, text: &str) {
        self.escaped(&shown(text));
    }

    /// A sentence, in the language of the page.
    pub(super) fn say(&mut self, text: &Text) {
        self.text(text.get(self.lang));
    }

    /// ` name="value"`; the name comes with its space.
    pub(super) fn attribute(&mut self, name: &'static str, value: &str) {
        self.raw(name);
        self.raw("=\"");
        self.escaped(value);
        self.raw("\"");
    }

    /// A page with everything up to `<body>`.
    pub(super) fn begin(title: &Text, style: &str, script: Option<&str>, lang: Lang) -> Self {
        let mut this = Self { html: String::with_capacity(64 * 1024), lang };
        this.head(title, style, script);
        this
    }

    /// The page.
    pub(super) fn finish(self) -> String {
        self.html
    }

    /// A script of our own, as it is.
    pub(super) fn code_of_ours(&mut self, script: &str) {
        self.html.push_str(script);
    }

    fn head(&mut self, title: &Text, style: &str, script: Option<&str>) {
        self.raw("<!doctype html>\n<html");
        let lang = match self.lang {
            Lang::En => "en",
            Lang::Ja => "ja",
        };
        self.attribute(" lang", lang);
        self.raw(">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\"");
        // Nothing but this style and this script; nothing can be loaded or sent, whatever a value says.
        let script = script.map(|script| format!(" script-src '{}';", hash(script))).unwrap_or_default();
        let style_hash = hash(style);
        let policy =
            format!("default-src 'none';{script} style-src '{style_hash}'; base-uri 'none'; form-action 'none'");
        self.attribute(" content", &policy);
        self.raw(
            ">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"robots\" content=\"noindex\">\n\
             <meta name=\"format-detection\" content=\"telephone=no, address=no, email=no\">\n\
             <title>",
        );
        self.say(title);
        self.raw("</title>\n<style>");
        self.html.push_str(style);
        self.raw("</style>\n</head>\n");
    }
}

/// `text` with what cannot be seen spelled out, except for line feeds and tabs, which a page can show.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    if visible(text) == text {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for piece in text.split_inclusive(['\n', '\t']) {
        let bare = piece.trim_end_matches(['\n', '\t']);
        out.push_str(&visible(bare));
        out.push_str(piece.get(bare.len()..).unwrap_or_default());
    }
    Cow::Owned(out)
}

/// How a policy names an inline text that may act.
pub(super) fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
