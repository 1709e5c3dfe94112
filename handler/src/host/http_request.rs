//! The client's HTTP request inside a wrapped invocation, with the host's several spellings of it made one.

use crate::host::loose::Many;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpRequest {
    pub method: String,
    pub url: String,
    /// Decoded by the host: never decode again. Repeated names are joined with commas by the host.
    query: Vec<(String, String)>,
    headers: Vec<(String, Vec<String>)>,
    params: Vec<(String, String)>,
    /// `None` when the client sent none, and also when it sent one in chunks: the host drops those (contract sheet 2.3).
    pub body: Option<Body>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
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

impl HttpRequest {
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A route parameter; none where an optional one is missing.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A header's first value. Names are compared without case, as HTTP says.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, values) = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        values.first().map(String::as_str)
    }

    /// The host marks nothing: the content type alone tells that the body is base64 (contract sheet 2.3).
    fn unwrap_binary(&mut self) {
        let kind = self.header("content-type").unwrap_or_default().trim_start().to_ascii_lowercase();
        if !(kind.starts_with("application/octet-stream") || kind.starts_with("multipart/")) {
            return;
        }
        if let Some(Body::Text(text)) = &self.body
            && let Ok(bytes) = STANDARD.decode(text)
        {
            self.body = Some(Body::Binary(bytes));
        }
    }
}

impl<'de> Deserialize<'de> for HttpRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RequestVisitor)
    }
}

struct RequestVisitor;

impl<'de> Visitor<'de> for RequestVisitor {
    type Value = HttpRequest;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an HTTP request")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<HttpRequest, E> {
        serde_json::from_str(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<HttpRequest, A::Error> {
        let mut request = HttpRequest::default();
        while let Some(key) = members.next_key::<Cow<'_, str>>()? {
            match key.as_ref() {
                "Url" => request.url = members.next_value::<Many>()?.0.join(","),
                "Method" => request.method = members.next_value::<Many>()?.0.join(","),
                "Query" => request.query = members.next_value::<Table>()?.joined(),
                "Params" => request.params = members.next_value::<Table>()?.joined(),
                "Headers" => request.headers = members.next_value::<Table>()?.0,
                "Body" => request.body = members.next_value::<AnyText>()?.0.map(Body::Text),
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        request.unwrap_binary();
        Ok(request)
    }
}

/// An object of texts. Old hosts sent the query as one string (contract sheet 13, host#6606).
struct Table(Vec<(String, Vec<String>)>);

impl Table {
    fn joined(self) -> Vec<(String, String)> {
        let present = self.0.into_iter().filter(|(_, values)| !values.is_empty());
        present.map(|(key, values)| (key, values.join(","))).collect()
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TableVisitor)
    }
}

struct TableVisitor;

impl<'de> Visitor<'de> for TableVisitor {
    type Value = Table;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_unit<E>(self) -> Result<Table, E> {
        Ok(Table(Vec::new()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Table, E> {
        if text.trim_start().starts_with('{')
            && let Ok(table) = serde_json::from_str(text)
        {
            return Ok(table);
        }
        let pairs = url::form_urlencoded::parse(text.trim_start_matches('?').as_bytes());
        Ok(Table(pairs.map(|(key, value)| (key.into_owned(), vec![value.into_owned()])).collect()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Table, A::Error> {
        let mut table = Vec::with_capacity(members.size_hint().unwrap_or(8));
        while let Some((key, Many(values))) = members.next_entry::<String, Many>()? {
            table.push((key, values));
        }
        Ok(Table(table))
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
