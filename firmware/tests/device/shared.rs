//! Several boards that hear one transfer, with chunks that are lost, late, doubled and out of order.
//!
//! Next: `time.rs`.

use loa_domain::id::Hash;
use loa_domain::message::Down;
use loa_domain::message::topic::Topic;

use crate::world::bench::{Bench, MIDNIGHT};
use crate::world::desk::{NORMAL, daily};

const TRANSFER: u32 = 77;
/// Bytes of the slide: a page of hashes and six chunks.
const SIZE: usize = 6 * 16_128 - 100;

/// A board that was told of a shared transfer of slide A, and holds the manifest and the page.
fn listening() -> (Bench, Hash) {
    let mut bench = Bench::new();
    bench.start();
    bench.run_for(60);
    let slide = bench.desk.slide('A', SIZE);
    let order = bench.desk.order(daily(8, 0), NORMAL, &[(slide, 60)]);
    let release = bench.desk.draft(1, &[order], MIDNIGHT);
    let post = bench.desk.issue(&release);
    bench.pass_on(post);
    // The desk answers the first window by saying that all of it goes to many.
    bench.run_until_heard("want A 0");
    bench.desk.gives_parts = false;
    let post = bench.desk.post(&Down::Shared { blob: slide.hash, transfer: TRANSFER });
    bench.pass_on(post);
    bench.run_for(2);
    assert!(bench.topics.contains(Topic::Shared(TRANSFER).text().as_str()), "{:?}", bench.topics);
    let page = bench.desk.part(Topic::Parts(&bench.desk.player).text().as_str(), &slide.hash, 0).expect("a page");
    bench.pass_on(page);
    bench.run_for(2);
    (bench, slide.hash)
}

/// Sends some parts of the slide to all who listen, a second apart.
fn share(bench: &mut Bench, slide: &Hash, parts: &[u32]) {
    let topic = Topic::Shared(TRANSFER).text().to_string();
    for part in parts {
        let post = bench.desk.part(&topic, slide, *part).expect("a part");
        bench.pass_on(post);
        bench.run_for(1);
    }
}

/// The transfer is over; the desk gives what is asked for from here on.
fn over(bench: &mut Bench, slide: &Hash) -> Vec<String> {
    let asked = bench.desk.heard.len();
    bench.desk.gives_parts = true;
    let post = bench.desk.post(&Down::SharedOver { blob: *slide, transfer: TRANSFER });
    bench.pass_on(post);
    bench.run_to(9, 0, 0);
    assert_eq!(bench.desk.told(), ["started anew", "in force 1", "08:00:00 played 60 s"]);
    assert!(!bench.topics.contains(Topic::Shared(TRANSFER).text().as_str()), "it listens no more");
    bench.desk.heard[asked..].iter().filter(|words| words.starts_with("want A")).cloned().collect()
}

#[test]
fn a_board_that_heard_all_of_a_transfer_asks_for_nothing() {
    let (mut bench, slide) = listening();
    share(&mut bench, &slide, &[1, 2, 3, 4, 5, 6]);
    assert_eq!(over(&mut bench, &slide), Vec::<String>::new());
}

#[test]
fn chunks_out_of_order_and_twice_are_as_good() {
    let (mut bench, slide) = listening();
    share(&mut bench, &slide, &[6, 1, 1, 4, 2, 6, 3, 3, 5, 1]);
    assert_eq!(over(&mut bench, &slide), Vec::<String>::new());
}

#[test]
fn each_of_several_boards_asks_for_just_what_it_missed() {
    // Who misses which part, and the mask of what is asked for, from the lowest part that is missing.
    for (missed, wanted) in
        [(&[2_u32][..], "want A 1"), (&[1, 4], "want A 1001"), (&[5, 6], "want A 11"), (&[6], "want A 1")]
    {
        let (mut bench, slide) = listening();
        let parts: Vec<u32> = (1..=6).filter(|part| !missed.contains(part)).collect();
        share(&mut bench, &slide, &parts);
        let asked = over(&mut bench, &slide);
        assert_eq!(asked, [wanted], "missed {missed:?}");
    }
}

#[test]
fn a_chunk_that_was_bent_in_the_transfer_is_pulled_afterwards() {
    let (mut bench, slide) = listening();
    bench.desk.bent.insert((slide, 3), 1);
    share(&mut bench, &slide, &[1, 2, 3, 4, 5, 6]);
    assert_eq!(over(&mut bench, &slide), ["want A 1"]);
}

#[test]
fn a_transfer_that_falls_silent_is_over_after_half_a_minute() {
    let (mut bench, slide) = listening();
    share(&mut bench, &slide, &[1, 2, 3]);
    bench.desk.gives_parts = true;
    let asked = bench.desk.heard.len();
    bench.run_for(20);
    assert!(!bench.desk.heard[asked..].iter().any(|words| words.starts_with("want A")), "it waits for the rest");
    bench.run_for(40);
    assert!(bench.desk.heard[asked..].iter().any(|words| words.starts_with("want A")), "and pulls it then");
    assert!(bench.desk.told().contains(&"in force 1".to_owned()));
}

#[test]
fn a_link_that_breaks_in_the_middle_of_a_transfer_keeps_what_was_heard() {
    let (mut bench, slide) = listening();
    share(&mut bench, &slide, &[1, 2, 3, 4]);
    bench.online = false;
    bench.run_for(10);
    bench.online = true;
    bench.desk.gives_parts = true;
    let asked = bench.desk.heard.len();
    bench.run_for(60);
    let asked: Vec<&String> = bench.desk.heard[asked..].iter().filter(|words| words.starts_with("want A")).collect();
    assert_eq!(asked, ["want A 11"], "the two that it did not hear");
    assert!(bench.desk.told().contains(&"in force 1".to_owned()));
}

#[test]
fn a_transfer_of_something_else_and_one_that_nobody_began_are_not_followed() {
    let (mut bench, slide) = listening();
    let other = bench.desk.slide('B', 900);
    for down in [
        Down::Shared { blob: other.hash, transfer: 5 },
        Down::SharedOver { blob: slide, transfer: 5 },
        Down::SharedOver { blob: other.hash, transfer: TRANSFER },
    ] {
        let post = bench.desk.post(&down);
        bench.pass_on(post);
    }
    bench.run_for(3);
    assert!(!bench.topics.contains(Topic::Shared(5).text().as_str()));
    share(&mut bench, &slide, &[1, 2, 3, 4, 5, 6]);
    assert_eq!(over(&mut bench, &slide), Vec::<String>::new());
}
