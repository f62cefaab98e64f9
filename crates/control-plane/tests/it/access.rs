//! Access decisions: every answer follows what the tables say now, here at once and on every replica within five seconds.

use std::time::{Duration, Instant};

use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, access, rollbacks};
use domain::access::{AccessReason, Asked, CORRECT_WITHIN_SECONDS};
use domain::actor::{Actor, Grant, Role, TokenScope};
use domain::id::{TeamId, TokenId, UserId};
use uuid::Uuid;

use crate::support::{World, token_of};

/// A program that agents call, with a token of somebody who has a role in a team or in all.
fn program(plane: &TestPlane, team: Option<TeamId>, scopes: &[TokenScope]) -> OpCtx {
    plane.ctx(Actor::Token {
        id: TokenId(Uuid::nil()),
        user: UserId(Uuid::nil()),
        name: "Salesforce".to_owned(),
        email: "salesforce@example.com".to_owned(),
        grants: vec![Grant {
            role: Role::Viewer,
            team,
        }],
        scopes: scopes.to_vec(),
    })
}

pub(crate) fn asks(plane: &TestPlane) -> OpCtx {
    program(plane, None, &[TokenScope::Access])
}

pub(crate) fn about(client: &str, action: &str) -> Asked {
    Asked {
        subject_type: "agent".to_owned(),
        subject: client.to_owned(),
        resource: "orders".to_owned(),
        resource_id: "1".to_owned(),
        action: action.to_owned(),
        environment: None,
        context: Vec::new(),
    }
}

async fn reason(plane: &TestPlane, ctx: &OpCtx, asked: &Asked) -> Result<AccessReason, Error> {
    let desk = access::open(&plane.cp, ctx).await?;
    Ok(desk.decide(asked).reason)
}

/// Asks again and again until the answer is no longer the one of before, and says how long that took.
async fn until_changed(
    plane: &TestPlane,
    asked: &Asked,
) -> (Result<AccessReason, Error>, Duration) {
    let (ctx, began) = (asks(plane), Instant::now());
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    loop {
        tick.tick().await;
        let found = reason(plane, &ctx, asked).await;
        let longest = Duration::from_secs(2 * CORRECT_WITHIN_SECONDS);
        if !matches!(found, Ok(AccessReason::Granted)) || began.elapsed() > longest {
            return (found, began.elapsed());
        }
    }
}

