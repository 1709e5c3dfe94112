//! Where requests may go: to the service's base, to the addresses that the tenant gives, and to the hosts
//! that the tenant allows. Over TLS alone, but for this machine. Of its files those that the tenant names,
//! and no others, whatever an answer says.

use super::settings::Settings;
use crate::http::loopback::is_loopback;
use crate::lms::recipe::connector::{ConnectorFile, SettingKind};
use url::Url;

pub(super) struct Hosts {
    base: Url,
    allowed: Vec<Allowed>,
    files: Vec<Url>,
}

struct Allowed {
    host: String,
    /// `None`: the scheme's own.
    port: Option<u16>,
}

/// No address is shown with it but its origin: the rest may hold a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("no address can be made of it")]
    NoAddress,
    #[error("{0} is not reached over TLS (https), as every host but this machine must be")]
    NotEncrypted(String),
    #[error("an address with a user or a password in it is not used; give them as settings")]
    WithCredentials,
    #[error("{0} is no host that this connection may use; if it is right, name it in `hosts`")]
    NotAllowed(String),
    #[error("it leads out of the service's base")]
    OutOfBase,
}

/// https, or this machine; and no credentials in it, which would be sent elsewhere than thought. Or a file of
/// this machine, which [`Hosts`] may not allow.
pub(super) fn address(text: &str) -> Result<Url, AddressError> {
    let url = Url::parse(text.trim()).map_err(|_| AddressError::NoAddress)?;
    if url.scheme() == "file" && url.to_file_path().is_ok() {
        return Ok(url);
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(AddressError::NoAddress);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::WithCredentials);
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(AddressError::NotEncrypted(origin(&url))),
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

impl Hosts {
    pub(super) fn new(base: Url, file: &ConnectorFile, settings: &Settings) -> Self {
        let given = file.settings.iter().filter(|setting| match setting.kind {
            SettingKind::Url => true,
            SettingKind::Secret
            | SettingKind::Text { .. }
            | SettingKind::Choice { .. }
            | SettingKind::Flag => false,
        });
        let given: Vec<Url> =
            given.filter_map(|setting| Url::parse(settings.exposed(&setting.name)?).ok()).collect();
        let files = given.iter().filter(|url| url.scheme() == "file").cloned().collect();
        let given = given
            .into_iter()
            .filter_map(|url| Some(Allowed { host: url.host_str()?.to_owned(), port: url.port() }));
        let named = settings.hosts.iter().map(|named| match named.rsplit_once(':') {
            Some((host, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Allowed { host: host.to_ascii_lowercase(), port: port.parse().ok() }
            }
            Some(_) | None => Allowed { host: named.to_ascii_lowercase(), port: None },
        });
        let allowed = given.chain(named).collect();
        Self { base, allowed, files }
    }

    /// One more address that may be used.
    pub(super) fn trust(&mut self, text: &str) -> Result<(), AddressError> {
        let url = address(text)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        self.allowed.push(Allowed { host, port: url.port() });
        Ok(())
    }

    /// A path below the base, as the template wrote it: escaped, and from a slash on.
    pub(super) fn below_base(&self, path: &str) -> Result<Url, AddressError> {
        let root = self.base.path().trim_end_matches('/');
        let origin = origin(&self.base);
        let url = Url::parse(&format!("{origin}{root}{path}")).map_err(|_| AddressError::NoAddress)?;
        let is_below = url.scheme() != "file"
            && url.origin() == self.base.origin()
            && url.path().strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
        if is_below { Ok(url) } else { Err(AddressError::OutOfBase) }
    }

    /// An absolute address, if it may be used.
    pub(super) fn absolute(&self, text: &str) -> Result<Url, AddressError> {
        let url = address(text)?;
        if url.scheme() == "file" {
            let named = self.files.contains(&url);
            return if named { Ok(url) } else { Err(AddressError::NotAllowed("a file".to_owned())) };
        }
        if url.origin() == self.base.origin() || self.allows(&url) {
            return Ok(url);
        }
        Err(AddressError::NotAllowed(origin(&url)))
    }

    fn allows(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        self.allowed.iter().any(|allowed| {
            let has_port = match allowed.port {
                Some(port) => url.port_or_known_default() == Some(port),
                None => url.port().is_none(),
            };
            allowed.host == host && has_port
        })
    }

    /// Where an answer says that its next page is. An LMS behind a proxy often writes its own idea of scheme
    /// and port: on the base's host the base's are taken.
    pub(super) fn next(&self, from: &Url, next: &str) -> Result<Url, String> {
        let mut url = from.join(next.trim()).map_err(|_| "the next page has no usable address".to_owned())?;
        if url.host_str() == self.base.host_str() && url.origin() != self.base.origin() {
            let moved = url.set_scheme(self.base.scheme()).and_then(|()| url.set_port(self.base.port()));
            if moved.is_err() {
                return Err("the next page has no usable address".to_owned());
            }
        }
        let url = self.absolute(url.as_str()).map_err(|error| format!("the next page: {error}"))?;
        Ok(url)
    }
}

#[cfg(test)]
#[path = "hosts_tests.rs"]
mod tests;
