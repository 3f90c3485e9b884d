//! The desk dies, again and again, while it stores proofs: what it receipted it has, and everything it has once.
//!
//! The player is played here, with a real key and chain, so that thousands of records wait at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use loa_domain::audit::receipt::{LogView, Receipts, Refused};
use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::{self, Purpose, Root, Sealed, SecretKey};
use loa_domain::message::{Down, Hello, Up, topic};
use loa_domain::proof::record::{Body, ClockSource, Head, RECORD_BYTES, Stamp, Writer};
use loa_domain::time::UtcMs;
use loa_domain::timetable::audience::Kind;
use loa_domain::wire::{self, Text};
use loa_host::link::{BrokerUrl, Link, LinkConfig, LinkEvent, Qos, Subscription, Timing};
use loa_tests::world::desk::Desk;
use loa_tests::world::timetable::{self, Clip, Order};
use tokio::sync::mpsc::Receiver;

use super::power::now_ms;

/// Records that wait.
const RECORDS: u64 = 4_000;
/// Records under way at once.
const WINDOW: usize = 256;
/// So many times the desk is killed, unless `E2E_DESK_KILLS` says otherwise.
const KILLS: usize = 4;
/// Nothing heard for so long: everything under way is sent again.
const SILENCE: Duration = Duration::from_secs(3);

/// A player that is all outbox.
struct Outbox {
    id: PlayerId,
    key: SecretKey,
    log: LogView,
    epoch: u64,
    /// Without a receipt, by number.
    waiting: BTreeMap<u64, (Hash, Vec<u8>)>,
    under_way: Vec<u64>,
    receipted: Vec<(u64, Hash)>,
    sent: u64,
}

