//! What `[tenant.<name>.publish]` says with one value each.

use super::raw_publish as raw;
use super::reader::Reader;
use super::show_duration;
use super::table::{At, May};
use super::tree::Value;
use super::values::Duration;
use crate::ids::Address;
use crate::publishing::budget::SendLimits;
use crate::publishing::content::Field;
use crate::publishing::edits::Edits;
use crate::publishing::organizer_calendar::OrganizerCalendar;
use crate::publishing::policy::{Join, JoinWho};
use crate::sessions::vanish_brake::VanishLimits;
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// Whoever is named, or is in the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishOnly {
    pub addresses: BTreeSet<Address>,
    /// Its object id.
    pub group: Option<String>,
}

/// From more often an LMS has nothing, from more seldom learners have nothing.
const EVERY: std::ops::RangeInclusive<TimeDelta> = TimeDelta::minutes(5)..=TimeDelta::hours(24);

/// Whoever is to come tomorrow must hear of it today.
const LONGEST_SETTLING: TimeDelta = TimeDelta::hours(24);

/// Who opens it earlier has nothing from it.
const LONGEST_OPEN: TimeDelta = TimeDelta::hours(24);

/// What a namespace may be long.
const NAMESPACE: usize = 64;

/// What Exchange takes (reference/graph-publishing.md#sending-limits).
const MESSAGES_A_MINUTE: u32 = 30;
const RECIPIENTS_A_DAY: u32 = 10_000;

impl Reader<'_> {
    pub(super) fn namespace(&mut self, given: May<'_, String>) -> Option<String> {
        let Some(given) = given else { return Some(String::new()) };
        if let Value::Text(text) = &given.value
            && text.chars().count() <= NAMESPACE
            && !text.chars().any(char::is_control)
        {
            return Some(text.trim().to_owned());
        }
        self.bad_value(&given, &format!("a text of at most {NAMESPACE} characters"), "", None);
        None
    }

    pub(super) fn publish_only(&mut self, only: At<'_, raw::PublishOnly<'_>>) -> Option<PublishOnly> {
        let before = self.problems.len();
        let raw::PublishOnly { addresses, group } = self.table(only)?;
        if addresses.is_none() && group.is_none() && self.problems.len() == before {
            let why = "`addresses` or `group` must be given; leave `only` out to write to all";
            self.contradiction(&only, why);
        }
        let named = match addresses {
            Some(given) => self.addresses(given).map(|all| (given, all)),
            None => None,
        };
        if let Some((given, all)) = &named
            && all.is_empty()
        {
            self.contradiction(given, "the list is empty, so nobody is meant");
        }
        let hint = "it stands on the group's overview page in Entra";
        let group = group.and_then(|group| self.guid(group, "a group's object id", hint));
        let addresses = named.into_iter().flat_map(|(_, all)| all).collect();
        (self.problems.len() == before).then_some(PublishOnly { addresses, group })
    }

    pub(super) fn settle_edits(&mut self, given: May<'_, Duration>, default: TimeDelta) -> Option<TimeDelta> {
        let settle = self.duration(given, default)?;
        if let Some(given) = given.filter(|_| settle > LONGEST_SETTLING) {
            let wanted = format!("a duration of at most {}", show_duration(LONGEST_SETTLING));
            let hint = "so long nobody hears of a change".to_owned();
            self.bad_value(&given, &wanted, "", Some(hint));
            return None;
        }
        Some(settle)
    }

    pub(super) fn every(&mut self, given: May<'_, Duration>) -> Option<TimeDelta> {
        let every = self.duration(given, TimeDelta::hours(1))?;
        if let Some(given) = given.filter(|_| !EVERY.contains(&every)) {
            let (least, most) = (show_duration(*EVERY.start()), show_duration(*EVERY.end()));
            self.bad_value(&given, &format!("a duration from {least} to {most}"), "", None);
            return None;
        }
        Some(every)
    }

    /// Who is invited is told whatever is said here.
    pub(super) fn sends(
        &mut self,
        given: May<'_, Vec<Field>>,
        default: BTreeSet<Field>,
    ) -> Option<BTreeSet<Field>> {
        let Some(given) = given else { return Some(default) };
        let Value::List(items) = &given.node.value else {
            self.bad_value(&given, "a list such as [\"when\", \"place\", \"link\"]", "not a list", None);
            return None;
        };
        let read: Vec<Option<Field>> =
            items.iter().map(|item| self.choice(Some(At::new(item)), Field::When)).collect();
        let named: Option<BTreeSet<Field>> = read.into_iter().collect();
        named.map(|mut named| {
            named.insert(Field::Attendees);
            named
        })
    }

    pub(super) fn vanish(&mut self, given: May<'_, raw::Vanish<'_>>) -> Option<VanishLimits> {
        let defaults = VanishLimits::default();
        let Some(given) = given else { return Some(defaults) };
        let raw::Vanish { few, percent } = self.table(given)?;
        let few = self.number(few, defaults.few, 0..=u32::MAX);
        let percent = self.number(percent, defaults.percent, 0..=100);
        Some(VanishLimits { few: few?, percent: percent? })
    }

    pub(super) fn taken_away(&mut self, given: May<'_, raw::TakenAway<'_>>) -> Option<VanishLimits> {
        let defaults = OrganizerCalendar::LIMITS;
        let Some(given) = given else { return Some(defaults) };
        let raw::TakenAway { few, percent } = self.table(given)?;
        let few = self.number(few, defaults.few, 0..=u32::MAX);
        let percent = self.number(percent, defaults.percent, 0..=100);
        Some(VanishLimits { few: few?, percent: percent? })
    }

    pub(super) fn edits(&mut self, given: May<'_, raw::Edits<'_>>) -> Option<Edits> {
        let defaults = Edits::default();
        let Some(given) = given else { return Some(defaults) };
        let raw::Edits { when, title, place } = self.table(given)?;
        let when = self.choice(when, defaults.when);
        let title = self.choice(title, defaults.title);
        let place = self.choice(place, defaults.place);
        Some(Edits { when: when?, title: title?, place: place? })
    }

    pub(super) fn join(&mut self, given: May<'_, raw::Join<'_>>) -> Option<Option<Join>> {
        let Some(given) = given else { return Some(None) };
        let raw::Join { who, opens } = self.table(given)?;
        let who = self.required(who, "\"everyone\", \"instructors\" or \"primary\"");
        let who = who.and_then(|who| self.choice(Some(who), JoinWho::Everyone));
        let early = self.duration(opens, TimeDelta::minutes(10))?;
        if let Some(given) = opens.filter(|_| early > LONGEST_OPEN) {
            let wanted = format!("a duration of at most {}", show_duration(LONGEST_OPEN));
            self.bad_value(&given, &wanted, "", None);
            return None;
        }
        Some(Some(Join { who: who?, opens: early }))
    }

    pub(super) fn send_limits(&mut self, given: May<'_, raw::SendLimits<'_>>) -> Option<SendLimits> {
        let defaults = SendLimits::default();
        let Some(given) = given else { return Some(defaults) };
        let raw::SendLimits { messages_a_minute, recipients_a_day } = self.table(given)?;
        let messages = self.number(messages_a_minute, defaults.messages_a_minute, 1..=MESSAGES_A_MINUTE);
        let recipients = self.number(recipients_a_day, defaults.recipients_a_day, 1..=RECIPIENTS_A_DAY);
        Some(SendLimits { messages_a_minute: messages?, recipients_a_day: recipients? })
    }
}
