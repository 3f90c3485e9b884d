//! What the desk says to players and in which order parts go out; the link is one that never comes up.

use loa_domain::delivery::blob;
use loa_domain::timetable::order::Class;
use loa_host::link::{BrokerUrl, LinkConfig};

use super::*;
use crate::delivery::bench::{Bench, id, key_of};

struct Desk {
    bench: Bench,
    dispatch: Dispatch,
    parts: Receiver<Part>,
    news: watch::Sender<News>,
    _link: Receiver<LinkEvent>,
}

async fn desk() -> Desk {
    let bench = Bench::new().await;
    let (link, events) = Link::start(LinkConfig::new(BrokerUrl::new("127.0.0.1", 9), "Desk"));
    let (to, parts) = mpsc::channel(PARTS_UNDER_WAY);
    let (news, seen) = watch::channel(News::default());
    let (clock, key) = (bench.clock.clone(), bench.desk.clone());
    // Eight chunks a second.
    let pace = 8 * 16_128;
    let dispatch = Dispatch::with_parts(clock, key, bench.blobs(), bench.register.clone(), (link, to), pace, seen);
    Desk { bench, dispatch, parts, news, _link: events }
}

impl Desk {
    async fn says(&mut self, player: &str, up: &Up<'_>) {
        self.dispatch.up(&id(player), up).await;
    }

    async fn hello(&mut self, player: &str, in_force: Option<u64>) {
        let hello = wire::encode(&self.bench.hello(player, in_force));
        let sealed = keys::seal(&hello, Purpose::Hello, &[&key_of(player)]);
        self.says(player, &Up::Hello { sealed: &sealed }).await;
    }

    async fn asks(&mut self, player: &str, blob: Hash, first: u32, count: u32) {
        let want = Want { blob, held: first, first, mask: (1_u64 << count) - 1 };
        self.says(player, &Up::Want { want }).await;
    }

