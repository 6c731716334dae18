//! From a template and what the site says of it to what it wants, with every value filled in.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::{Finding, Span, Text, did_you_mean, excerpt};
use crate::say;
use crate::site::SenderUse;
use crate::toml_reader::At;
use crate::zone::{Name, Rdata, Rtype, Ttl};

use super::expressions::Engine;
use super::sender::{
    Condition, Dkim, DkimForm, Expression, Redirect, Role, Sender, TemplateRecord, Variable, identifier,
};
use super::variables;

/// What expansion needs to know of the site.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The sender's From domain.
    pub from: &'a Name,
    /// The site's domain.
    pub site: &'a Name,
    /// The sender alone has the web at its From domain.
    pub has_web: bool,
}

/// A DKIM selector, filled in.
#[derive(Clone, Debug)]
pub struct ExpandedDkim<'c> {
    /// The selector.
    pub selector: String,
    /// `<selector>._domainkey…`.
    pub owner: Name,
    /// The record, unless the customer's key makes it.
    pub record: Option<(Rtype, Rdata)>,
    /// The TTL that the template asks for.
    pub ttl: Option<Ttl>,
    /// What the template says of it.
    pub template: &'c Dkim,
}

/// A record, filled in.
#[derive(Clone, Debug)]
pub struct ExpandedRecord<'c> {
    /// Owner.
    pub name: Name,
    /// Type.
    pub rtype: Rtype,
    /// Data.
    pub rdata: Rdata,
    /// The TTL that the template asks for.
    pub ttl: Option<Ttl>,
    /// What the template says of it.
    pub template: &'c TemplateRecord,
}

impl ExpandedRecord<'_> {
    /// Whether it is a whole SPF record.
    #[must_use]
    pub fn is_spf(&self) -> bool {
        self.rtype == Rtype::TXT && crate::mail::spf::is_spf(&self.rdata.txt_joined())
    }
}

/// A web forwarding, filled in.
#[derive(Clone, Debug)]
pub struct ExpandedRedirect<'c> {
    /// The name that is forwarded.
    pub name: Name,
    /// Where to.
    pub target: String,
    /// What the template says of it.
    pub template: &'c Redirect,
}

/// What a sender wants.
#[derive(Clone, Debug)]
pub struct Expanded<'c> {
    /// The template.
    pub sender: &'c Sender,
    /// Variables in their normal form, as the output echoes them.
    pub values: Vec<(String, String)>,
    /// SPF terms that go where [`Spf::needed`](super::sender::Spf) says, in the template's order.
    pub spf: Vec<String>,
    /// SPF terms with the name that they belong to.
    pub spf_at: Vec<(Name, String)>,
    /// The Return-Path host, where it is another name than the From domain.
    pub return_path: Option<Name>,
    /// The Return-Path host is the From domain itself: that is what the customer gave to the service.
    pub return_path_is_from: bool,
    /// DKIM selectors.
    pub dkim: Vec<ExpandedDkim<'c>>,
    /// Other records.
    pub records: Vec<ExpandedRecord<'c>>,
    /// Web forwardings.
    pub redirects: Vec<ExpandedRedirect<'c>>,
}

/// Expands a template.
#[must_use]
pub fn expand<'c>(
    engine: &Engine,
    sender: &'c Sender,
    used: &SenderUse,
    place: Place<'_>,
    findings: &mut Vec<Finding>,
) -> Expanded<'c> {
    let mut expander = Expander {
        engine,
        sender,
        used,
        place,
        values: BTreeMap::new(),
        missing: BTreeSet::new(),
        asked: BTreeSet::new(),
        refused: BTreeSet::new(),
        blanks: BTreeMap::new(),
        choices: BTreeMap::new(),
        groups: used.groups.as_deref(),
        findings,
    };
    expander.say_host_required();
    expander.check_groups();
    expander.choose();
    expander.fill();
    let expanded = expander.run();
    expander.say_missing();
    expander.say_unused();
    expander.say_empty_roles();
    expanded
}

