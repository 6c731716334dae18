//! From a name as people write it to a template. A name that could mean several is never decided here.

use crate::catalogue::registrar::Registrar;
use crate::catalogue::sender::{ROLES, Role, Sender};
use crate::catalogue::{Catalogue, NameMatch, Named, fold};
use crate::report::{Text, excerpt};
use crate::say;

/// How many are offered at once.
pub const OFFERED: usize = 10;

/// Those that a part of a name can mean, the likeliest first: the whole name, its beginning, a part of it.
pub fn hits<'c, T: Named + 'c>(all: impl Iterator<Item = &'c T>, part: &str) -> Vec<&'c T> {
    let wanted = fold(part);
    if wanted.is_empty() || part.len() > 200 {
        return Vec::new();
    }
    let rank = |one: &T| one.names().into_iter().filter_map(|name| NameMatch::of(name, &wanted)).min();
    let mut found: Vec<(NameMatch, &T)> = all.filter_map(|one| Some((rank(one)?, one))).collect();
    found.sort_by(|(a, x), (b, y)| (a, x.id()).cmp(&(b, y.id())));
    found.into_iter().map(|(_, one)| one).collect()
}

/// A template as a list shows it: its native name, and the id by which it is written.
#[must_use]
pub fn label<T: Named>(one: &T, lang: crate::report::Lang) -> String {
    let (name, id) = (crate::report::visible(one.name().get(lang)).into_owned(), one.id());
    if name == id { name } else { format!("{name} ({id})") }
}

/// That a name means none, or not only one: what it may have meant.
fn unclear<T: Named>(shown: &str, near: Option<String>, hits: &[&T], flag: &str, list: &Text) -> Text {
    let names: Vec<Text> = hits
        .iter()
        .take(OFFERED)
        .map(|one| Text { en: label(*one, crate::report::Lang::En), ja: label(*one, crate::report::Lang::Ja) })
        .collect();
    let lines = |get: fn(&Text) -> &str| names.iter().map(|n| format!("\n  {}", get(n))).collect::<String>();
    let names = Text { en: lines(|t| &t.en), ja: lines(|t| &t.ja) };
    match (hits, near) {
        ([], Some(near)) => say!(
            en: "{flag}: “{shown}” is not in the {list}; did you mean “{near}”?",
            ja: "{flag}: 「{shown}」は{list}にありません。「{near}」ではありませんか"; list = list
        ),
        ([], None) => {
            say!(en: "{flag}: “{shown}” is not in the {list}", ja: "{flag}: 「{shown}」は{list}にありません"; list = list)
        }
        _ => say!(
            en: "{flag}: “{shown}” is not a name in the {list}; did you mean one of these?{names}",
            ja: "{flag}: 「{shown}」という名前は{list}にありません。次のどれかですか{names}"; list = list, names = names
        ),
    }
}

/// The registrar that `--registrar` names; `None` inside is `other`.
///
/// # Errors
/// A sentence with what may have been meant.
pub fn registrar<'c>(catalogue: &'c Catalogue, name: &str) -> Result<Option<&'c Registrar>, Text> {
    if name == "other" {
        return Ok(None);
    }
    if let Some(found) = catalogue.registrar(name) {
        return Ok(Some(found));
    }
    let hits = hits(catalogue.registrars(), name);
    let list = say!(en: "list of registrars", ja: "DNSを編集する会社の一覧");
    let text = unclear(&excerpt(name, 40), catalogue.registrar_near(name), &hits, "--registrar", &list);
    Err(say!(
        en: "{text}\nanother company, or not known: --registrar other",
        ja: "{text}\nほかの会社、または分からないとき: --registrar other"; text = text
    ))
}

/// What `--sender` says of a service.
#[derive(Clone, Debug)]
pub struct Asked<'c> {
    /// The service.
    pub sender: &'c Sender,
    /// Its roles; empty = not said.
    pub roles: Vec<Role>,
    /// It sends from an address of its own.
    pub own_address: bool,
}

/// The word behind the colon for a service that sends from an address of its own.
pub const OWN_ADDRESS: &str = "own-address";

/// Reads `xserver`, `エックスサーバー:send,receive`, `colorme:own-address`.
///
/// # Errors
/// A sentence: a name that means none or several, a word that is no role, an address of its own that the service does not have.
pub fn sender<'c>(catalogue: &'c Catalogue, text: &str) -> Result<Asked<'c>, Text> {
    let named = |name: &str| {
        catalogue.sender(name).ok_or_else(|| {
            let hits = hits(catalogue.senders(), name);
            let list = say!(en: "list of services", ja: "利用サービスの一覧");
            unclear(&excerpt(name, 40), catalogue.sender_near(name), &hits, "--sender", &list)
        })
    };
    // A name may have a colon in it.
    let (name, words) = match text.rsplit_once(':') {
        Some((name, words)) if catalogue.sender(text).is_none() => (name, Some(words)),
        _ => (text, None),
    };
    let sender = named(name)?;
    let mut asked = Asked { sender, roles: Vec::new(), own_address: false };
    let Some(words) = words else { return Ok(asked) };
    for word in words.split(',').map(str::trim) {
        let (shown, company) = (excerpt(word, 40), &sender.name);
        if word == OWN_ADDRESS {
            asked.own_address = true;
        } else if let Some((_, role)) = ROLES.iter().find(|(w, _)| *w == word) {
            if !asked.roles.contains(role) {
                asked.roles.push(*role);
            }
        } else {
            let known = sender.roles().into_iter().map(crate::site::draft::role_word);
            let own = sender.own_address.as_ref().map(|_| OWN_ADDRESS);
            let known = known.chain(own).collect::<Vec<_>>().join(", ");
            return Err(say!(
                en: "--sender: “{shown}” is not something that {company} is used for; it can be: {known}",
                ja: "--sender: {company}の使いみちに「{shown}」はありません。書けるもの: {known}"; company = company
            ));
        }
    }
    let company = &sender.name;
    if asked.own_address && !asked.roles.is_empty() {
        return Err(say!(
            en: "--sender: {OWN_ADDRESS} stands alone: {company} then needs nothing of this domain",
            ja: "--sender: {OWN_ADDRESS} は単独で書きます（{company}はこのドメインのレコードを使わなくなります）"; company = company
        ));
    }
    if asked.own_address && sender.own_address.is_none() {
        return Err(say!(
            en: "--sender: no address of {company}'s own to send from is known",
            ja: "--sender: {company}が発行する送信用アドレスは分かっていません"; company = company
        ));
    }
    Ok(asked)
}

