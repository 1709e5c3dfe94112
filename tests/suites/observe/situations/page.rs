//! The page that tells what becomes of what: made of the very rows that the suite plays, so that it can't go
//! stale.

use super::row::{Cast, Row};
use super::rows::{BEHIND, BY_ORGANIZER, NAMELESS, rows};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

const HEAD: &str = "\
# What becomes of what

Graph does not say \"declined\": this page tells for each thing that people (or Exchange) do with an \
invitation what can be
seen of it in the end, what that means, and what happens. It is made of the rows that the end-to-end suite \
plays against the
real binary, each under both answers wherever it is not known which one Exchange gives; the policy is the \
default one.
`REGRETS_WRITE_PAGES=1 cargo test -p suites --test e2e page` writes it anew.

| Situation | What we see | Verdict | What happens |
|---|---|---|---|
";

/// One line of the page.
fn line(row: &Row, situation: &str, ends: &str) -> String {
    let mut words = ends.split(' ');
    let (state, seen) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    // Of several that may be told, the page tells the first.
    let seen = seen.split('|').next().unwrap_or_default();
    let rest = words.collect::<Vec<_>>().join(" ");
    let several = matches!(row.cast, Cast::Series | Cast::Twice);
    let (verdict, source) =
        seen.split_once('/').unwrap_or((if several { "each by itself" } else { "any" }, ""));
    let see = match (verdict, source) {
        ("declined", "learner-copy") => "the copy is there, and declined",
        ("declined", "organizer-copy") if row.cast == Cast::Guest => {
            "there is no copy; the organizer's list shows the decline"
        }
        ("declined", "organizer-copy") => "the copy is gone; the organizer's list shows the decline",
        ("attending", "organizer-copy") => "there is no copy; the organizer's list shows the acceptance",
        ("attending", "learner-copy") => "the copy is there, and accepted",
        ("unanswered", "learner-copy") => "the copy is there, and not answered",
        ("removed", "removal") => "the copy is gone; the organizer's list shows no decline",
        ("removed", "disagreement") => "the copy is gone; the organizer's list says both",
        ("unknown", "removal") => "the copy is not where it was; nobody can be asked why",
        ("unseen", "removal") => "the copy is gone; there is no organizer's copy to ask",
        ("cancelled-by-organizer", "learner-copy") => "the copy is there, and cancelled",
        ("cancelled-by-organizer", "organizer-copy") => {
            "the copy is gone; the organizer's event is cancelled, or gone"
        }
        ("dropped-by-organizer", "organizer-copy") => {
            "the copy is gone; the learner is no longer in the organizer's list"
        }
        ("ended", _) => "the end has passed",
        ("each by itself", _) => "all the items that stand for the place",
        ("any", _) => "whatever the copies show by then",
        other => panic!("{situation}: {other:?} has no words yet"),
    };
    let happens = match (state, rest.as_str()) {
        ("watched", "-; has place, 0 effects") => "nothing: the learner has the place",
        ("watched", "-; gone, 0 effects") => "nothing: there is no place",
        ("done", "done; gone, 1 effects") => "the place is cancelled, once",
        ("done", "done; gone, 2 effects") => "each of the two places is cancelled, once",
        ("watched", "-; gone, 1 effects") => {
            "the place stays cancelled; a person is told that it is wanted again"
        }
        ("watched", "-; has place, 1 effects") => "the new place is watched; the old decline can't touch it",
        ("review", "-; has place, 0 effects") => "a person is asked",
        ("review", "-; has place, 1 effects") => "a person is asked about the new place",
        ("expired", "too_late; has place, 0 effects") => "recorded as too late, and a person is told",
        ("*", "* gone, 1 effects") => "the place stays cancelled",
        ("done", "not_enrolled; gone, 0 effects") => "the LMS is asked, and has nothing to cancel",
        other => panic!("{situation}: {other:?} has no words yet"),
    };
    format!("| {situation} | {see} | {verdict} | {happens} |\n")
}

fn situation(row: &Row) -> String {
    let name = row.name.replace('-', " ");
    let repeats = rows().filter(|other| other.line == row.line).count() > 1;
    if repeats { format!("{} ({name})", row.line) } else { row.line.to_owned() }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut told = BTreeSet::new();
    for row in rows().chain(NAMELESS).chain(BEHIND).chain(BY_ORGANIZER) {
        let situation = situation(row);
        let mut tell = |text: String| {
            if told.insert(text.clone()) {
                page.push_str(&text);
            }
        };
        tell(line(row, &situation, row.ends));
        for (switch, ends) in row.otherwise {
            tell(line(row, &format!("{situation}, where Exchange does otherwise: `{switch}`"), ends));
        }
        if let Some(ends) = row.mate_ends {
            tell(line(row, &format!("{situation}: the colleague"), ends));
        }
    }
    // Writing to a String can't fail.
    let _ = writeln!(
        page,
        "\nThe switches are those of [the simulator](../../../tests/simulator/src/world/matrix.rs). The \
         verdicts are told \
         apart in [verdict.rs](verdict.rs)."
    );
    page
}

#[test]
fn the_page_tells_what_the_suite_plays() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../handler/src/calendar/situations.md");
    if std::env::var_os("REGRETS_WRITE_PAGES").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page(), "write it anew: REGRETS_WRITE_PAGES=1 cargo test -p suites --test e2e page");
}
