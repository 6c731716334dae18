//! What goes into each box of a registrar's form for one record, exactly as that form wants it; where that is not known, the plain value and
//! a word on what is not known.

use crate::catalogue::registrar::{CaaBoxes, FinalDot, Form, HostForm, MxPriority, Registrar, SrvBoxes};
use crate::report::Text;
use crate::say;
use crate::zone::{Name, Record, Rtype};

use super::limits::Limits;

/// Which box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BoxKind {
    /// The host.
    Host,
    /// The type, usually a choice.
    Type,
    /// The TTL.
    Ttl,
    /// The priority of an MX or SRV.
    Priority,
    /// The weight of an SRV.
    Weight,
    /// The port of an SRV.
    Port,
    /// The value.
    Value,
    /// A line of a form that is one text of the whole zone.
    Line,
}

/// One box and what goes into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which box.
    pub kind: BoxKind,
    /// The form's own label, where it is known.
    pub label: Option<String>,
    /// What goes in; empty = it stays empty.
    pub content: String,
    /// What is not known of it.
    pub doubt: Option<Text>,
}

/// The boxes for a record, in the order of the form: host, type, TTL, numbers, value.
#[must_use]
pub fn entries(registrar: Option<&Registrar>, limits: &Limits, apex: &Name, record: &Record) -> Vec<Entry> {
    let unknown = Form::default();
    let form = registrar.map_or(&unknown, |r| &r.form);
    let clerk = Clerk { form, limits, apex, record };
    if form.whole_zone_text.is_some() {
        return vec![clerk.line()];
    }
    let mut out = vec![clerk.host(), clerk.rtype()];
    out.extend(clerk.ttl());
    clerk.numbers_and_value(&mut out);
    out
}

/// Fills in a form.
struct Clerk<'a> {
    form: &'a Form,
    limits: &'a Limits,
    apex: &'a Name,
    record: &'a Record,
}

