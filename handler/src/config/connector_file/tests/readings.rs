//! Readings: what is taken of them, and each slip with what is told of it.

use super::*;
use crate::lms::recipe::reading::{Gives, Reading, RecordWord, SessionWord, StateIn, TimeKind, Whence};
use std::fmt::Write as _;

#[test]
fn every_part_of_a_reading_is_read() {
    let recipes = larkspur().recipes;
    let [courses, classes, talks, slots] = recipes.sessions.as_slice() else { panic!("not four readings") };
    assert!(matches!(courses.gives, Gives::Parents) && courses.total.is_some());
    assert_eq!(courses.step.take.iter().map(|take| take.name.as_str()).collect::<Vec<_>>(), ["id", "zone"]);
    assert_eq!(
        (classes.each.as_deref(), classes.explode.len(), classes.filter.len()),
        (Some("courses"), 1, 1)
    );
    let Gives::Session(fields) = &classes.gives else { panic!("no session") };
    assert!(matches!(&fields.id[0].whence, Whence::Made(_)));
    assert!(matches!(&fields.title[1].whence, Whence::Path { up: 1, .. }));
    let StateIn::Maps(maps) = &fields.state else { panic!("no maps") };
    assert_eq!(maps[0].words, [("true".to_owned(), SessionWord::Cancelled)]);
    assert_eq!(fields.capacity.as_ref().unwrap().unlimited, ["0", "-1"]);
    let parts = fields.parts.as_ref().unwrap();
    let kinds: Vec<TimeKind> = parts.span.start.iter().chain(&parts.span.end).map(|time| time.kind).collect();
    assert_eq!(kinds, [TimeKind::EpochSeconds, TimeKind::Naive, TimeKind::Minutes]);

    assert_eq!((talks.batch, talks.finds_each, talks.step.take.len()), (Some(20), false, 1));
    assert!(talks.left_out.is_some() && slots.never_empty);
    let Gives::Session(fields) = &talks.gives else { panic!("no session") };
    assert_eq!((fields.title[0].when.len(), fields.instructors.is_some()), (1, true));
    assert!(matches!(slots.gives, Gives::Part(_)));
    // Of a session whose dates stand apart nobody knows whether these changed.
    assert!(!recipes.sessions_since && !recipes.roster_since);

    assert!(recipes.roster_of_a_session);
    let Gives::Place(fields) = &recipes.roster[0].gives else { panic!("no place") };
    assert_eq!(fields.address.len(), 2);
    let StateIn::Maps(maps) = &fields.state else { panic!("no maps") };
    assert_eq!(maps[0].words[1], ("line".to_owned(), RecordWord::Waitlisted));

    let rules = &recipes.session[0].rules;
    let last = rules.last().unwrap();
    assert_eq!(last.then, Verdict::Outcome(StepOutcome::UnknownSession), "404 and 410 say that it is gone");
    assert_eq!(recipes.session.len(), 1);
}

#[test]
fn a_map_has_its_condition_and_a_list_may_be_read_unsigned() {
    let condition =
        "line = \"waitlisted\" }, when = [{ value = '{{ settings.site }}', is = 'north' }] }\nplace.since";
    let file = with("line = \"waitlisted\" } }\nplace.since", condition);
    let file =
        good(&file.replace("path = \"/courses\"\npaging", "credential = false\npath = \"/courses\"\npaging"));
    let Gives::Place(fields) = &file.recipes.roster[0].gives else { panic!("no place") };
    let StateIn::Maps(maps) = &fields.state else { panic!("no maps") };
    assert_eq!(maps[0].when.len(), 1);
    let signed = |reading: &Reading| reading.step.request.as_ref().unwrap().is_signed;
    assert!(
        !signed(&file.recipes.sessions[0]) && signed(&file.recipes.sessions[1]),
        "as a rule it is signed"
    );
}

/// Without a session in its requests a roster is that of all.
#[test]
fn a_roster_of_all_says_where_the_session_stands() {
    let all = with("/classes/{{ session }}/bookings", "/bookings");
    let errors = read("larkspur.toml", &all).unwrap_err().to_string();
    assert!(errors.contains("session") && errors.contains("ask for one session"), "{errors}");
    let told = all.replace("place.id = ", "place.session = \"$.class\"\nplace.id = ");
    assert!(!good(&told).recipes.roster_of_a_session);
}

const ZONE: &str =
    "session.zone = [{ value = '{{ courses.zone | default(\"\") }}' }, { value = \"Europe/Berlin\" }]\n";

