//! One session: what is known of it, what is wished for each of its events, and the acts between.
//!
//! Guarantees: each event is planned on the newest version of its row, and done by one worker alone;
//! cancelled before changed before invited, as far as the mailbox may send; where all that is due would mail
//! more people than was granted, nobody is mailed, and only counted; what can't be done now says when to come
//! again. Killed anywhere and run again, it goes on where it was ([`super::act`]).

use crate::calendar::room::Room;
use crate::enrolment::policy::PolicyMode;
use crate::graph::port::Mailbox;
use crate::ids::SessionId;
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::publish::act::{EventContext, Progress};
use crate::jobs::publish::facts::{SessionFacts, Withdraws, row_of};
use crate::jobs::publish::organizers::Organizers;
use crate::jobs::publish::published::Published;
use crate::jobs::publish::take_over::TakeOver;
use crate::jobs::publish::vanished;
use crate::ledger::Read;
use crate::publishing::budget::Turn;
use crate::publishing::carried_out::{acts, says};
use crate::publishing::content::Content;
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::mails::mails;
use crate::publishing::plan::{Plan, Reason, plan};
use crate::publishing::policy::{Chosen, PublishState, Publisher, Publishing};
use crate::publishing::words::Words;
use crate::publishing::written::{Act, Stand, Written};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use tokio::time::Instant;

/// Acts on one event in one run: found again, changed, listed, and one to see that nothing is left.
const STEPS: usize = 6;

/// `granted`: so many may be mailed, and no one where it would be more. Nothing is begun after `ends`.
pub async fn publish(
    app: &AppContext,
    context: &TenantContext,
    publisher: &Publisher,
    chosen: &Chosen,
    session: &SessionId,
    granted: u32,
    ends: Instant,
) -> Result<Published, JobError> {
    let wanted = (chosen, Withdraws::Nothing);
    run(app, context, publisher, wanted, session, granted, ends).await
}

/// All that stands of a session and is not over, whatever is wanted of it.
pub async fn call_off_all(
    app: &AppContext,
    context: &TenantContext,
    publisher: &Publisher,
    session: &SessionId,
    ends: Instant,
) -> Result<Published, JobError> {
    let policy = Publishing { state: PublishState::On, ..publisher.policy.clone() };
    let publisher = Publisher { policy, ..publisher.clone() };
    run(app, context, &publisher, (&Chosen::All, Withdraws::All), session, u32::MAX, ends).await
}

