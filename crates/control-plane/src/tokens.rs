//! API tokens: 256 random bits, kept as a hash, shown once, at most 90 days, never more than their maker may.

use chrono::Duration;
use domain::actor::{Actor, TokenScope};
use domain::authz::{Action, Facts};
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::form::person::{EndForm, TokenForm};
use domain::id::{TokenId, UserId};
use domain::view::session::NewToken;
use sha2::{Digest, Sha256};

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::service_accounts;
use crate::store;
use crate::store::entity::{api_token, idempotency_key};
use crate::transact::Tx;

mod read;

pub use read::list;

/// What every token begins with, so that secret scanners recognise one.
pub const PREFIX: &str = "clr_";
/// How much of a token's text is kept to tell it by: 16 of its 256 bits.
const SHOWN: usize = PREFIX.len() + 4;
/// How long the time of the last use may lag behind: a reading call writes nothing most of the time.
const NOTE_AFTER: Duration = Duration::minutes(1);

/// The text of another token.
pub(crate) fn fresh() -> Result<String, Error> {
    let secret =
        ids::random::<32>().map_err(|e| Error::internal("tokens::fresh", e.to_string()))?;
    Ok(format!("{PREFIX}{}", hex::encode(secret)))
}

/// What of a token's text is kept to tell it by.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// Could it be a token's text?
pub(crate) fn is_token(text: &str) -> bool {
    text.starts_with(PREFIX) && text.len() == PREFIX.len() + 64
}

pub(crate) fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Makes a token for the person who asks. Tokens cannot make tokens.
///
/// # Errors
/// When a field is wrong or the actor is not a person with a session.
pub async fn create(cp: &ControlPlane, ctx: &OpCtx, form: &TokenForm) -> Result<NewToken, Error> {
    let (name, scopes, days) = form.parse()?;
    let Actor::User { id: user, .. } = ctx.actor() else {
        return Err(Error::Unauthenticated);
    };
    let text = fresh()?;
    let expires_at = ctx.now() + Duration::days(days);
    let words: Vec<&str> = scopes.iter().map(|s| s.as_str()).collect();
    let row = api_token::Model {
        id: TokenId(ids::new()),
        user_id: *user,
        name: name.clone(),
        secret_hash: hash(&text),
        scopes: words.join(" "),
        expires_at,
        revoked_at: None,
        created_at: ctx.now(),
        prefix: shown(&text),
        last_used_at: None,
        service_account_id: None,
        directory: None,
    };
    let id = row.id.to_string();
    cp.transact("tokens::create", ctx, |tx: Tx| {
        let row = &row;
        let name = &name;
        let id = &id;
        async move {
            let tx = &tx;
            store::tokens::insert(tx, row.clone()).await?;
            let event = Event::new(AuditAction::TokenCreated, "token", id.as_str())
                .with("name", name)
                .with("scopes", &row.scopes);
            audit::append(tx, ctx, event).await
        }
    })
    .await?;
    Ok(NewToken {
        id: row.id.to_string(),
        name,
        text,
        expires_at: store::time::text(expires_at),
    })
}

/// Who a token is, with the standing roles its maker has now: a token never gains by elevation. `None` for anything but a valid token.
///
/// # Errors
/// When the database does not answer.
pub async fn actor(cp: &ControlPlane, text: &str) -> Result<Option<Actor>, Error> {
    if !is_token(text) {
        return Ok(None);
    }
    let Some(token) = store::tokens::by_hash(cp.reader(), &hash(text), cp.clock().now()).await?
    else {
        return Ok(None);
    };
    if let Some(account) = token.service_account_id {
        let found = service_accounts::actor(cp, &token, account).await?;
        if found.is_some() {
            note_use(cp, &token).await?;
        }
        return Ok(found);
    }
    let Some(Actor::User {
        id,
        name,
        email,
        grants,
    }) = crate::people::standing(cp, token.user_id).await?
    else {
        return Ok(None);
    };
    note_use(cp, &token).await?;
    let scopes = scopes(&token.scopes);
    Ok(Some(Actor::Token {
        id: token.id,
        user: id,
        name,
        email,
        grants,
        scopes,
    }))
}

