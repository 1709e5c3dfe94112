//! What a stage needs for Regrets to invite whom the simulated LMS tells of; and the person's word for it.

use crate::stage::{Setup, Stage, StageError};
use crate::world::act::ActError;
use crate::{PUSH_SECRET, World};
use serde_json::{Value, json};
use std::fmt::Write as _;
use url::Url;

/// Regrets publishes what it is told, in this organizer's name.
pub fn configure(setup: &mut Setup, organizer: &str) {
    // The next section begins after the policy's own lines.
    let written = write!(
        setup.policy.more,
        r#"
[tenant.contoso.publish]
state         = "on"
source        = "push"
organizer     = "{organizer}"
settle_edits  = "2s"
confirm_above = 100000
push          = {{ secrets = [{{ env = "CONTOSO_PUSH_SECRET" }}], zone = "Europe/Berlin" }}
"#
    );
    // A text takes whatever is written.
    written.unwrap_or_default();
    setup.syncs = Some("* * * * * *");
}

/// The app may write in this organizer's calendar.
pub fn allow(world: &World, organizer: &str) {
    world.edit_tenant("contoso.com", |tenant| tenant.app.rbac_writes = [organizer.to_owned()].into());
}

impl Stage {
    /// From now on the LMS tells Regrets of the sessions that it is to tell of.
    pub fn connect_push(&self) -> Result<(), StageError> {
        let url = Url::parse(&format!("{}/api/lms/contoso/events", self.url))
            .map_err(|error| StageError::Lms(error.to_string()))?;
        self.simulator.world().push_to(&url, PUSH_SECRET);
        Ok(())
    }

    /// Mails that wait for a person's word.
    pub async fn held_mails(&self) -> Result<u64, StageError> {
        let told = self.manage("tenants/contoso/publish").await?;
        Ok(told.pointer("/held/mails").and_then(Value::as_u64).unwrap_or(0))
    }

    /// What waits may go out.
    pub async fn let_out(&self, by: &str, reason: &str) -> Result<(), StageError> {
        let word = json!({ "by": by, "reason": reason });
        self.say("tenants/contoso/publish/confirm", &word).await.map(|_| ())
    }
}

impl World {
    /// The `iCalUId` of the event that was written for this learner alone, by which they act on it.
    pub fn own_event(&self, organizer: &str, learner: &str) -> Result<String, ActError> {
        let is_own = |item: &crate::world::item::Item| {
            matches!(item.invitees.as_slice(), [one] if one.party.is(learner)) && !item.extended.is_empty()
        };
        let found = self.events_of(organizer).into_iter().rfind(is_own);
        found.map(|item| item.ical_uid).ok_or_else(|| ActError::NoMeeting(learner.to_owned()))
    }
}
