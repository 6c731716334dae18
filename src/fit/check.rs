//! One record against the limits of its form: lengths, characters, names, types, TTL, silent damage.

use crate::catalogue::limits::Limit;
use crate::catalogue::registrar::FinalDot;
use crate::compose::{Intent, Member, RrSet};
use crate::report::{Text, excerpt};
use crate::say;
use crate::zone::{Name, Rdata, Rtype};

use super::limits::{Limits, Strength};
use super::model::{Cause, Effect};

/// What a check knows.
pub(super) struct Record<'a> {
    pub set: &'a RrSet,
    pub member: &'a Member,
    pub apex: &'a Name,
    pub limits: &'a Limits,
    /// Who wants the record, by name.
    pub who: Text,
    /// In whose form it is entered.
    pub form: Text,
    /// Whether targets are typed with their final dot.
    pub final_dot: Option<FinalDot>,
}

/// Octets of a value below which no form is known to stop: the smallest limit that anybody documents is 127.
pub(super) const SURE: usize = 127;

/// RSA key lengths and the octets of their usual record, `v=DKIM1; k=rsa; p=…` with e = 65537 (computed from the DER).
pub(super) const RSA_RECORDS: [(usize, u64); 4] = [(4096, 754), (2048, 410), (1024, 234), (512, 146)];

