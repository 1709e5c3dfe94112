//! How long it takes from starting the binary to its first answer over HTTP: what a cold start costs Graph's
//! patience.

use crate::layout::BINARY;
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// So many starts, of which the median counts.
pub(crate) const TIMES: usize = 9;
const PATIENCE: Duration = Duration::from_secs(10);

/// What the binary asks for before it opens its ledger; nothing of it is used.
const CONFIGURATION: &str = include_str!("start.toml");
const SETTINGS: [(&str, &str); 5] = [
    ("SECRET", "none"),
    ("LMS_SECRET", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ("REGRETS_STATE_KEYS", "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ("AzureWebJobsStorage", "UseDevelopmentStorage=true"),
    ("RUST_LOG", "off"),
];

pub(crate) fn measure(app: &Path) -> Result<Duration> {
    let root = std::env::temp_dir().join(format!("regrets-start-{}", std::process::id()));
    fs::create_dir_all(&root)?;
    fs::write(root.join("regrets.toml"), CONFIGURATION)?;
    let median = median(app, &root);
    fs::remove_dir_all(&root)?;
    median
}

fn median(app: &Path, root: &Path) -> Result<Duration> {
    let mut took = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        took.push(once(app, root)?);
    }
    took.sort_unstable();
    took.get(TIMES / 2).copied().context("nothing measured")
}

fn once(app: &Path, root: &Path) -> Result<Duration> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let begin = Instant::now();
    let mut child = Command::new(app.join(BINARY))
        .current_dir(app)
        .envs(SETTINGS)
        .env("FUNCTIONS_APP_ROOT_PATH", root)
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let answered = loop {
        if answers(port).is_ok() {
            break Ok(begin.elapsed());
        }
        if let Some(status) = child.try_wait()? {
            break Err(anyhow::anyhow!("it ended with {status}"));
        }
        if begin.elapsed() > PATIENCE {
            break Err(anyhow::anyhow!("no answer within {PATIENCE:?}"));
        }
    };
    child.kill()?;
    child.wait()?;
    answered
}

fn answers(port: u16) -> Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    match head.starts_with(b"HTTP/1.1 ") {
        true => Ok(()),
        false => bail!("no HTTP"),
    }
}