#[test]
fn slips() {
    let mut told = String::new();
    for (part, instead) in [
        ("session.title = [", "session.titel = ["),
        ("session.id = { value = \"{{ courses.id }}/{{ record.id }}\" }\n", ""),
        ("{{ courses.id }}/{{ record.id }}", "{{ courses.id }}/{{ recrod.id }}"),
        ("{{ courses.id }}/{{ record.id }}", "{{ courses.id }}/{{ parent.parent.id }}"),
        ("each = \"courses\"\n", ""),
        ("each = \"courses\"", "each = \"course\""),
        ("done = \"finished\"", "done = \"finishd\""),
        ("line = \"waitlisted\" } }\nplace.since", "line = \"waiting\" } }\nplace.since"),
        (
            "state = { at = \"$.state\", map = { booked = \"held\", line = \"waitlisted\" } }",
            "name = \"$.name\"",
        ),
        ("map = { booked = \"held\", line = \"waitlisted\" }", "map = {}"),
        ("map = { booked = \"held\", line = \"waitlisted\" }", "default = \"held\""),
        ("kind = \"epoch_seconds\"", "kind = \"epoch\""),
        ("kind = \"epoch_seconds\"", "kind = \"minutes\""),
        ("kind = \"epoch_millis\"", "kind = \"naive\""),
        ("format = \"%d.%m.%Y %H:%M\"", "format = \"%Q\""),
        ("{ at = \"$.name\", up = 1 }", "{ at = \"$.name\", up = 2 }"),
        ("place.is_test = \"$.test\"", "place.is_test = { at = \"$.test\", up = 1 }"),
        ("place.is_test = \"$.test\"", "place.is_test = { }"),
        ("place.is_test = \"$.test\"", "place.is_test = []"),
        ("session.parts.start = { at = \"$.from\", kind = \"epoch_seconds\" }\n", ""),
        (ZONE, ""),
        ("session.venue = \"$.room.name\"", "session.start = \"$.from\""),
        ("records = \"$.items[*]\"\n", ""),
        ("records = \"$.items[*]\"", "records = \"$.items[?@.on]\""),
        ("explode = [\"$.classes[*]\"]", "explode = [\"$.a\", \"$.b\", \"$.c\", \"$.d\", \"$.e\"]"),
        ("take.id = \"$.id\"\ntake.zone", "take.id = { header = \"x-id\" }\ntake.zone"),
        ("part.id = \"$.id\"\n", ""),
        ("part.zone = { value = \"{{ answer.zone }}\" }\n", ""),
        ("part.start = \"$.from\"", "session.start = \"$.from\""),
        ("{{ answer.zone }}", "{{ answr.zone }}"),
        ("path = \"/me\"", "path = \"/me/{{ since }}\""),
        ("{{ record.name }}\", when", "{{ courses.id }}\", when"),
        ("batch = 20\n", "batch = 1\n"),
        ("each = \"courses\"\nbatch = 20\n", "batch = 20\n"),
        ("never_empty = true\n", "finds_each = true\n"),
        ("{{ page.offset | number }}", "{{ page.cursor }}"),
        ("{{ page.offset | number }}", "0"),
        ("plus_days(\"365\")", "plus_days(365)"),
        ("plus_days(\"365\")", "plus_days(\"a year\")"),
        ("from = \"$.speakers[*]\", address = \"$.mail\", name = \"$.name\"", "from = \"$.speakers[*]\""),
        ("place.id = ", "session.id = "),
        ("path = \"/classes/{{ session }}/bookings\"", "path = \"/classes/{{ learner }}/bookings\""),
        ("path = \"/courses/{{ courses.id }}/groups\"", "path = \"/courses/{{ session }}/groups\""),
        ("path = \"/courses\"\npaging", "method = \"POST\"\npath = \"/courses\"\npaging"),
        ("path = \"/courses\"\npaging", "paging"),
        ("path = \"/courses\"\npaging", "pick.from = \"$\"\npath = \"/courses\"\npaging"),
    ] {
        let Err(errors) = read("larkspur.toml", &with(part, instead)) else { panic!("taken: {instead}") };
        let _ = writeln!(told, "{part} → {}", instead.replace('\n', " ⏎ "));
        for line in errors.to_string().lines() {
            let _ = writeln!(told, "    {line}");
        }
        told.push('\n');
    }
    insta::assert_snapshot!(told);
}