impl Record<'_> {
    fn cause(&self, id: &'static str, effect: Effect, limit: &Limit, measured: Option<u64>, title: Text) -> Cause {
        Cause {
            id,
            effect,
            strength: limit.strength(),
            limit: limit.clone(),
            measured,
            title,
            harm: None,
            next: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The form refuses the record because of `limit`.
    fn refused(&self, id: &'static str, limit: &Limit, measured: Option<u64>, title: Text) -> Cause {
        self.cause(id, Effect::Refuses, limit, measured, title)
    }

    fn rtype(&self) -> Rtype {
        self.set.rtype
    }

    fn is_text(&self) -> bool {
        matches!(self.rtype(), Rtype::TXT | Rtype::SPF)
    }

    /// What the record is called in a sentence: "XSERVER's DKIM key", "the SPF record", "the TXT at _x".
    fn what(&self) -> Text {
        let who = &self.who;
        let plain = self.set.name.display_without_dot().to_string();
        let rtype = self.rtype();
        match &self.member.intent {
            Intent::DkimKey { .. } => say!(en: "{who}'s DKIM key", ja: "{who}の DKIM 鍵"; who = who),
            Intent::DkimCname { .. } => say!(en: "{who}'s DKIM CNAME", ja: "{who}の DKIM の CNAME"; who = who),
            Intent::Spf { .. } => say!(en: "the SPF record of {plain}", ja: "{plain} の SPF"),
            Intent::Dmarc => say!(en: "the DMARC record", ja: "DMARC のレコード"),
            _ => say!(en: "the {rtype} at {plain}", ja: "{plain} の {rtype}"),
        }
    }

    /// The value as it is typed: the text of a TXT, names without the final dot unless the form needs it.
    fn typed(&self) -> String {
        if self.is_text() {
            return String::from_utf8_lossy(&self.member.rdata.txt_joined()).into_owned();
        }
        let mut text = self.member.rdata.present(self.rtype());
        if self.rtype() == Rtype::MX {
            text = self.member.rdata.as_mx().map_or(text, |(_, host)| host.to_string());
        }
        if self.final_dot != Some(FinalDot::Required) && text.len() > 1 && text.ends_with('.') {
            text.pop();
        }
        text
    }

    fn typed_len(&self) -> u64 {
        if self.is_text() { self.member.rdata.txt_joined().len() as u64 } else { self.typed().len() as u64 }
    }

    /// The octets that a limit of a type's own counts: of an SRV its target, of a CAA its value, else what is typed.
    fn own_len(&self) -> u64 {
        let target = |t: Name| t.display_without_dot().to_string().len();
        match self.rtype() {
            Rtype::SRV => self.member.rdata.target(Rtype::SRV).map_or(0, target) as u64,
            Rtype::CAA => self.member.rdata.as_caa().map_or(0, |(_, _, value)| value.len()) as u64,
            _ => self.typed_len(),
        }
    }

    /// The host field as typed, relative to the domain; empty for the domain itself.
    fn host(&self) -> String {
        self.set.name.relative_to(self.apex).filter(|h| h != "@").unwrap_or_default()
    }

    /// The limit on `_` in this owner, if it has one and the limit is not known.
    pub(super) fn unsure_of_owner(&self) -> Option<&'static str> {
        if !self.host().contains('_') {
            return None;
        }
        let own = self.owner_underscore();
        let charset = self.rtype() == Rtype::CNAME && self.limits.get("cname-host-charset").is_some();
        let known = charset || self.limits.get(own).is_some() || self.limits.get("owner-underscore").is_some();
        (!known).then_some(own)
    }

    /// The limit on NS records for a subdomain, if this is one and the limit is not known.
    pub(super) fn unsure_of_delegation(&self) -> Option<&'static str> {
        let cut = self.rtype() == Rtype::NS && self.set.name != *self.apex;
        (cut && self.limits.get("ns-below-apex").is_none()).then_some("ns-below-apex")
    }

    /// The limit on `_` in owners of this type.
    fn owner_underscore(&self) -> &'static str {
        match self.rtype() {
            Rtype::A | Rtype::AAAA => "a-owner-underscore",
            Rtype::CNAME => "cname-owner-underscore",
            Rtype::TXT | Rtype::SPF => "txt-owner-underscore",
            Rtype::NS => "ns-owner-underscore",
            _ => "owner-underscore",
        }
    }

    /// All causes, several at once.
    pub(super) fn causes(&self) -> Vec<Cause> {
        let mut out = Vec::new();
        self.lengths(&mut out);
        self.text(&mut out);
        self.names(&mut out);
        self.types(&mut out);
        self.numbers(&mut out);
        out
    }

    /// The longest value there may be, by type. A limit of its own for TXT or CNAME outranks the one for any type.
    fn lengths(&self, out: &mut Vec<Cause>) {
        let own = match self.rtype() {
            Rtype::TXT | Rtype::SPF => "txt-max",
            Rtype::CNAME => "cname-target-max",
            Rtype::SRV => "srv-target-max",
            Rtype::CAA => "caa-value-max",
            _ => "value-max",
        };
        let length = self.typed_len();
        if let Some((max, limit)) = self.limits.number(own).filter(|(max, _)| self.own_len() > *max) {
            out.push(self.too_long(self.own_len(), max, limit));
        }
        let limit = self.limits.number("value-max").filter(|_| own != "value-max" && self.limits.get(own).is_none());
        if let Some((max, limit)) = limit.filter(|(max, _)| length > *max) {
            out.push(self.too_long(length, max, limit));
        }
        if !self.is_text() {
            return;
        }
        let text = self.member.rdata.txt_joined();
        let encoded = text.chunks(255).map(crate::zone::text::quote).collect::<Vec<_>>().join(" ").len() as u64;
        if let Some((max, limit)) = self.limits.number("txt-max-encoded").filter(|(max, _)| encoded > *max) {
            let (what, form) = (self.what(), &self.form);
            let mut cause = self.refused(
                "host-txt-limit",
                limit,
                Some(encoded),
                say!(en: "{what} is {encoded} bytes with its quotes; {form}'s form takes {max}", ja: "{what}は引用符を入れて {encoded} バイトです。{form}の画面に入るのは {max} バイトまでです"; what = what, form = form),
            );
            self.advise_length(&mut cause, max);
            out.push(cause);
        }
        if let Some((max, limit)) = self.limits.number("txt-truncates").filter(|(max, _)| length > *max) {
            let (what, form) = (self.what(), &self.form);
            let mut cause = self.cause(
                "host-txt-truncates",
                Effect::Damages,
                limit,
                Some(length),
                say!(en: "{what} is {length} bytes; {form} cuts it at {max} without saying so", ja: "{what}は {length} バイトです。{form}の画面は {max} バイトで黙って切り捨てます"; what = what, form = form),
            );
            cause.harm = Some(say!(en: "the record is saved, but broken", ja: "登録はできますが、壊れた値になります"));
            out.push(cause);
        }
        if let Some((at, limit)) = self.limits.number("txt-refused-at").filter(|(at, _)| length >= *at) {
            let (what, form) = (self.what(), &self.form);
            out.push(self.refused(
                "host-txt-limit",
                limit,
                Some(length),
                say!(en: "{what} is {length} bytes; {form} has refused one of {at}", ja: "{what}は {length} バイトです。{form}では {at} バイトの値が断られた例があります"; what = what, form = form),
            ));
        }
        self.strings(length, out);
        if let Some((max, limit)) = self.limits.number("record-wire-max") {
            let wire = self.member.rdata.octets().len() as u64;
            if wire > max {
                let (what, form) = (self.what(), &self.form);
                out.push(self.refused(
                    "host-value-limit",
                    limit,
                    Some(wire),
                    say!(en: "{what} is {wire} bytes on the wire; {form}'s form takes {max}", ja: "{what}は通信形式で {wire} バイトです。{form}の画面に入るのは {max} バイトまでです"; what = what, form = form),
                ));
            }
        }
    }

    fn too_long(&self, length: u64, max: u64, limit: &Limit) -> Cause {
        let (what, form) = (self.what(), &self.form);
        let id = if self.is_text() { "host-txt-limit" } else { "host-value-limit" };
        let mut cause = self.refused(
            id,
            limit,
            Some(length),
            match limit.strength() {
                Strength::Known => {
                    say!(en: "{what} is {length} bytes; {form}'s form takes {max}", ja: "{what}は {length} バイトです。{form}の画面に入るのは {max} バイトまでです"; what = what, form = form)
                }
                Strength::Weak => {
                    say!(en: "{what} is {length} bytes; as far as is known, {form}'s form takes {max}", ja: "{what}は {length} バイトです。分かっている範囲では、{form}の画面に入るのは {max} バイトまでです"; what = what, form = form)
                }
            },
        );
        if self.is_text() {
            self.advise_length(&mut cause, max);
        }
        cause
    }

    /// What goes wrong without the record, and what its value could lose. The ways round are computed elsewhere.
    fn advise_length(&self, cause: &mut Cause, max: u64) {
        match &self.member.intent {
            Intent::DkimKey { .. } => cause.harm = Some(self.without_dkim()),
            Intent::Spf { .. } => {
                let over = cause.measured.unwrap_or_default().saturating_sub(max);
                cause.harm = Some(
                    say!(en: "the record cannot be entered, and SPF fails for all mail", ja: "このままでは登録できず、すべてのメールの SPF が失敗します"),
                );
                cause.notes.push(say!(
                    en: "it would have to be {over} bytes shorter: a term that is not needed, or a sender that moves to a subdomain",
                    ja: "短くするなら {over} バイトです（いらない項目を消すか、利用サービスの 1 つをサブドメインに移す）"
                ));
            }
            _ => {}
        }
    }

    fn without_dkim(&self) -> Text {
        let who = &self.who;
        say!(
            en: "without it the DKIM of mail from {who} fails; only SPF is left, and forwarded mail fails",
            ja: "このままでは{who}から出したメールの DKIM が失敗します。SPF だけが頼りになり、転送されたメールは失敗します"; who = who
        )
    }

    /// A TXT of more than one string: whether the form splits it, wants it split, or refuses it.
    fn strings(&self, length: u64, out: &mut Vec<Cause>) {
        let (what, form) = (self.what(), &self.form);
        let most = self.limits.number("string-max").map_or(255, |(max, _)| max);
        if length <= most {
            return;
        }
        match self.limits.word("txt-over-255") {
            Some(("reject", limit)) if !out.iter().any(|c| c.id == "host-txt-limit") => {
                let mut cause = self.refused(
                    "host-txt-limit",
                    limit,
                    Some(length),
                    say!(en: "{what} is {length} bytes; {form}'s form takes no TXT over {most}", ja: "{what}は {length} バイトです。{form}の画面は {most} バイトを超える TXT を受け付けません"; what = what, form = form),
                );
                self.advise_length(&mut cause, most);
                out.push(cause);
            }
            Some(("quoted-strings", limit)) => {
                let count = length.div_ceil(most.max(1));
                out.push(self.cause(
                    "host-txt-strings",
                    Effect::Reshapes,
                    limit,
                    Some(length),
                    say!(en: "{what} is {length} bytes; {form} wants it as {count} strings in quotes", ja: "{what}は {length} バイトです。{form}では {count} つの文字列に分け、それぞれ引用符で囲んで入れます"; what = what, form = form),
                ));
            }
            // Nothing is known but how long one string may be.
            None => {
                if let Some((_, limit)) = self.limits.number("string-max") {
                    let count = length.div_ceil(most.max(1));
                    out.push(self.cause(
                        "host-txt-strings",
                        Effect::Reshapes,
                        limit,
                        Some(length),
                        say!(en: "{what} is {length} bytes; a string takes {most} at {form}, so it needs {count} strings", ja: "{what}は {length} バイトです。{form}の 1 つの文字列は {most} バイトまでなので、{count} つに分けます"; what = what, form = form),
                    ));
                }
            }
            _ => {}
        }
    }

    /// Characters that a TXT may not hold, and what is silently stripped.
    fn text(&self, out: &mut Vec<Cause>) {
        if !self.is_text() {
            return;
        }
        let text = self.member.rdata.txt_joined();
        let (what, form) = (self.what(), &self.form);
        if let Some((words, limit)) = self.limits.words("txt-forbidden") {
            for word in words {
                let Some(found) = forbidden(word, &text) else { continue };
                out.push(self.refused(
                    "host-txt-characters",
                    limit,
                    None,
                    say!(en: "{what} has {found}, which {form} does not take", ja: "{what}に{found}があります。{form}の画面では使えません"; what = what, form = form, found = found),
                ));
            }
        }
        if let Some((charset, limit)) = self.limits.word("txt-charset")
            && let Some(c) = outside(charset, &String::from_utf8_lossy(&text))
        {
            let shown = excerpt(&c.to_string(), 1);
            out.push(self.refused(
                "host-txt-characters",
                limit,
                None,
                say!(en: "{what} has “{shown}”, which is not among the characters that {form} lists", ja: "{what}に「{shown}」があります。{form}が挙げている文字に入っていません"; what = what, form = form),
            ));
        }
        if let Some(("stripped", limit)) = self.limits.word("txt-quotes")
            && (text.starts_with(b"\"") || text.ends_with(b"\""))
        {
            out.push(self.cause(
                "host-txt-quotes",
                Effect::Damages,
                limit,
                None,
                say!(en: "{what} begins or ends with a quote, which {form} removes", ja: "{what}の先頭か末尾に引用符があります。{form}は保存するときに取り除きます"; what = what, form = form),
            ));
        }
    }

    /// Owner and target: lengths, characters, underscores, wildcards.
    fn names(&self, out: &mut Vec<Cause>) {
        let (what, form, rtype) = (self.what(), &self.form, self.rtype());
        let host = self.host();
        let host_len = host.chars().count() as u64;
        let plural = if host_len == 1 { "" } else { "s" };
        let (max, min, charset) = match rtype {
            Rtype::A | Rtype::AAAA => ("a-host-max", Some("a-host-min"), None),
            Rtype::CNAME => ("cname-host-max", Some("cname-host-min"), Some("cname-host-charset")),
            _ => ("host-max", None, None),
        };
        let longest = self.limits.number(max).or_else(|| self.limits.number("host-max"));
        if let Some((max, limit)) = longest.filter(|(max, _)| host_len > *max) {
            out.push(self.refused(
                "host-name-limit",
                limit,
                Some(host_len),
                say!(en: "{what}: the host “{host}” is {host_len} character{plural}; {form}'s form takes {max}", ja: "{what}: ホスト名「{host}」は {host_len} 文字です。{form}の画面に入るのは {max} 文字までです"; what = what, form = form),
            ));
        }
        let shortest = min.and_then(|m| self.limits.number(m)).or_else(|| self.limits.number("host-min"));
        if let Some((min, limit)) = shortest.filter(|(min, _)| host_len > 0 && host_len < *min) {
            out.push(self.refused(
                "host-name-limit",
                limit,
                Some(host_len),
                say!(en: "{what}: the host “{host}” is {host_len} character{plural}; {form} wants at least {min}", ja: "{what}: ホスト名「{host}」は {host_len} 文字です。{form}では {min} 文字以上が必要です"; what = what, form = form),
            ));
        }
        if let Some((charset, limit)) = charset.and_then(|c| self.limits.word(c))
            && let Some(c) = outside(charset, &host.to_lowercase())
        {
            out.push(self.character(
                "host-underscore",
                limit,
                &say!(en: "the host “{host}”", ja: "ホスト名「{host}」"),
                c,
            ));
        }
        if host.contains('_') {
            let own = self.owner_underscore();
            let limit = self.limits.flag(own).or_else(|| self.limits.flag("owner-underscore"));
            if let Some((false, limit)) = limit {
                out.push(self.character(
                    "host-underscore",
                    limit,
                    &say!(en: "the host “{host}”", ja: "ホスト名「{host}」"),
                    '_',
                ));
            }
        }
        if self.set.name.is_wildcard()
            && let Some((false, limit)) = self.limits.flag("wildcard")
        {
            out.push(self.refused(
                "host-wildcard",
                limit,
                None,
                say!(en: "{what}: {form}'s form takes no wildcard", ja: "{what}: {form}ではワイルドカード（*）を登録できません"; what = what, form = form),
            ));
        }
        if rtype == Rtype::CNAME {
            self.cname_target(out);
        }
    }

    fn cname_target(&self, out: &mut Vec<Cause>) {
        let target = self.typed();
        let refused = match self.limits.flag("cname-target-underscore") {
            Some((allowed, limit)) => (!allowed && target.contains('_')).then_some(('_', limit)),
            None => self
                .limits
                .word("cname-target-charset")
                .and_then(|(set, limit)| outside(set, &target.to_lowercase()).map(|c| (c, limit))),
        };
        if let Some((c, limit)) = refused {
            let (who, form) = (&self.who, &self.form);
            let mut cause = self.character(
                "host-cname-underscore",
                limit,
                &say!(en: "the content “{target}”", ja: "「内容」の {target}"),
                c,
            );
            cause.title = say!(
                en: "{form}'s form takes no “{c}” in the content of a CNAME",
                ja: "{form}の画面は、CNAME の「内容」に {c} を受け付けません"; form = form
            );
            let (name, value) = (self.host(), &target);
            cause.notes.push(say!(en: "{name}  CNAME  {value}", ja: "{name}  CNAME  {value}"));
            // Party 0 is the site itself, which nobody asks.
            if self.member.origins.iter().any(|o| o.party != 0) {
                cause.notes.push(say!(
                en: "this is a rule of {form}'s form; in DNS the value is right, so {who} can't help",
                ja: "これは{form}の画面の決まりです。DNS としては正しい値なので、{who}に聞いても直りません"; form = form, who = who
            ));
            }
            if self.member.intent.is_dkim() {
                cause.harm = Some(self.without_dkim());
            }
            out.push(cause);
        }
    }

    fn character(&self, id: &'static str, limit: &Limit, place: &Text, c: char) -> Cause {
        let (what, form) = (self.what(), &self.form);
        let shown = excerpt(&c.to_string(), 1);
        self.refused(
            id,
            limit,
            None,
            say!(en: "{what}: {form}'s form takes no “{shown}” in {place}", ja: "{what}: {form}の画面では、{place}の「{shown}」を入力できません"; what = what, form = form, place = place),
        )
    }

    /// Types, and what the apex, MX and CAA may be.
    fn types(&self, out: &mut Vec<Cause>) {
        let (what, form, rtype) = (self.what(), &self.form, self.rtype());
        let mnemonic = rtype.to_string();
        let listed = |words: &[String]| words.iter().any(|w| w.eq_ignore_ascii_case(&mnemonic));
        let unsupported = self.limits.words("types-unsupported").filter(|(w, _)| listed(w)).map(|(_, l)| l);
        let missing = self.limits.words("types").filter(|(w, _)| !listed(w)).map(|(_, l)| l);
        let ipv6 = self.limits.flag("ipv6").filter(|(allowed, _)| !allowed && rtype == Rtype::AAAA).map(|(_, l)| l);
        if let Some(limit) = unsupported.or(missing).or(ipv6) {
            out.push(self.refused(
                "host-type",
                limit,
                None,
                say!(en: "{what}: {form} has no {mnemonic} records", ja: "{what}: {form}には {mnemonic} を登録する欄がありません"; what = what, form = form),
            ));
        }
        if let Some((false, limit)) = self.limits.flag("records-editable") {
            out.push(self.refused(
                "host-not-editable",
                limit,
                None,
                say!(en: "{what}: records cannot be edited at {form}", ja: "{what}: {form}ではレコードを編集できません"; what = what, form = form),
            ));
        }
        if matches!(self.member.intent, Intent::Spf { .. })
            && let Some((false, limit)) = self.limits.flag("spf-editable")
        {
            out.push(self.refused(
                "host-not-editable",
                limit,
                None,
                say!(en: "{what} cannot be edited at {form}", ja: "{form}では{what}を編集できません"; what = what, form = form),
            ));
        }
        if rtype == Rtype::NS {
            let apex = self.set.name == *self.apex;
            let flag = self.limits.flag(if apex { "ns-at-apex" } else { "ns-below-apex" });
            if let Some((false, limit)) = flag {
                out.push(self.refused(
                    "host-type",
                    limit,
                    None,
                    say!(en: "{what}: {form}'s form takes no NS record here", ja: "{what}: {form}ではここに NS を登録できません"; what = what, form = form),
                ));
            }
        }
        if rtype == Rtype::CAA
            && let Some((false, limit)) = self.limits.flag("caa-whitespace")
            && self.member.rdata.as_caa().is_some_and(|(_, _, v)| v.contains(&b' '))
        {
            out.push(self.refused(
                "host-txt-characters",
                limit,
                None,
                say!(en: "{what}: {form}'s form takes no space in a CAA value", ja: "{what}: {form}では CAA の値に空白を使えません"; what = what, form = form),
            ));
        }
        if let (Rtype::MX, Some((preference, host))) = (rtype, self.member.rdata.as_mx()) {
            self.mx(preference, host.is_root(), out);
        }
    }

    fn mx(&self, preference: u16, null: bool, out: &mut Vec<Cause>) {
        let (what, form) = (self.what(), &self.form);
        if null && let Some((false, limit)) = self.limits.flag("null-mx") {
            let cause = self.refused(
                "host-null-mx",
                limit,
                None,
                say!(en: "{what}: {form}'s form takes no null MX (0 .)", ja: "{what}: {form}では null MX（0 .）を登録できません"; what = what, form = form),
            );
            out.push(cause);
        }
        let value = u64::from(preference);
        let low = self.limits.number("mx-priority-min").filter(|(min, _)| value < *min);
        let high = self.limits.number("mx-priority-max").filter(|(max, _)| value > *max);
        if let Some((bound, limit)) = low.or(high).filter(|_| !null) {
            let mut cause = self.refused(
                "host-mx-priority",
                limit,
                Some(value),
                say!(en: "{what}: {form} does not take the priority {value} (bound: {bound})", ja: "{what}: {form}では優先度 {value} を入れられません（境界は {bound}）"; what = what, form = form),
            );
            cause.next.push(say!(
                en: "only the order of the priorities counts: choose values inside the range, in the same order",
                ja: "優先度は順番だけが意味を持ちます。同じ順になるように、範囲内の数を選んでください"
            ));
            out.push(cause);
        }
    }

    /// TTL.
    fn numbers(&self, out: &mut Vec<Cause>) {
        let (form, ttl) = (&self.form, u64::from(self.set.ttl.seconds()));
        let write = |n: u64| say!(en: "write ttl = {n}", ja: "ttl = {n} と書いてください");
        let becomes = self.limits.number("ttl-below-min-becomes");
        if let Some((min, limit)) = self.limits.number("ttl-min").filter(|(min, _)| ttl < *min) {
            let mut cause = match becomes {
                Some((other, limit)) => self.cause(
                    "host-ttl",
                    Effect::Damages,
                    limit,
                    Some(ttl),
                    say!(en: "TTL {ttl}: {form} silently makes it {other} (the lowest is {min})", ja: "TTL {ttl} は、{form}では黙って {other} になります（下限は {min}）"; form = form),
                ),
                None => self.refused(
                    "host-ttl",
                    limit,
                    Some(ttl),
                    say!(en: "TTL {ttl} is below {min}, the lowest at {form}", ja: "TTL {ttl} は、{form}の下限 {min} より短い値です"; form = form),
                ),
            };
            cause.next.push(write(min));
            out.push(cause);
        }
        if let Some((max, limit)) = self.limits.number("ttl-max").filter(|(max, _)| ttl > *max) {
            let mut cause = self.refused(
                "host-ttl",
                limit,
                Some(ttl),
                say!(en: "TTL {ttl} is above {max}, the highest at {form}", ja: "TTL {ttl} は、{form}の上限 {max} を超えています"; form = form),
            );
            cause.next.push(write(max));
            out.push(cause);
        }
        if let Some((values, limit)) = self.limits.numbers("ttl-values").filter(|(v, _)| !v.contains(&ttl)) {
            let near = values.iter().min_by_key(|v| v.abs_diff(ttl)).copied().unwrap_or(ttl);
            let mut cause = self.refused(
                "host-ttl",
                limit,
                Some(ttl),
                say!(en: "TTL {ttl} is not among the choices at {form}", ja: "TTL {ttl} は、{form}の選択肢にありません"; form = form),
            );
            cause.next.push(
                say!(en: "choose {near}: write ttl = {near}", ja: "{near} を選び、ttl = {near} と書いてください"),
            );
            out.push(cause);
        }
        if let Some((step, limit)) = self.limits.number("ttl-step").filter(|(step, _)| *step > 0 && ttl % *step != 0) {
            out.push(self.refused(
                "host-ttl",
                limit,
                Some(ttl),
                say!(en: "TTL {ttl}: {form} takes steps of {step}", ja: "TTL {ttl}: {form}では {step} 秒きざみです"; form = form),
            ));
        }
    }
}

