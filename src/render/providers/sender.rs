//! All that is known of a sender, for a person.

use crate::catalogue::Catalogue;
use crate::catalogue::sender::{DkimForm, KeyLength, RetiredValue, Role, Sender, SpfNeeded, Variable, VendorCheck};
use crate::report::{Lang, Text, join};
use crate::say;
use crate::site::draft::{Draft, quoted, sender_table};
use crate::template_check::Expansion;

use super::{Page, kind_text, what};

/// The page of a sender. `own` is the file of a template of the user's own; `expansions` is what comes of it with its own examples.
#[must_use]
pub fn sender(
    sender: &Sender,
    own: Option<&str>,
    expansions: &[Expansion],
    catalogue: &Catalogue,
    lang: Lang,
) -> String {
    let names: &dyn Fn(&str) -> Text = &|id| {
        let name = catalogue.sender(id).map(|s| &s.name).or_else(|| catalogue.registrar(id).map(|r| &r.name));
        name.cloned().unwrap_or_else(|| Text::same(id))
    };
    let mut page = Page::new(lang);
    head(&mut page, sender, own, names);
    needs(&mut page, sender);
    emits(&mut page, sender, expansions);
    spf(&mut page, sender);
    dkim(&mut page, sender);
    switches(&mut page, sender, names);
    let notes = sender.notes.iter().chain(&sender.dkim_note).chain(sender.recognise.only.as_ref()).collect::<Vec<_>>();
    if !notes.is_empty() {
        page.heading(&say!(en: "To know", ja: "知っておくこと"));
        notes.iter().for_each(|note| page.point(note));
    }
    retired(&mut page, sender);
    recognised(&mut page, sender);
    page.sources(&sender.sources);
    page.heading(&say!(en: "To paste into site.toml", ja: "site.toml に貼り付ける内容"));
    page.out.push('\n');
    page.out.push_str(&sender_table(sender, &Draft::default(), catalogue.engine(), lang));
    page.out
}

fn head(page: &mut Page, sender: &Sender, own: Option<&str>, names: &dyn Fn(&str) -> Text) {
    let (name, id, kind) = (&sender.name, &sender.id, kind_text(sender.kind));
    page.line(0, &say!(en: "{name} ({id}), {kind}", ja: "{name}（{id}） {kind}"; name = name, kind = kind));
    if let Some(path) = own {
        page.line(2, &say!(en: "your own template: {path}", ja: "ご自分の設定データ: {path}"));
    }
    let other = if page.lang == Lang::En { &sender.name.ja } else { &sender.name.en };
    let shown = if *other == *sender.name.get(page.lang) { None } else { Some(other.clone()) };
    let aliases: Vec<Text> = shown.iter().chain(&sender.aliases).map(Text::same).collect();
    if !aliases.is_empty() {
        let aliases = join(&aliases);
        page.line(2, &say!(en: "also called: {aliases}", ja: "別名: {aliases}"; aliases = aliases));
    }
    if let Some(engine) = &sender.engine {
        let engine = names(engine);
        page.line(
            2,
            &say!(en: "the servers are those of {engine}", ja: "送信サーバーは{engine}のものです"; engine = engine),
        );
    }
    if let Some(via) = &sender.via {
        let note = &via.note;
        let through: Vec<Text> = via.senders.iter().map(|id| names(id)).collect();
        if through.is_empty() {
            page.line(2, &say!(en: "sends through a mail server that you set there: add that one as a [[sender]] too", ja: "設定したメールサーバーを通して送ります。そのサービスも [[sender]] に書いてください"));
        } else {
            let through = join(&through);
            page.line(2, &say!(en: "sends through one of: {through}. Add that one as a [[sender]] too", ja: "{through} のどれかを通して送ります。そのサービスも [[sender]] に書いてください"; through = through));
        }
        page.line(2, note);
    }
    if let Some(own) = &sender.own_address {
        page.line(2, &say!(en: "without any DNS record: {own}", ja: "DNS の設定なしで使う方法: {own}"; own = own));
    }
}

/// What the customer has to look up.
fn needs(page: &mut Page, sender: &Sender) {
    let keys: Vec<&Text> = sender.dkim.iter().filter_map(|d| d.find.as_ref()).collect();
    if sender.variables.is_empty() && sender.mail_from.is_none() && sender.alternatives.is_empty() && keys.is_empty() {
        return;
    }
    page.heading(&say!(en: "What it needs from you", ja: "用意するもの"));
    for variable in &sender.variables {
        needed(page, variable, &variable.name);
    }
    if let Some(variable) = &sender.mail_from {
        needed(page, variable, "mail-from");
    }
    for alternative in &sender.alternatives {
        let (name, what) = (&alternative.name, &alternative.what);
        page.line(
            2,
            &say!(en: "options = {{ {name} = … }}   {what}", ja: "options = {{ {name} = … }}   {what}"; what = what),
        );
        for (choice, meaning) in &alternative.choices {
            let choice = quoted(choice);
            page.line(6, &say!(en: "{choice}  {meaning}", ja: "{choice}  {meaning}"; meaning = meaning));
        }
    }
    let mut told: Vec<&Text> = Vec::new();
    for find in keys.into_iter().filter(|f| !f.is_empty()) {
        if !told.contains(&find) {
            page.line(2, &say!(en: "DKIM: shown at {find}", ja: "DKIM: 表示される場所は {find}"; find = find));
            told.push(find);
        }
    }
}

