//! The MQTT broker the desk brings along, and the only file that names the broker library.
//!
//! It decides who may connect (`broker/access.rs` decides who may say what), and it holds the library to settings
//! whose defaults were found to bite. It keeps nothing on disk and nothing for anybody who is away: all of Loa is
//! built to need neither. The desk uses it through `loa_host::link`, like any other broker. It listens on this machine
//! alone; other machines come through `broker/door.rs`, over TLS.
//!
//! Next: `broker/access.rs`, `broker/door.rs`, then `loa_host::link`.

pub mod access;
pub mod door;
pub mod frames;
pub mod handshake;
pub mod limits;
#[cfg(test)]
mod raw;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_access;
#[cfg(test)]
mod tests_flood;
#[cfg(test)]
mod tests_load;
#[cfg(test)]
mod tests_tls;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU16;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rmqtt::codec::types::QoS;
use rmqtt::codec::v5::SubscribeAckReason;
use rmqtt::context::ServerContext;
use rmqtt::fitter::{DefaultFitter, Fitter, FitterManager};
use rmqtt::hook::{Handler, HookResult, Parameter, ReturnType, Type};
use rmqtt::net::Builder;
use rmqtt::router::DefaultRouter;
use rmqtt::server::MqttServer;
use rmqtt::shared::DefaultShared;
use rmqtt::types::{
    AuthResult, CodecPublish, ConnectInfo, Disconnect, FitterType, Id, LastWill, ListenerConfig, PublishAclResult,
    SubscribeAclResult,
};
use tokio::net::TcpSocket;
use tokio::runtime::{Builder as RuntimeBuilder, Runtime};

use access::{Client, DESK_CLIENT_PREFIX, Shown, is_player_id, same_secret};
use door::{Door, DoorConfig, ShownBy};

/// Messages that wait for one player before the broker drops: new chunks (QoS 0) or the oldest others. Holds 4 MiB
/// of chunks for a player whose line is stalled.
const PLAYER_QUEUE_MESSAGES: usize = 256;

/// The same for a connection of the desk, which hears all players at once when a district comes back.
const DESK_QUEUE_MESSAGES: usize = 100_000;

/// Unacknowledged messages under way in one direction of one connection.
const IN_FLIGHT_MAX: u16 = 64;

/// The usual [`BrokerConfig::stall_max_ms`]. Ten seconds, the library's own, is less than a mobile cell's handover.
pub const STALL_MAX_MS: u64 = 120_000;

/// From CONNECT's first byte to the answer.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// How long [`Broker::shutdown`] waits for the broker's threads.
const SHUTDOWN_MAX: Duration = Duration::from_secs(5);

/// Decides at each connection whether somebody may connect. Called from the broker's threads: it answers from memory
/// and does not wait for anything.
pub trait Gate: Send + Sync {
    /// Whether a player may connect from this machine, without TLS.
    fn admits(&self, player: &str, password: Option<&[u8]>) -> bool;

    /// Whether the player that a certificate names may connect; `key_mark` is the hash of its own key in there.
    fn admits_certificate(&self, _player: &str, _key_mark: &str) -> bool {
        false
    }

    /// Whether somebody without a certificate may ask for one, under this client id and with this claim code.
    fn admits_visitor(&self, _client_id: &str, _claim: Option<&[u8]>, _from: IpAddr) -> bool {
        false
    }
}

/// What a broker needs to know.
#[derive(Clone)]
pub struct BrokerConfig {
    /// Where to listen without TLS: an address of this machine alone. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The way in from other machines, if any.
    pub door: Option<DoorConfig>,
    /// User name of the desk's own connections; not a possible player id.
    pub desk_user: String,
    /// Their password: random, new at each start, never written down.
    pub desk_password: String,
    /// Connections at one time, the desk's included.
    pub max_connections: usize,
    /// The largest packet in bytes, either way. A client can make the broker reserve this much before it has shown
    /// a password.
    pub max_packet_bytes: u32,
    /// A subscriber that does not take a single message for this long is cut off, in milliseconds. This bounds what
    /// a stalled one costs: while a send hangs, what follows waits in a place the library does not bound. (The bytes
    /// are there once for all stalled subscribers of one broadcast, not once for each.)
    pub stall_max_ms: u64,
    /// Who may connect.
    pub gate: Arc<dyn Gate>,
}

