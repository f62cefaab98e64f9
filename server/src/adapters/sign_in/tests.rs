//! Where a provider may lead the server, and for how long.

use std::time::Duration;

use domain::sign_in::ProviderProblem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::fetch::Fetch;
use crate::config::HostList;

const PUBLIC: &str = "https://acme.example";

/// A listener that answers every caller with these bytes, or with none.
async fn answering(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/x", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 2_048]).await.unwrap();
            stream.write_all(bytes).await.unwrap();
            if bytes.is_empty() {
                std::future::pending::<()>().await;
            }
        }
    });
    address
}

#[tokio::test]
async fn endpoints_inside_a_private_network_are_not_called() {
    let fetch = Fetch::new(PUBLIC, HostList::default());
    for address in [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/x",
        "https://[::ffff:10.0.0.1]/x",
        "http://140.82.112.3/x",
        "https://user:password@140.82.112.3/x",
        "file:///etc/passwd",
        "x",
    ] {
        let refused = fetch.get(address, None).await.unwrap_err();
        assert_eq!(refused.problem, ProviderProblem::Untrusted, "{address}");
    }
}

#[tokio::test]
async fn a_listed_host_is_called_and_an_issuer_of_this_machine_too() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
    let address = answering(answer).await;
    let local = Fetch::new("http://127.0.0.1:1", HostList::default());
    assert_eq!(local.get(&address, None).await.unwrap(), b"ok");
    // Listed, it may be in a private network; it must be encrypted all the same.
    let listed = Fetch::new(PUBLIC, HostList::parse_text("127.0.0.1"));
    assert!(listed.get(&address, None).await.is_err());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_silence_is_left() {
    let local =
        Fetch::new("http://localhost", HostList::default()).within(Duration::from_millis(300));
    let away = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let refused = local.get(&answering(away).await, None).await.unwrap_err();
    assert_eq!(refused.problem, ProviderProblem::Untrusted);
    let silent = local.get(&answering(b"").await, None).await.unwrap_err();
    assert_eq!(silent.problem, ProviderProblem::Unavailable);
}

#[test]
fn browsers_are_sent_to_encrypted_addresses_alone() {
    let remote = Fetch::new(PUBLIC, HostList::default());
    assert!(remote.is_for_browsers("https://acme.example/authorize"));
    for bad in [
        "http://acme.example/authorize",
        "http://127.0.0.1/authorize",
        "javascript:alert(1)",
        "https://user@acme.example/",
        "/authorize",
    ] {
        assert!(!remote.is_for_browsers(bad), "{bad}");
    }
    let local = Fetch::new("http://127.0.0.1:3001", HostList::default());
    assert!(local.is_for_browsers("http://127.0.0.1:3001/authorize"));
    assert!(!local.is_for_browsers("http://acme.example/authorize"));
}
