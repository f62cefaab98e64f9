//! Policies as pages and the API show them.

use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::lines::DiffLine;
use crate::policy::{PolicyProblem, PolicyState};

/// One version in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyRow {
    pub version: i32,
    pub name: String,
    pub state: PolicyState,
    pub digest: String,
    pub proposed_by: String,
    /// RFC 3339; none for the version that Clearance comes with.
    pub proposed_at: Option<String>,
    pub reason: String,
    pub decided_by: Option<String>,
    pub decided_at: Option<String>,
    pub decision_reason: Option<String>,
}

/// The rules of one part of a policy in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleGroup {
    pub title: String,
    pub rules: Vec<String>,
}

/// How many people of a team may decide, beside how many a policy asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamApprovers {
    pub team: String,
    /// The group whose people are counted; `None` for all who may decide there.
    #[serde(default)]
    pub group: Option<String>,
    pub needed: u32,
    /// Who may decide there now, as far as they have no part in what is decided.
    pub people: Vec<String>,
}

impl TeamApprovers {
    /// How many more there are than are asked for: so many may be excluded by their part in a deployment.
    #[must_use]
    pub fn spare(&self) -> usize {
        let needed = usize::try_from(self.needed).unwrap_or(usize::MAX);
        self.people.len().saturating_sub(needed)
    }

    /// True when enough people may decide.
    #[must_use]
    pub fn enough(&self) -> bool {
        usize::try_from(self.needed).is_ok_and(|needed| self.people.len() >= needed)
    }
}

/// Why a policy cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyRefusal {
    /// What is wrong in the document.
    pub problems: Vec<PolicyProblem>,
    /// Teams where nobody could ever meet the quorum.
    pub teams: Vec<TeamApprovers>,
}

/// All versions, newest first, and the active one in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyList {
    pub active: i32,
    /// The active document.
    pub text: String,
    pub rules: Vec<RuleGroup>,
    pub rows: Vec<PolicyRow>,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyDetail {
    pub row: PolicyRow,
    pub text: String,
    pub rules: Vec<RuleGroup>,
    /// The version that is active now.
    pub active: i32,
    /// What differs from the active one; empty for itself.
    pub diff: Vec<DiffLine>,
    pub approvers: Vec<TeamApprovers>,
    pub can_decide: bool,
    /// The reader signed in longer ago than a decision allows, which is so many minutes.
    pub sign_in_too_old: Option<u32>,
    pub can_withdraw: bool,
}

/// A deployment that does not satisfy a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DryRunRow {
    pub number: i64,
    pub agent: String,
    pub version: String,
    pub environment: Environment,
    /// It is live now.
    pub live: bool,
    /// What it lacks, each in a few words.
    pub lacks: Vec<String>,
}

/// What a policy would have stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DryRun {
    /// Deployments that were looked at: those live now, and those that went live in the last 90 days.
    pub checked: usize,
    /// There were more of them than are looked at; the newest were.
    pub more: bool,
    /// Newest first.
    pub stopped: Vec<DryRunRow>,
}
