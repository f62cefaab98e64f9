//! Names that people choose and machines use.

use crate::error::FieldProblem;

/// Longest agent, team or connection slug.
pub const SLUG_MAX: usize = 48;

/// Checks a slug: `[a-z][a-z0-9-]{1,47}`, no double or trailing hyphen.
///
/// # Errors
/// The problem, as one word for the form field.
pub fn check_slug(text: &str) -> Result<(), FieldProblem> {
    if text.is_empty() {
        return Err(FieldProblem::Required);
    }
    if text.len() > SLUG_MAX {
        return Err(FieldProblem::TooLong);
    }
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let all = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if text.len() >= 2 && first && all && !text.contains("--") && !text.ends_with('-') {
        Ok(())
    } else {
        Err(FieldProblem::BadSlug)
    }
}

/// Checks a scope: `resource:verb`, both `[a-z][a-z0-9_.-]*`.
#[must_use]
pub fn is_scope(text: &str) -> bool {
    text.len() <= 100
        && text
            .split_once(':')
            .is_some_and(|(resource, verb)| is_scope_part(resource) && is_scope_part(verb))
}

/// The resource that a scope is of; all of it where it is no scope.
#[must_use]
pub fn resource_of(scope: &str) -> &str {
    scope
        .split_once(':')
        .map_or(scope, |(resource, _)| resource)
}

/// Checks one side of a scope, the resource or the verb.
#[must_use]
pub fn is_scope_part(text: &str) -> bool {
    text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && text.bytes().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'-')
        })
}
