//! From claims to RRsets: what a hand-written record replaces, the same record from two origins, and conflicts. What is active
//! always loads; what lost stays as a comment, and the finding names both origins.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::catalogue::sender::{Purpose, TxtConflict};
use crate::report::{Finding, Text};
use crate::say;
use crate::zone::{Name, Rdata, Record, Rtype, Ttl};

use super::claims::Claim;
use super::model::*;

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
    /// The TTL that each of the origins asked for.
    asked: Vec<Option<Ttl>>,
}

impl United {
    /// The `[[record]]` that has it, if one does.
    fn hand(&self) -> Option<Origin> {
        self.origins.iter().find(|o| o.by_hand).copied()
    }

    fn by_hand(&self) -> bool {
        self.hand().is_some()
    }

    /// Whether one party wants both.
    fn shares_party(&self, other: &Self) -> bool {
        self.origins.iter().any(|o| other.origins.iter().any(|p| p.party == o.party))
    }

    /// Whether this may be changed later, and gives way to `other`, which may not.
    fn gives_way_to(&self, other: &Self) -> bool {
        self.claim.on_apply && !other.claim.on_apply && !self.shares_party(other)
    }
}

impl Assembler<'_> {
    fn company(&self, origin: &Origin) -> Text {
        self.parties.get(origin.party).map(|p| p.name.clone()).unwrap_or_default()
    }

    /// What an origin's TTL is, given what it asked for.
    fn ttl(&self, asked: Option<Ttl>) -> Ttl {
        asked.or(self.default_ttl).unwrap_or(Ttl::DEFAULT)
    }

    /// The lowest TTL of all that want the record.
    fn lowest(&self, u: &United) -> Ttl {
        u.asked.iter().map(|asked| self.ttl(*asked)).min().unwrap_or(Ttl::MAX)
    }

    fn lose(&mut self, lost: United, why: Text) {
        let record = Record {
            ttl: self.lowest(&lost).seconds(),
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
        self.txt_conflicts(&united);
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

    /// Two companies' MX never unite silently: the earlier one stays. What a hand wrote stays whatever it is.
    fn one_mx_source(&mut self, all: Vec<United>) -> Vec<United> {
        let mut winners: BTreeMap<Name, (Origin, Option<Origin>)> = BTreeMap::new();
        for u in all.iter().filter(|u| is_template_mx(u)) {
            if let Some(origin) = company_of(u) {
                winners.entry(u.claim.name.clone()).or_insert((origin, u.hand()));
            }
        }
        let mut said: HashSet<(Name, usize)> = HashSet::new();
        let mut kept = Vec::new();
        for u in all {
            let winner = winners.get(&u.claim.name).copied().filter(|_| is_template_mx(&u));
            let (Some((winner, winner_by_hand)), Some(loser)) = (winner, company_of(&u)) else {
                kept.push(u);
                continue;
            };
            if u.origins.iter().any(|o| o.party == winner.party) {
                kept.push(u);
                continue;
            }
            let first = self.company(&winner);
            if said.insert((u.claim.name.clone(), loser.party)) {
                let hands = winner_by_hand.zip(u.hand());
                self.say_two_mx(&u.claim.name, winner, loser, hands);
            }
            if u.by_hand() {
                kept.push(u);
            } else {
                self.lose(u, say!(en: "{first} receives already", ja: "{first}がすでに受信しています"; first = first));
            }
        }
        kept
    }

    /// `hands`: the `[[record]]`s of the two, if both are written by hand.
    fn say_two_mx(&mut self, name: &Name, winner: Origin, loser: Origin, hands: Option<(Origin, Origin)>) {
        let (first, second) = (self.company(&winner), self.company(&loser));
        let by_hand = hands.is_some();
        let (winner, loser) = hands.unwrap_or((winner, loser));
        let name = name.display_without_dot().to_string();
        let title = say!(en: "both {first} and {second} are to receive the mail of {name}", ja: "{first}と{second}の両方が {name} のメールを受け取ることになっています"; first = first, second = second);
        // What a hand wrote on purpose is no error.
        let finding =
            if by_hand { Finding::warning("mx-two-senders", title) } else { Finding::error("mx-two-senders", title) };
        let finding = finding
            .at_opt(loser.span, second.clone())
            .at_opt(winner.span, first.clone())
            .about(name, "MX")
            .harm(say!(en: "mail would arrive at either of them, by chance", ja: "メールがどちらに届くか、その時々で変わってしまいます"));
        self.findings.push(if by_hand {
            finding.next(say!(
                en: "both MX stay, since each is in a [[record]]; if only one company is to receive, remove the other's [[record]]",
                ja: "どちらの MX も [[record]] にあるので、両方とも残します。受信するのが 1 社だけなら、もう一方の [[record]] を消してください"
            ))
        } else {
            finding.next(say!(
                en: "take \"receive\" out of the roles of one; until then only {first}'s MX is active",
                ja: "どちらかの roles から \"receive\" を外してください。それまでは{first}の MX だけを使います"; first = first
            ))
        });
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
            if winner.shares_party(&u) && kind == "verification" {
                kept.push(u);
                continue;
            }
            if winner.gives_way_to(&u) || u.gives_way_to(&winner) {
                let (stays, goes) = if u.claim.on_apply { (winner, u) } else { (u, winner) };
                self.say_gives_way(&stays, &goes);
                let why = self.conflicts_with(&stays);
                if let Some(place) = first.get(&key).and_then(|i| kept.get_mut(*i)) {
                    *place = stays;
                }
                self.lose(goes, why);
                continue;
            }
            self.say_one_value(id, kind, &winner, &u);
            let why = self.conflicts_with(&winner);
            self.lose(u, why);
        }
        kept
    }

    fn say_gives_way(&mut self, stays: &United, goes: &United) {
        let (a, b) = (self.first_company(stays), self.first_company(goes));
        let (name, rtype) = (goes.claim.name.display_without_dot().to_string(), goes.claim.rtype);
        self.findings.push(
            Finding::advice(
                "record-gives-way",
                say!(en: "the {rtype} of {b} at {name} gives way to that of {a}; its template allows that", ja: "{name} の {rtype} は{a}のものにし、{b}のものは使いません（{b}の設定データで、変更してよいとされています）"; a = a, b = b),
            )
            .at_opt(goes.origins.first().and_then(|o| o.span), label(b))
            .at_opt(stays.origins.first().and_then(|o| o.span), label(a))
            .about(name, rtype.to_string()),
        );
    }

    /// TXT records that, by their template, do not bear another party's TXT of the same name. Both stay; somebody has to decide.
    fn txt_conflicts(&mut self, all: &[United]) {
        if all.iter().all(|u| u.claim.conflict.is_none()) {
            return;
        }
        let mut by_name: HashMap<&Name, Vec<(usize, &United)>> = HashMap::new();
        for (i, u) in all.iter().enumerate().filter(|(_, u)| u.claim.rtype == Rtype::TXT) {
            by_name.entry(&u.claim.name).or_default().push((i, u));
        }
        let mut told: HashSet<(usize, usize)> = HashSet::new();
        for (i, u) in all.iter().enumerate() {
            let Some(conflict) = &u.claim.conflict else { continue };
            for &(k, other) in by_name.get(&u.claim.name).into_iter().flatten() {
                // SPF is one record of all parties.
                let spf = matches!(other.claim.intent, Intent::Spf { .. });
                let meant = match conflict {
                    TxtConflict::All => true,
                    TxtConflict::Prefix(prefix) => other.claim.rdata.txt_joined().starts_with(prefix.as_bytes()),
                };
                if !u.shares_party(other) && !spf && meant && told.insert((i.min(k), i.max(k))) {
                    self.say_txt_conflict(u, other);
                }
            }
        }
    }

    fn say_txt_conflict(&mut self, u: &United, other: &United) {
        let (a, b) = (self.first_company(u), self.first_company(other));
        let name = u.claim.name.display_without_dot().to_string();
        let title = say!(
            en: "{name}: the TXT of {a} is made to be alone of its kind, and the TXT of {b} stands beside it",
            ja: "{name}: {a}の TXT は同じ種類のものと並べられませんが、{b}の TXT が同じ名前にあります"; a = a, b = b
        );
        let finding = if u.claim.on_apply || other.claim.on_apply {
            Finding::advice("txt-not-alone", title)
        } else {
            Finding::warning("txt-not-alone", title)
        };
        self.findings.push(
            finding
                .at_opt(u.origins.first().and_then(|o| o.span), label(a.clone()))
                .at_opt(other.origins.first().and_then(|o| o.span), label(b))
                .about(name, "TXT")
                .harm(say!(en: "{a}'s check may find the other value", ja: "{a}の確認で、もう一方の値が使われることがあります"; a = a))
                .next(say!(en: "look which of them is still used and remove the other; until then both are active", ja: "使っていないほうを消してください。それまでは両方とも残します")),
        );
    }

    fn say_one_value(&mut self, id: &'static str, kind: &'static str, winner: &United, u: &United) {
        let (a, b) = (self.first_company(winner), self.first_company(u));
        let stays = self.the_kept(winner, u);
        let name = u.claim.name.display_without_dot().to_string();
        let what = match kind {
            "selector" => say!(en: "the DKIM selector", ja: "DKIM セレクタ"),
            "dmarc" => say!(en: "the DMARC record", ja: "DMARC のレコード"),
            _ => say!(en: "the verification name", ja: "所有確認の名前"),
        };
        let both_by_hand = both_by_hand(winner, u);
        let title = if both_by_hand {
            say!(en: "{what} {name} stands in two [[record]]s, with different values", ja: "{what} {name} が、値の違う 2 つの [[record]] にあります"; what = what)
        } else {
            say!(en: "{what} {name} is wanted by {a} and by {b}, with different values", ja: "{what} {name} を{a}と{b}が別の値で使おうとしています"; what = what, a = a, b = b)
        };
        let finding = Finding::error(id, title)
            .at_opt(u.origins.first().and_then(|o| o.span), label(b.clone()))
            .at_opt(winner.origins.first().and_then(|o| o.span), label(a.clone()))
            .about(name, u.claim.rtype.to_string());
        let alone = || say!(en: "a name with a CNAME can have nothing else, not even a second CNAME (RFC 1034 §3.6.2)", ja: "CNAME のある名前には、2 つ目の CNAME も含めて、ほかのレコードを置けません（RFC 1034 §3.6.2）");
        let keys = winner.claim.rtype == Rtype::TXT && u.claim.rtype == Rtype::TXT;
        // The hand's copy of what this very company wants; for another company it is a collision like any.
        let copy =
            winner.origins.iter().any(|w| w.by_hand && (w.party == 0 || u.origins.iter().any(|o| o.party == w.party)));
        self.findings.push(match kind {
            "selector" if both_by_hand => finding
                .harm(if keys {
                    say!(en: "two keys at one selector: receivers use either, and what the other key signed fails (RFC 6376 §3.6.2.2)", ja: "1 つのセレクタに鍵が 2 つあると、受信側はどちらかを使い、もう一方の鍵での署名は失敗します（RFC 6376 §3.6.2.2）")
                } else {
                    alone()
                })
                .next(say!(en: "keep the [[record]] of the key in use and remove the other; until then only {stays} is active", ja: "使っている鍵の [[record]] だけを残し、もう一方を消してください。それまでは{stays}だけを使います"; stays = stays)),
            "selector" if copy => finding
                .harm(say!(en: "when {b} changes its key, your copy goes stale and its signatures fail", ja: "{b}が鍵を替えると、手で入れた値は古くなり、署名が失敗します"; b = b))
                .next(say!(en: "remove your [[record]], so that {b}'s own record is used; or keep it and watch for a new key", ja: "[[record]] を消して、{b}のレコードを使ってください。残すなら、鍵の交換に気をつけてください"; b = b)),
            "selector" => finding
                .harm(if keys {
                    say!(en: "two keys at one selector: receivers use either, and one sender's signatures fail (RFC 6376 §3.6.2.2)", ja: "1 つのセレクタに鍵が 2 つあると、どちらかのサービスの署名が失敗します（RFC 6376 §3.6.2.2）")
                } else {
                    alone()
                })
                .next(say!(en: "ask one of the two companies for another selector; until then only {stays} is active", ja: "どちらかの会社で別のセレクタを選んでください。それまでは{stays}だけを使います"; stays = stays)),
            "dmarc" => finding
                .harm(say!(en: "receivers discard both if there are two (RFC 9989 §4.10)", ja: "2 つあると、受信側は両方とも無視します（RFC 9989 §4.10）"))
                .next(say!(en: "keep one of them; until then only {stays} is active", ja: "どちらか 1 つだけにしてください。それまでは{stays}だけを使います"; stays = stays)),
            _ if both_by_hand => finding
                .next(say!(en: "look which value is current and remove the other; until then only {stays} is active", ja: "どちらの値が今のものか確かめて、もう一方を消してください。それまでは{stays}だけを使います"; stays = stays)),
            _ => finding
                .next(say!(en: "ask both companies which value is current; until then only {stays} is active", ja: "どちらの値が今のものか確かめてください。それまでは{stays}だけを使います"; stays = stays)),
        });
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

    /// The record that stays, in a sentence: whose it is, and where both are one's, which of them.
    fn the_kept(&self, winner: &United, loser: &United) -> Text {
        if both_by_hand(winner, loser) {
            return say!(en: "the first [[record]]", ja: "先に書いた [[record]] ");
        }
        let a = self.first_company(winner);
        say!(en: "{a}'s", ja: "{a}のもの"; a = a)
    }

    /// Why a record is not active.
    fn conflicts_with(&self, winner: &United) -> Text {
        let a = self.first_company(winner);
        say!(en: "conflicts with {a}", ja: "{a}と衝突"; a = a)
    }

    /// A CNAME stands alone (RFC 1034 §3.6.2). One at the apex of a zone always loses; elsewhere the one with precedence stays.
    fn cnames(&mut self, all: Vec<United>) -> Vec<United> {
        let mut by_name: BTreeMap<Name, Vec<usize>> = BTreeMap::new();
        let aliases: HashSet<&Name> =
            all.iter().filter(|u| u.claim.rtype == Rtype::CNAME).map(|u| &u.claim.name).collect();
        for (i, u) in all.iter().enumerate().filter(|(_, u)| aliases.contains(&u.claim.name)) {
            by_name.entry(u.claim.name.clone()).or_default().push(i);
        }
        let apexes: HashSet<&Name> = self.own_zones.iter().copied().collect();
        let mut lost: HashMap<usize, Text> = HashMap::new();
        for (name, members) in &by_name {
            let is_cname = |i: &usize| all.get(*i).is_some_and(|u| u.claim.rtype == Rtype::CNAME);
            let plain = name.display_without_dot().to_string();
            if name == self.apex || apexes.contains(name) {
                for i in members.iter().filter(|i| is_cname(i)) {
                    // fit says it, since it knows what the registrar has instead.
                    lost.insert(*i, apex_cname_reason());
                }
                continue;
            }
            // What may be changed later comes last.
            let later = |i: &usize| all.get(*i).is_some_and(|u| u.claim.on_apply);
            let (last, first): (Vec<usize>, Vec<usize>) = members.iter().partition(|i| later(i));
            let order = [first, last].concat();
            let Some((&winner, others)) = order.split_first() else { continue };
            let cname_wins = is_cname(&winner);
            for &i in others {
                if !cname_wins && !is_cname(&i) {
                    continue;
                }
                let (Some(kept), Some(dropped)) = (all.get(winner), all.get(i)) else { continue };
                if dropped.gives_way_to(kept) {
                    self.say_gives_way(kept, dropped);
                    lost.insert(i, self.conflicts_with(kept));
                    continue;
                }
                let (a, b) = (self.first_company(kept), self.first_company(dropped));
                let (why, stays) = (self.conflicts_with(kept), self.the_kept(kept, dropped));
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
                    .at_opt(dropped.origins.first().and_then(|o| o.span), label(b))
                    .at_opt(kept.origins.first().and_then(|o| o.span), label(a))
                    .about(plain.clone(), lost_type.to_string())
                    .harm(say!(en: "a name with a CNAME can have nothing else (RFC 1034 §3.6.2)", ja: "CNAME のある名前には、ほかのレコードを置けません（RFC 1034 §3.6.2）"))
                    .next(say!(en: "decide which of the two is right; until then only {stays} is active", ja: "どちらが正しいか決めてください。それまでは{stays}だけを使います"; stays = stays)),
                );
                lost.insert(i, why);
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
        let mut cuts = self.cuts(&all);
        if cuts.is_empty() {
            return all;
        }
        let at: HashMap<&Name, usize> = cuts.iter().enumerate().map(|(nth, cut)| (cut.name, nth)).collect();
        let mut hidden: Vec<Vec<usize>> = vec![Vec::new(); cuts.len()];
        for (i, u) in all.iter().enumerate() {
            let mut name = Some(u.claim.name.clone());
            while let Some(here) = name {
                if let Some(nth) = at.get(&here)
                    && cuts.get(*nth).is_some_and(|cut| cut.hides(u))
                    && let Some(hidden) = hidden.get_mut(*nth)
                {
                    hidden.push(i);
                }
                name = here.parent();
            }
        }
        for (cut, hidden) in cuts.iter_mut().zip(hidden) {
            cut.hidden = hidden;
        }
        let mut lost: HashMap<usize, Text> = HashMap::new();
        for cut in &cuts {
            let Some(delegation) = all.get(cut.first) else { continue };
            for &i in &cut.hidden {
                if lost.contains_key(&cut.first) {
                    break;
                }
                let Some(u) = all.get(i).filter(|_| !lost.contains_key(&i)) else { continue };
                let why = self.say_below(delegation, u, i < cut.first);
                // A set of NS goes or stays as a whole.
                let loser =
                    if i < cut.first { Some(cut) } else { at.get(&u.claim.name).and_then(|nth| cuts.get(*nth)) };
                match loser.filter(|_| i < cut.first || u.claim.rtype == Rtype::NS) {
                    Some(set) => lost.extend(set.members.iter().map(|member| (*member, why.clone()))),
                    None => {
                        lost.insert(i, why);
                    }
                }
            }
        }
        self.split(all, &lost)
    }

    /// The delegations of this site, by their first NS.
    fn cuts<'a>(&self, all: &'a [United]) -> Vec<Cut<'a>> {
        let own: HashSet<&Name> = self.own_zones.iter().copied().chain([self.apex]).collect();
        let mut cuts: Vec<Cut<'a>> = Vec::new();
        let mut at: HashMap<&Name, usize> = HashMap::new();
        for (i, u) in all.iter().enumerate() {
            let name = &u.claim.name;
            if u.claim.rtype != Rtype::NS || own.contains(name) {
                continue;
            }
            let nth = *at.entry(name).or_insert(cuts.len());
            if nth == cuts.len() {
                cuts.push(Cut { name, first: i, members: Vec::new(), servers: HashSet::new(), hidden: Vec::new() });
            }
            if let Some(cut) = cuts.get_mut(nth) {
                cut.members.push(i);
                cut.servers.extend(u.claim.rdata.target(Rtype::NS));
            }
        }
        cuts
    }

    /// Says that `delegation` hides `u`; gives why the one of them that came later is not active.
    fn say_below(&mut self, delegation: &United, u: &United, delegation_lost: bool) -> Text {
        let (a, b) = (self.first_company(delegation), self.first_company(u));
        let (winner, loser) = if delegation_lost { (u, delegation) } else { (delegation, u) };
        let (why, kept) = (self.conflicts_with(winner), self.the_kept(winner, loser));
        let name = u.claim.name.display_without_dot().to_string();
        let zone = delegation.claim.name.display_without_dot().to_string();
        self.findings.push(
            Finding::error(
                "below-delegation",
                say!(
                    en: "{zone} is delegated for {a}, which hides {name} of {b}",
                    ja: "{a}のために {zone} を委任すると、{b}の {name} は見えなくなります"; a = a, b = b
                ),
            )
            .at_opt(u.origins.first().and_then(|o| o.span), label(b))
            .at_opt(delegation.origins.first().and_then(|o| o.span), label(a))
            .about(name, u.claim.rtype.to_string())
            .harm(say!(en: "records below a delegation are answered by the other name server, or not at all", ja: "委任した名前より下は、委任先のネームサーバーだけが答えます"))
            .next(say!(
                en: "enter the record at the company that gets the delegation, or leave the delegation out; until then {kept} stays",
                ja: "委任先の会社にそのレコードを登録するか、委任をやめてください。それまでは{kept}を残します"; kept = kept
            )),
        );
        why
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
            let ttl = members.iter().map(|u| self.lowest(u)).min().unwrap_or(Ttl::MAX);
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
        if members.iter().flat_map(|u| &u.asked).all(|asked| self.ttl(*asked) == ttl) {
            return;
        }
        let plain = name.display_without_dot().to_string();
        let seconds = ttl.seconds();
        let mut finding = Finding::advice(
            "dns-ttl",
            say!(en: "{plain} {rtype}: different TTLs were asked for; one set has one TTL, so {seconds} seconds is used", ja: "{plain} の {rtype}: TTL がそろっていません。同じ名前・種別の TTL は 1 つなので、{seconds} 秒にしました"),
        )
        .about(plain, rtype.to_string());
        for (origin, asked) in members.iter().flat_map(|u| u.origins.iter().zip(&u.asked)) {
            let own = self.ttl(*asked).seconds();
            let text = match asked {
                Some(_) => say!(en: "{own} seconds", ja: "{own} 秒"),
                None => say!(en: "{own} seconds, the default", ja: "{own} 秒（指定なし）"),
            };
            finding = finding.at_opt(origin.span, text);
        }
        self.findings.push(finding);
    }
}

