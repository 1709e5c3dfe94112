use super::*;
use crate::clock::ManualClock;
use crate::graph::testing::certificate;
use azure_core::credentials::{AccessToken, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use chrono::DateTime;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};

const ENDPOINT: &str = "https://login.microsoftonline.com/tenant/oauth2/v2.0/token";

fn assertion(pem: String, at: i64) -> Result<CertificateAssertion, GraphError> {
    let clock = ManualClock::at(DateTime::from_timestamp(at, 0).unwrap());
    CertificateAssertion::new(&pem.into(), "the-app", ENDPOINT, Arc::new(clock))
}

#[test]
fn the_assertion_is_what_entra_checks() {
    let made = certificate::rsa();
    let jwt = assertion(format!("{}{}", made.key_pem, made.certificate_pem), 1_800_000_000)
        .unwrap()
        .sign()
        .unwrap();
    let mut validation = Validation::new(Algorithm::PS256);
    validation.set_audience(&[ENDPOINT]);
    validation.validate_exp = false;
    let key = DecodingKey::from_rsa_pem(made.public_pem.as_bytes()).unwrap();
    let claims = decode::<serde_json::Value>(&jwt, &key, &validation).unwrap().claims;
    for (claim, expected) in [
        ("iss", json!("the-app")),
        ("sub", json!("the-app")),
        ("nbf", json!(1_800_000_000)),
        ("exp", json!(1_800_000_600)),
    ] {
        assert_eq!(claims[claim], expected, "{claim}");
    }
    let again = assertion(format!("{}{}", made.certificate_pem, made.key_pem), 1_800_000_000)
        .unwrap()
        .sign()
        .unwrap();
    assert_ne!(jwt, again, "each assertion has its own jti");
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&made.certificate));
    assert_eq!(decode_header(&jwt).unwrap().x5t_s256.as_deref(), Some(thumbprint.as_str()));
}

#[tokio::test]
async fn a_managed_identitys_token_is_the_assertion() {
    #[derive(Debug)]
    struct Identity;
    #[async_trait]
    impl TokenCredential for Identity {
        async fn get_token(
            &self,
            scopes: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            Ok(AccessToken::new(format!("token for {}", scopes.join(" ")), OffsetDateTime::now_utc()))
        }
    }
    let scope = "api://AzureADTokenExchange/.default".to_owned();
    let assertion = IdentityAssertion { identity: Arc::new(Identity), scope };
    assert_eq!(assertion.secret(None).await.unwrap(), "token for api://AzureADTokenExchange/.default");
}

#[test]
fn a_pem_that_can_not_work_is_refused_at_start() {
    let (rsa, elliptic) = (certificate::rsa(), certificate::elliptic());
    for (pem, word) in [
        (String::new(), "no certificate"),
        (rsa.certificate_pem.clone(), "no private key"),
        (format!("{}{}", elliptic.certificate_pem, rsa.key_pem), "not that of the certificate"),
        (format!("{}{}", elliptic.certificate_pem, elliptic.key_pem), "not RSA"),
    ] {
        match assertion(pem, 0) {
            Err(GraphError::Credential { hint, .. }) => assert!(hint.contains(word), "{hint}"),
            other => panic!("{word}: {other:?}"),
        }
    }
}
