//! The specification's rules, one by one: what a template may say, and where a mistake is told.

use crate::catalogue::sender::{Role, Sender, SpfNeeded};
use crate::report::{Severity, Sources};
use crate::toml_reader::Sink;

/// A template with these records, the first one on line 2.
fn template(records: &str) -> String {
    format!(
        "{{\"providerId\": \"example.net\", \"providerName\": \"Example\", \"serviceId\": \"mail\", \"serviceName\": \"Mail\", \"records\": [\n{records}\n]}}"
    )
}

/// The template and what is told of it: severity, line, column and sentence.
fn read(text: &str) -> (Option<Sender>, Vec<String>) {
    let mut sources = Sources::default();
    let sink = Sink::new(sources.add("x.json", text.to_owned()));
    let sender = super::parse(text, &sink);
    let told = sink
        .into_findings()
        .iter()
        .map(|f| {
            let (line, column) = f.primary().map_or((0, 0), |s| sources.line_column(s.file, s.start));
            let severity = match f.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Advice => "advice",
            };
            format!("{severity} {line}:{column} {}", f.title.en)
        })
        .collect();
    (sender, told)
}

/// A template without findings.
fn sound(records: &str) -> Sender {
    let (sender, told) = read(&template(records));
    assert_eq!(told, [""; 0], "{records}");
    sender.unwrap()
}

/// The only thing that is told of a template with one record.
fn one(record: &str) -> String {
    let (_, told) = read(&template(record));
    assert_eq!(told.len(), 1, "{record}: {told:#?}");
    told[0].clone()
}

#[test]
fn what_is_no_template_is_told_at_its_place() {
    for (text, wanted) in [
        ("", "error 1:1 this is not JSON: a value is wanted here, not the end of the file"),
        ("{\n  \"records\": [1,]\n}", "error 2:17 this is not JSON: a value is wanted here, not `]`"),
        ("[]", "error 1:1 a template is an object, not a list"),
    ] {
        assert_eq!(read(text).1, [wanted], "{text}");
    }
    let (sender, told) = read("{\"providerID\": \"a\", \"serviceId\": 1}");
    assert!(sender.is_none());
    assert_eq!(
        told,
        [
            "error 1:1 `providerName` is missing",
            "error 1:1 `serviceName` is missing",
            "error 1:1 `records` is missing",
            "error 1:2 `providerId` is missing",
            "error 1:34 `serviceId` must be a string, not a number",
        ]
    );
}

#[test]
fn properties_are_looked_at_and_unknown_ones_ignored() {
    let with = |more: &str| template("").replacen('{', &format!("{{{more}, "), 1);
    for (more, wanted) in [
        ("\"syncBlock\": \"no\"", "warning 1:15 `syncBlock` must be true or false, not a string"),
        ("\"version\": 1.5", "warning 1:13 `version` must be a whole number from 1, not a number"),
        ("\"hostRequired\": 1", "error 1:18 `hostRequired` must be true or false, not a number"),
        ("\"templateSpecVersion\": 2", "error 1:25 only version 1 of the template specification is known"),
        (
            "\"crit\": [\"vnd.a\"], \"vnd.a\": 1",
            "error 1:11 `vnd.a` is not known here, and the template says that it must be",
        ),
        ("\"version\": 1, \"version\": 2", "error 1:16 `version` stands twice"),
    ] {
        let (_, mut told) = read(&with(more));
        // That it has no records is told besides.
        assert!(told.pop().is_some_and(|t| t.ends_with("there are no records")), "{more}");
        assert_eq!(told, [wanted], "{more}");
    }
    let harmless = "\"vnd.example.x\": [1], \"somethingNew\": {}, \"crit\": [\"version\", \"notHere\"], \"templateSpecVersion\": 1";
    assert_eq!(read(&with(harmless)).1.len(), 1);
    let (_, told) = read(&template("").replace("\"example.net\"", "\"../x\""));
    assert_eq!(told[0], "error 1:16 `providerId` is 1 to 63 letters, digits, - _ .");
}

