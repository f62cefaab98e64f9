//! Proposing a policy and deciding about it.

use serde::{Deserialize, Serialize};

use super::{number, reason, verdict};
use crate::approval::DecisionVerdict;
use crate::error::ValidationErrors;

/// A proposal as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyForm {
    /// The document, YAML; see `docs/policy.schema.json`.
    #[serde(default)]
    pub text: String,
    /// Why it should change.
    #[serde(default)]
    pub reason: String,
}

impl PolicyForm {
    /// The reason; the document itself is read by [`crate::policy::Policy::parse`].
    ///
    /// # Errors
    /// When there is no reason, or one that is too short or too long.
    pub fn reason(&self) -> Result<String, ValidationErrors> {
        reason(&self.reason)
    }

    /// The document with the line ends of files: browsers send others.
    #[must_use]
    pub fn document(&self) -> String {
        self.text.replace("\r\n", "\n")
    }
}

/// A decision about a proposed policy, or taking it back, as the page posts it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PolicyDecisionForm {
    /// The proposed version.
    #[serde(default)]
    pub number: String,
    /// `approve` or `reject`: the pressed button. Not read when it is taken back.
    #[serde(default)]
    pub verdict: String,
    #[serde(default)]
    pub reason: String,
    /// The version that was active on the page: the difference that the person saw is to that one.
    #[serde(default)]
    pub against: String,
    /// Only read where a page confirms who decides; never kept, and never written out.
    #[serde(default, skip_serializing)]
    pub password: String,
}

// The password never appears in a log.
impl std::fmt::Debug for PolicyDecisionForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PolicyDecisionForm")
            .field("number", &self.number)
            .field("verdict", &self.verdict)
            .field("against", &self.against)
            .finish_non_exhaustive()
    }
}

/// A decision about a proposed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidePolicy {
    pub version: i32,
    pub verdict: DecisionVerdict,
    /// Required to reject.
    pub reason: Option<String>,
    pub against: i32,
}

impl PolicyDecisionForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<DecidePolicy, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let version = number(&mut errors, "number", &self.number);
        let against = number(&mut errors, "against", &self.against);
        let (verdict, reason) = verdict(&mut errors, &self.verdict, &self.reason);
        errors.into_result()?;
        Ok(DecidePolicy {
            version,
            verdict,
            reason,
            against,
        })
    }

    /// The version alone.
    ///
    /// # Errors
    /// When it is no number.
    pub fn version(&self) -> Result<i32, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let version = number(&mut errors, "number", &self.number);
        errors.into_result().map(|()| version)
    }
}
