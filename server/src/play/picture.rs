//! A picture's file becomes frames of dots: PNG, JPEG, WebP, GIF, moving ones too; within bounds, whatever is in it.
//!
//! What a file is, its first bytes say, not its name. Frames are flat (what is transparent shows the ground) and upright
//! (as the camera was held). Larger than its area a picture is scaled down smoothly; smaller, each dot becomes a square.
//! The only file that names `image`. Next: `dither.rs`.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::{PngDecoder, PngEncoder};
use image::codecs::webp::WebPDecoder;
use image::imageops::{self, FilterType};
use image::{
    AnimationDecoder, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, Limits, RgbImage,
};
use loa_domain::play::slide::FRAMES;

use super::verdict::Reason;

/// Bytes of a file at most: a telephone's photograph has up to twenty million.
pub const FILE_BYTES: u64 = 32 << 20;
/// Dots of all frames together at most: photographs of the largest telephones, or 64 frames of a screen's quarter.
pub const DOTS: u64 = 64_000_000;
/// Dots across or down at most.
const SIDE: u32 = 20_000;
/// Bytes that a decoder may take.
const DECODER_BYTES: u64 = 512 << 20;
/// How long a frame stands that does not say, in milliseconds: as browsers have it.
const FRAME_MS: u32 = 100;

/// A picture as it was decoded.
#[derive(Clone, Debug)]
pub struct Picture {
    frames: Vec<(RgbImage, u16)>,
    /// What the file is, where its name says something else.
    pub mislabelled: Option<&'static str>,
}

/// A frame in some size: three bytes a dot, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Dots across.
    pub width: u32,
    /// Dots down.
    pub height: u32,
    /// Red, green, blue of each dot.
    pub rgb: Vec<u8>,
    /// How long it stands, in milliseconds.
    pub stands_ms: u16,
}

/// What a file can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Png,
    Jpeg,
    Gif,
    WebP,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
        }
    }

    fn has_ending(self, path: &Path) -> bool {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        match self {
            Self::Png => ending == "png",
            Self::Jpeg => matches!(ending.as_str(), "jpg" | "jpeg" | "jpe" | "jfif"),
            Self::Gif => ending == "gif",
            Self::WebP => ending == "webp",
        }
    }
}

/// Reads a picture's file; what is transparent in it shows `ground`.
///
/// # Errors
/// Why it cannot be taken.
pub fn read(path: &Path, ground: [u8; 3]) -> Result<Picture, Reason> {
    let unreadable = |error: std::io::Error| Reason::NotReadable { cause: error.to_string() };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let bytes = file.metadata().map_err(unreadable)?.len();
    if bytes > FILE_BYTES {
        return Err(Reason::TooManyBytes { bytes, most: FILE_BYTES });
    }
    let mut content = Vec::new();
    file.take(FILE_BYTES).read_to_end(&mut content).map_err(unreadable)?;
    let form = form(&content)?;
    let frames = decode(&content, ground)?;
    Ok(Picture { frames, mislabelled: (!form.has_ending(path)).then(|| form.name()) })
}

/// Decodes a picture's bytes; nothing in them makes it panic or take more memory than the bounds allow.
///
/// # Errors
/// Why they cannot be taken.
fn decode(content: &[u8], ground: [u8; 3]) -> Result<Vec<(RgbImage, u16)>, Reason> {
    let form = form(content)?;
    if !is_whole(form, content) {
        return Err(Reason::Truncated);
    }
    // Decoders of others: a panic in one is a damaged picture, not the end of the desk.
    let decoded = catch_unwind(AssertUnwindSafe(|| decoded(form, content, ground)));
    decoded.unwrap_or_else(|_| Err(Reason::Damaged { detail: "decoder failed".to_owned() }))
}

