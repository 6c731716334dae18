//! The worksheet's page in a real Chromium: what is copied, what is kept, what is printed, and that a value can do nothing. And the page of
//! `status`: what is printed, how it fits, and the same of its names.
//!
//! `ZONEPLAN_SHOTS=DIR cargo test --features servers --test page` leaves the pages, pictures of them and what was printed there, to be looked at.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop; clippy does not see that helpers outside #[test] are tests too"
)]

mod tools;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zoneplan::{
    build::{Overrides, build},
    catalogue::Catalogue,
    render::{
        Input,
        worksheet::{
            html,
            model::{Block, Card, Risk, Sheet, Task},
            sheet,
        },
    },
    report::{Lang, Text},
    site::{FileError, Files},
};

/// Both languages.
fn two(en: &str, ja: &str) -> Text {
    Text { en: en.into(), ja: ja.into() }
}

fn line(label: Text, text: Text) -> Block {
    Block::Line { label, text }
}

fn entry(label: Text, content: &str, notes: Vec<Text>) -> Block {
    Block::Entry { label, content: content.into(), short: false, notes }
}

fn short(label: Text, content: &str) -> Block {
    Block::Entry { label, content: content.into(), short: true, notes: Vec::new() }
}

fn tick(key: &'static str, text: Text) -> Block {
    Block::Tick { key: key.to_owned(), text }
}

fn typed() -> Vec<Block> {
    vec![tick("typed", two("Typed", "入力した")), tick("saved", two("Saved", "保存した"))]
}

