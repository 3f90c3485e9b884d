//! Lines for whoever has a cable in the serial port (GP28, 115,200 baud). It decides nothing.

use core::cell::RefCell;
use core::fmt::{Arguments, Write};

use critical_section::Mutex;
use embassy_rp::Peri;
use embassy_rp::peripherals::{PIN_28, UART0};
use embassy_rp::uart::{Blocking, Config, UartTx};

static PORT: Mutex<RefCell<Option<UartTx<'static, Blocking>>>> = Mutex::new(RefCell::new(None));

struct Port<'p>(&'p mut UartTx<'static, Blocking>);

impl Write for Port<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0.blocking_write(text.as_bytes()).map_err(|_| core::fmt::Error)
    }
}

/// Switches the port on.
pub fn start(port: Peri<'static, UART0>, pin: Peri<'static, PIN_28>) {
    let port = UartTx::new_blocking(port, pin, Config::default());
    critical_section::with(|token| PORT.borrow(token).replace(Some(port)));
}

/// Writes a line.
pub fn line(text: Arguments<'_>) {
    critical_section::with(|token| {
        // A panic while a line is written has nothing to say.
        let Ok(mut port) = PORT.borrow(token).try_borrow_mut() else { return };
        let Some(port) = port.as_mut() else { return };
        // A port that takes nothing is nobody's business.
        let _lost = Port(port).write_fmt(text).and_then(|()| Port(port).write_str("\r\n"));
    });
}
