//! Could people ever meet a quorum? Counted per team, with the people and roles of now.

use domain::actor::Role;
use domain::agent::Risk;
use domain::policy::{Policy, PolicyProblem};
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
            needed: strictest(policy, &team.slug),
            people: people
                .iter()
                .filter(|person| may(person.id, team.id))
                .map(|person| person.name.clone())
                .collect(),
            team: team.slug,
        })
        .collect())
}

/// The highest quorum that an agent of a team can meet, whatever its risk.
fn strictest(policy: &Policy, team: &str) -> u32 {
    let quorums = Risk::ALL
        .iter()
        .map(|risk| policy.effective(team, *risk).production.quorum);
    quorums.max().unwrap_or(policy.production.quorum)
}

/// Overrides of teams that there are not would never hold, which nobody means.
async fn unknown_teams(
    db: &impl ConnectionTrait,
    policy: &Policy,
) -> Result<Vec<PolicyProblem>, Error> {
    let teams = store::people::teams(db).await?;
    let unknown = policy.overrides.iter().filter_map(|one| {
        let slug = one.team.as_ref()?;
        let known = teams.iter().any(|team| team.slug == *slug);
        (!known).then(|| PolicyProblem {
            line: one.place.0,
            column: one.place.1,
            message: format!("There is no team {slug}."),
        })
    });
    Ok(unknown.collect())
}

/// Refuses a quorum that some team could never meet, and says which team and who is there.
pub(super) async fn check(db: &impl ConnectionTrait, policy: &Policy) -> Result<(), Error> {
    let mut teams = approvers(db, policy).await?;
    teams.retain(|team| !team.enough());
    let problems = unknown_teams(db, policy).await?;
    if teams.is_empty() && problems.is_empty() {
        return Ok(());
    }
    Err(Error::Policy(Box::new(PolicyRefusal { problems, teams })))
}
