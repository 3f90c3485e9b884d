//! The plain board: shows slides of text and videos on a board of lamps, and the time of day in between.
//!
//! Here is only the thread that joins the parts; what a slide looks like is the crate `board`'s, on a [`face`] of this
//! one; [`quiet`] is what is said in between, [`show`] decides what is up when and how long it was, [`picture`],
//! [`terminal`] and those in [`out`] put it out, [`outputs`] all of them together. The frames of a video come from
//! [`super::video`].
//! When a slide is due, and why, is decided in `domain`; the next door up is [`super::sequence`].

pub mod face;
pub mod out;
pub mod output;
pub mod outputs;
pub mod picture;
pub mod quiet;
pub mod show;
pub mod terminal;

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use loa_board::drill_room;
use loa_domain::id::Hash;
use loa_domain::plan::Reason;
use loa_domain::play::class::{BoardClass, Rotation};
use loa_domain::time::UtcMs;
use loa_domain::timetable::order::Item;
use loa_host::clock::{Clock, Reading};
use loa_host::text::Words;

use crate::piece::{Part, Piece};

use super::sequence::{Heard, Stage, Voice};
use super::standing::Standing;
use super::video::{Video, Videos};
use face::{Face, Laid, dark};
use output::{Frame, Lamps, Marked, Pixels, Rgb24};
use outputs::Outputs;
use quiet::Quiet;
use show::{Show, Shows, Subject};

/// Gives the bytes of a piece of content, if they are there.
pub type Shelf = Box<dyn Fn(&Hash) -> Option<Vec<u8>> + Send>;
/// Is told what became of slides.
pub type Told = Box<dyn Fn(Heard) + Send>;

/// Where a board has its content from.
pub struct Content {
    /// Slides.
    pub shelf: Shelf,
    /// Videos.
    pub videos: Videos,
}

/// A board and its thread. Dropping it leaves the last face up.
pub struct Board {
    class: BoardClass,
    content: Content,
    words: Words,
    has_outputs: bool,
    orders: Sender<Order>,
    faces: Arc<Mutex<Faces>>,
    /// Letters without a picture that are in the log already.
    logged: BTreeSet<char>,
    thread: Option<JoinHandle<()>>,
}

/// What was put out last, and of each piece that is not yet over.
#[derive(Debug, Default)]
struct Faces {
    last: Option<Hash>,
    of: HashMap<Voice, Hash>,
}

enum Order {
    Begin(Box<Show>, Option<Box<Video>>),
    End(Voice),
    Quiet(Box<Quiet>, Option<Box<BoardClass>>),
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
        class: BoardClass,
        clock: Clock,
        outputs: Outputs,
        content: Content,
        told: Told,
        words: Words,
    ) -> io::Result<Self> {
        let (orders, taken) = mpsc::channel();
        let faces = Arc::new(Mutex::new(Faces::default()));
        let has_outputs = !outputs.is_empty();
        let mut shows = Shows::new(class.clone());
        // Until it hears of a timetable it has none.
        shows.set_quiet(Quiet::say(&Standing::default(), &words));
        let screen = Screen {
            clock,
            shows,
            face: dark(&class),
            rotation: class.rotation,
            told_class: None,
            videos: HashMap::new(),
            outputs,
            told,
            up: None,
            faces: faces.clone(),
        };
        let thread = Builder::new().name("board".to_owned()).spawn(move || screen.run(&taken))?;
        let thread = Some(thread);
        Ok(Self { class, content, words, has_outputs, orders, faces, logged: BTreeSet::new(), thread })
    }

    /// Lets the board look at the clock now, for whoever set it.
    pub fn look(&self) {
        self.order(Order::Look);
    }

    /// The hash ([`loa_board::Canvas::hash`]) of the face that is up, once an output took it. Of a video, that of its first
    /// frame, and when it is over of its last, three bytes a pixel.
    #[must_use]
    pub fn last_face_hash(&self) -> Option<Hash> {
        self.faces.lock().unwrap_or_else(PoisonError::into_inner).last
    }

    fn order(&self, order: Order) {
        // The thread ends only after Close; if it died, its panic is in the log and begin() says so.
        let _thread_died = self.orders.send(order);
    }

    fn slide(&self, item: &Item, class: &BoardClass) -> Result<Laid, Reason> {
        let bytes = (self.content.shelf)(&item.content).ok_or(Reason::ContentMissing)?;
        if Hash::of(&bytes) != item.content {
            return Err(Reason::ContentCorrupt);
        }
        Laid::read(bytes, class).map_err(|error| {
            tracing::error!(?error, "a slide cannot be read");
            Reason::ContentCorrupt
        })
    }

    /// Says what the board cannot show of a slide. Once for each letter: it will be a box, and nobody at the station
    /// sees the log twice.
    fn log_faults(&mut self, laid: &Laid, length_ms: u32) {
        for letter in laid.missing() {
            if self.logged.insert(letter) {
                tracing::warn!(code = letter as u32, "a letter has no picture and is shown as a box");
            }
        }
        let read_ms = laid.layout().read_ms();
        if u64::from(length_ms) < read_ms {
            tracing::warn!(length_ms, read_ms, "a slide is shown for less time than reading it on this board takes");
        }
        if let Some(lack) = laid.layout().lacks() {
            tracing::warn!(?lack, "a part of a slide cannot be shown on this board");
        }
    }
}

