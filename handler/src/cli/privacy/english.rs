//! The sheet in English.

use super::sheet::{Sheet, days, row, table};
use crate::config::permissions::Given;
use crate::config::{LearnerKeySource, StoreConfig, WatchMode};
use crate::enrolment::policy::{Mailboxes, PolicyMode, TakeBack};
use crate::ledger::consents::LINKS_KEPT;
use crate::ledger::contents::Contents;
use crate::publishing::policy::Instructors;

pub(super) fn told(sheet: &Sheet<'_>) -> String {
    let tenant = sheet.tenant;
    let mut text = format!("# Privacy sheet: Regrets, tenant {}\n\n", tenant.name);
    text += "Made from the configuration. It says what the software does; what only you can know is marked \
             with **…**.\n";
    let parts = [
        ("1. What it is for", purpose(sheet)),
        ("2. Whose data", whose(sheet)),
        ("3. What is read in Microsoft 365", read(sheet)),
        ("4. What is stored, where and for how long", stored(sheet)),
        ("5. What leaves the deployment", leaves(sheet)),
        ("6. Who can read it", readers()),
        ("7. What is decided automatically", decided(sheet)),
        ("8. How data is found and deleted", deleted(sheet)),
        ("9. For you to add", open()),
    ];
    for (title, part) in parts {
        text += &format!("\n## {title}\n\n{part}");
    }
    text
}

fn purpose(sheet: &Sheet<'_>) -> String {
    let published = match (sheet.published, sheet.inviting()) {
        (None, _) => "",
        (Some(_), Some(_)) => {
            " Whoever holds a place in a session of the LMS is invited to it by appointment."
        }
        (Some(_), None) => " It is counted whom invitations to the LMS's sessions would go to; none is sent.",
    };
    format!(
        "When a learner declines a training appointment in Outlook or Teams, their place in the learning \
         management system (LMS) at `{}` is cancelled.{published} Nothing else is done with the data.\n",
        sheet.lms_host()
    )
}

fn whose(sheet: &Sheet<'_>) -> String {
    let watch = &sheet.tenant.watch;
    let learners = match &watch.mailboxes {
        Mailboxes::All => "everybody in the directory".to_owned(),
        Mailboxes::Group(group) => format!("the members of the group `{group}`"),
        Mailboxes::Users(users) => format!("{} named people", users.len()),
        Mailboxes::None => "nobody".to_owned(),
    };
    let organizers = match sheet.organizers() {
        0 => "no organizer's mailbox".to_owned(),
        1 => "the mailbox of one organizer, who sends the invitations".to_owned(),
        many => format!("the mailboxes of {many} organizers, who send the invitations"),
    };
    match watch.mode {
        WatchMode::Attendees => {
            format!("Calendars are watched of: {learners}. Read besides: {organizers}.\n")
        }
        WatchMode::Organizer => {
            format!("Watched is {organizers}. No learner's own mailbox is opened.\n")
        }
        WatchMode::Both => format!("Calendars are watched of: {learners}; and {organizers}.\n"),
    }
}

