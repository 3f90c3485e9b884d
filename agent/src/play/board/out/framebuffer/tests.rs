//! A screen that is a folder of files.

use super::*;
use crate::play::board::output::Rgb24;
use loa_host::clock::Clock;

const RED: [u8; 3] = [255, 0, 0];

/// Two pixels across: red and then one of many colours; one row.
const PICTURE: Rgb24<'_> =
    Rgb24 { width_px: 2, height_px: 1, bytes: &[255, 0, 0, 0x10, 0x24, 0xf8], brightness_percent: 100 };

struct Screen {
    dir: tempfile::TempDir,
    output: Framebuffer,
}

fn screen(files: &[(&str, &str)]) -> Screen {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(dir.path().join(name), format!("{text}\n")).unwrap();
    }
    fs::write(dir.path().join("fb"), []).unwrap();
    let output = Framebuffer::told_by(&dir.path().join("fb"), dir.path());
    Screen { dir, output }
}

fn put(output: &mut Framebuffer, pixels: &dyn Pixels) -> io::Result<()> {
    output.put(&Frame { pixels, voice: None, now: Clock::manual().now(), is_running: false })
}

impl Screen {
    fn written(&self) -> Vec<u8> {
        fs::read(self.dir.path().join("fb")).unwrap()
    }
}

#[test]
fn each_depth_has_its_bytes_and_rows_are_as_long_as_the_driver_says() {
    let files = |bits, stride| [("virtual_size", "2,2"), ("bits_per_pixel", bits), ("stride", stride)];
    for (bits, stride, first, second) in [
        ("16", "6", &0xf800_u16.to_ne_bytes()[..], &0x113f_u16.to_ne_bytes()[..]),
        ("24", "8", &[0, 0, 255], &[0xf8, 0x24, 0x10]),
        ("32", "12", &[0, 0, 255, 255], &[0xf8, 0x24, 0x10, 255]),
    ] {
        let mut screen = screen(&files(bits, stride));
        put(&mut screen.output, &PICTURE).unwrap();
        let written = screen.written();
        let depth = first.len();
        assert_eq!(written.len(), stride.parse::<usize>().unwrap() + 2 * depth, "{bits}");
        assert_eq!((&written[..depth], &written[depth..2 * depth]), (first, second), "{bits}");
        assert!(written[2 * depth..].iter().all(|byte| *byte == 0), "{bits}");
    }
}

#[test]
fn a_small_board_stands_in_the_middle_of_a_large_screen_as_large_squares() {
    let mut screen = screen(&[("virtual_size", "9,7"), ("bits_per_pixel", "24"), ("stride", "27")]);
    let red = Rgb24 { width_px: 2, height_px: 1, bytes: &[RED, RED].concat(), brightness_percent: 100 };
    put(&mut screen.output, &red).unwrap();
    let written = screen.written();
    let rows: Vec<String> = written
        .chunks(27)
        .map(|row| row.chunks(3).map(|bgr| if bgr == [0, 0, 255] { '#' } else { '.' }).collect())
        .collect();
    assert_eq!(rows, [".........", "########.", "########.", "########.", "########.", ".........", "........."]);
}

#[test]
fn what_is_seen_is_the_mode_at_its_place_in_a_larger_memory() {
    let mut screen = screen(&[
        ("virtual_size", "4,4"),
        ("modes", "U:2x2p-60"),
        ("pan", "1,2"),
        ("bits_per_pixel", "32"),
        ("stride", "16"),
    ]);
    put(&mut screen.output, &PICTURE).unwrap();
    let written = screen.written();
    assert_eq!(written.len(), 2 * 16 + 4 + 16 + 8);
    assert_eq!(written[36..40], [0, 0, 255, 255]);
}

#[test]
fn brightness_dims_the_pixels() {
    let mut screen = screen(&[("virtual_size", "2,1"), ("bits_per_pixel", "32"), ("stride", "8")]);
    put(&mut screen.output, &Rgb24 { brightness_percent: 50, ..PICTURE }).unwrap();
    assert_eq!(screen.written()[..4], [0, 0, 127, 255]);
}

#[test]
fn a_screen_that_comes_later_or_is_another_one_is_taken_as_it_is() {
    let mut screen = screen(&[]);
    let error = put(&mut screen.output, &PICTURE).unwrap_err().to_string();
    assert!(error.contains("No such file"), "{error}");
    let dir = screen.dir.path().to_owned();
    for (name, text) in [("virtual_size", "2,1"), ("bits_per_pixel", "8"), ("stride", "2")] {
        fs::write(dir.join(name), text).unwrap();
    }
    let error = put(&mut screen.output, &PICTURE).unwrap_err().to_string();
    assert!(error.contains("8 bits a pixel; 16, 24 and 32 are possible"), "{error}");
    fs::write(dir.join("bits_per_pixel"), "16").unwrap();
    let error = put(&mut screen.output, &PICTURE).unwrap_err().to_string();
    assert!(error.contains("2 x 1 pixels in rows of 2 bytes"), "{error}");
    fs::write(dir.join("stride"), "4").unwrap();
    put(&mut screen.output, &PICTURE).unwrap();
    let large = Rgb24 { width_px: 3, height_px: 1, bytes: &[], brightness_percent: 100 };
    let error = put(&mut screen.output, &large).unwrap_err().to_string();
    assert!(error.contains("larger than the screen of 2 x 1"), "{error}");
}

#[test]
fn no_text_of_the_kernel_makes_the_player_panic() {
    for text in ["", ",", "x", "0,0", "-1,5", "99999999999,1", "1,", "4294967295,4294967295", "U:x", "語,語"] {
        for name in ["virtual_size", "bits_per_pixel", "stride", "modes", "pan"] {
            let mut screen = screen(&[
                ("virtual_size", "2,2"),
                ("bits_per_pixel", "16"),
                ("stride", "4"),
                ("modes", "U:2x2p-0"),
                ("pan", "0,0"),
                (name, text),
            ]);
            let _refused_or_shown = put(&mut screen.output, &PICTURE);
        }
    }
}
