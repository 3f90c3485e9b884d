//! The running desk: broker, links, tasks, the log; it looks for changes in the store and ends cleanly.
//!
//! It decides the order of starting and ending. What the tasks do is `delivery/dispatch.rs`, `proof.rs` and `audit/log`. Other
//! programs (`loa apply`) change the store; the desk sees it by the store's counter of changes.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use loa_domain::keys::SecretKey;
use loa_domain::message::topic;
use loa_domain::time::UtcMs;
use loa_host::clock::Clock;
use loa_host::keyfile::{self, KeyError};
use loa_host::link::{BrokerUrl, Credentials, Link, LinkConfig, Qos, Subscription};
use tokio::sync::watch;

use crate::accounts::Accounts;
use crate::accounts::provider::{Provider, ProviderError};
use crate::accounts::session::Rules;
use crate::api::Api;
use crate::audit::log::{self, Log, LogError, Started, Tiles, Witnessing};
use crate::audit::mirror;
use crate::audit::receipts::Receipting;
use crate::audit::witness::ByHttp;
use crate::authority::{AuthorityError, DESK_NAME};
use crate::config::Folder;
use crate::delivery::blobs::Blobs;
use crate::delivery::broker::access::DESK_CLIENT_PREFIX;
use crate::delivery::broker::door::Door;
use crate::delivery::broker::{Broker, BrokerConfig, BrokerError, STALL_MAX_MS};
use crate::delivery::certify::{Certifier, Takes};
use crate::delivery::dispatch::{Dispatch, News};
use crate::delivery::register::Register;
use crate::http;
use crate::proof;
use crate::store::{Store, StoreError};
use crate::transport::{TlsOptions, Transport};
use crate::trust::Roots;

/// How often the store is asked whether another program changed it, and what players said is written down.
const LOOK: Duration = Duration::from_millis(500);
/// How often releases are looked at for renewal, in looks: every ten minutes.
const RENEW_LOOKS: u64 = 1_200;
/// How often certificates, authorities and claim codes are looked at, in looks: every ten seconds.
const CERTIFY_LOOKS: u64 = 20;

/// How a desk runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the embedded broker listens.
    pub listen: SocketAddr,
    /// The way in from other machines, over TLS.
    pub tls: Option<TlsOptions>,
    /// The authorities of an outside broker, if not the desk's own: a PEM file.
    pub broker_authorities: Option<PathBuf>,
    /// An outside broker in place of the embedded one.
    pub broker: Option<BrokerUrl>,
    /// How much of the desk's line parts may fill, in bytes per second.
    pub bytes_per_s: u64,
    /// How long a release lasts, in milliseconds: how long a player plays without the desk.
    pub life_ms: i64,
    /// How many connections the embedded broker takes.
    pub max_connections: usize,
    /// The log's name, taken when it is opened for the first time; none takes one at random.
    pub log_origin: Option<String>,
    /// Where the log can be read by HTTP.
    pub log_listen: Option<SocketAddr>,
    /// Where people and programs log in.
    pub web: Option<Web>,
}

/// Where the desk is reached by browsers and programs.
#[derive(Clone, Debug)]
pub struct Web {
    /// Where it listens: on this machine alone, as passwords come here; TLS is done by a server in front.
    pub listen: SocketAddr,
    /// Names by which browsers reach it, beside those of this machine.
    pub hosts: Vec<String>,
    /// The server in front, whose word for where a request came from is believed.
    pub proxy: Option<IpAddr>,
    /// After how long without use a session ends, in milliseconds.
    pub idle_ms: i64,
}

/// Why a desk does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The settings of the provider of identities.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The broker does not start.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// The authority for certificates cannot be used.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The log cannot be written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log cannot be read by HTTP where that was asked for.
    #[error("{address}: {source}")]
    Mirror {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Passwords would travel in the clear.
    #[error("{listen}: HTTP listens on this machine only; put a server that speaks TLS in front")]
    WebBeyondLoopback {
        /// Where it was to listen.
        listen: SocketAddr,
    },
    /// Content cannot be reached.
    #[error("{0}")]
    Content(std::io::Error),
}

/// A desk that runs.
pub struct Desk {
    folder: Folder,
    broker: Option<Broker>,
    address: BrokerUrl,
    links: Vec<Link>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    register: Register,
    store: Store,
    log: Log,
    log_tasks: Vec<tokio::task::JoinHandle<()>>,
    log_ends: watch::Sender<bool>,
}

