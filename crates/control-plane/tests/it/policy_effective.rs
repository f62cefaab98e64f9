//! What asks the policy asks the one that holds for its agent: overrides, age of evidence, conditions, and what is live.

use chrono::Duration;
use control_plane::testing::TestPlane;
use control_plane::{Error, agents, approvals, deployments, policies};
use domain::actor::Role;
use domain::approval::ApprovalState;
use domain::deployment::DeploymentState;
use domain::error::Conflict;
use domain::form::query::AgentQuery;

use crate::approval_rules::group;
use crate::approvals::reject;
use crate::policies::{administrators, adopt, answer, form, refusal, with};
use crate::support::{World, conflict};

/// The built-in document with more at its end.
fn and(more: &str) -> String {
    format!("{}{more}", with(&[]))
}

/// With one condition in Rego; `allow` is what it says.
fn condition(allow: &str) -> String {
    let key = format!(
        "freeze: []\n  conditions:\n    - name: few-scopes\n      message: At most one scope.\n      rego: |\n        package clearance\n\n        import rego.v1\n\n        {allow}"
    );
    with(&[("freeze: []", &key)])
}

async fn lacks(world: &World) -> Vec<String> {
    let ctx = &world.approver;
    let list = agents::list(&world.plane.cp, ctx, &AgentQuery::default()).await;
    let row = list.unwrap().rows.remove(0);
    row.production.map(|cell| cell.lacks).unwrap_or_default()
}

