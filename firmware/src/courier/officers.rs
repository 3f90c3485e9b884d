//! What officers say outside of orders: that orders are off at once, and who is an officer from now on.
//!
//! Both are verified where they arrive and are on flash before anything rests on them; `run.rs` then goes through what is
//! in force. Signatures take a board a tenth of a second each, so whoever says what no officer did is not listened to for
//! a while. Whose word counts is decided in `domain/src/delivery/signed.rs` and `domain/src/keys/change.rs`.

use loa_domain::delivery::release::Release;
use loa_domain::delivery::signed::{self, Here};
use loa_domain::id::Hash;
use loa_domain::keys::{Root, Sealed};
use loa_domain::wire::Decode;

use super::{Courier, Means, Said};
use crate::flash::Flash;
use crate::incoming::Why;
use crate::store::Name;

/// How long nobody is listened to who says to be an officer, after one who was none or said nothing new, in milliseconds.
const DEAF_MS: u64 = 1_000;

impl Courier {
    /// Something that only officers say.
    #[inline(never)]
    pub(super) fn officers<F: Flash>(&mut self, what: Said, sealed: &[u8], means: &mut Means<'_, '_, F>) {
        if means.now_ms < self.deaf_ms {
            // It may have been one: what the desk has for this board it says again after a hello.
            return self.greeting.ask();
        }
        let is_news = match what {
            Said::Stop => self.stop(sealed, means),
            Said::Root => follows(sealed, means),
        };
        if is_news {
            self.said_by_officers = self.said_by_officers.max(Some(what));
        } else {
            self.deaf_ms = means.now_ms + DEAF_MS;
        }
    }

    #[inline(never)]
    fn stop<F: Flash>(&mut self, sealed: &[u8], means: &mut Means<'_, '_, F>) -> bool {
        // Without a release nobody has said where the board stands, and nothing shows.
        let Some(table) = means.table else { return false };
        let here = Here { root: &means.given.root, placement: &self.placement, until: table.expires };
        // A clock that nobody has set must not make a stop one of 1970.
        let now = means.wall.now(means.now_ms).utc.max(table.issued);
        let is_news = signed::take_stop(sealed, here, &mut self.stopped, now) == Ok(true);
        if is_news {
            // A flash that takes nothing must not keep it from being off now.
            let _until_power_goes = means.store.put(Name::Stopped, &self.stopped);
        }
        is_news
    }

    /// The release in force lies in the room for one on its way, which is given up: it is gone through anew. `is_known`
    /// says that those who signed its orders still may.
    pub fn again(&mut self, sealed: Hash, is_known: bool) {
        (self.fetch, self.is_ready) = (None, false);
        let off = self.off;
        let Some(incoming) = &mut self.incoming else { return };
        incoming.begin_here(sealed, Why::Again);
        if is_known {
            incoming.is_known(off);
            self.is_ready = true;
        }
    }

    /// Room for the release in force.
    pub fn release_mut(&mut self) -> &mut Release {
        &mut self.incoming.get_or_insert_default().release
    }

    /// What is in that room is nothing.
    pub fn give_up(&mut self) {
        (self.incoming, self.fetch, self.is_ready) = (None, None, false);
    }

    /// Whether the orders in force are being asked for those who answer for them.
    pub fn is_asking(&self) -> bool {
        self.incoming.as_ref().is_some_and(|incoming| incoming.why == Why::Again)
    }
}

/// Whether this is the root document that follows the board's; then the store has it.
#[inline(never)]
fn follows<F: Flash>(sealed: &[u8], means: &mut Means<'_, '_, F>) -> bool {
    let now = means.wall.now(means.now_ms).utc;
    let is_next = Sealed::read(sealed)
        .is_ok_and(|sealed| means.given.root.succeeded_into(&sealed, now, &mut Root::blank()).is_ok());
    // One that is longer than the store's room is for a larger board.
    is_next && means.store.put(Name::Root, &sealed).is_ok()
}
