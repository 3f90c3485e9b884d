//! The board on its bench: powered, connected, looked at, from deadline to deadline.
//!
//! One clock counts true time; the board's own monotonic one begins at zero with each start, and what it takes for the time
//! of day is its own affair. Whatever the board says after its power went is not heard.

use std::collections::{BTreeMap, BTreeSet};

use loa_domain::id::Hash;
use loa_domain::keys::SecretKey;
use loa_domain::plan::Reason;
use loa_domain::time::{QuietHours, UtcMs};
use loa_domain::wire::Text;
use loa_firmware::bundle::{ORDERS, PAGES};
use loa_firmware::courier::Courier;
use loa_firmware::inbox::Inbox;
use loa_firmware::page::{self, Address, Given, Page};
use loa_firmware::run::{Face, Notice, Space};
use loa_firmware::store::SCRATCH;
use loa_firmware::{Board, Device, sntp};

use super::chip::Chip;
use super::desk::{Desk, NORMAL, PLAYER, Post, daily};
use super::line::{self, Packet, Pipe};

/// 2026-03-02, a Monday, 00:00 UTC; the boards here keep UTC.
pub const MIDNIGHT: UtcMs = UtcMs(1_772_409_600_000);
/// How long it takes from what the board says to what it hears of it, in milliseconds.
const WAY_MS: i64 = 40;
/// Room of the board's network for what it sends, in bytes.
const ROOM: usize = 1_400;

/// What stands on the panel, as far as a program draws anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Slide(Hash, u64),
    Quiet(&'static str),
}

/// A time server, or somebody who says to be one.
pub type TimeServer = Box<dyn FnMut(&[u8; sntp::BYTES], UtcMs) -> Vec<Vec<u8>>>;

/// Memory that a board lies in.
pub struct Room {
    board: Board<ORDERS, PAGES>,
    inbox: Inbox,
    courier: Courier,
    scratch: [u8; SCRATCH],
}

impl Default for Room {
    fn default() -> Self {
        Self { board: Board::new(), inbox: Inbox::default(), courier: Courier::default(), scratch: [0; SCRATCH] }
    }
}

impl Room {
    /// A board in it, which has taken up what its flash holds.
    pub fn device<'m>(&'m mut self, given: &'m mut Given, chip: &Chip, battery: Option<UtcMs>) -> Device<'m, Chip> {
        let Self { board, inbox, courier, scratch } = self;
        let space = Space { given, board, inbox, courier, scratch };
        let mut device = Device::start(chip.clone(), space, 0, battery);
        device.take_up(0);
        device
    }
}

/// The board's key.
pub fn key() -> SecretKey {
    SecretKey::from_seed(&[9; 32])
}

/// A chip with the page of a board that was set up for this desk.
pub fn set_up(desk: &Desk, time: Option<Address>) -> Chip {
    let page = Page {
        player: PLAYER.parse().expect("a good id"),
        seed: key().seed(),
        broker: Address::new([10, 0, 2, 2].into(), 1883),
        user: Text::new("bang"),
        password: Text::new("mat-khau"),
        time,
        quiet: QuietHours::NONE,
        root: &desk.root(),
    };
    let mut image = vec![0xff; loa_firmware::flash::BYTES as usize];
    page.write(&mut image).expect("fits");
    Chip::of(image)
}

/// Who the board is, by its flash.
pub fn given(chip: &Chip) -> Given {
    page::load(&mut chip.clone(), &mut [0; 4096]).expect("a page")
}

