//! Reading service accounts. Changes nothing.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::actor::Actor;
use domain::authz::{Access, Action, Facts, can};
use domain::id::{ServiceAccountId, TeamId, UserId};
use domain::service_account::{reach, warnings};
use domain::view::service_account::{ServiceAccountList, ServiceAccountRow, TrustRow};

use super::{bound, may_change, teams};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::people;
use crate::reading;
use crate::store;
use crate::store::entity::{service_account, team, trust_rule};

/// The accounts of the teams that the actor sees, by short name.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<ServiceAccountList, Error> {
    let seen = reading::teams(ctx)?;
    let db = cp.reader();
    let teams = teams(db).await?;
    let accounts = store::service_accounts::list(db, seen.as_deref()).await?;
    let ids: Vec<ServiceAccountId> = accounts.iter().map(|row| row.id).collect();
    let mut rules: BTreeMap<ServiceAccountId, Vec<TrustRow>> = BTreeMap::new();
    for rule in store::service_accounts::rules_of(db, &ids).await? {
        rules
            .entry(rule.account_id)
            .or_default()
            .push(trusted(cp, rule)?);
    }
    let mut owners: BTreeMap<UserId, Option<Actor>> = BTreeMap::new();
    let mut rows = Vec::with_capacity(accounts.len());
    for row in accounts {
        if let Entry::Vacant(place) = owners.entry(row.owner_id) {
            place.insert(people::standing(cp, row.owner_id).await?);
        }
        let owner = owners.get(&row.owner_id).and_then(Option::as_ref);
        let rules = rules.remove(&row.id).unwrap_or_default();
        rows.push(view(ctx, row, owner, &teams, rules));
    }
    let person = matches!(ctx.actor(), Actor::User { .. });
    let makes = |team: &&team::Model| {
        let facts = Facts {
            team: Some(team.id),
        };
        person && can(ctx.actor(), Action::Modify, facts) == Access::Allowed
    };
    Ok(ServiceAccountList {
        rows,
        issuers: cp.ports().ci.configured(),
        teams: teams
            .iter()
            .filter(makes)
            .map(|team| team.slug.clone())
            .collect(),
    })
}

fn view(
    ctx: &OpCtx,
    row: service_account::Model,
    owner: Option<&Actor>,
    teams: &[team::Model],
    rules: Vec<TrustRow>,
) -> ServiceAccountRow {
    let (email, backed) = match owner {
        Some(Actor::User { email, grants, .. }) => {
            (email.clone(), !reach(grants, row.team_id).is_empty())
        }
        Some(_) | None => (String::new(), false),
    };
    ServiceAccountRow {
        can_change: may_change(ctx, &row),
        team: slug(row.team_id, teams),
        owner: email,
        backed,
        scopes: row.scopes,
        disabled: row.disabled_at.is_some(),
        created_at: store::time::text(row.created_at),
        last_used_at: row.last_used_at.map(store::time::text),
        slug: row.slug,
        rules,
    }
}

fn slug(team: TeamId, teams: &[team::Model]) -> String {
    reading::team_slug(team, teams)
}

fn trusted(cp: &ControlPlane, rule: trust_rule::Model) -> Result<TrustRow, Error> {
    let claims = bound(&rule)?;
    Ok(TrustRow {
        id: rule.id.to_string(),
        // An issuer that the configuration lost gives nobody anything.
        audience: cp.ports().ci.audience(&rule.issuer).unwrap_or_default(),
        warnings: warnings(&rule.issuer, &claims),
        issuer: rule.issuer,
        claims,
        last_used_at: rule.last_used_at.map(store::time::text),
    })
}
