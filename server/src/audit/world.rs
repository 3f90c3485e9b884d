//! A small world for the tests of this stage: two communes that become one, a board, every outcome, late arrivals.
//!
//! Two months, each order once a week on Mondays, so that every number can be counted by hand. What is removed later is
//! removed here too.

use std::path::PathBuf;

use loa_domain::delivery::blob::BlobRef;
use loa_domain::id::{CueId, Hash};
use loa_domain::keys::SecretKey;
use loa_domain::plan::Reason;
use loa_domain::play::player::{Closed, Outcome};
use loa_domain::proof::record::{Body, ClockSource, Evidence, Record, Stamp};
use loa_domain::time::{LocalDate, LocalTime, UtcMs};
use tempfile::TempDir;

use super::account::Question;
use crate::store::{NewRecord, Store};
use crate::timetable::apply;
use crate::timetable::compile::{Content, Contents};
use crate::timetable::read::{Checks, Source, read_texts};

pub(super) const ZONE: &str = "Asia/Ho_Chi_Minh";

const PLACES: &str = r#"
[[place]]
code = "24"
valid_from = "2025-07-01"
name = "Tỉnh Bắc Ninh"
zone = "Asia/Ho_Chi_Minh"
[[place]]
code = "90001"
valid_from = "2025-07-01"
name = "Xã Kỳ Anh"
parent = "24@2025-07-01"
[[place]]
code = "90002"
valid_from = "2025-07-01"
name = "Xã Nguyễn Huệ"
parent = "24@2025-07-01"
"#;

const MERGED: &str = r#"
[[place]]
code = "90003"
valid_from = "2026-12-01"
name = "Xã Thủ Ộ Ứ Ẵ"
parent = "24@2025-07-01"
predecessors = ["90001@2025-07-01", "90002@2025-07-01"]
"#;

const CONTENT: &str = r#"
[[campaign]]
id = "nhan-quyen-1079"
name = "Truyền thông về quyền con người ở Việt Nam"
decision = "1079/QĐ-TTg"
from = "2022-09-14"
until = "2028-12-31"
[[clip]]
id = "phong-su"
file = "phong-su.mp3"
title = "Phóng sự bổ trợ"
language = "vi"
category = "phóng sự phát thanh"
[[clip]]
id = "tin-tay"
file = "tin-tay.mp3"
title = "Bản tin tiếng Tày"
language = "tyz"
[[slide]]
id = "chao"
title = "Xin chào"
body = "Xã Kỳ Anh kính chào"
seconds = 60
[[programme]]
id = "phong-su"
title = "Phóng sự"
items = ["clip:phong-su"]
[[programme]]
id = "tin-tay"
title = "Bản tin tiếng Tày"
items = ["clip:tin-tay"]
category = "bản tin"
[[programme]]
id = "chao"
title = "Chào"
items = ["slide:chao"]
category = "bảng tin điện tử"
[[order]]
id = "sang"
class = "normal"
programme = "phong-su"
campaign = "nhan-quyen-1079"
to = { places = ["24@2025-07-01"] }
at = "0 5 * * 1"
late = "LATE"
[[order]]
id = "bang"
class = "normal"
programme = "chao"
campaign = "nhan-quyen-1079"
to = { places = ["24@2025-07-01"] }
at = "5 7 * * 1"
[[order]]
id = "trua"
class = "normal"
programme = "tin-tay"
to = { players = ["loa-2"] }
at = "30 11 * * 1"
"#;

fn player(id: &str, name: &str, place: &str) -> String {
    let kind = if id.starts_with("bang") { "kind = \"board\"\nboard = \"64x32\"" } else { "kind = \"speaker\"" };
    format!("[[player]]\nid = \"{id}\"\nname = \"{name}\"\n{kind}\nplace = \"{place}\"\n")
}

/// A moment on the wall clock of the place.
pub(super) fn at(day: &str, hour: u32, minute: u32) -> UtcMs {
    let local = LocalTime::new(LocalDate::parse(day).unwrap(), hour * 3600 + minute * 60);
    UtcMs::from_seconds(local.seconds() - 7 * 3600)
}

/// What the clock of the place shows.
pub(super) fn local(at: UtcMs) -> LocalTime {
    LocalTime::from_seconds(at.seconds() + 7 * 3600)
}

