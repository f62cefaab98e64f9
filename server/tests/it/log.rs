//! The log for outside verifiers, and the export that the offline verifier reads.

use std::collections::BTreeMap;

use audit_log::{open, verify_export};
use axum::http::StatusCode;
use control_plane::testing::TestPlane;
use control_plane::{audit, people};
use domain::actor::Role;
use domain::form::person::TeamForm;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Tile, TileHashReader, TileReader, check_record, prove_record, record_hash,
};

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

/// Tiles as a client of other logs reads them, by their paths.
struct Fetched(BTreeMap<String, Vec<u8>>);

impl TileReader for Fetched {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::tlog::Error> {
        let read = |tile: &Tile| self.0.get(&tile.path()).cloned();
        let missing = tlog_tiles::tlog::Error::InvalidTile;
        tiles.iter().map(read).collect::<Option<_>>().ok_or(missing)
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// Entries of a bundle: each with its length in two bytes before it.
fn entries(mut bundle: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some((length, rest)) = bundle.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at(usize::from(u16::from_be_bytes(*length)));
        all.push(entry.to_vec());
        bundle = rest;
    }
    all
}

#[tokio::test]
async fn a_client_of_other_logs_proves_entries_by_what_is_served() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    let admin = test.person("teams@example.com", Role::Administrator).await;
    for number in 0..300 {
        let form = TeamForm {
            slug: format!("team-{number}"),
            name: format!("Team {number}"),
        };
        people::create_team(&test.cp, &admin, &form).await.unwrap();
    }
    audit::publish(&test.cp).await.unwrap();

    let key = StandardVerifier::new(&test.key.to_string()).unwrap();
    let note = plane.get("/log/v1/checkpoint").await;
    let note = Note::from_bytes(&note.body).unwrap();
    note.verify(&VerifierList::new(vec![Box::new(key)]))
        .unwrap();
    let head = Checkpoint::from_bytes(note.text()).unwrap();
    assert!(head.size() > 256, "more than a tile");
    let (mut tiles, mut leaves) = (BTreeMap::new(), Vec::new());
    for tile in Tile::new_tiles(8, 0, head.size()) {
        // Of tlog-tiles the height is fixed, and not in the path.
        let path = tile.path().replacen("tile/8/", "tile/", 1);
        let answer = plane.get(&format!("/log/v1/{path}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        tiles.insert(tile.path(), answer.body);
    }
    let cookie = plane.sign_in(ADMIN).await;
    for bundle in ["000".to_owned(), format!("001.p/{}", head.size() - 256)] {
        let call = Call::get(&format!("/log/v1/tile/entries/{bundle}")).cookie(&cookie);
        leaves.extend(entries(&plane.send(call.build()).await.body));
    }
    let mut reader = Fetched(tiles);
    for index in [0, 1, 255, 256, head.size() - 1] {
        let hashes = TileHashReader::new(head.size(), *head.hash(), &reader);
        let proof = prove_record(head.size(), index, &hashes).unwrap();
        let leaf = record_hash(&leaves[usize::try_from(index).unwrap()]);
        check_record(&proof, head.size(), *head.hash(), index, leaf).unwrap();
        let other = record_hash(b"something else");
        assert!(check_record(&proof, head.size(), *head.hash(), index, other).is_err());
    }
    let tile = reader.0.values_mut().next().unwrap();
    tile[40] ^= 1;
    let hashes = TileHashReader::new(head.size(), *head.hash(), &reader);
    // Either the tile or what it proves is refused.
    let proven = prove_record(head.size(), 0, &hashes).and_then(|proof| {
        check_record(
            &proof,
            head.size(),
            *head.hash(),
            0,
            record_hash(&leaves[0]),
        )
    });
    assert!(proven.is_err());
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
