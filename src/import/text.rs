//! The text of the imported site.toml, in the order and with the words of `init`, and where each part of it stands.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use crate::catalogue::expressions::Engine;
use crate::current::asked::Unanswered;
use crate::init::{Company, NewSite, head, limits, paragraph, to_know, told, top, who_sends};
use crate::report::{Lang, Text, visible};
use crate::say;
use crate::site::draft::{Draft, KeyPlace, comment, key_file, quoted, sender_table, ttl_value};
use crate::site::record_value;
use crate::zone::{Name, Record, Rtype};

use super::sections::{Section, Sections};
use super::senders::{Chosen, Hint, Why};
use super::zone::Zone;

/// Hints that are written.
const HINTS_MAX: usize = 50;
/// Names without an answer that are written.
const UNANSWERED_MAX: usize = 20;
/// Services that a hint names.
const NAMED: usize = 8;

/// What a part of the text stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The keys before the first table.
    Top,
    /// A sender, by its number.
    Sender(usize),
    /// A section of these records.
    Section(Vec<usize>),
    /// A `[[record]]`.
    Record(usize),
}

/// What was written.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// site.toml.
    pub(super) text: String,
    /// Key files beside it: name and text.
    pub(super) keys: Vec<(String, String)>,
    /// Where each part begins.
    parts: Vec<(usize, Part)>,
}

impl Written {
    /// A text without parts.
    pub(super) fn of(text: String) -> Self {
        Self { text, ..Self::default() }
    }

    /// The part that an octet is in.
    pub(super) fn part(&self, at: usize) -> Part {
        let behind = self.parts.partition_point(|(start, _)| *start <= at);
        behind.checked_sub(1).and_then(|i| self.parts.get(i)).map_or(Part::Top, |(_, part)| part.clone())
    }
}

/// What is written.
pub(super) struct Plan<'p, 'c> {
    pub(super) zone: &'p Zone<'p>,
    /// Senders with their numbers.
    pub(super) senders: Vec<(usize, &'p Chosen<'c>)>,
    pub(super) hints: &'p [Hint<'c>],
    pub(super) sections: &'p Sections,
    /// Records that are written as they are.
    pub(super) by_hand: &'p BTreeSet<usize>,
    /// Those of them that site.toml refuses: they stand in a comment.
    pub(super) refused: &'p BTreeSet<usize>,
    /// Keys that are not taken out of their records.
    pub(super) kept_keys: &'p BTreeSet<usize>,
    /// What the found zone file says beside its records.
    pub(super) comments: &'p HashMap<usize, Vec<String>>,
    /// What nobody answered.
    pub(super) unanswered: &'p Unanswered,
    /// The TTL that most records have.
    pub(super) ttl: Option<u32>,
    pub(super) company: Company<'c>,
    pub(super) company_origin: Option<Text>,
    /// The file's name as commands are told it.
    pub(super) file: Option<String>,
    /// Keys stand in site.toml itself.
    pub(super) keys_here: bool,
    pub(super) lang: Lang,
}

/// Writes it.
pub(super) fn write(plan: &Plan<'_, '_>, engine: &Engine) -> Written {
    let mut writer = Writer { plan, out: Written::default() };
    writer.all(engine);
    writer.out
}

struct Writer<'w, 'p, 'c> {
    plan: &'w Plan<'p, 'c>,
    out: Written,
}

