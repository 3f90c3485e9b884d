//! The player's certificate for the transport: asked for, kept, renewed at half of its life, asked for anew when it is no
//! longer any good.
//!
//! It only opens the way to the desk. A player without one, or with one that has ended, plays on and says so in its log.
//! - The key of the transport is one of its own, in a file of its own (`tls/transport.key`); the key that signs records
//!   never leaves `player.key`, and signs only the request.
//! - Renewal goes over the ordinary connection (`courier.rs`). Where that cannot come up any more, the player comes as a
//!   visitor (`visit.rs`), as it does at its first start.
//! - What the desk sealed is believed: the certificate and the set of authorities. As a visitor the certificate alone is
//!   taken also from a desk whose online key changed while the player was off: the connection was checked against the
//!   authorities, and a wrong certificate opens nothing.
//!
//! How TLS uses these files is `loa_host::link`.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{fs, io};

use loa_domain::delivery::certificate::{Certified, Request, renew_at, visitor_id};
use loa_domain::id::PlayerId;
use loa_domain::keys::{self, Purpose, Root, Sealed, SecretKey};
use loa_domain::message::Up;
use loa_domain::time::UtcMs;
use loa_domain::timetable::audience::Kind;
use loa_domain::wire::{self, Text};
use loa_host::durable;
use loa_host::keyfile::{self, KeyError};
use loa_host::link::Credentials;

/// How long to wait before the desk is asked again, in milliseconds.
const ASK_MS: u64 = 10 * 60_000;

/// Why an answer of the desk was not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It is no answer.
    #[error("a certificate that is none")]
    Unreadable,
    /// The root document's desk did not seal it.
    #[error("a certificate that the desk did not seal")]
    Unsealed,
    /// It is for another player or another key.
    #[error("a certificate for somebody else")]
    Foreign,
    /// TLS would not take it, or it cannot be kept.
    #[error("a certificate that cannot be used: {0}")]
    Useless(String),
}

/// The certificate of this player.
pub struct Pass {
    dir: PathBuf,
    player: PlayerId,
    kind: Kind,
    own: SecretKey,
    transport: SecretKey,
    claim: Option<String>,
    credentials: Credentials,
    /// When the desk was asked last, in monotonic milliseconds.
    asked_ms: Mutex<Option<u64>>,
}

