//! Access reviews: the list, one with its items, starting, deciding, signing.

use domain::form::query::ReviewQuery;
use domain::form::review::{ReviewItemForm, SignReviewForm, StartReviewForm};
use domain::review::ItemVerdict;
use domain::view::review::{ReviewDetail, Reviews};
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;

/// A page of reviews.
pub(crate) async fn list_reviews(cursor: String) -> Result<Reviews, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::reviews::list(&cp, &ctx, &cursor)
        .await
        .map_err(reject)
}

/// One review with a page of its items.
pub(crate) async fn get_review(
    number: String,
    query: ReviewQuery,
) -> Result<ReviewDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = super::number(&number)?;
    control_plane::reviews::get(&cp, &ctx, number, &query)
        .await
        .map_err(reject)
}

/// Starts a review of a team, or of everything.
#[server(prefix = "/rpc", endpoint = "reviews/start")]
pub(crate) async fn start_review(form: StartReviewForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let number = control_plane::reviews::start(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("reviews", &number.to_string(), Notice::ReviewStarted);
    Ok(())
}

/// Keeps one access, or takes it away.
#[server(prefix = "/rpc", endpoint = "reviews/decide")]
pub(crate) async fn decide_review_item(form: ReviewItemForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let verdict = control_plane::reviews::decide(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    let notice = match verdict {
        ItemVerdict::Kept => Notice::AccessKept,
        ItemVerdict::Removed => Notice::AccessRemoved,
        ItemVerdict::Referred => Notice::AccessReferred,
        ItemVerdict::Gone => Notice::AccessGone,
    };
    let number = crate::format::encode(form.number.trim());
    super::go(&format!("/reviews/{number}?show=undecided&notice={notice}"));
    Ok(())
}

/// Signs a review of which every item is decided.
#[server(prefix = "/rpc", endpoint = "reviews/sign-off")]
pub(crate) async fn sign_review_off(form: SignReviewForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::reviews::sign_off(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to("reviews", &form.number, Notice::ReviewSigned);
    Ok(())
}
