//! A link against a broker that says what the standard lets it say, in pieces of any size, and then anything at all.

use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;

#[derive(Default)]
struct Out {
    sent: Vec<u8>,
    most: Option<usize>,
}

impl Wire for Out {
    fn room(&self) -> usize {
        self.most.unwrap_or(1 << 20).saturating_sub(self.sent.len())
    }

    fn send(&mut self, bytes: &[u8]) {
        self.sent.extend_from_slice(bytes);
    }
}

const LOGIN: Login<'static> =
    Login { client: "bang-cho", user: "bang-cho", password: None, will: ("loa1/p/bang-cho/up", &[1, 2, 3]) };
const CONNACK: [u8; 5] = [0x20, 3, 0, 0, 0];

/// What a link makes of these bytes, as words, when they come in pieces of `size`.
fn heard(link: &mut Link, out: &mut Out, bytes: &[u8], size: usize) -> Result<Vec<String>, Broken> {
    let mut words: Vec<String> = vec![];
    let mut payload = 0;
    for piece in bytes.chunks(size.max(1)) {
        link.take(0, piece, out, &mut |_, _, event| match event {
            Event::Up => words.push("up".to_string()),
            Event::Begin { topic, length } => words.push(std::format!("{topic} {length}")),
            Event::Piece(piece) => payload += piece.len(),
            Event::End => words.push(std::format!("end {}", core::mem::take(&mut payload))),
        })?;
    }
    Ok(words)
}

fn up() -> (Link, Out) {
    let (mut link, mut out) = (Link::default(), Out::default());
    link.open(&LOGIN, 0, &mut out);
    assert_eq!(heard(&mut link, &mut out, &CONNACK, 9), Ok(vec!["up".to_string()]));
    out.sent.clear();
    (link, out)
}

fn message(topic: &str, payload: usize, id: Option<u16>) -> Vec<u8> {
    let length = 2 + topic.len() + if id.is_some() { 2 } else { 0 } + 3 + payload;
    let mut head = Packet::new(if id.is_some() { 0x32 } else { 0x30 }, length);
    head.text(topic);
    if let Some(id) = id {
        head.number(id);
    }
    // A property of two bytes: that the payload is text.
    [head.bytes(&[2, 1, 1]).written(), &vec![7; payload]].concat()
}

#[test]
fn it_connects_with_a_clean_start_its_will_and_its_largest_packet() {
    let (mut link, mut out) = (Link::default(), Out::default());
    link.open(&Login { user: "ten", password: Some("mat-khau"), ..LOGIN }, 0, &mut out);
    let mut expected = vec![0x10, 70, 0, 4, b'M', b'Q', b'T', b'T', 5, 0b1100_1110, 0, 60, 5, 0x27];
    expected.extend(PACKET_BYTES.to_be_bytes());
    expected.extend(b"\0\x08bang-cho\0\0\x12loa1/p/bang-cho/up\0\x03\x01\x02\x03\0\x03ten\0\x08mat-khau");
    expected[1] = expected.len() as u8 - 2;
    assert_eq!(out.sent, expected);
    assert!(!link.is_up());
}

#[test]
fn a_message_arrives_whole_however_it_is_cut_and_is_acknowledged_if_it_asks_for_it() {
    let stream = [message("loa1/p/bang-cho/dn", 300, Some(0x0102)), message("x", 0, None), vec![0xd0, 0]].concat();
    let whole: Vec<String> = ["loa1/p/bang-cho/dn 300", "end 300", "x 0", "end 0"].map(String::from).to_vec();
    for size in 1..stream.len() + 1 {
        let (mut link, mut out) = up();
        assert_eq!(heard(&mut link, &mut out, &stream, size), Ok(whole.clone()), "pieces of {size}");
        assert_eq!(out.sent, [0x40, 2, 1, 2]);
    }
}

#[test]
fn the_broker_says_how_many_messages_may_be_under_way() {
    let (mut link, mut out) = (Link::default(), Out::default());
    link.open(&LOGIN, 0, &mut out);
    // Receive maximum 2, then a text that is left alone.
    let connack = [0x20, 13, 0, 0, 10, 0x24, 1, 0x21, 0, 2, 0x1f, 0, 2, b'o', b'k'];
    assert_eq!(heard(&mut link, &mut out, &connack, 4), Ok(vec!["up".to_string()]));
    let published: Vec<bool> = (0..3).map(|_| link.publish("t", b"x", 0, &mut out)).collect();
    assert_eq!(published, [true, true, false]);
    assert_eq!(heard(&mut link, &mut out, &[0x40, 2, 0, 1], 1), Ok(vec![]));
    assert!(link.publish("t", b"x", 0, &mut out));
    out.most = Some(out.sent.len() + 5);
    assert!(!link.publish("t", b"longer", 0, &mut out), "no room on the wire");
}

