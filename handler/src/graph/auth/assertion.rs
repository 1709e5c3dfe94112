//! Assertions that prove who the app is without a secret: a JWT signed by its certificate, or a managed
//! identity's token.
//!
//! The JWT is what Entra asks for (reference/entra.md#certificate): PS256, `x5t#S256`, `aud` = token
//! endpoint, `iss` = `sub` = client id, ten minutes. It is signed by rustls' ring signer, so no second RSA
//! implementation is needed; and a certificate that is not the key's own is found at start, not at Entra.

use super::{certificate_life, entra_errors};
use crate::clock::Clock;
use crate::graph::error::GraphError;
use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
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
        let (key, thumbprint) = key_of(pem)
            .map_err(|hint| entra_errors::credential(None, "certificate".to_owned(), None, hint))?;
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

/// When the certificate in this PEM ends; `None` where that can't be read.
pub fn certificate_ends(pem: &SecretString) -> Option<DateTime<Utc>> {
    let certificate = CertificateDer::from_pem_slice(pem.expose_secret().as_bytes()).ok()?;
    certificate_life::not_after(&certificate)
}

/// The key, and the thumbprint of its certificate.
fn key_of(pem: &SecretString) -> Result<(Arc<dyn SigningKey>, String), &'static str> {
    let text = pem.expose_secret().as_bytes();
    let certificate = CertificateDer::from_pem_slice(text)
        .map_err(|_| "The PEM holds no certificate: it needs a block `BEGIN CERTIFICATE`")?;
    let der = PrivateKeyDer::from_pem_slice(text)
        .map_err(|_| "The PEM holds no private key: it needs an unencrypted block `BEGIN PRIVATE KEY`")?;
    let key = any_supported_type(&der)
        .map_err(|_| "The private key can't be used: it must be RSA, 2048 to 8192 bits")?;
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
#[path = "assertion_tests.rs"]
mod tests;
