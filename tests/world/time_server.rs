//! A time server (SNTP, RFC 4330) on loopback, honest or not.
//!
//! It answers each question with the machine's own time, or with something that is no answer. Next: `programs.rs`.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use loa_domain::time::UtcMs;

/// Seconds from 1900 to 1970.
const SINCE_1900_S: i64 = 2_208_988_800;

/// The server. It ends with the test's program.
pub struct TimeServer {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
    is_honest: Arc<AtomicBool>,
}

impl TimeServer {
    /// Listens at a free port; `now` is the time that it tells.
    ///
    /// # Panics
    /// When the system gives no port.
    #[must_use]
    pub fn start(now: impl Fn() -> UtcMs + Send + 'static) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = socket.local_addr().expect("its number");
        let (asked, is_honest) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, honest) = (Arc::clone(&asked), Arc::clone(&is_honest));
        std::thread::spawn(move || {
            let mut question = [0; 128];
            while let Ok((length, from)) = socket.recv_from(&mut question) {
                count.fetch_add(1, Ordering::Relaxed);
                for answer in answers(&question[..length], now(), honest.load(Ordering::Relaxed)) {
                    // Who has gone meanwhile asks again.
                    let _gone = socket.send_to(&answer, from);
                }
            }
        });
        Self { address, asked, is_honest }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How often it was asked.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// From now on it tells the time.
    pub fn tell_the_truth(&self) {
        self.is_honest.store(true, Ordering::Relaxed);
    }
}

fn answers(question: &[u8], now: UtcMs, is_honest: bool) -> Vec<Vec<u8>> {
    let Some(number) = question.get(40..48) else { return Vec::new() };
    let mut right = vec![0; 48];
    (right[0], right[1]) = (0x24, 2);
    right[24..32].copy_from_slice(number);
    let seconds = (now.0.div_euclid(1000) + SINCE_1900_S) as u32;
    right[40..44].copy_from_slice(&seconds.to_be_bytes());
    right[44..48].copy_from_slice(&(((now.0.rem_euclid(1000) << 32) / 1000) as u32).to_be_bytes());
    if is_honest {
        return vec![right];
    }
    let bent = |at: usize, byte: u8| {
        let mut packet = right.clone();
        packet[at] = byte;
        packet
    };
    // Another number, a kiss of death, a server that knows no time itself, half a packet.
    vec![bent(24, number[0] ^ 1), bent(1, 0), bent(0, 0xe4), right[..40].to_vec()]
}
