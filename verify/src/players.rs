//! Players along the log: whose key counts where, which records are theirs, and their chains.
//!
//! A record counts when the key that the log names for its player at that place signed it. One that does not count never
//! touches a chain; it leaves a hole, and a gap is named a deletion only where holes cannot explain it. Next: `again.rs`.

use std::collections::HashMap;

use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::PublicKey;
use loa_domain::proof::record::{ClockSource, Seen};

use crate::chain::{Chain, Gap, Here};
use crate::finding::{Added, At, Finding, Follows, Place, Unfit};
use crate::held::Held;
use crate::leaf::Signed;
use crate::report::{Report, Told};

/// Records that wait for the end to be named.
const WAITING: usize = 100_000;

/// A record whose signature fits nothing: altered, or added. Which of them shows at the end.
#[derive(Debug)]
struct Forged {
    at: At,
    unfit: Unfit,
    /// Whether its player had a key then.
    has_key: bool,
    /// Whether it claims a key that the log names.
    claims_known: bool,
}

/// One player.
#[derive(Debug, Default)]
struct Player {
    keys: Vec<PublicKey>,
    release: u64,
    chains: HashMap<u64, Chain>,
    /// The chain that began last.
    newest: Option<u64>,
}

/// All players.
#[derive(Debug, Default)]
pub struct Players {
    players: HashMap<PlayerId, Player>,
    owners: HashMap<PublicKey, PlayerId>,
    /// Entries that could not be read or do not count.
    holes: u64,
    /// Records whose signature fits nothing.
    forged: Vec<Forged>,
    /// Records whose number had come before, with their hashes.
    pub again: Vec<(At, Place, Hash)>,
}

impl Players {
    /// Entries that could not be read.
    pub fn hole(&mut self, entries: u64) {
        self.holes += entries;
    }

    /// Entries so far that could not be read or do not count.
    #[must_use]
    pub fn holes(&self) -> u64 {
        self.holes
    }

    /// A player gets a key.
    pub fn key(&mut self, position: u64, player: PlayerId, key: PublicKey, report: &mut Report) {
        if !key.is_sound() {
            report.add(Finding::UnsoundKey { position, player: player.clone() });
        }
        let _previous = self.owners.entry(key).or_insert_with(|| player.clone());
        self.players.entry(player).or_default().keys.push(key);
    }

    /// A player is issued a release.
    pub fn release(&mut self, position: u64, player: PlayerId, number: u64, report: &mut Report) {
        let known = self.players.entry(player.clone()).or_default();
        let after = known.release;
        if number <= after && after != 0 {
            let what = Follows::Release { player, number, after };
            report.add(Finding::Sequence { at: At { position, place: None }, what });
        }
        known.release = number;
    }

    /// Whether a key of the player's, at this place or before, signed a record that it holds.
    #[must_use]
    pub fn owns(&self, signed: &Signed) -> bool {
        let player = self.players.get(&signed.record.player);
        player.is_some_and(|player| signed.signers.iter().any(|key| player.keys.contains(key)))
    }

    /// Takes in a record.
    pub fn record(&mut self, signed: &Signed, here: &Here, held: &mut Held, report: &mut Report) {
        let place = signed.place();
        let at = At { position: here.position, place: Some(place.clone()) };
        if !self.counts(signed, &at, report) {
            held.claimed(&place);
            self.holes += 1;
            return;
        }
        if let Some(other) = held.found(&place, signed.hash) {
            report.add(other(at.clone()));
        }
        let player = self.players.entry(place.player.clone()).or_default();
        if !player.chains.contains_key(&place.epoch)
            && let Some(before) = player.newest.replace(place.epoch)
        {
            report.tell(Told::NewChain { first: place.clone(), position: here.position, before });
        }
        // A number that comes again is a replay or a clone by itself, and says nothing of when the chain ended.
        if !player.chains.get(&place.epoch).is_some_and(|chain| chain.has(place.seq)) {
            player.goes_on(signed, &at, report);
        }
        let chain = player.chains.entry(place.epoch).or_insert_with(|| Chain::new(signed, here));
        let came_before = !chain.take(signed, here, report);
        if came_before && self.again.len() < WAITING {
            self.again.push((at, place, signed.hash));
        }
    }

