//! One question and what became of it, with the words for people.

use std::{io, net::SocketAddr};

use super::{CHAIN_MAX, server::shown};
use crate::{
    report::{Text, join},
    say,
    zone::{Name, Record, Rtype},
};

/// What is asked: the records of one type at one name, class IN.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// The name.
    pub name: Name,
    /// The type; one that can stand in a zone.
    pub rtype: Rtype,
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// What became of it. Behind aliases it speaks of the last one's target.
    pub outcome: Outcome,
    /// The aliases (CNAME) from the question's name on, in order.
    pub chain: Vec<Record>,
    /// Who said so, or was asked last.
    pub from: Source,
    /// Whether who said so answers for the zone (AA, RFC 1035 §4.1.1): only then the TTLs are those of the zone, else what is left of them in a cache.
    pub authoritative: bool,
    /// Whether a resolver says that it has checked the signatures from the root down and they hold (AD, RFC 4035 §3.2.3). That it does not say
    /// so may be the zone's doing, or a resolver's that checks nothing.
    pub validated: bool,
    /// Servers that were asked besides, and why their word does not count.
    pub failed: Vec<(SocketAddr, Outcome)>,
}

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A resolver.
    Resolver(SocketAddr),
    /// A name server of the zone.
    NameServer(SocketAddr),
    /// Zone files.
    Fixture,
    /// What DNS said on an earlier day.
    Pins,
    /// Nobody was there to be asked.
    Nobody,
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There are such records: at least one.
    Records(Vec<Record>),
    /// The name does not exist, and nothing below it.
    NxDomain,
    /// The name exists and has no record of this type.
    NoData,
    /// The name is in a zone of its own, of which whoever was asked knows no more than its servers.
    Delegated {
        /// Its origin.
        zone: Name,
        /// Its name servers.
        servers: Vec<Name>,
    },
    /// The last alias points out of the zones that whoever was asked answers for.
    AliasOutside,
    /// The aliases go in a circle, or there are too many; which of the two, [`Answer::is_circle`] says.
    AliasLoop,
    /// SERVFAIL: the server tried and failed.
    ServFail,
    /// REFUSED: the server does not answer such questions, or not from here.
    Refused,
    /// The server neither answers for the zone nor asks others.
    Lame,
    /// Another response code (RFC 6895 §2.3).
    Code(u16),
    /// Too long for UDP, and over TCP no whole answer came.
    Truncated,
    /// Nothing came in time.
    Timeout {
        /// How many packets came that do not answer the question: another id, another question, no DNS at all.
        foreign: usize,
    },
    /// The question could not be brought to the server.
    Unreachable(io::ErrorKind),
    /// The answer cannot be used.
    Malformed(Malformation),
    /// The name is in none of the zone files, nor what else is there in place of DNS. Whether it exists is not known.
    NotInFixture,
    /// The name's zone is there, but only a part of it, and no such record is in that. Whether it exists is not known.
    NotInPart,
}

/// Why an answer cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Malformation {
    /// It is no DNS message as RFC 1035 §4 has it.
    Message,
    /// It answers another question, on a connection where only ours was asked.
    Foreign,
    /// The connection was closed before all of it had come.
    Cut,
    /// The data of a record does not fit its type.
    Data,
}

impl Outcome {
    /// Whether something was said about the name; else it is not known whether there are such records.
    #[must_use]
    pub fn speaks_of_the_name(&self) -> bool {
        match self {
            Self::Records(_)
            | Self::NxDomain
            | Self::NoData
            | Self::Delegated { .. }
            | Self::AliasOutside
            | Self::AliasLoop => true,
            Self::ServFail
            | Self::Refused
            | Self::Lame
            | Self::Code(_)
            | Self::Truncated
            | Self::Timeout { .. }
            | Self::Unreachable(_)
            | Self::Malformed(_)
            | Self::NotInFixture
            | Self::NotInPart => false,
        }
    }

    /// Whether nobody was asked who could know it.
    #[must_use]
    pub fn is_passed_on(&self) -> bool {
        matches!(self, Self::NotInFixture | Self::NotInPart)
    }
}

impl Answer {
    /// An answer without aliases and without anything besides.
    pub(super) fn new(question: &Question, outcome: Outcome, from: Source) -> Self {
        let (chain, failed) = (Vec::new(), Vec::new());
        Self { question: question.clone(), outcome, chain, from, authoritative: false, validated: false, failed }
    }

