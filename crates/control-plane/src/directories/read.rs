//! Reading directories. Changes nothing.

use std::collections::BTreeMap;

use domain::authz::{Action, Facts};
use domain::form::directory::DirectoryQuery;
use domain::id::{DirectoryGroupId, DirectoryUserId, UserId};
use domain::sign_in::Provider;
use domain::view::directory::{
    DirectoryGroupRow, DirectoryList, DirectoryPersonRow, DirectoryRow, DirectoryTokenRow,
};
use domain::view::page::Page;

use super::roles::key;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::providers;
use crate::store;
use crate::store::entity::api_token;

const PAGE: u64 = 50;

/// Every provider with what its directory told. Constant statements for each provider, of which there are 20 at the most.
///
/// # Errors
/// When the actor may not administer.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<DirectoryList, Error> {
    ctx.authorize(Action::Administer, Facts::default())?;
    let db = cp.reader();
    let tokens = store::directories::tokens(db).await?;
    let people = store::people::all(db).await?;
    let gone: BTreeMap<UserId, (&str, bool)> = people
        .iter()
        .map(|p| (p.id, (p.name.as_str(), p.deactivated_at.is_some())))
        .collect();
    let mut rows = Vec::new();
    for provider in cp.ports().sign_in.providers() {
        let (known, active) = store::directories::count_users(db, &provider.id).await?;
        let own = tokens
            .iter()
            .filter(|token| token.directory.as_ref() == Some(&provider.id));
        let last_call = own.clone().filter_map(|token| token.last_used_at).max();
        rows.push(DirectoryRow {
            address: format!("{}/scim/v2/{}", cp.settings().base_url, provider.id),
            people: known,
            active,
            groups: store::directory_groups::count_groups(db, &provider.id).await?,
            last_call_at: store::time::text_opt(last_call),
            tokens: own.map(|token| token_row(token, ctx, &gone)).collect(),
            table: table(&provider),
            label: provider.label,
            provider: provider.id,
        });
    }
    Ok(DirectoryList { rows })
}

fn table(provider: &Provider) -> Vec<(String, String)> {
    let rules = provider.rules.iter();
    rules
        .map(|rule| {
            let place = rule.team.as_deref().unwrap_or("every team");
            let role = format!("{} in {place}", rule.role.label());
            (rule.group.clone(), role)
        })
        .collect()
}

fn token_row(
    token: &api_token::Model,
    ctx: &OpCtx,
    people: &BTreeMap<UserId, (&str, bool)>,
) -> DirectoryTokenRow {
    let (maker, maker_left) = people.get(&token.user_id).copied().unwrap_or_default();
    DirectoryTokenRow {
        id: token.id.to_string(),
        prefix: token.prefix.clone(),
        maker: maker.to_owned(),
        maker_left,
        created_at: store::time::text(token.created_at),
        expires_at: store::time::text(token.expires_at),
        last_used_at: store::time::text_opt(token.last_used_at),
        revoked: token.revoked_at.is_some(),
        expired: token.expires_at <= ctx.now(),
    }
}

/// The people of a directory, oldest first. Five statements.
///
/// # Errors
/// When the actor may not administer, or there is no such provider.
pub async fn list_people(
    cp: &ControlPlane,
    ctx: &OpCtx,
    query: &DirectoryQuery,
) -> Result<Page<DirectoryPersonRow>, Error> {
    ctx.authorize(Action::Administer, Facts::default())?;
    let provider = providers::provider(cp, &query.provider)?;
    let after: Option<DirectoryUserId> = query.cursor.parse().ok();
    let db = cp.reader();
    let rows = store::directories::users_after(db, &provider.id, after, PAGE + 1).await?;
    let page = Page::cut(rows, PAGE, |row| row.id.to_string());
    let ids: Vec<DirectoryUserId> = page.rows.iter().map(|row| row.id).collect();
    let memberships = store::directory_groups::memberships(db, &ids).await?;
    let users = page.rows.iter().map(|row| row.user_id).collect();
    let given = store::directories::roles_given(db, users).await?;
    let teams = store::people::teams(db).await?;
    Ok(page.map(|row| {
        let theirs = memberships.iter().filter(|(member, _)| *member == row.id);
        let held = given.iter().filter(|grant| {
            grant.user_id == row.user_id && grant.provider.as_ref() == Some(&provider.id)
        });
        let place = |team| teams.iter().find(|known| Some(known.id) == team);
        DirectoryPersonRow {
            groups: theirs.map(|(_, group)| group.name.clone()).collect(),
            roles: held
                .map(|grant| {
                    let team = place(grant.team_id).map_or("every team", |team| team.slug.as_str());
                    format!("{} in {team}", grant.role.label())
                })
                .collect(),
            changed_at: store::time::text(row.changed_at),
            external_id: row.external_id,
            user_name: row.user_name,
            address: row.address,
            active: row.active,
        }
    }))
}

/// The groups of a directory, oldest first. Two statements.
///
/// # Errors
/// As [`list_people`].
pub async fn list_groups(
    cp: &ControlPlane,
    ctx: &OpCtx,
    query: &DirectoryQuery,
) -> Result<Page<DirectoryGroupRow>, Error> {
    ctx.authorize(Action::Administer, Facts::default())?;
    let provider = providers::provider(cp, &query.provider)?;
    let after: Option<DirectoryGroupId> = query.cursor.parse().ok();
    let db = cp.reader();
    let rows = store::directory_groups::groups_after(db, &provider.id, after, PAGE + 1).await?;
    let page = Page::cut(rows, PAGE, |row| row.id.to_string());
    let ids: Vec<DirectoryGroupId> = page.rows.iter().map(|row| row.id).collect();
    let counts: BTreeMap<_, _> = store::directory_groups::count_members(db, &ids)
        .await?
        .into_iter()
        .collect();
    let table = table(&provider);
    Ok(page.map(|row| {
        let given = table.iter().filter(|(group, _)| group == key(&row));
        DirectoryGroupRow {
            members: counts.get(&row.id).copied().unwrap_or_default(),
            roles: given.map(|(_, role)| role.clone()).collect(),
            changed_at: store::time::text(row.changed_at),
            external_id: row.external_id,
            name: row.name,
        }
    }))
}
