//! Starting an access review, deciding about an item, and signing.

use serde::{Deserialize, Serialize};

use super::{number, text};
use crate::approval::{REASON_MAX, REASON_MIN};
use crate::error::{FieldProblem, ValidationErrors};
use crate::review::Choice;

/// What is to be reviewed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartReviewForm {
    /// Slug of a team; empty for everything.
    #[serde(default)]
    pub team: String,
}

/// What is decided about one item, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReviewItemForm {
    /// Of the review; the path's in the API.
    #[serde(default)]
    pub number: String,
    /// Of the item in the review.
    #[serde(default)]
    pub item: String,
    /// `keep` or `remove`: the pressed button.
    #[serde(default)]
    pub choice: String,
    /// Required to keep what was not used.
    #[serde(default)]
    pub reason: String,
}

/// A decision about one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecideItem {
    pub number: i64,
    pub item: i64,
    pub choice: Choice,
    pub reason: Option<String>,
}

impl ReviewItemForm {
    /// Parses the form. Whether the item needs a reason is not known here.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<DecideItem, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let review = number(&mut errors, "number", &self.number);
        let item = number(&mut errors, "item", &self.item);
        let choice = self.choice.trim().parse().unwrap_or_else(|_| {
            errors.add("choice", FieldProblem::UnknownChoice);
            Choice::Keep
        });
        let min = if self.reason.trim().is_empty() {
            0
        } else {
            REASON_MIN
        };
        let reason = text(&mut errors, "reason", &self.reason, min, REASON_MAX);
        errors.into_result()?;
        Ok(DecideItem {
            number: review,
            item,
            choice,
            reason: (!reason.is_empty()).then_some(reason),
        })
    }
}

/// Which review is signed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignReviewForm {
    #[serde(default)]
    pub number: String,
}

impl SignReviewForm {
    /// The number.
    ///
    /// # Errors
    /// When it is no number.
    pub fn number(&self) -> Result<i64, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let review = number(&mut errors, "number", &self.number);
        errors.into_result().map(|()| review)
    }
}
