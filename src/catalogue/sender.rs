//! A sender's template: what a service that sends mail as the domain wants in DNS, as data.

use std::collections::BTreeMap;

use crate::report::{Finding, Text, excerpt};
use crate::say;
use crate::toml_reader::{At, Sink, Table};

use super::facts::{Evidence, Trust, both, need_both, need_sources, trust};
use super::variables::Pattern;

/// What part of a sender the site uses: the groups of its template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sends mail as the domain.
    Send,
    /// Receives the domain's mail.
    Receive,
    /// Hosts the domain's web site.
    Web,
    /// Settings that mail programs look up.
    MailApps,
    /// Proof of ownership.
    Verify,
}

/// The words for roles in TOML.
pub const ROLES: &[(&str, Role)] = &[
    ("send", Role::Send),
    ("receive", Role::Receive),
    ("web", Role::Web),
    ("mail-apps", Role::MailApps),
    ("verify", Role::Verify),
];

impl Role {
    /// The word in TOML.
    #[must_use]
    pub fn word(self) -> &'static str {
        ROLES.iter().find(|(_, r)| *r == self).map_or("send", |(w, _)| w)
    }
}

/// Keys of `[[sender]]` that a template may not use for a variable.
pub const RESERVED: &[&str] = &[
    "provider",
    "id",
    "subdomain",
    "roles",
    "dkim",
    "dkim-key-file",
    "ttl",
    "note",
    "from",
    "mail-from",
    "spf",
    "options",
    "groups",
];

/// Names that expressions know without a variable.
pub const BUILT_IN: &[&str] = &["domain", "site", "host"];

/// What a variable's value may look like, before its own pattern is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VariableKind {
    /// Printable ASCII without spaces, quotes, backslash, `%`, braces.
    Text,
    /// One DNS label.
    Label,
    /// A host name: one or more labels, underscores allowed.
    Host,
    /// A whole number.
    Number,
    /// An IPv4 address.
    Ip4,
    /// An IPv6 address.
    Ip6,
    /// SPF terms, separated by spaces; SPF macros are allowed here and only here.
    SpfTerms,
    /// Text of a TXT: printable ASCII with spaces; also as zone text has it, in quotes or with backslashes.
    Txt,
}

/// The words for kinds of variables in TOML.
pub(crate) const VARIABLE_KINDS: &[(&str, VariableKind)] = &[
    ("text", VariableKind::Text),
    ("label", VariableKind::Label),
    ("host", VariableKind::Host),
    ("number", VariableKind::Number),
    ("ip4", VariableKind::Ip4),
    ("ip6", VariableKind::Ip6),
    ("spf-terms", VariableKind::SpfTerms),
    ("txt", VariableKind::Txt),
];

impl VariableKind {
    /// The word in templates.
    #[must_use]
    pub fn word(self) -> &'static str {
        VARIABLE_KINDS.iter().find(|(_, k)| *k == self).map_or("text", |(w, _)| w)
    }
}

/// Something only the customer knows: an account, a server number, a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The key in `[[sender]]`.
    pub name: String,
    /// What it is.
    pub what: Text,
    /// Where in the company's panel it is shown.
    pub find: Text,
    /// A made-up value of the right form.
    pub example: String,
    /// What it may look like.
    pub kind: VariableKind,
    /// Regular expression on the whole value; each written form that is accepted.
    pub accepts: Option<Pattern>,
    /// The normal form, with `$1`-style references into `accepts`.
    pub normal: Option<String>,
    /// The value if the site gives none.
    pub default: Option<String>,
    /// May be left out: records that need it are then left out too.
    pub optional: bool,
    /// The empty text is a value too.
    pub may_be_empty: bool,
}

impl Variable {
    /// Its name in expressions.
    #[must_use]
    pub fn identifier(&self) -> String {
        identifier(&self.name)
    }
}

/// The name of a variable in expressions.
pub(super) fn identifier(name: &str) -> String {
    name.replace('-', "_")
}

/// An expression of the template with the place it stands.
pub type Expression = At<String>;

/// When a part of the template applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The role it belongs to.
    pub role: Role,
    /// Only where this sender alone has (true) or has not (false) the web at its From domain.
    pub if_web: Option<bool>,
    /// Only with these choices among the alternatives.
    pub choice: BTreeMap<String, String>,
    /// Only where the site uses this group, or names none.
    pub group: Option<String>,
}

impl Condition {
    /// Whether it holds where these groups are used.
    #[must_use]
    pub fn in_groups(&self, groups: &[At<String>]) -> bool {
        self.group.as_ref().is_none_or(|group| groups.iter().any(|g| g.value == *group))
    }
}

