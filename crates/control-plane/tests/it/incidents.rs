//! Incidents and quarantine: what is in quarantine cannot act from the same moment on, and can be let go again.

use control_plane::fakes::Fault;
use control_plane::ports::PortErrorKind;
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, identities, incidents, overview, quarantines, rollbacks};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::error::{Conflict, FieldProblem};
use domain::form::incident::{IncidentForm, OpenIncidentForm};
use domain::identity::IdentityState;
use domain::incident::{IncidentState, QuarantineState};
use domain::runtime::RuntimeHealth;
use domain::view::incident::IncidentDetail;

use crate::support::{World, conflict};

pub(crate) fn opening(title: &str) -> OpenIncidentForm {
    OpenIncidentForm {
        agent: "refund-assistant".to_owned(),
        environment: "production".to_owned(),
        title: title.to_owned(),
    }
}

pub(crate) fn on(number: i64) -> IncidentForm {
    IncidentForm {
        number: format!("INC-{number}"),
        reason: "It paid a refund twice.".to_owned(),
    }
}

async fn operator(world: &World) -> OpCtx {
    world.plane.person("ops@example.com", Role::Operator).await
}

async fn look(plane: &TestPlane, ctx: &OpCtx, number: i64) -> IncidentDetail {
    incidents::get(&plane.cp, ctx, number).await.unwrap()
}

/// An incident about the second version, which is live in production as #4.
async fn opened() -> (World, OpCtx) {
    let world = World::live_twice().await;
    let operator = operator(&world).await;
    // What happened before is no part of it.
    world.plane.clock.advance(chrono::TimeDelta::minutes(1));
    let form = opening("It pays refunds twice");
    let number = incidents::open(&world.plane.cp, &operator, &form)
        .await
        .unwrap();
    assert_eq!(number, 1);
    (world, operator)
}

