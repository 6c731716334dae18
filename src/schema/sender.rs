//! The template of a sender, providers/senders/*.toml.

use serde_json::json;

use crate::catalogue::sender::{
    BUILT_IN, CONFLICT, ESSENTIAL, KEY_BITS_MAX, KEY_LENGTH, KINDS, KeyLength, MARKETS, PURPOSES, Purpose, RESERVED,
    ROLES, SPF_NEEDED, SWITCH_PARTS, SpfNeeded, VARIABLE_KINDS, VENDOR_CHECK, VariableKind, VendorCheck,
};
use crate::report::Text;
use crate::say;

use super::site::role;
use super::table::{Key, Shape, Table, key, only, open, plain, table, tables, texts, words};

/// The whole template.
pub(super) fn template() -> Table {
    let mut keys = super::names(&say!(en: "The service", ja: "利用サービス"));
    let kinds = KINDS.iter().map(|k| (*k, Text::default())).collect();
    keys.extend([
        key("kind", Shape::OneOf(kinds), say!(en: "What it is.", ja: "サービスの種類。")).needed(),
        key(
            "market",
            Shape::OneOf(words(MARKETS, |japanese| match japanese {
                true => say!(en: "Japan: mail goes to Japanese mobile carriers too", ja: "日本（携帯電話会社にも届ける）"),
                false => say!(en: "anywhere", ja: "世界"),
            })),
            say!(en: "Where it is sold: decides the default of `recipients`.", ja: "どこ向けか。`recipients` の既定値が決まります。"),
        )
        .needed(),
        key(
            "engine",
            Shape::Text,
            say!(en: "Id of the template whose servers these are, sold under this name.", ja: "このサービスの中身である、別の設定データの id。"),
        ),
        key(
            "own-address",
            Shape::Both,
            say!(en: "The service has an address of its own to send from, for which no DNS is needed: how.", ja: "DNS の設定がいらない、サービス側の送信元アドレスがある場合、その使い方。"),
        ),
        key(
            "source",
            Shape::Some(Box::new(Shape::Table(table(super::source(say!(
            en: "The parts it states: spf, dkim, mx, records, verification, variables, retired, … or all.",
            ja: "この出典で分かること: spf、dkim、mx、records、verification、variables、retired など。全部なら all。"
        )))))),
            super::what_sources_are(),
        )
        .needed(),
        key("variable", Shape::Table(Table { others: Some(Box::new(Shape::Table(table(variable(false))))), reserved: RESERVED.iter().chain(BUILT_IN).copied().collect(), ..Table::default() }), say!(en: "What only the customer knows. The key is the one in [[sender]]; in expressions `-` becomes `_`: {{{{ shop_no }}}}.", ja: "利用者だけが知っている値。ここのキーが [[sender]] のキーになります。式の中では - を _ にします: {{{{ shop_no }}}}。")),
        key("mail-from", Shape::Table(table(variable(true))), say!(en: "Only if the customer chooses or is told a Return-Path host. In site.toml it is the key `mail-from`, in expressions {{{{ mail_from }}}}.", ja: "Return-Path のホストを利用者が選ぶか、知らされる場合だけ。site.toml では `mail-from`、式の中では {{{{ mail_from }}}}。")),
        key("via", Shape::Table(table(via())), say!(en: "Only if it sends through another sender and needs no record of its own.", ja: "ほかの利用サービスを通して送り、自分のレコードがいらない場合だけ。")),
        key("recognise", Shape::Table(table(recognise())), say!(en: "What tells the service in a zone, beyond what this template emits. `*` stands for what differs from customer to customer.", ja: "ゾーンを見てこのサービスだと分かる手がかりのうち、この設定データが出すもの以外。`*` は利用者ごとに違う部分。")),
        key("alternative", open(Shape::Table(table(alternative()))), say!(en: "Exactly one of several forms; the site says options = {{ name = \"choice\" }}.", ja: "いくつかの形のうち 1 つ。サイトは options = {{ 名前 = \"選択肢\" }} と書きます。")),
        key("spf", Shape::Table(table(spf())), say!(en: "What it wants in SPF.", ja: "SPF に必要なもの。")).needed(),
        key("dkim", dkim(), say!(en: "A DKIM selector.", ja: "DKIM のセレクタ。")),
        key("dkim-note", Shape::Both, say!(en: "Only where the service signs but its record is not known: what is to be said.", ja: "署名はするがレコードが分かっていない場合だけ。何を伝えるか。")),
        key("record", tables(record()), say!(en: "A record that is neither SPF nor a DKIM key.", ja: "SPF と DKIM の鍵以外のレコード。")),
        key("redirect", tables(redirect()), say!(en: "A web forwarding: no record does that, so a finding says what the registrar's forwarding must do.", ja: "ウェブの転送。レコードではできないので、転送機能で設定する内容を伝えます。")),
        key("group", open(Shape::Both), say!(en: "Groups of parts that the site may choose: groups = [\"name\"].", ja: "サイトが選べる部分のまとまり: groups = [\"名前\"]。")),
        key("default-roles", Shape::List(Box::new(Shape::OneOf(words(ROLES, role)))), say!(en: "The roles that are used if the site names none. Default: send.", ja: "サイトが roles を書かないときの役割。省くと send。")),
        key("host-required", Shape::Flag, say!(en: "It is only for names below the domain: the site must say `subdomain`.", ja: "ドメインの下の名前でしか使えない（サイトに `subdomain` が必要）。")).default(false),
        key("multi-instance", Shape::Flag, say!(en: "It may be used more than once at one name.", ja: "同じ名前で 2 回以上使える。")),
        key("switch", tables(switch()), say!(en: "With these registrars the company's own panel makes these parts by a switch.", ja: "この会社の画面で DNS を編集しているとき、自動で入る部分。")),
        key("retired", retired(), say!(en: "What was once right, and is not any more.", ja: "昔は正しく、今は違う値。")),
        key("note", tables(super::en_ja(&say!(en: "What to know about the service.", ja: "このサービスについて知っておくこと")).into()), say!(en: "What to know about the service.", ja: "このサービスについて知っておくこと。")),
    ]);
    table(keys)
}

