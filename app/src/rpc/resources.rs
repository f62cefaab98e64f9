//! The catalogue of resources.

use domain::form::catalogue::{ResourceForm, ResourceRemovalForm};
use domain::form::query::ResourceQuery;
use domain::view::catalogue::{ResourceDetail, ResourcePage};
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::format::encode;
use crate::layout::notices::Notice;
use crate::outcome::{self, Shown};

/// One page of the catalogue, by name.
pub(crate) async fn list_resources(query: ResourceQuery) -> Result<ResourcePage, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::catalogue::list(&cp, &ctx, &query)
        .await
        .map_err(reject)
}

/// One resource, in the catalogue or not.
pub(crate) async fn get_resource(name: String) -> Result<ResourceDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::catalogue::get(&cp, &ctx, &name)
        .await
        .map_err(reject)
}

/// Adds a resource to the catalogue. What is wrong is on the page that answers, beside what was typed.
#[server(prefix = "/rpc", endpoint = "resources/add")]
pub(crate) async fn add_resource(form: ResourceForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let added = control_plane::catalogue::add(&cp, &ctx, &form).await;
    answer("/resources".to_owned(), form, added)
}

/// Changes what the catalogue says of a resource.
#[server(prefix = "/rpc", endpoint = "resources/change")]
pub(crate) async fn change_resource(form: ResourceForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let changed = control_plane::catalogue::change(&cp, &ctx, &form).await;
    let page = format!("/resources/{}", encode(form.resource.trim()));
    answer(page, form, changed)
}

/// Back to the resource or, where the same form can be sent again, to it as it was typed.
fn answer(
    page: String,
    form: ResourceForm,
    outcome: Result<(), control_plane::Error>,
) -> Result<(), UiError> {
    match outcome {
        Ok(()) => super::back_to("resources", &form.resource, Notice::ResourceDescribed),
        Err(error) if super::can_be_sent_again(&error) => {
            let why = UiError::Api(error.to_api());
            outcome::show(page, Shown::NotDescribed(form, why));
        }
        Err(error) => return Err(reject(error)),
    }
    Ok(())
}

/// Takes a resource out of the catalogue.
#[server(prefix = "/rpc", endpoint = "resources/remove")]
pub(crate) async fn remove_resource(form: ResourceRemovalForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::catalogue::remove(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("resources", &form.resource, Notice::ResourceForgotten);
    Ok(())
}
