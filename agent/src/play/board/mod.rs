//! The plain board: shows slides of text on a board of lamps, and the time of day in between.
//!
//! Here is only the thread that joins the parts; [`face`], [`font`] and [`layout`] say what a slide looks like,
//! [`draw`] draws it, [`quiet`] the face in between, [`show`] decides which is up when and how long it was, [`picture`] and [`terminal`] put it out.
//! When a slide is due, and why, is decided in `domain`; the next door up is [`super::sequence`].

pub mod draw;
pub mod face;
pub mod font;
pub mod layout;
pub mod output;
pub mod picture;
pub mod quiet;
pub mod show;
pub mod terminal;

use std::collections::BTreeSet;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use loa_domain::id::Hash;
use loa_domain::plan::Reason;
use loa_domain::play::slide::Slide;
use loa_domain::time::UtcMs;
use loa_domain::timetable::order::Item;
use loa_domain::wire;
use loa_host::clock::{Clock, Reading};
use loa_host::text::Words;

use super::sequence::{Heard, Stage, Voice};
use super::standing::Standing;
use draw::Moment;
use face::BoardSize;
use font::{Font, missing};
use layout::lay_out;
use output::{Frame, Output};
use quiet::Quiet;
use show::{Show, Shows, Subject};

/// Gives the bytes of a piece of content, if they are there.
pub type Shelf = Box<dyn Fn(&Hash) -> Option<Vec<u8>> + Send>;
/// Is told what became of slides.
pub type Told = Box<dyn Fn(Heard) + Send>;

/// A board and its thread. Dropping it leaves the last face up.
pub struct Board {
    size: BoardSize,
    shelf: Shelf,
    words: Words,
    has_outputs: bool,
    orders: Sender<Order>,
    last_face: Arc<Mutex<Option<Hash>>>,
    /// Letters without a picture that are in the log already.
    logged: BTreeSet<char>,
    thread: Option<JoinHandle<()>>,
}

enum Order {
    Begin(Show),
    End(Voice),
    Quiet(Box<Quiet>),
    Look,
    Close,
}

impl Board {
    /// Starts a board that shows its quiet face on `outputs`; what becomes of slides is told to `told`, on the board's
    /// own thread.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn open(
        size: BoardSize,
        clock: Clock,
        outputs: Vec<Box<dyn Output>>,
        shelf: Shelf,
        told: Told,
        words: Words,
    ) -> io::Result<Self> {
        let (orders, taken) = mpsc::channel();
        let last_face = Arc::new(Mutex::new(None));
        let has_outputs = !outputs.is_empty();
        let mut shows = Shows::new(size);
        // Until it hears of a timetable it has none.
        shows.set_quiet(Quiet::say(&Standing::default(), UtcMs(0), &words));
        let screen = Screen { clock, shows, outputs, told, up: None, broken: false, last_face: last_face.clone() };
        let thread = Builder::new().name("board".to_owned()).spawn(move || screen.run(&taken))?;
        let thread = Some(thread);
        Ok(Self { size, shelf, words, has_outputs, orders, last_face, logged: BTreeSet::new(), thread })
    }

    /// Lets the board look at the clock now, for whoever set it.
    pub fn look(&self) {
        self.order(Order::Look);
    }

    /// The hash ([`face::Face::hash`]) of the face that is up, once an output took it.
    #[must_use]
    pub fn last_face_hash(&self) -> Option<Hash> {
        *self.last_face.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn order(&self, order: Order) {
        // The thread ends only after Close; if it died, its panic is in the log and begin() says so.
        let _thread_died = self.orders.send(order);
    }

    fn slide(&self, item: &Item) -> Result<Slide, Reason> {
        let bytes = (self.shelf)(&item.content).ok_or(Reason::ContentMissing)?;
        if Hash::of(&bytes) != item.content {
            return Err(Reason::ContentCorrupt);
        }
        wire::decode(&bytes).map_err(|error| {
            tracing::error!(?error, "a slide cannot be read");
            Reason::ContentCorrupt
        })
    }

    /// Once for each letter: it will be a box, and nobody at the station sees the log twice.
    fn log_missing(&mut self, slide: &Slide) {
        for letter in missing(&slide.title, Font::Small).chain(missing(&slide.body, Font::Small)) {
            if self.logged.insert(letter) {
                tracing::warn!(code = letter as u32, "a letter has no picture and is shown as a box");
            }
        }
    }
}

