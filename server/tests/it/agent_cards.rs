//! A2A cards over HTTP: the page, the card as A2A clients fetch it, and its signature, checked as an outsider would.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane::testing::{TestAgent, TestPlane};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};

use crate::support::{ADMIN, Call, Plane};

const SERVED: &str = "/api/v1/agents/refund-assistant/.well-known/agent-card.json";
const KEYS: &str = "/.well-known/agent-card-keys.json";

/// The agent with this card, pushed and live in non-prod.
async fn stage(card: &Value) -> (TestPlane, Plane) {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    let agent = test.agent("refund-assistant").await;
    push(&test, &agent, card).await;
    (test, plane)
}

async fn push(test: &TestPlane, agent: &TestAgent, card: &Value) {
    let mut files = agent.files_with("agent-card.json", &card.to_string());
    let manifest = agent.manifest(&["orders:read"]) + "agent_card: agent-card.json\n";
    files.insert("clearance.yaml".to_owned(), manifest);
    test.push(agent, files).await;
    test.settle().await;
}

fn card() -> Value {
    json!({
        "name": "Refunds", "description": "Answers <b>refunds</b>.", "version": "1",
        "supportedInterfaces": [
            { "url": "https://a.example/x", "protocolBinding": "JSONRPC", "protocolVersion": "1.0" },
        ],
        "skills": [{ "id": "s", "name": "Explain", "description": "Explains.", "tags": ["a"] }],
    })
}

async fn served(plane: &Plane) -> Value {
    let token = plane.token(ADMIN, "read").await;
    let answer = plane.send(Call::get(SERVED).token(&token).build()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// The same with its keys in the order of RFC 8785, which is that of their bytes here; cards of this test have no fractions.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            let sorted = names
                .into_iter()
                .map(|name| (name.clone(), in_order(&fields[name])));
            Value::Object(sorted.collect())
        }
        Value::Array(all) => all.iter().map(in_order).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The JWS of the last signature: header, payload and signature. The payload is made here, from the card alone.
fn jws(signed: &Value) -> (String, String, String) {
    let one = signed["signatures"].as_array().unwrap().last().unwrap();
    let mut card = signed.clone();
    card.as_object_mut().unwrap().remove("signatures");
    let payload = URL_SAFE_NO_PAD.encode(in_order(&card).to_string());
    let text = |name: &str| one[name].as_str().unwrap().to_owned();
    (text("protected"), payload, text("signature"))
}

async fn verifies(plane: &Plane, signed: &Value) -> bool {
    let (protected, payload, signature) = jws(signed);
    let header = URL_SAFE_NO_PAD.decode(&protected).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("EdDSA"), &json!("JOSE"))
    );
    assert!(header["jku"].as_str().unwrap().ends_with(KEYS));
    let keys = plane.get(KEYS).await.json();
    let keys = keys["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).unwrap();
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let public: [u8; 32] = bytes(key["x"].as_str().unwrap()).try_into().unwrap();
    let public = VerifyingKey::from_bytes(&public).unwrap();
    let signature = Signature::from_slice(&bytes(&signature)).unwrap();
    let signed = format!("{protected}.{payload}");
    public.verify_strict(signed.as_bytes(), &signature).is_ok()
}

#[tokio::test]
async fn an_outsider_can_check_that_a_card_is_the_one_that_is_live() {
    let mut own = card();
    own["signatures"] =
        json!([{ "protected": "eyJhbGciOiJFUzI1NiIsImtpZCI6Im93biJ9", "signature": "AA" }]);
    let (_test, plane) = stage(&own).await;
    let signed = served(&plane).await;
    assert_eq!(
        signed["signatures"][0], own["signatures"][0],
        "its own stays"
    );
    assert_eq!(signed["skills"], own["skills"]);
    assert!(verifies(&plane, &signed).await);
    let mut forged = signed;
    forged["skills"][0]["name"] = json!("Pay");
    assert!(!verifies(&plane, &forged).await);
}

#[tokio::test]
async fn a_card_that_looks_like_a_tokens_claims_is_no_token() {
    let mut claims = card();
    for (name, value) in [
        ("iss", json!("https://clearance.test")),
        ("aud", json!("https://clearance.test")),
        ("sub", json!("refund-assistant-2")),
        ("client_id", json!("refund-assistant-2")),
        ("exp", json!(9_999_999_999_u64)),
        ("scope", json!("orders:read")),
    ] {
        claims[name] = value;
    }
    let (_test, plane) = stage(&claims).await;
    let signed = served(&plane).await;
    assert!(verifies(&plane, &signed).await);
    // Whoever checks tokens with the published keys must not find the key of a card among them.
    let tokens = plane.get("/oauth/jwks").await.json();
    let cards = plane.get(KEYS).await.json();
    for key in cards["keys"].as_array().unwrap() {
        let all = tokens["keys"].as_array().unwrap();
        assert!(
            all.iter()
                .all(|other| other["x"] != key["x"] && other["kid"] != key["kid"])
        );
    }
    let (protected, payload, signature) = jws(&signed);
    let token = format!("{protected}.{payload}.{signature}");
    let call = Call::get("/api/v1/agents").token(&token).build();
    assert_eq!(plane.send(call).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_card_is_served_while_it_is_live_and_to_who_may_read_the_agent() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    let agent = test.agent("refund-assistant").await;
    let token = plane.token(ADMIN, "read").await;
    let get = async |path: &str| plane.send(Call::get(path).token(&token).build()).await;
    // Nothing was pushed; then a version without a card is live.
    get(SERVED).await.is_problem(404, "not_found");
    test.push(&agent, agent.files()).await;
    test.settle().await;
    get(SERVED).await.is_problem(404, "not_found");
    let shown = get("/api/v1/agents/refund-assistant/card").await.json();
    assert_eq!(
        (&shown["version"], &shown["card"]),
        (&json!("2.3.0"), &Value::Null)
    );
    push(&test, &agent, &card()).await;
    assert_eq!(get(SERVED).await.status, StatusCode::OK);
    let old = get("/api/v1/agents/refund-assistant/card?version=2.3.0")
        .await
        .json();
    assert_eq!(old["card"], Value::Null);
    get("/api/v1/agents/nobody/card")
        .await
        .is_problem(404, "not_found");
    let stranger = plane.send(Call::get(SERVED).build()).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_page_shows_the_card_and_what_to_do_without_one() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    let agent = test.agent("refund-assistant").await;
    test.push(&agent, agent.files()).await;
    test.settle().await;
    let cookie = plane.sign_in(ADMIN).await;
    let page = async |path: &str| {
        let call = Call::get(path)
            .header("accept", "text/html")
            .cookie(&cookie);
        plane.send(call.build()).await
    };
    let path = "/agents/refund-assistant/card";
    let none = page(path).await.text();
    assert!(none.contains("This version has no card") && none.contains("agent_card: "));
    push(&test, &agent, &card()).await;
    let shown = page(path).await;
    assert_eq!(shown.status, StatusCode::OK);
    let html = shown.text();
    for part in [
        "Explain",
        "https://a.example/x",
        SERVED,
        "asks for no proof of who calls",
        "live in non-prod",
    ] {
        assert!(
            html.to_lowercase().contains(&part.to_lowercase()),
            "{part}: {html}"
        );
    }
    assert!(
        html.contains("Answers &lt;b&gt;refunds"),
        "what it says is no markup"
    );
    assert_eq!(
        page(&format!("{path}?version=9.9.9")).await.status,
        StatusCode::NOT_FOUND
    );
}
