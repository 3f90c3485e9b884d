//! Decides what a `[[template]]` and a `[[slide]]` say: texts, colours, what else is shown.
//!
//! A slide of a template has its texts filled in here, so that everything behind sees plain slides. Whether the texts
//! can be drawn at all is decided by the caller's checker; whether they fit the boards is seen before orders are signed
//! (`server/src/play`). What a picture's file holds is looked at when the slide is made. Next: `order.rs`.

use std::collections::BTreeMap;
use std::path::Path;

use loa_domain::play::slide::{BODY_BYTES, CODE_BYTES, TITLE_BYTES};

use super::Context;
use super::content::file;
use super::fields::Fields;
use super::links::Draft;
use super::nearest::nearest;
use super::pattern;
use super::values::{self, Fault};
use crate::timetable::date::LocalTime;
use crate::timetable::limits;
use crate::timetable::model::{Align, Colour, Countdown, Enter, Filled, Look, Shows, Slide, Template};

const ALIGN: [(&str, Align); 3] = [("left", Align::Left), ("middle", Align::Middle), ("right", Align::Right)];
const ENTER: [(&str, Enter); 3] = [("wipe", Enter::Wipe), ("rise", Enter::Rise), ("dissolve", Enter::Dissolve)];
/// What people write for these.
const MISTAKEN: [(&str, &str); 6] = [
    ("center", "middle"),
    ("centre", "middle"),
    ("giữa", "middle"),
    ("fade", "dissolve"),
    ("slide", "wipe"),
    ("scroll", "rise"),
];
/// The keys of which a slide has one at most.
const SHOWN: [&str; 4] = ["picture", "code", "clock", "countdown"];
/// What people call colours.
const NAMED: [(&str, &str); 14] = [
    ("red", "#ff0000"),
    ("đỏ", "#ff0000"),
    ("green", "#00ff00"),
    ("xanh lá", "#00ff00"),
    ("blue", "#0000ff"),
    ("xanh", "#0000ff"),
    ("yellow", "#ffff00"),
    ("vàng", "#ffff00"),
    ("white", "#ffffff"),
    ("trắng", "#ffffff"),
    ("black", "#000000"),
    ("đen", "#000000"),
    ("orange", "#ff8000"),
    ("cam", "#ff8000"),
];

pub(super) fn template<'a>(mut fields: Fields<'a>) -> Option<Draft<'a, Template>> {
    let context = fields.context;
    let id = fields.need("id", values::id);
    let title = fields.text("title", |text| pattern(shown(context, text, limits::TITLE, false)?));
    let body = fields.text("body", |text| pattern(shown(context, text, limits::BODY, true)?));
    let code = fields.text("code", |text| pattern(values::text(text, limits::BODY, false)?));
    if ["title", "body", "code"].iter().all(|key| fields.node(key).is_none()) {
        fields.fault_at("id", Fault::new("template-empty"));
    }
    let language = fields.text("language", values::language);
    let look = look(&mut fields, Look::default());
    let (written, origin) = (fields.written(), fields.origin());
    fields.finish()?;
    let (title, body) = (title.unwrap_or_default(), body.unwrap_or_default());
    Some(Draft::new(Template { id: id?, title, body, code, language, look, origin }, written))
}

/// The text of a template, whose fields must be written right.
fn pattern(text: String) -> Result<String, Fault> {
    match pattern::parts(&text) {
        Ok(_) => Ok(text),
        Err(wrong) => Err(Fault::new("bad-placeholder").within(wrong)),
    }
}

