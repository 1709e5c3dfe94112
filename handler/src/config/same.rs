//! Whether two spellings surely name one mailbox, or one address of an LMS. What is spelt otherwise may be
//! one all the same: an alias, the name before a rename, a second path of one receiver. Nobody can tell that
//! offline.

use url::{Host, Url};

/// One spelling of an object id or an address: without case, and the domain as the URL standard writes hosts
/// (`bücher.example` is `xn--bcher-kva.example`, and a last dot says nothing).
pub(super) fn user(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let Some((name, domain)) = text.rsplit_once('@') else { return text };
    let domain = domain.trim_end_matches('.');
    match Host::parse(domain) {
        Ok(host) => format!("{name}@{host}"),
        Err(_) => format!("{name}@{domain}"),
    }
}

/// One spelling of a URL: reading it has settled the letters' case in scheme and host, the default port, and
/// dots in the path. Left are a last dot of the host and what is escaped without need.
pub(super) fn url(url: &Url) -> Url {
    let mut one = url.clone();
    if let Some(host) = url.host_str().and_then(|host| host.strip_suffix('.')) {
        // It was good with the dot, so it is good without.
        let _ = one.set_host(Some(host));
    }
    one.set_path(&unescaped(url.path()));
    one.set_query(url.query().map(unescaped).as_deref());
    one
}

/// `%7E` is `~`, and `%2f` is `%2F`: the unreserved characters and the letters of an escape are alike either
/// way (RFC 3986, 6.2.2).
fn unescaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        written.push_str(before);
        let code = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = match (code.map(char::from), after.get(2..)) {
            (Some(plain), Some(behind)) if plain.is_ascii_alphanumeric() || "-._~".contains(plain) => {
                written.push(plain);
                behind
            }
            (Some(escaped), Some(behind)) => {
                written.push_str(&format!("%{:02X}", u32::from(escaped)));
                behind
            }
            _ => {
                written.push('%');
                after
            }
        };
    }
    written.push_str(rest);
    written
}

#[cfg(test)]
#[path = "same_tests.rs"]
mod tests;
