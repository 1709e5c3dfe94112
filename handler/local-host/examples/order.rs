//! A custom handler with two functions: one takes an order over HTTP and puts it into a queue, the other
//! takes it from there.
//!
//! ```sh
//! cargo build -p functions-local-host --example order
//! cargo run -p functions-local-host -- --root handler/local-host/examples/app \
//!     --executable target/debug/examples/order
//! curl -d 'two chairs' http://127.0.0.1:7071/api/submit
//! ```

use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port =
        std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    // Any answer at `/` means ready; a function is called at its folder's name.
    let app = Router::new()
        .route("/", get(|| async { "ready" }))
        .route("/submit", post(submit))
        .route("/worker", post(worker));
    axum::serve(tokio::net::TcpListener::bind(("127.0.0.1", port)).await?, app).await
}

/// Messages are an array of strings, the answer to the caller has a `statusCode`.
async fn submit(Json(call): Json<Value>) -> Json<Value> {
    let order = call.pointer("/Data/req/Body").and_then(Value::as_str).unwrap_or_default();
    Json(json!({ "Outputs": { "orders": [order], "res": { "statusCode": 202, "body": "taken" } } }))
}

/// What comes from a queue is encoded as JSON once more.
async fn worker(Json(call): Json<Value>) -> Json<Value> {
    let text = call.pointer("/Data/order").and_then(Value::as_str).unwrap_or_default();
    let order: String = serde_json::from_str(text).unwrap_or_default();
    Json(json!({ "Logs": [format!("packed {order}")] }))
}
