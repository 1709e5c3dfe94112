//! Moodle's core: a course stands for a session.

use super::looked_up::{Event, LATER, STARTS, TITLE, event, one};
use super::situations::{Situation, Table, met, play};
use fake_lms::moodle::calendar::Entry;
use fake_lms::moodle::site::{Site, TokenState};
use fake_lms::moodle::{Database, Instance, Method, Moodle, TOKEN};
use fake_lms::{Fake, Mishap, On};
use regrets::enrolment::lms_answer::LmsOutcome::{
    AlreadyCancelled, CredentialBroken, Done, HeldElsewhere, NotEnrolled, Outage, Refused, Unclear,
    Unexpected, UnknownLearner, UnknownSession,
};
use regrets::lms::Lookup;

pub(crate) const ANA: u64 = 7;
pub(crate) const COURSE: u64 = 6;
pub(crate) const SETTINGS: &[(&str, &str)] = &[("token", TOKEN), ("enrolled_by", "manual")];
pub(crate) const UNENROL: &[(&str, &str)] = &[("remove", "unenrol"), ("allow_course_unenrol", "true")];

/// A course with a teacher, and two learners who have no place yet.
pub(crate) fn course() -> Moodle {
    let mut moodle = Moodle::default();
    moodle.course(COURSE);
    moodle.user(ANA, "ana");
    moodle.user(9, "ben");
    moodle
}

/// Ana is enrolled by hand.
pub(crate) fn begin() -> Moodle {
    let mut moodle = course();
    moodle.enrol(ANA, COURSE, Method::Manual);
    moodle.group(41, COURSE, "2027-03-03");
    moodle.join(ANA, 41);
    moodle
}

fn without_place(fake: &Fake<Moodle>) {
    fake.with(|moodle| moodle.enrolments.retain(|enrolment| enrolment.user != ANA));
}

fn enrolled(fake: &Fake<Moodle>, methods: &[Method]) {
    without_place(fake);
    fake.with(|moodle| methods.iter().for_each(|method| moodle.enrol(ANA, COURSE, *method)));
}

fn suspended(fake: &Fake<Moodle>) {
    fake.with(|moodle| moodle.suspend(ANA, COURSE));
}

fn manual(fake: &Fake<Moodle>, instance: Instance) {
    fake.with(|moodle: &mut Moodle| moodle.courses.get_mut(&COURSE).unwrap().manual = instance);
}

fn site(fake: &Fake<Moodle>, site: Site) {
    fake.with(|moodle| moodle.site = site);
}

pub(crate) fn lacking(fake: &Fake<Moodle>, capability: &'static str) {
    fake.with(|moodle| {
        moodle.missing.insert(capability);
    });
}

const SUSPENDED: &[&str] = &["suspend 7 in 6"];
const UNENROLLED: &[&str] = &["unenrol 7 from 6"];

fn places() -> Vec<Situation<Moodle>> {
    vec![
        met("An active manual place", |_| {}, Done, SUSPENDED),
        met("The place is suspended already", suspended, AlreadyCancelled, &[]),
        met("Not enrolled", without_place, NotEnrolled, &[]),
        met(
            "The account is suspended",
            |f| f.with(|m| m.users.get_mut(&ANA).unwrap().is_suspended = true),
            Done,
            SUSPENDED,
        ),
        met("Learners come in several ways", |_| {}, Refused, &[]).with(&[("enrolled_by", "mixed")]),
        met(
            "Said to be manual, and enrolled by themselves",
            |f| enrolled(f, &[Method::SelfEnrolment]),
            HeldElsewhere,
            &["CREATE an enrolment of 7 in 6"],
        ),
        met(
            "Manual, and by a cohort",
            |f| enrolled(f, &[Method::Manual, Method::Cohort]),
            HeldElsewhere,
            SUSPENDED,
        ),
        met(
            "Manual enrolment is switched off in the course",
            |f| manual(f, Instance::Disabled),
            Unexpected,
            &[],
        ),
        met("Unenrolling: an active manual place", |_| {}, Done, UNENROLLED).with(UNENROL),
        met("Unenrolling is not allowed", |_| {}, Refused, &[]).with(&[("remove", "unenrol")]),
        met("Unenrolling: a suspended place", suspended, Done, UNENROLLED).with(UNENROL),
        met(
            "Unenrolling the only participant",
            |f: &Fake<Moodle>| f.with(|m| m.enrolments.retain(|e| e.user == ANA)),
            Done,
            UNENROLLED,
        )
        .with(UNENROL),
        met(
            "Unenrolling: enrolled by themselves",
            |f| enrolled(f, &[Method::SelfEnrolment]),
            HeldElsewhere,
            &[],
        )
        .with(UNENROL),
        met("Unenrolling: by a cohort", |f| enrolled(f, &[Method::Cohort]), HeldElsewhere, &[]).with(UNENROL),
        met("Unenrolling: by another course", |f| enrolled(f, &[Method::Meta]), HeldElsewhere, &[])
            .with(UNENROL),
        met(
            "Unenrolling: manual, and by themselves",
            |f| enrolled(f, &[Method::Manual, Method::SelfEnrolment]),
            HeldElsewhere,
            UNENROLLED,
        )
        .with(UNENROL),
        met(
            "Unenrolling: manual enrolment is switched off in the course",
            |f| manual(f, Instance::Disabled),
            Done,
            UNENROLLED,
        )
        .with(UNENROL),
        met(
            "Unenrolling: the course has no manual enrolment",
            |f| {
                enrolled(f, &[Method::Cohort]);
                manual(f, Instance::None);
            },
            Unexpected,
            &[],
        )
        .with(UNENROL),
        met(
            "The same, with debugging on",
            |f| {
                enrolled(f, &[Method::Cohort]);
                manual(f, Instance::None);
                f.with(|moodle| moodle.debugging = true);
            },
            Outage,
            &[],
        )
        .with(UNENROL),
        met(
            "10,000 participants",
            |f| f.with(|m| (2000..12_000).for_each(|id| m.enrol(id, COURSE, Method::Manual))),
            Done,
            SUSPENDED,
        ),
    ]
}