/// The longest text that a TXT may have at this form, in one box and by what is firmly known or reported.
pub(super) fn longest_text(limits: &Limits) -> Option<usize> {
    let own = ["txt-max", "txt-truncates"].iter().filter_map(|k| limits.number(k)).map(|(n, _)| n).min();
    let most = own.or_else(|| limits.number("value-max").map(|(n, _)| n));
    let refused = limits.number("txt-refused-at").map(|(n, _)| n.saturating_sub(1));
    let one = limits
        .word("txt-over-255")
        .filter(|(w, _)| *w == "reject")
        .map(|_| limits.number("string-max").map_or(255, |(n, _)| n));
    [most, refused, one].into_iter().flatten().min().and_then(|n| usize::try_from(n).ok())
}

/// The longest value of a type that the form takes, in octets, where that is one number.
#[must_use]
pub fn longest_value(limits: &Limits, rtype: Rtype) -> Option<(u64, &Limit)> {
    let own = match rtype {
        Rtype::TXT | Rtype::SPF => ["txt-max", "txt-truncates"].as_slice(),
        Rtype::CNAME => &["cname-target-max"],
        _ => &[],
    };
    let own = own.iter().filter_map(|name| limits.number(name)).min_by_key(|(n, _)| *n);
    own.or_else(|| limits.number("value-max"))
}

