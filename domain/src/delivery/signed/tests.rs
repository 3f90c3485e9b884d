//! Which of what officers signed counts on one player: the table of refusals.

use std::vec::Vec;

use super::*;
use crate::id::PlaceKey;
use crate::keys::{Role, SecretKey, Signed};
use crate::time::LocalDate;
use crate::timetable::Timing;
use crate::timetable::activation::As;
use crate::timetable::audience::{Audience, Kind};
use crate::timetable::order::{Form, Item, Late, Manner, WhenCut};
use crate::wire::{List, Text};

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn place(code: &str) -> PlaceKey {
    PlaceKey { code: Text::new(code).expect("short"), valid_from: LocalDate(0) }
}

fn root() -> Root {
    Root {
        version: 1,
        expires: UtcMs(9_000),
        root: Role::of_one(key(8).public()),
        officers: Role { threshold: 2, keys: List::collect([1, 2, 3].map(|seed| key(seed).public())).expect("three") },
        desk: Role::of_one(key(9).public()),
        log: None,
        offices_from: None,
    }
}

/// A player in the commune 00123 of the province 01.
fn placement() -> Placement {
    Placement {
        player: "loa-1".parse().expect("a good id"),
        kind: Kind::Speaker,
        places: List::collect([place("00123"), place("01")]).expect("two"),
        tags: List::new(),
        languages: List::new(),
    }
}

fn audience(code: &str) -> Audience {
    Audience { places: List::collect([place(code)]).expect("one"), ..Audience::default() }
}

fn an_order(form: Form, class: Class) -> Order {
    let name = |text| Text::new(text).expect("short");
    Order {
        form,
        id: name("news"),
        campaign: name(""),
        programme: name("news"),
        made: UtcMs(1),
        audience: audience("01"),
        timing: Timing::default(),
        manner: Manner { class, late: Late::Skip, late_limit_ms: 0, wait_ms: 0, when_cut: WhenCut::Drop, volume: None },
        items: List::collect([Item { kind: Kind::Speaker, content: Hash([1; 32]), size: 1, length_ms: 9 }])
            .expect("one"),
    }
}

fn office(code: &str, most: Class, expires: i64) -> Vec<u8> {
    let office = Office {
        name: Text::new("office").expect("short"),
        threshold: 2,
        keys: List::collect([11, 12].map(|seed| key(seed).public())).expect("two"),
        places: List::collect([place(code)]).expect("one"),
        most,
        made: UtcMs(5),
        expires: UtcMs(expires),
    };
    by(&wire::encode(&office), Purpose::Office, &[1, 2], None)
}

fn by(body: &[u8], purpose: Purpose, seeds: &[u8], office: Option<&[u8]>) -> Vec<u8> {
    let signed: Vec<Signed> = seeds.iter().map(|seed| key(*seed).sign(purpose, body)).collect();
    wire::encode(&Sealed { body, signatures: List::collect(signed).expect("few"), office })
}

/// The class up to which an order counts here, once it is found that it may be played.
fn taken(sealed: &[u8]) -> Result<Form, Fault> {
    let (root, placement) = (root(), placement());
    let (_, class) = order(sealed, Here { root: &root, placement: &placement, until: UtcMs(5_000) })?;
    let mut read = Order::blank();
    read_into(sealed, class, &placement, &mut read)?;
    Ok(read.form)
}

fn activated(form: As, template: &[u8], to: &str) -> Vec<u8> {
    let id = Text::new("now").expect("short");
    wire::encode(&Activation { form, template, id, made: UtcMs(7), at: UtcMs(8_000), audience: audience(to) })
}

