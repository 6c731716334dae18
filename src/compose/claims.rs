//! What everybody wants, typed: the claims of senders, sections and hand-written records, before anything is united.

use crate::catalogue::sender::{DkimForm, Purpose, Role, Switch, TxtConflict};
use crate::mail::spf;
use crate::report::{Finding, NoteKind, Span, Text};
use crate::say;
use crate::zone::{Name, Rdata, Rtype, Ttl};

use super::model::*;
use super::resolve::{RecordOwner, Resolved, ResolvedSender};

/// One record wanted.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub name: Name,
    pub rtype: Rtype,
    pub rdata: Rdata,
    /// TTL, if its origin asks for one of its own.
    pub ttl: Option<Ttl>,
    pub origin: Origin,
    pub intent: Intent,
    /// Which other TXT of its name it does not bear.
    pub conflict: Option<TxtConflict>,
    /// It may be changed later, so that it gives way to another in its place.
    pub on_apply: bool,
}

/// SPF terms wanted at a name.
#[derive(Clone, Debug)]
pub(super) struct SpfClaim {
    pub at: Name,
    pub record: spf::Record,
    pub origin: Origin,
    pub return_path: bool,
}

/// Everything wanted, in file order.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pub records: Vec<Claim>,
    pub spf: Vec<SpfClaim>,
    pub blanks: Vec<Blank>,
    pub switched: Vec<Switched>,
    pub senders: Vec<DeclaredSender>,
    pub findings: Vec<Finding>,
}

/// The parties of a site: itself, its senders, the other companies that `for` names.
pub(super) fn parties(resolved: &Resolved<'_>) -> Vec<Party> {
    let site = resolved.site;
    let mut parties = vec![Party { name: Text::same("site.toml"), id: None, span: Some(site.domain.span) }];
    for (i, sender) in resolved.senders.iter().enumerate() {
        parties.push(Party {
            name: sender_name(resolved, i),
            id: Some(sender.template().id.clone()),
            span: Some(sender.used.provider.span),
        });
    }
    for (owner, record) in resolved.record_owners.iter().zip(&site.records) {
        if let Some(RecordOwner::Other(name)) = owner
            && !parties.iter().any(|p| p.name == *name)
        {
            parties.push(Party { name: name.clone(), id: None, span: record.owner.as_ref().map(|o| o.span) });
        }
    }
    parties
}

/// What a sender is called: the company, and where the site uses it twice, which of the two.
fn sender_name(resolved: &Resolved<'_>, i: usize) -> Text {
    let Some(sender) = resolved.senders.get(i) else { return Text::default() };
    let template = sender.template();
    let same = |s: &&ResolvedSender<'_>| s.template().id == template.id;
    if resolved.senders.iter().filter(same).count() < 2 {
        return template.name.clone();
    }
    let nth = resolved.senders.iter().take(i + 1).filter(same).count();
    let which = sender.used.id.as_ref().map_or_else(|| nth.to_string(), |id| crate::report::excerpt(&id.value, 40));
    let name = &template.name;
    say!(en: "{name} ({which})", ja: "{name}（{which}）"; name = name)
}

/// The party of sender `i`.
pub(super) fn sender_party(i: usize) -> usize {
    i + 1
}

/// The claims of the hand-written records. An SPF record among them is the existing record and is handled by the merge.
pub(super) fn by_hand(resolved: &Resolved<'_>, parties: &[Party]) -> (Vec<Claim>, Vec<Claim>) {
    let mut records = Vec::new();
    let mut existing_spf = Vec::new();
    for (entry, owner) in resolved.site.records.iter().zip(&resolved.record_owners) {
        let party = match owner {
            Some(RecordOwner::Sender(i)) => sender_party(*i),
            Some(RecordOwner::Other(name)) => parties.iter().position(|p| p.name == *name).unwrap_or(0),
            None => 0,
        };
        let claim = Claim {
            name: entry.name.value.clone(),
            rtype: entry.rtype.value,
            rdata: entry.rdata.value.clone(),
            ttl: entry.ttl.as_ref().map(|t| t.value),
            origin: Origin { party, span: Some(entry.rdata.span), by_hand: true },
            intent: Intent::ByHand,
            conflict: None,
            on_apply: false,
        };
        if claim.rtype == Rtype::TXT && spf::is_spf(&claim.rdata.txt_joined()) {
            existing_spf.push(claim);
        } else {
            records.push(claim);
        }
    }
    (records, existing_spf)
}