/// To whom the SPF matters: where the include goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpfNeeded {
    /// The From domain (or one below it) is the envelope sender: From.
    Yes,
    /// Belongs on the Return-Path host only.
    Subdomain,
    /// The vendor uses its own Return-Path: left out, with a note.
    No,
    /// The vendor asks for it, the envelope domain is not established: From, with a note on the cost.
    VendorAsks,
    /// Depends on settings: not emitted, finding.
    Conditional,
    /// Not known: not emitted, finding.
    Unknown,
}

/// The words of `[spf] needed`.
pub(crate) const SPF_NEEDED: &[(&str, SpfNeeded)] = &[
    ("yes", SpfNeeded::Yes),
    ("subdomain", SpfNeeded::Subdomain),
    ("no", SpfNeeded::No),
    ("vendor-asks", SpfNeeded::VendorAsks),
    ("conditional", SpfNeeded::Conditional),
    ("unknown", SpfNeeded::Unknown),
];

impl SpfNeeded {
    /// The word in templates and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        SPF_NEEDED.iter().find(|(_, n)| *n == self).map_or("unknown", |(word, _)| word)
    }
}

/// An SPF term, or several, of the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpfTerm {
    /// The terms as an expression; a whole record, from `v=spf1` on, is taken apart.
    pub value: Expression,
    /// The name whose SPF they belong into, whatever [`Spf::needed`] says; absent = where that says.
    pub name: Option<Expression>,
    /// When it applies.
    pub when: Condition,
}

/// What the sender wants in SPF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spf {
    /// Where it goes.
    pub needed: SpfNeeded,
    /// Why, where that needs a word.
    pub note: Option<Text>,
    /// The Return-Path host as an expression, below the From domain.
    pub host: Option<Expression>,
    /// The terms.
    pub terms: Vec<SpfTerm>,
}

/// The record of a DKIM selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DkimForm {
    /// A TXT with the key that the customer copies from the panel. The vendor shows it with this prefix.
    CustomerKey {
        /// What stands before the base64, e.g. `v=DKIM1; k=rsa; p=`.
        prefix: String,
    },
    /// A TXT whose value the template knows, or takes from a variable.
    Txt(Expression),
    /// A CNAME to the vendor.
    Cname(Expression),
}

/// What the vendor's own check insists on. A way round that DNS allows may still be refused by the vendor's button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VendorCheck {
    /// The CNAME must point at the vendor's name directly.
    CnameTarget,
    /// The chain must end at the vendor's record.
    ChainEnd,
    /// The TXT value must be found.
    TxtValue,
    /// There is no check.
    Nothing,
    /// Not known.
    Unknown,
}

/// The words of `vendor-check`.
pub(crate) const VENDOR_CHECK: &[(&str, VendorCheck)] = &[
    ("cname-target", VendorCheck::CnameTarget),
    ("chain-end", VendorCheck::ChainEnd),
    ("txt-value", VendorCheck::TxtValue),
    ("nothing", VendorCheck::Nothing),
    ("unknown", VendorCheck::Unknown),
];

/// Whether the customer may choose the key's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyLength {
    /// The vendor fixes it.
    Fixed,
    /// The customer chooses.
    Choice,
    /// Not known.
    Unknown,
}

/// The words of `key-length`.
pub(crate) const KEY_LENGTH: &[(&str, KeyLength)] =
    &[("fixed", KeyLength::Fixed), ("choice", KeyLength::Choice), ("unknown", KeyLength::Unknown)];

/// A DKIM selector of the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dkim {
    /// The selector as an expression.
    pub selector: Expression,
    /// Below which name, relative to the From domain; absent = the From domain itself.
    pub host: Option<Expression>,
    /// Its record.
    pub form: DkimForm,
    /// What the vendor's own check insists on.
    pub vendor_check: VendorCheck,
    /// Bits of the key, where known.
    pub key_bits: Option<u64>,
    /// Whether the customer may choose them.
    pub key_length: KeyLength,
    /// Where in the company's panel the key or the record is shown.
    pub find: Option<Text>,
    /// Its TTL, seconds, as an expression.
    pub ttl: Option<Expression>,
    /// It must be there when the service is set up, and may be changed later.
    pub on_apply: bool,
    /// When it applies.
    pub when: Condition,
}

/// What a record is for; it decides how compose treats it and what the zone's comment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Where mail goes.
    Mx,
    /// The web site.
    Web,
    /// The Return-Path host.
    ReturnPath,
    /// Proof of ownership.
    Verification,
    /// Settings for mail programs.
    Client,
    /// Hands a subtree to another name server.
    Delegation,
    /// DMARC made by the vendor.
    Dmarc,
    /// Anything else the vendor asks for.
    Other,
}

