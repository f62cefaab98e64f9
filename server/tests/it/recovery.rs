//! Findings, incidents, quarantine and rollback on their pages and in the API, without script.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chrono::TimeDelta;
use control_plane::testing::{TestAgent, TestPlane};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use serde_json::{Value, json};

use crate::support::{ADMIN, Call, Plane};

/// Two versions went to production one after the other: #2 was replaced by #4.
async fn two_versions(test: &TestPlane) -> TestAgent {
    let agent = test.agent("refund-assistant").await;
    let approver = test.person("approver@example.com", Role::Approver).await;
    for (code, number) in [("print('one')\n", 2), ("print('two')\n", 4)] {
        test.push(&agent, agent.files_with("agent.py", code)).await;
        test.settle().await;
        test.approve(&approver, number).await.unwrap();
        test.settle().await;
        assert_eq!(test.state(number).await, DeploymentState::Live);
    }
    agent
}

fn page(path: &str, cookie: &str) -> Request<Body> {
    let call = Call::get(path).header("accept", "text/html");
    call.cookie(cookie).build()
}

fn post(path: &str, cookie: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let form: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("form%5B{name}%5D={}", value.replace(' ', "+")))
        .collect();
    Call::post(path)
        .own()
        .cookie(cookie)
        .header("accept", "text/html")
        .header("referer", "http://127.0.0.1:3000/incidents")
        .form(&form.join("&"))
}

/// The text of a page that is there.
async fn text(plane: &Plane, path: &str, cookie: &str) -> String {
    let answer = plane.send(page(path, cookie)).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer.text()
}

#[tokio::test]
async fn an_incident_is_opened_quarantined_rolled_back_and_closed_without_script() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    two_versions(&test).await;
    let cookie = plane.sign_in(ADMIN).await;
    let opened = plane
        .send(post(
            "/rpc/incidents/open",
            &cookie,
            &[
                ("agent", "refund-assistant"),
                ("environment", "production"),
                ("title", "It pays <b>refunds</b> twice"),
            ],
        ))
        .await;
    assert_eq!(
        opened.header("location"),
        "/incidents/INC-1?notice=incident_opened"
    );
    let shown = text(&plane, "/incidents/INC-1", &cookie).await;
    assert!(
        shown.contains("It pays &lt;b&gt;refunds&lt;/b&gt; twice"),
        "{shown}"
    );
    assert!(shown.contains("Put into quarantine") && shown.contains("Roll back to v2.3.0"));
    assert!(text(&plane, "/", &cookie).await.contains("INC-1"));
    assert!(
        text(&plane, "/incidents", &cookie)
            .await
            .contains("Opened by a person")
    );

    let on = |reason| [("number", "INC-1"), ("reason", reason)];
    let held = plane
        .send(post(
            "/rpc/quarantines/begin",
            &cookie,
            &on("It must stop at once"),
        ))
        .await;
    assert_eq!(
        held.header("location"),
        "/incidents/INC-1?notice=quarantine_begun"
    );
    test.settle().await;
    let shown = text(&plane, "/incidents/INC-1", &cookie).await;
    assert!(shown.contains("In quarantine") && shown.contains("Release from quarantine"));

    let plan = text(&plane, "/deployments/4/rollback", &cookie).await;
    for part in [
        "Runtime",
        "Image",
        "Config bundle",
        "Identity scopes",
        "Registry",
    ] {
        assert!(plan.contains(part), "{part}");
    }
    assert!(plan.contains("Roll back to v2.3.0") && plan.contains("INC-1"));
    let short = plane
        .send(post(
            "/rpc/rollbacks/start",
            &cookie,
            &[("number", "4"), ("reason", "no")],
        ))
        .await;
    assert!(
        short.header("location").contains("__err"),
        "{}",
        short.header("location")
    );
    let back = [
        ("number", "4"),
        ("target", "2"),
        ("reason", "It pays refunds twice"),
    ];
    let begun = plane
        .send(post("/rpc/rollbacks/start", &cookie, &back))
        .await;
    assert_eq!(
        begun.header("location"),
        "/deployments/4/rollback?notice=rollback_started"
    );
    assert!(
        text(&plane, "/deployments/4/rollback", &cookie)
            .await
            .contains("on its way")
    );
    test.clock.advance(TimeDelta::seconds(6));
    test.settle().await;
    let done = text(&plane, "/deployments/4/rollback", &cookie).await;
    assert!(
        done.contains("It took 6 s") && done.contains("all five parts are restored"),
        "{done}"
    );

    let shown = text(&plane, "/incidents/INC-1", &cookie).await;
    assert!(shown.contains("Rolled back by deployment #5"), "{shown}");
    assert!(!text(&plane, "/", &cookie).await.contains("INC-1"));
    plane
        .send(post(
            "/rpc/incidents/close",
            &cookie,
            &on("The ledger was read twice"),
        ))
        .await;
    let shown = text(&plane, "/incidents/INC-1", &cookie).await;
    assert!(shown.contains("The ledger was read twice") && !shown.contains("Take it over"));
    test.finish().await;
}

