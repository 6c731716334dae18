//! What each sender's template emits for example.com, against its sources, never against zoneplan's own output: tables written by
//! hand for the most used senders, and for every sender the statements of its sources. tests/senders/README.md tells how to read both.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop"
)]

#[path = "senders/lines.rs"]
mod lines;
#[path = "senders/pattern.rs"]
mod pattern;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use lines::lines;
use pattern::{Pattern, assign};
use zoneplan::catalogue::Catalogue;
use zoneplan::catalogue::sender::{Alternative, RetiredValue, Role, Sender, SpfNeeded};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/senders")
}

// Tables by hand.

/// One site.toml of a case for each combination of its written forms: `{name}` in it stands for one of them.
fn forms(case: &toml::Table) -> Vec<String> {
    let mut sites = vec![case["site"].as_str().expect("a site").to_owned()];
    for (name, forms) in case.get("written").and_then(toml::Value::as_table).into_iter().flatten() {
        let forms: Vec<&str> = forms.as_array().expect("forms").iter().map(|f| f.as_str().expect("a form")).collect();
        let place = format!("{{{name}}}");
        assert!(sites[0].contains(&place), "no place for {name}");
        sites = sites.iter().flat_map(|site| forms.iter().map(|form| site.replace(&place, form))).collect();
    }
    sites
}

/// A line of a table, with its blanks between owner, type and value reduced to one.
fn plain(line: &str) -> String {
    let mut parts = line.trim().splitn(2, char::is_whitespace);
    let owner = parts.next().expect("an owner");
    let (rtype, value) =
        parts.next().and_then(|r| r.trim_start().split_once(char::is_whitespace)).expect("type and value");
    let value = value.trim();
    // Only the text of a TXT has letters whose case counts.
    let value = if rtype == "TXT" { value.to_owned() } else { value.to_ascii_lowercase() };
    meaning(&format!("{} {rtype} {value}", owner.to_ascii_lowercase()))
}

/// A line in which each SPF term has its shortest spelling: `+` is what a term without a qualifier has (RFC 7208 §4.6.2), and the
/// domain itself is what `a` and `mx` look at (§5.3, §5.4).
fn meaning(line: &str) -> String {
    let Some((owner, terms)) = line.split_once(" TXT v=spf1 ") else { return line.to_owned() };
    let terms: Vec<String> = terms.split(' ').map(|t| term_meaning(t, owner)).collect();
    format!("{owner} TXT v=spf1 {}", terms.join(" "))
}

fn term_meaning(term: &str, owner: &str) -> String {
    let term = term.strip_prefix('+').unwrap_or(term);
    let here = match term.split_once(':') {
        Some((mechanism @ ("a" | "mx"), domain)) => Some(mechanism).filter(|_| owner == "@" && domain == "example.com"),
        _ => None,
    };
    here.unwrap_or(term).to_owned()
}

/// Whether a line is one that a `never` forbids: `owner TYPE text`, where `*` is any owner and the text stands anywhere in the value.
fn forbidden(never: &str, line: &str) -> bool {
    let part = |text: &str, n: usize| text.splitn(3, ' ').nth(n).unwrap_or_default().to_owned();
    (part(never, 0) == "*" || part(never, 0) == part(line, 0))
        && part(never, 1) == part(line, 1)
        && part(line, 2).contains(&part(never, 2))
}

