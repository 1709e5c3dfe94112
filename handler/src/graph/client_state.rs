//! `clientState`: the secret that Graph gives back with every notification, made self-contained.
//!
//! `1.<key id>.<tenant>.<mailbox>.<mac>`: whose notification it is stands in it, under a MAC, so that the webhook needs
//! neither a look-up nor the notification's `resource`. Never longer than Graph's 128 characters
//! (reference/graph-notifications.md#client-state). The MAC is HMAC-SHA-256 over all that stands before it,
//! cut to 128 bits: half of the hash, as RFC 2104 section 5 has it. A mailbox's GUID is packed into 22
//! characters; any other id follows a `~` in base64url. There is one way to write each.

use crate::ids::{TenantName, UserId};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use secrecy::ExposeSecret as _;
use secrecy::SecretString;
use sha2::Sha256;
use std::sync::Arc;
use uuid::Uuid;

/// Graph's limit, in characters (reference/graph-notifications.md#client-state).
pub const MAX_LENGTH: usize = 128;

const VERSION: &str = "1";
const MAC_BYTES: usize = 16;
const MIN_KEY_BYTES: usize = 32;

/// The keys, ready for use: the first signs, all verify.
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
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateKeyError {
    #[error("there is no key for clientState; give at least one as `id:base64`")]
    None,
    #[error("`{0}` is not the id of a key for clientState: 1 to 8 characters of a-z and 0-9")]
    BadId(String),
    #[error("two keys for clientState have the id `{0}`")]
    SameId(String),
    #[error("the key `{0}` for clientState is not base64")]
    NotBase64(String),
    #[error("the key `{id}` for clientState has {bytes} bytes; it needs at least {MIN_KEY_BYTES}")]
    TooShort { id: String, bytes: usize },
}

/// The tenant's and the mailbox's names together don't fit in Graph's 128 characters. GUID mailboxes always fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the clientState for mailbox `{mailbox}` of tenant `{tenant}` would be longer than {MAX_LENGTH} characters")]
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
    /// # Errors
    /// [`StateKeyError`]: no key, or one with a bad id, bad base64 or fewer than 32 bytes.
    pub fn new(keys: &[StateKey]) -> Result<Self, StateKeyError> {
        let mut all: Vec<Key> = Vec::with_capacity(keys.len());
        for key in keys {
            let key = Key::new(key)?;
            if all.iter().any(|other| other.id == key.id) {
                return Err(StateKeyError::SameId(key.id.to_string()));
            }
            all.push(key);
        }
        let mut all = all.into_iter();
        let first = all.next().ok_or(StateKeyError::None)?;
        Ok(Self { first, others: all.collect() })
    }

    /// The id of the key that signs.
    pub fn first_id(&self) -> &str {
        &self.first.id
    }
}

impl std::fmt::Debug for StateKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids = std::iter::once(&self.first).chain(&self.others).map(|key| &key.id);
        f.debug_list().entries(ids).finish()
    }
}

impl Key {
    fn new(key: &StateKey) -> Result<Self, StateKeyError> {
        let id = key.id.clone();
        let id_is_good =
            (1..=8).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !id_is_good {
            return Err(StateKeyError::BadId(id));
        }
        let text = key.key.expose_secret().trim().trim_end_matches('=');
        let Ok(bytes) = STANDARD_NO_PAD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)) else {
            return Err(StateKeyError::NotBase64(id));
        };
        if bytes.len() < MIN_KEY_BYTES {
            return Err(StateKeyError::TooShort { id, bytes: bytes.len() });
        }
        match Hmac::new_from_slice(&bytes) {
            Ok(mac) => Ok(Self { id: id.into(), mac }),
            // HMAC takes keys of any length.
            Err(_) => Err(StateKeyError::TooShort { id, bytes: bytes.len() }),
        }
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

/// Whose `text` is, if one of the keys signed it. Does no I/O. The MAC is compared in constant time, and an unknown key id
/// costs as much as a bad MAC, so that a prober can't learn which ids there are.
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

/// A key for `clientState`: `id:base64` in `REGRETS_STATE_KEYS`, at least 32 bytes.
#[derive(Debug, Clone)]
pub struct StateKey {
    /// 1 to 8 characters of `[a-z0-9]`.
    pub id: String,
    pub key: SecretString,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::client_state::StateKey;
    use crate::replay::cases;
    use proptest::prelude::*;

    fn key(id: &str, fill: u8) -> StateKey {
        StateKey { id: id.to_owned(), key: STANDARD_NO_PAD.encode([fill; 32]).into() }
    }

    fn keys(all: &[StateKey]) -> StateKeys {
        StateKeys::new(all).unwrap()
    }

    fn signed(keys: &StateKeys, tenant: &str, mailbox: &str) -> String {
        sign(keys, &tenant.into(), &mailbox.into()).unwrap()
    }

    const MAILBOX: &str = "3f2c1a70-1111-4a4a-9b9b-0123456789ab";

    #[test]
    fn the_format_stands() {
        insta::assert_snapshot!(signed(&keys(&[key("k1", 7)]), "contoso", MAILBOX), @"1.k1.contoso.PywacBERSkqbmwEjRWeJqw.l9bcZ034J7K3v2Q3ZeAzGA");
    }