impl Desk {
    /// Starts a desk on its folder.
    ///
    /// # Errors
    /// See [`ServeError`]; nothing is left running.
    pub async fn start(folder: &Folder, options: &Options, clock: Clock) -> Result<Self, ServeError> {
        let now = now(&clock);
        folder.log_origin(options.log_origin.as_deref())?;
        folder.prepare(now)?;
        let key = folder.desk_key()?;
        let store = Store::open(&folder.store().display().to_string()).await?;
        let started =
            log::start(folder, &store, options.log_origin.as_deref(), witnessing(folder)?, clock.clone()).await?;
        let mirror = match options.log_listen {
            Some(address) => {
                Some(http::listen(address).await.map_err(|source| ServeError::Mirror { address, source })?)
            }
            None => None,
        };
        let web = match &options.web {
            Some(web) => Some(listening(folder, &store, web, &clock).await?),
            None => None,
        };
        store.all_players_offline().await?;
        let blobs = Blobs::open(folder.content()).map_err(ServeError::Content)?;
        let register = Register::new(store.clone(), options.life_ms);
        trust(folder, &register).await?;
        tell_wrong(register.load(&key).await?);
        let secret = loa_domain::id::Hash(keyfile::random()?).to_string();
        let takes = match (&options.broker, &options.tls) {
            (Some(_), _) => Takes::Nobody,
            // Where other machines come in over TLS, nobody needs to come without.
            (None, Some(_)) => Takes::Certificates,
            (None, None) => Takes::Plain,
        };
        let transport = Transport::open(folder, options.tls.as_ref(), takes, clock.clone())?;
        transport.follow(&register, None).await;
        // Beside an outside broker the desk's own is the door of players without a certificate, and nothing else.
        let broker = match (&options.broker, &options.tls) {
            (Some(_), None) => None,
            _ => Some(embedded(options, &transport, &secret).await?),
        };
        let inside = broker.as_ref().map(|broker| plain(broker.address()));
        let address = options.broker.clone().or_else(|| inside.clone()).unwrap_or_else(|| BrokerUrl::new("", 0));
        let visits = inside.map(|inside| (inside, Shows::Password(secret.clone())));
        let shows = match &options.broker {
            None => Shows::Password(secret),
            Some(url) if url.tls => Shows::Certificate(transport.credentials(options.broker_authorities.clone())?),
            Some(_) => Shows::Nothing,
        };
        let Started { log, sequencer } = started;
        let (log_ends, ends) = watch::channel(false);
        let mut log_tasks = vec![tokio::spawn(sequencer.run(ends.clone()))];
        if let Some(mirror) = mirror {
            let handler = mirror::handler(Tiles::at(folder.log()));
            log_tasks.push(tokio::spawn(http::serve(mirror, handler, 0, ends.clone())));
        }
        if let (Some((listener, routes)), Some(web)) = (web, &options.web) {
            log_tasks.push(tokio::spawn(http::serve_routes(listener, routes, web.proxy, ends)));
        }
        let (links, tasks) = (Vec::new(), Vec::new());
        let mut desk =
            Self { folder: folder.clone(), broker, address, links, tasks, register, store, log, log_tasks, log_ends };
        // By the root document that players have: where officers' keys lie elsewhere, the policy may say something newer.
        let receipting = Receipting::new(folder.root()?.log);
        desk.run_tasks(options, &key, blobs, (clock.clone(), transport.clone()), &shows, receipting);
        if let Some((inside, shows)) = visits {
            desk.receive_visitors(&inside, &shows, transport.certifier(&key), clock);
        }
        Ok(desk)
    }

    /// Where players on other machines reach the broker, over TLS.
    #[must_use]
    pub fn secure_address(&self) -> Option<SocketAddr> {
        self.broker.as_ref().and_then(Broker::door_address)
    }

    /// Where players reach the broker.
    #[must_use]
    pub fn address(&self) -> &BrokerUrl {
        &self.address
    }

