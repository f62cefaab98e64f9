//! Of which period and team the measures of delivery are asked for.

use chrono::{DateTime, Days, Utc};
use serde::{Deserialize, Serialize};

use super::period::period;
use crate::error::{FieldProblem, ValidationErrors};

/// Days that are shown where no beginning is asked for: twelve weeks.
const USUAL_DAYS: u64 = 84;
/// Most days of one report.
const DAYS_MAX: u64 = 371;

/// Filters of the measures.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PerformanceQuery {
    /// A day, or a time; twelve weeks before `to` if empty.
    pub from: String,
    /// A day, which counts whole, or a time; now if empty.
    pub to: String,
    /// Slug of a team; every team that may be seen if empty.
    pub team: String,
}

impl PerformanceQuery {
    /// From when to when, in UTC: at or after the first, before the second.
    ///
    /// # Errors
    /// [`FieldProblem::BadMoment`] for what is no time, [`FieldProblem::Backwards`] for a period that ends before it begins, and
    /// [`FieldProblem::TooWide`] for one of more than 371 days.
    pub fn period(
        &self,
        now: DateTime<Utc>,
    ) -> Result<(DateTime<Utc>, DateTime<Utc>), ValidationErrors> {
        let (from, to) = period((&self.from, &self.to), USUAL_DAYS, now)?;
        match from.checked_add_days(Days::new(DAYS_MAX)) {
            Some(last) if last < to => Err(ValidationErrors::one("from", FieldProblem::TooWide)),
            Some(_) | None => Ok((from, to)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, to: &str) -> Result<(DateTime<Utc>, DateTime<Utc>), ValidationErrors> {
        let now = "2026-03-10T12:00:00Z".parse().unwrap();
        let query = PerformanceQuery {
            from: from.to_owned(),
            to: to.to_owned(),
            team: String::new(),
        };
        query.period(now)
    }

    #[test]
    fn a_period_is_read_or_refused_at_its_field() {
        let (from, to) = period("", "").unwrap();
        assert_eq!((to - from).num_days(), 84);
        let (from, to) = period("2026-03-02", "2026-03-02").unwrap();
        assert_eq!((to - from).num_hours(), 24);
        for (from, to, field, problem) in [
            ("yesterday", "", "from", FieldProblem::BadMoment),
            ("", "2026-02-30", "to", FieldProblem::BadMoment),
            ("2026-03-09", "2026-03-01", "to", FieldProblem::Backwards),
            ("2020-01-01", "", "from", FieldProblem::TooWide),
        ] {
            assert_eq!(
                period(from, to).unwrap_err().get(field),
                Some(problem),
                "{from} {to}"
            );
        }
    }
}
