use super::*;
use crate::ledger::alert_changes::Told;

fn at(minutes: i64) -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::minutes(minutes)
}

const POLICY: Policy =
    Policy { settle: Duration::minutes(5), digest: Duration::hours(1), remind: Duration::days(1) };

fn told(is_open: bool, minutes: i64, opened: u64) -> Option<Told> {
    Some(Told { is_open, at: at(minutes), opened, message: "m".into() })
}

/// (is open, how often opened, changed at, first untold at)
fn actual((is_open, opened, changed, untold): (bool, u64, i64, Option<i64>)) -> Actual {
    Actual { is_open, is_acknowledged: false, opened, changed: Some(at(changed)), untold: untold.map(at) }
}

fn lately(since: i64, said: u32) -> Option<Lately> {
    Some(Lately { since: at(since), said })
}

#[test]
fn what_is_true_against_what_people_know() {
    use News::{Changed, Ended, Opened, Reminder};
    use Step::{Rest, Say, Wait};
    let day = 24 * 60;
    for (name, now, true_now, known, recent, step) in [
        ("nothing ever was", 0, (false, 0, 0, None), None, None, Rest),
        ("it opens", 0, (true, 1, 0, Some(0)), None, None, Say(Opened)),
        (
            "it opens again, long after",
            500,
            (true, 2, 500, Some(500)),
            told(false, 100, 1),
            None,
            Say(Opened),
        ),
        ("it is open, as was told", 5, (true, 1, 0, None), told(true, 0, 1), lately(0, 1), Wait(at(day))),
        ("it is open for a day", day, (true, 1, 0, None), told(true, 0, 1), lately(0, 1), Say(Reminder)),
        ("it ends", 10, (false, 1, 10, Some(10)), told(true, 0, 1), lately(0, 1), Wait(at(15))),
        ("it has ended", 15, (false, 1, 10, Some(10)), told(true, 0, 1), lately(0, 1), Say(Ended)),
        ("it is over, as was told", 30, (false, 1, 10, None), told(false, 15, 1), lately(0, 2), Rest),
        ("it was open and nobody saw it", 2, (false, 1, 1, Some(0)), None, None, Wait(at(6))),
        ("the same, settled", 6, (false, 1, 1, Some(0)), None, None, Say(Changed { times: 1 })),
        ("over before anybody was to be told", 2, (false, 9, -1, Some(-2)), None, None, Rest),
        ("open before anybody was to be told", 2, (true, 9, -1, Some(-2)), None, None, Say(Opened)),
        (
            "it went away and is back",
            20,
            (true, 2, 12, Some(10)),
            told(true, 0, 1),
            lately(0, 1),
            Wait(at(70)),
        ),
        (
            "it does so all the time, and is open",
            70,
            (true, 101, 69, Some(10)),
            told(true, 0, 1),
            lately(0, 1),
            Say(Changed { times: 100 }),
        ),
        (
            "it does so all the time, and is over just now",
            70,
            (false, 101, 69, Some(10)),
            told(true, 0, 1),
            lately(0, 1),
            Say(Changed { times: 100 }),
        ),
        (
            "too much was told lately",
            50,
            (true, 5, 50, Some(50)),
            told(false, 40, 4),
            lately(0, AT_ONCE),
            Wait(at(60)),
        ),
        (
            "too much was told, and there is room again",
            60,
            (true, 7, 59, Some(50)),
            told(false, 40, 4),
            lately(0, AT_ONCE),
            Say(Changed { times: 3 }),
        ),
    ] {
        let known = Known { told: known.as_ref(), lately: recent, since: Some(at(-1)) };
        assert_eq!(plan(&actual(true_now), known, at(now), &POLICY), step, "{name}");
    }
}

#[test]
fn what_somebody_has_seen_and_what_nobody_wants_to_hear_again_is_not_repeated() {
    let told = told(true, 0, 1);
    let known = Known { told: told.as_ref(), ..Known::default() };
    let open = actual((true, 1, 0, None));
    let now = at(5000);
    assert_eq!(plan(&open, known, now, &POLICY), Step::Say(News::Reminder));
    let seen = Actual { is_acknowledged: true, ..open };
    assert_eq!(plan(&seen, known, now, &POLICY), Step::Rest);
    let never = Policy { remind: Duration::zero(), ..POLICY };
    assert_eq!(plan(&open, known, now, &never), Step::Rest);
}

/// Where a digest is shorter than what an end must hold for, it is not waited for longer than that.
#[test]
fn an_end_is_told_within_a_digest_however_long_it_must_hold() {
    let slow = Policy { settle: Duration::hours(2), ..POLICY };
    for (opened, news) in [(1, News::Ended), (3, News::Changed { times: 2 })] {
        let over = actual((false, opened, 40, Some(10)));
        let told = told(true, 0, 1);
        let known = Known { told: told.as_ref(), ..Known::default() };
        assert_eq!(plan(&over, known, at(69), &slow), Step::Wait(at(70)));
        assert_eq!(plan(&over, known, at(70), &slow), Step::Say(news));
    }
}

