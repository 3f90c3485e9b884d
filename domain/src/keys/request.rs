//! What a desk asks officers to sign, and what they gave: one file that is carried to their machines and back.
//!
//! The desk holds no officer's key. It writes down the bytes to be signed; each officer's machine shows them in words and
//! adds its signatures; the desk counts them. Only the bodies are signed. All else in a request (what would be replaced
//! or taken off, names) is the desk's word, to be shown as such. Who may sign is the root document's. Next: `change.rs`.

use alloc::vec::Vec;

use super::{PublicKey, Purpose, Role, Sealed, SecretKey, Signed};
use crate::id::Hash;
use crate::limits;
use crate::time::UtcMs;
use crate::wire::{self, Decode, Encode, List, Many, WireError};

/// What such a file begins with, after the head of its array.
const MARK: &str = "loa1 signing request";

/// An order that needs signing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Asked<'b> {
    /// The order's bytes: what is signed.
    #[b(0)]
    pub body: &'b [u8],
    /// The orders that it would stand in place of.
    #[n(1)]
    pub replaces: Many<Hash, { limits::REQUEST_ORDERS }>,
}

/// An order that would be taken off the air, which needs no signature.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct TakenOff<'b> {
    /// Which.
    #[n(0)]
    pub order: Hash,
    /// Its name.
    #[b(1)]
    pub id: &'b str,
}

/// What the desk calls something.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hint<'b> {
    /// What it is: `place`, `player`, `campaign`, `programme`, or `content`, whose key is the hash in hexadecimal digits.
    #[b(0)]
    pub kind: &'b str,
    /// Its name in the signed bytes.
    #[b(1)]
    pub key: &'b str,
    /// Its name for people.
    #[b(2)]
    pub name: &'b str,
}

/// A placing that needs signing.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Placed<'b> {
    /// The placing's bytes: what is signed.
    #[b(0)]
    pub body: &'b [u8],
    /// The key that the player had before, where it had another one.
    #[n(1)]
    pub before: Option<PublicKey>,
}

/// What is asked for: orders and placings, a stop, an office, or a root document.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SigningRequest<'b> {
    /// The version of the root document it is made under; zero where there is none yet.
    #[n(0)]
    pub root_version: u32,
    /// The hash of that document.
    #[n(1)]
    pub root: Hash,
    /// When it was made; its orders say the same.
    #[n(2)]
    pub made: UtcMs,
    /// The orders to sign.
    #[n(3)]
    pub orders: Many<Asked<'b>, { limits::REQUEST_ORDERS }>,
    /// The orders that would be taken off.
    #[n(4)]
    pub taken_off: Many<TakenOff<'b>, { limits::REQUEST_ORDERS }>,
    /// What the desk calls things.
    #[n(5)]
    pub hints: Many<Hint<'b>, { limits::REQUEST_HINTS }>,
    /// The root document to sign.
    #[b(6)]
    pub new_root: Option<&'b [u8]>,
    /// The placings to sign: which player has which key and stands where.
    #[n(7)]
    pub placings: Many<Placed<'b>, { limits::REQUEST_ORDERS }>,
    /// The office to sign.
    #[b(8)]
    pub new_office: Option<&'b [u8]>,
    /// The sealed office whose keys are asked to sign; none where the root document's officers are.
    #[b(9)]
    pub office: Option<&'b [u8]>,
    /// The stop to sign.
    #[b(10)]
    pub stop: Option<&'b [u8]>,
}

impl<'b> SigningRequest<'b> {
    /// What is to be signed, and what for: all of it, or the signer does not count.
    pub fn bodies(&self) -> impl Iterator<Item = (Purpose, &'b [u8])> {
        let purpose = |body: &[u8]| Purpose::of_order(body).unwrap_or(Purpose::Order);
        let orders = self.orders.iter().map(move |asked| (purpose(asked.body), asked.body));
        let placings = self.placings.iter().map(|placed| (Purpose::Placing, placed.body));
        let office = self.new_office.map(|body| (Purpose::Office, body));
        let stop = self.stop.map(|body| (Purpose::Stop, body));
        orders.chain(placings).chain(stop).chain(office).chain(self.new_root.map(|body| (Purpose::Root, body)))
    }

    /// What the desk calls something.
    #[must_use]
    pub fn hint(&self, kind: &str, key: &str) -> Option<&'b str> {
        self.hints.iter().find(|hint| hint.kind == kind && hint.key == key).map(|hint| hint.name)
    }
}

/// What one officer gave.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Signer<'b> {
    /// The key.
    #[n(0)]
    pub key: PublicKey,
    /// What its holder is called, by the key's file; nobody vouches for it.
    #[b(1)]
    pub name: &'b str,
    /// One signature for each of the bodies, in their order.
    #[n(2)]
    pub signatures: Many<[u8; 64], { 2 * limits::REQUEST_ORDERS }>,
}

impl<'b> Signer<'b> {
    /// The signatures of a key over all that a request asks for.
    #[must_use]
    pub fn of(request: &SigningRequest<'_>, key: &SecretKey, name: &'b str) -> Self {
        let signatures = request.bodies().map(|(purpose, body)| key.sign(purpose, body).signature);
        // As many fit as there are bodies, which are orders or one root document.
        Self { key: key.public(), name, signatures: Many::collect(signatures).unwrap_or_default() }
    }

    /// Whether they are the key's, over all that is asked for.
    #[must_use]
    pub fn signed(&self, request: &SigningRequest<'_>) -> bool {
        let bodies = request.bodies();
        let mut pairs = bodies.zip(&self.signatures);
        request.bodies().count() == self.signatures.len()
            && pairs.all(|((purpose, body), signature)| self.key.verifies(purpose, body, signature))
    }
}

