//! The catalogue of resources: it explains scopes and gives none; its owners describe, administrators say whose it is.

use chrono::SecondsFormat;
use control_plane::testing::{TEAM, TestPlane};
use control_plane::{Error, OpCtx, access, access_events, approvals, catalogue};
use domain::access::{AccessReason, Asked};
use domain::access_event::Sent;
use domain::actor::{Actor, Grant, Role, TokenScope};
use domain::deployment::DeploymentState;
use domain::error::{Conflict, FieldProblem};
use domain::form::catalogue::{ResourceForm, ResourceRemovalForm};
use domain::form::query::{AccessQuery, FindingQuery, ResourceQuery};
use domain::id::{TokenId, UserId};
use uuid::Uuid;

use crate::policies::{adopt, with};
use crate::support::{World, conflict, token_of};

fn orders(owner: &str) -> ResourceForm {
    ResourceForm {
        resource: "orders".to_owned(),
        owner: owner.to_owned(),
        description: "Every order of the shop.".to_owned(),
        data_class: "order".to_owned(),
        actions: "read: Reads an order.\n\n write : Changes an order: even a paid one.\ndelete"
            .to_owned(),
        revision: String::new(),
    }
}

async fn admin(plane: &TestPlane) -> OpCtx {
    plane.person("admin@example.com", Role::Administrator).await
}

async fn of_team(plane: &TestPlane, email: &str, role: Role) -> OpCtx {
    plane
        .person_with(email, &[(role, Some(plane.team))], &[])
        .await
}

fn problem(outcome: Result<(), Error>, field: &str) -> Option<FieldProblem> {
    match outcome {
        Err(Error::Invalid(errors)) => errors.get(field),
        other => panic!("not invalid: {other:?}"),
    }
}

#[tokio::test]
async fn a_resource_is_added_by_administrators_and_described_by_its_owner() {
    let plane = TestPlane::new().await;
    let admin = admin(&plane).await;
    let owner = of_team(&plane, "dev@example.com", Role::Developer).await;
    let viewer = of_team(&plane, "viewer@example.com", Role::Viewer).await;
    plane.add_team("care").await;
    for other in [&owner, &viewer] {
        let refused = catalogue::add(&plane.cp, other, &orders(TEAM)).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
    }
    catalogue::add(&plane.cp, &admin, &orders(TEAM))
        .await
        .unwrap();
    let taken = catalogue::add(&plane.cp, &admin, &orders(TEAM)).await;
    assert_eq!(problem(taken, "resource"), Some(FieldProblem::Taken));

    let mut change = orders(TEAM);
    change.description = "Orders, without payments.".to_owned();
    catalogue::change(&plane.cp, &owner, &change).await.unwrap();
    let found = catalogue::get(&plane.cp, &viewer, "orders").await.unwrap();
    let row = found.row.unwrap();
    assert_eq!(row.description, change.description);
    assert_eq!(row.actions["write"], "Changes an order: even a paid one.");
    assert_eq!(row.actions["delete"], "");
    assert_eq!((row.owner.as_deref(), row.revision), (Some(TEAM), 2));
    assert!(!found.can_change && !found.can_administer);
    let refused = catalogue::change(&plane.cp, &viewer, &change).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    // Neither given away nor taken by the team itself.
    for other in ["care", ""] {
        let refused = catalogue::change(&plane.cp, &owner, &orders(other)).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
    }
    catalogue::change(&plane.cp, &admin, &orders("care"))
        .await
        .unwrap();
    let refused = catalogue::change(&plane.cp, &owner, &orders("care")).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    // A token of an administrator administers nothing.
    let token = token_of(&plane, &admin);
    let refused = catalogue::change(&plane.cp, &token, &orders(TEAM)).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    assert_eq!(plane.count_events("resource_described").await, 3);
    plane.finish().await;
}

