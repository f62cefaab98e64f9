//! Tokens that are bound to a key (DPoP, RFC 9449): nothing without a proof of it, for the call at hand and once.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use domain::policy::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::agent::{LIVE, Stage, TYPE, form, part, public, signed};
use crate::approvals::adopt;
use crate::support::{Answer, Call};

/// Whose key the proofs are of: another one than the agent's own.
const HOLDER: &str = "holder";

fn jwk(holder: &str) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(public(holder)) })
}

fn header(holder: &str) -> Value {
    json!({ "typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk(holder) })
}

/// Of the key, as RFC 7638 has it, by hand.
fn thumbprint(holder: &str) -> String {
    let x = URL_SAFE_NO_PAD.encode(public(holder));
    let text = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

fn claims(stage: &Stage, path: &str, jti: &str) -> Value {
    let base = &stage.plane.config.base_url;
    json!({ "htm": "POST", "htu": format!("{base}{path}"), "iat": stage.test.now().timestamp(), "jti": jti })
}

/// With the name of the token beside it.
fn beside(mut claims: Value, token: &str) -> Value {
    claims["ath"] = json!(URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
    claims
}

fn good(stage: &Stage, jti: &str) -> String {
    signed(HOLDER, &header(HOLDER), &claims(stage, "/oauth/token", jti))
}

/// Asks for a token with these proofs.
async fn ask(stage: &Stage, jti: &str, proofs: &[&str]) -> Answer {
    let assertion = stage.assertion(LIVE, jti);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion.as_str()),
    ];
    let call = Call::post("/oauth/token");
    let call = proofs
        .iter()
        .fold(call, |call, one| call.header("dpop", one));
    stage.plane.send(call.form(&form(&fields))).await
}

async fn bound(stage: &Stage, jti: &str) -> String {
    let answer = ask(stage, jti, &[&good(stage, jti)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// Sends spans of the agent with this authority.
async fn call(stage: &Stage, authority: &str, proofs: &[&str]) -> StatusCode {
    let call = Call::post("/otlp/v1/traces").header("authorization", authority);
    let call = proofs
        .iter()
        .fold(call, |call, one| call.header("dpop", one));
    stage.plane.send(call.json(&json!({}))).await.status
}

#[tokio::test]
async fn a_token_that_is_asked_for_with_a_proof_names_its_key() {
    let stage = Stage::new().await;
    let answer = ask(&stage, "a", &[&good(&stage, "p")]).await.json();
    assert_eq!(answer["token_type"], "DPoP");
    let token = answer["access_token"].as_str().unwrap();
    let named = json!({ "jkt": thumbprint(HOLDER) });
    assert_eq!(part(token, 1)["cnf"], named);
    let told = stage.introspected(token, "b").await;
    assert_eq!(
        (&told["cnf"], &told["token_type"]),
        (&named, &json!("DPoP"))
    );
    let plain = stage.token(LIVE, "c").await;
    assert!(part(&plain, 1).get("cnf").is_none());
    let metadata = stage
        .plane
        .get("/.well-known/oauth-authorization-server")
        .await;
    let algorithms = &metadata.json()["dpop_signing_alg_values_supported"];
    assert_eq!(*algorithms, json!(["EdDSA", "Ed25519", "ES256"]));
    stage.test.finish().await;
}

#[tokio::test]
async fn a_proof_counts_for_one_call_of_the_token_endpoint() {
    let stage = Stage::new().await;
    let now = stage.test.now().timestamp();
    let own = |claims: &Value| signed(HOLDER, &header(HOLDER), claims);
    let with = |field: &str, value: Value| {
        let mut claims = claims(&stage, "/oauth/token", "one");
        claims[field] = value;
        own(&claims)
    };
    let headed = |field: &str, value: Value| {
        let mut header = header(HOLDER);
        header[field] = value;
        signed(HOLDER, &header, &claims(&stage, "/oauth/token", "one"))
    };
    let mut private = jwk(HOLDER);
    private["d"] = private["x"].clone();
    let query = format!("{}/oauth/token?a=b#c", stage.plane.config.base_url);
    let refused = [
        ("another key in the header", headed("jwk", jwk("other"))),
        ("the private half", headed("jwk", private)),
        ("no key", headed("jwk", Value::Null)),
        ("another type", headed("typ", json!("JWT"))),
        ("no signature", headed("alg", json!("none"))),
        ("a shared secret", headed("alg", json!("HS256"))),
        ("a curve of another kind", headed("alg", json!("ES256"))),
        ("what must be understood", headed("crit", json!(["exp"]))),
        ("another method", with("htm", json!("GET"))),
        (
            "another place",
            with("htu", json!("https://other.example/oauth/token")),
        ),
        (
            "another endpoint",
            with(
                "htu",
                json!(format!("{}/oauth/introspect", stage.plane.config.base_url)),
            ),
        ),
        ("too old", with("iat", json!(now - 61))),
        ("ahead", with("iat", json!(now + 6))),
        ("the end of time", with("iat", json!(i64::MIN))),
        ("no name", with("jti", json!(""))),
        ("a long name", with("jti", json!("a".repeat(201)))),
        ("no proof", "x.y.z".to_owned()),
        ("nothing", String::new()),
        ("too long", with("more", json!("a".repeat(5_000)))),
    ];
    for (place, (what, proof)) in refused.iter().enumerate() {
        let answer = ask(&stage, &format!("r{place}"), &[proof]).await;
        let found = (answer.status, answer.text());
        let expected = r#"{"error":"invalid_dpop_proof"}"#.to_owned();
        assert_eq!(found, (StatusCode::BAD_REQUEST, expected), "{what}");
    }
    let (one, two) = (good(&stage, "one"), good(&stage, "two"));
    let both = ask(&stage, "b", &[&one, &two]).await;
    assert_eq!(both.json()["error"], "invalid_dpop_proof", "two proofs");
    // Query and fragment do not count (RFC 9449, 4.3), and the same proof not a second time.
    let taken = ask(&stage, "c", &[&with("htu", json!(query))]).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    let again = ask(&stage, "d", &[&one]).await;
    assert_eq!(again.json()["error"], "invalid_dpop_proof", "used before");
    stage.test.finish().await;
}

#[tokio::test]
async fn a_bound_token_is_nothing_without_its_key() {
    let stage = Stage::new().await;
    let (token, other) = (bound(&stage, "a").await, bound(&stage, "b").await);
    let (bearer, scheme) = (format!("Bearer {token}"), format!("DPoP {token}"));
    let base = claims(&stage, "/otlp/v1/traces", "one");
    let proof = |holder: &str, claims: &Value| signed(holder, &header(holder), claims);
    let right = proof(HOLDER, &beside(base.clone(), &token));
    let elsewhere = beside(claims(&stage, "/access/v1/events", "one"), &token);
    for (what, authority, proofs) in [
        ("as a bearer token", &bearer, vec![]),
        (
            "as a bearer token with a proof",
            &bearer,
            vec![right.clone()],
        ),
        ("without a proof", &scheme, vec![]),
        (
            "with two",
            &scheme,
            vec![
                right.clone(),
                proof(
                    HOLDER,
                    &beside(claims(&stage, "/otlp/v1/traces", "two"), &token),
                ),
            ],
        ),
        (
            "of another key",
            &scheme,
            vec![proof("other", &beside(base.clone(), &token))],
        ),
        ("for no token", &scheme, vec![proof(HOLDER, &base)]),
        (
            "for another token",
            &scheme,
            vec![proof(HOLDER, &beside(base.clone(), &other))],
        ),
        (
            "for another endpoint",
            &scheme,
            vec![proof(HOLDER, &elsewhere)],
        ),
    ] {
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        let status = call(&stage, authority, &proofs).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{what}");
    }
    assert_eq!(call(&stage, &scheme, &[&right]).await, StatusCode::OK);
    let again = call(&stage, &scheme, &[&right]).await;
    assert_eq!(again, StatusCode::UNAUTHORIZED, "used before");
    // And a token that is not bound is no other's.
    let plain = format!("DPoP {}", stage.token(LIVE, "c").await);
    let status = call(&stage, &plain, &[&right]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    stage.test.finish().await;
}

#[tokio::test]
async fn two_calls_at_once_with_one_proof_are_one() {
    let stage = Stage::new().await;
    let token = format!("DPoP {}", bound(&stage, "a").await);
    let (_, text) = token.split_once(' ').unwrap();
    let claims = beside(claims(&stage, "/otlp/v1/traces", "one"), text);
    let proof = signed(HOLDER, &header(HOLDER), &claims);
    let proofs = [proof.as_str()];
    let (one, two) = tokio::join!(call(&stage, &token, &proofs), call(&stage, &token, &proofs));
    let mut found = [one.as_u16(), two.as_u16()];
    found.sort_unstable();
    assert_eq!(found, [200, 401]);
    stage.test.finish().await;
}

#[tokio::test]
async fn a_policy_may_give_bound_tokens_alone() {
    let stage = Stage::new().await;
    let text = format!("{STANDARD}\naccess:\n  bound_tokens: [production]\n");
    stage
        .plane
        .add("other.admin@example.com", "administrator")
        .await;
    adopt(&stage.plane, text).await;
    let answer = stage.token_for(&stage.assertion(LIVE, "a")).await;
    assert_eq!(answer.json()["error"], "invalid_dpop_proof");
    stage.test.clock.advance(TimeDelta::seconds(1));
    let token = bound(&stage, "b").await;
    assert_eq!(stage.introspected(&token, "c").await["active"], true);
    stage.test.finish().await;
}
