//! The player's loop: what happened, what the rules make of it, one batch to disk, what to sound.
//!
//! One thread, one reading of the clock per round. It holds the rules (`domain/src/play/player.rs`), the chain of
//! records and the sequence of pieces on the stage; files and network are elsewhere. Everything that one round writes
//! is one atomic batch; a cue sounds only after the batch that opened its proof is on disk, or the disk does not answer.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use loa_domain::id::{CueId, Hash};
use loa_domain::plan::Reason;
use loa_domain::play::due::Due;
use loa_domain::play::player::{Act, Now, Opened, Player, Sound};
use loa_domain::proof::record::{Body, Evidence};
use loa_domain::time::UtcMs;
use loa_domain::timetable::stop::{Stop, Stopped};
use loa_domain::wire;
use loa_host::clock::{Clock, Reading};

use crate::event::{Batch, Event, Told};
use crate::play::sequence::{Sequence, Stage};
use crate::play::standing::Standing;
use crate::proof::Chain;
use crate::store::{Op, Store, StoreError};
use crate::timetable::{Programme, Table};

const DUE: &[u8] = b"due";
const OPEN: &[u8] = b"open/";
const STOPPED: &[u8] = b"stopped";
/// How long a batch may take to reach the disk, in milliseconds, before what it opened is played all the same: a memory
/// card that hangs must make a station neither silent nor late, and a cue is opened two and a half seconds ahead.
const DISK_PATIENCE_MS: u64 = 2_000;
/// Events taken in one round at most, so that time is looked at again.
const ROUND: usize = 64;

/// The player's loop and all it holds.
pub struct Run<S> {
    clock: Clock,
    store: Store,
    chain: Chain,
    player: Player,
    sequence: Sequence<S>,
    table: Option<Box<Table>>,
    /// What officers stopped, whatever the desk says.
    stopped: Stopped,
    /// Programmes of the table and of cues still open from one before.
    known: HashMap<Hash, Programme>,
    events: Sender<Event>,
    tell: Box<dyn Fn(Told) + Send>,
    ops: Vec<Op>,
    batch: Batch,
    /// Cues whose openings are on their way to the disk, and since when.
    unsettled: Vec<(u64, Vec<CueId>)>,
    airing: Option<CueId>,
    /// What the stage was told last; nothing before the first round.
    standing: Option<Standing>,
}

impl<S: Stage> Run<S> {
    /// Takes up where the last run ended.
    pub fn start(
        clock: Clock,
        store: Store,
        (chain, rebuilt): (Chain, bool),
        stage: S,
        table: Option<Box<Table>>,
        events: Sender<Event>,
        tell: Box<dyn Fn(Told) + Send>,
    ) -> Self {
        let due: Due = store.get(DUE).and_then(|bytes| wire::decode(&bytes).ok()).unwrap_or_default();
        let open: Vec<Opened> = store.scan(OPEN).iter().filter_map(|(_, bytes)| wire::decode(bytes).ok()).collect();
        let stopped: Stopped = store.get(STOPPED).and_then(|bytes| wire::decode(&bytes).ok()).unwrap_or_default();
        let mut table = table;
        table.iter_mut().for_each(|table| table.leave_out(&stopped));
        let known = table.as_ref().map(|table| table.programmes.clone()).unwrap_or_default();
        let reading = clock.now();
        let (ops, batch) = (Vec::new(), Batch::default());
        let sequence = Sequence::new(stage);
        let player = Player::default();
        let mut run = Self {
            clock,
            store,
            chain,
            player,
            sequence,
            table,
            stopped,
            known,
            events,
            tell,
            ops,
            batch,
            unsettled: Vec::new(),
            airing: None,
            standing: None,
        };
        run.chain.release = run.table.as_ref().map_or(0, |table| table.release.seq);
        run.record(Body::Started { rebuilt }, reading);
        let mut acts = Vec::new();
        let view = run.table.as_ref().map(|table| table.view());
        run.player = Player::start(due, open, view.as_ref(), now(reading), &mut |act| acts.push(act));
        run.follow(acts, reading);
        run.flush(reading);
        run
    }

