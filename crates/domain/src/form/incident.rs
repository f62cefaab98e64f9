//! Opening an incident, and what is done about it.

use serde::{Deserialize, Serialize};

use super::text;
use crate::approval::{REASON_MAX, REASON_MIN};
use crate::environment::Environment;
use crate::error::{FieldProblem, ValidationErrors};
use crate::incident::{self, TITLE_MAX};

/// An incident to open, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenIncidentForm {
    /// Slug of the agent.
    #[serde(default)]
    pub agent: String,
    /// `non_prod` or `production`.
    #[serde(default)]
    pub environment: String,
    /// What is wrong, in one sentence.
    #[serde(default)]
    pub title: String,
}

/// An incident to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIncident {
    pub agent: String,
    pub environment: Environment,
    pub title: String,
}

impl OpenIncidentForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<OpenIncident, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let agent = text(&mut errors, "agent", &self.agent, 1, 48);
        let environment = self.environment.trim().parse().unwrap_or_else(|_| {
            errors.add("environment", FieldProblem::UnknownChoice);
            Environment::Production
        });
        let title = text(&mut errors, "title", &self.title, REASON_MIN, TITLE_MAX);
        errors.into_result()?;
        Ok(OpenIncident {
            agent,
            environment,
            title,
        })
    }
}

/// An act on an incident, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IncidentForm {
    /// `INC-12` or `12`; the path's in the API.
    #[serde(default)]
    pub number: String,
    /// What was done, why, or what was learnt.
    #[serde(default)]
    pub reason: String,
}

/// An act on an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnIncident {
    pub number: i64,
    pub reason: String,
}

impl IncidentForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<OnIncident, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = self.number_in(&mut errors);
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result()?;
        Ok(OnIncident { number, reason })
    }

    /// The number alone.
    ///
    /// # Errors
    /// When it is no number of an incident.
    pub fn number(&self) -> Result<i64, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = self.number_in(&mut errors);
        errors.into_result().map(|()| number)
    }

    fn number_in(&self, errors: &mut ValidationErrors) -> i64 {
        incident::number(&self.number).unwrap_or_else(|| {
            errors.add("number", FieldProblem::BadNumber);
            0
        })
    }
}
