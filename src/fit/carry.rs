//! What an output format for another tool can carry, and what applying it does to the records that it does not name. One table entry a tool,
//! each with where that is known from; what is not known stands there as carried. Prints nothing.

use std::collections::{BTreeSet, HashSet};
use std::ops::RangeInclusive;

use crate::compose::{ComposedZone, Loser, Member, RrSet};
use crate::mail::{dkim, dmarc, spf};
use crate::report::{Finding, Text, excerpt};
use crate::say;
use crate::zone::{Current, Name, Record, Rtype, text};

use super::model::{Fitted, FittedZone, Outcome};

/// What a tool deletes of a zone when it applies the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// Nothing: it adds, or minds only what it made itself.
    Nothing,
    /// Other records of a name and type that the output names.
    Sets,
    /// Every record that the output does not have.
    Zone,
}

/// Which names can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// All of them: the tool documents an escape.
    Any,
    /// Letters, digits, `_` and inner hyphens; `*` alone as the first label of an owner.
    Plain,
}

/// Which octets a text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Octets {
    /// All of them: the tool documents an escape.
    Any,
    /// Printable ASCII.
    Printable,
}

/// What a tool can carry.
#[derive(Clone, Debug)]
pub struct Carrier {
    /// What the tool is called in a sentence.
    pub name: &'static str,
    /// Where this is known from.
    pub source: &'static str,
    /// What it deletes.
    pub replaces: Replaces,
    /// Whether its output can say that a record is to go.
    pub deletes: bool,
    /// The types that its output has a form for; none = all, `TYPEnnn` too.
    pub types: Option<&'static [Rtype]>,
    /// Owners and targets.
    pub names: Names,
    /// TXT and the values of CAA.
    pub octets: Octets,
    /// Most characters of one string of a TXT as it is written, escapes included; none = 255 octets, as DNS has it.
    pub string_max: Option<usize>,
    /// Most characters of a value as it is written.
    pub value_max: Option<usize>,
    /// Most octets of a record on the wire, without compression.
    pub record_max: Option<usize>,
    /// Most octets on the wire or characters as written, whichever is more, of one name and type together.
    pub set_max: Option<usize>,
    /// TTLs.
    pub ttl: RangeInclusive<u32>,
    /// Whether NS of the zone itself are taken.
    pub apex_ns: bool,
    /// Whether addresses of name servers below a subzone that has an output of its own are taken.
    pub glue: bool,
    /// What else keeps a record out.
    pub also: fn(&RrSet, &Member) -> Option<Text>,
}

/// A TTL as DNS has it (RFC 2181 §8).
const ANY_TTL: RangeInclusive<u32> = 0..=2_147_483_647;

/// A tool without limits: entries say only where theirs differ.
const CARRIER: Carrier = Carrier {
    name: "",
    source: "",
    replaces: Replaces::Nothing,
    deletes: false,
    types: None,
    names: Names::Any,
    octets: Octets::Any,
    string_max: None,
    value_max: None,
    record_max: None,
    set_max: None,
    ttl: ANY_TTL,
    apex_ns: true,
    glue: true,
    also: |_, _| None,
};

/// octoDNS 1.22 with its `YamlProvider`; read from the validators of the package (`octodns/record/*.py`, PyPI, 2026-11). It plans the deletion
/// of every record that the file does not have. A TXT is ASCII there; a target is a host name of at least two labels.
pub static OCTODNS: Carrier = Carrier {
    name: "octoDNS",
    source: "octodns 1.22.0 on PyPI, octodns/record",
    replaces: Replaces::Zone,
    types: Some(&[
        Rtype::A,
        Rtype::AAAA,
        Rtype::CAA,
        Rtype::CNAME,
        Rtype::DNAME,
        Rtype::DS,
        Rtype::MX,
        Rtype::NS,
        Rtype::PTR,
        Rtype::SRV,
        Rtype::SSHFP,
        Rtype::TLSA,
        Rtype::TXT,
    ]),
    names: Names::Plain,
    octets: Octets::Printable,
    glue: false,
    also: octodns,
    ..CARRIER
};

/// DNSControl 4 (docs.dnscontrol.org: `TXT`, `CAA`, `NS`, `NO_PURGE`; `pkg/diff2/handsoff.go`, `models/t_caa.go` of the repository). With
/// `NO_PURGE` it keeps what has another name or type, and replaces the rest. What a provider behind it refuses is not known here.
pub static DNSCONTROL: Carrier = Carrier {
    name: "DNSControl",
    source: "docs.dnscontrol.org and the repository StackExchange/dnscontrol, version 4",
    replaces: Replaces::Sets,
    types: Some(&[
        Rtype::A,
        Rtype::AAAA,
        Rtype::CAA,
        Rtype::CNAME,
        Rtype::DNAME,
        Rtype::DS,
        Rtype::MX,
        Rtype::NS,
        Rtype::PTR,
        Rtype::SRV,
        Rtype::SSHFP,
        Rtype::TLSA,
        Rtype::TXT,
    ]),
    names: Names::Plain,
    octets: Octets::Printable,
    // A 0 becomes 300, its default (`pkg/normalize`).
    ttl: 1..=2_147_483_647,
    also: dnscontrol,
    ..CARRIER
};

/// Cloudflare's zone file import (developers.cloudflare.com/dns: "Import and export records", "DNS record types": 4096 octets a record, 8192
/// characters a name and type; "Nameserver options": NS of the apex are ignored; API reference: TTL 60 to 86400). It only adds. What it does with
/// escapes for octets that are not printable is not documented.
pub static CLOUDFLARE: Carrier = Carrier {
    name: "Cloudflare",
    source: "developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types",
    types: Some(&[
        Rtype::A,
        Rtype::AAAA,
        Rtype::CAA,
        Rtype::CERT,
        Rtype::CNAME,
        Rtype::DNSKEY,
        Rtype::DS,
        Rtype::HTTPS,
        Rtype::LOC,
        Rtype::MX,
        Rtype::NAPTR,
        Rtype::NS,
        Rtype::OPENPGPKEY,
        Rtype::PTR,
        Rtype::SMIMEA,
        Rtype::SRV,
        Rtype::SSHFP,
        Rtype::SVCB,
        Rtype::TLSA,
        Rtype::TXT,
        Rtype::URI,
    ]),
    names: Names::Plain,
    octets: Octets::Printable,
    record_max: Some(4096),
    set_max: Some(8192),
    ttl: 60..=86_400,
    apex_ns: false,
    ..CARRIER
};

