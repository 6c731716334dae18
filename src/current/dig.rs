//! Answers of `dig`: what was asked, what was answered, and which of it is the zone's. Other look-up tools are known by sight only.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::report::{Text, excerpt};
use crate::say;
use crate::zone::{Name, Rtype};

/// Answers, read.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// The text as a zone file of the answers alone: every octet where it was, what is not theirs blanked.
    pub(super) zone: Vec<u8>,
    /// Names and types that were asked and answered.
    pub(super) asked: BTreeSet<(Name, Rtype)>,
    /// Names of which any type was asked, and where.
    pub(super) any: Vec<(Name, Range<usize>)>,
    /// The names of the questions, in order.
    pub(super) questions: Vec<Name>,
    /// A whole transfer is among them.
    pub(super) is_transfer: bool,
    /// Where answers stand that no name server of the zone gave: their TTLs are what is left of them. In the order of the text.
    pub(super) cached: Vec<Range<usize>>,
    /// What was not answered, and where that is said.
    pub(super) unanswered: Vec<(Text, Range<usize>)>,
}

/// Most questions that are kept.
const QUESTIONS_MAX: usize = 10_000;
/// Most unanswered ones that are told.
const UNANSWERED_MAX: usize = 10;

/// Types that a name that does not exist lacks (RFC 8020): those that people put into zones.
const COMMON: [Rtype; 10] = [
    Rtype::A,
    Rtype::AAAA,
    Rtype::CAA,
    Rtype::CNAME,
    Rtype::HTTPS,
    Rtype::MX,
    Rtype::NS,
    Rtype::SRV,
    Rtype::TXT,
    Rtype::TLSA,
];

/// Which part of an answer a line is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    /// Outside of any: a transfer, or `+noall +answer`.
    None,
    Question,
    Answer,
    Other,
}

/// The state of one answer.
#[derive(Default)]
struct One {
    status: Option<String>,
    truncated: bool,
    /// Where the answer of a resolver begins.
    cached: Option<usize>,
    question: Option<(Name, Rtype)>,
    at: Range<usize>,
}

impl Answers {
    /// The answers in a text; nothing if no line of it is `dig`'s.
    pub(super) fn read(octets: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(octets);
        // What is replaced has another length; positions are those of the octets.
        let is_dig = |line: &str| {
            let line = line.trim_start_matches('\u{feff}').trim_start();
            line.starts_with("; <<>> DiG ") || line.starts_with(";; ->>HEADER<<-") || is_section(line).is_some()
        };
        if !text.lines().any(is_dig) {
            return None;
        }
        let mut this = Self { zone: octets.to_vec(), ..Self::default() };
        let (mut section, mut one, mut at) = (Section::None, One::default(), 0);
        for line in octets.split_inclusive(|o| *o == b'\n') {
            let range = at..at + line.len();
            at = range.end;
            let line = String::from_utf8_lossy(line);
            let plain = line.trim();
            if plain.starts_with("; <<>> DiG ") || plain.starts_with(";; ->>HEADER<<-") {
                if plain.starts_with(";; ->>HEADER<<-") || one.status.is_some() || one.question.is_some() {
                    this.close(std::mem::take(&mut one), range.start);
                }
                section = Section::None;
                one.at = range.start..range.start + plain.len();
            }
            if let Some(found) = is_section(plain) {
                section = found;
            } else if let Some(status) = after(plain, "status:") {
                one.status = Some(status.to_owned());
            } else if plain.starts_with(";; flags:") {
                let flags = plain.split(';').find(|part| part.trim_start().starts_with("flags:")).unwrap_or_default();
                let has = |wanted: &str| flags.split_whitespace().any(|flag| flag == wanted);
                one.truncated = has("tc");
                one.cached = (!has("aa")).then_some(range.start);
            } else if plain.starts_with(";; XFR size:") {
                this.is_transfer = true;
                section = Section::None;
            } else if plain.starts_with("; Transfer failed")
                || plain.contains("connection timed out")
                || plain.contains("communications error")
            {
                this.say(
                    say!(en: "the server did not answer", ja: "サーバーから答えがありません"),
                    range.start..range.start + plain.len(),
                );
            } else if section == Section::Question
                && let Some(question) = plain.strip_prefix(';')
            {
                one.question = question_of(question);
                one.at = range.start..range.start + plain.len();
            } else if section == Section::Other
                && let Some(here) = this.zone.get_mut(range)
            {
                // Name servers and their addresses: often another zone's.
                here.iter_mut().filter(|o| !matches!(**o, b'\n' | b'\r')).for_each(|o| *o = b' ');
            }
        }
        this.close(one, at);
        Some(this)
    }

