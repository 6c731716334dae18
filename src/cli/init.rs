//! `zoneplan init`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::catalogue::expand::{Need, needs};
use crate::catalogue::registrar::Registrar;
use crate::catalogue::sender::{Alternative, Role, Sender, Variable};
use crate::catalogue::variables::normal;
use crate::catalogue::{Catalogue, Named};
use crate::init::choose::{self, Asked, label, report_address};
use crate::init::{Company, NewSite, Proposal, Service, blanks, write};
use crate::mail::dkim;
use crate::report::{Lang, Text, excerpt};
use crate::say;
use crate::site::draft::{self, Draft, KeyPlace, WantedKey, key_file, key_switch, wanted_keys};
use crate::zone::Name;

use super::args::InitArgs;
use super::disk;
use super::prompt::{Picked, Prompt, is_attended};
use super::{Exit, error, output};

pub(super) fn run(args: &InitArgs, lang: Lang) -> Exit {
    let Some(catalogue) = super::catalogue::catalogue(lang) else { return Exit::NotDone };
    let done = make(args, &catalogue, lang);
    if let Err(text) = &done {
        output::stderr(&format!("{}\n", error(text, lang)));
    }
    done.unwrap_or(Exit::NotDone)
}

/// Why there is no file.
type Refused = Text;

/// What the command line says, understood.
struct Given<'c> {
    domain: Option<Name>,
    company: Option<Company<'c>>,
    senders: Vec<Asked<'c>>,
    rua: Vec<String>,
}

fn given<'c>(args: &InitArgs, catalogue: &'c Catalogue) -> Result<Given<'c>, Refused> {
    let domain = args.domain.as_deref().map(domain).transpose();
    let domain = domain.map_err(|why| say!(en: "--domain: {why}", ja: "--domain: {why}"; why = why))?;
    let company = match &args.registrar {
        Some(name) => Some(choose::registrar(catalogue, name)?.map_or(Company::Other, Company::Known)),
        None => None,
    };
    let mut senders: Vec<Asked<'c>> = Vec::new();
    for text in &args.senders {
        let asked = choose::sender(catalogue, text)?;
        if senders.iter().any(|s| s.sender.id == asked.sender.id) {
            let company = &asked.sender.name;
            return Err(say!(
                en: "--sender: {company} is there twice; a second account of it is added in the file, with an `id`",
                ja: "--sender: {company}が 2 回あります。2 つ目のアカウントは、できたファイルに `id` を付けて足してください"; company = company
            ));
        }
        senders.push(asked);
    }
    let rua = args.rua.iter().map(|a| report_address(a)).collect::<Result<Vec<_>, _>>();
    let rua = rua.map_err(|why| say!(en: "--rua: {why}", ja: "--rua: {why}"; why = why))?;
    Ok(Given { domain, company, senders, rua })
}

/// Where the file goes.
enum Place<'a> {
    Stdout,
    File(&'a Path),
}

impl<'a> Place<'a> {
    /// What is there already is told before anybody types anything.
    fn of(path: &'a Path) -> Result<Self, Refused> {
        if path.as_os_str() == "-" {
            return Ok(Self::Stdout);
        }
        let shown = excerpt(&path.to_string_lossy(), 200);
        if fs::symlink_metadata(path).is_ok() {
            return Err(say!(
                en: "{shown} is there already and is not overwritten; edit it, or name another file: -o NAME.toml",
                ja: "{shown} はすでにあります。上書きはしません。そのファイルを編集するか、別の名前を指定してください: -o 名前.toml"
            ));
        }
        let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if path.file_name().is_none() || !folder.is_dir() {
            return Err(say!(en: "{shown}: there is no such folder", ja: "{shown}: フォルダがありません"));
        }
        Ok(Self::File(path))
    }

    /// The name by which commands are told the file; none for the one that they take by themselves.
    fn name(&self) -> Option<String> {
        let Self::File(path) = self else { return None };
        let name = path.to_string_lossy().into_owned();
        let plain = name.chars().all(|c| !c.is_whitespace() && !"\"'\\$`&|;<>()*?!#~".contains(c));
        (name != "site.toml").then(|| if plain { name } else { format!("\"{name}\"") })
    }
}

