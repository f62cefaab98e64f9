//! Break-glass lets a deployment go on without people and the clock, and without nothing else; it is paid back.

use chrono::Duration;
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, agents, approvals, break_glass, deployments, overview};
use domain::actor::Role;
use domain::approval::ApprovalState;
use domain::break_glass::PostReviewState;
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::error::{Conflict, Exclusion};
use domain::form::break_glass::{BreakGlassForm, PostReviewForm};
use domain::identity::IdentityState;

use crate::policies::{adopt, with};
use crate::support::{World, conflict, token_of};

fn form(number: i64, digest: &str) -> BreakGlassForm {
    BreakGlassForm {
        number: number.to_string(),
        manifest_digest: digest.to_owned(),
        reason: "Customers are charged twice, nobody answers.".to_owned(),
        incident: "INC-118".to_owned(),
    }
}

fn close(number: i64, outcome: &str) -> PostReviewForm {
    PostReviewForm {
        number: number.to_string(),
        outcome: outcome.to_owned(),
        reason: "Read the change and the incident.".to_owned(),
    }
}

pub(crate) async fn operator(plane: &TestPlane) -> OpCtx {
    plane.person("operator@example.com", Role::Operator).await
}

/// The digest that the page offers to this person.
async fn offered(plane: &TestPlane, ctx: &OpCtx, number: i64) -> Option<String> {
    let shown = deployments::get(&plane.cp, ctx, number, None, None).await;
    shown.unwrap().break_glass_offer.map(|o| o.manifest_digest)
}

pub(crate) async fn broken(world: &World, by: &OpCtx, number: i64) -> i64 {
    let plane = &world.plane;
    let digest = offered(plane, by, number).await.expect("an offer");
    let started = break_glass::start(&plane.cp, by, &form(number, &digest)).await;
    started.unwrap()
}

#[tokio::test]
async fn a_broken_glass_goes_live_with_the_typed_digest_and_an_identity() {
    let world = World::asked().await;
    let plane = &world.plane;
    let operator = operator(plane).await;
    let digest = offered(plane, &operator, 2).await.unwrap();
    assert_eq!(broken(&world, &operator, 2).await, 1);
    assert_eq!(plane.approval(2).await, Some(ApprovalState::Withdrawn));
    assert_eq!(plane.authorised(2).await.as_deref(), Some(digest.as_str()));
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    let identity = plane.identity(2).await.unwrap();
    assert_eq!(identity.1, IdentityState::Active);
    assert_eq!(plane.count_events("glass_broken").await, 1);
    assert_eq!(plane.count_events("glass_used").await, 1);
    // The mark is wherever the deployment is.
    let shown = deployments::get(&plane.cp, &operator, 2, None, None)
        .await
        .unwrap();
    assert_eq!(shown.break_glass.unwrap().state, PostReviewState::Due);
    let agent = agents::get(&plane.cp, &operator, "refund-assistant").await;
    assert_eq!(agent.unwrap().break_glasses.len(), 1);
    let overview = overview::get(&plane.cp, &operator).await.unwrap();
    assert_eq!(overview.break_glasses[0].number, 1);
    assert_eq!(overview.without_approval, 0);
    let last = &overview.went_live[0];
    assert_eq!((last.number, last.approvers.len()), (2, 0));
    assert!(last.broken_by.is_some());
    assert_eq!((overview.went_live_7d, overview.broken_glass_7d), (1, 1));
    world.plane.finish().await;
}

