//! Answers that are lost after the write, again and again: no second effect, and nothing is called done that
//! is not. `REGRETS_LOST_ANSWERS` says how many.

use crate::between::{Fault, FaultKind};
use crate::connector::{Shop, book, decline};
use crate::shop::date;
use pretix::{Desk, Order as Booked};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use regrets::enrolment::lms_answer::{LmsOutcome, Reach};
use regrets::lms::Order;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Instant;

const FEW: u64 = 12;
/// More attempts than mishaps.
const MOST: u32 = 8;
/// Side by side, each with a way to pretix of its own.
const LANES: u64 = 4;
/// Places of one order.
const TOGETHER: usize = 20;
/// An order of one place is cancelled whole and given back, so that a few are enough.
const ALONE: usize = 5;

/// One place, and how it is taken away.
struct Seat {
    learner: String,
    /// Index of its order, and its number in there, from 0.
    order: usize,
    number: usize,
    write: (Method, &'static str),
}

struct Academy {
    orders: Vec<Booked>,
    seats: Vec<Seat>,
    date: u64,
}

/// Half of the places alone in their orders, half with others; one more in each of these is nobody's here.
async fn academy(shop: &Shop, wanted: usize) -> Academy {
    let date = date(&shop.desk, 100_000).await;
    let mut made = Academy { orders: Vec::new(), seats: Vec::new(), date };
    let alone = (wanted / 2).clamp(1, ALONE);
    for order in 0..alone {
        let learner = format!("alone{order}@contoso.com");
        made.orders.push(book(shop, date, &[&learner]).await);
        made.seats.push(Seat { learner, order, number: 0, write: (Method::POST, "mark_canceled") });
    }
    let together = wanted - wanted / 2;
    for first in (0..together).step_by(TOGETHER) {
        let learners: Vec<String> = (first..together.min(first + TOGETHER))
            .map(|number| format!("with{number}@contoso.com"))
            .chain([format!("stays{first}@contoso.com")])
            .collect();
        let order = made.orders.len();
        made.orders.push(book(shop, date, &learners.iter().map(String::as_str).collect::<Vec<_>>()).await);
        let leaves = learners.into_iter().filter(|learner| learner.starts_with("with"));
        made.seats.extend(leaves.enumerate().map(|(number, learner)| Seat {
            learner,
            order,
            number,
            write: (Method::DELETE, "orderpositions"),
        }));
    }
    made
}

/// How often each place of an order was taken away, by its number.
async fn taken(desk: &Desk, order: &Booked) -> Vec<usize> {
    let mut counts = vec![0; order.positions.len()];
    let mut page = 1;
    loop {
        let path = desk.path("series", &format!("transactions/?order={}&page={page}", order.code));
        let told = desk.act(Method::GET, &path, None).await.unwrap();
        for row in told.json["results"].as_array().unwrap() {
            if row["count"] == json!(-1) {
                counts[usize::try_from(row["positionid"].as_u64().unwrap()).unwrap() - 1] += 1;
            }
        }
        if told.json["next"] == Value::Null {
            return counts;
        }
        page += 1;
    }
}

async fn is_gone(shop: &Shop, order: &Booked, number: usize) -> bool {
    let seen = shop.place(order, number).await;
    seen.starts_with("cancelled") || seen.ends_with(" c")
}

/// The write's answer is lost; and some more goes wrong around it.
fn misfortune(shop: &Shop, (method, part): &(Method, &'static str), dice: &mut StdRng) {
    let fault = |method: &Method, part, after, kind| Fault { method: method.clone(), part, after, kind };
    shop.between.calm();
    let early = dice.random_range(0..2);
    for _ in 0..early {
        let kind = if dice.random() { FaultKind::LosesRequest } else { FaultKind::Proxy };
        shop.between.fault(fault(method, part, 0, kind));
    }
    shop.between.fault(fault(method, part, early, FaultKind::LosesAnswer));
    for _ in 0..dice.random_range(0..3) {
        let kind = if dice.random() { FaultKind::LosesAnswer } else { FaultKind::Proxy };
        shop.between.fault(fault(&Method::GET, "/api/", dice.random_range(0..12), kind));
    }
}

#[derive(Debug, Default)]
struct Figures {
    effects: usize,
    doubled: usize,
    done: usize,
    found_done: usize,
    attempts: usize,
    given_back: usize,
}

/// Plays these seeds one after the other, at an academy of their own.
async fn play(shop: Shop, seeds: Vec<u64>) -> Figures {
    let academy = academy(&shop, seeds.len()).await;
    let (mut figures, mut rounds) = (Figures::default(), vec![0_usize; academy.seats.len()]);
    let alone = academy.seats.iter().filter(|seat| seat.write.0 == Method::POST).count();
    for (at, seed) in seeds.into_iter().enumerate() {
        // Alone and together by turns.
        let at = if at % 2 == 1 { at / 2 % alone } else { alone + at / 2 };
        let seat = &academy.seats[at];
        let order = &academy.orders[seat.order];
        if is_gone(&shop, order, seat.number).await {
            let path = shop.desk.path("series", &format!("orders/{}/reactivate/", order.code));
            shop.desk.act(Method::POST, &path, Some(&json!({}))).await.unwrap();
            figures.given_back += 1;
        }
        rounds[at] += 1;
        misfortune(&shop, &seat.write, &mut StdRng::seed_from_u64(seed));
        let mut decided = decline(academy.date, &seat.learner);
        decided.id = format!("rgr_{seed}");
        let mut last = LmsOutcome::Outage;
        for attempt in 1..=MOST {
            let reply = shop.cancel(&Order { attempt, ..decided.clone() }).await;
            figures.attempts += 1;
            decided.may_be_repeated |= reply.reach == Reach::Sent;
            last = reply.outcome;
            if last != LmsOutcome::Outage {
                let says_gone = matches!(last, LmsOutcome::Done | LmsOutcome::AlreadyCancelled);
                assert!(says_gone, "seed {seed}: {reply:?}");
                break;
            }
        }
        shop.between.seen();
        shop.between.calm();
        assert_ne!(last, LmsOutcome::Outage, "seed {seed}");
        assert!(is_gone(&shop, order, seat.number).await, "seed {seed}: a false {last:?}");
        if last == LmsOutcome::Done { figures.done += 1 } else { figures.found_done += 1 }
    }
    for (index, order) in academy.orders.iter().enumerate() {
        for (number, count) in taken(&shop.desk, order).await.into_iter().enumerate() {
            let seat = academy.seats.iter().position(|seat| seat.order == index && seat.number == number);
            let once_each = seat.map_or(0, |seat| rounds[seat]);
            assert!(count >= once_each, "{}: {count} of {once_each}", order.code);
            figures.effects += count;
            figures.doubled += count - once_each;
        }
    }
    figures
}

#[tokio::test]
async fn a_lost_answer_has_one_effect_however_often_it_is_played() {
    let wanted = std::env::var("REGRETS_LOST_ANSWERS").ok().map_or(FEW, |text| text.parse().unwrap());
    let began = Instant::now();
    let mut lanes = Vec::new();
    for lane in 0..LANES.min(wanted) {
        let Some(shop) = Shop::open("regrets").await else { return };
        let seeds = (0..wanted).filter(|seed| seed % LANES == lane).collect();
        lanes.push(play(shop, seeds));
    }
    let all = futures::future::join_all(lanes).await;
    let sum = |of: fn(&Figures) -> usize| all.iter().map(of).sum::<usize>();
    let (effects, doubled) = (sum(|lane| lane.effects), sum(|lane| lane.doubled));
    println!(
        "{wanted} answers lost: {effects} effects, {doubled} doubled, 0 false done; {} done, {} found done, \
         {} attempts, {} given back, {:.0} s",
        sum(|lane| lane.done),
        sum(|lane| lane.found_done),
        sum(|lane| lane.attempts),
        sum(|lane| lane.given_back),
        began.elapsed().as_secs_f64()
    );
    assert_eq!((effects, doubled), (usize::try_from(wanted).unwrap(), 0));
}
