//! Keyed hashes of addresses: aliases and organizers are recognised by them and never stored in the clear.

use crate::ids::Address;
use crate::ledger::{Ledger, deployment_rows};
use crate::store::StoreError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Keyed hashes of addresses: aliases and organizers are recognised by them and never stored in the clear.
#[derive(Clone)]
pub struct AddressHasher(Vec<u8>);

impl AddressHasher {
    /// The deployment's own key: made at first use, the same ever after.
    pub async fn of(ledger: &Ledger) -> Result<Self, StoreError> {
        let fresh = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
        Ok(Self(deployment_rows::hash_key(ledger, &fresh).await?.into_bytes()))
    }

    /// A key that nobody stores: for whoever only looks, where the ledger can't be read.
    pub fn of_nobody() -> Self {
        Self(rand::random::<[u8; 32]>().to_vec())
    }

    /// Names this deployment in the query of its `notificationUrl`; tells nothing of the key.
    pub fn marker(&self) -> String {
        self.hash(&Address::new("this deployment"))
    }

    /// Any other text, which never hashes as an address does.
    pub fn hash_text(&self, text: &str) -> String {
        self.hash(&Address::new(&format!("text\n{text}")))
    }

    pub fn hash(&self, address: &Address) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(address.as_str().as_bytes());
        let digest = mac.finalize().into_bytes();
        let (head, _) = digest.split_at(16);
        URL_SAFE_NO_PAD.encode(head)
    }
}
