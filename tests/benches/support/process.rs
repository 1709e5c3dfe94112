//! The real binary under the host's environment: how soon it answers, how much memory it idles in.

use anyhow::{Context as _, Result};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The same main as the package `regrets` has; cargo builds it with the benchmark.
const BINARY: &str = env!("CARGO_BIN_EXE_regrets-under-test");

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

/// Medians of several starts.
pub(crate) struct Figures {
    /// From the start of the process to its answer to the host's probe.
    pub(crate) start_ms: f64,
    /// To the first invocation that is answered with success.
    pub(crate) ready_ms: f64,
    pub(crate) idle_mib: f64,
}

pub(crate) fn measure(starts: usize) -> Result<Figures> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("regrets.toml"), CONFIG)?;
    fs::write(folder.path().join("host.json"), r#"{"version":"2.0"}"#)?;
    let runs = (0..starts).map(|_| run(folder.path())).collect::<Result<Vec<_>>>()?;
    let median_of = |figure: fn(&Figures) -> f64| median(runs.iter().map(figure).collect());
    Ok(Figures {
        start_ms: median_of(|run| run.start_ms),
        ready_ms: median_of(|run| run.ready_ms),
        idle_mib: median_of(|run| run.idle_mib),
    })
}

pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// MiB that a process ever held at once: after one post of this body, and after sixteen at once.
pub(crate) fn peaks(body: &str, is_bare: bool) -> Result<(f64, f64)> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("regrets.toml"), CONFIG)?;
    fs::write(folder.path().join("host.json"), r#"{"version":"2.0"}"#)?;
    let port = free_port()?;
    let child = match is_bare {
        true => Command::new(std::env::current_exe()?)
            .env(BARE, port.to_string())
            .stdout(Stdio::null())
            .spawn()?,
        false => spawn(folder.path(), port)?,
    };
    let mut process = Process(child);
    process.wait(Instant::now(), || {
        ask(port, &invocation(r#"{"Data":{"req":{"Method":"POST","Query":{"validationToken":"t"}}}}"#))
    })?;
    let wrapped = serde_json::json!({ "Data": { "req": { "Method": "POST", "Query": {}, "Headers": {},
    "Body": body } } });
    let request = invocation(&wrapped.to_string());
    let peak = || figure_mib(process.0.id(), "VmHWM:").context("no VmHWM; this needs Linux");
    ask(port, &request).context("one post is not answered")?;
    let one = peak()?;
    let all = std::thread::scope(|scope| {
        let posts: Vec<_> = (0..16).map(|_| scope.spawn(|| ask(port, &request))).collect();
        posts.into_iter().all(|post| matches!(post.join(), Ok(Some(()))))
    });
    anyhow::ensure!(all, "of sixteen posts some were not answered");
    Ok((one, peak()?))
}

/// Names the port of a bare server: this benchmark started as one.
pub(crate) const BARE: &str = "REGRETS_BENCH_BARE";

fn invocation(wrapped: &str) -> String {
    format!(
        "POST /graph-webhook HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{wrapped}",
        wrapped.len()
    )
}

/// Free at this moment, as the host's choice is.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn spawn(folder: &Path, port: u16) -> Result<Child> {
    Command::new(BINARY)
        .current_dir(folder)
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
        .env("FUNCTIONS_APP_ROOT_PATH", folder)
        .env("REGRETS_STORE", format!("sqlite:{}", folder.join("regrets.db").display()))
        .env("REGRETS_STATE_KEYS", "k1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
        .env("BENCH_SECRET", "secret")
        .env("BENCH_LMS_SECRET", "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context(BINARY)
}

fn run(folder: &Path) -> Result<Figures> {
    let port = free_port()?;
    let begin = Instant::now();
    let mut process = Process(spawn(folder, port)?);
    let start_ms =
        process.wait(begin, || ask(port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))?;
    let handshake = r#"{"Data":{"req":{"Method":"POST","Query":{"validationToken":"t"}}},"Metadata":{}}"#;
    let ready_ms = process.wait(begin, || ask(port, &invocation(handshake)))?;
    // Idle is what remains when start-up work is done; there is no event to wait for.
    std::thread::sleep(Duration::from_millis(500));
    let idle_mib = figure_mib(process.0.id(), "VmRSS:").context("no VmRSS; this needs Linux")?;
    Ok(Figures { start_ms, ready_ms, idle_mib })
}

/// Ends with its owner, whatever happens.
struct Process(Child);

impl Process {
    /// Milliseconds from `begin` until `ask` has its answer.
    fn wait(&mut self, begin: Instant, ask: impl Fn() -> Option<()>) -> Result<f64> {
        while begin.elapsed() < PATIENCE {
            if ask().is_some() {
                return Ok(begin.elapsed().as_secs_f64() * 1000.0);
            }
            if let Some(status) = self.0.try_wait()? {
                anyhow::bail!("the handler ended with {status}");
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        anyhow::bail!("the handler does not answer")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn ask(port: u16, request: &str) -> Option<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.starts_with("HTTP/1.1 200 ").then_some(())
}

fn figure_mib(process: u32, name: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
