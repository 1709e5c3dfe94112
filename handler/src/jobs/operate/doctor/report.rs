//! What an examination found, as it is shown and sent.

use super::check::{Check, CheckId, Fix, Outcome, Verdict};
use crate::ids::TenantName;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One line: what was looked at, what was seen, and where it failed the one next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub check: CheckId,
    pub title: String,
    pub outcome: Verdict,
    pub seen: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Not looked at, because this one failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<CheckId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

impl Finding {
    pub(super) fn of(check: &Check, outcome: Outcome) -> Self {
        let Outcome { verdict, seen, step, link, fix } = outcome;
        let title = check.title.to_owned();
        Self { check: check.id, title, outcome: verdict, seen, step, link, because: None, fix }
    }

    pub(super) fn behind(check: &Check, fault: CheckId) -> Self {
        let outcome = Outcome::skipped(format!("not looked at, because {fault} failed"));
        Self { because: Some(fault), ..Self::of(check, outcome) }
    }
}

/// All of them, in the order in which faults must be mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    pub version: String,
    pub at: DateTime<Utc>,
    pub deployment: Vec<Finding>,
    pub tenants: BTreeMap<TenantName, Vec<Finding>>,
    /// There was no time for all of it.
    #[serde(default)]
    pub cut: bool,
}

impl Diagnosis {
    /// With the tenant's name, where it is of one.
    pub fn all(&self) -> impl Iterator<Item = (Option<&TenantName>, &Finding)> {
        let tenants = self.tenants.iter();
        let of_tenants = tenants.flat_map(|(name, all)| all.iter().map(move |finding| (Some(name), finding)));
        self.deployment.iter().map(|finding| (None, finding)).chain(of_tenants)
    }

    pub fn is_well(&self) -> bool {
        self.count(Verdict::Failed) == 0
    }

    pub fn count(&self, verdict: Verdict) -> usize {
        self.all().filter(|(_, finding)| finding.outcome == verdict).count()
    }

    /// What is to be mended first, for the deployment or this tenant.
    pub fn first_fault(&self, tenant: &TenantName) -> Option<&Finding> {
        let of_tenant = self.tenants.get(tenant).into_iter().flatten();
        self.deployment.iter().chain(of_tenant).find(|finding| finding.outcome == Verdict::Failed)
    }

    /// What is ours to mend, each once.
    pub fn fixes(&self) -> Vec<(Option<TenantName>, Fix)> {
        let mut fixes: Vec<_> =
            self.all().filter_map(|(tenant, finding)| Some((tenant.cloned(), finding.fix?))).collect();
        fixes.sort();
        fixes.dedup();
        fixes
    }
}
