//! Assertions that prove who the app is without a secret: a JWT signed by its certificate, or a managed identity's token.
//!
//! The JWT is what Entra asks for (reference/entra.md#certificate): PS256, `x5t#S256`, `aud` = token
//! endpoint, `iss` = `sub` = client id, ten minutes. It is signed by rustls' ring signer, so no second RSA
//! implementation is needed; and a certificate that is not the key's own is found at start, not at Entra.

use super::entra_errors;
use crate::clock::Clock;
use crate::graph::error::GraphError;
use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::SignatureScheme;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SigningKey};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// How long one assertion may be used, in seconds.
const LIFETIME: i64 = 600;

/// A certificate's key, ready to sign for one app at one token endpoint.
#[derive(Clone)]
pub(crate) struct CertificateAssertion {
    key: Arc<dyn SigningKey>,
    thumbprint: String,
    client_id: String,
    audience: String,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for CertificateAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateAssertion").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}

impl CertificateAssertion {
    /// `pem` holds the certificate (first, if there is a chain) and its RSA key, in any order.
    pub(crate) fn new(
        pem: &SecretString,
        client_id: &str,
        audience: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GraphError> {
        let (key, thumbprint) =
            key_of(pem).map_err(|hint| entra_errors::credential(None, "certificate".to_owned(), None, hint))?;
        Ok(Self { key, thumbprint, client_id: client_id.to_owned(), audience: audience.to_owned(), clock })
    }

    fn sign(&self) -> azure_core::Result<String> {
        let now = self.clock.now().timestamp();
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": self.audience, "iss": self.client_id, "sub": self.client_id, "jti": Uuid::new_v4(),
            "iat": now, "nbf": now, "exp": now + LIFETIME,
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let failed = || Error::with_message(ErrorKind::Credential, "the assertion can't be signed");
        let signer = self.key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]).ok_or_else(failed)?;
        let signature = signer.sign(message.as_bytes()).map_err(|_| failed())?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Why this PEM can't prove who the app is; `None` where it can.
pub fn why_no_certificate(pem: &SecretString) -> Option<&'static str> {
    key_of(pem).err()
}

/// The key, and the thumbprint of its certificate.
fn key_of(pem: &SecretString) -> Result<(Arc<dyn SigningKey>, String), &'static str> {
    let text = pem.expose_secret().as_bytes();
    let certificate = CertificateDer::from_pem_slice(text)
        .map_err(|_| "The PEM holds no certificate: it needs a block `BEGIN CERTIFICATE`")?;
    let der = PrivateKeyDer::from_pem_slice(text)
        .map_err(|_| "The PEM holds no private key: it needs an unencrypted block `BEGIN PRIVATE KEY`")?;
    let key =
        any_supported_type(&der).map_err(|_| "The private key can't be used: it must be RSA, 2048 to 8192 bits")?;
    if key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]).is_none() {
        return Err("The private key is not RSA, which is all that Entra takes");
    }
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate));
    let pair = CertifiedKey::new(vec![certificate], key);
    pair.keys_match().map_err(|_| "The private key is not that of the certificate")?;
    Ok((pair.key, thumbprint))
}

#[async_trait]
impl ClientAssertion for CertificateAssertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.sign()
    }
}

/// A managed identity's token for the exchange audience, which the app trusts by a federated credential.
#[derive(Debug)]
pub(crate) struct IdentityAssertion {
    pub(crate) identity: Arc<dyn TokenCredential>,
    /// `{exchange audience}/.default`.
    pub(crate) scope: String,
}

#[async_trait]
impl ClientAssertion for IdentityAssertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let token = self.identity.get_token(&[&self.scope], None).await?;
        Ok(token.token.secret().to_owned())
    }
}

#[cfg(test)]
mod tests {
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
        let jwt =
            assertion(format!("{}{}", made.key_pem, made.certificate_pem), 1_800_000_000).unwrap().sign().unwrap();
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
        let again =
            assertion(format!("{}{}", made.certificate_pem, made.key_pem), 1_800_000_000).unwrap().sign().unwrap();
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
}