/// Why an apex CNAME is not active.
pub(super) fn apex_cname_reason() -> Text {
    say!(en: "a CNAME can't stand at the domain itself", ja: "ドメイン直下に CNAME は置けません")
}

/// The name of a party as a label, where no sentence goes on behind it.
fn label(name: Text) -> Text {
    Text { en: name.en, ja: name.ja.trim_end().to_owned() }
}

/// Two records of which the site's own file has both.
fn both_by_hand(winner: &United, loser: &United) -> bool {
    winner.by_hand() && loser.by_hand()
}

fn is_template_mx(u: &United) -> bool {
    u.claim.rtype == Rtype::MX && matches!(u.claim.intent, Intent::Template { purpose: Purpose::Mx, .. })
}

/// The company whose template wants the record, else whoever wants it first.
fn company_of(u: &United) -> Option<Origin> {
    u.origins.iter().find(|o| !o.by_hand).or_else(|| u.origins.first()).copied()
}

fn is_dmarc(claim: &Claim) -> bool {
    !matches!(crate::mail::dmarc::recognise(&claim.rdata.txt_joined()), crate::mail::dmarc::Recognised::No)
}

/// A delegation: all NS of one name.
struct Cut<'a> {
    name: &'a Name,
    /// The place of its first NS.
    first: usize,
    /// The places of all of them.
    members: Vec<usize>,
    /// The hosts they name.
    servers: HashSet<Name>,
    /// The places of what it hides.
    hidden: Vec<usize>,
}

