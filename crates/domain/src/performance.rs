//! The four measures of software delivery, of changes of agents: how often they go live, how long that takes, how many do harm, and how
//! long the harm lasts. The definitions are those of DORA (<https://dora.dev/guides/dora-metrics>), on the facts that Clearance has:
//!
//! - **Deployment frequency**: changes that went live in production, a week. A change is a push or a promotion; going back is none.
//! - **Lead time for changes**: from the push that made the version to its going live in production. The median.
//! - **Change failure rate**: changes that were rolled back or during which an incident was opened, of all changes.
//! - **Time to restore**: from the incident (without one, from the start of the rollback) to the rollback's end or the incident's
//!   mitigation, whichever was first. The median of those that are restored.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Days, TimeDelta, Utc};

use crate::view::performance::{Failed, Measures, Performance, TeamMeasures, Week};

/// One change that went live in production.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Slug of the team that owns the agent.
    pub team: String,
    pub agent: String,
    /// Number of the deployment.
    pub number: i64,
    /// When the push came that made its version.
    pub pushed_at: DateTime<Utc>,
    pub live_at: DateTime<Utc>,
    /// The first harm that it did.
    pub harm: Option<Harm>,
}

/// When a change did harm, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Harm {
    pub began_at: DateTime<Utc>,
    /// `None` while it lasts.
    pub restored_at: Option<DateTime<Utc>>,
}

/// The measures of the changes that went live at or after `from` and before `to`. Weeks begin on Monday, 00:00 UTC; every week that
/// the period touches is there, with or without changes.
#[must_use]
pub fn measure(changes: &[Change], from: DateTime<Utc>, to: DateTime<Utc>) -> Performance {
    let counted: Vec<&Change> = changes
        .iter()
        .filter(|change| change.live_at >= from && change.live_at < to)
        .collect();
    let mut teams: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in &counted {
        teams.entry(&change.team).or_default().push(change);
    }
    let weeks_of_period = (to - from).as_seconds_f64() / TimeDelta::weeks(1).as_seconds_f64();
    let of = |changes: &[&Change]| measures(changes, weeks_of_period);
    Performance {
        all: of(&counted),
        teams: teams
            .iter()
            .map(|(team, changes)| TeamMeasures {
                team: (*team).to_owned(),
                measures: of(changes),
            })
            .collect(),
        weeks: weeks(&counted, from, to),
        failed: counted.iter().filter_map(|change| failed(change)).collect(),
        ..Performance::default()
    }
}

fn measures(changes: &[&Change], weeks: f64) -> Measures {
    let lead = changes
        .iter()
        .map(|change| change.live_at - change.pushed_at);
    let harms = || changes.iter().filter_map(|change| change.harm);
    let restored = harms().filter_map(|harm| Some(harm.restored_at? - harm.began_at));
    Measures {
        changes: changes.len(),
        a_week: if weeks > 0.0 {
            as_f64(changes.len()) / weeks
        } else {
            0.0
        },
        lead_seconds: median(lead),
        failed: harms().count(),
        restore_seconds: median(restored),
        not_restored: harms().filter(|harm| harm.restored_at.is_none()).count(),
    }
}

/// Fewer than 2^32 changes fit into a report.
fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The middle one, in seconds; between two, the mean of them. Times that clocks made negative count as none.
fn median(durations: impl Iterator<Item = TimeDelta>) -> Option<i64> {
    let mut seconds: Vec<i64> = durations.map(|one| one.num_seconds().max(0)).collect();
    seconds.sort_unstable();
    let upper = *seconds.get(seconds.len() / 2)?;
    if seconds.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *seconds.get((seconds.len() / 2).checked_sub(1)?)?;
    Some(lower + (upper - lower) / 2)
}

fn failed(change: &Change) -> Option<Failed> {
    let harm = change.harm?;
    Some(Failed {
        agent: change.agent.clone(),
        number: change.number,
        team: change.team.clone(),
        began_at: harm.began_at.to_rfc3339(),
        restored_at: harm.restored_at.map(|at| at.to_rfc3339()),
    })
}

