//! Reading identities: the list, and one of them. Changes nothing.

use chrono::TimeDelta;
use domain::authz::{Access, Action, can};
use domain::form::query::{self, IdentityQuery};
use domain::identity::{IdentityState, TOKEN_SECONDS};
use domain::view::identity::{BindingView, IdentityDetail, IdentityRow, SuspensionView};
use domain::view::page::Page;

use super::{approval_number, usable};
use crate::ControlPlane;
use crate::access_events;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading::{self, Narrowed};
use crate::store;
use crate::store::entity::{agent, binding, deployment, identity, team, version};

/// Identities of the agents that the actor may see, newest first. Eight statements, whatever there is.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &IdentityQuery,
) -> Result<Page<IdentityRow>, Error> {
    let seen = reading::teams(ctx)?;
    let (db, limit) = (cp.reader(), query::limit(asked.limit));
    let teams = store::people::teams(db).await?;
    let seen = reading::narrowed_teams(seen, asked.team.trim(), &teams);
    let agent = reading::narrowed(db, asked.agent.trim()).await?;
    let (Some(seen), Narrowed::To(agent)) = (seen, agent) else {
        return Ok(Page {
            rows: Vec::new(),
            next: None,
        });
    };
    let rows = store::identities::page(db, asked, agent, seen.as_deref(), limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.id.to_string());
    let of = page.rows.iter().map(|row| row.deployment_id).collect();
    let deployments = store::deployments::many(db, of).await?;
    let versions = deployments.iter().map(|d| d.version_id).collect();
    let versions = store::versions::many(db, versions).await?;
    let agents = store::agents::many(db, page.rows.iter().map(|r| r.agent_id).collect()).await?;
    let used = access_events::last(db, page.rows.iter().map(|row| row.id).collect()).await?;
    let ids = page.rows.iter().map(|row| row.id).collect();
    let keys = store::key_rotations::last_done(db, ids).await?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for row in &page.rows {
        let deployment = deployments.iter().find(|d| d.id == row.deployment_id);
        let agent = agents.iter().find(|a| a.id == row.agent_id);
        // Foreign keys see to it that both are there.
        if let (Some(deployment), Some(agent)) = (deployment, agent) {
            let view = row_view(row, deployment, agent, &versions, &teams)?;
            let key = keys.get(&row.id).copied().unwrap_or(row.created_at);
            rows.push(IdentityRow {
                last_used_at: store::time::text_opt(used.get(&row.id).copied()),
                key_made_at: store::time::text(key),
                ..view
            });
        }
    }
    Ok(Page {
        rows,
        next: page.next,
    })
}

fn row_view(
    row: &identity::Model,
    deployment: &deployment::Model,
    agent: &agent::Model,
    versions: &[version::Model],
    teams: &[team::Model],
) -> Result<IdentityRow, Error> {
    let scopes: Vec<String> = store::from_json(&row.scopes)?;
    Ok(IdentityRow {
        client_id: row.client_id.clone(),
        state: row.state,
        usable: usable(row, deployment),
        agent: agent.slug.clone(),
        team: reading::team_slug(agent.team_id, teams),
        version: reading::version_number(deployment, versions),
        environment: deployment.environment,
        deployment: deployment.number,
        deployment_state: deployment.state,
        approval: approval_number(deployment),
        scopes: u64::try_from(scopes.len()).unwrap_or(u64::MAX),
        created_at: store::time::text(row.created_at),
        key_made_at: store::time::text(row.created_at),
        revoked_at: store::time::text_opt(row.revoked_at),
        last_used_at: None,
    })
}

/// One identity, by its client id.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, client_id: &str) -> Result<IdentityDetail, Error> {
    reading::signed_in(ctx)?;
    let db = cp.reader();
    let missing = Error::NotFound { kind: "identity" };
    let row = store::identities::by_client(db, client_id).await?;
    let row = row.ok_or(missing)?;
    let agent = store::agents::get(db, row.agent_id).await?;
    ctx.authorize_on(Action::Read, reading::of(&agent), "identity")?;
    let deployment = store::deployments::get(db, row.deployment_id).await?;
    let version = store::versions::get(db, deployment.version_id).await?;
    let teams = store::people::teams(db).await?;
    let quarantine = store::quarantines::of(db, deployment.id).await?;
    let suspension = store::suspensions::of(db, row.id).await?;
    let bindings = store::bindings::of(db, row.id).await?;
    let rotation = store::key_rotations::of(db, row.id).await?;
    let keys = store::key_rotations::last_done(db, vec![row.id]).await?;
    let key = keys.get(&row.id).copied().unwrap_or(row.created_at);
    let stands = matches!(row.state, IdentityState::Active | IdentityState::Suspended);
    let may = can(ctx.actor(), Action::Rollback, reading::of(&agent)) == Access::Allowed;
    let last = row
        .revoked_at
        .map(|at| at + TimeDelta::seconds(TOKEN_SECONDS));
    let uses = access_events::of_identity(db, &row, ctx.now()).await?;
    let used = access_events::last(db, vec![row.id]).await?;
    let view = row_view(
        &row,
        &deployment,
        &agent,
        std::slice::from_ref(&version),
        &teams,
    )?;
    Ok(IdentityDetail {
        scopes: store::from_json(&row.scopes)?,
        uses,
        bindings: bindings.into_iter().map(binding_view).collect(),
        can_bind: row.state != IdentityState::Revoked && may,
        restores: deployment.restores,
        quarantined: quarantine.is_some(),
        tokens_until: store::time::text_opt(last.filter(|last| *last > ctx.now())),
        can_revoke: stands && may,
        can_rotate: stands && may && rotation.is_none(),
        rotating: rotation.map(|one| one.reason),
        can_suspend: stands && may && suspension.is_none(),
        can_resume: may && suspension.as_ref().is_some_and(|one| one.state.holds()),
        suspension: suspension.map(|one| SuspensionView {
            state: one.state,
            asked_by: one.asked_by,
            asked_at: store::time::text(one.asked_at),
            reason: one.reason,
            last_error: one.last_error,
        }),
        row: IdentityRow {
            last_used_at: store::time::text_opt(used.get(&row.id).copied()),
            key_made_at: store::time::text(key),
            ..view
        },
    })
}

fn binding_view(row: binding::Model) -> BindingView {
    BindingView {
        provider: row.provider,
        principal: row.principal,
        bound_by: row.bound_by,
        bound_at: store::time::text(row.bound_at),
        released_at: store::time::text_opt(row.released_at),
    }
}