/// A worksheet as people get it: one of each kind of card.
fn usual() -> Sheet {
    let host = || two("Host name", "ホスト名");
    let kind = || two("Type", "種別");
    let content = || two("Content", "内容");
    let a = || Text::same("example-127");
    let card = |key: &str, task, number, title, panel, risk, mut blocks: Vec<Block>, ticks: Vec<Block>| {
        blocks.extend(ticks);
        Card { key: key.into(), task, number, title, panel, risk, blocks }
    };
    let spf = "v=spf1 +a:sv14166.mail.example +mx include:spf.sender.mail.example include:spf.shop.example ~all";
    let key = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu5oIUrFDWZK7F4thFxpZa2or6jBEX3cSL6b2TJdPkO5iNn9vHNXhNX31nOefN8FksX94YbLJ8NHcFPbaZTW8R2HthYxRaCyqodxlLHibg8aHdfa+bxKeiI/xABRuAM0WG0JEDSyakMFqIO40ghj/h7DUc/4OXNdeQhrKDTlgf2bd+FjpJ3bNAFcMYa3Oeju33b2Tp+PdtqIwXRZksfuXh7m30kuyavp3Uaso145DRBaJZA55lNxmHWMgMjO+YjNeuR6j4oQqyGwzPaVcSdOG8Js2mXt+J3Hr+nNmJGxZUUW4Uw5ws08wT9opRgSpn+ThX2d1AgQePpGrWOamC3PdcwIDAQAB";
    Sheet {
        domain: "hogehoge.example.com".into(),
        title: two("Mail authentication: what to type where", "メール認証の設定手順書"),
        head: vec![
            (
                two("You work in", "作業する画面"),
                two("example-127, DNS settings (no other login)", "A社 DNS設定（ログインするのは A社 だけです）"),
            ),
            (
                two("To do", "今回の作業"),
                two("add 2, change 1, switch on 1, leave 2", "追加 2 ／ 書き換え 1 ／ スイッチ 1 ／ 触らない 2"),
            ),
            (two("Time", "所要"), two("about 20 minutes", "およそ 20 分")),
        ],
        cards: vec![
            card(
                "before",
                Task::Before,
                None,
                two("Before you start", "はじめる前に"),
                None,
                None,
                vec![
                    tick(
                        "shots",
                        two(
                            "Take screenshots of the panel as it is now, all of it. They are the way back.",
                            "いまの画面を全部スクリーンショットに撮ります（元に戻すときに使います）",
                        ),
                    ),
                    tick(
                        "ns",
                        two(
                            "Check the name servers with the command below",
                            "下のコマンドでネームサーバーを確かめます",
                        ),
                    ),
                    Block::Command {
                        label: two("Name servers", "ネームサーバーを確かめる"),
                        command: "nslookup -type=NS hogehoge.example.com".into(),
                        expect: two(
                            "names of example-127. If another company's name comes up, stop here: this panel is not in use.",
                            "A社の名前が出れば続けます。ちがう会社の名前が出たら、ここで止めてください。この手順書の画面は今は使われていません。",
                        ),
                    },
                ],
                vec![],
            ),
            card(
                "cname default._domainkey",
                Task::Add,
                Some(1),
                two("DKIM of the mail host", "メールサーバーの DKIM（新しく追加）"),
                Some(a()),
                Some(Risk::Low),
                vec![
                    line(
                        two("Why", "なぜ"),
                        two(
                            "Receivers find the key under this name. Nothing that works now changes.",
                            "受信側がこの名前で鍵を探します。今の動きは変わりません。",
                        ),
                    ),
                    entry(host(), "default._domainkey", vec![]),
                    short(kind(), "CNAME"),
                    short(Text::same("TTL"), "3600"),
                    short(two("Priority", "優先度"), ""),
                    entry(
                        content(),
                        "default.hogehoge.example.com.dkim.agency.example",
                        vec![two("48 bytes of at most 127", "48 バイト／上限 127")],
                    ),
                    Block::Warning(two(
                        "No dot at the end, no spaces or quotes around it.",
                        "末尾に「.」は付けません。前後に空白や \" を入れません。",
                    )),
                    line(
                        two("If refused", "断られたら"),
                        two("Write down what the panel says.", "画面の文言を控えてください。"),
                    ),
                ],
                typed(),
            ),
            card(
                "txt @ spf",
                Task::Edit,
                Some(2),
                two("Change SPF (not a new row)", "SPF を書き換えます（追加ではありません）"),
                Some(a()),
                Some(Risk::Medium),
                vec![
                    line(
                        two("Why", "なぜ"),
                        two(
                            "Mail of the shop is added to what may send as you.",
                            "ショップから出るメールを、正規の送信元として加えます。",
                        ),
                    ),
                    line(
                        two("Find", "探す"),
                        two(
                            "The row of type TXT whose content begins with v=spf1. There is exactly one. If there are two, stop: two make all of SPF void.",
                            "種別 TXT、ホスト名 空白、内容が v=spf1 で始まる行。必ず 1 行だけです。2 行あったら入力せずに止めてください（2 行あると SPF は全部無効になります）。",
                        ),
                    ),
                    Block::Value {
                        label: two("Now", "いま"),
                        content: "v=spf1 +a:sv14166.mail.example +mx include:spf.sender.mail.example ~all".into(),
                    },
                    entry(
                        two("Content", "内容"),
                        spf,
                        vec![two("96 bytes of at most 127; 31 left", "96 バイト／上限 127（残り 31）")],
                    ),
                    Block::Command {
                        label: two("An hour later", "1 時間後に確かめる"),
                        command: "nslookup -type=TXT hogehoge.example.com 8.8.8.8".into(),
                        expect: two("one line with v=spf1, as above", "v=spf1 の行が 1 つだけ、上の「内容」と同じ"),
                    },
                    line(
                        two("Take back", "元に戻す"),
                        two("Enter the value under \"Now\" and save.", "「いま」の値を入力して保存します。"),
                    ),
                ],
                typed(),
            ),
            card(
                "switch dkim",
                Task::Switch,
                Some(3),
                two("Turn DKIM on", "DKIM設定を ON にします（何も入力しません）"),
                Some(two("Mail host", "メールサーバー")),
                Some(Risk::Low),
                vec![
                    line(two("Where", "場所"), two("Server panel, DKIM, ON", "サーバーパネル → DKIM設定 → ON")),
                    Block::Warning(two(
                        "Do not type the key by hand as well: two at one name void both.",
                        "同じ名前に鍵を手で入力しないでください。2 つあると両方とも無効になります。",
                    )),
                ],
                vec![tick("on", two("It is on", "ON にした"))],
            ),
            card(
                "find",
                Task::Find,
                Some(4),
                two("Get the shop's key", "ショップの鍵を用意します"),
                Some(two("Shop", "ショップ")),
                None,
                vec![line(
                    two("Where", "場所"),
                    two(
                        "In the shop's admin pages; the sheet is made again once it is in site.toml.",
                        "ショップの管理画面で確認し、site.toml に書いてから手順書を作り直します。",
                    ),
                )],
                vec![tick("found", two("I have it", "用意した"))],
            ),
            card(
                "decide",
                Task::Decide,
                Some(5),
                two("Decide how the key goes in", "鍵の入れ方を決めます"),
                Some(a()),
                Some(Risk::High),
                vec![
                    line(
                        Text::default(),
                        two(
                            "The key is 410 bytes; the form takes 127. Enter nothing before one of these is chosen: a keyzone, or the DNS of the mail host.",
                            "鍵は 410 バイトです。A社の画面に入るのは 127 バイトまでです。鍵の置き場を使うか、DNS をメールサーバーに移すかを決めるまで、何も入力しないでください。",
                        ),
                    ),
                    Block::Value { label: two("The key", "鍵の値"), content: key.into() },
                ],
                vec![tick("decided", two("Decided", "決めた"))],
            ),
            card(
                "dmarc",
                Task::Add,
                Some(6),
                Text::same("DMARC"),
                Some(a()),
                Some(Risk::Low),
                vec![
                    entry(host(), "_dmarc", vec![]),
                    short(kind(), "TXT"),
                    entry(
                        content(),
                        "v=DMARC1; p=none; rua=mailto:dmarc@hogehoge.example.com",
                        vec![
                            two("55 bytes of at most 127", "55 バイト／上限 127"),
                            two(
                                "Whether the form takes the underscore in a host name is not known.",
                                "ホスト名に _ を入れられるかどうかは分かっていません。",
                            ),
                        ],
                    ),
                ],
                typed(),
            ),
            card(
                "keep mx",
                Task::Keep,
                None,
                two("MX", "MX（触りません）"),
                Some(a()),
                None,
                vec![Block::Value {
                    label: two("As it is", "いまの行"),
                    content: "hogehoge.example.com  MX  0 mail.hogehoge.example.com".into(),
                }],
                vec![],
            ),
            card(
                "confirm",
                Task::Confirm,
                Some(7),
                two("See that all of it works", "全部効いているか確かめます"),
                None,
                None,
                vec![line(
                    Text::default(),
                    two(
                        "Send a mail from each service to a Gmail address and open \"Show original\".",
                        "それぞれのサービスから Gmail あてにメールを送り、「メッセージのソースを表示」を開きます。",
                    ),
                )],
                vec![tick("gmail", two("SPF, DKIM and DMARC say PASS", "SPF・DKIM・DMARC が PASS と出た"))],
            ),
        ],
    }
}

