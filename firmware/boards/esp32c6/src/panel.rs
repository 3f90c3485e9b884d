//! The board's panel: HUB75, 128×64 lamps in 32 steps of each colour, refreshed by DMA.
//!
//! A panel of this kind forgets at once: its rows must be shifted out again and again. `esp-hub75` does it over the
//! chip's parallel port, and interrupts the processor sixteen times per refresh. What is drawn goes to a frame that is
//! not shown, so that nobody sees half a slide. What is drawn is `loa_firmware::paint`.
//!
//! It is one panel, or two of 64×64 in a chain. Larger boards are longer chains: of 192×96 it is nine of 64×32 in a row,
//! 576×32 lamps, which `hub75_framebuffer::tiling` maps; [`ACROSS`] and [`DOWN`] are then those of the chain, and the
//! frame is one by rows (`bitplane::plain::row`), because the port takes 65,535 bytes at a time.

use esp_hal::Blocking;
use esp_hal::peripherals::{DMA_CH0, PARL_IO};
use esp_hal::time::Rate;
pub use esp_hub75::Hub75Pins16 as Wires;
use esp_hub75::framebuffer::bitplane::plain::DmaFrameBuffer;
use esp_hub75::framebuffer::compute_rows;
use esp_hub75::{Hub75, Hub75Config, Hub75Error, hub75_dma_descriptors};
use loa_board_common::hub75::{self, Words};
use loa_domain::class::Depth;
use loa_firmware::paint;
use static_cell::StaticCell;

/// Lamps across.
const ACROSS: usize = 128;
/// Lamps down.
const DOWN: usize = 64;
/// Bits of each colour.
const PLANES: usize = 5;
/// The panel's clock; panels take 20 to 30 MHz. It is refreshed some 120 times a second then.
const CLOCK: Rate = Rate::from_mhz(16);

/// One picture, as it is shifted out.
type Frame = DmaFrameBuffer<{ compute_rows(DOWN) }, ACROSS, PLANES>;

const _: () = assert!(size_of::<Frame>() <= 65_535);
const _: () = assert!(size_of::<Frame>() == compute_rows(DOWN) * ACROSS * 2 * PLANES);

/// How the frame's words are read: four at the beginning of a row stay dark (the feature `trail-blank-4`), and OE is the
/// ninth bit (`bitplane::plain`).
const WORDS: Words = Words { across: ACROSS, before: 4, dark: 1 << 8 };

static FRAMES: [StaticCell<Frame>; 2] = [StaticCell::new(), StaticCell::new()];

/// The panel.
pub struct Panel {
    driver: Hub75<Blocking, Frame>,
    /// The frame that is drawn on. None if the driver has kept it.
    hidden: Option<&'static mut Frame>,
}

impl Panel {
    /// Switches it on, dark.
    ///
    /// # Panics
    /// When it is called a second time.
    pub fn start(port: PARL_IO<'static>, pins: Wires<'static>, channel: DMA_CH0<'static>) -> Result<Self, Hub75Error> {
        let [hidden, shown] = FRAMES.each_ref().map(|frame| frame.init_with(Frame::new));
        let config = Hub75Config::new().with_frequency(CLOCK);
        let driver = Hub75::new(port, pins, channel, hub75_dma_descriptors!(Frame), config, &*shown)?;
        Ok(Self { driver, hidden: Some(hidden) })
    }

    /// Makes the frame that is drawn on so bright, in percent of the most.
    fn dim_hidden(&mut self, percent: u8) {
        let Some(frame) = &mut self.hidden else { return };
        // SAFETY: a frame is words of 16 bits and nothing else, any of which may hold any value (`repr(C)`); as many as
        // fit its size, which is checked above; and no other borrow of it is alive.
        let words =
            unsafe { core::slice::from_raw_parts_mut((&raw mut **frame).cast::<u16>(), size_of::<Frame>() / 2) };
        WORDS.dim(words, percent);
    }

    /// Shows what was drawn: waits for the end of the refresh under way, a few thousandths of a second.
    fn swap(&mut self) {
        let Some(frame) = self.hidden.take() else { return };
        // Where the driver fails, it gives back the frame that it does not show.
        let hidden = match self.driver.swap(frame).map(|swap| swap.wait()) {
            Ok(Ok(hidden)) | Ok(Err((_, hidden))) | Err((_, hidden)) => hidden,
        };
        self.hidden = Some(hidden);
    }
}

impl paint::Panel for Panel {
    fn kind(&self) -> (u16, u16, Depth) {
        (ACROSS as u16, DOWN as u16, Depth::Rgb565)
    }

    fn put(&mut self, top_px: u32, rows: &paint::Rows<'_>) {
        let Some(frame) = &mut self.hidden else { return };
        let Ok(()) = hub75::put(&mut **frame, top_px, rows);
    }

    fn flush(&mut self) {
        self.swap();
    }

    fn dim(&mut self, percent: u8) {
        // What is shown cannot be reached: the other frame takes its place, dark, for one refresh.
        for percent in [0, percent] {
            self.dim_hidden(percent);
            self.swap();
        }
        self.dim_hidden(percent);
    }
}
