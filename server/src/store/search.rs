//! How records are found again: by player, time, outcome, order and campaign; sums for reports; gaps in a chain.
//!
//! It finds; what a report says is decided in `audit`. Records come in pages that continue after the last one, so a page
//! costs the same wherever it lies. Next: `acts.rs`.

use loa_domain::id::{Hash, PlayerId};
use loa_domain::plan::Reason;
use loa_domain::play::player::Outcome;
use loa_domain::time::UtcMs;

use super::error::StoreError;
use super::open::Store;
use super::records::{COLUMN_COUNT, COLUMNS, RecordEntry, RecordKind, entry, outcome, reason};
use super::sql::{Statement, statement};
use super::value::{Field, Row, Value};

/// Which records are asked for: all conditions that are set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// Of this player.
    pub player: Option<PlayerId>,
    /// Planned at this time or later (what is no cue: made).
    pub from: Option<UtcMs>,
    /// Planned before this time.
    pub until: Option<UtcMs>,
    /// About this.
    pub kind: Option<RecordKind>,
    /// Of cues with this outcome.
    pub outcome: Option<Outcome>,
    /// Of orders of this campaign.
    pub campaign: Option<String>,
    /// Of orders of this name.
    pub order: Option<String>,
    /// Latest first, not earliest first.
    pub latest_first: bool,
    /// That follow this one, in the order asked for: the last of the page before.
    pub after: Option<RecordEntry>,
}

/// What an order is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderNames {
    /// Its name.
    pub id: String,
    /// Its campaign; may be empty.
    pub campaign: String,
    /// Its programme.
    pub programme: String,
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRecord {
    /// The record.
    pub entry: RecordEntry,
    /// Its order's names, where the record is of a cue and the store has the order.
    pub order: Option<OrderNames>,
}

/// Records counted: one line per player, order, outcome and reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSum {
    /// The player.
    pub player: PlayerId,
    /// The order.
    pub order: Hash,
    /// What became of the cues.
    pub outcome: Outcome,
    /// Why, where there is a reason.
    pub reason: Option<Reason>,
    /// How many cues.
    pub cues: u64,
    /// How much was heard of them, in milliseconds.
    pub heard_ms: u64,
    /// How long they should have played, in milliseconds.
    pub length_ms: u64,
}

/// Numbers that are missing in a player's chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Which chain.
    pub epoch: u64,
    /// The first missing number.
    pub first: u64,
    /// The last missing number.
    pub last: u64,
}

impl Store {
    /// Finds records, at most `limit`, by planned time, then player and number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn records(&self, filter: &RecordFilter, limit: u32) -> Result<Vec<FoundRecord>, StoreError> {
        let direction = if filter.latest_first { "DESC" } else { "ASC" };
        let mut conditions = Conditions::of(filter);
        conditions.page(filter);
        let limit = conditions.value(i64::from(limit));
        let text = format!(
            "SELECT {COLUMNS}, o.id, o.campaign, o.programme FROM proof_record r \
             LEFT JOIN signed_order o ON o.hash = r.order_hash{} ORDER BY r.when_ms {direction}, \
             r.player {direction}, r.epoch {direction}, r.seq {direction} LIMIT {limit}",
            conditions.text
        );
        self.database.all(conditions.statement(text)).await?.iter().map(found).collect()
    }

    /// Counts the cues that a filter finds (without regard to its order and page), by player and order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn record_sums(&self, filter: &RecordFilter) -> Result<Vec<RecordSum>, StoreError> {
        let mut conditions = Conditions::of(filter);
        conditions.compare("r.when_ms", ">=", filter.from);
        conditions.compare("r.when_ms", "<", filter.until);
        conditions.and("r.order_hash IS NOT NULL");
        // The names are joined only where they are asked for: a join over everything costs as much as the sums.
        let names = "LEFT JOIN signed_order o ON o.hash = r.order_hash";
        let names = if filter.campaign.is_some() || filter.order.is_some() { names } else { "" };
        // PostgreSQL sums BIGINT as NUMERIC, which the seam does not carry.
        let text = format!(
            "SELECT r.player, r.order_hash, r.outcome, r.reason, COUNT(*), CAST(SUM(r.heard_ms) AS BIGINT), \
             CAST(SUM(r.length_ms) AS BIGINT) FROM proof_record r {names}{} \
             GROUP BY r.player, r.order_hash, r.outcome, r.reason ORDER BY r.player, r.order_hash, r.outcome, r.reason",
            conditions.text
        );
        self.database.all(conditions.statement(text)).await?.iter().map(sum).collect()
    }

    /// The numbers that are missing in a player's chains: below each one's highest number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn chain_gaps(&self, player: &PlayerId) -> Result<Vec<Gap>, StoreError> {
        // The record before the first has the number -1: so a missing beginning is a gap like any other.
        let text = "SELECT epoch, before_seq, seq FROM (SELECT epoch, seq, \
                    COALESCE(LAG(seq) OVER (PARTITION BY epoch ORDER BY seq), -1) AS before_seq \
                    FROM proof_record WHERE player = $1 AND seq >= 0) AS pair \
                    WHERE seq > before_seq + 1 ORDER BY epoch, seq";
        let gap = |row: &Row| {
            let (before, seq): (i64, i64) = (row.get(1)?, row.get(2)?);
            let number = |n: i64| u64::try_from(n).unwrap_or(0);
            Ok(Gap { epoch: row.get(0)?, first: number(before + 1), last: number(seq - 1) })
        };
        self.database.all(statement(text).with(player)).await?.iter().map(gap).collect()
    }
}

