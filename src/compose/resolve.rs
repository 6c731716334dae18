//! site.toml against the catalogue: which template each sender means, its values, its keys. What fails here keeps zoneplan from
//! building its model, so every finding of error level ends the run with exit code 2.

use crate::catalogue::Catalogue;
use crate::catalogue::expand::{Expanded, ExpandedDkim, Place, expand};
use crate::catalogue::registrar::Registrar;
use crate::catalogue::sender::{DkimForm, Role, Sender};
use crate::mail::dkim::{self, Form, KeyInfo, paste};
use crate::mail::spf;
use crate::pins::PinsFile;
use crate::report::{Finding, Span, Text, did_you_mean, excerpt};
use crate::say;
use crate::site::{DkimEntry, RecordEntry, SenderUse, Site};
use crate::toml_reader::At;
use crate::zone::{Name, Rtype};

/// A DKIM key that the site gives, read.
#[derive(Clone, Debug)]
pub struct ResolvedKey {
    /// The selector.
    pub selector: String,
    /// `<selector>._domainkey.<From domain>`.
    pub owner: Name,
    /// The TXT value.
    pub value: Vec<u8>,
    /// What the key is.
    pub info: KeyInfo,
    /// Where it is given.
    pub span: Span,
}

/// A sender with its template.
#[derive(Clone, Debug)]
pub struct ResolvedSender<'a> {
    /// What site.toml says.
    pub used: &'a SenderUse,
    /// What it wants.
    pub expanded: Expanded<'a>,
    /// The From domain.
    pub from: Name,
    /// It alone has the web there.
    pub has_web: bool,
    /// Keys given.
    pub keys: Vec<ResolvedKey>,
    /// Names of the services through one of which it sends.
    pub via: Vec<Text>,
}

impl ResolvedSender<'_> {
    /// The template.
    #[must_use]
    pub fn template(&self) -> &Sender {
        self.expanded.sender
    }
}

/// Whose a `[[record]]` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordOwner {
    /// A sender of the site, by index.
    Sender(usize),
    /// Another company, by name.
    Other(Text),
}

/// The site with everything looked up.
#[derive(Clone, Debug)]
pub struct Resolved<'a> {
    /// The site.
    pub site: &'a Site,
    /// The registrar's template; absent = unknown.
    pub registrar: Option<&'a Registrar>,
    /// Registrars of delegated subdomains, in the order of `[[subdomain]]`.
    pub delegated: Vec<Option<&'a Registrar>>,
    /// The keyzone's registrar; absent = unknown.
    pub keyzone_registrar: Option<&'a Registrar>,
    /// The senders.
    pub senders: Vec<ResolvedSender<'a>>,
    /// Whose each `[[record]]` is.
    pub record_owners: Vec<Option<RecordOwner>>,
    /// What DNS said, as the site keeps it; absent = nothing is built from it.
    pub pins: Option<PinsFile>,
    /// The records of the site's own sections.
    pub(super) sections: Vec<super::claims::Claim>,
}

