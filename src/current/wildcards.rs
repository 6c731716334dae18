//! Names that do not exist and are answered all the same: a wildcard, a DNAME, or a server that answers everything. What says no more than
//! that is no name's own.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::live::{Answer, Outcome, Question, Resolve};
use crate::report::{Finding, NoteKind, Text, excerpt};
use crate::say;
use crate::zone::{Name, Record, Rtype};

/// Names behind a wildcard that are told by name.
const NAMED: usize = 5;
/// Names of wildcards that are looked for.
const STARS_MAX: usize = 50;
/// A name that nobody has; what is answered for it is answered for every name.
const NOBODY: &str = "zoneplan-no-such-name";
/// One more.
const NOBODY_ELSE: &str = "zoneplan-no-such-name-either";

/// What was found out of answers for every name.
#[derive(Default)]
pub(super) struct Wildcards {
    /// Questions whose answers say no more than those.
    pub(super) covered: HashSet<Question>,
    /// The wildcards themselves, where they answer to their own name.
    pub(super) stars: Vec<Answer>,
    /// That there are such answers.
    pub(super) finding: Option<Finding>,
}

/// Finds out whether names that do not exist are answered, and which of the `answers` are no more than that. `asked`: what was asked already.
pub(super) fn find(apex: &Name, resolve: &dyn Resolve, answers: &[Answer], asked: &HashSet<Question>) -> Wildcards {
    let said = answers.iter().filter(|a| says(a).is_some()).map(|a| &a.question);
    let below = said.filter(|q| q.name != *apex && !q.name.is_wildcard());
    let parents: BTreeSet<(Name, Rtype)> = below.filter_map(|q| Some((q.name.parent()?, q.rtype))).collect();
    let told = told_of(resolve, NOBODY, parents);
    // What is another thing for another name, as below a DNAME, or each time, is no name's own.
    let again = told_of(resolve, NOBODY_ELSE, told.keys().cloned().collect());
    let varies = |at: &(Name, Rtype)| again.get(at).is_some_and(|said| told.get(at) != Some(said));
    let is_covered = |answer: &&Answer| {
        let Question { name, rtype } = &answer.question;
        let (Some(parent), Some(says)) = (name.parent().filter(|_| name != apex), says(answer)) else {
            return false;
        };
        let at = (parent, *rtype);
        told.get(&at).is_some_and(|said| says == *said || varies(&at))
    };
    let covered: Vec<&Answer> = answers.iter().filter(is_covered).collect();
    if covered.is_empty() {
        return Wildcards::default();
    }
    let types: BTreeSet<Rtype> = covered.iter().map(|a| a.question.rtype).collect();
    let questions: HashSet<Question> = covered.iter().map(|a| a.question.clone()).collect();
    let varied = told.keys().any(varies);
    let (mut names, mut values): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for answer in &covered {
        let name = answer.question.name.display_without_dot().to_string();
        if !names.contains(&name) {
            names.push(name);
        }
        if let Some(value) = value(answer).filter(|value| !values.contains(value)) {
            values.push(value);
        }
    }
    // No name below `invalid` exists (RFC 6761 §6.4).
    let invalid = Name::parse_absolute(format!("{NOBODY}.invalid"));
    let lies = invalid.is_ok_and(|name| {
        let nobody = |rtype: &Rtype| Question { name: name.clone(), rtype: *rtype };
        resolve.ask_all(&types.iter().map(nobody).collect::<Vec<_>>()).iter().any(|a| says(a).is_some())
    });
    let stars = if lies { Vec::new() } else { stars(apex, resolve, &told, asked) };
    let how = if lies {
        Everywhere::AnyName
    } else if varied {
        Everywhere::Varied
    } else {
        Everywhere::Same
    };
    let finding = Some(answers_all(apex, &values, &names, &stars, how));
    Wildcards { covered: questions, stars, finding }
}

/// What is said of a name that nobody has, below each of these.
fn told_of(
    resolve: &dyn Resolve,
    nobody: &str,
    parents: BTreeSet<(Name, Rtype)>,
) -> BTreeMap<(Name, Rtype), Vec<Said>> {
    let question = |(parent, rtype): (Name, Rtype)| {
        let name = parent.child(nobody).ok()?;
        Some(((parent, rtype), Question { name, rtype }))
    };
    let (parents, questions): (Vec<_>, Vec<_>) = parents.into_iter().filter_map(question).unzip();
    let answers = resolve.ask_all(&questions);
    parents.into_iter().zip(answers).filter_map(|(at, answer)| Some((at, says(&answer)?))).collect()
}

