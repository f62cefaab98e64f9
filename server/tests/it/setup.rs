//! From the form that registers an agent to the page that says what is missing, without script; and the same look on the command line.

use std::path::Path;
use std::process::{Command, Output};

use axum::http::StatusCode;
use control_plane::fakes::NewCommit;
use control_plane::testing::{TEAM, TestAgent, TestPlane};
use domain::agent::{AgentManifest, Framework, Risk};

use crate::support::{ADMIN, Call, Plane};

const PAGE: &str = "/agents/refund-assistant/setup";

#[tokio::test]
async fn onboarding_leads_to_what_is_missing_and_to_a_file_that_parses() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    let agent = TestAgent::new("refund-assistant");
    let cookie = plane.sign_in(ADMIN).await;
    let get = |path: &str| {
        Call::get(path)
            .header("accept", "text/html")
            .cookie(&cookie)
            .build()
    };
    let form = format!(
        "form%5Bslug%5D={}&form%5Bteam%5D={TEAM}&form%5Bconnection%5D=acme&form%5Brepository%5D={}",
        agent.slug, agent.repository
    );
    let post = Call::post("/rpc/agents/onboard")
        .own()
        .cookie(&cookie)
        .header("accept", "text/html")
        .form(&form);
    let answer = plane.send(post).await;
    assert_eq!(answer.status, StatusCode::FOUND, "{}", answer.text());
    assert_eq!(
        answer.header("location"),
        format!("{PAGE}?notice=onboarded")
    );

    let before = plane.send(get(PAGE)).await;
    assert_eq!(before.status, StatusCode::OK);
    let html = before.text();
    assert!(
        html.contains("is looking at the repository") && html.contains("</html>"),
        "{html}"
    );
    assert!(html.contains("https://clearance.test/webhooks/github/acme"));
    assert!(!html.contains("Look again"), "one is under way");
    let file = plane
        .send(get("/api/v1/agents/refund-assistant/setup/manifest"))
        .await;
    assert_eq!(file.status, StatusCode::NOT_FOUND);

    let files = [("agent.py".to_owned(), "print('hello')\n".to_owned())].into();
    test.commit(
        &agent,
        NewCommit {
            files,
            ..NewCommit::default()
        },
    );
    test.settle().await;
    let html = plane.send(get(PAGE)).await.text();
    for text in [
        "There is no clearance.yaml",
        "The entry point is agent.py",
        "Look again",
        "entrypoint: agent.py",
    ] {
        assert!(html.contains(text), "{text} is not in {html}");
    }
    let html = plane.send(get(&format!("{PAGE}?risk=high"))).await.text();
    assert!(html.contains("risk: high"));
    assert_eq!(
        plane.send(get(&format!("{PAGE}?risk=odd"))).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );

    let file = plane
        .send(get(
            "/api/v1/agents/refund-assistant/setup/manifest?risk=low",
        ))
        .await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(
        file.header("content-disposition")
            .contains("clearance.yaml")
    );
    let manifest = AgentManifest::parse(&file.text()).unwrap();
    assert_eq!(
        (manifest.agent.as_str(), manifest.risk),
        ("refund-assistant", Risk::Low)
    );

    let post = Call::post("/rpc/agents/look")
        .own()
        .cookie(&cookie)
        .header("accept", "text/html")
        .form("form%5Bagent%5D=refund-assistant");
    let answer = plane.send(post).await;
    assert_eq!(
        answer.header("location"),
        format!("{PAGE}?notice=look_ordered")
    );
    assert_eq!(test.count_events("look_ordered").await, 1);
    test.settle().await;
    test.finish().await;
}

fn detect(words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clearance"));
    command.args(["agents", "detect"]).args(words);
    command.output().unwrap()
}

#[test]
fn the_command_line_proposes_what_parses_and_says_what_it_could_not_tell() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let folder = examples.join("pricing-analyst");
    let folder = folder.to_str().unwrap();
    let found = detect(&[folder, "--risk", "high"]);
    assert_eq!(found.status.code(), Some(0));
    let proposal = String::from_utf8(found.stdout).unwrap();
    let manifest = AgentManifest::parse(&proposal).unwrap();
    assert_eq!(
        (manifest.framework, manifest.risk),
        (Framework::Strands, Risk::High)
    );
    assert_eq!(manifest.config.tools.len(), 2);
    let facts = String::from_utf8(found.stderr).unwrap();
    assert!(
        facts.contains("framework: Strands (agent.py:10)"),
        "{facts}"
    );

    let json = detect(&[folder, "--json", "--agent", "other"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["agent"], "other");
    assert_eq!(json["found"]["entrypoint"]["value"], "agent.py");

    let empty = tempfile::tempdir().unwrap();
    assert_eq!(
        detect(&[empty.path().to_str().unwrap()]).status.code(),
        Some(1)
    );
    assert_eq!(detect(&["/no/such/folder"]).status.code(), Some(2));
    assert_eq!(detect(&[folder, "--risk", "odd"]).status.code(), Some(2));
    assert_eq!(
        detect(&[folder, "--agent", "Not A Slug"]).status.code(),
        Some(2)
    );
}