/// Looks everything up.
#[must_use]
pub fn resolve<'a>(site: &'a Site, catalogue: &'a Catalogue, findings: &mut Vec<Finding>) -> Resolved<'a> {
    let registrar = site.registrar.as_ref().and_then(|r| registrar(catalogue, r, findings));
    let delegated = site
        .subdomains
        .iter()
        .map(|s| {
            s.delegated.as_ref().filter(|d| d.value != "other").and_then(|d| self::registrar(catalogue, d, findings))
        })
        .collect();
    let keyzone_registrar = site.keyzone.as_ref().and_then(|k| k.registrar.as_ref()).filter(|r| r.value != "other");
    let keyzone_registrar = keyzone_registrar.and_then(|r| self::registrar(catalogue, r, findings));
    let templates: Vec<Option<&Sender>> = site.senders.iter().map(|s| template(catalogue, s, findings)).collect();
    let record_owners: Vec<Option<RecordOwner>> =
        site.records.iter().map(|r| record_owner(r, site, &templates, catalogue, findings)).collect();
    let froms: Vec<Name> = site.senders.iter().map(|s| from_domain(s, site)).collect();
    let mut senders = Vec::new();
    for (i, (used, template)) in site.senders.iter().zip(&templates).enumerate() {
        let (Some(template), Some(from)) = (template, froms.get(i)) else { continue };
        let has_web = has_web(i, from, site, &froms, &record_owners);
        let place = Place { from, site: &site.domain.value, has_web };
        let expanded = expand(catalogue.engine(), template, used, place, findings);
        check_terms(&expanded, used, findings);
        let copies: Vec<&Name> = site.ways.iter().filter(|w| w.way.value.copies_key()).map(|w| &w.name.value).collect();
        let keys = keys(used, &expanded, from, &copies, findings);
        let via = template.via.iter().flat_map(|v| &v.senders);
        let via = via.map(|id| catalogue.sender(id).map_or_else(|| Text::same(id), |s| s.name.clone())).collect();
        senders.push(ResolvedSender { used, expanded, from: from.clone(), has_web, keys, via });
    }
    duplicates(&senders, findings);
    once(&senders, findings);
    no_mail(site, &senders, findings);
    for used in &site.senders {
        from_outside(used, site, findings);
    }
    for term in site.spf_sections().flat_map(|(_, s)| &s.extra) {
        let _ = terms(&term.value, term.span, findings);
    }
    if let Some(mta_sts) = &site.mta_sts {
        super::sections::check_mta_sts(mta_sts, findings);
    }
    let sections = super::sections::claims(site, findings);
    Resolved { site, registrar, delegated, keyzone_registrar, senders, record_owners, pins: None, sections }
}

impl Resolved<'_> {
    /// Takes what DNS said. A vendor's key that a `[[way]]` copies comes from there, unless the site gives it.
    pub(crate) fn take_pins(&mut self, file: Option<PinsFile>) {
        let pins = file.as_ref().and_then(|file| file.pins.as_ref());
        for sender in &mut self.senders {
            for dkim in &sender.expanded.dkim {
                let target = dkim.record.as_ref().and_then(|(rtype, rdata)| rdata.target(*rtype));
                let target = target.filter(|_| matches!(dkim.template.form, DkimForm::Cname(_)));
                let way = self.site.ways.iter().find(|w| w.way.value.copies_key() && w.name.value == dkim.owner);
                let (Some(target), Some(way), Some(pins)) = (target, way, pins) else { continue };
                if sender.keys.iter().any(|key| key.owner == dkim.owner) {
                    continue;
                }
                let Some((value, info)) = pins.key(&dkim.owner, &target) else { continue };
                let (selector, owner) = (dkim.selector.clone(), dkim.owner.clone());
                sender.keys.push(ResolvedKey { selector, owner, value, info, span: way.span });
            }
        }
        self.pins = file;
    }
}

impl Resolved<'_> {
    /// Takes keys in place of the site's copies of them, each by the name at which its vendor publishes it. One that is no key changes nothing.
    pub(crate) fn take_keys(&mut self, keys: &[(Name, Vec<u8>)]) {
        for sender in &mut self.senders {
            for dkim in &sender.expanded.dkim {
                let target = dkim.record.as_ref().and_then(|(rtype, rdata)| rdata.target(*rtype));
                let Some((_, text)) = keys.iter().find(|(at, _)| Some(at) == target.as_ref()) else { continue };
                let key = sender.keys.iter_mut().find(|key| key.owner == dkim.owner);
                let (Some(key), Some(info)) = (key, dkim::parse(text).0.key) else { continue };
                (key.value, key.info) = (text.clone(), info);
            }
        }
    }
}

/// Reads SPF terms that the site gives; a mistake is told at its place.
pub(super) fn terms(text: &str, span: Span, findings: &mut Vec<Finding>) -> Option<spf::Record> {
    let record = spf::Record::parse(text.as_bytes());
    let mut sound = true;
    for problem in record.problems() {
        sound = false;
        findings.push(Finding::error("site-spf-term", problem.text()).at(span, Text::default()));
    }
    if record.version().is_some() {
        sound = false;
        findings.push(
            Finding::error("site-spf-term", say!(en: "only terms belong here, without `v=spf1`", ja: "ここには項目だけを書きます（`v=spf1` は付けません）"))
                .at(span, Text::default()),
        );
    }
    sound.then_some(record)
}

