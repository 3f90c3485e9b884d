//! A signing request in plain words: what is aired, where, when, how loud; and what is only the desk's word.
//!
//! Everything is read from the bytes that get signed. Names that the desk gave stand between « and », which no other text
//! on the page can contain; signs that would draw on a terminal are left out. It decides no signature.

use std::fmt::Write as _;

use loa_domain::delivery::placing::Placing;
use loa_domain::id::{Hash, PlaceKey};
use loa_domain::keys::request::{RequestFile, Signer, SigningRequest};
use loa_domain::keys::{PublicKey, Quorum, Role, Root};
use loa_domain::time::{LocalDate, LocalTime, Offsets, UtcMs};
use loa_domain::timetable::activation::{As, Is};
use loa_domain::timetable::audience::{Audience, Kind, Placement};
use loa_domain::timetable::order::{Class, Form, Item, Late, Order, WhenCut};
use loa_domain::timetable::stop::Stop;
use loa_host::text::{Language, Words};

use super::super::show;
use crate::timetable::sentence;

/// One of a root document's roles.
type RoleOf = fn(&Root) -> &Role;

/// What a request asks for, understood to the last byte: nobody signs what this program cannot show.
pub(super) struct Understood {
    pub orders: Vec<(Is, Order)>,
    pub stop: Option<Stop>,
    /// Each with the key that it takes the place of.
    pub placings: Vec<(Placing, Option<PublicKey>)>,
    pub root: Option<Root>,
}

/// A text that draws nothing but itself: no control signs, none that turn the direction of writing, no « or ».
#[must_use]
pub(in crate::cli) fn clean(text: &str) -> String {
    let draws = |sign: char| {
        sign.is_control()
            || matches!(sign, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '«' | '»')
    };
    text.chars().map(|sign| if draws(sign) { '?' } else { sign }).collect()
}

/// How many places (else players, else tags) an order names; zero: it is for all.
pub(super) fn places_named(order: &Order) -> usize {
    let to = &order.audience;
    [to.places.len(), to.players.len(), to.tags.len()].into_iter().find(|count| *count > 0).unwrap_or(0)
}

/// A key: its fingerprint, and the beginning of the key itself as lists of acts name it.
pub(in crate::cli) fn key_told(key: &PublicKey) -> String {
    format!("{} ({})", key.fingerprint(), &key.to_string()[..8])
}

/// A signer by the name that the key's file says, and its fingerprint.
pub(in crate::cli) fn signer_told(signer: &Signer<'_>) -> String {
    format!("«{}» {}", clean(signer.name), key_told(&signer.key))
}

/// A request, and what is needed to read it.
pub(super) struct Page<'p> {
    pub words: &'p Words,
    pub asked: &'p SigningRequest<'p>,
    pub root: Option<&'p Root>,
    pub clock: &'p Offsets,
    pub zone: &'p str,
}

