//! Every message comes back from its bytes, in one form only; no bytes make reading panic.

use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::audit::quorum::CheckpointSignature;
use crate::audit::receipt::{Receipt, Receipts};
use crate::class::{BoardClass, Brightness, Depth, Rotation};
use crate::delivery::blob::{BlobRef, Manifest};
use crate::delivery::release::Release;
use crate::id::{CueId, Name, PlaceKey};
use crate::keys::{Group, Quorum, Role, Root, Sealed, Signed, Witness};
use crate::plan::{Reason, Why};
use crate::play::due::Due;
use crate::play::player::{Closed, Opened, Outcome};
use crate::wire;

use crate::proof::record::{Body, ClockSource, Evidence, Record, Seen, Stamp};
use crate::time::{LocalDate, MinuteRange, OffsetChange, Offsets, QuietHours};
use crate::timetable::audience::{Audience, Kind, Placement};
use crate::timetable::order::{Class, Form, Item, Late, Manner, Order, WhenCut};
use crate::timetable::{Recurrence, Timing};
use crate::wire::{List, Text, WireError, decode, encode, encode_into};

fn list<T: Clone + core::fmt::Debug + 'static, const N: usize>(
    value: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<List<T, N>> {
    proptest::collection::vec(value, 0..=N.min(5)).prop_map(|v| List::collect(v).expect("few")).boxed()
}

fn hash() -> BoxedStrategy<Hash> {
    any::<[u8; 32]>().prop_map(Hash).boxed()
}

fn key() -> BoxedStrategy<PublicKey> {
    any::<[u8; 32]>().prop_map(PublicKey).boxed()
}

fn utc() -> BoxedStrategy<UtcMs> {
    any::<i64>().prop_map(UtcMs).boxed()
}

fn text<const N: usize>() -> BoxedStrategy<Text<N>> {
    ".{0,12}".prop_map(|text| Text::cut(&text)).boxed()
}

fn player() -> BoxedStrategy<PlayerId> {
    "[a-z0-9-]{1,32}".prop_map(|id| id.parse().expect("a good id")).boxed()
}

fn kind() -> BoxedStrategy<Kind> {
    prop_oneof![Just(Kind::Speaker), Just(Kind::Board)].boxed()
}

fn place() -> BoxedStrategy<PlaceKey> {
    (text(), any::<i32>()).prop_map(|(code, day)| PlaceKey { code, valid_from: LocalDate(day) }).boxed()
}

fn cue() -> BoxedStrategy<CueId> {
    (hash(), utc()).prop_map(|(order, planned)| CueId { order, planned }).boxed()
}

fn blob() -> BoxedStrategy<BlobRef> {
    (hash(), any::<u32>()).prop_map(|(hash, size)| BlobRef { hash, size }).boxed()
}

fn signed() -> BoxedStrategy<Signed> {
    (key(), any::<[u8; 32]>())
        .prop_map(|(key, half)| {
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(&half);
            Signed { key, signature }
        })
        .boxed()
}

fn placement() -> BoxedStrategy<Placement> {
    (player(), kind(), list(place()), list::<Name, 8>(text()), list(text::<12>()))
        .prop_map(|(player, kind, places, tags, languages)| Placement { player, kind, places, tags, languages })
        .boxed()
}

fn order() -> BoxedStrategy<Order> {
    let audience = (list(place()), list(text()), list(player()), list(kind()), list(text::<12>()))
        .prop_map(|(places, tags, players, kinds, languages)| Audience { places, tags, players, kinds, languages });
    let line = (any::<u64>(), any::<u64>(), any::<u32>(), any::<u32>(), any::<u16>(), any::<u8>(), any::<bool>());
    let line = line.prop_map(|(second, minute, hour, day, month, weekday, either_day)| Recurrence {
        second,
        minute,
        hour,
        day,
        month,
        weekday,
        either_day,
    });
    let date = || any::<i32>().prop_map(LocalDate);
    let timing = (list(line), list(utc()), proptest::option::of(date()), proptest::option::of(date()), list(date()))
        .prop_map(|(recurrences, once, from, until, excepted)| Timing { recurrences, once, from, until, excepted });
    let class = prop_oneof![Just(Class::Normal), Just(Class::Priority), Just(Class::Emergency)];
    let late = prop_oneof![Just(Late::Join), Just(Late::Restart), Just(Late::Skip)];
    let cut = prop_oneof![Just(WhenCut::Resume), Just(WhenCut::Drop)];
    let manner = (class, late, any::<u32>(), any::<u32>(), cut, any::<Option<u8>>()).prop_map(
        |(class, late, late_limit_ms, wait_ms, when_cut, volume)| Manner {
            class,
            late,
            late_limit_ms,
            wait_ms,
            when_cut,
            volume,
        },
    );
    let item = (kind(), hash(), any::<u32>(), any::<u32>()).prop_map(|(kind, content, size, length_ms)| Item {
        kind,
        content,
        size,
        length_ms,
    });
    let form = prop_oneof![Just(Form::Live), Just(Form::Drill), Just(Form::Template)];
    (form, text(), text(), text(), utc(), audience, timing, manner, list(item))
        .prop_map(|(form, id, campaign, programme, made, audience, timing, manner, items)| Order {
            form,
            id,
            campaign,
            programme,
            made,
            audience,
            timing,
            manner,
            items,
        })
        .boxed()
}

