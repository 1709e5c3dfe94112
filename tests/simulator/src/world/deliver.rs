//! The arrival of a response mail: the one way by which the organizer's copy learns of an answer.

use super::item::{Answer, Invitee, Item, Party, Status};
use super::{Change, ChangeKind, Meeting, Model, ResponseMail, Way};
use chrono::{DateTime, Utc};

/// Attendees above which Exchange may stop recording answers.
const CROWD: usize = 400;

impl Model {
    /// The organizer's copy takes the answer, unless the meeting has changed since, is gone, or knows nothing
    /// of the sender.
    pub fn deliver(&mut self, mail: &ResponseMail, now: DateTime<Utc>) -> Vec<Change> {
        let Ok(meeting) = self.meeting(&mail.ical_uid).cloned() else { return Vec::new() };
        if !meeting.has_original || meeting.cancelled || mail.version != meeting.version(mail.occurrence) {
            return Vec::new();
        }
        // An occurrence that was cancelled meanwhile takes no answer any more.
        if mail.occurrence.is_some_and(|start| !meeting.occurrences.contains(&start)) {
            return Vec::new();
        }
        if !meeting.lists(&mail.learner) && !self.list_sender(&meeting, &mail.learner) {
            return Vec::new();
        }
        // Of a crowd no answers are recorded any more.
        if self.writes.crowded_lists_lose_answers && meeting.attendees.len() > CROWD {
            return Vec::new();
        }
        let party = self.party(&mail.learner);
        let unanswered = Status::unanswered(self.matrix.unanswered);
        let reaches = self.matrix.series_answer_reaches_exceptions;
        let take = |item: &mut Item| {
            if item.invitee_mut(&mail.learner).is_none() {
                item.invitees.push(Invitee::new(party.clone(), unanswered));
            }
            match mail.occurrence {
                Some(start) => answer_occurrence(item, start, mail, &party),
                None => {
                    item.invitees.iter_mut().for_each(|invitee| overtake(invitee, mail));
                    let exceptions =
                        item.series.occurrences_mut().iter_mut().filter_map(|one| one.exception.as_mut());
                    let lists =
                        exceptions.filter(|_| reaches).filter_map(|exception| exception.invitees.as_mut());
                    lists.flatten().for_each(|invitee| overtake(invitee, mail));
                }
            }
        };
        let organizer = &meeting.organizer.address;
        match mail.occurrence {
            Some(start) => {
                self.edit_occurrence(organizer, &mail.ical_uid, (start, ChangeKind::Updated), now, take)
            }
            None => {
                self.edit(organizer, &mail.ical_uid, ChangeKind::Updated, now, take).into_iter().collect()
            }
        }
    }

    /// Takes somebody into the list who was invited past it and answers now. `false`: they stay out of it.
    fn list_sender(&mut self, meeting: &Meeting, sender: &str) -> bool {
        let Some(known) = meeting.unlisted(sender) else { return false };
        let enters = match known.way {
            Way::Forwarded => true,
            Way::List(_) => self.matrix.answering_member_is_listed,
        };
        if let Some(meeting) = self.meeting_mut(&meeting.ical_uid).filter(|_| enters) {
            meeting.unlisted.retain(|other| !other.party.is(sender));
            meeting.attendees.push(known.party.clone());
        }
        enters
    }
}

/// The first answer to an occurrence gives it a list of its own.
fn answer_occurrence(item: &mut Item, start: DateTime<Utc>, mail: &ResponseMail, party: &Party) {
    let of_the_series = item.invitees.clone();
    let Some(exception) = item.exception_mut(start) else { return };
    let own = exception.invitees.get_or_insert(of_the_series);
    if !own.iter().any(|invitee| invitee.party.is(&mail.learner)) {
        own.push(Invitee::new(party.clone(), Status::unanswered(Answer::None)));
    }
    own.iter_mut().for_each(|invitee| overtake(invitee, mail));
}

/// A mail that was overtaken by a later answer changes nothing.
fn overtake(invitee: &mut Invitee, mail: &ResponseMail) {
    if invitee.party.is(&mail.learner) && invitee.status.at <= mail.status.at {
        invitee.status = mail.status;
        invitee.proposed = mail.proposed;
    }
}
