//! site.toml, version 1: from the file to the model. Everything that is wrong is told, at its place.

use std::collections::BTreeMap;

use crate::catalogue::limits;
use crate::catalogue::sender::{RESERVED, ROLES, Role};
use crate::mail::spf;
use crate::report::{Finding, Lang, Severity, Sources, Span, Text, excerpt};
use crate::say;
use crate::toml_reader::{At, Sink, Table, parse};
use crate::zone::{Name, Rdata, Rtype, Ttl, idn};

use super::files::{Files, LIMIT_KEY_FILE, LIMIT_SITE_FILE, read_text};
use super::model::*;
use super::names::{self, with_full_target};

/// The words and tags that site.toml knows, for what describes the format.
pub(crate) mod words {
    use super::{Lang, Recipient, SpfChoice};

    /// `lang`.
    pub(crate) const LANGS: &[(&str, Lang)] = &[("en", Lang::En), ("ja", Lang::Ja)];
    /// `recipients`.
    pub(crate) const RECIPIENTS: &[(&str, Recipient)] = &[("jp-mobile", Recipient::JpMobile)];
    /// `spf` of a sender.
    pub(crate) const SPF_CHOICES: &[(&str, SpfChoice)] =
        &[("from", SpfChoice::From), ("return-path", SpfChoice::ReturnPath), ("omit", SpfChoice::Omit)];
    /// `[spf] all`.
    pub(crate) const CLOSING: &[&str] = &["~all", "-all", "?all"];
    /// `p`, `sp` and `np` of `[dmarc]`.
    pub(crate) const POLICIES: &[(&str, ())] = &[("none", ()), ("quarantine", ()), ("reject", ())];
    /// `[mta-sts] mode`.
    pub(crate) const MODES: &[(&str, ())] = &[("enforce", ()), ("testing", ()), ("none", ())];
    /// Properties of `[caa]`.
    pub(crate) const CAA_TAGS: [&str; 5] = ["issue", "issuewild", "issuemail", "issuevmc", "iodef"];
    /// The most mails that `gmail-per-day` may say.
    pub(crate) const GMAIL_MAX: u64 = 1_000_000_000;
    /// The most seconds of `[mta-sts] max-age` (RFC 8461 §3.2).
    pub(crate) const MAX_AGE: u32 = 31_557_600;
}

use words::*;

/// Reads the file at `path` and what it extends.
pub(super) fn load(path: &str, files: &dyn Files, sources: &mut Sources, findings: &mut Vec<Finding>) -> Option<Site> {
    let text = text_of(path, None, files, findings)?;
    let sink = Sink::new(sources.add(path, text.clone()));
    let read = |site: &Table<'_>| match site.string("extends") {
        None => Reader { path, base_path: None, files, site, base: None, domain: Name::root() }.read(),
        Some(extends) => extended(path, &extends, files, site, sources, findings),
    };
    let site = parse(&text, &sink, read).flatten();
    findings.extend(sink.into_findings());
    site
}

/// Reads a site over the defaults that it extends.
fn extended(
    path: &str,
    extends: &At<String>,
    files: &dyn Files,
    site: &Table<'_>,
    sources: &mut Sources,
    findings: &mut Vec<Finding>,
) -> Option<Site> {
    let base_path = files.beside(path, &extends.value);
    if files.canonical(&base_path) == files.canonical(path) {
        let title = say!(en: "the file extends itself", ja: "自分自身を extends しています");
        site.sink().push(wrong("site-extends", extends.span, title));
        return None;
    }
    let text = text_of(&base_path, Some(extends.span), files, findings)?;
    let sink = Sink::new(sources.add(&base_path, text.clone()));
    let read = |base: &Table<'_>| {
        for key in ["domain", "extends", "current", "current-whole"] {
            if let Some(span) = base.key_span(key) {
                let title = say!(en: "`{key}` can't stand in a file that others extend", ja: "extends される側のファイルに `{key}` は書けません");
                sink.push(wrong("site-extends", span, title));
            }
            base.mark(key);
        }
        let base_path = Some(base_path.as_str());
        Reader { path, base_path, files, site, base: Some(base), domain: Name::root() }.read()
    };
    let site = parse(&text, &sink, read).flatten();
    findings.extend(sink.into_findings());
    site
}

