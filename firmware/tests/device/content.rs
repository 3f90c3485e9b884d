//! Content that is not what an officer signed: bent on its way, bent by the desk, spoilt on the flash.
//!
//! Next: `log.rs`.

use loa_domain::id::Hash;
use loa_domain::message::topic::Topic;

use crate::world::bench::{Bench, MIDNIGHT};
use crate::world::desk::{NORMAL, daily};

/// A board that knows the time, and a slide A of three chunks every morning at eight that the desk will offer.
fn bench() -> (Bench, Hash) {
    let mut bench = Bench::new();
    bench.start();
    bench.run_for(60);
    let slide = bench.desk.slide('A', 40_000);
    let order = bench.desk.order(daily(8, 0), NORMAL, &[(slide, 60)]);
    let release = bench.desk.draft(1, &[order], MIDNIGHT);
    let post = bench.desk.issue(&release);
    bench.pass_on(post);
    (bench, slide.hash)
}

fn wants(bench: &Bench, letter: char) -> Vec<&String> {
    bench.desk.heard.iter().filter(|words| words.starts_with(&format!("want {letter}"))).collect()
}

#[test]
fn a_chunk_that_was_bent_on_its_way_is_not_kept_and_is_asked_for_again() {
    let (mut bench, slide) = bench();
    bench.desk.bent.insert((slide, 2), 1);
    bench.run_to(9, 0, 0);
    assert_eq!(bench.faces().iter().filter(|face| **face == "slide A").count(), 1);
    let asked = wants(&bench, 'A');
    // The manifest, the page with the first window, and again the one that was wrong.
    assert!(asked.iter().any(|words| *words == "want A 1") && asked.len() >= 4, "{asked:?}");
    assert_eq!(bench.desk.told(), ["started anew", "in force 1", "08:00:00 played 60 s"]);
}

#[test]
fn a_slide_that_is_bent_every_time_is_refused_and_what_was_in_force_stays() {
    let (mut bench, _) = bench();
    bench.run_to(7, 0, 0);
    let other = bench.desk.slide('B', 20_000);
    let order = bench.desk.order(daily(8, 0), NORMAL, &[(other, 60)]);
    let release = bench.desk.draft(2, &[order], bench.utc);
    // A stranger between desk and board turns a bit of every copy.
    bench.desk.bent.insert((other.hash, 2), u32::MAX);
    let post = bench.desk.issue(&release);
    bench.pass_on(post);
    bench.run_to(8, 30, 0);
    assert!(bench.desk.heard.contains(&"refused Some(2) content".to_owned()), "{:?}", bench.desk.heard);
    assert_eq!(bench.faces().iter().filter(|face| **face == "slide A").count(), 1, "the old timetable stays");
    assert!(!bench.faces().contains(&"slide B"));
    let tries = wants(&bench, 'B').len();
    bench.run_to(8, 31, 0);
    assert_eq!(wants(&bench, 'B').len(), tries, "it rests");
    // It is mended, and tried again without anybody coming to the board.
    bench.desk.bent.clear();
    bench.run_to(30, 0, 0);
    assert!(bench.desk.told().contains(&"in force 2".to_owned()));
    bench.run_to(32, 30, 0);
    assert_eq!(bench.faces().iter().filter(|face| **face == "slide B").count(), 1);
}

#[test]
fn a_page_of_hashes_that_was_bent_is_not_believed() {
    let (mut bench, slide) = bench();
    bench.desk.bent.insert((slide, 0), 2);
    bench.run_to(9, 0, 0);
    assert_eq!(bench.desk.told().last().map(String::as_str), Some("08:00:00 played 60 s"));
}