/// The claims of sender `i`.
pub(super) fn of_sender(
    i: usize,
    sender: &ResolvedSender<'_>,
    registrar: Option<&str>,
    spf_alone: bool,
    by_hand: &[Claim],
    claims: &mut Claims,
) {
    let origin = Origin { party: sender_party(i), span: Some(sender.used.provider.span), by_hand: false };
    let ttl = sender.used.ttl.as_ref().map(|t| t.value);
    let template = sender.template();
    let here = template.switches.iter().filter(|s| registrar.is_some_and(|id| s.registrars.iter().any(|r| r == id)));
    let (here, off): (Vec<&Switch>, Vec<&Switch>) =
        here.partition(|s| spf_alone || !s.preset || !s.parts.iter().any(|p| p == "spf"));
    for switch in off {
        say_preset(sender, origin, switch, claims);
    }
    let switches = |part: &str| here.iter().copied().find(|s| s.parts.iter().any(|p| p == part));

    for record in &sender.expanded.records {
        let part = match record.template.purpose {
            Purpose::Mx => "mx",
            Purpose::Web => "web",
            Purpose::Dmarc => "dmarc",
            _ => "",
        };
        // An MX that does not follow the web is not the one that the switch makes.
        let own_mx = part == "mx" && record.template.when.if_web == Some(false);
        if own_mx && let Some(switch) = switches(part) {
            say_own_mx(sender, origin, record, switch, claims);
        }
        if let Some(switch) = switches(part).filter(|_| !own_mx) {
            claims.switched.push(Switched {
                name: record.name.clone(),
                rtype: record.rtype,
                origin,
                part,
                how: switch.how.clone(),
            });
            // A switch makes the very record that is wanted; MX and web stay in the zone so that plan and check know them.
            if part == "dmarc" {
                continue;
            }
        }
        // Its terms are merged with the others'.
        if record.is_spf() {
            continue;
        }
        claims.records.push(Claim {
            name: record.name.clone(),
            rtype: record.rtype,
            rdata: record.rdata.clone(),
            ttl: ttl.or(record.ttl),
            origin,
            intent: Intent::Template { purpose: record.template.purpose, optional: record.template.optional },
            conflict: record.template.conflict.clone(),
            on_apply: record.template.on_apply,
        });
    }
    // A panel may make the DMARC row without the template knowing what it says.
    let known = sender.expanded.records.iter().any(|r| r.template.purpose == Purpose::Dmarc);
    if let (Some(switch), false, Ok(name)) = (switches("dmarc"), known, sender.from.child("_dmarc")) {
        claims.switched.push(Switched { name, rtype: Rtype::TXT, origin, part: "dmarc", how: switch.how.clone() });
    }
    let dkim = dkim(sender, origin, ttl, switches("dkim").map(|s| &s.how), by_hand, claims);
    let own_mx = sender.expanded.records.iter().any(|r| r.template.when.if_web == Some(false));
    for switch in &here {
        say_switch(sender, origin, switch, own_mx, claims);
    }
    let mx_by_switch = switches("mx").is_some() && !own_mx;
    // Mail to another name is not the From domain's.
    let mut mx = sender.expanded.records.iter().filter(|r| r.template.purpose == Purpose::Mx).peekable();
    let receives_elsewhere = mx.peek().is_some() && mx.all(|r| r.name != sender.from);
    let owners =
        sender.expanded.dkim.iter().map(|d| d.owner.clone()).chain(sender.keys.iter().map(|k| k.owner.clone()));
    let mut dkim_owners: Vec<Name> = owners.collect();
    dkim_owners.dedup();
    claims.senders.push(DeclaredSender {
        party: origin.party,
        // The mail of a service that sends through another one is that other one's.
        sends: sender.used.has_role(Role::Send) && template.via.is_none(),
        receives: sender.used.has_role(Role::Receive) && !receives_elsewhere,
        web: sender.has_web || sender.used.has_role(Role::Web),
        from: sender.from.clone(),
        from_given: sender.used.from.clone(),
        envelope: Envelope::Unknown,
        spf: SpfPlace::Nowhere,
        dkim,
        dkim_owners,
        mx_by_switch,
        dkim_unknown_said: template.dkim_note.is_some() || super::without_records::is_one(template),
        kind: template.kind,
    });
}

