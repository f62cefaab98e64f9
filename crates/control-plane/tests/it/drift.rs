//! Drift: four places and four findings, none for a single missed look; accepted, reverted or ignored, and never by editing
//! what was approved. And what the providers have beside what the ledger says.

use chrono::TimeDelta;
use control_plane::fakes::Fault;
use control_plane::ports::PortErrorKind;
use control_plane::{Error, OpCtx, agents, findings};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::error::Conflict;
use domain::finding::FindingKind;
use domain::form::finding::FindingForm;
use domain::form::query::{AgentQuery, FindingQuery};
use domain::ledger::ResourceKind;
use domain::view::finding::{FindingDetail, FindingRow};

use crate::support::{World, conflict};

const SILENT: Fault = Fault::Refused(PortErrorKind::Unavailable);

/// Lets everything be compared so often, a minute apart.
async fn compare(world: &World, times: usize) {
    for _ in 0..times {
        world.plane.clock.advance(TimeDelta::minutes(2));
        world.settle().await;
    }
}

async fn open(world: &World) -> Vec<FindingRow> {
    let ctx = world.plane.system();
    let found = findings::list(&world.plane.cp, &ctx, &FindingQuery::default()).await;
    let mut rows = found.unwrap().rows;
    rows.sort_by_key(|row| row.kind);
    rows
}

async fn kinds(world: &World) -> Vec<FindingKind> {
    open(world).await.into_iter().map(|row| row.kind).collect()
}

async fn detail(world: &World, number: i64) -> FindingDetail {
    let ctx = world.plane.system();
    findings::get(&world.plane.cp, &ctx, number).await.unwrap()
}

async fn operator(world: &World) -> OpCtx {
    world.plane.person("ops@example.com", Role::Operator).await
}

fn form(number: i64) -> FindingForm {
    FindingForm {
        number: number.to_string(),
        until: String::new(),
        reason: "Nobody asked for this.".to_owned(),
    }
}

/// Changes all four places of #2, which is live in production.
fn tamper(world: &World) {
    let fakes = &world.plane.fakes;
    fakes.runtime.tamper("clearance-2", |order| {
        order.image_digest = format!("sha256:{}", "e".repeat(64));
        order
            .environment
            .insert("CRM_URL".to_owned(), "https://elsewhere.example".to_owned());
    });
    fakes
        .identities
        .set_scopes("refund-assistant-2", &["orders:read", "orders:write"]);
    fakes
        .runtime
        .move_endpoint("clearance-2", "http://127.0.0.1:1/elsewhere");
}