/// Terraform with provider cloudflare/cloudflare 5 (its docs, `docs/resources/dns_record.md`); the limits are the API's, as for [`CLOUDFLARE`].
/// Terraform minds only the resources that it has in its state.
pub static TERRAFORM_CLOUDFLARE: Carrier = Carrier {
    name: "Terraform (Cloudflare)",
    source: "registry.terraform.io/providers/cloudflare/cloudflare, version 5, cloudflare_dns_record",
    types: Some(&[
        Rtype::A,
        Rtype::AAAA,
        Rtype::CAA,
        Rtype::CNAME,
        Rtype::DS,
        Rtype::MX,
        Rtype::NS,
        Rtype::PTR,
        Rtype::SRV,
        Rtype::SSHFP,
        Rtype::TLSA,
        Rtype::TXT,
    ]),
    names: Names::Plain,
    octets: Octets::Printable,
    record_max: Some(4096),
    set_max: Some(8192),
    ttl: 60..=86_400,
    apex_ns: false,
    ..CARRIER
};

/// The types of Route 53 (Developer Guide, "Supported DNS record types").
const ROUTE53_TYPES: &[Rtype] = &[
    Rtype::A,
    Rtype::AAAA,
    Rtype::CAA,
    Rtype::CNAME,
    Rtype::DS,
    Rtype::HTTPS,
    Rtype::MX,
    Rtype::NAPTR,
    Rtype::NS,
    Rtype::PTR,
    Rtype::SRV,
    Rtype::SSHFP,
    Rtype::SVCB,
    Rtype::TLSA,
    Rtype::TXT,
];

/// Route 53's ChangeResourceRecordSets (docs.aws.amazon.com/Route53: API reference `ResourceRecord`: 4000 characters a value; Developer Guide
/// "Supported DNS record types": 255 characters a string, octal escapes; "DNS domain name format"; `ChangeResourceRecordSets`). UPSERT
/// replaces a name and type. A hosted zone has NS of its own, which are AWS's. Whether escapes count to the 255 is not documented, so they do.
pub static ROUTE53: Carrier = Carrier {
    name: "Route 53",
    source: "docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html",
    replaces: Replaces::Sets,
    deletes: true,
    types: Some(ROUTE53_TYPES),
    string_max: Some(255),
    value_max: Some(4000),
    apex_ns: false,
    also: route53,
    ..CARRIER
};

/// Terraform with provider hashicorp/aws 6 (its docs, `aws_route53_record`); the limits are those of [`ROUTE53`]. How the provider compares names
/// with escapes is not documented. Without `allow_overwrite` it takes nothing that is there already.
pub static TERRAFORM_AWS: Carrier = Carrier {
    name: "Terraform (AWS)",
    source: "registry.terraform.io/providers/hashicorp/aws, version 6, aws_route53_record",
    names: Names::Plain,
    replaces: Replaces::Nothing,
    types: Some(ROUTE53_TYPES),
    string_max: Some(255),
    value_max: Some(4000),
    apex_ns: false,
    also: route53,
    ..CARRIER
};

/// `nsupdate` of BIND 9.18 (its manual; `bin/nsupdate/nsupdate.c`: lines of at most 128 KiB). An update is one message of at most 65,535 octets
/// (RFC 2136 §2), so a name and type, which is replaced in one update, has less.
pub static NSUPDATE: Carrier = Carrier {
    name: "nsupdate",
    source: "BIND 9.18, bin/nsupdate/nsupdate.c; RFC 2136 §2",
    replaces: Replaces::Sets,
    deletes: true,
    value_max: Some(120_000),
    record_max: Some(60_000),
    set_max: Some(60_000),
    ..CARRIER
};

/// What octoDNS makes of values that its own file format cannot tell apart from something else.
fn octodns(set: &RrSet, member: &Member) -> Option<Text> {
    let rdata = &member.rdata;
    match set.rtype {
        Rtype::TXT => {
            let text = rdata.txt_joined();
            // `\\;` is its `;`, and octodns-bind 1.1 writes any other backslash so that a name server drops it.
            if text.contains(&b'\\') {
                return Some(
                    say!(en: "its text has a backslash, which octoDNS loses", ja: "値にあるバックスラッシュ（\\）を octoDNS は正しく書けません"),
                );
            }
            text.windows(3).any(|w| w == b"\" \"").then(|| {
                say!(en: "its text has “\" \"”, which octoDNS takes for the border of two strings", ja: "値の「\" \"」を octoDNS は文字列の区切りと読みます")
            })
        }
        Rtype::CAA => quoted_caa(member),
        // `^(\*|_[^\.]+)\.[^\.]+` of octodns/record/srv.py.
        Rtype::SRV if !set.name.is_wildcard() && set.name.first_label().is_none_or(|l| l.first() != Some(&b'_')) => {
            Some(
                say!(en: "octoDNS takes an SRV only at a name that begins with “_”", ja: "octoDNS の SRV は「_」で始まる名前だけです"),
            )
        }
        _ => match rdata.target(set.rtype) {
            Some(target) if target.label_count() < 2 && !(target.is_root() && has_null(set.rtype)) => Some(
                say!(en: "octoDNS takes no target of one label", ja: "octoDNS は、ドットのない宛先を受け付けません"),
            ),
            _ => None,
        },
    }
}

/// A CAA value is written between quotes as it is.
fn quoted_caa(member: &Member) -> Option<Text> {
    let (_, _, value) = member.rdata.as_caa()?;
    value.iter().any(|o| matches!(o, b'"' | b'\\')).then(
        || say!(en: "its value has a quote or a backslash", ja: "値に引用符（\"）かバックスラッシュ（\\）があります"),
    )
}

