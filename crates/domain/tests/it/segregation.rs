//! Separation of duties over made-up logs: what must be found is found, and what the log does not say is not known.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use domain::event::AuditAction as A;
use domain::segregation::{Asked, ConflictKind, Read, Told, Via, report};
use domain::view::segregation::{ConflictRow, Place, SegregationReport};

const ANN: &str = "00000000-0000-0000-0000-0000000000a1";
const BEN: &str = "00000000-0000-0000-0000-0000000000b1";

fn start() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

/// A log that grows by a minute with every event.
#[derive(Default)]
struct Log {
    read: Read,
    next: u64,
}

impl Log {
    fn event(&mut self, by: &str, action: A, object: &str, detail: &[(&str, &str)]) -> Told {
        let index = self.next;
        self.next += 1;
        let detail: BTreeMap<String, String> = detail
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Told {
            index,
            at: start() + Duration::minutes(i64::try_from(index).unwrap()),
            actor_kind: "user".to_owned(),
            actor_id: by.to_owned(),
            actor_name: if by == ANN { "Ann" } else { "Ben" }.to_owned(),
            action,
            object_id: object.to_owned(),
            agent: None,
            deployment: None,
            reason: None,
            detail,
        }
    }

    /// Something of the history.
    fn told(&mut self, by: &str, action: A, object: &str, detail: &[(&str, &str)]) -> u64 {
        let event = self.event(by, action, object, detail);
        let index = event.index;
        self.read.history.push(event);
        index
    }

    /// Something about deployment 2 of the agent.
    fn about(&mut self, by: &str, action: A, object: &str, detail: &[(&str, &str)]) -> Told {
        let event = self.event(by, action, object, detail);
        Told {
            agent: Some("refunds".to_owned()),
            deployment: Some(2),
            ..event
        }
    }

    fn did(&mut self, by: &str, action: A, object: &str, detail: &[(&str, &str)]) -> u64 {
        let event = self.about(by, action, object, detail);
        let index = event.index;
        self.read.acts.push(event);
        index
    }

    fn came_from(&mut self, by: &str, action: A, object: &str, detail: &[(&str, &str)]) -> u64 {
        let event = self.about(by, action, object, detail);
        let index = event.index;
        self.read.around.push(event);
        index
    }

    fn report(&self, team: Option<&str>) -> SegregationReport {
        let asked = Asked {
            from: start(),
            to: start() + Duration::days(1),
            team: team.map(str::to_owned),
        };
        report(&self.read, &asked)
    }
}

/// Ann is added as an approver of the team, and the agent is onboarded.
fn with_ann() -> Log {
    let mut log = Log::default();
    let ann = [
        ("email", "ann@example.com"),
        ("role", "approver"),
        ("team", "payments"),
    ];
    log.told(BEN, A::UserCreated, ANN, &ann);
    log.told(BEN, A::AgentOnboarded, "refunds", &[("team", "payments")]);
    log
}

fn rows(report: &SegregationReport, kind: ConflictKind) -> &[ConflictRow] {
    let mut all = report.conflicts.iter();
    &all.find(|found| found.kind == kind).unwrap().rows
}

#[test]
fn a_rule_that_failed_is_found_by_each_of_its_ways() {
    let mut log = with_ann();
    let asked = log.came_from(ANN, A::DeploymentRequested, "2", &[("version", "1.0.0")]);
    let cut = log.came_from(
        BEN,
        A::VersionCut,
        "1.0.0",
        &[
            ("author", "Ann@Example.com"),
            ("committer", "ben@example.com"),
        ],
    );
    let waived = log.came_from(ANN, A::WaiverGiven, "W-1", &[]);
    let decided = log.did(ANN, A::ApprovalDecided, "2", &[("verdict", "approve")]);
    let report = log.report(None);
    for (kind, event) in [
        (ConflictKind::OwnRequest, asked),
        (ConflictKind::OwnCommit, cut),
        (ConflictKind::OwnWaiver, waived),
    ] {
        let found = rows(&report, kind);
        assert_eq!(found.len(), 1, "{kind}");
        assert_eq!(found[0].events, [event, decided], "{kind}");
        assert_eq!(found[0].person, "Ann");
    }
    assert!(rows(&report, ConflictKind::RoleNotHeld).is_empty());
}

#[test]
fn a_request_by_a_token_of_the_person_is_theirs() {
    let mut log = with_ann();
    log.told(ANN, A::TokenCreated, "token-7", &[]);
    let by_token = Told {
        actor_kind: "token".to_owned(),
        actor_id: "token-7".to_owned(),
        ..log.about(ANN, A::DeploymentRequested, "2", &[("version", "1.0.0")])
    };
    log.read.around.push(by_token);
    log.did(ANN, A::ApprovalDecided, "2", &[("verdict", "approve")]);
    assert_eq!(rows(&log.report(None), ConflictKind::OwnRequest).len(), 1);
}