    /// Goes on until told to stop. True if that was because of a failure.
    pub fn run(mut self, events: &Receiver<Event>) -> bool {
        let mut wait = Duration::ZERO;
        loop {
            match events.recv_timeout(wait) {
                Ok(Event::Stop { failed }) => return self.end(failed),
                Err(RecvTimeoutError::Disconnected) => return self.end(false),
                Ok(event) => self.happens(event),
                Err(RecvTimeoutError::Timeout) => {}
            }
            for event in events.try_iter().take(ROUND) {
                match event {
                    Event::Stop { failed } => return self.end(failed),
                    event => self.happens(event),
                }
            }
            wait = self.round();
        }
    }

    /// One look at the time. Gives how long nothing more is due.
    fn round(&mut self) -> Duration {
        let reading = self.clock.now();
        let at = now(reading);
        let mut acts = Vec::new();
        let view = self.table.as_ref().map(|table| table.view());
        let deadline_ms = self.player.poll(at, view.as_ref(), &mut |act| acts.push(act));
        self.follow(acts, reading);
        let mut said = Vec::new();
        self.sequence.poll(at.utc, &mut |sound| said.push(sound));
        self.says(&said, reading);
        self.give_up_waiting(at, reading);
        self.flush(reading);
        self.stand(at);
        let stage_ms = self
            .sequence
            .next(at.utc)
            .map_or(u64::MAX, |next| at.mono_ms + u64::try_from(next.since_ms(at.utc)).unwrap_or_default());
        let disk_ms = self.unsettled.first().map_or(u64::MAX, |(since_ms, _)| since_ms + DISK_PATIENCE_MS);
        Duration::from_millis(deadline_ms.min(stage_ms).min(disk_ms).saturating_sub(at.mono_ms))
    }

    /// Plays what waits for a disk that does not answer.
    fn give_up_waiting(&mut self, at: Now, reading: Reading) {
        let late = self.unsettled.iter().filter(|(since_ms, _)| since_ms + DISK_PATIENCE_MS <= at.mono_ms).count();
        let opened: Vec<CueId> = self.unsettled.drain(..late).flat_map(|(_, opened)| opened).collect();
        if !opened.is_empty() {
            tracing::error!(cues = opened.len(), "the disk does not answer; what is due is played without it");
            self.durable(opened, reading);
        }
    }

    fn durable(&mut self, opened: Vec<CueId>, reading: Reading) {
        let Some(table) = self.table.take() else { return };
        let mut acts = Vec::new();
        for cue in opened {
            self.player.durable(cue, &table.view(), now(reading), &mut |act| acts.push(act));
        }
        self.table = Some(table);
        self.follow(acts, reading);
    }

    /// Tells the stage what is known while nothing is due, if that has changed.
    fn stand(&mut self, at: Now) {
        let next = self.table.as_ref().and_then(|table| self.player.next_cue(at.utc, &table.view()));
        let standing = Standing::of(self.table.as_deref(), next, at.utc);
        if self.standing.as_ref() != Some(&standing) {
            self.sequence.stand(&standing);
            self.standing = Some(standing);
        }
    }

    fn happens(&mut self, event: Event) {
        let reading = self.clock.now();
        match event {
            Event::Heard(heard) => {
                let mut said = Vec::new();
                self.sequence.heard(heard, &mut |sound| said.push(sound));
                self.says(&said, reading);
            }
            Event::Silent(silent) => self.sequence.silent(silent),
            Event::Stored(batch, result) => self.stored(batch, result, reading),
            Event::Table(table) => self.change(table, reading),
            Event::Stopped(stop) => self.stop(&stop, reading),
            Event::LogSeen(seen) => self.chain.seen = Some(seen),
            Event::LogSplit(shown) => self.record(Body::LogSplit { shown }, reading),
            Event::Stop { .. } => {}
        }
        self.flush(reading);
    }