/// It says nothing new: it takes no room from what does.
#[test]
fn a_reminder_counts_as_no_message() {
    for news in [News::Reminder, News::Connected] {
        let after = |lately| after(news, lately, at(30), POLICY.digest);
        assert_eq!(Some(after(lately(0, 3))), lately(0, 3), "{news:?}");
        assert_eq!(Some(after(None)), lately(30, 0), "{news:?}");
        assert_eq!(Some(after(lately(-30, 3))), lately(30, 0), "{news:?}: that one's time is over");
    }
    assert_eq!(Some(after(News::Ended, lately(0, 3), at(30), POLICY.digest)), lately(0, 4));
}

/// Plays a connection that opens and ends by this rule, with a look each minute, and gives what was said and
/// when.
fn play(minutes: i64, is_open_in: impl Fn(i64) -> bool) -> Vec<(i64, News, bool)> {
    let mut said = Vec::new();
    let (mut known, mut recent): (Option<Told>, Option<Lately>) = (None, None);
    let mut now = Actual { opened: 0, changed: Some(at(0)), ..Actual::default() };
    // Looks each minute; the connection changes on seconds of its own.
    for second in 0..minutes * 60 {
        let is_open = is_open_in(second);
        let time = at(0) + Duration::seconds(second);
        if is_open != now.is_open {
            now.opened += u64::from(is_open);
            now.is_open = is_open;
            now.changed = Some(time);
            now.untold = now.untold.or(Some(time));
        }
        if second % 60 == 0
            && let Step::Say(news) =
                plan(&now, Known { told: known.as_ref(), lately: recent, since: None }, time, &POLICY)
        {
            said.push((second / 60, news, now.is_open));
            known = Some(Told { is_open: now.is_open, at: time, opened: now.opened, message: String::new() });
            recent = Some(after(news, recent, time, POLICY.digest));
            now.untold = None;
        }
    }
    said
}

/// The figures that the operators' page gives.
#[test]
fn a_connection_that_flaps_raises_a_bounded_number_of_messages_and_its_end_is_told() {
    // Down 18 s and up 18 s: a hundred times an hour, for three hours, then well.
    let flaps = play(6 * 60, |second| second < 3 * 3600 && second % 36 < 18);
    println!("a hundred times an hour for three hours: {} messages: {flaps:?}", flaps.len());
    assert!(flaps.len() <= 5, "{flaps:?}");
    assert_eq!(flaps[0], (0, News::Opened, true), "the first is told at once");
    assert!(matches!(flaps[1], (_, News::Changed { times: 99..=101 }, _)), "{flaps:?}");
    assert!(!flaps.last().unwrap().2, "that it is well in the end is told: {flaps:?}");
    let times: u64 = flaps
        .iter()
        .map(|(_, news, _)| match news {
            News::Changed { times } => *times,
            News::Opened => 1,
            News::Ended | News::Reminder | News::Connected => 0,
        })
        .sum();
    assert_eq!(times, 300, "each time is counted once: {flaps:?}");
    // Slowly: seven minutes down, seven up.
    let slow = play(12 * 60, |second| second < 6 * 3600 && second % 840 < 420);
    println!("each quarter of an hour for six hours: {} messages: {slow:?}", slow.len());
    assert!(slow.len() <= 4 + 6 + 1, "{slow:?}");
    assert!(!slow.last().unwrap().2);
    // Once: down at once, up when it has held.
    let once = play(6 * 60, |second| (600..1800).contains(&second));
    assert_eq!(once, [(10, News::Opened, true), (35, News::Ended, false)]);
}

/// Whatever a connection does, in the end people know how it is.
#[test]
fn the_last_state_is_always_told() {
    for seed in 0..24_u64 {
        let mut dice = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(seed);
        let mut open = vec![false; 8 * 3600];
        // Ends open or not, by turns.
        let turns = 40 + usize::try_from(seed % 2).unwrap();
        for _ in 0..turns {
            let turn = rand::Rng::random_range(&mut dice, 0..4 * 3600);
            open[turn..].iter_mut().for_each(|is_open| *is_open = !*is_open);
        }
        let said = play(8 * 60, |second| open[usize::try_from(second).unwrap()]);
        let last = said.last().map(|(.., is_open)| *is_open);
        assert_eq!(last, open.last().copied(), "{seed}: {said:?}");
        assert!(said.len() <= 24, "{seed}: {said:?}");
    }
}
