//! The loop of the board: frames and bytes go in, a round of the rules, what is up is drawn, then rest.
//!
//! It decides what is drawn when, no more: the rules are in `loa_domain`, the board in `loa_firmware::run`. The same for
//! every chip whose drivers are embassy's. Next: `clock.rs`, `panel.rs`.

use loa_domain::id::Hash;
use loa_domain::plan::Reason;
use loa_firmware::bundle::{ORDERS, PAGES};
use loa_firmware::courier::Courier;
use loa_firmware::inbox::Inbox;
use loa_firmware::page::{self, Given};
use loa_firmware::run::{Face, Space};
use loa_firmware::store::SCRATCH;
use loa_firmware::{Board, Device};
use static_cell::StaticCell;

use crate::clock;
use crate::ethernet::Ethernet;
use crate::face::{self, Picture};
use crate::flash::Chip;
use crate::log;
use crate::net::{Memory, Net};
use crate::panel::Panel;

/// The largest slide, in bytes: a page of text, or a picture of 192×96 in 65,536 colours.
const SLIDE_BYTES: usize = 192 * 96 * 2 + 64;
/// How often a line is said of how it goes, in milliseconds: every hour.
const TELL_MS: u64 = 3_600_000;

static GIVEN: StaticCell<Given> = StaticCell::new();
static BOARD: StaticCell<Board<ORDERS, PAGES>> = StaticCell::new();
static INBOX: StaticCell<Inbox> = StaticCell::new();
static COURIER: StaticCell<Courier> = StaticCell::new();
static SCRATCHES: StaticCell<[u8; SCRATCH]> = StaticCell::new();
static DEVICE: StaticCell<Device<'static, Chip>> = StaticCell::new();
static MEMORY: StaticCell<Memory> = StaticCell::new();
static SLIDE: StaticCell<[u8; SLIDE_BYTES]> = StaticCell::new();

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
    let room = SLIDE.init_with(|| [0; SLIDE_BYTES]);
    let (mut drawn, mut told_ms) = (None, 0);
    log::line(format_args!("started"));
    loop {
        pat();
        let now_ms = clock::ms();
        let net_ms = net.work(&mut ethernet, device, now_ms);
        let round_ms = device.round(clock::ms());
        draw(device, &mut drawn, &mut panel, room);
        if now_ms >= told_ms {
            told_ms += TELL_MS;
            let (waiting, lost) = device.records();
            log::line(format_args!("up {} h, {waiting} records wait, {lost} lost", now_ms / TELL_MS));
        }
        clock::rest(net_ms.min(round_ms), ethernet.frame()).await;
    }
}

/// Shows one picture, as long as there is power: the board cannot play.
pub async fn stay(why: &str, mut panel: Panel, mut pat: impl FnMut()) -> ! {
    show(Picture::Starting(why), &mut panel);
    loop {
        pat();
        clock::rest(u64::MAX, core::future::pending()).await;
    }
}

/// Draws what is up, if it is not on the panel already.
fn draw(device: &mut Device<'_, Chip>, drawn: &mut Option<Face>, panel: &mut Panel, room: &mut [u8; SLIDE_BYTES]) {
    let now_ms = clock::ms();
    let face = device.face(now_ms);
    let is_same = match (*drawn, face) {
        // The clock shows minutes.
        (Some(Face::Clock(before)), Face::Clock(now)) => before.seconds() / 60 == now.seconds() / 60,
        (before, now) => before == Some(now),
    };
    if is_same {
        return;
    }
    *drawn = Some(face);
    match face {
        Face::Slide { slide, .. } => {
            if let Err(flaw) = draw_slide(device, slide, panel, room) {
                device.spoilt(slide, flaw, now_ms);
            }
        }
        Face::Clock(at) => show(Picture::Clock(at), panel),
        Face::NoPlan => show(Picture::NoPlan, panel),
        Face::ClockUnknown => show(Picture::ClockUnknown, panel),
    }
}

fn draw_slide(
    device: &mut Device<'_, Chip>,
    slide: Hash,
    panel: &mut Panel,
    room: &mut [u8; SLIDE_BYTES],
) -> Result<(), Reason> {
    let length = device.slide(slide, room)?;
    let Ok(is_slide) = face::draw(Picture::Slide(&room[..length]), panel);
    if is_slide {
        panel.flush();
    }
    is_slide.then_some(()).ok_or(Reason::ContentCorrupt)
}

/// Draws a picture, and shows it when it is complete.
pub fn show(picture: Picture<'_>, panel: &mut Panel) {
    let Ok(_drawn) = face::draw(picture, panel);
    panel.flush();
}
