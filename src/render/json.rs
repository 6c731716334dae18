//! `--format json`: everything, as data. Version 1 is a published contract, so its types are its own; a field is added without a new
//! version, never changed or taken away. README.md describes it.

use serde::Serialize;

use crate::catalogue::facts::Evidence;
use crate::catalogue::limits::{Limit, LimitOrigin, LimitValue};
use crate::compose::{Intent, Origin};
use crate::fit::{Cause, Effect, FittedZone, Standing, Strength, Substitution, Way};
use crate::report::json::{FindingJson, PlaceJson, TextJson, describe_all, place, text, written};
use crate::zone::{Rdata, Rtype};

use super::{Format, Input, Product, file_name};

/// The format.
pub const FORMAT: Format = Format {
    name: "json",
    en: "everything as data, version 1",
    ja: "すべてをデータとして（第 1 版）",
    write,
    carrier: None,
    joins: true,
};

/// The version of the format.
pub const VERSION: u32 = 1;

/// The whole document.
#[derive(Serialize)]
struct Document<'a> {
    /// Always 1 for this format.
    version: u32,
    /// The domain in A-labels, without the final dot.
    domain: String,
    /// The domain as people write it, where that differs.
    domain_unicode: Option<&'a str>,
    /// The own zone first, then delegated subzones.
    zones: Vec<Zone>,
    /// All findings, errors first.
    findings: Vec<FindingJson>,
}

/// A zone.
#[derive(Serialize)]
struct Zone {
    /// Apex, without the final dot.
    origin: String,
    /// The registrar's id; `null` = unknown.
    registrar: Option<String>,
    /// The active records.
    records: Vec<Record>,
    /// Records that lost a conflict.
    inactive: Vec<Inactive>,
    /// Records that are left out for now.
    left_out: Vec<InsteadJson>,
    /// Records whose value the site does not have yet.
    blanks: Vec<Blank>,
    /// Records that the sender's own panel makes by a switch.
    switches: Vec<Blank>,
    /// Text of the MTA-STS policy.
    mta_sts_policy: Option<String>,
}

/// A record.
#[derive(Serialize)]
struct Record {
    /// Owner, without the final dot.
    name: String,
    /// Type.
    #[serde(rename = "type")]
    rtype: String,
    /// Seconds.
    ttl: u32,
    /// Presentation format.
    value: String,
    /// RDATA in hexadecimal.
    octets: String,
    /// Of a TXT: its strings joined, in hexadecimal; `null` for other types.
    text: Option<String>,
    /// What it is for: `spf`, `dkim-key`, `dkim-cname`, `dmarc`, `mta-sts`, `tls-rpt`, `bimi`, `caa`, `no-mail`, `by-hand`, or the template's
    /// purpose: `mx`, `web`, `return-path`, `verification`, `client`, `delegation`, `other`.
    purpose: &'static str,
    /// Who wants it.
    origins: Vec<OriginJson>,
    /// Of an SPF record: each term and who wants it; empty for all others.
    terms: Vec<Term>,
    /// What the form does to it.
    fit: Fit,
}

/// A term of an SPF record.
#[derive(Serialize)]
struct Term {
    /// As it stands in the record.
    term: String,
    /// Who wants it.
    origins: Vec<OriginJson>,
    /// The include that it was written out from (`[spf] flatten`).
    #[serde(skip_serializing_if = "Option::is_none")]
    written_out_from: Option<String>,
}

/// Who wants a record, and where site.toml says so.
#[derive(Serialize)]
struct OriginJson {
    /// The company's name.
    company: TextJson,
    /// The template's id; `null` for the site itself and companies without one.
    provider: Option<String>,
    /// The place in site.toml.
    place: Option<PlaceJson>,
    /// Whether a `[[record]]` wrote it.
    by_hand: bool,
}

/// What the form does to a record.
#[derive(Serialize)]
struct Fit {
    /// `as-is`, `reshaped`, `switch`, `substituted`, `unverified`, `damaged`, `refused`.
    outcome: &'static str,
    /// Why; several may act at once.
    causes: Vec<CauseJson>,
    /// Ways round, by rank.
    ways: Vec<WayJson>,
    /// What was wanted and this record stands for.
    instead_of: Option<InsteadJson>,
}

/// What, of which limit, does something to a record.
#[derive(Serialize)]
struct CauseJson {
    /// Id of the finding that says it.
    id: &'static str,
    /// `refuses`, `damages`, `reshapes`, `substitutes`.
    effect: &'static str,
    /// Whether that is firmly known.
    known: bool,
    /// Key of the limit.
    limit: &'static str,
    /// Its value, as TOML writes it.
    limit_value: String,
    /// What was measured, in the limit's unit.
    measured: Option<u64>,
    /// Where the limit comes from; empty = the site's own `[limits]`.
    sources: Vec<SourceJson>,
}