#[test]
fn an_office_orders_in_its_place_up_to_its_class_and_while_it_lasts() {
    let normal = wire::encode(&an_order(Form::Live, Class::Normal));
    let emergency = wire::encode(&an_order(Form::Live, Class::Emergency));
    let through = |body: &[u8], office: &[u8]| taken(&by(body, Purpose::Order, &[11, 12], Some(office)));
    assert_eq!(through(&normal, &office("00123", Class::Priority, 5_000)), Ok(Form::Live));
    assert_eq!(through(&normal, &office("01", Class::Normal, 9_000)), Ok(Form::Live), "the place above");
    assert_eq!(through(&normal, &office("00124", Class::Priority, 9_000)), Err(Fault::Office), "the next commune's");
    assert_eq!(through(&emergency, &office("00123", Class::Priority, 9_000)), Err(Fault::Office), "too high a class");
    assert_eq!(through(&emergency, &office("00123", Class::Emergency, 9_000)), Ok(Form::Live));
    assert_eq!(through(&normal, &office("00123", Class::Priority, 4_999)), Err(Fault::Office), "it ends before");
}

#[test]
fn a_drill_and_a_live_order_are_never_taken_for_one_another() {
    let (live, drill) = (an_order(Form::Live, Class::Emergency), an_order(Form::Drill, Class::Emergency));
    let (live, drill) = (wire::encode(&live), wire::encode(&drill));
    assert_eq!(taken(&by(&live, Purpose::Order, &[1, 2], None)), Ok(Form::Live));
    assert_eq!(taken(&by(&drill, Purpose::Drill, &[1, 2], None)), Ok(Form::Drill));
    assert_eq!(taken(&by(&live, Purpose::Drill, &[1, 2], None)), Err(Fault::Signature));
    assert_eq!(taken(&by(&drill, Purpose::Order, &[1, 2], None)), Err(Fault::Signature));
    // The one number that tells them apart, turned over with the signatures left as they are.
    let mut turned = drill.clone();
    turned[1] = live[1];
    assert_eq!(turned, live, "nothing else differs");
    assert_eq!(taken(&by(&live, Purpose::Template, &[1, 2], None)), Err(Fault::Signature));
}

#[test]
fn one_officer_activates_what_two_made_and_nothing_else() {
    let template = wire::encode(&an_order(Form::Template, Class::Emergency));
    let ready = by(&template, Purpose::Template, &[1, 2], None);
    assert_eq!(taken(&ready), Ok(Form::Template), "it waits on the player");
    let now = |form, sealed: &[u8], purpose, seeds: &[u8]| {
        taken(&by(&activated(form, sealed, "00123"), purpose, seeds, None))
    };
    assert_eq!(now(As::Live, &ready, Purpose::Activation, &[3]), Ok(Form::Live));
    assert_eq!(now(As::Drill, &ready, Purpose::DrillActivation, &[3]), Ok(Form::Drill));
    assert_eq!(now(As::Live, &ready, Purpose::DrillActivation, &[3]), Err(Fault::Signature), "a drill is no alarm");
    assert_eq!(now(As::Drill, &ready, Purpose::Activation, &[3]), Err(Fault::Signature), "nor the other way");
    assert_eq!(now(As::Live, &ready, Purpose::Activation, &[9]), Err(Fault::Signature), "the desk activates nothing");
    let by_one = by(&template, Purpose::Template, &[1], None);
    assert_eq!(now(As::Live, &by_one, Purpose::Activation, &[3]), Err(Fault::Signature), "a template that one made");
    let as_order = by(&template, Purpose::Order, &[1, 2], None);
    assert_eq!(now(As::Live, &as_order, Purpose::Activation, &[3]), Err(Fault::Signature));
    let free = wire::encode(&an_order(Form::Live, Class::Emergency));
    let free = by(&free, Purpose::Order, &[1, 2], None);
    assert_eq!(now(As::Live, &free, Purpose::Activation, &[3]), Err(Fault::Signature), "an order is no template");
    let elsewhere = by(&activated(As::Live, &ready, "00124"), Purpose::Activation, &[3], None);
    assert_eq!(taken(&elsewhere), Err(Fault::Audience));
}

