//! Consent as an administrator and an operator meet it: asked, answered, noticed without a word, withdrawn
//! while everything runs, and given again.

use crate::calendar::event::Answer;
use crate::enrolment::policy::Mailboxes;
use crate::graph::{Failure, GraphError};
use crate::jobs::operate::consent::answer::{self, Answer as Told, Redirect};
use crate::jobs::operate::consent::ask;
use crate::jobs::operate::consent::links::ConsentLinks;
use crate::jobs::operate::consent::shown;
use crate::jobs::operate::housekeeping::housekeep;
use crate::jobs::operate::operator::Attribution;
use crate::jobs::testing::consent::links;
use crate::jobs::testing::graph::failure;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, contoso, minutes, user};
use crate::jobs::watch::switched_off;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::consents::{self, ConsentRequest, ConsentRow, ConsentState as State};
use crate::ledger::mailboxes::{self, SubscriptionState};
use crate::messages::ChangeType;
use crate::store::Table;
use chrono::Duration;
use std::sync::Arc;

const ALL: &[&str] = &["Calendars.Read", "User.Read.All"];

async fn row(world: &World) -> ConsentRow {
    consents::read(&world.app.ledger, &contoso()).await.unwrap().expect("something is known")
}

async fn state(world: &World) -> State {
    row(world).await.state
}

/// The alerts about consent that are open.
async fn open(world: &World) -> Vec<AlertKind> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    let kinds = open.into_iter().map(|alert| alert.kind);
    kinds.filter(|kind| kind.as_str().starts_with("consent")).collect()
}

/// One planning round later.
async fn round(world: &World) {
    world.clock.advance(minutes(5));
    world.watch().await;
}

async fn asked(world: &World) -> (Arc<ConsentLinks>, ConsentRequest) {
    let links = links();
    let signed = Attribution { by: "olga".into(), reason: "a new customer".into() };
    let request = ask::ask(&world.app, &links, world.context(), &signed, false).await.unwrap();
    (links, request)
}

fn yes(links: &ConsentLinks, request: &ConsentRequest) -> Redirect {
    Redirect {
        state: Some(links.token(request)),
        tenant: Some(request.directory.clone()),
        admin_consent: Some("True".into()),
        ..Redirect::default()
    }
}

fn no(links: &ConsentLinks, request: &ConsentRequest, error: &str, description: &str) -> Redirect {
    Redirect {
        error: Some(error.into()),
        error_description: Some(description.into()),
        // As the newer form has it, beside the error.
        admin_consent: Some("True".into()),
        tenant: None,
        state: Some(links.token(request)),
    }
}

async fn take(world: &World, links: &ConsentLinks, redirect: &Redirect) -> Told {
    answer::take(&world.app, links, redirect).await.unwrap()
}

/// A world in which everything is granted and known to be.
async fn granted() -> World {
    let world = World::new().await;
    world.graph.grant(ALL);
    world.watch().await;
    assert_eq!(state(&world).await, State::Granted);
    world
}

#[tokio::test(start_paused = true)]
async fn what_was_granted_long_ago_is_seen_at_once_and_asks_nobody() {
    let world = granted().await;
    assert_eq!(row(&world).await.granted, ALL);
    assert!(open(&world).await.is_empty());
    world.graph.all_calls();
    for _ in 0..12 {
        round(&world).await;
    }
    assert_eq!(world.graph.calls("granted_permissions"), 0, "no token is asked for where all is well");
    assert_eq!(world.graph.calls("held_permissions"), 12, "one look a round");
    world.clock.advance(Duration::days(1));
    world.watch().await;
    assert_eq!(world.graph.calls("granted_permissions"), 1, "once a day");
}

