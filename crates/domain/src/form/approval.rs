//! The decision form.

use serde::{Deserialize, Serialize};

use super::text;
use crate::approval::{Decide, DecisionVerdict, REASON_MAX, REASON_MIN};
use crate::error::{FieldProblem, ValidationErrors};

/// A decision as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionForm {
    #[serde(default)]
    pub number: String,
    /// `approve` or `reject`: the pressed button.
    #[serde(default)]
    pub verdict: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub manifest_digest: String,
    /// The added scopes the person accepts: the one checkbox's value, scopes separated by a space.
    #[serde(default)]
    pub accepted_scopes: String,
}

impl DecisionForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<Decide, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = self.number.trim().parse().unwrap_or_else(|_| {
            errors.add("number", FieldProblem::BadNumber);
            0
        });
        let verdict = self.verdict.parse().unwrap_or_else(|_| {
            errors.add("verdict", FieldProblem::UnknownChoice);
            DecisionVerdict::Reject
        });
        let min = if verdict == DecisionVerdict::Reject {
            REASON_MIN
        } else {
            0
        };
        let reason = text(&mut errors, "reason", &self.reason, min, REASON_MAX);
        let manifest_digest = text(
            &mut errors,
            "manifest_digest",
            &self.manifest_digest,
            1,
            100,
        );
        let accepted_scopes = self
            .accepted_scopes
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        errors.into_result()?;
        Ok(Decide {
            number,
            verdict,
            reason: (!reason.is_empty()).then_some(reason),
            manifest_digest,
            accepted_scopes,
        })
    }
}