/// A template's terms are tested; those of a whole-value variable are the user's.
fn check_terms(expanded: &Expanded<'_>, used: &SenderUse, findings: &mut Vec<Finding>) {
    for term in expanded.spf.iter().chain(expanded.spf_at.iter().map(|(_, term)| term)) {
        let record = spf::Record::parse(term.as_bytes());
        if let Some(problem) = record.problems().first() {
            let company = &expanded.sender.name;
            let what = problem.text();
            findings.push(
                Finding::error(
                    "site-spf-term",
                    say!(en: "{company}'s SPF: {what}", ja: "{company}の SPF: {what}"; company = company, what = what),
                )
                .at(used.provider.span, Text::default())
                .panel(company.clone()),
            );
        }
    }
}

/// The registrar of that name, or a finding with "did you mean".
fn registrar<'c>(catalogue: &'c Catalogue, given: &At<String>, findings: &mut Vec<Finding>) -> Option<&'c Registrar> {
    if let Some(found) = catalogue.registrar(&given.value) {
        return Some(found);
    }
    if given.value.trim().is_empty() {
        findings.push(
            Finding::error(
                "site-unknown-registrar",
                say!(en: "the registrar is not filled in", ja: "「DNSを編集する会社」が書かれていません"),
            )
            .at(given.span, Text::default())
            .next(say!(
                en: "write the company in whose panel you edit the DNS records (nslookup -type=NS and the domain shows whose name servers they are)",
                ja: "DNS のレコードを、どの会社の画面で編集しているかを書いてください（nslookup -type=NS ドメイン名 で出るネームサーバーの会社です）"
            ))
            .next(say!(
                en: "not known, or not in the list: registrar = \"other\"",
                ja: "分からない、または一覧にない場合: registrar = \"other\""
            )),
        );
        return None;
    }
    let shown = excerpt(&given.value, 40);
    let mut finding = Finding::error(
        "site-unknown-registrar",
        say!(en: "“{shown}” is not in the catalogue of registrars", ja: "「{shown}」は、DNSを編集する会社の一覧にありません"),
    )
    .at(given.span, Text::default());
    if let Some(near) = catalogue.registrar_near(&given.value) {
        finding = finding.next(say!(en: "did you mean “{near}”?", ja: "「{near}」ではありませんか")).fix(
            say!(en: "write “{near}”", ja: "「{near}」に直す"),
            given.span,
            format!("\"{near}\""),
        );
    }
    findings.push(finding.next(say!(
        en: "another company: write registrar = \"other\"; everything builds, with its limits unknown",
        ja: "ほかの会社なら registrar = \"other\" と書けます。制限は「不明」のまま組み立てます"
    )));
    None
}

fn template<'c>(catalogue: &'c Catalogue, used: &SenderUse, findings: &mut Vec<Finding>) -> Option<&'c Sender> {
    if let Some(found) = catalogue.sender(&used.provider.value) {
        return Some(found);
    }
    // Why a file could not be read was told where it was read.
    if used.names_a_file() {
        return None;
    }
    let shown = excerpt(&used.provider.value, 40);
    let mut finding = Finding::error(
        "site-unknown-provider",
        say!(en: "“{shown}” is not in the catalogue of senders", ja: "「{shown}」は、利用サービスの一覧にありません"),
    )
    .at(used.provider.span, Text::default());
    finding = match catalogue.sender_near(&used.provider.value) {
        Some(near) => finding.next(say!(en: "did you mean “{near}”?", ja: "「{near}」ではありませんか")).fix(
            say!(en: "write “{near}”", ja: "「{near}」に直す"),
            used.provider.span,
            format!("\"{near}\""),
        ),
        None => finding.next(say!(
            en: "enter its records as [[record]], and its SPF under [spf] extra",
            ja: "そのサービスのレコードは [[record]] に、SPF は [spf] の extra に書けます"
        )),
    };
    findings.push(finding);
    None
}

