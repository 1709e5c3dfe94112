//! Matrix line by line: what people do, and what must come of it.

use super::acts::*;
use super::ends::*;
use super::generations::GENERATIONS;
use super::row::{Cast, Row, row};
use super::series::SERIES;

/// In the order of the page.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    ONCE.iter().chain(GENERATIONS).chain(SERIES)
}

/// One item, and one decision at most.
const ONCE: &[Row] = &[
    row("no answer", "says-nothing", &[], SILENT),
    row("no answer", "touches", &[("watched", touches)], SILENT),
    row("accept", "accepts", &[("watched", accepts)], ATTENDS),
    row("tentative", "tentative", &[("watched", tentative)], ATTENDS),
    row("tentative + new time", "tentative-but-later", &[("watched", tentative_with_another_time)], ATTENDS),
    row("decline, sent, not kept", "declines", &[("watched", declines)], BY_ORGANIZERS_COPY),
    row("decline, sent, kept", "declines-and-keeps", &[("watched", declines_and_keeps)], BY_OWN_COPY),
    row(
        "decline, the mail is late",
        "mail-comes-late",
        &[("watched", declines_with_a_late_mail)],
        BY_ORGANIZERS_COPY,
    ),
    row("decline, the mail is lost", "mail-is-lost", &[("watched", declines_and_the_mail_is_lost)], REVIEW),
    row("decline + new time", "declines-but-later", &[("watched", declines_with_another_time)], PROPOSED),
    // Without an organizer's copy to read, it is a decline.
    row("decline + new time", "keeps-but-later-out", &[("watched", keeps_with_another_time)], BY_OWN_COPY)
        .cast(Cast::FromOutside),
    row(
        "decline by a delegate",
        "has-it-declined",
        &[("watched", declines_by_a_delegate)],
        BY_ORGANIZERS_COPY,
    ),
    row("auto-decline", "declined-by-rule", &[("watched", is_declined_by_a_rule)], BY_ORGANIZERS_COPY),
    row("decline, no response, not kept", "declines-in-silence", &[("watched", declines_in_silence)], REVIEW),
    row("decline, no response, kept", "keeps-in-silence", &[("watched", keeps_in_silence)], BY_OWN_COPY),
    // An alert says that this can't be told from a plain delete.
    row("decline, no response is wanted, not kept", "is-not-asked", &[("watched", declines)], REVIEW)
        .cast(Cast::Unasked),
    row(
        "decline, no response is wanted, kept",
        "is-not-asked-but-keeps",
        &[("watched", declines_and_keeps)],
        BY_OWN_COPY,
    )
    .cast(Cast::Unasked),
    row("plain delete", "accepts-and-deletes", &[("watched", accepts), ("watched", deletes)], REVIEW),
    row(
        "plain delete, with a response",
        "deletes-with-a-word",
        &[("watched", deletes_with_a_word)],
        BY_ORGANIZERS_COPY,
    ),
    row("invitation by mail from outside", "declines-out", &[("watched", declines)], BY_REMOVAL)
        .cast(Cast::FromOutside),
    row(
        "invitation by mail from outside",
        "declines-and-keeps-out",
        &[("watched", declines_and_keeps)],
        BY_OWN_COPY,
    )
    .cast(Cast::FromOutside),
    row("move", "accepts-and-moves", &[("watched", accepts), ("watched", moves)], ATTENDS),
    row(
        "move, then decline",
        "moves-and-declines",
        &[("watched", moves), ("watched", declines)],
        BY_ORGANIZERS_COPY,
    ),
    row(
        "move, then decline, kept",
        "moves-and-keeps",
        &[("watched", moves), ("watched", declines_and_keeps)],
        BY_OWN_COPY,
    ),
    row(
        "second thoughts",
        "changes-in-time",
        &[("watched", declines_and_keeps), ("waiting", accepts)],
        ATTENDS,
    ),
    row("second thoughts", "restores-in-time", &[("watched", declines), ("waiting", accepts)], ATTENDS),
    row(
        "second thoughts, twice",
        "wavers",
        &[("watched", declines_and_keeps), ("waiting", accepts), ("watched", declines_and_keeps)],
        BY_OWN_COPY,
    ),
    // A copy that is dragged back is no answer: it undoes a removal that nobody explained, and no decline.
    row(
        "restored by hand",
        "deletes-and-restores",
        &[("watched", accepts_soon), ("watched", deletes), ("watched", restores)],
        ATTENDS,
    ),
    row(
        "restored by hand",
        "declines-and-restores",
        &[("watched", declines), ("waiting", restores)],
        BY_OWN_COPY,
    )
    .or(&[("binnedCopyIsDeclined", BACK_WITHOUT_A_WORD)]),
    row(
        "restored by hand after the cancellation",
        "restores-too-late",
        &[("watched", declines), ("done", restores)],
        "done * done; gone, 1 effects",
    )
    // Unanswered, and new by Exchange's clock: that is what a new invitation looks like.
    .or(&[("binnedCopyIsDeclined", "* unanswered/learner-copy * gone, 1 effects")]),
    row("organizer cancels", "called-off", &[("watched", calls_off)], CALLED_OFF),
    row(
        "organizer cancels, learner removes",
        "called-off-and-tidied",
        &[("watched", calls_off), ("watched", tidies)],
        CALLED_OFF_WITHOUT_COPY,
    ),
    row(
        "decline, then cancelled",
        "called-off-after",
        &[("watched", declines_and_keeps), ("waiting", calls_off)],
        CALLED_OFF,
    ),
    row(
        "decline, then cancelled",
        "called-off-without",
        &[("watched", declines), ("waiting", calls_off)],
        CALLED_OFF_WITHOUT_COPY,
    ),
    row("organizer drops the learner", "dropped", &[("watched", drops)], CALLED_OFF)
        .or(&[("droppedCopyStays", DROPPED)]),
    row(
        "organizer drops the learner, who removes",
        "dropped-and-tidied",
        &[("watched", drops), ("watched", tidies)],
        // Whether the copy was seen cancelled before it went.
        "watched * -; has place, 0 effects",
    ),
    // The organizer's word stands, whatever the learner does with a copy that means nothing any more.
    row(
        "organizer cancels by mail from outside, learner tidies",
        "called-off-out",
        &[("watched", calls_off), (CALLED_OFF, tidies)],
        CALLED_OFF,
    )
    .cast(Cast::FromOutside),
    // Evidence fades, the decline stays (handler/reference/judging.md#decisions).
    row(
        "decline, then dropped",
        "dropped-after",
        &[("watched", declines), ("waiting", drops)],
        DROPPED_BUT_DECLINED,
    ),
    row(
        "decline, kept, then dropped",
        "dropped-but-kept",
        &[("watched", declines_and_keeps), ("waiting", drops)],
        CALLED_OFF,
    )
    .or(&[("droppedCopyStays", DROPPED_BUT_DECLINED)]),
    row(
        "dropped, invited again",
        "dropped-and-back",
        &[("watched", drops), ("watched", invites_again)],
        SILENT,
    ),
    row("organizer changes time", "retimed", &[("watched", accepts), ("watched", retimes)], SILENT),
    row(
        "organizer changes time",
        "retimed-declines",
        &[("watched", retimes), ("watched", declines)],
        BY_ORGANIZERS_COPY,
    ),
    row(
        "decline, then the time changes",
        "retimed-after",
        &[("watched", declines_and_keeps), ("waiting", retimes)],
        MOVED_SINCE,
    ),
    row(
        "decline, then the time changes",
        "retimed-without",
        &[("watched", declines), ("waiting", retimes)],
        MOVED_SINCE,
    )
    .or(&[("retimeRestoresRemoved", BY_ORGANIZERS_COPY)]),
    row("distribution list", "by-list", &[("watched", declines)], BY_ORGANIZERS_COPY)
        .cast(Cast::ByList)
        .or(&[("answeringMemberIsListed", REVIEW)]),
    row("distribution list, kept", "by-list-and-keeps", &[("watched", declines_and_keeps)], BY_OWN_COPY)
        .cast(Cast::ByList),
    row("invitation forwarded", "forwards", &[("watched", forwards)], SILENT)
        .cast(Cast::BesideMate)
        .mate(SILENT_WITHOUT_PLACE),
    // Forwarded to somebody without a place, who declines: the LMS has nothing to cancel.
    row(
        "invitation forwarded, and declined",
        "forwards-again",
        &[("watched", forwards), ("watched", the_mate_declines)],
        SILENT,
    )
    .cast(Cast::BesideMate)
    .mate(NEVER_HAD_ONE),
    row("clean-up", "cleaned-up", &[("watched", accepts), ("watched", is_cleaned_up)], REVIEW),
    row("\"empty calendar\"", "empties", &[("watched", empties)], REVIEW),
    row(
        "licence removal",
        "loses-mailbox",
        &[("watched", accepts_soon), ("watched", loses_the_mailbox)],
        "watched * -; has place, 0 effects",
    ),
    row(
        "decline, then licence removal",
        "declines-and-leaves",
        &[("watched", declines), ("waiting", loses_the_mailbox)],
        BY_ORGANIZERS_COPY,
    ),
    row(
        "session over",
        "over",
        &[("watched", declines_and_keeps)],
        "watched ended/learner-copy -; has place, 0 effects",
    )
    .cast(Cast::Over),
    row(
        "session begun",
        "begun",
        &[("watched", declines)],
        "expired declined/organizer-copy too_late; has place, 0 effects",
    )
    .cast(Cast::Begun),
    // All-day events are dates, whichever way Exchange writes their times.
    row("all-day session", "all-day", &[("watched", accepts_soon)], ATTENDS).cast(Cast::AllDay),
    row("all-day session, declined", "all-day-declines", &[("watched", declines)], BY_ORGANIZERS_COPY)
        .cast(Cast::AllDay),
    // Others' copies of the same meeting, in calendars that they share, are not the learner's.
    row(
        "move, with shared calendars about",
        "shown-others",
        &[("watched", others_share_their_calendars), ("watched", declines)],
        BY_ORGANIZERS_COPY,
    )
    .cast(Cast::WithMate)
    .mate(ATTENDS),
    row(
        "decline in silence, with shared calendars about",
        "shown-others-in-silence",
        &[("watched", others_share_their_calendars), ("watched", declines_in_silence)],
        REVIEW,
    )
    .cast(Cast::WithMate)
    .mate(ATTENDS),
    // Who is who in the organizer's list.
    row(
        "listed twice, declined as the alias",
        "has-an-alias",
        &[("watched", accepts_soon), (ATTENDS, declines_as_the_alias)],
        BY_ORGANIZERS_COPY,
    )
    .cast(Cast::ByAlias),
    row(
        "listed twice, one answer has no time",
        "has-an-old-alias",
        &[("watched", declines_beside_an_answer_without_a_time)],
        BY_ORGANIZERS_COPY,
    )
    .cast(Cast::ByAlias),
    row(
        "listed twice, with answers of one moment that disagree",
        "has-two-minds",
        &[("watched", removes_while_the_list_disagrees)],
        DISAGREES,
    )
    .cast(Cast::ByAlias),
    row(
        "listed under a name of Exchange's own",
        "has-an-exchange-name",
        &[("watched", declines_as_exchange_calls_them)],
        BY_ORGANIZERS_COPY,
    )
    .cast(Cast::ByExchangeName),
    row(
        "invited by an organizer with a name of Exchange's own",
        "hears-of-nobody",
        &[("watched", declines)],
        BY_ORGANIZERS_COPY,
    )
    .cast(Cast::ByNamelessOrganizer),
];