impl Cut<'_> {
    /// Whether a record at or below this name is hidden: all but the delegation itself and the addresses of its name servers.
    fn hides(&self, u: &United) -> bool {
        let claim = &u.claim;
        let itself = claim.name == *self.name && matches!(claim.rtype, Rtype::NS | Rtype::DS);
        let glue = matches!(claim.rtype, Rtype::A | Rtype::AAAA) && self.servers.contains(&claim.name);
        !itself && !glue
    }
}

/// The same record from two origins is one record.
fn unite(claims: Vec<Claim>) -> Vec<United> {
    let mut out: Vec<United> = Vec::new();
    let mut index: HashMap<(Name, Rtype, Vec<u8>), usize> = HashMap::new();
    for claim in claims {
        let key = (claim.name.clone(), claim.rtype, meaning(&claim.rdata, claim.rtype));
        let at = *index.entry(key).or_insert(out.len());
        match out.get_mut(at) {
            Some(u) => {
                u.origins.push(claim.origin);
                u.asked.push(claim.ttl);
                u.claim.on_apply &= claim.on_apply;
                u.claim.conflict = u.claim.conflict.take().or(claim.conflict);
                // What a template knows of the record is worth keeping when a hand wrote it first.
                if u.claim.intent == Intent::ByHand {
                    u.claim.intent = claim.intent;
                }
            }
            None => out.push(United { origins: vec![claim.origin], asked: vec![claim.ttl], claim }),
        }
    }
    out
}

/// Octets that are equal for two records of a type if and only if they mean the same ([`Rdata::means`]).
fn meaning(rdata: &Rdata, rtype: Rtype) -> Vec<u8> {
    match rtype {
        Rtype::TXT | Rtype::SPF => rdata.txt_joined(),
        _ => rdata.to_lowercase(rtype).octets().to_vec(),
    }
}
