//! Which role may do what, and where: one table, and nothing is allowed that does not stand in it.
//!
//! A role is given for a place and holds for all below it; without a place it holds everywhere. What concerns the whole
//! desk (no place) needs a role for the whole tree. A role lets a person use the desk; it never makes a player speak,
//! for that takes officers' signatures (docs/trust.md). Next: `password.rs`.

use std::collections::BTreeMap;

use crate::store::KeptRole;
use crate::timetable::model::{Place, PlaceKey};

/// What an account may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Looks on.
    Viewer,
    /// Plans and looks after players.
    Operator,
    /// Hands in officers' signatures, and what cannot wait.
    Approver,
    /// Reads everything, changes nothing.
    Auditor,
    /// Runs the desk and its accounts; plans nothing and approves nothing.
    Admin,
}

/// What the desk is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// See what airs now and next.
    ReadToday,
    /// See orders and what is planned.
    ReadTimetable,
    /// See players and how they are.
    ReadPlayers,
    /// See clips, slides, programmes.
    ReadLibrary,
    /// See proofs and reports.
    ReadEvidence,
    /// See what people did.
    ReadActs,
    /// See accounts and their roles.
    ReadAccounts,
    /// Take away what an auditor checks.
    ExportAudit,
    /// Make and change clips, slides, programmes, campaigns.
    EditLibrary,
    /// Write orders and send them for approval.
    DraftOrders,
    /// Hand in an officer's signature, or a reason why there is none.
    HandInSignature,
    /// Take an order off the air.
    Stop,
    /// Set an emergency template going that officers signed in advance.
    ActivateEmergency,
    /// Change what is known of players: names, tags, volume.
    ManagePlayers,
    /// Ask for a new player, a replacement, a revocation.
    EnrolPlayers,
    /// Change the area tree.
    ManagePlaces,
    /// Make accounts, give and take roles, reset passwords.
    ManageAccounts,
    /// Make tokens for oneself, take back those of others.
    ManageTokens,
    /// Change limits, quiet hours, brokers, backups.
    ManageSettings,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Operator, Self::Approver, Self::Auditor, Self::Admin];

    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The table.
    #[must_use]
    pub const fn allows(self, action: Action) -> bool {
        use Action as A;
        match self {
            Self::Viewer => matches!(action, A::ReadToday | A::ReadTimetable | A::ReadPlayers | A::ReadLibrary),
            Self::Operator => matches!(
                action,
                A::ReadToday
                    | A::ReadTimetable
                    | A::ReadPlayers
                    | A::ReadLibrary
                    | A::ReadEvidence
                    | A::EditLibrary
                    | A::DraftOrders
                    | A::Stop
                    | A::ManagePlayers
                    | A::EnrolPlayers
                    | A::ManageTokens
            ),
            Self::Approver => matches!(
                action,
                A::ReadToday
                    | A::ReadTimetable
                    | A::ReadPlayers
                    | A::ReadLibrary
                    | A::ReadEvidence
                    | A::ReadActs
                    | A::HandInSignature
                    | A::Stop
                    | A::ActivateEmergency
            ),
            Self::Auditor => matches!(
                action,
                A::ReadToday
                    | A::ReadTimetable
                    | A::ReadPlayers
                    | A::ReadLibrary
                    | A::ReadEvidence
                    | A::ReadActs
                    | A::ReadAccounts
                    | A::ExportAudit
                    | A::ManageTokens
            ),
            Self::Admin => matches!(
                action,
                A::ReadToday
                    | A::ReadTimetable
                    | A::ReadPlayers
                    | A::ReadLibrary
                    | A::ReadEvidence
                    | A::ReadActs
                    | A::ReadAccounts
                    | A::ExportAudit
                    | A::Stop
                    | A::ManagePlayers
                    | A::EnrolPlayers
                    | A::ManagePlaces
                    | A::ManageAccounts
                    | A::ManageTokens
                    | A::ManageSettings
            ),
        }
    }
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 19] = [
        Self::ReadToday,
        Self::ReadTimetable,
        Self::ReadPlayers,
        Self::ReadLibrary,
        Self::ReadEvidence,
        Self::ReadActs,
        Self::ReadAccounts,
        Self::ExportAudit,
        Self::EditLibrary,
        Self::DraftOrders,
        Self::HandInSignature,
        Self::Stop,
        Self::ActivateEmergency,
        Self::ManagePlayers,
        Self::EnrolPlayers,
        Self::ManagePlaces,
        Self::ManageAccounts,
        Self::ManageTokens,
        Self::ManageSettings,
    ];

    /// Its stable name, as it stands in the scope of a token.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadToday => "read-today",
            Self::ReadTimetable => "read-timetable",
            Self::ReadPlayers => "read-players",
            Self::ReadLibrary => "read-library",
            Self::ReadEvidence => "read-evidence",
            Self::ReadActs => "read-acts",
            Self::ReadAccounts => "read-accounts",
            Self::ExportAudit => "export-audit",
            Self::EditLibrary => "edit-library",
            Self::DraftOrders => "draft-orders",
            Self::HandInSignature => "hand-in-signature",
            Self::Stop => "stop",
            Self::ActivateEmergency => "activate-emergency",
            Self::ManagePlayers => "manage-players",
            Self::EnrolPlayers => "enrol-players",
            Self::ManagePlaces => "manage-places",
            Self::ManageAccounts => "manage-accounts",
            Self::ManageTokens => "manage-tokens",
            Self::ManageSettings => "manage-settings",
        }
    }

    /// The action of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// Whether a program may do it: what makes accounts and tokens is for people who are there.
    #[must_use]
    pub const fn is_for_tokens(self) -> bool {
        !matches!(self, Self::ManageAccounts | Self::ManageTokens)
    }
}

