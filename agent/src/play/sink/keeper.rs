//! The thread that keeps a speaker alive: opens it, watches it, buries it, opens it again.
//!
//! It decides *that* a stream is dead (unplugged, frozen, drowning in errors); how often to try again is
//! decided in `heal.rs`. It also passes the engine's news on, off the card's thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use loa_host::clock::Clock;

use super::card::{self, Card, CardError};
use super::event::{SinkEvent, Target};
use super::file::Recording;
use super::heal::{Healing, Next};
use crate::play::engine::{Engine, Word};

/// The keeper looks around this often.
const TICK_NS: u64 = 100_000_000;
/// Ticks without a block after which a card counts as frozen: 300 ms, three blocks.
const QUIET_TICKS_MAX: u32 = 3;
/// The same before the first block, since some cards take their time to start.
const QUIET_TICKS_FIRST: u32 = 15;
/// More blocks than this in a tick: it is no card but a hole, which takes whatever it is given.
const BLOCKS_PER_TICK_MAX: u32 = 200;
/// A driver that takes longer than this to open or close hangs, and takes its thread with it.
const DRIVER_MAX: Duration = Duration::from_secs(8);
/// Recording instead of playing, the default card is looked for again this often, when nothing sounds.
const LOOK_FOR_CARD_NS: u64 = 60_000_000_000;
/// How often a recording is written.
const WRITE_EVERY: Duration = Duration::from_millis(20);
/// A recording that cannot be written is begun anew this often.
const WRITE_AGAIN_NS: u64 = 1_000_000_000;

/// Why keeping ended.
enum End {
    /// The speaker was closed.
    Closed,
    /// It gave up, and has said so.
    GaveUp,
    /// A recording was interrupted to look for a card.
    LookForCard,
}

/// The state of the keeping thread.
pub struct Keeper {
    clock: Clock,
    engine: Arc<Mutex<Engine>>,
    words: SyncSender<Word>,
    news: Receiver<Word>,
    events: Sender<SinkEvent>,
    closing: Arc<AtomicBool>,
    healing: Healing,
    /// Raw monotonic time since when there is no sound, and `Lost` has been said.
    lost_ns: Option<u64>,
}

impl Keeper {
    /// A keeper of `engine`, whose news comes in by the second end of `words`.
    pub fn new(
        clock: Clock,
        engine: Arc<Mutex<Engine>>,
        words: (SyncSender<Word>, Receiver<Word>),
        events: Sender<SinkEvent>,
        closing: Arc<AtomicBool>,
    ) -> Keeper {
        Keeper {
            clock,
            engine,
            words: words.0,
            news: words.1,
            events,
            closing,
            healing: Healing::default(),
            lost_ns: None,
        }
    }

    /// Keeps `target` until the speaker is closed or the keeper gives up.
    pub fn run(mut self, target: Target) {
        match target {
            Target::Card(name) => {
                self.keep_card(name.as_deref(), None);
            }
            Target::File(dir) => {
                let mut recording = None;
                self.keep_recording(&dir, &mut recording, None);
                self.close_recording(recording);
            }
            Target::Auto(dir) => self.keep_either(&dir),
        }
        self.engine().end();
        self.pass_on_the_rest();
    }

    fn keep_either(&mut self, dir: &std::path::Path) {
        let mut recording = None;
        loop {
            let no_card = match self.open_card(None) {
                Some(Ok(card)) => {
                    self.close_recording(recording.take());
                    self.keep_card(None, Some(card));
                    return;
                }
                Some(Err(error)) => error.to_string(),
                None => return self.give_up("the sound card's driver hangs"),
            };
            let look_ns = self.clock.now().mono_raw_ns + LOOK_FOR_CARD_NS;
            match self.keep_recording(dir, &mut recording, Some((look_ns, &no_card))) {
                End::LookForCard => {}
                End::Closed | End::GaveUp => return self.close_recording(recording),
            }
        }
    }

