//! Good files become their dots, bad ones a verdict, and no bytes make decoding panic.

use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, Frame as Drawn, ImageFormat, RgbaImage};
use proptest::prelude::*;

use super::*;

/// A picture with a corner of each colour.
fn drawn(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x * 2 < width, y * 2 < height) {
        (true, true) => image::Rgb([255, 0, 0]),
        (false, true) => image::Rgb([0, 255, 0]),
        (true, false) => image::Rgb([0, 0, 255]),
        (false, false) => image::Rgb([255, 255, 255]),
    })
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).expect("encoded");
    bytes.into_inner()
}

fn animation(frames: usize, side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder.set_repeat(Repeat::Infinite).expect("encoded");
    for nth in 0..frames {
        let dots =
            RgbaImage::from_fn(side, side, |x, _| image::Rgba([if x as usize == nth { 255 } else { 0 }, 0, 0, 255]));
        let delay = Delay::from_numer_denom_ms(if nth == 1 { 0 } else { 250 }, 1);
        encoder.encode_frame(Drawn::from_parts(dots, 0, 0, delay)).expect("encoded");
    }
    drop(encoder);
    bytes
}

fn reason(bytes: &[u8]) -> Option<Reason> {
    decode(bytes, [0; 3]).err()
}

#[test]
fn every_form_is_decoded_by_what_it_is_not_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    for (format, name) in
        [(ImageFormat::Png, "PNG"), (ImageFormat::Jpeg, "JPEG"), (ImageFormat::WebP, "WebP"), (ImageFormat::Gif, "GIF")]
    {
        let file = folder.path().join(format!("anh.{}", name.to_lowercase()));
        std::fs::write(&file, encoded(drawn(32, 16), format)).unwrap();
        let picture = read(&file, [0; 3]).unwrap_or_else(|reason| panic!("{name}: {reason}"));
        assert_eq!((picture.size(), picture.count(), picture.mislabelled), ((32, 16), 1, None), "{name}");
        let frame = picture.frames((32, 16)).next().unwrap();
        let at = |x: usize, y: usize| &frame.rgb[(y * 32 + x) * 3..][..3];
        for (found, wanted) in [(at(4, 4), [255, 0, 0]), (at(28, 4), [0, 255, 0]), (at(4, 12), [0, 0, 255])] {
            let near = found.iter().zip(wanted).all(|(found, wanted): (_, u8)| found.abs_diff(wanted) < 24);
            assert!(near, "{name}: {found:?} for {wanted:?}");
        }
        let other = folder.path().join("anh.bmp");
        std::fs::copy(&file, &other).unwrap();
        assert_eq!(read(&other, [0; 3]).unwrap().mislabelled, Some(name));
    }
    assert!(matches!(read(&folder.path().join("gone.png"), [0; 3]), Err(Reason::NotReadable { .. })));
}

#[test]
fn a_file_that_is_cut_off_is_refused_wherever_it_is_cut() {
    let files = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP].map(|format| encoded(drawn(64, 48), format));
    for file in files.into_iter().chain([animation(3, 8)]) {
        for kept in [0.2, 0.5, 0.8, 0.97] {
            let cut = &file[..(file.len() as f64 * kept) as usize];
            assert_eq!(reason(cut), Some(Reason::Truncated), "{} of {}", cut.len(), file.len());
        }
        assert_eq!(reason(&file), None);
    }
    // What a camera appends behind a whole photograph does not count.
    let mut photograph = encoded(drawn(64, 48), ImageFormat::Jpeg);
    photograph.extend(b"\xff\xda moving part");
    assert_eq!(reason(&photograph), None);
}

#[test]
fn what_is_no_picture_is_named() {
    let looks_like = |bytes: &[u8]| match reason(bytes) {
        Some(Reason::Unsupported { looks_like }) => looks_like,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(&[]), Some(Reason::Empty));
    assert_eq!(looks_like(b"%PDF-1.7"), "PDF");
    assert_eq!(looks_like(b"\0\0\0\x18ftypheic\0\0\0\0"), "HEIC");
    assert_eq!(looks_like(b"<svg xmlns"), "HTML/SVG");
    assert_eq!(looks_like(b"x"), "none");
}

