//! Signing in with GitHub, against a counterpart that checks what GitHub checks: the client, the redirect address, a code that
//! works once, its verifier, the content types, and who asks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane::testing::Authenticator;
use serde_json::{Value, json};
use server::config::{Config, Overrides};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use crate::passkeys::page_options;
use crate::provider::{Trip, come_back, depart, leave, refused, session};
use crate::support::{ADMIN, Answer, Call, Plane};

const CLIENT: &str = "Iv1.0123456789abcdef";
const SECRET: &str = "github-canary-51c0";
const TOKEN: &str = "gho_canary-9d1e";
const NEW: &str = "new_people = true";

/// What GitHub says.
struct Script {
    /// Codes, each with the challenge that its verifier must meet.
    codes: BTreeMap<String, String>,
    account: Value,
    addresses: Value,
    organisations: Vec<Value>,
    teams: Vec<Value>,
    /// What the token endpoint answers in place of a token.
    refuses: Option<Value>,
    /// Paths that do not answer.
    down: BTreeSet<&'static str>,
}

#[derive(Clone)]
struct GitHub {
    issuer: String,
    script: Arc<Mutex<Script>>,
}

impl GitHub {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let team = json!({ "slug": "platform-admins", "organization": { "login": "Acme" } });
        let script = Script {
            codes: BTreeMap::new(),
            account: json!({ "id": 583_231, "login": "ada", "name": "Ada" }),
            addresses: json!([
                { "email": "ada@private.example", "primary": false, "verified": true },
                { "email": "Ada@Example.com", "primary": true, "verified": true },
            ]),
            organisations: vec![json!({ "login": "Acme" }), json!({ "login": "elsewhere" })],
            teams: vec![team],
            refuses: None,
            down: BTreeSet::new(),
        };
        let github = Self {
            issuer,
            script: Arc::new(Mutex::new(script)),
        };
        let routes = Router::new()
            .route("/login/oauth/access_token", post(token))
            .route("/api/v3/user", get(account))
            .route("/api/v3/user/emails", get(addresses))
            .route("/api/v3/user/orgs", get(organisations))
            .route("/api/v3/user/teams", get(teams))
            .with_state(github.clone());
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(async move { axum::serve(listener, routes).await });
        github
    }

    fn says(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.script.lock().unwrap());
    }

    /// A server that lets in people of `acme`.
    async fn plane(&self, more: &str) -> Plane {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clearance.toml");
        let secrets = dir.path().join("data/secrets");
        std::fs::create_dir_all(&secrets).unwrap();
        std::fs::write(secrets.join("github"), SECRET).unwrap();
        let text = format!(
            r#"
data_dir = "{}"
base_url = "http://localhost:3000"
[[sign_in.providers]]
id = "acme"
kind = "github"
label = "GitHub"
issuer = "{}"
client_id = "{CLIENT}"
client_secret = "file:github"
organisations = ["ACME"]
{more}
[[sign_in.providers.roles]]
group = "acme/Platform-Admins"
role = "administrator"
"#,
            dir.path().join("data").display(),
            self.issuer
        );
        std::fs::write(&file, text).unwrap();
        let plane = Plane::configured(file, dir).await;
        plane.set_up().await;
        plane
    }

    /// Goes there, and has a code wait for the way back.
    async fn trip(&self, plane: &Plane, query: &str, cookie: Option<&str>) -> Trip {
        let trip = leave(plane, query, cookie).await;
        self.allows(&trip);
        trip
    }

    fn allows(&self, trip: &Trip) {
        let challenge = trip.query("code_challenge");
        self.says(|script| drop(script.codes.insert("code".to_owned(), challenge)));
    }

    async fn sign_in(&self, plane: &Plane) -> Answer {
        let trip = self.trip(plane, "", None).await;
        come_back(plane, &good(&trip), &trip.cookie).await
    }
}

fn good(trip: &Trip) -> String {
    format!("code=code&state={}", trip.query("state"))
}

fn is_asked_rightly(headers: &HeaderMap) -> bool {
    let is = |name, value: &str| headers.get(name).is_some_and(|found| found == value);
    // GitHub refuses whoever does not say who it is.
    is(header::ACCEPT, "application/json") && headers.contains_key(header::USER_AGENT)
}

