//! What is published, in plain sentences.

use super::connector_settings::shown;
use super::{ConnectorConfig, Publish, PublishOnly, PublishSource, show_duration};
use crate::lms::push::read::LearnerField;
use crate::publishing::content::Field;
use crate::publishing::edits::{Edits, Wins};
use crate::publishing::policy::{Events, Instructors, JoinWho, Online, PublishState};
use crate::sessions::words::Language;

pub(super) fn sentences(publish: &Publish) -> Vec<String> {
    let publisher = &publish.publisher;
    let policy = &publisher.policy;
    let organizer = publisher.organizer.as_str();
    let whom = publish.only.as_ref().map_or_else(|| "everybody who holds a place".to_owned(), only);
    let does = match policy.state {
        PublishState::Off => {
            return vec!["Publishes nothing: publish.state is \"off\".".to_owned()];
        }
        PublishState::Preview => format!(
            "Writes nothing into calendars, and counts what it would write to {whom} in the name of \
             {organizer}."
        ),
        PublishState::On => format!("Invites {whom} to their sessions, in the name of {organizer}."),
    };
    let read = match &publish.source {
        PublishSource::Lms => {
            format!("Sessions and places are read of the LMS every {}.", show_duration(publish.every))
        }
        PublishSource::From(lms) => {
            let through = match &lms.connector {
                ConnectorConfig::Webhook { .. } => "webhook".to_owned(),
                ConnectorConfig::File { file, settings, .. } => {
                    format!("{} ({})", file.name, shown(file, settings))
                }
            };
            let every = show_duration(publish.every);
            format!("Sessions and places are read every {every} through the connector {through}.")
        }
        PublishSource::Push(push) => {
            let signed = match push.secrets.len() {
                0 => "a secret that is missing".to_owned(),
                1 => "one secret".to_owned(),
                more => format!("one of {more} secrets"),
            };
            let learner = match push.reading.learner {
                LearnerField::Id => "id",
                LearnerField::Email => "email",
                LearnerField::Username => "username",
                LearnerField::IdNumber => "idnumber",
            };
            format!(
                "The LMS tells of sessions and places by itself, signed with {signed}; a learner is known by \
                 `{learner}`, and a session without a time zone is in {}.",
                push.reading.zone.name()
            )
        }
    };
    let join = match publisher.join.map(|join| (join.who, show_duration(join.opens))) {
        None => "The LMS's link to a meeting stands in every event.".to_owned(),
        Some((JoinWho::Everyone, opens)) => format!(
            "Learners' events hold a page of ours in the place of a meeting's link; it leads on from {opens} \
             before the start to the end, whom the place still belongs to."
        ),
        Some((JoinWho::Instructors | JoinWho::Primary, _)) => {
            "Learners' events hold no link to a meeting.".to_owned()
        }
    };
    let is_one = publisher.events == Events::Session;
    let told = match publisher.instructors {
        Instructors::None if is_one => {
            "All learners of a session have one event, in which none sees another; instructors are not \
             invited."
        }
        Instructors::Count | Instructors::Names if is_one => {
            "All learners of a session, and its instructors, have one event, in which none sees another."
        }
        Instructors::None => "Instructors are not invited.",
        Instructors::Count => "Instructors are invited, too, and told how many hold a place.",
        Instructors::Names => "Instructors are invited, too, and told who holds a place.",
    };
    let also = publisher.calendar.as_ref().map(|calendar| {
        format!(
            " Sessions stand in the calendar of {}, too, where nobody is invited to them.",
            calendar.as_str()
        )
    });
    let meets = match publisher.online {
        Online::None => "",
        Online::Event => " A session without a link of the LMS's is a Teams meeting.",
        Online::Meeting => " For a session without a link of the LMS's a Teams meeting is made.",
    };
    let books = match &publisher.rooms {
        None => "",
        Some(rooms) if rooms.first => " The venue's room is booked before learners are invited.",
        Some(_) => " The venue's room is booked.",
    };
    let others = format!("{told}{meets}{books}{}", also.unwrap_or_default());
    let own: Vec<&str> = policy.sends.iter().map(|field| field_word(*field)).collect();
    vec![
        does,
        read,
        join,
        others,
        format!(
            "Changes are gathered for {} into one mail; mailed by themselves are those of {}. More than {} \
             mails in a round wait for a person, and so do more than {} sessions or places that vanish at \
             once, where that is more than {} percent. Where more than {} events, and more than {} \
             percent, are gone from a calendar within an hour, nothing is written there. A person's edit in \
             it {}. {organizer} sends at most {} messages in a minute, and to {} recipients in a day. \
             Regrets' own words are {} where the LMS tells no language of a learner{}.",
            show_duration(policy.settle_edits),
            own.join(", "),
            policy.confirm_above,
            publish.vanish.few,
            publish.vanish.percent,
            publisher.taken_away.few,
            publisher.taken_away.percent,
            edits(publisher.edits),
            publisher.limits.messages_a_minute,
            publisher.limits.recipients_a_day,
            match policy.language {
                Language::En => "English",
                Language::De => "German",
            },
            match (&publisher.texts.en, &publisher.texts.de) {
                (None, None) => "",
                (Some(_), None) => "; English invitations say what a text of your own says",
                (None, Some(_)) => "; German invitations say what a text of your own says",
                (Some(_), Some(_)) => "; invitations say what texts of your own say",
            }
        ),
    ]
}

fn only(only: &PublishOnly) -> String {
    let named = match only.addresses.len() {
        0 => None,
        1 => Some("one learner".to_owned()),
        more => Some(format!("{more} learners")),
    };
    let group = only.group.as_ref().map(|group| format!("the members of the group {group}"));
    let all: Vec<String> = named.into_iter().chain(group).collect();
    format!("{} only", all.join(" and "))
}

fn field_word(field: Field) -> &'static str {
    match field {
        Field::When => "the time",
        Field::Place => "the place",
        Field::Link => "the link",
        Field::Title => "the title",
        Field::Text => "the text",
        Field::Attendees => "who is invited",
    }
}

/// What becomes of what a person edits.
fn edits(edits: Edits) -> String {
    let wins = [("time", edits.when), ("title", edits.title), ("place", edits.place)];
    let of_lms: Vec<&str> =
        wins.into_iter().filter(|(_, wins)| *wins == Wins::Lms).map(|(field, _)| field).collect();
    match &of_lms[..] {
        [] => "stays and is told of".to_owned(),
        fields => format!("is told of; that of {} is undone, once, which mails all", fields.join(", ")),
    }
}
