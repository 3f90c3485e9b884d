//! What was done to others' loudspeakers, done to this player's delivery: each test is named after what happened.
//!
//! `firmware/tests/device/incidents.rs` does the same to boards; `agent/tests/incidents.rs` to the whole program.

use loa_domain::timetable::activation::{Activation, As};
use loa_domain::timetable::stop::Stop;

use super::*;

/// A courier with a release in force, and all that the desk said so that it came to be.
fn served(bench: &mut Bench) -> Vec<(bool, Vec<u8>)> {
    let clip = clip();
    let mut heard = Vec::new();
    bench.up();
    for seq in [1, 2] {
        let (sealed, bundle) = good(seq, &clip);
        let mut say = |down: &Down<'_>| heard.push((false, wire::encode(down)));
        say(&Down::SayHello);
        say(&Down::Release { sealed: &sealed });
        for blob in [&bundle, &clip] {
            say(&Down::Manifest { sealed: &blob.manifest });
        }
        for blob in [&bundle, &clip] {
            let pages = blob.pages.iter().cloned().zip(0..);
            let chunks = blob.bytes.chunks(CHUNK_BYTES).map(<[u8]>::to_vec).zip(blob.pages.len() as u32..);
            heard.extend(
                pages
                    .chain(chunks)
                    .map(|(part, number)| (true, [&header(&blob.blob.hash, number)[..], &part].concat())),
            );
        }
        bench.desk_says(&Down::Release { sealed: &sealed });
        bench.send(&bundle, |_, _| ());
        if seq == 1 {
            bench.send(&clip, |_, _| ());
        }
    }
    assert_eq!(tables(bench), [1, 2]);
    heard
}

fn say(bench: &mut Bench, (is_part, bytes): &(bool, Vec<u8>)) {
    let to = if *is_part { topic::parts(&me()) } else { topic::down(&me()) };
    bench.courier.message(&to, bytes);
    bench.courier.work();
}

/// Dallas 2017: the tones that set off 156 sirens were recorded and sent again.
#[test]
fn dallas_2017_a_recorded_day_played_back_to_a_speaker_changes_nothing() {
    let mut bench = bench();
    let mut heard = served(&mut bench);
    let kept = std::fs::read(bench.dir.path().join("release")).expect("kept");
    let mut seed = 2017_u64;
    for _ in 0..3 {
        for end in (1..heard.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            heard.swap(end, (seed >> 33) as usize % (end + 1));
        }
        bench.pass_ms(86_400_000);
        heard.iter().for_each(|message| say(&mut bench, message));
        assert!(tables(&bench).is_empty(), "no other timetable, nothing that sounds");
        assert_eq!((bench.courier.in_force, bench.courier.incoming.is_none()), (Some(2), true));
        assert_eq!(std::fs::read(bench.dir.path().join("release")).expect("kept"), kept);
    }
}

/// SirenJack 2018: commands could be forged by whoever knew the protocol.
#[test]
fn sirenjack_2018_no_bent_message_to_a_speaker_changes_anything() {
    let mut bench = bench();
    let clip = clip();
    served(&mut bench);
    let (next, _) = good(3, &clip);
    let (release, stop) = (Down::Release { sealed: &next }, Stop { made: UtcMs(9), ..blank() });
    let stop = seal(&wire::encode(&stop), Purpose::Stop, &[&key(2)]);
    for whole in [wire::encode(&release), wire::encode(&Down::Stop { sealed: &stop })] {
        for bit in 0..whole.len() * 8 {
            let mut bent = whole.clone();
            bent[bit / 8] ^= 1 << (bit % 8);
            bench.courier.message(&topic::down(&me()), &bent);
            assert!(bench.courier.incoming.is_none(), "bit {bit} of {}", whole.len() * 8);
        }
    }
    assert_eq!(bench.events.try_iter().count(), 0);
}

fn blank() -> Stop {
    Stop { made: UtcMs(0), audience: Audience::default(), orders: List::new() }
}

/// Viet Nam's airports 2016, Israel's sirens 2022: the attacker had the machines from which people were spoken to. Here he
/// has the desk with all its keys, its store and its broker, and says whatever he likes.
#[test]
fn airports_2016_whoever_has_the_desk_makes_no_speaker_say_anything_new() {
    let mut bench = bench();
    served(&mut bench);
    let clip = made(b"whatever he likes".repeat(3_000));
    let body = |form: Form| {
        let read: Order = wire::decode(Sealed::read(&order(&clip)).expect("sealed").body).expect("an order");
        wire::encode(&Order { form, ..read })
    };
    let (live, template) = (body(Form::Live), body(Form::Template));
    let own = seal(&template, Purpose::Template, &[&key(3)]);
    let activated = wire::encode(&Activation {
        form: As::Live,
        template: &own,
        id: Text::cut("gap"),
        made: UtcMs(5),
        at: UtcMs(90_000),
        audience: Audience { players: List::collect([me()]).expect("one"), ..Audience::default() },
    });
    let good_order = order(&self::clip());
    let officers = Sealed::read(&good_order).expect("sealed");
    let tries = [
        seal(&live, Purpose::Order, &[&key(3)]),
        seal(&live, Purpose::Release, &[&key(3)]),
        seal(&activated, Purpose::Activation, &[&key(3)]),
        // The officers' own signature under other bytes, and through an office that the desk made.
        wire::encode(&Sealed { body: &live, signatures: officers.signatures.clone(), office: None }),
        wire::encode(&Sealed { body: &live, signatures: officers.signatures.clone(), office: Some(&own) }),
    ];
    let placing = Placing::new(key(7).public(), UtcMs(0), placement());
    let placed = seal(&wire::encode(&placing), Purpose::Placing, &[&key(2)]);
    let misplaced = seal(&wire::encode(&placing), Purpose::Placing, &[&key(3)]);
    for (seq, (order, placing)) in
        (10..).zip(tries.iter().map(|order| (order, &placed)).chain([(&good_order, &misplaced)]))
    {
        let (sealed, bundle) = release(seq, order, bundle_of(&[placing, order]));
        bench.desk_says(&Down::Release { sealed: &sealed });
        bench.send(&bundle, |_, _| ());
        bench.send(&clip, |_, _| ());
        assert!(tables(&bench).is_empty(), "try {seq}");
        assert_eq!(bench.courier.in_force, Some(2), "try {seq}");
    }
    assert!(!bench.courier.shelf.has(&clip.blob.hash), "nothing of it was even fetched");
}

/// Barix 2016 to 2025: players were pointed to the attacker's own stream. Here the address of the desk was changed.
#[test]
fn barix_2025_a_speaker_led_to_another_desk_airs_nothing_of_it() {
    let mut bench = bench();
    served(&mut bench);
    let foreign = |seed| Role::of_one(key(seed).public());
    let root = Root { version: 2, root: foreign(21), officers: foreign(22), desk: foreign(23), ..root() };
    let body = wire::encode(&root);
    for keys in [&[&key(21)][..], &[&key(21), &key(3)], &[&key(21), &key(2)]] {
        bench.desk_says(&Down::Root { sealed: &seal(&body, Purpose::Root, keys) });
        assert_eq!(bench.courier.identity.root.version, 1, "nobody of the root role signed it");
    }
    let clip = clip();
    let (sealed, _) = good(9, &clip);
    let body = Sealed::read(&sealed).expect("sealed").body.to_vec();
    bench.desk_says(&Down::Release { sealed: &seal(&body, Purpose::Release, &[&key(23)]) });
    assert_eq!((tables(&bench), bench.courier.in_force, bench.courier.incoming.is_none()), (vec![], Some(2), true));
}
