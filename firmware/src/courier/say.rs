//! What a board says besides its records: its hello, and short messages.
//!
//! When it is said, and what came of it, is decided in `courier.rs`. Next: `run.rs`.

use loa_domain::keys::{self, Purpose};
use loa_domain::message::topic::Topic;
use loa_domain::message::{Hello, Up};
use loa_domain::timetable::audience::Kind;
use loa_domain::wire::{self, Text};

use super::{Courier, Line, Means, REPORT_MS};
use crate::chain::chance;
use crate::flash::Flash;
use crate::link::Wire;
use crate::page::Given;

/// Room for what the board says besides records, in bytes: a sealed hello.
const SAY_BYTES: usize = 384;

impl Courier {
    #[inline(never)]
    pub(super) fn hello<F: Flash, W: Wire>(&mut self, means: &mut Means<'_, '_, F>, line: &mut Line<'_, W>) {
        let Given { player, key, .. } = means.given;
        let now = means.wall.now(means.now_ms).utc;
        let (epoch, next) = means.chain.head().map_or((0, 0), |head| (head.epoch, head.next));
        let nonce = self.wants_time.then(|| self.nonce(means));
        let hello = Hello {
            player: player.clone(),
            key: key.public(),
            kind: Kind::Board,
            now,
            in_force: self.in_force,
            incoming: self.incoming.as_ref().map(|incoming| incoming.release.seq),
            epoch,
            next,
            outbox: means.store.records(),
            free_bytes: u64::from(means.shelf.free_bytes()),
            version: Text::cut(env!("CARGO_PKG_VERSION")),
            log_size: means.chain.seen.map_or(0, |seen| seen.size),
            nonce,
            root: means.given.root.version,
        };
        let mut body = [0; SAY_BYTES - 120];
        let mut sealed = [0; SAY_BYTES];
        let written = wire::encode_into(&hello, &mut body)
            .and_then(|length| keys::seal_into(&body[..length], Purpose::Hello, key, &mut sealed));
        if let Ok(length) = written {
            self.asked = nonce.map(|nonce| (nonce, means.now_ms)).or(self.asked);
            self.say(&Up::Hello { sealed: &sealed[..length] }, means, line);
        }
    }

    /// A number that was never used and nobody can guess.
    fn nonce<F>(&mut self, means: &Means<'_, '_, F>) -> u64 {
        self.said = self.said.wrapping_add(1);
        let chance = chance(&means.given.key, &means.chain.boot(), self.said);
        chance.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    #[inline(never)]
    pub(super) fn say<F, W: Wire>(&self, up: &Up<'_>, means: &Means<'_, '_, F>, line: &mut Line<'_, W>) {
        let mut bytes = [0; SAY_BYTES + 16];
        let written = wire::encode_into(up, &mut bytes);
        if let (true, Ok(length)) = (self.greeting.is_up(), written) {
            let topic = Topic::Up(&means.given.player).text();
            // Without room it is not said: whatever matters is asked for or said again.
            let _room = line.link.publish(&topic, &bytes[..length], means.now_ms, line.wire);
        }
    }

    #[inline(never)]
    pub(super) fn report<F: Flash, W: Wire>(&mut self, means: &Means<'_, '_, F>, line: &mut Line<'_, W>) {
        let (Some(incoming), Some(fetch)) = (&self.incoming, &self.fetch) else { return };
        if means.now_ms >= self.reported_ms.saturating_add(REPORT_MS) {
            let (held, parts) = fetch.progress();
            let said = Up::Incoming { release: incoming.release.seq, blob: fetch.lies().hash, held, parts };
            self.reported_ms = means.now_ms;
            self.say(&said, means, line);
        }
    }

    #[inline(never)]
    pub(super) fn follow_shared<W: Wire>(&mut self, line: &mut Line<'_, W>) {
        let fetch = self.fetch.as_ref();
        let wanted = self.shared.filter(|(blob, _)| fetch.is_some_and(|f| f.is_shared() && f.lies().hash == *blob));
        let wanted = wanted.map(|(_, transfer)| transfer);
        if self.listening == wanted {
            return;
        }
        if let Some(old) = self.listening.take() {
            let _room = line.link.unsubscribe(&Topic::Shared(old).text(), line.wire);
        }
        if let Some(new) = wanted.filter(|new| line.link.subscribe(&Topic::Shared(*new).text(), 0, line.wire)) {
            self.listening = Some(new);
        }
    }
}
