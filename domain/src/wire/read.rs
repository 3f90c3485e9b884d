//! How values are read from their bytes: in place, and without an error on the way.
//!
//! A value is made blank where it stays, and its parts are read into it one after the other: a release of two kilobytes
//! never passes over the stack of a board. A [`Reader`] that has met bytes which are no such value reads zeros and
//! nothings from there on, so that only the end tells. What each structure reads is written by `#[derive(Decode)]`
//! (`domain/derive`); the heads of items are those of RFC 8949 §3. Nobody is told where bytes are wrong, only that they
//! are, because nothing that arrives is mended by hand. The tests hold it
//! against minicbor, the only lines that name that library.

use super::{Bytes, List, Text, WireError};

/// A value that can be read.
pub trait Decode<'b>: Sized {
    /// Whether the value may be left out at the end of its structure.
    const MAY_LACK: bool = false;

    /// Any value, to be read over.
    fn blank() -> Self;

    /// Reads the value over this one. When the reader fails, this one means nothing.
    fn read(&mut self, from: &mut Reader<'b>);
}

/// What is being read.
#[derive(Debug)]
pub struct Reader<'b> {
    bytes: &'b [u8],
    rest: &'b [u8],
    has_failed: bool,
}

impl<'b> Reader<'b> {
    /// A reader from the front of `bytes`.
    #[must_use]
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, rest: bytes, has_failed: false }
    }

    /// How many bytes what was read takes.
    ///
    /// # Errors
    /// [`WireError::Malformed`] when they are not what was asked for.
    pub fn end(&self) -> Result<usize, WireError> {
        if self.has_failed { Err(WireError::Malformed) } else { Ok(self.bytes.len() - self.rest.len()) }
    }

    /// The bytes are not what they should be.
    #[inline(never)]
    pub fn fail(&mut self) {
        self.rest = &[];
        self.has_failed = true;
    }

    /// Takes as many bytes.
    #[inline(never)]
    fn take(&mut self, length: u64) -> &'b [u8] {
        let taken = usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        if let Some((taken, rest)) = taken {
            self.rest = rest;
            return taken;
        }
        self.fail();
        &[]
    }

    /// What kind of item begins here, 0 to 7, and its number: a value, or how much follows. One that does not say how
    /// much is not written by anybody here.
    #[inline(never)]
    fn head(&mut self) -> (u8, u64) {
        let first = self.take(1).first().copied().unwrap_or(0);
        let small = first & 0x1f;
        let number = match small {
            0..24 => u64::from(small),
            24..28 => self.take(1 << (small - 24)).iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
            _ => {
                self.fail();
                0
            }
        };
        (first >> 5, number)
    }

    /// The number of an item that must be of this kind.
    #[inline(never)]
    fn expect(&mut self, kind: u8) -> u64 {
        let (found, number) = self.head();
        if found == kind {
            return number;
        }
        self.fail();
        0
    }

    /// The length of an array, whose values follow.
    #[inline(never)]
    pub fn array(&mut self) -> u32 {
        self.number_of(4)
    }

    /// The number of a variant that has no fields.
    #[inline(never)]
    pub fn number(&mut self) -> u32 {
        self.number_of(0)
    }

    #[inline(never)]
    fn number_of(&mut self, kind: u8) -> u32 {
        u32::try_from(self.expect(kind)).unwrap_or_else(|_| {
            self.fail();
            0
        })
    }

    /// The number of a variant whose fields follow.
    #[inline(never)]
    pub fn variant(&mut self) -> u32 {
        if self.array() != 2 {
            self.fail();
        }
        self.number()
    }

    fn unsigned(&mut self) -> u64 {
        self.expect(0)
    }

    #[inline(never)]
    fn signed(&mut self) -> i64 {
        let (kind, number) = self.head();
        // Below zero, what is written is how far below -1.
        let signed =
            i64::try_from(number).ok().filter(|_| kind < 2).map(|number| if kind == 1 { !number } else { number });
        signed.unwrap_or_else(|| {
            self.fail();
            0
        })
    }

    /// A byte string.
    #[inline(never)]
    pub fn byte_string(&mut self) -> &'b [u8] {
        let length = self.expect(2);
        self.take(length)
    }

    #[inline(never)]
    fn text(&mut self) -> &'b str {
        let length = self.expect(3);
        core::str::from_utf8(self.take(length)).unwrap_or_else(|_| {
            self.fail();
            ""
        })
    }

    /// Passes over what is nothing.
    #[inline(never)]
    fn is_null(&mut self) -> bool {
        let rest = self.rest.strip_prefix(&[0xf6]);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Passes over an item, with all that is in it.
    #[inline(never)]
    fn skip(&mut self) {
        let mut items = 1_u64;
        while items > 0 && !self.has_failed {
            items -= 1;
            let (kind, number) = self.head();
            match kind {
                2 | 3 => drop(self.take(number)),
                4 => items = items.saturating_add(number),
                5 => items = items.saturating_add(number.saturating_mul(2)),
                6 => items = items.saturating_add(1),
                // A number, or a simple value, is its head.
                _ => {}
            }
        }
    }
}

