//! A way round a limit, as data: what it is, whether it works here and on which facts that rests, what it costs, what it puts where.

use crate::report::Text;
use crate::zone::{Name, Record};

/// Which way round. The order is the rank: fewest years of upkeep first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WayKind {
    /// As it is published, after all.
    AsPublished,
    /// Several strings, the way this form wants them.
    Strings,
    /// The value without its leading `_`, where the vendor documents that it may go.
    WithoutUnderscore,
    /// An SPF record whose terms stand in further records that it includes.
    SpfSplit,
    /// A CNAME to a zone of one's own, which has the CNAME on to the vendor.
    Keyzone,
    /// NS records hand the subtree to another DNS host.
    Delegation,
    /// The zone moves to the mail host's own panel, which makes the records itself.
    MailHostDns,
    /// A CNAME to a zone of one's own, which has the text.
    KeyzoneTxt,
    /// The vendor's text copied into this zone.
    TxtCopy,
    /// A key of 1024 bits.
    ShorterKey,
    /// The zone moves to another DNS host.
    OtherHost,
    /// Left out, with what then fails.
    NotNow,
}

/// Words of `[[way]] use`, in the order of the ranks.
const WORDS: [(&str, WayKind); 12] = [
    ("as-published", WayKind::AsPublished),
    ("strings", WayKind::Strings),
    ("without-underscore", WayKind::WithoutUnderscore),
    ("spf-split", WayKind::SpfSplit),
    ("keyzone", WayKind::Keyzone),
    ("delegation", WayKind::Delegation),
    ("mail-host-dns", WayKind::MailHostDns),
    ("keyzone-txt", WayKind::KeyzoneTxt),
    ("txt-copy", WayKind::TxtCopy),
    ("shorter-key", WayKind::ShorterKey),
    ("other-host", WayKind::OtherHost),
    ("not-now", WayKind::NotNow),
];

impl WayKind {
    /// The word in site.toml and JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// The way of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        WORDS.iter().find(|(w, _)| *w == word).map(|(_, kind)| *kind)
    }

    /// Whether it is taken without being asked for, once everything it needs is there. The others change who edits the zone, go stale
    /// or lose something, so a person decides.
    #[must_use]
    pub fn is_taken_unasked(self) -> bool {
        matches!(self, Self::WithoutUnderscore | Self::SpfSplit | Self::Keyzone | Self::KeyzoneTxt)
    }
}

/// A fact that decides over a way and is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What is not known, as a sentence.
    pub what: Text,
    /// The limit that would say it; none if the vendor of the record has to be asked.
    pub limit: Option<&'static str>,
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
    /// Owners and types in this zone that stand for it; empty if it was left out.
    pub owners: Vec<(Name, crate::zone::Rtype)>,
    /// Why the form does not take it as it is.
    pub why: Text,
    /// Every way there is, the one taken among them.
    pub ways: Vec<Way>,
}
