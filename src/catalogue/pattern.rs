//! What a template's expression looks like from outside: literal text, with `*` where a value of the customer's stands. Indexed by its
//! literal part, so that a name in a zone is held against few patterns, however many there are.

use std::collections::HashMap;

/// The pattern of an expression: each `{{ … }}` becomes `*`, which stands for one or more characters. None if it is only that.
#[must_use]
pub fn of_expression(expression: &str) -> Option<String> {
    let mut out = String::with_capacity(expression.len());
    let mut rest = expression;
    while let Some(start) = rest.find("{{") {
        let (before, after) = rest.split_at(start);
        out.push_str(before);
        if !out.ends_with('*') {
            out.push('*');
        }
        rest = after.find("}}").and_then(|end| after.get(end + 2..)).unwrap_or_default();
    }
    out.push_str(rest);
    let out = out.trim_end_matches('.').to_ascii_lowercase();
    (!out.is_empty() && out != "*" && !out.contains("{%")).then_some(out)
}

/// Whether a pattern of a name says enough to tell a company: two labels next to each other, each of them literal or with four literal
/// characters beside its `*`.
#[must_use]
pub fn tells(pattern: &str) -> bool {
    let says = |label: &str| {
        let literal = label.chars().filter(|c| *c != '*').count();
        literal >= 4 || (literal > 0 && !label.contains('*'))
    };
    let labels: Vec<bool> = pattern.split('.').map(says).collect();
    labels.windows(2).any(|pair| pair == [true, true])
}

/// Whether `text` is of the form of `pattern`; both in lower case. Time is bounded by the product of the two lengths.
#[must_use]
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go on if the last `*` has to take one character more.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), text.get(t)) {
            (None, None) => return true,
            (Some(b'*'), Some(_)) => {
                // One or more: the first is taken here.
                retry = Some((p + 1, t + 1));
                (p, t) = (p + 1, t + 1);
            }
            (Some(a), Some(b)) if a == b => (p, t) = (p + 1, t + 1),
            _ => match retry {
                Some((after, taken)) if taken < text.len() => {
                    retry = Some((after, taken + 1));
                    (p, t) = (after, taken + 1);
                }
                _ => return false,
            },
        }
    }
}

/// Which end of a text its index goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Whole labels at the end of a name.
    Tail,
    /// Characters at the beginning.
    Head,
}

/// Patterns with what each stands for.
#[derive(Debug)]
pub(super) struct Patterns<T> {
    end: End,
    /// Literal part → patterns with that part.
    by_part: HashMap<String, Vec<(String, T)>>,
    /// The longest literal part, octets.
    longest: usize,
}

impl<T: Copy + PartialEq> Patterns<T> {
    pub(super) fn new(end: End) -> Self {
        Self { end, by_part: HashMap::new(), longest: 0 }
    }

    /// Adds a pattern; the same one for the same thing counts once.
    pub(super) fn add(&mut self, pattern: &str, what: T) {
        let pattern = pattern.trim_end_matches('.').to_ascii_lowercase();
        let part = match self.end {
            // From the first whole label behind the last `*`.
            End::Tail => match pattern.rfind('*').and_then(|star| pattern.get(star..)) {
                Some(tail) => tail.split_once('.').map_or("", |(_, labels)| labels),
                None => pattern.as_str(),
            },
            End::Head => pattern.split('*').next().unwrap_or_default(),
        };
        self.longest = self.longest.max(part.len());
        let here = self.by_part.entry(part.to_owned()).or_default();
        if !here.iter().any(|(p, w)| *p == pattern && *w == what) {
            here.push((pattern, what));
        }
    }