async fn token(
    State(github): State<GitHub>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, StatusCode> {
    let kind = headers.get(header::CONTENT_TYPE);
    let form = kind.is_some_and(|kind| kind == "application/x-www-form-urlencoded");
    if !form || !is_asked_rightly(&headers) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let mut script = github.script.lock().unwrap();
    if let Some(answer) = &script.refuses {
        return Ok(Json(answer.clone()));
    }
    // A code is gone with its first use, a wrong one too.
    let challenge = script.codes.remove(&form["code"]);
    let met = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    let client = form["client_id"] == CLIENT && form["client_secret"] == SECRET;
    let back = form["redirect_uri"].ends_with("/sign-in/with/acme/callback");
    let error = match challenge {
        _ if !client => "incorrect_client_credentials",
        _ if !back => "redirect_uri_mismatch",
        Some(challenge) if challenge == met => {
            let scope = "read:org,read:user,user:email";
            return Ok(Json(
                json!({ "access_token": TOKEN, "token_type": "bearer", "scope": scope }),
            ));
        }
        Some(_) | None => "bad_verification_code",
    };
    Ok(Json(json!({ "error": error, "error_description": "no" })))
}

impl GitHub {
    fn answer(
        &self,
        headers: &HeaderMap,
        path: &'static str,
        of: impl FnOnce(&Script) -> Value,
    ) -> Result<Json<Value>, StatusCode> {
        let bearer = headers.get(header::AUTHORIZATION);
        if bearer.is_none_or(|bearer| *bearer != format!("Bearer {TOKEN}")) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        if !is_asked_rightly(headers) {
            return Err(StatusCode::FORBIDDEN);
        }
        let script = self.script.lock().unwrap();
        if script.down.contains(path) {
            return Err(StatusCode::BAD_GATEWAY);
        }
        Ok(Json(of(&script)))
    }
}

async fn account(
    State(github): State<GitHub>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    github.answer(&headers, "user", |script| script.account.clone())
}

async fn addresses(
    State(github): State<GitHub>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    github.answer(&headers, "emails", |script| script.addresses.clone())
}

async fn organisations(
    State(github): State<GitHub>,
    Query(page): Query<BTreeMap<String, usize>>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    github.answer(&headers, "orgs", |script| {
        part(&script.organisations, &page)
    })
}

async fn teams(
    State(github): State<GitHub>,
    Query(page): Query<BTreeMap<String, usize>>,
    headers: HeaderMap,
) -> Result<Json<Value>, StatusCode> {
    github.answer(&headers, "teams", |script| part(&script.teams, &page))
}

fn part(rows: &[Value], page: &BTreeMap<String, usize>) -> Value {
    let (size, number) = (page["per_page"].min(100), page["page"]);
    rows.iter()
        .skip(size * (number - 1))
        .take(size)
        .cloned()
        .collect()
}

#[tokio::test]
async fn a_person_comes_in_by_their_team_and_is_known_by_number() {
    let github = GitHub::start().await;
    let plane = github.plane(NEW).await;
    let trip = github.trip(&plane, "?next=%2Fapprovals", None).await;
    assert_eq!(trip.query("code_challenge_method"), "S256");
    assert_eq!(trip.query("scope"), "read:user user:email read:org");
    assert_eq!(trip.asked.path(), "/login/oauth/authorize");
    let answer = come_back(&plane, &good(&trip), &trip.cookie).await;
    assert_eq!(answer.header("location"), "/approvals");
    let cookie = session(&answer);
    let page = |path: &'static str| {
        let call = Call::get(path).cookie(&cookie).build();
        async { plane.send(call).await.text() }
    };
    let sessions = page("/settings/sessions").await;
    assert!(
        sessions.contains("GitHub") && sessions.contains("583231"),
        "{sessions}"
    );
    let settings = page("/settings").await;
    assert!(settings.contains("Administrator (by acme)") && settings.contains("ada@example.com"));
    assert!(!settings.contains(TOKEN) && !sessions.contains(TOKEN));
    // Another login and another address are still the same person; another number is not.
    github.says(|script| {
        script.account = json!({ "id": 583_231, "login": "renamed", "name": null });
        script.addresses = json!([]);
    });
    session(&github.sign_in(&plane).await);
    github.says(|script| script.account = json!({ "id": 7, "login": "ada" }));
    refused(
        &github.sign_in(&plane).await,
        "unverified_address",
        "the name was given to somebody else",
    );
}

#[tokio::test]
async fn only_named_organisations_let_anybody_in() {
    let github = GitHub::start().await;
    let plane = github.plane(NEW).await;
    session(&github.sign_in(&plane).await);
    let outside = [
        json!([]),
        json!([{ "login": "elsewhere" }]),
        json!([{ "login": "acme-corp" }]),
    ];
    for organisations in outside {
        let rows = organisations.as_array().unwrap().clone();
        github.says(|script| script.organisations = rows);
        let why = organisations.to_string();
        refused(&github.sign_in(&plane).await, "outside_organisation", &why);
    }
    // A team of that name in somebody's own organisation gives nothing.
    github.says(|script| {
        script.organisations = vec![json!({ "login": "acme" }), json!({ "login": "evil" })];
        script.teams =
            vec![json!({ "slug": "platform-admins", "organization": { "login": "evil" } })];
        script.account = json!({ "id": 8, "login": "eve" });
        script.addresses =
            json!([{ "email": "eve@example.com", "primary": true, "verified": true }]);
    });
    refused(&github.sign_in(&plane).await, "no_role", "a namesake");
}

