//! What a command asks of a running Regrets.

use crate::cli::management_client::{Management, Place};
use clap::Args;

/// Who does it and why: both land in the audit.
#[derive(Debug, Clone, Args)]
pub(crate) struct Attribution {
    /// Who you are; for the audit
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// Why; for the audit
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

/// One of these commands.
pub(crate) trait Asks {
    fn place(&self) -> &Place;

    /// What is printed, or a sentence about what is wrong.
    async fn ask(&self, management: &Management) -> Result<String, String>;
}
