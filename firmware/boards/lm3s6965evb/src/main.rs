//! The LED board's program for the LM3S6965 evaluation board: joins the chip's parts to `loa_firmware`.
//!
//! One loop: frames and bytes go in, a round of the board, what is up is drawn, then rest until a tick or a frame.
//! Nothing waits. It decides what is drawn when, no more: the rules are in `loa_domain`, the board in
//! `loa_firmware::run`. Whatever goes wrong, the chip starts anew and takes up what is on flash. Read on in
//! `registers.rs`, `clock.rs`, `ethernet.rs`, `oled.rs`, `host.rs`; the network is `loa_board_common::net`.
#![no_std]
#![no_main]

mod clock;
mod ethernet;
mod host;
mod log;
mod oled;
mod registers;
mod vectors;

use core::panic::PanicInfo;

use cortex_m::peripheral::{NVIC, SCB};
use cortex_m_rt::{ExceptionFrame, entry, exception};
use loa_board_common::net::{Memory, Net};
use loa_domain::written::Written;
use loa_firmware::bundle::{ORDERS, PAGES};
use loa_firmware::courier::Courier;
use loa_firmware::inbox::Inbox;
use loa_firmware::page::{self, Checked, Given, Page};
use loa_firmware::paint::{self, Painter};
use loa_firmware::run::Space;
use loa_firmware::store::SCRATCH;
use loa_firmware::{Board, Device};

use crate::clock::Clock;
use crate::ethernet::Ethernet;
use crate::host::File;
use crate::oled::Oled;

/// How often a line is said of how it goes, in milliseconds: every hour.
const TELL_MS: u64 = 3_600_000;
/// The network controller's interrupt.
const ETHERNET: u16 = 42;
/// What an untouched word of the stack holds, so that the deepest one can be found.
const COLOUR: u32 = 0x7061_696e;

/// The number of an interrupt.
#[derive(Clone, Copy)]
struct Interrupt(u16);

// SAFETY: the number is one that this chip has, and it never changes.
unsafe impl cortex_m::interrupt::InterruptNumber for Interrupt {
    fn number(self) -> u16 {
        self.0
    }
}

#[entry]
fn main() -> ! {
    let Some(mut core) = cortex_m::Peripherals::take() else { restart() };
    colour_stack();
    let mut clock = Clock::start(core.SYST);
    log::start();
    let mut oled = Oled::start();
    paint::say(paint::STARTING, &mut oled);
    let mut ethernet = Ethernet::start();
    let now_ms = clock.ms();
    let (Some(device), Some(memory)) = (start(now_ms), memory()) else {
        paint::say(paint::NOT_SET_UP, &mut oled);
        loop {
            clock.pat();
            clock::rest();
        }
    };
    let address = ethernet.address();
    let mut net = Net::start(&mut ethernet, address, memory, now_ms);
    // SAFETY: the handler of this interrupt only silences the controller until the loop has looked at it.
    unsafe { NVIC::unmask(Interrupt(ETHERNET)) };
    core.SCB.clear_sleepdeep();
    log::line("started");
    let mut painter = Painter::new();
    let mut told_ms = 0;
    loop {
        let now_ms = clock.ms();
        let net_ms = net.work(&mut ethernet, device, now_ms);
        let round_ms = device.round(clock.ms());
        let paint_ms = painter.paint(device, &mut oled, clock.ms());
        if now_ms >= told_ms {
            told_ms += TELL_MS;
            let (waiting, lost) = device.records();
            let hours = now_ms / TELL_MS;
            let mut told = Written::<64>::new();
            told.say("up ").number(hours).say(" h, ").number(u64::from(waiting)).say(" records wait, ");
            told.number(u64::from(lost)).say(" lost, stack ").number(u64::from(stack_bytes()));
            log::line(&told.done());
        }
        rest_until(net_ms.min(round_ms).min(paint_ms), &mut clock);
    }
}

/// Rests until this time, in monotonic milliseconds, or until a frame comes.
fn rest_until(due_ms: u64, clock: &mut Clock) {
    Ethernet::wake(true);
    clock.pat();
    while clock.ms() < due_ms && !Ethernet::has_frame() {
        clock::rest();
        clock.pat();
    }
}

