//! Keyed hashes of addresses: aliases and organizers are recognised by them and never stored in the clear.

use crate::ids::Address;
use crate::jobs::JobError;
use crate::store::{Table, Tables, typed};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Keyed hashes of addresses: aliases and organizers are recognised by them and never stored in the clear.
#[derive(Clone)]
pub struct AddressHasher(Vec<u8>);

#[derive(Serialize, Deserialize)]
struct StoredHashKey {
    pepper: String,
}

/// Where it stands among the connections. Without `~`: a tenant may be called so.
pub const HASH_KEY_ROW: (&str, &str) = ("deployment", "pepper");

impl AddressHasher {
    /// The deployment's own key: made at first use, the same ever after.
    pub async fn of(tables: &dyn Tables) -> Result<Self, JobError> {
        let fresh = StoredHashKey { pepper: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()) };
        let (partition, row) = HASH_KEY_ROW;
        if let Some(found) = typed::get::<StoredHashKey>(tables, Table::Connections, partition, row).await? {
            return Ok(Self(found.value.pepper.into_bytes()));
        }
        typed::insert_if_absent(tables, Table::Connections, partition, row, &fresh).await?;
        // Whoever was first counts.
        match typed::get::<StoredHashKey>(tables, Table::Connections, partition, row).await? {
            Some(found) => Ok(Self(found.value.pepper.into_bytes())),
            None => Ok(Self(fresh.pepper.into_bytes())),
        }
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
