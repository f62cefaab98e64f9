//! Every arrow of every state machine, and that there is no other.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use domain::approval::{ApprovalEvent, ApprovalState};
use domain::break_glass::{PostReviewEvent, PostReviewState};
use domain::deployment::{DeploymentEvent, DeploymentState};
use domain::elevation::{ElevationEvent, ElevationState};
use domain::finding::{FindingEvent, FindingState};
use domain::identity::{IdentityEvent, IdentityState};
use domain::incident::{IncidentEvent, IncidentState, QuarantineEvent, QuarantineState};
use domain::key_rotation::{KeyRotationEvent, KeyRotationState};
use domain::ledger::{ResourceEvent, ResourceState};
use domain::notification::{MessageEvent, MessageState};
use domain::package::{PackageEvent, PackageState, ScheduleAct, ScheduleState};
use domain::suspension::{SuspensionEvent, SuspensionState};
use proptest::prelude::*;

const PACKAGE: &str = "
ordered    claimed   building
building   claimed   building
building   made      ready
building   put_off   ordered
building   given_up  failed
ordered    removed   removed
ready      removed   removed
failed     removed   removed
";

const SCHEDULE: &str = "
active  pause   paused
paused  resume  active
active  remove  removed
paused  remove  removed
";

const DEPLOYMENT: &str = "
queued              build_started      building
queued              image_ready        checking
queued              rollback_cleared   deploying
building            built              checking
checking            checks_passed_ask  awaiting_approval
checking            checks_passed      deploying
awaiting_approval   approved           deploying
deploying           deployed           verifying
verifying           verified           live
live                superseded         superseded
live                rolled_back        rolled_back
live                decommissioned     decommissioned
queued              failed             failed
building            failed             failed
checking            failed             failed
deploying           failed             failed
verifying           failed             failed
queued              errored            errored
building            errored            errored
checking            errored            errored
awaiting_approval   errored            errored
deploying           errored            errored
verifying           errored            errored
awaiting_approval   rejected           rejected
awaiting_approval   expired            expired
awaiting_approval   manifest_changed   checking
deploying           manifest_changed   checking
deploying           expired            expired
queued              cancelled          cancelled
building            cancelled          cancelled
checking            cancelled          cancelled
awaiting_approval   cancelled          cancelled
deploying           cancelled          cancelled
verifying           cancelled          cancelled
failed              cleanup_started    cleaning_up
errored             cleanup_started    cleaning_up
rejected            cleanup_started    cleaning_up
expired             cleanup_started    cleaning_up
cancelled           cleanup_started    cleaning_up
cleanup_incomplete  cleanup_started    cleaning_up
cleaning_up         cleaned_up         cleaned
cleaning_up         cleanup_left       cleanup_incomplete
";

const APPROVAL: &str = "
open      quorum_met        approved
open      rejected          rejected
open      expired           expired
open      withdrawn         withdrawn
open      manifest_changed  stale
approved  manifest_changed  stale
approved  consumed          consumed
approved  revoked           revoked
approved  withdrawn         revoked
approved  expired           expired_unused
";

const POST_REVIEW: &str = "
post_review_due  ok         reviewed_ok
post_review_due  violation  reviewed_violation
post_review_due  lapsed     overdue
overdue          ok         reviewed_ok
overdue          violation  reviewed_violation
";

const ELEVATION: &str = "
requested  approved   active
requested  rejected   rejected
requested  withdrawn  withdrawn
requested  lapsed     expired
active     lapsed     expired
active     ended      ended
";

const IDENTITY: &str = "
provisioning  provisioned  active
suspended     resumed      active
active        suspended    suspended
provisioning  revoked      revoked
active        revoked      revoked
suspended     revoked      revoked
";

const RESOURCE: &str = "
planned           created           created
planned           delete_requested  delete_requested
created           delete_requested  delete_requested
orphaned          delete_requested  delete_requested
retained          delete_requested  delete_requested
delete_requested  deleted           deleted
planned           retained          retained
created           retained          retained
delete_requested  retained          retained
delete_requested  orphaned          orphaned
";

const FINDING: &str = "
suspected  confirmed  open
open       ignored    ignored
ignored    woken      open
open       resolved   resolved
ignored    resolved   resolved
";

const MESSAGE: &str = "
waiting  taken       sent
waiting  given_up    dead
sent     sent_again  waiting
dead     sent_again  waiting
";

const INCIDENT: &str = "
open       mitigated  mitigated
mitigated  reopened   open
mitigated  closed     closed
";

const QUARANTINE: &str = "
requested  enforced          in_force
requested  lifted            releasing
in_force   lifted            releasing
releasing  resumed           released
requested  deployment_ended  over
in_force   deployment_ended  over
releasing  deployment_ended  over
";

