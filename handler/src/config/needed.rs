//! App settings that a configuration asks for.

/// An app setting that the configuration asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    pub name: String,
    /// The setting that refers to it, or what it is for.
    pub purpose: String,
    /// Set, not empty, and not an unresolved Key Vault reference.
    pub is_set: bool,
}
