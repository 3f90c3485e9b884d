//! How the desk's types become columns and come back.
//!
//! Three column types serve all: integers of 64 bits, text, bytes. Numbers without a sign keep their bits, so that the
//! largest come back whole (they sort wrongly, and no honest player reaches them). What is in which table is decided
//! in the files beside.

use std::str::FromStr;

use loa_domain::id::{Hash, PlayerId};
use loa_domain::keys::PublicKey;
use loa_domain::time::UtcMs;

use super::error::StoreError;

/// A value of a column; `None` is null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Value {
    fn is_null(&self) -> bool {
        matches!(self, Self::Integer(None) | Self::Text(None) | Self::Bytes(None))
    }
}

/// A type that a column can hold.
pub(super) trait Field: Sized {
    /// What it is called when a row holds something else.
    const EXPECTED: &'static str;
    /// Null, in the type of the column: PostgreSQL wants to know it.
    const NULL: Value;
    /// As a value.
    fn put(self) -> Value;
    /// From a value.
    fn take(value: &Value) -> Option<Self>;
}

/// A row of an answer.
#[derive(Clone, Debug)]
pub(super) struct Row(Vec<Value>);

impl Row {
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// All of its values.
    pub(super) fn values(&self) -> &[Value] {
        &self.0
    }

    /// The value of a column, counted from zero.
    pub(super) fn get<T: Field>(&self, column: usize) -> Result<T, StoreError> {
        self.0.get(column).and_then(T::take).ok_or(StoreError::Malformed { column, expected: T::EXPECTED })
    }

    /// The value of a text column by its stable name.
    pub(super) fn named<T>(&self, column: usize, find: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        find(&self.get::<String>(column)?).ok_or(StoreError::Malformed { column, expected: "known name" })
    }
}

macro_rules! integers {
    ($($type:ty: $name:literal, $put:expr, $take:expr;)*) => {$(
        impl Field for $type {
            const EXPECTED: &'static str = $name;
            const NULL: Value = Value::Integer(None);
            fn put(self) -> Value {
                Value::Integer(Some($put(self)))
            }
            fn take(value: &Value) -> Option<Self> {
                let Value::Integer(Some(integer)) = value else { return None };
                $take(*integer)
            }
        }
    )*};
}

integers! {
    i64: "number", |n| n, Some;
    u64: "number", |n: u64| n.cast_signed(), |n: i64| Some(n.cast_unsigned());
    u32: "number of 32 bits", i64::from, |n| u32::try_from(n).ok();
    i32: "number of 32 bits", i64::from, |n| i32::try_from(n).ok();
    u8: "number up to 255", i64::from, |n| u8::try_from(n).ok();
    bool: "truth value", i64::from, |n| Some(n != 0);
    UtcMs: "time", |t: UtcMs| t.0, |n| Some(UtcMs(n));
}

macro_rules! texts {
    ($($type:ty: $name:literal, $put:expr, $take:expr;)*) => {$(
        impl Field for $type {
            const EXPECTED: &'static str = $name;
            const NULL: Value = Value::Text(None);
            fn put(self) -> Value {
                Value::Text(Some($put(self)))
            }
            fn take(value: &Value) -> Option<Self> {
                let Value::Text(Some(text)) = value else { return None };
                $take(text)
            }
        }
    )*};
}

texts! {
    String: "text", |s| s, |s: &str| Some(s.to_owned());
    &PlayerId: "player id", |p: &PlayerId| p.as_str().to_owned(), |_| None;
    PlayerId: "player id", |p: PlayerId| p.as_str().to_owned(), |s: &str| PlayerId::from_str(s).ok();
    &str: "text", str::to_owned, |_| None;
}

macro_rules! bytes {
    ($($type:ty: $name:literal, $put:expr, $take:expr;)*) => {$(
        impl Field for $type {
            const EXPECTED: &'static str = $name;
            const NULL: Value = Value::Bytes(None);
            fn put(self) -> Value {
                Value::Bytes(Some($put(self)))
            }
            fn take(value: &Value) -> Option<Self> {
                let Value::Bytes(Some(bytes)) = value else { return None };
                $take(bytes)
            }
        }
    )*};
}

bytes! {
    Vec<u8>: "bytes", |b| b, |b: &[u8]| Some(b.to_vec());
    &[u8]: "bytes", <[u8]>::to_vec, |_| None;
    Hash: "hash", |h: Hash| h.0.to_vec(), |b: &[u8]| b.try_into().ok().map(Hash);
    PublicKey: "key", |k: PublicKey| k.0.to_vec(), |b: &[u8]| b.try_into().ok().map(PublicKey);
}

impl<T: Field> Field for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    const NULL: Value = T::NULL;
    fn put(self) -> Value {
        self.map_or(T::NULL, T::put)
    }
    fn take(value: &Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::take(value).map(Some) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_number_without_a_sign_comes_back_whole() {
        for number in [0, 1, u64::MAX / 2, u64::MAX] {
            assert_eq!(u64::take(&number.put()), Some(number));
        }
    }

    #[test]
    fn a_column_of_another_type_is_refused_and_says_what_was_expected() {
        let row = Row::new(vec![Value::Text(Some("ba".to_owned()))]);
        let error = row.get::<Hash>(0).expect_err("text is no hash");
        assert_eq!(error.to_string(), "column 0 of a row of the store holds no hash");
        assert!(row.get::<i64>(1).is_err(), "there is no such column");
    }

    #[test]
    fn null_is_none_and_nothing_else() {
        assert_eq!(<Option<i64> as Field>::take(&Value::Integer(None)), Some(None));
        assert_eq!(i64::take(&Value::Integer(None)), None);
        assert_eq!(Option::<Hash>::None.put(), Value::Bytes(None));
    }
}
