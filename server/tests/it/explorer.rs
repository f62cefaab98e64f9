//! The explorer of the audit trail over HTTP: the API, and the pages without script.

use axum::http::StatusCode;
use axum::http::header::LINK;
use serde_json::json;

use crate::support::{ADMIN, Answer, Call, Plane};

const VIEWER: &str = "viewer@example.com";

async fn get(plane: &Plane, cookie: &str, path: &str) -> Answer {
    let call = Call::get(path).header("accept", "text/html").cookie(cookie);
    plane.send(call.build()).await
}

async fn post(plane: &Plane, cookie: &str, path: &str, form: &str) -> Answer {
    let call = Call::post(path)
        .own()
        .cookie(cookie)
        .header("accept", "text/html")
        .header("referer", "http://127.0.0.1:3000/audit?outcome=refused");
    plane.send(call.form(form)).await
}

#[tokio::test]
async fn the_api_takes_every_filter_and_names_the_wrong_ones() {
    let (_test, plane) = Plane::live().await;
    let token = plane.token(ADMIN, "read").await;
    let list = |query: &str| {
        let call = Call::get(&format!("/api/v1/audit?{query}")).token(&token);
        plane.send(call.build())
    };
    for query in [
        "q=approval+decided",
        "object=approval:2&action=approval_decided",
        "agent=refund-assistant&action=approval_decided&outcome=done",
        "deployment=%232&action=approval_decided",
        "actor=approver&action=approval_decided&from=2001-01-01&to=2999-12-31",
    ] {
        let answer = list(query).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let page = answer.json();
        let rows = page["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 1, "{query}: {page}");
        assert_eq!(rows[0]["action"], "approval_decided");
    }
    let wrong = list("from=yesterday&outcome=maybe&q=%21").await;
    wrong.is_problem(422, "invalid");
    let fields = wrong.json()["fields"].clone();
    let named: Vec<&str> = fields
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["field"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["from", "outcome", "q"]);
    let empty = list("agent=nobody&outcome=done").await.json();
    assert_eq!(empty["excluded"], json!(["agent"]));
}

#[tokio::test]
async fn lines_are_taken_away_as_csv_and_json() {
    let (_test, plane) = Plane::live().await;
    let token = plane.token(ADMIN, "read").await;
    let lines = |query: &str| {
        let call = Call::get(&format!("/api/v1/audit/lines?{query}")).token(&token);
        plane.send(call.build())
    };
    let csv = lines("agent=refund-assistant&action=approval_decided").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").starts_with("attachment"));
    let text = csv.text();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(
        text.lines()
            .nth(1)
            .unwrap()
            .contains("\"approval_decided\"")
    );
    let found = lines("agent=refund-assistant&format=json").await;
    let page = found.json();
    assert!(page["rows"].as_array().unwrap().len() > 20);
    assert_eq!(page["next"], json!(null));
    assert_eq!(found.headers.get(LINK), None);
    lines("format=xml").await.is_problem(422, "invalid");
    lines("to=soon").await.is_problem(422, "invalid");
}

#[tokio::test]
async fn an_id_is_found_over_the_api_and_on_its_page() {
    let (_test, plane) = Plane::live().await;
    plane.add(VIEWER, "viewer").await;
    let token = plane.token(VIEWER, "read").await;
    let call = Call::get("/api/v1/find?id=refund-assistant-2").token(&token);
    let found = plane.send(call.build()).await.json();
    assert_eq!(found["things"][0]["kind"], "identity");
    assert_eq!(found["deployments"][0]["approval"]["number"], 2);
    let long = format!("/api/v1/find?id={}", "x".repeat(300));
    let call = Call::get(&long).token(&token);
    plane.send(call.build()).await.is_problem(422, "invalid");
    let cookie = plane.sign_in(VIEWER).await;
    let page = get(&plane, &cookie, "/find?id=refund-assistant-2").await;
    assert_eq!(page.status, StatusCode::OK);
    for link in [
        "/identities/refund-assistant-2",
        "/deployments/2",
        "/approvals/2",
    ] {
        assert!(page.text().contains(&format!("href=\"{link}\"")), "{link}");
    }
    let unknown = get(&plane, &cookie, "/find?id=%3Cscript%3E").await;
    assert!(unknown.text().contains("Only whole ids are found"));
    assert!(!unknown.text().contains("<script>&"), "it is text");
    let wrong = get(&plane, &cookie, &long.replace("/api/v1", "")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("This is too long."));
}

#[tokio::test]
async fn the_page_says_what_is_narrowed_what_is_wrong_and_what_excludes() {
    let (_test, plane) = Plane::live().await;
    let cookie = plane.sign_in(ADMIN).await;
    let page = get(
        &plane,
        &cookie,
        "/audit?agent=refund-assistant&outcome=done",
    )
    .await;
    assert_eq!(page.status, StatusCode::OK);
    // Each filter can be taken away, and an event leads back to the same list.
    assert!(page.text().contains("href=\"/audit?outcome=done\""));
    assert!(
        page.text()
            .contains("href=\"/audit?agent=refund-assistant\"")
    );
    assert!(
        page.text()
            .contains("?agent=refund-assistant&amp;outcome=done")
    );
    let event = get(
        &plane,
        &cookie,
        "/audit/3?agent=refund-assistant&outcome=done",
    )
    .await;
    let back = "href=\"/audit?agent=refund-assistant&amp;outcome=done\"";
    assert!(event.text().contains(back), "{}", event.text());
    let wrong = get(&plane, &cookie, "/audit?from=yesterday").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Write a day such as 2026-12-31"));
    assert!(wrong.text().contains("value=\"yesterday\""));
    let empty = get(&plane, &cookie, "/audit?agent=nobody&outcome=done").await;
    assert!(
        empty
            .text()
            .contains("No event that you may see has Agent: nobody.")
    );
}

#[tokio::test]
async fn a_view_is_saved_changed_and_removed_without_script() {
    let plane = Plane::new().await;
    plane.add(VIEWER, "viewer").await;
    let cookie = plane.sign_in(VIEWER).await;
    let form =
        "form%5Bname%5D=Refusals&form%5Bshared%5D=yes&form%5Bfilters%5D%5Boutcome%5D=refused";
    let saved = post(&plane, &cookie, "/rpc/saved-views/save", form).await;
    assert_eq!(saved.status, StatusCode::FOUND, "{}", saved.text());
    assert_eq!(
        saved.header("location"),
        "/audit?outcome=refused&notice=view_saved"
    );
    let again = post(&plane, &cookie, "/rpc/saved-views/save", form).await;
    let shown = get(&plane, &cookie, again.header("location")).await;
    assert!(shown.text().contains("This name is in use already."));
    // Another person finds it, and cannot change it.
    let other = plane.sign_in(ADMIN).await;
    let page = get(&plane, &other, "/audit").await;
    assert!(page.text().contains("href=\"/audit?outcome=refused\""));
    let token = plane.token(VIEWER, "read").await;
    let call = Call::get("/api/v1/saved-views").token(&token);
    let views = plane.send(call.build()).await.json();
    let id = views["own"][0]["id"].as_str().unwrap();
    let form = format!("form%5Bid%5D={id}&form%5Bname%5D=Mine&form%5Bshared%5D=yes");
    let refused = post(&plane, &other, "/rpc/saved-views/change", &form).await;
    assert!(refused.header("location").contains("__err"));
    let changed = post(&plane, &cookie, "/rpc/saved-views/change", &form).await;
    assert_eq!(changed.header("location"), "/audit?notice=view_changed");
    let page = get(&plane, &cookie, &format!("/audit?view={id}")).await;
    assert!(page.text().contains("value=\"Mine\""));
    let form = format!("form%5Bid%5D={id}");
    let removed = post(&plane, &cookie, "/rpc/saved-views/remove", &form).await;
    assert_eq!(removed.header("location"), "/audit?notice=view_removed");
}
