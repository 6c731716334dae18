//! TXT values of mail, whatever they say: how they are cut, quoted, spelled, and how large their answer is.

use std::ops::Range;

use crate::mail::tags::{Fault, Level, Problem, TagList, items};
use crate::mail::{bimi, dkim, dmarc, mta_sts, spf, tls_rpt};
use crate::report::{Finding, Severity, Text, excerpt, visible};
use crate::say;
use crate::zone::{Rdata, Rtype, idn, text, wire};

use super::hosts::{below, counted, shown};
use super::{Findings, Part, Rule, Seen, View};

/// The rules of this family.
pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "txt-string-over-255",
        en: "a TXT fits into a DNS answer",
        ja: "TXT が DNS の答えに収まる長さになっている",
        source: "RFC 1035 §3.3, §3.3.14, §3.2.1, §4.2.2",
        check: too_long,
    },
    Rule {
        id: "txt-join-glued",
        en: "the strings of a TXT joined without a space still say what was meant",
        ja: "分割した TXT を空白なしでつないでも、意味が変わらない",
        source: "RFC 7208 §3.3; RFC 6376 §3.6.2.2; RFC 9989 §4.5",
        check: join_glued,
    },
    Rule {
        id: "txt-stray-quotes-escapes",
        en: "no quotes, backslashes or line breaks of zone-file notation inside a value",
        ja: "ゾーンファイル用の引用符・\\・改行が値に入っていない",
        source: "RFC 1035 §5.1",
        check: stray,
    },
    Rule {
        id: "txt-non-ascii",
        en: "mail records are plain ASCII",
        ja: "メールのレコードが半角文字だけでできている",
        source: "RFC 7208 §12; RFC 6376 §3.2; RFC 9989 §4.8",
        check: non_ascii,
    },
    Rule {
        id: "txt-edge-whitespace",
        en: "no white space at the beginning or end of a mail record",
        ja: "メールのレコードの先頭と末尾に空白がない",
        source: "RFC 7208 §4.5; RFC 9989 §4.8",
        check: edge_whitespace,
    },
    Rule {
        id: "txt-answer-size",
        en: "the whole TXT answer at a name is small enough for UDP",
        ja: "1 つの名前の TXT の答えが UDP に収まる大きさになっている",
        source: "RFC 7208 §3.4; RFC 9715",
        check: answer_size,
    },
];

/// What a TXT is meant to be for mail, by where it stands, and for SPF by what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    Spf,
    Dkim,
    Dmarc,
    MtaSts,
    TlsRpt,
    Bimi,
}

impl Meant {
    pub(super) fn of(seen: &Seen) -> Option<Self> {
        if seen.record.rtype != Rtype::TXT {
            return None;
        }
        let name = &seen.record.name;
        let second = |label: &str| name.parent().is_some_and(|n| below(&n, &[label]).is_some());
        // `example.jp._report._dmarc.example.net` allows reports.
        let report = || name.labels().zip(name.labels().skip(1)).any(|pair| pair == (b"_report", b"_dmarc"));
        if below(name, &["_dmarc"]).is_some() || report() {
            return Some(Self::Dmarc);
        }
        if second("_domainkey") {
            return Some(Self::Dkim);
        }
        if below(name, &["_mta-sts"]).is_some() {
            return Some(Self::MtaSts);
        }
        if below(name, &["_smtp", "_tls"]).is_some() {
            return Some(Self::TlsRpt);
        }
        if second("_bimi") {
            return Some(Self::Bimi);
        }
        let value = seen.txt()?;
        let start = value.iter().position(u8::is_ascii_alphanumeric).unwrap_or(0);
        let hidden = value.get(start..start + 6).is_some_and(|head| head.eq_ignore_ascii_case(b"v=spf1"));
        (hidden || spf::is_spf(value) || spf::looks_like_spf(value)).then_some(Self::Spf)
    }

