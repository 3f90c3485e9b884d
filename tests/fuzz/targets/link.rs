//! Any bytes as what a broker says, however they are cut: a link never panics, and hears the same in pieces as in one.
//!
//! Next: `page.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loa_firmware::inbox::{Came, Inbox};
use loa_firmware::link::{Broken, Event, Link, Login, Wire};

/// The way out: counts what is sent.
struct Out(usize);

impl Wire for Out {
    fn room(&self) -> usize {
        1_400
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0 += bytes.len();
    }
}

const LOGIN: Login<'static> =
    Login { client: "bang-cho", user: "bang-cho", password: None, will: ("loa1/p/bang-cho/up", &[129, 5, 128]) };
const CONNACK: [u8; 5] = [0x20, 3, 0, 0, 0];

/// What came, in a form that does not depend on how it was cut, what was answered, and how it ended.
fn heard(bytes: &[u8], size: usize, is_up: bool) -> (Vec<u64>, usize, Option<Broken>) {
    let (mut link, mut inbox, mut out, mut told) = (Link::default(), Inbox::default(), Out(0), Vec::new());
    link.open(&LOGIN, 0, &mut out);
    let mut now_ms = 0;
    let first: &[u8] = if is_up { &CONNACK } else { &[] };
    let mut payload = 0_u64;
    for piece in first.chunks(5).chain(bytes.chunks(size)) {
        now_ms += 1;
        let taken = link.take(now_ms, piece, &mut out, &mut |_, _, event| {
            match event {
                Event::Up => told.push(1),
                Event::Begin { topic, length } => {
                    assert!(topic.len() <= 56, "a topic longer than any of ours");
                    payload = 0;
                    told.extend([2, topic.len() as u64, u64::from(length)]);
                }
                Event::Piece(piece) => payload += piece.len() as u64,
                Event::End => told.extend([3, payload]),
            }
            inbox.take(event, |came| match came {
                Came::Message(bytes) => told.extend([4, bytes.len() as u64]),
                Came::TooLong(length) => told.extend([5, u64::from(length)]),
                Came::Part(_, part, length) => told.extend([6, u64::from(part), u64::from(length)]),
                Came::Piece(_) => {}
                Came::PartEnd => told.push(7),
            });
        });
        if let Err(broken) = taken {
            assert!(!link.is_up());
            return (told, out.0, Some(broken));
        }
    }
    assert!(!link.publish("t", &[0; 2_000], now_ms, &mut out), "there is no such room");
    (told, out.0, None)
}

fuzz_target!(|bytes: &[u8]| {
    let Some(([how, size], bytes)) = bytes.split_first_chunk::<2>() else { return };
    let is_up = how % 4 > 0;
    let whole = heard(bytes, bytes.len().max(1), is_up);
    let pieces = heard(bytes, usize::from(*size).max(1), is_up);
    assert_eq!(whole, pieces);
});
