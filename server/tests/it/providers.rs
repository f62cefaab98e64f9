//! What a provider signs: each check violated one at a time, then what must work.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::provider::{
    NEW, Provider, Trip, come_back, good, jwk, leave, public, refused, session, sign, sign_as,
    sign_in,
};
use crate::support::Call;

#[tokio::test]
async fn a_person_comes_in_with_the_roles_of_their_groups() {
    let provider = Provider::start().await;
    let plane = provider.plane(NEW).await;
    let trip = leave(&plane, "?next=%2Fapprovals", None).await;
    assert_eq!(trip.query("code_challenge_method"), "S256");
    assert_eq!(
        trip.query("redirect_uri"),
        format!("{}/sign-in/with/acme/callback", plane.config.base_url)
    );
    provider.trades(&trip, sign(1, &provider.claims(&plane, &trip)));
    let answer = come_back(&plane, &good(&provider, &trip), &trip.cookie).await;
    assert_eq!(answer.header("location"), "/approvals");
    let cookie = session(&answer);
    let page = plane
        .send(Call::get("/settings/sessions").cookie(&cookie).build())
        .await
        .text();
    assert!(page.contains("Acme") && page.contains("ada"), "{page}");
    let page = plane
        .send(Call::get("/settings").cookie(&cookie).build())
        .await
        .text();
    assert!(
        page.contains("Administrator (by acme)"),
        "an administrator by the group"
    );
}

#[tokio::test]
async fn each_wrong_claim_is_refused() {
    let provider = Provider::start().await;
    let plane = provider.plane(NEW).await;
    let now = plane.cp.clock().now().timestamp();
    let wrong: Vec<(&str, Value)> = vec![
        ("iss", json!("https://evil.example")),
        ("iss", json!(format!("{}/", provider.issuer))),
        ("iss", Value::Null),
        ("aud", json!("somebody-else")),
        ("aud", json!([])),
        ("aud", json!(["clearance", "somebody-else"])),
        ("aud", Value::Null),
        ("azp", json!("somebody-else")),
        ("nonce", json!("another")),
        ("nonce", Value::Null),
        ("nonce", json!("")),
        ("exp", json!(now - 120)),
        ("exp", json!(now + 10_000_000)),
        ("exp", json!("soon")),
        ("exp", Value::Null),
        ("iat", json!(now + 600)),
        ("iat", json!(now - 3_600)),
        ("iat", Value::Null),
        ("nbf", json!(now + 600)),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!("a\nb")),
        ("sub", json!("x".repeat(300))),
        ("sub", Value::Null),
        ("groups", json!({ "Admins": true })),
    ];
    for (name, value) in wrong {
        let answer = sign_in(&provider, &plane, |claims| {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        })
        .await;
        refused(&answer, "provider_untrusted", &format!("{name} = {value}"));
    }
    session(&sign_in(&provider, &plane, |_| {}).await);
}

#[tokio::test]
async fn each_wrong_signature_is_refused() {
    let provider = Provider::start().await;
    let plane = provider.plane(NEW).await;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let named = |algorithm| {
        let mut header = Header::new(algorithm);
        header.kid = Some("key-1".to_owned());
        header
    };
    let forge = |kind: &str, claims: &Value| -> String {
        let good = sign(1, claims);
        match kind {
            "none" => format!(
                "{}.{}.",
                part(&json!({ "alg": "none", "kid": "key-1" })),
                part(claims)
            ),
            "None" => format!("{}.{}.", part(&json!({ "alg": "None" })), part(claims)),
            "HS256 over the public key" => encode(
                &named(Algorithm::HS256),
                claims,
                &EncodingKey::from_secret(&public(1)),
            )
            .unwrap(),
            "HS256 over the secret" => encode(
                &named(Algorithm::HS256),
                claims,
                &EncodingKey::from_secret(b"client-canary-72be"),
            )
            .unwrap(),
            "no signature" => format!("{}.", good.rsplit_once('.').unwrap().0),
            "another key under that name" => sign_as(2, &named(Algorithm::EdDSA), claims),
            "a key of its own" => {
                let mut header = named(Algorithm::EdDSA);
                header.jwk = serde_json::from_value(jwk(2)).unwrap();
                header.jku = Some("https://evil.example/keys".to_owned());
                sign_as(2, &header, claims)
            }
            "a name that is a path" => {
                let mut header = named(Algorithm::EdDSA);
                header.kid = Some("../../keys/token-signing.pem".to_owned());
                sign_as(2, &header, claims)
            }
            "changed claims" => {
                let mut changed = claims.clone();
                changed["sub"] = json!("somebody-else");
                let parts: Vec<&str> = good.split('.').collect();
                format!("{}.{}.{}", parts[0], part(&changed), parts[2])
            }
            "garbage" => "a.b.c".to_owned(),
            "nothing" => String::new(),
            "too long" => format!("{good}{}", "A".repeat(70_000)),
            other => panic!("{other}"),
        }
    };
    for kind in [
        "none",
        "None",
        "HS256 over the public key",
        "HS256 over the secret",
        "no signature",
        "another key under that name",
        "a key of its own",
        "a name that is a path",
        "changed claims",
        "garbage",
        "nothing",
        "too long",
    ] {
        let trip = leave(&plane, "", None).await;
        provider.trades(&trip, forge(kind, &provider.claims(&plane, &trip)));
        let answer = come_back(&plane, &good(&provider, &trip), &trip.cookie).await;
        refused(&answer, "provider_untrusted", kind);
    }
}

