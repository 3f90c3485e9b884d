//! Stops as the courier hears them: held against the release in force, whatever floods in beside them.

use loa_domain::timetable::stop::Stop;

use super::*;

fn stopped(bench: &Bench) -> usize {
    bench.events.try_iter().filter(|event| matches!(event, Event::Stopped(_))).count()
}

fn stop(seed: u8, made: i64) -> Vec<u8> {
    let stop = Stop { made: UtcMs(made), audience: Audience::default(), orders: List::new() };
    seal(&wire::encode(&stop), Purpose::Stop, &[&key(seed)])
}

#[test]
fn dallas_2017_a_stop_silences_while_junk_floods_in() {
    let mut bench = bench();
    let clip = clip();
    let (sealed, bundle) = good(1, &clip);
    bench.up();
    bench.desk_says(&Down::Stop { sealed: &stop(2, 5) });
    assert_eq!(stopped(&bench), 0, "there is nothing to be stopped, and nothing to hold a stop against");
    bench.desk_says(&Down::Release { sealed: &sealed });
    bench.send(&bundle, |_, _| ());
    bench.send(&clip, |_, _| ());
    assert_eq!(tables(&bench), [1]);
    let machine = Clock::machine();
    let begun_ns = machine.now().mono_raw_ns;
    let (by_desk, foreign) = (stop(3, 7), stop(9, 7));
    for number in 0..1_000_u32 {
        match number % 5 {
            0 => bench.courier.message(&topic::down(&me()), &number.to_be_bytes().repeat(4_000)),
            1 => bench.desk_says(&Down::Stop { sealed: &by_desk }),
            2 => bench.desk_says(&Down::Stop { sealed: &foreign }),
            3 => bench.desk_says(&Down::Release { sealed: &sealed }),
            _ => bench.part(&Hash([number as u8; 32]), number, &[0; 16_000]),
        }
    }
    assert_eq!(stopped(&bench), 0, "neither the desk nor a stranger stops anything");
    bench.desk_says(&Down::Stop { sealed: &stop(2, 7) });
    assert_eq!(stopped(&bench), 1);
    let took_ms = (machine.now().mono_raw_ns - begun_ns) / 1_000_000;
    eprintln!("1,000 junk messages and a stop: {took_ms} ms");
    assert!(took_ms < 2_000, "{took_ms}");
    for _ in 0..1_000 {
        bench.desk_says(&Down::Stop { sealed: &stop(2, 7) });
    }
    assert_eq!(stopped(&bench), 0, "played back, it costs a hash");
}