/// Kills the desk again and again, each time when so many more receipts have come.
pub fn a_desk_that_dies_while_it_stores_keeps_what_it_receipted(home: &Path) -> String {
    let kills = std::env::var("E2E_DESK_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let mut desk = Desk::start(home);
    desk.apply(&timetable::make(home, &["loa-1"], &[Clip::speech("gio", 2, 8)], &[Order::new("gio", "gio", &[0])]));
    let mut outbox = Outbox::new(&loa_host::keyfile::root(&desk.root()).expect("the desk's root"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let (link, mut events) = Link::start(outbox.link(&desk));
        for receipts in (1..=kills + 1).map(|kill| kill * RECORDS as usize / (kills + 1)) {
            outbox.run(&link, &mut events, receipts).await;
            if receipts < RECORDS as usize {
                tokio::task::block_in_place(|| {
                    desk.kill();
                    has(&desk, &outbox.receipted, outbox.epoch);
                    desk.restart();
                });
            }
        }
    });
    has(&desk, &outbox.receipted, outbox.epoch);
    let kept = desk.evidence().kept("loa-1");
    assert_eq!(kept.len() as u64, RECORDS, "each record once");
    assert_eq!(desk.evidence().conflicts(), 0);
    desk.kill();
    let copy = desk.export(home, "copy");
    let checked = desk.check(&copy, &[]);
    assert_eq!((checked.code, &checked.report["records"]), (0, &RECORDS.into()), "{:#}", checked.report);
    format!(
        "{RECORDS} records, {} sent, desk killed {kills} times while it stored: each kept once and logged once, none \
         receipted and lost, the log is whole",
        outbox.sent
    )
}

/// Everything receipted is in the desk's store.
fn has(desk: &Desk, receipted: &[(u64, Hash)], epoch: u64) {
    let kept: BTreeMap<(i64, i64), Vec<u8>> =
        desk.evidence().kept("loa-1").into_iter().map(|(epoch, seq, hash)| ((epoch, seq), hash)).collect();
    for (seq, hash) in receipted {
        let found = kept.get(&(epoch.cast_signed(), seq.cast_signed()));
        assert_eq!(found.map(Vec::as_slice), Some(hash.0.as_slice()), "record {seq} was receipted");
    }
}

impl Outbox {
    fn new(root: &Root) -> Self {
        let (key, id) = (SecretKey::from_seed(&[7; 32]), "loa-1".parse::<PlayerId>().expect("a good id"));
        let now = UtcMs(now_ms());
        let epoch = now.0.cast_unsigned();
        let mut head = Head::new(epoch);
        let mut waiting = BTreeMap::new();
        for seq in 0..RECORDS {
            let utc = UtcMs(now.0 - 10_000 + seq.cast_signed());
            let stamp = Stamp { utc, source: ClockSource::Free, error_ms: 0, mono_ms: seq, boot: [1; 16] };
            let writer = Writer { player: &id, key: &key, release: 0, seen: None };
            let mut buffer = [0; RECORD_BYTES];
            let length = head.append(&writer, stamp, Body::Started { rebuilt: false }, &mut buffer);
            let sealed = buffer[..length.expect("it fits")].to_vec();
            let hash = Sealed::read(&sealed).expect("it can be read").hash();
            waiting.insert(seq, (hash, sealed));
        }
        let log = LogView::new(root.log.clone().expect("the root names the log"), None);
        Self { id, key, log, epoch, waiting, under_way: Vec::new(), receipted: Vec::new(), sent: 0 }
    }

    fn link(&self, desk: &Desk) -> LinkConfig {
        let address = desk.address();
        let mut config = LinkConfig::new(BrokerUrl::new(address.ip().to_string(), address.port()), self.id.as_str());
        config.user = Some(self.id.as_str().to_owned());
        config.subscriptions = [topic::down(&self.id), topic::everyone()]
            .map(|filter| Subscription { filter, qos: Qos::AtLeastOnce })
            .to_vec();
        config.outbox_max = 2 * WINDOW;
        config.timing = Timing { retry_shortest_ms: 50, retry_longest_ms: 500, ..Timing::default() };
        config
    }

    /// Sends and hears until `receipts` records are receipted.
    async fn run(&mut self, link: &Link, events: &mut Receiver<LinkEvent>, receipts: usize) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(120);
        while self.receipted.len() < receipts {
            assert!(tokio::time::Instant::now() < deadline, "{} of {receipts} receipts", self.receipted.len());
            match tokio::time::timeout(SILENCE, events.recv()).await {
                Ok(Some(LinkEvent::Up)) => self.hello(link),
                Ok(Some(LinkEvent::Message { payload, .. })) => self.heard(&payload, link),
                Ok(Some(_)) => {}
                Ok(None) => panic!("the link ended"),
                Err(_) => self.under_way.clear(),
            }
            self.send(link);
        }
    }

    fn hello(&mut self, link: &Link) {
        self.under_way.clear();
        let hello = Hello {
            player: self.id.clone(),
            key: self.key.public(),
            kind: Kind::Speaker,
            now: UtcMs(now_ms()),
            in_force: None,
            incoming: None,
            epoch: self.epoch,
            next: RECORDS,
            outbox: u32::try_from(self.waiting.len()).unwrap_or(u32::MAX),
            free_bytes: 1 << 30,
            version: Text::cut("test"),
            log_size: self.log.seen().map_or(0, |seen| seen.size),
            nonce: None,
            root: 1,
        };
        let sealed = keys::seal(&wire::encode(&hello), Purpose::Hello, &[&self.key]);
        let up = wire::encode(&Up::Hello { sealed: &sealed });
        link.try_publish(&topic::up(&self.id), Qos::AtLeastOnce, up).expect("room for a hello");
    }

    fn heard(&mut self, payload: &[u8], link: &Link) {
        match wire::decode::<Down<'_>>(payload) {
            Ok(Down::Receipts { receipts }) => {
                let receipts = wire::decode::<Receipts>(receipts).expect("receipts");
                let waiting = &self.waiting;
                let held = |(_, seq): (u64, u64)| waiting.get(&seq).map(|(_, sealed)| sealed.clone());
                match self.log.take(&self.id, &receipts, held) {
                    Ok(taken) => {
                        assert!(taken.unshown.is_empty(), "a receipt for what is not in the log");
                        for (_, seq) in taken.logged {
                            self.under_way.retain(|other| *other != seq);
                            let (hash, _) = self.waiting.remove(&seq).expect("it was held");
                            self.receipted.push((seq, hash));
                        }
                    }
                    // Sent again after the desk died, and overtaken: the desk is told what was seen.
                    Err(Refused::From { seen }) => {
                        let up = wire::encode(&Up::LogSeen { size: seen });
                        link.try_publish(&topic::up(&self.id), Qos::AtLeastOnce, up).expect("room for a word");
                    }
                    Err(refused) => panic!("{refused}"),
                }
            }
            Ok(Down::SayHello) => self.hello(link),
            _ => {}
        }
    }

    fn send(&mut self, link: &Link) {
        let room = WINDOW.saturating_sub(self.under_way.len());
        let next: Vec<u64> =
            self.waiting.keys().filter(|seq| !self.under_way.contains(seq)).take(room).copied().collect();
        for seq in next {
            let Some((_, sealed)) = self.waiting.get(&seq) else { continue };
            if link.try_publish(&topic::proofs(&self.id), Qos::AtLeastOnce, sealed.clone()).is_err() {
                return;
            }
            self.sent += 1;
            self.under_way.push(seq);
        }
    }
}
