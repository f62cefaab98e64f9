//! Giving somebody a further role. Taking one away is in [`crate::elevations::take_away`].

use domain::authz::{Action, Facts};
use domain::error::{FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::person::RoleForm;
use domain::segregation::EVERY_TEAM;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// Gives a person one more standing role, in a team or in every team.
///
/// # Errors
/// When the actor may not administer, the person or the team does not exist, or the person has that role there already.
pub async fn give_role(cp: &ControlPlane, ctx: &OpCtx, form: &RoleForm) -> Result<(), Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("people::give_role", ctx, may).await?;
    let wanted = form.parse()?;
    cp.transact("people::give_role", ctx, |tx: Tx| {
        let wanted = &wanted;
        async move {
            let tx = &tx;
            ctx.authorize(Action::Administer, Facts::default())?;
            let unknown = |field| ValidationErrors::one(field, FieldProblem::UnknownChoice);
            let person = store::people::here(&**tx, &wanted.email)
                .await?
                .ok_or_else(|| unknown("email"))?;
            let team = match &wanted.team {
                None => None,
                Some(slug) => {
                    let found = store::people::team_by_slug(&**tx, slug).await?;
                    Some(found.ok_or_else(|| unknown("team"))?.id)
                }
            };
            // The log lets one transaction at a time go on from here, so two clicks cannot give it twice.
            store::audit::lock_size(tx).await?;
            // One that a sign-in provider gave goes with its groups; this one is to stay.
            let held = store::people::held(&**tx, person.id).await?;
            if held.iter().any(|grant| {
                grant.role == wanted.role && grant.team_id == team && grant.provider.is_none()
            }) {
                return Err(ValidationErrors::one("role", FieldProblem::AlreadyHeld).into());
            }
            store::people::grant(tx, person.id, wanted.role, team, ctx.now()).await?;
            let place = wanted.team.as_deref().unwrap_or(EVERY_TEAM);
            let event = Event::new(AuditAction::RoleGranted, "user", person.id.to_string())
                .with("role", wanted.role)
                .with("team", place)
                .reason(&wanted.reason);
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}