/// A record and nothing about it.
#[derive(Serialize)]
struct PlainRecord {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    value: String,
    octets: String,
}

/// A way round.
#[derive(Serialize)]
struct WayJson {
    /// The word of `[[way]] use`.
    #[serde(rename = "use")]
    way: &'static str,
    /// `works`, `conditional`, `blocked`.
    standing: &'static str,
    /// The facts that it rests on and that are not known.
    conditions: Vec<TextJson>,
    /// Why it is blocked.
    why: Option<TextJson>,
    /// Everything it needs stands in site.toml.
    ready: bool,
    title: TextJson,
    effort: TextJson,
    cost: TextJson,
    risk: TextJson,
    care: TextJson,
    /// What is entered in this zone.
    here: Vec<PlainRecord>,
    /// What the keyzone gets.
    keyzone: Vec<PlainRecord>,
    /// Lines of site.toml that make it happen.
    write: Option<String>,
}

/// What a record stands for.
#[derive(Serialize)]
struct InsteadJson {
    #[serde(rename = "use")]
    way: &'static str,
    wanted: PlainRecord,
    why: TextJson,
}

/// A source of a limit.
#[derive(Serialize)]
struct SourceJson {
    url: String,
    date: String,
    /// `documented`, `third-party-doc`, …
    confidence: &'static str,
    /// What else it says.
    note: String,
}

/// A record that is not active.
#[derive(Serialize)]
struct Inactive {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    value: String,
    octets: String,
    origins: Vec<OriginJson>,
    why: TextJson,
}

/// A record without a value.
#[derive(Serialize)]
struct Blank {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    origins: Vec<OriginJson>,
    /// Where to get it, or which switch.
    how: TextJson,
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|o| format!("{o:02x}")).collect()
}

fn purpose(intent: &Intent) -> &'static str {
    use crate::catalogue::sender::Purpose;
    match intent {
        Intent::Spf { .. } => "spf",
        Intent::DkimKey { .. } => "dkim-key",
        Intent::DkimCname { .. } => "dkim-cname",
        Intent::Dmarc | Intent::Template { purpose: Purpose::Dmarc, .. } => "dmarc",
        Intent::MtaSts => "mta-sts",
        Intent::TlsRpt => "tls-rpt",
        Intent::Bimi => "bimi",
        Intent::Caa => "caa",
        Intent::NoMail => "no-mail",
        Intent::ByHand => "by-hand",
        Intent::Template { purpose, .. } => match purpose {
            Purpose::Mx => "mx",
            Purpose::Web => "web",
            Purpose::ReturnPath => "return-path",
            Purpose::Verification => "verification",
            Purpose::Client => "client",
            Purpose::Delegation => "delegation",
            Purpose::Dmarc | Purpose::Other => "other",
        },
    }
}

