//! Attacks on single records and chains, with everything made anew and signed with the log's key.
//!
//! Where a record is forged, the forger has no player's key unless the attack says so.

use loa_domain::audit::entry::Entry;
use loa_domain::audit::note::Note;
use loa_domain::id::Hash;
use loa_domain::keys::{self, Purpose, Sealed};
use loa_domain::proof::record::{Body, Record};
use loa_domain::time::UtcMs;
use loa_domain::wire::{self, List};
use loa_verify::{Class, Finding, Given, Place, Unfit};

use crate::attack::{Trial, entries, remade};
use crate::build::{self, Dice, Mark, World};

fn place(world: &World, mark: &Mark) -> Place {
    Place { player: world.devices[mark.player].id.clone(), epoch: mark.epoch, seq: mark.seq }
}

fn in_log(world: &World) -> Vec<&Mark> {
    let size = world.published.last().expect("published").size as usize;
    world.records.iter().filter(|mark| mark.position < size).collect()
}

/// A record that so many of its chain follow.
fn followed<'w>(world: &'w World, dice: &mut Dice, by: u64) -> &'w Mark {
    let marks = in_log(world);
    loop {
        let mark = marks[dice.below(marks.len() as u64) as usize];
        if marks.iter().any(|other| same_chain(other, mark) && other.seq == mark.seq + by) {
            return mark;
        }
    }
}

fn same_chain(one: &Mark, other: &Mark) -> bool {
    one.player == other.player && one.epoch == other.epoch
}

fn any<'w>(world: &'w World, dice: &mut Dice) -> &'w Mark {
    let marks = in_log(world);
    marks[dice.below(marks.len() as u64) as usize]
}

fn opened(entry: &[u8]) -> (Record, UtcMs) {
    let Ok(Entry::Record { sealed, received }) = wire::decode(entry) else { unreachable!("a record was picked") };
    let body = Sealed::read(sealed).expect("sealed").body;
    (wire::decode(body).expect("a record"), received)
}

/// The sealed record in an entry.
pub fn sealed_of(entry: &[u8]) -> Vec<u8> {
    let Ok(Entry::Record { sealed, .. }) = wire::decode(entry) else { unreachable!("a record was picked") };
    sealed.to_vec()
}

fn entry_of(sealed: &[u8], received: UtcMs) -> Vec<u8> {
    wire::encode(&Entry::Record { sealed, received })
}

/// A bit of a record, everything made anew.
pub fn edited_and_signed(world: &World, dice: &mut Dice) -> Trial {
    let mut all = entries(world);
    let mark = followed(world, dice, 1);
    let (_, received) = opened(&all[mark.position]);
    let mut sealed = sealed_of(&all[mark.position]);
    let bit = dice.below(sealed.len() as u64 * 8) as usize;
    sealed[bit / 8] ^= 1 << (bit % 8);
    all[mark.position] = entry_of(&sealed, received);
    let position = mark.position as u64;
    // A bit of what only frames record and signature leaves no record at all.
    let expected = move |finding: &Finding| match finding {
        Finding::Edited { at, .. } => at.position == position,
        Finding::Invalid { position: at } => *at == position,
        _ => false,
    };
    remade(world, &all, expected).allow(&[Class::Edit, Class::Entry])
}

pub fn record_unsigned(world: &World, dice: &mut Dice) -> Trial {
    let mut all = entries(world);
    let mark = any(world, dice);
    let (_, received) = opened(&all[mark.position]);
    let sealed = sealed_of(&all[mark.position]);
    let body = Sealed::read(&sealed).expect("sealed").body;
    let bare = wire::encode(&Sealed { body, signatures: List::new(), office: None });
    all[mark.position] = entry_of(&bare, received);
    let position = mark.position as u64;
    let expected =
        move |finding: &Finding| matches!(finding, Finding::Edited { at, why: Unfit::None } if at.position == position);
    remade(world, &all, expected).allow(&[Class::Edit])
}