/// An address for DMARC reports as `mailto:…`, from what people write.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn report_address(text: &str) -> Result<String, Text> {
    let shown = excerpt(text, 60);
    let address = text.trim();
    let address = address.strip_prefix("mailto:").unwrap_or(address);
    let wrong = || {
        say!(
            en: "“{shown}” is not a mail address; write it as dmarc@example.com",
            ja: "「{shown}」はメールアドレスではありません。dmarc@example.com のように書きます"
        )
    };
    let (local, domain) = address.rsplit_once('@').ok_or_else(wrong)?;
    // What `,` and `!` mean in a DMARC record (RFC 9989 §4.7), and what would leave the address.
    let plain = |c: char| c.is_ascii_alphanumeric() || "#$&'*+-/=?^_`{|}~.".contains(c);
    if local.is_empty() || local.len() > 64 || !local.chars().all(plain) {
        return Err(wrong());
    }
    let domain = crate::site::domain(domain)?;
    let domain = domain.display_without_dot();
    Ok(format!("mailto:{local}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids<'c, T: Named>(found: &[&'c T]) -> Vec<&'c str> {
        found.iter().map(|one| one.id()).collect()
    }

    #[test]
    fn parts_of_names_in_any_script_find_the_whole_first() {
        let catalogue = Catalogue::embedded();
        for part in ["めいくしょ", "メイクショ", "ﾒｲｸｼｮ", "ＭＡＫＥＳＨ", "makesh"] {
            assert_eq!(ids(&hits(catalogue.senders(), part)).first(), Some(&"makeshop"), "{part}");
        }
        let xserver = hits(catalogue.senders(), "エックスサーバー");
        assert_eq!(ids(&xserver).first(), Some(&"xserver"));
        assert_eq!(ids(&hits(catalogue.registrars(), "名前")), ["onamae"]);
        for nothing in ["", "  ", "no such company", &"a".repeat(300)] {
            assert!(hits(catalogue.senders(), nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn a_name_is_never_guessed() {
        let catalogue = Catalogue::embedded();
        assert_eq!(registrar(&catalogue, "お名前.com").unwrap().map(|r| r.id.as_str()), Some("onamae"));
        assert!(registrar(&catalogue, "other").unwrap().is_none());
        // A slip of the finger is named, a part of a name gives those that have it.
        assert!(registrar(&catalogue, "onamea").unwrap_err().en.contains("did you mean “onamae”?"));
        let several = registrar(&catalogue, "サーバー").unwrap_err();
        assert!(several.ja.contains("次のどれかですか\n  "), "{}", several.ja);
        assert!(several.en.contains("--registrar other"));
        assert!(!registrar(&catalogue, "\u{1b}[31m").unwrap_err().en.contains('\u{1b}'));
    }

    #[test]
    fn roles_stand_behind_the_name() {
        let catalogue = Catalogue::embedded();
        let of = |text: &str| sender(&catalogue, text).map(|a| (a.sender.id.clone(), a.roles, a.own_address));
        assert_eq!(of("xserver"), Ok(("xserver".into(), vec![], false)));
        assert_eq!(
            of("エックスサーバー:send, receive,send"),
            Ok(("xserver".into(), vec![Role::Send, Role::Receive], false))
        );
        assert!(of("xserver:").unwrap_err().en.contains("send, receive, web"));
        assert!(of("xserver:sned").unwrap_err().en.contains("“sned”"));
        assert!(of("xserver:own-address").unwrap_err().en.contains("no address"));
        assert!(of("nobody at all:send").is_err());
    }

    #[test]
    fn report_addresses_as_people_write_them() {
        for text in ["dmarc@example.com", " mailto:dmarc@example.com", "dmarc@EXAMPLE.com"] {
            assert_eq!(report_address(text).unwrap(), "mailto:dmarc@example.com", "{text}");
        }
        assert_eq!(report_address("d@例え.jp").unwrap(), "mailto:d@xn--r8jz45g.jp");
        // `!` and `,` mean something in the record; a quote or a space would leave it.
        for wrong in [
            "",
            "dmarc",
            "@example.com",
            "a b@example.com",
            "a,b@example.com",
            "d@com",
            "d@example.com!10m",
            "\"d\"@example.com",
            "d;x@example.com",
        ] {
            assert!(report_address(wrong).is_err(), "{wrong}");
        }
    }
}
