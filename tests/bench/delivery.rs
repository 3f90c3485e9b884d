//! Five megabytes to 200 players: the desk with its own broker, beside Mosquitto with one message of the same bytes.
//!
//! The peer has the easier task: one unsigned message to subscribers that count it. Ours sends a signed release, the
//! orders and the clip in parts that are each checked. The third figure, our desk through Mosquitto, tells how much of
//! the difference is the embedded broker and how much the protocol.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use loa_domain::time::UtcMs;
use loa_host::clock::Clock;
use loa_host::keyfile;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::card::noise;
use crate::desk::{Desk, Timetable, free_port};
use crate::player::{Group, Player, Times};
use crate::process::{Cost, Running, peer, run, until};
use crate::table::{Failed, Table};

const PLAYERS: usize = 200;
/// Noise of this length is some 5 MB of FLAC.
const CLIP_S: usize = 60;
const PATIENCE: Duration = Duration::from_secs(60);

/// What one delivery to all took.
struct Delivery {
    /// From the first hello to the last player's last byte, in seconds.
    wall_s: f64,
    /// From the first part of the clip anywhere to the last player's last byte, in seconds.
    clip_s: f64,
    /// The same until half of the players, and until nine in ten, have it.
    half_s: f64,
    most_s: f64,
    /// Processor time of the server's processes, in seconds.
    cpu_s: f64,
    /// Processor time of the 200 receivers together, in seconds.
    receivers_s: f64,
    /// The server's largest size in memory, in MB.
    peak_mb: f64,
    /// Bytes of payload that reached the players.
    arrived_bytes: u64,
    dropped: u64,
}

/// Measures it.
pub fn measure(table: &mut Table) -> Result<(), Failed> {
    let dir = tempfile::tempdir()?;
    let clip = dir.path().join("noise.wav");
    noise(&clip, CLIP_S)?;
    let timetable = Timetable { players: PLAYERS, clip: &clip, lossless: true, at: "0 5 1 1 *" };
    let desk = Desk::start(&timetable, None)?;
    let size = std::fs::metadata(desk.rendition()?)?.len();
    let ours = deliver(&desk, &desk.serve)?;
    let what = format!("a clip of {:.2} MB to {PLAYERS} players", size as f64 / 1e6);
    let theirs = match Mosquitto::start(dir.path())? {
        Some(broker) => Some(broker.deliver(&desk.rendition()?, size)?),
        None => None,
    };
    drop(desk);
    let Some((wall_s, cpu_s, peak_mb)) = theirs else {
        table.alone(format!("{what}, until all have all of it"), ours.wall_s, "s");
        table.alone("– processor time of the desk", ours.cpu_s, "s");
        table.say("delivery: mosquitto, mosquitto_pub or mosquitto_sub is not installed; ours stands alone");
        return Ok(());
    };
    let (name, total_mb) = ("mosquitto, one message", size as f64 * PLAYERS as f64 / 1e6);
    table.beside(format!("{what}: hello, signed release, orders, clip"), ours.wall_s, name, wall_s, "s");
    table.beside("– the clip alone, first part to last player", ours.clip_s, name, wall_s, "s");
    table.beside("– the same, first part to nine players in ten", ours.most_s, name, wall_s, "s");
    table.beside("– the same, first part to half of the players", ours.half_s, name, wall_s, "s");
    table.beside("– processor time of the server", ours.cpu_s, name, cpu_s, "s");
    table.beside("– largest size of the server", ours.peak_mb, name, peak_mb, "MB");
    table.beside("– bytes that reached the players", ours.arrived_bytes as f64 / 1e6, name, total_mb, "MB");
    table.alone("– processor time of our 200 receivers, which check and hash it all", ours.receivers_s, "s");
    table.say(format!("delivery: {} parts were dropped by full queues and asked for again", ours.dropped));
    through_mosquitto(table, dir.path(), &timetable, wall_s)
}

/// The same desk, with Mosquitto in the place of its own broker.
fn through_mosquitto(table: &mut Table, dir: &Path, timetable: &Timetable<'_>, wall_s: f64) -> Result<(), Failed> {
    let Some(broker) = Mosquitto::start(dir)? else { return Ok(()) };
    let desk = Desk::start(timetable, Some(broker.port))?;
    let through = deliver(&desk, &broker.process)?;
    let name = "mosquitto, one message";
    table.beside("– our desk through mosquitto, hello to last player", through.wall_s, name, wall_s, "s");
    table.beside("– the same, the clip alone", through.clip_s, name, wall_s, "s");
    Ok(())
}