/// Whether "." as the target says "nothing here" (RFC 7505, RFC 2782).
fn has_null(rtype: Rtype) -> bool {
    matches!(rtype, Rtype::MX | Rtype::SRV)
}

/// The tags and flags that DNSControl has words for.
fn dnscontrol(set: &RrSet, member: &Member) -> Option<Text> {
    const TAGS: [&str; 7] = ["issue", "issuewild", "iodef", "contactemail", "contactphone", "issuemail", "issuevmc"];
    if set.rtype != Rtype::CAA {
        return None;
    }
    let (flags, tag, _) = member.rdata.as_caa()?;
    if !TAGS.contains(&tag) {
        return Some(say!(en: "DNSControl has no CAA tag “{tag}”", ja: "DNSControl に CAA の「{tag}」はありません"));
    }
    (!matches!(flags, 0 | 128))
        .then(|| say!(en: "DNSControl has only the CAA flags 0 and 128", ja: "DNSControl の CAA のフラグは 0 か 128 だけです"))
}

/// Route 53 documents escapes for names and TXT only.
fn route53(set: &RrSet, member: &Member) -> Option<Text> {
    match set.rtype {
        Rtype::CAA => quoted_caa(member),
        Rtype::A | Rtype::AAAA | Rtype::CNAME | Rtype::MX | Rtype::NS | Rtype::PTR | Rtype::SRV | Rtype::TXT => None,
        rtype => member.rdata.present(rtype).contains('\\').then(
            || say!(en: "Route 53 documents no escapes for this type", ja: "Route 53 の資料に、この種類のエスケープの書き方がありません"),
        ),
    }
}

/// What becomes of a record in the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is written.
    Written,
    /// A switch makes it, so nobody else may; how.
    Switch(Text),
    /// It can't be carried; why.
    Cannot(Text),
}

/// A name and type, and what becomes of each of its records.
#[derive(Clone, Debug)]
pub struct Load<'a> {
    /// The set.
    pub set: &'a RrSet,
    /// Its records.
    pub members: Vec<(&'a Member, Fate)>,
}

impl<'a> Load<'a> {
    /// The records that are written.
    pub fn written(&self) -> impl Iterator<Item = &'a Member> {
        self.members.iter().filter(|(_, fate)| *fate == Fate::Written).map(|(member, _)| *member)
    }
}

/// The sets of a zone, in its order, with what becomes of each record. No carrier = all is carried.
#[must_use]
pub fn loads<'a>(fitted: &Fitted<'a>, zone: &FittedZone<'a>, carrier: Option<&Carrier>) -> Vec<Load<'a>> {
    let composed = zone.composed;
    let mut loads: Vec<Load<'a>> =
        composed.rrsets.iter().map(|set| Load { set, members: Vec::with_capacity(set.members.len()) }).collect();
    let cuts: HashSet<&Name> = fitted.subzones.iter().map(|z| &z.composed.origin).collect();
    let refusals: Vec<Option<Text>> = match carrier {
        Some(carrier) => composed.rrsets.iter().map(|set| carrier.refuses_set(&cuts, &composed.origin, set)).collect(),
        None => Vec::new(),
    };
    for record in &zone.records {
        let Some(load) = loads.get_mut(record.set) else { continue };
        let Some(member) = load.set.members.get(record.member) else { continue };
        let fate = if record.outcome == Outcome::Switch {
            let switch = composed.switched.iter().find(|s| s.makes(load.set, member));
            Fate::Switch(switch.map(|s| s.how.clone()).unwrap_or_default())
        } else {
            let whole = refusals.get(record.set).cloned().flatten();
            match whole.or_else(|| carrier.and_then(|c| c.refuses(load.set, member))) {
                Some(why) => Fate::Cannot(why),
                None => Fate::Written,
            }
        };
        load.members.push((member, fate));
    }
    if carrier.is_some_and(|c| c.replaces != Replaces::Nothing) {
        for load in &mut loads {
            whole_or_none(load);
        }
    }
    loads
}

/// A set that the tool replaces as a whole would lose what is not written of it.
fn whole_or_none(load: &mut Load<'_>) {
    if load.members.iter().all(|(_, fate)| *fate == Fate::Written) {
        return;
    }
    for (_, fate) in load.members.iter_mut().filter(|(_, fate)| *fate == Fate::Written) {
        *fate = Fate::Cannot(say!(
            en: "another record of this name and type is not written, and the tool would delete that one",
            ja: "同じ名前・同じ種類の別のレコードを書けないため、これだけを書くと、ツールが別のほうを消します"
        ));
    }
}

/// The strings of a TXT as the carrier has them: as they are, cut further where escapes make one too long.
#[must_use]
pub fn strings<'m>(carrier: &Carrier, member: &'m Member) -> Vec<&'m [u8]> {
    let strings = member.rdata.txt_strings();
    match carrier.string_max {
        None => strings.collect(),
        Some(most) => strings.flat_map(|s| text::split_quoted(s, most)).collect(),
    }
}

impl Carrier {
    /// Whether a zone is written: where only a part is known, what replaces whole zones does not touch it.
    #[must_use]
    pub fn writes(&self, zone: &FittedZone<'_>) -> bool {
        self.replaces != Replaces::Zone || !zone.composed.is_part
    }

