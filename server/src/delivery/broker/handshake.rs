//! The desk's end of TLS, and the only file here that names the TLS library and the reader of certificates.
//!
//! 1.3 alone. A certificate is asked for and need not come: whoever has none is a visitor (`access.rs`). One that comes
//! must be whole, in time, for clients, and under an authority that is believed, else the handshake ends with an alert.
//! Sessions are not resumed: a resumed one would outlive its certificate. Next: `door.rs`.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::TLS13;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};

/// A connection after its handshake.
pub(super) type Secure = TlsStream<TcpStream>;

/// How long a refused client may take to read why.
const LINGER: Duration = Duration::from_millis(500);

/// Whom a certificate names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The player.
    pub(super) player: String,
    /// The hash of the player's own key.
    pub(super) key_mark: String,
    /// When it ends, in seconds since 1970.
    pub(super) ends_s: i64,
}

/// What the desk shows and whom it believes. Made anew when either changes.
#[derive(Clone)]
pub struct Handshake(TlsAcceptor);

impl Handshake {
    /// `own`: a PEM file with the certificate, those between it and an authority, and its key. `authorities`: PEM.
    ///
    /// # Errors
    /// What is wrong with a file.
    pub fn new(own: &Path, authorities: &str) -> Result<Self, String> {
        let at_own = |what: String| format!("{}: {what}", own.display());
        let mut roots = RootCertStore::empty();
        for authority in CertificateDer::pem_slice_iter(authorities.as_bytes()) {
            roots.add(authority.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
        }
        let provider = Arc::new(ring::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()
            .map_err(|error| error.to_string())?;
        let chain = CertificateDer::pem_file_iter(own).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let key = PrivateKeyDer::from_pem_file(own).map_err(|error| at_own(error.to_string()))?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| error.to_string())?
            .with_client_cert_verifier(clients)
            .with_single_cert(chain.map_err(|error| at_own(error.to_string()))?, key)
            .map_err(|error| at_own(error.to_string()))?;
        config.send_tls13_tickets = 0;
        config.max_early_data_size = 0;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Shakes hands. Gives whom the client's certificate names; nothing if it showed none.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<(Secure, Option<Named>)> {
        let stream = match self.0.accept(stream).into_fallible().await {
            Ok(stream) => stream,
            Err((error, stream)) => {
                part(stream).await;
                return Err(error);
            }
        };
        let named = match stream.get_ref().1.peer_certificates().and_then(<[_]>::first) {
            None => None,
            Some(certificate) => {
                let named = read(certificate);
                Some(named.ok_or_else(|| io::Error::other("the certificate names no player"))?)
            }
        };
        Ok((stream, named))
    }
}

/// Says goodbye so that the reason arrives: what is closed with bytes unread throws away what it sent.
async fn part(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    let mut rest = [0; 4096];
    let _ = timeout(LINGER, async { while stream.read(&mut rest).await.is_ok_and(|bytes| bytes > 0) {} }).await;
}

/// Whom a certificate names that was found good.
fn read(certificate: &[u8]) -> Option<Named> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let subject: &X509Name<'_> = certificate.subject();
    let one = |mut texts: Vec<&str>| if texts.len() == 1 { texts.pop().map(str::to_owned) } else { None };
    Some(Named {
        player: one(subject.iter_common_name().filter_map(|name| name.as_str().ok()).collect())?,
        key_mark: one(subject.iter_organizational_unit().filter_map(|name| name.as_str().ok()).collect())?,
        ends_s: certificate.validity().not_after.timestamp(),
    })
}
