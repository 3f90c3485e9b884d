//! One open stream to a sound card, and the only file that names `cpal`.
//!
//! Everything the card's thread does is here: find out when the coming block will be heard, have it
//! made by [`crate::play::engine`], copy it to every channel. It also keeps the vital signs by which
//! the keeper (`keeper.rs`) decides whether the stream is alive; it heals nothing itself.
//!
//! What is known of the library's timestamps: they count from a moment it does not tell (so the origin
//! is measured), and the first two after a start or an underrun are wrong (so those blocks are silent).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, TryLockError};
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, DeviceId, ErrorKind, FromSample, SampleFormat, SizedSample, StreamConfig};
use loa_host::clock::Clock;

use crate::play::RATE;
use crate::play::engine::{Engine, Word};
use crate::play::timeline::Origin;

/// Frames per block, 85 ms, of which the card holds two. With half of it a machine whose cores are all
/// busy underran now and then; nothing that is planned minds the wait.
const PERIOD_FRAMES: u32 = 4_096;
/// Blocks kept silent after a start, until the card's own account of its delay can be believed.
const SILENT_BLOCKS: u32 = 3;
/// Errors without a single block between them: a dead sound server delivers a million a second.
const ERRORS_MAX: u32 = 20;
/// Each further error of such a storm is made to take this long, so that it does not cost a core.
const STORM_PAUSE: Duration = Duration::from_millis(10);

/// Why a card could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// ALSA knows no such name.
    #[error("there is no sound card named {0}")]
    NoSuchCard(String),
    /// It plays no 48 kHz; an ALSA name beginning with `plug` converts.
    #[error("the sound card does not take 48000 frames a second")]
    WrongRate,
    /// Anything else, in the library's words.
    #[error("the sound card does not open: {0}")]
    Refused(String),
}

impl From<cpal::Error> for CardError {
    fn from(error: cpal::Error) -> CardError {
        CardError::Refused(error.to_string())
    }
}

/// Signs of life, written on the card's threads and read by the keeper.
#[derive(Default)]
pub struct Vitals {
    /// Blocks asked for.
    pub blocks: AtomicU32,
    /// Raw monotonic time of the last block.
    pub last_block_ns: AtomicU64,
    /// Raw monotonic time of the first block with sound in it; 0 before.
    pub first_sound_ns: AtomicU64,
    errors_in_a_row: AtomicU32,
    restarted: AtomicBool,
    gone: AtomicBool,
    broke: AtomicBool,
}

impl Vitals {
    /// Why the stream is to be given up, if it is.
    pub fn fault(&self) -> Option<&'static str> {
        if self.gone.load(Ordering::Acquire) {
            Some("the sound card was unplugged")
        } else if self.errors_in_a_row.load(Ordering::Acquire) > ERRORS_MAX {
            Some("the sound system delivers nothing but errors")
        } else if self.broke.load(Ordering::Acquire) {
            Some("making sound failed inside the player")
        } else {
            None
        }
    }
}

/// An open stream. Dropping it closes the card, which a bad driver may make a long affair.
pub struct Card {
    /// Its signs of life.
    pub vitals: Arc<Vitals>,
    /// What was opened, for people.
    pub what: String,
    _stream: cpal::Stream,
}

/// Opens a card by ALSA name, or the default one, and lets `engine` sound through it. `wake` is poked
/// when something is wrong.
pub fn open(
    name: Option<&str>,
    engine: &Arc<Mutex<Engine>>,
    clock: &Clock,
    wake: &SyncSender<Word>,
) -> Result<Card, CardError> {
    // A host of its own each time: the library reads ALSA's list of cards when the first one is made.
    let host = cpal::default_host();
    let device = match name {
        Some(name) => host.device_by_id(&DeviceId::new(host.id(), name)),
        None => host.default_output_device(),
    };
    let shown = name.unwrap_or("default").to_owned();
    let device = device.ok_or_else(|| CardError::NoSuchCard(shown.clone()))?;
    let (format, channels) = choose(&device)?;
    let config = StreamConfig { channels, sample_rate: RATE, buffer_size: BufferSize::Fixed(PERIOD_FRAMES) };
    let vitals = Arc::new(Vitals::default());
    let build = |config: StreamConfig| {
        let filler = Filler::new(engine.clone(), clock.clone(), vitals.clone());
        match format {
            SampleFormat::F32 => build::<f32>(&device, config, filler, wake.clone()),
            SampleFormat::I32 => build::<i32>(&device, config, filler, wake.clone()),
            _ => build::<i16>(&device, config, filler, wake.clone()),
        }
    };
    let stream = build(config).or_else(|error| match error.kind() {
        // Some cards have periods of their own.
        ErrorKind::UnsupportedConfig => build(StreamConfig { buffer_size: BufferSize::Default, ..config }),
        _ => Err(error),
    })?;
    stream.play()?;
    Ok(Card { vitals, what: format!("{shown} ({RATE} Hz, {channels} channels, {format})"), _stream: stream })
}

