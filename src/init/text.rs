//! The whole text of a new site.toml, with comments in the user's language. The same answers give the same text.

use std::fmt::Write as _;

use crate::catalogue::expressions::Engine;
use crate::catalogue::registrar::Registrar;
use crate::catalogue::sender::Sender;
use crate::report::{Lang, Text};
use crate::say;
use crate::site::draft::{Draft, comment, quoted, sender_table};
use crate::zone::{Name, idn};

/// In whose panel the records are edited, as far as that was answered.
#[derive(Clone, Debug)]
pub enum Company<'c> {
    /// A registrar of the catalogue.
    Known(&'c Registrar),
    /// Another one, or the user does not know.
    Other,
    /// Not answered: a blank.
    Open,
}

/// A service that the site uses.
#[derive(Clone, Debug)]
pub enum Service<'c> {
    /// It sends as the domain: a `[[sender]]`.
    Domain(&'c Sender, Draft<'c>),
    /// It sends from an address of its own, for which no DNS is needed: a comment.
    OwnAddress(&'c Sender),
}

impl<'c> Service<'c> {
    /// The service.
    #[must_use]
    pub fn sender(&self) -> &'c Sender {
        match self {
            Self::Domain(sender, _) | Self::OwnAddress(sender) => sender,
        }
    }
}

/// The answers.
#[derive(Clone, Debug)]
pub struct NewSite<'c> {
    /// The file's name as commands are told it; none if it is the usual one.
    pub file: Option<String>,
    /// The domain; none is a blank.
    pub domain: Option<Name>,
    /// In whose panel.
    pub company: Company<'c>,
    /// Where that answer comes from, if not from the user.
    pub company_origin: Option<Text>,
    /// Who sends.
    pub services: Vec<Service<'c>>,
    /// Mail to Gmail a day.
    pub gmail_per_day: Option<u64>,
    /// Where DMARC reports go, as `mailto:…`.
    pub rua: Vec<String>,
    /// What was seen in DNS and not decided.
    pub remarks: Vec<Text>,
}

/// The text.
#[must_use]
pub fn write(site: &NewSite<'_>, engine: &Engine, lang: Lang) -> String {
    let mut out = String::new();
    top(&mut out, site, lang);
    remarks(&mut out, site, lang);
    services(&mut out, site, engine, lang);
    dmarc(&mut out, site, lang);
    limits(&mut out, site, lang);
    head(site, blanks(&out) > 0, lang) + &out
}

/// How many blanks are left in a text that [`write()`] made.
#[must_use]
pub fn blanks(text: &str) -> usize {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.matches("= \"\"").count()).sum()
}

/// A paragraph of comment, with an empty line before it.
pub(crate) fn paragraph(out: &mut String, text: &Text, lang: Lang) {
    out.push('\n');
    comment(out, text.get(lang));
}

/// The domain as people write it.
fn shown(domain: &Name) -> String {
    idn::to_unicode(domain).unwrap_or_else(|| domain.display_without_dot().to_string())
}

/// What the file is, and what to do next.
pub(crate) fn head(site: &NewSite<'_>, has_blanks: bool, lang: Lang) -> String {
    let mut out = String::new();
    let of = site.domain.as_ref().map(shown).unwrap_or_default();
    let title = match of.as_str() {
        "" => {
            say!(en: "What the domain uses, for zoneplan. Next:", ja: "このドメインで使うもの（zoneplan 用）。次にすること:")
        }
        _ => say!(en: "What {of} uses, for zoneplan. Next:", ja: "{of} で使うもの（zoneplan 用）。次にすること:"),
    };
    comment(&mut out, title.get(lang));
    let file = site.file.as_deref().map(|f| format!(" {f}")).unwrap_or_default();
    let page = match lang {
        Lang::En => "steps.html",
        Lang::Ja => "手順書.html",
    };
    if has_blanks {
        let fill = say!(
            en: "- fill in what is still blank (\"\"): the lines above each blank say what it is and where it is shown",
            ja: "- 空欄（\"\"）を埋めます。何を書くか、どの画面で見られるかは、それぞれの上の行にあります"
        );
        comment(&mut out, fill.get(lang));
    }
    let next = say!(
        en: "- zoneplan build{file}    the records, and what is still to be done\n- zoneplan build{file} --format html -o {page}    a page that says what to type where",
        ja: "- zoneplan build{file}    必要なレコードと、残っていることが出ます\n- zoneplan build{file} --format html -o {page}    どの画面に何を入力するかの手順書ができます"
    );
    comment(&mut out, next.get(lang));
    out
}

