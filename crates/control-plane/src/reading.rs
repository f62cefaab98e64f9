//! What pages share: whose things an actor sees, and the cells by which rows mention each other. Decides nothing else.

use domain::actor::Actor;
use domain::authz::{Action, Facts};
use domain::environment::Environment;
use domain::id::{AgentId, TeamId};
use domain::view::agent::DeploymentCell;

use sea_orm::ConnectionTrait;

use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::{agent, deployment, live, team, version};

/// The teams whose things the actor may read. `None` stands for every team.
///
/// # Errors
/// [`Error::Unauthenticated`] before sign-in, [`Error::Forbidden`] for people without any role.
pub(crate) fn teams(ctx: &OpCtx) -> Result<Option<Vec<TeamId>>, Error> {
    let Err(refused) = ctx.authorize(Action::Read, Facts::default()) else {
        return Ok(None);
    };
    let mut seen: Vec<TeamId> = match ctx.actor() {
        Actor::User { grants, .. } | Actor::Token { grants, .. } => {
            grants.iter().filter_map(|g| g.team).collect()
        }
        Actor::System { .. } | Actor::Anonymous => Vec::new(),
    };
    seen.retain(|team| {
        ctx.authorize(Action::Read, Facts { team: Some(*team) })
            .is_ok()
    });
    seen.sort_unstable();
    seen.dedup();
    if seen.is_empty() {
        Err(refused)
    } else {
        Ok(Some(seen))
    }
}

/// Refuses strangers before anything is looked up, so that they do not learn what exists.
///
/// # Errors
/// [`Error::Unauthenticated`].
pub(crate) fn signed_in(ctx: &OpCtx) -> Result<(), Error> {
    if *ctx.actor() == Actor::Anonymous {
        Err(Error::Unauthenticated)
    } else {
        Ok(())
    }
}

/// A deployment with its agent, for whoever may read it.
///
/// # Errors
/// [`Error::Unauthenticated`] before sign-in; [`Error::NotFound`] for what does not exist or may not be read.
pub(crate) async fn deployment(
    db: &impl ConnectionTrait,
    ctx: &OpCtx,
    number: i64,
) -> Result<(deployment::Model, agent::Model), Error> {
    signed_in(ctx)?;
    let row = store::deployments::by_number(db, number).await?;
    let agent = store::agents::get(db, row.agent_id).await?;
    ctx.authorize_on(Action::Read, of(&agent), "deployment")?;
    Ok((row, agent))
}

/// An agent, for whoever may read it.
///
/// # Errors
/// As [`deployment`].
pub(crate) async fn agent(
    db: &impl ConnectionTrait,
    ctx: &OpCtx,
    slug: &str,
) -> Result<agent::Model, Error> {
    signed_in(ctx)?;
    let agent = store::agents::by_slug(db, slug).await?;
    ctx.authorize_on(Action::Read, of(&agent), "agent")?;
    Ok(agent)
}

/// What a list is narrowed to by the slug of an agent.
pub(crate) enum Narrowed {
    /// That agent's things, or everybody's where no slug was given.
    To(Option<AgentId>),
    /// There is no agent of that slug, so nothing is in the list.
    Nothing,
}

/// Finds the agent that a list is narrowed to. Whether its things may be seen is the list's own question.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn narrowed(db: &impl ConnectionTrait, slug: &str) -> Result<Narrowed, Error> {
    if slug.is_empty() {
        return Ok(Narrowed::To(None));
    }
    match store::agents::by_slug(db, slug).await {
        Ok(agent) => Ok(Narrowed::To(Some(agent.id))),
        Err(Error::NotFound { .. }) => Ok(Narrowed::Nothing),
        Err(error) => Err(error),
    }
}

/// The teams a list is about: what the actor sees, or the one team that was asked for. `None` when they may not see it,
/// or there is none of that slug: both look the same.
pub(crate) fn narrowed_teams(
    seen: Option<Vec<TeamId>>,
    asked: &str,
    teams: &[team::Model],
) -> Option<Option<Vec<TeamId>>> {
    if asked.is_empty() {
        return Some(seen);
    }
    let team = teams.iter().find(|t| t.slug == asked)?.id;
    let visible = seen.is_none_or(|seen| seen.contains(&team));
    visible.then_some(Some(vec![team]))
}

/// As [`narrowed_teams`], for any of several teams. Those that are not seen or not there add nothing.
pub(crate) fn narrowed_to_any(
    seen: Option<Vec<TeamId>>,
    asked: &[String],
    teams: &[team::Model],
) -> Option<Option<Vec<TeamId>>> {
    if asked.is_empty() {
        return Some(seen);
    }
    let one = |slug: &String| narrowed_teams(seen.clone(), slug, teams).flatten();
    let all: Vec<TeamId> = asked.iter().filter_map(one).flatten().collect();
    (!all.is_empty()).then_some(Some(all))
}

/// The facts by which what belongs to an agent is authorised.
pub(crate) const fn of(agent: &agent::Model) -> Facts {
    Facts {
        team: Some(agent.team_id),
    }
}

