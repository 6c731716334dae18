//! The ruler's sheet: what to enter, one piece a line, and what follows from what becomes of it. What is known and what follows is decided
//! in `fit`.

use crate::catalogue::registrar::{FinalDot, Form, HostForm, QuirkAt, Registrar};
use crate::fit::Limits;
use crate::fit::ruler::{Reading, SETTLES, TXT_HOST as TXT, Verdict, in_quotes, quotes_may_help, ruler};
use crate::report::{Lang, Text, visible};
use crate::say;

use super::limits::with_sources;

/// Host of the test CNAME, and in its content.
const CNAME: &str = "_zoneplan-test";
/// Host of the test CNAME without `_`.
const PLAIN: &str = "zoneplan-test-cname";

/// What a sheet is written from.
#[derive(Clone, Copy)]
pub struct Sheet<'a> {
    /// Octets of the test TXT.
    pub length: usize,
    /// In whose form it is entered; absent = unknown.
    pub registrar: Option<&'a Registrar>,
    /// What is known of the form.
    pub limits: &'a Limits,
    /// The domain, if a site is given.
    pub domain: Option<&'a str>,
    /// Its language.
    pub lang: Lang,
}

/// A sheet being written.
struct Page {
    out: String,
    lang: Lang,
}

impl Page {
    fn line(&mut self, text: &Text) {
        for line in text.get(self.lang).split('\n') {
            self.out.push_str(&visible(line));
            self.out.push('\n');
        }
    }

    fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A piece to copy, alone on its line.
    fn piece(&mut self, label: &Text, value: &str) {
        self.line(&say!(en: "{label}:", ja: "{label}:"; label = label));
        self.line(&Text::same(value));
    }
}

