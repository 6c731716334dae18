//! A way round a limit, as data: what it is, whether it works here and on which facts that rests, what it costs, what it puts where.

use crate::report::Text;
pub use crate::site::WayKind;
use crate::zone::Record;

/// A fact that decides over a way and is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What must hold, as a sentence that follows "only if".
    pub what: Text,
    /// The limit that would say it; none if the vendor of the record has to be asked.
    pub limit: Option<&'static str>,
    /// The id of the company whose form it is, if that is not the one in which the record is entered.
    pub elsewhere: Option<String>,
}

/// Whether a way works here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// By all that is known.
    Works,
    /// If these facts turn out right.
    Conditional(Vec<Condition>),
    /// Not here, and why.
    Blocked(Text),
}

/// What a way asks of people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// Work now.
    pub effort: Text,
    /// Money or things to have.
    pub cost: Text,
    /// What may go wrong while it is done.
    pub risk: Text,
    /// Work in the years after.
    pub care: Text,
}

/// One way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Which.
    pub kind: WayKind,
    /// Whether it works here.
    pub standing: Standing,
    /// Everything it needs stands in site.toml.
    pub ready: bool,
    /// It was taken.
    pub chosen: bool,
    /// What it is, in one sentence with the numbers.
    pub title: Text,
    /// What it asks.
    pub price: Price,
    /// Anything else that must be known before it is chosen.
    pub remark: Option<Text>,
    /// What is entered in this zone in place of the record; nothing if nothing is.
    pub here: Vec<Record>,
    /// What the keyzone gets.
    pub there: Vec<Record>,
    /// Lines of site.toml that make it happen, where it is not ready.
    pub write: Option<String>,
}

impl Way {
    /// Whether nothing that is known speaks against it.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        !matches!(self.standing, Standing::Blocked(_))
    }
}

/// A record that the zone has in another form than it is wanted in.
#[derive(Clone, Debug)]
pub struct Substitution {
    /// The record that was wanted.
    pub wanted: Record,
    /// How it was fitted.
    pub kind: WayKind,
    /// The records of this zone that stand for it; empty if it was left out.
    pub here: Vec<Record>,
    /// Why the form does not take it as it is.
    pub why: Text,
    /// Every way there is, the one taken among them.
    pub ways: Vec<Way>,
}
