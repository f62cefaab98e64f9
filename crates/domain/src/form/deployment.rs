//! Promoting, cancelling and rolling back.

use serde::{Deserialize, Serialize};

use super::{number, text};
use crate::approval::{REASON_MAX, REASON_MIN};
use crate::error::{FieldProblem, ValidationErrors};

/// An action on one deployment, with a reason where the action needs one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentForm {
    #[serde(default)]
    pub number: String,
    #[serde(default)]
    pub reason: String,
    /// Revision the page showed; empty when the caller does not care.
    #[serde(default)]
    pub revision: String,
}

/// The parsed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDeployment {
    pub number: i64,
    pub reason: Option<String>,
    pub revision: Option<i64>,
}

impl DeploymentForm {
    /// Parses the form; `reason_needed` for cancelling and rolling back.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self, reason_needed: bool) -> Result<OnDeployment, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = number(&mut errors, "number", &self.number);
        let revision = match self.revision.trim() {
            "" => None,
            text => text.parse().map(Some).unwrap_or_else(|_| {
                errors.add("revision", FieldProblem::BadNumber);
                None
            }),
        };
        let reason = text(
            &mut errors,
            "reason",
            &self.reason,
            if reason_needed { REASON_MIN } else { 0 },
            REASON_MAX,
        );
        errors.into_result()?;
        Ok(OnDeployment {
            number,
            reason: (!reason.is_empty()).then_some(reason),
            revision,
        })
    }
}
