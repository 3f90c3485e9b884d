//! The power cut test: cuts the power to a player's store, or a desk's, again and again, and counts what was promised
//! and is gone.
//!
//! Decides: when the power goes, what the disk then holds, and whether the run passed. What the page
//! cache held is lost; a card that lies about having written is not modelled.
//! Does not decide: what is written and how it is checked (`agent/examples/store_writer.rs`).
//! Next file: `powercut/disk.rs`, then `powercut/writer.rs`.
//!
//!     cargo test -p loa-tests --test powercut -- [--cuts 200] [--seed 1] [--engine tree|log|tree-flush|desk]
//!
//! One cut: a disk image is mounted, a writer starts on it, is stopped at a random moment (often while
//! it is still opening), the image is copied as the disk holds it, the writer is killed, the copy is
//! mounted (its journal replayed) and the store on it opened and compared with what was acknowledged.
//! The copy is the disk of the next cut, so that a store lives through many; every tenth is a new disk.
//! `tree-flush` is the control: the same database without our fsync; a run with it has to lose records.
//! `desk` is the desk's store and log instead of a player's store: checked by the auditor's check of the log.

#[path = "powercut/disk.rs"]
mod disk;
#[path = "powercut/writer.rs"]
mod writer;

use std::io;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use disk::{Image, Workplace};

/// Cuts when none are asked for: enough to see a broken build, in a few seconds.
const FEW_CUTS: u64 = 10;
/// Cuts a disk lives through.
const CUTS_PER_DISK: u64 = 10;

/// Set when someone asks the program to stop; looked at between the steps of a cut.
static STOP: AtomicBool = AtomicBool::new(false);

struct Order {
    cuts: u64,
    seed: u64,
    engine: String,
}

#[derive(Default)]
struct Tally {
    cuts: u64,
    cuts_with_loss: u64,
    lost: u64,
    torn: u64,
    would_not_open: u64,
    while_opening: u64,
    checked: u64,
}

fn main() -> ExitCode {
    let order = match order(std::env::args().skip(1)) {
        Ok(order) => order,
        Err(complaint) => {
            eprintln!("{complaint}");
            return ExitCode::from(2);
        }
    };
    if let Some(missing) = disk::what_is_missing() {
        println!("power cuts not tested: {missing}");
        return ExitCode::SUCCESS;
    }
    stop_when_asked();
    let run = Workplace::new().and_then(|place| cut_again_and_again(&place, &order));
    match run {
        Ok(tally) => {
            println!("{}", tally.summary(&order));
            if tally.cuts < order.cuts {
                eprintln!("stopped before the {} cuts asked for", order.cuts);
                return ExitCode::FAILURE;
            }
            // The control has to fail, or the test could not.
            let broken = tally.lost + tally.torn + tally.would_not_open > 0;
            let expected = order.engine == "tree-flush";
            if broken == expected { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("the power cut test could not be run: {error}");
            ExitCode::FAILURE
        }
    }
}

fn order(mut words: impl Iterator<Item = String>) -> Result<Order, String> {
    let mut order = Order { cuts: FEW_CUTS, seed: 1, engine: "tree".to_owned() };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        let number = |text: String| text.parse().map_err(|_| format!("{text} is no number"));
        match word.as_str() {
            "--cuts" => order.cuts = number(value()?)?,
            "--seed" => order.seed = number(value()?)?,
            "--engine" => order.engine = value()?,
            // What `cargo test` hands to every test (a filter, --nocapture …) means nothing here.
            _ => {}
        }
    }
    match order.engine.as_str() {
        "tree" | "log" | "tree-flush" | "desk" => Ok(order),
        other => Err(format!("no engine {other}: tree, log, tree-flush or desk")),
    }
}

/// So that an interrupted run also unmounts what it mounted: the steps end, values are dropped.
fn stop_when_asked() {
    use tokio::signal::unix::{SignalKind, signal};
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            STOP.store(true, Ordering::Relaxed);
        });
    });
}

fn cut_again_and_again(place: &Workplace, order: &Order) -> io::Result<Tally> {
    let program = writer::build(&order.engine)?;
    let mut random = Random(order.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut tally = Tally::default();
    let mut disk: Option<(Image, u64)> = None;
    while tally.cuts < order.cuts && !STOP.load(Ordering::Relaxed) {
        // A queue that keeps its last thousand, and on every other disk a store that grows.
        let keep = if (tally.cuts / CUTS_PER_DISK).is_multiple_of(2) { 1000 } else { 20_000 };
        let (image, acknowledged) = match disk.take() {
            Some(lived) if !tally.cuts.is_multiple_of(CUTS_PER_DISK) => lived,
            _ => (place.new_image()?, 0),
        };
        let moment = Moment::draw(&mut random);
        let mut player = writer::Player { program: &program, engine: &order.engine, keep };
        let mounted = image.mount(place, random.below(3) == 0)?;
        let (copy, acknowledged) = player.run_until(&mounted, moment, acknowledged, place)?;
        drop(mounted);
        drop(image);
        let found = {
            let mounted = copy.mount(place, false)?;
            player.verify(&mounted, acknowledged)?
        };
        tally.count(&found, moment, acknowledged.min(keep));
        if found.is_whole() {
            // What it found without having been promised it may rely on from now on.
            disk = Some((copy, found.head));
        } else {
            println!("cut {} ({moment:?}, keep {keep}): {found:?}", tally.cuts);
        }
    }
    Ok(tally)
}

/// When the power goes.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So long after the writer was started, while it opens its store.
    AfterStart(Duration),
    /// So long after it said that its store is open.
    AfterOpen(Duration),
}

impl Moment {
    fn draw(random: &mut Random) -> Moment {
        let up_to_ms = |random: &mut Random, ms: u64| Duration::from_micros(random.below(ms * 1000));
        match random.below(3) {
            0 => Moment::AfterStart(Duration::from_millis(1) + up_to_ms(random, 29)),
            1 => Moment::AfterOpen(up_to_ms(random, 30)),
            _ => Moment::AfterOpen(up_to_ms(random, 400)),
        }
    }
}

/// A small generator of our own, so that a seed means the same moments for ever.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

impl Tally {
    fn count(&mut self, found: &writer::Found, moment: Moment, checked: u64) {
        self.cuts += 1;
        self.cuts_with_loss += u64::from(found.lost > 0);
        self.lost += found.lost;
        self.torn += found.torn;
        self.would_not_open += u64::from(!found.opened);
        self.while_opening += u64::from(matches!(moment, Moment::AfterStart(_)));
        self.checked += checked;
    }

    fn summary(&self, order: &Order) -> String {
        let Tally { cuts, lost, would_not_open, torn, .. } = self;
        format!(
            "{cuts} cuts, {lost} acknowledged records lost, {would_not_open} stores that would not open \
             ({torn} records of half-kept commits; loss in {} cuts; {} cuts within 30 ms of the start; \
             {} records checked; engine {}, seed {})",
            self.cuts_with_loss, self.while_opening, self.checked, order.engine, order.seed
        )
    }
}