#[tokio::test]
async fn an_address_that_is_not_verified_or_is_taken_brings_nobody() {
    let github = GitHub::start().await;
    let plane = github.plane(NEW).await;
    let of = |email: &str, primary: bool, verified: bool| json!([{ "email": email, "primary": primary, "verified": verified }]);
    for (addresses, code) in [
        (of("ada@example.com", true, false), "unverified_address"),
        (of("ada@example.com", false, true), "unverified_address"),
        (json!([]), "unverified_address"),
        (of(ADMIN, true, true), "address_taken"),
    ] {
        let why = addresses.to_string();
        github.says(|script| script.addresses = addresses);
        refused(&github.sign_in(&plane).await, code, &why);
    }
    let closed = github.plane("").await;
    refused(
        &github.sign_in(&closed).await,
        "not_invited",
        "new people may not come",
    );
}

#[tokio::test]
async fn an_answer_is_for_the_browser_that_asked_and_a_code_works_once() {
    let github = GitHub::start().await;
    let plane = github.plane(NEW).await;
    let other = github.trip(&plane, "", None).await;
    for cookie in [other.cookie.as_str(), "clearance-flow=AAAA"] {
        let trip = github.trip(&plane, "", None).await;
        let answer = come_back(&plane, &good(&trip), cookie).await;
        refused(&answer, "flow_expired", cookie);
    }
    let trip = github.trip(&plane, "", None).await;
    let made_up = good(&trip).replace(&trip.query("state"), "made-up");
    refused(
        &come_back(&plane, &made_up, &trip.cookie).await,
        "flow_expired",
        "state",
    );
    let trip = github.trip(&plane, "", None).await;
    let denied = format!("error=access_denied&state={}", trip.query("state"));
    refused(
        &come_back(&plane, &denied, &trip.cookie).await,
        "provider_refused",
        "denied",
    );
    let trip = github.trip(&plane, "", None).await;
    let mixed_up = format!("{}&iss=https%3A%2F%2Fevil.example", good(&trip));
    refused(
        &come_back(&plane, &mixed_up, &trip.cookie).await,
        "provider_untrusted",
        "mix-up",
    );
    // A code that was given to another browser meets another verifier.
    let (victim, thief) = (leave(&plane, "", None).await, leave(&plane, "", None).await);
    github.allows(&victim);
    let injected = come_back(&plane, &good(&thief), &thief.cookie).await;
    refused(&injected, "provider_untrusted", "an injected code");
    let trip = github.trip(&plane, "", None).await;
    session(&come_back(&plane, &good(&trip), &trip.cookie).await);
    let again = come_back(&plane, &good(&trip), &trip.cookie).await;
    refused(&again, "flow_expired", "once");
    let next = leave(&plane, "", None).await;
    let used = come_back(&plane, &good(&next), &next.cookie).await;
    refused(&used, "provider_untrusted", "a code that was used");
}

#[tokio::test]
async fn what_is_not_documented_is_not_believed() {
    let github = GitHub::start().await;
    let plane = github.plane(NEW).await;
    for answer in [
        json!({}),
        json!({ "access_token": TOKEN, "token_type": "mac" }),
        json!({ "error": "slow\n\u{202e}down" }),
        json!("token"),
    ] {
        let why = answer.to_string();
        github.says(|script| script.refuses = Some(answer));
        refused(&github.sign_in(&plane).await, "provider_untrusted", &why);
    }
    github.says(|script| script.refuses = None);
    for account in [
        json!({ "login": "ada" }),
        json!({ "id": "583231", "login": "ada" }),
        json!({ "id": 0, "login": "ada" }),
        json!([]),
    ] {
        let why = account.to_string();
        github.says(|script| script.account = account);
        refused(&github.sign_in(&plane).await, "provider_untrusted", &why);
    }
    github.says(|script| script.account = json!({ "id": 583_231, "login": "ada" }));
    for path in ["user", "emails", "orgs", "teams"] {
        github.says(|script| script.down = BTreeSet::from([path]));
        refused(&github.sign_in(&plane).await, "provider_unavailable", path);
    }
    github.says(|script| script.down.clear());
    // Lists are read to their end, and one without an end gives no roles by chance.
    let many = |count: usize| (0..count).map(|n| json!({ "login": format!("other-{n}") }));
    github.says(|script| {
        script.organisations = many(250).chain([json!({ "login": "acme" })]).collect();
    });
    session(&github.sign_in(&plane).await);
    github.says(|script| script.organisations = many(1_000).collect());
    refused(
        &github.sign_in(&plane).await,
        "groups_not_told",
        "without an end",
    );
}