/// Records of one chain taken out, of which later ones are there.
fn deleted(world: &World, dice: &mut Dice, count: u64) -> Trial {
    let mark = followed(world, dice, count);
    let first = place(world, mark);
    let gone: Vec<usize> = in_log(world)
        .iter()
        .filter(|other| same_chain(other, mark) && (mark.seq..mark.seq + count).contains(&other.seq))
        .map(|other| other.position)
        .collect();
    let all: Vec<Vec<u8>> =
        entries(world).into_iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, entry)| entry).collect();
    let expected = move |finding: &Finding| matches!(finding, Finding::Deleted { first: found, count: missing, .. } if *found == first && *missing == count);
    remade(world, &all, expected).allow(&[Class::Deletion])
}

pub fn record_deleted(world: &World, dice: &mut Dice) -> Trial {
    deleted(world, dice, 1)
}

pub fn gap(world: &World, dice: &mut Dice) -> Trial {
    let count = 2 + dice.below(4);
    deleted(world, dice, count)
}

/// The last record of a chain taken out: nothing follows it, so only what others saw can show it.
pub fn tail_deleted(world: &World, dice: &mut Dice) -> Trial {
    let marks = in_log(world);
    let player = dice.below(world.devices.len() as u64) as usize;
    let last = marks.iter().rfind(|mark| mark.player == player).expect("a player has records");
    let (mut all, position) = (entries(world), last.position as u64);
    let held = Given { name: "stick".to_owned(), bytes: build::framed(&sealed_of(&all[last.position])) };
    let _gone = all.remove(last.position);
    let wanted = place(world, last);
    let by_player = dice.one_in(2);
    let expected = move |finding: &Finding| match finding {
        Finding::Withheld { place, .. } => by_player && *place == wanted,
        Finding::SplitView { leaves, .. } => !by_player && leaves.contains(&position),
        Finding::Truncated { .. } => !by_player,
        _ => false,
    };
    let mut trial = remade(world, &all, expected).allow(&[Class::Withheld]);
    if by_player {
        trial.held.push(held);
    }
    trial
}

/// A record that nobody's player made: of no player, by no key, or with a signature that fits nothing.
pub fn inserted(world: &World, dice: &mut Dice) -> Trial {
    let mut all = entries(world);
    let mark = followed(world, dice, 1);
    let (mut record, received) = opened(&all[mark.position]);
    let stranger = build::key(77_777);
    let sealed = match dice.below(3) {
        0 => {
            record.player = "loa-ghost".parse().expect("a good id");
            keys::seal(&wire::encode(&record), Purpose::Record, &[&stranger])
        }
        1 => {
            record.seq += 1;
            keys::seal(&wire::encode(&record), Purpose::Record, &[&stranger])
        }
        _ => {
            record.previous = Hash::of(b"forged");
            let body = wire::encode(&record);
            let owner = world.devices[mark.player].key.sign(Purpose::Hello, &body);
            wire::encode(&Sealed { body: &body, signatures: List::collect([owner]).expect("one"), office: None })
        }
    };
    all.insert(mark.position + 1, entry_of(&sealed, received));
    let position = mark.position as u64 + 1;
    let expected = move |finding: &Finding| matches!(finding, Finding::Inserted { at, .. } if at.position == position);
    remade(world, &all, expected).allow(&[Class::Insertion])
}

/// One player's record in another's name.
pub fn impersonated(world: &World, dice: &mut Dice) -> Trial {
    let mut all = entries(world);
    let mark = followed(world, dice, 1);
    let (mut record, received) = opened(&all[mark.position]);
    record.seq += 1;
    let thief = &world.devices[(mark.player + 1) % world.devices.len()];
    let sealed = keys::seal(&wire::encode(&record), Purpose::Record, &[&thief.key]);
    all.insert(mark.position + 1, entry_of(&sealed, received));
    let (position, by) = (mark.position as u64 + 1, thief.id.clone());
    let expected = move |finding: &Finding| matches!(finding, Finding::Impersonated { at, by: found } if at.position == position && *found == by);
    remade(world, &all, expected).allow(&[Class::Impersonation])
}

