use super::*;
use azure_core::credentials::{AccessToken as TokenOfToday, TokenRequestOptions};
use azure_core::error::{Error as ErrorOfToday, ErrorKind as KindOfToday};
use azure_core::time::{Duration, OffsetDateTime};

#[derive(Debug)]
struct Identity(Option<OffsetDateTime>);

#[async_trait]
impl TokenCredential for Identity {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<TokenOfToday> {
        let refused = || ErrorOfToday::with_message(KindOfToday::Credential, "identity not found");
        let ends = self.0.ok_or_else(refused)?;
        Ok(TokenOfToday::new(format!("token for {}", scopes.join(" ")), ends))
    }
}

#[tokio::test]
async fn a_token_crosses_over_with_its_end() {
    let ends = OffsetDateTime::now_utc() + Duration::hours(1);
    let bridge = OverIdentity(Arc::new(Identity(Some(ends))));
    let token = bridge.get_token(&["https://storage.azure.com/.default"]).await.unwrap();
    assert_eq!(token.token.secret(), "token for https://storage.azure.com/.default");
    assert_eq!(token.expires_on, ends);
}

#[tokio::test]
async fn a_refusal_crosses_over_with_its_reason() {
    let error = OverIdentity(Arc::new(Identity(None))).get_token(&["scope"]).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Credential);
    assert_eq!(error.to_string(), "no token for the storage account: identity not found");
}