/// A role for a place and all below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The place; none: the whole tree.
    pub place: Option<PlaceKey>,
}

impl Grant {
    /// As it is kept.
    #[must_use]
    pub fn kept(&self) -> KeptRole {
        KeptRole { role: self.role.name().to_owned(), place: kept_place(self.place.as_ref()) }
    }

    /// From what is kept; none for a role or place that this program cannot read, which then allows nothing.
    #[must_use]
    pub fn read(kept: &KeptRole) -> Option<Self> {
        Some(Self { role: Role::of(&kept.role)?, place: read_place(&kept.place)? })
    }
}

/// A place as it is kept: code and first day, empty for the whole tree.
#[must_use]
pub fn kept_place(place: Option<&PlaceKey>) -> String {
    place.map_or_else(String::new, ToString::to_string)
}

/// The place of a kept text; none for a text that means no place.
#[must_use]
pub fn read_place(text: &str) -> Option<Option<PlaceKey>> {
    if text.is_empty() {
        return Some(None);
    }
    let (code, day) = text.rsplit_once('@')?;
    Some(Some(PlaceKey { code: code.to_owned(), valid_from: day.parse().ok()? }))
}

/// The area tree, as far as it is needed here.
#[derive(Clone, Debug, Default)]
pub struct Places {
    parents: BTreeMap<PlaceKey, Option<PlaceKey>>,
}

impl Places {
    /// The tree of these places.
    #[must_use]
    pub fn of(places: &[Place]) -> Self {
        Self { parents: places.iter().map(|place| (place.key.clone(), place.parent.clone())).collect() }
    }

    /// Whether `inner` is `outer` or below it. A place that is not in the tree is in nothing but the whole tree; the
    /// whole tree is in nothing but itself.
    #[must_use]
    pub fn holds(&self, outer: Option<&PlaceKey>, inner: Option<&PlaceKey>) -> bool {
        let Some(outer) = outer else { return true };
        let mut at = inner;
        // A tree that was bent into a circle has no more steps than places.
        for _ in 0..=self.parents.len() {
            match at {
                None => return false,
                Some(key) if !self.parents.contains_key(key) => return false,
                Some(key) if key == outer => return true,
                Some(key) => at = self.parents.get(key).and_then(Option::as_ref),
            }
        }
        false
    }

    /// The places of a code, or the one of a code with its first day.
    #[must_use]
    pub fn named(&self, text: &str) -> Vec<PlaceKey> {
        let is_it = |key: &&PlaceKey| key.code == text || key.to_string() == text;
        self.parents.keys().filter(is_it).cloned().collect()
    }

    /// Whether grants allow an action at a place.
    #[must_use]
    pub fn allow(&self, grants: &[Grant], action: Action, place: Option<&PlaceKey>) -> bool {
        grants.iter().any(|grant| grant.role.allows(action) && self.holds(grant.place.as_ref(), place))
    }

