//! What the overview answers, for whoever may see it.

use chrono::TimeDelta;
use control_plane::{audit, overview};
use domain::actor::Role;
use domain::event::AuditAction;
use domain::form::query::AuditQuery;
use domain::gate::{Gate, Verdict};
use domain::view::overview::WentLive;

use crate::support::World;

#[tokio::test]
async fn the_overview_says_who_approved_what_went_live_last() {
    let world = World::new().await;
    let plane = &world.plane;
    let seen = overview::get(&plane.cp, &world.approver).await.unwrap();
    assert!(seen.went_live.is_empty());
    assert_eq!((seen.went_live_7d, seen.teams_live), (0, 0));
    world.plane.finish().await;

    let world = World::live_twice().await;
    let plane = &world.plane;
    let seen = overview::get(&plane.cp, &world.approver).await.unwrap();
    let shown = |one: &WentLive| (one.number, one.approval, one.approvers.clone());
    let approver = || vec!["approver".to_owned()];
    assert_eq!(
        seen.went_live.iter().map(shown).collect::<Vec<_>>(),
        [(4, 4, approver()), (2, 2, approver())]
    );
    assert!(
        seen.went_live
            .iter()
            .all(|one| one.broken_by.is_none() && !one.restores)
    );
    assert_eq!((seen.went_live_7d, seen.broken_glass_7d), (2, 0));
    let from = (plane.now() - TimeDelta::days(6)).date_naive();
    assert_eq!(seen.week_from, from.to_string());
    assert_eq!((seen.teams_live, seen.teams_not_complying.len()), (1, 0));
    assert!(
        seen.gates_passed.contains(&(Gate::ResponsibleAi, 1)),
        "{:?}",
        seen.gates_passed
    );
    // Other teams see nothing of it.
    let care = plane.add_team("care").await;
    let roles = [(Role::Viewer, Some(care))];
    let other = plane.person_with("other@example.com", &roles, &[]).await;
    let seen = overview::get(&plane.cp, &other).await.unwrap();
    assert!(seen.went_live.is_empty());
    assert_eq!((seen.went_live_7d, seen.teams_live), (0, 0));
    assert!(seen.gates_passed.iter().all(|(_, passed)| *passed == 0));
    world.plane.finish().await;
}

#[tokio::test]
async fn gates_that_failed_are_as_many_as_the_events_that_the_figure_leads_to() {
    let world = World::live().await;
    let plane = &world.plane;
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    world.push_code("print('worse')\n").await;
    world.settle().await;
    let seen = overview::get(&plane.cp, &world.approver).await.unwrap();
    let asked = AuditQuery {
        action: AuditAction::GateSettled.as_str().to_owned(),
        q: Verdict::Failed.as_str().to_owned(),
        from: seen.week_from.clone(),
        ..AuditQuery::default()
    };
    let trail = audit::trail(&plane.cp, &world.approver, &asked).await;
    let told = u64::try_from(trail.unwrap().rows.len()).unwrap();
    assert_eq!((seen.gates_failed_7d, told), (1, 1));
    world.plane.finish().await;
}