/// DKIM records, blanks and switches of a sender; what stands of its DKIM.
fn dkim(
    sender: &ResolvedSender<'_>,
    origin: Origin,
    ttl: Option<Ttl>,
    switch: Option<&Text>,
    by_hand: &[Claim],
    claims: &mut Claims,
) -> DkimState {
    let template = sender.template();
    let mut state = DkimState::Unknown;
    let mut used_keys = Vec::new();
    // A panel may make a key whose selector is not known.
    if let (Some(how), true, Ok(name)) = (switch, sender.expanded.dkim.is_empty(), sender.from.child("_domainkey")) {
        claims.switched.push(Switched { name, rtype: Rtype::TXT, origin, part: "dkim", how: how.clone() });
        state = DkimState::Aligned;
    }
    for dkim in &sender.expanded.dkim {
        let (vendor_check, key_length) = (dkim.template.vendor_check, dkim.template.key_length);
        let key = sender.keys.iter().find(|k| k.owner == dkim.owner);
        if let Some(how) = switch {
            let typed = by_hand.iter().find(|c| c.name == dkim.owner && matches!(c.rtype, Rtype::TXT | Rtype::CNAME));
            if let Some(typed) = typed {
                let company = &template.name;
                claims.findings.push(
                    Finding::advice(
                        "sender-switch-record",
                        say!(en: "{company} makes this DKIM row itself: don't type it a second time", ja: "この DKIM の行は{company}が自動で作ります。2 つ目を入力しないでください"; company = company),
                    )
                    .at_opt(typed.origin.span, Text::default())
                    .panel(company.clone())
                    .harm(say!(en: "two keys at one selector: signatures fail by chance (RFC 6376 §3.6.2.2)", ja: "1 つのセレクタに鍵が 2 つあると、署名が失敗することがあります（RFC 6376 §3.6.2.2）"))
                    .next(say!(en: "remove the [[record]] from site.toml", ja: "site.toml からこの [[record]] を消してください")),
                );
            }
            if let Some(key) = key {
                used_keys.push(key.owner.clone());
                let company = &template.name;
                claims.findings.push(
                    Finding::advice(
                        "dkim-key-not-needed",
                        say!(en: "{company} enters this key itself here, so it is not in the zone text", ja: "この鍵は{company}が自動で登録するため、レコードには出していません"; company = company),
                    )
                    .at(key.span, Text::default())
                    .panel(company.clone())
                    .next(say!(en: "remove the line from site.toml", ja: "site.toml からこの行を消してかまいません")),
                );
            }
            let rtype = dkim.record.as_ref().map_or(Rtype::TXT, |r| r.0);
            let how = how.clone();
            claims.switched.push(Switched { name: dkim.owner.clone(), rtype, origin, part: "dkim", how });
            state = DkimState::Aligned;
            continue;
        }
        let ttl = ttl.or(dkim.ttl);
        let claim = |rtype, rdata, origin, intent| Claim {
            name: dkim.owner.clone(),
            rtype,
            rdata,
            ttl,
            origin,
            intent,
            conflict: None,
            on_apply: dkim.template.on_apply,
        };
        match (&dkim.template.form, key, &dkim.record) {
            (DkimForm::CustomerKey { .. }, Some(key), _) => {
                used_keys.push(key.owner.clone());
                claims.records.extend(key_claim(key, origin, ttl, vendor_check, key_length));
                state = DkimState::Aligned;
            }
            // A key that stands in a [[record]] already is not missing.
            (DkimForm::CustomerKey { .. }, None, _)
                if by_hand.iter().any(|c| c.name == dkim.owner && matches!(c.rtype, Rtype::TXT | Rtype::CNAME)) =>
            {
                state = DkimState::Aligned;
            }
            (DkimForm::CustomerKey { .. }, None, _) => {
                let find = dkim
                    .template
                    .find
                    .clone()
                    .unwrap_or_else(|| say!(en: "in its panel, under DKIM", ja: "管理画面の DKIM の設定"));
                missing_key(sender, &dkim.owner, &dkim.selector, &find, claims);
                claims.blanks.push(Blank { name: dkim.owner.clone(), rtype: Rtype::TXT, origin, find });
                if state != DkimState::Aligned {
                    state = DkimState::Blank;
                }
            }
            (DkimForm::Cname(_), _, Some((rtype, rdata))) => {
                let copy = key.map(|k| k.value.clone());
                used_keys.extend(key.map(|k| k.owner.clone()));
                let intent = Intent::DkimCname { selector: dkim.selector.clone(), vendor_check, key_length, copy };
                claims.records.push(claim(*rtype, rdata.clone(), origin, intent));
                state = DkimState::Aligned;
            }
            (_, _, Some((rtype, rdata))) => {
                let key = crate::mail::dkim::parse(&rdata.txt_joined()).0.key;
                let intent = Intent::DkimKey { selector: dkim.selector.clone(), key, vendor_check, key_length };
                claims.records.push(claim(*rtype, rdata.clone(), origin, intent));
                state = DkimState::Aligned;
            }
            (_, _, None) => {}
        }
    }
    // Keys at selectors that the template does not name (it knows none, or the customer chose).
    for key in sender.keys.iter().filter(|k| !used_keys.contains(&k.owner)) {
        use crate::catalogue::sender::{KeyLength, VendorCheck};
        claims.records.extend(key_claim(key, origin, ttl, VendorCheck::Unknown, KeyLength::Unknown));
        state = DkimState::Aligned;
    }
    if state == DkimState::Unknown
        && sender.used.has_role(Role::Send)
        && let Some(note) = &template.dkim_note
    {
        let company = &template.name;
        claims.findings.push(
            Finding::warning(
                "dkim-record-unknown",
                say!(en: "{company}: its DKIM record is not in the catalogue", ja: "{company}: DKIM レコードの内容が設定データにありません"; company = company),
            )
            .at_opt(origin.span, Text::default())
            .panel(company.clone())
            .note(NoteKind::Note, note.clone())
            .next(say!(
                en: "copy what its panel shows: dkim = [{{ selector = \"…\", key-file = \"…\" }}], or a [[record]]",
                ja: "画面に出る内容を書いてください: dkim = [{{ selector = \"…\", key-file = \"…\" }}]、または [[record]]"
            )),
        );
    }
    state
}

