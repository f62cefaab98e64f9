//! Looking away from a finding until a date.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{number, reason, text};
use crate::approval::{REASON_MAX, REASON_MIN};
use crate::error::{FieldProblem, ValidationErrors};
use crate::finding::IGNORE_DAYS_MAX;

/// An action on a finding as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindingForm {
    /// Number of the finding; the path's in the API.
    #[serde(default)]
    pub number: String,
    /// The last day, UTC, such as `2026-12-31`. Only to ignore.
    #[serde(default)]
    pub until: String,
    #[serde(default)]
    pub reason: String,
}

/// Who looks after a finding, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindingOwnerForm {
    /// Number of the finding; the path's in the API.
    #[serde(default)]
    pub number: String,
    /// Id or e-mail address of a person with a role in the finding's team; empty for nobody.
    #[serde(default)]
    pub owner: String,
}

impl FindingOwnerForm {
    /// The number alone. Whom the other field names, only the people of the team tell.
    ///
    /// # Errors
    /// When it is no number.
    pub fn number(&self) -> Result<i64, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = number(&mut errors, "number", &self.number);
        errors.into_result().map(|()| number)
    }
}

/// To accept a finding until a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreFinding {
    pub until: DateTime<Utc>,
    pub reason: String,
}

impl FindingForm {
    /// Parses the form for ignoring. The last day counts whole.
    ///
    /// # Errors
    /// The fields that are wrong; the date must be in the future and within [`IGNORE_DAYS_MAX`].
    pub fn ignore(&self, now: DateTime<Utc>) -> Result<IgnoreFinding, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let until = last_moment(self.until.trim());
        let limit = now + TimeDelta::days(IGNORE_DAYS_MAX);
        match until {
            None if self.until.trim().is_empty() => errors.add("until", FieldProblem::Required),
            None => errors.add("until", FieldProblem::BadDate),
            Some(at) if at <= now || at > limit => {
                errors.add("until", FieldProblem::DateOutOfRange);
            }
            Some(_) => {}
        }
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result()?;
        Ok(IgnoreFinding {
            until: until.unwrap_or(now),
            reason,
        })
    }

    /// The reason alone.
    ///
    /// # Errors
    /// When there is none, or one that is too short or too long.
    pub fn reason(&self) -> Result<String, ValidationErrors> {
        reason(&self.reason)
    }

    /// The number alone.
    ///
    /// # Errors
    /// When it is no number.
    pub fn number(&self) -> Result<i64, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = number(&mut errors, "number", &self.number);
        errors.into_result().map(|()| number)
    }
}

/// The end of a day, UTC.
fn last_moment(day: &str) -> Option<DateTime<Utc>> {
    let next = NaiveDate::parse_from_str(day, "%Y-%m-%d")
        .ok()?
        .succ_opt()?;
    Some(next.and_hms_opt(0, 0, 0)?.and_utc())
}