pub(super) fn slide<'a>(mut fields: Fields<'a>, templates: &[Draft<'a, Template>]) -> Option<Draft<'a, Slide>> {
    if fields.node("video").is_some() {
        return super::video::slide(fields);
    }
    let context = fields.context;
    let id = fields.need("id", values::id);
    let named = fields.text("template", |text| context.index.known("template", text));
    // One with a fault of its own is not among them; then nothing more is said of its slides.
    let template = named.as_ref().and_then(|id| templates.iter().map(Draft::item).find(|template| template.id == *id));
    let texts = match template {
        None if fields.node("template").is_none() => Some(own_texts(&mut fields)),
        Some(template) => filled_texts(&mut fields, template),
        None => {
            for key in ["title", "body", "fields"] {
                fields.node(key);
            }
            None
        }
    };
    let shows = shows(&mut fields, texts.as_ref().is_some_and(|texts| texts.code.is_some()));
    fields.require("seconds");
    let seconds = fields.number("seconds", limits::SLIDE_SECONDS).and_then(|seconds| u32::try_from(seconds).ok());
    let language = fields.text("language", values::language);
    let look = look(&mut fields, template.map(|template| template.look).unwrap_or_default());
    let (written, origin) = (fields.written(), fields.origin());
    fields.finish()?;
    let Texts { title, body, code, fields: given } = texts?;
    let language = language.or_else(|| template.and_then(|template| template.language.clone()));
    let shows = shows.or_else(|| code.map(Shows::Code));
    let filled = named.map(|template| Filled { template, fields: given });
    Some(Draft::new(
        Slide { id: id?, title, body, seconds: Some(seconds?), language, shows, look, filled, origin },
        written,
    ))
}

/// The texts of a slide.
#[derive(Default)]
struct Texts {
    title: String,
    body: String,
    code: Option<String>,
    fields: BTreeMap<String, String>,
}

/// The texts of a slide that was not made of a template; they may be left out where something else is shown.
fn own_texts(fields: &mut Fields<'_>) -> Texts {
    let context = fields.context;
    let shows = SHOWN.iter().any(|key| fields.node(key).is_some());
    if fields.node("fields").is_some() {
        fields.fault_at("fields", Fault::new("fields-without-template"));
    }
    let mut read = |key: &'static str, limit: usize, bytes: usize, lines| {
        if !shows {
            fields.require(key);
        }
        let text = fields.text(key, |text| {
            if shows && text.trim().is_empty() {
                return Ok(String::new());
            }
            roomy(shown(context, text, limit, lines)?, bytes)
        });
        text.unwrap_or_default()
    };
    let title = read("title", limits::TITLE, TITLE_BYTES, false);
    let body = read("body", limits::BODY, BODY_BYTES, true);
    Texts { title, body, ..Texts::default() }
}

/// The texts of a template with the slide's fields in them.
fn filled_texts(fields: &mut Fields<'_>, template: &Template) -> Option<Texts> {
    let context = fields.context;
    for key in ["title", "body"] {
        if fields.node(key).is_some() {
            fields.fault_at(key, Fault::new("text-of-template").with("template", &template.id));
        }
    }
    let texts = [template.title.as_str(), &template.body, template.code.as_deref().unwrap_or_default()];
    let mut wanted: Vec<String> = texts.iter().flat_map(|text| pattern::names(text)).collect();
    wanted.sort();
    wanted.dedup();
    let given = fields.pairs("fields", |text| shown(context, text, limits::BODY, true));
    let mut values = BTreeMap::new();
    for (name, key_span, value) in given {
        if !wanted.contains(&name) {
            let fault = Fault::new("unknown-field").with("name", values::shown(&name)).with("template", &template.id);
            let fault = fault.with("choices", wanted.join(", "));
            fields.fault("fields", key_span, fault.suggest(nearest(&name, wanted.iter().map(String::as_str))));
            continue;
        }
        // What was given wrongly was given: it is not missing too.
        values.insert(name, value.unwrap_or_default());
    }
    let missing: Vec<&str> = wanted.iter().filter(|name| !values.contains_key(*name)).map(String::as_str).collect();
    if !missing.is_empty() {
        let key = if fields.node("fields").is_some() { "fields" } else { "template" };
        let fault = Fault::new("missing-field").with("names", missing.join(", "));
        fields.fault_at(key, fault.with("template", &template.id).with("example", missing[0]));
        return None;
    }
    let [title, body, code] = texts.map(|text| pattern::filled(text, &values));
    for (what, text, limit) in
        [("title", &title, TITLE_BYTES), ("body", &body, BODY_BYTES), ("code", &code, CODE_BYTES)]
    {
        if text.len() > limit {
            let fault = Fault::new("filled-too-long").with("what", what).with("bytes", text.len());
            fields.fault_at("fields", fault.with("limit", limit).with("template", &template.id));
        }
    }
    let title = title.replace('\n', " ");
    Some(Texts { title, body, code: template.code.is_some().then_some(code), fields: values })
}