    /// What the desk has said since the last time, as words.
    fn said(&mut self) -> Vec<String> {
        let said: Vec<_> = self.dispatch.owed.drain(..).collect();
        let word = |payload: &[u8]| match wire::decode::<Down<'_>>(payload).expect("a message") {
            Down::Release { sealed } => format!("release {}", self.bench.opened(sealed).seq),
            Down::SayHello => "say hello".to_owned(),
            Down::Welcome => "welcome".to_owned(),
            Down::Manifest { .. } => "manifest".to_owned(),
            other => format!("{other:?}"),
        };
        said.iter().map(|(topic, payload)| format!("{topic} {}", word(payload))).collect()
    }

    /// The blobs of the parts that go out in the next `ms`.
    fn sent(&mut self, ms: u64) -> Vec<[u8; 8]> {
        let mut sent = Vec::new();
        for _ in 0..ms / 50 {
            self.bench.pass_ms(50);
            self.dispatch.send_parts();
            while let Ok(part) = self.parts.try_recv() {
                sent.push(blob::split(&part.payload).expect("a part").0);
            }
        }
        sent
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_overtakes_a_transfer_that_is_under_way() {
    let mut desk = desk().await;
    let (_, long) = desk.bench.order("dai", Class::Normal, 1_000_000).await;
    desk.hello("loa-1", None).await;
    desk.hello("loa-2", None).await;
    desk.dispatch.compose_all().await;
    desk.asks("loa-1", long.hash, 0, 60).await;
    let before = desk.sent(1_000);
    assert!(before.len() > 4 && before.iter().all(|blob| *blob == long.hash.short()));

    let (_, alarm) = desk.bench.order("bao", Class::Emergency, 100_000).await;
    desk.dispatch.compose_all().await;
    desk.dispatch.follow_urgency().await;
    desk.asks("loa-2", alarm.hash, 0, 8).await;
    let after = desk.sent(2_000);
    assert!(after.len() > 10);
    let first: Vec<bool> = after[..8].iter().map(|blob| *blob == alarm.hash.short()).collect();
    assert_eq!(first, [true; 8], "all of the alarm before the next part of the download");
    assert!(after[8..].iter().all(|blob| *blob == long.hash.short()), "and then that goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_urgent_is_so_no_more_when_it_is_in_force_everywhere() {
    let mut desk = desk().await;
    desk.bench.order("bao", Class::Emergency, 1_000).await;
    for player in ["loa-1", "loa-2"] {
        desk.hello(player, None).await;
    }
    desk.dispatch.compose_all().await;
    desk.dispatch.follow_urgency().await;
    assert_eq!(desk.dispatch.urgent.len(), 3, "a bundle for each, and the clip");
    for player in ["loa-1", "loa-2"] {
        desk.hello(player, Some(1)).await;
    }
    desk.dispatch.follow_urgency().await;
    assert_eq!(desk.dispatch.urgent.len(), 3, "not asked again within a moment");
    desk.bench.pass_ms(URGENCY_MS);
    desk.dispatch.follow_urgency().await;
    assert_eq!(desk.dispatch.urgent.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timetable_applied_again_unchanged_is_announced_to_those_that_lack_it_and_time_alone_does_not() {
    let mut desk = desk().await;
    desk.bench.order("tin", Class::Normal, 1_000).await;
    for player in ["loa-1", "loa-2"] {
        desk.hello(player, None).await;
    }
    desk.dispatch.compose_all().await;
    desk.said();
    desk.says("loa-1", &Up::Refused { release: Some(1), fault: Fault::Content }).await;
    desk.says("loa-2", &Up::InForce { release: 1 }).await;
    assert_eq!(desk.said(), Vec::<String>::new());
    desk.news.send_modify(|news| news.renewals += 1);
    desk.dispatch.follow_news().await;
    assert_eq!(desk.said(), Vec::<String>::new());
    desk.news.send_modify(|news| news.acts += 1);
    desk.dispatch.follow_news().await;
    assert_eq!(desk.said(), ["loa1/p/loa-1/dn release 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_is_welcomed_before_it_is_told_what_it_lacks() {
    let mut desk = desk().await;
    desk.bench.order("tin", Class::Normal, 1_000).await;
    desk.dispatch.compose_all().await;
    desk.said();
    desk.hello("loa-1", None).await;
    assert_eq!(desk.said(), ["loa1/p/loa-1/dn welcome", "loa1/p/loa-1/dn release 1"]);
    desk.hello("loa-1", Some(1)).await;
    assert_eq!(desk.said(), ["loa1/p/loa-1/dn welcome"]);
    desk.hello("loa-1", Some(7)).await;
    assert_eq!(desk.said(), ["loa1/p/loa-1/dn welcome", "loa1/p/loa-1/dn release 8"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_that_the_desk_has_forgotten_is_asked_who_it_is_once_in_a_while() {
    let mut desk = desk().await;
    let blob = Hash([1; 32]);
    for _ in 0..3 {
        desk.says("loa-1", &Up::Incoming { release: 1, blob, held: 0, parts: 9 }).await;
    }
    assert_eq!(desk.said(), ["loa1/p/loa-1/dn say hello"]);
    desk.bench.pass_ms(5_000);
    desk.says("loa-1", &Up::InForce { release: 1 }).await;
    assert_eq!(desk.said(), ["loa1/p/loa-1/dn say hello"]);
    desk.hello("loa-1", Some(1)).await;
    desk.bench.pass_ms(5_000);
    desk.said();
    desk.says("loa-1", &Up::InForce { release: 1 }).await;
    assert_eq!(desk.said(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_link_has_no_room_for_is_said_later_in_order() {
    let mut desk = desk().await;
    // The link never comes up, so its outbox fills.
    for n in 0..200_u32 {
        desk.dispatch.publish(format!("loa1/p/loa-{n}/dn"), vec![0]);
    }
    assert!(!desk.dispatch.send_owed());
    let left: Vec<&str> = desk.dispatch.owed.iter().map(|(topic, _)| topic.as_str()).collect();
    assert!(left.len() > 100 && left.last() == Some(&"loa1/p/loa-199/dn"));
    let first = 200 - left.len();
    assert_eq!(left[0], format!("loa1/p/loa-{first}/dn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_without_a_clock_is_told_the_time_under_its_own_number_and_no_other_is() {
    let mut desk = desk().await;
    let asks = Hello { nonce: Some(77), ..desk.bench.hello("loa-1", None) };
    let sealed = keys::seal(&wire::encode(&asks), Purpose::Hello, &[&key_of("loa-1")]);
    desk.says("loa-1", &Up::Hello { sealed: &sealed }).await;
    desk.hello("loa-2", None).await;
    let said: Vec<_> = desk.dispatch.owed.drain(..).collect();
    let times = said.iter().filter_map(|(topic, payload)| match wire::decode(payload).expect("a message") {
        Down::Time { sealed } => {
            let role = Role::of_one(desk.bench.desk.public());
            Some((topic.as_str(), keys::open::<DeskTime>(sealed, Purpose::Time, &role).expect("the desk's")))
        }
        _ => None,
    });
    let told = DeskTime { player: id("loa-1"), nonce: 77, now: desk.bench.now() };
    assert_eq!(times.collect::<Vec<_>>(), [("loa1/p/loa-1/dn", told)]);
}
