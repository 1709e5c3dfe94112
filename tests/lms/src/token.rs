//! OAuth2 by client credentials: tokens, and that they expire.

use crate::call::{Answer, Call};
use serde_json::json;

pub const CLIENT_ID: &str = "regrets";
pub const CLIENT_SECRET: &str = "fake-client-secret";

#[derive(Debug)]
pub struct Tokens {
    issued: u32,
    /// Tokens up to this one are not taken any more.
    expired: u32,
    /// How a token is sent.
    scheme: &'static str,
    /// The client is not known any more.
    pub is_rejected: bool,
}

impl Tokens {
    pub fn sent_as(scheme: &'static str) -> Self {
        Self { issued: 0, expired: 0, scheme, is_rejected: false }
    }

    pub fn expire(&mut self) {
        self.expired = self.issued;
    }

    pub fn issued(&self) -> u32 {
        self.issued
    }

    pub fn issue(&mut self, call: &Call) -> Answer {
        let form = call.form();
        let has =
            |name: &str, wanted: &str| form.iter().any(|(known, value)| known == name && value == wanted);
        let is_known = has("client_id", CLIENT_ID) && has("client_secret", CLIENT_SECRET);
        if !has("grant_type", "client_credentials") {
            return Answer::json(400, &json!({ "error": "unsupported_grant_type" }));
        }
        if !is_known || self.is_rejected {
            return Answer::json(401, &json!({ "error": "invalid_client" }));
        }
        self.issued += 1;
        let token = format!("token-{}", self.issued);
        Answer::json(200, &json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 }))
    }

    pub fn are_taken(&self, call: &Call) -> bool {
        let sent = call.header("authorization");
        let number = sent.strip_prefix(self.scheme).and_then(|rest| rest.strip_prefix(" token-"));
        number
            .and_then(|number| number.parse::<u32>().ok())
            .is_some_and(|n| n > self.expired && n <= self.issued)
    }
}
