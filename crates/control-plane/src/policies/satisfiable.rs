//! Could people ever meet a quorum? Counted per team, with the people and roles of now.

use domain::actor::Role;
use domain::policy::Policy;
use domain::view::policy::{PolicyRefusal, TeamApprovers};
use sea_orm::ConnectionTrait;

use crate::error::Error;
use crate::store;

/// Who may decide in each team, beside how many a policy asks for. Three statements, whatever the number of teams.
pub(super) async fn approvers(
    db: &impl ConnectionTrait,
    policy: &Policy,
) -> Result<Vec<TeamApprovers>, Error> {
    let people = store::people::all(db).await?;
    let grants = store::people::all_grants(db).await?;
    let teams = store::people::teams(db).await?;
    let may = |user, team| {
        grants.iter().any(|g| {
            g.user_id == user
                && g.role == Role::Approver
                && g.team_id.is_none_or(|granted| granted == team)
        })
    };
    Ok(teams
        .into_iter()
        .map(|team| TeamApprovers {
            needed: policy.production.quorum,
            people: people
                .iter()
                .filter(|person| may(person.id, team.id))
                .map(|person| person.name.clone())
                .collect(),
            team: team.slug,
        })
        .collect())
}

/// Refuses a quorum that some team could never meet, and says which team and who is there.
pub(super) async fn check(db: &impl ConnectionTrait, policy: &Policy) -> Result<(), Error> {
    let mut teams = approvers(db, policy).await?;
    teams.retain(|team| !team.enough());
    if teams.is_empty() {
        return Ok(());
    }
    Err(Error::Policy(Box::new(PolicyRefusal {
        problems: Vec::new(),
        teams,
    })))
}
