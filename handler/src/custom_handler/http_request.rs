//! The client's HTTP request inside a wrapped invocation, with the host's several spellings of it made one.

use crate::custom_handler::lenient_json::{FirstText, LenientText};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// Borrows from the invocation what is not escaped there. Its body is not kept: whoever asks for the request
/// reads it where it stands. Has no `Debug`: headers hold what must not be logged.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct HttpRequest<'a> {
    pub method: Cow<'a, str>,
    pub url: Cow<'a, str>,
    query: Table<'a>,
    headers: Table<'a>,
    params: Table<'a>,
}

impl HttpRequest<'_> {
    /// Decoded by the host: never decode again. Repeated names are joined with commas by the host.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.first(|key| key == name)
    }

    /// A route parameter; none where an optional one is missing.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.first(|key| key == name)
    }

    /// A header's first value. Names are compared without case, as HTTP says.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.first(|key| key.eq_ignore_ascii_case(name))
    }

    /// Of `application/octet-stream` and `multipart/*`, whose bodies the host hands over in base64. It marks
    /// nothing: the content type alone tells (reference/functions-host.md#wrapped-requests).
    pub(super) fn is_binary(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default().trim_start().as_bytes();
        let is = |name: &[u8]| kind.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
        is(b"application/octet-stream") || is(b"multipart/")
    }
}

/// Reads a request, and hands its body to `read` while it is there; `None` for a null. What `read` makes of
/// it is `None` when the client sent no body, and also when it sent one in chunks: the host drops those
/// (reference/functions-host.md#wrapped-requests).
pub(super) struct Reading<'f, F> {
    pub(super) read: &'f F,
    /// The body is in base64.
    pub(super) is_binary: bool,
}

impl<F> Clone for Reading<'_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Reading<'_, F> {}

impl<'de, T, F: Fn(&[u8]) -> T> DeserializeSeed<'de> for Reading<'_, F> {
    type Value = Option<(HttpRequest<'de>, Option<T>)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T, F: Fn(&[u8]) -> T> Visitor<'de> for Reading<'_, F> {
    type Value = Option<(HttpRequest<'de>, Option<T>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an HTTP request")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut request, mut body) = (HttpRequest::default(), None);
        while let Some(LenientText(key)) = members.next_key()? {
            match key.as_deref() {
                Some("Url") => request.url = members.next_value::<LenientText<'_>>()?.0.unwrap_or_default(),
                Some("Method") => {
                    request.method = members.next_value::<LenientText<'_>>()?.0.unwrap_or_default()
                }
                Some("Query") => request.query = members.next_value()?,
                Some("Params") => request.params = members.next_value()?,
                Some("Headers") => request.headers = members.next_value()?,
                Some("Body") => body = members.next_value_seed(BodyText(self))?,
                Some(_) | None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Some((request, body)))
    }
}

/// An object of texts. Old hosts sent the query as one string (reference/functions-host.md#older-hosts).
#[derive(Clone, PartialEq, Eq, Default)]
struct Table<'a>(Vec<(Cow<'a, str>, FirstText<'a>)>);

impl Table<'_> {
    fn first(&self, is_it: impl Fn(&str) -> bool) -> Option<&str> {
        let (_, FirstText(value)) = self.0.iter().find(|(key, _)| is_it(key))?;
        value.as_deref()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Table<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TableVisitor).map(Table)
    }
}

struct TableVisitor;

impl<'de> Visitor<'de> for TableVisitor {
    type Value = Vec<(Cow<'de, str>, FirstText<'de>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        if text.trim_start().starts_with('{')
            && let Ok(Table(table)) = serde_json::from_str(text)
        {
            return Ok(table
                .into_iter()
                .map(|(key, FirstText(value))| (own(key), FirstText(value.map(own))))
                .collect());
        }
        let pairs = url::form_urlencoded::parse(text.trim_start_matches('?').as_bytes());
        Ok(pairs.map(|(key, value)| (own(key), FirstText(Some(own(value))))).collect())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut table = Vec::with_capacity(8);
        while let Some((LenientText(key), value)) = members.next_entry()? {
            table.push((key.unwrap_or_default(), value));
        }
        Ok(table)
    }
}

/// The body is a string by contract; should a host hand over parsed JSON, its text serves as well.
struct BodyText<'f, F>(Reading<'f, F>);

impl<T, F: Fn(&[u8]) -> T> BodyText<'_, F> {
    fn read(&self, text: &str) -> Option<T> {
        let decoded = if self.0.is_binary { STANDARD.decode(text).ok() } else { None };
        Some((self.0.read)(decoded.as_deref().unwrap_or(text.as_bytes())))
    }
}

impl<'de, T, F: Fn(&[u8]) -> T> DeserializeSeed<'de> for BodyText<'_, F> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T, F: Fn(&[u8]) -> T> Visitor<'de> for BodyText<'_, F> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a body")
    }

    fn visit_str<E>(self, text: &str) -> Result<Option<T>, E> {
        Ok(self.read(text))
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<T>, E> {
        Ok(self.read(&value.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Option<T>, E> {
        Ok(self.read(&number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<T>, E> {
        Ok(self.read(&number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Option<T>, E> {
        Ok(self.read(&number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Option<T>, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(items)).map(|value| self.read(&value.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Option<T>, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(members)).map(|value| self.read(&value.to_string()))
    }
}