#[test]
fn what_is_damaged_or_too_large_is_told() {
    let mut png = encoded(drawn(64, 48), ImageFormat::Png);
    let middle = png.len() / 2;
    png[middle] ^= 0xff;
    assert!(matches!(reason(&png), Some(Reason::Damaged { .. })), "{:?}", reason(&png));
    // A head that promises four thousand million dots.
    let mut bomb = encoded(drawn(8, 8), ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
    assert!(matches!(reason(&bomb), Some(Reason::TooLarge { .. } | Reason::Damaged { .. })), "{:?}", reason(&bomb));
    assert_eq!(reason(&animation(65, 66)), Some(Reason::TooManyFrames { most: 64 }));
}

#[test]
fn a_moving_picture_keeps_its_frames_and_their_times() {
    let frames = decode(&animation(3, 8), [0; 3]).unwrap();
    assert_eq!(frames.iter().map(|(_, stands_ms)| *stands_ms).collect::<Vec<_>>(), [250, 100, 250]);
    for (nth, (frame, _)) in (0..).zip(&frames) {
        assert_eq!(frame.get_pixel(nth, 3).0, [255, 0, 0], "{nth}");
    }
    assert_eq!(decode(&animation(64, 64), [0; 3]).unwrap().len(), 64);
}

#[test]
fn what_is_transparent_shows_the_ground() {
    let glass = RgbaImage::from_fn(4, 1, |x, _| image::Rgba([200, 100, 0, [0, 255, 128, 1][x as usize]]));
    let frames = decode(&encoded(glass, ImageFormat::Png), [0, 0, 96]).unwrap();
    let dots: Vec<[u8; 3]> = frames[0].0.pixels().map(|dot| dot.0).collect();
    assert_eq!(dots, [[0, 0, 96], [200, 100, 0], [100, 50, 48], [1, 0, 96]]);
}

#[test]
fn a_picture_fits_its_area_and_grows_by_whole_numbers() {
    assert_eq!(fitted((4_000, 3_000), (128, 32)), (42, 32));
    assert_eq!(fitted((4_000, 300), (128, 32)), (128, 9));
    assert_eq!(fitted((30, 20), (192, 96)), (120, 80));
    assert_eq!(fitted((10_000, 1), (16, 16)), (16, 1));
    let dot = Picture::of(vec![(2, 1, vec![255, 255, 255, 0, 0, 0], 0)]);
    let grown = dot.frames((6, 3)).next().unwrap();
    assert_eq!(grown.rgb[..18], [[255_u8; 9], [0; 9]].concat()[..]);
}

#[test]
fn a_png_comes_back_as_its_dots() {
    let dots = drawn(10, 6).into_raw();
    let file = png(10, 6, &dots).unwrap();
    assert_eq!(decode(&file, [0; 3]).unwrap()[0].0.as_raw(), &dots);
    assert!(png(10, 7, &dots).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_damage_makes_decoding_panic(
        format in 0_usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        kept in 0.1..1.0_f64,
    ) {
        let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif];
        let mut bytes = encoded(drawn(24, 16), formats[format]);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate((bytes.len() as f64 * (kept + 0.3)) as usize);
        // Whatever comes, it comes back.
        let _decoded = decode(&bytes, [0; 3]);
    }

    #[test]
    fn a_fitted_picture_is_never_larger_than_its_area(
        size in (1_u32..20_000, 1_u32..20_000), room in (1_u32..2_048, 1_u32..2_048),
    ) {
        let (width, height) = fitted(size, room);
        prop_assert!(width >= 1 && height >= 1 && width <= room.0 && height <= room.1);
        // It fills the area one way, or is a whole number of times its size.
        prop_assert!(width == room.0 || height == room.1 || (width % size.0 == 0 && height % size.1 == 0));
    }
}
