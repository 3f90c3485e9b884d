//! Configuration for brokers that are not ours: Mosquitto and EMQX. They are to let in whom the desk's own broker would.
//!
//! What they cannot do of it stands in the files themselves, for whoever installs them, and in docs/operator.md. Mosquitto's
//! is tested against Mosquitto; EMQX's has never been run here, and is held against a golden text alone.
//! The desk's own way in is a port of its own: Mosquitto can tie client ids to certificates only for a whole port, and the
//! desk has several connections. Players without a certificate do not come here but to the desk's own door: a broker that does
//! not tie their client ids to something would let them throw others off. Next: `authority.rs`, whose certificates they check.

use std::path::PathBuf;

use crate::authority::DESK_NAME;
use crate::delivery::broker::access::DESK_CLIENT_PREFIX;
use crate::delivery::broker::limits::PLAYER;

/// The file with every authority that is believed.
pub const AUTHORITIES: &str = "authorities.pem";
/// The file with the broker's certificate and those between it and an authority.
pub const CERTIFICATE: &str = "broker.crt";
/// The file with the broker's key.
pub const KEY: &str = "broker.key";

/// Connections of players at one time.
const PLAYERS_MAX: usize = 10_000;

/// Which broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Eclipse Mosquitto, 2.0 or later.
    Mosquitto,
    /// EMQX, 5.1 or later.
    Emqx,
}

/// An outside broker.
#[derive(Clone, Debug)]
pub struct Outside {
    /// The folder the files lie in when the broker reads them.
    pub dir: PathBuf,
    /// The port of players. The desk's own is the one two above, on the broker's machine alone.
    pub port: u16,
}

impl Outside {
    /// The files: name and text.
    #[must_use]
    pub fn files(&self, kind: Kind) -> Vec<(&'static str, String)> {
        match kind {
            Kind::Mosquitto => vec![
                ("mosquitto.conf", self.mosquitto()),
                ("players.acl", PLAYERS_ACL.to_owned()),
                (
                    "desk.acl",
                    format!("# The desk hears and says everything of Loa.\nuser {DESK_NAME}\ntopic readwrite loa1/#\n"),
                ),
            ],
            Kind::Emqx => vec![("emqx.conf", self.emqx()), ("acl.conf", emqx_acl())],
        }
    }

    /// The port of the desk.
    #[must_use]
    pub fn desk_port(&self) -> u16 {
        self.port.checked_add(2).unwrap_or(self.port.saturating_sub(2))
    }

    fn mosquitto(&self) -> String {
        let dir = self.dir.display();
        let (port, desk) = (self.port, self.desk_port());
        let tls = format!(
            "cafile {dir}/{AUTHORITIES}\ncertfile {dir}/{CERTIFICATE}\nkeyfile {dir}/{KEY}\ntls_version tlsv1.3\n\
             max_qos 1\nmax_topic_alias 0\nallow_zero_length_clientid false\n"
        );
        format!(
            "# Mosquitto 2.0 for Loa, written by `loa broker config`. Start it with: mosquitto -c {dir}/mosquitto.conf\n\
             # Mosquitto has no limits of rate and none by address: set those in the firewall.\n\
             # A subscription to what a player may not hear is accepted, and nothing comes of it.\n\
             # A player that is revoked keeps its certificate until it ends, at most 90 days: what it says is refused by\n\
             # the desk. To shut it out at once, add `deny` lines for it, or a crlfile.\n\
             per_listener_settings true\n\
             persistence false\nretain_available false\nmax_keepalive 600\nset_tcp_nodelay true\nsys_interval 0\n\
             max_packet_size 262144\nmax_inflight_messages 64\nmax_queued_messages 256\nmax_queued_bytes 4194304\n\n\
             # Players: each by its certificate, whose name is its user name and its client id.\n\
             listener {port}\n{tls}require_certificate true\nuse_identity_as_username true\nuse_username_as_clientid true\n\
             allow_anonymous false\nacl_file {dir}/players.acl\nmax_connections {PLAYERS_MAX}\n\n\
             # The desk, on this machine alone: a player that could reach this port could throw the desk off it.\n\
             listener {desk} 127.0.0.1\n{tls}require_certificate true\nuse_identity_as_username true\n\
             allow_anonymous false\nacl_file {dir}/desk.acl\nmax_connections 16\n"
        )
    }

