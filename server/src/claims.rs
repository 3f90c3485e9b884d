//! Claim codes: what an operator gives the installer of a new player, so that not everybody may knock.
//!
//! A code alone gives nothing: whoever shows one may ask for a certificate and is remembered as waiting; people enrol it
//! or not. Codes have an end and a number of uses, a use being one new key. They are kept as hashes (a code has 80 random
//! bits, so a plain SHA-256 cannot be searched), in a file of the keys' folder that only `loa claim` writes; which keys
//! used them stands in another, that only the running desk writes. Next: `delivery/visitors.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use loa_domain::id::Hash;
use loa_domain::time::UtcMs;
use loa_host::durable;
use loa_host::keyfile::{self, KeyError};

/// Hexadecimal digits of a code: eighty random bits.
const CODE_DIGITS: usize = 20;

/// Digits of a claim's name, by which it is listed and ended.
const NAME_DIGITS: usize = 8;

/// One code, without the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its hash.
    pub hash: Hash,
    /// When it was made.
    pub made: UtcMs,
    /// When it ends.
    pub ends: UtcMs,
    /// How many new keys it lets in.
    pub uses: u32,
}

impl Claim {
    /// What it is called: the beginning of its hash.
    #[must_use]
    pub fn name(&self) -> String {
        self.hash.to_string().chars().take(NAME_DIGITS).collect()
    }
}

/// The codes of a desk and which keys used them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    list: Vec<Claim>,
    used: BTreeMap<Hash, BTreeSet<String>>,
}

fn hash(code: &[u8]) -> Hash {
    let plain: Vec<u8> = code.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase).collect();
    Hash::of(&[b"loa1 claim\n", &plain[..]].concat())
}

fn files(keys: &Path) -> (PathBuf, PathBuf) {
    (keys.join("claims"), keys.join("claims.used"))
}

fn read(path: &Path) -> io::Result<String> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read,
    }
}

impl Claims {
    /// The codes in the keys' folder. Lines that are none are left out.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn load(keys: &Path) -> io::Result<Self> {
        let (list, used) = files(keys);
        let claim = |line: &str| {
            let mut words = line.split(' ');
            let hash = words.next()?.parse().ok()?;
            let made = UtcMs(words.next()?.parse().ok()?);
            let ends = UtcMs(words.next()?.parse().ok()?);
            Some(Claim { hash, made, ends, uses: words.next()?.parse().ok()? })
        };
        let list = read(&list)?.lines().filter_map(claim).collect();
        let mut by: BTreeMap<Hash, BTreeSet<String>> = BTreeMap::new();
        for (hash, mark) in read(&used)?.lines().filter_map(|line| line.split_once(' ')) {
            if let Ok(hash) = hash.parse() {
                by.entry(hash).or_default().insert(mark.to_owned());
            }
        }
        Ok(Self { list, used: by })
    }

    /// Every code, with how many keys used it.
    pub fn all(&self) -> impl Iterator<Item = (&Claim, usize)> {
        self.list.iter().map(|claim| (claim, self.uses_of(claim)))
    }

    fn uses_of(&self, claim: &Claim) -> usize {
        self.used.get(&claim.hash).map_or(0, BTreeSet::len)
    }

    /// The claim that this code opens for the key of this mark: one that has not ended, and that the key has used before
    /// or that has a use left.
    #[must_use]
    pub fn open(&self, code: &[u8], mark: &str, now: UtcMs) -> Option<&Claim> {
        let hash = hash(code);
        let claim = self.list.iter().find(|claim| claim.hash == hash && now < claim.ends)?;
        let has_used = self.used.get(&hash).is_some_and(|marks| marks.contains(mark));
        (has_used || self.uses_of(claim) < claim.uses as usize).then_some(claim)
    }

    /// The key of this mark uses the code. Gives the claim, or nothing if the code does not open.
    ///
    /// # Errors
    /// When the use cannot be written down: then it does not count.
    pub fn spend(&mut self, keys: &Path, code: &[u8], mark: &str, now: UtcMs) -> io::Result<Option<Hash>> {
        let Some(hash) = self.open(code, mark, now).map(|claim| claim.hash) else { return Ok(None) };
        let mut used = self.used.clone();
        if used.entry(hash).or_default().insert(mark.to_owned()) {
            let lines = used.iter().flat_map(|(hash, marks)| marks.iter().map(move |mark| format!("{hash} {mark}\n")));
            durable::write_private(&files(keys).1, lines.collect::<String>().as_bytes())?;
            self.used = used;
        }
        Ok(Some(hash))
    }

    /// Takes over which codes there are, as `loa claim` left them; uses stay as they are known here.
    pub fn follow(&mut self, written: Self) {
        self.list = written.list;
        self.used.retain(|hash, _| self.list.iter().any(|claim| claim.hash == *hash));
    }
}