impl Clerk<'_> {
    fn is_apex(&self) -> bool {
        self.record.name == *self.apex
    }

    fn relative(&self) -> String {
        self.record.name.relative_to(self.apex).unwrap_or_else(|| self.record.name.to_string())
    }

    fn host(&self) -> Entry {
        let (content, doubt) = match (self.form.host_form, self.is_apex()) {
            (Some(HostForm::FqdnWithDot), _) => (self.record.name.to_string(), None),
            (Some(HostForm::Relative), true) => match &self.form.apex_host {
                Some(host) => (host.clone(), None),
                None => (String::new(), Some(apex_unknown())),
            },
            (Some(HostForm::Relative), false) => (self.relative(), None),
            (None, true) => (String::new(), Some(apex_unknown())),
            (None, false) => {
                let domain = self.apex.display_without_dot().to_string();
                let doubt = say!(
                    en: "whether the form adds “.{domain}” by itself is not known: look at a row that is there already",
                    ja: "「.{domain}」が自動で付くかどうかは分かっていません。すでにある行の書き方に合わせてください"
                );
                (self.relative(), Some(doubt))
            }
        };
        Entry { kind: BoxKind::Host, label: self.form.host.clone(), content, doubt }
    }

    fn rtype(&self) -> Entry {
        let mnemonic = self.record.rtype.to_string();
        let content = self.form.type_labels.get(&mnemonic).cloned().unwrap_or(mnemonic);
        Entry { kind: BoxKind::Type, label: self.form.rtype.clone(), content, doubt: None }
    }

    /// The TTL; none where one holds for the whole zone.
    fn ttl(&self) -> Option<Entry> {
        if self.limits.word("ttl-scope").is_some_and(|(word, _)| word == "zone") {
            return None;
        }
        let doubt = self.form.ttl.is_none().then(|| {
            say!(en: "whether the form has such a box is not known; if not, leave it as it is", ja: "この欄があるかどうかは分かっていません。なければそのままで大丈夫です")
        });
        let content = self.record.ttl.to_string();
        Some(Entry { kind: BoxKind::Ttl, label: self.form.ttl.clone(), content, doubt })
    }

    fn value(&self, content: String, doubt: Option<Text>) -> Entry {
        Entry { kind: BoxKind::Value, label: self.form.value.clone(), content, doubt }
    }

    fn number(&self, kind: BoxKind, content: u16) -> Entry {
        let label = (kind == BoxKind::Priority).then(|| self.form.priority.clone()).flatten();
        Entry { kind, label, content: content.to_string(), doubt: None }
    }

    /// A name as a value: with its final dot or without.
    fn target(&self, name: &Name) -> (String, Option<Text>) {
        let plain = name.display_without_dot().to_string();
        match self.form.final_dot {
            _ if name.is_root() => (name.to_string(), None),
            Some(FinalDot::Required) => (name.to_string(), None),
            Some(FinalDot::Omit | FinalDot::Forbidden | FinalDot::Optional) => (plain, None),
            None => {
                let doubt = say!(
                    en: "whether the form wants a dot at the end is not known: look at a row that is there already, and compare after saving",
                    ja: "末尾に「.」が必要かどうかは分かっていません。すでにある行の書き方に合わせ、保存したあとに見比べてください"
                );
                (plain, Some(doubt))
            }
        }
    }

    fn numbers_and_value(&self, out: &mut Vec<Entry>) {
        let record = self.record;
        match record.rtype {
            Rtype::TXT | Rtype::SPF => out.push(self.text()),
            Rtype::A if self.form.a_four_boxes == Some(true) => {
                let address = record.rdata.present(Rtype::A);
                out.extend(address.split('.').map(|part| self.value(part.to_owned(), None)));
            }
            Rtype::MX => {
                let Some((preference, host)) = record.rdata.as_mx() else { return };
                let (host, doubt) = self.target(&host);
                match self.form.mx_priority {
                    Some(MxPriority::Field) => {
                        out.push(self.number(BoxKind::Priority, preference));
                        out.push(self.value(host, doubt));
                    }
                    Some(MxPriority::InValue) => out.push(self.value(format!("{preference} {host}"), doubt)),
                    None => {
                        let doubt = say!(en: "if there is a box for the priority, {preference} goes there and only the host here", ja: "優先度の欄があれば、{preference} はそちらに入れ、ここにはホスト名だけを入れます");
                        out.push(self.value(format!("{preference} {host}"), Some(doubt)));
                    }
                }
            }
            Rtype::SRV => self.srv(out),
            Rtype::CAA => {
                let doubt = match self.form.caa {
                    Some(CaaBoxes::InValue) => None,
                    None => Some(
                        say!(en: "if there are boxes for flags and tag, each part goes into its own", ja: "フラグやタグの欄が分かれていれば、それぞれの欄に分けて入れます"),
                    ),
                };
                out.push(self.value(record.rdata.present(Rtype::CAA), doubt));
            }
            rtype => match record.target() {
                Some(target) if matches!(rtype, Rtype::CNAME | Rtype::NS | Rtype::DNAME | Rtype::PTR) => {
                    let (target, doubt) = self.target(&target);
                    out.push(self.value(target, doubt));
                }
                _ => out.push(self.value(record.rdata.present(rtype), None)),
            },
        }
    }

    fn srv(&self, out: &mut Vec<Entry>) {
        let Some((priority, weight, port, host)) = self.record.rdata.as_srv() else { return };
        let (host, doubt) = self.target(&host);
        match self.form.srv {
            Some(SrvBoxes::Fields) => {
                out.push(self.number(BoxKind::Priority, priority));
                out.push(self.number(BoxKind::Weight, weight));
                out.push(self.number(BoxKind::Port, port));
                out.push(self.value(host, doubt));
            }
            Some(SrvBoxes::PriorityField) => {
                out.push(self.number(BoxKind::Priority, priority));
                out.push(self.value(format!("{weight} {port} {host}"), doubt));
            }
            Some(SrvBoxes::InValue) => out.push(self.value(format!("{priority} {weight} {port} {host}"), doubt)),
            None => {
                let doubt = say!(
                    en: "this is priority, weight, port, host; if the form has a box for one of them, it goes there",
                    ja: "左から優先度・重み・ポート・ホスト名です。欄が分かれていれば、それぞれの欄に入れます"
                );
                out.push(self.value(format!("{priority} {weight} {port} {host}"), Some(doubt)));
            }
        }
    }

    /// A TXT: plain or quoted, in one piece or in several.
    fn text(&self) -> Entry {
        let text = self.record.rdata.txt_joined();
        let quotes = self.limits.word("txt-quotes").map(|(word, _)| word);
        let most =
            self.limits.number("string-max").map_or(255, |(n, _)| usize::try_from(n).unwrap_or(255)).clamp(1, 255);
        let pieces = || text.chunks(most).map(crate::zone::text::quote).collect::<Vec<_>>().join(" ");
        let over = self.limits.word("txt-over-255").map(|(word, _)| word);
        if !can_be_typed(&text) {
            let doubt = say!(
                en: "this text has octets that cannot be typed; they stand here as \\ and three digits, which few forms understand",
                ja: "この値には、入力できない文字があります。ここでは \\ と 3 桁の数字で書いていますが、ほとんどの画面では通じません"
            );
            return self.value(plain(&text), Some(doubt));
        }
        if text.len() > most {
            match over {
                Some("quoted-strings") => return self.value(pieces(), None),
                Some("auto-split") => {}
                _ => {
                    let doubt = say!(
                        en: "how the form wants more than {most} bytes is not known: first try it in one piece; if it is refused, as \"first {most} bytes\" \"the rest\"",
                        ja: "{most} バイトを超える値の入れ方は分かっていません。まずそのまま入れ、断られたら \"先頭の {most} バイト\" \"残り\" の形で入れます"
                    );
                    return self.value(plain(&text), Some(doubt));
                }
            }
        }
        match quotes {
            Some("required") => self.value(pieces(), None),
            Some(_) => self.value(plain(&text), None),
            None => {
                let doubt = say!(
                    en: "without quotes at first; whether the form wants them is not known, so compare after saving",
                    ja: "まず引用符（\"）を付けずに入れます。引用符が必要かどうかは分かっていないので、保存したあとに見比べてください"
                );
                self.value(plain(&text), Some(doubt))
            }
        }
    }

    /// A line of a whole-zone text: lower-case type, host, value; a TXT bare.
    fn line(&self) -> Entry {
        let record = self.record;
        let host = if self.is_apex() { "@".to_owned() } else { self.relative() };
        let rtype = record.rtype.to_string().to_ascii_lowercase();
        let (value, doubt) = match record.rtype {
            Rtype::TXT | Rtype::SPF => {
                let text = record.rdata.txt_joined();
                let long = text.len() > 255 && self.limits.get("txt-over-255").is_none();
                (plain(&text), long.then(|| line_unknown(&rtype)))
            }
            Rtype::MX => match record.rdata.as_mx() {
                Some((preference, host)) => (format!("{preference} {host}"), None),
                None => (String::new(), None),
            },
            Rtype::A | Rtype::AAAA | Rtype::CNAME | Rtype::NS => (record.rdata.present(record.rtype), None),
            other => (record.rdata.present(other), Some(line_unknown(&rtype))),
        };
        Entry { kind: BoxKind::Line, label: None, content: format!("{rtype} {host} {value}"), doubt }
    }
}

fn apex_unknown() -> Text {
    say!(
        en: "for the domain itself the box stays empty or gets @: look at a row that is there already",
        ja: "ドメインそのものは、空欄にするか @ を入れます。すでにある行の書き方に合わせてください"
    )
}

fn line_unknown(rtype: &str) -> Text {
    say!(en: "how this text writes such a {rtype} line is not known: look at one that is there already", ja: "この画面での {rtype} の書き方は分かっていません。すでにある行に合わせてください")
}

/// Whether a person can type a text: it is UTF-8 without control characters.
fn can_be_typed(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| !text.chars().any(char::is_control))
}

/// A text as it is typed. What cannot be typed keeps its escapes.
fn plain(text: &[u8]) -> String {
    match std::str::from_utf8(text) {
        Ok(plain) if can_be_typed(text) => plain.to_owned(),
        _ => {
            let quoted = crate::zone::text::quote(text);
            let inside = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"'));
            inside.unwrap_or(&quoted).to_owned()
        }
    }
}
