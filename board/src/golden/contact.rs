//! The golden faces as one picture, to be looked at. The only file that names `png`.

use std::string::String;
use std::vec;
use std::vec::Vec;

use super::Face;

/// Dots between two faces.
const GAP: usize = 8;
/// How wide a sheet may get, in dots.
const WIDTH: usize = 1_200;
/// Dots of a lamp, either way.
const ZOOM: usize = 2;

/// A picture: its width in dots, and red, green and blue of each.
pub type Dots = (usize, Vec<u8>);

/// The faces as a picture, one beside the other as long as there is room.
pub fn sheet(faces: &[(String, Face)]) -> Dots {
    let size = |face: &Face| (face.width_px() as usize * ZOOM, face.height_px() as usize * ZOOM);
    let (mut places, mut x, mut y, mut row) = (Vec::new(), GAP, GAP, 0);
    for (_, face) in faces {
        let (width, height) = size(face);
        if x + width + GAP > WIDTH && x > GAP {
            (x, y, row) = (GAP, y + row + GAP, 0);
        }
        places.push((x, y));
        x += width + GAP;
        row = row.max(height);
    }
    let (width, height) = (WIDTH, y + row + GAP);
    let mut dots = vec![48_u8; width * height * 3];
    for ((_, face), (left, top)) in faces.iter().zip(places) {
        for (dot_x, dot_y) in (0..size(face).0).flat_map(|x| (0..size(face).1).map(move |y| (x, y))) {
            let at = ((top + dot_y) * width + left + dot_x) * 3;
            dots[at..at + 3].copy_from_slice(&face.rgb((dot_x / ZOOM) as i32, (dot_y / ZOOM) as i32));
        }
    }
    (width, dots)
}

/// A picture as a PNG. Which bytes that are depends on how the library was built; which dots, does not.
pub fn written((width, dots): &Dots) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, *width as u32, (dots.len() / width / 3) as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(dots)).expect("a picture");
    bytes
}

/// The picture in a PNG.
pub fn read(bytes: &[u8]) -> Option<Dots> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().ok()?;
    let mut dots = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut dots).ok()?;
    Some((info.width as usize, dots))
}
