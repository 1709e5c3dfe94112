//! What a person at a terminal is told: every command that asks a running Regrets, as an administrator of the
//! LMS would call it.

use super::terminal::Terminal;
use crate::stage;
use chrono::{Duration, Utc};
use serde_json::Value;
use simulator::Fault;
use simulator::world::act::Invite;
use simulator::world::directory::MailboxState;
use std::process::Output;
use suites::passing::{begin_now, hurry, ledger_of};
use suites::{address, becomes, decline, id, invite, known, meeting, reply, setup, wait_until, watched};

#[tokio::test(flavor = "multi_thread")]
async fn each_command_says_what_is_and_what_to_do_next() {
    let names = ["ana", "ben", "cem", "dora"];
    let stage = stage(setup(&names), |world| invite(world, "4711", &names)).await;
    let world = stage.simulator.world();
    watched(&stage, 4).await;
    known(&stage, 4).await;
    decline(world, "cem", "4711");
    becomes(&stage, "4711", "cem", "done declined/organizer-copy done; gone, 1 effects").await;
    world.delete(&reply("ana", "4711")).unwrap();
    becomes(&stage, "4711", "ana", "review removed/removal -; has place, 0 effects").await;

    let mut terminal = Terminal::of(&stage);
    terminal.types(&["status"]).await;
    terminal.types(&["valve"]).await;
    terminal.types(&["valve", "stop", "--by", "olga", "--reason", "exam week"]).await;
    terminal.types(&["alerts"]).await;
    terminal.types(&["mailboxes"]).await;
    terminal.types(&["mailboxes", "--standing", "refused"]).await;
    insta::assert_snapshot!("at_a_glance", terminal.take());

    decline(world, "ben", "4711");
    becomes(&stage, "4711", "ben", "waiting declined/organizer-copy -; has place, 0 effects").await;
    terminal.types(&["ledger", "list"]).await;
    terminal.types(&["ledger", "list", "--state", "review", "--show-learners"]).await;
    terminal.types(&["ledger", "list", "--limit", "1"]).await;
    terminal.types(&["ledger", "list", "--state", "done", "--show-learners", "--json"]).await;
    terminal.types(&["ledger", "list", "--state", "expired"]).await;
    insta::assert_snapshot!("lists", terminal.take());

    let given = format!("{}.1.1", id("4711", "cem"));
    terminal.types(&["ledger", "explain", "--learner", "cem@contoso.com", "--session", "4711"]).await;
    terminal.types(&["ledger", "explain", &given]).await;
    terminal.types(&["ledger", "explain", &id("4711", "ben")]).await;
    terminal.types(&["ledger", "explain", &id("4711", "ana")]).await;
    terminal.types(&["ledger", "show", &id("4711", "dora")]).await;
    insta::assert_snapshot!("one_enrolment", terminal.take());

    let signed = ["--by", "olga", "--reason", "she told me"];
    terminal.types(&[&["ledger", "approve", &id("4711", "ana")][..], &signed].concat()).await;
    terminal.types(&[&["valve", "open"][..], &signed].concat()).await;
    becomes(&stage, "4711", "ana", "done removed/removal done; gone, 1 effects").await;
    becomes(&stage, "4711", "ben", "done declined/organizer-copy done; gone, 1 effects").await;
    terminal.types(&[&["ledger", "ignore", &id("4711", "dora")][..], &signed].concat()).await;
    terminal.types(&[&["ledger", "retry", &id("4711", "cem")][..], &signed].concat()).await;
    terminal.types(&["ledger", "explain", "--learner", "ana@contoso.com", "--session", "4711"]).await;
    terminal.types(&[&["alerts", "acknowledge", "expired"][..], &signed].concat()).await;
    terminal.types(&["alerts", "--json"]).await;
    insta::assert_snapshot!("what_a_person_says", terminal.take());

    terminal.types(&["status", "--tenant", "contosso"]).await;
    terminal.types(&["ledger", "explain", "nobody"]).await;
    terminal.types(&["ledger", "explain", "--learner", "eve@contoso.com", "--session", "4711"]).await;
    terminal.types(&["ledger", "list", "--state", "revue"]).await;
    terminal.types(&["mailboxes", "--standing", "asleep"]).await;
    terminal.types(&[&["alerts", "acknowledge", "expird"][..], &signed].concat()).await;
    terminal.types(&["valve", "stop", "--by", "olga", "--reason", " "]).await;
    terminal.types_with(&["status"], &[("REGRETS_ADMIN_KEY", "wrong")]).await;
    terminal.types_with(&["status"], &[("REGRETS_URL", "http://127.0.0.1:9")]).await;
    terminal.types_with(&["status"], &[("REGRETS_URL", "localhost:7071")]).await;
    terminal.types_with(&["status"], &[("REGRETS_ADMIN_KEY", "")]).await;
    insta::assert_snapshot!("refusals", terminal.take());
}