impl Sheet<'_> {
    /// The whole sheet.
    #[must_use]
    pub fn write(&self) -> String {
        let mut page = Page { out: String::new(), lang: self.lang };
        self.opening(&mut page);
        self.txt(&mut page);
        self.quoted(&mut page);
        self.cname(&mut page);
        self.in_dns(&mut page);
        self.known(&mut page);
        page.out
    }

    fn form(&self) -> Option<&Form> {
        self.registrar.map(|r| &r.form)
    }

    fn label(&self, of: fn(&Form) -> &Option<String>, otherwise: Text) -> Text {
        self.form().and_then(|f| of(f).as_deref()).map_or(otherwise, Text::same)
    }

    fn host_label(&self) -> Text {
        self.label(|f| &f.host, say!(en: "Host name", ja: "ホスト名"))
    }

    fn value_label(&self) -> Text {
        self.label(|f| &f.value, say!(en: "Value", ja: "内容"))
    }

    fn domain(&self) -> &str {
        self.domain.unwrap_or("example.com")
    }

    /// The host field, as this form wants it.
    fn host(&self, host: &str) -> String {
        match self.form().and_then(|f| f.host_form) {
            Some(HostForm::FqdnWithDot) => format!("{host}.{}.", self.domain()),
            _ => host.to_owned(),
        }
    }

    fn row(&self, page: &mut Page, host: &str, rtype: &str) {
        page.piece(&self.host_label(), &self.host(host));
        let shown = self.form().and_then(|f| f.type_labels.get(rtype)).map_or(rtype, String::as_str);
        page.piece(&self.label(|f| &f.rtype, say!(en: "Type", ja: "種別")), shown);
    }

    fn opening(&self, page: &mut Page) {
        let form = match self.registrar.map(|r| &r.name) {
            Some(name) => say!(en: "{name}'s form", ja: "{name}の画面"; name = name),
            None => say!(en: "your DNS form", ja: "DNS の画面"),
        };
        page.line(&say!(
            en: "Finds out what {form} does with a long TXT and with “_” in a CNAME.\nEnter two test rows, see what becomes of them, delete them again. Leave all other rows, and the fields not named here, as they are.",
            ja: "長い TXT と、CNAME の「_」を、{form}がどう扱うかを調べます。\nテスト用の行を 2 つ登録し、結果を見て、最後に消します。ほかの行と、ここに書いていない欄（TTL など）は、そのままにします。"; form = form
        ));
        if let Some(path) = self.form().and_then(|f| f.menu_path.as_deref()) {
            page.line(&say!(en: "Where: {path}", ja: "開く画面: {path}"));
        }
        // What is saved here has the traps of whatever else is saved in this panel.
        let traps = self.registrar.into_iter().flat_map(|r| &r.quirks);
        for trap in traps.filter(|q| q.at.iter().any(|at| matches!(at, QuirkAt::Start | QuirkAt::Save))) {
            let text = &trap.text;
            page.line(&say!(en: "! {text}", ja: "! {text}"; text = text));
        }
        if let Some(sample) = self.form().and_then(|f| f.whole_zone_text.as_deref()) {
            page.line(&say!(
                en: "This form is one text of the whole zone: add a line for each row, and keep all lines that are there. Lines look like this (separated by | here):\n{sample}",
                ja: "この画面は、ゾーン全体が 1 つの文字欄です。テスト用の行を書き足し、いまある行は 1 行も消さないでください。行の書き方の例（「|」で区切って並べています）:\n{sample}"
            ));
        }
        page.blank();
    }

    fn txt(&self, page: &mut Page) {
        let length = self.length;
        page.line(&say!(en: "1. A long TXT", ja: "1. 長い TXT"));
        page.blank();
        self.row(page, TXT, "TXT");
        let value = self.value_label();
        let value = say!(
            en: "{value} ({length} bytes; each number says how many bytes there are up to its end)",
            ja: "{value}（{length} バイト。数字は、先頭からその数字の終わりまでのバイト数です）"; value = value
        );
        page.piece(&value, &ruler(length));
        page.blank();
        page.line(&say!(
            en: "After saving, open the row again: lists often shorten long values, the edit screen does not. Write in site.toml under [limits]:",
            ja: "保存したら、その行の編集画面をもう一度開いて見てください（一覧では短く表示されることがあります）。結果に合う行を、site.toml の [limits] に書きます。"
        ));
        page.line(&say!(
            en: "- Refused, and the message names the most bytes it takes:\n  txt-max = that number",
            ja: "- 断られ、上限のバイト数が表示された\n  txt-max = 表示された数"
        ));
        let shorter = [255, 127].into_iter().find(|n| *n < length);
        let then = match shorter {
            Some(n) => {
                say!(en: "Then try a shorter one: zoneplan ruler --length {n}", ja: "続けて、短いもので試します: zoneplan ruler --length {n}")
            }
            None => {
                say!(en: "Then ask: zoneplan ask writes the letter to support", ja: "続けて、サポートに聞きます: zoneplan ask が問い合わせの文面を作ります")
            }
        };
        page.line(&say!(
            en: "- Refused without a number (keep the words of the message):\n  txt-refused-at = {length}\n  {then}",
            ja: "- 断られたが、数は分からない（画面の文言を控えておきます）\n  txt-refused-at = {length}\n  {then}"; then = then
        ));
        page.line(&say!(
            en: "- Saved, and it still ends in {length}:\n  txt-max = {length}\n  (so much goes in; whether more does, a longer one tells: --length)",
            ja: "- 保存でき、最後が {length} のまま\n  txt-max = {length}\n  （{length} バイトまで入ると分かった、という意味です。もっと長い値は --length で試せます）"
        ));
        page.line(&say!(
            en: "- Saved, but the end is missing: it was cut without a word. The number of bytes is the last whole number and what stands behind it; “..120.......” is 127:\n  txt-truncates = that number\n  zoneplan can count: zoneplan ruler --read 'what is left'",
            ja: "- 保存できたが、終わりのほうがない（黙って切られた）。残ったバイト数は、最後の完全な数字に、その後ろの文字数を足したものです（「..120.......」なら 127）\n  txt-truncates = 残ったバイト数\n  数えるのは zoneplan に任せられます: zoneplan ruler --read '残っていた文字列'"
        ));
        if length > 255 {
            page.line(&say!(
                en: "- Saved, and shown as several strings: the form splits by itself. Besides the line above:\n  txt-over-255 = \"auto-split\"",
                ja: "- 保存でき、2 つ以上の文字列に分かれていた（画面が自動で分けた）。上の行に加えて\n  txt-over-255 = \"auto-split\""
            ));
        }
        page.blank();
    }

    /// The second try, for a form that wants several strings.
    fn quoted(&self, page: &mut Page) {
        let Some(quoted) = in_quotes(&ruler(self.length)).filter(|_| quotes_may_help(self.limits)) else { return };
        page.line(&say!(
            en: "Only if the first was refused: the same in pieces of at most 255 bytes, in quotes. Same host name, same type.",
            ja: "断られたときだけ: 同じ内容を 255 バイト以内に分け、引用符で囲んだ形で試します。ホスト名と種別は同じです。"
        ));
        page.blank();
        page.piece(&self.value_label(), &quoted);
        page.blank();
        page.line(&say!(
            en: "- Saved whole this time (in place of txt-refused-at):\n  txt-over-255 = \"quoted-strings\"",
            ja: "- こんどは最後まで保存できた（txt-refused-at のかわりに）\n  txt-over-255 = \"quoted-strings\""
        ));
        page.blank();
    }

    fn cname(&self, page: &mut Page) {
        page.line(&say!(en: "2. A CNAME with “_”", ja: "2. 「_」を含む CNAME"));
        page.blank();
        self.row(page, CNAME, "CNAME");
        let dot = self.form().and_then(|f| f.final_dot);
        let end = if dot == Some(FinalDot::Required) { "." } else { "" };
        page.piece(&self.value_label(), &format!("{CNAME}.example.com{end}"));
        page.blank();
        if self.form().is_some_and(|f| f.final_dot.is_none()) || self.registrar.is_none() {
            page.line(&say!(
                en: "(example.com is reserved for examples. If your own domain is appended to it after saving, the form wants a dot at the end.)",
                ja: "（example.com は例に使うための名前です。保存後にあなたのドメインが後ろに付いていたら、その画面では末尾に「.」が必要です。）"
            ));
        }
        let plain = self.host(PLAIN);
        let host = self.host_label();
        page.line(&say!(
            en: "- Saved:\n  cname-owner-underscore = true\n  cname-target-underscore = true\n- Refused: change only “{host}”, to {plain}, and try again.\n  - Saved now:\n    cname-owner-underscore = false\n    cname-target-underscore = true\n  - Refused again, because of the value:\n    cname-target-underscore = false",
            ja: "- 保存できた\n  cname-owner-underscore = true\n  cname-target-underscore = true\n- 断られた:「{host}」だけを {plain} に変えて、もう一度試します。\n  - こんどは保存できた\n    cname-owner-underscore = false\n    cname-target-underscore = true\n  - また値が原因で断られた\n    cname-target-underscore = false"; host = host
        ));
        page.blank();
    }

    fn in_dns(&self, page: &mut Page) {
        let domain = self.domain();
        page.line(&say!(
            en: "3. Look in DNS, once the rows are published (what is cut or split there, too, counts)",
            ja: "3. DNS で見る（登録が反映されてから。保存できても、ここで切れたり分かれたりすることがあります）"
        ));
        page.blank();
        page.line(&Text::same(format!("nslookup -type=TXT {TXT}.{domain}")));
        page.line(&Text::same(format!("nslookup -type=CNAME {CNAME}.{domain}")));
        page.blank();
        if self.domain.is_none() {
            page.line(&say!(en: "Put your domain in place of example.com.", ja: "example.com は、あなたのドメインに置き換えます。"));
        }
        page.line(&say!(
            en: "Each pair of quotes is one string. An answer without these numbers is another row's, or the row is not published yet.\nTo have it counted: zoneplan ruler --read 'the answer'",
            ja: "引用符 1 組が 1 つの文字列です。数字の並びが出ないときは、まだ反映されていないか、別の行が答えています。\n数えるには: zoneplan ruler --read '出てきた文字列'"
        ));
        page.blank();
        let (txt, cname, plain) = (self.host(TXT), self.host(CNAME), self.host(PLAIN));
        page.line(&say!(
            en: "4. Delete the test rows: {txt}, {cname} (or {plain})",
            ja: "4. テスト用の行を消します: {txt}、{cname}（または {plain}）"
        ));
    }

    /// What is known already, and by whom.
    fn known(&self, page: &mut Page) {
        let known: Vec<_> = SETTLES.iter().filter_map(|key| self.limits.get(key)).collect();
        if self.registrar.is_none() && known.is_empty() {
            return;
        }
        page.blank();
        if known.is_empty() {
            page.line(&say!(en: "Of all this nothing is known yet.", ja: "これらについて、分かっていることはまだありません。"));
            return;
        }
        page.line(&say!(en: "What is known already:", ja: "すでに分かっていること:"));
        for text in with_sources(known, self.registrar) {
            page.line(&text);
        }
    }
}

