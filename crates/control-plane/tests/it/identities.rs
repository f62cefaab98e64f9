//! Identities: usable only while their deployment is entitled to them (invariant 7).

use chrono::TimeDelta;
use control_plane::testing::{TEAM, TestPlane};
use control_plane::{Error, OpCtx, identities, incidents, quarantines, rollbacks};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::error::Conflict;
use domain::form::identity::IdentityForm;
use domain::form::incident::{IncidentForm, OpenIncidentForm};
use domain::form::query::IdentityQuery;
use domain::gate::{Gate, Verdict};
use domain::identity::{ASSERTION_SECONDS, IdentityState, SKEW_SECONDS, TOKEN_SECONDS};
use domain::view::identity::IdentityRow;
use domain::view::page::Page;

use crate::support::{World, conflict};

/// When an assertion made now ends.
pub(crate) fn exp(plane: &TestPlane) -> i64 {
    plane.now().timestamp() + ASSERTION_SECONDS
}

#[tokio::test]
async fn an_identity_says_under_which_approval_it_acts() {
    let world = World::live().await;
    let plane = &world.plane;
    let ctx = plane.anonymous();
    let client = "refund-assistant-2";
    let grant = identities::grant(&plane.cp, &ctx, client, "one", exp(plane)).await;
    let grant = grant.unwrap();
    assert_eq!((grant.deployment, grant.approval), (2, Some(2)));
    assert_eq!(grant.scopes, ["orders:read"]);
    assert_eq!(grant.version, "2.3.0");
    let non_prod = identities::active(&plane.cp, "refund-assistant-1").await;
    assert_eq!(non_prod.unwrap().unwrap().approval, None);
    assert!(
        identities::public_jwk(&plane.cp, client)
            .await
            .unwrap()
            .is_some()
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn an_assertion_counts_once_and_not_for_long() {
    let world = World::live().await;
    let plane = &world.plane;
    let ctx = plane.anonymous();
    let client = "refund-assistant-2";
    let grant = |jti: &'static str, exp: i64| identities::grant(&plane.cp, &ctx, client, jti, exp);
    grant("one", exp(plane)).await.unwrap();
    let refused = [
        grant("one", exp(plane)).await,
        grant("", exp(plane)).await,
        grant("two", plane.now().timestamp()).await,
        grant("three", exp(plane) + SKEW_SECONDS + 1).await,
    ];
    for outcome in refused {
        assert!(
            matches!(outcome, Err(Error::Unauthenticated)),
            "{outcome:?}"
        );
    }
    let (one, two) = tokio::join!(grant("both", exp(plane)), grant("both", exp(plane)));
    assert_ne!(one.is_ok(), two.is_ok());
    world.plane.finish().await;
}

#[tokio::test]
async fn a_replaced_or_failed_deployment_has_no_usable_identity() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let form = TestPlane::back(4);
    rollbacks::start(&plane.cp, &operator, &form).await.unwrap();
    world.settle().await;
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    world.push_code("print('worse')\n").await;
    world.settle().await;
    for (number, usable) in [
        (1, false),
        (2, false),
        (3, true),
        (4, false),
        (5, true),
        (6, false),
    ] {
        let client = format!("refund-assistant-{number}");
        let active = identities::active(&plane.cp, &client).await.unwrap();
        assert_eq!(active.is_some(), usable, "{client}");
        let key = identities::public_jwk(&plane.cp, &client).await.unwrap();
        assert_eq!(key.is_some(), usable, "{client}");
    }
    let restored = identities::active(&plane.cp, "refund-assistant-5").await;
    assert_eq!(restored.unwrap().unwrap().approval, Some(2));
    world.plane.finish().await;
}

#[tokio::test]
async fn an_identity_whose_deployment_is_over_is_useless_even_if_its_row_says_active() {
    let world = World::live().await;
    let plane = &world.plane;
    let over = "UPDATE deployments SET state = 'superseded' WHERE number = 2";
    plane.sql(over).await.unwrap();
    let active = identities::active(&plane.cp, "refund-assistant-2").await;
    assert_eq!(active.unwrap(), None);
    world.plane.remove().await;
}

pub(crate) fn kill(client: &str, reason: &str) -> IdentityForm {
    IdentityForm {
        client_id: client.to_owned(),
        reason: reason.to_owned(),
    }
}

pub(crate) const WHY: &str = "It exports customer records at night";

#[tokio::test]
async fn a_revoked_identity_can_do_nothing_at_once_and_its_key_goes() {
    let world = World::live().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let client = "refund-assistant-2";
    let before = identities::get(cp, &operator, client).await.unwrap();
    assert!(before.can_revoke && before.row.usable && before.tokens_until.is_none());
    identities::revoke(cp, &operator, &kill(client, WHY))
        .await
        .unwrap();
    // Before anything outside was asked.
    assert_eq!(identities::active(cp, client).await.unwrap(), None);
    assert_eq!(identities::public_jwk(cp, client).await.unwrap(), None);
    let late = identities::grant(cp, &plane.anonymous(), client, "late", exp(plane)).await;
    assert!(matches!(late, Err(Error::Unauthenticated)), "{late:?}");
    world.settle().await;
    assert!(
        !plane
            .fakes
            .identities
            .names()
            .iter()
            .any(|name| name == client)
    );
    // What is live stays live, and another version gets an identity of its own.
    world.expect(2, DeploymentState::Live).await;
    assert_eq!(plane.count_events("identity_revoked").await, 1);
    let after = identities::get(cp, &operator, client).await.unwrap();
    assert!(!after.can_revoke && !after.row.usable);
    assert!(after.tokens_until.is_some());
    plane.clock.advance(TimeDelta::seconds(TOKEN_SECONDS));
    let later = identities::get(cp, &operator, client).await.unwrap();
    assert_eq!(later.tokens_until, None);
    let again = identities::revoke(cp, &operator, &kill(client, WHY)).await;
    assert_eq!(conflict(again), Conflict::WrongState);
    world.push_code("print('second')\n").await;
    world.settle().await;
    plane.approve(&world.approver, 4).await.unwrap();
    world.settle().await;
    assert!(
        identities::active(cp, "refund-assistant-4")
            .await
            .unwrap()
            .is_some()
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn only_who_may_roll_back_revokes_and_gives_a_reason() {
    let world = World::live().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let client = "refund-assistant-2";
    let elsewhere = plane.add_team("elsewhere").await;
    let theirs = plane
        .person_with(
            "theirs@example.com",
            &[(Role::Operator, Some(elsewhere))],
            &[],
        )
        .await;
    let unseen = identities::revoke(cp, &theirs, &kill(client, WHY)).await;
    assert!(matches!(unseen, Err(Error::NotFound { .. })), "{unseen:?}");
    let hidden = identities::get(cp, &theirs, client).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    for role in [Role::Viewer, Role::Developer, Role::Approver, Role::Auditor] {
        let person = plane
            .person(&format!("some-{role}@example.com"), role)
            .await;
        let form = kill(client, WHY);
        for refused in [
            identities::revoke(cp, &person, &form).await,
            identities::suspend(cp, &person, &form).await,
            identities::resume(cp, &person, &form).await,
        ] {
            assert!(
                matches!(refused, Err(Error::Forbidden { .. })),
                "{role}: {refused:?}"
            );
        }
        let seen = identities::get(cp, &person, client).await.unwrap();
        assert!(!seen.can_revoke, "{role}");
    }
    let stranger = identities::revoke(cp, &plane.anonymous(), &kill(client, WHY)).await;
    assert!(
        matches!(stranger, Err(Error::Unauthenticated)),
        "{stranger:?}"
    );
    let operator = plane.person("ops@example.com", Role::Operator).await;
    for reason in ["", "short", &"x".repeat(5_000)] {
        let wrong = identities::revoke(cp, &operator, &kill(client, reason)).await;
        assert!(matches!(wrong, Err(Error::Invalid(_))), "{wrong:?}");
    }
    let nobody = identities::revoke(cp, &operator, &kill("no-such-thing", WHY)).await;
    assert!(matches!(nobody, Err(Error::NotFound { .. })), "{nobody:?}");
    assert!(identities::active(cp, client).await.unwrap().is_some());
    world.plane.finish().await;
}

#[tokio::test]
async fn two_who_revoke_at_once_revoke_once() {
    let world = World::live().await;
    let plane = &world.plane;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let form = kill("refund-assistant-2", WHY);
    let (one, two) = tokio::join!(
        identities::revoke(&plane.cp, &operator, &form),
        identities::revoke(&plane.cp, &operator, &form)
    );
    assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
    assert_eq!(plane.count_events("identity_revoked").await, 1);
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn one_that_was_revoked_in_quarantine_does_not_come_back_with_its_release() {
    let world = World::live().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let form = opened(&world, &operator).await;
    quarantines::begin(cp, &operator, &form).await.unwrap();
    identities::revoke(cp, &operator, &kill("refund-assistant-2", WHY))
        .await
        .unwrap();
    world.settle().await;
    quarantines::release(cp, &operator, &form).await.unwrap();
    world.settle().await;
    let identity = identities::get(cp, &operator, "refund-assistant-2").await;
    let identity = identity.unwrap();
    assert_eq!(identity.row.state, IdentityState::Revoked);
    assert!(!identity.quarantined);
    world.plane.finish().await;
}

#[tokio::test]
async fn the_list_is_paged_filtered_and_shows_a_team_its_own() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    let list = |state: &str, cursor: &str, limit: u64| IdentityQuery {
        state: state.to_owned(),
        agent: String::new(),
        team: String::new(),
        scope: String::new(),
        cursor: cursor.to_owned(),
        limit: Some(limit),
    };
    let names = |page: &Page<IdentityRow>| -> Vec<String> {
        page.rows.iter().map(|row| row.client_id.clone()).collect()
    };
    let usable = identities::list(cp, &viewer, &list("", "", 50))
        .await
        .unwrap();
    assert_eq!(names(&usable), ["refund-assistant-4", "refund-assistant-3"]);
    assert_eq!(usable.rows[0].approval, Some(4));
    assert_eq!(usable.rows[0].scopes, 1);
    let all = identities::list(cp, &viewer, &list("any", "", 50))
        .await
        .unwrap();
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = identities::list(cp, &viewer, &list("any", &cursor, 1))
            .await
            .unwrap();
        paged.extend(names(&page));
        match page.next {
            Some(next) => cursor = next,
            None => break,
        }
    }
    assert_eq!(paged, names(&all));
    assert_eq!(paged.len(), 4);
    let revoked = identities::list(cp, &viewer, &list("revoked", "", 50))
        .await
        .unwrap();
    assert_eq!(
        names(&revoked),
        ["refund-assistant-2", "refund-assistant-1"]
    );
    let elsewhere = plane.add_team("elsewhere").await;
    for (team, rows) in [(TEAM, 2), ("elsewhere", 0), ("no-such", 0)] {
        let asked = IdentityQuery {
            team: team.to_owned(),
            ..list("", "", 50)
        };
        let page = identities::list(cp, &viewer, &asked).await.unwrap();
        assert_eq!(page.rows.len(), rows, "{team}");
    }
    let theirs = plane
        .person_with(
            "theirs@example.com",
            &[(Role::Operator, Some(elsewhere))],
            &[],
        )
        .await;
    let none = identities::list(cp, &theirs, &list("any", "", 50))
        .await
        .unwrap();
    assert!(none.rows.is_empty());
    let stranger = identities::list(cp, &plane.anonymous(), &list("", "", 50)).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    world.plane.finish().await;
}

#[tokio::test]
async fn what_was_revoked_can_still_be_put_into_quarantine() {
    let world = World::live().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let client = "refund-assistant-2";
    identities::revoke(cp, &operator, &kill(client, WHY))
        .await
        .unwrap();
    world.settle().await;
    let incident = opened(&world, &operator).await;
    quarantines::begin(cp, &operator, &incident).await.unwrap();
    world.settle().await;
    let shown = identities::get(cp, &operator, client).await.unwrap();
    assert!(shown.quarantined);
    assert_eq!(shown.row.state, IdentityState::Revoked);
    world.plane.finish().await;
}

/// An incident about the agent in production.
pub(crate) async fn opened(world: &World, operator: &OpCtx) -> IncidentForm {
    let opening = OpenIncidentForm {
        agent: "refund-assistant".to_owned(),
        environment: "production".to_owned(),
        title: "It pays refunds twice".to_owned(),
    };
    let number = incidents::open(&world.plane.cp, operator, &opening).await;
    IncidentForm {
        number: number.unwrap().to_string(),
        reason: WHY.to_owned(),
    }
}