/// What a variable is; or the Return-Path host, which is a host.
fn variable(is_host: bool) -> Vec<Key> {
    let kinds = words(VARIABLE_KINDS, |k| match k {
        VariableKind::Text => {
            say!(en: "printable ASCII without spaces, quotes, \\ % {{ }}", ja: "半角の文字（空白、引用符、\\ % {{ }} を除く）")
        }
        VariableKind::Label => say!(en: "one name without dots", ja: "点のない名前"),
        VariableKind::Host => say!(en: "a host name", ja: "ホスト名"),
        VariableKind::Number => say!(en: "digits", ja: "数字"),
        VariableKind::Ip4 => say!(en: "an IPv4 address", ja: "IPv4 アドレス"),
        VariableKind::Ip6 => say!(en: "an IPv6 address", ja: "IPv6 アドレス"),
        VariableKind::SpfTerms => {
            say!(en: "SPF terms, separated by spaces; macros are allowed", ja: "SPF の項目（空白区切り、マクロも可）")
        }
        VariableKind::Txt => say!(en: "text of a TXT, with spaces", ja: "TXT の中身（空白も可）"),
    });
    let usual = if is_host { VariableKind::Host } else { VariableKind::Text };
    let usual = VARIABLE_KINDS.iter().find(|(_, k)| *k == usual).map_or("", |(word, _)| *word);
    vec![
        key("what", Shape::Both, say!(en: "What it is.", ja: "何の値か。")).needed(),
        key("where", Shape::Both, say!(en: "Where in the company's panel it is shown.", ja: "画面のどこに出ているか。")).needed(),
        key("example", Shape::Text, say!(en: "A made-up value of the right form.", ja: "正しい形の、架空の値。")).needed().example("12"),
        key("kind", Shape::OneOf(kinds), say!(en: "What its normal form is.", ja: "値の種類。")).default(usual),
        key("accepts", Shape::Text, say!(en: "The written forms it accepts: a regular expression on the whole value.", ja: "受け付ける書き方。値全体に対する正規表現です。")).example("(?:shop)?([0-9]{1,4})"),
        key("normal", Shape::Text, say!(en: "Their normal form, with $1, $2, … from `accepts`.", ja: "そろえた形。`accepts` の $1、$2 などを使います。")).example("$1"),
        key("default", Shape::Text, say!(en: "The value if the site gives none.", ja: "サイトに書かれていないときの値。")),
        key("optional", Shape::Flag, say!(en: "Records that need it are left out if it is not given (but it is needed by a form that the site chose).", ja: "書かれていないとき、それを使うレコードは省きます（サイトが選んだ形に必要なら省けません）。")).default(false),
        key("empty", Shape::Flag, say!(en: "It may be empty: the label that it stands in is then left out.", ja: "空でもよい（空なら、それを使うラベルを省きます）。")).default(false),
    ]
}