    /// What the answer that ends here says.
    fn close(&mut self, one: One, end: usize) {
        self.cached.extend(one.cached.map(|start| start..end));
        let Some((name, rtype)) = one.question else {
            // A refusal may come without its question.
            if let Some(status) = one.status.filter(|s| !matches!(s.as_str(), "NOERROR" | "NXDOMAIN")) {
                self.refused(&status, "", one.at);
            }
            return;
        };
        if self.questions.len() < QUESTIONS_MAX {
            self.questions.push(name.clone());
        }
        let shown = format!("{} {rtype}", name.display_without_dot());
        match one.status.as_deref() {
            _ if one.truncated => {
                let what = excerpt(&shown, 100);
                self.say(say!(en: "the answer for {what} was cut off; ask again with +tcp", ja: "{what} の答えが途中で切れています。+tcp を付けてもう一度調べてください"), one.at);
            }
            // The section of questions alone, with +nocomments.
            Some("NOERROR") | None if !rtype.is_meta() => {
                self.asked.insert((name, rtype));
            }
            Some("NOERROR") | None if rtype == Rtype::ANY && self.any.len() < QUESTIONS_MAX => {
                self.any.push((name, one.at));
            }
            Some("NOERROR") | None => {}
            Some("NXDOMAIN") => {
                self.asked.extend(COMMON.iter().chain(&[rtype]).filter(|t| !t.is_meta()).map(|t| (name.clone(), *t)));
            }
            Some(status) => self.refused(status, &shown, one.at),
        }
    }

    /// Whether what stands there was answered by a resolver, not by a name server of the zone.
    pub(super) fn is_cached(&self, at: usize) -> bool {
        let before = self.cached.partition_point(|range| range.start <= at);
        before.checked_sub(1).and_then(|last| self.cached.get(last)).is_some_and(|range| range.contains(&at))
    }

    fn refused(&mut self, status: &str, shown: &str, at: Range<usize>) {
        let (status, shown) = (excerpt(status, 20), excerpt(shown, 100));
        self.say(
            if shown.is_empty() {
                say!(en: "no answer ({status})", ja: "答えがありません（{status}）")
            } else {
                say!(en: "no answer for {shown} ({status})", ja: "{shown} の答えがありません（{status}）")
            },
            at,
        );
    }

    fn say(&mut self, text: Text, at: Range<usize>) {
        if self.unanswered.len() < UNANSWERED_MAX {
            self.unanswered.push((text, at));
        }
    }
}

/// The section that a line of `dig` begins.
fn is_section(line: &str) -> Option<Section> {
    let name = line.strip_prefix(";; ")?.strip_suffix(" SECTION:")?;
    Some(match name {
        "QUESTION" => Section::Question,
        "ANSWER" => Section::Answer,
        _ => Section::Other,
    })
}

/// The word behind a mark.
fn after<'l>(line: &'l str, mark: &str) -> Option<&'l str> {
    let (_, rest) = line.starts_with(";;").then(|| line.split_once(mark)).flatten()?;
    rest.split([',', ' ']).find(|w| !w.is_empty())
}

/// `example.com. IN MX`.
fn question_of(text: &str) -> Option<(Name, Rtype)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (name, rtype) = match words.as_slice() {
        [name, _, rtype] | [name, rtype] => (name, rtype),
        _ => return None,
    };
    Some((Name::parse_absolute(name).ok()?, rtype.parse().ok()?))
}