/// What stands in a box and must come out of it as it is.
fn nasty() -> Vec<String> {
    let fixed = [
        "plain",
        "</code><script>window.hacked=1</script>",
        "\"><img src=x onerror=\"window.hacked=1\">",
        "' onfocus='window.hacked=1' autofocus='",
        "<svg/onload=window.hacked=1>",
        "</style><script>window.hacked=1</script><!--",
        "javascript:window.hacked=1",
        "&amp; &lt; &#60; &nbsp; &copy &#0;",
        "{{7*7}} ${7*7} <%= 7*7 %>",
        " leading and trailing  ",
        "two  spaces   three",
        "tab\there\t",
        "line\nline\n\nline\n",
        "\nfirst",
        "carriage\r\nreturn\ralone",
        "\"quoted\" \\\"escaped\\\" \\009 \\\\",
        "line\u{2028}separator\u{2029}paragraph",
        "right\u{202e}to left\u{202c} isolate\u{2066}x\u{2069}",
        "zero\u{200b}width\u{feff} joiner\u{200d} soft\u{ad}hyphen",
        "no-break\u{a0}space ideographic\u{3000}space",
        "escape\u{1b}[31m bell\u{7} delete\u{7f} next\u{85}line",
        "日本語.example. ｶﾅ ①",
        "e\u{301} \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{10ffff} \u{fffd}",
        "]]> --> */ </title></textarea>",
    ];
    let mut values: Vec<String> = fixed.iter().map(|value| (*value).to_owned()).collect();
    values.push("A".repeat(20_000));
    values.push("ab ".repeat(3_000));
    values
}

