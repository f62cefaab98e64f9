//! Companies' directories: their state, what they told, and their tokens.

use domain::form::directory::{DirectoryQuery, DirectoryTokenForm};
use domain::form::person::EndForm;
use domain::view::directory::{DirectoryGroupRow, DirectoryList, DirectoryPersonRow};
use domain::view::page::Page;
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::outcome::{self, Shown};

/// The directory of each provider.
pub(crate) async fn list_directories() -> Result<DirectoryList, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::directories::list(&cp, &ctx)
        .await
        .map_err(reject)
}

/// The people whom a directory tells of.
pub(crate) async fn list_directory_people(
    query: DirectoryQuery,
) -> Result<Page<DirectoryPersonRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::directories::list_people(&cp, &ctx, &query)
        .await
        .map_err(reject)
}

/// The groups that a directory tells of.
pub(crate) async fn list_directory_groups(
    query: DirectoryQuery,
) -> Result<Page<DirectoryGroupRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::directories::list_groups(&cp, &ctx, &query)
        .await
        .map_err(reject)
}

/// Makes a token for a directory. Its text is on the page that answers and nowhere else.
#[server(prefix = "/rpc", endpoint = "directories/make-token")]
pub(crate) async fn make_directory_token(form: DirectoryTokenForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let made = control_plane::directories::make_token(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    outcome::show("/settings/directory".to_owned(), Shown::TokenMade(made));
    Ok(())
}

/// Revokes a token of a directory.
#[server(prefix = "/rpc", endpoint = "directories/revoke-token")]
pub(crate) async fn revoke_directory_token(form: EndForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::directories::revoke_token(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go("/settings/directory?notice=directory_token_revoked");
    Ok(())
}
