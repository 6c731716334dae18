//! A `[[sender]]` table as it is written for a person: each variable with what it is, where it is shown, and an example.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::catalogue::expand::{Need, Needed, needs};
use crate::catalogue::expressions::Engine;
use crate::catalogue::sender::{Condition, DkimForm, ROLES, Role, Sender, Variable};
use crate::catalogue::variables::normal;
use crate::report::{Lang, Text, join};
use crate::say;
use crate::site::SpfChoice;
use crate::site::words::SPF_CHOICES;
use crate::zone::Ttl;

/// What is known of a sender when its table is written.
#[derive(Clone, Debug, Default)]
pub struct Draft<'a> {
    /// The From domain below the site's, where it is not the site's own.
    pub subdomain: Option<&'a str>,
    /// What the site uses of it; empty = send.
    pub roles: Vec<Role>,
    /// Values that are known: variable → value. All others become blanks.
    pub values: BTreeMap<&'a str, String>,
    /// Where a value comes from, if not from whoever is asked: variable → what is said of it.
    pub origins: BTreeMap<&'a str, Text>,
    /// Choices that are known: alternative → choice.
    pub options: BTreeMap<&'a str, &'a str>,
    /// DKIM keys that are known: selector → where it is. Without a selector it is the template's only one.
    pub keys: Vec<(Option<String>, KeyPlace)>,
    /// Where the SPF include goes, if not where the template puts it.
    pub spf: Option<SpfChoice>,
    /// The TTL of its records, if not the site's.
    pub ttl: Option<u32>,
    /// The registrar's id: with some the sender's key is made by a switch.
    pub registrar: Option<&'a str>,
    /// What else is to be said, above the values.
    pub remarks: Vec<Text>,
}

/// Where a DKIM key is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In a file beside site.toml.
    File(String),
    /// In site.toml itself.
    Here(String),
}

impl Draft<'_> {
    /// The roles with their default.
    #[must_use]
    pub fn roles(&self) -> Vec<Role> {
        if self.roles.is_empty() { vec![Role::Send] } else { self.roles.clone() }
    }

    /// The choices that the table states: those that are known, and the usual one of the others.
    fn choices<'s>(&'s self, sender: &'s Sender) -> BTreeMap<&'s str, &'s str> {
        let of = |a: &'s crate::catalogue::sender::Alternative| {
            let known = self.options.get(a.name.as_str()).copied().or(a.default.as_deref());
            known.map(|choice| (a.name.as_str(), choice))
        };
        sender.alternatives.iter().filter_map(of).collect()
    }
}

/// A TOML string.
#[must_use]
pub fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A TTL as TOML.
#[must_use]
pub(crate) fn ttl_value(seconds: u32) -> String {
    match Ttl::from_seconds(seconds).map(|ttl| ttl.to_string()) {
        Some(text) if text.ends_with(|c: char| c.is_ascii_alphabetic()) => quoted(&text),
        _ => seconds.to_string(),
    }
}

/// Text as comment lines: what a template or a record says never becomes a key.
pub(crate) fn comment(out: &mut String, text: &str) {
    for line in text.split('\n') {
        let _ = writeln!(out, "# {}", crate::report::visible(line));
    }
}

/// A role in few words.
#[must_use]
pub fn role_text(role: Role) -> Text {
    match role {
        Role::Send => say!(en: "mail goes out", ja: "メールを送る"),
        Role::Receive => say!(en: "mail comes in", ja: "メールを受け取る"),
        Role::Web => say!(en: "the web site is there", ja: "Web サイトを置いている"),
        Role::MailApps => say!(en: "mail programs find their settings", ja: "メールソフトの自動設定"),
        Role::Verify => say!(en: "proof of ownership", ja: "所有権の確認"),
    }
}

/// The word for a role in TOML.
#[must_use]
pub fn role_word(role: Role) -> &'static str {
    ROLES.iter().find(|(_, r)| *r == role).map_or("", |(word, _)| word)
}