    /// The records, none where the name or such a record does not exist. `None` where that is not known: what nobody said is never absent.
    #[must_use]
    pub fn records(&self) -> Option<&[Record]> {
        match &self.outcome {
            Outcome::Records(records) => Some(records),
            Outcome::NxDomain | Outcome::NoData => Some(&[]),
            _ => None,
        }
    }

    /// The TTL of the set: the lowest, where its records differ (RFC 2181 §5.2).
    #[must_use]
    pub fn ttl(&self) -> Option<u32> {
        self.records()?.iter().map(|record| record.ttl).min()
    }

    /// The name that the outcome speaks of: behind the aliases, if there are any.
    #[must_use]
    pub fn last_name(&self) -> Name {
        self.chain.last().and_then(Record::target).unwrap_or_else(|| self.question.name.clone())
    }

    /// Whether the last alias leads back to one before it.
    #[must_use]
    pub fn is_circle(&self) -> bool {
        let last = self.last_name();
        self.chain.iter().any(|alias| alias.name == last)
    }

    /// What happened, and what to do about it.
    #[must_use]
    pub fn text(&self) -> Text {
        let (rtype, last) = (self.question.rtype, self.last_name());
        let (asked, name) =
            (self.question.name.display_without_dot().to_string(), last.display_without_dot().to_string());
        let who = self.from.text();
        let remedy = self.from.remedy();
        let subject = if self.chain.is_empty() {
            Text::same(asked.clone())
        } else {
            say!(en: "{name} (of which {asked} is an alias)", ja: "{name}（{asked} の別名の先）")
        };
        let text = match &self.outcome {
            Outcome::Records(records) => {
                let (number, ttl) = (records.len(), self.ttl().unwrap_or_default());
                say!(
                    en: "{who}: {subject} has {rtype} records: {number}, TTL {ttl} s",
                    ja: "{who}の回答: {subject}に {rtype} レコードが {number} 件あります（TTL {ttl} 秒）"; who = who, subject = subject
                )
            }
            Outcome::NxDomain => say!(
                en: "{who}: the name {subject} does not exist; check its spelling, and for a new domain its registration and name servers. What was added just now may take until the old answer's TTL is over",
                ja: "{who}の回答: {subject}という名前はありません。綴りを確かめてください。新しいドメインなら、登録とネームサーバーの設定も確かめます。追加したばかりなら、前の回答の TTL が過ぎてからもう一度調べてください"; who = who, subject = subject
            ),
            Outcome::NoData => say!(
                en: "{who}: {subject} exists and has no {rtype} record. What was added just now may take until the old answer's TTL is over",
                ja: "{who}の回答: {subject}はありますが、{rtype} レコードはありません。追加したばかりなら、前の回答の TTL が過ぎてからもう一度調べてください"; who = who, subject = subject
            ),
            Outcome::Delegated { zone, servers } => {
                let zone = zone.display_without_dot().to_string();
                let servers: Vec<Text> =
                    servers.iter().map(|s| Text::same(s.display_without_dot().to_string())).collect();
                say!(
                    en: "{who}: {subject} belongs to the zone {zone}, which is kept by {servers}; ask there",
                    ja: "{who}の回答: {subject}は別のゾーン {zone} にあり、{servers}が受け持っています。そちらに問い合わせてください"; who = who, subject = subject, servers = join(&servers)
                )
            }
            Outcome::AliasOutside => say!(
                en: "{who}: {asked} is an alias of {name}, which is in another zone; ask for that name",
                ja: "{who}の回答: {asked} は {name} の別名です。{name} は別のゾーンにあるので、その名前で調べてください"; who = who
            ),
            Outcome::AliasLoop if self.is_circle() => say!(
                en: "{who}: the aliases that begin at {asked} go in a circle (back to {name}), so nothing is found there; correct the CNAME records",
                ja: "{who}の回答: {asked} から始まる別名（CNAME）が {name} に戻って一周しており、何も見つかりません。CNAME レコードを直してください"; who = who
            ),
            Outcome::AliasLoop => say!(
                en: "{who}: {asked} leads through more than {CHAIN_MAX} aliases, and {name} is not the end; resolvers give up, so nothing is found there. Let the CNAME lead to the last name at once",
                ja: "{who}の回答: {asked} から別名（CNAME）が {CHAIN_MAX} 個を超えて続き、{name} の先もまだあります。リゾルバーは途中であきらめるため、何も見つかりません。CNAME に最後の名前を直接書いてください"; who = who
            ),
            Outcome::ServFail => say!(
                en: "{who} failed (SERVFAIL) when it was asked for {rtype} of {subject}; the zone's name servers do not answer, or its DNSSEC is broken. Ask again later, or {remedy}",
                ja: "{who}が {subject}の {rtype} を調べられませんでした（SERVFAIL）。ゾーンのネームサーバーが応答しないか、DNSSEC に誤りがあります。時間をおいて調べ直すか、{remedy}"; who = who, remedy = remedy, subject = subject
            ),
            Outcome::Refused => say!(
                en: "{who} does not answer for {subject} (REFUSED): it serves other zones, or not this network; {remedy}",
                ja: "{who}は {subject}の問い合わせを受け付けていません（REFUSED）。別のゾーンのサーバーか、このネットワークからは使えないサーバーです。{remedy}"; who = who, remedy = remedy, subject = subject
            ),
            Outcome::Lame => say!(
                en: "{who} neither answers for the zone of {subject} nor asks others; it is no resolver, or a name server that was never set up for this zone; {remedy}",
                ja: "{who}は {subject}のゾーンを受け持っておらず、代わりに調べることもしません。リゾルバーではないか、このゾーンの設定がないネームサーバーです。{remedy}"; who = who, remedy = remedy, subject = subject
            ),
            Outcome::Code(code) => say!(
                en: "{who} did not answer the question for {rtype} of {subject} (response code {code}); {remedy}",
                ja: "{who}は {subject}の {rtype} の問い合わせに答えませんでした（応答コード {code}）。{remedy}"; who = who, remedy = remedy, subject = subject
            ),
            Outcome::Truncated => say!(
                en: "{who}: the {rtype} answer for {subject} is too long for UDP, and over TCP no whole answer came; let TCP port 53 through the firewall, or {remedy}",
                ja: "{who}の回答: {subject}の {rtype} は UDP に収まらず、TCP でも全体が届きませんでした。ファイアウォールで TCP の 53 番ポートを通すか、{remedy}"; who = who, remedy = remedy, subject = subject
            ),
            Outcome::Timeout { foreign: 0 } => say!(
                en: "{who} was silent when it was asked for {rtype} of {subject}; check the network and the firewall (UDP port 53), or {remedy}",
                ja: "{who}に {subject}の {rtype} を問い合わせましたが、応答がありませんでした。ネットワークとファイアウォール（UDP の 53 番ポート）を確かめるか、{remedy}"; who = who, remedy = remedy, subject = subject
            ),
            Outcome::Timeout { foreign } => say!(
                en: "{who} did not answer the question for {rtype} of {subject}; packets that belong to another question came instead: {foreign}. Somebody may be forging answers; use another network, or {remedy}",
                ja: "{who}から {subject}の {rtype} の回答はなく、別の問い合わせのパケットが {foreign} 個届きました。偽の回答かもしれません。別のネットワークで調べるか、{remedy}"; who = who, remedy = remedy, subject = subject
            ),
            Outcome::Unreachable(kind) => {
                let why = obstacle(*kind);
                say!(
                    en: "{who} cannot be reached: {why}; check the address and the network, or {remedy}",
                    ja: "{who}に接続できません（{why}）。アドレスとネットワークを確かめるか、{remedy}"; who = who, remedy = remedy, why = why
                )
            }
            Outcome::Malformed(malformation) => {
                let why = malformation.text();
                say!(
                    en: "the answer of {who} for {rtype} of {subject} cannot be used: {why}; {remedy}",
                    ja: "{who}から届いた {subject}の {rtype} の回答は使えません（{why}）。{remedy}"; who = who, remedy = remedy, subject = subject, why = why
                )
            }
            Outcome::NotInFixture if self.from == Source::Pins => say!(
                en: "the {rtype} of {subject} is not among the pins, so it is not known",
                ja: "{subject}の {rtype} は控えにないため、分かりません"; subject = subject
            ),
            Outcome::NotInFixture if self.from == Source::Nobody => say!(
                en: "{subject} is not in site.toml, and nobody was asked, so nothing is known of it; ask DNS (--live), name a file with its zone (--dns), or keep what DNS says (zoneplan pin)",
                ja: "{subject}はサイト定義になく、DNS にも聞いていないため、何も分かりません。--live で DNS に聞くか、--dns でそのゾーンのファイルを指定するか、zoneplan pin で控えてください"; subject = subject
            ),
            Outcome::NotInPart => say!(
                en: "the {rtype} of {subject} is not among the planned records, and whether the zone has one is not known; name the zone as it is (`current` in site.toml), or ask DNS (--live)",
                ja: "{subject}の {rtype} はサイト定義になく、いまのゾーンにあるかどうかも分かりません。site.toml の current にいまのゾーンのファイルを書くか、--live で DNS に聞いてください"; subject = subject
            ),
            Outcome::NotInFixture => say!(
                en: "{subject} is in none of the zone files, so nothing is known of it; add a file with its zone (--dns)",
                ja: "{subject}はどのゾーンファイルにもないため、何も分かりません。そのゾーンのファイルを追加してください（--dns）"; subject = subject
            ),
        };
        let others = self.failed.len();
        if others == 0 || self.outcome.speaks_of_the_name() {
            return text;
        }
        say!(
            en: "{text}. Other servers were asked too, in vain: {others}",
            ja: "{text}。ほかのサーバー {others} 台にも問い合わせましたが、回答は得られませんでした"; text = text
        )
    }
}

