//! MTA-STS (RFC 8461): the `_mta-sts` record and the policy file.
//!
//! Knows texts; never fetches a policy and never asks for a record. An `id` is a hash of the policy, so that no clock is needed.

mod parse;
mod policy;
mod print;
mod types;

pub use parse::{looks_like_mta_sts, parse};
pub use policy::{parse_policy, policy_id};
pub use print::{LineEnd, record};
pub use types::{Kind, Mode, MxPattern, Policy, PolicyKind, Record};