#[tokio::test(start_paused = true)]
async fn asked_answered_and_seen_is_granted_and_the_alert_ends() {
    let world = World::new().await;
    world.graph.grant(&[]);
    world.graph.state.lock().unwrap().directory = Some(GraphError::Refused(failure()));
    world.watch().await;
    assert_eq!((state(&world).await, open(&world).await), (State::NotAsked, vec![AlertKind::ConsentMissing]));
    let (links, request) = asked(&world).await;
    assert_eq!(state(&world).await, State::Asked);
    assert_eq!(open(&world).await, [AlertKind::ConsentMissing], "asked is not granted");

    // The yes comes before the rights do.
    let told = take(&world, &links, &yes(&links, &request)).await;
    assert!(matches!(told, Told::Said(_)));
    assert_eq!(state(&world).await, State::Pending, "nobody's word grants anything");
    round(&world).await;
    assert_eq!((state(&world).await, open(&world).await), (State::Pending, vec![AlertKind::ConsentMissing]));
    world.graph.grant(ALL);
    world.graph.state.lock().unwrap().directory = None;
    round(&world).await;
    assert_eq!((state(&world).await, open(&world).await), (State::Granted, vec![]));
}

#[tokio::test(start_paused = true)]
async fn rights_that_are_there_at_once_are_granted_while_the_browser_waits() {
    let world = World::new().await;
    world.graph.grant(&[]);
    world.watch().await;
    let (links, request) = asked(&world).await;
    world.graph.grant(ALL);
    let Told::Said(known) = take(&world, &links, &yes(&links, &request)).await else { panic!() };
    assert_eq!(known.row.state, State::Granted);
}

#[tokio::test(start_paused = true)]
async fn a_link_is_answered_once() {
    let world = World::new().await;
    world.graph.grant(&[]);
    let (links, request) = asked(&world).await;
    let refused = no(&links, &request, "consent_required", "AADSTS65004: The resource owner denied.");
    assert!(matches!(take(&world, &links, &refused).await, Told::Refused(_)));
    assert_eq!(state(&world).await, State::Refused);
    assert_eq!(row(&world).await.refusal.as_deref(), Some("consent_required, AADSTS65004"));
    world.graph.all_calls();
    let rows = world.tables.dump(Table::Connections);
    assert!(matches!(take(&world, &links, &yes(&links, &request)).await, Told::Replayed(_)));
    assert_eq!(world.tables.dump(Table::Connections), rows, "a replay changes nothing");
    assert!(world.graph.all_calls().is_empty(), "and asks nobody");
}

#[tokio::test(start_paused = true)]
async fn what_is_forged_reads_and_changes_nothing() {
    let world = World::new().await;
    let (links, request) = asked(&world).await;
    let rows = world.tables.dump(Table::Connections);
    let token = links.token(&request);
    let other = |tenant: &str| ConsentRequest { tenant: tenant.into(), ..request.clone() };
    for forged in [
        "guess".to_owned(),
        format!("{token}x"),
        token.replace("contoso", "fabrikam"),
        links.token(&other("fabrikam")),
    ] {
        let redirect = Redirect { state: Some(forged.clone()), ..yes(&links, &request) };
        assert!(matches!(take(&world, &links, &redirect).await, Told::Forged), "{forged}");
    }
    for state in [None, Some(String::new())] {
        let redirect = Redirect { state, ..yes(&links, &request) };
        assert!(matches!(take(&world, &links, &redirect).await, Told::NoState));
    }
    let signed = ConsentRequest { id: ConsentLinks::chance(), ..request.clone() };
    let unknown = yes(&links, &signed);
    assert!(matches!(take(&world, &links, &unknown).await, Told::Forgotten), "signed, and not in the ledger");
    assert_eq!(world.tables.dump(Table::Connections), rows);
    assert_eq!(state(&world).await, State::Asked);
}

