//! A stand-in for the helper: one that takes datagrams, and programs that end.

use super::*;
use crate::play::board::output::Rgb24;
use loa_host::clock::Clock;

const PICTURE: Rgb24<'_> =
    Rgb24 { width_px: 2, height_px: 1, bytes: &[255, 0, 0, 10, 20, 30], brightness_percent: 100 };

fn taker() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    socket
}

fn put(output: &mut Hub75, pixels: &dyn Pixels, clock: &Clock) -> Result<(), String> {
    let frame = Frame { pixels, voice: None, now: clock.now(), is_running: false };
    output.put(&frame).map_err(|error| error.to_string())
}

fn helper(program: &str, arguments: &[&str]) -> Option<Helper> {
    Some(Helper { program: program.into(), arguments: arguments.iter().map(ToString::to_string).collect() })
}

/// What a helper makes of a datagram: corner, size, pixels.
fn read(datagram: &[u8]) -> ([usize; 2], [usize; 2], Vec<u8>) {
    let mut lines = datagram.splitn(4, |byte| *byte == b'\n');
    assert_eq!(lines.next(), Some(&b"P6"[..]));
    let size = std::str::from_utf8(lines.next().unwrap()).unwrap().split_once(' ').unwrap();
    let size = [size.0.parse().unwrap(), size.1.parse().unwrap()];
    assert_eq!(lines.next(), Some(&b"255"[..]));
    let (pixels, end) = lines.next().unwrap().split_at(size[0] * size[1] * 3);
    let end: Vec<usize> = std::str::from_utf8(end).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!((end.len(), end[2]), (3, 0));
    ([end[0], end[1]], size, pixels.to_vec())
}

#[test]
fn a_picture_is_a_ppm_file_with_its_place_behind_it() {
    let taker = taker();
    let mut output = Hub75::new(taker.local_addr().unwrap(), None);
    put(&mut output, &PICTURE, &Clock::manual()).unwrap();
    put(&mut output, &Rgb24 { brightness_percent: 50, ..PICTURE }, &Clock::manual()).unwrap();
    let mut buffer = [0; 70_000];
    let length = taker.recv(&mut buffer).unwrap();
    assert_eq!(buffer[..length], *b"P6\n2 1\n255\n\xff\x00\x00\x0a\x14\x1e0\n0\n0\n");
    let length = taker.recv(&mut buffer).unwrap();
    assert_eq!(read(&buffer[..length]).2, [127, 0, 0, 5, 10, 15]);
}

#[test]
fn a_face_too_large_for_a_datagram_goes_in_bands_that_cover_it_once() {
    for (width, height) in [(192, 96), (256, 128), (1_920, 1_080), (21_666, 2), (30_000, 2), (1, 1)] {
        let bytes: Vec<u8> = (0..width * height * 3).map(|byte| (byte % 251) as u8).collect();
        let pixels = Rgb24 { width_px: width as u32, height_px: height as u32, bytes: &bytes, brightness_percent: 100 };
        let mut built = vec![0; bytes.len()];
        let mut covered = 0;
        for datagram in datagrams(&pixels) {
            assert!(datagram.len() <= 65_507, "{width} x {height}");
            let ([left, top], [wide, high], pixels) = read(&datagram);
            covered += wide * high;
            for (y, row) in pixels.chunks(wide * 3).enumerate() {
                let at = ((top + y) * width + left) * 3;
                built[at..at + row.len()].copy_from_slice(row);
            }
            assert!(top + high <= height);
        }
        assert_eq!((covered, built == bytes), (width * height, true), "{width} x {height}");
    }
    let none = Rgb24 { width_px: 0, height_px: 0, bytes: &[], brightness_percent: 100 };
    assert_eq!(datagrams(&none).count(), 0);
}

#[test]
fn a_helper_that_is_not_there_is_named() {
    let clock = Clock::manual();
    let address = taker().local_addr().unwrap();
    let mut output = Hub75::new(address, None);
    // The system tells with the second datagram that nobody took the first.
    let told = (0..50).find_map(|_| put(&mut output, &PICTURE, &clock).err());
    assert_eq!(told.unwrap(), format!("no helper takes pictures at {address}"));
    let mut output = Hub75::new(address, helper("loa-no-such-helper", &[]));
    assert_eq!(put(&mut output, &PICTURE, &clock).unwrap_err(), "the helper loa-no-such-helper is not installed");
}

#[test]
fn a_helper_that_ended_is_told_and_started_again_after_a_rest() {
    let clock = Clock::manual();
    let nobody = taker().local_addr().unwrap();
    let mut output = Hub75::new(nobody, helper("sh", &["-c", "exit 3"]));
    let _nobody_knows_yet = put(&mut output, &PICTURE, &clock);
    output.running.as_mut().unwrap().wait().unwrap();
    assert!(put(&mut output, &PICTURE, &clock).unwrap_err().contains("exit status: 3"));
    assert!(put(&mut output, &PICTURE, &clock).unwrap_err().contains("started again soon"));
    clock.advance_ns(REST_NS);
    let _nobody_knows_yet = put(&mut output, &PICTURE, &clock);
    assert!(output.running.is_some());
}

#[test]
fn a_helper_that_outlived_a_killed_player_goes_on_showing() {
    let clock = Clock::manual();
    let outlived = taker();
    let mut output = Hub75::new(outlived.local_addr().unwrap(), helper("sh", &["-c", "exit 1"]));
    put(&mut output, &PICTURE, &clock).unwrap();
    output.running.as_mut().unwrap().wait().unwrap();
    for _ in 0..3 {
        put(&mut output, &PICTURE, &clock).unwrap();
    }
}

#[test]
fn a_helper_of_ours_ends_with_the_output() {
    let taker = taker();
    let mut output = Hub75::new(taker.local_addr().unwrap(), helper("sleep", &["1000"]));
    put(&mut output, &PICTURE, &Clock::manual()).unwrap();
    let id = output.running.as_ref().unwrap().id();
    let about = format!("/proc/{id}");
    assert!(std::path::Path::new(&about).exists());
    drop(output);
    assert!(!std::path::Path::new(&about).exists(), "killed, and collected");
}
