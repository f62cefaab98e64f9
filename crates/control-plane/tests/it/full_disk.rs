//! A database that takes nothing any more: the disk is full, or its file can only be read. Every change is refused and changes
//! nothing, reading goes on, and once there is room again so does everything else, by itself.

use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, audit, people};
use domain::actor::Role;
use domain::form::person::TeamForm;

use crate::support::World;

/// Tables that the changes here write to.
const TABLES: [&str; 5] = [
    "teams",
    "decisions",
    "audit_leaves",
    "audit_hashes",
    "outbox",
];

async fn rows(plane: &TestPlane) -> Vec<Vec<String>> {
    let mut counts = Vec::new();
    for table in TABLES {
        let count = format!("SELECT CAST(count(*) AS TEXT) FROM {table}");
        counts.push(plane.column(&count).await);
    }
    counts
}

async fn add_team(plane: &TestPlane, ctx: &OpCtx, number: usize) -> Result<(), Error> {
    let form = TeamForm {
        slug: format!("team-{number}"),
        name: "A name of some length. ".repeat(3).trim().to_owned(),
    };
    people::create_team(&plane.cp, ctx, &form).await
}

fn refused(outcome: Result<(), Error>) {
    let error = outcome.expect_err("a refusal");
    assert_eq!(error.to_api().code(), "unavailable", "{error:?}");
}

#[tokio::test]
async fn on_a_full_disk_every_change_is_refused_and_it_recovers_alone() {
    let world = World::asked().await;
    let plane = &world.plane;
    if plane.is_postgres() {
        return world.plane.finish().await;
    }
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    // SQLite says then what it says when the disk is full; it takes what still fits the pages that it has.
    plane.sql("PRAGMA max_page_count = 1").await.unwrap();
    let mut made = 0;
    while add_team(plane, &admin, made).await.is_ok() {
        made += 1;
        assert!(made < 2_000, "the disk is never full");
    }
    let before = rows(plane).await;
    refused(add_team(plane, &admin, made).await);
    assert_eq!(rows(plane).await, before, "a refused change left something");
    // Reading goes on.
    let chain = audit::chain(&plane.cp).await.unwrap();
    assert!(chain.intact && chain.size > 0);
    assert!(
        people::actor(&plane.cp, user(&admin))
            .await
            .unwrap()
            .is_some()
    );

    plane
        .sql("PRAGMA max_page_count = 1073741823")
        .await
        .unwrap();
    add_team(plane, &admin, made).await.unwrap();
    plane.approve(&world.approver, 2).await.unwrap();
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_database_that_can_only_be_read_is_read_and_recovers_alone() {
    let world = World::asked().await;
    let plane = &world.plane;
    if plane.is_postgres() {
        return world.plane.finish().await;
    }
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    plane.sql("PRAGMA query_only = ON").await.unwrap();
    let before = rows(plane).await;
    refused(add_team(plane, &admin, 1).await);
    let decided = plane.approve(&world.approver, 2).await;
    assert_eq!(decided.unwrap_err().to_api().code(), "unavailable");
    assert!(audit::chain(&plane.cp).await.unwrap().intact);
    assert_eq!(rows(plane).await, before);
    plane.sql("PRAGMA query_only = OFF").await.unwrap();
    plane.approve(&world.approver, 2).await.unwrap();
    add_team(plane, &admin, 1).await.unwrap();
    world.settle().await;
    world.plane.finish().await;
}

fn user(ctx: &OpCtx) -> domain::id::UserId {
    let domain::actor::Actor::User { id, .. } = ctx.actor() else {
        panic!("not a person: {:?}", ctx.actor())
    };
    *id
}
