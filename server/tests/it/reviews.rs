//! An access review from its first form to its certificate, without script, and what programs get of it.

use axum::http::StatusCode;
use domain::canonical;
use serde_json::Value;

use crate::support::{ADMIN, Answer, Call, Plane};

const SECOND: &str = "second@example.com";

async fn post(plane: &Plane, cookie: &str, function: &str, form: &str) -> Answer {
    let call = Call::post(&format!("/rpc/reviews/{function}"))
        .own()
        .cookie(cookie)
        .header("accept", "text/html")
        .header("referer", "http://127.0.0.1:3000/reviews/1");
    plane.send(call.form(form)).await
}

async fn get(plane: &Plane, cookie: &str, path: &str) -> Answer {
    let call = Call::get(path).cookie(cookie).header("accept", "text/html");
    plane.send(call.build()).await
}

/// The items of the review, as the API tells them.
async fn items(plane: &Plane, cookie: &str) -> Vec<Value> {
    let answer = get(plane, cookie, "/api/v1/reviews/1").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let found: Value = serde_json::from_str(&answer.text()).unwrap();
    found["items"].as_array().unwrap().clone()
}

fn form(item: &Value, choice: &str) -> String {
    format!(
        "form%5Bnumber%5D=1&form%5Bitem%5D={}&form%5Bchoice%5D={choice}&form%5Breason%5D=",
        item["item"]
    )
}

#[tokio::test]
async fn a_review_goes_from_its_first_form_to_its_certificate_without_script() {
    let plane = Plane::new().await;
    plane.add(SECOND, "administrator").await;
    plane.add("vi@example.com", "viewer").await;
    let (admin, second) = (plane.sign_in(ADMIN).await, plane.sign_in(SECOND).await);
    let started = post(&plane, &admin, "start", "form%5Bteam%5D=").await;
    assert_eq!(
        started.header("location"),
        "/reviews/1?notice=review_started"
    );
    let page = get(&plane, &admin, "/reviews/1").await.text();
    assert!(
        page.contains("Your own: another administrator decides"),
        "{page}"
    );
    let home = get(&plane, &admin, "/").await.text();
    assert!(
        home.contains("Access review 1"),
        "the overview says nothing"
    );

    let all = items(&plane, &admin).await;
    assert_eq!(all.len(), 3);
    // Each of them through a form; whose own it is hears why not.
    let own = all.iter().find(|item| item["own"] == true).unwrap();
    let refused = post(&plane, &admin, "decide", &form(own, "keep")).await;
    assert_eq!(refused.status, StatusCode::FOUND);
    let shown = get(&plane, &admin, refused.header("location")).await.text();
    assert!(shown.contains("This is your own access"), "{shown}");
    for item in &all {
        let by = if item["own"] == true { &second } else { &admin };
        let keep = if item["what"] == "Viewer" {
            "remove"
        } else {
            "keep"
        };
        let done = post(&plane, by, "decide", &form(item, keep)).await;
        let to = done.header("location");
        assert!(
            to.starts_with("/reviews/1?show=undecided&notice=access_"),
            "{to}"
        );
    }
    let signed = post(&plane, &admin, "sign-off", "form%5Bnumber%5D=1").await;
    assert_eq!(signed.header("location"), "/reviews/1?notice=review_signed");
    let certificate = get(&plane, &admin, "/api/v1/reviews/1/certificate").await;
    let digest = canonical::digest(certificate.text().as_bytes());
    let list = get(&plane, &admin, "/api/v1/reviews").await;
    let list: Value = serde_json::from_str(&list.text()).unwrap();
    assert_eq!(list["rows"][0]["digest"], digest.as_str());
    assert_eq!(list["rows"][0]["state"], "signed");
    let page = get(&plane, &admin, "/reviews/1").await.text();
    assert!(
        !page.contains("/rpc/reviews/"),
        "a signed review has no forms"
    );
}

#[tokio::test]
async fn the_report_on_duties_is_a_page_whose_figures_link_to_events() {
    let plane = Plane::new().await;
    plane.add("approver@example.com", "approver").await;
    let cookie = plane.sign_in(ADMIN).await;
    let answer = get(&plane, &cookie, "/api/v1/segregation").await;
    let found: Value = serde_json::from_str(&answer.text()).unwrap();
    let could = found["could"].as_array().unwrap();
    assert_eq!(could.len(), 2, "{found}");
    let page = get(&plane, &cookie, "/segregation?from=2020-01-01").await;
    assert_eq!(page.status, StatusCode::OK);
    for row in could {
        let link = format!("href=\"/audit/{}\"", row["begun"]);
        assert!(page.text().contains(&link), "{link}");
    }
}
