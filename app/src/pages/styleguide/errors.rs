//! What stands in place of content: errors, and that there is nothing.

use domain::authz::Action;
use domain::error::{ApiError, Conflict};
use leptos::prelude::*;

use super::{group, spec};
use crate::error::UiError;
use crate::ui::error_panel::ErrorPanel;
use crate::ui::prelude::*;

pub(super) fn errors() -> AnyView {
    let errors = [
        (
            "sg-e1",
            "Forbidden",
            UiError::Api(ApiError::Forbidden {
                action: Action::Rollback,
            }),
        ),
        ("sg-e2", "Not found", UiError::Api(ApiError::NotFound)),
        (
            "sg-e3",
            "Conflict",
            UiError::Api(ApiError::Conflict {
                why: Conflict::AlreadyDecided,
            }),
        ),
        (
            "sg-e4",
            "Stale",
            UiError::Api(ApiError::Conflict {
                why: Conflict::ManifestChanged,
            }),
        ),
        ("sg-e5", "Unavailable", UiError::Api(ApiError::Unavailable)),
        ("sg-e6", "Recovery", UiError::Api(ApiError::Recovery)),
        (
            "sg-e7",
            "Too many attempts",
            UiError::Api(ApiError::TooMany),
        ),
        (
            "sg-e8",
            "Not signed in",
            UiError::Api(ApiError::Unauthenticated),
        ),
        ("sg-e9", "No answer", UiError::Transport),
    ];
    let panels: Vec<_> = errors
        .into_iter()
        .map(|(id, name, error)| {
            view! {
                <div class="stack stack--3">
                    <h4 id=id>{name}</h4>
                    <ErrorPanel error=error part_of=id/>
                </div>
            }
        })
        .collect();
    let empty = view! {
        <Empty icon="inbox" title="Nothing waits for you">
            <p class="soft">"5 requests wait for others in your teams."</p>
            <LinkButton href="#sg-errors" label="Show what waits for others"/>
        </Empty>
    };
    group(
        "sg-errors",
        vec![
            spec(
                "ErrorPanel",
                "What could not be shown",
                view! { <div class="cols cols--half">{panels}</div> }.into_any(),
            ),
            spec("Empty", "Nothing here, and the next step", empty.into_any()),
        ],
    )
}
