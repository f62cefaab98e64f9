//! "Could this identity act then, and on what?"

use domain::view::history::IdentityThen;
use leptos::prelude::*;

use super::{moment, told};
use crate::format::address;
use crate::rpc::history::get_identity_then;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// One identity at a moment.
pub(crate) fn identity_then(client_id: String, as_of: String) -> AnyView {
    let read = get_identity_then(client_id, as_of.clone());
    load(read, move |found, viewer| body(&found, &as_of, &viewer)).into_any()
}

fn body(found: &IdentityThen, as_of: &str, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let here = format!("/identities/{}", found.client_id);
    let title = format!("{} as it was", found.client_id);
    let agent = address(&format!("/agents/{}", found.agent), &[("as_of", as_of)]);
    let scopes = if found.scopes.is_empty() {
        "None".to_owned()
    } else {
        found.scopes.join(", ")
    };
    let since = found.since.as_ref();
    let since = since.map_or_else(|| "Not there".into_any(), |since| told(since, now));
    let rows = vec![
        ("Standing", found.standing.label().into_any()),
        ("Made", since),
        ("Agent", view! { <a href=agent>{found.agent.clone()}</a> }.into_any()),
        (
            "Deployment",
            view! { <a href=format!("/deployments/{}", found.deployment)>{format!("#{}", found.deployment)}</a> }
                .into_any(),
        ),
        ("Scopes", view! { <code>{scopes}</code> }.into_any()),
    ];
    view! {
        <PageHead title=title/>
        {moment(&found.moment, &here, now)}
        <Facts rows=rows/>
    }
    .into_any()
}
