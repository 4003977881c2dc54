//! Sets in requests: arrays in which each value stands once. serde drops what stands twice, and who
//! sent it meant another value, or does not know what it has sent.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};

/// Reads a set from an array, for `#[serde(deserialize_with)]`.
///
/// # Errors
/// For a value that stands twice, with it.
pub fn distinct<'de, D, T>(deserializer: D) -> Result<BTreeSet<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Ord + Serialize,
{
    deserializer.deserialize_seq(DistinctVisitor(PhantomData))
}

/// Reads a set that may be null or left out; for the latter, `#[serde(default)]` is needed too.
///
/// # Errors
/// As [`distinct`].
pub fn optional<'de, D, T>(deserializer: D) -> Result<Option<BTreeSet<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Ord + Serialize,
{
    let set = Option::<Distinct<T>>::deserialize(deserializer)?;
    Ok(set.map(|Distinct(values)| values))
}

/// The values of an array, each of which stands once.
///
/// # Errors
/// As [`distinct`].
pub(crate) fn distinct_values<'de, A, T>(mut values: A) -> Result<BTreeSet<T>, A::Error>
where
    A: SeqAccess<'de>,
    T: Deserialize<'de> + Ord + Serialize,
{
    let mut set = BTreeSet::new();
    while let Some(value) = values.next_element::<T>()? {
        if let Some(value) = set.replace(value) {
            let value = serde_json::to_string(&value).map_err(A::Error::custom)?;
            let message = format_args!("{value} stands twice; each value stands once");
            return Err(A::Error::custom(message));
        }
    }
    Ok(set)
}

/// A set, as its own type reads it.
pub(crate) struct Distinct<T>(pub(crate) BTreeSet<T>);

impl<'de, T: Deserialize<'de> + Ord + Serialize> Deserialize<'de> for Distinct<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        distinct(deserializer).map(Self)
    }
}

struct DistinctVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Ord + Serialize> Visitor<'de> for DistinctVisitor<T> {
    type Value = BTreeSet<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Self::Value, A::Error> {
        distinct_values(values)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::from_slice;
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Sets {
        #[serde(deserialize_with = "distinct")]
        all: BTreeSet<String>,
        #[serde(default, deserialize_with = "optional")]
        some: Option<BTreeSet<u8>>,
    }

    #[test]
    fn a_value_stands_once_and_the_field_and_the_value_are_named() {
        for (body, field, value) in [
            (r#"{"all":["a","b","a"]}"#, "all", "\"a\""),
            (r#"{"all":[],"some":[7,7]}"#, "some", "7"),
        ] {
            let error = from_slice::<Sets>(body.as_bytes()).unwrap_err();
            assert_eq!(error.field(), Some(field), "{error}");
            assert!(error.message().starts_with(&format!("{value} stands twice")), "{error}");
        }
        let wrong = from_slice::<Sets>(br#"{"all":["a",7]}"#).unwrap_err();
        assert_eq!(wrong.field(), Some("all[1]"));
        let wrong = from_slice::<Sets>(br#"{"all":"a"}"#).unwrap_err();
        assert_eq!(wrong.message(), "invalid type: string \"a\", expected an array");
    }

    #[test]
    fn an_optional_set_may_be_null_or_left_out() {
        for body in [r#"{"all":["a"]}"#, r#"{"all":["a"],"some":null}"#] {
            let sets = from_slice::<Sets>(body.as_bytes()).unwrap();
            assert_eq!(sets, Sets { all: ["a".to_owned()].into(), some: None });
        }
        let sets = from_slice::<Sets>(br#"{"all":[],"some":[]}"#).unwrap();
        assert_eq!(sets.some, Some([].into()));
    }
}
