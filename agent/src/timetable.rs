//! The timetable in force on this player: a release with its orders, opened and ready for the rules.
//!
//! It decides what to keep of a release and where its files lie; whether a release may take effect is decided in
//! `domain/src/delivery/intake.rs`, when its cues come due in `domain/src/play`. Next: `delivery/mod.rs`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use loa_domain::delivery::intake::{self, Fault, Inspection, Me};
use loa_domain::delivery::release::Release;
use loa_domain::id::{Hash, Hasher};
use loa_domain::keys::{Purpose, Role, Root, Sealed};
use loa_domain::play::due::Rule;
use loa_domain::play::player::Timetable;
use loa_domain::time::{QuietHours, UtcMs};
use loa_domain::timetable::stop::Stopped;
use loa_host::durable;

use crate::piece::{self, Part, Piece};
use crate::trust;

/// The file that holds the sealed release in force.
const RELEASE_FILE: &str = "release";

/// What an order airs on this player.
#[derive(Clone, Debug)]
pub struct Programme {
    /// The pieces, in order, with what a drill says of itself.
    pub pieces: Arc<[Piece]>,
    /// The hash over the hashes of what the order names, which proofs name.
    pub content: Hash,
    /// The order's name, for the log.
    pub name: String,
    /// When the order was made, as stops ask for it.
    pub made: UtcMs,
}

impl Programme {
    /// The hashes of the content it airs.
    pub fn content(&self) -> impl Iterator<Item = Hash> {
        self.pieces.iter().filter(|piece| piece.part != Part::Notice).map(|piece| piece.item.content)
    }
}

/// The timetable in force.
#[derive(Clone, Debug)]
pub struct Table {
    /// The release.
    pub release: Release,
    /// Its orders, as the rules want them.
    pub rules: Vec<Rule>,
    /// What each order airs.
    pub programmes: HashMap<Hash, Programme>,
    /// When officers said where this player stands.
    pub placed: UtcMs,
    quiet: QuietHours,
}

impl Table {
    /// The timetable of a release and its bundle, every order verified again.
    pub fn build(mut release: Release, bundle: &[u8], me: Me<'_>, own_quiet: &QuietHours) -> Result<Self, Fault> {
        let mut rules = Vec::new();
        let mut programmes = HashMap::new();
        let (mut inspection, mut vouched) = (Inspection::default(), Vec::new());
        let kind = release.placement.kind;
        for sealed in intake::bundle(bundle)? {
            inspection.next(sealed?, &release, me, &mut |hash, order| {
                vouched.push(hash);
                let length_ms = order.length_ms(kind);
                if length_ms == 0 {
                    return;
                }
                let mut hasher = Hasher::default();
                order.items_for(kind).for_each(|item| hasher.update(&item.content.0));
                let (name, pieces) = (order.id.to_string(), piece::of(order, kind));
                let programme = Programme { pieces, content: hasher.finish(), name, made: order.stoppable_since() };
                programmes.insert(hash, programme);
                rules.push(Rule { order: hash, timing: order.timing.clone(), manner: order.manner, length_ms });
            })?;
        }
        let placed = inspection.end(&release)?;
        // What officers no longer vouch for is off at once. As many fit as a release has orders.
        let gone: Vec<Hash> = release.orders.iter().filter(|order| !vouched.contains(order)).copied().collect();
        for order in gone {
            let _fits = release.revoked.push(order);
        }
        let ranges = release.quiet.ranges().iter().chain(own_quiet.ranges()).copied();
        // Too many ranges together: the player's own stand, so that nothing sounds that should not.
        let quiet = QuietHours::new(ranges).unwrap_or_else(|_| own_quiet.clone());
        Ok(Self { release, rules, programmes, placed, quiet })
    }

    /// As the rules take it.
    #[must_use]
    pub fn view(&self) -> Timetable<'_> {
        Timetable {
            rules: &self.rules,
            offsets: &self.release.offsets,
            quiet: &self.quiet,
            issued: self.release.issued,
            expires: self.release.expires,
            volume: self.release.volume,
        }
    }

    /// Leaves out what an officer stopped. Its content stays, for what may be activated of it.
    pub fn leave_out(&mut self, stopped: &Stopped) {
        let Self { rules, programmes, .. } = self;
        let is_off = |order: &Hash| programmes.get(order).is_some_and(|programme| stopped.stops(order, programme.made));
        rules.retain(|rule| !is_off(&rule.order));
    }

    /// The hashes of all content it airs.
    pub fn content(&self) -> impl Iterator<Item = Hash> {
        self.programmes.values().flat_map(Programme::content)
    }

    /// The timetable that was in force when the program last ran, if there was one and all of it is still right.
    pub fn load(
        data: &Path,
        root: &Root,
        own_quiet: &QuietHours,
        shelf: impl Fn(&Hash) -> Option<Vec<u8>>,
    ) -> Option<Self> {
        let (release, _) = Self::kept(data, root)?;
        let bundle = release.bundle.and_then(|blob| shelf(&blob.hash)).unwrap_or_default();
        let me = Me { root, key: None, placed: None };
        let built = Self::build(release, &bundle, me, own_quiet);
        built.inspect_err(|fault| tracing::error!(fault = fault.name(), "the stored release cannot be used")).ok()
    }

    /// Whether a release was ever put in force.
    #[must_use]
    pub fn is_kept(data: &Path) -> bool {
        data.join(RELEASE_FILE).exists()
    }

    /// The release that was put in force last, with its signed bytes.
    #[must_use]
    pub fn kept(data: &Path, root: &Root) -> Option<(Release, Vec<u8>)> {
        let sealed = std::fs::read(data.join(RELEASE_FILE)).ok()?;
        let by = |role: &Role| Sealed::read(&sealed).and_then(|sealed| sealed.open(Purpose::Release, role));
        // One that an earlier desk signed lasts until its end.
        let opened: Result<Release, _> = by(&root.desk).or_else(|why| match trust::before(data) {
            Some(before) => by(&before.desk),
            None => Err(why),
        });
        let release = opened.inspect_err(|why| tracing::error!(%why, "the stored release cannot be read")).ok()?;
        Some((release, sealed))
    }

    /// Puts a sealed release in force for every later start.
    pub fn keep(data: &Path, sealed: &[u8]) -> std::io::Result<()> {
        durable::write(&data.join(RELEASE_FILE), sealed)
    }
}
