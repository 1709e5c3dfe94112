//! Who looks, and therefore mends.

use super::here::Here;
use super::there::There;
use crate::jobs::operate::doctor::check::Fix;

pub(super) enum Place {
    Here(Box<Here>),
    There(There),
}

impl Place {
    pub(super) async fn mend(&self, tenant: Option<&str>, fix: Fix, by: &str) -> Result<String, String> {
        match self {
            Self::Here(here) => here.mend(tenant, fix, by).await,
            Self::There(there) => there.mend(tenant, fix, by).await,
        }
    }
}