    fn keep_card(&mut self, name: Option<&str>, opened: Option<Card>) -> End {
        let mut opened = opened;
        loop {
            let attempt = match opened.take() {
                Some(card) => Some(Ok(card)),
                None => self.open_card(name),
            };
            let (why, lived_ns) = match attempt {
                Some(Ok(card)) => {
                    let Some(why) = self.watch(&card) else {
                        self.bury(card);
                        return End::Closed;
                    };
                    let last_ns = card.vitals.last_block_ns.load(Ordering::Acquire);
                    let first_ns = card.vitals.first_sound_ns.load(Ordering::Acquire);
                    let lived_ns = if first_ns == 0 { 0 } else { last_ns.saturating_sub(first_ns) };
                    self.say_lost(&why, last_ns);
                    if !self.bury(card) {
                        self.give_up("the sound card's driver hangs");
                        return End::GaveUp;
                    }
                    self.engine().lost();
                    (why, lived_ns)
                }
                Some(Err(error)) => {
                    let why = error.to_string();
                    self.say_lost(&why, self.clock.now().mono_raw_ns);
                    (why, 0)
                }
                None => {
                    self.give_up("the sound card's driver hangs");
                    return End::GaveUp;
                }
            };
            let now_ns = self.clock.now().mono_raw_ns;
            match self.healing.failed(now_ns, lived_ns) {
                Next::Again { after_ms } => self.wait(now_ns + after_ms * 1_000_000),
                Next::GiveUp => {
                    self.give_up(&why);
                    return End::GaveUp;
                }
            }
            if self.is_closing() {
                return End::Closed;
            }
        }
    }

    /// Watches an open card until it dies (and says why) or the speaker is closed.
    fn watch(&mut self, card: &Card) -> Option<String> {
        let mut announced = false;
        let mut quiet_ticks = 0;
        let mut blocks = 0;
        let mut tick_ns = self.clock.now().mono_raw_ns;
        loop {
            self.hear(Duration::from_nanos(TICK_NS));
            if self.is_closing() {
                return None;
            }
            let first_ns = card.vitals.first_sound_ns.load(Ordering::Acquire);
            if !announced && first_ns > 0 {
                announced = true;
                self.say_sounding(&card.what, false, first_ns);
            }
            if let Some(fault) = card.vitals.fault() {
                return Some(fault.to_owned());
            }
            // Counted in ticks, not in time: a machine that was itself asleep must not blame the card.
            let now_ns = self.clock.now().mono_raw_ns;
            if now_ns.saturating_sub(tick_ns) < TICK_NS {
                continue;
            }
            tick_ns = now_ns;
            let seen = card.vitals.blocks.load(Ordering::Acquire);
            if seen.wrapping_sub(blocks) > BLOCKS_PER_TICK_MAX {
                return Some("the sound card takes sound faster than time passes".to_owned());
            }
            quiet_ticks = if seen == blocks { quiet_ticks + 1 } else { 0 };
            blocks = seen;
            let patience = if seen == 0 { QUIET_TICKS_FIRST } else { QUIET_TICKS_MAX };
            if quiet_ticks >= patience {
                return Some("the sound card stopped taking sound".to_owned());
            }
        }
    }

    /// Records until closed. With `instead`, only until that raw monotonic time has come and nothing
    /// sounds; its second half is why there is no card.
    fn keep_recording(
        &mut self,
        dir: &std::path::Path,
        recording: &mut Option<Recording>,
        instead: Option<(u64, &str)>,
    ) -> End {
        let mut again_ns = 0;
        loop {
            if self.is_closing() {
                return End::Closed;
            }
            let now = self.clock.now();
            if recording.is_none() && now.mono_raw_ns >= again_ns {
                match Recording::begin(dir, now) {
                    Ok(begun) => {
                        self.engine().restarted();
                        let path = begun.path();
                        let what = match instead {
                            Some((_, no_card)) => format!("{} ({no_card})", path.display()),
                            None => path.display().to_string(),
                        };
                        self.say_sounding(&what, true, now.mono_raw_ns);
                        *recording = Some(begun);
                    }
                    Err(error) => {
                        self.say_lost(&error.to_string(), now.mono_raw_ns);
                        again_ns = now.mono_raw_ns + WRITE_AGAIN_NS;
                    }
                }
            }
            match recording {
                Some(open) => {
                    let written = open.write(now, &mut hold(&self.engine));
                    if let Err(error) = written {
                        *recording = None;
                        self.say_lost(&error.to_string(), now.mono_raw_ns);
                        again_ns = now.mono_raw_ns + WRITE_AGAIN_NS;
                    }
                }
                None => self.engine().silence(now),
            }
            if instead.is_some_and(|(look_ns, _)| now.mono_raw_ns >= look_ns) && self.engine().is_idle() {
                return End::LookForCard;
            }
            self.hear(WRITE_EVERY);
        }
    }

