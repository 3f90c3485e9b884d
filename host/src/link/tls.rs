//! TLS under a link, and the only file here that names the TLS library: 1.3 alone, our own authorities alone.
//!
//! The MQTT library brings a TLS of its own, with a rustls-webpki whose advisories (RUSTSEC-2026-0049, -0098, -0099,
//! -0104) no release of it heals, and without a choice of version. So it is built without, and speaks through a
//! [`Tunnel`] instead: a socket of this process under a random name without a file, whose one caller must be this very
//! process; behind it is a current TLS. Nothing listens where another machine could reach it.
//! Files are read again at every connection, so that a renewed certificate needs no restart. What a certificate may
//! do is the broker's to say. Next: `wire.rs`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use loa_domain::id::Hash;
use tokio::net::{TcpStream, UnixListener};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{AlertDescription, ClientConfig, Error as TlsError, RootCertStore};

use super::BrokerUrl;
use crate::keyfile;

/// What is copied at a time, in bytes: a record of TLS.
const COPY_BYTES: usize = 16 * 1024;

/// How a name without a file begins (Linux, unix(7)).
const NO_FILE: char = '\0';

/// With what a broker is believed, and shown who we are.
#[derive(Clone, Debug)]
pub struct Credentials {
    authorities: PathBuf,
    own: Option<PathBuf>,
    is_refused: Arc<AtomicBool>,
}

impl Credentials {
    /// `authorities`: a PEM file with every authority that is believed. `own`: a PEM file with our certificate, those
    /// between it and an authority, and its key; without one we come as a visitor.
    #[must_use]
    pub fn new(authorities: impl Into<PathBuf>, own: Option<PathBuf>) -> Self {
        Self { authorities: authorities.into(), own, is_refused: Arc::default() }
    }

    /// Whether a broker has refused our certificate since the last [`Credentials::renewed`]: it has ended, or its
    /// authority is believed no longer.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }

    /// There is another certificate in the file now.
    pub fn renewed(&self) {
        self.is_refused.store(false, Ordering::Relaxed);
    }

    /// Whether TLS can use the files as they are.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn check(&self) -> Result<(), String> {
        self.config().map(drop)
    }

    fn config(&self) -> Result<ClientConfig, String> {
        let mut roots = RootCertStore::empty();
        for authority in certificates(&self.authorities)? {
            roots.add(authority).map_err(|error| at(&self.authorities, error))?;
        }
        if roots.is_empty() {
            return Err(at(&self.authorities, "expected at least one certificate of an authority (PEM)"));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots);
        let Some(own) = &self.own else { return Ok(config.with_no_client_auth()) };
        let key = PrivateKeyDer::from_pem_file(own).map_err(|error| at(own, error))?;
        config.with_client_auth_cert(certificates(own)?, key).map_err(|error| at(own, error))
    }

    fn note(&self, error: &io::Error) {
        let alert = match error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
            Some(TlsError::AlertReceived(alert)) => *alert,
            _ => return,
        };
        let refuses = matches!(
            alert,
            AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::DecryptError
                | AlertDescription::CertificateRequired
        );
        if refuses && self.own.is_some() {
            self.is_refused.store(true, Ordering::Relaxed);
        }
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    read.map_err(|error| at(path, error))
}

fn at(path: &Path, what: impl std::fmt::Display) -> String {
    format!("{}: {what}", path.display())
}

/// A way to the broker that the MQTT library can take for a socket.
pub(super) struct Tunnel {
    name: String,
    entrance: UnixListener,
    url: BrokerUrl,
    credentials: Credentials,
}

impl Tunnel {
    /// The near end; nothing is dialled yet.
    pub(super) fn open(url: &BrokerUrl, credentials: Option<&Credentials>) -> Result<Self, String> {
        let no_authority = || format!("{url}: name the file with the certificates of its authority");
        let credentials = credentials.cloned().ok_or_else(no_authority)?;
        let random = Hash(keyfile::random().map_err(|error| error.to_string())?);
        let name = format!("{NO_FILE}loa-link-{random}");
        let entrance = UnixListener::bind(&name).map_err(|error| error.to_string())?;
        Ok(Self { name, entrance, url: url.clone(), credentials })
    }

    /// What to give the MQTT library for a path.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Dials, shakes hands, and carries bytes from then on.
    pub(super) async fn join(self) -> Result<Carrying, String> {
        let Self { entrance, url, credentials, .. } = self;
        let far = dial(&url, &credentials).await?;
        let why = Arc::new(Mutex::new(None));
        let task = tokio::spawn(carry(entrance, far, credentials, Arc::clone(&why)));
        Ok(Carrying { task, why })
    }
}

async fn dial(url: &BrokerUrl, credentials: &Credentials) -> Result<TlsStream<TcpStream>, String> {
    let config = credentials.config()?;
    let host = url.host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = ServerName::try_from(host.clone()).map_err(|error| format!("{host}: {error}"))?;
    let stream = TcpStream::connect((host, url.port)).await.map_err(|error| error.to_string())?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| {
        credentials.note(&error);
        format!("TLS: {error}")
    })
}

async fn carry(
    entrance: UnixListener,
    mut far: TlsStream<TcpStream>,
    credentials: Credentials,
    why: Arc<Mutex<Option<String>>>,
) {
    let mut near = loop {
        let Ok((near, _)) = entrance.accept().await else { return };
        // The name is not to be guessed, but it can be read by whoever may look at this machine's sockets.
        let caller = near.peer_cred().ok().and_then(|caller| caller.pid());
        if caller.is_some_and(|pid| u32::try_from(pid) == Ok(std::process::id())) {
            break near;
        }
    };
    drop(entrance);
    // A broker refuses a certificate only after our side of the handshake is done: it shows here.
    if let Err(error) = tokio::io::copy_bidirectional_with_sizes(&mut near, &mut far, COPY_BYTES, COPY_BYTES).await {
        credentials.note(&error);
        *why.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("TLS: {error}"));
    }
}

/// Bytes under way; they stop when this is dropped.
pub(super) struct Carrying {
    task: JoinHandle<()>,
    why: Arc<Mutex<Option<String>>>,
}

impl Carrying {
    /// Why the far end was lost, where TLS knows better than the MQTT library.
    pub(super) fn why(&self) -> Option<String> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Carrying {
    fn drop(&mut self) {
        self.task.abort();
    }
}
