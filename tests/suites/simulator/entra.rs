//! The token endpoint and the bearer's rights.

use crate::client::{ANA, Caller, LEARNING, plain};
use serde_json::json;
use simulator::world::directory::{Certificate, MailboxState, Tenant};
use simulator::{Fault, TenantSeed};

#[tokio::test]
async fn every_wrong_credential_has_its_code() {
    let caller = Caller::open(plain()).await;
    type Fields = &'static [(&'static str, &'static str)];
    let cases: [(Fields, u16, u32); 7] = [
        (&[("client_secret", "wrong")], 401, 7_000_215),
        (&[("client_secret", "")], 401, 7_000_218),
        (&[("client_id", "11111111-2222-3333-4444-555555555555")], 400, 700_016),
        (&[("tenant", "nowhere.example")], 400, 90_002),
        (&[("scope", "https://graph.microsoft.com/Calendars.Read")], 400, 70_011),
        (&[("scope", "https://vault.azure.net/.default")], 400, 500_011),
        (&[("grant_type", "password")], 400, 70_003),
    ];
    for (fields, status, code) in cases {
        let (got, body) = caller.ask_token(fields).await;
        assert_eq!((got, body["error_codes"][0].as_u64()), (status, Some(u64::from(code))), "{fields:?}");
        assert!(body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{code}: ")));
    }
    caller.world().inject_times(Fault::EntraError { code: 7_000_222 }, 1);
    assert_eq!(caller.ask_token(&[]).await.1["error"], "invalid_client");
    assert_eq!(caller.ask_token(&[]).await.0, 200);
    assert_eq!(caller.world().counters().tokens_refused, 8);
}

#[tokio::test]
async fn a_token_is_refused_when_it_is_old_broken_or_for_somebody_else() {
    let mut caller = Caller::open(plain()).await;
    assert_eq!(caller.get("users").await.status, 200);
    caller.world().inject_times(Fault::TokenBroken, 1);
    assert_eq!(caller.get("users").await.error(), (401, "InvalidAuthenticationToken"));
    caller.world().advance(chrono::Duration::hours(2));
    assert_eq!(caller.get("users").await.error(), (401, "InvalidAuthenticationToken"));
    caller.refresh().await;
    assert_eq!(caller.get("users").await.status, 200);

    let (_, foreign) = caller.ask_token(&[("scope", "https://graph.microsoft.com/.default")]).await;
    let bearer = format!("Bearer {}", foreign["access_token"].as_str().unwrap());
    let url = format!("{}/v1.0/users", caller.simulator.graph_url());
    let answer = caller.simulator.http().get(url).header("Authorization", bearer).send().await.unwrap();
    assert_eq!(answer.status(), 401);
}

/// An assertion as the project signs it, for Contoso's app.
fn assertion(key: &rcgen::KeyPair, thumbprint: &str, audience: &str, seconds: i64) -> String {
    let client = TenantSeed::contoso().client_id;
    let exp = chrono::Utc::now().timestamp() + seconds;
    let claims =
        json!({ "iss": client, "sub": client, "aud": audience, "jti": "1", "nbf": exp - 600, "exp": exp });
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    header.x5t_s256 = Some(thumbprint.to_owned());
    let signer = jsonwebtoken::EncodingKey::from_ec_pem(key.serialize_pem().as_bytes()).unwrap();
    jsonwebtoken::encode(&header, &claims, &signer).unwrap()
}

#[tokio::test]
async fn an_assertion_is_taken_by_its_certificate_or_its_registered_issuer() {
    let caller = Caller::open(plain()).await;
    let (key, other) = (rcgen::KeyPair::generate().unwrap(), rcgen::KeyPair::generate().unwrap());
    let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
    let registered = Certificate::new(certificate.der(), &key.public_key_pem());
    let print = registered.thumbprint.clone();
    let app = |tenant: &mut Tenant| {
        tenant.app.certificates.push(registered);
        tenant.app.federated_issuers.push("https://issuer.example".to_owned());
    };
    caller.world().edit_tenant("contoso.com", app).unwrap();
    let endpoint =
        format!("{}/{}/oauth2/v2.0/token", caller.simulator.authority_url(), TenantSeed::contoso().id);
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let federated = |issuer: &str| {
        let claims = json!({ "iss": issuer, "exp": chrono::Utc::now().timestamp() + 60 });
        let secret = jsonwebtoken::EncodingKey::from_secret(b"not simulated");
        jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &secret).unwrap()
    };
    let cases = [
        (assertion(&key, &print, &endpoint, 600), None),
        (assertion(&other, &print, &endpoint, 600), Some(700_027)),
        (assertion(&key, "unknown", &endpoint, 600), Some(700_027)),
        (assertion(&key, &print, "https://elsewhere.example", 600), Some(700_027)),
        (assertion(&key, &print, &endpoint, -1), Some(700_024)),
        (federated("https://issuer.example"), None),
        (federated("https://other.example"), Some(700_027)),
    ];
    for (n, (assertion, code)) in cases.iter().enumerate() {
        let fields = [
            ("client_secret", ""),
            ("client_assertion_type", kind),
            ("client_assertion", assertion.as_str()),
        ];
        let (_, body) = caller.ask_token(&fields).await;
        assert_eq!(body["error_codes"][0].as_u64(), *code, "case {n}: {body}");
    }
}

#[tokio::test]
async fn what_was_not_consented_is_403_until_a_new_token_carries_the_consent() {
    let mut caller = Caller::open(plain()).await;
    let (users, events) = ("users".to_owned(), format!("users/{}/events", caller.id(ANA)));
    caller.world().edit_tenant("contoso.com", |tenant| tenant.app.roles.clear());
    assert_eq!(caller.get(&users).await.status, 200, "a cached token keeps its roles");
    caller.refresh().await;
    assert_eq!(caller.get(&users).await.error(), (403, "Authorization_RequestDenied"));
    assert_eq!(caller.get(&events).await.error(), (403, "ErrorAccessDenied"));
    caller.world().edit_tenant("contoso.com", |tenant| tenant.app.rbac_calendars = true);
    assert_eq!(caller.get(&events).await.status, 200, "RBAC does not show in the token");
}

#[tokio::test]
async fn each_state_of_a_mailbox_has_its_answer() {
    let caller = Caller::open(plain()).await;
    let events = format!("users/{}/events", caller.id(ANA));
    let cases = [
        (MailboxState::NoMailbox, 404, "MailboxNotEnabledForRESTAPI"),
        (MailboxState::OutOfScope, 403, "ErrorAccessDenied"),
        (MailboxState::Policy, 403, "ErrorAccessDenied"),
    ];
    for (state, status, code) in cases {
        caller.world().edit_user(ANA, |user| user.mailbox_state = state);
        assert_eq!(caller.get(&events).await.error(), (status, code));
        let url = "https://localhost:1/hook";
        let refused = caller.post("subscriptions", caller.wish(url, json!({}))).await;
        assert_eq!(refused.error(), (status, "ExtensionError"));
    }
    caller.world().edit_user(ANA, |user| user.mailbox_state = MailboxState::Active);
    caller.world().inject_times(Fault::MailboxRefused { mailbox: ANA.to_owned() }, 1);
    assert_eq!(caller.get(&events).await.error(), (403, "ErrorAccessDenied"));
    assert_eq!(caller.get(&format!("users/{}/events", caller.id(LEARNING))).await.status, 200);
}
