//! Moodle's core: a group stands for a session.

use super::moodle::{ANA, begin};
use super::situations::{Situation, Table, met, play};
use fake_lms::Fake;
use fake_lms::moodle::{Moodle, TOKEN};
use regrets::enrolment::lms_answer::LmsOutcome::{
    CredentialBroken, Done, HeldElsewhere, NotEnrolled, Unexpected, UnknownLearner, UnknownSession,
};

pub(crate) const SETTINGS: &[(&str, &str)] = &[("token", TOKEN)];

const REMOVED: &[&str] = &["remove 7 from group 41"];

fn leave(fake: &Fake<Moodle>) {
    fake.with(|moodle| moodle.groups.get_mut(&41).unwrap().members.remove(&ANA));
}

fn situations() -> Vec<Situation<Moodle>> {
    vec![
        met("A member of the group", |_| {}, Done, REMOVED),
        met("By the group's id number", |_| {}, Done, REMOVED)
            .in_session("6:2027-03-03")
            .with(&[("group_by", "idnumber")]),
        met("Not in the group", leave, NotEnrolled, &[]),
        met(
            "A cohort put the learner there",
            |f| {
                f.with(|m| {
                    m.groups.get_mut(&41).unwrap().members.insert(ANA, true);
                })
            },
            HeldElsewhere,
            &[],
        ),
        met("No such group in the course", |_| {}, UnknownSession, &[]).in_session("6:77"),
        met("No such course", |_| {}, UnknownSession, &[]).in_session("77:41"),
        met("The session names no group", |_| {}, Unexpected, &[]).in_session("6"),
        met("Nobody has this address", |_| {}, UnknownLearner, &[]).of("nobody@contoso.com"),
        met(
            "May not manage groups",
            |f| {
                f.with(|m| {
                    m.missing.insert("moodle/course:managegroups");
                })
            },
            Unexpected,
            &[],
        ),
        met("The token is wrong", |_| {}, CredentialBroken, &[]).with(&[("token", "another")]),
    ]
}

#[tokio::test]
async fn every_situation_of_a_group_has_its_outcome() {
    let situations = situations();
    let table = Table {
        connector: "moodle-group",
        begin,
        settings: SETTINGS,
        session: "6:41",
        effects: REMOVED,
        situations,
        events: Vec::new(),
    };
    play(table).await;
}
