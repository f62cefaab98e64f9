//! What a choice about an item comes to: each removal is the act that it would be anywhere else, in the same transaction.

use domain::elevation::{ElevationEvent, ElevationState};
use domain::error::Conflict;
use domain::form::review::DecideItem;
use domain::id::{ServiceAccountId, TokenId};
use domain::identity::IdentityState;
use domain::review::{Choice, ItemKind, ItemVerdict};
use uuid::Uuid;

use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::{elevation, identity, review_item, role_grant, service_account};
use crate::transact::Tx;
use crate::{elevations, identities, service_accounts, tokens};

/// The thing that an item is about, if it is still there.
enum Thing {
    Role(role_grant::Model),
    Elevation(elevation::Model),
    Token(TokenId),
    ServiceAccount(service_account::Model),
    Identity(identity::Model),
    Scope,
}

/// Does what was chosen, and says what it came to.
pub(super) async fn come_to(
    tx: &Tx,
    ctx: &OpCtx,
    review: i64,
    item: &review_item::Model,
    asked: &DecideItem,
) -> Result<ItemVerdict, Error> {
    let Some(thing) = there(tx, ctx, item).await? else {
        return Ok(ItemVerdict::Gone);
    };
    if asked.choice == Choice::Keep {
        return Ok(ItemVerdict::Kept);
    }
    let why = match &asked.reason {
        Some(reason) => format!("Access review {review}: {reason}"),
        None => format!("Taken away in access review {review}"),
    };
    match remove(tx, ctx, &thing, &why).await {
        // A suspension by hand that stands already is what was wanted.
        Err(Error::Conflict {
            why: Conflict::WrongState,
        }) if matches!(thing, Thing::Identity(_)) => Ok(ItemVerdict::Gone),
        done => done,
    }
}

async fn there(tx: &Tx, ctx: &OpCtx, item: &review_item::Model) -> Result<Option<Thing>, Error> {
    let bad = |e: uuid::Error| Error::internal("reviews::there", e);
    let id = || Uuid::parse_str(&item.subject).map_err(bad);
    Ok(match item.kind {
        ItemKind::Role => {
            let (id, user) = (id()?, item.user_id);
            let held = match user {
                Some(user) => store::people::held(&**tx, user).await?,
                None => Vec::new(),
            };
            held.into_iter().find(|row| row.id == id).map(Thing::Role)
        }
        ItemKind::Elevation => {
            let number = item.subject.parse().unwrap_or_default();
            let row = store::elevations::by_number(&**tx, number).await?;
            let active = row.state.at(ctx.now(), row.until) == ElevationState::Active;
            active.then_some(Thing::Elevation(row))
        }
        ItemKind::Token => {
            let id = TokenId(id()?);
            let row = store::tokens::get(&**tx, id).await?;
            row.filter(|row| row.revoked_at.is_none() && row.expires_at > ctx.now())
                .map(|_| Thing::Token(id))
        }
        ItemKind::ServiceAccount => {
            let id = ServiceAccountId(id()?);
            let row = store::service_accounts::get(&**tx, id).await?;
            row.filter(|row| row.disabled_at.is_none())
                .map(Thing::ServiceAccount)
        }
        ItemKind::Identity => {
            let row = store::identities::by_client(&**tx, &item.subject).await?;
            row.filter(|row| row.state == IdentityState::Active)
                .map(Thing::Identity)
        }
        ItemKind::Scope => {
            let row = store::identities::by_client(&**tx, &item.subject).await?;
            let row = row.filter(|row| row.state != IdentityState::Revoked);
            match row {
                Some(row) => {
                    let scopes: Vec<String> = store::from_json(&row.scopes)?;
                    scopes.contains(&item.what).then_some(Thing::Scope)
                }
                None => None,
            }
        }
    })
}

async fn remove(tx: &Tx, ctx: &OpCtx, thing: &Thing, why: &str) -> Result<ItemVerdict, Error> {
    match thing {
        // It would come back with the next look at the directory's groups.
        Thing::Role(row) if row.provider.is_some() => return Ok(ItemVerdict::Referred),
        Thing::Role(row) => elevations::take_away_in(tx, ctx, row.id, why).await?,
        Thing::Elevation(row) => {
            let name = ctx.actor().name();
            elevations::close(tx, ctx, row, ElevationEvent::Ended, name).await?;
        }
        Thing::Token(id) => {
            let me = ctx.actor().user().ok_or(Error::Unauthenticated)?;
            tokens::revoke_in(tx, ctx, me, *id).await?;
        }
        Thing::ServiceAccount(row) => {
            service_accounts::disable_in(tx, ctx, &row.slug).await?;
        }
        Thing::Identity(row) => {
            identities::suspend_in(tx, ctx, &row.client_id, why).await?;
        }
        // A version's scopes are what was approved; giving one up is another version, by its team.
        Thing::Scope => return Ok(ItemVerdict::Referred),
    }
    Ok(ItemVerdict::Removed)
}