fn read(sheet: &Sheet<'_>) -> String {
    let rows = sheet.needed.iter().map(|one| {
        let given = match one.given {
            Given::Entra => "Entra, for the directory",
            Given::Exchange => "Exchange, for the named mailboxes alone",
            Given::Either => "Exchange or Entra, for every mailbox",
        };
        let name = format!("`{}`{}", one.permission.name(), if one.is_optional { " (optional)" } else { "" });
        row(&[&name, &format!("to {}", one.why), given, one.permission.does_not_allow()])
    });
    let mut text = table(&["right", "used", "granted by", "does not allow"], rows);
    text += "\nOf an event are read: ids, start and end, organizer, who is invited and who answered what, \
             whether it was cancelled, and the field in which the session's id stands. ";
    text += "Of events that are no training, nothing is kept. Nothing is written but subscriptions (orders \
             to be told when a calendar changes)";
    text += match sheet.tenant.canary_written().is_some() || sheet.inviting().is_some() {
        true => " and what follows.\n",
        false => ".\n",
    };
    if let Some(organizer) = sheet.inviting() {
        text += &format!(
            "Written are events for the LMS's sessions in the calendar of `{organizer}`; Exchange mails \
             whoever is invited, told of a change or told that it is off.\n"
        );
    }
    if let Some(instructors) = sheet.instructors() {
        text += match instructors {
            Instructors::Names => {
                "Instructors are invited likewise, and see by name in their event who holds a place.\n"
            }
            Instructors::Count | Instructors::None => {
                "Instructors are invited likewise, and see in their event how many hold a place, and \
                 nobody's name.\n"
            }
        };
    }
    if let Some(calendar) = sheet.calendar() {
        text += &format!("Sessions stand in the calendar of `{calendar}`, too, without anybody's name.\n");
    }
    if sheet.leads_on() {
        text += "A learner's event leads to a page of Regrets, and that one into the meeting. Who opens it, \
                 and when, is not stored; what the host notes of each request holds the page's address, with \
                 hashes of session and learner.\n";
    }
    if sheet.tenant.canary_written().is_some() {
        text += "Written is each day an event with a test mailbox: made, declined there and taken away \
                 again, in the calendars of that mailbox and of the organizer; nobody else is part of it.\n";
    }
    if let Some(kit) = sheet.canary_kit() {
        text += &format!(
            "Each day `{kit}` is asked to invite a test mailbox and to decline in its name: it is told the \
             addresses of that mailbox and of the organizer, and nobody else's.\n"
        );
    }
    if sheet.published.is_some() {
        text += "Of the LMS are read: its sessions with title, text, times, place and instructors, and who \
                 holds a place in them.\n";
    }
    if sheet.tenant.mails_alerts {
        text +=
            "From one mailbox mails are sent to whoever runs this, about connections and nobody's data.\n";
    }
    text
}

fn stored(sheet: &Sheet<'_>) -> String {
    let retention = days(sheet.tenant.policy.retention, "day", "days");
    let after = format!("{retention} after the session's end");
    let rows = Contents::all().map(|(contents, name)| {
        let (what, how_long) = match contents {
            Contents::Enrolments => (
                format!(
                    "**{}**; session id, state, kind of evidence, times, the LMS's answer, the story of the \
                     decision in sentences",
                    key(sheet)
                ),
                after.clone(),
            ),
            Contents::Links => (
                format!(
                    "{}; ids and times of calendar items; organizers and invited people as keyed hashes",
                    key(sheet)
                ),
                after.clone(),
            ),
            Contents::Mailboxes => (
                "object id of the user, id of the subscription, last error".to_owned(),
                "as long as the mailbox is watched".to_owned(),
            ),
            Contents::Agenda => ("what is due: references and ids".to_owned(), "until it is done".to_owned()),
            Contents::Audit => (
                "the audit: ids, what was done, when and why; name and reason of whoever decided".to_owned(),
                "until you delete it (by day)".to_owned(),
            ),
            Contents::Connections => (
                format!(
                    "state of the connections, open alerts, counts; how the consent stands, and the links by \
                     which administrators are asked for it: the name of whoever made one, the directory, \
                     times, the answer; {}",
                    match sheet.published {
                        None => "no learner's data",
                        Some(_) => {
                            "the LMS's sessions (title, text, times, place, instructors' names and \
                             addresses); who holds a place in them: **the LMS's key of the learner, address \
                             and name**; which event was written for whom (learner key, ids, times, hashes); \
                             how many mails were sent"
                        }
                    }
                ),
                format!(
                    "as long as the deployment; a link is good for {}, and deleted {} after that{}",
                    days(sheet.link_lifetime, "day", "days"),
                    days(LINKS_KEPT, "day", "days"),
                    sheet.published.map_or_else(String::new, |_| format!("; sessions and places: {after}"))
                ),
            ),
        };
        row(&[&format!("`{name}`"), &what, &how_long])
    });
    let place = match sheet.store {
        Some(StoreConfig::AzureTables(_)) => {
            "In the tables of the deployment's own Azure storage account (region: **…**), encrypted at rest."
        }
        Some(StoreConfig::Sqlite(_)) => "In a SQLite database on the machine that runs it (where: **…**).",
        None => "In the deployment's own storage (where: **…**).",
    };
    let heading = table(&["table", "what", "how long"], rows);
    let besides = if sheet.published.is_some() { "Beside what the LMS shows, no" } else { "No" };
    format!(
        "{place}\n\n{heading}\n{besides} subject, no text of an invitation, no list of attendees, no mail \
         address beside the learner key and no token of Microsoft's is stored. Logs hold ids, hashes and \
         times, for **…** days.\n"
    )
}

