//! One name, the addresses of two companies: half of the visitors land on the wrong one.

use crate::report::{Finding, NoteKind, Severity, Text};
use crate::say;
use crate::zone::{Name, Rtype};

use super::{Findings, Rule, Seen, View};

/// The family.
pub(super) const RULES: &[Rule] = &[Rule {
    id: "web-apex-split",
    en: "the addresses of one name belong to two companies",
    ja: "1 つの名前のアドレスが、別々の会社を指している",
    source: "RFC 1794 (the order of addresses rotates)",
    check,
}];

fn check(view: &View<'_>, out: &mut Findings) {
    for (name, _) in view.owners() {
        for rtype in [Rtype::A, Rtype::AAAA] {
            if view.of(name, rtype).nth(1).is_none() {
                continue;
            }
            let set: Vec<&Seen> = view.of(name, rtype).collect();
            let party = |s: &Seen| s.origins.first().map(|o| o.party).filter(|p| *p != 0);
            let parties: Vec<Option<usize>> = set.iter().map(|s| party(s)).collect();
            let first = parties.iter().flatten().next();
            if parties.iter().flatten().any(|p| Some(p) != first) {
                out.push(split(view, name, rtype, &set));
            } else if parties.contains(&None) && name == view.origin {
                out.push(perhaps(view, name, rtype, &set));
            }
        }
    }
}

fn address(seen: &Seen) -> String {
    seen.record.rdata.as_address(seen.record.rtype).map(|a| a.to_string()).unwrap_or_default()
}

fn split(view: &View<'_>, name: &Name, rtype: Rtype, set: &[&Seen]) -> Finding {
    let plain = name.display_without_dot().to_string();
    let count = set.len();
    let company = |s: &Seen| view.company(s).unwrap_or_default();
    let mut finding = Finding::new(
        "web-apex-split",
        Severity::Warning,
        say!(en: "the {count} {rtype} records of {plain} point at different companies", ja: "{plain} の {rtype} レコードが {count} つあり、別々の会社を指しています"),
    )
    .about(plain.clone(), rtype.to_string());
    for seen in set {
        let (address, company) = (address(seen), company(seen));
        let text = say!(en: "{address} is {company}", ja: "{address} は{company}"; company = company);
        finding = finding.at_opt(seen.span(), text);
    }
    finding
        .harm(say!(
            en: "which company answers differs from visitor to visitor and from time to time: some see the wrong site, or none",
            ja: "どちらに着くかは、見る人・見るたびに変わります。一部の人は、ちがうページ（または「見つかりません」）を見ます"
        ))
        .note(NoteKind::Note, spf_effect(view, name, &plain))
        .next(say!(en: "decide which company shows {plain}. Before the other one is taken out, ask:", ja: "{plain} をどちらの会社で見せるか決めます。もう一方を消す前に、次を確かめます"))
        .next(say!(en: "does it renew a certificate (SSL) for {plain}, which needs the name to point there?", ja: "その会社が {plain} の SSL 証明書を更新していないか（名前がそこを向いている必要があるか）"))
        .next(say!(en: "do FTP or mail programs use “{plain}” as its server name?", ja: "FTP やメールソフトで、サーバー名に「{plain}」を使っていないか"))
        .next(say!(en: "does a part of the site (such as /blog) come from it?", ja: "サイトの一部（/blog など）が、その会社から出ていないか"))
}

/// Whether mail is touched by it.
fn spf_effect(view: &View<'_>, name: &Name, plain: &str) -> Text {
    let follows = super::spf::records(view).filter(|spf| spf.seen.record.name == *name).any(|spf| {
        spf.record.terms().iter().any(|t| match &t.kind {
            crate::mail::spf::TermKind::A { domain, .. } => {
                domain.as_ref().is_none_or(|d| d.as_str().trim_end_matches('.').eq_ignore_ascii_case(plain))
            }
            _ => false,
        })
    });
    let mx = view.of(name, Rtype::MX).filter_map(|s| s.record.target()).any(|t| t == *name);
    match (follows, mx) {
        (_, true) => {
            say!(en: "mail: the MX is {plain} itself, so incoming mail goes astray too", ja: "メールへの影響: MX が {plain} 自身なので、届くメールも迷います")
        }
        (true, false) => {
            say!(en: "mail: `a` in SPF allows both servers; the MX is another name and not touched", ja: "メールへの影響: SPF の a は両方のサーバーを許可します。MX は別の名前なので影響しません")
        }
        (false, false) => say!(en: "mail: not touched", ja: "メールへの影響: ありません"),
    }
}

/// Whose the addresses are is not said.
fn perhaps(view: &View<'_>, name: &Name, rtype: Rtype, set: &[&Seen]) -> Finding {
    let plain = name.display_without_dot().to_string();
    let count = set.len();
    let mut finding = Finding::new(
        "web-apex-split",
        Severity::Advice,
        say!(en: "{plain} has {count} {rtype} records; if they are two servers of one company, all is well", ja: "{plain} に {rtype} レコードが {count} つあります。同じ会社の {count} 台なら問題ありません"),
    )
    .about(plain, rtype.to_string());
    for seen in set {
        finding = finding.at_opt(seen.span(), Text::same(address(seen)));
    }
    if view.declared.is_none() {
        return finding.next(
            say!(en: "find out whose server each of them is", ja: "それぞれがどの会社のサーバーか確かめてください"),
        );
    }
    finding.next(say!(en: "write for = \"…\" in each [[record]]: whose server it is", ja: "[[record]] ごとに for = \"…\" で、どの会社のサーバーかを書いてください"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Declared, Origin, Party};
    use crate::lint::testing::{name, records};
    use crate::report::Sources;

    fn findings(lines: &str, owners: &[usize]) -> Vec<Finding> {
        let origin = name("example.com");
        let mut seen = records("example.com", lines);
        for (s, party) in seen.iter_mut().zip(owners) {
            s.origins = vec![Origin { party: *party, span: None, by_hand: true }];
        }
        let party = |n: &str| Party { name: Text::same(n), id: None, span: None };
        let parties = [party("site.toml"), party("MakeShop"), party("XSERVER")];
        let (sources, declared) = (Sources::default(), Declared::default());
        let view = View::new(&origin, seen, Some(&declared), &parties, &sources);
        let mut out = Findings::all();
        check(&view, &mut out);
        out.told()
    }

    #[test]
    fn two_companies_at_one_name_are_told_and_one_company_with_two_servers_is_not() {
        let two = "@ A 203.0.113.20\n@ A 203.0.113.66";
        let found = findings(two, &[1, 2]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Warning);
        assert!(findings(two, &[1, 1]).is_empty());
        assert_eq!(findings(two, &[0, 0])[0].severity, Severity::Advice);
        assert!(findings("@ A 203.0.113.20\nwww A 203.0.113.66", &[1, 2]).is_empty());
    }

    #[test]
    fn an_mx_that_is_the_name_itself_goes_astray_too() {
        let found = findings("@ A 203.0.113.20\n@ A 203.0.113.66\n@ MX 0 @", &[1, 2, 2]);
        assert!(found[0].notes.iter().any(|n| n.text.en.contains("astray")));
    }
}
