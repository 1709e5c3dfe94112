//! The program as a stranger uses it, with the example's handler.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    fn start(data: &Path) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_functions-local-host"));
        let example =
            program.with_file_name("examples").join(format!("order{}", std::env::consts::EXE_SUFFIX));
        assert!(
            example.is_file(),
            "cargo builds {} with all tests, or by --example order",
            example.display()
        );
        let mut command = Command::new(program);
        command
            .args(["--port", "0", "--script-root"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/app"));
        command.arg("--executable").arg(example).arg("--data").arg(data);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { child, lines }
    }

    /// What follows these words in the next line that begins with them.
    fn said(&self, begin: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|why| panic!("it did not say \"{begin}\": {why}"));
            if let Some(rest) = line.strip_prefix(begin) {
                return rest.to_owned();
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_order_goes_through_http_and_a_queue_to_the_second_function() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::start(data.path());
    let address = program.said("listening on http://");
    let mut caller = TcpStream::connect(&address).unwrap();
    let order = "two chairs";
    let length = order.len();
    write!(
        caller,
        "POST /api/submit HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: \
         {length}\r\n\r\n{order}"
    )
    .unwrap();
    let mut answer = String::new();
    caller.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 202") && answer.ends_with("taken"), "{answer}");
    assert_eq!(program.said("function worker: packed "), order);
}