#[tokio::test]
async fn the_api_does_what_the_pages_do() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    two_versions(&test).await;
    let token = plane.token(ADMIN, "read write").await;
    let get = async |path: &str| -> Value {
        let answer = plane.send(Call::get(path).token(&token).build()).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer.json()
    };
    let send = async |path: &str, body: Value| {
        let answer = plane.send(Call::post(path).token(&token).json(&body)).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
        answer.json()
    };
    let plan = get("/api/v1/deployments/4/rollback").await;
    assert_eq!(
        (&plan["readiness"], &plan["to"]["number"]),
        (&json!("ready"), &json!(2))
    );
    let incident =
        json!({"agent": "refund-assistant", "environment": "production", "title": "It pays twice"});
    assert_eq!(send("/api/v1/incidents", incident).await["number"], 1);
    let reason = json!({"reason": "It must stop at once"});
    send("/api/v1/incidents/INC-1/quarantine", reason.clone()).await;
    test.settle().await;
    let found = get("/api/v1/incidents/1").await;
    assert_eq!(found["quarantines"][0]["state"], "in_force");
    send("/api/v1/incidents/1/release", reason.clone()).await;
    test.settle().await;
    send("/api/v1/incidents/1/mitigate", reason.clone()).await;
    send("/api/v1/incidents/1/close", reason.clone()).await;
    assert_eq!(
        get("/api/v1/incidents?state=closed").await["rows"][0]["number"],
        1
    );

    let breach = json!({"number": "4", "reason": "Hallucination 0.871, needs 0.920"});
    send("/api/v1/agents/refund-assistant/breaches", breach).await;
    test.settle().await;
    assert_eq!(test.state(4).await, DeploymentState::RolledBack);
    assert_eq!(
        get("/api/v1/incidents?state=mitigated").await["rows"][0]["cause"],
        "evaluation"
    );

    test.fakes.runtime.tamper("clearance-5", |order| {
        order.environment.insert("EXTRA".to_owned(), "1".to_owned());
    });
    for _ in 0..3 {
        test.clock.advance(TimeDelta::minutes(2));
        test.settle().await;
    }
    let findings = get("/api/v1/findings?kind=drift").await;
    assert_eq!(findings["rows"][0]["kind"], "drift_config");
    let number = findings["rows"][0]["number"].as_i64().unwrap();
    let detail = get(&format!("/api/v1/findings/{number}")).await;
    assert!(
        detail["found"]
            .as_str()
            .unwrap()
            .contains("EXTRA was added")
    );
    send(&format!("/api/v1/findings/{number}/revert"), reason).await;
    test.settle().await;
    test.clock.advance(TimeDelta::minutes(2));
    test.settle().await;
    assert_eq!(get("/api/v1/findings?kind=drift").await["rows"], json!([]));
    test.finish().await;
}

#[tokio::test]
async fn a_finding_is_ignored_without_script_and_a_wrong_day_says_so() {
    let test = TestPlane::new().await;
    test.fakes.runtime.add_foreign("foreign-<agent>");
    for _ in 0..3 {
        test.clock.advance(TimeDelta::minutes(2));
        test.settle().await;
    }
    let plane = Plane::over(&test).await;
    let cookie = plane.sign_in(ADMIN).await;
    let list = text(&plane, "/findings", &cookie).await;
    assert!(
        list.contains("Unregistered runtime") && list.contains("foreign-&lt;agent&gt;"),
        "{list}"
    );
    let until = |day| {
        [
            ("number", "1"),
            ("until", day),
            ("reason", "It is moved next week"),
        ]
    };
    let wrong = plane
        .send(post("/rpc/findings/ignore", &cookie, &until("yesterday")))
        .await;
    assert!(wrong.header("location").contains("__err"));
    let done = plane
        .send(post("/rpc/findings/ignore", &cookie, &until("2026-03-20")))
        .await;
    assert_eq!(
        done.header("location"),
        "/findings/1?notice=finding_ignored"
    );
    let shown = text(&plane, "/findings/1", &cookie).await;
    assert!(shown.contains("looks away from it until"), "{shown}");
    let open = text(&plane, "/findings", &cookie).await;
    assert!(!open.contains("foreign-&lt;agent&gt;"), "{open}");
    test.finish().await;
}

#[tokio::test]
async fn a_finding_is_given_to_a_person_by_the_form_and_by_the_api() {
    let test = TestPlane::new().await;
    test.fakes.runtime.add_foreign("foreign-agent");
    for _ in 0..3 {
        test.clock.advance(TimeDelta::minutes(2));
        test.settle().await;
    }
    let plane = Plane::over(&test).await;
    plane.add("ops@example.com", "operator").await;
    let cookie = plane.sign_in("ops@example.com").await;
    let page = text(&plane, "/findings/1", &cookie).await;
    assert!(
        page.contains("Assign owner") && page.contains(">ops</option>"),
        "{page}"
    );
    let give = |owner| [("number", "1"), ("owner", owner)];
    let wrong = plane
        .send(post(
            "/rpc/findings/assign",
            &cookie,
            &give("stranger@example.com"),
        ))
        .await;
    assert!(wrong.header("location").contains("__err"));
    let done = plane
        .send(post(
            "/rpc/findings/assign",
            &cookie,
            &give("ops@example.com"),
        ))
        .await;
    assert_eq!(done.header("location"), "/findings/1?notice=finding_owned");
    let page = text(&plane, "/findings/1", &cookie).await;
    assert!(page.contains(r#"selected"#), "{page}");
    let list = text(&plane, "/findings", &cookie).await;
    assert!(list.contains(">ops<"), "{list}");
    let token = plane.token("ops@example.com", "read write").await;
    let call = Call::post("/api/v1/findings/1/owner")
        .token(&token)
        .json(&json!({ "owner": "" }));
    let none = plane.send(call).await;
    assert_eq!(none.status, StatusCode::OK, "{}", none.text());
    let call = Call::get("/api/v1/findings/1").token(&token).build();
    assert_eq!(plane.send(call).await.json()["row"]["owner"], json!(null));
    test.finish().await;
}