pub(crate) fn top(out: &mut String, site: &NewSite<'_>, lang: Lang) {
    let what = say!(
        en: "The domain: what stands behind the @ of the mail addresses.",
        ja: "ドメイン名（メールアドレスの @ の後ろの部分）"
    );
    paragraph(out, &what, lang);
    let _ = writeln!(out, "domain = {}", quoted(&site.domain.as_ref().map(shown).unwrap_or_default()));

    let what = say!(
        en: "In whose panel do you edit the DNS records? (Not where the domain is merely registered.)\nA name such as \"お名前.com\" does too; \"other\" if it is not in the list, or not known.",
        ja: "DNS のレコードを、どの会社の画面で編集していますか（ドメインを登録しただけの会社ではありません）\n「お名前.com」のような名前でも書けます。一覧にない、または分からないときは \"other\" です"
    );
    paragraph(out, &what, lang);
    if let Some(origin) = &site.company_origin {
        comment(out, say!(en: "from {origin}", ja: "値の出どころ: {origin}"; origin = origin).get(lang));
    }
    let (id, name) = match &site.company {
        Company::Known(registrar) => (registrar.id.as_str(), registrar.name.get(lang)),
        Company::Other => ("other", ""),
        Company::Open => ("", ""),
    };
    let id = quoted(id);
    let name = crate::report::visible(name);
    let _ = if name.is_empty() {
        writeln!(out, "registrar = {id}")
    } else {
        writeln!(out, "registrar = {id:<23} # {name}")
    };

    // English is what is taken without a word.
    if lang == Lang::Ja {
        out.push_str("\n# 手順書とコメントの言語\nlang = \"ja\"\n");
    }

    let what = say!(
        en: "Mail to Gmail a day, all services together; a guess will do. From 5,000 a day on Gmail asks for more.",
        ja: "Gmail あてに 1 日に送る通数（すべてのサービスの合計。だいたいでかまいません）。5,000 通から Gmail の条件が増えます"
    );
    paragraph(out, &what, lang);
    let _ = match site.gmail_per_day {
        Some(number) => writeln!(out, "gmail-per-day = {number}"),
        None => writeln!(out, "# gmail-per-day = 200"),
    };

    let what = say!(
        en: "Recipients with rules of their own: the Japanese mobile carriers. Taken for granted below .jp and with Japanese services; [] turns it off.",
        ja: "独自の決まりがある受信者（携帯キャリア）。.jp のドメインか日本のサービスがあれば、書かなくても含めます。[] と書くと外します"
    );
    paragraph(out, &what, lang);
    out.push_str("# recipients = [\"jp-mobile\"]\n");
}

/// What was seen in DNS and is for the user to judge.
fn remarks(out: &mut String, site: &NewSite<'_>, lang: Lang) {
    if site.remarks.is_empty() {
        return;
    }
    let head = say!(en: "Seen in DNS, and not written below:", ja: "DNS にあり、下には書いていないもの:");
    paragraph(out, &head, lang);
    for remark in &site.remarks {
        comment(out, &format!("- {}", remark.get(lang)));
    }
}

/// What stands above the senders.
pub(crate) fn who_sends() -> Text {
    say!(
        en: "Who sends mail as the domain: one [[sender]] for each service.",
        ja: "このドメインのメールを出すサービス。サービスごとに [[sender]] を 1 つ書きます"
    )
}

