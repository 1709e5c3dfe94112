//! The deployment looks, and this machine asks it.

use super::args::{DoctorArgs, Refused};
use crate::cli::management_client::{self, Management};
use crate::config::Env;
use crate::jobs::operate::doctor::WHOLE;
use crate::jobs::operate::doctor::check::Fix;
use crate::jobs::operate::doctor::report::Diagnosis;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

pub(super) struct There(Management);

pub(super) async fn examine(args: &DoctorArgs, url: &str, env: &Env) -> Result<(Diagnosis, There), Refused> {
    let place = management_client::Place::at(url.to_owned(), args.key.clone(), args.root.clone(), args.json);
    // It does not say where to ask, or by which key.
    let management = Management::new(&place, env).map_err(|why| Refused(why, 2))?;
    let query: Vec<_> = args.tenant.iter().map(|tenant| ("tenant", tenant.clone())).collect();
    let patience = WHOLE + Duration::from_secs(30);
    let found: Diagnosis =
        management.get_patiently("doctor", &query, patience).await.map_err(|why| Refused(why, 1))?;
    Ok((found, There(management)))
}

#[derive(Deserialize)]
struct Done {
    done: String,
}

impl There {
    pub(super) async fn mend(&self, tenant: Option<&str>, fix: Fix, by: &str) -> Result<String, String> {
        let body = json!({ "fix": fix, "tenant": tenant, "by": by, "reason": "regrets doctor --fix" });
        let done: Done = self.0.post("doctor/mend", &body).await?;
        Ok(done.done)
    }
}
