//! What the targets for boards share: the bench of the firmware's own tests, a flash that was in use, and what a desk says.
//!
//! It decides nothing. The targets are in `targets/`; begin with `slide.rs`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use loa_domain::id::Hash;
use loa_domain::keys::{self, Purpose, Root, SecretKey};
use loa_domain::message::Down;
use loa_domain::plan::Reason;
use loa_domain::timetable::audience::Audience;
use loa_domain::timetable::stop::Stop;
use loa_domain::wire::{self, Encode, List, Writer};
use loa_firmware::Device;
use loa_firmware::flash::SETTLED;
use loa_firmware::shelf::Shelf;
use loa_firmware::store::{Name, SCRATCH, Settled, Store};

#[path = "../../../firmware/tests/device/world/mod.rs"]
pub mod world;

use world::bench::{Bench, MIDNIGHT};
use world::chip::Chip;
use world::desk::{Desk, NORMAL, daily};

/// A desk's timetables: A and B at 00:01 and 00:02, and C at 00:01 in their place. Few, for each start of a board verifies
/// every order of the one in force.
fn timetables(desk: &mut Desk) -> (BTreeSet<Hash>, Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let [a, b, c] = [('A', 900), ('B', 3_000), ('C', 40)].map(|(letter, size)| desk.slide(letter, size));
    let early: Vec<Vec<u8>> = [1, 2].map(|minute| desk.order(daily(0, minute), NORMAL, &[(a, 10), (b, 20)])).to_vec();
    let late = vec![desk.order(daily(0, 1), NORMAL, &[(c, 5)]), early[1].clone()];
    ([a.hash, b.hash, c.hash].into(), early, late)
}

/// The flash of a board that has a timetable in force, records without receipts, and a proof open.
pub fn used_flash() -> &'static [u8] {
    static FLASH: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut bench = Bench::new();
        let (_, early, _) = timetables(&mut bench.desk);
        let release = bench.desk.draft(1, &early, MIDNIGHT);
        bench.desk.issue(&release);
        bench.desk.gives_receipts = false;
        bench.start();
        bench.run_to(0, 1, 15);
        let before = settled(&bench.chip);
        bench.run_to(0, 2, 15);
        assert!(bench.desk.told().len() >= 3, "{:?}", bench.desk.told());
        bench.stop();
        tidied(&bench.chip, &before)
    });
    &FLASH
}

fn settled(chip: &Chip) -> Settled {
    Store::new(chip.clone(), &mut [0; SCRATCH]).get(Name::Settled).expect("a board that has settled something")
}

/// The flash with what is settled in a fresh sector, as after the ones before were used up, and the value `before` the last:
/// each start of a board checks every byte of what was ever settled in the sector that is written.
fn tidied(chip: &Chip, before: &Settled) -> Vec<u8> {
    let mut shelf = Shelf::load(&mut Store::new(chip.clone(), &mut [0; SCRATCH]));
    let now = settled(chip);
    let mut image = chip.image();
    image[SETTLED.start as usize..SETTLED.end as usize].fill(0xff);
    let tidy = Chip::of(image);
    let mut scratch = [0; SCRATCH];
    let mut store = Store::new(tidy.clone(), &mut scratch);
    let starts: u32 = 1;
    store.put(Name::Starts, &starts).expect("written");
    // Put there once more, so that the list is written.
    let release = now.release.and_then(|hash| shelf.find(&hash)).expect("the release in force");
    shelf.add(release, &mut store).expect("written");
    [before, &now].iter().for_each(|value| store.put(Name::Settled, *value).expect("written"));
    tidy.image()
}

/// Bytes that stand where a value should.
pub struct Raw<'b>(pub &'b [u8]);

impl Encode for Raw<'_> {
    fn write(&self, to: &mut Writer<'_>) {
        to.put(self.0);
    }
}

