//! Lists: bounded, paged by key, and of a cost that does not grow with what is in them (invariant 10).

use control_plane::testing::TestPlane;
use control_plane::{OpCtx, agents, approvals, audit, connections, deployments, overview};
use domain::actor::Role;
use domain::form::query::{AgentQuery, ApprovalQuery, AuditQuery, DeploymentQuery};

use crate::support::World;

/// Statements that one reading of each list takes.
async fn cost(plane: &TestPlane, ctx: &OpCtx) -> Vec<(&'static str, u64)> {
    let cp = &plane.cp;
    let mut costs = Vec::new();
    let mut before = plane.statements();
    let mut note = |name: &'static str| {
        let now = plane.statements();
        costs.push((name, now - before));
        before = now;
    };
    let limit = Some(200);
    let asked = AgentQuery {
        limit,
        ..AgentQuery::default()
    };
    agents::list(cp, ctx, &asked).await.unwrap();
    note("agents");
    let asked = DeploymentQuery {
        limit,
        ..DeploymentQuery::default()
    };
    deployments::list(cp, ctx, &asked).await.unwrap();
    note("deployments");
    approvals::inbox(cp, ctx, &ApprovalQuery::default())
        .await
        .unwrap();
    note("inbox");
    approvals::waiting_for(cp, ctx).await.unwrap();
    note("waiting");
    let asked = AuditQuery {
        limit,
        ..AuditQuery::default()
    };
    audit::trail(cp, ctx, &asked).await.unwrap();
    note("trail");
    connections::deliveries(cp, ctx, "").await.unwrap();
    note("deliveries");
    overview::get(cp, ctx).await.unwrap();
    note("overview");
    costs
}

#[tokio::test]
async fn a_page_costs_the_same_number_of_statements_with_one_row_and_with_many() {
    let world = World::asked().await;
    let plane = &world.plane;
    let reader = plane.person("reader@example.com", Role::Approver).await;
    let few = cost(plane, &reader).await;
    for number in 0..6 {
        let agent = plane.agent(&format!("agent-{number}")).await;
        plane.push(&agent, agent.files()).await;
    }
    world.settle().await;
    world.push_code("print('second')\n").await;
    world.settle().await;
    let many = cost(plane, &reader).await;
    assert_eq!(few, many);
    world.plane.finish().await;
}

#[tokio::test]
async fn pages_follow_each_other_by_key_and_miss_nothing() {
    let world = World::new().await;
    let plane = &world.plane;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    for number in 0..7 {
        plane.agent(&format!("agent-{number}")).await;
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    let mut pages = 0;
    loop {
        let asked = AgentQuery {
            cursor: cursor.clone(),
            limit: Some(3),
            ..AgentQuery::default()
        };
        let page = agents::list(&plane.cp, &reader, &asked).await.unwrap();
        assert!(page.rows.len() <= 3);
        seen.extend(page.rows.into_iter().map(|row| row.slug));
        pages += 1;
        match page.next {
            Some(next) => cursor = next,
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (8, 3));
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(seen, sorted);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_page_of_the_trail_stays_where_it_is_while_the_log_grows() {
    let world = World::asked().await;
    let plane = &world.plane;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    let asked = |cursor: &str| AuditQuery {
        cursor: cursor.to_owned(),
        limit: Some(5),
        ..AuditQuery::default()
    };
    let first = audit::trail(&plane.cp, &reader, &asked("")).await.unwrap();
    let cursor = first.next.unwrap();
    let before = audit::trail(&plane.cp, &reader, &asked(&cursor)).await;
    world.push_code("print('second')\n").await;
    world.settle().await;
    let after = audit::trail(&plane.cp, &reader, &asked(&cursor)).await;
    assert_eq!(before.unwrap().rows, after.unwrap().rows);
    world.plane.finish().await;
}

#[tokio::test]
async fn limits_and_cursors_from_outside_are_bounded() {
    let world = World::asked().await;
    let plane = &world.plane;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    for (cursor, limit) in [
        ("", 0),
        ("not a number", 1_000_000),
        ("-5", 3),
        ("'; --", 3),
    ] {
        let asked = AuditQuery {
            cursor: cursor.to_owned(),
            limit: Some(limit),
            ..AuditQuery::default()
        };
        let page = audit::trail(&plane.cp, &reader, &asked).await.unwrap();
        assert!(page.rows.len() <= 200);
        let asked = DeploymentQuery {
            cursor: cursor.to_owned(),
            limit: Some(limit),
            ..DeploymentQuery::default()
        };
        let page = deployments::list(&plane.cp, &reader, &asked).await.unwrap();
        assert!(page.rows.len() <= 200);
    }
    world.plane.finish().await;
}