/// The wildcards that give these answers, by their own names. One below another that says the same is not shown to exist: the upper one
/// answers to its name too.
fn stars(
    apex: &Name,
    resolve: &dyn Resolve,
    told: &BTreeMap<(Name, Rtype), Vec<Said>>,
    asked: &HashSet<Question>,
) -> Vec<Answer> {
    let mut questions: Vec<Question> = Vec::new();
    for (parent, rtype) in told.keys() {
        let above = std::iter::successors(Some(parent.clone()), Name::parent);
        for name in above.take_while(|n| n.is_subdomain_of(apex)).filter_map(|n| n.child("*").ok()) {
            let question = Question { name, rtype: *rtype };
            if !questions.contains(&question) && !asked.contains(&question) && questions.len() < STARS_MAX {
                questions.push(question);
            }
        }
    }
    questions.sort_by_key(|question| question.name.label_count());
    let mut stars: Vec<Answer> = Vec::new();
    for answer in resolve.ask_all(&questions) {
        let said = says(&answer);
        let is_told = said.as_ref().is_some_and(|said| told.values().any(|t| t == said));
        let is_below = |star: &Answer| {
            let above = star.question.name.parent();
            above.is_some_and(|above| answer.question.name.is_subdomain_of(&above)) && says(star) == said
        };
        if is_told && !stars.iter().any(is_below) {
            stars.push(answer);
        }
    }
    stars
}

/// What one record of an answer says.
pub(super) type Said = (Rtype, Vec<u8>);

/// What an answer says, whatever the name: where it is an alias, of what; else the set, in one order. None where it says that there is nothing,
/// or nothing at all.
pub(super) fn says(answer: &Answer) -> Option<Vec<Said>> {
    let said = |record: &Record| (record.rtype, record.rdata.to_lowercase(record.rtype).octets().to_vec());
    if let Some(alias) = answer.chain.first() {
        return Some(vec![said(alias)]);
    }
    let Outcome::Records(records) = &answer.outcome else { return None };
    let mut all: Vec<Said> = records.iter().map(said).collect();
    all.sort();
    Some(all)
}

/// The first thing that an answer says, for people.
fn value(answer: &Answer) -> Option<String> {
    let record = answer.chain.first().or_else(|| answer.records()?.first())?;
    Some(format!("{} {}", record.rtype, excerpt(&record.rdata.present(record.rtype), 80)))
}

/// The first of a list, for people.
pub(super) fn list(all: &[String]) -> Text {
    let shown: Vec<Text> = all.iter().take(NAMED).map(|one| Text::same(excerpt(one, 90))).collect();
    let list = crate::report::join(&shown);
    if all.len() > NAMED { say!(en: "{list}, …", ja: "{list} ほか"; list = list) } else { list }
}

/// How names are answered that do not exist.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Everywhere {
    /// In this zone, always the same.
    Same,
    /// In this zone, each in another way.
    Varied,
    /// In every zone.
    AnyName,
}

/// That names are answered which do not exist.
fn answers_all(apex: &Name, values: &[String], names: &[String], stars: &[Answer], how: Everywhere) -> Finding {
    let domain = apex.display_without_dot().to_string();
    let (n, values, names) = (names.len(), list(values), list(names));
    let finding =
        |title, note, next| Finding::warning("current-answers-all", title).note(NoteKind::Note, note).next(next);
    if how == Everywhere::AnyName {
        return finding(
            say!(en: "the DNS server answers for names that exist nowhere ({values}); what it says of names of {domain} is not used ({n})", ja: "この DNS サーバーは、どこにもない名前にも答えます（{values}）。{domain} の名前 {n} 個についての答えは使いません"; values = values),
            say!(en: "not known: {names}", ja: "分からないもの: {names}"; names = names),
            say!(en: "ask another: --resolver ADDR", ja: "別の DNS サーバーに問い合わせてください: --resolver アドレス"),
        );
    }
    let title = match stars.first() {
        Some(star) => {
            let star = star.question.name.display_without_dot().to_string();
            say!(en: "{star} answers for names that do not exist ({values})", ja: "{star} が、存在しない名前にも答えます（{values}）"; values = values)
        }
        None => {
            say!(en: "names of {domain} that do not exist are answered too ({values})", ja: "{domain} の存在しない名前にも答えがあります（{values}）"; values = values)
        }
    };
    let unknown = if how == Everywhere::Varied {
        say!(en: "what these names have of their own is not known ({n}): {names}", ja: "次の {n} 個の名前に、それぞれのレコードがあるかどうかは分かりません: {names}"; names = names)
    } else {
        say!(en: "whether these names have the same record of their own is not known ({n}): {names}", ja: "次の {n} 個の名前に、それぞれ同じレコードがあるかどうかは分かりません: {names}"; names = names)
    };
    finding(title, unknown, say!(en: "look for them in the panel", ja: "管理画面で確かめてください"))
}
