//! The network: an address by DHCP, one connection to the broker, questions to a time server.
//!
//! It carries bytes and decides when to connect anew, no more. What the bytes mean is `loa_firmware::link`, what carries
//! frames the board's own `ethernet.rs`. Next: `hub75.rs`.

use loa_firmware::flash::Flash;
use loa_firmware::link::Wire;
use loa_firmware::{Device, sntp};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::phy::Device as Frames;
use smoltcp::socket::{dhcpv4, tcp, udp};
use smoltcp::time::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, HardwareAddress, IpCidr, IpEndpoint};

/// Bytes of a connection that wait to be read.
const RECEIVE: usize = 2048;
/// Bytes of a connection that wait to be acknowledged: one record and more.
const SEND: usize = 1400;
/// Bytes that are handed on at a time.
const PIECE: usize = 512;
/// First wait before a broker that was lost is called again, in milliseconds.
const WAIT_MS: u64 = 1_000;
/// Longest wait, in milliseconds.
const WAIT_MAX_MS: u64 = 60_000;
/// A peer that is silent for so long while something waits for it is gone.
const SILENCE_S: u64 = 30;

/// Memory of the network, lent for as long as the board runs.
pub struct Memory {
    sockets: [SocketStorage<'static>; 3],
    receive: [u8; RECEIVE],
    send: [u8; SEND],
    question: [u8; sntp::BYTES],
    answer: [u8; sntp::BYTES],
    heads: [udp::PacketMetadata; 2],
}

impl Memory {
    /// Empty.
    // At run time: as a constant it would lie on flash, byte by byte.
    pub fn empty() -> Self {
        Self {
            sockets: core::array::from_fn(|_| SocketStorage::EMPTY),
            receive: [0; RECEIVE],
            send: [0; SEND],
            question: [0; sntp::BYTES],
            answer: [0; sntp::BYTES],
            heads: [udp::PacketMetadata::EMPTY; 2],
        }
    }
}

/// The network.
pub struct Net {
    interface: Interface,
    sockets: SocketSet<'static>,
    dhcp: SocketHandle,
    tcp: SocketHandle,
    udp: SocketHandle,
    has_address: bool,
    is_open: bool,
    /// When the broker may be called.
    call_ms: u64,
    wait_ms: u64,
    port: u16,
}

/// The connection, as the link writes to it.
struct Pipe<'s>(&'s mut tcp::Socket<'static>);

impl Wire for Pipe<'_> {
    fn room(&self) -> usize {
        if self.0.can_send() { self.0.send_capacity() - self.0.send_queue() } else { 0 }
    }

    fn send(&mut self, bytes: &[u8]) {
        // There is room: the link asks. A connection that has gone meanwhile is seen in the next round.
        let _gone = self.0.send_slice(bytes);
    }
}

fn instant(now_ms: u64) -> Instant {
    Instant::from_millis(i64::try_from(now_ms).unwrap_or(i64::MAX))
}

impl Net {
    /// Begins to look for an address on what carries frames to and from the board's `address`.
    pub fn start(frames: &mut impl Frames, address: [u8; 6], memory: &'static mut Memory, now_ms: u64) -> Self {
        let mut config = Config::new(HardwareAddress::Ethernet(EthernetAddress(address)));
        config.random_seed = address.iter().fold(now_ms, |seed, byte| seed << 8 | u64::from(*byte));
        let interface = Interface::new(config, frames, instant(now_ms));
        let Memory { sockets, receive, send, question, answer, heads } = memory;
        let mut sockets = SocketSet::new(&mut sockets[..]);
        let mut tcp = tcp::Socket::new(tcp::SocketBuffer::new(&mut receive[..]), tcp::SocketBuffer::new(&mut send[..]));
        tcp.set_timeout(Some(Duration::from_secs(SILENCE_S)));
        tcp.set_nagle_enabled(false);
        let (incoming, outgoing) = heads.split_at_mut(1);
        let udp = udp::Socket::new(
            udp::PacketBuffer::new(incoming, &mut answer[..]),
            udp::PacketBuffer::new(outgoing, &mut question[..]),
        );
        let (dhcp, tcp, udp) = (sockets.add(dhcpv4::Socket::new()), sockets.add(tcp), sockets.add(udp));
        let port = 49_152 + (u16::from_be_bytes([address[4], address[5]]) & 0x0fff);
        Self {
            interface,
            sockets,
            dhcp,
            tcp,
            udp,
            has_address: false,
            is_open: false,
            call_ms: 0,
            wait_ms: WAIT_MS,
            port,
        }
    }

