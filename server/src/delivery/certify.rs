//! Who gets a certificate: a player whose pinned key made the request. Nobody has to do anything for that.
//!
//! The same answer serves a player that renews over its ordinary connection and one that was off until its certificate
//! had ended and comes as a visitor. A key that is pinned to no player gets nothing; with a good claim code it is
//! remembered as waiting. [`Passes`] is the same knowledge in the form that the broker's gate needs: in memory, and
//! without waiting. Who is known is `register.rs`; how certificates are written, `authority.rs`. Next: `visitors.rs`.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use loa_domain::delivery::certificate::{Certified, Request, VISITOR_PREFIX, key_mark, visitor_id};
use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::{self, PublicKey, Purpose, Role, Sealed, SecretKey};
use loa_domain::message::{Down, Up, topic};
use loa_domain::time::UtcMs;
use loa_domain::wire;
use loa_host::clock::Clock;
use loa_host::link::{Link, LinkEvent, Qos};
use tokio::sync::mpsc::Receiver;

use crate::authority::{Authority, Issued};
use crate::claims::Claims;
use crate::delivery::broker::Gate;
use crate::delivery::visitors::{Visitors, Waiting};
use crate::store::{Act, Store};

/// A player gets another certificate at most so often, in milliseconds.
const ISSUE_MS: i64 = 60_000;

/// Addresses of visitors that are remembered until they ask.
const ADDRESSES_MAX: usize = 1_000;

/// Over which connection a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via<'a> {
    /// A player's own.
    Player(&'a PlayerId),
    /// A visitor's, by its client id.
    Visitor(&'a str),
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This goes back; and this player has got a certificate that ends then.
    Certified(Vec<u8>, PlayerId, UtcMs),
    /// This goes back: people have to enrol it.
    Waiting(Vec<u8>),
    /// Nothing goes back.
    Nothing,
}

#[derive(Default)]
struct Known {
    players: HashMap<String, PublicKey>,
    marks: HashMap<String, String>,
}

struct Inside {
    known: RwLock<Known>,
    claims: Mutex<Claims>,
    /// From where visitors came, until they ask.
    addresses: Mutex<HashMap<String, IpAddr>>,
    issued: Mutex<HashMap<String, UtcMs>>,
    visitors: Visitors,
    keys: PathBuf,
    clock: Clock,
    takes: Takes,
}

/// Which players the desk's own broker takes, beside visitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Those on this machine, without TLS.
    Plain,
    /// Those with a certificate.
    Certificates,
    /// None: they come to an outside broker.
    Nobody,
}

