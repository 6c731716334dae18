//! The pins file beside a site.toml: the one way in which it is read, and what is to be done where it lacks something.

use super::{LIMIT_FILE, Pins, file_name, read};
use crate::report::{Finding, NoteKind, Sources, Text, shell_word, visible};
use crate::say;
use crate::site::{FileError, Files, text_of};
use crate::zone::Name;

/// The pins file of one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinsFile {
    /// Where it is, or would be.
    pub path: String,
    /// Its text; none if there is no such file, or it can't be read.
    pub text: Option<String>,
    /// What of it can be used; none if that is nothing.
    pub pins: Option<Pins>,
    /// Something is wrong with it. What can be read of it is used, but it is not written over: what it lacks would be taken for new.
    pub is_broken: bool,
    /// Another version wrote it, which can use it.
    is_newer: bool,
    /// It is another site's.
    is_others: bool,
    site: String,
}

impl PinsFile {
    /// Reads the pins file of the site at the path `site`. What is wrong with it is told, and what to do about it.
    pub fn read(
        site: &str,
        domain: &Name,
        files: &dyn Files,
        sources: &mut Sources,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let path = files.beside(site, &file_name(site));
        let site = site.to_owned();
        let mut this = Self { path, text: None, pins: None, is_broken: false, is_newer: false, is_others: false, site };
        let mut said = Vec::new();
        match files.read(&this.path, LIMIT_FILE) {
            Err(FileError::NotFound) => return this,
            read => match text_of(&this.path, read, "pins-file") {
                Ok(text) => {
                    let file = sources.add(&this.path, text.clone());
                    (this.pins, said) = self::read(&text, file, domain);
                    this.text = Some(text);
                }
                Err(finding) => said.push(*finding),
            },
        }
        this.is_broken = !said.is_empty();
        // Nobody is to mend it by hand, whatever TOML and text files are advised otherwise.
        for finding in said.iter_mut().filter(|finding| !finding.id.starts_with("pins-")) {
            finding.notes.retain(|note| note.kind != NoteKind::Next);
            finding.fix = None;
            // Without a place in it: the file as a whole can't be read.
            if finding.primary().is_none() {
                finding.id = "pins-file";
            }
        }
        this.is_others = said.iter().any(|finding| finding.id == "pins-other-site");
        this.is_newer = said.iter().any(|finding| finding.id == "pins-version");
        // Said once, however much is wrong.
        if let Some(first) = said.first_mut() {
            *first = first.clone().next(this.remedy());
        }
        findings.append(&mut said);
        this
    }

    /// Whether a finding is about the pins file at `path`.
    #[must_use]
    pub fn is_meant(path: &str, finding: &Finding, sources: &Sources) -> bool {
        let points_there = |span: crate::report::Span| sources.name(span.file) == path;
        finding.id.starts_with("pins-") || finding.primary().is_some_and(points_there)
    }

    /// What to do where it lacks something.
    #[must_use]
    pub fn remedy(&self) -> Text {
        let (site, file) = (shell_word(&visible(&self.site)), visible(&self.path));
        if self.is_newer {
            return say!(
                en: "use the zoneplan that wrote {file}, or a newer one",
                ja: "{file} を書いた zoneplan か、それより新しいものを使ってください"
            );
        }
        if self.is_others {
            return say!(
                en: "if {file} belongs to another site.toml, give it back its name; if this one had that domain before, delete it. Then run: zoneplan pin {site}",
                ja: "{file} が別のサイト定義の控えなら、ファイル名を元に戻してください。このサイト定義の domain を変えたのなら、削除してください。そのうえで zoneplan pin {site} を実行します"
            );
        }
        if self.is_broken {
            return say!(
                en: "delete {file} and run: zoneplan pin {site}. Or take it from version control",
                ja: "{file} を削除して zoneplan pin {site} を実行するか、バージョン管理の履歴から元に戻してください"
            );
        }
        say!(en: "run: zoneplan pin {site}", ja: "zoneplan pin {site} を実行してください")
    }
}