    /// Moves frames, and all that rests on them. Gives when to call again at the latest, in monotonic milliseconds.
    pub fn work<F: Flash>(&mut self, frames: &mut impl Frames, device: &mut Device<'_, F>, now_ms: u64) -> u64 {
        self.interface.poll(instant(now_ms), frames, &mut self.sockets);
        self.address();
        self.time(device, now_ms);
        let device_ms = self.broker(device, now_ms);
        self.interface.poll(instant(now_ms), frames, &mut self.sockets);
        let stack = self.interface.poll_delay(instant(now_ms), &self.sockets);
        let stack_ms = stack.map_or(u64::MAX, |delay| now_ms + delay.total_millis());
        let call_ms = if self.has_address && !self.is_open && self.call_ms > now_ms { self.call_ms } else { u64::MAX };
        device_ms.min(stack_ms).min(call_ms)
    }

    fn address(&mut self) {
        let Some(event) = self.sockets.get_mut::<dhcpv4::Socket<'_>>(self.dhcp).poll() else { return };
        let given = match event {
            dhcpv4::Event::Configured(given) => Some((given.address, given.router)),
            dhcpv4::Event::Deconfigured => None,
        };
        self.has_address = given.is_some();
        self.interface.update_ip_addrs(|addresses| {
            addresses.clear();
            // One fits into none.
            let _fits = given.map(|(address, _)| addresses.push(IpCidr::Ipv4(address)));
        });
        let routes = self.interface.routes_mut();
        routes.remove_default_ipv4_route();
        if let Some(router) = given.and_then(|(_, router)| router) {
            // The first of two.
            let _fits = routes.add_default_ipv4_route(router);
        }
    }

    fn broker<F: Flash>(&mut self, device: &mut Device<'_, F>, now_ms: u64) -> u64 {
        let Self { interface, sockets, tcp, is_open, call_ms, wait_ms, port, has_address, .. } = self;
        let socket = sockets.get_mut::<tcp::Socket<'_>>(*tcp);
        if *is_open && !socket.may_recv() && !socket.can_recv() {
            // The peer hung up, or is silent.
            socket.abort();
            (*is_open, *call_ms) = (false, now_ms + *wait_ms);
            *wait_ms = (*wait_ms * 2).min(WAIT_MAX_MS);
            device.lost();
        }
        if !*is_open && socket.may_send() {
            *is_open = true;
            device.opened(now_ms, &mut Pipe(socket));
        }
        if !*is_open && *has_address && !socket.is_open() && now_ms >= *call_ms {
            let to = device.broker();
            *port = if *port == u16::MAX { 49_152 } else { *port + 1 };
            // An address that nobody can call stays uncalled.
            let _never = socket.connect(interface.context(), IpEndpoint::new(to.ip().into(), to.port), *port);
            *call_ms = now_ms + *wait_ms;
        }
        let mut done = Ok(());
        let mut piece = [0; PIECE];
        while done.is_ok() && socket.can_recv() {
            let length = socket.recv_slice(&mut piece).unwrap_or_default();
            done = device.heard(now_ms, &piece[..length], &mut Pipe(socket));
        }
        if device.is_up() {
            // It was worth calling.
            *wait_ms = WAIT_MS;
        }
        let next_ms = done.and_then(|()| device.work(now_ms, &mut Pipe(socket)));
        next_ms.unwrap_or_else(|_| {
            socket.abort();
            (*is_open, *call_ms) = (false, now_ms + *wait_ms);
            *wait_ms = (*wait_ms * 2).min(WAIT_MAX_MS);
            device.lost();
            *call_ms
        })
    }

    fn time<F: Flash>(&mut self, device: &mut Device<'_, F>, now_ms: u64) {
        let Self { sockets, udp, has_address, .. } = self;
        let socket = sockets.get_mut::<udp::Socket<'_>>(*udp);
        if !socket.is_open() {
            // The port is free: nothing else is open.
            let _free = socket.bind(49_151);
        }
        while let Ok((packet, _)) = socket.recv() {
            device.time_answer(packet, now_ms);
        }
        if let Some((to, question)) = device.ask_time(now_ms).filter(|_| *has_address) {
            // Without room it is asked again.
            let _full = socket.send_slice(&question, IpEndpoint::new(to.ip().into(), to.port));
        }
    }
}