fn needed(page: &mut Page, variable: &Variable, key: &str) {
    let (what, find, example) = (&variable.what, &variable.find, quoted(&variable.example));
    let line = match (&variable.default, variable.optional) {
        (Some(default), _) => {
            let default = quoted(default);
            say!(en: "{key}   {what}; usual {default}", ja: "{key}   {what}（ふつうは {default}）"; what = what)
        }
        (None, true) => {
            say!(en: "{key}   {what}; e.g. {example}, optional", ja: "{key}   {what}（例 {example}、任意）"; what = what)
        }
        (None, false) => say!(en: "{key}   {what}; e.g. {example}", ja: "{key}   {what}（例 {example}）"; what = what),
    };
    page.line(2, &line);
    page.line(6, &say!(en: "shown at: {find}", ja: "表示される場所: {find}"; find = find));
}

/// What comes of it in the zone of example.com.
fn emits(page: &mut Page, sender: &Sender, expansions: &[Expansion]) {
    for expansion in expansions {
        if expansion.records.is_empty() {
            continue;
        }
        let choices = &expansion.choices;
        page.heading(&if choices.is_empty() {
            say!(en: "What it puts into the zone of example.com, with these examples", ja: "example.com のゾーンに入るもの（上の例の値で）")
        } else {
            say!(en: "What it puts into the zone of example.com, with these examples and {choices}", ja: "example.com のゾーンに入るもの（上の例の値と {choices} で）")
        });
        for record in &expansion.records {
            let (name, rtype) = (&record.name, &record.rtype);
            match &record.value {
                Some(value) => page.raw(2, &format!("{name} {rtype} {value}")),
                None => page.line(2, &say!(en: "{name} {rtype} (the key that its panel shows)", ja: "{name} {rtype} （画面に表示される鍵）")),
            }
        }
    }
    if expansions.iter().all(|e| e.records.is_empty()) {
        let why = if spf_on_request(sender).is_empty() {
            what(sender)
        } else {
            say!(en: "SPF only with spf = \"from\"", ja: "SPF は spf = \"from\" と書いたときだけ")
        };
        page.heading(
            &say!(en: "What it puts into the zone: nothing ({why})", ja: "ゾーンに入るもの: なし（{why}）"; why = why),
        );
    }
}

/// The SPF terms that stay out of the zone until the site asks for them.
fn spf_on_request(sender: &Sender) -> Vec<&str> {
    match sender.spf.needed {
        SpfNeeded::Conditional | SpfNeeded::Unknown => {
            let sending = sender.spf.terms.iter().filter(|t| t.when.role == Role::Send);
            sending.map(|t| t.value.value.as_str()).collect()
        }
        SpfNeeded::Yes | SpfNeeded::Subdomain | SpfNeeded::No | SpfNeeded::VendorAsks => Vec::new(),
    }
}

fn spf(page: &mut Page, sender: &Sender) {
    let terms = spf_on_request(sender);
    // One with a value of the customer's says nothing here.
    let shown = match terms.iter().any(|t| t.contains("{{")) {
        true => String::new(),
        false => format!(": {}", terms.join(" ")),
    };
    page.heading(&say!(en: "SPF", ja: "SPF"));
    page.line(2, &match sender.spf.needed {
        SpfNeeded::Yes => say!(en: "needed: it uses the From domain as envelope sender (Return-Path)", ja: "必要です。差出人のドメインを Return-Path に使います"),
        SpfNeeded::Subdomain => say!(en: "at its Return-Path host only, below the From domain", ja: "差出人のドメインではなく、その下の Return-Path ホストにだけ入れます"),
        SpfNeeded::No => say!(en: "not needed: it uses a Return-Path of its own", ja: "不要です。Return-Path はこのサービスのドメインです"),
        SpfNeeded::VendorAsks => say!(en: "the vendor asks for it; whether it uses the From domain as Return-Path is not established", ja: "公式が設定を求めています。差出人のドメインを Return-Path に使うかは、確かめられていません"),
        SpfNeeded::Conditional if terms.is_empty() => say!(en: "depends on its settings", ja: "設定によります"),
        SpfNeeded::Unknown if terms.is_empty() => say!(en: "not known", ja: "分かっていません"),
        SpfNeeded::Conditional => say!(en: "depends on its settings: added only if the site says spf = \"from\"{shown}", ja: "設定によります。site.toml に spf = \"from\" と書いたときだけ足します{shown}"),
        SpfNeeded::Unknown => say!(en: "not known whether it is needed: added only if the site says spf = \"from\"{shown}", ja: "必要かどうかは分かっていません。site.toml に spf = \"from\" と書いたときだけ足します{shown}"),
    });
    if let Some(note) = &sender.spf.note {
        page.line(2, note);
    }
}