#[tokio::test]
async fn each_of_the_four_places_is_a_finding_of_its_own_after_three_looks() {
    let world = World::live().await;
    tamper(&world);
    compare(&world, 2).await;
    assert!(kinds(&world).await.is_empty(), "two looks are none");
    compare(&world, 1).await;
    assert_eq!(
        kinds(&world).await,
        [
            FindingKind::DriftVersion,
            FindingKind::DriftConfig,
            FindingKind::DriftScopes,
            FindingKind::DriftPointer,
        ]
    );
    for row in open(&world).await {
        assert_eq!(row.deployment, Some(2));
        assert_eq!(row.team.as_deref(), Some("payments"));
        let found = detail(&world, row.number).await;
        let (expected, live) = (found.expected.unwrap(), found.found.unwrap());
        assert_ne!(expected, live);
        // A value is nobody's business.
        assert!(!live.contains("elsewhere.example"), "{live}");
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn a_runtime_that_does_not_answer_once_or_twice_is_no_finding() {
    let world = World::live().await;
    let plane = &world.plane;
    for _ in 0..2 {
        plane.fakes.faults.next("runtime.describe", 4, SILENT);
        plane.fakes.faults.next("runtime.list", 4, SILENT);
        compare(&world, 1).await;
        plane.fakes.faults.clear();
    }
    compare(&world, 4).await;
    assert!(kinds(&world).await.is_empty());
    // What is already found is not forgotten because one look was missed.
    tamper(&world);
    compare(&world, 3).await;
    assert_eq!(kinds(&world).await.len(), 4);
    plane.fakes.faults.next("runtime.describe", 4, SILENT);
    plane.fakes.faults.next("identity.describe", 4, SILENT);
    compare(&world, 1).await;
    plane.fakes.faults.clear();
    assert_eq!(kinds(&world).await.len(), 4);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_is_put_back_is_as_it_was_approved_and_ends_its_finding() {
    let world = World::live().await;
    let plane = &world.plane;
    let before = plane.authorised(2).await;
    let approved = plane.fakes.runtime.order("clearance-2").unwrap();
    tamper(&world);
    compare(&world, 3).await;
    let operator = operator(&world).await;
    let developer = plane.person("dev@example.com", Role::Developer).await;
    for row in open(&world).await {
        let refused = findings::revert(&plane.cp, &developer, &form(row.number)).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
        findings::revert(&plane.cp, &operator, &form(row.number))
            .await
            .unwrap();
    }
    world.settle().await;
    compare(&world, 1).await;
    assert!(kinds(&world).await.is_empty(), "they end by themselves");
    assert_eq!(plane.fakes.runtime.order("clearance-2").unwrap(), approved);
    assert_eq!(
        plane.fakes.identities.scopes("refund-assistant-2").unwrap(),
        ["orders:read"]
    );
    assert_eq!(
        plane.authorised(2).await,
        before,
        "what was approved is as it was"
    );
    world.expect(2, DeploymentState::Live).await;
    assert_eq!(plane.numbers().await, [1, 2]);
    world.plane.finish().await;
}

#[tokio::test]
async fn putting_back_is_tried_again_and_survives_a_kill_at_any_call() {
    for fault in [
        SILENT,
        Fault::AnswerLost,
        Fault::HangsBefore,
        Fault::HangsAfter,
    ] {
        for call in ["identity.provision", "runtime.remove", "runtime.start"] {
            let world = World::live().await;
            let plane = &world.plane;
            let approved = plane.fakes.runtime.order("clearance-2").unwrap();
            plane.fakes.runtime.tamper("clearance-2", |order| {
                order.image_digest = "sha256:other".to_owned();
            });
            compare(&world, 3).await;
            let operator = operator(&world).await;
            let number = open(&world).await[0].number;
            plane.fakes.faults.next(call, 1, fault);
            findings::revert(&plane.cp, &operator, &form(number))
                .await
                .unwrap();
            plane.settle_all().await;
            let now = plane.fakes.runtime.order("clearance-2").unwrap();
            assert_eq!(now, approved, "{call} {fault:?}");
            compare(&world, 1).await;
            assert!(kinds(&world).await.is_empty(), "{call} {fault:?}");
            world.plane.finish().await;
        }
    }
}

#[tokio::test]
async fn scopes_that_were_changed_in_the_table_are_found_and_put_back_too() {
    let world = World::live().await;
    let plane = &world.plane;
    let changed = "UPDATE identities SET scopes = '[\"orders:read\",\"admin\"]' WHERE client_id = 'refund-assistant-2'";
    plane.sql(changed).await.unwrap();
    compare(&world, 3).await;
    assert_eq!(kinds(&world).await, [FindingKind::DriftScopes]);
    let operator = operator(&world).await;
    let number = open(&world).await[0].number;
    findings::revert(&plane.cp, &operator, &form(number))
        .await
        .unwrap();
    world.settle().await;
    compare(&world, 1).await;
    assert!(kinds(&world).await.is_empty());
    let (_, _, scopes) = plane.identity(2).await.unwrap();
    assert_eq!(scopes, ["orders:read"]);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_version_that_was_put_there_by_hand_comes_in_by_its_promotion_alone() {
    let world = World::live().await;
    let plane = &world.plane;
    world.push_code("print('second')\n").await;
    world.settle().await;
    // Its promotion was asked for by the policy; somebody cancels it and starts the image by hand instead.
    let operator = operator(&world).await;
    let cancelled = control_plane::testing::TestPlane::form(4);
    control_plane::deployments::cancel(&plane.cp, &operator, &cancelled)
        .await
        .unwrap();
    world.settle().await;
    let second = plane.version(3).await.image.unwrap();
    plane
        .fakes
        .runtime
        .tamper("clearance-2", |order| order.image_digest = second);
    compare(&world, 3).await;
    let number = open(&world).await[0].number;
    assert!(detail(&world, number).await.can_accept);
    let promoted = findings::accept(&plane.cp, &operator, &form(number))
        .await
        .unwrap();
    world.settle().await;
    world
        .expect(promoted, DeploymentState::AwaitingApproval)
        .await;
    plane.approve(&world.approver, promoted).await.unwrap();
    world.settle().await;
    world.expect(promoted, DeploymentState::Live).await;
    compare(&world, 1).await;
    assert!(
        kinds(&world).await.is_empty(),
        "what differed is not live any more"
    );
    // Settings are no version: they come in by a push.
    let name = format!("clearance-{promoted}");
    plane.fakes.runtime.tamper(&name, |order| {
        order.environment.insert("EXTRA".to_owned(), "1".to_owned());
    });
    compare(&world, 3).await;
    let row = &open(&world).await[0];
    assert_eq!(row.kind, FindingKind::DriftConfig);
    let refused = findings::accept(&plane.cp, &operator, &form(row.number)).await;
    assert_eq!(conflict(refused), Conflict::WrongState);
    world.plane.finish().await;
}

#[tokio::test]
async fn scopes_that_were_given_by_hand_come_in_by_the_promotion_of_a_version_that_declares_them() {
    let world = World::live().await;
    let plane = &world.plane;
    let operator = operator(&world).await;
    let more = ["orders:read", "orders:write"];
    plane
        .fakes
        .identities
        .set_scopes("refund-assistant-2", &more);
    compare(&world, 3).await;
    let number = open(&world).await[0].number;
    assert_eq!(open(&world).await[0].kind, FindingKind::DriftScopes);
    // The version that is live in non-prod declares what was approved, not what was found.
    assert!(!detail(&world, number).await.can_accept);
    let refused = findings::accept(&plane.cp, &operator, &form(number)).await;
    assert_eq!(conflict(refused), Conflict::WrongState);

    let files = world
        .agent
        .files_with("clearance.yaml", &world.agent.manifest(&more));
    plane.push(&world.agent, files).await;
    world.settle().await;
    world.expect(4, DeploymentState::AwaitingApproval).await;
    let cancelled = control_plane::testing::TestPlane::form(4);
    control_plane::deployments::cancel(&plane.cp, &operator, &cancelled)
        .await
        .unwrap();
    world.settle().await;
    assert!(detail(&world, number).await.can_accept);
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    let shown = findings::get(&plane.cp, &viewer, number).await.unwrap();
    assert!(!shown.can_accept);
    let promoted = findings::accept(&plane.cp, &operator, &form(number))
        .await
        .unwrap();
    world.settle().await;
    world
        .expect(promoted, DeploymentState::AwaitingApproval)
        .await;
    let asked = control_plane::approvals::get(&plane.cp, &world.approver, promoted).await;
    assert_eq!(asked.unwrap().diff.added_scopes, ["orders:write"]);
    let (_, _, scopes) = plane.identity(2).await.unwrap();
    assert_eq!(scopes, ["orders:read"], "nothing is approved by accepting");
    assert_eq!(plane.count_events("drift_accepted").await, 1);
    plane.approve(&world.approver, promoted).await.unwrap();
    world.settle().await;
    world.expect(promoted, DeploymentState::Live).await;
    compare(&world, 1).await;
    assert!(kinds(&world).await.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn what_nobody_registered_is_found_and_left_alone() {
    let world = World::live().await;
    let plane = &world.plane;
    plane.fakes.runtime.add_foreign("foreign-agent");
    plane.fakes.identities.add_foreign("foreign-client");
    plane.fakes.images.add_foreign("foreign:image");
    compare(&world, 3).await;
    assert_eq!(
        kinds(&world).await,
        [
            FindingKind::UnregisteredRuntime,
            FindingKind::Orphan,
            FindingKind::Orphan
        ]
    );
    // The registry says that it runs, to whoever may know it.
    let told = async |ctx: &OpCtx| {
        let list = agents::list(&plane.cp, ctx, &AgentQuery::default()).await;
        list.unwrap().unregistered
    };
    let care = plane.add_team("care").await;
    let roles = [(Role::Viewer, Some(care))];
    let other = plane.person_with("other@example.com", &roles, &[]).await;
    assert_eq!((told(&world.approver).await, told(&other).await), (1, 0));
    let operator = operator(&world).await;
    let number = open(&world).await[0].number;
    let refused = findings::revert(&plane.cp, &operator, &form(number)).await;
    assert_eq!(conflict(refused), Conflict::WrongState);
    compare(&world, 3).await;
    assert_eq!(
        plane.fakes.runtime.names(),
        ["clearance-1", "clearance-2", "foreign-agent"]
    );
    assert!(
        plane
            .fakes
            .identities
            .names()
            .contains(&"foreign-client".to_owned())
    );
    assert!(
        plane
            .fakes
            .images
            .names()
            .contains(&"foreign:image".to_owned())
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn what_is_gone_at_the_provider_is_a_ghost_and_what_is_back_is_not() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let image = plane.ledger(1).await;
    let image = image
        .iter()
        .find(|r| r.kind == ResourceKind::Image)
        .unwrap();
    plane.fakes.images.lose(&image.name);
    plane.fakes.identities.lose("refund-assistant-3");
    compare(&world, 2).await;
    assert!(kinds(&world).await.is_empty());
    compare(&world, 1).await;
    assert_eq!(
        kinds(&world).await,
        [FindingKind::Ghost, FindingKind::Ghost]
    );
    let said: Vec<String> = open(&world)
        .await
        .into_iter()
        .map(|row| row.subject)
        .collect();
    assert!(said.contains(&image.name) && said.contains(&"refund-assistant-3".to_owned()));
    world.plane.remove().await;
}

#[tokio::test]
async fn what_the_ledger_says_is_deleted_and_is_there_is_an_orphan() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    // #2 was replaced by #4, so its principal was revoked. Somebody made it again.
    plane.fakes.identities.add_foreign("refund-assistant-2");
    compare(&world, 3).await;
    let rows = open(&world).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].kind, rows[0].deployment),
        (FindingKind::Orphan, Some(2))
    );
    assert_eq!(rows[0].agent.as_deref(), Some("refund-assistant"));
    world.plane.remove().await;
}
