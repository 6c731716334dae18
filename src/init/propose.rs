//! From the NS, MX and TXT of a domain to proposed answers. Only what one template alone explains is proposed; the rest is named.

use std::collections::BTreeMap;

use crate::catalogue::Catalogue;
use crate::catalogue::recognise::{Clue, Evidence, Recognised};
use crate::catalogue::registrar::Registrar;
use crate::catalogue::sender::{DkimForm, Purpose, Role, Sender, Variable};
use crate::catalogue::variables::normal;
use crate::report::{Text, excerpt, join};
use crate::say;
use crate::site::draft::Draft;
use crate::zone::{Name, Record};

use super::text::Company;

/// A service that the records show.
#[derive(Clone, Debug)]
pub struct SeenSender<'c> {
    /// The service.
    pub sender: &'c Sender,
    /// What it is seen to be used for; sending always.
    pub roles: Vec<Role>,
    /// Variables whose value stands in a record: name → value, and where it stands.
    pub values: BTreeMap<&'c str, (String, Text)>,
    /// The records that show it.
    pub evidence: Text,
}

/// Proposed answers.
#[derive(Clone, Debug, Default)]
pub struct Proposal<'c> {
    /// Whose panel it can be: one; several; none, if nobody is known by these name servers.
    pub registrars: Vec<&'c Registrar>,
    /// The name servers, in words; empty if none were seen.
    pub name_servers: Text,
    /// Services.
    pub senders: Vec<SeenSender<'c>>,
    /// What could not be decided, or is not enough to go by: sentences.
    pub open: Vec<Text>,
}

impl<'c> SeenSender<'c> {
    /// Puts what was seen into a draft: values that it does not have, and the roles where it has none.
    pub fn fill(&self, draft: &mut Draft<'c>) {
        for (name, (value, origin)) in &self.values {
            if !draft.values.contains_key(name) {
                draft.values.insert(name, value.clone());
                draft.origins.insert(name, origin.clone());
            }
        }
        if draft.roles.is_empty() {
            draft.roles.clone_from(&self.roles);
        }
        let evidence = &self.evidence;
        draft.remarks.push(say!(en: "seen in {evidence}", ja: "DNS で見つけたところ: {evidence}"; evidence = evidence));
    }
}

impl<'c> Proposal<'c> {
    /// The one company that it can be.
    #[must_use]
    pub fn company(&self) -> Option<&'c Registrar> {
        match self.registrars.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// What the name servers say against a company, or leave open.
    #[must_use]
    pub fn doubt(&self, company: &Company<'_>) -> Option<Text> {
        if self.name_servers.is_empty() {
            return None;
        }
        let (seen, names) = (&self.name_servers, self.registrars.iter().map(|r| r.name.clone()).collect::<Vec<_>>());
        let names = join(&names);
        match company {
            Company::Known(known)
                if !self.registrars.is_empty() && !self.registrars.iter().any(|r| r.id == known.id) =>
            {
                let known = &known.name;
                Some(say!(
                    en: "{seen}. That is the panel of {names}; what is entered at {known} has no effect then",
                    ja: "{seen}。これは{names}の画面です。その場合、{known}の画面に入力しても効きません"; seen = seen, names = names, known = known
                ))
            }
            Company::Known(_) => None,
            Company::Other | Company::Open if self.registrars.is_empty() => Some(say!(
                en: "{seen}. No company of the list is known by these",
                ja: "{seen}。この名前で分かる会社は一覧にありません"; seen = seen
            )),
            Company::Other | Company::Open => Some(say!(
                en: "{seen}. That is the panel of {names}",
                ja: "{seen}。これは{names}の画面です"; seen = seen, names = names
            )),
        }
    }
}