struct Expander<'c, 'a> {
    engine: &'a Engine,
    sender: &'c Sender,
    used: &'a SenderUse,
    place: Place<'a>,
    /// Expression name (`-` as `_`) → value.
    values: BTreeMap<String, String>,
    /// Variables that an active part needs and the site does not give.
    missing: BTreeSet<String>,
    /// Variables that active parts use.
    asked: BTreeSet<String>,
    /// Variables whose value was refused; they are not missing besides.
    refused: BTreeSet<String>,
    /// Variables with `""`: not filled in yet, which matters only where a part in use needs them. With the blank's place.
    blanks: BTreeMap<String, Span>,
    choices: BTreeMap<String, String>,
    /// The groups that are used; absent = all.
    groups: Option<&'a [At<String>]>,
    findings: &'a mut Vec<Finding>,
}

/// How much a variable is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Records that need it are left out if it is not given, or it has a usual value.
    May,
    /// Without it the site can't be built.
    Must,
}

/// How a variable is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// How much.
    pub need: Need,
    /// If only parts need it whose alternative is still open: with which choices, as the site writes them.
    pub only_with: Vec<String>,
}

/// Which of a sender's variables are needed with these roles and choices, by name. Of an alternative without a choice every form counts.
#[must_use]
pub fn needs(
    engine: &Engine,
    sender: &Sender,
    roles: &[Role],
    choices: &BTreeMap<&str, &str>,
) -> BTreeMap<String, Needed> {
    let mut out: BTreeMap<String, Needed> = BTreeMap::new();
    let optional = |e: &Expression| {
        let used = engine.variables(&e.value).unwrap_or_default();
        sender.variables.iter().any(|v| v.optional && used.contains(&v.identifier()))
    };
    // Where all that a role has hangs on values that may be left out, who has the role needs them all the same. To receive takes an MX.
    let is_open = |role: Role| {
        let of =
            sender.records.iter().filter(|r| r.when.role == role && (role != Role::Receive || r.rtype.value == "MX"));
        let mut of = of.peekable();
        role != Role::Send && of.peek().is_some() && of.all(|r| optional(&r.value) || optional(&r.name))
    };
    for (expression, when) in sender.expressions() {
        let chosen = |(name, choice): (&String, &String)| choices.get(name.as_str()).is_none_or(|c| c == choice);
        if !roles.contains(&when.role) || !when.choice.iter().all(chosen) {
            continue;
        }
        let open = when.choice.iter().filter(|(name, _)| !choices.contains_key(name.as_str()));
        let open: Vec<String> = open.map(|(name, choice)| format!("{name} = \"{choice}\"")).collect();
        let open = (!open.is_empty()).then(|| open.join(", "));
        for id in engine.variables(&expression.value).unwrap_or_default() {
            let declared = sender.all_variables().find(|v| v.identifier() == id);
            let Some(variable) = declared else { continue };
            // As in `evaluate`: what only one of several forms needs is optional, and needed in that form.
            let spare = variable.optional && when.choice.is_empty() && !is_open(when.role);
            let may = variable.default.is_some() || spare;
            let need = if may { Need::May } else { Need::Must };
            match (out.get_mut(&variable.name), &open) {
                (None, _) => {
                    let only_with = open.iter().cloned().collect();
                    out.insert(variable.name.clone(), Needed { need, only_with });
                }
                (Some(known), open) => {
                    known.need = known.need.max(need);
                    match open {
                        // A part without a condition needs it whatever is chosen.
                        None => known.only_with.clear(),
                        Some(with) if !known.only_with.is_empty() && !known.only_with.contains(with) => {
                            known.only_with.push(with.clone());
                        }
                        Some(_) => {}
                    }
                }
            }
        }
    }
    // What every choice needs hangs on none.
    let every = |with: &[String]| {
        let all = |a: &super::sender::Alternative| {
            a.choices.iter().all(|(choice, _)| with.iter().any(|w| *w == format!("{} = \"{choice}\"", a.name)))
        };
        sender.alternatives.iter().any(all)
    };
    for needed in out.values_mut().filter(|n| every(&n.only_with)) {
        needed.only_with.clear();
    }
    out
}