/// Makes a code. Gives it, to be shown once, and the claim.
///
/// # Errors
/// When it cannot be written.
pub fn make(keys: &Path, now: UtcMs, ends: UtcMs, uses: u32) -> Result<(String, Claim), KeyError> {
    let digits = Hash(keyfile::random()?).to_string().to_uppercase();
    let groups: Vec<&str> = (0..CODE_DIGITS).step_by(4).filter_map(|at| digits.get(at..at + 4)).collect();
    let code = groups.join("-");
    let claim = Claim { hash: hash(code.as_bytes()), made: now, ends, uses };
    let failed = |source| KeyError::File { path: files(keys).0, source };
    let mut list = Claims::load(keys).map_err(failed)?.list;
    // Those that ended a while ago are of no interest to anybody.
    list.retain(|old| old.ends.plus_ms(90 * 86_400_000) > now);
    list.push(claim.clone());
    write(keys, &list).map_err(failed)?;
    Ok((code, claim))
}

/// Ends a code by its name. Gives whether there was one.
///
/// # Errors
/// When it cannot be written.
pub fn end(keys: &Path, name: &str) -> io::Result<bool> {
    let mut list = Claims::load(keys)?.list;
    let before = list.len();
    list.retain(|claim| claim.name() != name);
    if list.len() < before {
        write(keys, &list)?;
    }
    Ok(list.len() < before)
}

fn write(keys: &Path, list: &[Claim]) -> io::Result<()> {
    let line = |claim: &Claim| format!("{} {} {} {}\n", claim.hash, claim.made.0, claim.ends.0, claim.uses);
    durable::create_dir(keys)?;
    durable::write_private(&files(keys).0, list.iter().map(line).collect::<String>().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcMs = UtcMs(1_000_000);

    #[test]
    fn a_code_lets_in_as_many_keys_as_it_says_until_it_ends() {
        let dir = tempfile::tempdir().expect("a folder");
        let keys = dir.path();
        let (code, claim) = make(keys, NOW, NOW.plus_ms(100), 2).expect("made");
        assert_eq!(code.len(), 24);
        let mut claims = Claims::load(keys).expect("read");
        let mut spend =
            |code: &str, mark: &str, now| claims.spend(keys, code.as_bytes(), mark, now).expect("written").is_some();
        assert!(spend(&code, "a", NOW) && spend(&code.to_lowercase().replace('-', " "), "b", NOW));
        assert!(!spend(&code, "c", NOW), "two keys have used it");
        assert!(spend(&code, "a", NOW.plus_ms(99)), "the same key may come again");
        assert!(!spend(&code, "a", NOW.plus_ms(100)), "it has ended");
        assert!(!spend("AAAA-AAAA-AAAA-AAAA", "a", NOW) && !spend("", "a", NOW));
        let again = Claims::load(keys).expect("read");
        assert_eq!((again.all().next(), &again), (Some((&claim, 2)), &claims), "a new start forgets nothing");
    }

    #[test]
    fn only_hashes_are_on_the_disk_and_an_ended_code_is_gone() {
        let dir = tempfile::tempdir().expect("a folder");
        let keys = dir.path();
        let (code, claim) = make(keys, NOW, NOW.plus_ms(100), 1).expect("made");
        make(keys, NOW, NOW.plus_ms(100), 1).expect("another");
        let mut claims = Claims::load(keys).expect("read");
        claims.spend(keys, code.as_bytes(), "a", NOW).expect("written");
        for file in [files(keys).0, files(keys).1] {
            let text = fs::read_to_string(file).expect("a file");
            assert!(!text.contains(&code) && !text.contains(&code.replace('-', "")));
        }
        assert!(end(keys, &claim.name()).expect("ended") && !end(keys, &claim.name()).expect("once"));
        claims.follow(Claims::load(keys).expect("read"));
        assert_eq!((claims.open(code.as_bytes(), "a", NOW), claims.all().count()), (None, 1));
    }
}
