//! Tokens of a CI that are exchanged, against an issuer that signs what it is told to: what is taken, and one wrong thing at
//! a time.

use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane::service_accounts;
use domain::form::person::EndForm;
use domain::form::service_account::{NamedAccountForm, ServiceAccountForm, TrustForm};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::provider::{Provider, jwk, public, sign, sign_as};
use crate::support::{ADMIN, Answer, Call, Plane};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const OWNER: &str = "developer@example.com";

struct Bench {
    issuer: Provider,
    plane: Plane,
}

impl Bench {
    /// `support-ci` of the team `care` trusts the main branch of repository 1296269.
    async fn new() -> Self {
        let issuer = Provider::start().await;
        issuer.says_its_keys_alone();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clearance.toml");
        let text = format!(
            "data_dir = \"{}\"\n[[ci.issuers]]\nissuer = \"{}\"\n[[ci.issuers]]\nissuer = \"http://127.0.0.1:9\"\n",
            dir.path().join("data").display(),
            issuer.issuer
        );
        std::fs::write(&file, text).unwrap();
        let plane = Plane::configured(file, dir).await;
        plane.set_up().await;
        plane.team("care").await;
        plane.add(OWNER, "developer").await;
        let bench = Self { issuer, plane };
        bench.account("support-ci", "read write").await;
        bench
            .trusts("support-ci", "repository_id=1296269\nref=refs/heads/main")
            .await;
        bench
    }

    async fn account(&self, slug: &str, scopes: &str) {
        let form = ServiceAccountForm {
            slug: slug.into(),
            team: "care".into(),
            owner: String::new(),
            scopes: scopes.into(),
        };
        let owner = self.plane.ctx_of(OWNER).await;
        service_accounts::make(&self.plane.cp, &owner, &form)
            .await
            .unwrap();
    }

    async fn trusts(&self, slug: &str, claims: &str) {
        self.trusts_of(&self.issuer.issuer, slug, claims).await;
    }

    async fn trusts_of(&self, issuer: &str, slug: &str, claims: &str) {
        let form = TrustForm {
            slug: slug.into(),
            issuer: issuer.into(),
            claims: claims.into(),
        };
        let owner = self.plane.ctx_of(OWNER).await;
        service_accounts::trust(&self.plane.cp, &owner, &form)
            .await
            .unwrap();
    }

    /// What GitHub Actions says of a run on the main branch.
    fn claims(&self, jti: &str) -> Value {
        let now = self.plane.cp.clock().now().timestamp();
        json!({
            "jti": jti, "iss": self.issuer.issuer, "aud": self.plane.config.base_url,
            "sub": "repo:acme/bots:ref:refs/heads/main", "ref": "refs/heads/main", "sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e",
            "repository": "acme/bots", "repository_id": "1296269", "repository_owner": "acme",
            "event_name": "push", "run_id": "1658821493", "run_number": "12", "run_attempt": "1",
            "workflow": "release", "workflow_ref": "acme/bots/.github/workflows/release.yml@refs/heads/main",
            "job_workflow_ref": "acme/bots/.github/workflows/release.yml@refs/heads/main",
            "iat": now - 5, "nbf": now - 5, "exp": now + 300,
        })
    }

    fn with(&self, jti: &str, field: &str, value: Value) -> String {
        let mut claims = self.claims(jti);
        claims[field] = value;
        sign(1, &claims)
    }

    async fn exchange(&self, token: &str, more: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", EXCHANGE)
            .append_pair("subject_token", token)
            .append_pair("subject_token_type", JWT)
            .extend_pairs(more)
            .finish();
        self.plane
            .send(Call::post("/oauth/token").form(&form))
            .await
    }

