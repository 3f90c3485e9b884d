//! The LED board's program for the ESP32-C6 (RISC-V, 512 KiB of RAM, 4 MiB of flash): Wi-Fi and a HUB75 panel.
//!
//! **It builds; it has not been run on metal yet.** The rules are in `loa_domain`, the board in `loa_firmware::run`;
//! here the chip's parts are joined to it. Whatever goes wrong, the chip starts anew and takes up what is on flash.
//! Read on in `network.rs`, `flash.rs`, `panel.rs`; the loop is `loa_board_common::player`.
//!
//! | Pin | To |
//! |---|---|
//! | GPIO0 GPIO1 GPIO2 | panel R1 G1 B1 |
//! | GPIO3 GPIO6 GPIO7 | panel R2 G2 B2 |
//! | GPIO10 GPIO11 GPIO18 GPIO19 GPIO20 | panel A B C D E |
//! | GPIO21 GPIO22 GPIO23 | panel CLK LAT OE |
//! | GND | panel GND, all of them |
//!
//! GPIO4, 5, 8, 9 and 15 decide how the chip starts, 12 and 13 are USB, 16 and 17 the serial port: they stay free. The
//! panel has a power supply of its own (5 V), the same ground, and takes 3.3 V for high on most panels; where it does
//! not, a 74HCT245 stands between. What the board is given when it is set up, and the name and the password of the
//! network as two lines of text:
//!
//! ```sh
//! espflash flash --partition-table partitions.csv board
//! espflash write-bin 0x200000 bang-cho.page
//! espflash write-bin 0x300000 wifi.txt
//! ```
#![no_std]
#![no_main]

mod flash;
mod log;
mod network;
mod panel;

use core::panic::PanicInfo;

use embassy_executor::Spawner;
use esp_hal::clock::CpuClock;
use esp_hal::gpio::Pin;
use esp_hal::time::Duration;
use esp_hal::timer::timg::{MwdtStage, TimerGroup};
use loa_board_common::ethernet::Driven;
use loa_board_common::log::last_words;
use loa_board_common::player::{self, Room};
use loa_firmware::paint;

use crate::flash::Chip;
use crate::panel::Panel;

/// How long the loop may take; then the chip starts anew.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes for the radio, which takes what it needs as it goes: about 60 KiB. Nothing else allocates.
const RADIO_BYTES: usize = 96 * 1024;

static ROOM: Room<Chip> = Room::new();

esp_bootloader_esp_idf::esp_app_desc!();

#[esp_rtos::main]
async fn main(spawner: Spawner) -> ! {
    let chip = esp_hal::init(esp_hal::Config::default().with_cpu_clock(CpuClock::max()));
    esp_alloc::heap_allocator!(size: RADIO_BYTES);
    esp_rtos::start(TimerGroup::new(chip.TIMG0).timer0, chip.FROM_CPU_INTR0);
    let mut watchdog = TimerGroup::new(chip.TIMG1).wdt;
    watchdog.set_timeout(MwdtStage::Stage0, PATIENCE);
    watchdog.enable();
    let pins = panel::Wires {
        red1: chip.GPIO0.degrade(),
        grn1: chip.GPIO1.degrade(),
        blu1: chip.GPIO2.degrade(),
        red2: chip.GPIO3.degrade(),
        grn2: chip.GPIO6.degrade(),
        blu2: chip.GPIO7.degrade(),
        addr0: chip.GPIO10.degrade(),
        addr1: chip.GPIO11.degrade(),
        addr2: chip.GPIO18.degrade(),
        addr3: chip.GPIO19.degrade(),
        addr4: chip.GPIO20.degrade(),
        clock: chip.GPIO21.degrade(),
        latch: chip.GPIO22.degrade(),
        blank: chip.GPIO23.degrade(),
    };
    let Ok(mut panel) = Panel::start(chip.PARL_IO, pins, chip.DMA_CH0) else {
        log::line(format_args!("the panel's port does not start"));
        restart()
    };
    paint::say(paint::STARTING, &mut panel);
    let mut flash = Chip::new(chip.FLASH);
    let access = flash.access();
    let Some(device) = ROOM.start(flash, log::line) else {
        player::stay(paint::NOT_SET_UP, panel, || watchdog.feed()).await
    };
    let network = network::start(chip.WIFI, &access, spawner);
    if let Err(why) = &network {
        log::line(format_args!("no network: {why:?}"));
    }
    ROOM.run(device, Driven(network.ok()), panel, log::line, || watchdog.feed()).await
}

/// The chip starts anew.
fn restart() -> ! {
    esp_hal::system::software_reset()
}

#[panic_handler]
fn panic(why: &PanicInfo<'_>) -> ! {
    last_words(why, log::line);
    restart()
}