/// A worksheet of which nothing can be trusted.
fn hostile() -> Sheet {
    let cards = nasty().into_iter().enumerate().map(|(index, value)| {
        // The long ones as headings would only be long.
        let words = Text::same(value.chars().take(200).collect::<String>());
        Card {
            key: format!("{index} {}", words.en),
            task: Task::Add,
            number: Some(index + 1),
            title: words.clone(),
            panel: Some(words.clone()),
            risk: Some(Risk::High),
            blocks: vec![
                line(words.clone(), words.clone()),
                Block::Entry {
                    label: words.clone(),
                    content: value.clone(),
                    short: index % 2 == 0,
                    notes: vec![words.clone()],
                },
                Block::Value { label: words.clone(), content: value.clone() },
                Block::Command { label: words.clone(), command: value, expect: words.clone() },
                Block::Warning(words.clone()),
                tick("a", words.clone()),
                tick("b", words),
            ],
        }
    });
    Sheet {
        domain: "\"><script>window.hacked=1</script>.example".into(),
        title: Text::same("</title><script>window.hacked=1</script>"),
        head: vec![(Text::same("<b>\u{202e}"), Text::same("</dd><script>window.hacked=1</script>"))],
        cards: cards.collect(),
    }
}

/// A page, what must be in it, and what is tried there.
fn case(name: &str, sheet: &Sheet, lang: Lang, dir: &Path, parts: &[&str]) -> Value {
    let file = dir.join(format!("{name}.html"));
    std::fs::write(&file, html::page(sheet, lang)).expect("a file");
    let blocks = || sheet.cards.iter().flat_map(|card| &card.blocks);
    let copied: Vec<&str> = blocks()
        .filter_map(|block| match block {
            Block::Entry { content, .. } if !content.is_empty() => Some(content.as_str()),
            Block::Command { command, .. } => Some(command.as_str()),
            _ => None,
        })
        .collect();
    let compared: Vec<&str> = blocks()
        .filter_map(|block| match block {
            Block::Value { content, .. } => Some(content.as_str()),
            _ => None,
        })
        .collect();
    let ticks = blocks().filter(|block| matches!(block, Block::Tick { .. })).count();
    let cards = sheet.cards.iter().filter(|card| card.blocks.iter().any(|block| matches!(block, Block::Tick { .. })));
    json!({
        "name": name, "file": file, "parts": parts, "copied": copied, "compared": compared, "ticks": ticks, "cards": cards.count()
    })
}

/// Files of this repository.
#[derive(Debug)]
struct Repository;

impl Files for Repository {
    fn read(&self, path: &str, _limit: u64) -> Result<Vec<u8>, FileError> {
        std::fs::read(path).map_err(|_| FileError::NotFound)
    }

    fn beside(&self, from: &str, name: &str) -> String {
        Path::new(from).parent().expect("a folder").join(name).display().to_string()
    }

    fn canonical(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// The worksheet of a site in this repository.
fn real(path: &str) -> (Sheet, Lang) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path).display().to_string();
    let catalogue = Catalogue::embedded();
    let run = build(&path, &Repository, &catalogue, &Overrides::default(), |built| {
        let lang = built.site.lang.unwrap_or_default();
        (sheet(&Input { built: *built, lang, client: false, complete: None, gone: &[] }), lang)
    });
    run.product.unwrap_or_else(|| panic!("{path} does not build"))
}

