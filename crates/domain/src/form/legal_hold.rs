//! Placing a legal hold, and releasing it.

use serde::{Deserialize, Serialize};

use super::{reason, text};
use crate::approval::{REASON_MAX, REASON_MIN};
use crate::error::{FieldProblem, ValidationErrors};
use crate::id::LegalHoldId;

/// What is held, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LegalHoldForm {
    /// Slug of an agent; empty for everything.
    #[serde(default)]
    pub agent: String,
    #[serde(default)]
    pub reason: String,
}

impl LegalHoldForm {
    /// The reason.
    ///
    /// # Errors
    /// When there is none, or one that is too short or too long.
    pub fn reason(&self) -> Result<String, ValidationErrors> {
        reason(&self.reason)
    }
}

/// Which hold ends, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReleaseHoldForm {
    /// The hold; the path's in the API.
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub reason: String,
}

impl ReleaseHoldForm {
    /// The hold and the reason.
    ///
    /// # Errors
    /// For what is no id, and a reason that is none, too short or too long.
    pub fn parse(&self) -> Result<(LegalHoldId, String), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        let id = self.id.trim().parse::<LegalHoldId>();
        if id.is_err() {
            errors.add("id", FieldProblem::BadId);
        }
        let Ok(id) = id else {
            return Err(errors);
        };
        errors.into_result().map(|()| (id, reason))
    }
}
