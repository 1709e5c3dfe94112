//! `[tenant.<name>.publish]`: the LMS's sessions in the calendars of those who hold a place. What can't work
//! is refused here, as far as the file alone tells.

use super::Watch;
use super::connectors::Chosen;
use super::problem::{Problem, ProblemKind};
use super::publish_source::{Given, PublishSource, invites_twice};
use super::publish_values::PublishOnly;
use super::raw_publish as raw;
use super::reader::Reader;
use super::table::{At, May};
use crate::calendar::matching::Recognise;
use crate::graph::auth::cloud::Cloud;
use crate::ids::Address;
use crate::publishing::policy::{Events, Instructors, Online, PublishState, Publisher, Publishing};
use crate::sessions::vanish_brake::VanishLimits;
use chrono::TimeDelta;

#[derive(Debug, Clone)]
pub struct Publish {
    pub publisher: Publisher,
    pub source: PublishSource,
    /// Nobody else is ever written to; `None`: everybody is.
    pub only: Option<PublishOnly>,
    pub vanish: VanishLimits,
    /// How often the source is read.
    pub every: TimeDelta,
}

impl Publish {
    /// Anything is read or written for it.
    pub fn is_wanted(&self) -> bool {
        match self.publisher.policy.state {
            PublishState::Off => false,
            PublishState::Preview | PublishState::On => true,
        }
    }

    pub fn writes(&self) -> bool {
        match self.publisher.policy.state {
            PublishState::Off | PublishState::Preview => false,
            PublishState::On => true,
        }
    }

    /// What is told can't be told from a forgery, or nothing can be read.
    pub fn lacks_source_secrets(&self) -> bool {
        self.source.lacks_secrets()
    }
}

/// What it is held against.
pub(super) struct Around<'a> {
    pub(super) watch: &'a Watch,
    pub(super) recognise: &'a Recognise,
    pub(super) chosen: &'a Chosen,
    pub(super) cloud: Cloud,
}

