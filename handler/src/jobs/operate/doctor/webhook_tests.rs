use super::super::check::Verdict;
use super::{address, refused};
use crate::graph::{Failure, GraphError};

fn failure() -> Failure {
    Failure { status: Some(400), code: "ValidationError".to_owned(), request_id: None }
}

#[test]
fn an_echo_that_fails_names_the_address_without_the_deployments_marker() {
    let address = address("https://app.contoso.com/api/graph/notifications?deployment=abc");
    let found = refused(&GraphError::Validation(failure()), &address);
    assert_eq!(found.verdict, Verdict::Failed);
    assert!(found.seen.contains("https://app.contoso.com/api/graph/notifications ("), "{}", found.seen);
}

/// Whether a second subscription is taken is not known for sure.
#[test]
fn a_conflict_proves_nothing() {
    assert_eq!(refused(&GraphError::Conflict(failure()), "x").verdict, Verdict::Skipped);
    assert_eq!(refused(&GraphError::Quota(failure()), "x").verdict, Verdict::Failed);
    assert_eq!(refused(&GraphError::Unavailable(failure()), "x").verdict, Verdict::Failed);
}
