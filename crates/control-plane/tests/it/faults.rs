//! Faults: every call to the outside is refused, fails, times out after its work is done, or is the last thing that a process
//! does; each undo fails five times and is then done, and is done twice. Whatever happens, nothing is left that the ledger
//! does not know, what did not go live is gone, and what is live stays as it is.

use std::collections::BTreeSet;

use control_plane::fakes::Fault;
use control_plane::ports::PortErrorKind;
use control_plane::rollbacks;
use control_plane::testing::TestPlane;
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::gate::{Gate, Verdict};
use futures::StreamExt;

use crate::support::World;

/// Worlds that live at the same time; they mostly wait.
const AT_ONCE: usize = 8;

/// What goes wrong when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    /// A push that fails its last gate.
    Failing,
    /// A push that goes to production.
    Going,
    /// Production goes back to the version before.
    Back,
}

/// Lives the story with trouble at one call, and gives the number of calls.
async fn live(story: Story, trouble: Option<(usize, Fault)>) -> usize {
    let world = if story == Story::Back {
        World::live_twice().await
    } else {
        World::new().await
    };
    let plane = &world.plane;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    if story != Story::Back {
        plane.push(&world.agent, world.agent.files()).await;
    }
    if story == Story::Failing {
        plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    }
    let begin = plane.fakes.faults.calls().len();
    if let Some((place, fault)) = trouble {
        plane.fakes.faults.at(begin + place, fault);
    }
    match story {
        Story::Failing => {
            plane.settle_all().await;
        }
        Story::Going => {
            plane.settle_all().await;
            // A step that was refused has ended it before anybody could be asked.
            if plane.numbers().await.contains(&2)
                && plane.state(2).await == DeploymentState::AwaitingApproval
            {
                plane.approve(&world.approver, 2).await.unwrap();
                plane.settle_all().await;
            }
        }
        Story::Back => {
            // The check of the target may be what is refused: then nothing was begun.
            // One that hangs is left there, as by a process that ends.
            let back = TestPlane::back(4);
            tokio::select! {
                biased;
                _ = rollbacks::start(&plane.cp, &operator, &back) => {}
                () = plane.fakes.faults.hung() => {}
            }
            plane.settle_all().await;
        }
    }
    let calls = plane.fakes.faults.calls().len() - begin;
    check(&world, story, &format!("{story:?} {trouble:?}")).await;
    world.plane.finish().await;
    calls
}

async fn check(world: &World, story: Story, note: &str) {
    let plane = &world.plane;
    let mut running = BTreeSet::new();
    for number in plane.numbers().await {
        let state = plane.state(number).await;
        let ended = matches!(
            state,
            DeploymentState::Live
                | DeploymentState::Cleaned
                | DeploymentState::Superseded
                | DeploymentState::RolledBack
        );
        assert!(ended, "{note}: #{number} is {state}");
        if state == DeploymentState::Live {
            running.insert(format!("clearance-{number}"));
        }
    }
    let there: BTreeSet<String> = plane.fakes.runtime.names().into_iter().collect();
    assert_eq!(there, running, "{note}: what runs, and what is live");
    assert_eq!(
        plane.fakes.identities.names().len(),
        running.len(),
        "{note}"
    );
    if story == Story::Back {
        let live = plane.live(&world.agent, Environment::Production).await;
        let state = |n| plane.state(n);
        match live {
            Some(4) => assert_eq!(state(4).await, DeploymentState::Live, "{note}"),
            Some(n) => {
                assert_eq!(state(4).await, DeploymentState::RolledBack, "{note}");
                assert_eq!(
                    plane.authorised(n).await,
                    plane.authorised(2).await,
                    "{note}"
                );
            }
            None => panic!("{note}: nothing is live"),
        }
    }
}

/// The story once for each so many calls and each fault, with trouble there: each fault begins at another call, so that
/// together they come to most.
async fn at_calls(story: Story, faults: &[Fault], each: usize) {
    let calls = live(story, None).await;
    assert!(calls > 5, "{calls} calls");
    let runs = faults.iter().enumerate().flat_map(|(first, fault)| {
        let places = (first..calls).step_by(each);
        places.map(move |place| live(story, Some((place, *fault))))
    });
    let runs = futures::stream::iter(runs).buffer_unordered(AT_ONCE);
    runs.collect::<Vec<_>>().await;
}

const NO: Fault = Fault::Refused(PortErrorKind::Rejected);
const LATER: Fault = Fault::Refused(PortErrorKind::Unavailable);

#[tokio::test]
async fn a_refusal_or_silence_at_any_call_of_a_failing_push_leaves_nothing() {
    at_calls(Story::Failing, &[NO, LATER], 2).await;
}

#[tokio::test]
async fn a_refusal_or_silence_at_any_call_on_the_way_to_production_leaves_what_is_live_alone() {
    at_calls(Story::Going, &[NO, LATER], 5).await;
}

#[tokio::test]
async fn a_rollback_restores_everything_or_nothing_whatever_happens_at_any_call() {
    at_calls(Story::Back, &[NO, Fault::AnswerLost, Fault::HangsAfter], 6).await;
}

#[tokio::test]
async fn every_undo_that_fails_five_times_is_done_in_the_end() {
    for call in ["identity.revoke", "runtime.remove", "images.remove"] {
        for fault in [LATER, NO, Fault::AnswerLost] {
            let world = World::new().await;
            let plane = &world.plane;
            plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
            plane.fakes.faults.next(call, 5, fault);
            plane.push(&world.agent, world.agent.files()).await;
            plane.settle().await;
            let note = format!("{call} {fault:?}");
            // Lost answers are found out when the provider is listed again; nothing else is.
            if fault != Fault::AnswerLost {
                world.expect(1, DeploymentState::CleanupIncomplete).await;
                assert_eq!(plane.receipt(1).await.unwrap().left.len(), 1, "{note}");
            }
            plane.settle_all().await;
            world.expect(1, DeploymentState::Cleaned).await;
            let receipt = plane.receipt(1).await.unwrap();
            assert_eq!(receipt.sentence(), "3 created, 3 gone, 0 left", "{note}");
            if fault != Fault::AnswerLost {
                assert_eq!(plane.fakes.faults.count(call), 6, "{note}");
            }
            world.plane.finish().await;
        }
    }
}

#[tokio::test]
async fn every_undo_may_be_done_twice() {
    let world = World::new().await;
    let plane = &world.plane;
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    plane.push(&world.agent, world.agent.files()).await;
    plane.settle_all().await;
    let undone: Vec<String> = plane.ledger(1).await.into_iter().map(|r| r.name).collect();
    let ports = plane.cp.ports();
    for name in &undone {
        ports.identity_provider.revoke(name).await.unwrap();
        ports.runtime.remove(name).await.unwrap();
        ports.image_builder.remove(name).await.unwrap();
    }
    world.plane.finish().await;
}