/// Where no event has an `iCalUId`: it is looked for by its start and subject, and where that finds nothing,
/// a person is asked.
pub(super) const NAMELESS: &[Row] = &[
    row("accept, without an iCalUId", "accepts-unnamed", &[("watched", accepts)], ATTENDS),
    // The organizer's event is a part of its own, and names its copy half a minute later: which of the two is
    // told is a matter of time.
    row(
        "decline, kept, without an iCalUId",
        "keeps-unnamed",
        &[("watched", declines_and_keeps)],
        BY_EITHER_COPY,
    ),
    row(
        "decline, not kept, without an iCalUId",
        "declines-unnamed",
        &[("watched", declines)],
        BY_ORGANIZERS_COPY,
    ),
    row(
        "plain delete, without an iCalUId",
        "deletes-unnamed",
        &[("watched", accepts), ("watched", deletes)],
        UNFINDABLE,
    ),
    row(
        "removed, by mail from outside, without an iCalUId",
        "deletes-unnamed-out",
        &[("watched", deletes)],
        UNFINDABLE,
    )
    .cast(Cast::FromOutside),
];

/// Behind mailboxes that can't be read any more. On a stage of their own: each look takes its time.
pub(super) const BEHIND: &[Row] = &[
    row(
        "decline, while the mailbox can't be read",
        "declines-behind",
        &[("watched", declines_behind_a_shut_mailbox)],
        BY_ORGANIZERS_COPY,
    ),
    row(
        "accepted without a response after a decline, then the mailbox can't be read",
        "changes-behind",
        &[
            ("watched", declines_and_keeps),
            ("waiting", accepts_in_silence),
            (ATTENDS, touches_behind_a_shut_mailbox),
        ],
        ATTENDS,
    ),
    row(
        "removed, by mail from outside, then nothing can be read until the session begins",
        "removes-behind",
        &[("watched", deletes), ("waiting", the_mailbox_shuts)],
        "review unseen/removal -; has place, 0 effects",
    )
    .cast(Cast::FromOutside)
    .begins(),
];

/// People without a mailbox here, who are seen by watching the organizer's.
pub(super) const BY_ORGANIZER: &[Row] = &[
    row("guest", "guest-declines", &[("watched", declines)], BY_ORGANIZERS_COPY).cast(Cast::Guest),
    row(
        "guest",
        "guest-accepts",
        &[("watched", accepts_soon)],
        "watched attending/organizer-copy -; has place, 0 effects",
    )
    .cast(Cast::Guest),
];
