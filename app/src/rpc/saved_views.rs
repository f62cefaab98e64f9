//! Saved views of the audit trail.

use domain::form::saved_view::{ChangeViewForm, RemoveViewForm, SavedViewForm};
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::format::address;
use crate::layout::notices::Notice;

const PAGE: &str = "/audit";

/// Keeps filters under a name.
#[server(prefix = "/rpc", endpoint = "saved-views/save")]
pub(crate) async fn save_view(form: SavedViewForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::saved_views::save(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    let notice = Notice::ViewSaved.to_string();
    let mut query = form.filters.filters();
    query.push(("notice", &notice));
    super::go(&address(PAGE, &query));
    Ok(())
}

/// Gives a view another name, and shares it or not.
#[server(prefix = "/rpc", endpoint = "saved-views/change")]
pub(crate) async fn change_view(form: ChangeViewForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::saved_views::change(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!("{PAGE}?notice={}", Notice::ViewChanged));
    Ok(())
}

/// Removes a view.
#[server(prefix = "/rpc", endpoint = "saved-views/remove")]
pub(crate) async fn remove_view(form: RemoveViewForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::saved_views::remove(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!("{PAGE}?notice={}", Notice::ViewRemoved));
    Ok(())
}
