//! The client's HTTP request inside a wrapped invocation, with the host's several spellings of it made one.

use crate::custom_handler::lenient_json::{FirstText, LenientText};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Borrows from the invocation what is not escaped there. Has no `Debug`: headers and bodies hold what must not be logged.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct HttpRequest<'a> {
    pub method: Cow<'a, str>,
    pub url: Cow<'a, str>,
    query: Table<'a>,
    headers: Table<'a>,
    params: Table<'a>,
    /// `None` when the client sent none, and also when it sent one in chunks: the host drops those
    /// (reference/functions-host.md#wrapped-requests).
    pub body: Option<Body>,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    Text(String),
    /// Of `application/octet-stream` and `multipart/*`, which the host hands over in base64.
    Binary(Vec<u8>),
}

impl Body {
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
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

    /// The host marks nothing: the content type alone tells that the body is base64
    /// (reference/functions-host.md#wrapped-requests).
    fn is_binary(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default().trim_start().as_bytes();
        let is = |name: &[u8]| kind.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
        is(b"application/octet-stream") || is(b"multipart/")
    }

    fn unwrap_binary(&mut self) {
        if !self.is_binary() {
            return;
        }
        if let Some(Body::Text(text)) = &self.body
            && let Ok(bytes) = STANDARD.decode(text)
        {
            self.body = Some(Body::Binary(bytes));
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for HttpRequest<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RequestVisitor)
    }
}

struct RequestVisitor;

impl<'de> Visitor<'de> for RequestVisitor {
    type Value = HttpRequest<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an HTTP request")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<HttpRequest<'de>, A::Error> {
        let mut request = HttpRequest::default();
        while let Some(LenientText(key)) = members.next_key()? {
            match key.as_deref() {
                Some("Url") => request.url = members.next_value::<LenientText<'_>>()?.0.unwrap_or_default(),
                Some("Method") => request.method = members.next_value::<LenientText<'_>>()?.0.unwrap_or_default(),
                Some("Query") => request.query = members.next_value()?,
                Some("Params") => request.params = members.next_value()?,
                Some("Headers") => request.headers = members.next_value()?,
                Some("Body") => request.body = members.next_value::<AnyText>()?.0.map(Body::Text),
                Some(_) | None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        request.unwrap_binary();
        Ok(request)
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
struct AnyText(Option<String>);

impl<'de> Deserialize<'de> for AnyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyTextVisitor)
    }
}

struct AnyTextVisitor;

impl<'de> Visitor<'de> for AnyTextVisitor {
    type Value = AnyText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a body")
    }

    fn visit_str<E>(self, text: &str) -> Result<AnyText, E> {
        Ok(AnyText(Some(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<AnyText, E> {
        Ok(AnyText(None))
    }

    fn visit_bool<E>(self, value: bool) -> Result<AnyText, E> {
        Ok(AnyText(Some(value.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<AnyText, E> {
        Ok(AnyText(Some(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<AnyText, E> {
        Ok(AnyText(Some(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<AnyText, E> {
        Ok(AnyText(Some(number.to_string())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<AnyText, A::Error> {
        let value = serde_json::Value::deserialize(SeqAccessDeserializer::new(items))?;
        serde_json::to_string(&value).map(|text| AnyText(Some(text))).map_err(A::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<AnyText, A::Error> {
        let value = serde_json::Value::deserialize(MapAccessDeserializer::new(members))?;
        serde_json::to_string(&value).map(|text| AnyText(Some(text))).map_err(A::Error::custom)
    }
}
