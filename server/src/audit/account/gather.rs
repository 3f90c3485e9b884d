//! An account over a whole store, a month and a player at a time, so that memory does not grow with the records.
//!
//! It reads, asks `due.rs` what was due and `matching.rs` what answers it, and adds up. What the headings mean is
//! decided in the parent.

use std::collections::{BTreeSet, HashMap};

use loa_domain::id::{Hash, PlayerId};
use loa_domain::time::{LocalTime, Mapping, Month, UtcMs};
use loa_domain::timetable::audience::Kind as Heard;
use loa_domain::timetable::order::Form;

use super::due::{Firings, Unreadable, Version, versions};
use super::matching::{Answer, Due, Matched, hold};
use super::past::{Life, Past, Stretch, Versions};
use super::{Account, Count, FAILURES, Failure, FailureKey, HEARD, PlaceNames, PlayerAccount, Question, Tally, What};
use crate::store::{DefinitionKind, Newest, Store, StoreError};
use crate::timetable::model::{Kind, PlaceKey};
use crate::timetable::zone::{self, ZoneError};

const DAY_MS: i64 = 86_400_000;

/// An account that cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The period is empty.
    #[error("the period ends before it begins")]
    EmptyPeriod,
    /// There never was such a place.
    #[error("there never was a place with the code {0}")]
    NoPlace(String),
    /// There never was such a campaign.
    #[error("there never was a campaign called {0}")]
    NoCampaign(String),
    /// There never was such a player.
    #[error("there never was a player called {0}")]
    NoPlayer(String),
    /// There never was such a clip.
    #[error("there never was a clip called {0}")]
    NoClip(String),
    /// A zone is not known, or its clock cannot be worked out.
    #[error("the clock of {zone} cannot be worked out: {error}")]
    Zone {
        /// Which.
        zone: String,
        /// Why.
        error: ZoneError,
    },
    /// A signed order in the store is damaged: what was due cannot be said.
    #[error("the signed order {0} cannot be read, so what was due cannot be said")]
    Order(Hash),
}

/// Answers a question from the store.
///
/// # Errors
/// See [`AccountError`].
pub async fn account(store: &Store, question: &Question) -> Result<Account, AccountError> {
    if question.until <= question.from {
        return Err(AccountError::EmptyPeriod);
    }
    let past = read_past(store, question.as_of).await?;
    check(&past, question)?;
    let orders = store.orders_ever().await?;
    let versions = versions(&orders, &past, question).map_err(|Unreadable(hash)| AccountError::Order(hash))?;
    drop(orders);
    let end = question.until.min(question.as_of.plus_ms(1));
    let meant = question.place.as_ref().map(|asked| past.meant(asked));
    let mut lives = past.lives(question.from, end);
    lives.retain(|life| question.player.as_ref().is_none_or(|asked| life.id == *asked));
    let index = versions.iter().enumerate().map(|(at, version)| (version.hash, at)).collect();
    let mut gathering = Gathering { store, question, versions: &versions, index, account: Account::default() };
    let mut players: Vec<Running> = Vec::new();
    for life in lives {
        if let Some(running) = gathering.begin(life, meant.as_ref()).await? {
            players.push(running);
        }
    }
    for (month, from, until) in months(&question.zone, question.from, end)? {
        let mut firings = Firings::new(&versions, from, until);
        for player in &mut players {
            gathering.month(player, month, &mut firings, (from, until)).await?;
        }
    }
    let mut account = gathering.account;
    for player in players {
        finish(player, end, question, &mut account);
    }
    name_campaigns(&mut account, &past);
    Ok(account)
}

async fn read_past(store: &Store, as_of: UtcMs) -> Result<Past, StoreError> {
    Ok(Past {
        places: Versions::of(&store.definition_changes(DefinitionKind::Place).await?, as_of),
        players: Versions::of(&store.definition_changes(DefinitionKind::Player).await?, as_of),
        campaigns: Versions::of(&store.definition_changes(DefinitionKind::Campaign).await?, as_of),
        programmes: Versions::of(&store.definition_changes(DefinitionKind::Programme).await?, as_of),
        clips: Versions::of(&store.definition_changes(DefinitionKind::Clip).await?, as_of),
    })
}