fn make(args: &InitArgs, catalogue: &Catalogue, lang: Lang) -> Result<Exit, Refused> {
    let place = Place::of(&args.output)?;
    let given = given(args, catalogue)?;
    let prompt = is_attended().then(|| Prompt::new(lang));
    let mut talk = Talk { args, catalogue, lang, place, keys: Vec::new() };
    let site = match &prompt {
        Some(prompt) => talk.ask(prompt, given).map_err(|e| stopped(&e))??,
        None => talk.take(given)?,
    };
    let text = write(&site, catalogue.engine(), lang);
    talk.write(&text)
}

/// That the questions came to no end.
fn stopped(error: &io::Error) -> Refused {
    if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::Interrupted) {
        return say!(en: "stopped; nothing was written", ja: "中断しました。何も書いていません");
    }
    let why = disk::reason(error);
    say!(en: "the terminal: {why}; nothing was written", ja: "ターミナル: {why}（何も書いていません）"; why = why)
}

fn domain(text: &str) -> Result<Name, Text> {
    crate::site::domain(text)
}

/// A key as it was pasted, and its file beside site.toml.
struct Key {
    file: String,
    text: String,
}

/// From the questions to the file.
struct Talk<'a, 'c> {
    args: &'a InitArgs,
    catalogue: &'c Catalogue,
    lang: Lang,
    place: Place<'a>,
    keys: Vec<Key>,
}

