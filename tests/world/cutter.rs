//! A bad line: a TCP proxy on loopback that cuts, refuses, stalls and slows what passes, and counts it.
//!
//! It knows nothing of the protocol, and its random cuts repeat for a seed. It never alters or reorders bytes: TCP
//! does not either. Next: `mosquitto.rs`, a broker to put behind it.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Bytes moved at once: small, so that a cut or a stall takes effect soon.
const PIECE_BYTES: usize = 4096;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// From the client that connected to the proxy, to the target.
    Up = 0,
    /// From the target to the client.
    Down = 1,
}

/// A running proxy. Dropping it cuts everything and ends it.
pub struct Cutter {
    address: SocketAddr,
    line: Arc<Line>,
    accepting: JoinHandle<()>,
}

/// What all connections of one proxy share.
struct Line {
    target: SocketAddr,
    passed: [AtomicU64; 2],
    stalled: [watch::Sender<bool>; 2],
    bytes_per_s: AtomicU64,
    refusing: AtomicBool,
    connections: AtomicU64,
    cuts: AtomicU64,
    /// Counts up at each cut; a connection lives as long as the count it began with.
    cut: watch::Sender<u64>,
    plan: Mutex<Plan>,
}

/// Random cuts: after how many bytes of both ways together the next one falls.
struct Plan {
    between_bytes: Option<RangeInclusive<u64>>,
    left: u64,
    next_bytes: u64,
    random: u64,
}

impl Cutter {
    /// Starts to forward from a free port of this machine to `target`.
    ///
    /// # Errors
    /// When the system gives no port.
    pub async fn start(target: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let line = Arc::new(Line {
            target,
            passed: Default::default(),
            stalled: [watch::Sender::new(false), watch::Sender::new(false)],
            bytes_per_s: AtomicU64::new(0),
            refusing: AtomicBool::new(false),
            connections: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
            cut: watch::Sender::new(0),
            plan: Mutex::new(Plan { between_bytes: None, left: 0, next_bytes: 0, random: 0 }),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&line)));
        Ok(Self { address, line, accepting })
    }

    /// Where to connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Bytes that went this way since the start.
    #[must_use]
    pub fn passed(&self, way: Way) -> u64 {
        self.line.passed[way as usize].load(Ordering::Relaxed)
    }

    /// Connections made since the start.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.line.connections.load(Ordering::Relaxed)
    }

    /// Cuts made since the start, by hand and at random.
    #[must_use]
    pub fn cuts(&self) -> u64 {
        self.line.cuts.load(Ordering::Relaxed)
    }

    /// Ends all present connections at once, without a goodbye. New ones are accepted.
    pub fn cut(&self) {
        self.line.cut_all();
    }

    /// Whether new connections are ended as soon as they are made. Present ones live on.
    pub fn refuse(&self, refuse: bool) {
        self.line.refusing.store(refuse, Ordering::Relaxed);
    }

    /// Stops or resumes one direction: bytes pile up before the proxy and nobody is told.
    pub fn stall(&self, way: Way, stalled: bool) {
        self.line.stalled[way as usize].send_replace(stalled);
    }

    /// Limits each direction of each connection to so many bytes per second; 0 is no limit.
    pub fn limit(&self, bytes_per_s: u64) {
        self.line.bytes_per_s.store(bytes_per_s, Ordering::Relaxed);
    }

    /// Makes `times` cuts, each after a random number of further bytes (both ways together) in `between_bytes`.
    /// Equal seeds choose equal numbers.
    pub fn cut_at_random(&self, seed: u64, times: u64, between_bytes: RangeInclusive<u64>) {
        let mut plan = self.line.plan();
        *plan = Plan { between_bytes: Some(between_bytes), left: times, next_bytes: 0, random: seed };
        plan.choose();
    }

    /// Random cuts still to come.
    #[must_use]
    pub fn cuts_left(&self) -> u64 {
        self.line.plan().left
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.accepting.abort();
        self.line.cut_all();
    }
}

impl Plan {
    fn choose(&mut self) {
        let Some(between) = &self.between_bytes else {
            return;
        };
        let width = between.end().saturating_sub(*between.start()) + 1;
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.next_bytes = between.start() + (self.random >> 33) % width;
    }