/// The words for purposes in TOML.
pub(crate) const PURPOSES: &[(&str, Purpose)] = &[
    ("mx", Purpose::Mx),
    ("web", Purpose::Web),
    ("return-path", Purpose::ReturnPath),
    ("verification", Purpose::Verification),
    ("client", Purpose::Client),
    ("delegation", Purpose::Delegation),
    ("dmarc", Purpose::Dmarc),
    ("other", Purpose::Other),
];

impl Purpose {
    /// The word in templates.
    #[must_use]
    pub fn word(self) -> &'static str {
        PURPOSES.iter().find(|(_, p)| *p == self).map_or("other", |(w, _)| w)
    }

    /// The role of such a record, unless the template says another.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            Purpose::Mx => Role::Receive,
            Purpose::Web => Role::Web,
            Purpose::Client => Role::MailApps,
            Purpose::Verification => Role::Verify,
            Purpose::ReturnPath | Purpose::Delegation | Purpose::Dmarc | Purpose::Other => Role::Send,
        }
    }
}

/// Which other TXT of its name a TXT does not bear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxtConflict {
    /// Any.
    All,
    /// One that begins so.
    Prefix(String),
}

/// A record of the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateRecord {
    /// Owner as an expression, below the From domain; `@` is the From domain itself.
    pub name: Expression,
    /// Owner is below the site's domain, whatever the sender's subdomain is.
    pub at_site: bool,
    /// Type mnemonic.
    pub rtype: At<String>,
    /// The value as an expression, in presentation format; the text of a TXT as it is, without quotes. Names are absolute.
    pub value: Expression,
    /// What it is for.
    pub purpose: Purpose,
    /// Nice to have: `warn` and `fit` say so.
    pub optional: bool,
    /// Its TTL, seconds, as an expression.
    pub ttl: Option<Expression>,
    /// Which other TXT of its name it does not bear.
    pub conflict: Option<TxtConflict>,
    /// It must be there when the service is set up, and may be changed later: in a conflict it gives way.
    pub on_apply: bool,
    /// When it applies.
    pub when: Condition,
}

/// A web forwarding that the service asks for. No record holds it: it is set where the registrar forwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The name that is forwarded, as an expression, below the From domain.
    pub name: Expression,
    /// Where to, as an expression: a host or an address of a page.
    pub target: Expression,
    /// The status that browsers get: 301 (for good) or 302 (for now).
    pub code: u16,
    /// When it applies.
    pub when: Condition,
}

/// One of several forms, exactly one of which applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// Its name, a key of `options = { … }`.
    pub name: String,
    /// What is chosen.
    pub what: Text,
    /// The choices and what each means.
    pub choices: Vec<(String, Text)>,
    /// The choice if the site makes none; absent = it must.
    pub default: Option<String>,
}

/// What a switch can make.
pub(crate) const SWITCH_PARTS: &[(&str, ())] = &[("spf", ()), ("dkim", ()), ("mx", ()), ("dmarc", ()), ("web", ())];

/// At these registrars the sender's own panel makes some records by a switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// Registrar ids.
    pub registrars: Vec<String>,
    /// What it makes: spf, dkim, mx, dmarc, web.
    pub parts: Vec<String>,
    /// A preset: its rows cannot be edited, so that it must be off where another sender's terms belong into the SPF.
    pub preset: bool,
    /// How.
    pub how: Text,
    /// Its source.
    pub url: String,
    /// How the source knows.
    pub trust: Trust,
    /// When it was looked up.
    pub date: String,
}

/// What was once right. In names and targets `*` stands for what differs from customer to customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetiredValue {
    /// An SPF term as published, e.g. `include:spf.sendinblue.com`.
    Spf(String),
    /// A DKIM selector.
    Dkim {
        /// The selector.
        selector: String,
        /// What its CNAME pointed at; absent = a TXT, or any record.
        target: Option<String>,
    },
    /// A host that received the mail.
    Mx(String),
}

/// A value that was once right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retired {
    /// The value.
    pub value: RetiredValue,
    /// What stands in its place now; empty = nothing.
    pub replacement: String,
    /// Why.
    pub why: Text,
}

