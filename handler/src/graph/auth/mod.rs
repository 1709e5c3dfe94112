//! How the app signs in: one token per tenant.

pub(crate) mod assertion;
pub mod cloud;
pub(crate) mod consent;
pub mod credentials;
pub(crate) mod entra_errors;
pub(crate) mod tokens;
