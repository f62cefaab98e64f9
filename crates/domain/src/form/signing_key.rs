//! Changing the key of access tokens.

use serde::{Deserialize, Serialize};

use super::text;
use crate::approval::{REASON_MAX, REASON_MIN};
use crate::error::ValidationErrors;

/// A change of keys, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotateSigningKeyForm {
    #[serde(default)]
    pub reason: String,
}

impl RotateSigningKeyForm {
    /// The reason.
    ///
    /// # Errors
    /// When there is none, or one that is too short or too long.
    pub fn reason(&self) -> Result<String, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result().map(|()| reason)
    }
}
