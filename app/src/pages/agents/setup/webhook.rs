//! How the webhook is set up on the git host, in the host's own words. The secret is named, never shown.

use domain::connection::ConnectionKind;
use domain::view::setup::Webhook;
use leptos::prelude::*;

use crate::format::Now;
use crate::ui::prelude::*;

/// The settings of the connection's webhook.
pub(super) fn panel(hook: &Webhook, now: Now) -> AnyView {
    let (place, event, secret) = match hook.kind {
        ConnectionKind::GitHub => (
            "Repository → Settings → Webhooks. Content type application/json.",
            "Just the push event",
            "as the webhook's secret",
        ),
        ConnectionKind::AzureDevOps => (
            "Project settings → Service hooks → Web Hooks.",
            "Code pushed",
            "as the password of basic authentication, with any user name",
        ),
    };
    let reference = if hook.secret_reference.is_empty() {
        view! { <span class="muted">"Kept by an administrator, "{secret}</span> }.into_any()
    } else {
        view! {
            "What "
            <code class="wrap">{hook.secret_reference.clone()}</code>
            " holds, "
            {secret}
        }
        .into_any()
    };
    let last = match hook.last_delivery_at.clone() {
        Some(at) => view! { <Time at=at now=now ago=true/> }.into_any(),
        None => view! { <span class="muted">"None about this agent yet"</span> }.into_any(),
    };
    let rows = vec![
        ("Host", hook.kind.label().into_any()),
        ("Where", place.into_any()),
        (
            "URL",
            view! { <code class="wrap">{hook.url.clone()}</code> }.into_any(),
        ),
        ("Event", event.into_any()),
        ("Secret", reference),
        ("Last delivery", last),
    ];
    let more = view! { <a href="/connections">"Connections"</a> };
    view! {
        <Panel title="Webhook" id="webhook" more=more.into_any()>
            <div class="panel__b">
                <Facts rows=rows/>
            </div>
        </Panel>
    }
    .into_any()
}
