//! What holds of every life, under any trouble.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::plan::{orders, quiets};
use super::*;

fn troubles(steps: bool, changes: bool) -> impl Strategy<Value = Vec<(i64, Trouble)>> {
    let small = prop_oneof![-1_500_i64..1_500, -90_000_i64..90_000];
    let step = prop_oneof![2 => small, 1 => Just(HOUR), 1 => Just(-HOUR), 1 => -5 * HOUR..5 * HOUR];
    let cut = (prop_oneof![0_i64..60_000, 0_i64..3 * HOUR], 0_usize..4);
    let one = prop_oneof![
        if steps { 4 } else { 0 } => step.prop_map(Trouble::Step),
        3 => cut.prop_map(|(dark_ms, survive)| Trouble::Cut { dark_ms, survive }),
        1 => (0_i64..6_000).prop_map(Trouble::Disk),
        1 => (0_i64..5_000).prop_map(Trouble::Late),
        1 => Just(Trouble::Flaw),
        if changes { 3 } else { 0 } => (0_usize..3, any::<bool>())
            .prop_map(|(table, revoke)| Trouble::Change { table, revoke }),
    ];
    // Some near the full minute, where the cues are.
    let at = prop_oneof![0_i64..20 * HOUR, (0_i64..20 * 60, -4_000_i64..4_000).prop_map(|(m, ms)| m * MINUTE + ms)];
    proptest::collection::vec((at.prop_map(|at| BEGIN + at.max(1)), one), 0..12)
}

/// No cue has two proofs, none stays open, and none plays twice but after a cut or a start.
fn one_proof_each(world: &World) {
    let mut seen = BTreeSet::new();
    for closed in &world.disk.closed {
        assert!(seen.insert(closed.cue), "two proofs: {closed:?}");
        assert_eq!(closed.outcome == Outcome::Played, closed.why.is_none());
        assert!(closed.heard_ms <= closed.length_ms);
        assert!(closed.outcome != Outcome::Missed || closed.began.is_none(), "{closed:?}");
    }
    assert_eq!(world.disk.still_open(), 0);
}

fn firings(table: &Table, from: UtcMs, until: UtcMs) -> BTreeSet<CueId> {
    let mut cues = BTreeSet::new();
    for rule in &table.rules {
        let mut after = from;
        while let Some(planned) = rule.timing.next_after(after, &table.offsets) {
            if planned > until || planned >= table.expires {
                break;
            }
            after = planned;
            cues.insert(CueId { order: rule.order, planned });
        }
    }
    cues
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn cuts_and_slow_disks_leave_one_proof_for_each_cue(
        orders in orders(7), quiet in quiets(), troubles in troubles(false, false), jitter_ms in 0_i64..300,
    ) {
        let table = Table::of(&orders, quiet, BEGIN + 24 * HOUR);
        let mut world = World::new(vec![table.clone()], troubles);
        world.jitter_ms = jitter_ms;
        world.run(BEGIN + 72 * HOUR);
        one_proof_each(&world);
        let closed: BTreeSet<CueId> = world.disk.closed.iter().map(|closed| closed.cue).collect();
        prop_assert_eq!(closed, firings(&table, UtcMs(BEGIN - 1), table.expires));
    }

    #[test]
    fn any_steps_of_the_clock_leave_one_proof_for_each_cue(
        orders in orders(7), quiet in quiets(), troubles in troubles(true, false),
    ) {
        let table = Table::of(&orders, quiet, BEGIN + 24 * HOUR);
        let mut world = World::new(vec![table.clone()], troubles);
        world.run(BEGIN + 96 * HOUR);
        one_proof_each(&world);
        let closed: BTreeSet<CueId> = world.disk.closed.iter().map(|closed| closed.cue).collect();
        prop_assert_eq!(closed, firings(&table, UtcMs(BEGIN - 1), table.expires));
    }

    #[test]
    fn changes_of_the_timetable_leave_one_proof_for_each_cue(
        kept in orders(4), others in orders(5), quiet in quiets(), troubles in troubles(false, true),
    ) {
        let end = BEGIN + 24 * HOUR;
        let renamed = |by: u8| others.iter().map(move |held| {
            let hash = Hash([held.hash.0[0] + by; 32]);
            InForce { hash, ..held.clone() }
        });
        let with = |by| Table::of(&kept.iter().cloned().chain(renamed(by)).collect::<Vec<_>>(), quiet.clone(), end);
        let tables = vec![with(100), with(150), with(100)];
        let mut world = World::new(tables.clone(), troubles);
        world.run(BEGIN + 72 * HOUR);
        one_proof_each(&world);
        let closed: BTreeMap<CueId, Closed> = world.disk.closed.iter().map(|closed| (closed.cue, *closed)).collect();
        let changes: Vec<(UtcMs, usize)> = world.disk.changes.clone();
        let mut due = BTreeSet::new();
        for (index, (from, table)) in changes.iter().enumerate() {
            let until = changes.get(index + 1).map_or(UtcMs(end), |(until, _)| *until);
            due.extend(firings(&tables[*table], *from, until));
        }
        for cue in &due {
            prop_assert!(closed.contains_key(cue), "no proof: {cue:?}");
        }
        for (cue, closed) in closed.iter().filter(|(cue, _)| !due.contains(cue)) {
            // Prepared and taken off, or an order that came after its time and began late.
            let prepared = changes.iter().any(|(at, _)| (0..=PREPARE_MS + 10).contains(&cue.planned.since_ms(*at)));
            let came_late = changes.iter().any(|(at, table)| {
                let rule = tables[*table].rules.iter().find(|rule| rule.order == cue.order);
                rule.is_some_and(|rule| cue.planned <= *at && may_begin(rule, at.since_ms(cue.planned)))
            });
            prop_assert!(prepared || came_late, "not due: {closed:?} {changes:?}");
        }
    }

    #[test]
    fn everything_at_once_leaves_no_cue_with_two_proofs_or_none_open(
        orders in orders(7), others in orders(7), quiet in quiets(), troubles in troubles(true, true),
    ) {
        let end = BEGIN + 24 * HOUR;
        let all: Vec<InForce> = others.iter().map(|held| InForce { hash: Hash([held.hash.0[0] + 100; 32]), ..held.clone() })
            .chain(orders.iter().cloned()).collect();
        let tables = vec![
            Table::of(&orders, quiet.clone(), end), Table::of(&all, quiet.clone(), end), Table::of(&all[..1], quiet, end),
        ];
        let mut world = World::new(tables, troubles);
        world.run(BEGIN + 96 * HOUR);
        one_proof_each(&world);
    }
}
