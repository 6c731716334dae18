//! A zone as it is moves to another company: DS first, everything entered there before the name servers change, the old zone last.

use crate::fit;
use crate::report::Finding;
use crate::say;
use crate::zone::{Found, Name, Rtype, Ttl};

use super::Question;
use super::difference::is_made_by_server;
use super::stages::{Plan, Stage, StageKind};
use super::steps::{Action, Outside, Phase, Step, bare};
use super::wait::{self, Wait};

/// The TTL of name servers in the zones above, where it is highest: 2 days (.com and .net).
const PARENT: u32 = 172_800;

/// Plans the move of the site's own zone, which is fitted to the company that it goes to. Nothing in it changes meanwhile: what the site
/// wants otherwise is planned before or after.
#[must_use]
pub fn move_to<'a>(question: &Question<'a>) -> Plan<'a> {
    let zone = &question.fitted.own;
    let origin = &zone.composed.origin;
    let mut findings = Vec::new();
    let mut stages = Vec::new();
    let stage = |kind, steps, after| Stage { kind, before: None, steps, after };
    let one = |what| bare(zone, Phase::Other, origin, Rtype::NS, Action::Outside(what), 0);
    let mut ds = one(Outside::RemoveDs);
    ds.rtype = Rtype::DS;
    stages.push(stage(
        StageKind::Unsign,
        vec![ds],
        Some(Wait {
            seconds: wait::UNKNOWN,
            why: say!(en: "if there was a DS: it is kept for its TTL, a day in most zones above", ja: "DS があった場合: 上のゾーンの TTL（多くは 1 日）だけ残ります"),
        }),
    ));
    let Some(current) = question.current else { return Plan { stages, keep: Vec::new(), findings } };
    let rows: Vec<&Found> = current.found().iter().filter(|f| !is_made_by_server(&f.record, origin)).collect();
    // A form wants a TTL; where nobody says the old one, the site's is taken.
    let ttl = question.site.ttl.as_ref().map_or(Ttl::DEFAULT, |t| t.value);
    let entered: Vec<Step<'a>> = rows
        .iter()
        .map(|found| {
            let mut record = found.record.clone();
            if !found.has_ttl {
                record.ttl = ttl.seconds();
            }
            let mut step = bare(zone, Phase::Other, &record.name, record.rtype, Action::Enter, 0);
            step.then = vec![record];
            step
        })
        .collect();
    findings.extend(fit::moved(question.fitted, &rows, ttl));
    if !current.is_complete() {
        findings.push(
            Finding::error("plan-move-part", say!(en: "the zone as it is is not known as a whole, so a row may be missing at the new company", ja: "いまのゾーンの全体が分からないため、新しい会社に入れ忘れる行があるかもしれません"))
                .next(say!(en: "give the whole zone, from its SOA on: --current FILE", ja: "SOA から始まるゾーン全体のファイルを指定します: --current FILE")),
        );
    }
    if !entered.is_empty() {
        stages.push(stage(StageKind::Enter, entered, None));
    }
    let to: Vec<Name> = zone
        .registrar
        .into_iter()
        .flat_map(|r| &r.name_servers.exact)
        .filter_map(|n| Name::parse_absolute(n).ok())
        .collect();
    let mut servers = one(Outside::SwitchServers { to });
    servers.now = current.of(origin, Rtype::NS).cloned().collect();
    let own = current.found_at(origin).filter(|f| f.record.rtype == Rtype::NS);
    let known: Option<Vec<u32>> = own.map(|f| f.has_ttl.then_some(f.record.ttl)).collect();
    let known = known.and_then(|ttls| ttls.into_iter().max());
    let own = known.unwrap_or(wait::UNKNOWN);
    // At the last moment a resolver may take the old servers' own word for themselves, and keep that for its TTL again.
    let seconds = own.saturating_add(PARENT);
    let own = match known {
        Some(_) => say!(en: "{own} more", ja: "{own} 秒"),
        None => {
            say!(en: "{own} more, which is taken, as their TTL is not known", ja: "{own} 秒（TTL が不明なための想定）")
        }
    };
    stages.push(stage(
        StageKind::Move,
        vec![servers],
        Some(Wait {
            seconds,
            why: say!(en: "resolvers keep the old name servers for up to {PARENT} seconds (the zone above) and then {own} (what the old ones say of themselves), and until then ask the old ones", ja: "古いネームサーバーは、上のゾーンの分が最長 {PARENT} 秒、そのあと古いサーバー自身の答えの分が {own}残り、その間は古いサーバーに問い合わせが来ます"; own = own),
        }),
    ));
    stages.push(stage(StageKind::Settle, vec![one(Outside::Sign), one(Outside::CloseOld)], None));
    Plan { stages, keep: Vec::new(), findings }
}