    fn says(&mut self, said: &[Sound], reading: Reading) {
        let volume = self.table.as_ref().map_or(100, |table| table.release.volume);
        let mut acts = Vec::new();
        for sound in said {
            match sound {
                Sound::Began { cue, .. } => self.on_air(Some(*cue)),
                // The cue that was cut fades after the one that cut it has begun.
                Sound::Over { cue, .. } if self.airing == Some(*cue) => self.on_air(None),
                Sound::Over { .. } | Sound::Heard { .. } => {}
            }
            self.player.sound(*sound, volume, now(reading), &mut |act| acts.push(act));
        }
        self.follow(acts, reading);
    }

    fn on_air(&mut self, cue: Option<CueId>) {
        self.airing = cue;
        (self.tell)(Told::OnAir(cue));
    }

    fn stored(&mut self, batch: Batch, result: Result<(), StoreError>, reading: Reading) {
        if let Err(error) = &result {
            // A player is never silent because of its store: what was opened is played, and the loss is in the log.
            tracing::error!(%error, "the store did not take a batch");
        }
        // Batches settle in the order in which they were made.
        if let Some(at) = self.unsettled.iter().position(|(_, opened)| *opened == batch.opened) {
            self.unsettled.drain(..=at);
        }
        self.durable(batch.opened, reading);
        if !batch.records.is_empty() {
            (self.tell)(Told::Recorded(batch.records));
        }
    }

    fn change(&mut self, mut table: Box<Table>, reading: Reading) {
        table.leave_out(&self.stopped);
        let mut acts = Vec::new();
        let at = now(reading);
        let old = self.table.take();
        if let Some(old) = &old {
            // What was due until this moment is due under the old timetable.
            self.player.poll(at, Some(&old.view()), &mut |act| acts.push(act));
        }
        let view = old.as_ref().map(|old| old.view());
        let revoked: &[Hash] = &table.release.revoked;
        self.player.change(view.as_ref(), &table.view(), revoked, at, &mut |act| acts.push(act));
        self.known.retain(|order, _| self.player.holds(order));
        self.known.extend(table.programmes.clone());
        self.chain.release = table.release.seq;
        let seq = table.release.seq;
        tracing::info!(release = seq, orders = table.rules.len(), "a release takes effect");
        self.table = Some(table);
        self.follow(acts, reading);
        self.record(Body::InForce { release: seq }, reading);
        (self.tell)(Told::InForce(seq));
    }

    /// Silence first: the stage is told before anything is written.
    fn stop(&mut self, stop: &Stop, reading: Reading) {
        let at = now(reading);
        if !self.stopped.take(stop, at.utc) {
            return;
        }
        let is_off = |(order, programme): &(&Hash, &Programme)| self.stopped.stops(order, programme.made);
        let off: Vec<Hash> = self.known.iter().filter(is_off).map(|(order, _)| *order).collect();
        tracing::warn!(orders = off.len(), "an officer stops orders");
        if let Some(old) = self.table.take() {
            let mut table = old.clone();
            table.leave_out(&self.stopped);
            let mut acts = Vec::new();
            self.player.stop(&old.view(), &table.view(), &off, at, &mut |act| acts.push(act));
            self.table = Some(table);
            self.follow(acts, reading);
        }
        self.ops.push(Op::Put(STOPPED.to_vec(), wire::encode(&self.stopped)));
    }

    fn follow(&mut self, acts: Vec<Act>, reading: Reading) {
        for act in acts {
            self.act(act, reading);
        }
    }

