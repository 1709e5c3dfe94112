//! An organizer's event as Graph writes it: made, and changed afterwards
//! (handler/reference/graph-publishing.md#mails).
//!
//! A list of attendees that is written alone concerns those who come, go or change in it; whatever stands
//! beside it, everybody is told. The list is replaced as a whole: who is missing is called off, and an answer
//! that is written along with it is taken as written, but for `declined`, which turns into none.

use super::act::ActError;
use super::details::Online;
use super::draft::{EventEdit, Wanted, WantedKind};
use super::item::{Answer, Invitee, Item, Party, ShowAs, Status};
use super::post::MailKind;
use super::{ChangeKind, Effects, Meeting, Model};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Whom a change concerns.
struct Plan {
    added: Vec<String>,
    dropped: Vec<String>,
    /// Still in the list, in another way.
    altered: Vec<String>,
    to_all: bool,
    moves: bool,
    /// Answers are void.
    voids: bool,
}

impl Model {
    /// Makes an event in the organizer's calendar (the default one, unless named), and invites.
    pub fn create_event(
        &mut self,
        organizer: &str,
        calendar: Option<&str>,
        (ical_uid, transaction): (&str, Option<&str>),
        edit: &EventEdit,
        now: DateTime<Utc>,
    ) -> Result<Effects, ActError> {
        let when = edit.when.as_ref().ok_or(ActError::Backwards)?;
        let organizer = self.party(organizer);
        let mut meeting = Meeting {
            session: ical_uid.to_owned(),
            ical_uid: ical_uid.to_owned(),
            subject: String::new(),
            body: String::new(),
            organizer,
            has_original: false,
            slot: when.slot,
            all_day: when.all_day.clone(),
            occurrences: Vec::new(),
            moved: BTreeMap::new(),
            attendees: Vec::new(),
            optional: BTreeSet::new(),
            unlisted: Vec::new(),
            rooms: Vec::new(),
            details: super::details::Details::default(),
            response_requested: true,
            sequence: 0,
            cancelled: false,
        };
        let listed = edit.listed(&meeting.organizer).unwrap_or_default();
        self.amend(&mut meeting, edit);
        meeting.details.transaction = transaction.map(str::to_owned);
        self.list(&mut meeting, &listed);
        let statuses =
            listed.iter().map(|one| (one.party.address.clone(), self.written_status(one, None, now)));
        let statuses: BTreeMap<String, Status> = statuses.collect();
        self.send_out(meeting, now, |item| {
            if let Some(calendar) = calendar {
                calendar.clone_into(&mut item.calendar);
            }
            item.extended.clone_from(&edit.extended);
            item.show_as = edit.show_as.unwrap_or(ShowAs::Busy);
            for invitee in &mut item.invitees {
                invitee.status = statuses.get(&invitee.party.address).copied().unwrap_or(invitee.status);
            }
        })
    }

    /// How many would be mailed if this were changed.
    pub fn mails_of_revision(&self, ical_uid: &str, edit: &EventEdit) -> usize {
        let Ok(before) = self.meeting(ical_uid) else { return 0 };
        let plan = self.plan(before, edit);
        let all = before.recipients().len() * before.messages();
        plan.added.len() + if plan.to_all { all } else { plan.dropped.len() + plan.altered.len() }
    }

    /// Changes what an event says, when it is and who is invited.
    pub fn revise(
        &mut self,
        ical_uid: &str,
        edit: &EventEdit,
        now: DateTime<Utc>,
    ) -> Result<Effects, ActError> {
        let before = self.meeting(ical_uid)?.clone();
        if before.cancelled {
            return Err(ActError::CalledOff(before.session));
        }
        let plan = self.plan(&before, edit);
        let listed = edit.listed(&before.organizer);
        let mut after = before.clone();
        let struck: Vec<String> = plan.dropped.iter().flat_map(|address| after.strike(address)).collect();
        self.amend(&mut after, edit);
        if let Some(listed) = &listed {
            self.list(&mut after, listed);
        }
        if let Some(meeting) = self.meeting_mut(ical_uid) {
            meeting.clone_from(&after);
        }
        let mut effects = Effects::default();
        effects.changes.extend(self.revise_original(&after, edit, listed.as_deref(), &plan, now));
        self.revise_copies(&after, &plan, now, &mut effects);
        for address in &plan.added {
            effects.changes.extend(self.invite_one(address, &after, now));
        }
        for address in struck.iter().filter(|address| !after.addressees().contains(address)) {
            match self.matrix.dropped_copy_stays {
                true => effects.changes.extend(self.mark_cancelled(address, &after, now)),
                false => effects.changes.extend(self.bin(address, ical_uid, now, None)),
            }
        }
        self.settle_rooms(&before, &after, plan.moves, now, &mut effects);
        self.mail_revision((&before, &after), &plan, now);
        Ok(effects)
    }

