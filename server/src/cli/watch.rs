//! `loa watch`: what is due, what airs and which proofs arrive, as it happens; at the end, expected versus heard.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Arg, ArgMatches, Command};
use loa_domain::id::{CueId, Hash, PlayerId};
use loa_domain::time::{Offsets, UtcMs};
use loa_host::text::Words;

use super::told::told;
use super::{Context, Failure, wait_for};
use crate::expected::{self, Account, DueCue};
use crate::plan::{self, Plan};
use crate::serve::now;
use crate::store::{FoundRecord, RecordEntry, RecordFilter, RecordKind, Store};
use crate::timetable::kept;

/// How often it looks.
const LOOK: Duration = Duration::from_millis(250);
/// How long after the end it waits for proofs of cues that are still on the air, in milliseconds.
const LINGER_MS: i64 = 60_000;
/// Records read at one look.
const RECORDS: u32 = 10_000;

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let seconds = Arg::new("seconds").long("seconds").value_name("N").value_parser(clap::value_parser!(u32).range(1..));
    Command::new("watch").about(words.say("watch-about")).arg(seconds.help(words.say("watch-help-seconds")))
}

/// Runs it.
///
/// # Errors
/// When the desk's store cannot be read.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let seconds = found.get_one::<u32>("seconds").copied();
    wait_for(async {
        let store = context.open_store().await?;
        let watch = Watch::new(context, store, seconds);
        tokio::select! {
            done = watch.watch() => done,
            _ = tokio::signal::ctrl_c() => Ok(ExitCode::SUCCESS),
        }
    })?
}

struct Watch<'a> {
    context: &'a Context,
    store: Store,
    began: UtcMs,
    until: Option<UtcMs>,
    plans: Vec<Plan>,
    changes: i64,
    planned_until: UtcMs,
    due: BTreeSet<DueCue>,
    told: BTreeSet<DueCue>,
    airing: BTreeMap<PlayerId, CueId>,
    proofs: BTreeSet<(PlayerId, u64, u64)>,
    records: Vec<RecordEntry>,
    names: BTreeMap<Hash, String>,
    all_heard: bool,
}

impl<'a> Watch<'a> {
    fn new(context: &'a Context, store: Store, seconds: Option<u32>) -> Self {
        let began = now(&context.clock);
        Self {
            context,
            store,
            began,
            until: seconds.map(|seconds| began.plus_ms(i64::from(seconds) * 1000)),
            plans: Vec::new(),
            changes: -1,
            planned_until: began,
            due: BTreeSet::new(),
            told: BTreeSet::new(),
            airing: BTreeMap::new(),
            proofs: BTreeSet::new(),
            records: Vec::new(),
            names: BTreeMap::new(),
            all_heard: false,
        }
    }

