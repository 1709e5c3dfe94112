//! What Regrets has mailed, held against what the cast was to be mailed.

use crate::cast::{Cast, Kind, Learner, ORGANIZER, Part};
use crate::play::say;
use simulator::World;
use simulator::world::post::MailKind;

/// What one learner was mailed, or was to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mails {
    pub(crate) invitations: usize,
    pub(crate) updates: usize,
    pub(crate) cancellations: usize,
}

impl Mails {
    /// What the calendar service has sent in the organizer's name.
    pub(crate) fn sent(world: &World, learner: &Learner) -> Self {
        let mut sent = Self::default();
        for mail in world.mails() {
            if mail.organizer == ORGANIZER && mail.recipient == learner.address {
                match mail.kind {
                    MailKind::Invitation => sent.invitations += 1,
                    MailKind::Update => sent.updates += 1,
                    MailKind::Cancellation => sent.cancellations += 1,
                }
            }
        }
        sent
    }

    /// Everybody is invited once; whoever still comes hears once of what changes; whoever has declined hears
    /// nothing more.
    pub(crate) fn wanted(part: Part) -> Self {
        let (updates, cancellations) = match part {
            Part::SessionIsMoved => (1, 0),
            Part::SessionIsCancelled | Part::IsWithdrawn => (0, 1),
            Part::Accepts
            | Part::Tentative
            | Part::SaysNothing
            | Part::Declines
            | Part::DeclinesAndKeepsTheCopy
            | Part::DeclinesProposingAnotherTime
            | Part::DeclinesByASlowMail
            | Part::AcceptsThenDeclines
            | Part::DeclinesInAGap
            | Part::DeclinesFromOutside
            | Part::DeclinesSilently
            | Part::DeletesSilently
            | Part::TakesBackInTime
            | Part::TakesBackFromTheMail
            | Part::WaversAndDeclines
            | Part::MovesToAnotherCalendar
            | Part::IsDropped
            | Part::DeclinesBeforeTheMove => (0, 0),
        };
        Self { invitations: 1, updates, cancellations }
    }

    fn each(self) -> [usize; 3] {
        [self.invitations, self.updates, self.cancellations]
    }

    /// In a few words, for a column.
    pub(crate) fn words(self) -> String {
        let names = ["invitation", "update", "cancellation"];
        let words = self.each().into_iter().zip(names).filter(|(count, _)| *count > 0);
        let words =
            words.map(|(count, name)| if count == 1 { name.to_owned() } else { format!("{count} {name}s") });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// All that Regrets has mailed to those whom it was to invite.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Post {
    pub(crate) sent: Mails,
    /// Mails beyond the one that there was to be.
    pub(crate) twice: usize,
    /// Mails for which there was no reason.
    pub(crate) wrong: usize,
}

impl Post {
    /// By what each was sent, and to whom.
    pub(crate) fn of<'a>(sent: impl Iterator<Item = (&'a Learner, Mails)>) -> Self {
        let mut post = Self::default();
        for (learner, mails) in sent {
            post.sent.invitations += mails.invitations;
            post.sent.updates += mails.updates;
            post.sent.cancellations += mails.cancellations;
            for (is, wanted) in mails.each().into_iter().zip(Mails::wanted(learner.part).each()) {
                let more = is.saturating_sub(wanted);
                if wanted > 0 { post.twice += more } else { post.wrong += more }
            }
        }
        post
    }

    /// The other direction in a few lines.
    pub(crate) fn tell(&self, cast: &Cast) {
        let of = |kind: Kind| cast.sessions.iter().filter(|one| one.is_told && one.kind == kind).count();
        let Mails { invitations, updates, cancellations } = self.sent;
        let declined = cast.told().filter(|learner| learner.part.is_decline()).count();
        let moved = of(Kind::ToBeMoved);
        say("\nFrom the LMS to the calendars: what Regrets has mailed");
        let line = |count: usize, what: &str| say(&format!("{count:>6}  {what}"));
        line(invitations, "invitations, one to each learner of whom the LMS told");
        line(updates, &format!("updates, as {moved} of the sessions moved: one to each who still comes"));
        line(cancellations, "cancellations: of sessions that the LMS cancelled, of places that it took back");
        line(declined, "of the invited declined: they were mailed no more");
        line(self.twice, "mails that somebody got twice");
        line(self.wrong, "mails for which there was no reason");
    }
}

#[cfg(test)]
#[path = "mails_tests.rs"]
mod tests;
