//! The open sessions of a person and, for administrators, of everybody.

use std::collections::BTreeMap;

use chrono::DateTime;
use domain::authz::{Action, Facts};
use domain::view::sign_in::{AccountRow, SessionRow, Sessions};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::providers;
use crate::store;
use crate::store::entity::{session, user};

/// Open sessions, with the accounts that the person signs in with.
///
/// # Errors
/// When the actor is no person with a session.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<Sessions, Error> {
    let me = super::person(ctx)?;
    let (db, now) = (cp.reader(), ctx.now().timestamp());
    let administers = ctx.authorize(Action::Administer, Facts::default()).is_ok();
    let whose = (!administers).then_some(me);
    let rows = store::sessions::list(db, whose, now).await?;
    let people = if administers {
        store::people::all(db).await?
    } else {
        store::people::get(db, me).await?.into_iter().collect()
    };
    let names: BTreeMap<_, _> = people.iter().map(|person| (person.id, person)).collect();
    let (own, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.user_id == me);
    let view = |rows: Vec<&session::Model>| -> Vec<SessionRow> {
        let known = rows.into_iter().filter_map(|row| {
            let person = names.get(&row.user_id)?;
            Some(row_view(cp, ctx, row, person))
        });
        known.collect()
    };
    let accounts = store::providers::accounts(db, me).await?.into_iter();
    Ok(Sessions {
        own: view(own),
        others: administers.then(|| view(others)),
        accounts: accounts
            .map(|account| AccountRow {
                provider: providers::label(cp, &account.provider),
                subject: account.subject,
                linked_at: store::time::text(account.linked_at),
                last_used_at: store::time::text(account.last_used_at),
            })
            .collect(),
        providers: providers::list(cp),
    })
}

fn row_view(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &session::Model,
    person: &user::Model,
) -> SessionRow {
    let at =
        |seconds| DateTime::from_timestamp(seconds, 0).map_or_else(String::new, store::time::text);
    SessionRow {
        id: row.handle.to_string(),
        person: person.name.clone(),
        email: person.email.clone(),
        device: row.device.clone(),
        from: row.address.clone(),
        by: match &row.provider {
            Some(id) => providers::label(cp, id),
            None => "Password".to_owned(),
        },
        started_at: at(row.started_at),
        seen_at: at(row.seen_at),
        ends_at: at(row.expires_at),
        this: ctx.session().is_some_and(|this| this.handle == row.handle),
    }
}
