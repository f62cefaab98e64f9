//! The walk: one push travels to production.

use control_plane::audit;
use control_plane::ports::git_host::StatusState;
use domain::approval::ApprovalState;
use domain::deployment::{DeploymentEvent as E, DeploymentState};
use domain::environment::Environment;
use domain::identity::IdentityState;

use crate::support::World;

#[tokio::test]
async fn a_push_travels_to_non_prod_and_after_an_approval_to_production() {
    let World {
        plane,
        agent,
        approver,
    } = World::new().await;
    let commit = plane.push(&agent, agent.files()).await;
    assert!(plane.settle().await.is_empty());

    assert_eq!(plane.numbers().await, [1, 2]);
    assert_eq!(plane.state(1).await, DeploymentState::Live);
    assert_eq!(
        plane.arrows(1).await,
        [
            E::BuildStarted,
            E::Built,
            E::ChecksPassed,
            E::Deployed,
            E::Verified
        ]
    );
    assert_eq!(plane.live(&agent, Environment::NonProd).await, Some(1));
    assert_eq!(plane.state(2).await, DeploymentState::AwaitingApproval);
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Open));
    assert_eq!(plane.live(&agent, Environment::Production).await, None);
    assert!(plane.identity(2).await.is_none(), "nothing before approval");

    let decided = plane.approve(&approver, 2).await.unwrap();
    assert_eq!(decided, ApprovalState::Approved);
    assert!(plane.settle().await.is_empty());

    assert_eq!(plane.state(2).await, DeploymentState::Live);
    assert_eq!(
        plane.arrows(2).await,
        [
            E::ImageReady,
            E::ChecksPassedAsk,
            E::Approved,
            E::Deployed,
            E::Verified
        ]
    );
    assert_eq!(plane.live(&agent, Environment::Production).await, Some(2));
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Consumed));
    let (client, state, scopes) = plane.identity(2).await.unwrap();
    assert_eq!(state, IdentityState::Active);
    assert_eq!(plane.fakes.identities.scopes(&client), Some(scopes.clone()));
    assert_eq!(scopes, ["orders:read"]);

    let order = plane.fakes.runtime.order("clearance-2").unwrap();
    assert_eq!(Some(order.image_digest), plane.version(2).await.image);
    assert_eq!(order.environment["CRM_URL"], "https://crm.example");
    assert_eq!(order.environment["CLEARANCE_CLIENT_ID"], client);
    assert_eq!(order.secrets["CRM_TOKEN"], "env:CRM_TOKEN");

    let tags = plane.fakes.git.tags(&agent.repository);
    let tags: Vec<&str> = tags.keys().map(String::as_str).collect();
    assert_eq!(
        tags,
        [
            "clearance/refund-assistant/v2.3.0",
            "clearance/refund-assistant/v2.3.0-non_prod",
            "clearance/refund-assistant/v2.3.0-production"
        ]
    );
    let statuses = plane.fakes.git.statuses(&agent.repository);
    for environment in ["non_prod", "production"] {
        let context = format!("clearance/refund-assistant/{environment}");
        let last = statuses.iter().rev().find(|(_, s)| s.context == context);
        let (on, status) = last.expect("a status");
        assert_eq!((on, status.state), (&commit, StatusState::Success));
    }
    plane.finish().await;
}

#[tokio::test]
async fn every_event_of_the_walk_has_a_valid_proof() {
    let World { plane, .. } = World::live().await;
    let ctx = plane.system();
    audit::publish(&plane.cp).await.unwrap();
    let events = plane.events().await;
    assert!(events.len() > 30, "{} events", events.len());
    for index in 0..u64::try_from(events.len()).unwrap() {
        let detail = audit::get(&plane.cp, &ctx, index).await.unwrap();
        assert!(detail.proof.expect("a proof").valid, "event {index}");
    }
    plane.finish().await;
}
