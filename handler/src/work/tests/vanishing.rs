//! Invited and declined before anybody could look: only the organizer's calendar tells of it.

use crate::cancellation::table::State;
use crate::message::ChangeType;
use crate::store::Table;
use crate::work::testing::World;

#[tokio::test(start_paused = true)]
async fn a_kill_between_the_link_and_its_enrolment_loses_no_vanished_invitation() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    let row = world.row("ana", 1).await;

    // As the kill left it: the link is there, what follows from it is not. The hint comes again.
    let at = row.reference();
    world.office.tables.delete(Table::Enrolments, &at.partition, &at.row, None).await.unwrap();
    world.hint("ana", 1, ChangeType::Deleted).await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    world.assert_sound("found again");
}
