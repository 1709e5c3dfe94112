//! New types for what must not be mixed up. Each says how it is compared and whether it may be logged.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }

            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

macro_rules! shown {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

/// Personal data: never shown by `{}` or `{:?}`, so that it can't slip into a log line.
macro_rules! hidden {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}(#{})", stringify!($name), hash(&self.0))
            }
        }
    };
}

text_id!(
    /// A tenant's name in the configuration: `[a-z][a-z0-9]{0,31}`. Harmless in logs and keys.
    TenantName
);
shown!(TenantName);

/// So that a map by tenants is asked with a text that came from outside.
impl std::borrow::Borrow<str> for TenantName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

text_id!(
    /// An Entra object id of a user. Lower case, because Graph writes it in both.
    UserId
);
shown!(UserId);

text_id!(
    /// An event's immutable id in one mailbox. Compared byte by byte: two events may differ in the case of
    /// one letter.
    EventId
);
shown!(EventId);

text_id!(
    /// `iCalUId`: the same in every attendee's copy; reported to be equal for all occurrences of a series, so
    /// an occurrence is keyed by it *and* `originalStart`. Often holds an address, so it is not shown.
    ICalUid
);
hidden!(ICalUid);

text_id!(
    /// The LMS's id of a dated session.
    SessionId
);
shown!(SessionId);

text_id!(
    /// What the LMS knows the learner by (mail, employee id, …). The one personal datum that the ledger
    /// keeps.
    LearnerKey
);
hidden!(LearnerKey);

text_id!(
    /// A Graph subscription's id.
    SubscriptionId
);
shown!(SubscriptionId);

/// An SMTP address, in lower case: addresses are compared without case, and any alias may turn up in an
/// event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Address(String);

impl Address {
    pub fn new(text: &str) -> Self {
        let text = text.trim().to_lowercase();
        Self(exchange_name(&text).unwrap_or(text))
    }

    /// A plain SMTP address. Exchange also shows people under names of its own directory
    /// (`/o=ExchangeLabs/ou=…`), which nobody outside of it understands.
    pub fn is_smtp(&self) -> bool {
        let is_plain = |c: char| {
            !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '/')
        };
        self.0.chars().all(is_plain)
            && matches!(self.0.rsplit_once('@'), Some((name,
            domain)) if !name.is_empty() && !domain.is_empty())
    }

    /// A name of Exchange's own directory, an X.500 name.
    pub fn is_exchange_name(&self) -> bool {
        self.0.starts_with('/')
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The bare `/o=…` of an Exchange name, however it is wrapped up: with the kind before it, or encapsulated
/// into the form of an SMTP address (`imceaex-_o=…@…`, where `_` stands for `/` and `+20` for a blank).
fn exchange_name(text: &str) -> Option<String> {
    if let Some(name) = text.strip_prefix("x500:").or_else(|| text.strip_prefix("ex:")) {
        return name.starts_with('/').then(|| name.to_owned());
    }
    let (wrapped, _) = text.strip_prefix("imceaex-")?.rsplit_once('@')?;
    let mut name = String::with_capacity(wrapped.len());
    let mut rest = wrapped.chars();
    while let Some(c) = rest.next() {
        match c {
            '_' => name.push('/'),
            '+' => {
                let code: String = rest.by_ref().take(2).collect();
                name.push(char::from(u8::from_str_radix(&code, 16).ok()?));
            }
            other => name.push(other),
        }
    }
    name.starts_with('/').then(|| name.to_lowercase())
}

hidden!(Address);

impl From<String> for Address {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

/// The first 128 bits of SHA-256 in base64url: 22 characters that any table key and any log may hold.
pub fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let (head, _) = digest.split_at(16);
    URL_SAFE_NO_PAD.encode(head)
}

#[cfg(test)]
#[path = "ids_tests.rs"]
mod tests;
