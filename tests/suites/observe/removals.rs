//! A copy that is gone, and nobody who says why: what the policy makes of it.

use super::situations::ends::BY_REMOVAL;
use crate::stage;
use simulator::Fault;
use simulator::stage::{Policy, Setup};
use simulator::world::act::Invite;
use suites::passing::impatiently;
use suites::{ORGANIZER, becomes, decline, invite, known, meeting, reply, setup, watched};

/// A removal without a word from the organizer's copy, and one that nobody can explain, by other policies
/// than the default.
#[tokio::test(flavor = "multi_thread")]
async fn weak_verdicts_follow_the_policy() {
    async fn one(policy: Policy, from_outside: bool, ends: &str) {
        let stage = stage(Setup { policy, ..setup(&["ana"]) }, |_| {}).await;
        let world = stage.simulator.world();
        watched(&stage, 1).await;
        world.invite(&Invite { from_outside, ..meeting("4711", &["ana"]) }).unwrap();
        known(&stage, 1).await;
        world.decline(&reply("ana", "4711").keep(false).silent()).unwrap();
        becomes(&stage, "4711", "ana", ends).await;
    }
    let quick = suites::quick;
    futures::join!(
        one(Policy { removed: "cancel", ..quick() }, false, "done removed/removal done; gone, 1 effects"),
        one(Policy { unseen: "review", ..quick() }, true, "review unseen/removal -; has place, 0 effects"),
        // Nobody's calendar but the learner's own is readable.
        one(Policy { organizers: false, ..quick() }, false, BY_REMOVAL),
    );
}

/// The copy is gone, and the organizer's mailbox refuses us for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_removal_of_which_a_mailbox_that_refuses_us_cannot_be_asked_goes_to_a_person() {
    let stage = stage(setup(&["ana"]), |world| invite(world, "4711", &["ana"])).await;
    let world = stage.simulator.world();
    world.inject(Fault::MailboxRefused { mailbox: ORGANIZER.to_owned() });
    watched(&stage, 1).await;
    known(&stage, 1).await;
    decline(world, "ana", "4711");
    impatiently(&stage, becomes(&stage, "4711", "ana", "review unknown/removal -; has place, 0 effects"))
        .await;
}