/// `[via]`.
fn via() -> Vec<Key> {
    let mut keys = vec![key("senders", texts(), say!(en: "Ids of those that it can be; empty: whatever mail server the customer sets.", ja: "通して送るサービスの id。空なら、利用者が設定したメールサーバー。")).example(json!(["amazon-ses"]))];
    keys.extend(super::en_ja(&say!(en: "Where that is set.", ja: "どこで設定するか")));
    keys
}

/// `[recognise]`.
fn recognise() -> Vec<Key> {
    let list = |name, what: Text| key(name, texts(), what);
    vec![
        key(
            "only",
            Shape::Both,
            say!(en: "Nothing right can be emitted: the service is only recognised; what is not known of it.", ja: "正しいレコードを出せず、見分けるだけの場合。何が分かっていないか。"),
        ),
        list("spf", say!(en: "Domains of SPF includes and redirects.", ja: "SPF の include や redirect のドメイン。")),
        list("dkim", say!(en: "DKIM selectors.", ja: "DKIM のセレクタ。")),
        list("mx", say!(en: "Hosts that receive the mail.", ja: "メールを受けるホスト名。")),
        list(
            "targets",
            say!(en: "What CNAMEs point at: keys, Return-Path hosts.", ja: "CNAME の行き先（鍵、Return-Path のホスト）。"),
        ),
        list("txt", say!(en: "Beginnings of TXT values at the domain itself.", ja: "ドメインそのものの TXT の先頭。")),
        list(
            "name-servers",
            say!(en: "Name servers of a domain whose zone the company holds.", ja: "この会社にゾーンがあるときのネームサーバー。"),
        ),
    ]
}

/// `[alternative.…]`.
fn alternative() -> Vec<Key> {
    vec![
        key(
            "what",
            Shape::Both,
            say!(en: "What is chosen: what the panel shows.", ja: "何を選ぶか（画面に出ているもの）。"),
        )
        .needed(),
        key(
            "default",
            Shape::Text,
            say!(en: "The choice if the site makes none. Absent: the site must choose.", ja: "サイトが選ばないときの選択肢。なければ、必ず選びます。"),
        ),
        key(
            "choice",
            open(Shape::Both),
            say!(en: "The choices, and what each means.", ja: "選択肢と、それぞれの意味。"),
        ),
    ]
}

/// When a part applies.
fn condition(role_follows: &Text) -> Vec<Key> {
    vec![
        key(
            "role",
            Shape::OneOf(words(ROLES, role)),
            say!(en: "The role that it belongs to. {role_follows}", ja: "どの役割のものか。{role_follows}"; role_follows = role_follows),
        ),
        key(
            "if-web",
            Shape::Flag,
            say!(en: "true: only where the sender alone has the web at its From domain; false: only where it has not.", ja: "true: 差出人のドメインのウェブがこのサービスだけにあるとき。false: ないとき。"),
        ),
        key(
            "choice",
            open(Shape::Text),
            say!(en: "Only with these choices among the alternatives.", ja: "この選択肢が選ばれたときだけ。"),
        ),
        key(
            "group",
            Shape::Text,
            say!(en: "Only if the site uses this group, or names none.", ja: "サイトがこのグループを使うか、グループを書いていないときだけ。"),
        ),
    ]
}

