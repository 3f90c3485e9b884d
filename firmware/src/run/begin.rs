//! What a board takes up from its flash when it starts: who the officers are, the release in force, what was open.
//!
//! What lies there was verified when it came. Next: `panel.rs`.

use loa_domain::delivery::release::Release;
use loa_domain::id::Hash;
use loa_domain::keys::Root;
use loa_domain::proof::record::Body;
use loa_domain::timetable::stop::Stopped;
use loa_domain::wire::Decode;

use super::{Device, Pen, kept};
use crate::bundle;
use crate::flash::Flash;
use crate::page;
use crate::store::{Name, Settled};

impl<F: Flash> Device<'_, F> {
    /// Who the officers are by now, and what they stopped.
    #[inline(never)]
    pub(super) fn take_up_officers(&mut self) {
        let Self { given, notes, courier, .. } = self;
        if !notes.store.get_into(Name::Stopped, &mut courier.stopped) {
            courier.stopped = Stopped::default();
        }
        let mut root = Root::blank();
        let kept = notes.store.bytes(Name::Root);
        let is_one = kept.is_some_and(|sealed| page::check_root(sealed, &mut root).is_ok());
        if is_one && root.version > given.root.version {
            given.root = root;
        }
    }

    /// Puts the kept release in force again.
    #[inline(never)]
    pub(super) fn take_up_release(&mut self, mono_ms: u64) {
        self.notes.release = self.settled_release();
        let mut release = Release::blank();
        let Self { given, shelf, notes, inbox, board, wall, courier, .. } = self;
        let (Some(sealed), Some(room)) = (notes.release, inbox.spare()) else { return };
        if !kept(sealed, (shelf, notes.store.flash()), room, &mut release) {
            return;
        }
        wall.not_before(release.issued, mono_ms);
        // Those who were officers when it came may be none by now.
        let unvouched = bundle::unvouched(&release, &given.root, (shelf, notes.store.flash()), room);
        let filled = unvouched.and_then(|off| {
            board.put(|table| {
                bundle::empty(table, &release, &given.quiet);
                bundle::fill(table, &release, (off, &courier.stopped), (shelf, notes.store.flash()), room)
            })?;
            Ok(off)
        });
        if let Ok(off) = filled {
            self.courier.puts_in_force(&mut release, sealed, off);
            notes.chain.release = release.seq;
            self.place.clone_from(&release.place_name);
            self.class.clone_from(&release.board);
        } else {
            self.courier.repair(&release, (sealed, false), mono_ms);
        }
    }

    #[inline(never)]
    pub(super) fn settled_release(&mut self) -> Option<Hash> {
        self.notes.store.get::<Settled>(Name::Settled)?.release
    }

    /// Says what became of what was open.
    #[inline(never)]
    pub(super) fn take_up_cues(&mut self, mono_ms: u64) {
        let Self { given, wall, notes, board, .. } = self;
        let mut settled = Settled::blank();
        if !notes.store.get_into(Name::Settled, &mut settled) {
            settled = Settled::default();
        }
        let Settled { due, open, head, .. } = &settled;
        let _rolled = notes.store.roll_back(*head);
        notes.chain.resume(*head);
        let pen = Pen { given, wall, now: wall.now(mono_ms) };
        notes.open.clone_from(open);
        if head.is_some() || wall.is_known() {
            let rebuilt = notes.chain.begin(pen.now.utc);
            notes.record(Body::Started { rebuilt }, pen);
        }
        board.start(due, open.iter().copied(), pen.now, &mut |output| notes.take(output, pen));
    }
}
