//! How the app signs in: one token per tenant.

pub(crate) mod assertion;
pub(crate) mod cloud;
pub(crate) mod consent;
pub(crate) mod credentials;
pub(crate) mod entra_errors;
pub(crate) mod tokens;
