//! The way from a read model to a page: content, or what went wrong.

use std::future::Future;

use leptos::prelude::*;

use super::error_panel::ErrorPanel;
use crate::error::UiError;
use crate::session::{Viewer, use_session};

/// Shows what `data` brings to the person in front of the page.
pub(crate) fn load<T>(
    data: impl Future<Output = Result<T, UiError>> + Send + 'static,
    view: impl FnOnce(T, Viewer) -> AnyView + Send + 'static,
) -> AnyView
where
    T: Send + 'static,
{
    let session = use_session();
    Suspend::new(async move {
        // One after the other: the parts of a page are sent in their order, and a part that waits for its turn is not polled.
        // If it stood in the queue for a connection meanwhile, it would be given one that it does not use, while the part
        // before it waits for one; a few such pages at once would wait for each other.
        let read = async { Ok::<_, UiError>((session.await?, data.await?)) };
        match read.await {
            Ok((session, data)) => view(data, Viewer::new(session)),
            Err(error) => view! { <ErrorPanel error=error/> }.into_any(),
        }
    })
    .into_any()
}

/// A word of the address's query; empty if it is not there.
pub(crate) fn asked(name: &str) -> String {
    leptos_router::hooks::use_query_map()
        .with_untracked(|map| map.get(name))
        .unwrap_or_default()
}

/// Every name and value of the address's query, in their order.
pub(crate) fn asked_parts() -> Vec<(String, String)> {
    leptos_router::hooks::use_query_map().with_untracked(|map| {
        let pairs = map.clone().into_iter();
        pairs
            .map(|(name, text)| (name.into_owned(), text))
            .collect()
    })
}

/// A part of the address's path; empty if it is not there.
pub(crate) fn part(name: &str) -> String {
    leptos_router::hooks::use_params_map()
        .with_untracked(|map| map.get(name))
        .unwrap_or_default()
}