fn form(content: &[u8]) -> Result<Form, Reason> {
    let starts = |magic: &[u8]| content.starts_with(magic);
    let brand = content.get(4..12).unwrap_or_default();
    let looks_like = match content {
        [] => return Err(Reason::Empty),
        _ if starts(b"\x89PNG\r\n\x1a\n") => return Ok(Form::Png),
        _ if starts(&[0xff, 0xd8, 0xff]) => return Ok(Form::Jpeg),
        _ if starts(b"GIF87a") || starts(b"GIF89a") => return Ok(Form::Gif),
        _ if starts(b"RIFF") && content.get(8..12) == Some(b"WEBP") => return Ok(Form::WebP),
        _ if brand.starts_with(b"ftyphei") || brand == b"ftypmif1" => "HEIC",
        _ if brand.starts_with(b"ftypavi") => "AVIF",
        _ if brand.starts_with(b"ftyp") => "MP4",
        _ if starts(b"BM") => "BMP",
        _ if starts(b"II*\0") || starts(b"MM\0*") => "TIFF",
        _ if starts(b"%PDF") => "PDF",
        _ if starts(b"<") || starts(b"\xef\xbb\xbf<") => "HTML/SVG",
        _ if starts(b"PK\x03\x04") => "ZIP/Word",
        _ => "none",
    };
    Err(Reason::Unsupported { looks_like })
}

/// Whether the file goes on to its own end: some decoders fill up what is missing with grey.
fn is_whole(form: Form, content: &[u8]) -> bool {
    match form {
        Form::Png => content.windows(4).any(|chunk| chunk == b"IEND"),
        Form::Gif => content.iter().rev().find(|byte| **byte != 0) == Some(&0x3b),
        Form::WebP => {
            let declared = content.get(4..8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
            content.len() as u64 >= u64::from(declared) + 8
        }
        Form::Jpeg => jpeg_is_whole(content),
    }
}

/// Walks a JPEG's segments (ITU-T T.81, annex B) to its end mark: what cameras append behind that does not count.
fn jpeg_is_whole(content: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xff, mark]) = content.get(at..at + 2) {
        match mark {
            0xd9 => return true,
            0xff => at += 1,
            0xd0..=0xd7 | 0x01 => at += 2,
            _ => {
                let Some([high, low]) = content.get(at + 2..at + 4) else { return false };
                at += 2 + usize::from(u16::from_be_bytes([*high, *low])).max(2);
                if *mark == 0xda {
                    // Behind a scan's head come its data, in which a mark follows 0xff and is neither 0 nor a restart.
                    let rest = content.get(at..).unwrap_or_default();
                    let is_mark = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
                    let Some(next) = rest.windows(2).position(is_mark) else { return false };
                    at += next;
                }
            }
        }
    }
    false
}

fn damaged(error: ImageError) -> Reason {
    match &error {
        ImageError::IoError(cause) if cause.kind() == std::io::ErrorKind::UnexpectedEof => Reason::Truncated,
        _ => Reason::Damaged { detail: error.to_string() },
    }
}

fn decoded(form: Form, content: &[u8], ground: [u8; 3]) -> Result<Vec<(RgbImage, u16)>, Reason> {
    let cursor = Cursor::new(content);
    match form {
        Form::Png => still(PngDecoder::with_limits(cursor, limits()).map_err(damaged)?, ground),
        Form::Jpeg => still(JpegDecoder::new(cursor).map_err(damaged)?, ground),
        Form::Gif => moving(GifDecoder::new(cursor).map_err(damaged)?, ground),
        Form::WebP => {
            let decoder = WebPDecoder::new(cursor).map_err(damaged)?;
            if decoder.has_animation() { moving(decoder, ground) } else { still(decoder, ground) }
        }
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(DECODER_BYTES);
    limits
}

fn bounded((width, height): (u32, u32), frames: u64) -> Result<(), Reason> {
    let dots = u64::from(width) * u64::from(height) * frames;
    if width > SIDE || height > SIDE || dots > DOTS {
        return Err(Reason::TooLarge { width, height, most: DOTS });
    }
    Ok(())
}

fn still(mut decoder: impl ImageDecoder, ground: [u8; 3]) -> Result<Vec<(RgbImage, u16)>, Reason> {
    bounded(decoder.dimensions(), 1)?;
    decoder.set_limits(limits()).map_err(damaged)?;
    let orientation = decoder.orientation().map_err(damaged)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    picture.apply_orientation(orientation);
    Ok(vec![(flat(picture, ground), 0)])
}

fn moving<'c>(
    mut decoder: impl AnimationDecoder<'c> + ImageDecoder,
    ground: [u8; 3],
) -> Result<Vec<(RgbImage, u16)>, Reason> {
    let size = decoder.dimensions();
    bounded(size, 1)?;
    decoder.set_limits(limits()).map_err(damaged)?;
    let mut frames = Vec::new();
    for frame in decoder.into_frames() {
        let frame = frame.map_err(damaged)?;
        if frames.len() == usize::from(FRAMES) {
            return Err(Reason::TooManyFrames { most: FRAMES });
        }
        bounded(size, frames.len() as u64 + 1)?;
        let (ms, parts) = frame.delay().numer_denom_ms();
        let stands_ms = match ms / parts.max(1) {
            0 => FRAME_MS,
            stands_ms => stands_ms,
        };
        let stands_ms = u16::try_from(stands_ms).unwrap_or(u16::MAX);
        frames.push((flat(DynamicImage::ImageRgba8(frame.into_buffer()), ground), stands_ms));
    }
    if frames.is_empty() {
        return Err(Reason::Truncated);
    }
    Ok(frames)
}