#[tokio::test(start_paused = true)]
async fn another_directory_s_yes_is_no_yes_and_uses_the_link_up() {
    let world = World::new().await;
    world.graph.grant(ALL);
    let (links, request) = asked(&world).await;
    let elsewhere =
        Redirect { tenant: Some("00000000-0000-0000-0000-0000000000aa".into()), ..yes(&links, &request) };
    assert!(matches!(take(&world, &links, &elsewhere).await, Told::WrongTenant(_)));
    assert_eq!(state(&world).await, State::Asked);
    assert_eq!(world.graph.calls("granted_permissions"), 0);
    assert!(matches!(take(&world, &links, &yes(&links, &request)).await, Told::Replayed(_)));
    // The same in other letters is the same.
    let signed = Attribution { by: "olga".into(), reason: "again".into() };
    let request = ask::ask(&world.app, &links, world.context(), &signed, true).await.unwrap();
    let shouted = Redirect { tenant: Some(request.directory.to_uppercase()), ..yes(&links, &request) };
    assert!(matches!(take(&world, &links, &shouted).await, Told::Said(_)));
}

#[tokio::test(start_paused = true)]
async fn a_link_runs_out_and_says_so() {
    let world = World::new().await;
    world.graph.grant(&[]);
    world.watch().await;
    let (links, request) = asked(&world).await;
    world.clock.advance(Duration::hours(24));
    assert!(matches!(take(&world, &links, &yes(&links, &request)).await, Told::Expired(_)));
    assert_eq!(state(&world).await, State::Asked);
    world.watch().await;
    assert_eq!(state(&world).await, State::Expired);
    // Whoever said yes after that is noticed all the same.
    world.graph.grant(ALL);
    round(&world).await;
    assert_eq!(state(&world).await, State::Granted);
}

#[tokio::test(start_paused = true)]
async fn who_may_not_consent_and_what_microsoft_could_not_ask_leave_the_link_good() {
    let world = World::new().await;
    world.graph.grant(&[]);
    let (links, request) = asked(&world).await;
    let denied = no(&links, &request, "access_denied", "AADSTS90094: An administrator is needed.");
    assert!(matches!(take(&world, &links, &denied).await, Told::NotAdministrator(_)));
    let broken = no(&links, &request, "server_error", "<script>alert(1)</script> AADSTS50000: x");
    let Told::Failed(_, code) = take(&world, &links, &broken).await else { panic!() };
    assert_eq!(code, "server_error, AADSTS50000");
    let strange = no(&links, &request, "<b>", "");
    let Told::Failed(_, code) = take(&world, &links, &strange).await else { panic!() };
    assert_eq!(code, "an unreadable code");
    let silent = Redirect { admin_consent: Some("False".into()), ..yes(&links, &request) };
    assert!(matches!(take(&world, &links, &silent).await, Told::Failed(..)));
    assert_eq!(state(&world).await, State::Asked);
    let older = no(&links, &request, "permission_denied", "The admin canceled the request");
    let older = Redirect { admin_consent: None, ..older };
    assert!(matches!(take(&world, &links, &older).await, Told::Refused(_)), "the older form of a no");
}

