//! The log for outside verifiers, and the export that the offline verifier reads.

use audit_log::{open, verify_export};
use axum::http::StatusCode;
use control_plane::audit;

use crate::support::{ADMIN, Call, Plane};

#[tokio::test]
async fn the_checkpoint_is_signed_and_its_tiles_are_there() {
    let plane = Plane::new().await;
    audit::publish(&plane.cp).await.unwrap();
    let answer = plane.get("/log/v1/checkpoint").await;
    assert_eq!(answer.status, StatusCode::OK);
    let key = plane.keys.checkpoint.verifier_key();
    let checkpoint = open(&answer.text(), std::slice::from_ref(&key)).unwrap();
    let tile = plane
        .get(&format!("/log/v1/tile/0/000.p/{}", checkpoint.size))
        .await;
    assert_eq!(tile.status, StatusCode::OK);
    assert_eq!(
        u64::try_from(tile.body.len()).unwrap(),
        checkpoint.size * 32
    );
    assert_eq!(
        tile.header("cache-control"),
        "no-cache",
        "a partial tile is replaced"
    );
    let beyond = plane
        .get(&format!("/log/v1/tile/0/000.p/{}", checkpoint.size + 1))
        .await;
    beyond.is_problem(404, "not_found");
}

#[tokio::test]
async fn entries_need_a_permission() {
    let plane = Plane::new().await;
    audit::publish(&plane.cp).await.unwrap();
    plane
        .get("/log/v1/tile/entries/000.p/1")
        .await
        .is_problem(401, "unauthenticated");
    let token = plane.token(ADMIN, "read").await;
    let answer = plane
        .send(
            Call::get("/log/v1/tile/entries/000.p/1")
                .token(&token)
                .build(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.text().contains("set_up"));
}

#[tokio::test]
async fn odd_tile_names_are_not_found() {
    let plane = Plane::new().await;
    for path in [
        "0/000/../../../../etc/passwd",
        "entries/..",
        "64/000",
        "0/0",
        "0/000.p/256",
        "0/000.p/0",
        "0/x000",
        "%2e%2e/checkpoint",
    ] {
        let answer = plane.get(&format!("/log/v1/tile/{path}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn an_export_verifies_and_a_changed_one_does_not() {
    let plane = Plane::new().await;
    plane.add("dev@example.com", "developer").await;
    let cookie = plane.sign_in(ADMIN).await;
    let answer = plane
        .send(Call::get("/api/v1/audit/export").cookie(&cookie).build())
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let dir = tempfile::tempdir().unwrap();
    tar::Archive::new(answer.body.as_slice())
        .unpack(dir.path())
        .unwrap();
    let key = plane.keys.checkpoint.verifier_key();
    let report = verify_export(dir.path(), Some(&key)).unwrap();
    assert!(report.size >= 4);
    let rows = dir.path().join("rows.jsonl");
    let text = std::fs::read_to_string(&rows).unwrap();
    std::fs::write(&rows, text.replacen("user_created", "team_created", 1)).unwrap();
    assert_eq!(
        verify_export(dir.path(), Some(&key))
            .unwrap_err()
            .exit_code(),
        1
    );
}

#[tokio::test]
async fn an_export_needs_its_own_permission() {
    let plane = Plane::new().await;
    plane.add("dev@example.com", "developer").await;
    let cookie = plane.sign_in("dev@example.com").await;
    plane
        .send(Call::get("/api/v1/audit/export").cookie(&cookie).build())
        .await
        .is_problem(403, "forbidden");
}