#[tokio::test]
async fn an_incident_is_opened_owned_mitigated_and_closed_with_what_was_learnt() {
    let (world, operator) = opened().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let found = look(plane, &operator, 1).await;
    assert_eq!(found.row.owner.as_deref(), Some("ops"));
    assert_eq!(found.row.deployment, Some(4));
    let shown = overview::get(cp, &operator).await.unwrap().incidents;
    assert_eq!(shown.len(), 1);
    let early = incidents::close(cp, &operator, &on(1)).await;
    assert_eq!(
        conflict(early),
        Conflict::WrongState,
        "open is not mitigated"
    );
    let other = plane.person("second@example.com", Role::Operator).await;
    incidents::take_over(cp, &other, &on(1)).await.unwrap();
    incidents::mitigate(cp, &operator, &on(1)).await.unwrap();
    assert!(
        overview::get(cp, &operator)
            .await
            .unwrap()
            .incidents
            .is_empty()
    );
    incidents::reopen(cp, &operator, &on(1)).await.unwrap();
    incidents::mitigate(cp, &operator, &on(1)).await.unwrap();
    let short = IncidentForm {
        reason: "short".to_owned(),
        ..on(1)
    };
    match incidents::close(cp, &operator, &short).await {
        Err(Error::Invalid(fields)) => {
            assert_eq!(fields.get("reason"), Some(FieldProblem::TooShort));
        }
        other => panic!("{other:?}"),
    }
    incidents::close(cp, &operator, &on(1)).await.unwrap();
    let found = look(plane, &other, 1).await;
    assert_eq!(found.row.state, IncidentState::Closed);
    assert_eq!(found.row.owner.as_deref(), Some("second"));
    assert_eq!(found.lesson.as_deref(), Some("It paid a refund twice."));
    assert!(!found.can_act);
    let timeline: Vec<&str> = found.timeline.iter().map(|e| e.action.as_str()).collect();
    assert_eq!(
        timeline,
        [
            "incident_closed",
            "incident_mitigated",
            "incident_reopened",
            "incident_mitigated",
            "incident_owned",
            "incident_opened",
        ]
    );
    let late = quarantines::begin(cp, &operator, &on(1)).await;
    assert_eq!(conflict(late), Conflict::WrongState);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_is_in_quarantine_cannot_act_at_once_and_comes_back_when_it_is_released() {
    let (world, operator) = opened().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let (client, _, _) = plane.identity(4).await.unwrap();
    assert!(identities::active(cp, &client).await.unwrap().is_some());
    quarantines::begin(cp, &operator, &on(1)).await.unwrap();

    // Before anything outside was asked: no token, inactive at introspection, no key to sign in with.
    assert!(identities::active(cp, &client).await.unwrap().is_none());
    assert_eq!(identities::public_jwk(cp, &client).await.unwrap(), None);
    let exp = plane.now().timestamp() + 30;
    let token = identities::grant(cp, &plane.anonymous(), &client, "one", exp).await;
    assert!(matches!(token, Err(Error::Unauthenticated)), "{token:?}");
    let twice = quarantines::begin(cp, &operator, &on(1)).await;
    assert_eq!(conflict(twice), Conflict::WrongState);

    world.settle().await;
    assert!(plane.fakes.identities.is_suspended(&client));
    let outside = cp.ports().runtime.health("clearance-4").await.unwrap();
    assert_eq!(outside, RuntimeHealth::Stopped);
    // Stopped on purpose: neither started again nor rolled back.
    for _ in 0..4 {
        plane.clock.advance(chrono::TimeDelta::seconds(15));
        world.settle().await;
    }
    let outside = cp.ports().runtime.health("clearance-4").await.unwrap();
    assert_eq!(outside, RuntimeHealth::Stopped);
    world.expect(4, DeploymentState::Live).await;
    assert_eq!(
        look(plane, &operator, 1).await.quarantines[0].state,
        QuarantineState::InForce
    );

    quarantines::release(cp, &operator, &on(1)).await.unwrap();
    assert!(
        identities::active(cp, &client).await.unwrap().is_none(),
        "not before it runs"
    );
    world.settle().await;
    assert!(identities::active(cp, &client).await.unwrap().is_some());
    assert!(!plane.fakes.identities.is_suspended(&client));
    let outside = cp.ports().runtime.health("clearance-4").await.unwrap();
    assert_eq!(outside, RuntimeHealth::Healthy);
    assert_eq!(
        look(plane, &operator, 1).await.quarantines[0].state,
        QuarantineState::Released
    );
    let again = quarantines::release(cp, &operator, &on(1)).await;
    assert_eq!(conflict(again), Conflict::WrongState);
    // It can be quarantined again.
    quarantines::begin(cp, &operator, &on(1)).await.unwrap();
    world.settle().await;
    assert!(plane.fakes.identities.is_suspended(&client));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_asked_again_while_the_identity_stays_useless() {
    for (name, fault) in [
        (
            "identity.suspend",
            Fault::Refused(PortErrorKind::Unavailable),
        ),
        ("identity.suspend", Fault::AnswerLost),
        ("runtime.stop", Fault::AnswerLost),
        ("runtime.stop", Fault::HangsAfter),
        ("runtime.stop", Fault::HangsBefore),
    ] {
        let (world, operator) = opened().await;
        let plane = &world.plane;
        plane.fakes.faults.next(name, 2, fault);
        quarantines::begin(&plane.cp, &operator, &on(1))
            .await
            .unwrap();
        plane.settle().await;
        let (client, state, _) = plane.identity(4).await.unwrap();
        assert_eq!(state, IdentityState::Suspended, "{name} {fault:?}");
        plane.settle_all().await;
        assert!(
            plane.fakes.identities.is_suspended(&client),
            "{name} {fault:?}"
        );
        let found = look(plane, &operator, 1).await;
        assert_eq!(
            found.quarantines[0].state,
            QuarantineState::InForce,
            "{name} {fault:?}"
        );
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn a_quarantined_version_is_rolled_back_and_its_quarantine_is_over() {
    let (world, operator) = opened().await;
    let plane = &world.plane;
    quarantines::begin(&plane.cp, &operator, &on(1))
        .await
        .unwrap();
    world.settle().await;
    rollbacks::start(&plane.cp, &operator, &TestPlane::back(4))
        .await
        .unwrap();
    world.settle().await;
    world.expect(5, DeploymentState::Live).await;
    let (client, state, _) = plane.identity(4).await.unwrap();
    assert_eq!(state, IdentityState::Revoked);
    assert!(plane.fakes.identities.was_revoked(&client));
    let found = look(plane, &operator, 1).await;
    assert_eq!(found.row.state, IncidentState::Mitigated);
    assert_eq!(found.quarantines[0].state, QuarantineState::Over);
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        Some(5)
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn only_those_who_may_act_and_only_where_they_read() {
    let (world, operator) = opened().await;
    let plane = &world.plane;
    let cp = &plane.cp;
    let other = plane.add_team("sales").await;
    let seller = plane
        .person_with("seller@example.com", &[(Role::Operator, Some(other))], &[])
        .await;
    let developer = plane.person("dev@example.com", Role::Developer).await;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    for hidden in [
        incidents::get(cp, &seller, 1).await.map(|_| ()),
        incidents::open(cp, &seller, &opening("Something is wrong"))
            .await
            .map(|_| ()),
        quarantines::begin(cp, &seller, &on(1)).await,
    ] {
        assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    }
    assert!(
        overview::get(cp, &seller)
            .await
            .unwrap()
            .incidents
            .is_empty()
    );
    for person in [&developer, &viewer] {
        for refused in [
            quarantines::begin(cp, person, &on(1)).await,
            incidents::mitigate(cp, person, &on(1)).await,
            incidents::take_over(cp, person, &on(1)).await,
        ] {
            assert!(
                matches!(refused, Err(Error::Forbidden { .. })),
                "{refused:?}"
            );
        }
    }
    incidents::open(cp, &developer, &opening("Something is wrong"))
        .await
        .unwrap();
    let refused = incidents::open(cp, &viewer, &opening("Something is wrong")).await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
    quarantines::begin(cp, &operator, &on(1)).await.unwrap();
    world.settle().await;
    world.plane.finish().await;
}
