//! The one clock reader. Decides nothing: everything else is handed a [`Reading`], and one decision reads once.
//!
//! Two clocks are read together because they answer different questions: the wall clock says *when*
//! (and may be stepped by time synchronisation), the raw monotonic clock says *how long* (and is never
//! slewed, so a sound card can be measured against it). How a step is survived is decided by whoever
//! holds the previous reading; for sound that is `agent/src/play/timeline.rs`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use nix::time::{ClockId, clock_gettime};

/// Nanoseconds since 1970-01-01T00:00:00Z by the wall clock (no leap seconds).
pub type UtcNs = i64;

/// A pair of readings further apart than this is read again: the thread was preempted in between.
const BRACKET_MAX_NS: u64 = 20_000;
/// How often a preempted reading is retried before the tightest one so far is taken.
const BRACKET_TRIES: u32 = 4;

/// Both clocks at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// `CLOCK_MONOTONIC_RAW` in nanoseconds: since boot, never stepped, never slewed.
    pub mono_raw_ns: u64,
    /// Wall clock in nanoseconds since 1970, UTC.
    pub utc_ns: UtcNs,
}

impl Reading {
    /// Wall clock minus raw monotonic clock, in nanoseconds: moves only when the wall clock is set or slewed.
    pub fn offset_ns(&self) -> i64 {
        self.utc_ns.wrapping_sub(self.mono_raw_ns as i64)
    }
}

/// A source of time: the machine's, or one set by hand for tests. Clones read the same clock.
#[derive(Clone, Debug)]
pub struct Clock(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Machine,
    Manual(Arc<Mutex<Manual>>),
}

#[derive(Debug)]
struct Manual {
    reading: Reading,
    boot_id: [u8; 16],
}

impl Clock {
    /// The machine's clock. It asks through libc, so a preloaded `libfaketime` is obeyed.
    pub fn machine() -> Clock {
        Clock(Inner::Machine)
    }

    /// A clock that stands at 2026-01-01T00:00:00Z, 100 s after boot, until moved by hand.
    pub fn manual() -> Clock {
        let reading = Reading { mono_raw_ns: 100_000_000_000, utc_ns: 1_767_225_600_000_000_000 };
        Clock(Inner::Manual(Arc::new(Mutex::new(Manual { reading, boot_id: [1; 16] }))))
    }

    /// Both clocks now.
    pub fn now(&self) -> Reading {
        match &self.0 {
            Inner::Machine => read_machine(),
            Inner::Manual(manual) => hold(manual).reading,
        }
    }

    /// The kernel's random id of this boot (16 bytes, `/proc/sys/kernel/random/boot_id`); all zeros
    /// where the kernel does not tell.
    pub fn boot_id(&self) -> [u8; 16] {
        match &self.0 {
            Inner::Machine => std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
                .ok()
                .and_then(|text| parse_boot_id(&text))
                .unwrap_or([0; 16]),
            Inner::Manual(manual) => hold(manual).boot_id,
        }
    }

    /// Sets a manual clock outright.
    ///
    /// # Panics
    /// On the machine's clock, which is not ours to set: that call is a bug.
    pub fn set(&self, reading: Reading) {
        self.by_hand(|manual| manual.reading = reading);
    }

    /// Lets `ns` nanoseconds pass on both clocks of a manual clock.
    ///
    /// # Panics
    /// On the machine's clock.
    pub fn advance_ns(&self, ns: u64) {
        self.by_hand(|manual| {
            manual.reading.mono_raw_ns += ns;
            manual.reading.utc_ns += ns as i64;
        });
    }

    /// Steps the wall clock of a manual clock by `ns` nanoseconds, as time synchronisation does.
    ///
    /// # Panics
    /// On the machine's clock.
    pub fn step_utc_ns(&self, ns: i64) {
        self.by_hand(|manual| manual.reading.utc_ns += ns);
    }

    /// Gives a manual clock another boot id, as after a power cut.
    ///
    /// # Panics
    /// On the machine's clock.
    pub fn set_boot_id(&self, boot_id: [u8; 16]) {
        self.by_hand(|manual| manual.boot_id = boot_id);
    }

