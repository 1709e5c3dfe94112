//! The zip, unpacked elsewhere, is a script root that a host can start: the functions are found, the binary
//! may be executed, and the webhook answers Graph's handshake.
//!
//! The host here is `regrets local`, and so the binary that is packed is the one with that feature; what the
//! deployed one needs otherwise is looked at when it is built.

#![expect(
    clippy::unwrap_used,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const CONFIGURATION: &str = include_str!("../src/start.toml");
const PATIENCE: Duration = Duration::from_secs(60);

/// The workspace builds it for its own suites.
fn regrets() -> PathBuf {
    let package = PathBuf::from(env!("CARGO_BIN_EXE_package"));
    let built = package.with_file_name("regrets-under-test");
    if !built.is_file() {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status =
            Command::new(cargo).args(["build", "-p", "suites", "--bin", "regrets-under-test"]).status();
        assert!(status.unwrap().success());
    }
    built
}

fn unpack(zip: &Path, to: &Path) {
    let mut archive = zip::ZipArchive::new(File::open(zip).unwrap()).unwrap();
    for n in 0..archive.len() {
        let mut entry = archive.by_index(n).unwrap();
        let file = to.join(entry.enclosed_name().unwrap());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        io::copy(&mut entry, &mut File::create(&file).unwrap()).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(entry.unix_mode().unwrap())).unwrap();
    }
}

/// Ends with the test.
struct Host(Child);

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn post(port: u16, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn the_unpacked_zip_is_a_script_root_that_a_host_starts() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("my.toml");
    fs::write(&config, CONFIGURATION).unwrap();
    let out = folder.path().join("package");
    let mut package = Command::new(env!("CARGO_BIN_EXE_package"));
    package.arg("--binary").arg(regrets()).arg("--config").arg(&config).arg("--out").arg(&out);
    let output = package.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let root = folder.path().join("unpacked");
    unpack(&folder.path().join("regrets.zip"), &root);
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let log = folder.path().join("log");
    let child = Command::new(root.join("regrets"))
        .args(["local", "--port", &port.to_string(), "--root"])
        .arg(&root)
        .current_dir(&root)
        .env("SECRET", "s3cret")
        .env("LMS_SECRET", format!("whsec_{KEY}"))
        .env("REGRETS_STATE_KEYS", format!("a:{KEY}"))
        .stdin(Stdio::null())
        .stdout(File::create(&log).unwrap())
        .stderr(File::create(folder.path().join("errors")).unwrap())
        .spawn()
        .unwrap();
    let _host = Host(child);
    let began = Instant::now();
    let answer = loop {
        match post(port, "/api/graph/notifications?validationToken=it%20is%20you") {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => break answer,
            other if began.elapsed() > PATIENCE => {
                panic!("{other:?}\n{}", fs::read_to_string(&log).unwrap());
            }
            Ok(_) | Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    };
    assert!(answer.ends_with("it is you"), "{answer}");
    let told = fs::read_to_string(&log).unwrap();
    for folder in
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir())
    {
        let name = folder.file_name().into_string().unwrap();
        assert!(
            name.starts_with('.') || told.contains(&name),
            "{name} is not among what the host found:\n{told}"
        );
    }
}
