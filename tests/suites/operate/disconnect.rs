//! `regrets disconnect`: the list first, then the deed; killed in the middle; and what a tenant's deployment
//! does afterwards, until it is on again or its last row is gone.

use super::connected::{CAT, fabrikam, loses_the_place, of, section, until};
use super::terminal::Terminal;
use crate::stage;
use regrets::ids::{TenantName, UserId};
use regrets::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use serde_json::Value;
use simulator::Fault;
use simulator::blobs::Blobs;
use simulator::stage::{Setup, Stage, Storage};
use std::process::Output;
use std::time::Duration;
use suites::passing::ledger_of;
use suites::{address, came_true, decline, drained, invite, known, setup, stays, wait_until, watched};

const SIGNED: [&str; 5] = ["--yes", "--by", "olga", "--reason", "they leave"];

/// contoso with these learners, and fabrikam, which goes on whatever becomes of contoso. Gives the
/// configuration as it is while both are on.
async fn two_tenants(names: &[&str]) -> (Stage, Blobs, String) {
    let blobs = Blobs::start().await.unwrap();
    let mut setup: Setup = setup(names);
    let second = fabrikam();
    setup.options.tenants.push(second.clone());
    setup.plans = Some("* * * * * *");
    setup.blobs = Some(blobs.clone());
    let stage = stage(setup, |_| ()).await;
    let first = blobs.text("regrets.toml").unwrap();
    let both = format!("{first}{}", section(&second, stage.simulator.lms_url()));
    blobs.put("regrets.toml", &both);
    watched(&stage, names.len()).await;
    until(&stage, "fabrikam", "/mailboxes/watched", 1.into()).await;
    (stage, blobs, both)
}

/// Off, for so long that no instance can be serving it.
async fn switched_off(stage: &Stage, blobs: &Blobs, both: &str) {
    blobs.put("regrets.toml", &both.replacen("[tenant.contoso]", "[tenant.contoso]\nactive = false", 1));
    until(stage, "contoso", "/active", false.into()).await;
    wait_until(stage, "it may be disconnected", || async {
        let listed = stage.manage("tenants/contoso/disconnect").await.unwrap_or_default();
        if listed["blocked"].is_null() && listed["left"].is_u64() { Ok(()) } else { Err(listed.to_string()) }
    })
    .await;
}

/// Contoso's subscriptions at Graph.
fn at_graph(stage: &Stage, names: &[&str]) -> usize {
    let world = stage.simulator.world();
    names.iter().map(|name| world.subscriptions_of(&address(name)).len()).sum()
}

fn contoso() -> TenantName {
    TenantName::new("contoso")
}

async fn rows(stage: &Stage) -> Vec<MailboxRow> {
    mailboxes::all(&ledger_of(stage), &contoso()).await.unwrap()
}

