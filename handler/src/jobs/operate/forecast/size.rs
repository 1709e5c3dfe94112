//! How large a deployment is, as people say it, and what follows from that for the calendars.
//!
//! Derived: how long a place can be seen by a comparison, from the lead of an invitation, the length of a
//! session and the two windows of a comparison ([`crate::jobs::watch::resync_schedule`]); how many mailboxes
//! have a session within a day (sessions fall on mailboxes at random, evenly over the day, so that the number
//! is Poisson's). Inputs: everything in [`Size`].

use super::load::{CalendarLoad, ChangeLoad, Load, PublishLoad};
use super::timers::hours;
use crate::config::Tenant;
use crate::jobs::watch::resync_schedule::SOON;

/// Inputs of a forecast. Numbers a day are means over all days of a week.
#[derive(Debug, Clone, PartialEq)]
pub struct Size {
    /// Learners' mailboxes that are watched.
    pub mailboxes: f64,
    /// Mailboxes that send the invitations.
    pub organizers: f64,
    /// Sessions that start in a day.
    pub sessions: f64,
    /// Learners in a session.
    pub learners: f64,
    /// Changes of a learner's calendar in a day that have nothing to do with training.
    pub changes: f64,
    /// Declines in a day.
    pub declines: f64,
    /// Sessions that are given another time in a day.
    pub moved: f64,
    /// Events of other kinds in the year of a calendar that a whole comparison reads.
    pub events: f64,
    /// Days from the invitation to the session.
    pub lead_days: f64,
    /// Hours that a session takes.
    pub length_hours: f64,
    /// Of the declines, those that take the copy out of the calendar: Outlook's way unless told otherwise.
    pub removed: f64,
}

impl Size {
    /// For so many mailboxes, with what can be said of nobody's in particular.
    pub fn of(mailboxes: f64, organizers: f64) -> Self {
        let (sessions, learners) = (mailboxes / 250.0, 10.0);
        Self {
            mailboxes,
            organizers,
            sessions,
            learners,
            changes: 20.0,
            declines: sessions * learners / 20.0,
            moved: sessions / 50.0,
            events: 500.0,
            lead_days: 14.0,
            length_hours: 4.0,
            removed: 1.0,
        }
    }

    /// The same training for so many more.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        Self {
            mailboxes: self.mailboxes * factor,
            sessions: self.sessions * factor,
            declines: self.declines * factor,
            moved: self.moved * factor,
            ..self.clone()
        }
    }

    /// What is in the calendars when this has gone on for long.
    pub fn load(&self, tenant: &Tenant) -> Load {
        let reads_learners = tenant.watch.mode.reads_learners();
        let mailboxes = if reads_learners { self.mailboxes } else { 0.0 };
        let places = self.sessions * self.learners;
        let declined = if places > 0.0 { (self.declines / places).clamp(0.0, 1.0) } else { 0.0 };
        let moves = self.moved * self.learners;
        let (learners, organizer) = (
            self.calendar(per(places, self.mailboxes), declined * self.removed),
            self.calendar(per(self.sessions, self.organizers), 0.0),
        );
        let (gone, kept) = (self.declines * self.removed, self.declines * (1.0 - self.removed));
        // The invitation, an acceptance, and what the organizer changes.
        let shown = places + (places - self.declines).max(0.0) + moves + kept;
        Load {
            mailboxes,
            organizers: self.organizers,
            people: self.mailboxes,
            learners,
            organizer,
            changes: match reads_learners {
                true => ChangeLoad {
                    private: self.changes * self.mailboxes,
                    shown,
                    gone,
                    organizers: self.sessions + self.moved + places,
                },
                false => {
                    ChangeLoad { organizers: self.sessions + self.moved + places, ..ChangeLoad::default() }
                }
            },
            answers: places,
            places,
            declines: self.declines,
            // Whoever declines by Outlook sends a response, which is there before the first look.
            looks: gone,
            created: 0.0,
            posts: None,
            events: self.events,
            publish: PublishLoad {
                ahead: self.sessions * (self.lead_days.max(0.0) + self.length_hours.max(0.0) / 24.0),
                soon: self.sessions * (self.lead_days.clamp(0.0, 1.0) + self.length_hours.max(0.0) / 24.0),
                sessions: self.sessions + self.moved,
                places: places + self.declines,
                people: self.learners,
            },
        }
    }

    /// `rate`: sessions of one calendar that start in a day.
    fn calendar(&self, rate: f64, removed: f64) -> CalendarLoad {
        let (lead, length) = (self.lead_days.max(0.0) * 24.0, self.length_hours.max(0.0));
        let hourly = rate / 24.0;
        let soon = hours(SOON);
        let window = super::comparisons::ahead_hours().min(lead);
        // Declines come at any time of the lead.
        let gone_before = if lead > window { window - window * window / (2.0 * lead) } else { lead / 2.0 };
        let expected = hourly * soon.min(lead);
        let near = 1.0 - (-expected).exp();
        // Who is compared has a session ahead: more of them than a mailbox has on average.
        let ahead = if near > 0.0 { expected / near } else { 1.0 };
        let beyond = hourly * (window - soon.min(lead)).max(0.0);
        let past = hourly * (length + super::comparisons::BEHIND_HOURS);
        // Of what lies ahead so many hours of `window` are those of copies that are gone.
        let gone_share = if window > 0.0 { removed * gone_before / window } else { 0.0 };
        CalendarLoad {
            near,
            episodes: rate * (-expected).exp(),
            unreadable: 0.0,
            shown: (ahead + beyond) * (1.0 - gone_share) + past * (1.0 - removed),
            gone: (ahead + beyond) * gone_share + hourly * length * removed,
            elsewhere: 0.0,
            gaps: 0.0,
            all_shown: hourly
                * (lead * (1.0 - removed / 2.0)
                    + (length + super::comparisons::BEHIND_HOURS) * (1.0 - removed)),
            all_gone: hourly * removed * (lead / 2.0 + length),
        }
    }
}

fn per(of: f64, among: f64) -> f64 {
    if among > 0.0 { of / among } else { 0.0 }
}

#[cfg(test)]
#[path = "size_tests.rs"]
mod tests;
