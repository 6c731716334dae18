//! From octets to text: UTF-8 with or without BOM; what else people save is named, with what to do in the editor.

use crate::report::{Finding, Text, visible};
use crate::say;

/// The text of a file named `name`.
///
/// # Errors
/// A finding that says which encoding it looks like and what to do.
pub fn decode(name: &str, octets: Vec<u8>) -> Result<String, Box<Finding>> {
    let name = visible(name);
    let wrong = |title: Text| {
        Box::new(Finding::error("site-encoding", title).next(say!(
            en: "save it as UTF-8 in your editor (Notepad: Save as → Encoding → UTF-8)",
            ja: "エディタで UTF-8 で保存し直してください（メモ帳: 名前を付けて保存 → 文字コード → UTF-8）"
        )))
    };
    if octets.starts_with(&[0xff, 0xfe]) || octets.starts_with(&[0xfe, 0xff]) {
        return Err(wrong(
            say!(en: "{name} is UTF-16, not UTF-8", ja: "{name} は UTF-16 です（UTF-8 ではありません）"),
        ));
    }
    match String::from_utf8(octets) {
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            Ok(text)
        }
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let octets = error.as_bytes();
            let line = octets.iter().take(at).filter(|b| **b == b'\n').count() + 1;
            if octets.contains(&0) {
                Err(wrong(say!(
                    en: "{name} is not text: line {line} has binary data",
                    ja: "{name} はテキストではありません（{line} 行目に文字でないデータがあります）"
                )))
            } else if is_shift_jis(octets) {
                Err(wrong(say!(
                    en: "{name} is Shift_JIS, not UTF-8 (line {line})",
                    ja: "{name} は Shift_JIS で保存されています（{line} 行目。UTF-8 ではありません）"
                )))
            } else {
                Err(wrong(say!(
                    en: "{name} is not UTF-8 (line {line})",
                    ja: "{name} は UTF-8 ではありません（{line} 行目）"
                )))
            }
        }
    }
}

/// Whether every octet fits Shift_JIS (JIS X 0208 lead and trail ranges, half-width kana).
pub(crate) fn is_shift_jis(octets: &[u8]) -> bool {
    let mut rest = octets.iter();
    while let Some(&lead) = rest.next() {
        match lead {
            0..=0x7f | 0xa1..=0xdf => {}
            0x81..=0x9f | 0xe0..=0xfc => match rest.next() {
                Some(0x40..=0x7e | 0x80..=0xfc) => {}
                _ => return false,
            },
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_jis_is_named_with_its_line() {
        // "名" in Shift_JIS is 96 BC.
        let error = decode("site.toml", b"domain = 1\n# \x96\xbc\n".to_vec()).unwrap_err();
        assert!(error.title.ja.contains("Shift_JIS") && error.title.ja.contains("2 行目"), "{:?}", error.title);
    }

    #[test]
    fn a_bom_is_accepted_and_utf_16_is_named() {
        assert_eq!(decode("s", b"\xef\xbb\xbfa".to_vec()).unwrap(), "a");
        assert!(decode("s", vec![0xff, 0xfe, b'a', 0]).unwrap_err().title.en.contains("UTF-16"));
        assert!(decode("s", vec![0xc3, 0x28, 0]).unwrap_err().title.en.contains("binary"));
        assert!(decode("s", vec![0xff]).unwrap_err().title.en.contains("not UTF-8"));
    }
}
