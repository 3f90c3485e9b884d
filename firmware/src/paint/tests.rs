//! A face in bands is the face of a board that has all of it in memory.

use std::string::ToString;
use std::vec;
use std::vec::Vec;

use loa_domain::play::slide::{Colour, Enters, Look, Shows};
use loa_domain::time::UtcMs;

use super::*;

/// A panel that keeps what it was given.
#[derive(Debug)]
pub struct Wall {
    kind: (u16, u16, Depth),
    /// Its lamps, row after row.
    pub lamps: Vec<u8>,
    /// How often it showed what it was given.
    pub flushes: usize,
    /// How bright it is.
    pub percent: Option<u8>,
}

impl Wall {
    /// A dark one.
    pub fn new(kind: (u16, u16, Depth)) -> Self {
        Self { kind, lamps: vec![0; bytes_of(kind.0.into(), kind.1.into(), kind.2)], flushes: 0, percent: None }
    }
}

impl Panel for Wall {
    fn kind(&self) -> (u16, u16, Depth) {
        self.kind
    }

    fn put(&mut self, top_px: u32, rows: &Rows<'_>) {
        assert!(rows.bytes().len() <= BAND_BYTES);
        let from = bytes_of(self.kind.0.into(), top_px, self.kind.2);
        self.lamps[from..from + rows.bytes().len()].copy_from_slice(rows.bytes());
    }

    fn flush(&mut self) {
        self.flushes += 1;
    }

    fn dim(&mut self, percent: u8) {
        self.percent = Some(percent);
    }
}

/// A board that has all of its lamps in memory.
pub fn whole((width_px, height_px, depth): (u16, u16, Depth)) -> Canvas<Vec<u8>> {
    let (width_px, height_px) = (u32::from(width_px), u32::from(height_px));
    Canvas::over(width_px, height_px, depth, vec![0; bytes_of(width_px, height_px, depth)]).expect("as many")
}

pub fn slide(title: &str, body: &str, look: Option<Look>, shows: Option<Shows>) -> Slide {
    let text = |text: &str| Text::new(text).expect("short");
    let slide = Slide::of_text(Text::new(title).expect("short"), Text::new(body).expect("short"), text("vi"));
    Slide { look, shows, ..slide }
}

#[test]
fn what_is_drawn_in_bands_is_what_is_drawn_at_once() {
    let colour = Some(Colour { red: 255, green: 64, blue: 0 });
    let running = Look { runs: Some(true), title: colour, ..Look::default() };
    let entering = Look { enters: Some(Enters::Dissolve), ground: colour, ..Look::default() };
    let code = Shows::Code { squares: loa_board::code::squares("https://xa.vn/bao").expect("short") };
    let slides = [
        slide("ỦY BAN", "Họp lúc 19 giờ tại nhà văn hóa thôn Phượng Mao, kính mời bà con.", None, None),
        slide("Ễnh Ương", "Nước ngập, bà con đi đường khác.", Some(running), None),
        slide("Tin", "mời họp", Some(entering), None),
        slide("Tin bão", "", None, Some(code)),
        slide("UBND xã", "", None, Some(Shows::Clock)),
        slide("Bầu cử", "", None, Some(Shows::Countdown { to: UtcMs(4_000_000) })),
    ];
    for kind in [(128, 64, Depth::Grey16), (64, 32, Depth::Mono), (192, 96, Depth::Rgb565), (100, 40, Depth::Rgb888)] {
        for (slide, position_ms) in slides.iter().flat_map(|slide| [0, 200, 3_210, 7_999].map(|ms| (slide, ms))) {
            let (mut wall, mut whole) = (Wall::new(kind), whole(kind));
            let class = class(&wall);
            let layout = lay_out(slide, &class);
            let when = When { position_ms, length_ms: 8_000, utc: UtcMs(1_000), offset_s: Some(25_200) };
            let moment = Moment::at(slide, &layout, &&[][..], when);
            let Ok(()) = draw_slide(slide, &layout, &&[][..], moment, &mut whole);
            let hash = bands(&class, &mut wall, |band| {
                let Ok(()) = draw_slide(slide, &layout, &&[][..], moment, band);
            });
            assert!(wall.lamps == whole.bytes(), "{} at {position_ms} on {kind:?}", slide.title.as_str());
            assert_eq!((hash, wall.flushes), (whole.hash(), 1));
        }
    }
}

#[test]
fn what_comes_next_is_said_with_its_day_when_that_is_not_today() {
    let next = |day| Notice::InForce(Some(Next { minute: 5 * 60, day }));
    let said = [Notice::Missing, Notice::Ended, Notice::InForce(None), next(None), next(Some((30, 3)))];
    assert_eq!(
        said.map(|notice| words(notice).to_string()),
        ["Chưa được ghi danh", "Lịch đã hết hạn", "", "Phát lúc 05:00", "Phát 05:00 30/3"]
    );
}
