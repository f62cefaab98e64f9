//! The registry over HTTP: counts beside filters, lines to take away, similar agents, tools and who uses them.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{ADMIN, Answer, Call, Plane};

async fn html(plane: &Plane, cookie: &str, path: &str) -> Answer {
    let call = Call::get(path).header("accept", "text/html").cookie(cookie);
    plane.send(call.build()).await
}

#[tokio::test]
async fn the_list_counts_what_each_filter_would_show_in_the_page_and_in_the_api() {
    let (_test, plane) = Plane::live().await;
    let cookie = plane.sign_in(ADMIN).await;
    let token = plane.token(ADMIN, "read").await;
    let call = Call::get("/api/v1/agents?status=production").token(&token);
    let list = plane.send(call.build()).await.json();
    assert_eq!(list["fitting"], 1);
    let facets = list["facets"].as_array().unwrap();
    let production = facets.iter().find(|one| one["value"] == "production");
    assert_eq!(production.unwrap()["agents"], 1);
    let page = html(&plane, &cookie, "/agents?status=production").await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    assert!(
        text.contains("Export 1 row") && text.contains("/api/v1/registry/lines?status=production")
    );
    // A filter that would show nothing is not offered.
    assert!(!text.contains("value=\"decommissioned\""));
    let none = html(&plane, &cookie, "/agents?q=zeppelin").await.text();
    assert!(none.contains("Take away: Search"), "{none}");
}