    fn close_recording(&mut self, recording: Option<Recording>) {
        if let Some(Err(error)) = recording.map(Recording::finish) {
            self.say_lost(&error.to_string(), self.clock.now().mono_raw_ns);
        }
    }

    /// Lets time pass without sound until `until_ns`, or the speaker is closed.
    fn wait(&mut self, until_ns: u64) {
        loop {
            let now = self.clock.now();
            self.engine().silence(now);
            let left_ns = until_ns.saturating_sub(now.mono_raw_ns);
            if left_ns == 0 || self.is_closing() {
                return;
            }
            self.hear(Duration::from_nanos(left_ns.min(TICK_NS)));
        }
    }

    /// Passes on one piece of news, if one comes within `patience`, and what else is there.
    fn hear(&mut self, patience: Duration) {
        match self.news.recv_timeout(patience) {
            Ok(word) => self.pass_on(word),
            // The engine holds a sender as long as we hold the engine.
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
        self.pass_on_the_rest();
    }

    fn pass_on_the_rest(&mut self) {
        while let Ok(word) = self.news.try_recv() {
            self.pass_on(word);
        }
    }

    fn pass_on(&self, word: Word) {
        match word {
            Word::Note(note) => self.say(note.into()),
            Word::Retired(source) => drop(source),
            Word::Wake => {}
        }
    }

    fn open_card(&self, name: Option<&str>) -> Option<Result<Card, CardError>> {
        let name = name.map(str::to_owned);
        let (engine, clock, words) = (self.engine.clone(), self.clock.clone(), self.words.clone());
        within(DRIVER_MAX, move || card::open(name.as_deref(), &engine, &clock, &words))
    }

    /// Closes a card; `false` if its driver hangs.
    fn bury(&self, card: Card) -> bool {
        within(DRIVER_MAX, move || drop(card)).is_some()
    }

    fn say_sounding(&mut self, what: &str, is_file: bool, since_ns: u64) {
        self.say(SinkEvent::Opened { what: what.to_owned(), is_file });
        if let Some(lost_ns) = self.lost_ns.take() {
            let silent_ms = since_ns.saturating_sub(lost_ns) / 1_000_000;
            self.say(SinkEvent::Back { silent_ms });
        }
    }

    fn say_lost(&mut self, why: &str, since_ns: u64) {
        if self.lost_ns.is_none() {
            self.lost_ns = Some(since_ns);
            self.say(SinkEvent::Lost { why: why.to_owned() });
        }
    }

    fn give_up(&mut self, why: &str) {
        self.engine().end();
        self.pass_on_the_rest();
        self.say(SinkEvent::GaveUp { why: why.to_owned() });
    }

    fn say(&self, event: SinkEvent) {
        // Nobody listening is no reason to stop playing.
        let _ = self.events.send(event);
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    fn engine(&self) -> MutexGuard<'_, Engine> {
        hold(&self.engine)
    }
}

fn hold(engine: &Mutex<Engine>) -> MutexGuard<'_, Engine> {
    engine.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` on a thread of its own; `None` if it is not done within `patience`, in which case the
/// thread is left behind.
fn within<T: Send + 'static>(patience: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = channel();
    std::thread::Builder::new()
        .name("loa-driver".into())
        .spawn(move || {
            let _ = sender.send(work());
        })
        .ok()?;
    receiver.recv_timeout(patience).ok()
}
