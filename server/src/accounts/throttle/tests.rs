//! Attackers against the throttle, with the time in hand: how often they get to guess, and how long the true user waits.

use super::*;

const BEGIN: UtcMs = UtcMs(1_796_605_200_000);
const DAY_MS: i64 = 86_400_000;

fn network(number: u32) -> Origin {
    Origin::of(IpAddr::from(number.to_be_bytes()))
}

/// Waits until it may try; gives how long that took.
fn gets_in(throttle: &mut Throttle, account: &str, origin: Origin, from: UtcMs) -> i64 {
    let mut now = from;
    for _ in 0..100 {
        match throttle.ask(account, origin, now) {
            Verdict::Go => {
                throttle.passed(account, origin);
                return now.0 - from.0;
            }
            Verdict::Wait(until) => {
                assert!(until > now);
                now = until;
            }
        }
    }
    panic!("never gets in");
}

/// Everybody of `networks` tries as early as he may, `tries` times in all. Gives the time after the last.
fn attack(throttle: &mut Throttle, account: &str, networks: u32, tries: u32) -> (UtcMs, u32) {
    let (mut now, mut tried, mut looked_at) = (BEGIN, 0, 0);
    while tried < tries {
        for number in 0..networks {
            tried += 1;
            if throttle.ask(account, network(number), now) == Verdict::Go {
                looked_at += 1;
            }
        }
        now = now.plus_ms(1_000);
    }
    (now, looked_at)
}

#[test]
fn ten_thousand_tries_from_one_address_are_a_handful_and_hold_up_nobody_else() {
    let mut throttle = Throttle::default();
    let (now, looked_at) = attack(&mut throttle, "hoa", 1, 10_000);
    assert!(looked_at < 30, "{looked_at} passwords were looked at");
    assert_eq!(gets_in(&mut throttle, "hoa", network(9_999), now), 0, "a new device elsewhere");
    assert_eq!(gets_in(&mut throttle, "hoa", Origin::Known(Hash([1; 32])), now), 0, "a known device");
    assert_eq!(gets_in(&mut throttle, "lan", network(9_999), now), 0, "another account");
    let own = gets_in(&mut throttle, "hoa", network(0), now);
    assert!(own <= MOST_MS, "the same address waits {own} ms, no longer than a quarter of an hour");
}

#[test]
fn ten_thousand_tries_from_a_thousand_addresses_make_the_true_user_wait_minutes_at_most() {
    let mut throttle = Throttle::default();
    let (now, looked_at) = attack(&mut throttle, "hoa", 1_000, 10_000);
    assert!(looked_at < 600, "{looked_at} passwords were looked at");
    assert_eq!(gets_in(&mut throttle, "hoa", Origin::Known(Hash([1; 32])), now), 0, "a known device");
    let waits = gets_in(&mut throttle, "hoa", network(9_999), now);
    assert!(waits <= 1_000 * TURN_MS + TURN_MS, "a new device waits {waits} ms");
    assert!(waits > 0);
    let other = gets_in(&mut throttle, "lan", network(9_998), now);
    assert!(other <= 1_000 * TURN_EVERYWHERE_MS, "another account waits {other} ms");
}

#[test]
fn a_turn_that_was_given_comes_whatever_others_do_meanwhile() {
    let mut throttle = Throttle::default();
    attack(&mut throttle, "hoa", 1_000, 3_000);
    let now = BEGIN.plus_ms(5_000);
    let Verdict::Wait(turn) = throttle.ask("hoa", network(9_999), now) else { panic!("the lane is slow") };
    for number in 20_000..25_000 {
        assert!(matches!(throttle.ask("hoa", network(number), now), Verdict::Wait(_)));
    }
    assert_eq!(throttle.ask("hoa", network(9_999), now.plus_ms(1)), Verdict::Wait(turn), "asking again costs nothing");
    assert_eq!(throttle.ask("hoa", network(9_999), turn), Verdict::Go);
}

#[test]
fn a_year_of_guessing_from_a_thousand_addresses_is_hopeless() {
    let mut throttle = Throttle::default();
    let (mut now, mut looked_at) = (BEGIN, 0_u64);
    while now.0 < BEGIN.0 + DAY_MS {
        for number in 0..1_000 {
            looked_at += u64::from(throttle.ask("hoa", network(number), now) == Verdict::Go);
        }
        now = now.plus_ms(60_000);
    }
    // Passwords that are taken stand a hundred million guesses.
    assert!(looked_at * 365 < 100_000_000 / 2, "{looked_at} in a day");
}

