//! The theme, for screens where the sidebar has no room for its switch.

use leptos::prelude::*;

use crate::ui::prelude::*;

/// Three buttons of a plain form.
pub(super) fn panel() -> AnyView {
    view! {
        <Panel title="Theme" id="theme">
            <form class="panel__b bar" method="post" action="/theme">
                <button class="btn btn--sm" type="submit" name="theme" value="system">
                    <Icon name="sun-moon" small=true/>
                    "As the system"
                </button>
                <button class="btn btn--sm" type="submit" name="theme" value="light">
                    <Icon name="sun" small=true/>
                    "Light"
                </button>
                <button class="btn btn--sm" type="submit" name="theme" value="dark">
                    <Icon name="moon" small=true/>
                    "Dark"
                </button>
            </form>
        </Panel>
    }
    .into_any()
}
