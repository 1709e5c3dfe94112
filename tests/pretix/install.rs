//! What has to be there before pretix can be started: its packages, and a database to copy.
//!
//! Each part is made once and marked last, so that one that was cut short doesn't count; one process makes
//! it, the others wait.

use crate::{PretixError, Seed, output_of};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is installed, with the sum of every package.
const PACKAGES: [(&str, &str); 3] = [
    ("requirements.txt", include_str!("server/requirements.txt")),
    // Builds the one package that comes as a source alone.
    ("build.txt", include_str!("server/build.txt")),
    // Installs all the others in parallel: in a fifth of pip's time.
    ("uv.txt", include_str!("server/uv.txt")),
];

/// What makes the database.
const DATABASE: [(&str, &str); 2] = [
    ("server_settings.py", include_str!("server/server_settings.py")),
    ("seed.py", include_str!("server/seed.py")),
];

const SERVER: (&str, &str) = ("serve.py", include_str!("server/serve.py"));

pub(crate) struct Installed {
    place: PathBuf,
    pub(crate) seed: Seed,
}

impl Installed {
    /// One of the programs here, in pretix's own Python, on this data folder.
    pub(crate) fn command(&self, program: &str, data: &Path) -> Command {
        command(&self.place, program, data)
    }

    /// A database as after its making.
    pub(crate) fn new_data(&self, data: &Path) -> io::Result<()> {
        for name in ["db.sqlite3", ".secret"] {
            fs::copy(self.place.join("template").join(name), data.join(name))?;
        }
        Ok(())
    }
}

pub(crate) fn install(place: &Path) -> Result<Installed, PretixError> {
    let python = python()?;
    let failed = |why: String| PretixError::Install { place: place.to_owned(), why };
    let lock = lock(place).map_err(|error| failed(error.to_string()))?;
    packages(place, python).map_err(failed)?;
    let seed = database(place).map_err(PretixError::Database)?;
    drop(lock);
    Ok(Installed { place: place.to_owned(), seed })
}

/// The first Python on the PATH that is new enough.
fn python() -> Result<&'static str, PretixError> {
    if cfg!(not(unix)) {
        return Err(PretixError::NoPython("and its server needs Unix".to_owned()));
    }
    let asks = "import sys, pip; sys.exit(0 if sys.version_info >= (3, 11) else f'it is {sys.version}')";
    let mut seen = String::new();
    for program in ["python3", "python3.13", "python3.12", "python3.11"] {
        match output_of(Command::new(program).args(["-c", asks])) {
            Ok(_) => return Ok(program),
            Err(why) if seen.is_empty() => seen = why,
            Err(_) => {}
        }
    }
    Err(PretixError::NoPython(seen))
}

fn lock(place: &Path) -> io::Result<File> {
    fs::create_dir_all(place)?;
    let lock = File::create(place.join("lock"))?;
    lock.lock()?;
    Ok(lock)
}

fn are_there(place: &Path, files: &[(&str, &str)]) -> bool {
    files.iter().all(|(name, text)| fs::read_to_string(place.join(name)).is_ok_and(|there| there == *text))
}

fn put(place: &Path, files: &[(&str, &str)]) -> Result<(), String> {
    let written = files.iter().try_for_each(|(name, text)| fs::write(place.join(name), text));
    written.map_err(|error| format!("its files: {error}"))
}

fn remove(path: &Path) -> Result<(), String> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(format!("{}: {error}", path.display())),
        Err(_) | Ok(()) => Ok(()),
    }
}

fn packages(place: &Path, python: &str) -> Result<(), String> {
    let done = place.join("installed");
    if done.is_file() && are_there(place, &PACKAGES) {
        return Ok(());
    }
    for old in ["installed", "uv", "venv", "template"] {
        remove(&place.join(old))?;
    }
    put(place, &PACKAGES)?;
    let file = |name: &str| place.join(name).into_os_string();
    output_of(
        Command::new(python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"])
            .args(["--only-binary", ":all:", "--require-hashes", "--requirement"])
            .args([file("uv.txt"), "--target".into(), file("uv")]),
    )?;
    let uv = place.join("uv/bin/uv");
    output_of(
        Command::new(&uv).args(["venv", "--quiet", "--no-project", "--python", python]).arg(file("venv")),
    )?;
    output_of(
        Command::new(&uv)
            .args(["pip", "install", "--quiet", "--no-cache", "--require-hashes", "--build-constraints"])
            .args([file("build.txt"), "--requirement".into(), file("requirements.txt")])
            .args(["--python".into(), file("venv")]),
    )?;
    File::create(done).map(drop).map_err(|error| format!("its files: {error}"))
}

fn database(place: &Path) -> Result<Seed, String> {
    let (template, told) = (place.join("template"), place.join("template/seed.json"));
    put(place, &[SERVER])?;
    let seed =
        |text: &str| serde_json::from_str(text).map_err(|error| format!("seed.py said {text:?}: {error}"));
    if are_there(place, &DATABASE)
        && let Ok(text) = fs::read_to_string(&told)
    {
        return seed(&text);
    }
    remove(&template)?;
    put(place, &DATABASE)?;
    fs::create_dir_all(&template).map_err(|error| format!("its folder: {error}"))?;
    let text = output_of(&mut command(place, "seed.py", &template))?;
    let seed = seed(&text)?;
    fs::write(told, text).map_err(|error| format!("its files: {error}"))?;
    Ok(seed)
}

fn command(place: &Path, program: &str, data: &Path) -> Command {
    let mut command = Command::new(place.join("venv/bin/python"));
    command
        .arg(place.join(program))
        .current_dir(data)
        .env("PYTHONPATH", place)
        .env("PYTHONUNBUFFERED", "1")
        .env("DATA_DIR", data)
        // Nobody's own pretix is meant.
        .env("PRETIX_CONFIG_FILE", data.join("none.cfg"))
        .env("PRETIX_PRETIX_LOGLEVEL", "ERROR");
    command
}