/// Two records of one player change places; when each was taken in stays where it is.
pub fn reordered(world: &World, dice: &mut Dice) -> Trial {
    let by = 1 + dice.below(3);
    let mark = followed(world, dice, by);
    let other =
        *in_log(world).iter().find(|other| same_chain(other, mark) && other.seq == mark.seq + by).expect("found");
    let mut all = entries(world);
    swap(&mut all, mark.position, other.position);
    let (first, last_seq) = (place(world, mark), other.seq);
    let expected = move |finding: &Finding| matches!(finding, Finding::Reordered { first: found, last_seq: last, .. } if *found == first && *last == last_seq);
    // The later one now stands where it had not been made yet.
    remade(world, &all, expected).allow(&[Class::Reordering, Class::Clock])
}

fn swap(all: &mut [Vec<u8>], one: usize, other: usize) {
    let (first, second) = (all[one].clone(), all[other].clone());
    all[one] = entry_of(&sealed_of(&second), opened(&first).1);
    all[other] = entry_of(&sealed_of(&first), opened(&second).1);
}

/// Neighbouring records of two players change places: no chain is touched, and none may be accused.
pub fn swapped(world: &World, dice: &mut Dice) -> Trial {
    let marks = in_log(world);
    let start = dice.below(marks.len() as u64) as usize;
    let fits = |pair: &[&Mark]| {
        // What arrived late may have been made much earlier than its neighbour; what was just made may not.
        pair[0].player != pair[1].player && pair[0].position + 1 == pair[1].position
    };
    let pair = marks[start..].windows(2).chain(marks.windows(2)).find(|pair| fits(pair)).expect("neighbours");
    let mut all = entries(world);
    swap(&mut all, pair[0].position, pair[1].position);
    let at = pair[0].position as u64;
    let expected =
        move |finding: &Finding| matches!(finding, Finding::SplitView { leaves, .. } if leaves.contains(&at));
    // A minute's difference is beyond what clocks may be off by.
    remade(world, &all, expected).allow(&[Class::Clock])
}

pub fn replayed(world: &World, dice: &mut Dice) -> Trial {
    let mut all = entries(world);
    let mark = any(world, dice);
    let to = mark.position + 1 + dice.below((all.len() - mark.position) as u64) as usize;
    let to = behind_change(&all, to);
    // Whoever replays takes care that the times in the log go on rising.
    let policy = world.policy(true);
    let times = all[..to].iter().filter_map(|entry| match wire::decode(entry) {
        Ok(Entry::Record { received, .. }) => Some(received),
        Ok(Entry::Checkpoint { note }) => {
            let note = Note::read(note.as_bytes()).ok()?;
            let seconds = policy.trusted(&note).ok()?.witnessed.into_iter().map(|(_, seconds)| seconds).max()?;
            Some(UtcMs::from_seconds(seconds.cast_signed()))
        }
        _ => None,
    });
    let again = entry_of(&sealed_of(&all[mark.position]), times.max().expect("a record before"));
    all.insert(to, again);
    let (first, to) = (mark.position as u64, to as u64);
    let expected = move |finding: &Finding| matches!(finding, Finding::Replayed { at, first: found } if at.position == to && *found == first);
    remade(world, &all, expected).allow(&[Class::Replay])
}

/// A place that does not part the lines of a change.
fn behind_change(all: &[Vec<u8>], mut to: usize) -> usize {
    while to < all.len() && matches!(wire::decode(&all[to]), Ok(Entry::Change { line: 2.., .. })) {
        to += 1;
    }
    to
}

/// The player's own key signs another record with a place that is taken: a cloned player, or a card set back.
pub fn cloned(world: &World, dice: &mut Dice) -> Trial {
    let mut all = entries(world);
    let mark = any(world, dice);
    let (mut record, received) = opened(&all[mark.position]);
    record.body = match record.body {
        Body::Cue { mut closed, content, evidence, face } => {
            closed.heard_ms /= 2;
            Body::Cue { closed, content, evidence, face }
        }
        _ => Body::InForce { release: 999 },
    };
    let sealed = keys::seal(&wire::encode(&record), Purpose::Record, &[&world.devices[mark.player].key]);
    all.insert(mark.position + 1, entry_of(&sealed, received));
    let (other, position) = (mark.position as u64, mark.position as u64 + 1);
    let expected = move |finding: &Finding| matches!(finding, Finding::Cloned { at, other: found } if at.position == position && *found == Some(other));
    remade(world, &all, expected).allow(&[Class::Clone])
}