    /// Whether the player's key signed it; tells what is wrong where not.
    fn counts(&mut self, signed: &Signed, at: &At, report: &mut Report) -> bool {
        let player = self.players.get(&signed.record.player);
        let keys = player.map_or(&[][..], |player| &player.keys);
        if keys.last().is_some_and(|key| signed.signers.contains(key)) {
            return true;
        }
        if signed.signers.is_empty() {
            let (unfit, has_key) = (signed.unfit, !keys.is_empty());
            let claims_known = signed.claimed.iter().any(|key| self.owners.contains_key(key));
            if self.forged.len() < WAITING {
                self.forged.push(Forged { at: at.clone(), unfit, has_key, claims_known });
            } else {
                report.add(Finding::Edited { at: at.clone(), why: unfit });
            }
            return false;
        }
        if signed.signers.iter().any(|key| keys.contains(key)) {
            report.add(Finding::Edited { at: at.clone(), why: Unfit::Replaced });
            return false;
        }
        if let Some(by) = signed.signers.iter().find_map(|key| self.owners.get(key)) {
            report.add(Finding::Impersonated { at: at.clone(), by: by.clone() });
            return false;
        }
        if self.holes > 0 {
            // The entry with its key may be among those that cannot be read, which are told already.
            return true;
        }
        let why = if keys.is_empty() { Added::NoKey } else { Added::StrangeKey };
        report.add(Finding::Inserted { at: at.clone(), why });
        false
    }

    /// The log is over.
    pub fn end(&mut self, report: &mut Report) {
        let mut explained: Vec<(Place, Gap)> = Vec::new();
        for (player, known) in &mut self.players {
            report.summary.players += 1;
            for (epoch, chain) in &mut known.chains {
                report.summary.chains += 1;
                let of = Place { player: player.clone(), epoch: *epoch, seq: 0 };
                explained.extend(chain.end(&of, report).into_iter().map(|gap| (of.clone(), gap)));
            }
        }
        for forged in std::mem::take(&mut self.forged) {
            let added = self.added(&forged, &explained);
            let Forged { at, unfit: why, .. } = forged;
            report.add(match added {
                Some(why) => Finding::Inserted { at, why },
                None => Finding::Edited { at, why },
            });
        }
    }

    /// Why a forged record counts as added; nothing where a record is missing around it, or may be.
    fn added(&self, forged: &Forged, explained: &[(Place, Gap)]) -> Option<Added> {
        let position = forged.at.position;
        let around = |gap: &Gap| gap.between.0.is_none_or(|before| before < position) && position < gap.between.1;
        if explained.iter().any(|(_, gap)| around(gap)) {
            return None;
        }
        if !forged.has_key {
            return (!forged.claims_known).then_some(Added::NoKey);
        }
        let place = forged.at.place.as_ref()?;
        let chain = self.players.get(&place.player).and_then(|player| player.chains.get(&place.epoch));
        chain.is_some_and(|chain| chain.has(place.seq)).then_some(Added::NoRoom)
    }
}

impl Player {
    /// Tells a record of an older chain that was made after a newer one had begun.
    fn goes_on(&self, signed: &Signed, at: &At, report: &mut Report) {
        let record = &signed.record;
        let Some((newer, begun)) = self.newest.and_then(|newest| Some((newest, self.chains.get(&newest)?))) else {
            return;
        };
        let older = self.chains.get(&record.epoch).is_some_and(|chain| chain.since < begun.since);
        if newer == record.epoch || !older {
            return;
        }
        let (stamp, first) = (&record.stamp, &begun.first);
        let same_start = stamp.boot == first.boot && stamp.mono_ms > first.mono_ms;
        let seen = record.seen.is_some_and(|Seen { size, .. }| size > begun.since);
        let by_network = stamp.source == ClockSource::Network && first.source == ClockSource::Network;
        let errors = i64::from(stamp.error_ms) + i64::from(first.error_ms);
        if same_start || seen || (by_network && stamp.utc.since_ms(first.utc) > errors) {
            report.add(Finding::BothGoOn { at: at.clone(), newer, since: begun.since });
        }
    }
}
