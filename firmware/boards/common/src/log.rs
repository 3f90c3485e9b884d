//! What every program says to whoever has a cable in the board. Where a line goes is the board's. Next: `net.rs`.

use core::fmt::Arguments;
use core::panic::PanicInfo;

/// Says a line.
pub type Log = fn(Arguments<'_>);

/// Says why a program ends, and where.
pub fn last_words(why: &PanicInfo<'_>, log: Log) {
    log(format_args!("{}", why.message()));
    if let Some(place) = why.location() {
        log(format_args!("at {}:{}", place.file(), place.line()));
    }
}