#[test]
fn a_broken_glass_is_shown_with_its_review_and_never_reviewed_by_who_broke_it() {
    let mut log = with_ann();
    let broken = log.did(ANN, A::GlassBroken, "PR-1", &[]);
    let again = log.read.acts.last().cloned().unwrap();
    log.read.around.push(again);
    let shown = log.report(None);
    let found = rows(&shown, ConflictKind::BrokenGlass);
    assert!(found[0].what.contains("not reviewed"), "{found:?}");
    let reviewed = log.did(ANN, A::PostReviewed, "PR-1", &[("state", "reviewed_ok")]);
    let shown = log.report(None);
    let found = rows(&shown, ConflictKind::BrokenGlass);
    assert_eq!(found[0].events, [broken, reviewed]);
    assert!(found[0].what.contains("reviewed ok by Ann"), "{found:?}");
    assert_eq!(
        rows(&shown, ConflictKind::OwnReview)[0].events,
        [broken, reviewed]
    );
}

#[test]
fn a_first_role_without_a_team_is_not_known_until_the_log_says_which_it_was() {
    let mut log = Log::default();
    log.told(
        BEN,
        A::UserCreated,
        ANN,
        &[("email", "a@example.com"), ("role", "approver")],
    );
    log.told(BEN, A::AgentOnboarded, "refunds", &[("team", "payments")]);
    log.did(ANN, A::ApprovalDecided, "2", &[("verdict", "approve")]);
    let shown = log.report(None);
    assert_eq!(shown.could[0].place, Place::NotKnown);
    assert_eq!(rows(&shown, ConflictKind::RoleNotHeld).len(), 1);
    // Only what was held can be taken away.
    let taken = [("role", "approver"), ("team", "payments")];
    let ended = log.told(BEN, A::RoleTakenAway, ANN, &taken);
    let shown = log.report(None);
    assert_eq!(shown.could[0].place, Place::Team("payments".to_owned()));
    assert_eq!(shown.could[0].ended, Some(ended));
    assert!(rows(&shown, ConflictKind::RoleNotHeld).is_empty());
}

#[test]
fn the_first_administrators_role_holds_everywhere_as_the_event_before_says() {
    let mut log = Log::default();
    log.told(BEN, A::SetUp, "clearance", &[]);
    log.told(BEN, A::UserCreated, ANN, &[("role", "administrator")]);
    log.told(BEN, A::UserCreated, BEN, &[("role", "administrator")]);
    let shown = log.report(None);
    let places: Vec<&Place> = shown.could.iter().map(|row| &row.place).collect();
    assert_eq!(places, [&Place::EveryTeam, &Place::NotKnown]);
}

#[test]
fn a_role_that_was_taken_away_and_never_given_was_held_since_nobody_knows_when() {
    let mut log = with_ann();
    let taken = [("role", "administrator"), ("team", "every team")];
    log.told(BEN, A::RoleTakenAway, ANN, &taken);
    let shown = log.report(None);
    let row = shown
        .could
        .iter()
        .find(|row| row.via == Via::NotKnown)
        .unwrap();
    assert_eq!((&row.from, row.begun), (&None, None));
    assert!(row.until.is_some());
}

#[test]
fn a_role_for_a_time_ends_by_the_clock_whatever_was_written_down_later() {
    let mut log = with_ann();
    let role = [("role", "developer"), ("team", "payments"), ("hours", "1")];
    log.told(ANN, A::ElevationRequested, "1", &role);
    let until = "2026-03-02T09:10:00.000000Z";
    let given = [("verdict", "approve"), ("until", until)];
    log.told(BEN, A::ElevationDecided, "1", &given);
    log.next = 30;
    log.told(BEN, A::ElevationEnded, "1", &[("state", "expired")]);
    let shown = log.report(None);
    let row = shown
        .could
        .iter()
        .find(|row| row.via == Via::Elevation)
        .unwrap();
    assert_eq!(row.until.as_deref(), Some(until));
    // While it lasted she could both build and approve.
    assert_eq!(rows(&shown, ConflictKind::BothDuties).len(), 1);
    assert!(rows(&log.report(Some("care")), ConflictKind::BothDuties).is_empty());
}

#[test]
fn who_left_after_a_decision_is_named_and_who_came_back_is_not() {
    let mut log = with_ann();
    let decided = log.did(ANN, A::ApprovalDecided, "2", &[("verdict", "reject")]);
    let left = log.told(BEN, A::UserDeactivated, ANN, &[]);
    let shown = log.report(None);
    assert_eq!(
        rows(&shown, ConflictKind::LeftSince)[0].events,
        [decided, left]
    );
    assert!(shown.could[0].left.is_some());
    log.told(BEN, A::UserReactivated, ANN, &[]);
    assert!(rows(&log.report(None), ConflictKind::LeftSince).is_empty());
}

#[test]
fn a_report_of_one_team_leaves_out_what_the_log_places_nowhere_and_says_so() {
    let mut log = with_ann();
    log.did(ANN, A::ApprovalDecided, "2", &[("verdict", "approve")]);
    let lost = Told {
        agent: Some("unheard-of".to_owned()),
        ..log.about(ANN, A::ApprovalDecided, "2", &[("verdict", "approve")])
    };
    log.read.acts.push(lost);
    let counted = |team| {
        let report = log.report(team);
        let approved = report.did[0].events.len();
        (approved, report.unplaced)
    };
    assert_eq!(counted(None), (2, 0));
    assert_eq!(counted(Some("payments")), (1, 1));
    assert_eq!(counted(Some("care")), (0, 1));
}
