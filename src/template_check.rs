//! What is wrong with a template: what its reader finds, what contradicts itself, what lacks a source, and what comes of it with its own
//! examples. For authors of templates and for the tests of the catalogue.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::civil::Date;

use crate::build::{Overrides, Run, build};
use crate::catalogue::facts::{Evidence, stale_from};
use crate::catalogue::registrar::Registrar;
use crate::catalogue::sender::{BUILT_IN, Condition, DkimForm, Purpose, RetiredValue, Sender};
use crate::catalogue::{Catalogue, OwnTemplate, TemplateKind, head_line, recognise, variables};
use crate::compose::RrSet;
use crate::render::{self, Complete, Input};
use crate::report::{Finding, Lang, Severity, Sources, Span, Text, excerpt, visible};
use crate::say;
use crate::site::InMemory;
use crate::site::draft::{choices, sample_site};
use crate::toml_reader::{Sink, Table, parse};
use crate::zone::{Name, Rtype};

/// How many combinations of choices are expanded; the catalogue's templates have at most 12.
const LIMIT_CHOICES: usize = 64;

/// What a check gave.
#[derive(Debug, Default)]
pub struct Checked {
    /// What is wrong, at its place in the template.
    pub findings: Vec<Finding>,
    /// The texts that findings point into.
    pub sources: Sources,
    /// What the template says of itself: its id and kind, if it could be read.
    pub id: Option<(TemplateKind, String)>,
    /// Whole zones of example.com, one for each combination of choices: the choices in words, and the zone's text.
    pub zones: Vec<(String, String)>,
}

/// What a template's text is: a Domain Connect template by its file's name, a registrar's because only those say in which country the
/// company is.
#[must_use]
pub fn kind_of(path: &str, text: &str) -> TemplateKind {
    if path.ends_with(".json") {
        return TemplateKind::DomainConnect;
    }
    match head_line(text, "country") {
        Some(_) => TemplateKind::Registrar,
        None => TemplateKind::Sender,
    }
}

/// Checks the template at `path`. `today` is asked for the age of sources; absent = they have none.
#[must_use]
pub fn check(path: &str, text: String, catalogue: &Catalogue, today: Option<Date>) -> Checked {
    let kind = kind_of(path, &text);
    let mut checked = Checked::default();
    let own = vec![OwnTemplate { path: path.to_owned(), kind, called: Vec::new(), text: text.clone() }];
    let (mut findings, mut sources) = (Vec::new(), Sources::default());
    let with_own = catalogue.with_own(own, &mut sources, &mut findings);
    // That it stands in front of another of its id is what a template of the catalogue itself always does.
    findings.retain(|f| f.id != "own-template-shadows");
    let broken = findings.iter().any(|f| f.severity == Severity::Error);
    checked.findings = findings;
    if !broken {
        let spots = Spots::of(&text, &sources);
        let mut judge = Judge { catalogue, with_own: &with_own, spots, checked: &mut checked };
        match kind {
            TemplateKind::Sender | TemplateKind::DomainConnect => {
                if let Some(sender) = with_own.senders().find(|s| with_own.own_path(kind, &s.id) == Some(path)) {
                    judge.sender(path, kind, sender, today);
                }
            }
            TemplateKind::Registrar => {
                if let Some(registrar) = with_own.registrars().find(|r| with_own.own_path(kind, &r.id) == Some(path)) {
                    judge.registrar(path, registrar, today);
                }
            }
        }
    }
    checked.sources = sources;
    checked.findings.sort_by_key(|f| f.primary().map_or(0, |s| s.start));
    checked
}

/// Where the keys of a template stand.
struct Spots {
    top: Span,
    by_path: BTreeMap<String, Span>,
}

impl Spots {
    /// Of the only text in `sources`.
    fn of(text: &str, sources: &Sources) -> Self {
        let mut by_path = BTreeMap::new();
        let file = sources.first();
        let sink = Sink::new(file);
        parse(text, &sink, |table| walk(table, "", &mut by_path, 3));
        Self { top: Span::new(file, 0..0), by_path }
    }

    /// The place of a key such as `variable.server`; the file's beginning if it is not there.
    fn at(&self, path: &str) -> Span {
        self.by_path.get(path).copied().unwrap_or(self.top)
    }
}