fn release() -> BoxedStrategy<Release> {
    let offsets = (-80_000..80_000, proptest::collection::btree_map(-1_000_000_i64..1_000_000, -80_000..80_000, 0..5))
        .prop_map(|(first, changes)| {
            let change = |(at, offset_s)| OffsetChange { at: UtcMs(at * 1000), offset_s };
            Offsets::new(first, changes.into_iter().map(change)).expect("in order")
        });
    let range = (0_u16..1440, 1_u16..1440)
        .prop_map(|(from_minute, more)| MinuteRange { from_minute, to_minute: (from_minute + more) % 1440 });
    let quiet = proptest::collection::vec(range, 0..=4).prop_map(|ranges| QuietHours::new(ranges).expect("fair"));
    let name = proptest::option::of(text());
    let rest =
        (any::<u8>(), proptest::option::of(blob()), list(hash()), list(hash()), name, proptest::option::of(board()));
    (any::<u64>(), utc(), utc(), placement(), offsets, quiet, rest)
        .prop_map(
            |(
                seq,
                issued,
                expires,
                placement,
                offsets,
                quiet,
                (volume, bundle, orders, revoked, place_name, board),
            )| {
                Release {
                    seq,
                    issued,
                    expires,
                    placement,
                    offsets,
                    quiet,
                    volume,
                    bundle,
                    orders,
                    revoked,
                    place_name,
                    board,
                }
            },
        )
        .boxed()
}

fn board() -> BoxedStrategy<BoardClass> {
    let rotations = [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters];
    let step = (0_u16..1440, 0_u8..=100).prop_map(|(from_min, percent)| Brightness { from_min, percent });
    let steps = proptest::collection::vec(step, 0..=4);
    (16_u16..=2_048, 16_u16..=2_048, 0..Depth::ALL.len(), 0_usize..4, steps)
        .prop_map(move |(width_px, height_px, depth, rotation, steps)| {
            let brightness = List::collect(steps).expect("few");
            BoardClass { width_px, height_px, depth: Depth::ALL[depth], rotation: rotations[rotation], brightness }
        })
        .boxed()
}

#[test]
fn a_release_without_a_board_has_the_bytes_that_it_had_before_there_were_boards() {
    let release = Release {
        seq: 1,
        issued: UtcMs(2),
        expires: UtcMs(3),
        placement: Placement {
            player: "loa".parse().expect("an id"),
            kind: Kind::Speaker,
            places: List::new(),
            tags: List::new(),
            languages: List::new(),
        },
        offsets: Offsets::fixed(25_200),
        quiet: QuietHours::NONE,
        volume: 80,
        bundle: None,
        orders: List::new(),
        revoked: List::new(),
        place_name: Some(Text::new("Xã").expect("short")),
        board: None,
    };
    let bytes = wire::encode(&release);
    assert_eq!(bytes[0], 0x8b, "an array of eleven");
    let with_board = Release { board: BoardClass::new(64, 32, Depth::Mono), ..release };
    let longer = wire::encode(&with_board);
    assert_eq!((longer[0], &longer[1..bytes.len()]), (0x8c, &bytes[1..]));
}

fn why() -> BoxedStrategy<Why> {
    (0..Reason::ALL.len(), proptest::option::of(cue())).prop_map(|(n, by)| Why { reason: Reason::ALL[n], by }).boxed()
}

fn closed() -> BoxedStrategy<Closed> {
    let times = (proptest::option::of(utc()), proptest::option::of(utc()));
    (cue(), 0..4_usize, proptest::option::of(why()), times, any::<u32>(), any::<u32>(), any::<u8>())
        .prop_map(|(cue, outcome, why, (began, ended), length_ms, heard_ms, volume)| Closed {
            cue,
            outcome: Outcome::ALL[outcome],
            why,
            began,
            ended,
            length_ms,
            heard_ms,
            volume,
        })
        .boxed()
}