fn limit_value(limit: &Limit) -> String {
    let quoted = |w: &String| format!("\"{w}\"");
    match &limit.value {
        LimitValue::Number(n) => n.to_string(),
        LimitValue::Flag(f) => f.to_string(),
        LimitValue::Word(w) => quoted(w),
        LimitValue::Words(w) => format!("[{}]", w.iter().map(quoted).collect::<Vec<_>>().join(", ")),
        LimitValue::Numbers(n) => format!("[{}]", n.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
        LimitValue::PerType(m) => {
            format!("{{ {} }}", m.iter().map(|(k, v)| format!("{k} = {v}")).collect::<Vec<_>>().join(", "))
        }
    }
}

fn cause(cause: &Cause) -> CauseJson {
    let source = |e: &Evidence| SourceJson {
        url: e.url.clone(),
        date: e.date.clone(),
        confidence: e.trust.word(),
        note: e.note.clone(),
    };
    CauseJson {
        id: cause.id,
        effect: match cause.effect {
            Effect::Refuses => "refuses",
            Effect::Damages => "damages",
            Effect::Reshapes => "reshapes",
            Effect::Substitutes => "substitutes",
        },
        known: cause.strength == Strength::Known,
        limit: cause.limit.key.name,
        limit_value: limit_value(&cause.limit),
        measured: cause.measured,
        sources: match &cause.limit.origin {
            LimitOrigin::Site(_) => Vec::new(),
            LimitOrigin::Catalogue(evidence) => evidence.iter().map(source).collect(),
        },
    }
}

fn plain_record(record: &crate::zone::Record) -> PlainRecord {
    PlainRecord {
        name: record.name.display_without_dot().to_string(),
        rtype: record.rtype.to_string(),
        value: record.rdata.present(record.rtype),
        octets: hex(record.rdata.octets()),
    }
}

fn way(way: &Way) -> WayJson {
    let (standing, conditions, why) = match &way.standing {
        Standing::Works => ("works", Vec::new(), None),
        Standing::Conditional(conditions) => ("conditional", conditions.iter().map(|c| text(&c.what)).collect(), None),
        Standing::Blocked(why) => ("blocked", Vec::new(), Some(text(why))),
    };
    WayJson {
        way: way.kind.word(),
        standing,
        conditions,
        why,
        ready: way.ready,
        title: text(&way.title),
        effort: text(&way.price.effort),
        cost: text(&way.price.cost),
        risk: text(&way.price.risk),
        care: text(&way.price.care),
        here: way.here.iter().map(plain_record).collect(),
        keyzone: way.there.iter().map(plain_record).collect(),
        write: way.write.clone(),
    }
}

fn instead(substitution: &Substitution) -> InsteadJson {
    InsteadJson {
        way: substitution.kind.word(),
        wanted: plain_record(&substitution.wanted),
        why: text(&substitution.why),
    }
}

struct Writer<'a, 'w>(&'w Input<'a>);

impl Writer<'_, '_> {
    fn origins(&self, origins: &[Origin]) -> Vec<OriginJson> {
        origins
            .iter()
            .map(|o| OriginJson {
                company: text(&self.0.fitted.composed.party(o)),
                provider: self.0.fitted.composed.parties.get(o.party).and_then(|p| p.id.clone()),
                place: o.span.map(|s| place(s, self.0.sources)),
                by_hand: o.by_hand,
            })
            .collect()
    }

    fn value(rtype: Rtype, rdata: &Rdata) -> (String, String) {
        (rdata.present(rtype), hex(rdata.octets()))
    }

    fn zone(&self, zone: &FittedZone<'_>) -> Zone {
        let composed = zone.composed;
        let mut records = Vec::new();
        for (set, member, fitted) in zone.each() {
            let (value, octets) = Self::value(set.rtype, &member.rdata);
            let terms = match &member.intent {
                Intent::Spf { terms, written_out, .. } => terms
                    .iter()
                    .map(|(term, origins)| Term {
                        term: term.clone(),
                        origins: self.origins(origins),
                        written_out_from: written_out.iter().find(|(t, _)| t == term).map(|(_, of)| of.clone()),
                    })
                    .collect(),
                _ => Vec::new(),
            };
            records.push(Record {
                name: set.name.display_without_dot().to_string(),
                rtype: set.rtype.to_string(),
                ttl: set.ttl.seconds(),
                value,
                octets,
                text: (set.rtype == Rtype::TXT).then(|| hex(&member.rdata.txt_joined())),
                purpose: purpose(&member.intent),
                origins: self.origins(&member.origins),
                terms,
                fit: Fit {
                    outcome: fitted.outcome.word(),
                    causes: fitted.causes.iter().map(cause).collect(),
                    ways: fitted.ways.iter().map(way).collect(),
                    instead_of: zone.stands_for(fitted).map(instead),
                },
            });
        }
        let inactive = composed
            .losers
            .iter()
            .map(|l| {
                let (value, octets) = Self::value(l.record.rtype, &l.record.rdata);
                Inactive {
                    name: l.record.name.display_without_dot().to_string(),
                    rtype: l.record.rtype.to_string(),
                    value,
                    octets,
                    origins: self.origins(&l.origins),
                    why: text(&l.why),
                }
            })
            .collect();
        let blanks = composed.blanks.iter().map(|b| Blank {
            name: b.name.display_without_dot().to_string(),
            rtype: b.rtype.to_string(),
            origins: self.origins(&[b.origin]),
            how: text(&b.find),
        });
        let switches = composed.switched.iter().map(|s| Blank {
            name: s.name.display_without_dot().to_string(),
            rtype: s.rtype.to_string(),
            origins: self.origins(&[s.origin]),
            how: text(&s.how),
        });
        Zone {
            origin: composed.origin.display_without_dot().to_string(),
            registrar: zone.registrar.map(|r| r.id.clone()),
            records,
            inactive,
            left_out: zone.substitutions.iter().filter(|s| s.here.is_empty()).map(instead).collect(),
            blanks: blanks.collect(),
            switches: switches.collect(),
            mta_sts_policy: composed.mta_sts_policy.clone(),
        }
    }
}

fn write(input: &Input<'_>) -> Vec<Product> {
    let writer = Writer(input);
    let document = Document {
        version: VERSION,
        domain: input.site.domain.value.display_without_dot().to_string(),
        domain_unicode: input.site.domain_unicode.as_deref(),
        zones: input.fitted.zones().map(|z| writer.zone(z)).collect(),
        findings: describe_all(input.findings, input.sources),
    };
    vec![Product { name: file_name(&input.site.domain.value, "json"), text: written(&document) }]
}
