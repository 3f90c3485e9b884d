//! `make bench`: what Loa costs beside the programs people would otherwise use, on one machine in one run.
//!
//! It runs the measurements named on the command line (all of them without a name) and prints one Markdown table.
//! A peer that is not installed is one plain line, not a failure. Figures of a shared machine wander: the ratio of a
//! row is the figure to keep. What is measured and why is `docs/benchmarks.md`. Read on in `plan.rs`, `delivery.rs`,
//! `playing.rs` and `starts.rs`, one measurement each; `table.rs`, `process.rs`, `desk.rs` and `card.rs` serve them.

mod card;
mod delivery;
mod desk;
mod plan;
mod player;
mod playing;
mod process;
mod starts;
mod table;

use table::{Failed, Table};

type Measurement = fn(&mut Table) -> Result<(), Failed>;

const ALL: [(&str, Measurement); 4] = [
    ("plan", plan::measure),
    ("delivery", delivery::measure),
    ("playing", playing::measure),
    ("starts", starts::measure),
];

fn main() {
    // cargo adds options of its own; names are what does not begin with a dash.
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let mut table = Table::default();
    for (name, measure) in ALL {
        if !named.is_empty() && !named.iter().any(|wanted| wanted == name) {
            continue;
        }
        eprintln!("measuring: {name}");
        if let Err(failed) = measure(&mut table) {
            table.say(format!("{name}: not measured: {failed}"));
        }
    }
    print!("{table}");
}
