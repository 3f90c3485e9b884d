//! Desk and players on simulated links (`world.rs`): what arrives, what it costs, at which pace, who waits how long.

use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use self::world::{Content, Dice, FAIR, Line, World};
use super::*;
use crate::delivery::receiver::State;

mod world;

/// A line of ten megabits.
const DESK: u64 = 1_250_000;

fn desk() -> Sender {
    Sender::new(DESK, 7)
}

#[test]
fn a_blob_survives_thirty_cuts_and_little_is_sent_twice() {
    for seed in 0..3 {
        let mut world = World::new(desk(), vec![Content::new(20_000_000, seed)], seed);
        world.add(0, FAIR, 0);
        let mut dice = Dice(seed);
        let mut at = 0;
        for _ in 0..30 {
            // Twenty megabytes take this link 80 seconds.
            at += 2_700 + dice.below(8_000);
            world.cut(0, at, 500 + dice.below(5_000));
        }
        world.run(3_600_000);
        world.all_arrived();
        let useful = 20_000_000 + 1_241 * 32;
        let share = f64::from(useful) / world.players[0].arrived as f64;
        assert!(share >= 0.95, "{share}");
        std::println!("thirty cuts: {share:.4} useful, {} s", world.players[0].done_ms.unwrap_or_default() / 1000);
    }
}

#[test]
fn two_hundred_players_cost_one_shared_transfer() {
    let size = 600_000;
    // Together, as after a new release; and one after the other, as after a power cut in the district.
    for (apart_ms, published_most) in [(7, 2), (40, 80)] {
        let mut world = World::new(Sender::new(4 * DESK, 7), vec![Content::new(size, 1)], 1);
        for n in 0..200 {
            world.add(0, FAIR, n * apart_ms);
        }
        world.run(3_600_000);
        world.all_arrived();
        std::println!("200 players, {apart_ms} ms apart: {} published, {:?}", world.published, world.sender.sent());
        assert!(world.published < published_most * size as u64, "{}", world.published);
        let arrived: u64 = world.players.iter().map(|player| player.arrived).sum();
        assert!(arrived as f64 <= 200.0 * size as f64 * 1.25, "{arrived}");
    }
}

#[test]
fn a_lossy_shared_transfer_leaves_holes_that_are_pulled() {
    let size = 9_000_000;
    let lossy = Line { lost: 30, bytes_per_s: 1_000_000, ..FAIR };
    let mut world = World::new(Sender::new(20 * DESK, 7), vec![Content::new(size, 1)], 5);
    for n in 0..12 {
        world.add(0, lossy, n * 40);
    }
    world.run(3_600_000);
    world.all_arrived();
    // A lost page must not make a player throw away eight megabytes.
    for player in &world.players {
        assert!(player.arrived < size as u64 * 115 / 100, "{}: {}", player.id, player.arrived);
    }
}

#[test]
fn a_corrupt_part_at_the_desk_ends_the_fetch_and_is_not_asked_for_at_full_speed() {
    for corrupt in [0, 3, 36] {
        let mut content = Content::new(600_000, 1);
        content.corrupt = Some(corrupt);
        let mut world = World::new(desk(), vec![content], 1);
        world.add(0, FAIR, 0);
        world.run(3_600_000);
        assert_eq!(world.players[0].receiver.state(), State::Wrong);
        assert!(world.players[0].asked < 80, "{}", world.players[0].asked);
        assert!(world.players[0].arrived < 1_200_000, "{}", world.players[0].arrived);
    }
}

#[test]
fn the_pace_is_kept_for_pulls_and_for_shared_parts() {
    for (players, from_ms) in [(20, 5_000), (200, 15_000)] {
        // Different blobs are pulled, one blob is shared.
        let shared = players == 200;
        let count = if shared { 1 } else { players };
        let contents: Vec<Content> = (0..count).map(|seed| Content::new(6_000_000, seed)).collect();
        let mut world = World::new(desk(), contents, 1);
        for n in 0..players {
            world.add(if shared { 0 } else { n as usize }, FAIR, 0);
        }
        world.run(from_ms + 60_000);
        let bytes: u64 = world.log.iter().filter(|(at, ..)| *at >= from_ms).map(|(.., bytes)| bytes).sum();
        let share = bytes as f64 / (60 * DESK) as f64;
        assert!((0.9..=1.1).contains(&share), "{players} players: {share}");
    }
}

