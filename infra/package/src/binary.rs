//! A release binary for the Functions image, whatever machine builds it: it must need no newer C library than
//! the image has.
//!
//! In this order: statically against musl, where Rust's target and a C compiler for it are installed; against
//! glibc 2.28 by Zig's linker, which is fetched into the build folder at a pinned version; as this machine
//! builds, if that happens to need nothing newer. What came out is looked at, not believed.

use anyhow::{Context as _, Result, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The newest glibc that may be needed: that of Debian 10 and RHEL 8, older than any image of the Functions
/// host.
const GLIBC: (u32, u32) = (2, 28);
const MUSL: &str = "x86_64-unknown-linux-musl";
const GNU: &str = "x86_64-unknown-linux-gnu";
/// From PyPI, where Zig's releases are published as wheels.
const ZIG: [&str; 2] = ["ziglang==0.15.2", "cargo-zigbuild==0.24.0"];
const PROFILE: &str = "deploy";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Way {
    Auto,
    /// Static, for Rust's target x86_64-unknown-linux-musl
    Musl,
    /// Against an old glibc; needs Python 3
    Zig,
    /// With this machine's linker and C library
    Here,
}

pub(crate) struct Binary {
    pub(crate) path: PathBuf,
    pub(crate) how: String,
    /// Of the C library.
    pub(crate) needs: String,
    newest_glibc: Option<(u32, u32)>,
}

pub(crate) fn build(root: &Path, way: Way) -> Result<Binary> {
    let (path, how) = match way {
        Way::Auto if has_musl() => musl(root)?,
        Way::Auto if python().is_some() => zig(root)?,
        Way::Musl => musl(root)?,
        Way::Zig => zig(root)?,
        Way::Auto | Way::Here => here(root)?,
    };
    let binary = look_at(path, how)?;
    match binary.newest_glibc {
        Some(newest) if newest > GLIBC => bail!(
            "the binary needs glibc {}.{}, and the Functions image may have no newer one than {}.{}; add the \
             target {MUSL} \
             (rustup target add {MUSL}, and musl-gcc), or install Python 3 for --build zig",
            newest.0,
            newest.1,
            GLIBC.0,
            GLIBC.1
        ),
        Some(_) | None => Ok(binary),
    }
}

/// What a binary that is there needs.
pub(crate) fn look_at(path: PathBuf, how: String) -> Result<Binary> {
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    let newest_glibc = newest_glibc(&bytes);
    let needs = newest_glibc
        .map_or("no C library (static)".to_owned(), |(major, minor)| format!("glibc {major}.{minor}"));
    Ok(Binary { path, how, needs, newest_glibc })
}

fn musl(root: &Path) -> Result<(PathBuf, String)> {
    cargo(root, &["build", "--target", MUSL], None)?;
    Ok((built(root, MUSL), format!("static, for {MUSL}")))
}

fn zig(root: &Path) -> Result<(PathBuf, String)> {
    let tools = tools(root)?;
    let target = format!("{GNU}.{}.{}", GLIBC.0, GLIBC.1);
    cargo(root, &["zigbuild", "--target", &target], Some(&tools))?;
    Ok((built(root, GNU), format!("for {target}, with Zig's linker")))
}

fn here(root: &Path) -> Result<(PathBuf, String)> {
    cargo(root, &["build", "--target", GNU], None)?;
    Ok((built(root, GNU), "with this machine's linker and C library".to_owned()))
}

fn built(root: &Path, target: &str) -> PathBuf {
    let folder = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    folder.join(target).join(PROFILE).join("regrets")
}

fn cargo(root: &Path, args: &[&str], tools: Option<&Path>) -> Result<()> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).args(args);
    command.args([
        "--profile",
        PROFILE,
        "--locked",
        "--package",
        "regrets",
        "--bin",
        "regrets",
        "--no-default-features",
    ]);
    if let Some(tools) = tools {
        let mut path = OsString::from(tools.join("bin"));
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        command.env("PATH", path);
    }
    run(command)
}

fn run(mut command: Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.status().with_context(|| shown.clone())?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}

fn has_musl() -> bool {
    let mut command = Command::new("rustc");
    let libraries = command.args(["--print", "target-libdir", "--target", MUSL]).output().ok();
    let libraries = libraries.and_then(|output| String::from_utf8(output.stdout).ok());
    let installed = libraries.is_some_and(|path| Path::new(path.trim()).is_dir());
    installed && (env::var_os("CC_x86_64_unknown_linux_musl").is_some() || is_there("musl-gcc"))
}

fn python() -> Option<&'static str> {
    ["python3", "python"].into_iter().find(|name| is_there(name))
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// A virtual environment in the build folder with Zig and what makes it Cargo's linker; made once for each
/// pair of versions.
fn tools(root: &Path) -> Result<PathBuf> {
    let venv = root.join("target/package-tools");
    let done = venv.join("installed");
    let wanted = ZIG.join("\n");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(venv);
    }
    let python =
        python().context("Python 3 is needed to fetch Zig; or install Rust's musl target and musl-gcc")?;
    let mut make = Command::new(python);
    make.args(["-m", "venv", "--clear"]).arg(&venv);
    run(make)?;
    let mut install = Command::new(venv.join("bin/python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(ZIG);
    run(install)?;
    fs::write(done, wanted)?;
    Ok(venv)
}

/// The newest version of glibc whose symbols the binary asks for; their names stand in it as text. `None`: of
/// none.
fn newest_glibc(binary: &[u8]) -> Option<(u32, u32)> {
    const MARK: &[u8] = b"GLIBC_";
    let versions =
        binary.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK).filter_map(|(at, _)| {
            let rest = binary.get(at + MARK.len()..)?;
            let text: String = rest
                .iter()
                .map(|byte| char::from(*byte))
                .take_while(|c| c.is_ascii_digit() || *c == '.')
                .collect();
            let mut numbers = text.split('.').map(str::parse::<u32>);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        });
    versions.max()
}

#[cfg(test)]
#[path = "binary_tests.rs"]
mod tests;
