//! Frames against a capture written by hand, and what is sent when.

use super::*;
use crate::play::board::output::Rgb24;
use loa_host::clock::Clock;

const CAPTURE: &str = include_str!("5a-75.hex");
const PICTURE: [u8; 18] = [255, 0, 0, 0, 255, 0, 255, 255, 255, 0, 0, 0, 0, 0, 255, 0x10, 0x20, 0x30];

/// A wire that keeps what it is given; `None` is a rest.
#[derive(Default)]
struct Kept {
    sent: Vec<Option<Vec<u8>>>,
    breaks_after: Option<usize>,
}

impl Wire for Kept {
    fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        if self.breaks_after == Some(self.sent.len()) {
            return Err(io::Error::other("unplugged"));
        }
        self.sent.push(Some(frame.to_vec()));
        Ok(())
    }

    fn rest(&mut self, time: Duration) {
        assert_eq!(time, Duration::from_millis(5));
        self.sent.push(None);
    }
}

/// The frames of the capture.
pub fn capture() -> Vec<Vec<u8>> {
    let mut frames = vec![Vec::new()];
    for line in CAPTURE.lines() {
        let bytes = line.split('#').next().unwrap_or_default();
        if line.trim().is_empty() {
            frames.push(Vec::new());
        }
        for word in bytes.split_whitespace() {
            let frame = frames.last_mut().unwrap();
            match word.strip_prefix('x') {
                Some(times) => {
                    let byte = *frame.last().unwrap();
                    frame.resize(frame.len() + times.parse::<usize>().unwrap() - 1, byte);
                }
                None => frame.push(u8::from_str_radix(word, 16).unwrap()),
            }
        }
    }
    frames.retain(|frame| !frame.is_empty());
    frames
}

pub fn put<W: Wire>(output: &mut Colorlight<W>, picture: Rgb24<'_>, clock: &Clock, is_running: bool) -> io::Result<()> {
    output.put(&Frame { pixels: &picture, voice: None, now: clock.now(), is_running })
}

pub fn picture() -> Rgb24<'static> {
    Rgb24 { width_px: 3, height_px: 2, bytes: &PICTURE, brightness_percent: 60 }
}

#[test]
fn a_face_is_the_frames_of_the_capture_with_a_rest_before_it_is_shown() {
    let mut output = Colorlight::new(Kept::default());
    put(&mut output, picture(), &Clock::manual(), false).unwrap();
    let mut expected: Vec<_> = capture().into_iter().map(Some).collect();
    assert_eq!(expected.iter().flatten().map(Vec::len).collect::<Vec<_>>(), [77, 30, 30, 112]);
    expected.insert(3, None);
    assert_eq!(output.wire.sent, expected);
}

#[test]
fn a_row_too_long_for_one_frame_goes_in_pieces_that_say_where_they_begin() {
    let mut output = Colorlight::new(Kept::default());
    let bytes: Vec<u8> = (0..1_000_u32).flat_map(|x| [0, (x / 256) as u8, x as u8]).collect();
    let wide = Rgb24 { width_px: 1_000, height_px: 300, bytes: &bytes, brightness_percent: 100 };
    put(&mut output, wide, &Clock::manual(), false).unwrap();
    let sent: Vec<&Vec<u8>> = output.wire.sent.iter().flatten().collect();
    assert_eq!(sent.len(), 1 + 3 * 300 + 1);
    let heads: Vec<&[u8]> = sent[1..4].iter().map(|frame| &frame[12..24]).collect();
    assert_eq!(heads[0], [0x55, 0, 0, 0, 0, 1, 0xf1, 8, 0x88, 0, 0, 0]);
    assert_eq!(heads[1], [0x55, 0, 0, 1, 0xf1, 1, 0xf1, 8, 0x88, 0xf1, 1, 0]);
    assert_eq!(heads[2], [0x55, 0, 0, 3, 0xe2, 0, 6, 8, 0x88, 0xe2, 3, 0]);
    assert_eq!(sent[1 + 3 * 299][12..17], [0x55, 1, 0x2b, 0, 0]);
    assert_eq!(sent.iter().map(|frame| frame.len()).max(), Some(1_512));
}

#[test]
fn a_ticker_is_shown_fifty_times_a_second_at_most_and_a_slide_at_once() {
    let clock = Clock::manual();
    let mut output = Colorlight::new(Kept::default());
    let mut shown = |is_running| {
        output.wire.sent.clear();
        put(&mut output, picture(), &clock, is_running).unwrap();
        !output.wire.sent.is_empty()
    };
    assert!(shown(true) && !shown(true) && shown(false));
    clock.advance_ns(19_999_999);
    assert!(!shown(true));
    clock.advance_ns(1);
    assert!(shown(true));
}

#[test]
fn a_wire_that_breaks_is_told_and_the_next_face_is_whole() {
    let clock = Clock::manual();
    let mut output = Colorlight::new(Kept { breaks_after: Some(2), ..Kept::default() });
    assert_eq!(put(&mut output, picture(), &clock, false).unwrap_err().to_string(), "unplugged");
    output.wire = Kept::default();
    put(&mut output, picture(), &clock, true).unwrap();
    assert_eq!(output.wire.sent.len(), 5);
}

#[test]
fn brightness_is_a_share_of_255() {
    assert_eq!([level(0), level(1), level(60), level(100), level(255)], [0, 2, 153, 255, 255]);
}
