//! Saved views of the audit trail and of the registry.

use domain::form::query::AgentQuery;
use domain::form::saved_view::{ChangeViewForm, REGISTRY, RemoveViewForm, SavedViewForm};
use domain::view::saved_view::SavedViews;
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::format::address;
use crate::layout::notices::Notice;

/// The page of a view.
const fn page(registry: bool) -> &'static str {
    if registry { "/agents" } else { "/audit" }
}

/// One's own views of the registry, and those that others share.
pub(crate) async fn views_of_registry() -> Result<SavedViews, UiError> {
    let (cp, ctx) = super::enter()?;
    let views = control_plane::saved_views::list(&cp, &ctx).await;
    views.map(|views| views.of_registry(true)).map_err(reject)
}

/// Keeps filters under a name.
#[server(prefix = "/rpc", endpoint = "saved-views/save")]
pub(crate) async fn save_view(form: SavedViewForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::saved_views::save(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    let notice = Notice::ViewSaved.to_string();
    let agents = form.agents.as_ref();
    let mut query = agents.map_or_else(|| form.filters.filters(), AgentQuery::parts);
    query.push(("notice", &notice));
    super::go(&address(page(agents.is_some()), &query));
    Ok(())
}

/// Gives a view another name, and shares it or not.
#[server(prefix = "/rpc", endpoint = "saved-views/change")]
pub(crate) async fn change_view(form: ChangeViewForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::saved_views::change(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    let page = page(form.of == REGISTRY);
    super::go(&format!("{page}?notice={}", Notice::ViewChanged));
    Ok(())
}

/// Removes a view.
#[server(prefix = "/rpc", endpoint = "saved-views/remove")]
pub(crate) async fn remove_view(form: RemoveViewForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::saved_views::remove(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    let page = page(form.of == REGISTRY);
    super::go(&format!("{page}?notice={}", Notice::ViewRemoved));
    Ok(())
}
