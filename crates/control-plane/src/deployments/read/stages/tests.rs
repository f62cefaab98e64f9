//! The graph of every kind of journey.

use DeploymentEvent as E;
use chrono::TimeDelta;
use domain::deployment::Step;
use domain::id::DeploymentId;
use uuid::Uuid;

use super::*;

/// The arrows of events that come ten seconds apart, the first ten seconds after the request.
fn arrows(events: &[DeploymentEvent]) -> Vec<transition::Model> {
    let mut state = DeploymentState::Queued;
    let mut at = DateTime::UNIX_EPOCH;
    let mut arrows = Vec::new();
    for event in events {
        at += TimeDelta::seconds(10);
        let next = state.apply(*event).unwrap();
        let id = i64::try_from(arrows.len()).unwrap();
        arrows.push(transition::Model {
            id,
            deployment_id: DeploymentId(Uuid::nil()),
            from_state: state,
            to_state: next,
            event: *event,
            at,
        });
        state = next;
    }
    arrows
}

fn facts(
    kind: DeploymentKind,
    environment: Environment,
    arrows: &[transition::Model],
) -> Facts<'_> {
    Facts {
        kind,
        environment,
        state: arrows
            .last()
            .map_or(DeploymentState::Queued, |a| a.to_state),
        created_at: DateTime::UNIX_EPOCH,
        arrows,
        source: "Signature valid".to_owned(),
        failure: None,
        approvals: (0, 1),
        let_through: None,
        restores: None,
    }
}

fn shown(facts: &Facts<'_>) -> Vec<(StageStatus, String, Option<i64>)> {
    stages(facts)
        .into_iter()
        .map(|s| (s.status, s.note, s.seconds))
        .collect()
}

#[test]
fn a_new_push_waits_to_be_built() {
    let shown = shown(&facts(DeploymentKind::Push, Environment::NonProd, &[]));
    assert_eq!(
        shown[0],
        (StageStatus::Done, "Signature valid".to_owned(), None)
    );
    assert_eq!(shown[1], (StageStatus::Waiting, "Queued".to_owned(), None));
    assert_eq!(
        shown[2],
        (StageStatus::Skipped, "Asks nobody".to_owned(), None)
    );
    assert_eq!(shown[3].0, StageStatus::NotReached);
}

#[test]
fn a_live_push_has_every_time() {
    let arrows = arrows(&[
        E::BuildStarted,
        E::Built,
        E::ChecksPassed,
        E::Deployed,
        E::Verified,
    ]);
    let shown = shown(&facts(DeploymentKind::Push, Environment::NonProd, &arrows));
    let words: Vec<(StageStatus, Option<i64>)> = shown.iter().map(|s| (s.0, s.2)).collect();
    let done = (StageStatus::Done, Some(10));
    assert_eq!(
        words,
        [
            done,
            done,
            (StageStatus::Skipped, None),
            done,
            done,
            (StageStatus::Done, None)
        ]
    );
    assert_eq!(shown[5].1, "Live");
}

#[test]
fn what_is_asked_again_waits_again() {
    let graph = |events: &[DeploymentEvent]| {
        let arrows = arrows(events);
        shown(&facts(
            DeploymentKind::Promotion,
            Environment::Production,
            &arrows,
        ))
    };
    let changed = [E::ImageReady, E::ChecksPassedAsk, E::ManifestChanged];
    assert_eq!(
        graph(&changed)[2],
        (
            StageStatus::Waiting,
            "Changed, asked again".to_owned(),
            None
        )
    );
    let again = [&changed[..], &[E::ChecksPassedAsk]].concat();
    assert_eq!(
        graph(&again)[2],
        (StageStatus::Waiting, "0 of 1".to_owned(), None)
    );
    let given = [&again[..], &[E::Approved]].concat();
    assert_eq!(
        graph(&given)[2],
        (StageStatus::Done, "0 of 1".to_owned(), Some(10))
    );
}

#[test]
fn a_promotion_is_not_built_and_waits_for_people() {
    let arrows = arrows(&[E::ImageReady, E::ChecksPassedAsk]);
    let shown = shown(&facts(
        DeploymentKind::Promotion,
        Environment::Production,
        &arrows,
    ));
    assert_eq!(
        shown[1],
        (
            StageStatus::Skipped,
            "No rebuild: promotion".to_owned(),
            None
        )
    );
    assert_eq!(shown[2], (StageStatus::Waiting, "0 of 1".to_owned(), None));
    assert_eq!(shown[3].0, StageStatus::NotReached);
}

#[test]
fn an_approved_promotion_says_how_many_approved_and_how_long_it_took() {
    let arrows = arrows(&[E::ImageReady, E::ChecksPassedAsk, E::Approved]);
    let mut facts = facts(DeploymentKind::Promotion, Environment::Production, &arrows);
    facts.approvals = (1, 1);
    let shown = shown(&facts);
    assert_eq!(shown[2], (StageStatus::Done, "1 of 1".to_owned(), Some(10)));
    assert_eq!(
        shown[3],
        (
            StageStatus::Running,
            "Starting the runtime".to_owned(),
            None
        )
    );
}

#[test]
fn a_rejection_stops_at_the_approval_even_after_the_clean_up() {
    let arrows = arrows(&[
        E::ImageReady,
        E::ChecksPassedAsk,
        E::Rejected,
        E::CleanupStarted,
        E::CleanedUp,
    ]);
    let shown = shown(&facts(
        DeploymentKind::Promotion,
        Environment::Production,
        &arrows,
    ));
    assert_eq!(
        shown[2],
        (StageStatus::Failed, "Rejected".to_owned(), Some(10))
    );
    assert_eq!(shown[5].0, StageStatus::NotReached);
}

#[test]
fn failed_and_errored_are_not_mixed() {
    let failure = Failure {
        step: Step::Hallucination,
        message: String::new(),
        findings: Vec::new(),
    };
    let path = [E::BuildStarted, E::Built, E::ChecksPassed, E::Deployed];
    for (event, status, note) in [
        (E::Failed, StageStatus::Failed, "Hallucination failed"),
        (
            E::Errored,
            StageStatus::Errored,
            "Hallucination could not run",
        ),
    ] {
        let arrows = arrows(&[&path[..], &[event]].concat());
        let mut facts = facts(DeploymentKind::Push, Environment::NonProd, &arrows);
        facts.failure = Some(&failure);
        assert_eq!(shown(&facts)[4], (status, note.to_owned(), Some(10)));
    }
}

#[test]
fn what_ended_while_queued_has_no_build() {
    let arrows = arrows(&[E::Cancelled]);
    let shown = shown(&facts(DeploymentKind::Push, Environment::NonProd, &arrows));
    assert_eq!(
        shown[0],
        (StageStatus::Skipped, "Cancelled".to_owned(), Some(10))
    );
    assert_eq!(shown[1].0, StageStatus::NotReached);
}

#[test]
fn a_rollback_needs_neither_build_nor_new_approval() {
    let arrows = arrows(&[E::RollbackCleared, E::Deployed, E::Verified, E::Superseded]);
    let mut facts = facts(DeploymentKind::Rollback, Environment::Production, &arrows);
    facts.restores = Some(12);
    let shown = shown(&facts);
    assert_eq!(shown[1].1, "No rebuild: rollback");
    assert_eq!(
        shown[2],
        (
            StageStatus::Skipped,
            "Approved before, as #12".to_owned(),
            None
        )
    );
    assert_eq!(
        shown[5],
        (StageStatus::Done, "Superseded".to_owned(), Some(10))
    );
}
