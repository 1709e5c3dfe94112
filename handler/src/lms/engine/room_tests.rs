use crate::clock::SystemClock;
use crate::enrolment::lms_answer::{LmsOutcome, Reach};
use crate::enrolment::policy::Rate;
use crate::lms::engine::connector::Engine;
use crate::lms::engine::settings::Settings;
use crate::lms::engine::testing::{
    Lms, Server, budget, engine, engine_with, file, http, order, post, settings, step, text,
};
use crate::lms::recipe::connector::{Cancels, ConnectorFile};
use crate::lms::recipe::rule::Test;
use crate::lms::recipe::step::Condition;
use crate::lms::{Budget, Connector as _};
use std::sync::Arc;
use std::time::Duration;

async fn serving(lms: &Arc<Lms>) -> Server {
    let knows = Arc::clone(lms);
    Server::start(move |seen| knows.answer(seen)).await
}

fn course() -> ConnectorFile {
    let mut file = file();
    file.about.cancels = Cancels::Course;
    file
}

#[tokio::test]
async fn membership_of_a_course_is_not_taken_away_unless_that_is_allowed() {
    let lms = Lms::showing("held");
    let reply = engine(course(), &serving(&lms).await).cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, lms.writes()), (LmsOutcome::Refused, 0));
    assert!(reply.message.as_ref().unwrap().contains("allow_course_unenrol"), "{reply:?}");

    // Suspending first and unenrolling then: neither.
    let mut two = course();
    let mut suspend = step("suspend", post("/cancel", &[("suspend", "{{ user.id }}")]));
    suspend.keeps_course = true;
    let value = text("{{ suspend.done }}");
    two.recipes.write[0].when = vec![Condition { value, test: Test::IsEmpty(false) }];
    two.recipes.write.insert(0, suspend);
    let reply = engine(two, &serving(&lms).await).cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, lms.writes()), (LmsOutcome::Refused, 0), "{reply:?}");

    let mut soft = course();
    soft.recipes.write[0].keeps_course = true;
    let reply = engine(soft, &serving(&lms).await).cancel(&order(), budget()).await;
    assert_eq!(reply.outcome, LmsOutcome::Done);

    let lms = Lms::showing("held");
    let server = serving(&lms).await;
    let allowed = Settings { allow_course_unenrol: true, ..settings(&server.url()) };
    let reply = engine_with(course(), allowed).cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, lms.writes()), (LmsOutcome::Done, 1));
}

#[tokio::test]
async fn no_write_begins_without_time_or_room_to_read_back() {
    let lms = Lms::showing("held");
    let server = serving(&lms).await;
    // Ten seconds for the write, and as many for reading back.
    let reply = engine(file(), &server).cancel(&order(), Budget::of(Duration::from_secs(19))).await;
    assert_eq!((reply.outcome, reply.reach), (LmsOutcome::Outage, Reach::NotTried), "{reply:?}");
    assert_eq!(lms.writes(), 0);

    let rate = Rate { requests: 3, per: chrono::TimeDelta::minutes(10) };
    let clock = Arc::new(SystemClock);
    let http = http();
    let settings = settings(&server.url());
    let engine = Engine::new(Arc::new(file()), "contoso".into(), settings, rate, http, clock);
    let reply = engine.unwrap().cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, reply.reach), (LmsOutcome::Outage, Reach::NotTried), "{reply:?}");
    assert_eq!(lms.writes(), 0, "the third request would be the write, and there is no fourth");
}

#[tokio::test]
async fn steps_that_are_passed_over_need_no_room() {
    let lms = Lms::showing("held");
    let server = serving(&lms).await;
    // Finding, reading, writing, reading back; none is left for a step that does not run.
    let rate = Rate { requests: 4, per: chrono::TimeDelta::minutes(10) };
    let mut file = file();
    let mut other = step("other", post("/other", &[]));
    other.when = vec![Condition { value: text("{{ user.id }}"), test: Test::IsEmpty(true) }];
    file.recipes.write.push(other);
    let (tenant, settings) = ("contoso".into(), settings(&server.url()));
    let engine = Engine::new(Arc::new(file), tenant, settings, rate, http(), Arc::new(SystemClock)).unwrap();
    let reply = engine.cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, lms.writes()), (LmsOutcome::Done, 1), "{reply:?}");
}
