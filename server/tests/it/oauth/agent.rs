//! An agent that is live in production, and its key in the test's hand.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane::OpCtx;
use control_plane::fakes::Files;
use control_plane::testing::{TestAgent, TestPlane};
use domain::actor::Role;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use crate::support::{Answer, Call, Plane};

pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
pub(super) const LIVE: &str = "refund-assistant-2";

/// Everything.
pub(super) struct Stage {
    pub(super) test: TestPlane,
    pub(super) plane: Plane,
    agent: TestAgent,
    approver: OpCtx,
}

fn key(client: &str) -> SigningKey {
    let mut seed = [7; 32];
    for (place, byte) in seed.iter_mut().zip(client.bytes().rev()) {
        *place = byte;
    }
    SigningKey::from_bytes(&seed)
}

pub(super) fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Signed with the key of `client`, whatever it says.
pub(super) fn signed(client: &str, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let signature = key(client).sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// The bytes of the public half.
pub(super) fn public(client: &str) -> [u8; 32] {
    key(client).verifying_key().to_bytes()
}

/// A form of these fields.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

impl Stage {
    /// `refund-assistant` is live in production as #2, with the scope `orders:read`.
    pub(super) async fn new() -> Self {
        Self::of(&["orders:read"]).await
    }

    /// The same, with these scopes.
    pub(super) async fn of(scopes: &[&str]) -> Self {
        let test = TestPlane::new().await;
        let plane = Plane::over(&test).await;
        let agent = test.agent("refund-assistant").await;
        let approver = test.person("approver@example.com", Role::Approver).await;
        let stage = Self {
            test,
            plane,
            agent,
            approver,
        };
        let manifest = stage.agent.manifest(scopes);
        let files = stage.agent.files_with("clearance.yaml", &manifest);
        stage.go_live(files, 2).await;
        stage
    }

    /// Makes another version live in production, as this number. The provider's public keys become ours.
    pub(super) async fn push(&self, code: &str, number: i64) {
        let files = self.agent.files_with("agent.py", code);
        self.go_live(files, number).await;
    }

    async fn go_live(&self, files: Files, number: i64) {
        self.test.push(&self.agent, files).await;
        self.test.settle().await;
        self.test.approve(&self.approver, number).await.unwrap();
        self.test.settle().await;
        for number in [number - 1, number] {
            let client = format!("refund-assistant-{number}");
            let x = URL_SAFE_NO_PAD.encode(public(&client));
            let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
            let noted =
                format!("UPDATE identities SET public_jwk = '{jwk}' WHERE client_id = '{client}'");
            self.test.sql(&noted).await.unwrap();
        }
    }

    /// The claims of a good assertion that ends in half a minute.
    pub(super) fn claims(&self, client: &str, jti: &str) -> Value {
        let now = self.test.now().timestamp();
        json!({ "iss": client, "sub": client, "aud": self.plane.config.base_url, "iat": now, "exp": now + 30, "jti": jti })
    }

    pub(super) fn assertion(&self, client: &str, jti: &str) -> String {
        let header = json!({ "alg": "EdDSA" });
        signed(client, &header, &self.claims(client, jti))
    }

    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.plane.send(Call::post(path).form(&form(fields))).await
    }

    /// Asks with an assertion of `client`.
    pub(super) async fn ask(
        &self,
        path: &str,
        client: &str,
        jti: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let assertion = self.assertion(client, jti);
        let mut fields = vec![
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        fields.extend_from_slice(more);
        self.post(path, &fields).await
    }

    /// The answer to an assertion as it stands.
    pub(super) async fn token_for(&self, assertion: &str) -> Answer {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion),
        ];
        self.post("/oauth/token", &fields).await
    }

    /// A good token.
    pub(super) async fn token(&self, client: &str, jti: &str) -> String {
        let answer = self.token_for(&self.assertion(client, jti)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// What introspection says, asked by the live agent.
    pub(super) async fn introspected(&self, token: &str, jti: &str) -> Value {
        let answer = self
            .ask("/oauth/introspect", LIVE, jti, &[("token", token)])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }
}

/// What a token says, unverified.
pub(super) fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