/// Why the broker did not start.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// Without TLS, passwords and orders would cross the network in the clear.
    #[error(
        "without TLS the built-in broker listens on this machine only: use 127.0.0.1 in place of {listen}, \
         or listen there with TLS"
    )]
    BeyondLoopback {
        /// The address asked for.
        listen: SocketAddr,
    },
    /// A player of that id could never connect, or worse.
    #[error("{desk_user:?} could be the id of a player: choose a user name for the desk with a capital or a colon")]
    DeskUser {
        /// The name.
        desk_user: String,
    },
    /// Everybody could be the desk.
    #[error("the desk's password for the broker is empty")]
    DeskPassword,
    /// The address is in use, most often by another desk.
    #[error("the broker cannot listen on {listen}: {why}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// The system's reason.
        why: String,
    },
    /// The system gives no threads.
    #[error("the broker cannot start its threads")]
    Threads(#[source] std::io::Error),
}

/// A running broker. Dropping it stops it too, but without waiting, and some of its memory is lost: for the end of
/// the process only.
pub struct Broker {
    address: SocketAddr,
    context: ServerContext,
    door: Option<Door>,
    /// The broker's own threads: the library starts tasks that never end, so they end with these.
    runtime: Option<Runtime>,
}

impl Broker {
    /// Starts a broker and returns once it listens.
    ///
    /// # Errors
    /// See [`BrokerError`]; nothing is left running.
    pub async fn start(config: BrokerConfig) -> Result<Self, BrokerError> {
        check(&config)?;
        let runtime = RuntimeBuilder::new_multi_thread()
            .thread_name("loa-broker")
            .enable_all()
            .build()
            .map_err(BrokerError::Threads)?;
        let listen = config.listen;
        let started = runtime.spawn(serve(config)).await;
        let started = started.unwrap_or_else(|panic| Err(BrokerError::Listen { listen, why: panic.to_string() }));
        match started {
            Ok((address, context, door)) => Ok(Self { address, context, door, runtime: Some(runtime) }),
            Err(error) => {
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    /// Where it listens: the real port, if 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for other machines, over TLS.
    #[must_use]
    pub fn door_address(&self) -> Option<SocketAddr> {
        self.door.as_ref().map(Door::address)
    }

    /// The way in from other machines.
    #[must_use]
    pub fn door(&self) -> Option<Door> {
        self.door.clone()
    }

    /// Whether a client of this id is connected.
    pub async fn is_connected(&self, client_id: &str) -> bool {
        self.find(client_id).await.is_some()
    }

    /// Ends a player's connection, if there is one, and with it all it was allowed to hear: for a player that the
    /// [`Gate`] has just stopped admitting. Returns whether there was one.
    pub async fn disconnect(&self, player: &str) -> bool {
        let (Some(id), Some(runtime)) = (self.find(player).await, &self.runtime) else {
            return false;
        };
        let context = self.context.clone();
        let kick = async move {
            let entry = context.extends.shared().await.entry(id);
            match entry.try_lock().await {
                Ok(mut entry) => entry.kick(true, true, true).await.is_ok(),
                Err(_) => false,
            }
        };
        runtime.spawn(kick).await.unwrap_or(false)
    }

    async fn find(&self, client_id: &str) -> Option<Id> {
        let shared = self.context.extends.shared().await;
        let mut entries = shared.iter().map(|entry| entry.id());
        entries.find(|id| *id.client_id == *client_id)
    }

    /// Cuts every connection and returns when the port is free again.
    pub async fn shutdown(mut self) {
        if let Some(runtime) = self.runtime.take() {
            let wait = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(SHUTDOWN_MAX));
            let _ = wait.await;
        }
        // The library's parts hold each other: cut, else each start leaves a broker's memory and sockets behind.
        *self.context.extends.shared_mut().await = Box::new(DefaultShared::new(None));
        *self.context.extends.router_mut().await = Box::new(DefaultRouter::new(None));
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn check(config: &BrokerConfig) -> Result<(), BrokerError> {
    if !config.listen.ip().is_loopback() {
        return Err(BrokerError::BeyondLoopback { listen: config.listen });
    }
    if is_player_id(&config.desk_user) || config.desk_user.is_empty() {
        return Err(BrokerError::DeskUser { desk_user: config.desk_user.clone() });
    }
    if config.desk_password.is_empty() {
        return Err(BrokerError::DeskPassword);
    }
    Ok(())
}

/// Runs on the broker's own threads, as all that the library spawns must.
async fn serve(config: BrokerConfig) -> Result<(SocketAddr, ServerContext, Option<Door>), BrokerError> {
    let failed = |why: String| BrokerError::Listen { listen: config.listen, why };
    // Holds the port without listening on it: the library does not tell which one it got.
    let holder = reserve(config.listen).map_err(|error| failed(error.to_string()))?;
    let address = holder.local_addr().map_err(|error| failed(error.to_string()))?;
    let listener = settings(&config, address).bind().and_then(|bound| bound.tcp());
    let listener = listener.map_err(|error| failed(error.to_string()))?;
    drop(holder);
    let context = ServerContext::new()
        // The library would turn players away while the machine is busy, and a busy desk is when they matter.
        .busy_check_enable(false)
        .mqtt_max_sessions(isize::try_from(config.max_connections).unwrap_or(isize::MAX))
        .build()
        .await;
    *context.extends.fitter_mgr_mut().await = Box::new(Limits);
    let shown = Arc::new(ShownBy::default());
    let (door, connections) = (config.door.clone(), config.max_connections);
    let rules = Arc::new(Rules { config, shown: Arc::clone(&shown) });
    let hooks = context.extends.hook_mgr().register();
    for moment in [Type::ClientAuthenticate, Type::ClientSubscribeCheckAcl, Type::MessagePublishCheckAcl] {
        hooks.add(moment, Box::new(Ask(Arc::clone(&rules)))).await;
    }
    hooks.start().await;
    let server = MqttServer::new(context.clone()).listener_by_id(listener, address.port()).build();
    tokio::spawn(server.run());
    let door = door.map(|door| {
        let listen = door.listen;
        let opened = Door::open(door, address, shown, connections);
        opened.map_err(|error| BrokerError::Listen { listen, why: error.to_string() })
    });
    Ok((address, context, door.transpose()?))
}

fn reserve(listen: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = if listen.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(listen)?;
    Ok(socket)
}

fn settings(config: &BrokerConfig, address: SocketAddr) -> Builder {
    Builder::new()
        .name("loa")
        .laddr(address)
        // Else a restart after a crash finds its port taken for a minute.
        .reuseaddr(Some(true))
        .nodelay(true)
        .max_connections(config.max_connections)
        .max_packet_size(config.max_packet_bytes)
        // Else a client without a user name is let in before anybody is asked.
        .allow_anonymous(false)
        .handshake_timeout(HANDSHAKE_MAX)
        .send_timeout(Duration::from_millis(config.stall_max_ms))
        .max_inflight(NonZeroU16::new(IN_FLIGHT_MAX).unwrap_or(NonZeroU16::MIN))
        .max_mqueue_len(PLAYER_QUEUE_MESSAGES)
        // 0 is "never": the library's five minutes would let an order vanish without a word.
        .message_expiry_interval(Duration::ZERO)
        // 0 is "never": sent again on the same connection, as MQTT 5 forbids (section 4.4), a message arrives twice and
        // overruns the receiver's window. What a dead connection lost is asked for again by Loa itself.
        .message_retry_interval(Duration::ZERO)
        .max_qos_allowed(QoS::AtLeastOnce)
        .max_clientid_len(64)
        .max_topic_levels(8)
        .max_subscriptions(128)
        .max_topic_aliases(0)
        .allow_zero_keepalive(false)
        .min_keepalive(5)
        .max_keepalive(600)
}

/// What the listener's settings cannot say: limits by who it is.
struct Limits;

struct Limit {
    usual: DefaultFitter,
    desk: bool,
}

impl FitterManager for Limits {
    fn create(&self, connect: Arc<ConnectInfo>, id: Id, listener: ListenerConfig) -> FitterType {
        let desk = Client::of(&id.client_id) == Client::Desk;
        Arc::new(Limit { usual: DefaultFitter::new(connect, id, listener), desk })
    }
}

impl Fitter for Limit {
    fn keep_alive(&self, keep_alive_s: &mut u16) -> rmqtt::Result<u16> {
        self.usual.keep_alive(keep_alive_s)
    }

    fn max_mqueue_len(&self) -> usize {
        if self.desk { DESK_QUEUE_MESSAGES } else { self.usual.max_mqueue_len() }
    }

    fn mqueue_rate_limit(&self) -> (std::num::NonZeroU32, Duration) {
        self.usual.mqueue_rate_limit()
    }

    fn max_inflight(&self) -> NonZeroU16 {
        self.usual.max_inflight()
    }

    /// Nobody has a session that outlives its connection, whatever he asks for: each would cost the broker an open
    /// socket. (In the listener's settings 0 means the opposite, no limit.)
    fn session_expiry_interval(&self, _: Option<&Disconnect>) -> Duration {
        Duration::ZERO
    }

    fn message_expiry_interval(&self, publish: &CodecPublish) -> Duration {
        self.usual.message_expiry_interval(publish)
    }

    fn max_client_topic_aliases(&self) -> u16 {
        self.usual.max_client_topic_aliases()
    }

    fn max_server_topic_aliases(&self) -> u16 {
        self.usual.max_server_topic_aliases()
    }
}

struct Rules {
    config: BrokerConfig,
    shown: Arc<ShownBy>,
}

impl Rules {
    /// A second connection of the same player is let in and ends the first: after a line was cut without a word, the
    /// first is a ghost. Only who has the player's password can do that.
    fn admits(&self, connect: &ConnectInfo) -> bool {
        // MQTT 3 has no packet limits, no reasons and no session expiry: nothing of Loa speaks it.
        let ConnectInfo::V5(_, packet) = connect else {
            return false;
        };
        let (id, password) = (connect.client_id(), packet.password.as_deref());
        let Some(user) = &packet.username else {
            return false;
        };
        let gate = &self.config.gate;
        let known = match connect.id().remote_addr.and_then(|address| self.shown.at(address)) {
            // From another machine nobody is the desk, whatever password he has.
            Some(Shown::Certificate { player, key_mark }) => {
                player == **id && user == id && is_player_id(id) && gate.admits_certificate(&player, &key_mark)
            }
            Some(Shown::Nothing { from }) => {
                user == id && matches!(Client::of(id), Client::Visitor(_)) && gate.admits_visitor(id, password, from)
            }
            None if *user == self.config.desk_user => {
                id.starts_with(DESK_CLIENT_PREFIX)
                    && password.is_some_and(|given| same_secret(given, self.config.desk_password.as_bytes()))
            }
            None => user == id && is_player_id(id) && gate.admits(id, password),
        };
        known
            && packet.last_will.as_ref().is_none_or(|will| {
                Client::of(id).may_leave(&will.topic, LastWill::V5(will).retain(), will.message.len())
            })
    }
}

/// What the library calls; the rules are shared by the three moments it is called at.
struct Ask(Arc<Rules>);

impl Handler for Ask {
    // Written out as the library's macro would write an async function.
    fn hook<'a, 'b, 'd>(
        &'a self,
        moment: &'b Parameter<'_>,
        before: Option<HookResult>,
    ) -> Pin<Box<dyn Future<Output = ReturnType> + Send + 'd>>
    where
        'a: 'd,
        'b: 'd,
        Self: 'd,
    {
        let answer = match moment {
            Parameter::ClientAuthenticate(connect) => HookResult::AuthResult(match self.0.admits(connect) {
                true => AuthResult::Allow(false, None),
                false => AuthResult::NotAuthorized,
            }),
            Parameter::ClientSubscribeCheckAcl(session, wanted) => {
                let allowed = Client::of(&session.id.client_id).may_hear(&wanted.topic_filter);
                HookResult::SubscribeAclResult(match allowed {
                    true => SubscribeAclResult::new_success(wanted.opts.qos(), None),
                    false => SubscribeAclResult::new_failure(SubscribeAckReason::NotAuthorized),
                })
            }
            Parameter::MessagePublishCheckAcl(session, message) => {
                let allowed = !message.retain
                    && message.qos != QoS::ExactlyOnce
                    && Client::of(&session.id.client_id).may_say(&message.topic, message.payload.len());
                HookResult::PublishAclResult(match allowed {
                    true => PublishAclResult::allow(),
                    false => PublishAclResult::rejected(false, None),
                })
            }
            _ => return Box::pin(std::future::ready((true, before))),
        };
        Box::pin(std::future::ready((false, Some(answer))))
    }
}
