//! Senders that want no records of their own: those that send through another sender, and those that the catalogue only recognises.

use crate::catalogue::sender::{Role, Sender};
use crate::report::Text;
use crate::report::{Finding, NoteKind, join};
use crate::say;

use super::resolve::{Resolved, ResolvedSender};

/// Whether nothing is to be said of this sender's SPF and DKIM but what is said here.
pub(super) fn is_one(template: &Sender) -> bool {
    template.via.is_some() || template.recognise.only.is_some()
}

/// What is to be said of them.
pub(super) fn say(resolved: &Resolved<'_>, findings: &mut Vec<Finding>) {
    for sender in resolved.senders.iter().filter(|s| s.used.has_role(Role::Send)) {
        let found = match (&sender.template().via, &sender.template().recognise.only) {
            (Some(_), _) => via(sender, resolved),
            (None, Some(unknown)) if sender.keys.is_empty() => Some(only_recognised(sender, unknown)),
            (None, _) => None,
        };
        findings.extend(found);
    }
}

/// Through whom it sends, unless that sender is declared.
fn via(sender: &ResolvedSender<'_>, resolved: &Resolved<'_>) -> Option<Finding> {
    let template = sender.template();
    let via = template.via.as_ref()?;
    let carries = |other: &&ResolvedSender<'_>| {
        let id = &other.template().id;
        let can = if via.senders.is_empty() { other.template().via.is_none() } else { via.senders.contains(id) };
        can && other.from == sender.from && other.used.has_role(Role::Send)
    };
    if resolved.senders.iter().any(|s| carries(&s)) {
        return None;
    }
    let company = &template.name;
    let title = if via.senders.is_empty() {
        say!(
            en: "{company} sends through a mail server that you set there, and no sender here is that server",
            ja: "{company}は、設定したメールサーバーを通して送ります。そのサーバーが、ここの利用サービスにありません"; company = company
        )
    } else {
        let names = join(&sender.via);
        say!(
            en: "{company} sends through one of: {names}. None of them is declared here",
            ja: "{company}は {names} のどれかを通して送りますが、どれもここにありません"; company = company, names = names
        )
    };
    Some(
        Finding::warning("sender-via-undeclared", title)
            .at(sender.used.provider.span, Text::default())
            .panel(company.clone())
            .harm(say!(
                en: "the records that its mail needs are that other service's, so they are missing here",
                ja: "このメールに必要なのはそのサービスのレコードなので、いまの内容では足りません"
            ))
            .note(NoteKind::Note, via.note.clone())
            .next(say!(
                en: "look in {company} which one is set, and add it as a [[sender]]",
                ja: "{company}の設定を見て、そのサービスを [[sender]] に足してください"; company = company
            )),
    )
}

/// What is not known of it, and how its records get into the zone all the same.
fn only_recognised(sender: &ResolvedSender<'_>, unknown: &Text) -> Finding {
    let template = sender.template();
    let company = &template.name;
    let finding = Finding::warning(
        "sender-only-recognised",
        say!(
            en: "{company}: the catalogue can only recognise it; what it needs in DNS is not known, so nothing was added",
            ja: "{company}は見分けられるだけで、DNS に必要な内容が分かっていません。何も足していません"; company = company
        ),
    )
    .at(sender.used.provider.span, Text::default())
    .panel(company.clone())
    .note(NoteKind::Note, unknown.clone());
    let finding = match template.recognise.spf.as_slice() {
        [] => finding,
        seen => {
            // A pattern is no value that somebody could enter.
            let seen = seen.iter().map(|s| if s.contains('*') { s.clone() } else { format!("include:{s}") });
            let seen = seen.collect::<Vec<_>>().join(", ");
            finding.note(
                NoteKind::Note,
                say!(
                    en: "seen in other domains' SPF, unconfirmed: {seen}",
                    ja: "ほかのドメインの SPF で見られる値（未確認）: {seen}"
                ),
            )
        }
    };
    finding.next(say!(
        en: "ask {company} for its SPF and DKIM; SPF goes under [spf] extra, DKIM into dkim = [{{ … }}] or a [[record]]",
        ja: "SPF と DKIM の値を{company}に確かめ、SPF は [spf] の extra に、DKIM は dkim = [{{ … }}] か [[record]] に書いてください"; company = company
    ))
}
