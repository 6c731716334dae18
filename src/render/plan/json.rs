//! `--format json`: a plan as data, version 1. A field is added without a new version, never changed or taken away.

use serde::Serialize;

use crate::plan::{Action, Outside, Part, Piece, StageKind, Wait};
use crate::render::{Product, file_name};
use crate::report::json::{TextJson, text, written};
use crate::zone::Record;

use super::PlanInput;
use super::telling::{self, plain};

/// The version of the format.
const VERSION: u32 = 1;

/// Rows that stay and are listed.
const LISTED: usize = 1000;

/// The whole document.
#[derive(Serialize)]
struct Document {
    /// Always 1 for this format.
    version: u32,
    /// The domain, without the final dot.
    domain: String,
    /// Whether nothing is to be done that is known to be needed.
    done: bool,
    /// Whether all of the zone as it is was known.
    complete: bool,
    /// Services that are taken to send already, since no zone shows whether they do.
    taken_to_send: Vec<TextJson>,
    /// What differs, set by set.
    differences: Vec<DifferenceJson>,
    /// What is there, not in site.toml, and stays.
    kept: Kept,
    /// What is done, in order.
    stages: Vec<StageJson>,
}

/// A set that differs.
#[derive(Serialize)]
struct DifferenceJson {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    /// `set`, `spf`, `dmarc`, `dkim-key`, `mta-sts`, `tls-rpt`, `bimi`.
    part: &'static str,
    /// There and not wanted.
    now: Vec<Row>,
    /// Wanted and not there.
    wanted: Vec<Row>,
    /// What changes within the record.
    pieces: Vec<PieceJson>,
    /// Whether it is known that nothing else is there.
    known: bool,
}

/// A term of SPF or a tag of DMARC; `null` where only the other record has it.
#[derive(Serialize)]
struct PieceJson {
    from: Option<String>,
    to: Option<String>,
}

/// What stays.
#[derive(Serialize)]
struct Kept {
    /// How many.
    count: usize,
    /// The first thousand of them.
    records: Vec<Row>,
}

/// A record.
#[derive(Serialize)]
struct Row {
    name: String,
    /// `null` where it is not known.
    ttl: Option<u32>,
    #[serde(rename = "type")]
    rtype: String,
    /// Presentation format.
    value: String,
}

/// Steps that may be done in one go.
#[derive(Serialize)]
struct StageJson {
    /// `lower`, `add`, `switch`, `start`, `raise`, `policy`, `remove`; of a move `unsign`, `enter`, `move`, `settle`.
    kind: &'static str,
    /// What must have passed besides the wait of the stage before.
    before: Option<WaitJson>,
    steps: Vec<StepJson>,
    /// How long it takes until everybody sees it.
    after: Option<WaitJson>,
}

/// A wait.
#[derive(Serialize)]
struct WaitJson {
    seconds: u32,
    why: TextJson,
}

/// A step.
#[derive(Serialize)]
struct StepJson {
    /// From 1, over all stages.
    number: usize,
    /// `add`, `edit-spf`, `replace`, `several`, `lower-ttl`, `raise-ttl`, `remove`, `start`, `switch`, `find`, `decide`, `alias`, `enter`,
    /// `remove-ds`, `name-servers`, `sign`, `close-old`.
    action: &'static str,
    zone: String,
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    title: TextJson,
    panel: TextJson,
    /// Rows that go.
    now: Vec<Row>,
    /// Rows that come.
    then: Vec<Row>,
    /// The whole sets that are touched, as they are by then.
    before: Vec<Row>,
    warnings: Vec<TextJson>,
    /// For how many seconds mail may fail a check, where that can't be helped.
    window: Option<u32>,
    check: Option<CheckJson>,
    way_back: Option<TextJson>,
}

/// How a step is seen from outside.
#[derive(Serialize)]
struct CheckJson {
    /// `null` where it is not seen by a look-up.
    command: Option<String>,
    expect: TextJson,
}

fn row(record: &Record, ttl: Option<u32>) -> Row {
    Row { name: plain(&record.name), ttl, rtype: record.rtype.to_string(), value: record.rdata.present(record.rtype) }
}

fn wait(wait: &Wait) -> WaitJson {
    WaitJson { seconds: wait.seconds, why: text(&wait.why) }
}

