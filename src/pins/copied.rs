//! Since when a copy of a vendor's key is what it is.

use jiff::civil::Date;

use super::{Pins, Use};
use crate::mail::dkim::key_value;
use crate::zone::{Name, Rtype};

/// What pins know of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The vendor has had this key since that day.
    Since(Date),
    /// The vendor had another key when it was looked up.
    Another,
    /// Nothing.
    Unknown,
}

impl Pins {
    /// What is known of `text`, a copy at `owner` of the key that its vendor publishes at `at`.
    #[must_use]
    pub fn copied(&self, owner: &Name, at: &Name, text: &[u8]) -> Copied {
        let of = Use::Key(owner.clone());
        let Some(pin) = self.get(at, Rtype::TXT).filter(|pin| pin.uses.contains(&of)) else { return Copied::Unknown };
        let mine = key_value(text);
        match pin.values.iter().any(|value| key_value(&value.txt_joined()) == mine) {
            true => Copied::Since(pin.seen),
            false => Copied::Another,
        }
    }
}
