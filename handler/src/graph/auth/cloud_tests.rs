use super::*;
use crate::graph::auth::cloud::Cloud;

#[test]
fn the_scope_follows_the_endpoint() {
    for (endpoint, expected) in [
        ("https://graph.microsoft.us", "https://graph.microsoft.us/.default"),
        ("https://localhost:8443/", "https://localhost:8443/.default"),
    ] {
        assert_eq!(scope(&Url::parse(endpoint).unwrap()), expected);
    }
}

#[test]
fn every_endpoint_is_an_https_url() {
    for cloud in [Cloud::Global, Cloud::UsGov, Cloud::UsGovDod, Cloud::China] {
        let Endpoints { authority, graph } = endpoints(cloud);
        for url in [authority, graph] {
            assert_eq!(Url::parse(url).unwrap().scheme(), "https", "{cloud:?}");
        }
    }
}