fn key_claim(
    key: &super::resolve::ResolvedKey,
    origin: Origin,
    ttl: Option<Ttl>,
    vendor_check: crate::catalogue::sender::VendorCheck,
    key_length: crate::catalogue::sender::KeyLength,
) -> Option<Claim> {
    // The paste is at most 64 KiB, and TXT takes 65,279 octets; the rest of the way is checked when it is read.
    let rdata = Rdata::txt(&key.value).ok()?;
    Some(Claim {
        name: key.owner.clone(),
        rtype: Rtype::TXT,
        rdata,
        ttl,
        origin: Origin { span: Some(key.span), ..origin },
        intent: Intent::DkimKey { selector: key.selector.clone(), key: Some(key.info), vendor_check, key_length },
        conflict: None,
        on_apply: false,
    })
}

fn missing_key(sender: &ResolvedSender<'_>, owner: &Name, selector: &str, find: &Text, claims: &mut Claims) {
    let company = &sender.template().name;
    let shown = owner.display_without_dot().to_string();
    claims.findings.push(
        Finding::warning(
            "dkim-key-missing",
            say!(en: "{company}'s DKIM key is not given yet ({shown})", ja: "{company}の DKIM 鍵がまだありません（{shown}）"; company = company),
        )
        .at(sender.used.provider.span, Text::default())
        .about(shown, "TXT")
        .panel(company.clone())
        .harm(say!(
            en: "until it is in DNS, {company}'s signature can't be checked, and DKIM fails",
            ja: "DNS に入れるまで、{company}の署名を確かめられず、DKIM が失敗します"; company = company
        ))
        .next(say!(en: "copy the key: {find}", ja: "鍵をコピーします: {find}"; find = find))
        .next(say!(
            en: "save it beside site.toml and write: dkim = [{{ selector = \"{selector}\", key-file = \"keys/{selector}.txt\" }}]",
            ja: "site.toml の隣に保存して、次のように書きます: dkim = [{{ selector = \"{selector}\", key-file = \"keys/{selector}.txt\" }}]"
        )),
    );
}

