//! Crowds at the door: thousands that say nothing, one that says too much. A good player gets in all the same.
//!
//! Next: `limits.rs`.

use std::net::Ipv4Addr;
use std::time::Instant;

use loa_host::link::Qos;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};

use super::limits::{HALF_OPEN_MAX, HALF_OPEN_PER_ADDRESS, PLAYER};
use super::raw::{Connect, packet, string};
use super::tests::{desk, message, up};
use super::tests_tls::House;

/// How many say nothing.
const SILENT: usize = 2_000;

async fn from(last: u8, to: std::net::SocketAddr) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::new(127, 0, 1, last), 0).into()).unwrap();
    socket.connect(to).await.ok()
}

#[tokio::test]
async fn two_thousand_that_say_nothing_are_bounded_and_a_good_player_gets_in() {
    let house = House::open().await;
    let own = house.player("xa-7", 7);
    let mut silent = Vec::new();
    for n in 0..SILENT {
        silent.extend(from((n % 40) as u8 + 1, house.address()).await);
    }
    assert_eq!(silent.len(), SILENT);
    let began = Instant::now();
    let (player, _hears) = up(house.link("xa-7", Some(own), &["loa1/p/xa-7/dn"])).await;
    let took = began.elapsed();
    assert!(took.as_secs() < 5, "{took:?}");
    let counts = house.broker.door().unwrap().counts();
    assert!(counts.half_open <= HALF_OPEN_MAX && counts.gave_way > 0, "{counts:?}");
    println!("{SILENT} silent connections, {counts:?}; a good player was in after {took:?}");
    player.close().await;
    house.broker.shutdown().await;
}

#[tokio::test]
async fn one_address_that_says_nothing_cannot_take_more_than_its_share() {
    let house = House::open().await;
    let mut silent = Vec::new();
    for _ in 0..HALF_OPEN_PER_ADDRESS + 20 {
        silent.extend(from(1, house.address()).await);
    }
    // Those beyond are closed at once; the others wait for their time.
    let mut closed = 0;
    for stream in silent.iter_mut().skip(HALF_OPEN_PER_ADDRESS) {
        closed += usize::from(matches!(stream.read(&mut [0]).await, Ok(0) | Err(_)));
    }
    assert_eq!(closed, 20);
    assert_eq!(house.broker.door().unwrap().counts().turned_away, 20);
    house.broker.shutdown().await;
}

#[tokio::test]
async fn a_player_that_floods_is_slowed_and_loses_nothing_and_another_is_not_slowed() {
    let house = House::open().await;
    let (seven, eight) = (house.player("xa-7", 7), house.player("xa-8", 8));
    let (_desk, mut desk_hears) = up(desk(house.broker.address(), &["loa1/p/xa-8/up"])).await;
    let mut flood = house.raw(Some(&seven)).await;
    assert_eq!(flood.reason(&Connect::player("xa-7", "")).await, Some(0));
    let one = packet(0x30, &[&string("loa1/p/xa-7/up")[..], &[0], &[1; 100]].concat());
    let began = Instant::now();
    let messages = PLAYER.messages_burst as usize + 160;
    flood.send(&one.repeat(messages)).await;
    flood.send(&packet(0xc0, &[])).await;
    let (calm, _hears) = up(house.link("xa-8", Some(eight), &[])).await;
    calm.publish("loa1/p/xa-8/up", Qos::AtLeastOnce, b"calm".to_vec()).await.unwrap();
    assert_eq!(message(&mut desk_hears).await.1, b"calm");
    assert_eq!(flood.read().await.unwrap().0, 0xd0, "its ping is answered in the end");
    let took = began.elapsed();
    // So many beyond the burst, at forty a second, less what one piece of TLS lets through at once.
    assert!(took.as_millis() >= 1_000 && house.broker.door().unwrap().counts().slowed > 0, "{took:?}");
    house.broker.shutdown().await;
}

/// What this process holds in memory, in KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Connects so many players one after the other and tells what each took: both ends are in this process.
#[tokio::test]
async fn a_connection_over_tls_costs_a_bounded_amount_of_memory() {
    const PLAYERS: usize = 200;
    let house = House::open().await;
    let files: Vec<_> = (0..PLAYERS).map(|n| house.player(&format!("t-{n}"), 7)).collect();
    for round in 0..2 {
        let (before, began) = (resident_kib(), Instant::now());
        let mut plain = Vec::new();
        for n in 0..PLAYERS {
            let (id, password) = (format!("p-{round}-{n}"), format!("pw-p-{round}-{n}"));
            let (raw, _, reason) =
                super::raw::Raw::connected(house.broker.address(), &Connect::player(&id, &password)).await;
            assert_eq!(reason, 0);
            plain.push(raw);
        }
        let (middle, plain_took) = (resident_kib(), began.elapsed());
        let began = Instant::now();
        let mut secure = Vec::new();
        for (n, file) in files.iter().enumerate() {
            let mut raw = house.raw(Some(file)).await;
            assert_eq!(raw.reason(&Connect::player(&format!("t-{n}"), "")).await, Some(0));
            secure.push(raw);
        }
        let (after, secure_took) = (resident_kib(), began.elapsed());
        let each = |from: u64, to: u64| (to.saturating_sub(from)) as f64 / PLAYERS as f64;
        println!(
            "round {round}: plain {:?} and {:.1} KiB each, TLS {:?} and {:.1} KiB each (both ends in one process)",
            plain_took / PLAYERS as u32,
            each(before, middle),
            secure_took / PLAYERS as u32,
            each(middle, after)
        );
        // Other tests of this process take memory meanwhile: a bound for leaks, no figure.
        assert!(each(middle, after) < 1_024.0);
    }
    house.broker.shutdown().await;
}
