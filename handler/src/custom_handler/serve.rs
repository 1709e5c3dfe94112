//! Listening where the host will call. First the port, then everything else: the host gives up on a handler
//! that does not listen in time (reference/functions-host.md#readiness).

use crate::custom_handler::app::Ready;
use crate::custom_handler::caller_token::guarded;
use crate::custom_handler::router::router;
use axum::serve::Listener;
use secrecy::SecretString;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Where the host says which port it will call.
pub const PORT_VARIABLE: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";

/// Each of these ends the process with a code other than 0: some hosts take 0 for a handler that still lives
/// (reference/functions-host.md#exit-codes).
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

/// Answers the host until the process is killed, which is the only stop there is
/// (reference/functions-host.md#stopping). Connections stay open however long they idle: the host pools them
/// and does not retry.
///
/// With a `token`, only who brings it is answered ([`guarded`]).
///
/// # Errors
/// Whenever it ends at all, and when nobody can call any more.
pub async fn serve(
    listener: TcpListener,
    ready: Ready,
    token: Option<SecretString>,
) -> Result<Infallible, ServeError> {
    let (broken, breaks) = oneshot::channel();
    let server = axum::serve(Port { listener, broken: Some(broken) }, guarded(router(ready), token));
    tokio::select! {
        served = async { server.await } => match served {
            Ok(()) => Err(ServeError::Stopped),
            Err(error) => Err(ServeError::Failed(error)),
        },
        error = breaks => Err(error.map_or(ServeError::Stopped, ServeError::Failed)),
    }
}

/// Nobody could call for so long: what stands in the way does not pass by itself.
const PATIENCE: Duration = Duration::from_secs(5);
const REST: Duration = Duration::from_millis(50);

/// The port as axum takes connections from it. axum alone would try for ever on a listener that is closed,
/// while the host finds nobody there.
struct Port {
    listener: TcpListener,
    broken: Option<oneshot::Sender<std::io::Error>>,
}

impl Listener for Port {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let mut failing: Option<Instant> = None;
        loop {
            let error = match self.listener.accept().await {
                Ok((stream, address)) => {
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "can't turn off Nagle's algorithm");
                    }
                    return (stream, address);
                }
                Err(error) => error,
            };
            // Too many open files, for one, may pass.
            if failing.get_or_insert_with(Instant::now).elapsed() > PATIENCE
                && let Some(broken) = self.broken.take()
            {
                // Nobody listens for it only when the server is gone already.
                drop(broken.send(error));
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(REST).await;
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
