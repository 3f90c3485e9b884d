//! A player's due cues held against its records: pure, both lists by planned time.
//!
//! A record answers the cue of the very order it names; where an order was replaced before the player had the new
//! version, a record of another version of the same order at the same moment answers it too. Records that answer nothing
//! are kept apart: something was aired that was not due. What is counted from this is decided in `gather.rs`.

use std::collections::HashMap;

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;

use super::due::Version;
use crate::store::CueLine;

/// A cue that was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub planned: UtcMs,
    /// Which of the versions.
    pub version: usize,
    /// Which stretch of the player's life.
    pub stretch: usize,
}

/// The record that answers a cue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub line: CueLine,
    /// It names another version of the order.
    pub other_version: bool,
    /// Further records of the same cue.
    pub doubled: u64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Matched {
    /// Every due cue, with what answers it.
    pub cues: Vec<(Due, Option<Answer>)>,
    /// Records that answer no due cue.
    pub extra: Vec<CueLine>,
}

/// Holds cues against records; both by planned time.
pub(super) fn hold(due: &[Due], lines: &[CueLine], versions: &[Version], index: &HashMap<Hash, usize>) -> Matched {
    let mut matched = Matched::default();
    let mut lines = lines;
    for cues in due.chunk_by(|one, other| one.planned == other.planned) {
        let planned = cues[0].planned;
        let (earlier, rest) = lines.split_at(lines.partition_point(|line| line.planned < planned));
        let (now, later) = rest.split_at(rest.partition_point(|line| line.planned == planned));
        matched.extra.extend(earlier);
        lines = later;
        moment(cues, now, versions, index, &mut matched);
    }
    matched.extra.extend(lines);
    matched
}

/// The cues and records of one moment.
fn moment(cues: &[Due], lines: &[CueLine], versions: &[Version], index: &HashMap<Hash, usize>, matched: &mut Matched) {
    let mut left: Vec<&CueLine> = lines.iter().collect();
    let first = matched.cues.len();
    for due in cues {
        let hash = versions[due.version].hash;
        let mut answer: Option<Answer> = None;
        left.retain(|line| {
            let mine = line.order == hash;
            if mine {
                match &mut answer {
                    Some(answer) => answer.doubled += 1,
                    None => answer = Some(Answer { line: **line, other_version: false, doubled: 0 }),
                }
            }
            !mine
        });
        matched.cues.push((*due, answer));
    }
    for (due, answer) in matched.cues[first..].iter_mut().filter(|(_, answer)| answer.is_none()) {
        let name = &versions[due.version].order.id;
        let same = |line: &&CueLine| index.get(&line.order).is_some_and(|other| versions[*other].order.id == *name);
        if let Some(at) = left.iter().position(same) {
            *answer = Some(Answer { line: *left.remove(at), other_version: true, doubled: 0 });
        }
    }
    matched.extra.extend(left);
}
