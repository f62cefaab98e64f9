//! Roles held for a time: the page, asking, answering, ending; and taking away standing ones.

use domain::approval::DecisionVerdict;
use domain::form::elevation::{ElevationDecisionForm, ElevationForm, TakeAwayForm};
use domain::view::elevation::Elevations;
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;

fn done(notice: Notice) {
    super::go(&format!("/elevations?notice={notice}"));
}

/// What is open, what is over, and what nobody uses.
pub(crate) async fn list_elevations(cursor: String) -> Result<Elevations, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::elevations::list(&cp, &ctx, &cursor)
        .await
        .map_err(reject)
}

/// Asks for a role in a team.
#[server(prefix = "/rpc", endpoint = "elevations/request")]
pub(crate) async fn request_elevation(form: ElevationForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::elevations::request(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    done(Notice::ElevationRequested);
    Ok(())
}

/// Records somebody else's answer.
#[server(prefix = "/rpc", endpoint = "elevations/decide")]
pub(crate) async fn decide_elevation(form: ElevationDecisionForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::elevations::decide(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    let given = form.verdict == DecisionVerdict::Approve.as_str();
    done(if given {
        Notice::ElevationGiven
    } else {
        Notice::ElevationRejected
    });
    Ok(())
}

/// Ends a role early, or takes a request back.
#[server(prefix = "/rpc", endpoint = "elevations/end")]
pub(crate) async fn end_elevation(form: ElevationDecisionForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::elevations::end(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    done(Notice::ElevationEnded);
    Ok(())
}

/// Takes a standing role away.
#[server(prefix = "/rpc", endpoint = "people/take-away")]
pub(crate) async fn take_away_role(form: TakeAwayForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::elevations::take_away(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    done(Notice::RoleTakenAway);
    Ok(())
}
