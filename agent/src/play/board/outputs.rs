//! All outputs of one board together: which of them gets a face, and whether anybody saw it.
//!
//! Every output gets a face that is new. One that did not take it gets it again with each look until it does; one
//! that forgets gets it again once a second; one that took it and remembers is left alone. A failure is logged when
//! it begins and when it ends. What a face is, `output.rs`; when it is due, `show.rs`. Next: `mod.rs`.

use super::output::{Frame, Output};

/// A face that is up is put out again after this long to an output that forgets, in nanoseconds: a look at least once
/// a second never comes a moment too soon for it.
const AGAIN_NS: u64 = 900_000_000;

/// Where a board puts its faces.
pub struct Outputs {
    list: Vec<Slot>,
    /// How bright, 0 to 100.
    pub brightness_percent: u8,
}

struct Slot {
    output: Box<dyn Output>,
    /// It did not take the last face.
    is_broken: bool,
    taken_mono_ns: u64,
}

impl Outputs {
    /// These outputs, at a brightness of 0 to 100 percent.
    #[must_use]
    pub fn new(list: Vec<Box<dyn Output>>, brightness_percent: u8) -> Self {
        let slot = |output| Slot { output, is_broken: false, taken_mono_ns: 0 };
        Self { list: list.into_iter().map(slot).collect(), brightness_percent }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether an output wants the face that it was given before.
    #[must_use]
    pub fn want_again(&self, mono_ns: u64) -> bool {
        self.list.iter().any(|slot| slot.wants_again(mono_ns))
    }

    /// Gives out a face: a new one to all, else to those that want it again. True if one of all has it.
    pub fn put(&mut self, frame: &Frame<'_>, is_new: bool) -> bool {
        let mono_ns = frame.now.mono_raw_ns;
        for slot in self.list.iter_mut().filter(|slot| is_new || slot.wants_again(mono_ns)) {
            match slot.output.put(frame) {
                Ok(()) => {
                    if slot.is_broken {
                        tracing::info!("the board's face can be put out again");
                    }
                    slot.is_broken = false;
                    slot.taken_mono_ns = mono_ns;
                }
                Err(error) => {
                    if !slot.is_broken {
                        tracing::error!(%error, "the board's face could not be put out; it will be tried again");
                    }
                    slot.is_broken = true;
                }
            }
        }
        self.list.iter().any(|slot| !slot.is_broken)
    }
}

impl Slot {
    fn wants_again(&self, mono_ns: u64) -> bool {
        let forgot = || self.output.forgets() && mono_ns.saturating_sub(self.taken_mono_ns) >= AGAIN_NS;
        self.is_broken || forgot()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::board::output::Rgb24;
    use loa_host::clock::Clock;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    #[derive(Clone, Default)]
    struct Wall {
        puts: Arc<AtomicUsize>,
        is_dark: Arc<AtomicBool>,
        forgets: bool,
    }

    impl Output for Wall {
        fn put(&mut self, _: &Frame<'_>) -> io::Result<()> {
            self.puts.fetch_add(1, Ordering::Relaxed);
            if self.is_dark.load(Ordering::Relaxed) { Err(io::Error::other("no lamps")) } else { Ok(()) }
        }

        fn forgets(&self) -> bool {
            self.forgets
        }
    }

    #[test]
    fn an_output_that_works_is_not_bothered_by_one_that_does_not() {
        let (works, forgets, broken) = (Wall::default(), Wall { forgets: true, ..Wall::default() }, Wall::default());
        broken.is_dark.store(true, Ordering::Relaxed);
        let list: Vec<Box<dyn Output>> =
            vec![Box::new(works.clone()), Box::new(forgets.clone()), Box::new(broken.clone())];
        let mut outputs = Outputs::new(list, 100);
        let clock = Clock::manual();
        let pixels = &Rgb24 { width_px: 1, height_px: 1, bytes: &[1, 2, 3], brightness_percent: 100 };
        let mut look = |is_new| {
            let now = clock.now();
            clock.advance_ns(100_000_000);
            let seen = outputs.put(&Frame { pixels, voice: None, now, is_running: false }, is_new);
            (seen, outputs.want_again(now.mono_raw_ns))
        };
        assert_eq!(look(true), (true, true));
        (0..10).for_each(|_| assert_eq!(look(false), (true, true)));
        let puts = || [&works, &forgets, &broken].map(|wall| wall.puts.swap(0, Ordering::Relaxed));
        assert_eq!(puts(), [1, 2, 11]);
        broken.is_dark.store(false, Ordering::Relaxed);
        assert_eq!([look(false), look(false)], [(true, false); 2]);
        assert_eq!(puts(), [0, 0, 1]);
    }

    #[test]
    fn a_face_that_no_output_has_is_not_seen() {
        let wall = Wall::default();
        wall.is_dark.store(true, Ordering::Relaxed);
        let mut outputs = Outputs::new(vec![Box::new(wall.clone())], 100);
        let pixels = &Rgb24 { width_px: 1, height_px: 1, bytes: &[], brightness_percent: 100 };
        let frame = Frame { pixels, voice: None, now: Clock::manual().now(), is_running: false };
        assert!(!outputs.put(&frame, true) && !outputs.put(&frame, false));
        wall.is_dark.store(false, Ordering::Relaxed);
        assert!(outputs.put(&frame, false));
        assert!(!Outputs::new(Vec::new(), 100).put(&frame, true));
    }
}
