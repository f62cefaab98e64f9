//! Assertions that must not count, one wrong thing at a time, at the endpoint itself.

use axum::http::StatusCode;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::agent::{LIVE, Stage, TYPE, encoded, form, public, signed};
use crate::support::Call;

const EDDSA: &str = "EdDSA";

fn header() -> Value {
    json!({ "alg": EDDSA })
}

/// Asserts that each is refused, and told nothing but that it is.
async fn refused(stage: &Stage, all: &[(&str, String)]) {
    for (what, assertion) in all {
        let answer = stage.token_for(assertion).await;
        let found = (answer.status, answer.text());
        let expected = r#"{"error":"invalid_client"}"#.to_owned();
        assert_eq!(found, (StatusCode::UNAUTHORIZED, expected), "{what}");
    }
}

#[tokio::test]
async fn a_wrong_signature_algorithm_or_header_counts_for_nothing() {
    let stage = Stage::new().await;
    let claims = stage.claims(LIVE, "one");
    let none = |alg: &str| format!("{}.{}.", encoded(&json!({ "alg": alg })), encoded(&claims));
    // The public half is known to everybody, so as the secret of another algorithm it proves nothing.
    let hmac = |kid: Option<&str>| {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = kid.map(str::to_owned);
        encode(&header, &claims, &EncodingKey::from_secret(&public(LIVE))).unwrap()
    };
    let good = signed(LIVE, &header(), &claims);
    let (message, _) = good.rsplit_once('.').unwrap();
    let other = stage.claims(LIVE, "two");
    let (head, tail) = good.split_once('.').unwrap();
    let (_, signature) = tail.split_once('.').unwrap();
    let mut unknown = header();
    unknown["crit"] = json!(["exp"]);
    refused(
        &stage,
        &[
            ("alg=none", none("none")),
            ("alg=NONE", none("NONE")),
            ("alg=None with the right type", none("None")),
            ("the public key as a secret", hmac(None)),
            ("an empty key by path", hmac(Some("../../../../dev/null"))),
            ("RS256 in the header", signed(LIVE, &json!({ "alg": "RS256" }), &claims)),
            ("ES256 in the header", signed(LIVE, &json!({ "alg": "ES256" }), &claims)),
            ("no algorithm", signed(LIVE, &json!({}), &claims)),
            ("what must be understood", signed(LIVE, &unknown, &claims)),
            ("the key of another agent", signed("refund-assistant-1", &header(), &claims)),
            ("its own key in the header", signed("evil", &json!({ "alg": EDDSA, "jwk": { "kty": "OKP", "crv": "Ed25519", "x": "AAAA" }, "jku": "https://evil.example/jwks", "x5u": "https://evil.example/x", "kid": "../../keys/token-signing.pem" }), &claims)),
            ("no signature", format!("{message}.")),
            ("another payload under the signature", format!("{head}.{}.{signature}", encoded(&other))),
            ("two parts", message.to_owned()),
            ("four parts", format!("{good}.x")),
            ("spaces around", format!(" {good}")),
            ("nothing", String::new()),
        ],
    )
    .await;
    // What is in the header beside the algorithm changes nothing: the key is the one that we know.
    let named =
        json!({ "alg": "Ed25519", "kid": "../../etc/passwd", "jku": "http://127.0.0.1:1/" });
    let answer = stage.token_for(&signed(LIVE, &named, &claims)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    stage.test.finish().await;
}

#[tokio::test]
async fn a_wrong_claim_counts_for_nothing() {
    let stage = Stage::new().await;
    let base = stage.plane.config.base_url.clone();
    let now = stage.test.now().timestamp();
    let with = |field: &str, value: Value| {
        let mut claims = stage.claims(LIVE, "one");
        claims[field] = value;
        signed(LIVE, &header(), &claims)
    };
    refused(
        &stage,
        &[
            (
                "two audiences",
                with("aud", json!([base, "https://other.example"])),
            ),
            ("an array of one", with("aud", json!([base]))),
            (
                "the token endpoint",
                with("aud", json!(format!("{base}/oauth/token"))),
            ),
            (
                "the issuer with a slash",
                with("aud", json!(format!("{base}/"))),
            ),
            (
                "another audience",
                with("aud", json!("https://other.example")),
            ),
            ("no audience", with("aud", Value::Null)),
            ("another issuer", with("iss", json!("refund-assistant-1"))),
            ("another subject", with("sub", json!("refund-assistant-1"))),
            (
                "a subject that is none",
                with("sub", json!("../../etc/passwd")),
            ),
            (
                "a subject that is long",
                with("sub", json!("a".repeat(201))),
            ),
            ("over", with("exp", json!(now))),
            ("five minutes behind", with("exp", json!(now - 300))),
            ("five minutes ahead", with("exp", json!(now + 330))),
            ("a life of two minutes", with("iat", json!(now - 60))),
            ("issued in five minutes", with("iat", json!(now + 300))),
            ("not before five minutes", with("nbf", json!(now + 300))),
            ("an end in words", with("exp", json!("soon"))),
            ("an end in fractions", with("exp", json!(1e18))),
            ("no name", with("jti", json!(""))),
            ("a long name", with("jti", json!("a".repeat(201)))),
            ("a name that is a list", with("jti", json!(["one"]))),
        ],
    )
    .await;
    // None of them used the name up.
    assert!(!stage.token(LIVE, "one").await.is_empty());
    stage.test.finish().await;
}

#[tokio::test]
async fn an_assertion_counts_once_on_every_endpoint_and_replica() {
    let stage = Stage::new().await;
    let assertion = stage.assertion(LIVE, "one");
    assert_eq!(stage.token_for(&assertion).await.status, StatusCode::OK);
    refused(&stage, &[("replayed", assertion.clone())]).await;
    let again = form(&[
        ("token", "x"),
        ("client_assertion_type", TYPE),
        ("client_assertion", &assertion),
    ]);
    let replica = stage.plane.replica();
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        let answer = replica.send(Call::post(path).form(&again)).await;
        assert_eq!(answer.json()["error"], "invalid_client", "{path}");
    }
    stage.test.finish().await;
}

