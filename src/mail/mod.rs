//! Mail authentication records: parse, print, merge. Knows no files, no registrars, no DNS transport.

pub mod tags;

pub mod bimi;
pub mod dkim;
pub mod dmarc;
pub mod mta_sts;
pub mod spf;
pub mod tls_rpt;
