//! What was done to others' loudspeakers and boards, done to this one.
//!
//! Each test is named after what happened, with the year; next to it stands what must come of it here. Next: `content.rs`.

use loa_domain::id::PlayerId;
use loa_domain::message::Down;
use loa_domain::message::topic::Topic;

use crate::world::bench::{Bench, MIDNIGHT, key};
use crate::world::desk::{Desk, NORMAL, PLAYER, Post, daily};
use crate::world::line;

/// A day with two timetables: A at 08:00, then C at 14:00 in its place.
fn day() -> Bench {
    let mut bench = Bench::new();
    let slide = bench.desk.slide('A', 900);
    let order = bench.desk.order(daily(8, 0), NORMAL, &[(slide, 10)]);
    let release = bench.desk.draft(5, &[order], MIDNIGHT);
    bench.desk.issue(&release);
    bench.start();
    bench.run_to(12, 0, 0);
    let slide = bench.desk.slide('C', 900);
    let order = bench.desk.order(daily(14, 0), NORMAL, &[(slide, 10)]);
    let release = bench.desk.draft(6, &[order], bench.utc);
    let post = bench.desk.issue(&release);
    bench.pass_on(post);
    bench.run_to(20, 0, 0);
    assert_eq!(
        bench.desk.told(),
        ["started anew", "in force 5", "08:00:00 played 10 s", "in force 6", "14:00:00 played 10 s"]
    );
    bench
}

/// The same messages in an order that a number stands for.
fn shuffled(mut posts: Vec<Post>, mut seed: u64) -> Vec<Post> {
    for end in (1..posts.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        posts.swap(end, (seed >> 33) as usize % (end + 1));
    }
    posts
}

/// Whoever sits on the line says all of it, ten messages a second.
fn say(bench: &mut Bench, posts: &[Post]) {
    for (topic, payload) in posts {
        bench.send(line::message(topic, payload, (!topic.ends_with("/ck")).then_some(7)));
        bench.run_for_ms(100);
    }
}

/// What a board has shown, told and kept.
fn outcome(bench: &mut Bench) -> (Vec<String>, Vec<String>, (u32, u32)) {
    let records = bench.device().records();
    (bench.faces().into_iter().map(str::to_owned).collect(), bench.desk.told(), records)
}

/// Dallas 2017: the tones that set off 156 sirens were recorded and sent again.
#[test]
fn dallas_2017_a_day_that_was_recorded_and_is_played_back_in_any_order_changes_nothing() {
    let mut quiet = day();
    quiet.run_to(23, 0, 0);
    let expected = outcome(&mut quiet);
    for seed in 0..4 {
        let mut bench = day();
        let recorded = bench.passed.clone();
        assert!(recorded.len() > 8, "{}", recorded.len());
        let played_back = if seed == 0 { recorded } else { shuffled(recorded, seed) };
        say(&mut bench, &played_back);
        bench.run_to(23, 0, 0);
        assert_eq!(outcome(&mut bench), expected, "order {seed}");
    }
}

/// Dallas 2017, and another siren than the one that was recorded.
#[test]
fn dallas_2017_what_was_said_to_another_board_changes_nothing_here() {
    let mut other = Desk::new(&key());
    other.player = "bang-khac".parse::<PlayerId>().expect("a good id");
    let slide = other.slide('B', 900);
    let order = other.order(daily(8, 0), NORMAL, &[(slide, 10)]);
    let release = other.draft(9, &[order], MIDNIGHT);
    let mut recorded = vec![other.issue(&release)];
    let here: PlayerId = PLAYER.parse().expect("a good id");
    for blob in [release.bundle.expect("an order"), slide] {
        recorded.push((String::new(), other.manifest(&blob.hash)));
        let topic = Topic::Parts(&here).text();
        recorded.extend((0..2).filter_map(|part| other.part(&topic, &blob.hash, part)));
    }
    let to_here = |(topic, payload): Post| match topic.ends_with("/ck") {
        true => (topic, payload),
        false => (Topic::Down(&here).text().to_string(), payload),
    };
    let recorded: Vec<Post> = recorded.into_iter().map(to_here).collect();
    for seed in 0..4 {
        let mut bench = Bench::new();
        bench.start();
        bench.run_to(7, 0, 0);
        say(&mut bench, &shuffled(recorded.clone(), seed));
        bench.run_to(9, 0, 0);
        assert!(bench.faces().iter().all(|face| !face.starts_with("slide")), "{:?}", bench.seen);
        assert_eq!(bench.desk.told(), ["started anew"]);
    }
}

/// `SirenJack` 2018: whoever knew how commands look could make his own.
#[test]
fn sirenjack_2018_no_message_with_a_bit_turned_over_changes_anything() {
    let mut quiet = day();
    quiet.run_to(23, 0, 0);
    let expected = outcome(&mut quiet);
    let mut bench = day();
    let recorded = bench.passed.clone();
    let mut bent = Vec::new();
    for (number, (topic, payload)) in recorded.into_iter().enumerate() {
        for turn in 0..6 {
            let mut payload = payload.clone();
            let bit = (number * 7919 + turn * 104_729) % (payload.len() * 8);
            payload[bit / 8] ^= 1 << (bit % 8);
            bent.push((topic.clone(), payload));
        }
    }
    say(&mut bench, &bent);
    bench.run_to(23, 0, 0);
    assert_eq!(outcome(&mut bench), expected);
}

/// The airports of Viet Nam 2016: whoever had the servers had the screens and the loudspeakers. Here he has the desk's
/// key, its orders and its broker; no officer's.
#[test]
fn airports_2016_whoever_has_the_desk_makes_no_board_show_anything_new() {
    let mut bench = day();
    let slide = bench.desk.slide('X', 900);
    let officer = std::mem::replace(&mut bench.desk.officer, loa_domain::keys::SecretKey::from_seed(&[66; 32]));
    let own = bench.desk.order(daily(21, 0), NORMAL, &[(slide, 10)]);
    bench.desk.officer = officer;
    let release = bench.desk.draft(7, &[own], bench.utc);
    let post = bench.desk.issue(&release);
    bench.pass_on(post);
    bench.run_to(20, 30, 0);
    // An order that was approved, and other bytes under the name of its content.
    let approved = bench.desk.slide('D', 900);
    let forged = bench.desk.slide('Y', 900);
    bench.desk.swap(&approved, &forged);
    let order = bench.desk.order(daily(21, 30), NORMAL, &[(approved, 10)]);
    let release = bench.desk.draft(8, &[order], bench.utc);
    let post = bench.desk.issue(&release);
    bench.pass_on(post);
    let post = bench.desk.post(&Down::SayHello);
    bench.pass_on(post);
    bench.run_to(23, 0, 0);
    let faces = bench.faces();
    assert!(!faces.contains(&"slide X") && !faces.contains(&"slide Y"), "{faces:?}");
}
