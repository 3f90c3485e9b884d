//! How many passwords are looked at in one moment: memory and time of the desk stay its own under any flood.
//!
//! Two are stretched at a time, one place being kept for people on devices that are known here; a bounded number waits, and
//! who comes when all places are taken is told to come again. Next: `throttle.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use loa_domain::id::Hash;
use loa_host::keyfile::KeyError;
use tokio::sync::Semaphore;

use super::password::Password;
use crate::store::Stretched;
use crate::stretch::Hardness;

/// Passwords of strangers that wait at most.
const STRANGERS: usize = 32;
/// Passwords typed on known devices that wait at most.
const KNOWN: usize = 64;

/// From where somebody logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// A device that was never seen with this account.
    Stranger,
    /// One that has logged in before, or a session.
    Known,
}

/// Looks at passwords.
#[derive(Clone)]
pub struct Work {
    hardness: Hardness,
    strangers: Arc<Places>,
    known: Arc<Places>,
    done: Arc<AtomicU64>,
}

struct Places {
    work: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl Places {
    fn new(waiting: usize) -> Arc<Self> {
        Arc::new(Self { work: Arc::new(Semaphore::new(1)), room: Arc::new(Semaphore::new(waiting)) })
    }
}

/// There is no place now: come again in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

impl Work {
    /// One that stretches new passwords so hard.
    #[must_use]
    pub fn new(hardness: Hardness) -> Self {
        Self { hardness, strangers: Places::new(STRANGERS), known: Places::new(KNOWN), done: Arc::default() }
    }

    /// How hard new passwords are stretched.
    #[must_use]
    pub fn hardness(&self) -> Hardness {
        self.hardness
    }

    /// How many passwords were stretched so far.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Whether a password is the one that is kept. Where there is none, as much work is done, and it is wrong.
    ///
    /// # Errors
    /// When there is no place.
    pub async fn is(&self, password: &Password, kept: Option<Stretched>, lane: Lane) -> Result<bool, Busy> {
        let Hardness { memory_kib, passes, lanes } = self.hardness;
        let nobody = Stretched { salt: Hash::ZERO, hash: Hash::ZERO, memory_kib, passes, lanes };
        let password = password.clone();
        let is = self.run(lane, move || password.is(&kept.unwrap_or(nobody))).await?;
        Ok(is && kept.is_some())
    }

    /// Stretches a new password.
    ///
    /// # Errors
    /// When there is no place, or the system gives no random numbers or no memory.
    pub async fn stretch(&self, password: &Password) -> Result<Result<Stretched, KeyError>, Busy> {
        let (password, hardness) = (password.clone(), self.hardness);
        let done = self.run(Lane::Known, move || password.stretch(hardness)).await?;
        done.map_or_else(|error| Ok(Err(error)), |stretched| stretched.map(Ok).ok_or(Busy))
    }

    async fn run<T: Send + 'static>(&self, lane: Lane, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let places = match lane {
            Lane::Stranger => &self.strangers,
            Lane::Known => &self.known,
        };
        let _room = places.room.try_acquire().map_err(|_| Busy)?;
        // Held by the work itself: it goes on when whoever asked has gone away.
        let place = Arc::clone(&places.work).acquire_owned().await.map_err(|_| Busy)?;
        self.done.fetch_add(1, Ordering::Relaxed);
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        working.await.map_err(|_| Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIGHT: Hardness = Hardness { memory_kib: 1024, passes: 1, lanes: 1 };

    fn typed(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_name_that_nobody_has_costs_what_a_name_costs() {
        let work = Work::new(LIGHT);
        let kept = work.stretch(&typed("đúng")).await.unwrap().unwrap();
        for (password, kept, right) in [("đúng", Some(kept), true), ("sai", Some(kept), false), ("đúng", None, false)]
        {
            let before = work.done();
            assert_eq!(work.is(&typed(password), kept, Lane::Stranger).await, Ok(right));
            assert_eq!(work.done() - before, 1);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_flood_of_strangers_is_bounded_and_leaves_known_devices_their_place() {
        let work = Work::new(LIGHT);
        // Nobody's work ends while this is held.
        let held = Arc::clone(&work.strangers.work).acquire_owned().await.unwrap();
        let flood: Vec<_> = (0..1_000)
            .map(|_| {
                let work = work.clone();
                tokio::spawn(async move { work.is(&typed("x"), None, Lane::Stranger).await })
            })
            .collect();
        while work.strangers.room.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(work.is(&typed("x"), None, Lane::Known).await, Ok(false), "a known device is served meanwhile");
        assert_eq!(work.done(), 1);
        drop(held);
        let mut done = Vec::new();
        for one in flood {
            done.push(one.await.unwrap());
        }
        assert!(done.iter().filter(|one| one.is_ok()).count() >= STRANGERS);
        assert_eq!(work.done(), 1 + done.iter().filter(|one| one.is_ok()).count() as u64);
    }
}
