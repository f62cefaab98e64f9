//! Access reviews, and what they list.

use serde::{Deserialize, Serialize};

use crate::review::{ItemKind, ItemVerdict, ReviewState};

/// One review in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReviewRow {
    pub number: i64,
    /// Slug of the one team; `None` for everything.
    pub team: Option<String>,
    pub state: ReviewState,
    pub started_by: String,
    pub started_at: String,
    pub items: u64,
    pub decided: u64,
    pub signed_by: Option<String>,
    pub signed_at: Option<String>,
    /// SHA-256 of the certificate, once it is signed.
    pub digest: Option<String>,
}

/// A page of reviews.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reviews {
    pub rows: Vec<ReviewRow>,
    pub next: Option<String>,
    /// Slugs of the teams that the person looking can start a review of; `None` where they can start none.
    pub teams: Option<Vec<String>>,
}

/// One review with a page of its items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReviewDetail {
    pub row: ReviewRow,
    pub idle_days: i64,
    pub kept: u64,
    pub removed: u64,
    pub referred: u64,
    pub gone: u64,
    pub items: Vec<ReviewItem>,
    pub next: Option<String>,
    /// The person looking may decide and sign.
    pub can_decide: bool,
}

/// Somebody's or something's access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReviewItem {
    pub item: i64,
    pub kind: ItemKind,
    /// Whose it is, or who answers for it; `None` for an agent's.
    pub person: Option<String>,
    pub what: String,
    /// Slug; `None` where it holds in every team, or belongs to none.
    pub team: Option<String>,
    pub agent: Option<String>,
    pub since: Option<String>,
    /// `None` where the audit log does not say.
    pub given_by: Option<String>,
    /// `None` where no use is known.
    pub last_used: Option<String>,
    /// Not used for a while: keeping it takes a reason.
    pub unused: bool,
    pub verdict: Option<ItemVerdict>,
    pub reason: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<String>,
    /// It is the access of the person looking, so somebody else decides.
    pub own: bool,
}

/// An open review, for the overview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewMark {
    pub number: i64,
    pub team: Option<String>,
    pub undecided: u64,
}
