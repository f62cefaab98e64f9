//! Who hears of an event: people by their part and their choice, and channels by what they are for.

use domain::actor::{Actor, Grant, Role};
use domain::approval::{Parties, may_decide};
use domain::id::{TeamId, UserId};
use domain::notification::Subject;
use domain::notification::rules::{Audience, Rule};

use crate::approvals::{self, Roster};
use crate::error::Error;
use crate::store;
use crate::store::entity::{approval, channel, notification_choice, user};
use crate::transact::Tx;

/// What an event is about, as far as it decides who hears of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) team: Option<TeamId>,
    /// The approval that is asked, where one is.
    pub(super) approval: Option<&'a approval::Model>,
    /// Who did it; they know.
    pub(super) actor: &'a str,
}

/// The people who hear of it by e-mail.
pub(super) async fn people(
    tx: &Tx,
    rule: &Rule,
    about: About<'_>,
) -> Result<Vec<user::Model>, Error> {
    let everybody = store::people::all(&**tx).await?;
    let grants = store::people::all_grants(&**tx).await?;
    let choices = store::channels::choices(&**tx).await?;
    let deciders = match (rule.to, about.approval, about.team) {
        (Audience::Deciders, Some(asked), Some(team)) => deciders(tx, asked, team).await?,
        _ => Vec::new(),
    };
    let mut heard = Vec::new();
    for person in everybody {
        let held = grants.iter().filter(|g| g.user_id == person.id);
        let held: Vec<Grant> = held
            .map(|g| Grant {
                role: g.role,
                team: g.team_id,
            })
            .collect();
        let roles = roles(&person, held, about.team);
        let part = match rule.to {
            Audience::Deciders => deciders.contains(&person.id),
            Audience::Team => about.team.is_some() && !roles.is_empty(),
            Audience::Administrators => roles.contains(&Role::Administrator),
        };
        let themselves = person.id.to_string() == about.actor;
        if part && !themselves && chose(&choices, person.id, rule.subject, &roles)? {
            heard.push(person);
        }
    }
    Ok(heard)
}

/// The roles that a person holds for the things of a team, or for those of no team.
fn roles(person: &user::Model, grants: Vec<Grant>, team: Option<TeamId>) -> Vec<Role> {
    let actor = Actor::User {
        id: person.id,
        name: String::new(),
        email: String::new(),
        grants,
    };
    actor.roles(team)
}

fn chose(
    choices: &[notification_choice::Model],
    person: UserId,
    subject: Subject,
    roles: &[Role],
) -> Result<bool, Error> {
    let Some(chosen) = choices.iter().find(|c| c.user_id == person) else {
        return Ok(subject.by_default(roles));
    };
    let subjects: Vec<Subject> = store::from_json(&chosen.subjects)?;
    Ok(subjects.contains(&subject))
}

/// Those who could decide an approval now.
async fn deciders(tx: &Tx, asked: &approval::Model, team: TeamId) -> Result<Vec<UserId>, Error> {
    let parties = parties(tx, asked).await?;
    let candidates = Roster::own_roles(&**tx).await?.candidates(team).into_iter();
    Ok(candidates
        .filter(|person| may_decide(person, &parties).is_ok())
        .map(|person| person.id)
        .collect())
}

/// The names of those who could decide an approval now.
pub(super) async fn decider_names(
    tx: &Tx,
    asked: &approval::Model,
    team: TeamId,
) -> Result<Vec<String>, Error> {
    let parties = parties(tx, asked).await?;
    let candidates = Roster::own_roles(&**tx).await?.candidates(team).into_iter();
    Ok(candidates
        .filter(|person| may_decide(person, &parties).is_ok())
        .map(|person| person.name)
        .collect())
}

async fn parties(tx: &Tx, asked: &approval::Model) -> Result<Parties, Error> {
    let mut parties: Parties = store::from_json(&asked.parties)?;
    let decisions = store::approvals::decisions(&**tx, asked.id).await?;
    parties.decided = approvals::decided(&decisions);
    Ok(parties)
}

/// The channels that are for this subject and this team.
pub(super) async fn channels(
    tx: &Tx,
    rule: &Rule,
    about: About<'_>,
) -> Result<Vec<channel::Model>, Error> {
    let mut heard = Vec::new();
    for row in store::channels::all(&**tx).await? {
        let subjects: Vec<Subject> = store::from_json(&row.subjects)?;
        let theirs = row.team_id.is_none() || row.team_id == about.team;
        if theirs && subjects.contains(&rule.subject) {
            heard.push(row);
        }
    }
    Ok(heard)
}
