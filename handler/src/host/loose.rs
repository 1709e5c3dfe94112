//! Reading JSON whose types nobody vouches for: a value of the wrong type is "not there", never an error.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A scalar as text, borrowed where the JSON text allows it. `None` for null, arrays and objects.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Loose<'a>(pub(crate) Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor).map(Loose)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text)))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if value { "true" } else { "false" })))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// One text or several: the host writes a header's values as an array, a query value as one string.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Many(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Many {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyVisitor)
    }
}

struct ManyVisitor;

impl ManyVisitor {
    fn one(text: Option<Cow<'_, str>>) -> Many {
        Many(text.map(Cow::into_owned).into_iter().collect())
    }
}

impl<'de> Visitor<'de> for ManyVisitor {
    type Value = Many;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Many, E> {
        Ok(Self::one(Some(Cow::Borrowed(text))))
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Many, E> {
        LooseVisitor.visit_bool(value).map(Self::one)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Many, E> {
        LooseVisitor.visit_i64(number).map(Self::one)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Many, E> {
        LooseVisitor.visit_u64(number).map(Self::one)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Many, E> {
        LooseVisitor.visit_f64(number).map(Self::one)
    }

    fn visit_unit<E>(self) -> Result<Many, E> {
        Ok(Many::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Many, A::Error> {
        let mut all = Vec::new();
        while let Some(Loose(item)) = items.next_element()? {
            all.extend(item.map(Cow::into_owned));
        }
        Ok(Many(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Many, A::Error> {
        LooseVisitor.visit_map(members).map(Self::one)
    }
}
