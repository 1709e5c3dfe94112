//! Online meetings: whose link stands where, who waits for it, and what never ends one.

use super::play::*;
use crate::jobs::publish::join;
use crate::jobs::publish::publish_session::publish;
use crate::jobs::testing::join::join_links;
use crate::jobs::testing::published::Teams;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::alerts;
use crate::publishing::event_key::Audience;
use crate::publishing::policy::{Chosen, Join, JoinWho, Online, Publisher};
use crate::publishing::testing::session;
use crate::sessions::join::Door;
use crate::sessions::session::{Session, SessionState};
use crate::store::Table;

fn of(online: Online) -> Publisher {
    Publisher { online, calendar: None, ..publisher() }
}

/// The LMS shows no link.
fn unlinked(hour: u32, names: &[&str]) -> Session {
    let mut session = led(session(hour), names);
    session.parts[0].link = None;
    session
}

async fn publishes(world: &World, online: Online) {
    run_as(world, &of(online), &Chosen::All).await;
}

async fn open_alerts(world: &World) -> Vec<String> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|alert| alert.kind.to_string()).collect()
}

fn body(world: &World, name: &str) -> String {
    world.graph.invitations(name).pop().and_then(|event| event.body).unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn learners_are_invited_with_the_link_of_the_sessions_own_event() {
    let world = World::new().await;
    tell(&world, &unlinked(10, &["ina"]), &[held("ana")]).await;
    publishes(&world, Online::Event).await;
    assert_eq!(mailed(&world), [to("ana", "invited"), to("ina", "invited")]);
    assert!(body(&world, "ana").contains("https://teams.example/published-1"), "{}", body(&world, "ana"));
    // Whatever changes, the text of the meeting is never written again (the fake sees to that).
    let mut edited = unlinked(14, &["ina", "jo"]);
    (edited.title, edited.description) = ("First aid, again".into(), Some("Bring water.".into()));
    tell(&world, &edited, &[held("ana"), held("ben")]).await;
    publishes(&world, Online::Event).await;
    let mails = [to("ana", "changed"), to("ben", "invited"), to("ina", "changed"), to("jo", "invited")];
    assert_eq!(mailed(&world), mails);
    assert!(body(&world, "ben").contains("https://teams.example/published-1"));
    // Not wanted any more: it can't be taken back, and learners keep the way in.
    tell(&world, &Session { description: None, ..edited.clone() }, &[held("ana"), held("ben")]).await;
    publishes(&world, Online::None).await;
    assert_eq!(mailed(&world), []);
    assert!(body(&world, "ana").contains("https://teams.example/published-1"));
    let off = Session { state: SessionState::Cancelled, ..edited };
    tell(&world, &off, &[held("ana"), held("ben")]).await;
    publishes(&world, Online::Event).await;
    assert_eq!(mailed(&world), ["ana", "ben", "ina", "jo"].map(|name| to(name, "cancelled")));
    assert_eq!(open_alerts(&world).await, Vec::<String>::new());
}

/// Nobody leads it: the event is there for the meeting alone, and goes without a word.
#[tokio::test(start_paused = true)]
async fn a_meeting_without_instructors_is_made_before_anything_may_be_mailed() {
    let world = World::new().await;
    tell(&world, &unlinked(10, &[]), &[held("ana")]).await;
    let (context, session) = (world.context(), the_session());
    let none =
        publish(&world.app, context, &of(Online::Event), &Chosen::All, &session, 0, ends()).await.unwrap();
    assert_eq!((none.due.mails, none.sent), (1, 0));
    assert_eq!(world.graph.published().len(), 1);
    publishes(&world, Online::Event).await;
    assert_eq!(mailed(&world), [to("ana", "invited")]);
    assert!(body(&world, "ana").contains("https://teams.example/published-1"));
    tell(&world, &Session { state: SessionState::Cancelled, ..unlinked(10, &[]) }, &[held("ana")]).await;
    publishes(&world, Online::Event).await;
    assert_eq!(mailed(&world), [to("ana", "cancelled")]);
    assert!(world.graph.published().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_link_that_comes_later_is_waited_for_and_not_for_ever() {
    for teams in [Teams::Late, Teams::Absent] {
        for is_soon in [true, false] {
            let world = World::new().await;
            world.graph.publishing(|it| it.teams = teams);
            tell(&world, &unlinked(10, &["ina"]), &[held("ana")]).await;
            let began = world.now();
            let once = async || {
                let (context, session) = (world.context(), the_session());
                publish(&world.app, context, &of(Online::Event), &Chosen::All, &session, u32::MAX, ends())
                    .await
            };
            let next = once().await.unwrap().next.unwrap();
            assert_eq!(mailed(&world), [to("ina", "invited")]);
            assert!(next <= began + minutes(2), "{next}");
            let comes = is_soon && teams == Teams::Late;
            if comes {
                world.graph.links_arrive();
            }
            publishes(&world, Online::Event).await;
            assert_eq!(mailed(&world), [to("ana", "invited")], "{teams:?}");
            assert_eq!(body(&world, "ana").contains("teams.example"), comes, "{teams:?}");
            assert_eq!(world.now() >= began + minutes(15), !comes, "{teams:?}");
            let alerts = open_alerts(&world).await;
            assert_eq!(alerts, if comes { vec![] } else { vec!["online-meeting"] }, "{teams:?}");
            if teams == Teams::Late && !comes {
                // It comes after all: a change.
                world.graph.links_arrive();
                tell(&world, &unlinked(10, &["ina"]), &[held("ana")]).await;
                publishes(&world, Online::Event).await;
                assert_eq!(mailed(&world), [to("ana", "changed")]);
                assert!(body(&world, "ana").contains("teams.example"));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_links_of_the_lms_win_whenever_they_come() {
    for online in [Online::Event, Online::Meeting] {
        let world = World::new().await;
        tell(&world, &led(session(10), &["ina"]), &[held("ana")]).await;
        publishes(&world, online).await;
        assert!(body(&world, "ana").contains("https://example.com/join"));
        assert!(body(&world, "ina").contains("https://example.com/join"));
        world.graph.publishing(|it| assert!(it.meetings.is_empty()));
        // It is taken back, and comes again.
        mailed(&world);
        tell(&world, &unlinked(10, &["ina"]), &[held("ana")]).await;
        publishes(&world, online).await;
        let replaced = |mails: Vec<(String, &'static str)>| match online {
            Online::Event => {
                assert_eq!(mails, [to("ana", "changed"), to("ina", "cancelled"), to("ina", "invited")],)
            }
            Online::Meeting | Online::None => assert_eq!(mails, [to("ana", "changed"), to("ina", "changed")]),
        };
        replaced(mailed(&world));
        assert!(body(&world, "ana").contains("teams.example"), "{}", body(&world, "ana"));
        tell(&world, &led(session(10), &["ina"]), &[held("ana")]).await;
        publishes(&world, online).await;
        replaced(mailed(&world));
        for name in ["ana", "ina"] {
            assert!(body(&world, name).contains("https://example.com/join"), "{}", body(&world, name));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_meeting_beside_the_calendar_is_made_once_and_waits_for_a_policy() {
    let world = World::new().await;
    world.graph.publishing(|it| it.no_policy = true);
    tell(&world, &unlinked(10, &["ina"]), &[held("ana")]).await;
    let began = world.now();
    let publisher = of(Online::Meeting);
    let once = async || {
        let (context, session) = (world.context(), the_session());
        let done = publish(&world.app, context, &publisher, &Chosen::All, &session, u32::MAX, ends());
        done.await.unwrap().next
    };
    loop {
        let next = once().await.unwrap();
        if mailed(&world).iter().any(|mail| mail.0 == "ana") {
            break;
        }
        world.clock.set(next);
    }
    assert!(world.now() >= began + minutes(15) && world.now() < began + minutes(18));
    assert_eq!(open_alerts(&world).await, ["online-meeting"]);
    // An hour later, and not each minute.
    assert!(once().await.unwrap() >= world.now() + minutes(50));
    world.graph.publishing(|it| {
        it.no_policy = false;
        it.lost.push_back("meet");
    });
    publishes(&world, Online::Meeting).await;
    assert_eq!(mailed(&world), [to("ana", "changed"), to("ina", "changed")]);
    assert!(body(&world, "ana").contains("https://teams.example/beside-0"));
    world.graph.publishing(|it| assert_eq!(it.meetings.len(), 1));
    // After a lost ledger it is the same.
    world.graph.publishing(|it| it.forgets = true);
    world.tables.wipe(Table::Connections);
    tell(&world, &unlinked(10, &["ina"]), &[held("ana")]).await;
    publishes(&world, Online::Meeting).await;
    assert_eq!(mailed(&world), []);
}

/// The session moves: so does its meeting, and nobody waits for that.
#[tokio::test(start_paused = true)]
async fn a_meeting_beside_the_calendar_moves_with_its_session() {
    let world = World::new().await;
    let times = |world: &World| {
        let mut all = Vec::new();
        world.graph.publishing(|it| all.extend(it.meetings.values().map(|meeting| meeting.times.unwrap())));
        all
    };
    let of_part = |session: &Session| (session.parts[0].span.start(), session.parts[0].span.end());
    tell(&world, &unlinked(10, &["ina"]), &[held("ana")]).await;
    publishes(&world, Online::Meeting).await;
    mailed(&world);
    for (hour, fault) in [(14, None), (15, Some("move_meeting")), (16, Some("meet"))] {
        world.graph.publishing(|it| it.lost.extend(fault));
        let moved = unlinked(hour, &["ina"]);
        tell(&world, &moved, &[held("ana")]).await;
        publishes(&world, Online::Meeting).await;
        assert_eq!(mailed(&world), [to("ana", "changed"), to("ina", "changed")], "{hour}");
        // The answer was lost: an hour later it is told again.
        world.clock.advance(minutes(61));
        publishes(&world, Online::Meeting).await;
        assert_eq!(times(&world), [of_part(&moved)], "{hour}");
        let own = written_of(&world, Audience::Session).await.meeting.unwrap();
        assert_eq!(own.told, Some(of_part(&moved)), "{hour}");
    }
    // What is as it was asks for nothing.
    assert_ne!(world.graph.calls("online_meeting"), 0);
    publishes(&world, Online::Meeting).await;
    assert_eq!(world.graph.calls("online_meeting"), 0);
    assert_eq!(mailed(&world), []);
    assert_eq!(open_alerts(&world).await, Vec::<String>::new());
}

/// Who is handed our page waits for nothing, and is led where the meeting is by then.
#[tokio::test(start_paused = true)]
async fn our_page_leads_into_the_meeting_that_was_made() {
    let world = World::new().await;
    world.graph.publishing(|it| it.teams = Teams::Late);
    let join = Some(Join { who: JoinWho::Everyone, opens: minutes(10) });
    let publisher = Publisher { join, ..of(Online::Event) };
    tell(&world, &unlinked(10, &["ina"]), &[held("ana")]).await;
    let (context, session) = (world.context(), the_session());
    publish(&world.app, context, &publisher, &Chosen::All, &session, u32::MAX, ends()).await.unwrap();
    assert_eq!(mailed(&world), [to("ana", "invited"), to("ina", "invited")]);
    assert!(body(&world, "ana").contains("/api/join/"), "{}", body(&world, "ana"));
    world.graph.links_arrive();
    run_as(&world, &publisher, &Chosen::All).await;
    assert_eq!(mailed(&world), []);
    let mut world = world;
    let publish = crate::config::Publish { publisher, ..super::rounds::publish() };
    world.tenant.publish = Some(publish);
    world.restart().await;
    let part = &unlinked(10, &[]).parts[0];
    let link = join_links("k1").link(&contoso(), &session, &part.id, &"ana@contoso.com".into());
    let token = link.address.path_segments().unwrap().next_back().unwrap().to_owned();
    let seat = join_links("k1").read(&token).unwrap();
    let joining = join::look(&world.app, &seat, part.span.start()).await.unwrap().unwrap();
    let own = written_of(&world, Audience::Session).await.meeting.unwrap().link.unwrap();
    assert_eq!(joining.door, Door::Open { link: own });
}

/// Killed at any write: the meeting is one, and each mail goes once.
#[tokio::test(start_paused = true)]
async fn wherever_it_is_killed_there_is_one_meeting_and_each_mail_goes_once() {
    for online in [Online::Event, Online::Meeting] {
        let mut deaths = 0;
        for n in 0.. {
            let mut unharmed = 0;
            for death in [Death::Before(n), Death::After(n)] {
                let mut world = World::new().await;
                tell(&world, &unlinked(10, &["ina"]), &[held("ana")]).await;
                let (publisher, session) = (of(online), the_session());
                let run = publish(
                    &world.app,
                    world.context(),
                    &publisher,
                    &Chosen::All,
                    &session,
                    u32::MAX,
                    ends(),
                );
                match world.tables.killed(death, run).await {
                    Some(done) => {
                        done.unwrap();
                        unharmed += 1;
                    }
                    None => deaths += 1,
                }
                world.restart().await;
                publishes(&world, online).await;
                assert_eq!(mailed(&world), [to("ana", "invited"), to("ina", "invited")], "{death:?}");
                assert!(body(&world, "ana").contains("teams.example"), "{death:?}");
                publishes(&world, online).await;
                assert_eq!(mailed(&world), [], "{death:?}");
            }
            if unharmed == 2 {
                break;
            }
        }
        assert!(deaths >= 8, "{deaths}");
    }
}
