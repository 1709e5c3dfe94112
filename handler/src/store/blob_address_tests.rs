use super::*;

#[test]
fn a_blob_of_azure_or_of_this_machine_is_taken_and_its_signature_never_shown() {
    for (text, shown, needs) in [
        ("https://acc.blob.core.windows.net/c/regrets.toml", "", true),
        ("https://acc.z01.blob.storage.azure.net/c/a/b/regrets.toml", "", true),
        ("https://acc.blob.core.chinacloudapi.cn/c/regrets.toml?sv=2021-12-02&sig=s3cret", "cut", false),
        ("http://127.0.0.1:10000/devstoreaccount1/c/regrets.toml", "", false),
        ("https://localhost/c/regrets.toml?sig=s3cret", "cut", false),
    ] {
        let address = BlobAddress::parse(text).unwrap();
        let wanted = if shown == "cut" { text.split('?').next().unwrap() } else { text };
        assert_eq!((address.to_string().as_str(), address.needs_a_token()), (wanted, needs), "{text}");
        assert_eq!(address.to_ask().as_str(), text);
        assert!(!format!("{address:?}").contains("s3cret"), "{address:?}");
    }
}

#[test]
fn what_is_no_blob_or_would_get_our_token_elsewhere_is_refused() {
    for (text, why) in [
        ("https://", NoBlob::NoUrl),
        ("http://acc.blob.core.windows.net/c/regrets.toml", NoBlob::NotHttps),
        ("file:///etc/regrets.toml", NoBlob::NotHttps),
        ("https://me:pw@acc.blob.core.windows.net/c/r.toml", NoBlob::Credentials),
        ("https://acc.blob.core.windows.net/c/r.toml#x", NoBlob::Credentials),
        ("https://config.contoso.com/c/r.toml?sig=s3cret", NoBlob::Host),
        ("https://acc.blob.core.windows.net.evil.com/c/r.toml", NoBlob::Host),
        ("https://.blob.core.windows.net/c/r.toml", NoBlob::Host),
        ("https://acc.blob.core.windows.net/r.toml", NoBlob::Path),
        ("https://acc.blob.core.windows.net/c/", NoBlob::Path),
        ("https://acc.blob.core.windows.net/c/r.toml?snapshot=1", NoBlob::Query),
        ("https://acc.blob.core.windows.net/c/r.toml?sig=", NoBlob::Query),
    ] {
        let refused = BlobAddress::parse(text).err();
        // An empty account is no host at all for the parser.
        let is_so = refused == Some(why) || (text.contains("/.blob") && refused == Some(NoBlob::NoUrl));
        assert!(is_so, "{text}: {refused:?}");
        assert!(!refused.unwrap().to_string().contains("s3cret"));
    }
}

#[test]
fn what_stands_beside_it_is_in_its_folder_or_below() {
    let address = BlobAddress::parse("https://acc.blob.core.windows.net/c/a/r.toml?sig=s").unwrap();
    let beside = |name: &str| address.beside(name).map(|at| at.to_ask().to_string());
    let folder = "https://acc.blob.core.windows.net/c/a";
    assert_eq!(beside("./lms.toml"), Ok(format!("{folder}/lms.toml?sig=s")));
    assert_eq!(beside("more/my lms.toml"), Ok(format!("{folder}/more/my%20lms.toml?sig=s")));
    for name in [
        "../lms.toml",
        "a/../../lms.toml",
        "/c/lms.toml",
        "//evil.com/lms.toml",
        "https://evil.com/l.toml",
        "..\\lms.toml",
        "%2e%2e/lms.toml",
        "a//lms.toml",
        "lms.toml/",
        ".",
        "lms.toml?sig=x",
    ] {
        assert_eq!(beside(name), Err(NotBeside), "{name}");
    }
}
