//! What was answered to an event for all is judged before it is written again: a list that is written back,
//! and another time, may turn a decline into no answer (reference/graph-publishing.md#mails).
//!
//! Guarantees: a decline that stands in the very version that is written over is in our own row of the place
//! by then, or the learner's own copy says otherwise; while it can't be judged nothing is written, but for no
//! longer than such a decline would be waited for; nothing is called off later because of it.

use crate::calendar::event::{Answer, Attendee, Event};
use crate::calendar::reading::Verdict;
use crate::ids::EventId;
use crate::jobs::observe::judge::Judged;
use crate::jobs::observe::known_link;
use crate::jobs::publish::act::EventContext;
use crate::jobs::publish::look_up::Found;
use crate::jobs::publish::wish;
use crate::jobs::{GraphOutcome as _, JobError};
use crate::messages::LinkRef;
use crate::publishing::content::Field;
use crate::publishing::standing::Decline;
use crate::publishing::written::{Act, Written};
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};

/// What can't be judged now is judged again after so long.
const SOON: TimeDelta = TimeDelta::minutes(1);
/// Declines judged side by side.
const SIDE_BY_SIDE: usize = 20;

/// What a decline comes to.
enum Said {
    /// It is in the row of the place, and was not before.
    Noted,
    /// It counts no more: the learner's own copy says otherwise, or it is none of a learner's.
    Otherwise,
    Unreadable,
}

impl EventContext<'_> {
    /// When to come again, with what is known by then; `None`: it may be written.
    pub(super) async fn unread_answers(
        &self,
        act: &Act,
        row: &Written,
        found: Option<&Found>,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, JobError> {
        let (is_read, waits) = match act {
            Act::Create { .. } => (false, false),
            Act::Attendees { .. } => (true, true),
            Act::Update { fields, .. } => (fields.contains(&Field::When), true),
            Act::Cancel { .. } => (true, false),
        };
        if !is_read || !self.is_for_all() {
            return Ok(None);
        }
        let shown: Event = match (found, &row.event) {
            (Some(found), _) => found.event.clone(),
            (None, Some(event)) => {
                match self.context.graph.written_event(&self.mailbox, event).await {
                    Ok(Some(shown)) => shown.event,
                    // Whoever writes it finds out what became of it.
                    Ok(None) => return Ok(None),
                    Err(failure) => {
                        tracing::warn!(tenant = %self.context.tenant.name, session = %self.key.session,
                            %failure, "what was answered to an event can't be read");
                        return Ok(waits.then(|| now + SOON));
                    }
                }
            }
            (None, None) => return Ok(None),
        };
        let (mut is_news, mut is_unread) = (false, false);
        let unknown = shown.attendees.iter().filter(|one| self.is_unknown_decline(one));
        let (unknown, event) = (unknown.cloned().collect::<Vec<Attendee>>(), &shown.id);
        let said: Vec<Said> = stream::iter(unknown)
            .map(|one| async move { self.judged(event, &one).await })
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        for one in said {
            match one {
                Said::Noted => is_news = true,
                Said::Unreadable => is_unread = true,
                Said::Otherwise => {}
            }
        }
        Ok(match (is_news, is_unread && waits) {
            (_, true) => Some(now + SOON),
            // Who is to be listed is asked again, by what is known now.
            (true, false) if waits => Some(now),
            (true | false, false) => None,
        })
    }

    fn is_unknown_decline(&self, one: &Attendee) -> bool {
        if one.is_resource || one.response.answer != Answer::Declined {
            return false;
        }
        let known = self.facts.learner_at(&one.address).and_then(|learner| self.facts.known.get(learner));
        known.is_none_or(|known| one.response.at.is_some_and(|at| at > *known))
    }

    async fn judged(&self, event: &EventId, one: &Attendee) -> Result<Said, JobError> {
        let (app, context, now) = (self.app, self.context, self.app.ledger.clock.now());
        let judging = async {
            let whose = context.users.attendee(context.graph.as_ref(), &one.address).await?;
            let Some((mailbox, _)) = whose else { return Ok(None) };
            let at = LinkRef::by_organizer(&context.tenant.name, &mailbox, event);
            known_link::judge_known(app, context, &at).await
        };
        let judged: Judged = match judging.await.graph()? {
            Ok(Some(judged)) => judged,
            Ok(None) => return Ok(Said::Otherwise),
            Err(failure) => {
                tracing::warn!(tenant = %context.tenant.name, session = %self.key.session, %failure,
                    "a decline can't be judged");
                return Ok(Said::Unreadable);
            }
        };
        let row = judged.row.as_ref().map(|read| &read.value);
        let known = row.and_then(wish::declined_at);
        if known.is_some_and(|known| one.response.at.is_none_or(|at| at <= known)) {
            return Ok(Said::Noted);
        }
        let Some(item) = judged.items.first() else { return Ok(Said::Otherwise) };
        let before = self.facts.learner_at(&one.address).and_then(|learner| self.facts.declines.get(learner));
        if item.reading.verdict == Verdict::Declined && before == Some(&Decline::None) {
            return Ok(Said::Noted);
        }
        let unknown_since = row.and_then(|row| row.part(&item.link.part_key())?.unknown_since);
        let patience = self.context.tenant.policy.recheck;
        let is_unread = item.reading.verdict == Verdict::Unknown && !item.reading.is_unasked();
        match is_unread && unknown_since.is_some_and(|since| now < since + patience) {
            true => Ok(Said::Unreadable),
            false => Ok(Said::Otherwise),
        }
    }
}
