//! A storage account that refuses its tables, and whose queues are as a test wants them.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};

#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    /// This queue is not there.
    pub(super) missing: Option<&'static str>,
    /// Whether the caller may look at queues, and make them.
    pub(super) reads: bool,
    pub(super) makes: bool,
    /// A queue that is not empty.
    pub(super) holds: Option<(&'static str, u64)>,
}

impl Default for Account {
    fn default() -> Self {
        Self { missing: None, reads: true, makes: true, holds: None }
    }
}

type Answer = (StatusCode, HeaderMap, &'static str);

fn answer(status: StatusCode, head: &[(&'static str, String)], body: &'static str) -> Answer {
    let head = head.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    (status, head, body)
}

async fn tell(State(account): State<Account>, method: Method, uri: Uri) -> Answer {
    let Some(queue) = uri.path().strip_prefix("/queues/") else {
        let code = "AuthorizationPermissionMismatch";
        let body = r#"{"odata.error":{"code":"AuthorizationPermissionMismatch","message":{"lang":"en-US","value":"no"}}}"#;
        let head = [("content-type", "application/json".to_owned()), ("x-ms-error-code", code.to_owned())];
        return answer(StatusCode::FORBIDDEN, &head, body);
    };
    let makes = method == Method::PUT;
    if (makes && !account.makes) || (!makes && !account.reads) {
        return answer(StatusCode::FORBIDDEN, &[], "");
    }
    if account.missing == Some(queue) {
        return answer(StatusCode::NOT_FOUND, &[], "");
    }
    let depth = account.holds.filter(|(name, _)| *name == queue).map_or(0, |(_, depth)| depth);
    let status = if makes { StatusCode::NO_CONTENT } else { StatusCode::OK };
    answer(status, &[("x-ms-approximate-messages-count", depth.to_string())], "")
}

impl Account {
    pub(super) fn holding(queue: &'static str, depth: u64) -> Self {
        Self { holds: Some((queue, depth)), ..Self::default() }
    }

    /// Gives its connection string.
    pub(super) async fn open(self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let app = Router::new().fallback(tell).with_state(self);
        tokio::spawn(async move { axum::serve(listener, app).await });
        connection(&address, &address)
    }

    /// Its tables answer, and nobody listens where its queues should be.
    pub(super) async fn away(self) -> String {
        let tables = self.open().await;
        let tables = tables.split(&['/', ';'][..]).find(|part| part.starts_with("127.")).unwrap().to_owned();
        connection(&tables, "127.0.0.1:9")
    }
}

fn connection(tables: &str, queues: &str) -> String {
    format!(
        "AccountName=contoso;AccountKey=bm90IGEga2V5;TableEndpoint=http://{tables}/tables;\
         QueueEndpoint=http://{queues}/queues"
    )
}
