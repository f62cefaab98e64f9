//! Who hears of an event: people by their part and their choice, and channels by what they are for.

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Grant, Role};
use domain::approval::{Parties, may_decide};
use domain::authz::Action;
use domain::id::{TeamId, UserId};
use domain::notification::Subject;
use domain::notification::rules::{Audience, Rule};

use crate::approvals::{self, Roster};
use crate::error::Error;
use crate::store;
use crate::store::entity::{approval, break_glass, channel, notification_choice, user};
use crate::transact::Tx;

/// What an event is about, as far as it decides who hears of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) team: Option<TeamId>,
    /// The approval that is asked, where one is.
    pub(super) approval: Option<&'a approval::Model>,
    /// The post-review that is owed, where one is.
    pub(super) review: Option<&'a break_glass::Model>,
    /// Whose request it answers, or whose role it is.
    pub(super) concerned: Option<UserId>,
    /// Who did it; they know.
    pub(super) actor: &'a str,
}

/// The people who hear of it by e-mail.
pub(super) async fn people(
    tx: &Tx,
    rule: &Rule,
    about: About<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<user::Model>, Error> {
    let mut everybody = store::people::all(&**tx).await?;
    everybody.retain(|person| person.deactivated_at.is_none());
    let grants = store::people::all_grants(&**tx).await?;
    let choices = store::channels::choices(&**tx).await?;
    let able = able(tx, rule.to, about, now).await?;
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
            Audience::Deciders | Audience::Reviewers | Audience::Granters => {
                able.contains(&person.id)
            }
            Audience::Helpers => roles
                .iter()
                .any(|role| matches!(role, Role::Operator | Role::Administrator)),
            // Who is concerned hears of it whatever their part.
            Audience::Concerned => false,
            Audience::Team => about.team.is_some() && !roles.is_empty(),
            Audience::Administrators => roles.contains(&Role::Administrator),
            // An event of a package has no team, so these are the roles that hold in every one.
            Audience::Exporters => {
                let may = Action::Export.roles();
                roles.iter().any(|role| may.contains(role))
            }
        };
        let themselves = person.id.to_string() == about.actor;
        let concerned = about.concerned == Some(person.id);
        // An answer to their own question is nothing that people must ask for first.
        let quietly = concerned || rule.subject.by_default(&roles);
        if (part || concerned) && !themselves && chose(&choices, person.id, rule.subject, quietly)?
        {
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
    otherwise: bool,
) -> Result<bool, Error> {
    let Some(chosen) = choices.iter().find(|c| c.user_id == person) else {
        return Ok(otherwise);
    };
    let subjects: Vec<Subject> = store::from_json(&chosen.subjects)?;
    Ok(subjects.contains(&subject))
}

/// Those who could do now what the event asks for, where it asks for something.
async fn able(
    tx: &Tx,
    to: Audience,
    about: About<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<UserId>, Error> {
    let Some(team) = about.team else {
        return Ok(Vec::new());
    };
    let parties = match (to, about.approval, about.review) {
        (Audience::Deciders, Some(asked), _) => parties(tx, asked).await?,
        (Audience::Reviewers, _, Some(review)) => store::from_json(&review.parties)?,
        (Audience::Granters, _, _) => return granters(tx, team, about.concerned).await,
        _ => return Ok(Vec::new()),
    };
    let roster = Roster::read(&**tx, now).await?;
    let able = roster.candidates(team).into_iter();
    Ok(able
        // A post-review is closed by whoever has the role themselves.
        .filter(|person| to == Audience::Deciders || person.approver)
        .filter(|person| may_decide(person, &parties).is_ok())
        .map(|person| person.id)
        .collect())
}

/// Those who could give a role in a team, by their standing roles. Accounts of whoever asked are not asked.
async fn granters(tx: &Tx, team: TeamId, asked_by: Option<UserId>) -> Result<Vec<UserId>, Error> {
    let roster = Roster::own_roles(&**tx).await?;
    let own = asked_by.map_or_else(Vec::new, |id| roster.accounts(id));
    let may = roster.holding(&[Role::Approver, Role::Administrator], team);
    Ok(may.into_iter().filter(|id| !own.contains(id)).collect())
}

/// The names of those who could decide an approval now, with whom they stand in for.
pub(super) async fn decider_names(
    tx: &Tx,
    asked: &approval::Model,
    team: TeamId,
    now: DateTime<Utc>,
) -> Result<Vec<String>, Error> {
    let parties = parties(tx, asked).await?;
    let roster = Roster::read(&**tx, now).await?;
    let candidates = roster.candidates(team).into_iter();
    Ok(candidates
        .filter(|person| may_decide(person, &parties).is_ok())
        .map(|person| approvals::described(&person, &parties, &[]))
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