#[test]
fn an_office_activates_within_its_bounds_only() {
    let template = wire::encode(&an_order(Form::Template, Class::Emergency));
    let ready = by(&template, Purpose::Template, &[1, 2], None);
    let body = activated(As::Live, &ready, "00123");
    let through = |office: &[u8]| taken(&by(&body, Purpose::Activation, &[11], Some(office)));
    assert_eq!(through(&office("00123", Class::Emergency, 9_000)), Ok(Form::Live));
    assert_eq!(through(&office("00123", Class::Priority, 9_000)), Err(Fault::Office));
    assert_eq!(through(&office("00124", Class::Emergency, 9_000)), Err(Fault::Office));
}

#[test]
fn any_one_officer_stops_and_nobody_else() {
    let (root, placement) = (root(), placement());
    let here = Here { root: &root, placement: &placement, until: UtcMs(5_000) };
    let of = |audience| wire::encode(&Stop { made: UtcMs(6), audience, orders: List::new() });
    let all = of(Audience::default());
    assert!(stop(&by(&all, Purpose::Stop, &[3], None), here).is_ok());
    assert!(stop(&by(&of(audience("01")), Purpose::Stop, &[3], None), here).is_ok());
    assert_eq!(stop(&by(&of(audience("02")), Purpose::Stop, &[3], None), here), Err(Fault::Audience));
    assert_eq!(stop(&by(&all, Purpose::Stop, &[9], None), here), Err(Fault::Signature), "the desk");
    assert_eq!(stop(&by(&all, Purpose::Order, &[3], None), here), Err(Fault::Signature));
    let near = office("00123", Class::Normal, 9_000);
    assert!(stop(&by(&all, Purpose::Stop, &[12], Some(&near)), here).is_ok(), "an office of any class");
    let far = office("00124", Class::Normal, 9_000);
    assert_eq!(stop(&by(&all, Purpose::Stop, &[12], Some(&far)), here), Err(Fault::Office));
}

#[test]
fn hawaii_2018_a_drill_is_never_taken_for_an_alarm_nor_an_alarm_for_a_drill() {
    let template = wire::encode(&an_order(Form::Template, Class::Emergency));
    let ready = by(&template, Purpose::Template, &[1, 2], None);
    // Whatever purpose an officer signed for, the bytes of one thing never become another.
    let bodies = [
        wire::encode(&an_order(Form::Live, Class::Emergency)),
        wire::encode(&an_order(Form::Drill, Class::Emergency)),
        template.clone(),
        activated(As::Live, &ready, "00123"),
        activated(As::Drill, &ready, "00123"),
    ];
    let airs = [Form::Live, Form::Drill, Form::Template, Form::Live, Form::Drill];
    for (signed, form) in bodies.iter().zip(airs) {
        let is = Is::of(signed).expect("an order");
        let sealed = by(signed, is.purpose(), &[1, 2], None);
        assert_eq!(taken(&sealed), Ok(form));
        for other in &bodies {
            let purpose = Is::of(other).expect("an order").purpose();
            if purpose != is.purpose() {
                assert_eq!(taken(&by(signed, purpose, &[1, 2], None)), Err(Fault::Signature), "{is:?} as {purpose:?}");
            }
            // The signatures of one under the bytes of another.
            let mut moved: Sealed<'_> = Sealed::read(&sealed).expect("sealed");
            moved.body = other;
            if other != signed {
                assert_eq!(taken(&wire::encode(&moved)), Err(Fault::Signature));
            }
        }
    }
    // A drill takes longer than the alarm of the same template by what it says of itself, on every kind of player.
    let length_ms = |body: &[u8]| Order::read(body).expect("an order").length_ms(Kind::Speaker);
    assert_eq!(length_ms(&bodies[4]) - length_ms(&bodies[3]), 2 * crate::limits::DRILL_NOTICE_MS);
}

