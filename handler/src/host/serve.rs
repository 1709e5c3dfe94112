//! Listening where the host will call. First the port, then everything else: the host gives up on a handler that does not
//! listen in time (contract sheet 1.3, 13).

use crate::host::app::Ready;
use crate::host::router::router;
use axum::serve::ListenerExt as _;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

/// Where the host says which port it will call.
pub const PORT_VARIABLE: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";

/// Each of these ends the process with a code other than 0: some hosts take 0 for a handler that still lives (contract
/// sheet 1.5).
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(
        "{PORT_VARIABLE} is not set: this command is started by the Azure Functions host, which sets it; \
         on one machine without that host, run `regrets local`"
    )]
    PortMissing,
    #[error("{PORT_VARIABLE} is `{0}`; it must be a port number from 1 to 65535")]
    PortBad(String),
    #[error("can't listen on 127.0.0.1:{port}: {source}")]
    Listen { port: u16, source: std::io::Error },
    #[error("the server on the handler's port stopped")]
    Stopped,
    #[error("the server on the handler's port stopped: {0}")]
    Failed(std::io::Error),
}

/// Reads the port from the variable's value.
///
/// # Errors
/// [`ServeError::PortMissing`] when there is none, [`ServeError::PortBad`] when it is not one.
pub fn port(value: Option<&str>) -> Result<u16, ServeError> {
    let value = value.map(str::trim).filter(|value| !value.is_empty()).ok_or(ServeError::PortMissing)?;
    match value.parse() {
        Ok(port) if port != 0 => Ok(port),
        Ok(_) | Err(_) => Err(ServeError::PortBad(value.to_owned())),
    }
}

/// Listens on IPv4 loopback, where the host calls; port 0 takes any free one.
///
/// # Errors
/// [`ServeError::Listen`], such as when the port is taken.
pub async fn listen(port: u16) -> Result<TcpListener, ServeError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| ServeError::Listen { port, source })
}

/// Answers the host until the process is killed, which is the only stop there is (contract sheet 1.6). Connections stay
/// open however long they idle: the host pools them and does not retry.
///
/// # Errors
/// Whenever it ends at all.
pub async fn serve(listener: TcpListener, ready: Ready) -> Result<Infallible, ServeError> {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "can't turn off Nagle's algorithm");
        }
    });
    match axum::serve(listener, router(ready)).await {
        Ok(()) => Err(ServeError::Stopped),
        Err(error) => Err(ServeError::Failed(error)),
    }
}
