//! Whether two spellings surely name one mailbox, or one address of an LMS. What is spelt otherwise may be one all the same: an
//! alias, the name before a rename, a second path of one receiver. Nobody can tell that offline.

use url::{Host, Url};

/// One spelling of an object id or an address: without case, and the domain as the URL standard writes hosts (`bücher.example` is
/// `xn--bcher-kva.example`, and a last dot says nothing).
pub(super) fn user(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let Some((name, domain)) = text.rsplit_once('@') else { return text };
    let domain = domain.trim_end_matches('.');
    match Host::parse(domain) {
        Ok(host) => format!("{name}@{host}"),
        Err(_) => format!("{name}@{domain}"),
    }
}

/// One spelling of a URL: reading it has settled the letters' case in scheme and host, the default port, and dots in the path.
/// Left are a last dot of the host and what is escaped without need.
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

/// `%7E` is `~`, and `%2f` is `%2F`: the unreserved characters and the letters of an escape are alike either way (RFC 3986, 6.2.2).
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
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_person_are_one() {
        for (a, b, is_one) in [
            ("ana@contoso.com", " ANA@Contoso.COM ", true),
            ("ana@contoso.com", "ana@contoso.com.", true),
            ("ana@bücher.example", "ana@xn--bcher-kva.example", true),
            ("AAAAAAAA-bbbb-cccc-dddd-000000000001", "aaaaaaaa-bbbb-cccc-dddd-000000000001", true),
            ("ana@contoso.com", "ana@contoso.org", false),
            ("ana@contoso.com", "anna@contoso.com", false),
            ("ana@a b", "ana@a b", true),
        ] {
            assert_eq!(user(a) == user(b), is_one, "{a} {b}");
        }
    }

    #[test]
    fn spellings_of_one_url_are_one() {
        for (a, b, is_one) in [
            ("https://LMS.contoso.com/hooks", "https://lms.contoso.com:443/hooks", true),
            ("https://lms.contoso.com./hooks", "https://lms.contoso.com/hooks", true),
            ("https://lms.contoso.com", "https://lms.contoso.com/", true),
            ("https://lms.contoso.com/a/../hooks/./x", "https://lms.contoso.com/hooks/x", true),
            ("https://lms.contoso.com/%7Ehooks?a=%41", "https://lms.contoso.com/~hooks?a=A", true),
            ("https://lms.contoso.com/a%2fb", "https://lms.contoso.com/a%2Fb", true),
            ("https://bücher.example/a", "https://xn--bcher-kva.example/a", true),
            ("http://[::1]/a", "http://[0:0:0:0:0:0:0:1]:80/a", true),
            ("https://lms.contoso.com/a%2Fb", "https://lms.contoso.com/a/b", false),
            ("https://lms.contoso.com/hooks/", "https://lms.contoso.com/hooks", false),
            ("https://lms.contoso.com/Hooks", "https://lms.contoso.com/hooks", false),
            ("https://lms.contoso.com/hooks?a=1", "https://lms.contoso.com/hooks", false),
            ("https://lms.contoso.com:8443/hooks", "https://lms.contoso.com/hooks", false),
            ("https://lms.contoso.com/100%", "https://lms.contoso.com/100%2", false),
        ] {
            let of = |text: &str| url(&Url::parse(text).unwrap());
            assert_eq!(of(a) == of(b), is_one, "{a} {b}");
        }
    }
}
