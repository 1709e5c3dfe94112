//! Signs texts that leave the deployment and come back: HMAC-SHA-256, cut to 128 bits, with keys that are
//! derived (HKDF-SHA-256, RFC 5869) from the deployment's state keys under a label for each use.
//!
//! - The first key signs, all verify: a key is rotated by putting a new one first, and taking the old one
//!   away once nothing is under way that it signed.
//! - What one use signs no other takes. The text is readable: it holds no secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use ring::hkdf::{HKDF_SHA256, Prk};
use sha2::Sha256;
use std::sync::Arc;

const MAC_BYTES: usize = 16;
const KEY_BYTES: usize = 32;

/// The keys of one use, ready.
pub struct SigningKeys {
    first: SigningKey,
    others: Vec<SigningKey>,
}

struct SigningKey {
    id: Arc<str>,
    mac: Hmac<Sha256>,
}

/// Does not happen: a key of the hash's own length can always be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key to sign with can be derived")]
pub struct SigningError;

impl SigningKeys {
    /// `first` signs. Each is what HKDF has extracted of a key, with the key's id.
    pub fn derive<'a>(
        first: (&Arc<str>, &Prk),
        others: impl Iterator<Item = (&'a Arc<str>, &'a Prk)>,
        label: &str,
    ) -> Result<Self, SigningError> {
        let others = others.map(|other| SigningKey::derive(other, label)).collect::<Result<_, _>>()?;
        Ok(Self { first: SigningKey::derive(first, label)?, others })
    }

    /// `<key id>.<text>.<mac>`
    pub fn sign(&self, text: &str) -> String {
        let mut signed = format!("{}.{text}", self.first.id);
        let mac = self.first.over(&signed).finalize().into_bytes();
        let (head, _) = mac.split_at(MAC_BYTES);
        signed.push('.');
        URL_SAFE_NO_PAD.encode_string(head, &mut signed);
        signed
    }

    /// The text, if one of the keys signed it. The MAC is compared in constant time, and an unknown key id
    /// costs as much as a wrong MAC.
    pub fn verify<'a>(&self, signed: &'a str) -> Option<&'a str> {
        let (signed, mac) = signed.rsplit_once('.')?;
        let (id, text) = signed.split_once('.')?;
        let mut given = [0; MAC_BYTES + 8];
        let given = match URL_SAFE_NO_PAD.decode_slice(mac, &mut given) {
            Ok(MAC_BYTES) => given.get(..MAC_BYTES)?,
            Ok(_) | Err(_) => return None,
        };
        let known = std::iter::once(&self.first).chain(&self.others).find(|key| *key.id == *id);
        let holds = known.unwrap_or(&self.first).over(signed).verify_truncated_left(given).is_ok();
        known.filter(|_| holds).map(|_| text)
    }
}

impl SigningKey {
    fn derive((id, prk): (&Arc<str>, &Prk), label: &str) -> Result<Self, SigningError> {
        let mut key = [0; KEY_BYTES];
        let info = [label.as_bytes()];
        let derived = prk.expand(&info, HKDF_SHA256).map_err(|_| SigningError)?;
        derived.fill(&mut key).map_err(|_| SigningError)?;
        let mac = Hmac::new_from_slice(&key).map_err(|_| SigningError)?;
        Ok(Self { id: Arc::clone(id), mac })
    }

    fn over(&self, signed: &str) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(signed.as_bytes());
        mac
    }
}

#[cfg(test)]
#[path = "signing_tests.rs"]
mod tests;
