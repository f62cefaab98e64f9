//! Reading waivers: the list, one of them, and what a form for one is about. Changes nothing.

use domain::authz::{Access, Action, Facts, can};
use domain::form::waiver::WaiverForm;
use domain::gate::Report;
use domain::view::page::{LIMIT_DEFAULT, Page};
use domain::view::waiver::{WaiverDetail, WaiverQuestion, WaiverRow};

use super::{may, not_theirs, report, state};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::policies::{self, Whom};
use crate::reading;
use crate::store;
use crate::store::entity::{agent, team, waiver};

/// The waivers of what the actor may see, newest first. Three statements, whatever there is.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx, cursor: &str) -> Result<Page<WaiverRow>, Error> {
    let seen = reading::teams(ctx)?;
    let db = cp.reader();
    let limit = LIMIT_DEFAULT + 1;
    let rows = store::waivers::page(db, seen.as_deref(), cursor.parse().ok(), limit).await?;
    let page = Page::cut(rows, LIMIT_DEFAULT, |row| row.number.to_string());
    let agents = store::agents::many(db, page.rows.iter().map(|w| w.agent_id).collect()).await?;
    let teams = store::people::teams(db).await?;
    Ok(page.map(|row| {
        let agent = agents.iter().find(|a| a.id == row.agent_id);
        row_view(ctx, row, agent, &teams)
    }))
}

fn row_view(
    ctx: &OpCtx,
    row: waiver::Model,
    agent: Option<&agent::Model>,
    teams: &[team::Model],
) -> WaiverRow {
    WaiverRow {
        number: row.number,
        state: state(&row, ctx.now()),
        agent: agent.map(|a| a.slug.clone()).unwrap_or_default(),
        team: agent
            .map(|a| reading::team_slug(a.team_id, teams))
            .unwrap_or_default(),
        environment: row.environment,
        gate: row.gate,
        finding: row.finding,
        location: row.location,
        deployment: row.deployment,
        reason: row.reason,
        ends_at: store::time::text(row.ends_at),
        given_by: row.given_by_name,
        given_at: store::time::text(row.given_at),
        revoked_by: row.revoked_by_name,
        revoked_at: store::time::text_opt(row.revoked_at),
        revoke_reason: row.revoke_reason,
    }
}

/// One waiver with what leans on it. Five statements.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, number: i64) -> Result<WaiverDetail, Error> {
    reading::signed_in(ctx)?;
    let db = cp.reader();
    let row = store::waivers::by_number(db, number).await?;
    let agent = store::agents::get(db, row.agent_id).await?;
    let facts = Facts {
        team: Some(agent.team_id),
    };
    ctx.authorize_on(Action::Read, facts, "waiver")?;
    let teams = store::people::teams(db).await?;
    let leaning = store::waivers::leaning(db, row.id).await?;
    let deployments = store::deployments::many(db, leaning).await?;
    let mut leaning: Vec<i64> = deployments.iter().map(|d| d.number).collect();
    leaning.sort_by_key(|number| std::cmp::Reverse(*number));
    let open = row.revoked_at.is_none() && super::stands(&row, ctx.now());
    Ok(WaiverDetail {
        can_revoke: open && can(ctx.actor(), Action::Waive, facts) == Access::Allowed,
        leaning,
        row: row_view(ctx, row, Some(&agent), &teams),
    })
}

/// What a form for a waiver is about: the finding as the report says it, and whether the actor may give it.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read, and for a finding that is in no report.
pub async fn question(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &WaiverForm,
) -> Result<WaiverQuestion, Error> {
    reading::signed_in(ctx)?;
    let missing = Error::NotFound { kind: "finding" };
    let (Ok(number), Ok(gate)) = (form.deployment.parse::<i64>(), form.gate.parse()) else {
        return Err(missing);
    };
    let db = cp.reader();
    let row = store::deployments::by_number(db, number).await?;
    let agent = store::agents::get(db, row.agent_id).await?;
    let facts = Facts {
        team: Some(agent.team_id),
    };
    ctx.authorize_on(Action::Read, facts, "deployment")?;
    let version = store::versions::get(db, row.version_id).await?;
    let found = report(db, &row, gate).await?;
    let message = found.and_then(|report| said(&report, &form.finding, &form.location));
    let message = message.ok_or(missing)?;
    let whom = Whom::of(db, &agent, &version).await?;
    let rules = policies::current(db, &whom).await?.waiver_rules();
    let refused = match may(ctx, &agent, &rules) {
        Err(_) => {
            let roles: Vec<&str> = rules.roles.iter().map(|r| r.label()).collect();
            let whom = match roles.as_slice() {
                [] => "nobody".to_owned(),
                roles => roles.join(" or "),
            };
            Some(format!(
                "The policy lets {whom} waive findings of this agent."
            ))
        }
        Ok(_) if !rules.gates.contains(&gate) => Some(format!(
            "The policy lets no finding of {} be waived.",
            gate.label()
        )),
        Ok(_) => match not_theirs(db, ctx, &agent, &version).await {
            Ok(()) => None,
            Err(Error::Excluded { rule }) => Some(rule.message().to_owned()),
            Err(error) => return Err(error),
        },
    };
    let latest = ctx.now() + chrono::Duration::days(i64::from(rules.days));
    Ok(WaiverQuestion {
        deployment: row.number,
        agent: agent.slug,
        version: version.number,
        environment: row.environment,
        gate,
        finding: form.finding.clone(),
        location: form.location.clone(),
        message,
        latest: latest.format("%Y-%m-%d").to_string(),
        refused,
    })
}

/// What a report says of something that makes it fail.
fn said(report: &Report, finding: &str, location: &str) -> Option<String> {
    report
        .failing()
        .iter()
        .find(|f| **f == (finding, location))?;
    let of_finding = report
        .findings
        .iter()
        .find(|f| f.rule == finding && f.location == location)
        .map(|f| f.message.clone());
    of_finding.or_else(|| {
        let case = report
            .cases
            .iter()
            .find(|c| c.id == finding && c.suite == location)?;
        Some(case.why.clone())
    })
}