/// The scopes, as a row holds them.
pub(crate) fn scopes(text: &str) -> Vec<TokenScope> {
    text.split(' ').filter_map(|s| s.parse().ok()).collect()
}

pub(crate) async fn note_use(cp: &ControlPlane, token: &api_token::Model) -> Result<(), Error> {
    let now = cp.clock().now();
    if token.last_used_at.is_some_and(|at| now - at < NOTE_AFTER) {
        return Ok(());
    }
    let actor = Actor::System {
        worker: "tokens".to_owned(),
    };
    let ctx = OpCtx::new(actor, "token", cp.clock());
    let (id, now) = (token.id, ctx.now());
    cp.transact("tokens::note_use", &ctx, |tx: Tx| async move {
        let tx = &tx;
        store::tokens::used(tx, id, now).await
    })
    .await
}

/// Revokes a token: one's own, or anybody's for whoever administers. It opens nothing from the next call on.
///
/// # Errors
/// When there is no such token that the actor may revoke.
pub async fn revoke(cp: &ControlPlane, ctx: &OpCtx, form: &EndForm) -> Result<(), Error> {
    let Actor::User { id: user, .. } = ctx.actor() else {
        return Err(Error::Unauthenticated);
    };
    let (user, id) = (*user, TokenId(form.parse()?));
    cp.transact("tokens::revoke", ctx, |tx: Tx| async move {
        revoke_in(&tx, ctx, user, id).await
    })
    .await
}

/// The same, inside the transaction of something larger.
pub(crate) async fn revoke_in(
    tx: &Tx,
    ctx: &OpCtx,
    user: UserId,
    id: TokenId,
) -> Result<(), Error> {
    let missing = Error::NotFound { kind: "token" };
    // Those of directories are the installation's; see `directories::revoke_token`.
    let row = store::tokens::get(&**tx, id).await?;
    let Some(row) = row.filter(|row| row.directory.is_none()) else {
        return Err(missing);
    };
    // Of somebody else's token only whoever administers learns that it is there.
    if row.user_id != user && ctx.authorize(Action::Administer, Facts::default()).is_err() {
        return Err(missing);
    }
    if row.revoked_at.is_some() {
        return Ok(());
    }
    store::tokens::revoke(tx, id, ctx.now()).await?;
    let event = Event::new(AuditAction::TokenRevoked, "token", id.to_string())
        .with("name", &row.name)
        .with("person", row.user_id);
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// The answer that was given under an idempotency key, if it was used before.
///
/// # Errors
/// [`Conflict::KeyReused`] when the key came with another request.
pub async fn answered(
    cp: &ControlPlane,
    ctx: &OpCtx,
    key: &str,
    request: &[u8],
) -> Result<Option<(u16, String)>, Error> {
    let id = format!("{}:{}", ctx.actor().audit_id(), hash(key));
    let Some(row) = store::tokens::answer(cp.reader(), &id).await? else {
        return Ok(None);
    };
    if row.request_hash != hex::encode(Sha256::digest(request)) {
        return Err(Error::conflict(Conflict::KeyReused));
    }
    Ok(Some((u16::try_from(row.status).unwrap_or(200), row.body)))
}

/// Keeps the answer given under an idempotency key.
///
/// # Errors
/// When the database does not take it.
pub async fn keep_answer(
    cp: &ControlPlane,
    ctx: &OpCtx,
    key: &str,
    request: &[u8],
    status: u16,
    body: &str,
) -> Result<(), Error> {
    let row = idempotency_key::Model {
        id: format!("{}:{}", ctx.actor().audit_id(), hash(key)),
        request_hash: hex::encode(Sha256::digest(request)),
        status: i32::from(status),
        body: body.to_owned(),
        created_at: ctx.now(),
    };
    cp.transact("tokens::keep_answer", ctx, |tx: Tx| {
        let row = &row;
        async move {
            let tx = &tx;
            store::tokens::keep_answer(tx, row.clone()).await
        }
    })
    .await
}
