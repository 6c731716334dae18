//! DNS look-ups behind one trait. Holds the question, what can become of it, and two that answer: the network and its twin, zone files;
//! and whole zones, as name servers hand them out.
//! Knows no sites and no findings, and decides nothing. Of all rooms it alone opens a socket, and only `network` and, for texts from the
//! web, `https` do, with the feature `live`.
//!
//! What was not said is kept apart from what was denied: a name that does not exist, a name without such a record, a server that failed, one
//! that would not answer, one that was silent and a name that nobody here knows are different outcomes, each with its own words.

mod answer;
#[cfg(feature = "live")]
pub mod axfr;
mod fetch;
pub mod fixture;
#[cfg(feature = "live")]
pub mod https;
#[cfg(feature = "live")]
mod message;
#[cfg(feature = "live")]
pub mod network;
pub mod server;
mod shared;
mod transfer;
mod zone_servers;

pub use answer::{Answer, Malformation, Outcome, Question, Source};
pub use fetch::{CertificateFault, Fetch, FetchFault, TEXT_MAX};
pub use fixture::{Fixture, InTurn, Nobody};
#[cfg(feature = "live")]
pub use https::Https;
#[cfg(feature = "live")]
pub use network::Network;
pub use shared::Shared;
pub use transfer::{Transfer, TransferError, TransferFault};
pub use zone_servers::{Dns, hosts, servers_of, zone_of};

/// Whoever answers questions.
pub trait Resolve: Sync {
    /// Asks one question. It comes back in bounded time, whatever happens.
    fn ask(&self, question: &Question) -> Answer;

    /// Asks several, side by side where that saves time. The answers come in the order of the questions.
    fn ask_all(&self, questions: &[Question]) -> Vec<Answer> {
        questions.iter().map(|question| self.ask(question)).collect()
    }
}

impl<R: Resolve + ?Sized> Resolve for &R {
    fn ask(&self, question: &Question) -> Answer {
        (**self).ask(question)
    }

    fn ask_all(&self, questions: &[Question]) -> Vec<Answer> {
        (**self).ask_all(questions)
    }
}

/// Who tells a zone as it is.
#[derive(Clone, Copy)]
pub enum Teller<'a> {
    /// Asked name by name: a resolver, and of what it finds the zone's own name servers, where they are asked by themselves.
    Asked(&'a dyn Dns),
    /// Hands it out whole.
    HandsOut(&'a dyn Transfer),
}

impl std::fmt::Debug for Teller<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Asked(_) => f.write_str("Asked"),
            Self::HandsOut(transfer) => f.debug_tuple("HandsOut").field(&transfer.source()).finish(),
        }
    }
}

/// Most aliases that are followed from one question: more than any that are meant.
const CHAIN_MAX: usize = 16;
