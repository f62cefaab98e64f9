//! Breaking the glass, and the post-reviews that pay it back.

use domain::form::break_glass::{BreakGlassForm, PostReviewForm};
use domain::view::break_glass::{PostReviewDetail, PostReviewRow};
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;

/// Open post-reviews, soonest due first.
pub(crate) async fn open_post_reviews() -> Result<Vec<PostReviewRow>, UiError> {
    let (cp, ctx) = super::enter()?;
    let found = control_plane::break_glass::list(&cp, &ctx, "").await;
    found.map(|(open, _)| open).map_err(reject)
}

/// One post-review.
pub(crate) async fn get_post_review(number: String) -> Result<PostReviewDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = super::number(number.trim_start_matches("PR-"))?;
    control_plane::break_glass::get(&cp, &ctx, number)
        .await
        .map_err(reject)
}

mod door {
    use control_plane::{ControlPlane, OpCtx, people};

    use crate::error::{UiError, reject};
    use crate::outcome;

    /// Who asks, with the password that they gave beside the form, if they gave one.
    pub(super) async fn proven(password: String) -> Result<(ControlPlane, OpCtx), UiError> {
        let (cp, ctx) = crate::rpc::enter()?;
        if password.is_empty() {
            return Ok((cp, ctx));
        }
        people::confirm(&cp, &ctx, &password)
            .await
            .map_err(reject)?;
        outcome::confirm();
        let now = ctx.now();
        Ok((cp, ctx.with_sign_in(Some(now))))
    }
}

use door::proven;

/// Lets a deployment go on without its approval.
#[server(prefix = "/rpc", endpoint = "deployments/break-glass")]
pub(crate) async fn break_glass(
    form: BreakGlassForm,
    #[server(default)] password: String,
) -> Result<(), UiError> {
    let (cp, ctx) = proven(password).await?;
    control_plane::break_glass::start(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!(
        "/deployments/{}?notice={}",
        crate::format::encode(form.number.trim()),
        Notice::GlassBroken
    ));
    Ok(())
}

/// Closes a post-review.
#[server(prefix = "/rpc", endpoint = "post-reviews/close")]
pub(crate) async fn close_post_review(
    form: PostReviewForm,
    #[server(default)] password: String,
) -> Result<(), UiError> {
    let (cp, ctx) = proven(password).await?;
    control_plane::break_glass::review(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!(
        "/post-reviews/{}?notice={}",
        crate::format::encode(form.number.trim()),
        Notice::PostReviewed
    ));
    Ok(())
}