    /// The word for people.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Spf => "SPF",
            Self::Dkim => "DKIM",
            Self::Dmarc => "DMARC",
            Self::MtaSts => "MTA-STS",
            Self::TlsRpt => "TLS-RPT",
            Self::Bimi => "BIMI",
        }
    }

    /// The names of its tags, where it is a list of tags.
    pub(super) fn tags(self) -> &'static [&'static [u8]] {
        match self {
            Self::Spf => &[],
            Self::Dkim => &[b"v", b"k", b"p", b"h", b"s", b"t", b"n", b"g"],
            // `pct`, `rf` and `ri` are gone since RFC 9989.
            Self::Dmarc => &[
                b"v", b"p", b"sp", b"np", b"adkim", b"aspf", b"rua", b"ruf", b"fo", b"t", b"psd", b"pct", b"rf", b"ri",
            ],
            Self::MtaSts => &[b"v", b"id"],
            Self::TlsRpt => &[b"v", b"rua"],
            Self::Bimi => &[b"v", b"l", b"a", b"avp"],
        }
    }

    /// Whether `value` is a record of this kind without an error.
    pub(super) fn fits(self, value: &[u8]) -> bool {
        fn sound<K: Fault>(problems: &[Problem<K>]) -> bool {
            problems.iter().all(|p| p.kind.level() != Level::Error)
        }
        match self {
            Self::Spf => {
                let broken = ["spf-syntax", "spf-version-prefix", "spf-mechanism-as-modifier"];
                spf::is_spf(value)
                    && spf::Record::parse(value).problems().iter().all(|p| !broken.contains(&p.kind.rule()))
            }
            Self::Dmarc => dmarc::is_dmarc(value) && sound(&dmarc::parse(value).1),
            Self::Dkim => sound(&dkim::parse(value).1),
            Self::MtaSts => sound(&mta_sts::parse(value).1),
            Self::TlsRpt => sound(&tls_rpt::parse(value).1),
            Self::Bimi => sound(&bimi::parse(value).1),
        }
    }

    /// What comes of a record of this kind that receivers cannot read.
    pub(super) fn harm(self) -> Text {
        match self {
            Self::Spf => {
                say!(en: "receivers see no valid SPF; mail counts as unauthorised", ja: "受信側は SPF を読めません。正規の送信元と認められません")
            }
            Self::Dkim => {
                say!(en: "receivers cannot read the key; DKIM fails", ja: "受信側が鍵を読めず、DKIM が FAIL になります")
            }
            Self::Dmarc => {
                say!(en: "receivers ignore the record: no DMARC", ja: "受信側はこのレコードを無視します。DMARC がないのと同じです")
            }
            Self::MtaSts => {
                say!(en: "senders ignore the record: no MTA-STS", ja: "送信側はこのレコードを無視します。MTA-STS がないのと同じです")
            }
            Self::TlsRpt => {
                say!(en: "senders ignore the record: no TLS reports", ja: "送信側はこのレコードを無視します。TLS のレポートは届きません")
            }
            Self::Bimi => {
                say!(en: "receivers ignore the record: no logo", ja: "受信側はこのレコードを無視します。ロゴは表示されません")
            }
        }
    }
}

/// Whether a TXT is the only one of its kind at its name. Where there are many, nobody looks.
pub(super) fn is_alone(view: &View<'_>, seen: &Seen, meant: Meant) -> bool {
    const LOOKED_AT: usize = 50;
    let mut all = view.of(&seen.record.name, Rtype::TXT);
    let alone = all.by_ref().take(LOOKED_AT).all(|other| std::ptr::eq(other, seen) || Meant::of(other) != Some(meant));
    alone && all.next().is_none()
}

/// Text from outside as a message shows it.
pub(super) fn clip(text: &str) -> String {
    excerpt(text, 80)
}

/// Offers to replace `range` of the TXT by `replacement`, where the value stands in site.toml as it is and the finding points into it.
pub(super) fn mend(
    view: &View<'_>,
    finding: Finding,
    seen: &Seen,
    range: Range<usize>,
    what: Text,
    replacement: &str,
) -> Finding {
    let value = seen.txt().unwrap_or_default();
    let Some(span) = finding.primary().filter(|_| seen.by_hand()) else { return finding };
    let as_it_is = value.get(range.clone()).is_some_and(|old| old == view.sources.slice(span).as_bytes());
    // In zone text escapes and breaks between strings may stand in it; the reader of zone text holds the repair against them.
    let exact = !range.is_empty() && (as_it_is || view.part(seen, &Part::Octets(range.clone())) == Some(span));
    // Nothing that could end or bend the string it is put into.
    let plain = replacement.bytes().all(|octet| (b' '..=b'~').contains(&octet) && !b"\"'\\".contains(&octet));
    if !exact || !plain {
        return finding;
    }
    let [before, after] = [value.get(..range.start), value.get(range.end..)].map(Option::unwrap_or_default);
    let new = [before, replacement.as_bytes(), after].concat();
    // What counts now where it did not before may not come beside another.
    let safe = Meant::of(seen).is_some_and(|meant| meant.fits(&new) && is_alone(view, seen, meant));
    finding.fix(what, span, replacement).safely_if(safe)
}

/// What the parsers say of a record, as findings of the rule `id`; what they say for other rules is not repeated.
/// `base` is how much of the value stood before what was parsed.
pub(super) fn faults<K: Fault>(
    view: &View<'_>,
    id: &'static str,
    seen: &Seen,
    base: usize,
    problems: Vec<Problem<K>>,
    next: &Text,
    out: &mut Findings,
) {
    for problem in problems.into_iter().filter(|p| p.kind.rule() == id) {
        let severity = match problem.kind.level() {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Advice => Severity::Advice,
            Level::Info => continue,
        };
        let range = problem.range.start + base..problem.range.end + base;
        let (name, what) = (shown(&seen.record.name), problem.kind.text());
        let title = say!(en: "{name}: {what}", ja: "{name}: {what}"; what = what);
        let finding = view.finding_at(id, severity, seen, Some(range), title);
        let harm = Meant::of(seen).filter(|_| severity != Severity::Advice).map(Meant::harm);
        let finding = harm.into_iter().fold(finding, Finding::harm);
        out.push(finding.next(next.clone()));
    }
}

/// The value without white space around it, and how much was cut in front: what stands there is txt-edge-whitespace's word.
pub(super) fn inner(value: &[u8]) -> (usize, &[u8]) {
    let trimmed = value.trim_ascii();
    (value.len() - value.trim_ascii_start().len(), trimmed)
}

/// Whether zone-file notation or foreign characters are in a value: then what the parsers say of it only repeats it.
pub(super) fn is_bent(value: &[u8]) -> bool {
    value.iter().any(|octet| b"\"\\\r\n".contains(octet) || !octet.is_ascii())
}

