//! The template of a registrar, providers/registrars/*.toml.

use crate::catalogue::registrar::{
    CAA_FORMATS, FINAL_DOTS, HOST_FORMS, KINDS, MX_PRIORITIES, PLACES, QuirkAt, SRV_FORMATS,
};
use crate::catalogue::registrar::{FinalDot, HostForm, MxPriority, SrvBoxes};
use crate::report::Text;
use crate::say;

use super::table::{Key, Shape, Table, key, open, plain, table, tables, texts, words};

/// The whole template.
pub(super) fn template() -> Table {
    let mut keys = super::names(&say!(en: "The company", ja: "会社"));
    keys.extend([
        key("country", Shape::Text, say!(en: "Its country, two letters.", ja: "国（英字 2 文字）。")).needed().example("JP"),
        key("kind", Shape::OneOf(plain(KINDS)), say!(en: "What it is.", ja: "会社の種類。")).needed(),
        key(
            "about",
            Shape::Both,
            say!(en: "What the whole entry is, where that must be said.", ja: "この設定データ全体についての断り書き（必要なときだけ）。"),
        ),
        key(
            "source",
            tables(super::source(say!(
            en: "What it states: keys of [form], [limits], [name-servers] and [proxy]. Each key there needs a source.",
            ja: "この出典で分かること。[form]・[limits]・[name-servers]・[proxy] のキーを並べます。どのキーにも出典が必要です。"
        ))),
            super::what_sources_are(),
        ),
        key("form", Shape::Table(table(form())), say!(en: "The panel's own words and habits. What is absent is unknown.", ja: "画面の言葉と入れ方。書かれていないことは不明です。")),
        key("limits", super::limits(), say!(en: "What the form can hold. What is absent is unknown, never “no limit”.", ja: "画面の制限。書かれていないことは不明で、「制限なし」ではありません。")),
        key("name-servers", Shape::Table(table(name_servers())), say!(en: "How the panel is known from the NS records.", ja: "NS レコードからこの会社だと分かる手がかり。")),
        key("proxy", Shape::Table(table(proxy())), say!(en: "Servers of the company through which a name can go: who looks it up gets their addresses, and not what the panel holds.", ja: "名前を通すことができる、その会社のサーバー。DNS の答えは、画面に入れた値ではなく、そのアドレスになります。")),
        key("quirk", tables(quirk()), say!(en: "A trap of the panel. One trap, one thing.", ja: "画面の落とし穴。1 つに 1 件だけ書きます。")),
    ]);
    table(keys)
}

/// `[form]`.
fn form() -> Vec<Key> {
    let label = |name, what: Text| key(name, Shape::Text, what);
    vec![
        label("host-label", say!(en: "What the box for the host is called.", ja: "ホスト名の欄の名前。")).example("ホスト名"),
        label("type-label", say!(en: "What the box for the type is called.", ja: "種別の欄の名前。")).example("種別"),
        label("ttl-label", say!(en: "What the box for the TTL is called. Absent: it is not known whether there is one.", ja: "TTL の欄の名前。なければ、欄があるかどうか不明です。")).example("TTL"),
        label("value-label", say!(en: "What the box for the value is called.", ja: "値の欄の名前。")).example("内容"),
        label("priority-label", say!(en: "What the box for the priority is called.", ja: "優先度の欄の名前。")).example("優先度"),
        key(
            "type-labels",
            open(Shape::Text),
            say!(en: "What the type box calls a type, where it is more or other than the mnemonic: {{ TXT = \"…\" }}.", ja: "種別の欄での呼び方が略号と違うもの: {{ TXT = \"…\" }}。"),
        ),
        label("menu-path", say!(en: "The menu path, down to the button that saves.", ja: "メニューの道順。保存のボタンまで。")),
        label("apex-host", say!(en: "What is typed for the domain itself: \"@\", or \"\" for nothing.", ja: "ドメインそのものを表す入れ方。\"@\"、または空欄なら \"\"。")).example("@"),
        key(
            "host-form",
            Shape::OneOf(words(HOST_FORMS, |w| match w {
                HostForm::Relative => say!(en: "only what stands left of the domain", ja: "ドメインの左だけ"),
                HostForm::FqdnWithDot => say!(en: "the whole name with its final dot", ja: "末尾の . まで付けた名前全体"),
            })),
            say!(en: "How the host box is filled in.", ja: "ホスト名の欄の入れ方。"),
        ),
        key(
            "target-trailing-dot",
            Shape::OneOf(words(FINAL_DOTS, |w| match w {
                FinalDot::Required => say!(en: "without it the form appends the domain", ja: "付けないとドメインが足される"),
                FinalDot::Omit => say!(en: "leave it off", ja: "付けない"),
                FinalDot::Forbidden => say!(en: "the form refuses it", ja: "付けるとエラーになる"),
                FinalDot::Optional => say!(en: "both work", ja: "どちらでもよい"),
            })),
            say!(en: "Whether a target is typed with its final dot.", ja: "値がホスト名のとき、末尾の . を付けるか。"),
        ),
        key(
            "mx-priority",
            Shape::OneOf(words(MX_PRIORITIES, |w| match w {
                MxPriority::Field => say!(en: "a box of its own", ja: "専用の欄"),
                MxPriority::InValue => say!(en: "in the value, before the target", ja: "値の欄の先頭"),
            })),
            say!(en: "Where the priority of an MX goes.", ja: "MX の優先度を入れる場所。"),
        ),
        key(
            "srv-format",
            Shape::OneOf(words(SRV_FORMATS, |w| match w {
                SrvBoxes::InValue => say!(en: "priority weight port target, all in the value", ja: "優先度・重み・ポート・ホスト名をすべて値の欄に"),
                SrvBoxes::PriorityField => say!(en: "the priority in its own box, the rest in the value", ja: "優先度は専用の欄、残りは値の欄に"),
                SrvBoxes::Fields => say!(en: "a box for each", ja: "それぞれに欄がある"),
            })),
            say!(en: "How an SRV is typed.", ja: "SRV の入れ方。"),
        ),
        key("caa-format", Shape::OneOf(plain(CAA_FORMATS)), say!(en: "How a CAA is typed: flags tag \"value\", with the quotes, in the value box.", ja: "CAA の入れ方。フラグ・タグ・\"値\" を、引用符ごと値の欄に入れます。")),
        key("a-four-boxes", Shape::Flag, say!(en: "The address of an A record is typed into four boxes.", ja: "A のアドレスを 4 つの欄に分けて入れる。")),
        label("whole-zone-text", say!(en: "The form is one text of the whole zone: how a line looks.", ja: "画面がゾーン全体の 1 つのテキストである場合、1 行の書き方。")),
        label("zone-import", say!(en: "Where the panel takes a zone file: the menu path.", ja: "ゾーンファイルを読み込ませる画面の道順。")),
    ]
}

