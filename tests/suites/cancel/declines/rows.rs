//! Matrix line by line: what people do, and what must come of it.

use super::acts::*;
use super::row::{Cast, Row, row};

pub(super) const ATTENDS: &str = "watched attending/learner-copy -; has place, 0 effects";
pub(super) const SILENT: &str = "watched unanswered/learner-copy -; has place, 0 effects";
pub(super) const BY_OWN_COPY: &str = "done declined/learner-copy done; gone, 1 effects";
pub(super) const BY_ORGANIZERS_COPY: &str = "done declined/organizer-copy done; gone, 1 effects";
pub(super) const BY_REMOVAL: &str = "done unseen/removal done; gone, 1 effects";
pub(super) const REVIEW: &str = "review removed/removal -; has place, 0 effects";
const UNFINDABLE: &str = "review unknown/removal -; has place, 0 effects";
const DISAGREES: &str = "review removed/disagreement -; has place, 0 effects";
const PROPOSED: &str = "review declined/organizer-copy -; has place, 0 effects";
const CALLED_OFF: &str = "watched cancelled-by-organizer/learner-copy -; has place, 0 effects";
const CALLED_OFF_WITHOUT_COPY: &str = "watched cancelled-by-organizer/organizer-copy -; has place, 0 effects";
const DROPPED: &str = "watched dropped-by-organizer/organizer-copy -; has place, 0 effects";
const DROPPED_BUT_DECLINED: &str = "done dropped-by-organizer/organizer-copy done; gone, 1 effects";
const MOVED_SINCE: &str = "review unanswered/learner-copy -; has place, 0 effects";
const BACK_WITHOUT_A_WORD: &str = "done unanswered/learner-copy done; gone, 1 effects";

pub(super) const ROWS: &[Row] = &[
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
    // Generations.
    row(
        "taken back",
        "takes-back",
        &[("watched", declines_and_keeps), ("done", accepts)],
        "watched attending/learner-copy -; gone, 1 effects",
    ),
    row(
        "taken back, place given back by hand, declined again",
        "declines-twice",
        &[
            ("watched", declines_and_keeps),
            ("done", accepts_a_place_given_back),
            ("watched", declines_and_keeps),
        ],
        "done declined/learner-copy done; gone, 2 effects",
    ),
    row(
        "taken back from Deleted Items, declined again",
        "removes-twice",
        &[("watched", declines), ("done", accepts_a_place_given_back), ("watched", declines)],
        "done declined/organizer-copy done; gone, 2 effects",
    ),
    row(
        "invited again after the cancellation",
        "back-from-removed",
        &[("watched", declines), ("done", invites_again)],
        INVITED_ANEW,
    ),
    row(
        "invited again after the cancellation",
        "back-from-kept",
        &[("watched", declines_and_keeps), ("done", invites_again)],
        INVITED_ANEW,
    ),
    row(
        "invited again, and declined again",
        "back-and-declines",
        &[("watched", declines), ("done", invites_again), ("watched", declines)],
        "done declined/organizer-copy done; gone, 2 effects",
    ),
    // The organizer's copy may still show the decline of the generation before.
    row(
        "invited again, and removed without a word",
        "back-and-deletes",
        &[("watched", declines), ("done", invites_again), ("watched", deletes)],
        "review removed/removal -; has place, 1 effects",
    ),
    // Series.
    row("whole series accepted", "series-accepts", &[("watched", accepts)], ANY_STAYS).cast(Cast::Series),
    row("whole series declined", "series-declines", &[("watched", declines)], ANY_DONE).cast(Cast::Series),
    row("whole series declined, kept", "series-keeps", &[("watched", declines_and_keeps)], ANY_DONE)
        .cast(Cast::Series),
    row("whole series deleted", "series-deletes", &[("watched", deletes)], ANY_REVIEW).cast(Cast::Series),
    row("whole series moved", "series-moves", &[("watched", accepts), ("watched", moves)], ANY_STAYS)
        .cast(Cast::Series),
    row(
        "whole series moved, then declined",
        "series-moves-and-declines",
        &[("watched", moves), ("watched", declines)],
        ANY_DONE,
    )
    .cast(Cast::Series),
    row("whole series cancelled", "series-called-off", &[("watched", calls_off)], ANY_STAYS)
        .cast(Cast::Series),
    row("one occurrence declined", "series-declines-one", &[("watched", declines_one)], ANY_REVIEW)
        .cast(Cast::Series),
    row(
        "one occurrence declined, kept",
        "series-keeps-one",
        &[("watched", declines_and_keeps_one)],
        ANY_REVIEW,
    )
    .cast(Cast::Series),
    row("one occurrence deleted", "series-deletes-one", &[("watched", deletes_one)], ANY_REVIEW)
        .cast(Cast::Series),
    row(
        "one occurrence declined, and accepted again",
        "series-wavers",
        &[("watched", declines_and_keeps_one), ("review", accepts_one)],
        ANY_STAYS,
    )
    .cast(Cast::Series),
    row(
        "every occurrence declined by itself",
        "series-declines-each",
        &[("watched", declines_each)],
        ANY_DONE,
    )
    .cast(Cast::Series),
    // Declined all but the one that was accepted before; whether that answer stands is Exchange's to say.
    row(
        "one occurrence accepted, then the series declined, kept",
        "series-keeps-but-one",
        &[("watched", accepts_one), ("watched", declines_and_keeps)],
        ANY_REVIEW,
    )
    .cast(Cast::Series)
    .or(&[("seriesAnswerReachesExceptions", ANY_DONE)]),
    row(
        "organizer cancels one occurrence",
        "series-loses-one",
        &[("watched", accepts), ("watched", calls_one_off)],
        ANY_STAYS,
    )
    .cast(Cast::Series),
    row(
        "organizer moves one occurrence",
        "series-retimed",
        &[("watched", accepts), ("watched", retimes_one)],
        ANY_STAYS,
    )
    .cast(Cast::Series),
    // Parts: two events for one session.
    row("one of two events declined", "one-of-two", &[("watched", declines_the_second)], ANY_REVIEW)
        .cast(Cast::Twice),
    row("both events declined", "both-of-two", &[("watched", declines_both)], ANY_DONE).cast(Cast::Twice),
];

/// In the calendar, not in the LMS.
const SILENT_WITHOUT_PLACE: &str = "watched unanswered/learner-copy -; gone, 0 effects";
const BY_EITHER_COPY: &str = "done declined/learner-copy|declined/organizer-copy done; gone, 1 effects";
const NEVER_HAD_ONE: &str = "done declined/organizer-copy not_enrolled; gone, 0 effects";

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

const INVITED_ANEW: &str = "watched unanswered/learner-copy -; has place, 1 effects";
const ANY_STAYS: &str = "watched * -; has place, 0 effects";
const ANY_REVIEW: &str = "review * -; has place, 0 effects";
const ANY_DONE: &str = "done * done; gone, 1 effects";
