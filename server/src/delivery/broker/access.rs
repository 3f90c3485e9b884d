//! Who may say and hear what on the desk's own broker: pure rules, no broker in them.
//!
//! The rules do not make the system safe, signatures do; they keep one stolen player from reading, flooding or
//! imitating others. Next: `../broker.rs`, which asks these rules at every packet.

use std::net::IpAddr;

use loa_domain::delivery::certificate::is_visitor;

/// Client ids of the desk's own connections begin with this. No player id can: it holds a colon.
pub const DESK_CLIENT_PREFIX: &str = "desk:";

/// The longest will, in bytes: it says "gone" and the time.
pub const WILL_BYTES_MAX: usize = 1024;

/// The largest message a player may send, in bytes: a batch of proofs.
pub const PLAYER_PAYLOAD_BYTES_MAX: usize = 64 * 1024;

/// Longest name of a group or transfer in a topic.
const NAME_BYTES_MAX: usize = 64;

/// The largest message a visitor may send, in bytes: a request for a certificate.
pub const VISITOR_PAYLOAD_BYTES_MAX: usize = 1024;

/// What a connection from another machine showed of itself, before it said a word of MQTT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A certificate under one of the desk's authorities.
    Certificate {
        /// The player it names.
        player: String,
        /// The hash of that player's own key.
        key_mark: String,
    },
    /// No certificate.
    Nothing {
        /// From where it came.
        from: IpAddr,
    },
}

