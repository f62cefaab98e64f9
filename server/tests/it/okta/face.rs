//! The organisation over HTTP: who calls is checked by key and scopes, every call and answer is held against Okta's own
//! description, and limits and faults come as they were ordered.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::ai_agents;
use super::document::Document;
use super::organisation::{Asked, Organisation};

pub(super) const CLIENT: &str = "0oaclearance";
pub(super) const KEY_ID: &str = "clearance-1";

type Fields = Vec<(String, String)>;

#[derive(Default)]
pub(super) struct Kept {
    pub(super) organisation: Organisation,
    /// What was not as Okta's description says.
    problems: Vec<String>,
    calls: Vec<String>,
    used: Vec<String>,
    tokens: Vec<(String, String)>,
    /// Tokens of before are refused.
    forgotten: usize,
}

#[derive(Clone)]
pub(super) struct Okta {
    pub(super) url: String,
    /// The public half of Clearance's own key.
    point: Vec<u8>,
    document: Arc<Document>,
    kept: Arc<Mutex<Kept>>,
}

/// A key on P-256: in PEM, and the point of its public half.
pub(super) fn new_key() -> (String, Vec<u8>) {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let body = STANDARD.encode(pair.to_pkcs8v1().unwrap().as_ref());
    let lines: Vec<&str> = (0..body.len())
        .step_by(64)
        .map(|at| &body[at..body.len().min(at + 64)])
        .collect();
    let kind = "PRIVATE KEY";
    let pem = format!(
        "-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n",
        lines.join("\n")
    );
    (pem, pair.public_key().as_ref().to_vec())
}

impl Okta {
    /// Starts one that knows Clearance by this key.
    pub(super) async fn start(point: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let okta = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            point,
            document: Arc::new(Document::new()),
            kept: Arc::default(),
        };
        let routes = Router::new()
            .route("/oauth2/v1/token", post(own_token))
            .route("/oauth2/default/v1/token", post(agent_token))
            .fallback(management)
            .with_state(okta.clone());
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(async move { axum::serve(listener, routes).await });
        okta
    }

    pub(super) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    /// How often an operation was called.
    pub(super) fn count(&self, operation: &str) -> usize {
        let kept = self.kept();
        kept.calls.iter().filter(|call| *call == operation).count()
    }

    /// Refuses the tokens that are out.
    pub(super) fn forget_tokens(&self) {
        let mut kept = self.kept();
        kept.forgotten = kept.tokens.len();
    }

    /// Asserts that every call was as Okta's description says.
    pub(super) fn is_content(&self) {
        let kept = self.kept();
        assert!(!kept.calls.is_empty(), "nobody called");
        assert_eq!(kept.problems, Vec::<String>::new());
    }
}

fn field<'f>(form: &'f Fields, name: &str) -> &'f str {
    let found = form.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.as_str())
}

fn refused(why: &str) -> Response {
    (StatusCode::UNAUTHORIZED, Json(json!({ "error": why }))).into_response()
}

/// The claims of a client's assertion that was made for this address.
fn proven(form: &Fields, key: &DecodingKey, client: &str, audience: &str) -> Option<Value> {
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let ours = field(form, "grant_type") == "client_credentials"
        && field(form, "client_assertion_type") == kind;
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[client]);
    validation.set_required_spec_claims(&["exp", "iss", "sub", "aud"]);
    let token = decode::<Value>(field(form, "client_assertion"), key, &validation).ok()?;
    let claims = token.claims;
    (ours && claims["sub"] == client && claims["jti"].is_string()).then_some(claims)
}

