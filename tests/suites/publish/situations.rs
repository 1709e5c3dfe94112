//! What is mailed when, under both answers to each question that nobody has answered about Exchange, and with
//! answers of Graph that are lost. The page that says so is made of the very rows.

use super::row::{Play, name};
use super::rows::ROWS;
use crate::stage;
use futures::future::join_all;
use simulator::faults::Fault;
use simulator::publishing::{allow, configure};
use simulator::world::write_matrix::WriteMatrix;
use std::fmt::Write as _;
use std::time::Duration;
use suites::checkout::root;
use suites::{ORGANIZER, alerts, setup, stays, wait_until, watched};

const PAGE: &str = "handler/src/publishing/situations.md";

const HEAD: &str = "\
# Who is mailed when

What the LMS says of a session and of who holds a place, and what learners and Exchange do, becomes mail, or
does not. This page is made of the rows that the end-to-end suite plays against the real binary, under both
answers wherever it is not known what Exchange does, and with every sixth answer of Graph lost; with the
policy's defaults.
`REGRETS_WRITE_PAGES=1 cargo test -p suites --test e2e mailed_when` writes it anew.

| Situation | Who is mailed |
|---|---|
";

#[test]
fn the_page_says_who_is_mailed_when() {
    let mut page = HEAD.to_owned();
    ROWS.iter().for_each(|row| writeln!(page, "| {} | {} |", row.name, row.told).unwrap());
    let path = root().join(PAGE);
    if std::env::var_os("REGRETS_WRITE_PAGES").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), page, "{PAGE}");
}

/// All rows at once, each with people of its own.
async fn play(matrix: WriteMatrix, is_lossy: bool) {
    let names: Vec<String> = ROWS
        .iter()
        .enumerate()
        .flat_map(|(number, row)| row.people().into_iter().map(move |who| name(number, who)))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut setup = setup(&[&names[..], &["zoe"]].concat());
    configure(&mut setup, ORGANIZER);
    let stage = stage(setup, |world| {
        allow(world, ORGANIZER);
        world.edit_writes(|writes| *writes = matrix);
    })
    .await;
    let world = stage.simulator.world();
    stage.connect_push().unwrap();
    watched(&stage, names.len() + 1).await;
    // The first mails wait for a person.
    let slot = simulator::world::item::Slot {
        start: chrono::Utc::now() + chrono::Duration::days(3),
        end: chrono::Utc::now() + chrono::Duration::days(4),
    };
    world.hold_session("first", "The first", slot);
    world.enrol("first", &suites::address("zoe")).unwrap();
    world.tell_of("first").unwrap();
    wait_until(&stage, "one waits", || async {
        let held = stage.held_mails().await.map_err(|why| why.to_string())?;
        if held == 1 { Ok(()) } else { Err(format!("{held}")) }
    })
    .await;
    stage.let_out("kim", "these").await.unwrap();
    if is_lossy {
        let refused =
            |done| Fault::GraphWrite { mailbox: None, status: 503, code: None, retry_after: None, done };
        world.inject_each(refused(true), 6, Duration::from_secs(3_600));
        world.inject_each(refused(false), 7, Duration::from_secs(3_600));
    }
    let plays: Vec<Play<'_>> =
        ROWS.iter().enumerate().map(|(number, row)| Play::new(&stage, row, number)).collect();
    join_all(plays.iter().map(Play::run)).await;
    stays(&stage, "nobody else is mailed", || async {
        let wrong = plays.iter().find(|play| play.mails() != play.row.mails());
        wrong.map_or(Ok(()), |play| Err(format!("{}: {:?}", play.row.name, play.mails())))
    })
    .await;
    assert_eq!(world.told().refused, Vec::<String>::new());
    // Whoever deleted the invitation and said nothing.
    wait_until(&stage, "a person is asked, and of nothing else", || async {
        let open = alerts(&stage).await;
        if open == ["review"] { Ok(()) } else { Err(format!("{open:?}")) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mailed_when_exchange_is_as_we_guess() {
    play(WriteMatrix::default(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mailed_when_exchange_is_otherwise() {
    play(WriteMatrix::otherwise(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mailed_when_answers_are_lost() {
    play(WriteMatrix::default(), true).await;
}

/// Each by itself, which takes some minutes: `cargo test -p suites --test e2e mailed_when -- --ignored`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes"]
async fn mailed_when_one_answer_is_otherwise() {
    for (switch, _) in WriteMatrix::SWITCHES {
        println!("{switch}");
        play(WriteMatrix::flipped(&[switch]), false).await;
    }
}