fn weeks(changes: &[&Change], from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Week> {
    let mut counts: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    let mut monday = monday(from);
    let end = to.date_naive();
    while monday.and_time(chrono::NaiveTime::MIN).and_utc() < to && monday <= end {
        counts.insert(monday, (0, 0));
        let Some(next) = monday.checked_add_days(Days::new(7)) else {
            break;
        };
        monday = next;
    }
    for change in changes {
        let week = counts.entry(self::monday(change.live_at)).or_default();
        week.0 += 1;
        week.1 += usize::from(change.harm.is_some());
    }
    let week = |(monday, (changes, failed)): (chrono::NaiveDate, (usize, usize))| Week {
        monday: monday.to_string(),
        changes,
        failed,
    };
    counts.into_iter().map(week).collect()
}

fn monday(at: DateTime<Utc>) -> chrono::NaiveDate {
    let day = at.date_naive();
    let since = u64::from(day.weekday().num_days_from_monday());
    day.checked_sub_days(Days::new(since)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn change(number: i64, team: &str, pushed: &str, live: &str) -> Change {
        Change {
            team: team.to_owned(),
            agent: format!("agent-{team}"),
            number,
            pushed_at: at(pushed),
            live_at: at(live),
            harm: None,
        }
    }

    #[test]
    fn four_measures_of_a_period() {
        let mut bad = change(2, "care", "2026-03-03T00:00:00Z", "2026-03-03T04:00:00Z");
        bad.harm = Some(Harm {
            began_at: at("2026-03-03T05:00:00Z"),
            restored_at: Some(at("2026-03-03T05:00:40Z")),
        });
        let mut worse = change(4, "legal", "2026-03-10T00:00:00Z", "2026-03-10T02:00:00Z");
        worse.harm = Some(Harm {
            began_at: at("2026-03-10T03:00:00Z"),
            restored_at: None,
        });
        let changes = [
            change(1, "care", "2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z"),
            bad,
            worse,
            // At the end of the period is after it.
            change(9, "care", "2026-03-15T23:00:00Z", "2026-03-16T00:00:00Z"),
        ];
        let found = measure(
            &changes,
            at("2026-03-02T00:00:00Z"),
            at("2026-03-16T00:00:00Z"),
        );
        assert_eq!(
            (found.all.changes, found.all.failed, found.all.not_restored),
            (3, 2, 1)
        );
        assert!((found.all.a_week - 1.5).abs() < 1e-9);
        assert_eq!(found.all.lead_seconds, Some(7_200));
        assert_eq!(found.all.restore_seconds, Some(40));
        let teams: Vec<_> = found
            .teams
            .iter()
            .map(|t| (t.team.as_str(), t.measures.changes))
            .collect();
        assert_eq!(teams, [("care", 2), ("legal", 1)]);
        assert_eq!(found.teams[0].measures.lead_seconds, Some(9_000));
        let weeks: Vec<_> = found
            .weeks
            .iter()
            .map(|w| (w.monday.as_str(), w.changes, w.failed))
            .collect();
        assert_eq!(weeks, [("2026-03-02", 2, 1), ("2026-03-09", 1, 1)]);
        assert_eq!(found.failed.len(), 2);
    }

    #[test]
    fn a_period_without_changes_has_weeks_and_no_medians() {
        let found = measure(&[], at("2026-03-04T12:00:00Z"), at("2026-03-10T00:00:01Z"));
        assert_eq!(found.weeks.len(), 2);
        assert_eq!(
            (
                found.all.changes,
                found.all.lead_seconds,
                found.all.restore_seconds
            ),
            (0, None, None)
        );
    }

    #[test]
    fn clocks_that_disagree_make_no_negative_time() {
        let odd = change(1, "care", "2026-03-02T02:00:00Z", "2026-03-02T01:00:00Z");
        let found = measure(
            &[odd],
            at("2026-03-02T00:00:00Z"),
            at("2026-03-03T00:00:00Z"),
        );
        assert_eq!(found.all.lead_seconds, Some(0));
    }
}
