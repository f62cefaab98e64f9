//! The agents' authorization server: what it says about itself, what it refuses, and what a live agent gets.

mod agent;
mod dpop;
mod exchange;
mod hostile;
mod keys;
mod revocation;

use axum::http::StatusCode;

use crate::support::{ADMIN, Call, Plane};

const TYPE: &str = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

#[tokio::test]
async fn the_metadata_names_the_endpoints_and_the_key() {
    let plane = Plane::new().await;
    let metadata = plane
        .get("/.well-known/oauth-authorization-server")
        .await
        .json();
    assert_eq!(metadata["issuer"], plane.config.base_url);
    assert_eq!(
        metadata["token_endpoint"],
        format!("{}/oauth/token", plane.config.base_url)
    );
    for endpoint in ["token", "introspection", "revocation"] {
        let url = metadata[format!("{endpoint}_endpoint")].as_str().unwrap();
        let path = url.strip_prefix(plane.config.base_url.as_str()).unwrap();
        let answer = plane.send(Call::post(path).form("")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        let methods = metadata[format!("{endpoint}_endpoint_auth_methods_supported")].to_string();
        assert!(methods.contains("private_key_jwt"), "{endpoint}: {methods}");
    }
    let jwks = plane.get("/oauth/jwks").await.json();
    assert_eq!(jwks["keys"][0]["crv"], "Ed25519");
    assert!(jwks["keys"][0].get("d").is_none(), "the private half");
}

#[tokio::test]
async fn nobody_gets_a_token_for_nothing() {
    let plane = Plane::new().await;
    let cookie = plane.sign_in(ADMIN).await;
    for (form, status, error) in [
        (
            "grant_type=password".to_owned(),
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
        ),
        (
            "grant_type=client_credentials".to_owned(),
            StatusCode::BAD_REQUEST,
            "invalid_request",
        ),
        (
            format!(
                "grant_type=client_credentials&client_assertion_type={TYPE}&client_assertion=x.y.z"
            ),
            StatusCode::UNAUTHORIZED,
            "invalid_client",
        ),
    ] {
        let answer = plane
            .send(Call::post("/oauth/token").cookie(&cookie).form(&form))
            .await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (status, &error.into()),
            "{form}"
        );
    }
}

#[tokio::test]
async fn introspection_asks_who_is_asking() {
    let plane = Plane::new().await;
    let anonymous = plane
        .send(Call::post("/oauth/introspect").form("token=x"))
        .await;
    assert_eq!(anonymous.json()["error"], "invalid_request");
    let token = plane.token(ADMIN, "read").await;
    let answer = plane
        .send(
            Call::post("/oauth/introspect")
                .token(&token)
                .form("token=x"),
        )
        .await;
    assert_eq!(
        (answer.status, &answer.json()["active"]),
        (StatusCode::OK, &false.into())
    );
}