/// Whether anything is known of how long a TXT may be.
fn knows_length(limits: &Limits) -> bool {
    ["txt-max", "value-max", "txt-max-encoded", "txt-over-255", "txt-truncates", "txt-refused-at"]
        .iter()
        .any(|k| limits.get(k).is_some())
}

/// Whether anything is known of `_` in the content of a CNAME.
fn knows_underscore(limits: &Limits) -> bool {
    ["cname-target-underscore", "cname-target-charset"].iter().any(|k| limits.get(k).is_some())
}

/// The limit that decides over a record and is not known.
pub(super) fn unsure(limits: &Limits, rtype: Rtype, rdata: &Rdata) -> Option<&'static str> {
    match rtype {
        Rtype::TXT | Rtype::SPF => (!knows_length(limits) && rdata.txt_joined().len() > SURE).then_some("txt-max"),
        Rtype::CNAME => (!knows_underscore(limits) && has_underscore(rdata)).then_some("cname-target-underscore"),
        _ => None,
    }
}

/// Whether the target of a CNAME has `_` in it.
pub(super) fn has_underscore(rdata: &Rdata) -> bool {
    rdata.target(Rtype::CNAME).is_some_and(|t| t.as_wire().contains(&b'_'))
}

/// A vendor that documents that the leading `_` of its validation CNAME's target may be left out.
pub(super) struct UnderscoreRule {
    pub(super) company: &'static str,
    pub(super) source: &'static str,
    /// What the target ends in.
    suffix: &'static str,
}

