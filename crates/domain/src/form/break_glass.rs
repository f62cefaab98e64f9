//! Breaking the glass, and reviewing it afterwards.

use serde::{Deserialize, Serialize};

use super::{number, text};
use crate::approval::{REASON_MAX, REASON_MIN};
use crate::break_glass::{BreakGlass, INCIDENT_MAX, PostReviewEvent, incident_link};
use crate::error::{FieldProblem, ValidationErrors};

/// A break-glass as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BreakGlassForm {
    #[serde(default)]
    pub number: String,
    /// The digest of the manifest that shall go live, typed from the page.
    #[serde(default)]
    pub manifest_digest: String,
    #[serde(default)]
    pub reason: String,
    /// Number of the incident, or its address.
    #[serde(default)]
    pub incident: String,
}

impl BreakGlassForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<BreakGlass, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = number(&mut errors, "number", &self.number);
        let typed = text(
            &mut errors,
            "manifest_digest",
            &self.manifest_digest,
            1,
            100,
        );
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        let incident = text(&mut errors, "incident", &self.incident, 2, INCIDENT_MAX);
        if errors.get("incident").is_none() && !is_incident(&incident) {
            errors.add("incident", FieldProblem::BadIncident);
        }
        errors.into_result()?;
        let manifest_digest = if typed.starts_with("sha256:") {
            typed
        } else {
            format!("sha256:{typed}")
        };
        Ok(BreakGlass {
            number,
            manifest_digest,
            reason,
            incident,
        })
    }
}

/// One line; an address only of the web, anything else without the form of one.
fn is_incident(text: &str) -> bool {
    if text.chars().any(char::is_control) {
        return false;
    }
    if incident_link(text).is_some() {
        let host = text.split("//").nth(1).unwrap_or_default();
        return !host.is_empty() && !text.chars().any(char::is_whitespace);
    }
    !text.contains(':')
}

/// The end of a post-review as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostReviewForm {
    /// Number of the post-review, without `PR-`.
    #[serde(default)]
    pub number: String,
    /// `ok` or `violation`: the pressed button.
    #[serde(default)]
    pub outcome: String,
    #[serde(default)]
    pub reason: String,
}

/// The end of a post-review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosePostReview {
    pub number: i64,
    pub outcome: PostReviewEvent,
    pub reason: String,
}

impl PostReviewForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<ClosePostReview, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let number = number(&mut errors, "number", &self.number);
        let outcome = match self.outcome.parse() {
            Ok(found @ (PostReviewEvent::Ok | PostReviewEvent::Violation)) => found,
            Ok(PostReviewEvent::Lapsed) | Err(_) => {
                errors.add("outcome", FieldProblem::UnknownChoice);
                PostReviewEvent::Violation
            }
        };
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result()?;
        Ok(ClosePostReview {
            number,
            outcome,
            reason,
        })
    }
}