#[tokio::test(start_paused = true)]
async fn a_second_administrator_s_approval_is_noticed_without_anybody_pressing() {
    for refused_before in [true, false] {
        let world = World::new().await;
        world.graph.grant(&["Calendars.Read"]);
        world.watch().await;
        let (links, request) = asked(&world).await;
        if refused_before {
            take(&world, &links, &no(&links, &request, "access_denied", "")).await;
        }
        for _ in 0..3 {
            round(&world).await;
        }
        assert_ne!(state(&world).await, State::Granted);
        // In the portal; the token that is held knows nothing of it.
        world.graph.grant(ALL);
        round(&world).await;
        assert_eq!(state(&world).await, State::Granted);
        assert!(open(&world).await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn withdrawn_while_running_is_told_within_a_round_loses_nothing_and_goes_on() {
    let world = granted().await;
    world.invited("ana", 1).await;
    let later = |event: &mut crate::calendar::event::Event| {
        event.start = event.start.map(|at| at + Duration::days(20));
        event.end = event.end.map(|at| at + Duration::days(20));
    };
    world.graph.copy("ana", 1, later);
    world.graph.original(1, later);
    world.hint("ana", 1, ChangeType::Updated).await;
    // Withdrawn: the next token is without the right, and no mailbox answers.
    world.graph.grant(&["User.Read.All"]);
    world.graph.end_token();
    for name in ["ana", "ben", "cem", "learning"] {
        world.graph.set_failure(name, Some(GraphError::Refused(failure())));
    }
    round(&world).await;
    assert_eq!(state(&world).await, State::Withdrawn, "within one round");
    let seen = row(&world).await;
    assert_eq!(
        (seen.missing, seen.lost),
        (vec!["Calendars.Read".to_owned()], vec!["Calendars.Read".to_owned()])
    );
    assert_eq!(open(&world).await, [AlertKind::ConsentWithdrawn]);
    // Subscriptions end, renewals are refused, and somebody declines meanwhile with nobody to tell us.
    for id in world.graph.subscribed() {
        world.graph.forget(&id);
    }
    world.clock.advance(Duration::days(5));
    world.watch().await;
    world.graph.answer("ana", 1, Answer::Declined);
    round(&world).await;
    let refused = mailboxes::load(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().unwrap();
    assert_eq!(refused.state, SubscriptionState::Refused);
    assert!(refused.due > world.now() + Duration::hours(20), "by itself it would be left alone for a day");
    assert_eq!(open(&world).await, [AlertKind::ConsentWithdrawn], "still, and no other");

    let (links, request) = asked(&world).await;
    assert_eq!(state(&world).await, State::Asked);
    assert_eq!(open(&world).await, [AlertKind::ConsentWithdrawn], "asked mends nothing");
    world.graph.grant(ALL);
    for name in ["ana", "ben", "cem", "learning"] {
        world.graph.set_failure(name, None);
    }
    take(&world, &links, &yes(&links, &request)).await;
    assert_eq!((state(&world).await, open(&world).await), (State::Granted, vec![]));
    round(&world).await;
    let watched = mailboxes::load(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().unwrap();
    assert_eq!(watched.state, SubscriptionState::Watched, "not in a day");
    world.pass_quietly(minutes(30)).await;
    assert_eq!(world.outcome("ana", 1).await.map(|kind| kind.word()), Some("done"), "nothing is lost");
}

#[tokio::test(start_paused = true)]
async fn an_app_that_is_shut_out_is_withdrawn_within_a_round() {
    let world = granted().await;
    let code = "unauthorized_client/AADSTS7000112".to_owned();
    let shut = GraphError::Credential {
        failure: Failure { status: Some(400), code, request_id: None },
        hint: "The app is disabled".into(),
    };
    world.graph.state.lock().unwrap().granted = Some(Err(shut));
    world.graph.end_token();
    round(&world).await;
    assert_eq!(
        (state(&world).await, open(&world).await),
        (State::Withdrawn, vec![AlertKind::ConsentWithdrawn])
    );
}

#[tokio::test(start_paused = true)]
async fn a_credential_that_is_wrong_says_nothing_of_consent() {
    let world = granted().await;
    let code = "invalid_client/AADSTS7000222".to_owned();
    let wrong = GraphError::Credential {
        failure: Failure { status: Some(401), code, request_id: None },
        hint: "The secret has expired".into(),
    };
    world.graph.state.lock().unwrap().granted = Some(Err(wrong));
    world.graph.end_token();
    round(&world).await;
    world.clock.advance(Duration::days(2));
    world.watch().await;
    assert_eq!((state(&world).await, open(&world).await), (State::Granted, vec![]));
}

#[tokio::test(start_paused = true)]
async fn what_graph_refuses_has_a_new_token_looked_at_though_the_old_one_says_all_is_well() {
    let world = granted().await;
    world.graph.grant(&["Calendars.Read"]);
    // The token that is held says User.Read.All still.
    world.graph.state.lock().unwrap().directory = Some(GraphError::Unauthorized(failure()));
    world.clock.advance(Duration::hours(2));
    world.watch().await;
    assert_eq!(
        (state(&world).await, open(&world).await),
        (State::Withdrawn, vec![AlertKind::ConsentWithdrawn])
    );
}

#[tokio::test(start_paused = true)]
async fn a_right_of_exchange_is_granted_when_a_mailbox_can_be_read_and_withdrawn_when_none_can() {
    let group = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    let world = World::with(|tenant| tenant.watch.mailboxes = Mailboxes::Group(group.into())).await;
    let members = ["ana", "ben", "cem"].map(user).to_vec();
    world.graph.state.lock().unwrap().groups.insert(group.into(), members);
    let refuse = |why: Option<GraphError>| {
        for name in ["ana", "ben", "cem"] {
            world.graph.set_failure(name, why.clone());
        }
    };
    world.graph.grant(&["User.Read.All", "GroupMember.Read.All"]);
    refuse(Some(GraphError::Refused(failure())));
    world.watch().await;
    assert_eq!(row(&world).await.missing, ["Calendars.Read"]);
    let (links, request) = asked(&world).await;
    take(&world, &links, &yes(&links, &request)).await;
    assert_eq!(state(&world).await, State::Pending, "Entra's part alone is not all");
    for _ in 0..20 {
        round(&world).await;
    }
    assert_eq!(state(&world).await, State::Pending, "Exchange takes its time");
    refuse(None);
    round(&world).await;
    assert_eq!(state(&world).await, State::Granted);
    // Gone in Exchange alone, which no token tells: mailboxes begin to refuse.
    refuse(Some(GraphError::Refused(failure())));
    for id in world.graph.subscribed() {
        world.graph.forget(&id);
    }
    world.clock.advance(Duration::days(5));
    world.watch().await;
    round(&world).await;
    assert_eq!(
        (state(&world).await, open(&world).await),
        (State::Withdrawn, vec![AlertKind::ConsentWithdrawn])
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_said_yes_to_and_never_comes_expires() {
    let world = World::new().await;
    world.graph.grant(&["Calendars.Read"]);
    let (links, request) = asked(&world).await;
    take(&world, &links, &yes(&links, &request)).await;
    world.clock.advance(Duration::hours(3));
    world.watch().await;
    assert_eq!(state(&world).await, State::Expired);
    assert_eq!(open(&world).await, [AlertKind::ConsentMissing]);
}

#[tokio::test(start_paused = true)]
async fn more_than_was_granted_is_drift_until_it_is_taken_away_or_said_yes_to() {
    let world = granted().await;
    world.graph.grant(&["Calendars.Read", "Mail.ReadWrite", "User.Read.All"]);
    world.graph.end_token();
    round(&world).await;
    assert_eq!((state(&world).await, open(&world).await), (State::Drifted, vec![AlertKind::ConsentDrifted]));
    assert_eq!(row(&world).await.excess, ["Mail.ReadWrite"]);
    world.graph.grant(ALL);
    world.graph.end_token();
    round(&world).await;
    assert_eq!((state(&world).await, open(&world).await), (State::Granted, vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_configuration_that_needs_more_is_drift_and_what_was_there_stays_in_use() {
    let mut world = granted().await;
    let group = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    world.tenant.policy.only = Some(Mailboxes::Group(group.into()));
    world.restart().await;
    round(&world).await;
    assert_eq!((state(&world).await, open(&world).await), (State::Drifted, vec![AlertKind::ConsentDrifted]));
    let seen = row(&world).await;
    assert_eq!((seen.missing, seen.lost), (vec!["GroupMember.Read.All".to_owned()], vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_can_t_be_looked_into_raises_no_alarm() {
    let world = World::new().await;
    for _ in 0..3 {
        round(&world).await;
    }
    assert_eq!((state(&world).await, open(&world).await), (State::NotAsked, vec![]));
    assert_eq!(world.graph.calls("granted_permissions"), 1);
}

#[tokio::test(start_paused = true)]
async fn asked_twice_there_is_one_link_and_old_ones_are_let_go_of() {
    let world = World::new().await;
    let (_, first) = asked(&world).await;
    let (links, second) = asked(&world).await;
    assert_eq!(first, second);
    let signed = Attribution { by: "olga".into(), reason: "lost it".into() };
    let third = ask::ask(&world.app, &links, world.context(), &signed, true).await.unwrap();
    assert_ne!(first.id, third.id);
    for (empty, word) in [("by", "by"), ("reason", "reason")] {
        let by = if empty == "by" { " " } else { "olga" };
        let reason = if empty == "reason" { "" } else { "x" };
        let signed = Attribution { by: by.into(), reason: reason.into() };
        let refused = ask::ask(&world.app, &links, world.context(), &signed, true).await.unwrap_err();
        assert!(refused.to_string().contains(word));
    }
    world.clock.advance(Duration::days(40));
    housekeep(&world.app).await.unwrap();
    assert!(consents::all_requests(&world.app.ledger, &contoso()).await.unwrap().is_empty());
    assert!(matches!(take(&world, &links, &yes(&links, &first)).await, Told::Forgotten));
}

/// Rights were withdrawn, and mailboxes stand as refused for a day.
async fn shut_out() -> World {
    let world = granted().await;
    world.graph.grant(&["User.Read.All"]);
    world.graph.end_token();
    for name in ["ana", "ben", "cem", "learning"] {
        world.graph.set_failure(name, Some(GraphError::Refused(failure())));
    }
    for id in world.graph.subscribed() {
        world.graph.forget(&id);
    }
    world.clock.advance(Duration::days(5));
    world.watch().await;
    round(&world).await;
    assert_eq!(state(&world).await, State::Withdrawn);
    world.graph.grant(ALL);
    for name in ["ana", "ben", "cem", "learning"] {
        world.graph.set_failure(name, None);
    }
    world
}

#[tokio::test(start_paused = true)]
async fn killed_at_any_write_what_came_back_is_taken_up_all_the_same() {
    for n in 0.. {
        let mut ended = false;
        for death in [Death::Before(n), Death::After(n)] {
            let mut world = shut_out().await;
            let tables = Arc::clone(&world.tables);
            world.clock.advance(minutes(5));
            ended = tables.killed(death, world.watch()).await.is_some();
            world.restart().await;
            for _ in 0..3 {
                round(&world).await;
            }
            assert_eq!((state(&world).await, open(&world).await), (State::Granted, vec![]), "{death:?}");
            let row = mailboxes::load(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().unwrap();
            assert_eq!(row.state, SubscriptionState::Watched, "{death:?}");
        }
        if ended {
            assert!(n > 5, "it writes more than that");
            return;
        }
    }
}

/// The link works, the answer stands, and nobody is called; on again, the first round sees the rights.
#[tokio::test(start_paused = true)]
async fn an_answer_for_a_tenant_that_is_switched_off_waits_until_it_is_on_again() {
    let mut world = World::new().await;
    world.graph.grant(&[]);
    world.watch().await;
    world.tenant.active = false;
    world.restart().await;
    switched_off::note(&world.app).await.unwrap();
    let since = world.now();
    world.clock.advance(minutes(30));
    let (links, request) = asked(&world).await;
    let shown = shown::consent(&world.app, &links, world.context()).await.unwrap();
    assert_eq!((shown.active, shown.off_since.map(|at| at.0)), (false, Some(since)));
    assert!(shown.link.is_some());
    world.graph.grant(ALL);
    world.graph.all_calls();
    let Told::Said(mut known) = take(&world, &links, &yes(&links, &request)).await else { panic!() };
    world.clock.advance(minutes(5));
    answer::look_again(&world.app, &mut known).await.unwrap();
    round(&world).await;
    assert_eq!((known.row.state, state(&world).await), (State::Pending, State::Pending));
    assert!(world.graph.all_calls().is_empty(), "nobody is called");

    world.tenant.active = true;
    world.restart().await;
    round(&world).await;
    round(&world).await;
    assert_eq!(state(&world).await, State::Granted);
    let shown = shown::consent(&world.app, &links, world.context()).await.unwrap();
    assert_eq!((shown.active, shown.off_since), (true, None));
}
