//! The links that are handed out: our page, and the consent page of the tenant's cloud.
//!
//! Guarantees: both carry one token of 128 random bits, signed with keys that sign nothing else; who reads
//! one learns whose it is without the ledger, so that what is forged costs no look-up; the link to Microsoft
//! names the tenant's own directory, never `common`.

use crate::config::{Config, Tenant};
use crate::graph::auth::cloud::{endpoints, scope};
use crate::ids::TenantName;
use crate::ledger::consents::ConsentRequest;
use crate::signing::{SigningError, SigningKeys};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use url::Url;

/// What the keys sign here.
const PURPOSE: &str = "regrets: a link for admin consent, 1";
/// Longer than any token: tenant's name, key's id, 22 characters of chance and 22 of the MAC.
const LONGEST: usize = 128;
/// Where Microsoft sends the browser back to. No tenant can be called so.
pub const RETURN: &str = "-/return";

/// What links are made of.
pub struct ConsentLinks {
    /// `<public_url>/api/consent`
    base: String,
    authority: Option<Url>,
    graph: Option<Url>,
    keys: SigningKeys,
    /// How long a link is good.
    pub lifetime: Duration,
}

/// Whose link it is; only ever the result of a MAC that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub tenant: TenantName,
    pub id: String,
}

impl ConsentLinks {
    /// `base`: the path of the pages, below `public_url`.
    pub fn new(config: &Config, base: &str) -> Result<Self, SigningError> {
        Ok(Self {
            base: format!("{}{base}", config.public_url.as_str().trim_end_matches('/')),
            authority: config.authority_host.clone(),
            graph: config.graph_endpoint.clone(),
            keys: config.state_keys.signing_keys(PURPOSE)?,
            lifetime: config.consent.lifetime,
        })
    }

    /// A link's random part.
    pub fn chance() -> String {
        URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>())
    }

    /// What the page and Microsoft are given to tell the request by.
    pub fn token(&self, request: &ConsentRequest) -> String {
        self.keys.sign(&format!("{}.{}", request.tenant, request.id))
    }

    /// Does no I/O.
    pub fn read(&self, token: &str) -> Option<Named> {
        let text = (token.len() <= LONGEST).then(|| self.keys.verify(token)).flatten()?;
        let (tenant, id) = text.split_once('.')?;
        Some(Named { tenant: TenantName::new(tenant), id: id.to_owned() })
    }

    /// Our page, which says what is asked for and why.
    pub fn page(&self, request: &ConsentRequest) -> String {
        format!("{}/{}?request={}", self.base, request.tenant, self.token(request))
    }

    /// Microsoft's own page of the tenant's cloud. `/.default` asks for what the registration lists, which is
    /// the one way to ask for application permissions.
    pub fn microsoft(&self, tenant: &Tenant, request: &ConsentRequest) -> String {
        let of_cloud = endpoints(tenant.cloud);
        let (authority, graph) = (self.authority.as_ref(), self.graph.as_ref());
        let authority = authority.map_or(of_cloud.authority, Url::as_str).trim_end_matches('/');
        let graph = graph.map_or_else(|| format!("{}/.default", of_cloud.graph), scope);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &tenant.client_id)
            .append_pair("scope", &graph)
            .append_pair("redirect_uri", &self.redirect_uri())
            .append_pair("state", &self.token(request))
            .finish();
        format!("{authority}/{}/v2.0/adminconsent?{query}", tenant.directory)
    }

    /// Where this deployment answers, for people.
    pub fn host(&self) -> String {
        let host = Url::parse(&self.base).ok().and_then(|url| url.host_str().map(str::to_owned));
        host.unwrap_or_default()
    }

    /// Must be registered with the app, letter by letter.
    pub fn redirect_uri(&self) -> String {
        format!("{}/{RETURN}", self.base)
    }
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