/// No row names a subscription any more.
async fn is_tidied(stage: &Stage, names: &[&str]) {
    let rows = rows(stage).await;
    assert_eq!(rows.len(), names.len());
    for row in rows {
        assert_eq!((row.state, &row.subscription, row.expires), (SubscriptionState::Wanted, &None, None));
        assert!((row.key, row.url) == (None, None), "nothing of the subscription stays");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_listed_then_taken_away_from_graph_and_nobody_watches_it_until_it_is_on_again() {
    let names = ["ana", "ben"];
    let (stage, blobs, both) = two_tenants(&names).await;
    let world = stage.simulator.world();
    invite(world, "4711", &names);
    known(&stage, 2).await;
    drained(&stage).await;

    let mut terminal = Terminal::of(&stage);
    terminal.types(&["disconnect", "contoso"]).await;
    terminal.types(&[&["disconnect", "contoso"][..], &SIGNED].concat()).await;
    insta::assert_snapshot!("while_it_is_on", terminal.take());
    assert_eq!(at_graph(&stage, &names), 2);

    switched_off(&stage, &blobs, &both).await;
    // Whoever made it was killed before they wrote it down.
    let ben = UserId::new(world.user_id(&address("ben")).unwrap().to_string());
    let forgotten = |row: Option<&MailboxRow>| {
        Some(MailboxRow { state: SubscriptionState::Wanted, ..row?.unsubscribed() })
    };
    mailboxes::update(&ledger_of(&stage), &contoso(), &ben, forgotten).await.unwrap();
    terminal.types(&["disconnect", "contoso"]).await;
    terminal.types(&["disconnect", "contoso", "--json"]).await;
    terminal.types(&["disconnect", "contoso", "--yes"]).await;
    terminal.types(&["disconnect", "contosso"]).await;
    terminal.types(&[&["disconnect", "contosso"][..], &SIGNED].concat()).await;
    insta::assert_snapshot!("the_list", terminal.take());
    assert_eq!(at_graph(&stage, &names), 2, "asking for the list removes nothing");

    terminal.types(&[&["disconnect", "contoso"][..], &SIGNED].concat()).await;
    assert_eq!(at_graph(&stage, &names), 0);
    is_tidied(&stage, &names).await;
    terminal.types(&[&["disconnect", "contoso", "--json"][..], &SIGNED].concat()).await;
    terminal.types(&["disconnect", "contoso"]).await;
    terminal.types(&["status", "--tenant", "contoso"]).await;
    terminal.types(&["mailboxes", "--tenant", "contoso"]).await;
    insta::assert_snapshot!("the_deed", terminal.take());

    // The deployment says so, looks at nothing of it, and gives an administrator the link all the same.
    let asked = async |args: &[&str]| -> Value {
        let Output { status, stdout, stderr } = Terminal::of(&stage).run(args, &[]).await;
        assert!(status.success(), "{args:?}: {}", String::from_utf8_lossy(&stderr));
        serde_json::from_slice(&stdout).unwrap()
    };
    let found = asked(&["doctor", "--url", &stage.url, "--json"]).await;
    let lines = found["tenants"]["contoso"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["check"]), (1, &"switched-off".into()), "{found}");
    assert!(lines[0]["seen"].as_str().unwrap().starts_with("since 20"), "{found}");
    assert!(found["tenants"]["fabrikam"].as_array().unwrap().len() > 10, "{found}");
    let consent = asked(&["consent", "--tenant", "contoso", "--new", "--by", "olga", "--json"]).await;
    assert_eq!((&consent["active"], consent["off_since"].is_string()), (&false.into(), true), "{consent}");
    assert!(consent["link"]["page"].is_string(), "{consent}");

    // Whatever comes by: planning rounds, the daily round, a decline of which nobody is told.
    decline(world, "ana", "4711");
    stage.run_function("housekeeping").await.unwrap();
    stays(&stage, "contoso is let alone", || async {
        let seen = (at_graph(&stage, &names), world.is_enrolled("4711", &address("ana")));
        if seen == (0, true) { Ok(()) } else { Err(format!("{seen:?}")) }
    })
    .await;
    is_tidied(&stage, &names).await;
    assert_eq!(of(&stage, "contoso", "/counts/watched").await, 2, "its places are kept");
    assert_eq!(of(&stage, "contoso", "/alerts").await, Value::Array(Vec::new()));
    assert_eq!(of(&stage, "fabrikam", "/mailboxes/watched").await, 1);
    assert_eq!(world.subscriptions_of(CAT).len(), 1);

    blobs.put("regrets.toml", &both);
    watched(&stage, 2).await;
    assert_eq!(at_graph(&stage, &names), 2);
    loses_the_place(&stage, "4711", &address("ana")).await;
    assert!(world.is_enrolled("4711", &address("ben")));
}

/// The handler is killed while Graph removes them, and so is who called it. Called again, the rest goes; in
/// the end the section is taken out, and what is stored is deleted.
#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_it_is_called_again_and_in_the_end_nothing_of_the_tenant_is_left() {
    let names: Vec<String> = (0..45).map(|at| format!("learner{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut stage, blobs, both) = two_tenants(&names).await;
    switched_off(&stage, &blobs, &both).await;
    let mut left = at_graph(&stage, &names);
    assert_eq!(left, 45);
    for _ in 0..2 {
        stage.simulator.world().inject(Fault::GraphSlow { ms: 300 });
        let mut caller = Terminal::of(&stage)
            .command(&[&["disconnect", "contoso"][..], &SIGNED].concat(), &[])
            .spawn()
            .unwrap();
        let fewer = || async {
            match at_graph(&stage, &names) {
                now if now < left => Ok(now),
                now => Err(format!("{now} are left")),
            }
        };
        left = came_true(fewer).await.unwrap();
        assert!(stage.kill_handler().await.unwrap());
        caller.kill().await.unwrap();
        stage.simulator.world().clear_faults();
        wait_until(&stage, "it is up again", || async {
            stage.manage("status").await.map(drop).map_err(|why| why.to_string())
        })
        .await;
    }
    let named = rows(&stage).await.iter().filter(|row| row.subscription.is_some()).count();
    assert!(named >= at_graph(&stage, &names), "a row is cleared after Graph has let go of its subscription");

    let Output { status, stdout, stderr } =
        Terminal::of(&stage).run(&[&["disconnect", "contoso", "--json"][..], &SIGNED].concat(), &[]).await;
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let done: Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!((&done["left"], &done["busy"]), (&0.into(), &0.into()), "{done}");
    assert_eq!(done["removed"], named, "what Graph does not know any more counts as gone");
    assert_eq!(at_graph(&stage, &names), 0);
    is_tidied(&stage, &names).await;

    let (root, config) = (stage.root.display().to_string(), stage.root.join("served.toml"));
    let purge = ["tenant", "purge", "contoso", "--yes", "--root", &root, "--config"];
    let purge = [&purge[..], &[config.to_str().unwrap()]].concat();
    let (name, place) = match stage.storage() {
        Storage::Sqlite => ("REGRETS_STORE", format!("sqlite:{root}/.regrets/ledger.db")),
        Storage::Azurite(azurite) => ("AzureWebJobsStorage", azurite.connection_string()),
    };
    let ledger = [(name, place.as_str())];
    std::fs::write(&config, &both).unwrap();
    let refused = Terminal::of(&stage).run(&purge, &ledger).await;
    assert!(String::from_utf8_lossy(&refused.stderr).contains("contoso still stands in the configuration"));
    let without = section(&fabrikam(), stage.simulator.lms_url());
    let public = both.lines().next().unwrap();
    std::fs::write(&config, format!("{public}\n{without}")).unwrap();
    blobs.put("regrets.toml", &format!("{public}\n{without}"));
    until(&stage, "contoso", "", Value::Null).await;
    let purged = Terminal::of(&stage).run(&purge, &ledger).await;
    assert!(purged.status.success(), "{}", String::from_utf8_lossy(&purged.stderr));
    assert_eq!(rows(&stage).await.len(), 0);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!((at_graph(&stage, &names), rows(&stage).await.len()), (0, 0));
    assert_eq!(of(&stage, "fabrikam", "/mailboxes/watched").await, 1);
}