impl<'c> Talk<'_, 'c> {
    /// What DNS proposes; none if it is not to be looked at.
    #[cfg(feature = "live")]
    fn look(&self, domain: Option<&Name>) -> Result<Option<Proposal<'c>>, Refused> {
        let Some(network) = super::live::resolver(&self.args.live)? else { return Ok(None) };
        let Some(domain) = domain else {
            return Err(
                say!(en: "to look in DNS, the domain is needed: --domain example.com", ja: "DNS を調べるにはドメイン名が必要です: --domain example.com"),
            );
        };
        let looked = super::live::look(&network, domain, self.lang);
        Ok(Some(crate::init::propose(self.catalogue, domain, looked.name_servers, &looked.records)))
    }

    #[cfg(not(feature = "live"))]
    fn look(&self, _: Option<&Name>) -> Result<Option<Proposal<'c>>, Refused> {
        Ok(None)
    }

    /// Without a terminal: what is given, then what DNS shows, then blanks.
    fn take(&self, given: Given<'c>) -> Result<NewSite<'c>, Refused> {
        let proposal = self.look(given.domain.as_ref())?.unwrap_or_default();
        let mut company_origin = None;
        let company = given.company.unwrap_or_else(|| match proposal.company() {
            Some(found) => {
                company_origin = Some(proposal.name_servers.clone());
                Company::Known(found)
            }
            None => Company::Open,
        });
        let mut remarks: Vec<Text> = proposal.doubt(&company).into_iter().collect();
        for doubt in &remarks {
            output::stderr(&format!("{}\n", super::note(doubt, self.lang)));
        }
        let are_given = !given.senders.is_empty();
        let mut services: Vec<Service<'c>> = Vec::new();
        for asked in given.senders {
            if asked.own_address {
                services.push(Service::OwnAddress(asked.sender));
                continue;
            }
            let mut draft = Draft { roles: asked.roles, ..Draft::default() };
            if let Some(seen) = proposal.senders.iter().find(|s| s.sender.id == asked.sender.id) {
                seen.fill(&mut draft);
            }
            services.push(Service::Domain(asked.sender, draft));
        }
        for seen in &proposal.senders {
            let sender = seen.sender;
            if services.iter().any(|s| s.sender().id == sender.id) {
                continue;
            }
            if are_given {
                let (evidence, name, id) = (&seen.evidence, &sender.name, &sender.id);
                remarks.push(say!(
                    en: "{evidence}: {name}; if it is still in use, add it: provider = \"{id}\"",
                    ja: "{evidence}: {name}。いまも使っているなら、足してください: provider = \"{id}\""; evidence = evidence, name = name
                ));
                continue;
            }
            let mut draft = Draft::default();
            seen.fill(&mut draft);
            services.push(Service::Domain(sender, draft));
        }
        remarks.extend(proposal.open_besides(&services));
        Ok(NewSite {
            file: self.place.name(),
            domain: given.domain,
            company,
            company_origin,
            services,
            gmail_per_day: self.args.gmail_per_day,
            rua: given.rua,
            remarks,
        })
    }

    /// On a terminal: what is not given is asked.
    fn ask(&mut self, prompt: &Prompt, given: Given<'c>) -> io::Result<Result<NewSite<'c>, Refused>> {
        prompt.say(&say!(
            en: "zoneplan init: a few questions, then the file is written. Enter alone leaves a thing for later; Ctrl-C stops and writes nothing.",
            ja: "zoneplan init: いくつか質問してからファイルを作ります。分からないことは空のまま Enter で、あとから書けます。Ctrl-C でやめると何も書きません"
        ));
        let domain = match given.domain {
            Some(domain) => Some(domain),
            None => {
                heading(
                    prompt,
                    &say!(en: "The domain: what stands behind the @ of the mail addresses", ja: "ドメイン名（メールアドレスの @ の後ろの部分）"),
                );
                prompt.text(&say!(en: "domain", ja: "ドメイン名"), None, self::domain)?
            }
        };
        let proposal = match self.look(domain.as_ref()) {
            Ok(proposal) => proposal.unwrap_or_default(),
            Err(refused) => return Ok(Err(refused)),
        };
        let (company, company_origin) = match given.company {
            Some(company) => (company, None),
            None => self.ask_company(prompt, &proposal)?,
        };
        let doubt = proposal.doubt(&company);
        if let Some(doubt) = &doubt {
            prompt.say(&say!(en: "! {doubt}", ja: "! {doubt}"; doubt = doubt));
        }
        let services = self.ask_services(prompt, given.senders, &proposal, &company)?;
        let gmail_per_day = match self.args.gmail_per_day {
            Some(number) => Some(number),
            None => {
                heading(
                    prompt,
                    &say!(
                        en: "Mail to Gmail a day, all services together (a guess will do)",
                        ja: "Gmail あてに 1 日に何通送りますか（すべてのサービスの合計。だいたいでかまいません）"
                    ),
                );
                prompt.text(&say!(en: "mails a day", ja: "1 日の通数"), None, count)?
            }
        };
        let mut rua = given.rua;
        if rua.is_empty() {
            heading(
                prompt,
                &say!(
                    en: "Daily DMARC reports: to which address? (empty: none. A mailbox for nothing else; they are many)",
                    ja: "DMARC のレポートを受け取るアドレス（受け取らないなら空のまま。数が多いので専用のメールボックスにします）"
                ),
            );
            rua.extend(prompt.text(&say!(en: "address", ja: "アドレス"), None, report_address)?);
        }
        let mut remarks: Vec<Text> = doubt.into_iter().collect();
        remarks.extend(proposal.open_besides(&services));
        let file = self.place.name();
        Ok(Ok(NewSite { file, domain, company, company_origin, services, gmail_per_day, rua, remarks }))
    }

    fn ask_company(&self, prompt: &Prompt, proposal: &Proposal<'c>) -> io::Result<(Company<'c>, Option<Text>)> {
        heading(
            prompt,
            &say!(
                en: "In whose panel do you edit the DNS records? (not where the domain is merely registered)",
                ja: "DNS のレコードを、どの会社の画面で編集していますか（ドメインを登録しただけの会社ではありません）"
            ),
        );
        let unknown = say!(en: "(not in the list, or not known)", ja: "（一覧にない・分からない）");
        if !proposal.registrars.is_empty() {
            prompt.say(&say!(en: "  {seen}", ja: "  {seen}"; seen = proposal.name_servers));
            let mut items: Vec<Text> = proposal.registrars.iter().map(|r| both_labels(*r)).collect();
            let offered = items.len();
            items.extend([say!(en: "(another name)", ja: "（別の名前でさがす）"), unknown.clone()]);
            let which = say!(en: "which one?", ja: "どれですか");
            match prompt.choose(&which, &items, 0)? {
                Some(at) if at < offered => {
                    if let Some(found) = proposal.registrars.get(at) {
                        return Ok((Company::Known(found), Some(proposal.name_servers.clone())));
                    }
                }
                Some(at) if at > offered => return Ok((Company::Other, None)),
                _ => {}
            }
        }
        let all: Vec<&'c Registrar> = self.catalogue.registrars().collect();
        let question = say!(
            en: "part of its name (empty: not in the list, or not known)",
            ja: "会社の名前の一部（一覧にない・分からないときは空のまま）"
        );
        let picked = prompt.search(&question, &all, |name| self.catalogue.registrar_near(name), &unknown)?;
        Ok((
            match picked {
                Picked::One(found) => Company::Known(found),
                Picked::None => Company::Other,
            },
            None,
        ))
    }

    fn ask_services(
        &mut self,
        prompt: &Prompt,
        given: Vec<Asked<'c>>,
        proposal: &Proposal<'c>,
        company: &Company<'c>,
    ) -> io::Result<Vec<Service<'c>>> {
        let mut services: Vec<Service<'c>> = Vec::new();
        let are_given = !given.is_empty();
        for asked in given {
            let mut draft = Draft { roles: asked.roles.clone(), ..Draft::default() };
            if let Some(seen) = proposal.senders.iter().find(|s| s.sender.id == asked.sender.id) {
                seen.fill(&mut draft);
                draft.roles.clone_from(&asked.roles);
            }
            services.push(if asked.own_address {
                Service::OwnAddress(asked.sender)
            } else {
                self.ask_service(prompt, asked.sender, draft, company, !asked.roles.is_empty())?
            });
        }
        if are_given {
            return Ok(services);
        }
        heading(
            prompt,
            &say!(
                en: "Who sends mail as the domain? The mail server, the shop, newsletters, forms…",
                ja: "このドメインのメールを出すサービスは何ですか（メールサーバー、ショップ、メルマガ、フォームなど）"
            ),
        );
        for seen in &proposal.senders {
            let (name, evidence) = (both_labels(seen.sender), &seen.evidence);
            prompt.say(
                &say!(en: "  {name}: seen in {evidence}", ja: "  {name}: {evidence}"; name = name, evidence = evidence),
            );
            if prompt.yes(&say!(en: "is it used?", ja: "使っていますか"))? {
                let mut draft = Draft::default();
                seen.fill(&mut draft);
                services.push(self.ask_service(prompt, seen.sender, draft, company, false)?);
            }
        }
        for open in &proposal.open {
            prompt.say(&say!(en: "  {open}", ja: "  {open}"; open = open.text));
        }
        let all: Vec<&'c Sender> = self.catalogue.senders().collect();
        let none = say!(en: "(not in the list)", ja: "（一覧にない）");
        loop {
            let question = if services.is_empty() {
                say!(en: "part of its name", ja: "サービスの名前の一部")
            } else {
                say!(en: "the next one, part of its name (empty: no more)", ja: "ほかのサービス（なければ空のまま）")
            };
            let near = |name: &str| self.catalogue.sender_near(name);
            let Picked::One(sender) = prompt.search(&question, &all, near, &none)? else { return Ok(services) };
            if services.iter().any(|s| s.sender().id == sender.id) {
                prompt.say(&say!(
                    en: "! it is there already; a second account is added in the file, with an `id`",
                    ja: "! もう入っています。2 つ目のアカウントは、できたファイルに `id` を付けて足してください"
                ));
                continue;
            }
            services.push(self.ask_service(prompt, sender, Draft::default(), company, false)?);
        }
    }

    /// All that a service needs to know.
    fn ask_service(
        &mut self,
        prompt: &Prompt,
        sender: &'c Sender,
        mut draft: Draft<'c>,
        company: &Company<'c>,
        roles_given: bool,
    ) -> io::Result<Service<'c>> {
        let name = &sender.name;
        heading(prompt, &say!(en: "{name}", ja: "{name}"; name = name));
        for note in sender.via.iter().map(|v| &v.note).chain(&sender.recognise.only) {
            prompt.say(&say!(en: "  {note}", ja: "  {note}"; note = note));
        }
        if let Some(how) = sender.own_address.as_ref().filter(|_| draft.roles.is_empty()) {
            prompt.say(&say!(en: "  {how}", ja: "  {how}"; how = how));
            let items = [
                say!(en: "with an address of this domain", ja: "このドメインのアドレスで送る"),
                say!(en: "with an address that it issues: no DNS needed", ja: "サービスが発行するアドレスで送る（DNS 不要）"),
            ];
            if prompt.choose(&say!(en: "how does it send?", ja: "どのアドレスで送りますか"), &items, 0)? == Some(1)
            {
                return Ok(Service::OwnAddress(sender));
            }
        }
        if !roles_given {
            ask_roles(prompt, sender, &mut draft)?;
        }
        for alternative in &sender.alternatives {
            ask_choice(prompt, sender, alternative, &mut draft)?;
        }
        let mut choices: BTreeMap<&str, &str> = BTreeMap::new();
        for alternative in &sender.alternatives {
            let known = draft.options.get(alternative.name.as_str()).copied().or(alternative.default.as_deref());
            choices.extend(known.map(|choice| (alternative.name.as_str(), choice)));
        }
        let needs = needs(self.catalogue.engine(), sender, &draft.roles, &choices);
        for variable in sender.all_variables() {
            // What hangs on a choice that is left for later is left for later too.
            if let Some(needed) = needs.get(&variable.name).filter(|n| n.only_with.is_empty()) {
                ask_value(prompt, variable, needed.need, &mut draft)?;
            }
        }
        if let Company::Known(at) = company {
            draft.registrar = Some(at.id.as_str());
        }
        if matches!(self.place, Place::File(_)) && key_switch(sender, draft.registrar).is_none() {
            for wanted in wanted_keys(sender, &draft, self.catalogue.engine()) {
                self.ask_key(prompt, sender, &wanted, &mut draft)?;
            }
        }
        Ok(Service::Domain(sender, draft))
    }

    fn ask_key(
        &mut self,
        prompt: &Prompt,
        sender: &Sender,
        wanted: &WantedKey,
        draft: &mut Draft<'_>,
    ) -> io::Result<()> {
        let selector = wanted.selector.as_deref().map(|s| excerpt(s, 70));
        let of = selector.as_deref().map(|s| format!(" {s}._domainkey")).unwrap_or_default();
        prompt.say(&say!(
            en: "The DKIM key{of}: paste it here, in whatever form it is shown, and end with an empty line. (Nothing: later)",
            ja: "DKIM 鍵{of}: 表示されているまま貼り付けて、最後に空の行で Enter を押します（まだなければ空のまま）"
        ));
        if let Some(find) = &wanted.find {
            prompt.say(&say!(en: "  shown at: {find}", ja: "  表示される場所: {find}"; find = find));
        }
        loop {
            let octets = prompt.paste()?;
            if octets.iter().all(u8::is_ascii_whitespace) {
                return Ok(());
            }
            let wrong = match dkim::paste(&octets) {
                Ok(pasted) => other_selector(pasted.owner.as_deref(), wanted.selector.as_deref()),
                Err(error) => Some(error.text()),
            };
            if let Some(wrong) = wrong {
                prompt.say(&say!(
                    en: "! {wrong}\nPaste it again, or leave it empty for later:",
                    ja: "! {wrong}\nもう一度貼り付けるか、空のまま Enter で進みます:"; wrong = wrong
                ));
                continue;
            }
            // Read as UTF-8 just now.
            let text = String::from_utf8_lossy(&octets).trim().replace("\r\n", "\n").replace('\r', "\n");
            let file = self.free(&key_file(sender, wanted.selector.as_deref()));
            prompt.say(&say!(en: "  → {file}", ja: "  → {file}"));
            draft.keys.push((wanted.selector.clone(), KeyPlace::File(file.clone())));
            self.keys.push(Key { file, text: format!("{text}\n") });
            return Ok(());
        }
    }

    /// The name of a key's file, or the next one with a number that is still free.
    fn free(&self, file: &str) -> String {
        let taken =
            |file: &str| self.keys.iter().any(|k| k.file == file) || fs::symlink_metadata(self.beside(file)).is_ok();
        let numbered = |n: usize| format!("{}-{n}.txt", file.trim_end_matches(".txt"));
        let names = std::iter::once(file.to_owned()).chain((2..1000).map(numbered));
        // With a thousand files of one key the last is tried, and refused if it is there.
        names.into_iter().find(|name| !taken(name)).unwrap_or_else(|| numbered(1000))
    }

    /// A file beside site.toml.
    fn beside(&self, file: &str) -> PathBuf {
        match &self.place {
            Place::File(path) => path.parent().unwrap_or(Path::new("")).join(file),
            Place::Stdout => PathBuf::from(file),
        }
    }

    fn write(&self, text: &str) -> Result<Exit, Refused> {
        let path = match &self.place {
            Place::Stdout => return Ok(super::one_site::write(text, self.lang)),
            Place::File(path) => path,
        };
        let mut files: Vec<(PathBuf, &str)> =
            self.keys.iter().map(|k| (self.beside(&k.file), k.text.as_str())).collect();
        files.push((path.to_path_buf(), text));
        disk::create_all(&files).map_err(|(path, error)| {
            let shown = excerpt(&path.to_string_lossy(), 200);
            let why = match error.kind() {
                io::ErrorKind::AlreadyExists => say!(en: "it is there already", ja: "すでにあります"),
                _ => disk::reason(&error),
            };
            say!(en: "{shown}: {why}; nothing was written", ja: "{shown}: {why}（何も書いていません）"; why = why)
        })?;
        let (shown, name) = (excerpt(&path.to_string_lossy(), 200), self.place.name().unwrap_or_default());
        let build = format!("zoneplan build {name}");
        let build = crate::report::visible(build.trim_end()).into_owned();
        let done = match blanks(text) {
            0 => say!(en: "{shown}: written. Next: {build}", ja: "{shown} を作りました。次にすること: {build}"),
            1 => say!(
                en: "{shown}: written, with 1 blank to fill in. Next: fill it in, then {build}",
                ja: "{shown} を作りました（空欄 1 か所）。次にすること: 空欄を埋めてから {build}"
            ),
            count => say!(
                en: "{shown}: written, with {count} blanks to fill in. Next: fill them in, then {build}",
                ja: "{shown} を作りました（空欄 {count} か所）。次にすること: 空欄を埋めてから {build}"
            ),
        };
        output::stderr(&format!("{}\n", done.get(self.lang)));
        Ok(Exit::Fine)
    }
}