    fn plan(&self, before: &Meeting, edit: &EventEdit) -> Plan {
        let listed = edit.listed(&before.organizer);
        let old: Vec<&Party> = before.attendees.iter().chain(&before.rooms).collect();
        let (mut added, mut dropped, mut altered) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(listed) = &listed {
            for wanted in listed {
                let address = wanted.party.address.clone();
                match before.kind_of(&address) {
                    None => added.push(address),
                    Some(kind) if kind != wanted.kind => altered.push(address),
                    Some(_) => {}
                }
            }
            let gone = old.iter().filter(|one| !listed.iter().any(|wanted| wanted.party.is(&one.address)));
            dropped.extend(gone.map(|one| one.address.clone()));
        }
        let list_goes = dropped
            .iter()
            .any(|address| self.lists.iter().any(|list| list.address.eq_ignore_ascii_case(address)));
        let beside = listed.is_some() && edit.names_more_than_attendees();
        let news = edit.has_news(before, self.writes.equal_values_mail);
        let own = edit.names_own() && self.writes.own_fields_mail;
        let to_all = list_goes || beside || news || own;
        let moves = edit.moves(before);
        let voids = moves || edit.has_news(before, false) && self.writes.updates_void_answers;
        Plan { added, dropped, altered, to_all, moves, voids }
    }

    /// What the event says from now on; the list of attendees is another matter.
    fn amend(&mut self, meeting: &mut Meeting, edit: &EventEdit) {
        if let Some(subject) = &edit.subject {
            meeting.subject = subject.chars().take(255).collect();
        }
        if let Some(when) = &edit.when {
            if edit.moves(meeting) {
                let shift = when.slot.start - meeting.slot.start;
                meeting.occurrences.iter_mut().for_each(|start| *start += shift);
                meeting.moved.clear();
                meeting.sequence += 1;
            }
            meeting.slot = when.slot;
            meeting.all_day.clone_from(&when.all_day);
            meeting.details.zones = Some(when.zones.clone());
        }
        meeting.response_requested = edit.response_requested.unwrap_or(meeting.response_requested);
        let details = &mut meeting.details;
        if let Some(places) = &edit.places {
            details.places.clone_from(places);
        }
        if let Some(categories) = &edit.categories {
            details.categories.clone_from(categories);
        }
        details.allow_proposals = edit.allow_proposals.unwrap_or(details.allow_proposals);
        details.hide_attendees = edit.hide_attendees.unwrap_or(details.hide_attendees);
        details.importance = edit.importance.unwrap_or(details.importance);
        details.sensitivity = edit.sensitivity.unwrap_or(details.sensitivity);
        details.is_reminder_on = edit.is_reminder_on.unwrap_or(details.is_reminder_on);
        details.reminder_minutes = edit.reminder_minutes.unwrap_or(details.reminder_minutes);
        if let Some(body) = &edit.body {
            meeting.body.clone_from(body);
            self.lose_or_renew(meeting);
        }
        // It can't be taken back.
        if edit.online == Some(true) && meeting.details.online.is_none() && self.has_teams(meeting) {
            self.go_online(meeting);
        }
    }

    /// A text without the join block ends the online meeting, or makes another.
    fn lose_or_renew(&mut self, meeting: &mut Meeting) {
        let Some(online) = &meeting.details.online else { return };
        if meeting.body.contains(&online.join_url) {
            return;
        }
        meeting.details.online = None;
        if !self.writes.lost_block_ends_online {
            self.go_online(meeting);
        }
    }

    fn go_online(&mut self, meeting: &mut Meeting) {
        let id = self.mint.uuid().simple();
        let join_url = format!("https://teams.microsoft.com/l/meetup-join/19%3ameeting_{id}%40thread.v2/0");
        let online = Online { join_url };
        meeting.body.push_str(&online.block());
        meeting.details.online = Some(online);
    }

    fn has_teams(&self, meeting: &Meeting) -> bool {
        self.whose(&meeting.organizer.address).is_some_and(|(_, user)| user.has_teams)
    }

    /// Puts the list that is wanted in the place of the old one.
    fn list(&mut self, meeting: &mut Meeting, listed: &[Wanted]) {
        let of = |resource: bool| -> Vec<Party> {
            let those = listed.iter().filter(|one| (one.kind == WantedKind::Resource) == resource);
            those.map(|one| one.party.clone()).collect()
        };
        (meeting.attendees, meeting.rooms) = (of(false), of(true));
        let optional = listed.iter().filter(|one| one.kind == WantedKind::Optional);
        meeting.optional = optional.map(|one| one.party.address.to_lowercase()).collect();
        let named: Vec<String> = listed.iter().map(|one| one.party.address.clone()).collect();
        meeting.unlisted.retain(|known| !named.iter().any(|address| known.party.is(address)));
        for member in self.behind_lists(&named) {
            if meeting.unlisted(&member.party.address).is_none() {
                meeting.unlisted.push(member);
            }
        }
    }

