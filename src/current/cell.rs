//! Single cells of a panel's list: names, types, times and values as panels show them and as people paste them.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::report::{Text, excerpt};
use crate::say;
use crate::zone::{Name, Rdata, Rtype, Ttl, idn};

use super::labels::Labels;

/// Something in a cell that was understood although it is not written as it stands in DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Reading {
    /// Full-width letters, digits or spaces.
    FullWidth,
    /// Typographic quotes around a TXT.
    Quotes,
    /// `\;` in a TXT that stands without quotes.
    Escapes,
    /// Spaces in a TXT that are none of ASCII, as browsers copy them.
    Spaces,
    /// A value that the browser broke over lines.
    Wrapped,
    /// A target with a dot at its end.
    Dotted,
    /// A target of several labels without one, taken for a whole name.
    Whole,
    /// A target of one label, taken for a name below the domain.
    Below,
}

/// The text in half width, without spaces around it and without what cannot be seen.
pub(super) fn half(text: &str) -> Cow<'_, str> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_unseen(c));
    let strange =
        |c: char| ('\u{ff01}'..='\u{ff5e}').contains(&c) || matches!(c, '\u{3000}' | '\u{a0}') || is_unseen(c);
    if !text.contains(strange) {
        return Cow::Borrowed(text);
    }
    let one = |c: char| match c {
        '\u{3000}' | '\u{a0}' => Some(' '),
        c if is_unseen(c) => None,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        c => Some(c),
    };
    Cow::Owned(text.chars().filter_map(one).collect())
}

/// Zero-width characters and the byte order mark.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Whether a cell says nothing.
pub(super) fn is_blank(cell: &str) -> bool {
    cell.chars().all(|c| c.is_whitespace() || is_unseen(c) || matches!(c, '-' | '−' | '–' | '—' | '―' | '‐' | 'ー'))
}

/// Whether a cell is a button, a switch or the mark of one.
pub(super) fn is_button(cell: &str) -> bool {
    const WORDS: &[&str] = &[
        "編集",
        "削除",
        "変更",
        "修正",
        "追加",
        "有効",
        "無効",
        "コピー",
        "保存",
        "edit",
        "delete",
        "remove",
        "change",
        "copy",
        "save",
        "add",
        "active",
        "inactive",
        "enabled",
        "disabled",
        "on",
        "off",
        "proxied",
        "dns only",
    ];
    let plain = half(cell).to_lowercase();
    !plain.is_empty()
        && (WORDS.contains(&plain.as_str()) || plain.split([' ', '/', '|', '・']).all(|w| WORDS.contains(&w)))
}

/// Whether a column with this heading says which of the rows are in force.
pub(super) fn is_state_heading(heading: &str) -> bool {
    const WORDS: [&str; 7] = ["status", "state", "enabled", "active", "状態", "ステータス", "有効"];
    let plain = half(heading).to_lowercase();
    WORDS.iter().any(|word| plain.contains(word))
}

/// What a cell says of whether its row is in force; nothing if it says something else.
pub(super) fn state(cell: &str) -> Option<bool> {
    const ON: &[&str] = &["enabled", "active", "on", "有効", "稼働中", "利用中", "使用中"];
    const OFF: &[&str] = &[
        "disabled",
        "inactive",
        "paused",
        "suspended",
        "stopped",
        "off",
        "無効",
        "停止",
        "停止中",
        "一時停止",
        "一時停止中",
        "利用停止",
        "利用停止中",
        "休止",
        "休止中",
        "未使用",
    ];
    if cell.len() > 60 {
        return None;
    }
    let plain = half(cell).to_lowercase();
    // Buttons in the same cell stand behind it: `無効 編集 削除`.
    let word = plain.split([' ', '(']).next().unwrap_or_default();
    let is_in = |words: &[&str]| words.contains(&word);
    (is_in(ON) || is_in(OFF)).then(|| is_in(ON))
}

/// Whether a panel shows only a part of this in its list.
pub(super) fn is_shortened(cell: &str) -> bool {
    let plain = cell.trim_matches(|c: char| c.is_whitespace() || is_unseen(c) || c == '"');
    // Three full stops that end a sentence are somebody's text; inside of a word they are nobody's.
    let inside = |(at, dots): (usize, &str)| {
        plain.get(at + dots.len()..).and_then(|rest| rest.chars().next()).is_none_or(|next| !next.is_whitespace())
    };
    plain.contains(['…', '⋯']) || plain.match_indices("...").any(inside)
}