impl Reader<'_> {
    pub(super) fn publish(
        &mut self,
        publish: At<'_, raw::Publish<'_>>,
        around: &Around<'_>,
    ) -> Option<Publish> {
        let before = self.problems.len();
        let given = self.table(publish)?;
        let defaults = Publishing::default();
        let state = self.choice(given.state, defaults.state);
        let organizer_at = self.required(given.organizer, "the mailbox that sends the invitations");
        let organizer = organizer_at.and_then(|at| self.smtp_address(at));
        let namespace = self.namespace(given.namespace);
        let only = match given.only {
            Some(only) => self.publish_only(only).map(Some),
            None => Some(None),
        };
        let settle_edits = self.settle_edits(given.settle_edits, defaults.settle_edits);
        let sends = self.sends(given.sends, defaults.sends);
        let language = self.choice(given.language, defaults.language);
        let confirm_above = self.number(given.confirm_above, defaults.confirm_above, 0..=u32::MAX);
        let also_invites = self.flag(given.also_invites, false);
        let every = self.every(given.every);
        let vanish = self.vanish(given.vanish);
        let taken_away = self.taken_away(given.taken_away);
        let edits = self.edits(given.edits);
        let limits = self.send_limits(given.limits);
        let join = self.join(given.join);
        let instructors = self.choice(given.instructors, Instructors::Count);
        let events = self.choice(given.events, Events::Learner);
        if events == Some(Events::Session) {
            self.for_all(&given, instructors);
        }
        let rooms = self.rooms(given.rooms, organizer.as_ref());
        let online = self.choice(given.online, Online::None);
        if let (Some(Online::Meeting), Cloud::China, Some(given)) = (online, around.cloud, given.online) {
            let why = "Teams makes no meetings beside the calendar in China's cloud: take \"event\"";
            self.contradiction(given.node, why.to_owned());
        }
        let texts = self.publish_texts(given.texts);
        let calendar = self.publish_calendar(given.calendar, organizer.as_ref());
        let source = Given {
            source: given.source,
            push: given.push,
            from: given.from,
            feed: given.feed,
            csv: given.csv,
        };
        let source = self.publish_source(publish.node, &source, around.chosen);
        if state.is_some_and(|state| state != PublishState::Off) {
            if let (Some(organizer), Some(at)) = (&organizer, organizer_at) {
                for why in unseen(organizer, around) {
                    self.contradiction(at.node, why);
                }
            }
            if also_invites == Some(false)
                && let Some(why) = invites_twice(around.chosen)
            {
                let kind = ProblemKind::Contradiction { path: publish.node.path.clone(), why };
                let hint = "switch the LMS's own invitations off where it can, then say also_invites = true";
                let at = given.also_invites.map_or(&publish.node.key_at, |given| &given.node.at);
                self.report(Problem::new(kind).at(at, "refused").hint(hint));
            }
        }
        let policy = Publishing {
            state: state?,
            settle_edits: settle_edits?,
            sends: sends?,
            language: language?,
            confirm_above: confirm_above?,
        };
        let publisher = Publisher {
            policy,
            organizer: organizer?,
            namespace: namespace?,
            limits: limits?,
            join: join?,
            instructors: instructors?,
            events: events?,
            rooms: rooms?,
            online: online?,
            texts: texts?,
            calendar: calendar?,
            taken_away: taken_away?,
            edits: edits?,
        };
        let publish = Publish { publisher, source: source?, only: only?, vanish: vanish?, every: every? };
        (self.problems.len() == before).then_some(publish)
    }

    /// What can't stand in an event that all read.
    fn for_all(&mut self, given: &raw::Publish<'_>, instructors: Option<Instructors>) {
        if let Some(join) = given.join {
            let why = "says who has the way into a meeting, and with events = \"session\" there is one \
                       event, which says the same to all: leave it out (the LMS's own link stands there), or \
                       take events = \"learner\"";
            self.contradiction(join.node, why.to_owned());
        }
        if let Some(texts) = given.texts {
            let why = "speak to one learner, and with events = \"session\" one event is for all: leave them \
                       out, or take events = \"learner\"";
            self.contradiction(texts.node, why.to_owned());
        }
        if let (Some(Instructors::Names), Some(names)) = (instructors, given.instructors) {
            let why = "with events = \"session\" instructors have the event that learners have, who may not \
                       read each other's names: take \"count\" or \"none\", or events = \"learner\"";
            self.contradiction(names.node, why.to_owned());
        }
    }

    /// In the organizer's own calendar each session would stand twice.
    fn publish_calendar(
        &mut self,
        given: May<'_, String>,
        organizer: Option<&Address>,
    ) -> Option<Option<Address>> {
        let Some(given) = given else { return Some(None) };
        let calendar = self.smtp_address(given)?;
        if organizer == Some(&calendar) {
            let why = "is the organizer's own calendar, where each session would stand twice: name another";
            self.contradiction(given.node, why.to_owned());
            return None;
        }
        Some(Some(calendar))
    }

    pub(super) fn smtp_address(&mut self, given: At<'_, String>) -> Option<Address> {
        let address = self.address(given)?;
        if !address.is_smtp() {
            let expected = "an SMTP address such as learning@contoso.com";
            self.bad_value(given.node, expected, "a name of Exchange's own directory", None);
            return None;
        }
        Some(address)
    }
}

/// Why nobody would see that a learner declines an invitation of this organizer. Outlook takes the learner's
/// copy away: only the organizer's says that it was declined.
fn unseen(organizer: &Address, around: &Around<'_>) -> Vec<String> {
    let named = organizer.as_str();
    let mut why = Vec::new();
    if !around.recognise.organizer.contains(organizer) {
        why.push(format!(
            "the organizer {named} is not among recognise.organizer, so a decline of what is published would \
             not be seen: name it there"
        ));
    }
    if !around.watch.organizers.contains(organizer) {
        why.push(format!(
            "the organizer {named} is not among watch.organizers, so nobody could tell a decline of what is \
             published from a plain delete: name it there"
        ));
    }
    why
}