/// `[name-servers]`.
fn name_servers() -> Vec<Key> {
    let list = |name, what: Text| key(name, texts(), what);
    vec![
        list("exact", say!(en: "Hosts that are the same for every zone.", ja: "どのゾーンでも同じホスト名。")),
        list("suffixes", say!(en: "What the hosts end in.", ja: "ホスト名の末尾。")),
        list("patterns", say!(en: "Regular expressions on the host.", ja: "ホスト名の正規表現。")),
        list(
            "defaults",
            say!(en: "Hosts of a fresh domain, which may not serve this panel's records.", ja: "取得したばかりのドメインのもの。この画面のレコードが使われないことがあります。"),
        ),
        list(
            "shared-with",
            say!(en: "Ids of other registrars that the same hosts can mean.", ja: "同じホスト名を使うほかの会社の id。"),
        ),
    ]
}

/// `[proxy]`.
fn proxy() -> Vec<Key> {
    vec![
        key(
            "networks",
            texts(),
            say!(en: "Their ranges of addresses, as 192.0.2.0/24.", ja: "そのアドレスの範囲（例: 192.0.2.0/24）。"),
        ),
        key(
            "off",
            Shape::Both,
            say!(en: "The form's own word for a record that does not go through them.", ja: "そこを通さないレコードの、画面での呼び方。"),
        ),
    ]
}

/// `[[quirk]]`.
fn quirk() -> Vec<Key> {
    let place = |at| match at {
        QuirkAt::Start => say!(en: "before anything", ja: "始める前"),
        QuirkAt::Save => say!(en: "every card that is entered: saving", ja: "入力するカードすべて（保存）"),
        QuirkAt::Check => say!(en: "how to look whether it is there", ja: "入ったかどうかの確かめ方"),
        QuirkAt::Type(t) => say!(en: "each {t} record", ja: "{t} レコードのカード"),
        QuirkAt::Spf => say!(en: "the SPF record", ja: "SPF のカード"),
        QuirkAt::Dkim => say!(en: "DKIM records", ja: "DKIM のカード"),
        QuirkAt::Dmarc => say!(en: "the DMARC record", ja: "DMARC のカード"),
        QuirkAt::Apex => say!(en: "each record of the domain itself", ja: "ドメインそのもののレコード"),
        QuirkAt::Host => say!(en: "the host box, so each record", ja: "ホスト名の欄（どのレコードにも）"),
        QuirkAt::Target => say!(en: "each record whose value is a name", ja: "値がホスト名のレコード"),
        QuirkAt::WholeZone => say!(en: "the text of the whole zone", ja: "ゾーン全体のテキスト"),
        QuirkAt::ZoneImport => say!(en: "a zone file is handed in", ja: "ゾーンファイルの読み込み"),
        QuirkAt::None => {
            say!(en: "no card: true, but not for somebody who types", ja: "どのカードにも出さない（画面では関係のない事実）")
        }
    };
    let mut keys = vec![
        key(
            "at",
            Shape::Some(Box::new(Shape::OneOf(words(PLACES, place)))),
            say!(en: "The cards of the worksheet in which it stands: each that any of these names.", ja: "手順書のどのカードに出すか。並べたものすべてに出ます。"),
        )
        .needed(),
    ];
    keys.extend(super::en_ja(&say!(en: "What happens, and what to do.", ja: "何が起き、どうすればよいか")));
    keys.extend([super::address(), super::date(), super::confidence()]);
    keys
}
