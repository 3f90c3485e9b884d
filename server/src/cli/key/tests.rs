//! The words an officer reads before signing, and the requests nobody signs.

use loa_domain::id::{Hash, PlaceKey};
use loa_domain::keys::request::{Asked, Hint, RequestFile, Signer, SigningRequest, TakenOff};
use loa_domain::keys::{Group, Quorum, Role, Root, SecretKey, Witness};
use loa_domain::time::{LocalDate, Offsets, UtcMs};
use loa_domain::timetable::Timing;
use loa_domain::timetable::audience::{Audience, Kind};
use loa_domain::timetable::order::{Class, Form, Item, Late, Manner, Order, WhenCut};
use loa_domain::wire::{self, List, Many, Text};
use loa_host::text::Language;

use super::sign::{is_for, understood};
use super::words::{Page, Understood, clean, places_named};
use super::*;
use crate::timetable::cron;

/// 2026-12-07 08:00:00 in Việt Nam.
const MADE: UtcMs = UtcMs(1_796_605_200_000);

fn date(text: &str) -> LocalDate {
    LocalDate::parse(text).unwrap()
}

fn item(kind: Kind, content: &[u8], length_ms: u32) -> Item {
    Item { kind, content: Hash::of(content), size: 1_640_000, length_ms }
}

fn news() -> Order {
    let place = |code: &str| PlaceKey { code: Text::cut(code), valid_from: date("2025-07-01") };
    Order {
        form: Form::Live,
        id: Text::cut("ban-tin-sang"),
        campaign: Text::cut("ke-hoach-1079"),
        programme: Text::cut("ban-tin"),
        made: MADE,
        audience: Audience {
            places: List::collect([place("00123"), place("00456")]).unwrap(),
            tags: List::collect([Text::cut("cho")]).unwrap(),
            kinds: List::collect([Kind::Speaker, Kind::Board]).unwrap(),
            languages: List::collect([Text::cut("vi")]).unwrap(),
            ..Audience::default()
        },
        timing: Timing {
            recurrences: List::collect([cron::parse("30 5 * * 1-5").unwrap()]).unwrap(),
            once: List::collect([MADE.plus_ms(86_400_000)]).unwrap(),
            from: Some(date("2026-12-08")),
            until: Some(date("2026-12-31")),
            excepted: List::collect([date("2026-12-25")]).unwrap(),
        },
        manner: Manner {
            class: Class::Normal,
            late: Late::Join,
            late_limit_ms: 900_000,
            wait_ms: 600_000,
            when_cut: WhenCut::Resume,
            volume: Some(70),
        },
        items: List::collect([item(Kind::Speaker, b"clip", 205_000), item(Kind::Board, b"slide", 8_000)]).unwrap(),
    }
}

fn storm() -> Order {
    let manner =
        Manner { class: Class::Emergency, late: Late::Skip, when_cut: WhenCut::Drop, volume: None, ..news().manner };
    Order {
        form: Form::Live,
        id: Text::cut("bao-khan"),
        campaign: Text::default(),
        programme: Text::cut("bao"),
        audience: Audience { kinds: List::collect([Kind::Speaker]).unwrap(), ..Audience::default() },
        timing: Timing { recurrences: List::new(), ..Timing::default() },
        manner,
        items: List::collect([item(Kind::Speaker, b"storm", 45_500)]).unwrap(),
        ..news()
    }
}

fn asked<'b>(bodies: &'b [Vec<u8>], hints: &'b [Hint<'b>]) -> SigningRequest<'b> {
    let asked = bodies.iter().enumerate().map(|(at, body)| {
        let replaces = Many::collect((at == 0).then(|| Hash::of(b"before"))).unwrap();
        Asked { body, replaces }
    });
    SigningRequest {
        root_version: 3,
        root: Hash::of(b"root"),
        made: MADE,
        orders: Many::collect(asked).unwrap(),
        taken_off: Many::collect([TakenOff { order: Hash::of(b"off"), id: "tin-cu" }]).unwrap(),
        hints: Many::collect(hints.iter().cloned()).unwrap(),
        new_root: None,
        placings: Many::new(),
        new_office: None,
        office: None,
        stop: None,
    }
}

fn root() -> Root {
    let key = |seed| SecretKey::from_seed(&[seed; 32]).public();
    let role =
        |threshold, seeds: &[u8]| Role { threshold, keys: List::collect(seeds.iter().map(|seed| key(*seed))).unwrap() };
    let (officers, desk) = (role(2, &[1, 2, 3]), role(1, &[9]));
    let witness = |seed, group| Witness { id: [seed; 4], key: key(seed), group };
    let group = |needed, group| Group { needed, group };
    let log = Some(Quorum {
        origin: Text::new("loa.local/x").unwrap(),
        id: [1, 0x23, 0x45, 0x67],
        key: key(7),
        witnesses: List::collect([witness(20, 0), witness(21, 0), witness(22, 1)]).unwrap(),
        groups: List::collect([group(1, 1), group(2, 1)]).unwrap(),
    });
    Root {
        version: 3,
        expires: MADE.plus_ms(366 * 86_400_000),
        root: officers.clone(),
        officers,
        desk,
        log,
        offices_from: None,
    }
}

