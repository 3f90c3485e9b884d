//! A whole board between a desk that may lie, a broker that may stammer, a flash that may fail and a power that may go: any
//! sequence of all of these. It never panics, never hangs, never shows what no officer signed.
//!
//! The last of the targets.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use loa_domain::keys;
use loa_domain::message::{Down, Hello, Up, topic::Topic};
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_firmware::Device;
use loa_firmware::page::Given;
use loa_firmware::run::Face;
use loa_firmware::sntp;
use loa_firmware::store::{Name, SCRATCH, Store};
use loa_fuzz::world::bench::{self, MIDNIGHT, Room, answer};
use loa_fuzz::world::chip::Chip;
use loa_fuzz::world::line::{self, Packet, Pipe};
use loa_fuzz::{Raw, Script, kept, look, script, used_flash};

static GIVEN: LazyLock<Given> = LazyLock::new(|| bench::given(&Chip::of(used_flash().to_vec())));
static SCRIPT: LazyLock<Script> = LazyLock::new(script);
/// The board's topics: what it says, what it is told, its parts.
static TOPICS: LazyLock<[String; 3]> = LazyLock::new(|| {
    let player = &GIVEN.player;
    [Topic::Up(player), Topic::Down(player), Topic::Parts(player)].map(|topic| topic.text().as_str().to_owned())
});

/// A connection, and what the other end knows.
#[derive(Default)]
struct Line {
    is_open: bool,
    sent: Vec<u8>,
    nonce: Option<u64>,
    question: Option<[u8; sntp::BYTES]>,
    id: u16,
}

impl Line {
    /// Hears what the board said: it must be what a client may say.
    fn hear(&mut self) {
        for packet in line::packets(&mut self.sent) {
            let Packet::Publish { topic, payload, .. } = packet else { continue };
            if topic == TOPICS[0] {
                let up = wire::decode::<Up<'_>>(&payload).expect("a message of a player");
                if let Up::Hello { sealed } = up {
                    let body = keys::Sealed::read(sealed).expect("a sealed hello").body;
                    self.nonce = wire::decode::<Hello>(body).expect("a hello").nonce;
                }
            }
        }
    }
}

/// One step: what it is, and a number with it.
fn step(device: &mut Device<'_, Chip>, line: &mut Line, now_ms: u64, (what, with): (u8, u8), noise: &[u8]) {
    let room = 1_400;
    let [_, down, parts] = &*TOPICS;
    line.id = line.id.wrapping_add(1).max(1);
    let said = match what % 12 {
        0 if !line.is_open => {
            line.is_open = true;
            device.opened(now_ms, &mut Pipe { sent: &mut line.sent, room });
            line::connected()
        }
        0 => noise.to_vec(),
        1 => {
            line.is_open = false;
            line.sent.clear();
            device.lost();
            return;
        }
        2 | 3 => {
            let message = &SCRIPT.messages[usize::from(with) % SCRIPT.messages.len()];
            line::message(down, message, Some(line.id))
        }
        4 | 5 => {
            let part = &SCRIPT.parts[usize::from(with) % SCRIPT.parts.len()];
            let shared = Topic::Shared(7).text();
            line::message(if what > 127 { shared.as_str() } else { parts }, part, None)
        }
        6 => {
            let message = &SCRIPT.messages[usize::from(with) % SCRIPT.messages.len()];
            let mut bent = line::message(down, message, Some(line.id));
            for (at, bits) in noise.iter().zip(noise.iter().skip(1)).step_by(2) {
                let at = (usize::from(*at) << 2) % bent.len();
                bent[at] ^= bits;
            }
            bent
        }
        7 => line::message(down, noise, None),
        8 => match line.nonce.take() {
            Some(nonce) => {
                let now = UtcMs(MIDNIGHT.0 + now_ms as i64 + (i64::from(with) - 100) * 40_000);
                let time = wire::encode(&loa_domain::message::DeskTime { player: GIVEN.player.clone(), nonce, now });
                let sealed = keys::seal(&time, keys::Purpose::Time, &[&SCRIPT.desk]);
                line::message(down, &wire::encode(&Down::Time { sealed: &sealed }), None)
            }
            None => line::here(),
        },
        9 => {
            if let Some(question) = line.question.take() {
                let utc = MIDNIGHT.plus_ms(now_ms as i64 + (i64::from(with) - 100) * 40_000);
                device.time_answer(&answer(&question, utc), now_ms);
            }
            device.time_answer(noise, now_ms);
            return;
        }
        10 => line::acknowledged(u16::from(with)),
        _ => line::listening(1, true),
    };
    if line.is_open {
        let mut done = Ok(());
        for piece in said.chunks(usize::from(with).max(40)) {
            done = done.and_then(|()| device.heard(now_ms, piece, &mut Pipe { sent: &mut line.sent, room }));
        }
        if done.is_err() {
            (line.is_open, line.question) = (false, None);
            line.sent.clear();
            device.lost();
        }
    }
}

