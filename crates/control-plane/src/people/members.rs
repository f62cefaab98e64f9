//! People of a team, as forms name them.

use domain::error::{FieldProblem, ValidationErrors};
use domain::id::{TeamId, UserId};
use sea_orm::ConnectionTrait;

use crate::approvals::Roster;
use crate::error::Error;
use crate::store;

/// Id and name of everybody with a role in a team, for a form to choose from.
pub(crate) async fn members(
    db: &impl ConnectionTrait,
    team: Option<TeamId>,
) -> Result<Vec<(String, String)>, Error> {
    let roster = Roster::own_roles(db).await?;
    let members = roster.members(team).into_iter();
    Ok(members
        .map(|(id, name)| (id.to_string(), name.to_owned()))
        .collect())
}

/// The person with this id or address, if they have a role in the team; `None` for an empty word.
///
/// # Errors
/// [`FieldProblem::UnknownChoice`] at the field `owner` for everybody else.
pub(crate) async fn member(
    db: &impl ConnectionTrait,
    word: &str,
    team: Option<TeamId>,
) -> Result<Option<(UserId, String)>, Error> {
    let word = word.trim();
    if word.is_empty() {
        return Ok(None);
    }
    let id = match word.parse() {
        Ok(id) => Some(id),
        Err(_) => {
            let email = word.to_lowercase();
            store::people::by_email(db, &email).await?.map(|row| row.id)
        }
    };
    let roster = Roster::own_roles(db).await?;
    let mut members = roster.members(team).into_iter();
    let found = members.find(|(member, _)| Some(*member) == id);
    match found {
        Some((id, name)) => Ok(Some((id, name.to_owned()))),
        None => Err(ValidationErrors::one("owner", FieldProblem::UnknownChoice).into()),
    }
}
