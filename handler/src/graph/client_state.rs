//! `clientState`: the secret that Graph gives back with every notification, made self-contained.
//!
//! `1.<key id>.<tenant>.<mailbox>.<mac>`: whose notification it is stands in it, under a MAC, so that the
//! webhook needs neither a look-up nor the notification's `resource`. Never longer than Graph's 128
//! characters (reference/graph-notifications.md#client-state). The MAC is HMAC-SHA-256 over all that stands
//! before it, cut to 128 bits: half of the hash, as RFC 2104 section 5 has it. A mailbox's GUID is packed
//! into 22 characters; any other id follows a `~` in base64url. There is one way to write each.

use crate::ids::{TenantName, UserId};
use crate::sealing::{SealError, SealingKeys};
use crate::signing::{SigningError, SigningKeys};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, Mac as _};
use ring::hkdf::{HKDF_SHA256, Prk, Salt};
use sha2::Sha256;
use std::sync::Arc;
use uuid::Uuid;

/// Graph's limit, in characters (reference/graph-notifications.md#client-state).
pub const MAX_LENGTH: usize = 128;

const VERSION: &str = "1";
const MAC_BYTES: usize = 16;
const MIN_KEY_BYTES: usize = 32;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// The keys, ready for use: the first signs, all verify. Read once, by [`StateKeys::parse`].
#[derive(Clone)]
pub struct StateKeys {
    first: Key,
    others: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: Arc<str>,
    /// Keyed, with nothing hashed yet: a clone saves the key's schedule on every use.
    mac: Hmac<Sha256>,
    /// What keys for other uses are derived from; tells nothing of the MAC's.
    extracted: Prk,
}

/// What is wrong with a text of keys, so that the sentence may begin with the setting's name. Never holds a
/// key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateKeyError {
    /// Entries count from 1.
    #[error("is wrong in entry {entry}: {fault}")]
    Entry { entry: usize, fault: KeyFault },
    #[error("gives two keys the id `{0}`")]
    SameId(Arc<str>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    #[error("it is not of the form id:base64")]
    Form,
    #[error("its id must be 1 to 8 characters of a-z and 0-9")]
    Id,
    #[error("its key is not valid base64")]
    Base64,
    #[error("its key is shorter than {MIN_KEY_BYTES} bytes")]
    Short,
}

/// The tenant's and the mailbox's names together don't fit in Graph's 128 characters. GUID mailboxes always
/// fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the clientState for mailbox `{mailbox}` of tenant `{tenant}` would be longer than {MAX_LENGTH} \
     characters"
)]
pub struct TooLong {
    pub tenant: TenantName,
    pub mailbox: UserId,
}

/// Whose notification it is. Only ever the result of a MAC that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub tenant: TenantName,
    pub mailbox: UserId,
    pub key_id: Arc<str>,
    /// Signed with the key that signs now; else the subscription is to be replaced at its renewal.
    pub is_first_key: bool,
}

/// As [`Verified`], while the text is still there.
pub(crate) struct Checked<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) mailbox: UserId,
    key: &'a Key,
}

impl StateKeys {
    /// Reads `id:base64,id:base64`, in either alphabet of base64, with or without padding.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the entries. Never empty.
    pub fn parse(text: &str) -> Result<Self, Vec<StateKeyError>> {
        let (mut keys, mut errors): (Vec<Key>, Vec<StateKeyError>) = (Vec::new(), Vec::new());
        for (index, item) in text.split(',').enumerate() {
            match Key::parse(item.trim()) {
                Ok(key) if keys.iter().any(|other| other.id == key.id) => {
                    errors.push(StateKeyError::SameId(key.id))
                }
                Ok(key) => keys.push(key),
                Err(fault) => errors.push(StateKeyError::Entry { entry: index + 1, fault }),
            }
        }
        let mut keys = keys.into_iter();
        match keys.next() {
            Some(first) if errors.is_empty() => Ok(Self { first, others: keys.collect() }),
            // Each entry is a key or an error, and there is one at least.
            Some(_) | None => Err(errors),
        }
    }

    /// The id of the key that signs.
    pub fn first_id(&self) -> &str {
        &self.first.id
    }

    /// Keys to seal with that are derived from these, for the use that `label` names: the first seals, all
    /// open.
    pub fn sealing_keys(&self, label: &str) -> Result<SealingKeys, SealError> {
        let others = self.others.iter().map(|key| (&key.id, &key.extracted));
        SealingKeys::derive((&self.first.id, &self.first.extracted), others, label)
    }

    /// Keys to sign with, derived likewise: what one use signs no other takes.
    pub fn signing_keys(&self, label: &str) -> Result<SigningKeys, SigningError> {
        let others = self.others.iter().map(|key| (&key.id, &key.extracted));
        SigningKeys::derive((&self.first.id, &self.first.extracted), others, label)
    }
}

