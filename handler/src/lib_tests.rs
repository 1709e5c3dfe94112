//! Words of enums: shown, asked for by alert rules and stored. None may change with a variant's name unseen.

use crate::calendar::reading::{Source, Verdict};
use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::lms_answer::{LmsOutcome, OrderVerdict};
use crate::enrolment::transitions::State;
use crate::enrolment::valve::ValveState;
use crate::functions::drop_counters::DropCause;
use crate::ledger::alert_kind::AlertKind;
use crate::ledger::mailboxes::SubscriptionState;
use crate::store::Table;
use serde::Serialize;
use std::fmt::Debug;
use strum::VariantArray;

/// The words of all variants, each the same as the one that is stored.
fn stored<T: Serialize + VariantArray + Copy + Debug + Into<&'static str>>() -> String {
    for value in T::VARIANTS {
        assert_eq!(serde_json::to_value(value).unwrap(), (*value).into() as &str, "{value:?}");
    }
    words(T::VARIANTS)
}

fn words<T: Copy + Into<&'static str>>(values: &[T]) -> String {
    let words: Vec<&str> = values.iter().map(|value| (*value).into()).collect();
    words.chunks(6).map(|some| some.join(" ")).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn a_word_that_is_shown_is_the_word_that_is_stored() {
    let all = [
        stored::<State>(),
        stored::<ValveState>(),
        stored::<Verdict>(),
        stored::<Source>(),
        stored::<OrderVerdict>(),
        stored::<LmsOutcome>(),
        stored::<SubscriptionState>(),
        stored::<AlertKind>(),
        words(&[OutcomeKind::WouldHaveCancelled, OutcomeKind::TooLate]),
        words(DropCause::VARIANTS),
        words(&Table::ALL),
    ];
    insta::assert_snapshot!(all.join("\n"), @"
    watched waiting running done expired review

    open braked stopped breaker-open credential-broken endpoint-gone

    ended cancelled-by-organizer dropped-by-organizer declined attending unanswered
    removed unseen unknown

    learner-copy organizer-copy removal disagreement nothing

    declined removed unseen

    done accepted already_cancelled not_enrolled unknown_learner unknown_session
    too_late refused held_elsewhere superseded outage credential_broken
    endpoint_gone unclear unexpected

    wanted watched failing no-mailbox refused

    review expired declined-late take-back brake poison-changes
    poison-mailboxes poison-cancellations poison-sessions poison-unreadable mailboxes-unwatched \
    notification-url
    subscription-quota graph-credential graph-unauthorized graph-invalid directory directory-shrunk
    lms-breaker lms-credential lms-gone lms-answer graph-silent graph-away
    chunked-posts blind configuration start learner-without-key organizer-unknown
    attendee-unknown unreadable-row parts-unknown no-answer-wanted row-refused secret-missing
    organizer-unfollowed session-ambiguous consent-missing consent-withdrawn consent-drifted doctor
    canary source-vanished event-taken-away event-edited organizer-calendar instructor-declined
    online-meeting publish-held room session-crowded source-unread source-entry

    would_have_cancelled too_late

    chunked_or_empty not_json too_large bad_token no_items malformed_item
    no_client_state forged_client_state unknown_tenant switched_off wrong_directory unknown_change_type
    unknown_lifecycle_event no_event_id event_id_too_long too_many_items

    mailboxes links enrolments agenda activity connections
    ");
    for outcome in LmsOutcome::VARIANTS {
        assert_eq!(OutcomeKind::Lms(*outcome).word(), <&str>::from(*outcome));
    }
}
