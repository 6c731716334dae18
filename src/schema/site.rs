//! site.toml: its tables, and the variables of each sender of the catalogue.

use serde_json::{Map, Value, json};

use crate::catalogue::Catalogue;
use crate::catalogue::sender::{RESERVED, ROLES, Role, Sender, Variable, VariableKind};
use crate::check;
use crate::lint;
use crate::report::{Lang, Text};
use crate::say;
use crate::site::words::{CAA_TAGS, CLOSING, GMAIL_MAX, LANGS, MAX_AGE, MODES, POLICIES, RECIPIENTS, SPF_CHOICES};
use crate::site::{Recipient, SpfChoice, WAYS, WayKind};
use crate::zone::Ttl;

use super::ecma;
use super::table::{Key, Shape, Table, key, only, open, plain, set, table, tables, texts, words};

/// What a role is.
pub(super) fn role(role: Role) -> Text {
    match role {
        Role::Send => say!(en: "SPF, DKIM, Return-Path", ja: "SPF、DKIM、Return-Path"),
        Role::Receive => say!(en: "MX", ja: "MX"),
        Role::Web => say!(en: "the service hosts the web at that name", ja: "ウェブサイトがこのサービスにある"),
        Role::MailApps => say!(en: "what mail programs look up", ja: "メールソフトが調べるもの"),
        Role::Verify => say!(en: "proof of ownership", ja: "所有の確認"),
    }
}

/// The whole schema.
pub(super) fn schema(catalogue: &Catalogue, lang: Lang) -> Value {
    let senders: Vec<&Sender> = catalogue.senders().collect();
    let registrars: Vec<(String, String)> =
        catalogue.registrars().map(|r| (r.id.clone(), r.name.get(lang).to_owned())).collect();
    let registrar = || offered(registrars.iter().chain([&("other".to_owned(), unknown().get(lang).to_owned())]));
    let ids: Vec<(String, String)> = senders.iter().map(|s| (s.id.clone(), s.name.get(lang).to_owned())).collect();
    let common = Table { others: Some(Box::new(Shape::Json(value()))), ..table(common(offered(ids.iter()))) };
    let mut defs = Map::from_iter([("sender".to_owned(), common.json(lang))]);
    defs.extend(senders.iter().map(|s| (format!("sender-{}", s.id), service(s, catalogue, lang))));
    let mut out = table(top(&registrar(), &sender(&senders))).json(lang);
    set(&mut out, "$defs", Value::Object(defs));
    out
}

fn unknown() -> Text {
    say!(en: "none of these: unknown", ja: "どれでもない（不明）")
}

/// Any string; these ids are offered, each with the name that it stands for.
fn offered<'a>(ids: impl Iterator<Item = &'a (String, String)>) -> Value {
    let (ids, names): (Vec<&str>, Vec<&str>) = ids.map(|(id, name)| (id.as_str(), name.as_str())).unzip();
    json!({ "anyOf": [
        { "type": "string", "enum": ids, "x-taplo": { "docs": { "enumValues": names } } },
        { "type": "string" }
    ] })
}

