//! What is evaluated while it is live: a healthy agent is left alone, one that turned bad has one incident and is rolled
//! back where the policy says so, and one that does not answer is not judged.

use chrono::TimeDelta;
use control_plane::fakes::Fault;
use control_plane::online::Span;
use control_plane::ports::runtime::Invocation;
use control_plane::ports::{PortError, PortErrorKind};
use control_plane::{Error, OpCtx, incidents, online};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::form::query::{IncidentQuery, OnlineQuery};
use domain::gate::Gate;
use domain::incident::{IncidentCause, IncidentState};
use domain::online::Traffic;
use domain::policy::STANDARD;
use domain::view::incident::IncidentRow;
use domain::view::online::OnlineEvaluation;

use crate::policies::adopt;
use crate::support::World;

/// Ten exchanges decide; what is asked each time is every case that the fake agent's suites have.
fn document(on_breach: &str) -> String {
    let block = format!(
        "freeze: []\n  online: {{probe_minutes: 15, probe_cases: 50, sample_percent: 100, window: 10, on_breach: {on_breach}}}"
    );
    STANDARD.replace("freeze: []", &block)
}

/// Two versions were live in production, #4 is now, and it is evaluated.
async fn evaluated(on_breach: &str) -> World {
    let world = World::live_twice().await;
    adopt(&world, &document(on_breach)).await;
    world.settle().await;
    world
}

/// So many rounds of probes, each when it is due.
async fn rounds(world: &World, times: usize) {
    for _ in 0..times {
        world.plane.clock.advance(TimeDelta::minutes(15));
        world.plane.activate("evaluate_online").await.unwrap();
    }
}

/// From now on the agent of one deployment answers with nonsense.
fn turn_bad(world: &World) {
    world
        .plane
        .fakes
        .runtime
        .set_answer(|order, _| Ok(answer(order.name == "clearance-4")));
}

fn answer(bad: bool) -> Invocation {
    let said = if bad { "Nonsense." } else { "Yes." };
    Invocation {
        status: 200,
        body: format!("{{\"result\":\"{said}\"}}"),
        latency_ms: 5,
    }
}

async fn auditor(world: &World) -> OpCtx {
    world.plane.person("audit@example.com", Role::Auditor).await
}

async fn incidents_of(world: &World, ctx: &OpCtx) -> Vec<IncidentRow> {
    let listed = incidents::list(&world.plane.cp, ctx, &IncidentQuery::default()).await;
    listed.unwrap().rows
}

