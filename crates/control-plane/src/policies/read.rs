//! Reading policies: the list, and one version beside the active one. Changes nothing.

use domain::actor::Actor;
use domain::authz::{Access, Action, Facts, can};
use domain::policy::{PolicyState, diff};
use domain::view::policy::{PolicyDetail, PolicyList, PolicyRow};

use super::words::in_words;
use super::{is_standard, parsed, satisfiable, standard};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::policy;

/// Every version with the one that Clearance comes with, newest first. One statement.
async fn all(cp: &ControlPlane) -> Result<Vec<policy::Model>, Error> {
    let mut rows = store::policies::all(cp.reader()).await?;
    if !rows.iter().any(|row| is_standard(row.version)) {
        // It is written when another version takes its place; until then it is the active one.
        rows.push(standard(PolicyState::Active)?);
    }
    Ok(rows)
}

fn active(rows: &[policy::Model]) -> Result<&policy::Model, Error> {
    rows.iter()
        .find(|row| row.state == PolicyState::Active)
        .ok_or_else(|| Error::internal("policies", "no version is active"))
}

/// Every version, newest first, and the rules of the active one. Everybody who reads anything may read them.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<PolicyList, Error> {
    reading::teams(ctx)?;
    let rows = all(cp).await?;
    let active = active(&rows)?;
    Ok(PolicyList {
        active: active.version,
        text: active.text.clone(),
        rules: in_words(&parsed(active)?),
        rows: rows.iter().map(row_view).collect(),
    })
}

/// One version, with what differs from the active one. Four statements. Who could decide is for administrators to see.
///
/// # Errors
/// [`Error::NotFound`] for a number that no version has.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, version: i32) -> Result<PolicyDetail, Error> {
    reading::teams(ctx)?;
    let rows = all(cp).await?;
    let row = rows
        .iter()
        .find(|row| row.version == version)
        .ok_or(Error::NotFound { kind: "policy" })?;
    let active = active(&rows)?;
    let policy = parsed(row)?;
    let administers = can(ctx.actor(), Action::Administer, Facts::default()) == Access::Allowed;
    let approvers = if administers {
        satisfiable::approvers(cp.reader(), ctx, &policy).await?
    } else {
        Vec::new()
    };
    let theirs = matches!(ctx.actor(), Actor::User { id, .. } if row.proposed_by == Some(*id));
    let open = administers && row.state == PolicyState::Proposed;
    Ok(PolicyDetail {
        row: row_view(row),
        text: row.text.clone(),
        rules: in_words(&policy),
        active: active.version,
        diff: diff(&active.text, &row.text),
        approvers,
        can_decide: open && !theirs,
        sign_in_too_old: ctx.sign_in_too_old(parsed(active)?.sign_in_minutes()),
        can_withdraw: open && theirs,
    })
}

fn row_view(row: &policy::Model) -> PolicyRow {
    PolicyRow {
        version: row.version,
        name: row.name.clone(),
        state: row.state,
        digest: row.digest.clone(),
        proposed_by: row.proposed_by_name.clone(),
        proposed_at: store::time::text_opt(row.proposed_at),
        reason: row.reason.clone(),
        decided_by: row.decided_by_name.clone(),
        decided_at: store::time::text_opt(row.decided_at),
        decision_reason: row.decision_reason.clone(),
    }
}
