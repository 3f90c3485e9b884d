//! Somebody on the line between a board and its broker: a TCP proxy on loopback that turns a bit of what passes.
//!
//! It takes packets apart just far enough not to stall (MQTT 5 §2.1), and alters only those from the broker in which the
//! bytes that it was told to look for stand. Everything it touches was right when it left the desk. Next: `time_server.rs`.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What it looks for, and how often it found it.
#[derive(Default)]
struct Mind {
    wanted: Mutex<Option<Vec<u8>>>,
    bent: AtomicUsize,
}

/// The proxy. It ends with the test's program.
pub struct Tamperer {
    address: SocketAddr,
    mind: Arc<Mind>,
}

impl Tamperer {
    /// Passes on what comes to a free port of this machine.
    ///
    /// # Panics
    /// When the system gives no port.
    #[must_use]
    pub fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its number");
        let mind = Arc::new(Mind::default());
        let shared = Arc::clone(&mind);
        std::thread::spawn(move || {
            for board in listener.incoming().flatten() {
                let mind = Arc::clone(&shared);
                std::thread::spawn(move || connect(board, target, &mind));
            }
        });
        Self { address, mind }
    }

    /// Where to connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the first bit of these bytes is turned wherever they pass to the board; none leaves everything alone.
    pub fn look_for(&self, wanted: Option<&[u8]>) {
        *self.mind.wanted.lock().unwrap_or_else(PoisonError::into_inner) = wanted.map(<[u8]>::to_vec);
    }

    /// How often it turned a bit.
    #[must_use]
    pub fn bent(&self) -> usize {
        self.mind.bent.load(Ordering::Relaxed)
    }
}

fn connect(board: TcpStream, target: SocketAddr, mind: &Mind) {
    let Ok(broker) = TcpStream::connect(target) else { return };
    let (Ok(mut from_board), Ok(mut to_broker)) = (board.try_clone(), broker.try_clone()) else { return };
    let up = std::thread::spawn(move || {
        // Ends when either side hangs up.
        let _over = std::io::copy(&mut from_board, &mut to_broker);
        let _gone = to_broker.shutdown(Shutdown::Both);
    });
    let _over = pass_down(&broker, &board, mind);
    let _gone = (board.shutdown(Shutdown::Both), broker.shutdown(Shutdown::Both));
    let _ended = up.join();
}

/// Passes on packet by packet.
fn pass_down(mut broker: &TcpStream, mut board: &TcpStream, mind: &Mind) -> std::io::Result<()> {
    loop {
        let mut packet = vec![0; 1];
        broker.read_exact(&mut packet)?;
        let mut length = 0;
        for at in 0..4 {
            let mut byte = [0];
            broker.read_exact(&mut byte)?;
            packet.push(byte[0]);
            length |= usize::from(byte[0] & 0x7f) << (7 * at);
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        let head = packet.len();
        packet.resize(head + length, 0);
        broker.read_exact(&mut packet[head..])?;
        let wanted = mind.wanted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let found = wanted.and_then(|wanted| packet.windows(wanted.len()).position(|bytes| bytes == wanted));
        if let Some(at) = found {
            packet[at] ^= 1;
            mind.bent.fetch_add(1, Ordering::Relaxed);
        }
        board.write_all(&packet)?;
    }
}