/// The fields of a structure, in the order of their numbers.
#[derive(Debug)]
pub struct Fields<'d, 'b> {
    from: &'d mut Reader<'b>,
    next: u32,
    end: u32,
}

impl<'d, 'b> Fields<'d, 'b> {
    /// The structure that begins here.
    pub fn of(from: &'d mut Reader<'b>) -> Self {
        let end = from.array();
        Self { from, next: 0, end }
    }

    /// Reads the field with a number. Those that were not asked for are passed over.
    #[inline]
    pub fn read<T: Decode<'b>>(&mut self, number: u32, into: &mut T) {
        if self.reach(number, T::MAY_LACK) {
            into.read(self.from);
        }
    }

    /// The length of the list with a number, whose values follow.
    pub fn list(&mut self, number: u32) -> u32 {
        if self.reach(number, false) { self.from.array() } else { 0 }
    }

    /// Reads the next value of that list. Each of them is to be read before the next field.
    pub fn item<T: Decode<'b>>(&mut self, into: &mut T) {
        into.read(self.from);
    }

    /// Whether all was as asked for so far.
    ///
    /// # Errors
    /// [`WireError::Malformed`] when it was not.
    pub fn check(&self) -> Result<(), WireError> {
        self.from.end().map(drop)
    }

    /// Passes over what follows.
    pub fn end(&mut self) {
        self.reach(self.end, true);
    }

    /// Whether there is a field with this number; it is read next.
    #[inline(never)]
    fn reach(&mut self, number: u32, may_lack: bool) -> bool {
        while self.next < number.min(self.end) && !self.from.has_failed {
            self.from.skip();
            self.next += 1;
        }
        let is_there = self.next < self.end;
        self.next += u32::from(is_there);
        if !is_there && !may_lack {
            self.from.fail();
        }
        is_there
    }
}

/// Numbers, by the width in which CBOR gives them.
macro_rules! numbers {
    ($read:ident: $($number:ty)*) => {$(
        impl Decode<'_> for $number {
            fn blank() -> Self {
                0
            }

            fn read(&mut self, from: &mut Reader<'_>) {
                *self = Self::try_from(from.$read()).unwrap_or_else(|_| {
                    from.fail();
                    0
                });
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

    fn read(&mut self, from: &mut Reader<'_>) {
        match from.take(1) {
            [0xf4] => *self = false,
            [0xf5] => *self = true,
            _ => from.fail(),
        }
    }
}

/// Reads as many bytes, no more and no fewer.
#[inline(never)]
fn copy(from: &mut Reader<'_>, into: &mut [u8]) {
    let read = from.byte_string();
    if read.len() == into.len() { into.copy_from_slice(read) } else { from.fail() }
}

impl<const N: usize> Decode<'_> for [u8; N] {
    fn blank() -> Self {
        [0; N]
    }

    fn read(&mut self, from: &mut Reader<'_>) {
        copy(from, self);
    }
}

impl<'b> Decode<'b> for &'b [u8] {
    fn blank() -> Self {
        &[]
    }

    fn read(&mut self, from: &mut Reader<'b>) {
        *self = from.byte_string();
    }
}

impl<'b> Decode<'b> for &'b str {
    fn blank() -> Self {
        ""
    }

    fn read(&mut self, from: &mut Reader<'b>) {
        *self = from.text();
    }
}

impl<'b, T: Decode<'b>> Decode<'b> for Option<T> {
    const MAY_LACK: bool = true;

    fn blank() -> Self {
        None
    }

    fn read(&mut self, from: &mut Reader<'b>) {
        if from.is_null() {
            *self = None;
        } else {
            self.insert(T::blank()).read(from);
        }
    }
}

impl<'b, T: Decode<'b>, const N: usize> Decode<'b> for List<T, N> {
    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, from: &mut Reader<'b>) {
        self.clear();
        for _ in 0..from.array() {
            let Ok(()) = self.push(T::blank()) else { return from.fail() };
            if let Some(last) = self.last_mut() {
                last.read(from);
            }
        }
    }
}

impl<const N: usize> Decode<'_> for Text<N> {
    fn blank() -> Self {
        Self::default()
    }

    fn read(&mut self, from: &mut Reader<'_>) {
        *self = Self::new(from.text()).unwrap_or_else(|| {
            from.fail();
            Self::default()
        });
    }
}

