//! Each variant against each predicate.

use super::*;
use MailboxFailure::{NoMailbox, Passing, Quota, Refused};

fn failure() -> Failure {
    Failure { status: Some(418), code: "teapot".to_owned(), request_id: None }
}

/// What a variant is known by, and with which variants it shares each answer.
struct Row {
    error: GraphError,
    is_not_ours: bool,
    is_never_readable: bool,
    is_away: bool,
    is_lasting: bool,
    wait: Option<u64>,
    mailbox: MailboxFailure,
    mending: Option<Mending<'static>>,
    /// What it becomes when it is said of a whole batch.
    of_whole_batch: GraphError,
}

/// In the order of the columns.
type Facts = ([bool; 4], Option<u64>, MailboxFailure, Option<Mending<'static>>);

fn row(error: GraphError, (is, wait, mailbox, mending): Facts, of_whole_batch: GraphError) -> Row {
    let [is_not_ours, is_never_readable, is_away, is_lasting] = is;
    Row { error, is_not_ours, is_never_readable, is_away, is_lasting, wait, mailbox, mending, of_whole_batch }
}

fn table() -> Vec<Row> {
    use GraphError as E;
    let f = failure;
    let (yes, no) = (true, false);
    let credential = || E::Credential { failure: f(), hint: "renew the secret".to_owned() };
    let throttled = |after| E::Throttled { failure: f(), after };
    let hint = Some(Mending::Credential { hint: "renew the secret" });
    let seven = Some(Duration::from_secs(7));
    vec![
        // Not ours, never readable, away, lasting; wait; mailbox; mending; of a whole batch.
        row(E::NotFound(f()), ([no, yes, no, yes], None, Passing, None), E::Invalid(f())),
        row(E::NoMailbox(f()), ([yes, yes, no, yes], None, NoMailbox, None), E::Invalid(f())),
        row(E::Refused(f()), ([yes, yes, no, no], None, Refused, None), E::Unauthorized(f())),
        row(
            E::Unauthorized(f()),
            ([no, no, no, no], None, Passing, Some(Mending::Unauthorized)),
            E::Unauthorized(f()),
        ),
        row(credential(), ([no, no, no, no], None, Passing, hint), credential()),
        row(E::Quota(f()), ([no, no, no, yes], None, Quota, None), E::Invalid(f())),
        row(E::Conflict(f()), ([no, no, no, yes], None, Passing, None), E::Invalid(f())),
        row(E::TooLong { minutes: 9 }, ([no, no, no, yes], None, Passing, None), E::TooLong { minutes: 9 }),
        row(E::Validation(f()), ([no, no, no, yes], None, Passing, None), E::Invalid(f())),
        row(throttled(seven), ([no, no, yes, no], Some(7), Passing, None), throttled(seven)),
        row(throttled(None), ([no, no, yes, no], None, Passing, None), throttled(None)),
        row(E::Unavailable(f()), ([no, no, yes, no], None, Passing, None), E::Unavailable(f())),
        row(E::Invalid(f()), ([no, no, no, yes], None, Passing, Some(Mending::Invalid)), E::Invalid(f())),
    ]
}

#[test]
fn each_variant_is_answered_by_each_predicate() {
    for row in table() {
        let error = &row.error;
        assert_eq!(error.is_not_ours(), row.is_not_ours, "{error:?} is not ours");
        assert_eq!(error.is_never_readable(), row.is_never_readable, "{error:?} is never readable");
        assert_eq!(error.is_away(), row.is_away, "{error:?} is away");
        assert_eq!(error.is_lasting(), row.is_lasting, "{error:?} is lasting");
        assert_eq!(error.wait(), row.wait.map(Duration::from_secs), "{error:?} waits");
        assert_eq!(error.mailbox(), row.mailbox, "{error:?} of a mailbox");
        assert_eq!(error.mending(), row.mending, "{error:?} is mended");
        let failure = (!matches!(error, GraphError::TooLong { .. })).then(failure);
        assert_eq!(error.failure(), failure.as_ref(), "{error:?} tells");
        assert_eq!(row.error.clone().of_whole_batch(), row.of_whole_batch, "{error:?} of a whole batch");
    }
}