/// The type that a cell names: the mnemonic, a panel's own word, or a mnemonic with words around it.
pub(super) fn rtype(cell: &str, labels: &Labels) -> Option<Rtype> {
    if cell.len() > 60 {
        return None;
    }
    let plain = half(cell);
    let of_word = |word: &str| word.parse::<Rtype>().ok().filter(|t| t.mnemonic().is_some() && !t.is_meta());
    if let Some(found) = of_word(&plain).or_else(|| labels.rtype(&plain)) {
        return Some(found);
    }
    // `A Record`.
    let word = plain.split_once(' ').filter(|(_, rest)| rest.trim().eq_ignore_ascii_case("record"));
    if let Some(found) = word.and_then(|(word, _)| of_word(word)) {
        return Some(found);
    }
    // `別名 (CNAME)`; a value such as `a b` is no type with words around it.
    if !plain.contains(['(', '（', '[']) && plain.is_ascii() {
        return None;
    }
    let mut found = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(of_word);
    found.next().filter(|_| found.next().is_none())
}

/// Whether a cell is a whole number.
pub(super) fn number(cell: &str) -> Option<u32> {
    let plain = half(cell);
    let digits = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit());
    plain.parse().ok().filter(|_| digits)
}

/// A TTL in seconds or with units of either language; `Some(None)` where the panel says that it chooses.
pub(super) fn ttl(cell: &str) -> Option<Option<u32>> {
    let plain = half(cell).to_lowercase();
    const CHOSEN: [&str; 8] = ["auto", "automatic", "default", "n/a", "自動", "既定", "デフォルト", "指定なし"];
    if is_blank(&plain) || CHOSEN.contains(&plain.as_str()) {
        return Some(None);
    }
    if plain.len() > 40 {
        return None;
    }
    // GoDaddy's `1/2 hour`.
    if let Some(unit) = plain.strip_prefix("1/2") {
        return ttl(&format!("1{unit}")).map(|whole| whole.map(|seconds| seconds / 2));
    }
    let mut units = String::new();
    let mut word = String::new();
    let unit = |word: &str| {
        Some(match word {
            "" => "",
            "s" | "sec" | "secs" | "second" | "seconds" | "秒" => "s",
            "m" | "min" | "mins" | "minute" | "minutes" | "分" => "m",
            "h" | "hr" | "hrs" | "hour" | "hours" | "時間" => "h",
            "d" | "day" | "days" | "日" => "d",
            "w" | "week" | "weeks" | "週" | "週間" => "w",
            _ => return None,
        })
    };
    for c in plain.chars().filter(|c| !c.is_whitespace() && *c != ',') {
        if c.is_ascii_digit() {
            units.push_str(unit(&std::mem::take(&mut word))?);
            units.push(c);
        } else {
            word.push(c);
        }
    }
    units.push_str(unit(&word)?);
    Ttl::parse_zone(&units).ok().map(|ttl| Some(ttl.seconds()))
}

/// How people write that a box is empty.
const EMPTY: [&str; 6] = ["(空白)", "(空)", "(空欄)", "(なし)", "(blank)", "(empty)"];

/// An owner: `@`, nothing, `www`, the whole name, with or without its final dot.
pub(super) fn owner(cell: &str, apex: &Name) -> Result<Name, Text> {
    let plain = half(cell);
    // Some panels show the domain beside the box: `www .example.com`.
    let joined = match plain.split_once(' ') {
        Some((front, rest)) if rest.trim_start().starts_with('.') => {
            Cow::Owned(format!("{front}{}", rest.trim_start()))
        }
        _ => plain,
    };
    if is_blank(&joined) || EMPTY.contains(&joined.as_ref()) {
        return Ok(apex.clone());
    }
    crate::site::owner(joined.trim_start_matches('.'), apex)
}

/// Whether a cell could be an owner: no number, no address, no text.
pub(super) fn looks_like_owner(cell: &str) -> bool {
    let plain = half(cell);
    if plain.is_empty() || plain == "@" || EMPTY.contains(&plain.as_ref()) {
        return true;
    }
    let digits = plain.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    !digits
        && plain.parse::<Ipv6Addr>().is_err()
        && plain.len() <= 255
        && plain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '*' | '@' | 'ー' | '・'))
}