/// Fills what is settled with a value that means nothing, so that the flash goes on to its next sector.
fn fill(chip: &Chip, much: u8) {
    let filler = [0; 14 * 256];
    let mut scratch = [0; SCRATCH];
    let _full = Store::new(chip.clone(), &mut scratch).put(Name::Seen, &Raw(&filler[..14 * usize::from(much)]));
}

/// How long a step takes, in milliseconds: nothing to four minutes, as often some of one length as of double that. Most of
/// what a board does while nobody says anything is to say the same once more.
fn wait_ms(time: u8) -> u64 {
    (u64::from(16 + time % 16) << (time / 16)) / 4 - 4
}

/// Lets the board work until it wants to rest, for as long as `until_ms`.
fn work(device: &mut Device<'_, Chip>, line: &mut Line, now_ms: &mut u64, until_ms: u64) {
    let (mut turns, from_ms) = (0, *now_ms);
    loop {
        if let Some((_, question)) = device.ask_time(*now_ms) {
            line.question = Some(question);
        }
        let line_ms = match device.work(*now_ms, &mut Pipe { sent: &mut line.sent, room: 1_400 }) {
            Ok(next_ms) => next_ms,
            Err(_) => {
                line.is_open = false;
                line.sent.clear();
                device.lost();
                u64::MAX
            }
        };
        let round_ms = device.round(*now_ms);
        if let Face::Slide { slide, .. } = device.face(*now_ms) {
            assert!(SCRIPT.signed.contains(&slide), "no officer signed what is shown");
            look(device, slide, *now_ms);
        }
        line.hear();
        let next_ms = line_ms.min(round_ms);
        turns += 1;
        // A signature verified in each of a few calls, then rest: not oftener than five times a second.
        let is_calm = turns < 100 + (*now_ms - from_ms) / 200;
        assert!(
            is_calm,
            "it asks to be called at once for ever: at {now_ms} its line {line_ms}, its rounds {round_ms}"
        );
        if *now_ms >= until_ms && next_ms > *now_ms {
            return;
        }
        *now_ms = next_ms.clamp(*now_ms, until_ms);
    }
}

/// What every execution shares is made before the first, so that none is credited with it.
fn prepare() {
    LazyLock::force(&SCRIPT);
    LazyLock::force(&TOPICS);
    kept(|_| ());
}

/// One execution.
fn run(bytes: &[u8]) {
    kept(|chip| {
        let mut bytes = bytes;
        // Three lives, forty steps of each.
        for life in 0..3 {
            let mut room = Room::default();
            let battery = bytes
                .first()
                .filter(|byte| *byte % 2 > 0)
                .map(|byte| MIDNIGHT.plus_ms((i64::from(*byte) - 60) * 1_000_000));
            let mut given = GIVEN.clone();
            let mut device = room.device(&mut given, chip, battery);
            let (mut line, mut now_ms) = (Line::default(), 0);
            let mut steps = 0;
            while let Some(([what, with, time, length], rest)) = bytes.split_first_chunk::<4>() {
                let (noise, rest) = rest.split_at(usize::from(length % 64).min(rest.len()));
                bytes = rest;
                steps += 1;
                if steps > 40 || *what == 255 || chip.is_off() {
                    break;
                }
                match what {
                    250 => chip.wear(true),
                    251 => chip.wear(false),
                    252 => chip.cut_after(usize::from(*with)),
                    254 => fill(chip, *with),
                    253 => {
                        noise.iter().for_each(|at| chip.turn(usize::from(*at) << 12 | usize::from(*with) << 4, *time))
                    }
                    _ => step(&mut device, &mut line, now_ms, (*what, *with), noise),
                }
                let until_ms = now_ms + wait_ms(*time);
                work(&mut device, &mut line, &mut now_ms, until_ms);
            }
            chip.power();
            chip.wear(false);
            if bytes.is_empty() && life > 0 {
                break;
            }
        }
    });
}

fuzz_target!(init: prepare(), |bytes: &[u8]| run(bytes));