/// The keys of the file.
fn top(registrar: &Value, sender: &Value) -> Vec<Key> {
    let asked = check::RULES.iter().map(|r| (r.id, r.summary()));
    let rules = lint::rules().map(|r| (r.id, r.summary())).chain(asked).collect();
    vec![
        key("domain", Shape::Text, say!(en: "The domain.", ja: "ドメイン。")).needed().example("example.com"),
        key("registrar", Shape::Json(registrar.clone()), say!(en: "The company in whose panel or API the zone's records are edited: id or any known name. Where the domain is merely registered does not matter.", ja: "DNSを編集する会社（id または会社名）。ドメインを取得しただけの会社ではありません。")).example("onamae"),
        key("ttl", Shape::Time(Ttl::MAX.seconds()), say!(en: "TTL of every record that says nothing else: seconds, or one number with s, m, h, d or w.", ja: "ほかに指定のないレコードの TTL。秒数、または数字 1 つと s・m・h・d・w。")).default(3600),
        key("lang", Shape::OneOf(plain(LANGS)), say!(en: "Language of worksheets and of the comments in the output.", ja: "手順書と、出力のコメントの言語。")).default("en"),
        key("extends", Shape::Text, say!(en: "A file with defaults: each top-level key and section that this file does not have itself comes from there.", ja: "共通の設定のファイル。このファイルにないキーと部分は、そちらから取ります。")).example("../agency.toml"),
        key("providers", Shape::Text, say!(en: "A folder with templates of your own, in senders/ and registrars/.", ja: "ご自分の設定データのフォルダ（中に senders/ と registrars/）。")).example("providers"),
        key("current", Shape::Text, say!(en: "The zone as it is now: a zone file, dig's answer, or the panel's list as text. It changes nothing of what is wanted.", ja: "いまのゾーン。ゾーンファイル、dig の結果、画面の一覧を写したテキストのどれか。必要なレコードはこれでは変わりません。")).example("example.com.zone"),
        key("current-whole", Shape::Flag, say!(en: "The file of `current` has every record of the zone: for a list, or a zone file without SOA, which don't show that by themselves.", ja: "`current` のファイルにゾーンのすべてのレコードがある。一覧や、SOA のないゾーンファイルに書きます（そのままでは全体かどうか分からないため）。")),
        key("recipients", Shape::List(Box::new(Shape::OneOf(words(RECIPIENTS, |r| match r {
            Recipient::JpMobile => say!(en: "Japanese mobile carriers", ja: "日本の携帯電話会社"),
        })))), say!(en: "Recipients with rules of their own. Default: jp-mobile if the domain is under .jp or a sender is Japanese; [] turns it off.", ja: "独自の決まりのある届け先。省くと、.jp のドメインか日本のサービスがあれば jp-mobile。[] で外します。")),
        key("gmail-per-day", Shape::Number(Some(GMAIL_MAX)), say!(en: "Mails a day to Gmail, all senders together. From 5,000 Gmail wants more.", ja: "Gmail 宛てのメール数（1 日、全部の合計）。5,000 通から Gmail の条件が増えます。")).example(200),
        key("mail", Shape::Flag, say!(en: "false: the domain neither sends nor receives mail.", ja: "false: メールを送りも受けもしないドメイン。")).default(true),
        key("sender", Shape::List(Box::new(Shape::Json(sender.clone()))), say!(en: "A service that sends mail as the domain; it may also receive, or host the web.", ja: "利用サービス。ドメインのメールを送るもの（受信やウェブも含む）。")),
        key("subdomain", Shape::List(Box::new(Shape::Table(table(subdomain(registrar))))), say!(en: "A name with settings of its own.", ja: "別の設定にする名前。")),
        key("spf", Shape::Table(table(spf())), say!(en: "What the SPF record has besides the senders' terms.", ja: "利用サービスの項目のほかに、SPF に入れるもの。")),
        key("dmarc", Shape::Table(table(dmarc())), say!(en: "The DMARC record: the tags of RFC 9989 by name. Without this section there is none.", ja: "DMARC のレコード（RFC 9989 のタグ）。この部分がなければ作りません。")),
        key("mta-sts", Shape::Table(table(mta_sts())), say!(en: "MTA-STS (RFC 8461): the record, its policy and its host.", ja: "MTA-STS（RFC 8461）のレコード、ポリシー、ホスト。")),
        key("tls-rpt", Shape::Table(table(vec![
            key("rua", Shape::Some(Box::new(Shape::Text)), say!(en: "Where reports go.", ja: "レポートの送り先。")).needed().example(json!(["mailto:tls@example.com"])),
        ])), say!(en: "TLS reporting (RFC 8460).", ja: "TLS レポート（RFC 8460）。")),
        key("bimi", Shape::Table(table(bimi())), say!(en: "The BIMI record.", ja: "BIMI のレコード。")),
        key("caa", Shape::Table(table(caa())), say!(en: "CAA records (RFC 8659): who may issue certificates.", ja: "CAA のレコード（RFC 8659）。証明書を出してよい認証局。")),
        key("keyzone", Shape::Table(table(keyzone(registrar))), say!(en: "Another zone of yours that holds what this one cannot.", ja: "鍵の置き場。このゾーンに入らないものを置く、別のゾーン。")),
        key("way", tables(way()), say!(en: "Another way round a limit than the first.", ja: "画面に入らないレコードの、別の入れ方。")),
        key("limits", super::limits(), say!(en: "What you know of your form. It outranks the catalogue; what is absent is unknown.", ja: "画面について分かっていること。設定データより優先します。書かれていないことは不明です。")),
        key("record", tables(record()), say!(en: "Anything else in the zone.", ja: "そのほかのレコード。")),
        key("lint", Shape::Table(table(vec![
            key("off", Shape::List(Box::new(Shape::OneOf(rules))), say!(en: "Ids of rules that are not to speak.", ja: "止める規則の id。")).example(json!(["web-apex-split"])),
        ])), say!(en: "Which rules speak.", ja: "規則の設定。")),
    ]
}

