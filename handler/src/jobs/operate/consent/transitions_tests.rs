//! A second copy of the table, in words: what must be true, said from the administrator's side.

use super::*;
use ConsentEvent as E;

/// One line a state, one column an event, in the order of the heads.
const EXPECTED: &str = "
            asked     yes      no       ran-out   patience  complete excess  lacking   lost
 not-asked  asked     pending  refused  not-asked not-asked granted  drifted not-asked withdrawn
 asked      asked     pending  refused  expired   asked     granted  drifted asked     withdrawn
 pending    pending   pending  pending  pending   expired   granted  drifted pending   withdrawn
 granted    granted   granted  granted  granted   granted   granted  drifted drifted   withdrawn
 refused    asked     pending  refused  refused   refused   granted  drifted refused   withdrawn
 expired    asked     pending  refused  expired   expired   granted  drifted expired   withdrawn
 drifted    asked     pending  refused  drifted   drifted   granted  drifted drifted   withdrawn
 withdrawn  asked     pending  refused  withdrawn withdrawn granted  drifted withdrawn withdrawn
";

fn head(event: E) -> &'static str {
    match event {
        E::Asked => "asked",
        E::SaidYes => "yes",
        E::SaidNo => "no",
        E::LinkRanOut => "ran-out",
        E::PatienceOver => "patience",
        E::Complete => "complete",
        E::Excess => "excess",
        E::Lacking => "lacking",
        E::Lost => "lost",
    }
}

#[test]
fn the_table_cell_by_cell() {
    let mut lines = EXPECTED.lines().filter(|line| !line.trim().is_empty());
    let heads: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split_whitespace().collect()).collect();
    assert_eq!((heads.len(), rows.len()), (E::ALL.len(), State::ALL.len()), "no cell is left out");
    for (state, row) in State::ALL.iter().zip(&rows) {
        assert_eq!(row[0], state.word());
        assert_eq!(row.len(), heads.len() + 1, "{row:?}");
        for event in E::ALL {
            let column = heads.iter().position(|known| *known == head(*event)).unwrap();
            assert_eq!(next(*state, *event).word(), row[column + 1], "{} {event:?}", state.word());
        }
    }
}

#[test]
fn only_what_is_seen_makes_it_granted_and_only_that_takes_it_away() {
    for state in State::ALL {
        for event in E::ALL {
            let after = next(*state, *event);
            let is_seen = matches!(event, E::Complete | E::Excess | E::Lacking | E::Lost);
            assert!(after != State::Granted || *state == State::Granted || *event == E::Complete);
            assert!(*state != State::Granted || after == State::Granted || is_seen, "{event:?}");
        }
    }
}