/// The From domain: what `subdomain` or `from` says inside the site, else the site's own.
fn from_domain(used: &SenderUse, site: &Site) -> Name {
    if let Some(subdomain) = &used.subdomain {
        return subdomain.value.clone();
    }
    let given = used.from.as_ref().and_then(|f| {
        let host = f.value.rsplit('@').next().unwrap_or("");
        crate::site::domain(host).ok()
    });
    given.filter(|n| n.is_subdomain_of(&site.domain.value)).unwrap_or_else(|| site.domain.value.clone())
}

/// The From domain is what all records are about; one outside the site is another site's.
fn from_outside(used: &SenderUse, site: &Site, findings: &mut Vec<Finding>) {
    let Some(from) = &used.from else { return };
    let shown = excerpt(&from.value, 60);
    let domain = site.domain.value.display_without_dot();
    let host = from.value.rsplit('@').next().unwrap_or("");
    let inside = crate::site::domain(host).is_ok_and(|n| n.is_subdomain_of(&site.domain.value));
    let agrees = used.subdomain.as_ref().is_none_or(|s| crate::site::domain(host).is_ok_and(|n| n == s.value));
    if inside && agrees {
        return;
    }
    let title = if inside {
        say!(en: "`from` says {shown}, `subdomain` says another domain", ja: "`from`（{shown}）と `subdomain` のドメインが違います")
    } else {
        say!(en: "{shown} is not at {domain}", ja: "{shown} は {domain} のアドレスではありません")
    };
    findings.push(Finding::error("site-from", title).at(from.span, Text::default()).next(say!(
        en: "one site.toml is for one domain: write another one for that domain, or send from an address at {domain}",
        ja: "site.toml は 1 つのドメイン用です。そのドメイン用にもう 1 つ作るか、差出人を {domain} のアドレスにしてください"
    )));
}

