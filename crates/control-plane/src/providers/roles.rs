//! The roles that groups give: renewed at each sign-in. What a person gave stays, whatever the groups say.

use domain::actor::Role;
use domain::event::AuditAction;
use domain::id::{TeamId, UserId};
use domain::sign_in::{Provider, renewal};

use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

type Place = (Role, Option<TeamId>);

/// Gives what the groups give now, and takes back what this provider gave and its groups give no more.
pub(super) async fn renew(
    tx: &Tx,
    ctx: &OpCtx,
    provider: &Provider,
    user: UserId,
    groups: &[String],
) -> Result<(), Error> {
    let rows = store::people::held(&**tx, user).await?;
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|row| row.provider.as_ref() == Some(&provider.id))
        .collect();
    let held: Vec<Place> = rows.iter().map(|row| (row.role, row.team_id)).collect();
    let due = places(tx, provider, groups).await?;
    let (give, take) = renewal(&held, &due);
    for place in give {
        store::people::grant_by(tx, user, place, Some(&provider.id), ctx.now()).await?;
        note(tx, ctx, AuditAction::RoleGranted, provider, user, place).await?;
    }
    for row in rows {
        let place = (row.role, row.team_id);
        if take.contains(&place) {
            store::people::take_away(tx, row.id).await?;
            note(tx, ctx, AuditAction::RoleTakenAway, provider, user, place).await?;
        }
    }
    Ok(())
}

/// The places of the table. A team that is not there (yet) gives nothing.
async fn places(tx: &Tx, provider: &Provider, groups: &[String]) -> Result<Vec<Place>, Error> {
    let mut places = Vec::new();
    for (role, team) in provider.due(groups) {
        let place = match team {
            None => Some((role, None)),
            Some(slug) => {
                let team = store::people::team_by_slug(&**tx, &slug).await?;
                team.map(|team| (role, Some(team.id)))
            }
        };
        places.extend(place);
    }
    Ok(places)
}

async fn note(
    tx: &Tx,
    ctx: &OpCtx,
    action: AuditAction,
    provider: &Provider,
    user: UserId,
    (role, team): Place,
) -> Result<(), Error> {
    let team = match team {
        Some(id) => store::people::team(&**tx, id).await?.map(|team| team.slug),
        None => None,
    };
    let event = Event::new(action, "user", user.to_string())
        .with("role", role)
        .with("team", team.unwrap_or_else(|| "every team".to_owned()))
        .with("provider", &provider.id);
    audit::append(tx, ctx, event).await.map(|_| ())
}
