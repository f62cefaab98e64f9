//! What this person hears by e-mail. Little, unless they choose more.

use domain::view::notification::Choice;
use leptos::prelude::*;

use crate::pages::notifications::boxes;
use crate::rpc::notifications::ChooseNotifications;
use crate::ui::prelude::*;

/// The boxes, ticked as they hold now.
pub(super) fn panel(choice: Option<Choice>) -> AnyView {
    let Some(choice) = choice else {
        return ().into_any();
    };
    let where_to = if choice.mail {
        format!("Sent to {}.", choice.email)
    } else {
        "No mail server is configured, so nothing is sent yet.".to_owned()
    };
    let so_far = if choice.chosen {
        ""
    } else {
        " These are the defaults; you have not chosen."
    };
    view! {
        <Panel title="What you hear by e-mail" id="notifications">
            <div class="panel__b stack stack--3">
                <p class="soft">{where_to} {so_far}</p>
                <FormError error={refused::<ChooseNotifications>()} form="hear"/>
                <Post to={url::<ChooseNotifications>()}>
                    <div class="form">
                        {boxes("hear", "Of the teams you have a role in", &choice.subjects)}
                        <div class="bar">
                            <Submit label="Keep this choice" busy_label="Keeping…"/>
                        </div>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}
