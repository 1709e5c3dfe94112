//! One invocation as the host sends it, read no further than its function asks.
//!
//! The body is `{"Data": {<binding>: …}, "Metadata": {…}}`. `Metadata` is not offered at all: the host merges
//! the fields of a queue message, a query or a body over its own entries, so whoever can send a message can
//! write it (reference/functions-host.md#wrapped-requests). A value under `Data` may be encoded once or
//! twice; both are read.

use crate::custom_handler::http_request::{HttpRequest, Reading};
use crate::custom_handler::lenient_json::LenientText;
use crate::custom_handler::timer::TimerInfo;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;

#[derive(Clone)]
pub struct Invocation {
    /// The function's name: its folder's, in the folder's case.
    pub function: String,
    /// The host's id of this invocation; for logs.
    pub id: Option<String>,
    /// W3C `traceparent` of the host's request, unchecked.
    pub trace: Option<String>,
    body: Bytes,
}

/// What the host sent is not what its contract says. Names places, never contents: a body may hold personal
/// data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvocationError {
    #[error("the invocation has no body; the Functions host sends {{\"Data\": {{…}}, \"Metadata\": {{…}}}}")]
    Empty,
    #[error(
        "the invocation's body is not the Functions host's JSON object (line {line}, column {column}); \
         is this handler called by something else?"
    )]
    NotWrapped { line: usize, column: usize },
    #[error("the invocation has no binding `{binding}` (it has: {found}); compare function.json")]
    NoBinding { binding: String, found: String },
    #[error("binding `{binding}` of the invocation can't be read as {expected}")]
    BadBinding { binding: String, expected: &'static str },
}

impl Invocation {
    pub fn new(function: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { function: function.into(), id: None, trace: None, body: body.into() }
    }

    pub fn with_headers(mut self, id: Option<String>, trace: Option<String>) -> Self {
        self.id = id;
        self.trace = trace;
        self
    }

    /// The request of an `httpTrigger` in wrapped mode (reference/functions-host.md#wrapped-requests), and
    /// what `read` makes of its body, where there is one. `read` is called while the body is there, without a
    /// copy of it, and again for one in base64.
    pub fn http_request<T>(
        &self,
        binding: &str,
        read: impl Fn(&[u8]) -> T,
    ) -> Result<(HttpRequest<'_>, Option<T>), InvocationError> {
        let reading = |is_binary| self.find(binding, Reading { read: &read, is_binary });
        let found = match reading(false)? {
            Some((request, _)) if request.is_binary() => reading(true)?,
            found => found,
        };
        found.ok_or_else(|| InvocationError::BadBinding {
            binding: binding.to_owned(),
            expected: "an HTTP request",
        })
    }

    /// The text of a `queueTrigger`'s message (reference/functions-queues.md#messages).
    ///
    /// Our bindings leave `dataType` out: the double encoding of strings is shown by the host's own tests,
    /// `binary` has not been seen with a custom handler. Should a host send base64 nevertheless, it is
    /// recognised where it decodes to a JSON object, which is all that our queues carry.
    pub fn queue_text(&self, binding: &str) -> Result<String, InvocationError> {
        let raw: &RawValue = self.data(binding)?;
        let Ok(once) = serde_json::from_str::<String>(raw.get()) else {
            return Ok(raw.get().to_owned());
        };
        if let Ok(twice) = serde_json::from_str::<String>(&once) {
            return Ok(twice);
        }
        Ok(object_from_base64(&once).unwrap_or(once))
    }

    /// What a `timerTrigger` says of its schedule (reference/functions-host.md#timers). A null is a timer
    /// that says nothing.
    pub fn timer(&self, binding: &str) -> Result<TimerInfo, InvocationError> {
        self.data::<serde_json::Value>(binding).map(|value| TimerInfo::from_json(&value))
    }

    fn data<'a, T: Deserialize<'a>>(&'a self, binding: &str) -> Result<T, InvocationError> {
        self.find(binding, PhantomData::<T>)
    }

    /// `seed` may read more than once: the last of two bindings of one name counts.
    fn find<'a, S: DeserializeSeed<'a> + Copy>(
        &'a self,
        binding: &str,
        seed: S,
    ) -> Result<S::Value, InvocationError> {
        if self.body.is_empty() {
            return Err(InvocationError::Empty);
        }
        let not_wrapped = |error: serde_json::Error| InvocationError::NotWrapped {
            line: error.line(),
            column: error.column(),
        };
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let found = Wrapped { binding, seed }.deserialize(&mut reader).map_err(not_wrapped)?;
        reader.end().map_err(not_wrapped)?;
        found.value.ok_or_else(|| InvocationError::NoBinding {
            binding: binding.to_owned(),
            found: if found.others.is_empty() { "none".to_owned() } else { found.others.join(", ") },
        })
    }
}

/// Without the body, which may hold what must not be logged.
impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Invocation");
        shown.field("function", &self.function).field("id", &self.id).field("trace", &self.trace);
        shown.field("bytes", &self.body.len()).finish()
    }
}

fn object_from_base64(text: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    decoded.trim_start().starts_with('{').then_some(decoded)
}

/// Finds one binding in the wrapped body in a single pass, without reading the others.
struct Wrapped<'n, S> {
    binding: &'n str,
    seed: S,
}

struct Found<T> {
    value: Option<T>,
    others: Vec<String>,
}

impl<'de, S: DeserializeSeed<'de> + Copy> DeserializeSeed<'de> for Wrapped<'_, S> {
    type Value = Found<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de> + Copy> Visitor<'de> for Wrapped<'_, S> {
    type Value = Found<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `Data`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = Found { value: None, others: Vec::new() };
        while let Some(LenientText(key)) = members.next_key()? {
            if key.is_some_and(|key| key.eq_ignore_ascii_case("Data")) {
                found = members.next_value_seed(Bindings { binding: self.binding, seed: self.seed })?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

struct Bindings<'n, S> {
    binding: &'n str,
    seed: S,
}

impl<'de, S: DeserializeSeed<'de> + Copy> DeserializeSeed<'de> for Bindings<'_, S> {
    type Value = Found<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: DeserializeSeed<'de> + Copy> Visitor<'de> for Bindings<'_, S> {
    type Value = Found<S::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of bindings")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Found { value: None, others: Vec::new() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = Found { value: None, others: Vec::new() };
        while let Some(LenientText(key)) = members.next_key()? {
            let key = key.unwrap_or_default();
            if key == self.binding {
                found.value = Some(members.next_value_seed(self.seed)?);
            } else {
                members.next_value::<IgnoredAny>()?;
                found.others.push(key.into_owned());
            }
        }
        Ok(found)
    }
}