/// Who may come in. Clones share it.
#[derive(Clone)]
pub struct Passes(Arc<Inside>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Passes {
    /// Nobody is known yet. `keys` is the folder with the claim codes.
    #[must_use]
    pub fn new(keys: PathBuf, clock: Clock, takes: Takes) -> Self {
        let passes = Self(Arc::new(Inside {
            known: RwLock::default(),
            claims: Mutex::default(),
            addresses: Mutex::default(),
            issued: Mutex::default(),
            visitors: Visitors::default(),
            keys,
            clock,
            takes,
        }));
        passes.follow_claims(true);
        passes
    }

    /// Who waits to be enrolled.
    #[must_use]
    pub fn visitors(&self) -> Visitors {
        self.0.visitors.clone()
    }

    /// These players are known by these keys, and no others. Whoever waited and is known now waits no longer.
    pub fn know(&self, players: impl IntoIterator<Item = (PlayerId, PublicKey)>) {
        let mut known = Known::default();
        for (player, key) in players {
            known.marks.insert(key_mark(&key).to_string(), player.to_string());
            known.players.insert(player.to_string(), key);
            self.0.visitors.forget(&key);
        }
        *self.0.known.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Takes over which claim codes there are now; at the `start` also which were used.
    pub fn follow_claims(&self, start: bool) {
        match Claims::load(&self.0.keys) {
            Ok(written) if start => *locked(&self.0.claims) = written,
            Ok(written) => locked(&self.0.claims).follow(written),
            Err(error) => tracing::error!(%error, "the claim codes cannot be read; those of before count"),
        }
    }

    fn key_of(&self, player: &str) -> Option<PublicKey> {
        self.0.known.read().unwrap_or_else(PoisonError::into_inner).players.get(player).copied()
    }

    fn now(&self) -> UtcMs {
        UtcMs(self.0.clock.now().utc_ns.div_euclid(1_000_000))
    }

    /// Whether this player may have another one already.
    fn may_issue(&self, player: &PlayerId, now: UtcMs) -> bool {
        let mut issued = locked(&self.0.issued);
        let last = issued.get(player.as_str()).copied();
        if last.is_some_and(|last| (last..last.plus_ms(ISSUE_MS)).contains(&now)) {
            return false;
        }
        issued.insert(player.to_string(), now);
        true
    }

    fn waits(&self, request: &Request, now: UtcMs) -> bool {
        let mark = key_mark(&request.key).to_string();
        let Some(code) = &request.claim else { return false };
        let spent = locked(&self.0.claims).spend(&self.0.keys, code.as_str().as_bytes(), &mark, now);
        let claim = match spent {
            Ok(Some(claim)) => claim,
            Ok(None) => return false,
            Err(error) => {
                tracing::error!(%error, "the use of a claim code cannot be written down; nobody is let in by it");
                return false;
            }
        };
        let (key, kind, proposed) = (request.key, request.kind, request.player.clone());
        let address = locked(&self.0.addresses).remove(&mark);
        tracing::warn!(%proposed, %key, ?address, "a new player waits to be enrolled");
        self.0.visitors.asked(Waiting { key, kind, proposed, claim, address, first_seen: now, last_seen: now })
    }
}

impl Gate for Passes {
    fn admits(&self, _: &str, _: Option<&[u8]>) -> bool {
        self.0.takes == Takes::Plain
    }

    fn admits_certificate(&self, player: &str, mark: &str) -> bool {
        self.0.takes == Takes::Certificates && self.key_of(player).is_some_and(|key| key_mark(&key).as_str() == mark)
    }

    fn admits_visitor(&self, client_id: &str, claim: Option<&[u8]>, from: IpAddr) -> bool {
        let Some(mark) = client_id.strip_prefix(VISITOR_PREFIX) else { return false };
        if self.0.known.read().unwrap_or_else(PoisonError::into_inner).marks.contains_key(mark) {
            return true;
        }
        let code = claim.unwrap_or_default();
        let is_good = locked(&self.0.claims).open(code, mark, self.now()).is_some();
        if is_good {
            let mut addresses = locked(&self.0.addresses);
            if addresses.len() >= ADDRESSES_MAX {
                addresses.clear();
            }
            addresses.insert(mark.to_owned(), from);
        }
        is_good
    }
}

/// Answers requests.
#[derive(Clone)]
pub struct Certifier {
    authority: Arc<RwLock<Authority>>,
    passes: Passes,
    desk: SecretKey,
}

impl Certifier {
    /// `desk` is the online key that seals answers.
    #[must_use]
    pub fn new(authority: Arc<RwLock<Authority>>, passes: Passes, desk: SecretKey) -> Self {
        Self { authority, passes, desk }
    }

    /// What becomes of a request that came over `via`.
    #[must_use]
    pub fn answer(&self, sealed: &[u8], via: Via<'_>, now: UtcMs) -> Answer {
        let Some(request) = genuine(sealed) else {
            tracing::warn!(?via, "a request for a certificate that is none, or whose signature does not hold");
            return Answer::Nothing;
        };
        let is_in_place = match via {
            Via::Player(player) => *player == request.player,
            Via::Visitor(id) => *id == visitor_id(&request.key),
        };
        if !is_in_place {
            tracing::warn!(?via, player = %request.player, "a request for a certificate in another's place");
            return Answer::Nothing;
        }
        match self.passes.key_of(request.player.as_str()) {
            Some(key) if key == request.key => self.certify(&request, now),
            _ if self.passes.waits(&request, now) => Answer::Waiting(wire::encode(&Down::Waiting)),
            _ => {
                tracing::warn!(?via, player = %request.player, key = %request.key, "no certificate for a key that is not known");
                Answer::Nothing
            }
        }
    }

    /// What goes back for a request. A certificate does so when the log that cannot be altered tells of it.
    pub async fn reply(&self, store: &Store, sealed: &[u8], via: Via<'_>, now: UtcMs) -> Option<Vec<u8>> {
        match self.answer(sealed, via, now) {
            Answer::Certified(answer, player, ends) => {
                let detail = format!("{} until {}", Hash::of(&answer), ends);
                let (who, what, subject) = ("desk".to_owned(), "certificate".to_owned(), player.to_string());
                match store.append_act(&Act { at: now, who, what, subject, detail }).await {
                    Ok(_) => tracing::info!(%player, ends_ms = ends.0, "a certificate is issued"),
                    Err(error) => {
                        // It asks again.
                        tracing::error!(%player, %error, "no certificate: it cannot be written down");
                        return None;
                    }
                }
                Some(answer)
            }
            Answer::Waiting(answer) => Some(answer),
            Answer::Nothing => None,
        }
    }

    /// Answers visitors until the link ends.
    pub async fn receive(self, store: Store, link: Link, mut events: Receiver<LinkEvent>, clock: Clock) {
        while let Some(event) = events.recv().await {
            let LinkEvent::Message { topic, payload, .. } = event else { continue };
            let Some(visitor) = topic::visitor(&topic) else { continue };
            let Ok(Up::Certify { sealed }) = wire::decode(&payload) else { continue };
            let now = UtcMs(clock.now().utc_ns.div_euclid(1_000_000));
            let reply = self.reply(&store, sealed, Via::Visitor(visitor), now).await;
            let to = topic::visitor_down(visitor);
            if reply.is_some_and(|reply| link.try_publish(&to, Qos::AtLeastOnce, reply).is_err()) {
                tracing::warn!(visitor, "not answered: the link has no room; it will ask again");
            }
        }
    }

    fn certify(&self, request: &Request, now: UtcMs) -> Answer {
        let Request { player, key, transport, .. } = request;
        if !self.passes.may_issue(player, now) {
            return Answer::Nothing;
        }
        let authority = self.authority.read().unwrap_or_else(PoisonError::into_inner);
        let Issued { pem, begins, ends } = match authority.issue(player, key, transport, now) {
            Ok(issued) => issued,
            Err(error) => {
                tracing::error!(%player, %error, "no certificate can be made");
                return Answer::Nothing;
            }
        };
        let authorities = authority.authorities();
        let certified = Certified {
            player: player.clone(),
            transport: *transport,
            certificate: pem.as_bytes(),
            authorities: authorities.as_bytes(),
            begins,
            ends,
        };
        let sealed = keys::seal(&wire::encode(&certified), Purpose::Certificate, &[&self.desk]);
        Answer::Certified(wire::encode(&Down::Certificate { sealed: &sealed }), player.clone(), ends)
    }
}

/// The request, if its own key signed it.
fn genuine(sealed: &[u8]) -> Option<Request> {
    let request: Request = wire::decode(Sealed::read(sealed).ok()?.body).ok()?;
    keys::open(sealed, Purpose::CertificateRequest, &Role::of_one(request.key)).ok().filter(|_| request.key.is_sound())
}

#[cfg(test)]
mod tests {
    use loa_domain::timetable::audience::Kind;
    use loa_domain::wire::Text;

    use super::*;
    use crate::claims;

    const NOW: UtcMs = UtcMs(1_790_000_000_000);

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed(&[seed; 32])
    }

    fn id(text: &str) -> PlayerId {
        text.parse().expect("an id")
    }

    fn request(player: &str, own: &SecretKey, claim: Option<&str>) -> Vec<u8> {
        let request = Request {
            player: id(player),
            key: own.public(),
            kind: Kind::Speaker,
            transport: key(99).public(),
            now: UtcMs(0),
            claim: claim.map(Text::cut),
        };
        keys::seal(&wire::encode(&request), Purpose::CertificateRequest, &[own])
    }

    fn desk(dir: &std::path::Path) -> (Certifier, Passes) {
        let passes = Passes::new(dir.to_owned(), Clock::manual(), Takes::Certificates);
        let authority = Authority::open(dir, NOW).expect("made");
        (Certifier::new(Arc::new(RwLock::new(authority)), passes.clone(), key(200)), passes)
    }

    #[test]
    fn a_known_player_gets_a_certificate_over_either_way_and_needs_no_code() {
        let dir = tempfile::tempdir().expect("a folder");
        let (certifier, passes) = desk(dir.path());
        let (own, player) = (key(1), id("xa-7"));
        passes.know([(player.clone(), own.public())]);
        let visitor = visitor_id(&own.public());
        assert!(passes.admits_visitor(&visitor, None, IpAddr::from([10, 0, 0, 1])));
        let asked = request("xa-7", &own, None);
        let Answer::Certified(answer, certified, ends) = certifier.answer(&asked, Via::Visitor(&visitor), NOW) else {
            panic!("no certificate");
        };
        assert_eq!((certified, ends), (player.clone(), NOW.plus_ms(crate::authority::PLAYER_LIFE_MS)));
        let Ok(Down::Certificate { sealed }) = wire::decode(&answer) else { panic!("no answer") };
        let role = Role::of_one(key(200).public());
        let certified: Certified<'_> = keys::open(sealed, Purpose::Certificate, &role).expect("sealed by the desk");
        assert_eq!((certified.transport, certified.player.as_str()), (key(99).public(), "xa-7"));
        assert!(certified.authorities.starts_with(b"-----BEGIN CERTIFICATE-----"));
        assert_eq!(certifier.answer(&asked, Via::Player(&player), NOW), Answer::Nothing, "not twice in a minute");
        let later = NOW.plus_ms(ISSUE_MS);
        assert!(matches!(certifier.answer(&asked, Via::Player(&player), later), Answer::Certified(..)));
    }

    #[tokio::test]
    async fn a_certificate_is_an_entry_of_the_log_before_it_goes_out() {
        let dir = tempfile::tempdir().expect("a folder");
        let (certifier, passes) = desk(dir.path());
        let store = Store::open(dir.path().join("desk.db").to_str().expect("a name")).await.expect("a store");
        store.open_log("loa.local/test", NOW).await.expect("a log");
        let (own, player) = (key(1), id("xa-7"));
        passes.know([(player.clone(), own.public())]);
        let asked = request("xa-7", &own, None);
        let reply = certifier.reply(&store, &asked, Via::Player(&player), NOW).await.expect("a certificate");
        let (_, act) = store.acts(None, 1).await.expect("read").pop().expect("an act");
        assert_eq!(
            (act.at, act.who.as_str(), act.what.as_str(), act.subject.as_str()),
            (NOW, "desk", "certificate", "xa-7")
        );
        assert!(act.detail.starts_with(&Hash::of(&reply).to_string()), "{}", act.detail);
        assert!(act.detail.ends_with(&NOW.plus_ms(crate::authority::PLAYER_LIFE_MS).to_string()), "{}", act.detail);
        store.close().await;
        let later = NOW.plus_ms(ISSUE_MS);
        assert_eq!(
            certifier.reply(&store, &asked, Via::Player(&player), later).await,
            None,
            "nowhere to write it down"
        );
    }

    #[test]
    fn nobody_gets_another_players_certificate() {
        let dir = tempfile::tempdir().expect("a folder");
        let (certifier, passes) = desk(dir.path());
        let (own, thief) = (key(1), key(2));
        passes.know([(id("xa-7"), own.public()), (id("xa-8"), thief.public())]);
        let nothing = |sealed: &[u8], via: Via<'_>| assert_eq!(certifier.answer(sealed, via, NOW), Answer::Nothing);
        let (seven, eight) = (id("xa-7"), id("xa-8"));
        nothing(&request("xa-7", &thief, None), Via::Player(&seven));
        nothing(&request("xa-7", &thief, None), Via::Player(&eight));
        nothing(&request("xa-7", &thief, None), Via::Visitor(&visitor_id(&thief.public())));
        nothing(&request("xa-7", &own, None), Via::Visitor(&visitor_id(&thief.public())));
        let mut forged = request("xa-7", &own, None);
        let last = forged.len() - 1;
        forged[last] ^= 1;
        nothing(&forged, Via::Player(&seven));
        nothing(b"", Via::Player(&seven));
        passes.know([(id("xa-8"), thief.public())]);
        nothing(&request("xa-7", &own, None), Via::Player(&seven));
    }

    #[test]
    fn a_new_player_with_a_code_waits_and_gets_nothing_until_people_have_enrolled_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let (certifier, passes) = desk(dir.path());
        let now = passes.now();
        let (code, claim) = claims::make(dir.path(), now, now.plus_ms(1_000), 1).expect("made");
        let (own, from) = (key(1), IpAddr::from([10, 0, 0, 9]));
        let visitor = visitor_id(&own.public());
        assert!(!passes.admits_visitor(&visitor, Some(code.as_bytes()), from), "the desk has not seen the code yet");
        passes.follow_claims(false);
        assert!(passes.admits_visitor(&visitor, Some(code.as_bytes()), from));
        assert!(!passes.admits_visitor(&visitor, None, from) && !passes.admits_visitor(&visitor, Some(b"x"), from));
        let asked = |claim| request("xa-7", &own, claim);
        assert_eq!(certifier.answer(&asked(None), Via::Visitor(&visitor), now), Answer::Nothing);
        let answer = certifier.answer(&asked(Some(&code)), Via::Visitor(&visitor), now);
        assert_eq!(answer, Answer::Waiting(wire::encode(&Down::Waiting)));
        let waiting = passes.visitors().waiting();
        let seen = waiting.first().map(|w| (w.key, w.proposed.clone(), w.claim, w.address));
        assert_eq!(seen, Some((own.public(), id("xa-7"), claim.hash, Some(from))));
        // A second key finds the code used up.
        assert!(!passes.admits_visitor(&visitor_id(&key(2).public()), Some(code.as_bytes()), from));
        passes.know([(id("xa-7"), own.public())]);
        assert!(passes.visitors().waiting().is_empty());
        assert!(matches!(certifier.answer(&asked(None), Via::Visitor(&visitor), now), Answer::Certified(..)));
        assert!(passes.admits_certificate("xa-7", &key_mark(&own.public())));
        assert!(!passes.admits_certificate("xa-7", &key_mark(&key(2).public())) && !passes.admits("xa-7", None));
    }
}
