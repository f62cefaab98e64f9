//! Whoever has the database's password changes the log, with its seals taken off: seeded places, every kind that a database
//! knows. An export of it never verifies, and a database that is not the one that was signed gets no signature and no change.
//! The verifiers themselves are tried with thousands of cases in the crate `audit-log`.

use audit_log::{Frontier, leaf_hash, projection};
use control_plane::audit::{self, Recovery};
use control_plane::testing::TestPlane;

use crate::audit::unseal;
use crate::support::World;

const ROUNDS: u64 = 6;

/// A world whose log was signed and copied, without seals.
async fn signed() -> (World, u64) {
    let world = World::asked().await;
    let size = world.plane.verify_log().await.unwrap().size;
    for table in ["audit_leaves", "audit_hashes"] {
        unseal(&world, table).await;
        let copy = format!("CREATE TABLE saved_{table} AS SELECT * FROM {table}");
        world.plane.sql(&copy).await.unwrap();
    }
    (world, size)
}

/// Puts back what was signed at first; what came after stays.
async fn put_back(plane: &TestPlane, size: u64) {
    let hashes = audit_log::stored_hash_count(size);
    for (table, end) in [("audit_leaves", size), ("audit_hashes", hashes)] {
        let gone = format!("DELETE FROM {table} WHERE idx < {end}");
        plane.sql(&gone).await.unwrap();
        let back = format!("INSERT INTO {table} SELECT * FROM saved_{table}");
        plane.sql(&back).await.unwrap();
    }
    audit::examine(&plane.cp).await.unwrap();
}

/// What a forger runs, and how the finding names the place.
fn attacks(at: u64, other: u64) -> Vec<(&'static str, Vec<String>, String)> {
    let update = |what: &str| vec![format!("UPDATE audit_leaves SET {what} WHERE idx = {at}")];
    let of_other = |column: &str| {
        update(&format!(
            "{column} = (SELECT {column} FROM audit_leaves WHERE idx = {other})"
        ))
    };
    let named = format!("entry {at}");
    let swapped = vec![
        format!("UPDATE audit_leaves SET idx = -1 WHERE idx = {at}"),
        format!("UPDATE audit_leaves SET idx = {at} WHERE idx = {other}"),
        format!("UPDATE audit_leaves SET idx = {other} WHERE idx = -1"),
    ];
    vec![
        ("another fact", of_other("leaf"), named.clone()),
        ("another hash", of_other("leaf_hash"), named.clone()),
        (
            "another actor on pages",
            update("actor_name = 'nobody'"),
            named.clone(),
        ),
        (
            "another outcome on pages",
            update("outcome = 'forged'"),
            named.clone(),
        ),
        (
            "another time on pages",
            update("time = '2020-01-01T00:00:00.000000Z'"),
            named.clone(),
        ),
        (
            "another deployment on pages",
            update("deployment = 4711"),
            named.clone(),
        ),
        (
            "a deletion",
            vec![format!("DELETE FROM audit_leaves WHERE idx = {at}")],
            named.clone(),
        ),
        (
            "a cut",
            vec![format!(
                "DELETE FROM audit_leaves WHERE idx >= {at} AND idx < {other}"
            )],
            named,
        ),
        ("two that changed places", swapped, "tampered".to_owned()),
    ]
}

#[tokio::test]
async fn an_export_of_an_altered_database_never_verifies() {
    let (world, size) = signed().await;
    let plane = &world.plane;
    for round in 0..ROUNDS {
        let at = 2 + (round * 7_919) % (size - 8);
        for (what, statements, named) in attacks(at, at + 1 + round) {
            for statement in statements {
                plane.sql(&statement).await.unwrap();
            }
            let found = plane.verify_log().await.expect_err(what);
            assert!(found.contains(&named), "{what} at {at}: {found}");
            put_back(plane, size).await;
        }
        plane.verify_log().await.unwrap();
    }
    world.plane.remove().await;
}

/// Entry, hash, row and every hash above them: nothing is left in the database to disagree.
#[tokio::test]
async fn a_history_rewritten_down_to_the_last_hash_gets_no_signature_and_no_change() {
    let (world, size) = signed().await;
    let plane = &world.plane;
    let ctx = plane.system();
    let items = audit::export_items(&plane.cp, &ctx, 0, size).await.unwrap();
    let blob = |bytes: &[u8]| {
        if plane.is_postgres() {
            format!("'\\x{}'::bytea", hex::encode(bytes))
        } else {
            format!("X'{}'", hex::encode(bytes))
        }
    };
    let at = size / 2;
    let mut tree = Frontier::new();
    for item in &items {
        let mut leaf = item.leaf.clone();
        if item.index == at {
            leaf = String::from_utf8(leaf)
                .unwrap()
                .replace("\"done\"", "\"refused\"")
                .into_bytes();
            let row = projection(at, &leaf).unwrap();
            let statement = format!(
                "UPDATE audit_leaves SET leaf = {}, leaf_hash = '{}', outcome = '{}' WHERE idx = {at}",
                blob(&leaf),
                row.leaf_hash,
                row.outcome
            );
            plane.sql(&statement).await.unwrap();
        }
        for (index, hash) in tree.push(leaf_hash(&leaf)).unwrap() {
            let bytes = blob(hash.as_bytes());
            let statement = format!("UPDATE audit_hashes SET hash = {bytes} WHERE idx = {index}");
            plane.sql(&statement).await.unwrap();
        }
    }
    assert_eq!(audit::publish(&plane.cp).await.unwrap(), None);
    let recovery = plane.cp.recovery().expect("recovery mode");
    assert_eq!(
        recovery,
        Recovery {
            signed: size,
            found: size
        }
    );
    let refused = plane.verify_log().await.unwrap_err();
    assert!(refused.contains("recovery mode"), "{refused}");
    put_back(plane, size).await;
    plane.verify_log().await.unwrap();
    world.plane.remove().await;
}

#[tokio::test]
async fn a_database_set_back_to_a_backup_is_read_only_until_it_is_whole_again() {
    let (world, size) = signed().await;
    let plane = &world.plane;
    unseal(&world, "checkpoints").await;
    let before = size / 2;
    let hashes = audit_log::stored_hash_count(before);
    for statement in [
        format!("DELETE FROM audit_leaves WHERE idx >= {before}"),
        format!("DELETE FROM audit_hashes WHERE idx >= {hashes}"),
        format!("UPDATE audit_tree SET size = {before}"),
        format!("DELETE FROM checkpoints WHERE size > {before}"),
    ] {
        plane.sql(&statement).await.unwrap();
    }
    assert_eq!(audit::publish(&plane.cp).await.unwrap(), None);
    assert_eq!(
        plane.cp.recovery(),
        Some(Recovery {
            signed: size,
            found: before
        })
    );
    let decided = plane.approve(&world.approver, 2).await.unwrap_err();
    assert_eq!(decided.to_api().code(), "recovery");
    let chain = audit::chain(&plane.cp).await.unwrap();
    assert_eq!((chain.intact, chain.size), (false, before));

    let back = format!("UPDATE audit_tree SET size = {size}");
    plane.sql(&back).await.unwrap();
    put_back(plane, size).await;
    assert_eq!(plane.cp.recovery(), None);
    plane.approve(&world.approver, 2).await.unwrap();
    plane.verify_log().await.unwrap();
    world.plane.remove().await;
}