#[tokio::test]
async fn online_a_healthy_agent_is_left_alone() {
    let world = evaluated("roll_back").await;
    let auditor = auditor(&world).await;
    rounds(&world, 25).await;
    world.settle().await;
    assert!(incidents_of(&world, &auditor).await.is_empty());
    world.expect(4, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn online_nothing_is_asked_where_the_policy_does_not_say_so() {
    let world = World::live_twice().await;
    turn_bad(&world);
    rounds(&world, 25).await;
    let auditor = auditor(&world).await;
    assert!(incidents_of(&world, &auditor).await.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn online_an_agent_that_turned_bad_has_one_incident_and_is_rolled_back() {
    let world = evaluated("roll_back").await;
    let auditor = auditor(&world).await;
    rounds(&world, 3).await;
    turn_bad(&world);
    rounds(&world, 1).await;
    world.settle().await;
    let opened = incidents_of(&world, &auditor).await;
    assert_eq!(opened.len(), 1, "{opened:?}");
    assert_eq!(
        (opened[0].cause, opened[0].deployment, opened[0].state),
        (IncidentCause::Evaluation, Some(4), IncidentState::Mitigated)
    );
    world.expect(4, DeploymentState::RolledBack).await;
    world.expect(5, DeploymentState::Live).await;
    // Where the first bad answer is a breach, nothing else has to be seen.
    let live = world.plane.live(&world.agent, Environment::Production);
    assert_eq!(live.await, Some(5));
    rounds(&world, 25).await;
    world.settle().await;
    assert_eq!(incidents_of(&world, &auditor).await.len(), 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn online_a_breach_opens_an_incident_and_no_more_where_people_decide() {
    let world = evaluated("incident").await;
    let auditor = auditor(&world).await;
    turn_bad(&world);
    rounds(&world, 25).await;
    world.settle().await;
    let opened = incidents_of(&world, &auditor).await;
    assert_eq!(opened.len(), 1, "{opened:?}");
    assert_eq!(opened[0].state, IncidentState::Open);
    world.expect(4, DeploymentState::Live).await;
    let events = world.plane.events().await;
    let breaches = events.iter().filter(|e| e.action == "breach_reported");
    // One for each gate whose suites the agent fails.
    assert_eq!(breaches.count(), 3);
    world.plane.finish().await;
}

#[tokio::test]
async fn online_a_few_bad_answers_decide_nothing() {
    let world = evaluated("roll_back").await;
    let auditor = auditor(&world).await;
    let relevance_alone = |prompt: &str| prompt.contains("one");
    world.plane.fakes.runtime.set_answer(move |_, payload| {
        let asked = payload["prompt"].as_str().unwrap_or_default();
        Ok(answer(relevance_alone(asked)))
    });
    // `evaluated` asked once already, when all was well.
    rounds(&world, 8).await;
    assert!(incidents_of(&world, &auditor).await.is_empty(), "9 of 10");
    rounds(&world, 1).await;
    assert_eq!(incidents_of(&world, &auditor).await.len(), 1);
    world.settle().await;
    world.plane.finish().await;
}

#[tokio::test]
async fn online_an_agent_that_does_not_answer_is_not_judged() {
    let world = evaluated("roll_back").await;
    let auditor = auditor(&world).await;
    world.plane.fakes.runtime.set_answer(|_, _| {
        Err(PortError::new(
            PortErrorKind::Unavailable,
            "It took too long.",
        ))
    });
    rounds(&world, 15).await;
    world.plane.fakes.runtime.set_answer(|_, _| {
        Ok(Invocation {
            status: 500,
            body: "Nonsense.".to_owned(),
            latency_ms: 5,
        })
    });
    rounds(&world, 15).await;
    assert!(incidents_of(&world, &auditor).await.is_empty());
    world.expect(4, DeploymentState::Live).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn online_a_round_that_was_killed_is_run_again_and_leaves_one_incident() {
    let world = evaluated("incident").await;
    let auditor = auditor(&world).await;
    turn_bad(&world);
    let mut polls = 1;
    for _ in 0..40 {
        world.plane.clock.advance(TimeDelta::minutes(15));
        let mut killed = polls;
        world
            .plane
            .settle_killing(|| {
                killed += 1;
                Some(killed)
            })
            .await;
        polls += 7;
    }
    world.plane.clock.advance(TimeDelta::minutes(15));
    rounds(&world, 12).await;
    world.settle().await;
    assert_eq!(incidents_of(&world, &auditor).await.len(), 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn online_an_engine_that_is_away_says_nothing_about_the_agent() {
    let world = evaluated("roll_back").await;
    let auditor = auditor(&world).await;
    turn_bad(&world);
    let down = Fault::Refused(PortErrorKind::Unavailable);
    world
        .plane
        .fakes
        .faults
        .next("evaluator.questions", 15, down);
    rounds(&world, 15).await;
    assert!(incidents_of(&world, &auditor).await.is_empty());
    world.expect(4, DeploymentState::Live).await;
}

fn span(trace: u64, said: &str) -> Span {
    Span {
        trace: format!("{:018x}{trace:014x}", 1),
        span: format!("{trace:016x}"),
        traffic: Traffic {
            asked: "When?".to_owned(),
            answered: said.to_owned(),
            evidence: vec!["On 12 March.".to_owned()],
        },
    }
}

async fn look(world: &World, ctx: &OpCtx, query: &OnlineQuery) -> OnlineEvaluation {
    let found = online::get(&world.plane.cp, ctx, 4, query).await;
    found.unwrap()
}

#[tokio::test]
async fn online_traffic_counts_once_and_a_breach_in_it_is_one() {
    let world = evaluated("roll_back").await;
    let plane = &world.plane;
    let auditor = auditor(&world).await;
    let (client, _, _) = plane.identity(4).await.unwrap();
    let bad: Vec<Span> = (0..12).map(|trace| span(trace, "Nonsense.")).collect();
    let send = |spans: Vec<Span>| online::receive(&plane.cp, &auditor, &client, spans);
    assert_eq!(send(bad.clone()).await.unwrap().kept, 12);
    assert_eq!(send(bad).await.unwrap().kept, 0, "known already");
    rounds(&world, 1).await;
    let traffic = OnlineQuery {
        origin: "traffic".to_owned(),
        limit: Some(10),
        ..OnlineQuery::default()
    };
    let first = look(&world, &auditor, &traffic).await;
    assert_eq!(first.exchanges.len(), 10);
    let next = OnlineQuery {
        cursor: first.next_cursor.clone().unwrap(),
        ..traffic.clone()
    };
    let last = look(&world, &auditor, &next).await;
    assert_eq!((last.exchanges.len(), last.next_cursor), (2, None));
    let window = first
        .windows
        .iter()
        .find(|one| one.gate == Gate::Hallucination)
        .unwrap();
    assert_eq!(window.probes + window.sampled, 10);
    assert!(window.breached_since.is_some(), "{window:?}");
    assert_eq!(incidents_of(&world, &auditor).await.len(), 1);
    world.settle().await;
    world.expect(4, DeploymentState::RolledBack).await;
    world.plane.finish().await;
}

#[tokio::test]
async fn online_traffic_comes_from_the_identity_of_what_is_live_alone() {
    let world = evaluated("incident").await;
    let plane = &world.plane;
    let auditor = auditor(&world).await;
    let (left, _, _) = plane.identity(2).await.unwrap();
    for client in [left.as_str(), "nobody"] {
        let spans = vec![span(1, "Yes.")];
        let refused = online::receive(&plane.cp, &auditor, client, spans).await;
        assert!(matches!(refused, Err(Error::Unauthenticated)), "{client}");
    }
    // Non-prod is entitled to its identity, and is not evaluated here.
    let (tested, _, _) = plane.identity(3).await.unwrap();
    let spans = vec![span(1, "Yes.")];
    let taken = online::receive(&plane.cp, &auditor, &tested, spans).await;
    assert_eq!(taken.unwrap().kept, 0);
    world.plane.finish().await;
}
