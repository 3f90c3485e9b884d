//! The golden faces as pictures: one PNG for each golden file, to be looked at. The only file that names `png`.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;
use std::string::String;
use std::vec;
use std::vec::Vec;

use super::Face;

/// Dots between two faces.
const GAP: usize = 8;
/// How wide a sheet may get, in dots.
const WIDTH: usize = 1_600;

/// Writes faces into `folder`, one beside the other as long as there is room.
pub fn write(folder: &Path, name: &str, faces: &[(String, Face)]) {
    let zoom = if faces.iter().any(|(_, face)| face.width_px() > 400) { 1 } else { 3 };
    let size = |face: &Face| (face.width_px() as usize * zoom, face.height_px() as usize * zoom);
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
    let width = faces.iter().zip(&places).map(|((_, face), at)| at.0 + size(face).0).max().unwrap_or(0) + GAP;
    let height = y + row + GAP;
    let mut dots = vec![48_u8; width * height * 3];
    for ((_, face), (left, top)) in faces.iter().zip(places) {
        for (dot_x, dot_y) in (0..size(face).0).flat_map(|x| (0..size(face).1).map(move |y| (x, y))) {
            let at = ((top + dot_y) * width + left + dot_x) * 3;
            dots[at..at + 3].copy_from_slice(&face.rgb((dot_x / zoom) as i32, (dot_y / zoom) as i32));
        }
    }
    fs::create_dir_all(folder).expect("a folder for the sheets");
    let file = File::create(folder.join(std::format!("{name}.png"))).expect("a sheet");
    let mut encoder = png::Encoder::new(BufWriter::new(file), width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&dots)).expect("a sheet");
}
