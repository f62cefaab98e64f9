//! Raw forms, as browsers and API callers send them, and their parsing into commands. The browser runs the same code.

pub mod agent;
pub mod approval;
pub mod break_glass;
pub mod catalogue;
pub mod connection;
pub mod deployment;
pub mod directory;
pub mod elevation;
pub mod finding;
pub mod group;
pub mod identity;
pub mod incident;
pub mod legal_hold;
pub mod notification;
pub mod package;
pub mod passkey;
pub mod person;
pub mod policy;
pub mod query;
pub mod review;
pub mod saved_view;
pub mod service_account;
pub mod signing_key;
pub mod suite;
pub mod waiver;

use std::str::FromStr;

use crate::approval::{DecisionVerdict, REASON_MAX, REASON_MIN};
use crate::error::{FieldProblem, ValidationErrors};

/// A trimmed required text within a length.
pub(crate) fn text(
    errors: &mut ValidationErrors,
    field: &str,
    value: &str,
    min: usize,
    max: usize,
) -> String {
    let value = value.trim();
    let length = value.chars().count();
    if value.is_empty() && min > 0 {
        errors.add(field, FieldProblem::Required);
    } else if length < min {
        errors.add(field, FieldProblem::TooShort);
    } else if length > max {
        errors.add(field, FieldProblem::TooLong);
    }
    value.to_owned()
}

/// The reason that every dangerous step asks for.
///
/// # Errors
/// When there is none, or one that is too short or too long.
pub(crate) fn reason(value: &str) -> Result<String, ValidationErrors> {
    let mut errors = ValidationErrors::default();
    let reason = text(&mut errors, "reason", value, REASON_MIN, REASON_MAX);
    errors.into_result().map(|()| reason)
}

/// A number; zero stands for what is none.
pub(crate) fn number<T: FromStr + Default>(
    errors: &mut ValidationErrors,
    field: &str,
    value: &str,
) -> T {
    value.trim().parse().unwrap_or_else(|_| {
        errors.add(field, FieldProblem::BadNumber);
        T::default()
    })
}

/// The pressed button and the reason, which only a rejection must have.
pub(crate) fn verdict(
    errors: &mut ValidationErrors,
    verdict: &str,
    reason: &str,
) -> (DecisionVerdict, Option<String>) {
    let verdict = verdict.parse().unwrap_or_else(|_| {
        errors.add("verdict", FieldProblem::UnknownChoice);
        DecisionVerdict::Reject
    });
    let min = match verdict {
        DecisionVerdict::Approve => 0,
        DecisionVerdict::Reject => REASON_MIN,
    };
    let reason = text(errors, "reason", reason, min, REASON_MAX);
    (verdict, (!reason.is_empty()).then_some(reason))
}
