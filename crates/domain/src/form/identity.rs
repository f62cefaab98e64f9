//! Suspending an identity, letting it act again, and ending it: the kill switch.

use serde::{Deserialize, Serialize};

use super::text;
use crate::approval::{REASON_MAX, REASON_MIN};
use crate::error::ValidationErrors;

/// What to do with an identity, as the page posts it: suspend, resume or revoke it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdentityForm {
    /// The identity; the path's in the API.
    #[serde(default)]
    pub client_id: String,
    #[serde(default)]
    pub reason: String,
}

impl IdentityForm {
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