    fn emqx(&self) -> String {
        let dir = self.dir.display();
        let (port, desk) = (self.port, self.desk_port());
        let (messages, kib) = (PLAYER.messages_per_s, PLAYER.bytes_per_s / 1024);
        let tls = format!(
            "  ssl_options {{\n    cacertfile = \"{dir}/{AUTHORITIES}\"\n    certfile = \"{dir}/{CERTIFICATE}\"\n    \
             keyfile = \"{dir}/{KEY}\"\n    versions = [\"tlsv1.3\"]\n    verify = verify_peer\n    \
             fail_if_no_peer_cert = true\n  }}\n"
        );
        format!(
            "# EMQX 5 for Loa, written by `loa broker config`. Include it in etc/emqx.conf.\n\
             # NOT TRIED: no EMQX could be run where Loa is made. Check it with `emqx check_config`, and try with one player.\n\
             listeners.tcp.default.enable = false\nlisteners.ssl.default.enable = false\nlisteners.ws.default.enable = false\n\
             listeners.wss.default.enable = false\n\n\
             listeners.ssl.players {{\n  bind = \"0.0.0.0:{port}\"\n  zone = players\n  max_connections = {PLAYERS_MAX}\n  \
             messages_rate = \"{messages}/s\"\n  bytes_rate = \"{kib}KB/s\"\n{tls}}}\n\n\
             listeners.ssl.desk {{\n  bind = \"127.0.0.1:{desk}\"\n  zone = desk\n  max_connections = 16\n{tls}}}\n\n\
             zones.players.mqtt {{\n  peer_cert_as_username = cn\n  peer_cert_as_clientid = cn\n  max_packet_size = \"66KB\"\n  \
             max_qos_allowed = 1\n  max_topic_levels = 8\n  max_topic_alias = 0\n  retain_available = false\n  \
             shared_subscription = false\n  wildcard_subscription = false\n  max_inflight = 64\n  max_mqueue_len = 256\n  \
             session_expiry_interval = \"0s\"\n}}\n\n\
             zones.desk.mqtt {{\n  peer_cert_as_username = cn\n  max_packet_size = \"256KB\"\n  max_qos_allowed = 1\n  \
             retain_available = false\n  max_inflight = 64\n  max_mqueue_len = 100000\n  session_expiry_interval = \"0s\"\n}}\n\n\
             authorization {{\n  no_match = deny\n  deny_action = ignore\n  sources = [\n    \
             {{ type = file, enable = true, path = \"{dir}/acl.conf\" }}\n  ]\n}}\n"
        )
    }
}

const PLAYERS_ACL: &str = "# %u is the name in the certificate.\n\
     pattern read loa1/p/%u/dn\npattern read loa1/p/%u/ck\npattern write loa1/p/%u/up\npattern write loa1/p/%u/pop\n\
     # Meant for all players, and signed.\n\
     pattern read loa1/g/+/dn\npattern read loa1/x/+/ck\n";

fn emqx_acl() -> String {
    format!(
        "%% Erlang terms, first match counts.\n\
         {{allow, {{'and', [{{username, \"{DESK_NAME}\"}}, {{clientid, {{re, \"^{DESK_CLIENT_PREFIX}\"}}}}]}}, all, [\"loa1/#\"]}}.\n\
         {{allow, all, subscribe, [\"loa1/p/${{username}}/dn\", \"loa1/p/${{username}}/ck\", \"loa1/g/+/dn\", \"loa1/x/+/ck\"]}}.\n\
         {{allow, all, publish, [\"loa1/p/${{username}}/up\", \"loa1/p/${{username}}/pop\"]}}.\n\
         {{deny, all}}.\n"
    )
}

#[cfg(test)]
mod tests;
