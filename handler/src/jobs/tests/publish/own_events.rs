//! The session's own event, for its instructors, and the one in the organization's calendar.

use super::play::*;
use crate::calendar::matching::SessionSource;
use crate::jobs::observe::hints;
use crate::jobs::publish::publish_session::publish;
use crate::jobs::testing::published::CALENDAR;
use crate::jobs::testing::{ORGANIZER, World, address, changes, contoso, minutes, user};
use crate::ledger::source_sessions::{self, SourceSession};
use crate::ledger::{alerts, enrolments, links};
use crate::messages::{ChangeType, EnrolmentRef, Hint};
use crate::publishing::event_key::Audience;
use crate::publishing::policy::{Chosen, Instructors, Publisher};
use crate::publishing::testing::session;
use crate::publishing::written::Stand;
use crate::sessions::session::{Session, SessionState};
use crate::store::Table;

async fn open_alerts(world: &World) -> Vec<String> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|alert| format!("{} {}", alert.kind, alert.count)).collect()
}

/// Ina and Jo lead, and Ana comes.
async fn invited() -> World {
    let world = World::new().await;
    tell(&world, &led(session(10), &["ina", "jo"]), &[held("ana")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited"), to("ina", "invited"), to("jo", "invited")]);
    world
}

#[tokio::test(start_paused = true)]
async fn instructors_have_one_event_and_hear_of_what_concerns_them() {
    let world = invited().await;
    let own = || world.graph.invitations("ina").pop().unwrap();
    assert!(own().body.unwrap().contains("1 person holds a place"));
    // Who comes is no news.
    let led_by = |hour, names: &[&str]| led(session(hour), names);
    tell(&world, &led_by(10, &["ina", "jo"]), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ben", "invited")]);
    tell(&world, &led_by(14, &["ina", "jo"]), &[held("ana"), held("ben")]).await;
    run(&world).await;
    let changed = ["ana", "ben", "ina", "jo"].map(|name| to(name, "changed"));
    assert_eq!(mailed(&world), changed);
    assert!(own().body.unwrap().contains("2 people hold a place"));
    // Another leads: only those hear of it whom it concerns.
    tell(&world, &led_by(14, &["jo", "kim"]), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ina", "cancelled"), to("kim", "invited")]);
    // Both at once: who leads it no more hears that alone.
    tell(&world, &led_by(15, &["kim"]), &[held("ana"), held("ben")]).await;
    run(&world).await;
    let mails = [to("ana", "changed"), to("ben", "changed"), to("jo", "cancelled"), to("kim", "changed")];
    assert_eq!(mailed(&world), mails);
    // Nobody leads it.
    tell(&world, &session(15), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("kim", "cancelled")]);
    assert!(matches!(written_of(&world, Audience::Session).await.stand, Stand::CalledOff { .. }));
    tell(&world, &led_by(15, &["ina"]), &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ina", "invited")]);
    let off = Session { state: SessionState::Cancelled, ..led_by(15, &["ina"]) };
    tell(&world, &off, &[held("ana"), held("ben")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), ["ana", "ben", "ina"].map(|name| to(name, "cancelled")));
    assert!(world.graph.published().is_empty() && world.graph.published_in(CALENDAR).is_empty());
    assert_eq!(open_alerts(&world).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn lost_answers_are_looked_up_and_nobody_is_mailed_twice() {
    let world = World::new().await;
    let led_by = |hour, names: &[&str]| led(session(hour), names);
    let lose = |what| world.graph.publishing(|it| it.lost.push_back(what));
    lose("create");
    tell(&world, &led_by(10, &["ina"]), &[]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ina", "invited")]);
    lose("change");
    tell(&world, &led_by(14, &["ina"]), &[]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ina", "changed")]);
    lose("list");
    tell(&world, &led_by(14, &["ina", "jo"]), &[]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("jo", "invited")]);
    lose("call_off");
    tell(&world, &Session { state: SessionState::Cancelled, ..led_by(14, &["ina", "jo"]) }, &[]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ina", "cancelled"), to("jo", "cancelled")]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_ledger_makes_no_second_event_and_tells_who_is_new_alone() {
    let world = invited().await;
    world.graph.publishing(|it| it.forgets = true);
    for (names, mails) in
        [(["ina", "jo"], vec![]), (["ina", "kim"], vec![to("jo", "cancelled"), to("kim", "invited")])]
    {
        world.tables.wipe(Table::Connections);
        tell(&world, &led(session(10), &names), &[held("ana"), held("ben"), held("cem")]).await;
        run(&world).await;
        let mut mailed = mailed(&world);
        mailed.retain(|mail| !["ben", "cem"].contains(&mail.0.as_str()));
        assert_eq!(mailed, mails);
    }
    assert_eq!((world.graph.published().len(), world.graph.published_in(CALENDAR).len()), (4, 1));
}

/// The event's words name the session, so that it looks like a learner's.
async fn by_words() -> World {
    let words = SessionSource::Subject(regex::Regex::new("(?<session>4711)").unwrap());
    let publish = super::rounds::publish();
    World::with(move |tenant| {
        tenant.recognise.session = words;
        tenant.publish = Some(publish);
    })
    .await
}

fn titled(names: &[&str]) -> Session {
    led(Session { title: "First aid 4711".into(), ..session(10) }, names)
}

/// Ana leads the session, and holds no place in it.
#[tokio::test(start_paused = true)]
async fn an_instructors_decline_touches_no_place_and_is_told_once() {
    for world in
        [World::with(|tenant| tenant.publish = Some(super::rounds::publish())).await, by_words().await]
    {
        tell(&world, &titled(&["ana"]), &[held("ben")]).await;
        run(&world).await;
        assert_eq!(mailed(&world), [to("ana", "invited"), to("ben", "invited")]);
        for _ in 0..2 {
            let copy = world.graph.decline_published("ana");
            let mut own = world.graph.published().into_iter();
            let own = own.find(|one| one.attendees[0].address == address("ana")).unwrap().id;
            let changed =
                |name, event| Hint::Changed { mailbox: user(name), event, change: ChangeType::Updated };
            let organized = Hint::Organized { organizer: user(ORGANIZER), event: own.clone() };
            world.observe(&[changed("ana", copy), changed(ORGANIZER, own), organized]).await;
            world.pass(minutes(120)).await;
            run(&world).await;
        }
        let at = EnrolmentRef::of(&contoso(), &the_session(), &"ana@contoso.com".into());
        assert!(enrolments::load(&world.app.ledger, &at).await.unwrap().is_none());
        assert!(links::of_mailbox(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().is_empty());
        assert_eq!((world.lms.cancelled("ana", 4711), mailed(&world)), (0, vec![]));
        assert_eq!(open_alerts(&world).await, ["instructor-declined 1"]);
        // The learner's own event is what it was.
        let copy = world.graph.decline_published("ben");
        let change = ChangeType::Updated;
        world.observe(&[Hint::Changed { mailbox: user("ben"), event: copy, change }]).await;
        world.pass(minutes(120)).await;
        assert_eq!(world.lms.cancelled("ben", 4711), 1);
    }
}

/// The organizer's calendar tells of an answer: the session's events are looked at soon.
#[tokio::test(start_paused = true)]
async fn an_answer_is_read_without_any_news_of_the_lms() {
    let world = by_words().await;
    tell(&world, &titled(&["ana"]), &[]).await;
    run(&world).await;
    let (ledger, session) = (&world.app.ledger, the_session());
    let clear = |row: Option<&SourceSession>| Some(SourceSession { due: None, ..row?.clone() });
    source_sessions::update(ledger, &contoso(), &session, clear).await.unwrap();
    let event = world.graph.published().pop().unwrap().id;
    let hint = [Hint::Organized { organizer: user(ORGANIZER), event }];
    let due = async || source_sessions::load(ledger, &contoso(), &session).await.unwrap().unwrap().due;
    // What we have written ourselves tells nothing.
    world.observe(&hint).await;
    assert_eq!(due().await, None);
    world.graph.decline_published("ana");
    world.observe(&hint).await;
    assert_eq!(due().await, Some(world.now()));
}

/// Ana hears of the event before anybody could write down whose it is.
#[tokio::test(start_paused = true)]
async fn while_it_is_made_nobody_takes_it_for_a_learners() {
    let world = by_words().await;
    tell(&world, &titled(&["ana"]), &[]).await;
    world.graph.publishing(|it| it.lost.push_back("create"));
    once(&world).await.unwrap();
    let copy = world.graph.invitations("ana").pop().unwrap().id;
    let hint = Hint::Changed { mailbox: user("ana"), event: copy, change: ChangeType::Created };
    let seen = hints::observe(&world.app, &changes(&[hint])).await.unwrap();
    assert_eq!(seen.postponed, 1);
    run(&world).await;
    world.pass(minutes(120)).await;
    assert!(links::of_mailbox(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_nobody_is_invited_to_is_deleted_and_not_called_off() {
    let world = invited().await;
    // A person has taken everybody out of it by hand.
    let own = written_of(&world, Audience::Session).await.event.unwrap();
    let ana = written(&world, "ana").await.event.unwrap();
    for event in [&own, &ana] {
        world.graph.change(ORGANIZER, event, |event| event.attendees.clear());
    }
    let off = Session { state: SessionState::Cancelled, ..led(session(10), &["ina", "jo"]) };
    tell(&world, &off, &[held("ana")]).await;
    world.graph.publishing(|it| it.lost.extend(["delete", "delete", "delete"]));
    run(&world).await;
    assert_eq!(mailed(&world), []);
    assert!(world.graph.published().is_empty() && world.graph.published_in(CALENDAR).is_empty());
    assert_eq!(open_alerts(&world).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn the_calendar_shows_each_session_and_mails_nobody() {
    let world = World::new().await;
    // Nothing was granted.
    let silent = || async {
        let (context, publisher) = (world.context(), publisher());
        let (chosen, session) = (Chosen::These([].into()), the_session());
        publish(&world.app, context, &publisher, &chosen, &session, 0, ends()).await.unwrap()
    };
    tell(&world, &led(session(10), &["ina"]), &[held("ana")]).await;
    let done = silent().await;
    assert_eq!((done.due.mails, done.sent, done.next), (0, 0, None));
    let shown = || world.graph.published_in(CALENDAR);
    let [event] = &shown()[..] else { panic!("one event") };
    assert!(event.attendees.is_empty());
    assert_eq!(event.subject.as_deref(), Some("First aid"));
    assert!(!event.body.as_ref().unwrap().contains("http"), "{:?}", event.body);
    tell(&world, &led(session(14), &["ina"]), &[held("ana")]).await;
    let done = silent().await;
    world.clock.set(done.next.unwrap());
    silent().await;
    assert_eq!(shown()[0].start, Some(session(14).parts[0].span.start()));
    // Vanished from the LMS.
    let source = FakeSource::saying(crate::sessions::absence::SingleRead::Gone);
    merge_sessions(&world, &source, &sessions(&[])).await;
    silent().await;
    assert!(shown().is_empty());
    assert_eq!(mailed(&world), []);
    let rows = world.tables.dump(Table::Connections);
    assert!(!rows.iter().any(|row| row.partition.contains("~sent-mail")), "it costs nothing");
}

/// What is not wanted any more stays true as long as it stands.
#[tokio::test(start_paused = true)]
async fn what_stands_is_kept_true_though_such_events_are_not_wanted_any_more() {
    let world = invited().await;
    let quiet = Publisher { calendar: None, ..publisher() };
    let publishes = || run_as(&world, &quiet, &Chosen::All);
    tell(&world, &led(session(14), &["ina", "jo"]), &[held("ana")]).await;
    publishes().await;
    let shown = world.graph.published_in(CALENDAR);
    assert_eq!(shown[0].start, Some(session(14).parts[0].span.start()));
    let off = Session { state: SessionState::Cancelled, ..led(session(14), &["ina", "jo"]) };
    tell(&world, &off, &[held("ana")]).await;
    publishes().await;
    assert!(world.graph.published_in(CALENDAR).is_empty());
}

/// While it is tried with a few, instructors hear nothing, whoever was invited before.
#[tokio::test(start_paused = true)]
async fn only_the_chosen_are_written_to() {
    let world = World::new().await;
    let chosen = |names: &[&str]| Chosen::These(names.iter().map(|name| address(name)).collect());
    let publishes = async |chosen: Chosen| run_as(&world, &publisher(), &chosen).await;
    tell(&world, &led(session(10), &["ina", "jo"]), &[held("ana")]).await;
    publishes(chosen(&["jo"])).await;
    assert_eq!(mailed(&world), [to("jo", "invited")]);
    publishes(Chosen::All).await;
    assert_eq!(mailed(&world), [to("ana", "invited"), to("ina", "invited")]);
    // Ina would be told, too.
    tell(&world, &led(session(14), &["ina", "jo"]), &[held("ana")]).await;
    publishes(chosen(&["jo"])).await;
    tell(&world, &session(14), &[held("ana")]).await;
    publishes(chosen(&["jo"])).await;
    assert_eq!(mailed(&world), []);
}

#[tokio::test(start_paused = true)]
async fn instructors_who_are_not_wanted_are_not_invited_and_names_are_told_only_where_they_are_asked_for() {
    for (instructors, told) in
        [(Instructors::None, None), (Instructors::Names, Some("<p>ana@contoso.com</p>"))]
    {
        let world = World::new().await;
        tell(&world, &led(session(10), &["ina"]), &[held("ana")]).await;
        let publisher = Publisher { instructors, ..publisher() };
        let (context, session) = (world.context(), the_session());
        publish(&world.app, context, &publisher, &Chosen::All, &session, u32::MAX, ends()).await.unwrap();
        let body = world.graph.invitations("ina").pop().and_then(|event| event.body);
        match told {
            None => assert_eq!(body, None),
            Some(told) => assert!(body.as_ref().unwrap().contains(told), "{body:?}"),
        }
    }
}