/// Conditions with their values. The text is ours alone; what was asked for goes into values.
struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    fn of(filter: &RecordFilter) -> Self {
        let mut all = Self { text: String::new(), values: Vec::new() };
        all.equal("r.player", filter.player.as_ref());
        all.equal("r.kind", filter.kind.map(RecordKind::name));
        all.equal("r.outcome", filter.outcome.map(Outcome::name));
        all.equal("o.campaign", filter.campaign.as_deref());
        all.equal("o.id", filter.order.as_deref());
        all
    }

    /// The times, narrowed to what follows the last one of the page before.
    fn page(&mut self, filter: &RecordFilter) {
        // Exactly one bound on each side: given two, SQLite may begin at the wider one and walk up to the page (measured
        // over a million records: 82 ms instead of 2). Without any it sorts the whole table: so the lower one is always set.
        let (mut lower, mut upper) = (filter.from.unwrap_or(UtcMs(i64::MIN)), ("<", filter.until));
        if let Some(last) = &filter.after {
            if !filter.latest_first {
                lower = lower.max(last.when);
            } else if filter.until.is_none_or(|until| last.when < until) {
                upper = ("<=", Some(last.when));
            }
        }
        self.compare("r.when_ms", ">=", Some(lower));
        self.compare("r.when_ms", upper.0, upper.1);
        if let Some(last) = &filter.after {
            let sign = if filter.latest_first { '<' } else { '>' };
            let when = self.value(last.when);
            let key = [self.value(&last.player), self.value(last.epoch), self.value(last.seq)].join(", ");
            self.and(&format!("(r.when_ms, r.player, r.epoch, r.seq) {sign} ({when}, {key})"));
        }
    }

    fn equal(&mut self, column: &str, value: Option<impl Field>) {
        self.compare(column, "=", value);
    }

    fn compare(&mut self, column: &str, sign: &str, value: Option<impl Field>) {
        if let Some(value) = value {
            let place = self.value(value);
            self.and(&format!("{column} {sign} {place}"));
        }
    }

    fn and(&mut self, condition: &str) {
        self.text.push_str(if self.text.is_empty() { " WHERE " } else { " AND " });
        self.text.push_str(condition);
    }

    /// Takes a value; gives the place that stands for it.
    fn value(&mut self, value: impl Field) -> String {
        self.values.push(value.put());
        format!("${}", self.values.len())
    }

    fn statement(self, text: String) -> Statement {
        statement(text).with_all(self.values)
    }
}

fn found(row: &Row) -> Result<FoundRecord, StoreError> {
    let id: Option<String> = row.get(COLUMN_COUNT)?;
    let names = |id| {
        let (campaign, programme) = (row.get(COLUMN_COUNT + 1)?, row.get(COLUMN_COUNT + 2)?);
        Ok::<_, StoreError>(OrderNames { id, campaign, programme })
    };
    Ok(FoundRecord { entry: entry(row)?, order: id.map(names).transpose()? })
}

fn sum(row: &Row) -> Result<RecordSum, StoreError> {
    Ok(RecordSum {
        player: row.get(0)?,
        order: row.get(1)?,
        outcome: outcome(row, 2)?,
        reason: reason(row, 3)?,
        cues: row.get(4)?,
        heard_ms: row.get(5)?,
        length_ms: row.get(6)?,
    })
}
