//! Where the configuration is: a file, or a blob of Azure Storage that the app reads as itself.
//!
//! Guarantees of the blob: it and the connector files beside it are sent again only when they have changed;
//! nobody keeps a copy of them. Where the blob can't be read at a start, the app waits for it: a copy from
//! before could cancel by settings that somebody has just withdrawn.

use super::Env;
use super::beside::{Beside, Fetched, Files};
use super::problem::{ConfigErrors, Problem, ProblemKind};
use super::read_file::{self, MOST_BYTES};
use crate::store::blob_address::{BlobAddress, NoBlob};
use crate::store::blobs::{BlobReader, Found, Unread};
use futures::StreamExt as _;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use storage_account::{StorageAccess, StorageAccount};

/// The app setting that names it.
const NAME: &str = "REGRETS_CONFIG";

/// So many connector files are asked for at once.
const AT_ONCE: usize = 8;

/// Where the configuration is.
#[derive(Debug)]
pub enum Location {
    File(PathBuf),
    Blob(BlobAddress),
}

impl Location {
    /// What `REGRETS_CONFIG` names, a path seen from the root; `regrets.toml` in it where nothing is named.
    ///
    /// # Errors
    /// It names a URL that is not a blob's.
    pub fn of(root: &Path, env: &Env) -> Result<Self, ConfigErrors> {
        let named = env.get(NAME).map(|value| value.trim()).filter(|value| !value.is_empty());
        match named {
            Some(url) if url.contains("://") => BlobAddress::parse(url).map(Self::Blob).map_err(no_blob),
            Some(path) => Ok(Self::File(root.join(path))),
            None => Ok(Self::File(root.join("regrets.toml"))),
        }
    }
}

fn no_blob(why: NoBlob) -> ConfigErrors {
    let kind = ProblemKind::Setting { name: NAME.to_owned(), why: format!("names a URL that {why}") };
    ConfigErrors::single(Problem::new(kind).hint(
        "such as https://<account>.blob.core.windows.net/<container>/regrets.toml; name a file, or leave it \
         out for regrets.toml beside host.json",
    ))
}

/// For whoever reads only files: commands that call nobody.
pub(super) fn not_here(blob: &BlobAddress) -> ConfigErrors {
    let why = format!("names the blob {blob}, which can't be looked at offline: only the app reads it");
    let kind = ProblemKind::Setting { name: NAME.to_owned(), why };
    ConfigErrors::single(Problem::new(kind).hint("give a copy of it with --config FILE"))
}

/// Reads what is at a location, again and again.
#[derive(Debug)]
pub(super) enum Reading {
    File(PathBuf),
    Blob(Box<BlobReading>),
}

#[derive(Debug)]
pub(super) struct BlobReading {
    blob: BlobAddress,
    reader: BlobReader,
    /// What was sent last, by name; the blob itself has none.
    kept: Mutex<BTreeMap<String, Kept>>,
}

#[derive(Debug, Clone)]
struct Kept {
    etag: String,
    text: String,
}

impl Reading {
    pub(super) fn of(location: Location, env: &Env) -> Result<Self, ConfigErrors> {
        match location {
            Location::File(path) => Ok(Self::File(path)),
            Location::Blob(blob) => {
                let who = blob.needs_a_token().then(|| whose_token(env));
                let reader = BlobReader::new(who.as_ref()).map_err(|why| unread(&blob, why))?;
                Ok(Self::Blob(Box::new(BlobReading { blob, reader, kept: Mutex::default() })))
            }
        }
    }

    /// What errors call it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Blob(reading) => reading.blob.to_string(),
        }
    }

    pub(super) async fn read(&self) -> Result<String, ConfigErrors> {
        match self {
            Self::File(path) => read_file::read(path),
            Self::Blob(reading) => reading.fetch("", &reading.blob).await,
        }
    }

    /// What stands beside it; of a blob these files.
    pub(super) async fn beside(&self, known: &Files) -> Beside {
        match self {
            Self::File(path) => Beside::Folder(path.parent().unwrap_or(Path::new("")).to_owned()),
            Self::Blob(_) => {
                let mut beside = Beside::Fetched(BTreeMap::new());
                self.fetch(&mut beside, known).await;
                beside
            }
        }
    }

    /// Fetches those of these files that were not fetched yet; says whether there were any.
    pub(super) async fn fetch(&self, beside: &mut Beside, files: &Files) -> bool {
        let wanted: Vec<String> = beside.unread(files).into_iter().map(str::to_owned).collect();
        let (Self::Blob(reading), Beside::Fetched(fetched)) = (self, beside) else { return false };
        let any = !wanted.is_empty();
        let read = futures::stream::iter(wanted.into_iter().map(|name| reading.file(name)));
        fetched.extend(read.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await);
        any
    }

    /// Lets go of what was kept of files that nobody names any more.
    pub(super) fn keep_only(&self, files: &Files) {
        if let Self::Blob(reading) = self {
            reading.kept.lock().retain(|name, _| name.is_empty() || files.contains_key(name));
        }
    }
}

impl BlobReading {
    async fn file(&self, name: String) -> (String, Fetched) {
        let fetched = match self.blob.beside(&name) {
            Ok(address) => Fetched { shown: address.to_string(), text: self.fetch(&name, &address).await },
            Err(why) => {
                let kind = ProblemKind::Unreadable { path: name.clone(), why: why.to_string() };
                Fetched { shown: name.clone(), text: Err(ConfigErrors::single(Problem::new(kind))) }
            }
        };
        (name, fetched)
    }

    async fn fetch(&self, name: &str, address: &BlobAddress) -> Result<String, ConfigErrors> {
        let kept = self.kept.lock().get(name).cloned();
        let etag = kept.as_ref().map(|kept| kept.etag.as_str());
        let found = self.reader.read(address, etag, MOST_BYTES).await;
        match (found.map_err(|why| unread(address, why))?, kept) {
            (Found::Same, Some(kept)) => Ok(kept.text),
            (Found::Same, None) => {
                let why = "answered with 304 to a first question".to_owned();
                Err(unread(address, Unread { why, hint: None }))
            }
            (Found::Another { bytes, etag }, _) => {
                let text = read_file::utf8(&address.to_string(), bytes)?;
                let mut kept = self.kept.lock();
                match etag {
                    Some(etag) => kept.insert(name.to_owned(), Kept { etag, text: text.clone() }),
                    None => kept.remove(name),
                };
                Ok(text)
            }
        }
    }
}

fn unread(address: &BlobAddress, Unread { why, hint }: Unread) -> ConfigErrors {
    let problem = Problem::new(ProblemKind::Unreadable { path: address.to_string(), why });
    ConfigErrors::single(match hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    })
}

/// The identity that opens the storage account; where a key does, the app's own.
fn whose_token(env: &Env) -> StorageAccess {
    let is_set = |name: &str| env.get(name).is_some_and(|value| !value.trim().is_empty());
    match StorageAccount::from_identity(env) {
        Some(Ok(account)) => account.access,
        Some(Err(_)) | None if is_set("IDENTITY_ENDPOINT") || is_set("WEBSITE_INSTANCE_ID") => {
            StorageAccess::ManagedIdentity { client_id: None }
        }
        Some(Err(_)) | None => StorageAccess::Developer,
    }
}

#[cfg(test)]
#[path = "location_tests.rs"]
mod tests;
