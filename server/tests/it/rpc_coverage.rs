//! Every server function, API operation and page is listed in `docs/permissions.md` with the permission it needs, and
//! behaves like that. A new one that is not listed fails here.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use domain::actor::Role;
use domain::authz::Action;
use serde_json::{Value, json};

use crate::support::{ADMIN, Call, Plane};

const VIEWER: &str = "viewer@example.com";

/// Every field of every form, so that each is valid and only the permission decides.
const FIELDS: [(&str, &str); 40] = [
    ("slug", "some-thing"),
    ("name", "Some thing"),
    ("email", "new@example.com"),
    ("password", "long enough to pass"),
    ("role", "viewer"),
    ("team", "care"),
    ("connection", "acme"),
    ("repository", "https://github.com/acme/bots"),
    ("branch", "main"),
    ("kind", "github"),
    ("number", "1"),
    ("index", "0"),
    ("seq", "0"),
    ("reason", "a reason that is long enough to be one"),
    ("verdict", "approve"),
    ("manifest_digest", "sha256:00"),
    ("agent", "some-thing"),
    ("version", "1.0.0"),
    ("environment", "production"),
    ("prompt", "Hello"),
    ("scopes", "read"),
    ("days", "1"),
    ("until", "2099-12-31"),
    ("deployment", "1"),
    ("gate", "relevance"),
    ("text", "{}"),
    ("finding", "PYSEC-2021-1"),
    ("location", "requests 1.0"),
    ("id", "01980000-0000-7000-8000-000000000000"),
    ("git_email", "git@example.com"),
    ("wanted_role", "operator"),
    ("hours", "1"),
    ("grant", "00000000-0000-0000-0000-000000000000"),
    ("outcome", "ok"),
    ("incident", "INC-1"),
    ("client_id", "some-thing-1"),
    ("resource", "some-thing"),
    ("framework", "soc2"),
    ("item", "1"),
    ("choice", "keep"),
];

/// What a route needs, as the table says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Everybody,
    SignedIn,
    Session,
    OwnProof,
    Action(Action),
}

fn need(word: &str) -> Need {
    match word {
        "everybody" => Need::Everybody,
        "signed in" => Need::SignedIn,
        "session" => Need::Session,
        "own proof" => Need::OwnProof,
        word => Need::Action(word.parse().unwrap_or_else(|e| panic!("{e}"))),
    }
}

fn table() -> BTreeMap<(String, String), Need> {
    let text = include_str!("../../../docs/permissions.md");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let (method, path) = cells[0].trim_matches('`').split_once(' ').unwrap();
        ((method.to_owned(), path.to_owned()), need(cells[1]))
    })
    .collect()
}

/// What the programs themselves say that they answer.
fn routes() -> Vec<(String, String)> {
    let mut routes: Vec<(String, String)> = server_fn::axum::server_fn_paths()
        .map(|(path, method)| (method.to_string(), path.to_owned()))
        .collect();
    for path in server::http::page_paths() {
        routes.push(("GET".to_owned(), path.to_owned()));
    }
    let document = serde_json::to_value(server::http::openapi_document()).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            if let Ok(method) = method.to_uppercase().parse::<Method>() {
                routes.push((method.to_string(), path.clone()));
            }
        }
    }
    routes
}

fn request(method: &str, path: &str, dress: impl Fn(Call) -> Call) -> Request<Body> {
    let mut filled = path.to_owned();
    for (name, value) in FIELDS {
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    let method: Method = method.parse().unwrap();
    let plain: Vec<String> = FIELDS
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(' ', "+")))
        .collect();
    if path.starts_with("/rpc/") {
        // The API made its thing of this name before.
        let form: Vec<String> = plain
            .iter()
            .map(|pair| pair.replace("name=Some+thing", "name=Some+other+thing"))
            .map(|pair| format!("form%5B{}", pair.replacen('=', "%5D=", 1)))
            .collect();
        return dress(Call::new(method, &filled)).form(&form.join("&"));
    }
    if method == Method::GET {
        return dress(Call::new(method, &filled)).build();
    }
    let body: BTreeMap<&str, Value> = FIELDS
        .iter()
        .map(|(name, value)| (*name, json!(value)))
        .collect();
    dress(Call::new(method, &filled)).json(&json!(body))
}