impl Page<'_> {
    fn with(&self, id: &str, fields: &[(&str, &str)]) -> String {
        self.words.with(id, fields)
    }

    /// A line of the page: what it is about, and what there is to say.
    fn line(&self, page: &mut String, label: &str, value: &str) {
        let _infallible = writeln!(page, "  {}: {value}", self.words.say(&format!("sign-{label}")));
    }

    /// What the desk calls something, in its signs.
    fn hint(&self, kind: &str, key: &str) -> String {
        self.asked
            .hint(kind, key)
            .filter(|name| *name != key)
            .map_or(String::new(), |name| format!(" «{}»", clean(name)))
    }

    fn date(&self, date: LocalDate) -> String {
        show::date(LocalTime::new(date, 0), self.words)
    }

    fn moment(&self, at: UtcMs) -> String {
        show::date_time(self.clock.to_local(at), self.words)
    }

    /// The whole page.
    pub(super) fn told(&self, copy: &RequestFile<'_>, read: &Understood) -> String {
        let hash = copy.hash().to_string();
        let fields =
            [("hash", grouped(&hash[..16])), ("made", self.moment(self.asked.made)), ("zone", self.zone.into())];
        let mut page = self.with("sign-head", &fields.each_ref().map(|(name, value)| (*name, value.as_str())));
        page.push('\n');
        let version = self.asked.root_version.to_string();
        let under = if self.root.is_some() { "sign-under-known" } else { "sign-under" };
        page += &format!("{}\n", self.with(under, &[("version", &version)]));
        let emergencies = read.orders.iter().filter(|(_, order)| order.manner.class == Class::Emergency).count();
        if emergencies > 0 {
            page += &format!("\n{}\n", self.with("sign-emergencies", &[("count", &emergencies.to_string())]));
        }
        for (index, (is, order)) in read.orders.iter().enumerate() {
            self.order(&mut page, (*is, order), (index, read.orders.len()));
        }
        if let Some(stop) = &read.stop {
            self.stop(&mut page, stop);
        }
        if !read.placings.is_empty() {
            self.placings(&mut page, &read.placings);
        }
        if !self.asked.taken_off.is_empty() {
            page += &format!("\n{}\n", self.words.say("sign-taken-off"));
            for off in &self.asked.taken_off {
                page += &format!("  «{} {}»\n", clean(off.id), short(&off.order));
            }
        }
        if let Some(root) = &read.root {
            page += &format!("\n{}\n", self.words.say("sign-root"));
            page += &root_told(root, self.root, &|key| self.hint("officer", &key.to_string()), self.words);
        }
        if !copy.signers.is_empty() {
            page += &format!("\n{}\n", self.words.say("sign-signers"));
            for signer in &copy.signers {
                page += &format!("  {}\n", signer_told(signer));
            }
        }
        page.push('\n');
        page
    }

    fn order(&self, page: &mut String, (is, order): (Is, &Order), (index, count): (usize, usize)) {
        let id = clean(&order.id);
        let fields = [("number", (index + 1).to_string()), ("count", count.to_string()), ("order", id)];
        *page += "\n";
        *page += &self.with("sign-order", &fields.each_ref().map(|(name, value)| (*name, value.as_str())));
        page.push('\n');
        let form = match is {
            Is::Order(Form::Live) => None,
            Is::Order(Form::Drill) => Some("sign-form-drill"),
            Is::Order(Form::Template) => Some("sign-form-template"),
            Is::Activation(As::Live) => Some("sign-form-activation-live"),
            Is::Activation(As::Drill) => Some("sign-form-activation-drill"),
        };
        if let Some(form) = form {
            self.line(page, "form-label", &self.words.say(form));
        }
        let class = match order.manner.class {
            Class::Normal => "sign-class-normal",
            Class::Priority => "sign-class-priority",
            Class::Emergency => "sign-class-emergency",
        };
        self.line(page, "class", &self.words.say(class));
        let named = |kind: &str, name: &str| format!("{}{}", clean(name), self.hint(kind, name));
        self.line(page, "programme", &named("programme", &order.programme));
        for (at, item) in order.items.iter().enumerate() {
            let _infallible = writeln!(page, "    {}. {}", at + 1, self.item(item));
        }
        self.audience(page, &order.audience);
        self.timing(page, order);
        self.manner(page, order);
        if !order.campaign.is_empty() {
            self.line(page, "campaign", &named("campaign", &order.campaign));
        }
        let replaces = self.asked.orders.get(index).map(|asked| &asked.replaces);
        if let Some(replaces) = replaces.filter(|replaces| !replaces.is_empty()) {
            let hashes: Vec<String> = replaces.iter().map(short).collect();
            self.line(page, "replaces", &format!("«{}»", hashes.join(", ")));
        }
    }

    fn item(&self, item: &Item) -> String {
        let id = match item.kind {
            Kind::Speaker => "sign-clip",
            Kind::Board => "sign-slide",
        };
        let fields = [
            ("length", show::length(u64::from(item.length_ms))),
            ("size", show::size(u64::from(item.size))),
            ("hash", short(&item.content)),
        ];
        let told = self.with(id, &fields.each_ref().map(|(name, value)| (*name, value.as_str())));
        format!("{told}{}", self.hint("content", &item.content.to_string()))
    }

    fn stop(&self, page: &mut String, stop: &Stop) {
        *page += &format!("\n{}\n", self.words.say("sign-stop"));
        self.audience(page, &stop.audience);
        let hashes: Vec<String> = stop.orders.iter().map(short).collect();
        let told = if hashes.is_empty() { self.words.say("sign-stop-all") } else { counted(&hashes) };
        self.line(page, "stop-orders", &told);
    }

    fn place(&self, place: &PlaceKey) -> String {
        let key = format!("{}@{}", place.code.as_str(), place.valid_from);
        let from = self.date(place.valid_from);
        let told = self.with("sign-place", &[("code", &clean(&place.code)), ("from", &from)]);
        format!("{told}{}", self.hint("place", &key))
    }

    /// Who is enrolled, and where.
    fn placings(&self, page: &mut String, placings: &[(Placing, Option<PublicKey>)]) {
        *page += &format!("\n{}\n", self.with("sign-placings", &[("count", &placings.len().to_string())]));
        for (placing, before) in placings {
            let Placement { player, kind, places, tags, languages } = &placing.placement;
            let kind = self.words.say(if *kind == Kind::Speaker { "sign-kind-speaker" } else { "sign-kind-board" });
            let named = format!("{player}{}", self.hint("player", player.as_str()));
            *page += &format!("{}\n", self.with("sign-placing", &[("player", &named), ("kind", &kind)]));
            self.line(page, "key", &key_told(&placing.key));
            if let Some(before) = before {
                self.line(page, "key-before", &format!("«{}»", key_told(before)));
            }
            let places: Vec<String> = places.iter().map(|place| self.place(place)).collect();
            let nowhere = || self.words.say("sign-no-place");
            self.line(page, "where", &if places.is_empty() { nowhere() } else { places.join(" › ") });
            let tags: Vec<String> = tags.iter().map(|tag| clean(tag)).collect();
            let languages: Vec<String> = languages.iter().map(|tag| clean(tag)).collect();
            for (label, names) in [("tags", tags), ("languages", languages)] {
                if !names.is_empty() {
                    self.line(page, label, &names.join(", "));
                }
            }
        }
    }

    fn audience(&self, page: &mut String, to: &Audience) {
        let places: Vec<String> = to.places.iter().map(|place| self.place(place)).collect();
        let players: Vec<String> =
            to.players.iter().map(|id| format!("{id}{}", self.hint("player", id.as_str()))).collect();
        let tags: Vec<String> = to.tags.iter().map(|tag| clean(tag)).collect();
        let kind = |kind: &Kind| match kind {
            Kind::Speaker => self.words.say("sign-kind-speaker"),
            Kind::Board => self.words.say("sign-kind-board"),
        };
        let languages: Vec<String> = to.languages.iter().map(|tag| clean(tag)).collect();
        if places.is_empty() {
            let everywhere = players.is_empty() && tags.is_empty();
            self.line(page, "where", &self.words.say(if everywhere { "sign-everywhere" } else { "sign-any-place" }));
        } else {
            self.line(page, "where", &counted(&places));
        }
        for (label, names) in [("players", &players), ("tags", &tags)] {
            if !names.is_empty() {
                self.line(page, label, &counted(names));
            }
        }
        let kinds: Vec<String> = to.kinds.iter().map(kind).collect();
        for (label, names) in [("kinds", &kinds), ("languages", &languages)] {
            if !names.is_empty() {
                self.line(page, label, &names.join(", "));
            }
        }
    }

    fn timing(&self, page: &mut String, order: &Order) {
        let timing = &order.timing;
        let language = match self.words.language() {
            Language::Vietnamese => sentence::Language::Vietnamese,
            Language::English => sentence::Language::English,
        };
        for line in &timing.recurrences {
            let told = sentence::sentence(line, language);
            self.line(page, "when", &self.with("sign-local", &[("sentence", &told)]));
        }
        for at in &timing.once {
            let fields = [("moment", self.moment(*at)), ("zone", self.zone.to_owned())];
            let told = self.with("sign-once", &fields.each_ref().map(|(name, value)| (*name, value.as_str())));
            self.line(page, "when", &told);
        }
        if timing.recurrences.is_empty() && timing.once.is_empty() {
            let is_template = order.form == Form::Template;
            let told = if is_template { "sign-when-activated" } else { "sign-never" };
            self.line(page, "when", &self.words.say(told));
        }
        let dates = |date: Option<LocalDate>| date.map_or_else(|| "…".to_owned(), |date| self.date(date));
        if timing.from.is_some() || timing.until.is_some() {
            let fields = [("from", dates(timing.from)), ("until", dates(timing.until))];
            let told = self.with("sign-span", &fields.each_ref().map(|(name, value)| (*name, value.as_str())));
            self.line(page, "dates", &told);
        }
        if !timing.excepted.is_empty() {
            let dates: Vec<String> = timing.excepted.iter().map(|date| self.date(*date)).collect();
            self.line(page, "except", &dates.join(", "));
        }
    }

    fn manner(&self, page: &mut String, order: &Order) {
        let manner = &order.manner;
        let volume = match manner.volume {
            Some(percent) => self.with("sign-volume-set", &[("percent", &percent.to_string())]),
            None => self.words.say("sign-volume-own"),
        };
        self.line(page, "volume", &volume);
        let late = match manner.late {
            Late::Join => "sign-late-join",
            Late::Restart => "sign-late-restart",
            Late::Skip => "sign-late-skip",
        };
        let limit = show::length(u64::from(manner.late_limit_ms));
        let cut = match manner.when_cut {
            WhenCut::Resume => "sign-cut-resume",
            WhenCut::Drop => "sign-cut-drop",
        };
        let wait = show::length(u64::from(manner.wait_ms));
        let late = self.with(late, &[("limit", &limit)]);
        self.line(page, "late", &format!("{late}; {}", self.with(cut, &[("wait", &wait)])));
    }
}