/// The domains in an SPF record or a report address that stand in Unicode, and their form for DNS.
pub(super) fn unicode_domains(meant: Meant, value: &[u8]) -> Vec<(Range<usize>, String)> {
    if value.is_ascii() {
        return Vec::new();
    }
    let ranges = match meant {
        Meant::Spf => spf_domains(value),
        Meant::Dmarc | Meant::TlsRpt => report_domains(value),
        Meant::Dkim | Meant::MtaSts | Meant::Bimi => Vec::new(),
    };
    ranges.into_iter().filter_map(|range| Some((range.clone(), alabels(value.get(range)?)?))).collect()
}

/// A-labels of a domain in Unicode, if its foreign characters are such as a name would have and no slip such as a dash.
fn alabels(domain: &[u8]) -> Option<String> {
    let domain = std::str::from_utf8(domain).ok().filter(|d| !d.is_ascii() && !d.contains('%'))?;
    let meant = |c: char| {
        c.is_ascii()
            || c.is_alphanumeric()
            || matches!(c, '\u{3002}' | '\u{ff61}' | '\u{3099}' | '\u{309a}' | '\u{ff01}'..='\u{ff5e}')
    };
    if !domain.chars().all(meant) {
        return None;
    }
    idn::to_ascii(domain).ok().map(|i| i.ascii).filter(|a| a.contains('.'))
}

/// Where the terms of an SPF record have their domains.
fn spf_domains(value: &[u8]) -> Vec<Range<usize>> {
    const TERMS: [&[u8]; 7] = [b"include", b"a", b"mx", b"ptr", b"exists", b"redirect", b"exp"];
    let domain = |range: Range<usize>| {
        let term = value.get(range.clone())?;
        let sign = usize::from(term.first().is_some_and(|octet| b"+-~?".contains(octet)));
        let colon = term.iter().position(|octet| b":=".contains(octet))?;
        let name = term.get(sign..colon)?;
        TERMS.iter().find(|known| name.eq_ignore_ascii_case(known))?;
        let start = range.start + colon + 1;
        let rest = value.get(start..range.end)?;
        let length = rest.iter().position(|octet| *octet == b'/').unwrap_or(rest.len());
        Some(start..start + length)
    };
    items(value, 0..value.len(), b' ').into_iter().filter_map(domain).collect()
}

/// Where report addresses have their domains.
fn report_domains(value: &[u8]) -> Vec<Range<usize>> {
    let (tags, _) = TagList::parse(value);
    let addresses = tags.tags().iter().filter(|tag| matches!(tags.name(tag), b"rua" | b"ruf"));
    let uris = addresses.flat_map(|tag| tags.items(&tag.value, b','));
    uris.filter_map(|uri| {
        let octets = tags.slice(uri.clone());
        let at = octets.iter().rposition(|octet| *octet == b'@')?;
        let end = octets.iter().position(|octet| b"!?".contains(octet)).filter(|end| *end > at).unwrap_or(octets.len());
        Some(uri.start + at + 1..uri.start + end)
    })
    .collect()
}

fn too_long(view: &View<'_>, out: &mut Findings) {
    super::written::long_strings(view, out);
    for seen in view.of_type(Rtype::TXT) {
        let data = &seen.record.rdata;
        if data.octets().len() < wire::MESSAGE_MAX / 2 {
            continue;
        }
        let size = wire::answer_size(&seen.record.name, Rtype::TXT, std::slice::from_ref(data));
        let max = wire::MESSAGE_MAX;
        if size > max {
            let (length, name) = (data.txt_joined().len(), shown(&seen.record.name));
            out.push(
                view.finding("txt-string-over-255", Severity::Error, seen, say!(
                    en: "{length} bytes of text at {name} make an answer of {size}; a DNS message takes {max}",
                    ja: "{name} の TXT は {length} バイトあり、答えが {size} バイトになります。DNS のメッセージは {max} バイトまでです"
                ))
                .harm(say!(en: "nobody can be given this record", ja: "このレコードはだれにも返せません"))
                .next(say!(en: "shorten the value", ja: "値を短くしてください")),
            );
        }
    }
}

fn join_glued(view: &View<'_>, out: &mut Findings) {
    for (number, seen) in view.numbered(Rtype::TXT) {
        if seen.record.rdata.txt_strings().nth(1).is_none() {
            continue;
        }
        let strings: Vec<&[u8]> = seen.record.rdata.txt_strings().collect();
        let (Some(meant), Some(whole)) = (Meant::of(seen), seen.txt()) else { continue };
        let fits = match meant {
            Meant::Dkim => super::dkim::is_sound(view, number).unwrap_or_else(|| meant.fits(whole)),
            _ => meant.fits(whole),
        };
        if fits || !meant.fits(&strings.join(&b' ')) {
            continue;
        }
        // The first break that has no space on either side.
        let glued = |pair: &[&[u8]]| match pair {
            [before, after] => before.last() != Some(&b' ') && after.first() != Some(&b' '),
            _ => false,
        };
        let number = strings.windows(2).position(glued).unwrap_or(0);
        let at = strings.iter().take(number + 1).map(|s| s.len()).sum::<usize>();
        let piece = |string: Option<&&[u8]>, from_end: bool| {
            let string = String::from_utf8_lossy(string.copied().unwrap_or_default()).into_owned();
            let word = if from_end { string.rsplit(' ').next() } else { string.split(' ').next() };
            excerpt(word.unwrap_or_default(), 40)
        };
        let (left, right) = (piece(strings.get(number), true), piece(strings.get(number + 1), false));
        let (count, what) = (strings.len(), meant.word());
        let finding = view.finding_at("txt-join-glued", Severity::Error, seen, Some(at.saturating_sub(1)..at + 1), say!(
                en: "{count} strings of this {what} record are joined without a space: {left}{right}",
                ja: "{what} レコードの {count} つの文字列は空白なしでつながり、{left}{right} になります"
            ))
            .harm(meant.harm())
            .next(say!(en: "put a space at the end of the earlier string: \"{left} \" \"{right}\"", ja: "前の文字列の末尾に空白を入れてください: \"{left} \" \"{right}\""));
        out.push(with_spaces(view, finding, seen, meant, &strings));
    }
}

