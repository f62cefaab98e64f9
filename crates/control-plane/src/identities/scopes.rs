//! Which scopes can be used now, and by how many. Changes nothing.

use std::collections::BTreeMap;

use domain::form::query::{self, ScopeQuery};
use domain::id::TeamId;
use domain::view::identity::ScopeRow;
use domain::view::page::Page;
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::audit::to_u64;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;

/// Different lists of scopes that are put together. Versions of an agent share theirs, mostly.
const LISTS: u64 = 5_000;

/// The scopes that identities of the actor's teams can use now, by name. One statement.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn scopes(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &ScopeQuery,
) -> Result<Page<ScopeRow>, Error> {
    let seen = reading::teams(ctx)?;
    let limit = query::limit(asked.limit);
    let most = usize::try_from(limit + 1).unwrap_or(usize::MAX);
    let all = in_use(cp.reader(), seen.as_deref()).await?;
    let rows = all
        .into_values()
        .filter(|row| row.scope.starts_with(asked.q.trim()) && row.scope > asked.cursor)
        .take(most);
    Ok(Page::cut(rows.collect(), limit, |row| row.scope.clone()))
}

/// Every scope that identities of some teams (`None`: all) can use now, by name. One statement.
pub(crate) async fn in_use(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
) -> Result<BTreeMap<String, ScopeRow>, Error> {
    put_together(store::fleet::scopes(db, teams, LISTS).await?)
}

fn put_together(lists: Vec<(String, i64)>) -> Result<BTreeMap<String, ScopeRow>, Error> {
    let mut found: BTreeMap<String, ScopeRow> = BTreeMap::new();
    for (list, identities) in lists {
        let identities = to_u64(identities)?;
        for scope in store::from_json::<Vec<String>>(&list)? {
            let row = found.entry(scope.clone()).or_insert(ScopeRow {
                scope,
                identities: 0,
            });
            row.identities += identities;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_of_two_lists_counts_once_with_all_who_have_it() {
        let list = |text: &str, count| (text.to_owned(), count);
        let found = put_together(vec![
            list(r#"["crm:read","crm:write"]"#, 2),
            list(r#"["crm:read"]"#, 3),
            list("[]", 1),
        ]);
        let rows: Vec<_> = found.unwrap().into_values().collect();
        let told = rows.iter().map(|row| (row.scope.as_str(), row.identities));
        assert_eq!(
            told.collect::<Vec<_>>(),
            [("crm:read", 5), ("crm:write", 2)]
        );
    }

    #[test]
    fn a_damaged_scope_list_is_an_error_and_not_zero() {
        let damaged = vec![("{}".to_owned(), 1)];
        assert!(put_together(damaged).is_err());
    }
}