/// How the keys may be entered, where something is known.
fn dkim(page: &mut Page, sender: &Sender) {
    let mut lines: Vec<Text> = Vec::new();
    for key in &sender.dkim {
        let check = match key.vendor_check {
            VendorCheck::CnameTarget => Some(
                say!(en: "its own check wants the CNAME to point at it directly", ja: "このサービスの確認では、CNAME が直接このサービスを指している必要があります"),
            ),
            VendorCheck::ChainEnd => Some(
                say!(en: "its own check wants the CNAME chain to end at it", ja: "このサービスの確認では、CNAME の行き着く先がこのサービスである必要があります"),
            ),
            VendorCheck::TxtValue => {
                Some(say!(en: "its own check looks at the TXT value", ja: "このサービスの確認では、TXT の値を見ます"))
            }
            VendorCheck::Nothing => {
                Some(say!(en: "it has no check of its own", ja: "このサービスに確認の機能はありません"))
            }
            VendorCheck::Unknown => None,
        };
        let length = match (key.key_length, key.key_bits) {
            (KeyLength::Choice, _) => Some(say!(en: "the key's length can be chosen", ja: "鍵の長さを選べます")),
            (_, Some(bits)) => Some(say!(en: "its keys have {bits} bits", ja: "鍵の長さは {bits} ビットです")),
            _ => None,
        };
        let follows = matches!(key.form, DkimForm::Cname(_))
            .then(|| say!(en: "by CNAME: it changes keys by itself", ja: "CNAME なので、鍵の交換は自動です"));
        for line in [follows, length, check].into_iter().flatten() {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    if !lines.is_empty() {
        page.heading(&say!(en: "DKIM", ja: "DKIM"));
        lines.iter().for_each(|line| page.line(2, line));
    }
}

fn switches(page: &mut Page, sender: &Sender, names: &dyn Fn(&str) -> Text) {
    if sender.switches.is_empty() {
        return;
    }
    page.heading(&say!(en: "Made by a switch, not typed", ja: "入力せず、スイッチで設定できる場合"));
    for switch in &sender.switches {
        let (how, parts) = (&switch.how, switch.parts.join(", "));
        let registrars: Vec<Text> = switch.registrars.iter().map(|id| names(id)).collect();
        let registrars = join(&registrars);
        page.point(&say!(
            en: "where the zone is edited at {registrars}: {parts}\n{how}",
            ja: "DNS を{registrars}で編集している場合: {parts}\n{how}"; registrars = registrars, how = how
        ));
    }
}

/// A retired value as people know it.
pub(super) fn retired_value(value: &RetiredValue) -> String {
    match value {
        RetiredValue::Spf(term) => term.clone(),
        RetiredValue::Dkim { selector, target: Some(target) } => format!("{selector}._domainkey CNAME {target}"),
        RetiredValue::Dkim { selector, target: None } => format!("{selector}._domainkey"),
        RetiredValue::Mx(host) => format!("MX {host}"),
    }
}

fn retired(page: &mut Page, sender: &Sender) {
    if sender.retired.is_empty() {
        return;
    }
    page.heading(&say!(en: "Old values, to be replaced", ja: "古い値（置き換えます）"));
    for gone in &sender.retired {
        let (value, why, now) = (retired_value(&gone.value), &gone.why, &gone.replacement);
        page.point(&if now.is_empty() {
            say!(en: "{value}: remove it. {why}", ja: "{value} → 消します。{why}"; why = why)
        } else {
            say!(en: "{value}: now {now}. {why}", ja: "{value} → {now}。{why}"; why = why)
        });
    }
}

fn recognised(page: &mut Page, sender: &Sender) {
    let known = &sender.recognise;
    let lists: [(&str, &Vec<String>); 6] = [
        ("SPF", &known.spf),
        ("DKIM", &known.dkim),
        ("MX", &known.mx),
        ("CNAME", &known.targets),
        ("TXT", &known.txt),
        ("NS", &known.name_servers),
    ];
    if lists.iter().all(|(_, list)| list.is_empty()) {
        return;
    }
    page.heading(&say!(en: "Also recognised by", ja: "次のものでも見分けます"));
    for (what, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
        page.raw(2, &format!("{what}: {}", list.join(", ")));
    }
}