fn record() -> BoxedStrategy<Record> {
    let source = prop_oneof![Just(ClockSource::Unknown), Just(ClockSource::Free), Just(ClockSource::Network)];
    let stamp = (utc(), source, any::<u32>(), any::<u64>(), any::<[u8; 16]>())
        .prop_map(|(utc, source, error_ms, mono_ms, boot)| Stamp { utc, source, error_ms, mono_ms, boot });
    let evidence = prop_oneof![
        Just(Evidence::Commanded),
        Just(Evidence::Decoded),
        Just(Evidence::LineDriven),
        Just(Evidence::Heard)
    ];
    let body = prop_oneof![
        any::<bool>().prop_map(|rebuilt| Body::Started { rebuilt }),
        any::<u64>().prop_map(|release| Body::InForce { release }),
        (any::<i64>(), utc()).prop_map(|(by_ms, to)| Body::Stepped { by_ms, to }),
        (closed(), hash(), evidence, proptest::option::of(hash()))
            .prop_map(|(closed, content, evidence, face)| Body::Cue { closed, content, evidence, face }),
    ];
    let seen = proptest::option::of((any::<u64>(), hash()).prop_map(|(size, root)| Seen { size, root }));
    (player(), any::<u64>(), any::<u64>(), hash(), stamp, any::<u64>(), seen, body)
        .prop_map(|(player, epoch, seq, previous, stamp, release, seen, body)| Record {
            player,
            epoch,
            seq,
            previous,
            stamp,
            release,
            seen,
            body,
        })
        .boxed()
}

/// Back from its bytes, the same bytes again, and no other length.
macro_rules! round_trip {
    ($value:expr, $type:ty) => {{
        let value = $value;
        let bytes = encode(&value);
        let read = decode::<$type>(&bytes);
        prop_assert_eq!(read.as_ref(), Ok(&value));
        let again = read.map(|read| encode(&read));
        prop_assert_eq!(again.as_ref(), Ok(&bytes));
        let longer = [&bytes[..], &[0]].concat();
        prop_assert_eq!(decode::<$type>(&longer).err(), Some(WireError::Trailing));
        prop_assert!(decode::<$type>(&bytes[..bytes.len() - 1]).is_err());
        let mut room = std::vec![0; bytes.len()];
        prop_assert_eq!(encode_into(&value, &mut room), Ok(bytes.len()));
        prop_assert_eq!(&room, &bytes);
        prop_assert_eq!(encode_into(&value, &mut room[1..]), Err(WireError::TooLong));
    }};
}

fn ups(sealed: &[u8], want: Want, release: u64, hash: Hash) -> Vec<Up<'_>> {
    let (held, parts) = (want.held, want.first);
    std::vec![
        Up::Hello { sealed },
        Up::Want { want },
        Up::InForce { release },
        Up::Refused { release: Some(release), fault: Fault::Content },
        Up::Refused { release: None, fault: Fault::Signature },
        Up::Incoming { release, blob: hash, held, parts },
        Up::Gone,
        Up::LogSeen { size: release },
        Up::Certify { sealed },
    ]
}

