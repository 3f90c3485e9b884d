//! Clocks that step.

use super::*;

/// One cue every five minutes, each with its own way of being late.
fn busy(late: Late) -> Table {
    let minutes: Vec<u32> = (0..12).map(|n| n * 5).collect();
    let hours: Vec<u32> = (0..24).collect();
    let manner = Manner { late, late_limit_ms: 120_000, ..NORMAL };
    let orders = [
        order(1, at(&hours, &minutes), manner, 60_000),
        order(2, at(&[3, 4, 5], &[2, 32]), Manner { class: Class::Priority, ..manner }, 30_000),
    ];
    Table::of(&orders, QuietHours::NONE, BEGIN + 12 * HOUR)
}

/// Every cue is closed once; those outside `doubt` (by their true times) were heard on time.
fn all_but(world: &World, table: &Table, doubt: core::ops::Range<i64>) {
    let mut after = UtcMs(BEGIN - 1);
    let mut count = 0;
    while let Some(planned) = table
        .rules
        .iter()
        .filter_map(|rule| rule.timing.next_after(after, &table.offsets))
        .min()
        .filter(|at| *at < table.expires)
    {
        after = planned;
        count += 1;
        let closed: Vec<_> = world.disk.closed.iter().filter(|closed| closed.cue.planned == planned).collect();
        assert_eq!(closed.len(), 1, "{planned}: {closed:?}");
        let heard = world.heard.iter().filter(|heard| heard.cue.planned == planned).count();
        assert!(heard <= 1, "{planned} was heard {heard} times");
        if !doubt.contains(&planned.0) {
            assert_eq!(closed[0].outcome, Outcome::Played, "{planned}: {closed:?}");
            assert_eq!(closed[0].began, Some(planned));
        }
    }
    assert_eq!(world.disk.closed.len(), count);
    assert_eq!(world.disk.still_open(), 0);
}

#[test]
fn an_hour_forward_and_back_within_a_minute_loses_nothing_and_repeats_nothing() {
    for late in [Late::Skip, Late::Join, Late::Restart] {
        // Also over the instant of a cue, before it, and while one sounds.
        for second in (0..360).step_by(7) {
            let step = BEGIN + 3 * HOUR + 28 * MINUTE + second * 1_000;
            let table = busy(late);
            let troubles = vec![(step, Trouble::Step(HOUR)), (step + 50_000, Trouble::Step(-HOUR))];
            let mut world = World::new(vec![table.clone()], troubles);
            world.run(BEGIN + 13 * HOUR);
            for closed in &world.disk.closed {
                if closed.outcome == Outcome::Played && closed.began == Some(closed.cue.planned) {
                    continue;
                }
                // What the clock showed while it was wrong came due then, an hour early, and is not repeated. A cue
                // may begin two minutes late, and a step is seen within ten seconds.
                let at = closed.cue.planned.0;
                let showed = step + HOUR - 130_000..step + HOUR + 63_000;
                assert!((step - 120_000..step + 63_000).contains(&at) || showed.contains(&at), "{second}: {closed:?}");
            }
            all_but(&world, &table, step - 120_000..step + HOUR + 63_000);
        }
    }
}

#[test]
fn an_hour_back_and_forward_within_a_minute_loses_nothing_outside_it() {
    for late in [Late::Skip, Late::Join, Late::Restart] {
        for second in (0..360).step_by(7) {
            let step = BEGIN + 3 * HOUR + 28 * MINUTE + second * 1_000;
            let table = busy(late);
            let troubles = vec![(step, Trouble::Step(-HOUR)), (step + 50_000, Trouble::Step(HOUR))];
            let mut world = World::new(vec![table.clone()], troubles);
            world.run(BEGIN + 13 * HOUR);
            all_but(&world, &table, step - 1_000..step + 63_000);
        }
    }
}

#[test]
fn what_a_lasting_step_jumped_over_is_missed_after_the_doubt() {
    let step = BEGIN + 3 * HOUR + 28 * MINUTE;
    let table = busy(Late::Skip);
    let mut world = World::new(vec![table.clone()], vec![(step, Trouble::Step(HOUR))]);
    world.run(step + 14 * MINUTE);
    let jumped = |c: &&Closed| c.why == Some(Reason::ClockStep.into());
    assert_eq!(world.disk.closed.iter().filter(jumped).count(), 0);
    world.run(step + 16 * MINUTE);
    assert_eq!(world.disk.closed.iter().filter(jumped).count(), 12 + 2);
}

#[test]
fn a_power_cut_does_not_end_the_doubt_for_ever() {
    let step = BEGIN + 3 * HOUR + 28 * MINUTE;
    for (back, missed) in [(0, 12 + 2), (-HOUR, 1)] {
        let table = busy(Late::Skip);
        let mut world = World::new(
            vec![table.clone()],
            vec![
                (step, Trouble::Step(HOUR)),
                (step + 60_000, Trouble::Cut { dark_ms: 60_000, survive: 9 }),
                (step + 60_001, Trouble::Step(back)),
            ],
        );
        world.run(BEGIN + 13 * HOUR);
        let jumped = world.disk.closed.iter().filter(|c| c.outcome == Outcome::Missed).count();
        assert!(jumped <= missed + 1, "{back}: {jumped} missed");
        all_but(&world, &table, step - 120_000..step + HOUR + 5 * MINUTE);
    }
}

#[test]
fn what_sounds_while_the_clock_steps_sounds_to_its_end() {
    for by_ms in [HOUR, -HOUR, 700, -700, 5_000, -5_000] {
        let orders = [order(1, at(&[5], &[0]), NORMAL, 30 * 60_000)];
        let table = Table::of(&orders, QuietHours::NONE, BEGIN + 24 * HOUR);
        let mut world = World::new(vec![table], vec![(BEGIN + 5 * HOUR + 10 * MINUTE, Trouble::Step(by_ms))]);
        world.run(BEGIN + 8 * HOUR);
        let [closed] = world.disk.closed[..] else { panic!("{by_ms}: {:?}", world.disk.closed) };
        assert_eq!((closed.outcome, closed.heard_ms), (Outcome::Played, 30 * 60_000), "{by_ms}");
    }
}

#[test]
fn a_step_into_quiet_hours_ends_what_sounds() {
    let orders = [order(1, at(&[20], &[0]), NORMAL, 30 * 60_000)];
    let table = Table::of(&orders, night(), BEGIN + 24 * HOUR);
    let mut world = World::new(vec![table], vec![(BEGIN + 20 * HOUR + 10 * MINUTE, Trouble::Step(3 * HOUR))]);
    world.run(BEGIN + 22 * HOUR);
    let [closed] = world.disk.closed[..] else { panic!("{:?}", world.disk.closed) };
    assert_eq!((closed.outcome, closed.why), (Outcome::Interrupted, Some(Reason::QuietHours.into())));
    assert!(closed.heard_ms <= 10 * 60_000 + 11_000, "{}", closed.heard_ms);
}
