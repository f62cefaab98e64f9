//! A finding is waived and the waiver revoked without script, from the report in which it stands; the API tells the same.

use axum::http::StatusCode;
use control_plane::testing::TestPlane;
use domain::gate::{Gate, Verdict};

use crate::support::{Call, Plane};

const APPROVER: &str = "approver@example.com";

fn page(path: &str, cookie: &str) -> axum::http::Request<axum::body::Body> {
    Call::get(path)
        .header("accept", "text/html")
        .cookie(cookie)
        .build()
}

#[tokio::test]
async fn a_finding_is_waived_and_the_waiver_revoked_without_script() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    plane.add(APPROVER, "approver").await;
    let agent = test.agent("refund-assistant").await;
    test.fakes.verdicts.set(Gate::ImageScan, Verdict::Failed);
    test.push(&agent, agent.files()).await;
    assert!(test.settle().await.is_empty());
    let cookie = plane.sign_in(APPROVER).await;

    let link =
        "/waivers/new?deployment=1&amp;gate=image_scan&amp;finding=fake-rule&amp;location=agent.py";
    for path in ["/deployments/1/evaluation", "/deployments/1"] {
        let html = plane.send(page(path, &cookie)).await.text();
        assert!(html.contains(link), "{path} has no way to waive");
    }
    let asked = plane.send(page(&link.replace("&amp;", "&"), &cookie)).await;
    let html = asked.text();
    assert!(html.contains("Waive finding") && html.contains("Something is wrong here."));
    let nothing = "/waivers/new?deployment=1&gate=image_scan&finding=other&location=agent.py";
    let missing = plane.send(page(nothing, &cookie)).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);

    let give = |until: &str| {
        let body = format!(
            "form%5Bdeployment%5D=1&form%5Bgate%5D=image_scan&form%5Bfinding%5D=fake-rule&form%5Blocation%5D=agent.py&form%5Benvironment%5D=non_prod&form%5Buntil%5D={until}&form%5Breason%5D=Not+reachable+here"
        );
        Call::post("/rpc/waivers/give")
            .own()
            .cookie(&cookie)
            .header("accept", "text/html")
            .form(&body)
    };
    let given = plane.send(give("2026-03-10")).await;
    let location = given.header("location").to_owned();
    assert_eq!(
        location,
        "/waivers/1?notice=waiver_given",
        "{}",
        given.text()
    );
    let shown = plane.send(page(&location, &cookie)).await.text();
    assert!(shown.contains("Waiver W-1") && shown.contains("Revoke waiver"));
    let list = plane.send(page("/waivers", &cookie)).await.text();
    assert!(list.contains("fake-rule") && list.contains("Active"));

    let revoked = plane
        .send(
            Call::post("/rpc/waivers/revoke")
                .own()
                .cookie(&cookie)
                .header("accept", "text/html")
                .form("form%5Bnumber%5D=1&form%5Breason%5D=It+is+reachable"),
        )
        .await;
    assert_eq!(
        revoked.header("location"),
        "/waivers/1?notice=waiver_revoked"
    );
    let token = plane.token(APPROVER, "read").await;
    let answer = plane
        .send(Call::get("/api/v1/waivers").token(&token).build())
        .await;
    let rows = answer.json();
    let row = &rows["rows"][0];
    assert_eq!(
        (row["state"].as_str(), row["revoke_reason"].as_str()),
        (Some("revoked"), Some("It is reachable")),
        "{rows}"
    );
    test.finish().await;
}
