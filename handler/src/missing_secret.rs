//! A secret that can't be had now. That closes the tenant that needs it, and concerns no other.

use std::fmt;

/// Which secret, where it is named, why it can't be had, and what mends that. Never holds the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The app setting.
    pub setting: String,
    /// The dotted path of what refers to it.
    pub key: String,
    pub why: String,
    pub hint: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "app setting {} {}, and {} names it: {}", self.setting, self.why, self.key, self.hint)
    }
}
