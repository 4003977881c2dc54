//! Objects are objects. serde reads a struct from an array too, its fields by place: what no
//! document says, and what a new field would break.
//!
//! Names are read by [`StrictMembers`], which takes each once.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::strict_members::StrictMembers;

/// A part of a deserializer, or of what it is driven by, that takes structs from objects alone, as
/// deep as it goes.
pub(super) struct StrictObjects<T>(pub(super) T);

/// Hands each method on as it is, with a strict visitor.
macro_rules! strictly {
    ($($method:ident($($name:ident: $type:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* StrictObjects(visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for StrictObjects<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(StructVisitor { visitor, members })
    }

    /// What is ignored may be anything.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(visitor)
    }

    strictly! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(length: usize);
        deserialize_tuple_struct(name: &'static str, length: usize);
        deserialize_map();
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
    }
}

/// Hands each value on as it is.
macro_rules! as_it_is {
    ($($method:ident: $type:ty;)*) => {$(
        fn $method<E: serde::de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for StrictObjects<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    as_it_is! {
        visit_bool: bool;
        visit_i64: i64;
        visit_i128: i128;
        visit_u64: u64;
        visit_u128: u128;
        visit_f64: f64;
        visit_str: &str;
        visit_borrowed_str: &'de str;
        visit_string: String;
        visit_bytes: &[u8];
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(StrictObjects(some))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(StrictObjects(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(StrictObjects(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(StrictMembers::of(members))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(StrictObjects(variant))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for StrictObjects<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(StrictObjects(value))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for StrictObjects<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(StrictObjects(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for StrictObjects<A> {
    type Error = A::Error;
    type Variant = StrictObjects<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(seed).map(|(name, content)| (name, StrictObjects(content)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for StrictObjects<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(StrictObjects(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(length, StrictObjects(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        members: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.newtype_variant_seed(StructVisitor { visitor, members })
    }
}

/// What makes a struct, or a variant with members, from an object.
struct StructVisitor<V> {
    visitor: V,
    members: &'static [&'static str],
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for StructVisitor<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        value.deserialize_map(self)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for StructVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(StrictMembers::of_struct(members, self.members))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::super::from_slice;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Point {
        x: u8,
        y: Option<u8>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Shape {
        Dot(Point),
        Line { from: Point, to: Point },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapped(Point);

    #[track_caller]
    fn refused<T: DeserializeOwned + std::fmt::Debug>(body: &str) {
        let error = from_slice::<T>(body.as_bytes()).unwrap_err();
        let message = "invalid type: array, expected an object";
        assert_eq!(error.message(), message, "{body}");
    }

    #[test]
    fn no_struct_is_read_from_an_array_however_deep() {
        refused::<Point>("[1,2]");
        refused::<Option<Point>>("[1,2]");
        refused::<Wrapped>("[1,2]");
        refused::<Vec<Point>>(r#"[{"x":1},[1,2]]"#);
        refused::<BTreeMap<String, Vec<Option<Point>>>>(r#"{"a":[null,[1,2]]}"#);
        refused::<Shape>(r#"{"Dot":[1,2]}"#);
        refused::<Shape>(r#"{"Line":{"from":{"x":1},"to":[1,2]}}"#);
        refused::<Shape>(r#"{"Line":[{"x":1},{"x":2}]}"#);
    }

    #[test]
    fn objects_arrays_and_what_is_in_them_are_read_as_ever() {
        let point = |x, y| Point { x, y };
        assert_eq!(from_slice::<Point>(br#"{"x":1,"y":null}"#).unwrap(), point(1, None));
        assert_eq!(
            from_slice::<(u8, Point)>(br#"[1,{"x":1,"y":2}]"#).unwrap(),
            (1, point(1, Some(2)))
        );
        let line = from_slice::<Shape>(br#"{"Line":{"from":{"x":1},"to":{"x":2}}}"#).unwrap();
        assert_eq!(line, Shape::Line { from: point(1, None), to: point(2, None) });
        assert_eq!(from_slice::<Shape>(br#"{"Dot":{"x":3}}"#).unwrap(), Shape::Dot(point(3, None)));
    }
}
