//! What can go wrong in the local host itself. A failed invocation is not one of these: it is an outcome, see
//! `invoker`.

use std::path::PathBuf;

pub type Result<T> = std::result::Result<T, LocalError>;

/// Each message names the file or option, what was found, and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    #[error("{file}: {problem}", file = file.display())]
    File { file: PathBuf, problem: String },
    #[error("{file}: {source}", file = file.display())]
    Io { file: PathBuf, source: std::io::Error },
    #[error("{database}: {source}", database = database.display())]
    Sqlite { database: PathBuf, source: rusqlite::Error },
    #[error("{lock} is held by another local host: stop that one, or give this one its own --data \
             directory", lock = lock.display())]
    Locked { lock: PathBuf },
    #[error("the queue service {place}: {problem}")]
    Service { place: String, problem: String },
    #[error("--storage: {0}")]
    Storage(String),
    #[error("cannot listen on {address}: {source}; another --port or --bind would do")]
    Listen { address: std::net::SocketAddr, source: std::io::Error },
    #[error("no function found: neither {root}/<name>/function.json nor \
             {root}/functions/<name>/function.json is there and valid", root = root.display())]
    NoFunctions { root: PathBuf },
    #[error("the handler can't work:\n{0}")]
    Unfit(String),
    #[error("the host stopped: {0}")]
    Stopped(String),
    #[error("there is no function `{0}` here")]
    UnknownFunction(String),
    #[error("the queue can't take the message: {0}")]
    Refused(String),
    #[error("the function failed: {0}")]
    Failed(String),
    #[error("after {waited:?} there was still work: {left}")]
    Busy { waited: std::time::Duration, left: String },
    #[error("the HTTP client could not be built: {0}")]
    Client(String),
    #[error("a background task ended: {0}")]
    Task(#[from] tokio::task::JoinError),
}
