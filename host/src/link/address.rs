//! The address of a broker: reads `mqtt[s]://[user:password@]host[:port]`, and says what is wrong with any other.
//!
//! It does not connect and it resolves no name; `wire.rs` does. Next: `../link.rs`, whose configuration holds one.

use std::fmt;
use std::str::FromStr;

/// Port of MQTT without TLS, as registered with IANA.
const PLAIN_PORT: u16 = 1883;

/// Port of MQTT over TLS, as registered with IANA.
const TLS_PORT: u16 = 8883;

/// Where a broker listens, and the name and password to show it if the address carried them.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerUrl {
    /// Host name, IPv4 address, or IPv6 address in square brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether it is spoken to over TLS (`mqtts://`).
    pub tls: bool,
    /// User name, percent-decoded.
    pub user: Option<String>,
    /// Password, percent-decoded.
    pub password: Option<String>,
}

/// Why a text is not the address of a broker that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokerUrlError {
    /// Another scheme, or none.
    #[error("a broker address starts with mqtts:// or mqtt://, this one with {given:?}")]
    Scheme {
        /// What stood before `://`, or nothing.
        given: String,
    },
    /// No host between the scheme and the port.
    #[error("the broker address names no host")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("{given:?} is not a TCP port (1 to 65535)")]
    Port {
        /// The text in the port's place.
        given: String,
    },
    /// Something follows the port: a broker address has no path.
    #[error("a broker address ends after the port; remove {given:?}")]
    Path {
        /// What follows.
        given: String,
    },
    /// A `%` in the user or password is not followed by two hexadecimal digits, or the bytes are not UTF-8.
    #[error("the user or password of the broker address has a wrong % escape")]
    Escape,
}

impl BrokerUrl {
    /// The address of a broker without user and password.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, tls: false, user: None, password: None }
    }

    /// The same over TLS.
    #[must_use]
    pub fn secure(host: impl Into<String>, port: u16) -> Self {
        Self { tls: true, ..Self::new(host, port) }
    }
}

impl FromStr for BrokerUrl {
    type Err = BrokerUrlError;

    fn from_str(text: &str) -> Result<Self, BrokerUrlError> {
        let Some((scheme, rest)) = text.trim().split_once("://") else {
            return Err(BrokerUrlError::Scheme { given: String::new() });
        };
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "mqtt" | "tcp" => false,
            "mqtts" | "ssl" => true,
            _ => return Err(BrokerUrlError::Scheme { given: scheme.to_owned() }),
        };
        // The last @ ends the password: an unescaped @ inside one is common and harmless.
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, rest),
        };
        let (host, port) = host_and_port(place, if tls { TLS_PORT } else { PLAIN_PORT })?;
        let (user, password) = match login.map(|l| l.split_once(':').map_or((l, None), |(u, p)| (u, Some(p)))) {
            None => (None, None),
            Some((user, password)) => (Some(unescape(user)?), password.map(unescape).transpose()?),
        };
        Ok(Self { host, port, tls, user, password })
    }
}

fn host_and_port(place: &str, usual_port: u16) -> Result<(String, u16), BrokerUrlError> {
    let place = place.strip_suffix('/').unwrap_or(place);
    if let Some(at) = place.find(['/', '?', '#']) {
        return Err(BrokerUrlError::Path { given: place[at..].to_owned() });
    }
    let (host, port) = match place.rfind(']') {
        Some(end) => (&place[..=end], place[end + 1..].strip_prefix(':')),
        None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() || host == "[]" {
        return Err(BrokerUrlError::Host);
    }
    let port = match port {
        None => usual_port,
        Some(given) => given
            .parse()
            .ok()
            .filter(|&port| port != 0)
            .ok_or_else(|| BrokerUrlError::Port { given: given.to_owned() })?,
    };
    Ok((host.to_owned(), port))
}

fn unescape(text: &str) -> Result<String, BrokerUrlError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        if byte == b'%' {
            let mut digit = || left.next().and_then(|b| char::from(b).to_digit(16)).ok_or(BrokerUrlError::Escape);
            let value = digit()? * 16 + digit()?;
            bytes.push(u8::try_from(value).map_err(|_| BrokerUrlError::Escape)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| BrokerUrlError::Escape)
}

/// Without the password: addresses end up in logs.
impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        match &self.user {
            Some(user) => write!(f, "{scheme}://{user}@{}:{}", self.host, self.port),
            None => write!(f, "{scheme}://{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BrokerUrl, BrokerUrlError> {
        text.parse()
    }

    #[test]
    fn an_address_gives_host_port_user_and_password() {
        assert_eq!(read("mqtt://broker.example"), Ok(BrokerUrl::new("broker.example", 1883)));
        assert_eq!(read("mqtt://10.1.2.3:2883/"), Ok(BrokerUrl::new("10.1.2.3", 2883)));
        assert_eq!(read("MQTT://[::1]:2883"), Ok(BrokerUrl::new("[::1]", 2883)));
        let full = read("mqtt://desk:p%40ss@w%3Aord@localhost:99").unwrap();
        assert_eq!(full.user.as_deref(), Some("desk"));
        assert_eq!(full.password.as_deref(), Some("p@ss@w:ord"));
        assert_eq!((full.host.as_str(), full.port), ("localhost", 99));
    }

    #[test]
    fn mqtts_is_tls_on_its_own_port() {
        assert_eq!(read("mqtts://broker.example"), Ok(BrokerUrl::secure("broker.example", 8883)));
        assert_eq!(read("ssl://10.1.2.3:99"), Ok(BrokerUrl::secure("10.1.2.3", 99)));
        assert_eq!(read("mqtts://[::1]").unwrap().to_string(), "mqtts://[::1]:8883");
        assert!(read("wss://x").is_err());
    }

    #[test]
    fn each_mistake_is_named() {
        assert_eq!(read("localhost:1883"), Err(BrokerUrlError::Scheme { given: String::new() }));
        assert_eq!(read("http://x"), Err(BrokerUrlError::Scheme { given: "http".into() }));
        assert_eq!(read("mqtt://"), Err(BrokerUrlError::Host));
        assert_eq!(read("mqtt://:1883"), Err(BrokerUrlError::Host));
        assert_eq!(read("mqtt://x:70000"), Err(BrokerUrlError::Port { given: "70000".into() }));
        assert_eq!(read("mqtt://x:0"), Err(BrokerUrlError::Port { given: "0".into() }));
        assert_eq!(read("mqtt://x:1/topic"), Err(BrokerUrlError::Path { given: "/topic".into() }));
        assert_eq!(read("mqtt://a%zz@x"), Err(BrokerUrlError::Escape));
        assert_eq!(read("mqtt://a%ff@x"), Err(BrokerUrlError::Escape));
    }

    #[test]
    fn a_password_never_reaches_a_log() {
        let url = read("mqtt://desk:secret@localhost").unwrap();
        assert!(!format!("{url} {url:?}").contains("secret"));
    }
}