/// The table of a sender, with comments in `lang`. What the parts in use need and is not known is a blank (`""`), which `build` asks to be
/// filled in and says where its value is shown; what may be left out, or what only another role needs, is commented out.
#[must_use]
pub fn sender_table(sender: &Sender, draft: &Draft<'_>, engine: &Engine, lang: Lang) -> String {
    let mut out = String::from("[[sender]]\n");
    let name = crate::report::visible(sender.name.get(lang)).into_owned();
    let provider = quoted(&sender.id);
    let same = name == sender.id;
    let _ =
        if same { writeln!(out, "provider = {provider}") } else { writeln!(out, "provider = {provider:<24} # {name}") };
    for remark in &draft.remarks {
        comment(&mut out, remark.get(lang));
    }
    if let Some(subdomain) = draft.subdomain {
        let _ = writeln!(out, "subdomain = {}", quoted(subdomain));
    }
    if let Some((word, _)) = draft.spf.and_then(|spf| SPF_CHOICES.iter().find(|(_, choice)| *choice == spf)) {
        let _ = writeln!(out, "spf = {}", quoted(word));
    }
    if let Some(ttl) = draft.ttl {
        let _ = writeln!(out, "ttl = {}", ttl_value(ttl));
    }
    let table = Table::new(sender, draft, engine);
    role_lines(&mut out, sender, &draft.roles(), lang);
    option_lines(&mut out, &table, lang);
    for variable in sender.all_variables() {
        variable_lines(&mut out, &table, variable, lang);
    }
    key_lines(&mut out, &table, engine, lang);
    out
}

/// What a table is written from.
struct Table<'a> {
    sender: &'a Sender,
    draft: &'a Draft<'a>,
    choices: BTreeMap<&'a str, &'a str>,
    /// What the parts in use need.
    needs: BTreeMap<String, Needed>,
    /// What each role alone needs.
    by_role: Vec<(Role, BTreeMap<String, Needed>)>,
}

impl<'a> Table<'a> {
    fn new(sender: &'a Sender, draft: &'a Draft<'a>, engine: &Engine) -> Self {
        let choices = draft.choices(sender);
        let of = |roles: &[Role]| needs(engine, sender, roles, &choices);
        let by_role = sender.roles().into_iter().map(|role| (role, of(&[role]))).collect();
        let needs = of(&draft.roles());
        Self { sender, draft, needs, by_role, choices }
    }

    fn roles_that_need(&self, variable: &str) -> Vec<Role> {
        self.by_role.iter().filter(|(_, needs)| needs.contains_key(variable)).map(|(role, _)| *role).collect()
    }
}

/// `roles`, after those that the template knows or the draft names. Only to send is the default, and is not written where there is nothing else.
fn role_lines(out: &mut String, sender: &Sender, roles: &[Role], lang: Lang) {
    let mut known = sender.roles();
    if known.len() <= 1 && *roles == [Role::Send] {
        return;
    }
    known.extend(roles.iter().filter(|r| !sender.roles().contains(r)));
    let meaning: Vec<String> = known
        .iter()
        .map(|r| {
            let (word, text) = (role_word(*r), role_text(*r));
            say!(en: "{word} ({text})", ja: "{word}（{text}）"; text = text).get(lang).to_owned()
        })
        .collect();
    let list = meaning.join(lang_comma(lang));
    comment(out, say!(en: "what for: {list}", ja: "使いみち: {list}").get(lang));
    let words: Vec<String> = roles.iter().map(|r| quoted(role_word(*r))).collect();
    let _ = writeln!(out, "roles = [{}]", words.join(", "));
}

fn lang_comma(lang: Lang) -> &'static str {
    match lang {
        Lang::En => ", ",
        Lang::Ja => "、",
    }
}

/// A variable, after what it is and where it is shown. What only a form has that is not chosen is left out: `build` asks for it once it is.
fn variable_lines(out: &mut String, table: &Table<'_>, variable: &Variable, lang: Lang) {
    let (key, draft) = (variable.name.as_str(), table.draft);
    let value = draft.values.get(key);
    let need = table.needs.get(key);
    let of_roles: Vec<Text> = table.roles_that_need(key).into_iter().map(|role| Text::same(role_word(role))).collect();
    if value.is_none() && need.is_none() && of_roles.is_empty() {
        return;
    }
    let (what, find, example) = (&variable.what, &variable.find, quoted(&variable.example));
    comment(out, say!(en: "{what}, for example {example}", ja: "{what}（例: {example}）"; what = what).get(lang));
    comment(out, say!(en: "  shown at: {find}", ja: "  表示される場所: {find}"; find = find).get(lang));
    if let Some(origin) = draft.origins.get(key).filter(|_| value.is_some()) {
        comment(out, say!(en: "  from {origin}", ja: "  値の出どころ: {origin}"; origin = origin).get(lang));
    }
    let line = |value: &str| format!("{key} = {}\n", quoted(value));
    match (value, &variable.default, need) {
        (Some(value), ..) => out.push_str(&line(value)),
        (None, Some(default), _) => {
            let usual = say!(en: "  usual: {default}", ja: "  ふつうは {default}", default = quoted(default));
            comment(out, usual.get(lang));
            comment(out, line(default).trim_end());
        }
        (None, None, Some(Needed { need: Need::Must, only_with })) => {
            if !only_with.is_empty() {
                let with = only_with.join(lang_or(lang));
                comment(out, say!(en: "  only with {with}", ja: "  {with} のときだけ").get(lang));
            }
            out.push_str(&line(""));
        }
        (None, None, Some(_)) => {
            comment(out, say!(en: "  only if the panel shows one", ja: "  画面に出ている場合だけ書きます").get(lang));
            comment(out, line("").trim_end());
        }
        (None, None, None) => {
            let roles = join(&of_roles);
            comment(out, say!(en: "  only for: {roles}", ja: "  使うのは {roles} のときだけ"; roles = roles).get(lang));
            comment(out, line("").trim_end());
        }
    }
}

