//! Each member of an object stands once (RFC 8259, section 4). serde says so of structs alone: of two
//! members of a map it takes the last, and who reads the request before us may take the first.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::value::CowStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};

use super::strict_objects::StrictObjects;

/// What stands in front of the name in the refusal of a member that stands twice.
pub(super) const TWICE: &str = "the member `";

/// The members of an object, each of which stands once. Their values are strict too.
pub(super) struct StrictMembers<'de, A> {
    members: A,
    seen: BTreeSet<Cow<'de, str>>,
    /// Those that are looked at; `None` for all.
    known: Option<&'static [&'static str]>,
}

impl<A> StrictMembers<'_, A> {
    /// Those of an object that is not yet read.
    pub(super) fn of(members: A) -> Self {
        Self { members, seen: BTreeSet::new(), known: None }
    }

    /// The same where a struct has the members `known`, and ignores others if it takes them at all.
    pub(super) fn of_struct(members: A, known: &'static [&'static str]) -> Self {
        Self { known: Some(known), ..Self::of(members) }
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for StrictMembers<'de, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let Some(name) = self.members.next_key_seed(Name)? else { return Ok(None) };
        if self.seen.contains(&name) {
            return Err(A::Error::custom(format_args!("{TWICE}{name}` stands twice")));
        }
        if self.known.is_none_or(|known| known.contains(&&*name)) {
            self.seen.insert(name.clone());
        }
        seed.deserialize(CowStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.members.next_value_seed(StrictObjects(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.members.size_hint()
    }
}

/// The name of a member, borrowed from the document where it has no escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde::de::{DeserializeOwned, IgnoredAny};
    use serde_json::Value;

    use super::super::from_slice;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only errors are looked at")]
    struct Object {
        a: u8,
        inner: Option<Box<Object>>,
        all: Option<BTreeMap<String, u8>>,
    }

    #[track_caller]
    fn refused<T: DeserializeOwned>(body: &str, field: &str) {
        let error = from_slice::<T>(body.as_bytes()).err().expect("a refusal");
        let name = field.rsplit('.').next().unwrap_or_default();
        let expected = format!("the member `{name}` stands twice");
        assert_eq!((error.message(), error.field()), (&*expected, Some(field)), "{body}");
    }

    #[test]
    fn a_member_stands_once_whatever_it_is_a_member_of_and_is_named() {
        refused::<Object>(r#"{"a":1,"a":2}"#, "a");
        refused::<Object>(r#"{"a":1,"\u0061":1}"#, "a");
        refused::<Object>(r#"{"a":1,"inner":{"a":1,"a":2}}"#, "inner.a");
        refused::<Object>(r#"{"inner":{"inner":{"a":1,"a":2}}}"#, "inner.inner.a");
        refused::<Object>(r#"{"a":1,"all":{"x":1,"x":1}}"#, "all.x");
        refused::<Vec<Object>>(r#"[{"a":1},{"a":1,"a":1}]"#, "[1].a");
        refused::<BTreeMap<String, u8>>(r#"{"x":1,"y":2,"x":3}"#, "x");
        refused::<Value>(r#"{"x":{"y":[{"z":1,"z":1}]}}"#, "x.y[0].z");
        assert!(from_slice::<Value>(br#"{"a":{"a":1},"A":2,"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn what_is_ignored_may_be_anything() {
        let ignored = br#"{"a":1,"unknown":1,"unknown":{"x":1,"x":2}}"#;
        assert!(from_slice::<Object>(ignored).is_ok());
        assert!(from_slice::<IgnoredAny>(br#"{"a":1,"a":2}"#).is_ok());
    }
}
