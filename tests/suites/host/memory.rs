//! What the largest posts that a stranger may send take of the real handler's memory, alone and sixteen at
//! once.

use crate::host::start::GOOD;
use crate::regrets;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

const POST: usize = 4 * 1024 * 1024;
const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// The handler as the Functions host starts it.
struct Handler {
    child: Child,
    port: u16,
    _root: tempfile::TempDir,
}

impl Handler {
    async fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("regrets.toml"), GOOD).unwrap();
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let child = Command::new(regrets())
            .current_dir(root.path())
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
            .env("REGRETS_STORE", format!("sqlite:{}", root.path().join("ledger.db").display()))
            .envs([("SECRET", "s3cret"), ("LMS_SECRET", &format!("whsec_{KEY}"))])
            .env("REGRETS_STATE_KEYS", format!("a:{KEY}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let handler = Self { child, port, _root: root };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(handler.post(&wrapped("{\"value\":[]}")).await, 202);
        handler
    }

    /// A wrapped post in chunks, as the host sends it; gives the status that the host would answer.
    async fn post(&self, wrapped: &str) -> u64 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let head = "POST /graph-webhook HTTP/1.1\r\nhost: h\r\nconnection: close\r\ntransfer-encoding: \
                    chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        for chunk in wrapped.as_bytes().chunks(16 * 1024) {
            stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).await.unwrap();
            stream.write_all(chunk).await.unwrap();
            stream.write_all(b"\r\n").await.unwrap();
        }
        stream.write_all(b"0\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str::<Value>(body).unwrap()["Outputs"]["res"]["statusCode"].as_u64().unwrap()
    }

    /// MiB that it ever held at once.
    fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().strip_suffix("kB").unwrap().trim().parse::<u64>().unwrap() / 1024
    }
}

fn wrapped(body: &str) -> String {
    json!({ "Data": { "req": { "Method": "POST", "Query": {}, "Headers": {}, "Body": body } },
    "Metadata": {} })
    .to_string()
}

/// As large as a post may be: `item` again and again.
fn list(item: &str) -> String {
    let count = (POST - 12) / (item.len() + 1);
    format!("{{\"value\":[{}]}}", vec![item; count].join(","))
}

/// A handler that was built without optimising is large by itself, so what a post adds is looked at: a
/// released one idles below this (`cargo bench -p suites --bench webhook` prints both).
const IDLE: u64 = 24;

#[tokio::test(flavor = "multi_thread")]
async fn the_worst_post_takes_less_than_64_mib_and_sixteen_at_once_less_than_256() {
    let escapes = "\\\"".repeat(POST / 2 - 20);
    let posts = [
        ("empty items", list("{}"), 202, 1),
        ("forged items", list("{\"clientState\":\"x\"}"), 202, 1),
        ("nesting", format!("{}{}", "[".repeat(POST / 2), "]".repeat(POST / 2)), 202, 1),
        (
            "a list again and again",
            format!("{{{}}}", vec!["\"value\":[{}]"; (POST - 2) / 13].join(",")),
            202,
            1,
        ),
        ("one long text, all escapes", format!("{{\"value\":[{{\"clientState\":\"{escapes}\"}}]}}"), 202, 16),
        ("no JSON, each character escaped by the host", "\u{1}".repeat(POST), 400, 16),
    ];
    for (what, body, status, at_once) in posts {
        assert!(body.len() <= POST, "{what}: {}", body.len());
        let body = wrapped(&body);
        let handler = Handler::start().await;
        let idle = handler.peak();
        assert_eq!(handler.post(&body).await, status, "{what}");
        let one = handler.peak() - idle;
        assert!(IDLE + one < 64, "{what}: {one} MiB over {idle}");
        if at_once > 1 {
            let all = futures::future::join_all((0..at_once).map(|_| handler.post(&body))).await;
            assert!(all.iter().all(|found| *found == status), "{what}: {all:?}");
            let many = handler.peak() - idle;
            assert!(IDLE + many < 256, "{what}: {at_once} at once took {many} MiB over {idle}");
        }
    }
}