/// An empty line, then what is asked about.
fn heading(prompt: &Prompt, text: &Text) {
    prompt.say(&say!(en: "\n{text}", ja: "\n{text}"; text = text));
}

fn both_labels<T: Named>(one: &T) -> Text {
    Text { en: label(one, Lang::En), ja: label(one, Lang::Ja) }
}

fn count(text: &str) -> Result<u64, Text> {
    let digits: String = text.chars().filter(|c| *c != ',').collect();
    let shown = excerpt(text, 40);
    digits.parse().ok().filter(|n| *n <= 1_000_000_000).ok_or_else(|| {
        say!(en: "“{shown}” is not a number; write it in digits, e.g. 200", ja: "「{shown}」は数ではありません。200 のように数字で書きます")
    })
}

/// What the service is used for.
fn ask_roles(prompt: &Prompt, sender: &Sender, draft: &mut Draft<'_>) -> io::Result<()> {
    let known = sender.roles();
    if known.len() < 2 {
        draft.roles = vec![Role::Send];
        return Ok(());
    }
    let items: Vec<Text> = known
        .iter()
        .map(|role| {
            let (word, text) = (draft::role_word(*role), draft::role_text(*role));
            say!(en: "{word}: {text}", ja: "{word}: {text}"; text = text)
        })
        .collect();
    let checked: Vec<bool> = known
        .iter()
        .map(|role| if draft.roles.is_empty() { *role == Role::Send } else { draft.roles.contains(role) })
        .collect();
    let question =
        say!(en: "what for? (Space marks, Enter goes on)", ja: "何に使いますか（スペースで選び、Enter で進む）");
    let chosen = prompt.several(&question, &items, &checked)?;
    draft.roles = chosen.into_iter().filter_map(|at| known.get(at).copied()).collect();
    if draft.roles.is_empty() {
        draft.roles.push(Role::Send);
    }
    let words: Vec<&str> = draft.roles.iter().map(|r| draft::role_word(*r)).collect();
    let words = words.join(", ");
    prompt.say(&say!(en: "what for: {words}", ja: "使いみち: {words}"));
    Ok(())
}

