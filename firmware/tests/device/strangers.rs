//! Releases that may not take effect, and what a hostile broker may say.
//!
//! Next: `content.rs`.

use loa_domain::delivery::release::Release;
use loa_domain::keys::SecretKey;
use loa_domain::message::Down;
use loa_domain::message::topic::Topic;
use loa_domain::time::UtcMs;

use crate::world::bench::{Bench, MIDNIGHT};
use crate::world::desk::{Desk, NORMAL, daily};
use crate::world::line;

/// A board with release 5 in force, which shows A at 08:00.
fn bench() -> Bench {
    let mut bench = Bench::with_slide(5);
    bench.run_to(7, 0, 0);
    assert_eq!(bench.desk.told(), ["started anew", "in force 5"]);
    bench
}

/// Offers a release that shows B at 08:00, bent before it is sealed, or sealed by another desk; gives what the board said.
fn offered(bend: impl FnOnce(&mut Desk, &mut Release)) -> Vec<String> {
    let mut bench = bench();
    let (kept, key) = (bench.desk.release.clone(), bench.desk.key.clone());
    let slide = bench.desk.slide('B', 900);
    let order = bench.desk.order(daily(8, 0), NORMAL, &[(slide, 10)]);
    let mut release = bench.desk.draft(6, &[order], bench.utc);
    bend(&mut bench.desk, &mut release);
    let said = bench.desk.heard.len();
    let post = bench.desk.issue(&release);
    bench.pass_on(post);
    (bench.desk.release, bench.desk.key) = (kept, key);
    bench.run_to(9, 0, 0);
    assert!(bench.faces().contains(&"slide A") && !bench.faces().contains(&"slide B"), "{:?}", bench.seen);
    assert_eq!(bench.desk.told(), ["started anew", "in force 5", "08:00:00 played 10 s"]);
    let heard = bench.desk.heard.split_off(said);
    heard.into_iter().filter(|words| words.starts_with("refused") || words.starts_with("in force")).collect()
}

#[test]
fn a_release_for_another_player_is_refused() {
    let heard = offered(|_, release| release.placement.player = "bang-khac".parse().expect("a good id"));
    assert_eq!(heard, ["refused None not-for-me"]);
}

#[test]
fn a_release_that_another_desk_signed_is_refused() {
    assert_eq!(offered(|desk, _| desk.key = SecretKey::from_seed(&[77; 32])), ["refused None signature"]);
}

#[test]
fn an_older_release_and_the_same_number_again_change_nothing() {
    for seq in [4, 5, 0] {
        assert_eq!(offered(|_, release| release.seq = seq), ["in force 5"], "{seq}");
    }
}

#[test]
fn a_release_that_has_ended_is_refused() {
    assert_eq!(offered(|_, release| release.expires = MIDNIGHT.plus_ms(3_600_000)), ["refused None expired"]);
    assert_eq!(offered(|_, release| release.expires = UtcMs(release.issued.0 - 1)), ["refused None expired"]);
}

#[test]
fn a_release_with_an_order_that_no_officer_signed_is_refused() {
    let heard = offered(|desk, release| {
        let officer = std::mem::replace(&mut desk.officer, SecretKey::from_seed(&[66; 32]));
        let slide = desk.slide('B', 900);
        let order = desk.order(daily(8, 0), NORMAL, &[(slide, 10)]);
        *release = desk.draft(6, &[order], release.issued);
        desk.officer = officer;
    });
    assert_eq!(heard.first().map(String::as_str), Some("refused Some(6) signature"), "{heard:?}");
}

#[test]
fn a_release_whose_bundle_holds_other_orders_than_it_names_is_refused() {
    let more = offered(|_, release| release.orders.push(release.orders[0]).expect("room"));
    assert_eq!(more.first().map(String::as_str), Some("refused Some(6) bundle"));
    let none = offered(|_, release| release.orders.clear());
    assert_eq!(none.first().map(String::as_str), Some("refused Some(6) bundle"));
    let other = offered(|_, release| release.bundle = None);
    assert_eq!(other.first().map(String::as_str), Some("refused Some(6) bundle"));
}

#[test]
fn a_release_with_more_slides_than_a_board_holds_is_refused_whole() {
    let heard = offered(|desk, release| {
        let slides: Vec<_> = (0..21).map(|number| (desk.slide(char::from(b'a' + number), 50), 1)).collect();
        let orders: Vec<Vec<u8>> = slides.chunks(11).map(|slides| desk.order(daily(8, 0), NORMAL, slides)).collect();
        *release = desk.draft(6, &orders, release.issued);
    });
    assert_eq!(heard.first().map(String::as_str), Some("refused Some(6) order"), "{heard:?}");
}

#[test]
fn a_release_with_a_slide_larger_than_its_shelf_is_refused() {
    let heard = offered(|desk, release| {
        let slide = desk.slide('B', 8 * 16_128);
        let order = desk.order(daily(8, 0), NORMAL, &[(slide, 10)]);
        *release = desk.draft(6, &[order], release.issued);
    });
    assert_eq!(heard.first().map(String::as_str), Some("refused Some(6) order"), "{heard:?}");
}

#[test]
fn a_message_longer_than_the_board_holds_is_told_and_harms_nothing() {
    let mut bench = bench();
    let topic = Topic::Down(&bench.desk.player).text().to_string();
    bench.pass_on((topic, vec![0; 5_000]));
    bench.run_to(9, 0, 0);
    assert!(bench.desk.heard.contains(&"refused None order".to_owned()));
    assert!(bench.faces().contains(&"slide A"));
    assert_eq!(bench.broken, 0);
}

#[test]
fn messages_that_mean_nothing_are_passed_over() {
    let mut bench = bench();
    let topic = Topic::Down(&bench.desk.player).text().to_string();
    let time = loa_domain::wire::encode(&Down::Time { sealed: &[1, 2, 3] });
    let manifest = loa_domain::wire::encode(&Down::Manifest { sealed: &[0x82, 0x40, 0x80] });
    let receipts = loa_domain::wire::encode(&Down::Receipts { receipts: &[0x85] });
    for payload in [vec![], vec![0xff; 300], vec![0x82, 9, 0x80], time, manifest, receipts] {
        bench.pass_on((topic.clone(), payload));
    }
    bench.run_to(9, 0, 0);
    assert!(bench.faces().contains(&"slide A"));
    assert_eq!(bench.broken, 0);
}

#[test]
fn a_broker_that_speaks_no_mqtt_is_left_and_called_again() {
    let mut bench = bench();
    for bytes in [vec![0xff; 40], line::refused(0x87), vec![0x30, 0x80, 0x80, 0x80, 0x80]] {
        bench.send(bytes);
        bench.run_for(90);
    }
    assert_eq!(bench.broken, 3);
    bench.run_to(9, 0, 0);
    assert_eq!(bench.desk.told().last().map(String::as_str), Some("08:00:00 played 10 s"));
}

#[test]
fn a_desk_that_asks_for_a_hello_a_thousand_times_gets_one_every_two_seconds() {
    let mut bench = bench();
    let before = bench.desk.hellos.len();
    for _ in 0..100 {
        let post = bench.desk.post(&Down::SayHello);
        for _ in 0..10 {
            bench.pass_on(post.clone());
        }
        bench.run_for(1);
    }
    let hellos = bench.desk.hellos.len() - before;
    assert!((40..=52).contains(&hellos), "{hellos}");
}
