use super::*;
use crate::publishing::testing::at;

fn calendar(missed: usize, minute: u32) -> OrganizerCalendar {
    let new = OrganizerCalendar::new(Address::new("learning@contoso.com"));
    (0..missed).fold(new, |row, n| row.missing(&format!("event-{n}"), at(9, minute)))
}

#[test]
fn more_than_a_few_and_more_than_a_share_are_too_many() {
    let limits = VanishLimits { few: 5, percent: 10 };
    let table = [
        // missed, of how many, too many
        (0, 0, false),
        (1, 1, false),
        (5, 5, false),
        (6, 6, true),
        (6, 59, true),
        (6, 60, false),
        (100, 1_000, false),
        (101, 1_000, true),
        // Nothing is known to stand: all of it is gone.
        (6, 0, true),
    ];
    for (missed, standing, expected) in table {
        assert_eq!(
            calendar(missed, 0).are_too_many(standing, limits, at(9, 1)),
            expected,
            "{missed} {standing}"
        );
    }
}

#[test]
fn what_is_missed_hours_apart_is_not_missed_together() {
    let limits = VanishLimits { few: 2, percent: 0 };
    let early = calendar(2, 0);
    assert!(early.missing("later", at(9, 59)).are_too_many(10, limits, at(9, 59)));
    let late = early.missing("later", at(10, 0));
    assert_eq!(late.missed(at(10, 0)), 1);
    assert!(!late.are_too_many(10, limits, at(10, 0)));
}

#[test]
fn an_event_counts_once_and_not_when_it_is_there_again() {
    let once = calendar(1, 0).missing("event-0", at(9, 30));
    assert_eq!(once.missed(at(9, 30)), 1);
    // By when it was missed first.
    assert_eq!(once.missed(at(10, 0)), 0);
    assert_eq!(once.found("event-0").missed(at(9, 30)), 0);
}

#[test]
fn what_is_stopped_is_not_stopped_again_and_begins_anew_after_a_persons_word() {
    let limits = VanishLimits { few: 2, percent: 10 };
    let stopped = calendar(3, 0).stop(7, Cause::Unknown, at(9, 1));
    assert_eq!(stopped.stopped.as_ref().map(|stop| (stop.events, stop.of)), Some((3, 7)));
    assert!(!stopped.are_too_many(7, limits, at(9, 2)));
    let next = stopped.go_on();
    assert_eq!((next.stopped.clone(), next.missed(at(9, 2))), (None, 0));
    assert!(!next.missing("event-9", at(9, 3)).are_too_many(1, limits, at(9, 3)));
}

#[test]
fn a_row_has_an_end() {
    assert_eq!(calendar(10_000, 0).missed(at(9, 1)), 500);
}

#[test]
fn causes_are_told_in_words() {
    let until = Some(at(9, 30));
    let told = Cause::Absence { until }.words();
    assert!(
        told.starts_with("the mailbox has automatic replies on until 2027-03-01 09:30 UTC, and"),
        "{told}"
    );
    let words = [Cause::MailboxAway, Cause::Absence { until: None }, Cause::Unknown].map(Cause::words);
    assert!(
        words[0].contains("gone") && words[1].contains("replies on, and") && words[2].contains("not known")
    );
}
