//! Forms about an approval: the decision, a comment, taking it back, and the password that confirms who decides.

use serde::{Deserialize, Serialize};

use super::{number, text, verdict};
use crate::approval::{Decide, REASON_MAX, REASON_MIN};
use crate::error::ValidationErrors;

/// Longest comment.
pub const COMMENT_MAX: usize = 1_000;

/// A decision as the page posts it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// Only read where a page confirms who decides; never kept, and never written out.
    #[serde(default, skip_serializing)]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub password: String,
}

// The password never appears in a log.
impl std::fmt::Debug for DecisionForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DecisionForm")
            .field("number", &self.number)
            .field("verdict", &self.verdict)
            .field("manifest_digest", &self.manifest_digest)
            .finish_non_exhaustive()
    }
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

/// A few words about an approval: a comment, or why it is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApprovalForm {
    #[serde(default)]
    pub number: String,
    #[serde(default)]
    pub reason: String,
}

impl ApprovalForm {
    /// Number and comment.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn comment(&self) -> Result<(i64, String), ValidationErrors> {
        self.parse(1, COMMENT_MAX)
    }

    /// Number and reason, which must be one.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn taking_back(&self) -> Result<(i64, String), ValidationErrors> {
        self.parse(REASON_MIN, REASON_MAX)
    }

    fn parse(&self, min: usize, max: usize) -> Result<(i64, String), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = number(&mut errors, "number", &self.number);
        let reason = text(&mut errors, "reason", &self.reason, min, max);
        errors.into_result().map(|()| (number, reason))
    }
}
