//! People, teams and API tokens. Signing in and out are plain posts of the server, not functions.

use domain::form::person::{PersonForm, RoleForm, TeamForm, TokenForm};
use domain::view::session::{TeamRow, UserRow};
use leptos::prelude::*;

use crate::error::UiError;
use crate::outcome::{self, Shown};

/// Everybody who can sign in.
pub(crate) async fn list_people() -> Result<Vec<UserRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::people::list(&cp, &ctx)
        .await
        .map_err(crate::error::reject)
}

/// Every team.
pub(crate) async fn list_teams() -> Result<Vec<TeamRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::people::teams(&cp, &ctx)
        .await
        .map_err(crate::error::reject)
}

/// Adds a person with one role.
#[server(prefix = "/rpc", endpoint = "people/add")]
pub(crate) async fn add_person(form: PersonForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::people::add(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go("/settings?notice=person_added");
    Ok(())
}

/// Gives a person one more role.
#[server(prefix = "/rpc", endpoint = "people/give-role")]
pub(crate) async fn give_role(form: RoleForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::people::give_role(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go("/settings?notice=role_given");
    Ok(())
}

/// Makes a team.
#[server(prefix = "/rpc", endpoint = "teams/create")]
pub(crate) async fn create_team(form: TeamForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::people::create_team(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    super::go("/settings?notice=team_created");
    Ok(())
}

/// Makes an API token. Its text is on the page that answers and nowhere else.
#[server(prefix = "/rpc", endpoint = "tokens/create")]
pub(crate) async fn create_token(form: TokenForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let made = control_plane::tokens::create(&cp, &ctx, &form)
        .await
        .map_err(crate::error::reject)?;
    outcome::show("/settings/tokens".to_owned(), Shown::TokenMade(made));
    Ok(())
}
