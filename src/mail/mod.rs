//! Mail authentication records: parse, print, merge. Knows no files, no registrars, no DNS transport.

pub mod tags;

pub mod dkim;
pub mod dmarc;