fn downs(sealed: &[u8], hash: Hash, transfer: u32) -> Vec<Down<'_>> {
    std::vec![
        Down::Release { sealed },
        Down::Manifest { sealed },
        Down::Receipts { receipts: sealed },
        Down::Shared { blob: hash, transfer },
        Down::SharedOver { blob: hash, transfer },
        Down::SayHello,
        Down::Welcome,
        Down::Time { sealed },
        Down::Certificate { sealed },
        Down::Waiting,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_said_comes_back(sealed in any::<Vec<u8>>(), hash in hash(), n in any::<(u32, u32, u64, u64)>()) {
        let want = Want { blob: hash, held: n.0, first: n.1, mask: n.2 };
        for up in ups(&sealed, want, n.3, hash) {
            round_trip!(up, Up<'_>);
        }
        for down in downs(&sealed, hash, n.0) {
            round_trip!(down, Down<'_>);
        }
    }

    #[test]
    fn what_is_sealed_comes_back(order in order(), release in release(), record in record(), signatures in list(signed())) {
        let body = encode(&order);
        round_trip!(order, Order);
        round_trip!(release, Release);
        round_trip!(record, Record);
        round_trip!(Sealed { body: &body, signatures, office: None }, Sealed<'_>);
    }

    #[test]
    fn what_is_kept_comes_back(
        hello in (player(), key(), kind(), utc(), any::<(Option<u64>, Option<u64>, u64, u64, u32, u64)>(), text()),
        keys in list(key()), cue in cue(), blob in blob(), n in any::<(u8, u32, u64)>(), pages in list(hash()),
    ) {
        let (player, key, kind, now, (in_force, incoming, epoch, next, outbox, free_bytes), version) = hello;
        let asks = player.clone();
        let proof = List::collect([blob.hash]).expect("one");
        let receipt = Receipt { epoch, seq: n.2, received: now, position: next, proof: proof.clone() };
        let records = List::collect([receipt]).expect("one");
        let signature = CheckpointSignature { id: n.1.to_be_bytes(), at_s: n.2, signature: [n.0; 64] };
        let signatures = List::collect([signature]).expect("one");
        round_trip!(
            Receipts { player: player.clone(), size: next, root: blob.hash, signatures, from: n.2, consistency: proof, records },
            Receipts);
        round_trip!(
            Hello { player, key, kind, now, in_force, incoming, epoch, next, outbox, free_bytes, version, log_size: n.2, nonce: in_force, root: n.1 }, Hello);
        let role = Role { threshold: n.0, keys };
        let witness = Witness { id: n.1.to_be_bytes(), key, group: n.0 };
        let log = in_force.map(|_| Quorum {
            origin: Text::cut("log"), id: [n.0; 4], key, witnesses: List::collect([witness]).expect("one"),
            groups: List::collect([Group { needed: n.0, group: 3 }]).expect("one"),
        });
        round_trip!(
            Root { version: n.1, expires: now, root: role.clone(), officers: role, desk: Role::of_one(key), log, offices_from: None }, Root);
        round_trip!(Manifest { blob, pages }, Manifest);
        round_trip!(DeskTime { player: asks, nonce: n.2, now }, DeskTime);
        round_trip!(Opened { cue, length_ms: n.1, began: in_force.map(|_| now), heard_ms: outbox }, Opened);
        let mut due = Due::default();
        due.begin(now, &mut [blob.hash].into_iter());
        round_trip!(due, Due);
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _refused = decode::<Up<'_>>(&bytes);
        let _refused = decode::<Down<'_>>(&bytes);
        let _refused = decode::<Order>(&bytes);
        let _refused = decode::<Release>(&bytes);
        let _refused = decode::<Record>(&bytes);
        let _refused = decode::<Root>(&bytes);
        let _refused = decode::<Manifest>(&bytes);
        let _refused = decode::<Receipts>(&bytes);
        let _refused = decode::<Hello>(&bytes);
        let _refused = decode::<DeskTime>(&bytes);
        let _refused = decode::<Due>(&bytes);
        let _refused = decode::<Opened>(&bytes);
        let _refused = decode::<Sealed<'_>>(&bytes);
    }

    #[test]
    fn bent_bytes_do_not_make_reading_panic(
        order in order(), release in release(), record in record(),
        bends in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6),
    ) {
        let bend = |mut bytes: Vec<u8>| {
            for (at, byte) in &bends {
                let at = usize::from(*at) % bytes.len();
                bytes[at] = *byte;
            }
            bytes
        };
        let _any = decode::<Order>(&bend(encode(&order)));
        let _any = decode::<Release>(&bend(encode(&release)));
        let _any = decode::<Record>(&bend(encode(&record)));
    }
}

#[test]
fn longer_forms_are_read_and_lists_without_their_length_are_not() {
    // An array of two in its long form, an integer in nine bytes: the same value, other bytes, another hash.
    let why = Why { reason: Reason::Late, by: None };
    let shortest = encode(&why);
    assert_eq!(decode::<Why>(&[0x98, 2, 0x1b, 0, 0, 0, 0, 0, 0, 0, 2, 0xf6]), Ok(why));
    assert_ne!(Hash::of(&shortest), Hash::of(&[0x98, 2, 0x1b, 0, 0, 0, 0, 0, 0, 0, 2, 0xf6]));
    assert_eq!(decode::<List<u8, 4>>(&[0x83, 1, 2, 3]).map(|list| list.len()), Ok(3));
    assert_eq!(decode::<List<u8, 4>>(&[0x9f, 1, 2, 3, 0xff]).err(), Some(WireError::Malformed));
    assert_eq!(decode::<List<u8, 4>>(&[0x85, 1, 2, 3, 4, 5]).err(), Some(WireError::Malformed));
    assert_eq!(decode::<Text<3>>(&[0x63, b'a', b'b', b'c']).as_deref(), Ok("abc"));
    assert_eq!(decode::<Text<2>>(&[0x63, b'a', b'b', b'c']).err(), Some(WireError::Malformed));
}

#[test]
fn a_topic_belongs_to_a_player_or_to_nobody() {
    let player: PlayerId = "loa-1".parse().expect("a good id");
    assert_eq!(topic::split(&topic::up(&player)), Some((player.clone(), "up")));
    assert_eq!(topic::split(&topic::proofs(&player)), Some((player, "pop")));
    for other in ["loa1/p//up", "loa1/p/A/up", "loa1/p/+/up", "loa1/g/all/dn", "loa1/p/x", ""] {
        assert_eq!(topic::split(other), None, "{other}");
    }
}