async fn run(
    app: &AppContext,
    context: &TenantContext,
    publisher: &Publisher,
    (chosen, withdraws): (&Chosen, Withdraws),
    session: &SessionId,
    granted: u32,
    ends: Instant,
) -> Result<Published, JobError> {
    let mut published = Published::default();
    let is_on = match publisher.policy.state {
        PublishState::Off => return Ok(published),
        PublishState::Preview => false,
        PublishState::On => true,
    };
    let wanted = (chosen, words(context, publisher), publisher, rooms(context, publisher).await);
    let Some(mut facts) = SessionFacts::read(app, &context.tenant.name, session, wanted).await? else {
        return Ok(published);
    };
    facts.withdraws = withdraws;
    let mut organizers = Organizers::default();
    if is_on && withdraws == Withdraws::Nothing {
        let take_over = TakeOver { app, context, publisher };
        Box::pin(take_over.run(&mut facts, &mut organizers, &mut published)).await?;
    }
    let now = app.ledger.now().await?;
    // What is only counted waits for nothing.
    let settle_edits = if is_on { publisher.policy.settle_edits } else { TimeDelta::zero() };
    let policy = Publishing { settle_edits, ..publisher.policy.clone() };
    let mut keys: Vec<(Option<Turn>, Rank, EventKey)> = Vec::new();
    let stopped = vanished::stopped(app, context).await?;
    for key in facts.keys() {
        if stopped.contains(&row_of(facts.written.get(&key), &key, publisher).organizer) {
            published.count("stopped");
            published.wait(now + vanished::STOPPED);
            continue;
        }
        let due = due(&facts, &key, publisher, &policy, now);
        if let Some((_, acts)) = &due {
            published.due.add(acts);
        }
        keys.push((due.map(|(turn, _)| turn), Rank::of(&key.audience), key));
    }
    Box::pin(facts.tell_of_crowds(app, context)).await?;
    if !is_on {
        // What is under way is brought to its end once publishing is on again.
        if facts.written.values().any(|read| read.value.act.is_some()) {
            published.wait(now + TimeDelta::hours(1));
        }
        return Ok(published);
    }
    // What mails nobody first: it takes nobody's turn. Nobody waits for the organization's calendar.
    keys.sort_by(|one, other| {
        let is_shown = |key: &(Option<Turn>, Rank, EventKey)| key.1 == Rank::Calendar;
        is_shown(one).cmp(&is_shown(other)).then_with(|| one.cmp(other))
    });
    let may_mail = granted > 0 && published.due.mails <= granted;
    // Until then the mailbox sends nothing more.
    let mut spent = None;
    for (turn, _, key) in keys {
        if turn.is_some() && !may_mail {
            continue;
        }
        if Instant::now() >= ends {
            published.wait(now);
            break;
        }
        if let Some(until) = spent.filter(|_| turn.is_some()) {
            published.wait(until);
            continue;
        }
        let read = facts.written.get(&key).cloned();
        let address = row_of(read.as_ref(), &key, publisher).organizer;
        let organizer = organizers.of(context, &address).await?;
        let event = EventContext {
            app,
            context,
            publisher,
            facts: &facts,
            key: &key,
            mailbox: Mailbox::Id(organizer.clone()),
            organizer,
        };
        // Boxed, as what is deep below: together they need more of a thread's stack than there is.
        match Box::pin(one(&event, read, may_mail, &mut published)).await {
            Ok((read, until)) => {
                spent = until.or(spent);
                published.spent = spent;
                // Learners' events are looked at with what is known of the session's own by now.
                facts.written.extend(read.map(|read| (key, read)));
            }
            // Somebody else is at it.
            Err(JobError::Store(lost)) if lost.is_lost_race() => {
                published.count("raced");
                published.wait(now);
            }
            Err(other) => return Err(other),
        }
    }
    Ok(published)
}

/// What is promised is what is done: of a tenant that only observes, nothing.
pub(super) fn words(context: &TenantContext, publisher: &Publisher) -> Words {
    let rules = &context.tenant.policy;
    let gives_back = match rules.mode {
        PolicyMode::Act => Some(rules.deadline),
        PolicyMode::Observe => None,
    };
    Words { language: publisher.policy.language, gives_back, texts: publisher.texts.clone() }
}

/// The directory's rooms; none where they can't be read, or are not asked for.
pub(super) async fn rooms(context: &TenantContext, publisher: &Publisher) -> Arc<Vec<Room>> {
    if publisher.rooms.is_none() {
        return Arc::default();
    }
    context.users.rooms(context.graph.as_ref()).await.unwrap_or_else(|failure| {
        tracing::warn!(tenant = %context.tenant.name, %failure, "the directory's rooms can't be read");
        Arc::default()
    })
}

/// In which order: what others wait for comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Own,
    Learner,
    Calendar,
}

impl Rank {
    fn of(audience: &Audience) -> Self {
        match audience {
            Audience::Session => Self::Own,
            Audience::Learner(_) => Self::Learner,
            Audience::Calendar => Self::Calendar,
        }
    }
}

/// What mails somebody: when its turn is, and all that is to be done, with how many each act mails.
fn due(
    facts: &SessionFacts,
    key: &EventKey,
    publisher: &Publisher,
    policy: &Publishing,
    now: DateTime<Utc>,
) -> Option<(Turn, Vec<(Act, u32)>)> {
    let row = row_of(facts.written.get(key), key, publisher);
    if row.refused.as_ref().is_some_and(|refused| refused.until > now) || row.missing.is_some() {
        return None;
    }
    let start = facts.source.session.part(&key.part).map(|part| part.span.start()).or(row.start);
    let mut acts = acts(row, |row| facts.wish(key, row), policy, now);
    acts.retain(|(_, mails)| *mails > 0);
    let (first, _) = acts.first()?;
    Some((Turn::of(first, start.unwrap_or(now), now), acts))
}

