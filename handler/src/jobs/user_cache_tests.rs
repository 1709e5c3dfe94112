use super::*;
use crate::jobs::testing::graph::unavailable;
use crate::jobs::testing::{World, user};
use futures::join;
use std::sync::atomic::Ordering;

async fn hesitating() -> World {
    let world = World::new().await;
    world.graph.yields.store(true, Ordering::SeqCst);
    world.graph.all_calls();
    world
}

#[tokio::test(start_paused = true)]
async fn who_asks_while_another_is_asking_waits_for_that_answer() {
    let world = hesitating().await;
    let (context, graph, ana) = (world.context(), world.graph.as_ref(), user("stranger"));
    let (one, other) = join!(context.users.user(graph, &ana), context.users.user(graph, &ana));
    assert_eq!((one.unwrap(), other.unwrap()), (None, None));
    assert_eq!(world.graph.calls("user"), 1);

    let address = Address::new("nobody@contoso.com");
    let (one, other) =
        join!(context.users.organizer(graph, &address), context.users.organizer(graph, &address));
    assert_eq!((one.unwrap(), other.unwrap()), (None, None));
    assert_eq!(world.graph.calls("user_by_address"), 1);

    let asked = std::sync::Mutex::new(0);
    let read = || async {
        *asked.lock().unwrap() += 1;
        tokio::task::yield_now().await;
        Ok(BTreeSet::new())
    };
    let (one, other) = join!(context.users.named(read), context.users.named(read));
    assert!(one.unwrap().is_empty() && other.unwrap().is_empty());
    assert_eq!(*asked.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_by_those_who_wait_and_not_remembered() {
    let world = hesitating().await;
    let (context, graph, ana) = (world.context(), world.graph.as_ref(), user("stranger"));
    world.graph.state.lock().unwrap().directory = Some(unavailable());
    let (one, other) = join!(context.users.user(graph, &ana), context.users.user(graph, &ana));
    assert_eq!((one, other), (Err(unavailable()), Err(unavailable())));
    world.graph.state.lock().unwrap().directory = None;
    assert_eq!(context.users.user(graph, &ana).await, Ok(None));
}