    /// Why no record of a set is carried.
    fn refuses_set(&self, cuts: &HashSet<&Name>, apex: &Name, set: &RrSet) -> Option<Text> {
        let (tool, rtype, seconds) = (self.name, set.rtype, set.ttl.seconds());
        if self.types.is_some_and(|types| !types.contains(&rtype)) {
            return Some(
                say!(en: "there is no form for {rtype} in it", ja: "{rtype} の書き方がありません"; rtype = Text::same(rtype.to_string())),
            );
        }
        if rtype == Rtype::NS && set.name == *apex && !self.apex_ns {
            return Some(
                say!(en: "NS of the zone itself are those of the company that serves it", ja: "ゾーン自身の NS は、ゾーンを置く会社のものになります"),
            );
        }
        // RFC 4592 §4.2 leaves open what it means; BIND loads no such zone, and Route 53 takes none ("ChangeResourceRecordSets").
        if rtype == Rtype::NS && set.name.is_wildcard() {
            return Some(
                say!(en: "NS of a wildcard are taken by nobody", ja: "ワイルドカードの NS は受け付けられません"),
            );
        }
        let mut above = std::iter::successors(set.name.parent(), Name::parent).take_while(|name| name != apex);
        if !self.glue && set.name != *apex && above.any(|name| cuts.contains(&name)) {
            return Some(
                say!(en: "it lies in a subzone that has a file of its own", ja: "別のファイルにするサブゾーンの中の名前です"),
            );
        }
        if self.names == Names::Plain && !is_plain(&set.name, true) {
            return Some(
                say!(en: "its name has a character that {tool} has no escape for", ja: "名前に、{tool} で書けない文字があります"),
            );
        }
        if !self.ttl.contains(&seconds) {
            let (least, most) = (self.ttl.start(), self.ttl.end());
            return Some(
                say!(en: "its TTL is {seconds}; {tool} takes {least} to {most}", ja: "TTL が {seconds} です。{tool} に入るのは {least}〜{most} です"),
            );
        }
        let length = |most: usize| {
            // Cloudflare counts the characters of a set and BIND its octets; the greater one is kept below both.
            let length: usize =
                set.members.iter().map(|m| record_length(set, m).max(self.written_length(rtype, m))).sum();
            self.too_long(length, most, say!(en: "the length of all records of this name and type", ja: "同じ名前・同じ種類のレコードを合わせた長さ"))
        };
        self.set_max.and_then(length)
    }

    /// Why a record is not carried, if its set is.
    fn refuses(&self, set: &RrSet, member: &Member) -> Option<Text> {
        let (tool, rtype) = (self.name, set.rtype);
        if !member.rdata.is_well_formed(rtype) {
            return Some(say!(en: "its data is broken", ja: "データが壊れています"));
        }
        let target = member.rdata.target(rtype).filter(|_| self.names == Names::Plain);
        if target.is_some_and(|target| !is_plain(&target, false)) {
            return Some(
                say!(en: "its target has a character that {tool} has no escape for", ja: "宛先に、{tool} で書けない文字があります"),
            );
        }
        self.refuses_text(rtype, member)
            .or_else(|| {
                let most = self.record_max?;
                self.too_long(record_length(set, member), most, say!(en: "its length in bytes", ja: "長さ（バイト）"))
            })
            .or_else(|| {
                let most = self.value_max?;
                let what = say!(en: "its length as it is written", ja: "書いたときの文字数");
                self.too_long(self.written_length(rtype, member), most, what)
            })
            .or_else(|| (self.also)(set, member))
    }

    fn too_long(&self, length: usize, most: usize, what: Text) -> Option<Text> {
        let tool = self.name;
        (length > most)
            .then(|| say!(en: "{what} is {length}; {tool} takes {most}", ja: "{what}が {length} です。{tool} に入るのは {most} までです"; what = what))
    }

    fn refuses_text(&self, rtype: Rtype, member: &Member) -> Option<Text> {
        let tool = self.name;
        let value = match rtype {
            Rtype::TXT | Rtype::SPF => member.rdata.txt_joined(),
            Rtype::CAA => member.rdata.as_caa().map(|(_, _, value)| value.to_vec()).unwrap_or_default(),
            _ => return None,
        };
        // Escapes in a CAA are documented by nobody but the RFCs.
        let any = self.octets == Octets::Any && (rtype != Rtype::CAA || self.types.is_none());
        if any || value.iter().all(|o| (b' '..=b'~').contains(o)) {
            return None;
        }
        Some(say!(
            en: "its text is not printable ASCII throughout, and {tool} has no sure way to write the rest",
            ja: "値に ASCII の文字以外のバイトがあり、{tool} で確かに書ける方法がありません"
        ))
    }

    /// Characters of a value as it is written. Escapes have the same length whether octal or decimal.
    fn written_length(&self, rtype: Rtype, member: &Member) -> usize {
        match rtype {
            Rtype::TXT => {
                let strings = strings(self, member);
                strings.iter().map(|s| text::quote(s).len()).sum::<usize>() + strings.len().saturating_sub(1)
            }
            _ => member.rdata.present(rtype).len(),
        }
    }
}

/// Octets of a record on the wire: its name, then type, class, TTL and length (RFC 1035 §4.1.3), then its data.
fn record_length(set: &RrSet, member: &Member) -> usize {
    set.name.wire_len() + 10 + member.rdata.octets().len()
}

/// Whether a name is written the same everywhere.
fn is_plain(name: &Name, owner: bool) -> bool {
    let plain = |label: &[u8]| {
        label.iter().all(|o| o.is_ascii_alphanumeric() || matches!(o, b'-' | b'_'))
            && label.first() != Some(&b'-')
            && label.last() != Some(&b'-')
    };
    name.labels().enumerate().all(|(i, label)| plain(label) || owner && i == 0 && label == b"*")
}

