//! Keys that are still to come, where two companies want one selector: the second key would overwrite the first.

use crate::report::{Finding, Text};
use crate::say;

use super::model::{Blank, Party, RrSet};

/// Says of each selector that two parties want, of which one at least has no key yet. Two that both have one are a conflict of records.
pub(super) fn say(blanks: &[Blank], rrsets: &[RrSet], parties: &[Party], findings: &mut Vec<Finding>) {
    let company = |party: usize| parties.get(party).map_or_else(Text::default, |p| p.name.clone());
    for (i, blank) in blanks.iter().enumerate() {
        let before = blanks.iter().take(i).map(|b| (&b.name, b.origin));
        let given = rrsets.iter().flat_map(|set| {
            let keys = set.members.iter().filter(|m| m.intent.is_dkim()).flat_map(|m| &m.origins);
            keys.filter(|o| !o.by_hand).map(|o| (&set.name, *o))
        });
        let rival = before.chain(given).find(|(name, o)| **name == blank.name && o.party != blank.origin.party);
        let Some((_, rival)) = rival else { continue };
        let (a, b, name) =
            (company(rival.party), company(blank.origin.party), blank.name.display_without_dot().to_string());
        findings.push(
            Finding::error(
                "dkim-selector-collision",
                say!(
                    en: "the DKIM selector {name} is wanted by {a} and by {b}; only one key can stand there",
                    ja: "DKIM セレクタ {name} を、{a}と{b}の両方が使います。入れられる鍵は 1 つだけです"; a = a, b = b
                ),
            )
            .at_opt(blank.origin.span, Text::default())
            .at_opt(rival.span, a.clone())
            .about(name, blank.rtype.to_string())
            .harm(say!(
                en: "the key that is entered second takes the place of the first, and that company's signatures fail",
                ja: "あとから入れた鍵が先の鍵を上書きし、その会社の署名が失敗します"
            ))
            .next(say!(
                en: "look whether {a} or {b} lets you choose another selector; if you are moving from one to the other, keep the old key until no mail leaves there",
                ja: "{a}か{b}で別のセレクタを選べないか、画面を見てください。乗り換えの途中なら、前の会社からメールが出なくなるまで、前の鍵を残します"; a = a, b = b
            )),
        );
    }
}