#[test]
fn each_type_needs_its_fields() {
    for (record, wanted) in [
        ("{\"host\": \"@\"}", "error 2:1 a record needs `type`"),
        ("{\"type\": \"A\", \"host\": \"@\"}", "error 2:10 A needs `pointsTo`"),
        ("{\"type\": \"CNAME\", \"host\": \"x\", \"pointTo\": \"a.example.net\"}", "error 2:32 CNAME needs `pointsTo`"),
        ("{\"type\": \"MX\", \"host\": \"@\", \"pointsTo\": \"a.example.net\"}", "error 2:10 MX needs `priority`"),
        ("{\"type\": \"TXT\", \"data\": \"x\"}", "error 2:10 TXT needs `host`"),
        ("{\"type\": \"SPFM\", \"host\": \"@\"}", "error 2:10 SPFM needs `spfRules`"),
        ("{\"type\": \"CAA\", \"host\": \"@\"}", "error 2:10 CAA needs `data`"),
        ("{\"type\": \"REDIR301\", \"host\": \"@\"}", "error 2:10 REDIR301 needs `target`"),
        (
            "{\"type\": \"SRV\", \"name\": \"@\", \"service\": \"_sip\", \"protocol\": \"_tcp\", \"weight\": 1, \"port\": 1, \"target\": \"a.example.net\"}",
            "error 2:10 SRV needs `priority`",
        ),
        (
            "{\"type\": \"A\", \"host\": 1, \"pointsTo\": \"192.0.2.1\"}",
            "error 2:23 `host` must be a string, not a number",
        ),
        (
            "{\"type\": \"a\", \"host\": \"@\", \"pointsTo\": \"192.0.2.1\"}",
            "error 2:10 `a` is not a record type that is known here",
        ),
        (
            "{\"type\": \"REDIR303\", \"target\": \"x\"}",
            "error 2:10 `REDIR303` is not a record type that is known here",
        ),
        (
            "{\"type\": \"SOA\", \"host\": \"@\", \"data\": \"x\"}",
            "error 2:10 SOA is made by the name server, not by a template",
        ),
        (
            // RFC 3597 §5: TYPE16 is TXT, whose data here is its text and not presentation format.
            "{\"type\": \"TYPE16\", \"host\": \"@\", \"data\": \"\\\"x\\\"\"}",
            "error 2:10 `TYPE16` is written TXT, with the fields of that",
        ),
        ("7", "error 2:1 `records` must be a list of objects, not a number"),
    ] {
        assert_eq!(one(record), wanted, "{record}");
    }
}

#[test]
fn values_are_told_at_the_very_character() {
    for (record, wanted) in [
        (
            "{\"type\": \"A\", \"host\": \"@\", \"pointsTo\": \"@\"}",
            "error 2:40 `pointsTo` of A is an IPv4 address, not `@`",
        ),
        (
            "{\"type\": \"AAAA\", \"host\": \"@\", \"pointsTo\": \"192.0.2.1\"}",
            "error 2:43 `pointsTo` of AAAA is an IPv6 address, not `192.0.2.1`",
        ),
        ("{\"type\": \"NS\", \"host\": \"a\", \"pointsTo\": \"@\"}", "error 2:41 an NS can't point at the name itself"),
        (
            "{\"type\": \"CNAME\", \"host\": \"a b\", \"pointsTo\": \"x.example.net\"}",
            "error 2:29 `host` is a name; “ ” can't be in it",
        ),
        (
            // UTS 46 makes a full-width sign a plain one, which no name has, and which would make a variable of this.
            "{\"type\": \"CNAME\", \"host\": \"％v％\", \"pointsTo\": \"x.example.net\"}",
            "error 2:28 `host` is a name; “%” can't be in it",
        ),
        (
            "{\"type\": \"CNAME\", \"host\": \"@.x\", \"pointsTo\": \"x.example.net\"}",
            "error 2:28 `@` stands alone, or not at all",
        ),
        (
            "{\"type\": \"CNAME\", \"host\": \"x\", \"pointsTo\": \"%a b%\"}",
            "error 2:45 this % begins no variable: they are %name%, of letters, digits, - and _",
        ),
        (
            "{\"type\": \"CNAME\", \"host\": \"a..b\", \"pointsTo\": \"x.example.net\"}",
            "error 2:27 this gives no valid record: there is nothing between two dots of the name",
        ),
        (
            "{\"type\": \"MX\", \"host\": \"@\", \"pointsTo\": \"x.example.net\", \"priority\": 65536}",
            "error 2:70 `priority` is a whole number from 0 to 65535, not 65536",
        ),
        (
            "{\"type\": \"MX\", \"host\": \"@\", \"pointsTo\": \"x.example.net\", \"priority\": \"1%p%\"}",
            "error 2:70 in `priority` a variable is the whole value, not a part of it as in `1%p%`",
        ),
        (
            "{\"type\": \"TXT\", \"host\": \"@\", \"data\": \"x\", \"ttl\": -1}",
            "error 2:50 `ttl` is a whole number from 0 to 2147483647, not -1",
        ),
        (
            "{\"type\": \"TXT\", \"host\": \"@\", \"data\": \"x\", \"ttl\": true}",
            "error 2:50 `ttl` must be a number, not true or false",
        ),
        (
            "{\"type\": \"TXT\", \"host\": \"@\", \"data\": \"a\\u0007\"}",
            "error 2:38 `data` has the control character U+0007 in it",
        ),
        ("{\"type\": \"SPFM\", \"host\": \"@\", \"spfRules\": \" \"}", "error 2:43 `spfRules` is empty"),
        (
            "{\"type\": \"TXT\", \"host\": \"@\", \"data\": \"x\", \"groupId\": \"%g%\"}",
            "error 2:54 `groupId` is 1 to 63 letters, digits, - _ . without variables",
        ),
        ("{\"type\": \"REDIR302\", \"target\": \"a b\"}", "error 2:32 `target` is a domain or the address of a page"),
        (
            "{\"type\": \"TXT\", \"host\": \"@\", \"data\": \"x\", \"crit\": [\"new\"], \"new\": 1}",
            "error 2:52 `new` is not known here, and the template says that it must be",
        ),
    ] {
        let (_, told) = read(&template(record));
        assert_eq!(told.first().map(String::as_str), Some(wanted), "{record}: {told:#?}");
    }
}

