//! The loop of the board: frames and bytes go in, a round of the rules, what is up is drawn, then rest.
//!
//! It decides what is drawn when, no more: the rules are in `loa_domain`, the board in `loa_firmware::run`. The same for
//! every chip whose drivers are embassy's. Next: `clock.rs`, `panel.rs`.

use loa_firmware::bundle::{ORDERS, PAGES};
use loa_firmware::courier::Courier;
use loa_firmware::inbox::Inbox;
use loa_firmware::page::{self, Given};
use loa_firmware::paint::{self, Painter};
use loa_firmware::run::Space;
use loa_firmware::store::SCRATCH;
use loa_firmware::{Board, Device};
use static_cell::StaticCell;

use crate::clock;
use crate::ethernet::Ethernet;
use crate::flash::Chip;
use crate::log;
use crate::net::{Memory, Net};
use crate::panel::Panel;

/// How often a line is said of how it goes, in milliseconds: every hour.
const TELL_MS: u64 = 3_600_000;

static GIVEN: StaticCell<Given> = StaticCell::new();
static BOARD: StaticCell<Board<ORDERS, PAGES>> = StaticCell::new();
static INBOX: StaticCell<Inbox> = StaticCell::new();
static COURIER: StaticCell<Courier> = StaticCell::new();
static SCRATCHES: StaticCell<[u8; SCRATCH]> = StaticCell::new();
static DEVICE: StaticCell<Device<'static, Chip>> = StaticCell::new();
static MEMORY: StaticCell<Memory> = StaticCell::new();

/// The board with what its flash holds. None if it was not set up.
///
/// # Panics
/// When it is called a second time.
pub fn start(mut flash: Chip) -> Option<&'static mut Device<'static, Chip>> {
    let inbox = INBOX.init_with(Inbox::default);
    let given = match page::load(&mut flash, inbox.spare().map_or(&mut [][..], |room| &mut room[..])) {
        Ok(given) => GIVEN.init(given),
        Err(why) => {
            log::line(format_args!("{why}"));
            return None;
        }
    };
    let (board, courier) = (BOARD.init_with(Board::new), COURIER.init_with(Courier::default));
    let space = Space { given, board, inbox, courier, scratch: SCRATCHES.init_with(|| [0; SCRATCH]) };
    let now_ms = clock::ms();
    // No battery-backed clock is on this board.
    let device = DEVICE.init_with(|| Device::start(flash, space, now_ms, None));
    device.take_up(now_ms);
    Some(device)
}

/// Plays, as long as there is power. `pat` tells the watchdog that the loop goes round.
///
/// # Panics
/// When it is called a second time.
pub async fn run(
    device: &mut Device<'static, Chip>,
    mut ethernet: Ethernet,
    mut panel: Panel,
    mut pat: impl FnMut(),
) -> ! {
    let mut net = Net::start(&mut ethernet, MEMORY.init_with(|| Memory::EMPTY), clock::ms());
    let (mut painter, mut told_ms) = (Painter::new(), 0);
    log::line(format_args!("started"));
    loop {
        pat();
        let now_ms = clock::ms();
        let net_ms = net.work(&mut ethernet, device, now_ms);
        let round_ms = device.round(clock::ms());
        let paint_ms = painter.paint(device, &mut panel, clock::ms());
        if now_ms >= told_ms {
            told_ms += TELL_MS;
            let (waiting, lost) = device.records();
            log::line(format_args!("up {} h, {waiting} records wait, {lost} lost", now_ms / TELL_MS));
        }
        clock::rest(net_ms.min(round_ms).min(paint_ms), ethernet.frame()).await;
    }
}

/// Says one thing, as long as there is power: the board cannot play.
pub async fn stay(why: &str, mut panel: Panel, mut pat: impl FnMut()) -> ! {
    paint::say(why, &mut panel);
    loop {
        pat();
        clock::rest(u64::MAX, core::future::pending()).await;
    }
}