/// Offers to put a space at each break of a zone text that has none, if the value is then right.
fn with_spaces(view: &View<'_>, finding: Finding, seen: &Seen, meant: Meant, strings: &[&[u8]]) -> Finding {
    let (mut value, mut breaks) = (Vec::new(), Vec::new());
    let mut at = 0;
    for string in strings {
        let is_glued = value.last().is_some_and(|last| *last != b' ') && string.first().is_some_and(|o| *o != b' ');
        if is_glued {
            value.push(b' ');
            breaks.push(at);
        }
        value.extend_from_slice(string);
        at += string.len();
    }
    let places: Option<Vec<_>> = breaks.iter().map(|at| view.part(seen, &Part::Octets(*at..*at))).collect();
    let Some((first, rest)) = places.as_ref().and_then(|places| places.split_first()).filter(|_| meant.fits(&value))
    else {
        return finding;
    };
    let what = say!(en: "put the space in", ja: "空白を入れる");
    let mut finding = finding.fix(what, *first, " ").safely_if(is_alone(view, seen, meant));
    if let Some(fix) = &mut finding.fix {
        fix.more = rest.iter().map(|place| (*place, " ".to_owned())).collect();
    }
    finding
}

fn stray(view: &View<'_>, out: &mut Findings) {
    for seen in view.of_type(Rtype::TXT) {
        let Some(value) = seen.txt() else { continue };
        if !value.iter().any(|octet| b"\"\\\r\n".contains(octet)) {
            continue;
        }
        let Some(meant) = Meant::of(seen) else { continue };
        // The notes of a key (RFC 6376 §3.6.1) are free text.
        let notes = if meant == Meant::Dkim {
            TagList::parse(value).0.find(b"n").map_or(0..0, |tag| tag.value.clone())
        } else {
            0..0
        };
        let found: Vec<(usize, u8)> = value
            .iter()
            .copied()
            .enumerate()
            .filter(|(at, octet)| b"\"\\\r\n".contains(octet) && !notes.contains(at))
            .collect();
        let Some((at, octet)) = found.first().copied() else { continue };
        let sign = match octet {
            b'"' => say!(en: "`\"`", ja: "`\"`"),
            b'\\' => say!(en: "`\\`", ja: "`\\`"),
            _ => say!(en: "a line break", ja: "改行"),
        };
        let (count, what, position) = (found.len(), meant.word(), position(value, at));
        let title = say!(
            en: "{characters} of zone-file notation in the value of this {what} record, first {sign} as character {position}",
            ja: "{what} レコードの値に、ゾーンファイル用の記号が {count} 文字入っています（最初は {position} 文字目の {sign}）",
            characters = counted(count, "character", "characters");
            sign = sign
        );
        let cleaned = cleaned(value).filter(|c| !is_secret(meant, c.as_bytes()));
        let whole = 0..value.len();
        let range = if cleaned.is_some() { whole.clone() } else { at..at + 1 };
        let finding =
            view.finding_at("txt-stray-quotes-escapes", Severity::Error, seen, Some(range), title).harm(meant.harm());
        let finding = match &cleaned {
            // A key is long, and should it be a private one, no message repeats it.
            Some(value) if meant != Meant::Dkim => finding.next(say!(
                en: "enter the bare value: {value}",
                ja: "記号を除いた値を入れてください: {value}",
                value = excerpt(value, 300)
            )),
            _ => finding.next(say!(
                en: "enter the bare value, without quotes and backslashes; the form adds them itself",
                ja: "引用符と \\ を除いた値を入れてください。必要な記号は画面が付けます"
            )),
        };
        out.push(match cleaned {
            Some(value) => {
                mend(view, finding, seen, whole, say!(en: "the bare value", ja: "記号を除いた値にする"), &value)
            }
            None => finding,
        });
    }
}

/// Whether somebody put a private key where the public one belongs: no message and no fix repeats it.
pub(super) fn is_secret(meant: Meant, value: &[u8]) -> bool {
    meant == Meant::Dkim && dkim::parse(value).1.iter().any(|p| p.kind == dkim::Kind::PrivateKey)
}

/// The value that was meant by zone-file notation, if that is plain.
fn cleaned(value: &[u8]) -> Option<String> {
    let line: Vec<u8> = value.iter().copied().filter(|octet| !b"\r\n".contains(octet)).collect();
    let line = line.trim_ascii();
    let joined = if line.contains(&b'"') {
        text::strings(line).ok()?.concat()
    } else {
        line.iter().copied().filter(|octet| *octet != b'\\').collect()
    };
    let cleaned = String::from_utf8(joined).ok()?;
    let plain = cleaned.bytes().all(|octet| (b' '..=b'~').contains(&octet) && !b"\"\\".contains(&octet));
    (plain && !cleaned.is_empty()).then_some(cleaned)
}