#[tokio::test]
async fn an_approved_scope_is_allowed_under_its_approval_and_another_is_not() {
    let world = World::live().await;
    let plane = &world.plane;
    let ctx = asks(plane);
    let desk = access::open(&plane.cp, &ctx).await.unwrap();
    let yes = desk.decide(&about("refund-assistant-2", "read"));
    assert_eq!(yes.reason, AccessReason::Granted);
    let grant = yes.grant.unwrap();
    assert_eq!((grant.deployment, grant.approval), (2, Some(2)));
    assert_eq!(
        (grant.agent.as_str(), grant.version.as_str()),
        ("refund-assistant", "2.3.0")
    );
    let no = desk.decide(&about("refund-assistant-2", "write"));
    assert_eq!(no.reason, AccessReason::OutOfScope);
    assert_eq!(no.grant.unwrap().deployment, 2);
    let nobody = desk.decide(&about("refund-assistant-3", "read"));
    assert_eq!(
        (nobody.reason, nobody.grant),
        (AccessReason::UnknownSubject, None)
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn only_a_program_with_the_scope_asks() {
    let world = World::live().await;
    let plane = &world.plane;
    let question = about("refund-assistant-2", "read");
    let stranger = reason(plane, &plane.anonymous(), &question).await;
    assert!(
        matches!(stranger, Err(Error::Unauthenticated)),
        "{stranger:?}"
    );
    let reader = program(plane, None, &[TokenScope::Read, TokenScope::Write]);
    for ctx in [&world.approver, &token_of(plane, &world.approver), &reader] {
        let refused = reason(plane, ctx, &question).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn an_identity_of_a_team_that_the_caller_does_not_see_is_one_that_does_not_exist() {
    let world = World::live().await;
    let plane = &world.plane;
    let other = plane.add_team("elsewhere").await;
    let ctx = program(plane, Some(other), &[TokenScope::Access]);
    let desk = access::open(&plane.cp, &ctx).await.unwrap();
    let theirs = desk.decide(&about("refund-assistant-2", "read"));
    let none = desk.decide(&about("no-such-identity", "read"));
    assert_eq!(theirs, none);
    assert_eq!(theirs.reason, AccessReason::UnknownSubject);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_replaced_version_is_denied_by_the_next_question() {
    let world = World::live().await;
    let plane = &world.plane;
    let ctx = asks(plane);
    let before = reason(plane, &ctx, &about("refund-assistant-2", "read")).await;
    assert_eq!(before.unwrap(), AccessReason::Granted);
    world.push_code("print('second')\n").await;
    world.settle().await;
    plane.approve(&world.approver, 4).await.unwrap();
    world.settle().await;
    let replaced = reason(plane, &ctx, &about("refund-assistant-2", "read")).await;
    assert_eq!(replaced.unwrap(), AccessReason::UnknownSubject);
    let live = reason(plane, &ctx, &about("refund-assistant-4", "read")).await;
    assert_eq!(live.unwrap(), AccessReason::Granted);
    let operator = plane.person("ops@example.com", Role::Operator).await;
    rollbacks::start(&plane.cp, &operator, &TestPlane::back(4))
        .await
        .unwrap();
    world.settle().await;
    for (client, allowed) in [("refund-assistant-4", false), ("refund-assistant-5", true)] {
        let found = reason(plane, &ctx, &about(client, "read")).await.unwrap();
        assert_eq!(found.allows(), allowed, "{client}: {found}");
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn a_change_that_another_replica_made_counts_within_five_seconds() {
    let changes = [
        (
            "UPDATE identities SET state = 'suspended' WHERE client_id = 'refund-assistant-2'",
            AccessReason::Suspended,
        ),
        (
            "UPDATE deployments SET state = 'superseded' WHERE number = 2",
            AccessReason::NotEntitled,
        ),
        (
            "UPDATE identities SET scopes = '[]' WHERE client_id = 'refund-assistant-2'",
            AccessReason::OutOfScope,
        ),
        (
            "UPDATE identities SET state = 'revoked' WHERE client_id = 'refund-assistant-2'",
            AccessReason::UnknownSubject,
        ),
    ];
    for (change, expected) in changes {
        let world = World::live().await;
        let plane = &world.plane;
        let question = about("refund-assistant-2", "read");
        let before = reason(plane, &asks(plane), &question).await;
        assert_eq!(before.unwrap(), AccessReason::Granted);
        plane.sql(change).await.unwrap();
        let (after, took) = until_changed(plane, &question).await;
        assert_eq!(after.unwrap(), expected, "{change}");
        assert!(
            took < Duration::from_secs(CORRECT_WITHIN_SECONDS),
            "{change}: {took:?}"
        );
        world.plane.remove().await;
    }
}

#[tokio::test]
async fn without_its_tables_it_answers_nothing_rather_than_yes() {
    let world = World::live().await;
    let plane = &world.plane;
    let question = about("refund-assistant-2", "read");
    let before = reason(plane, &asks(plane), &question).await;
    assert_eq!(before.unwrap(), AccessReason::Granted);
    let broken = "ALTER TABLE identities RENAME TO identities_that_cannot_be_read";
    plane.sql(broken).await.unwrap();
    let (after, took) = until_changed(plane, &question).await;
    assert!(matches!(after, Err(Error::Unavailable { .. })), "{after:?}");
    assert!(
        took < Duration::from_secs(CORRECT_WITHIN_SECONDS),
        "{took:?}"
    );
    world.plane.remove().await;
}
