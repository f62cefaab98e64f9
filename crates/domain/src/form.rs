//! Raw forms, as browsers and API callers send them, and their parsing into commands. The browser runs the same code.

pub mod agent;
pub mod approval;
pub mod connection;
pub mod deployment;
pub mod person;
pub mod policy;
pub mod query;

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