/// Which character of the value the octet at `at` begins, the first being 1.
fn position(value: &[u8], at: usize) -> usize {
    String::from_utf8_lossy(value.get(..at).unwrap_or_default()).chars().count() + 1
}

/// What ASCII character a foreign one stands for, if people commonly write it by mistake; an empty string for what cannot be seen.
fn plain(character: char) -> Option<String> {
    let ascii = match character {
        '\u{ff01}'..='\u{ff5e}' => return char::from_u32(u32::from(character) - 0xfee0).map(String::from),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => " ",
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fc}' | '\u{ff70}' => "-",
        '\u{301c}' => "~",
        '\u{3002}' | '\u{ff61}' => ".",
        // Quotes around a value are no part of it.
        '\u{2018}'..='\u{201f}' | '\u{300c}' | '\u{300d}' => "",
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => "",
        _ => return None,
    };
    Some(ascii.to_owned())
}

fn non_ascii(view: &View<'_>, out: &mut Findings) {
    for seen in view.of_type(Rtype::TXT) {
        let Some(value) = seen.txt() else { continue };
        // White space has its own rules: line breaks txt-stray-quotes-escapes; tabs only SPF minds (RFC 7208 §12).
        let odd = |octet: u8, tab: bool| match octet {
            b'\r' | b'\n' => false,
            b'\t' => tab,
            _ => !(0x20..=0x7e).contains(&octet),
        };
        if !value.iter().any(|octet| odd(*octet, true)) {
            continue;
        }
        let Some(meant) = Meant::of(seen) else { continue };
        // Names in Unicode are dns-idn-not-alabel's word, white space at the edges txt-edge-whitespace's.
        let names = unicode_domains(meant, value);
        let (start, middle) = inner(value);
        let edge = |at: usize| value.get(at) == Some(&b'\t') && !(start..start + middle.len()).contains(&at);
        let mut found: Vec<(usize, usize, Option<char>)> = Vec::new();
        let mut at = 0;
        for chunk in value.utf8_chunks() {
            for (offset, character) in chunk.valid().char_indices() {
                let octet = u8::try_from(character).unwrap_or(0xff);
                if odd(octet, meant == Meant::Spf) || !character.is_ascii() {
                    found.push((at + offset, character.len_utf8(), Some(character)));
                }
            }
            at += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                found.push((at, chunk.invalid().len(), None));
                at += chunk.invalid().len();
            }
        }
        found.retain(|(at, _, _)| !edge(*at) && !names.iter().any(|(range, _)| range.contains(at)));
        let Some((at, length, character)) = found.first().copied() else { continue };
        let (count, what, position) = (found.len(), meant.word(), position(value, at));
        let character = match character {
            Some(c) if c.is_control() || visible(&c.to_string()).starts_with('<') => format!("U+{:04X}", u32::from(c)),
            Some(c) => format!("{c} (U+{:04X})", u32::from(c)),
            None => format!("0x{:02X}", value.get(at).copied().unwrap_or_default()),
        };
        let mended = mended(value, &found).filter(|m| !is_secret(meant, m.as_bytes()));
        let range = if mended.is_some() { 0..value.len() } else { at..at + length };
        let finding = view
            .finding_at("txt-non-ascii", Severity::Error, seen, Some(range.clone()), say!(
                en: "{characters} outside ASCII in this {what} record, first {character} as character {position}",
                ja: "{what} レコードに半角の英数字・記号でない文字が {count} つあります（最初は {position} 文字目の {character}）",
                characters = counted(count, "character", "characters")
            ))
            .harm(meant.harm());
        out.push(match mended {
            Some(value) => {
                let finding = if meant == Meant::Dkim {
                    finding.next(say!(en: "replace it by the ASCII character", ja: "半角の文字に置き換えてください"))
                } else {
                    finding.next(say!(en: "enter it in ASCII: {value}", ja: "半角で入れてください: {value}", value = excerpt(value.trim(), 300)))
                };
                mend(view, finding, seen, range, say!(en: "ASCII characters", ja: "半角の文字にする"), &value)
            }
            None => finding.next(say!(
                en: "copy the value anew from the service's own page",
                ja: "値を、サービスの画面からもう一度写してください"
            )),
        });
    }
}

/// The value with each foreign character replaced, if all of them can be and nothing else is wrong with it.
fn mended(value: &[u8], found: &[(usize, usize, Option<char>)]) -> Option<String> {
    let mut text = String::new();
    let mut from = 0;
    for &(at, length, character) in found {
        text.push_str(std::str::from_utf8(value.get(from..at)?).ok()?);
        text.push_str(&match character? {
            '\t' => " ".to_owned(),
            character => plain(character)?,
        });
        from = at + length;
    }
    text.push_str(std::str::from_utf8(value.get(from..)?).ok()?);
    (text.is_ascii() && !is_bent(text.as_bytes())).then_some(text)
}