/// Only what the vendor documents itself; the owner keeps its `_`.
const UNDERSCORE_RULES: &[UnderscoreRule] = &[UnderscoreRule {
    company: "AWS Certificate Manager",
    source: "docs.aws.amazon.com/acm/latest/userguide/troubleshooting-DNS-validation.html (2026-11-24)",
    suffix: "acm-validations.aws",
}];

/// The rule for a target that begins with `_`.
pub(super) fn underscore_rule(target: &Name) -> Option<&'static UnderscoreRule> {
    UNDERSCORE_RULES.iter().find(|rule| {
        target.first_label().is_some_and(|l| l.starts_with(b"_") && l.len() > 1)
            && Name::parse_absolute(rule.suffix).is_ok_and(|suffix| target.is_subdomain_of(&suffix))
    })
}

/// The TTL nearest to `wanted` that the form takes, by what is firmly known; on a tie the shorter one.
pub(super) fn nearest_ttl(limits: &Limits, wanted: u64) -> u64 {
    let known = |l: &&Limit| l.strength() == Strength::Known;
    if let Some((values, _)) = limits.numbers("ttl-values").filter(|(_, l)| known(l)) {
        return values.iter().copied().min_by_key(|v| (v.abs_diff(wanted), *v)).unwrap_or(wanted);
    }
    let bound = |name: &str| limits.number(name).filter(|(_, l)| known(l)).map(|(n, _)| n);
    let (min, max) = (bound("ttl-min").unwrap_or(0), bound("ttl-max").unwrap_or(u64::MAX));
    let within = wanted.max(min).min(max);
    match bound("ttl-step").filter(|step| *step > 0) {
        Some(step) if within / step * step >= min => within / step * step,
        Some(step) => within.div_ceil(step) * step,
        None => within,
    }
}

