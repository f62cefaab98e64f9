//! The API tokens of a person and, for administrators, of everybody.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::actor::Actor;
use domain::authz::{Action, Facts};
use domain::view::sign_in::{TokenRow, Tokens};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::api_token;

/// Tokens, newest first, with those that ended.
///
/// # Errors
/// When the actor is no person with a session.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<Tokens, Error> {
    let Actor::User { id: me, .. } = ctx.actor() else {
        return Err(Error::Unauthenticated);
    };
    let (db, me) = (cp.reader(), *me);
    let administers = ctx.authorize(Action::Administer, Facts::default()).is_ok();
    let rows = store::tokens::list(db, (!administers).then_some(me)).await?;
    let people = if administers {
        store::people::all(db).await?
    } else {
        store::people::get(db, me).await?.into_iter().collect()
    };
    let names: BTreeMap<_, _> = people.iter().map(|p| (p.id, p.email.as_str())).collect();
    let view = |row: &api_token::Model| {
        let person = names.get(&row.user_id).copied().unwrap_or_default();
        row_view(row, person, ctx.now())
    };
    let (own, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.user_id == me);
    Ok(Tokens {
        own: own.into_iter().map(view).collect(),
        others: administers.then(|| others.into_iter().map(view).collect()),
    })
}

fn row_view(row: &api_token::Model, person: &str, now: DateTime<Utc>) -> TokenRow {
    TokenRow {
        id: row.id.to_string(),
        name: row.name.clone(),
        prefix: row.prefix.clone(),
        scopes: row.scopes.clone(),
        person: person.to_owned(),
        created_at: store::time::text(row.created_at),
        expires_at: store::time::text(row.expires_at),
        last_used_at: row.last_used_at.map(store::time::text),
        revoked_at: row.revoked_at.map(store::time::text),
        expired: row.expires_at <= now,
    }
}