    /// How many of these bytes may still pass, and whether a cut falls after them.
    fn spend(&mut self, bytes: usize) -> (usize, bool) {
        if self.left == 0 {
            return (bytes, false);
        }
        let wanted = bytes as u64;
        if wanted < self.next_bytes {
            self.next_bytes -= wanted;
            return (bytes, false);
        }
        let pass = usize::try_from(self.next_bytes).unwrap_or(bytes);
        self.left -= 1;
        self.choose();
        (pass, true)
    }
}

impl Line {
    fn plan(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cut_all(&self) {
        self.cuts.fetch_add(1, Ordering::Relaxed);
        self.cut.send_modify(|count| *count += 1);
    }

    /// Moves bytes one way until one side ends, an error, or a cut that falls inside what is moved.
    async fn pump(&self, way: Way, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut stalled = self.stalled[way as usize].subscribe();
        let mut piece = [0; PIECE_BYTES];
        loop {
            if stalled.wait_for(|stalled| !stalled).await.is_err() {
                return;
            }
            let Ok(count @ 1..) = from.read(&mut piece).await else {
                let _ = to.shutdown().await;
                return;
            };
            // What was read as the stall began waits too.
            if stalled.wait_for(|stalled| !stalled).await.is_err() {
                return;
            }
            let (pass, cut) = self.plan().spend(count);
            let written = to.write_all(&piece[..pass]).await;
            self.passed[way as usize].fetch_add(pass as u64, Ordering::Relaxed);
            if cut {
                self.cut_all();
            }
            if cut || written.is_err() {
                return;
            }
            let micros = pass as u64 * 1_000_000;
            if let Some(wait_us) = micros.checked_div(self.bytes_per_s.load(Ordering::Relaxed)) {
                tokio::time::sleep(Duration::from_micros(wait_us)).await;
            }
        }
    }
}

async fn accept(listener: TcpListener, line: Arc<Line>) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            return;
        };
        if !line.refusing.load(Ordering::Relaxed) {
            line.connections.fetch_add(1, Ordering::Relaxed);
            // Listened to from here: a cut between now and the task's start must end this connection too.
            let cut = line.cut.subscribe();
            tokio::spawn(forward(client, Arc::clone(&line), cut));
        }
    }
}