/// What of a forbidden kind a text has.
fn forbidden(kind: &str, text: &[u8]) -> Option<Text> {
    let count = |octet: u8| text.iter().filter(|b| **b == octet).count();
    let (found, what) = match kind {
        "empty" => (text.is_empty(), say!(en: "no text at all", ja: "文字が 1 つもない状態")),
        "double-quote" => (count(b'"') > 0, say!(en: "a double quote", ja: "二重引用符（\"）")),
        "unpaired-double-quote" => {
            (count(b'"') % 2 == 1, say!(en: "an unpaired double quote", ja: "対になっていない二重引用符（\"）"))
        }
        "backslash" => (count(b'\\') > 0, say!(en: "a backslash", ja: "バックスラッシュ（\\）")),
        "unpaired-backslash" => {
            (count(b'\\') % 2 == 1, say!(en: "an unpaired backslash", ja: "対になっていないバックスラッシュ（\\）"))
        }
        "backtick" => (count(b'`') > 0, say!(en: "a backtick", ja: "バッククォート（`）")),
        "leading-space" => (text.starts_with(b" "), say!(en: "a space in front", ja: "先頭の空白")),
        "trailing-space" => (text.ends_with(b" "), say!(en: "a space at the end", ja: "末尾の空白")),
        _ => (false, Text::default()),
    };
    found.then_some(what)
}

