//! Logging in at a provider of identities (OpenID Connect 1.0, authorization code with PKCE), where a desk has one.
//!
//! The only file that names its library, which checks signature, issuer, audience, nonce and times of what the provider
//! says. The provider says who somebody is; what he may do is decided here, by the account that an admin linked to him.
//! Nobody gets an account by logging in there. Settings are `oidc.toml` in the desk's folder. Next: `login.rs`.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use loa_domain::time::UtcMs;
use loa_host::keyfile::KeyError;
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AsyncHttpClient, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, SignatureVerificationError,
    TokenResponse as _,
};
use serde::Deserialize;
use tokio::sync::{Mutex, Semaphore};

use super::session::Secret;
use crate::http::Outward;
use crate::timetable::read::settings;
use crate::timetable::zone::date_time;

/// The address to which the provider sends browsers back.
pub const BACK: &str = "/api/oidc/back";
/// How long what the provider publishes of itself is believed, in milliseconds: an hour.
const KNOWN_MS: i64 = 3_600_000;
/// A key that is not among those known is looked for no oftener, in milliseconds.
const AGAIN_MS: i64 = 60_000;
/// The provider is asked by so many at a time; more have to come again.
const TURNS: usize = 8;
/// Longest subject, in characters (OpenID Connect Core 1.0, section 2).
pub const SUBJECT: usize = 255;

/// What `oidc.toml` says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The provider's address, as it names itself: `https://…`.
    pub issuer: String,
    /// What the provider calls this desk.
    pub client_id: String,
    /// The file with the secret that it gave this desk, if it gave one; beside this file, unless it says where.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// Where it sends browsers back: the desk's address with [`BACK`].
    pub redirect: String,
    /// What its button is called.
    pub title: String,
}

/// Why there is no provider, or what it said is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The settings are not what they should be.
    #[error("{}: {what}", path.display())]
    Settings {
        /// Which file.
        path: PathBuf,
        /// What is wrong, with its line.
        what: String,
    },
    /// There are no random numbers.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It cannot be reached, or answers something else.
    #[error("the provider does not answer as it should: {0}")]
    Away(String),
    /// What it said of somebody does not hold.
    #[error("what the provider said is not believed: {0}")]
    Unbelieved(String),
    /// Too many are logging in.
    #[error("too many are logging in; come again in a second")]
    Busy,
}

/// A provider of identities.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    settings: Settings,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    secret: Option<ClientSecret>,
    way: Way,
    known: Mutex<Option<(UtcMs, CoreProviderMetadata)>>,
    turns: Semaphore,
}

/// What a browser keeps while it is at the provider's, so that nobody else's answer is taken for its own.
pub struct Errand {
    state: Secret,
    nonce: Secret,
    verifier: Secret,
}

impl Errand {
    fn new() -> Result<Self, KeyError> {
        Ok(Self { state: Secret::random()?, nonce: Secret::random()?, verifier: Secret::random()? })
    }

    /// As a cookie's value.
    #[must_use]
    pub fn text(&self) -> String {
        [&self.state, &self.nonce, &self.verifier].map(Secret::text).join(".")
    }

    /// From a cookie's value.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(Secret::read);
        let errand = Self { state: parts.next()??, nonce: parts.next()??, verifier: parts.next()?? };
        parts.next().is_none().then_some(errand)
    }

    /// Whether an answer is to this errand.
    #[must_use]
    pub fn is(&self, state: &str) -> bool {
        Secret::read(state).is_some_and(|state| state.hash() == self.state.hash())
    }
}

/// Whom the provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// What it calls him; never given to another.
    pub subject: String,
    /// When he last proved it there, where it says.
    pub proved: Option<UtcMs>,
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// When the file cannot be read, or does not say what it should; with its line.
    pub fn read(path: &Path) -> Result<Self, ProviderError> {
        let file = |source| ProviderError::File { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(file)?;
        let wrong = |what: String| ProviderError::Settings { path: path.to_owned(), what };
        let settings: Self = settings(&text).map_err(wrong)?;
        for (name, address) in [("issuer", &settings.issuer), ("redirect", &settings.redirect)] {
            if !is_safe(address) {
                return Err(wrong(format!("{name}: expected an address that begins with https://, not {address:?}")));
            }
        }
        if !settings.redirect.ends_with(BACK) {
            return Err(wrong(format!(
                "redirect: expected the desk's address with {BACK}, not {:?}",
                settings.redirect
            )));
        }
        Ok(settings)
    }
}

/// Encrypted, or on this machine.
fn is_safe(address: &str) -> bool {
    let near = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    address.starts_with("https://") || near.iter().any(|begin| address.starts_with(begin))
}

/// That the provider was not reached.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unreached(String);

/// The way to it, as the library asks for one.
struct Way(Outward);

impl<'c> AsyncHttpClient<'c> for Way {
    type Error = Unreached;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Unreached>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move { self.0.send(request).await.map_err(Unreached) })
    }
}