/// Without transparency: `ground` behind it.
fn flat(picture: DynamicImage, ground: [u8; 3]) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut flat = RgbImage::new(picture.width(), picture.height());
    for (from, to) in picture.pixels().zip(flat.pixels_mut()) {
        let [colour @ .., alpha] = from.0;
        let alpha = u32::from(alpha);
        for ((to, colour), ground) in to.0.iter_mut().zip(colour).zip(ground) {
            *to = ((u32::from(colour) * alpha + u32::from(ground) * (255 - alpha) + 127) / 255) as u8;
        }
    }
    flat
}

impl Picture {
    /// Its size in dots: across and down.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        self.frames.first().map_or((1, 1), |(frame, _)| frame.dimensions())
    }

    /// How many frames it has.
    #[must_use]
    pub fn count(&self) -> u16 {
        // No more than FRAMES.
        self.frames.len() as u16
    }

    /// Its frames in another size, one after the other.
    pub fn frames(&self, (width, height): (u32, u32)) -> impl Iterator<Item = Frame> + '_ {
        let filter = if width > self.size().0 { FilterType::Nearest } else { FilterType::Lanczos3 };
        self.frames.iter().map(move |(frame, stands_ms)| {
            let scaled = if frame.dimensions() == (width, height) {
                frame.clone()
            } else {
                imageops::resize(frame, width, height, filter)
            };
            Frame { width, height, rgb: scaled.into_raw(), stands_ms: *stands_ms }
        })
    }

    #[cfg(test)]
    pub(super) fn of(frames: Vec<(u32, u32, Vec<u8>, u16)>) -> Self {
        let frame =
            |(width, height, rgb, stands_ms)| (RgbImage::from_raw(width, height, rgb).expect("as many"), stands_ms);
        Self { frames: frames.into_iter().map(frame).collect(), mislabelled: None }
    }
}

/// The size of a picture of that size in an area: as large as fits. Smaller ones grow by whole numbers alone.
#[must_use]
pub fn fitted((width, height): (u32, u32), (room_width, room_height): (u32, u32)) -> (u32, u32) {
    let (width, height) = (width.max(1), height.max(1));
    let whole = (room_width / width).min(room_height / height);
    if whole > 0 {
        return (width * whole, height * whole);
    }
    let scaled = |side: u32, to: u32, of: u32| (u64::from(side) * u64::from(to) / u64::from(of)).max(1) as u32;
    if u64::from(width) * u64::from(room_height) > u64::from(height) * u64::from(room_width) {
        (room_width, scaled(height, room_width, width))
    } else {
        (scaled(width, room_height, height), room_height)
    }
}

/// A PNG of dots, three bytes each.
///
/// # Errors
/// When there are not as many bytes as dots.
pub fn png(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>, String> {
    // The encoder takes no such dots, but not by an error.
    if rgb.len() as u64 != u64::from(width) * u64::from(height) * 3 {
        return Err(format!("{} bytes are not {width} x {height} dots", rgb.len()));
    }
    let mut file = Vec::new();
    let encoder = PngEncoder::new(&mut file);
    encoder.write_image(rgb, width, height, ExtendedColorType::Rgb8).map_err(|error| error.to_string())?;
    Ok(file)
}

#[cfg(test)]
mod tests;
