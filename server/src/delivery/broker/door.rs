//! The way in from other machines: TLS ends here, and what passes is carried to the broker inside.
//!
//! The broker library has a TLS of its own. It was not taken: it accepts 1.2, reads its certificate once and for all,
//! cannot tell a visitor from a player on one port, reserves room for whatever length a stranger names, and has no limits
//! by address or by player. Here all of that is decided before the library hears of a connection.
//! Who somebody is reaches the broker's gate by the *address* from which this door dials it: what the certificate said
//! is noted under that address (`Shown`) before a byte is sent from it, and the note is gone before the port is free
//! again. No byte of the connection has a part in that, so none can forge it.
//! How much anybody may ask for is `limits.rs`; how hands are shaken, `handshake.rs`.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use loa_host::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::access::Shown;
use super::frames::{CONNECT, Frames};
use super::handshake::{Handshake, Named, Secure};
use super::limits::{
    Arrivals, CONNECT_BYTES, Days, Full, PLAYER, PLAYER_PACKET_BYTES, Pace, Sight, Sightings, VISIT_MS, VISITOR,
    VISITOR_PACKET_BYTES,
};
use super::{Gate, HANDSHAKE_MAX};

/// Bytes taken at a time: a record of TLS.
const PIECE_BYTES: usize = 16 * 1024;

/// How long a connection that is over may take to bring its last words across.
const GOODBYE_MAX: Duration = Duration::from_millis(500);

/// Connections the system keeps waiting while none is accepted.
const BACKLOG: u32 = 1_024;

/// What the door needs to know.
#[derive(Clone)]
pub struct DoorConfig {
    /// Where to listen for other machines. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// What is shown and who is believed; a new one counts from the next connection on.
    pub handshake: watch::Receiver<Handshake>,
    /// When certificates end, and how fast is too fast.
    pub clock: Clock,
}

/// What the door has counted since it opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DoorCounts {
    /// Connections that are there.
    pub open: usize,
    /// Of these, those that have not said who they are.
    pub half_open: usize,
    /// Connections that were not taken, because there were too many.
    pub turned_away: u64,
    /// Connections that were closed for others because they did not say who they were.
    pub gave_way: u64,
    /// Connections that ended before anybody knew who it was.
    pub unnamed: u64,
    /// Players that came from another address while their connection from the first still lived.
    pub taken_over: u64,
    /// Comings that look like a copied certificate.
    pub cloned: u64,
    /// Connections cut for a packet that may not come.
    pub broken: u64,
    /// Times a connection was made to wait.
    pub slowed: u64,
}

#[derive(Default)]
struct Counters {
    turned_away: AtomicU64,
    gave_way: AtomicU64,
    unnamed: AtomicU64,
    taken_over: AtomicU64,
    cloned: AtomicU64,
    broken: AtomicU64,
    slowed: AtomicU64,
}

