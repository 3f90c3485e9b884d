//! What holds for every timeline, whatever the orders: proved on random ones.

use proptest::prelude::*;

use super::*;

fn manner() -> impl Strategy<Value = Manner> {
    let class = prop_oneof![4 => Just(Class::Normal), 2 => Just(Class::Priority), 1 => Just(Class::Emergency)];
    let late = prop_oneof![Just(Late::Skip), Just(Late::Join), Just(Late::Restart)];
    let when_cut = prop_oneof![Just(WhenCut::Resume), Just(WhenCut::Drop)];
    (class, late, when_cut, prop_oneof![Just(0), 0_u32..120 * 60_000], 0_u32..60 * 60_000).prop_map(
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

/// Cues over six hours, some coming late; times on a coarse grid, so that many fall together.
fn cues() -> impl Strategy<Value = Vec<(UtcMs, Firing)>> {
    let late = prop_oneof![6 => Just(0_i64), 1 => 0_i64..40];
    let one = (0_i64..360, 1_u32..90, manner(), late);
    proptest::collection::vec(one, 1..60).prop_map(|cues| {
        let firing = |(index, (planned, length, manner, late)): (usize, (i64, u32, Manner, i64))| {
            let cue = CueId { order: Hash([index as u8; 32]), planned: UtcMs(planned * MINUTE) };
            let length_ms = length * 60_000;
            (cue.planned.plus_ms(late * MINUTE), Firing { cue, order: index as u8, manner, length_ms, cause: None })
        };
        cues.into_iter().enumerate().map(firing).collect()
    })
}

fn quiet() -> impl Strategy<Value = QuietHours> {
    proptest::collection::vec((0_u16..1440, 1_u16..600), 0..3).prop_map(|ranges| {
        let range = |(from, length): (u16, u16)| MinuteRange { from_minute: from, to_minute: (from + length) % 1440 };
        QuietHours::new(ranges.into_iter().map(range)).expect("fair ranges")
    })
}

/// Everything that happens, with the instants at which the air was stepped.
fn run(cues: &[(UtcMs, Firing)], hours: Hours<'_>, mut look: impl FnMut(&Air, UtcMs, &[(UtcMs, Step)])) {
    let mut air = Air::default();
    let mut left: Vec<_> = cues.to_vec();
    let mut now = UtcMs(-1);
    for _ in 0..10_000 {
        let comes = left.iter().map(|(at, _)| *at).min();
        let next = air.next(now, hours);
        assert!(next.is_none_or(|next| next > now), "the air stands still at {now}");
        let Some(at) = comes.into_iter().chain(next).min() else { return };
        now = at;
        let due: Vec<Firing> = left.extract_if(.., |(comes, _)| *comes == at).map(|(_, firing)| firing).collect();
        let mut steps = Vec::new();
        air.step(at, due, hours, &mut |at, step| steps.push((at, step)));
        look(&air, at, &steps);
    }
    panic!("a timeline without an end");
}

fn class_of(cues: &[(UtcMs, Firing)], cue: CueId) -> Class {
    cues.iter().find(|(_, firing)| firing.cue == cue).expect("a cue of the case").1.manner.class
}

proptest! {
    #[test]
    fn there_is_never_more_than_one_on_the_air(cues in cues(), quiet in quiet()) {
        let offsets = Offsets::fixed(0);
        let mut on: Option<CueId> = None;
        run(&cues, Hours { quiet: &quiet, offsets: &offsets }, |air, _, steps| {
            for (_, step) in steps {
                match *step {
                    Step::Start { firing, .. } => assert_eq!(on.replace(firing.cue), None, "two on the air"),
                    Step::Cut { cue, .. } | Step::End { cue } => assert_eq!(on.take(), Some(cue)),
                    Step::Dropped { cue, .. } | Step::Missed { cue, .. } => assert_ne!(on, Some(cue)),
                }
            }
            assert_eq!(air.on_air(), on);
        });
    }

    #[test]
    fn no_lower_class_sounds_while_a_higher_one_wants_the_air(cues in cues(), quiet in quiet()) {
        let offsets = Offsets::fixed(0);
        run(&cues, Hours { quiet: &quiet, offsets: &offsets }, |air, at, _| {
            let wants = air.wanting.iter().map(|wanting| wanting.firing.manner.class).max();
            let sounds = air.on.map(|airing| airing.firing.manner.class);
            assert!(wants <= sounds, "{at}: {sounds:?} sounds, {wants:?} wants the air");
        });
    }

    #[test]
    fn nothing_but_an_emergency_sounds_in_quiet_hours(cues in cues(), quiet in quiet()) {
        let offsets = Offsets::fixed(0);
        let hours = Hours { quiet: &quiet, offsets: &offsets };
        let mut began: Option<(UtcMs, CueId)> = None;
        run(&cues, hours, |_, _, steps| {
            for (at, step) in steps {
                match *step {
                    Step::Start { firing, .. } => began = Some((*at, firing.cue)),
                    Step::Cut { cue, .. } | Step::End { cue } if class_of(&cues, cue) < Class::Emergency => {
                        let (from, _) = began.expect("it began");
                        assert!(!quiet.contains(from, &offsets));
                        let next = quiet.next_start(from, &offsets);
                        assert!(next.is_none_or(|next| *at <= next), "{from} to {at}");
                    }
                    _ => {}
                }
            }
        });
    }

    #[test]
    fn every_cue_that_comes_due_gets_exactly_one_final_step(cues in cues(), quiet in quiet()) {
        let offsets = Offsets::fixed(0);
        let mut finals: Vec<CueId> = Vec::new();
        run(&cues, Hours { quiet: &quiet, offsets: &offsets }, |_, _, steps| {
            finals.extend(steps.iter().filter_map(|(_, step)| match *step {
                Step::Start { .. } | Step::Cut { resumes: true, .. } => None,
                Step::Cut { cue, .. } | Step::Dropped { cue, .. } => Some(cue),
                Step::End { cue } | Step::Missed { cue, .. } => Some(cue),
            }));
        });
        finals.sort();
        let mut expected: Vec<CueId> = cues.iter().map(|(_, firing)| firing.cue).collect();
        expected.sort();
        prop_assert_eq!(finals, expected);
    }

    #[test]
    fn what_ends_was_heard_from_beginning_to_end(cues in cues(), quiet in quiet()) {
        let offsets = Offsets::fixed(0);
        let mut at_position: Vec<(CueId, u32, UtcMs)> = Vec::new();
        run(&cues, Hours { quiet: &quiet, offsets: &offsets }, |_, _, steps| {
            for (at, step) in steps {
                let place = |cue| move |held: &(CueId, u32, UtcMs)| held.0 == cue;
                match *step {
                    Step::Start { firing, position_ms } => {
                        let before = at_position.iter().position(place(firing.cue));
                        if let Some(before) = before {
                            assert_eq!(at_position.remove(before).1, position_ms, "it goes on where it was cut");
                        }
                        at_position.push((firing.cue, position_ms, *at));
                    }
                    Step::Cut { cue, position_ms, .. } => {
                        let held = at_position.iter_mut().find(|held| held.0 == cue).expect("it began");
                        assert_eq!(i64::from(held.1) + at.since_ms(held.2), i64::from(position_ms));
                        held.1 = position_ms;
                    }
                    Step::End { cue } => {
                        let held = at_position.iter().find(|held| held.0 == cue).expect("it began");
                        let length = cues.iter().find(|(_, firing)| firing.cue == cue).expect("known").1.length_ms;
                        assert_eq!(i64::from(held.1) + at.since_ms(held.2), i64::from(length));
                    }
                    Step::Dropped { .. } | Step::Missed { .. } => {}
                }
            }
        });
    }
}
