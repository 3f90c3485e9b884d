//! A timetable takes the place of another.

use super::*;

const NOON: i64 = BEGIN + 12 * HOUR;

fn tables(old: &[InForce], new: &[InForce]) -> Vec<Table> {
    let end = BEGIN + 24 * HOUR;
    vec![Table::of(old, QuietHours::NONE, end), Table::of(new, QuietHours::NONE, end)]
}

fn run(old: &[InForce], new: &[InForce], at: i64, revoke: bool) -> World {
    let mut world = World::new(tables(old, new), vec![(at, Trouble::Change { table: 1, revoke })]);
    world.run(BEGIN + 25 * HOUR);
    assert_eq!(world.disk.still_open(), 0);
    world
}

fn news() -> InForce {
    order(1, once(&[NOON]), NORMAL, 600_000)
}

#[test]
fn an_order_in_both_timetables_is_aired_once_whenever_they_change() {
    let other = order(2, once(&[NOON + HOUR]), NORMAL, 60_000);
    for at in (NOON - 5_000..NOON + 5_000).step_by(100) {
        let world = run(&[news()], &[news(), other.clone()], at, true);
        assert_eq!(world.disk.closed.len(), 2, "{}", at - NOON);
        assert!(world.disk.closed.iter().all(|c| c.outcome == Outcome::Played), "{}", at - NOON);
    }
}

#[test]
fn a_new_version_takes_the_place_of_one_that_was_prepared() {
    let version = order(2, once(&[NOON]), NORMAL, 300_000);
    for at in (NOON - 5_000..NOON).step_by(100) {
        let world = run(&[news()], std::slice::from_ref(&version), at, false);
        let heard: Vec<_> = world.heard.iter().map(|heard| heard.cue.order).collect();
        assert_eq!(heard, [version.hash], "{}", at - NOON);
        let old: Vec<_> = world.disk.closed.iter().filter(|c| c.cue.order == news().hash).collect();
        assert!(old.iter().all(|c| c.why == Some(Reason::Superseded.into())), "{old:?}");
        assert!(old.len() <= 1);
    }
}

#[test]
fn what_sounds_goes_on_when_its_order_leaves_and_ends_when_it_is_revoked() {
    let world = run(&[news()], &[], NOON + MINUTE, false);
    assert_eq!(world.disk.closed[0].outcome, Outcome::Played);
    let world = run(&[news()], &[], NOON + MINUTE, true);
    let closed = world.disk.closed[0];
    assert_eq!((closed.outcome, closed.why), (Outcome::Interrupted, Some(Reason::Revoked.into())));
    assert!((60_000..60_500).contains(&closed.heard_ms), "{}", closed.heard_ms);
}

#[test]
fn a_cue_revoked_in_its_last_moment_keeps_what_it_was() {
    for at in (NOON + 599_000..NOON + 601_000).step_by(50) {
        let world = run(&[news()], &[], at, true);
        let [closed] = world.disk.closed[..] else { panic!("{:?}", world.disk.closed) };
        assert_ne!(closed.outcome, Outcome::Missed, "{}", at - NOON);
        assert!(closed.heard_ms >= 598_000);
    }
}

#[test]
fn an_alarm_that_arrives_after_its_time_is_aired_if_it_may_begin_late() {
    let manner = Manner { class: Class::Emergency, late: Late::Restart, late_limit_ms: 3_600_000, ..NORMAL };
    let alarm = order(2, once(&[NOON]), manner, 60_000);
    for (late_ms, count) in [(90_000, 1), (59 * MINUTE, 1), (61 * MINUTE, 0)] {
        let world = run(&[news()], &[news(), alarm.clone()], NOON + late_ms, false);
        let aired = world.disk.closed.iter().filter(|c| c.cue.order == alarm.hash);
        let outcomes: Vec<_> = aired.map(|c| c.outcome).collect();
        assert_eq!(outcomes, vec![Outcome::Played; count], "{late_ms}");
    }
    let skips = order(2, once(&[NOON]), Manner { late: Late::Skip, ..manner }, 60_000);
    let world = run(&[news()], &[news(), skips], NOON + MINUTE, false);
    assert_eq!(world.disk.closed.len(), 1);
}

#[test]
fn an_order_that_leaves_and_comes_again_is_not_aired_twice() {
    let manner = Manner { late: Late::Restart, late_limit_ms: 3_600_000, ..NORMAL };
    let order = order(1, once(&[NOON]), manner, 60_000);
    for leaves in [-3_000, -1_000, 0, 30_000, 120_000] {
        let mut world = World::new(
            tables(std::slice::from_ref(&order), &[]),
            vec![
                (NOON + leaves, Trouble::Change { table: 1, revoke: true }),
                (NOON + leaves + 500, Trouble::Change { table: 0, revoke: false }),
                (NOON + 180_000, Trouble::Change { table: 1, revoke: false }),
                (NOON + 240_000, Trouble::Change { table: 0, revoke: false }),
            ],
        );
        world.run(BEGIN + 20 * HOUR);
        assert_eq!(world.disk.closed.len(), 1, "{leaves}");
        assert!(world.heard.len() <= 1, "{leaves}");
    }
}

#[test]
fn the_dark_before_a_change_is_accounted_for_under_the_old_timetable() {
    let every: Vec<u32> = (0..60).collect();
    let old = order(1, at(&[12, 13, 14], &every), NORMAL, 10_000);
    let mut world = World::new(
        tables(&[old], &[]),
        vec![
            (NOON - 30_000, Trouble::Cut { dark_ms: 90 * MINUTE, survive: 9 }),
            (NOON + 89 * MINUTE + 30_001, Trouble::Change { table: 1, revoke: false }),
        ],
    );
    world.run(BEGIN + 20 * HOUR);
    assert_eq!(world.disk.closed.len(), 90, "12:00 to 13:29");
}