/// TTL of a record, and whether it may be changed later.
fn upkeep() -> Vec<Key> {
    let essential = words(ESSENTIAL, |on_apply| match on_apply {
        false => say!(en: "it must stay", ja: "残しておく"),
        true => {
            say!(en: "it may be changed once the service is set up; in a conflict it gives way", ja: "設定が済んだら変えてもよい。ぶつかったときは譲る")
        }
    });
    vec![
        key(
            "ttl",
            Shape::Json(json!({ "type": ["integer", "string"], "minimum": 0 })),
            say!(en: "Seconds, or an expression; `ttl` of the [[sender]] outranks it.", ja: "秒数、または式。[[sender]] の `ttl` が優先されます。"),
        )
        .example(3600),
        key("essential", Shape::OneOf(essential), say!(en: "Whether it must stay.", ja: "変えずに残す必要があるか。")).default("always"),
    ]
}

/// `[[redirect]]`.
fn redirect() -> Vec<Key> {
    let mut keys = vec![
        key("name", Shape::Text, say!(en: "The name that is forwarded, below the From domain.", ja: "転送する名前（差出人のドメインの下）。")).needed().example("@"),
        key("target", Shape::Text, say!(en: "Where to: a host or the address of a page.", ja: "転送先（ホスト名、またはページのアドレス）。")).needed().example("https://www.example.com/"),
        key(
            "code",
            Shape::Json(json!({ "enum": [301, 302] })),
            say!(en: "301 (for good) or 302 (for now).", ja: "301（恒久）か 302（一時）。"),
        )
        .needed(),
    ];
    keys.extend(condition(&say!(en: "Default: web.", ja: "省くと web。")));
    keys
}

/// `[spf]`.
fn spf() -> Vec<Key> {
    let needed = words(SPF_NEEDED, |n| match n {
        SpfNeeded::Yes => {
            say!(en: "it uses the From domain as envelope sender: the include goes there", ja: "差出人のドメインを Return-Path に使う。include はそこに入れる")
        }
        SpfNeeded::Subdomain => {
            say!(en: "it uses a Return-Path host below it: the include goes to that host", ja: "その下の Return-Path のホストを使う。include はそこに入れる")
        }
        SpfNeeded::No => {
            say!(en: "it uses its own Return-Path: nowhere, a note says so", ja: "自社の Return-Path を使う。どこにも入れず、そう伝える")
        }
        SpfNeeded::VendorAsks => {
            say!(en: "it asks for it; its envelope domain is not established: to the From domain", ja: "会社が求めている（Return-Path は未確認）。差出人のドメインに入れる")
        }
        SpfNeeded::Conditional => {
            say!(en: "it depends on settings: nowhere, a finding says so", ja: "設定による。どこにも入れず、そう伝える")
        }
        SpfNeeded::Unknown => say!(en: "not known: nowhere, a finding says so", ja: "不明。どこにも入れず、そう伝える"),
    });
    let mut term = vec![
        key(
            "value",
            Shape::Text,
            say!(en: "The term, or several, as an expression.", ja: "項目（複数可）。式で書けます。"),
        )
        .needed()
        .example("include:spf.example.com"),
    ];
    term.push(
        key(
            "name",
            Shape::Text,
            say!(en: "To this name's SPF, whatever `needed` says.", ja: "`needed` によらず、この名前の SPF に入れる。"),
        )
        .example("news"),
    );
    term.extend(condition(&say!(en: "Default: send.", ja: "省くと send。")));
    vec![
        key("needed", Shape::OneOf(needed), say!(en: "Where the include goes: it follows from who owns the Return-Path.", ja: "include をどこに入れるか。Return-Path がだれのものかで決まります。")).needed(),
        key("note", Shape::Both, say!(en: "Why, where that needs a word.", ja: "理由（説明がいるときだけ）。")),
        key("host", Shape::Text, say!(en: "The Return-Path host below the From domain, for `subdomain` (and for `no`, where one can be set).", ja: "差出人のドメインの下の Return-Path のホスト（`subdomain` のとき。`no` でも、設定できるなら）。"))
            .example("{{ mail_from }}"),
        key("terms", tables(term), say!(en: "The terms, in their order.", ja: "項目（順番どおり）。")),
    ]
}

