//! Starting the handler's process, with the environment, streams and working directory that the real host
//! gives (reference/functions-host.md#environment).

use crate::caller_token::Token;
use crate::error::{LocalError, Result};
use crate::host_json::HostConfig;
use crate::log::Log;
use crate::settings::Settings;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use uuid::Uuid;

/// A longer line is passed on in pieces, so that a handler without line ends can't fill our memory.
const LONGEST_LINE: u64 = 256 * 1024;

pub(crate) struct Program {
    pub(crate) executable: PathBuf,
    arguments: Vec<String>,
    directory: PathBuf,
    root: PathBuf,
    environment: Vec<(String, String)>,
    log: Log,
    pub(crate) token: Token,
}

/// A handler's process; killed when this is dropped.
pub(crate) struct Started {
    pub(crate) child: Child,
    pub(crate) tail: Tail,
    /// Held apart from the child, because waiting for a child closes the pipe that it still has.
    _stdin: Option<ChildStdin>,
}

/// The last lines of the handler's stderr, for the message about its crash.
#[derive(Clone, Default)]
pub(crate) struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    fn push(&self, line: String) {
        let mut lines = self.0.lock();
        if lines.len() == 3 {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    pub(crate) fn text(&self) -> String {
        let lines = self.0.lock();
        if lines.is_empty() {
            String::new()
        } else {
            format!("; it last said: {}", Vec::from(lines.clone()).join(" | "))
        }
    }
}

impl Program {
    /// `own` overrides host.json; `fallback` is taken where host.json's path doesn't exist under the root.
    pub(crate) fn find(
        root: &Path,
        config: &HostConfig,
        settings: &Settings,
        own: Option<&Path>,
        fallback: Option<&Path>,
        token: Token,
        log: &Log,
    ) -> Result<Self> {
        let named = root.join(&config.executable);
        let executable = match (own, fallback) {
            (Some(own), _) => {
                std::path::absolute(own).map_err(|source| LocalError::Io { file: own.to_owned(), source })?
            }
            (None, _) if named.is_file() => named,
            (None, Some(fallback)) if Path::new(&config.executable).is_relative() => {
                log.info(format!(
                    "{} is not there: this program itself is the handler ({})",
                    named.display(),
                    fallback.display()
                ));
                fallback.to_owned()
            }
            (None, _) => {
                let problem = "is not there; host.json names it in \
                               customHandler.description.defaultExecutablePath: build it, or name another by \
                               --executable";
                return Err(LocalError::File { file: named, problem: problem.into() });
            }
        };
        if !executable.is_file() {
            return Err(LocalError::File {
                file: executable,
                problem: "is not a file that could be run".into(),
            });
        }
        let directory = config
            .working_directory
            .as_ref()
            .map_or_else(|| root.to_owned(), |directory| root.join(directory));
        if !directory.is_dir() {
            let problem =
                "is not a directory; host.json names it in customHandler.description.workingDirectory";
            return Err(LocalError::File { file: directory, problem: problem.into() });
        }
        Ok(Self {
            executable,
            arguments: config.arguments.clone(),
            directory,
            root: root.to_owned(),
            environment: settings.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            log: log.clone(),
            token,
        })
    }

    pub(crate) fn start(&self, port: u16) -> std::io::Result<Started> {
        let (port, id) = (port.to_string(), Uuid::new_v4().to_string());
        let mut command = Command::new(&self.executable);
        command
            .args(&self.arguments)
            .current_dir(&self.directory)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .envs([("FUNCTIONS_CUSTOMHANDLER_PORT", &port), ("FUNCTIONS_HTTPWORKER_PORT", &port)])
            .envs([("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", &id), ("FUNCTIONS_HTTPWORKER_ID", &id)])
            .env("FUNCTIONS_APP_ROOT_PATH", &self.root)
            // Whoever else is on this machine can reach the handler's port, too.
            .envs(self.token.variable())
            // Where a process can't ask for its parent, the end of this pipe is the end of the host.
            .stdin(if cfg!(unix) { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Ctrl-C in a terminal is for the host, which then stops the handler after the running work.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn()?;
        let tail = Tail::default();
        if let Some(stdout) = child.stdout.take() {
            let log = self.log.clone();
            tokio::spawn(lines(stdout, move |line| log.handler_stdout(line)));
        }
        if let Some(stderr) = child.stderr.take() {
            let (log, tail) = (self.log.clone(), tail.clone());
            tokio::spawn(lines(stderr, move |line| {
                tail.push(line.clone());
                log.handler_stderr(line);
            }));
        }
        let stdin = child.stdin.take();
        Ok(Started { child, tail, _stdin: stdin })
    }
}

async fn lines(stream: impl AsyncRead + Unpin, say: impl Fn(String)) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => say(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned()),
        }
    }
}
