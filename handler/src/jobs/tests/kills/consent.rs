//! Consent: a link is made, and a browser comes back by it. Whoever is not answered does it again.

use super::observe::operation;
use super::{Operation, all_survive, consent};
use crate::jobs::operate::consent::answer::{self, Redirect};
use crate::jobs::operate::consent::ask;
use crate::jobs::operate::operator::Attribution;
use crate::jobs::testing::consent::links;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::consents;
use futures::FutureExt;

/// For other stores than memory, too.
pub(super) const ALL: &[fn()] = &[
    a_link_is_made_and_answered,
    an_answer_whose_taker_is_killed_comes_to_the_same_by_the_page_or_by_the_next_round,
];

const RIGHTS: &[&str] = &["Calendars.Read", "User.Read.All"];

/// Nothing is granted, and that is known.
async fn lacking() -> World {
    let world = World::new().await;
    world.graph.grant(&[]);
    world.watch().await;
    world.clock.advance(minutes(1));
    world
}

async fn asked() -> World {
    let world = lacking().await;
    ask(&world).await;
    world
}

async fn ask(world: &World) {
    let signed = Attribution { by: "olga".into(), reason: "a new customer".into() };
    ask::ask(&world.app, &links(), world.context(), &signed, false).await.unwrap();
}

/// The browser comes back by the link that was made.
async fn come_back(world: &World, redirect: Redirect) {
    let request = consents::all_requests(&world.app.ledger, &contoso()).await.unwrap().remove(0);
    let redirect = Redirect { state: Some(links().token(&request)), ..redirect };
    answer::take(&world.app, &links(), &redirect).await.unwrap();
}

fn yes() -> Redirect {
    Redirect { admin_consent: Some("True".into()), ..Redirect::default() }
}

fn no() -> Redirect {
    let description = Some("AADSTS65004: The resource owner denied.".to_owned());
    Redirect { error: Some("consent_required".into()), error_description: description, ..Redirect::default() }
}

fn elsewhere() -> Redirect {
    Redirect { tenant: Some("00000000-0000-0000-0000-0000000000aa".into()), ..yes() }
}

#[tokio::test(start_paused = true)]
async fn a_link_is_made_and_answered() {
    all_survive(&[
        operation!("asked", 4, lacking(), |world| ask(world).await),
        operation!(
            "granted, and the rights are there",
            6,
            async {
                let world = asked().await;
                world.graph.grant(RIGHTS);
                world
            },
            |world| come_back(world, yes()).await
        ),
        operation!("granted, and the rights are on their way", 4, asked(), |world| come_back(world, yes())
            .await),
        operation!("refused", 4, asked(), |world| come_back(world, no()).await),
        operation!("answered for another directory", 2, asked(), |world| come_back(world, elsewhere()).await),
    ])
    .await;
}

/// The same at once when the page is loaded again, and within one planning round when nobody does.
#[tokio::test(start_paused = true)]
async fn an_answer_whose_taker_is_killed_comes_to_the_same_by_the_page_or_by_the_next_round() {
    for redirect in [yes, no] {
        let world = asked().await;
        come_back(&world, redirect()).await;
        let unharmed = consent(&world).await;
        for n in 0.. {
            let mut is_killed = false;
            for death in [Death::Before(n), Death::After(n)] {
                for again in [true, false] {
                    let mut world = asked().await;
                    let killed = world.tables.killed(death, come_back(&world, redirect())).await.is_none();
                    is_killed |= killed;
                    world.restart().await;
                    let request = &consents::all_requests(&world.app.ledger, &contoso()).await.unwrap()[0];
                    if again || request.used.is_none() {
                        come_back(&world, redirect()).await;
                    } else {
                        world.watch().await;
                    }
                    assert_eq!(consent(&world).await, unharmed, "{death:?}, loaded again: {again}");
                }
            }
            if !is_killed {
                assert!(n >= 4, "it writes more than that");
                break;
            }
        }
    }
}
