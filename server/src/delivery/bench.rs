//! A small desk for tests: two players in one village, orders signed on the spot, content made of bytes.

use loa_domain::delivery::blob::BlobRef;
use loa_domain::delivery::release::Release;
use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::{self, Purpose, Sealed, SecretKey};
use loa_domain::message::Hello;
use loa_domain::time::UtcMs;
use loa_domain::timetable::Timing;
use loa_domain::timetable::audience::{Audience, Kind};
use loa_domain::timetable::order::{Class, Form, Item, Late, Manner, Order, WhenCut};
use loa_domain::wire::{self, List, Text};
use loa_host::clock::{Clock, Reading};
use tempfile::TempDir;

use crate::delivery::blobs::Blobs;
use crate::delivery::register::Register;
use crate::store::{Change, Definition, NewOrder, Store};
use crate::timetable::{kept, model};

const DAY_MS: i64 = 86_400_000;

/// The desk.
pub(crate) struct Bench {
    dir: TempDir,
    pub(crate) clock: Clock,
    pub(crate) store: Store,
    pub(crate) register: Register,
    pub(crate) desk: SecretKey,
}

pub(crate) fn id(text: &str) -> PlayerId {
    text.parse().expect("a good id")
}

/// The key of a player.
pub(crate) fn key_of(player: &str) -> SecretKey {
    SecretKey::from_seed(&Hash::of(player.as_bytes()).0)
}

impl Bench {
    /// A desk whose timetable names `loa-1` and `loa-2`.
    pub(crate) async fn new() -> Self {
        let dir = TempDir::new().expect("a folder");
        let clock = Clock::manual();
        clock.set(Reading { mono_raw_ns: 60_000_000_000, utc_ns: 1_796_605_200_000_000_000 });
        let store = Store::open(&dir.path().join("desk.db").display().to_string()).await.expect("a store");
        let bench = Self {
            register: Register::new(store.clone(), 30 * DAY_MS),
            desk: SecretKey::from_seed(&[9; 32]),
            dir,
            clock,
            store,
        };
        bench.trust(1).await;
        bench.name_players().await;
        bench.load().await;
        bench
    }

    /// From now on players trust the one officer of this seed, whose key lies at the desk.
    pub(crate) async fn trust(&self, seed: u8) {
        let officer = SecretKey::from_seed(&[seed; 32]);
        let role = |key: &SecretKey| keys::Role::of_one(key.public());
        let root = keys::Root {
            version: u32::from(seed),
            expires: UtcMs(i64::MAX),
            root: role(&officer),
            officers: role(&officer),
            desk: role(&self.desk),
            log: None,
            offices_from: None,
        };
        self.register.trust(root, Some(officer)).await;
    }

    async fn name_players(&self) {
        let key = model::PlaceKey { code: "thon".into(), valid_from: "2025-07-01".parse().expect("a day") };
        let place = model::Place {
            key: key.clone(),
            name: "Thôn Phượng Mao".into(),
            parent: None,
            zone: Some("Asia/Ho_Chi_Minh".into()),
            quiet: None,
            predecessors: Vec::new(),
            origin: model::Origin::default(),
        };
        let player = |id: &str| model::Player {
            id: id.into(),
            name: id.into(),
            kind: model::Kind::Speaker,
            place: key.clone(),
            tags: Vec::new(),
            languages: Vec::new(),
            volume: Some(80),
            board: None,
            key: None,
            quiet: Vec::new(),
            origin: model::Origin::default(),
        };
        let players = vec![player("loa-1"), player("loa-2")];
        let timetable = model::Timetable { places: vec![place], players, ..model::Timetable::default() };
        let put = |(kind, id, document)| {
            Change::Put(Definition { kind, id, document, source: "bench".into(), applied: UtcMs(0) })
        };
        self.change(kept::definitions(&timetable).into_iter().map(put).collect()).await;
    }

    async fn change(&self, changes: Vec<Change>) {
        self.store.replace(changes, self.now(), "bench").await.expect("room in the store");
    }

    /// Reads the timetable anew, as the desk does when it has changed.
    pub(crate) async fn load(&self) {
        assert_eq!(self.register.load(&self.desk).await.expect("readable"), Vec::<String>::new());
    }

    pub(crate) fn now(&self) -> UtcMs {
        UtcMs(self.clock.now().utc_ns / 1_000_000)
    }

    pub(crate) fn pass_ms(&self, ms: u64) {
        self.clock.advance_ns(ms * 1_000_000);
    }

    pub(crate) fn blobs(&self) -> Blobs {
        Blobs::open(self.dir.path().join("content")).expect("a folder")
    }

    /// A signed order for both players that airs `bytes` bytes of its own. Gives its hash and what it airs.
    pub(crate) async fn order(&self, name: &str, class: Class, bytes: usize) -> (Hash, BlobRef) {
        let seed = name.bytes().map(usize::from).sum::<usize>();
        let content: Vec<u8> = (0..bytes).map(|n| (((n + seed) * 2_654_435_761) >> 13) as u8).collect();
        let blob = self.blobs().put(&content).expect("room on disk");
        let item = Item { kind: Kind::Speaker, content: blob.hash, size: blob.size, length_ms: 1_000 };
        let order = Order {
            form: Form::Live,
            id: Text::cut(name),
            campaign: Text::cut(""),
            programme: Text::cut(name),
            made: self.now(),
            audience: Audience { kinds: List::collect([Kind::Speaker]).expect("one"), ..Audience::default() },
            timing: Timing::default(),
            manner: Manner {
                class,
                late: Late::Skip,
                late_limit_ms: 0,
                wait_ms: 0,
                when_cut: WhenCut::Drop,
                volume: None,
            },
            items: List::collect([item]).expect("one"),
        };
        let body = wire::encode(&order);
        let hash = Hash::of(&body);
        let put = NewOrder {
            hash,
            id: name.into(),
            campaign: String::new(),
            programme: name.into(),
            made: order.made,
            sealed: keys::seal(&body, Purpose::Order, &[&SecretKey::from_seed(&[1; 32])]),
        };
        self.change(vec![Change::PutOrder(put)]).await;
        self.load().await;
        (hash, blob)
    }

    pub(crate) fn hello(&self, player: &str, in_force: Option<u64>) -> Hello {
        Hello {
            player: id(player),
            key: key_of(player).public(),
            kind: Kind::Speaker,
            now: self.now(),
            in_force,
            incoming: None,
            epoch: 1,
            next: 0,
            log_size: 0,
            nonce: None,
            root: 1,
            outbox: 0,
            free_bytes: 1 << 30,
            version: Text::cut("test"),
        }
    }

    pub(crate) fn opened(&self, sealed: &[u8]) -> Release {
        let role = keys::Role::of_one(self.desk.public());
        Sealed::read(sealed).and_then(|sealed| sealed.open(Purpose::Release, &role)).expect("the desk's own")
    }
}