    /// The log, for reading.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    fn run_tasks(
        &mut self,
        options: &Options,
        key: &SecretKey,
        blobs: Blobs,
        (clock, transport): (Clock, Transport),
        shows: &Shows,
        receipting: Receipting,
    ) {
        let config = |name, listen, manual_acks| link_config(&self.address, shows, name, listen, manual_acks);
        let (link, events) = Link::start(config("talk", &[topic::ALL_UP], false));
        let (bulk, bulk_events) = Link::start(config("parts", &[], false));
        let (proofs, records) = Link::start(config("proofs", &[topic::ALL_PROOFS], true));
        self.links = vec![link.clone(), proofs.clone()];
        let (changed, seen) = watch::channel(News::default());
        let links = (link, bulk);
        let dispatch =
            Dispatch::new(clock.clone(), key.clone(), blobs, self.register.clone(), links, options.bytes_per_s, seen)
                .telling(receipting.clone())
                .certifying(transport.certifier(key), self.store.clone())
                .trusting(Roots::of(self.folder.clone()));
        self.tasks.push(tokio::spawn(receipting.clone().run(self.log.clone(), proofs.clone())));
        let ingest = proof::ingest(proofs, records, self.store.clone(), self.register.clone(), receipting, clock);
        let door = self.broker.as_ref().and_then(Broker::door);
        let look = look(
            self.folder.clone(),
            self.store.clone(),
            self.register.clone(),
            key.clone(),
            (transport, door),
            changed,
        );
        self.tasks.push(tokio::spawn(dispatch.run(events)));
        self.tasks.push(tokio::spawn(ingest));
        self.tasks.push(tokio::spawn(look));
        self.tasks.push(tokio::spawn(drain(bulk_events)));
    }

    fn receive_visitors(&mut self, inside: &BrokerUrl, shows: &Shows, certifier: Certifier, clock: Clock) {
        let (link, events) = Link::start(link_config(inside, shows, "visits", &[topic::ALL_VISITORS], false));
        self.links.push(link.clone());
        self.tasks.push(tokio::spawn(certifier.receive(self.store.clone(), link, events, clock)));
    }

    /// Ends everything: links say goodbye, what players said is written down, the broker stops.
    pub async fn stop(self) {
        for link in self.links {
            link.close().await;
        }
        for task in self.tasks {
            task.abort();
        }
        self.register.all_gone().await;
        if let Err(error) = self.register.save().await {
            tracing::error!(%error, "what players said last was not written down");
        }
        if let Some(broker) = self.broker {
            broker.shutdown().await;
        }
        // Last, so that what came in is in the log.
        self.log_ends.send_replace(true);
        for task in self.log_tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "the log did not end cleanly; it will be mended at the next start");
            }
        }
        self.store.close().await;
    }
}

/// Tells the register whom players are to trust. An officer's key that lies at the desk and is enough alone is good for a
/// trial.
async fn trust(folder: &Folder, register: &Register) -> Result<(), KeyError> {
    let (root, own) = (folder.root()?, folder.own_officer()?);
    if own.as_ref().is_some_and(|key| root.officers.is_filled_by(&key.public())) {
        tracing::warn!("an officer's key lies at this desk: whoever has the desk can place players and give orders");
    }
    register.trust(root, own).await;
    Ok(())
}

/// The desk's routes, and where they listen.
async fn listening(
    folder: &Folder,
    store: &Store,
    web: &Web,
    clock: &Clock,
) -> Result<(tokio::net::TcpListener, axum::Router), ServeError> {
    let listen = web.listen;
    if !listen.ip().is_loopback() {
        return Err(ServeError::WebBeyondLoopback { listen });
    }
    let accounts = Accounts::open(folder, store.clone(), Rules { idle_ms: web.idle_ms, ..Rules::default() })?;
    let here = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
    let hosts = here.into_iter().chain(web.hosts.iter().cloned()).collect();
    let settings = folder.provider();
    let provider = if settings.exists() { Some(Provider::open(&settings)?) } else { None };
    let listener = http::listen(listen).await.map_err(|source| ServeError::Mirror { address: listen, source })?;
    tracing::info!(address = %listen, "people log in here");
    Ok((listener, Api::new(accounts, clock.clone(), hosts, web.proxy, provider).routes()))
}

/// Whose signatures the desk's log waits for: those of its policy. Without that file nobody's.
fn witnessing(folder: &Folder) -> Result<Witnessing, KeyError> {
    Ok(Witnessing::new(folder.read_policy()?.unwrap_or_default(), Arc::new(ByHttp)))
}