#[tokio::test]
async fn a_clock_that_is_a_little_off_is_no_reason() {
    let stage = Stage::new().await;
    let now = stage.test.now().timestamp();
    let mut ahead = stage.claims(LIVE, "one");
    ahead["iat"] = json!(now + 4);
    ahead["exp"] = json!(now + 64);
    let answer = stage.token_for(&signed(LIVE, &header(), &ahead)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    stage.test.finish().await;
}

#[tokio::test]
async fn an_agent_whose_successor_is_live_gets_nothing_and_its_token_is_dead() {
    let stage = Stage::new().await;
    let token = stage.token(LIVE, "one").await;
    stage.push("print('second')\n", 4).await;
    let next = "refund-assistant-4";
    refused(&stage, &[("superseded", stage.assertion(LIVE, "two"))]).await;
    let fields = [("token", token.as_str())];
    let asked = stage.ask("/oauth/introspect", next, "three", &fields).await;
    assert_eq!(asked.json(), json!({ "active": false }));
    let spans = Call::post("/otlp/v1/traces").token(&token);
    let answer = stage.plane.send(spans.json(&json!({}))).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    // A token that lives on by its signature ends by the clock.
    let fresh = stage.token(next, "four").await;
    stage.test.clock.advance(TimeDelta::seconds(300));
    let over = stage
        .ask("/oauth/introspect", next, "five", &[("token", &fresh)])
        .await;
    assert_eq!(over.json(), json!({ "active": false }));
    stage.test.finish().await;
}

#[tokio::test]
async fn a_call_that_is_no_form_or_says_a_thing_twice_is_refused_in_the_standards_words() {
    let stage = Stage::new().await;
    let assertion = stage.assertion(LIVE, "one");
    let fields = |more: &[(&str, &str)]| {
        let mut all = vec![
            ("grant_type", "client_credentials"),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        all.extend_from_slice(more);
        form(&all)
    };
    for (body, error) in [
        (fields(&[("scope", "a"), ("scope", "b")]), "invalid_request"),
        (fields(&[("client_assertion", "x.y.z")]), "invalid_request"),
        (
            fields(&[("client_id", "refund-assistant-1")]),
            "invalid_client",
        ),
    ] {
        let answer = stage
            .plane
            .send(Call::post("/oauth/token").form(&body))
            .await;
        assert_eq!(answer.json()["error"], error, "{body}");
    }
    let json = Call::post("/oauth/token").json(&json!({ "grant_type": "client_credentials" }));
    let answer = stage.plane.send(json).await;
    assert_eq!(answer.json()["error"], "invalid_request");
    // The scope is looked at after the proof, so this one is used up.
    let wider = fields(&[("scope", "orders:read orders:delete"), ("client_id", LIVE)]);
    let answer = stage
        .plane
        .send(Call::post("/oauth/token").form(&wider))
        .await;
    assert_eq!(answer.json()["error"], "invalid_scope");
    stage.test.finish().await;
}