/// Real worksheets: the story, and each kind of panel.
const REAL: [(&str, &str); 7] = [
    ("story", "examples/hogehoge/site.toml"),
    ("onamae", "tests/cases/worksheet-onamae/site.toml"),
    ("sakura", "tests/cases/worksheet-sakura/site.toml"),
    ("muumuu", "tests/cases/worksheet-muumuu/site.toml"),
    ("value-domain", "tests/cases/worksheet-value-domain-whole/site.toml"),
    ("xserver", "tests/cases/worksheet-xserver/site.toml"),
    ("cloudflare", "tests/cases/worksheet-cloudflare-en/site.toml"),
];

#[test]
fn in_chromium_the_page_copies_keeps_prints_and_lets_no_value_act() {
    let temporary = tempfile::tempdir().expect("a folder");
    let shots = std::env::var_os("ZONEPLAN_SHOTS").map(PathBuf::from);
    let dir = shots.as_deref().unwrap_or(temporary.path());
    let acts = ["copying", "ticking", "keyboard", "without_script"];
    let looks = ["widths", "looks", "printing"];
    let mut pages = vec![
        case("usual-ja", &usual(), Lang::Ja, dir, &[&acts[..], &looks].concat()),
        case("usual-en", &usual(), Lang::En, dir, &looks),
        case("hostile", &hostile(), Lang::Ja, dir, &[&acts[..], &["widths", "printing", "policy"]].concat()),
    ];
    for (name, path) in REAL {
        let (sheet, lang) = real(path);
        let parts: &[&str] =
            if name == "story" { &["copying", "ticking", "looks", "printing"] } else { &["copying", "looks"] };
        pages.push(case(name, &sheet, lang, dir, parts));
    }
    let names: Vec<Value> = pages.iter().map(|page| page["name"].clone()).collect();
    let answer = tools::python("page.py", &json!({ "pages": pages, "folder": dir, "shots": shots.is_some() }));
    assert_eq!(answer["problems"], json!([]), "{answer:#}");
    // Each page went all the way.
    assert_eq!(answer["pages"], Value::from(names));
}

/// The page of `status` about the sites of its cases, whose names are markup.
#[test]
fn in_chromium_the_page_of_status_fits_prints_and_lets_no_name_act() {
    let temporary = tempfile::tempdir().expect("a folder");
    let shots = std::env::var_os("ZONEPLAN_SHOTS").map(PathBuf::from);
    let dir = shots.as_deref().unwrap_or(temporary.path());
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let sites = ["table/shop", "table/broken", "table/new", "table/none", "hostile/=1+1", "dmarc/tried", "dmarc/void"];
    let page = |lang: &str| {
        let file = dir.join(format!("status-{lang}.html"));
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_zoneplan"))
            .args(["status", "--format", "html", "--lang", lang, "--today", "2026-11-29"])
            .args(sites.map(|site| format!("status-{site}.toml")))
            .arg("-o")
            .arg(&file)
            .current_dir(&cases)
            .output()
            .expect("zoneplan runs");
        assert_eq!(output.status.code(), Some(1), "one is broken: {output:?}");
        // What must be on paper.
        let printed =
            ["example.com", "news.example.net", "2026-10-31", if lang == "ja" { "onerror" } else { "HYPERLINK" }];
        json!({
            "name": format!("status-{lang}"), "file": file, "parts": ["widths", "looks", "printing", "policy"], "copied": [],
            "compared": printed, "ticks": 0, "cards": 0
        })
    };
    let pages = [page("ja"), page("en")];
    let answer = tools::python("page.py", &json!({ "pages": pages, "folder": dir, "shots": shots.is_some() }));
    assert_eq!(answer["problems"], json!([]), "{answer:#}");
    assert_eq!(answer["pages"], json!(["status-ja", "status-en"]));
}
