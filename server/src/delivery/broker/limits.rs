//! How much one address, one player and all together may ask of the desk's broker: pure rules, with the time handed in.
//!
//! What is too fast is slowed, not lost: whoever reads a connection waits as long as it is told to, and TCP makes the
//! other side wait. What is too many is refused; only connections that have not said who they are give way to newer
//! ones, so that nobody keeps the door shut by standing in it. Times are monotonic milliseconds. Next: `door.rs`, which
//! asks these rules.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};

/// Connections that have not yet said who they are, in all. Each costs a socket and some 20 KiB.
pub const HALF_OPEN_MAX: usize = 1_024;

/// The same from one address.
pub const HALF_OPEN_PER_ADDRESS: usize = 64;

/// Connections of one address. Communes behind one address of a mobile network are many.
pub const PER_ADDRESS: usize = 2_000;

/// Visitors at one time: players without a certificate.
pub const VISITORS_MAX: usize = 256;

/// A visitor's connection ends after this, in milliseconds.
pub const VISIT_MS: u64 = 5 * 60_000;

/// What a player may send: a burst as after a long night without a line, then as fast as proofs are stored.
pub const PLAYER: Rate = Rate { messages_per_s: 40, messages_burst: 400, bytes_per_s: 64 * 1024, bytes_burst: 1 << 20 };

/// What a visitor may send: a request, a few times.
pub const VISITOR: Rate = Rate { messages_per_s: 1, messages_burst: 8, bytes_per_s: 512, bytes_burst: 8 * 1024 };

/// The largest packet a player may send, in bytes: a batch of proofs and its topic.
pub const PLAYER_PACKET_BYTES: usize = 65 * 1024;

/// The largest packet a visitor may send, in bytes.
pub const VISITOR_PACKET_BYTES: usize = 2 * 1024;

/// The largest CONNECT, in bytes: ids, a will, a password.
pub const CONNECT_BYTES: usize = 2 * 1024;

/// What the desk takes from one player in a day, in bytes, before it listens at [`TRICKLE_BYTES_PER_S`]: a year's
/// records of a player that was off, and a hundred times what a player sends in a day.
pub const DAY_BYTES: u64 = 32 << 20;

/// How fast the desk goes on listening then, in bytes per second: 17 MiB in the rest of a day at most.
pub const TRICKLE_BYTES_PER_S: u64 = 200;

const DAY_MS: u64 = 86_400_000;

/// A rate with a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Messages a second in the long run.
    pub messages_per_s: u64,
    /// Messages at once.
    pub messages_burst: u64,
    /// Bytes a second in the long run.
    pub bytes_per_s: u64,
    /// Bytes at once.
    pub bytes_burst: u64,
}

/// A bucket that fills at a steady pace. What is taken beyond what is there has to be waited for.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    per_s: u64,
    burst: u64,
    /// When it would be full again if nothing were taken any more, in thousandths of a unit times milliseconds: the
    /// "theoretical arrival time" of the generic cell rate algorithm (ITU-T I.371).
    full_at_us: u64,
}

impl Bucket {
    fn new(per_s: u64, burst: u64) -> Self {
        Self { per_s: per_s.max(1), burst, full_at_us: 0 }
    }

    /// Takes `units`; gives how long to wait before more is listened to, in milliseconds.
    fn take(&mut self, units: u64, now_ms: u64) -> u64 {
        let us = |units: u64| units.saturating_mul(1_000_000) / self.per_s;
        let now_us = now_ms.saturating_mul(1_000);
        self.full_at_us = self.full_at_us.max(now_us).saturating_add(us(units));
        self.full_at_us.saturating_sub(now_us).saturating_sub(us(self.burst)).div_ceil(1_000)
    }
}

/// How fast one connection may send.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    messages: Bucket,
    bytes: Bucket,
}

impl Pace {
    /// A pace that nothing was taken of yet.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            messages: Bucket::new(rate.messages_per_s, rate.messages_burst),
            bytes: Bucket::new(rate.bytes_per_s, rate.bytes_burst),
        }
    }

    /// So much came; gives how long to wait before more is listened to, in milliseconds.
    pub fn came(&mut self, messages: u64, bytes: u64, now_ms: u64) -> u64 {
        self.messages.take(messages, now_ms).max(self.bytes.take(bytes, now_ms))
    }
}