/// The file: a request, and the signatures that were given so far.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RequestFile<'b> {
    #[b(0)]
    mark: &'b str,
    /// The bytes of the [`SigningRequest`]: the same in every copy.
    #[b(1)]
    pub request: &'b [u8],
    /// Who signed.
    #[n(2)]
    pub signers: Many<Signer<'b>, { limits::REQUEST_SIGNERS }>,
}

/// Why a file is no request that can be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestFault {
    /// It is another kind of file.
    Foreign,
    /// Its bytes are not what they should be.
    Damaged(WireError),
    /// It asks for nothing, or for several things that are signed apart.
    Nothing,
}

impl<'b> RequestFile<'b> {
    /// A request that nobody has signed yet.
    #[must_use]
    pub fn new(request: &'b [u8]) -> Self {
        Self { mark: MARK, request, signers: Many::new() }
    }

    /// Reads a file, with the request in it.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn read(bytes: &'b [u8]) -> Result<(Self, SigningRequest<'b>), RequestFault> {
        if !bytes.get(2..).is_some_and(|rest| rest.starts_with(MARK.as_bytes())) {
            return Err(RequestFault::Foreign);
        }
        let file: Self = wire::decode(bytes).map_err(RequestFault::Damaged)?;
        let request: SigningRequest<'b> = wire::decode(file.request).map_err(RequestFault::Damaged)?;
        let asks = [
            !request.orders.is_empty() || !request.placings.is_empty(),
            request.new_office.is_some(),
            request.stop.is_some(),
            request.new_root.is_some(),
        ];
        if asks.iter().filter(|asks| **asks).count() != 1 {
            return Err(RequestFault::Nothing);
        }
        Ok((file, request))
    }

    /// What both officers read to each other: the hash of the request.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.request)
    }

    /// The file with one signer more; one who signed before is replaced.
    ///
    /// # Errors
    /// When no further signer fits.
    pub fn with(&self, signer: Signer<'b>) -> Result<Self, wire::Full> {
        let key = signer.key;
        let others = self.signers.iter().filter(|other| other.key != key).cloned();
        let signers = Many::collect(others.chain([signer]))?;
        Ok(Self { mark: MARK, request: self.request, signers })
    }
}

/// What became of the signers of several copies of a request.
#[derive(Clone, Debug, Default)]
pub struct Tally<'b> {
    /// Different keys of the role that signed all of it.
    pub counted: Vec<Signer<'b>>,
    /// Keys that are not of the role.
    pub strangers: Vec<Signer<'b>>,
    /// Keys of the role of which a signature is wrong or missing.
    pub spoilt: Vec<Signer<'b>>,
}

impl<'b> Tally<'b> {
    /// Counts the signers of `copies` who hold `role`, each key once.
    #[must_use]
    pub fn of(request: &SigningRequest<'_>, copies: &[RequestFile<'b>], role: &Role) -> Self {
        let mut tally = Self::default();
        for signer in copies.iter().flat_map(|copy| &copy.signers) {
            let is_of_role = role.keys.contains(&signer.key);
            let to = match (is_of_role, is_of_role && signer.signed(request)) {
                (false, _) => &mut tally.strangers,
                (true, true) => &mut tally.counted,
                (true, false) => &mut tally.spoilt,
            };
            if !to.iter().any(|known| known.key == signer.key) {
                to.push(signer.clone());
            }
        }
        // A spoilt copy takes nothing away from a good one.
        let counted: Vec<PublicKey> = tally.counted.iter().map(|signer| signer.key).collect();
        tally.spoilt.retain(|signer| !counted.contains(&signer.key));
        tally
    }

    /// How many signers are missing.
    #[must_use]
    pub fn missing(&self, role: &Role) -> usize {
        usize::from(role.threshold.max(1)).saturating_sub(self.counted.len())
    }
}

/// The body at `index` sealed with the signatures of `signers`, as many as a message holds, those first that stand first;
/// through an office, if they signed as its keys.
#[must_use]
pub fn sealed(body: &[u8], index: usize, signers: &[&Signer<'_>], office: Option<&[u8]>) -> Vec<u8> {
    let given = signers.iter().filter_map(|signer| {
        signer.signatures.get(index).map(|signature| Signed { key: signer.key, signature: *signature })
    });
    let signatures = List::collect(given.take(limits::SIGNATURES)).unwrap_or_default();
    wire::encode(&Sealed { body, signatures, office })
}

/// Those of `signers` whose signatures satisfy both roles with the fewest of them: who holds both comes first.
#[must_use]
pub fn enough_for_both<'s, 'b>(signers: &'s [Signer<'b>], old: &Role, new: &Role) -> Vec<&'s Signer<'b>> {
    let holds = |role: &Role, signer: &Signer<'_>| role.keys.contains(&signer.key);
    let mut chosen: Vec<&Signer<'b>> = Vec::new();
    let (mut of_old, mut of_new) = (usize::from(old.threshold.max(1)), usize::from(new.threshold.max(1)));
    for wants_both in [true, false] {
        for signer in signers {
            let (is_old, is_new) = (holds(old, signer), holds(new, signer));
            let helps = is_old && of_old > 0 || is_new && of_new > 0;
            if helps && wants_both == (is_old && is_new) {
                of_old = of_old.saturating_sub(usize::from(is_old));
                of_new = of_new.saturating_sub(usize::from(is_new));
                chosen.push(signer);
            }
        }
    }
    chosen
}

#[cfg(test)]
mod tests;
