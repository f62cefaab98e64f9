//! From when to when something is asked for. What cannot be read is said of its field, and never taken for the usual period: a report
//! about other days than those that were meant is worse than none.

use chrono::{DateTime, Days, Utc};

use super::moment;
use crate::error::{FieldProblem, ValidationErrors};

/// At or after the first moment, before the second, in UTC. A day of `to` counts whole; without `to` it is now, and without `from`
/// so many days earlier.
///
/// # Errors
/// [`FieldProblem::BadMoment`] for what is no time, and [`FieldProblem::Backwards`] for a period that ends before it begins.
pub(super) fn period(
    (from, to): (&str, &str),
    usual_days: u64,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), ValidationErrors> {
    let mut errors = ValidationErrors::default();
    let mut read = |name: &str, text: &str, later: u64| {
        moment(text, Days::new(later)).unwrap_or_else(|_| {
            errors.add(name, FieldProblem::BadMoment);
            None
        })
    };
    let (from, to) = (read("from", from, 0), read("to", to, 1));
    errors.into_result()?;
    let to = to.unwrap_or(now);
    let usual = || to.checked_sub_days(Days::new(usual_days)).unwrap_or(to);
    let from = from.unwrap_or_else(usual);
    if from >= to {
        return Err(ValidationErrors::one("to", FieldProblem::Backwards));
    }
    Ok((from, to))
}
