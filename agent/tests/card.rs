//! The speaker against a virtual sound card: what the card was given, frame by frame, and when it played it.
//!
//! The card is `tests/card/virtual_card.c`. ALSA reads the name of its configuration from the environment
//! of the process, so each test runs itself again in a process of its own. Where a C compiler or ALSA's
//! headers are missing the tests say so and do nothing.

mod virtual_card;

use std::process::Command;

use flacenc::component::BitRepr;
use flacenc::error::Verify;
use loa_agent::play::RATE;
use loa_agent::play::ahead::Ahead;
use loa_agent::play::sink::{SinkEvent, Source, Target};
use virtual_card::{Bench, Clicks, ERROR_MAX_NS, MS, clicks, cost, is_opened, is_over, on_card, silent_ms, until};

#[test]
fn every_voice_starts_within_two_milliseconds_of_its_time() {
    on_card("every_voice_starts_within_two_milliseconds_of_its_time", &["ppm", "80"], |bench| {
        let (speaker, events) = bench.card();
        until(&events, is_opened);
        let first = bench.now() + 500 * MS + 123_456;
        let starts: Vec<i64> = (0..12).map(|n| first + n * 230 * MS + n * 77_777).collect();
        for (voice, start) in starts.iter().enumerate() {
            speaker.play(voice as u64, clicks(50, 1), *start, 1.0);
        }
        let seen = until(&events, is_over(11));
        speaker.close();
        let heard = bench.clicks(80.0);
        // A machine shared with others may underrun just when one begins; that one joins late.
        let whole = bench.dropped_ms() == 0;
        assert!(heard.len() == starts.len() || !whole, "{}", heard.len());
        let nearest = |h: &i64| starts.iter().map(|s| h - s).min_by_key(|e| e.abs()).unwrap();
        let errors_us: Vec<i64> = heard.iter().map(|h| nearest(h) / 1_000).collect();
        println!("  start errors: {errors_us:?} µs");
        assert!(errors_us.iter().all(|us| us.abs() * 1_000 < ERROR_MAX_NS), "{errors_us:?}");
        for event in seen {
            if let SinkEvent::Started { error_ns, .. } = event {
                assert!(error_ns.abs() < ERROR_MAX_NS || !whole, "{event:?}");
            }
        }
    });
}

#[test]
fn items_that_follow_each_other_leave_not_one_silent_frame() {
    on_card("items_that_follow_each_other_leave_not_one_silent_frame", &[], |bench| {
        let (speaker, events) = bench.card();
        until(&events, is_opened);
        // Each is one long click; 4,801 frames are no whole number of nanoseconds.
        let tone = || Box::new(Clicks { at: 0, every_frames: 96, clicks: 50 });
        let start = bench.now() + 300 * MS;
        speaker.play(1, tone(), start, 1.0);
        speaker.follow(2, tone(), 1, 1.0);
        speaker.play(3, tone(), start + 200_000_000, 1.0);
        until(&events, is_over(3));
        speaker.close();
        let bytes = std::fs::read(bench.dir.join("loa.1")).unwrap();
        let loud: Vec<bool> = bytes.chunks_exact(4).map(|f| i16::from_le_bytes([f[0], f[1]]) > 8_000).collect();
        let begin = loud.iter().position(|loud| *loud).unwrap();
        let length = loud[begin..].iter().position(|loud| !loud).unwrap();
        // A frame more or less is the card's drift being followed.
        assert!(length.abs_diff(3 * 4_800) <= 2 || bench.dropped_ms() > 0, "{length}");
    });
}

#[test]
fn a_fast_crystal_is_followed_for_twenty_seconds() {
    on_card("a_fast_crystal_is_followed_for_twenty_seconds", &["ppm", "80"], |bench| {
        let mut train = clicks(500, 40);
        let mut frames = vec![0.0; 20 * RATE as usize];
        assert_eq!(train.read(&mut frames), frames.len());
        let samples: Vec<i32> = frames.iter().map(|s| (s * 32_767.0) as i32).collect();
        let config = flacenc::config::Encoder::default().into_verified().unwrap();
        let source = flacenc::source::MemSource::from_samples(&samples, 1, 16, RATE as usize);
        let flac = flacenc::encode_with_fixed_block_size(&config, source, 4_000).unwrap();
        let mut bytes = flacenc::bitsink::ByteSink::new();
        flac.write(&mut bytes).unwrap();
        let path = bench.dir.join("train.flac");
        std::fs::write(&path, bytes.as_slice()).unwrap();

        let (speaker, events) = bench.card();
        until(&events, is_opened);
        let (cpu_before_s, _) = cost();
        let start = bench.now() + 500 * MS;
        speaker.play(1, Box::new(Ahead::open(&path, 0).unwrap()), start, 1.0);
        let seen = until(&events, is_over(1));
        let (cpu_s, peak_mb) = cost();
        speaker.close();
        let skews_us = bench.errors_us(80.0, start, 500);
        assert!(skews_us.len() == 40 || bench.dropped_ms() > 0, "{skews_us:?}");
        println!("  skew over 20 s at +80 ppm: {skews_us:?} µs (uncorrected it would reach -1600)");
        println!("  playing FLAC: {:.2} % of a core, at most {peak_mb:.1} MB", (cpu_s - cpu_before_s) / 20.5 * 100.0);
        assert!(skews_us.iter().all(|us| us.abs() < 400), "{skews_us:?}");
        let Some(SinkEvent::Ended { heard_ms, .. }) = seen.last() else { panic!("{seen:?}") };
        assert!(*heard_ms <= 20_000 && heard_ms + bench.dropped_ms() >= 20_000, "{heard_ms}");
    });
}