/// What a slide shows besides its text: one thing at most. `has_code` when its template has one.
fn shows(fields: &mut Fields<'_>, has_code: bool) -> Option<Shows> {
    let (context, folder) = (fields.context, fields.source().folder.clone());
    let picture = fields.text("picture", |text| picture(context, &folder, text));
    let code = fields.text("code", |text| roomy(values::text(text, limits::BODY, false)?, CODE_BYTES));
    let clock = fields.flag("clock");
    let countdown = fields.text("countdown", countdown);
    let there: Vec<&str> =
        SHOWN.into_iter().filter(|key| if *key == "clock" { clock } else { fields.node(key).is_some() }).collect();
    let names = || if has_code { ["code"].into_iter().chain(there.iter().copied()).collect() } else { there.clone() };
    if there.len() + usize::from(has_code) > 1 {
        let last = SHOWN.into_iter().rfind(|key| there.contains(key)).unwrap_or("code");
        fields.fault_at(last, Fault::new("shows-too-much").with("names", names().join(", ")));
    }
    let picture = picture.map(Shows::Picture);
    picture.or(code.map(Shows::Code)).or(clock.then_some(Shows::Clock)).or(countdown.map(Shows::Countdown))
}

/// The picture that a slide names, by the rules for clips.
fn picture(context: &Context<'_>, folder: &Path, text: &str) -> Result<std::path::PathBuf, Fault> {
    file(context, folder, text, ("picture-file-missing", "pictures/ubnd.png"))
}

/// A moment, with its offset from UTC or without.
fn countdown(text: &str) -> Result<Countdown, Fault> {
    let bad = || Fault::of("bad-countdown", text);
    let time_at = text.find(['T', ' ']).ok_or_else(bad)?;
    let offset_at = text[time_at..].find(['+', '-', 'Z']).map(|at| at + time_at);
    let (local, offset) = text.split_at(offset_at.unwrap_or(text.len()));
    let to: LocalTime = local.parse().map_err(|_| bad())?;
    let offset_minutes = match offset {
        "" => None,
        "Z" => Some(0),
        _ => {
            let (hours, minutes) = offset[1..].split_once(':').ok_or_else(bad)?;
            let number = |text: &str, most: i16| {
                let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
                text.parse::<i16>().ok().filter(|number| digits && *number <= most)
            };
            let minutes = number(hours, 14).ok_or_else(bad)? * 60 + number(minutes, 59).ok_or_else(bad)?;
            Some(if offset.starts_with('-') { -minutes } else { minutes })
        }
    };
    Ok(Countdown { to, offset_minutes })
}

/// How a slide looks; what it does not say is as `before`.
fn look(fields: &mut Fields<'_>, before: Look) -> Look {
    let colours = fields.table("colours", |fields| ["title", "body", "ground"].map(|key| fields.text(key, colour)));
    let [title, body, ground] = colours.unwrap_or_default();
    let align = fields.text("align", |text| word(text, &ALIGN));
    let ticker = match fields.node("ticker") {
        None => before.ticker,
        Some(_) => fields.flag("ticker"),
    };
    let enter = fields.text("enter", |text| word(text, &ENTER));
    Look {
        title: title.or(before.title),
        body: body.or(before.body),
        ground: ground.or(before.ground),
        align: align.or(before.align),
        ticker,
        enter: enter.or(before.enter),
    }
}