#[tokio::test]
async fn lines_are_taken_away_as_csv_or_json_and_as_nothing_else() {
    let (_test, plane) = Plane::live().await;
    let token = plane.token(ADMIN, "read").await;
    let lines = async |query: &str| {
        let call = Call::get(&format!("/api/v1/registry/lines{query}")).token(&token);
        plane.send(call.build()).await
    };
    let csv = lines("").await;
    assert_eq!(csv.status, StatusCode::OK);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let text = csv.text();
    let mut rows = text.lines();
    assert!(rows.next().unwrap().starts_with("\"agent\",\"team\""));
    assert!(rows.next().unwrap().starts_with("\"refund-assistant\""));
    let json = lines("?format=json&status=never").await.json();
    assert_eq!(json.as_array().map(Vec::len), Some(0));
    lines("?format=xml").await.is_problem(422, "invalid");
    lines("?status=sleeping").await.is_problem(422, "invalid");
    let stranger = Call::get("/api/v1/registry/lines").build();
    assert_eq!(plane.send(stranger).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn two_agents_stand_side_by_side_and_what_is_not_there_is_not_found() {
    let (_test, plane) = Plane::live().await;
    let cookie = plane.sign_in(ADMIN).await;
    let same = "/registry/comparison?one=refund-assistant&other=refund-assistant";
    let page = html(&plane, &cookie, same).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.text()
            .contains("refund-assistant beside refund-assistant")
    );
    let missing = html(
        &plane,
        &cookie,
        "/registry/comparison?one=refund-assistant&other=nobody",
    )
    .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(
        html(&plane, &cookie, "/registry/similar").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_tool_that_nobody_uses_is_not_found_and_a_kind_that_is_none_is_said() {
    let (_test, plane) = Plane::live().await;
    let (cookie, token) = (plane.sign_in(ADMIN).await, plane.token(ADMIN, "read").await);
    let api = async |path: &str| plane.send(Call::get(path).token(&token).build()).await;
    api("/api/v1/tools?kind=hammer")
        .await
        .is_problem(422, "invalid");
    api("/api/v1/tools/hammer/x")
        .await
        .is_problem(404, "not_found");
    api("/api/v1/tools/tool/nobody")
        .await
        .is_problem(404, "not_found");
    for (path, status) in [
        ("/tools", StatusCode::OK),
        ("/tools?kind=hammer", StatusCode::UNPROCESSABLE_ENTITY),
        ("/tools/tool/nobody", StatusCode::NOT_FOUND),
        ("/tools/hammer/x", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(html(&plane, &cookie, path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn agents_are_labelled_by_the_form_of_the_list_and_by_programs() {
    let (test, plane) = Plane::live().await;
    test.agent("second").await;
    let cookie = plane.sign_in(ADMIN).await;
    let page = html(&plane, &cookie, "/agents?status=production")
        .await
        .text();
    assert!(page.contains("name=\"form[agents][0]\"") && page.contains("form[back][status][0]"));
    // As a browser sends it: the box of one row, and where the form stood.
    let form = "form%5Bagents%5D%5B0%5D=refund-assistant&form%5Blabels%5D=pci%2C+eu&form%5Bstep%5D=add\
        &form%5Bback%5D%5Bstatus%5D%5B0%5D=production&form%5Bback%5D%5Bcolumn%5D%5B0%5D=labels";
    let post = |form: &str| {
        Call::post("/rpc/registry/labels")
            .own()
            .cookie(&cookie)
            .header("accept", "text/html")
            .header("referer", "http://127.0.0.1:3000/agents?status=production")
            .form(form)
    };
    let answer = plane.send(post(form)).await;
    assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.text());
    let back = answer.header("location").to_owned();
    assert_eq!(
        back,
        "/agents?status=production&column=labels&notice=labelled"
    );
    let after = html(&plane, &cookie, &back).await.text();
    assert!(
        after.contains("href=\"/agents?label=eu\"") && after.contains("The labels are in the list")
    );
    // The columns are those that were asked for, and no other.
    assert!(after.contains("data-label=\"Labels\"") && !after.contains("data-label=\"Risk\""));
    let wrong = plane
        .send(post(&form.replace("pci%2C+eu", "P%C3%84I")))
        .await;
    assert_eq!(wrong.status, StatusCode::FOUND);
    let wrong = html(&plane, &cookie, wrong.header("location")).await.text();
    assert!(
        wrong.contains("Write labels in lower-case letters"),
        "{wrong}"
    );

    let token = plane.token(ADMIN, "read write").await;
    let label = async |body: serde_json::Value| {
        let call = Call::post("/api/v1/registry/labels")
            .token(&token)
            .json(&body);
        plane.send(call).await
    };
    let done =
        label(json!({ "agents": ["second", "refund-assistant"], "labels": "eu", "step": "add" }))
            .await;
    assert_eq!(
        (done.status, done.json()),
        (StatusCode::OK, json!({ "changed": 1 }))
    );
    label(json!({ "agents": [], "labels": "eu", "step": "add" }))
        .await
        .is_problem(422, "invalid");
    label(json!({ "agents": ["nobody"], "labels": "eu", "step": "add" }))
        .await
        .is_problem(404, "not_found");
    let call = Call::get("/api/v1/agents?label=eu").token(&token);
    let list = plane.send(call.build()).await.json();
    assert_eq!(list["fitting"], 2);
    let call = Call::get("/api/v1/agents?column=price").token(&token);
    plane.send(call.build()).await.is_problem(422, "invalid");
}

#[tokio::test]
async fn the_density_of_tables_is_kept_in_the_browser() {
    let (_test, plane) = Plane::live().await;
    let cookie = plane.sign_in(ADMIN).await;
    let call = Call::post("/density").own().cookie(&cookie);
    let answer = plane.send(call.form("density=compact")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(
        answer
            .header("set-cookie")
            .starts_with("clearance_density=compact")
    );
    let both = format!("{cookie}; clearance_density=compact");
    let page = html(&plane, &both, "/agents").await.text();
    assert!(page.contains("data-density=\"compact\""));
    // What is no density is the usual one.
    let other = format!("{cookie}; clearance_density=%22x");
    assert!(
        html(&plane, &other, "/agents")
            .await
            .text()
            .contains("data-density=\"comfortable\"")
    );
}