fn lang_or(lang: Lang) -> &'static str {
    match lang {
        Lang::En => " or ",
        Lang::Ja => "、",
    }
}

/// `options`: one line that chooses, after what can be chosen.
fn option_lines(out: &mut String, table: &Table<'_>, lang: Lang) {
    let roles = table.draft.roles();
    let mut chosen = Vec::new();
    let mut open = false;
    for alternative in table.sender.alternatives.iter().filter(|a| table.sender.is_decided_by(&a.name, &roles)) {
        let what = &alternative.what;
        comment(out, say!(en: "{what}:", ja: "{what}:"; what = what).get(lang));
        for (choice, meaning) in &alternative.choices {
            comment(out, say!(en: "  {choice}: {meaning}", ja: "  {choice}: {meaning}"; meaning = meaning).get(lang));
        }
        let known = table.choices.get(alternative.name.as_str());
        open |= known.is_none();
        chosen.push(format!("{} = {}", alternative.name, quoted(known.unwrap_or(&""))));
    }
    if chosen.is_empty() {
        return;
    }
    if open {
        comment(out, say!(en: "write the one that its panel shows:", ja: "画面に出ているほうを書きます:").get(lang));
    }
    let _ = writeln!(out, "options = {{ {} }}", chosen.join(", "));
}

/// A DKIM key that the customer copies from the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedKey {
    /// The selector, as far as it is known.
    pub selector: Option<String>,
    /// Where the key is shown.
    pub find: Option<Text>,
    /// What stands before the base64 there.
    pub prefix: String,
}

/// The keys that the parts in use want. Of an alternative without a choice every form counts.
#[must_use]
pub fn wanted_keys(sender: &Sender, draft: &Draft<'_>, engine: &Engine) -> Vec<WantedKey> {
    let (roles, choices) = (draft.roles(), draft.choices(sender));
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for variable in sender.all_variables() {
        let given = draft.values.get(variable.name.as_str());
        let value = given.and_then(|v| normal(variable, v).ok()).or_else(|| variable.default.clone());
        values.extend(value.map(|value| (variable.identifier(), value)));
    }
    let applies = |when: &Condition| {
        roles.contains(&when.role) && when.choice.iter().all(|(a, c)| choices.get(a.as_str()).is_none_or(|k| k == c))
    };
    let mut out = Vec::new();
    for dkim in sender.dkim.iter().filter(|d| applies(&d.when)) {
        let DkimForm::CustomerKey { prefix } = &dkim.form else { continue };
        let selector = engine.evaluate(&dkim.selector.value, &values).ok();
        // As in a build: what hangs on an optional value that is not given is left out.
        let hangs = engine.variables(&dkim.selector.value).unwrap_or_default();
        let left_out = |v: &&Variable| v.optional && hangs.contains(&v.identifier());
        if selector.is_none() && dkim.when.choice.is_empty() && sender.variables.iter().any(|v| left_out(&v)) {
            continue;
        }
        out.push(WantedKey { selector, find: dkim.find.clone(), prefix: prefix.clone() });
    }
    out
}

/// The switch of the panel at this registrar that makes the sender's key, if there is one.
#[must_use]
pub fn key_switch<'s>(sender: &'s Sender, registrar: Option<&str>) -> Option<&'s Text> {
    let at = |s: &&crate::catalogue::sender::Switch| {
        s.parts.iter().any(|p| p == "dkim") && s.registrars.iter().any(|r| Some(r.as_str()) == registrar)
    };
    sender.switches.iter().find(at).map(|s| &s.how)
}

