//! The tokens of directories: made and revoked by whoever administers, like API tokens, and good for one directory alone.

use chrono::Duration;
use domain::actor::Actor;
use domain::authz::{Action, Facts};
use domain::directory::TOKENS_MAX;
use domain::error::{Conflict, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::directory::DirectoryTokenForm;
use domain::form::person::EndForm;
use domain::id::TokenId;
use domain::view::session::NewToken;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::providers;
use crate::store;
use crate::store::entity::api_token;
use crate::tokens;
use crate::transact::Tx;

/// What such a token may.
const SCOPE: &str = "scim";

/// Makes a token for the directory of a provider. It outlives its maker's leaving: whoever leaves must not stop the leaving of
/// others.
///
/// # Errors
/// [`Error::Forbidden`] for who does not administer everywhere, a field that is wrong, or [`Conflict::Full`].
pub async fn make_token(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &DirectoryTokenForm,
) -> Result<NewToken, Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("directories::make_token", ctx, may).await?;
    let Actor::User { id: maker, .. } = ctx.actor() else {
        return Err(Error::Unauthenticated);
    };
    let days = form.days()?;
    let unknown = |_| {
        Error::from(ValidationErrors::one(
            "provider",
            FieldProblem::UnknownChoice,
        ))
    };
    let provider = providers::provider(cp, form.provider.trim()).map_err(unknown)?;
    let text = tokens::fresh()?;
    let row = api_token::Model {
        id: TokenId(ids::new()),
        user_id: *maker,
        name: format!("directory of {}", provider.id),
        secret_hash: tokens::hash(&text),
        scopes: SCOPE.to_owned(),
        expires_at: ctx.now() + Duration::days(days),
        revoked_at: None,
        created_at: ctx.now(),
        prefix: tokens::shown(&text),
        last_used_at: None,
        service_account_id: None,
        directory: Some(provider.id),
    };
    let row = &row;
    cp.transact("directories::make_token", ctx, |tx: Tx| async move {
        let tx = &tx;
        ctx.authorize(Action::Administer, Facts::default())?;
        let valid = |token: &&api_token::Model| {
            let ours = token.directory == row.directory;
            ours && token.revoked_at.is_none() && token.expires_at > ctx.now()
        };
        let known = store::directories::tokens(&**tx).await?;
        if known.iter().filter(valid).count() >= TOKENS_MAX {
            return Err(Error::conflict(Conflict::Full));
        }
        store::tokens::insert(tx, row.clone()).await?;
        let event = event(AuditAction::TokenCreated, row).with("scopes", &row.scopes);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await?;
    Ok(NewToken {
        id: row.id.to_string(),
        name: row.name.clone(),
        text,
        expires_at: store::time::text(row.expires_at),
    })
}

/// Revokes a directory's token: it opens nothing from the next call on.
///
/// # Errors
/// [`Error::Forbidden`] for who does not administer everywhere, [`Error::NotFound`] for every other token.
pub async fn revoke_token(cp: &ControlPlane, ctx: &OpCtx, form: &EndForm) -> Result<(), Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("directories::revoke_token", ctx, may).await?;
    let id = TokenId(form.parse()?);
    cp.transact("directories::revoke_token", ctx, |tx: Tx| async move {
        let tx = &tx;
        ctx.authorize(Action::Administer, Facts::default())?;
        let row = store::tokens::get(&**tx, id).await?;
        let row = row.filter(|row| row.directory.is_some());
        let row = row.ok_or(Error::NotFound { kind: "token" })?;
        if row.revoked_at.is_some() {
            return Ok(());
        }
        store::tokens::revoke(tx, id, ctx.now()).await?;
        let event = event(AuditAction::TokenRevoked, &row);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

fn event(action: AuditAction, row: &api_token::Model) -> Event {
    let event = Event::new(action, "token", row.id.to_string()).with("name", &row.name);
    event.with("directory", row.directory.as_deref().unwrap_or_default())
}
