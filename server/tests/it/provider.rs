//! A provider of OpenID Connect to test against, with signing keys of its own. It signs what it is told to, right or wrong,
//! and itself checks the client, the redirect address, the code and its verifier.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use url::Url;

use crate::support::{Answer, Call, Plane};

pub(crate) const CLIENT: &str = "clearance";
const SECRET: &str = "client-canary-72be";

/// What the provider says next.
#[derive(Default)]
pub(crate) struct Script {
    keys: Vec<Value>,
    /// The code, the challenge that its verifier must meet, and the token that it is traded for.
    next: Option<(String, String, String)>,
    userinfo: Option<Value>,
    fetched: usize,
    padding: usize,
    /// It says nothing of itself but its keys, as the issuer of a CI does.
    bare: bool,
}

#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) script: Arc<Mutex<Script>>,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn public(seed: u8) -> [u8; 32] {
    key(seed).verifying_key().to_bytes()
}

pub(crate) fn jwk(seed: u8) -> Value {
    let x = URL_SAFE_NO_PAD.encode(public(seed));
    json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": format!("key-{seed}"), "alg": "EdDSA", "use": "sig" })
}

/// Signs claims with one of the keys, whose name stands in the header.
pub(crate) fn sign(seed: u8, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some(format!("key-{seed}"));
    sign_as(seed, &header, claims)
}

pub(crate) fn sign_as(seed: u8, header: &Header, claims: &Value) -> String {
    let der = key(seed).to_pkcs8_der().unwrap();
    encode(header, claims, &EncodingKey::from_ed_der(der.as_bytes())).unwrap()
}

/// The way to the provider, as the browser keeps it.
pub(crate) struct Trip {
    pub(crate) asked: Url,
    pub(crate) cookie: String,
}

impl Trip {
    pub(crate) fn query(&self, name: &str) -> String {
        let found = self.asked.query_pairs().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    }
}

impl Provider {
    /// Starts one that signs with the first key.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self {
            issuer,
            script: Arc::default(),
        };
        provider.sign_with(&[jwk(1)]);
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/me", get(userinfo))
            .with_state(provider.clone());
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(async move { axum::serve(listener, routes).await });
        provider
    }

    pub(crate) fn sign_with(&self, keys: &[Value]) {
        self.script.lock().unwrap().keys = keys.to_vec();
    }

    pub(crate) fn says_its_keys_alone(&self) {
        self.script.lock().unwrap().bare = true;
    }

    pub(crate) fn tells(&self, userinfo: Value) {
        self.script.lock().unwrap().userinfo = Some(userinfo);
    }

    pub(crate) fn pads_keys_with(&self, bytes: usize) {
        self.script.lock().unwrap().padding = bytes;
    }

    /// How often its keys were fetched.
    pub(crate) fn fetched(&self) -> usize {
        self.script.lock().unwrap().fetched
    }

    /// Trades the code `code` for a token, once.
    pub(crate) fn trades(&self, trip: &Trip, token: String) {
        let challenge = trip.query("code_challenge");
        self.script.lock().unwrap().next = Some(("code".to_owned(), challenge, token));
    }

    /// What an ID token for this trip says when nothing is wrong with it.
    pub(crate) fn claims(&self, plane: &Plane, trip: &Trip) -> Value {
        let now = plane.cp.clock().now().timestamp();
        json!({
            "iss": self.issuer, "sub": "ada", "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": trip.query("nonce"), "auth_time": now, "sid": "session-1",
            "email": "ada@example.com", "email_verified": true, "name": "Ada", "groups": ["Admins"],
        })
    }

    /// A server that trusts it. `more` is added to the provider's section.
    pub(crate) async fn plane(&self, more: &str) -> Plane {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clearance.toml");
        let secrets = dir.path().join("data/secrets");
        std::fs::create_dir_all(&secrets).unwrap();
        std::fs::write(secrets.join("oidc"), SECRET).unwrap();
        let text = format!(
            r#"
data_dir = "{}"
[[sign_in.providers]]
id = "acme"
label = "Acme"
issuer = "{}"
client_id = "{CLIENT}"
client_secret = "file:oidc"
{more}
[[sign_in.providers.roles]]
group = "Admins"
role = "administrator"
[[sign_in.providers.roles]]
group = "Care"
role = "developer"
team = "care"
"#,
            dir.path().join("data").display(),
            self.issuer
        );
        std::fs::write(&file, text).unwrap();
        let plane = Plane::configured(file, dir).await;
        plane.set_up().await;
        plane
    }
}