impl<const N: usize> Decode<'_> for Bytes<N> {
    fn blank() -> Self {
        Self::default()
    }

    fn read(&mut self, from: &mut Reader<'_>) {
        *self = Self::new(from.byte_string()).unwrap_or_else(|| {
            from.fail();
            Self::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::super::{decode, encode_into};
    use super::*;

    /// Any items that say how much follows, one in the other, as the other library writes them.
    fn items() -> impl Strategy<Value = Vec<u8>> {
        let written = |write: &dyn Fn(&mut minicbor::Encoder<&mut Vec<u8>>)| {
            let mut bytes = Vec::new();
            write(&mut minicbor::Encoder::new(&mut bytes));
            bytes
        };
        let leaf = prop_oneof![
            any::<u64>().prop_map(move |number| written(&|to| drop(to.u64(number)))),
            any::<i64>().prop_map(move |number| written(&|to| drop(to.i64(number)))),
            prop::collection::vec(any::<u8>(), 0..40).prop_map(move |bytes| written(&|to| drop(to.bytes(&bytes)))),
            "\\PC{0,20}".prop_map(move |text| written(&|to| drop(to.str(&text)))),
            any::<bool>().prop_map(move |truth| written(&|to| drop(to.bool(truth)))),
            any::<f64>().prop_map(move |number| written(&|to| drop(to.f64(number)))),
            Just(written(&|to| drop(to.null()))),
        ];
        leaf.prop_recursive(4, 32, 6, move |item| {
            let list = prop::collection::vec(item.clone(), 0..6).prop_map(move |items| {
                let head = written(&|to| drop(to.array(items.len() as u64)));
                [head, items.concat()].concat()
            });
            let map = prop::collection::vec((item.clone(), item.clone()), 0..3).prop_map(move |pairs| {
                let head = written(&|to| drop(to.map(pairs.len() as u64)));
                pairs.into_iter().fold(head, |bytes, (key, value)| [bytes, key, value].concat())
            });
            let tag =
                item.prop_map(move |item| [written(&|to| drop(to.tag(minicbor::data::Tag::new(4711)))), item].concat());
            prop_oneof![list, map, tag]
        })
    }

    proptest! {
        #[test]
        fn any_item_is_passed_over_whole_or_not_at_all(item in items(), behind in any::<u8>(), cut in any::<prop::sample::Index>()) {
            let long = [&item[..], &[behind]].concat();
            let mut reader = Reader::new(&long);
            reader.skip();
            prop_assert_eq!(reader.end(), Ok(item.len()));
            let mut reader = Reader::new(&item[..cut.index(item.len())]);
            reader.skip();
            prop_assert_eq!(reader.end(), Err(WireError::Malformed));
        }

        #[test]
        fn values_are_what_the_other_library_reads(bytes in prop::collection::vec(any::<u8>(), 0..24)) {
            fn same<'b, T: Decode<'b> + PartialEq + core::fmt::Debug>(
                bytes: &'b [u8],
                theirs: impl FnOnce(&mut minicbor::Decoder<'b>) -> Result<T, minicbor::decode::Error>,
            ) -> Result<(), TestCaseError> {
                let (mut ours, mut reader) = (T::blank(), Reader::new(bytes));
                ours.read(&mut reader);
                let mut other = minicbor::Decoder::new(bytes);
                let theirs = theirs(&mut other);
                prop_assert_eq!(reader.end().ok().map(|end| (ours, end)), theirs.ok().map(|value| (value, other.position())));
                Ok(())
            }
            same::<u64>(&bytes, |other| other.u64())?;
            same::<u8>(&bytes, |other| other.u8())?;
            same::<i64>(&bytes, |other| other.i64())?;
            same::<i16>(&bytes, |other| other.i16())?;
            same::<bool>(&bytes, |other| other.bool())?;
            same::<&[u8]>(&bytes, |other| other.bytes())?;
            same::<&str>(&bytes, |other| other.str())?;
        }

        #[test]
        fn no_bytes_make_it_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _any = decode::<List<Option<List<&str, 3>>, 3>>(&bytes);
            let mut reader = Reader::new(&bytes);
            reader.skip();
            let _whole = reader.end();
        }
    }

    #[test]
    fn what_failed_stays_failed_and_reads_nothing() {
        let mut reader = Reader::new(&[0x61, 0xff, 0x01]);
        assert_eq!(reader.text(), "");
        assert_eq!((reader.number(), reader.array(), reader.byte_string()), (0, 0, &[][..]));
        assert_eq!(reader.end(), Err(WireError::Malformed));
    }

    #[test]
    fn a_list_of_more_than_fit_is_refused_however_long_it_says_it_is() {
        let mut buffer = [0; 16];
        let length = encode_into(&List::<u8, 4>::collect([1, 2, 3]).expect("three"), &mut buffer).expect("fits");
        assert_eq!(decode::<List<u8, 2>>(&buffer[..length]), Err(WireError::Malformed));
        assert_eq!(decode::<List<u8, 2>>(&[0x9a, 0xff, 0xff, 0xff, 0xff, 0x00]), Err(WireError::Malformed));
    }
}