#[test]
fn the_most_used_senders_publish_what_their_companies_say() {
    let catalogue = Catalogue::embedded();
    let mut files: Vec<_> =
        fs::read_dir(folder().join("expected")).expect("tables").map(|e| e.expect("an entry").path()).collect();
    files.sort();
    let mut wrong = Vec::new();
    let (mut senders, mut cases) = (0, 0);
    for path in files {
        let id = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("UTF-8").replace("{KEY}", KEY);
        assert!(text.starts_with("# Source"), "{id}: a table names its source first");
        let table: toml::Table = text.parse().unwrap_or_else(|e| panic!("{id}: {e}"));
        senders += 1;
        for case in table["case"].as_array().expect("cases") {
            let case = case.as_table().expect("a case");
            let what = case["what"].as_str().expect("what it is");
            let expected: BTreeSet<String> = case["records"]
                .as_str()
                .expect("records")
                .lines()
                .filter(|l| !l.trim().is_empty())
                .map(plain)
                .collect();
            let never = case.get("never").and_then(toml::Value::as_array).into_iter().flatten();
            let never: Vec<&str> = never.map(|n| n.as_str().expect("a line")).collect();
            for site in forms(case) {
                assert!(site.contains(&format!("provider = \"{id}\"")), "{id}: another company's site");
                cases += 1;
                // Carriers look at the From domain's SPF whatever a sender needs; a case that asks them says so itself.
                let mail = if site.contains("recipients") { "" } else { "recipients = []\n" };
                let found = lines(format!("domain = \"example.com\"\n{mail}{site}"), &catalogue);
                wrong.extend(found.errors.iter().map(|e| format!("{id}: {what}: {e}\n{site}")));
                if found.errors.is_empty() {
                    let place = |sign, line| format!("{id}: {what}: {sign} {line}");
                    let all: BTreeSet<String> = found.all.iter().map(|l| meaning(l)).collect();
                    wrong.extend(expected.difference(&all).map(|l| place("missing", l)));
                    wrong.extend(all.difference(&expected).map(|l| place("not expected", l)));
                    let bad = found.all.iter().filter(|l| never.iter().any(|n| forbidden(n, l)));
                    wrong.extend(bad.map(|l| place("must never be there:", l)));
                }
            }
        }
    }
    assert!(senders >= 40 && cases > senders, "{senders} senders, {cases} sites");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

// Every sender against the statements of its sources.

/// A record that a source states.
struct Stated {
    line: String,
    part: String,
    /// One of several forms that exclude each other; `legacy` is one that need not be emitted any more.
    form: String,
}

/// All that the sources state of one sender.
#[derive(Default)]
struct Facts {
    confidence: String,
    needed: String,
    spf: Vec<String>,
    spf_options: Vec<String>,
    records: Vec<Stated>,
    name_servers: Vec<String>,
    named: Vec<String>,
    retired: Vec<String>,
    /// Where what was found later is stated.
    sources: BTreeSet<String>,
}

fn facts() -> BTreeMap<String, Facts> {
    let mut all: BTreeMap<String, Facts> = BTreeMap::new();
    let read = |name: &str| fs::read_to_string(folder().join(name)).expect("the facts");
    let text = read("facts.tsv") + &read("found-later.tsv");
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (id, part, value) = (columns[0], columns[1], columns[2].to_owned());
        let facts = all.entry(id.to_owned()).or_default();
        facts.sources.extend(columns.get(4).map(|&source| source.to_owned()));
        match part {
            "confidence" => facts.confidence = value,
            "needed" => facts.needed = value,
            "spf" => facts.spf.push(value),
            "spf-option" => facts.spf_options.push(value),
            "name-server" => facts.name_servers.push(value),
            "named" => facts.named.push(value),
            "retired" => facts.retired.push(value),
            "dkim" | "mx" | "inbound" | "return-path" | "record" | "verification" => {
                let form = columns.get(3).copied().unwrap_or_default().to_owned();
                facts.records.push(Stated { line: value, part: part.to_owned(), form });
            }
            other => panic!("{id}: what is `{other}`?"),
        }
    }
    all
}

/// Where a template rightly differs from the bare statements. Each has its reason, and each must be needed.
struct Exceptions {
    /// id → kind → line.
    by_id: BTreeMap<String, Vec<(String, String)>>,
    used: BTreeSet<(String, String, String)>,
}

/// The kinds of exceptions.
const KINDS: &[&str] = &["not-emitted", "also", "also-spf", "recognised-only", "no-facts", "several", "not-named"];

