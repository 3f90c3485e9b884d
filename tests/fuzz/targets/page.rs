//! Any bytes as the page a board is set up with, and as a time server's answer.
//!
//! A page's own hash is made right, for no worn flash gets behind it. Next: `flash.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loa_domain::id::Hash;
use loa_domain::wire;
use loa_firmware::page::{HEAD_BYTES, Page, read};
use loa_firmware::sntp;
use loa_fuzz::world::chip::Chip;

fuzz_target!(|bytes: &[u8]| {
    let Some((which, bytes)) = bytes.split_first() else { return };
    match which % 4 {
        0 => {
            let number = u64::from(*which) << 40;
            let told = sntp::answer(bytes, number);
            assert!(told.is_none() || bytes.len() >= sntp::BYTES);
            if let Some(packet) = bytes.first_chunk::<{ sntp::BYTES }>() {
                // The number right, and all else as it came.
                let mut packet = *packet;
                packet[24..32].copy_from_slice(&number.to_be_bytes());
                if let Some(utc) = sntp::answer(&packet, number) {
                    assert!((-100_000_000_000..5_000_000_000_000).contains(&utc.0), "{utc}");
                }
            }
        }
        1 => {
            let mut room = [0; 4096];
            let mut flash = vec![0xff; 4096];
            let length = bytes.len().min(flash.len());
            flash[..length].copy_from_slice(&bytes[..length]);
            let _page = read(&mut Chip::of(flash), &mut room).map(|page| page.check().and_then(|page| page.open()).is_ok());
        }
        2 => {
            let mut room = [0; 4096];
            let body = &bytes[..bytes.len().min(4096 - HEAD_BYTES)];
            let mut flash = [&b"loapage1"[..], &(body.len() as u32).to_be_bytes(), &Hash::of(body).0, body].concat();
            flash.resize(4096, 0xff);
            if let Ok(page) = read(&mut Chip::of(flash), &mut room) {
                let _given = page.check().and_then(|page| page.open());
            }
        }
        _ => {
            let Ok(page) = wire::decode::<Page<'_>>(bytes) else { return };
            let mut flash = vec![0xff; 8192];
            let length = page.write(&mut flash).expect("no longer than it came");
            assert!(length <= bytes.len() + HEAD_BYTES);
            let mut room = [0; 4096];
            let read = read(&mut Chip::of(flash), &mut room).expect("what was written is read");
            assert_eq!((read.player, read.seed, read.root), (page.player, page.seed, page.root));
        }
    }
});
