//! Frames over a pair of virtual interfaces, where the machine lets a test make one.

use super::*;
use crate::play::board::out::colorlight::Colorlight;
use crate::play::board::output::{Frame, Output, Rgb24};
use loa_host::clock::Clock;
use nix::sys::socket::{SockProtocol, recv, setsockopt, sockopt::ReceiveTimeout};
use nix::sys::time::{TimeVal, TimeValLike};
use std::process::{Command, Stdio};

/// Two virtual interfaces with a cable between them; gone when dropped.
struct Pair {
    near: String,
    far: String,
}

fn ip(arguments: &str) -> bool {
    let mut command = Command::new("ip");
    command.args(arguments.split(' ')).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

impl Pair {
    fn new() -> Option<Self> {
        let id = std::process::id();
        let pair = Self { near: format!("loan{id}"), far: format!("loaf{id}") };
        let made = ip(&format!("link add {} type veth peer name {}", pair.near, pair.far));
        (made && ip(&format!("link set {} up", pair.near)) && ip(&format!("link set {} up", pair.far))).then_some(pair)
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        ip(&format!("link del {}", self.near));
    }
}

fn far_end(name: &str) -> OwnedFd {
    let all = Some(SockProtocol::EthAll);
    let socket = socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, all).unwrap();
    bind(socket.as_raw_fd(), &link(name).unwrap()).unwrap();
    setsockopt(&socket, ReceiveTimeout, &TimeVal::seconds(5)).unwrap();
    socket
}

fn frame_from_sender(socket: &OwnedFd) -> Vec<u8> {
    let mut buffer = [0; 2_048];
    loop {
        let length = recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()).expect("a frame within five seconds");
        if buffer[6..12] == [0x22, 0x22, 0x33, 0x44, 0x55, 0x66] {
            return buffer[..length].to_vec();
        }
    }
}

#[test]
fn frames_come_out_at_the_other_end_of_the_cable_as_they_went_in() {
    let Some(pair) = Pair::new() else {
        eprintln!("skipped: this machine does not let a test make virtual network interfaces");
        return;
    };
    let far = far_end(&pair.far);
    let mut output = Colorlight::new(Ethernet::on(&pair.near));
    let bytes: Vec<u8> = (0..512 * 2 * 3).map(|byte| byte as u8).collect();
    let pixels = Rgb24 { width_px: 512, height_px: 2, bytes: &bytes, brightness_percent: 100 };
    output.put(&Frame { pixels: &pixels, voice: None, now: Clock::manual().now(), is_running: false }).unwrap();
    let frames: Vec<Vec<u8>> = (0..6).map(|_| frame_from_sender(&far)).collect();
    let kinds: Vec<(u8, usize)> = frames.iter().map(|frame| (frame[12], frame.len())).collect();
    assert_eq!(kinds, [(0x0a, 77), (0x55, 1_512), (0x55, 66), (0x55, 1_512), (0x55, 66), (0x01, 112)]);
    assert_eq!(frames[1][21..24], [bytes[2], bytes[1], bytes[0]]);
    assert!(ip(&format!("link set {} down", pair.near)));
    let error = output.put(&Frame { pixels: &pixels, voice: None, now: Clock::manual().now(), is_running: false });
    assert!(error.unwrap_err().to_string().contains("is down or gone"));
}

#[test]
fn an_interface_that_is_not_there_is_named() {
    let error = Ethernet::on("loa-none").send(&[0; 60]).unwrap_err();
    let named = error.to_string().contains("loa-none");
    assert!(named && [io::ErrorKind::NotFound, io::ErrorKind::PermissionDenied].contains(&error.kind()), "{error}");
}