/// What the carrier can't carry, record by record, and what else applying its output would change.
#[must_use]
pub fn check(fitted: &Fitted<'_>, carrier: &Carrier, whole_zone: bool, current: Option<&Current>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let tool = carrier.name;
    if let Some(keyzone) = fitted.keyzone.as_ref().filter(|z| !carrier.writes(z)) {
        let zone = keyzone.composed.origin.display_without_dot().to_string();
        let mut finding = Finding::warning(
            "format-keyzone-left-out",
            say!(en: "{zone} is not in the output for {tool}: it would delete whatever else that zone holds", ja: "{zone} は {tool} 用の出力に入れていません。そのゾーンにあるほかのレコードが消えるためです"),
        )
        .at_opt(fitted.composed.declared.domain_span, Text::default())
        .next(say!(en: "merge the keyzone of all sites: zoneplan keyzone SITE… --format {tool}", ja: "すべてのサイトの鍵の置き場をまとめて出力します: zoneplan keyzone SITE… --format {tool}", tool = tool.to_lowercase()));
        for set in &keyzone.composed.rrsets {
            finding = finding.about(set.name.display_without_dot().to_string(), set.rtype.to_string());
        }
        findings.push(finding);
    }
    for zone in fitted.zones().filter(|z| carrier.writes(z)) {
        for load in loads(fitted, zone, Some(carrier)) {
            for (member, fate) in &load.members {
                let Fate::Cannot(why) = fate else { continue };
                let name = load.set.name.display_without_dot().to_string();
                let rtype = load.set.rtype.to_string();
                let mut finding = Finding::error(
                    "format-cannot-carry",
                    say!(en: "{name} {rtype} is not in the output for {tool}: {why}", ja: "{name} の {rtype} は、{tool} 用の出力に書けません: {why}"; why = why),
                )
                .about(&name, &rtype)
                .source(Text::same(carrier.source));
                for origin in &member.origins {
                    finding = finding.at_opt(origin.span, fitted.composed.party(origin));
                }
                if finding.labels.is_empty() {
                    finding = finding.at_opt(fitted.composed.declared.domain_span, Text::default());
                }
                if carrier.replaces == Replaces::Zone {
                    finding = finding.harm(say!(
                        en: "{tool} deletes what its file does not have: if the zone has this record, it is lost",
                        ja: "{tool} は、ファイルにないレコードを消します。いまのゾーンにこのレコードがあれば、なくなります"
                    ));
                }
                findings.push(finding.next(say!(
                    en: "enter this record by other means: `--format zone` shows it",
                    ja: "このレコードは別の方法で登録します（`--format zone` で表示できます）"
                )));
            }
        }
    }
    let known = fitted.subzones.is_empty() && current.is_some_and(|c| c.is_complete() && lost(fitted, c).is_empty());
    if carrier.replaces == Replaces::Sets && !whole_zone && !known {
        findings.push(
            Finding::warning(
                "format-replaces-sets",
                say!(en: "with {tool}, each name and type in the output replaces all that the zone has there", ja: "{tool} では、出力にある名前と種類ごとに、いまあるレコードがすべて置き換わります"),
            )
            .at_opt(fitted.composed.declared.domain_span, Text::default())
            .harm(say!(
                en: "a TXT beside the SPF record that site.toml does not have, such as a proof of ownership, is deleted",
                ja: "SPF と同じ名前にある TXT（所有の確認など）のうち、site.toml にないものは消えます"
            ))
            .next(say!(
                en: "compare with the zone as it is, copy what is missing into a [[record]], then add --whole-zone",
                ja: "いまのゾーンと見比べて、足りないレコードを [[record]] に写してから、--whole-zone を付けます"
            )),
        );
    }
    findings
}

/// Whether an output may be given that deletes what it does not have; if not, the finding that says why.
///
/// # Errors
/// Nobody has said that site.toml holds the whole zone, or a value is still missing, so that it does not.
pub fn may_replace(
    fitted: &Fitted<'_>,
    carrier: &Carrier,
    whole_zone: bool,
    current: Option<&Current>,
) -> Result<(), Box<Finding>> {
    if carrier.replaces != Replaces::Zone {
        return Ok(());
    }
    let tool = carrier.name;
    let finding = |why: Text| {
        Finding::error("format-replaces-zone", say!(en: "no output for {tool}: it deletes every record that its file does not have, and {why}", ja: "{tool} 用の出力はしません。{tool} は、ファイルにないレコードをすべて消しますが、{why}"; why = why))
            .at_opt(fitted.composed.declared.domain_span, Text::default())
    };
    let compare = || {
        say!(
            en: "compare with the zone as it is, copy what is missing into a [[record]], then add --whole-zone",
            ja: "いまのゾーンと見比べて、足りないレコードを [[record]] に写してから、--whole-zone を付けます"
        )
    };
    let current = current.filter(|c| c.is_complete());
    if let Some(current) = current.filter(|_| !whole_zone) {
        let lost = lost(fitted, current);
        if let Some(first) = lost.first() {
            let (n, name, rtype) =
                (lost.len(), first.record.name.display_without_dot().to_string(), first.record.rtype);
            let mut finding = finding(
                say!(en: "{n} records of the zone as it is are not in site.toml as they are ({name} {rtype} is the first)", ja: "いまのゾーンにあるレコードのうち {n} 件が、そのままの内容では site.toml にありません（最初は {name} の {rtype}）"),
            );
            let (other, whole): (Vec<&Lost<'_>>, Vec<&Lost<'_>>) =
                lost.iter().take(LOST_SHOWN).partition(|l| l.but.is_some());
            if !whole.is_empty() {
                let lines: Vec<String> = whole.iter().map(|l| as_entry(l.record)).collect();
                let lines = lines.join("\n");
                finding = finding.next(say!(en: "what is to stay goes into site.toml:\n{lines}", ja: "残すものは site.toml に写します:\n{lines}"));
            }
            for but in other.iter().filter_map(|l| l.but.clone()) {
                finding = finding.next(but);
            }
            finding = finding.next(say!(en: "what may go: leave it out and add --whole-zone", ja: "消してよいものだけになったら、--whole-zone を付けます"));
            return Err(Box::new(finding));
        }
        // The file of the zone as it is speaks of the own zone only.
        if let Some(subzone) = fitted.subzones.first() {
            let subzone = subzone.composed.origin.display_without_dot().to_string();
            let why = say!(en: "it is not known whether site.toml has all of the zone {subzone}", ja: "site.toml に {subzone} のゾーンのすべてのレコードがあるかどうかが分かりません");
            return Err(Box::new(finding(why).next(compare())));
        }
    } else if !whole_zone {
        return Err(Box::new(
            finding(say!(en: "it is not known whether site.toml has all of the zone", ja: "site.toml にゾーンのすべてのレコードがあるかどうかが分かりません"))
                .next(compare()),
        ));
    }
    // What the output does not have although it may be in the zone: a value that is not known yet, and what a switch makes.
    let blanks = fitted.zones().flat_map(|z| &z.composed.blanks).map(|b| {
        let (name, rtype) = (b.name.display_without_dot().to_string(), b.rtype.to_string());
        let why = say!(en: "the value of {name} {rtype} is not in site.toml yet", ja: "{name} の {rtype} の値が、まだ site.toml にありません");
        finding(why).about(name, rtype).next(b.find.clone())
    });
    let switched = fitted.zones().flat_map(|z| &z.composed.switched).map(|s| {
        let (name, rtype) = (s.name.display_without_dot().to_string(), s.rtype.to_string());
        let why = say!(en: "{name} {rtype} is made by a switch of the panel", ja: "{name} の {rtype} は、画面のスイッチで作られます");
        finding(why).about(name, rtype).next(say!(
            en: "enter the records in that panel: `--format zone` shows them",
            ja: "レコードは、その画面で登録します（`--format zone` で表示できます）"
        ))
    });
    let aliases = aliases(fitted).map(|(zone, _)| {
        let name = zone.composed.origin.display_without_dot().to_string();
        let why = say!(en: "what stands at {name} in place of the CNAME (ALIAS, flattening) is not in it", ja: "{name} に CNAME のかわりに置くもの（ALIAS など）が、そこに入りません");
        finding(why).about(name, "CNAME").next(say!(
            en: "enter the records in that panel: `--format zone` shows them",
            ja: "レコードは、その画面で登録します（`--format zone` で表示できます）"
        ))
    });
    match blanks.chain(switched).chain(aliases).next() {
        Some(finding) => Err(Box::new(finding)),
        None => Ok(()),
    }
}

