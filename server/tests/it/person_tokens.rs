//! Tokens of people that agents show, against a provider that signs what it is told to: one wrong thing at a time.

use std::sync::Arc;

use control_plane::ports::Ports;
use domain::sign_in::ProviderProblem;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use server::adapters::ports;

use crate::provider::{CLIENT, Provider, jwk, public, sign, sign_as};

const PORTAL: &str = "portal";

struct Bench {
    provider: Provider,
    ports: Ports,
    now: chrono::DateTime<chrono::Utc>,
}

impl Bench {
    async fn new(more: &str) -> Self {
        let provider = Provider::start().await;
        let plane = provider.plane(more).await;
        Self {
            ports: ports(&plane.config).unwrap(),
            now: plane.cp.clock().now(),
            provider,
        }
    }

    fn claims(&self) -> Value {
        let now = self.now.timestamp();
        json!({ "iss": self.provider.issuer, "sub": "ada", "aud": PORTAL, "iat": now - 1_800, "exp": now + 1_800 })
    }

    fn with(&self, field: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[field] = value;
        sign(1, &claims)
    }

    async fn refused(&self, what: &str, token: &str) {
        let sign_in = Arc::clone(&self.ports.sign_in);
        let error = sign_in.person(token, self.now).await.unwrap_err();
        assert_eq!(error.problem, ProviderProblem::Untrusted, "{what}: {error}");
    }
}

const LISTED: &str = r#"applications = ["portal", "mobile"]"#;

#[tokio::test]
async fn a_persons_token_for_a_listed_application_is_taken_while_it_lives() {
    let bench = Bench::new(LISTED).await;
    for token in [
        sign(1, &bench.claims()),
        bench.with("azp", json!(PORTAL)),
        {
            let mut claims = bench.claims();
            claims["aud"] = json!(["mobile", "https://api.example.com"]);
            claims["azp"] = json!("mobile");
            sign(1, &claims)
        },
    ] {
        let person = bench.ports.sign_in.person(&token, bench.now).await.unwrap();
        assert_eq!(
            (person.provider.as_str(), person.subject.as_str()),
            ("acme", "ada")
        );
        assert_eq!(person.issuer, bench.provider.issuer);
        assert_eq!(
            (person.expires_at - bench.now).num_seconds(),
            1_800 - i64::from(bench.now.timestamp_subsec_nanos() > 0)
        );
    }
}

#[tokio::test]
async fn each_wrong_claim_of_a_persons_token_is_refused() {
    let bench = Bench::new(LISTED).await;
    let now = bench.now.timestamp();
    for (what, field, value) in [
        ("our own client", "aud", json!(CLIENT)),
        ("another application", "aud", json!("payroll")),
        (
            "several audiences and no party",
            "aud",
            json!([PORTAL, "payroll"]),
        ),
        ("no audience", "aud", Value::Null),
        ("another party", "azp", json!("payroll")),
        ("a party that is no text", "azp", json!(7)),
        ("another issuer", "iss", json!("https://evil.example")),
        (
            "the issuer with a slash",
            "iss",
            json!(format!("{}/", bench.provider.issuer)),
        ),
        ("over", "exp", json!(now)),
        ("no end", "exp", Value::Null),
        ("an end in years", "exp", json!(now + 400_000_000)),
        ("issued tomorrow", "iat", json!(now + 86_400)),
        ("no time of issue", "iat", Value::Null),
        ("not before tomorrow", "nbf", json!(now + 86_400)),
        ("nobody", "sub", Value::Null),
        ("an empty subject", "sub", json!("")),
        ("a long subject", "sub", json!("a".repeat(300))),
        ("a subject with a line", "sub", json!("ada\nadmin")),
        (
            "a notice of a sign-out",
            "events",
            json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        ),
    ] {
        bench.refused(what, &bench.with(field, value)).await;
    }
}

#[tokio::test]
async fn another_key_algorithm_or_header_of_a_persons_token_is_refused() {
    let bench = Bench::new(LISTED).await;
    let claims = bench.claims();
    let secret = EncodingKey::from_secret(&public(1));
    let hmac = encode(&Header::new(Algorithm::HS256), &claims, &secret).unwrap();
    bench.refused("the public key as a secret", &hmac).await;
    let good = sign(1, &claims);
    let (_, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    use base64::Engine as _;
    let none = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    bench
        .refused("alg=none", &format!("{none}.{payload}."))
        .await;
    bench
        .refused(
            "alg=none and a signature",
            &format!("{none}.{payload}.{signature}"),
        )
        .await;
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("key-1".to_owned());
    header.jku = Some("https://evil.example/jwks".to_owned());
    bench
        .refused("another key under the name", &sign_as(2, &header, &claims))
        .await;
    header.kid = Some("../../keys/token-signing.pem".to_owned());
    bench
        .refused("a path for a name", &sign_as(1, &header, &claims))
        .await;
    bench.refused("no token", "x.y.z").await;
    bench.refused("nothing", "").await;
    bench
        .refused(
            "a very long token",
            &bench.with("padding", json!("a".repeat(100_000))),
        )
        .await;
    // Ten thousand keys are not looked through.
    let many: Vec<Value> = std::iter::repeat_n(jwk(1), 10_000).collect();
    let other = Bench::new(LISTED).await;
    other.provider.sign_with(&many);
    other
        .refused("ten thousand keys", &sign(1, &other.claims()))
        .await;
}

#[tokio::test]
async fn without_a_listed_application_no_token_of_the_provider_counts() {
    let bench = Bench::new("").await;
    bench
        .refused("nothing is listed", &sign(1, &bench.claims()))
        .await;
    bench
        .refused("a sign-in's token", &bench.with("aud", json!(CLIENT)))
        .await;
    assert_eq!(bench.provider.fetched(), 0, "the provider was asked");
}
