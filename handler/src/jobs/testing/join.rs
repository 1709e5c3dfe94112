//! Addresses of the page to join by, as a deployment makes them.

use crate::graph::client_state::StateKeys;
use crate::publishing::join_link::{self, JoinLinks};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

/// Those of a deployment whose state keys have these ids, newest first.
pub(crate) fn join_links(ids: &str) -> JoinLinks {
    let one = |id: &str| format!("{id}:{}", STANDARD.encode(id.repeat(32)));
    let keys = StateKeys::parse(&ids.split(',').map(one).collect::<Vec<_>>().join(",")).unwrap();
    let public_url = Url::parse("https://regrets.contoso.com").unwrap();
    JoinLinks::new(&public_url, "/api/join", keys.signing_keys(join_link::PURPOSE).unwrap())
}