fn walk(table: &Table<'_>, above: &str, found: &mut BTreeMap<String, Span>, depth: usize) {
    for (key, value) in table.entries() {
        let path = if above.is_empty() { key.value.to_owned() } else { format!("{above}.{}", key.value) };
        found.entry(path.clone()).or_insert(key.span);
        if let Some(inner) = value.table().filter(|_| depth > 0) {
            walk(&inner, &path, found, depth - 1);
        }
    }
}

struct Judge<'c> {
    /// The catalogue without the template.
    catalogue: &'c Catalogue,
    with_own: &'c Catalogue,
    spots: Spots,
    checked: &'c mut Checked,
}

impl Judge<'_> {
    fn push(&mut self, finding: Finding, at: Span) {
        self.checked.findings.push(finding.at(at, Text::default()));
    }

    fn sender(&mut self, path: &str, kind: TemplateKind, sender: &Sender, today: Option<Date>) {
        self.checked.id = Some((kind, sender.id.clone()));
        // The name, sources and dates of a Domain Connect template follow from the file.
        if kind == TemplateKind::Sender {
            self.file_name(path, &sender.id);
            let names = [&sender.name.en, &sender.name.ja].into_iter().chain(&sender.aliases);
            let others =
                |name: &String| self.catalogue.sender(name).filter(|s| s.id != sender.id).map(|s| s.id.clone());
            let taken = names.filter_map(|n| others(n).map(|id| (n.clone(), id))).collect();
            self.names(taken);
            self.sourced(sender);
            self.age(&sender.sources, today);
        }
        self.variables(sender);
        self.expressions(sender);
        self.choices(sender);
        self.ids(sender);
        self.patterns(sender);
        self.retired(sender);
        self.expansions(sender);
    }

    fn registrar(&mut self, path: &str, registrar: &Registrar, today: Option<Date>) {
        self.checked.id = Some((TemplateKind::Registrar, registrar.id.clone()));
        self.file_name(path, &registrar.id);
        let names = [&registrar.name.en, &registrar.name.ja].into_iter().chain(&registrar.aliases);
        let others =
            |name: &String| self.catalogue.registrar(name).filter(|r| r.id != registrar.id).map(|r| r.id.clone());
        let taken = names.filter_map(|n| others(n).map(|id| (n.clone(), id))).collect();
        self.names(taken);
        for id in registrar
            .name_servers
            .shared_with
            .iter()
            .filter(|id| self.with_own.registrar(id).is_none_or(|r| r.id != **id))
        {
            self.push(unknown_id("registrar", id), self.spots.at("name-servers.shared-with"));
        }
        for pattern in registrar.name_servers.patterns.iter().filter(|p| regex_lite::Regex::new(p).is_err()) {
            self.push(not_a_pattern(pattern), self.spots.at("name-servers.patterns"));
        }
        self.age(&registrar.sources, today);
    }

    /// The id is the file's name, so that nobody has to look into a file to know which it is.
    fn file_name(&mut self, path: &str, id: &str) {
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let stem = file.strip_suffix(".toml").unwrap_or(file);
        if stem != id {
            let (id, stem) = (excerpt(id, 60), excerpt(stem, 60));
            let title = say!(en: "the id is `{id}`, the file is called `{stem}`", ja: "id は `{id}` ですが、ファイル名は `{stem}` です");
            self.push(Finding::error("template-file-name", title), self.spots.at("id"));
        }
    }

    fn names(&mut self, taken: Vec<(String, String)>) {
        for (name, other) in taken {
            let name = excerpt(&name, 60);
            let title = say!(en: "“{name}” already means `{other}`", ja: "「{name}」は `{other}` の名前です");
            let finding = Finding::error("template-name-taken", title)
                .next(say!(en: "leave it out of `aliases`, or call it otherwise", ja: "`aliases` から外すか、別の名前にしてください"));
            self.push(finding, self.spots.at("aliases"));
        }
    }

    fn variables(&mut self, sender: &Sender) {
        for variable in sender.all_variables() {
            let name = &variable.name;
            let at = match sender.variables.iter().any(|v| v.name == *name) {
                true => self.spots.at(&format!("variable.{name}")),
                false => self.spots.at("mail-from"),
            };
            if let Some(pattern) = variable.accepts.as_ref().filter(|p| !p.is_sound()) {
                self.push(not_a_pattern(pattern.text()), at);
                continue;
            }
            match variables::normal(variable, &variable.example) {
                Err(why) => {
                    let title = say!(en: "`{name}` refuses its own example: {why}", ja: "`{name}` が自分の例を受け付けません: {why}"; why = why);
                    self.push(Finding::error("template-example-refused", title), at);
                }
                Ok(normal) => match variables::normal(variable, &normal) {
                    Ok(again) if again == normal => {}
                    again => {
                        let again = again.map_or_else(|why| why, Text::same);
                        let normal = excerpt(&normal, 60);
                        let title = say!(
                            en: "the normal form of `{name}` is not its own: {normal} becomes: {again}",
                            ja: "`{name}` を整えた形が、もう一度整えると変わります: {normal} → {again}"; again = again
                        );
                        self.push(Finding::error("template-normal-form", title), at);
                    }
                },
            }
            if let Some(default) = &variable.default
                && let Err(why) = variables::normal(variable, default)
            {
                let title = say!(en: "`{name}` refuses its own default: {why}", ja: "`{name}` が自分の初期値を受け付けません: {why}"; why = why);
                self.push(Finding::error("template-example-refused", title), at);
            }
        }
    }

    /// Every expression: its variables are declared, its filters are there, and each variable is used by one.
    fn expressions(&mut self, sender: &Sender) {
        let declared: BTreeSet<String> = sender.all_variables().map(|v| v.identifier()).collect();
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        // Any sender may be told its Return-Path host.
        for name in BUILT_IN.iter().chain(&["mail_from"]) {
            values.insert((*name).to_owned(), "example.com".to_owned());
        }
        for variable in sender.all_variables() {
            let normal = variables::normal(variable, &variable.example);
            values.insert(variable.identifier(), normal.unwrap_or_else(|_| variable.example.clone()));
        }
        let mut used = BTreeSet::new();
        for (expression, _) in sender.expressions() {
            let shown = excerpt(&expression.value, 80);
            let names = match self.catalogue.engine().variables(&expression.value) {
                Ok(names) => names,
                Err(why) => {
                    let why = excerpt(&why, 200);
                    let title =
                        say!(en: "`{shown}` is no expression: {why}", ja: "`{shown}` は式として読めません: {why}");
                    self.push(Finding::error("template-expression", title), expression.span);
                    continue;
                }
            };
            let unknown: Vec<&String> =
                names.iter().filter(|n| !declared.contains(*n) && !values.contains_key(n.as_str())).collect();
            for name in &unknown {
                let name = name.replace('_', "-");
                let title = say!(en: "`{name}` is no variable of this template", ja: "`{name}` という変数は、この設定データにありません");
                let finding = Finding::error("template-undeclared-variable", title)
                    .next(say!(en: "declare it: [variable.{name}]", ja: "宣言してください: [variable.{name}]"));
                self.push(finding, expression.span);
            }
            if unknown.is_empty()
                && let Err(why) = self.catalogue.engine().evaluate(&expression.value, &values)
            {
                let why = excerpt(&why, 200);
                let title = say!(en: "`{shown}` can't be evaluated: {why}", ja: "`{shown}` を計算できません: {why}");
                self.push(Finding::error("template-expression", title), expression.span);
            }
            used.extend(names);
        }
        for variable in sender.variables.iter().filter(|v| !used.contains(&v.identifier())) {
            let name = &variable.name;
            let title = say!(en: "nothing uses `{name}`", ja: "`{name}` はどこにも使われていません");
            self.push(Finding::warning("template-unused-variable", title), self.spots.at(&format!("variable.{name}")));
        }
    }

    /// Conditions name choices that are there.
    fn choices(&mut self, sender: &Sender) {
        for alternative in &sender.alternatives {
            let (name, path) = (&alternative.name, format!("alternative.{}", alternative.name));
            let known = |choice: &String| alternative.choices.iter().any(|(c, _)| c == choice);
            if alternative.choices.len() < 2 {
                let title = say!(en: "`{name}` leaves nothing to choose", ja: "`{name}` に選ぶものがありません");
                self.push(Finding::error("template-unknown-choice", title), self.spots.at(&path));
            }
            if let Some(default) = alternative.default.as_ref().filter(|d| !known(d)) {
                let default = excerpt(default, 40);
                let title = say!(en: "`{name}` has no choice `{default}`", ja: "`{name}` に `{default}` という選択肢はありません");
                self.push(Finding::error("template-unknown-choice", title), self.spots.at(&path));
            }
        }
        let terms = sender.spf.terms.iter().map(|t| (&t.when, t.value.span));
        let keys = sender.dkim.iter().map(|d| (&d.when, d.selector.span));
        let records = sender.records.iter().map(|r| (&r.when, r.name.span));
        let redirects = sender.redirects.iter().map(|r| (&r.when, r.name.span));
        let parts: Vec<(&Condition, Span)> = terms.chain(keys).chain(records).chain(redirects).collect();
        for (when, span) in &parts {
            for (name, choice) in &when.choice {
                let known = sender.alternatives.iter().find(|a| a.name == *name);
                if known.is_some_and(|a| a.choices.iter().any(|(c, _)| c == choice)) {
                    continue;
                }
                let shown = excerpt(&format!("{name} = {choice:?}"), 80);
                let title = say!(en: "there is no choice {shown}", ja: "{shown} という選択肢はありません");
                self.push(Finding::error("template-unknown-choice", title), *span);
            }
        }
        for alternative in &sender.alternatives {
            if !parts.iter().any(|(when, _)| when.choice.contains_key(&alternative.name)) {
                let name = &alternative.name;
                let title = say!(en: "nothing depends on `{name}`", ja: "`{name}` で変わるものがありません");
                self.push(
                    Finding::warning("template-unused-choice", title),
                    self.spots.at(&format!("alternative.{name}")),
                );
            }
        }
    }

    /// Ids of other templates are there.
    fn ids(&mut self, sender: &Sender) {
        let is_sender = |id: &String| self.with_own.sender(id).is_some_and(|s| s.id == *id);
        let via = sender.via.iter().flat_map(|v| &v.senders).filter(|id| !is_sender(id)).map(|id| (id, "via"));
        let engine = sender.engine.iter().filter(|id| !is_sender(id)).map(|id| (id, "engine"));
        let unknown: Vec<(String, &str)> = via.chain(engine).map(|(id, key)| (id.clone(), key)).collect();
        for (id, key) in unknown {
            self.push(unknown_id("sender", &id), self.spots.at(key));
        }
        for id in sender.switches.iter().flat_map(|s| &s.registrars) {
            if self.with_own.registrar(id).is_none_or(|r| r.id != *id) {
                self.push(unknown_id("registrar", id), self.spots.at("switch"));
            }
        }
    }

    /// What is recognised says whose it is.
    fn patterns(&mut self, sender: &Sender) {
        let known = &sender.recognise;
        let names = known.spf.iter().chain(&known.mx).chain(&known.targets).chain(&known.name_servers);
        let vague = names.filter(|n| !recognise::tells(n)).chain(known.txt.iter().filter(|t| t.len() < 3));
        for pattern in vague {
            let shown = excerpt(pattern, 60);
            let title = say!(en: "`{shown}` is nobody's alone", ja: "`{shown}` では、どこのサービスか決まりません");
            self.push(Finding::error("template-recognises-everybody", title), self.spots.at("recognise"));
        }
    }

    /// What is retired is not emitted.
    fn retired(&mut self, sender: &Sender) {
        let emitted: HashSet<String> = sender
            .spf
            .terms
            .iter()
            .filter_map(|t| recognise::of_expression(&t.value.value))
            .flat_map(|t| t.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let terms = sender.retired.iter().filter_map(|r| match &r.value {
            RetiredValue::Spf(term) => Some(term),
            RetiredValue::Dkim { .. } | RetiredValue::Mx(_) => None,
        });
        for term in terms.filter(|t| emitted.contains(t.as_str())) {
            let shown = excerpt(term, 60);
            let title = say!(en: "`{shown}` is retired and wanted at once", ja: "`{shown}` は廃止された値なのに、必要な値にもなっています");
            self.push(Finding::error("template-retired-wanted", title), self.spots.at("retired"));
        }
    }

    /// Each part that is emitted has a source that speaks of it.
    fn sourced(&mut self, sender: &Sender) {
        let mut parts: Vec<(&str, Span)> = Vec::new();
        let mut needs = |fact, span| {
            if !parts.iter().any(|(f, _)| *f == fact) {
                parts.push((fact, span));
            }
        };
        if let Some(term) = sender.spf.terms.first() {
            needs("spf", term.value.span);
        }
        if let Some(dkim) = sender.dkim.first() {
            needs("dkim", dkim.selector.span);
        }
        for record in &sender.records {
            let fact = match record.purpose {
                Purpose::Mx => "mx",
                Purpose::Verification => "verification",
                Purpose::Dmarc => "dmarc",
                Purpose::ReturnPath => "return-path",
                Purpose::Web | Purpose::Client | Purpose::Delegation | Purpose::Other => "records",
            };
            needs(fact, record.name.span);
        }
        if let Some(redirect) = sender.redirects.first() {
            needs("records", redirect.name.span);
        }
        if !sender.retired.is_empty() {
            needs("retired", self.spots.at("retired"));
        }
        let says = |fact: &str| {
            // A source for the records speaks of each kind of them.
            let general = !matches!(fact, "spf" | "dkim" | "retired");
            let is = |f: &String| f == fact || f == "all" || (general && f == "records");
            sender.sources.iter().any(|s| s.facts.iter().any(is))
        };
        for (fact, span) in parts.into_iter().filter(|(fact, _)| !says(fact)) {
            let title = say!(en: "no source states this: none has `{fact}` among its facts", ja: "出どころがありません（facts に `{fact}` のある [[source]] がない）");
            self.push(Finding::error("template-source-missing", title), span);
        }
    }

    /// Dates are dates, and the newest is not old.
    fn age(&mut self, sources: &[Evidence], today: Option<Date>) {
        let mut newest: Option<Date> = None;
        for source in sources {
            match source.last_date() {
                Some(date) => newest = newest.max(Some(date)),
                None => {
                    let shown = excerpt(&source.date, 40);
                    let title = say!(en: "“{shown}” is no date", ja: "「{shown}」は日付ではありません");
                    let finding = Finding::error("template-date", title)
                        .next(say!(en: "write YYYY-MM-DD, or YYYY-MM, or YYYY", ja: "YYYY-MM-DD か YYYY-MM か YYYY と書きます"));
                    self.push(finding, self.spots.at("source"));
                }
            }
        }
        let (Some(today), Some(newest)) = (today, newest) else { return };
        let months = |d: Date| i32::from(d.year()) * 12 + i32::from(d.month());
        let old = months(today) - months(newest);
        if stale_from(newest).is_some_and(|day| day <= today) {
            let title = say!(
                en: "the newest source is of {newest}, {old} months ago",
                ja: "いちばん新しい出どころが {newest} のもので、{old} か月たっています"
            );
            let finding = Finding::warning("template-stale", title).next(say!(
                en: "look the values up again, and write the new date",
                ja: "値を確かめ直して、その日付を書いてください"
            ));
            self.push(finding, self.spots.at("source"));
        }
    }

    /// What comes of it with its own examples, for each combination of choices.
    fn expansions(&mut self, sender: &Sender) {
        // What is wrong above would only be told a second time.
        if self.checked.findings.iter().any(|f| f.severity == Severity::Error) {
            return;
        }
        let combinations = sender.alternatives.iter().map(|a| a.choices.len().max(1));
        if combinations.fold(1usize, usize::saturating_mul) > LIMIT_CHOICES {
            let title = say!(
                en: "its choices have more than {LIMIT_CHOICES} combinations; they were not expanded",
                ja: "選択肢の組み合わせが {LIMIT_CHOICES} を超えるため、展開していません"
            );
            self.push(Finding::warning("template-not-expanded", title), self.spots.at("alternative"));
            return;
        }
        let mut emits = false;
        for choice in choices(sender, LIMIT_CHOICES) {
            let label = choice.iter().map(|(k, v)| format!("{k} = {v}")).collect::<Vec<_>>().join(", ");
            let run = expand(sender, &choice, self.with_own);
            match run.product {
                Some(expansion) => {
                    emits |= !expansion.records.is_empty();
                    if expansion.records.iter().any(|r| r.value.is_some()) {
                        self.checked.zones.push((label, expansion.zone));
                    }
                }
                None => {
                    for wrong in run.findings.iter().filter(|f| f.severity == Severity::Error) {
                        let what = &wrong.title;
                        let title = if label.is_empty() {
                            say!(en: "with its own examples: {what}", ja: "自分の例で組み立てると: {what}"; what = what)
                        } else {
                            say!(en: "with its own examples and {label}: {what}", ja: "自分の例と {label} で組み立てると: {what}"; what = what)
                        };
                        self.push(Finding::error("template-expansion", title), self.spots.top);
                    }
                }
            }
        }
        let says = !sender.notes.is_empty()
            || sender.dkim_note.is_some()
            || sender.via.is_some()
            || sender.own_address.is_some()
            || sender.recognise.only.is_some();
        if !emits && !says && !sender.dkim.iter().any(|d| matches!(d.form, DkimForm::CustomerKey { .. })) {
            let title =
                say!(en: "nothing comes of it, and nothing is said", ja: "何も組み立てられず、説明もありません");
            let finding = Finding::error("template-empty", title).next(say!(
                en: "say why: [[note]], [dkim-note], or `only` in [recognise]",
                ja: "理由を書いてください: [[note]]・[dkim-note]、または [recognise] の `only`"
            ));
            self.push(finding, self.spots.at("id"));
        }
    }
}

