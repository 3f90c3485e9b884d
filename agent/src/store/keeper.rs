//! Keeps the records on the disk as long as there is a disk, and in memory when there is none.
//!
//! Decides: what happens when an engine fails: make room and open it again, set its files aside and
//! fill a new one, or go on in memory and try later. A player is never silent because of its store.
//! Does not decide: which commits share a sync (`writer.rs`).
//! Next file: `writer.rs`.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::engine::{Engine, EngineError, MARK, Op, Opener, View, guarded, mark};
use super::export;
use super::place::Place;
use super::report::{Health, Opened, StoreError};

/// Records in one batch when a store is filled anew.
const FILL_RECORDS: usize = 256;

/// What readers see.
#[derive(Default)]
pub struct Shared {
    view: RwLock<View>,
    health: RwLock<Health>,
}

impl Shared {
    /// The records, for as long as the guard is held; the writer waits meanwhile.
    pub fn view(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the store fares, without the bytes on the disk.
    pub fn health(&self) -> Health {
        let health = self.health.read().unwrap_or_else(PoisonError::into_inner).clone();
        Health { live_keys: self.view().len(), ..health }
    }

    fn change_view(&self, change: impl FnOnce(&mut View)) {
        change(&mut self.view.write().unwrap_or_else(PoisonError::into_inner));
    }

    fn change_health(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.health.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// What a keeper needs to know from its caller.
pub struct Setup {
    /// The store's directory.
    pub dir: PathBuf,
    /// The name of the engine's directory in it.
    pub engine_dir: &'static str,
    /// Size of the file that is given up when the disk is full.
    pub ballast_bytes: u64,
    /// What must be free besides before that file is put in place.
    pub spare_bytes: u64,
    /// The time for the names of stores set aside, in milliseconds since 1970.
    pub clock_ms: i64,
}

/// The one owner of the engine.
pub struct Keeper {
    setup: Setup,
    opener: Opener,
    shared: Arc<Shared>,
    place: Option<Place>,
    engine: Option<Box<dyn Engine>>,
    /// Whether the view is known to be whole: it once was read from an engine, or there was none.
    loaded: bool,
    /// How the engine's files failed in use: they are not opened again, the view is newer and whole.
    distrusted: Option<EngineError>,
    /// The files that failed are already set aside; what fails after them teaches nothing new, and
    /// keeping it would push the first ones out.
    evidence_kept: bool,
    /// Changes that readers see and no disk has.
    owed: Vec<Op>,
    why_memory: String,
}

impl Keeper {
    /// Opens the store, or what can be had instead.
    pub fn open(setup: Setup, opener: Opener, shared: Arc<Shared>) -> (Keeper, Opened) {
        let mut keeper = Keeper {
            setup,
            opener,
            shared,
            place: None,
            engine: None,
            loaded: false,
            distrusted: None,
            evidence_kept: false,
            owed: Vec::new(),
            why_memory: String::new(),
        };
        let opened = keeper.attach().unwrap_or_else(|error| {
            let exported = keeper.exported();
            keeper.shared.change_view(|view| *view = exported);
            Opened::Memory { why: error.to_string() }
        });
        if let Opened::Rebuilt { why, .. } = &opened {
            keeper.note(why);
        }
        (keeper, opened)
    }

    /// Keeps some batches under one sync. `Ok` only when all of them would survive a power cut;
    /// otherwise they are all in memory. Readers see them when this returns.
    ///
    /// # Errors
    /// `MemoryOnly`.
    pub fn keep(&mut self, batches: &[Vec<Op>]) -> Result<(), StoreError> {
        if let Some(engine) = &mut self.engine {
            let kept = guarded(|| {
                batches.iter().try_for_each(|batch| engine.write(batch))?;
                engine.sync()
            });
            match kept {
                Ok(()) => {
                    self.show(batches);
                    return Ok(());
                }
                Err(error) => self.fail(error),
            }
            self.show(batches);
            self.owed.extend(batches.concat());
            // Once, at once: most failures are a full disk that the ballast heals, or damage that a
            // new file heals.
            let _ = self.attach();
        } else {
            self.show(batches);
            self.owed.extend(batches.concat());
        }
        match self.engine {
            Some(_) => Ok(()),
            None => Err(StoreError::MemoryOnly { why: self.why_memory.clone() }),
        }
    }

    /// Looks after the disk in a quiet moment: goes back to it from memory, lets the engine drop what
    /// is dead, puts the ballast in place.
    pub fn tend(&mut self) {
        if self.engine.is_none() {
            // The reason is noted; the next time tries again.
            let _ = self.attach();
        }
        if let (Some(place), Some(_)) = (&self.place, &self.engine) {
            let restored = place.restore_ballast();
            let in_place = place.ballast_in_place();
            self.shared.change_health(|health| health.ballast = in_place);
            if let Err(error) = restored {
                self.note(&error);
            }
        }
    }

    /// Lets the engine drop what is dead, if that is worth it.
    pub fn tidy(&mut self) {
        let Some(engine) = &mut self.engine else {
            return;
        };
        let tidied = guarded(|| engine.tidy(&self.shared.view()));
        if let Err(error) = tidied {
            self.fail(error);
            let _ = self.attach();
        }
    }

    /// Writes the last resort.
    ///
    /// # Errors
    /// `NotExported`, also after making room.
    pub fn export(&mut self, prefixes: &[Vec<u8>]) -> Result<(), StoreError> {
        loop {
            let written = export::write(&self.setup.dir, &self.shared.view(), prefixes);
            let Err(error) = written else { return Ok(()) };
            let full = loa_host::durable::is_full(&error);
            if !full || !self.make_room() {
                self.note(&error);
                return Err(StoreError::NotExported { why: error.to_string() });
            }
        }
    }

    /// Brings the records and an engine together. On `Ok` there is an engine that holds all of them.
    fn attach(&mut self) -> Result<Opened, EngineError> {
        let mut aside = None;
        let mut why = None;
        loop {
            let tried = guarded(|| self.try_attach(why.is_some()));
            let error = match tried {
                Ok(lost) => {
                    self.distrusted = None;
                    self.evidence_kept = false;
                    self.shared.change_health(|health| health.durable = true);
                    return Ok(self.how_opened(lost, aside, why));
                }
                Err(error) => error,
            };
            self.note(&error);
            let again = match &error {
                EngineError::Full(_) => self.make_room(),
                EngineError::Unavailable(_) => false,
                // A second damage is in files just made: the disk itself is at fault.
                EngineError::Damaged(_) => why.is_none(),
            };
            if let EngineError::Damaged(words) = &error
                && again
            {
                why = Some(words.clone());
                aside = match self.set_aside() {
                    Ok(aside) => aside,
                    Err(error) => return self.stay_in_memory(error),
                };
            }
            if !again {
                return self.stay_in_memory(error);
            }
        }
    }

    /// One attempt. Says whether the files had been lost, that is, held no finished store.
    fn try_attach(&mut self, set_aside_already: bool) -> Result<bool, EngineError> {
        if let (Some(damage), false) = (&self.distrusted, set_aside_already) {
            return Err(damage.clone());
        }
        let setup = &self.setup;
        if self.place.is_none() {
            let (dir, engine) = (&setup.dir, setup.engine_dir);
            self.place = Some(Place::prepare(dir, engine, setup.ballast_bytes, setup.spare_bytes)?);
        }
        let Some(place) = &self.place else { unreachable!("it was put there just now") };
        let engine_dir = place.engine_dir()?;
        let (mut engine, mut found) = (self.opener)(engine_dir)?;
        let finished = found.remove(MARK).is_some();
        if finished {
            self.owed.iter().for_each(|op| op.apply(&mut found));
            if !self.owed.is_empty() {
                engine.write(&self.owed)?;
                engine.sync()?;
            }
            self.shared.change_view(|view| *view = found);
        } else {
            let whole = if self.loaded {
                self.shared.view().clone()
            } else {
                let mut whole = self.exported();
                // What a fill that was cut off had saved already is newer than the export.
                whole.extend(found);
                self.owed.iter().for_each(|op| op.apply(&mut whole));
                whole
            };
            fill(engine.as_mut(), &whole)?;
            self.shared.change_view(|view| *view = whole);
        }
        self.engine = Some(engine);
        self.loaded = true;
        self.owed.clear();
        Ok(!finished)
    }

    fn how_opened(&self, lost: bool, aside: Option<PathBuf>, why: Option<String>) -> Opened {
        let restored = self.shared.view().len();
        match why {
            None if !lost => Opened::Clean,
            None if restored == 0 => Opened::Fresh,
            None => {
                let why = "the store had never been filled to its end".to_owned();
                Opened::Rebuilt { set_aside: aside, restored, why }
            }
            Some(why) => Opened::Rebuilt { set_aside: aside, restored, why },
        }
    }

    fn stay_in_memory(&mut self, error: EngineError) -> Result<Opened, EngineError> {
        self.note(&error);
        self.why_memory = error.to_string();
        self.shared.change_health(|health| health.durable = false);
        Err(error)
    }

    fn set_aside(&mut self) -> Result<Option<PathBuf>, EngineError> {
        let Some(place) = &self.place else {
            return Ok(None);
        };
        if self.evidence_kept {
            place.discard()?;
            return Ok(None);
        }
        let aside = place.set_aside(self.setup.clock_ms)?;
        self.evidence_kept = aside.is_some();
        Ok(aside)
    }

    fn make_room(&mut self) -> bool {
        let made = self.place.as_ref().is_some_and(Place::make_room);
        let in_place = self.place.as_ref().is_some_and(Place::ballast_in_place);
        self.shared.change_health(|health| health.ballast = in_place);
        made
    }

    /// The engine failed in use: it is dropped, and unless the disk was merely full its files are not
    /// trusted again. After a failed sync the kernel takes the lost pages for written, so that even a
    /// good open would prove nothing.
    fn fail(&mut self, error: EngineError) {
        self.note(&error);
        self.distrusted = matches!(error, EngineError::Damaged(_)).then_some(error);
        let engine = self.engine.take();
        let _ = guarded(|| {
            drop(engine);
            Ok(())
        });
    }

    fn exported(&self) -> View {
        export::read(&self.setup.dir).unwrap_or_else(|why| {
            self.note(&why);
            View::new()
        })
    }

    fn show(&self, batches: &[Vec<Op>]) {
        self.shared.change_view(|view| batches.iter().flatten().for_each(|op| op.apply(view)));
    }

    fn note(&self, error: &impl ToString) {
        let words = error.to_string();
        self.shared.change_health(|health| health.last_error = Some(words));
    }

    /// Whether no disk has the records.
    pub fn in_memory(&self) -> bool {
        self.engine.is_none()
    }
}

/// Writes all records and then, synced on its own, the mark that they are all there.
fn fill(engine: &mut dyn Engine, whole: &View) -> Result<(), EngineError> {
    let puts: Vec<Op> = whole.iter().map(|(k, v)| Op::Put(k.clone(), v.clone())).collect();
    puts.chunks(FILL_RECORDS).try_for_each(|batch| engine.write(batch))?;
    engine.sync()?;
    engine.write(&[mark()])?;
    engine.sync()
}
