//! The approvals inbox and one approval.

use serde::{Deserialize, Serialize};

use super::agent::RollbackBadge;
use super::break_glass::BreakGlassMark;
use super::catalogue::ScopeNote;
use super::comparison::EvidenceDiff;
use super::deployment::GateBox;
use super::diff::VersionDiff;
use crate::approval::{ApprovalState, DecisionVerdict, Lacking, RequiredGroup};
use crate::error::Exclusion;
use crate::tone::Tone;

/// One row of the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalRow {
    pub number: i64,
    pub round: i32,
    pub agent: String,
    pub team: String,
    pub version: String,
    pub live_version: Option<String>,
    pub state: ApprovalState,
    pub approvals: u32,
    pub quorum: u32,
    /// "2 scopes added, 3 files": the shortest true summary.
    pub changes: String,
    pub requested_at: String,
    pub expires_at: String,
    /// Why the person looking cannot decide it; `None` if they can.
    pub excluded: Option<Exclusion>,
}

/// The inbox: what waits for me first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Inbox {
    pub yours: Vec<ApprovalRow>,
    pub others: Vec<ApprovalRow>,
    /// Decided ones, newest first, one page.
    pub decided: Vec<ApprovalRow>,
    pub next: Option<String>,
}

/// One approval with everything its page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalDetail {
    pub row: ApprovalRow,
    pub environment: String,
    pub requested_by: String,
    pub author: String,
    pub committer: String,
    pub manifest_digest: String,
    /// Canonical JSON of the manifest that is approved.
    pub manifest: String,
    pub rule: String,
    pub diff: VersionDiff,
    /// What the catalogue of resources says now of the scopes that are asked for.
    pub scope_notes: Vec<ScopeNote>,
    /// What the gates say, against the live version.
    pub evidence: EvidenceDiff,
    pub gates: Vec<GateBox>,
    pub attention: Vec<Attention>,
    pub rollback: RollbackBadge,
    pub decisions: Vec<DecisionRow>,
    /// People who can still approve.
    pub can_approve: Vec<String>,
    /// People with the approver role who cannot, and why.
    pub cannot_approve: Vec<(String, Exclusion)>,
    /// What happens if nobody acts.
    pub if_nobody_acts: String,
    /// It was let through without these people.
    pub break_glass: Option<BreakGlassMark>,
    /// Fields that changed since, when the approval is stale.
    pub stale_fields: Vec<String>,
    /// Groups that some of the approvals must come from.
    pub required: Vec<RequiredGroup>,
    /// What is still missing.
    pub lacking: Lacking,
    /// What nobody is left to give; nothing where the rule can be met.
    pub beyond: Lacking,
    /// Version of the policy with the rule.
    pub policy_version: i32,
    /// Whoever approves says why.
    pub reason_needed: bool,
    /// Minutes within which the person looking must have signed in to decide, where their sign-in is older.
    pub sign_in_too_old: Option<u32>,
    /// In whose name the person looking would decide.
    pub on_behalf_of: Option<String>,
    /// Every round, oldest first.
    pub rounds: Vec<RoundRow>,
    pub comments: Vec<CommentRow>,
    pub can_comment: bool,
    pub can_withdraw: bool,
    pub can_revoke: bool,
    /// When an approval that was given expires unused.
    pub use_by: Option<String>,
    pub reminded_at: Option<String>,
    pub escalated_at: Option<String>,
}

/// One time of asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoundRow {
    pub round: i32,
    pub state: ApprovalState,
    pub manifest_digest: String,
    pub opened_at: String,
    pub settled_at: Option<String>,
    /// In which fields its manifest differs from that of the round before.
    pub changed: Vec<String>,
}

/// What somebody wrote while it waited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommentRow {
    pub round: i32,
    pub name: String,
    pub text: String,
    pub at: String,
}

/// One line of the attention list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attention {
    pub tone: AttentionTone,
    pub headline: String,
    pub detail: String,
    /// Anchor on the page that shows it.
    pub anchor: String,
}

/// How an attention line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttentionTone {
    Bad,
    Wait,
    Unknown,
    Ok,
}

impl AttentionTone {
    /// As the interface draws it.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Bad => Tone::Bad,
            Self::Wait => Tone::Wait,
            Self::Unknown => Tone::Unknown,
            Self::Ok => Tone::Ok,
        }
    }
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionRow {
    pub name: String,
    pub verdict: DecisionVerdict,
    pub reason: Option<String>,
    pub at: String,
    pub round: i32,
    /// In whose name, where they stood in for somebody.
    pub on_behalf_of: Option<String>,
    /// Groups that it counts for.
    pub groups: Vec<String>,
}
