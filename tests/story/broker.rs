//! The same short day over two brokers: the desk's own, and one that is not ours.

use std::net::SocketAddr;
use std::path::Path;

use loa_tests::world::desk::Desk;
use loa_tests::world::mosquitto::{Mosquitto, NoMosquitto};
use loa_tests::world::player::Player;
use loa_tests::world::programs::until;
use loa_tests::world::timetable::{self, Clip, Order};

/// Proofs that are waited for.
const PROOFS: usize = 3;

/// Over the broker inside the desk.
pub fn proofs_come_over_the_desks_own_broker(home: &Path) -> String {
    day(home, None)
}

/// Over Debian's Mosquitto; skipped aloud where it is missing.
pub fn proofs_come_over_mosquitto(home: &Path) -> String {
    match Mosquitto::start() {
        Ok(mosquitto) => day(home, Some(mosquitto.address())),
        Err(missing @ NoMosquitto::Missing) => missing.to_string(),
        Err(failed) => panic!("{failed}"),
    }
}

fn day(home: &Path, broker: Option<SocketAddr>) -> String {
    let desk = match broker {
        Some(address) => Desk::at_broker(home, address),
        None => Desk::start(home),
    };
    let order = Order::new("chuong", "chuong", &[0, 10, 20, 30, 40, 50]);
    desk.apply(&timetable::make(home, &["loa-1", "loa-2"], &[Clip::speech("chuong", 3, 6)], &[order]));
    let players = ["loa-1", "loa-2"].map(|id| Player::start(home, id, &desk.root(), desk.address()));
    for id in ["loa-1", "loa-2"] {
        until(&format!("{PROOFS} proofs of {id}"), 90, || {
            let proofs = desk.evidence().proofs();
            let played = proofs.iter().filter(|proof| proof.player == id && proof.outcome == "played").count();
            (played >= PROOFS).then_some(())
        });
    }
    drop(players);
    format!("two players, {PROOFS} plays of each proven")
}