async fn forward(client: TcpStream, line: Arc<Line>, mut cut: watch::Receiver<u64>) {
    let both_ways = async {
        let Ok(target) = TcpStream::connect(line.target).await else {
            return;
        };
        // A test's small packets should not wait for each other.
        let _ = (client.set_nodelay(true), target.set_nodelay(true));
        let (client_from, client_to) = client.into_split();
        let (target_from, target_to) = target.into_split();
        tokio::join!(line.pump(Way::Up, client_from, target_to), line.pump(Way::Down, target_from, client_to));
    };
    tokio::select! {
        () = both_ways => {}
        _ = cut.changed() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;
    use tokio::time::timeout;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// A server that sends everything back.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.into_split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        address
    }

    async fn line() -> (Cutter, TcpStream) {
        let cutter = Cutter::start(echo().await).await.unwrap();
        let stream = TcpStream::connect(cutter.address()).await.unwrap();
        (cutter, stream)
    }

    async fn there_and_back(stream: &mut TcpStream, bytes: &[u8]) -> bool {
        let mut back = vec![0; bytes.len()];
        timeout(PATIENCE, async {
            stream.write_all(bytes).await.is_ok() && stream.read_exact(&mut back).await.is_ok() && back == bytes
        })
        .await
        .expect("an answer or an end")
    }

    async fn ended(stream: &mut TcpStream) -> bool {
        timeout(PATIENCE, stream.read_u8()).await.expect("an end").is_err()
    }

    #[tokio::test]
    async fn what_passes_is_unchanged_and_counted() {
        let (cutter, mut stream) = line().await;
        let bytes: Vec<u8> = (0..50_000_u32).map(|n| (n % 251) as u8).collect();
        assert!(there_and_back(&mut stream, &bytes).await);
        assert_eq!((cutter.passed(Way::Up), cutter.passed(Way::Down)), (50_000, 50_000));
        assert_eq!((cutter.connections(), cutter.cuts()), (1, 0));
    }

    #[tokio::test]
    async fn a_goodbye_of_the_client_reaches_the_target_and_the_answer_the_client() {
        let (_cutter, mut stream) = line().await;
        stream.write_all(b"last words").await.unwrap();
        stream.shutdown().await.unwrap();
        let mut back = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut back)).await.unwrap().unwrap();
        assert_eq!(back, b"last words");
    }

    #[tokio::test]
    async fn a_cut_ends_all_connections_and_the_next_one_works() {
        let (cutter, mut first) = line().await;
        let mut second = TcpStream::connect(cutter.address()).await.unwrap();
        assert!(there_and_back(&mut first, b"1").await && there_and_back(&mut second, b"2").await);
        cutter.cut();
        assert!(ended(&mut first).await && ended(&mut second).await);
        let mut third = TcpStream::connect(cutter.address()).await.unwrap();
        assert!(there_and_back(&mut third, b"3").await);
        drop(cutter);
        assert!(ended(&mut third).await);
    }

    #[tokio::test]
    async fn a_refusing_line_ends_new_connections_and_keeps_the_old() {
        let (cutter, mut old) = line().await;
        assert!(there_and_back(&mut old, b"1").await);
        cutter.refuse(true);
        assert!(ended(&mut TcpStream::connect(cutter.address()).await.unwrap()).await);
        assert!(there_and_back(&mut old, b"2").await);
        cutter.refuse(false);
        assert!(there_and_back(&mut TcpStream::connect(cutter.address()).await.unwrap(), b"3").await);
    }

    #[tokio::test]
    async fn a_stalled_direction_passes_nothing_until_it_is_resumed() {
        let (cutter, mut stream) = line().await;
        assert!(there_and_back(&mut stream, b"1").await);
        cutter.stall(Way::Down, true);
        stream.write_all(b"2").await.unwrap();
        while cutter.passed(Way::Up) < 2 {
            tokio::task::yield_now().await;
        }
        assert!(timeout(Duration::from_millis(50), stream.read_u8()).await.is_err());
        assert_eq!(cutter.passed(Way::Down), 1);
        cutter.stall(Way::Down, false);
        assert_eq!(timeout(PATIENCE, stream.read_u8()).await.unwrap().unwrap(), b'2');
    }

    #[tokio::test]
    async fn a_limit_slows_the_line_to_it() {
        let (cutter, mut stream) = line().await;
        cutter.limit(100_000);
        let start = Instant::now();
        assert!(there_and_back(&mut stream, &[5; 30_000]).await);
        let took = start.elapsed();
        // The last piece is not waited for, and both ways overlap.
        assert!(took >= Duration::from_millis(200), "{took:?}");
    }

    #[tokio::test]
    async fn random_cuts_fall_after_the_bytes_the_seed_says_and_then_no_more() {
        let mut runs = Vec::new();
        for _ in 0..2 {
            let cutter = Cutter::start(echo().await).await.unwrap();
            cutter.cut_at_random(7, 5, 1_000..=9_000);
            let mut cut_at = Vec::new();
            while cutter.cuts_left() > 0 {
                let mut stream = TcpStream::connect(cutter.address()).await.unwrap();
                // One byte at a time there and back: what has passed at a cut is exact.
                while there_and_back(&mut stream, b"x").await {}
                cut_at.push(cutter.passed(Way::Up) + cutter.passed(Way::Down));
            }
            let gaps = cut_at.iter().zip([0].iter().chain(&cut_at)).map(|(at, before)| at - before);
            assert!(gaps.into_iter().all(|gap| (1_000..=9_000).contains(&gap)), "{cut_at:?}");
            assert_eq!(cutter.cuts(), 5);
            let mut last = TcpStream::connect(cutter.address()).await.unwrap();
            assert!(there_and_back(&mut last, &[1; 50_000]).await);
            runs.push(cut_at);
        }
        assert_eq!(runs[0], runs[1]);
    }
}
