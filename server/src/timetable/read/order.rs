//! Decides what an `[[order]]` says: its programme, its audience, its times, and what happens when it meets another.
//!
//! Whether it reaches anybody is seen only in the whole: `links.rs`, which is next. Which cron texts are right, the
//! caller's checker decides.

use super::Context;
use super::area::{KINDS, place_key, volume};
use super::fields::Fields;
use super::links::Draft;
use super::values::{self, Fault};
use crate::timetable::date::{Date, LocalTime};
use crate::timetable::limits;
use crate::timetable::model::{Audience, Class, CronText, Form, Late, Order, WhenCut};

const CLASSES: [(&str, Class); 3] =
    [("normal", Class::Normal), ("priority", Class::Priority), ("emergency", Class::Emergency)];
const LATE: [(&str, Late); 3] = [("join", Late::Join), ("restart", Late::Restart), ("skip", Late::Skip)];
const WHEN_CUT: [(&str, WhenCut); 2] = [("resume", WhenCut::Resume), ("drop", WhenCut::Drop)];

pub(super) fn order<'a>(mut fields: Fields<'a>) -> Option<Draft<'a, Order>> {
    let context = fields.context;
    let id = fields.need("id", values::id);
    let programme = fields.need("programme", |text| context.index.known("programme", text));
    let campaign = fields.text("campaign", |text| context.index.known("campaign", text));
    fields.require("class");
    let class = fields.text("class", |text| values::choice(text, &CLASSES));
    fields.require("to");
    let to = fields.table("to", audience);
    let form = form(&mut fields);
    let times = times(&mut fields, form);
    if form == Form::Template && class == Some(Class::Normal) {
        fields.fault_at("class", Fault::new("template-of-normal"));
    }
    // Nobody should hear the middle of a warning that was activated a moment ago.
    let usual = if form == Form::Template { Late::Restart } else { Late::default() };
    let late = fields.text("late", |text| values::choice(text, &LATE)).unwrap_or(usual);
    let late_limit_seconds = fields.text("late_limit", values::duration);
    if late == Late::Skip && fields.node("late_limit").is_some() {
        fields.fault_at("late_limit", Fault::new("late-limit-unused"));
    }
    let wait_seconds = fields.text("wait", values::duration).unwrap_or(0);
    let when_cut = fields.text("when_cut", |text| values::choice(text, &WHEN_CUT)).unwrap_or_default();
    let volume = volume(&mut fields);
    let title = fields.text("title", values::title);
    let reason = fields.text("reason", |text| values::text(text, limits::REASON, false));
    let (written, origin) = (fields.written(), fields.origin());
    fields.finish()?;
    let Times { at, once, from, until, except } = times;
    let order = Order {
        id: id?,
        programme: programme?,
        form,
        campaign,
        class: class?,
        to: to?,
        at,
        once,
        from,
        until,
        except,
        late,
        late_limit_seconds,
        wait_seconds,
        when_cut,
        volume,
        title,
        reason,
        origin,
    };
    Some(Draft::new(order, written))
}

fn audience(fields: &mut Fields<'_>) -> Audience {
    let context = fields.context;
    let audience = Audience {
        places: fields.list("places", limits::AUDIENCE, |text| place_key(context.index, text)),
        tags: fields.list("tags", limits::AUDIENCE, |text| known_tag(context, text)),
        players: fields.list("players", limits::AUDIENCE, |text| context.index.known("player", text)),
        kinds: fields.list("kinds", limits::AUDIENCE, |text| values::choice(text, &KINDS)),
        languages: fields.list("languages", limits::AUDIENCE, values::language),
    };
    // "To nobody in particular" is how a test message reaches a whole province. A list left empty is as dangerous as
    // one left out: it is what remains when somebody deletes its last line.
    let narrowing = ["places", "tags", "players", "kinds", "languages"];
    let lists: Vec<_> = narrowing.iter().filter_map(|key| fields.node(key)).collect();
    let empty = |node: &&super::syntax::Node| matches!(&node.value, super::Value::List(items) if items.is_empty());
    if lists.is_empty() || lists.iter().any(empty) {
        let span = lists.iter().find(|node| empty(node)).map(|node| node.span.clone());
        let fault = Fault::new("order-to-nobody-named");
        match span {
            Some(span) => fields.fault("to", span, fault),
            None => fields.fault_at("to", fault),
        }
    }
    audience
}

