//! Adding a passkey, and taking passkeys away.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::text;
use crate::approval::{REASON_MAX, REASON_MIN};
use crate::error::{FieldProblem, ValidationErrors};
use crate::id::UserId;
use crate::passkey::NAME_MAX;

/// What a new passkey is to be called.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AddPasskeyForm {
    pub name: String,
    /// Only read where the sign-in is too old; never kept.
    #[serde(skip_serializing)]
    pub password: String,
}

/// One of one's own passkeys to take away.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RemovePasskeyForm {
    pub id: String,
    /// Only read where the sign-in is too old; never kept.
    #[serde(skip_serializing)]
    pub password: String,
}

/// All passkeys of somebody who lost them.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ResetPasskeysForm {
    /// Id of the person.
    pub id: String,
    pub reason: String,
    /// Only read where the sign-in is too old; never kept.
    #[serde(skip_serializing)]
    pub password: String,
}

// The password never appears in a log.
impl std::fmt::Debug for AddPasskeyForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddPasskeyForm")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for RemovePasskeyForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemovePasskeyForm")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ResetPasskeysForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResetPasskeysForm")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl AddPasskeyForm {
    /// The name.
    ///
    /// # Errors
    /// When it is missing or too long.
    pub fn parse(&self) -> Result<String, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let name = text(&mut errors, "name", &self.name, 1, NAME_MAX);
        errors.into_result()?;
        Ok(name)
    }
}

impl RemovePasskeyForm {
    /// Which one.
    ///
    /// # Errors
    /// When it is no identifier.
    pub fn parse(&self) -> Result<Uuid, ValidationErrors> {
        Uuid::parse_str(self.id.trim())
            .map_err(|_| ValidationErrors::one("id", FieldProblem::BadId))
    }
}

impl ResetPasskeysForm {
    /// Whose, and why.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<(UserId, String), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let id = self.id.trim().parse().unwrap_or_else(|_| {
            errors.add("id", FieldProblem::BadId);
            UserId(Uuid::nil())
        });
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result()?;
        Ok((id, reason))
    }
}
