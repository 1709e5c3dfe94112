use super::*;
use crate::lms::engine::testing::{file, settings};

fn hosts(base: &str, named: &[&str]) -> Hosts {
    let mut settings = settings(base);
    settings.hosts = named.iter().map(|&name| name.to_owned()).collect();
    Hosts::new(address(base).unwrap(), &file(), &settings)
}

#[test]
fn addresses_are_of_tls_or_of_this_machine() {
    assert!(address("https://lms.example/x").is_ok());
    assert!(address("http://127.0.0.1:8080").is_ok());
    assert!(address("http://[::1]/").is_ok());
    for bad in [
        "http://lms.example",
        "ftp://lms.example",
        "https://user:pw@lms.example",
        "lms.example",
        "https://",
        "",
    ] {
        let error = address(bad).unwrap_err();
        assert!(!error.to_string().contains("pw"), "{error}");
    }
}

#[test]
fn paths_stay_below_the_base() {
    let hosts = hosts("https://lms.example/moodle/", &[]);
    let below = |path: &str| hosts.below_base(path).map(|url| url.to_string());
    assert_eq!(below("/x/y").unwrap(), "https://lms.example/moodle/x/y");
    assert_eq!(below("/x/a%2Fb").unwrap(), "https://lms.example/moodle/x/a%2Fb");
    assert_eq!(below("//evil.example/x").unwrap(), "https://lms.example/moodle//evil.example/x");
    for out in ["/../admin", "/x/../../admin", "/%2e%2e/admin", "@evil.example/", ".evil.example"] {
        assert_eq!(below(out), Err(AddressError::OutOfBase), "{out}");
    }
}

#[test]
fn only_hosts_that_were_named_are_reached() {
    let hosts = hosts("https://lms.example", &["api.example", "other.example:8443"]);
    for good in [
        "https://lms.example/x",
        "https://api.example/x",
        "https://API.example:443/x",
        "https://other.example:8443/x",
    ] {
        assert!(hosts.absolute(good).is_ok(), "{good}");
    }
    for bad in [
        "https://evil.example/x",
        "https://api.example.evil.example/x",
        "https://api.example:8443/x",
        "https://other.example/x",
        "http://api.example/x",
        "https://lms.example:8443/",
        "https://127.0.0.1/",
        "https://lms.example@evil.example/",
    ] {
        assert!(hosts.absolute(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_next_page_is_moved_to_the_base_or_refused() {
    let hosts = hosts("https://lms.example/api", &[]);
    let from = Url::parse("https://lms.example/api/users?page=1").unwrap();
    let next = |text: &str| hosts.next(&from, text).map(|url| url.to_string());
    assert_eq!(next("?page=2").unwrap(), "https://lms.example/api/users?page=2");
    assert_eq!(
        next("http://lms.example:8080/api/users?page=2").unwrap(),
        "https://lms.example/api/users?page=2"
    );
    assert!(next("https://evil.example/users?page=2").unwrap_err().contains("https://evil.example"));
    assert!(next("javascript:alert(1)").is_err());
    assert!(next("http://").is_err());
}

/// An LMS may say that its next page is anywhere.
#[test]
fn no_file_is_read_that_the_tenant_does_not_name() {
    let hosts = hosts("https://lms.contoso.com/app", &[]);
    let secret = "file:///etc/passwd";
    assert_eq!(hosts.absolute(secret), Err(AddressError::NotAllowed("a file".to_owned())));
    assert!(hosts.next(&"https://lms.contoso.com/app/a".parse().unwrap(), secret).is_err());
    let mut named = hosts;
    named.files.push("file:///mnt/lms/places.csv".parse().unwrap());
    assert!(named.absolute("file:///mnt/lms/places.csv").is_ok());
    for other in ["file:///mnt/lms/../../etc/passwd", "file:///mnt/lms/places.csv2", secret] {
        assert!(named.absolute(other).is_err(), "{other}");
    }
    assert!(address("file://elsewhere/mnt/places.csv").is_err());
}