#[tokio::test]
async fn an_override_of_a_team_or_a_risk_holds_for_its_agents_alone() {
    for (whom, quorum) in [
        ("team: payments", 2),
        ("risk: low", 2),
        ("risk: high", 1),
        ("{team: payments, risk: high}", 1),
    ] {
        let world = World::new().await;
        let plane = &world.plane;
        plane.person("second@example.com", Role::Approver).await;
        let whom = whom.trim_matches(['{', '}']);
        adopt(
            &world,
            &and(&format!(
                "overrides: [{{{whom}, production: {{quorum: 2}}}}]\n"
            )),
        )
        .await;
        plane.push(&world.agent, world.agent.files()).await;
        world.settle().await;
        let shown = approvals::get(&plane.cp, &world.approver, 2).await.unwrap();
        assert_eq!(shown.row.quorum, quorum, "{whom}");
        let first = plane.approve(&world.approver, 2).await.unwrap();
        assert_eq!(first == ApprovalState::Approved, quorum == 1, "{whom}");
        world.settle().await;
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn an_override_for_a_team_that_is_not_there_or_cannot_meet_it_is_refused() {
    let world = World::new().await;
    let plane = &world.plane;
    let (one, _) = administrators(plane).await;
    let refused = async |more: &str| {
        let outcome = policies::propose(&plane.cp, &one, &form(&and(more))).await;
        match outcome {
            Err(Error::Policy(refusal)) => *refusal,
            other => panic!("{other:?}"),
        }
    };
    let wrong = refused("overrides:\n  - team: paymnets\n    production: {quorum: 1}\n").await;
    let problem = wrong.problems.first().unwrap();
    assert!(problem.message.contains("no team paymnets"), "{problem:?}");
    assert!(problem.line > 20 && problem.column > 0, "{problem:?}");
    let wrong = refused("overrides: [{risk: high, production: {quorum: 2}}]\n").await;
    let team = wrong.teams.first().unwrap();
    assert_eq!((team.team.as_str(), team.needed), ("payments", 2));
    let wrong = refused("overrides: [{risk: high, production: {quorum: 0}}]\n").await;
    assert!(wrong.problems[0].message.contains("looser"));
    assert_eq!(plane.count_events("policy_proposed").await, 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn an_override_asks_a_group_of_one_team_and_must_be_met_there() {
    let world = World::new().await;
    let plane = &world.plane;
    let (one, other) = administrators(plane).await;
    let asked = |team: &str, count: u32| {
        and(&format!(
            "overrides:\n  - team: {team}\n    production: {{approval: {{required: [{{group: security, count: {count}}}]}}}}\n"
        ))
    };
    let refused = async |text: &str| refusal(policies::propose(&plane.cp, &one, &form(text)).await);
    let unknown = refused(&asked("payments", 1)).await;
    let problem = unknown.problems.first().unwrap();
    assert!(
        problem.message.contains("no group `security`"),
        "{problem:?}"
    );
    assert!(problem.line > 20 && problem.column > 0, "{problem:?}");

    let guard = plane.person("guard@example.com", Role::Approver).await;
    group(plane, "security", &["guard@example.com"]).await;
    let short = refused(&asked("payments", 2)).await;
    let found: Vec<_> = short
        .teams
        .iter()
        .map(|t| {
            (
                t.team.as_str(),
                t.group.as_deref(),
                t.needed,
                t.people.len(),
            )
        })
        .collect();
    assert_eq!(found, [("payments", Some("security"), 2, 1)]);

    policies::propose(&plane.cp, &one, &form(&asked("payments", 1)))
        .await
        .unwrap();
    policies::decide(&plane.cp, &other, &answer(2, "approve", 1))
        .await
        .unwrap();
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    let first = plane.approve(&world.approver, 2).await.unwrap();
    assert_eq!(
        first,
        ApprovalState::Open,
        "the quorum, but not of the group"
    );
    let second = plane.approve(&guard, 2).await.unwrap();
    assert_eq!(second, ApprovalState::Approved);
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn evidence_that_is_too_old_counts_for_no_promotion() {
    let world = World::new().await;
    let plane = &world.plane;
    adopt(
        &world,
        &with(&[("soak_minutes: 0", "soak_minutes: 0\n  evidence_hours: 24")]),
    )
    .await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    plane.clock.advance(Duration::hours(25));
    let shown = deployments::get(&plane.cp, &world.approver, 2, None, None).await;
    let open: Vec<String> = shown
        .unwrap()
        .conditions
        .into_iter()
        .filter(|c| !c.met && c.text.contains("older than 24 hours"))
        .map(|c| c.text)
        .collect();
    assert_eq!(open.len(), 5, "{open:?}");
    plane.approve(&world.approver, 2).await.unwrap();
    world.settle().await;
    world.expect(2, DeploymentState::Cleaned).await;
    assert!(world.why(2).await.contains("older than 24 hours"));
    assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
    let developer = plane.person("developer@example.com", Role::Developer).await;
    let promoted = deployments::promote(&plane.cp, &developer, &TestPlane::form(1)).await;
    assert_eq!(conflict(promoted), Conflict::GatesNotSatisfied);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_condition_that_is_met_lets_it_on_and_is_on_the_page() {
    let world = World::new().await;
    let plane = &world.plane;
    let allow = "default allow := false\n\n        allow if count(input.scopes) == 1";
    adopt(&world, &condition(allow)).await;
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    let shown = deployments::get(&plane.cp, &world.approver, 2, None, None).await;
    let line = shown.unwrap().conditions.pop().unwrap();
    assert_eq!(
        (line.met, line.text.as_str()),
        (true, "few-scopes: At most one scope.")
    );
    assert_eq!(plane.count_events("conditions_judged").await, 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_condition_that_is_not_met_or_says_neither_blocks_production() {
    for (allow, said) in [
        ("allow := false", "Condition few-scopes: At most one scope."),
        ("allow := 7", "inconclusive"),
        ("allow if input.nothing", "inconclusive"),
        ("allow if to_number(input.agent) == 1", "inconclusive"),
    ] {
        let world = World::new().await;
        let plane = &world.plane;
        adopt(&world, &condition(allow)).await;
        plane.push(&world.agent, world.agent.files()).await;
        world.settle().await;
        world.expect(1, DeploymentState::Live).await;
        world.expect(2, DeploymentState::Cleaned).await;
        assert!(world.why(2).await.contains(said), "{allow}");
        assert_eq!(plane.approval(2).await, None, "nobody was asked");
        assert_eq!(plane.fakes.runtime.starts("clearance-2"), 0);
        let shown = deployments::get(&plane.cp, &world.approver, 2, None, None).await;
        let open = shown.unwrap().conditions;
        assert!(open.len() == 2 && open.iter().all(|c| !c.met), "{open:?}");
        assert!(open[1].text.starts_with("few-scopes: "), "{open:?}");
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn a_stricter_policy_marks_what_is_live_and_a_dry_run_said_so() {
    let world = World::live().await;
    let plane = &world.plane;
    plane.person("second@example.com", Role::Approver).await;
    assert!(lacks(&world).await.is_empty());
    let text = condition("allow := false").replace("quorum: 1", "quorum: 2");
    adopt(&world, &text).await;
    let found = policies::dry_run(&plane.cp, &world.approver, 2)
        .await
        .unwrap();
    let stopped: Vec<_> = found
        .stopped
        .iter()
        .map(|r| (r.number, r.lacks.clone()))
        .collect();
    let said = vec![
        "1 of 2 approvals".to_owned(),
        "Condition few-scopes: At most one scope.".to_owned(),
    ];
    assert_eq!(stopped, [(2, said.clone())]);
    world.settle().await;
    assert_eq!(lacks(&world).await, said);
    assert_eq!(plane.count_events("compliance_changed").await, 1);
    world.expect(2, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn live_evidence_grows_old_by_the_clock() {
    let world = World::live().await;
    let plane = &world.plane;
    adopt(
        &world,
        &with(&[("soak_minutes: 0", "soak_minutes: 0\n  evidence_hours: 48")]),
    )
    .await;
    world.settle().await;
    assert!(lacks(&world).await.is_empty());
    plane.clock.advance(Duration::hours(49));
    world.settle().await;
    let said = lacks(&world).await;
    assert_eq!(said.len(), 5, "{said:?}");
    assert_eq!(
        said[0],
        "Static analysis: its evidence is older than 48 hours"
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn the_calendar_says_what_is_frozen_for_whom_and_until_when() {
    let world = World::new().await;
    let plane = &world.plane;
    let freeze = "freeze: [{reason: Weekend, from: 2026-02-27T18:00:00Z, until: 2026-03-02T12:00:00Z, rrule: FREQ=WEEKLY;COUNT=3}]\noverrides: [{team: payments, production: {freeze: [{reason: Books, from: 2026-03-04T00:00:00Z, until: 2026-03-05T00:00:00Z}]}}]";
    let weekly = with(&[("freeze: []", freeze)]);
    adopt(&world, &weekly).await;
    let calendar = policies::calendar(&plane.cp, &world.approver)
        .await
        .unwrap();
    let rows: Vec<_> = calendar
        .rows
        .iter()
        .map(|r| {
            (
                r.reason.as_str(),
                r.whom.as_str(),
                r.until.get(..16).unwrap(),
                r.now,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("Weekend", "Everybody", "2026-03-02T12:00", true),
            ("Books", "Team payments", "2026-03-05T00:00", false),
            ("Weekend", "Everybody", "2026-03-09T12:00", false),
            ("Weekend", "Everybody", "2026-03-16T12:00", false),
        ]
    );
    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    world.expect(2, DeploymentState::Queued).await;
    plane
        .clock
        .advance_to("2026-03-02T12:00:00Z".parse().unwrap());
    world.settle().await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    let approver = plane.again(world.approver.actor().user().unwrap()).await;
    reject(plane, &approver, 2).await;
    world.settle().await;
    assert!(
        policies::calendar(&plane.cp, &plane.anonymous())
            .await
            .is_err()
    );
    world.plane.finish().await;
}