impl Writer<'_, '_, '_> {
    fn all(&mut self, engine: &Engine) {
        let plan = self.plan;
        let lang = plan.lang;
        let site = NewSite {
            file: plan.file.clone(),
            domain: Some(plan.zone.apex.clone()),
            company: plan.company.clone(),
            company_origin: plan.company_origin.clone(),
            services: Vec::new(),
            gmail_per_day: None,
            rua: Vec::new(),
            remarks: Vec::new(),
        };
        let mut text = head(&site, false, lang);
        top(&mut text, &site, lang);
        self.out.text = text;
        self.begin(Part::Top);
        let apex = plan.sections.names.get(plan.zone.apex);
        if let Some(no_mail) = apex.and_then(|n| n.no_mail.as_ref()) {
            let what =
                say!(en: "The domain neither sends nor receives mail.", ja: "メールを送りも受けもしないドメイン");
            self.paragraph(&what);
            self.begin(Part::Section(no_mail.records.clone()));
            self.lines(no_mail);
        }
        if let Some(ttl) = plan.ttl {
            let what = say!(en: "TTL of all that says nothing else.", ja: "TTL（書いていないものすべて）");
            self.paragraph(&what);
            self.begin(Part::Top);
            let _ = writeln!(self.out.text, "ttl = {}", ttl_value(ttl));
        }
        self.name_servers();
        self.unanswered();
        self.senders(engine);
        self.hints();
        for (name, of_name) in plan.sections.names.iter().filter(|(name, _)| *name != plan.zone.apex) {
            let parts = [("spf", &of_name.spf), ("dmarc", &of_name.dmarc)];
            let written = |s: &Option<Section>| s.as_ref().is_some_and(|s| !s.lines.is_empty());
            if of_name.no_mail.is_none() && !parts.iter().any(|(_, s)| written(s)) {
                continue;
            }
            let all = parts.iter().filter_map(|(_, s)| s.as_ref()).chain(&of_name.no_mail);
            self.out.text.push('\n');
            self.begin(Part::Section(all.flat_map(|s| s.records.clone()).collect()));
            let short = name.relative_to(plan.zone.apex).unwrap_or_default();
            let _ = writeln!(self.out.text, "[[subdomain]]\nname = {}", quoted(&short));
            if let Some(section) = &of_name.no_mail {
                self.lines(section);
            }
            for (key, section) in parts {
                if let Some(section) = section.as_ref().filter(|s| !s.lines.is_empty()) {
                    self.begin(Part::Section(section.records.clone()));
                    let _ = writeln!(self.out.text, "[subdomain.{key}]");
                    self.comments(&section.records);
                    self.lines(section);
                }
            }
        }
        let sections = [
            (
                "spf",
                apex.and_then(|n| n.spf.as_ref()),
                say!(en: "The SPF record: its closing term, and what belongs to no [[sender]].", ja: "SPF の最後（all）と、どの [[sender]] のものでもない項目"),
            ),
            ("dmarc", apex.and_then(|n| n.dmarc.as_ref()), Text::default()),
            ("mta-sts", plan.sections.mta_sts.as_ref(), Text::default()),
            ("tls-rpt", plan.sections.tls_rpt.as_ref(), Text::default()),
            ("bimi", plan.sections.bimi.as_ref(), Text::default()),
            ("caa", plan.sections.caa.as_ref(), Text::default()),
        ];
        for (key, section, what) in sections {
            let Some(section) = section.filter(|s| !s.lines.is_empty()) else { continue };
            self.out.text.push('\n');
            self.begin(Part::Section(section.records.clone()));
            if !what.is_empty() {
                comment(&mut self.out.text, what.get(lang));
            }
            self.comments(&section.records);
            let _ = writeln!(self.out.text, "[{key}]");
            self.lines(section);
        }
        self.quiet();
        limits(&mut self.out.text, &site, lang);
        self.records();
    }

    fn begin(&mut self, part: Part) {
        self.out.parts.push((self.out.text.len(), part));
    }

    fn paragraph(&mut self, text: &Text) {
        paragraph(&mut self.out.text, text, self.plan.lang);
    }

    fn lines(&mut self, section: &Section) {
        for (key, value) in &section.lines {
            let _ = writeln!(self.out.text, "{key} = {value}");
        }
    }

    /// What the zone file says beside these records.
    fn comments(&mut self, records: &[usize]) {
        for line in records.iter().filter_map(|at| self.plan.comments.get(at)).flatten() {
            comment(&mut self.out.text, line);
        }
    }

    /// The name servers are no records of a site; who takes the zone elsewhere wants to know them.
    fn name_servers(&mut self) {
        let zone = self.plan.zone;
        if zone.name_servers.is_empty() {
            return;
        }
        let hosts: Vec<Text> = zone
            .name_servers
            .iter()
            .take(8)
            .map(|h| Text::same(visible(&h.display_without_dot().to_string())))
            .collect();
        let hosts = crate::report::join(&hosts);
        let text = say!(en: "Name servers of the zone as found: {hosts}", ja: "見つかったゾーンのネームサーバー: {hosts}"; hosts = hosts);
        self.paragraph(&text);
    }

    /// What the zone has there may be anything.
    fn unanswered(&mut self) {
        let (mut names, mut more): (BTreeMap<&Name, Vec<String>>, usize) = (BTreeMap::new(), 0);
        for (name, rtype) in self.plan.unanswered {
            if names.len() < UNANSWERED_MAX || names.contains_key(name) {
                names.entry(name).or_default().push(rtype.to_string());
            } else {
                more += 1;
            }
        }
        if names.is_empty() {
            return;
        }
        self.paragraph(&say!(
            en: "Not known: what stands at these names. DNS did not answer, or another zone holds them. Look in the panel before you enter anything there.",
            ja: "分からないもの（DNS の回答がないか、別のゾーンにあります）。ここに何かを入れる前に、管理画面で確かめてください。"
        ));
        for (name, rtypes) in names {
            let (name, rtypes) = (visible(&name.display_without_dot().to_string()).into_owned(), rtypes.join(", "));
            comment(&mut self.out.text, &format!("- {name} {rtypes}"));
        }
        if more > 0 {
            let more = say!(en: "- and {more} more", ja: "- ほか {more} 件");
            comment(&mut self.out.text, more.get(self.plan.lang));
        }
    }

    /// That a record is missing is said by rules, and of these nobody knows.
    fn quiet(&mut self) {
        let apex = self.plan.zone.apex;
        let policy = apex.child("_dmarc").ok();
        let wanted = [
            ("spf-missing", Some(apex.clone()), Rtype::TXT),
            ("dmarc-missing", policy.clone(), Rtype::TXT),
            ("dmarc-orgdomain-missing", policy, Rtype::TXT),
            ("mx-missing", Some(apex.clone()), Rtype::MX),
        ];
        let is_open =
            |name: Option<Name>, rtype| name.is_some_and(|name| self.plan.unanswered.contains(&(name, rtype)));
        let off: Vec<String> = wanted
            .into_iter()
            .filter(|(_, name, rtype)| is_open(name.clone(), *rtype))
            .map(|(id, ..)| quoted(id))
            .collect();
        if off.is_empty() {
            return;
        }
        self.paragraph(&say!(
            en: "What is not known (see above) cannot be called missing. Take this out when you have looked in the panel.",
            ja: "上の「分からないもの」は「ない」とは言えません。管理画面で確かめたら、この 2 行を消してください。"
        ));
        self.begin(Part::Top);
        let _ = writeln!(self.out.text, "[lint]\noff = [{}]", off.join(", "));
    }

    fn senders(&mut self, engine: &Engine) {
        let plan = self.plan;
        self.paragraph(&who_sends());
        if plan.senders.is_empty() {
            let none = say!(en: "None was recognised by its records.", ja: "レコードから分かったサービスはありません");
            comment(&mut self.out.text, none.get(plan.lang));
        }
        let registrar = match &plan.company {
            Company::Known(registrar) => Some(registrar.id.as_str()),
            _ => None,
        };
        let mut files: BTreeSet<String> = BTreeSet::new();
        for (i, (number, chosen)) in plan.senders.iter().enumerate() {
            if i > 0 {
                self.out.text.push('\n');
            }
            self.begin(Part::Sender(*number));
            let subdomain = chosen.from.relative_to(plan.zone.apex).filter(|_| chosen.from != *plan.zone.apex);
            let mut draft = draft(chosen, subdomain.as_deref());
            draft.registrar = registrar;
            let evidence = told(&chosen.evidence, &plan.zone.records);
            draft
                .remarks
                .push(say!(en: "recognised by {evidence}", ja: "見分けたレコード: {evidence}"; evidence = evidence));
            let own = chosen.records.iter().chain(chosen.keys.iter().map(|(_, at)| at));
            let name = &chosen.sender.name;
            let mut said: Vec<&String> = Vec::new();
            for line in own.filter_map(|at| plan.comments.get(at)).flatten() {
                // That it is this service's stands there already.
                if !said.contains(&line) && ![&name.en, &name.ja].contains(&line) {
                    said.push(line);
                }
            }
            draft.remarks.extend(said.into_iter().map(Text::same));
            draft.remarks.extend(to_know(chosen.sender));
            for (selector, at) in chosen.keys.iter().filter(|(_, at)| !plan.kept_keys.contains(at)) {
                let text = plan.zone.record(*at).map(|r| r.rdata.txt_joined()).unwrap_or_default();
                let text = String::from_utf8_lossy(&text).into_owned();
                let place = if plan.keys_here {
                    KeyPlace::Here(text)
                } else {
                    let mut file = key_file(chosen.sender, Some(selector));
                    if let Some(of) = subdomain.as_deref().filter(|_| files.contains(&file)) {
                        let of: String = of.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
                        file = file.replacen("keys/", &format!("keys/{of}-"), 1);
                    }
                    files.insert(file.clone());
                    self.out.keys.push((file.clone(), format!("{text}\n")));
                    KeyPlace::File(file)
                };
                draft.keys.push((Some(selector.clone()), place));
            }
            self.out.text.push_str(&sender_table(chosen.sender, &draft, engine, plan.lang));
        }
    }

    /// Services that the records may be for, as lines to take the `#` off.
    fn hints(&mut self) {
        let (zone, lang) = (self.plan.zone, self.plan.lang);
        for hint in self.plan.hints.iter().take(HINTS_MAX) {
            let text = hint_text(hint, &zone.records);
            let text = match hint.why {
                Why::Ambiguous => {
                    say!(en: "{text}. The one that sends mail as the domain:", ja: "{text}。このドメインのメールを出しているもの:"; text = text)
                }
                _ => {
                    say!(en: "{text}. If it sends mail as the domain:", ja: "{text}。このドメインのメールを出しているなら:"; text = text)
                }
            };
            self.paragraph(&text);
            self.begin(Part::Top);
            let ids: Vec<String> = hint.senders.iter().take(NAMED).map(|s| quoted(&s.id)).collect();
            if let Some((first, others)) = ids.split_first() {
                let or = say!(en: "or", ja: "または");
                let others = if others.is_empty() {
                    String::new()
                } else {
                    format!("   # {} {}", or.get(lang), others.join(", "))
                };
                comment(&mut self.out.text, &format!("[[sender]]\nprovider = {first}{others}"));
            }
        }
    }

    fn records(&mut self) {
        let plan = self.plan;
        if plan.by_hand.is_empty() {
            return;
        }
        let what =
            say!(en: "The other records of the zone, as they were found.", ja: "そのほかのレコード（見つかったまま）");
        self.paragraph(&what);
        for (i, at) in plan.by_hand.iter().enumerate() {
            let Some(record) = plan.zone.record(*at) else { continue };
            if i > 0 {
                self.out.text.push('\n');
            }
            self.begin(Part::Record(*at));
            self.comments(&[*at]);
            let own_ttl = plan
                .zone
                .found
                .get(*at)
                .filter(|f| f.has_ttl)
                .map(|f| f.record.ttl)
                .filter(|ttl| Some(*ttl) != plan.ttl);
            match entry(record, plan.zone.apex, own_ttl).filter(|_| !plan.refused.contains(at)) {
                Some(entry) => self.out.text.push_str(&entry),
                None => {
                    let what = say!(en: "left out, since site.toml has no form for it:", ja: "site.toml に書けないため、使いません:");
                    comment(&mut self.out.text, what.get(plan.lang));
                    comment(
                        &mut self.out.text,
                        &format!("{} {} {}", record.name, record.rtype, record.rdata.present(record.rtype)),
                    );
                }
            }
        }
    }
}