/// What tells the service in a zone, beyond what its template emits. `*` stands for what differs from customer to customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recognise {
    /// Nothing right can be emitted: the service is only recognised, and this says what is not known of it.
    pub only: Option<Text>,
    /// Domains of SPF includes and redirects.
    pub spf: Vec<String>,
    /// DKIM selectors.
    pub dkim: Vec<String>,
    /// Hosts that receive the mail.
    pub mx: Vec<String>,
    /// What CNAME records point at: keys, Return-Path hosts, web sites.
    pub targets: Vec<String>,
    /// Beginnings of TXT values at the domain itself.
    pub txt: Vec<String>,
    /// Name servers of a domain whose zone the company holds.
    pub name_servers: Vec<String>,
}

/// The service sends through another one, whose records are the ones that count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// Ids of the senders that it can be; empty = whatever mail server the customer sets.
    pub senders: Vec<String>,
    /// Where that is set, or what else is to be known.
    pub note: Text,
}

/// A service that sends mail as the domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Identifier: the file's name.
    pub id: String,
    /// The company or product as it calls itself.
    pub name: Text,
    /// Other names that people use.
    pub aliases: Vec<String>,
    /// One of [`KINDS`].
    pub kind: &'static str,
    /// jp or global.
    pub japanese: bool,
    /// Id of the template whose servers these are, sold under another name.
    pub engine: Option<String>,
    /// It sends through another sender.
    pub via: Option<Via>,
    /// The service has an address of its own to send from, for which no DNS is needed: how.
    pub own_address: Option<Text>,
    /// What tells it in a zone, beyond what follows.
    pub recognise: Recognise,
    /// Its variables.
    pub variables: Vec<Variable>,
    /// The Return-Path host, if the customer chooses or is told one: the key `mail-from`.
    pub mail_from: Option<Variable>,
    /// Alternatives.
    pub alternatives: Vec<Alternative>,
    /// Groups of records, of which the site may name those that it uses, and what is in each.
    pub groups: Vec<(String, Text)>,
    /// The roles that are used if the site names none; empty = send.
    pub default_roles: Vec<Role>,
    /// It works only below the site's domain.
    pub host_required: bool,
    /// Whether it is made to be used several times at one name, where that is said.
    pub multi_instance: Option<bool>,
    /// SPF.
    pub spf: Spf,
    /// DKIM selectors.
    pub dkim: Vec<Dkim>,
    /// What is to be said where no DKIM record is known.
    pub dkim_note: Option<Text>,
    /// Other records.
    pub records: Vec<TemplateRecord>,
    /// Web forwardings.
    pub redirects: Vec<Redirect>,
    /// Registrars where a switch makes the records.
    pub switches: Vec<Switch>,
    /// Values that were once right.
    pub retired: Vec<Retired>,
    /// What to know about the service.
    pub notes: Vec<Text>,
    /// All sources.
    pub sources: Vec<Evidence>,
}

impl Sender {
    /// What only the customer knows: its variables, and the Return-Path host if it has one.
    pub fn all_variables(&self) -> impl Iterator<Item = &Variable> + Clone {
        self.variables.iter().chain(&self.mail_from)
    }

    /// Its expressions, each with when it applies. The Return-Path host is part of sending.
    #[must_use]
    pub fn expressions(&self) -> Vec<(&Expression, Condition)> {
        let sending = Condition { role: Role::Send, if_web: None, choice: BTreeMap::new(), group: None };
        let mut out: Vec<(&Expression, Condition)> = Vec::new();
        for term in &self.spf.terms {
            out.extend(std::iter::once(&term.value).chain(&term.name).map(|e| (e, term.when.clone())));
        }
        out.extend(self.spf.host.iter().map(|e| (e, sending.clone())));
        for dkim in &self.dkim {
            let of_form = match &dkim.form {
                DkimForm::CustomerKey { .. } => None,
                DkimForm::Txt(value) | DkimForm::Cname(value) => Some(value),
            };
            let all = std::iter::once(&dkim.selector).chain(&dkim.host).chain(of_form);
            out.extend(all.map(|e| (e, dkim.when.clone())));
        }
        for record in &self.records {
            let all = [&record.name, &record.value].into_iter().chain(&record.ttl);
            out.extend(all.map(|e| (e, record.when.clone())));
        }
        for redirect in &self.redirects {
            out.extend([&redirect.name, &redirect.target].map(|e| (e, redirect.when.clone())));
        }
        out
    }

