//! The board's panel: HUB75, 128×64 lamps in 64 steps of each colour, refreshed without the processor.
//!
//! A panel of this kind forgets at once: its rows must be shifted out again and again. One state machine of the PIO
//! shifts 16 bits at a time out of RAM and makes the clock; one DMA channel feeds it a bit plane; a second one tells the
//! first which plane is next, out of a list that it reads round and round. Planes of more weight are in the list more
//! often, spread evenly (binary code modulation). What is drawn goes to a frame that is not shown, so that nobody sees
//! half a slide. What is drawn is `loa_firmware::paint`.
//!
//! It is one panel, or two of 64×64 in a chain. Larger boards are longer chains: of 192×96 it is nine of 64×32 in a row,
//! 576×32 lamps, which `hub75_framebuffer::tiling` maps; [`ACROSS`] and [`DOWN`] are then those of the chain.

use core::sync::atomic::{AtomicU32, Ordering, fence};

use embassy_rp::pac::DMA;
use embassy_rp::pac::dma::regs::{ChTransCount, CtrlTrig};
use embassy_rp::pac::dma::vals::{DataSize, TreqSel};
use embassy_rp::peripherals::{
    DMA_CH2, DMA_CH3, PIN_0, PIN_1, PIN_2, PIN_3, PIN_4, PIN_5, PIN_6, PIN_7, PIN_8, PIN_9, PIN_10, PIN_11, PIN_12,
    PIN_13, PIO0,
};
use embassy_rp::pio::program::pio_asm;
use embassy_rp::pio::{Config, Direction, FifoJoin, InterruptHandler, Pio, ShiftConfig, ShiftDirection, StateMachine};
use embassy_rp::{Peri, bind_interrupts};
use hub75_framebuffer::bitplane::plain::DmaFrameBuffer;
use hub75_framebuffer::pinmap::PINMAP;
use hub75_framebuffer::{FrameBuffer, compute_rows};
use loa_board_common::hub75::{self, Words};
use loa_domain::class::Depth;
use loa_firmware::paint;
use static_cell::StaticCell;

bind_interrupts!(struct Interrupts {
    PIO0_IRQ_0 => InterruptHandler<PIO0>;
});

/// Lamps across.
const ACROSS: usize = 128;
/// Lamps down.
const DOWN: usize = 64;
/// Bits of each colour.
const PLANES: usize = 6;
/// Planes in the list: as many as there are steps of brightness.
const STEPS: usize = 1 << PLANES;
/// Processor clocks for half a clock of the panel: 150 MHz / 2 / 4 = 18.75 MHz; panels take 20 to 30. It is refreshed 71
/// times a second then, the plane of most weight 32 times as often.
const DIVIDER: u8 = 4;

/// One picture, as it is shifted out.
type Frame = DmaFrameBuffer<{ compute_rows(DOWN) }, ACROSS, PLANES>;
/// Words of one plane: two columns each.
const PLANE_WORDS: u32 = (compute_rows(DOWN) * ACROSS / 2) as u32;

/// How the frame's words are read: four at the beginning of a row stay dark (the feature `trail-blank-4`).
const WORDS: Words = Words { across: ACROSS, before: 4, dark: PINMAP.oe_mask() };

/// The addresses of the planes, in the order in which they are shown. It lies where the DMA's address wraps round.
#[repr(align(256))]
struct List([AtomicU32; STEPS]);
const _: () = assert!(size_of::<List>() == STEPS * 4 && STEPS * 4 == 256);
const _: () = assert!(size_of::<Frame>() == PLANE_WORDS as usize * 4 * PLANES);

static LIST: List = List([const { AtomicU32::new(0) }; STEPS]);
static FRAMES: [StaticCell<Frame>; 2] = [StaticCell::new(), StaticCell::new()];

