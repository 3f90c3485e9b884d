//! Whole Ethernet frames onto a network interface, for cards that know nothing of addresses above them.
//!
//! The only file that names `nix`. It decides when the interface is looked for: with the first frame, and again after
//! one that could not be sent. What the frames say is `colorlight.rs`.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{AddressFamily, LinkAddr, MsgFlags, SockFlag, SockType, bind, send, socket};

use super::colorlight::Wire;

/// A network interface that takes whole frames.
#[derive(Debug)]
pub struct Ethernet {
    interface: String,
    open: Option<OwnedFd>,
}

impl Ethernet {
    /// An interface by its name, such as `eth0`; nothing is opened before the first frame.
    #[must_use]
    pub fn on(interface: &str) -> Self {
        Self { interface: interface.to_owned(), open: None }
    }

    fn opened(&self) -> io::Result<OwnedFd> {
        let name = &self.interface;
        // Protocol 0: frames are sent, none are taken in.
        let opened = socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None);
        let socket = opened.map_err(|errno| match errno {
            Errno::EPERM | Errno::EACCES => io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("whole frames to {name} take the capability CAP_NET_RAW, which this program was not given"),
            ),
            errno => errno.into(),
        })?;
        bind(socket.as_raw_fd(), &link(name)?)?;
        Ok(socket)
    }
}

/// The interface's place among the machine's.
fn link(name: &str) -> io::Result<LinkAddr> {
    let mut interfaces = getifaddrs()?.filter(|interface| interface.interface_name == name);
    let found = interfaces.find_map(|interface| interface.address?.as_link_addr().copied());
    found
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("this machine has no network interface {name}")))
}

impl Wire for Ethernet {
    fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        let socket = match self.open.take() {
            Some(socket) => socket,
            None => self.opened()?,
        };
        let sent = send(socket.as_raw_fd(), frame, MsgFlags::empty()).map_err(|errno| match errno {
            Errno::ENETDOWN | Errno::ENXIO | Errno::ENODEV => {
                io::Error::other(format!("the network interface {} is down or gone", self.interface))
            }
            errno => errno.into(),
        })?;
        self.open = Some(socket);
        if sent == frame.len() { Ok(()) } else { Err(io::Error::other("a frame was cut")) }
    }

    fn rest(&mut self, time: Duration) {
        thread::sleep(time);
    }
}

#[cfg(test)]
mod tests;