/// What the desk's own links show a broker.
enum Shows {
    Password(String),
    Certificate(Credentials),
    Nothing,
}

fn plain(address: SocketAddr) -> BrokerUrl {
    BrokerUrl::new(address.ip().to_string(), address.port())
}

/// One of the desk's own links.
fn link_config(broker: &BrokerUrl, shows: &Shows, name: &str, listen: &[&str], manual_acks: bool) -> LinkConfig {
    let mut config = LinkConfig::new(broker.clone(), format!("{DESK_CLIENT_PREFIX}{name}"));
    match shows {
        Shows::Password(secret) => {
            (config.user, config.password) = (Some(DESK_NAME.to_owned()), Some(secret.clone()));
        }
        Shows::Certificate(credentials) => config.credentials = Some(credentials.clone()),
        Shows::Nothing => {}
    }
    let subscription = |filter: &&str| Subscription { filter: (*filter).to_owned(), qos: Qos::AtLeastOnce };
    config.subscriptions = listen.iter().map(subscription).collect();
    config.manual_acks = manual_acks;
    config.events_max = 4_096;
    config.outbox_max = 1_024;
    config
}

async fn embedded(options: &Options, transport: &Transport, secret: &str) -> Result<Broker, BrokerError> {
    // Beside an outside broker only the door is for others.
    let listen = if options.broker.is_some() { SocketAddr::from(([127, 0, 0, 1], 0)) } else { options.listen };
    Broker::start(BrokerConfig {
        listen,
        door: options.tls.as_ref().map(|tls| transport.door(tls.listen)),
        desk_user: DESK_NAME.to_owned(),
        desk_password: secret.to_owned(),
        max_connections: options.max_connections,
        max_packet_bytes: 256 * 1024,
        stall_max_ms: STALL_MAX_MS,
        gate: Arc::new(transport.passes()),
    })
    .await
}

async fn look(
    folder: Folder,
    store: Store,
    register: Register,
    key: SecretKey,
    (transport, door): (Transport, Option<Door>),
    changed: watch::Sender<News>,
) {
    // A timetable that is applied again without a change is an act too: what it airs may have been mended.
    let count = async |store: &Store| Ok::<_, StoreError>((store.changes().await?, store.count_acts().await?));
    let mut seen = count(&store).await.unwrap_or_default();
    // Another program takes in a new root document.
    let written = || std::fs::metadata(folder.root_file()).and_then(|file| file.modified()).ok();
    let mut root = written();
    let mut looks = 0_u64;
    loop {
        tokio::time::sleep(LOOK).await;
        looks += 1;
        if let Err(error) = register.save().await {
            tracing::error!(%error, "what players said is not written down yet");
        }
        if looks.is_multiple_of(CERTIFY_LOOKS) {
            tokio::task::block_in_place(|| transport.renew());
            transport.follow(&register, door.as_ref()).await;
            for waiting in transport.passes().visitors().waiting() {
                register.waits(&waiting.proposed, waiting.key, waiting.last_seen).await;
            }
        }
        let now = count(&store).await.unwrap_or(seen);
        let is_other_root = root != written();
        if is_other_root {
            root = written();
            if let Err(error) = trust(&folder, &register).await {
                tracing::error!(%error, "the new root document cannot be used");
            }
        }
        if now != seen || is_other_root {
            seen = now;
            match register.load(&key).await {
                Ok(wrong) => tell_wrong(wrong),
                Err(error) => tracing::error!(%error, "the changed timetable cannot be read"),
            }
            transport.follow(&register, door.as_ref()).await;
            changed.send_modify(|news| {
                news.acts += 1;
                news.roots += u64::from(is_other_root);
            });
        } else if looks.is_multiple_of(RENEW_LOOKS) {
            changed.send_modify(|news| news.renewals += 1);
        }
    }
}

/// The link for parts hears nothing that matters; what it says is taken so that it goes on.
async fn drain(mut events: tokio::sync::mpsc::Receiver<loa_host::link::LinkEvent>) {
    while events.recv().await.is_some() {}
}

fn tell_wrong(wrong: Vec<String>) {
    for why in wrong {
        tracing::error!(why, "left out");
    }
}

/// The wall clock.
#[must_use]
pub fn now(clock: &Clock) -> UtcMs {
    UtcMs(clock.now().utc_ns.div_euclid(1_000_000))
}