    /// Whether whoever has `grants` may change an account that has `others`: nobody changes one who reaches further.
    #[must_use]
    pub fn may_manage(&self, grants: &[Grant], others: &[Grant]) -> bool {
        let administers = grants.iter().any(|grant| grant.role.allows(Action::ManageAccounts));
        administers && others.iter().all(|other| self.allow(grants, Action::ManageAccounts, other.place.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: &str) -> PlaceKey {
        PlaceKey { code: code.to_owned(), valid_from: "2025-07-01".parse().unwrap() }
    }

    /// A province, two communes in it, a village in one.
    fn tree() -> Places {
        let place = |code: &str, parent: Option<&str>| (key(code), parent.map(key));
        Places {
            parents: [
                place("tinh", None),
                place("xa", Some("tinh")),
                place("thon", Some("xa")),
                place("xa-khac", Some("tinh")),
            ]
            .into(),
        }
    }

    #[test]
    fn every_role_every_action_and_every_place_stand_in_the_golden_table() {
        let places = tree();
        let asked = [("whole", None), ("above", Some("tinh")), ("there", Some("xa")), ("below", Some("thon"))];
        let asked = [&asked[..], &[("beside", Some("xa-khac")), ("unknown", Some("x"))]].concat();
        let mut table = String::from("role, given for, action: where it is allowed\n");
        for role in Role::ALL {
            for (title, given) in [("the whole tree", None), ("a commune", Some("xa"))] {
                let grants = [Grant { role, place: given.map(key) }];
                for action in Action::ALL {
                    let allowed: Vec<&str> = asked
                        .iter()
                        .filter(|(_, place)| places.allow(&grants, action, place.map(key).as_ref()))
                        .map(|(name, _)| *name)
                        .collect();
                    let allowed = if allowed.is_empty() { "–".to_owned() } else { allowed.join(" ") };
                    table += &format!("{}, {title}, {}: {allowed}\n", role.name(), action.name());
                }
            }
        }
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/accounts/role.golden.txt");
            std::fs::write(file, table).unwrap();
            return;
        }
        assert_eq!(table, include_str!("role.golden.txt"));
    }

    #[test]
    fn without_a_role_nothing_is_allowed_and_an_unknown_one_is_none() {
        assert!(Action::ALL.iter().all(|action| !tree().allow(&[], *action, None)));
        let kept = |role: &str, place: &str| KeptRole { role: role.to_owned(), place: place.to_owned() };
        assert_eq!(Grant::read(&kept("root", "")), None);
        assert_eq!(Grant::read(&kept("admin", "xa")), None);
        assert_eq!(Grant::read(&kept("admin", "xa@never")), None);
        for grant in Role::ALL.map(|role| Grant { role, place: Some(key("xa@1")) }) {
            assert_eq!(Grant::read(&grant.kept()), Some(grant));
        }
    }

    #[test]
    fn names_are_told_apart_and_found_again() {
        assert!(Action::ALL.iter().all(|action| Action::of(action.name()) == Some(*action)));
        assert!(Role::ALL.iter().all(|role| Role::of(role.name()) == Some(*role)));
    }

    #[test]
    fn a_circle_of_places_ends_and_holds_nothing() {
        let places = Places { parents: [(key("a"), Some(key("b"))), (key("b"), Some(key("a")))].into() };
        assert!(!places.holds(Some(&key("c")), Some(&key("a"))));
        assert!(places.holds(Some(&key("b")), Some(&key("a"))));
    }

    #[test]
    fn nobody_manages_an_account_that_reaches_further() {
        let places = tree();
        let grant = |role, place: Option<&str>| Grant { role, place: place.map(key) };
        let here = [grant(Role::Admin, Some("xa"))];
        assert!(places.may_manage(&here, &[]));
        assert!(places.may_manage(&here, &[grant(Role::Operator, Some("thon"))]));
        assert!(!places.may_manage(&here, &[grant(Role::Viewer, Some("tinh"))]));
        assert!(!places.may_manage(&here, &[grant(Role::Operator, Some("thon")), grant(Role::Viewer, None)]));
        assert!(!places.may_manage(&[grant(Role::Operator, None)], &[]));
        assert!(places.may_manage(&[grant(Role::Admin, None)], &[grant(Role::Admin, None)]));
    }
}