/// Why what is to go of the own zone as it is does not go by a format: it only adds, or it is all of a zone of which a part is known.
/// `is_zone` = a format without a carrier that shows all of a zone.
#[must_use]
pub fn cannot_remove(
    fitted: &Fitted<'_>,
    format: &str,
    carrier: Option<&Carrier>,
    is_zone: bool,
    gone: &[Record],
) -> Option<Finding> {
    let zone = fitted.own.composed;
    let replaces = match carrier {
        Some(carrier) if carrier.deletes => return None,
        Some(carrier) => carrier.replaces,
        None if is_zone && !zone.is_part => Replaces::Zone,
        None => Replaces::Nothing,
    };
    let goes = |r: &Record| match replaces {
        Replaces::Zone => true,
        Replaces::Sets => zone.rrset(&r.name, r.rtype).is_some(),
        Replaces::Nothing => false,
    };
    let stuck: Vec<&Record> = gone.iter().filter(|r| !goes(r)).collect();
    let first = stuck.first()?;
    let (n, name, rtype) = (stuck.len(), first.name.display_without_dot().to_string(), first.rtype);
    let mut finding = Finding::error(
        "format-cannot-remove",
        say!(en: "no output for {format}: it can't remove what is to go (records: {n}; the first: {name} {rtype})", ja: "{format} 用の出力はしません。取り除くもの {n} 件（最初は {name} の {rtype}）を、この形式では消せません"),
    );
    for record in stuck.iter().take(LOST_SHOWN) {
        finding = finding.about(record.name.display_without_dot().to_string(), record.rtype.to_string());
    }
    Some(
        finding
            .next(say!(en: "choose a format that can: --format zone, octodns, nsupdate or route53", ja: "消せる形式にします: --format zone、octodns、nsupdate、route53"))
            .next(say!(en: "or delete them by hand, then leave out --remove", ja: "または、手で消してから、--remove を付けずに実行します")),
    )
}

/// Lost records that a finding shows.
const LOST_SHOWN: usize = 5;

/// Characters of SPF terms that a finding shows.
const SPF_SHOWN: usize = 300;

/// Characters of a DMARC record that a finding shows.
const DMARC_SHOWN: usize = 200;

/// A text between the quotes of TOML. Only printable ASCII comes here.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A record as a `[[record]]`.
fn as_entry(record: &Record) -> String {
    let (name, rtype) = (escaped(&record.name.display_without_dot().to_string()), record.rtype);
    let value = escaped(&record.rdata.present(rtype));
    format!("[[record]]\nname = \"{name}.\"\ntype = \"{rtype}\"\nvalue = \"{value}\"")
}

/// The CNAMEs that are wanted at an apex, where none can be, of zones whose panel may have something in its place.
fn aliases<'f>(fitted: &'f Fitted<'_>) -> impl Iterator<Item = (&'f FittedZone<'f>, &'f Loser)> {
    let zones = fitted.zones().filter(|z| z.limits.word("apex-alias").is_none_or(|(word, _)| word != "none"));
    zones.flat_map(|zone| {
        let at_apex = |l: &&Loser| l.record.rtype == Rtype::CNAME && l.record.name == zone.composed.origin;
        zone.composed.losers.iter().filter(at_apex).map(move |loser| (zone, loser))
    })
}

/// What a panel has in place of a CNAME at the apex, which no output for another tool has.
#[must_use]
pub fn without_alias(fitted: &Fitted<'_>, tool: &str) -> Vec<Finding> {
    let told = aliases(fitted).map(|(zone, loser)| {
        let name = zone.composed.origin.display_without_dot().to_string();
        let target = loser.record.target().map(|t| t.display_without_dot().to_string()).unwrap_or_default();
        let mut finding = Finding::error(
            "format-without-alias",
            say!(en: "{name} CNAME {target} is not in the output for {tool}: no CNAME can stand at the domain itself", ja: "{name} の CNAME（{target}）は、{tool} 用の出力に書けません。ドメインそのものに CNAME は置けません"),
        )
        .about(name, "CNAME");
        for origin in &loser.origins {
            finding = finding.at_opt(origin.span, fitted.composed.party(origin));
        }
        finding.next(say!(
            en: "enter what stands in its place (ALIAS, flattening) by other means",
            ja: "かわりに置くもの（ALIAS など）は、別の方法で登録します"
        ))
    });
    told.collect()
}

/// A record of the zone as it is that the wanted one does not have.
#[derive(Debug)]
struct Lost<'c> {
    record: &'c Record,
    /// Where another record takes its place: what that one does not say, and where to write it.
    but: Option<Text>,
}

