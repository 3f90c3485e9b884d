//! Coming in without a certificate: at the first start, after a long time off, or when the desk's authority was changed
//! behind the player's back.
//!
//! One task beside the courier. It makes a short connection of its own, asks, and goes. A desk that knows the player's key
//! answers at once; any other remembers it for people. The ordinary link goes on trying by itself. Next: `pass.rs`.

use std::sync::Arc;
use std::time::Duration;

use loa_domain::keys::Root;
use loa_domain::message::{Down, topic};
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_host::clock::Clock;
use loa_host::link::{BrokerUrl, Link, LinkConfig, LinkEvent, Qos, Subscription};
use tokio::time::{sleep, timeout};

use super::pass::Pass;

/// How long a visit may take.
const VISIT_MAX: Duration = Duration::from_secs(60);
/// How long to wait for the ordinary link to need one.
const LOOK: Duration = Duration::from_secs(1);
/// The shortest and the longest wait between visits.
const RESTS: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));
/// How long to wait where people have to do something.
const PEOPLE_REST: Duration = Duration::from_secs(60);

/// What came of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Visit {
    Certified,
    Waiting,
    Nothing,
}

/// Visits whenever the ordinary link cannot come up. Never ends.
pub async fn keep_visiting(pass: Arc<Pass>, broker: BrokerUrl, root: Root, clock: Clock) {
    let mut rest = RESTS.0;
    loop {
        let now = now(&clock);
        let Some(why) = pass.needs_visit(now) else {
            rest = RESTS.0;
            sleep(LOOK).await;
            continue;
        };
        tracing::warn!(why, visitor = pass.visitor_id(), "asking the desk for a certificate; the timetable goes on");
        match timeout(VISIT_MAX, visit(&pass, &broker, &root, now)).await.unwrap_or(Visit::Nothing) {
            Visit::Certified => rest = RESTS.0,
            Visit::Waiting => {
                tracing::warn!("the desk does not know this player yet: people have to enrol it there");
                sleep(PEOPLE_REST).await;
            }
            Visit::Nothing => {
                tracing::warn!(
                    "no certificate; is the desk there, does it know this player, is the claim code still good?"
                );
                sleep(rest).await;
                rest = (rest * 2).min(RESTS.1);
            }
        }
    }
}

async fn visit(pass: &Pass, broker: &BrokerUrl, root: &Root, now: UtcMs) -> Visit {
    let id = pass.visitor_id();
    let mut config = LinkConfig::new(broker.clone(), id.clone());
    config.user = Some(id.clone());
    config.password = pass.claim().map(str::to_owned);
    config.credentials = Some(pass.visitor());
    config.subscriptions = vec![Subscription { filter: topic::visitor_down(&id), qos: Qos::AtLeastOnce }];
    let (link, mut events) = Link::start(config);
    let mut came = Visit::Nothing;
    while let Some(event) = events.recv().await {
        match event {
            LinkEvent::Up => {
                if link.try_publish(&topic::visitor_up(&id), Qos::AtLeastOnce, pass.wish(now)).is_err() {
                    break;
                }
            }
            LinkEvent::Down { why } | LinkEvent::Refused { why, .. } => {
                tracing::warn!(why, "the desk is not reached for a certificate");
                break;
            }
            LinkEvent::Message { payload, .. } => match wire::decode::<Down<'_>>(&payload) {
                Ok(Down::Certificate { sealed }) => {
                    match pass.take(sealed, root, true) {
                        Ok(ends) => {
                            tracing::info!(ends_ms = ends.0, "the player has a certificate");
                            came = Visit::Certified;
                        }
                        Err(error) => tracing::error!(%error, "the desk's answer is not taken"),
                    }
                    break;
                }
                Ok(Down::Waiting) => {
                    came = Visit::Waiting;
                    break;
                }
                _ => {}
            },
        }
    }
    link.close().await;
    came
}

fn now(clock: &Clock) -> UtcMs {
    UtcMs(clock.now().utc_ns.div_euclid(1_000_000))
}
