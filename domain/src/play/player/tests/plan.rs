//! A plan is what a player does when nothing goes wrong.

use proptest::prelude::*;

use super::*;
use crate::plan::air::Hours;
use crate::plan::build::{self, Fate};
use crate::time::Offsets;

pub fn manners() -> impl Strategy<Value = Manner> {
    let class = prop_oneof![4 => Just(Class::Normal), 2 => Just(Class::Priority), 1 => Just(Class::Emergency)];
    let late = prop_oneof![Just(Late::Skip), Just(Late::Join), Just(Late::Restart)];
    let when_cut = prop_oneof![Just(WhenCut::Resume), Just(WhenCut::Drop)];
    (class, late, when_cut, prop_oneof![Just(0), 0_u32..7_200_000], 0_u32..3_600_000).prop_map(
        |(class, late, when_cut, wait_ms, late_limit_ms)| Manner {
            class,
            late,
            late_limit_ms,
            wait_ms,
            when_cut,
            volume: None,
        },
    )
}

/// Orders that meet often within a day: some daily, some by the hour, some at odd seconds.
pub fn orders(most: usize) -> impl Strategy<Value = Vec<InForce>> {
    let daily = (proptest::collection::vec(0_u32..24, 1..4), 0_u32..60).prop_map(|(hours, m)| at(&hours, &[m]));
    let hourly = (0_u32..60).prop_map(|m| at(&(0..24).collect::<Vec<_>>(), &[m]));
    let odd = proptest::collection::vec(0_i64..24 * HOUR, 1..5)
        .prop_map(|at| once(&at.iter().map(|at| BEGIN + at).collect::<Vec<_>>()));
    let timing = prop_oneof![3 => daily, 1 => hourly, 2 => odd];
    let length = prop_oneof![1_000_u32..120_000, 60_000_u32..5_400_000];
    proptest::collection::vec((timing, manners(), length), 1..most).prop_map(|orders| {
        let numbered = orders.into_iter().enumerate();
        numbered.map(|(n, (timing, manner, length))| order(n as u8 + 1, timing, manner, length)).collect()
    })
}

pub fn quiets() -> impl Strategy<Value = QuietHours> {
    prop_oneof![Just(QuietHours::NONE), Just(night())]
}

proptest! {
    #![proptest_config(cases(64))]
    #[test]
    fn a_player_without_trouble_does_what_the_plan_says(orders in orders(8), quiet in quiets()) {
        let end = BEGIN + 24 * HOUR;
        let offsets = Offsets::fixed(0);
        let hours = Hours { quiet: &quiet, offsets: &offsets };
        let mut world = World::new(vec![Table::of(&orders, quiet.clone(), end)], Vec::new());
        // Long enough for what was cut near the end to go on after all that cut it.
        world.run(end + 72 * HOUR);
        let mut plan = build::cues(&orders, &placement(), hours, UtcMs(BEGIN), UtcMs(end + 72 * HOUR));
        plan.retain(|cue| cue.id.planned < UtcMs(end));
        let mut closed = world.disk.closed.clone();
        closed.sort_by_key(|closed| (closed.cue.planned, closed.cue.order));
        plan.sort_by_key(|cue| (cue.id.planned, cue.id.order));
        // The plan goes on beyond the end of the release; what that would cut is not compared.
        let is_settled = |cue: &&build::Cue| cue.fate != Fate::Open && cue.ends.is_none_or(|ends| ends < UtcMs(end));
        let settled: Vec<_> = plan.iter().filter(is_settled).collect();
        prop_assert_eq!(plan.len(), closed.len());
        let closed: Vec<_> = closed.iter().filter(|c| settled.iter().any(|cue| cue.id == c.cue)).collect();
        let near_end = |at: UtcMs| at > UtcMs(end - 4 * HOUR);
        for (cue, closed) in settled.iter().zip(&closed) {
            if near_end(cue.id.planned) {
                continue;
            }
            prop_assert_eq!(cue.id, closed.cue);
            let fate = match (closed.outcome, closed.why) {
                (Outcome::Played, None) => Fate::Plays,
                (Outcome::Interrupted, Some(why)) => Fate::Interrupted(why),
                (Outcome::Missed, Some(why)) => Fate::Missed(why),
                other => panic!("{other:?}"),
            };
            prop_assert_eq!(cue.fate, fate, "{}", cue.id.planned);
            prop_assert_eq!(cue.starts, closed.began);
        }
    }
}