/// Judges the records of `domain`. `records` are its MX and TXT, `name_servers` the NS of its zone.
#[must_use]
pub fn propose<'c>(
    catalogue: &'c Catalogue,
    domain: &Name,
    name_servers: &[Record],
    records: &[Record],
) -> Proposal<'c> {
    let mut hosts: Vec<Name> = name_servers.iter().filter_map(Record::target).collect();
    hosts.sort();
    hosts.dedup();
    let mut out = Proposal { registrars: catalogue.panels(&hosts), ..Proposal::default() };
    if !hosts.is_empty() {
        let names: Vec<Text> = hosts.iter().take(4).map(|h| Text::same(plain(h))).collect();
        let (zone, names) = (name_servers.first().map_or(domain, |r| &r.name), join(&names));
        let zone = plain(zone);
        out.name_servers = say!(en: "the NS of {zone}: {names}", ja: "{zone} の NS: {names}"; names = names);
    }
    for found in catalogue.recognise(records) {
        match found.senders.as_slice() {
            [sender] if speaks(&found) && sender.recognise.only.is_none() => {
                out.senders.push(seen(sender, domain, records, &found.evidence));
            }
            _ => out.open.push(undecided(&found, records)),
        }
    }
    out
}

/// Whether it rests on more than a proof of ownership: those are left by whoever once tried a service, or uses another one of the company's.
fn speaks(found: &Recognised<'_>) -> bool {
    found.evidence.iter().any(|e| e.clue != Clue::Txt)
}

fn undecided(found: &Recognised<'_>, records: &[Record]) -> Text {
    let evidence = told(&found.evidence, records);
    let names: Vec<Text> = found
        .senders
        .iter()
        .take(6)
        .map(|s| say!(en: "{name} ({id})", ja: "{name} ({id})", id = s.id; name = s.name))
        .collect();
    let names = join(&names);
    match found.senders.as_slice() {
        [sender] => match &sender.recognise.only {
            Some(only) => {
                say!(en: "{evidence}: {names}. {only}", ja: "{evidence}: {names}。{only}"; evidence = evidence, names = names, only = only)
            }
            None => say!(
                en: "{evidence}: a proof of ownership for {names}; if it sends mail as the domain, add it",
                ja: "{evidence}: {names}の所有権の確認です。このドメインのメールを出しているなら、足してください"; evidence = evidence, names = names
            ),
        },
        _ => say!(
            en: "{evidence}: one of {names}; add the one that you use",
            ja: "{evidence}: {names}のどれかです。使っているものを足してください"; evidence = evidence, names = names
        ),
    }
}

/// The records that show it, in words.
fn told(evidence: &[Evidence], records: &[Record]) -> Text {
    let of = |e: &Evidence| records.get(e.record).map(|r| place(r, &e.seen));
    let mut texts: Vec<Text> = Vec::new();
    for text in evidence.iter().filter_map(of) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.truncate(4);
    join(&texts)
}

/// Where something was seen.
fn place(record: &Record, seen: &str) -> Text {
    let (name, rtype, seen) = (plain(&record.name), record.rtype, excerpt(seen, 80));
    say!(en: "the {rtype} of {name}: {seen}", ja: "{name} の {rtype}: {seen}")
}

fn seen<'c>(sender: &'c Sender, domain: &Name, records: &[Record], evidence: &[Evidence]) -> SeenSender<'c> {
    let known = sender.roles();
    let shown = |role: &Role| match role {
        Role::Send => true,
        Role::Receive => evidence.iter().any(|e| e.clue == Clue::Mx),
        Role::Verify => evidence.iter().any(|e| e.clue == Clue::Txt),
        Role::Web | Role::MailApps => false,
    };
    let mut values: BTreeMap<&'c str, (String, Text)> = BTreeMap::new();
    let mut unclear: Vec<&str> = Vec::new();
    for trace in evidence {
        let Some(record) = records.get(trace.record) else { continue };
        for expression in expressions(sender, trace.clue) {
            let Some((variable, value)) = value_in(sender, expression, &trace.seen, domain) else { continue };
            let name = variable.name.as_str();
            match values.get(name) {
                Some((known, _)) if *known != value => unclear.push(name),
                Some(_) => {}
                None => {
                    values.insert(name, (value, place(record, &trace.seen)));
                }
            }
        }
    }
    // Two values of one variable: two accounts, or an old one. The user knows.
    values.retain(|name, _| !unclear.contains(name));
    SeenSender { sender, roles: known.into_iter().filter(shown).collect(), values, evidence: told(evidence, records) }
}

