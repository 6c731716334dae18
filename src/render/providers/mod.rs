//! The catalogue as `zoneplan providers` shows it: lists, and all that is known of one company.

mod json;
mod list;
mod registrar;
mod sender;

pub use json::{hits_json, list_json, registrar_json, sender_json, shown_json};
pub use list::{hits, list};
pub use registrar::registrar;
pub use sender::sender;

use crate::catalogue::facts::{Evidence, place};
use crate::catalogue::sender::Sender;
use crate::report::{Lang, Text, visible};
use crate::say;

/// What a kind of company is called.
#[must_use]
pub fn kind_text(kind: &str) -> Text {
    match kind {
        "rental-server" => say!(en: "web and mail hosting", ja: "レンタルサーバー"),
        "mailbox" => say!(en: "mailboxes", ja: "メール"),
        "shop" => say!(en: "web shop", ja: "ネットショップ"),
        "esp" => say!(en: "newsletters and bulk mail", ja: "メール配信"),
        "ma" => say!(en: "marketing automation", ja: "マーケティングオートメーション"),
        "crm" => say!(en: "customer management", ja: "顧客管理"),
        "helpdesk" => say!(en: "helpdesk", ja: "問い合わせ管理"),
        "forms" => say!(en: "forms", ja: "フォーム"),
        "saas" => say!(en: "application", ja: "業務サービス"),
        "relay" => say!(en: "outgoing relay", ja: "送信リレー"),
        "gateway" => say!(en: "mail gateway", ja: "メールゲートウェイ"),
        "forwarder" => say!(en: "forwarding", ja: "転送"),
        "dmarc-hosting" => say!(en: "DMARC hosting", ja: "DMARC 運用サービス"),
        "registrar-panel" => say!(en: "registrar", ja: "ドメイン登録会社"),
        "hosting-panel" => say!(en: "hosting panel", ja: "サーバーの管理画面"),
        "dns-host" => say!(en: "DNS host", ja: "DNS サービス"),
        "cloud" => say!(en: "cloud", ja: "クラウド"),
        "fictional" => say!(en: "made up", ja: "架空の会社"),
        other => Text::same(other),
    }
}

/// What the catalogue knows of a sender, in a few words.
#[must_use]
pub fn what(sender: &Sender) -> Text {
    if sender.via.is_some() {
        return say!(en: "sends through another service", ja: "ほかのサービスを通して送信");
    }
    if sender.recognise.only.is_some() {
        return say!(en: "recognised only", ja: "見分けるだけ");
    }
    let mut parts = Vec::new();
    if !sender.spf.terms.is_empty() {
        parts.push("SPF");
    }
    if !sender.dkim.is_empty() {
        parts.push("DKIM");
    }
    if sender.records.iter().any(|r| r.rtype.value == "MX") {
        parts.push("MX");
    }
    if parts.is_empty() && sender.records.is_empty() {
        return say!(en: "no record", ja: "レコードなし");
    }
    if parts.is_empty() {
        return say!(en: "other records", ja: "その他のレコード");
    }
    Text { en: parts.join(", "), ja: parts.join("、") }
}

/// A page of text: headings, lines, indented blocks. Nothing in it has power over a terminal.
struct Page {
    out: String,
    lang: Lang,
}

impl Page {
    fn new(lang: Lang) -> Self {
        Self { out: String::new(), lang }
    }

    fn raw(&mut self, indent: usize, text: &str) {
        for line in text.split('\n') {
            self.out.push_str(&" ".repeat(indent));
            self.out.push_str(&visible(line));
            self.out.push('\n');
        }
    }

    fn line(&mut self, indent: usize, text: &Text) {
        self.raw(indent, text.get(self.lang));
    }

    /// An empty line, then the heading.
    fn heading(&mut self, text: &Text) {
        self.out.push('\n');
        self.line(0, text);
    }

    /// A point of a list; its further lines stand below its first.
    fn point(&mut self, text: &Text) {
        let mut lines = text.get(self.lang).split('\n');
        self.raw(2, &format!("- {}", lines.next().unwrap_or_default()));
        for line in lines {
            self.raw(4, line);
        }
    }

    /// Sources: what each states, where, when, how it knows. Their notes are in English only, so a Japanese page has none.
    fn sources(&mut self, sources: &[Evidence]) {
        self.heading(&say!(en: "Sources", ja: "出どころ"));
        for source in sources {
            let (facts, place, trust, date) =
                (source.facts.join(", "), place(&source.url), source.trust.text(), &source.date);
            self.point(&say!(
                en: "{facts}: {place} ({date}, {trust})",
                ja: "{facts}: {place}（{date}、{trust}）"; place = place, trust = trust
            ));
            if self.lang == Lang::En && !source.note.is_empty() {
                self.raw(4, &source.note);
            }
        }
    }
}
