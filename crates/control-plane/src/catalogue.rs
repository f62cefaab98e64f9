//! The catalogue of resources: what scopes name, whose it is, and what its actions mean. It explains; it permits nothing. A
//! scope is given by an approval alone, whether the catalogue has it or not.

use domain::authz::{Access, Action, Facts, can};
use domain::error::{Conflict, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::catalogue::{Described, ResourceForm, ResourceRemovalForm};
use domain::id::TeamId;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::catalogue;
use crate::transact::Tx;

mod read;

pub use read::{get, list};
pub(crate) use read::{notes, undescribed};

/// Adds a resource.
///
/// # Errors
/// When a field is wrong, the name is taken, or the actor may not administer.
pub async fn add(cp: &ControlPlane, ctx: &OpCtx, form: &ResourceForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("catalogue::add", ctx, |tx: Tx| async move {
        let tx = &tx;
        ctx.authorize(Action::Administer, Facts::default())?;
        let said = form.parse()?;
        if store::catalogue::get(&**tx, &said.name).await?.is_some() {
            return Err(ValidationErrors::one("resource", FieldProblem::Taken).into());
        }
        let row = row(tx, ctx, &said).await?;
        store::catalogue::insert(tx, row.clone()).await?;
        note(tx, ctx, &row, &said).await
    })
    .await
}

/// Changes what is said of a resource: whoever administers, or may change things of the team that looks after it. Whose it is
/// only the former say.
///
/// # Errors
/// When a field is wrong, there is no such resource, the actor may not, or it was changed since it was shown.
pub async fn change(cp: &ControlPlane, ctx: &OpCtx, form: &ResourceForm) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("catalogue::change", ctx, |tx: Tx| async move {
        let tx = &tx;
        let old = find(tx, ctx, &form.resource).await?;
        if !may_change(ctx, old.team_id) {
            ctx.authorize(Action::Administer, Facts::default())?;
        }
        let said = form.parse()?;
        let new = row(tx, ctx, &said).await?;
        if new.team_id != old.team_id {
            ctx.authorize(Action::Administer, Facts::default())?;
        }
        if said.revision.is_some_and(|shown| shown != old.revision) {
            return Err(Error::conflict(Conflict::Changed));
        }
        store::catalogue::change(tx, &old, &new, ctx.now()).await?;
        note(tx, ctx, &new, &said).await
    })
    .await
}

/// Takes a resource out of the catalogue. Nothing else changes: scopes of it stay what they are.
///
/// # Errors
/// When there is no such resource, or the actor may not administer.
pub async fn remove(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &ResourceRemovalForm,
) -> Result<(), Error> {
    ctx.signed_in()?;
    cp.transact("catalogue::remove", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = find(tx, ctx, &form.resource).await?;
        ctx.authorize(Action::Administer, Facts::default())?;
        store::catalogue::remove(tx, &row).await?;
        let event = Event::new(AuditAction::ResourceForgotten, "resource", &row.name);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// May the actor change what is said of what this team looks after?
fn may_change(ctx: &OpCtx, team: Option<TeamId>) -> bool {
    let allowed = |action, facts| can(ctx.actor(), action, facts) == Access::Allowed;
    let of_team = team.is_some() && allowed(Action::Modify, Facts { team });
    of_team || allowed(Action::Administer, Facts::default())
}

/// A resource of the catalogue. Whoever reads anything may know of it.
async fn find(tx: &Tx, ctx: &OpCtx, name: &str) -> Result<catalogue::Model, Error> {
    crate::reading::teams(ctx)?;
    let row = store::catalogue::get(&**tx, name.trim()).await?;
    row.ok_or(Error::NotFound { kind: "resource" })
}

async fn row(tx: &Tx, ctx: &OpCtx, said: &Described) -> Result<catalogue::Model, Error> {
    let team = match &said.owner {
        None => None,
        Some(slug) => {
            let teams = store::people::teams(&**tx).await?;
            let found = teams.into_iter().find(|team| team.slug == *slug);
            let unknown = || ValidationErrors::one("owner", FieldProblem::UnknownChoice);
            Some(found.ok_or_else(unknown)?.id)
        }
    };
    Ok(catalogue::Model {
        name: said.name.clone(),
        team_id: team,
        description: said.description.clone(),
        data_class: said.data_class.clone(),
        actions: store::to_json(&said.actions)?,
        revision: 1,
        created_at: ctx.now(),
        updated_at: ctx.now(),
    })
}

async fn note(tx: &Tx, ctx: &OpCtx, row: &catalogue::Model, said: &Described) -> Result<(), Error> {
    let actions: Vec<&str> = said.actions.keys().map(String::as_str).collect();
    let event = Event::new(AuditAction::ResourceDescribed, "resource", &row.name)
        .with("owner", said.owner.as_deref().unwrap_or("nobody"))
        .with("data_class", &row.data_class)
        .with("description", &row.description)
        .with("actions", actions.join(" "));
    audit::append(tx, ctx, event).await.map(|_| ())
}