fn services(out: &mut String, site: &NewSite<'_>, engine: &Engine, lang: Lang) {
    paragraph(out, &who_sends(), lang);
    if site.services.is_empty() {
        let example = say!(
            en: "None yet. Take the # off and name the service:\n[[sender]]\nprovider = \"\"",
            ja: "まだありません。先頭の # を消して、サービスの名前を書きます:\n[[sender]]\nprovider = \"\""
        );
        comment(out, example.get(lang));
    }
    let registrar = match &site.company {
        Company::Known(registrar) => Some(registrar.id.as_str()),
        _ => None,
    };
    for (i, service) in site.services.iter().enumerate() {
        // The first stands under the sentence above.
        if i > 0 {
            out.push('\n');
        }
        match service {
            Service::Domain(sender, draft) => {
                let mut draft = draft.clone();
                draft.registrar = registrar;
                draft.remarks.extend(to_know(sender));
                out.push_str(&sender_table(sender, &draft, engine, lang));
            }
            Service::OwnAddress(sender) => own_address(out, sender, lang),
        }
    }
}

/// What is to be known before anything is filled in.
pub(crate) fn to_know(sender: &Sender) -> Vec<Text> {
    let via = sender.via.as_ref().map(|via| via.note.clone());
    via.into_iter().chain(sender.recognise.only.clone()).collect()
}

fn own_address(out: &mut String, sender: &Sender, lang: Lang) {
    let name = &sender.name;
    let what = say!(
        en: "{name} sends from an address that it issues itself, so nothing is needed in DNS.",
        ja: "{name}からは、サービスが発行するアドレスで送ります。DNS の設定はいりません"; name = name
    );
    comment(out, what.get(lang));
    if let Some(how) = &sender.own_address {
        comment(out, say!(en: "  how: {how}", ja: "  設定: {how}"; how = how).get(lang));
    }
}

fn dmarc(out: &mut String, site: &NewSite<'_>, lang: Lang) {
    let makes = |service: &&Service<'_>| match service {
        Service::Domain(sender, draft) => sender.makes_dmarc(&draft.roles()),
        Service::OwnAddress(_) => false,
    };
    if let Some(by) = site.services.iter().find(makes) {
        let name = &by.sender().name;
        let what = say!(
            en: "{name} holds the DMARC record: the policy and where reports go are set there, and no [dmarc] stands here.",
            ja: "DMARC のレコードは{name}が持ちます。ポリシーとレポートの宛先もそちらで決めるので、ここに [dmarc] は書きません"; name = name
        );
        paragraph(out, &what, lang);
        return;
    }
    let what = say!(
        en: "What receivers do with mail that fails: none = nothing yet. Stricter (quarantine) only once all mail passes.",
        ja: "認証に失敗したメールの扱い。none は「何もしない」です。すべてのメールが合格してから quarantine に上げます"
    );
    paragraph(out, &what, lang);
    out.push_str("[dmarc]\np = \"none\"\n");
    if !site.rua.is_empty() {
        let addresses: Vec<String> = site.rua.iter().map(|a| quoted(a)).collect();
        let _ = writeln!(out, "rua = [{}]", addresses.join(", "));
        return;
    }
    let what = say!(
        en: "Daily reports go to this address, if you want them; a mailbox for nothing else.",
        ja: "毎日のレポートを受け取るなら、その宛先（専用のメールボックス）"
    );
    comment(out, what.get(lang));
    let domain = site.domain.as_ref().map_or_else(|| "example.com".to_owned(), shown);
    comment(out, &format!("rua = [{}]", quoted(&format!("mailto:dmarc@{domain}"))));
}