/// What a text without records looks like, and what to do instead.
pub(super) fn known_by_sight(octets: &[u8]) -> Option<Text> {
    let head = octets.get(..octets.len().min(64 * 1024)).unwrap_or_default();
    let text: Cow<'_, str> = String::from_utf8_lossy(head);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let begins = |words: &[&str]| lines.iter().any(|l| words.iter().any(|w| l.starts_with(w)));
    if begins(&["Non-authoritative answer:", "権限のない回答:", "*** Can't find", "Server:", "サーバー:"])
        && begins(&["Address:", "Addresses:", "サーバー:", "Server:"])
    {
        return Some(say!(
            en: "this is nslookup's answer, which is not read; copy the list in the panel, or run: dig example.com MX",
            ja: "nslookup の結果は読めません。管理画面の一覧を写すか、dig example.com MX のように dig で調べてください"
        ));
    }
    if lines.first().is_some_and(|l| l.starts_with('<') || l.starts_with("<!")) {
        return Some(say!(
            en: "this is the source of a web page; mark the list in the browser and copy that",
            ja: "Web ページのソースです。ブラウザーで一覧を選択して、コピーしてください"
        ));
    }
    let value = |line: &&str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            _ if line.starts_with('"') => true,
            [one] => one.ends_with('.') || one.parse::<std::net::IpAddr>().is_ok(),
            [first, host] => first.parse::<u16>().is_ok() && host.ends_with('.'),
            _ => false,
        }
    };
    (!lines.is_empty() && lines.iter().all(value)).then(|| {
        say!(
            en: "these are values without names and types, as dig +short gives them; run it without +short",
            ja: "名前と種別のない、値だけの行です（dig +short の形）。+short を付けずに調べてください"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::MasterFile;

    const ANSWER: &str = "\n; <<>> DiG 9.18.28 <<>> example.com MX\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 7\n;; flags: qr rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 1, ADDITIONAL: 1\n\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n;; QUESTION SECTION:\n;example.com.\t\t\tIN\tMX\n\n;; ANSWER SECTION:\nexample.com.\t\t3600\tIN\tMX\t10 mail.example.com.\n\n;; AUTHORITY SECTION:\nexample.com.\t\t3600\tIN\tNS\tns1.example.net.\n\n;; ADDITIONAL SECTION:\nmail.example.com.\t3600\tIN\tA\t192.0.2.1\n\n;; Query time: 12 msec\n";

    fn name(text: &str) -> Name {
        Name::parse_absolute(text).unwrap()
    }

    #[test]
    fn only_the_answer_is_taken_and_the_question_is_known() {
        let read = Answers::read(ANSWER.as_bytes()).unwrap();
        assert_eq!(read.zone.len(), ANSWER.len());
        let zone = MasterFile::read(&read.zone, &name("example.com"));
        assert_eq!((zone.records.len(), zone.faults.len()), (1, 0), "{:?}", zone.faults);
        assert_eq!(read.asked.into_iter().collect::<Vec<_>>(), [(name("example.com"), Rtype::MX)]);
        assert!(!read.is_transfer && read.unanswered.is_empty());
    }

    #[test]
    fn what_was_not_answered_is_not_known() {
        let status = |status: &str| Answers::read(ANSWER.replace("NOERROR", status).as_bytes()).unwrap();
        for refused in ["SERVFAIL", "REFUSED"] {
            let read = status(refused);
            assert!(read.asked.is_empty() && read.unanswered[0].0.en.contains(refused), "{:?}", read.unanswered);
        }
        // A name that does not exist has no record of any type (RFC 8020).
        assert!(status("NXDOMAIN").asked.contains(&(name("example.com"), Rtype::CNAME)));
        let cut = Answers::read(ANSWER.replace("qr rd ra", "qr tc rd ra").as_bytes()).unwrap();
        assert!(cut.asked.is_empty() && cut.unanswered.len() == 1);
        let any = Answers::read(ANSWER.replace("IN\tMX\n\n", "IN\tANY\n\n").as_bytes()).unwrap();
        assert!(any.asked.is_empty() && any.any[0].0 == name("example.com"));
    }

    #[test]
    fn several_answers_in_one_text() {
        let text =
            format!("{ANSWER}{}", ANSWER.replace("\tMX", "\tTXT").replace("10 mail.example.com.", "\"v=spf1 -all\""));
        let read = Answers::read(text.as_bytes()).unwrap();
        assert_eq!(read.asked.len(), 2);
        assert_eq!(MasterFile::read(&read.zone, &name("example.com")).records.len(), 2);
    }

    #[test]
    fn a_transfer_is_known_by_its_last_line() {
        let text = "; <<>> DiG 9.18.28 <<>> @192.0.2.53 example.com AXFR\nexample.com. 3600 IN SOA ns1.example.net. h.example.net. 1 2 3 4 5\nexample.com. 3600 IN SOA ns1.example.net. h.example.net. 1 2 3 4 5\n;; XFR size: 2 records (messages 1, bytes 200)\n";
        let read = Answers::read(text.as_bytes()).unwrap();
        assert!(read.is_transfer && read.asked.is_empty());
        let failed = Answers::read(b"; <<>> DiG 9.18.28 <<>> example.com AXFR\n; Transfer failed.\n").unwrap();
        assert!(!failed.is_transfer && failed.unanswered.len() == 1);
    }

    #[test]
    fn other_tools_are_named() {
        let said = |text: &str| known_by_sight(text.as_bytes()).map(|t| t.en).unwrap_or_default();
        assert!(said("10 mail.example.com.\n\"v=spf1 -all\"\n192.0.2.1\n").contains("+short"));
        assert!(said("Server:\t\t192.0.2.53\nAddress:\t192.0.2.53#53\n\nNon-authoritative answer:\nexample.com\tmail exchanger = 10 mail.example.com.\n").contains("nslookup"));
        assert!(said("<html>\n<table>").contains("web page"));
        assert_eq!(said("hello\n"), "");
        assert!(Answers::read(b"www A 192.0.2.1\n").is_none());
    }
}
