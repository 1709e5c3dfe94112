use super::*;
use azure_core::credentials::{AccessToken, TokenRequestOptions};
use std::sync::Mutex;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const MOST: usize = 1024 * 1024;

/// A service that answers everything with this, then closes. What it was asked, head by head.
async fn service(answer: Vec<u8>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/c/r.toml", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut head, mut some) = (Vec::new(), [0; 4096]);
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read(&mut some).await {
                    Ok(read @ 1..) => head.extend_from_slice(&some[..read]),
                    Ok(0) | Err(_) => break,
                }
            }
            seen.lock().unwrap().push(String::from_utf8(head).unwrap().to_lowercase());
            let _ = stream.write_all(&answer).await;
        }
    });
    (url, asked)
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes(), body].concat()
}

async fn read(answer: Vec<u8>, before: Option<&str>) -> Result<Found, Unread> {
    let (url, _) = service(answer).await;
    let address = BlobAddress::parse(&url).unwrap();
    BlobReader::new(None).unwrap().read(&address, before, MOST).await
}

#[tokio::test]
async fn what_is_handed_on_is_all_of_it() {
    let md5 = STANDARD.encode(Md5::digest(b"a = 1"));
    let good = Ok(Found::Another { bytes: b"a = 1".to_vec(), etag: Some("\"0x8D\"".to_owned()) });
    let head = format!("200 OK\r\nContent-Length: 5\r\nETag: \"0x8D\"\r\nContent-MD5: {md5}");
    assert_eq!(read(answer(&head, b"a = 1"), None).await, good);
    let head = "200 OK\r\nContent-Length: 5\r\nETag: \"0x8D\"";
    assert_eq!(read(answer(head, b"a = 1"), None).await, good);
    let chunked = format!("200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"0x8D\"\r\nContent-MD5: {md5}");
    assert_eq!(read(answer(&chunked, b"5\r\na = 1\r\n0\r\n\r\n"), None).await, good);

    for (what, answer) in [
        ("cut", answer("200 OK\r\nContent-Length: 50", b"a = 1")),
        ("another", answer(&format!("200 OK\r\nContent-Length: 5\r\nContent-MD5: {md5}"), b"a = 2")),
        ("who knows", answer("200 OK", b"a = 1")),
        ("chunks cut", answer(&chunked, b"5\r\na = 1\r\n")),
    ] {
        let why = read(answer, None).await.expect_err(what).why;
        assert!(why.starts_with("it came in part ("), "{what}: {why}");
    }
}

#[tokio::test]
async fn a_large_one_is_refused_by_its_length_or_while_it_comes() {
    let large = vec![b'#'; MOST + 1];
    let chunked = [format!("{:x}\r\n", large.len()).as_bytes(), &large, b"\r\n0\r\n\r\n"].concat();
    for answer in [
        answer("200 OK\r\nContent-Length: 99999999999", b""),
        answer("200 OK\r\nTransfer-Encoding: chunked", &chunked),
    ] {
        assert_eq!(read(answer, None).await.unwrap_err().why, "it is larger than 1 MiB");
    }
}

#[tokio::test]
async fn every_refusal_says_what_came_and_what_may_mend_it() {
    for (head, why, hint) in [
        ("404 Gone\r\nx-ms-error-code: BlobNotFound", "answered with 404 BlobNotFound", "no such blob"),
        ("403 No", "answered with 403", "Storage Blob Data Reader"),
        ("503 Busy\r\nx-ms-error-code: <b>no</b>", "answered with 503", ""),
        ("302 Found\r\nLocation: http://127.0.0.1:1/", "answered with 302", "not followed"),
        ("206 Part", "answered with 206", ""),
        ("304 Same", "answered with 304", ""),
    ] {
        let unread = read(answer(&format!("{head}\r\nContent-Length: 0"), b""), None).await.unwrap_err();
        assert_eq!(unread.why, why);
        assert!(unread.hint.unwrap_or_default().contains(hint), "{unread:?}");
    }
    let same = read(answer("304 Same", b""), Some("\"1\"")).await;
    assert_eq!(same, Ok(Found::Same));
    let address = BlobAddress::parse("http://127.0.0.1:1/c/r.toml?sig=s3cret").unwrap();
    let unread = BlobReader::new(None).unwrap().read(&address, None, MOST).await.unwrap_err();
    assert!(unread.why.starts_with("no answer: ") && !unread.why.contains("s3cret"), "{unread:?}");
}

#[derive(Debug)]
struct Somebody;

#[async_trait::async_trait]
impl TokenCredential for Somebody {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        assert_eq!(scopes, [SCOPE]);
        Ok(AccessToken::new("t0ken".to_owned(), azure_core::time::OffsetDateTime::now_utc()))
    }
}

#[tokio::test]
async fn a_token_is_shown_unless_the_address_is_signed_and_the_etag_of_before_is_named() {
    let (url, asked) = service(answer("304 Same", b"")).await;
    let reader = BlobReader { identity: Some(Arc::new(Somebody)), ..BlobReader::new(None).unwrap() };
    for url in [url.clone(), format!("{url}?sv=1&sig=s")] {
        let address = BlobAddress::parse(&url).unwrap();
        assert_eq!(reader.read(&address, Some("\"0x1\""), MOST).await, Ok(Found::Same));
    }
    let asked = asked.lock().unwrap().clone();
    assert!(asked[0].starts_with("get /c/r.toml http/1.1\r\n"), "{}", asked[0]);
    assert!(asked[0].contains("\r\nauthorization: bearer t0ken\r\n"), "{}", asked[0]);
    for line in ["\r\nif-none-match: \"0x1\"\r\n", "\r\nx-ms-version: 2021-12-02\r\n"] {
        assert!(asked.iter().all(|head| head.contains(line)), "{asked:?}");
    }
    assert!(asked[1].starts_with("get /c/r.toml?sv=1&sig=s http/1.1\r\n"), "{}", asked[1]);
    assert!(!asked[1].contains("authorization"), "{}", asked[1]);
}
