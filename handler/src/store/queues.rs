//! The queues that the functions listen to, made where they are missing. A trigger makes none: its listener
//! polls on what is not there, and somebody who runs the app without its templates would wonder.
//!
//! Guarantee: whatever goes wrong here stops nothing. Where our role does not allow it the templates have
//! made them, and an output makes its own queue when it sends.

use super::azure_tables::identity;
use crate::http::client::{HttpOptions, client, root_cause};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH};
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use std::time::SystemTime;
use storage_account::{Signed, StorageAccess, StorageAccount};

const VERSION: &str = "2021-12-02";
/// Whoever may work on a storage account may by this name.
const SCOPE: &str = "https://storage.azure.com/.default";

/// Makes those of these queues that are missing, and says so.
pub async fn make_missing(account: &StorageAccount, names: &[&str]) {
    if let Err(why) = try_make(account, names).await {
        tracing::warn!(
            why,
            "the queues can't be looked after; a queue that is missing is made by the first message to it"
        );
    }
}

async fn try_make(account: &StorageAccount, names: &[&str]) -> Result<(), String> {
    let Some(queues) = &account.queues else { return Ok(()) };
    let http = client(&HttpOptions::default()).map_err(|error| error.to_string())?;
    let identity = identity(&account.access, http.clone()).map_err(|error| error.to_string())?;
    let token = match identity {
        Some(identity) => {
            let token = identity.get_token(&[SCOPE], None).await;
            Some(token.map_err(|error| root_cause(&error))?.token.secret().to_owned())
        }
        None => None,
    };
    for name in names {
        let mut url = queues.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(name);
        }
        if let StorageAccess::Signature(signature) = &account.access {
            url.set_query(Some(signature.expose_secret()));
        }
        let date = httpdate::fmt_http_date(SystemTime::now());
        let authorization = match (&account.access, &token) {
            (StorageAccess::Key(key), _) => {
                let (method, account, version) = (&Method::PUT, account.name.as_str(), VERSION);
                let signed = Signed { method, url: &url, account, date: &date, version, body: None };
                signed.authorization(key.expose_secret())
            }
            (_, Some(token)) => Some(format!("Bearer {token}")),
            (_, None) => None,
        };
        let mut request = http
            .put(url)
            .header("x-ms-date", &date)
            .header("x-ms-version", VERSION)
            .header(CONTENT_LENGTH, 0);
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        // No error of the client shows the query of a signature.
        let answer = request.send().await.map_err(|error| root_cause(&error.without_url()))?;
        match answer.status() {
            StatusCode::CREATED => tracing::info!(queue = name, "a queue was missing and is made"),
            // It is there, with other metadata or without.
            StatusCode::NO_CONTENT | StatusCode::CONFLICT => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(format!("our role does not let us make queue {name} ({})", answer.status()));
            }
            status => return Err(format!("making queue {name} was answered with {status}")),
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "queues_tests.rs"]
mod tests;