/// One of several forms; left open if the user does not know and none is usual.
fn ask_choice<'c>(
    prompt: &Prompt,
    sender: &'c Sender,
    alternative: &'c Alternative,
    draft: &mut Draft<'c>,
) -> io::Result<()> {
    if !sender.is_decided_by(&alternative.name, &draft.roles) {
        return Ok(());
    }
    let what = &alternative.what;
    prompt.say(&say!(en: "{what}:", ja: "{what}:"; what = what));
    for (choice, meaning) in &alternative.choices {
        prompt.say(&say!(en: "  {choice}: {meaning}", ja: "  {choice}: {meaning}"; meaning = meaning));
    }
    let mut items: Vec<Text> = alternative.choices.iter().map(|(choice, _)| Text::same(choice.clone())).collect();
    let usual = alternative.choices.iter().position(|(choice, _)| Some(choice) == alternative.default.as_ref());
    if usual.is_none() {
        items.push(say!(en: "(later)", ja: "（あとで書く）"));
    }
    let chosen = prompt.choose(&say!(en: "which one?", ja: "どれですか"), &items, usual.unwrap_or(0))?;
    if let Some((choice, _)) = chosen.and_then(|at| alternative.choices.get(at)) {
        draft.options.insert(alternative.name.as_str(), choice.as_str());
    }
    Ok(())
}

