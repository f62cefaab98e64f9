//! Suspending an identity, letting it act again, and ending it: the kill switch. And what runtimes call it.

use serde::{Deserialize, Serialize};

use super::reason;
use crate::binding::BindingProvider;
use crate::error::{FieldProblem, ValidationErrors};

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
        reason(&self.reason)
    }
}

/// What a runtime's provider calls an identity, as the page posts it: bind or unbind it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BindingForm {
    /// The identity; the path's in the API.
    #[serde(default)]
    pub client_id: String,
    /// Word of a provider; left out when unbinding.
    #[serde(default)]
    pub provider: String,
    #[serde(default)]
    pub principal: String,
}

impl BindingForm {
    /// Provider and principal.
    ///
    /// # Errors
    /// For an unknown provider, and a principal that is none of its.
    pub fn parse(&self) -> Result<(BindingProvider, String), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let principal = self.principal.trim().to_owned();
        let Ok(provider) = self.provider.parse::<BindingProvider>() else {
            errors.add("provider", FieldProblem::UnknownChoice);
            return Err(errors);
        };
        if !provider.names(&principal) {
            errors.add("principal", FieldProblem::BadPrincipal);
        }
        errors.into_result().map(|()| (provider, principal))
    }
}
