//! Kills: at every call to the outside, and between any two steps, a process may end. Everything ends well all the same,
//! and nothing is outside that the ledger does not know (invariant 4).

use control_plane::fakes::Fault;
use domain::deployment::DeploymentState;
use domain::gate::{Gate, Verdict};
use futures::StreamExt;

use crate::support::World;

/// Worlds that live at the same time; they mostly wait.
const AT_ONCE: usize = 8;

/// What a run is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    /// Two versions go to production, the second in the place of the first.
    Good,
    /// A version fails its last gate, so everything is torn down.
    Bad,
}

/// Lives the story, with trouble or without, and gives the number of calls to the outside.
async fn live(story: Story, trouble: Option<(usize, Fault)>) -> usize {
    let world = World::new().await;
    let plane = &world.plane;
    let note = format!("{story:?} {trouble:?}");
    plane.push(&world.agent, world.agent.files()).await;
    let begin = plane.fakes.faults.calls().len();
    if let Some((place, fault)) = trouble {
        plane.fakes.faults.at(begin + place, fault);
    }
    if story == Story::Bad {
        plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    }
    plane.settle_all().await;
    if story == Story::Good {
        assert_eq!(plane.state(1).await, DeploymentState::Live, "{note}");
        let asked = plane.state(2).await;
        assert_eq!(asked, DeploymentState::AwaitingApproval, "{note}");
        plane.approve(&world.approver, 2).await.unwrap();
        plane.settle_all().await;
        assert_eq!(plane.state(2).await, DeploymentState::Live, "{note}");
        for name in ["clearance-1", "clearance-2"] {
            assert_eq!(plane.fakes.runtime.starts(name), 1, "{note}");
        }
    } else {
        assert_eq!(plane.state(1).await, DeploymentState::Cleaned, "{note}");
        assert!(plane.fakes.runtime.names().is_empty(), "{note}");
        assert!(plane.fakes.identities.names().is_empty(), "{note}");
        assert!(plane.fakes.images.names().is_empty(), "{note}");
    }
    let calls = plane.fakes.faults.calls().len() - begin;
    world.plane.finish().await;
    calls
}

async fn at_every_call(story: Story, fault: Fault) {
    at_calls(story, fault, 1).await;
}

/// The story once for each call, or for each so many calls, with trouble there.
async fn at_calls(story: Story, fault: Fault, each: usize) {
    let calls = live(story, None).await;
    assert!(calls > 10, "{calls} calls");
    let places = (0..calls).step_by(each);
    let runs = places.map(|place| live(story, Some((place, fault))));
    let runs = futures::stream::iter(runs).buffer_unordered(AT_ONCE);
    runs.collect::<Vec<_>>().await;
}

#[tokio::test]
async fn a_kill_just_after_any_call_does_no_harm() {
    at_every_call(Story::Good, Fault::HangsAfter).await;
}

#[tokio::test]
async fn a_kill_just_before_a_call_does_no_harm() {
    // Nothing was done, so these differ less from each other.
    at_calls(Story::Good, Fault::HangsBefore, 4).await;
}

#[tokio::test]
async fn a_lost_answer_of_a_call_does_no_harm() {
    at_calls(Story::Good, Fault::AnswerLost, 2).await;
}

#[tokio::test]
async fn a_kill_just_after_any_call_of_a_failing_deployment_leaves_nothing() {
    at_every_call(Story::Bad, Fault::HangsAfter).await;
}

#[tokio::test]
async fn a_lost_answer_of_any_call_of_a_failing_deployment_leaves_nothing() {
    at_every_call(Story::Bad, Fault::AnswerLost).await;
}

/// Kills nearly every activation after a number of polls that grows from run to run, for a while; then lets it be.
async fn killed_often(story: Story, seed: u32) {
    let world = World::new().await;
    let plane = &world.plane;
    plane.push(&world.agent, world.agent.files()).await;
    if story == Story::Bad {
        plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    }
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut polls = || {
        // A small generator is enough: kills should only be everywhere, not unpredictable.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((state >> 16) % (4 + seed % 90))
    };
    for _ in 0..12 {
        plane.settle_killing(&mut polls).await;
        plane.clock.advance(chrono::Duration::seconds(31));
    }
    plane.settle_all().await;
    // Tried too often, a step gives up: then nothing is left either.
    let state = plane.state(1).await;
    let ended = matches!(state, DeploymentState::Live | DeploymentState::Cleaned);
    assert!(ended, "seed {seed}: {state}");
    if story == Story::Bad {
        assert_eq!(state, DeploymentState::Cleaned);
        assert!(plane.fakes.runtime.names().is_empty());
        assert!(plane.fakes.identities.names().is_empty());
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn a_kill_between_any_two_steps_does_no_harm() {
    let runs = (0..24).map(|seed| {
        let story = if seed % 3 == 0 {
            Story::Bad
        } else {
            Story::Good
        };
        killed_often(story, seed)
    });
    let runs = futures::stream::iter(runs).buffer_unordered(AT_ONCE);
    runs.collect::<Vec<_>>().await;
}