fn ask_value<'c>(prompt: &Prompt, variable: &'c Variable, need: Need, draft: &mut Draft<'c>) -> io::Result<()> {
    let key = variable.name.as_str();
    let (what, find, example) = (&variable.what, &variable.find, &variable.example);
    prompt.say(&say!(en: "{what}, for example {example}", ja: "{what}（例: {example}）"; what = what));
    prompt.say(&say!(en: "  shown at: {find}", ja: "  表示される場所: {find}"; find = find));
    let seen = draft.values.get(key).cloned();
    if let Some(origin) = draft.origins.get(key) {
        prompt.say(&say!(en: "  from {origin}", ja: "  値の出どころ: {origin}"; origin = origin));
    }
    if need == Need::May && variable.default.is_none() && seen.is_none() {
        prompt.say(&say!(en: "  only if the panel shows one", ja: "  画面に出ている場合だけ入れます"));
    }
    let default = seen.clone().or_else(|| variable.default.clone());
    let value = prompt.text(&Text::same(key), default, |text| {
        let value = normal(variable, text)?;
        Ok((value != text, value))
    })?;
    let value = value.map(|(is_other, value)| {
        if is_other {
            prompt.say(&say!(en: "  → {value}", ja: "  → {value}"));
        }
        value
    });
    // The usual value needs no line of its own.
    if let Some(value) = value.filter(|value| seen.is_some() || Some(value) != variable.default.as_ref()) {
        if seen.as_ref() != Some(&value) {
            draft.origins.remove(key);
        }
        draft.values.insert(key, value);
    }
    Ok(())
}

/// What is wrong with a pasted record's owner: it is another selector's.
fn other_selector(owner: Option<&str>, wanted: Option<&str>) -> Option<Text> {
    let owner = owner?.to_ascii_lowercase();
    let (selector, _) = owner.split_once("._domainkey")?;
    let wanted = wanted.filter(|w| !w.eq_ignore_ascii_case(selector))?;
    let (shown, wanted) = (excerpt(selector, 70), excerpt(wanted, 70));
    Some(say!(
        en: "this is the key of the selector {shown}, not of {wanted}",
        ja: "これはセレクタ {shown} の鍵です（必要なのは {wanted} の鍵です）"
    ))
}
