//! What publishing would do for one session, only counted: nothing is written, nowhere.

use crate::ids::SessionId;
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::publish::facts::{SessionFacts, row_of};
use crate::publishing::plan::{Plan, plan};
use crate::publishing::policy::Publisher;
use crate::publishing::wish::Wish;
use crate::publishing::written::Act;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preview {
    pub invitations: usize,
    pub changes: usize,
    pub cancellations: usize,
    /// Edits that wait for others.
    pub settling: usize,
    /// What is under way, and what nothing is done about.
    pub others: usize,
    /// People who would be mailed, each as often as they would.
    pub mails: usize,
}

pub async fn preview(
    app: &AppContext,
    context: &TenantContext,
    publisher: &Publisher,
    session: &SessionId,
) -> Result<Preview, JobError> {
    let mut counts = Preview::default();
    let Some(facts) = SessionFacts::read(app, &context.tenant.name, session).await? else {
        return Ok(counts);
    };
    let now = app.ledger.now().await?;
    for key in facts.keys() {
        let row = row_of(facts.written.get(&key), &key, publisher);
        let wish = facts.wish(&key, &row);
        let people = match &wish {
            Wish::Stand { content, .. } => content.recipients(),
            Wish::CallOff { .. } => 1,
            Wish::LetGo { .. } | Wish::Hold(_) => 0,
        };
        match plan(&wish, &row, &publisher.policy, now) {
            Plan::Do(act) => {
                counts.mails += people;
                match act {
                    Act::Create { .. } => counts.invitations += 1,
                    Act::Update { .. } | Act::Attendees { .. } => counts.changes += 1,
                    Act::Cancel { .. } => counts.cancellations += 1,
                }
            }
            Plan::Settle { .. } => {
                counts.settling += 1;
                counts.mails += people;
            }
            Plan::LetGo { .. } | Plan::Unsettle | Plan::Nothing(_) => counts.others += 1,
        }
    }
    Ok(counts)
}
