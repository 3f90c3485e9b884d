//! How long an account of a year takes, and how much memory: `cargo bench -p loa-server --bench account -- 1000000`.
//!
//! A province of so many records: players that air seven cues a day for a year, one in fifty missed. Without a number
//! nothing is measured. `LOA_ACCOUNT_DIR` names a folder in which the store stays, for `loa report --data FOLDER`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use loa_domain::delivery::blob::BlobRef;
use loa_domain::id::{CueId, Hash};
use loa_domain::keys::SecretKey;
use loa_domain::plan::Reason;
use loa_domain::play::player::{Closed, Outcome};
use loa_domain::proof::record::{Body, ClockSource, Evidence, Record, Stamp};
use loa_domain::time::{LocalDate, LocalTime, UtcMs};
use loa_server::audit::account::{Question, account};
use loa_server::store::{NewRecord, Store};
use loa_server::timetable::apply;
use loa_server::timetable::compile::{Content, Contents};
use loa_server::timetable::read::{Checks, Source, read_texts};

const HOURS: [u32; 7] = [5, 6, 11, 12, 17, 18, 19];
const DAYS: u64 = 365;
const ZONE_S: i64 = 7 * 3600;

fn day(number: u64, hour: u32) -> UtcMs {
    let first = LocalDate::new(2026, 1, 1).expect("a day");
    let date = first.plus_days(i32::try_from(number).expect("a year"));
    UtcMs::from_seconds(LocalTime::new(date, hour * 3600).seconds() - ZONE_S)
}

fn timetable(players: u64) -> String {
    let mut text =
        "[[place]]\ncode = \"24\"\nvalid_from = \"2025-07-01\"\nname = \"Tỉnh\"\nzone = \"Asia/Ho_Chi_Minh\"\n\
                    [[clip]]\nid = \"tin\"\nfile = \"tin.mp3\"\ntitle = \"Tin\"\n\
                    [[programme]]\nid = \"tin\"\ntitle = \"Tin\"\nitems = [\"clip:tin\"]\n"
            .to_owned();
    for hour in HOURS {
        text += &format!(
            "[[order]]\nid = \"tin-{hour}\"\nprogramme = \"tin\"\nclass = \"normal\"\nto = {{ places = [\"24\"] }}\n\
             at = \"0 {hour} * * *\"\n"
        );
    }
    for commune in 0..players.div_ceil(10) {
        text += &format!(
            "[[place]]\ncode = \"24-{commune}\"\nvalid_from = \"2025-07-01\"\nname = \"Xã {commune}\"\nparent = \"24\"\n"
        );
    }
    for player in 0..players {
        let commune = player / 10;
        text += &format!(
            "[[player]]\nid = \"loa-{player}\"\nname = \"Loa\"\nkind = \"speaker\"\nplace = \"24-{commune}\"\n"
        );
    }
    text
}

async fn fill(store: &Store, players: u64) {
    let fine = |_: &str| Ok(());
    let source = Source::new("year.toml", Path::new("."), timetable(players));
    let timetable =
        read_texts(&[source], &Checks { cron: &fine, zone: &fine, letter: &|_| true }, &|_| true).expect("a timetable");
    let blob = BlobRef { hash: Hash::of(b"tin"), size: 9 };
    let contents: Contents = [("clip:tin".to_owned(), Content { blob, length_ms: 600_000 })].into();
    let differences = apply::differences(store, &timetable, &[PathBuf::from("year.toml")]).await.expect("read");
    let officer = SecretKey::from_seed(&[3; 32]);
    let before = day(0, 0).plus_ms(-86_400_000);
    apply::apply(store, &timetable, &contents, &differences, &officer, before).await.expect("applied");
    let mut orders = Vec::new();
    for hour in HOURS {
        orders.push(store.order_versions(&format!("tin-{hour}")).await.expect("read")[0].order.hash);
    }
    for number in 0..DAYS {
        let mut batch = Vec::new();
        for player in 0..players {
            for (slot, hour) in HOURS.into_iter().enumerate() {
                let seq = number * HOURS.len() as u64 + slot as u64;
                batch.push(record(player, seq, orders[slot], day(number, hour)));
            }
        }
        store.add_records(&batch).await.expect("written");
    }
}

fn record(player: u64, seq: u64, order: Hash, planned: UtcMs) -> NewRecord {
    let missed = (player + seq).is_multiple_of(50);
    let heard_ms = if missed { 0 } else { 600_000 };
    let closed = Closed {
        cue: CueId { order, planned },
        outcome: if missed { Outcome::Missed } else { Outcome::Played },
        why: missed.then_some(Reason::PowerOff.into()),
        began: (!missed).then_some(planned),
        ended: (!missed).then_some(planned.plus_ms(600_000)),
        length_ms: 600_000,
        heard_ms,
        volume: 80,
    };
    let made = planned.plus_ms(600_000);
    let stamp = Stamp { utc: made, source: ClockSource::Network, error_ms: 3, mono_ms: seq, boot: [1; 16] };
    let body = Body::Cue { closed, content: Hash::of(b"tin"), evidence: Evidence::Decoded, face: None };
    let player = format!("loa-{player}").parse().expect("a good id");
    let record = Record { player, epoch: 1, seq, previous: Hash::ZERO, stamp, release: 1, seen: None, body };
    let hash = Hash::of(format!("{} {seq}", record.player).as_bytes());
    // What a sealed record measures.
    NewRecord::new(&record, hash, vec![7; 420], made)
}

/// The most memory the program has had, in megabytes, as the kernel counts it.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).map_or(0, |kb: u64| kb / 1024)
}

fn main() {
    let Some(records) = std::env::args().find_map(|argument| argument.parse::<u64>().ok()) else {
        println!("say how many records: cargo bench -p loa-server --bench account -- 1000000");
        return;
    };
    let players = records.div_ceil(DAYS * HOURS.len() as u64);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let room = tempfile::TempDir::new().expect("a folder");
    let kept = std::env::var_os("LOA_ACCOUNT_DIR").map(PathBuf::from);
    let folder = kept.unwrap_or_else(|| room.path().to_owned());
    std::fs::create_dir_all(&folder).expect("a folder");
    runtime.block_on(async {
        let store = Store::open(folder.join("desk.db").to_str().expect("UTF-8")).await.expect("a store");
        let began = Instant::now();
        fill(&store, players).await;
        println!("filled in {:.1} s, at most {} MB", began.elapsed().as_secs_f64(), peak_mb());
        let (from, until) = (day(0, 0), day(DAYS, 0));
        let zone = "Asia/Ho_Chi_Minh".to_owned();
        let (place, campaign, clip, player) = (None, None, None, None);
        let question = Question { from, until, as_of: until, zone, place, campaign, clip, player, silent_days: 7 };
        let began = Instant::now();
        let account = account(&store, &question).await.expect("an account");
        let seconds = began.elapsed().as_secs_f64();
        let due = account.total.due;
        println!("{players} players, {due} cues due: {seconds:.1} s, at most {} MB", peak_mb());
        assert!(account.total.adds_up() && account.total.unreported.sum() == 0, "{:?}", account.total);
    });
}