/// Lends a chip with that flash, and puts back what was changed.
pub fn kept(work: impl FnOnce(&Chip)) {
    thread_local! {
        static CHIP: RefCell<Option<Chip>> = const { RefCell::new(None) };
    }
    let chip = CHIP.with(|chip| chip.borrow_mut().get_or_insert_with(|| Chip::of(used_flash().to_vec())).clone());
    work(&chip);
    chip.restore(used_flash());
}

/// Looks at a slide as what draws it does first: all of its bytes, and whether they are what was ordered.
pub fn look(device: &mut Device<'_, Chip>, slide: Hash, now_ms: u64) {
    let flaw = match device.slide(slide).map(|(lies, flash)| lies.is_right(flash)) {
        Ok(Ok(true)) => return,
        Ok(_) => Reason::ContentCorrupt,
        Err(flaw) => flaw,
    };
    device.spoilt(slide, flaw, now_ms);
}

/// What a desk may say to that board, and somebody else.
pub struct Script {
    /// Messages for its `dn` topic.
    pub messages: Vec<Vec<u8>>,
    /// Parts for its `ck` topic.
    pub parts: Vec<Vec<u8>>,
    /// Slides that an officer signed.
    pub signed: BTreeSet<Hash>,
    /// The desk's key.
    pub desk: SecretKey,
}

/// Makes it.
pub fn script() -> Script {
    let mut desk = Desk::new(&world::bench::key());
    let (signed, early, late) = timetables(&mut desk);
    let mut messages: Vec<Vec<u8>> = [Down::Welcome, Down::SayHello].iter().map(wire::encode).collect();
    for (seq, orders) in [(2, &late), (3, &early), (4, &Vec::new())] {
        let mut release = desk.draft(seq, orders, MIDNIGHT.plus_ms(i64::from(seq as u32) * 10_000));
        messages.push(desk.issue(&release).1);
        release.expires = MIDNIGHT.plus_ms(120_000);
        release.seq += 10;
        messages.push(desk.issue(&release).1);
        release.placement.player = "bang-khac".parse().expect("a good id");
        messages.push(desk.issue(&release).1);
    }
    for (by, orders) in [(&desk.officer, Vec::new()), (&desk.officer, vec![Hash::of(b"none")]), (&desk.key, Vec::new())] {
        let orders = List::collect(orders).expect("few");
        let stop = Stop { made: MIDNIGHT.plus_ms(-1), audience: Audience::default(), orders };
        let sealed = keys::seal(&wire::encode(&stop), Purpose::Stop, &[by]);
        messages.push(wire::encode(&Down::Stop { sealed: &sealed }));
    }
    for version in [1, 2, 3] {
        let root = Root { version, ..desk.trusted() };
        let sealed = keys::seal(&wire::encode(&root), Purpose::Root, &[&desk.officer]);
        messages.push(wire::encode(&Down::Root { sealed: &sealed }));
    }
    let mut stranger = Desk::new(&world::bench::key());
    stranger.officer = SecretKey::from_seed(&[66; 32]);
    let slide = stranger.slide('X', 50);
    let order = stranger.order(daily(0, 1), NORMAL, &[(slide, 30)]);
    let release = stranger.draft(5, &[order], MIDNIGHT);
    messages.push(stranger.issue(&release).1);
    let mut parts = Vec::new();
    for desk in [&mut desk, &mut stranger] {
        let blobs: Vec<Hash> = desk.blobs.values().map(|blob| Hash::of(&blob.bytes)).collect();
        for hash in blobs {
            messages.push(desk.manifest(&hash));
            messages.push(wire::encode(&Down::Shared { blob: hash, transfer: 7 }));
            messages.push(wire::encode(&Down::SharedOver { blob: hash, transfer: 7 }));
            parts.extend((0..3).filter_map(|part| Some(desk.part("", &hash, part)?.1)));
        }
    }
    Script { messages, parts, signed, desk: desk.key }
}
