//! What happens to a session, and who is mailed about it.

use super::row::{Row, Step};
use Step::{Accepts, Again, Declines, Deletes, Enrols, Mailed, Shows, Waits, Withdraws};

const fn row(name: &'static str, told: &'static str, steps: &'static [Step]) -> Row {
    Row { name, told, steps }
}

pub(super) const ROWS: &[Row] = &[
    row(
        "a place is taken",
        "the learner is invited, once, however often it is told",
        &[
            Shows(|_| ()),
            Enrols("a"),
            Again,
            Mailed(&["a invitation"]),
            Again,
            Enrols("b"),
            Mailed(&["b invitation"]),
        ],
    ),
    row(
        "the session moves",
        "one update to each who has a place",
        &[
            Shows(|_| ()),
            Enrols("a"),
            Enrols("b"),
            Mailed(&["a invitation", "b invitation"]),
            Shows(|it| it.days = vec![9]),
            Mailed(&["a update", "b update"]),
        ],
    ),
    row(
        "the session moves and gets another room at once",
        "one update to each",
        &[
            Shows(|_| ()),
            Enrols("a"),
            Mailed(&["a invitation"]),
            Shows(|it| it.days = vec![9]),
            Shows(|it| it.place = "Hall"),
            Mailed(&["a update"]),
        ],
    ),
    row(
        "the session moves and moves back at once",
        "nothing",
        &[
            Shows(|_| ()),
            Enrols("a"),
            Mailed(&["a invitation"]),
            Shows(|it| it.days = vec![9]),
            Shows(|it| it.days = vec![7]),
        ],
    ),
    row(
        "the title changes",
        "nothing by itself; it goes along with the next update",
        &[Shows(|_| ()), Enrols("a"), Mailed(&["a invitation"]), Shows(|it| it.title = "First aid, again")],
    ),
    row(
        "the learner has accepted, and the session moves",
        "one update",
        &[
            Shows(|_| ()),
            Enrols("a"),
            Mailed(&["a invitation"]),
            Accepts("a"),
            Shows(|it| it.days = vec![9]),
            Mailed(&["a update"]),
        ],
    ),
    row(
        "the session is cancelled",
        "a cancellation to each who has a place",
        &[
            Shows(|_| ()),
            Enrols("a"),
            Enrols("b"),
            Mailed(&["a invitation", "b invitation"]),
            Shows(|it| it.is_cancelled = true),
            Mailed(&["a cancellation", "b cancellation"]),
        ],
    ),
    row(
        "the session is cancelled, and takes place after all",
        "a cancellation, and a new invitation",
        &[
            Shows(|_| ()),
            Enrols("a"),
            Mailed(&["a invitation"]),
            Shows(|it| it.is_cancelled = true),
            Mailed(&["a cancellation"]),
            Shows(|it| it.is_cancelled = false),
            Mailed(&["a invitation"]),
        ],
    ),
    row(
        "the session is hidden",
        "nothing: what stands stays",
        &[Shows(|_| ()), Enrols("a"), Mailed(&["a invitation"]), Shows(|it| it.is_visible = false)],
    ),
    row(
        "the place is taken away in the LMS",
        "a cancellation to that learner alone",
        &[
            Shows(|_| ()),
            Enrols("a"),
            Enrols("b"),
            Mailed(&["a invitation", "b invitation"]),
            Withdraws("a"),
            Mailed(&["a cancellation"]),
        ],
    ),
    row(
        "the place is taken away, and given again",
        "a cancellation, and a new invitation",
        &[
            Shows(|_| ()),
            Enrols("a"),
            Mailed(&["a invitation"]),
            Withdraws("a"),
            Mailed(&["a cancellation"]),
            Enrols("a"),
            Mailed(&["a invitation"]),
        ],
    ),
    row(
        "the learner declines",
        "nothing: the place is cancelled, and nobody is mailed about it",
        &[Shows(|_| ()), Enrols("a"), Mailed(&["a invitation"]), Declines("a")],
    ),
    row(
        "the learner declines, and then the session moves and is cancelled",
        "the others alone hear of it",
        &[
            Shows(|_| ()),
            Enrols("a"),
            Enrols("b"),
            Mailed(&["a invitation", "b invitation"]),
            Declines("a"),
            Shows(|it| it.days = vec![9]),
            Mailed(&["b update"]),
            Shows(|it| it.is_cancelled = true),
            Mailed(&["b cancellation"]),
        ],
    ),
    row(
        "the learner declines, and is enrolled again",
        "a new invitation",
        &[
            Shows(|_| ()),
            Enrols("a"),
            Mailed(&["a invitation"]),
            Declines("a"),
            Enrols("a"),
            Mailed(&["a invitation"]),
        ],
    ),
    row(
        "the learner deletes the invitation and answers nothing",
        "nothing",
        &[Shows(|_| ()), Enrols("a"), Mailed(&["a invitation"]), Deletes("a")],
    ),
    row(
        "the learner is on the wait list, and moves up",
        "an invitation once there is a place",
        &[
            Shows(|_| ()),
            Waits("a"),
            Enrols("b"),
            Mailed(&["b invitation"]),
            Enrols("a"),
            Mailed(&["a invitation"]),
        ],
    ),
    row("the session is over", "nothing", &[Shows(|it| it.days = vec![-2]), Enrols("a")]),
    row(
        "the course has two days, and then one",
        "an invitation to each day; a cancellation of the one that is gone",
        &[
            Shows(|it| it.days = vec![7, 8]),
            Enrols("a"),
            Mailed(&["a invitation", "a invitation"]),
            Shows(|it| it.off = vec![1]),
            Mailed(&["a cancellation"]),
        ],
    ),
    row(
        "another instructor leads the session",
        "a cancellation to the one, an invitation to the other, and nothing to learners",
        &[
            Shows(|it| it.instructors = vec!["i"]),
            Enrols("a"),
            Mailed(&["a invitation", "i invitation"]),
            Shows(|it| it.instructors = vec!["j"]),
            Mailed(&["i cancellation", "j invitation"]),
        ],
    ),
];