#[test]
fn a_broker_that_does_not_answer_is_given_up() {
    let (mut link, mut out) = (Link::default(), Out::default());
    link.open(&LOGIN, 0, &mut out);
    assert_eq!(link.poll(PATIENCE_MS, &mut out), Ok(()));
    assert_eq!(link.poll(PATIENCE_MS + 1, &mut out), Err(Broken::Silent));
    let (mut link, mut out) = up();
    assert_eq!(link.poll(60_000, &mut out), Ok(()));
    assert_eq!(out.sent, [0xc0, 0]);
    assert_eq!(heard(&mut link, &mut out, &[0xd0, 0], 1), Ok(vec![]));
    assert_eq!(link.poll(120_000, &mut out), Ok(()));
    assert_eq!(link.poll(140_001, &mut out), Err(Broken::Silent));
    assert!(!link.is_up());
}

#[test]
fn a_broker_that_acknowledges_no_message_is_given_up_though_it_answers_pings() {
    let (mut link, mut out) = up();
    assert!(link.publish("t", b"x", 0, &mut out));
    assert!(link.publish("t", b"x", 19_000, &mut out));
    assert_eq!(link.poll(PATIENCE_MS, &mut out), Ok(()));
    assert_eq!(link.take(PATIENCE_MS, &[0x40, 2, 0, 1], &mut out, &mut |_, _, _| {}), Ok(()));
    assert_eq!(link.poll(2 * PATIENCE_MS, &mut out), Ok(()), "it acknowledged one of them a while ago");
    assert_eq!(link.poll(2 * PATIENCE_MS + 1, &mut out), Err(Broken::Silent));
    let (mut link, mut out) = up();
    assert!(link.publish("t", b"x", 0, &mut out));
    assert_eq!(link.take(9, &[0x40, 2, 0, 1], &mut out, &mut |_, _, _| {}), Ok(()));
    assert_eq!(link.poll(PATIENCE_MS + 10, &mut out), Ok(()), "nothing waits");
}

#[test]
fn what_no_broker_should_say_ends_the_connection() {
    for (bytes, why) in [
        (&[0x20, 3, 0, 0x87, 0][..], Broken::Refused(0x87)),
        (&[0x20, 0], Broken::Protocol),
        (&[0x30, 3, 0, 1, b'x', 0], Broken::Protocol),
        (&[0xe0, 0], Broken::Closed),
        (&[0x20, 0xff, 0xff, 0xff, 0xff], Broken::Protocol),
    ] {
        let (mut link, mut out) = (Link::default(), Out::default());
        link.open(&LOGIN, 0, &mut out);
        assert_eq!(heard(&mut link, &mut out, bytes, 9), Err(why), "{bytes:x?}");
    }
    for bytes in [&[0x34, 9, 0, 1, b'x', 0, 1, 0, 0, 0, 0][..], &[0x30, 2, 0, 9, 0], &[0x30, 5, 0, 1, b'x', 9, 0]] {
        let (mut link, mut out) = up();
        assert_eq!(heard(&mut link, &mut out, bytes, 9), Err(Broken::Protocol), "{bytes:x?}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_hang(
        bytes in proptest::collection::vec(any::<u8>(), 0..600), size in 1_usize..64, connected in any::<bool>(),
    ) {
        let (mut link, mut out) = if connected { up() } else { (Link::default(), Out::default()) };
        if !connected {
            link.open(&LOGIN, 0, &mut out);
        }
        let _any = heard(&mut link, &mut out, &bytes, size);
    }

    #[test]
    fn a_bent_stream_does_not_make_it_panic(
        bends in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..8), size in 1_usize..64,
    ) {
        let mut stream = [message("loa1/p/bang-cho/dn", 40, Some(9)), message("loa1/g/all/dn", 3, None)].concat();
        for (at, byte) in bends {
            let at = usize::from(at) % stream.len();
            stream[at] = byte;
        }
        let (mut link, mut out) = up();
        let _any = heard(&mut link, &mut out, &stream, size);
    }
}