/// A record that a template emits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emitted {
    /// Owner, without the final dot.
    pub name: String,
    /// Type mnemonic.
    pub rtype: String,
    /// The value in presentation format; absent where the customer's key is still to come.
    pub value: Option<String>,
}

/// What comes of a template in the zone of example.com, with its own examples.
#[derive(Clone, Debug, Default)]
pub struct Expansion {
    /// The choices that were made, in words; empty where there are none.
    pub choices: String,
    /// Its records.
    pub records: Vec<Emitted>,
    /// The whole zone, with SOA and NS.
    pub zone: String,
}

/// What comes of a template for each combination of its choices (of the first 64).
#[must_use]
pub fn expansions(sender: &Sender, catalogue: &Catalogue) -> Vec<Expansion> {
    let all = choices(sender, LIMIT_CHOICES).into_iter();
    all.filter_map(|choice| expand(sender, &choice, catalogue).product).collect()
}

fn expand(sender: &Sender, choice: &BTreeMap<&str, &str>, catalogue: &Catalogue) -> Run<Expansion> {
    let files = InMemory::site(sample_site(sender, choice));
    build("site.toml", &files, catalogue, &Overrides::default(), |built| {
        let composed = built.fitted.own.composed;
        let plain = |name: &Name| name.display_without_dot().to_string();
        let mut records = Vec::new();
        for set in &composed.rrsets {
            for record in set.records() {
                let value = Some(record.rdata.present(set.rtype));
                records.push(Emitted { name: plain(&set.name), rtype: set.rtype.to_string(), value });
            }
        }
        for blank in &composed.blanks {
            records.push(Emitted { name: plain(&blank.name), rtype: blank.rtype.to_string(), value: None });
        }
        let name_servers = Name::parse_absolute("ns1.example.net").into_iter().collect();
        let complete = Some(Complete { name_servers, serial: 1 });
        let input = Input { built: *built, lang: Lang::En, client: false, complete, gone: &[] };
        let mut zone = (render::zone::FORMAT.write)(&input).into_iter().next().map(|p| p.text).unwrap_or_default();
        // Hosts in the zone that receive mail need an address, which is the site's to say.
        let hosts = composed.rrsets.iter().flat_map(RrSet::records).filter_map(|r| r.target());
        let has_address = |host: &Name| {
            [Rtype::A, Rtype::AAAA, Rtype::CNAME].iter().any(|rtype| composed.rrset(host, *rtype).is_some())
        };
        let without: BTreeSet<String> = hosts
            .filter(|host| host.is_subdomain_of(&composed.origin) && !has_address(host))
            .map(|host| plain(&host))
            .collect();
        zone.extend(without.iter().map(|host| format!("{host}. 3600 IN A 192.0.2.1\n")));
        let choices = choice.iter().map(|(k, v)| format!("{k} = {v}")).collect::<Vec<_>>().join(", ");
        Expansion { choices, records, zone }
    })
}