impl Exceptions {
    fn read() -> Self {
        let text = fs::read_to_string(folder().join("exceptions.toml")).expect("the exceptions");
        let table: toml::Table = text.parse().unwrap_or_else(|e| panic!("{e}"));
        let mut by_id: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for entry in table["exception"].as_array().expect("exceptions") {
            let text = |key: &str| entry.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            let (id, kind) = (text("id"), text("kind"));
            assert!(KINDS.contains(&kind.as_str()), "{id}: {kind}");
            assert!(!text("why").is_empty(), "{id}: an exception has a reason");
            let lines = entry.get("lines").and_then(toml::Value::as_array);
            let lines = lines.map(|l| l.iter().map(|l| l.as_str().expect("a line").to_owned()).collect());
            for line in lines.unwrap_or_else(|| vec![String::new()]) {
                by_id.entry(id.clone()).or_default().push((kind.clone(), line));
            }
        }
        Self { by_id, used: BTreeSet::new() }
    }

    fn of(&self, id: &str, kind: &str) -> Vec<String> {
        let own = self.by_id.get(id).into_iter().flatten();
        own.filter(|(k, _)| k == kind).map(|(_, line)| line.clone()).collect()
    }

    fn take(&mut self, id: &str, kind: &str, line: &str) -> bool {
        let found = self.of(id, kind).iter().any(|l| l == line);
        if found {
            self.used.insert((id.to_owned(), kind.to_owned(), line.to_owned()));
        }
        found
    }

    /// Exceptions that nothing needed.
    fn stale(&self) -> Vec<String> {
        let all = self.by_id.iter().flat_map(|(id, own)| own.iter().map(move |(kind, line)| (id, kind, line)));
        all.filter(|(id, kind, line)| !self.used.contains(&((*id).clone(), (*kind).clone(), (*line).clone())))
            .map(|(id, kind, line)| format!("{id}: the exception {kind} `{line}` is not needed"))
            .collect()
    }
}

fn word(needed: SpfNeeded) -> &'static str {
    match needed {
        SpfNeeded::Yes => "yes",
        SpfNeeded::Subdomain => "subdomain",
        SpfNeeded::No => "no",
        SpfNeeded::VendorAsks => "vendor-asks",
        SpfNeeded::Conditional => "conditional",
        SpfNeeded::Unknown => "unknown",
    }
}

/// A key made for this test, as a customer copies it: the base64 alone.
const KEY: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCykeAUGkHC8LYZaw2328+lUgSzX2gkeLXwd8e79O0Yvq8dGos/eNaYrBoElEyPsMUG8tjxDJYIMtz3N+ez6ehqUV22IwTc7vpGzqlc5KVUzNB+oM/IxwvxGgqcDDoUzsw0gFECy3CbKMeQf0HGDTnkf6ZAqxc8ObLZvvomaHg9/wIDAQAB";

/// Each combination of choices among a template's forms.
fn choices(alternatives: &[Alternative]) -> Vec<String> {
    let mut all = vec![String::new()];
    for alternative in alternatives {
        let choice =
            |before: &String, (choice, _): &(String, _)| format!("{before}{} = {choice:?}, ", alternative.name);
        all = all.iter().flat_map(|before| alternative.choices.iter().map(move |c| choice(before, c))).collect();
    }
    all
}

/// What a template gives in one of its forms.
struct Form {
    name: String,
    /// Every record, with its SPF where the template puts it.
    records: BTreeSet<String>,
    /// The terms of the From domain's SPF, where the template puts any there.
    placed: Vec<String>,
    /// All its terms.
    terms: Vec<String>,
}

/// The From domain's SPF terms among the lines, without `all`; the other lines.
fn split(all: BTreeSet<String>) -> (Vec<String>, BTreeSet<String>) {
    let (spf, rest): (BTreeSet<String>, BTreeSet<String>) =
        all.into_iter().partition(|l| l.starts_with("@ TXT v=spf1"));
    let terms = spf.iter().flat_map(|l| l.split(' ').skip(3));
    (terms.filter(|t| !t.ends_with("all")).map(str::to_owned).collect(), rest)
}