fn edge_whitespace(view: &View<'_>, out: &mut Findings) {
    const ID: &str = "txt-edge-whitespace";
    let blank = |octet: &u8| matches!(octet, b' ' | b'\t');
    for seen in view.of_type(Rtype::TXT) {
        let Some(value) = seen.txt() else { continue };
        let before = value.iter().take_while(|o| blank(o)).count();
        let after = value.iter().skip(before).rev().take_while(|o| blank(o)).count();
        if before + after == 0 {
            continue;
        }
        let Some(meant) = Meant::of(seen) else { continue };
        let what = meant.word();
        let trim = || say!(en: "remove the space", ja: "空白を取り除く");
        if before > 0 {
            // A tag list may begin with white space (RFC 6376 §3.2); a record that is found by its version may not.
            let severity = if meant == Meant::Dkim { Severity::Warning } else { Severity::Error };
            let finding = view.finding_at(
                ID,
                severity,
                seen,
                Some(0..before),
                say!(
                    en: "{spaces} before this {what} record", ja: "{what} レコードの先頭に空白が {before} つあります", spaces = counted(before, "space", "spaces")
                ),
            );
            let finding = if severity == Severity::Error {
                finding.harm(meant.harm())
            } else {
                finding.harm(say!(en: "some DNS hosts strip it, so the record seems to change", ja: "DNS 会社によっては削られ、値が変わったように見えます"))
            };
            let finding = finding
                .next(say!(en: "let the value begin with its first letter", ja: "先頭の空白を取り除いてください"));
            out.push(mend(view, finding, seen, 0..before, trim(), ""));
        }
        if after > 0 {
            let range = value.len() - after..value.len();
            let finding = view
                .finding_at(ID, Severity::Warning, seen, Some(range.clone()), say!(
                    en: "{spaces} after this {what} record",
                    ja: "{what} レコードの末尾に空白が {after} つあります",
                    spaces = counted(after, "space", "spaces")
                ))
                .harm(say!(en: "some DNS hosts strip it, so the record seems to change", ja: "DNS 会社によっては削られ、値が変わったように見えます"))
                .next(say!(en: "remove it", ja: "末尾の空白を取り除いてください"));
            out.push(mend(view, finding, seen, range, trim(), ""));
        }
    }
}

/// Octets that every resolver takes over UDP without an extension (RFC 1035 §4.2.1).
const UDP_PLAIN: usize = 512;
/// Octets that resolvers ask for since DNS flag day 2020 (RFC 9715).
const UDP_EDNS: usize = 1232;