    /// What stands in the organizer's list of somebody who was written into it.
    fn written_status(&self, wanted: &Wanted, old: Option<Status>, now: DateTime<Utc>) -> Status {
        let none = Status::unanswered(self.matrix.unanswered);
        match (wanted.status, old) {
            (None, Some(old)) if self.writes.bare_attendees_keep_answers => old,
            (None, _) => none,
            (Some(Answer::Declined), _) => Status::unanswered(Answer::NotResponded),
            (Some(Answer::Accepted | Answer::TentativelyAccepted), Some(old))
                if Some(old.answer) == wanted.status =>
            {
                old
            }
            (Some(answer @ (Answer::Accepted | Answer::TentativelyAccepted)), _) => {
                Status::given(answer, now)
            }
            (Some(Answer::None | Answer::NotResponded | Answer::Organizer), _) => none,
        }
    }

    fn revise_original(
        &mut self,
        after: &Meeting,
        edit: &EventEdit,
        listed: Option<&[Wanted]>,
        plan: &Plan,
        now: DateTime<Utc>,
    ) -> Option<super::Change> {
        if !after.has_original {
            return None;
        }
        let (organizer, uid) = (&after.organizer.address, &after.ical_uid);
        let old: Vec<Invitee> = self.whose(organizer)?.1.mailbox.copy(uid)?.invitees.clone();
        let known = |address: &str| old.iter().find(|invitee| invitee.party.is(address));
        let invitees = listed.map(|listed| -> Vec<Invitee> {
            let invitee = |wanted: &Wanted| {
                let known = known(&wanted.party.address);
                let status = self.written_status(wanted, known.map(|known| known.status), now);
                let keeps = known.is_some_and(|known| known.status == status);
                Invitee {
                    party: wanted.party.clone(),
                    is_resource: wanted.kind == WantedKind::Resource,
                    is_optional: wanted.kind == WantedKind::Optional,
                    status,
                    proposed: known.filter(|_| keeps).and_then(|known| known.proposed),
                }
            };
            listed.iter().map(invitee).collect()
        });
        let unanswered = Status::unanswered(self.matrix.unanswered);
        let deciding: Vec<String> = after.rooms.iter().map(|room| room.address.clone()).collect();
        let deciding: Vec<String> = deciding.into_iter().filter(|room| self.decides(room)).collect();
        self.edit(organizer, uid, ChangeKind::Updated, now, |item| {
            tell(item, after, plan.moves);
            item.details = after.details.clone();
            item.show_as = edit.show_as.unwrap_or(item.show_as);
            item.extended.extend(edit.extended.clone());
            if let Some(invitees) = invitees {
                item.invitees = invitees;
            }
            for invitee in item.invitees.iter_mut().filter(|_| plan.voids) {
                if !invitee.is_resource || plan.moves && deciding.iter().any(|room| invitee.party.is(room)) {
                    invitee.status = unanswered;
                    invitee.proposed = None;
                }
            }
        })
    }

    /// Of those who were invited before and still are, as far as they are told.
    fn revise_copies(&mut self, after: &Meeting, plan: &Plan, now: DateTime<Utc>, effects: &mut Effects) {
        let told = |address: &String| {
            !plan.added.contains(address) && (plan.to_all || plan.altered.contains(address))
        };
        // Rooms see a time alone, and decide about it.
        let decides = |model: &Self, address: &str| {
            after.kind_of(address) == Some(WantedKind::Resource) && model.decides(address)
        };
        for learner in after.addressees().iter().filter(|address| told(address)) {
            if decides(self, learner) {
                continue;
            }
            let shown = after.shown_to(learner, Status::unanswered(Answer::None));
            let change = self.edit(learner, &after.ical_uid, ChangeKind::Updated, now, |item| {
                tell(item, after, plan.moves);
                item.details = after.details.travelling();
                item.invitees = shown;
                if plan.voids {
                    item.status = Status::unanswered(Answer::NotResponded);
                    item.show_as = ShowAs::Tentative;
                }
            });
            let comes_back = plan.moves && self.matrix.retime_restores_removed
                || plan.to_all && self.writes.updates_restore_removed;
            if change.is_none() && comes_back {
                effects.changes.extend(self.receive(learner, after, now));
            }
            effects.changes.extend(change);
        }
    }

    fn mail_revision(&mut self, (before, after): (&Meeting, &Meeting), plan: &Plan, now: DateTime<Utc>) {
        let cause = (self.cause(), now);
        let told = |address: &String| {
            !plan.added.contains(address) && (plan.to_all || plan.altered.contains(address))
        };
        let updated: Vec<String> = after.recipients().into_iter().filter(told).collect();
        for _ in 0..before.messages() {
            self.mail(after, &updated, MailKind::Update, cause, None);
        }
        self.mail(after, &plan.added, MailKind::Invitation, cause, None);
        self.mail(after, &plan.dropped, MailKind::Cancellation, cause, None);
    }
}

/// What organizer and attendees see alike.
fn tell(item: &mut Item, after: &Meeting, moves: bool) {
    item.subject.clone_from(&after.subject);
    item.body.clone_from(&after.body);
    item.response_requested = after.response_requested;
    item.slot = after.slot;
    item.all_day.clone_from(&after.all_day);
    if moves {
        item.series = after.series();
    }
}
