//! `List`: a bounded list that lives without a heap, and its form in CBOR.
//! Decides that a longer list on the wire is refused before an element is kept. Decides nothing about what
//! is in a list. The only file that names `heapless`. Next: `time.rs`, its first user.

use core::ops::Deref;
use minicbor::decode::{self, Decoder};
use minicbor::encode::{self, Encoder, Write};
use minicbor::{Decode, Encode};

/// At most `N` elements of `T`, in order, without a heap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const N: usize>(heapless::Vec<T, N>);

/// One element more was given than the list may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// How many elements the list holds at most.
    pub most: usize,
}

impl core::fmt::Display for Full {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "the list holds at most {} elements", self.most)
    }
}

impl core::error::Error for Full {}

impl<T, const N: usize> List<T, N> {
    /// An empty list.
    pub const fn new() -> Self {
        List(heapless::Vec::new())
    }

    /// All of `items`, or [`Full`] if they are more than `N`.
    pub fn collect(items: impl IntoIterator<Item = T>) -> Result<Self, Full> {
        let mut list = Self::new();
        for item in items {
            list.push(item)?;
        }
        Ok(list)
    }

    /// Adds one element at the end.
    pub fn push(&mut self, item: T) -> Result<(), Full> {
        self.0.push(item).map_err(|_| Full { most: N })
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

impl<C, T: Encode<C>, const N: usize> Encode<C> for List<T, N> {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(self.len() as u64)?;
        self.iter().try_for_each(|item| item.encode(e, ctx))
    }
}

impl<'b, C, T: Decode<'b, C>, const N: usize> Decode<'b, C> for List<T, N> {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        let at = d.position();
        // Signed bytes have one form only, so an array of unstated length is refused too.
        let length = d
            .array()?
            .ok_or_else(|| decode::Error::message("a list must state its length").at(at))?;
        if length > N as u64 {
            return Err(decode::Error::message("a list is longer than its bound").at(at));
        }
        let mut list = Self::new();
        for _ in 0..length {
            let item = T::decode(d, ctx)?;
            list.push(item)
                .map_err(|_| decode::Error::message("a list is longer than its bound").at(at))?;
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_comes_back_from_its_bytes() {
        let list: List<u8, 4> = List::collect([3, 1, 2]).unwrap();
        let mut bytes = [0u8; 16];
        minicbor::encode(&list, &mut bytes[..]).unwrap();
        assert_eq!(bytes[..4], [0x83, 3, 1, 2]);
        assert_eq!(minicbor::decode::<List<u8, 4>>(&bytes[..4]).unwrap(), list);
    }

    #[test]
    fn a_list_over_its_bound_is_refused_in_memory_and_on_the_wire() {
        assert_eq!(List::<u8, 2>::collect([1, 2, 3]), Err(Full { most: 2 }));
        assert!(minicbor::decode::<List<u8, 2>>(&[0x83, 1, 2, 3]).is_err());
        // A header that promises 2^64-1 elements must cost nothing.
        assert!(
            minicbor::decode::<List<u8, 2>>(&[0x9b, 255, 255, 255, 255, 255, 255, 255, 255])
                .is_err()
        );
        assert!(
            minicbor::decode::<List<u8, 2>>(&[0x9f, 1, 0xff]).is_err(),
            "a length not stated"
        );
    }
}
