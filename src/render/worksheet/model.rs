//! A worksheet as cards of blocks: what a person does, in order. How a block looks is for the renderers; what it says was decided before.

use crate::report::Text;

/// A worksheet for one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The domain as people write it.
    pub domain: String,
    /// What the sheet is: heading.
    pub title: Text,
    /// Lines under the heading: which panels, how much there is to do, how long it takes.
    pub head: Vec<(Text, Text)>,
    /// The cards, in the order in which they are done.
    pub cards: Vec<Card>,
}

/// How much can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Nothing that works now changes.
    Low,
    /// A mistake here is felt.
    Medium,
    /// A mistake here stops mail or the web site.
    High,
}

/// What a card asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// To do before anything else; not numbered.
    Before,
    /// A new row.
    Add,
    /// A row that is there is changed.
    Edit,
    /// A switch is turned on; nothing is typed.
    Switch,
    /// A value has to be found first.
    Find,
    /// The form does not take it: something has to be decided first.
    Decide,
    /// A row goes.
    Remove,
    /// A sender may send from here on.
    Start,
    /// Nothing is typed until some time has passed; not numbered.
    Wait,
    /// Left as it is; not numbered.
    Keep,
    /// To see that all of it works.
    Confirm,
}

/// One card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// A name that stays the same as long as what is asked is the same: ticks are kept under it.
    pub key: String,
    /// What it asks for.
    pub task: Task,
    /// Its number; none for what is done before and what is left as it is.
    pub number: Option<usize>,
    /// One line.
    pub title: Text,
    /// In whose panel.
    pub panel: Option<Text>,
    /// How much can go wrong.
    pub risk: Option<Risk>,
    /// What it says, in order.
    pub blocks: Vec<Block>,
}

/// A piece of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A sentence with a word in front: "why", "to take back". The word may be empty.
    Line {
        /// The word.
        label: Text,
        /// The sentence.
        text: Text,
    },
    /// A box of the form.
    Entry {
        /// Its label: the form's own, or a neutral word.
        label: Text,
        /// What goes in, octet for octet; empty = the box stays empty.
        content: String,
        /// A choice or a short number: may stand beside its label.
        short: bool,
        /// Byte count, limit, what is not known.
        notes: Vec<Text>,
    },
    /// A value that is shown to be compared, not entered: the row as it is now.
    Value {
        /// What it is.
        label: Text,
        /// The value.
        content: String,
    },
    /// A command to run, to copy.
    Command {
        /// What for.
        label: Text,
        /// The command.
        command: String,
        /// What is to be seen.
        expect: Text,
    },
    /// A trap of the panel, or a warning.
    Warning(Text),
    /// Something to tick.
    Tick {
        /// Its name within the card.
        key: String,
        /// What was done.
        text: Text,
    },
}
