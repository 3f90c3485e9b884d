//! Any bytes as a sealed release, a bundle and its orders, activated ones among them, and as a stop, with every instant at which such an order would fire.
//!
//! Signatures are not made here: what is read behind them is read as if they held. Next: `message.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loa_domain::delivery::intake;
use loa_domain::delivery::release::Release;
use loa_domain::keys::{Root, Sealed};
use loa_domain::time::UtcMs;
use loa_domain::timetable::audience::Kind;
use loa_domain::timetable::order::Order;
use loa_domain::timetable::stop::{Stop, Stopped};
use loa_domain::wire;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    match which % 4 {
        0 => {
            let _root = wire::decode::<Root>(bytes);
            if let Ok(sealed) = Sealed::read(bytes) {
                let _hash = sealed.hash();
            }
        }
        1 => {
            if let Ok(release) = wire::decode::<Release>(bytes) {
                let _local = release.offsets.to_local(release.issued);
                let _quiet = release.quiet.contains(release.issued, &release.offsets);
            }
        }
        2 => {
            if let Ok(orders) = intake::bundle(bytes) {
                // As many as the bytes can hold, at most.
                assert!(orders.count() <= bytes.len() + 1);
            }
        }
        _ => {
            if let Ok(stop) = wire::decode::<Stop>(bytes) {
                let mut stopped = Stopped::default();
                let is_new = stopped.take(&stop, UtcMs(1_796_855_400_000));
                assert!(!is_new || !stopped.take(&stop, UtcMs(1_796_855_400_000)), "played back, it says nothing new");
            }
            let Ok(order) = Order::read(bytes) else { return };
            let _length = order.length_ms(Kind::Board);
            let offsets = loa_domain::time::Offsets::fixed(25_200);
            let mut after = UtcMs(1_796_855_400_000);
            for _ in 0..3 {
                let Some(next) = order.timing.next_after(after, &offsets) else { break };
                assert!(next > after, "time does not go back");
                after = next;
            }
        }
    }
});