    #[test]
    fn the_longest_names_fit_in_graphs_128_characters() {
        let text = signed(&keys(&[key("k2345678", 7)]), &"t".repeat(32), MAILBOX);
        assert!(text.len() <= MAX_LENGTH, "{} characters", text.len());
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
    }

    #[test]
    fn rotation_keeps_old_signatures_valid_and_tells_them_apart() {
        let before = keys(&[key("old", 1)]);
        let after = keys(&[key("new", 2), key("old", 1)]);
        let old = verify(&after, &signed(&before, "contoso", MAILBOX)).unwrap();
        assert_eq!((&*old.key_id, old.is_first_key), ("old", false));
        let new = verify(&after, &signed(&after, "contoso", MAILBOX)).unwrap();
        assert_eq!((&*new.key_id, new.is_first_key), ("new", true));
        assert_eq!(verify(&keys(&[key("new", 2)]), &signed(&before, "contoso", MAILBOX)), None, "a retired key");
        assert_eq!(verify(&keys(&[key("old", 9)]), &signed(&before, "contoso", MAILBOX)), None, "another key, same id");
    }

    #[test]
    fn mailboxes_that_are_no_guids_fit_or_are_refused() {
        let keys = keys(&[key("k1", 7)]);
        let text = signed(&keys, "contoso", "Room.4711@contoso.com");
        assert_eq!(verify(&keys, &text).unwrap().mailbox, UserId::new("room.4711@contoso.com"));
        assert!(sign(&keys, &"contoso".into(), &"x".repeat(90).as_str().into()).is_err());
    }

    #[test]
    fn bad_keys_are_named() {
        let with = |id: &str, text: &str| StateKeys::new(&[StateKey { id: id.into(), key: text.to_owned().into() }]);
        assert_eq!(StateKeys::new(&[]).unwrap_err(), StateKeyError::None);
        assert_eq!(with("K!", "").unwrap_err(), StateKeyError::BadId("K!".into()));
        assert_eq!(with("k1", "*").unwrap_err(), StateKeyError::NotBase64("k1".into()));
        assert_eq!(with("k1", "QUJD").unwrap_err(), StateKeyError::TooShort { id: "k1".into(), bytes: 3 });
        assert_eq!(StateKeys::new(&[key("a", 1), key("a", 2)]).unwrap_err(), StateKeyError::SameId("a".into()));
    }

    #[test]
    fn a_shortened_mac_is_refused() {
        let keys = keys(&[key("k1", 7)]);
        let text = signed(&keys, "contoso", MAILBOX);
        for cut in 1..=22 {
            assert_eq!(verify(&keys, &text[..text.len() - cut]), None, "{cut} characters short");
        }
    }

    #[test]
    fn garbage_is_refused() {
        let keys = keys(&[key("k1", 7)]);
        for text in
            ["", ".", "....", "1.k1.contoso", "secretClientState", "1.k1.contoso.~.AAAAAAAAAAAAAAAAAAAAAA", "ä.ö.ü.ß."]
        {
            assert_eq!(verify(&keys, text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn what_is_signed_is_verified(tenant in "[a-z][a-z0-9]{0,31}", mailbox: [u8; 16], fill: u8) {
            let keys = keys(&[key("k2345678", fill)]);
            let mailbox = Uuid::from_bytes(mailbox).hyphenated().to_string();
            let found = verify(&keys, &signed(&keys, &tenant, &mailbox.to_uppercase())).unwrap();
            prop_assert_eq!(found.tenant.as_str(), tenant);
            prop_assert_eq!(found.mailbox.as_str(), mailbox);
        }

        #[test]
        fn every_single_character_change_is_refused(at: prop::sample::Index, new in prop::char::range(' ', '~')) {
            let keys = keys(&[key("k1", 7), key("k2", 8)]);
            let text = signed(&keys, "contoso", MAILBOX);
            let mut forged: Vec<char> = text.chars().collect();
            let at = at.index(forged.len());
            prop_assume!(forged[at] != new);
            forged[at] = new;
            prop_assert_eq!(verify(&keys, &forged.iter().collect::<String>()), None);
            forged.remove(at);
            prop_assert_eq!(verify(&keys, &forged.iter().collect::<String>()), None);
        }

        #[test]
        fn a_mac_does_not_serve_another_tenant_or_mailbox(tenant in "[a-z][a-z0-9]{0,31}", mailbox: [u8; 16]) {
            let keys = keys(&[key("k1", 7)]);
            let text = signed(&keys, "contoso", MAILBOX);
            let mac = text.rsplit_once('.').unwrap().1;
            let mailbox = URL_SAFE_NO_PAD.encode(mailbox);
            let mine = pack(&UserId::new(MAILBOX));
            prop_assume!(tenant != "contoso" && mailbox != mine);
            for forged in [format!("1.k1.{tenant}.{mine}.{mac}"), format!("1.k1.contoso.{mailbox}.{mac}")] {
                prop_assert_eq!(verify(&keys, &forged), None);
            }
        }
    }
}
