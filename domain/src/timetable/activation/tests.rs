//! What an activation makes of its template.

use std::vec::Vec;

use super::*;
use crate::id::Hash;
use crate::keys::{SecretKey, seal};
use crate::limits;
use crate::timetable::Timing;
use crate::timetable::audience::Kind;
use crate::timetable::order::{Class, Item, Late, Manner, WhenCut};
use crate::wire::List;
use crate::wire::Text;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn audience(player: &str) -> Audience {
    Audience { players: List::collect([player.parse().expect("a good id")]).expect("one"), ..Audience::default() }
}

fn order(form: Form) -> Order {
    let name = |text| Text::new(text).expect("short");
    Order {
        form,
        id: name("flood"),
        campaign: name("storms"),
        programme: name("flood"),
        made: UtcMs(1),
        audience: audience("loa-1"),
        timing: Timing { once: List::collect([UtcMs(5_000)]).expect("one"), ..Timing::default() },
        manner: Manner {
            class: Class::Emergency,
            late: Late::Restart,
            late_limit_ms: 60_000,
            wait_ms: 0,
            when_cut: WhenCut::Drop,
            volume: Some(100),
        },
        items: List::collect([Item { kind: Kind::Speaker, content: Hash([1; 32]), size: 1, length_ms: 9 }])
            .expect("one"),
    }
}

fn activated(form: As, template: &Order, to: Audience) -> Vec<u8> {
    let sealed = seal(&wire::encode(template), Purpose::Template, &[&key(1), &key(2)]);
    let id = Text::new("flood-0512").expect("short");
    wire::encode(&Activation { form, template: &sealed, id, made: UtcMs(7), at: UtcMs(8_000), audience: to })
}

#[test]
fn an_activation_airs_what_the_template_says_once_at_its_time() {
    for (form, aired) in [(As::Live, Form::Live), (As::Drill, Form::Drill)] {
        let body = activated(form, &order(Form::Template), audience("loa-1"));
        assert_eq!(Is::of(&body), Some(Is::Activation(form)));
        let read = Order::read(&body).expect("an order");
        let template = order(Form::Template);
        assert_eq!((read.form, read.id.as_str(), read.made), (aired, "flood-0512", UtcMs(7)));
        assert_eq!(read.timing.once.as_ref(), [UtcMs(8_000)]);
        assert_eq!((read.items, read.manner, read.campaign), (template.items, template.manner, template.campaign));
    }
}

#[test]
fn a_template_never_fires_by_itself_whatever_times_it_says() {
    let read = Order::read(&wire::encode(&order(Form::Template))).expect("an order");
    assert_eq!((read.form, read.timing), (Form::Template, Timing::default()));
    assert!(!Order::read(&wire::encode(&order(Form::Live))).expect("an order").timing.once.is_empty());
}

#[test]
fn what_is_no_template_cannot_be_activated() {
    for form in [Form::Live, Form::Drill] {
        let body = activated(As::Live, &order(form), audience("loa-1"));
        assert_eq!(Order::read(&body), Err(WireError::Malformed), "{form:?}");
    }
    let nested = activated(As::Live, &order(Form::Template), audience("loa-1"));
    let sealed = seal(&nested, Purpose::Activation, &[&key(1)]);
    let id = Text::new("again").expect("short");
    let again = Activation {
        form: As::Live,
        template: &sealed,
        id,
        made: UtcMs(7),
        at: UtcMs(8_000),
        audience: audience("loa-1"),
    };
    assert_eq!(Order::read(&wire::encode(&again)), Err(WireError::Malformed), "an activation of an activation");
}

#[test]
fn an_activation_reaches_no_player_that_the_template_does_not() {
    let body = activated(As::Live, &order(Form::Template), audience("loa-2"));
    let mut asked = Vec::new();
    let mut read = Order::blank();
    let reached = Order::read_into(&body, &mut read, &mut |audience| {
        asked.push(audience.players[0].clone());
        audience.players[0].as_str() == "loa-2"
    });
    assert_eq!(reached, Ok(false));
    assert_eq!(asked, ["loa-1".parse().expect("a good id")], "the template's audience is asked first");
}

#[test]
fn every_form_has_a_purpose_of_its_own() {
    let all = [
        Is::Order(Form::Live),
        Is::Order(Form::Drill),
        Is::Order(Form::Template),
        Is::Activation(As::Live),
        Is::Activation(As::Drill),
    ];
    for (at, is) in all.iter().enumerate() {
        assert!(all[..at].iter().all(|other| other.purpose() != is.purpose()), "{is:?}");
        let body = [0x81, at as u8];
        assert_eq!((Is::of(&body), Purpose::of_order(&body)), (Some(*is), Some(is.purpose())));
    }
    assert_eq!(Is::of(&[0x81, 0x05]), None, "a placing is no order");
    assert_eq!(Is::of(&[]), None);
}

#[test]
fn a_drill_is_longer_by_what_it_says_before_and_after_and_nothing_else_is() {
    for pieces in [0_u32, 1, 9, limits::PROGRAMME_MS - 1, limits::PROGRAMME_MS] {
        let with = |form| {
            let mut order = order(form);
            order.items[0].length_ms = pieces;
            order
        };
        for form in [Form::Live, Form::Template] {
            assert_eq!(with(form).length_ms(Kind::Speaker), pieces);
        }
        let length_ms = with(Form::Drill).length_ms(Kind::Speaker);
        let notices_ms = 2 * limits::DRILL_NOTICE_MS;
        assert_eq!(length_ms, if pieces == 0 { 0 } else { (pieces + notices_ms).min(limits::PROGRAMME_MS) });
        assert_eq!(with(Form::Drill).length_ms(Kind::Board), 0, "nothing for it, so nothing to announce");
    }
}