/// The token of Clearance itself.
async fn own_token(State(okta): State<Okta>, Form(form): Form<Fields>) -> Response {
    let (x, y) = okta.point[1..].split_at(32);
    let key =
        DecodingKey::from_ec_components(&URL_SAFE_NO_PAD.encode(x), &URL_SAFE_NO_PAD.encode(y));
    let audience = format!("{}/oauth2/v1/token", okta.url);
    let Some(claims) = proven(&form, &key.unwrap(), CLIENT, &audience) else {
        return refused("invalid_client");
    };
    let kid = decode_header(field(&form, "client_assertion")).unwrap().kid;
    let name = claims["jti"].as_str().unwrap().to_owned();
    let mut kept = okta.kept();
    if kid.as_deref() != Some(KEY_ID) || kept.used.contains(&name) {
        return refused("invalid_client");
    }
    kept.used.push(name);
    let token = format!("token-{}", kept.tokens.len());
    let scope = field(&form, "scope").to_owned();
    kept.tokens.push((token.clone(), scope.clone()));
    Json(json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": token, "scope": scope }))
        .into_response()
}

/// The token of an agent, from the custom authorization server.
async fn agent_token(State(okta): State<Okta>, Form(form): Form<Fields>) -> Response {
    let text = field(&form, "client_assertion");
    let payload = text
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Value = serde_json::from_slice(&payload.unwrap_or_default()).unwrap_or_default();
    let client = claims["sub"].as_str().unwrap_or_default().to_owned();
    let kid = decode_header(text).ok().and_then(|header| header.kid);
    let kept = okta.kept();
    let scope = field(&form, "scope");
    let given = kept
        .organisation
        .entitled(&client, &kid.unwrap_or_default(), scope);
    let Some((key, scope)) = given else {
        return refused("access_denied");
    };
    let word = |name: &str| key[name].as_str().unwrap();
    let key = DecodingKey::from_ec_components(word("x"), word("y")).unwrap();
    let audience = format!("{}/oauth2/default/v1/token", okta.url);
    match proven(&form, &key, &client, &audience) {
        Some(_) => Json(json!({ "access_token": "x", "scope": scope })).into_response(),
        None => refused("invalid_client"),
    }
}

/// Everything under `/api`.
async fn management(
    State(okta): State<Okta>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut kept = okta.kept();
    if let Some((operation, agent)) = ai_agents::operation(method.as_str(), uri.path()) {
        return of_registry(&okta, &mut kept, (operation, agent), &uri, &headers, &body);
    }
    let Some(operation) = okta.document.operation(method.as_str(), uri.path()) else {
        kept.problems
            .push(format!("{method} {uri} is no operation"));
        return StatusCode::NOT_FOUND.into_response();
    };
    kept.calls.push(operation.id.to_owned());
    let Some(held) = held(&kept, &headers) else {
        return refused("E0000011");
    };
    let needed = Document::scopes(&operation);
    if !held
        .split(' ')
        .any(|scope| needed.iter().any(|one| one == scope))
    {
        return (
            StatusCode::FORBIDDEN,
            Json(json!({ "errorCode": "E0000006", "errorSummary": "no permission" })),
        )
            .into_response();
    }
    if let Some(answer) = trouble(&mut kept) {
        return answer;
    }
    let query: Fields = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    let value: Option<Value> = serde_json::from_slice(&body).ok();
    let found = okta.document.request(&operation, &query, value.as_ref());
    let asked = Asked {
        operation: operation.id,
        path: &operation.path,
        query: &query,
        body: value.unwrap_or_default(),
    };
    let (status, answer, next) = kept.organisation.answer(asked);
    let told = okta.document.answer(&operation, status, &answer);
    let all = found.into_iter().chain(told);
    let named = all.map(|problem| format!("{}: {problem}", operation.id));
    kept.problems.extend(named);
    let moods = &mut kept.organisation.moods;
    if moods.lost == Some(operation.id) {
        moods.lost = None;
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let mut answer = if answer.is_null() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        (StatusCode::from_u16(status).unwrap(), Json(answer)).into_response()
    };
    let base = moods.leads_to.clone().unwrap_or_else(|| okta.url.clone());
    for link in links(&base, &uri, &query, next) {
        answer
            .headers_mut()
            .append(header::LINK, link.parse().unwrap());
    }
    answer
}

/// The scopes of the token that was sent.
fn held<'k>(kept: &'k Kept, headers: &HeaderMap) -> Option<&'k str> {
    let sent = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let live = &kept.tokens[kept.forgotten.min(kept.tokens.len())..];
    let found = live
        .iter()
        .find(|(token, _)| sent == format!("Bearer {token}"));
    found.map(|(_, scopes)| scopes.as_str())
}

/// A call of the registry of AI agents, of which the description says nothing.
fn of_registry(
    okta: &Okta,
    kept: &mut Kept,
    (operation, agent): (&'static str, Option<String>),
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Response {
    kept.calls.push(operation.to_owned());
    let needed = ai_agents::scope(operation);
    if !held(kept, headers).is_some_and(|scopes| scopes.split(' ').any(|one| one == needed)) {
        return refused("E0000006");
    }
    if let Some(answer) = trouble(kept) {
        return answer;
    }
    let query: Fields = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    let path: Vec<String> = agent.into_iter().collect();
    let asked = Asked {
        operation,
        path: &path,
        query: &query,
        body: serde_json::from_slice(body).unwrap_or_default(),
    };
    let (status, answer, next) = kept.organisation.ai_agents.answer(&asked);
    if kept.organisation.moods.lost == Some(operation) {
        kept.organisation.moods.lost = None;
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let mut answer = (StatusCode::from_u16(status).unwrap(), Json(answer)).into_response();
    for link in links(&okta.url, uri, &query, next) {
        let link = link.parse().unwrap();
        answer.headers_mut().append(header::LINK, link);
    }
    answer
}

/// A limit or a fault that was ordered.
fn trouble(kept: &mut Kept) -> Option<Response> {
    let moods = &mut kept.organisation.moods;
    if moods.limited > 0 {
        moods.limited -= 1;
        let now = 1_790_000_000;
        let date = chrono::DateTime::from_timestamp(now, 0).unwrap();
        let headers = [
            ("x-rate-limit-limit", "50".to_owned()),
            ("x-rate-limit-remaining", "0".to_owned()),
            ("x-rate-limit-reset", (now + moods.reset_in).to_string()),
            ("date", date.format("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        ];
        let body =
            json!({ "errorCode": "E0000047", "errorSummary": "API call exceeded rate limit" });
        return Some((StatusCode::TOO_MANY_REQUESTS, headers, Json(body)).into_response());
    }
    if moods.down > 0 {
        moods.down -= 1;
        return Some(StatusCode::SERVICE_UNAVAILABLE.into_response());
    }
    None
}

fn links(base: &str, uri: &Uri, query: &Fields, next: Option<usize>) -> Vec<String> {
    let Some(next) = next else { return Vec::new() };
    let others = query.iter().filter(|(name, _)| name != "after");
    let text = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("after", &next.to_string())
        .finish();
    vec![
        format!("<{base}{uri}>; rel=\"self\""),
        format!("<{base}{}?{text}>; rel=\"next\"", uri.path()),
    ]
}