#[test]
fn an_order_counts_with_its_own_officers_and_an_activation_with_those_of_its_template_too() {
    let counted = |sealed: &[u8]| counts(&Sealed::read(sealed).expect("sealed"), &root());
    let live = wire::encode(&an_order(Form::Live, Class::Normal));
    assert!(counted(&by(&live, Purpose::Order, &[1, 2], None)));
    assert!(!counted(&by(&live, Purpose::Order, &[1], None)) && !counted(&by(&live, Purpose::Drill, &[1, 2], None)));
    let near = office("00123", Class::Priority, 9_000);
    assert!(counted(&by(&live, Purpose::Order, &[11, 12], Some(&near))));
    assert!(!counted(&by(&live, Purpose::Order, &[11], Some(&near))));
    let template = wire::encode(&an_order(Form::Template, Class::Emergency));
    let activates = |makers: &[u8], purpose, by_whom: &[u8]| {
        let ready = by(&template, Purpose::Template, makers, None);
        counted(&by(&activated(As::Live, &ready, "00123"), purpose, by_whom, None))
    };
    assert!(activates(&[1, 2], Purpose::Activation, &[3]));
    assert!(!activates(&[1], Purpose::Activation, &[3]), "a template that one made");
    assert!(!activates(&[1, 2], Purpose::Activation, &[9]) && !activates(&[1, 2], Purpose::Order, &[1, 2]));
    assert!(!counted(&by(&wire::encode(&7_u32), Purpose::Order, &[1, 2], None)), "no order at all");
}

#[test]
fn an_item_without_a_length_or_a_size_is_none() {
    let with = |change: fn(&mut Order)| {
        let mut order = an_order(Form::Live, Class::Normal);
        change(&mut order);
        taken(&by(&wire::encode(&order), Purpose::Order, &[1, 2], None))
    };
    assert_eq!(with(|_| ()), Ok(Form::Live));
    assert_eq!(with(|order| order.manner.volume = Some(100)), Ok(Form::Live));
    assert_eq!(with(|order| order.items[0].size = 0), Err(Fault::Order));
    assert_eq!(with(|order| order.items[0].length_ms = 0), Err(Fault::Order));
    assert_eq!(with(|order| order.manner.volume = Some(101)), Err(Fault::Order));
}

#[test]
fn a_placing_is_told_from_everything_else_by_its_first_number() {
    let made = |body: &[u8]| placing(&by(body, Purpose::Placing, &[1, 2], None));
    let one = wire::encode(&Placing::new(key(20).public(), UtcMs(77), placement()));
    assert_eq!(made(&one), Some(UtcMs(77)));
    assert_eq!(made(&one[..20]), None, "cut off in the key");
    assert_eq!(made(&wire::encode(&an_order(Form::Live, Class::Normal))), None);
    let mut other = one.clone();
    other[1] = 6;
    assert_eq!((one[1], made(&other)), (5, None), "another number");
    assert_eq!(placing(&one), None, "not sealed");
}

#[test]
fn a_stop_is_taken_once_by_those_whom_it_concerns() {
    let (root, placement) = (root(), placement());
    let here = Here { root: &root, placement: &placement, until: UtcMs(5_000) };
    let of = |audience| wire::encode(&Stop { made: UtcMs(6), audience, orders: List::new() });
    let (mut stopped, now) = (Stopped::default(), UtcMs(10));
    let mut take =
        |body: &[u8], seeds: &[u8]| take_stop(&by(body, Purpose::Stop, seeds, None), here, &mut stopped, now);
    assert_eq!(take(&of(audience("02")), &[3]), Err(Fault::Audience));
    assert_eq!(take(&of(Audience::default()), &[9]), Err(Fault::Signature));
    assert_eq!(take(&wire::encode(&7_u32), &[3]), Err(Fault::Order));
    assert_eq!(take(&of(Audience::default()), &[3]), Ok(true));
    assert_eq!(take(&of(Audience::default()), &[3]), Ok(false), "nothing new");
    assert_eq!(stopped.until, Some(UtcMs(6)));
}