    async fn watch(mut self) -> Result<ExitCode, Failure> {
        loop {
            let at = now(&self.context.clock);
            self.look(at).await.map_err(told(&self.context.words))?;
            if let Some(until) = self.until.filter(|until| at >= *until) {
                let account = self.account(until);
                let waited = at.since_ms(until) >= LINGER_MS;
                if account.is_complete() || waited {
                    return Ok(self.conclude(&account));
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn look(&mut self, at: UtcMs) -> Result<(), plan::PlanError> {
        let changes = self.store.changes().await?;
        // Plans are worked out a minute at a time, and anew when the timetable changes.
        if changes != self.changes || at.plus_ms(5_000) > self.planned_until {
            self.changes = changes;
            self.work_out(at).await?;
        }
        let ahead: Vec<DueCue> =
            self.due.iter().filter(|cue| cue.planned <= at && !self.told.contains(*cue)).cloned().collect();
        for cue in ahead {
            self.line(cue.planned, "⏰", &cue.player, &cue.cue, &self.context.words.say("watch-due"));
            self.told.insert(cue);
        }
        for state in self.store.player_states().await? {
            let before = match state.on_air {
                Some(cue) => self.airing.insert(state.id.clone(), cue),
                None => self.airing.remove(&state.id),
            };
            if let Some(cue) = state.on_air.filter(|cue| before != Some(*cue)) {
                self.line(at, "▶", &state.id, &cue, &self.context.words.say("watch-airs"));
            }
        }
        self.take_records(at).await?;
        Ok(())
    }

    async fn work_out(&mut self, at: UtcMs) -> Result<(), plan::PlanError> {
        let until = at.plus_ms(65_000);
        let (players, _) = kept::players(&self.store).await?;
        let orders = plan::orders_in_force(&self.store).await?;
        self.names.extend(orders.iter().map(|held| (held.hash, held.order.id.to_string())));
        self.plans.clear();
        // What a changed timetable no longer holds is not due any more.
        self.due.retain(|cue| cue.planned <= at);
        for player in &players {
            let plan = plan::work_out(player, &orders, at.plus_ms(-1_000).max(self.began), until)?;
            let of = &plan.player.placement.player;
            self.due.extend(plan.cues.iter().map(|cue| DueCue {
                planned: cue.id.planned,
                player: of.clone(),
                cue: cue.id,
            }));
            self.plans.push(plan);
        }
        self.planned_until = until;
        Ok(())
    }

    async fn take_records(&mut self, at: UtcMs) -> Result<(), plan::PlanError> {
        let from = Some(self.began.plus_ms(-LINGER_MS));
        let found = self.store.records(&RecordFilter { from, ..RecordFilter::default() }, RECORDS).await?;
        self.records = found.iter().map(|found| found.entry.clone()).collect();
        for FoundRecord { entry, order } in &found {
            let is_new = self.proofs.insert((entry.player.clone(), entry.epoch, entry.seq));
            if let Some(names) = order {
                self.names.entry(entry.cue.map_or(Hash::ZERO, |proof| proof.cue.order)).or_insert(names.id.clone());
            }
            if let (true, Some(proof)) = (is_new && entry.received >= self.began, entry.cue) {
                let words = &self.context.words;
                let reason = proof.reason.map_or_else(String::new, |why| words.say(&format!("reason-{}", why.name())));
                let heard = format!("{:.1}", f64::from(proof.heard_ms) / 1000.0);
                let length = format!("{:.1}", f64::from(proof.length_ms) / 1000.0);
                let outcome = words.say(&format!("outcome-{}", proof.outcome.name()));
                let values =
                    [("outcome", outcome.as_str()), ("heard", &heard), ("length", &length), ("reason", &reason)];
                let said = words.with(if reason.is_empty() { "watch-proof" } else { "watch-proof-reason" }, &values);
                self.line(entry.received, "✔", &entry.player, &proof.cue, &said);
            }
        }
        self.tell_when_all_heard(at);
        Ok(())
    }

    fn tell_when_all_heard(&mut self, at: UtcMs) {
        let heard = |player: &PlayerId| {
            self.records.iter().any(|r| r.player == *player && r.cue.is_some_and(|proof| proof.heard_ms > 0))
        };
        if !self.all_heard
            && !self.plans.is_empty()
            && self.plans.iter().all(|plan| heard(&plan.player.placement.player))
        {
            self.all_heard = true;
            let seconds = (at.since_ms(self.began) / 1000).to_string();
            println!("{}", self.context.words.with("watch-all-heard", &[("seconds", &seconds)]));
        }
    }

    /// What was due until `until`, held against what came.
    fn account(&self, until: UtcMs) -> Account {
        let due = self.due.iter().filter(|cue| cue.planned >= self.began && cue.planned < until);
        expected::account(due.cloned(), &self.records)
    }

    fn conclude(&self, account: &Account) -> ExitCode {
        let words = &self.context.words;
        for cue in &account.missing {
            self.line(cue.planned, "✘", &cue.player, &cue.cue, &words.say("watch-missing"));
        }
        for cue in &account.doubled {
            self.line(cue.planned, "✘", &cue.player, &cue.cue, &words.say("watch-doubled"));
        }
        let known = self.records.iter().any(|record| record.kind == RecordKind::InForce);
        let (due, proven) = (account.due.to_string(), account.proven.to_string());
        let (missing, doubled) = (account.missing.len().to_string(), account.doubled.len().to_string());
        let values = [("due", due.as_str()), ("proven", &proven), ("missing", &missing), ("doubled", &doubled)];
        println!("{}", words.with("watch-account", &values));
        let fine = account.is_complete() && account.due > 0 && known && self.all_heard;
        if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn line(&self, at: UtcMs, sign: &str, player: &PlayerId, cue: &CueId, said: &str) {
        let plan = self.plans.iter().find(|plan| plan.player.placement.player == *player);
        let clock = clock(at, plan.map(|plan| &plan.offsets));
        let name = self.names.get(&cue.order).map_or("?", String::as_str);
        println!("{clock}  {sign} {:<14} {name:<18} {said}", player.as_str());
    }
}

/// The wall clock of a place, to the second.
fn clock(at: UtcMs, offsets: Option<&Offsets>) -> String {
    let seconds = offsets
        .map_or_else(|| at.seconds().rem_euclid(86_400), |offsets| i64::from(offsets.to_local(at).second_of_day()));
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