/// A preset whose rows cannot be edited is no help where others' terms belong into the SPF.
fn say_preset(sender: &ResolvedSender<'_>, origin: Origin, switch: &Switch, claims: &mut Claims) {
    let (company, how) = (&sender.template().name, &switch.how);
    claims.findings.push(
        Finding::warning(
            "sender-preset-off",
            say!(en: "{company}'s preset can't hold the SPF of other services", ja: "{company}の自動設定の SPF には、ほかのサービスの分を足せません"; company = company),
        )
        .at_opt(origin.span, Text::default())
        .panel(company.clone())
        .note(NoteKind::Note, say!(en: "the preset: {how}", ja: "自動設定: {how}"; how = how))
        .harm(say!(en: "an SPF typed beside it makes two, and receivers discard both", ja: "自動設定のまま SPF を足すと 2 つになり、どちらも無効になります"))
        .next(say!(en: "turn the preset off, and at once enter the MX, then the SPF of this zone", ja: "自動設定をやめて（「利用しない」など）、すぐに MX、SPF の順でこのゾーンの値を入れます"))
        .next(say!(en: "until the MX is entered no mail arrives: do it in one go", ja: "MX を入れるまでメールが届きません。続けて作業してください")),
    );
}

/// The MX that a switch makes follows the web; where the web is elsewhere it must be changed.
fn say_own_mx(
    sender: &ResolvedSender<'_>,
    origin: Origin,
    record: &crate::catalogue::expand::ExpandedRecord<'_>,
    switch: &Switch,
    claims: &mut Claims,
) {
    let (company, how) = (&sender.template().name, &switch.how);
    let value = record.rdata.present(record.rtype);
    let value = value.trim_end_matches('.');
    let name = record.name.display_without_dot().to_string();
    claims.findings.push(
        Finding::warning(
            "sender-switch-mx",
            say!(en: "the MX that {company} makes itself follows the web, which is elsewhere: change it to {value}", ja: "{company}が自動で作る MX は Web のサーバーを指します。Web は別の会社なので、{value} に書き換えます"; company = company),
        )
        .at_opt(origin.span, Text::default())
        .about(name, "MX")
        .panel(company.clone())
        .harm(say!(en: "otherwise mail goes to the company that has the web", ja: "そのままだと、メールが Web の会社に届いてしまいます"))
        .next(say!(en: "edit the MX row to {value}; add no second one", ja: "MX の行を {value} に書き換えます（行は足しません）"))
        .note(NoteKind::Note, how.clone()),
    );
}

/// What a switch makes is not typed; an SPF or DMARC row that it makes is edited, for others' terms belong into it.
fn say_switch(sender: &ResolvedSender<'_>, origin: Origin, switch: &Switch, own_mx: bool, claims: &mut Claims) {
    let company = &sender.template().name;
    let named = |edited: bool| {
        let wanted = |p: &&String| matches!(p.as_str(), "spf" | "dmarc") == edited && !(own_mx && *p == "mx");
        let parts =
            switch.parts.iter().filter(wanted).map(|p| if p == "web" { "A".to_owned() } else { p.to_uppercase() });
        let parts = parts.collect::<Vec<_>>();
        Text { en: parts.join(", "), ja: parts.join("、") }
    };
    let (typed, edited) = (named(false), named(true));
    let (how, trust) = (&switch.how, switch.trust.text());
    let (url, date) = (crate::catalogue::facts::place(&switch.url), &switch.date);
    let source = say!(en: "{url} ({date}, {trust})", ja: "{url}（{date}、{trust}）"; url = url, trust = trust);
    let mut say = |id, title: Text| {
        claims.findings.push(
            Finding::advice(id, title)
                .at_opt(origin.span, Text::default())
                .panel(company.clone())
                .next(how.clone())
                .source(source.clone()),
        );
    };
    if !typed.is_empty() {
        say(
            "sender-switch",
            say!(en: "{company} makes its {typed} itself here: nothing to type", ja: "{company}の {typed} は入力しません。自動で作られます"; company = company, typed = typed),
        );
    }
    if !edited.is_empty() {
        say(
            "sender-switch-edit",
            say!(en: "{company} makes its {edited} itself here: edit that row, add no second one", ja: "{company}が作る {edited} の行は、足さずに書き換えます"; company = company, edited = edited),
        );
    }
}

/// The place a claim of a section comes from.
pub(super) fn section(span: Option<Span>) -> Origin {
    Origin { party: 0, span, by_hand: false }
}