/// A sender as its table is written.
pub(super) fn draft<'d>(chosen: &'d Chosen<'_>, subdomain: Option<&'d str>) -> Draft<'d> {
    Draft {
        subdomain,
        roles: chosen.roles.clone(),
        values: chosen.values.iter().map(|(name, value)| (*name, value.clone())).collect(),
        options: chosen.options.iter().map(|(name, choice)| (*name, *choice)).collect::<BTreeMap<_, _>>(),
        spf: chosen.spf,
        ttl: chosen.ttl,
        ..Draft::default()
    }
}

/// A `[[record]]`; nothing where site.toml would read another record, or none.
pub(super) fn entry(record: &Record, apex: &Name, ttl: Option<u32>) -> Option<String> {
    let names = [record.name.relative_to(apex), Some(record.name.to_string())];
    let name =
        names.into_iter().flatten().find(|n| crate::site::owner(n, apex).is_ok_and(|read| read == record.name))?;
    let means = |value: &String| {
        record_value(record.rtype, value, apex).is_ok_and(|read| read.means(&record.rdata, record.rtype))
    };
    let value = values(record).into_iter().find(means)?;
    let mut out = format!(
        "[[record]]\nname = {}\ntype = {}\nvalue = {}\n",
        quoted(&name),
        quoted(&record.rtype.to_string()),
        quoted(&value)
    );
    if let Some(ttl) = ttl {
        let _ = writeln!(out, "ttl = {}", ttl_value(ttl));
    }
    Some(out)
}