/// Names with how many there are, where they are more than one.
fn counted(names: &[String]) -> String {
    let list = names.join("; ");
    if names.len() > 1 { format!("({}) {list}", names.len()) } else { list }
}

/// The first digits of a hash.
fn short(hash: &Hash) -> String {
    grouped(&hash.to_string()[..12])
}

/// Digits in groups of four.
#[must_use]
pub(in crate::cli) fn grouped(digits: &str) -> String {
    let groups: Vec<&str> = (0..digits.len()).step_by(4).filter_map(|at| digits.get(at..at + 4)).collect();
    groups.join(" ")
}

/// A root document in words; against the one before, what is new in it and what is gone is marked.
pub(in crate::cli) fn root_told(
    root: &Root,
    before: Option<&Root>,
    hint: &dyn Fn(&PublicKey) -> String,
    words: &Words,
) -> String {
    let mut page = String::new();
    // A table of zones is not needed for a date ten years away; UTC is said.
    let ends = show::date(LocalTime::from_seconds(root.expires.seconds()), words);
    let fields = [("version", root.version.to_string()), ("ends", ends)];
    page += &words.with("root-head", &fields.each_ref().map(|(name, value)| (*name, value.as_str())));
    page.push('\n');
    let roles: [(&str, &Role, RoleOf); 3] = [
        ("root-role-officers", &root.officers, |root| &root.officers),
        ("root-role-root", &root.root, |root| &root.root),
        ("root-role-desk", &root.desk, |root| &root.desk),
    ];
    for (id, role, of) in roles {
        let counts = [("needed", role.threshold.max(1).to_string()), ("of", role.keys.len().to_string())];
        page += &format!("  {}\n", words.with(id, &counts.each_ref().map(|(name, value)| (*name, value.as_str()))));
        let old = before.map(of);
        for key in &role.keys {
            let is_new = old.is_some_and(|old| !old.keys.contains(key));
            let mark = if is_new { words.say("root-mark-new") } else { String::new() };
            page += format!("    {}{} {mark}", key_told(key), hint(key)).trim_end();
            page.push('\n');
        }
        for gone in old.into_iter().flat_map(|old| &old.keys).filter(|key| !role.keys.contains(key)) {
            page += &format!("    {} {}\n", key_told(gone), words.say("root-mark-gone"));
        }
        if let Some(old) = old.filter(|old| old.threshold != role.threshold) {
            page += &format!("    {}\n", words.with("root-mark-threshold", &[("before", &old.threshold.to_string())]));
        }
    }
    page += &format!("  {}\n", words.say("root-log"));
    let is_new = before.is_some_and(|before| before.log != root.log);
    let mark = if is_new { format!(" {}", words.say("root-mark-new")) } else { String::new() };
    log_told(root).iter().for_each(|line| page += &format!("    {line}{mark}\n"));
    page
}