fn unknown_id(kind: &str, id: &str) -> Finding {
    let id = excerpt(id, 60);
    let title = match kind {
        "sender" => say!(en: "no sender has the id `{id}`", ja: "id が `{id}` の利用サービスはありません"),
        _ => say!(en: "no registrar has the id `{id}`", ja: "id が `{id}` の「DNSを編集する会社」はありません"),
    };
    Finding::error("template-unknown-id", title)
}

fn not_a_pattern(pattern: &str) -> Finding {
    let shown = visible(pattern).into_owned();
    let shown = excerpt(&shown, 80);
    Finding::error(
        "template-pattern",
        say!(en: "`{shown}` is no regular expression", ja: "`{shown}` は正規表現として読めません"),
    )
    .next(say!(
        en: "look-around and back-references are not there: each match takes linear time",
        ja: "先読み・後読み・後方参照は使えません（照合にかかる時間を抑えるためです）"
    ))
}
#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "id = \"x\"\nname = { en = \"X\", ja = \"X\" }\nkind = \"saas\"\nmarket = \"global\"\n";
    const SOURCE: &str = "[[source]]\nfacts = [\"spf\"]\nurl = \"https://help.example.com/\"\ndate = \"2026-11-24\"\nconfidence = \"documented\"\n";

    /// Ids and sentences of what is told of a template.
    fn told(text: &str) -> Vec<String> {
        let checked = check("x.toml", text.to_owned(), &Catalogue::embedded(), None);
        checked.findings.iter().map(|f| format!("{} {}", f.id, f.title.en)).collect()
    }

    #[test]
    fn the_conditions_and_sources_of_a_redirect_are_looked_at() {
        let redirect = "[[redirect]]\nname = \"@\"\ntarget = \"https://www.example.net/\"\ncode = 301\nchoice = { form = \"b\" }\n";
        let text = format!("{HEAD}{SOURCE}[spf]\nneeded = \"no\"\n{redirect}");
        assert_eq!(
            told(&text),
            [
                "template-source-missing no source states this: none has `records` among its facts",
                "template-unknown-choice there is no choice form = \"b\"",
            ]
        );
    }

    #[test]
    fn a_source_that_is_wrong_is_there_all_the_same() {
        let wrong = told(&format!("{HEAD}{}[spf]\nneeded = \"no\"\n", SOURCE.replace("documented", "sure")));
        assert!(matches!(wrong.as_slice(), [one] if one.contains("`sure`")), "{wrong:?}");
        assert!(told(&format!("{HEAD}source = []\n[spf]\nneeded = \"no\"\n"))[0].ends_with("`source` is missing"));
    }

    /// Sixty alternatives of two choices: more combinations than there is memory for.
    #[test]
    fn combinations_are_made_up_to_the_limit_only() {
        let mut text = format!("{HEAD}{SOURCE}[spf]\nneeded = \"no\"\n");
        for i in 0..60 {
            text.push_str(&format!("[alternative.a{i}]\nwhat = {{ en = \"a\", ja = \"a\" }}\n"));
            text.push_str("choice = { x = { en = \"x\", ja = \"x\" }, y = { en = \"y\", ja = \"y\" } }\n");
        }
        let own = OwnTemplate { path: "x.toml".to_owned(), kind: TemplateKind::Sender, called: Vec::new(), text };
        let catalogue = Catalogue::embedded().with_own(vec![own], &mut Sources::default(), &mut Vec::new());
        let made = choices(catalogue.sender("x").unwrap(), LIMIT_CHOICES);
        assert_eq!(made.len(), LIMIT_CHOICES);
        // The first alternative changes last.
        assert!(made.iter().all(|choice| choice.len() == 60 && choice["a0"] == "x"));
    }
}
