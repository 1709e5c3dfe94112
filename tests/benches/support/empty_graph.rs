//! A Graph in whose calendars nothing is found: it gives tokens, and answers each list with an empty one.

use axum::routing::post;
use axum::{Json, Router};
use parking_lot::Mutex;
use serde_json::json;
use std::sync::Arc;
use url::Url;

pub(crate) struct EmptyGraph {
    /// Where it listens: the authority as well as the endpoint.
    pub(crate) url: Url,
    asked: Arc<Mutex<usize>>,
}

impl EmptyGraph {
    pub(crate) async fn start() -> Self {
        let asked = Arc::new(Mutex::new(0));
        let count = Arc::clone(&asked);
        let list = move || {
            *count.lock() += 1;
            std::future::ready(Json(json!({"value": []})))
        };
        let token = || {
            std::future::ready(Json(
                json!({"token_type": "Bearer", "expires_in": 3_599, "access_token": "t"}),
            ))
        };
        let answers = Router::new().route("/{directory}/oauth2/v2.0/token", post(token)).fallback(list);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, answers).await });
        Self { url, asked }
    }

    /// Requests since the last look, tokens aside.
    pub(crate) fn take(&self) -> usize {
        std::mem::take(&mut self.asked.lock())
    }
}