/// What is asked of the log, in the lines and words of C2SP tlog-policy; keys by what stands for them beside signatures.
fn log_told(root: &Root) -> Vec<String> {
    let Some(Quorum { origin, id, key, witnesses, groups }) = &root.log else {
        return vec!["—".to_owned()];
    };
    let told = |id: &[u8; 4], key: &PublicKey| format!("{:08x} {}", u32::from_be_bytes(*id), key_told(key));
    let mut lines = vec![format!("log {} {}", clean(origin), told(id, key))];
    lines.extend(witnesses.iter().map(|witness| format!("witness {}", told(&witness.id, &witness.key))));
    for (at, group) in groups.iter().enumerate() {
        let within = |number: u8| usize::from(number) == at;
        let members = witnesses.iter().filter(|witness| within(witness.group));
        let mut members: Vec<String> =
            members.map(|witness| format!("{:08x}", u32::from_be_bytes(witness.id))).collect();
        let earlier = groups.iter().take(at).enumerate().filter(|(_, earlier)| within(earlier.group));
        members.extend(earlier.map(|(earlier, _)| format!("g{}", earlier + 1)));
        lines.push(format!("group g{} {} {}", at + 1, group.needed, members.join(" ")).trim_end().to_owned());
    }
    let none = groups.last().is_none_or(|group| group.needed == 0);
    lines.push(if none { "quorum none".to_owned() } else { format!("quorum g{}", groups.len()) });
    lines
}
