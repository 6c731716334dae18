//! From claims to RRsets: what a hand-written record replaces, the same record from two origins, and conflicts. What is active
//! always loads; what lost stays as a comment, and the finding names both origins.

use std::collections::{BTreeMap, HashMap};

use crate::catalogue::sender::Purpose;
use crate::report::{Finding, Text};
use crate::say;
use crate::zone::{Name, Record, Rtype, Ttl};

use super::claims::Claim;
use super::model::*;

/// TTL of a record that nobody asks another for, seconds: an hour, what most panels preset.
pub(super) const DEFAULT_TTL: u32 = 3600;

/// What assembling works on. Claims come in the order of precedence: hand-written, earlier sender, later sender, sections.
pub(super) struct Assembler<'a> {
    pub parties: &'a [Party],
    pub apex: &'a Name,
    pub default_ttl: Option<Ttl>,
    /// Subdomains that are zones of their own: their NS hide nothing of this site, since what is below is cut out.
    pub own_zones: &'a [&'a Name],
    pub findings: &'a mut Vec<Finding>,
    pub losers: Vec<Loser>,
}

/// Claims that were united, still in order.
#[derive(Clone, Debug)]
struct United {
    claim: Claim,
    origins: Vec<Origin>,
}

impl Assembler<'_> {
    fn company(&self, origin: &Origin) -> Text {
        self.parties.get(origin.party).map(|p| p.name.clone()).unwrap_or_default()
    }

    fn ttl(&self, claim: &Claim) -> Ttl {
        claim.ttl.or(self.default_ttl).or_else(|| Ttl::from_seconds(DEFAULT_TTL)).unwrap_or(Ttl::MAX)
    }

    fn lose(&mut self, lost: United, why: Text) {
        let record = Record {
            ttl: self.ttl(&lost.claim).seconds(),
            name: lost.claim.name,
            rtype: lost.claim.rtype,
            rdata: lost.claim.rdata,
        };
        self.losers.push(Loser { record, origins: lost.origins, why });
    }

    /// Everything, in one go.
    pub(super) fn run(mut self, by_hand: Vec<Claim>, rest: Vec<Claim>) -> (Vec<RrSet>, Vec<Loser>) {
        let rest = self.replaced_by_hand(&by_hand, rest);
        let united = unite(by_hand.into_iter().chain(rest).collect());
        let united = self.one_mx_source(united);
        let united = self.one_value(united);
        let united = self.cnames(united);
        let united = self.delegations(united);
        let sets = self.sets(united);
        (sets, self.losers)
    }

    /// MX, A, AAAA and CNAME of a `[[record]]` replace a template's set of that type at that owner.
    fn replaced_by_hand(&mut self, by_hand: &[Claim], rest: Vec<Claim>) -> Vec<Claim> {
        const REPLACED: [Rtype; 4] = [Rtype::MX, Rtype::A, Rtype::AAAA, Rtype::CNAME];
        let mut index: HashMap<(&Name, Rtype), Vec<&Claim>> = HashMap::new();
        for hand in by_hand.iter().filter(|h| REPLACED.contains(&h.rtype)) {
            index.entry((&hand.name, hand.rtype)).or_default().push(hand);
        }
        let mut said: Vec<(Name, Rtype, usize)> = Vec::new();
        let mut kept = Vec::new();
        for claim in rest {
            let Some(hands) = index.get(&(&claim.name, claim.rtype)) else {
                kept.push(claim);
                continue;
            };
            if hands.iter().any(|h| h.rdata.means(&claim.rdata, claim.rtype)) {
                kept.push(claim);
                continue;
            }
            let key = (claim.name.clone(), claim.rtype, claim.origin.party);
            if !said.contains(&key) {
                said.push(key);
                let company = self.company(&claim.origin);
                let (name, rtype) = (claim.name.display_without_dot().to_string(), claim.rtype);
                let value = crate::report::excerpt(&claim.rdata.present(claim.rtype), 100);
                let mut finding = Finding::advice(
                    "record-replaces-template",
                    say!(en: "your {rtype} at {name} stays; {company}'s ({value}) does not join it", ja: "{name} の {rtype} は [[record]] のままにします。{company}の設定（{value}）は足しません"; company = company),
                )
                .about(name, rtype.to_string());
                for hand in hands {
                    finding = finding.at_opt(hand.origin.span, Text::default());
                }
                self.findings.push(finding.at_opt(claim.origin.span, company));
            }
        }
        kept
    }

    /// Two companies' MX never unite silently: the earlier one stays.
    fn one_mx_source(&mut self, all: Vec<United>) -> Vec<United> {
        let mut winners: BTreeMap<Name, (usize, Option<crate::report::Span>)> = BTreeMap::new();
        for u in all.iter().filter(|u| is_template_mx(u)) {
            if let Some(first) = u.origins.first() {
                winners.entry(u.claim.name.clone()).or_insert((first.party, first.span));
            }
        }
        let mut said: Vec<(Name, usize)> = Vec::new();
        let mut kept = Vec::new();
        for u in all {
            let winner = winners.get(&u.claim.name).copied();
            let own = u.origins.iter().map(|o| o.party).collect::<Vec<_>>();
            match winner.filter(|_| is_template_mx(&u)) {
                Some((party, span)) if !own.contains(&party) => {
                    let loser = u.origins.first().copied();
                    let first = self.parties.get(party).map(|p| p.name.clone()).unwrap_or_default();
                    if let Some(loser) = loser
                        && !said.contains(&(u.claim.name.clone(), loser.party))
                    {
                        said.push((u.claim.name.clone(), loser.party));
                        let second = self.company(&loser);
                        let name = u.claim.name.display_without_dot().to_string();
                        self.findings.push(
                            Finding::error(
                                "mx-two-senders",
                                say!(en: "both {first} and {second} are to receive the mail of {name}", ja: "{first}と{second}の両方が {name} のメールを受け取ることになっています"; first = first, second = second),
                            )
                            .at_opt(loser.span, second.clone())
                            .at_opt(span, first.clone())
                            .about(name, "MX")
                            .harm(say!(en: "mail would arrive at either of them, by chance", ja: "メールがどちらに届くか、その時々で変わってしまいます"))
                            .next(say!(
                                en: "take \"receive\" out of the roles of one; until then only {first}'s MX is active",
                                ja: "どちらかの roles から \"receive\" を外してください。それまでは{first}の MX だけを使います"; first = first
                            )),
                        );
                    }
                    self.lose(
                        u,
                        say!(en: "{first} receives already", ja: "{first}がすでに受信しています"; first = first),
                    );
                }
                _ => kept.push(u),
            }
        }
        kept
    }

    /// Names at which only one value can be right: a DKIM selector, `_dmarc`, a name made for one verification.
    fn one_value(&mut self, all: Vec<United>) -> Vec<United> {
        let mut first: HashMap<(Name, &'static str), usize> = HashMap::new();
        let mut kept: Vec<United> = Vec::new();
        for u in all {
            let Some((id, kind)) = self.exclusive(&u) else {
                kept.push(u);
                continue;
            };
            let key = (u.claim.name.clone(), kind);
            let Some(winner) = first.get(&key).and_then(|i| kept.get(*i)).cloned() else {
                first.insert(key, kept.len());
                kept.push(u);
                continue;
            };
            // Several records of one party at one name are its own affair (and a lint rule's).
            if winner.origins.iter().any(|w| u.origins.iter().any(|o| o.party == w.party)) && kind == "verification" {
                kept.push(u);
                continue;
            }
            let (a, b) = (self.first_company(&winner), self.first_company(&u));
            let name = u.claim.name.display_without_dot().to_string();
            let what = match kind {
                "selector" => say!(en: "the DKIM selector", ja: "DKIM セレクタ"),
                "dmarc" => say!(en: "the DMARC record", ja: "DMARC のレコード"),
                _ => say!(en: "the verification name", ja: "所有確認の名前"),
            };
            let mut finding = Finding::error(
                id,
                say!(en: "{what} {name} is wanted by {a} and by {b}, with different values", ja: "{what} {name} を{a}と{b}が別の値で使おうとしています"; what = what, a = a, b = b),
            )
            .at_opt(u.origins.first().and_then(|o| o.span), b.clone())
            .at_opt(winner.origins.first().and_then(|o| o.span), a.clone())
            .about(name.clone(), u.claim.rtype.to_string());
            finding = match kind {
                "selector" if winner.origins.iter().any(|o| o.by_hand) => finding
                    .harm(say!(en: "when {b} changes its key, your copy goes stale and its signatures fail", ja: "{b}が鍵を替えると、手で入れた値は古くなり、署名が失敗します"; b = b))
                    .next(say!(en: "remove your [[record]], so that {b}'s own record is used; or keep it and watch for a new key", ja: "[[record]] を消して、{b}のレコードを使ってください。残すなら、鍵の交換に気をつけてください"; b = b)),
                "selector" => finding
                    .harm(say!(en: "two keys at one selector: receivers use either, and one sender's signatures fail (RFC 6376 §3.6.2.2)", ja: "1 つのセレクタに鍵が 2 つあると、どちらかのサービスの署名が失敗します（RFC 6376 §3.6.2.2）"))
                    .next(say!(en: "ask one of the two companies for another selector; until then only {a}'s is active", ja: "どちらかの会社で別のセレクタを選んでください。それまでは{a}の値だけを使います"; a = a)),
                "dmarc" => finding
                    .harm(say!(en: "receivers discard both if there are two (RFC 9989 §4.10)", ja: "2 つあると、受信側は両方とも無視します（RFC 9989 §4.10）"))
                    .next(say!(en: "keep one of them; until then only {a}'s is active", ja: "どちらか 1 つだけにしてください。それまでは{a}のものだけを使います"; a = a)),
                _ => finding.next(say!(en: "ask both companies which value is current; until then only {a}'s is active", ja: "どちらの値が今のものか確かめてください。それまでは{a}の値だけを使います"; a = a)),
            };
            self.findings.push(finding);
            self.lose(u, say!(en: "conflicts with {a}", ja: "{a}と衝突"; a = a));
        }
        kept
    }

    /// Whether only one value can stand here, by which rule.
    fn exclusive(&self, u: &United) -> Option<(&'static str, &'static str)> {
        let labels: Vec<&[u8]> = u.claim.name.labels().collect();
        let at = |i: usize, text: &[u8]| labels.get(i).is_some_and(|l: &&[u8]| l.eq_ignore_ascii_case(text));
        let text = matches!(u.claim.rtype, Rtype::TXT | Rtype::CNAME);
        if at(1, b"_domainkey") && text {
            return Some(("dkim-selector-collision", "selector"));
        }
        if at(0, b"_dmarc") && u.claim.rtype == Rtype::TXT && is_dmarc(&u.claim) {
            return Some(("dmarc-two-sources", "dmarc"));
        }
        let verification = matches!(u.claim.intent, Intent::Template { purpose: Purpose::Verification, .. })
            && u.claim.name != *self.apex;
        // At a From domain tokens of many services live together; a label with an underscore is made for one.
        (verification && labels.first().is_some_and(|l| l.starts_with(b"_")))
            .then_some(("verification-conflict", "verification"))
    }

    /// Who wants a record first: a company, or which part of the site.
    fn first_company(&self, u: &United) -> Text {
        match u.origins.first() {
            Some(o) if o.party != 0 => self.company(o),
            Some(o) if o.by_hand => say!(en: "your [[record]]", ja: "あなたの [[record]] "),
            _ => say!(en: "a section of site.toml", ja: "site.toml の設定"),
        }
    }

    /// A CNAME stands alone (RFC 1034 §3.6.2). An apex CNAME always loses; elsewhere the one with precedence stays.
    fn cnames(&mut self, all: Vec<United>) -> Vec<United> {
        let mut by_name: BTreeMap<Name, Vec<usize>> = BTreeMap::new();
        for (i, u) in all.iter().enumerate() {
            by_name.entry(u.claim.name.clone()).or_default().push(i);
        }
        let mut lost: HashMap<usize, Text> = HashMap::new();
        for (name, members) in &by_name {
            let is_cname = |i: &usize| all.get(*i).is_some_and(|u| u.claim.rtype == Rtype::CNAME);
            if !members.iter().any(is_cname) {
                continue;
            }
            let plain = name.display_without_dot().to_string();
            if name == self.apex {
                for i in members.iter().filter(|i| is_cname(i)) {
                    // fit says it, since it knows what the registrar has instead.
                    lost.insert(*i, apex_cname_reason());
                }
                continue;
            }
            let Some((&winner, others)) = members.split_first() else { continue };
            let cname_wins = is_cname(&winner);
            for &i in others {
                if !cname_wins && !is_cname(&i) {
                    continue;
                }
                let (Some(kept), Some(dropped)) = (all.get(winner), all.get(i)) else { continue };
                let (a, b) = (self.first_company(kept), self.first_company(dropped));
                let (kept_type, lost_type) = (kept.claim.rtype, dropped.claim.rtype);
                let id =
                    if kept_type == lost_type { "dns-cname-duplicate-or-loop" } else { "dns-cname-with-other-data" };
                self.findings.push(
                    Finding::error(
                        id,
                        say!(
                            en: "{plain}: the {lost_type} of {b} can't stand beside the {kept_type} of {a}",
                            ja: "{plain}: {b}の {lost_type} は、{a}の {kept_type} と同じ名前には置けません"; a = a, b = b
                        ),
                    )
                    .at_opt(dropped.origins.first().and_then(|o| o.span), b)
                    .at_opt(kept.origins.first().and_then(|o| o.span), a.clone())
                    .about(plain.clone(), lost_type.to_string())
                    .harm(say!(en: "a name with a CNAME can have nothing else (RFC 1034 §3.6.2)", ja: "CNAME のある名前には、ほかのレコードを置けません（RFC 1034 §3.6.2）"))
                    .next(say!(en: "decide which of the two is right; until then only {a}'s is active", ja: "どちらが正しいか決めてください。それまでは{a}のものだけを使います"; a = a)),
                );
                lost.insert(i, say!(en: "conflicts with {a}", ja: "{a}と衝突"; a = a));
            }
        }
        self.split(all, &lost)
    }

    fn split(&mut self, all: Vec<United>, lost: &HashMap<usize, Text>) -> Vec<United> {
        let mut kept = Vec::new();
        for (i, u) in all.into_iter().enumerate() {
            match lost.get(&i) {
                Some(why) => self.lose(u, why.clone()),
                None => kept.push(u),
            }
        }
        kept
    }

    /// Below a delegation nothing of this zone is seen. The earlier claim wins: a delegation that comes later than what it would hide is
    /// left out, what comes later than a delegation is left out.
    fn delegations(&mut self, all: Vec<United>) -> Vec<United> {
        let cuts: Vec<(usize, &United)> = all
            .iter()
            .enumerate()
            .filter(|(_, u)| u.claim.rtype == Rtype::NS && u.claim.name != *self.apex)
            .filter(|(_, u)| !self.own_zones.contains(&&u.claim.name))
            .collect();
        if cuts.is_empty() {
            return all;
        }
        let mut lost: HashMap<usize, Text> = HashMap::new();
        for (cut_at, cut) in &cuts {
            for (i, u) in all.iter().enumerate() {
                let hidden = u.claim.name.is_subdomain_of(&cut.claim.name)
                    && !(u.claim.name == cut.claim.name && matches!(u.claim.rtype, Rtype::NS | Rtype::DS))
                    && !is_glue(u, cut, &all);
                if !hidden || lost.contains_key(&i) || lost.contains_key(cut_at) {
                    continue;
                }
                let (a, b) = (self.first_company(cut), self.first_company(u));
                let (name, zone) =
                    (u.claim.name.display_without_dot().to_string(), cut.claim.name.display_without_dot().to_string());
                let (loser, kept) = if i < *cut_at { (*cut_at, b.clone()) } else { (i, a.clone()) };
                self.findings.push(
                    Finding::error(
                        "below-delegation",
                        say!(
                            en: "{zone} is delegated for {a}, which hides {name} of {b}",
                            ja: "{a}のために {zone} を委任すると、{b}の {name} は見えなくなります"; a = a, b = b
                        ),
                    )
                    .at_opt(u.origins.first().and_then(|o| o.span), b)
                    .at_opt(cut.origins.first().and_then(|o| o.span), a)
                    .about(name, u.claim.rtype.to_string())
                    .harm(say!(en: "records below a delegation are answered by the other name server, or not at all", ja: "委任した名前より下は、委任先のネームサーバーだけが答えます"))
                    .next(say!(
                        en: "enter the record at the company that gets the delegation, or leave the delegation out; until then {kept}'s stays",
                        ja: "委任先の会社にそのレコードを登録するか、委任をやめてください。それまでは{kept}のものを残します"; kept = kept
                    )),
                );
                lost.insert(loser, say!(en: "conflicts with {kept}", ja: "{kept}と衝突"; kept = kept));
            }
            // A set of NS goes or stays as a whole.
            if let Some(why) = lost.get(cut_at).cloned() {
                for (other_at, other) in &cuts {
                    if other.claim.name == cut.claim.name {
                        lost.entry(*other_at).or_insert_with(|| why.clone());
                    }
                }
            }
        }
        self.split(all, &lost)
    }

    /// RRsets, apex first, names in canonical order, types by number; one TTL each.
    fn sets(&mut self, all: Vec<United>) -> Vec<RrSet> {
        let mut sets: BTreeMap<(bool, Name, Rtype), Vec<United>> = BTreeMap::new();
        for u in all {
            let below = u.claim.name != *self.apex;
            sets.entry((below, u.claim.name.clone(), u.claim.rtype)).or_default().push(u);
        }
        let mut out = Vec::new();
        for ((_, name, rtype), members) in sets {
            let ttl = members.iter().map(|u| self.ttl(&u.claim)).min().unwrap_or(Ttl::MAX);
            self.say_ttl(&name, rtype, &members, ttl);
            let members = members
                .into_iter()
                .map(|u| Member { rdata: u.claim.rdata, origins: u.origins, intent: u.claim.intent })
                .collect();
            out.push(RrSet { name, rtype, ttl, members });
        }
        out
    }

    fn say_ttl(&mut self, name: &Name, rtype: Rtype, members: &[United], ttl: Ttl) {
        if members.iter().all(|u| self.ttl(&u.claim) == ttl) {
            return;
        }
        let plain = name.display_without_dot().to_string();
        let seconds = ttl.seconds();
        let mut finding = Finding::advice(
            "dns-ttl",
            say!(en: "{plain} {rtype}: different TTLs were asked for; one set has one TTL, so {seconds} seconds is used", ja: "{plain} の {rtype}: TTL がそろっていません。同じ名前・種別の TTL は 1 つなので、{seconds} 秒にしました"),
        )
        .about(plain, rtype.to_string());
        for u in members {
            let own = self.ttl(&u.claim).seconds();
            finding = finding.at_opt(u.origins.first().and_then(|o| o.span), say!(en: "{own} seconds", ja: "{own} 秒"));
        }
        self.findings.push(finding);
    }
}

