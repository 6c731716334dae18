//! Records and what is expected of them, side by side.

use super::*;

/// The kinds of problem that reading finds.
fn kinds(text: &str) -> Vec<ProblemKind> {
    Record::parse(text.as_bytes()).problems().iter().map(|problem| problem.kind).collect()
}

/// The first problem and its corrected form.
fn first(text: &str) -> Option<(ProblemKind, Option<String>)> {
    Record::parse(text.as_bytes()).problems().first().map(|problem| (problem.kind, problem.fix.clone()))
}

/// The record with every fix put in its place.
fn fixed(text: &str) -> String {
    let record = Record::parse(text.as_bytes());
    let mut out = text.as_bytes().to_vec();
    for problem in record.problems().iter().rev() {
        if let Some(fix) = &problem.fix {
            out.splice(problem.span.clone(), fix.bytes());
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn raws(record: &Record) -> Vec<&str> {
    record.terms().iter().map(|term| term.raw.as_str()).collect()
}

/// A DNS with the record to try at `e.example`, and names that its terms may ask for; all but `e.example` may be down.
struct Small {
    records: Vec<(String, String)>,
    up: bool,
}

impl Small {
    fn new(record: &str, up: bool) -> Self {
        let records = [
            ("e.example", record),
            ("x.jp", "v=spf1 ip4:10.0.0.2/31 -all"),
            ("y.jp", "v=spf1 include:x.jp ?ip4:10.0.0.4 ip4:10.0.0.5 ~all"),
            // Two terms with an error: who includes it has an error too.
            ("z.jp", "v=spf1 ip4:10.0.0.6 ip4:10.0.0.7 redirect=x.jp redirect=y.jp"),
        ];
        Self { records: records.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec(), up }
    }

    /// What a receiver answers to a client at 10.0.0.`last`.
    fn ask(&self, last: u8) -> Evaluation {
        let ip = std::net::Ipv4Addr::new(10, 0, 0, last).into();
        check_host(self, &Query::new(ip, "a@e.example", "mail.e.example"))
    }
}

impl Dns for Small {
    fn txt(&self, name: &str) -> Answer<Vec<u8>> {
        if !self.up && name.ends_with(".jp") {
            return Answer::TempFail;
        }
        match self.records.iter().find(|(at, _)| at == name) {
            Some((_, text)) => Answer::Records(vec![text.clone().into_bytes()]),
            None => Answer::NxDomain,
        }
    }
    fn a(&self, name: &str) -> Answer<std::net::Ipv4Addr> {
        let last = match name {
            "e.example" => 3,
            "mail.e.example" => 8,
            "x.jp" => 1,
            _ => return Answer::NxDomain,
        };
        if self.up { Answer::Records(vec![std::net::Ipv4Addr::new(10, 0, 0, last)]) } else { Answer::TempFail }
    }
    fn aaaa(&self, _: &str) -> Answer<std::net::Ipv6Addr> {
        Answer::NoData
    }
    fn mx(&self, name: &str) -> Answer<String> {
        if name == "e.example" { Answer::Records(vec!["mail.e.example".to_owned()]) } else { Answer::NxDomain }
    }
    fn ptr(&self, _: &str) -> Answer<String> {
        Answer::NoData
    }
}

mod reading {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn recognises_only_the_version_and_a_space_or_the_end() {
        for good in ["v=spf1", "v=spf1 ", "V=SPF1 a", "v=SpF1 ~all"] {
            assert!(is_spf(good.as_bytes()), "{good}");
            assert!(!looks_like_spf(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            "v=spf",
            "v=spf10 a",
            "v=spf1;",
            " v=spf1 a",
            "v=spf1\ta",
            "\"v=spf1 a\"",
            "spf2.0/pra include:x.example -all",
        ] {
            assert!(!is_spf(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn sees_what_was_meant_as_spf() {
        for meant in [
            "v=spf1; ip4:192.0.2.1 -all",
            "v=spf10 a",
            "spf1 a -all",
            "v=spf1,a",
            " v=spf1 a",
            "\"v=spf1 a -all\"",
            "v=spf1-all",
            "v = spf1 a",
            "v=sfp1 a -all",
            "v=spf a -all",
            "include:spf.esp.example ~all",
            "mx ip4:192.0.2.1 -all",
            "\u{FEFF}v=spf1 a",
            "v:spf1 a",
        ] {
            assert!(looks_like_spf(meant.as_bytes()), "{meant}");
        }
        for other in [
            "",
            "v=DKIM1; p=",
            "v=DMARC1; p=none",
            "google-site-verification=abc",
            "spf2.0/pra include:x.example -all",
            "MS=ms1234",
            "all",
            "a mx",
            "v=STSv1; id=1",
            "hello world",
            "v=spf2 include:x.example",
            "v=verifydomain MS=1",
        ] {
            assert!(!looks_like_spf(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_bent_version_is_one_problem_with_its_fix() {
        for (bad, good) in [
            ("v=spf1; ip4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"),
            ("v=spf1;ip4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"),
            ("v=spf1, -all", "v=spf1 -all"),
            ("v=spf10 a", "v=spf1 a"),
            ("spf1 a -all", "v=spf1 a -all"),
            (" v=spf1 a", "v=spf1 a"),
            ("v=spf1-all", "v=spf1 -all"),
            ("v=spf", "v=spf1"),
        ] {
            assert_eq!(kinds(bad), [ProblemKind::VersionPrefix], "{bad}");
            assert_eq!(fixed(bad), good);
        }
    }

    #[test]
    fn keeps_spans_spelling_and_qualifiers() {
        let record = Record::parse(b"v=spf1  +a:Host.Example.JP ?include:x.example  -ALL ");
        let terms: Vec<_> = record
            .terms()
            .iter()
            .map(|term| (term.span.clone(), term.raw.as_str(), term.qualifier, term.explicit_qualifier))
            .collect();
        assert_eq!(
            terms,
            [
                (8..26, "+a:Host.Example.JP", Qualifier::Pass, true),
                (27..45, "?include:x.example", Qualifier::Neutral, true),
                (47..51, "-ALL", Qualifier::Fail, true),
            ]
        );
        assert_eq!(record.version(), Some(&(0..6)));
        assert_eq!(record.text(), b"v=spf1  +a:Host.Example.JP ?include:x.example  -ALL ");
    }

    #[test]
    fn reads_bare_terms() {
        let record = Record::parse(b"include:spf.makeshop.jp mx");
        assert_eq!((record.version(), raws(&record)), (None, vec!["include:spf.makeshop.jp", "mx"]));
        assert_eq!(record.problems(), []);
    }

    #[test]
    fn takes_every_form_of_the_grammar() {
        for good in [
            "all",
            "?all",
            "include:%{d}",
            "include:x.example.",
            "a",
            "a/24",
            "a//64",
            "a/24//64",
            "a/0",
            "A:x.example/24//64",
            "a:foo:bar/baz.example.com",
            "a:foo.example.xn--zckzah",
            "a:a.1-2",
            "a:%{i}._spf.%{d2}",
            "a:%{l1r-}.x.example",
            "a:%{L2R+-.,/_=}.x.example",
            "a:macro%%percent%_%_space%-url.example.com",
            "a:.com",
            "mx",
            "mx:x.example/24",
            "ptr",
            "ptr:x.example",
            "exists:%{ir}.x.example",
            "exists:x%%",
            "ip4:0.0.0.0/0",
            "ip4:192.0.2.1/32",
            "ip6:::/0",
            "ip6:::1",
            "ip6:2001:DB8::1/64",
            "ip6:::ffff:192.0.2.1",
            "ip6:1:2:3:4:5:6:7:8",
            "redirect=x.example",
            "exp=%{d}",
            "REDIRECT=x.example",
            "moo.cow-far_out=man:dog/cat",
            "x=",
            "default=+",
            "a:%{d99999999999999999999}",
        ] {
            let record = Record::parse(good.as_bytes());
            assert_eq!((record.terms().len(), record.syntax_error()), (1, None), "{good}");
        }
    }

    #[test]
    fn refuses_what_the_grammar_refuses_and_corrects_what_is_mechanical() {
        use ProblemKind::*;
        for (bad, kind, fix) in [
            ("ipv4:192.0.2.1", UnknownMechanism, Some("ip4:192.0.2.1")),
            ("ip:192.0.2.1", UnknownMechanism, Some("ip4:192.0.2.1")),
            ("ipv6:2001:db8::1", UnknownMechanism, Some("ip6:2001:db8::1")),
            ("moo", UnknownMechanism, None),
            ("-", UnknownMechanism, None),
            (":x.example", UnknownMechanism, None),
            ("include:", MissingValue, None),
            ("include", MissingValue, None),
            ("a:", MissingValue, None),
            ("ip4", MissingValue, None),
            ("exists", MissingValue, None),
            ("exp=", MissingValue, None),
            ("redirect=", MissingValue, None),
            ("all:x", UnexpectedValue, None),
            ("-all.", UnknownMechanism, Some("-all")),
            ("-all/8", UnexpectedPrefix, Some("-all")),
            ("ptr/0", UnexpectedPrefix, Some("ptr")),
            ("include:x.example/24", UnexpectedPrefix, Some("include:x.example")),
            ("a/24/64", UnexpectedPrefix, Some("a/24//64")),
            ("ip4:192.0.2.1//32", UnexpectedPrefix, Some("ip4:192.0.2.1")),
            ("ip4:192.0.2.1,", Separator, Some("ip4:192.0.2.1")),
            ("ip4:192.0.2.1,ip4:192.0.2.2", Separator, Some("ip4:192.0.2.1 ip4:192.0.2.2")),
            ("ip4:192.0.2.1;-all", Separator, Some("ip4:192.0.2.1 -all")),
            ("ip4:192.0.2.1-all", MissingSpace, Some("ip4:192.0.2.1 -all")),
            ("mx~ALL", MissingSpace, Some("mx ~ALL")),
            ("mx+all", UnknownMechanism, None),
            ("a:192.0.2.1", NumericTopLabel, Some("ip4:192.0.2.1")),
            ("-a:192.0.2.0/24", NumericTopLabel, Some("-ip4:192.0.2.0/24")),
            ("include:192.0.2.1", NumericTopLabel, Some("ip4:192.0.2.1")),
            ("a:abc.123", NumericTopLabel, None),
            ("a:museum", BadDomain, None),
            ("a:museum.", BadDomain, None),
            ("a:example.-com", BadDomain, None),
            ("a:example.com:8080", BadDomain, None),
            ("a:x.example/", BadPrefix, None),
            ("a:%{d}com", BadDomain, None),
            ("a:%{x}.x.example", BadMacro, None),
            ("a:%{d0}.x.example", BadMacro, None),
            ("a:%{dr1}.x.example", BadMacro, None),
            ("a:100%.x.example", BadMacro, None),
            ("a:%{d.x.example", BadMacro, None),
            ("exp=%{r}.x.example", BadMacro, None),
            ("foo=%abc", BadMacro, None),
            ("ip4:192.0.2", BadIp4, None),
            ("ip4:192.0.2.256", BadIp4, None),
            ("ip4:192.0.2.1:8080", BadIp4, None),
            ("ip4:192.0.2.01", LeadingZero, Some("ip4:192.0.2.1")),
            ("ip4:192.000.002.010/24", LeadingZero, Some("ip4:192.0.2.10/24")),
            ("ip4:192.0.2.1/032", LeadingZero, Some("ip4:192.0.2.1/32")),
            ("ip4:192.0.2.1/33", PrefixTooLong { max: 32 }, None),
            ("ip6:2001:db8::/129", PrefixTooLong { max: 128 }, None),
            ("a/33", PrefixTooLong { max: 32 }, None),
            ("mx//129", PrefixTooLong { max: 128 }, None),
            ("ip4:192.0.2.1/x", BadPrefix, None),
            ("ip4:192.0.2.1/", BadPrefix, None),
            ("ip6:192.0.2.1", WrongFamily, Some("ip4:192.0.2.1")),
            ("ip4:2001:db8::/32", WrongFamily, Some("ip6:2001:db8::/32")),
            ("ip6::CAFE::BABE", BadIp6, None),
            ("+redirect=x.example", QualifierOnModifier, Some("redirect=x.example")),
            ("1up=foo", BadModifierName, None),
            ("=all", BadModifierName, None),
            ("redirect:x.example", ModifierAsMechanism, Some("redirect=x.example")),
            ("—all", BadOctet, Some("-all")),
            ("－ａｌｌ", BadOctet, Some("-all")),
            ("〜all", BadOctet, Some("~all")),
            ("mx　~all", BadOctet, Some("mx ~all")),
            ("a:x.example\tmx", BadOctet, Some("a:x.example mx")),
            ("a:日本.jp", BadOctet, None),
        ] {
            let text = format!("v=spf1 {bad} -all");
            assert_eq!(first(&text), Some((kind, fix.map(str::to_owned))), "{bad}");
            assert!(Record::parse(text.as_bytes()).syntax_error().is_some(), "{bad}");
        }
    }

    #[test]
    fn mends_what_a_space_tore_apart() {
        assert_eq!(kinds("v=spf1 ip4: 192.0.2.1, -all"), [ProblemKind::SpaceAfterColon]);
        assert_eq!(fixed("v=spf1 ip4: 192.0.2.1, -all"), "v=spf1 ip4:192.0.2.1 -all");
        assert_eq!(kinds("v=spf1 - all"), [ProblemKind::SpaceAfterQualifier]);
        assert_eq!(fixed("v=spf1 a - all"), "v=spf1 a -all");
        assert_eq!(kinds("v=spf1 include: -all"), [ProblemKind::MissingValue]);
        assert_eq!(kinds("v=spf1 include: mx"), [ProblemKind::MissingValue]);
    }

    #[test]
    fn reads_on_after_a_fault() {
        let record = Record::parse(b"v=spf1 moo a \xFF\xFE mx -all");
        assert_eq!(raws(&record), ["a", "mx", "-all"]);
        assert_eq!(record.problems().len(), 2);
    }

    #[test]
    fn a_second_redirect_or_explanation_is_an_error() {
        assert_eq!(kinds("v=spf1 redirect=a.example redirect=a.example"), [ProblemKind::Repeated]);
        assert_eq!(kinds("v=spf1 exp=a.example -all EXP=b.example"), [ProblemKind::Repeated]);
        assert_eq!(kinds("v=spf1 exp=a.example redirect=a.example x=1 x=1"), []);
    }

    #[test]
    fn legal_and_surely_not_meant() {
        for (text, kind, fix) in [
            ("ip4=192.0.2.1", ProblemKind::MechanismAsModifier, Some("ip4:192.0.2.1")),
            ("include=x.example", ProblemKind::MechanismAsModifier, Some("include:x.example")),
            ("mx=", ProblemKind::MechanismAsModifier, Some("mx")),
            ("all=", ProblemKind::MechanismAsModifier, None),
            ("ALL=x", ProblemKind::MechanismAsModifier, None),
            ("v=spf1", ProblemKind::VersionRepeated, Some("")),
            ("include:https://x.example", ProblemKind::OddDomain, Some("include:x.example")),
            (
                "include:a.example,include:b.example",
                ProblemKind::OddDomain,
                Some("include:a.example include:b.example"),
            ),
            ("a:x.example-all", ProblemKind::OddDomain, Some("a:x.example -all")),
            ("a:x..jp", ProblemKind::OddDomain, None),
        ] {
            let text = format!("v=spf1 {text} -all");
            assert_eq!(first(&text), Some((kind, fix.map(str::to_owned))), "{text}");
            assert_eq!(Record::parse(text.as_bytes()).syntax_error(), None, "{text}");
        }
    }

    #[test]
    fn every_problem_has_a_sentence_in_both_languages() {
        for text in ["v=spf1 ip4:192.0.2.01 a:\u{7}x\u{FF5E}", "v=spf1; a", "v=spf1 ip4=1 +all", "v=spf1 v=spf1 ptr"] {
            for problem in Record::parse(text.as_bytes()).inspect("e.example") {
                let sentence = problem.text();
                assert!(!sentence.en.is_empty() && !sentence.ja.is_empty());
                assert!(
                    !sentence.en.contains(char::is_control) && !sentence.ja.contains(char::is_control),
                    "{sentence:?}"
                );
            }
        }
        let record = Record::parse(b"v=spf1 ip4:192.0.2.01");
        let texts: Vec<_> = record.problems().iter().map(Problem::text).collect();
        assert_eq!(
            texts.first().map(|text| text.en.as_str()),
            Some("`ip4:192.0.2.01` has a number that begins with 0; write `ip4:192.0.2.1`")
        );
        assert_eq!(
            texts.first().map(|text| text.ja.as_str()),
            Some("`ip4:192.0.2.01` に 0 で始まる数字があります。`ip4:192.0.2.1` と書きます")
        );
    }

    #[test]
    fn large_input_is_read_in_bounded_time() {
        for unit in ["a ", "ip4: ", "- ", "%", "redirect=x.example ", "ip4:192.0.2.1 ", ",", "\u{FF0D}", "a:%{d}"] {
            let text = format!("v=spf1 {}", unit.repeat(65_000 / unit.len()));
            let record = Record::parse(text.as_bytes());
            assert_eq!(record.text(), text.as_bytes());
            assert!(record.inspect("e.example").len() < 200_000);
        }
    }

    proptest! {
        #[test]
        fn any_octets_come_back(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            let record = Record::parse(&octets);
            prop_assert_eq!(record.text(), octets.as_slice());
        }

        #[test]
        fn terms_and_problems_cover_the_text(tokens in proptest::collection::vec("[ -~]{0,12}|[-+~?]?(a|mx|ip4|include|all|redirect|exp)[:=/]?[a-z0-9./%{}]{0,12}", 0..12)) {
            let text = format!("v=spf1 {}", tokens.join(" "));
            let record = Record::parse(text.as_bytes());
            let spans = record.version().into_iter().cloned()
                .chain(record.terms().iter().map(|term| term.span.clone()))
                .chain(record.problems().iter().map(|problem| problem.span.clone()));
            let mut left = text.clone().into_bytes();
            for span in spans {
                for octet in left.iter_mut().take(span.end).skip(span.start) {
                    *octet = b' ';
                }
            }
            prop_assert!(left.iter().all(|&octet| octet == b' '), "{:?}", text);
            for term in record.terms() {
                prop_assert_eq!(text.get(term.span.clone()), Some(term.raw.as_str()));
            }
        }

        #[test]
        fn a_normal_form_is_a_term_and_its_own_normal_form(token in "[-+~?]?(a|mx|ptr|ip4:192\\.0\\.2\\.1|ip6:2001:DB8::5|include|exists|A|MX)(:[a-zA-Z0-9]{1,5}\\.(jp|Com)\\.?)?(/[0-9]{1,2})?(//[0-9]{1,3})?") {
            for term in Record::parse(token.as_bytes()).terms() {
                let normal = term.normal("e.example");
                let again = Record::parse(normal.as_str().as_bytes());
                prop_assert_eq!(again.syntax_error(), None);
                prop_assert_eq!(again.terms().iter().map(|term| term.normal("e.example")).collect::<Vec<_>>(), vec![normal]);
            }
        }
    }
}

mod judging {
    use super::*;

    fn inspected(text: &str) -> Vec<(ProblemKind, String)> {
        Record::parse(text.as_bytes())
            .inspect("e.example")
            .into_iter()
            .map(|problem| (problem.kind, problem.term))
            .collect()
    }

    #[test]
    fn says_what_is_legal_and_unwanted() {
        use ProblemKind::*;
        for (text, wanted) in [
            ("v=spf1 a -all", vec![]),
            ("v=spf1 a -all include:esp.example mx", vec![(TermAfterAll, "include:esp.example"), (TermAfterAll, "mx")]),
            ("v=spf1 a -all exp=x.example", vec![]),
            ("v=spf1 ip4:192.0.2.1 redirect=b.example ~all", vec![(RedirectWithAll, "redirect=b.example")]),
            ("v=spf1 ~all redirect=b.example", vec![(RedirectWithAll, "redirect=b.example")]),
            ("v=spf1 ip4:192.0.2.1", vec![(NoAll, "")]),
            ("v=spf1 redirect=b.example", vec![]),
            ("v=spf1 a ?all", vec![(NeutralAll, "?all")]),
            ("v=spf1 ptr -all", vec![(PtrUsed, "ptr")]),
            ("v=spf1 +all", vec![(PassesEveryone, "+all")]),
            ("v=spf1 all", vec![(PassesEveryone, "all")]),
            ("v=spf1 ip4:0.0.0.0/0 -all", vec![(PassesEveryone, "ip4:0.0.0.0/0")]),
            ("v=spf1 ip6:::/0 -all", vec![(PassesEveryone, "ip6:::/0")]),
            ("v=spf1 a/0 -all", vec![(PassesEveryone, "a/0")]),
            ("v=spf1 -all ip4:0.0.0.0/0", vec![(TermAfterAll, "ip4:0.0.0.0/0")]),
            (
                "v=spf1 ip4:10.0.0.0/15 ip6:2001::/31 -all",
                vec![
                    (WideRange { prefix: 15, limit: 16 }, "ip4:10.0.0.0/15"),
                    (WideRange { prefix: 31, limit: 32 }, "ip6:2001::/31"),
                ],
            ),
            ("v=spf1 ip4:10.0.0.0/16 ip6:2001:db8::/32 -ip4:0.0.0.0/0 -all", vec![]),
            ("v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.7 -all", vec![(Covered, "ip4:192.0.2.7")]),
            ("v=spf1 ip4:192.0.2.7 ip4:192.0.2.0/24 -all", vec![(Covered, "ip4:192.0.2.7")]),
            ("v=spf1 ip4:192.0.2.7 -ip4:192.0.2.0/28 ip4:192.0.2.0/24 -all", vec![]),
            ("v=spf1 ip4:192.0.2.7 -a ip4:192.0.2.0/24 -all", vec![]),
            ("v=spf1 ip4:192.0.2.7 -ip4:198.51.100.1 ip4:192.0.2.0/24 -all", vec![(Covered, "ip4:192.0.2.7")]),
            ("v=spf1 ip4:192.0.2.7 include:x.example ip4:192.0.2.0/24 -all", vec![(Covered, "ip4:192.0.2.7")]),
            ("v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 -all", vec![]),
            ("v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.7 -all", vec![(Dead, "-ip4:192.0.2.7")]),
            ("v=spf1 include:x.example mx include:X.example. -all", vec![(DuplicateInclude, "include:X.example.")]),
            ("v=spf1 a +A:E.example. a/32//128 -all", vec![(Duplicate, "+A:E.example."), (Duplicate, "a/32//128")]),
            ("v=spf1 ?include:x.example include:x.example -all", vec![]),
        ] {
            let wanted: Vec<_> = wanted.into_iter().map(|(kind, term)| (kind, term.to_owned())).collect();
            assert_eq!(inspected(text), wanted, "{text}");
        }
    }

    #[test]
    fn ranges_that_together_are_everybody() {
        let together =
            |text: &str| inspected(text).into_iter().any(|(kind, _)| kind == ProblemKind::PassesEveryoneTogether);
        assert!(together("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"));
        assert!(together("v=spf1 ip4:192.0.0.0/2 a ip4:0.0.0.0/1 ip4:64.0.0.0/3 ip4:128.0.0.0/2 -all"));
        assert!(together("v=spf1 ip6:::/1 ip6:8000::/1 -all"));
        assert!(!together("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/2 -all"));
        assert!(!together("v=spf1 ip4:128.0.0.0/1 -all"));
        assert!(!together("v=spf1 ip4:0.0.0.0/1 -ip4:128.0.0.0/1 -all"));
        assert!(!together("v=spf1 ip4:0.0.0.0/1 ip6:8000::/1 -all"));
        let all: String = (0..=255).map(|octet| format!("ip4:{octet}.0.0.0/8 ")).collect();
        assert!(together(&format!("v=spf1 {all}-all")));
        assert!(!together(&format!("v=spf1 {}-all", all.replace("ip4:7.0.0.0/8 ", ""))));
    }

    #[test]
    fn counts_its_own_lookups() {
        for (text, count) in [
            ("v=spf1 -all", 0),
            ("v=spf1 a a:h.example a/24 mx mx:d.example ptr exists:x.example include:y.example ~all", 8),
            ("v=spf1 ip4:192.0.2.1 ip6:::1 exp=x.example foo=bar -all", 0),
            ("v=spf1 include:a.example redirect=b.example", 2),
            ("v=spf1 include:a.example redirect=b.example ~all", 1),
            ("v=spf1 a -all include:b.example", 1),
            ("v=spf1 include:a.example include:a.example -all", 2),
            ("v=spf1 a mx include:host.example include:_spf.google.com include:esp.example ~all", 5),
        ] {
            assert_eq!(lookup_terms(&Record::parse(text.as_bytes())), count, "{text}");
        }
    }

    #[test]
    fn normal_forms() {
        for (written, normal) in [
            ("+A", "a"),
            ("a:Example.JP.", "a"),
            ("a/32", "a"),
            ("a//128", "a"),
            ("a:example.jp/32//128", "a"),
            ("a/24//128", "a/24"),
            ("a/32//64", "a//64"),
            ("mx:EXAMPLE.jp/24", "mx/24"),
            ("PTR:example.jp", "ptr"),
            ("?Include:Spf.X.EXAMPLE.", "?include:spf.x.example"),
            ("IP4:192.0.2.9/24", "ip4:192.0.2.0/24"),
            ("ip4:192.0.2.9/32", "ip4:192.0.2.9"),
            ("ip4:192.0.2.9/0", "ip4:0.0.0.0/0"),
            ("ip6:2001:0DB8:0:0:0:0:0:1/128", "ip6:2001:db8::1"),
            ("ip6:2001:db8::1/32", "ip6:2001:db8::/32"),
            ("exists:%{I}.X.example.", "exists:%{I}.X.example."),
            ("-ALL", "-all"),
            ("REDIRECT=X.example", "redirect=x.example"),
        ] {
            let record = Record::parse(written.as_bytes());
            let found: Vec<_> = record.terms().iter().map(|term| term.normal("example.jp").to_string()).collect();
            assert_eq!(found, [normal], "{written}");
        }
    }
}

mod merging {
    use super::*;
    use MergeNoteKind as Note;
    use proptest::prelude::*;

    fn merged(existing: Option<&str>, parts: &[&str], options: Options<'_>) -> Merged<usize> {
        let existing = existing.map(|text| Record::parse(text.as_bytes()));
        let parts: Vec<_> = parts
            .iter()
            .enumerate()
            .map(|(origin, text)| Part { record: Record::parse(text.as_bytes()), origin })
            .collect();
        match merge(existing.as_ref(), &parts, options) {
            Ok(merged) => merged,
            Err(error) => unreachable!("{error}"),
        }
    }

    fn at(domain: &str) -> Options<'_> {
        Options { domain, all: None, redirect_all: None }
    }

    fn text(merged: &Merged<usize>) -> &str {
        std::str::from_utf8(merged.text()).unwrap_or_default()
    }

    fn notes(merged: &Merged<usize>) -> Vec<(Note, &str, Option<&str>)> {
        merged.notes.iter().map(|note| (note.kind, note.term.as_str(), note.other.as_deref())).collect()
    }

    fn origins(merged: &Merged<usize>) -> Vec<(&str, Vec<Origin<usize>>)> {
        merged.terms.iter().map(|term| (term.term.raw.as_str(), term.origins.clone())).collect()
    }

    #[test]
    fn the_story() {
        let existing = "v=spf1 +a:sv14166.xserver.jp +a:hogehoge.com +mx include:spf.sender.xserver.jp ~all";
        assert_eq!(existing.len(), 83);
        let parts = ["include:spf.makeshop.jp", "a:sv14166.xserver.jp mx include:spf.sender.xserver.jp"];
        let merged = merged(Some(existing), &parts, at("hogehoge.com"));
        assert_eq!(
            text(&merged),
            "v=spf1 +a:sv14166.xserver.jp +a:hogehoge.com +mx include:spf.sender.xserver.jp include:spf.makeshop.jp ~all"
        );
        assert_eq!(merged.text().len(), 107);
        assert_eq!(
            origins(&merged),
            [
                ("+a:sv14166.xserver.jp", vec![Origin::Existing, Origin::Part(1)]),
                ("+a:hogehoge.com", vec![Origin::Existing]),
                ("+mx", vec![Origin::Existing, Origin::Part(1)]),
                ("include:spf.sender.xserver.jp", vec![Origin::Existing, Origin::Part(1)]),
                ("include:spf.makeshop.jp", vec![Origin::Part(0)]),
                ("~all", vec![Origin::Existing]),
            ]
        );
        assert_eq!(lookup_terms(&merged.record), 5);
    }

    #[test]
    fn order_and_spelling_of_the_existing_record_stay() {
        for (existing, parts, wanted) in [
            (
                Some("v=spf1 a mx include:host.example ~all"),
                vec!["v=spf1 include:_spf.google.com ~all", "v=spf1 include:esp.example -all"],
                "v=spf1 a mx include:host.example include:_spf.google.com include:esp.example ~all",
            ),
            (None, vec!["ip4:192.0.2.9/24 IP4:192.0.2.7 +a a:Example.JP."], "v=spf1 ip4:192.0.2.0/24 a ~all"),
            (
                Some("v=spf1 IP4:192.0.2.9/24 -ALL"),
                vec!["include:X.example."],
                "v=spf1 IP4:192.0.2.9/24 include:x.example -ALL",
            ),
            (Some("v=spf1  MX   -all "), vec!["mx"], "v=spf1  MX   -all "),
            (Some("V=SPF1 mx"), vec![], "v=spf1 mx ~all"),
            (
                Some("v=spf1 z.example=1 include:z.example include:a.example ?all"),
                vec!["include:b.example"],
                "v=spf1 include:z.example include:a.example include:b.example ?all",
            ),
            (None, vec!["v=spf1 include:x.example +all"], "v=spf1 include:x.example ~all"),
            (None, vec!["v=spf1 include:x.example -all", "v=spf1 ?all"], "v=spf1 include:x.example ~all"),
            (None, vec![], "v=spf1 ~all"),
            (
                Some("v=spf1 ?include:x.example -all"),
                vec!["?include:y.example -a"],
                "v=spf1 ?include:x.example ?include:y.example -a -all",
            ),
            (Some("v=spf1 a a:example.jp mx -all"), vec![], "v=spf1 a mx -all"),
            (Some("v=spf1 exp=x.example a -all"), vec!["mx exp=y.example"], "v=spf1 exp=x.example a mx -all"),
            (Some("v=spf1 a -all exp=x.example"), vec!["mx"], "v=spf1 a mx -all exp=x.example"),
            (
                Some("v=spf1 exists:%{i}.X.example -all"),
                vec!["exists:%{i}.x.example exists:%{I}.X.example exists:%{i}.X.example"],
                "v=spf1 exists:%{i}.X.example exists:%{i}.x.example exists:%{I}.X.example -all",
            ),
        ] {
            assert_eq!(text(&merged(existing, &parts, at("example.jp"))), wanted, "{existing:?} {parts:?}");
        }
    }

    #[test]
    fn the_site_decides_about_all() {
        let options = |all| Options { all: Some(all), ..at("e.example") };
        let fail = merged(Some("v=spf1 a ~all"), &["mx -all"], options(Qualifier::Fail));
        assert_eq!(text(&fail), "v=spf1 a mx -all");
        assert_eq!(notes(&fail), [(Note::AllIgnored, "~all", Some("-all"))]);
        assert_eq!(fail.terms.last().map(|term| term.origins.clone()), Some(vec![Origin::Site]));
        let same = merged(Some("v=spf1 a -ALL"), &["mx"], options(Qualifier::Fail));
        assert_eq!(text(&same), "v=spf1 a mx -ALL");
        assert_eq!(text(&merged(None, &[], options(Qualifier::Fail))), NO_MAIL);
    }

    #[test]
    fn what_is_dropped_is_told() {
        let dead = merged(
            Some("v=spf1 a -all include:dead.jp"),
            &["v=spf1 include:x.example ~all mx", "foo=bar ip4=192.0.2.1 exp=e.example"],
            at("e.example"),
        );
        assert_eq!(text(&dead), "v=spf1 a include:x.example -all");
        assert_eq!(
            notes(&dead),
            [
                (Note::AfterAll, "include:dead.jp", Some("-all")),
                (Note::AfterAll, "mx", Some("~all")),
                (Note::UnknownModifier, "foo=bar", None),
                (Note::UnknownModifier, "ip4=192.0.2.1", None),
                (Note::ExplanationDropped, "exp=e.example", None),
                (Note::AllIgnored, "~all", Some("-all")),
            ]
        );
        for note in &dead.notes {
            assert!(!note.text().en.is_empty() && !note.text().ja.is_empty());
        }
    }

    #[test]
    fn ranges_inside_ranges() {
        for (existing, parts, wanted) in [
            ("v=spf1 ip4:192.0.2.0/24 -all", vec!["ip4:192.0.2.7"], "v=spf1 ip4:192.0.2.0/24 -all"),
            ("v=spf1 ip4:192.0.2.7 -all", vec!["ip4:192.0.2.0/24"], "v=spf1 ip4:192.0.2.0/24 -all"),
            ("v=spf1 ip4:192.0.2.7 ip4:192.0.2.0/28 -all", vec!["ip4:192.0.2.0/24"], "v=spf1 ip4:192.0.2.0/24 -all"),
            // An earlier negative inside a later pass is alive.
            ("v=spf1 -ip4:192.0.2.7 -all", vec!["ip4:192.0.2.0/24"], "v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 -all"),
            // A later negative inside an earlier pass is dead.
            ("v=spf1 ip4:192.0.2.0/24 -all", vec!["-ip4:192.0.2.7"], "v=spf1 ip4:192.0.2.0/24 -all"),
            // Something in between that may decide otherwise.
            (
                "v=spf1 ip4:192.0.2.7 -ip4:192.0.2.0/28 -all",
                vec!["ip4:192.0.2.0/24"],
                "v=spf1 ip4:192.0.2.7 -ip4:192.0.2.0/28 ip4:192.0.2.0/24 -all",
            ),
            (
                "v=spf1 ip4:192.0.2.7 ?include:x.example -all",
                vec!["ip4:192.0.2.0/24"],
                "v=spf1 ip4:192.0.2.7 ?include:x.example ip4:192.0.2.0/24 -all",
            ),
            // A look-up in between may fail, and then the narrow range is the one that still passes.
            (
                "v=spf1 ip4:192.0.2.7 include:x.example -all",
                vec!["ip4:192.0.2.0/24"],
                "v=spf1 ip4:192.0.2.7 include:x.example ip4:192.0.2.0/24 -all",
            ),
            (
                "v=spf1 ip6:2001:db8::1 ip4:192.0.2.1 -all",
                vec!["ip6:2001:DB8::/32"],
                "v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 -all",
            ),
        ] {
            assert_eq!(text(&merged(Some(existing), &parts, at("e.example"))), wanted, "{existing} {parts:?}");
        }
        let wide = merged(Some("v=spf1 ip4:192.0.2.7 -all"), &["ip4:192.0.2.0/24"], at("e.example"));
        assert_eq!(origins(&wide).first(), Some(&("ip4:192.0.2.0/24", vec![Origin::Part(0), Origin::Existing])));
        assert_eq!(notes(&wide), [(Note::Covered, "ip4:192.0.2.7", Some("ip4:192.0.2.0/24"))]);
    }

    #[test]
    fn a_qualifier_is_never_lost() {
        let shadowed = merged(
            Some("v=spf1 ?include:x.example -ip4:192.0.2.0/24 -all"),
            &["include:x.example ip4:192.0.2.7"],
            at("e.example"),
        );
        assert_eq!(text(&shadowed), "v=spf1 ?include:x.example -ip4:192.0.2.0/24 include:x.example ip4:192.0.2.7 -all");
        assert_eq!(
            notes(&shadowed),
            [
                (Note::Shadowed, "include:x.example", Some("?include:x.example")),
                (Note::Shadowed, "ip4:192.0.2.7", Some("-ip4:192.0.2.0/24"))
            ]
        );
    }

    #[test]
    fn redirects() {
        use Qualifier::{Fail, Neutral, SoftFail};
        let kept = Note::RedirectConverted { all: SoftFail };
        for (existing, parts, options, wanted, note) in [
            (
                Some("v=spf1 ip4:192.0.2.1 redirect=d.example"),
                vec![],
                at("e.example"),
                "v=spf1 ip4:192.0.2.1 redirect=d.example",
                None,
            ),
            (
                Some("v=spf1 redirect=d.example ip4:192.0.2.1"),
                vec!["ip4:192.0.2.1 -all"],
                at("e.example"),
                "v=spf1 ip4:192.0.2.1 redirect=d.example",
                Some(Note::AllIgnored),
            ),
            (
                None,
                vec!["v=spf1 redirect=d.example", "redirect=D.example."],
                at("e.example"),
                "v=spf1 redirect=d.example",
                None,
            ),
            (
                Some("v=spf1 redirect=d.example"),
                vec!["include:x.example"],
                at("e.example"),
                "v=spf1 include:d.example include:x.example ~all",
                Some(kept),
            ),
            (
                Some("v=spf1 redirect=D.example a"),
                vec!["include:x.example"],
                at("e.example"),
                "v=spf1 a include:D.example include:x.example ~all",
                Some(kept),
            ),
            (
                Some("v=spf1 redirect=d.example"),
                vec!["include:x.example"],
                Options { redirect_all: Some(Fail), ..at("e.example") },
                "v=spf1 include:d.example include:x.example -all",
                Some(Note::RedirectConverted { all: Fail }),
            ),
            (
                Some("v=spf1 redirect=d.example"),
                vec!["include:x.example"],
                Options { redirect_all: Some(Neutral), ..at("e.example") },
                "v=spf1 include:d.example include:x.example ~all",
                Some(kept),
            ),
            (
                Some("v=spf1 redirect=d.example"),
                vec![],
                Options { all: Some(SoftFail), ..at("e.example") },
                "v=spf1 include:d.example ~all",
                Some(kept),
            ),
            (
                Some("v=spf1 redirect=d.example ~all"),
                vec!["mx"],
                at("e.example"),
                "v=spf1 mx ~all",
                Some(Note::RedirectIgnored),
            ),
            (
                Some("v=spf1 a -all"),
                vec!["redirect=d.example"],
                Options { redirect_all: Some(SoftFail), ..at("e.example") },
                "v=spf1 a include:d.example -all",
                Some(Note::RedirectConverted { all: Fail }),
            ),
            (
                Some("v=spf1 a"),
                vec!["redirect=d.example"],
                at("e.example"),
                "v=spf1 a include:d.example ~all",
                Some(kept),
            ),
            (
                None,
                vec!["redirect=d.example", "include:x.example"],
                at("e.example"),
                "v=spf1 include:d.example include:x.example ~all",
                Some(kept),
            ),
            (
                None,
                vec!["redirect=%{d}.d.example", "a"],
                at("e.example"),
                "v=spf1 include:%{d}.d.example a ~all",
                Some(kept),
            ),
        ] {
            let merged = merged(existing, &parts, options);
            assert_eq!(text(&merged), wanted, "{existing:?} {parts:?}");
            assert_eq!(
                merged.notes.iter().map(|note| note.kind).filter(|kind| *kind != Note::Duplicate).collect::<Vec<_>>(),
                Vec::from_iter(note),
                "{existing:?} {parts:?}"
            );
        }
    }

    #[test]
    fn a_bad_record_is_refused_by_name() {
        let good = Record::parse(b"v=spf1 a -all");
        let bad = Part { record: Record::parse(b"include:x.example a:192.0.2.1"), origin: "shop" };
        let error = merge(Some(&good), &[bad], at("e.example")).err();
        assert_eq!(
            error.as_ref().map(|error| (&error.origin, error.problem.term.as_str())),
            Some((&Origin::Part("shop"), "a:192.0.2.1"))
        );
        for text in ["v=spf1 -all ip4:192.0.2", "v=spf1; a -all", "v=spf1 redirect=a.example redirect=a.example"] {
            let error = merge::<usize>(Some(&Record::parse(text.as_bytes())), &[], at("e.example")).err();
            assert_eq!(error.map(|error| error.origin), Some(Origin::Existing), "{text}");
        }
        // Legal, so merged: what is only odd is for a finding to say.
        assert!(
            merge::<usize>(Some(&Record::parse(b"v=spf1 include:https://x.example -all")), &[], at("e.example"))
                .is_ok()
        );
    }

    #[test]
    fn a_merge_of_its_own_result_changes_nothing() {
        for (existing, parts) in [
            ("v=spf1 +a:sv14166.xserver.jp +mx ~all", vec!["include:spf.makeshop.jp", "a mx ip4:192.0.2.9/24"]),
            ("v=spf1 -ip4:192.0.2.7 redirect=d.example", vec!["ip4:192.0.2.0/24", "exp=x.example"]),
        ] {
            let once = merged(Some(existing), &parts, at("e.example"));
            let twice = merged(Some(text(&once)), &parts, at("e.example"));
            assert_eq!(text(&once), text(&twice));
        }
    }

    proptest! {
        /// What is left out changes no result: a merge answers as all the terms one after another do, even when an include is down.
        #[test]
        fn leaving_out_changes_no_result(
            existing in proptest::collection::vec("[-~?]?(ip4:10\\.0\\.0\\.[0-7]/(29|3[012])|include:x\\.jp)|ip4:10\\.0\\.0\\.[0-7]/(29|3[012])", 0..6),
            part in proptest::collection::vec("[-~?]?(ip4:10\\.0\\.0\\.[0-7]/(29|3[012])|include:x\\.jp)|ip4:10\\.0\\.0\\.[0-7]/(29|3[012])", 0..6),
            up in any::<bool>(),
        ) {
            let (existing, part) = (existing.join(" "), part.join(" "));
            let plain = format!("v=spf1 {existing} {part} -all");
            let merged = merged(Some(&format!("v=spf1 {existing} -all")), &[&part], at("e.example"));
            for last in 0..9 {
                let wanted = Small::new(&plain, up).ask(last);
                let found = Small::new(text(&merged), up).ask(last);
                // Fewer terms can only mean fewer look-ups.
                if wanted.trouble != Some(Trouble::TooManyLookups) {
                    prop_assert_eq!(wanted.verdict, found.verdict, "{} → {} for {}", plain, text(&merged), last);
                }
            }
        }
    }

    #[test]
    fn large_records_merge_in_bounded_time() {
        let nets: String = (0..4000).map(|n| format!("ip4:10.{}.{}.1 ", n / 250, n % 250)).collect();
        let merged = merged(Some(&format!("v=spf1 {nets}-all")), &["ip4:10.0.0.0/16", &nets], at("e.example"));
        assert!(merged.text().len() < 70_000);
    }
}

mod splitting {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A record that is cut answers as the whole one does, whatever its terms ask for and even when that is down (RFC 7208 §5.2).
        #[test]
        fn a_cut_changes_no_result(
            terms in proptest::collection::vec("[-~?+]?(ip4:10\\.0\\.0\\.[0-7]/(29|3[012])|include:[xyz]\\.jp|a|mx|a/30|mx/31|exists:[xn]\\.jp)", 2..12),
            end in "[-~?+]all|redirect=[xz]\\.jp|exp=x\\.jp -all",
            most in 40usize..160,
            up in any::<bool>(),
        ) {
            let whole = format!("v=spf1 {} {end}", terms.join(" "));
            let cut = split(&Record::parse(whole.as_bytes()), "e.example", most, |n| format!("_spf{n}.e.example"));
            let Some(Split { main, parts }) = cut else { return Ok(()) };
            prop_assert!(main.len() <= most && parts.iter().all(|(_, text)| text.len() <= most));
            let one = Small::new(&whole, up);
            let mut cut = Small::new(&main, up);
            cut.records.extend(parts);
            for last in 0..9 {
                let (wanted, found) = (one.ask(last), cut.ask(last));
                // The includes of the parts are look-ups more; whoever cuts counts them.
                if found.trouble != Some(Trouble::TooManyLookups) {
                    prop_assert_eq!(wanted.verdict, found.verdict, "{} → {:?} for {}", whole, cut.records, last);
                }
            }
        }
    }
}