/// Asks for a passkey in this session, and answers what was asked with the cookie that the answer must come with.
async fn ask(plane: &Plane, session: &str, query: &str) -> (String, String) {
    let call = Call::get(&format!("/passkey/begin?{query}"))
        .own()
        .cookie(session);
    let begun = plane.send(call.build()).await;
    assert_eq!(begun.header("location"), "/passkey");
    let cookies = format!("{session}; {}", begun.cookie().unwrap());
    let page = plane
        .send(Call::get("/passkey").cookie(&cookies).build())
        .await;
    (page_options(&page.text()), cookies)
}

async fn answer(plane: &Plane, cookies: &str, answer: &str) -> Answer {
    let answer: String = url::form_urlencoded::byte_serialize(answer.as_bytes()).collect();
    let call = Call::post("/passkey").own().cookie(cookies);
    plane.send(call.form(&format!("answer={answer}"))).await
}

#[tokio::test]
async fn github_proves_nobody_anew_so_a_passkey_must() {
    let github = GitHub::start().await;
    let plane = github.plane(NEW).await;
    let cookie = session(&github.sign_in(&plane).await);
    let asked = depart(&plane, "?for=confirm&next=%2F", Some(&cookie)).await;
    assert_eq!(
        asked.header("location"),
        "/settings/sessions?problem=not_fresh"
    );
    // Something that needs a recent sign-in; there is no such person.
    let fresh = async || {
        let form = "form%5Bid%5D=01980000-0000-7000-8000-000000000000&form%5Breason%5D=lost+with+the+laptop";
        let call = Call::post("/rpc/passkeys/reset").own().cookie(&cookie);
        plane.send(call.form(form)).await.status
    };
    assert_eq!(
        fresh().await,
        StatusCode::FORBIDDEN,
        "however new the session is"
    );
    // Whoever has no passkey adds the first one right after signing in.
    let mut key = Authenticator::new(7).at("http://localhost:3000", "localhost");
    let (options, cookies) = ask(&plane, &cookie, "for=enrol&name=Laptop").await;
    let added = answer(&plane, &cookies, &key.make(&options)).await;
    assert_eq!(
        added.header("location"),
        "/settings/passkeys?notice=passkey_added"
    );
    assert_eq!(
        fresh().await,
        StatusCode::FORBIDDEN,
        "adding confirms nothing"
    );
    let second = Call::get("/passkey/begin?for=enrol&name=x")
        .own()
        .cookie(&cookie);
    let second = plane.send(second.build()).await;
    assert_eq!(
        second.header("location"),
        "/settings/passkeys?problem=sign_in_too_old"
    );
    let (options, cookies) = ask(&plane, &cookie, "for=confirm&next=%2Fapprovals").await;
    let confirmed = answer(&plane, &cookies, &key.sign(&options)).await;
    assert_eq!(confirmed.header("location"), "/approvals");
    assert_eq!(fresh().await, StatusCode::NOT_FOUND, "it is they");
}

#[tokio::test]
async fn what_the_file_says_wrongly_is_named_at_the_start() {
    let of = |section: &str| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clearance.toml");
        let head = "[[sign_in.providers]]\nid = \"hub\"\nlabel = \"Hub\"\nclient_id = \"x\"\n";
        std::fs::write(&file, format!("{head}{section}")).unwrap();
        let overrides = Overrides {
            file: Some(file),
            ..Overrides::default()
        };
        Config::from_parts(&overrides, Vec::new()).map(|config| config.sign_in)
    };
    let secret = "client_secret = \"env:HUB\"\n";
    let ours = format!("kind = \"github\"\n{secret}organisations = [\"acme\"]\n");
    let rule = "[[sign_in.providers.roles]]\ngroup = \"evil/admins\"\nrole = \"administrator\"\n";
    for (section, why) in [
        (
            format!("kind = \"github\"\n{secret}"),
            "needs `organisations`",
        ),
        (
            "kind = \"github\"\norganisations = [\"acme\"]\n".to_owned(),
            "`client_secret`",
        ),
        (format!("{ours}{rule}"), "none of its `organisations`"),
        (format!("{ours}applications = [\"x\"]\n"), "`applications`"),
        (
            format!("{ours}issuer = \"http://github.example\"\n"),
            "https://",
        ),
        (
            format!("{secret}issuer = \"https://idp.example\"\norganisations = [\"acme\"]\n"),
            "GitHub's",
        ),
        (secret.to_owned(), "lacks an `issuer`"),
        (format!("kind = \"gitlab\"\n{secret}"), "gitlab"),
    ] {
        let refused = of(&section).unwrap_err().to_string();
        assert!(refused.contains(why), "{why}: {refused}");
    }
    let providers = of(&ours).unwrap().providers;
    assert_eq!(providers[0].provider.issuer, "https://github.com");
    assert!(!providers[0].provider.asks_anew);
}
