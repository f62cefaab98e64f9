//! Adding a channel, and the one moment when a signing key is seen.

use domain::form::notification::ADDRESS_MAX;
use domain::notification::{ChannelKind, Subject};
use domain::tone::Tone;
use leptos::prelude::*;

use super::boxes;
use crate::outcome::{Shown, shown};
use crate::rpc::notifications::AddChannel;
use crate::ui::prelude::*;

const FIELDS: &[(&str, &str)] = &[
    ("kind", "Kind"),
    ("name", "Name"),
    ("team", "About"),
    ("address", "Address"),
    ("waits_for_me", "Tells of"),
];

/// The form. `teams` are those that the person administers.
pub(super) fn panel(teams: Vec<(String, String)>) -> AnyView {
    let error = refused::<AddChannel>();
    let kinds = ChannelKind::ADDED
        .iter()
        .map(|kind| (kind.as_str().to_owned(), kind.label().to_owned()))
        .collect();
    view! {
        <Panel title="Add a channel" id="add">
            <div class="panel__b">
                <FormError error=error fields=FIELDS/>
                <Post to={url::<AddChannel>()}>
                    <div class="form">
                        <Select name="kind" label="Kind" options=kinds error=error required=true/>
                        <Field name="name" label="Name" error=error hint="As people read it, such as #payments-agents." required=true max=80/>
                        <Select name="team" label="About" options=teams error=error/>
                        <Field
                            name="address"
                            label="Address"
                            error=error
                            hint="Of the incoming webhook. It is a secret: kept outside the database and never shown again. Or env:CLEARANCE_CHANNEL_…_SECRET."
                            kind="password"
                            required=true
                            max=ADDRESS_MAX
                            autocomplete="off"
                        />
                        {boxes("", "Tells of", &[Subject::WaitsForMe, Subject::Failed])}
                        <Submit label="Add channel" busy_label="Adding…" kind=Kind::Primary/>
                    </div>
                </Post>
            </div>
        </Panel>
    }
    .into_any()
}

/// What was just added, with its key.
pub(super) fn made() -> Option<AnyView> {
    let Some(Shown::ChannelAdded(made)) = shown() else {
        return None;
    };
    let key = made.signing_key.map(|key| {
        view! {
            <p>"Its signing key is shown once, now. With it the receiver checks that a call comes from here:"</p>
            <Hash value=key full=true/>
        }
    });
    Some(
        view! {
            <Once><NoticeBar tone=Tone::Ok>
                <div class="stack stack--3">
                    <p>
                        <b>{made.channel.name}</b> " is added. Send a test message to see whether it arrives."
                    </p>
                    {key}
                </div>
            </NoticeBar></Once>
        }
        .into_any(),
    )
}
