//! What runtimes' providers call identities: acts and questions that name it are about the identity, at the time at which it was
//! called so, and nobody gets a right by it.

use chrono::TimeDelta;
use control_plane::testing::TestPlane;
use control_plane::{Error, access, identities};
use domain::access::AccessReason;
use domain::access_event::Coverage;
use domain::actor::Role;
use domain::error::Conflict;
use domain::form::identity::{BindingForm, IdentityForm};
use domain::form::query::AccessQuery;
use domain::view::access_event::AccessLine;

use crate::access::{about, asks};
use crate::access_events::{event, lines, report};
use crate::support::World;

const LIVE: &str = "refund-assistant-2";
const NON_PROD: &str = "refund-assistant-1";
const ARN: &str = "arn:aws:bedrock-agentcore:eu-central-1:123456789012:workload-identity-directory/default/workload-identity/refunds";

fn form(client: &str) -> BindingForm {
    BindingForm {
        client_id: client.to_owned(),
        provider: "aws_workload_identity".to_owned(),
        principal: ARN.to_owned(),
    }
}

fn conflict(outcome: Result<(), Error>) -> Conflict {
    match outcome {
        Err(Error::Conflict { why }) => why,
        other => panic!("no conflict: {other:?}"),
    }
}

async fn all_lines(plane: &TestPlane) -> Vec<AccessLine> {
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    lines(plane, &auditor, &AccessQuery::default()).await
}

async fn reason(plane: &TestPlane) -> AccessReason {
    let ctx = asks(plane);
    let desk = access::open(&plane.cp, &ctx).await.unwrap();
    desk.decide(&about(ARN, "read")).reason
}

#[tokio::test]
async fn an_act_is_attributed_by_what_the_cloud_called_the_identity_then() {
    let world = World::live().await;
    let plane = &world.plane;
    let operator = plane.person("operator@example.com", Role::Operator).await;
    let hour = TimeDelta::hours(1);
    assert_eq!(reason(plane).await, AccessReason::UnknownSubject);
    let never = event(plane, "never", ARN, "read");
    plane.clock.advance(hour);
    identities::bind(&plane.cp, &operator, &form(NON_PROD))
        .await
        .unwrap();
    identities::bind(&plane.cp, &operator, &form(NON_PROD))
        .await
        .unwrap();
    assert_eq!(
        plane.count_events("identity_bound").await,
        1,
        "once more is nothing"
    );
    assert_eq!(reason(plane).await, AccessReason::Granted);
    let early = event(plane, "early", ARN, "read");
    plane.clock.advance(hour);
    identities::unbind(&plane.cp, &operator, &form(NON_PROD))
        .await
        .unwrap();
    identities::bind(&plane.cp, &operator, &form(LIVE))
        .await
        .unwrap();
    let late = event(plane, "late", ARN, "read");
    let other = event(plane, "other", &format!("{ARN}2"), "read");
    report(plane, vec![early, late, never, other]).await;
    let lines = all_lines(plane).await;
    let mut found: Vec<_> = lines
        .iter()
        .map(|line| (line.deployment, line.coverage))
        .collect();
    found.sort_by_key(|(deployment, _)| *deployment);
    let expected = [
        (None, Coverage::UnknownIdentity),
        (None, Coverage::UnknownIdentity),
        (Some(1), Coverage::Covered),
        (Some(2), Coverage::Covered),
    ];
    assert_eq!(found, expected);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_principal_is_one_identity_that_stands() {
    let world = World::live().await;
    let plane = &world.plane;
    let operator = plane.person("operator@example.com", Role::Operator).await;
    identities::bind(&plane.cp, &operator, &form(LIVE))
        .await
        .unwrap();
    let taken = identities::bind(&plane.cp, &operator, &form(NON_PROD)).await;
    assert_eq!(conflict(taken), Conflict::BoundElsewhere);
    let revoke = IdentityForm {
        client_id: LIVE.to_owned(),
        reason: "The key was seen in a log.".to_owned(),
    };
    identities::revoke(&plane.cp, &operator, &revoke)
        .await
        .unwrap();
    assert_eq!(reason(plane).await, AccessReason::UnknownSubject);
    let gone = identities::bind(&plane.cp, &operator, &form(LIVE)).await;
    assert_eq!(conflict(gone), Conflict::WrongState);
    identities::bind(&plane.cp, &operator, &form(NON_PROD))
        .await
        .unwrap();
    assert_eq!(reason(plane).await, AccessReason::Granted);
    let found = identities::get(&plane.cp, &operator, LIVE).await.unwrap();
    assert!(found.bindings[0].released_at.is_some());
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn two_at_once_bind_it_to_one() {
    let world = World::live().await;
    let plane = &world.plane;
    let operator = plane.person("operator@example.com", Role::Operator).await;
    let (one, two) = (form(LIVE), form(NON_PROD));
    let (one, two) = tokio::join!(
        identities::bind(&plane.cp, &operator, &one),
        identities::bind(&plane.cp, &operator, &two),
    );
    assert_eq!(
        usize::from(one.is_ok()) + usize::from(two.is_ok()),
        1,
        "{one:?} {two:?}"
    );
    assert_eq!(plane.count_events("identity_bound").await, 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn only_who_may_roll_back_says_so_and_only_what_is_a_principal() {
    let world = World::live().await;
    let plane = &world.plane;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    let refused = identities::bind(&plane.cp, &viewer, &form(LIVE)).await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
    let other = plane.add_team("elsewhere").await;
    let stranger = plane
        .person_with(
            "stranger@example.com",
            &[(Role::Operator, Some(other))],
            &[],
        )
        .await;
    let hidden = identities::bind(&plane.cp, &stranger, &form(LIVE)).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    let operator = plane.person("operator@example.com", Role::Operator).await;
    for (provider, principal) in [
        ("aws_workload_identity", LIVE),
        ("aws_workload_identity", "arn:aws:iam::123456789012:role/x"),
        (
            "aws_workload_identity",
            "arn:aws:bedrock-agentcore:eu:1:workload-identity-directory/a/workload-identity/b",
        ),
        ("gcp_agent_identity", ARN),
        (
            "gcp_agent_identity",
            "principal://agents.x.system.id.goog/resources/",
        ),
        (
            "gcp_agent_identity",
            "principal://agents.x.system.id.goog/resources/\u{202e}x",
        ),
        ("okta", ARN),
        ("", ""),
    ] {
        let wrong = BindingForm {
            client_id: LIVE.to_owned(),
            provider: provider.to_owned(),
            principal: principal.to_owned(),
        };
        let refused = identities::bind(&plane.cp, &operator, &wrong).await;
        assert!(
            matches!(refused, Err(Error::Invalid(_))),
            "{principal}: {refused:?}"
        );
    }
    assert_eq!(plane.count_events("identity_bound").await, 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn an_act_while_a_person_holds_the_identity_is_not_in_force() {
    let world = World::live().await;
    let plane = &world.plane;
    let operator = plane.person("operator@example.com", Role::Operator).await;
    let suspend = IdentityForm {
        client_id: LIVE.to_owned(),
        reason: "Something looks wrong here.".to_owned(),
    };
    identities::suspend(&plane.cp, &operator, &suspend)
        .await
        .unwrap();
    plane.clock.advance(TimeDelta::minutes(10));
    report(plane, vec![event(plane, "held", LIVE, "read")]).await;
    assert_eq!(all_lines(plane).await[0].coverage, Coverage::NotInForce);
    plane.settle().await;
    world.plane.finish().await;
}
