//! The `SharedKey` signature of the queue service: a MAC over method, headers and resource.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use http::Method;
use sha2::Sha256;
use url::Url;

/// What a signature covers.
pub struct Signed<'a> {
    pub method: &'a Method,
    pub url: &'a Url,
    pub account: &'a str,
    /// `x-ms-date`
    pub date: &'a str,
    /// `x-ms-version`
    pub version: &'a str,
    /// Length and type, where there is one.
    pub body: Option<(usize, &'a str)>,
}

impl Signed<'_> {
    /// The value of the header `Authorization`. None: the key is not base64.
    pub fn authorization(&self, key: &str) -> Option<String> {
        let key = STANDARD.decode(key).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
        mac.update(self.text().as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        Some(format!("SharedKey {}:{signature}", self.account))
    }

    fn text(&self) -> String {
        let (length, kind) = match self.body {
            Some((length, kind)) => (length.to_string(), kind),
            None => Default::default(),
        };
        // In this order: encoding, language, length, MD5, type, date, four conditions, range.
        let headers = format!("\n\n{length}\n\n{kind}\n\n\n\n\n\n");
        let Self { method, account, date, version, .. } = self;
        format!(
            "{method}\n{headers}\nx-ms-date:{date}\nx-ms-version:{version}\n/{account}{}{}",
            self.url.path(),
            self.parameters()
        )
    }

    fn parameters(&self) -> String {
        let mut pairs: Vec<(String, String)> =
            self.url.query_pairs().map(|(name, value)| (name.to_lowercase(), value.into_owned())).collect();
        pairs.sort();
        pairs.iter().map(|(name, value)| format!("\n{name}:{value}")).collect()
    }
}

#[cfg(test)]
#[path = "shared_key_tests.rs"]
mod tests;