    /// The roles that are used if the site names none: those of [`Self::default_roles`] that have parts in the groups that it uses. Where
    /// one of those is none of the template's, which is told elsewhere, none is known.
    #[must_use]
    pub fn roles_in(&self, groups: Option<&[At<String>]>) -> Vec<Role> {
        let known = |g: &At<String>| self.groups.iter().any(|(name, _)| *name == g.value);
        let groups = groups.filter(|groups| groups.iter().all(known));
        let used: Vec<Role> =
            self.conditions().filter(|when| groups.is_none_or(|g| when.in_groups(g))).map(|when| when.role).collect();
        let wanted = |role: &&Role| groups.is_none() || used.contains(role);
        self.default_roles.iter().filter(wanted).copied().collect()
    }

    /// When each of its parts applies.
    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let (spf, dkim) = (self.spf.terms.iter().map(|t| &t.when), self.dkim.iter().map(|d| &d.when));
        spf.chain(dkim).chain(self.records.iter().map(|r| &r.when)).chain(self.redirects.iter().map(|r| &r.when))
    }

    /// Whether the company holds the domain's DMARC record, so that the site has none of its own.
    #[must_use]
    pub fn makes_dmarc(&self, roles: &[Role]) -> bool {
        self.records.iter().any(|r| r.name.value == "_dmarc" && roles.contains(&r.when.role))
    }

    /// Whether an alternative decides anything for these roles.
    #[must_use]
    pub fn is_decided_by(&self, alternative: &str, roles: &[Role]) -> bool {
        self.conditions().any(|when| roles.contains(&when.role) && when.choice.contains_key(alternative))
    }

    /// The roles in which its template does something; sending always.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        let does = |role: Role| {
            let of_role = |when: &Condition| when.role == role || (role == Role::Web && when.if_web.is_some());
            role == Role::Send || self.conditions().any(of_role)
        };
        ROLES.iter().map(|(_, role)| *role).filter(|role| does(*role)).collect()
    }
}

/// What a service is; it decides nothing but the questions that are asked (who sends newsletters?) and the lists.
pub const KINDS: &[&str] = &[
    "rental-server",
    "mailbox",
    "shop",
    "esp",
    "ma",
    "crm",
    "helpdesk",
    "forms",
    "saas",
    "relay",
    "gateway",
    "forwarder",
    "dmarc-hosting",
];

/// The words of `market`: whether the service is Japanese.
pub(crate) const MARKETS: &[(&str, bool)] = &[("jp", true), ("global", false)];

/// The most bits that `key-bits` may say.
pub(crate) const KEY_BITS_MAX: u64 = 16384;

/// Reads a sender's template from its text.
pub fn parse(text: &str, sink: &Sink) -> Option<Sender> {
    crate::toml_reader::parse(text, sink, read).flatten()
}

