//! Webhooks: only what was signed gets in, once, and nothing too large is held.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use control_plane::connections;
use futures::stream;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::support::{Answer, Call, Plane};

const BODY: &str = r#"{"ref":"refs/heads/main","before":"0000000000000000000000000000000000000000","after":"1111111111111111111111111111111111111111","repository":{"clone_url":"https://github.com/acme/bots.git"},"pusher":{"name":"ada"},"commits":[]}"#;

fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

fn call(path: &str, key: &str, signature: &str) -> Call {
    Call::post(path)
        .header("content-type", "application/json")
        .header("x-github-event", "push")
        .header("x-github-delivery", key)
        .header("x-hub-signature-256", signature)
}

async fn deliver(plane: &Plane, path: &str, key: &str, secret: &str, body: &str) -> Answer {
    plane
        .send(call(path, key, &sign(secret, body.as_bytes())).body(body.to_owned()))
        .await
}

async fn count(plane: &Plane) -> usize {
    connections::deliveries(&plane.cp, &plane.admin().await, "")
        .await
        .unwrap()
        .rows
        .len()
}

#[test]
fn signatures_are_githubs() {
    let known = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert_eq!(sign("It's a Secret to Everybody", b"Hello, World!"), known);
}

#[tokio::test]
async fn a_signed_delivery_is_stored_once() {
    let plane = Plane::new().await;
    let (path, secret) = plane.connection("acme", "github").await;
    let first = deliver(&plane, &path, "key-1", &secret, BODY).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    let again = deliver(&plane, &path, "key-1", &secret, BODY).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(first.json()["delivery"], again.json()["delivery"]);
    assert_eq!(count(&plane).await, 1);
}

#[tokio::test]
async fn the_same_id_with_another_body_is_a_conflict() {
    let plane = Plane::new().await;
    let (path, secret) = plane.connection("acme", "github").await;
    deliver(&plane, &path, "key-1", &secret, BODY).await;
    let other = BODY.replace("main", "dev");
    deliver(&plane, &path, "key-1", &secret, &other)
        .await
        .is_problem(409, "conflict");
    assert_eq!(count(&plane).await, 1);
}

#[tokio::test]
async fn wrong_signatures_are_refused() {
    let plane = Plane::new().await;
    let (path, secret) = plane.connection("acme", "github").await;
    let right = sign(&secret, BODY.as_bytes());
    let hex = right.strip_prefix("sha256=").unwrap();
    let mut wrong = vec![
        String::new(),
        hex.to_owned(),
        format!("SHA256={hex}"),
        format!("sha1={}", &hex[..40]),
        format!("sha256={}", &hex[..62]),
        format!("sha256={hex}00"),
        sign("another secret", BODY.as_bytes()),
        sign(&secret, BODY.replace(' ', "").replace(':', ": ").as_bytes()),
        sign("", BODY.as_bytes()),
    ];
    for at in 0..64 {
        let digit = u8::from_str_radix(&hex[at..=at], 16).unwrap() ^ 1;
        wrong.push(format!("sha256={}{digit:x}{}", &hex[..at], &hex[at + 1..]));
    }
    for signature in wrong {
        let answer = plane
            .send(call(&path, "key-1", &signature).body(BODY))
            .await;
        answer.is_problem(401, "unauthenticated");
    }
    let twice = call(&path, "key-1", &right).header("x-hub-signature-256", &right);
    plane
        .send(twice.body(BODY))
        .await
        .is_problem(401, "unauthenticated");
    assert_eq!(count(&plane).await, 0);
}