/// The expressions of a template that a clue of this kind can come from.
fn expressions(sender: &Sender, clue: Clue) -> Vec<&str> {
    let records = |wanted: fn(&str, Purpose) -> bool| {
        let of = sender.records.iter().filter(move |r| wanted(&r.rtype.value, r.purpose));
        // An MX has its priority before the name.
        of.filter_map(|r| r.value.value.rsplit_once(' ').map_or(Some(r.value.value.as_str()), |(_, host)| Some(host)))
    };
    match clue {
        Clue::Spf => sender.spf.terms.iter().flat_map(|t| words(&t.value.value)).collect(),
        Clue::DkimTarget => sender
            .dkim
            .iter()
            .filter_map(|d| match &d.form {
                DkimForm::Cname(target) => Some(target.value.as_str()),
                _ => None,
            })
            .collect(),
        Clue::Selector => sender.dkim.iter().map(|d| d.selector.value.as_str()).collect(),
        Clue::Mx => records(|rtype, _| rtype == "MX").collect(),
        Clue::Target => records(|rtype, _| matches!(rtype, "CNAME" | "NS")).collect(),
        Clue::Txt => sender
            .records
            .iter()
            .filter(|r| r.rtype.value == "TXT" && r.purpose == Purpose::Verification)
            .map(|r| r.value.value.as_str())
            .collect(),
    }
}

/// The words of an expression; a space inside of `{{ … }}` divides nothing.
fn words(expression: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut inside, mut start) = (false, 0);
    let octets = expression.as_bytes();
    for (at, octet) in octets.iter().enumerate() {
        match octet {
            b'{' => inside = true,
            b'}' => inside = false,
            b' ' if !inside => {
                out.extend(expression.get(start..at).filter(|w| !w.is_empty()));
                start = at + 1;
            }
            _ => {}
        }
    }
    out.extend(expression.get(start..).filter(|w| !w.is_empty()));
    out
}

/// The value of the only variable in `expression`, if `text` is of its form and the variable takes the value.
fn value_in<'c>(sender: &'c Sender, expression: &str, text: &str, domain: &Name) -> Option<(&'c Variable, String)> {
    let (before, rest) = expression.split_once("{{")?;
    let (inside, after) = rest.split_once("}}")?;
    // Only the domain may stand in it besides; a second variable would leave open where one ends.
    let literal = |part: &str| -> Option<String> {
        let domain = plain(domain);
        let filled = part.replace("{{ domain }}", &domain).replace("{{ site }}", &domain);
        (!filled.contains("{{")).then(|| filled.trim_start_matches(QUALIFIERS).to_ascii_lowercase())
    };
    // The name stands alone: what a filter made of it can't be turned back.
    let name = inside.trim();
    let variable = sender.variables.iter().chain(&sender.mail_from).find(|v| v.name.replace('-', "_") == name)?;
    let (before, after) = (literal(before)?, literal(after)?);
    let after = after.trim_end_matches('.');
    // An expression that is only the variable fits everything.
    if before.len() + after.len() < 4 {
        return None;
    }
    let text = text.trim_start_matches(QUALIFIERS).trim_end_matches('.');
    let lower = text.to_ascii_lowercase();
    let inner = lower.strip_prefix(before.as_str())?.strip_suffix(after)?;
    let value = text.get(before.len()..before.len() + inner.len())?;
    Some((variable, normal(variable, value).ok()?))
}

/// What may stand before an SPF term.
const QUALIFIERS: [char; 4] = ['+', '-', '~', '?'];

fn plain(name: &Name) -> String {
    name.display_without_dot().to_string()
}