/// One of several words; what people write in their place is answered with the right one.
fn word<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, Fault> {
    let meant = MISTAKEN.iter().find(|(mistaken, _)| *mistaken == text).map(|(_, meant)| *meant);
    let meant = meant.filter(|meant| choices.iter().any(|(word, _)| word == meant)).map(str::to_owned);
    values::choice(text, choices).map_err(|fault| if meant.is_some() { fault.suggest(meant) } else { fault })
}

/// A colour such as `#ffd040`.
fn colour(text: &str) -> Result<Colour, Fault> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
    let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    number.map(|number| [(number >> 16) as u8, (number >> 8) as u8, number as u8]).ok_or_else(|| {
        let lower = text.to_lowercase();
        let named = NAMED.iter().find(|(name, _)| *name == lower).map(|(_, colour)| (*colour).to_owned());
        Fault::of("bad-colour", text).suggest(named)
    })
}

/// A text that boards are to show: every letter must have a picture.
fn shown(context: &Context<'_>, text: &str, limit: usize, lines: bool) -> Result<String, Fault> {
    let composed = values::text(text, limit, lines)?;
    let mut missing: Vec<char> = composed.chars().filter(|letter| !(context.checks.letter)(*letter)).collect();
    let Some(first) = missing.first().copied() else { return Ok(composed) };
    missing.sort_unstable();
    missing.dedup();
    let told = missing.iter().take(5).map(|letter| format!("“{}” (U+{:04X})", alone(*letter), u32::from(*letter)));
    let mut letters = told.collect::<Vec<_>>().join(", ");
    if missing.len() > 5 {
        letters += ", …";
    }
    let fault = Fault::new("letter-without-picture").with("letters", letters);
    let at = text.find(first).map(|at| at..at + first.len_utf8());
    Err(match at {
        Some(at) => fault.within(at),
        None => fault,
    })
}

/// A letter as a message shows it: a mark on its own stands on a dotted circle, what cannot be seen is not written.
fn alone(letter: char) -> String {
    match letter {
        '\u{300}'..='\u{36f}' => format!("◌{letter}"),
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => " ".to_owned(),
        letter if letter.is_control() => " ".to_owned(),
        letter => letter.to_string(),
    }
}

/// A text that has room in a slide as it travels: nothing of it may be cut off.
fn roomy(text: String, limit: usize) -> Result<String, Fault> {
    if text.len() > limit {
        return Err(Fault::new("slide-text-too-long").with("bytes", text.len()).with("limit", limit));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_may_say_its_offset() {
        let read = |text: &str| countdown(text).ok().map(|found| (found.to.to_string(), found.offset_minutes));
        let tet = || "2027-02-06T00:00:00".to_owned();
        assert_eq!(read("2027-02-06T00:00"), Some((tet(), None)));
        assert_eq!(read("2027-02-06T00:00+07:00"), Some((tet(), Some(420))));
        assert_eq!(read("2027-02-06 00:00:00-03:30"), Some((tet(), Some(-210))));
        assert_eq!(read("2027-02-06T00:00Z"), Some((tet(), Some(0))));
        for text in [
            "",
            "2027-02-06",
            "2027-02-30T00:00",
            "2027-02-06T00:00+7",
            "2027-02-06T00:00+15:00",
            "Tết",
            "2027-02-06T00:00+0a:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_colour_is_six_digits_and_its_name_is_answered_with_them() {
        assert_eq!(colour("#ffD040").ok(), Some([255, 208, 64]));
        let meant = |text| colour(text).err().and_then(|fault| fault.suggestion);
        assert_eq!(meant("Vàng").as_deref(), Some("#ffff00"));
        for text in ["", "#fff", "ffd040", "#ffd04g", "#ffd0400", "#+fd040"] {
            assert!(colour(text).is_err(), "{text}");
        }
    }
}