/// The bench.
pub struct Bench {
    /// The desk at the other end.
    pub desk: Desk,
    /// The board's flash.
    pub chip: Chip,
    device: Option<Device<'static, Chip>>,
    /// True time.
    pub utc: UtcMs,
    since: UtcMs,
    /// Whether it has a battery-backed clock, and by how many milliseconds that is wrong.
    pub battery: Option<i64>,
    /// Whether bytes reach the broker.
    pub online: bool,
    is_open: bool,
    call: UtcMs,
    sent: Vec<u8>,
    coming: BTreeMap<(UtcMs, u64), Vec<u8>>,
    count: u64,
    /// What the board listens to.
    pub topics: BTreeSet<String>,
    /// What was on the panel, and since when.
    pub seen: Vec<String>,
    face: Option<Seen>,
    /// What the time server answers, and in between, to a question at a time.
    pub time_server: Option<TimeServer>,
    /// All that the broker has passed on to the board.
    pub passed: Vec<Post>,
    /// How often the board gave a connection up.
    pub broken: usize,
    /// The power goes after so many writes from the first start on.
    pub cut_after_start: Option<usize>,
}

impl Bench {
    /// A board just set up, without power, at midnight.
    pub fn new() -> Self {
        let desk = Desk::new(&key());
        let chip = set_up(&desk, Some(Address::new([10, 0, 2, 3].into(), 123)));
        Self::of(desk, chip)
    }

    /// A board with power, whose desk has release `seq` for it: A at 08:00, for ten seconds.
    pub fn with_slide(seq: u64) -> Self {
        let mut bench = Self::new();
        let slide = bench.desk.slide('A', 900);
        let order = bench.desk.order(daily(8, 0), NORMAL, &[(slide, 10)]);
        let release = bench.desk.draft(seq, &[order], MIDNIGHT);
        bench.desk.issue(&release);
        bench.start();
        bench
    }

    /// A board with this flash.
    pub fn of(desk: Desk, chip: Chip) -> Self {
        Self {
            desk,
            chip,
            device: None,
            utc: MIDNIGHT,
            since: MIDNIGHT,
            battery: None,
            online: true,
            is_open: false,
            call: MIDNIGHT,
            sent: Vec::new(),
            coming: BTreeMap::new(),
            count: 0,
            topics: BTreeSet::new(),
            seen: Vec::new(),
            face: None,
            time_server: None,
            passed: Vec::new(),
            broken: 0,
            cut_after_start: None,
        }
    }

    /// Gives it power.
    pub fn start(&mut self) {
        self.chip.power();
        if let Some(writes) = self.cut_after_start.take() {
            self.chip.cut_after(writes);
        }
        self.since = self.utc;
        let battery = self.battery.map(|wrong_ms| self.utc.plus_ms(wrong_ms));
        // A board is as static as on its chip.
        let room: &'static mut Room = Box::leak(Box::default());
        let given: &'static mut Given = Box::leak(Box::new(given(&self.chip)));
        let device = room.device(given, &self.chip, battery);
        (self.call, self.face) = (self.utc, None);
        self.note("on");
        self.device = Some(device);
        if self.chip.is_off() {
            self.stop();
        }
    }

    /// Takes its power away.
    pub fn stop(&mut self) {
        self.device = None;
        self.hang_up();
        self.note("off");
    }

    /// Whether it has power.
    pub fn has_power(&self) -> bool {
        self.device.is_some()
    }

