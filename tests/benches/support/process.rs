//! The real binary under the host's environment: how soon it answers, how much memory it idles in. Figures are missing
//! where the binary is not built beside the benchmark or does not start.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);

const CONFIG: &str = r#"
public_url = "https://regrets.example.com"
[tenant.contoso]
directory  = "11111111-2222-3333-4444-555555555555"
client_id  = "66666666-7777-8888-9999-000000000000"
credential = { client_secret = { env = "BENCH_SECRET" } }
[tenant.contoso.watch]
mode      = "attendees"
mailboxes = { users = ["3f2c1a70-1111-4a4a-9b9b-0123456789ab"] }
[tenant.contoso.recognise]
session = { ical_uid = '^lms-(?<session>\d+)@contoso\.com$' }
[tenant.contoso.learner]
key = "mail"
[tenant.contoso.lms]
connector = "webhook"
url       = "https://lms.contoso.com/hooks/regrets"
secret    = { env = "BENCH_LMS_SECRET" }
"#;

#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) first_answer_ms: Option<f64>,
    /// Until an invocation is answered with success.
    pub(crate) ready_ms: Option<f64>,
    pub(crate) idle_mib: Option<f64>,
}

pub(crate) fn measure() -> Figures {
    binary().and_then(|binary| run(&binary).ok()).unwrap_or_default()
}

/// Cargo puts the benchmark into `<profile>/deps` and the binary into `<profile>`.
fn binary() -> Option<PathBuf> {
    let named = std::env::var_os("CARGO_BIN_EXE_regrets").map(PathBuf::from);
    let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("regrets"));
    named.or_else(beside).filter(|path| path.is_file())
}

fn run(binary: &Path) -> anyhow::Result<Figures> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("regrets.toml"), CONFIG)?;
    fs::write(folder.path().join("host.json"), r#"{"version":"2.0"}"#)?;
    // Free at this moment, as the host's choice is.
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let begin = Instant::now();
    let mut child = Command::new(binary)
        .current_dir(folder.path())
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
        .env("REGRETS_CONFIG", folder.path().join("regrets.toml"))
        .env("REGRETS_STORE", format!("sqlite:{}", folder.path().join("regrets.db").display()))
        .env("REGRETS_STATE_KEYS", "k1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
        .env("BENCH_SECRET", "secret")
        .env("BENCH_LMS_SECRET", "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let first_answer_ms =
        wait(&mut child, begin, || ask(port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    let handshake = r#"{"Data":{"req":{"Method":"POST","Query":{"validationToken":"t"}}},"Metadata":{}}"#;
    let invocation = format!(
        "POST /graph-webhook HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{handshake}",
        handshake.len()
    );
    let ready_ms = first_answer_ms.and_then(|_| wait(&mut child, begin, || ask(port, &invocation)));
    let idle_mib = ready_ms.and_then(|_| {
        // Idle is what remains when start-up work is done; there is no event to wait for.
        std::thread::sleep(Duration::from_secs(1));
        resident_mib(child.id())
    });
    child.kill()?;
    child.wait()?;
    Ok(Figures { first_answer_ms, ready_ms, idle_mib })
}

fn wait(child: &mut Child, begin: Instant, ask: impl Fn() -> Option<()>) -> Option<f64> {
    while begin.elapsed() < PATIENCE {
        if ask().is_some() {
            return Some(begin.elapsed().as_secs_f64() * 1000.0);
        }
        if !matches!(child.try_wait(), Ok(None)) {
            return None;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    None
}

fn ask(port: u16, request: &str) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.starts_with("HTTP/1.1 200 ").then_some(())
}

fn resident_mib(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