/// How a value may be written, the most readable way first.
fn values(record: &Record) -> Vec<String> {
    let whole = record.rdata.present(record.rtype);
    if record.rtype.is_text() {
        let text = record.rdata.txt_joined();
        let plain = String::from_utf8(text)
            .ok()
            .filter(|t| !t.starts_with('"') && t.bytes().all(|b| (b' '..=b'~').contains(&b)));
        return plain.into_iter().chain([whole]).collect();
    }
    // A name of several labels is whole with or without its final dot.
    let short = match record.rtype {
        Rtype::CNAME | Rtype::MX | Rtype::NS | Rtype::PTR | Rtype::SRV => whole.strip_suffix('.').map(str::to_owned),
        _ => None,
    };
    short.into_iter().chain([whole]).collect()
}

/// Why something that was seen is not written as a sender.
pub(super) fn hint_text(hint: &Hint<'_>, records: &[Record]) -> Text {
    let evidence = told(&hint.evidence, records);
    let names: Vec<Text> = hint.senders.iter().take(NAMED).map(|s| s.name.clone()).collect();
    let names = crate::report::join(&names);
    let more = hint.senders.len().saturating_sub(NAMED);
    let names = if more > 0 {
        say!(en: "{names} and {more} more", ja: "{names}、ほか {more} 件"; names = names)
    } else {
        names
    };
    match hint.why {
        Why::Ambiguous => say!(
            en: "{evidence}: one of these; the records do not say which: {names}",
            ja: "{evidence}: 次のどれかです（レコードだけでは決められません）: {names}"; evidence = evidence, names = names
        ),
        Why::Proof => say!(
            en: "{evidence}: a proof of ownership for {names}",
            ja: "{evidence}: {names}の所有権の確認です"; evidence = evidence, names = names
        ),
        Why::Selector => say!(
            en: "{evidence}: a DKIM selector of {names}, and perhaps of others",
            ja: "{evidence}: {names}の DKIM セレクタですが、ほかのサービスかもしれません"; evidence = evidence, names = names
        ),
        Why::Only => {
            let only = hint.senders.first().and_then(|s| s.recognise.only.clone()).unwrap_or_default();
            say!(en: "{evidence}: {names}. {only}", ja: "{evidence}: {names}。{only}"; evidence = evidence, names = names, only = only)
        }
        Why::Missing => say!(
            en: "{evidence}: {names}; a value that it needs stands in no record",
            ja: "{evidence}: {names}です。必要な値がレコードからは分かりません"; evidence = evidence, names = names
        ),
        Why::Differs => say!(
            en: "{evidence}: {names}, but what it makes elsewhere is not here",
            ja: "{evidence}: {names}ですが、ふつうあるはずのレコードがありません"; evidence = evidence, names = names
        ),
    }
}