fn known_tag(context: &Context<'_>, text: &str) -> Result<String, Fault> {
    let tag = values::id(text)?;
    if context.index.has_tag(&tag) {
        return Ok(tag);
    }
    Err(Fault::of("unknown-tag", &tag).suggest(context.index.nearest_tag(&tag)))
}

struct Times {
    at: Vec<CronText>,
    once: Vec<LocalTime>,
    from: Option<Date>,
    until: Option<Date>,
    except: Vec<Date>,
}

/// Whether it counts, is a drill, or waits to be activated.
fn form(fields: &mut Fields<'_>) -> Form {
    match (fields.flag("drill"), fields.flag("template")) {
        (true, true) => {
            fields.fault_at("drill", Fault::new("drill-and-template"));
            Form::Template
        }
        (true, false) => Form::Drill,
        (false, true) => Form::Template,
        (false, false) => Form::Live,
    }
}

fn times(fields: &mut Fields<'_>, form: Form) -> Times {
    let context = fields.context;
    let at = fields.texts("at", limits::CRONS, true, |text| cron(context, text));
    let at: Vec<_> = at.into_iter().map(|(text, origin)| CronText { text, origin }).collect();
    let once = fields.list("once", limits::ONCE, values::moment);
    let from = fields.text("from", values::date);
    let until = fields.text("until", values::date);
    let except = fields.list("except", limits::EXCEPT, values::date);
    if form == Form::Template {
        for key in ["at", "once", "from", "until", "except"] {
            if fields.node(key).is_some() {
                fields.fault_at(key, Fault::of("template-with-times", key));
            }
        }
    } else if fields.node("at").is_none() && fields.node("once").is_none() {
        fields.fault_at("id", Fault::new("order-without-time"));
    }
    for key in ["at", "once"] {
        if fields.node(key).is_some_and(|node| matches!(&node.value, super::Value::List(list) if list.is_empty())) {
            fields.fault_at(key, Fault::new("order-without-time"));
        }
    }
    if !refuse_backwards(fields, from, until) {
        let outside = |date: Date| from.is_some_and(|from| date < from) || until.is_some_and(|until| until < date);
        if let Some(date) = except.iter().find(|date| outside(**date)) {
            fields.fault_at("except", Fault::of("except-outside", &date.to_string()));
        }
        if let Some(moment) = once.iter().find(|moment| outside(moment.date) || except.contains(&moment.date)) {
            fields.fault_at("once", Fault::of("once-outside", &moment.to_string()));
        }
    }
    Times { at, once, from, until, except }
}

fn cron(context: &Context<'_>, text: &str) -> Result<String, Fault> {
    if text.chars().count() > limits::CRON {
        let length = text.chars().count();
        return Err(Fault::new("text-too-long").with("length", length).with("limit", limits::CRON));
    }
    match (context.checks.cron)(text) {
        Ok(()) => Ok(text.to_owned()),
        Err((range, message, hint)) => {
            Err(Fault::of("bad-cron", text).with("detail", message).with("advice", hint).within(range))
        }
    }
}

/// Reports a last day before the first; says whether it did.
pub(super) fn refuse_backwards(fields: &mut Fields<'_>, from: Option<Date>, until: Option<Date>) -> bool {
    let (Some(from), Some(until)) = (from, until) else { return false };
    if from > until {
        fields.fault_at("until", Fault::new("from-after-until").with("from", from).with("until", until));
    }
    from > until
}
