//! Whether the panel of site.toml is the one whose name servers are asked: the trap of editing a zone that nobody serves.

use super::Run;
use super::serving::hosts_text;
use super::words::plain;
use crate::catalogue::registrar::{QuirkAt, Registrar};
use crate::fit::FittedZone;
use crate::report::{Confidence, Finding, NoteKind, Text, join};
use crate::say;
use crate::zone::Name;

/// Compares the zone's registrar with the name servers that are delegated.
pub(super) fn check(run: &mut Run<'_>, zone: &FittedZone<'_>, hosts: &[Name]) {
    let panels = run.built.catalogue.panels(hosts);
    let origin = plain(&zone.composed.origin);
    let servers = hosts_text(hosts);
    let finding = match zone.registrar {
        None if zone.composed.origin != run.built.fitted.own.composed.origin => return,
        None => unnamed(&origin, &servers, &panels),
        Some(registrar) => {
            let fitted = run.built.fitted;
            let (key, section) = match zone.composed.origin == fitted.own.composed.origin {
                true => ("registrar", say!(en: "in site.toml", ja: "site.toml の行")),
                false if fitted.is_keyzone(zone) => {
                    ("registrar", say!(en: "under [keyzone] in site.toml", ja: "site.toml の [keyzone] の行"))
                }
                false => {
                    ("delegated", say!(en: "under [[subdomain]] in site.toml", ja: "site.toml の [[subdomain]] の行"))
                }
            };
            judged(&origin, &servers, registrar, hosts, &panels, (key, section))
        }
    };
    if let Some(finding) = finding {
        run.tell(finding.about(origin, "NS"), zone, None);
    }
}

/// The names of companies.
fn names(panels: &[&Registrar]) -> Text {
    let names: Vec<Text> = panels.iter().map(|r| r.name.clone()).collect();
    join(&names)
}

/// The site says no company.
fn unnamed(origin: &str, servers: &Text, panels: &[&Registrar]) -> Option<Finding> {
    let [only] = panels else { return None };
    let (id, name) = (&only.id, &only.name);
    let title = say!(en: "the name servers of {origin} are those of {name}", ja: "{origin} のネームサーバーは{name}のものです"; name = name);
    Some(
        Finding::advice("check-panel", title)
            .note(NoteKind::Note, say!(en: "delegated: {servers}", ja: "委任先: {servers}"; servers = servers))
            .next(say!(en: "to have its form's limits counted, write at the top of site.toml:\nregistrar = \"{id}\"", ja: "画面の制限も調べるには、site.toml の先頭に書きます:\nregistrar = \"{id}\"")),
    )
}

fn judged(
    origin: &str,
    servers: &Text,
    registrar: &Registrar,
    hosts: &[Name],
    panels: &[&Registrar],
    (key, section): (&str, Text),
) -> Option<Finding> {
    let name = &registrar.name;
    let known = &registrar.name_servers;
    let host = |h: &Name| plain(h).to_ascii_lowercase();
    let serving = hosts.iter().filter(|h| known.serve(&host(h))).count();
    let is_theirs = panels.iter().any(|p| p.id == registrar.id);
    if serving == hosts.len() || (is_theirs && serving == 0) {
        return None;
    }
    let delegated = say!(en: "delegated: {servers}", ja: "委任先: {servers}"; servers = servers);
    let harm = say!(en: "what is entered in the panel of {name} is not asked by anybody", ja: "{name}の画面に入れたレコードは、どこからも参照されません"; name = name);
    if hosts.iter().any(|h| known.defaults.contains(&host(h))) {
        let title = say!(en: "{origin} still has the first name servers of {name}, which do not serve what its panel holds", ja: "{origin} のネームサーバーは{name}の初期設定のままです。画面に入れたレコードは使われません"; name = name);
        let change = hosts_of(registrar);
        let mut finding = Finding::error("check-panel", title).note(NoteKind::Note, delegated).harm(harm).panel(name.clone()).next(
            say!(en: "change the name servers to {change}, once every record of the domain stands in this panel", ja: "このドメインのレコードが全部この画面に入っていることを確かめてから、ネームサーバーを{change}に変えます"; change = change),
        );
        // Parking answers look like records; the panel's own traps say which.
        for quirk in registrar.quirks.iter().filter(|q| q.at.contains(&QuirkAt::Check)) {
            finding = finding.note(NoteKind::Note, quirk.text.clone());
        }
        return Some(finding);
    }
    let others: Vec<&Registrar> = panels.iter().copied().filter(|p| p.id != registrar.id).collect();
    if serving > 0 {
        let title = say!(en: "only {serving} of the name servers of {origin} are those of {name}", ja: "{origin} のネームサーバーのうち、{name}のものは {serving} 台だけです"; name = name);
        return Some(
            Finding::warning("check-panel", title)
                .note(NoteKind::Note, delegated)
                .harm(say!(en: "the others answer from another zone, unless they copy this one", ja: "ほかのネームサーバーは、このゾーンの写しを持っていないかぎり、別の内容を答えます"))
                .next(say!(en: "leave only the name servers of one company where the domain is registered", ja: "ドメインの登録先で、ネームサーバーを 1 社のものだけにします")),
        );
    }
    if others.is_empty() {
        // Many companies serve under names of their customers'.
        if known.exact.is_empty() && known.suffixes.is_empty() && known.patterns.is_empty() {
            return None;
        }
        let theirs = hosts_of(registrar);
        let title = say!(en: "the name servers of {origin} are not known to be those of {name}", ja: "{origin} のネームサーバーは、{name}のものと確認できません"; name = name);
        return Some(
            Finding::warning("check-panel", title)
                .confidence(Confidence::Medium)
                .note(NoteKind::Note, delegated)
                .note(NoteKind::Note, say!(en: "those of {name}: {theirs}", ja: "{name}のもの: {theirs}"; name = name, theirs = theirs))
                .harm(say!(en: "if they are another company's, what is entered in this panel is not asked by anybody", ja: "ほかの会社のものなら、この画面に入れたレコードはどこからも参照されません"))
                .next(say!(en: "find out whose they are, and name that company in the line {section}: {key} = \"…\"", ja: "どの会社のものか確かめ、{section}を書き換えます: {key} = \"…\""; section = section)),
        );
    }
    let whose = names(&others);
    let id = others.first().map(|r| r.id.clone()).unwrap_or_default();
    let title = say!(en: "you are editing a zone that nobody serves: site.toml names {name}, the name servers of {origin} are those of {whose}", ja: "編集しているゾーンは使われていません。site.toml では{name}ですが、{origin} のネームサーバーは{whose}のものです"; name = name, whose = whose);
    Some(
        Finding::error("check-panel", title)
            .note(NoteKind::Note, delegated)
            .harm(harm)
            .next(say!(en: "enter the records in the panel of {whose}, and change the line {section} to:\n{key} = \"{id}\"", ja: "レコードは{whose}の画面に入れ、{section}を書き換えます:\n{key} = \"{id}\""; whose = whose, section = section))
            .panel(whose),
    )
}

/// The company's name servers, as the catalogue knows them.
fn hosts_of(registrar: &Registrar) -> Text {
    let known = &registrar.name_servers;
    if !known.exact.is_empty() {
        let list = known.exact.iter().take(4).cloned().collect::<Vec<_>>().join(", ");
        return say!(en: "{list}", ja: "{list}");
    }
    match known.suffixes.first() {
        Some(suffix) => say!(en: "those under {suffix}", ja: "{suffix}の下のもの"),
        None => say!(en: "those that its panel shows", ja: "画面に表示されているもの"),
    }
}
