//! Who we are to the storage account: a key, a signature, or a token of our identity.
//!
//! The client library has a credential type of its own generation; the tokens come from azure_identity of
//! today, which keeps each until shortly before its end.

use crate::http::azure_transport::transport;
use crate::http::client::root_cause;
use crate::store::table::StoreError;
use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::http::ClientOptions;
use azure_core_before_1::auth::{AccessToken, Secret, TokenCredential as TokenCredentialBefore1};
use azure_core_before_1::error::{Error, ErrorKind};
use azure_identity::{
    DeveloperToolsCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
};
use azure_storage::StorageCredentials;
use secrecy::ExposeSecret as _;
use std::sync::Arc;
use storage_account::{StorageAccess, StorageAccount};

pub(super) fn credentials(
    account: &StorageAccount,
    http: reqwest::Client,
) -> Result<StorageCredentials, StoreError> {
    match &account.access {
        StorageAccess::Key(key) => Ok(StorageCredentials::access_key(
            account.name.clone(),
            Secret::new(key.expose_secret().to_owned()),
        )),
        StorageAccess::Signature(query) => {
            StorageCredentials::sas_token(query.expose_secret()).map_err(|_| {
                StoreError::Unusable(
                    "the SharedAccessSignature of AzureWebJobsStorage can't be read".to_owned(),
                )
            })
        }
        StorageAccess::ManagedIdentity { client_id } => Ok(over(managed(client_id.clone(), http)?)),
        StorageAccess::Developer => Ok(over(developer()?)),
    }
}

/// Whose tokens open an account; none where a key or a signature does.
pub(in crate::store) fn identity(
    access: &StorageAccess,
    http: reqwest::Client,
) -> Result<Option<Arc<dyn TokenCredential>>, StoreError> {
    match access {
        StorageAccess::Key(_) | StorageAccess::Signature(_) => Ok(None),
        StorageAccess::ManagedIdentity { client_id } => managed(client_id.clone(), http).map(Some),
        StorageAccess::Developer => developer().map(Some),
    }
}

fn managed(client_id: Option<String>, http: reqwest::Client) -> Result<Arc<dyn TokenCredential>, StoreError> {
    let options = ManagedIdentityCredentialOptions {
        user_assigned_id: client_id.map(UserAssignedId::ClientId),
        client_options: ClientOptions { transport: Some(transport(http)), ..ClientOptions::default() },
    };
    Ok(ManagedIdentityCredential::new(Some(options)).map_err(|error| no_identity(&error))?)
}

fn developer() -> Result<Arc<dyn TokenCredential>, StoreError> {
    Ok(DeveloperToolsCredential::new(None).map_err(|error| no_identity(&error))?)
}

fn no_identity(error: &azure_core::Error) -> StoreError {
    let why = root_cause(error);
    StoreError::Unusable(format!("the identity for the storage account can't be used: {why}"))
}

fn over(identity: Arc<dyn TokenCredential>) -> StorageCredentials {
    StorageCredentials::token_credential(Arc::new(OverIdentity(identity)))
}

#[derive(Debug)]
struct OverIdentity(Arc<dyn TokenCredential>);

#[async_trait]
impl TokenCredentialBefore1 for OverIdentity {
    async fn get_token(&self, scopes: &[&str]) -> azure_core_before_1::Result<AccessToken> {
        let token = self.0.get_token(scopes, None).await.map_err(|error| {
            let why = root_cause(&error);
            Error::with_message(ErrorKind::Credential, || format!("no token for the storage account: {why}"))
        })?;
        Ok(AccessToken::new(token.token.secret().to_owned(), token.expires_on))
    }

    async fn clear_cache(&self) -> azure_core_before_1::Result<()> {
        // azure_identity drops a token by its age alone; there is nothing else to drop.
        Ok(())
    }
}

#[cfg(test)]
#[path = "credential_tests.rs"]
mod tests;