    async fn given(&self, jti: &str) -> String {
        let answer = self.exchange(&sign(1, &self.claims(jti)), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    async fn refused(&self, what: &str, token: &str, error: &str) {
        let answer = self.exchange(token, &[]).await;
        assert_eq!(
            answer.status,
            StatusCode::BAD_REQUEST,
            "{what}: {}",
            answer.text()
        );
        assert_eq!(answer.json()["error"], error, "{what}");
    }

    async fn agents(&self, token: &str) -> StatusCode {
        let call = Call::get("/api/v1/agents").token(token).build();
        self.plane.send(call).await.status
    }

    async fn events(&self, action: &str) -> Vec<String> {
        let token = self.plane.token(ADMIN, "read").await;
        let path = format!("/api/v1/audit?action={action}&limit=100");
        let found = self
            .plane
            .send(Call::get(&path).token(&token).build())
            .await;
        let rows = found.json()["rows"].as_array().cloned().unwrap_or_default();
        rows.iter()
            .filter(|row| row["action"] == action)
            .map(ToString::to_string)
            .collect()
    }
}

#[tokio::test]
async fn a_run_of_the_trusted_branch_gets_a_short_token_that_the_api_takes() {
    let bench = Bench::new().await;
    let answer = bench.exchange(&sign(1, &bench.claims("one")), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.headers["cache-control"], "no-store");
    let given = answer.json();
    assert_eq!(given["token_type"], "Bearer");
    assert_eq!(
        given["issued_token_type"],
        "urn:ietf:params:oauth:token-type:access_token"
    );
    assert_eq!(given["scope"], "read write");
    let lives = given["expires_in"].as_i64().unwrap();
    assert!(
        (290..=300).contains(&lives),
        "never longer than the CI's: {lives}"
    );
    let token = given["access_token"].as_str().unwrap();
    assert!(token.starts_with("clr_"));
    assert_eq!(bench.agents(token).await, StatusCode::OK);
    // A CI's token of an hour gives a quarter of one.
    let mut long = bench.claims("two");
    long["exp"] = json!(long["iat"].as_i64().unwrap() + 3_600);
    let long = bench
        .exchange(&sign(1, &long), &[("scope", "read")])
        .await
        .json();
    let lives = long["expires_in"].as_i64().unwrap();
    assert!((890..=900).contains(&lives), "{long}");
    assert_eq!(long["scope"], "read");
    let issued = bench.events("service_token_issued").await;
    assert_eq!(issued.len(), 2, "{issued:?}");
}

#[tokio::test]
async fn each_wrong_claim_of_a_cis_token_is_refused() {
    let bench = Bench::new().await;
    let now = bench.plane.cp.clock().now().timestamp();
    let (bad, denied) = ("invalid_request", "unauthorized_client");
    for (what, field, value, error) in [
        (
            "another audience",
            "aud",
            json!("https://github.com/acme"),
            bad,
        ),
        (
            "two audiences",
            "aud",
            json!([bench.plane.config.base_url, "https://other.example"]),
            bad,
        ),
        ("no audience", "aud", Value::Null, bad),
        (
            "an unknown issuer",
            "iss",
            json!("https://evil.example"),
            bad,
        ),
        (
            "the issuer with a slash",
            "iss",
            json!(format!("{}/", bench.issuer.issuer)),
            bad,
        ),
        ("over", "exp", json!(now), bad),
        ("no end", "exp", Value::Null, bad),
        ("an end in years", "exp", json!(now + 400_000_000), bad),
        ("issued tomorrow", "iat", json!(now + 86_400), bad),
        ("not before tomorrow", "nbf", json!(now + 86_400), bad),
        ("a name that is a list", "jti", json!(["a"]), bad),
        ("an endless name", "jti", json!("a".repeat(5_000)), bad),
        (
            "the same name, another repository",
            "repository_id",
            json!("999"),
            denied,
        ),
        ("no repository id", "repository_id", Value::Null, denied),
        ("a list of ids", "repository_id", json!(["1296269"]), denied),
        ("another branch", "ref", json!("refs/heads/feature"), denied),
        (
            "a tag of the branch's name",
            "ref",
            json!("refs/tags/main"),
            denied,
        ),
        ("a pull request", "ref", json!("refs/pull/7/merge"), denied),
        (
            "a pull request's event",
            "event_name",
            json!("pull_request"),
            denied,
        ),
        (
            "a fork's, run in the repository",
            "event_name",
            json!("pull_request_target"),
            denied,
        ),
    ] {
        let token = bench.with(what, field, value);
        bench.refused(what, &token, error).await;
    }
    let mut many = bench.claims("many");
    for number in 0..200 {
        many[format!("claim-{number}")] = json!("x");
    }
    bench
        .refused("two hundred claims", &sign(1, &many), bad)
        .await;
    let huge = bench.with("huge", "padding", json!("a".repeat(70_000)));
    let answer = bench.exchange(&huge, &[]).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
}

#[tokio::test]
async fn another_key_algorithm_or_header_is_refused() {
    let bench = Bench::new().await;
    let claims = bench.claims("one");
    let secret = EncodingKey::from_secret(&public(1));
    let hmac = encode(&Header::new(Algorithm::HS256), &claims, &secret).unwrap();
    bench
        .refused("the public key as a secret", &hmac, "invalid_request")
        .await;
    let good = sign(1, &claims);
    let parts: Vec<&str> = good.split('.').collect();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    for (what, token) in [
        ("alg=none", format!("{none}.{}.", parts[1])),
        (
            "alg=none and a signature",
            format!("{none}.{}.{}", parts[1], parts[2]),
        ),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("no token", "x.y.z".to_owned()),
        ("nothing", String::new()),
    ] {
        bench.refused(what, &token, "invalid_request").await;
    }
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("key-1".to_owned());
    header.jku = Some("https://evil.example/jwks".to_owned());
    header.jwk = serde_json::from_value(jwk(2)).unwrap();
    let other = sign_as(2, &header, &claims);
    bench
        .refused("a key in the header", &other, "invalid_request")
        .await;
    // None of them used the token up.
    assert_eq!(bench.exchange(&good, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_cis_token_is_used_once_also_at_another_replica_and_without_a_name() {
    let bench = Bench::new().await;
    let token = sign(1, &bench.claims("one"));
    assert_eq!(bench.exchange(&token, &[]).await.status, StatusCode::OK);
    bench.refused("again", &token, "invalid_request").await;
    let mut same = bench.claims("one");
    same["run_id"] = json!("2");
    bench
        .refused("its name again", &sign(1, &same), "invalid_request")
        .await;
    let mut unnamed = bench.claims("");
    unnamed.as_object_mut().unwrap().remove("jti");
    let unnamed = sign(1, &unnamed);
    assert_eq!(bench.exchange(&unnamed, &[]).await.status, StatusCode::OK);
    bench
        .refused("unnamed, again", &unnamed, "invalid_request")
        .await;
    let replica = Bench {
        plane: bench.plane.replica(),
        issuer: bench.issuer.clone(),
    };
    replica
        .refused("at a replica", &token, "invalid_request")
        .await;
}

#[tokio::test]
async fn an_issuer_that_nobody_trusts_is_not_asked_and_one_that_is_down_says_so() {
    let bench = Bench::new().await;
    let stranger = Provider::start().await;
    let mut claims = bench.claims("one");
    claims["iss"] = json!(stranger.issuer);
    bench
        .refused("a stranger", &sign(1, &claims), "invalid_request")
        .await;
    assert_eq!(stranger.fetched(), 0, "a stranger chose whom we call");
    let down = "http://127.0.0.1:9";
    bench
        .trusts_of(down, "support-ci", "sub=repo:acme/bots:ref:refs/heads/main")
        .await;
    claims["iss"] = json!(down);
    let answer = bench.exchange(&sign(1, &claims), &[]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    // The keys are remembered, so the known issuer may be down for a while.
    let before = bench.issuer.fetched();
    bench.given("two").await;
    bench.given("three").await;
    assert!(bench.issuer.fetched() <= before + 1);
}

#[tokio::test]
async fn scopes_are_never_wider_and_a_token_of_an_account_decides_nothing() {
    let bench = Bench::new().await;
    let wide = bench
        .exchange(&sign(1, &bench.claims("one")), &[("scope", "read access")])
        .await;
    assert_eq!(wide.json()["error"], "invalid_scope");
    let token = bench.given("two").await;
    for (path, body) in [
        (
            "/api/v1/approvals/1/decisions",
            json!({ "verdict": "approve", "manifest_digest": "x" }),
        ),
        (
            "/api/v1/connections",
            json!({ "slug": "x1", "name": "x", "kind": "github" }),
        ),
    ] {
        let answer = bench
            .plane
            .send(Call::new(Method::POST, path).token(&token).json(&body))
            .await;
        let refused = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
        assert!(refused, "{path}: {}", answer.status);
    }
    // Nor does it reach beyond its team, whatever its owner may.
    bench.plane.connection("acme", "github").await;
    let seen = Call::get("/api/v1/connections").token(&token).build();
    let seen = bench.plane.send(seen).await.text();
    assert!(seen.contains("acme") && !seen.contains("file:"), "{seen}");
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .finish();
    let other = bench
        .plane
        .send(Call::post("/oauth/token").token(&token).form(&form))
        .await;
    assert_eq!(other.json()["error"], "invalid_request");
}

#[tokio::test]
async fn disabling_or_removing_an_account_ends_its_tokens_at_once() {
    let bench = Bench::new().await;
    let owner = bench.plane.ctx_of(OWNER).await;
    let named = NamedAccountForm {
        slug: "support-ci".into(),
    };
    let token = bench.given("one").await;
    service_accounts::disable(&bench.plane.cp, &owner, &named)
        .await
        .unwrap();
    assert_eq!(bench.agents(&token).await, StatusCode::UNAUTHORIZED);
    bench
        .refused(
            "disabled",
            &sign(1, &bench.claims("two")),
            "unauthorized_client",
        )
        .await;
    service_accounts::enable(&bench.plane.cp, &owner, &named)
        .await
        .unwrap();
    assert_eq!(
        bench.agents(&token).await,
        StatusCode::UNAUTHORIZED,
        "what was over came back"
    );
    let token = bench.given("three").await;
    let list = service_accounts::list(&bench.plane.cp, &owner)
        .await
        .unwrap();
    let rule = EndForm {
        id: list.rows[0].rules[0].id.clone(),
    };
    service_accounts::distrust(&bench.plane.cp, &owner, &rule)
        .await
        .unwrap();
    bench
        .refused(
            "no rule",
            &sign(1, &bench.claims("four")),
            "invalid_request",
        )
        .await;
    service_accounts::remove(&bench.plane.cp, &owner, &named)
        .await
        .unwrap();
    assert_eq!(bench.agents(&token).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn two_accounts_that_trust_the_same_run_are_told_apart_by_their_name() {
    let bench = Bench::new().await;
    bench.account("gate-ci", "read").await;
    bench.trusts("gate-ci", "repository_id=1296269").await;
    bench
        .refused(
            "which",
            &sign(1, &bench.claims("one")),
            "unauthorized_client",
        )
        .await;
    let named = bench
        .exchange(&sign(1, &bench.claims("one")), &[("client_id", "gate-ci")])
        .await;
    assert_eq!(named.json()["scope"], "read", "{}", named.text());
    let other = bench
        .exchange(&sign(1, &bench.claims("two")), &[("client_id", "no-such")])
        .await;
    assert_eq!(other.json()["error"], "unauthorized_client");
}

#[tokio::test]
async fn refusals_are_summed_up_in_the_log() {
    let bench = Bench::new().await;
    for number in 0..20 {
        let token = bench.with(&format!("n{number}"), "repository_id", json!("999"));
        bench
            .refused("another id", &token, "unauthorized_client")
            .await;
    }
    let refused = bench.events("service_token_refused").await;
    assert_eq!(refused.len(), 1, "{refused:?}");
}