fn programs() -> impl Iterator<Item = ((String, String), Need)> {
    table()
        .into_iter()
        .filter(|((_, path), _)| is_program(path))
}

fn is_program(path: &str) -> bool {
    path.starts_with("/rpc/") || path.starts_with("/api/")
}

#[tokio::test]
async fn every_route_is_listed() {
    // The functions register themselves when the program that holds them is linked.
    let plane = Plane::new().await;
    drop(plane);
    let table = table();
    let missing: Vec<String> = routes()
        .into_iter()
        .filter(|route| !table.contains_key(route))
        .map(|(m, p)| format!("| `{m} {p}` | ? |"))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/permissions.md does not list:\n{}",
        missing.join("\n")
    );
    let known = routes();
    let stale: Vec<_> = table
        .keys()
        .filter(|route| {
            is_program(&route.1) && route.1 != "/api/v1/openapi.json" && !known.contains(route)
        })
        .collect();
    assert!(
        stale.is_empty(),
        "docs/permissions.md lists what is gone: {stale:?}"
    );
}

#[tokio::test]
async fn nothing_but_the_public_parts_answers_a_stranger() {
    let plane = Plane::new().await;
    plane.team("care").await;
    let mut wrong = Vec::new();
    for ((method, path), need) in programs() {
        let answer = plane.send(request(&method, &path, Call::own)).await;
        // The same for what is there and what is not: a stranger must not learn which agents there are.
        let right = match need {
            Need::Everybody => answer.status.is_success(),
            Need::SignedIn | Need::Session | Need::OwnProof | Need::Action(_) => {
                answer.status == StatusCode::UNAUTHORIZED
            }
        };
        if !right {
            wrong.push(format!("{method} {path}: {}", answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_viewer_reads_and_does_nothing_else() {
    let plane = Plane::new().await;
    plane.team("care").await;
    plane.add(VIEWER, "viewer").await;
    let cookie = plane.sign_in(VIEWER).await;
    for ((method, path), need) in programs() {
        let answer = plane
            .send(request(&method, &path, |call| call.own().cookie(&cookie)))
            .await;
        let refused = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
        match need {
            Need::OwnProof => assert!(refused, "{method} {path}: {}", answer.text()),
            Need::Action(action) if !action.roles().contains(&Role::Viewer) => {
                assert!(
                    refused,
                    "{method} {path}: {} {}",
                    answer.status,
                    answer.text()
                );
            }
            Need::Everybody | Need::SignedIn | Need::Session | Need::Action(_) => {
                assert!(
                    answer.status.is_success() || answer.status == StatusCode::NOT_FOUND,
                    "{method} {path}: {} {}",
                    answer.status,
                    answer.text()
                );
            }
        }
    }
}

#[tokio::test]
async fn a_reading_token_writes_nothing() {
    let plane = Plane::new().await;
    plane.team("care").await;
    let token = plane.token(ADMIN, "read").await;
    for ((method, path), need) in table()
        .into_iter()
        .filter(|((_, path), _)| path.starts_with("/api/"))
    {
        let answer = plane
            .send(request(&method, &path, |call| call.token(&token)))
            .await;
        if method == "GET" {
            assert!(
                answer.status.is_success() || answer.status == StatusCode::NOT_FOUND,
                "{path}: {}",
                answer.text()
            );
        } else {
            let refused = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
            assert!(
                refused,
                "{need:?} {method} {path}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn pages_and_plain_routes_are_there() {
    let plane = Plane::new().await;
    for ((method, path), need) in table()
        .into_iter()
        .filter(|((_, path), _)| !is_program(path))
    {
        let answer = plane
            .send(request(&method, &path.replace("{*path}", "0"), Call::own))
            .await;
        assert_ne!(
            answer.status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{method} {path}"
        );
        assert!(
            !answer.status.is_server_error(),
            "{method} {path}: {}",
            answer.text()
        );
        if need == Need::Session {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
}
