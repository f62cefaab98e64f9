//! Who looks after a finding: a person of its team.

use domain::authz::{Action, Facts};
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::finding::FindingOwnerForm;

use super::event;
use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::people;
use crate::store;
use crate::transact::Tx;

/// Gives an unresolved finding to somebody, or to nobody. Given to whom it has already, nothing happens.
///
/// # Errors
/// A validation error for who has no role in its team, [`Conflict::WrongState`] when it is resolved, or the actor
/// may not roll back in its team.
pub async fn assign(cp: &ControlPlane, ctx: &OpCtx, form: &FindingOwnerForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let number = form.number()?;
    cp.transact("findings::assign", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::findings::by_number(&**tx, number).await?;
        ctx.authorize_on(Action::Rollback, Facts { team: row.team_id }, "finding")?;
        let owner = people::member(&**tx, &form.owner, row.team_id).await?;
        if !row.state.is_open() {
            return Err(Error::conflict(Conflict::WrongState));
        }
        let id = owner.as_ref().map(|(id, _)| *id);
        if id == row.owner_id {
            return Ok(());
        }
        store::findings::set_owner(tx, &row, id).await?;
        let name = owner.map_or_else(|| "nobody".to_owned(), |(_, name)| name);
        let mut event = event(tx, AuditAction::FindingOwned, &row).await?;
        event = event.with("owner", name);
        if let Some(id) = id {
            event = event.with("owner_id", id);
        }
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}