#[tokio::test]
async fn an_answer_is_for_the_browser_that_asked_once_and_of_the_issuer_that_was_asked() {
    let provider = Provider::start().await;
    let plane = provider.plane(NEW).await;
    let go = async || {
        let trip = leave(&plane, "", None).await;
        provider.trades(&trip, sign(1, &provider.claims(&plane, &trip)));
        trip
    };
    // Mix-up: another issuer, or none where each answer has one.
    for issuer in ["&iss=https%3A%2F%2Fevil.example", ""] {
        let trip = go().await;
        let query = format!("code=code&state={}{issuer}", trip.query("state"));
        refused(
            &come_back(&plane, &query, &trip.cookie).await,
            "provider_untrusted",
            issuer,
        );
    }
    // Another browser, or none.
    let other: Trip = go().await;
    for cookie in [
        other.cookie.as_str(),
        "clearance-flow=",
        "clearance-flow=AAAA",
    ] {
        let trip = go().await;
        refused(
            &come_back(&plane, &good(&provider, &trip), cookie).await,
            "flow_expired",
            cookie,
        );
    }
    // A state that nobody began, none, and one that is longer than any.
    let long = "x".repeat(9_000);
    for state in ["made-up", "", long.as_str()] {
        let trip = go().await;
        let query = good(&provider, &trip).replace(&trip.query("state"), state);
        refused(
            &come_back(&plane, &query, &trip.cookie).await,
            "flow_expired",
            state,
        );
    }
    // The provider refused.
    let trip = go().await;
    let query = format!(
        "error=access_denied&state={}&iss={}",
        trip.query("state"),
        provider.issuer
    );
    refused(
        &come_back(&plane, &query, &trip.cookie).await,
        "provider_refused",
        "error",
    );
    // Once, and once only.
    let trip = go().await;
    session(&come_back(&plane, &good(&provider, &trip), &trip.cookie).await);
    provider.trades(&trip, sign(1, &provider.claims(&plane, &trip)));
    refused(
        &come_back(&plane, &good(&provider, &trip), &trip.cookie).await,
        "flow_expired",
        "again",
    );
    // A code that the provider does not know (injected) is not traded.
    let trip = go().await;
    let query = good(&provider, &trip).replace("code=code", "code=stolen");
    refused(
        &come_back(&plane, &query, &trip.cookie).await,
        "provider_untrusted",
        "stolen code",
    );
}

#[tokio::test]
async fn only_paths_of_this_site_are_gone_on_to() {
    let provider = Provider::start().await;
    let plane = provider.plane(NEW).await;
    for next in [
        "https%3A%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "javascript%3Aalert(1)",
    ] {
        let trip = leave(&plane, &format!("?next={next}"), None).await;
        provider.trades(&trip, sign(1, &provider.claims(&plane, &trip)));
        let answer = come_back(&plane, &good(&provider, &trip), &trip.cookie).await;
        assert_eq!(answer.header("location"), "/", "{next}");
    }
}

#[tokio::test]
async fn keys_are_rotated_and_not_fetched_without_end() {
    let provider = Provider::start().await;
    let plane = provider.plane(NEW).await;
    session(&sign_in(&provider, &plane, |_| {}).await);
    session(&sign_in(&provider, &plane, |_| {}).await);
    assert_eq!(provider.fetched(), 1, "remembered");
    provider.sign_with(&[jwk(1), jwk(2)]);
    let trip = leave(&plane, "", None).await;
    provider.trades(&trip, sign(2, &provider.claims(&plane, &trip)));
    session(&come_back(&plane, &good(&provider, &trip), &trip.cookie).await);
    assert_eq!(
        provider.fetched(),
        2,
        "an unknown key has them fetched anew"
    );
    for _ in 0..3 {
        let trip = leave(&plane, "", None).await;
        provider.trades(&trip, sign(9, &provider.claims(&plane, &trip)));
        let answer = come_back(&plane, &good(&provider, &trip), &trip.cookie).await;
        refused(&answer, "provider_untrusted", "a key that is nowhere");
    }
    assert_eq!(provider.fetched(), 2, "once a minute at the most");
}

#[tokio::test]
async fn too_many_keys_and_too_large_answers_are_refused() {
    for (count, padding) in [(10_000, 0), (101, 0), (1, 600_000)] {
        let provider = Provider::start().await;
        let plane = provider.plane(NEW).await;
        let mut keys: Vec<Value> = (1..count).map(|_| json!({ "kty": "oct" })).collect();
        keys.push(jwk(1));
        provider.sign_with(&keys);
        provider.pads_keys_with(padding);
        refused(
            &sign_in(&provider, &plane, |_| {}).await,
            "provider_untrusted",
            &format!("{count} keys"),
        );
    }
}
