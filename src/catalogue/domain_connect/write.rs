//! A template that was read from Domain Connect, in the form that providers/README.md describes. What cannot come from there is not written.

use std::fmt::Write as _;

use crate::catalogue::facts::Evidence;
use crate::catalogue::sender::{
    Condition, Dkim, DkimForm, Redirect, Role, Sender, Spf, SpfNeeded, TemplateRecord, TxtConflict, Variable,
};
use crate::report::Text;

/// The text of the template; reading it gives the same template.
#[must_use]
pub fn write(sender: &Sender) -> String {
    // All fields by name, so that one that is new is decided about here.
    let Sender {
        id,
        name,
        aliases: _,
        kind,
        japanese,
        engine: _,
        via: _,
        own_address: _,
        recognise: _,
        variables,
        mail_from: _,
        alternatives: _,
        groups,
        default_roles,
        host_required,
        multi_instance,
        spf,
        dkim,
        dkim_note: _,
        records,
        redirects,
        switches: _,
        retired: _,
        notes: _,
        sources,
    } = sender;
    let mut out = Out(String::new());
    out.line(
        "# Made from a Domain Connect template. Such a template does not say what zoneplan would like to know besides:",
    );
    out.line("# where the panel shows each value ([variable.…] where), and whose Return-Path the service uses ([spf] needed).");
    out.line("");
    out.string("id", id);
    out.text("name", name);
    out.string("kind", kind);
    out.string("market", if *japanese { "jp" } else { "global" });
    if !default_roles.is_empty() {
        let words = default_roles.iter().map(|r| quote(r.word())).collect::<Vec<_>>().join(", ");
        out.entry("default-roles", &format!("[{words}]"));
    }
    if *host_required {
        out.entry("host-required", "true");
    }
    if let Some(several) = multi_instance {
        out.entry("multi-instance", &several.to_string());
    }
    for source in sources {
        self::source(source, &mut out);
    }
    for (group, has) in groups {
        out.header(&format!("[group.{}]", key(group)));
        out.string("en", &has.en);
        out.string("ja", &has.ja);
    }
    for variable in variables {
        self::variable(variable, &mut out);
    }
    self::spf(spf, &mut out);
    for entry in dkim {
        self::dkim(entry, &mut out);
    }
    for record in records {
        self::record(record, &mut out);
    }
    for entry in redirects {
        redirect(entry, &mut out);
    }
    out.0
}

/// The text so far.
struct Out(String);

impl Out {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn header(&mut self, header: &str) {
        self.line("");
        self.line(header);
    }

    fn entry(&mut self, key: &str, value: &str) {
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn string(&mut self, key: &str, value: &str) {
        self.entry(key, &quote(value));
    }

    fn text(&mut self, key: &str, text: &Text) {
        self.entry(key, &both(text));
    }

    /// When a part applies, as far as it is not the default.
    fn condition(&mut self, when: &Condition, default: Role) {
        for (key, value) in conditions(when, default) {
            self.string(key, &value);
        }
    }
}

/// A string as TOML has it.
fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A key as TOML has it.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if bare { name.to_owned() } else { quote(name) }
}

fn both(text: &Text) -> String {
    format!("{{ en = {}, ja = {} }}", quote(&text.en), quote(&text.ja))
}

fn conditions(when: &Condition, default: Role) -> Vec<(&'static str, String)> {
    let role = (when.role != default).then(|| ("role", when.role.word().to_owned()));
    let group = when.group.clone().map(|group| ("group", group));
    role.into_iter().chain(group).collect()
}

fn source(source: &Evidence, out: &mut Out) {
    out.header("[[source]]");
    let facts = source.facts.iter().map(|f| quote(f)).collect::<Vec<_>>().join(", ");
    out.entry("facts", &format!("[{facts}]"));
    out.string("url", &source.url);
    out.string("date", &source.date);
    out.string("confidence", source.trust.word());
}

fn variable(variable: &Variable, out: &mut Out) {
    out.header(&format!("[variable.{}]", key(&variable.name)));
    out.text("what", &variable.what);
    out.text("where", &variable.find);
    out.string("kind", variable.kind.word());
    out.string("example", &variable.example);
    if variable.may_be_empty {
        out.entry("empty", "true");
    }
}

fn spf(spf: &Spf, out: &mut Out) {
    out.header("[spf]");
    out.string("needed", needed(spf.needed));
    if let Some(note) = &spf.note {
        out.text("note", note);
    }
    if let Some(host) = &spf.host {
        out.string("host", &host.value);
    }
    if spf.terms.is_empty() {
        return;
    }
    out.line("terms = [");
    for term in &spf.terms {
        let mut keys = vec![("value", term.value.value.clone())];
        keys.extend(term.name.as_ref().map(|name| ("name", name.value.clone())));
        keys.extend(conditions(&term.when, Role::Send));
        let keys = keys.iter().map(|(key, value)| format!("{key} = {}", quote(value))).collect::<Vec<_>>().join(", ");
        out.line(&format!("  {{ {keys} }},"));
    }
    out.line("]");
}

fn needed(needed: SpfNeeded) -> &'static str {
    match needed {
        SpfNeeded::Yes => "yes",
        SpfNeeded::Subdomain => "subdomain",
        SpfNeeded::No => "no",
        SpfNeeded::VendorAsks => "vendor-asks",
        SpfNeeded::Conditional => "conditional",
        SpfNeeded::Unknown => "unknown",
    }
}

/// TTL and whether the record may be changed later.
fn upkeep(ttl: Option<&str>, on_apply: bool, out: &mut Out) {
    if let Some(ttl) = ttl {
        let number = ttl.bytes().all(|b| b.is_ascii_digit());
        out.entry("ttl", &if number { ttl.to_owned() } else { quote(ttl) });
    }
    if on_apply {
        out.string("essential", "on-apply");
    }
}

fn dkim(dkim: &Dkim, out: &mut Out) {
    out.header("[[dkim]]");
    out.string("selector", &dkim.selector.value);
    if let Some(host) = &dkim.host {
        out.string("host", &host.value);
    }
    match &dkim.form {
        DkimForm::Cname(target) => out.string("target", &target.value),
        DkimForm::Txt(value) => out.string("value", &value.value),
        DkimForm::CustomerKey { prefix } => out.string("customer-key", prefix),
    }
    upkeep(dkim.ttl.as_ref().map(|t| t.value.as_str()), dkim.on_apply, out);
    out.condition(&dkim.when, Role::Send);
}

fn record(record: &TemplateRecord, out: &mut Out) {
    out.header("[[record]]");
    out.string("name", &record.name.value);
    out.string("type", &record.rtype.value);
    out.string("value", &record.value.value);
    out.string("purpose", record.purpose.word());
    upkeep(record.ttl.as_ref().map(|t| t.value.as_str()), record.on_apply, out);
    match &record.conflict {
        Some(TxtConflict::All) => out.string("conflict", "all"),
        Some(TxtConflict::Prefix(prefix)) => out.string("conflict-prefix", prefix),
        None => {}
    }
    out.condition(&record.when, record.purpose.role());
}

fn redirect(redirect: &Redirect, out: &mut Out) {
    out.header("[[redirect]]");
    out.string("name", &redirect.name.value);
    out.string("target", &redirect.target.value);
    out.entry("code", &redirect.code.to_string());
    out.condition(&redirect.when, Role::Web);
}
