//! A secret that can't be had now: its app setting is missing or empty, a Key Vault reference was not
//! resolved, or what it holds is no such secret. That closes the tenant that needs it, and concerns no other.

use crate::missing_secret::Missing;

/// What a person can do where only the value is wanting.
pub(super) const SET_IT: &str = "set it (on Azure, the app takes it up by a new start of its own), or name \
                                 another app setting in the file";

/// What such a tenant goes without.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lacks {
    pub(super) is_closed: bool,
    pub(super) has_no_credential: bool,
    pub(super) source_secrets: bool,
}

pub(super) fn told(missing: &[Missing], lacks: Lacks) -> Option<String> {
    let reasons: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let follows = match (lacks.is_closed, lacks.has_no_credential) {
        (true, true) => "Nothing is read and nothing is sent to the LMS; what comes meanwhile waits.",
        (true, false) => "Nothing is sent to the LMS; what is decided meanwhile waits.",
        (false, _) if lacks.source_secrets => {
            "The LMS's sessions are not read, and what it tells of them is not taken, so that it sends it \
             again; all else goes on."
        }
        (false, _) => "The tenant goes on as it was configured before.",
    };
    (!reasons.is_empty())
        .then(|| format!("{}. {follows} It is looked for again every minute.", reasons.join("; ")))
}
