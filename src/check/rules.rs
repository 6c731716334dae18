//! What can be found by looking into DNS, one line each: the ids that `[lint] off` may name besides those of `lint`. That something was not
//! answered is none of them: it is never right, whoever says so.

use crate::report::Text;

/// One thing that is checked.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its id, as findings carry it.
    pub id: &'static str,
    /// What it says, one line.
    pub en: &'static str,
    /// The same in Japanese.
    pub ja: &'static str,
}

impl Rule {
    /// What it says.
    #[must_use]
    pub fn summary(&self) -> Text {
        Text { en: self.en.to_owned(), ja: self.ja.to_owned() }
    }
}

/// All of them that `lint` does not have.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    Rule { id: "check-missing", en: "What is wanted is published", ja: "必要なレコードが DNS にあります" },
    Rule { id: "check-different", en: "What is published is what is wanted", ja: "DNS の値が必要な値と同じです" },
    Rule { id: "check-extra", en: "Nothing stands beside what is wanted", ja: "必要な値のほかに余分な値がありません" },
    Rule { id: "check-servers-disagree", en: "All name servers of a zone say the same", ja: "ゾーンのネームサーバーがすべて同じ内容を答えます" },
    Rule { id: "check-name-server", en: "Every name server answers for its zone", ja: "どのネームサーバーも、受け持つゾーンに答えます" },
    Rule { id: "check-cached", en: "A resolver has the new answer", ja: "リゾルバーに新しい回答が届いています" },
    Rule { id: "check-panel", en: "The name servers are those of the company in whose panel the zone is edited (RFC 1034 §4.2)", ja: "ネームサーバーが、DNSを編集する会社のものです" },
    Rule { id: "check-not-delegated", en: "The domain and its delegated subdomains exist in DNS", ja: "ドメインと、委任したサブドメインが DNS にあります" },
    Rule { id: "check-delegation", en: "A zone names the name servers that it is delegated to (RFC 1034 §4.2.2)", ja: "委任先のネームサーバーと、ゾーン自身の NS が同じです" },
    Rule { id: "check-below-delegation", en: "No wanted record stands at a name that is given away to other servers", ja: "ほかのサーバーに委任した名前に、必要なレコードがありません" },
    Rule { id: "check-copy-stale", en: "A copied key is still the one that the vendor publishes", ja: "写した鍵が、利用サービスの今の鍵と同じです" },
    Rule { id: "check-ruler", en: "The test text of zoneplan ruler, read back from DNS", ja: "zoneplan ruler のテスト用の文字列が DNS でどう見えるか" },
    Rule { id: "dkim-record-missing", en: "The DKIM record of every sender is published (RFC 6376 §3.6.2.1)", ja: "どのサービスの DKIM レコードも DNS にあります" },
    Rule { id: "dkim-cname-broken", en: "The CNAME of a selector leads to one usable key (RFC 6376 §3.6.2.2)", ja: "セレクタの CNAME の行き先に、使える鍵が 1 つあります" },
    Rule { id: "dmarc-rua-undeliverable", en: "Who gets DMARC reports receives mail (RFC 5321 §5.1)", ja: "DMARC レポートの宛先はメールを受け取れます" },
    Rule { id: "spf-include-without-spf", en: "Behind every include and redirect is one SPF record (RFC 7208 §5.2, §6.1)", ja: "include と redirect の先に SPF レコードが 1 つあります" },
    Rule { id: "spf-include-passes-everyone", en: "No include lets everybody pass (RFC 7208 §5.2)", ja: "だれでも合格にする include がありません" },
    Rule { id: "spf-mx-too-many-hosts", en: "No mx of SPF has more than ten hosts (RFC 7208 §4.6.4)", ja: "SPF の mx のメールサーバーは 10 台までです" },
    Rule { id: "spf-void-lookups", en: "At most two look-ups of SPF find nothing (RFC 7208 §4.6.4)", ja: "SPF の照会で、該当なしは 2 回までです" },
    Rule { id: "spf-void-ipv6-client", en: "The same for mail that is sent over IPv6", ja: "IPv6 で送られたメールでも、該当なしは 2 回までです" },
    Rule { id: "spf-sender-not-covered", en: "The SPF record in DNS passes mail of every service of the site (RFC 7208 §4)", ja: "DNS にある SPF で、どのサービスのメールも合格します" },
    Rule { id: "ptr-not-forward-confirmed", en: "Reverse DNS of an own mail server leads back to it (support.google.com/mail/answer/81126)", ja: "自社のメールサーバーの逆引きが、そのサーバーに戻ります" },
    Rule { id: "ptr-generic-or-helo-mismatch", en: "Reverse DNS of an own mail server is a name of its own (RFC 5321 §4.1.4)", ja: "自社のメールサーバーの逆引きが、固有の名前です" },
    Rule { id: "tlsa-without-dnssec", en: "A zone with TLSA for mail is signed (RFC 7672 §2.2)", ja: "メール用の TLSA があるゾーンは DNSSEC で署名されています" },
    Rule { id: "mtasts-policy", en: "The MTA-STS policy is served as it is wanted (RFC 8461 §3.2, §3.3); looked at with --fetch only", ja: "MTA-STS のポリシーが正しく公開されています（--fetch のときだけ確認）" },
    Rule { id: "dnssec-broken-chain", en: "A signed zone's signatures hold (RFC 4035 §5)", ja: "DNSSEC の署名が正しく検証できます" },
];

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn an_id_is_said_once() {
        let mut ids: Vec<&str> =
            RULES.iter().map(|rule| rule.id).chain(crate::lint::rules().map(|rule| rule.id)).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