/// A host that a record points at: whole where it has a dot, else below the domain. A zone file would read `shop.example.net` without
/// its final dot as a name below the domain; a panel shows it so and means the whole name, which is why it is told.
fn target(word: &str, apex: &Name, read_as: &mut Vec<Reading>) -> Result<Name, Text> {
    if word == "@" {
        return Ok(apex.clone());
    }
    if word == "." {
        return Ok(Name::root());
    }
    let ascii = if word.is_ascii() { word.to_owned() } else { idn::to_ascii(word).map_err(|e| e.text())?.ascii };
    if ascii.contains("://") || ascii.contains('/') {
        let shown = excerpt(word, 60);
        return Err(
            say!(en: "“{shown}” is the address of a page, not a host", ja: "「{shown}」は Web ページのアドレスで、ホスト名ではありません"),
        );
    }
    let name = Name::parse_absolute(&ascii).map_err(|e| e.text())?;
    if ascii.ends_with('.') {
        read_as.push(Reading::Dotted);
        return Ok(name);
    }
    if name.label_count() == 1 {
        read_as.push(Reading::Below);
        return name.join(apex).map_err(|e| e.text());
    }
    read_as.push(Reading::Whole);
    Ok(name)
}

/// The data of a record from its value and priority as a panel shows them.
///
/// # Errors
/// A sentence that says what the cell would have to hold.
pub(super) fn rdata(
    rtype: Rtype,
    value: &str,
    priority: Option<&str>,
    apex: &Name,
    read_as: &mut Vec<Reading>,
) -> Result<Rdata, Text> {
    let text = value.trim();
    if text.is_empty() {
        return Err(say!(en: "the value is empty", ja: "値が空です"));
    }
    if rtype.is_text() {
        return txt(rtype, text, read_as);
    }
    let plain = half(text);
    if plain != text {
        read_as.push(Reading::FullWidth);
    }
    let shown = excerpt(&plain, 60);
    let words: Vec<&str> = plain.split_whitespace().collect();
    let priority = priority.map(half).filter(|p| !is_blank(p));
    let short = |name: &str| name.parse::<u16>().ok();
    match rtype {
        Rtype::A => {
            // Four boxes, one number in each, are copied with spaces between.
            let address: String = plain.chars().filter(|c| !c.is_whitespace()).collect();
            let address = address.parse::<Ipv4Addr>();
            address
                .map(Rdata::a)
                .map_err(|_| say!(en: "“{shown}” is no IPv4 address", ja: "「{shown}」は IPv4 アドレスではありません"))
        }
        Rtype::AAAA => {
            let address = plain.parse::<Ipv6Addr>();
            address
                .map(Rdata::aaaa)
                .map_err(|_| say!(en: "“{shown}” is no IPv6 address", ja: "「{shown}」は IPv6 アドレスではありません"))
        }
        Rtype::CNAME | Rtype::NS => match words.as_slice() {
            [host] if host.parse::<Ipv4Addr>().is_err() => {
                let host = target(host, apex, read_as)?;
                Ok(if rtype == Rtype::CNAME { Rdata::cname(&host) } else { Rdata::ns(&host) })
            }
            _ => Err(say!(en: "“{shown}” is no host name", ja: "「{shown}」はホスト名ではありません")),
        },
        Rtype::MX => {
            let behind = in_parentheses(&plain);
            let words = behind.map_or(words, |(host, number)| vec![host, number]);
            let (preference, host) = match (words.as_slice(), priority.as_deref()) {
                ([host], Some(own)) => (short(own), *host),
                ([first, host], own) if short(first).is_some() && own.is_none_or(|o| short(o) == short(first)) => {
                    (short(first), *host)
                }
                // VALUE-DOMAIN's older texts have it behind the host.
                ([host, last], own) if short(last).is_some() && own.is_none_or(|o| short(o) == short(last)) => {
                    (short(last), *host)
                }
                ([_], None) => {
                    return Err(
                        say!(en: "the priority of this MX is nowhere: `{shown}`", ja: "この MX の優先度がどこにもありません（{shown}）"),
                    );
                }
                _ => (None, ""),
            };
            let preference = preference.ok_or_else(
                || say!(en: "“{shown}” is no priority and host", ja: "「{shown}」は優先度とホスト名になっていません"),
            )?;
            Ok(Rdata::mx(preference, &target(host, apex, read_as)?))
        }
        Rtype::SRV => {
            let mut numbers: Vec<&str> = priority.as_deref().into_iter().collect();
            if words.len() == 4 {
                numbers.clear();
            }
            numbers.extend(&words);
            let read: Option<(u16, u16, u16, &str)> = match numbers.as_slice() {
                [a, b, c, host] => short(a).zip(short(b)).zip(short(c)).map(|((a, b), c)| (a, b, c, *host)),
                _ => None,
            };
            let (a, b, c, host) = read.ok_or_else(|| {
                say!(en: "“{shown}” is no priority, weight, port and host", ja: "「{shown}」は優先度・重み・ポート・ホスト名になっていません")
            })?;
            Ok(Rdata::srv(a, b, c, &target(host, apex, read_as)?))
        }
        _ => Rdata::parse(rtype, plain.as_bytes(), Some(&Name::root())).map_err(|e| e.text),
    }
}