/// What players sent today. A new day begins a day after the first byte of the old one.
#[derive(Debug, Default)]
pub struct Days {
    players: HashMap<String, (u64, u64)>,
}

impl Days {
    /// A player sent so many bytes; gives how long to wait before more is listened to, in milliseconds.
    pub fn came(&mut self, player: &str, bytes: u64, now_ms: u64) -> u64 {
        let day = match self.players.get_mut(player) {
            Some(day) => day,
            // As many as there are certificates: nobody else has a name.
            None => self.players.entry(player.to_owned()).or_insert((now_ms, 0)),
        };
        if now_ms.saturating_sub(day.0) >= DAY_MS {
            *day = (now_ms, 0);
        }
        day.1 = day.1.saturating_add(bytes);
        if day.1 <= DAY_BYTES { 0 } else { bytes.saturating_mul(1_000) / TRICKLE_BYTES_PER_S }
    }
}

/// Why a connection is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Too many in all.
    All,
    /// Too many from this address.
    Address,
    /// Too many of this address that do not say who they are.
    HalfOpen,
    /// Too many visitors.
    Visitors,
}

/// Which connections there are, by number.
#[derive(Debug)]
pub struct Arrivals {
    connections_max: usize,
    next: u64,
    open: HashMap<u64, IpAddr>,
    addresses: HashMap<IpAddr, (usize, usize)>,
    /// Those that have not said who they are, oldest first.
    half_open: BTreeMap<u64, IpAddr>,
    visitors: HashMap<u64, ()>,
}

impl Arrivals {
    /// Nobody yet; at most so many at once.
    #[must_use]
    pub fn new(connections_max: usize) -> Self {
        Self {
            connections_max,
            next: 0,
            open: HashMap::new(),
            addresses: HashMap::new(),
            half_open: BTreeMap::new(),
            visitors: HashMap::new(),
        }
    }

    /// Somebody knocks. Gives the connection's number, and the number of the one that gives way to it, if any.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn knock(&mut self, from: IpAddr) -> Result<(u64, Option<u64>), Full> {
        let address = whose(from);
        let (open, half_open) = self.addresses.get(&address).copied().unwrap_or_default();
        if half_open >= HALF_OPEN_PER_ADDRESS {
            return Err(Full::HalfOpen);
        }
        if open >= PER_ADDRESS {
            return Err(Full::Address);
        }
        let gives_way = (self.half_open.len() >= HALF_OPEN_MAX || self.open.len() >= self.connections_max)
            .then(|| self.half_open.first_key_value().map(|(number, _)| *number));
        if self.open.len() >= self.connections_max && gives_way.flatten().is_none() {
            return Err(Full::All);
        }
        let gives_way = gives_way.flatten();
        gives_way.into_iter().for_each(|number| self.left(number));
        let number = self.next;
        self.next += 1;
        self.open.insert(number, address);
        self.half_open.insert(number, address);
        let counts = self.addresses.entry(address).or_default();
        *counts = (counts.0 + 1, counts.1 + 1);
        Ok((number, gives_way))
    }

    /// A connection has said who it is.
    ///
    /// # Errors
    /// When it is a visitor and there are too many.
    pub fn named(&mut self, number: u64, is_visitor: bool) -> Result<(), Full> {
        if is_visitor {
            if self.visitors.len() >= VISITORS_MAX {
                return Err(Full::Visitors);
            }
            self.visitors.insert(number, ());
        }
        if let Some(address) = self.half_open.remove(&number)
            && let Some(counts) = self.addresses.get_mut(&address)
        {
            counts.1 = counts.1.saturating_sub(1);
        }
        Ok(())
    }

    /// A connection is over.
    pub fn left(&mut self, number: u64) {
        let _visitors_or_players = self.named(number, false);
        self.visitors.remove(&number);
        let Some(address) = self.open.remove(&number) else { return };
        if let Some(counts) = self.addresses.get_mut(&address) {
            counts.0 = counts.0.saturating_sub(1);
            if *counts == (0, 0) {
                self.addresses.remove(&address);
            }
        }
    }

    /// Connections, and of these those that have not said who they are.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.open.len(), self.half_open.len())
    }
}

