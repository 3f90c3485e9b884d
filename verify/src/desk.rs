//! What the desk numbers and dates: the opening, changes, acts, and when entries were taken in.
//!
//! After an entry that cannot be read the numbering is taken up anew: what it was is not known. The desk's word for when
//! it took a record in is held against the times that witnesses signed before and behind it. Next: `walk.rs`.

use loa_domain::time::UtcMs;

use crate::clocks::ALLOWED_MS;
use crate::finding::{At, Finding, Follows};
use crate::leaf::Noted;
use crate::report::Report;
use crate::times::Times;

/// The desk's numbering so far.
#[derive(Debug, Default)]
pub struct Desk {
    opened: bool,
    /// A change that is not over: its number, the last line, of how many.
    change: Option<(u64, u64, u64)>,
    last_change: Option<u64>,
    act: Option<u64>,
    received: Option<UtcMs>,
    /// Whatever comes now is later than this, by the witnesses' clocks.
    witnessed: Option<UtcMs>,
}

fn wrong(at: At, what: Follows, report: &mut Report) {
    report.add(Finding::Sequence { at, what });
}

const fn entry(position: u64) -> At {
    At { position, place: None }
}

impl Desk {
    /// An entry that cannot be read: what follows on what is no longer known.
    pub fn hole(&mut self) {
        (self.change, self.last_change, self.act) = (None, None, None);
        self.opened = true;
    }

    /// Any entry that can be read, before what it says is looked at.
    pub fn any(&mut self, position: u64, opens: bool, is_change: bool, report: &mut Report) {
        if !opens && !self.opened {
            wrong(entry(position), Follows::NotOpened, report);
            self.opened = true;
        }
        if !is_change {
            self.cut(position, report);
        }
    }

    fn cut(&mut self, position: u64, report: &mut Report) {
        if let Some((change, _, lines)) = self.change.take() {
            wrong(entry(position), Follows::ChangeCut { change, lines }, report);
        }
    }

    /// The log begins.
    pub fn opens(&mut self, position: u64, name: &str, origin: &str, report: &mut Report) {
        if self.opened || position != 0 {
            wrong(entry(position), Follows::OpenedAgain, report);
        } else if name != origin {
            wrong(entry(position), Follows::OtherOrigin, report);
        }
        self.opened = true;
    }

    /// A line of a change.
    pub fn change(&mut self, position: u64, (change, line, lines): (u64, u64, u64), report: &mut Report) {
        let follows = match self.change {
            Some((last, last_line, of)) => change == last && line == last_line.saturating_add(1) && lines == of,
            None => line == 1 && self.last_change.is_none_or(|last| change > last),
        };
        // After a hole a change may be under way.
        let unknown = self.change.is_none() && self.last_change.is_none();
        if !follows && !unknown || line > lines || line == 0 {
            wrong(entry(position), Follows::Change { change, line }, report);
        }
        self.last_change = Some(change);
        self.change = (line < lines).then_some((change, line, lines));
    }

    /// An act.
    pub fn act(&mut self, position: u64, number: u64, report: &mut Report) {
        let expected = self.act.map(|last| last.saturating_add(1));
        if let Some(expected) = expected.filter(|expected| *expected != number) {
            wrong(entry(position), Follows::Act { number, expected }, report);
        }
        self.act = Some(number);
    }

    /// A record was taken in.
    pub fn received(&mut self, at: At, received: UtcMs, times: &mut Times, report: &mut Report) {
        times.desk(at.position, received);
        let before = self.received.filter(|before| received < *before);
        let witnessed = self.witnessed.filter(|signed| received.plus_ms(ALLOWED_MS) < *signed);
        if let Some(against) = before.or(witnessed) {
            wrong(at, Follows::Received { at: received, against }, report);
        }
        self.received = Some(received);
    }

    /// A checkpoint that the log and enough witnesses signed.
    pub fn noted(&mut self, position: u64, noted: &Noted, times: &mut Times, report: &mut Report) {
        let Some((first, last)) = noted.witnessed else { return };
        report.summary.witnessed += 1;
        // Half a second and more is cut off from the witnesses' times.
        let latest = last.plus_ms(ALLOWED_MS + 1_000);
        if let Some(at) = times.taken_in(noted.head.size).filter(|at| *at > latest) {
            wrong(entry(position), Follows::Received { at, against: last }, report);
        }
        times.witnessed(position, first);
        self.witnessed = self.witnessed.max(Some(first));
    }

    /// The log is over.
    pub fn end(&mut self, size: u64, report: &mut Report) {
        self.cut(size.saturating_sub(1), report);
    }
}