/// What came back of a ruler of `length` octets, in words and as lines of `[limits]`.
#[must_use]
pub fn reading(length: usize, reading: &Reading, lang: Lang) -> String {
    let mut page = Page { out: String::new(), lang };
    let verdict = Verdict::of(length, reading);
    page.line(&match verdict {
        Verdict::Whole(n) => say!(en: "All {n} bytes are there.", ja: "{n} バイトすべてが残っています。"),
        Verdict::Cut(n) => say!(
            en: "{n} of {length} bytes are left: the form cuts without a word.\n(Or a list only shows it shortened, with “...”: make sure that the edit screen or nslookup says the same.)",
            ja: "残っているのは {length} バイトのうち {n} バイトです。画面が黙って切っています。\n（一覧が「...」で短く表示しているだけのこともあります。編集画面か nslookup でも同じか、確かめてください）"
        ),
        Verdict::EachCut(n) => say!(
            en: "Each string is cut on its own; {n} bytes of the first are left.",
            ja: "文字列がそれぞれ途中で切られています。最初の文字列に残っているのは {n} バイトです。"
        ),
        Verdict::Longer(n) => say!(
            en: "There are {n} bytes, more than the {length} of the usual ruler: say how long yours was, e.g. --length {n}",
            ja: "{n} バイトあり、{length} バイトの文字列より長くなっています。登録したときの長さを --length で指定してください（例: --length {n}）"
        ),
    });
    if reading.strings.len() > 1 {
        let count = reading.strings.len();
        let lengths = reading.strings.iter().map(usize::to_string).collect::<Vec<_>>().join(" + ");
        page.line(
            &say!(en: "They are in {count} strings: {lengths}", ja: "{count} つの文字列に分かれています: {lengths}"),
        );
    }
    let Some((key, value)) = verdict.limit() else { return page.out };
    page.blank();
    page.line(&say!(en: "Write in site.toml:", ja: "site.toml に書く行:"));
    page.blank();
    page.line(&Text::same(format!("[limits]\n{key} = {value}")));
    if reading.strings.len() > 1 && matches!(verdict, Verdict::Whole(_)) {
        page.blank();
        page.line(&say!(
            en: "and, if you entered it in one piece: txt-over-255 = \"auto-split\"\nor, if you entered it in quotes: txt-over-255 = \"quoted-strings\"",
            ja: "1 つながりで入力したのなら、さらに: txt-over-255 = \"auto-split\"\n引用符で囲んで入力したのなら、さらに: txt-over-255 = \"quoted-strings\""
        ));
    }
    if let Verdict::Whole(n) = verdict {
        page.blank();
        page.line(&say!(
            en: "This says that {n} bytes go in, not that more would not. A longer ruler tells: --length",
            ja: "{n} バイトまで入ることが分かりました。それより長い値が入るかどうかは、--length でもっと長い文字列を作って試せます。"
        ));
    }
    page.blank();
    page.line(&say!(en: "Then delete the test rows.", ja: "終わったら、テスト用の行を消してください。"));
    page.out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn every_piece_to_copy_stands_alone_on_its_line() {
        let catalogue = Catalogue::embedded();
        let registrars = catalogue.registrars().map(Some).chain([None]);
        for (registrar, lang) in registrars.flat_map(|r| [(r, Lang::En), (r, Lang::Ja)]) {
            let limits = Limits::new(registrar, &[]);
            let sheet = Sheet { length: 420, registrar, limits: &limits, domain: Some("example.org"), lang }.write();
            // A panel may call a type by more than its mnemonic.
            let called = |rtype: &'static str| {
                let label = registrar.and_then(|r: &Registrar| r.form.type_labels.get(rtype));
                label.map_or(rtype, String::as_str)
            };
            let pieces = [called("TXT"), called("CNAME"), "nslookup -type=TXT zoneplan-test.example.org", &ruler(420)];
            for piece in pieces {
                assert!(sheet.lines().any(|line| line == piece), "{piece}\n{sheet}");
            }
            assert!(sheet.lines().any(|line| line == CNAME || line == format!("{CNAME}.example.org.")), "{sheet}");
            assert!(sheet.lines().any(|line| line.trim_end_matches('.') == format!("{CNAME}.example.com")), "{sheet}");
            assert!(sheet.lines().all(|line| line.trim_end() == line && visible(line) == line), "{sheet}");
        }
    }

    #[test]
    fn the_form_s_own_words_are_used() {
        let catalogue = Catalogue::embedded();
        let registrar = catalogue.registrar("sakura-domain");
        let limits = Limits::new(registrar, &[]);
        let sheet = Sheet { length: 420, registrar, limits: &limits, domain: None, lang: Lang::Ja }.write();
        assert!(sheet.contains("\nエントリー名:\nzoneplan-test\nタイプ:\nテキスト (TXT)\n"), "{sheet}");
        assert!(sheet.contains("\n_zoneplan-test.example.com.\n"), "{sheet}");
    }

    #[test]
    fn every_line_for_site_toml_is_a_limit_that_exists() {
        let sheet = Sheet { length: 420, registrar: None, limits: &Limits::default(), domain: None, lang: Lang::En };
        let keys: Vec<String> =
            sheet.write().lines().filter_map(|l| l.split_once(" = ")).map(|(key, _)| key.trim().to_owned()).collect();
        assert!(keys.len() >= 9, "{keys:?}");
        for key in keys {
            assert!(crate::catalogue::limits::key(&key).is_some(), "{key}");
        }
    }
}