fn people() -> Vec<Situation<Moodle>> {
    vec![
        met("Nobody has this address", |_| {}, UnknownLearner, &[]).of("nobody@contoso.com"),
        met("The account was deleted", |f| f.with(|m| m.delete_user(ANA)), UnknownLearner, &[]),
        met("Two accounts with one address", |f| f.with(|m: &mut Moodle| m.user(8, "ana")), Unclear, &[]),
        met("The address in capital letters", |_| {}, Done, SUSPENDED).of("ANA@CONTOSO.COM"),
        met(
            "The same on a database that knows one spelling",
            |f: &Fake<Moodle>| f.with(|m| m.database = Database::Postgres),
            Done,
            SUSPENDED,
        )
        .of("ANA@CONTOSO.COM"),
        met("Only another spelling with an accent", |f| f.with(|m| m.user(ANA, "aná")), UnknownLearner, &[]),
        met("By user name, in capital letters", |_| {}, Done, SUSPENDED)
            .of("Ana")
            .with(&[("by", "username")]),
        met("By id number", |_| {}, Done, SUSPENDED).of("E-ana").with(&[("by", "idnumber")]),
        met("No such course", |_| {}, UnknownSession, &[]).in_session("77"),
        met("The session is no number", |_| {}, Unexpected, &[]).in_session("fire-safety"),
    ]
}

fn rights() -> Vec<Situation<Moodle>> {
    vec![
        met("May not see addresses", |f| lacking(f, "moodle/site:viewuseridentity"), UnknownLearner, &[]),
        met(
            "May not see participants' details",
            |f| lacking(f, "moodle/user:viewdetails"),
            UnknownLearner,
            &[],
        ),
        met("May not see other groups", |f| lacking(f, "moodle/site:accessallgroups"), Unclear, &[]),
        met("May not see participants", |f| lacking(f, "moodle/course:viewparticipants"), Unexpected, &[]),
        met("May not review enrolments", |f| lacking(f, "moodle/course:enrolreview"), Unexpected, &[]),
        met("May not enter the course", |f| lacking(f, "moodle/course:view"), Unexpected, &[]),
        met("May not enrol", |f| lacking(f, "enrol/manual:enrol"), Unexpected, &[]),
        met("May not assign the role", |_| {}, Unexpected, &[]).with(&[("role", "3")]),
        met("Unenrolling: may not unenrol", |f| lacking(f, "enrol/manual:unenrol"), Unexpected, &[])
            .with(UNENROL),
        met(
            "A function is missing in the service",
            |f| {
                f.with(|m| {
                    m.without.insert("enrol_manual_enrol_users");
                })
            },
            Unexpected,
            &[],
        ),
        met("The token is wrong", |_| {}, CredentialBroken, &[]).with(&[("token", "another")]),
        met("The token has expired", |f| f.with(|m| m.token = TokenState::Expired), CredentialBroken, &[]),
        met("May not use REST", |f| lacking(f, "webservice/rest:use"), CredentialBroken, &[]),
        met(
            "The service's account is suspended",
            |f| f.with(|m| m.token = TokenState::Account("wsaccessusersuspended")),
            CredentialBroken,
            &[],
        ),
        met(
            "The service's account was deleted",
            |f| f.with(|m| m.token = TokenState::Account("wsaccessuserdeleted")),
            CredentialBroken,
            &[],
        ),
        met(
            "The service's account is gone, in other words",
            |f| f.with(|m| m.token = TokenState::Account("userdeleted")),
            CredentialBroken,
            &[],
        ),
        met(
            "The service's account is not confirmed",
            |f| f.with(|m| m.token = TokenState::Account("usernotconfirmed")),
            CredentialBroken,
            &[],
        ),
        met(
            "The service's account must change its password",
            |f| f.with(|m| m.token = TokenState::Account("forcepasswordchangenotice")),
            CredentialBroken,
            &[],
        ),
        met(
            "The service's account must agree to the policy",
            |f| f.with(|m| m.token = TokenState::Account("sitepolicynotagreed")),
            CredentialBroken,
            &[],
        ),
    ]
}

