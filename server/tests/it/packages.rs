//! Evidence packages from a running server to somebody who has only the file and the key.

use std::path::Path;
use std::process::Command;

use audit_log::VerifyOptions;
use axum::http::StatusCode;
use control_plane::testing::TestPlane;
use evidence::package::{PackageProblem, PackageReport, verify_package};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{ADMIN, Answer, Call, Plane};

const PACKAGES: &str = "/api/v1/packages";

async fn order(plane: &Plane, cookie: &str, form: &Value) -> Answer {
    plane
        .send(Call::post(PACKAGES).own().cookie(cookie).json(form))
        .await
}

/// Orders a package, lets the workers build it, and downloads it.
async fn fetch(test: &TestPlane, plane: &Plane, cookie: &str, form: &Value) -> TempDir {
    let ordered = order(plane, cookie, form).await;
    assert_eq!(ordered.status, StatusCode::CREATED, "{}", ordered.text());
    let number = ordered.json()["number"].as_i64().unwrap();
    let path = format!("{PACKAGES}/{number}");
    let early = plane
        .send(
            Call::get(&format!("{path}/download"))
                .cookie(cookie)
                .build(),
        )
        .await;
    early.is_problem(409, "conflict");
    test.settle().await;
    let shown = plane.send(Call::get(&path).cookie(cookie).build()).await;
    assert_eq!(shown.json()["row"]["state"], "ready", "{}", shown.text());
    // Whichever replica is asked has it.
    let answer = plane
        .replica()
        .send(
            Call::get(&format!("{path}/download"))
                .cookie(cookie)
                .build(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/x-tar");
    assert_eq!(
        answer.header("content-length"),
        answer.body.len().to_string()
    );
    let dir = tempfile::tempdir().unwrap();
    tar::Archive::new(answer.body.as_slice())
        .unpack(dir.path())
        .unwrap();
    dir
}

fn verify(test: &TestPlane, dir: &Path) -> Result<PackageReport, PackageProblem> {
    let options = VerifyOptions {
        trusted: Some(&test.key),
        ..VerifyOptions::default()
    };
    verify_package(dir, &test.key, &options)
}

/// The second program's exit status, and what it says.
fn in_python(test: &TestPlane, dir: &Path) -> (Option<i32>, String) {
    let checked = Command::new("python3")
        .arg("../tools/audit-verify/verify_package.py")
        .arg(dir)
        .args(["--key", &test.key.to_string()])
        .output()
        .expect("python3 is needed for the second program");
    let says = [checked.stdout, checked.stderr].concat();
    (
        checked.status.code(),
        String::from_utf8_lossy(&says).into_owned(),
    )
}

/// Both find something, and come to the same.
fn refused_by_both(test: &TestPlane, dir: &Path, what: &str) {
    let ours = verify(test, dir).expect_err(what);
    let (code, says) = in_python(test, dir);
    assert_eq!(
        code,
        Some(i32::from(ours.exit_code())),
        "{what}: {ours}, but {says}"
    );
}

#[tokio::test]
async fn a_package_says_what_the_log_says_and_every_change_to_it_is_found() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    plane.add("dev@example.com", "developer").await;
    let cookie = plane.sign_in(ADMIN).await;
    let form = json!({ "framework": "soc2", "seed": "auditor", "sample": "3" });
    // A period ends before its last moment.
    test.clock.advance(chrono::TimeDelta::seconds(1));
    let dir = fetch(&test, &plane, &cookie, &form).await;
    let report = verify(&test, dir.path()).unwrap();
    assert_eq!(report.manifest.sample.events.len(), 3);
    assert!(report.view.events >= 3);

    // The page and the API count the same, from the database.
    let scope = &report.manifest.scope;
    let path = format!(
        "/api/v1/compliance/soc2?from={}&to={}",
        scope.from, scope.to
    );
    let answer = plane.send(Call::get(&path).cookie(&cookie).build()).await;
    let shown: Value = serde_json::from_str(&answer.text()).unwrap();
    assert_eq!(shown, serde_json::to_value(&report.view).unwrap());

    // The log in it is an export like any other.
    let key = test.key.clone();
    audit_log::verify_export(&dir.path().join("log"), Some(&key)).unwrap();

    for name in [
        "INSTRUCTIONS.txt",
        "catalogue.json",
        "controls.csv",
        "events.csv",
        "manifest.json",
        "manifest.sig",
        "oscal.json",
        "package.json",
        "policy.yaml",
        "report.html",
        "log/rows.jsonl",
        "log/checkpoint",
    ] {
        let file = dir.path().join(name);
        let whole = std::fs::read(&file).unwrap();
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 0x01;
        std::fs::write(&file, changed).unwrap();
        refused_by_both(&test, dir.path(), name);
        std::fs::write(&file, whole).unwrap();
    }
    let smuggled = dir.path().join("sample/event-999.json");
    std::fs::write(&smuggled, "{}").unwrap();
    refused_by_both(&test, dir.path(), "a file that nobody signed");
    std::fs::remove_file(smuggled).unwrap();
    std::fs::rename(dir.path().join("policy.yaml"), dir.path().join("kept")).unwrap();
    refused_by_both(&test, dir.path(), "a file that is missing");
    std::fs::rename(dir.path().join("kept"), dir.path().join("policy.yaml")).unwrap();
    verify(&test, dir.path()).unwrap();
    let (code, says) = in_python(&test, dir.path());
    assert_eq!(code, Some(0), "{says}");
    let stranger = audit_log::CheckpointKey::from_seed(key.name(), &[5; 32]).unwrap();
    let options = VerifyOptions::default();
    let theirs = verify_package(dir.path(), &stranger.verifier_key(), &options);
    assert_eq!(theirs.unwrap_err().exit_code(), 1);
}

#[tokio::test]
async fn who_may_not_export_gets_none_and_odd_orders_are_refused() {
    let plane = Plane::new().await;
    plane.add("dev@example.com", "developer").await;
    let cookie = plane.sign_in("dev@example.com").await;
    let refused = order(&plane, &cookie, &json!({ "framework": "soc2" })).await;
    refused.is_problem(403, "forbidden");
    let cookie = plane.sign_in(ADMIN).await;
    for (field, value) in [
        ("sample", "501"),
        ("sample", "many"),
        ("seed", "\u{202e}"),
        ("seed", "a\nb"),
        ("framework", "sox"),
        ("agent", "<script>alert(1)</script>"),
    ] {
        let mut form = json!({ "framework": "soc2" });
        form[field] = json!(value);
        let answer = order(&plane, &cookie, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert_eq!(answer.json()["fields"][0]["field"], field, "{form}");
    }
    let gone = format!("{PACKAGES}/1/download");
    let answer = plane.send(Call::get(&gone).cookie(&cookie).build()).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_orders_without_script_and_shows_how_to_check() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    let cookie = plane.sign_in(ADMIN).await;
    let page = |path: &str| {
        Call::get(path)
            .header("accept", "text/html")
            .cookie(&cookie)
            .build()
    };
    let shown = plane.send(page("/compliance/soc2")).await.text();
    assert!(shown.contains("Build evidence package"), "{shown}");
    let form = "form%5Bframework%5D=soc2&form%5Bseed%5D=auditor";
    let call = Call::post("/rpc/packages/order").own().cookie(&cookie);
    let sent = plane
        .send(call.header("accept", "text/html").form(form))
        .await;
    assert!(
        sent.status.is_redirection(),
        "{} {}",
        sent.status,
        sent.text()
    );
    let to = sent.header("location").to_owned();
    assert!(to.starts_with("/compliance/packages/1?"), "{to}");
    let waits = plane.send(page("/compliance/packages/1")).await.text();
    assert!(waits.contains("Ordered"), "{waits}");
    test.settle().await;
    let ready = plane.send(page("/compliance/packages/1")).await.text();
    for words in [
        "/api/v1/packages/1/download",
        "clearance evidence verify-package",
        "sha256:",
    ] {
        assert!(ready.contains(words), "{words}: {ready}");
    }
    let list = plane.send(page("/compliance/packages")).await.text();
    assert!(list.contains("Package 1: SOC 2, every agent"), "{list}");

    let form = "form%5Bframework%5D=hipaa&form%5Bevery%5D=quarter";
    let call = Call::post("/rpc/packages/add-schedule")
        .own()
        .cookie(&cookie);
    let sent = plane
        .send(call.header("accept", "text/html").form(form))
        .await;
    assert!(
        sent.status.is_redirection(),
        "{} {}",
        sent.status,
        sent.text()
    );
    let shown = plane.send(page("/compliance/schedules")).await.text();
    assert!(shown.contains("HIPAA, every agent"), "{shown}");
    assert!(shown.contains("2026-01-01 to before 2026-04-01"), "{shown}");
}
