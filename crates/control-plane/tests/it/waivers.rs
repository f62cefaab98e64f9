//! Waivers: who gives them, what they do, and what happens when they end.

use chrono::Duration;
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, agents, deployments, overview, policies, rollbacks, waivers};
use domain::actor::Role;
use domain::approval::ApprovalState;
use domain::authz::Action;
use domain::deployment::DeploymentState;
use domain::error::{Conflict, Exclusion, FieldProblem};
use domain::form::query::AgentQuery;
use domain::form::waiver::{RevokeWaiverForm, WaiverForm};
use domain::gate::{Gate, Verdict};
use domain::waiver::WaiverState;

use crate::approvals::excluded;
use crate::policies::{adopt, with};
use crate::support::{World, conflict, token_of};

/// A waiver of the finding that the fake scanner makes. The clock of tests begins on 2 March 2026.
fn form(deployment: i64, environment: &str, until: &str) -> WaiverForm {
    WaiverForm {
        deployment: deployment.to_string(),
        gate: "image_scan".to_owned(),
        finding: "fake-rule".to_owned(),
        location: "agent.py".to_owned(),
        environment: environment.to_owned(),
        until: until.to_owned(),
        reason: "The code is not reachable.".to_owned(),
    }
}

async fn give(world: &World, ctx: &OpCtx, form: &WaiverForm) -> Result<i64, Error> {
    waivers::give(&world.plane.cp, ctx, form).await
}

/// The image scan finds something, and the first version failed as #1.
async fn failing() -> World {
    let world = World::new().await;
    let plane = &world.plane;
    plane.fakes.verdicts.set(Gate::ImageScan, Verdict::Failed);
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(1, DeploymentState::Cleaned).await;
    world
}

/// Waived in both environments until 10 March: live in non-prod as #2, awaiting approval for production as #3.
pub(crate) async fn waived() -> (World, OpCtx) {
    let world = failing().await;
    let plane = &world.plane;
    let number = give(&world, &world.approver, &form(1, "non_prod", "2026-03-10")).await;
    assert_eq!(number.unwrap(), 1);
    world.push_code("print('second')\n").await;
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    assert_eq!(plane.numbers().await, [1, 2], "waived for non-prod alone");
    let number = give(
        &world,
        &world.approver,
        &form(2, "production", "2026-03-10"),
    )
    .await;
    assert_eq!(number.unwrap(), 2);
    let developer = plane.person("developer@example.com", Role::Developer).await;
    deployments::promote(&plane.cp, &developer, &TestPlane::form(2))
        .await
        .unwrap();
    world.settle().await;
    world.expect(3, DeploymentState::AwaitingApproval).await;
    let second = plane.person("second@example.com", Role::Approver).await;
    (world, second)
}

/// Why what is live in production no longer complies.
async fn lacks(world: &World) -> Vec<String> {
    let ctx = &world.approver;
    let list = agents::list(&world.plane.cp, ctx, &AgentQuery::default()).await;
    let row = list.unwrap().rows.remove(0);
    row.production.map(|cell| cell.lacks).unwrap_or_default()
}

#[tokio::test]
async fn a_waived_finding_satisfies_and_its_giver_does_not_approve() {
    let (world, second) = waived().await;
    let plane = &world.plane;
    let shown = deployments::get(&plane.cp, &second, 3, None, None).await;
    let shown = shown.unwrap();
    let scan = shown.gates.iter().find(|g| g.gate == Gate::ImageScan);
    let scan = scan.unwrap();
    assert_eq!(scan.verdict, Some(Verdict::Waived));
    assert!(scan.summary.ends_with("waived by W-2"), "{}", scan.summary);
    let rule = excluded(&world, &world.approver, 3).await;
    assert_eq!(rule, Exclusion::WaiverGiver);
    let approved = plane.approve(&second, 3).await;
    assert_eq!(approved.unwrap(), ApprovalState::Approved);
    world.settle().await;
    world.expect(3, DeploymentState::Live).await;
    assert!(lacks(&world).await.is_empty());
    let list = waivers::list(&plane.cp, &second, "").await.unwrap();
    let rows: Vec<_> = list.rows.iter().map(|r| (r.number, r.state)).collect();
    assert_eq!(rows, [(2, WaiverState::Active), (1, WaiverState::Active)]);
    let detail = waivers::get(&plane.cp, &second, 2).await.unwrap();
    assert_eq!((detail.leaning, detail.can_revoke), (vec![3], true));
    assert_eq!(plane.count_events("waiver_given").await, 2);
    world.plane.finish().await;
}

