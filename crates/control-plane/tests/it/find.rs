//! Ids from other logs: each leads to its agent, version and approval, for whoever may see them.

use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, find, identities};
use domain::actor::Role;
use domain::approval::ApprovalState;
use domain::find::FoundKind;
use domain::form::identity::BindingForm;
use domain::view::find::Found;

use crate::support::World;

const LIVE: &str = "refund-assistant-2";
const ARN: &str = "arn:aws:bedrock-agentcore:eu-central-1:123456789012:workload-identity-directory/default/workload-identity/refunds";

async fn found(plane: &TestPlane, ctx: &OpCtx, id: &str) -> Found {
    find::by_id(&plane.cp, ctx, id).await.unwrap()
}

/// Somebody who sees the agents of another team alone, and somebody who sees all.
async fn readers(plane: &TestPlane) -> [OpCtx; 2] {
    let care = plane.add_team("care").await;
    let roles = [(Role::Viewer, Some(care))];
    let local = plane.person_with("local@example.com", &roles, &[]).await;
    [
        local,
        plane.person("auditor@example.com", Role::Auditor).await,
    ]
}

fn kinds(found: &Found) -> Vec<FoundKind> {
    found.things.iter().map(|thing| thing.kind).collect()
}

#[tokio::test]
async fn any_id_finds_its_agent_version_and_approval() {
    use FoundKind as K;
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("auditor@example.com", Role::Auditor).await;
    let operator = plane.person("operator@example.com", Role::Operator).await;
    let bind = BindingForm {
        client_id: LIVE.to_owned(),
        provider: "aws_workload_identity".to_owned(),
        principal: ARN.to_owned(),
    };
    identities::bind(&plane.cp, &operator, &bind).await.unwrap();
    let grant = identities::active(&plane.cp, LIVE).await.unwrap().unwrap();
    let jti = "0199c3f0-7a3e-7c52-9d5e-2f5f0c1b7a11";
    let until = plane.now().timestamp() + 60;
    identities::revoke_token(&plane.cp, &plane.anonymous(), &grant, jti, until)
        .await
        .unwrap();
    let version = &plane.versions().await[0];
    let bundle = plane.column("SELECT config_digest FROM versions").await;
    let manifest = "SELECT manifest_digest FROM deployments WHERE number = 2";
    let manifest = plane.column(manifest).await;
    let (commit, shouted) = (version.commit.as_str(), version.commit.to_uppercase());
    for (id, kind) in [
        (LIVE, K::Identity),
        (ARN, K::Workload),
        ("clearance-2", K::Runtime),
        (commit, K::Commit),
        (shouted.as_str(), K::Commit),
        (bundle[0].as_str(), K::Bundle),
        (bundle[0].trim_start_matches("sha256:"), K::Bundle),
        (version.image.as_deref().unwrap(), K::Image),
        (manifest[0].as_str(), K::Manifest),
        (jti, K::Token),
        ("#2", K::Deployment),
        (" 2 ", K::Deployment),
    ] {
        let found = found(plane, &auditor, id).await;
        assert!(kinds(&found).contains(&kind), "{id}: {found:?}");
        let thing = found
            .things
            .iter()
            .find(|thing| thing.kind == kind)
            .unwrap();
        assert_eq!(thing.agent.as_deref(), Some("refund-assistant"), "{id}");
        let live = found.deployments.iter().find(|one| one.number == 2);
        let live = live.unwrap_or_else(|| panic!("{id}: {found:?}"));
        assert_eq!(live.agent, "refund-assistant");
        assert_eq!(
            (live.version.as_str(), live.commit.as_str()),
            ("2.3.0", commit)
        );
        assert_eq!(live.identity.as_deref(), Some(LIVE));
        let approval = live.approval.as_ref().unwrap();
        assert_eq!(
            (approval.number, approval.state),
            (2, ApprovalState::Consumed)
        );
    }
    let agent = found(plane, &auditor, "refund-assistant").await;
    assert_eq!(kinds(&agent)[0], K::Agent);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_commit_that_became_no_version_is_found_with_what_became_of_it() {
    let world = World::live().await;
    let plane = &world.plane;
    let [local, auditor] = readers(plane).await;
    let broken = world.agent.files_with("clearance.yaml", "schema: [");
    let broken = plane.push(&world.agent, broken).await;
    world.settle().await;
    for (id, state) in [
        (broken.as_str(), "The agent manifest has errors."),
        (&broken.to_uppercase(), "The agent manifest has errors."),
    ] {
        let found = found(plane, &auditor, id).await;
        assert_eq!(kinds(&found), [FoundKind::Commit], "{found:?}");
        let thing = &found.things[0];
        assert_eq!(thing.state, state);
        assert_eq!(thing.agent.as_deref(), Some("refund-assistant"));
        assert_eq!(
            thing.page.as_deref(),
            Some("/agents/refund-assistant#pushes")
        );
        assert!(found.deployments.is_empty());
    }
    assert!(found(plane, &local, &broken).await.things.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn ids_that_are_unknown_hidden_or_wrong_lead_nowhere() {
    let world = World::live().await;
    let plane = &world.plane;
    let [local, auditor] = readers(plane).await;
    let commit = plane.versions().await[0].commit.clone();
    let unknown = found(plane, &local, "no-such-id").await;
    assert!(unknown.things.is_empty() && unknown.deployments.is_empty());
    assert_eq!(unknown.kinds.len(), FoundKind::ALL.len());
    for hidden in [LIVE, "refund-assistant", "#2", "clearance-2", &commit] {
        assert!(!found(plane, &auditor, hidden).await.things.is_empty());
        let found = found(plane, &local, hidden).await;
        assert!(found.things.is_empty(), "{hidden}: {found:?}");
        assert!(found.deployments.is_empty(), "{hidden}: {found:?}");
    }
    // Only whole ids count.
    for part in [
        "refund",
        "clearance-",
        &commit[..12],
        "%",
        "refund-assistant-%",
    ] {
        assert!(
            found(plane, &auditor, part).await.things.is_empty(),
            "{part}"
        );
    }
    for wrong in ["x".repeat(256), "a\u{0}b".to_owned()] {
        let refused = find::by_id(&plane.cp, &auditor, &wrong).await;
        assert!(matches!(refused, Err(Error::Invalid(_))));
    }
    let stranger = find::by_id(&plane.cp, &plane.anonymous(), LIVE).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    world.plane.finish().await;
}

#[tokio::test]
async fn an_id_takes_as_many_statements_however_much_there_is() {
    let world = World::live().await;
    let plane = &world.plane;
    let auditor = plane.person("auditor@example.com", Role::Auditor).await;
    let commit = plane.versions().await[0].commit.clone();
    let cost = async |id: &str| {
        let before = plane.statements();
        found(plane, &auditor, id).await;
        plane.statements() - before
    };
    let few = [cost(LIVE).await, cost(&commit).await, cost("#2").await];
    world.push_code("print('second')\n").await;
    world.settle().await;
    for number in 0..5 {
        plane.agent(&format!("agent-{number}")).await;
    }
    let many = [cost(LIVE).await, cost(&commit).await, cost("#2").await];
    assert_eq!(few, many);
    assert!(few.iter().all(|cost| *cost <= 25), "{few:?}");
    world.plane.finish().await;
}