/// Plays a click every 250 ms for `seconds` on a card that fails; the clicks heard must all be on time.
fn play_through(bench: &Bench, seconds: usize) -> (Vec<SinkEvent>, u64) {
    let (speaker, events) = bench.card();
    until(&events, is_opened);
    let start = bench.now() + 300 * MS;
    speaker.play(1, clicks(250, seconds * 4), start, 1.0);
    let seen = until(&events, is_over(1));
    speaker.close();
    let errors_us = bench.errors_us(0.0, start, 250);
    println!("  {} of {} clicks; errors {errors_us:?} µs", errors_us.len(), seconds * 4);
    assert!(errors_us.iter().all(|us| us.abs() * 1_000 < ERROR_MAX_NS), "{errors_us:?}");
    let Some(SinkEvent::Ended { heard_ms, .. }) = seen.last() else { panic!("{seen:?}") };
    let (heard_ms, silent_ms) = (*heard_ms, silent_ms(&seen));
    println!("  silent for {silent_ms} ms; {heard_ms} of {} ms counted as heard", seconds * 1_000);
    assert!(heard_ms + silent_ms <= seconds as u64 * 1_000 + 100, "more counted than can have been heard");
    assert!(
        heard_ms + silent_ms + 1_000 + bench.dropped_ms() >= seconds as u64 * 1_000,
        "sound was lost that was not told"
    );
    (seen, silent_ms)
}

#[test]
fn an_unplugged_card_is_opened_again_and_the_voice_goes_on_in_its_place() {
    on_card(
        "an_unplugged_card_is_opened_again_and_the_voice_goes_on_in_its_place",
        &["fail_after_ms", "2000"],
        |bench| {
            let (seen, silent_ms) = play_through(bench, 6);
            assert!(silent_ms < 3_000);
            assert_eq!(seen.iter().filter(|e| matches!(e, SinkEvent::Lost { .. })).count(), 1);
        },
    );
}

#[test]
fn a_frozen_card_is_noticed_and_opened_again() {
    on_card("a_frozen_card_is_noticed_and_opened_again", &["stall_after_ms", "2000"], |bench| {
        let (_, silent_ms) = play_through(bench, 6);
        assert!(silent_ms < 1_500);
    });
}

#[test]
fn a_storm_of_errors_costs_no_core_and_is_survived_three_times() {
    on_card(
        "a_storm_of_errors_costs_no_core_and_is_survived_three_times",
        &["storm_after_ms", "1500", "faulty_streams", "3"],
        |bench| {
            let (before_s, _) = cost();
            let (seen, _) = play_through(bench, 10);
            let (after_s, _) = cost();
            println!("  {:.2} s of processor for 10 s with three storms", after_s - before_s);
            assert_eq!(seen.iter().filter(|e| matches!(e, SinkEvent::Back { .. })).count(), 3);
            assert!(after_s - before_s < 1.0);
        },
    );
}

#[test]
fn no_card_of_that_name_is_said_and_closing_does_not_wait_for_one() {
    on_card("no_card_of_that_name_is_said_and_closing_does_not_wait_for_one", &[], |bench| {
        let (speaker, events) = bench.open(Target::Card(Some("elsewhere".into())));
        let seen = until(&events, |event| matches!(event, SinkEvent::Lost { .. }));
        assert_eq!(seen, [SinkEvent::Lost { why: "there is no sound card named elsewhere".into() }]);
        speaker.play(1, clicks(100, 1), bench.now(), 1.0);
        until(&events, is_over(1));
        let before = bench.now();
        speaker.close();
        assert!(bench.now() - before < 2_000 * MS);
    });
}

#[test]
fn left_to_itself_the_speaker_takes_the_card_there_is() {
    on_card("left_to_itself_the_speaker_takes_the_card_there_is", &[], |bench| {
        let (speaker, events) = bench.open(Target::Auto(bench.dir.join("recording")));
        let seen = until(&events, is_opened);
        assert!(matches!(&seen[0], SinkEvent::Opened { is_file: false, .. }), "{seen:?}");
        speaker.close();
        assert!(!bench.dir.join("recording").exists());
    });
}