impl Stage for Board {
    fn begin(&mut self, voice: Voice, piece: &Piece, at: UtcMs, offset_ms: u32, _volume: u8) -> Result<(), Reason> {
        if !self.has_outputs {
            return Err(Reason::OutputLost);
        }
        let size = (u32::from(self.class.width_px), u32::from(self.class.height_px));
        let Piece { item, part } = piece;
        let length_ms = item.length_ms;
        let video = match part {
            Part::Notice => None,
            Part::Plain | Part::OfDrill => self.content.videos.open(voice, item, offset_ms, size)?.map(Box::new),
        };
        let laid = match (&video, part) {
            // Dark until its first frame is there.
            (Some(_), _) | (None, Part::Notice) => Laid::nothing(&self.class),
            (None, Part::Plain | Part::OfDrill) => {
                let room = (*part == Part::OfDrill).then(|| drill_room(&self.class)).flatten();
                let laid = self.slide(item, room.as_ref().unwrap_or(&self.class))?;
                self.log_faults(&laid, length_ms);
                laid
            }
        };
        let show = Box::new(Show { voice, at, offset_ms, length_ms, laid, part: *part });
        self.orders.send(Order::Begin(show, video)).map_err(|_| Reason::OutputLost)
    }

    fn end(&mut self, voice: Voice) {
        self.order(Order::End(voice));
    }

    fn over(&mut self, voice: Voice) -> Option<Reason> {
        self.content.videos.over(voice)
    }

    fn face(&mut self, voice: Voice) -> Option<Hash> {
        self.faces.lock().unwrap_or_else(PoisonError::into_inner).of.remove(&voice)
    }

