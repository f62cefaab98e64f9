//! The four measures of software delivery, from the deployments and incidents of a period. Changes nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::error::{FieldProblem, ValidationErrors};
use domain::form::query::performance::PerformanceQuery;
use domain::id::TeamId;
use domain::performance::{Change, Harm, measure};
use domain::view::performance::Performance;

use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;

/// Most changes, rollbacks and incidents of one report.
const MOST: u64 = 20_000;

/// How changes reached production in a period: of every team that the actor sees, or of one. Four statements, whatever there is.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing, [`Error::NotFound`] for a team that is none or not to
/// be seen, [`Error::Invalid`] for a period that cannot be read or holds more than a report takes.
pub async fn report(
    cp: &ControlPlane,
    ctx: &OpCtx,
    query: &PerformanceQuery,
) -> Result<Performance, Error> {
    let seen = reading::teams(ctx)?;
    let (from, to) = query.period(ctx.now())?;
    let db = cp.reader();
    let all = store::people::teams(db).await?;
    let asked = query.team.trim();
    let teams = reading::narrowed_teams(seen.clone(), asked, &all)
        .ok_or(Error::NotFound { kind: "team" })?;
    let rows = store::performance::changes(db, (from, to), teams.as_deref(), MOST + 1).await?;
    if rows.len() > usize::try_from(MOST).unwrap_or(usize::MAX) {
        return Err(ValidationErrors::one("from", FieldProblem::TooWide).into());
    }
    let harms = harms(cp, from, teams.as_deref()).await?;
    let slug = |id: TeamId| reading::team_slug(id, &all);
    let changes: Vec<Change> = rows
        .into_iter()
        .map(|(number, agent, team, pushed_at, live_at)| Change {
            team: slug(team),
            agent,
            number,
            pushed_at,
            live_at,
            harm: harms.get(&number).copied(),
        })
        .collect();
    let choices = all
        .iter()
        .filter(|team| seen.as_ref().is_none_or(|seen| seen.contains(&team.id)));
    Ok(Performance {
        from: audit::spelled(from),
        to: audit::spelled(to),
        team: Some(asked.to_owned()).filter(|team| !team.is_empty()),
        choices: choices.map(|team| team.slug.clone()).collect(),
        ..measure(&changes, from, to)
    })
}

/// The harm of each deployment: from its first incident, or else from when its rollback was asked for, until whatever ended it first.
async fn harms(
    cp: &ControlPlane,
    since: DateTime<Utc>,
    teams: Option<&[TeamId]>,
) -> Result<BTreeMap<i64, Harm>, Error> {
    let db = cp.reader();
    let mut harms: BTreeMap<i64, Harm> = BTreeMap::new();
    for (number, opened, mitigated) in store::performance::incidents(db, since, teams, MOST).await?
    {
        let harm = Harm {
            began_at: opened,
            restored_at: mitigated,
        };
        // The newest comes first, and the first harm counts.
        harms.insert(number, harm);
    }
    for (number, asked, live) in store::performance::rollbacks(db, since, teams, MOST).await? {
        let harm = harms.entry(number).or_insert(Harm {
            began_at: asked,
            restored_at: None,
        });
        harm.restored_at = Some(harm.restored_at.map_or(live, |at| at.min(live)));
    }
    Ok(harms)
}