fn subdomain(registrar: &Value) -> Vec<Key> {
    vec![
        key("name", Shape::Text, say!(en: "The name.", ja: "名前。")).needed().example("news"),
        key("spf", Shape::Table(table(spf())), say!(en: "Like [spf], for this name.", ja: "この名前の [spf]。")),
        key("dmarc", Shape::Table(table(dmarc())), say!(en: "Like [dmarc], a record of its own at this name.", ja: "この名前の [dmarc]。")),
        key("delegated", Shape::Json(registrar.clone()), say!(en: "It is a zone of its own at this registrar.", ja: "この会社にある別のゾーンにする。")).example("cloudflare"),
        key("mail", Shape::Flag, say!(en: "false: this name neither sends nor receives mail.", ja: "false: この名前ではメールを送りも受けもしない。")).default(true),
    ]
}

fn spf() -> Vec<Key> {
    let closing = CLOSING.iter().map(|word| (*word, match *word {
        "~all" => say!(en: "others' mail is suspicious", ja: "ほかからのメールは疑わしい"),
        "-all" => say!(en: "others' mail is refused: only if all senders are here", ja: "ほかからのメールは拒否（利用サービスがすべてそろっているときだけ）"),
        _ => say!(en: "nothing is said of others' mail", ja: "ほかからのメールについて何も言わない"),
    }));
    vec![
        key(
            "all",
            Shape::OneOf(closing.collect()),
            say!(en: "How the record ends. Default: as the existing record does, else ~all.", ja: "最後の項目。省くと、いまあるレコードのまま、なければ ~all。"),
        ),
        key("extra", texts(), say!(en: "More terms, without v=spf1.", ja: "追加の項目（v=spf1 は付けない）。"))
            .example(json!(["ip4:203.0.113.9"])),
        key(
            "flatten",
            texts(),
            say!(en: "Includes that are written out as addresses, from the pins.", ja: "控えをもとに、アドレスで書き出す include。"),
        ),
    ]
}

