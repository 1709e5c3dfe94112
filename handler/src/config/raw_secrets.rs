//! The shape of secrets and identities, wherever the file names one.

use super::table::{Field, May, Must, Table, tables};
use super::tree::Node;
use super::values::Guid;
use schemars::JsonSchema;

tables! {
    /// A managed identity; {} for the app's own.
    Identity {
        /// Of a user-assigned identity; left out for the app's own.
        client_id: May<Guid>,
    }

    /// Names the app setting that holds the secret.
    Secret {
        /// The app setting's name.
        #[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_]*$"))]
        env: Must<String>,
    }
}

#[derive(JsonSchema)]
#[schemars(
    untagged,
    description = "A Standard Webhooks secret as the vendor gives it: base64 of 24 to 64 bytes, \
                   with or without whsec_; a list signs with each, while a secret is being changed."
)]
#[allow(dead_code, reason = "for the schema")]
pub(super) enum Secrets {
    One(Secret<'static>),
    More(#[schemars(length(min = 1))] Vec<Secret<'static>>),
}