impl Source {
    /// Its name.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Resolver(address) => Text::same(shown(address)),
            Self::NameServer(address) => {
                let address = shown(address);
                say!(en: "the name server {address}", ja: "ネームサーバー {address}")
            }
            Self::Fixture => say!(en: "the zone files", ja: "ゾーンファイル"),
            Self::Pins => say!(en: "the pins", ja: "控え"),
            Self::Nobody => say!(en: "nobody", ja: "問い合わせ先なし"),
        }
    }
}

impl Source {
    /// What to do where its word does not count, the end of a sentence.
    fn remedy(self) -> Text {
        match self {
            Self::NameServer(_) => {
                say!(en: "tell whoever runs this name server", ja: "このネームサーバーの管理者に知らせてください")
            }
            Self::Resolver(_) | Self::Fixture | Self::Pins | Self::Nobody => {
                say!(en: "name another server with --resolver", ja: "--resolver で別のサーバーを指定してください")
            }
        }
    }
}

impl Malformation {
    /// The reason, a part of a sentence.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Message => say!(en: "it is no DNS message", ja: "DNS メッセージとして読めません"),
            Self::Foreign => say!(en: "it answers another question", ja: "別の問い合わせへの回答です"),
            Self::Cut => say!(en: "it ends in the middle", ja: "途中で切れています"),
            Self::Data => {
                say!(en: "a record holds data that its type cannot have", ja: "レコードの内容が種類に合っていません")
            }
        }
    }
}