/// `[[dkim]]`.
fn dkim() -> Shape {
    let check = words(VENDOR_CHECK, |c| match c {
        VendorCheck::CnameTarget => {
            say!(en: "the CNAME must point at the vendor's name directly", ja: "CNAME が会社のホスト名を直接指していること")
        }
        VendorCheck::ChainEnd => {
            say!(en: "the chain must end at the vendor's record", ja: "たどった先が会社のレコードであること")
        }
        VendorCheck::TxtValue => say!(en: "the TXT value must be found", ja: "TXT の値が見つかること"),
        VendorCheck::Nothing => say!(en: "there is no check", ja: "確認はない"),
        VendorCheck::Unknown => say!(en: "not known", ja: "不明"),
    });
    let length = words(KEY_LENGTH, |l| match l {
        KeyLength::Fixed => say!(en: "the vendor fixes it", ja: "決まっている"),
        KeyLength::Choice => say!(en: "the customer may choose", ja: "利用者が選べる"),
        KeyLength::Unknown => say!(en: "not known", ja: "不明"),
    });
    let mut keys = vec![
        key("selector", Shape::Text, say!(en: "The selector, as an expression.", ja: "セレクタ。式で書けます。")).needed().example("shop{{ shop_no }}"),
        key("host", Shape::Text, say!(en: "Below which name: <selector>._domainkey.<host>.<From domain>.", ja: "どの名前の下か: <セレクタ>._domainkey.<ここ>.<差出人のドメイン>。")),
        key("target", Shape::Text, say!(en: "A CNAME to this name. One of `target`, `value` and `customer-key`.", ja: "CNAME の行き先。`target`・`value`・`customer-key` のどれか 1 つ。"))
            .example("shop{{ shop_no }}._domainkey.example.com"),
        key("value", Shape::Text, say!(en: "A TXT that the template knows whole.", ja: "TXT の値全体が分かっている場合、その値。")).example("v=DKIM1; k=rsa; p={{ key }}"),
        key("customer-key", Shape::Text, say!(en: "A TXT with the key that the customer copies from the panel: what stands before the base64.", ja: "利用者が画面から写す鍵の TXT。base64 の前に付くもの。")).example("v=DKIM1; k=rsa; p="),
        key("where", Shape::Both, say!(en: "Where the key or the record is shown; a key that is missing is asked for there.", ja: "鍵やレコードが画面のどこに出ているか。鍵がないとき、ここを案内します。")),
        key("vendor-check", Shape::OneOf(check), say!(en: "What the vendor's own check insists on.", ja: "会社の確認ボタンが見ているもの。")).default("unknown"),
        key("key-bits", Shape::Number(Some(KEY_BITS_MAX)), say!(en: "Bits of the key, where known.", ja: "鍵の長さ（ビット。分かっているときだけ）。")).example(2048),
        key("key-length", Shape::OneOf(length), say!(en: "Whether the customer may choose the length.", ja: "鍵の長さを選べるか。")).default("unknown"),
    ];
    keys.extend(upkeep());
    keys.extend(condition(&say!(en: "Default: send.", ja: "省くと send。")));
    let forms = ["target", "value", "customer-key"];
    let one_of = forms.iter().map(|form| only(form, &forms)).collect();
    Shape::List(Box::new(Shape::Table(Table { keys, one_of, ..Table::default() })))
}