/// The text of a file, or a finding that says why there is none.
fn text_of(path: &str, named_at: Option<Span>, files: &dyn Files, findings: &mut Vec<Finding>) -> Option<String> {
    let read = read_text(path, files, LIMIT_SITE_FILE, "site-file");
    read.map_err(|finding| findings.push(finding.at_opt(named_at, Text::default()))).ok()
}

/// A finding of the configuration at a place.
fn wrong(id: &'static str, span: Span, title: Text) -> Finding {
    Finding::new(id, Severity::Error, title).at(span, Text::default())
}

struct Reader<'a> {
    path: &'a str,
    base_path: Option<&'a str>,
    files: &'a dyn Files,
    site: &'a Table<'a>,
    base: Option<&'a Table<'a>>,
    domain: Name,
}

impl<'a> Reader<'a> {
    /// The table that a top-level key is read from: the site's if it has the key, else what it extends.
    fn of(&self, key: &'static str) -> &'a Table<'a> {
        self.site.mark(key);
        match self.base {
            Some(base) => {
                base.mark(key);
                if self.site.has(key) { self.site } else { base }
            }
            None => self.site,
        }
    }

    fn string(&self, key: &'static str) -> Option<At<String>> {
        self.of(key).string(key)
    }

    fn table(&self, key: &'static str) -> Option<Table<'a>> {
        self.of(key).table(key)
    }

    fn read(mut self) -> Option<Site> {
        self.site.mark("extends");
        // Without a domain the rest is read all the same, so that its mistakes are told too.
        let domain = self.domain();
        if let Some((domain, _)) = &domain {
            self.domain = domain.value.clone();
        }
        let registrar = self.string("registrar").filter(|r| r.value != "other");
        let current = self.site.string("current");
        let current_whole = self.site.boolean("current-whole");
        // The folder stands beside the file that names it.
        let from = if self.site.has("providers") { self.path } else { self.base_path.unwrap_or(self.path) };
        let providers = self.string("providers").map(|p| p.map(|name| self.files.beside(from, &name)));
        let ttl = ttl(self.of("ttl"), "ttl");
        let lang = self.string("lang").and_then(|l| match LANGS.iter().find(|(word, _)| *word == l.value) {
            Some((_, lang)) => Some(*lang),
            None => {
                self.of("lang").sink().push(wrong(
                    "site-unknown-word",
                    l.span,
                    say!(en: "`lang` is \"ja\" or \"en\"", ja: "`lang` は \"ja\" か \"en\" です"),
                ));
                None
            }
        });
        let recipients = self.recipients();
        let gmail_per_day = self.of("gmail-per-day").number("gmail-per-day", GMAIL_MAX);
        let mail = self.of("mail").boolean("mail");
        let senders: Vec<SenderUse> =
            self.of("sender").tables("sender").iter().filter_map(|t| self.sender(t)).collect();
        let subdomains: Vec<Subdomain> =
            self.of("subdomain").tables("subdomain").iter().filter_map(|t| self.subdomain(t)).collect();
        let spf = self.table("spf").map(|t| spf_section(&t)).unwrap_or_default();
        let dmarc = self.table("dmarc").map(|t| dmarc_section(&t));
        let mta_sts = self.table("mta-sts").and_then(|t| mta_sts_section(&t));
        let tls_rpt = self.table("tls-rpt").map(|t| {
            let rua = t.strings("rua");
            if rua.is_empty() {
                t.missing("rua");
            }
            t.finish();
            TlsRptSection { span: t.span, rua }
        });
        let bimi = self.table("bimi").and_then(|t| {
            let section = (t.string("selector"), t.need_string("l"), t.string("a"), t.string("avp"));
            t.finish();
            Some(BimiSection { span: t.span, selector: section.0, l: section.1?, a: section.2, avp: section.3 })
        });
        let caa = self.table("caa").map(|t| caa_section(&t));
        let keyzone = self.table("keyzone").and_then(|t| self.keyzone(&t));
        let ways: Vec<Way> = self.of("way").tables("way").iter().filter_map(|t| self.way(t)).collect();
        let limits = self.table("limits").map(|t| limits_section(&t)).unwrap_or_default();
        let records = self.of("record").tables("record").iter().filter_map(|t| self.record(t)).collect::<Vec<_>>();
        let lint_off = self
            .table("lint")
            .map(|t| {
                let off = t.strings("off");
                t.finish();
                off
            })
            .unwrap_or_default();
        self.site.finish();
        if let Some(base) = self.base {
            base.finish();
        }
        self.no_mail(mail.as_ref(), &senders, &spf, &records, &subdomains);
        self.twice(senders.iter().filter_map(|s| s.id.as_ref()).map(|id| (id.value.as_str(), id.span)), "id");
        let names: Vec<(String, Span)> = subdomains
            .iter()
            .map(|s| (s.name.value.display_without_dot().to_string().to_lowercase(), s.name.span))
            .collect();
        self.twice(names.iter().map(|(n, s)| (n.as_str(), *s)), "[[subdomain]] name");
        let (domain, domain_unicode) = domain?;
        Some(Site {
            file: self.site.sink().file(),
            domain,
            domain_unicode,
            registrar,
            current,
            current_whole,
            providers,
            ttl,
            lang,
            recipients,
            gmail_per_day,
            mail,
            senders,
            subdomains,
            spf,
            dmarc,
            mta_sts,
            tls_rpt,
            bimi,
            caa,
            keyzone,
            ways,
            limits,
            records,
            lint_off,
        })
    }

    fn domain(&self) -> Option<(At<Name>, Option<String>)> {
        let given = self.site.need_string("domain")?;
        match names::domain(&given.value) {
            Ok(name) => {
                self.say_mapped(self.site, &given);
                if name.first_label().is_some_and(|l| l.eq_ignore_ascii_case(b"www")) {
                    let plain = name.parent().map(|p| p.display_without_dot().to_string()).unwrap_or_default();
                    self.site.sink().push(
                        Finding::warning("site-www", say!(en: "mail is sent as {plain}, hardly as www.{plain}", ja: "メールの差出人は、www の付かない {plain} のはずです"))
                            .at(given.span, Text::default())
                            .next(say!(en: "write domain = \"{plain}\"", ja: "domain = \"{plain}\" と書いてください")),
                    );
                }
                let unicode = idn::to_unicode(&name);
                Some((At::new(name, given.span), unicode))
            }
            Err(why) => {
                self.site.sink().push(wrong("site-domain", given.span, why));
                None
            }
        }
    }

    /// `www.example.org` in the zone of example.com is hardly meant as a name below it.
    fn say_full(&self, table: &Table<'_>, given: &At<String>, name: &Name) {
        let written = given.value.trim_end_matches('.').to_ascii_lowercase();
        let plain = name.display_without_dot().to_string().to_ascii_lowercase();
        // Words such as `news` and `shop` are top-level domains too, but here they are far likelier subdomains.
        let known = ["com", "net", "org", "jp", "info", "biz"].iter().any(|t| written.ends_with(&format!(".{t}")));
        if !written.contains('.') || written == plain || plain.len() <= written.len() || !known {
            return;
        }
        table.sink().push(
            Finding::warning("dns-doubled-origin", say!(en: "{written} becomes {plain}", ja: "{written} は {plain} になります"))
                .at(given.span, Text::default())
                .next(say!(
                    en: "if another domain is meant, its records are edited there; if this is right, nothing is to be done",
                    ja: "別のドメインのつもりなら、そのレコードはそちらで編集します。このままでよければ、何もしなくてかまいません"
                )),
        );
    }

    /// Full-width characters are read as what they mean, and named.
    fn say_mapped(&self, table: &Table<'_>, given: &At<String>) {
        if given.value.is_ascii() {
            return;
        }
        let Ok(idn) = idn::to_ascii(&given.value) else { return };
        let shown = excerpt(&idn.ascii, 80);
        if idn.mapped.is_empty() {
            return;
        }
        let mut finding = Finding::warning(
            "site-full-width",
            say!(en: "this name was read as {shown}", ja: "この名前は {shown} として読みました"),
        )
        .at(given.span, Text::default());
        // A few are enough to see what happened.
        for mapped in idn.mapped.iter().take(5) {
            finding = finding.note(crate::report::NoteKind::Note, mapped.text());
        }
        table.sink().push(
            finding.next(say!(en: "write it in half-width characters", ja: "半角で書き直してください")).fix(
                say!(en: "write {shown}", ja: "{shown} に直す"),
                given.span,
                format!("\"{shown}\""),
            ),
        );
    }

    fn recipients(&self) -> Option<Vec<At<Recipient>>> {
        let table = self.of("recipients");
        if !table.has("recipients") {
            return None;
        }
        Some(
            table
                .strings("recipients")
                .into_iter()
                .filter_map(|r| table.meaning(&r, RECIPIENTS).map(|v| At::new(v, r.span)))
                .collect(),
        )
    }

    fn name(&self, table: &Table<'_>, key: &'static str) -> Option<At<Name>> {
        let given = table.need_string(key)?;
        self.owner(table, given)
    }

    fn owner(&self, table: &Table<'_>, given: At<String>) -> Option<At<Name>> {
        match names::owner(&given.value, &self.domain) {
            Ok(name) => {
                self.say_mapped(table, &given);
                self.say_full(table, &given, &name);
                Some(At::new(name, given.span))
            }
            Err(why) => {
                table.sink().push(wrong("site-name", given.span, why));
                None
            }
        }
    }

    fn sender(&self, t: &Table<'_>) -> Option<SenderUse> {
        let provider = t.need_string("provider");
        let id = t.string("id");
        let subdomain =
            t.string("subdomain").and_then(|s| self.owner(t, s)).and_then(|name| match name.value.host_fault() {
                None => Some(name),
                Some(fault) => {
                    t.sink().push(wrong("site-name", name.span, fault.text()));
                    None
                }
            });
        let roles = self.roles(t);
        let mut dkim: Vec<DkimEntry> = t.tables("dkim").iter().filter_map(|d| self.dkim(d)).collect();
        if let Some(file) = t.string("dkim-key-file") {
            dkim.extend(self.key_file(t, None, file));
        }
        let options = t
            .table("options")
            .map(|o| {
                o.entries()
                    .into_iter()
                    .filter_map(|(k, v)| match v.string() {
                        Some(s) => Some((k.value.to_owned(), (k.span, At::new(s.to_owned(), v.span)))),
                        None => {
                            v.wrong_type(k.value, &say!(en: "a string", ja: "文字列"));
                            None
                        }
                    })
                    .collect::<BTreeMap<_, _>>()
            })
            .unwrap_or_default();
        let used = SenderUse {
            span: t.span,
            id,
            subdomain,
            roles,
            dkim,
            ttl: ttl(t, "ttl"),
            note: t.string("note"),
            from: t.string("from"),
            mail_from: t.string("mail-from"),
            spf: t.string("spf").and_then(|s| t.meaning(&s, SPF_CHOICES).map(|v| At::new(v, s.span))),
            groups: t.has("groups").then(|| t.strings("groups")),
            options,
            variables: t
                .rest()
                .into_iter()
                .filter(|(k, _)| !RESERVED.contains(&k.value))
                .map(|(k, v)| {
                    // `server = 14166` is what many write; a number means its digits.
                    let value = v.string().map(str::to_owned).or_else(|| v.number().map(|n| n.to_string()));
                    if value.is_none() {
                        v.wrong_type(k.value, &say!(en: "a string", ja: "文字列（\"…\"）"));
                    }
                    (At::new(k.value.to_owned(), k.span), value.map(|value| At::new(value, v.span)))
                })
                .collect(),
            provider: provider?,
        };
        // Else a template could have a variable of that name, which the site could not give.
        debug_assert!(t.asked().iter().all(|key| RESERVED.contains(key)), "a key of [[sender]] is not RESERVED");
        // Without its From domain a sender would be taken for another one.
        (used.subdomain.is_some() || !t.has("subdomain")).then_some(used)
    }

    /// The roles. Where one of them is wrong, none is known, and the default stands, so that one slip is one message.
    fn roles(&self, t: &Table<'_>) -> Option<Vec<At<Role>>> {
        let given = t.strings("roles");
        let count = t.entries().into_iter().find(|(k, _)| k.value == "roles")?.1.list()?.len();
        if count == 0 {
            let span = t.key_span("roles").unwrap_or(t.span);
            let title = say!(en: "no roles, so nothing of this sender is used", ja: "roles が空なので、この利用サービスのレコードは何も作られません");
            t.sink().push(Finding::warning("sender-unused", title).at(span, Text::default()).next(say!(
                en: "write roles = [\"send\"], or remove the line (send is the default)",
                ja: "roles = [\"send\"] と書くか、行を消してください（省くと send になります）"
            )));
        }
        let roles: Vec<At<Role>> =
            given.iter().filter_map(|r| t.meaning(r, ROLES).map(|v| At::new(v, r.span))).collect();
        (roles.len() == count).then_some(roles)
    }

    fn dkim(&self, t: &Table<'_>) -> Option<DkimEntry> {
        let selector = t.string("selector");
        let key = t.string("key");
        let file = t.string("key-file");
        t.finish();
        match (key, file) {
            (Some(key), None) => {
                Some(DkimEntry { selector, span: key.span, file: None, octets: key.value.into_bytes() })
            }
            (None, Some(file)) => self.key_file(t, selector, file),
            _ => {
                t.sink().push(wrong(
                    "site-dkim-key",
                    t.span,
                    say!(en: "exactly one of `key` and `key-file` is wanted", ja: "`key` と `key-file` のどちらか 1 つを書きます"),
                ));
                None
            }
        }
    }

    fn key_file(&self, t: &Table<'_>, selector: Option<At<String>>, file: At<String>) -> Option<DkimEntry> {
        // A file is named as seen from the file that names it.
        let own = t.sink().file() == self.site.sink().file();
        let from = self.base_path.filter(|_| !own).unwrap_or(self.path);
        let path = self.files.beside(from, &file.value);
        if file.value.contains("-----BEGIN") || file.value.len() > 255 {
            t.sink().push(wrong(
                "site-key-file",
                file.span,
                say!(en: "this is a key, not the name of a file", ja: "ファイル名ではなく、鍵そのものが書かれています"),
            ).next(say!(en: "write the public key as dkim = [{{ key = \"…\" }}]; never a private key", ja: "公開鍵なら dkim = [{{ key = \"…\" }}] に書きます（秘密鍵は書きません）")));
            return None;
        }
        match self.files.read(&path, LIMIT_KEY_FILE) {
            Ok(octets) => Some(DkimEntry { selector, span: file.span, file: Some(file.value), octets }),
            Err(error) => {
                let why = error.text();
                let shown = excerpt(&path, 120);
                t.sink().push(wrong(
                    "site-key-file",
                    file.span,
                    say!(en: "the key file {shown}: {why}", ja: "鍵ファイル {shown}: {why}"; why = why),
                ));
                None
            }
        }
    }

    fn subdomain(&self, t: &Table<'_>) -> Option<Subdomain> {
        let name = self.name(t, "name");
        let spf = t.table("spf").map(|s| spf_section(&s)).unwrap_or_default();
        let dmarc = t.table("dmarc").map(|d| dmarc_section(&d));
        let delegated = t.string("delegated");
        let mail = t.boolean("mail");
        t.finish();
        let name = name?;
        if name.value == self.domain {
            t.sink().push(wrong(
                "site-name",
                name.span,
                say!(en: "this is the site's own domain, not a subdomain", ja: "これはサイト自身のドメインで、サブドメインではありません"),
            ));
            return None;
        }
        Some(Subdomain { span: t.span, name, spf, dmarc, delegated, mail })
    }

    fn keyzone(&self, t: &Table<'_>) -> Option<KeyzoneSection> {
        let host = |key: &'static str| {
            let given = t.string(key)?;
            match names::domain(&given.value) {
                Ok(name) => Some(At::new(name, given.span)),
                Err(why) => {
                    t.sink().push(wrong("site-name", given.span, why));
                    None
                }
            }
        };
        if !t.has("suffix") {
            t.missing("suffix");
        }
        let (suffix, zone, registrar) = (host("suffix"), host("zone"), t.string("registrar"));
        t.finish();
        let suffix = suffix?;
        if let Some(zone) = zone.as_ref().filter(|z| !suffix.value.is_subdomain_of(&z.value)) {
            t.sink().push(wrong(
                "site-keyzone",
                zone.span,
                say!(en: "the suffix is not inside this zone", ja: "suffix がこのゾーンの中にありません"),
            ));
        }
        Some(KeyzoneSection { span: t.span, suffix, zone, registrar })
    }