const KEY_ROTATION: &str = "
requested  rotated           done
requested  identity_revoked  over
";

const SUSPENSION: &str = "
requested  enforced          in_force
requested  resumed           lifting
in_force   resumed           lifting
lifting    completed         lifted
requested  identity_revoked  over
in_force   identity_revoked  over
lifting    identity_revoked  over
";

type Arrow<S, E> = (S, E, S);

fn table<S, E>(text: &str) -> Vec<Arrow<S, E>>
where
    S: FromStr<Err: Debug>,
    E: FromStr<Err: Debug>,
{
    let arrow = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [from, event, to] = words.as_slice() else {
            panic!("{line}")
        };
        (
            from.parse().unwrap(),
            event.parse().unwrap(),
            to.parse().unwrap(),
        )
    };
    text.trim().lines().map(arrow).collect()
}

/// Compares a machine with its table over every pair.
fn check<S, E, X>(text: &str, states: &[S], events: &[E], apply: impl Fn(S, E) -> Result<S, X>)
where
    S: FromStr<Err: Debug> + Copy + PartialEq + Debug + Display,
    E: FromStr<Err: Debug> + Copy + PartialEq + Debug + Display,
{
    let arrows = table::<S, E>(text);
    let mut found = 0;
    for from in states.iter().copied() {
        for event in events.iter().copied() {
            let known = arrows.iter().find(|(f, e, _)| *f == from && *e == event);
            let expected = known.map(|(_, _, to)| *to);
            assert_eq!(apply(from, event).ok(), expected, "{from} takes {event}");
            found += usize::from(expected.is_some());
        }
    }
    assert_eq!(found, arrows.len(), "a line stands twice");
}

#[test]
fn a_deployment_takes_these_arrows_and_no_other() {
    let (states, events) = (DeploymentState::ALL, DeploymentEvent::ALL);
    check(DEPLOYMENT, states, events, DeploymentState::apply);
}

#[test]
fn an_approval_takes_these_arrows_and_no_other() {
    let (states, events) = (ApprovalState::ALL, ApprovalEvent::ALL);
    check(APPROVAL, states, events, ApprovalState::apply);
}

#[test]
fn a_post_review_takes_these_arrows_and_no_other() {
    let (states, events) = (PostReviewState::ALL, PostReviewEvent::ALL);
    check(POST_REVIEW, states, events, PostReviewState::apply);
}

#[test]
fn an_elevation_takes_these_arrows_and_no_other() {
    let (states, events) = (ElevationState::ALL, ElevationEvent::ALL);
    check(ELEVATION, states, events, ElevationState::apply);
}

#[test]
fn an_identity_takes_these_arrows_and_no_other() {
    let (states, events) = (IdentityState::ALL, IdentityEvent::ALL);
    check(IDENTITY, states, events, IdentityState::apply);
}

#[test]
fn a_resource_takes_these_arrows_and_no_other() {
    let (states, events) = (ResourceState::ALL, ResourceEvent::ALL);
    check(RESOURCE, states, events, ResourceState::apply);
}

#[test]
fn a_finding_takes_these_arrows_and_no_other() {
    let (states, events) = (FindingState::ALL, FindingEvent::ALL);
    check(FINDING, states, events, FindingState::apply);
}

#[test]
fn a_message_takes_these_arrows_and_no_other() {
    let (states, events) = (MessageState::ALL, MessageEvent::ALL);
    check(MESSAGE, states, events, MessageState::apply);
}

#[test]
fn an_incident_takes_these_arrows_and_no_other() {
    let (states, events) = (IncidentState::ALL, IncidentEvent::ALL);
    check(INCIDENT, states, events, IncidentState::apply);
}

#[test]
fn a_quarantine_takes_these_arrows_and_no_other() {
    let (states, events) = (QuarantineState::ALL, QuarantineEvent::ALL);
    check(QUARANTINE, states, events, QuarantineState::apply);
}

#[test]
fn a_key_rotation_takes_these_arrows_and_no_other() {
    let (states, events) = (KeyRotationState::ALL, KeyRotationEvent::ALL);
    check(KEY_ROTATION, states, events, KeyRotationState::apply);
}

#[test]
fn a_package_takes_these_arrows_and_no_other() {
    let (states, events) = (PackageState::ALL, PackageEvent::ALL);
    check(PACKAGE, states, events, PackageState::apply);
}

#[test]
fn a_schedule_takes_these_arrows_and_no_other() {
    let (states, events) = (ScheduleState::ALL, ScheduleAct::ALL);
    check(SCHEDULE, states, events, ScheduleState::apply);
}

#[test]
fn a_suspension_takes_these_arrows_and_no_other() {
    let (states, events) = (SuspensionState::ALL, SuspensionEvent::ALL);
    check(SUSPENSION, states, events, SuspensionState::apply);
}