impl Provider {
    /// The provider of the settings in this file. It is asked nothing before somebody logs in.
    ///
    /// # Errors
    /// When the files do not say what they should, or this machine has no list of authorities for TLS.
    pub fn open(path: &Path) -> Result<Self, ProviderError> {
        let settings = Settings::read(path)?;
        let wrong = |what: String| ProviderError::Settings { path: path.to_owned(), what };
        let secret = match &settings.client_secret_file {
            None => None,
            Some(file) => {
                let file = path.parent().unwrap_or(Path::new(".")).join(file);
                let text =
                    std::fs::read_to_string(&file).map_err(|source| ProviderError::File { path: file, source })?;
                Some(ClientSecret::new(text.trim().to_owned()))
            }
        };
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| wrong(format!("issuer: {error}")))?;
        let redirect = RedirectUrl::new(settings.redirect.clone());
        let redirect = redirect.map_err(|error| wrong(format!("redirect: {error}")))?;
        let way = Way(Outward::new().map_err(ProviderError::Away)?);
        let (known, turns) = (Mutex::new(None), Semaphore::new(TURNS));
        Ok(Self(Arc::new(Inner { settings, issuer, redirect, secret, way, known, turns })))
    }

    /// Its settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// What it says of itself: address by address, and its keys.
    async fn known(&self, at_least: UtcMs, now: UtcMs) -> Result<CoreProviderMetadata, ProviderError> {
        let mut known = self.0.known.lock().await;
        if let Some((since, metadata)) = known.as_ref()
            && *since >= at_least
            && *since <= now
        {
            return Ok(metadata.clone());
        }
        let found = CoreProviderMetadata::discover_async(self.0.issuer.clone(), &self.0.way).await;
        let metadata = found.map_err(|error| ProviderError::Away(told(&error)))?;
        *known = Some((now, metadata.clone()));
        Ok(metadata)
    }

    /// Where a browser is sent to log in, and what it keeps meanwhile. `again`: the provider is to ask for the password,
    /// also of who is logged in there.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    pub async fn begin(&self, again: bool, now: UtcMs) -> Result<(String, Errand), ProviderError> {
        let _turn = self.0.turns.try_acquire().map_err(|_| ProviderError::Busy)?;
        let (metadata, errand) = (self.known(now.plus_ms(-KNOWN_MS), now).await?, Errand::new()?);
        let id = ClientId::new(self.0.settings.client_id.clone());
        let client = CoreClient::from_provider_metadata(metadata, id, self.0.secret.clone());
        let client = client.set_redirect_uri(self.0.redirect.clone());
        let verifier = PkceCodeVerifier::new(errand.verifier.text().to_owned());
        let (state, nonce) = (errand.state.text().to_owned(), errand.nonce.text().to_owned());
        let asked = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(state),
            || Nonce::new(nonce),
        );
        let mut asked = asked.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if again {
            asked = asked.add_prompt(CoreAuthPrompt::Login).set_max_age(std::time::Duration::ZERO);
        }
        Ok((asked.url().0.to_string(), errand))
    }

    /// Whom the provider vouches for, to whoever comes back with this code on this errand.
    ///
    /// # Errors
    /// When the provider cannot be asked, or what it says does not hold.
    pub async fn finish(&self, code: String, errand: &Errand, now: UtcMs) -> Result<Vouched, ProviderError> {
        let _turn = self.0.turns.try_acquire().map_err(|_| ProviderError::Busy)?;
        let metadata = self.known(now.plus_ms(-KNOWN_MS), now).await?;
        let id = || ClientId::new(self.0.settings.client_id.clone());
        let client = CoreClient::from_provider_metadata(metadata, id(), self.0.secret.clone());
        let client = client.set_redirect_uri(self.0.redirect.clone());
        let verifier = PkceCodeVerifier::new(errand.verifier.text().to_owned());
        let asked = client.exchange_code(AuthorizationCode::new(code));
        let asked = asked.map_err(|error| ProviderError::Away(told(&error)))?.set_pkce_verifier(verifier);
        let answer = asked.request_async(&self.0.way).await.map_err(|error| ProviderError::Unbelieved(told(&error)))?;
        let nothing = || ProviderError::Unbelieved("there is no ID token in its answer".to_owned());
        let token = answer.id_token().ok_or_else(nothing)?;
        let nonce = Nonce::new(errand.nonce.text().to_owned());
        let clock = || date_time(now);
        let first = token.claims(&client.id_token_verifier().set_time_fn(clock), &nonce);
        let claims = match first {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                // It may have new keys since.
                let metadata = self.known(now.plus_ms(-AGAIN_MS), now).await?;
                let client = CoreClient::from_provider_metadata(metadata, id(), self.0.secret.clone());
                token.claims(&client.id_token_verifier().set_time_fn(clock), &nonce).cloned()
            }
            first => first.cloned(),
        };
        let claims = claims.map_err(|error| ProviderError::Unbelieved(told(&error)))?;
        let subject = claims.subject().to_string();
        if subject.is_empty() || subject.chars().count() > SUBJECT || subject.chars().any(char::is_control) {
            return Err(ProviderError::Unbelieved("its name for somebody is none".to_owned()));
        }
        let proved = claims.auth_time().map(|at| UtcMs(at.timestamp_millis()));
        Ok(Vouched { subject, proved })
    }
}

/// An error with what lies beneath it.
fn told(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut beneath = error.source();
    while let Some(error) = beneath {
        told = format!("{told}: {error}");
        beneath = error.source();
    }
    told
}