/// Whether anything of a template depends on who has the web.
fn asks_for_the_web(sender: &Sender) -> bool {
    let records = sender.records.iter().map(|r| &r.when);
    let mut all = records.chain(sender.dkim.iter().map(|d| &d.when)).chain(sender.spf.terms.iter().map(|t| &t.when));
    all.any(|when| when.if_web.is_some() || when.role == Role::Web)
}

/// All forms of a template, filled in with its own examples and with a key for each selector that waits for one.
fn forms_of(sender: &Sender, catalogue: &Catalogue) -> Result<Vec<Form>, String> {
    let webs: &[bool] = if asks_for_the_web(sender) { &[true, false] } else { &[true] };
    let mut out = Vec::new();
    for (options, &web) in choices(&sender.alternatives).iter().flat_map(|o| webs.iter().map(move |web| (o, web))) {
        let name = format!("{options}{}", if web { "with the web" } else { "without the web" });
        let run = |site: &str| {
            let found = lines(site.to_owned(), catalogue);
            if found.errors.is_empty() { Ok(found.all) } else { Err(format!("{name}: {}", found.errors.join("; "))) }
        };
        let mut site = format!(
            "domain = \"example.com\"\nrecipients = []\n[[sender]]\nprovider = {:?}\n\
             roles = [{}\"send\", \"receive\", \"mail-apps\", \"verify\"]\noptions = {{ {} }}\n",
            sender.id,
            if web { "\"web\", " } else { "" },
            options.trim_end_matches(", ")
        );
        for variable in sender.all_variables() {
            site.push_str(&format!("{} = {:?}\n", variable.name, variable.example));
        }
        let mut all = run(&site)?;
        let selectors = all.iter().filter_map(|l| l.strip_suffix(" TXT (key)")?.split("._domainkey").next());
        let keys: Vec<String> = selectors.map(|s| format!("{{ selector = {s:?}, key = {KEY:?} }}")).collect();
        if !keys.is_empty() {
            site.push_str(&format!("dkim = [{}]\n", keys.join(", ")));
            all = run(&site)?;
        }
        let (placed, records) = split(all);
        let (terms, _) = split(run(&format!("{site}spf = \"from\"\n"))?);
        out.push(Form { name, records, placed, terms });
    }
    Ok(out)
}

struct Checker<'c> {
    id: &'c str,
    facts: &'c Facts,
    sender: &'c Sender,
    text: &'c str,
    exceptions: &'c mut Exceptions,
    wrong: Vec<String>,
}

