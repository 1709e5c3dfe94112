//! `tenants/{tenant}/consent`: how the consent stands, and the link for an administrator.

use super::answers::{App, answer, known, read};
use crate::jobs::context::AppContext;
use crate::jobs::operate::consent::links::ConsentLinks;
use crate::jobs::operate::consent::{ask, shown};
use crate::jobs::operate::operator::Attribution;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use std::sync::Arc;

type Links = Extension<Arc<ConsentLinks>>;

pub(super) fn routes(links: Arc<ConsentLinks>) -> Router<Arc<AppContext>> {
    Router::new()
        .route("/tenants/{tenant}/consent", get(get_consent).post(post_consent))
        .layer(Extension(links))
}

async fn get_consent(State(app): App, Extension(links): Links, Path(tenant): Path<String>) -> Response {
    let done = async {
        let context = known(&app, tenant)?;
        Ok(shown::consent(&app, &links, context).await?)
    };
    answer(done.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsentWish {
    by: String,
    reason: String,
    /// A new link also where one is out.
    #[serde(default)]
    anew: bool,
}

async fn post_consent(
    State(app): App,
    Extension(links): Links,
    Path(tenant): Path<String>,
    body: Bytes,
) -> Response {
    let done = async {
        let context = known(&app, tenant)?;
        let ConsentWish { by, reason, anew } = read(&body)?;
        ask::ask(&app, &links, context, &Attribution { by, reason }, anew).await?;
        Ok(shown::consent(&app, &links, context).await?)
    };
    answer(done.await)
}