impl<'c> Expander<'c, '_> {
    /// A mistake at a place in site.toml about this company; the caller completes and pushes it.
    fn wrong(&self, id: &'static str, span: Span, title: Text) -> Finding {
        Finding::error(id, title).at(span, Text::default()).panel(self.sender.name.clone())
    }

    /// Which of the alternatives apply.
    fn choose(&mut self) {
        let sender = self.sender;
        for (name, (span, given)) in self.used.options.clone() {
            let company = &sender.name;
            let Some(alternative) = sender.alternatives.iter().find(|a| a.name == name) else {
                let shown = excerpt(&name, 40);
                let known = sender.alternatives.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ");
                let title = say!(en: "{company} has no option `{shown}`", ja: "{company}に `{shown}` という選択肢はありません"; company = company);
                let mut finding = self.wrong("site-unknown-option", span, title);
                if let Some(near) = did_you_mean(&name, sender.alternatives.iter().map(|a| a.name.as_str())) {
                    finding = finding.next(say!(en: "did you mean `{near}`?", ja: "`{near}` ではありませんか")).fix(
                        say!(en: "write `{near}`", ja: "`{near}` に直す"),
                        span,
                        near,
                    );
                } else if !known.is_empty() {
                    finding = finding.next(say!(en: "options here: {known}", ja: "使える選択肢: {known}"));
                }
                self.findings.push(finding);
                continue;
            };
            if alternative.choices.iter().any(|(c, _)| *c == given.value) {
                self.choices.insert(name, given.value);
                continue;
            }
            // Not chosen yet.
            if given.value.is_empty() {
                continue;
            }
            let shown = excerpt(&given.value, 40);
            let list = alternative.choices.iter().map(|(c, _)| c.as_str()).collect::<Vec<_>>().join(", ");
            let title = say!(en: "`{name}` is one of {list}, not `{shown}`", ja: "`{name}` は {list} のどれかです（いまは `{shown}`）");
            self.findings.push(self.wrong("site-unknown-option", given.span, title));
        }
        for alternative in &sender.alternatives {
            if self.choices.contains_key(&alternative.name) {
                continue;
            }
            if let Some(default) = &alternative.default {
                self.choices.insert(alternative.name.clone(), default.clone());
                continue;
            }
            let given = self.used.options.get(&alternative.name);
            let blank = given.filter(|(_, choice)| choice.value.is_empty()).map(|(_, choice)| choice.span);
            if (given.is_some() && blank.is_none()) || !sender.is_decided_by(&alternative.name, &self.used.roles()) {
                continue;
            }
            let (name, what, company) = (&alternative.name, &alternative.what, &sender.name);
            let mut finding = Finding::error(
                "site-missing-option",
                say!(en: "{company} has more than one form: {what}", ja: "{company}には複数の形があります: {what}"; company = company, what = what),
            )
            .at(blank.unwrap_or(self.used.provider.span), Text::default());
            finding = finding.next(say!(
                en: "look which of them its panel shows, and write that one",
                ja: "管理画面に出ているのがどれかを見て、その 1 つを書いてください"
            ));
            for (choice, meaning) in &alternative.choices {
                finding = finding.note(
                    crate::report::NoteKind::Note,
                    say!(
                        en: "options = {{ {name} = \"{choice}\" }}   {meaning}",
                        ja: "options = {{ {name} = \"{choice}\" }}   {meaning}"; meaning = meaning
                    ),
                );
            }
            self.findings.push(finding);
        }
    }

    /// The values: built-in ones, the site's in their normal form, defaults.
    fn fill(&mut self) {
        let sender = self.sender;
        self.values.insert("domain".into(), self.place.from.display_without_dot().to_string().to_lowercase());
        self.values.insert("site".into(), self.place.site.display_without_dot().to_string().to_lowercase());
        let host = self.place.from.relative_to(self.place.site).filter(|_| self.place.from != self.place.site);
        self.values.insert("host".into(), host.unwrap_or_default().to_lowercase());
        for (key, value) in &self.used.variables {
            match sender.variables.iter().find(|v| v.name == key.value) {
                Some(variable) => match value {
                    Some(value) => self.take(variable, &value.value, value.span),
                    None => {
                        self.refused.insert(variable.identifier());
                    }
                },
                None => self.unknown(key.value.as_str(), key.span),
            }
        }
        if let Some(given) = &self.used.mail_from {
            match &sender.mail_from {
                Some(variable) => self.take(variable, &given.value, given.span),
                // Any sender may be told its Return-Path host; it then counts for alignment.
                None => self.take(&generic_mail_from(), &given.value, given.span),
            }
        }
        for variable in sender.all_variables() {
            let id = variable.identifier();
            if let (Some(default), false, false) =
                (&variable.default, self.values.contains_key(&id), self.refused.contains(&id))
            {
                self.values.insert(id, default.clone());
            }
        }
    }

    fn take(&mut self, variable: &Variable, value: &str, span: Span) {
        if value.is_empty() {
            self.blanks.insert(variable.identifier(), span);
            return;
        }
        // A name in the user's own script becomes what DNS holds.
        match variables::normal(variable, value) {
            Ok(normal) => {
                self.values.insert(variable.identifier(), normal);
            }
            Err(why) => {
                let (find, example, name) = (&variable.find, excerpt(&variable.example, 60), &variable.name);
                let finding = self
                    .wrong("site-variable-form", span, why)
                    .next(say!(en: "it is shown at: {find}", ja: "表示される場所: {find}"; find = find))
                    .next(say!(en: "for example: {name} = \"{example}\"", ja: "例: {name} = \"{example}\""));
                self.findings.push(finding);
                self.refused.insert(identifier(name));
            }
        }
    }

    fn unknown(&mut self, key: &str, span: Span) {
        let sender = self.sender;
        let company = &sender.name;
        let shown = excerpt(key, 40);
        let own = sender.variables.iter().map(|v| v.name.as_str());
        let fixed = super::sender::RESERVED.iter().copied().filter(|r| !matches!(*r, "options" | "id"));
        let near = did_you_mean(key, own.clone().chain(fixed)).map(str::to_owned);
        // The slip is the mistake; that the right word is missing besides is not.
        self.refused.extend(near.as_deref().map(identifier));
        let list = own.collect::<Vec<_>>().join(", ");
        let finding = self.wrong(
            "site-unknown-key",
            span,
            say!(en: "{company} has no `{shown}`", ja: "{company}に `{shown}` という項目はありません"; company = company),
        );
        let finding = match near {
            Some(near) => finding
                .next(say!(en: "did you mean `{near}`?", ja: "`{near}` ではありませんか"))
                .fix(say!(en: "write `{near}`", ja: "`{near}` に直す"), span, near.clone()),
            None if list.is_empty() => {
                finding.next(say!(en: "it needs no value of yours; remove the line", ja: "入力する値はありません。この行を消してください"))
            }
            None => finding.next(say!(en: "it takes: {list}", ja: "使える項目: {list}")),
        };
        self.findings.push(finding);
    }

    /// Some services work only below the domain.
    fn say_host_required(&mut self) {
        if !self.sender.host_required || self.place.from != self.place.site {
            return;
        }
        let (company, site) = (&self.sender.name, self.place.site.display_without_dot());
        let title = say!(en: "{company} works only below {site}, not at {site} itself", ja: "{company}は、{site} そのものではなく、その下の名前でだけ使えます"; company = company);
        let finding = self.wrong("site-host-required", self.used.provider.span, title).next(say!(
            en: "say below which name: subdomain = \"news\" (for news.{site})",
            ja: "使う名前を書いてください: subdomain = \"news\"（news.{site} になります）"
        ));
        self.findings.push(finding);
    }

    /// Whether the site's groups are the template's. Where one of them is not, none is known, so that one slip is one message.
    fn check_groups(&mut self) {
        let sender = self.sender;
        let known = || sender.groups.iter().map(|(name, _)| name.as_str());
        for group in self.used.groups.iter().flatten() {
            if known().any(|k| k == group.value) {
                continue;
            }
            self.groups = None;
            let (company, shown) = (&sender.name, excerpt(&group.value, 40));
            let title = say!(en: "{company} has no group `{shown}`", ja: "{company}に `{shown}` というグループはありません"; company = company);
            let mut finding = self.wrong("site-unknown-group", group.span, title);
            if let Some(near) = did_you_mean(&group.value, known()) {
                finding = finding.next(say!(en: "did you mean `{near}`?", ja: "`{near}` ではありませんか")).fix(
                    say!(en: "write `{near}`", ja: "`{near}` に直す"),
                    group.span,
                    format!("\"{near}\""),
                );
            } else if sender.groups.is_empty() {
                finding = finding.next(say!(en: "remove the line; its records are in no groups", ja: "この行を消してください（グループの分け方はありません）"));
            } else {
                let list = known().collect::<Vec<_>>().join(", ");
                finding = finding.next(say!(en: "groups here: {list}", ja: "使えるグループ: {list}"));
            }
            self.findings.push(finding);
        }
    }

    /// Whether the site uses the group of a part.
    fn has_group(&self, when: &Condition) -> bool {
        self.groups.is_none_or(|groups| when.in_groups(groups))
    }

    /// Whether a part applies.
    fn applies(&self, when: &Condition) -> bool {
        self.used.has_role(when.role)
            && self.has_group(when)
            && when.if_web.is_none_or(|web| web == self.place.has_web)
            && when.choice.iter().all(|(name, choice)| self.choices.get(name) == Some(choice))
    }

    /// The value of an expression; none if it needs a variable that is optional and not given, or one that is missing.
    fn evaluate(&mut self, expression: &Expression, when: Option<&Condition>) -> Option<String> {
        // Optional is what only one of several forms needs; once the site has chosen that form, it is needed.
        let chosen = when.is_some_and(|w| w.choice.keys().any(|k| self.used.options.contains_key(k)));
        let needed = self.engine.variables(&expression.value).unwrap_or_default();
        let (mut ready, mut left_out) = (true, false);
        for name in needed {
            self.asked.insert(name.clone());
            if self.values.contains_key(&name) {
                continue;
            }
            let declared = self.sender.all_variables();
            // A blank is there to be filled in.
            let may = !chosen && !self.blanks.contains_key(&name);
            let optional = may && declared.clone().any(|v| v.identifier() == name && v.optional);
            // A default filter answers for a variable that nobody declared, and for one that is optional and not given.
            let known = declared.clone().any(|v| v.identifier() == name);
            let refused = self.refused.contains(&name);
            if known && optional && !refused {
                left_out = true;
            } else if known {
                ready = false;
                if !refused {
                    self.missing.insert(name);
                }
            }
        }
        if !ready {
            return None;
        }
        match self.engine.evaluate(&expression.value, &self.values) {
            Ok(value) => Some(value),
            Err(_) if left_out => None,
            Err(message) => {
                self.broken(&expression.value, &Text::same(message));
                None
            }
        }
    }

    /// The template itself is at fault, or the values do not go together (a name that becomes too long).
    fn broken(&mut self, what: &str, why: &Text) {
        let (company, what) = (&self.sender.name, excerpt(what, 80));
        let title = say!(
            en: "{company}: `{what}` gives no valid record: {why}",
            ja: "{company}: `{what}` が正しいレコードになりません: {why}"; company = company, why = why
        );
        self.findings.push(self.wrong("site-expansion", self.used.provider.span, title));
    }

    /// A name below the From domain (or the site's domain); one with a final dot is whole.
    fn name(&mut self, text: &str, base: &Name) -> Option<Name> {
        if text.ends_with('.') && text.len() > 1 {
            let whole = Name::parse_absolute(text).ok().filter(|n| n.label_count() > 1);
            match whole {
                Some(whole) if whole.is_subdomain_of(self.place.site) => return Some(whole),
                Some(_) => {
                    let site = self.place.site.display_without_dot();
                    self.broken(text, &say!(en: "it is outside {site}", ja: "{site} の外の名前です"));
                    return None;
                }
                None => {}
            }
        }
        let text = text.trim_end_matches('.');
        if text == "@" || text.is_empty() {
            return Some(base.clone());
        }
        // People give a Return-Path host in full as well as relative.
        let absolute = Name::parse_absolute(text);
        let name = match absolute {
            Ok(name) if name.is_subdomain_of(base) => Ok(name),
            Ok(name) => name.join(base),
            Err(error) => Err(error),
        };
        match name {
            Ok(name) => Some(name),
            Err(error) => {
                self.broken(text, &error.text());
                None
            }
        }
    }

    fn run(&mut self) -> Expanded<'c> {
        let sender = self.sender;
        let from = self.place.from.clone();
        let site = self.place.site.clone();
        let (mut spf, mut spf_at) = (Vec::new(), Vec::new());
        for term in &sender.spf.terms {
            if !self.applies(&term.when) {
                continue;
            }
            let name = match &term.name {
                Some(name) => self.evaluate(name, Some(&term.when)).and_then(|name| self.name(&name, &from)),
                None => None,
            };
            match (&term.name, name, self.evaluate(&term.value, Some(&term.when))) {
                (None, _, Some(value)) => spf.push(value),
                (Some(_), Some(name), Some(value)) => spf_at.push((name, value)),
                _ => {}
            }
        }
        // Without the group that puts its SPF there, the host is not asked for.
        let mut terms = sender.spf.terms.iter().filter(|t| t.name.is_none()).peekable();
        let wanted = terms.peek().is_none() || terms.any(|t| self.has_group(&t.when));
        let sends = wanted && self.used.has_role(super::sender::Role::Send);
        let host = match (&sender.spf.host, self.values.get("mail_from").cloned()) {
            (Some(host), _) if sends => self.evaluate(host, None),
            (None, Some(given)) if sends => Some(given),
            _ => None,
        };
        let host = host.and_then(|h| self.name(&h, &from));
        let return_path_is_from = host.as_ref() == Some(&from);
        let return_path = host.filter(|n| *n != from);
        let mut dkim = Vec::new();
        for entry in &sender.dkim {
            if self.applies(&entry.when) {
                dkim.extend(self.dkim(entry, &from));
            }
        }
        let mut records = Vec::new();
        for entry in &sender.records {
            if self.applies(&entry.when) {
                records.extend(self.record(entry, if entry.at_site { &site } else { &from }));
            }
        }
        let mut redirects = Vec::new();
        for entry in &sender.redirects {
            if self.applies(&entry.when) {
                redirects.extend(self.redirect(entry, &from));
            }
        }
        let values = sender
            .all_variables()
            .filter_map(|v| Some((v.name.clone(), self.values.get(&v.identifier())?.clone())))
            .collect();
        Expanded { sender, values, spf, spf_at, return_path, return_path_is_from, dkim, records, redirects }
    }

    fn redirect(&mut self, entry: &'c Redirect, from: &Name) -> Option<ExpandedRedirect<'c>> {
        let name = self.evaluate(&entry.name, Some(&entry.when))?;
        let name = self.name(&name, from)?;
        let target = self.evaluate(&entry.target, Some(&entry.when))?;
        Some(ExpandedRedirect { name, target, template: entry })
    }

    /// A TTL that is none is told; the record stays, with the TTL of those that ask for none.
    fn ttl(&mut self, entry: Option<&Expression>, when: &Condition) -> Option<Ttl> {
        let text = self.evaluate(entry?, Some(when))?;
        match Ttl::parse(&text) {
            Ok(ttl) => Some(ttl),
            Err(error) => {
                self.broken(&text, &error.text());
                None
            }
        }
    }

    fn dkim(&mut self, entry: &'c Dkim, from: &Name) -> Option<ExpandedDkim<'c>> {
        // All of it before anything is given up, so that all that is missing is told at once.
        let selector = self.evaluate(&entry.selector, Some(&entry.when));
        let host = entry.host.as_ref().map(|host| self.evaluate(host, Some(&entry.when)));
        let value = match &entry.form {
            DkimForm::CustomerKey { .. } => None,
            DkimForm::Txt(value) => Some((Rtype::TXT, self.evaluate(value, Some(&entry.when)))),
            DkimForm::Cname(target) => Some((Rtype::CNAME, self.evaluate(target, Some(&entry.when)))),
        };
        let selector = selector?;
        let base = match host {
            Some(host) => self.name(&host?, from)?,
            None => from.clone(),
        };
        let owner = self.name(&format!("{selector}._domainkey"), &base)?;
        let record = match value {
            Some((rtype, value)) => Some((rtype, self.rdata(rtype, &value?)?)),
            None => None,
        };
        let ttl = self.ttl(entry.ttl.as_ref(), &entry.when);
        Some(ExpandedDkim { selector, owner, record, ttl, template: entry })
    }

    fn record(&mut self, entry: &'c TemplateRecord, base: &Name) -> Option<ExpandedRecord<'c>> {
        // Both, so that all that is missing is told at once.
        let (name, value) =
            (self.evaluate(&entry.name, Some(&entry.when)), self.evaluate(&entry.value, Some(&entry.when)));
        let (name, value) = (name?, value?);
        let name = self.name(&name, base)?;
        let Ok(rtype) = entry.rtype.value.parse::<Rtype>() else {
            let shown = entry.rtype.value.clone();
            self.broken(&shown, &say!(en: "not a record type", ja: "レコード種別ではありません"));
            return None;
        };
        let rdata = self.rdata(rtype, &value)?;
        let ttl = self.ttl(entry.ttl.as_ref(), &entry.when);
        Some(ExpandedRecord { name, rtype, rdata, ttl, template: entry })
    }

    /// Names in templates are absolute; a TXT is its text.
    fn rdata(&mut self, rtype: Rtype, value: &str) -> Option<Rdata> {
        let read = if rtype == Rtype::TXT {
            Rdata::txt(value.as_bytes())
        } else {
            Rdata::parse(rtype, value, Some(&Name::root()))
        };
        match read {
            Ok(rdata) => Some(rdata),
            Err(error) => {
                self.broken(value, &error.text);
                None
            }
        }
    }

    fn say_missing(&mut self) {
        let sender = self.sender;
        for variable in sender.all_variables() {
            if !self.missing.contains(&variable.identifier()) {
                continue;
            }
            let (company, name, what) = (&sender.name, &variable.name, &variable.what);
            let (find, example) = (&variable.find, excerpt(&variable.example, 60));
            let blank = self.blanks.get(&identifier(name)).copied();
            let next = match blank {
                Some(_) => say!(
                    en: "fill in the blank: {name} = \"…\" (for example {example}; where to look: {find})",
                    ja: "空欄に書いてください: {name} = \"…\"（例: {example}。見る所: {find}）"; find = find
                ),
                None => say!(
                    en: "add to this sender: {name} = \"…\" (for example {example}; where to look: {find})",
                    ja: "この [[sender]] に足してください: {name} = \"…\"（例: {example}。見る所: {find}）"; find = find
                ),
            };
            let mut finding = Finding::error(
                "site-missing-variable",
                say!(en: "{company} needs `{name}`: {what}", ja: "{company}には `{name}`（{what}）が必要です"; company = company, what = what),
            )
            .at(blank.unwrap_or(self.used.provider.span), Text::default())
            .panel(sender.name.clone())
            .next(next);
            if blank.is_some() && variable.optional {
                finding = finding.next(say!(
                    en: "if its panel shows none, remove the line",
                    ja: "画面に出ていなければ、この行を消してください"
                ));
            }
            self.findings.push(finding);
        }
    }

    /// A role for which the template has nothing does nothing; whoever wrote it expects something.
    fn say_empty_roles(&mut self) {
        use super::sender::{ROLES, Role};
        let sender = self.sender;
        for role in self.used.roles.iter().flatten() {
            let has = sender.records.iter().any(|r| r.when.role == role.value);
            // Sending and the web change what other parts mean, even where they have no records.
            if has || matches!(role.value, Role::Send | Role::Web) {
                continue;
            }
            let (company, word) = (&sender.name, ROLES.iter().find(|(_, r)| *r == role.value).map_or("", |(w, _)| *w));
            self.findings.push(
                Finding::warning(
                    "sender-role-empty",
                    say!(en: "{company}: no records are known for the role \"{word}\"", ja: "{company}: 役割 \"{word}\" のレコードは分かっていません"; company = company),
                )
                .at(role.span, Text::default())
                .panel(company.clone())
                .next(say!(
                    en: "if its panel shows records, enter them as [[record]]; else remove the role",
                    ja: "管理画面にレコードが出ていれば [[record]] に書いてください。なければ、この役割を消します"
                )),
            );
        }
    }

    /// A value that no part in use needs is no mistake, but it may be a forgotten role.
    fn say_unused(&mut self) {
        for (key, _) in &self.used.variables {
            let id = identifier(&key.value);
            let declared = self.sender.variables.iter().any(|v| v.name == key.value);
            let open = self.refused.contains(&id) || self.blanks.contains_key(&id);
            if declared && !self.asked.contains(&id) && !open {
                let name = &key.value;
                let title = match &self.used.groups {
                    None => {
                        say!(en: "`{name}` is not needed with these roles and options", ja: "いまの roles と options では `{name}` は使われません")
                    }
                    Some(_) => {
                        say!(en: "`{name}` is not needed with these roles and groups", ja: "いまの roles と groups では `{name}` は使われません")
                    }
                };
                self.findings.push(
                    Finding::warning("site-variable-unused", title)
                    .at(key.span, Text::default())
                    .next(say!(en: "remove the line, or add the role that needs it", ja: "この行を消すか、必要な役割（roles）を足してください")),
                );
            }
        }
    }
}

/// `mail-from` for a sender whose template declares none.
fn generic_mail_from() -> Variable {
    Variable {
        name: "mail-from".into(),
        what: say!(en: "Return-Path host", ja: "Return-Path のホスト名"),
        find: say!(en: "the sender's panel (custom bounce or Return-Path domain)", ja: "利用サービスの画面（Return-Path / バウンス用ドメイン）"),
        example: "bounce".into(),
        kind: super::sender::VariableKind::Host,
        accepts: None,
        normal: None,
        default: None,
        optional: true,
        may_be_empty: false,
    }
}
