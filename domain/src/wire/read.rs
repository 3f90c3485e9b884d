//! How values are read from their bytes: in place, and without a place in the error.
//!
//! A value is made blank where it stays, and its parts are read into it one after the other: a release of two kilobytes
//! never passes over the stack of a board. What each structure reads is written by `#[derive(Decode)]`
//! (`domain/derive`). Nobody is told where bytes are wrong, only that they are, because nothing that arrives is mended by
//! hand.

use minicbor::Decoder;

use super::{Bytes, List, Text};

/// The bytes are no such value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// A value that can be read.
pub trait Decode<'b>: Sized {
    /// Whether the value may be left out at the end of its structure.
    const MAY_LACK: bool = false;

    /// Any value, to be read over.
    fn blank() -> Self;

    /// Reads the value over this one. After an error this one means nothing.
    fn read(&mut self, from: &mut Decoder<'b>) -> Result<(), Malformed>;
}

/// The fields of a structure, in the order of their numbers.
pub struct Fields<'d, 'b> {
    from: &'d mut Decoder<'b>,
    next: u32,
    end: u32,
}

impl<'d, 'b> Fields<'d, 'b> {
    /// The structure that begins here.
    pub fn of(from: &'d mut Decoder<'b>) -> Result<Self, Malformed> {
        let end = length(from)?;
        Ok(Self { from, next: 0, end })
    }

    /// Reads the field with a number. Those that were not asked for are passed over.
    #[inline]
    pub fn read<T: Decode<'b>>(&mut self, number: u32, into: &mut T) -> Result<(), Malformed> {
        if self.reach(number)? {
            return into.read(self.from);
        }
        if T::MAY_LACK { Ok(()) } else { Err(Malformed) }
    }

    /// The length of the list with a number, whose values follow.
    pub fn list(&mut self, number: u32) -> Result<u32, Malformed> {
        if self.reach(number)? { length(self.from) } else { Err(Malformed) }
    }

    /// Passes over what follows.
    pub fn end(&mut self) -> Result<(), Malformed> {
        self.reach(self.end).map(drop)
    }

    /// Whether there is a field with this number; it is read next.
    #[inline(never)]
    fn reach(&mut self, number: u32) -> Result<bool, Malformed> {
        while self.next < number.min(self.end) {
            self.from.skip().map_err(|_| Malformed)?;
            self.next += 1;
        }
        let is_there = self.next < self.end;
        self.next += u32::from(is_there);
        Ok(is_there)
    }
}

/// The length of an array. One without its length is not written by anybody here.
#[inline(never)]
fn length(from: &mut Decoder<'_>) -> Result<u32, Malformed> {
    let length = from.array().ok().flatten().ok_or(Malformed)?;
    u32::try_from(length).map_err(|_| Malformed)
}

/// The number of a variant that has no fields.
#[inline(never)]
pub fn number(from: &mut Decoder<'_>) -> Result<u32, Malformed> {
    u32::try_from(unsigned(from)?).map_err(|_| Malformed)
}

/// The number of a variant whose fields follow.
#[inline(never)]
pub fn variant(from: &mut Decoder<'_>) -> Result<u32, Malformed> {
    if length(from)? == 2 { number(from) } else { Err(Malformed) }
}

#[inline(never)]
fn unsigned(from: &mut Decoder<'_>) -> Result<u64, Malformed> {
    from.u64().map_err(|_| Malformed)
}

#[inline(never)]
fn signed(from: &mut Decoder<'_>) -> Result<i64, Malformed> {
    from.i64().map_err(|_| Malformed)
}

#[inline(never)]
fn bytes<'b>(from: &mut Decoder<'b>) -> Result<&'b [u8], Malformed> {
    from.bytes().map_err(|_| Malformed)
}

#[inline(never)]
fn text<'b>(from: &mut Decoder<'b>) -> Result<&'b str, Malformed> {
    from.str().map_err(|_| Malformed)
}

/// Numbers, by the width in which CBOR gives them.
macro_rules! numbers {
    ($read:ident: $($number:ty)*) => {$(
        impl Decode<'_> for $number {
            fn blank() -> Self {
                0
            }

            fn read(&mut self, from: &mut Decoder<'_>) -> Result<(), Malformed> {
                *self = Self::try_from($read(from)?).map_err(|_| Malformed)?;
                Ok(())
            }
        }
    )*};
}
numbers!(unsigned: u8 u16 u32 u64);
numbers!(signed: i8 i16 i32 i64);

impl Decode<'_> for bool {
    fn blank() -> Self {
        false
    }

    fn read(&mut self, from: &mut Decoder<'_>) -> Result<(), Malformed> {
        *self = from.bool().map_err(|_| Malformed)?;
        Ok(())
    }
}

impl<const N: usize> Decode<'_> for [u8; N] {
    fn blank() -> Self {
        [0; N]
    }

    fn read(&mut self, from: &mut Decoder<'_>) -> Result<(), Malformed> {
        let read = bytes(from)?;
        if read.len() != N {
            return Err(Malformed);
        }
        self.copy_from_slice(read);
        Ok(())
    }
}

impl<'b> Decode<'b> for &'b [u8] {
    fn blank() -> Self {
        &[]
    }

    fn read(&mut self, from: &mut Decoder<'b>) -> Result<(), Malformed> {
        *self = bytes(from)?;
        Ok(())
    }
}

impl<'b> Decode<'b> for &'b str {
    fn blank() -> Self {
        ""
    }

    fn read(&mut self, from: &mut Decoder<'b>) -> Result<(), Malformed> {
        *self = text(from)?;
        Ok(())
    }
}

impl<'b, T: Decode<'b>> Decode<'b> for Option<T> {
    const MAY_LACK: bool = true;

    fn blank() -> Self {
        None
    }

    fn read(&mut self, from: &mut Decoder<'b>) -> Result<(), Malformed> {
        if is_null(from) {
            *self = None;
            return Ok(());
        }
        self.insert(T::blank()).read(from)
    }
}

/// Whether there is nothing here; passes over it.
#[inline(never)]
fn is_null(from: &mut Decoder<'_>) -> bool {
    let mut ahead = from.probe();
    let is_null = ahead.null().is_ok();
    is_null && from.null().is_ok()
}

impl<'b, T: Decode<'b>, const N: usize> Decode<'b> for List<T, N> {
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, from: &mut Decoder<'b>) -> Result<(), Malformed> {
        self.clear();
        for _ in 0..length(from)? {
            self.push(T::blank()).map_err(|_| Malformed)?;
            self.last_mut().ok_or(Malformed)?.read(from)?;
        }
        Ok(())
    }
}

impl<const N: usize> Decode<'_> for Text<N> {
    fn blank() -> Self {
        Self::default()
    }

    fn read(&mut self, from: &mut Decoder<'_>) -> Result<(), Malformed> {
        *self = Self::new(text(from)?).ok_or(Malformed)?;
        Ok(())
    }
}

impl<const N: usize> Decode<'_> for Bytes<N> {
    fn blank() -> Self {
        Self::default()
    }

    fn read(&mut self, from: &mut Decoder<'_>) -> Result<(), Malformed> {
        *self = Self::new(bytes(from)?).ok_or(Malformed)?;
        Ok(())
    }
}
