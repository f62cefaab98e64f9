//! Breaking the glass, and the post-reviews that pay it back.

use domain::form::break_glass::{BreakGlassForm, PostReviewForm};
use domain::view::break_glass::{PostReviewDetail, PostReviewRow};
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;
use crate::outcome::{self, Shown};

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

/// Lets a deployment go on without its approval. What stands against it is on the page that answers, beside what was typed.
#[server(prefix = "/rpc", endpoint = "deployments/break-glass")]
pub(crate) async fn break_glass(
    form: BreakGlassForm,
    #[server(default)] password: String,
) -> Result<(), UiError> {
    match super::act(&form, &password, control_plane::break_glass::start).await? {
        Ok(_) => super::back_to("deployments", &form.number, Notice::GlassBroken),
        Err(error) if super::can_be_sent_again(&error) => {
            let page = format!("/deployments/{}", crate::format::encode(form.number.trim()));
            let why = UiError::Api(error.to_api());
            outcome::show(page, Shown::NotLetThrough(form, why));
        }
        Err(error) => return Err(reject(error)),
    }
    Ok(())
}

/// Closes a post-review. What stands against it is on the page that answers, beside what was typed.
#[server(prefix = "/rpc", endpoint = "post-reviews/close")]
pub(crate) async fn close_post_review(
    form: PostReviewForm,
    #[server(default)] password: String,
) -> Result<(), UiError> {
    match super::act(&form, &password, control_plane::break_glass::review).await? {
        Ok(_) => super::back_to("post-reviews", &form.number, Notice::PostReviewed),
        Err(error) if super::can_be_sent_again(&error) => {
            let number = crate::format::encode(form.number.trim());
            let page = format!("/post-reviews/{number}");
            let why = UiError::Api(error.to_api());
            outcome::show(page, Shown::StillOwed(form, why));
        }
        Err(error) => return Err(reject(error)),
    }
    Ok(())
}