/// Who is on a connection, as its authentication proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client<'a> {
    /// One of the desk's own connections.
    Desk,
    /// The player of this id.
    Player(&'a str),
    /// A player without a certificate, by the hash of its key.
    Visitor(&'a str),
}

impl<'a> Client<'a> {
    /// Reads a client id whose connection was authenticated.
    #[must_use]
    pub fn of(client_id: &'a str) -> Self {
        if client_id.starts_with(DESK_CLIENT_PREFIX) {
            Self::Desk
        } else if is_visitor(client_id) {
            Self::Visitor(client_id)
        } else {
            Self::Player(client_id)
        }
    }

    /// Whether it may subscribe to this filter.
    ///
    /// Every filter a player may use is spelled out, so `#`, `+`, `$share/…` and `$SYS/…` need no rule of their own.
    #[must_use]
    pub fn may_hear(self, filter: &str) -> bool {
        let Some(rest) = filter.strip_prefix("loa1/") else {
            return false;
        };
        match (self, &rest.split('/').collect::<Vec<_>>()[..]) {
            (Self::Desk, _) => true,
            (Self::Player(own), ["p", player, "dn" | "ck"]) => *player == own,
            (Self::Player(_), ["g", name, "dn"] | ["x", name, "ck"]) => is_name(name),
            (Self::Visitor(own), ["n", visitor, "dn"]) => *visitor == own,
            _ => false,
        }
    }

    /// Whether it may publish a message of this size to this topic.
    #[must_use]
    pub fn may_say(self, topic: &str, payload_bytes: usize) -> bool {
        let Some(rest) = topic.strip_prefix("loa1/") else {
            return false;
        };
        match (self, &rest.split('/').collect::<Vec<_>>()[..]) {
            (Self::Desk, _) => true,
            (Self::Player(own), ["p", player, "up" | "pop"]) => {
                *player == own && payload_bytes <= PLAYER_PAYLOAD_BYTES_MAX
            }
            (Self::Visitor(own), ["n", visitor, "up"]) => *visitor == own && payload_bytes <= VISITOR_PAYLOAD_BYTES_MAX,
            _ => false,
        }
    }

    /// Whether it may leave this last will. Brokers forget to ask (several famous ones did): a will is published
    /// without the check every other message gets.
    #[must_use]
    pub fn may_leave(self, topic: &str, retained: bool, payload_bytes: usize) -> bool {
        match self {
            Self::Desk | Self::Visitor(_) => false,
            Self::Player(own) => !retained && payload_bytes <= WILL_BYTES_MAX && topic == format!("loa1/p/{own}/up"),
        }
    }
}

/// A player id: 1 to 32 of `a`–`z`, `0`–`9` and `-`. So an id can be part of a topic and hold no wildcard.
#[must_use]
pub fn is_player_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn is_name(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

/// Compares without telling by its duration how much was right.
#[must_use]
pub fn same_secret(given: &[u8], right: &[u8]) -> bool {
    let differences = given.iter().zip(right).fold(0, |all, (a, b)| all | (a ^ b));
    given.len() == right.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAYER: Client<'_> = Client::Player("xa-7");

    #[test]
    fn a_player_hears_its_own_topics_and_exact_groups_and_transfers() {
        for right in ["loa1/p/xa-7/dn", "loa1/p/xa-7/ck", "loa1/g/hanoi/dn", "loa1/x/9f3c/ck"] {
            assert!(PLAYER.may_hear(right), "{right}");
        }
        let wrong = [
            "#",
            "+/+/+",
            "+/+/+/+",
            "loa1/#",
            "loa1/+/xa-7/dn",
            "loa1/p/+/dn",
            "loa1/p/xa-7/+",
            "loa1/p/xa-7/#",
            "loa1/p/xa-8/dn",
            "loa1/p/xa-8/ck",
            "loa1/p/xa-7/up",
            "loa1/p/xa-7/pop",
            "loa1/p/xa-8/up",
            "loa1/g/+/dn",
            "loa1/g/#",
            "loa1/g/a/b/dn",
            "loa1/g//dn",
            "loa1/g/a/ck",
            "loa1/x/+/ck",
            "loa1/x/a/dn",
            "$SYS/#",
            "$share/g/loa1/p/xa-8/dn",
            "$share/g/loa1/p/xa-7/dn",
            "$share/g/#",
            "$exclusive/loa1/p/xa-7/dn",
            "$limit/1/loa1/p/xa-7/dn",
            "/loa1/p/xa-7/dn",
            "loa1/p/xa-7/dn/",
            "loa1/p/xa-7/dn/#",
            "LOA1/p/xa-7/dn",
            "loa1/p/XA-7/dn",
            "loa1",
            "",
            "loa1/g/a\u{0}b/dn",
        ];
        for wrong in wrong {
            assert!(!PLAYER.may_hear(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_player_says_only_its_own_news_and_proofs_of_bounded_size() {
        assert!(PLAYER.may_say("loa1/p/xa-7/up", 0) && PLAYER.may_say("loa1/p/xa-7/pop", PLAYER_PAYLOAD_BYTES_MAX));
        assert!(!PLAYER.may_say("loa1/p/xa-7/pop", PLAYER_PAYLOAD_BYTES_MAX + 1));
        for wrong in [
            "loa1/p/xa-7/dn",
            "loa1/p/xa-7/ck",
            "loa1/p/xa-8/up",
            "loa1/p/xa-8/pop",
            "loa1/p/xa-8/dn",
            "loa1/g/a/dn",
            "loa1/x/a/ck",
            "loa1/p/xa-7/up/x",
            "x/loa1/p/xa-7/up",
            "$SYS/brokers",
            "",
        ] {
            assert!(!PLAYER.may_say(wrong, 1), "{wrong}");
        }
    }

    #[test]
    fn a_will_goes_to_the_own_topic_only_and_is_never_retained() {
        assert!(PLAYER.may_leave("loa1/p/xa-7/up", false, 10));
        assert!(!PLAYER.may_leave("loa1/p/xa-7/up", true, 10));
        assert!(!PLAYER.may_leave("loa1/p/xa-8/up", false, 10));
        assert!(!PLAYER.may_leave("loa1/p/xa-8/dn", true, 10));
        assert!(!PLAYER.may_leave("loa1/p/xa-7/pop", false, 10));
        assert!(!PLAYER.may_leave("loa1/p/xa-7/up", false, WILL_BYTES_MAX + 1));
        assert!(!Client::Desk.may_leave("loa1/p/xa-7/dn", false, 10));
    }

    #[test]
    fn a_visitor_asks_for_a_certificate_and_nothing_else() {
        let id = "new-00112233445566778899aabbccddeeff";
        let visitor = Client::of(id);
        assert_eq!(visitor, Client::Visitor(id));
        let (up, dn) = (format!("loa1/n/{id}/up"), format!("loa1/n/{id}/dn"));
        assert!(visitor.may_hear(&dn) && visitor.may_say(&up, VISITOR_PAYLOAD_BYTES_MAX));
        assert!(!visitor.may_say(&up, VISITOR_PAYLOAD_BYTES_MAX + 1) && !visitor.may_leave(&up, false, 1));
        let other = "loa1/n/new-ffeeddccbbaa99887766554433221100";
        let wrong = [
            &up,
            "#",
            "loa1/n/+/dn",
            &format!("{other}/dn"),
            "loa1/g/all/dn",
            "loa1/x/1/ck",
            &format!("loa1/p/{id}/dn"),
            &format!("$share/g/{dn}"),
        ];
        for filter in wrong {
            assert!(!visitor.may_hear(filter), "{filter}");
        }
        for topic in [&dn, &format!("{other}/up"), &format!("loa1/p/{id}/up"), &format!("loa1/p/{id}/pop")] {
            assert!(!visitor.may_say(topic, 1), "{topic}");
        }
        assert!(!PLAYER.may_hear(&dn) && !PLAYER.may_say(&up, 1), "nor may a player meddle there");
    }

    #[test]
    fn the_desk_has_wildcards_inside_its_own_tree_only() {
        let desk = Client::of("desk:reports");
        assert_eq!(desk, Client::Desk);
        assert!(desk.may_hear("loa1/p/+/up") && desk.may_hear("loa1/#") && desk.may_say("loa1/p/xa-7/dn", 200_000));
        assert!(!desk.may_hear("#") && !desk.may_hear("$share/g/loa1/#") && !desk.may_say("other", 1));
    }

    #[test]
    fn a_player_id_cannot_hold_a_wildcard_a_slash_or_the_desks_prefix() {
        for right in ["a", "0-0", "xa-7", &"x".repeat(32)] {
            assert!(is_player_id(right), "{right}");
        }
        for wrong in ["", "A", "a/b", "+", "#", "a b", "desk:x", "đ", "a\0", &"x".repeat(33)] {
            assert!(!is_player_id(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_secret_matches_only_itself() {
        assert!(same_secret(b"abc", b"abc") && same_secret(b"", b""));
        assert!(!same_secret(b"ab", b"abc") && !same_secret(b"abc", b"ab") && !same_secret(b"abd", b"abc"));
    }
}