/// What tells of an agent what it does and may do: what is live of it, production before non-prod.
pub(crate) fn telling(live: &[live::Model], agent: AgentId) -> Option<&live::Model> {
    let of = |environment| {
        let mut rows = live.iter();
        rows.find(|row| row.agent_id == agent && row.environment == environment)
    };
    of(Environment::Production).or_else(|| of(Environment::NonProd))
}

/// A deployment as other rows mention it.
pub(crate) fn cell(row: &deployment::Model, versions: &[version::Model]) -> DeploymentCell {
    DeploymentCell {
        number: row.number,
        version: version_number(row, versions),
        environment: row.environment,
        kind: row.kind,
        state: row.state,
        at: store::time::text(row.updated_at),
    }
}

/// The number of a deployment's version. A foreign key sees to it that the version is there.
pub(crate) fn version_number(row: &deployment::Model, versions: &[version::Model]) -> String {
    versions
        .iter()
        .find(|v| v.id == row.version_id)
        .map(|v| v.number.clone())
        .unwrap_or_default()
}

/// The slug of a team. A foreign key sees to it that the team is there.
pub(crate) fn team_slug(id: TeamId, teams: &[team::Model]) -> String {
    teams
        .iter()
        .find(|t| t.id == id)
        .map(|t| t.slug.clone())
        .unwrap_or_default()
}

/// A count or number of the database as pages show it; negative ones do not occur.
pub(crate) fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod on_sqlite;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{DateTime, Utc};
    use domain::actor::{Grant, Role, TokenScope};
    use domain::id::{TokenId, UserId};
    use uuid::Uuid;

    use super::*;
    use crate::ports::clock::Clock;

    #[derive(Debug)]
    struct Fixed;

    impl Clock for Fixed {
        fn now(&self) -> DateTime<Utc> {
            DateTime::UNIX_EPOCH
        }
    }

    fn by(actor: Actor) -> OpCtx {
        OpCtx::new(actor, "test", Arc::new(Fixed))
    }

    fn person(grants: Vec<Grant>) -> OpCtx {
        by(Actor::User {
            id: UserId(Uuid::nil()),
            name: "A".to_owned(),
            email: "a@example.com".to_owned(),
            grants,
        })
    }

    fn team(n: u128) -> TeamId {
        TeamId(Uuid::from_u128(n))
    }

    #[test]
    fn a_grant_without_a_team_shows_every_team() {
        let grants = vec![
            Grant {
                role: Role::Viewer,
                team: Some(team(1)),
            },
            Grant {
                role: Role::Auditor,
                team: None,
            },
        ];
        assert_eq!(teams(&person(grants)).unwrap(), None);
        assert_eq!(
            teams(&by(Actor::System {
                worker: "w".to_owned()
            }))
            .unwrap(),
            None
        );
    }

    #[test]
    fn grants_in_teams_show_these_teams_once() {
        let held = [2, 1, 2].map(|n| Grant {
            role: Role::Developer,
            team: Some(team(n)),
        });
        assert_eq!(
            teams(&person(held.to_vec())).unwrap(),
            Some(vec![team(1), team(2)])
        );
    }

    #[test]
    fn nobody_and_people_without_a_role_see_nothing() {
        assert!(matches!(
            teams(&by(Actor::Anonymous)),
            Err(Error::Unauthenticated)
        ));
        assert!(matches!(
            signed_in(&by(Actor::Anonymous)),
            Err(Error::Unauthenticated)
        ));
        assert!(matches!(
            teams(&person(Vec::new())),
            Err(Error::Forbidden { .. })
        ));
    }

    #[test]
    fn a_token_that_may_not_read_sees_nothing() {
        let token = |scopes| {
            by(Actor::Token {
                id: TokenId(Uuid::nil()),
                user: UserId(Uuid::nil()),
                name: "t".to_owned(),
                email: "a@example.com".to_owned(),
                grants: vec![Grant {
                    role: Role::Developer,
                    team: Some(team(1)),
                }],
                scopes,
            })
        };
        assert!(teams(&token(vec![TokenScope::Write])).is_err());
        assert_eq!(
            teams(&token(vec![TokenScope::Read])).unwrap(),
            Some(vec![team(1)])
        );
    }

    #[test]
    fn a_team_that_is_not_seen_and_one_that_is_not_there_look_the_same() {
        let all = [(1, "care"), (2, "sales")].map(|(n, slug)| team::Model {
            id: team(n),
            slug: slug.to_owned(),
            name: slug.to_owned(),
            created_at: DateTime::UNIX_EPOCH,
        });
        let care = vec![team(1)];
        let only =
            |seen: Option<&Vec<TeamId>>, asked: &str| narrowed_teams(seen.cloned(), asked, &all);
        assert_eq!(only(None, ""), Some(None));
        assert_eq!(only(Some(&care), ""), Some(Some(care.clone())));
        assert_eq!(only(None, "sales"), Some(Some(vec![team(2)])));
        assert_eq!(only(Some(&care), "care"), Some(Some(care.clone())));
        assert_eq!(only(Some(&care), "sales"), None);
        assert_eq!(only(Some(&care), "finance"), None);
    }
}