    /// The board.
    pub fn device(&mut self) -> &mut Device<'static, Chip> {
        self.device.as_mut().expect("a board with power")
    }

    fn mono_ms(&self) -> u64 {
        u64::try_from(self.utc.since_ms(self.since)).expect("since the start")
    }

    fn note(&mut self, words: &str) {
        let s = self.utc.since_ms(MIDNIGHT);
        let (s, ms) = (s / 1000, s % 1000);
        self.seen.push(format!("{:02}:{:02}:{:02}.{ms:03} {words}", s / 3600, s / 60 % 60, s % 60));
    }

    fn hang_up(&mut self) {
        self.is_open = false;
        self.sent.clear();
        self.coming.clear();
        self.topics.clear();
        self.call = self.utc.plus_ms(1_000);
    }

    /// Puts bytes on their way to the board.
    pub fn send(&mut self, bytes: Vec<u8>) {
        self.count += 1;
        self.coming.insert((self.utc.plus_ms(WAY_MS), self.count), bytes);
    }

    /// The broker passes something on, if the board listens to its topic.
    pub fn pass_on(&mut self, (topic, payload): Post) {
        if self.topics.contains(&topic) {
            self.passed.push((topic.clone(), payload.clone()));
            let id = (!topic.ends_with("/ck")).then_some(1 + (self.count % 60_000) as u16);
            self.send(line::message(&topic, &payload, id));
        }
    }

    /// Runs to a time of the day, from deadline to deadline.
    pub fn run_to(&mut self, hour: i64, minute: i64, second: i64) {
        self.run_until(MIDNIGHT.plus_ms(((hour * 60 + minute) * 60 + second) * 1000));
    }

    /// Runs for some seconds.
    pub fn run_for(&mut self, seconds: i64) {
        self.run_for_ms(seconds * 1000);
    }

    /// Runs for some milliseconds.
    pub fn run_for_ms(&mut self, ms: i64) {
        self.run_until(self.utc.plus_ms(ms));
    }

    /// Runs until the desk hears this.
    pub fn run_until_heard(&mut self, words: &str) {
        for _ in 0..600 {
            if self.desk.heard.iter().any(|heard| heard == words) {
                return;
            }
            self.run_until(self.utc.plus_ms(10));
        }
        panic!("the desk hears no {words:?}: {:?}", self.desk.heard);
    }

    fn run_until(&mut self, until: UtcMs) {
        let mut calls = 0;
        loop {
            let before = self.utc;
            let next_ms = self.turn();
            let next = self.since.plus_ms(i64::try_from(next_ms).unwrap_or(i64::MAX - self.since.0));
            let coming = self.coming.keys().next().map(|(at, _)| *at);
            let call = (self.online && !self.is_open && self.device.is_some()).then_some(self.call);
            let next = [Some(next), coming, call].into_iter().flatten().min().unwrap_or(until).max(self.utc);
            if next > until {
                self.utc = until;
                return;
            }
            calls = if next == before { calls + 1 } else { 0 };
            assert!(calls < 20_000, "the board asks to be called at once for ever: {:?}", self.seen.last());
            self.utc = next;
            if self.utc == until && calls > 2_000 {
                return;
            }
        }
    }

    /// One turn of the board's loop. Gives when the next is due, in its monotonic milliseconds.
    fn turn(&mut self) -> u64 {
        let mono_ms = self.mono_ms();
        let Some(mut device) = self.device.take() else { return u64::MAX };
        self.ask_time(&mut device, mono_ms);
        let line_ms = self.line(&mut device, mono_ms);
        let round_ms = device.round(mono_ms);
        self.look(&mut device, mono_ms);
        if self.chip.is_off() {
            drop(device);
            self.stop();
            return u64::MAX;
        }
        self.device = Some(device);
        self.carry();
        line_ms.min(round_ms)
    }

    fn line(&mut self, device: &mut Device<'static, Chip>, mono_ms: u64) -> u64 {
        if self.is_open && !self.online {
            self.hang_up();
            device.lost();
        }
        let room = ROOM;
        if !self.is_open && self.online && self.utc >= self.call {
            self.is_open = true;
            device.opened(mono_ms, &mut Pipe { sent: &mut self.sent, room });
        }
        let mut done = Ok(());
        while let Some(bytes) = self.coming.first_entry().filter(|first| first.key().0 <= self.utc).map(|e| e.remove())
        {
            for piece in bytes.chunks(512) {
                done = done.and_then(|()| device.heard(mono_ms, piece, &mut Pipe { sent: &mut self.sent, room }));
            }
        }
        let next = done.and_then(|()| device.work(mono_ms, &mut Pipe { sent: &mut self.sent, room }));
        next.unwrap_or_else(|_| {
            self.broken += 1;
            self.hang_up();
            device.lost();
            mono_ms
        })
    }

    fn ask_time(&mut self, device: &mut Device<'static, Chip>, mono_ms: u64) {
        let Some((_, question)) = device.ask_time(mono_ms) else { return };
        if let Some(server) = &mut self.time_server {
            for packet in server(&question, self.utc) {
                device.time_answer(&packet, mono_ms);
            }
        }
    }

    /// Looks at the panel, as a board's program draws it.
    fn look(&mut self, device: &mut Device<'static, Chip>, mono_ms: u64) {
        let face = match device.face(mono_ms) {
            Face::Slide { slide, begun_ms, .. } => Seen::Slide(slide, begun_ms),
            Face::Quiet { .. } => Seen::Quiet(match device.notice(mono_ms) {
                // While nobody has said what time it is, the wall clock is in 1970.
                _ if device.time(mono_ms).0 < MIDNIGHT.plus_ms(-86_400_000) => "clock unknown",
                Notice::InForce(_) if device.time(mono_ms).1.is_some() => "clock",
                Notice::InForce(_) => "clock unknown",
                Notice::Missing | Notice::Ended => "no plan",
            }),
        };
        if self.face == Some(face) || self.chip.is_off() {
            return;
        }
        self.face = Some(face);
        let words = match face {
            Seen::Slide(slide, _) => {
                let lies = device.slide(slide);
                let flaw = match lies.map(|(lies, flash)| lies.is_right(flash)) {
                    Ok(Ok(true)) => None,
                    Ok(_) => Some(Reason::ContentCorrupt),
                    Err(flaw) => Some(flaw),
                };
                match flaw {
                    None => format!("slide {}", self.desk.letter(&slide)),
                    Some(flaw) => {
                        device.spoilt(slide, flaw, mono_ms);
                        format!("spoilt {} ({})", self.desk.letter(&slide), flaw.name())
                    }
                }
            }
            Seen::Quiet(words) => words.to_owned(),
        };
        self.note(&words);
    }

    /// Carries what the board sent to the broker and the desk, and their answers back.
    fn carry(&mut self) {
        for packet in line::packets(&mut self.sent) {
            match packet {
                Packet::Connect { client, user, password, will } => {
                    assert_eq!(
                        (client.as_str(), user.as_str(), password.as_deref()),
                        (PLAYER, "bang", Some("mat-khau"))
                    );
                    assert_eq!(will.0, format!("loa1/p/{PLAYER}/up"));
                    self.send(line::connected());
                }
                Packet::Subscribe { id, topic } => {
                    self.topics.insert(topic);
                    self.send(line::listening(id, true));
                }
                Packet::Unsubscribe { id, topic } => {
                    self.topics.remove(&topic);
                    self.send(line::listening(id, false));
                }
                Packet::Publish { id, topic, payload } => {
                    self.send(line::acknowledged(id));
                    // Half of the way there and back.
                    let posts = self.desk.hear(&topic, &payload, self.utc.plus_ms(WAY_MS / 2));
                    posts.into_iter().for_each(|post| self.pass_on(post));
                }
                Packet::Acknowledge => {}
                Packet::Ping => self.send(line::here()),
            }
        }
    }

    /// What was on the panel, without the times.
    pub fn faces(&self) -> Vec<&str> {
        self.seen.iter().filter_map(|line| Some(line.split_once(' ')?.1)).collect()
    }
}

/// A time server's answer to a question.
pub fn answer(question: &[u8; sntp::BYTES], utc: UtcMs) -> [u8; sntp::BYTES] {
    let mut packet = [0; sntp::BYTES];
    (packet[0], packet[1]) = (0x24, 2);
    packet[24..32].copy_from_slice(&question[40..48]);
    let since_1900_s = (utc.0.div_euclid(1000) + 2_208_988_800) as u32;
    let fraction = (utc.0.rem_euclid(1000) << 32) / 1000;
    packet[40..44].copy_from_slice(&since_1900_s.to_be_bytes());
    packet[44..48].copy_from_slice(&(fraction as u32).to_be_bytes());
    packet
}
