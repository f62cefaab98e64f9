//! The roles that groups give: renewed at each sign-in, or as a directory tells of its groups. What a person gave stays,
//! whatever the groups say.

use domain::actor::Role;
use domain::event::AuditAction;
use domain::id::{TeamId, UserId};
use domain::segregation::EVERY_TEAM;
use domain::sign_in::{Provider, renewal};
use sea_orm::ConnectionTrait;

use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::role_grant;
use crate::transact::Tx;

type Place = (Role, Option<TeamId>);

/// The table of a provider, with the teams that there are. A team that is not there (yet) gives nothing.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    provider: &'a Provider,
    teams: Vec<(String, TeamId)>,
}

impl<'a> Table<'a> {
    /// One statement.
    pub(crate) async fn read(
        db: &impl ConnectionTrait,
        provider: &'a Provider,
    ) -> Result<Self, Error> {
        let teams = store::people::teams(db).await?.into_iter();
        Ok(Self {
            provider,
            teams: teams.map(|team| (team.slug, team.id)).collect(),
        })
    }

    /// What is to be given and what to be taken, by these groups, of whoever holds these roles.
    pub(crate) fn renewal(
        &self,
        held: &[&role_grant::Model],
        groups: &[String],
    ) -> (Vec<Place>, Vec<Place>) {
        let held: Vec<Place> = held.iter().map(|row| (row.role, row.team_id)).collect();
        renewal(&held, &self.due(groups))
    }

    fn due(&self, groups: &[String]) -> Vec<Place> {
        let place = |(role, team): (Role, Option<String>)| match team {
            None => Some((role, None)),
            Some(slug) => {
                let team = self.teams.iter().find(|(known, _)| *known == slug);
                team.map(|(_, id)| (role, Some(*id)))
            }
        };
        let due = self.provider.due(groups).into_iter();
        due.filter_map(place).collect()
    }

    fn slug(&self, team: Option<TeamId>) -> &str {
        let named = team.and_then(|id| self.teams.iter().find(|(_, known)| *known == id));
        named.map_or(EVERY_TEAM, |(slug, _)| slug.as_str())
    }

    /// Gives what the groups give now, and takes back what this provider gave and its groups give no more. `held` is what it
    /// gave this person.
    pub(crate) async fn settle(
        &self,
        tx: &Tx,
        ctx: &OpCtx,
        user: UserId,
        held: &[&role_grant::Model],
        groups: &[String],
    ) -> Result<(), Error> {
        let (give, take) = self.renewal(held, groups);
        for place in give {
            store::people::grant_by(tx, user, place, Some(&self.provider.id), ctx.now()).await?;
            self.note(tx, ctx, AuditAction::RoleGranted, user, place)
                .await?;
        }
        for row in held {
            let place = (row.role, row.team_id);
            if take.contains(&place) {
                store::people::take_away(tx, row.id).await?;
                self.note(tx, ctx, AuditAction::RoleTakenAway, user, place)
                    .await?;
            }
        }
        Ok(())
    }

    async fn note(
        &self,
        tx: &Tx,
        ctx: &OpCtx,
        action: AuditAction,
        user: UserId,
        (role, team): Place,
    ) -> Result<(), Error> {
        let event = Event::new(action, "user", user.to_string())
            .with("role", role)
            .with("team", self.slug(team))
            .with("provider", &self.provider.id);
        audit::append(tx, ctx, event).await.map(|_| ())
    }
}

/// Renews the roles of one person by the groups that the provider named at their sign-in.
pub(crate) async fn renew(
    tx: &Tx,
    ctx: &OpCtx,
    provider: &Provider,
    user: UserId,
    groups: &[String],
) -> Result<(), Error> {
    let rows = store::people::held(&**tx, user).await?;
    let held: Vec<_> = rows
        .iter()
        .filter(|row| row.provider.as_ref() == Some(&provider.id))
        .collect();
    let table = Table::read(&**tx, provider).await?;
    table.settle(tx, ctx, user, &held, groups).await
}
