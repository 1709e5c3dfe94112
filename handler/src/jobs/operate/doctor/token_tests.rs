use super::super::graph_words::said;
use super::refused;
use crate::graph::{Failure, GraphError};

fn failure(status: Option<u16>, code: &str) -> Failure {
    Failure { status, code: code.to_owned(), request_id: Some("of this time alone".to_owned()) }
}

#[test]
fn a_number_of_entras_leads_to_its_page() {
    let hint = "The client secret has expired".to_owned();
    let failure = failure(Some(401), "token/invalid_client/AADSTS7000222");
    let found = refused(&GraphError::Credential { failure, hint });
    assert_eq!(found.seen, "Entra gives none: 401 invalid_client/AADSTS7000222");
    assert_eq!(found.step.unwrap(), "The client secret has expired.");
    assert_eq!(found.link.unwrap(), "https://login.microsoftonline.com/error?code=7000222");
}

#[test]
fn what_passes_is_told_as_such_and_has_no_page() {
    let found = refused(&GraphError::Unavailable(failure(None, "token/network")));
    assert_eq!(found.seen, "Entra can't be reached, or has no time: network");
    assert_eq!(found.link, None);
    assert_eq!(said(&GraphError::TooLong { minutes: 3 }), "a subscription may live 3 minutes at most");
}