impl Checker<'_> {
    fn say(&mut self, what: impl std::fmt::Display) {
        self.wrong.push(format!("{}: {what}", self.id));
    }

    fn run(mut self, catalogue: &Catalogue) -> Vec<String> {
        let needed = word(self.sender.spf.needed);
        if needed != self.facts.needed {
            self.say(format!("SPF needed: `{needed}`, the sources say `{}`", self.facts.needed));
        }
        for source in &self.facts.sources {
            if !self.sender.sources.iter().any(|s| s.url == *source) {
                self.wrong.push(format!("{}: the template does not name the source {source}", self.id));
            }
        }
        self.names(catalogue);
        self.retired();
        if self.recognised_only() {
            return self.wrong;
        }
        match forms_of(self.sender, catalogue) {
            Ok(forms) => {
                self.spf(&forms);
                self.records(&forms);
            }
            Err(error) => self.say(error),
        }
        self.wrong
    }

    /// A service of which nothing right can be emitted: what the sources name of it must be recognised. So must a service whose
    /// values stand in one table of public code only.
    fn recognised_only(&mut self) -> bool {
        let only = self.sender.recognise.only.is_some();
        let table = self.facts.confidence == "code-map";
        let known = |r: &Stated| r.form != "legacy" && !r.line.contains(" ? ");
        let values = !self.facts.spf.is_empty() || self.facts.records.iter().any(known);
        if only && !table && values && !self.exceptions.take(self.id, "recognised-only", "") {
            self.say("is only recognised, though its sources state values");
        }
        if !only && table {
            self.say("rests on a table in public code alone, so it may only be recognised");
        }
        if !only {
            return false;
        }
        let recognise = &self.sender.recognise;
        let domain = |term: &String| term.split_once([':', '=']).map(|(_, domain)| domain.to_owned());
        let spf: Vec<String> = self.facts.spf.iter().chain(&self.facts.spf_options).filter_map(domain).collect();
        let (mut dkim, mut mx) = (Vec::new(), Vec::new());
        for Stated { line, .. } in &self.facts.records {
            let words: Vec<&str> = line.split(' ').collect();
            if let Some(selector) = words[0].strip_suffix("._domainkey") {
                dkim.push(selector.to_owned());
            }
            if words[1] == "MX" {
                mx.push(words[3].to_owned());
            }
        }
        let known = [("SPF", spf, &recognise.spf), ("DKIM", dkim, &recognise.dkim), ("MX", mx, &recognise.mx)];
        for (what, stated, patterns) in known {
            // A value that is whole a variable tells nothing.
            let stated = stated.iter().filter(|s| !s.starts_with('{') || !s.ends_with('}'));
            for unknown in stated.filter(|s| !patterns.iter().any(|p| pattern::star(p, s))) {
                self.wrong.push(format!("{}: {what} `{unknown}` is not recognised", self.id));
            }
        }
        true
    }

    /// Name servers are recognised; every other host that the sources name stands somewhere in the template.
    fn names(&mut self, catalogue: &Catalogue) {
        // Those of a company whose panel is known too are known from there.
        let panels = catalogue.registrars().flat_map(|r| &r.name_servers.exact);
        let own: Vec<&String> = self.sender.recognise.name_servers.iter().chain(panels).collect();
        let missing = self.facts.name_servers.iter().filter(|n| !own.iter().any(|p| pattern::star(p, n)));
        let missing: Vec<String> =
            missing.map(|n| format!("{}: the name server {n} is not recognised", self.id)).collect();
        self.wrong.extend(missing);
        for name in &self.facts.named {
            // `mx{n}.example.net` may stand there as `mx*.example.net`.
            let fixed = name.rsplit(['}', '*']).next().unwrap_or(name).trim_start_matches(['.', '-', '_']);
            let recognise = &self.sender.recognise;
            let mut patterns = recognise.spf.iter().chain(&recognise.mx).chain(&recognise.targets);
            let known = patterns.any(|p| pattern::star(p, name)) || self.text.to_lowercase().contains(fixed);
            if !known && !self.exceptions.take(self.id, "not-named", name) {
                self.wrong.push(format!("{}: `{name}` stands nowhere in the template", self.id));
            }
        }
    }

    /// What the template calls retired is so by its sources, and what they call so is at least spoken of.
    fn retired(&mut self) {
        let stated: Vec<&str> = self.facts.retired.iter().map(String::as_str).collect();
        for retired in &self.sender.retired {
            let shown = match &retired.value {
                RetiredValue::Spf(term) => term.clone(),
                RetiredValue::Dkim { selector, target: Some(target) } => {
                    format!("{selector}._domainkey CNAME {target}")
                }
                RetiredValue::Dkim { selector, target: None } => format!("{selector}._domainkey TXT"),
                RetiredValue::Mx(host) => format!("@ MX {host}"),
            };
            if !stated.contains(&shown.as_str()) {
                self.say(format!("`{shown}` is retired, which no source says"));
            }
        }
        for stated in stated {
            let word = stated.split_once("._domainkey").map_or(stated, |(selector, _)| selector);
            let word = word.rsplit([':', ' ', '*']).next().unwrap_or(word);
            if !self.text.contains(word) {
                self.say(format!("`{stated}` is not right any more, which the template does not say"));
            }
        }
    }

    /// Every term of the sources is emitted, and no other; where, follows from who needs it.
    fn spf(&mut self, forms: &[Form]) {
        // What a Return-Path host publishes are terms too.
        let below = self.facts.records.iter().filter_map(|r| r.line.split_once(" TXT v=spf1 "));
        let below = below.flat_map(|(_, terms)| terms.split(' ')).filter(|t| !t.ends_with("all")).map(str::to_owned);
        let stated: Vec<String> = self.facts.spf.iter().cloned().chain(below).collect();
        let also = self.exceptions.of(self.id, "also-spf");
        let options = &self.facts.spf_options;
        let pattern = |t: &String| Pattern::parse(&term_meaning(&t.replace("{domain}", "example.com"), "@"));
        let allowed: Vec<Pattern> = stated.iter().chain(options).chain(&also).map(pattern).collect();
        let emitted: BTreeSet<&String> = forms.iter().flat_map(|f| &f.terms).collect();
        for term in &emitted {
            if !allowed.iter().any(|p| p.matches(term)) {
                self.wrong.push(format!("{}: the SPF term `{term}` is in no source", self.id));
            }
        }
        for term in &stated {
            if !emitted.iter().any(|e| pattern(term).matches(e)) && !self.exceptions.take(self.id, "not-emitted", term)
            {
                self.say(format!("the SPF term `{term}` is not emitted"));
            }
        }
        for term in &also {
            if emitted.iter().any(|e| pattern(term).matches(e)) {
                self.exceptions.take(self.id, "also-spf", term);
            }
        }
        let at_from = matches!(self.sender.spf.needed, SpfNeeded::Yes | SpfNeeded::VendorAsks);
        // At a Return-Path host stand the same terms; a source need not print the record.
        for form in forms {
            for (host, terms) in form.records.iter().filter_map(|l| l.split_once(" TXT v=spf1 ")) {
                let mut terms = terms.split(' ').filter(|t| !t.ends_with("all"));
                if let Some(term) = terms.find(|t| !allowed.iter().any(|p| p.matches(t))) {
                    self.wrong
                        .push(format!("{}: {}: the SPF term `{term}` of {host} is in no source", self.id, form.name));
                }
            }
        }
        for form in forms {
            if !at_from && !form.placed.is_empty() {
                self.wrong.push(format!("{}: {}: SPF terms at the From domain: {:?}", self.id, form.name, form.placed));
            }
            if at_from && form.placed != form.terms && self.sender.mail_from.is_none() {
                self.wrong.push(format!(
                    "{}: {}: not all SPF terms are at the From domain: {:?}",
                    self.id, form.name, form.placed
                ));
            }
        }
    }

    /// Every record of the sources is emitted in some form, and no other in any. One value of a variable holds for all of a form.
    fn records(&mut self, forms: &[Form]) {
        let also: Vec<Stated> = self
            .exceptions
            .of(self.id, "also")
            .into_iter()
            .map(|line| Stated { line, part: "also".to_owned(), form: String::new() })
            .collect();
        let several = self.exceptions.of(self.id, "several");
        let facts: Vec<&Stated> = self.facts.records.iter().chain(&also).collect();
        let patterns: Vec<Pattern> =
            facts.iter().map(|f| Pattern::line(&f.line, &f.form, several.contains(&f.line))).collect();
        let mut found: BTreeSet<usize> = BTreeSet::new();
        for form in forms {
            let records: Vec<&str> = form.records.iter().map(String::as_str).collect();
            for record in &records {
                if record.starts_with("_dmarc TXT") {
                    self.wrong.push(format!("{}: {}: the DMARC policy is the site's: {record}", self.id, form.name));
                }
            }
            let (records, strangers): (Vec<&str>, Vec<&str>) =
                records.into_iter().partition(|r| patterns.iter().any(|p| p.matches(r)));
            // SPF of a Return-Path host is judged by its terms.
            let strangers: Vec<&str> = strangers.into_iter().filter(|r| !r.contains(" TXT v=spf1 ")).collect();
            if !strangers.is_empty() {
                self.wrong
                    .extend(strangers.iter().map(|r| format!("{}: {}: no source states: {r}", self.id, form.name)));
                found.extend((0..patterns.len()).filter(|i| records.iter().any(|r| patterns[*i].matches(r))));
                continue;
            }
            match assign(&records, &patterns, &found) {
                Some(used) => {
                    for line in several.iter().filter(|l| used.iter().filter(|i| facts[**i].line == **l).count() > 1) {
                        self.exceptions.take(self.id, "several", line);
                    }
                    found.extend(used);
                }
                None => self.wrong.push(format!(
                    "{}: {}: no form and no values of the variables fit all of:\n    {}",
                    self.id,
                    form.name,
                    records.join("\n    ")
                )),
            }
        }
        for (i, fact) in facts.iter().enumerate() {
            if found.contains(&i) {
                if fact.part == "also" {
                    self.exceptions.take(self.id, "also", &fact.line);
                }
                continue;
            }
            let host = fact.line.rsplit(' ').next().unwrap_or_default();
            let owner = fact.line.split(' ').next().unwrap_or_default();
            let mut records = forms.iter().flat_map(|f| &f.records);
            // What the sources leave open of it was found later.
            let open = records.any(|r| r.ends_with(&format!(" {host}")) || r.starts_with(&format!("{owner} ")));
            if !open || !fact.line.contains(" ? ") {
                self.absent(fact);
            }
        }
    }

    /// A record that the sources state and the template does not emit.
    fn absent(&mut self, fact: &Stated) {
        if fact.part == "also" {
            return;
        }
        let words: Vec<&str> = fact.line.split(' ').collect();
        let selector = words[0].strip_suffix("._domainkey");
        // Of a type that is not known only a word can be said.
        if words[1] == "?" {
            let said = selector.is_none() || self.sender.dkim_note.is_some();
            if !said {
                self.say(format!("nothing is said of the DKIM record `{}`", fact.line));
            }
            return;
        }
        // An MX without a known priority cannot be emitted; its host is still known.
        if words[1] == "MX" && words[2] == "?" {
            let known =
                words[3].starts_with('{') || self.sender.recognise.mx.iter().any(|p| pattern::star(p, words[3]));
            if !known {
                self.say(format!("the MX host {} is not recognised", words[3]));
            }
            return;
        }
        if fact.form == "legacy" {
            let retired =
                self.sender.retired.iter().any(
                    |r| matches!(&r.value, RetiredValue::Dkim { selector: s, .. } if Some(s.as_str()) == selector),
                );
            let known = selector.is_some_and(|s| self.sender.recognise.dkim.iter().any(|p| pattern::star(p, s)));
            if retired || known {
                return;
            }
        }
        if !self.exceptions.take(self.id, "not-emitted", &fact.line) {
            self.say(format!("is not emitted: {}", fact.line));
        }
    }
}

#[test]
fn every_template_says_what_its_sources_say() {
    let catalogue = Catalogue::embedded();
    let all = facts();
    assert!(all.len() >= 203, "only {} senders have facts", all.len());
    let mut exceptions = Exceptions::read();
    let mut wrong = Vec::new();
    for (id, facts) in &all {
        let Some(sender) = catalogue.sender(id).filter(|s| s.id == *id) else {
            wrong.push(format!("{id}: there is no template"));
            continue;
        };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("providers/senders/{id}.toml"));
        let text = fs::read_to_string(path).expect("the template's file");
        let checker = Checker { id, facts, sender, text: &text, exceptions: &mut exceptions, wrong: Vec::new() };
        wrong.extend(checker.run(&catalogue));
    }
    for sender in catalogue.senders().filter(|s| !all.contains_key(&s.id)) {
        if !exceptions.take(&sender.id, "no-facts", "") {
            wrong.push(format!("{}: there are no facts for this template", sender.id));
        }
    }
    wrong.extend(exceptions.stale());
    assert!(wrong.is_empty(), "{} mistakes:\n{}", wrong.len(), wrong.join("\n"));
}