impl std::fmt::Debug for StateKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids = std::iter::once(&self.first).chain(&self.others).map(|key| &key.id);
        f.debug_list().entries(ids).finish()
    }
}

impl Key {
    fn parse(item: &str) -> Result<Self, KeyFault> {
        let (id, encoded) = item.split_once(':').ok_or(KeyFault::Form)?;
        let id_fits =
            (1..=8).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !id_fits {
            return Err(KeyFault::Id);
        }
        let bytes = GeneralPurpose::new(&STANDARD, LENIENT)
            .decode(encoded)
            .or_else(|_| GeneralPurpose::new(&URL_SAFE, LENIENT).decode(encoded))
            .map_err(|_| KeyFault::Base64)?;
        if bytes.len() < MIN_KEY_BYTES {
            return Err(KeyFault::Short);
        }
        // HMAC takes keys of any length.
        let mac = Hmac::new_from_slice(&bytes).map_err(|_| KeyFault::Short)?;
        let extracted = Salt::new(HKDF_SHA256, &[]).extract(&bytes);
        Ok(Self { id: id.into(), mac, extracted })
    }

    fn over(&self, signed: &str) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(signed.as_bytes());
        mac
    }
}

/// Signs with the first key.
///
/// # Errors
/// [`TooLong`], which can't happen to a GUID mailbox.
pub fn sign(keys: &StateKeys, tenant: &TenantName, mailbox: &UserId) -> Result<String, TooLong> {
    let key = &keys.first;
    let mut text = format!("{VERSION}.{}.{tenant}.{}", key.id, pack(mailbox));
    let mac = key.over(&text).finalize().into_bytes();
    let (head, _) = mac.split_at(MAC_BYTES);
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(head, &mut text);
    if text.len() > MAX_LENGTH {
        return Err(TooLong { tenant: tenant.clone(), mailbox: mailbox.clone() });
    }
    Ok(text)
}

/// Whose `text` is, if one of the keys signed it. Does no I/O. The MAC is compared in constant time, and an
/// unknown key id costs as much as a bad MAC, so that a prober can't learn which ids there are.
pub fn verify(keys: &StateKeys, text: &str) -> Option<Verified> {
    let Checked { tenant, mailbox, key } = check(keys, text)?;
    let (key_id, is_first_key) = (Arc::clone(&key.id), key.id == keys.first.id);
    Some(Verified { tenant: TenantName::new(tenant), mailbox, key_id, is_first_key })
}

/// As [`verify`], for thousands of them.
pub(crate) fn check<'a>(keys: &'a StateKeys, text: &'a str) -> Option<Checked<'a>> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut parts = text.as_bytes().split(|byte| *byte == b'.');
    let [version, key_id, tenant, mailbox, mac] = std::array::from_fn(|_| parts.next());
    let (key_id, tenant, mailbox, mac) = (key_id?, std::str::from_utf8(tenant?).ok()?, mailbox?, mac?);
    if version != Some(VERSION.as_bytes()) || parts.next().is_some() {
        return None;
    }
    let signed = text.get(..text.len() - mac.len() - 1)?;
    let mut given = [0; MAC_BYTES + 8];
    let given = match URL_SAFE_NO_PAD.decode_slice(mac, &mut given) {
        Ok(MAC_BYTES) => given.get(..MAC_BYTES)?,
        Ok(_) | Err(_) => return None,
    };
    let known = std::iter::once(&keys.first).chain(&keys.others).find(|key| key.id.as_bytes() == key_id);
    let holds = known.unwrap_or(&keys.first).over(signed).verify_truncated_left(given).is_ok();
    let key = known.filter(|_| holds)?;
    Some(Checked { tenant, mailbox: unpack(mailbox)?, key })
}

fn pack(mailbox: &UserId) -> String {
    let lower = mailbox.as_str().to_ascii_lowercase();
    match Uuid::try_parse(&lower) {
        Ok(guid) if guid.hyphenated().to_string() == lower => URL_SAFE_NO_PAD.encode(guid.as_bytes()),
        Ok(_) | Err(_) => format!("~{}", URL_SAFE_NO_PAD.encode(lower)),
    }
}

fn unpack(packed: &[u8]) -> Option<UserId> {
    if let Some(other) = packed.strip_prefix(b"~") {
        return String::from_utf8(URL_SAFE_NO_PAD.decode(other).ok()?).ok().map(UserId::new);
    }
    let mut bytes = [0; 24];
    let length = URL_SAFE_NO_PAD.decode_slice(packed, &mut bytes).ok()?;
    let guid = Uuid::from_slice(bytes.get(..length)?).ok()?;
    Some(UserId::new(&*guid.hyphenated().encode_lower(&mut Uuid::encode_buffer())))
}

#[cfg(test)]
#[path = "client_state_tests.rs"]
mod tests;