#[tokio::test]
async fn a_sha1_signature_alone_counts_for_nothing() {
    let plane = Plane::new().await;
    let (path, _) = plane.connection("acme", "github").await;
    let call = Call::post(&path)
        .header("x-github-event", "push")
        .header("x-github-delivery", "k")
        .header("x-hub-signature", "sha1=00");
    plane
        .send(call.body(BODY))
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn an_unknown_connection_answers_like_a_wrong_signature() {
    let plane = Plane::new().await;
    let (path, secret) = plane.connection("acme", "github").await;
    let unknown = deliver(&plane, "/webhooks/github/other", "key-1", &secret, BODY).await;
    let wrong = deliver(&plane, &path, "key-1", "wrong", BODY).await;
    unknown.is_problem(401, "unauthenticated");
    let without_id = |answer: &Answer| answer.text().replace(answer.header("x-request-id"), "");
    assert_eq!(without_id(&unknown), without_id(&wrong));
}

#[tokio::test]
async fn one_kind_of_host_cannot_use_the_others_endpoint() {
    let plane = Plane::new().await;
    let (_, secret) = plane.connection("acme", "azure_devops").await;
    deliver(&plane, "/webhooks/github/acme", "key-1", &secret, BODY)
        .await
        .is_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_body_announced_too_large_is_refused_unread() {
    let plane = Plane::new().await;
    let (path, _) = plane.connection("acme", "github").await;
    let length = (25 * 1024 * 1024 + 1).to_string();
    let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let answer = plane
        .send(
            call(&path, "k", "sha256=00")
                .header("content-length", &length)
                .body(never),
        )
        .await;
    answer.is_problem(413, "too_large");
}

#[tokio::test]
async fn a_body_that_grows_too_large_is_cut_off() {
    let plane = Plane::new().await;
    let (path, _) = plane.connection("acme", "github").await;
    let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 1 << 20])));
    let answer = plane
        .send(call(&path, "k", "sha256=00").body(Body::from_stream(endless)))
        .await;
    answer.is_problem(413, "too_large");
}

#[tokio::test]
async fn a_missing_delivery_id_is_a_bad_request() {
    let plane = Plane::new().await;
    let (path, secret) = plane.connection("acme", "github").await;
    let signature = sign(&secret, BODY.as_bytes());
    let call = Call::post(&path)
        .header("x-github-event", "push")
        .header("x-hub-signature-256", &signature);
    plane
        .send(call.body(BODY))
        .await
        .is_problem(400, "bad_request");
}

#[tokio::test]
async fn azure_devops_takes_basic_credentials_or_a_header() {
    use base64::Engine as _;
    let plane = Plane::new().await;
    let (path, secret) = plane.connection("acme", "azure_devops").await;
    let body = |id: &str| {
        format!(
            r#"{{"id":"{id}","subscriptionId":"s","eventType":"git.push","resource":{{"refUpdates":[]}}}}"#
        )
    };
    let basic = |password: &str| {
        format!(
            "Basic {}",
            base64::engine::general_purpose::STANDARD.encode(format!("clearance:{password}"))
        )
    };
    let by_basic = plane
        .send(
            Call::post(&path)
                .header("authorization", &basic(&secret))
                .body(body("1")),
        )
        .await;
    assert_eq!(by_basic.status, StatusCode::ACCEPTED, "{}", by_basic.text());
    let by_header = plane
        .send(
            Call::post(&path)
                .header("x-clearance-secret", &secret)
                .body(body("2")),
        )
        .await;
    assert_eq!(
        by_header.status,
        StatusCode::ACCEPTED,
        "{}",
        by_header.text()
    );
    let again = plane
        .send(
            Call::post(&path)
                .header("x-clearance-secret", &secret)
                .body(body("2")),
        )
        .await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text());
    for wrong in [
        basic("wrong"),
        basic(""),
        "Basic !!!".to_owned(),
        format!("Bearer {secret}"),
    ] {
        plane
            .send(
                Call::post(&path)
                    .header("authorization", &wrong)
                    .body(body("3")),
            )
            .await
            .is_problem(401, "unauthenticated");
    }
    plane
        .send(Call::post(&path).body(body("3")))
        .await
        .is_problem(401, "unauthenticated");
    assert_eq!(count(&plane).await, 2);
}

#[tokio::test]
async fn nested_json_and_other_nonsense_never_breaks_it() {
    let plane = Plane::new().await;
    let (path, secret) = plane.connection("acme", "github").await;
    let deep = "[".repeat(100_000);
    let bodies = [
        deep.as_str(),
        "",
        "null",
        "[]",
        "{\"ref\":null}",
        "{\"ref\":1,\"ref\":2}",
        "\u{0}",
    ];
    for (n, body) in bodies.iter().enumerate() {
        let answer = deliver(&plane, &path, &format!("key-{n}"), &secret, body).await;
        assert!(
            !answer.status.is_server_error(),
            "{body:.40}: {}",
            answer.text()
        );
    }
}