fn key(sheet: &Sheet<'_>) -> &'static str {
    match sheet.tenant.learner {
        LearnerKeySource::Mail => "the learner's mail address",
        LearnerKeySource::UserPrincipalName => "the learner's sign-in name",
        LearnerKeySource::EmployeeId => "the learner's employee number",
        LearnerKeySource::Id => "the learner's object id in the directory",
        LearnerKeySource::ExtensionAttribute(_) => "the learner's key from an attribute of the directory",
    }
}

fn leaves(sheet: &Sheet<'_>) -> String {
    let invited = match sheet.inviting() {
        Some(_) => {
            ", and the invitations: title, text, times and place of the session, name and address of whoever \
             is invited"
        }
        None => "",
    };
    format!(
        "To the LMS at `{}` (connector `{}`): {}, the session, and that the place is to be cancelled. To \
         Microsoft Graph: the address at which we are told of changes{invited}. To the channels that \
         `[alerts]` names: which connection is lost since when, nothing about a person. To nobody else: no \
         telemetry goes to the makers of Regrets.\n",
        sheet.lms_host(),
        sheet.connector(),
        key(sheet)
    )
}

fn readers() -> String {
    "The app itself; the operators whom you name (tables, logs); whoever has the management key (states and \
     stories of places). Microsoft as the operator of the platform, under your contract. Names: **…**.\n"
        .to_owned()
}

fn decided(sheet: &Sheet<'_>) -> String {
    let policy = &sheet.tenant.policy;
    let acts = match (policy.mode, &policy.only) {
        (PolicyMode::Observe, _) => {
            "Nothing: it observes, and writes down what it would have cancelled.".to_owned()
        }
        (PolicyMode::Act, only) => format!(
            "A plain decline is carried to the LMS after {}{}. The learner caused it, and may change their \
             mind until then by accepting again{}. Doubtful cases go to a person.",
            days(policy.grace, "day", "days"),
            if only.is_some() { ", for the named learners only" } else { "" },
            match policy.take_back {
                TakeBack::Record => "",
                TakeBack::Reinstate => {
                    "; whoever accepts soon afterwards is given the place back where it is free"
                }
            },
        ),
    };
    let invites = match sheet.inviting() {
        Some(_) => {
            " Whoever holds a place by the LMS's word is invited, told of changes, and told when the place \
             or the session is gone; nothing follows from a reading that is in doubt."
        }
        None => "",
    };
    format!("{acts}{invites} Each decision has its story, which can be shown to the learner.\n")
}

fn deleted(sheet: &Sheet<'_>) -> String {
    format!(
        "- One learner: `regrets ledger list --learner <key> --show-learners` finds, `regrets ledger \
         explain` tells. Rows go by themselves {} after the session; at once by deleting them from \
         the tables.\n\
         - While the connection is switched off (`active = false`), nothing is read, and what has come to \
         the end of its time is deleted all the same.\n\
         - The whole tenant: `regrets tenant purge {}`.\n",
        days(sheet.tenant.policy.retention, "day", "days"),
        sheet.tenant.name
    )
}

fn open() -> String {
    "- Controller, data protection officer: **…**\n- Legal basis, works agreement: **…**\n- Processors and \
     their contracts (Microsoft, the LMS's vendor): **…**\n- How learners are told: **…**\n"
        .to_owned()
}