fn deliver(desk: &Desk, broker: &Running) -> Result<Delivery, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let now = UtcMs(Clock::machine().now().utc_ns.div_euclid(1_000_000));
    let group = Arc::new(Group {
        root: keyfile::root(&desk.root())?,
        port: desk.port,
        all: Barrier::new(PLAYERS + 1),
        began: (now, Instant::now()),
        arrived_bytes: AtomicU64::new(0),
        dropped: AtomicU64::new(0),
    });
    let mut players = JoinSet::new();
    for number in 0..PLAYERS {
        players.spawn_on(Player::receive(number, group.clone()), runtime.handle());
    }
    let own_before_s = Cost::of("self")?.cpu_s;
    let (began, times, cpu_before_s) = runtime.block_on(async {
        tokio::time::timeout(PATIENCE, group.all.wait()).await.map_err(|_| "the players did not all connect")?;
        let cpu_s = broker.cost()?.cpu_s;
        let began = Instant::now();
        let mut times: Vec<Times> = Vec::new();
        let all = async {
            while let Some(one) = players.join_next().await {
                times.push(one??);
            }
            Ok::<(), Failed>(())
        };
        tokio::time::timeout(PATIENCE, all).await.map_err(|_| "not all players had the clip in time")??;
        Ok::<_, Failed>((began, times, cpu_s))
    })?;
    let cost = broker.cost()?;
    let mut complete: Vec<Instant> = times.iter().map(|times| times.complete).collect();
    complete.sort();
    let last = *complete.last().ok_or("nobody")?;
    let first = times.iter().map(|times| times.first_part).min().ok_or("nobody")?;
    Ok(Delivery {
        wall_s: last.duration_since(began).as_secs_f64(),
        clip_s: last.duration_since(first).as_secs_f64(),
        half_s: complete[PLAYERS / 2].duration_since(first).as_secs_f64(),
        most_s: complete[PLAYERS * 9 / 10].duration_since(first).as_secs_f64(),
        cpu_s: cost.cpu_s - cpu_before_s,
        receivers_s: Cost::of("self")?.cpu_s - own_before_s,
        peak_mb: cost.peak_mb,
        arrived_bytes: group.arrived_bytes.load(Ordering::Relaxed),
        dropped: group.dropped.load(Ordering::Relaxed),
    })
}

/// Debian's broker with its defaults, on loopback.
struct Mosquitto<'a> {
    process: Running,
    port: u16,
    dir: &'a Path,
}

impl<'a> Mosquitto<'a> {
    fn start(dir: &'a Path) -> Result<Option<Self>, Failed> {
        let (Some(program), Some(_), Some(_)) = (peer("mosquitto"), peer("mosquitto_pub"), peer("mosquitto_sub"))
        else {
            return Ok(None);
        };
        let port = free_port()?;
        let config = dir.join("mosquitto.conf");
        std::fs::write(&config, format!("listener {port} 127.0.0.1\nallow_anonymous true\nlog_dest none\n"))?;
        let process = Running::start(Command::new(program).arg("-c").arg(&config), None)?;
        until("mosquitto", Duration::from_secs(5), || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())?;
        Ok(Some(Self { process, port, dir }))
    }

    /// One message with the bytes of `file` to as many subscribers; gives wall and processor time and size of the broker.
    fn deliver(&self, file: &Path, size: u64) -> Result<(f64, f64, f64), Failed> {
        let port = self.port.to_string();
        let log = |number: usize| self.dir.join(format!("sub-{number}.log"));
        let said = |number: usize| std::fs::read_to_string(log(number)).unwrap_or_default();
        let mut subscribers = Vec::new();
        for number in 0..PLAYERS {
            // It would keep what it says to itself until the end, and nobody could see that it listens.
            let mut command = Command::new("stdbuf");
            command.args([
                "-oL",
                "mosquitto_sub",
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-t",
                "clip",
                "-q",
                "1",
                "-C",
                "1",
                "-d",
                "-F",
                "%l",
            ]);
            subscribers.push(Running::start(&mut command, Some(&log(number)))?);
        }
        let listening = |number: usize| said(number).contains("SUBACK");
        until("mosquitto's subscribers", PATIENCE, || (0..PLAYERS).all(listening))?;
        let before_s = self.process.cost()?.cpu_s;
        let began = Instant::now();
        run(Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &port, "-t", "clip", "-q", "1", "-f"])
            .arg(file))?;
        for subscriber in subscribers {
            subscriber.wait()?;
        }
        let wall_s = began.elapsed().as_secs_f64();
        let cost = self.process.cost()?;
        let size = size.to_string();
        let complete = (0..PLAYERS).filter(|number| said(*number).lines().any(|line| line == size)).count();
        if complete == PLAYERS {
            Ok((wall_s, cost.cpu_s - before_s, cost.peak_mb))
        } else {
            Err(format!("mosquitto brought it to {complete} of {PLAYERS}").into())
        }
    }
}