fn dmarc() -> Vec<Key> {
    let policy = || Shape::OneOf(plain(POLICIES));
    let offer = |list: &[(&'static str, Text)]| Shape::Offer(list.to_vec());
    let alignment = || {
        offer(&[
            ("r", say!(en: "relaxed: subdomains count", ja: "サブドメインでもよい")),
            ("s", say!(en: "strict: exactly this domain", ja: "完全に同じドメインだけ")),
        ])
    };
    vec![
        key("p", policy(), say!(en: "What receivers are to do with mail that fails.", ja: "失敗したメールの扱い。")).needed().example("none"),
        key("sp", policy(), say!(en: "The same for subdomains. Default: as p.", ja: "サブドメインの扱い。省くと p と同じ。")),
        key("np", policy(), say!(en: "The same for names that do not exist. Default: as sp.", ja: "存在しない名前の扱い。省くと sp と同じ。")),
        key("adkim", alignment(), say!(en: "How exactly the DKIM domain must match.", ja: "DKIM のドメインの一致の厳しさ。")).default("r"),
        key("aspf", alignment(), say!(en: "How exactly the SPF domain must match.", ja: "SPF のドメインの一致の厳しさ。")).default("r"),
        key("rua", texts(), say!(en: "Where aggregate reports go.", ja: "集計レポートの送り先。")).example(json!(["mailto:dmarc@example.com"])),
        key("ruf", texts(), say!(en: "Where failure reports go.", ja: "失敗レポートの送り先。")),
        key("fo", Shape::Text, say!(en: "When failure reports are sent: 0, 1, d, s, several with “:”. It matters only with ruf.", ja: "失敗レポートを送る条件（0・1・d・s。複数は : で区切る）。ruf があるときだけ意味があります。")).default("0"),
        key("t", offer(&[("y", say!(en: "test mode: one policy lower", ja: "試す間（ポリシーを 1 段低く）")), ("n", Text::default())]), say!(en: "Test mode.", ja: "試す間かどうか。")).default("n"),
        key("psd", offer(&[("y", Text::default()), ("n", Text::default()), ("u", Text::default())]), say!(en: "Whether this is a public suffix.", ja: "公開サフィックスかどうか。")).default("u"),
    ]
}

fn mta_sts() -> Vec<Key> {
    vec![
        key("mode", Shape::OneOf(plain(MODES)), say!(en: "What senders are to do where TLS fails.", ja: "TLS が使えないときの扱い。")).needed().example("testing"),
        key("max-age", Shape::Time(MAX_AGE), say!(en: "How long the policy is kept, at most 31557600 seconds.", ja: "ポリシーを覚えておく時間（31557600 秒まで）。")).default("1w"),
        key("mx", texts(), say!(en: "Hosts, or *.domain. Default: the wanted MX.", ja: "MX のホスト名か *.ドメイン。省くと必要な MX のとおり。")).example(json!(["mx.example.net"])),
        key("host", Shape::Text, say!(en: "Address or name of the host that serves the policy.", ja: "ポリシーを置くホストのアドレスか名前。")).example("192.0.2.80"),
    ]
}

fn bimi() -> Vec<Key> {
    vec![
        key(
            "l",
            Shape::Text,
            say!(en: "Address of the logo; \"\" declines.", ja: "ロゴのアドレス。\"\" なら「なし」。"),
        )
        .needed()
        .example("https://example.com/logo.svg"),
        key("a", Shape::Text, say!(en: "Address of its certificate.", ja: "証明書のアドレス。"))
            .example("https://example.com/logo.pem"),
        key(
            "avp",
            Shape::Offer(vec![("brand", Text::default()), ("personal", Text::default())]),
            say!(en: "Which picture is preferred.", ja: "どちらの画像を優先するか。"),
        )
        .default("brand"),
        key("selector", Shape::Text, say!(en: "Its selector.", ja: "セレクタ。")).default("default"),
    ]
}

fn caa() -> Vec<Key> {
    CAA_TAGS
        .into_iter()
        .map(|tag| {
            let what = match tag {
                "issue" => say!(en: "Who may issue certificates; [] means nobody.", ja: "証明書を出してよい認証局。[] なら、どこも不可。"),
                "issuewild" => say!(en: "Who may issue wildcard certificates; [] means nobody.", ja: "ワイルドカードの証明書を出してよい認証局。[] なら、どこも不可。"),
                "issuemail" => say!(en: "Who may issue S/MIME certificates; [] means nobody.", ja: "S/MIME の証明書を出してよい認証局。[] なら、どこも不可。"),
                "issuevmc" => say!(en: "Who may issue mark certificates (BIMI); [] means nobody.", ja: "マーク証明書（BIMI）を出してよい認証局。[] なら、どこも不可。"),
                _ => say!(en: "Where violations are reported.", ja: "違反の連絡先。"),
            };
            let example = if tag == "iodef" { "mailto:security@example.com" } else { "letsencrypt.org" };
            key(tag, texts(), what).example(json!([example]))
        })
        .collect()
}

fn keyzone(registrar: &Value) -> Vec<Key> {
    vec![
        key("suffix", Shape::Text, say!(en: "What the names of its records end in.", ja: "置くレコードの名前の末尾。")).needed().example("dkim.agency.example"),
        key("zone", Shape::Text, say!(en: "The zone in which they stand; the suffix lies in it. Default: the suffix.", ja: "レコードを置くゾーン（suffix を含むもの）。省くと suffix と同じ。")).example("agency.example"),
        key("registrar", Shape::Json(registrar.clone()), say!(en: "In whose panel that zone is edited.", ja: "そのゾーンを編集する会社。")).example("cloudflare"),
    ]
}

fn way() -> Vec<Key> {
    let way = words(&WAYS, |way| match way {
        WayKind::AsPublished => say!(en: "the record stays as it is", ja: "そのまま入れる"),
        WayKind::Strings => say!(en: "several strings", ja: "文字列に分ける"),
        WayKind::WithoutUnderscore => {
            say!(en: "without the leading _, where the vendor documents that it may go", ja: "先頭の _ を外す（会社がよいと書いている場合）")
        }
        WayKind::SpfSplit => {
            say!(en: "an SPF record is cut into several that it includes", ja: "SPF を include で分ける")
        }
        WayKind::Keyzone => {
            say!(en: "a CNAME to the keyzone, which has the CNAME on to the vendor", ja: "鍵の置き場への CNAME（その先は会社への CNAME）")
        }
        WayKind::Delegation => say!(en: "NS records hand it to another DNS host", ja: "NS で別の DNS に委任する"),
        WayKind::MailHostDns => {
            say!(en: "the zone moves to the mail host's own panel", ja: "DNS をメールの会社の画面に移す")
        }
        WayKind::KeyzoneTxt => {
            say!(en: "a CNAME to the keyzone, which has the text", ja: "鍵の置き場への CNAME（その先に TXT）")
        }
        WayKind::TxtCopy => {
            say!(en: "a copy of the vendor's key; it goes stale", ja: "鍵の写しを TXT で入れる（古くなる）")
        }
        WayKind::ShorterKey => say!(en: "a key of 1024 bits", ja: "1024 ビットの鍵にする"),
        WayKind::OtherHost => say!(en: "the zone moves to another company", ja: "DNS を別の会社に移す"),
        WayKind::NotNow => say!(en: "left out, with what then fails", ja: "今は見送る"),
    });
    vec![
        key("name", Shape::Text, say!(en: "The name of a wanted record.", ja: "必要なレコードの名前。"))
            .needed()
            .example("shop12._domainkey"),
        key("type", Shape::Offer(super::record_types()), say!(en: "Its type.", ja: "その種別。"))
            .needed()
            .example("CNAME"),
        key(
            "use",
            Shape::OneOf(way),
            say!(en: "The way; fewest years of upkeep first.", ja: "入れ方（世話の少ない順）。"),
        )
        .needed()
        .example("not-now"),
    ]
}

fn record() -> Vec<Key> {
    vec![
        key("name", Shape::Text, say!(en: "\"@\" or \"\": the domain itself. \"www\", \"www.example.com\" and \"www.example.com.\" are the same name.", ja: "\"@\" か \"\" ならドメインそのもの。\"www\"、\"www.example.com\"、\"www.example.com.\" は同じ名前。")).needed().example("www"),
        key("type", Shape::Offer(super::record_types()), say!(en: "Any type but SOA; unknown ones as TYPE65280.", ja: "SOA 以外の種別。名前のない種別は TYPE65280 のように。")).needed().example("CNAME"),
        key("value", Shape::Text, say!(en: "As in a zone file; a TXT without quotes is its text as it stands.", ja: "ゾーンファイルと同じ書き方。引用符のない TXT は、そのままの中身。")).needed().example("shops.example.net"),
        key("ttl", Shape::Time(Ttl::MAX.seconds()), say!(en: "Its TTL. Default: the site's.", ja: "TTL。省くとサイトのもの。")),
        key("for", Shape::Text, say!(en: "Whose record it is: a sender's provider or id, or any company's name.", ja: "だれのレコードか。利用サービスの provider か id、または会社名。")),
    ]
}

/// The keys of `[[sender]]` that every service has.
fn common(provider: Value) -> Vec<Key> {
    let choices = words(SPF_CHOICES, |c| match c {
        SpfChoice::From => say!(en: "to the From domain", ja: "差出人のドメインに"),
        SpfChoice::ReturnPath => say!(en: "to the Return-Path host", ja: "Return-Path のホストに"),
        SpfChoice::Omit => say!(en: "nowhere", ja: "入れない"),
    });
    let forms = ["key", "key-file"];
    let dkim = Table {
        keys: vec![
            key("selector", Shape::Text, say!(en: "The selector, where the template has several or none.", ja: "セレクタ（設定データに複数あるか、ないとき）。")).example("s1"),
            key("key", Shape::Text, say!(en: "The public key, as the panel shows it. One of `key` and `key-file`.", ja: "公開鍵（画面に出ているまま）。`key` と `key-file` のどちらか 1 つ。")),
            key("key-file", Shape::Text, say!(en: "A file with the public key.", ja: "公開鍵のファイル。")).example("keys/s1.txt"),
        ],
        one_of: forms.iter().map(|form| only(form, &forms)).collect(),
        ..Table::default()
    };
    vec![
        key("provider", Shape::Json(provider), say!(en: "The service: id or any known name.", ja: "利用サービス（id またはサービス名）。")).needed().example("xserver"),
        key("id", Shape::Text, say!(en: "A name of your own, for `for = …` in [[record]].", ja: "自分で付ける名前。[[record]] の `for` に使います。")).example("office"),
        key("subdomain", Shape::Text, say!(en: "The From domain, below the site's.", ja: "差出人のドメイン（サイトのドメインの下の部分）。")).example("news"),
        key("from", Shape::Text, say!(en: "The same, as the From address.", ja: "同じことを、差出人のアドレスで。")).example("info@shop.example.com"),
        key("roles", Shape::List(Box::new(Shape::OneOf(words(ROLES, role)))), say!(en: "What you use of it.", ja: "このサービスで使うもの。")).default(json!(["send"])),
        key("dkim", Shape::List(Box::new(Shape::Table(dkim))), say!(en: "Several DKIM keys, or one whose selector you choose.", ja: "DKIM 鍵が複数あるか、セレクタを選べる場合。")),
        key("dkim-key-file", Shape::Text, say!(en: "A file with the DKIM key, in any form that a panel shows.", ja: "DKIM 鍵のファイル（画面に出る形のどれでも）。")).example("keys/xserver.txt"),
        key("mail-from", Shape::Text, say!(en: "The Return-Path host below the From domain, where the service lets you choose one or tells you one.", ja: "差出人のドメインの下の Return-Path のホスト（選べるか、知らされる場合）。")).example("em1234"),
        key("spf", Shape::OneOf(choices), say!(en: "Where its SPF terms go, overriding the template.", ja: "SPF の項目を入れる場所（設定データより優先）。")),
        key("options", open(Shape::Text), say!(en: "Which of several forms the service's panel shows.", ja: "画面に出ている形（複数の形があるサービス）。")),
        key("groups", texts(), say!(en: "Which groups of the service's template are used. Default: all.", ja: "使うグループ（設定データにある場合）。省くとすべて。")),
        key("ttl", Shape::Time(Ttl::MAX.seconds()), say!(en: "TTL of its records. Default: the site's.", ja: "レコードの TTL。省くとサイトのもの。")),
        key("note", Shape::Text, say!(en: "A word for yourself. No effect.", ja: "自分用のメモ。効果はありません。")),
    ]
}

/// A variable's value: a string, or a number that means its digits.
fn value() -> Value {
    json!({ "type": ["string", "integer"], "minimum": 0 })
}

/// `[[sender]]`: the keys of every service, and what only the chosen one has. The same is said twice, since what shows mistakes well does
/// not complete: `anyOf` is what editors complete by, and holds for everything; `then` refuses, and says which key it is.
fn sender(senders: &[&Sender]) -> Value {
    let anything = json!({ "type": "object", "additionalProperties": true });
    let common = json!({ "$ref": "#/$defs/sender" });
    let at: Vec<String> = senders.iter().map(|s| format!("#/$defs/sender-{}", pointer(&s.id))).collect();
    let offers = at.iter().map(|at| json!({ "$ref": at }));
    let rules = at.iter().map(|at| json!({ "if": { "$ref": format!("{at}/if") }, "then": { "$ref": at } }));
    let offers: Vec<Value> = std::iter::once(common.clone()).chain(offers).chain([anything.clone()]).collect();
    let rules: Vec<Value> = std::iter::once(common).chain(rules).collect();
    json!({ "anyOf": offers, "if": anything, "then": { "additionalProperties": true, "allOf": rules } })
}

/// An id in a JSON pointer that stands in a URI. The catalogue's ids are plain; one's own may be anything.
fn pointer(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for octet in id.bytes() {
        match octet {
            b'~' => out.push_str("~0"),
            b'/' => out.push_str("~1"),
            b if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_') => out.push(char::from(b)),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

/// The names that mean this sender and no other.
fn names<'s>(sender: &'s Sender, catalogue: &Catalogue) -> Vec<&'s str> {
    let mut out: Vec<&str> = Vec::new();
    let all = [sender.id.as_str(), &sender.name.en, &sender.name.ja].into_iter();
    for name in all.chain(sender.aliases.iter().map(String::as_str)) {
        let is_this = catalogue.sender(name).is_some_and(|s| s.id == sender.id);
        if is_this && !out.contains(&name) {
            out.push(name);
        }
    }
    out
}

/// What `[[sender]]` has with one service. It fails where another one is meant.
fn service(sender: &Sender, catalogue: &Catalogue, lang: Lang) -> Value {
    let mut keys = Map::new();
    for variable in &sender.variables {
        keys.insert(variable.name.clone(), of_variable(sender, variable, lang));
    }
    if let Some(variable) = &sender.mail_from {
        let mut out = of_variable(sender, variable, lang);
        set(&mut out, "type", json!("string"));
        keys.insert("mail-from".to_owned(), out);
    }
    keys.insert("options".to_owned(), options(sender, lang));
    // What these hold is said for all services at once; here they are only let be.
    for key in RESERVED {
        keys.entry(*key).or_insert(json!(true));
    }
    let used: Vec<&str> = ROLES.iter().filter(|(_, role)| has_role(sender, *role)).map(|(word, _)| *word).collect();
    let used = used.join(", ");
    let roles = if used.is_empty() {
        say!(en: "It has no records.", ja: "レコードはありません。")
    } else {
        say!(en: "Roles that have records: {used}.", ja: "レコードのある役割: {used}。")
    };
    json!({
        "title": sender.name.get(lang),
        "description": roles.get(lang),
        "type": "object",
        "properties": keys,
        "additionalProperties": false,
        "if": {
            "properties": { "provider": { "enum": names(sender, catalogue) } },
            "required": ["provider"],
            "additionalProperties": true
        },
        "else": false
    })
}

/// `options` with the alternatives of a service.
fn options(sender: &Sender, lang: Lang) -> Value {
    let alternatives: Map<String, Value> = sender
        .alternatives
        .iter()
        .map(|a| {
            let words: Vec<&str> = a.choices.iter().map(|(word, _)| word.as_str()).collect();
            let docs: Vec<&str> = a.choices.iter().map(|(_, meaning)| meaning.get(lang)).collect();
            let mut out = json!({
                "type": "string", "enum": words, "description": a.what.get(lang),
                "x-taplo": { "docs": { "enumValues": docs } }
            });
            if let Some(default) = &a.default {
                set(&mut out, "default", json!(default));
            }
            (a.name.clone(), out)
        })
        .collect();
    let none = say!(en: "This service has only one form.", ja: "このサービスの形は 1 つだけです。");
    let some = say!(en: "Which of its forms the panel shows.", ja: "画面に出ている形。");
    let what = if alternatives.is_empty() { none } else { some };
    json!({
        "type": "object", "properties": alternatives, "additionalProperties": false, "description": what.get(lang)
    })
}

/// Whether any part of a template belongs to the role.
fn has_role(sender: &Sender, role: Role) -> bool {
    let terms = sender.spf.terms.iter().map(|t| t.when.role);
    let dkim = sender.dkim.iter().map(|d| d.when.role);
    terms.chain(dkim).chain(sender.records.iter().map(|r| r.when.role)).any(|r| r == role)
}

/// A variable: what it is, where it is shown, and the written forms that it has.
fn of_variable(sender: &Sender, variable: &Variable, lang: Lang) -> Value {
    let (company, what, find) = (&sender.name, &variable.what, &variable.find);
    let text = match (&variable.default, variable.optional) {
        (Some(_), _) => {
            say!(
                en: "{company}: {what}. Shown at: {find}.",
                ja: "{company}: {what}。表示される場所: {find}"; company = company, what = what, find = find
            )
        }
        (None, true) => say!(
            en: "{company}: {what}. Shown at: {find}. Only if the panel shows one.",
            ja: "{company}: {what}。表示される場所: {find}。画面に出ている場合だけ書きます"; company = company, what = what, find = find
        ),
        (None, false) => say!(
            en: "{company}: {what}. Shown at: {find}. It must be given where a record needs it.",
            ja: "{company}: {what}。表示される場所: {find}。使うレコードがあれば必ず書きます"; company = company, what = what, find = find
        ),
    };
    let mut out = json!({ "type": ["string", "integer"], "description": text.get(lang) });
    set(&mut out, "examples", json!([variable.example]));
    if let Some(default) = &variable.default {
        set(&mut out, "default", json!(default));
    }
    match pattern(variable) {
        Some(pattern) => set(&mut out, "pattern", json!(pattern)),
        None => set(&mut out, "minLength", json!(1)),
    }
    out
}

/// The written forms of a variable as a regular expression of JSON Schema, where it can be said there.
fn pattern(variable: &Variable) -> Option<String> {
    match (&variable.accepts, variable.kind) {
        (Some(accepts), _) => ecma::whole(accepts.text()),
        (None, VariableKind::Number) => Some("^[0-9]+$".to_owned()),
        (None, VariableKind::Label) => Some("^[A-Za-z0-9_\\-]{1,63}$".to_owned()),
        (None, _) => None,
    }
}
