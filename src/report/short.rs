//! One line a finding, as compilers do: `site.toml:12:5: error[host-txt-limit]: …`.

use super::order::in_order;
use super::words::{self, one_line};
use super::{Finding, Lang, Sources};

/// `findings` in order, a line each.
#[must_use]
pub fn render(findings: &[Finding], sources: &Sources, lang: Lang) -> String {
    let mut out = String::new();
    for finding in in_order(findings) {
        if let Some(span) = finding.primary() {
            let (line, column) = sources.line_column(span.file, span.start);
            out.push_str(&format!("{}:{line}:{column}: ", sources.name(span.file)));
        }
        let severity = words::severity(finding.severity);
        out.push_str(&format!("{}[{}]: {}\n", severity.get(lang), finding.id, one_line(finding.title.get(lang))));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Span, Text};
    use super::*;

    #[test]
    fn a_line_each_with_and_without_a_place() {
        let mut sources = Sources::default();
        let file = sources.add("site.toml", "名 = \"a\"\n".into());
        let findings = [
            Finding::advice("b", Text::same("no\u{1b}[2J place\nat all")),
            Finding::error("a", Text { en: "bad".into(), ja: "だめです".into() })
                .at(Span::new(file, 6..9), Text::default()),
        ];
        assert_eq!(
            render(&findings, &sources, Lang::En),
            "site.toml:1:5: error[a]: bad\nadvice[b]: no<U+001B>[2J place<U+000A>at all\n"
        );
        assert!(render(&findings, &sources, Lang::Ja).starts_with("site.toml:1:5: エラー[a]: だめです\n助言[b]: "));
        assert_eq!(render(&[], &sources, Lang::Ja), "");
    }
}
