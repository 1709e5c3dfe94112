//! Our page in the place of a meeting's link: who hears of it, and who does not.

use super::play::*;
use crate::jobs::publish::publish_session::publish;
use crate::jobs::testing::World;
use crate::jobs::testing::join::join_links;
use crate::publishing::policy::{Chosen, Join, JoinWho, Publisher};
use crate::publishing::testing::session;
use chrono::Duration;
use std::sync::Arc;

fn of(who: Option<JoinWho>) -> Publisher {
    let join = who.map(|who| Join { who, opens: Duration::minutes(10) });
    Publisher { join, ..publisher() }
}

/// Until nothing waits.
async fn publishes(world: &World, who: Option<JoinWho>) {
    for _ in 0..20 {
        let (context, session, publisher) = (world.context(), the_session(), of(who));
        let run = publish(&world.app, context, &publisher, &Chosen::All, &session, u32::MAX, ends());
        match run.await.unwrap().next {
            Some(next) => world.clock.set(next.max(world.now() + Duration::milliseconds(1))),
            None => return,
        }
    }
    panic!("it comes to no end");
}

/// What Ana's event says.
fn says(world: &World) -> String {
    let mut all = world.graph.published().into_iter().filter_map(|event| event.body);
    all.find(|body| !body.is_empty()).unwrap_or_default()
}

const LINK: &str = "https://example.com/join";

#[tokio::test(start_paused = true)]
async fn our_page_stands_in_the_links_place_and_only_a_person_s_word_mails_for_it() {
    let mut world = World::new().await;
    tell(&world, &session(10), &[held("ana")]).await;
    publishes(&world, Some(JoinWho::Everyone)).await;
    assert_eq!(mailed(&world), [to("ana", "invited")]);
    let first = says(&world);
    let (part, learner) = (session(10).parts[0].id.clone(), "ana@contoso.com".into());
    let link = join_links("k1").link(&"contoso".into(), &the_session(), &part, &learner);
    assert!(first.contains(link.address.as_str()) && !first.contains(LINK), "{first}");
    // Looked at again; the LMS's link is another one; a key is rotated: nothing is written.
    let mut other = session(10);
    other.parts[0].link = Some("https://example.com/other".parse().unwrap());
    tell(&world, &other, &[held("ana")]).await;
    publishes(&world, Some(JoinWho::Everyone)).await;
    world.app.join = Some(Arc::new(join_links("k2,k1")));
    publishes(&world, Some(JoinWho::Everyone)).await;
    assert_eq!((mailed(&world), says(&world)), (vec![], first));
    // Another word of a person is told.
    publishes(&world, Some(JoinWho::Primary)).await;
    assert_eq!(mailed(&world), [to("ana", "changed")]);
    assert!(!says(&world).contains("http"), "{}", says(&world));
    publishes(&world, None).await;
    assert_eq!(mailed(&world), [to("ana", "changed")]);
    assert!(says(&world).contains("https://example.com/other"));
}

#[tokio::test(start_paused = true)]
async fn without_keys_learners_are_handed_nothing() {
    for who in [JoinWho::Everyone, JoinWho::Instructors, JoinWho::Primary] {
        let mut world = World::new().await;
        world.app.join = None;
        tell(&world, &session(10), &[held("ana")]).await;
        publishes(&world, Some(who)).await;
        assert_eq!(mailed(&world), [to("ana", "invited")], "{who:?}");
        assert!(!says(&world).contains("http"), "{who:?}: {}", says(&world));
    }
}
