//! The loop of a board: frames and bytes go in, a round of the rules, what is up is drawn, then rest.
//!
//! It decides what is drawn when, no more: the rules are in `loa_domain`, the board in `loa_firmware::run`. The same for
//! every chip whose drivers are embassy's. Next: the board's `main.rs`.

use embassy_net_driver::Driver;
use loa_firmware::bundle::{ORDERS, PAGES};
use loa_firmware::courier::Courier;
use loa_firmware::flash::Flash;
use loa_firmware::inbox::Inbox;
use loa_firmware::page::{self, Given};
use loa_firmware::paint::{self, Painter, Panel};
use loa_firmware::run::Space;
use loa_firmware::store::SCRATCH;
use loa_firmware::{Board, Device};
use static_cell::StaticCell;

use crate::clock;
use crate::ethernet::Driven;
use crate::log::Log;
use crate::net::{Memory, Net};

/// How often a line is said of how it goes, in milliseconds: every hour.
const TELL_MS: u64 = 3_600_000;

/// The memory of a board with such a flash.
pub struct Room<F: 'static> {
    given: StaticCell<Given>,
    board: StaticCell<Board<ORDERS, PAGES>>,
    inbox: StaticCell<Inbox>,
    courier: StaticCell<Courier>,
    scratch: StaticCell<[u8; SCRATCH]>,
    device: StaticCell<Device<'static, F>>,
    memory: StaticCell<Memory>,
}

impl<F: Flash> Room<F> {
    /// Nothing is in it yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it is a static's first value")]
    pub const fn new() -> Self {
        Self {
            given: StaticCell::new(),
            board: StaticCell::new(),
            inbox: StaticCell::new(),
            courier: StaticCell::new(),
            scratch: StaticCell::new(),
            device: StaticCell::new(),
            memory: StaticCell::new(),
        }
    }

    /// The board with what its flash holds. None if it was not set up.
    ///
    /// # Panics
    /// When it is called a second time.
    pub fn start(&'static self, mut flash: F, log: Log) -> Option<&'static mut Device<'static, F>> {
        let inbox = self.inbox.init_with(Inbox::default);
        let given = match page::load(&mut flash, inbox.spare().map_or(&mut [][..], |room| &mut room[..])) {
            Ok(given) => self.given.init(given),
            Err(why) => {
                log(format_args!("{why}"));
                return None;
            }
        };
        let (board, courier) = (self.board.init_with(Board::new), self.courier.init_with(Courier::default));
        let space = Space { given, board, inbox, courier, scratch: self.scratch.init_with(|| [0; SCRATCH]) };
        let now_ms = clock::ms();
        // No battery-backed clock is on these boards.
        let device = self.device.init_with(|| Device::start(flash, space, now_ms, None));
        device.take_up(now_ms);
        Some(device)
    }

    /// Plays, as long as there is power. `pat` tells the watchdog that the loop goes round.
    ///
    /// # Panics
    /// When it is called a second time.
    pub async fn run<D: Driver>(
        &'static self,
        device: &mut Device<'static, F>,
        mut ethernet: Driven<D>,
        mut panel: impl Panel,
        log: Log,
        mut pat: impl FnMut(),
    ) -> ! {
        let address = ethernet.address();
        let mut net = Net::start(&mut ethernet, address, self.memory.init_with(Memory::empty), clock::ms());
        let (mut painter, mut told_ms) = (Painter::new(), 0);
        log(format_args!("started"));
        loop {
            pat();
            let now_ms = clock::ms();
            let net_ms = net.work(&mut ethernet, device, now_ms);
            let round_ms = device.round(clock::ms());
            let paint_ms = painter.paint(device, &mut panel, clock::ms());
            if now_ms >= told_ms {
                told_ms += TELL_MS;
                let (waiting, lost) = device.records();
                log(format_args!("up {} h, {waiting} records wait, {lost} lost", now_ms / TELL_MS));
            }
            clock::rest(net_ms.min(round_ms).min(paint_ms), ethernet.frame()).await;
        }
    }
}

/// Says one thing, as long as there is power: the board cannot play.
pub async fn stay(why: &str, mut panel: impl Panel, mut pat: impl FnMut()) -> ! {
    paint::say(why, &mut panel);
    loop {
        pat();
        clock::rest(u64::MAX, core::future::pending()).await;
    }
}