fn check(past: &Past, question: &Question) -> Result<(), AccountError> {
    let Question { place, campaign, clip, player, .. } = question;
    if let Some(asked) = place.as_ref().filter(|asked| past.meant(asked).is_empty()) {
        return Err(AccountError::NoPlace(asked.clone()));
    }
    if let Some(asked) = campaign.as_ref().filter(|asked| past.campaigns.last(asked).is_none()) {
        return Err(AccountError::NoCampaign(asked.clone()));
    }
    if let Some(asked) = clip.as_ref().filter(|asked| past.clips.last(asked).is_none()) {
        return Err(AccountError::NoClip(asked.clone()));
    }
    match player.as_ref().filter(|asked| past.players.last(asked).is_none()) {
        Some(asked) => Err(AccountError::NoPlayer(asked.clone())),
        None => Ok(()),
    }
}

/// The months of a span on the clock of a zone, the first and the last cut to it.
fn months(zone: &str, from: UtcMs, until: UtcMs) -> Result<Vec<(Month, UtcMs, UtcMs)>, AccountError> {
    let mut months = Vec::new();
    let mut begin = from;
    while begin < until {
        // A table per month or so: one for all years holds more changes than a table may.
        let table = zone::offsets(zone, begin.plus_ms(-3 * DAY_MS), begin.plus_ms(40 * DAY_MS));
        let table = table.map_err(|error| AccountError::Zone { zone: zone.to_owned(), error })?;
        let month = table.to_local(begin).date().month();
        let next = month.next().first_day().map(|day| match table.to_utc(LocalTime::new(day, 0)) {
            Mapping::Once(at) | Mapping::Gap(at) | Mapping::Fold { first: at, .. } => at,
        });
        // Past the calendar's last month, or a clock that stands still: the rest is one piece.
        let end = next.filter(|next| *next > begin).unwrap_or(until).min(until);
        months.push((month, begin, end));
        begin = end;
    }
    Ok(months)
}

/// A player while its months are gathered.
struct Running {
    id: PlayerId,
    life: Life,
    /// Which stretches the question is about.
    asked: Vec<bool>,
    newest: Option<Newest>,
    first_in_force: Option<UtcMs>,
    tally: Tally,
    /// The first cue without a record after the last one with one.
    unreported_since: Option<UtcMs>,
}

struct Gathering<'g> {
    store: &'g Store,
    question: &'g Question,
    versions: &'g [Version],
    index: HashMap<Hash, usize>,
    account: Account,
}

