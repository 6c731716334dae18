//! `$GENERATE`, BIND's directive for many records of a pattern: `start-stop[/step] owner [ttl] [class] type data`.
//!
//! In owner and data `$` stands for the number, `${offset,width,base}` for the number in a form (base `d`, `o`, `x`, `X`, or `n`, `N`: hexadecimal
//! digits in reverse with dots between), `$$` and `\$` for a dollar sign.

use crate::zone::{lex::Word, rdata::RdataError};
use crate::{report::Text, say};

/// Widest a number is written, as BIND has it.
const WIDTH_MAX: usize = 127;
/// Most octets of one line that is made: a name of 255 octets with each as an escape fits, and a TXT that somebody would write by pattern.
const LINE_MAX: usize = 65_536;

/// The numbers, of 31 bits as in BIND.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    /// The next.
    pub(super) at: u32,
    /// The last.
    pub(super) stop: u32,
    /// How far apart they are.
    pub(super) step: u32,
}

impl Numbers {
    /// Reads `start-stop` or `start-stop/step`.
    pub(super) fn read(word: &Word<'_>) -> Result<Self, RdataError> {
        let wrong = || RdataError {
            range: word.range(),
            text: say!(
                en: "a range is written start-stop or start-stop/step, as in 1-127",
                ja: "範囲は 1-127 や 0-254/2 のように「開始-終了」か「開始-終了/間隔」で書きます"
            ),
        };
        let text = std::str::from_utf8(word.raw).map_err(|_| wrong())?;
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
            text.parse().ok().filter(|number: &u32| digits && *number <= i32::MAX as u32)
        };
        let (range, step) = text.split_once('/').map_or((text, Some(1)), |(range, step)| (range, number(step)));
        let numbers = range.split_once('-').and_then(|(start, stop)| Some((number(start)?, number(stop)?)));
        match (numbers, step) {
            (Some((at, stop)), Some(step)) if at <= stop && step > 0 => Ok(Self { at, stop, step }),
            _ => Err(wrong()),
        }
    }

    /// How many there are.
    pub(super) fn count(self) -> usize {
        ((self.stop - self.at) / self.step) as usize + 1
    }
}

impl Iterator for Numbers {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let number = (self.at <= self.stop).then_some(self.at)?;
        self.at += self.step;
        Some(number)
    }
}

/// What is written for `number` in place of the signs of `pattern`.
pub(super) fn fill(pattern: &[u8], number: u32) -> Result<Vec<u8>, Text> {
    let mut out = Vec::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        match (octet, after.first()) {
            (b'$', Some(b'$')) => {
                out.push(b'$');
                rest = after.get(1..).unwrap_or(&[]);
            }
            (b'$', Some(b'{')) => {
                let close = after.iter().position(|octet| *octet == b'}');
                let (form, behind) =
                    close.and_then(|at| Some((after.get(1..at)?, after.get(at + 1..)?))).ok_or_else(broken)?;
                push_form(form, number, &mut out)?;
                rest = behind;
            }
            (b'$', _) => out.extend(number.to_string().into_bytes()),
            // The escape is undone where owner and data are read.
            (b'\\', Some(next)) => {
                out.extend([b'\\', *next]);
                rest = after.get(1..).unwrap_or(&[]);
            }
            _ => out.push(*octet),
        }
        if out.len() > LINE_MAX {
            return Err(
                say!(en: "one line of this has over {LINE_MAX} bytes", ja: "1 行が {LINE_MAX} バイトを超えます"),
            );
        }
    }
    Ok(out)
}

/// `offset[,width[,base]]` of a number.
fn push_form(form: &[u8], number: u32, out: &mut Vec<u8>) -> Result<(), Text> {
    let mut parts = std::str::from_utf8(form).map_err(|_| broken())?.split(',');
    let offset: i64 = parts.next().and_then(|text| text.trim_ascii().parse::<i32>().ok()).ok_or_else(broken)?.into();
    let width: usize = parts.next().map_or(Some(0), |text| text.parse().ok()).ok_or_else(broken)?;
    let base = parts.next().unwrap_or("d");
    if parts.next().is_some() || width > WIDTH_MAX {
        return Err(broken());
    }
    let value = i64::from(number) + offset;
    // As the 32 bits of C that BIND prints.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the low 32 bits are wanted")]
    let bits = value as u32;
    let text = match base {
        "d" => format!("{value:0width$}"),
        "o" => format!("{bits:0width$o}"),
        "x" => format!("{bits:0width$x}"),
        "X" => format!("{bits:0width$X}"),
        "n" => nibbles(bits, width),
        "N" => nibbles(bits, width).to_ascii_uppercase(),
        _ => return Err(broken()),
    };
    out.extend(text.into_bytes());
    Ok(())
}

/// Hexadecimal digits, the lowest first, with dots between, until nothing is left and `width` characters are there.
fn nibbles(mut bits: u32, width: usize) -> String {
    let mut out = String::new();
    loop {
        out.push(char::from_digit(bits & 15, 16).unwrap_or('0'));
        bits >>= 4;
        if bits == 0 && out.len() >= width {
            return out;
        }
        out.push('.');
        if bits == 0 && out.len() >= width {
            return out;
        }
    }
}

/// A form that cannot be read.
fn broken() -> Text {
    say!(
        en: "a number's form is written ${{offset,width,base}}, with the base d, o, x, X, n or N",
        ja: "数の形は ${{差,桁数,基数}} と書きます。基数は d、o、x、X、n、N のどれかです"
    )
}