#[test]
fn parts_of_other_blobs_parts_that_are_none_and_parts_nobody_asked_for_change_nothing() {
    let (mut bench, slide) = bench();
    bench.desk.gives_parts = false;
    bench.run_for(20);
    let topic = Topic::Parts(&bench.desk.player).text().to_string();
    let other = bench.desk.slide('B', 40_000);
    for part in [9, 3, 2, 1, 1, 0] {
        for hash in [slide, other.hash] {
            if let Some(post) = bench.desk.part(&topic, &hash, part) {
                bench.pass_on(post);
            }
        }
        // Its name, a number it does not have, and a payload that is too long, too short and empty.
        for length in [16_200, 3, 0] {
            let payload = vec![part as u8; length];
            let header = loa_domain::delivery::blob::header(&slide, 3 + part);
            bench.pass_on((topic.clone(), [&header[..], &payload].concat()));
        }
        bench.pass_on((topic.clone(), vec![1, 2, 3]));
    }
    bench.run_for(20);
    bench.desk.gives_parts = true;
    bench.run_to(9, 0, 0);
    assert_eq!(bench.desk.told().last().map(String::as_str), Some("08:00:00 played 60 s"));
    assert_eq!(bench.broken, 0);
}

#[test]
fn a_slide_that_went_bad_on_the_flash_is_not_shown_its_proof_says_so_and_it_is_fetched_again() {
    let (mut bench, slide) = bench();
    bench.run_to(7, 0, 0);
    let bytes = bench.desk.blobs[&slide.short()].bytes.clone();
    let lies = bench.chip.find(&bytes[..64]).expect("the slide lies on the flash");
    bench.chip.turn(lies + 500, 0x10);
    let asked = wants(&bench, 'A').len();
    bench.run_to(8, 30, 0);
    assert!(bench.faces().contains(&"spoilt A (content-corrupt)"), "{:?}", bench.seen);
    assert!(!bench.faces().contains(&"slide A"));
    let told = bench.desk.told();
    let of_eight = told.iter().find(|words| words.starts_with("08:00:00")).expect("a proof");
    assert!(of_eight.contains("(content-corrupt)"), "{of_eight}");
    assert!(wants(&bench, 'A').len() > asked, "it was asked for again");
    bench.run_to(33, 0, 0);
    assert_eq!(bench.faces().iter().filter(|face| **face == "slide A").count(), 1, "the next morning");
}

#[test]
fn a_slide_that_went_bad_while_the_power_was_off_is_found_out_too() {
    let (mut bench, slide) = bench();
    bench.run_to(7, 0, 0);
    bench.stop();
    let bytes = bench.desk.blobs[&slide.short()].bytes.clone();
    let lies = bench.chip.find(&bytes[..64]).expect("the slide lies on the flash");
    bench.chip.turn(lies + 500, 0x01);
    bench.start();
    bench.run_to(33, 0, 0);
    let faces = bench.faces();
    assert_eq!(faces.iter().filter(|face| face.ends_with("slide A")).count(), 1, "{faces:?}");
    assert!(bench.desk.is_chain());
    assert_eq!(bench.desk.told().iter().filter(|words| words.starts_with("08:00:00")).count(), 2);
}

#[test]
fn a_bundle_that_went_bad_is_fetched_again_after_a_restart_without_a_person() {
    let (mut bench, _) = bench();
    bench.run_to(7, 0, 0);
    bench.stop();
    let hash = bench.desk.blobs.values().map(|blob| &blob.bytes).find(|bytes| bytes.len() < 1_000).expect("the bundle");
    let lies = bench.chip.find(hash).expect("the bundle lies on the flash");
    bench.chip.turn(lies + 60, 0x80);
    bench.start();
    bench.run_to(9, 0, 0);
    assert!(bench.faces().contains(&"slide A"), "{:?} {:?}", bench.seen, bench.desk.heard);
}

#[test]
fn a_flash_that_takes_nothing_more_does_not_keep_the_board_from_showing_what_is_due() {
    let (mut bench, _) = bench();
    bench.run_to(7, 0, 0);
    bench.chip.wear(true);
    bench.run_to(9, 0, 0);
    assert_eq!(bench.faces().iter().filter(|face| **face == "slide A").count(), 1);
    let (_, lost) = bench.device().records();
    assert!(lost > 0, "a record that was lost is counted");
}
