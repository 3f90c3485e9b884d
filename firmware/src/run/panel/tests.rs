//! A whole board on a bench, and a panel that keeps what it is given.

use core::net::Ipv4Addr;
use std::boxed::Box;
use std::vec::Vec;

use loa_board::{Moment, When, count_turns, draw_quiet, draw_slide, lay_out};
use loa_domain::class::{BoardClass, Brightness, Depth};
use loa_domain::id::CueId;
use loa_domain::play::slide::{Enters, HEAD_BYTES, Look, Slide};
use loa_domain::wire;

use super::super::{Lit, Space};
use super::*;
use crate::Board;
use crate::courier::Courier;
use crate::flash::ram::Ram;
use crate::inbox::Inbox;
use crate::page::{self, Address, Given};
use crate::paint::tests::{Wall, slide, whole};
use crate::paint::{Painter, Panel};
use crate::store::SCRATCH;

const KIND: (u16, u16, Depth) = (128, 64, Depth::Grey16);

fn device() -> Device<'static, Ram> {
    let root = page::tests::root();
    let time = Some(Address::new(Ipv4Addr::LOCALHOST, 123));
    let given = Box::leak(Box::new(Given { time, ..page::tests::given(&root) }));
    let space = Space {
        given,
        board: Box::leak(Box::new(Board::new())),
        inbox: Box::leak(Box::default()),
        courier: Box::leak(Box::<Courier>::default()),
        scratch: Box::leak(Box::new([0; SCRATCH])),
    };
    let _: &Inbox = space.inbox;
    Device::start(Ram::default(), space, 0, None)
}

fn cue(number: u8) -> CueId {
    CueId { order: Hash([number; 32]), planned: UtcMs(0) }
}

/// Puts a slide up, as if it were due.
fn put_up(device: &mut Device<'static, Ram>, slide: &Slide, cue: CueId, begun_ms: u64) -> Hash {
    let mut bytes = [0; HEAD_BYTES];
    let length = wire::encode_into(slide, &mut bytes).expect("fits");
    let hash = device.shelf.put(&bytes[..length], |_| true, &mut device.notes.store).expect("there is room");
    device.notes.up = Some(Lit { cue, slide: hash, begun_ms, length_ms: 8_000 });
    hash
}

/// A slide as any other board draws it over what was up.
fn drawn(slide: &Slide, position_ms: u64, before: &[u8]) -> Vec<u8> {
    let (wall, mut face) = (Wall::new(KIND), whole(KIND));
    for (x, y) in (0..128).flat_map(|x| (0..64).map(move |y| (x, y))) {
        let byte = before.get(y * 64 + x / 2).copied().unwrap_or_default();
        face.set(x as i32, y as i32, u32::from(if x % 2 == 0 { byte >> 4 } else { byte & 15 }));
    }
    let (width_px, height_px, depth) = wall.kind();
    let class = BoardClass::new(width_px, height_px, depth).expect("a board");
    let layout = lay_out(slide, &class);
    let when = When { position_ms, length_ms: 8_000, utc: UtcMs(0), offset_s: None };
    let moment = Moment::at(slide, &layout, &&[][..], when);
    let Ok(()) = draw_slide(slide, &layout, &&[][..], moment, &mut face);
    face.bytes().to_vec()
}

#[test]
fn a_new_board_shows_the_fingerprint_of_its_key_in_turn() {
    let (mut device, mut wall, mut painter) = (device(), Wall::new(KIND), Painter::new());
    assert_eq!(painter.paint(&mut device, &mut wall, 12_000), 16_000);
    let class = BoardClass::new(128, 64, Depth::Grey16).expect("a board");
    // What whoever enrols it compares.
    let key = device.key().fingerprint().text();
    let lines = ["Chưa được ghi danh", &key];
    let turns = count_turns(&lines, &class);
    assert!(turns > 1, "{turns}");
    for turn in 3..3 + turns {
        let mut face = whole(KIND);
        let Ok(()) = draw_quiet("--:--", &lines, turn % turns, &class, &mut face);
        painter.paint(&mut device, &mut wall, turn * 4_000);
        assert!(wall.lamps == face.bytes(), "turn {turn}");
        assert_eq!((wall.percent, wall.flushes), (Some(100), turn as usize - 2));
        painter.paint(&mut device, &mut wall, turn * 4_000 + 3_000);
        assert_eq!(wall.flushes, turn as usize - 2, "nothing has changed");
    }
}

