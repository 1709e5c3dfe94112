//! Entra gives a token. What it says instead is told in plain words, with its remedy
//! (reference/entra.md#token-errors).

use super::check::{Check, CheckId, Look, Outcome};
use super::graph_words::said;
use super::subject::Visit;
use crate::graph::{GraphError, Mending};

pub(super) const CHECK: Check = Check {
    id: CheckId::Token,
    title: "token",
    needs: &[CheckId::Secrets],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    match visit.granted().await {
        Ok(Some(roles)) => Outcome::ok(match roles.len() {
            0 => "Entra gives one, without any application permission".to_owned(),
            1 => "Entra gives one, with one application permission".to_owned(),
            many => format!("Entra gives one, with {many} application permissions"),
        }),
        Ok(None) => Outcome::ok("Entra gives one, which can't be looked into"),
        Err(failure) => refused(failure),
    }
}

fn refused(failure: &GraphError) -> Outcome {
    let said = said(failure);
    match failure.mending() {
        Some(Mending::Credential { hint }) => {
            let outcome = Outcome::failed(format!("Entra gives none: {said}"), format!("{hint}."));
            match number(&said) {
                Some(number) => {
                    outcome.link(format!("https://login.microsoftonline.com/error?code={number}"))
                }
                None => outcome,
            }
        }
        Some(Mending::Unauthorized | Mending::Invalid) => Outcome::failed(
            format!("Entra's answer can't be used: {said}"),
            "See what stands between this machine and login.microsoftonline.com.",
        ),
        None => Outcome::failed(
            format!("Entra can't be reached, or has no time: {said}"),
            "It passes by itself, if it is Entra's. See whether this machine reaches the login host: DNS, \
             proxy, firewall, trust anchors (SSL_CERT_FILE names extra ones).",
        ),
    }
}

fn number(said: &str) -> Option<&str> {
    let (_, number) = said.split_once("AADSTS")?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