/// Why an apex CNAME is not active.
pub(super) fn apex_cname_reason() -> Text {
    say!(en: "a CNAME can't stand at the domain itself", ja: "ドメイン直下に CNAME は置けません")
}

fn is_template_mx(u: &United) -> bool {
    u.claim.rtype == Rtype::MX && matches!(u.claim.intent, Intent::Template { purpose: Purpose::Mx, .. })
}

fn is_dmarc(claim: &Claim) -> bool {
    !matches!(crate::mail::dmarc::recognise(&claim.rdata.txt_joined()), crate::mail::dmarc::Recognised::No)
}

/// An address of a name server named in the delegation itself belongs to it.
fn is_glue(u: &United, cut: &United, all: &[United]) -> bool {
    matches!(u.claim.rtype, Rtype::A | Rtype::AAAA)
        && all.iter().any(|other| {
            other.claim.rtype == Rtype::NS
                && other.claim.name == cut.claim.name
                && other.claim.rdata.target(Rtype::NS).is_some_and(|t| t == u.claim.name)
        })
}

/// The same record from two origins is one record.
fn unite(claims: Vec<Claim>) -> Vec<United> {
    let mut out: Vec<United> = Vec::new();
    let mut index: HashMap<(Name, Rtype), Vec<usize>> = HashMap::new();
    for claim in claims {
        let key = (claim.name.clone(), claim.rtype);
        let at = index.entry(key).or_default();
        let twin =
            at.iter().copied().find(|i| out.get(*i).is_some_and(|u| u.claim.rdata.means(&claim.rdata, claim.rtype)));
        match twin.and_then(|i| out.get_mut(i)) {
            Some(u) => {
                u.origins.push(claim.origin);
                // What a template knows of the record is worth keeping when a hand wrote it first.
                if u.claim.intent == Intent::ByHand {
                    u.claim.intent = claim.intent;
                }
                u.claim.ttl = [u.claim.ttl, claim.ttl].into_iter().flatten().min();
            }
            None => {
                at.push(out.len());
                out.push(United { origins: vec![claim.origin], claim });
            }
        }
    }
    out
}