#[tokio::test]
async fn two_who_describe_at_once_lose_nothing_of_each_other() {
    let plane = TestPlane::new().await;
    let admin = admin(&plane).await;
    catalogue::add(&plane.cp, &admin, &orders(TEAM))
        .await
        .unwrap();
    let mut form = orders(TEAM);
    form.revision = "1".to_owned();
    catalogue::change(&plane.cp, &admin, &form).await.unwrap();
    let late = catalogue::change(&plane.cp, &admin, &form).await;
    assert_eq!(conflict(late), Conflict::Changed);
    plane.finish().await;
}

#[tokio::test]
async fn what_cannot_be_part_of_a_scope_is_refused_field_by_field() {
    let plane = TestPlane::new().await;
    let admin = admin(&plane).await;
    let many: Vec<String> = (0..201).map(|n| format!("a{n}: x")).collect();
    for (field, change, expected) in [
        (
            "resource",
            ("resource", "Orders"),
            FieldProblem::BadScopePart,
        ),
        ("resource", ("resource", ""), FieldProblem::Required),
        ("owner", ("owner", "none-such"), FieldProblem::UnknownChoice),
        (
            "data_class",
            ("data_class", "<b>"),
            FieldProblem::BadScopePart,
        ),
        (
            "actions",
            ("actions", "read: a\nread: b"),
            FieldProblem::Taken,
        ),
        (
            "actions",
            ("actions", "<script>: a"),
            FieldProblem::BadScopePart,
        ),
        (
            "actions",
            ("actions", &many.join("\n")),
            FieldProblem::TooLong,
        ),
    ] {
        let mut form = orders(TEAM);
        let (name, value) = change;
        let value = value.to_owned();
        match name {
            "resource" => form.resource = value,
            "owner" => form.owner = value,
            "data_class" => form.data_class = value,
            _ => form.actions = value,
        }
        let outcome = catalogue::add(&plane.cp, &admin, &form).await;
        assert_eq!(problem(outcome, field), Some(expected), "{change:?}");
    }
    plane.finish().await;
}

#[tokio::test]
async fn an_entry_explains_a_scope_and_gives_none() {
    let world = World::live().await;
    let plane = &world.plane;
    let admin = admin(plane).await;
    let ask = async |action: &str| {
        let ctx = program(plane);
        let desk = access::open(&plane.cp, &ctx).await.unwrap();
        let asked = Asked {
            subject_type: "agent".to_owned(),
            subject: "refund-assistant-2".to_owned(),
            resource: "orders".to_owned(),
            resource_id: "1".to_owned(),
            action: action.to_owned(),
            environment: None,
            context: Vec::new(),
        };
        desk.decide(&asked).reason
    };
    let note = async || {
        let found = approvals::get(&plane.cp, &admin, 2).await.unwrap();
        found.scope_notes[0].clone()
    };
    let before = note().await;
    assert_eq!(
        (before.scope.as_str(), before.catalogued),
        ("orders:read", false)
    );
    let listed = catalogue::list(&plane.cp, &admin, &ResourceQuery::default()).await;
    assert_eq!(listed.unwrap().uncatalogued, ["orders"]);
    catalogue::add(&plane.cp, &admin, &orders(TEAM))
        .await
        .unwrap();
    assert_eq!(ask("read").await, AccessReason::Granted);
    assert_eq!(ask("write").await, AccessReason::OutOfScope);
    let after = note().await;
    assert!(after.catalogued);
    assert_eq!(after.description, "Reads an order.");
    assert_eq!(
        (after.data_class.as_str(), after.owner.as_deref()),
        ("order", Some(TEAM))
    );
    let found = catalogue::get(&plane.cp, &admin, "orders").await.unwrap();
    let reach: Vec<&str> = found
        .reached_by
        .iter()
        .map(|r| r.identity.as_str())
        .collect();
    assert_eq!(reach, ["refund-assistant-1", "refund-assistant-2"]);
    // Taken out, nothing is taken from anybody.
    let removal = ResourceRemovalForm {
        resource: "orders".to_owned(),
    };
    catalogue::remove(&plane.cp, &admin, &removal)
        .await
        .unwrap();
    assert_eq!(ask("read").await, AccessReason::Granted);
    assert!(!note().await.catalogued);
    world.plane.finish().await;
}

