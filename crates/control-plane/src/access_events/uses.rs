//! How scopes are used: kept beside the lines, so that asking for it costs the same however much was done, and the answer
//! outlives the lines.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::access_event::{Coverage, UNUSED_DAYS, unused_days};
use domain::id::IdentityId;
use domain::view::access_event::ScopeUse;
use sea_orm::ConnectionTrait;

use crate::error::Error;
use crate::store;
use crate::store::entity::{access_event, identity, scope_use};
use crate::transact::Tx;

/// Counts new lines. A call that was refused, or that no scope covers, is no use of a scope.
pub(super) async fn note(tx: &Tx, rows: &[access_event::Model]) -> Result<(), Error> {
    let mut uses: BTreeMap<(IdentityId, String), (i64, DateTime<Utc>)> = BTreeMap::new();
    for row in rows {
        let used = row.allowed && row.coverage == Coverage::Covered;
        let (Some(identity), true) = (row.identity_id, used) else {
            continue;
        };
        let scope = format!("{}:{}", row.resource, row.action);
        let noted = uses
            .entry((identity, scope))
            .or_insert((0, row.occurred_at));
        *noted = (noted.0 + 1, noted.1.max(row.occurred_at));
    }
    let rows = uses.into_iter().map(
        |((identity_id, scope), (calls, last_at))| scope_use::Model {
            identity_id,
            scope,
            calls,
            last_at,
        },
    );
    store::scope_uses::add(tx, rows.collect()).await
}

/// How an identity uses each of its scopes, in their order.
pub(crate) async fn of_identity(
    db: &impl ConnectionTrait,
    row: &identity::Model,
    now: DateTime<Utc>,
) -> Result<Vec<ScopeUse>, Error> {
    let scopes: Vec<String> = store::from_json(&row.scopes)?;
    let uses = store::scope_uses::of(db, vec![row.id]).await?;
    let view = |scope: String| {
        let found = uses.iter().find(|one| one.scope == scope);
        let idle = unused_days(row.created_at, found.map(|one| one.last_at), now);
        ScopeUse {
            calls: found.map_or(0, |one| u64::try_from(one.calls).unwrap_or_default()),
            last_at: found.map(|one| store::time::text(one.last_at)),
            unused_days: (idle >= UNUSED_DAYS).then_some(idle),
            scope,
        }
    };
    Ok(scopes.into_iter().map(view).collect())
}

/// When each of several identities last used any of its scopes.
pub(crate) async fn last(
    db: &impl ConnectionTrait,
    identities: Vec<IdentityId>,
) -> Result<BTreeMap<IdentityId, DateTime<Utc>>, Error> {
    let mut last: BTreeMap<IdentityId, DateTime<Utc>> = BTreeMap::new();
    for row in store::scope_uses::of(db, identities).await? {
        let noted = last.entry(row.identity_id).or_insert(row.last_at);
        *noted = row.last_at.max(*noted);
    }
    Ok(last)
}