#[test]
fn waits_grow_and_end_with_the_right_password() {
    let mut throttle = Throttle::default();
    let mut now = BEGIN;
    let mut waits = Vec::new();
    for _ in 0..20 {
        match throttle.ask("hoa", network(1), now) {
            Verdict::Go => {}
            Verdict::Wait(until) => {
                waits.push((until.0 - now.0) / 1_000);
                now = until;
            }
        }
    }
    assert_eq!(waits[..7], [1, 2, 4, 8, 16, 32, 64]);
    let in_time = gets_in(&mut throttle, "hoa", network(1), now.plus_ms(MOST_MS));
    assert_eq!(in_time, 0);
    assert_eq!(gets_in(&mut throttle, "hoa", network(1), now.plus_ms(MOST_MS)), 0, "what was failed is forgotten");
}

#[test]
fn tries_that_run_side_by_side_are_all_counted() {
    let mut throttle = Throttle::default();
    let go = (0..100).filter(|_| throttle.ask("hoa", network(1), BEGIN) == Verdict::Go).count();
    assert_eq!(go, FREE as usize);
    let known = Origin::Known(Hash([1; 32]));
    let go = (0..100).filter(|_| throttle.ask("hoa", known, BEGIN) == Verdict::Go).count();
    assert_eq!(go, FREE as usize, "a stolen device guesses no faster");
    assert!(gets_in(&mut throttle, "hoa", known, BEGIN) <= MOST_SHARED_MS);
}

#[test]
fn one_network_that_tries_every_name_waits_and_others_do_not() {
    let mut throttle = Throttle::default();
    let go = (0..1_000).filter(|n| throttle.ask(&format!("name{n}"), network(1), BEGIN) == Verdict::Go).count();
    assert_eq!(go, FREE_OF_NETWORK as usize);
    assert_eq!(gets_in(&mut throttle, "hoa", network(2), BEGIN), 0);
}

#[test]
fn what_was_not_looked_at_does_not_count() {
    let mut throttle = Throttle::default();
    for _ in 0..1_000 {
        assert_eq!(throttle.ask("hoa", network(1), BEGIN), Verdict::Go);
        throttle.returned("hoa", network(1));
    }
}

#[test]
fn tables_are_bounded_and_an_attacked_account_keeps_its_lane() {
    let mut throttle = Throttle::default();
    attack(&mut throttle, "hoa", 1_000, 3_000);
    for number in 0..200_000_u32 {
        throttle.ask(&format!("nobody{number}"), network(1_000_000 + number), BEGIN.plus_ms(4_000));
    }
    assert!(throttle.tracks.len() <= ROWS && throttle.lanes.len() <= ROWS);
    assert!(throttle.lanes[&Hash::of(b"hoa")].level > QUIET);
}

#[test]
fn addresses_of_one_site_are_one_network() {
    let of = |text: &str| Origin::of(text.parse().unwrap());
    assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:ffff::1"));
    assert_ne!(of("2001:db8:1::"), of("2001:db8:2::"));
    assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
}

#[test]
fn a_flood_of_failures_is_a_handful_of_lines() {
    let mut bursts = Bursts::default();
    let told: Vec<u64> = (0..10_000).filter_map(|_| bursts.failed(Some("hoa"), BEGIN)).collect();
    assert_eq!(told, [5, 50, 500, 5_000]);
    assert!((0..4).all(|_| bursts.failed(None, BEGIN).is_none()));
    assert_eq!(bursts.failed(Some("hoa"), BEGIN.plus_ms(3_600_000)), None, "an hour later it begins anew");
}

#[test]
fn a_clock_that_is_set_back_makes_nobody_wait_longer() {
    let mut throttle = Throttle::default();
    let (now, _) = attack(&mut throttle, "hoa", 1_000, 10_000);
    let Verdict::Wait(turn) = throttle.ask("hoa", network(9_999), now) else { panic!("the lane is slow") };
    let back = now.plus_ms(-30 * DAY_MS);
    assert!(turn > back);
    for origin in [network(9_999), network(0), Origin::Known(Hash([1; 32]))] {
        let waits = gets_in(&mut throttle, "hoa", origin, back);
        assert!(waits <= MOST_MS, "{waits} ms");
    }
}
