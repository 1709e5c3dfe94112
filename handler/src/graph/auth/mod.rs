//! How the app signs in: one token per tenant.

pub(crate) mod assertion;
mod certificate_life;
pub mod cloud;
pub(crate) mod consent;
pub mod credentials;
pub(crate) mod entra_errors;
pub(crate) mod tokens;
