//! How to check the log without trusting this server.

use domain::view::audit::Trail;
use leptos::prelude::*;

use crate::ui::prelude::*;

/// The commands, the public key, and the addresses that are open to everybody.
pub(super) fn panel(trail: &Trail) -> AnyView {
    let key = trail.public_key.clone();
    let verify = format!(
        "clearance audit verify DIR \\\n  --key '{key}'{}",
        witnesses(trail)
    );
    view! {
        <Panel title="Verify it yourself" id="verify">
            <div class="panel__b stack stack--3 verify">
                <p class="soft">
                    "Export the log where the server runs, then check the export anywhere, without a server and without a network."
                </p>
                <pre class="code" tabindex="0" role="region" aria-label="Commands">"clearance audit export DIR\n" {verify}</pre>
                <Facts rows=vec![
                    ("Public key", view! { <Hash value=key full=true/> }.into_any()),
                    (
                        "Checkpoint",
                        view! { <a rel="external" href="/log/v1/checkpoint">"Newest signed tree head"</a> }.into_any(),
                    ),
                ]/>
                <p class="hint">
                    "Keep the public key and a checkpoint somewhere else. A log that was rewritten cannot continue a checkpoint that you kept."
                </p>
            </div>
        </Panel>
    }
    .into_any()
}

/// The part of the command that asks for witnesses; nothing where there are none.
fn witnesses(trail: &Trail) -> String {
    let Some(asked) = &trail.chain.witnessed else {
        return String::new();
    };
    let keys = trail
        .keepers
        .iter()
        .filter_map(|one| one.public_key.as_ref());
    let mut text: String = keys
        .map(|key| format!(" \\\n  --witness '{key}'"))
        .collect();
    text.push_str(&format!(" \\\n  --quorum {}", asked.quorum));
    text
}