    /// What `text` is of the form of, in the order in which it was added under each part.
    pub(super) fn find(&self, text: &str) -> Vec<T> {
        let text = text.trim_end_matches('.').to_ascii_lowercase();
        let mut found = Vec::new();
        let mut look = |part: &str| {
            // Text may have thousands of labels, each tail of them as long as the text.
            if part.len() > self.longest {
                return;
            }
            for (pattern, what) in self.by_part.get(part).into_iter().flatten() {
                let fits = match self.end {
                    End::Tail => matches(pattern, &text),
                    // The beginning of a text.
                    End::Head => matches(pattern, &text) || (!pattern.ends_with('*') && text.starts_with(pattern)),
                };
                if fits && !found.contains(what) {
                    found.push(*what);
                }
            }
        };
        match self.end {
            End::Tail => {
                look(&text);
                let mut rest = text.as_str();
                while let Some((_, tail)) = rest.split_once('.') {
                    look(tail);
                    rest = tail;
                }
                look("");
            }
            End::Head => {
                let ends = text.char_indices().map(|(i, _)| i).chain([text.len()]);
                for end in ends.take_while(|end| *end <= self.longest) {
                    look(text.get(..end).unwrap_or_default());
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_become_patterns() {
        assert_eq!(of_expression("sv{{ server }}.xserver.jp").as_deref(), Some("sv*.xserver.jp"));
        assert_eq!(
            of_expression("FM1.{{ domain | dashed }}.dkim.fmhosted.com.").as_deref(),
            Some("fm1.*.dkim.fmhosted.com")
        );
        assert_eq!(of_expression("{{ a }}{{ b }}").as_deref(), None);
        assert_eq!(of_expression("{{ a }}-{{ b }}.net").as_deref(), Some("*-*.net"));
        assert_eq!(of_expression("broken {{ a").as_deref(), Some("broken *"));
    }

    #[test]
    fn a_star_is_one_or_more_characters() {
        assert!(matches("sv*.xserver.jp", "sv14166.xserver.jp"));
        assert!(!matches("sv*.xserver.jp", "sv.xserver.jp"));
        assert!(matches("*.dkim.amazonses.com", "a.b.dkim.amazonses.com"));
        assert!(!matches("*.dkim.amazonses.com", "dkim.amazonses.com"));
        assert!(matches("mx00.ionos.*", "mx00.ionos.co.uk"));
        assert!(matches("a*b*c", "aXbbYc") && !matches("a*b*c", "abc"));
        // Many stars against a long text that fails at its end: no exponential time.
        assert!(!matches(&format!("{}b", "a*".repeat(40)), &"a".repeat(5_000)));
    }

    #[test]
    fn only_what_names_somebody_tells() {
        assert!(tells("spf.sender.xserver.jp") && tells("sv*.xserver.jp") && tells("mx00.mail.*") && tells("xaas*.jp"));
        assert!(!tells("mail.*") && !tells("*.jp") && !tells("*") && !tells("sv*.jp") && !tells(""));
    }

    #[test]
    fn the_index_finds_what_a_walk_over_all_would() {
        let mut tails = Patterns::new(End::Tail);
        let names = [
            "spf.example.com",
            "*.dkim.example.com",
            "mx*.example.com",
            "mx00.ionos.*",
            "s1.domainkey.u*.wl*.example.net",
        ];
        for (i, pattern) in names.iter().enumerate() {
            tails.add(pattern, i);
        }
        for text in [
            "spf.example.com",
            "SPF.EXAMPLE.COM.",
            "x.dkim.example.com",
            "mx1.example.com",
            "mx00.ionos.co.uk",
            "s1.domainkey.u123.wl4.example.net",
            "example.com",
            "",
        ] {
            let plain = text.trim_end_matches('.').to_ascii_lowercase();
            let walk: Vec<usize> = (0..names.len()).filter(|i| matches(names[*i], &plain)).collect();
            assert_eq!(tails.find(text), walk, "{text}");
        }
        let mut heads = Patterns::new(End::Head);
        for (i, pattern) in ["google-site-verification=", "ms=ms", "hs1-*", "default"].iter().enumerate() {
            heads.add(pattern, i);
        }
        assert_eq!(heads.find("google-site-verification=abc"), [0]);
        assert_eq!(heads.find("MS=ms123"), [1]);
        assert_eq!(heads.find("hs1-123"), [2]);
        assert_eq!(heads.find("hs1-"), [] as [usize; 0]);
        assert_eq!(heads.find("日本語"), [] as [usize; 0]);
    }

    /// A TXT of 65 kB can hold a domain of as many labels; only tails that could be a pattern's are looked up.
    #[test]
    fn a_text_of_many_labels_takes_time_by_its_length() {
        let mut tails = Patterns::new(End::Tail);
        tails.add("*.example.com", 0);
        let text = format!("{}example.com", "a.".repeat(500_000));
        assert_eq!(tails.find(&text), [0]);
    }
}