/// The board, with what its flash holds. None if it was not set up.
fn start(now_ms: u64) -> Option<&'static mut Device<'static, File>> {
    let mut flash = File::open();
    if flash.is_none() {
        log::line("there is no flash");
    }
    let inbox = inbox()?;
    let page = page::read(flash.as_mut()?, &mut inbox.spare()?[..]).and_then(Page::check);
    let given = given(&page.map_err(|why| log::line(why.text())).ok()?)?;
    let space = Space { given, board: board()?, inbox, courier: courier()?, scratch: scratch()? };
    let device = device(flash?, space, now_ms)?;
    device.take_up(now_ms);
    Some(device)
}

// One by one: each passes over the stack on its way to where it stays.

#[inline(never)]
fn given(page: &Checked<'_>) -> Option<&'static mut Given> {
    // What was checked can be opened.
    let given = page.open().ok()?;
    cortex_m::singleton!(: Given = given)
}

#[inline(never)]
fn memory() -> Option<&'static mut Memory> {
    cortex_m::singleton!(: Memory = Memory::empty())
}

#[inline(never)]
fn device(flash: File, space: Space<'static>, now_ms: u64) -> Option<&'static mut Device<'static, File>> {
    cortex_m::singleton!(: Device<'static, File> = Device::start(flash, space, now_ms, host::battery()))
}

#[inline(never)]
fn board() -> Option<&'static mut Board<ORDERS, PAGES>> {
    cortex_m::singleton!(: Board<ORDERS, PAGES> = Board::new())
}

#[inline(never)]
fn inbox() -> Option<&'static mut Inbox> {
    cortex_m::singleton!(: Inbox = Inbox::default())
}

#[inline(never)]
fn courier() -> Option<&'static mut Courier> {
    cortex_m::singleton!(: Courier = Courier::default())
}

#[inline(never)]
fn scratch() -> Option<&'static mut [u8; SCRATCH]> {
    cortex_m::singleton!(: [u8; SCRATCH] = [0; SCRATCH])
}

/// The chip starts anew.
fn restart() -> ! {
    SCB::sys_reset()
}

/// Bytes of the stack that were ever used.
fn stack_bytes() -> u32 {
    let (top, end) = stack();
    let mut at = end;
    // SAFETY: the words lie between the end of what is static and the top of the stack, both from the linker; nothing
    // but this function's own frame, above them, is written meanwhile.
    while at < top && unsafe { core::ptr::read_volatile(at as *const u32) } == COLOUR {
        at += 4;
    }
    top - at
}

/// The top of the stack, and the end of what is static below it.
fn stack() -> (u32, u32) {
    unsafe extern "C" {
        static _stack_start: u32;
        static __sheap: u32;
    }
    // Only their addresses are taken.
    (&raw const _stack_start as u32, &raw const __sheap as u32)
}

/// Colours what is free of the stack, so that [`stack_bytes`] finds how deep it went.
#[inline(never)]
fn colour_stack() {
    let (_, end) = stack();
    // Its own frame is smaller than this.
    let here = cortex_m::register::msp::read() - 256;
    for at in (end..here).step_by(4) {
        // SAFETY: the words lie below this function's own frame, and above what is static: nothing uses them.
        unsafe { core::ptr::write_volatile(at as *mut u32, COLOUR) };
    }
}

#[exception]
fn SysTick() {
    clock::tick();
}

/// A frame has come: the controller is silent until the loop has looked.
// SAFETY: it touches the controller's mask alone, and the loop sets it again.
#[exception]
unsafe fn DefaultHandler(_: i16) {
    Ethernet::wake(false);
}

// SAFETY: it does not return.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    log::line(&Written::<24>::new().say("fault at ").hex(frame.pc()).done());
    restart()
}

#[panic_handler]
fn panic(why: &PanicInfo<'_>) -> ! {
    // The release build has none: its core library ends in the same restart at once.
    if let Some(place) = why.location() {
        log::line(place.file());
        log::line(&Written::<16>::new().number(place.line().into()).done());
    }
    restart()
}
