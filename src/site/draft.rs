//! A `[[sender]]` table as it is written for a person: each variable with what it is, where it is shown, and an example.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::catalogue::sender::{DkimForm, ROLES, Role, Sender, Variable};
use crate::report::{Lang, Text};
use crate::say;

/// What is known of a sender when its table is written.
#[derive(Clone, Debug, Default)]
pub struct Draft<'a> {
    /// The key `id`, to tell two accounts of one service apart.
    pub id: Option<&'a str>,
    /// The From domain below the site's, where it is not the site's own.
    pub subdomain: Option<&'a str>,
    /// What the site uses of it; empty = send, which is not written.
    pub roles: Vec<Role>,
    /// Values that are known: variable → value. All others become blanks.
    pub values: BTreeMap<&'a str, String>,
    /// Choices that are known: alternative → choice.
    pub options: BTreeMap<&'a str, &'a str>,
    /// Files that hold DKIM keys: selector → file. Without a selector it is the template's only one.
    pub keys: Vec<(Option<String>, String)>,
}

/// A TOML string.
#[must_use]
pub fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// Text as comment lines: what a template says never becomes a key.
fn comment(out: &mut String, text: &str) {
    for line in text.split('\n') {
        let _ = writeln!(out, "# {}", crate::report::visible(line));
    }
}

/// The table of a sender, with comments in `lang`. Variables that are not known are blanks (`""`), which `build` asks to be filled in and
/// says where their value is shown; optional ones are commented out.
#[must_use]
pub fn sender_table(sender: &Sender, draft: &Draft<'_>, lang: Lang) -> String {
    let mut out = String::from("[[sender]]\n");
    let name = crate::report::visible(sender.name.get(lang)).into_owned();
    let _ = writeln!(out, "provider = {:<24} # {name}", quoted(&sender.id));
    if let Some(id) = draft.id {
        let _ = writeln!(out, "id = {}", quoted(id));
    }
    if let Some(subdomain) = draft.subdomain {
        let _ = writeln!(out, "subdomain = {}", quoted(subdomain));
    }
    if !draft.roles.is_empty() && draft.roles != [Role::Send] {
        let words = draft.roles.iter().filter_map(|r| ROLES.iter().find(|(_, role)| role == r));
        let words: Vec<String> = words.map(|(word, _)| quoted(word)).collect();
        let _ = writeln!(out, "roles = [{}]", words.join(", "));
    }
    for variable in &sender.variables {
        variable_lines(&mut out, variable, &variable.name, draft.values.get(variable.name.as_str()), lang);
    }
    if let Some(variable) = &sender.mail_from {
        variable_lines(&mut out, variable, "mail-from", draft.values.get("mail-from"), lang);
    }
    option_lines(&mut out, sender, draft, lang);
    key_lines(&mut out, sender, draft, lang);
    out
}

fn variable_lines(out: &mut String, variable: &Variable, key: &str, value: Option<&String>, lang: Lang) {
    let (what, find, example) = (&variable.what, &variable.find, quoted(&variable.example));
    comment(out, say!(en: "{what}, for example {example}", ja: "{what}（例: {example}）"; what = what).get(lang));
    comment(out, say!(en: "  shown at: {find}", ja: "  表示される場所: {find}"; find = find).get(lang));
    match (value, &variable.default) {
        (Some(value), _) => {
            let _ = writeln!(out, "{key} = {}", quoted(value));
        }
        (None, Some(default)) => {
            let usual = say!(en: "  usual: {default}", ja: "  ふつうは {default}", default = quoted(default));
            comment(out, usual.get(lang));
            let _ = writeln!(out, "# {key} = {}", quoted(default));
        }
        (None, None) if variable.optional => {
            comment(out, say!(en: "  only if the panel shows one", ja: "  画面に出ている場合だけ書きます").get(lang));
            let _ = writeln!(out, "# {key} = \"\"");
        }
        (None, None) => {
            let _ = writeln!(out, "{key} = \"\"");
        }
    }
}

/// `options`: one line that chooses, after what can be chosen.
fn option_lines(out: &mut String, sender: &Sender, draft: &Draft<'_>, lang: Lang) {
    if sender.alternatives.is_empty() {
        return;
    }
    let mut chosen = Vec::new();
    let mut open = false;
    for alternative in &sender.alternatives {
        let what = &alternative.what;
        comment(out, say!(en: "{what}:", ja: "{what}:"; what = what).get(lang));
        for (choice, meaning) in &alternative.choices {
            comment(out, say!(en: "  {choice}: {meaning}", ja: "  {choice}: {meaning}"; meaning = meaning).get(lang));
        }
        let known = draft.options.get(alternative.name.as_str()).copied().or(alternative.default.as_deref());
        open |= known.is_none();
        chosen.push(format!("{} = {}", alternative.name, quoted(known.unwrap_or_default())));
    }
    if open {
        comment(out, say!(en: "write the one that its panel shows:", ja: "画面に出ているほうを書きます:").get(lang));
    }
    let _ = writeln!(out, "options = {{ {} }}", chosen.join(", "));
}

/// The files of the keys, or how to give them.
fn key_lines(out: &mut String, sender: &Sender, draft: &Draft<'_>, lang: Lang) {
    let entry = |selector: &Option<String>, file: &str| match selector {
        Some(selector) => format!("{{ selector = {}, key-file = {} }}", quoted(selector), quoted(file)),
        None => format!("{{ key-file = {} }}", quoted(file)),
    };
    match draft.keys.as_slice() {
        [] => {}
        [(None, file)] => {
            let _ = writeln!(out, "dkim-key-file = {}", quoted(file));
            return;
        }
        keys => {
            let keys: Vec<String> = keys.iter().map(|(selector, file)| entry(selector, file)).collect();
            let _ = writeln!(out, "dkim = [{}]", keys.join(", "));
            return;
        }
    }
    let waiting = sender.dkim.iter().filter(|d| matches!(d.form, DkimForm::CustomerKey { .. }));
    let waiting: Vec<&Text> = waiting.filter_map(|d| d.find.as_ref()).collect();
    let Some(find) = waiting.first() else { return };
    let id = &sender.id;
    comment(out, say!(en: "DKIM key: copy it from {find}", ja: "DKIM 鍵のある場所: {find}"; find = find).get(lang));
    comment(
        out,
        say!(
            en: "  save it as the file below, then take the # off",
            ja: "  下の名前のファイルに保存してから、先頭の # を消します"
        )
        .get(lang),
    );
    let _ = writeln!(out, "# dkim-key-file = {}", quoted(&format!("keys/{id}.txt")));
}

/// Each combination of choices among a template's alternatives.
#[must_use]
pub fn choices(sender: &Sender) -> Vec<BTreeMap<&str, &str>> {
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
    for variable in sender.variables.iter().chain(&sender.mail_from) {
        let _ = writeln!(out, "{} = {}", variable.name, quoted(&variable.example));
    }
    let options: Vec<String> = choice.iter().map(|(name, choice)| format!("{name} = {}", quoted(choice))).collect();
    let _ = writeln!(out, "options = {{ {} }}", options.join(", "));
    out
}
