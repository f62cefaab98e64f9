//! Break-glass and its post-review.

use serde::{Deserialize, Serialize};

use crate::break_glass::PostReviewState;
use crate::error::Exclusion;

/// One post-review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostReviewRow {
    /// `PR-n` without `PR-`.
    pub number: i64,
    /// Number of the deployment that was let through.
    pub deployment: i64,
    pub agent: String,
    pub team: String,
    pub version: String,
    pub broken_by: String,
    pub broken_at: String,
    pub due_at: String,
    pub state: PostReviewState,
    pub reason: String,
    /// A number, or an address of the web.
    pub incident: String,
    /// Why the person looking cannot close it; `None` if they can.
    pub excluded: Option<Exclusion>,
}

/// One post-review with everything its page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostReviewDetail {
    pub row: PostReviewRow,
    pub manifest_digest: String,
    /// Until when the permission lasted.
    pub permitted_until: String,
    /// When the deployment used it.
    pub used_at: Option<String>,
    pub reviewed_by: Option<String>,
    pub reviewed_at: Option<String>,
    pub review_reason: Option<String>,
    /// People who can still close it.
    pub can_review: Vec<String>,
    /// Approvers who cannot, and why.
    pub cannot_review: Vec<(String, Exclusion)>,
    /// Minutes within which the password must have been given; `None` if it was.
    pub sign_in_too_old: Option<u32>,
    /// People were asked about this deployment, so its review page shows what changed.
    pub has_review_page: bool,
}

/// The mark on what went on without an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BreakGlassMark {
    pub number: i64,
    pub deployment: i64,
    pub agent: String,
    pub state: PostReviewState,
    pub broken_by: String,
    pub due_at: String,
}

/// That the person looking could break the glass now, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BreakGlassOffer {
    pub manifest_digest: String,
    /// Hours the permission lasts.
    pub hours: u32,
    /// Hours until the post-review is due.
    pub review_hours: u32,
    /// Minutes within which the password must have been given; `None` if it was.
    pub sign_in_too_old: Option<u32>,
}
