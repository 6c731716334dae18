//! zoneplan: from a declaration of who sends mail for a domain to the DNS records, fitted to what the registrar's form can take.
//!
//! Data flows one way: `site` → `catalogue` → `compose` → `fit` → `render`; findings leave every room through `report`.

pub mod build;
pub mod catalogue;
pub mod check;
pub mod cli;
pub mod compose;
mod current;
pub mod fit;
pub mod import;
pub mod includes;
pub mod init;
pub mod lint;
pub mod live;
pub mod mail;
pub mod own_templates;
pub mod pinning;
pub mod pins;
pub mod plan;
pub mod render;
pub mod report;
mod retired;
pub mod schema;
pub mod site;
pub mod spf_dns;
pub mod spf_repair;
pub mod status;
pub mod template_check;
pub mod toml_reader;
pub mod zone;
pub mod zone_lint;
