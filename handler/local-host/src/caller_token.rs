//! The token by which a handler knows its host from whoever else on this machine can reach its port.
//!
//! Guarantees that each start of a host has a token of its own, and that nobody who calls through the host
//! can send one.

use crate::keys::fresh;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::RequestBuilder;

/// Where the handler finds the token, and where it meets it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerToken {
    /// Of every request that the host makes.
    pub header: HeaderName,
    /// Of the handler's environment.
    pub variable: String,
}

/// Without a [`CallerToken`] there is none.
#[derive(Clone)]
pub(crate) struct Token(Option<(CallerToken, HeaderValue)>);

impl Token {
    pub(crate) fn fresh(place: Option<CallerToken>) -> Self {
        Self(place.and_then(|place| {
            // Base64url is fit for a header.
            let mut value = HeaderValue::try_from(fresh()).ok()?;
            value.set_sensitive(true);
            Some((place, value))
        }))
    }

    /// For the handler's environment.
    pub(crate) fn variable(&self) -> Option<(&str, &str)> {
        let (place, value) = self.0.as_ref()?;
        Some((&place.variable, value.to_str().ok()?))
    }

    pub(crate) fn put_on(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.0 {
            Some((place, value)) => request.header(&place.header, value),
            None => request,
        }
    }

    /// Takes away what a caller has put in its place.
    pub(crate) fn take_off(&self, headers: &mut HeaderMap) {
        if let Some((place, _)) = &self.0 {
            headers.remove(&place.header);
        }
    }
}
