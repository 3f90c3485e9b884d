//! A driver of embassy's kind as a device of the network stack: frames in, frames out.
//!
//! No frame is looked at here. The stack is asked and never waits; the driver's own task moves frames meanwhile. Which
//! driver it is says the board's `network.rs`. Next: `clock.rs`.

use core::future::{Future, poll_fn};
use core::task::{Context, Poll, Waker};

use embassy_net_driver::{Driver, HardwareAddress};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

/// Bytes of the longest frame, where no driver says otherwise (IEEE 802.3, without its checksum).
const FRAME_BYTES: usize = 1514;

/// A driver, driven by whoever asks. None where the network's chip does not answer: the board plays what it has.
pub struct Driven<D>(pub Option<D>);

impl<D: Driver> Driven<D> {
    /// The address it was given when the board was made.
    pub fn address(&self) -> [u8; 6] {
        match self.0.as_ref().map(Driver::hardware_address) {
            Some(HardwareAddress::Ethernet(address)) => address,
            _ => [0; 6],
        }
    }

    /// Waits until a frame has come.
    pub fn frame(&mut self) -> impl Future<Output = ()> {
        poll_fn(|context| {
            let has_frame = self.0.as_mut().is_some_and(|driver| driver.receive(context).is_some());
            if has_frame { Poll::Ready(()) } else { Poll::Pending }
        })
    }
}

/// A frame that came.
pub struct Incoming<T>(T);

/// Room for a frame.
pub struct Outgoing<T>(T);

impl<T: embassy_net_driver::RxToken> RxToken for Incoming<T> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        self.0.consume(|frame| read(frame))
    }
}

impl<T: embassy_net_driver::TxToken> TxToken for Outgoing<T> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        self.0.consume(length, write)
    }
}

impl<D: Driver> Device for Driven<D> {
    type RxToken<'a>
        = Incoming<D::RxToken<'a>>
    where
        D: 'a;
    type TxToken<'a>
        = Outgoing<D::TxToken<'a>>
    where
        D: 'a;

    fn receive(&mut self, _: Instant) -> Option<(Self::RxToken<'_>, Self::TxToken<'_>)> {
        // Nobody is to be woken: the loop asks again, and waits in `frame`.
        let (incoming, outgoing) = self.0.as_mut()?.receive(&mut Context::from_waker(Waker::noop()))?;
        Some((Incoming(incoming), Outgoing(outgoing)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Self::TxToken<'_>> {
        self.0.as_mut()?.transmit(&mut Context::from_waker(Waker::noop())).map(Outgoing)
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        let longest = self.0.as_ref().map(|driver| driver.capabilities().max_transmission_unit);
        capabilities.max_transmission_unit = longest.unwrap_or(FRAME_BYTES);
        capabilities.max_burst_size = Some(1);
        capabilities
    }
}
