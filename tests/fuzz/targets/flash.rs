//! A flash that was a board's, bent anywhere, or with values that are whole and mean nothing: it is read, and a board
//! begins with it, shows something and puts the time it was told of into a record.
//!
//! Next: `device.rs`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use loa_firmware::flash::{BYTES, SECTOR};
use loa_firmware::page::Given;
use loa_firmware::run::Face;
use loa_firmware::store::{Name, SCRATCH, Store};
use loa_fuzz::world::bench::{self, MIDNIGHT, Room};
use loa_fuzz::world::chip::Chip;
use loa_fuzz::{Raw, kept, look, used_flash};

const NAMES: [Name; 4] = [Name::Settled, Name::Seen, Name::Shelf, Name::Starts];

static GIVEN: LazyLock<Given> = LazyLock::new(|| bench::given(&Chip::of(used_flash().to_vec())));

fn bend(chip: &Chip, mut bytes: &[u8]) {
    let mut scratch = [0; SCRATCH];
    while let Some(([what, at, more, length], rest)) = bytes.split_first_chunk::<4>() {
        let (said, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        bytes = rest;
        let place = (usize::from(*at) << 8 | usize::from(*more)) * 16 % BYTES as usize;
        match what % 6 {
            // Bits that fell, anywhere.
            0 => said.iter().zip(place..BYTES as usize).for_each(|(bits, at)| chip.turn(at, *bits)),
            // Bits that fell in what is settled or in the first records.
            1 => {
                let place = 2 * SECTOR as usize + place % (9 * SECTOR as usize);
                said.iter().zip(place..).for_each(|(bits, at)| chip.turn(at, *bits));
            }
            // A value that is whole, under its name.
            2 | 3 => {
                let name = NAMES[usize::from(*at) % NAMES.len()];
                let _full = Store::new(chip.clone(), &mut scratch).put(name, &Raw(said));
            }
            // A record that is none.
            4 => {
                let place = (u64::from(*at), u64::from(*more));
                let _full = Store::new(chip.clone(), &mut scratch).push(place, said);
            }
            // A write that was cut.
            _ => {
                chip.cut_after(usize::from(*more % 8));
                let _cut = Store::new(chip.clone(), &mut scratch).put(Name::Starts, &Raw(said));
                chip.power();
            }
        }
    }
}

/// What every execution shares is made before the first, so that none is credited with it.
fn prepare() {
    LazyLock::force(&GIVEN);
    kept(|_| ());
}

/// One execution.
fn run(bytes: &[u8]) {
    kept(|chip| {
        bend(chip, bytes);
        let mut room = Room::default();
        let mut device = room.device(&GIVEN, chip, Some(MIDNIGHT.plus_ms(86_400_000)));
        let mut now_ms = 0;
        for turn in 0..200 {
            assert!(turn < 199, "it asks to be called at once for ever");
            let next_ms = device.round(now_ms);
            if let Face::Slide { slide, .. } = device.face(now_ms) {
                look(&mut device, slide, now_ms);
            }
            if now_ms > 60_000 {
                break;
            }
            now_ms = next_ms.max(now_ms);
        }
        let _counted = device.records();
    });
}

fuzz_target!(init: prepare(), |bytes: &[u8]| run(bytes));
