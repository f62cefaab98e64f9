//! The built-in identity provider.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use control_plane::ports::PortErrorKind;
use control_plane::ports::identity_provider::{IdentityOrder, IdentityProvider};
use serde_json::Value;
use server::adapters::{AdaptersConfig, ports};
use tempfile::TempDir;

fn provider(folder: &TempDir) -> Arc<dyn IdentityProvider> {
    ports(AdaptersConfig::new(folder.path().to_owned()))
        .unwrap()
        .identity_provider
}

fn order(client_id: &str) -> IdentityOrder {
    IdentityOrder {
        client_id: client_id.to_owned(),
        display_name: "Bot".to_owned(),
        environment: domain::environment::Environment::Production,
        scopes: vec!["crm:read".to_owned()],
    }
}

#[tokio::test]
async fn a_principal_has_one_key_until_it_is_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(&folder);
    assert!(provider.list().await.unwrap().is_empty());
    let first = provider.provision(&order("bot-2-3-0-prod")).await.unwrap();
    let again = provider.provision(&order("bot-2-3-0-prod")).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(provider.list().await.unwrap(), ["bot-2-3-0-prod"]);

    let public: Value = serde_json::from_str(&first.public_jwk).unwrap();
    assert_eq!(
        (public["kty"].as_str(), public["crv"].as_str()),
        (Some("OKP"), Some("Ed25519"))
    );
    assert!(public.get("d").is_none(), "the private half stays here");
    let file = std::path::Path::new(&first.private_key_reference);
    assert_eq!(
        std::fs::metadata(file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let private: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(private["x"], public["x"]);

    for _ in 0..2 {
        provider.revoke("bot-2-3-0-prod").await.unwrap();
    }
    assert!(!file.exists() && provider.list().await.unwrap().is_empty());
    let next = provider.provision(&order("bot-2-3-0-prod")).await.unwrap();
    assert_ne!(
        next.public_jwk, first.public_jwk,
        "a revoked key does not come back"
    );
}

#[tokio::test]
async fn the_built_in_provider_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    control_plane::testing::contract::identity_provider(provider(&folder).as_ref()).await;
}

#[tokio::test]
async fn the_key_signs_what_the_public_half_verifies() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ed25519_dalek::{Signer as _, SigningKey, Verifier as _, VerifyingKey};
    let folder = tempfile::tempdir().unwrap();
    let given = provider(&folder).provision(&order("bot")).await.unwrap();
    let private: Value =
        serde_json::from_slice(&std::fs::read(&given.private_key_reference).unwrap()).unwrap();
    let public: Value = serde_json::from_str(&given.public_jwk).unwrap();
    let bytes = |value: &Value| {
        <[u8; 32]>::try_from(URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()).unwrap()
    };
    let signature = SigningKey::from_bytes(&bytes(&private["d"])).sign(b"assertion");
    VerifyingKey::from_bytes(&bytes(&public["x"]))
        .unwrap()
        .verify(b"assertion", &signature)
        .unwrap();
}

#[tokio::test]
async fn many_that_ask_at_once_get_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(&folder);
    let all = futures::future::join_all((0..8).map(|_| {
        let provider = Arc::clone(&provider);
        async move { provider.provision(&order("bot")).await.unwrap().public_jwk }
    }))
    .await;
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn ids_that_are_no_file_names_are_refused_and_a_damaged_key_is_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(&folder);
    for id in [
        "",
        "../keys/token",
        "a/b",
        "A",
        "a.b",
        "a b",
        &"x".repeat(300),
    ] {
        assert_eq!(
            provider.provision(&order(id)).await.unwrap_err().kind,
            PortErrorKind::Rejected,
            "{id}"
        );
        assert!(provider.revoke(id).await.is_err(), "{id}");
    }
    let given = provider.provision(&order("bot")).await.unwrap();
    std::fs::write(&given.private_key_reference, "{\"d\":\"very-secret\"").unwrap();
    let damaged = provider.provision(&order("bot")).await.unwrap_err();
    assert_eq!(damaged.kind, PortErrorKind::Rejected);
    assert!(!format!("{damaged:?}").contains("very-secret"));
}
