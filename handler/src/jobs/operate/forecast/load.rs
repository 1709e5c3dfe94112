//! What is in the calendars and what happens in a day: the inputs of everything that is forecast. Of a
//! deployment that is planned it is derived ([`super::size`]); of one that was played it is counted.

/// Of all mailboxes together, where nothing else is said; a day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Load {
    /// Learners' mailboxes that are watched.
    pub mailboxes: f64,
    pub organizers: f64,
    /// Learners, watched or not.
    pub people: f64,
    /// A learner's calendar, the mean of all.
    pub learners: CalendarLoad,
    /// An organizer's.
    pub organizer: CalendarLoad,
    pub changes: ChangeLoad,
    /// Entries of attendees that change in organizers' events, by an answer or by being new.
    pub answers: f64,
    /// Places that are new.
    pub places: f64,
    /// Declines that are carried out.
    pub declines: f64,
    /// Looks at places whose removal nobody has explained yet.
    pub looks: f64,
    /// Subscriptions that are made.
    pub created: f64,
    /// Posts of Graph, where they were counted; else each change comes in one of its own.
    pub posts: Option<f64>,
    /// Other events that a whole comparison of a calendar reads.
    pub events: f64,
    pub publish: PublishLoad,
}

impl Load {
    /// The same on a day on which nobody does anything: calendars are compared, and that is all.
    pub fn without_people(&self) -> Self {
        Self {
            changes: ChangeLoad::default(),
            answers: 0.0,
            places: 0.0,
            declines: 0.0,
            looks: 0.0,
            publish: PublishLoad { sessions: 0.0, places: 0.0, ..self.publish },
            ..self.clone()
        }
    }
}

/// A calendar, the mean over the time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CalendarLoad {
    /// Of the time, in which a session is known that starts within a day.
    pub near: f64,
    /// How often in a day such a time ends.
    pub episodes: f64,
    /// Of that time, in which it can't be read: Graph away, the mailbox moving or refused.
    pub unreadable: f64,
    /// Sessions that a comparison of what is near finds.
    pub shown: f64,
    /// Known places that it does not find, and that are not over.
    pub gone: f64,
    /// The same, of copies in another calendar of the mailbox.
    pub elsewhere: f64,
    /// Whole comparisons in a day for other reasons than that it is time: a subscription made, a gap.
    pub gaps: f64,
    /// What a whole comparison finds, and what not.
    pub all_shown: f64,
    pub all_gone: f64,
}

/// What an LMS has, and what changes there in a day.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PublishLoad {
    /// Sessions that are not over.
    pub ahead: f64,
    /// Of them those that start within a day, or have begun.
    pub soon: f64,
    /// Sessions that are new, or changed.
    pub sessions: f64,
    /// Places that are new, or given up.
    pub places: f64,
    /// Places that a session has.
    pub people: f64,
}

/// Changes that Graph tells of, each as often as it is told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangeLoad {
    /// Of events in learners' calendars that are no business of ours.
    pub private: f64,
    /// Of places whose copy is there.
    pub shown: f64,
    /// Of places whose copy is gone.
    pub gone: f64,
    /// Of events in organizers' calendars.
    pub organizers: f64,
}