impl Stage for Board {
    fn begin(&mut self, voice: Voice, item: &Item, at: UtcMs, offset_ms: u32, _volume: u8) -> Result<(), Reason> {
        let slide = self.slide(item)?;
        self.log_missing(&slide);
        let layout = lay_out(&slide.title, &slide.body, self.size);
        let (length_ms, read_ms) = (item.length_ms, layout.read_ms());
        if u64::from(length_ms) < read_ms {
            tracing::warn!(length_ms, read_ms, "a slide is shown for less time than it takes to read on this board");
        }
        if !self.has_outputs {
            return Err(Reason::OutputLost);
        }
        let show = Show { voice, at, offset_ms, length_ms, layout };
        self.orders.send(Order::Begin(show)).map_err(|_| Reason::OutputLost)
    }

    fn end(&mut self, voice: Voice) {
        self.order(Order::End(voice));
    }

    fn stand(&mut self, standing: &Standing, now: UtcMs) {
        self.order(Order::Quiet(Box::new(Quiet::say(standing, now, &self.words))));
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.order(Order::Close);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread is in the log already.
            let _panicked = thread.join();
        }
    }
}

/// What the board's thread owns.
struct Screen {
    clock: Clock,
    shows: Shows,
    outputs: Vec<Box<dyn Output>>,
    told: Told,
    /// What the outputs took last.
    up: Option<Subject>,
    /// The last face was not taken by every output.
    broken: bool,
    last_face: Arc<Mutex<Option<Hash>>>,
}

impl Screen {
    fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let now = self.clock.now();
            self.shows.look(now, &mut |heard| (self.told)(heard));
            self.draw(now);
            let wait = Duration::from_nanos(self.shows.next_ns(self.clock.now()));
            match orders.recv_timeout(wait) {
                Ok(Order::Close) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(order) => self.obey(order),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Begin(show) => self.shows.begin(show),
            Order::End(voice) => {
                let now = self.clock.now();
                self.shows.end(voice, now, &mut |heard| (self.told)(heard));
            }
            Order::Quiet(quiet) => self.shows.set_quiet(*quiet),
            Order::Look | Order::Close => {}
        }
    }

    /// Puts out what is to be seen, if that is not what was put out last.
    fn draw(&mut self, now: Reading) {
        let subject = self.shows.subject(now);
        if self.up.as_ref() == Some(&subject) && !self.broken {
            return;
        }
        let face = self.shows.face(&subject);
        let (voice, is_running) = match &subject {
            Subject::Slide { voice, moment } => (Some(*voice), matches!(moment, Moment::Run(px) if *px > 0)),
            Subject::Quiet { .. } => (None, false),
        };
        let frame = Frame { face: &face, voice, now, is_running };
        let (mut taken, mut failed) = (false, None);
        for output in &mut self.outputs {
            match output.put(&frame) {
                Ok(()) => taken = true,
                Err(error) => failed = Some(error),
            }
        }
        if let Some(error) = failed.as_ref().filter(|_| !self.broken) {
            tracing::error!(%error, "the board's face could not be put out; it will be tried again");
        }
        self.broken = failed.is_some();
        self.shows.lit(taken, now);
        if taken {
            *self.last_face.lock().unwrap_or_else(PoisonError::into_inner) = Some(face.hash());
        }
        self.up = Some(subject);
    }
}

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
