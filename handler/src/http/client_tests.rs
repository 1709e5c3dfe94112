use super::*;
use crate::graph::testing::{Scripted, TlsServer};

#[tokio::test]
async fn a_server_is_trusted_only_through_an_extra_root() {
    let server = TlsServer::start(Scripted::always(200, "{}")).await;
    let stranger = client(&HttpOptions::default());
    // Without a platform store there is nothing to distrust with; then the error is the right answer.
    if let Ok(stranger) = stranger {
        let error = stranger.get(server.url("/")).send().await.expect_err("an unknown authority");
        assert!(error.is_connect(), "{error:?}");
    }
    let friend = client(&HttpOptions { extra_roots: vec![server.root()], ..HttpOptions::default() }).unwrap();
    assert_eq!(friend.get(server.url("/")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn redirects_are_handed_back_unless_asked_for() {
    let server = TlsServer::start(Scripted::redirect_once("/there")).await;
    let options = HttpOptions { extra_roots: vec![server.root()], ..HttpOptions::default() };
    let strict = client(&options).unwrap();
    assert_eq!(strict.get(server.url("/")).send().await.unwrap().status(), 302);
    let lenient = client(&HttpOptions { redirects: 2, ..options }).unwrap();
    assert_eq!(lenient.get(server.url("/")).send().await.unwrap().status(), 200);
}
