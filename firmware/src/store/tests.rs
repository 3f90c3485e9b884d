//! A store whose power is cut at every write.

use std::vec;
use std::vec::Vec;

use loa_domain::id::CueId;
use loa_domain::time::UtcMs;
use loa_domain::wire::{Encode, Writer};

use super::*;
use crate::flash::ram::Ram;

fn store(flash: Ram) -> Store<'static, Ram> {
    Store::new(flash, std::boxed::Box::leak(std::boxed::Box::new([0; SCRATCH])))
}

fn places(store: &mut Store<'static, Ram>) -> Vec<Place> {
    let mut last = None;
    core::iter::from_fn(|| {
        last = Some(store.next_record(last)?);
        last
    })
    .collect()
}

fn head(next: u64) -> Head {
    Head { epoch: 1, next, last: Hash::of(&next.to_be_bytes()) }
}

fn settled(next: u64) -> Settled {
    let mut due = Due::default();
    due.begin(UtcMs(next as i64), &mut core::iter::empty());
    Settled { due, open: Open::new(), head: Some(head(next)), release: None }
}

#[test]
fn what_is_kept_last_is_what_is_found_however_often_it_changes() {
    let mut store = store(Ram::default());
    assert_eq!(store.get::<Settled>(Name::Settled), None);
    for next in 0..2_000 {
        store.put(Name::Settled, &settled(next)).expect("written");
    }
    assert_eq!(store.get(Name::Settled), Some(settled(1_999)));
    assert_eq!(store.get::<u32>(Name::Starts), None);
}

/// Everything that can be settled and open at once, each number as long as it gets.
fn fullest() -> Settled {
    let (hash, far) = (Hash([255; 32]), UtcMs(i64::MAX));
    let cue = CueId { order: hash, planned: far };
    let mut bytes = [0; SCRATCH];
    let mut to = Writer::new(&mut bytes);
    let pair = |to: &mut Writer<'_>| {
        to.array(2);
        [far, far].iter().for_each(|at| at.write(to));
    };
    to.array(6);
    far.write(&mut to);
    pair(&mut to);
    to.array(4);
    (0..4).for_each(|_| pair(&mut to));
    for _ in 0..2 {
        to.array(limits::WAITING as u32);
        (0..limits::WAITING).for_each(|_| cue.write(&mut to));
    }
    far.write(&mut to);
    let length = to.end().expect("fits");
    let due = wire::decode(&bytes[..length]).expect("what is settled");
    let opened = Opened { cue, length_ms: u32::MAX, began: Some(far), heard_ms: u32::MAX };
    let open = Open::collect((0..limits::LIVE).map(|_| opened)).expect("as many as there are");
    let head = Some(Head { epoch: u64::MAX, next: u64::MAX, last: hash });
    Settled { due, open, head, release: Some(hash) }
}

#[test]
fn the_fullest_day_fits_what_it_is_kept_in() {
    let length = wire::encode_into(&fullest(), &mut [0; 8_192]).expect("it ends");
    assert!(length <= SCRATCH, "{length} bytes, room for {SCRATCH}");
    let mut store = store(Ram::default());
    for _ in 0..20 {
        store.put(Name::Settled, &fullest()).expect("there is room");
    }
    assert_eq!(store.get(Name::Settled), Some(fullest()));
}

#[test]
fn records_come_in_their_order_and_go_by_their_places() {
    let mut store = store(Ram::default());
    for seq in 0..300 {
        store.push((1, seq), &vec![seq as u8; 480]).expect("there is room");
    }
    store.release(&[(1, 0), (1, 2), (1, 299), (7, 7)]).expect("they go");
    assert_eq!(store.records(), 297);
    let left = places(&mut store);
    assert_eq!((left.len(), left[0], left[1], left[296]), (297, (1, 1), (1, 3), (1, 298)));
    let mut sealed = [0; RECORD_BYTES];
    assert_eq!(store.record((1, 3), &mut sealed), Some(480));
    assert_eq!(sealed[..480], [3; 480]);
    assert_eq!(store.record((1, 2), &mut sealed), None);
}

#[test]
fn a_full_outbox_takes_no_more_until_the_oldest_go() {
    let mut store = store(Ram::default());
    let taken = (0..10_000).take_while(|seq| store.push((1, *seq), &[5; 500]).is_ok()).count() as u64;
    assert!((800..1_200).contains(&taken), "{taken}");
    let oldest: Vec<Place> = (0..16).map(|seq| (1, seq)).collect();
    store.release(&oldest).expect("they go");
    store.push((1, taken), &[5; 500]).expect("there is room again");
    assert_eq!(store.records(), taken as u32 - 15);
}

#[test]
fn a_power_cut_at_any_write_leaves_the_round_before_or_after_and_never_half() {
    let mut before = store(Ram::default());
    before.push((1, 0), &[0; 300]).expect("written");
    before.put(Name::Settled, &settled(1)).expect("written");
    let flash = before.flash().clone();
    let mut kept = [0, 0];
    for writes in 0.. {
        let mut cut = store(Ram { left: writes, ..flash.clone() });
        let round = cut
            .push((1, 1), &[1; 300])
            .and_then(|()| cut.push((1, 2), &[2; 300]))
            .and_then(|()| cut.put(Name::Settled, &settled(3)));
        let mut after = store(Ram { left: usize::MAX, ..cut.flash().clone() });
        let found: Settled = after.get(Name::Settled).expect("one of the two");
        after.roll_back(found.head).expect("reads");
        let next = found.head.expect("a chain").next;
        assert!((next == 1 && found == settled(1)) || (next == 3 && found == settled(3)), "after {writes} writes");
        assert_eq!(places(&mut after), (0..next).map(|seq| (1, seq)).collect::<Vec<_>>(), "after {writes} writes");
        // And it goes on from there.
        after.push((1, next), &[9; 300]).expect("written");
        assert_eq!(places(&mut after).last(), Some(&(1, next)));
        kept[usize::from(next == 3)] += 1;
        if round.is_ok() {
            break;
        }
    }
    assert!(kept[0] > 3 && kept[1] >= 1, "{kept:?}");
}

#[test]
fn a_flash_full_of_anything_is_read_without_harm() {
    for seed in 0..20_u32 {
        let mut flash = Ram::default();
        let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
        for byte in &mut flash.bytes {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            *byte = state as u8;
        }
        let mut store = store(flash);
        assert_eq!(store.get::<Settled>(Name::Settled), None);
        let _rolled = store.roll_back(None);
        store.put(Name::Settled, &settled(1)).ok();
        let _any = store.next_record(None);
    }
}
