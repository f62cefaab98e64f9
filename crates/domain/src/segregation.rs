//! Separation of duties over a period, worked out from events of the audit log alone: who could approve what, who did, and where
//! that touches the rules. What the log does not say is said to be not known, never guessed.

mod conflicts;
mod held;
mod roles;

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::error::Exclusion;
use crate::event::AuditAction;
use crate::state::words;
use crate::view::segregation::{Figure, SegregationReport};

use conflicts::Looking;
use roles::Known;

/// What a role that holds everywhere is called in events.
pub const EVERY_TEAM: &str = "every team";

/// Actions that say who could do what, over the whole log.
pub const HISTORY: &[AuditAction] = &[
    AuditAction::SetUp,
    AuditAction::UserCreated,
    AuditAction::UserChanged,
    AuditAction::GitAddressLinked,
    AuditAction::RoleGranted,
    AuditAction::RoleTakenAway,
    AuditAction::UserDeactivated,
    AuditAction::UserReactivated,
    AuditAction::ElevationRequested,
    AuditAction::ElevationDecided,
    AuditAction::ElevationEnded,
    AuditAction::StandInNamed,
    AuditAction::StandInEnded,
    AuditAction::TokenCreated,
    AuditAction::ServiceAccountMade,
    AuditAction::AgentOnboarded,
];

/// Actions that say who did what, within the period.
pub const ACTS: &[AuditAction] = &[
    AuditAction::ApprovalDecided,
    AuditAction::WaiverGiven,
    AuditAction::WaiverRevoked,
    AuditAction::GlassBroken,
    AuditAction::GlassUsed,
    AuditAction::PostReviewed,
    AuditAction::PostReviewOverdue,
    AuditAction::Refused,
];

/// Actions that say what a decided deployment came from, whenever it was.
pub const ABOUT_DEPLOYMENTS: &[AuditAction] = &[
    AuditAction::DeploymentRequested,
    AuditAction::WaiverGiven,
    AuditAction::GlassBroken,
];

words! {
    /// How somebody came to a role.
    Via as "way to a role" {
        /// A person gave it.
        Person = "person",
        /// A sign-in provider or directory gave it, by its groups.
        Provider = "provider",
        /// For some hours.
        Elevation = "elevation",
        /// By standing in for somebody.
        StandIn = "stand_in",
        /// The log does not say.
        NotKnown = "not_known",
    }
}

impl Via {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Person => "given",
            Self::Provider => "given by a directory or provider",
            Self::Elevation => "for a time",
            Self::StandIn => "standing in",
            Self::NotKnown => "not known",
        }
    }
}

words! {
    /// What is counted.
    FigureKind as "figure" {
        Approved = "approved",
        Rejected = "rejected",
        OnBehalf = "on_behalf",
        WaiverGiven = "waiver_given",
        WaiverRevoked = "waiver_revoked",
        GlassBroken = "glass_broken",
        GlassUsed = "glass_used",
        PostReviewed = "post_reviewed",
        PostReviewOverdue = "post_review_overdue",
    }
}

impl FigureKind {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Approved => "Approvals given",
            Self::Rejected => "Approvals refused",
            Self::OnBehalf => "Of both, in the name of somebody who was away",
            Self::WaiverGiven => "Waivers given",
            Self::WaiverRevoked => "Waivers taken back",
            Self::GlassBroken => "Glass broken",
            Self::GlassUsed => "Break-glass permissions used",
            Self::PostReviewed => "Post-reviews closed",
            Self::PostReviewOverdue => "Post-reviews overdue",
        }
    }

    fn counts(self, event: &Told) -> bool {
        let verdict = event.detail("verdict");
        let is = |action| event.action == action;
        match self {
            Self::Approved => is(AuditAction::ApprovalDecided) && verdict == Some("approve"),
            Self::Rejected => is(AuditAction::ApprovalDecided) && verdict == Some("reject"),
            Self::OnBehalf => {
                is(AuditAction::ApprovalDecided) && event.detail("on_behalf_of").is_some()
            }
            Self::WaiverGiven => is(AuditAction::WaiverGiven),
            Self::WaiverRevoked => is(AuditAction::WaiverRevoked),
            Self::GlassBroken => is(AuditAction::GlassBroken),
            Self::GlassUsed => is(AuditAction::GlassUsed),
            Self::PostReviewed => is(AuditAction::PostReviewed),
            Self::PostReviewOverdue => is(AuditAction::PostReviewOverdue),
        }
    }
}

