//! Controls: each count of events is that of the events that it leads to in the trail.

use chrono::Duration;
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, audit, controls};
use domain::actor::Role;
use domain::controls::Framework;
use domain::error::FieldProblem;
use domain::form::query::{AuditQuery, ControlsQuery};
use domain::view::controls::FrameworkView;

use crate::support::World;

async fn weighed(
    plane: &TestPlane,
    ctx: &OpCtx,
    framework: Framework,
    agent: &str,
) -> FrameworkView {
    let asked = ControlsQuery {
        agent: agent.to_owned(),
        ..ControlsQuery::default()
    };
    let found = controls::framework(&plane.cp, ctx, framework, &asked).await;
    found.unwrap()
}

/// How many events the trail has of the same period and scope.
async fn events(plane: &TestPlane, ctx: &OpCtx, of: &FrameworkView, evidence: &str) -> u64 {
    let asked = AuditQuery {
        evidence: evidence.to_owned(),
        agent: of.scope.agent.clone().unwrap_or_default(),
        from: of.scope.from.clone(),
        to: of.scope.to.clone(),
        ..AuditQuery::default()
    };
    let lines = audit::lines(&plane.cp, ctx, &asked).await.unwrap();
    assert_eq!(lines.next, None);
    u64::try_from(lines.rows.len()).unwrap()
}

#[tokio::test]
async fn every_count_of_a_control_is_the_number_of_events_that_it_leads_to() {
    let world = World::live().await;
    let plane = &world.plane;
    // What happens at the moment of the question is not of the period before it.
    plane.clock.advance(Duration::minutes(1));
    let care = plane.add_team("care").await;
    let roles = [(Role::Viewer, Some(care))];
    let other = plane.person_with("other@example.com", &roles, &[]).await;
    let mut some = 0;
    for (ctx, agent) in [
        (&world.approver, ""),
        (&world.approver, world.agent.slug.as_str()),
        (&other, ""),
    ] {
        for framework in Framework::ALL {
            let found = weighed(plane, ctx, *framework, agent).await;
            for control in &found.controls {
                let name = format!("{framework}:{}", control.id);
                let told = events(plane, ctx, &found, &name).await;
                assert_eq!(told, control.total, "{name}");
                some += told;
            }
            let kinds = found.controls.iter().flat_map(|one| &one.evidence);
            for kind in kinds {
                let told = events(plane, ctx, &found, &kind.key).await;
                assert_eq!(told, kind.count, "{}", kind.key);
            }
        }
    }
    assert!(some > 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn evidence_that_the_catalogue_does_not_know_is_said_to_be_unknown() {
    let plane = TestPlane::new().await;
    let auditor = plane.person("audit@example.com", Role::Auditor).await;
    for what in [
        "everything",
        "soc2:",
        "soc2:CC99",
        "soc3:CC6.1",
        ":",
        "gates:",
    ] {
        let asked = AuditQuery {
            evidence: what.to_owned(),
            ..AuditQuery::default()
        };
        let refused = audit::trail(&plane.cp, &auditor, &asked).await;
        let Err(Error::Invalid(errors)) = refused else {
            panic!("{what}: {refused:?}")
        };
        assert_eq!(errors.get("evidence"), Some(FieldProblem::UnknownChoice));
    }
    plane.finish().await;
}
