//! People of a team, as forms name them.

use domain::error::{FieldProblem, ValidationErrors};
use domain::id::{TeamId, UserId};
use sea_orm::ConnectionTrait;

use crate::error::Error;
use crate::store;

/// Id and name of everybody with a role in a team, for a form to choose from.
pub(crate) async fn members(
    db: &impl ConnectionTrait,
    team: Option<TeamId>,
) -> Result<Vec<(String, String)>, Error> {
    let members = store::people::members(db, team).await?.into_iter();
    Ok(members
        .map(|person| (person.id.to_string(), person.name))
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
    let found = match id {
        Some(id) => store::people::member(db, id, team).await?,
        None => None,
    };
    match found {
        Some(person) => Ok(Some((person.id, person.name))),
        None => Err(ValidationErrors::one("owner", FieldProblem::UnknownChoice).into()),
    }
}
