//! From the service's refusals to [`StoreError`]: what is to be decided anew, what comes again, and what is
//! to be mended.
//!
//! Only codes that the service documents count as facts about a row or a table. A bare 404, say from a proxy
//! or a wrong endpoint, is no proof that a row is missing.

use crate::http::client::root_cause;
use crate::store::table::StoreError;
use azure_core_before_1::error::{Error, ErrorKind};
use storage_account::{StorageAccess, StorageAccount};

#[derive(Debug)]
pub(super) enum Failure {
    NoTable,
    NoRow,
    /// The row is another version.
    Changed,
    RowExists,
    TableExists,
    Told(StoreError),
}

impl Failure {
    /// What a write says to its caller.
    pub(super) fn of_write(self) -> StoreError {
        match self {
            Failure::NoTable | Failure::NoRow | Failure::Changed => StoreError::Stale,
            Failure::RowExists => StoreError::Exists,
            Failure::TableExists => StoreError::Unavailable("a table is there and is not there".to_owned()),
            Failure::Told(error) => error,
        }
    }

    /// What a read says to its caller; nothing when there is nothing to read.
    pub(super) fn of_read(self) -> Option<StoreError> {
        match self {
            Failure::NoTable | Failure::NoRow => None,
            Failure::Changed | Failure::RowExists | Failure::TableExists => {
                Some(StoreError::Unavailable("a read was answered as if it were a write".to_owned()))
            }
            Failure::Told(error) => Some(error),
        }
    }
}

pub(super) fn explain(account: &StorageAccount, error: &Error) -> Failure {
    let Some(answer) = error.as_http_error() else {
        let why = root_cause(error);
        return Failure::Told(match error.kind() {
            ErrorKind::DataConversion => {
                StoreError::Unavailable(format!("the service gave an answer that can't be read: {why}"))
            }
            ErrorKind::Io
            | ErrorKind::Credential
            | ErrorKind::Other
            | ErrorKind::MockFramework
            | ErrorKind::HttpResponse { .. } => StoreError::Unavailable(why),
        });
    };
    let (status, code) = (u16::from(answer.status()), answer.error_code().unwrap_or("no code"));
    let message = answer.error_message().unwrap_or_default();
    match (status, code) {
        (404, "TableNotFound") => Failure::NoTable,
        (404, "ResourceNotFound" | "EntityNotFound") => Failure::NoRow,
        (409, "EntityAlreadyExists") => Failure::RowExists,
        (409, "TableAlreadyExists") => Failure::TableExists,
        (412, _) => Failure::Changed,
        (401 | 403, _) => Failure::Told(StoreError::Unusable(mend(account, code))),
        // Their messages name limits, not values.
        (400 | 413, _) => Failure::Told(StoreError::Invalid(format!("{code}: {message}"))),
        (429, _) | (503, "ServerBusy") => Failure::Told(StoreError::Unavailable(format!(
            "the storage account is throttled ({status} {code})"
        ))),
        _ => {
            Failure::Told(StoreError::Unavailable(format!("the tables' service answered {status} ({code})")))
        }
    }
}

/// What to do about a refusal. Without the service's own message, which repeats what was signed.
fn mend(account: &StorageAccount, code: &str) -> String {
    let name = &account.name;
    let remedy = match (&account.access, code) {
        (StorageAccess::Key(_), "AuthorizationFailure") => {
            "let this app's network through the account's firewall; if it is, AccountKey in \
             AzureWebJobsStorage is not that of this account"
        }
        (_, "AuthorizationFailure") => {
            "let this app's network through the account's firewall, and look at the identity's roles"
        }
        (StorageAccess::Key(_), "KeyBasedAuthenticationNotPermitted") => {
            "the account takes no keys: set AzureWebJobsStorage__accountName and \
             AzureWebJobsStorage__credential instead"
        }
        (StorageAccess::Key(_), _) => {
            "AccountKey in AzureWebJobsStorage is not that of this account, or this machine's clock is wrong"
        }
        (StorageAccess::Signature(_), _) => {
            "SharedAccessSignature in AzureWebJobsStorage has ended, or doesn't allow to read, add, update \
             and delete in tables"
        }
        (StorageAccess::ManagedIdentity { .. }, _) => {
            "give the app's identity the role Storage Table Data Contributor on it (new roles take some \
             minutes)"
        }
        (StorageAccess::Developer, _) => {
            "give yourself the role Storage Table Data Contributor on it, or log in anew (az login)"
        }
    };
    format!("the storage account {name} refuses us ({code}): {remedy}")
}
