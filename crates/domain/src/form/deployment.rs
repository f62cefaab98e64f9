//! Promoting, cancelling and rolling back.

use chrono::{DateTime, TimeDelta, Utc};
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

/// A rollback to start.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RollbackForm {
    /// The live deployment to go back from.
    #[serde(default)]
    pub number: String,
    #[serde(default)]
    pub reason: String,
    /// The deployment to restore; empty for the last one that was verified live.
    #[serde(default)]
    pub target: String,
}

/// The parsed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollBack {
    pub number: i64,
    pub reason: String,
    pub target: Option<i64>,
}

impl RollbackForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<RollBack, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let from = number(&mut errors, "number", &self.number);
        let target = match self.target.trim() {
            "" => None,
            text => Some(number(&mut errors, "target", text)),
        };
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result()?;
        Ok(RollBack {
            number: from,
            reason,
            target,
        })
    }
}

/// The word of an evaluation of what happens in production that a live version is bad.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BreachForm {
    /// Slug of the agent; the path's in the API.
    #[serde(default)]
    pub agent: String,
    /// The live deployment that was evaluated.
    #[serde(default)]
    pub number: String,
    /// What was breached and by how much, in one sentence.
    #[serde(default)]
    pub reason: String,
    /// When it was seen, RFC 3339; empty for now.
    #[serde(default)]
    pub observed_at: String,
}

/// The parsed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    pub number: i64,
    pub what: String,
    pub observed_at: DateTime<Utc>,
}

impl BreachForm {
    /// Parses the form. What was seen in the future was not seen.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self, now: DateTime<Utc>) -> Result<Breach, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = number(&mut errors, "number", &self.number);
        let observed_at = match self.observed_at.trim() {
            "" => Some(now),
            text => DateTime::parse_from_rfc3339(text)
                .ok()
                .map(|at| at.to_utc()),
        };
        match observed_at {
            None => errors.add("observed_at", FieldProblem::BadDate),
            Some(at) if at > now + TimeDelta::minutes(1) => {
                errors.add("observed_at", FieldProblem::DateOutOfRange);
            }
            Some(_) => {}
        }
        let what = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result()?;
        Ok(Breach {
            number,
            what: crate::text::visible(&what),
            observed_at: observed_at.unwrap_or(now).min(now),
        })
    }
}
