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

use super::text::{Company, Service};

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
    /// What could not be decided, or is not enough to go by.
    pub open: Vec<Open>,
}

/// Something seen that does not say enough.
#[derive(Clone, Debug)]
pub struct Open {
    /// Ids of the services that it can be.
    pub senders: Vec<String>,
    /// A sentence.
    pub text: Text,
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

    /// What is open, and which of the services in use do not answer.
    pub fn open_besides<'p>(&'p self, services: &'p [Service<'_>]) -> impl Iterator<Item = Text> + 'p {
        let used = |open: &&Open| services.iter().any(|s| open.senders.contains(&s.sender().id));
        self.open.iter().filter(move |open| !used(open)).map(|open| open.text.clone())
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

/// Judges the records of `domain`. `records` are its MX and TXT, `name_servers` its zone and the NS of that.
#[must_use]
pub fn propose<'c>(
    catalogue: &'c Catalogue,
    domain: &Name,
    name_servers: Option<(Name, Vec<Name>)>,
    records: &[Record],
) -> Proposal<'c> {
    let (zone, mut hosts) = name_servers.unwrap_or_else(|| (domain.clone(), Vec::new()));
    hosts.sort();
    hosts.dedup();
    let mut out = Proposal { registrars: catalogue.panels(&hosts), ..Proposal::default() };
    if !hosts.is_empty() {
        let names: Vec<Text> = hosts.iter().take(4).map(|h| Text::same(plain(h))).collect();
        let (zone, names) = (plain(&zone), join(&names));
        out.name_servers = say!(en: "the NS of {zone}: {names}", ja: "{zone} の NS: {names}"; names = names);
    }
    for found in catalogue.recognise(records) {
        match found.senders.as_slice() {
            [sender] if speaks(&found) && sender.recognise.only.is_none() => {
                out.senders.push(seen(sender, domain, records, &found.evidence));
            }
            senders => out.open.push(Open {
                senders: senders.iter().map(|s| s.id.clone()).collect(),
                text: undecided(&found, records),
            }),
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
                ja: "{evidence}: 所有権の確認です（{names}）。このドメインのメールを出しているなら、足してください"; evidence = evidence, names = names
            ),
        },
        _ => say!(
            en: "{evidence}: one of these; add the one that you use: {names}",
            ja: "{evidence}: 次のどれかです。使っているものを足してください: {names}"; evidence = evidence, names = names
        ),
    }
}

/// Records that a sentence about evidence names.
const RECORDS_TOLD: usize = 4;

/// The records that show it, in words: of each what was seen in it.
pub(crate) fn told(evidence: &[Evidence], records: &[Record]) -> Text {
    let mut seen: Vec<(usize, Vec<&str>)> = Vec::new();
    for trace in evidence {
        let is_full = seen.len() >= RECORDS_TOLD;
        match seen.iter_mut().find(|(record, _)| *record == trace.record) {
            Some((_, words)) => words.push(&trace.seen),
            None if is_full => {}
            None => seen.push((trace.record, vec![&trace.seen])),
        }
    }
    let texts = seen.iter().filter_map(|(at, words)| Some(place(records.get(*at)?, &words.join(" "))));
    join(&texts.collect::<Vec<_>>())
}

