//! The handle on everything audible: one speaker, always open, told what to play when.
//!
//! Which frame is heard when is decided in [`crate::play::mix`]; the card is in `card.rs`, the recording
//! that stands in for one in `file.rs`, and the thread that keeps either of them alive in `keeper.rs`.

pub mod card;
pub mod event;
pub mod file;
pub mod heal;
mod keeper;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use loa_host::clock::{Clock, UtcNs};

pub use self::event::{SinkEvent, Target};
use self::keeper::Keeper;
use crate::play::engine::{Command, Engine, Word};
pub use crate::play::mix::Source;
use crate::play::mix::Start;

/// Orders on their way; they are taken at every block, 12 times a second.
const ORDERS_MAX: usize = 64;
/// News on its way to the keeper.
const WORDS_MAX: usize = 256;

/// One stream, kept open and healed by a thread of its own.
pub struct Speaker {
    orders: SyncSender<Command>,
    words: SyncSender<Word>,
    events: Sender<SinkEvent>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Speaker {
    /// Opens a speaker. Returns at once; whether it opened, and through what, comes as an event.
    pub fn open(target: Target, clock: Clock, events: Sender<SinkEvent>) -> Speaker {
        let (orders, receiver) = sync_channel(ORDERS_MAX);
        let (words, news) = sync_channel(WORDS_MAX);
        let engine = Arc::new(Mutex::new(Engine::new(receiver, words.clone())));
        let closing = Arc::new(AtomicBool::new(false));
        let keeper = Keeper::new(clock, engine, (words.clone(), news), events.clone(), closing.clone());
        let thread = std::thread::Builder::new().name("loa-speaker".into()).spawn(move || keeper.run(target));
        if let Err(error) = &thread {
            let _ = events.send(SinkEvent::GaveUp { why: format!("no thread for the speaker: {error}") });
        }
        Speaker { orders, words, events, closing, thread: thread.ok() }
    }

    /// Plays `source` so that its first frame is heard at `start`, or at once if that is past. `voice`
    /// is the caller's number for it, `gain` a factor on the samples.
    pub fn play(&self, voice: u64, source: Box<dyn Source>, start: UtcNs, gain: f32) {
        self.begin(voice, source, Start::At(start), gain);
    }

    /// Plays `source` on the very frame after voice `previous` ends, whenever that is; at once if there
    /// is no such voice. Stopping `previous` lets it begin, too.
    pub fn follow(&self, voice: u64, source: Box<dyn Source>, previous: u64, gain: f32) {
        self.begin(voice, source, Start::After(previous), gain);
    }

    /// Fades a voice out over `fade_ms`; one that still waits is dropped.
    pub fn stop(&self, voice: u64, fade_ms: u32) {
        // A speaker that gave up has stopped everything.
        let _ = self.orders.try_send(Command::Stop { voice, fade_ms });
    }

    /// Closes the speaker and waits until it is closed. What sounds is cut off, and told as stopped.
    pub fn close(mut self) {
        let thread = self.thread.take();
        drop(self);
        if let Some(thread) = thread {
            // It has said what there was to say by event, even if it panicked.
            let _ = thread.join();
        }
    }

    fn begin(&self, voice: u64, source: Box<dyn Source>, start: Start, gain: f32) {
        let order = Command::Play { voice, source, start, gain };
        if self.orders.try_send(order).is_err() {
            let _ = self.events.send(SinkEvent::Stopped { voice, heard_ms: 0 });
        }
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Release);
        // If the way is full the keeper is awake anyway.
        let _ = self.words.try_send(Word::Wake);
    }
}
