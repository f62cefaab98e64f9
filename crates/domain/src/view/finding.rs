//! Findings as pages and the API show them.

use serde::{Deserialize, Serialize};

use crate::finding::{FindingKind, FindingState, SubjectKind};

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindingRow {
    pub number: i64,
    pub kind: FindingKind,
    pub state: FindingState,
    pub subject_kind: SubjectKind,
    /// A slug, a number, or the name at the provider.
    pub subject: String,
    pub agent: Option<String>,
    pub deployment: Option<i64>,
    /// Slug of the team that owns it; none for what belongs to the whole organisation.
    pub team: Option<String>,
    /// The person who looks after it, where one does.
    pub owner: Option<String>,
    /// One sentence.
    pub what: String,
    /// RFC 3339.
    pub first_seen: String,
    pub last_seen: String,
    /// How often it was seen in a row.
    pub sightings: i32,
    /// Until when somebody looks away.
    pub ignored_until: Option<String>,
}

/// One finding with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindingDetail {
    pub row: FindingRow,
    /// What was approved, or should be there.
    pub expected: Option<String>,
    /// What was found instead.
    pub found: Option<String>,
    pub ignored_by: Option<String>,
    pub reason: Option<String>,
    pub resolved_at: Option<String>,
    /// The actor may ignore it now.
    pub can_act: bool,
    /// The actor may have what was approved put back.
    pub can_revert: bool,
    /// The actor may promote the version that has what was found.
    pub can_accept: bool,
    /// Whom the actor may give it to: id and name of everybody with a role in its team. Empty for who may not.
    pub owners: Vec<(String, String)>,
    /// Id of whom it is given to; names are not unique.
    pub owner_id: Option<String>,
    /// What was asked to be put back, and what became of it.
    pub revert: Option<RevertNote>,
}

/// Somebody asked that what was approved is put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevertNote {
    pub asked_by: String,
    pub asked_at: String,
    pub done_at: Option<String>,
    /// Why it is not done yet.
    pub last_error: Option<String>,
}