/// Where something was seen.
fn place(record: &Record, seen: &str) -> Text {
    let (name, rtype, seen) = (plain(&record.name), record.rtype, excerpt(seen, 120));
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
pub(crate) fn words(expression: &str) -> Vec<&str> {
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
    let variable = sender.all_variables().find(|v| v.identifier() == name)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::registrar;
    use crate::zone::{Rdata, Rtype};

    fn domain() -> Name {
        Name::parse_absolute("example.com").unwrap()
    }

    fn record(rtype: Rtype, value: &str) -> Record {
        let rdata = if rtype.is_text() {
            Rdata::txt(value.as_bytes()).unwrap()
        } else {
            Rdata::parse(rtype, value, Some(&Name::root())).unwrap()
        };
        Record { name: domain(), rtype, ttl: 3600, rdata }
    }

    fn value(sender: &str, expression: &str, text: &str) -> Option<(String, String)> {
        let catalogue = Catalogue::embedded();
        let sender = catalogue.sender(sender).unwrap();
        value_in(sender, expression, text, &domain()).map(|(v, value)| (v.name.clone(), value))
    }

    #[test]
    fn what_stands_for_the_only_variable_is_its_value() {
        let server = |text: &str| value("xserver", "+a:sv{{ server }}.xserver.jp", text).map(|(_, v)| v);
        assert_eq!(server("+a:sv14166.xserver.jp").as_deref(), Some("14166"));
        // The qualifier and case are not the value's; the value is held against its own pattern.
        assert_eq!(server("?a:SV14166.XSERVER.jp.").as_deref(), Some("14166"));
        for other in
            ["a:sv.xserver.jp", "a:sv14166.xserver.jp.evil.example", "a:svx.xserver.jp", "a:sv1 4.xserver.jp", ""]
        {
            assert_eq!(server(other), None, "{other}");
        }
    }

    #[test]
    fn an_expression_that_leaves_open_what_is_the_value_gives_none() {
        // Two variables; none; a filter; a variable alone; the built-in domain is no variable of the sender's.
        for expression in [
            "{{ server }}.{{ server }}.xserver.jp",
            "spf.sender.xserver.jp",
            "sv{{ server | upper }}.xserver.jp",
            "{{ server }}",
            "a:{{ domain }}",
            "{{ server",
        ] {
            assert_eq!(value("xserver", expression, "14166.14166.xserver.jp"), None, "{expression}");
        }
        // The domain may stand beside it.
        assert_eq!(
            value("xserver", "sv{{ server }}.{{ domain }}.xserver.jp", "sv123.example.com.xserver.jp"),
            Some(("server".into(), "123".into()))
        );
    }

    #[test]
    fn the_words_of_an_expression_are_not_those_inside_of_it() {
        assert_eq!(
            words("+a:{{ host | lower }}.example.net  include:x"),
            ["+a:{{ host | lower }}.example.net", "include:x"]
        );
        assert_eq!(words(""), [""; 0]);
    }

    #[test]
    fn two_values_of_one_variable_are_none() {
        let catalogue = Catalogue::embedded();
        let spf = record(Rtype::TXT, "v=spf1 +a:sv123.xserver.jp +a:sv456.xserver.jp ~all");
        let found = propose(&catalogue, &domain(), None, &[spf]);
        let [xserver] = found.senders.as_slice() else { panic!("{found:?}") };
        assert!(xserver.values.is_empty(), "{xserver:?}");
        assert!(xserver.evidence.en.contains("sv123") && xserver.evidence.en.contains("sv456"));
    }

    #[test]
    fn an_mx_is_the_role_receive_and_a_proof_alone_is_no_sender() {
        let catalogue = Catalogue::embedded();
        let mx = record(Rtype::MX, "1 smtp.google.com.");
        let proof = record(Rtype::TXT, "google-site-verification=Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7cDe0fGhI");
        let found = propose(&catalogue, &domain(), None, &[mx, proof.clone()]);
        let [google] = found.senders.as_slice() else { panic!("{found:?}") };
        assert_eq!(google.sender.id, "google-workspace");
        assert_eq!(google.roles, [Role::Send, Role::Receive, Role::Verify]);
        assert_eq!(
            google.values.get("site-verification").map(|(v, _)| v.as_str()),
            Some("Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7cDe0fGhI")
        );
        let found = propose(&catalogue, &domain(), None, &[proof]);
        assert!(found.senders.is_empty());
        assert!(matches!(found.open.as_slice(), [open] if open.senders == ["google-workspace"]), "{found:?}");
    }

    #[test]
    fn the_name_servers_name_the_panel_or_speak_against_it() {
        let catalogue = Catalogue::embedded();
        let ns = |hosts: &[&str]| {
            let hosts = hosts.iter().map(|host| Name::parse_absolute(host).unwrap()).collect();
            Some((domain(), hosts))
        };
        let found = propose(&catalogue, &domain(), ns(&["02.dnsv.jp", "01.dnsv.jp"]), &[]);
        let onamae: &registrar::Registrar = catalogue.registrar("onamae").unwrap();
        assert_eq!(found.company().map(|r| &r.id), Some(&onamae.id));
        assert_eq!(found.doubt(&Company::Known(onamae)), None);
        let other = catalogue.registrar("cloudflare").unwrap();
        let doubt = found.doubt(&Company::Known(other)).unwrap();
        assert!(doubt.ja.contains("01.dnsv.jp、02.dnsv.jp") && doubt.ja.contains("お名前.com の画面"), "{}", doubt.ja);
        assert!(found.doubt(&Company::Other).is_some());
        // Nobody is known by these: any company may be right.
        let found = propose(&catalogue, &domain(), ns(&["ns1.example.net"]), &[]);
        assert!(found.company().is_none() && found.doubt(&Company::Known(other)).is_none());
        assert!(found.doubt(&Company::Open).unwrap().en.contains("ns1.example.net"));
        assert_eq!(propose(&catalogue, &domain(), None, &[]).doubt(&Company::Open), None);
    }

    #[test]
    fn hostile_records_end_and_leave_no_power_over_a_terminal() {
        let catalogue = Catalogue::embedded();
        let texts = [
            format!("v=spf1 {}", "a:sv1.xserver.jp ".repeat(1_000)),
            format!("v=spf1 a:sv{}.xserver.jp", "1".repeat(5_000)),
            "google-site-verification=\u{1b}[31m".to_owned(),
            "v=spf1 a:sv\u{1b}1.xserver.jp include:\u{202e}spf.makeshop.jp".to_owned(),
        ];
        let records: Vec<Record> = texts.iter().map(|t| record(Rtype::TXT, t)).collect();
        let found = propose(&catalogue, &domain(), None, &records);
        let shown = format!("{:?}", found.open.iter().map(|o| &o.text.ja).collect::<Vec<_>>());
        for seen in &found.senders {
            assert!(!seen.evidence.ja.contains(['\u{1b}', '\u{202e}', '\n']), "{:?}", seen.evidence);
        }
        assert!(!shown.contains("\\u{1b}"), "{shown}");
    }
}