/// November and December, as of the second of January.
pub(super) fn question() -> Question {
    Question {
        from: at("2026-11-01", 0, 0),
        until: at("2027-01-01", 0, 0),
        as_of: at("2027-01-02", 8, 0),
        zone: ZONE.into(),
        place: None,
        campaign: None,
        clip: None,
        player: None,
        silent_days: 7,
    }
}

/// A desk with a store.
pub(super) struct World {
    _room: TempDir,
    pub store: Store,
    numbers: u64,
}

impl World {
    pub async fn empty() -> Self {
        let room = TempDir::new().unwrap();
        let store = Store::open(room.path().join("desk.db").to_str().unwrap()).await.unwrap();
        Self { _room: room, store, numbers: 0 }
    }

    /// The two months.
    pub async fn lived() -> Self {
        let mut world = Self::empty().await;
        world.timetables().await;
        world.first_commune().await;
        world.second_commune().await;
        world
    }

    async fn apply(&self, text: String, when: UtcMs) {
        let fine = |_: &str| Ok(());
        let checks = Checks { cron: &fine, zone: &fine, letter: &|_| true };
        let source = Source::new("world.toml", std::path::Path::new("."), text);
        let timetable = read_texts(&[source], &checks, &|_| true).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        let content = |name: &str, length_ms| {
            (name.to_owned(), Content { blob: BlobRef { hash: Hash::of(name.as_bytes()), size: 9 }, length_ms })
        };
        let contents: Contents =
            [content("clip:phong-su", 600_000), content("clip:tin-tay", 300_000), content("slide:chao", 60_000)].into();
        let differences = apply::differences(&self.store, &timetable, &[PathBuf::from("world.toml")]).await.unwrap();
        let officer = SecretKey::from_seed(&[3; 32]);
        apply::apply(&self.store, &timetable, &contents, &differences, &officer, when).await.unwrap();
    }

    /// Before the merger; after it; after loa-3 was removed.
    async fn timetables(&self) {
        let first = |place: &str| player("loa-1", "Loa chợ Kỳ Anh", place) + &player("bang-1", "Bảng UBND", place);
        let second = |place: &str| player("loa-2", "Loa thôn Nguyễn", place);
        let third = |place: &str| player("loa-3", "Loa cũ", place);
        let (one, two, new) = ("90001@2025-07-01", "90002@2025-07-01", "90003@2026-12-01");
        let content = CONTENT.replace("LATE", "join");
        self.apply(format!("{PLACES}{content}{}{}{}", first(one), second(two), third(two)), at("2026-10-30", 9, 0))
            .await;
        let merged = format!("{PLACES}{MERGED}{content}{}{}", first(new), second(new));
        self.apply(format!("{merged}{}", third(new)), at("2026-12-01", 0, 0)).await;
        // A new version of one order; a player less.
        let content = CONTENT.replace("LATE", "restart");
        self.apply(format!("{PLACES}{MERGED}{content}{}{}", first(new), second(new)), at("2026-12-10", 10, 0)).await;
    }

    /// Everything that was written is removed: places, players, clips, orders.
    pub async fn remove_everything(&self, when: UtcMs) {
        self.apply("# nothing\n".into(), when).await;
    }

    /// The versions of an order, earliest first.
    pub async fn versions(&self, order: &str) -> Vec<Hash> {
        let versions = self.store.order_versions(order).await.unwrap();
        versions.iter().rev().map(|version| version.order.hash).collect()
    }

    pub async fn add(&mut self, who: &str, received: UtcMs, body: Body, made: UtcMs) {
        let seq = self.numbers;
        self.numbers += 1;
        let stamp = Stamp { utc: made, source: ClockSource::Network, error_ms: 3, mono_ms: seq, boot: [1; 16] };
        let player = who.parse().unwrap();
        let record = Record { player, epoch: 1, seq, previous: Hash::ZERO, stamp, release: 1, seen: None, body };
        let sealed = format!("{record:?}").into_bytes();
        let record = NewRecord::new(&record, Hash::of(&sealed), sealed, received);
        self.store.add_records(&[record]).await.unwrap();
    }

    /// A cue's proof, received ten minutes after it was due.
    pub async fn proof(&mut self, who: &str, order: Hash, planned: UtcMs, told: Told) {
        self.late(who, order, planned, told, planned.plus_ms(600_000)).await;
    }