/// The records of the own zone as it is that the wanted one does not have. SOA and the apex NS are the server's; a key that another takes the
/// place of is not lost, nor an SPF or DMARC record that says no more than the wanted one.
fn lost<'c>(fitted: &Fitted<'_>, current: &'c Current) -> Vec<Lost<'c>> {
    let zone = fitted.own.composed;
    let servers = |r: &Record| r.rtype == Rtype::SOA || (r.rtype == Rtype::NS && r.name == zone.origin);
    // NS and DS of a cut are the own zone's; all else from there on is the subzone's.
    let inside = |r: &Record| {
        let beyond = |z: &FittedZone<'_>| {
            let cut = &z.composed.origin;
            r.name.is_subdomain_of(cut) && !(r.name == *cut && matches!(r.rtype, Rtype::NS | Rtype::DS))
        };
        !fitted.subzones.iter().any(beyond)
    };
    let of_zone = current.records().filter(|r| !servers(r) && inside(r));
    of_zone.filter_map(|record| loss(zone, record)).collect()
}

/// What is lost of a record, if anything.
fn loss<'c>(zone: &ComposedZone, record: &'c Record) -> Option<Lost<'c>> {
    let members = |rtype| zone.rrset(&record.name, rtype).into_iter().flat_map(|s| &s.members);
    if members(record.rtype).any(|m| m.rdata.means(&record.rdata, record.rtype)) {
        return None;
    }
    let whole = Some(Lost { record, but: None });
    let text = match record.rtype {
        Rtype::TXT => record.rdata.txt_joined(),
        // A key takes the place of a CNAME to one.
        Rtype::CNAME if members(Rtype::TXT).any(|m| m.intent.is_dkim()) => return None,
        _ => return whole,
    };
    let texts = || members(Rtype::TXT).map(|m| m.rdata.txt_joined());
    let name = record.name.display_without_dot().to_string();
    if spf::is_spf(&text) {
        if !texts().any(|t| spf::is_spf(&t)) {
            return whole;
        }
        let but = spf_terms_lost(zone, record, &text)?;
        return Some(Lost { record, but: Some(but) });
    }
    if dmarc::is_dmarc(&text) {
        let says = |text: &[u8]| dmarc::parse(text).0.dmarc.print();
        let Some(wanted) = texts().find(|t| dmarc::is_dmarc(t)) else { return whole };
        if says(&wanted) == says(&text) {
            return None;
        }
        let (now, wanted) = (excerpt(&says(&text), DMARC_SHOWN), excerpt(&says(&wanted), DMARC_SHOWN));
        let but = say!(
            en: "the DMARC record of {name} is “{now}” now and would be “{wanted}”: write under [dmarc] what is to stay",
            ja: "{name} の DMARC は、いま「{now}」で、「{wanted}」に変わります。残す内容は [dmarc] に書きます"
        );
        return Some(Lost { record, but: Some(but) });
    }
    let key = dkim::looks_like_dkim_key(&text);
    let replaced = key && members(Rtype::TXT).chain(members(Rtype::CNAME)).any(|m| m.intent.is_dkim());
    if replaced { None } else { whole }
}

