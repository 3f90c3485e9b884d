//! How values become bytes: deterministic CBOR (RFC 8949 §4.2), bounded lists and texts, no allocation.
//!
//! Structures are definite-length arrays of their fields in order; integers take their shortest form; so one value
//! has one encoding, and a signature over it means one thing. Reading is more lenient: longer integers, fields behind
//! the last one known, are taken, so that an older player reads what a newer desk wrote. Nothing rests on the bytes
//! being canonical: names and signatures are made over bytes as they came, and no value that was read is encoded again
//! to be compared. The only file that names the CBOR and the bounded-list
//! libraries. What the values mean stands with their types. Next: `wire/write.rs`.

use core::fmt;
use core::ops::{Deref, DerefMut};

pub use loa_derive::{Decode, Encode};

#[cfg(feature = "alloc")]
mod many;
mod read;
mod write;

#[cfg(feature = "alloc")]
pub use many::Many;
pub use read::{Decode, Fields, Reader};
pub use write::{Encode, Writer};

/// One value more was given than a list may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// How many values the list holds at most.
    pub most: usize,
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the list holds at most {} values", self.most)
    }
}

impl core::error::Error for Full {}

/// A list of at most `N` values.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct List<T, const N: usize>(heapless::Vec<T, N>);

impl<T, const N: usize> List<T, N> {
    /// An empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self(heapless::Vec::new())
    }

    /// Adds a value at the end.
    pub fn push(&mut self, value: T) -> Result<(), Full> {
        self.0.push(value).map_err(|_| Full { most: N })
    }

    /// Takes out the value at `index`; the later ones move up.
    ///
    /// # Panics
    /// When there is no such index, as with any slice.
    pub fn remove(&mut self, index: usize) -> T {
        self.0.remove(index)
    }

    /// Takes out the last value.
    pub fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }

    /// Keeps the values that `keep` says yes to.
    // A third of the program that the library's own takes, which keeps the list whole should `keep` panic.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.retain_those(&mut keep);
    }

    /// Apart from what asks for it: compiled once for every list.
    #[cfg_attr(not(feature = "alloc"), inline(never))]
    fn retain_those(&mut self, keep: &mut dyn FnMut(&T) -> bool) {
        let mut kept = 0;
        for at in 0..self.len() {
            if keep(&self[at]) {
                self.swap(kept, at);
                kept += 1;
            }
        }
        self.0.truncate(kept);
    }

    /// Empties the list.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether no further value fits.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.is_full()
    }

    /// The list of all values of `values`, or [`Full`] when they are more than `N`.
    pub fn collect(values: impl IntoIterator<Item = T>) -> Result<Self, Full> {
        let mut list = Self::new();
        for value in values {
            list.push(value)?;
        }
        Ok(list)
    }
}

impl<T, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> Deref for List<T, N> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const N: usize> DerefMut for List<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<'a, T, const N: usize> IntoIterator for &'a List<T, N> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for List<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// A text of at most `N` bytes of UTF-8.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text<const N: usize>(heapless::String<N>);

impl<const N: usize> Text<N> {
    /// The text, or `None` when it is longer than `N` bytes.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        heapless::String::try_from(text).ok().map(Self)
    }

    /// As much of the text as fits, cut between characters.
    #[must_use]
    pub fn cut(text: &str) -> Self {
        let mut end = text.len().min(N);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self::new(&text[..end]).unwrap_or_default()
    }

    /// What `value` prints, cut where it does not fit.
    #[must_use]
    pub fn of(value: &impl fmt::Display) -> Self {
        let mut text = Self::default();
        // A piece that does not fit is left out, and what comes behind it.
        let _cut = fmt::Write::write_fmt(&mut text.0, format_args!("{value}"));
        text
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl<const N: usize> Deref for Text<N> {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A byte string of at most `N` bytes.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Bytes<const N: usize>(heapless::Vec<u8, N>);

impl<const N: usize> Bytes<N> {
    /// The bytes, or `None` when they are more than `N`.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        heapless::Vec::from_slice(bytes).ok().map(Self)
    }
}

impl<const N: usize> Deref for Bytes<N> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}

/// Bytes that are not the value they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The bytes are no such value.
    Malformed,
    /// Bytes are left over after the value.
    Trailing,
    /// The value does not fit the buffer it is written to.
    TooLong,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "the bytes are not the expected value",
            Self::Trailing => "bytes are left over after the value",
            Self::TooLong => "the value does not fit its buffer",
        })
    }
}

impl core::error::Error for WireError {}

/// The value that `bytes` hold, all of them.
// Never part of its callers: on a small stack the room that reading takes must be free again when it is done.
#[inline(never)]
pub fn decode<'b, T: Decode<'b>>(bytes: &'b [u8]) -> Result<T, WireError> {
    let mut value = T::blank();
    decode_into(bytes, &mut value)?;
    Ok(value)
}

/// The value that `bytes` hold, all of them, where it stays. What is there after an error means nothing.
#[inline(never)]
pub fn decode_into<'b, T: Decode<'b>>(bytes: &'b [u8], value: &mut T) -> Result<(), WireError> {
    let mut reader = Reader::new(bytes);
    value.read(&mut reader);
    if reader.end()? == bytes.len() { Ok(()) } else { Err(WireError::Trailing) }
}

/// Writes `value` to the front of `buffer`; gives how many bytes it took.
pub fn encode_into(value: &dyn Encode, buffer: &mut [u8]) -> Result<usize, WireError> {
    let mut writer = Writer::new(buffer);
    value.write(&mut writer);
    writer.end()
}

/// The bytes of `value`.
#[cfg(feature = "alloc")]
#[must_use]
pub fn encode(value: &impl Encode) -> alloc::vec::Vec<u8> {
    let mut counter = Writer::new(&mut []);
    value.write(&mut counter);
    let mut bytes = alloc::vec![0; counter.length()];
    value.write(&mut Writer::new(&mut bytes));
    bytes
}
