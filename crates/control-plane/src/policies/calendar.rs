//! The freeze calendar: what is frozen now and in the next 90 days, for whom, why, and until when. Changes nothing.

use chrono::{DateTime, Duration, Utc};
use domain::policy::{EnvironmentPolicy, Freeze, Override};
use domain::view::waiver::{FreezeCalendar, FreezeRow};

use super::document;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;

/// How far it looks, days.
const DAYS: i64 = 90;
/// Rows that it shows.
const ROWS: usize = 200;

/// The freezes of the policy in force. Everybody who reads anything may read them. One statement.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn calendar(cp: &ControlPlane, ctx: &OpCtx) -> Result<FreezeCalendar, Error> {
    reading::teams(ctx)?;
    let policy = document(cp.reader()).await?;
    let (from, until) = (ctx.now(), ctx.now() + Duration::days(DAYS));
    let mut rows = windows(&policy.production, "Everybody", (from, until));
    for one in &policy.overrides {
        let rules = only(&policy.production, &one.rules.freeze);
        rows.extend(windows(&rules, &for_whom(one), (from, until)));
    }
    rows.sort_by(|a, b| (&a.from, &a.until, &a.whom).cmp(&(&b.from, &b.until, &b.whom)));
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    Ok(FreezeCalendar {
        policy: format!("{} v{}", policy.name, policy.version),
        from: store::time::text(from),
        until: store::time::text(until),
        rows,
        more,
    })
}

/// The same rules with these freezes alone.
fn only(rules: &EnvironmentPolicy, freeze: &[Freeze]) -> EnvironmentPolicy {
    EnvironmentPolicy {
        freeze: freeze.to_vec(),
        ..rules.clone()
    }
}

/// "Team payments", "High risk", "Team payments, high risk".
pub(super) fn for_whom(one: &Override) -> String {
    let risk = one.risk.map(|risk| risk.label().to_owned());
    match (&one.team, risk) {
        (Some(team), Some(risk)) => format!("Team {team}, {}", risk.to_lowercase()),
        (Some(team), None) => format!("Team {team}"),
        (None, Some(risk)) => risk,
        (None, None) => "Everybody".to_owned(),
    }
}

fn windows(
    rules: &EnvironmentPolicy,
    whom: &str,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Vec<FreezeRow> {
    let windows = rules.frozen_between(from, until, ROWS + 1);
    let row = |window: domain::policy::FreezeWindow| FreezeRow {
        whom: whom.to_owned(),
        reason: window.reason,
        now: window.from <= from && from < window.until,
        from: store::time::text(window.from),
        until: store::time::text(window.until),
    };
    windows.into_iter().map(row).collect()
}