/// The first character of `text` outside a set written as the vendors write it: `a-z 0-9 - .`, `letters digits space : ;`, `ASCII`.
pub(super) fn outside(set: &str, text: &str) -> Option<char> {
    let allowed = |c: char| {
        set.split_whitespace().any(|word| match word {
            "ASCII" | "printable" => (' '..='~').contains(&c),
            "letters" => c.is_ascii_alphabetic(),
            "digits" => c.is_ascii_digit(),
            "space" => c == ' ',
            word => {
                let mut chars = word.chars();
                match (chars.next(), chars.next(), chars.next(), chars.next()) {
                    (Some(from), Some('-'), Some(to), None) => (from..=to).contains(&c),
                    (Some(only), None, ..) => only == c,
                    _ => false,
                }
            }
        })
    };
    text.chars().find(|c| !allowed(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_characters_are_read_as_vendors_write_them() {
        assert_eq!(outside("a-z 0-9 - .", "shop12._domainkey.example.com"), Some('_'));
        assert_eq!(outside("a-z 0-9 - .", "www.example-1.com"), None);
        assert_eq!(outside("letters digits space - ~ = : ; / . @ + ^ ! *", "v=DKIM1; k=rsa; p=AB+/"), None);
        assert_eq!(outside("letters digits space - ~ = : ; / . @ + ^ ! *", "include:_spf.example.net"), Some('_'));
        assert_eq!(outside("ASCII", "é"), Some('é'));
    }

    #[test]
    fn forbidden_kinds_are_found_in_the_text_itself() {
        assert!(forbidden("trailing-space", b"a ").is_some());
        assert!(forbidden("unpaired-double-quote", b"a\"b\"").is_none());
        assert!(forbidden("backslash", b"a\\;").is_some());
        assert!(forbidden("empty", b"a").is_none());
    }
}
