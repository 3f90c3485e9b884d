//! The one thread that writes: commits that wait together share one sync.
//!
//! Decides: which commits form a group, that each is answered exactly once and in order, and only after
//! the sync of its group; when the disk is looked after.
//! Does not decide: what a failure means (`keeper.rs`).
//! Next file: `../store.rs`, the handle that others hold.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use super::engine::{KEY_MAX_BYTES, Op, VALUE_MAX_BYTES};
use super::keeper::Keeper;
use super::report::StoreError;

/// How long the writer waits for work before it looks after the disk.
const IDLE: Duration = Duration::from_secs(30);

/// The most operations under one sync, so that the first of a flood is answered in good time.
const GROUP_OPS: usize = 4096;

/// A busy writer is never idle: in memory it tries the disk again after so many groups.
const GROUPS_UNTIL_RETRY: u32 = 64;

/// What is called when a commit is settled.
pub type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// An answer that is given even when nobody is left to give it.
pub struct Done(Option<Answer>);

impl Done {
    /// Wraps an answer.
    pub fn new(answer: Answer) -> Done {
        Done(Some(answer))
    }

    fn give(mut self, result: Result<(), StoreError>) {
        self.answer(result);
    }

    fn answer(&mut self, result: Result<(), StoreError>) {
        if let Some(answer) = self.0.take() {
            // A panic in a caller's answer must not end the thread that all others wait for.
            let _ = catch_unwind(AssertUnwindSafe(|| answer(result)));
        }
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        self.answer(Err(StoreError::Closed));
    }
}

/// What the writer can be asked.
pub enum Job {
    /// Keep these changes, together or not at all.
    Commit(Vec<Op>, Done),
    /// Write the last resort with the records under these prefixes.
    Export(Vec<Vec<u8>>, Sender<Result<(), StoreError>>),
    /// Look after the disk now, then answer.
    Tend(Sender<()>),
    /// End.
    Close,
}

/// Works until it is told to close or nobody is left to ask.
pub fn run(mut keeper: Keeper, jobs: &Receiver<Job>) {
    let mut next = None;
    let mut groups_in_memory = 0;
    loop {
        let job = match next.take().map_or_else(|| jobs.recv_timeout(IDLE), Ok) {
            Ok(job) => job,
            Err(RecvTimeoutError::Timeout) => {
                keeper.tend();
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        match job {
            Job::Commit(ops, done) => {
                let group;
                (group, next) = gather((ops, done), jobs);
                settle(&mut keeper, group);
                groups_in_memory = if keeper.in_memory() { groups_in_memory + 1 } else { 0 };
                if groups_in_memory == GROUPS_UNTIL_RETRY {
                    groups_in_memory = 0;
                    keeper.tend();
                }
            }
            // A caller that stopped waiting needs no answer.
            Job::Export(prefixes, reply) => {
                let _ = reply.send(keeper.export(&prefixes));
            }
            Job::Tend(reply) => {
                keeper.tend();
                let _ = reply.send(());
            }
            Job::Close => return,
        }
    }
}

type Commit = (Vec<Op>, Done);

/// All commits that are waiting now, up to a limit, and the job behind them if it is of another kind.
fn gather(first: Commit, jobs: &Receiver<Job>) -> (Vec<Commit>, Option<Job>) {
    let mut ops = first.0.len();
    let mut group = vec![first];
    while ops < GROUP_OPS {
        match jobs.try_recv() {
            Ok(Job::Commit(more, done)) => {
                ops += more.len();
                group.push((more, done));
            }
            Ok(other) => return (group, Some(other)),
            Err(_) => break,
        }
    }
    (group, None)
}

fn settle(keeper: &mut Keeper, group: Vec<Commit>) {
    let mut batches = Vec::new();
    let mut answers = Vec::new();
    for (ops, done) in group {
        match ops.iter().try_for_each(check) {
            Ok(()) => {
                batches.push(ops);
                answers.push((done, None));
            }
            Err(refused) => answers.push((done, Some(refused))),
        }
    }
    let kept = if batches.is_empty() { Ok(()) } else { keeper.keep(&batches) };
    for (done, refused) in answers {
        done.give(refused.map_or_else(|| kept.clone(), Err));
    }
    keeper.tidy();
}

fn check(op: &Op) -> Result<(), StoreError> {
    let key = op.key();
    // Keys that begin with zero are the store's own.
    if key.is_empty() || key.len() > KEY_MAX_BYTES || key[0] == 0 {
        return Err(StoreError::KeyRefused { len: key.len(), limit: KEY_MAX_BYTES });
    }
    match op {
        Op::Put(_, value) if value.len() > VALUE_MAX_BYTES => {
            Err(StoreError::ValueTooLong { len: value.len(), limit: VALUE_MAX_BYTES })
        }
        _ => Ok(()),
    }
}
