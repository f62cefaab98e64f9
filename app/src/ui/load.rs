//! The way from a resource to a page: waiting, error, content.

use leptos::prelude::*;

use super::error_panel::ErrorPanel;
use crate::error::UiError;
use crate::session::{Viewer, use_session};

/// Shows what the resource brings, and keeps showing it while newer data is on its way.
///
/// `view` gets the data and the person in front of the page. Server actions are made outside of it, in the page: what
/// it makes is made again with every reload.
pub(crate) fn load<T>(
    data: Resource<Result<T, UiError>>,
    view: impl Fn(T, Viewer) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    let session = use_session();
    view! {
        <Transition fallback=Waiting>
            {move || {
                let view = view.clone();
                Suspend::new(async move {
                    match (session.await, data.await) {
                        (Ok(session), Ok(data)) => view(data, Viewer::new(session)),
                        (Ok(_), Err(error)) | (Err(error), _) => view! { <ErrorPanel error=error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// Grey bars at the height of the rows to come; the style sheet holds them back for 300 ms.
#[component]
fn Waiting() -> impl IntoView {
    view! {
        <div class="wait" aria-busy="true">
            <span class="vh">"Loading"</span>
            <span class="sk"></span>
            <span class="sk"></span>
            <span class="sk"></span>
        </div>
    }
}