/// Why a question could not be brought to a server, a part of a sentence. The system's own words exist in one language only.
pub(super) fn obstacle(kind: io::ErrorKind) -> Text {
    match kind {
        io::ErrorKind::ConnectionRefused => {
            say!(en: "no DNS server listens there", ja: "その宛先で DNS サーバーが動いていません")
        }
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::AddrNotAvailable => {
            say!(en: "no way leads there from here", ja: "ここからそこへの経路がありません")
        }
        io::ErrorKind::PermissionDenied => {
            say!(en: "this computer does not allow it", ja: "このコンピューターで許可されていません")
        }
        kind => Text::same(kind.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Rdata;

    fn name(text: &str) -> Name {
        Name::parse_absolute(text).unwrap()
    }

    fn answer(outcome: Outcome) -> Answer {
        let question = Question { name: name("www.example.com"), rtype: Rtype::TXT };
        Answer::new(&question, outcome, Source::Resolver("192.0.2.53:53".parse().unwrap()))
    }

    fn txt(ttl: u32) -> Record {
        Record { name: name("www.example.com"), rtype: Rtype::TXT, ttl, rdata: Rdata::txt(b"a").unwrap() }
    }

    fn every_outcome() -> Vec<Outcome> {
        vec![
            Outcome::Records(vec![txt(60)]),
            Outcome::NxDomain,
            Outcome::NoData,
            Outcome::Delegated { zone: name("www.example.com"), servers: vec![name("ns.example.net")] },
            Outcome::AliasOutside,
            Outcome::AliasLoop,
            Outcome::ServFail,
            Outcome::Refused,
            Outcome::Lame,
            Outcome::Code(4),
            Outcome::Truncated,
            Outcome::Timeout { foreign: 0 },
            Outcome::Timeout { foreign: 2 },
            Outcome::Unreachable(io::ErrorKind::ConnectionRefused),
            Outcome::Unreachable(io::ErrorKind::NetworkUnreachable),
            Outcome::Unreachable(io::ErrorKind::PermissionDenied),
            Outcome::Malformed(Malformation::Message),
            Outcome::Malformed(Malformation::Foreign),
            Outcome::Malformed(Malformation::Cut),
            Outcome::Malformed(Malformation::Data),
            Outcome::NotInFixture,
            Outcome::NotInPart,
        ]
    }

    #[test]
    fn outcomes_are_told_apart_in_both_languages() {
        let texts: Vec<Text> = every_outcome().into_iter().map(|outcome| answer(outcome).text()).collect();
        for (at, text) in texts.iter().enumerate() {
            assert!(text.en.contains("www.example.com") || text.en.contains("192.0.2.53"), "{}", text.en);
            assert!(!text.ja.contains('{') && !text.en.contains('{'), "{text:?}");
            assert!(texts.iter().skip(at + 1).all(|other| other.en != text.en && other.ja != text.ja), "{text:?}");
        }
    }

    #[test]
    fn what_was_not_said_is_not_absent() {
        for outcome in every_outcome() {
            let said = matches!(outcome, Outcome::Records(_) | Outcome::NxDomain | Outcome::NoData);
            assert_eq!(answer(outcome.clone()).records().is_some(), said, "{outcome:?}");
        }
        assert!(!Outcome::NotInFixture.speaks_of_the_name() && !Outcome::NotInPart.speaks_of_the_name());
        assert_eq!(answer(Outcome::Records(vec![txt(60), txt(30)])).ttl(), Some(30));
        assert_eq!(answer(Outcome::NxDomain).ttl(), None);
    }

    #[test]
    fn a_name_has_no_power_over_the_terminal() {
        let mut bad = answer(Outcome::NxDomain);
        bad.question.name = Name::from_labels([&b"\x1b[2J"[..], "\u{202e}".as_bytes()]).unwrap();
        let text = bad.text();
        assert!(text.en.contains(r"\027[2J.\226\128\174"), "{}", text.en);
    }

    #[test]
    fn a_circle_and_a_chain_that_is_too_long_are_told_apart() {
        let alias = |from: &str, to: &str| Record {
            name: name(from),
            rtype: Rtype::CNAME,
            ttl: 60,
            rdata: Rdata::cname(&name(to)),
        };
        let mut circle = answer(Outcome::AliasLoop);
        circle.chain = vec![alias("www.example.com", "a.example.com"), alias("a.example.com", "WWW.example.com")];
        assert!(circle.is_circle());
        let mut long = answer(Outcome::AliasLoop);
        long.chain =
            (0..=CHAIN_MAX).map(|n| alias(&format!("a{n}.example.com"), &format!("a{}.example.com", n + 1))).collect();
        assert!(!long.is_circle());
        for (answer, en, ja) in
            [(&circle, "go in a circle", "一周して"), (&long, "more than 16 aliases", "16 個を超えて")]
        {
            let text = answer.text();
            assert!(text.en.contains(en) && text.ja.contains(ja), "{text:?}");
            assert!(!text.en.contains("does not exist") && !text.ja.contains("ありません"), "{text:?}");
        }
    }

    #[test]
    fn aliases_and_other_servers_are_named() {
        let mut alias = answer(Outcome::NoData);
        alias.chain = vec![Record {
            name: name("www.example.com"),
            rtype: Rtype::CNAME,
            ttl: 60,
            rdata: Rdata::cname(&name("web.example.net")),
        }];
        assert!(alias.text().en.contains("web.example.net (of which www.example.com is an alias) exists"));
        assert!(alias.text().ja.contains("web.example.net（www.example.com の別名の先）"));
        let mut silent = answer(Outcome::Timeout { foreign: 0 });
        silent.failed = vec![("192.0.2.54:53".parse().unwrap(), Outcome::Refused)];
        assert!(
            silent.text().en.ends_with("in vain: 1")
                && silent.text().ja.ends_with("1 台にも問い合わせましたが、回答は得られませんでした")
        );
    }
}
