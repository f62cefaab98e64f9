//! In place of what could not be shown: what happened, what is still true, what to do. Never an empty table.

use domain::error::ApiError;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::hash::{Hash, HashKind};
use super::icon::Icon;
use crate::error::UiError;
use crate::format::encode;
use crate::session::request_id;

/// The icon of what Clearance could not read.
const UNREAD: &str = "circle-question-mark";

/// In place of a whole page, its head included; or of a part of it.
#[component]
pub(crate) fn ErrorPanel(
    error: UiError,
    /// Id of the heading over the part that it stands for.
    #[prop(optional)]
    part_of: Option<&'static str>,
) -> impl IntoView {
    let (icon, title) = title(&error);
    let text = text(&error);
    let (href, label) = way_on(&error);
    // What the person could not have prevented is told to whoever looks after the installation, by this number.
    let number = (icon == UNREAD).then(request_id).flatten().map(|id| {
        view! {
            <p class="hint">
                "Request " <Hash value=id kind=HashKind::Id full=true/>
            </p>
        }
    });
    let rest = view! {
        <p class="soft">{text}</p>
        {number}
        <a class="btn" rel="external" href=href>{label}</a>
    };
    match part_of {
        None => view! {
            <Title text=title/>
            <section class="panel" aria-label=title>
                <div class="empty">
                    <Icon name=icon/>
                    <h1>{title}</h1>
                    {rest}
                </div>
            </section>
        }
        .into_any(),
        Some(heading) => view! {
            <div class="panel" role="group" aria-labelledby=heading>
                <div class="empty">
                    <Icon name=icon/>
                    <p class="strong">{title}</p>
                    {rest}
                </div>
            </div>
        }
        .into_any(),
    }
}

fn title(error: &UiError) -> (&'static str, &'static str) {
    match error {
        UiError::Api(ApiError::NotFound) => ("search", "There is nothing here"),
        UiError::Api(ApiError::Forbidden { .. } | ApiError::Excluded { .. }) => {
            ("lock", "You may not open this")
        }
        UiError::Api(
            ApiError::Unauthenticated | ApiError::WrongCredentials | ApiError::SignInTooOld { .. },
        ) => ("log-out", "You are not signed in"),
        UiError::Api(ApiError::Conflict { .. }) => ("refresh-cw", "This changed meanwhile"),
        UiError::Api(
            ApiError::TooMany
            | ApiError::Invalid { .. }
            | ApiError::Unavailable
            | ApiError::Recovery
            | ApiError::Internal,
        )
        | UiError::Transport => (UNREAD, "This could not be read"),
    }
}

fn text(error: &UiError) -> String {
    match error {
        UiError::Api(ApiError::NotFound) => {
            "Either it never existed, or you may not see it. Check the address, or look it up in the registry.".to_owned()
        }
        UiError::Api(ApiError::Forbidden { action }) => {
            let roles: Vec<_> = action.roles().iter().map(|role| role.label().to_lowercase()).collect();
            format!("{} It needs one of these roles in its team: {}. An administrator can give it to you.", error.message(), roles.join(", "))
        }
        UiError::Api(_) | UiError::Transport => error.message(),
    }
}

/// Where to go from here, and what that is called.
fn way_on(error: &UiError) -> (String, &'static str) {
    let path = use_location().pathname.get_untracked();
    match error {
        UiError::Api(ApiError::NotFound) => ("/agents".to_owned(), "Open the registry"),
        UiError::Api(ApiError::Forbidden { .. } | ApiError::Excluded { .. }) => {
            ("/".to_owned(), "Go to the overview")
        }
        UiError::Api(
            ApiError::Unauthenticated | ApiError::WrongCredentials | ApiError::SignInTooOld { .. },
        ) => (format!("/sign-in?next={}", encode(&path)), "Sign in"),
        UiError::Api(
            ApiError::TooMany
            | ApiError::Invalid { .. }
            | ApiError::Conflict { .. }
            | ApiError::Unavailable
            | ApiError::Recovery
            | ApiError::Internal,
        )
        | UiError::Transport => (path, "Try again"),
    }
}