fn states_of_the_site() -> Vec<Situation<Moodle>> {
    vec![
        met("Maintenance", |f| site(f, Site::Maintenance), Outage, &[]),
        met("Maintenance from the command line", |f| site(f, Site::MaintenanceCli), Outage, &[]),
        met("The site is being upgraded", |f| site(f, Site::Upgrading), Outage, &[]),
        met("The database is down", |f| site(f, Site::DatabaseDown), Outage, &[]),
        met("Web services are switched off", |f| site(f, Site::ServicesOff), CredentialBroken, &[]),
        met("Our address is blocked", |f| site(f, Site::Blocked), Outage, &[]),
        met("Called by another name than its own", |f| site(f, Site::CalledOtherwise), Unexpected, &[]),
        met("The body is lost on its way", |f| site(f, Site::BodyLost), Unexpected, &[]),
        met("Another write at the same moment", |f| f.with(|m| m.conflicts = 1), Outage, &[]),
        met(
            "The answer to the write is lost, and the roster can't be read",
            |f| {
                f.plan(On::Writes, 0, 1, Mishap::LostAfter);
                f.plan(On::Reads, 2, 9, Mishap::gateway());
            },
            Outage,
            SUSPENDED,
        ),
        met("A sign-in page instead of the roster", |f| f.plan(On::Reads, 1, 9, Mishap::page()), Outage, &[]),
    ]
}

fn named(fake: &Fake<Moodle>, course: u64, name: &str, starts: i64) {
    fake.with(|moodle| {
        moodle.course(course);
        let course = moodle.courses.get_mut(&course).unwrap();
        name.clone_into(&mut course.name);
        course.starts = starts;
    });
}

fn entry(fake: &Fake<Moodle>, id: u64, course: u64, starts: i64) {
    fake.with(|moodle| moodle.calendar.insert(id, Entry { course, group: None, starts, lasts: 10_800 }));
}

/// The uid of an entry of this site's calendar.
const UID: &str = "77@{host}";

fn events() -> Vec<Event<Moodle>> {
    vec![
        event("a course of this name that starts then", |f| named(f, 6, TITLE, STARTS), one("6")),
        event(
            "two courses of this name, one of which starts then",
            |f| {
                named(f, 6, TITLE, STARTS);
                named(f, 8, TITLE, LATER);
            },
            one("6"),
        ),
        event(
            "a course of this name that starts at another time",
            |f| named(f, 6, TITLE, LATER),
            Lookup::None,
        ),
        event("a course of this name without a start", |f| named(f, 6, TITLE, 0), Lookup::None),
        event(
            "a course of another name that starts then",
            |f| named(f, 6, "First aid", STARTS),
            Lookup::None,
        ),
        event(
            "two courses of this name that start then",
            |f| {
                named(f, 6, TITLE, STARTS);
                named(f, 8, TITLE, STARTS);
            },
            Lookup::Many,
        ),
        event(
            "a course of this name that starts then, and the event has no title",
            |f| named(f, 6, "", STARTS),
            Lookup::None,
        )
        .titled(""),
        event("one, and the event has no start", |f| named(f, 6, TITLE, 0), Lookup::None).undated(),
        event("a calendar entry with the event's uid", |f| entry(f, 77, 6, STARTS), one("6")).with_uid(UID),
        event("one with the event's uid, which has moved", |f| entry(f, 77, 6, LATER), Lookup::None)
            .with_uid(UID),
        event("one with the event's uid, of no course", |f| entry(f, 77, 1, STARTS), Lookup::None)
            .with_uid(UID),
        event("one of that number, and the uid is another site's", |f| entry(f, 77, 6, STARTS), Lookup::None)
            .with_uid("77@lms.example"),
        event(
            "a course of this name, and the functions are not in the service",
            |f| {
                named(f, 6, TITLE, STARTS);
                f.with(|m| m.without.insert("core_course_get_courses"));
            },
            Lookup::Unknown,
        ),
        event(
            "a course of this name, and the list breaks off",
            |f| {
                named(f, 6, TITLE, STARTS);
                f.plan(On::Reads, 0, 99, Mishap::LostBefore);
            },
            Lookup::Unknown,
        ),
    ]
}

#[tokio::test]
async fn every_situation_of_moodle_has_its_outcome() {
    let situations = [places(), people(), rights(), states_of_the_site()].into_iter().flatten().collect();
    let table = Table {
        connector: "moodle",
        begin,
        settings: SETTINGS,
        session: "6",
        effects: SUSPENDED,
        situations,
        events: events(),
    };
    play(table).await;
}