fn read(table: &Table<'_>) -> Option<Sender> {
    let id = table.need_string("id");
    let name = need_both(table, "name");
    let aliases = table.strings("aliases").into_iter().map(|a| a.value).collect();
    let kinds: Vec<(&str, &'static str)> = KINDS.iter().map(|k| (*k, *k)).collect();
    let kind = table.need_string("kind").and_then(|w| table.meaning(&w, &kinds));
    let engine = table.string("engine").map(|e| e.value);
    let via = table.table("via").and_then(|t| read_via(&t));
    let own_address = both(table, "own-address");
    let recognise = table.table("recognise").map(|t| read_recognise(&t)).unwrap_or_default();
    let market = table.need_string("market").and_then(|w| table.meaning(&w, MARKETS));
    let sources = need_sources(table);
    let variables = table.table("variable").map(|t| read_variables(&t)).unwrap_or_default();
    let mail_from = table.table("mail-from").and_then(|t| read_variable(&t, "mail-from", VariableKind::Host));
    let alternatives = table.table("alternative").map(|t| read_alternatives(&t)).unwrap_or_default();
    let groups = table.table("group").map(|t| read_texts(&t)).unwrap_or_default();
    let default_roles =
        table.strings("default-roles").iter().filter_map(|r| table.meaning(r, ROLES)).collect::<Vec<Role>>();
    let host_required = table.boolean("host-required").is_some_and(|b| b.value);
    let multi_instance = table.boolean("multi-instance").map(|b| b.value);
    let spf = match table.table("spf") {
        Some(t) => read_spf(&t),
        None => {
            table.missing("spf");
            None
        }
    };
    let dkim = table.tables("dkim").iter().filter_map(read_dkim).collect();
    let dkim_note = both(table, "dkim-note");
    let records = table.tables("record").iter().filter_map(read_record).collect();
    let redirects: Vec<Redirect> = table.tables("redirect").iter().filter_map(read_redirect).collect();
    let switches = table.tables("switch").iter().filter_map(read_switch).collect();
    let retired = table.tables("retired").iter().filter_map(read_retired).collect();
    let notes = table
        .tables("note")
        .iter()
        .filter_map(|t| {
            let text = (t.need_string("en"), t.need_string("ja"));
            t.finish();
            Some(Text { en: text.0?.value, ja: text.1?.value })
        })
        .collect();
    let (dkim, records): (Vec<Dkim>, Vec<TemplateRecord>) = (dkim, records);
    let emits = !dkim.is_empty()
        || !records.is_empty()
        || !redirects.is_empty()
        || spf.as_ref().is_some_and(|s| !s.terms.is_empty());
    if emits && (recognise.only.is_some() || via.is_some()) {
        table.sink().push(
            Finding::error(
                "template-emits-nothing",
                say!(
                    en: "a service that is only recognised, or that sends through another one, has no records here",
                    ja: "見分けるだけのサービス、または、ほかのサービスを通して送るサービスに、レコードは書けません"
                ),
            )
            .at(table.key_span(if via.is_some() { "via" } else { "recognise" }).unwrap_or(table.span), Text::default()),
        );
    }
    let parts = dkim.iter().map(|d| (&d.when, d.selector.span));
    let parts = parts.chain(records.iter().map(|r| (&r.when, r.name.span)));
    let parts = parts.chain(redirects.iter().map(|r| (&r.when, r.name.span)));
    let parts = parts.chain(spf.iter().flat_map(|s| &s.terms).map(|t| (&t.when, t.value.span)));
    for (group, span) in parts.filter_map(|(when, span)| Some((when.group.as_deref()?, span))) {
        if !groups.iter().any(|(name, _)| name == group) {
            let group = excerpt(group, 40);
            table.sink().push(
                Finding::error(
                    "template-unknown-group",
                    say!(en: "there is no [group.{group}]", ja: "[group.{group}] がありません"),
                )
                .at(span, Text::default()),
            );
        }
    }
    table.finish();
    Some(Sender {
        id: id?.value,
        name: name?,
        aliases,
        kind: kind?,
        japanese: market?,
        engine,
        via,
        own_address,
        recognise,
        variables,
        mail_from,
        alternatives,
        groups,
        default_roles,
        host_required,
        multi_instance,
        spf: spf?,
        dkim,
        dkim_note,
        records,
        redirects,
        switches,
        retired,
        notes,
        sources,
    })
}

fn read_variables(table: &Table<'_>) -> Vec<Variable> {
    let mut out = Vec::new();
    for (key, value) in table.entries() {
        let Some(t) = value.table() else {
            value.wrong_type(key.value, &say!(en: "a table", ja: "表"));
            continue;
        };
        if RESERVED.contains(&key.value) || BUILT_IN.contains(&key.value) {
            let name = key.value;
            table.sink().push(
                Finding::error(
                    "template-reserved-variable",
                    say!(en: "`{name}` is reserved and can't be a variable", ja: "`{name}` は予約語なので、変数名に使えません"),
                )
                .at(key.span, Text::default()),
            );
        }
        out.extend(read_variable(&t, key.value, VariableKind::Text));
    }
    out
}

fn read_variable(t: &Table<'_>, name: &str, kind: VariableKind) -> Option<Variable> {
    let what = need_both(t, "what");
    let find = need_both(t, "where");
    let example = t.need_string("example");
    let kind = t.string("kind").map_or(Some(kind), |w| t.meaning(&w, VARIABLE_KINDS));
    let variable = Variable {
        name: name.to_owned(),
        accepts: t.string("accepts").map(|s| Pattern::new(&s.value)),
        normal: t.string("normal").map(|s| s.value),
        default: t.string("default").map(|s| s.value),
        optional: t.boolean("optional").is_some_and(|b| b.value),
        may_be_empty: t.boolean("empty").is_some_and(|b| b.value),
        what: what.unwrap_or_default(),
        find: find.unwrap_or_default(),
        example: example?.value,
        kind: kind?,
    };
    t.finish();
    Some(variable)
}

fn read_alternatives(table: &Table<'_>) -> Vec<Alternative> {
    let mut out = Vec::new();
    for (key, value) in table.entries() {
        let Some(t) = value.table() else {
            value.wrong_type(key.value, &say!(en: "a table", ja: "表"));
            continue;
        };
        let what = need_both(&t, "what").unwrap_or_default();
        let default = t.string("default").map(|d| d.value);
        let choices = t.table("choice").map(|c| read_texts(&c)).unwrap_or_default();
        t.finish();
        out.push(Alternative { name: key.value.to_owned(), what, choices, default });
    }
    out
}

/// A table of texts in both languages, by key.
fn read_texts(table: &Table<'_>) -> Vec<(String, Text)> {
    let read = |(k, v): (At<&str>, crate::toml_reader::Value<'_>)| {
        let Some(text) = v.table() else {
            v.wrong_type(k.value, &say!(en: "a table", ja: "表"));
            return None;
        };
        let (en, ja) = (text.need_string("en"), text.need_string("ja"));
        text.finish();
        Some((k.value.to_owned(), Text { en: en?.value, ja: ja?.value }))
    };
    table.entries().into_iter().filter_map(read).collect()
}

/// A TTL: seconds, or an expression.
fn read_ttl(t: &Table<'_>) -> Option<Expression> {
    t.mark("ttl");
    let (key, value) = t.entries().into_iter().find(|(k, _)| k.value == "ttl")?;
    let text = value.string().map(str::to_owned).or_else(|| value.number().map(|n| n.to_string()));
    if text.is_none() {
        value.wrong_type(key.value, &say!(en: "seconds, or a string", ja: "秒数、または文字列"));
    }
    text.map(|text| At::new(text, value.span))
}

/// The words for what a TXT does not bear beside it.
pub(crate) const CONFLICT: &[(&str, ())] = &[("all", ())];

/// The words for whether a record may be changed later.
pub(crate) const ESSENTIAL: &[(&str, bool)] = &[("always", false), ("on-apply", true)];

/// Whether a record may be changed later: `essential = "on-apply"`.
fn read_on_apply(t: &Table<'_>) -> bool {
    let word = t.string("essential");
    word.and_then(|w| t.meaning(&w, ESSENTIAL)).unwrap_or(false)
}

fn read_condition(t: &Table<'_>, default: Role) -> Condition {
    let role = t.string("role").and_then(|w| t.meaning(&w, ROLES)).unwrap_or(default);
    let if_web = t.boolean("if-web").map(|b| b.value);
    let mut choice = BTreeMap::new();
    if let Some(c) = t.table("choice") {
        for (k, v) in c.entries() {
            match v.string() {
                Some(s) => {
                    choice.insert(k.value.to_owned(), s.to_owned());
                }
                None => v.wrong_type(k.value, &say!(en: "a string", ja: "文字列")),
            }
        }
    }
    let group = t.string("group").map(|g| g.value);
    Condition { role, if_web, choice, group }
}

fn read_spf(t: &Table<'_>) -> Option<Spf> {
    let needed = t.need_string("needed").and_then(|w| t.meaning(&w, SPF_NEEDED));
    let note = both(t, "note");
    let host = t.string("host");
    let terms = t
        .tables("terms")
        .iter()
        .filter_map(|term| {
            let value = term.need_string("value");
            let name = term.string("name");
            let when = read_condition(term, Role::Send);
            term.finish();
            Some(SpfTerm { value: value?, name, when })
        })
        .collect();
    t.finish();
    Some(Spf { needed: needed?, note, host, terms })
}

fn read_dkim(t: &Table<'_>) -> Option<Dkim> {
    let selector = t.need_string("selector");
    let host = t.string("host");
    let target = t.string("target");
    let value = t.string("value");
    let prefix = t.string("customer-key");
    let form = match (target, value, prefix) {
        (Some(target), None, None) => Some(DkimForm::Cname(target)),
        (None, Some(value), None) => Some(DkimForm::Txt(value)),
        (None, None, Some(prefix)) => Some(DkimForm::CustomerKey { prefix: prefix.value }),
        _ => {
            t.sink().push(
                Finding::error(
                    "template-dkim-form",
                    say!(en: "exactly one of `target`, `value`, `customer-key`", ja: "`target`・`value`・`customer-key` のどれか 1 つを書きます"),
                )
                .at(t.span, Text::default()),
            );
            None
        }
    };
    let vendor_check = t.string("vendor-check").map_or(Some(VendorCheck::Unknown), |w| t.meaning(&w, VENDOR_CHECK));
    let key_bits = t.number("key-bits", KEY_BITS_MAX).map(|n| n.value);
    let key_length = t.string("key-length").map_or(Some(KeyLength::Unknown), |w| t.meaning(&w, KEY_LENGTH));
    let find = both(t, "where");
    let ttl = read_ttl(t);
    let on_apply = read_on_apply(t);
    let when = read_condition(t, Role::Send);
    t.finish();
    Some(Dkim {
        find,
        ttl,
        on_apply,
        selector: selector?,
        host,
        form: form?,
        vendor_check: vendor_check?,
        key_bits,
        key_length: key_length?,
        when,
    })
}

fn read_record(t: &Table<'_>) -> Option<TemplateRecord> {
    let name = t.need_string("name");
    let at_site = t.boolean("at-site").is_some_and(|b| b.value);
    let rtype = t.need_string("type");
    let value = t.need_string("value");
    let purpose = t.need_string("purpose").and_then(|w| t.meaning(&w, PURPOSES));
    let optional = t.boolean("optional").is_some_and(|b| b.value);
    let ttl = read_ttl(t);
    let conflict = match (t.string("conflict"), t.string("conflict-prefix")) {
        (None, None) => None,
        (Some(word), None) => t.meaning(&word, CONFLICT).map(|()| TxtConflict::All),
        (None, Some(prefix)) => Some(TxtConflict::Prefix(prefix.value)),
        (Some(word), Some(_)) => {
            t.sink().push(
                Finding::error("template-conflict-form", say!(en: "`conflict` or `conflict-prefix`, not both", ja: "`conflict` と `conflict-prefix` は、どちらか 1 つだけ書きます"))
                    .at(word.span, Text::default()),
            );
            None
        }
    };
    let on_apply = read_on_apply(t);
    let when = read_condition(t, purpose.map_or(Role::Send, Purpose::role));
    t.finish();
    Some(TemplateRecord {
        name: name?,
        at_site,
        rtype: rtype?,
        value: value?,
        purpose: purpose?,
        optional,
        ttl,
        conflict,
        on_apply,
        when,
    })
}

fn read_redirect(t: &Table<'_>) -> Option<Redirect> {
    let name = t.need_string("name");
    let target = t.need_string("target");
    if !t.has("code") {
        t.missing("code");
    }
    let code = t.number("code", u64::from(u16::MAX)).and_then(|code| {
        let given = code.map(|n| n.to_string());
        t.meaning(&given, &[("301", 301), ("302", 302)])
    });
    let when = read_condition(t, Role::Web);
    t.finish();
    Some(Redirect { name: name?, target: target?, code: code?, when })
}

fn read_switch(t: &Table<'_>) -> Option<Switch> {
    let registrars = t.strings("registrars").into_iter().map(|r| r.value).collect();
    let parts =
        t.strings("parts").into_iter().filter(|p| t.meaning(p, SWITCH_PARTS).is_some()).map(|p| p.value).collect();
    let preset = t.boolean("preset").is_some_and(|p| p.value);
    let how = need_both(t, "how");
    let url = t.need_string("url");
    let date = t.need_string("date");
    let trust = t.need_string("confidence").and_then(|w| trust(t, &w));
    t.finish();
    Some(Switch { registrars, parts, preset, how: how?, url: url?.value, trust: trust?, date: date?.value })
}

fn read_retired(t: &Table<'_>) -> Option<Retired> {
    let (spf, dkim, mx) = (t.string("spf"), t.string("dkim"), t.string("mx"));
    let target = t.string("target").map(|s| s.value);
    let value = match (spf, dkim, mx) {
        (Some(spf), None, None) if target.is_none() => Some(RetiredValue::Spf(spf.value)),
        (None, Some(selector), None) => Some(RetiredValue::Dkim { selector: selector.value, target }),
        (None, None, Some(host)) if target.is_none() => Some(RetiredValue::Mx(host.value)),
        _ => {
            t.sink().push(
                Finding::error(
                    "template-retired-form",
                    say!(
                        en: "exactly one of `spf`, `mx`, or `dkim` with or without `target`",
                        ja: "`spf`・`mx`・`dkim`（`target` を添えてもよい）のどれか 1 つを書きます"
                    ),
                )
                .at(t.span, Text::default()),
            );
            None
        }
    };
    let replacement = t.string("replacement").map(|s| s.value).unwrap_or_default();
    let why = need_both(t, "why");
    t.finish();
    Some(Retired { value: value?, replacement, why: why? })
}

fn read_via(t: &Table<'_>) -> Option<Via> {
    let senders = t.strings("senders").into_iter().map(|s| s.value).collect();
    let (en, ja) = (t.need_string("en"), t.need_string("ja"));
    t.finish();
    Some(Via { senders, note: Text { en: en?.value, ja: ja?.value } })
}

fn read_recognise(t: &Table<'_>) -> Recognise {
    let only = both(t, "only");
    let list = |key| t.strings(key).into_iter().map(|s| s.value).collect();
    let found = Recognise {
        only,
        spf: list("spf"),
        dkim: list("dkim"),
        mx: list("mx"),
        targets: list("targets"),
        txt: list("txt"),
        name_servers: list("name-servers"),
    };
    t.finish();
    found
}
