//! In place of what could not be shown: what happened, what is still true, what to do. Never an empty table.

use domain::error::ApiError;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::icon::Icon;
use crate::error::UiError;
use crate::format::encode;

/// In place of a whole page, its head included.
#[component]
pub(crate) fn ErrorPanel(error: UiError) -> impl IntoView {
    let location = use_location();
    let path = location.pathname.get_untracked();
    let (icon, title) = match &error {
        UiError::Api(ApiError::NotFound) => ("search", "There is nothing here"),
        UiError::Api(ApiError::Forbidden { .. } | ApiError::Excluded { .. }) => {
            ("lock", "You may not open this")
        }
        UiError::Api(
            ApiError::Unauthenticated | ApiError::WrongCredentials | ApiError::SignInTooOld { .. },
        ) => ("log-out", "You are not signed in"),
        UiError::Api(
            ApiError::TooMany
            | ApiError::Invalid { .. }
            | ApiError::Conflict { .. }
            | ApiError::Unavailable
            | ApiError::Recovery
            | ApiError::Internal,
        )
        | UiError::Transport => ("circle-question-mark", "This could not be read"),
    };
    let text = match &error {
        UiError::Api(ApiError::NotFound) => {
            "Either it never existed, or you may not see it. Check the address, or look it up in the registry.".to_owned()
        }
        UiError::Api(ApiError::Forbidden { action }) => {
            let roles: Vec<_> = action.roles().iter().map(|role| role.label().to_lowercase()).collect();
            format!("{} It needs one of these roles in its team: {}. An administrator can give it to you.", error.message(), roles.join(", "))
        }
        UiError::Api(_) | UiError::Transport => error.message(),
    };
    let action = match &error {
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
    };
    view! {
        <Title text=title/>
        <section class="panel" aria-label=title>
            <div class="empty">
                <Icon name=icon/>
                <h1>{title}</h1>
                <p class="soft">{text}</p>
                <a class="btn" rel="external" href=action.0>{action.1}</a>
            </div>
        </section>
    }
}