/// `[[record]]`.
fn record() -> Vec<Key> {
    let purposes = words(PURPOSES, |p| match p {
        Purpose::Mx => say!(en: "where mail goes", ja: "メールの届け先"),
        Purpose::Web => say!(en: "the web site", ja: "ウェブサイト"),
        Purpose::ReturnPath => say!(en: "the Return-Path host", ja: "Return-Path のホスト"),
        Purpose::Verification => say!(en: "proof of ownership", ja: "所有の確認"),
        Purpose::Client => say!(en: "settings for mail programs", ja: "メールソフトの設定"),
        Purpose::Delegation => say!(en: "hands a subtree to another name server", ja: "別のネームサーバーへの委任"),
        Purpose::Dmarc => say!(en: "DMARC made by the vendor", ja: "会社が用意する DMARC"),
        Purpose::Other => say!(en: "anything else that the vendor asks for", ja: "そのほか会社が求めるもの"),
    });
    let mut keys = vec![
        key("name", Shape::Text, say!(en: "The name below the From domain; @ is the From domain itself.", ja: "差出人のドメインの下の名前。@ は差出人のドメインそのもの。")).needed().example("@"),
        key("at-site", Shape::Flag, say!(en: "Below the site's domain instead.", ja: "差出人のドメインではなく、サイトのドメインの下に置く。")).default(false),
        key("type", Shape::Offer(super::record_types()), say!(en: "The record's type.", ja: "レコードの種別。")).needed().example("MX"),
        key("value", Shape::Text, say!(en: "Presentation format; names are absolute; a TXT is its text, without quotes.", ja: "ゾーンファイルと同じ書き方。ホスト名は完全な名前、TXT は引用符のない中身。")).needed().example("10 mx.example.com"),
        key("purpose", Shape::OneOf(purposes), say!(en: "What it is for.", ja: "何のためのレコードか。")).needed(),
        key("optional", Shape::Flag, say!(en: "Nice to have.", ja: "なくてもよい。")).default(false),
        key("conflict", Shape::OneOf(plain(CONFLICT)), say!(en: "It does not bear another party's TXT at its name.", ja: "同じ名前の、ほかの TXT と共存できない。")),
        key("conflict-prefix", Shape::Text, say!(en: "It does not bear another party's TXT at its name that begins so.", ja: "同じ名前の、これで始まるほかの TXT と共存できない。")).example("v=BIMI1"),
    ];
    keys.extend(upkeep());
    keys.extend(condition(&say!(
        en: "Default: by the purpose (mx → receive, web → web, client → mail-apps, verification → verify, all others → send).",
        ja: "省くと purpose で決まります（mx → receive、web → web、client → mail-apps、verification → verify、ほかは send）。"
    )));
    keys
}

/// `[[switch]]`.
fn switch() -> Vec<Key> {
    vec![
        key("registrars", texts(), say!(en: "Ids of the registrars.", ja: "DNSを編集する会社の id。")),
        key("parts", Shape::List(Box::new(Shape::OneOf(plain(SWITCH_PARTS)))), say!(en: "What the switch makes.", ja: "自動で入るもの。")),
        key("preset", Shape::Flag, say!(en: "Its rows can't be edited; it must be off where another sender's terms belong into the SPF.", ja: "自動で入った行を編集できない。SPF にほかのサービスの項目が必要なときは、OFF にします。")).default(false),
        key("how", Shape::Both, say!(en: "How it is switched on.", ja: "操作の道順。")).needed(),
        super::address(),
        super::date(),
        super::confidence(),
    ]
}

/// `[[retired]]`.
fn retired() -> Shape {
    let keys = vec![
        key("spf", Shape::Text, say!(en: "An SPF term. One of `spf`, `dkim` and `mx`.", ja: "SPF の項目。`spf`・`dkim`・`mx` のどれか 1 つ。")).example("include:spf.old.example.com"),
        key("dkim", Shape::Text, say!(en: "A DKIM selector.", ja: "DKIM のセレクタ。")),
        key("target", Shape::Text, say!(en: "With `dkim`: what its CNAME pointed at.", ja: "`dkim` とともに: CNAME の行き先。")),
        key("mx", Shape::Text, say!(en: "A host that received the mail.", ja: "メールを受けていたホスト名。")),
        key("replacement", Shape::Text, say!(en: "What stands in its place now; empty: nothing.", ja: "今の値。空なら、代わりはありません。")),
        key("why", Shape::Both, say!(en: "Why.", ja: "理由。")).needed(),
    ];
    let one_of = vec![
        only("spf", &["dkim", "mx", "target"]),
        only("dkim", &["spf", "mx"]),
        only("mx", &["spf", "dkim", "target"]),
    ];
    Shape::List(Box::new(Shape::Table(Table { keys, one_of, ..Table::default() })))
}