impl Pass {
    /// The certificate in the player's folder; there may be none yet. `authorities` are those that were given at the
    /// player's installation: they count until the desk names others, and again when a person gives another file.
    ///
    /// # Errors
    /// When the folder cannot be used, or there is no authority at all.
    pub fn open(
        data: &Path,
        (player, kind, own): (PlayerId, Kind, SecretKey),
        authorities: &Path,
        claim: Option<String>,
    ) -> Result<Self, KeyError> {
        let dir = data.join("tls");
        let file = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| KeyError::File { path, source }
        };
        durable::create_dir(&dir).map_err(file(&dir))?;
        let (believed, given) = (dir.join("authorities.pem"), dir.join("authorities.given.pem"));
        match fs::read(authorities) {
            Ok(bytes) => {
                if fs::read(&given).ok().as_ref() != Some(&bytes) || !believed.is_file() {
                    durable::write(&believed, &bytes).map_err(file(&believed))?;
                    durable::write(&given, &bytes).map_err(file(&given))?;
                }
            }
            // What the desk named last is kept here.
            Err(error) if believed.is_file() => {
                tracing::warn!(?authorities, %error, "the file of authorities cannot be read; those of before count");
            }
            Err(error) => return Err(file(authorities)(error)),
        }
        let transport = keyfile::key(&dir.join("transport.key"))?;
        let credentials = Credentials::new(&believed, Some(dir.join("player.pem")));
        Ok(Self { dir, player, kind, own, transport, claim, credentials, asked_ms: Mutex::default() })
    }

    /// With what the ordinary connection is made.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// With what a visitor comes.
    #[must_use]
    pub fn visitor(&self) -> Credentials {
        Credentials::new(self.dir.join("authorities.pem"), None)
    }

    /// The client id of this player as a visitor.
    #[must_use]
    pub fn visitor_id(&self) -> String {
        visitor_id(&self.own.public())
    }

    /// The claim code that a person gave.
    #[must_use]
    pub fn claim(&self) -> Option<&str> {
        self.claim.as_deref()
    }

    /// When the certificate that is here begins and ends.
    fn life(&self) -> Option<(UtcMs, UtcMs)> {
        let text = fs::read_to_string(self.dir.join("player.pem")).ok()?;
        let (begins, ends) = text.lines().next()?.strip_prefix("Loa: begins ")?.split_once(" ends ")?;
        Some((UtcMs(begins.parse().ok()?), UtcMs(ends.parse().ok()?)))
    }

    /// Whether the ordinary connection cannot come up with what is here: why, for the log.
    #[must_use]
    pub fn needs_visit(&self, now: UtcMs) -> Option<&'static str> {
        match self.life() {
            None => Some("there is no certificate yet"),
            Some(_) if self.credentials.is_refused() => Some("the broker refuses the certificate"),
            Some((_, ends)) if ends <= now => Some("the certificate has ended"),
            Some(_) => None,
        }
    }

    /// A wish for another certificate, when half of this one's life is over and it was not just wished for.
    #[must_use]
    pub fn renewal(&self, now: UtcMs, now_ms: u64) -> Option<Vec<u8>> {
        let mut asked_ms = self.asked_ms.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if asked_ms.is_some_and(|asked_ms| now_ms < asked_ms.saturating_add(ASK_MS)) {
            return None;
        }
        // Also without a file: other transports than TLS have none, and nobody asks.
        let (begins, ends) = self.life()?;
        let is_due = renew_at(begins, ends) <= now;
        *asked_ms = Some(now_ms);
        is_due.then(|| self.request(now))
    }

    /// A sealed request.
    #[must_use]
    pub fn request(&self, now: UtcMs) -> Vec<u8> {
        let request = Request {
            player: self.player.clone(),
            key: self.own.public(),
            kind: self.kind,
            transport: self.transport.public(),
            now,
            claim: self.claim.as_deref().map(Text::cut),
        };
        keys::seal(&wire::encode(&request), Purpose::CertificateRequest, &[&self.own])
    }

    /// The request as a message.
    #[must_use]
    pub fn wish(&self, now: UtcMs) -> Vec<u8> {
        wire::encode(&Up::Certify { sealed: &self.request(now) })
    }

    /// Takes what the desk answered. `visits` says that it came over a visitor's connection.
    ///
    /// # Errors
    /// See [`NotTaken`]; what was there stays.
    pub fn take(&self, sealed: &[u8], root: &Root, visits: bool) -> Result<UtcMs, NotTaken> {
        let read = Sealed::read(sealed).map_err(|_| NotTaken::Unreadable)?;
        let is_sealed = read.check(Purpose::Certificate, &root.desk).is_ok();
        if !is_sealed && !visits {
            return Err(NotTaken::Unsealed);
        }
        let certified: Certified<'_> = wire::decode(read.body).map_err(|_| NotTaken::Unreadable)?;
        if certified.player != self.player || certified.transport != self.transport.public() {
            return Err(NotTaken::Foreign);
        }
        let useless = |why: &dyn std::fmt::Display| NotTaken::Useless(why.to_string());
        let (candidate, believed) = (self.dir.join("player.new.pem"), self.dir.join("authorities.pem"));
        let head = format!("Loa: begins {} ends {}\n", certified.begins.0, certified.ends.0);
        let key = keyfile::pem(&self.transport);
        let text = [head.as_bytes(), certified.certificate, key.as_bytes()].concat();
        durable::write_private(&candidate, &text).map_err(|error| useless(&error))?;
        let authorities = self.dir.join("authorities.new.pem");
        let named: &[u8] = if is_sealed { certified.authorities } else { &fs::read(&believed).unwrap_or_default() };
        durable::write(&authorities, named).map_err(|error| useless(&error))?;
        // As TLS will read them: what does not pass here never takes the place of what works.
        Credentials::new(&authorities, Some(candidate.clone())).check().map_err(|why| useless(&why))?;
        durable::rename(&authorities, &believed).map_err(|error| useless(&error))?;
        durable::rename(&candidate, &self.dir.join("player.pem")).map_err(|error| useless(&error))?;
        self.credentials.renewed();
        Ok(certified.ends)
    }
}

#[cfg(test)]
mod tests;
