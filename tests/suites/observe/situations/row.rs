//! One row of the table: an invitation, what people do with it, and what must come of it.

use super::acts::{OCCURRENCES, alias, exchange_name, mate, midnight_in_tokyo, second_uid, start};
use chrono::{Duration as Span, Utc};
use simulator::World;
use simulator::world::act::{Invite, List};
use suites::{Seen, address, meeting};

pub(super) type Act = fn(&World, &str);

/// How the learner is invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cast {
    Alone,
    /// By mail from outside: no organizer's copy exists.
    FromOutside,
    /// To a session that has ended, or has begun.
    Over,
    Begun,
    /// To the session together with a colleague.
    WithMate,
    /// The colleague is there, and not invited.
    BesideMate,
    /// Through a distribution list.
    ByList,
    /// By an invitation that wants no response.
    Unasked,
    Guest,
    /// To a whole day in Tokyo.
    AllDay,
    /// To a series of three.
    Series,
    /// To two events that stand for the same session.
    Twice,
    /// Under two addresses.
    ByAlias,
    /// Under a name that Exchange's own directory has for them; or by an organizer who is called so.
    ByExchangeName,
    ByNamelessOrganizer,
}

pub(super) struct Row {
    /// Of handler/reference/graph-events.md#what-is-told, in short.
    pub(super) line: &'static str,
    /// Of the learner, and of the session.
    pub(super) name: &'static str,
    pub(super) cast: Cast,
    /// Each is done as soon as the enrolment is in this state.
    pub(super) steps: &'static [(&'static str, Act)],
    /// What ledger and LMS say in the end ([`Seen::line`]); `*` stands for any verdict.
    pub(super) ends: &'static str,
    /// Where Exchange behaves in the other way (handler/reference/graph-events.md#switches): the switch, and
    /// the end then.
    pub(super) otherwise: &'static [(&'static str, &'static str)],
    /// What becomes of the colleague.
    pub(super) mate_ends: Option<&'static str>,
    /// After the last step the session begins.
    pub(super) begins: bool,
}

pub(super) const fn row(
    line: &'static str,
    name: &'static str,
    steps: &'static [(&'static str, Act)],
    ends: &'static str,
) -> Row {
    Row { line, name, cast: Cast::Alone, steps, ends, otherwise: &[], mate_ends: None, begins: false }
}

impl Row {
    pub(super) const fn cast(self, cast: Cast) -> Row {
        Row { cast, ..self }
    }

    pub(super) const fn or(self, otherwise: &'static [(&'static str, &'static str)]) -> Row {
        Row { otherwise, ..self }
    }

    pub(super) const fn begins(self) -> Row {
        Row { begins: true, ..self }
    }

    pub(super) const fn mate(self, ends: &'static str) -> Row {
        Row { mate_ends: Some(ends), ..self }
    }

    /// The end with these switches turned over.
    pub(super) fn ends(&self, flipped: &[&str]) -> &'static str {
        let other = self.otherwise.iter().find(|(switch, _)| flipped.contains(switch));
        other.map_or(self.ends, |(_, ends)| ends)
    }

    pub(super) fn people(&self) -> Vec<String> {
        let mate = self.mate_ends.map(|_| mate(self.name));
        std::iter::once(self.name.to_owned()).chain(mate).collect()
    }

    /// The invitation, and what there must be before it.
    pub(super) fn invite(&self, world: &World) {
        let plain = meeting(self.name, &[self.name]);
        let from = |begins: Span| {
            let start = Utc::now() + begins;
            Invite { start, end: start + Span::hours(2), ..plain.clone() }
        };
        let at = |n: usize| Invite { start: start(n), end: start(n) + Span::hours(2), ..plain.clone() };
        let invitations = match self.cast {
            Cast::Alone | Cast::Guest => vec![plain],
            Cast::Unasked => vec![Invite { response_requested: false, ..plain }],
            Cast::FromOutside => vec![Invite { from_outside: true, ..plain }],
            Cast::Over => vec![from(Span::hours(-3))],
            Cast::Begun => vec![from(Span::hours(-1))],
            Cast::WithMate => vec![meeting(self.name, &[self.name, &mate(self.name)])],
            Cast::BesideMate => {
                let elsewhere = format!("{}-elsewhere", self.name);
                vec![plain, Invite { attendees: Vec::new(), ..meeting(&elsewhere, &[]) }]
            }
            Cast::ByList => {
                let list = address(&format!("{}-list", self.name));
                world.set_list(&List { address: list.clone(), members: vec![address(self.name)] }).unwrap();
                vec![Invite { attendees: vec![list], ..plain }]
            }
            Cast::AllDay => {
                let start = midnight_in_tokyo();
                let all_day = Some("Tokyo Standard Time".to_owned());
                vec![Invite { start, end: start + Span::days(1), all_day, ..plain }]
            }
            Cast::Series => vec![Invite { occurrences: (0..OCCURRENCES).map(start).collect(), ..at(0) }],
            Cast::ByAlias => vec![Invite { attendees: vec![address(self.name), alias(self.name)], ..plain }],
            Cast::ByExchangeName => {
                vec![Invite { attendees: vec![exchange_name(self.name)], ..plain }]
            }
            Cast::ByNamelessOrganizer => {
                let ical_uid = Some(format!("lms-{}@contoso.com", self.name));
                vec![Invite { organizer: exchange_name("learning"), ical_uid, ..plain }]
            }
            Cast::Twice => vec![at(0), Invite { ical_uid: Some(second_uid(self.name)), ..at(1) }],
        };
        for invitation in &invitations {
            let subject = format!("[{}] {}", invitation.session, invitation.subject);
            world.invite(&Invite { subject, ..invitation.clone() }).unwrap();
        }
        // The LMS knows them by their address.
        if self.cast == Cast::ByExchangeName {
            world.enrol(self.name, &address(self.name)).unwrap();
        }
        if self.cast == Cast::BesideMate {
            world.enrol(&format!("{}-elsewhere", self.name), &address(&mate(self.name))).unwrap();
        }
    }
}

/// Whether what is seen is what is wanted: a state, or all of [`Seen::line`].
pub(super) fn fits(seen: &Seen, wanted: &str) -> bool {
    if !wanted.contains(' ') {
        return seen.state.as_deref() == Some(wanted);
    }
    let line = seen.line();
    let same = |(seen, wanted): (&str, &str)| wanted == "*" || wanted.split('|').any(|word| word == seen);
    line.split(' ').count() == wanted.split(' ').count() && line.split(' ').zip(wanted.split(' ')).all(same)
}