type One = (Option<Read<Written>>, Option<DateTime<Utc>>);

/// Brings one event as far as it goes now: its row, and until when the mailbox has sent all that it may.
async fn one(
    event: &EventContext<'_>,
    mut read: Option<Read<Written>>,
    may_mail: bool,
    published: &mut Published,
) -> Result<One, JobError> {
    let now = event.app.ledger.now().await?;
    let row = row_of(read.as_ref(), event.key, event.publisher);
    read = event.read_back(read.as_ref(), &row, now, published).await?.or(read);
    let row = row_of(read.as_ref(), event.key, event.publisher);
    read = event.meet(read.as_ref(), &row, now, published).await?.or(read);
    let row = row_of(read.as_ref(), event.key, event.publisher);
    let waits = event.facts.waits_for_all(event.key, &row, now);
    waits.listed.into_iter().for_each(|until| published.wait(until));
    for _ in 0..STEPS {
        let now = event.app.ledger.now().await?;
        let row = row_of(read.as_ref(), event.key, event.publisher);
        if let Some(refused) = row.refused.as_ref().filter(|refused| refused.until > now) {
            published.wait(refused.until);
            return Ok((read, None));
        }
        let turned = if let Some(underway) = &row.act {
            Box::pin(event.look_back(read.as_ref(), &row, underway, now, published)).await?
        } else if let Some(since) = row.missing {
            event.missed(read.as_ref(), (&row, since), now, published).await?
        } else {
            let wish = event.facts.wish(event.key, &row);
            match plan(&wish, &row, &event.publisher.policy, now) {
                Plan::Do(act) => {
                    let content = wish.content();
                    let written = content.map(|content| says(&act, content, &row));
                    let mails = mails(&act, written.as_deref(), &row);
                    if mails > 0 && !may_mail {
                        // What was under way was not done after all.
                        published.due.add(&[(act, mails)]);
                        return Ok((read, None));
                    }
                    let is_new = matches!(act, Act::Create { .. });
                    let waits = event.facts.waits(event.key, now).or(waits.made);
                    if let Some(until) = waits.filter(|_| is_new) {
                        published.count("waits");
                        published.wait(until);
                        return Ok((read, None));
                    }
                    // What a room says to it, or which link it has, is read soon.
                    if content.is_some_and(Content::awaits_answer) {
                        published.wait(now + TimeDelta::minutes(1));
                    }
                    Box::pin(event.act(read.as_ref(), &row, act, content, now, published)).await?
                }
                Plan::LetGo { at } => {
                    published.count("let_go");
                    Progress::Written(Box::new(
                        event.write(read.as_ref(), row.gone(Stand::LetGo { at })).await?,
                    ))
                }
                Plan::Settle { since, until } => {
                    if row.edited != Some(since) {
                        let next = Written { edited: Some(since), ..row };
                        read = Some(event.write(read.as_ref(), next).await?);
                    }
                    published.wait(until);
                    return Ok((read, None));
                }
                Plan::Unsettle => {
                    let next = Written { edited: None, ..row };
                    return Ok((Some(event.write(read.as_ref(), next).await?), None));
                }
                Plan::Nothing(reason) => {
                    published.count(word(reason));
                    return Ok((read, None));
                }
            }
        };
        match turned {
            Progress::Written(next) => read = Some(*next),
            Progress::Waits(until) => {
                published.wait(until);
                return Ok((read, None));
            }
            Progress::Spent(until) => {
                published.wait(until);
                return Ok((read, Some(until)));
            }
        }
    }
    published.wait(event.app.ledger.now().await?);
    Ok((read, None))
}

fn word(reason: Reason) -> &'static str {
    match reason {
        Reason::AsWanted => "as_wanted",
        Reason::Off => "off",
        Reason::Over => "over",
        Reason::Underway => "underway",
        Reason::Held(_) => "held",
        Reason::CalledOff => "called_off_before",
        Reason::TakenAway => "taken_away_before",
        Reason::NeverWritten => "never_written",
    }
}
