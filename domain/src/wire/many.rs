//! A list on the heap, of at most so many values: for what only a desk and people's own machines read.
//!
//! Players have no such list; theirs stand in place (`List` in `wire.rs`).

use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use super::{Decode, Encode, Full, Reader, Writer};

/// A list of at most `N` values, as long as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Many<T, const N: usize>(Vec<T>);

impl<T, const N: usize> Many<T, N> {
    /// An empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a value at the end.
    ///
    /// # Errors
    /// [`Full`] when there are `N` already.
    pub fn push(&mut self, value: T) -> Result<(), Full> {
        if self.0.len() >= N {
            return Err(Full { most: N });
        }
        self.0.push(value);
        Ok(())
    }

    /// The list of all values of `values`.
    ///
    /// # Errors
    /// [`Full`] when they are more than `N`.
    pub fn collect(values: impl IntoIterator<Item = T>) -> Result<Self, Full> {
        let mut list = Self::new();
        values.into_iter().try_for_each(|value| list.push(value))?;
        Ok(list)
    }
}

impl<T, const N: usize> Default for Many<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> Deref for Many<T, N> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T, const N: usize> IntoIterator for &'a Many<T, N> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for Many<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Encode, const N: usize> Encode for Many<T, N> {
    fn write(&self, to: &mut Writer<'_>) {
        to.array(self.len() as u32);
        self.iter().for_each(|value| value.write(to));
    }
}

impl<'b, T: Decode<'b>, const N: usize> Decode<'b> for Many<T, N> {
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, from: &mut Reader<'b>) {
        self.0.clear();
        for _ in 0..from.array() {
            let mut value = T::blank();
            value.read(from);
            // Room is taken for values that are there, whatever the length says.
            if from.end().is_err() || self.push(value).is_err() {
                return from.fail();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire;

    #[test]
    fn a_list_comes_back_and_is_as_long_as_it_may_be() {
        let list: Many<u32, 3> = Many::collect([1, 2, 3]).unwrap();
        let bytes = wire::encode(&list);
        assert_eq!(wire::decode::<Many<u32, 3>>(&bytes), Ok(list.clone()));
        assert!(wire::decode::<Many<u32, 2>>(&bytes).is_err());
        assert_eq!(list.clone().push(4), Err(Full { most: 3 }));
        // Four thousand million values are said to come, and none does.
        assert!(wire::decode::<Many<u32, { usize::MAX }>>(&[0x9a, 0xff, 0xff, 0xff, 0xff]).is_err());
    }
}