fn kind(kind: StageKind) -> &'static str {
    match kind {
        StageKind::Lower => "lower",
        StageKind::Add => "add",
        StageKind::Switch => "switch",
        StageKind::Start => "start",
        StageKind::Raise | StageKind::RaiseLast => "raise",
        StageKind::Policy(_) => "policy",
        StageKind::Remove => "remove",
        StageKind::Unsign => "unsign",
        StageKind::Enter => "enter",
        StageKind::Move => "move",
        StageKind::Settle => "settle",
    }
}

fn action(action: &Action<'_>) -> &'static str {
    match action {
        Action::Add { .. } => "add",
        Action::EditSpf { .. } => "edit-spf",
        Action::Replace { .. } => "replace",
        Action::Several { .. } => "several",
        Action::Lower { .. } => "lower-ttl",
        Action::Raise { .. } => "raise-ttl",
        Action::Remove => "remove",
        Action::Start { .. } => "start",
        Action::Keep => "keep",
        Action::Switch(_) => "switch",
        Action::Find { .. } => "find",
        Action::Decide => "decide",
        Action::Alias { .. } => "alias",
        Action::Enter => "enter",
        Action::Outside(Outside::RemoveDs) => "remove-ds",
        Action::Outside(Outside::SwitchServers { .. }) => "name-servers",
        Action::Outside(Outside::Sign) => "sign",
        Action::Outside(Outside::CloseOld) => "close-old",
    }
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Set => "set",
        Part::Spf => "spf",
        Part::Dmarc => "dmarc",
        Part::Key => "dkim-key",
        Part::MtaSts => "mta-sts",
        Part::TlsRpt => "tls-rpt",
        Part::Bimi => "bimi",
    }
}

pub(super) fn write(plan: PlanInput<'_, '_>) -> Vec<Product> {
    let domain = &plan.input.site.domain.value;
    let (count, rows) = telling::staying(&plan, LISTED);
    let (question, own) = (plan.question, &plan.question.fitted.own);
    let records = rows.into_iter().map(|r| row(r, question.ttl_of(own, r))).collect();
    let parties = &plan.input.fitted.composed.parties;
    let taken = plan.plan.taken_to_send(question).filter_map(|p| parties.get(p));
    let taken_to_send = taken.map(|p| text(&p.name)).collect();
    let mut number = 0;
    let stages = plan
        .plan
        .stages
        .iter()
        .map(|stage| StageJson {
            kind: kind(stage.kind),
            before: stage.before.as_ref().map(wait),
            steps: stage
                .steps
                .iter()
                .map(|step| {
                    number += 1;
                    let told = telling::step(&plan, step);
                    let rows = |rows: &[Record]| rows.iter().map(|r| row(r, question.ttl_of(step.zone, r))).collect();
                    StepJson {
                        number,
                        action: action(&step.action),
                        zone: plain(&step.zone.composed.origin),
                        name: plain(&step.name),
                        rtype: step.rtype.to_string(),
                        title: text(&told.title),
                        panel: text(&told.panel),
                        now: rows(&step.now),
                        then: rows(&step.then),
                        before: rows(&step.before),
                        warnings: told.warnings.iter().map(text).collect(),
                        window: step.window.as_ref().map(|w| w.seconds),
                        check: told.check.map(|(command, expect)| CheckJson { command, expect: text(&expect) }),
                        way_back: told.back.as_ref().map(text),
                    }
                })
                .collect(),
            after: stage.after.as_ref().map(wait),
        })
        .collect();
    let differences = telling::different(&plan)
        .into_iter()
        .map(|d| DifferenceJson {
            name: plain(&d.name),
            rtype: d.rtype.to_string(),
            part: part(d.part),
            now: d.extra.iter().map(|f| row(&f.record, f.has_ttl.then_some(f.record.ttl))).collect(),
            wanted: d.missing.iter().map(|r| row(r, Some(r.ttl))).collect(),
            pieces: d
                .pieces
                .into_iter()
                .map(|p| match p {
                    Piece::Added(to) => PieceJson { from: None, to: Some(to) },
                    Piece::Gone(from) => PieceJson { from: Some(from), to: None },
                    Piece::Changed { from, to } => PieceJson { from: Some(from), to: Some(to) },
                })
                .collect(),
            known: d.known,
        })
        .collect();
    let document = Document {
        version: VERSION,
        domain: plain(domain),
        done: plan.plan.is_done(plan.question),
        complete: plan.question.current.is_some_and(crate::zone::Current::is_complete),
        taken_to_send,
        differences,
        kept: Kept { count, records },
        stages,
    };
    vec![Product { name: file_name(domain, "plan.json"), text: written(&document) }]
}