impl Gathering<'_> {
    async fn begin(&self, life: Life, meant: Option<&BTreeSet<PlaceKey>>) -> Result<Option<Running>, StoreError> {
        let asked = |stretch: &Stretch| meant.is_none_or(|meant| stretch.is_under(meant));
        let asked: Vec<bool> = life.stretches.iter().map(asked).collect();
        let Some(first) = life.stretches.first().filter(|_| asked.contains(&true)) else { return Ok(None) };
        let id = first.entry.placement.player.clone();
        let newest = self.store.newest_record(&id, self.question.as_of).await?;
        let first_in_force = self.store.first_in_force(&id, self.question.as_of).await?;
        let tally = Tally::default();
        Ok(Some(Running { id, life, asked, newest, first_in_force, tally, unreported_since: None }))
    }

    /// One month of one player.
    async fn month(
        &mut self,
        player: &mut Running,
        month: Month,
        firings: &mut Firings<'_>,
        (from, until): (UtcMs, UtcMs),
    ) -> Result<(), AccountError> {
        let due = self.due(player, firings, (from, until))?;
        let lives = player.life.stretches.first().is_some_and(|first| first.since < until);
        if due.is_empty() && !lives {
            return Ok(());
        }
        let lines = self.store.cue_lines(&player.id, (from, until), self.question.as_of).await?;
        let matched = hold(&due, &lines, self.versions, &self.index);
        let mut tallies: HashMap<(usize, usize), Tally> = HashMap::new();
        self.cues(player, &matched, &mut tallies);
        self.extra(player, &matched, &mut tallies);
        for ((stretch, version), tally) in tallies {
            self.add(player, month, stretch, version, &tally);
        }
        Ok(())
    }

    fn due(
        &self,
        player: &Running,
        firings: &mut Firings<'_>,
        (from, until): (UtcMs, UtcMs),
    ) -> Result<Vec<Due>, AccountError> {
        let mut due = Vec::new();
        for (at, stretch) in player.life.stretches.iter().enumerate().filter(|(at, _)| player.asked[*at]) {
            if stretch.until < from || stretch.since >= until {
                continue;
            }
            let placement = &stretch.entry.placement;
            for (number, version) in self.versions.iter().enumerate().filter(|(_, version)| version.asked) {
                let alive = version.since < until && version.until >= from;
                if !alive || version.order.length_ms(placement.kind) == 0 || !version.order.audience.includes(placement)
                {
                    continue;
                }
                let zone = &stretch.entry.zone;
                let fired = firings.of(number, zone, stretch.since, stretch.until);
                let fired = fired.map_err(|error| AccountError::Zone { zone: zone.clone(), error })?;
                due.extend(fired.iter().map(|planned| Due { planned: *planned, version: number, stretch: at }));
            }
        }
        due.sort_unstable();
        Ok(due)
    }

    fn cues(&mut self, player: &mut Running, matched: &Matched, tallies: &mut HashMap<(usize, usize), Tally>) {
        for (due, answer) in &matched.cues {
            let tally = tallies.entry((due.stretch, due.version)).or_default();
            tally.due += 1;
            let kind = player.life.stretches[due.stretch].entry.placement.kind;
            tally.due_ms += u64::from(self.versions[due.version].order.length_ms(kind));
            let failed = match answer {
                Some(answer) => {
                    player.unreported_since = None;
                    answered(answer, tally)
                }
                None => {
                    player.unreported_since.get_or_insert(due.planned);
                    Some((unreported(due.planned, player, tally), ""))
                }
            };
            let counts = self.versions[due.version].order.form != Form::Drill;
            if let Some((what, reason)) = failed.filter(|_| counts) {
                self.failed(player, due, what, reason);
            }
        }
    }

    fn failed(&mut self, player: &Running, due: &Due, what: What, reason: &'static str) {
        let place = player.life.stretches[due.stretch].place.clone();
        let order = self.versions[due.version].order.id.to_string();
        let mut key = FailureKey { place, player: player.id.clone(), order, what, reason };
        let failures = &mut self.account.failures;
        if failures.len() >= FAILURES && !failures.contains_key(&key) {
            key.order.clear();
        }
        let first = Failure { cues: 0, first: due.planned, last: due.planned };
        let failure = failures.entry(key).or_insert(first);
        failure.cues += 1;
        failure.first = failure.first.min(due.planned);
        failure.last = failure.last.max(due.planned);
    }

    /// What was aired though it was not due: counts where the player stood then.
    fn extra(&self, player: &Running, matched: &Matched, tallies: &mut HashMap<(usize, usize), Tally>) {
        for line in matched.extra.iter().filter(|line| line.heard_ms > 0) {
            let stretches = &player.life.stretches;
            let stood =
                stretches.iter().position(|stretch| stretch.since < line.planned && line.planned <= stretch.until);
            let Some(stretch) = stood.filter(|at| player.asked[*at]) else { continue };
            let Some(version) = self.index.get(&line.order).filter(|at| self.versions[**at].asked) else { continue };
            let tally = tallies.entry((stretch, *version)).or_default();
            tally.extra[line.evidence as usize].add(Count { cues: 1, heard_ms: line.heard_ms.into() });
        }
    }

    fn add(&mut self, player: &mut Running, month: Month, stretch: usize, version: usize, tally: &Tally) {
        let (stretch, version) = (&player.life.stretches[stretch], &self.versions[version]);
        let account = &mut self.account;
        if version.order.form == Form::Drill {
            account.drills.add(tally);
            return;
        }
        let kind = model_kind(stretch.entry.placement.kind);
        let campaign = version.order.campaign.to_string();
        account.rows.entry((stretch.place.clone(), campaign)).or_default().add(tally);
        account.places.entry(stretch.place.clone()).or_insert_with(|| PlaceNames { lineage: stretch.names.clone() });
        account.months.entry(month).or_default().add(tally);
        account.languages.entry((kind, version.language.clone())).or_default().add(tally);
        account.categories.entry((kind, version.category.clone())).or_default().add(tally);
        account.total.add(tally);
        player.tally.add(tally);
    }
}

