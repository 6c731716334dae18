//! The ways round a limit by name: what `[[way]] use` may say. Which of them work is for others to find out.

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
pub(crate) const WORDS: [(&str, WayKind); 12] = [
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

    /// Whether it publishes a copy of a key that the vendor keeps.
    #[must_use]
    pub fn copies_key(self) -> bool {
        matches!(self, Self::TxtCopy | Self::KeyzoneTxt)
    }

    /// Whether it is taken without being asked for, once everything it needs is there. The others change who edits the zone, go stale
    /// or lose something, so a person decides.
    #[must_use]
    pub fn is_taken_unasked(self) -> bool {
        matches!(self, Self::WithoutUnderscore | Self::SpfSplit | Self::Keyzone | Self::KeyzoneTxt)
    }
}
