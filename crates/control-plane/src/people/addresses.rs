//! The addresses that git knows a person by. They bind people to what they wrote, and accounts to one person.

use domain::authz::{Action, Facts};
use domain::error::{Conflict, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::group::AddressForm;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// Most linked addresses of one person.
pub(crate) const ADDRESSES_MAX: usize = 20;

/// Links an address to a person. It is never taken away again: what was committed under it stays theirs. One that is
/// another account's address says that both accounts are one person's.
///
/// # Errors
/// When the actor may not administer, a field is wrong, or there is no such person.
pub async fn link_address(cp: &ControlPlane, ctx: &OpCtx, form: &AddressForm) -> Result<(), Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("people::link_address", ctx, may).await?;
    let (email, git) = form.parse()?;
    cp.transact("people::link_address", ctx, |tx: Tx| {
        let (email, git) = (&email, &git);
        async move {
            let tx = &tx;
            ctx.authorize(Action::Administer, Facts::default())?;
            let person = store::people::by_email(&**tx, email).await?;
            let unknown = || ValidationErrors::one("email", FieldProblem::UnknownChoice);
            let person = person.ok_or_else(unknown)?;
            let mut linked: Vec<String> = store::from_json(&person.git_emails)?;
            if linked.contains(git) || person.email == *git {
                return Ok(());
            }
            if linked.len() >= ADDRESSES_MAX {
                return Err(Error::conflict(Conflict::Full));
            }
            linked.push(git.clone());
            store::people::set_git_emails(tx, person.id, &store::to_json(&linked)?).await?;
            let kind = AuditAction::GitAddressLinked;
            let event = Event::new(kind, "user", person.id.to_string()).with("git_email", git);
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}
