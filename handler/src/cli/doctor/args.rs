//! What `regrets doctor` is told.

use clap::Args;
use std::path::PathBuf;

/// Looks at each thing that must be so for declines to be seen and carried out: one line for each, and
/// where it fails the one next step. Faults are told in the order in which they must be mended.
///
/// Without --url it looks from this machine, by the configuration, the app settings and the identity here, as
/// `regrets lms ping` does. With --url the deployment there looks, with its own, as `regrets status` asks it.
/// REGRETS_URL does not decide that.
///
/// It calls Entra, Graph, the storage account and the LMS. It changes nothing but one row of the ledger
/// that proves that it can be written, and makes and deletes one subscription to see that Graph reaches
/// the webhook.
#[derive(Debug, Args)]
pub(in crate::cli) struct DoctorArgs {
    /// Only this tenant of the configuration
    #[arg(long, value_name = "NAME")]
    pub(super) tenant: Option<String>,
    /// Print what was found, as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// Mend what is ours to mend, after showing it and asking
    #[arg(long)]
    pub(super) fix: bool,
    /// Mend without asking
    #[arg(long, requires = "fix")]
    pub(super) yes: bool,
    /// Who you are; for the audit of what is mended
    #[arg(long, value_name = "NAME", default_value = "regrets doctor", requires = "fix")]
    pub(super) by: String,
    /// The folder of host.json; with --url, the folder that `regrets local` serves
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) root: PathBuf,
    /// The configuration's file [default: what REGRETS_CONFIG names, or regrets.toml in the root]
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    pub(super) config: Option<PathBuf>,
    /// The deployment that is to look, such as https://app.azurewebsites.net
    #[arg(long, value_name = "URL")]
    pub(super) url: Option<String>,
    /// The function key of `manage` [default: $REGRETS_ADMIN_KEY, else the one of `regrets local` under
    /// --root]
    #[arg(long, value_name = "KEY", requires = "url")]
    pub(super) key: Option<String>,
}

/// Why there is nothing to tell, and the exit code.
pub(super) struct Refused(pub(super) String, pub(super) u8);