#[test]
fn without_a_card_the_speaker_records_and_says_so() {
    on_card("without_a_card_the_speaker_records_and_says_so", &["fail_here", "1"], |bench| {
        let dir = bench.dir.join("recording");
        let (speaker, events) = bench.open(Target::Auto(dir.clone()));
        let seen = until(&events, is_opened);
        assert!(matches!(&seen[0], SinkEvent::Opened { is_file: true, .. }), "{seen:?}");
        let SinkEvent::Opened { what, .. } = &seen[0] else { panic!("{seen:?}") };
        assert!(what.contains("heard.wav (the sound card does not open"), "why there is none: {what}");
        let start = bench.now() + 200 * MS;
        speaker.play(1, clicks(100, 2), start, 1.0);
        until(&events, is_over(1));
        speaker.close();
        let mut wav = hound::WavReader::open(dir.join("heard.wav")).unwrap();
        let frames: Vec<i16> = wav.samples().map(Result::unwrap).collect();
        let at = frames.iter().position(|frame| *frame > 8_000).unwrap();
        let sidecar = std::fs::read_to_string(dir.join("heard.json")).unwrap();
        let sidecar: serde_json::Value = serde_json::from_str(&sidecar).unwrap();
        let zero_ns = sidecar["anchors"][0]["utc_ns"].as_i64().unwrap();
        let error_ns = zero_ns + at as i64 * 1_000_000_000 / i64::from(RATE) - start;
        println!("  start error in the recording: {} µs", error_ns / 1_000);
        assert!(error_ns.abs() < ERROR_MAX_NS);
    });
}

#[test]
fn a_machine_that_dozes_underruns_and_the_voice_goes_on_in_its_place() {
    on_card("a_machine_that_dozes_underruns_and_the_voice_goes_on_in_its_place", &["ppm", "0"], |bench| {
        let (speaker, events) = bench.card();
        until(&events, is_opened);
        let start = bench.now() + 300 * MS;
        speaker.play(1, clicks(250, 16), start, 1.0);
        until(&events, |event| matches!(event, SinkEvent::Started { .. }));
        // The whole process stands still, as on a machine that is short of everything.
        let me = std::process::id();
        let doze = format!("kill -STOP {me}; sleep 0.4; kill -CONT {me}");
        assert!(Command::new("sh").args(["-c", &doze]).status().unwrap().success());
        let seen = until(&events, is_over(1));
        speaker.close();
        let runs = bench.runs().len();
        let errors_us = bench.errors_us(0.0, start, 250);
        println!("  {} of 16 clicks over {runs} runs; errors {errors_us:?} µs", errors_us.len());
        assert!(runs >= 2, "it did not underrun");
        assert!(errors_us.iter().all(|us| us.abs() * 1_000 < ERROR_MAX_NS), "{errors_us:?}");
        assert!(!seen.iter().any(|e| matches!(e, SinkEvent::Lost { .. })), "{seen:?}");
        let Some(SinkEvent::Ended { heard_ms, .. }) = seen.last() else { panic!("{seen:?}") };
        assert!((2_800..=3_750).contains(heard_ms), "{heard_ms}");
    });
}

#[test]
fn a_hole_that_swallows_sound_faster_than_time_passes_is_no_card() {
    on_card("a_hole_that_swallows_sound_faster_than_time_passes_is_no_card", &[], |bench| {
        // ALSA's own "null" takes thousands of seconds of sound a second, and a core.
        let (speaker, events) = bench.open(Target::Card(Some("null".into())));
        let seen = until(&events, |event| matches!(event, SinkEvent::Lost { .. }));
        let why = "the sound card takes sound faster than time passes";
        assert_eq!(seen.last(), Some(&SinkEvent::Lost { why: why.into() }));
        speaker.close();
    });
}

#[test]
fn closing_tells_how_much_of_each_voice_was_heard() {
    on_card("closing_tells_how_much_of_each_voice_was_heard", &[], |bench| {
        let (speaker, events) = bench.card();
        until(&events, is_opened);
        speaker.play(1, clicks(250, 400), bench.now(), 1.0);
        speaker.play(2, clicks(250, 4), bench.now() + 500 * MS, 1.0);
        until(&events, is_over(2));
        speaker.close();
        let seen = until(&events, |event| matches!(event, SinkEvent::Stopped { .. }));
        let Some(SinkEvent::Stopped { voice: 1, heard_ms }) = seen.last() else { panic!("{seen:?}") };
        assert!((1_000..1_700).contains(heard_ms), "{heard_ms}");
    });
}