/// A name that neither sends nor receives is nobody's From domain and nobody's Return-Path host.
fn no_mail(site: &Site, senders: &[ResolvedSender<'_>], findings: &mut Vec<Finding>) {
    let below =
        site.subdomains.iter().filter_map(|s| Some((&s.name.value, s.mail.as_ref().filter(|m| !m.value)?.span)));
    for (name, span) in below {
        for sender in senders {
            let from = sender.from == *name;
            let bounces = sender.expanded.return_path.as_ref() == Some(name)
                || sender.expanded.records.iter().any(|r| r.name == *name && r.rtype == Rtype::MX);
            // The key `subdomain` is told where it is read.
            if !(from || bounces) || sender.used.subdomain.as_ref().is_some_and(|s| s.value == *name) {
                continue;
            }
            let company = &sender.template().name;
            findings.push(
                Finding::error("site-no-mail", say!(en: "`mail = false`, but {company} sends or receives there", ja: "`mail = false` なのに、{company}がそこで送受信します"; company = company))
                    .at(span, Text::default())
                    .at(sender.used.provider.span, company.clone())
                    .next(say!(en: "remove one of the two", ja: "どちらかを消してください")),
            );
        }
    }
}

/// Two senders that say the same, in whatever written form, are one too many.
fn duplicates(senders: &[ResolvedSender<'_>], findings: &mut Vec<Finding>) {
    let same = |a: &ResolvedSender<'_>, b: &ResolvedSender<'_>| {
        a.template().id == b.template().id && a.from == b.from && a.expanded.values == b.expanded.values
    };
    for (i, later) in senders.iter().enumerate() {
        let Some(first) = senders.iter().take(i).find(|s| same(s, later)) else { continue };
        let company = &later.template().name;
        findings.push(
            Finding::error("site-duplicate-sender", say!(en: "{company} is there twice, with the same settings", ja: "{company}が同じ設定で 2 回あります"; company = company))
                .at(later.used.provider.span, Text::default())
                .at(first.used.provider.span, say!(en: "the first one", ja: "1 つ目"))
                .next(say!(
                    en: "keep one [[sender]]; what differs (roles, keys, options) goes into that one",
                    ja: "[[sender]] を 1 つにします。違うところ（roles、鍵、options）は、その 1 つにまとめてください"
                )),
        );
    }
}

/// A template that is made to be used once at a name, used there twice.
fn once(senders: &[ResolvedSender<'_>], findings: &mut Vec<Finding>) {
    let groups =
        |s: &ResolvedSender<'_>| s.used.groups.clone().map(|g| g.into_iter().map(|g| g.value).collect::<Vec<_>>());
    // Groups of one template may be used one after the other, with a [[sender]] each.
    let overlap = |a: &ResolvedSender<'_>, b: &ResolvedSender<'_>| match (groups(a), groups(b)) {
        (Some(a), Some(b)) => a.iter().any(|group| b.contains(group)),
        _ => true,
    };
    for (i, later) in senders.iter().enumerate() {
        if later.template().multi_instance != Some(false) {
            continue;
        }
        let same = |s: &&ResolvedSender<'_>| {
            s.template().id == later.template().id
                && s.from == later.from
                && s.expanded.values != later.expanded.values
                && overlap(s, later)
        };
        let Some(first) = senders.iter().take(i).find(same) else { continue };
        let (company, from) = (&later.template().name, later.from.display_without_dot());
        findings.push(
            Finding::warning("sender-used-twice", say!(en: "{company} is made to be set up once at {from}, and is there twice", ja: "{company}は {from} に 1 つだけ設定するものですが、2 つあります"; company = company))
                .at(later.used.provider.span, Text::default())
                .at(first.used.provider.span, say!(en: "the first one", ja: "1 つ目"))
                .panel(company.clone())
                .harm(say!(en: "whoever sets it up by its template replaces the first set-up by the second", ja: "このサービスの設定データでは、2 つ目を設定すると 1 つ目が置き換わります"))
                .next(say!(
                    en: "keep one, or give the second a subdomain of its own",
                    ja: "どちらか 1 つにするか、2 つ目を別のサブドメインにしてください"
                )),
        );
    }
}

/// Whether sender `i` alone has the web at its From domain: it says so (`web`), or the address records there are its, and no
/// other company's are there too. `a:{domain}` must never allow another company's server.
fn has_web(i: usize, from: &Name, site: &Site, froms: &[Name], owners: &[Option<RecordOwner>]) -> bool {
    let mut own_address = false;
    for (record, owner) in site.records.iter().zip(owners) {
        let is_address = matches!(record.rtype.value, Rtype::A | Rtype::AAAA) && record.name.value == *from;
        match (is_address, owner) {
            (true, Some(RecordOwner::Sender(n))) if *n == i => own_address = true,
            (true, Some(_)) => return false,
            _ => {}
        }
    }
    let others = site.senders.iter().zip(froms).enumerate();
    let another = others.filter(|(n, _)| *n != i).any(|(_, (s, f))| f == from && s.has_role(Role::Web));
    let says = site.senders.get(i).is_some_and(|s| s.has_role(Role::Web));
    !another && (says || own_address)
}

fn record_owner(
    record: &RecordEntry,
    site: &Site,
    templates: &[Option<&Sender>],
    catalogue: &Catalogue,
    findings: &mut Vec<Finding>,
) -> Option<RecordOwner> {
    let given = record.owner.as_ref()?;
    let by_id = site.senders.iter().position(|s| s.id.as_ref().is_some_and(|id| id.value == given.value));
    if let Some(i) = by_id {
        return Some(RecordOwner::Sender(i));
    }
    let known = catalogue.sender(&given.value);
    if let Some(known) = known {
        let declared = templates.iter().position(|t| t.is_some_and(|t| t.id == known.id));
        return Some(declared.map_or_else(|| RecordOwner::Other(known.name.clone()), RecordOwner::Sender));
    }
    let declared = templates.iter().flatten().map(|t| t.id.as_str());
    let ids = site.senders.iter().filter_map(|s| s.id.as_ref()).map(|id| id.value.as_str());
    if let Some(near) = did_you_mean(&given.value, declared.chain(ids)) {
        let shown = excerpt(&given.value, 40);
        findings.push(
            Finding::error("site-unknown-provider", say!(en: "“{shown}” is no sender of this site", ja: "「{shown}」という利用サービスは、このサイトにありません"))
                .at(given.span, Text::default())
                .next(say!(en: "did you mean “{near}”?", ja: "「{near}」ではありませんか"))
                .fix(say!(en: "write “{near}”", ja: "「{near}」に直す"), given.span, format!("\"{near}\"")),
        );
    }
    Some(RecordOwner::Other(Text::same(excerpt(&given.value, 60))))
}

/// The selectors of a template whose key the customer gives.
fn customer_keys<'e, 'c>(expanded: &'e Expanded<'c>) -> impl Iterator<Item = &'e ExpandedDkim<'c>> {
    expanded.dkim.iter().filter(|d| matches!(d.template.form, DkimForm::CustomerKey { .. }))
}

fn keys(
    used: &SenderUse,
    expanded: &Expanded<'_>,
    from: &Name,
    copies: &[&Name],
    findings: &mut Vec<Finding>,
) -> Vec<ResolvedKey> {
    let mut out: Vec<ResolvedKey> = Vec::new();
    for entry in &used.dkim {
        let Some((selector, owner, prefix)) = place_of_key(entry, expanded, from, copies, findings) else { continue };
        let Some(key) = read_key(entry, selector, owner, prefix, &expanded.sender.name, findings) else { continue };
        if let Some(first) = out.iter().find(|k| k.owner == key.owner) {
            let selector = &key.selector;
            findings.push(
                Finding::error(
                    "site-dkim-key",
                    say!(en: "two keys for the selector `{selector}`", ja: "セレクタ `{selector}` の鍵が 2 つあります"),
                )
                .at(key.span, Text::default())
                .at(first.span, say!(en: "the first one", ja: "1 つ目")),
            );
            continue;
        }
        out.push(key);
    }
    out
}

/// Which selector a key is for, where it stands, and how the vendor writes what comes before the base64.
fn place_of_key(
    entry: &DkimEntry,
    expanded: &Expanded<'_>,
    from: &Name,
    copies: &[&Name],
    findings: &mut Vec<Finding>,
) -> Option<(String, Name, Option<String>)> {
    let company = &expanded.sender.name;
    // The vendor's own key is given only where a `[[way]]` copies it.
    let copied =
        expanded.dkim.iter().filter(|d| matches!(d.template.form, DkimForm::Cname(_)) && copies.contains(&&d.owner));
    let known: Vec<&ExpandedDkim<'_>> = customer_keys(expanded).chain(copied).collect();
    let prefix = |d: &ExpandedDkim<'_>| match &d.template.form {
        DkimForm::CustomerKey { prefix } => Some(prefix.clone()),
        _ => None,
    };
    // A CNAME needs no key: the vendor keeps it.
    let all_cnames = !expanded.dkim.is_empty()
        && known.is_empty()
        && expanded.dkim.iter().all(|d| matches!(d.template.form, DkimForm::Cname(_)));
    if all_cnames {
        let selectors = expanded.dkim.iter().map(|d| d.selector.as_str()).collect::<Vec<_>>().join(", ");
        findings.push(
            Finding::error("site-dkim-key", say!(en: "{company}'s DKIM is a CNAME ({selectors}); no key is needed", ja: "{company}の DKIM は CNAME です（{selectors}）。鍵はいりません"; company = company))
                .at(entry.span, Text::default())
                .panel(company.clone())
                .next(say!(en: "remove this line", ja: "この行を消してください")),
        );
        return None;
    }
    let list = known.iter().map(|d| d.selector.as_str()).collect::<Vec<_>>().join(", ");
    match (&entry.selector, known.as_slice()) {
        (None, [only]) => Some((only.selector.clone(), only.owner.clone(), prefix(only))),
        (None, []) => {
            findings.push(
                Finding::error(
                    "site-dkim-key",
                    say!(en: "{company} has no DKIM key that you enter yourself with these roles and options, or its selector is not known", ja: "いまの roles と options では、{company}に自分で入れる DKIM 鍵がないか、セレクタが分かっていません"; company = company),
                )
                .at(entry.span, Text::default())
                .next(say!(
                    en: "if its panel shows one: dkim = [{{ selector = \"…\", key-file = \"…\" }}]",
                    ja: "画面に鍵が出ているなら: dkim = [{{ selector = \"…\", key-file = \"…\" }}]"
                )),
            );
            None
        }
        (None, _) => {
            findings.push(
                Finding::error("site-dkim-key", say!(en: "which selector is this key for? {company} has {list}", ja: "どのセレクタの鍵ですか。{company}には {list} があります"; company = company))
                    .at(entry.span, Text::default())
                    .next(say!(en: "write dkim = [{{ selector = \"…\", key-file = \"…\" }}]", ja: "dkim = [{{ selector = \"…\", key-file = \"…\" }}] と書いてください")),
            );
            None
        }
        (Some(given), known) => {
            let label = given.value.trim_end_matches('.');
            let folded = label.to_ascii_lowercase();
            let label = folded.split("._domainkey").next().unwrap_or(&folded);
            if let Some(found) = known.iter().find(|d| d.selector.eq_ignore_ascii_case(label)) {
                return Some((found.selector.clone(), found.owner.clone(), prefix(found)));
            }
            let shown = excerpt(label, 40);
            if !known.is_empty() {
                let mut finding = Finding::error(
                    "site-dkim-key",
                    say!(en: "{company} signs with {list}, not with `{shown}`", ja: "{company}の署名のセレクタは {list} です（`{shown}` ではありません）"; company = company),
                )
                .at(given.span, Text::default());
                if let Some(near) = did_you_mean(label, known.iter().map(|d| d.selector.as_str())) {
                    finding = finding.fix(
                        say!(en: "write `{near}`", ja: "`{near}` に直す"),
                        given.span,
                        format!("\"{near}\""),
                    );
                }
                findings.push(finding);
                return None;
            }
            let owner = Name::parse_absolute(format!("{label}._domainkey")).and_then(|n| n.join(from));
            match owner {
                Ok(owner) => Some((label.to_owned(), owner, None)),
                Err(error) => {
                    findings.push(Finding::error("site-dkim-key", error.text()).at(given.span, Text::default()));
                    None
                }
            }
        }
    }
}

fn read_key(
    entry: &DkimEntry,
    selector: String,
    owner: Name,
    prefix: Option<String>,
    company: &Text,
    findings: &mut Vec<Finding>,
) -> Option<ResolvedKey> {
    let file = entry.file.as_deref().map(|f| excerpt(f, 80));
    let pasted = match paste(&entry.octets) {
        Ok(pasted) => pasted,
        Err(error) => {
            let what = error.text();
            let title = match file {
                Some(file) => say!(en: "{file}: {what}", ja: "{file}: {what}"; what = what),
                None => what,
            };
            findings
                .push(Finding::error("site-dkim-key", title).at(entry.span, Text::default()).panel(company.clone()));
            return None;
        }
    };
    if let Some(written) = &pasted.owner {
        let plain = written.trim_end_matches('.');
        let full = owner.display_without_dot().to_string();
        let relative = format!("{selector}._domainkey");
        // Relative to anything: `default._domainkey`, `default._domainkey.news`, the full name.
        let plain_lower = plain.to_ascii_lowercase();
        let fits = full.to_ascii_lowercase() == plain_lower
            || (plain_lower.starts_with(&relative.to_ascii_lowercase())
                && full.to_ascii_lowercase().starts_with(&format!("{plain_lower}.")));
        if !fits {
            let written = excerpt(written, 80);
            findings.push(
                Finding::error(
                    "site-dkim-key",
                    say!(en: "this key is for {written}, but {company} needs {full}", ja: "この鍵は {written} 用です。{company}に必要なのは {full} です"; company = company),
                )
                .at(entry.span, Text::default())
                .panel(company.clone())
                .next(say!(en: "copy the key of the selector `{selector}` again", ja: "セレクタ `{selector}` の鍵をコピーし直してください")),
            );
            return None;
        }
    }
    // A bare key becomes a record the way the vendor writes it.
    let bare = matches!(pasted.how, Form::Bare | Form::Pem | Form::PemRsa) && matches!(pasted.key, KeyInfo::Rsa { .. });
    let key_at = pasted.value.windows(2).position(|w| w == b"p=").map(|at| at + 2);
    let value = match (bare, prefix, key_at.and_then(|at| pasted.value.get(at..))) {
        (true, Some(prefix), Some(base64)) => [prefix.as_bytes(), base64].concat(),
        _ => pasted.value,
    };
    Some(ResolvedKey { selector, owner, value, info: pasted.key, span: entry.span })
}
