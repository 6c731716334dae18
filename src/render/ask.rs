//! The letter to the registrar's support. It speaks of the company's own form only, so that nobody has to answer for another company.
//! What is asked is decided in `fit`.

use std::fmt::Write as _;

use crate::catalogue::registrar::{FinalDot, Registrar};
use crate::fit::ask::{Inquiry, Question, Topic, number_of};
use crate::fit::{FittedRecord, FittedZone};
use crate::report::{Lang, Text, visible};
use crate::say;
use crate::zone::Rtype;

use super::{limits, table};

/// What a letter is written from.
#[derive(Clone, Copy)]
pub struct Letter<'a> {
    /// What is asked.
    pub inquiry: &'a Inquiry<'a>,
    /// Who is asked; absent = unknown.
    pub registrar: Option<&'a Registrar>,
    /// The zone, if a site is given.
    pub zone: Option<&'a FittedZone<'a>>,
    /// The domain as people write it, if a site is given.
    pub domain: Option<&'a str>,
    /// Its language.
    pub lang: Lang,
}

impl Letter<'_> {
    /// Subject and body.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = String::new();
        let mut line = |text: Text| {
            for line in text.get(self.lang).split('\n') {
                out.push_str(&visible(line));
                out.push('\n');
            }
        };
        let blank = Text::default;
        line(self.subject());
        line(blank());
        line(self.opening());
        line(blank());
        let refused = (!self.inquiry.refusals.is_empty()).then(|| self.refused());
        for (n, text) in refused.into_iter().chain(self.inquiry.questions.iter().map(question)).enumerate() {
            let n = n + 1;
            line(say!(en: "{n}. {text}", ja: "{n}. {text}"; text = text));
        }
        line(blank());
        if !self.inquiry.records.is_empty() {
            line(say!(en: "The records that we want to enter:", ja: "登録したいレコードは次のとおりです。"));
            line(blank());
            for record in &self.inquiry.records {
                for text in self.record(record) {
                    line(text);
                }
                line(blank());
            }
        }
        line(closing());
        out
    }

    /// The types that the letter is about.
    fn types(&self, between: &str) -> String {
        let mut types: Vec<Rtype> = Vec::new();
        let of_questions = self.inquiry.questions.iter().flat_map(|q| match &q.topic {
            Topic::TxtLength(_) | Topic::TxtOver255 => vec![Rtype::TXT],
            Topic::CnameTarget(_) => vec![Rtype::CNAME],
            Topic::Owners(types, _) | Topic::Doubt(types) => types.clone(),
            Topic::NsBelowApex => vec![Rtype::NS],
            Topic::NullMx => vec![Rtype::MX],
            Topic::TtlLow(_) | Topic::TtlHigh(_) => Vec::new(),
        });
        let refused = self.inquiry.refusals.iter().flat_map(|r| &r.records);
        let of_records = refused.filter_map(|(record, _)| Some(self.zone?.composed.rrsets.get(record.set)?.rtype));
        for rtype in of_records.chain(of_questions) {
            if !types.contains(&rtype) {
                types.push(rtype);
            }
        }
        types.iter().map(Rtype::to_string).collect::<Vec<_>>().join(between)
    }

    fn subject(&self) -> Text {
        let (en, ja) = (self.types(", "), self.types("・"));
        let types = Text {
            en: if en.is_empty() { en } else { format!(" ({en})") },
            ja: if ja.is_empty() { ja } else { format!("（{ja}）") },
        };
        let domain = match self.domain {
            Some(domain) => Text { en: format!(", {domain}"), ja: format!("（{domain}）") },
            None => Text::default(),
        };
        say!(
            en: "Subject: what your DNS form takes{types}{domain}",
            ja: "件名: DNSレコード{types}の登録条件について{domain}"; types = types, domain = domain
        )
    }

    fn opening(&self) -> Text {
        let company = match self.registrar {
            Some(registrar) => {
                Text { en: format!("{} support", registrar.name.en), ja: format!("{} ", registrar.name.ja) }
            }
            None => Text { en: "support team".to_owned(), ja: String::new() },
        };
        let domain = match self.domain {
            Some(domain) => Text { en: format!(" for {domain}"), ja: format!("ドメイン {domain} の ") },
            None => Text::default(),
        };
        let n = self.inquiry.questions.len() + usize::from(!self.inquiry.refusals.is_empty());
        let ask = match n {
            1 => {
                say!(en: "We have one question about the form itself.", ja: "画面に登録できる内容について、次の点をご教示いただけますでしょうか。")
            }
            n => {
                say!(en: "We have {n} questions about the form itself.", ja: "画面に登録できる内容について、以下の {n} 点をご教示いただけますでしょうか。")
            }
        };
        say!(
            en: "Dear {company},\n\nwe want to enter DNS records{domain} in your DNS form. {ask}",
            ja: "{company}サポートご担当者様\n\nお世話になっております。\n{domain}DNS レコードを、貴社の DNS 設定画面で登録しようとしております。\n{ask}"; company = company, domain = domain, ask = ask
        )
    }

    /// What is known to be refused: is there another way?
    fn refused(&self) -> Text {
        let mut list = Text::default();
        for refusal in &self.inquiry.refusals {
            let what = limits::plain(refusal.limit);
            let _ = write!(list.en, "\n   - {}", what.en);
            let _ = write!(list.ja, "\n   - {}", what.ja);
            for (record, measured) in &refusal.records {
                let Some((name, rtype)) = self.owner(record) else { continue };
                let measured = match measured.filter(|_| rtype == Rtype::TXT) {
                    Some(n) => say!(en: ", {n} bytes", ja: "、{n} バイト"),
                    None => Text::default(),
                };
                let _ = write!(list.en, "\n     {name} ({rtype}{})", measured.en);
                let _ = write!(list.ja, "\n     {name}（{rtype}{}）", measured.ja);
            }
        }
        say!(
            en: "We understand that these limits of the form keep the following records out. Is there another way to enter them: by you on request, by API, in another menu?{list}",
            ja: "画面の次の制限により、以下のレコードを登録できないものと理解しております。貴社での代行登録、API、別の画面など、登録できる方法はございますでしょうか。{list}"; list = list
        )
    }

    fn owner(&self, record: &FittedRecord) -> Option<(String, Rtype)> {
        let set = self.zone?.composed.rrsets.get(record.set)?;
        Some((visible(&set.name.display_without_dot().to_string()).into_owned(), set.rtype))
    }

    /// A record, its value alone on a line.
    fn record(&self, record: &FittedRecord) -> Vec<Text> {
        let member = self.zone.and_then(|z| z.parts(record)).map(|(_, member)| member);
        let (Some((name, rtype)), Some(member)) = (self.owner(record), member) else { return Vec::new() };
        let mut value = visible(&table::value(rtype, &member.rdata)).into_owned();
        let final_dot = self.registrar.and_then(|r| r.form.final_dot);
        // As it is typed: names without their final dot, unless this form needs it.
        let bare = value.strip_suffix('.').filter(|v| !v.is_empty() && !v.ends_with(' '));
        if let Some(bare) = bare.filter(|_| is_name(rtype) && final_dot != Some(FinalDot::Required)) {
            value = bare.to_owned();
        }
        let value_head = match rtype {
            Rtype::TXT => {
                let n = member.rdata.txt_joined().len();
                say!(en: "Value ({n} bytes):", ja: "値（{n} バイト）:")
            }
            _ => say!(en: "Value:", ja: "値:"),
        };
        vec![
            say!(en: "Name: {name}", ja: "ホスト名: {name}"),
            say!(en: "Type: {rtype}", ja: "種別: {rtype}"),
            value_head,
            Text::same(value),
        ]
    }
}