/// The page of a request, as an officer sees it who holds `before`.
fn page(asked: &SigningRequest<'_>, before: Option<&Root>, language: Language) -> String {
    let words = Words::new(language);
    let bytes = wire::encode(asked);
    let signer = Signer::of(asked, &SecretKey::from_seed(&[1; 32]), "Mai\u{1b}[2J");
    let copy = RequestFile::new(&bytes).with(signer).unwrap();
    let read = understood(asked, Path::new("r"), &words).unwrap();
    let clock = Offsets::fixed(7 * 3_600);
    Page { words: &words, asked, root: before, clock: &clock, zone: "Asia/Ho_Chi_Minh" }.told(&copy, &read)
}

#[test]
fn a_request_reads_as_words_and_says_what_is_only_the_desks() {
    let (clip, slide) = (Hash::of(b"clip").to_string(), Hash::of(b"slide").to_string());
    let hint = |kind, key, name| Hint { kind, key, name };
    let hints = [
        hint("place", "00123@2025-07-01", "Xã Mẫu"),
        hint("programme", "ban-tin", "Bản tin sáng"),
        hint("campaign", "ke-hoach-1079", "Kế hoạch 1079"),
        hint("content", &clip, "Tin sáng» thứ hai\n\u{202e}"),
        hint("content", &slide, "chao"),
    ];
    let bodies = [wire::encode(&news()), wire::encode(&storm())];
    let request = asked(&bodies, &hints);
    let officers = wire::encode(&Root {
        version: 4,
        log: root().log.map(|log| Quorum {
            witnesses: List::new(),
            groups: List::collect([Group { needed: 0, group: 0 }]).unwrap(),
            ..log
        }),
        officers: Role { threshold: 1, ..Role::of_one(SecretKey::from_seed(&[4; 32]).public()) },
        ..root()
    });
    let change =
        SigningRequest { orders: Many::new(), taken_off: Many::new(), new_root: Some(&officers), ..asked(&[], &[]) };
    for (language, file, golden) in [
        (Language::Vietnamese, "vi", include_str!("vi.golden.txt")),
        (Language::English, "en", include_str!("en.golden.txt")),
    ] {
        let told = format!("{}{}", page(&request, None, language), page(&change, Some(&root()), language));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/key");
            std::fs::write(folder.join(format!("{file}.golden.txt")), &told).unwrap();
            continue;
        }
        assert_eq!(told, golden);
        assert!(!told.contains("sign-") && !told.contains("root-"), "{told}");
    }
}

#[test]
fn names_of_the_desk_draw_nothing_and_do_not_leave_their_signs() {
    assert_eq!(clean("a\u{1b}[2J\u{202e}b» Lệnh 2 «\n"), "a?[2J?b? Lệnh 2 ??");
    assert_eq!(clean("Xã Mẫu – 1/2"), "Xã Mẫu – 1/2");
}

#[test]
fn nobody_signs_what_this_program_cannot_show() {
    let words = Words::new(Language::English);
    let read = |body: Vec<u8>, made: UtcMs| {
        let bodies = [body];
        let request = SigningRequest { made, ..asked(&bodies, &[]) };
        understood(&request, Path::new("r"), &words).map(|read: Understood| read.orders.len())
    };
    let body = wire::encode(&news());
    assert_eq!(read(body.clone(), MADE), Ok(1));
    // An array of ten fields, of which this program knows nine: players would take it, nobody would have read it.
    let mut longer = body.clone();
    assert_eq!(longer[0], 0x89);
    longer[0] = 0x8a;
    longer.push(0x01);
    assert!(wire::decode::<Order>(&longer).is_ok());
    assert!(read(longer, MADE).unwrap_err().contains("Update loa"));
    assert!(read(vec![0x80], MADE).is_err());
    assert!(read(body, MADE.plus_ms(1)).is_err(), "an order that says another time than its request");
}

#[test]
fn a_request_under_another_root_document_than_the_officers_is_refused() {
    let words = Words::new(Language::English);
    let under = |root_version, hash| SigningRequest { root_version, root: hash, ..asked(&[], &[]) };
    let ours = Hash::of(&wire::encode(&root()));
    let refused = |request: SigningRequest<'_>| is_for(&request, Some(&root()), &words).unwrap_err();
    assert_eq!(is_for(&under(3, ours), Some(&root()), &words), Ok(()));
    assert_eq!(is_for(&under(9, Hash::ZERO), None, &words), Ok(()), "nothing to compare with");
    assert!(refused(under(2, ours)).contains("which is newer. Do not sign"));
    assert!(refused(under(4, ours)).contains("which is older"));
    assert!(refused(under(3, Hash::of(b"forged"))).contains("another document of the same version"));
}

#[test]
fn who_an_emergency_is_for_is_counted_in_the_signed_bytes() {
    assert_eq!(places_named(&news()), 2);
    assert_eq!(places_named(&storm()), 0);
}