#[test]
fn what_breaks_the_specification_without_changing_a_record_warns() {
    let txt = |more: &str| format!("{{\"type\": \"TXT\", \"host\": \"x\", \"data\": \"y\", {more}}}");
    for (record, wanted) in [
        (txt("\"essential\": \"No\""), "warning 2:56 `essential` is Always or OnApply, not No; read as Always"),
        (
            txt("\"txtConflictMatchingMode\": \"Some\""),
            "warning 2:70 `txtConflictMatchingMode` is None, All or Prefix, not Some; read as None",
        ),
        (
            txt("\"txtConflictMatchingMode\": \"Prefix\""),
            "warning 2:70 the mode Prefix needs `txtConflictMatchingPrefix`; it is not used",
        ),
        (
            txt("\"txtConflictMatchingPrefix\": \"v=\""),
            "warning 2:72 `txtConflictMatchingPrefix` has no effect without the mode Prefix",
        ),
        (
            txt("\"txtConflictMatchingMode\": \"Prefix\", \"txtConflictMatchingPrefix\": \"%a%\""),
            "warning 2:109 `txtConflictMatchingPrefix` is printable ASCII without spaces and variables; it is not used",
        ),
        (
            "{\"type\": \"TXT\", \"host\": \"x\", \"data\": \"%state%\"}".to_owned(),
            "warning 2:39 `state` is a parameter of the protocol and no name for a variable",
        ),
        (
            "{\"type\": \"TXT\", \"host\": \"@\", \"data\": \"v=spf1 include:a.example.net -all\"}".to_owned(),
            "advice 2:38 a whole SPF record: it is merged like SPFM, which the specification wants here",
        ),
        (
            "{\"type\": \"SPFM\", \"host\": \"@\", \"spfRules\": \"mx -all\"}".to_owned(),
            "warning 2:43 `spfRules` has no `-all` by the specification; it decides nothing",
        ),
        (
            "{\"type\": \"A\", \"host\": \"www.%domain%\", \"pointsTo\": \"192.0.2.1\"}".to_owned(),
            "warning 2:23 `www.%domain%` has no final dot, so the domain is added once more",
        ),
    ] {
        assert_eq!(one(&record), wanted, "{record}");
    }
    let srv = "{\"type\": \"SRV\", \"name\": \"@\", \"service\": \"sip\", \"protocol\": \"TCP\", \"priority\": 1, \"weight\": 1, \"port\": 1, \"target\": \"a.example.net\"}";
    let (sender, told) = read(&template(srv));
    assert_eq!(told, ["warning 2:41 `service`: sip is read as _sip", "warning 2:60 `protocol`: TCP is read as _tcp"]);
    assert_eq!(sender.unwrap().records[0].name.value, "_sip._tcp");
}

#[test]
fn spf_with_a_mistake_is_told() {
    let told = one("{\"type\": \"SPFM\", \"host\": \"@\", \"spfRules\": \"include: spf.example.net\"}");
    assert!(told.starts_with("error 2:43 this gives no valid record: "), "{told}");
}

#[test]
fn two_variables_that_are_one_in_an_expression_are_told() {
    let told = one("{\"type\": \"TXT\", \"host\": \"x\", \"data\": \"%a-b% %a_b%\"}");
    assert_eq!(told, "error 2:45 the variables `a-b` and `a_b` differ only in - and _");
}