/// Where the key of this selector is kept, beside site.toml.
#[must_use]
pub fn key_file(sender: &Sender, selector: Option<&str>) -> String {
    let plain = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' }).collect()
    };
    match selector {
        Some(selector) => format!("keys/{}-{}.txt", plain(&sender.id), plain(selector)),
        None => format!("keys/{}.txt", plain(&sender.id)),
    }
}

/// The files of the keys, or how to give them.
fn key_lines(out: &mut String, table: &Table<'_>, engine: &Engine, lang: Lang) {
    let (sender, draft) = (table.sender, table.draft);
    let wanted = wanted_keys(sender, draft, engine);
    let entry = |selector: Option<&String>, place: &KeyPlace| {
        let (key, text) = match place {
            KeyPlace::File(file) => ("key-file", file),
            KeyPlace::Here(text) => ("key", text),
        };
        match selector {
            Some(selector) => format!("{{ selector = {}, {key} = {} }}", quoted(selector), quoted(text)),
            None => format!("{{ {key} = {} }}", quoted(text)),
        }
    };
    let line = |keys: &[(Option<String>, KeyPlace)]| match keys {
        [(_, KeyPlace::File(file))] if wanted.len() <= 1 => format!("dkim-key-file = {}", quoted(file)),
        [(None, KeyPlace::File(file))] => format!("dkim-key-file = {}", quoted(file)),
        keys => {
            let keys: Vec<String> = keys.iter().map(|(selector, place)| entry(selector.as_ref(), place)).collect();
            format!("dkim = [{}]", keys.join(", "))
        }
    };
    if !draft.keys.is_empty() {
        let _ = writeln!(out, "{}", line(&draft.keys));
    }
    let missing: Vec<&WantedKey> =
        wanted.iter().filter(|w| !draft.keys.iter().any(|(s, _)| s.is_none() || *s == w.selector)).collect();
    if missing.is_empty() {
        return;
    }
    if let Some(how) = key_switch(sender, draft.registrar) {
        comment(out, say!(en: "DKIM key: none is typed; turn it on: {how}", ja: "DKIM 鍵は入力しません。スイッチを入れます: {how}"; how = how).get(lang));
        return;
    }
    let mut places: Vec<&Text> = missing.iter().filter_map(|w| w.find.as_ref()).collect();
    places.dedup();
    if places.is_empty() {
        comment(out, say!(en: "DKIM key: copy it from its panel", ja: "DKIM 鍵を管理画面から写します").get(lang));
    }
    for find in places {
        comment(out, say!(en: "DKIM key: copy it from {find}", ja: "DKIM 鍵のある場所: {find}"; find = find).get(lang));
    }
    comment(
        out,
        say!(
            en: "  save it as the file below, then take the # off",
            ja: "  下の名前のファイルに保存してから、先頭の # を消します"
        )
        .get(lang),
    );
    let file = |w: &&WantedKey| KeyPlace::File(key_file(sender, w.selector.as_deref()));
    let files: Vec<(Option<String>, KeyPlace)> = missing.iter().map(|w| (w.selector.clone(), file(w))).collect();
    comment(out, &line(&files));
}

/// The combinations of choices among a template's alternatives, the first `limit` of them: each alternative more multiplies them.
#[must_use]
pub fn choices(sender: &Sender, limit: usize) -> Vec<BTreeMap<&str, &str>> {
    let mut all = vec![BTreeMap::new()];
    for alternative in &sender.alternatives {
        all = all
            .into_iter()
            .flat_map(|before: BTreeMap<&str, &str>| {
                alternative.choices.iter().map(move |(choice, _)| {
                    let mut with = before.clone();
                    with.insert(alternative.name.as_str(), choice.as_str());
                    with
                })
            })
            .take(limit)
            .collect();
    }
    all
}

/// A whole site.toml of example.com that uses one sender in every role, with the template's own examples: what the template emits can be
/// seen in it.
#[must_use]
pub fn sample_site(sender: &Sender, choice: &BTreeMap<&str, &str>) -> String {
    let roles: Vec<String> = ROLES.iter().map(|(word, _)| quoted(word)).collect();
    let mut out = format!(
        "domain = \"example.com\"\n[[sender]]\nprovider = {}\nroles = [{}]\n",
        quoted(&sender.id),
        roles.join(", ")
    );
    for variable in sender.all_variables() {
        let _ = writeln!(out, "{} = {}", variable.name, quoted(&variable.example));
    }
    let options: Vec<String> = choice.iter().map(|(name, choice)| format!("{name} = {}", quoted(choice))).collect();
    let _ = writeln!(out, "options = {{ {} }}", options.join(", "));
    out
}