/// What is wired to the panel's plug, in the order of the pins: GP0 to GP13, as on Pimoroni's Interstate 75.
pub struct Wires {
    /// The colours of the upper half and of the lower one: R1 G1 B1 R2 G2 B2.
    pub colours: (
        Peri<'static, PIN_0>,
        Peri<'static, PIN_1>,
        Peri<'static, PIN_2>,
        Peri<'static, PIN_3>,
        Peri<'static, PIN_4>,
        Peri<'static, PIN_5>,
    ),
    /// The row: A B C D E. Panels of 16 and 32 rows have no E.
    pub rows:
        (Peri<'static, PIN_6>, Peri<'static, PIN_7>, Peri<'static, PIN_8>, Peri<'static, PIN_9>, Peri<'static, PIN_10>),
    /// CLK.
    pub clock: Peri<'static, PIN_11>,
    /// LAT.
    pub latch: Peri<'static, PIN_12>,
    /// OE: low to light.
    pub dark: Peri<'static, PIN_13>,
    /// Shifts.
    pub shifter: Peri<'static, PIO0>,
    /// Feeds the shifter.
    pub feed: Peri<'static, DMA_CH2>,
    /// Tells the feed what is next.
    pub turn: Peri<'static, DMA_CH3>,
}

/// The panel.
pub struct Panel {
    /// The frame that is drawn on, and the one that is shown.
    hidden: &'static mut Frame,
    shown: &'static mut Frame,
    _machine: StateMachine<'static, PIO0, 0>,
    _channels: (Peri<'static, DMA_CH2>, Peri<'static, DMA_CH3>),
}

impl Panel {
    /// Switches it on, dark.
    ///
    /// # Panics
    /// When it is called a second time.
    pub fn start(wires: Wires) -> Self {
        let Wires { colours, rows, clock, latch, dark, shifter, feed, turn } = wires;
        let Pio { mut common, sm0: mut machine, .. } = Pio::new(shifter, Interrupts);
        let pins = [
            common.make_pio_pin(colours.0),
            common.make_pio_pin(colours.1),
            common.make_pio_pin(colours.2),
            common.make_pio_pin(colours.3),
            common.make_pio_pin(colours.4),
            common.make_pio_pin(colours.5),
            common.make_pio_pin(rows.0),
            common.make_pio_pin(rows.1),
            common.make_pio_pin(rows.2),
            common.make_pio_pin(rows.3),
            common.make_pio_pin(rows.4),
            common.make_pio_pin(clock),
            common.make_pio_pin(latch),
            common.make_pio_pin(dark),
        ];
        let pins: [_; 14] = pins.each_ref();
        // Half a word is one column; its two highest bits have no pin. The panel takes it when the clock rises.
        let program = pio_asm!(".side_set 1", "out pins, 16 side 0", "nop side 1");
        let mut config = Config::default();
        config.use_program(&common.load_program(&program.program), &[pins[11]]);
        config.set_out_pins(&pins);
        config.clock_divider = DIVIDER.into();
        config.fifo_join = FifoJoin::TxOnly;
        config.shift_out = ShiftConfig { threshold: 32, direction: ShiftDirection::Right, auto_fill: true };
        machine.set_config(&config);
        machine.set_pin_dirs(Direction::Out, &pins);
        let [hidden, shown] = FRAMES.each_ref().map(|frame| frame.init_with(Frame::new));
        list(shown);
        feed_forever(machine.tx_fifo_ptr(), machine.tx_treq());
        machine.set_enable(true);
        Self { hidden, shown, _machine: machine, _channels: (feed, turn) }
    }

    /// Shows what was drawn.
    fn swap(&mut self) {
        core::mem::swap(&mut self.hidden, &mut self.shown);
        list(self.shown);
    }
}

/// A frame's words.
fn words(frame: &mut Frame) -> &mut [u16] {
    // SAFETY: a frame is words of 16 bits and nothing else, any of which may hold any value (`repr(C)`); as many as fit
    // its size, which is checked above; and they are borrowed as the frame is.
    unsafe { core::slice::from_raw_parts_mut((&raw mut *frame).cast::<u16>(), size_of::<Frame>() / 2) }
}

/// Puts the planes of a frame into the list. The DMA may read it meanwhile: each address is one word, and for one
/// refresh planes of both frames are shown.
fn list(frame: &Frame) {
    // What was drawn is in RAM before its address is in the list.
    fence(Ordering::SeqCst);
    for (at, place) in LIST.0.iter().enumerate() {
        // Every second place has the plane of most weight, every fourth the next; the first, which is one too many, the
        // plane of most weight too: there it is seen least.
        let from_top = if at == 0 { 0 } else { at.trailing_zeros() as usize };
        let plane = frame.bcm_segment(PLANES - 1 - from_top);
        place.store(plane.ptr as u32, Ordering::Relaxed);
    }
}

/// Sets the two channels going: 2 feeds one plane and calls 3, which gives it the next address, which starts it.
fn feed_forever(fifo: *mut u32, asks: TreqSel) {
    let (feed, turn) = (DMA.ch(2), DMA.ch(3));
    let mut control = CtrlTrig::default();
    control.set_en(true);
    control.set_data_size(DataSize::SIZE_WORD);
    control.set_incr_read(true);
    control.set_irq_quiet(true);
    control.set_high_priority(true);
    control.set_treq_sel(asks);
    control.set_chain_to(3);
    feed.write_addr().write_value(fifo as u32);
    feed.trans_count().write_value(ChTransCount(PLANE_WORDS));
    // Not started yet.
    feed.al1_ctrl().write_value(control.0);
    turn.read_addr().write_value(&raw const LIST as u32);
    turn.write_addr().write_value(feed.al3_read_addr_trig().as_ptr() as u32);
    turn.trans_count().write_value(ChTransCount(1));
    control.set_treq_sel(TreqSel::PERMANENT);
    // Itself: it calls nobody.
    control.set_chain_to(3);
    // Reading wraps round after 2⁸ bytes.
    control.set_ring_size(8);
    turn.ctrl_trig().write_value(control);
}

impl paint::Panel for Panel {
    fn kind(&self) -> (u16, u16, Depth) {
        (ACROSS as u16, DOWN as u16, Depth::Rgb565)
    }

    fn put(&mut self, top_px: u32, rows: &paint::Rows<'_>) {
        let Ok(()) = hub75::put(self.hidden, top_px, rows);
    }

    fn flush(&mut self) {
        self.swap();
    }

    fn dim(&mut self, percent: u8) {
        // The DMA may read meanwhile: for one refresh some rows are as bright as they were.
        for frame in [&mut *self.hidden, &mut *self.shown] {
            WORDS.dim(words(frame), percent);
        }
        fence(Ordering::SeqCst);
    }
}