/// Whether the value ends in a name.
fn is_name(rtype: Rtype) -> bool {
    matches!(rtype, Rtype::CNAME | Rtype::NS | Rtype::MX | Rtype::SRV)
}

fn closing() -> Text {
    say!(
        en: "Our questions concern only what can be entered in your form. They are not about the services of other companies or how these work.\n\nKind regards\n(your name and account)",
        ja: "お伺いしたいのは、貴社の画面に登録できる内容についてのみです。他社サービスの設定や動作についてのお問い合わせではございません。\nお手数をおかけいたしますが、よろしくお願いいたします。\n\n（お名前・会員 ID など）"
    )
}

/// A question; what follows on its second line says why, in numbers.
fn question(question: &Question) -> Text {
    if let (Topic::Doubt(_), Some(limit)) = (&question.topic, &question.heard) {
        let plain = limits::plain(limit);
        return say!(
            en: "We have read of this limit, but could not make sure of it. Does it hold for your form?\n   - {plain}",
            ja: "次の制限があるという情報がありますが、確認できておりません。貴社の画面にも当てはまりますでしょうか。\n   - {plain}"; plain = plain
        );
    }
    let heard = heard(question);
    match &question.topic {
        Topic::TxtLength(longest) => {
            let octets = longest.octets;
            let why = match &longest.name {
                Some(name) => {
                    let name = visible(name);
                    let what = if longest.dkim {
                        say!(en: ", a DKIM public key", ja: "、DKIM の公開鍵")
                    } else {
                        Text::default()
                    };
                    say!(en: "The longest one that we want to enter has {octets} bytes ({name}{what}).", ja: "登録したい値のうち最も長いものは {octets} バイトです（{name}{what}）。"; what = what)
                }
                None => say!(
                    en: "A DKIM public key of 2048 bits, which we want to enter, has {octets} bytes.",
                    ja: "登録したい値は DKIM の公開鍵で、2048 ビットの場合は {octets} バイトです。"
                ),
            };
            say!(
                en: "How many bytes may the value of one TXT record have?\n   {why}{heard}",
                ja: "1 つの TXT レコードの値には、最大何バイトまで登録できますでしょうか。\n   {why}{heard}"; why = why, heard = heard
            )
        }
        Topic::TxtOver255 => say!(
            en: "How is a TXT value of more than 255 bytes entered?\n   (a) whole, in one field\n   (b) in pieces of at most 255 bytes, each in quotes: \"…\" \"…\"\n   (c) it cannot be entered{heard}",
            ja: "255 バイトを超える TXT レコードの値は、どのように入力すればよろしいでしょうか。\n   (a) 1 つの欄に、そのまま入力する\n   (b) 255 バイト以内に分け、それぞれを引用符で囲んで入力する（例: \"…\" \"…\"）\n   (c) 登録できない{heard}"; heard = heard
        ),
        Topic::CnameTarget(example) => {
            let example = visible(example.as_deref().unwrap_or("selector._domainkey.example.net")).into_owned();
            say!(
                en: "May the value (the target) of a CNAME record have an underscore (_) in it?\n   Example: {example}{heard}",
                ja: "CNAME レコードの値（参照先）に「_」（アンダーバー）を含む名前を登録できますでしょうか。\n   例: {example}{heard}"; heard = heard
            )
        }
        Topic::Owners(types, example) => {
            let en = types.iter().map(Rtype::to_string).collect::<Vec<_>>().join(" or ");
            let ja = types.iter().map(Rtype::to_string).collect::<Vec<_>>().join("・");
            let types = Text { en, ja };
            let example = visible(example.as_deref().unwrap_or("selector._domainkey")).into_owned();
            say!(
                en: "May the host name of a {types} record have an underscore (_) in it?\n   Example: {example}{heard}",
                ja: "{types} レコードのホスト名に「_」（アンダーバー）を使えますでしょうか。\n   例: {example}{heard}"; types = types, heard = heard
            )
        }
        Topic::NsBelowApex => say!(
            en: "Can NS records be entered for a name below the domain, to hand that name alone to other name servers?\n   Reason: the name of the DKIM keys (_domainkey) could then be where long values can be entered.{heard}",
            ja: "サブドメインに NS レコードを登録し、その名前だけを別のネームサーバーに委任できますでしょうか。\n   DKIM の鍵の名前（_domainkey）だけを、長い値を登録できるネームサーバーに置く場合のためです。{heard}"; heard = heard
        ),
        Topic::NullMx => say!(
            en: "Can an MX record with the priority 0 and the value “.” be entered (RFC 7505: a domain that receives no mail)?{heard}",
            ja: "優先度 0、値「.」の MX レコード（メールを受信しないことを示すもの、RFC 7505）を登録できますでしょうか。{heard}"; heard = heard
        ),
        Topic::TtlLow(ttl) => say!(
            en: "What is the lowest TTL that can be entered? We want {ttl} seconds.{heard}",
            ja: "TTL は、最短で何秒まで設定できますでしょうか。設定したい値は {ttl} 秒です。{heard}"; heard = heard
        ),
        Topic::Doubt(_) => heard,
        Topic::TtlHigh(ttl) => say!(
            en: "What is the highest TTL that can be entered? We want {ttl} seconds.{heard}",
            ja: "TTL は、最長で何秒まで設定できますでしょうか。設定したい値は {ttl} 秒です。{heard}"; heard = heard
        ),
    }
}

