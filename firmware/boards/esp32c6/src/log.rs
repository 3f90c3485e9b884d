//! Lines for whoever has a cable in the board, in its USB socket or its serial port. It decides nothing.

use core::fmt::Arguments;

/// Writes a line.
pub fn line(text: Arguments<'_>) {
    esp_println::println!("{text}");
}