/// Where it is not known how long a TXT the form takes: how to find out, and where it is written.
pub(crate) fn limits(out: &mut String, site: &NewSite<'_>, lang: Lang) {
    const LENGTHS: &[&str] = &["txt-max", "value-max", "txt-over-255", "string-max", "txt-refused-at", "txt-truncates"];
    let known = match &site.company {
        Company::Known(registrar) => registrar.limits.iter().any(|l| LENGTHS.contains(&l.key.name)),
        Company::Other => false,
        // The company is to be named first.
        Company::Open => true,
    };
    if known {
        return;
    }
    let what = say!(
        en: "How long a TXT record its form takes is not known. zoneplan ruler shows it; zoneplan ask writes the question to its support.\nWhat you find out goes here:\n[limits]\ntxt-max = 255",
        ja: "この画面に入る TXT の長さは分かっていません。zoneplan ruler で調べられます（zoneplan ask はサポートへの質問文を作ります）\n分かったら、ここに書きます:\n[limits]\ntxt-max = 255"
    );
    paragraph(out, &what, lang);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Catalogue, OwnTemplate, TemplateKind};
    use crate::report::Sources;

    const SHOP: &str = r#"
id = "example-shop"
name = { en = "Example\u001b Shop", ja = "サンプルショップ" }
kind = "shop"
market = "jp"
own-address = { en = "Settings > Sender\nregistrar = 1", ja = "設定 > 送信元" }
[[source]]
facts = ["all"]
url = "https://help.example.com"
date = "2026-11-24"
confidence = "documented"
[spf]
needed = "yes"
terms = [{ value = "include:spf.example.com" }]
"#;

    fn catalogue() -> Catalogue {
        let (mut sources, mut findings) = (Sources::default(), Vec::new());
        let own = OwnTemplate {
            path: "example-shop.toml".into(),
            kind: TemplateKind::Sender,
            called: Vec::new(),
            text: SHOP.to_owned(),
        };
        let catalogue = Catalogue::embedded().with_own(vec![own], &mut sources, &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        catalogue
    }

    fn site(services: Vec<Service<'_>>) -> NewSite<'_> {
        NewSite {
            file: None,
            domain: Some(Name::parse_absolute("example.com").unwrap()),
            company: Company::Other,
            company_origin: None,
            services,
            gmail_per_day: None,
            rua: Vec::new(),
            remarks: Vec::new(),
        }
    }

    #[test]
    fn a_service_with_an_address_of_its_own_is_a_comment() {
        let catalogue = catalogue();
        let shop = catalogue.sender("サンプルショップ").unwrap();
        let text = write(&site(vec![Service::OwnAddress(shop)]), catalogue.engine(), Lang::Ja);
        assert!(text.contains("# サンプルショップからは、サービスが発行するアドレスで送ります"), "{text}");
        assert!(text.contains("#   設定: 設定 > 送信元"), "{text}");
        assert!(!text.contains("[[sender]]\nprovider"), "{text}");
    }

    #[test]
    fn nothing_that_a_template_or_a_record_says_becomes_a_key_or_reaches_the_terminal() {
        let catalogue = catalogue();
        let shop = catalogue.sender("example-shop").unwrap();
        let mut site = site(vec![Service::OwnAddress(shop), Service::Domain(shop, Draft::default())]);
        site.remarks = vec![Text::same("seen\nregistrar = \"evil\"\r\u{1b}[31m")];
        site.company_origin = Some(Text::same("a\nttl = 1"));
        let text = write(&site, catalogue.engine(), Lang::En);
        assert!(!text.contains(['\u{1b}', '\r']), "{text}");
        let read: toml::Table = text.parse().unwrap();
        let keys: Vec<&str> = read.keys().map(String::as_str).collect();
        assert_eq!(keys, ["dmarc", "domain", "registrar", "sender"]);
        assert_eq!(read["registrar"].as_str(), Some("other"));
    }

    #[test]
    fn a_file_of_another_name_stands_in_the_commands() {
        let catalogue = catalogue();
        let mut site = site(Vec::new());
        site.file = Some("shops/a.toml".into());
        let text = write(&site, catalogue.engine(), Lang::En);
        assert!(text.contains("# - zoneplan build shops/a.toml --format html -o steps.html "), "{text}");
        assert_eq!(blanks(&text), 0);
        assert!(!text.contains("fill in"), "{text}");
    }
}
