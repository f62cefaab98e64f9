//! From an id of another system to what it is here.

use domain::view::find::Found;

use crate::error::UiError;

/// What the id names; or what is wrong with it, to be said in the form.
pub(crate) async fn find_by_id(id: String) -> Result<Result<Found, UiError>, UiError> {
    let (cp, ctx) = super::enter()?;
    super::in_form(control_plane::find::by_id(&cp, &ctx, &id).await)
}