/// The format and channels to open: whole numbers before fractions, two channels before one or more.
fn choose(device: &cpal::Device) -> Result<(SampleFormat, u16), CardError> {
    let formats = [SampleFormat::I16, SampleFormat::I32, SampleFormat::F32];
    device
        .supported_output_configs()?
        .filter(|range| (range.min_sample_rate()..=range.max_sample_rate()).contains(&RATE))
        .filter_map(|range| {
            let rank = formats.iter().position(|format| *format == range.sample_format())?;
            let channels = range.channels();
            Some(((rank, channels != 2, channels), range.sample_format(), channels))
        })
        .min_by_key(|(rank, ..)| *rank)
        .map(|(_, format, channels)| (format, channels))
        .ok_or(CardError::WrongRate)
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: StreamConfig,
    mut filler: Filler,
    wake: SyncSender<Word>,
) -> Result<cpal::Stream, cpal::Error> {
    let vitals = filler.vitals.clone();
    let channels = usize::from(config.channels);
    let data = move |out: &mut [T], info: &cpal::OutputCallbackInfo| {
        let stamp = info.timestamp();
        let called_ns = stamp.callback.as_nanos() as u64;
        let heard_ns = stamp.playback.as_nanos() as u64;
        let mono = filler.fill(called_ns, heard_ns, out.len() / channels);
        for (frame, sample) in out.chunks_mut(channels).zip(mono) {
            frame.fill(T::from_sample(*sample));
        }
    };
    let error = move |error: cpal::Error| complain(&vitals, &wake, error.kind());
    // Without a timeout the library would wait for ever on a card that fell silent, and could then
    // not be told to stop by some drivers.
    device.build_output_stream(config, data, error, Some(Duration::from_millis(500)))
}

fn complain(vitals: &Vitals, wake: &SyncSender<Word>, kind: ErrorKind) {
    match kind {
        ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged => return,
        ErrorKind::Xrun => vitals.restarted.store(true, Ordering::Release),
        ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated => vitals.gone.store(true, Ordering::Release),
        _ => {}
    }
    let errors = vitals.errors_in_a_row.fetch_add(1, Ordering::AcqRel);
    if vitals.fault().is_some() && errors <= ERRORS_MAX + 1 {
        let _ = wake.try_send(Word::Wake);
    }
    if errors > ERRORS_MAX {
        std::thread::sleep(STORM_PAUSE);
    }
}

/// The card's thread: makes blocks.
struct Filler {
    engine: Arc<Mutex<Engine>>,
    clock: Clock,
    vitals: Arc<Vitals>,
    origin: Origin,
    silent_blocks: u32,
    mono: Vec<f32>,
}

impl Filler {
    fn new(engine: Arc<Mutex<Engine>>, clock: Clock, vitals: Arc<Vitals>) -> Filler {
        Filler {
            engine,
            clock,
            vitals,
            origin: Origin::default(),
            silent_blocks: SILENT_BLOCKS,
            mono: Vec::with_capacity(4 * PERIOD_FRAMES as usize),
        }
    }

    /// One block of `frames` frames; times are the stream's, in nanoseconds since a zero of its own.
    fn fill(&mut self, called_ns: u64, heard_ns: u64, frames: usize) -> &[f32] {
        let now = self.clock.now();
        // Allocates only if a card asks for blocks four times as long as it was told to.
        self.mono.resize(frames, 0.0);
        self.mono.fill(0.0);
        self.vitals.errors_in_a_row.store(0, Ordering::Release);
        self.vitals.last_block_ns.store(now.mono_raw_ns, Ordering::Release);
        let origin_ns = self.origin.observe(now.mono_raw_ns, called_ns);
        let restarted = self.vitals.restarted.swap(false, Ordering::AcqRel);
        if restarted {
            self.silent_blocks = SILENT_BLOCKS;
        }
        if self.silent_blocks > 0 {
            self.silent_blocks -= 1;
            if let (true, Some(mut engine)) = (restarted, try_hold(&self.engine)) {
                engine.restarted();
            }
        } else if let Some(mut engine) = try_hold(&self.engine) {
            let mono = &mut self.mono;
            let made = catch_unwind(AssertUnwindSafe(|| engine.render(origin_ns + heard_ns, now, mono)));
            if made.is_err() {
                self.mono.fill(0.0);
                self.vitals.broke.store(true, Ordering::Release);
            } else if self.vitals.first_sound_ns.load(Ordering::Relaxed) == 0 {
                self.vitals.first_sound_ns.store(now.mono_raw_ns, Ordering::Release);
            }
        }
        self.vitals.blocks.fetch_add(1, Ordering::AcqRel);
        &self.mono
    }
}

/// The engine, unless someone else has it: the card's thread never waits.
fn try_hold(engine: &Mutex<Engine>) -> Option<std::sync::MutexGuard<'_, Engine>> {
    match engine.try_lock() {
        Ok(engine) => Some(engine),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}