    fn act(&mut self, act: Act, reading: Reading) {
        match act {
            Act::Open(opened) => {
                self.ops.push(Op::Put(open_key(&opened.cue), wire::encode(&opened)));
                self.batch.opened.push(opened.cue);
            }
            // The sequence opens content two seconds ahead by itself.
            Act::Prepare(_) => {}
            Act::Progress(opened) => self.ops.push(Op::Put(open_key(&opened.cue), wire::encode(&opened))),
            Act::Play { cue, at, position_ms, volume } => self.play(cue, at, position_ms, volume, reading),
            Act::Stop { cue } => self.sequence.stop(cue),
            Act::Close(closed) => {
                self.ops.push(Op::Delete(open_key(&closed.cue)));
                let programme = self.known.get(&closed.cue.order);
                let content = programme.map_or(Hash::ZERO, |programme| programme.content);
                let name = programme.map_or("?", |programme| programme.name.as_str());
                let reason = closed.why.map(|why| why.reason.name());
                let (outcome, heard_ms) = (closed.outcome.name(), closed.heard_ms);
                tracing::info!(order = name, planned = closed.cue.planned.0, outcome, reason, heard_ms, "proof");
                if matches!(closed.why.map(|why| why.reason), Some(Reason::ContentMissing | Reason::ContentCorrupt)) {
                    let content = programme.iter().flat_map(|programme| programme.content());
                    (self.tell)(Told::Spoilt(content.collect()));
                }
                let evidence = if closed.heard_ms > 0 { Evidence::Decoded } else { Evidence::Commanded };
                let face = self.sequence.take_face(closed.cue);
                self.record(Body::Cue { closed, content, evidence, face }, reading);
            }
            Act::Stepped { by_ms, to } => {
                tracing::warn!(by_ms, "the wall clock stepped");
                (self.tell)(Told::Stepped);
                self.sequence.shift(by_ms);
                self.record(Body::Stepped { by_ms, to }, reading);
            }
            Act::KeepDue => {
                self.ops.retain(|op| !matches!(op, Op::Put(key, _) if key == DUE));
                self.ops.push(Op::Put(DUE.to_vec(), wire::encode(self.player.due())));
            }
        }
    }

    fn play(&mut self, cue: CueId, at: UtcMs, position_ms: u32, volume: u8, reading: Reading) {
        match self.known.get(&cue.order) {
            Some(programme) => {
                tracing::info!(order = programme.name, planned = cue.planned.0, position_ms, "plays");
                self.sequence.play(cue, &programme.pieces, at, position_ms, volume);
            }
            None => {
                let flaw = Some(Reason::ContentMissing);
                self.says(&[Sound::Over { cue, heard_ms: 0, flaw }], reading);
            }
        }
    }

    fn record(&mut self, body: Body, reading: Reading) {
        if let Some(record) = self.chain.append(body, reading, &mut self.ops) {
            self.batch.records.push(record);
        }
    }

    /// Sends all that this round writes to disk as one batch.
    fn flush(&mut self, reading: Reading) {
        if self.ops.is_empty() {
            return;
        }
        if !self.batch.opened.is_empty() {
            self.unsettled.push((now(reading).mono_ms, self.batch.opened.clone()));
        }
        let ops = std::mem::take(&mut self.ops);
        let batch = std::mem::take(&mut self.batch);
        if !batch.records.is_empty() {
            let head = self.chain.head();
            (self.tell)(Told::Head(head.epoch, head.next));
        }
        let events = self.events.clone();
        self.store.commit(ops, move |result| {
            // Nobody listens any more only when the program ends.
            let _ended = events.send(Event::Stored(batch, result));
        });
    }

    /// The program ends: what sounds is cut, and is a partial proof at the next start.
    fn end(mut self, failed: bool) -> bool {
        let reading = self.clock.now();
        self.flush(reading);
        self.sequence.close();
        self.store.close();
        failed
    }
}

fn now(reading: Reading) -> Now {
    Now { mono_ms: reading.mono_raw_ns / 1_000_000, utc: UtcMs(reading.utc_ns.div_euclid(1_000_000)) }
}

fn open_key(cue: &CueId) -> Vec<u8> {
    [OPEN, &cue.order.0, &cue.planned.0.to_be_bytes()].concat()
}

#[cfg(test)]
mod film;
#[cfg(test)]
mod tests;
