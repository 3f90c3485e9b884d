//! Puts a moment of a slide onto a target.
//!
//! Where things stand is decided in `layout.rs`, which moment is due in `moment.rs`. While a slide enters, what was up
//! before must still stand on the target: the rest of it stays. Next: `quiet.rs`.

use loa_domain::play::slide::{Enters, Shows, Side, Slide};

use crate::code;
use crate::ink::Inks;
use crate::layout::{self, Flow, Layout, RULE_PX};
use crate::letters::Letters;
use crate::moment::{ENTER_STEPS, Moment};
use crate::pages::{left_px, page_of};
use crate::picture::{self, Data};
use crate::quiet;
use crate::shape::{Area, Clipped, DrawTarget, Lamps, Masked, Point, Rgb888, onto, rectangle};
use crate::text;

/// Draws a slide at a moment. `data` are its pictures.
///
/// # Errors
/// Those of the target.
pub fn draw_slide<D: DrawTarget<Color = Rgb888>>(
    slide: &Slide,
    layout: &Layout,
    data: &impl Data,
    moment: Moment,
    target: &mut D,
) -> Result<(), D::Error> {
    onto(target, |lamps| draw(slide, layout, data, moment, lamps))
}

fn draw(slide: &Slide, layout: &Layout, data: &impl Data, moment: Moment, lamps: &mut dyn Lamps) {
    let enters = slide.look.and_then(|look| look.enters).filter(|_| moment.entered < ENTER_STEPS);
    let Some(enters) = enters else { return draw_all(slide, layout, data, moment, lamps) };
    let (width, height) = (layout.board.width_px as i32, layout.board.height_px as i32);
    let step = i32::from(moment.entered);
    let shows = move |Point { x, y }: Point| match enters {
        Enters::Wipe => x * i32::from(ENTER_STEPS) < width * step,
        Enters::Rise => (height - 1 - y) * i32::from(ENTER_STEPS) < height * step,
        Enters::Dissolve => i32::from(THRESHOLDS[(y & 3) as usize][(x & 3) as usize]) < step,
    };
    draw_all(slide, layout, data, moment, &mut Masked { lamps, shows });
}

/// In which of sixteen steps each lamp of a square of four by four changes: ordered dithering (Bayer 1973).
const THRESHOLDS: [[u8; 4]; 4] = [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]];

fn draw_all(slide: &Slide, layout: &Layout, data: &impl Data, moment: Moment, lamps: &mut dyn Lamps) {
    let inks = Inks::of(slide.look.as_ref(), layout.depth);
    lamps.fill(layout.board.rectangle(), inks.ground);
    if slide.shows_time() {
        return quiet::draw_shown(slide, layout.board, moment.time, inks, lamps);
    }
    let on_piece_page = !layout.is_alone || moment.page == 0;
    if let Some(area) = layout.piece.filter(|_| on_piece_page) {
        match &slide.shows {
            Some(Shows::Code { squares }) => code::draw(squares, area, lamps),
            Some(Shows::Picture { renditions }) => {
                if let Some(used) = layout.rendition(renditions) {
                    picture::draw(used, moment.frame, data, area, lamps);
                }
            }
            _ => {}
        }
    }
    if let Some(page) = moment.page.checked_sub(u32::from(layout.is_alone)) {
        draw_text(slide, layout, (page, moment.run_px), inks, lamps);
    }
}

fn draw_text(slide: &Slide, layout: &Layout, (page, run_px): (u32, u32), inks: Inks, lamps: &mut dyn Lamps) {
    let area = layout.area;
    let mut pen = Pen { area, top_px: area.top_px, lamps };
    let asked = slide.look.and_then(|look| look.side);
    let (title, body) = (slide.title.as_str(), slide.body.as_str());
    match layout.flow {
        Flow::Nothing => {}
        Flow::Line { letters, width_px } => pen.line(slide, (letters, width_px), (layout, run_px), inks),
        Flow::Whole { letters, rows, parted } => {
            let side = asked.unwrap_or(Side::Middle);
            let part_px = if parted { RULE_PX } else { 0 };
            let spare_px = area.height_px.saturating_sub((rows[0] + rows[1]) * letters.line_px());
            pen.top_px += spare_px.saturating_sub(part_px) / 2;
            pen.text(&mut layout::lines(title, letters, area), letters, side, inks.title);
            if parted {
                pen.rule(inks.rule);
                pen.top_px += RULE_PX;
            }
            pen.text(&mut layout::lines(body, letters, area), letters, side, inks.body);
        }
        Flow::Under { head, letters, rows, ruled, .. } => {
            pen.text(&mut layout::lines(title, head, area), head, asked.unwrap_or(Side::Middle), inks.title);
            if ruled {
                pen.rule(inks.rule);
            }
            // What is left over stands between title and text, so that the last line is at the edge.
            pen.top_px = area.top_px + area.height_px - rows * letters.line_px();
            let mut lines = page_of(layout::lines(body, letters, area), rows, page);
            pen.text(&mut lines, letters, asked.unwrap_or(Side::Left), inks.body);
        }
        Flow::After { letters, rows } => {
            pen.top_px += (area.height_px - rows * letters.line_px()) / 2;
            for (of_title, line) in page_of(layout::both(title, body, letters, area), rows, page) {
                let ink = if of_title { inks.title } else { inks.body };
                pen.row(line, letters, asked.unwrap_or(Side::Left), ink);
            }
        }
    }
}

/// Writes line below line.
struct Pen<'t> {
    area: Area,
    top_px: u32,
    lamps: &'t mut dyn Lamps,
}

impl Pen<'_> {
    fn text(&mut self, lines: &mut dyn Iterator<Item = &str>, letters: Letters, side: Side, ink: Rgb888) {
        for line in lines {
            self.row(line, letters, side, ink);
        }
    }

    fn row(&mut self, line: &str, letters: Letters, side: Side, ink: Rgb888) {
        let left_px = left_px(letters.text_px(line), self.area, side);
        letters.draw(&mut text::letters(line), (left_px as i32, self.top_px as i32), ink, self.lamps);
        self.top_px += letters.line_px();
    }

    /// A rule one lamp thick, in the middle of the gap that begins here.
    fn rule(&mut self, ink: Rgb888) {
        let Area { left_px, width_px, .. } = self.area;
        self.lamps.fill(rectangle(left_px as i32, (self.top_px + RULE_PX / 2) as i32, width_px, 1), ink);
    }

    /// All in one line, standing or running.
    fn line(
        &mut self,
        slide: &Slide,
        (letters, width_px): (Letters, u32),
        (layout, run_px): (&Layout, u32),
        inks: Inks,
    ) {
        let area = self.area;
        let top_px = (area.top_px + area.height_px.saturating_sub(letters.line_px()) / 2) as i32;
        let period_px = layout.period_px();
        let starts = period_px.map_or([Some(left_px(width_px, area, Side::Middle) as i32), None], |period_px| {
            let first = area.left_px as i32 - run_px as i32;
            [Some(first), Some(first + period_px as i32)]
        });
        let mut clipped = Clipped { lamps: &mut *self.lamps, area: area.rectangle() };
        for start in starts.into_iter().flatten() {
            let title = text::in_one_line(&slide.title);
            letters.draw(&mut title.clone(), (start, top_px), inks.title, &mut clipped);
            let after_px = letters.width_px(&mut title.clone()) as i32;
            let mut rest = layout::line_letters(slide).skip(title.count());
            letters.draw(&mut rest, (start + after_px, top_px), inks.body, &mut clipped);
        }
    }
}
