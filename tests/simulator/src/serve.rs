//! Listeners that can do what a polite server can't: close a connection without an answer, or refuse it as it
//! comes.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

#[derive(Clone)]
struct Lost;

/// A response that never leaves: the connection is closed instead.
pub fn lose() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Lost);
    response
}

/// Serves until `stop`; while `is_down` says so, connections are closed as they come.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    is_down: impl Fn() -> bool + Send + Sync + 'static,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else { continue };
        if is_down() {
            continue;
        }
        // Small answers must not wait for the peer's delayed acknowledgement; a socket that can't be set is
        // still served.
        let _ = stream.set_nodelay(true);
        let (router, tls, stop) = (router.clone(), tls.clone(), stop.clone());
        tokio::spawn(async move {
            let talk = async {
                match tls {
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            converse(stream, router).await;
                        }
                    }
                    None => converse(stream, router).await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = talk => {}
            }
        });
    }
}

async fn converse(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, router: Router) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            let Ok(response) = router.oneshot(request.map(Body::new)).await;
            if response.extensions().get::<Lost>().is_some() {
                return Err(io::Error::other("the reply is lost on purpose"));
            }
            Ok(response)
        }
    });
    // An error here is the peer's hanging up, or ours on purpose.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}