#[test]
fn a_slide_enters_over_what_was_up_and_its_last_face_is_the_cues() {
    let (mut device, mut wall, mut painter) = (device(), Wall::new(KIND), Painter::new());
    let (first, enters) = (slide("Tin", "mời họp", None, None), Look { enters: Some(Enters::Rise), ..Look::default() });
    put_up(&mut device, &first, cue(1), 0);
    painter.paint(&mut device, &mut wall, 0);
    assert!(wall.lamps == drawn(&first, 0, &[]));
    let (before, face) = (wall.lamps.clone(), device.notes.faces[0]);
    assert_eq!(face, (cue(1), Hash::of(&before)));
    let second = slide("ĐẠI HỘI", "Nhiệt liệt chào mừng", Some(enters), None);
    put_up(&mut device, &second, cue(2), 1_000);
    let mut now_ms = 1_000;
    while now_ms < 1_640 {
        let next_ms = painter.paint(&mut device, &mut wall, now_ms);
        assert!(wall.lamps == drawn(&second, now_ms - 1_000, &before), "{now_ms}");
        assert!(next_ms > now_ms);
        now_ms = next_ms;
    }
    painter.paint(&mut device, &mut wall, now_ms);
    assert!(wall.lamps == drawn(&second, 5_000, &[]));
    assert_eq!(device.notes.faces[..], [face, (cue(2), Hash::of(&wall.lamps))]);
}

#[test]
fn a_ticker_runs_and_a_slide_that_stands_is_drawn_once() {
    let (mut device, mut wall, mut painter) = (device(), Wall::new(KIND), Painter::new());
    let standing = slide("Tin", "mời họp", None, None);
    put_up(&mut device, &standing, cue(1), 0);
    let next_ms = painter.paint(&mut device, &mut wall, 0);
    painter.paint(&mut device, &mut wall, next_ms);
    assert_eq!(wall.flushes, 1);
    let runs = Look { runs: Some(true), ..Look::default() };
    let ticker = slide("Tin", "Ngày mai cắt điện toàn xã từ 7 giờ đến 11 giờ.", Some(runs), None);
    put_up(&mut device, &ticker, cue(2), 100_000);
    let mut now_ms = 100_000;
    while now_ms < 103_000 {
        let next_ms = painter.paint(&mut device, &mut wall, now_ms);
        assert!(wall.lamps == drawn(&ticker, now_ms - 100_000, &[]), "{now_ms}");
        now_ms = next_ms;
    }
    assert_eq!(wall.flushes, 1 + 1 + 49, "it stands for a second, then takes 25 steps in each");
}

#[test]
fn a_slide_that_is_not_what_its_name_says_is_not_drawn() {
    let (mut device, mut wall, mut painter) = (device(), Wall::new(KIND), Painter::new());
    let hash = put_up(&mut device, &slide("Tin", "mời họp", None, None), cue(1), 0);
    let at = device.shelf.find(&hash).expect("it is here").slot(0).start;
    device.notes.store.flash().put(at, &[0]).expect("written");
    assert_eq!(painter.paint(&mut device, &mut wall, 5), 5, "at once again");
    assert_eq!((wall.flushes, device.notes.up.is_some(), device.shelf.find(&hash)), (0, false, None));
    painter.paint(&mut device, &mut wall, 5);
    assert_eq!(wall.flushes, 1, "the quiet face");
}

#[test]
fn a_board_is_as_bright_as_its_class_says_for_noon_while_the_time_is_not_known() {
    let mut device = device();
    let steps = [(0, 10), (11 * 60, 70), (13 * 60, 20)].map(|(from_min, percent)| Brightness { from_min, percent });
    let class = BoardClass::new(128, 64, Depth::Grey16).expect("a board");
    device.class = Some(BoardClass { brightness: wire::List::collect(steps).expect("few"), ..class });
    let mut wall = Wall::new(KIND);
    Painter::new().paint(&mut device, &mut wall, 0);
    assert_eq!(wall.percent, Some(70));
}

#[test]
fn a_board_whose_time_turns_out_to_be_wrong_asks_again_soon() {
    const NOON: UtcMs = UtcMs(1_800_000_000_000);
    let mut device = device();
    assert!(device.ask_time(0).is_some());
    assert!(device.wall.answered(0, 10, NOON));
    assert!(device.ask_time(20_000).is_some());
    assert!(device.ask_time(60_000).is_none(), "what is known is asked for once an hour");
    device.wall.not_before(NOON.plus_ms(86_400_000), 60_000);
    assert!(!device.wall.is_known() && device.ask_time(60_000).is_none());
    assert!(device.ask_time(80_000).is_some());
}