/// What is said of it, on a line of its own.
fn heard(question: &Question) -> Text {
    let Some(limit) = &question.heard else { return Text::default() };
    let text = match (limit.key.name, number_of(limit)) {
        ("txt-refused-at", Some(n)) => {
            say!(en: "A value of {n} bytes was refused.", ja: "{n} バイトの値は登録できませんでした。")
        }
        ("txt-truncates", Some(n)) => say!(
            en: "We have read that a value is cut after {n} bytes, but could not make sure of it.",
            ja: "{n} バイトで切れるという情報がありますが、確認できておりません。"
        ),
        (_, Some(n)) => {
            let (unit, bound) = match question.topic {
                Topic::TtlLow(_) => (say!(en: "seconds", ja: "秒"), say!(en: "the lowest value", ja: "下限")),
                Topic::TtlHigh(_) => (say!(en: "seconds", ja: "秒"), say!(en: "the highest value", ja: "上限")),
                _ => (say!(en: "bytes", ja: "バイト"), say!(en: "the limit", ja: "上限")),
            };
            say!(
                en: "We have read that {bound} is {n} {unit}, but could not make sure that this holds for your form.",
                ja: "{bound}は {n} {unit}という情報がありますが、貴社の画面に当てはまるかどうか確認できておりません。"; unit = unit, bound = bound
            )
        }
        (_, None) => say!(
            en: "We have read that this is not possible, but could not make sure that this holds for your form.",
            ja: "登録できないという情報がありますが、貴社の画面に当てはまるかどうか確認できておりません。"
        ),
    };
    say!(en: "\n   {text}", ja: "\n   {text}"; text = text)
}

