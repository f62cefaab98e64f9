//! One's own passkeys, for administrators also who has some, and what this browser is asked now.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::authz::{Action, Facts};
use domain::id::UserId;
use domain::passkey::FRESH_MINUTES;
use domain::view::passkey::{PasskeyHolder, PasskeyQuestion, PasskeyRow, Passkeys};

use super::begin::is_first_of_session;
use super::hash;
use super::relying_party::RelyingParty;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::passkey;

/// What the passkeys page shows.
///
/// # Errors
/// When the actor is no person with a session.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<Passkeys, Error> {
    let me = ctx.actor().user().ok_or(Error::Unauthenticated)?;
    if ctx.session().is_none() {
        return Err(Error::Unauthenticated);
    }
    let own = store::passkeys::of(cp.reader(), me).await?.into_iter();
    let administers = ctx.authorize(Action::Administer, Facts::default()).is_ok();
    let first = is_first_of_session(cp, ctx, me).await?;
    let older_than = ctx.sign_in_too_old(FRESH_MINUTES).filter(|_| !first);
    Ok(Passkeys {
        own: own.map(row).collect(),
        others: if administers {
            Some(holders(cp, me).await?)
        } else {
            None
        },
        usable: RelyingParty::of(cp).is_some(),
        required: cp.settings().require_passkey,
        older_than,
    })
}

fn row(row: passkey::Model) -> PasskeyRow {
    PasskeyRow {
        id: row.id.to_string(),
        name: row.name,
        made_at: store::time::text(row.made_at),
        last_used_at: row.last_used_at.map(store::time::text),
    }
}

async fn holders(cp: &ControlPlane, me: UserId) -> Result<Vec<PasskeyHolder>, Error> {
    let mut counted: BTreeMap<UserId, (u64, Option<DateTime<Utc>>)> = BTreeMap::new();
    for key in store::passkeys::all(cp.reader()).await? {
        let entry = counted.entry(key.user_id).or_default();
        entry.0 += 1;
        entry.1 = entry.1.max(key.last_used_at);
    }
    let people = store::people::all(cp.reader()).await?.into_iter();
    let others = people.filter(|person| person.id != me);
    Ok(others
        .filter_map(|person| {
            let (count, last) = counted.get(&person.id)?;
            Some(PasskeyHolder {
                id: person.id.to_string(),
                person: person.name,
                email: person.email,
                count: *count,
                last_used_at: last.map(store::time::text),
            })
        })
        .collect())
}

/// What the browser that shows this is asked; none when that was answered, or is over.
///
/// # Errors
/// When the database does not answer.
pub async fn question(
    cp: &ControlPlane,
    ctx: &OpCtx,
    browser: &str,
) -> Result<Option<PasskeyQuestion>, Error> {
    let now = ctx.now().timestamp();
    let begun = store::passkeys::ceremony(cp.reader(), &hash(browser), now).await?;
    let here = ctx.session().map(|session| session.handle);
    let begun = begun.filter(|begun| begun.purpose.opens() || begun.session == here);
    Ok(begun.map(|begun| PasskeyQuestion {
        purpose: begun.purpose,
        name: begun.name,
        options: begun.options,
    }))
}

/// Can this person confirm with a passkey, here and now?
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn offered(cp: &ControlPlane, ctx: &OpCtx) -> Result<bool, Error> {
    let (Some(me), Some(_)) = (ctx.actor().user(), ctx.session()) else {
        return Ok(false);
    };
    Ok(RelyingParty::of(cp).is_some() && store::passkeys::count(cp.reader(), me).await? > 0)
}