    fn stand(&mut self, standing: &Standing) {
        let class = standing.board.clone().map(Box::new);
        self.order(Order::Quiet(Box::new(Quiet::say(standing, &self.words)), class));
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
    /// What is up: a slide that enters lets the rest of it stand.
    face: Face,
    rotation: Rotation,
    /// What kind of board the desk takes it for.
    told_class: Option<BoardClass>,
    /// Videos that are shown or wait, by what they are called in `shows`.
    videos: HashMap<Voice, Video>,
    outputs: Outputs,
    told: Told,
    /// What the outputs took last.
    up: Option<Subject>,
    faces: Arc<Mutex<Faces>>,
}

impl Screen {
    fn run(mut self, orders: &Receiver<Order>) {
        loop {
            let now = self.clock.now();
            let mut heard = Vec::new();
            self.shows.look(now, &mut |said| heard.push(said));
            self.tell(heard, now);
            self.draw(now);
            let wait = Duration::from_nanos(self.next_ns(self.clock.now()));
            match orders.recv_timeout(wait) {
                Ok(Order::Close) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(order) => self.obey(order),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Begin(show, video) => {
                self.videos.extend(video.map(|video| (show.voice, *video)));
                self.shows.begin(*show);
            }
            Order::End(voice) => {
                let now = self.clock.now();
                let mut heard = Vec::new();
                self.shows.end(voice, now, &mut |said| heard.push(said));
                self.tell(heard, now);
            }
            Order::Quiet(quiet, class) => {
                self.shows.set_quiet(*quiet);
                if let Some(class) = class {
                    self.heed(*class);
                }
            }
            Order::Look | Order::Close => {}
        }
    }

    /// Passes on what became of slides and videos; a video that is over ends before it is told.
    fn tell(&mut self, heard: Vec<Heard>, now: Reading) {
        for said in heard {
            match said {
                Heard::Began { voice, .. } => {
                    if let Some(video) = self.videos.get_mut(&voice) {
                        video.begin(now.mono_raw_ns);
                    }
                }
                Heard::Over { voice, heard_ms } => {
                    if let Some(video) = self.videos.remove(&voice) {
                        let last = video.frame().map(Hash::of);
                        tracing::info!(last = ?last, dropped = video.dropped(), heard_ms, "a video is over");
                        if last.is_some() {
                            self.keep(Some(voice), last);
                        }
                    }
                }
            }
            (self.told)(said);
        }
    }

    /// The desk says what kind of board this is: it knows when it is to be darker, and previews are made by it. How many
    /// lamps there are, and how they hang, this player was told where they are.
    fn heed(&mut self, class: BoardClass) {
        let (own, lamps) = ((self.face.width_px(), self.face.height_px()), self.face.depth());
        if self.told_class.as_ref() == Some(&class) {
            return;
        }
        if (u32::from(class.width_px), u32::from(class.height_px)) != own || class.depth != lamps {
            let desk = format!("{}x{}:{}", class.width_px, class.height_px, class.depth.name());
            tracing::warn!(desk, "the desk takes this board for another kind: its previews show something else");
        }
        self.told_class = Some(class);
        // Brightness may have changed with it.
        self.up = None;
    }

    /// How bright it is to be by the hour, of what it is set up to be at most.
    fn brightness_percent(&self, now: Reading) -> u8 {
        let most = u16::from(self.outputs.brightness_percent);
        let asked = self.told_class.as_ref().map_or(100, |class| class.brightness_at(self.shows.second_of_day(now)));
        (most * u16::from(asked) / 100) as u8
    }

    /// Notes what was seen, of a slide or a video or the quiet face.
    fn keep(&self, voice: Option<Voice>, face: Option<Hash>) {
        let mut faces = self.faces.lock().unwrap_or_else(PoisonError::into_inner);
        faces.last = face;
        if let (Some(voice), Some(face)) = (voice, face) {
            faces.of.insert(voice, face);
        }
    }

    /// How long until the next look at the latest, in nanoseconds.
    fn next_ns(&self, now: Reading) -> u64 {
        let video = match &self.up {
            Some(Subject::Slide { voice, .. }) => self.videos.get(voice),
            _ => None,
        };
        self.shows.next_ns(now).min(video.map_or(u64::MAX, |video| video.next_ns(now.mono_raw_ns)))
    }

    /// Puts out what is to be seen, if that is not what was put out last or an output may have lost it.
    fn draw(&mut self, now: Reading) {
        let subject = self.shows.subject(now);
        let (voice, mut is_running) = match &subject {
            Subject::Slide { voice, moment } => (Some(*voice), moment.is_running()),
            Subject::Quiet { .. } => (None, false),
        };
        let brightness_percent = self.brightness_percent(now);
        let mut video = voice.and_then(|voice| self.videos.get_mut(&voice));
        let has_moved = video.as_mut().is_some_and(|video| video.look(now.mono_raw_ns));
        let is_new = has_moved || self.up.as_ref() != Some(&subject);
        if !is_new && !self.outputs.want_again(now.mono_raw_ns) {
            return;
        }
        self.shows.draw(&subject, &mut self.face);
        let lamps = Lamps { face: &self.face, rotation: self.rotation, brightness_percent };
        let (width_px, height_px) = (self.face.width_px(), self.face.height_px());
        let picture = video.as_ref().and_then(|video| video.frame());
        let picture = picture.map(|bytes| Rgb24 { width_px, height_px, bytes, brightness_percent });
        // A video fills the board, so what a drill says of itself lies over it.
        let drill = picture.zip(self.shows.drill_room_px());
        let marked = drill.map(|(picture, room_px)| Marked { picture, face: &self.face, room_px });
        is_running |= picture.is_some() && video.as_ref().is_some_and(|video| !video.is_first());
        let pixels: &dyn Pixels = match (&marked, &picture) {
            (Some(marked), _) => marked,
            (None, Some(picture)) => picture,
            (None, None) => &lamps,
        };
        let taken = self.outputs.put(&Frame { pixels, voice, now, is_running }, is_new);
        // A video without a frame is not seen.
        self.shows.lit(taken && (video.is_none() || picture.is_some()), now);
        let seen = taken && !(picture.is_some() && is_running);
        let hash = seen.then(|| picture.map_or_else(|| self.face.hash(), |picture| Hash::of(picture.bytes)));
        if hash.is_some() {
            self.keep(voice, hash);
        }
        self.up = Some(subject);
    }
}

#[cfg(test)]
mod moving;
#[cfg(test)]
mod tests;