#[test]
fn nobody_starves_beside_a_large_shared_transfer() {
    let mut contents = vec![Content::new(1_000_000, 99)];
    contents.extend((0..5).map(|seed| Content::new(300_000, seed)));
    let mut world = World::new(desk(), contents, 1);
    for _ in 0..100 {
        world.add(0, FAIR, 0);
    }
    for n in 0..5 {
        world.add(n + 1, FAIR, 20_000);
    }
    world.run(7_200_000);
    world.all_arrived();
    for player in &world.players[100..] {
        assert!(player.longest_wait_ms < 12_000, "{}: {} ms", player.id, player.longest_wait_ms);
        assert!(player.done_ms.is_some_and(|done| done < 90_000), "{}: {:?}", player.id, player.done_ms);
    }
}

#[test]
fn an_emergency_goes_before_a_download() {
    let mut done = Vec::new();
    for urgent in [false, true] {
        let contents = vec![Content::new(6_000_000, 1), Content::new(200_000, 2)];
        let alarm = contents[1].blob.hash;
        let mut world = World::new(desk(), contents, 1);
        for _ in 0..100 {
            world.add(0, FAIR, 0);
        }
        for _ in 0..2 {
            world.add(1, FAIR, 30_000);
        }
        world.sender.set_urgent(alarm, urgent);
        world.run(100_000);
        done.push(world.players[100].done_ms);
    }
    assert!(done[1].is_some_and(|done| done < 36_000), "{done:?}");
    assert!(done[0].is_none_or(|slow| slow > done[1].unwrap_or_default()), "{done:?}");
}

#[test]
fn a_shared_transfer_is_begun_while_the_budget_is_spent() {
    let mut sender = desk();
    let blob = Hash([1; 32]);
    for n in ["a", "b", "c"] {
        let want = Want { blob, held: 0, first: 0, mask: 1 };
        sender.want(0, &n.parse().expect("a good id"), &want, 100, &mut |_| {});
    }
    // Whatever the budget is at a call, there is a next one until all is sent.
    let mut parts = 0;
    let mut now = 0;
    while let Some(next) = sender.poll(now, &mut |act| parts += usize::from(matches!(act, Act::Send { .. }))) {
        assert!(next > now);
        now = next;
    }
    assert_eq!(parts, 100);
    assert!(now >= OPEN_MS);
}

#[test]
fn wild_wants_do_not_break_the_sender() {
    let mut sender = desk();
    let player: PlayerId = "a".parse().expect("a good id");
    let blob = Hash([1; 32]);
    for (held, first, mask) in [(u32::MAX, u32::MAX, u64::MAX), (0, u32::MAX - 3, u64::MAX), (u32::MAX, 0, 0)] {
        sender.want(0, &player, &Want { blob, held, first, mask }, 100, &mut |_| {});
    }
    for n in 0..100_000_u64 {
        let blob = Hash::of(&n.to_be_bytes());
        sender.want(n * 10, &player, &Want { blob, held: 0, first: 0, mask: 1 }, 100, &mut |_| {});
        sender.poll(n * 10, &mut |_| {});
    }
    assert!(sender.interest.len() <= 2_100, "{} wants are remembered", sender.interest.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn every_blob_arrives_whatever_the_links_do(
        seed in any::<u64>(),
        size in prop_oneof![Just(1_usize), Just(16_128), Just(16_129), 1_usize..2_000_000],
        players in proptest::collection::vec(
            (0_usize..2, 10_u64..3_000, 20_000_u64..2_000_000, 0_u64..200, 0_u64..200, 0_u64..200_000), 1..12),
        cuts in proptest::collection::vec((0_usize..12, 0_u64..300_000, 0_u64..60_000), 0..20),
    ) {
        let contents = vec![Content::new(size, seed), Content::new(300_000, !seed)];
        let mut world = World::new(desk(), contents, seed);
        for (content, latency_ms, bytes_per_s, lost, doubled, at_ms) in &players {
            let line = Line { latency_ms: *latency_ms, bytes_per_s: *bytes_per_s, lost: *lost, doubled: *doubled };
            world.add(*content, line, *at_ms);
        }
        for (player, at_ms, dark_ms) in cuts {
            world.cut(player % players.len(), at_ms, dark_ms);
        }
        world.run(24 * 3_600_000);
        world.all_arrived();
    }
}