    pub async fn late(&mut self, who: &str, order: Hash, planned: UtcMs, told: Told, received: UtcMs) {
        let Told(outcome, why, minutes, evidence) = told;
        let heard_ms = minutes * 60_000;
        let ended = planned.plus_ms(heard_ms.into());
        let began = (heard_ms > 0).then_some(planned);
        let (why, length_ms, volume) = (why.map(Into::into), 600_000, 80);
        let cue = CueId { order, planned };
        let closed = Closed { cue, outcome, why, began, ended: began.map(|_| ended), length_ms, heard_ms, volume };
        let body = Body::Cue { closed, content: Hash::of(b"clip"), evidence, face: None };
        self.add(who, received, body, ended).await;
    }

    async fn first_commune(&mut self) {
        use Outcome::{Interrupted, Missed, Partial, Played};
        let sang = self.versions("sang").await;
        let (old, new) = (sang[0], sang[1]);
        let bang = self.versions("bang").await[0];
        let start = at("2026-10-31", 6, 0);
        self.add("loa-1", start, Body::InForce { release: 1 }, start).await;
        self.add("bang-1", start, Body::InForce { release: 1 }, start).await;
        let decoded = Evidence::Decoded;
        let weeks = [
            ("2026-11-02", old, Told(Played, None, 10, decoded)),
            ("2026-11-09", old, Told(Partial, Some(Reason::PowerOff), 4, decoded)),
            ("2026-11-16", old, Told(Interrupted, Some(Reason::Overlap), 3, decoded)),
            ("2026-11-23", old, Told(Missed, Some(Reason::QuietHours), 0, decoded)),
            ("2026-11-30", old, Told(Played, None, 10, decoded)),
            ("2026-11-30", old, Told(Played, None, 9, decoded)),
            ("2026-12-07", old, Told(Played, None, 10, decoded)),
            // The new version had not come yet.
            ("2026-12-14", old, Told(Played, None, 10, Evidence::LineDriven)),
            ("2026-12-21", new, Told(Played, None, 10, Evidence::Commanded)),
            // Not due: a Wednesday.
            ("2026-12-23", new, Told(Played, None, 10, decoded)),
        ];
        for (day, order, told) in weeks {
            self.proof("loa-1", order, at(day, 5, 0), told).await;
        }
        for day in MONDAYS {
            let told = Told(Outcome::Played, None, 1, decoded);
            self.proof("bang-1", bang, at(day, 7, 5), told).await;
        }
    }

    async fn second_commune(&mut self) {
        let sang = self.versions("sang").await;
        let trua = self.versions("trua").await[0];
        let start = at("2026-11-03", 6, 0);
        self.add("loa-2", start, Body::InForce { release: 1 }, start).await;
        // Not on 2 November: there was no timetable yet. Not on 9 November: nobody knows why. The last one comes late.
        for (number, day) in MONDAYS.into_iter().enumerate().skip(2) {
            let order = sang[usize::from(day > "2026-12-10")];
            let heard = || Told(Outcome::Played, None, 10, Evidence::Heard);
            let late = if number == 8 { at("2027-01-05", 9, 0) } else { at(day, 12, 0) };
            self.late("loa-2", order, at(day, 5, 0), heard(), late).await;
            let told = Told(Outcome::Played, None, 5, Evidence::Heard);
            self.late("loa-2", trua, at(day, 11, 30), told, late).await;
        }
        let start = at("2026-10-31", 6, 0);
        self.add("loa-3", start, Body::InForce { release: 1 }, start).await;
        let told = Told(Outcome::Missed, Some(Reason::OutputLost), 0, Evidence::Decoded);
        self.proof("loa-3", sang[0], at("2026-11-02", 5, 0), told).await;
    }
}

/// Outcome, reason, minutes heard, evidence.
pub(super) struct Told(pub Outcome, pub Option<Reason>, pub u32, pub Evidence);

/// The Mondays of the two months.
pub(super) const MONDAYS: [&str; 9] = [
    "2026-11-02",
    "2026-11-09",
    "2026-11-16",
    "2026-11-23",
    "2026-11-30",
    "2026-12-07",
    "2026-12-14",
    "2026-12-21",
    "2026-12-28",
];
