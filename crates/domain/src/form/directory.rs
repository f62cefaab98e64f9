//! What pages ask of companies' directories.

use serde::{Deserialize, Serialize};

use crate::error::{FieldProblem, ValidationErrors};

/// Most days that a directory's token lasts. One that ends leaves people in whom the company sent away, so it is longer than that
/// of an API token; it opens nothing but the directory's own door.
pub const TOKEN_DAYS_MAX: i64 = 365;

/// A token for a directory, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DirectoryTokenForm {
    /// Short name of the sign-in provider.
    #[serde(default)]
    pub provider: String,
    /// Days until it ends, 1 to 365.
    #[serde(default)]
    pub days: String,
}

impl DirectoryTokenForm {
    /// How many days it lasts.
    ///
    /// # Errors
    /// When it is no such number.
    pub fn days(&self) -> Result<i64, ValidationErrors> {
        let days = self.days.trim().parse().unwrap_or(0);
        if (1..=TOKEN_DAYS_MAX).contains(&days) {
            Ok(days)
        } else {
            Err(ValidationErrors::one("days", FieldProblem::OutOfRange))
        }
    }
}

/// Which rows of a directory a page shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DirectoryQuery {
    /// Short name of the sign-in provider.
    pub provider: String,
    pub cursor: String,
}
