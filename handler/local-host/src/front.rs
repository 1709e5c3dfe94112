//! The HTTP front: routes, keys, modes (reference/functions-host.md#modes). The invocation goes on when the
//! caller hangs up, and the answer is written only after the outputs are on disk.

use crate::context::Context;
use crate::forward::forward;
use crate::function_json::{AuthLevel, Function, HttpTrigger, Trigger};
use crate::keys::key;
use crate::payload::{self, HttpCall};
use crate::reply::HttpResponse;
use crate::route::Params;
use crate::{admin, invoker::Answer};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Headers by which the Azure front end vouches for a signed-in user. There is no such front end here, so
/// from a caller they could only be a forgery.
const VOUCHERS: [&str; 3] = ["x-ms-client-principal", "x-ms-token-", "x-ms-original-"];

/// Path and query.
const LONGEST_TARGET: usize = 8 * 1024;

pub(super) fn router(context: Arc<Context>) -> axum::Router {
    axum::Router::new().fallback(serve).with_state(context)
}

async fn serve(State(context): State<Arc<Context>>, request: Request) -> Response {
    let (path, method) = (request.uri().path().to_owned(), request.method().clone());
    if path == "/" && matches!(method, Method::GET | Method::HEAD) {
        return alive(&context);
    }
    if let Some(name) = path.strip_prefix("/admin/functions/") {
        return admin::run(&context, name, request).await;
    }
    let Some((function, params)) = find(&context, &path, &method) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Trigger::Http(trigger) = &function.trigger else { return StatusCode::NOT_FOUND.into_response() };
    if !admits(&context, trigger, request.uri(), request.headers()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if request.uri().path_and_query().is_some_and(|target| target.as_str().len() > LONGEST_TARGET) {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    let forwarded = context.config.forwarding && function.is_simple_http();
    if forwarded && request.headers().contains_key(header::TRANSFER_ENCODING) {
        context.log.error(format!(
            "function {} failed: a chunked body can't be forwarded by the Functions host, which answers 500: \
             send Content-Length",
            function.name
        ));
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let call = match receive(request, params, context.body_limit).await {
        Ok(call) => call,
        Err(status) => return status.into_response(),
    };
    let work = {
        let (context, function) = (Arc::clone(&context), Arc::clone(&function));
        async move { invoke(&context, &function, call).await }
    };
    match context.spawn(work).await {
        Ok(Some(response)) => response,
        Ok(None) | Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// For a health check: does the handler answer?
fn alive(context: &Context) -> Response {
    if context.invoker.supervisor.number() == 0 {
        return (StatusCode::SERVICE_UNAVAILABLE, "starting\n").into_response();
    }
    (StatusCode::OK, "running\n").into_response()
}

fn find(context: &Context, path: &str, method: &Method) -> Option<(Arc<Function>, Params)> {
    let candidates = context.functions.iter().filter_map(|function| match &function.trigger {
        Trigger::Http(http) if http.methods.as_ref().is_none_or(|methods| methods.contains(method)) => {
            http.route.matches(path).map(|params| (http.route.rank(), function, params))
        }
        Trigger::Http(_) | Trigger::Queue(_) | Trigger::Timer(_) => None,
    });
    candidates
        .min_by(|one, other| one.0.cmp(&other.0))
        .map(|(_, function, params)| (Arc::clone(function), params))
}

fn admits(context: &Context, trigger: &HttpTrigger, uri: &Uri, headers: &HeaderMap) -> bool {
    match trigger.level {
        AuthLevel::Anonymous => true,
        AuthLevel::Function => key(uri, headers).is_some_and(|key| context.keys.opens_functions(&key)),
        AuthLevel::Admin => key(uri, headers).is_some_and(|key| context.keys.is_master(&key)),
    }
}

async fn receive(request: Request, params: Params, limit: usize) -> Result<HttpCall, StatusCode> {
    let (mut parts, body) = request.into_parts();
    let length = parts
        .headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    // The real host has begun to read when it finds out.
    if length.is_some_and(|length| length > limit) {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    // Read in any case, so that the connection stays usable; a body without a length is then dropped, as the
    // host does.
    let bytes = axum::body::to_bytes(body, limit).await.map_err(|_| {
        if length.is_none() { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST }
    })?;
    let body = length.filter(|length| *length > 0).map(|_| bytes);
    let forged: Vec<_> = parts
        .headers
        .keys()
        .filter(|name| VOUCHERS.iter().any(|mark| name.as_str().starts_with(mark)))
        .cloned()
        .collect();
    for name in forged {
        parts.headers.remove(name);
    }
    Ok(HttpCall { method: parts.method, uri: parts.uri, headers: parts.headers, params, body })
}

async fn invoke(context: &Context, function: &Function, call: HttpCall) -> Response {
    if context.config.forwarding && function.is_simple_http() {
        return match forward(&context.invoker, function, call).await {
            Ok(Answer { status, headers, body }) => (status, headers, Body::from(body)).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        };
    }
    let Trigger::Http(trigger) = &function.trigger else { return StatusCode::NOT_FOUND.into_response() };
    let payload = payload::http(&function.name, &trigger.binding, &call, context.clock.now());
    drop(call);
    match context.invoker.invoke(function, &payload).await {
        Ok(Some(HttpResponse { status, headers, body })) => {
            (status, headers, Body::from(body)).into_response()
        }
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        // A failed invocation shows the caller nothing.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