/// The terms of an SPF record that the wanted one of its name lacks, and where to write them; none if it lacks none.
fn spf_terms_lost(zone: &ComposedZone, record: &Record, text: &[u8]) -> Option<Text> {
    let domain = record.name.display_without_dot().to_string();
    let mut wanted: BTreeSet<spf::Normal> = BTreeSet::new();
    // A record that was split goes on at names of the zone.
    let mut seen: BTreeSet<Name> = BTreeSet::new();
    let mut left = vec![record.name.clone()];
    while let Some(name) = left.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let set = zone.rrset(&name, Rtype::TXT);
        for member in set.into_iter().flat_map(|s| &s.members) {
            let text = member.rdata.txt_joined();
            if !spf::is_spf(&text) {
                continue;
            }
            for term in spf::Record::parse(&text).terms() {
                wanted.insert(term.normal(&domain));
                if let spf::TermKind::Include(spec) | spf::TermKind::Redirect(spec) = &term.kind
                    && let Ok(next) = Name::parse_absolute(spec.as_str())
                {
                    left.push(next);
                }
            }
        }
    }
    let now = spf::Record::parse(text);
    let redirect = now.redirect().filter(|_| now.all().is_none());
    let terms = now.live_mechanisms().chain(redirect);
    let here = zone.rrset(&record.name, Rtype::TXT);
    let written_out = |term: &str| here.is_some_and(|set| set.members.iter().any(|m| m.intent.writes_out(term)));
    let missing: Vec<&spf::Term> =
        terms.filter(|t| !wanted.contains(&t.normal(&domain)) && !written_out(&t.raw)).collect();
    if missing.is_empty() {
        return None;
    }
    let list = missing.iter().map(|t| t.raw.as_str()).collect::<Vec<_>>().join(" ");
    let list = excerpt(&list, SPF_SHOWN);
    if record.name != zone.origin || missing.iter().any(|t| t.kind.is_modifier()) {
        let entry = as_entry(record);
        return Some(
            say!(en: "the SPF record of {domain} has terms that site.toml does not have: {list}. If they are to stay:\n{entry}", ja: "{domain} の SPF には、site.toml にない指定があります: {list}。残すなら:\n{entry}"),
        );
    }
    let (all, extra): (Vec<&spf::Term>, Vec<&spf::Term>) =
        missing.into_iter().partition(|t| t.kind == spf::TermKind::All);
    let mut lines = "[spf]".to_owned();
    if !extra.is_empty() {
        let extra = extra.iter().map(|t| format!("\"{}\"", escaped(&t.raw))).collect::<Vec<_>>().join(", ");
        lines += &format!("\nextra = [{extra}]");
    }
    if let Some(all) = all.first() {
        lines += &format!("\nall = \"{}\"", all.raw);
    }
    Some(
        say!(en: "the SPF record of {domain} has terms that site.toml does not have: {list}. If they are to stay:\n{lines}", ja: "{domain} の SPF には、site.toml にない指定があります: {list}。残すなら:\n{lines}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{Overrides, build};
    use crate::catalogue::Catalogue;
    use crate::report::Severity;
    use crate::site::InMemory;

    /// What `ask` says of a site of these records: name, type, value in TOML.
    fn of<R>(records: &[(&str, &str, &str)], ask: impl FnOnce(&Fitted<'_>) -> R) -> R {
        let mut toml = "domain = \"example.com\"\n".to_owned();
        for (name, rtype, value) in records {
            toml += &format!("[[record]]\nname = \"{name}\"\ntype = \"{rtype}\"\nvalue = {value}\n");
        }
        let catalogue = Catalogue::embedded();
        build("site.toml", &InMemory::site(toml), &catalogue, &Overrides::default(), |built| ask(built.fitted))
            .product
            .unwrap()
    }

    fn lost(carrier: &Carrier, records: &[(&str, &str, &str)]) -> Vec<String> {
        of(records, |fitted| {
            let findings = check(fitted, carrier, true, None).into_iter().filter(|f| f.id == "format-cannot-carry");
            findings.map(|f| format!("{} {}", f.about[0].name, f.about[0].rtype)).collect()
        })
    }

    #[test]
    fn a_set_that_is_replaced_goes_whole_or_not_at_all() {
        let records = [("@", "TXT", "\"a\""), ("@", "TXT", "'\"\\255\"'"), ("b", "TXT", "\"b\"")];
        assert_eq!(lost(&DNSCONTROL, &records), ["example.com TXT", "example.com TXT"]);
        assert_eq!(lost(&CLOUDFLARE, &records), ["example.com TXT"]);
        assert!(lost(&ROUTE53, &records).is_empty() && lost(&NSUPDATE, &records).is_empty());
    }

    #[test]
    fn lengths_stop_where_they_are_documented() {
        // 16 strings: 3,953 octets, 32 quotes and 15 spaces are 4,000 characters.
        let text = |length: usize| format!("\"{}\"", "x".repeat(length));
        assert!(lost(&ROUTE53, &[("a", "TXT", &text(3953))]).is_empty());
        assert_eq!(lost(&ROUTE53, &[("a", "TXT", &text(3954))]), ["a.example.com TXT"]);
        // a.example.com. is 15 octets, the fixed fields 10, the lengths of 16 strings 16.
        assert!(lost(&CLOUDFLARE, &[("a", "TXT", &text(4055))]).is_empty());
        assert_eq!(lost(&CLOUDFLARE, &[("a", "TXT", &text(4056))]), ["a.example.com TXT"]);
    }

    /// Name and type of what is lost of a zone as it is.
    fn lost_of(records: &[(&str, &str, &str)], current: &str) -> Vec<String> {
        let origin = Name::parse_absolute("example.com").unwrap();
        let read = crate::zone::MasterFile::read(current.as_bytes(), &origin);
        assert_eq!(read.faults, []);
        let found =
            |r: crate::zone::MasterRecord| crate::zone::Found { record: r.into_record(0), has_ttl: true, span: None };
        let current = Current::new(read.records.into_iter().map(found).collect(), crate::zone::Coverage::Complete);
        of(records, |fitted| {
            let lost = super::lost(fitted, &current);
            let told = lost.iter().map(|l| {
                let but =
                    l.but.as_ref().map(|t| t.en.lines().skip(1).collect::<Vec<_>>().join(" ")).unwrap_or_default();
                format!("{} {} {but}", l.record.name, l.record.rtype).trim_end().to_owned()
            });
            told.collect()
        })
    }

    #[test]
    fn a_record_in_the_place_of_another_may_say_less() {
        let spf = [
            ("@", "TXT", "\"v=spf1 include:_spf1.example.com ip4:192.0.2.0/24 ~all\""),
            ("_spf1", "TXT", "\"v=spf1 include:a.example.net include:b.example.net ~all\""),
        ];
        let both = "_spf1 TXT \"v=spf1 include:a.example.net include:b.example.net ~all\"\n";
        // The terms may stand at another name of the zone that the record includes.
        let now = |text: &str| format!("@ TXT \"{text}\"\n{both}");
        assert!(
            lost_of(&spf, &now("v=spf1 include:A.example.net. ip4:192.0.2.9/24 include:b.example.net ~all")).is_empty()
        );
        assert_eq!(
            lost_of(&spf, &now("v=spf1 mx ip4:192.0.2.0/24 ip4:198.51.100.1 ?all ptr")),
            ["example.com. TXT [spf] extra = [\"mx\", \"ip4:198.51.100.1\"] all = \"?all\""]
        );
        let dmarc = [("_dmarc", "TXT", "\"v=DMARC1; p=none\"")];
        assert!(lost_of(&dmarc, "_dmarc TXT \"v=DMARC1;p=none;adkim=r\"\n").is_empty());
        assert_eq!(lost_of(&dmarc, "_dmarc TXT \"v=DMARC1; p=none; sp=reject\"\n"), ["_dmarc.example.com. TXT"]);
        assert_eq!(lost_of(&[("a", "A", "\"192.0.2.1\"")], "@ TXT \"v=spf1 -all\"\n"), ["example.com. TXT"]);
    }

    #[test]
    fn only_a_whole_zone_replaces_a_zone() {
        let records = [("a", "A", "\"192.0.2.1\"")];
        let may =
            |carrier: &'static Carrier, whole| of(&records, |fitted| may_replace(fitted, carrier, whole, None).is_ok());
        assert!(!may(&OCTODNS, false) && may(&OCTODNS, true));
        assert!(may(&DNSCONTROL, false) && may(&TERRAFORM_AWS, false));
        let ids = |carrier: &'static Carrier, whole| {
            of(&records, |fitted| {
                check(fitted, carrier, whole, None).iter().map(|f| (f.id, f.severity)).collect::<Vec<_>>()
            })
        };
        assert_eq!(ids(&ROUTE53, false), [("format-replaces-sets", Severity::Warning)]);
        assert!(ids(&ROUTE53, true).is_empty() && ids(&CLOUDFLARE, false).is_empty());
    }
}
