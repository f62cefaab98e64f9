//! Evidence packages from a running server to somebody who has only the file and the key.

use std::path::Path;

use audit_log::VerifyOptions;
use axum::http::StatusCode;
use evidence::package::{PackageProblem, PackageReport, verify_package};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{ADMIN, Call, Plane};

async fn fetch(plane: &Plane, cookie: &str, query: &str) -> TempDir {
    let path = format!("/api/v1/compliance/soc2/package?{query}");
    let answer = plane.send(Call::get(&path).cookie(cookie).build()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let dir = tempfile::tempdir().unwrap();
    tar::Archive::new(answer.body.as_slice())
        .unpack(dir.path())
        .unwrap();
    dir
}

fn verify(plane: &Plane, dir: &Path) -> Result<PackageReport, PackageProblem> {
    let key = plane.keys.checkpoint.verifier_key();
    let options = VerifyOptions {
        trusted: Some(&key),
        ..VerifyOptions::default()
    };
    verify_package(dir, &key, &options)
}

#[tokio::test]
async fn a_package_says_what_the_log_says_and_every_change_to_it_is_found() {
    let plane = Plane::new().await;
    plane.add("dev@example.com", "developer").await;
    let cookie = plane.sign_in(ADMIN).await;
    let dir = fetch(&plane, &cookie, "seed=auditor&sample=3").await;
    let report = verify(&plane, dir.path()).unwrap();
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
    let key = plane.keys.checkpoint.verifier_key();
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
        let found = verify(&plane, dir.path()).expect_err(name);
        assert!(matches!(found.exit_code(), 1 | 2), "{name}: {found}");
        std::fs::write(&file, whole).unwrap();
    }
    let smuggled = dir.path().join("sample/event-999.json");
    std::fs::write(&smuggled, "{}").unwrap();
    assert_eq!(verify(&plane, dir.path()).unwrap_err().exit_code(), 1);
    std::fs::remove_file(smuggled).unwrap();
    verify(&plane, dir.path()).unwrap();
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
    let path = "/api/v1/compliance/soc2/package";
    let refused = plane.send(Call::get(path).cookie(&cookie).build()).await;
    refused.is_problem(403, "forbidden");
    let cookie = plane.sign_in(ADMIN).await;
    for query in ["sample=501", "seed=%E2%80%AE", "seed=%0a", "sample=many"] {
        let path = format!("{path}?{query}");
        let answer = plane.send(Call::get(&path).cookie(&cookie).build()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
    let unknown = "/api/v1/compliance/sox/package";
    let answer = plane.send(Call::get(unknown).cookie(&cookie).build()).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