fn answer_size(view: &View<'_>, out: &mut Findings) {
    for (name, _) in view.owners() {
        let most: usize = view.of(name, Rtype::TXT).map(|s| s.record.rdata.octets().len() + 12).sum();
        if most + name.wire_len() + 16 <= UDP_PLAIN {
            continue;
        }
        let data: Vec<Rdata> = view.of(name, Rtype::TXT).map(|s| s.record.rdata.clone()).collect();
        let size = wire::answer_size(name, Rtype::TXT, &data);
        let (severity, limit) = match size {
            size if size > UDP_EDNS => (Severity::Warning, UDP_EDNS),
            size if size > UDP_PLAIN => (Severity::Advice, UDP_PLAIN),
            _ => continue,
        };
        let Some(largest) = view.of(name, Rtype::TXT).max_by_key(|s| s.record.rdata.octets().len()) else { continue };
        let (count, name) = (data.len(), shown(name));
        let other = view.of(&largest.record.name, Rtype::TXT).filter(|s| Meant::of(s).is_none()).count();
        let finding = view
            .finding("txt-answer-size", severity, largest, say!(
                en: "{size} bytes in the TXT answer of {name} ({records}); {limit} are safe",
                ja: "{name} の TXT の答えは {size} バイトです（{count} 件）。安全なのは {limit} バイトまでです",
                records = counted(count, "record", "records")
            ))
            .harm(if severity == Severity::Warning {
                say!(en: "the answer is cut and must be asked for over TCP, which some firewalls block; then SPF or DKIM cannot be read", ja: "答えが途中で切れ、TCP での問い合わせ直しになります。TCP を通さない環境では SPF や DKIM を読めません")
            } else {
                say!(en: "very old resolvers need TCP for it; today's do not", ja: "ごく古い環境では TCP が必要になります。今の環境では問題ありません")
            });
        out.push(if other > 0 {
            finding.next(say!(
                en: "{records} of other kinds than mail among them: remove site verifications that are no longer needed",
                ja: "そのうち {other} 件はメール用ではありません。不要になった所有確認などを消してください",
                records = counted(other, "record", "records")
            ))
        } else if count == 1 && Meant::of(largest) == Some(Meant::Dkim) {
            finding.next(say!(en: "an RSA key of 2048 bits takes 410 bytes", ja: "RSA 2048 ビットの鍵なら 410 バイトで済みます"))
        } else {
            finding.next(say!(en: "move parts of the record behind one include, or remove what is no longer used", ja: "値の一部を 1 つの include にまとめるか、使っていないものを消してください"))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::Origin;
    use crate::lint::testing::{levels, name, records, run};
    use crate::report::{Sources, Span};

    const ERROR: Severity = Severity::Error;
    const WARNING: Severity = Severity::Warning;
    const ADVICE: Severity = Severity::Advice;

    fn rule(id: &str) -> &'static Rule {
        RULES.iter().find(|r| r.id == id).unwrap()
    }

    fn titles(id: &str, lines: &str) -> Vec<String> {
        run(rule(id), lines, None).into_iter().map(|f| f.title.en).collect()
    }

    /// The value in site.toml after the fix that a rule offers for a TXT at the apex.
    fn fixed(id: &str, value: &str) -> Option<String> {
        let origin = name("example.com");
        let mut sources = Sources::default();
        let file = sources.add("site.toml", format!("value = '{value}'\n"));
        let span = Span::new(file, 8..8 + value.len() + 2);
        let mut seen = records("example.com", "@ TXT x");
        seen[0].record.rdata = Rdata::txt(value.as_bytes()).unwrap();
        seen[0].origins = vec![Origin { party: 0, span: Some(span), by_hand: true }];
        let view = View::new(&origin, seen, None, &[], &sources);
        let mut found = Findings::all();
        (rule(id).check)(&view, &mut found);
        let fix = found.pop()?.fix?;
        let mut text = sources.text(file).to_owned();
        text.replace_range(fix.span.range(), &fix.replacement);
        Some(text.strip_prefix("value = '")?.strip_suffix("'\n")?.to_owned())
    }

    #[test]
    fn text_that_no_message_can_carry() {
        let id = "txt-string-over-255";
        let zone = |length: usize| {
            let mut seen = records("example.com", "@ TXT x");
            seen[0].record.rdata = Rdata::txt(&vec![b'a'; length]).unwrap();
            let (origin, sources) = (name("example.com"), Sources::default());
            let view = View::new(&origin, seen, None, &[], &sources);
            let mut found = Findings::all();
            (rule(id).check)(&view, &mut found);
            found
        };
        // Data of 65535 octets has no room left for header, question and name: 12 + (13 + 4) + 12.
        assert!(zone(65_279)[0].title.en.starts_with("65279 bytes"));
        assert_eq!(zone(65_279)[0].severity, ERROR);
        assert!(zone(65_000).is_empty());
        assert_eq!(levels(rule(id), &format!("@ TXT \"{}\" \"{}\"", "a".repeat(255), "a".repeat(155)), None), []);
    }

    #[test]
    fn a_space_lost_between_strings() {
        let id = "txt-join-glued";
        assert_eq!(levels(rule(id), r#"@ TXT "v=spf1 ip4:192.0.2.1" "-all""#, None), [ERROR]);
        assert!(titles(id, r#"@ TXT "v=spf1 ip4:192.0.2.1" "-all""#)[0].contains("ip4:192.0.2.1-all"));
        assert_eq!(levels(rule(id), r#"@ TXT "v=spf1 ip4:192.0.2.1 " "-all""#, None), []);
        assert_eq!(levels(rule(id), r#"@ TXT "v=spf1 ip4:192.0.2.1" " -all""#, None), []);
        assert_eq!(levels(rule(id), r#"@ TXT "v=spf1" "-all""#, None), [ERROR]);
        assert_eq!(levels(rule(id), r#"@ TXT "v=spf1 ip4:192.0." "2.1 -all""#, None), [], "joined as it must be");
        assert_eq!(levels(rule(id), r#"@ TXT "v=spf1 ip4:192.0.2" "-all""#, None), [], "no space would mend it");
        assert_eq!(levels(rule(id), r#"@ TXT "hello" "world""#, None), []);
    }

    #[test]
    fn zone_file_notation_in_a_value() {
        let id = "txt-stray-quotes-escapes";
        let key = r#"s1._domainkey TXT "v=DKIM1\\; k=rsa\\; p=AAAA""#;
        assert_eq!(levels(rule(id), key, None), [ERROR]);
        assert!(titles(id, key)[0].starts_with("2 character"), "{}", titles(id, key)[0]);
        assert!(titles(id, key)[0].contains("character 8"));
        assert_eq!(levels(rule(id), r#"s1._domainkey TXT "v=DKIM1; k=rsa; p=AAAA""#, None), []);
        assert_eq!(levels(rule(id), r#"@ TXT "\"v=spf1 -all\"""#, None), [ERROR]);
        assert_eq!(levels(rule(id), r#"_dmarc TXT "v=DMARC1;\010p=none""#, None), [ERROR]);
        assert_eq!(levels(rule(id), r#"@ TXT "say \"hello\"""#, None), [], "no mail record");
        assert_eq!(levels(rule(id), r#"s1._domainkey TXT "v=DKIM1; n=our \"new\" key; p=AAAA""#, None), []);
        assert_eq!(fixed(id, r#""v=spf1 ip4:192.0.2.1 " "-all""#).as_deref(), Some("v=spf1 ip4:192.0.2.1 -all"));
        assert_eq!(fixed(id, r"v=spf1 -all\;").as_deref(), Some("v=spf1 -all;"));
    }

    #[test]
    fn characters_that_are_not_ascii() {
        let id = "txt-non-ascii";
        // — is U+2014, octets 226 128 148.
        let dash = r#"@ TXT "v=spf1 ip4:192.0.2.1 \226\128\148all""#;
        assert_eq!(levels(rule(id), dash, None), [ERROR]);
        assert!(titles(id, dash)[0].contains("U+2014") && titles(id, dash)[0].contains("character 22"));
        assert!(titles(id, dash)[0].starts_with("1 character"));
        assert_eq!(levels(rule(id), r#"@ TXT "v=spf1 ip4:192.0.2.1 -all""#, None), []);
        assert_eq!(fixed(id, "v=spf1 ip4:192.0.2.1 —all").as_deref(), Some("v=spf1 ip4:192.0.2.1 -all"));
        assert_eq!(fixed(id, "v=spf1\u{3000}ip4：192.0.2.1 ～all").as_deref(), Some("v=spf1 ip4:192.0.2.1 ~all"));
        assert_eq!(fixed(id, "\u{feff}v=spf1 -all").as_deref(), Some("v=spf1 -all"));
        assert_eq!(fixed(id, "v=spf1 例 -all"), None);
        // What cannot be seen is not printed.
        assert!(titles(id, r#"@ TXT "\239\187\191v=spf1 -all""#)[0].contains("first U+FEFF as character 1"));
        assert!(titles(id, r#"_dmarc TXT "v=DMARC1; p=none\027""#)[0].contains("U+001B"));
        assert!(titles(id, r#"_dmarc TXT "v=DMARC1; p=none\255""#)[0].contains("0xFF"));
        // A name in Unicode is another rule's; a tab in a tag list is white space, in SPF it is not.
        assert_eq!(levels(rule(id), "@ TXT \"v=spf1 include:例え.jp -all\"", None), []);
        assert_eq!(levels(rule(id), r#"_dmarc TXT "v=DMARC1;\009p=none""#, None), []);
        assert_eq!(levels(rule(id), r#"@ TXT "v=spf1\009-all""#, None), [ERROR]);
        assert_eq!(levels(rule(id), "@ TXT \"所有確認\"", None), []);
    }

    #[test]
    fn white_space_at_the_edges() {
        let id = "txt-edge-whitespace";
        assert_eq!(levels(rule(id), r#"@ TXT " v=spf1 -all""#, None), [ERROR]);
        assert!(titles(id, r#"@ TXT "  v=spf1 -all""#)[0].starts_with("2 space"));
        assert_eq!(levels(rule(id), r#"@ TXT "v=spf1 -all""#, None), []);
        assert_eq!(levels(rule(id), r#"@ TXT "v=spf1 -all ""#, None), [WARNING]);
        assert_eq!(levels(rule(id), r#"_dmarc TXT "\009v=DMARC1; p=none ""#, None), [ERROR, WARNING]);
        assert_eq!(levels(rule(id), r#"s1._domainkey TXT " v=DKIM1; p=""#, None), [WARNING]);
        assert_eq!(levels(rule(id), r#"@ TXT " hello ""#, None), []);
        assert_eq!(fixed(id, " v=spf1 -all").as_deref(), Some("v=spf1 -all"));
        assert_eq!(fixed(id, "v=spf1 -all  ").as_deref(), Some("v=spf1 -all"));
    }

    #[test]
    fn how_large_the_answer_is() {
        let id = "txt-answer-size";
        let txt = |length: usize| {
            let pieces: Vec<String> = "a"
                .repeat(length)
                .as_bytes()
                .chunks(255)
                .map(|c| format!("\"{}\"", String::from_utf8_lossy(c)))
                .collect();
            format!("@ TXT {}\n", pieces.join(" "))
        };
        // example.com is one octet longer than example.jp, whose 300 + 68 + 60 make 496.
        assert_eq!(levels(rule(id), &[txt(300), txt(68), txt(60)].concat(), None), []);
        // 12 + 13 + 4 + 12 + 470 + 2 = 513.
        assert_eq!(titles(id, &txt(470)).len(), 1);
        assert!(titles(id, &txt(470))[0].starts_with("513 bytes"));
        assert_eq!(levels(rule(id), &txt(470), None), [ADVICE]);
        assert_eq!(levels(rule(id), &txt(469), None), []);
        let ten = txt(300) + &txt(80).repeat(10);
        // 29 + (12 + 302) + 10 × (12 + 81) = 1273.
        assert!(titles(id, &ten)[0].starts_with("1273 bytes"));
        assert_eq!(levels(rule(id), &ten, None), [WARNING]);
    }

    #[test]
    fn a_private_key_is_not_repeated() {
        let secret = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ";
        let (origin, mut sources) = (name("example.com"), Sources::default());
        for value in [format!("v=DKIM1\\; p={secret}"), format!("v=DKIM1；p=-----BEGIN PRIVATE KEY-----{secret}")] {
            let file = sources.add("site.toml", format!("'{value}'"));
            let mut seen = records("example.com", "s1._domainkey TXT x");
            seen[0].record.rdata = Rdata::txt(value.as_bytes()).unwrap();
            seen[0].origins = vec![Origin { party: 0, span: Some(Span::new(file, 0..value.len() + 2)), by_hand: true }];
            let view = View::new(&origin, seen, None, &[], &sources);
            let mut found = Findings::all();
            for rule in RULES {
                (rule.check)(&view, &mut found);
            }
            assert_eq!(found.len(), 1);
            assert!(!format!("{found:?}").contains(secret));
        }
    }

    #[test]
    fn hostile_values_end() {
        let value = "v=spf1 include:\u{202e}例\u{1b}[2J—\"\\\n".repeat(900);
        let origin = name("example.com");
        let sources = Sources::default();
        for owner in ["@", "_dmarc", "s1._domainkey", "_mta-sts", "_smtp._tls", "default._bimi"] {
            let mut seen = records("example.com", &format!("{owner} TXT x"));
            seen[0].record.rdata = Rdata::txt(value.as_bytes()).unwrap();
            let view = View::new(&origin, seen, None, &[], &sources);
            for rule in RULES {
                let mut found = Findings::all();
                (rule.check)(&view, &mut found);
                for finding in found {
                    let texts = finding.notes.iter().map(|n| &n.text).chain([&finding.title]);
                    for text in texts {
                        assert!(!text.ja.contains(['\u{202e}', '\u{1b}', '\n']), "{}: {}", rule.id, text.ja);
                    }
                }
            }
        }
    }
}