fn model_kind(kind: Heard) -> Kind {
    match kind {
        Heard::Speaker => Kind::Speaker,
        Heard::Board => Kind::Board,
    }
}

/// Counts a cue that has a record; says how it failed, if it did.
fn answered(answer: &Answer, tally: &mut Tally) -> Option<(What, &'static str)> {
    let line = &answer.line;
    tally.doubled += answer.doubled;
    tally.other_version += u64::from(answer.other_version);
    let reason = line.reason.map_or("", loa_domain::plan::Reason::name);
    let Some(column) = HEARD.iter().position(|outcome| *outcome == line.outcome) else {
        *tally.missed.entry(reason).or_default() += 1;
        return Some((What::Missed, reason));
    };
    let level = line.evidence as usize;
    tally.heard[level][column].add(Count { cues: 1, heard_ms: line.heard_ms.into() });
    match column {
        0 if level > 0 => None,
        0 => Some((What::Commanded, reason)),
        1 => Some((What::Partial, reason)),
        _ => Some((What::Interrupted, reason)),
    }
}

fn unreported(planned: UtcMs, player: &Running, tally: &mut Tally) -> What {
    let unreported = &mut tally.unreported;
    let (count, what) = if player.newest.is_none_or(|newest| planned > newest.when) {
        (&mut unreported.awaited, What::Awaited)
    } else if player.first_in_force.is_none_or(|first| planned <= first) {
        (&mut unreported.no_timetable, What::NoTimetable)
    } else {
        (&mut unreported.unaccounted, What::Unaccounted)
    };
    *count += 1;
    what
}

fn finish(player: Running, end: UtcMs, question: &Question, account: &mut Account) {
    // Where it last stood among the places asked for.
    let asked = player.life.stretches.iter().zip(&player.asked);
    let Some(last) = asked.filter_map(|(stretch, asked)| asked.then_some(stretch)).next_back() else { return };
    let removed = player.life.stretches.last().map(|stretch| stretch.until).filter(|until| *until < end);
    let silent_ms = i64::from(question.silent_days) * DAY_MS;
    let until = removed.unwrap_or(end);
    let silent_since = player.unreported_since.filter(|since| until.since_ms(*since) >= silent_ms);
    account.places.entry(last.place.clone()).or_insert_with(|| PlaceNames { lineage: last.names.clone() });
    let entry = PlayerAccount {
        name: last.entry.name.clone(),
        kind: last.kind,
        place: last.place.clone(),
        tally: player.tally,
        newest: player.newest,
        silent_since,
        removed,
    };
    account.players.insert(player.id, entry);
}

fn name_campaigns(account: &mut Account, past: &Past) {
    let ids: BTreeSet<String> = account.rows.keys().map(|(_, campaign)| campaign.clone()).collect();
    let named = |id: String| (past.campaigns.last(&id).map_or_else(String::new, |campaign| campaign.name.clone()), id);
    account.campaigns = ids.into_iter().map(named).map(|(name, id)| (id, name)).collect();
}
