//! Seals what nobody may read at rest: authenticated encryption, AES-256-GCM, with keys that are derived
//! (HKDF-SHA-256, RFC 5869) from the deployment's state keys under a label for each use.
//!
//! - The first key seals, all open: a key is rotated by putting a new one first, and taking the old one away
//!   once all is sealed anew.
//! - What is sealed is bound to what it is of: moved to another row, it opens no more.
//! - Nonces are 96 random bits. A key may seal 2^32 texts so; ours seal some an hour.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::Prk;
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// The keys of one use, ready.
pub struct SealingKeys {
    first: SealingKey,
    others: Vec<SealingKey>,
}

struct SealingKey {
    id: Arc<str>,
    key: LessSafeKey,
}

/// What was sealed: with which key, and nonce, text and tag in base64url.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    pub key: String,
    text: String,
}

/// Does not happen: the machine has no random numbers, or a text is longer than any memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be sealed on this machine")]
pub struct SealError;

impl SealingKeys {
    /// `first` seals. Each is what HKDF has extracted of a key, with the key's id.
    pub fn derive<'a>(
        first: (&Arc<str>, &Prk),
        others: impl Iterator<Item = (&'a Arc<str>, &'a Prk)>,
        label: &str,
    ) -> Result<Self, SealError> {
        let others = others.map(|other| SealingKey::derive(other, label)).collect::<Result<_, _>>()?;
        Ok(Self { first: SealingKey::derive(first, label)?, others })
    }

    /// The id of the key that seals.
    pub fn first_id(&self) -> &str {
        &self.first.id
    }

    /// It opens with the same `bound_to` alone.
    pub fn seal(&self, secret: &SecretString, bound_to: &[&str]) -> Result<Sealed, SealError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| SealError)?;
        let mut text = secret.expose_secret().as_bytes().to_vec();
        self.first
            .key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound(bound_to), &mut text)
            .map_err(|_| SealError)?;
        let text = URL_SAFE_NO_PAD.encode([&nonce[..], &text].concat());
        Ok(Sealed { key: self.first.id.to_string(), text })
    }

    /// `None`: none of the keys opens it, or it was changed, or sealed for something else.
    pub fn open(&self, sealed: &Sealed, bound_to: &[&str]) -> Option<SecretString> {
        let bytes = URL_SAFE_NO_PAD.decode(&sealed.text).ok()?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE_LEN>()?;
        std::iter::once(&self.first).chain(&self.others).find_map(|key| {
            let mut text = text.to_vec();
            let nonce = Nonce::assume_unique_for_key(*nonce);
            let length = key.key.open_in_place(nonce, bound(bound_to), &mut text).ok()?.len();
            text.truncate(length);
            Some(SecretString::from(String::from_utf8(text).ok()?))
        })
    }
}

impl SealingKey {
    fn derive((id, prk): (&Arc<str>, &Prk), label: &str) -> Result<Self, SealError> {
        let info = [label.as_bytes()];
        let derived = prk.expand(&info, &AES_256_GCM).map_err(|_| SealError)?;
        Ok(Self { id: Arc::clone(id), key: LessSafeKey::new(UnboundKey::from(derived)) })
    }
}

/// Each part with its length before it, so that no two lists are one text.
fn bound(to: &[&str]) -> Aad<Vec<u8>> {
    let parts = to.iter().flat_map(|part| {
        let length = (part.len() as u64).to_be_bytes();
        length.into_iter().chain(part.bytes())
    });
    Aad::from(parts.collect())
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(std::iter::once(&self.first).chain(&self.others).map(|key| &key.id)).finish()
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "sealing_tests.rs"]
mod tests;
