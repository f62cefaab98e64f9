//! "By which policy was it judged?"

use domain::view::history::PolicyThen;
use leptos::prelude::*;

use super::{moment, told};
use crate::rpc::history::get_policy_then;
use crate::session::Viewer;
use crate::ui::prelude::*;

/// The policy at a moment.
pub(crate) fn policy_then(as_of: String) -> AnyView {
    load(get_policy_then(as_of), |found, viewer| {
        body(&found, &viewer)
    })
    .into_any()
}

fn body(found: &PolicyThen, viewer: &Viewer) -> AnyView {
    let now = viewer.now();
    let (href, label) = (
        format!("/policies/{}", found.version),
        format!("Version {}", found.version),
    );
    let since = found.since.as_ref();
    let since = since.map_or_else(
        || "The one that Clearance comes with".into_any(),
        |since| told(since, now),
    );
    let rows = vec![
        ("In force", view! { <a href=href>{label}</a> }.into_any()),
        ("Since", since),
    ];
    view! {
        <PageHead title="Policy as it was"/>
        {moment(&found.moment, "/policies", now)}
        <Facts rows=rows/>
    }
    .into_any()
}
