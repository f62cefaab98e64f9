//! Giving a waiver and taking it back.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use super::{number, text};
use crate::approval::{REASON_MAX, REASON_MIN};
use crate::environment::Environment;
use crate::error::{FieldProblem, ValidationErrors};
use crate::gate::Gate;

/// Longest id and place of a finding.
pub const FINDING_MAX: usize = 400;

/// A waiver as the page and the API send it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WaiverForm {
    /// Number of the deployment in whose report the finding stands.
    #[serde(default)]
    pub deployment: String,
    #[serde(default)]
    pub gate: String,
    /// Id of the rule, advisory or case.
    #[serde(default)]
    pub finding: String,
    /// File, package or suite of the finding, as the report says it.
    #[serde(default)]
    pub location: String,
    #[serde(default)]
    pub environment: String,
    /// The last day, such as 2027-01-31.
    #[serde(default)]
    pub until: String,
    #[serde(default)]
    pub reason: String,
}

/// A waiver, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiveWaiver {
    pub deployment: i64,
    pub gate: Gate,
    pub finding: String,
    pub location: String,
    pub environment: Environment,
    /// The first moment after it.
    pub ends_at: DateTime<Utc>,
    pub reason: String,
}

impl WaiverForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<GiveWaiver, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let deployment = number(&mut errors, "deployment", &self.deployment);
        let gate = self.gate.parse().unwrap_or_else(|_| {
            errors.add("gate", FieldProblem::UnknownChoice);
            Gate::Health
        });
        let finding = text(&mut errors, "finding", &self.finding, 1, FINDING_MAX);
        let location = text(&mut errors, "location", &self.location, 0, FINDING_MAX);
        let environment = self.environment.parse().unwrap_or_else(|_| {
            errors.add("environment", FieldProblem::UnknownChoice);
            Environment::Production
        });
        let ends_at = end_of(&self.until).unwrap_or_else(|| {
            errors.add("until", FieldProblem::BadDate);
            DateTime::UNIX_EPOCH
        });
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result()?;
        Ok(GiveWaiver {
            deployment,
            gate,
            finding,
            location,
            environment,
            ends_at,
            reason,
        })
    }
}

/// The first moment after a day.
fn end_of(day: &str) -> Option<DateTime<Utc>> {
    let day: NaiveDate = day.trim().parse().ok()?;
    let next = day.checked_add_days(Days::new(1))?;
    Some(next.and_time(NaiveTime::MIN).and_utc())
}

/// Taking a waiver back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RevokeWaiverForm {
    /// Number of the waiver; the API takes it from the address.
    #[serde(default)]
    pub number: String,
    #[serde(default)]
    pub reason: String,
}

impl RevokeWaiverForm {
    /// The number and the reason.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<(i64, String), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = number(&mut errors, "number", &self.number);
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result().map(|()| (number, reason))
    }
}