#[test]
fn spf_goes_to_the_applied_name_or_to_the_return_path_host() {
    let spfm =
        |host: &str| format!("{{\"type\": \"SPFM\", \"host\": \"{host}\", \"spfRules\": \"include:spf.example.net\"}}");
    let mx = |host: &str| {
        format!("{{\"type\": \"MX\", \"host\": \"{host}\", \"pointsTo\": \"mx.example.net\", \"priority\": 1}}")
    };
    let both = sound(&[spfm("@"), spfm("send")].join(","));
    let names = |s: &Sender| s.spf.terms.iter().map(|t| t.name.as_ref().map(|n| n.value.clone())).collect::<Vec<_>>();
    assert_eq!(
        (both.spf.needed, both.spf.host.is_none(), names(&both)),
        (SpfNeeded::VendorAsks, true, vec![None, Some("send".into())])
    );
    let bounce = sound(&[spfm("send"), spfm("other"), mx("SEND"), mx("in")].join(","));
    assert_eq!((bounce.spf.needed, names(&bounce)), (SpfNeeded::Subdomain, vec![None, Some("other".into())]));
    assert_eq!(bounce.spf.host.as_ref().map(|h| h.value.as_str()), Some("send"));
    assert_eq!(bounce.records.iter().map(|r| r.purpose.word()).collect::<Vec<_>>(), ["return-path", "mx"]);
    assert_eq!(bounce.default_roles, [Role::Send, Role::Receive]);
}

#[test]
fn what_does_not_send_has_no_role_that_sends() {
    let logo = sound("{\"type\": \"TXT\", \"host\": \"default._bimi\", \"data\": \"v=BIMI1; l=%logo%\"}");
    assert_eq!((logo.default_roles, logo.spf.needed), (vec![Role::Verify], SpfNeeded::No));
    let web = sound(
        "{\"type\": \"A\", \"host\": \"@\", \"pointsTo\": \"192.0.2.1\"},{\"type\": \"CNAME\", \"host\": \"_acme-challenge\", \"pointsTo\": \"a.example.net\"}",
    );
    assert_eq!(web.default_roles, [Role::Web]);
}

#[test]
fn names_in_other_scripts_become_what_dns_holds() {
    let sender = sound("{\"type\": \"CNAME\", \"host\": \"ショップ.%a%\", \"pointsTo\": \"bücher.example.net\"}");
    // RFC 3492: xn--bcher-kva is the A-label of bücher, xn--xckya1d0c that of ショップ.
    assert_eq!(sender.records[0].name.value, "xn--xckya1d0c.{{ a }}");
    assert_eq!(sender.records[0].value.value, "xn--bcher-kva.example.net");
}

/// Whatever stands in it: no panic, and an end.
#[test]
fn any_text_ends() {
    let hostile = [
        template("{\"type\": \"TXT\", \"host\": \"%%%\", \"data\": \"{{ range(10) }}{% for %}\"}"),
        template("{\"type\": \"TXT\", \"host\": \"\\ud83d\\ude00\", \"data\": \"\\\"\"}"),
        template(&"{\"type\": \"A\", \"host\": \"@\", \"pointsTo\": \"%a%\"},".repeat(5_000)),
        template(&format!("{{\"type\": \"TXT\", \"host\": \"x\", \"data\": \"{}\"}}", "%a%".repeat(50_000))),
        template(&format!(
            "{{\"type\": \"CNAME\", \"host\": \"{}\", \"pointsTo\": \"{}\"}}",
            "a.".repeat(10_000),
            "x".repeat(70)
        )),
    ];
    for text in hostile {
        let _ = read(&text);
    }
}

#[test]
fn what_is_told_of_a_hostile_template_is_bounded() {
    let record = "{\"type\": \"A\", \"host\": \"@\", \"pointsTo\": \"192.0.2.1\"}";
    assert_eq!(sound(&vec![record; 1_000].join(",")).records.len(), 1_000);
    let (sender, told) = read(&template(&vec!["{}"; 1_001].join(",")));
    assert!(sender.is_none());
    assert_eq!(told, ["error 1:113 1001 records; at most 1000 are read"]);
    // A key that stands there a hundred times is told once.
    let keys = vec!["\"a\": 1"; 100].join(", ");
    let (_, told) = read(&template(record).replacen('{', &format!("{{{keys}, "), 1));
    assert_eq!(told, ["error 1:10 `a` stands twice"]);
    // More than an expression may be: its whole text is not repeated.
    let long = one(&format!("{{\"type\": \"TXT\", \"host\": \"@\", \"data\": \"{}\"}}", "%a%".repeat(10_000)));
    assert!(long.starts_with("error 2:38 this gives no valid record: ") && long.len() < 400, "{}", long.len());
}

/// Work grows with the template, not with its square: a thousand variables, each in a record of its own.
#[test]
fn many_variables_are_tried_out_in_bounded_time() {
    let record = |i: usize| format!("{{\"type\": \"TXT\", \"host\": \"h{i}\", \"data\": \"%v{i}%\"}}");
    let records = (0..1_000).map(record).collect::<Vec<_>>().join(",");
    assert_eq!(sound(&records).variables.len(), 1_000);
}
