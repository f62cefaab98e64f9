//! The decision form.

use serde::{Deserialize, Serialize};

use super::{number, text, verdict};
use crate::approval::Decide;
use crate::error::ValidationErrors;

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
        let number = number(&mut errors, "number", &self.number);
        let (verdict, reason) = verdict(&mut errors, &self.verdict, &self.reason);
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
            reason,
            manifest_digest,
            accepted_scopes,
        })
    }
}