#[test]
fn an_error_says_what_was_tried() {
    let error = DeploymentState::Cleaned.apply(DeploymentEvent::Verified);
    let said = error.unwrap_err().to_string();
    assert_eq!(said, "a deployment that is cleaned cannot take verified");
}

#[test]
fn an_identity_is_entitled_from_deploying_until_the_end_of_live() {
    for state in DeploymentState::ALL {
        let entitled = matches!(state.as_str(), "deploying" | "verifying" | "live");
        assert_eq!(state.entitles_identity(), entitled, "{state}");
    }
}

#[test]
fn a_state_without_work_ends_or_waits_for_people() {
    for state in DeploymentState::ALL {
        let moves = DeploymentEvent::ALL
            .iter()
            .any(|event| state.apply(*event).is_ok());
        let waits = matches!(state.as_str(), "awaiting_approval" | "live");
        // Whatever can move on without people is work for somebody.
        assert_eq!(state.has_work(), moves && !waits, "{state}");
    }
}

#[test]
fn every_word_reads_back_as_itself() {
    for state in DeploymentState::ALL {
        assert_eq!(state.as_str().parse(), Ok(*state));
        let json = serde_json::to_string(state).unwrap();
        assert_eq!(json, format!("\"{state}\""));
        assert!(!state.label().is_empty());
    }
    assert!("Queued".parse::<DeploymentState>().is_err());
}

proptest! {
    #[test]
    fn no_sequence_of_events_leaves_the_table(
        events in prop::collection::vec(prop::sample::select(DeploymentEvent::ALL), 0..60)
    ) {
        let arrows = table::<DeploymentState, DeploymentEvent>(DEPLOYMENT);
        let mut state = DeploymentState::Queued;
        let mut ended = false;
        for event in events {
            let Ok(next) = state.apply(event) else { continue };
            prop_assert!(arrows.contains(&(state, event, next)));
            // Live is reached by verification alone, and what has ended never comes back.
            if next == DeploymentState::Live {
                prop_assert_eq!(state, DeploymentState::Verifying);
            }
            ended |= !next.in_progress() && next != DeploymentState::Live;
            prop_assert!(!(ended && (next.in_progress() || next.entitles_identity())));
            state = next;
        }
    }

    #[test]
    fn an_elevation_is_active_once_and_only_after_an_answer(
        events in prop::collection::vec(prop::sample::select(ElevationEvent::ALL), 0..30),
        minutes in prop::collection::vec(0_i64..600, 0..30),
    ) {
        let start = chrono::DateTime::UNIX_EPOCH;
        let until = start + chrono::Duration::minutes(300);
        let mut state = ElevationState::Requested;
        let mut begun = 0;
        for (event, minute) in events.into_iter().zip(minutes) {
            let now = start + chrono::Duration::minutes(minute);
            // By the clock nothing is open once its time is over, whatever was written down.
            let seen = state.at(now, until);
            prop_assert!(now < until || !seen.is_open());
            prop_assert!(now >= until || seen == state);
            let Ok(next) = state.apply(event) else { continue };
            if next == ElevationState::Active {
                prop_assert_eq!(event, ElevationEvent::Approved);
                begun += 1;
            }
            state = next;
        }
        prop_assert!(begun <= 1);
    }

    #[test]
    fn a_closed_post_review_stays_closed_and_a_late_one_is_late(
        events in prop::collection::vec(prop::sample::select(PostReviewEvent::ALL), 0..20)
    ) {
        let due = chrono::DateTime::UNIX_EPOCH;
        let mut state = PostReviewState::Due;
        for event in events {
            let next = state.apply(event).unwrap_or(state);
            prop_assert!(state.is_open() || next == state);
            prop_assert!(!next.is_open() || next.at(due, due) == PostReviewState::Overdue);
            state = next;
        }
    }

    #[test]
    fn a_revoked_identity_stays_revoked(
        events in prop::collection::vec(prop::sample::select(IdentityEvent::ALL), 0..30)
    ) {
        let mut state = IdentityState::Provisioning;
        let mut revoked = false;
        for event in events {
            state = state.apply(event).unwrap_or(state);
            revoked |= event == IdentityEvent::Revoked;
            prop_assert_eq!(revoked, state == IdentityState::Revoked);
        }
    }

    #[test]
    fn an_approval_that_was_settled_is_never_open_again(
        events in prop::collection::vec(prop::sample::select(ApprovalEvent::ALL), 0..30)
    ) {
        let mut state = ApprovalState::Open;
        for event in events {
            let next = state.apply(event).unwrap_or(state);
            prop_assert!(next != ApprovalState::Open || state == ApprovalState::Open);
            // Used up is used up.
            prop_assert!(state != ApprovalState::Consumed || next == ApprovalState::Consumed);
            state = next;
        }
    }
}
