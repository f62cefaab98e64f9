//! Changing the key of access tokens.

use serde::{Deserialize, Serialize};

use super::reason;
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
        reason(&self.reason)
    }
}
