//! A plan as text: for a person, as data, for a pull request, for nsupdate. What a step says is put into words once, in `telling`.

mod json;
mod markdown;
mod nsupdate;
mod telling;
mod text;
pub mod words;

pub(super) use telling::taken_to_send;

use crate::plan::{Plan, Question};

use super::{Input, Product, worksheet};

/// What a format of a plan is given.
#[derive(Clone, Copy)]
pub struct PlanInput<'p, 'a> {
    /// The site and what was made of it, and the language.
    pub input: &'p Input<'a>,
    /// What the plan was made of.
    pub question: &'p Question<'a>,
    /// The plan.
    pub plan: &'p Plan<'a>,
    /// Stages go into files of their own.
    pub folder: bool,
    /// It only puts right what is wrong now, so that who sends already is no matter of it.
    pub repairs: bool,
}

/// A format of a plan.
#[derive(Clone, Copy)]
pub struct PlanFormat {
    /// Its name on the command line.
    pub name: &'static str,
    /// Writes a plan.
    pub write: fn(PlanInput<'_, '_>) -> Vec<Product>,
}

/// Every format of a plan; the first is the default.
pub const FORMATS: &[PlanFormat] = &[
    PlanFormat { name: "text", write: text::write },
    PlanFormat { name: "worksheet", write: |plan| worksheet::write_plan(plan, false) },
    PlanFormat { name: "html", write: |plan| worksheet::write_plan(plan, true) },
    PlanFormat { name: "json", write: json::write },
    PlanFormat { name: "markdown", write: markdown::write },
    PlanFormat { name: "nsupdate", write: nsupdate::write },
];
