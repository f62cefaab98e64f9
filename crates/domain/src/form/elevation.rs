//! Asking for a role for some hours, answering, and ending it.

use serde::{Deserialize, Serialize};

use super::{number, text, verdict};
use crate::actor::Role;
use crate::approval::{DecisionVerdict, REASON_MAX, REASON_MIN};
use crate::elevation::REQUESTABLE;
use crate::error::{FieldProblem, ValidationErrors};

/// A request as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ElevationForm {
    /// `operator` or `developer`.
    #[serde(default)]
    pub wanted_role: String,
    /// Slug of the team.
    #[serde(default)]
    pub team: String,
    #[serde(default)]
    pub hours: String,
    #[serde(default)]
    pub reason: String,
}

/// A request for a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskElevation {
    pub role: Role,
    pub team: String,
    pub hours: u32,
    pub reason: String,
}

impl ElevationForm {
    /// Parses the form. How many hours the policy allows is not known here.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<AskElevation, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let wanted = self.wanted_role.trim().parse().ok();
        let role = wanted.filter(|role| REQUESTABLE.contains(role));
        if role.is_none() {
            errors.add("wanted_role", FieldProblem::UnknownChoice);
        }
        let team = text(&mut errors, "team", &self.team, 1, 48);
        let hours = number(&mut errors, "hours", &self.hours);
        if hours == 0 && errors.get("hours").is_none() {
            errors.add("hours", FieldProblem::OutOfRange);
        }
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result()?;
        Ok(AskElevation {
            role: role.unwrap_or(Role::Viewer),
            team,
            hours,
            reason,
        })
    }
}

/// An answer to a request, or its end, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ElevationDecisionForm {
    #[serde(default)]
    pub number: String,
    /// `approve` or `reject`: the pressed button. Not read when it is ended.
    #[serde(default)]
    pub verdict: String,
    /// Required to reject.
    #[serde(default)]
    pub reason: String,
}

/// An answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecideElevation {
    pub number: i64,
    pub verdict: DecisionVerdict,
    pub reason: Option<String>,
}

impl ElevationDecisionForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<DecideElevation, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = number(&mut errors, "number", &self.number);
        let (verdict, reason) = verdict(&mut errors, &self.verdict, &self.reason);
        errors.into_result()?;
        Ok(DecideElevation {
            number,
            verdict,
            reason,
        })
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

/// Taking a standing role away, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TakeAwayForm {
    /// Id of the grant.
    #[serde(default)]
    pub grant: String,
    #[serde(default)]
    pub reason: String,
}

impl TakeAwayForm {
    /// Which grant, and why.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<(uuid::Uuid, String), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let id = uuid::Uuid::parse_str(self.grant.trim()).unwrap_or_else(|_| {
            errors.add("grant", FieldProblem::BadId);
            uuid::Uuid::nil()
        });
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result().map(|()| (id, reason))
    }
}