#[tokio::test]
async fn another_digest_lets_nothing_through() {
    let world = World::asked().await;
    let plane = &world.plane;
    let operator = operator(plane).await;
    let wrong = form(2, &format!("sha256:{}", "0".repeat(64)));
    let refused = break_glass::start(&plane.cp, &operator, &wrong).await;
    assert_eq!(conflict(refused), Conflict::ManifestChanged);
    world.expect(2, DeploymentState::AwaitingApproval).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn what_changes_after_the_glass_is_broken_is_blocked() {
    let world = World::asked().await;
    let plane = &world.plane;
    let operator = operator(plane).await;
    broken(&world, &operator, 2).await;
    let scopes = "UPDATE versions SET scopes = '[\"orders:read\",\"orders:write\"]'";
    plane.sql(scopes).await.unwrap();
    plane.settle_all().await;
    world.expect(2, DeploymentState::Cleaned).await;
    let why = world.why(2).await;
    assert!(why.contains("Blocked") && why.contains("scopes"), "{why}");
    assert_eq!(
        plane.live(&world.agent, Environment::Production).await,
        None
    );
    assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn no_gate_is_passed_over() {
    let world = World::asked().await;
    let plane = &world.plane;
    let operator = operator(plane).await;
    let digest = offered(plane, &operator, 2).await.unwrap();
    let set = |gate: &str, verdict: &str| {
        format!(
            "UPDATE gate_runs SET verdict = '{verdict}' WHERE gate = '{gate}' AND carried_from IS NOT NULL"
        )
    };
    for gate in ["static_analysis", "image_scan", "hallucination"] {
        for verdict in ["failed", "inconclusive", "errored"] {
            plane.sql(&set(gate, verdict)).await.unwrap();
            assert_eq!(offered(plane, &operator, 2).await, None, "{gate} {verdict}");
            let refused = break_glass::start(&plane.cp, &operator, &form(2, &digest)).await;
            assert_eq!(conflict(refused), Conflict::GatesNotSatisfied);
        }
        plane.sql(&set(gate, "passed")).await.unwrap();
    }
    // A scan that is not there is not a passed one.
    plane
        .sql("DELETE FROM gate_runs WHERE gate = 'image_scan' AND carried_from IS NOT NULL")
        .await
        .unwrap();
    let refused = break_glass::start(&plane.cp, &operator, &form(2, &digest)).await;
    assert_eq!(conflict(refused), Conflict::GatesNotSatisfied);
    assert_eq!(plane.count_events("glass_broken").await, 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn only_roles_of_the_policy_and_recent_sessions_break_it() {
    let world = World::asked().await;
    let plane = &world.plane;
    let operator = operator(plane).await;
    let digest = offered(plane, &operator, 2).await.unwrap();
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    for other in [&world.approver, &admin, &token_of(plane, &operator)] {
        let refused = break_glass::start(&plane.cp, other, &form(2, &digest)).await;
        assert!(
            matches!(refused, Err(Error::Forbidden { .. })),
            "{refused:?}"
        );
        assert_eq!(offered(plane, other, 2).await, None);
    }
    plane.clock.advance(Duration::minutes(6));
    let refused = break_glass::start(&plane.cp, &operator, &form(2, &digest)).await;
    assert!(matches!(refused, Err(Error::SignInTooOld { minutes: 5 })));
    world.expect(2, DeploymentState::AwaitingApproval).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_policy_can_switch_it_off() {
    let world = World::new().await;
    let plane = &world.plane;
    let off = "name: standard\nbreak_glass: {roles: [], hours: 1, review_hours: 1}";
    adopt(&world, &with(&[("name: standard", off)])).await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    let operator = operator(plane).await;
    assert_eq!(offered(plane, &operator, 2).await, None);
    let digest = "sha256:".to_owned() + &"0".repeat(64);
    let refused = break_glass::start(&plane.cp, &operator, &form(2, &digest)).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    world.plane.finish().await;
}

#[tokio::test]
async fn a_second_click_breaks_nothing_again() {
    let world = World::asked().await;
    let plane = &world.plane;
    let operator = operator(plane).await;
    let digest = offered(plane, &operator, 2).await.unwrap();
    let once = form(2, &digest);
    let (a, b) = tokio::join!(
        break_glass::start(&plane.cp, &operator, &once),
        break_glass::start(&plane.cp, &operator, &once)
    );
    let (won, lost) = if a.is_ok() { (a, b) } else { (b, a) };
    assert_eq!(won.unwrap(), 1);
    assert!(matches!(lost, Err(Error::Conflict { .. })));
    assert_eq!(plane.count_events("glass_broken").await, 1);
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn a_freeze_is_jumped_and_the_difference_is_kept_for_the_review() {
    let world = World::new().await;
    let plane = &world.plane;
    let window =
        "freeze: [{reason: Books, from: 2026-03-01T00:00:00Z, until: 2026-04-01T00:00:00Z}]";
    adopt(&world, &with(&[("freeze: []", window)])).await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(2, DeploymentState::Queued).await;
    let operator = operator(plane).await;
    let number = broken(&world, &operator, 2).await;
    let shown = deployments::get(&plane.cp, &operator, 2, None, None)
        .await
        .unwrap();
    let met = |text: &str| shown.conditions.iter().any(|c| c.met && c.text == text);
    assert!(
        met("Let through without approval, PR-1"),
        "{:?}",
        shown.conditions
    );
    // Who had a part in it is not worked out yet.
    let early = break_glass::review(&plane.cp, &world.approver, &close(number, "ok")).await;
    assert_eq!(conflict(early), Conflict::WrongState);
    world.settle().await;
    world.expect(2, DeploymentState::Live).await;
    let asked = approvals::get(&plane.cp, &world.approver, 2).await.unwrap();
    assert_eq!(asked.row.state, ApprovalState::Withdrawn);
    assert_eq!(asked.break_glass.unwrap().number, number);
    let closed = break_glass::review(&plane.cp, &world.approver, &close(number, "ok")).await;
    assert_eq!(closed.unwrap(), PostReviewState::ReviewedOk);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_permission_that_ran_out_asks_people_again() {
    let world = World::new().await;
    let plane = &world.plane;
    let window =
        "freeze: [{reason: Books, from: 2026-03-01T00:00:00Z, until: 2026-03-02T15:00:00Z}]";
    adopt(&world, &with(&[("freeze: []", window)])).await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    let operator = operator(plane).await;
    broken(&world, &operator, 2).await;
    plane.clock.advance(Duration::hours(7));
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    assert_eq!(plane.authorised(2).await, None);
    world.plane.finish().await;
}

#[tokio::test]
async fn whoever_broke_or_wrote_it_does_not_review_it() {
    let world = World::asked().await;
    let plane = &world.plane;
    let both = plane
        .person_with(
            "both@example.com",
            &[(Role::Operator, None), (Role::Approver, None)],
            &[],
        )
        .await;
    let author = plane.person("author@example.com", Role::Approver).await;
    let number = broken(&world, &both, 2).await;
    world.settle().await;
    let own = break_glass::review(&plane.cp, &both, &close(number, "ok")).await;
    assert!(matches!(
        own,
        Err(Error::Excluded {
            rule: Exclusion::Breaker
        })
    ));
    let wrote = break_glass::review(&plane.cp, &author, &close(number, "ok")).await;
    assert!(matches!(wrote, Err(Error::Excluded { .. })), "{wrote:?}");
    let token = token_of(plane, &world.approver);
    let token = break_glass::review(&plane.cp, &token, &close(number, "ok")).await;
    assert!(matches!(token, Err(Error::Forbidden { .. })));
    let shown = break_glass::get(&plane.cp, &world.approver, number)
        .await
        .unwrap();
    assert_eq!(shown.can_review, ["approver"]);
    let found = break_glass::review(&plane.cp, &world.approver, &close(number, "violation")).await;
    assert_eq!(found.unwrap(), PostReviewState::ReviewedViolation);
    let twice = break_glass::review(&plane.cp, &world.approver, &close(number, "ok")).await;
    assert_eq!(conflict(twice), Conflict::AlreadyDecided);
    world.plane.finish().await;
}

#[tokio::test]
async fn an_overdue_review_holds_up_the_next_promotion_until_it_is_closed() {
    let world = World::asked().await;
    let plane = &world.plane;
    let operator = operator(plane).await;
    let number = broken(&world, &operator, 2).await;
    world.settle().await;
    plane.clock.advance(Duration::hours(72));
    world.push_code("print('second')\n").await;
    world.settle().await;
    // Opened by the policy, and held by the clock, whatever the worker wrote down.
    world.expect(4, DeploymentState::Queued).await;
    let shown = deployments::get(&plane.cp, &operator, 4, None, None)
        .await
        .unwrap();
    let open: Vec<_> = shown.conditions.iter().filter(|c| !c.met).collect();
    assert!(
        open.iter()
            .any(|c| c.text.contains("PR-1 of #2 is overdue")),
        "{open:?}"
    );
    // Nor is it jumped by breaking the glass once more.
    let fresh = plane.fresh(&operator);
    let digest = offered(plane, &fresh, 4).await.unwrap();
    let again = break_glass::start(&plane.cp, &fresh, &form(4, &digest)).await;
    assert_eq!(conflict(again), Conflict::ReviewOverdue);
    let asked = deployments::promote(&plane.cp, &fresh, &TestPlane::form(3)).await;
    assert_eq!(conflict(asked), Conflict::ReviewOverdue);
    let (waiting, _) = break_glass::list(&plane.cp, &world.approver, "")
        .await
        .unwrap();
    assert_eq!(waiting[0].state, PostReviewState::Overdue);
    let late = plane.fresh(&world.approver);
    let closed = break_glass::review(&plane.cp, &late, &close(number, "ok")).await;
    assert_eq!(closed.unwrap(), PostReviewState::ReviewedOk);
    world.settle().await;
    world.expect(4, DeploymentState::AwaitingApproval).await;
    assert_eq!(plane.count_events("post_review_overdue").await, 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn another_team_is_not_held_up() {
    let world = World::asked().await;
    let plane = &world.plane;
    let operator = operator(plane).await;
    broken(&world, &operator, 2).await;
    world.settle().await;
    plane.clock.advance(Duration::hours(73));
    plane.add_team("billing").await;
    let other = control_plane::testing::TestAgent::new("invoice-reader");
    plane.onboard(&other, "billing").await;
    plane.push(&other, other.files()).await;
    world.settle().await;
    world.expect(4, DeploymentState::AwaitingApproval).await;
    world.plane.finish().await;
}