fn one_more(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// What connections of this door have shown, by the address from which it dials the broker.
#[derive(Default)]
pub(super) struct ShownBy(Mutex<HashMap<SocketAddr, Shown>>);

impl ShownBy {
    /// What the connection from this address showed; nothing if it did not come through the door.
    pub(super) fn at(&self, address: SocketAddr) -> Option<Shown> {
        locked(&self.0).get(&address).cloned()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Live {
    cut: Option<AbortHandle>,
    named: Option<Named>,
}

struct State {
    arrivals: Arrivals,
    sightings: Sightings,
    days: Days,
    live: HashMap<u64, Live>,
}

struct Inside {
    config: DoorConfig,
    broker: SocketAddr,
    shown: Arc<ShownBy>,
    state: Mutex<State>,
    counters: Counters,
}

/// An open door. It closes with the runtime it was opened on.
#[derive(Clone)]
pub struct Door {
    inside: Arc<Inside>,
    address: SocketAddr,
}

impl Door {
    /// Opens a door to the broker at `broker`. Must be called on the runtime that is to run it.
    pub(super) fn open(
        config: DoorConfig,
        broker: SocketAddr,
        shown: Arc<ShownBy>,
        connections_max: usize,
    ) -> io::Result<Self> {
        let socket = if config.listen.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(config.listen)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let state = State {
            arrivals: Arrivals::new(connections_max),
            sightings: Sightings::default(),
            days: Days::default(),
            live: HashMap::new(),
        };
        let inside =
            Arc::new(Inside { config, broker, shown, state: Mutex::new(state), counters: Counters::default() });
        tokio::spawn(listen(listener, Arc::clone(&inside)));
        Ok(Self { inside, address })
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the players that the gate admits no longer. Gives how many there were.
    pub fn cut_unwelcome(&self, gate: &dyn Gate) -> usize {
        let state = locked(&self.inside.state);
        let is_unwelcome = |named: &Named| !gate.admits_certificate(&named.player, &named.key_mark);
        let unwelcome = state.live.values().filter(|live| live.named.as_ref().is_some_and(is_unwelcome));
        unwelcome.filter_map(|live| live.cut.as_ref()).map(AbortHandle::abort).count()
    }

    /// What came so far.
    #[must_use]
    pub fn counts(&self) -> DoorCounts {
        let (open, half_open) = locked(&self.inside.state).arrivals.counts();
        let counters = &self.inside.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        DoorCounts {
            open,
            half_open,
            turned_away: read(&counters.turned_away),
            gave_way: read(&counters.gave_way),
            unnamed: read(&counters.unnamed),
            taken_over: read(&counters.taken_over),
            cloned: read(&counters.cloned),
            broken: read(&counters.broken),
            slowed: read(&counters.slowed),
        }
    }
}

async fn listen(listener: TcpListener, inside: Arc<Inside>) {
    loop {
        match listener.accept().await {
            Ok((stream, from)) => inside.knock(stream, from.ip()),
            Err(error) => {
                // Most often: no more files to be had. Those that are open go on, and some end.
                tracing::error!(%error, "no connection is taken for a moment; see the limit of open files");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// What was shown by whoever speaks from an address; forgotten with this.
struct Note {
    shown: Arc<ShownBy>,
    address: SocketAddr,
}

impl Drop for Note {
    fn drop(&mut self) {
        locked(&self.shown.0).remove(&self.address);
    }
}

/// Takes a connection out of every list when it ends, however it ends.
struct Leaving {
    inside: Arc<Inside>,
    number: u64,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        let mut state = locked(&self.inside.state);
        state.arrivals.left(self.number);
        state.live.remove(&self.number);
    }
}

impl Inside {
    fn now_ms(&self) -> u64 {
        self.config.clock.now().mono_raw_ns / 1_000_000
    }

    fn knock(self: &Arc<Self>, stream: TcpStream, from: IpAddr) {
        let mut state = locked(&self.state);
        let (number, gives_way) = match state.arrivals.knock(from) {
            Ok(taken) => taken,
            Err(full) => {
                one_more(&self.counters.turned_away);
                return tracing::debug!(%from, ?full, "a connection is not taken");
            }
        };
        if let Some(live) = gives_way.and_then(|number| state.live.remove(&number)) {
            one_more(&self.counters.gave_way);
            live.cut.iter().for_each(AbortHandle::abort);
        }
        state.live.insert(number, Live { cut: None, named: None });
        let leaving = Leaving { inside: Arc::clone(self), number };
        let task = tokio::spawn(serve(stream, from, leaving));
        if let Some(live) = state.live.get_mut(&number) {
            live.cut = Some(task.abort_handle());
        }
    }

    /// Somebody said who it is.
    fn named(&self, number: u64, named: Option<&Named>, from: IpAddr) -> Result<(), Full> {
        let now_ms = self.now_ms();
        let mut state = locked(&self.state);
        state.arrivals.named(number, named.is_none())?;
        let Some(named) = named else { return Ok(()) };
        let has_name = |live: &Live| live.named.as_ref().is_some_and(|other| other.player == named.player);
        let is_there = state.live.values().any(has_name);
        let player = &named.player;
        match state.sightings.came(player, from, is_there, now_ms) {
            Sight::Usual => {}
            Sight::TakenOver => {
                one_more(&self.counters.taken_over);
                tracing::warn!(%player, %from, "came from another address; its connection from the first is ended");
            }
            Sight::Cloned => {
                one_more(&self.counters.cloned);
                tracing::error!(%player, %from, "cloned? Its certificate comes from two addresses in turn");
            }
        }
        if let Some(live) = state.live.get_mut(&number) {
            live.named = Some(named.clone());
        }
        Ok(())
    }

    /// How long a connection may last, in milliseconds.
    fn life_ms(&self, named: Option<&Named>) -> u64 {
        let now_s = self.config.clock.now().utc_ns.div_euclid(1_000_000_000);
        let left_s = |named: &Named| u64::try_from(named.ends_s.saturating_sub(now_s)).unwrap_or(0);
        named.map_or(VISIT_MS, |named| left_s(named).saturating_mul(1_000))
    }
}

/// One connection, from its first byte to its last.
async fn serve(stream: TcpStream, from: IpAddr, leaving: Leaving) {
    let inside = Arc::clone(&leaving.inside);
    let _delays_only = stream.set_nodelay(true);
    let handshake = inside.config.handshake.borrow().clone();
    let begun = timeout(HANDSHAKE_MAX, async {
        let (mut far, named) = handshake.accept(stream).await?;
        let connect = read_connect(&mut far).await?;
        Ok::<_, io::Error>((far, named, connect))
    });
    let (far, named, connect) = match begun.await {
        Ok(Ok(begun)) => begun,
        Ok(Err(error)) => {
            one_more(&inside.counters.unnamed);
            return tracing::debug!(%from, %error, "a connection that says not who it is");
        }
        Err(_) => return one_more(&inside.counters.unnamed),
    };
    if let Err(full) = inside.named(leaving.number, named.as_ref(), from) {
        one_more(&inside.counters.turned_away);
        return tracing::warn!(%from, ?full, "a visitor is not taken");
    }
    match dial(inside.broker).await {
        Ok(near) => carry(&inside, (far, near), (named.as_ref(), from), &connect).await,
        Err(error) => tracing::error!(%error, "the broker inside is not reached"),
    }
}

/// The first packet, whole. Anything else than a CONNECT ends the connection.
async fn read_connect(far: &mut Secure) -> io::Result<Vec<u8>> {
    let mut frames = Frames::new(CONNECT_BYTES);
    let mut packet = vec![far.read_u8().await?];
    if packet != [CONNECT] {
        return Err(io::Error::other("the first packet is no CONNECT"));
    }
    let broken = |broken| io::Error::other(format!("{broken:?}"));
    frames.came(&packet).map_err(broken)?;
    while !frames.is_between() {
        let byte = far.read_u8().await?;
        frames.came(&[byte]).map_err(broken)?;
        packet.push(byte);
    }
    Ok(packet)
}

async fn dial(broker: SocketAddr) -> io::Result<TcpStream> {
    let socket = if broker.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Else the ports of connections that ended in the last minute are not to be had.
    socket.set_reuseaddr(true)?;
    let near = socket.connect(broker).await?;
    near.set_nodelay(true)?;
    Ok(near)
}

async fn carry(
    inside: &Inside,
    (far, near): (Secure, TcpStream),
    (named, from): (Option<&Named>, IpAddr),
    connect: &[u8],
) {
    let Ok(address) = near.local_addr() else { return };
    let (mut near_hears, mut near_says) = near.into_split();
    let (far_hears, mut far_says) = tokio::io::split(far);
    let shown = named.map_or(Shown::Nothing { from }, |named| Shown::Certificate {
        player: named.player.clone(),
        key_mark: named.key_mark.clone(),
    });
    locked(&inside.shown.0).insert(address, shown);
    // Declared after the near end, so dropped before it: the port is not free while the note lives.
    let _note = Note { shown: Arc::clone(&inside.shown), address };
    if near_says.write_all(connect).await.is_err() {
        return;
    }
    tokio::select! {
        () = listen_to(inside, far_hears, near_says, named) => {}
        _ended = tokio::io::copy(&mut near_hears, &mut far_says) => {}
        () = sleep(Duration::from_millis(inside.life_ms(named))) => {}
    }
    goodbye(&mut far_says).await;
}

/// The broker's last packet often says why it ends.
async fn goodbye(far: &mut WriteHalf<Secure>) {
    let _ = timeout(GOODBYE_MAX, far.shutdown()).await;
}

/// Carries what a client says, at the pace it is allowed, until it ends or may not go on.
async fn listen_to(inside: &Inside, mut far: ReadHalf<Secure>, mut near: OwnedWriteHalf, named: Option<&Named>) {
    let (rate, largest) = if named.is_some() { (PLAYER, PLAYER_PACKET_BYTES) } else { (VISITOR, VISITOR_PACKET_BYTES) };
    let (mut pace, mut frames) = (Pace::new(rate), Frames::new(largest));
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let bytes = match far.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(bytes) => bytes,
        };
        let messages = match frames.came(&piece[..bytes]) {
            Ok(messages) => messages,
            Err(broken) => {
                one_more(&inside.counters.broken);
                return tracing::warn!(?named, ?broken, "cut for what it sends");
            }
        };
        if near.write_all(&piece[..bytes]).await.is_err() {
            return;
        }
        let now_ms = inside.now_ms();
        let bytes = bytes as u64;
        let today = named.map_or(0, |named| locked(&inside.state).days.came(&named.player, bytes, now_ms));
        let wait_ms = pace.came(messages, bytes, now_ms).max(today);
        if wait_ms > 0 {
            one_more(&inside.counters.slowed);
            sleep(Duration::from_millis(wait_ms)).await;
        }
    }
}
