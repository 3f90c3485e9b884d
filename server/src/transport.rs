//! What a running desk needs to be reached from other machines: its authority, what its door shows, who may come in.
//!
//! Everything here renews itself while the desk runs: the broker's certificate at half of its life, authorities and
//! claim codes when a person changes them (`loa authority`, `loa claim`), the players that are known. Nothing of it
//! ends a connection, but that a player is known no longer. Next: `authority.rs`, `delivery/certify.rs`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use loa_domain::keys::SecretKey;
use loa_domain::time::UtcMs;
use loa_host::clock::Clock;
use loa_host::link::Credentials;
use tokio::sync::watch;

use crate::authority::{Authority, AuthorityError};
use crate::config::Folder;
use crate::delivery::broker::door::{Door, DoorConfig};
use crate::delivery::broker::handshake::Handshake;
use crate::delivery::certify::{Certifier, Passes, Takes};
use crate::delivery::register::Register;

/// How the door is opened.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// Where to listen for other machines.
    pub listen: SocketAddr,
    /// Names and addresses by which players reach the desk, beside those of this machine itself.
    pub names: Vec<String>,
}

/// The transport of a running desk. Clones share it.
#[derive(Clone)]
pub struct Transport {
    keys: PathBuf,
    names: Vec<String>,
    authority: Arc<RwLock<Authority>>,
    shown: watch::Sender<Handshake>,
    passes: Passes,
    clock: Clock,
}

fn now(clock: &Clock) -> UtcMs {
    UtcMs(clock.now().utc_ns.div_euclid(1_000_000))
}

fn handshake(authority: &Authority, names: &[String], clock: &Clock) -> Result<Handshake, AuthorityError> {
    authority.authorities_file()?;
    let file = authority.broker_file(names, now(clock))?;
    Handshake::new(&file, &authority.authorities()).map_err(|why| AuthorityError::Bad { path: file, why })
}

impl Transport {
    /// The transport of the desk in a folder, with its authority made at the first time.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn open(folder: &Folder, tls: Option<&TlsOptions>, takes: Takes, clock: Clock) -> Result<Self, AuthorityError> {
        let keys = folder.keys();
        let authority = Authority::open(&keys, now(&clock))?;
        let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        names.extend(tls.into_iter().flat_map(|tls| tls.names.iter().cloned()));
        let (shown, _) = watch::channel(handshake(&authority, &names, &clock)?);
        let passes = Passes::new(keys.clone(), clock.clone(), takes);
        Ok(Self { keys, names, authority: Arc::new(RwLock::new(authority)), shown, passes, clock })
    }

    /// What the door needs to know.
    #[must_use]
    pub fn door(&self, listen: SocketAddr) -> DoorConfig {
        DoorConfig { listen, handshake: self.shown.subscribe(), clock: self.clock.clone() }
    }

    /// Who may come in.
    #[must_use]
    pub fn passes(&self) -> Passes {
        self.passes.clone()
    }

    /// Who answers requests for certificates; `desk` seals them.
    #[must_use]
    pub fn certifier(&self, desk: &SecretKey) -> Certifier {
        Certifier::new(Arc::clone(&self.authority), self.passes.clone(), desk.clone())
    }

    /// With what the desk itself comes to an outside broker; `authorities` are those of that broker, if not the desk's.
    ///
    /// # Errors
    /// When its certificate cannot be made.
    pub fn credentials(&self, authorities: Option<PathBuf>) -> Result<Credentials, AuthorityError> {
        let authority = self.authority.read().unwrap_or_else(PoisonError::into_inner);
        let own = authority.desk_file(now(&self.clock))?;
        Ok(Credentials::new(authorities.map_or_else(|| authority.authorities_file(), Ok)?, Some(own)))
    }

    /// Takes over which players are known; cuts those at the door that are no longer.
    pub async fn follow(&self, register: &Register, door: Option<&Door>) {
        self.passes.know(register.keys().await);
        let cut = door.map_or(0, |door| door.cut_unwelcome(&self.passes));
        if cut > 0 {
            tracing::warn!(players = cut, "cut off: they are known no longer, or by another key");
        }
    }

    /// Renews what is due and takes over what people changed.
    pub fn renew(&self) {
        self.passes.follow_claims(false);
        let renewed = Authority::open(&self.keys, now(&self.clock)).and_then(|authority| {
            let shown = handshake(&authority, &self.names, &self.clock)?;
            authority.desk_file(now(&self.clock))?;
            Ok((authority, shown))
        });
        match renewed {
            Ok((authority, shown)) => {
                *self.authority.write().unwrap_or_else(PoisonError::into_inner) = authority;
                self.shown.send_replace(shown);
            }
            Err(error) => tracing::error!(%error, "the certificates of before stay in use"),
        }
    }
}
