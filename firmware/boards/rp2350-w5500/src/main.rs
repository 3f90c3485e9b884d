//! The LED board's program for WIZnet's W5500-EVB-Pico2 (RP2350, 520 KiB of RAM): wired Ethernet and a HUB75 panel.
//!
//! **It builds; it has not been run on metal yet.** The rules are in `loa_domain`, the board in `loa_firmware::run`;
//! here the chip's parts are joined to it. Whatever goes wrong, the chip starts anew and takes up what is on flash.
//! Read on in `network.rs`, `flash.rs`, `panel.rs`; the loop is `loa_board_common::player`.
//!
//! | Pin | To |
//! |---|---|
//! | GP0 GP1 GP2 | panel R1 G1 B1 |
//! | GP3 GP4 GP5 | panel R2 G2 B2 |
//! | GP6 GP7 GP8 GP9 GP10 | panel A B C D E |
//! | GP11 GP12 GP13 | panel CLK LAT OE |
//! | GND | panel GND, all of them |
//! | GP16 to GP21 | the W5500, by the board's maker: MISO, select, clock, MOSI, reset, interrupt |
//! | GP28 | serial port, 115,200 baud: lines for people |
//!
//! The panel has a power supply of its own (5 V), the same ground, and takes 3.3 V for high on most panels; where it
//! does not, a 74HCT245 stands between. What the board is given when it is set up lies 1 MiB into the flash:
//! `picotool load bang-cho.page -t bin -o 0x10100000`.
#![no_std]
#![no_main]

mod flash;
mod log;
mod network;
mod panel;

use core::panic::PanicInfo;

use cortex_m::peripheral::SCB;
use cortex_m_rt::{ExceptionFrame, exception};
use embassy_executor::Spawner;
use embassy_rp::watchdog::Watchdog;
use embassy_time::Duration;
use loa_board_common::ethernet::Driven;
use loa_board_common::log::last_words;
use loa_board_common::player::{self, Room};
use loa_firmware::paint;

use crate::flash::Chip;
use crate::panel::Panel;

/// How long the loop may take; then the chip starts anew. Erasing sixteen sectors of a slow flash takes six seconds.
const PATIENCE: Duration = Duration::from_secs(15);

static ROOM: Room<Chip> = Room::new();

#[embassy_executor::main]
async fn main(spawner: Spawner) -> ! {
    let chip = embassy_rp::init(Default::default());
    let mut watchdog = Watchdog::new(chip.WATCHDOG);
    watchdog.start(PATIENCE);
    log::start(chip.UART0, chip.PIN_28);
    let mut panel = Panel::start(panel::Wires {
        colours: (chip.PIN_0, chip.PIN_1, chip.PIN_2, chip.PIN_3, chip.PIN_4, chip.PIN_5),
        rows: (chip.PIN_6, chip.PIN_7, chip.PIN_8, chip.PIN_9, chip.PIN_10),
        clock: chip.PIN_11,
        latch: chip.PIN_12,
        dark: chip.PIN_13,
        shifter: chip.PIO0,
        feed: chip.DMA_CH2,
        turn: chip.DMA_CH3,
    });
    paint::say(paint::STARTING, &mut panel);
    let Some(device) = ROOM.start(Chip::new(chip.FLASH), log::line) else {
        player::stay(paint::NOT_SET_UP, panel, || watchdog.feed(PATIENCE)).await
    };
    let wires = network::Wires {
        port: chip.SPI0,
        miso: chip.PIN_16,
        select: chip.PIN_17,
        clock: chip.PIN_18,
        mosi: chip.PIN_19,
        reset: chip.PIN_20,
        interrupt: chip.PIN_21,
        out: chip.DMA_CH0,
        into: chip.DMA_CH1,
    };
    let network = network::start(wires, spawner).await;
    if network.is_none() {
        log::line(format_args!("the network's chip does not answer"));
    }
    ROOM.run(device, Driven(network), panel, log::line, || watchdog.feed(PATIENCE)).await
}

/// The chip starts anew.
fn restart() -> ! {
    SCB::sys_reset()
}

// SAFETY: it does not return.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    log::line(format_args!("fault at {:#x}", frame.pc()));
    restart()
}

#[panic_handler]
fn panic(why: &PanicInfo<'_>) -> ! {
    last_words(why, log::line);
    restart()
}
