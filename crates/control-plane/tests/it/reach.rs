//! What an agent can reach, read from what is live and for whom it is shown.

use control_plane::testing::{TEAM, TestAgent};
use control_plane::{Error, agents, catalogue, identities, registry};
use domain::actor::Role;
use domain::environment::Environment;
use domain::form::catalogue::ResourceForm;
use domain::form::identity::IdentityForm;
use domain::form::query::ReachQuery;
use domain::view::reach::{Reach, ReachKind};

use crate::support::{World, drop_index};

fn names(found: &Reach, kind: ReachKind) -> Vec<&str> {
    let nodes = found.nodes.iter().filter(|node| node.kind == kind);
    nodes.map(|node| node.name.as_str()).collect()
}

/// The world's agent is live in non-prod and may call `stock-keeper`, which is live there too.
async fn calling() -> World {
    let world = World::new().await;
    let keeper = world.plane.agent("stock-keeper").await;
    let manifest = keeper.manifest(&["warehouse:read", "agent.refund-assistant:invoke"]);
    let files = keeper.files_with("clearance.yaml", &manifest);
    world.plane.push(&keeper, files).await;
    let manifest = world
        .agent
        .manifest(&["orders:read", "agent.stock-keeper:invoke"]);
    let files = world.agent.files_with("clearance.yaml", &manifest);
    world.plane.push(&world.agent, files).await;
    world.settle().await;
    world
}

async fn ask(world: &World, ctx: &control_plane::OpCtx, environment: &str) -> Reach {
    let query = ReachQuery {
        environment: environment.to_owned(),
    };
    let found = agents::reach(&world.plane.cp, ctx, &world.agent.slug, &query).await;
    found.unwrap()
}

#[tokio::test]
async fn it_is_read_through_the_agents_that_it_may_call() {
    let world = calling().await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let orders = ResourceForm {
        resource: "orders".to_owned(),
        owner: TEAM.to_owned(),
        description: "Every order of the shop.".to_owned(),
        data_class: "personal".to_owned(),
        actions: String::new(),
        revision: String::new(),
    };
    catalogue::add(&plane.cp, &admin, &orders).await.unwrap();
    let found = ask(&world, &admin, "").await;
    assert_eq!(found.environment, Environment::NonProd);
    let live = found.live.clone().unwrap();
    assert!(live.usable);
    assert_eq!(
        names(&found, ReachKind::Agent),
        ["refund-assistant", "stock-keeper"]
    );
    assert_eq!(names(&found, ReachKind::Resource), ["orders", "warehouse"]);
    // Each its own, by the same name.
    assert_eq!(names(&found, ReachKind::Secret), ["CRM_TOKEN", "CRM_TOKEN"]);
    assert_eq!(found.data_classes, ["order", "personal"]);
    let form = IdentityForm {
        client_id: live.identity,
        reason: "It exports customer records".to_owned(),
    };
    identities::suspend(&plane.cp, &admin, &form).await.unwrap();
    assert!(!ask(&world, &admin, "").await.live.unwrap().usable);
    let nothing = ask(&world, &admin, "production").await;
    assert!(nothing.live.is_none());
    assert_eq!(nothing.nodes.len(), 1);
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn what_agents_of_other_teams_reach_is_not_told() {
    let world = calling().await;
    let plane = &world.plane;
    let elsewhere = plane.add_team("elsewhere").await;
    let moved = "UPDATE agents SET team_id = (SELECT id FROM teams WHERE slug = 'elsewhere') WHERE slug = 'stock-keeper'";
    plane.sql(moved).await.unwrap();
    // What was written past the use cases is not in the index.
    drop_index(plane).await;
    registry::fill(&plane.cp).await.unwrap();
    let mine = plane
        .person_with("mine@example.com", &[(Role::Viewer, Some(plane.team))], &[])
        .await;
    let found = ask(&world, &mine, "").await;
    // The scope names it; what is behind it stays theirs.
    assert_eq!(
        names(&found, ReachKind::Agent),
        ["refund-assistant", "stock-keeper"]
    );
    assert_eq!(names(&found, ReachKind::Resource), ["orders"]);
    let theirs = plane
        .person_with(
            "theirs@example.com",
            &[(Role::Viewer, Some(elsewhere))],
            &[],
        )
        .await;
    let slug = &TestAgent::new("refund-assistant").slug;
    let hidden = agents::reach(&plane.cp, &theirs, slug, &ReachQuery::default()).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    world.plane.finish().await;
}