/// Who counts as one address: of IPv6 the 64 bits that one subscriber gets.
fn whose(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        four @ IpAddr::V4(_) => four,
    }
}

/// What a player's coming says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Nothing.
    Usual,
    /// Its connection from another address was still there: after a cut line that is usual, and worth a line in the log.
    TakenOver,
    /// Its certificate comes from two addresses in turn while both connections live: somebody may have copied it.
    Cloned,
}

/// From where players came lately.
#[derive(Debug, Default)]
pub struct Sightings {
    players: HashMap<String, VecDeque<(u64, IpAddr)>>,
}

/// How many comings of a player are remembered.
const SIGHTINGS: usize = 6;
/// How far back they count, in milliseconds.
const SIGHTINGS_MS: u64 = 10 * 60_000;
/// Changes to an address that was left before, after which somebody else must be using the certificate.
const RETURNS: usize = 3;

impl Sightings {
    /// A player came from `address`; `is_there` says whether it had a connection that still lives.
    pub fn came(&mut self, player: &str, address: IpAddr, is_there: bool, now_ms: u64) -> Sight {
        let address = whose(address);
        let seen = self.players.entry(player.to_owned()).or_default();
        seen.retain(|(at_ms, _)| now_ms.saturating_sub(*at_ms) < SIGHTINGS_MS);
        if !is_there {
            // Whoever comes after it has left is the same one, until shown otherwise.
            seen.clear();
        }
        let before = seen.back().map(|(_, before)| *before);
        if seen.len() >= SIGHTINGS {
            seen.pop_front();
        }
        seen.push_back((now_ms, address));
        let at: Vec<IpAddr> = seen.iter().map(|(_, address)| *address).collect();
        let returns = (2..at.len()).filter(|&n| at[n] != at[n - 1] && at[..n - 1].contains(&at[n])).count();
        match before {
            _ if returns >= RETURNS => Sight::Cloned,
            Some(before) if is_there && before != address => Sight::TakenOver,
            _ => Sight::Usual,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    #[test]
    fn a_burst_passes_at_once_and_then_the_pace_holds() {
        let rate = Rate { messages_per_s: 10, messages_burst: 5, bytes_per_s: 1_000, bytes_burst: 100_000 };
        let mut pace = Pace::new(rate);
        let waits: Vec<u64> = (0..8).map(|_| pace.came(1, 10, 50_000)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 100, 200, 300]);
        assert_eq!(pace.came(1, 10, 60_000), 0, "after a rest the burst is there again");
        let mut pace = Pace::new(rate);
        assert_eq!(pace.came(1, 100_000, 0), 0);
        assert_eq!(pace.came(1, 2_000, 0), 2_000, "bytes count too");
    }

    #[test]
    fn whoever_obeys_the_waits_gets_the_rate_in_the_long_run_and_no_more() {
        let mut pace = Pace::new(PLAYER);
        let (mut now_ms, mut bytes) = (0, 0);
        while now_ms < 3_600_000 {
            now_ms += pace.came(1, 16_000, now_ms);
            bytes += 16_000;
        }
        let most = PLAYER.bytes_burst + 3_600 * PLAYER.bytes_per_s;
        assert!(bytes > most * 9 / 10 && bytes < most + 2 * 16_000, "{bytes} of {most}");
    }

    #[test]
    fn a_hostile_player_cannot_make_the_desk_take_more_than_so_much_in_a_day() {
        let (mut days, mut pace, mut now_ms, mut bytes) = (Days::default(), Pace::new(PLAYER), 7, 0);
        while now_ms < DAY_MS {
            let wait_ms = pace.came(1, 16_000, now_ms).max(days.came("xa-7", 16_000, now_ms));
            now_ms += wait_ms;
            bytes += 16_000;
        }
        let most = DAY_BYTES + TRICKLE_BYTES_PER_S * 86_400 + 2 * 16_000;
        assert!(bytes <= most, "{bytes} of {most}");
        assert!(bytes > DAY_BYTES);
        assert_eq!(days.came("xa-8", 16_000, now_ms), 0, "others are not slowed");
        assert_eq!(days.came("xa-7", 16_000, 7 + DAY_MS), 0, "nor the same one tomorrow");
    }

    #[test]
    fn those_who_do_not_say_who_they_are_give_way_to_newer_ones() {
        let mut arrivals = Arrivals::new(100_000);
        for last in 0..16 {
            for _ in 0..HALF_OPEN_PER_ADDRESS {
                assert_eq!(arrivals.knock(address(last)).expect("room").1, None);
            }
            assert_eq!(arrivals.knock(address(last)), Err(Full::HalfOpen), "one address cannot fill the room");
        }
        assert_eq!(arrivals.counts(), (HALF_OPEN_MAX, HALF_OPEN_MAX));
        let (good, gave_way) = arrivals.knock(address(200)).expect("a good player");
        assert_eq!(gave_way, Some(0), "the oldest");
        arrivals.named(good, false).expect("known");
        assert_eq!(arrivals.counts(), (HALF_OPEN_MAX, HALF_OPEN_MAX - 1));
        arrivals.knock(address(201)).expect("room");
        let (_, gave_way) = arrivals.knock(address(201)).expect("room");
        assert_eq!(gave_way, Some(1), "never the one that said who it is");
    }

    #[test]
    fn a_full_house_takes_nobody_and_one_address_cannot_fill_it() {
        let mut arrivals = Arrivals::new(3);
        let numbers: Vec<u64> = (0..3).map(|last| arrivals.knock(address(last)).expect("room").0).collect();
        numbers.iter().for_each(|number| arrivals.named(*number, false).expect("known"));
        assert_eq!(arrivals.knock(address(9)), Err(Full::All));
        arrivals.left(numbers[0]);
        arrivals.left(numbers[0]);
        assert_eq!(arrivals.counts(), (2, 0));
        assert!(arrivals.knock(address(9)).is_ok());

        let mut arrivals = Arrivals::new(usize::MAX);
        for _ in 0..PER_ADDRESS {
            let (number, _) = arrivals.knock(address(1)).expect("room");
            arrivals.named(number, false).expect("known");
        }
        assert_eq!(arrivals.knock(address(1)), Err(Full::Address));
        assert!(arrivals.knock(address(2)).is_ok());
    }

    #[test]
    fn visitors_are_few_and_addresses_of_one_subscriber_are_one() {
        let mut arrivals = Arrivals::new(100_000);
        for n in 0..VISITORS_MAX {
            let (number, _) = arrivals.knock(address((n % 200) as u8)).expect("room");
            arrivals.named(number, true).expect("room");
        }
        let (number, _) = arrivals.knock(address(3)).expect("room");
        assert_eq!(arrivals.named(number, true), Err(Full::Visitors));
        assert_eq!(arrivals.named(number, false), Ok(()));
        let of = |text: &str| whose(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("::ffff:10.0.0.1"), address(1));
    }

    #[test]
    fn a_copied_certificate_shows_when_two_addresses_take_turns() {
        let mut sightings = Sightings::default();
        let mut came = |last, is_there, at_ms| sightings.came("xa-7", address(last), is_there, at_ms);
        assert_eq!(came(1, false, 0), Sight::Usual);
        assert_eq!(came(1, true, 1_000), Sight::Usual, "a ghost of itself");
        assert_eq!(came(2, true, 2_000), Sight::TakenOver, "another cell of the network");
        assert_eq!(came(1, true, 3_000), Sight::TakenOver);
        assert_eq!(came(2, true, 4_000), Sight::TakenOver);
        assert_eq!(came(1, true, 5_000), Sight::Cloned);
        assert_eq!(came(2, true, 6_000), Sight::Cloned);
        assert_eq!(came(1, true, 6_000 + SIGHTINGS_MS), Sight::Usual, "long ago does not count");
    }

    #[test]
    fn a_player_that_moves_is_no_clone() {
        let mut sightings = Sightings::default();
        for n in 0..20_u8 {
            let sight = sightings.came("xa-7", address(n), n > 0, u64::from(n) * 1_000);
            assert_eq!(sight, if n > 0 { Sight::TakenOver } else { Sight::Usual });
        }
        for n in 0..20_u8 {
            assert_eq!(sightings.came("xa-8", address(n % 2), false, u64::from(n) * 1_000), Sight::Usual);
        }
    }
}
