use super::*;
use Answer::{Accepted, Declined, NotResponded, TentativelyAccepted};

/// Answers and the days they were given on (0: no time), and the one that counts.
type Line<'a> = (&'a [(Answer, u32)], Option<Answer>);

#[test]
fn several_entries_of_one_person_are_one() {
    let entry = |(answer, at): (Answer, u32)| {
        let at = (at > 0).then(|| format!("2026-11-{at:02}T09:00:00Z").parse().unwrap());
        Response { answer, at }
    };
    let table: &[Line<'_>] = &[
        (&[(Accepted, 19), (Declined, 20)], Some(Declined)),
        (&[(Declined, 20), (Accepted, 19)], Some(Declined)),
        (&[(Declined, 19), (Accepted, 20)], Some(Accepted)),
        (&[(Accepted, 0), (Declined, 1)], Some(Declined)),
        (&[(Declined, 0), (Accepted, 1)], Some(Accepted)),
        (&[(NotResponded, 0), (Declined, 0)], Some(Declined)),
        (&[(NotResponded, 20), (Declined, 19)], Some(Declined)),
        (&[(NotResponded, 0), (NotResponded, 0)], Some(NotResponded)),
        (&[(Accepted, 0), (TentativelyAccepted, 0)], Some(Accepted)),
        (&[(Accepted, 20), (Declined, 20)], None),
        (&[(Accepted, 0), (Declined, 0)], None),
        (&[(Accepted, 20), (Declined, 20), (Accepted, 1)], None),
    ];
    for (n, (entries, wanted)) in table.iter().enumerate() {
        let entries: Vec<Response> = entries.iter().copied().map(entry).collect();
        let said = match AttendeeEntry::together(&entries) {
            AttendeeEntry::Listed(response) => Some(response.answer),
            AttendeeEntry::Disputed => None,
            other @ (AttendeeEntry::Absent | AttendeeEntry::Unclear) => panic!("line {n}: {other:?}"),
        };
        assert_eq!(said, *wanted, "line {n}");
    }
    assert_eq!(AttendeeEntry::together(&[]), AttendeeEntry::Absent);
}