/// What came too late on either side, whose mailbox may not be read, and times as a reader in Tokyo has them.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_and_what_came_too_late_is_told_in_the_readers_own_time() {
    let names = ["ana", "ben", "cem", "dora", "eve"];
    let mut setup = setup(&names);
    setup.policy.grace = "30m";
    let stage = stage(setup, |world| {
        world.edit_user(&address("dora"), |user| user.mailbox_state = MailboxState::OutOfScope).unwrap();
        world.edit_user(&address("eve"), |user| user.mailbox_state = MailboxState::NoMailbox).unwrap();
        invite(world, "4711", &["ana", "ben"]);
        let start = Utc::now() - Duration::hours(1);
        world
            .invite(&Invite { start, end: start + Duration::hours(2), ..meeting("4712", &["cem"]) })
            .unwrap();
    })
    .await;
    let world = stage.simulator.world();
    watched(&stage, 3).await;
    known(&stage, 3).await;
    decline(world, "ana", "4711");
    becomes(&stage, "4711", "ana", "waiting declined/organizer-copy -; has place, 0 effects").await;
    // The session begins before the grace is over; the calendar, which knows better, can't be read.
    let (code, retry_after) = (None, None);
    world.inject(Fault::GraphStatus { mailbox: None, status: 503, code, retry_after, outer: false });
    begin_now(&ledger_of(&stage), "4711", "ana").await;
    hurry(&ledger_of(&stage), "4711", "ana").await;
    becomes(&stage, "4711", "ana", "expired declined/organizer-copy too_late; has place, 0 effects").await;
    world.clear_faults();
    decline(world, "cem", "4712");
    becomes(&stage, "4712", "cem", "expired declined/organizer-copy too_late; has place, 0 effects").await;
    wait_until(&stage, "each is an alert", || async {
        let alerts = suites::alerts(&stage).await;
        if alerts.len() == 2 { Ok(()) } else { Err(format!("{alerts:?}")) }
    })
    .await;

    let mut terminal = Terminal::of(&stage);
    let tokyo = [("TZ", "JST-9")];
    terminal.types_with(&["status"], &tokyo).await;
    terminal.types_with(&["mailboxes", "--standing", "refused"], &tokyo).await;
    terminal.types_with(&["mailboxes", "--standing", "no-mailbox"], &tokyo).await;
    terminal.types_with(&["alerts"], &tokyo).await;
    terminal.types_with(&["ledger", "list", "--state", "expired", "--show-learners"], &tokyo).await;
    terminal
        .types_with(&["ledger", "explain", "--learner", "ana@contoso.com", "--session", "4711"], &tokyo)
        .await;
    terminal
        .types_with(&["ledger", "explain", "--learner", "cem@contoso.com", "--session", "4712"], &tokyo)
        .await;
    let signed = ["--by", "olga", "--reason", "told her"];
    terminal.types_with(&[&["ledger", "approve", &id("4711", "ana")][..], &signed].concat(), &tokyo).await;
    terminal.types_with(&[&["alerts", "acknowledge", "expired"][..], &signed].concat(), &tokyo).await;
    terminal.types_with(&["alerts"], &tokyo).await;
    insta::assert_snapshot!("refused_and_too_late", terminal.take());

    // The same moment for whoever reads as data, and for whoever reads in Tokyo.
    let Output { stdout, .. } = terminal.run(&["valve", "--json"], &tokyo).await;
    let data: Value = serde_json::from_slice(&stdout).unwrap();
    let utc = chrono::DateTime::parse_from_rfc3339(data["since"].as_str().unwrap()).unwrap();
    let tokyo_time = utc.with_timezone(&chrono::FixedOffset::east_opt(9 * 3600).unwrap());
    let Output { stdout, .. } = terminal.run(&["valve"], &tokyo).await;
    let told = String::from_utf8(stdout).unwrap();
    assert!(told.contains(&tokyo_time.format("%Y-%m-%d %H:%M:%S+09:00").to_string()), "{told} {utc}");
}
