//! All that is known of a registrar, for a person.

use crate::catalogue::registrar::Registrar;
use crate::fit::Limits;
use crate::mail::spf::Network;
use crate::render::limits::with_sources;
use crate::report::{Lang, Text, join};
use crate::say;

use super::{Page, kind_text};

/// The page of a registrar. `own` is the file of a template of the user's own.
#[must_use]
pub fn registrar(registrar: &Registrar, own: Option<&str>, lang: Lang) -> String {
    let mut page = Page::new(lang);
    let (name, id, kind, country) = (&registrar.name, &registrar.id, kind_text(&registrar.kind), &registrar.country);
    page.line(
        0,
        &say!(en: "{name} ({id}), {kind}, {country}", ja: "{name}（{id}） {kind}、{country}"; name = name, kind = kind),
    );
    if let Some(path) = own {
        page.line(2, &say!(en: "your own template: {path}", ja: "ご自分の設定データ: {path}"));
    }
    let other = if lang == Lang::En { &registrar.name.ja } else { &registrar.name.en };
    let shown = (*other != *registrar.name.get(lang)).then(|| other.clone());
    let aliases: Vec<Text> = shown.iter().chain(&registrar.aliases).map(Text::same).collect();
    if !aliases.is_empty() {
        let aliases = join(&aliases);
        page.line(2, &say!(en: "also called: {aliases}", ja: "別名: {aliases}"; aliases = aliases));
    }
    if let Some(about) = &registrar.about {
        page.line(2, about);
    }
    form(&mut page, registrar);
    page.heading(&say!(en: "What its form is known to take (anything else is not known)", ja: "画面について分かっていること（ここにないことは不明です）"));
    let limits = Limits::new(Some(registrar), &[]);
    let lines = with_sources(limits.all(), Some(registrar));
    if lines.is_empty() {
        page.line(2, &say!(en: "nothing; `zoneplan ruler` and `zoneplan ask` find out", ja: "ありません。`zoneplan ruler` と `zoneplan ask` で調べられます"));
    }
    lines.iter().for_each(|line| page.line(2, line));
    name_servers(&mut page, registrar);
    if let Some(proxy) = &registrar.proxy {
        page.heading(
            &say!(en: "Servers of its own that names can go through", ja: "名前を通すことができる、この会社のサーバー"),
        );
        page.raw(2, &proxy.networks.iter().map(Network::to_string).collect::<Vec<_>>().join(", "));
        if let Some(off) = &proxy.off {
            page.line(2, &say!(en: "a record that does not go through them is: {off}", ja: "そこを通さないレコードの設定: {off}"; off = off));
        }
    }
    if !registrar.quirks.is_empty() {
        page.heading(&say!(en: "Traps", ja: "気をつけること"));
        for quirk in &registrar.quirks {
            page.point(&quirk.text);
            let (place, trust, date) = (crate::catalogue::facts::place(&quirk.url), quirk.trust.text(), &quirk.date);
            page.line(
                4,
                &say!(en: "{place} ({date}, {trust})", ja: "{place}（{date}、{trust}）"; place = place, trust = trust),
            );
        }
    }
    page.sources(&registrar.sources);
    page.out
}

/// The form's own words.
fn form(page: &mut Page, registrar: &Registrar) {
    let form = &registrar.form;
    let labels = [
        (say!(en: "host", ja: "ホスト名"), &form.host),
        (say!(en: "type", ja: "種別"), &form.rtype),
        (say!(en: "TTL", ja: "TTL"), &form.ttl),
        (say!(en: "value", ja: "値"), &form.value),
        (say!(en: "priority", ja: "優先度"), &form.priority),
    ];
    let known: Vec<(Text, &String)> =
        labels.into_iter().filter_map(|(what, label)| Some((what, label.as_ref()?))).collect();
    if known.is_empty() && form.menu_path.is_none() {
        return;
    }
    page.heading(&say!(en: "Its form", ja: "画面"));
    if let Some(path) = &form.menu_path {
        page.raw(2, path);
    }
    for (what, label) in known {
        page.line(2, &say!(en: "{what}: {label}", ja: "{what}: {label}"; what = what));
    }
}

fn name_servers(page: &mut Page, registrar: &Registrar) {
    let known = &registrar.name_servers;
    let mut hosts: Vec<String> = known.exact.clone();
    hosts.extend(
        known
            .suffixes
            .iter()
            .filter(|s| !known.exact.iter().any(|e| e.ends_with(s.as_str())))
            .map(|s| format!("*.{s}")),
    );
    hosts.extend(known.patterns.iter().cloned());
    if hosts.is_empty() && known.defaults.is_empty() {
        return;
    }
    page.heading(&say!(en: "Name servers", ja: "ネームサーバー"));
    if !hosts.is_empty() {
        page.raw(2, &hosts.join(", "));
    }
    if !known.defaults.is_empty() {
        let hosts = known.defaults.join(", ");
        page.line(
            2,
            &say!(
                en: "of a fresh domain: {hosts}; they may not serve what is entered in this panel",
                ja: "取得したばかりのドメイン: {hosts}。この画面に入れた内容が使われないことがあります"
            ),
        );
    }
}