    fn way(&self, t: &Table<'_>) -> Option<Way> {
        let name = self.name(t, "name");
        let rtype = rtype(t);
        let way =
            t.need_string("use").and_then(|w| t.meaning(&w, &super::way::WORDS).map(|kind| At::new(kind, w.span)));
        t.finish();
        Some(Way { span: t.span, name: name?, rtype: rtype?, way: way? })
    }

    fn record(&self, t: &Table<'_>) -> Option<RecordEntry> {
        let name = self.name(t, "name");
        let rtype = rtype(t);
        let value = t.need_string("value");
        let ttl = ttl(t, "ttl");
        let owner = t.string("for");
        t.finish();
        let rtype = rtype?;
        let value = value?;
        match record_value(rtype.value, &value.value, &self.domain) {
            Ok(rdata) => {
                Some(RecordEntry { span: t.span, name: name?, rtype, rdata: At::new(rdata, value.span), ttl, owner })
            }
            Err(why) => {
                t.sink().push(wrong("site-record-value", value.span, why));
                None
            }
        }
    }

    /// A name that neither sends nor receives has no sender, no MX and no SPF but `v=spf1 -all`.
    fn no_mail(
        &self,
        mail: Option<&At<bool>>,
        senders: &[SenderUse],
        spf: &SpfSection,
        records: &[RecordEntry],
        subdomains: &[Subdomain],
    ) {
        let site = mail.filter(|m| !m.value).map(|m| (&self.domain, m.span, spf));
        let below = subdomains.iter().filter_map(|s| {
            let mail = s.mail.as_ref().filter(|m| !m.value)?;
            Some((&s.name.value, mail.span, &s.spf))
        });
        for (name, span, section) in site.into_iter().chain(below) {
            let is_site = *name == self.domain;
            let contradicts = |what: Text, other: Span| {
                self.site.sink().push(
                    wrong(
                        "site-no-mail",
                        span,
                        say!(en: "`mail = false`, but there is {what}", ja: "`mail = false` なのに{what}があります"; what = what),
                    )
                    .at(other, Text::default())
                    .next(say!(en: "remove one of the two", ja: "どちらかを消してください")),
                );
            };
            let here = |s: &&SenderUse| is_site || s.subdomain.as_ref().is_some_and(|d| d.value == *name);
            if let Some(sender) = senders.iter().find(here) {
                contradicts(say!(en: "a [[sender]]", ja: " [[sender]] "), sender.span);
            }
            if let Some(section) = section.span.filter(|_| !section.extra.is_empty() || section.all.is_some()) {
                contradicts(say!(en: "an [spf]", ja: " [spf] "), section);
            }
            for record in records.iter().filter(|r| r.name.value == *name) {
                let txt = || record.rdata.value.txt_joined();
                match record.rtype.value {
                    Rtype::MX if record.rdata.value.as_mx().is_some_and(|(_, host)| !host.is_root()) => {
                        contradicts(say!(en: "an MX", ja: " MX "), record.rdata.span);
                    }
                    Rtype::TXT if spf::is_spf(&txt()) && txt() != spf::NO_MAIL.as_bytes() => {
                        contradicts(say!(en: "an SPF record", ja: " SPF のレコード"), record.rdata.span);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Says of a name that stands twice where it may stand once.
    fn twice<'n>(&self, names: impl Iterator<Item = (&'n str, Span)>, what: &str) {
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        for (name, span) in names {
            if let Some(first) = seen.get(&name.to_ascii_lowercase()) {
                let shown = excerpt(name, 60);
                self.site.sink().push(
                    wrong("site-twice", span, say!(en: "{what} “{shown}” is there twice", ja: "{what}「{shown}」が 2 回あります"))
                        .at(*first, say!(en: "the first one", ja: "1 つ目"))
                        .next(say!(en: "put both into one, or give one another name", ja: "1 つにまとめるか、片方の名前を変えてください")),
                );
            }
            seen.entry(name.to_ascii_lowercase()).or_insert(span);
        }
    }
}

/// The data of a `[[record]]`: presentation format, except that a TXT without quotes is its text as it stands, and that names
/// with a dot are full.
pub(crate) fn record_value(rtype: Rtype, value: &str, domain: &Name) -> Result<Rdata, Text> {
    const WITH_TARGET: &[Rtype] =
        &[Rtype::CNAME, Rtype::MX, Rtype::NS, Rtype::PTR, Rtype::SRV, Rtype::DNAME, Rtype::AFSDB];
    const WITH_TEXT: &[Rtype] = &[Rtype::TXT, Rtype::SPF];
    if value.contains(['\n', '\r']) {
        return Err(say!(en: "the value has a line break in it", ja: "値に改行が入っています"));
    }
    if WITH_TEXT.contains(&rtype) && !value.starts_with('"') {
        return Rdata::txt(value.as_bytes()).map_err(|e| e.text);
    }
    if rtype == Rtype::MX && !value.trim().contains(char::is_whitespace) {
        let shown = excerpt(value, 60);
        return Err(say!(
            en: "the priority is missing: write \"10 {shown}\"",
            ja: "優先度がありません。\"10 {shown}\" のように書きます"
        ));
    }
    let text = if WITH_TARGET.contains(&rtype) { with_full_target(value, domain)? } else { value.to_owned() };
    Rdata::parse(rtype, &text, Some(&Name::root())).map_err(|e| e.text)
}

fn rtype(t: &Table<'_>) -> Option<At<Rtype>> {
    let given = t.need_string("type")?;
    match given.value.parse::<Rtype>() {
        Ok(rtype) if rtype == Rtype::SOA || rtype.is_meta() => {
            t.sink().push(wrong(
                "site-record-type",
                given.span,
                say!(en: "{rtype} records are made by the name server, not by hand", ja: "{rtype} はネームサーバーが作るレコードで、手では登録しません"),
            ));
            None
        }
        Ok(rtype) => Some(At::new(rtype, given.span)),
        Err(_) => {
            let shown = excerpt(&given.value, 20);
            let half: String = given
                .value
                .chars()
                .map(|c| {
                    if ('\u{ff01}'..='\u{ff5e}').contains(&c) {
                        char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
                    } else {
                        c
                    }
                })
                .collect();
            if half != given.value && half.parse::<Rtype>().is_ok() {
                let title = say!(en: "“{shown}” is in full-width letters", ja: "「{shown}」は全角です");
                t.sink().push(wrong("site-record-type", given.span, title).fix(
                    say!(en: "write {half}", ja: "半角の {half} に直す"),
                    given.span,
                    format!("\"{half}\""),
                ));
                return None;
            }
            t.sink().push(wrong(
                "site-record-type",
                given.span,
                say!(en: "`{shown}` is not a record type", ja: "`{shown}` というレコード種別はありません"),
            ));
            None
        }
    }
}

/// `"1h"` or seconds.
fn ttl(t: &Table<'_>, key: &'static str) -> Option<At<Ttl>> {
    t.mark(key);
    let (_, value) = t.entries().into_iter().find(|(k, _)| k.value == key)?;
    let parsed = match (value.string(), value.integer_text()) {
        (Some(text), _) => Ttl::parse(text),
        (None, Some(text)) => Ttl::parse(&text),
        (None, None) => {
            value.wrong_type(
                key,
                &say!(en: "seconds or a string such as \"1h\"", ja: "秒数、または \"1h\" のような文字列"),
            );
            return None;
        }
    };
    match parsed {
        Ok(ttl) => Some(At::new(ttl, value.span)),
        Err(error) => {
            t.sink().push(wrong("site-ttl", value.span, error.text()));
            None
        }
    }
}

/// Whether a closing term is one that may be set. None is suggested but the mild one: a slip must not make anything stricter.
fn closing(t: &Table<'_>, all: &At<String>) -> bool {
    if CLOSING.contains(&all.value.as_str()) {
        return true;
    }
    let shown = excerpt(&all.value, 20);
    t.sink().push(
        wrong("site-unknown-word", all.span, say!(en: "`{shown}` can't close an SPF record", ja: "`{shown}` は SPF の最後に書けません"))
            .next(say!(
                en: "write \"~all\" (others' mail is suspicious); \"-all\" (refuse it) only if you are sure that all senders are here",
                ja: "\"~all\"（ほかからのメールは疑わしい）と書きます。\"-all\"（拒否）は、利用サービスがすべてそろっているときだけです"
            )),
    );
    false
}

fn spf_section(t: &Table<'_>) -> SpfSection {
    let section = SpfSection {
        span: Some(t.span),
        all: t.string("all").filter(|all| closing(t, all)),
        extra: t.strings("extra"),
        flatten: t.strings("flatten"),
    };
    t.finish();
    section
}

fn dmarc_section(t: &Table<'_>) -> DmarcSection {
    if !t.has("p") {
        t.missing("p");
    }
    const SINGLE: &[&str] = &["p", "sp", "np", "adkim", "aspf", "fo", "t", "psd"];
    let mut tags: Vec<(&'static str, At<String>)> = Vec::new();
    for tag in ["p", "sp", "np", "adkim", "aspf", "rua", "ruf", "fo", "t", "psd"] {
        if matches!(tag, "p" | "sp" | "np") {
            let policy = t.string(tag).filter(|v| t.meaning(v, POLICIES).is_some());
            tags.extend(policy.map(|v| (tag, v)));
            continue;
        }
        if SINGLE.contains(&tag) {
            tags.extend(t.string(tag).map(|v| (tag, v)));
            continue;
        }
        // The place of a list is that of its first item; the record is made of the items joined.
        let items = t.strings(tag);
        if let Some(first) = items.first() {
            let joined = items.iter().map(|i| i.value.as_str()).collect::<Vec<_>>().join(",");
            tags.push((tag, At::new(joined, first.span)));
        }
    }
    for gone in ["pct", "ri", "rf"] {
        t.mark_hidden(gone);
        if let Some(span) = t.key_span(gone) {
            t.sink().push(
                wrong(
                    "dmarc-removed-tags",
                    span,
                    say!(en: "`{gone}` is no longer part of DMARC (RFC 9989, May 2026)", ja: "`{gone}` は DMARC からなくなりました（RFC 9989、2026年5月）"),
                )
                .next(say!(en: "remove the line; to test, stay one policy lower", ja: "この行を消してください。試す間はポリシーを 1 段低くします")),
            );
        }
    }
    t.finish();
    DmarcSection { span: t.span, tags }
}

fn mta_sts_section(t: &Table<'_>) -> Option<MtaStsSection> {
    let mode = t.need_string("mode").filter(|m| t.meaning(m, MODES).is_some());
    let max_age = ttl(t, "max-age").map(|a| a.map(Ttl::seconds));
    if let Some(age) = max_age.as_ref().filter(|a| a.value > MAX_AGE) {
        t.sink().push(wrong(
            "site-mta-sts",
            age.span,
            say!(en: "max-age is at most 31557600 seconds (RFC 8461 §3.2)", ja: "max-age は 31557600 秒までです（RFC 8461 §3.2）"),
        ));
    }
    let (mx, host) = (t.strings("mx"), t.string("host"));
    t.finish();
    Some(MtaStsSection { span: t.span, mode: mode?, max_age, mx, host })
}

fn caa_section(t: &Table<'_>) -> CaaSection {
    let properties = CAA_TAGS
        .into_iter()
        .filter(|tag| {
            t.mark(tag);
            t.has(tag)
        })
        .map(|tag| (tag, t.key_span(tag).unwrap_or(t.span), t.strings(tag)))
        .collect();
    t.finish();
    CaaSection { span: t.span, properties }
}

fn limits_section(t: &Table<'_>) -> Vec<limits::RawLimit> {
    let mut out = Vec::new();
    for (name, value) in t.entries() {
        match limits::key(name.value) {
            Some(key) => out.extend(limits::read_value(key, &value).map(|v| (At::new(key, name.span), v))),
            None => t.unknown(&name, limits::KEYS.iter().map(|k| k.name)),
        }
    }
    out
}