words! {
    /// What the rules of separation look at.
    ConflictKind as "conflict of duties" {
        OwnRequest = "own_request",
        OwnCommit = "own_commit",
        OwnWaiver = "own_waiver",
        OwnReview = "own_review",
        RoleNotHeld = "role_not_held",
        ByElevation = "by_elevation",
        BrokenGlass = "broken_glass",
        RefusedAttempt = "refused_attempt",
        BothDuties = "both_duties",
        LeftSince = "left_since",
    }
}

impl ConflictKind {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::OwnRequest => "Decided about what they had requested",
            Self::OwnCommit => "Decided about what they had written or committed",
            Self::OwnWaiver => "Decided about what they had waived a gate of",
            Self::OwnReview => "Reviewed the glass that they had broken",
            Self::RoleNotHeld => "Decided with a role that the log does not know of",
            Self::ByElevation => "Decided with a role that they held for a time alone",
            Self::BrokenGlass => "Let through by one person, with a broken glass",
            Self::RefusedAttempt => "Attempts that a rule of separation refused",
            Self::BothDuties => "May deploy or onboard, and approve, in the same team",
            Self::LeftSince => "Decisions of people who have left since",
        }
    }

    /// The rules make this impossible: anything found says that a rule failed.
    #[must_use]
    pub const fn must_be_none(self) -> bool {
        match self {
            Self::OwnRequest
            | Self::OwnCommit
            | Self::OwnWaiver
            | Self::OwnReview
            | Self::ByElevation => true,
            Self::RoleNotHeld
            | Self::BrokenGlass
            | Self::RefusedAttempt
            | Self::BothDuties
            | Self::LeftSince => false,
        }
    }
}

/// One event of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub index: u64,
    pub at: DateTime<Utc>,
    pub actor_kind: String,
    pub actor_id: String,
    pub actor_name: String,
    pub action: AuditAction,
    pub object_id: String,
    pub agent: Option<String>,
    pub deployment: Option<i64>,
    pub reason: Option<String>,
    pub detail: BTreeMap<String, String>,
}

impl Told {
    fn detail(&self, key: &str) -> Option<&str> {
        self.detail.get(key).map(String::as_str)
    }

    fn moment(&self, key: &str) -> Option<DateTime<Utc>> {
        let text = self.detail(key)?;
        let at = DateTime::parse_from_rfc3339(text).ok()?;
        Some(at.to_utc())
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Slug of the one team.
    pub team: Option<String>,
}

/// The events that a report is made of, each list oldest first.
#[derive(Debug, Clone, Default)]
pub struct Read {
    /// Those of [`HISTORY`], of the whole log.
    pub history: Vec<Told>,
    /// Those of [`ACTS`], of the period.
    pub acts: Vec<Told>,
    /// Those of [`ABOUT_DEPLOYMENTS`] about deployments of the acts, and the cutting of their versions.
    pub around: Vec<Told>,
}

/// The report.
#[must_use]
pub fn report(read: &Read, asked: &Asked) -> SegregationReport {
    let known = Known::read(&read.history, &read.acts, asked);
    let of_team = |event: &&Told| match (&asked.team, &event.agent) {
        (None, _) => true,
        (Some(team), Some(agent)) => known.team_of(agent) == Some(team.as_str()),
        (Some(_), None) => false,
    };
    let unplaced = read.acts.iter().filter(|event| {
        let agent = event.agent.as_deref();
        asked.team.is_some() && agent.is_some_and(|slug| known.team_of(slug).is_none())
    });
    let acts: Vec<&Told> = read.acts.iter().filter(of_team).collect();
    let figure = |kind: &FigureKind| Figure {
        kind: *kind,
        events: acts
            .iter()
            .filter(|event| kind.counts(event))
            .map(|event| event.index)
            .collect(),
    };
    // Older refusals name the act and the rule, not the agent.
    let nowhere = |event: &Told| {
        let rule = event.reason.as_deref().map(str::parse::<Exclusion>);
        event.action == AuditAction::Refused && event.agent.is_none() && matches!(rule, Some(Ok(_)))
    };
    let looking = Looking {
        known: &known,
        acts: &acts,
        around: &read.around,
        asked,
        lost_refusals: asked.team.is_some() && read.acts.iter().any(nowhere),
    };
    SegregationReport {
        from: text(asked.from),
        to: text(asked.to),
        team: asked.team.clone(),
        could: known.could(asked),
        did: FigureKind::ALL.iter().map(figure).collect(),
        conflicts: ConflictKind::ALL
            .iter()
            .map(|kind| looking.at(*kind))
            .collect(),
        unplaced: u64::try_from(unplaced.count()).unwrap_or(u64::MAX),
        teams: Vec::new(),
    }
}

/// RFC 3339, UTC, microseconds.
fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