fn program(plane: &TestPlane) -> OpCtx {
    plane.ctx(Actor::Token {
        id: TokenId(Uuid::nil()),
        user: UserId(Uuid::nil()),
        name: "Orders".to_owned(),
        email: "orders@example.com".to_owned(),
        grants: vec![Grant {
            role: Role::Viewer,
            team: None,
        }],
        scopes: vec![TokenScope::Access],
    })
}

#[tokio::test]
async fn whoever_looks_after_a_resource_sees_who_touched_it_and_hears_of_strangers() {
    let world = World::live().await;
    let plane = &world.plane;
    let care = plane.add_team("care").await;
    let admin = admin(plane).await;
    let owner = plane
        .person_with("care@example.com", &[(Role::Viewer, Some(care))], &[])
        .await;
    let event = |id: &str, client: &str| {
        Ok(Sent {
            id: id.to_owned(),
            identity: client.to_owned(),
            resource: "orders".to_owned(),
            action: "read".to_owned(),
            object: None,
            allowed: true,
            occurred_at: plane.now().to_rfc3339_opts(SecondsFormat::Secs, true),
        })
    };
    let narrowed = async |agent: &str, resource: &str| {
        let asked = AccessQuery {
            agent: agent.to_owned(),
            resource: resource.to_owned(),
            ..AccessQuery::default()
        };
        let page = access_events::list(&plane.cp, &owner, &asked).await;
        page.unwrap().rows.len()
    };
    let seen = async || narrowed("", "").await;
    let program = program(plane);
    let sent = vec![event("e1", "refund-assistant-2"), event("e2", "nobody")];
    access_events::report(&plane.cp, &program, sent)
        .await
        .unwrap();
    assert_eq!(seen().await, 0);
    assert_eq!(narrowed("", "orders").await, 0);
    assert_eq!(narrowed("refund-assistant", "").await, 0);
    catalogue::add(&plane.cp, &admin, &orders("care"))
        .await
        .unwrap();
    assert_eq!(seen().await, 2);
    assert_eq!(narrowed("", "orders").await, 2);
    assert_eq!(narrowed("refund-assistant", "").await, 1);
    let found = catalogue::get(&plane.cp, &owner, "orders").await.unwrap();
    assert_eq!(found.reached_by.len(), 2);
    let sent = vec![event("e3", "nobody else")];
    access_events::report(&plane.cp, &program, sent)
        .await
        .unwrap();
    let raised = control_plane::findings::list(&plane.cp, &admin, &FindingQuery::default()).await;
    let raised = raised.unwrap().rows;
    // One, which keeps whom it was given to when it was opened.
    assert_eq!((raised.len(), raised[0].sightings), (1, 2));
    world.plane.finish().await;
}

#[tokio::test]
async fn production_takes_described_scopes_alone_where_the_policy_says_so() {
    let world = World::new().await;
    let plane = &world.plane;
    let strict = with(&[(
        "name: standard",
        "name: standard\nscopes: {catalogued: true}",
    )]);
    adopt(&world, &strict).await;
    plane.agent("stock-keeper").await;
    let manifest =
        world
            .agent
            .manifest(&["orders:read", "orders:write", "agent.stock-keeper:invoke"]);
    let files = world.agent.files_with("clearance.yaml", &manifest);
    plane.push(&world.agent, files).await;
    world.settle().await;
    world.expect(1, DeploymentState::Live).await;
    let why = world.why(2).await;
    assert!(why.contains("orders:read, orders:write"), "{why}");
    assert!(!why.contains("stock-keeper"), "{why}");
    catalogue::add(&plane.cp, &admin(plane).await, &orders(TEAM))
        .await
        .unwrap();
    let files = world
        .agent
        .files_with("agent.py", "print('again')\n")
        .into_iter()
        .chain([("clearance.yaml".to_owned(), manifest)]);
    plane.push(&world.agent, files.collect()).await;
    world.settle().await;
    world.expect(4, DeploymentState::AwaitingApproval).await;
    world.plane.finish().await;
}