    fn by_hand(&self, change: impl FnOnce(&mut Manual)) {
        match &self.0 {
            Inner::Machine => panic!("bug: the machine's clock was set by hand"),
            Inner::Manual(manual) => change(&mut hold(manual)),
        }
    }
}

fn hold(manual: &Mutex<Manual>) -> MutexGuard<'_, Manual> {
    // Every change is a plain assignment, so a panic elsewhere leaves nothing half done.
    manual.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_machine() -> Reading {
    let mut best: Option<(u64, Reading)> = None;
    for _ in 0..BRACKET_TRIES {
        let before = raw_ns();
        let utc_ns = wall_ns();
        let after = raw_ns();
        let bracket_ns = after.saturating_sub(before);
        let mono_raw_ns = before + bracket_ns / 2;
        let reading = Reading { mono_raw_ns, utc_ns };
        if best.is_none_or(|(width, _)| bracket_ns < width) {
            best = Some((bracket_ns, reading));
        }
        if bracket_ns <= BRACKET_MAX_NS {
            break;
        }
    }
    // The loop runs at least once, so there is a best reading.
    best.expect("BRACKET_TRIES is not zero").1
}

fn raw_ns() -> u64 {
    // Fails only for an unknown clock id, and every Linux since 2.6.28 knows this one.
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC_RAW).expect("CLOCK_MONOTONIC_RAW exists");
    time.tv_sec() as u64 * 1_000_000_000 + time.tv_nsec() as u64
}

fn wall_ns() -> UtcNs {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
        // A dead clock battery can put a board before 1970.
        Err(before) => -i64::try_from(before.duration().as_nanos()).unwrap_or(i64::MAX),
    }
}

fn parse_boot_id(text: &str) -> Option<[u8; 16]> {
    let mut id = [0; 16];
    let mut digits =
        text.trim().bytes().filter(|&b| b != b'-').map(|b| (b as char).to_digit(16).map(|digit| digit as u8));
    for byte in &mut id {
        *byte = digits.next()?? << 4 | digits.next()??;
    }
    digits.next().is_none().then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_clock_moves_forward_and_both_clocks_agree_on_how_far() {
        let clock = Clock::machine();
        let first = clock.now();
        let mut last = first;
        while last.mono_raw_ns < first.mono_raw_ns + 2_000_000 {
            let next = clock.now();
            assert!(next.mono_raw_ns >= last.mono_raw_ns);
            last = next;
        }
        assert!((last.offset_ns() - first.offset_ns()).abs() < 1_000_000);
    }

    #[test]
    fn a_manual_clock_stands_until_moved_and_its_clones_move_with_it() {
        let clock = Clock::manual();
        let copy = clock.clone();
        let before = copy.now();
        assert_eq!(before, copy.now());
        clock.advance_ns(5);
        assert_eq!(copy.now().mono_raw_ns, before.mono_raw_ns + 5);
        assert_eq!(copy.now().offset_ns(), before.offset_ns());
        clock.step_utc_ns(-7);
        assert_eq!(copy.now().offset_ns(), before.offset_ns() - 7);
        clock.set(before);
        assert_eq!(copy.now(), before);
    }

    #[test]
    fn a_boot_id_is_sixteen_bytes_of_hexadecimal_or_nothing() {
        let text = "0123abcd-4567-89ef-0123-456789abcdef\n";
        let id = parse_boot_id(text).unwrap();
        assert_eq!(id[..4], [0x01, 0x23, 0xab, 0xcd]);
        assert_eq!(id[15], 0xef);
        for bad in ["", "0123", "zz23abcd-4567-89ef-0123-456789abcdef", "0123abcd-4567-89ef-0123-456789abcdef0"] {
            assert_eq!(parse_boot_id(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_boot_id_is_the_same_for_the_life_of_a_boot() {
        let clock = Clock::machine();
        assert_eq!(clock.boot_id(), clock.boot_id());
        let manual = Clock::manual();
        manual.set_boot_id([9; 16]);
        assert_eq!(manual.clone().boot_id(), [9; 16]);
    }
}