async fn discovery(State(provider): State<Provider>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", provider.issuer);
    if provider.script.lock().unwrap().bare {
        return Json(json!({ "issuer": provider.issuer, "jwks_uri": at("/keys") }));
    }
    Json(json!({
        "issuer": provider.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"), "userinfo_endpoint": at("/me"), "end_session_endpoint": at("/end"),
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    let mut script = provider.script.lock().unwrap();
    script.fetched += 1;
    Json(json!({ "keys": script.keys, "padding": "x".repeat(script.padding) }))
}

async fn userinfo(
    State(provider): State<Provider>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    let asked = headers
        .get(header::AUTHORIZATION)
        .map(|v| v.to_str().unwrap());
    let told = provider.script.lock().unwrap().userinfo.clone();
    match (asked, told) {
        (Some("Bearer access"), Some(told)) => Ok(Json(told)),
        (Some("Bearer access"), None) => Ok(Json(json!({ "sub": "ada" }))),
        _ => Err(StatusCode::UNAUTHORIZED),
    }
}

async fn token(
    State(provider): State<Provider>,
    headers: HeaderMap,
    Form(form): Form<std::collections::BTreeMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
    let known = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|v| *v == basic);
    let next = provider.script.lock().unwrap().next.take();
    let (code, challenge, token) = next.ok_or(StatusCode::BAD_REQUEST)?;
    let met = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    let right = form["code"] == code
        && met == challenge
        && form["grant_type"] == "authorization_code"
        && form["redirect_uri"].ends_with("/sign-in/with/acme/callback");
    if known && right {
        Ok(Json(
            json!({ "token_type": "Bearer", "access_token": "access", "id_token": token }),
        ))
    } else {
        Err(StatusCode::BAD_REQUEST)
    }
}

/// Goes to the provider.
pub(crate) async fn leave(plane: &Plane, query: &str, cookie: Option<&str>) -> Trip {
    let answer = depart(plane, query, cookie).await;
    let set = answer.headers.get("set-cookie");
    let set = set
        .unwrap_or_else(|| panic!("{}", answer.header("location")))
        .to_str()
        .unwrap();
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Max-Age=600")
    );
    Trip {
        asked: answer.header("location").parse().unwrap(),
        cookie: set.split(';').next().unwrap().to_owned(),
    }
}

pub(crate) async fn depart(plane: &Plane, query: &str, cookie: Option<&str>) -> Answer {
    let mut call = Call::get(&format!("/sign-in/with/acme{query}")).own();
    if let Some(cookie) = cookie {
        call = call.cookie(cookie);
    }
    plane.send(call.build()).await
}

/// Comes back with an answer of the provider.
pub(crate) async fn come_back(plane: &Plane, query: &str, cookie: &str) -> Answer {
    let path = format!("/sign-in/with/acme/callback?{query}");
    plane
        .send(
            Call::get(&path)
                .header("sec-fetch-site", "cross-site")
                .cookie(cookie)
                .build(),
        )
        .await
}

/// The answer of a provider that says nothing wrong in its address.
pub(crate) fn good(provider: &Provider, trip: &Trip) -> String {
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    format!(
        "code=code&state={}&iss={}",
        encode(&trip.query("state")),
        encode(&provider.issuer)
    )
}

pub(crate) const NEW: &str = "new_people = true";

/// Signs in with these claims; answers what the browser gets, and the session's cookie.
pub(crate) async fn sign_in(
    provider: &Provider,
    plane: &Plane,
    change: impl Fn(&mut Value),
) -> Answer {
    let trip = leave(plane, "", None).await;
    let mut claims = provider.claims(plane, &trip);
    change(&mut claims);
    provider.trades(&trip, sign(1, &claims));
    come_back(plane, &good(provider, &trip), &trip.cookie).await
}

pub(crate) fn session(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies.map(|value| value.to_str().unwrap()).collect();
    let own = cookies.iter().find(|text| text.starts_with("clearance="));
    own.unwrap_or_else(|| panic!("no session: {} {cookies:?}", answer.header("location")))
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

pub(crate) async fn is_somebody(plane: &Plane, cookie: &str) -> bool {
    let call = Call::get("/api/v1/notifications").cookie(cookie).build();
    plane.send(call).await.status == StatusCode::OK
}

pub(crate) fn refused(answer: &Answer, code: &str, why: &str) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{why}");
    assert!(
        answer
            .header("location")
            .starts_with(&format!("/sign-in?error={code}&")),
        "{why}: {}",
        answer.header("location")
    );
    let cookies = answer.headers.get_all("set-cookie").iter();
    assert!(
        cookies
            .into_iter()
            .all(|v| !v.to_str().unwrap().starts_with("clearance=")),
        "{why}"
    );
}