/// GoDaddy's `mail.example.com. (Priority: 10)`: the host and the number.
fn in_parentheses(plain: &str) -> Option<(&str, &str)> {
    let (host, rest) = plain.strip_suffix(')')?.split_once('(')?;
    let (_, number) = rest.rsplit_once([' ', ':'])?;
    number.bytes().all(|b| b.is_ascii_digit()).then(|| (host.trim_end(), number))
}

/// The text of a TXT: in quotes, in several strings, or bare.
fn txt(rtype: Rtype, text: &str, read_as: &mut Vec<Reading>) -> Result<Rdata, Text> {
    let is_odd = |c: char| is_unseen(c) || (c.is_whitespace() && !c.is_ascii());
    let spaced: String;
    let text = if text.contains(is_odd) {
        read_as.push(Reading::Spaces);
        let seen = text.chars().filter(|c| !is_unseen(*c));
        spaced = seen.map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        spaced.trim()
    } else {
        text
    };
    if text.starts_with('"') {
        return Rdata::parse(rtype, text.as_bytes(), None).map_err(|e| e.text);
    }
    let quotes = ['“', '”', '＂', '〝', '〟'];
    let mut plain = text.to_owned();
    if text.starts_with(quotes) {
        read_as.push(Reading::Quotes);
        plain = text.trim_matches(quotes).to_owned();
    }
    if plain.contains("\\;") {
        read_as.push(Reading::Escapes);
        plain = plain.replace("\\;", ";");
    }
    Rdata::txt(plain.as_bytes()).map_err(|e| e.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apex() -> Name {
        Name::parse_absolute("example.com").unwrap()
    }

    fn value(rtype: &str, value: &str, priority: Option<&str>) -> Option<String> {
        let rtype: Rtype = rtype.parse().unwrap();
        rdata(rtype, value, priority, &apex(), &mut Vec::new()).ok().map(|r| r.present(rtype))
    }

    #[test]
    fn times_are_read_with_the_units_of_both_languages() {
        for (cell, seconds) in [
            ("3600", 3600),
            ("３６００", 3600),
            ("1h", 3600),
            ("1 hour", 3600),
            ("1時間", 3600),
            ("30分", 1800),
            ("86,400秒", 86_400),
            ("5 min", 300),
            ("1日", 86_400),
            ("1/2 時間", 1800),
        ] {
            assert_eq!(ttl(cell), Some(Some(seconds)), "{cell}");
        }
        assert_eq!((ttl("Auto"), ttl(""), ttl("-"), ttl("自動")), (Some(None), Some(None), Some(None), Some(None)));
        assert_eq!((ttl("www"), ttl("1 parsec"), ttl("192.0.2.1")), (None, None, None));
    }

    #[test]
    fn types_are_mnemonics_with_or_without_words() {
        let labels = Labels::default();
        for (cell, rtype) in [
            ("A", "A"),
            ("ｍｘ", "MX"),
            ("別名 (CNAME)", "CNAME"),
            ("A（IPアドレス）", "A"),
            ("TXTレコード", "TXT"),
            ("CNAME Record", "CNAME"),
        ] {
            assert_eq!(super::rtype(cell, &labels).map(|t| t.to_string()).as_deref(), Some(rtype), "{cell}");
        }
        for cell in ["", "URL転送", "URL Redirect Record", "a b", "TYPE65280", "ANY", "A (MX)", "3600"] {
            assert_eq!(super::rtype(cell, &labels), None, "{cell}");
        }
    }

    #[test]
    fn values_are_read_as_panels_show_them() {
        assert_eq!(value("A", "192 . 0 . 2 . 1", None).as_deref(), Some("192.0.2.1"));
        assert_eq!(value("A", "１９２．０．２．１", None).as_deref(), Some("192.0.2.1"));
        assert_eq!(value("CNAME", "shop.example.net", None).as_deref(), Some("shop.example.net."));
        assert_eq!(value("CNAME", "@", None).as_deref(), Some("example.com."));
        for (cell, own) in [
            ("10 mail.example.com", None),
            ("mail.example.com. 10", None),
            ("mail.example.com", Some("10")),
            ("mail", Some("１０")),
            ("mail.example.com. (優先度: 10)", None),
        ] {
            assert_eq!(value("MX", cell, own).as_deref(), Some("10 mail.example.com."), "{cell}");
        }
        assert_eq!(value("MX", "mail.example.com", None), None);
        assert_eq!(value("MX", "mail.example.com", Some("-")), None);
        assert_eq!(value("SRV", "5 443 sip.example.com", Some("1")).as_deref(), Some("1 5 443 sip.example.com."));
        assert_eq!(value("SRV", "1 5 443 sip.example.com", None).as_deref(), Some("1 5 443 sip.example.com."));
        assert_eq!(value("CAA", "0 issue \"ca.example.net\"", None).as_deref(), Some("0 issue \"ca.example.net\""));
        for text in ["v=spf1 -all", "v=spf1\u{a0}-all", "\"v=spf1 -all\"", "\"v=spf1\" \" -all\"", "“v=spf1 -all”"]
        {
            let rdata = rdata(Rtype::TXT, text, None, &apex(), &mut Vec::new()).unwrap();
            assert_eq!(rdata.txt_joined(), b"v=spf1 -all", "{text}");
        }
        for (rtype, wrong) in
            [("A", "www"), ("CNAME", "192.0.2.1"), ("CNAME", "https://shop.example.net/"), ("SRV", "1 2"), ("A", "")]
        {
            assert_eq!(value(rtype, wrong, None), None, "{rtype} {wrong}");
        }
    }

    #[test]
    fn what_a_panel_shortened_is_told_from_a_text() {
        for cell in
            ["v=DKIM1; p=MIIB…", "\"v=DKIM1; p=MIIB...\"", "long-name.exam...", "v=spf1 a:ma…e.net -all", "abc...xyz"]
        {
            assert!(is_shortened(cell), "{cell}");
        }
        for cell in ["v=spf1 -all", "wait... what", "a..b", "", "example.com."] {
            assert!(!is_shortened(cell), "{cell}");
        }
    }

    #[test]
    fn rows_that_are_off_say_so() {
        for cell in ["無効", "Disabled", "ＯＦＦ", "停止中", "無効 編集 削除", "paused"] {
            assert_eq!(state(cell), Some(false), "{cell}");
        }
        assert_eq!((state("有効"), state("Active"), state("編集"), state("")), (Some(true), Some(true), None, None));
    }

    #[test]
    fn owners_are_relative_or_whole() {
        for (cell, owner) in [
            ("", "example.com."),
            ("@", "example.com."),
            ("＠", "example.com."),
            ("-", "example.com."),
            ("（空白）", "example.com."),
            ("www", "www.example.com."),
            ("www.example.com", "www.example.com."),
            ("www.example.com.", "www.example.com."),
            ("www .example.com", "www.example.com."),
            ("ｗｗｗ", "www.example.com."),
            ("*", "*.example.com."),
        ] {
            assert_eq!(super::owner(cell, &apex()).unwrap().to_string(), owner, "{cell}");
        }
        assert!(super::owner("www.example.org.", &apex()).is_err());
        assert!(!looks_like_owner("192.0.2.1") && !looks_like_owner("3600") && !looks_like_owner("v=spf1 -all"));
    }
}