/// What is said instead of a letter: everything is known, and by whom.
#[must_use]
pub fn nothing_to_ask(inquiry: &Inquiry<'_>, registrar: Option<&Registrar>, lang: Lang) -> String {
    let form = registrar.map_or_else(|| say!(en: "the registrar", ja: "DNSを編集する会社"), |r| r.name.clone());
    let mut text = say!(
        en: "There is nothing to ask: what matters of {form}'s form is known. No letter was written.",
        ja: "{form}に聞くことはありません。関係する画面の制限は分かっています（問い合わせの文面は出力していません）。"; form = form
    );
    for line in limits::with_sources(&inquiry.settled, registrar) {
        text = say!(en: "{text}\n{line}", ja: "{text}\n{line}"; text = text, line = line);
    }
    format!("{}\n", text.get(lang).lines().map(visible).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;
    use crate::fit::Limits;
    use crate::fit::ask::{USUAL_KEY, inquiry};

    #[test]
    fn without_a_site_the_number_is_that_of_the_usual_key() {
        let inquiry = inquiry(&Limits::default(), None);
        let letter = |lang| Letter { inquiry: &inquiry, registrar: None, zone: None, domain: None, lang }.write();
        assert!(letter(Lang::En).contains(&format!("has {USUAL_KEY} bytes")), "{}", letter(Lang::En));
        assert!(letter(Lang::Ja).contains(&format!("{USUAL_KEY} バイトです")));
        assert!(
            letter(Lang::Ja)
                .starts_with("件名: DNSレコード（TXT・CNAME・NS）の登録条件について\n\nサポートご担当者様\n")
        );
        for lang in [Lang::En, Lang::Ja] {
            assert!(letter(lang).lines().all(|line| visible(line) == line));
        }
    }

    #[test]
    fn every_registrar_gets_a_letter_or_nothing() {
        let catalogue = Catalogue::embedded();
        for registrar in catalogue.registrars() {
            let inquiry = inquiry(&Limits::new(Some(registrar), &[]), None);
            for lang in [Lang::En, Lang::Ja] {
                let letter = Letter { inquiry: &inquiry, registrar: Some(registrar), zone: None, domain: None, lang };
                let text =
                    if inquiry.is_empty() { nothing_to_ask(&inquiry, Some(registrar), lang) } else { letter.write() };
                assert!(text.contains(registrar.name.get(lang)) && !text.contains("{"), "{text}");
            }
        }
    }
}