#[tokio::test]
async fn when_a_waiver_ends_the_live_version_no_longer_complies() {
    let (world, second) = waived().await;
    let plane = &world.plane;
    plane.approve(&second, 3).await.unwrap();
    world.settle().await;
    world.expect(3, DeploymentState::Live).await;
    plane.fakes.notifier.with_mail();
    plane
        .clock
        .advance_to("2026-03-10T23:59:59Z".parse().unwrap());
    world.settle().await;
    assert!(lacks(&world).await.is_empty());
    plane
        .clock
        .advance_to("2026-03-11T00:00:00Z".parse().unwrap());
    world.settle().await;
    let said = ["Image scan: Waiver W-2 ended 2026-03-11 00:00 UTC"];
    assert_eq!(lacks(&world).await, said);
    world.expect(3, DeploymentState::Live).await;
    let shown = deployments::get(&plane.cp, &second, 3, None, None).await;
    assert_eq!(shown.unwrap().lacks, said);
    let fleet = overview::get(&plane.cp, &second).await.unwrap();
    assert_eq!(
        (fleet.teams_live, fleet.teams_not_complying.len()),
        (1, 1),
        "{:?}",
        fleet.teams_not_complying
    );
    assert_eq!(
        (fleet.non_compliant_count, fleet.non_compliant.len()),
        (2, 2)
    );
    assert_eq!(plane.count_events("compliance_changed").await, 2);
    let told = plane.fakes.notifier.mailbox("second@example.com");
    let live = "refund-assistant #3 is live and no longer complies with the policy";
    assert_eq!(told.iter().filter(|t| *t == live).count(), 1, "{told:?}");
    let detail = waivers::get(&plane.cp, &second, 2).await.unwrap();
    assert_eq!(detail.row.state, WaiverState::Ended);
    assert!(!detail.can_revoke);
    let revoke = RevokeWaiverForm {
        number: "2".to_owned(),
        reason: "It is reachable after all.".to_owned(),
    };
    let late = waivers::revoke(&plane.cp, &second, &revoke).await;
    assert_eq!(conflict(late), Conflict::Changed);
    assert_eq!(plane.count_events("waiver_revoked").await, 0);
    // A new one for the same finding is for what is judged from then on.
    world.settle().await;
    assert_eq!(
        plane.count_events("compliance_changed").await,
        2,
        "said once"
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn the_overview_says_what_ends_soon_to_those_who_see_its_agent() {
    let (world, second) = waived().await;
    let plane = &world.plane;
    let ending = async |ctx: &OpCtx| {
        let found = overview::get(&plane.cp, ctx).await.unwrap().ending;
        found
            .into_iter()
            .map(|one| (one.name, one.page))
            .collect::<Vec<_>>()
    };
    let both = [("W-1", "/waivers/1"), ("W-2", "/waivers/2")]
        .map(|(name, page)| (name.to_owned(), page.to_owned()));
    assert_eq!(ending(&second).await, both);
    let other = plane.add_team("elsewhere").await;
    let stranger = plane
        .person_with("stranger@example.com", &[(Role::Viewer, Some(other))], &[])
        .await;
    assert!(ending(&stranger).await.is_empty());
    let form = RevokeWaiverForm {
        number: "1".to_owned(),
        reason: "Mended meanwhile.".to_owned(),
    };
    waivers::revoke(&plane.cp, &second, &form).await.unwrap();
    assert_eq!(ending(&second).await, both[1..]);
    plane.clock.advance(Duration::days(30));
    assert!(ending(&second).await.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn a_revoked_waiver_holds_up_what_is_on_its_way_before_anything_is_created() {
    let (world, second) = waived().await;
    let plane = &world.plane;
    let revoke = RevokeWaiverForm {
        number: "2".to_owned(),
        reason: "It is reachable after all.".to_owned(),
    };
    waivers::revoke(&plane.cp, &second, &revoke).await.unwrap();
    let again = waivers::revoke(&plane.cp, &second, &revoke).await;
    assert_eq!(conflict(again), Conflict::Changed);
    let shown = deployments::get(&plane.cp, &second, 3, None, None).await;
    let open = shown
        .unwrap()
        .conditions
        .into_iter()
        .find(|c| c.text.contains("W-2"));
    assert!(!open.unwrap().met);
    plane.approve(&second, 3).await.unwrap();
    world.settle().await;
    world.expect(3, DeploymentState::Cleaned).await;
    assert!(world.why(3).await.contains("Waiver W-2 was revoked"));
    assert_eq!(plane.fakes.runtime.starts("clearance-3"), 0);
    assert_eq!(plane.identity(3).await, None);
    let promoted = deployments::promote(&plane.cp, &plane.system(), &TestPlane::form(2)).await;
    assert_eq!(conflict(promoted), Conflict::GatesNotSatisfied);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_waiver_is_for_one_finding_one_agent_and_one_environment() {
    let world = failing().await;
    let plane = &world.plane;
    give(
        &world,
        &world.approver,
        &form(1, "production", "2026-03-10"),
    )
    .await
    .unwrap();
    world.push_code("print('second')\n").await;
    world.settle().await;
    world.expect(2, DeploymentState::Cleaned).await;
    give(&world, &world.approver, &form(1, "non_prod", "2026-03-10"))
        .await
        .unwrap();
    // Another gate finds the same; nobody waived that.
    plane
        .fakes
        .verdicts
        .set(Gate::StaticAnalysis, Verdict::Failed);
    world.push_code("print('third')\n").await;
    world.settle().await;
    world.expect(3, DeploymentState::Cleaned).await;
    assert!(world.why(3).await.starts_with("Static analysis"));
    world.plane.finish().await;
}

#[tokio::test]
async fn only_people_whom_the_policy_names_waive_and_never_their_own_commit() {
    let world = failing().await;
    let plane = &world.plane;
    let good = form(1, "non_prod", "2026-03-10");
    let forbidden = |outcome: Result<i64, Error>| {
        let action = Action::Waive;
        assert!(
            matches!(outcome, Err(Error::Forbidden { action: a }) if a == action),
            "{outcome:?}"
        );
    };
    let developer = plane.person("developer@example.com", Role::Developer).await;
    let administrator = plane.person("admin@example.com", Role::Administrator).await;
    let token = token_of(plane, &world.approver);
    for ctx in [&developer, &administrator, &token, &plane.system()] {
        forbidden(give(&world, ctx, &good).await);
    }
    let elsewhere = plane.add_team("elsewhere").await;
    let roles = [(Role::Approver, Some(elsewhere))];
    let stranger = plane.person_with("stranger@example.com", &roles, &[]).await;
    let hidden = give(&world, &stranger, &good).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    let mine = "SELECT author_email FROM versions";
    let author = plane.column(mine).await.remove(0);
    let author = plane
        .person_with("author@example.com", &[(Role::Approver, None)], &[&author])
        .await;
    let own = give(&world, &author, &good).await;
    assert!(matches!(own, Err(Error::Excluded { .. })), "{own:?}");
    assert_eq!(plane.count_events("waiver_given").await, 0);
    let question = waivers::question(&plane.cp, &developer, &good)
        .await
        .unwrap();
    assert!(question.refused.unwrap().contains("Approver"));
    let question = waivers::question(&plane.cp, &world.approver, &good).await;
    let question = question.unwrap();
    assert_eq!(
        (question.refused, question.latest.as_str()),
        (None, "2026-04-01")
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn a_finding_a_gate_and_a_day_that_cannot_be_are_refused() {
    let world = failing().await;
    let wrong = async |form: WaiverForm, field: &str, problem: FieldProblem| {
        let outcome = give(&world, &world.approver, &form).await;
        let Err(Error::Invalid(errors)) = &outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(errors.get(field), Some(problem), "{errors:?}");
    };
    let good = form(1, "non_prod", "2026-03-10");
    let with = |change: &dyn Fn(&mut WaiverForm)| {
        let mut form = good.clone();
        change(&mut form);
        form
    };
    wrong(
        with(&|f| f.until = "2026-03-01".to_owned()),
        "until",
        FieldProblem::DateOutOfRange,
    )
    .await;
    wrong(
        with(&|f| f.until = "soon".to_owned()),
        "until",
        FieldProblem::BadDate,
    )
    .await;
    wrong(
        with(&|f| f.until = "2026-04-03".to_owned()),
        "until",
        FieldProblem::TooLate,
    )
    .await;
    wrong(
        with(&|f| f.reason = "short".to_owned()),
        "reason",
        FieldProblem::TooShort,
    )
    .await;
    wrong(
        with(&|f| f.finding = "other".to_owned()),
        "finding",
        FieldProblem::NotWaivable,
    )
    .await;
    wrong(
        with(&|f| f.location = "b.py".to_owned()),
        "finding",
        FieldProblem::NotWaivable,
    )
    .await;
    wrong(
        with(&|f| f.gate = "health".to_owned()),
        "gate",
        FieldProblem::NotWaivable,
    )
    .await;
    wrong(
        with(&|f| f.gate = "vibes".to_owned()),
        "gate",
        FieldProblem::UnknownChoice,
    )
    .await;
    wrong(
        with(&|f| f.environment = "moon".to_owned()),
        "environment",
        FieldProblem::UnknownChoice,
    )
    .await;
    give(&world, &world.approver, &good).await.unwrap();
    world.plane.finish().await;
}

#[tokio::test]
async fn what_a_rollback_restores_leans_on_its_waivers_still() {
    let (world, second) = waived().await;
    let plane = &world.plane;
    plane.approve(&second, 3).await.unwrap();
    world.settle().await;
    plane.fakes.verdicts.set(Gate::ImageScan, Verdict::Passed);
    world.push_code("print('third')\n").await;
    world.settle().await;
    plane.approve(&world.approver, 5).await.unwrap();
    world.settle().await;
    world.expect(5, DeploymentState::Live).await;
    plane
        .clock
        .advance_to("2026-03-11T00:00:00Z".parse().unwrap());
    world.settle().await;
    assert!(lacks(&world).await.is_empty());
    let operator = plane.person("operator@example.com", Role::Operator).await;
    let asked = TestPlane::back(5);
    rollbacks::start(&plane.cp, &operator, &asked)
        .await
        .unwrap();
    world.settle().await;
    world.expect(6, DeploymentState::Live).await;
    let said = ["Image scan: Waiver W-2 ended 2026-03-11 00:00 UTC"];
    assert_eq!(lacks(&world).await, said);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_policy_may_let_nobody_waive_and_then_nothing_waived_complies() {
    let (world, second) = waived().await;
    let plane = &world.plane;
    plane.approve(&second, 3).await.unwrap();
    world.settle().await;
    world.expect(3, DeploymentState::Live).await;
    let text = with(&[(
        "freeze: []",
        "freeze: []\nwaivers: {roles: [], days: 1, gates: []}",
    )]);
    adopt(&world, &text).await;
    plane.clock.advance(Duration::minutes(1));
    world.settle().await;
    assert_eq!(
        lacks(&world).await,
        ["Image scan is waived, which may not be"]
    );
    let refused = give(&world, &second, &form(3, "production", "2026-03-10")).await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
    let found = policies::dry_run(&plane.cp, &second, 2).await.unwrap();
    assert_eq!(found.stopped.len(), 2, "{found:?}");
    world.plane.finish().await;
}
