//! The W5500 on its serial port, as a driver: it carries frames, and uses none of the chip's own TCP.
//!
//! Its task moves frames between the chip and two queues in RAM. What is in them is nobody's business here. Next:
//! `flash.rs`.

use embassy_executor::Spawner;
use embassy_net_wiznet::chip::W5500;
use embassy_net_wiznet::{Device, Runner, State};
use embassy_rp::gpio::{Input, Level, Output, Pull};
use embassy_rp::peripherals::{DMA_CH0, DMA_CH1, PIN_16, PIN_17, PIN_18, PIN_19, PIN_20, PIN_21, SPI0};
use embassy_rp::spi::{Async, Config, Spi};
use embassy_rp::{Peri, bind_interrupts, dma, otp};
use embassy_time::Delay;
use embedded_hal_bus::spi::ExclusiveDevice;
use static_cell::StaticCell;

bind_interrupts!(struct Interrupts {
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>, dma::InterruptHandler<DMA_CH1>;
});

/// The driver's end that the stack holds.
pub type Network = Device<'static>;

type Port = ExclusiveDevice<Spi<'static, SPI0, Async>, Output<'static>, Delay>;

/// Frames that wait, each way.
const FRAMES: usize = 4;
/// Bits per second on the serial port: the chip takes 33.3 MHz with certainty (W5500 data sheet, §5.5.4).
const HERTZ: u32 = 33_000_000;

static QUEUES: StaticCell<State<FRAMES, FRAMES>> = StaticCell::new();

/// What the board's maker wired to the W5500.
pub struct Wires {
    /// The serial port.
    pub port: Peri<'static, SPI0>,
    /// What the chip says.
    pub miso: Peri<'static, PIN_16>,
    /// Low while it is spoken to.
    pub select: Peri<'static, PIN_17>,
    /// The clock.
    pub clock: Peri<'static, PIN_18>,
    /// What it is told.
    pub mosi: Peri<'static, PIN_19>,
    /// Low to start it anew.
    pub reset: Peri<'static, PIN_20>,
    /// Low when it has something.
    pub interrupt: Peri<'static, PIN_21>,
    /// Carries out.
    pub out: Peri<'static, DMA_CH0>,
    /// Carries in.
    pub into: Peri<'static, DMA_CH1>,
}

/// Switches the chip on. None if it does not answer as a W5500 does.
///
/// # Panics
/// When it is called a second time.
pub async fn start(wires: Wires, spawner: Spawner) -> Option<Network> {
    let mut config = Config::default();
    config.frequency = HERTZ;
    let Wires { port, miso, select, clock, mosi, reset, interrupt, out, into } = wires;
    let port = Spi::new(port, clock, mosi, miso, out, into, Interrupts, config);
    let port = ExclusiveDevice::new(port, Output::new(select, Level::High), Delay).ok()?;
    let (interrupt, reset) = (Input::new(interrupt, Pull::Up), Output::new(reset, Level::High));
    let queues = QUEUES.init_with(State::new);
    let (network, runner) = embassy_net_wiznet::new(address(), queues, port, interrupt, reset).await.ok()?;
    spawner.spawn(carry(runner).ok()?);
    Some(network)
}

/// An address that nobody else has: locally administered (IEEE 802, §8.4), from the number in the chip.
fn address() -> [u8; 6] {
    let [.., a, b, c, d, e] = otp::get_chipid().unwrap_or_default().to_be_bytes();
    [0x02, a, b, c, d, e]
}

#[embassy_executor::task]
async fn carry(runner: Runner<'static, W5500, Port, Input<'static>, Output<'static>>) -> ! {
    runner.run().await
}
